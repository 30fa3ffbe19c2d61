//! Reads keys, signs and values as texts write them: JSON, forms, headers, XML, and each of these escaped in another.

use super::LONGEST_KEY;
use crate::event::json::Members;
use crate::event::json::strict;
use crate::event::secret::{fold, key};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The sign between a key and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Colon,
    Equals,
    /// The end of an opening tag.
    Tag,
}

/// A key as it stands before a sign.
#[derive(Debug, Clone)]
pub(super) struct Key<'t> {
    pub(super) text: &'t str,
    /// The quotes around it.
    pub(super) quote: Option<&'t str>,
}

/// Reads the sign at `at` with its length: also as URLs and JSON escape it, and of full width.
pub(super) fn sign_at(text: &str, at: usize) -> Option<(Sign, usize)> {
    let rest = text.get(at..)?;
    let bytes = rest.as_bytes();
    match bytes.first()? {
        b':' if bytes.get(1) == Some(&b'=') => Some((Sign::Equals, 2)),
        b':' => Some((Sign::Colon, 1)),
        b'=' if matches!(bytes.get(1), Some(b'=' | b'>')) => Some((Sign::Equals, 2)),
        b'=' => Some((Sign::Equals, 1)),
        b'>' => Some((Sign::Tag, 1)),
        b'%' => {
            let code = rest.strip_prefix("%25").unwrap_or(&rest[1..]);
            let length = rest.len() - code.len() + 2;
            match code.as_bytes() {
                [b'3', b'a' | b'A', ..] => Some((Sign::Colon, length)),
                [b'3', b'd' | b'D', ..] => Some((Sign::Equals, length)),
                _ => None,
            }
        }
        b'\\' => {
            let code = rest.trim_start_matches('\\');
            let length = rest.len() - code.len() + 5;
            match code.as_bytes() {
                [b'u', b'0', b'0', b'3', digit, ..] => match digit.to_ascii_lowercase() {
                    b'a' => Some((Sign::Colon, length)),
                    b'd' => Some((Sign::Equals, length)),
                    b'e' => Some((Sign::Tag, length)),
                    _ => None,
                },
                _ => None,
            }
        }
        _ if rest.starts_with('：') => Some((Sign::Colon, '：'.len_utf8())),
        _ if rest.starts_with('＝') => Some((Sign::Equals, '＝'.len_utf8())),
        _ => None,
    }
}

/// Returns the end of a text, at most so many bytes, cut so that it holds whole characters.
pub(super) fn tail(text: &str, longest: usize) -> &str {
    let mut from = text.len().saturating_sub(longest);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

/// Quotes as URLs, XML and JSON escape them.
const QUOTES: [&str; 7] = ["%22", "%27", "%5C%22", "&quot;", "&#34;", "&apos;", "&#39;"];

/// Returns the quote that a text ends with, its escapes included.
fn closing_quote(text: &str) -> Option<&str> {
    if let Some(quote) = QUOTES.iter().rev().find(|quote| tail(text, quote.len()).eq_ignore_ascii_case(quote)) {
        return Some(tail(text, quote.len()));
    }
    let before = text.strip_suffix(['"', '\'', '`']).or_else(|| {
        let bare = text.strip_suffix("u0022").or_else(|| text.strip_suffix("u0027"))?;
        bare.ends_with('\\').then_some(bare)
    })?;
    Some(&text[before.trim_end_matches('\\').len()..])
}

/// Returns the quote that a text begins with, its escapes included.
pub(super) fn opening_quote(text: &str) -> Option<&str> {
    let is_quote = |quote: &&&str| text.get(..quote.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(quote));
    if let Some(quote) = QUOTES.iter().find(is_quote) {
        return text.get(..quote.len());
    }
    let bare = text.trim_start_matches('\\');
    let slashes = text.len() - bare.len();
    let length = match bare.as_bytes() {
        [b'"' | b'\'' | b'`', ..] => 1,
        [b'u', b'0', b'0', b'2', b'2' | b'7', ..] if slashes > 0 => 5,
        _ => return None,
    };
    text.get(..slashes + length)
}

/// Reads the key that ends before `at`.
pub(super) fn key_before(text: &str, floor: usize, at: usize) -> Option<Key<'_>> {
    let window = tail(text.get(floor..at)?, LONGEST_KEY);
    let window = window.trim_end_matches(|char: char| char.is_whitespace() || fold::has_no_width(char));
    if let Some(quote) = closing_quote(window) {
        let inside = &window[..window.len() - quote.len()];
        // The same kind of quote stands before it.
        let kind = quote.trim_start_matches('\\');
        let opening = inside.rfind(kind).map(|at| at + kind.len());
        let opening = opening.or_else(|| inside.rfind(['"', '\'', '`']).map(|at| at + 1));
        let key = opening.map_or_else(|| run_before(inside), |opening| &inside[opening..]);
        return (!key.is_empty()).then_some(Key { text: key, quote: Some(quote) });
    }
    let key = run_before(window);
    (!key.is_empty()).then_some(Key { text: key, quote: None })
}

