//! Puts events together again that came as one key or column for each field.
//!
//! SQL over SLS flattens an event into `event.eventid`, `event.useridentity.type` and so on, with the word `null` for
//! what is not there; tables have a column for each field and know no types. The way back takes types from the field
//! table: an object kept as text becomes an object again, a flag a boolean. What belongs to no event (SLS's own fields,
//! the columns that another product adds) is handed back as the rest, for the envelope.

use super::columns::{self, Place};
use crate::event::field::Kind;
use crate::event::ids::is_absent_word;
use crate::event::json::{self, Members};
use crate::event::struct_text;
use crate::event::time::{Zone, format_event_time, parse_clock};
use chrono::TimeZone;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;

/// The notation of the keys of a flattened event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// `event.` before each key.
    Prefixed,
    /// The name of the field alone.
    Bare,
}

/// An event put together, and the members that are none of it.
pub struct Unflattened<'m> {
    /// The event as JSON.
    pub event: String,
    /// Members that belong around it.
    pub rest: Vec<(&'m str, Cow<'m, str>)>,
}

/// A member of the event: its place, its value as it goes there, and how it came.
struct PlacedMember<'m> {
    place: Place,
    json: Cow<'m, str>,
    key: &'m str,
    value: &'m str,
}

/// Puts an event together. `tz` is the zone of times that name none; without it such a time stays as it is, unread.
pub fn unflatten<'m>(members: &'m Members<'_>, naming: Naming, tz: Option<Zone>) -> Unflattened<'m> {
    let mut rest: Vec<(&str, Cow<'_, str>)> = Vec::new();
    let mut found: Vec<PlacedMember<'_>> = Vec::new();
    for (key, value) in &members.0 {
        let Some(name) = event_key(key, naming) else {
            // Where the event is in pieces, `event` itself is null, and says nothing.
            if !(columns::holds_event(key) && says_nothing(value.get())) {
                rest.push((key, Cow::Borrowed(value.get())));
            }
            continue;
        };
        if says_nothing(value.get()) {
            continue;
        }
        let place = columns::place(name).or_else(|| columns::place_inside(name));
        let place = place.unwrap_or_else(|| Place { path: vec![Cow::Owned(name.to_owned())], field: None });
        let typed = typed(&place, value.get(), tz);
        if typed.replaces_time {
            rest.push((key, Cow::Borrowed(value.get())));
        }
        found.push(PlacedMember { place, json: typed.json, key, value: value.get() });
    }
    // A whole object comes before its parts, which then have nothing to add: they go to the rest.
    found.sort_by_key(|found| found.place.path.len());
    let mut tree = Tree::default();
    for PlacedMember { place, json, key, value } in found {
        if !tree.insert(&place.path, json) {
            rest.push((key, Cow::Borrowed(value)));
        }
    }
    Unflattened { event: tree.to_json(), rest }
}

/// The name of the field that a key stands for; `None` for what is not part of the event.
fn event_key(key: &str, naming: Naming) -> Option<&str> {
    let prefixed = columns::behind_event(key);
    match naming {
        Naming::Prefixed => prefixed.or_else(|| {
            // The documentation of the Log Audit Service leaves the prefix out, and misspells the key.
            let misspelt = key.get(..17).is_some_and(|start| start.eq_ignore_ascii_case("addionalEventData"));
            misspelt.then_some(key)
        }),
        Naming::Bare => prefixed.or_else(|| {
            let known = columns::place(key).is_some() || columns::place_inside(key).is_some();
            (known || looks_like_a_field(key)).then_some(key)
        }),
    }
}

/// Returns `true` for a name in camelCase, as fields of an event have it. Other products name their columns otherwise.
fn looks_like_a_field(key: &str) -> bool {
    let is_column = matches!(key, "ds" | "event" | "owner_id");
    !is_column
        && key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.chars().all(|c| c.is_ascii_alphanumeric())
        && key.contains(|c: char| c.is_ascii_uppercase())
}

/// Returns `true` for null and the words that stand for it. An empty text says something: the field was there.
fn says_nothing(json: &str) -> bool {
    json == "null" || json::string(json).is_some_and(|text| !text.is_empty() && is_absent_word(&text))
}

/// A value in the type that its field has.
struct Typed<'v> {
    json: Cow<'v, str>,
    /// `true` if a time was read in a zone that it does not name, so that its text should be kept too.
    replaces_time: bool,
}

