//! Finds the list of records in an object that wraps them, where the object cannot be read as a whole.
//!
//! An answer of an API, a group of logs: what such an object is, its keys say. An event may hold lists too, and must not
//! be taken apart for them; so a list counts only under a key that stands for records, in the object itself or in its
//! `body`, and only where nothing beside it says that the object is an event. Brackets are counted here, not matched:
//! the object is broken, too long or cut off.

use serde::de::IgnoredAny;

/// A list of records in an object.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct List {
    /// Where its first element may begin.
    pub(super) behind_bracket: usize,
    /// How many objects are around it.
    pub(super) objects: usize,
}

/// Keys of lists whose elements are records. `data` is one beside `meta` only.
const LISTS: &[&str] = &["Events", "logGroupList", "LogItems", "logs", "__logs__", "Products", "Ips", "Resources"];

/// The key of an object that has the object with the list in it.
const BODY: &[u8] = b"body";

/// Most objects around a list.
const MAX_OBJECTS: usize = 8;

/// An object around a list, as far as it was looked at.
#[derive(Default)]
struct Around {
    /// Where the first list of records begins, and whether its key asks for `meta`.
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

    /// The list, where the object is no event. One that is not `closed` may still have `meta` behind the list.
    fn found(&self, objects: usize, closed: bool) -> Option<List> {
        let (behind_bracket, needs_meta) = self.list?;
        (!self.is_event && (self.has_meta || !needs_meta || !closed)).then_some(List { behind_bracket, objects })
    }
}

/// The list of records that the object at the beginning of `bytes` holds.
pub(super) fn find(bytes: &[u8]) -> Option<List> {
    let mut around: Vec<Around> = Vec::new();
    // Open brackets, those of the objects around the list among them.
    let mut depth = 0;
    let mut key: &[u8] = &[];
    let mut at = 0;
    while at < bytes.len() {
        let is_member = depth == around.len();
        match bytes[at] {
            b'"' => {
                let end = at + 1 + string_length(&bytes[at + 1..]);
                let text = bytes.get(at + 1..end).unwrap_or_default();
                at = end.min(bytes.len());
                if is_member && bytes.get(at + 1..).unwrap_or_default().trim_ascii_start().starts_with(b":") {
                    key = text;
                    if let Some(object) = around.last_mut() {
                        object.key(key);
                    }
                }
            }
            b'{' => {
                if is_member && around.len() < MAX_OBJECTS && (depth == 0 || key == BODY) {
                    around.push(Around::default());
                }
                depth += 1;
                key = &[];
            }
            b'[' => {
                if is_member && let Some(object) = around.last_mut() {
                    object.list(key, at + 1);
                }
                depth += 1;
                key = &[];
            }
            b'}' | b']' => {
                if is_member && let Some(object) = around.pop() {
                    let found = object.found(around.len() + 1, true);
                    if found.is_some() || around.is_empty() {
                        return found;
                    }
                }
                depth = depth.saturating_sub(1);
                key = &[];
            }
            b',' => key = &[],
            _ => {}
        }
        at += 1;
    }
    (1..=around.len()).rev().find_map(|objects| around[objects - 1].found(objects, false))
}

/// The list of records that is found in `rest`, the bytes behind a list in so many objects.
pub(super) fn find_behind(objects: usize, rest: &[u8]) -> Option<List> {
    let (before, all) = with_beginning(objects, rest);
    let list = find(&all)?;
    Some(List { behind_bracket: list.behind_bracket.checked_sub(before)?, ..list })
}

/// True where `rest`, the bytes behind a list in so many objects, may be or hold a record. What is a whole and good end
/// of the objects does not, since its lists are known; nor does what has no object in it.
pub(super) fn may_hold_record(objects: usize, rest: &[u8], is_whole: bool) -> bool {
    let names_event = rest.windows(9).any(|text| text.eq_ignore_ascii_case(b"\"eventId\""));
    let is_good = || is_whole && serde_json::from_slice::<IgnoredAny>(&with_beginning(objects, rest).1).is_ok();
    names_event || rest.contains(&b'{') && !is_good()
}

/// `rest` behind what could have been the beginning of so many objects around a list, and how many bytes that has.
fn with_beginning(objects: usize, rest: &[u8]) -> (usize, Vec<u8>) {
    let mut all = br#"{"body":"#.repeat(objects.saturating_sub(1));
    all.extend_from_slice(br#"{"":[]"#);
    let before = all.len();
    all.extend_from_slice(rest);
    (before, all)
}

/// Bytes up to the quote that ends a string; all of them where it does not end here.
fn string_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes[at] == b'"' {
            return at;
        }
        at += 2;
    }
    bytes.len()
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
