//! JSON text: its [strict](strict) path, its [tolerant](tokenizer) path, and the forms in which values are written.

pub mod strict;
pub mod tokenizer;

pub use strict::Members;
pub use tokenizer::{compact, member};

use std::borrow::Cow;

/// Reads the text of a JSON string, borrowed unless it holds an escape; `None` if `json` is not a string, or holds half
/// of a surrogate pair, which no text can hold.
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

/// Reads a scalar as text: a string without its quotes, a number or boolean as written; `None` for null, objects and
/// arrays.
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
