//! Says when two records are the same event.
//!
//! ActionTrail gives every event its own id, and delivers copies by several routes: two trails, a history job over live
//! data, a repeated download. The copies may differ in form (eventVersion `1` or `"1"`, keys in another order), so they
//! are compared by what tells events apart, and that depends on the id:
//!
//! - An id that is unique by its making, a GUID or 24 hexadecimal digits, tells the event with its name and time.
//! - Another id may be reused by another account, so the account belongs to it. A copy that came by a route without
//!   accounts (a table of some columns, an event of the system without a recipient) is equal to that of any account.
//! - A masked id, as in exports that people share, is not unique, and a missing one says nothing. Such events are
//!   compared by everything they hold.
//!
//! Two different events are never merged; in the worst case two differently shaped copies of a masked event both stay.
//!
//! The hash is cryptographic because field values are an attacker's to choose: with a weaker one, two crafted ids could
//! make one event disappear as the other's duplicate.

use super::field::FieldId;
use super::ids::{is_absent_word, is_masked};
use super::json::strict::elements;
use super::json::{Members, compact};
use super::record::Event;
use sha2::{Digest, Sha256};

/// The identity of an event: 128 bits of a SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity(pub u128);

/// Objects nested deeper than this are hashed as the text that came, but for white space.
const MAX_DEPTH: usize = 128;

/// The parts by which an event is compared if its id is neither masked nor missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told<'a> {
    /// Its id.
    pub event_id: Option<&'a str>,
    /// Its name.
    pub event_name: Option<&'a str>,
    /// Its time in microseconds since 1970.
    pub event_time: Option<i64>,
    /// Its account.
    pub account_id: Option<&'a str>,
}

impl<'a> Told<'a> {
    /// Returns the parts by which a decoded event is compared.
    pub fn of(event: &'a Event<'_>) -> Self {
        Self {
            event_id: event.text(FieldId::EventId),
            event_name: event.text(FieldId::EventName),
            event_time: event.int(FieldId::EventTime),
            account_id: event.text(FieldId::AccountId),
        }
    }

    /// The keys of the event; `None` where its id is masked or missing.
    pub fn keys(&self) -> Option<Keys> {
        let event_id = self.event_id.and_then(telling_id)?.as_bytes();
        let name = self.event_name.unwrap_or("").as_bytes();
        if is_unique(event_id) {
            // Pipelines change the case of its digits.
            let mut digits = [0; GUID_BYTES];
            let digits = &mut digits[..event_id.len()];
            digits.copy_from_slice(event_id);
            digits.make_ascii_uppercase();
            return Some(Keys { own: self.hash(&[digits, name, b""]), shared: None });
        }
        let without_account = self.hash(&[event_id, name, b""]);
        let any_account = self.hash(&[event_id, name, b"", b"any account"]);
        let own = self.account_id.map_or(without_account, |account| self.hash(&[event_id, name, account.as_bytes()]));
        Some(Keys { own, shared: Some(Shared { without_account, any_account }) })
    }

    /// The identity that takes every part as it stands, so that only what is the same in all of them has the same.
    pub fn exactly(&self) -> Option<Identity> {
        let event_id = self.event_id.and_then(telling_id)?;
        let parts = [event_id, self.event_name.unwrap_or(""), self.account_id.unwrap_or("")];
        Some(self.hash(&parts.map(str::as_bytes)))
    }

    fn hash(&self, parts: &[&[u8]]) -> Identity {
        let mut hasher = Sha256::new();
        for part in parts {
            feed(&mut hasher, part);
        }
        feed(&mut hasher, &self.event_time.unwrap_or(i64::MIN).to_le_bytes());
        Identity::of(hasher)
    }
}

/// The identities under which an event is known: what its copies have in common with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    /// Its own.
    pub own: Identity,
    /// Those that make it equal to copies without an account; none where the account does not matter.
    pub shared: Option<Shared>,
}

/// The identities of an event whose account matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shared {
    /// That of its copies without an account.
    pub without_account: Identity,
    /// That which all of its namesakes with an account have beside their own.
    pub any_account: Identity,
}