fn typed<'v>(place: &Place, json: &'v str, tz: Option<Zone>) -> Typed<'v> {
    let as_it_is = Typed { json: Cow::Borrowed(json), replaces_time: false };
    let Some(text) = json::string(json) else { return as_it_is };
    let is_json = || text.starts_with(['{', '[']) && serde_json::from_str::<&RawValue>(&text).is_ok();
    // Databases print an object in a notation of their own; a text inside an object stays the text that it is.
    let is_object = place.field.is_some_and(|field| field.kind == Kind::Json)
        || place.field.is_none() && columns::place(&place.path.join(".")).is_some();
    if is_object
        && !is_json()
        && let Some(json) = struct_text::to_json(&text)
    {
        return Typed { json: Cow::Owned(json), replaces_time: false };
    }
    let raw = match place.field.map(|field| field.kind) {
        Some(Kind::Json) | None => is_json(),
        Some(Kind::Version) => crate::event::rebuild::is_plain_number(&text),
        Some(Kind::Flag) => matches!(text.as_ref(), "true" | "false"),
        Some(Kind::Time) => return typed_time(json, &text, tz),
        Some(Kind::Text | Kind::Int) => false,
    };
    if raw { Typed { json: Cow::Owned(text.into_owned()), replaces_time: false } } else { as_it_is }
}

fn typed_time<'v>(json: &'v str, text: &str, tz: Option<Zone>) -> Typed<'v> {
    let zoned = tz.and_then(|tz| local_time(text, tz));
    match zoned {
        Some(time) => {
            let mut json = String::new();
            json::push_string(&mut json, &time);
            Typed { json: Cow::Owned(json), replaces_time: true }
        }
        None => Typed { json: Cow::Borrowed(json), replaces_time: false },
    }
}

/// A time without a zone, read in `tz`, as ActionTrail writes it. A time that the zone skips is none.
fn local_time(text: &str, tz: Zone) -> Option<String> {
    let clock = parse_clock(text)?;
    format_event_time(tz.from_local_datetime(&clock).earliest()?.timestamp_micros())
}

/// An object in the making.
#[derive(Default)]
struct Tree<'v> {
    members: Vec<(Cow<'static, str>, Node<'v>)>,
    /// Places of the members by their keys in small letters: a record may have as many keys as it has room for.
    places: HashMap<String, usize>,
}

