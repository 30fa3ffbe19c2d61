//! Fills the fields of one event from the members of its JSON object.
//!
//! The decoder walks the object once, driven by the field table. Wherever the columns alone would not give a top-level
//! member back (an unknown key, a number where text is usual, a null, a key in other letters, a duplicate), the member
//! goes to `extra` as it came, and what can be read of it fills its column all the same. [`crate::event::rebuild`] is
//! the way back; together they keep every event whole.

use crate::event::derive::derive;
use crate::event::field::{FIELD_IDS, FieldId, Kind, Role};
use crate::event::identity::Identity;
use crate::event::json::{self, Members};
use crate::event::rebuild::is_plain_number;
use crate::event::record::{Event, Value};
use crate::event::time::{format_event_time, parse_event_time};
use std::borrow::Cow;
use std::sync::LazyLock;

/// The field table as a tree of keys.
#[derive(Default)]
struct Node {
    key: &'static str,
    field: Option<FieldId>,
    children: Vec<Node>,
    /// Fields copied out of this JSON column.
    copied: Vec<(&'static str, FieldId)>,
}

impl Node {
    fn insert(&mut self, path: &[&'static str], id: FieldId) {
        let Some((key, rest)) = path.split_first() else {
            self.field = Some(id);
            return;
        };
        let at = self.children.iter().position(|child| child.key == *key).unwrap_or_else(|| {
            self.children.push(Node { key, ..Node::default() });
            self.children.len() - 1
        });
        self.children[at].insert(rest, id);
    }

    /// The child a key stands for, and whether it is spelled exactly so.
    fn child(&self, key: &str) -> Option<(usize, bool)> {
        if let Some(at) = self.children.iter().position(|child| child.key == key) {
            return Some((at, true));
        }
        // Events of 2015 have `sessionAttributes` in place of `attributes`.
        let key = if key == "sessionAttributes" { "attributes" } else { key };
        self.children.iter().position(|child| child.key.eq_ignore_ascii_case(key)).map(|at| (at, false))
    }
}

static ROOT: LazyLock<Node> = LazyLock::new(|| {
    let mut root = Node::default();
    for id in FIELD_IDS.iter().copied() {
        let field = id.field();
        match (field.role, field.path) {
            (Role::Stored, path) => root.insert(path, id),
            (Role::Copied, [whole, key]) => {
                if let Some((at, _)) = root.child(whole) {
                    root.children[at].copied.push((key, id));
                }
            }
            _ => {}
        }
    }
    root
});

/// The key of `additionalEventData`, and the misspelling found in the documentation of the Log Audit Service.
const ADDITIONAL: [&str; 2] = ["additionalEventData", "addionalEventData"];

/// Decodes an event from its text and the members of it; complete but for where it was read.
pub fn decode<'a>(text: &str, members: &Members<'a>) -> Event<'a> {
    let mut event = Event::default();
    let mut extra: Vec<(&str, &str)> = Vec::new();
    let mut seen = [false; 64];
    let mut mfa = None;
    for (key, value) in &members.0 {
        let json = value.get();
        if ADDITIONAL.iter().any(|k| key.eq_ignore_ascii_case(k)) {
            mfa = mfa.or_else(|| mfa_flag(json));
        }
        let Some((at, exact)) = ROOT.child(key) else {
            if key.eq_ignore_ascii_case(ADDITIONAL[1]) {
                copy_login_account(json, &mut event);
            }
            extra.push((key, json));
            continue;
        };
        if std::mem::replace(&mut seen[at], true) {
            // A duplicate key: both go to `extra`, since the columns could give back one of them only.
            let first = members.0.iter().find(|(k, _)| k.eq_ignore_ascii_case(key));
            if let Some((first_key, first)) = first
                && !extra.iter().any(|(k, _)| k == first_key)
            {
                extra.push((first_key, first.get()));
            }
            extra.push((key, json));
            continue;
        }
        let faithful = place(&ROOT.children[at], json, &mut event);
        if !(exact && faithful) {
            extra.push((key, json));
        }
    }
    if !extra.is_empty() {
        event.set_text(FieldId::Extra, json::object(extra));
    }
    derive(&mut event, mfa.as_deref());
    if Identity::of_event(&event).is_none() {
        event.set_text(FieldId::ContentIdentity, Identity::by_content(text).to_hex());
    }
    event
}

/// Fills the fields of `node` from a value; true where the columns give the value back as it came.
fn place<'a>(node: &Node, json: &'a str, event: &mut Event<'a>) -> bool {
    match node.field {
        None => place_object(node, json, event),
        Some(id) => place_field(node, id, json, event),
    }
}

