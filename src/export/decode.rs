//! Fills the fields of one event from the members of its JSON object.
//!
//! The decoder walks the object once, driven by the field table. Wherever the columns alone would not give a top-level
//! member back (an unknown key, a number where text is usual, a null, a key in other letters, a duplicate), the member
//! goes to `extra` as it came, and what can be read of it fills its column all the same. [`crate::event::rebuild`] is
//! the way back; together they keep every event whole.
//!
//! Where one question is asked of exports, only the fields that it needs are read ([`FieldSet`]).

use crate::event::derive::{derive, flag, with_sources};
use crate::event::field::{FIELD_IDS, FieldId, FieldSet, Kind, Role};
use crate::event::identity::Identity;
use crate::event::json::{self, Members};
use crate::event::rebuild::is_plain_number;
use crate::event::record::{Event, Value};
use crate::event::time::parse_event_time;
use std::borrow::Cow;
use std::sync::LazyLock;

/// The field table as a tree of keys.
struct Node {
    key: &'static str,
    field: Option<FieldId>,
    children: Vec<Node>,
    /// Children by the length of their key, which leaves few to compare a key with.
    by_length: Vec<Vec<usize>>,
    /// Fields copied out of this JSON column.
    copied: Vec<(&'static str, FieldId)>,
    /// The fields that a value here fills, at any depth.
    fills: FieldSet,
}

impl Node {
    fn new(key: &'static str) -> Self {
        let (children, by_length, copied) = (Vec::new(), Vec::new(), Vec::new());
        Self { key, field: None, children, by_length, copied, fills: FieldSet::NONE }
    }

    fn insert(&mut self, path: &[&'static str], id: FieldId) {
        let Some((key, rest)) = path.split_first() else {
            self.field = Some(id);
            return;
        };
        let at = self.children.iter().position(|child| child.key == *key).unwrap_or_else(|| {
            self.children.push(Node::new(key));
            self.children.len() - 1
        });
        self.children[at].insert(rest, id);
    }

    /// Fills `by_length` and `fills` here and below.
    fn index(&mut self) {
        self.fills = self.field.into_iter().chain(self.copied.iter().map(|(_, id)| *id)).collect();
        for (at, child) in self.children.iter_mut().enumerate() {
            child.index();
            self.fills = self.fills.union(child.fills);
            let length = child.key.len();
            self.by_length.resize_with(self.by_length.len().max(length + 1), Vec::new);
            self.by_length[length].push(at);
        }
    }

    /// The child a key stands for, and whether it is spelled exactly so.
    fn child(&self, key: &str) -> Option<(usize, bool)> {
        let as_long = |key: &str| self.by_length.get(key.len()).map_or(&[][..], Vec::as_slice).iter().copied();
        if let Some(at) = as_long(key).find(|at| self.children[*at].key == key) {
            return Some((at, true));
        }
        // Events of 2015 have `sessionAttributes` in place of `attributes`.
        let key = if key == "sessionAttributes" { "attributes" } else { key };
        as_long(key).find(|at| self.children[*at].key.eq_ignore_ascii_case(key)).map(|at| (at, false))
    }
}

static ROOT: LazyLock<Node> = LazyLock::new(|| {
    let mut root = Node::new("");
    for id in FIELD_IDS.iter().copied() {
        let field = id.field();
        match (field.role, field.path) {
            (Role::Stored, path) => root.insert(path, id),
            // What is copied out of `additionalEventData` is read by `read_additional`.
            (Role::Copied, [whole, key]) if *whole != ADDITIONAL[0] => {
                if let Some(child) = root.children.iter_mut().find(|child| child.key == *whole) {
                    child.copied.push((key, id));
                }
            }
            _ => {}
        }
    }
    root.index();
    root
});

/// The key of `additionalEventData`, and the misspelling found in the documentation of the Log Audit Service.
const ADDITIONAL: [&str; 2] = ["additionalEventData", "addionalEventData"];

/// What is read of `additionalEventData` besides its column.
const FROM_ADDITIONAL: FieldSet = FieldSet::NONE.with(FieldId::MfaUsed).with(FieldId::AdditionalEventDataLoginAccount);

/// The fields to be read where `fields` are asked for.
fn to_read(fields: FieldSet) -> FieldSet {
    // What the other columns do not give back is known only when all of them are filled.
    if fields.contains(FieldId::Extra) { FieldSet::ALL } else { with_sources(fields).with(FieldId::EventId) }
}

/// Decodes an event from its text and the members of it; complete but for where it was read. At least `fields` are filled;
/// the fewer they are, the less is read.
pub fn decode<'a>(text: &str, members: &Members<'a>, fields: FieldSet) -> Event<'a> {
    let fields = to_read(fields);
    let mut event = Event::default();
    let mut extra: Vec<(&str, &str)> = Vec::new();
    let mut seen = [false; 64];
    let mut additional = [None; ADDITIONAL.len()];
    for (key, value) in &members.0 {
        let json = value.get();
        if let Some(at) = ADDITIONAL.iter().position(|k| key.eq_ignore_ascii_case(k)) {
            additional[at].get_or_insert(json);
        }
        let Some((at, exact)) = ROOT.child(key) else {
            extra.push((key, json));
            continue;
        };
        if fields.intersection(ROOT.children[at].fills).is_empty() {
            continue;
        }
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
    if !extra.is_empty() && fields.contains(FieldId::Extra) {
        event.set_text(FieldId::Extra, json::object(extra));
    }
    // The right spelling wins, whichever comes first.
    let mut mfa = None;
    let reads_additional = !fields.intersection(FROM_ADDITIONAL).is_empty();
    for json in additional.into_iter().flatten().filter(|_| reads_additional) {
        mfa = mfa.or(read_additional(json, &mut event));
    }
    derive(&mut event, mfa);
    if !Identity::has_id(&event) {
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
        // An object where text is usual reads the same however it was laid out.
        Some(_) => (Value::Text(json::compact(json)), false),
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
    parse_event_time(&text).map_or((Value::Absent, false), |(micros, faithful)| (Value::Int(micros), faithful))
}

fn flag_value(json: &str) -> (Value<'_>, bool) {
    match json {
        "true" => (Value::Flag(true), true),
        "false" => (Value::Flag(false), true),
        _ => {
            let found = json::string(json).and_then(|text| flag(&text));
            (found.map_or(Value::Absent, Value::Flag), false)
        }
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

/// Fills the column that copies out of `additionalEventData` or of its misspelling, and reads from it whether a logon
/// was checked with MFA.
fn read_additional(json: &str, event: &mut Event<'_>) -> Option<bool> {
    const COPIED: FieldId = FieldId::AdditionalEventDataLoginAccount;
    let inside = json::string(json);
    let members = Members::parse(inside.as_deref().unwrap_or(json))?;
    if event.text(COPIED).is_none()
        && let [_, key] = COPIED.field().path
        && let Some(account) = members.get_any_case(key).and_then(|value| json::scalar_text(value.get()))
    {
        event.set_text(COPIED, account.into_owned());
    }
    let mfa = members.get_any_case("isMFAChecked").or_else(|| members.get_any_case("mfaChecked"))?;
    json::scalar_text(mfa.get()).as_deref().and_then(flag)
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