enum Node<'v> {
    Json(Cow<'v, str>),
    Object(Tree<'v>),
}

impl<'v> Tree<'v> {
    /// Puts a value in its place; false where something stands there already.
    fn insert(&mut self, path: &[Cow<'static, str>], json: Cow<'v, str>) -> bool {
        let Some((key, rest)) = path.split_first() else { return false };
        let next = self.members.len();
        let at = *self.places.entry(key.to_ascii_lowercase()).or_insert(next);
        match (self.members.get_mut(at), rest.is_empty()) {
            (Some((_, Node::Object(tree))), false) => tree.insert(rest, json),
            (Some(_), _) => false,
            (None, true) => {
                self.members.push((key.clone(), Node::Json(json)));
                true
            }
            (None, false) => {
                let mut tree = Tree::default();
                tree.insert(rest, json);
                self.members.push((key.clone(), Node::Object(tree)));
                true
            }
        }
    }

    fn to_json(&self) -> String {
        let members: Vec<(&str, Cow<'_, str>)> = self
            .members
            .iter()
            .map(|(key, node)| match node {
                Node::Json(json) => (key.as_ref(), Cow::Borrowed(json.as_ref())),
                Node::Object(tree) => (key.as_ref(), Cow::Owned(tree.to_json())),
            })
            .collect();
        json::object(members.iter().map(|(key, value)| (*key, value.as_ref())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(naming: Naming, tz: Option<Zone>, text: &str, event: &str, rest: &str) {
        let members = Members::parse(text).unwrap();
        let found = unflatten(&members, naming, tz);
        assert_eq!(found.event, event, "{text}");
        assert_eq!(json::object(found.rest.iter().map(|(k, v)| (*k, v.as_ref()))), rest, "{text}");
    }

    #[test]
    fn prefixed_keys() {
        check(
            Naming::Prefixed,
            None,
            r#"{"__time__":"1","event":"null","event.eventid":"A","event.useridentity.type":"root-account","event.errorcode":"null",
                "event.requestparameters.Tag.1.Key":"k","event.isglobal":"true","event.insightdetails.insightcontext.statistics.insightcount":"3"}"#,
            r#"{"eventId":"A","isGlobal":true,"userIdentity":{"type":"root-account"},"requestParameters":{"Tag.1.Key":"k"},"insightDetails":{"insightcontext":{"statistics":{"insightcount":"3"}}}}"#,
            r#"{"__time__":"1"}"#,
        );
        check(
            Naming::Prefixed,
            None,
            r#"{"Event.EventId":"A","addionalEventData.isMFAChecked":"true","owner_id":"1"}"#,
            r#"{"eventId":"A","additionalEventData":{"isMFAChecked":"true"}}"#,
            r#"{"owner_id":"1"}"#,
        );
    }

    #[test]
    fn columns_without_types() {
        check(
            Naming::Bare,
            None,
            r#"{"TimeGenerated [UTC]":"x","EventId":"A","EventVersion":"1","UserIdentity":"{\"type\":\"system\"}","errorCode":"",
                "vpcId":"v","somethingNew":"{\"a\":1}","ds":"20261101","requestParameters":"broken {"}"#,
            r#"{"eventId":"A","eventVersion":1,"userIdentity":{"type":"system"},"errorCode":"","vpcId":"v","somethingNew":{"a":1},"requestParameters":"broken {"}"#,
            r#"{"TimeGenerated [UTC]":"x","ds":"20261101"}"#,
        );
        check(
            Naming::Bare,
            None,
            r#"{"event_id":"A","user_identity_type":"root-account","user_identity_session_context_attributes_mfa_authenticated":"true"}"#,
            r#"{"eventId":"A","userIdentity":{"type":"root-account","sessionContext":{"attributes":{"mfaAuthenticated":"true"}}}}"#,
            "{}",
        );
    }

    #[test]
    fn a_time_without_a_zone_is_read_only_in_the_zone_that_was_given() {
        let text = r#"{"eventId":"A","eventTime":"2025-07-07 09:39:46.000"}"#;
        check(Naming::Bare, None, text, text, "{}");
        check(
            Naming::Bare,
            Some(Zone::Named(chrono_tz::Asia::Shanghai)),
            text,
            r#"{"eventId":"A","eventTime":"2025-07-07T01:39:46Z"}"#,
            r#"{"eventTime":"2025-07-07 09:39:46.000"}"#,
        );
        let zoned = r#"{"eventId":"A","eventTime":"2025-07-07T01:39:46Z"}"#;
        check(Naming::Bare, Some(Zone::Named(chrono_tz::Asia::Shanghai)), zoned, zoned, "{}");
    }

    #[test]
    fn a_whole_object_wins_over_its_parts() {
        check(
            Naming::Prefixed,
            None,
            r#"{"event.userIdentity.type":"x","event.userIdentity":"{\"type\":\"system\"}","event.eventId":"A"}"#,
            r#"{"userIdentity":{"type":"system"},"eventId":"A"}"#,
            r#"{"event.userIdentity.type":"x"}"#,
        );
    }

    #[test]
    fn a_key_of_many_parts_has_a_bounded_depth() {
        let key = format!("event.insightDetails{}", ".a".repeat(200_000));
        let members = format!(r#"{{"event.eventId":"A","{key}":"1"}}"#);
        let members = Members::parse(&members).unwrap();
        let found = unflatten(&members, Naming::Prefixed, None);
        assert!(found.rest.is_empty());
        let depth = found.event.bytes().filter(|byte| *byte == b'{').count();
        assert!((3..32).contains(&depth), "{depth}");
        assert_eq!(found.event.matches(".a").count() + depth, 200_001);
    }
}
