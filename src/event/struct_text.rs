//! Struct texts: objects as databases and languages print them, turned into JSON.
//!
//! DuckDB writes a struct as `{'type': root-account, 'accountId': 1000000000000001}` and a map as
//! `{type=root-account}`, as Trino, Hive and Java do. Python writes `{'type': 'root-account', 'mfa': None}`. Quotes
//! stand around a text only where its writer thought them necessary, and types are lost: only what is plainly a number
//! or a truth value becomes one. A number of more than 15 digits stays a text, since it is an id.
//!
//! The notation is ambiguous, so the reader is strict: a text that it cannot read to its end is `None`, and nothing is
//! guessed. It is no JSON, so the reader is its own; JSON inside a struct text is left to [`json::strict`].

use super::json::{self, push_string};
use serde::de::IgnoredAny;

/// Deepest nesting of structs and lists.
const MAX_DEPTH: usize = 64;

/// Longest key; what is longer is text.
const MAX_KEY_BYTES: usize = 256;

/// Most digits of a number; ids of accounts have 16.
const MAX_NUMBER_DIGITS: usize = 15;

/// Turns a struct text, or a list of them, into JSON. Returns `None` where `text` is not plainly such a text; JSON
/// itself is none.
///
/// Members without a value (`NULL`, `None`) are left out: a table gives every row each key that any row has.
pub fn to_json(text: &str) -> Option<String> {
    let text = text.trim();
    let inside = text.strip_prefix('[').map_or(text, str::trim_start);
    // An empty struct is JSON, and so is everything whose first key stands in double quotes.
    if !inside.starts_with('{') {
        return None;
    }
    let mut reader = Reader { text, at: 0, out: String::with_capacity(text.len() + 16) };
    let has_value = if text.starts_with('[') { reader.list(0)? } else { reader.members(0)? };
    (has_value && reader.at == text.len()).then_some(reader.out)
}

/// Reads a text from its beginning and writes JSON.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    out: String,
}

/// The sign between a key and its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    /// `'key': value`
    Colon,
    /// `key=value`
    Equals,
}

/// The surroundings of an unquoted value.
#[derive(Clone, Copy)]
enum Around {
    Struct(Separator),
    List,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, char: char) -> bool {
        let found = self.rest().starts_with(char);
        if found {
            self.at += char.len_utf8();
        }
        found
    }

    /// Reads the struct that begins here.
    fn members(&mut self, depth: usize) -> Option<bool> {
        if depth > MAX_DEPTH || !self.take('{') {
            return None;
        }
        self.out.push('{');
        self.skip_space();
        if self.take('}') {
            self.out.push('}');
            // `{}` alone is JSON; inside it is a value like any other.
            return Some(depth > 0);
        }
        let (_, separator, _) = key(self.rest())?;
        let mut is_first = true;
        loop {
            self.skip_space();
            let (name, found, length) = key(self.rest())?;
            if found != separator {
                return None;
            }
            self.at += length;
            let before = self.out.len();
            if !is_first {
                self.out.push(',');
            }
            push_string(&mut self.out, &name);
            self.out.push(':');
            if self.value(Around::Struct(separator), depth)? {
                is_first = false;
            } else {
                self.out.truncate(before);
            }
            self.skip_space();
            if self.take('}') {
                self.out.push('}');
                return Some(true);
            }
            if !self.take(',') {
                return None;
            }
        }
    }

    /// Reads the list that begins here.
    fn list(&mut self, depth: usize) -> Option<bool> {
        if depth > MAX_DEPTH || !self.take('[') {
            return None;
        }
        self.out.push('[');
        self.skip_space();
        if self.take(']') {
            self.out.push(']');
            return Some(true);
        }
        loop {
            if !self.value(Around::List, depth)? {
                self.out.push_str("null");
            }
            self.skip_space();
            if self.take(']') {
                self.out.push(']');
                return Some(true);
            }
            if !self.take(',') {
                return None;
            }
            self.out.push(',');
        }
    }

    /// Reads one value; returns `false` for one that says there is none, for which nothing is written.
    fn value(&mut self, around: Around, depth: usize) -> Option<bool> {
        self.skip_space();
        match self.rest().as_bytes().first()? {
            b'{' | b'[' => {
                if let Some(length) = json_length(self.rest()) {
                    let json = self.rest().get(..length)?;
                    self.out.push_str(&json::compact(json));
                    self.at += length;
                    return Some(true);
                }
                if self.rest().starts_with('{') { self.members(depth + 1) } else { self.list(depth + 1) }
            }
            b'\'' | b'"' if self.is_quoted() => {
                let (text, length) = quoted(self.rest())?;
                push_string(&mut self.out, &text);
                self.at += length;
                Some(true)
            }
            _ => {
                let length = bare_length(self.rest(), around)?;
                let text = self.rest().get(..length)?.trim();
                self.at += length;
                Some(self.push_bare(text))
            }
        }
    }

    /// Returns `true` if the text in quotes that begins here is a whole value. Older writers put no quotes around a
    /// text that has them itself.
    fn is_quoted(&self) -> bool {
        quoted(self.rest()).is_some_and(|(_, length)| {
            let behind = self.rest().get(length..).unwrap_or_default();
            behind.trim_start().starts_with([',', '}', ']'])
        })
    }

    fn push_bare(&mut self, text: &str) -> bool {
        match text {
            "NULL" | "null" | "None" => return false,
            "true" | "True" => self.out.push_str("true"),
            "false" | "False" => self.out.push_str("false"),
            number if is_number(number) => self.out.push_str(number),
            text => push_string(&mut self.out, text),
        }
        true
    }
}

