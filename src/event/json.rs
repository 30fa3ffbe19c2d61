//! JSON objects taken apart one level deep, without building a tree.
//!
//! Parsing an event into a tree of values costs several times what reading it costs; the members of an object as
//! slices of the text are enough to fill columns, and they keep what came exactly as it came: number forms, duplicate
//! keys, escapes.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The members of a JSON object in the order they came, duplicates included.
#[derive(Debug, Default)]
pub struct Members<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads the members of the object `json`; `None` where it is not one object.
    pub fn parse(json: &'a str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// The first member with exactly this key.
    pub fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, value)| *value)
    }

    /// The first member with this key, whatever the case of its ASCII letters.
    pub fn get_any_case(&self, key: &str) -> Option<&'a RawValue> {
        self.get(key).or_else(|| self.0.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, value)| *value))
    }

    /// True where a member has exactly this key.
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

/// The value of the member of the object `json` with this key, as [`Members::get_any_case`] finds it, but without looking at
/// what stands behind it. It follows strings and braces only: several times as fast as taking the object apart, and what a
/// broken object has before the place where it is broken is found all the same. `None` where there is none.
pub fn member<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let bytes = json.as_bytes();
    let mut in_other_letters = None;
    let mut at = after_space(bytes, 0);
    let mut expected = b'{';
    // Whatever breaks off the search leaves what was found in other letters.
    let mut next = || {
        if bytes.get(at) != Some(&expected) {
            return None;
        }
        expected = b',';
        let begin = after_space(bytes, at + 1);
        let end = after_string(bytes, begin)?;
        let colon = after_space(bytes, end);
        let value = after_space(bytes, colon + 1);
        let value_end = after_value(bytes, value).filter(|end| *end > value && bytes.get(colon) == Some(&b':'))?;
        at = after_space(bytes, value_end);
        Some((json.get(begin..end)?, json.get(value..value_end)?))
    };
    while let Some((found, value)) = next() {
        // Escapes make a key longer.
        if found.len() < key.len() + 2 {
            continue;
        }
        match string(found) {
            Some(found) if found == key => return Some(value),
            Some(found) if found.eq_ignore_ascii_case(key) => in_other_letters = in_other_letters.or(Some(value)),
            _ => {}
        }
    }
    in_other_letters
}

fn after_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
}

/// Where the string that begins at `at` ends; `None` where none does.
fn after_string(bytes: &[u8], at: usize) -> Option<usize> {
    let mut inside = bytes.get(at).filter(|byte| **byte == b'"').map(|_| at + 1)?;
    loop {
        let found = inside + memchr::memchr2(b'"', b'\\', bytes.get(inside..)?)?;
        if bytes[found] == b'"' {
            return Some(found + 1);
        }
        inside = found + 2;
    }
}

/// Where the value that begins at `at` ends.
fn after_value(bytes: &[u8], at: usize) -> Option<usize> {
    let (open, close) = match bytes.get(at)? {
        b'"' => return after_string(bytes, at),
        b'{' => (b'{', b'}'),
        b'[' => (b'[', b']'),
        _ => {
            let rest = bytes.get(at..)?;
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
            return Some(at + rest.iter().position(ends)?);
        }
    };
    let (mut depth, mut inside) = (1, at + 1);
    while depth > 0 {
        let found = inside + memchr::memchr3(b'"', open, close, bytes.get(inside..)?)?;
        inside = found + 1;
        match bytes[found] {
            b'"' => inside = after_string(bytes, found)?,
            byte if byte == open => depth += 1,
            _ => depth -= 1,
        }
    }
    Some(inside)
}

/// The text of a JSON string, borrowed unless it holds an escape; `None` where `json` is not a string, or holds half of
/// a surrogate pair, which no text can hold.
pub fn string(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    let Some(escape) = memchr::memchr(b'\\', inner.as_bytes()) else { return Some(Cow::Borrowed(inner)) };
    unescape(inner, escape).or_else(|| serde_json::from_str(json).ok()).map(Cow::Owned)
}

/// Unescapes the inside of a JSON string whose first escape stands at `escape`. JSON inside a string is full of escaped
/// quotes, which this looks for and nothing else; what holds rarer escapes is left to the general parser: `None`.
fn unescape(inner: &str, escape: usize) -> Option<String> {
    let mut out = String::with_capacity(inner.len());
    let (mut kept, mut escape) = (0, escape);
    loop {
        out.push_str(inner.get(kept..escape)?);
        out.push(match inner.as_bytes().get(escape + 1)? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            _ => return None,
        });
        kept = escape + 2;
        match memchr::memchr(b'\\', inner.as_bytes().get(kept..)?) {
            Some(further) => escape = kept + further,
            None => {
                out.push_str(inner.get(kept..)?);
                return Some(out);
            }
        }
    }
}

/// A scalar as text: a string without its quotes, a number or boolean as written; `None` for null, objects and arrays.
pub fn scalar_text(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'"' => string(json),
        b'{' | b'[' | b'n' => None,
        _ => Some(Cow::Borrowed(json)),
    }
}

/// Appends `text` as a JSON string.
pub fn push_string(out: &mut String, text: &str) {
    // Writing text to a String cannot fail.
    if let Ok(quoted) = serde_json::to_string(text) {
        out.push_str(&quoted);
    }
}