impl Keys {
    /// The identity of an event that is compared by everything it holds.
    pub fn by_content(own: Identity) -> Self {
        Self { own, shared: None }
    }

    /// Returns `true` for an event that came without its account, which matters.
    pub fn lack_account(&self) -> bool {
        self.shared.is_some_and(|shared| shared.without_account == self.own)
    }
}

impl Identity {
    /// Returns `true` if the id of a decoded event tells it from others, so that [`Told::keys`] finds some.
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

/// Returns `true` for ids that are unique by their making: GUIDs, and the 24 hexadecimal digits that OSS gives its
/// requests.
fn is_unique(event_id: &[u8]) -> bool {
    let mut bytes = event_id.iter().enumerate();
    match event_id.len() {
        24 => bytes.all(|(_, byte)| byte.is_ascii_hexdigit()),
        GUID_BYTES => bytes.all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        }),
        _ => false,
    }
}

/// Length of a GUID as text.
const GUID_BYTES: usize = 36;

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
            if let Ok(items) = elements(json) {
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

    const ACCOUNT: Option<&str> = Some("1000000000000001");
    const OTHER_ACCOUNT: Option<&str> = Some("1000000000000002");

    fn told<'a>(id: Option<&'a str>, name: &'a str, time: i64, account_id: Option<&'a str>) -> Told<'a> {
        Told { event_id: id, event_name: Some(name), event_time: Some(time), account_id }
    }

    fn own(id: &str, name: &str, time: i64, account_id: Option<&str>) -> Identity {
        told(Some(id), name, time, account_id).keys().unwrap().own
    }

    #[test]
    fn ids_decide_where_they_can() {
        for id in ["A-1", "AE3B631D-B6BE-5BFC-9F14-6BAA2683B0BA", "68D4BC64B29A8D36369698D9"] {
            let base = own(id, "RunInstances", 1, ACCOUNT);
            assert_eq!(base, own(&format!(" {id}"), "RunInstances", 1, ACCOUNT));
            assert_ne!(base, own(&id.replace('A', "B"), "RunInstances", 1, ACCOUNT));
            assert_ne!(base, own(id, "StopInstance", 1, ACCOUNT));
            assert_ne!(base, own(id, "RunInstances", 2, ACCOUNT));
        }
        for useless in [None, Some(""), Some("null"), Some("2546c4b7-****")] {
            assert_eq!(told(useless, "RunInstances", 1, ACCOUNT).keys(), None, "{useless:?}");
            assert_eq!(told(useless, "RunInstances", 1, ACCOUNT).exactly(), None, "{useless:?}");
        }
    }

    #[test]
    fn accounts_belong_to_ids_that_may_be_reused() {
        for unique in
            ["AE3B631D-B6BE-5BFC-9F14-6BAA2683B0BA", "ae3b631d-b6be-5bfc-9f14-6baa2683b0ba", "68D4BC64B29A8D36369698D9"]
        {
            let base = own(unique, "x", 1, ACCOUNT);
            assert_eq!(base, own(unique, "x", 1, OTHER_ACCOUNT), "{unique}");
            assert_eq!(base, own(unique, "x", 1, None), "{unique}");
            assert_eq!(base, own(&unique.to_ascii_lowercase(), "x", 1, None), "{unique}");
        }
        for reused in
            ["A-1", "1.167_1627549154939_339a", "AE3B631D-B6BE-5BFC-9F14-6BAA2683B0BG", "68D4BC64B29A8D36369698D"]
        {
            let [one, other, none] =
                [ACCOUNT, OTHER_ACCOUNT, None].map(|account| told(Some(reused), "x", 1, account).keys().unwrap());
            assert_ne!(one.own, other.own, "{reused}");
            assert_eq!((one.shared, other.shared), (none.shared, none.shared), "{reused}");
            assert_eq!(none.own, one.shared.unwrap().without_account, "{reused}");
            assert_eq!([one, other, none].map(|found| found.lack_account()), [false, false, true], "{reused}");
        }
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(own("A", "bc", 1, None), own("Ab", "c", 1, None));
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