/// The key at the beginning of `text`, how it is held apart from its value, and the length of both.
fn key(text: &str) -> Option<(String, Separator, usize)> {
    let (name, length) = if text.starts_with(['\'', '"']) {
        quoted(text)?
    } else {
        let length = text.bytes().take_while(|byte| is_key_byte(*byte)).take(MAX_KEY_BYTES + 1).count();
        (text.get(..length)?.to_owned(), length)
    };
    if length == 0 || length > MAX_KEY_BYTES {
        return None;
    }
    let behind = text.get(length..)?;
    let is_single_quoted = text.starts_with('\'');
    if behind.starts_with('=') && !text.starts_with('"') {
        return Some((name, Separator::Equals, length + 1));
    }
    let colon = behind.trim_start();
    // A bare key before a colon is some other notation, and one in double quotes is JSON.
    (is_single_quoted && colon.starts_with(':'))
        .then(|| (name, Separator::Colon, length + behind.len() - colon.len() + 1))
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$' | b'@' | b'/' | b'*' | b'#' | b':')
}

/// The text in quotes at the beginning of `text`, and how long it is with them.
fn quoted(text: &str) -> Option<(String, usize)> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => {
                let (_, escaped) = chars.next()?;
                match escaped {
                    'n' => out.push('\n'),
                    'r' => out.push('\r'),
                    't' => out.push('\t'),
                    'x' => out.push(code_point(&mut chars, 2)?),
                    'u' => out.push(code_point(&mut chars, 4)?),
                    'U' => out.push(code_point(&mut chars, 8)?),
                    escaped => out.push(escaped),
                }
            }
            end if end == quote => return Some((out, at + 1)),
            char => out.push(char),
        }
    }
    None
}

fn code_point(chars: &mut impl Iterator<Item = (usize, char)>, digits: usize) -> Option<char> {
    let mut code = 0u32;
    for _ in 0..digits {
        let (_, digit) = chars.next()?;
        code = code.checked_mul(16)?.checked_add(digit.to_digit(16)?)?;
    }
    char::from_u32(code)
}

/// The length of the JSON object or list at the beginning of `text`, where what follows may follow a value. `{}` and
/// `[]` are the same in both notations.
fn json_length(text: &str) -> Option<usize> {
    // Only a key or a text in double quotes, or another bracket, tells of JSON; `[1, 2]` is left to the list.
    let inside = text.get(1..)?.trim_start();
    if !inside.starts_with('"') {
        return None;
    }
    let (IgnoredAny, length) = json::strict::prefix(text).ok()?;
    text.get(length..)?.trim_start().starts_with([',', '}', ']']).then_some(length)
}

