//! Fills the fields of one event from the members of its JSON object.
//!
//! The decoder walks the object once, driven by the field table. Wherever the columns alone would not give a top-level
//! member back (an unknown key, a number where text is usual, a null, a key in other letters, a duplicate), the member
//! goes to `extra` as it came, and what can be read of it fills its column all the same. [`crate::event::rebuild`] is
//! the way back; together they keep every event whole.
//!
//! If one question is asked of exports, only the fields that it needs are read ([`FieldSet`]).

use crate::event::derive::{IDENTITY, derive, flag, with_sources};
use crate::event::field::{FIELD_IDS, FieldId, FieldSet, Holds, Kind, Role};
use crate::event::identity::Identity;
use crate::event::ids::is_absent_word;
use crate::event::json::{self, Members};
use crate::event::normalise::{self, Spelling};
use crate::event::rebuild::is_plain_number;
use crate::event::record::{Event, Value};
use crate::event::secret::Masker;
use crate::event::struct_text;
use crate::event::time::{Zone, parse_clock, parse_event_time, since_1970};
use chrono::TimeZone;
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

/// The key of the object with the fields of the identity.
const USER_IDENTITY: &str = "userIdentity";

/// Fields that are read of `additionalEventData` besides its column.
const FROM_ADDITIONAL: FieldSet = FieldSet::NONE.with(FieldId::MfaUsed).with(FieldId::AdditionalEventDataLoginAccount);

/// The fields to be read where `fields` are asked for.
fn to_read(fields: FieldSet) -> FieldSet {
    // What the other columns do not give back is known only when all of them are filled.
    if fields.contains(FieldId::Extra) { FieldSet::ALL } else { with_sources(fields).with(FieldId::EventId) }
}

/// Decodes an event from its text and the members of it; complete but for where it was read. At least `fields` are
/// filled; the fewer they are, the less is read. `tz` is the zone of an event time that names none; without it such a
/// time is unread.
pub fn decode<'a>(text: &str, members: &Members<'a>, fields: FieldSet, tz: Option<Zone>) -> Event<'a> {
    let fields = to_read(fields);
    let mut event = Event::default();
    let (mut completeness, mut counted) = (0, [false; 64]);
    let mut extra: Vec<(&str, &str)> = Vec::new();
    // Where each member came first, until that place is in `extra` too.
    let mut seen = [Seen::Not; 64];
    let mut additional = [None; ADDITIONAL.len()];
    for (place_of_member, (key, value)) in members.0.iter().enumerate() {
        let json = value.get();
        if let Some(at) = ADDITIONAL.iter().position(|k| key.eq_ignore_ascii_case(k)) {
            additional[at].get_or_insert(json);
        }
        let Some((at, exact)) = ROOT.child(key) else {
            extra.push((key, json));
            continue;
        };
        if !std::mem::replace(&mut counted[at], true) {
            completeness += i64::from(says_something(json) && !repeats_parameters(&ROOT.children[at], members));
        }
        if fields.intersection(ROOT.children[at].fills).is_empty() {
            continue;
        }
        match std::mem::replace(&mut seen[at], Seen::InExtra) {
            Seen::Not => {
                let faithful = place(&ROOT.children[at], json, &mut event);
                if exact && faithful {
                    seen[at] = Seen::At(place_of_member);
                } else {
                    extra.push((key, json));
                }
            }
            // A duplicate key: both go to `extra`, since the columns could give back one of them only.
            earlier => {
                if let Seen::At(first) = earlier
                    && let Some((first_key, first)) = members.0.get(first)
                {
                    extra.push((first_key, first.get()));
                }
                extra.push((key, json));
            }
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
    if let (None, Some(tz)) = (event.int(FieldId::EventTime), tz) {
        read_clock(members, tz, &mut event);
    }
    note_readings(&mut event, completeness);
    derive(&mut event, mfa);
    if !Identity::has_id(&event) {
        event.set_text(FieldId::ContentIdentity, Identity::by_content(text).to_hex());
    }
    event
}

/// Returns `true` for the text that repeats the parameters of a request, where the parameters came too.
fn repeats_parameters(node: &Node, members: &Members<'_>) -> bool {
    let [key, ..] = FieldId::RequestParameters.field().path else { return false };
    node.field == Some(FieldId::RequestParameterJson)
        && members.get_any_case(key).is_some_and(|parameters| says_something(parameters.get()))
}

/// Tells whether a member of a key has come.
#[derive(Clone, Copy)]
enum Seen {
    Not,
    /// It came at this place, and its columns give it back.
    At(usize),
    /// It is in `extra`.
    InExtra,
}

/// Returns `true` for a value other than null and the words that stand for it.
fn says_something(json: &str) -> bool {
    json != "null" && !(json.len() < 16 && json::string(json).is_some_and(|text| is_absent_word(&text)))
}

/// Reads an event time that names no zone by the clocks of `tz`. A time that the zone skips stays unread.
fn read_clock(members: &Members<'_>, tz: Zone, event: &mut Event<'_>) {
    let [key, ..] = FieldId::EventTime.field().path else { return };
    let text = members.get_any_case(key).and_then(|value| json::scalar_text(value.get()));
    let time = text.and_then(|text| parse_clock(&text)).and_then(|clock| tz.from_local_datetime(&clock).earliest());
    if let Some(time) = time {
        event.set(FieldId::EventTime, Value::Int(time.timestamp_micros()));
        event.unread = event.unread.without(FieldId::EventTime);
        event.normalised = event.normalised.with(FieldId::EventTime);
    }
}

/// Fills the columns that tell how the event was read. An event without a time is in no range, so it counts as one
/// whose time could not be read, even where none came.
fn note_readings(event: &mut Event<'_>, completeness: i64) {
    if event.int(FieldId::EventTime).is_none() {
        event.unread = event.unread.with(FieldId::EventTime);
    }
    let of_identity = IDENTITY.iter().filter(|id| *event.value(**id) != Value::Absent).count();
    event.set(FieldId::Completeness, Value::Int(completeness + i64::try_from(of_identity).unwrap_or(0)));
    for (column, fields) in [(FieldId::Unread, event.unread), (FieldId::Normalised, event.normalised)] {
        if !fields.is_empty() {
            let names: Vec<String> = fields.ids().map(|id| id.field().path.join(".")).collect();
            event.set_text(column, names.join(","));
        }
    }
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
        Kind::Text => normalised(id, text_value(json), event),
        Kind::Version => version_value(json),
        Kind::Json => json_value(json),
        Kind::Time => time_value(id, json, event),
        Kind::Flag => flag_value(json),
        Kind::Int => (Value::Absent, false),
    };
    if !node.copied.is_empty()
        && let Value::Text(whole) = &value
    {
        copy_out(&node.copied, whole, event);
    }
    // Questions see ids and names as they stand. What holds a secret is in `extra` alone, which they see masked.
    if let Value::Text(text) = &value
        && id.field().holds != Holds::Anything
        && holds_secret(text)
    {
        event.unread = event.unread.with(id);
        return false;
    }
    event.set(id, value);
    faithful
}

