//! The tolerant path: JSON text cut into tokens, whether it is good JSON or not.
//!
//! A broken, cut off or oversized object still says something before the place where it is broken. The scanner follows
//! strings and looks at single bytes outside of them. It never fails, and it matches no brackets: each reader counts
//! what it needs. White space stands between tokens, and every other byte is in exactly one of them.
//!
//! [`Tokens`] serves readers that look at every part: [`compact`], [`indented`], and the search for a list of records
//! in an object that wraps them. [`member`] looks for one key and skips all values with a search for quotes and braces,
//! which queries over parameters depend on.
//!
//! Four scanners are automata of their own, each with a reason:
//!
//! - `export::framing::scan` stops and goes on at any byte of a stream, and proves that a record is broken;
//! - `event::secret::text` reads keys and values in any notation, with escapes of one inside another;
//! - `event::struct_text` and `export::python` read the notations of databases and of Python.

use super::string;
use std::borrow::Cow;

/// The kind of a [`Token`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// `{` or `[`.
    Open,
    /// `}` or `]`.
    Close,
    /// `,`.
    Comma,
    /// `:`.
    Colon,
    /// A string with its quotes; the closing one is missing where the text ends in it.
    String,
    /// A number, a word, or anything else.
    Bare,
}

/// One part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Its kind.
    pub kind: TokenKind,
    /// Its first byte.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
}

/// Cuts a text into [`Token`]s.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    /// Creates a scanner at the beginning of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let start = space_end(self.bytes, self.at);
        let (kind, end) = match self.bytes.get(start)? {
            b'{' | b'[' => (TokenKind::Open, start + 1),
            b'}' | b']' => (TokenKind::Close, start + 1),
            b',' => (TokenKind::Comma, start + 1),
            b':' => (TokenKind::Colon, start + 1),
            b'"' => (TokenKind::String, string_end(self.bytes, start).unwrap_or(self.bytes.len())),
            _ => (TokenKind::Bare, bare_end(self.bytes, start)),
        };
        self.at = end;
        Some(Token { kind, start, end })
    }
}

/// Returns the end of the token that is neither structure nor a string.
fn bare_end(bytes: &[u8], at: usize) -> usize {
    let is_bare =
        |byte: &&u8| !matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"' | b' ' | b'\t' | b'\r' | b'\n');
    at + bytes.get(at..).unwrap_or_default().iter().take_while(is_bare).count()
}

/// Removes white space between tokens, so that JSON fits on one line.
pub fn compact(json: &str) -> Cow<'_, str> {
    let mut out = String::new();
    // Bytes up to `kept` are written or left out; those up to `end` are to be written.
    let (mut kept, mut end) = (0, 0);
    for token in Tokens::new(json.as_bytes()) {
        if token.start > end {
            // White space is ASCII, so the text can be cut before and behind it.
            out.push_str(json.get(kept..end).unwrap_or_default());
            kept = token.start;
        }
        end = token.end;
    }
    if kept == 0 && end == json.len() {
        return Cow::Borrowed(json);
    }
    out.push_str(json.get(kept..end).unwrap_or_default());
    Cow::Owned(out)
}

/// Writes JSON over several lines, two blanks a level. The text stays as it is otherwise: a parsed document would lose
/// the order of its keys and the notation of its numbers.
pub fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0usize;
    let mut tokens = Tokens::new(json.as_bytes()).peekable();
    let break_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(token) = tokens.next() {
        let text = json.get(token.start..token.end).unwrap_or_default();
        match token.kind {
            TokenKind::Open => {
                out.push_str(text);
                match tokens.next_if(|next| next.kind == TokenKind::Close) {
                    Some(close) => out.push_str(json.get(close.start..close.end).unwrap_or_default()),
                    None => {
                        depth += 1;
                        break_line(&mut out, depth);
                    }
                }
            }
            TokenKind::Close => {
                depth = depth.saturating_sub(1);
                break_line(&mut out, depth);
                out.push_str(text);
            }
            TokenKind::Comma => {
                out.push_str(text);
                break_line(&mut out, depth);
            }
            TokenKind::Colon => out.push_str(": "),
            TokenKind::String | TokenKind::Bare => out.push_str(text),
        }
    }
    out
}

/// Returns the value of the member of the object `json` with this key, as [`Members::get_any_case`] finds it, but
/// without looking at the text behind it. It follows strings and braces only, which is several times as fast as taking
/// the object apart. In a broken object it finds the members before the place where that is broken.
///
/// [`Members::get_any_case`]: super::strict::Members::get_any_case
pub fn member<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let bytes = json.as_bytes();
    let mut in_other_letters = None;
    let mut at = space_end(bytes, 0);
    let mut expected = b'{';
    // Whatever breaks off the search leaves what was found in other letters.
    let mut next = || {
        if bytes.get(at) != Some(&expected) {
            return None;
        }
        expected = b',';
        let begin = space_end(bytes, at + 1);
        let end = string_end(bytes, begin)?;
        let colon = space_end(bytes, end);
        let value = space_end(bytes, colon + 1);
        let value_end = value_end(bytes, value).filter(|end| *end > value && bytes.get(colon) == Some(&b':'))?;
        at = space_end(bytes, value_end);
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

/// Returns the end of the white space that begins at `at`.
fn space_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
}

/// Returns the end of the string that begins at `at`; `None` if none does, or if it has no end.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut inside = bytes.get(at).filter(|byte| **byte == b'"').map(|_| at + 1)?;
    loop {
        let found = inside + memchr::memchr2(b'"', b'\\', bytes.get(inside..)?)?;
        if bytes[found] == b'"' {
            return Some(found + 1);
        }
        inside = found + 2;
    }
}

/// Returns the end of the value that begins at `at`.
fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    let (open, close) = match bytes.get(at)? {
        b'"' => return string_end(bytes, at),
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
            b'"' => inside = string_end(bytes, found)?,
            byte if byte == open => depth += 1,
            _ => depth -= 1,
        }
    }
    Some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::json::Members;
    use serde_json::value::RawValue;

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
    fn lines_and_indents_leave_strings_and_numbers_alone() {
        for (json, expected) in [
            ("{}", "{}"),
            (" [ ] ", "[]"),
            ("1.50", "1.50"),
            (
                r#"{"b":1.0,"a":[{"x, y":"{ \" :}"},[]]}"#,
                "{\n  \"b\": 1.0,\n  \"a\": [\n    {\n      \"x, y\": \"{ \\\" :}\"\n    },\n    []\n  ]\n}",
            ),
        ] {
            let found = indented(json);
            assert_eq!(found, expected);
            assert_eq!(compact(&found), compact(json), "{json}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_byte_is_white_space_or_in_one_token(text in r#"[{}\[\]",:a1\\ \n\tn中]{0,40}"#) {
            let mut end = 0;
            for token in Tokens::new(text.as_bytes()) {
                let between = text.get(end..token.start).unwrap();
                proptest::prop_assert!(between.chars().all(|char| matches!(char, ' ' | '\n' | '\t')), "{:?}", between);
                proptest::prop_assert!(token.start < token.end);
                end = token.end;
            }
            proptest::prop_assert!(text.get(end..).unwrap().trim().is_empty());
        }
    }
}
