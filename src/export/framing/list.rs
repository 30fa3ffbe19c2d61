//! Finds the list of records in an object that wraps them and cannot be read as a whole.
//!
//! The keys of such an object tell its kind: an answer of an API, a group of logs. An event may hold lists too, and
//! must not be taken apart for them. So a list counts only under a key that stands for records, in the object itself or
//! in its `body`, and only if nothing beside it says that the object is an event. Brackets are counted here, not
//! matched: the object is broken, too long or cut off.

use crate::event::json::tokenizer::{TokenKind, Tokens};
use serde::de::IgnoredAny;

/// A list of records in an object.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct List {
    /// The byte at which its first element may begin.
    pub(super) behind_bracket: usize,
    /// Number of objects around it.
    pub(super) objects: usize,
}

/// Keys of lists whose elements are records. `data` is one beside `meta` only.
const LISTS: &[&str] = &["Events", "logGroupList", "LogItems", "logs", "__logs__", "Products", "Ips", "Resources"];

/// The key of an object that has the object with the list in it.
const BODY: &[u8] = b"body";

/// Most objects around a list.
const MAX_OBJECTS: usize = 8;

/// The part of an object around a list that was looked at.
#[derive(Default)]
struct Around {
    /// The beginning of the first list of records, and `true` if its key asks for `meta`.
    list: Option<(usize, bool)>,
    has_meta: bool,
    is_event: bool,
}

impl Around {
    fn key(&mut self, key: &[u8]) {
        self.has_meta |= key == b"meta";
        self.is_event |= key == b"event" || key.eq_ignore_ascii_case(b"eventId");
    }

    fn list(&mut self, key: &[u8], behind_bracket: usize) {
        let needs_meta = key == b"data";
        if needs_meta || LISTS.iter().any(|list| list.as_bytes() == key) || key.eq_ignore_ascii_case(b"logGroupList") {
            self.list.get_or_insert((behind_bracket, needs_meta));
        }
    }

    /// Returns the list if the object is no event. An object that is not `closed` may still have `meta` behind the
    /// list.
    fn found(&self, objects: usize, closed: bool) -> Option<List> {
        let (behind_bracket, needs_meta) = self.list?;
        (!self.is_event && (self.has_meta || !needs_meta || !closed)).then_some(List { behind_bracket, objects })
    }
}

/// Finds the list of records in the object at the beginning of `bytes`.
pub(super) fn find(bytes: &[u8]) -> Option<List> {
    let mut around: Vec<Around> = Vec::new();
    // Open brackets, those of the objects around the list among them.
    let mut depth = 0;
    let mut key: &[u8] = &[];
    for token in Tokens::new(bytes) {
        let is_member = depth == around.len();
        match token.kind {
            TokenKind::String => {
                let behind = bytes.get(token.end..).unwrap_or_default();
                if is_member && behind.trim_ascii_start().starts_with(b":") {
                    key = bytes.get(token.start + 1..token.end - 1).unwrap_or_default();
                    if let Some(object) = around.last_mut() {
                        object.key(key);
                    }
                }
            }
            TokenKind::Open => {
                let is_object = bytes.get(token.start) == Some(&b'{');
                if is_object && is_member && around.len() < MAX_OBJECTS && (depth == 0 || key == BODY) {
                    around.push(Around::default());
                } else if !is_object
                    && is_member
                    && let Some(object) = around.last_mut()
                {
                    object.list(key, token.end);
                }
                depth += 1;
                key = &[];
            }
            TokenKind::Close => {
                if is_member && let Some(object) = around.pop() {
                    let found = object.found(around.len() + 1, true);
                    if found.is_some() || around.is_empty() {
                        return found;
                    }
                }
                depth = depth.saturating_sub(1);
                key = &[];
            }
            TokenKind::Comma => key = &[],
            TokenKind::Colon | TokenKind::Bare => {}
        }
    }
    (1..=around.len()).rev().find_map(|objects| around[objects - 1].found(objects, false))
}

/// Finds the list of records in `rest`, the bytes behind a list in so many objects.
pub(super) fn find_behind(objects: usize, rest: &[u8]) -> Option<List> {
    let (before, all) = with_beginning(objects, rest);
    let list = find(&all)?;
    Some(List { behind_bracket: list.behind_bracket.checked_sub(before)?, ..list })
}

/// Returns `true` if `rest`, the bytes behind a list in so many objects, may be or hold a record. A complete and good
/// end of the objects does not, since its lists are known; nor does a rest without an object.
pub(super) fn may_hold_record(objects: usize, rest: &[u8], is_whole: bool) -> bool {
    let names_event = rest.windows(9).any(|text| text.eq_ignore_ascii_case(b"\"eventId\""));
    let is_good = || is_whole && serde_json::from_slice::<IgnoredAny>(&with_beginning(objects, rest).1).is_ok();
    names_event || rest.contains(&b'{') && !is_good()
}

/// Puts `rest` behind a possible beginning of so many objects around a list; returns the length of that too.
fn with_beginning(objects: usize, rest: &[u8]) -> (usize, Vec<u8>) {
    let mut all = br#"{"body":"#.repeat(objects.saturating_sub(1));
    all.extend_from_slice(br#"{"":[]"#);
    let before = all.len();
    all.extend_from_slice(rest);
    (before, all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_known_by_their_key_and_place() {
        for (object, expected) in [
            (r#"{"Events":["#, Some(1)),
            (r#"{"RequestId":"[","NextToken":null,"Events": ["#, Some(1)),
            (r#"{"Events":[{"a":1****}],"RequestId":"#, Some(1)),
            (r#"{"headers":{"Events":[]},"body":{"Events":["#, Some(2)),
            (r#"{"body":{"Other":[]},"Events":["#, Some(1)),
            (r#"{"body":{"data":["#, Some(2)),
            (r#"{"data":[1],"meta":{}}"#, Some(1)),
            (r#"{"meta":{},"data":[1]}"#, Some(1)),
            (r#"{"data":[1],"other":{}}"#, None),
            (r#"{"loggrouplist":["#, Some(1)),
            (r#"{"LogItems":["#, Some(1)),
            (r#"{"__logs__":["#, Some(1)),
            (r#"{"Products":["#, Some(1)),
            (r#"{"eventId":"a","requestParameters":{"Events":["#, None),
            (r#"{"eventId":"a","Events":["#, None),
            (r#"{"Events":[],"EventId":"a"}"#, None),
            (r#"{"event":{"body":{"Events":["#, None),
            (r#"{"event":"{}","logs":["#, None),
            (r#"{"requestParameters":{"data":["#, None),
            (r#"{"a":[{"Events":["#, None),
            (r#"{"a":"Events","b":["#, None),
            (r#"{"Events",["#, None),
            (r#"{"Events":{"Events":["#, None),
            (r#"{}"#, None),
            ("{\"x\":\"a\nb\",\"Events\":[", Some(1)),
        ] {
            let found = find(object.as_bytes());
            assert_eq!(found.as_ref().map(|list| list.objects), expected, "{object}");
            if let Some(list) = found {
                assert_eq!(object.as_bytes()[list.behind_bracket - 1], b'[', "{object}");
            }
        }
    }
}
