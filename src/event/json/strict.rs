//! The strict path: JSON taken apart one level deep, without building a tree.
//!
//! Parsing an event into a tree of values costs several times what reading it costs; the members of an object as
//! slices of the text are enough to fill columns, and they keep what came exactly as it came: number forms, duplicate
//! keys, escapes. Everything here is `serde_json`'s own grammar: what it refuses is no JSON, and goes to the
//! [tolerant](super::tokenizer) path or becomes a reject.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The members of a JSON object in the order they came, duplicates included.
#[derive(Debug, Default)]
pub struct Members<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads the members of the object `json`; `None` if it is not one object.
    pub fn parse(json: &'a str) -> Option<Self> {
        Self::read(json).ok()
    }

    /// Reads the members of the object `json`; the error tells where it is broken.
    pub fn read(json: &'a str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    /// Returns the value of the first member with exactly this key.
    pub fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, value)| *value)
    }

    /// Returns the value of the first member with this key, or with this key in other ASCII letters.
    pub fn get_any_case(&self, key: &str) -> Option<&'a RawValue> {
        self.get(key).or_else(|| self.0.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, value)| *value))
    }

    /// Returns `true` if a member has exactly this key.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
}

/// A key that borrows from the text unless it holds an escape.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }
            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::with_capacity(24);
                while let Some((Key(key), value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    members.push((key, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// Reads the elements of the array `json`; the error tells where it is broken.
pub fn elements(json: &str) -> serde_json::Result<Vec<&RawValue>> {
    serde_json::from_str(json)
}

/// Reads the value that `text` begins with, and returns it with its length; more may follow. Its kind is that of `T`.
pub fn prefix<'t, T: Deserialize<'t>>(text: &'t str) -> serde_json::Result<(T, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let value = values.next().unwrap_or_else(|| serde_json::from_str(text))?;
    Ok((value, values.byte_offset()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::IgnoredAny;

    #[test]
    fn members_keep_order_duplicates_and_forms() {
        let members = Members::parse(r#" {"b": 1.0, "a":{"x":[ ]}, "b":"\u4e2d", "k\n":null} "#).unwrap();
        let found: Vec<_> = members.0.iter().map(|(k, v)| (k.as_ref(), v.get())).collect();
        assert_eq!(found, [("b", "1.0"), ("a", "{\"x\":[ ]}"), ("b", "\"\\u4e2d\""), ("k\n", "null")]);
        assert!(members.get_any_case("A").is_some() && !members.has("A"));
    }

    #[test]
    fn what_is_not_one_object_has_no_members() {
        for wrong in ["", "[]", "{", "{} {}", "{\"a\":1,}", "{\"a\":175498693826****}", "\"{}\""] {
            assert!(Members::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_length_of_the_first_value_is_told() {
        for (text, length) in [
            (r#" {"a":[1]} {"b":"#, Some(10)),
            ("[1,2],", Some(5)),
            (r#"{"a":1"#, None),
            ("", None),
            (" ", None),
            ("]", None),
        ] {
            assert_eq!(prefix::<IgnoredAny>(text).ok().map(|(_, length)| length), length, "{text}");
        }
        let error = |text| prefix::<Members<'_>>(text).err().map(|error| error.is_eof());
        assert_eq!((error(r#"{"a":"#), error(r#"{"a"}"#), error("{}")), (Some(true), Some(false), None));
        assert_eq!(elements("[1, {}]").map(|items| items.len()).ok(), Some(2));
    }
}