fn place_field<'a>(node: &Node, id: FieldId, json: &'a str, event: &mut Event<'a>) -> bool {
    let (value, faithful) = match id.field().kind {
        Kind::Text => text_value(json),
        Kind::Version => version_value(json),
        Kind::Json => json_value(json),
        Kind::Time => time_value(json),
        Kind::Flag => flag_value(json),
        Kind::Int => (Value::Absent, false),
    };
    if !node.copied.is_empty()
        && let Value::Text(whole) = &value
    {
        copy_out(&node.copied, whole, event);
    }
    event.set(id, value);
    faithful
}

/// Fills the fields below an object. Every member must be known, spelled exactly and come once, or it is not faithful.
fn place_object<'a>(node: &Node, json: &'a str, event: &mut Event<'a>) -> bool {
    let Some(members) = Members::parse(json) else {
        // Some pipelines turn the object into a string; its fields are still worth having.
        if let Some(inside) = json::string(json).filter(|inside| inside.starts_with('{')) {
            place_owned(node, &inside, event);
        }
        return false;
    };
    let mut faithful = !members.0.is_empty();
    let mut seen = [false; 64];
    for (key, value) in &members.0 {
        match node.child(key) {
            Some((at, exact)) if !seen[at] => {
                seen[at] = true;
                faithful &= place(&node.children[at], value.get(), event) && exact;
            }
            _ => faithful = false,
        }
    }
    faithful
}

/// Fills the fields below an object whose text does not live as long as the event.
fn place_owned(node: &Node, json: &str, event: &mut Event<'_>) {
    let mut inner = Event::default();
    if Members::parse(json).is_none() {
        return;
    }
    place_object(node, json, &mut inner);
    for id in FIELD_IDS.iter().copied() {
        match inner.value(id) {
            Value::Absent => {}
            Value::Text(text) => event.set_text(id, text.to_string()),
            Value::Flag(flag) => event.set(id, Value::Flag(*flag)),
            Value::Int(number) => event.set(id, Value::Int(*number)),
        }
    }
}

/// Text comes back as it was only where it came as a JSON string; other scalars fill the column as they are written.
fn text_value(json: &str) -> (Value<'_>, bool) {
    match json.as_bytes().first() {
        Some(b'"') => match json::string(json) {
            Some(text) => (Value::Text(text), true),
            None => (Value::Text(Cow::Borrowed(json)), false),
        },
        Some(b'n') | None => (Value::Absent, false),
        Some(_) => (Value::Text(Cow::Borrowed(json)), false),
    }
}

fn version_value(json: &str) -> (Value<'_>, bool) {
    let (value, is_string) = text_value(json);
    let faithful = match &value {
        Value::Text(text) => is_string != is_plain_number(text),
        _ => false,
    };
    (value, faithful)
}

/// JSON is kept as it came; where it came inside a string, the column holds what the string holds.
fn json_value(json: &str) -> (Value<'_>, bool) {
    match json::string(json) {
        Some(inside) if inside.starts_with(['{', '[']) => (Value::Text(inside), false),
        _ => (Value::Text(Cow::Borrowed(json)), true),
    }
}

fn time_value(json: &str) -> (Value<'_>, bool) {
    let Some(text) = json::string(json) else { return (Value::Absent, false) };
    match parse_event_time(&text) {
        Some(micros) => (Value::Int(micros), format_event_time(micros).as_deref() == Some(text.as_ref())),
        None => (Value::Absent, false),
    }
}

fn flag_value(json: &str) -> (Value<'_>, bool) {
    match json {
        "true" => (Value::Flag(true), true),
        "false" => (Value::Flag(false), true),
        _ => {
            let flag = json::string(json).and_then(|text| crate::event::derive::flag(&text));
            (flag.map_or(Value::Absent, Value::Flag), false)
        }
    }
}

/// Fills the columns that copy out of `additionalEventData` from its misspelling. The column itself stays empty: an event
/// is rebuilt from it, under the right name, and would not come back as it was.
fn copy_login_account(json: &str, event: &mut Event<'_>) {
    let copied = ROOT.child(ADDITIONAL[0]).map(|(at, _)| &ROOT.children[at].copied);
    if let Some(copied) = copied {
        let inside = json::string(json);
        copy_out(copied, inside.as_deref().unwrap_or(json), event);
    }
}

/// Fills columns that copy one value out of a JSON column.
fn copy_out(copied: &[(&'static str, FieldId)], whole: &str, event: &mut Event<'_>) {
    let Some(members) = Members::parse(whole) else { return };
    for (key, id) in copied {
        if let Some(text) = members.get_any_case(key).and_then(|value| json::scalar_text(value.get())) {
            event.set_text(*id, text.into_owned());
        }
    }
}

/// The text of `isMFAChecked` or `mfaChecked`.
fn mfa_flag(additional_event_data: &str) -> Option<String> {
    let inside = json::string(additional_event_data);
    let members = Members::parse(inside.as_deref().unwrap_or(additional_event_data))?;
    let value = members.get_any_case("isMFAChecked").or_else(|| members.get_any_case("mfaChecked"))?;
    json::scalar_text(value.get()).map(Cow::into_owned)
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