/// The length of the value without quotes at the beginning of `text`. A comma ends it only where a member follows, and
/// a brace only where something else ends or follows: some writers put no quotes around a text that has these.
fn bare_length(text: &str, around: Around) -> Option<usize> {
    let mut from = 0;
    loop {
        let found = match around {
            Around::Struct(_) => memchr::memchr2(b',', b'}', text.as_bytes().get(from..)?)?,
            Around::List => memchr::memchr2(b',', b']', text.as_bytes().get(from..)?)?,
        };
        let at = from + found;
        let Around::Struct(separator) = around else { return Some(at) };
        let behind = text.get(at + 1..)?.trim_start();
        if text.as_bytes()[at] == b'}' {
            if behind.is_empty() || behind.starts_with([',', '}', ']', '{', '[']) {
                return Some(at);
            }
        } else if key(behind).is_some_and(|(_, found, _)| found == separator) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Returns `true` for what JSON takes for a number, and what is too short for an id.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole)
        && fraction.is_none_or(all_digits)
        && (whole == "0" || !whole.starts_with('0'))
        && whole.len() + fraction.map_or(0, str::len) <= MAX_NUMBER_DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn struct_texts_become_json() {
        for (text, expected) in [
            (
                "{'type': root-account, 'accountId': 1000000000000001}",
                r#"{"type":"root-account","accountId":"1000000000000001"}"#,
            ),
            (
                "{'userName': 'al, ice', 'sessionContext': {'attributes': {'creationDate': '2026-11-03 01:00', \
                 'mfa': true}}}",
                r#"{"userName":"al, ice","sessionContext":{"attributes":{"creationDate":"2026-11-03 01:00","mfa":true}}}"#,
            ),
            // Members that other rows have.
            (
                "{'Name': plain, 'Size': NULL, 'List': [a, 'b, c', NULL]}",
                r#"{"Name":"plain","List":["a","b, c",null]}"#,
            ),
            ("{'Name': NULL}", "{}"),
            ("{'Size': NULL, 'Name': x}", r#"{"Name":"x"}"#),
            (
                r#"{'Name': 'it\'s, a {test} "q" \\ x', 'Empty': ''}"#,
                r#"{"Name":"it's, a {test} \"q\" \\ x","Empty":""}"#,
            ),
            ("{'a': , 'b': x}", r#"{"a":"","b":"x"}"#),
            // Numbers.
            (
                "{'a': 10, 'b': -1.5, 'c': 007, 'd': 123456789012345, 'e': 1234567890123456}",
                r#"{"a":10,"b":-1.5,"c":"007","d":123456789012345,"e":"1234567890123456"}"#,
            ),
            (
                "{'a': 1., 'b': .5, 'c': 1e5, 'd': -, 'e': 0, 'f': '5'}",
                r#"{"a":"1.","b":".5","c":"1e5","d":"-","e":0,"f":"5"}"#,
            ),
            // No quotes around a text with commas, quotes or colons.
            ("{'a': one, two, three, 'b': it's}", r#"{"a":"one, two, three","b":"it's"}"#),
            (
                "{'Name': it's, a {test} \"q\" \\ x, 'Size': 10, 'Empty': }",
                r#"{"Name":"it's, a {test} \"q\" \\ x","Size":10,"Empty":""}"#,
            ),
            ("{'at': 2026-11-03 01:39:09, 'b': 'x' or 'y'}", r#"{"at":"2026-11-03 01:39:09","b":"'x' or 'y'"}"#),
            // Maps, and the notation of Java.
            (
                "{type=root-account, accountId=1000000000000001}",
                r#"{"type":"root-account","accountId":"1000000000000001"}"#,
            ),
            (
                "{Tag.1.Key=k=v==, url=https://a.b/?c=d&e=f,g}",
                r#"{"Tag.1.Key":"k=v==","url":"https://a.b/?c=d&e=f,g"}"#,
            ),
            ("{a={b=c, d=null}, e=[1, {f=g}]}", r#"{"a":{"b":"c"},"e":[1,{"f":"g"}]}"#),
            // Python.
            (
                "{'a': None, 'b': True, 'c': \"it's\", 'd': '\\u4e8b\\x41\\n', 'e': {}}",
                "{\"b\":true,\"c\":\"it's\",\"d\":\"\u{4e8b}A\\n\",\"e\":{}}",
            ),
            ("[{'a': b}, {'a': c}]", r#"[{"a":"b"},{"a":"c"}]"#),
            // JSON inside.
            (r#"{'a': {"b": ["c"]}, 'd': ["e"], 'f': []}"#, r#"{"a":{"b":["c"]},"d":["e"],"f":[]}"#),
            ("  {'a':b}\n", r#"{"a":"b"}"#),
            ("{'事件': 查询, 'b': c}", r#"{"事件":"查询","b":"c"}"#),
        ] {
            let found = to_json(text);
            assert_eq!(found.as_deref(), Some(expected), "{text}");
            assert!(serde_json::from_str::<serde_json::Value>(expected).is_ok(), "{expected}");
        }
    }

    #[test]
    fn other_texts_are_left() {
        let deep = format!("{}x{}", "{'a': ".repeat(100_000), "}".repeat(100_000));
        let many_commas = format!("{{'a': {}", ", b".repeat(100_000));
        for text in [
            "",
            "{",
            "{}",
            "[]",
            "[1, 2]",
            "null",
            "root-account",
            "{root-account, 1}",
            "{'a'}",
            "{'a': b",
            "{'a': b} c",
            "{\"a\": \"b\"}",
            "{\"a\": 'b'}",
            "{a: b}",
            "{'a': b}{'a': c}",
            "{'': b",
            "{'a': [b}",
            "{'a': }}",
            "{{'a': b}}",
            "['a', 'b']",
            &deep,
            &many_commas,
        ] {
            assert_eq!(to_json(text), None, "{}", text.get(..60).unwrap_or(text));
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_json_or_nothing(text in "[\\[{'\"a0N=:,. \\\\}\\]]{0,40}") {
            for text in [text.clone(), format!("{{'a': {text}}}"), format!("{{a={text}}}")] {
                if let Some(json) = to_json(&text) {
                    prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{} from {}", json, text);
                }
            }
        }

        #[test]
        fn values_come_back(name in "[a-zA-Z][a-zA-Z0-9_.-]{0,10}", value in "[ -~\u{e9}]{0,20}") {
            let quoted = format!("{{'{name}': '{}'}}", value.replace('\\', "\\\\").replace('\'', "\\'"));
            let expected = serde_json::json!({ name: value }).to_string();
            prop_assert_eq!(to_json(&quoted), Some(expected));
        }
    }
}