/// Returns `true` for an id or a name in which a secret stands, as it does where an object came in its place.
fn holds_secret(text: &str) -> bool {
    let is_sign = |byte: u8| matches!(byte, b'{' | b'=' | b':' | b'<' | b'%' | b'\\' | b' ') || !byte.is_ascii();
    text.bytes().any(is_sign) && matches!(Masker::PLAIN.mask(text), Cow::Owned(_))
}

/// Fills the fields below an object. Every member must be known, spelled exactly and come once, or it is not faithful.
fn place_object<'a>(node: &Node, json: &'a str, event: &mut Event<'a>) -> bool {
    let Some(members) = Members::parse(json) else {
        place_text(node, json, event);
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

/// Fills the fields below an object that came as something else. Pipelines make a text of it: its JSON, the notation of
/// a database or a programming language, or no more than the type of the identity.
fn place_text(node: &Node, json: &str, event: &mut Event<'_>) {
    if !says_something(json) {
        return;
    }
    let text = json::string(json).unwrap_or(Cow::Borrowed(json));
    let object = text.trim_start().starts_with('{').then(|| {
        let is_json = Members::parse(&text).is_some();
        if is_json { Some(text.to_string()) } else { struct_text::to_json(&text) }
    });
    if let Some(object) = object.flatten().filter(|object| Members::parse(object).is_some()) {
        place_owned(node, &object, event);
    } else if node.key != USER_IDENTITY {
        // The columns below it are told by nothing else, and no rule of a view depends on them alone.
    } else if let Some(name) = normalise::identity_type(&text) {
        event.set_text(FieldId::UserIdentityType, name);
        event.normalised = event.normalised.with(FieldId::UserIdentityType);
    } else {
        event.unread = event.unread.with(FieldId::UserIdentityType);
    }
}

/// Fills the fields below an object whose text does not live as long as the event.
fn place_owned(node: &Node, json: &str, event: &mut Event<'_>) {
    let mut inner = Event::default();
    place_object(node, json, &mut inner);
    event.normalised = event.normalised.union(inner.normalised);
    event.unread = event.unread.union(inner.unread);
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

/// A text in the spelling that ActionTrail has for it.
fn normalised<'a>(id: FieldId, (value, faithful): (Value<'a>, bool), event: &mut Event<'a>) -> (Value<'a>, bool) {
    let Value::Text(text) = &value else { return (value, faithful) };
    let (value, fields) = match normalise::read(id, text) {
        Spelling::AsItCame => return (value, faithful),
        Spelling::Respelt(respelt) => (Value::Text(Cow::Owned(respelt.into_owned())), &mut event.normalised),
        // An empty text is the usual way to say that there is none.
        Spelling::Absent if text.is_empty() => return (Value::Absent, false),
        Spelling::Absent => (Value::Absent, &mut event.normalised),
        Spelling::Unreadable => (Value::Absent, &mut event.unread),
    };
    *fields = fields.with(id);
    (value, false)
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

fn time_value<'a>(id: FieldId, json: &str, event: &mut Event<'a>) -> (Value<'a>, bool) {
    let found = match json::string(json) {
        Some(text) => parse_event_time(&text),
        None => since_1970(json).map(|micros| (micros, false)),
    };
    let fields = if found.is_some() { &mut event.normalised } else { &mut event.unread };
    if !found.is_some_and(|(_, faithful)| faithful) {
        *fields = fields.with(id);
    }
    found.map_or((Value::Absent, false), |(micros, faithful)| (Value::Int(micros), faithful))
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
