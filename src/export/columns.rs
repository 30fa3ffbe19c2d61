//! Finds the field of an event that a column or a flattened key stands for.
//!
//! Tables name fields in many ways: as in the event (`eventId`), in lower case as SLS lists them (`eventid`), in
//! snake_case as the Data Lake table did (`user_identity_access_key_id`), with an underscore for each dot as log agents
//! do (`userIdentity_accountId`), and in words as the console shows them. Names are compared without case.

use crate::event::field::{FIELDS, Field, Role};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The place of a value inside an event.
#[derive(Debug, Clone)]
pub struct Place {
    /// Keys from the top level down, as ActionTrail spells them.
    pub path: Vec<Cow<'static, str>>,
    /// The field that stands there; `None` inside a JSON column and for a whole object.
    pub field: Option<&'static Field>,
}

impl Place {
    fn of(path: &'static [&'static str], field: Option<&'static Field>) -> Self {
        Self { path: path.iter().map(|key| Cow::Borrowed(*key)).collect(), field }
    }

    /// The top-level key.
    pub fn key(&self) -> &str {
        self.path.first().map_or("", AsRef::as_ref)
    }
}

/// Headers of lists that people save from the console; taken where they are met, never relied on.
const WORDS: &[(&str, &str)] = &[
    ("事件时间", "eventTime"),
    ("event time", "eventTime"),
    ("事件名称", "eventName"),
    ("event name", "eventName"),
    ("事件id", "eventId"),
    ("event id", "eventId"),
    ("用户名", "userIdentity.userName"),
    ("username", "userIdentity.userName"),
    ("user name", "userIdentity.userName"),
    ("资源类型", "resourceType"),
    ("resource type", "resourceType"),
    ("资源名称", "resourceName"),
    ("resource name", "resourceName"),
    ("错误码", "errorCode"),
    ("error code", "errorCode"),
    ("服务名称", "serviceName"),
    ("service name", "serviceName"),
    ("地域", "acsRegion"),
    ("源ip地址", "sourceIpAddress"),
    ("source ip address", "sourceIpAddress"),
];

/// Spellings of keys that differ from the field table in more than case.
const SPELLINGS: &[(&str, &str)] =
    &[("addionaleventdata", "additionaleventdata"), ("sessioncontext.sessionattributes", "sessioncontext.attributes")];

static PLACES: LazyLock<HashMap<String, Place>> = LazyLock::new(|| {
    let mut places = HashMap::new();
    for field in FIELDS.iter().filter(|field| field.role == Role::Stored) {
        let place = Place::of(field.path, Some(field));
        for name in [field.path.join("."), field.path.join("_"), field.column.to_owned()] {
            places.insert(name.to_lowercase(), place.clone());
        }
        // Whole objects: `userIdentity`, `userIdentity.sessionContext`.
        for depth in 1..field.path.len() {
            let place = Place::of(&field.path[..depth], None);
            places.entry(field.path[..depth].join(".").to_lowercase()).or_insert_with(|| place.clone());
            let snake = field.path[..depth].iter().map(|key| snake_case(key)).collect::<Vec<_>>().join("_");
            places.entry(snake).or_insert(place);
        }
    }
    for (word, path) in WORDS {
        if let Some(place) = places.get(&path.to_lowercase()).cloned() {
            places.insert((*word).to_owned(), place);
        }
    }
    places
});

