//! Says when two records are the same event.
//!
//! ActionTrail gives every event its own id, and delivers copies by several routes: two trails, a history job over live
//! data, a repeated download. The copies may differ in form (eventVersion `1` or `"1"`, keys in another order), so they
//! are compared by event id, name, time and account. Exports that people share have ids masked with asterisks; a masked
//! id is not unique and a missing one says nothing, so those events are compared by everything they hold instead. Two
//! different events are never merged; in the worst case two differently shaped copies of a masked event both stay.
//!
//! The hash is cryptographic because field values are an attacker's to choose: with a weaker one, two crafted ids could
//! make one event disappear as the other's duplicate.

use super::field::FieldId;
use super::ids::{is_absent_word, is_masked};
use super::json::{Members, compact};
use super::record::Event;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// The identity of an event: 128 bits of a SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity(pub u128);

/// Objects nested deeper than this are hashed as the text that came, but for white space.
const MAX_DEPTH: usize = 128;

impl Identity {
    /// The identity by id, name, time (microseconds) and account; `None` where the id is masked or missing.
    pub fn by_id(
        event_id: Option<&str>,
        event_name: Option<&str>,
        event_time: Option<i64>,
        account_id: Option<&str>,
    ) -> Option<Self> {
        let event_id = event_id.and_then(telling_id)?;
        let mut hasher = Sha256::new();
        for part in [Some(event_id), event_name, account_id] {
            feed(&mut hasher, part.unwrap_or("").as_bytes());
        }
        feed(&mut hasher, &event_time.unwrap_or(i64::MIN).to_le_bytes());
        Some(Self::of(hasher))
    }

    /// The identity of a decoded event by its id, see [`Identity::by_id`].
    pub fn of_event(event: &Event<'_>) -> Option<Self> {
        Self::by_id(
            event.text(FieldId::EventId),
            event.text(FieldId::EventName),
            event.int(FieldId::EventTime),
            event.text(FieldId::AccountId),
        )
    }

    /// True where the id of a decoded event tells it from others, so that [`Identity::of_event`] finds one.
    pub fn has_id(event: &Event<'_>) -> bool {
        event.text(FieldId::EventId).and_then(telling_id).is_some()
    }

    /// The identity by everything an event holds, from its JSON text: equal but for key order and white space.
    pub fn by_content(json: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"content");
        feed_value(&mut hasher, json, 0);
        Self::of(hasher)
    }

    /// The text of the column `content_identity`.
    pub fn to_hex(self) -> String {
        format!("{:032x}", self.0)
    }

    /// Reads [`Identity::to_hex`] back.
    pub fn from_hex(text: &str) -> Option<Self> {
        u128::from_str_radix(text, 16).ok().map(Self)
    }

    fn of(hasher: Sha256) -> Self {
        let digest = hasher.finalize();
        Self(digest.iter().take(16).fold(0, |n, byte| n << 8 | u128::from(*byte)))
    }
}

/// The id without white space around it, unless it is masked or missing.
fn telling_id(event_id: &str) -> Option<&str> {
    Some(event_id.trim()).filter(|id| !is_absent_word(id) && !is_masked(id))
}

/// Feeds a part with its length, so that ("ab", "c") and ("a", "bc") differ.
fn feed(hasher: &mut Sha256, part: &[u8]) {
    hasher.update((part.len() as u64).to_le_bytes());
    hasher.update(part);
}