/// Returns the letters and signs at the end of a text that may be those of a key.
fn run_before(text: &str) -> &str {
    let is_part = |char: char| {
        char.is_alphanumeric()
            || matches!(char, '_' | '-' | '.' | '[' | ']' | '%' | '\\' | '/' | '+' | '$' | '@')
            || fold::has_no_width(char)
    };
    &text[text.trim_end_matches(is_part).len()..]
}

/// Reads the name of the tag that ends before `at`.
pub(super) fn tag_before(text: &str, floor: usize, at: usize) -> Option<Key<'_>> {
    let window = tail(text.get(floor..at)?, LONGEST_KEY);
    let begin = window.rfind('<').map(|at| at + 1);
    let begin = begin.or_else(|| window.to_ascii_lowercase().rfind("\\u003c").map(|at| at + "\\u003c".len()))?;
    let tag = &window[begin..];
    let name = tag.split(char::is_whitespace).next()?;
    (!name.is_empty() && !name.starts_with(['/', '!', '?']) && !tag.ends_with('/'))
        .then_some(Key { text: name, quote: None })
}

/// A value as it stands behind a sign.
#[derive(Debug)]
pub(super) struct Value<'t> {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Beginning and end of the text in its quotes.
    inside: (usize, usize),
    pub(super) quote: Option<&'t str>,
}

impl Value<'_> {
    pub(super) fn inner<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.inside.0..self.inside.1).unwrap_or_default()
    }

    /// Returns the value as JSON has it outside of a string, or as it is.
    pub(super) fn secret<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let inner = self.inner(text);
        match self.quote {
            Some(quote) if quote.ends_with('"') => {
                let escape = &quote[..quote.len() - 1];
                let whole = text.get(self.start..self.end).unwrap_or_default();
                if escape.is_empty() { Cow::Borrowed(whole) } else { Cow::Owned(whole.replace(quote, "\"")) }
            }
            _ if inner.contains('%') => Cow::Owned(fold::fold(inner).into_owned()),
            _ => Cow::Borrowed(inner),
        }
    }
}

/// Reads the value that begins at `behind`; `None` if there is none. A value without quotes that is longer than
/// `longest` is not followed to its end, and has that of the text.
pub(super) fn value_after<'t>(
    text: &'t str,
    behind: usize,
    sign: Sign,
    key: &Key<'_>,
    longest: usize,
) -> Option<Value<'t>> {
    let rest = text.get(behind..)?;
    let is_space = |char: char| char.is_whitespace() || fold::has_no_width(char);
    let mut trimmed = rest.trim_start_matches(is_space);
    while let Some(behind_space) = trimmed.strip_prefix("%20") {
        trimmed = behind_space.trim_start_matches(is_space);
    }
    let start = text.len() - trimmed.len();
    if let Some(quote) = opening_quote(trimmed) {
        let inner = start + quote.len();
        let close = closing(&text[inner..], quote);
        let (inner_end, end) =
            close.map_or((text.len(), text.len()), |(close, behind)| (inner + close, inner + behind));
        return Some(Value { start, end: end.min(text.len()), inside: (inner, inner_end), quote: Some(quote) });
    }
    let length = match trimmed.as_bytes().first()? {
        // Nobody can tell where a broken object or list ends.
        b'{' if sign == Sign::Colon => strict::prefix::<Members<'_>>(trimmed).map_or(trimmed.len(), |(_, n)| n),
        b'[' if sign == Sign::Colon => strict::prefix::<Vec<&RawValue>>(trimmed).map_or(trimmed.len(), |(_, n)| n),
        _ => length_of_bare(trimmed, sign, key, longest),
    };
    let bare = trimmed[..length].trim_end();
    let end = start + bare.len();
    (!bare.is_empty()).then_some(Value { start, end, inside: (start, end), quote: None })
}