fn snake_case(key: &str) -> String {
    let mut out = String::new();
    for c in key.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The field that a name stands for; `None` where it stands for none that is known.
pub fn place(name: &str) -> Option<Place> {
    let mut name = name.trim().to_lowercase();
    for (wrong, right) in SPELLINGS {
        if name.contains(wrong) {
            name = name.replace(wrong, right);
        }
    }
    PLACES.get(&name).cloned()
}

/// Levels of an object inside a JSON column; a key with more dots keeps them, since each level costs a frame of the
/// stack.
const MAX_LEVELS: usize = 16;

/// The place of a flattened key inside a JSON column: `requestParameters.Tag.1.Key` is the key `Tag.1.Key` of
/// `requestParameters`. The parameters of a call have dots in their own keys, so only the first dot separates; an
/// Insight is nested, so there each one does.
pub fn place_inside(name: &str) -> Option<Place> {
    let (first, rest) = name.trim().split_once('.').filter(|(_, rest)| !rest.is_empty())?;
    let outer = place(first).filter(|outer| outer.path.len() == 1)?;
    let mut path = outer.path;
    if matches!(path.first().map(AsRef::as_ref), Some("insightDetails" | "userIdentity")) {
        path.extend(rest.splitn(MAX_LEVELS, '.').map(|key| Cow::Owned(key.to_owned())));
    } else {
        path.push(Cow::Owned(rest.to_owned()));
    }
    Some(Place { path, field: None })
}

/// Returns `true` for the name of a column that holds a whole event as JSON.
pub fn holds_event(name: &str) -> bool {
    let name = name.trim();
    name.eq_ignore_ascii_case("event") || matches!(name, "__content" | "_raw")
}

/// The part of a flattened key behind `event.`.
pub fn behind_event(key: &str) -> Option<&str> {
    let (prefix, rest) = key.split_at_checked("event.".len())?;
    (prefix.eq_ignore_ascii_case("event.") && !rest.is_empty()).then_some(rest)
}

/// Returns `true` if columns of these names hold ActionTrail events: a whole event in one of them, or enough of its
/// fields.
pub fn hold_events<'n>(names: impl IntoIterator<Item = &'n str>) -> bool {
    let mut fields = Vec::new();
    for name in names {
        if holds_event(name) {
            return true;
        }
        if let Some(place) = place(behind_event(name).unwrap_or(name)) {
            fields.push(place.key().to_owned());
        }
    }
    let has = |key: &str| fields.iter().any(|field| field == key);
    let tells = ["eventTime", "eventName", "eventType", "insightDetails"];
    (has("eventId") && tells.iter().any(|key| has(key))) || (has("eventTime") && has("eventName"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_for_fields() {
        for (name, path) in [
            ("eventId", Some("eventId")),
            ("EventId", Some("eventId")),
            ("eventid", Some("eventId")),
            ("event_id", Some("eventId")),
            ("eventrw", Some("eventRW")),
            ("event_rw", Some("eventRW")),
            ("useridentity.accesskeyid", Some("userIdentity.accessKeyId")),
            ("user_identity_access_key_id", Some("userIdentity.accessKeyId")),
            ("userIdentity_accountId", Some("userIdentity.accountId")),
            ("userIdentity", Some("userIdentity")),
            ("user_identity", Some("userIdentity")),
            (
                "userIdentity.sessionContext.sessionAttributes.mfaAuthenticated",
                Some("userIdentity.sessionContext.attributes.mfaAuthenticated"),
            ),
            ("addionalEventData", Some("additionalEventData")),
            ("Event Time", Some("eventTime")),
            ("错误码", Some("errorCode")),
            ("requestParameters.Name", None),
            ("TimeGenerated [UTC]", None),
            ("", None),
        ] {
            assert_eq!(place(name).map(|place| place.path.join(".")).as_deref(), path, "{name}");
        }
    }

    #[test]
    fn names_inside_json_columns() {
        for (name, path) in [
            ("requestParameters.Tag.1.Key", Some(&["requestParameters", "Tag.1.Key"][..])),
            ("requestparameters.hostid", Some(&["requestParameters", "hostid"])),
            ("addionalEventData.isMFAChecked", Some(&["additionalEventData", "isMFAChecked"])),
            ("insightDetails.insightContext.statistics", Some(&["insightDetails", "insightContext", "statistics"])),
            ("eventId", None),
            ("other.x", None),
        ] {
            let found = place_inside(name);
            let found = found.as_ref().map(|place| place.path.iter().map(AsRef::as_ref).collect::<Vec<&str>>());
            assert_eq!(found.as_deref(), path, "{name}");
        }
    }

    #[test]
    fn tables_of_events_are_known_by_their_columns() {
        for (names, expected) in [
            (&["event"][..], true),
            (&["__topic__", "__source__", "__time__", "event"], true),
            (&["event.eventid", "event.eventname"], true),
            (&["event_id", "event_time"], true),
            (&["Event Time", "Username", "Event Name"], true),
            (&["eventId"], false),
            (&["id", "name", "time"], false),
            (&[], false),
        ] {
            assert_eq!(hold_events(names.iter().copied()), expected, "{names:?}");
        }
    }
}