/// Feeds a JSON value in a form that does not depend on key order, white space or escapes.
fn feed_value(hasher: &mut Sha256, json: &str, depth: usize) {
    let json = json.trim();
    match json.as_bytes().first() {
        Some(b'{') if depth < MAX_DEPTH => {
            if let Some(Members(mut members)) = Members::parse(json) {
                members.sort_by(|(a, _), (b, _)| a.cmp(b));
                hasher.update(b"{");
                for (key, value) in members {
                    feed(hasher, key.as_bytes());
                    // The same event carries a number in one delivery and a string in another.
                    let loose = depth == 0 && key == "eventVersion";
                    let text = if loose { value.get().trim_matches('"') } else { value.get() };
                    feed_value(hasher, text, depth + 1);
                }
                hasher.update(b"}");
                return;
            }
        }
        Some(b'[') if depth < MAX_DEPTH => {
            if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(json) {
                hasher.update(b"[");
                for item in items {
                    feed_value(hasher, item.get(), depth + 1);
                }
                hasher.update(b"]");
                return;
            }
        }
        Some(b'"') => {
            if let Some(text) = super::json::string(json) {
                hasher.update(b"\"");
                feed(hasher, text.as_bytes());
                return;
            }
        }
        _ => {}
    }
    hasher.update(b"=");
    feed(hasher, compact(json).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_decide_where_they_can() {
        let id = |id, name, time| Identity::by_id(id, name, time, Some("1000000000000001"));
        let base = id(Some("A-1"), Some("RunInstances"), Some(1));
        assert!(base.is_some());
        assert_eq!(base, id(Some(" A-1"), Some("RunInstances"), Some(1)));
        assert_ne!(base, id(Some("A-2"), Some("RunInstances"), Some(1)));
        assert_ne!(base, id(Some("A-1"), Some("StopInstance"), Some(1)));
        assert_ne!(base, id(Some("A-1"), Some("RunInstances"), Some(2)));
        assert_ne!(base, Identity::by_id(Some("A-1"), Some("RunInstances"), Some(1), None));
        for useless in [None, Some(""), Some("null"), Some("2546c4b7-****")] {
            assert_eq!(id(useless, Some("RunInstances"), Some(1)), None, "{useless:?}");
        }
    }

    #[test]
    fn parts_do_not_run_together() {
        let (a, b) =
            (Identity::by_id(Some("A"), Some("bc"), None, None), Identity::by_id(Some("Ab"), Some("c"), None, None));
        assert_ne!(a, b);
    }

    #[test]
    fn content_is_compared_without_order_space_and_escapes() {
        let same = [
            r#"{"eventId":"A****","n":1,"o":{"a":1,"b":[1,2]},"s":"中"}"#,
            r#" {"s":"\u4e2d", "o": {"b":[1, 2],"a":1}, "n":1, "eventId":"A****"} "#,
        ];
        assert_eq!(Identity::by_content(same[0]), Identity::by_content(same[1]));
        assert_eq!(
            Identity::by_content(r#"{"eventVersion":1,"a":2}"#),
            Identity::by_content(r#"{"eventVersion":"1","a":2}"#)
        );
        for other in [
            r#"{"eventId":"A****","n":"1","o":{"a":1,"b":[1,2]},"s":"中"}"#,
            r#"{"eventId":"A****","n":1,"o":{"a":1,"b":[2,1]},"s":"中"}"#,
            r#"{"eventId":"A****","n":1,"o":{"a":1,"b":[1,2]},"s":"中","x":null}"#,
            r#"{"eventId":"A****","n":7,"n":1,"o":{"a":1,"b":[1,2]},"s":"中"}"#,
        ] {
            assert_ne!(Identity::by_content(same[0]), Identity::by_content(other), "{other}");
        }
    }

    #[test]
    fn space_does_not_count_at_any_depth() {
        let deep = |inside: &str| format!("{}{inside}{}", "{\"a\":".repeat(200), "}".repeat(200));
        assert_eq!(Identity::by_content(&deep("[1, 2]")), Identity::by_content(&deep("[1,2]")));
        assert_ne!(Identity::by_content(&deep("\"1 2\"")), Identity::by_content(&deep("\"12\"")));
    }

    #[test]
    fn ids_beyond_53_bits_differ() {
        assert_ne!(
            Identity::by_content(r#"{"n":123456789012345678}"#),
            Identity::by_content(r#"{"n":123456789012345679}"#)
        );
        assert_ne!(
            Identity::by_content(r#"{"n":123456789012345678901234567890}"#),
            Identity::by_content(r#"{"n":123456789012345678901234567891}"#)
        );
    }

    #[test]
    fn hex_round_trips() {
        let identity = Identity::by_content("{}");
        assert_eq!(Identity::from_hex(&identity.to_hex()), Some(identity));
        assert_eq!(Identity::from_hex("not hex"), None);
    }
}
