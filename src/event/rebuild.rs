//! Rebuilds an event's JSON from its columns: equal to what came but for key order and white space.
//!
//! Two sources make it up: the columns of role [`Role::Stored`], each in the JSON form of its kind, and the members in
//! `extra`, exactly as they came. A member in `extra` stands for the whole of its top-level key, whatever the columns
//! under it say: the decoder put it there because the columns alone would not give it back.

use super::field::{FIELD_IDS, FieldId, Kind, Role};
use super::json::{Members, compact, push_string};
use super::record::{Event, Value};
use super::time::format_event_time;

/// The JSON text of an event on one line, in the order of the field table.
pub fn rebuild(event: &Event<'_>) -> String {
    let extra = event.text(FieldId::Extra).and_then(Members::parse).unwrap_or_default();
    let mut writer = Writer { out: String::from("{"), open: Vec::new(), needs_comma: false };
    for id in FIELD_IDS.iter().copied() {
        let field = id.field();
        if field.role != Role::Stored || field.path.first().is_none_or(|key| extra.get_any_case(key).is_some()) {
            continue;
        }
        if let Some(json) = json_form(event.value(id), field.kind) {
            writer.member(field.path, &json);
        }
    }
    writer.close_to(0);
    for (key, value) in &extra.0 {
        writer.member(&[key.as_ref()], &compact(value.get()));
    }
    writer.out.push('}');
    writer.out
}

/// A value in the JSON form of its kind; `None` where the column is null.
pub fn json_form(value: &Value<'_>, kind: Kind) -> Option<String> {
    match (value, kind) {
        (Value::Absent, _) => None,
        (Value::Text(text), Kind::Json) => Some(compact(text).into_owned()),
        (Value::Text(text), Kind::Version) if is_plain_number(text) => Some(text.to_string()),
        (Value::Text(text), _) => {
            let mut out = String::with_capacity(text.len() + 2);
            push_string(&mut out, text);
            Some(out)
        }
        (Value::Flag(flag), _) => Some(flag.to_string()),
        (Value::Int(micros), Kind::Time) => format_event_time(*micros).map(|time| format!("\"{time}\"")),
        (Value::Int(number), _) => Some(number.to_string()),
    }
}

/// Returns `true` for text that is a JSON number made of digits only.
pub fn is_plain_number(text: &str) -> bool {
    let digits = !text.is_empty() && text.len() < 19 && text.bytes().all(|b| b.is_ascii_digit());
    digits && (text == "0" || !text.starts_with('0'))
}

/// Writes nested members; fields that share the beginning of their path follow each other in the field table.
struct Writer<'p> {
    out: String,
    open: Vec<&'p str>,
    needs_comma: bool,
}

impl<'p> Writer<'p> {
    fn member(&mut self, path: &[&'p str], json: &str) {
        let Some((key, parents)) = path.split_last() else { return };
        let shared = self.open.iter().zip(parents).take_while(|(a, b)| a == b).count();
        self.close_to(shared);
        for parent in &parents[shared..] {
            self.key(parent);
            self.out.push('{');
            self.needs_comma = false;
            self.open.push(parent);
        }
        self.key(key);
        self.out.push_str(json);
        self.needs_comma = true;
    }

    fn key(&mut self, key: &str) {
        if self.needs_comma {
            self.out.push(',');
        }
        push_string(&mut self.out, key);
        self.out.push(':');
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            self.open.pop();
            self.out.push('}');
            self.needs_comma = true;
        }
    }
}