/// JSON without white space between its parts, so that it fits on one line.
pub fn compact(json: &str) -> Cow<'_, str> {
    let is_space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let (mut in_string, mut escaped, mut kept) = (false, false, 0);
    let mut out = String::new();
    for (at, byte) in json.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            // White space is ASCII, so the text can be cut before and behind it.
            space if !in_string && is_space(space) => {
                out.push_str(json.get(kept..at).unwrap_or_default());
                kept = at + 1;
            }
            _ => {}
        }
    }
    if kept == 0 {
        return Cow::Borrowed(json);
    }
    out.push_str(json.get(kept..).unwrap_or_default());
    Cow::Owned(out)
}

/// Writes members as one JSON object, values as they came.
pub fn object<'m, 'v: 'm>(members: impl IntoIterator<Item = (&'m str, &'v str)>) -> String {
    let mut out = String::from("{");
    for (key, value) in members {
        if out.len() > 1 {
            out.push(',');
        }
        push_string(&mut out, key);
        out.push(':');
        out.push_str(value);
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

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

    const VALUES: [&str; 10] = [
        "1",
        "-2.5e3",
        "null",
        "\"\"",
        r#""x\"[{}""#,
        r#""\\""#,
        r#"[ 1,"]",{"a":[]}]"#,
        r#"{"a":"}","b":{}}"#,
        r#"{"a":"{","b":[{"a":"\\"}]}"#,
        "[]",
    ];

    proptest::proptest! {
        #[test]
        fn a_member_is_the_one_that_taking_the_object_apart_finds(
            members in proptest::collection::vec(("[aAbB]{1,2}|\\\\u0061|", proptest::sample::select(&VALUES[..])), 0..6),
            space in "[ \n]?",
        ) {
            let members = members.iter().map(|(key, value)| format!("{space}\"{key}\"{space}:{space}{value}{space}"));
            let json = format!("{space}{{{}{space}}}", members.collect::<Vec<_>>().join(","));
            let parsed = Members::parse(&json).unwrap();
            for key in ["a", "A", "b", "aB", "bb", ""] {
                let found = parsed.get_any_case(key).map(RawValue::get);
                proptest::prop_assert_eq!(member(&json, key), found, "{} in {}", key, json);
            }
        }

        #[test]
        fn any_text_can_be_searched(json in r#"[{}\[\]",:a\\ 1中]{0,24}"#, key in "[a\"]") {
            if let Some(parsed) = Members::parse(&json) {
                proptest::prop_assert_eq!(member(&json, &key), parsed.get_any_case(&key).map(RawValue::get));
            }
            let _ = member(&json, &key);
        }
    }

    #[test]
    fn what_stands_before_the_place_where_an_object_is_broken_is_found() {
        for (json, key, found) in [
            (r#"{"a":1,"n":1754****,"b":2}"#, "n", Some("1754****")),
            (r#"{"a":1,"n":1754****,"b":2}"#, "b", Some("2")),
            (r#"{"A":1,"b":"no end"#, "a", Some("1")),
            (r#"{"A":1,"b":"no end"#, "b", None),
            (r#"{"a":1 "b":2}"#, "b", None),
            (r#"{"a" 1}"#, "a", None),
            (r#"{"a":}"#, "a", None),
            (r#"{a:1,"a":2}"#, "a", None),
            (r#"["a",1]"#, "a", None),
            ("", "a", None),
            ("{", "a", None),
        ] {
            assert_eq!(member(json, key), found, "{key} in {json}");
        }
    }

    #[test]
    fn compact_leaves_strings_alone() {
        for (json, expected) in [
            ("{ \"a b\" :\n[ 1,\t\"c \\\" d\" ] }\r\n", "{\"a b\":[1,\"c \\\" d\"]}"),
            ("{\"中 文\": \"\\\\\" , \"b\": 1}", "{\"中 文\":\"\\\\\",\"b\":1}"),
            ("null", "null"),
        ] {
            assert_eq!(compact(json), expected);
        }
    }

    #[test]
    fn scalars() {
        assert_eq!(scalar_text("\"a\\\"b\"").as_deref(), Some("a\"b"));
        assert_eq!(scalar_text("12345678901234567890123").as_deref(), Some("12345678901234567890123"));
        assert_eq!(scalar_text("null"), None);
        assert_eq!(string("\"\\ud800\""), None);
    }

    proptest::proptest! {
        #[test]
        fn any_string_is_unescaped_as_serde_json_does(
            parts in proptest::collection::vec(("[ !#-\\[\\]-~中\u{1F600}]{0,19}", r#"\\["\\/nrt]|\\[bfx]|\\u4e2d"#), 0..6),
            end in "[ !#-\\[\\]-~中]{0,9}",
        ) {
            let json = format!("\"{}{end}\"", parts.iter().map(|(text, escape)| format!("{text}{escape}")).collect::<String>());
            proptest::prop_assert_eq!(string(&json).map(Cow::into_owned), serde_json::from_str::<String>(&json).ok());
        }
    }

    #[test]
    fn strings_are_unescaped_as_serde_json_does() {
        for json in [
            r#""""#,
            r#""plain""#,
            r#""\\""#,
            r#""\"""#,
            r#""{\"a\":\"b\\\"c\\n\"}""#,
            r#""line\r\n\ttab \/ slash""#,
            r#""\u4e2d\b\f 中\\""#,
            r#""\ud83d\ude00""#,
            r#""a\""#,
            r#""a\x""#,
            r#"""#,
            r#"x"#,
        ] {
            assert_eq!(string(json).map(Cow::into_owned), serde_json::from_str::<String>(json).ok(), "{json}");
        }
    }
}