/// Finds the beginning and the end of the quote that closes what `quote` opened before the beginning of `text`. It may
/// have fewer escapes if the string around the value is over as well.
pub(super) fn closing(text: &str, quote: &str) -> Option<(usize, usize)> {
    let kind = quote.trim_start_matches('\\');
    let opening = quote.len() - kind.len();
    let slashes = |at: usize| at - text[..at].trim_end_matches('\\').len();
    let first = kind.chars().next()?;
    // Escaped quotes are written in either case; only those have letters.
    let mut places = text
        .match_indices(first)
        .map(|(at, _)| at)
        .filter(|at| text.get(*at..at + kind.len()).is_some_and(|found| found.eq_ignore_ascii_case(kind)));
    let closes = |at: &usize| {
        let escaping = slashes(*at);
        escaping <= opening || (opening == 0 && escaping % 2 == 0)
    };
    let found = match first {
        '\'' | '`' | '%' | '&' => places.next(),
        _ => places.find(closes),
    };
    found.map(|at| (at - slashes(at).min(opening), at + kind.len()))
}

/// Keys whose value goes to the end of the line.
const LINES: [&str; 3] = ["authorization", "cookie", "setcookie"];

/// Measures a value without quotes. A sign that ends values may stand in one; so it counts only if no letter follows.
fn length_of_bare(text: &str, sign: Sign, key: &Key<'_>, longest: usize) -> usize {
    let is_line = sign == Sign::Colon && key.quote.is_none() && LINES.contains(&key::last_word(key.text).as_str());
    let ends = |at: usize, char: char| -> bool {
        let rest = &text[at..];
        let begins = |ends: &[&str]| {
            ends.iter().any(|end| rest.get(..end.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(end)))
        };
        let closes = || !rest[char.len_utf8()..].starts_with(char::is_alphanumeric);
        let is_line_end = matches!(char, '\n' | '\r') || begins(&["\\n", "\\r"]);
        match (sign, key.quote) {
            (Sign::Tag, _) => char == '<' || begins(&["\\u003c", "&lt;"]),
            // In JSON a number or a word, up to the next member.
            (Sign::Colon, Some(_)) => match char {
                ',' => is_next(rest, char) || rest[1..].trim_start().starts_with(['"', '\'', '\\', '%', '{', '}', ']']),
                '}' | ']' => closes(),
                _ => is_line_end || begins(&["%2c%22", "%7d", "%5d"]),
            },
            _ if is_line => is_line_end || (char == '"' && closes()),
            (Sign::Colon, None) => {
                is_line_end
                    || (matches!(char, '"' | '}' | ']') && closes())
                    || rest.starts_with("</")
                    || is_next(rest, char)
            }
            (Sign::Equals, _) => {
                let is_close = matches!(char, '"' | '\'' | '`' | '}' | ')' | ']' | '>') && at > 0 && closes();
                char.is_whitespace()
                    || char == '&'
                    || is_close
                    || rest.starts_with("</")
                    || begins(&["\\\"", "\\n", "\\r", "\\u0026", "\\u003c", "%26", "%22"])
                    || is_next(rest, char)
            }
        }
    };
    let mut chars = text.char_indices().take_while(|(at, _)| *at <= longest);
    chars.find(|(at, char)| ends(*at, *char)).map_or(text.len(), |(at, _)| at)
}

/// Returns `true` for a comma or semicolon with another key behind it, or nothing.
fn is_next(rest: &str, char: char) -> bool {
    if !matches!(char, ',' | ';') {
        return false;
    }
    let behind = rest[1..].trim_start();
    let word = behind.trim_start_matches(|char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.'));
    behind.is_empty() || (word.len() < behind.len() && word.trim_start().starts_with(['=', ':', '：', '＝']))
}
