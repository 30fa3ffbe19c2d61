//! Finds keys and values that stand next to each other in any text.
//!
//! Error texts, user agents, URLs, form bodies, headers, commands, XML and broken JSON have one thing in common: a sign
//! stands between a key and its value. So every such sign is looked at, the key before it is judged, and what follows is
//! masked as far as the notation says; where nobody can tell how far that is, rather too much is masked than too little.
//! JSON that stands in a text is cut out and walked. Beside keys, a few forms are known for what they are: private keys
//! in PEM, tokens of STS and OIDC, the password in a URL, and what follows the word in a sentence or a command.

use super::{Masker, fold, holds_something, key, personal};
use crate::event::json::Members;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A part of the text, and what stands in its place.
#[derive(Debug)]
struct Edit {
    start: usize,
    end: usize,
    with: String,
}

/// The text with every secret masked; owned only where there was one.
pub(super) fn mask<'t>(masker: &Masker, text: &'t str, depth: usize) -> Cow<'t, str> {
    let mut pairs =
        Pairs { masker, text, depth, edits: Vec::new(), end: 0, named: None, value: None, attempts: ATTEMPTS };
    pairs.scan();
    let mut edits = pairs.edits;
    let plain = |(start, end): (usize, usize)| Edit { start, end, with: masker.mark(&text[start..end]) };
    edits.extend(sentences(text).into_iter().chain(forms(text)).map(plain));
    if masker.hides_personal {
        edits.extend(personal::find(text).into_iter().map(plain));
    }
    applied(masker, text, edits)
}

/// The text with its edits. Where two meet, one mark stands for both.
fn applied<'t>(masker: &Masker, text: &'t str, mut edits: Vec<Edit>) -> Cow<'t, str> {
    if edits.is_empty() {
        return Cow::Borrowed(text);
    }
    edits.sort_by_key(|edit| (edit.start, std::cmp::Reverse(edit.end)));
    let mut merged: Vec<Edit> = Vec::with_capacity(edits.len());
    for edit in edits {
        match merged.last_mut() {
            Some(last) if edit.start < last.end => {
                if edit.end > last.end {
                    last.end = edit.end;
                    last.with = masker.mark(&text[last.start..last.end]);
                }
            }
            _ => merged.push(edit),
        }
    }
    let (mut out, mut kept) = (String::with_capacity(text.len()), 0);
    for edit in &merged {
        out.push_str(&text[kept..edit.start]);
        out.push_str(&edit.with);
        kept = edit.end;
    }
    out.push_str(&text[kept..]);
    Cow::Owned(out)
}

/// The words at the end of keys whose value names what another value is.
const NAME_KEYS: [&str; 18] = [
    "key",
    "keys",
    "name",
    "field",
    "k",
    "n",
    "param",
    "parameter",
    "variable",
    "var",
    "header",
    "option",
    "property",
    "attribute",
    "label",
    "id",
    "title",
    "type",
];

/// The words at the end of keys whose value is named by another.
const VALUE_KEYS: [&str; 10] =
    ["value", "values", "val", "content", "contents", "data", "text", "string", "v", "default"];

/// Returns `true` for the last word of a key whose value may name another value.
pub(super) fn is_name_key(word: &str) -> bool {
    NAME_KEYS.contains(&word)
}

/// Returns `true` for the last word of a key whose value another value may name.
pub(super) fn is_value_key(word: &str) -> bool {
    VALUE_KEYS.contains(&word)
}

/// The sign between a key and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Colon,
    Equals,
    /// The end of an opening tag.
    Tag,
}

/// How often JSON is looked for in a text where there is none.
const ATTEMPTS: usize = 32;

/// The longest name that is looked for in the value of a key.
const LONGEST_NAME: usize = 96;

/// The longest way back from a sign to the beginning of its key.
const LONGEST_KEY: usize = 256;

struct Pairs<'m, 't> {
    masker: &'m Masker,
    text: &'t str,
    depth: usize,
    edits: Vec<Edit>,
    /// Where the last masked value ended.
    end: usize,
    /// The group of keys of which one named a secret.
    named: Option<String>,
    /// A value that no key has named yet: its group, its key, and where it begins.
    value: Option<(String, Key<'t>, usize, Sign)>,
    attempts: usize,
}

/// A key as it stands before a sign.
#[derive(Debug, Clone)]
struct Key<'t> {
    text: &'t str,
    /// The quotes around it.
    quote: Option<&'t str>,
}

impl<'t> Pairs<'_, 't> {
    fn scan(&mut self) {
        let mut at = 0;
        while let Some(byte) = self.text.as_bytes().get(at) {
            at = match byte {
                b'{' | b'[' => self.embedded(at).unwrap_or(at + 1),
                b'}' => {
                    (self.named, self.value) = (None, None);
                    at + 1
                }
                b':' | b'=' | b'>' | b'%' | b'\\' | 0xef => match sign_at(self.text, at) {
                    Some((sign, length)) => self.pair(sign, at, at + length),
                    None => at + 1,
                },
                _ => at + 1,
            };
        }
    }

    /// Walks the JSON that begins at `at`, and gives its end; `None` where there is none.
    fn embedded(&mut self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        let follows = rest[1..].trim_start().as_bytes().first()?;
        let is_object = rest.starts_with('{');
        let may_be =
            if is_object { matches!(follows, b'"' | b'}') } else { matches!(follows, b'{' | b'[' | b'"' | b']') };
        if !may_be || self.attempts == 0 {
            return None;
        }
        let length = if is_object { length_of::<Members<'_>>(rest) } else { length_of::<Vec<&RawValue>>(rest) };
        let Some(length) = length else {
            self.attempts -= 1;
            return None;
        };
        if let Cow::Owned(with) = self.masker.mask_json(&rest[..length], self.depth + 1) {
            self.edits.push(Edit { start: at, end: at + length, with });
        }
        self.end = at + length;
        Some(self.end)
    }

    /// Judges the key before a sign, and gives the place where the scan goes on.
    fn pair(&mut self, sign: Sign, at: usize, behind: usize) -> usize {
        let key = match sign {
            Sign::Tag => tag_before(self.text, self.end, at),
            Sign::Colon | Sign::Equals => key_before(self.text, self.end, at),
        };
        let Some(key) = key else { return behind };
        if is_secret(&key, sign, &self.text[..at], self.end) {
            return self.hide(&key, sign, behind).unwrap_or(behind);
        }
        let word = key::last_word(key.text);
        let group = || key.text.rsplit_once(['.', '[']).map_or("", |(group, _)| group).to_ascii_lowercase();
        if is_name_key(&word) {
            let names = value_after(self.text, behind, sign, &key)
                .filter(|value| value.end - value.start <= LONGEST_NAME)
                .is_some_and(|value| key::names_secret(value.inner(self.text)));
            if names {
                let earlier = self.value.take().filter(|(known, ..)| *known == group());
                self.named = Some(group());
                if let Some((_, key, behind, sign)) = earlier {
                    self.hide(&key, sign, behind);
                }
            } else if self.named.as_ref().is_some_and(|named| *named == group()) {
                self.named = None;
            }
        } else if is_value_key(&word) {
            if self.named.as_ref().is_some_and(|named| *named == group()) {
                return self.hide(&key, sign, behind).unwrap_or(behind);
            }
            self.value = Some((group(), key, behind, sign));
        }
        behind
    }

    /// Puts a mark in the place of the value that begins at `behind`, and gives its end.
    fn hide(&mut self, key: &Key<'t>, sign: Sign, behind: usize) -> Option<usize> {
        let value = value_after(self.text, behind, sign, key)?;
        if !holds_something(value.inner(self.text)) {
            return None;
        }
        let mark = self.masker.mark(&value.secret(self.text));
        // In a string in a string the quotes around the key are escaped, and so must be those around the mark.
        let quote = value.quote.or(key.quote.filter(|_| sign == Sign::Colon)).unwrap_or_default();
        self.edits.push(Edit { start: value.start, end: value.end, with: format!("{quote}{mark}{quote}") });
        self.end = self.end.max(value.end);
        Some(value.end)
    }
}

/// How long the value is that a text begins with.
fn length_of<'t, T: serde::Deserialize<'t>>(text: &'t str) -> Option<usize> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    values.next()?.ok()?;
    Some(values.byte_offset())
}

/// The sign at `at`, and how long it is: also as URLs and JSON escape it, and of full width.
fn sign_at(text: &str, at: usize) -> Option<(Sign, usize)> {
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

/// The end of a text, cut so that it holds whole characters.
fn tail(text: &str, longest: usize) -> &str {
    let mut from = text.len().saturating_sub(longest);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

/// Quotes as URLs, XML and JSON escape them.
const QUOTES: [&str; 7] = ["%22", "%27", "%5C%22", "&quot;", "&#34;", "&apos;", "&#39;"];

/// The quote that a text ends with, its escapes included.
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

/// The quote that a text begins with, its escapes included.
fn opening_quote(text: &str) -> Option<&str> {
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

/// The key that ends before `at`.
fn key_before(text: &str, floor: usize, at: usize) -> Option<Key<'_>> {
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

/// The letters and signs at the end of a text that may be those of a key.
fn run_before(text: &str) -> &str {
    let is_part = |char: char| {
        char.is_alphanumeric()
            || matches!(char, '_' | '-' | '.' | '[' | ']' | '%' | '\\' | '/' | '+' | '$' | '@')
            || fold::has_no_width(char)
    };
    &text[text.trim_end_matches(is_part).len()..]
}

/// The name of the tag that ends before `at`.
fn tag_before(text: &str, floor: usize, at: usize) -> Option<Key<'_>> {
    let window = tail(text.get(floor..at)?, LONGEST_KEY);
    let begin = window.rfind('<').map(|at| at + 1);
    let begin = begin.or_else(|| window.to_ascii_lowercase().rfind("\\u003c").map(|at| at + "\\u003c".len()))?;
    let tag = &window[begin..];
    let name = tag.split(char::is_whitespace).next()?;
    (!name.is_empty() && !name.starts_with(['/', '!', '?']) && !tag.ends_with('/'))
        .then_some(Key { text: name, quote: None })
}

/// The beginnings of codes that tell of an error, and name no value: `InvalidSecurityToken: …`.
const ERRORS: [&str; 9] =
    ["invalid", "missing", "incorrect", "wrong", "illegal", "expired", "unsupported", "malformed", "unknown"];

/// Returns `true` where the key of a pair names a secret. In a sentence the words before it belong to it: `secret key`,
/// `client token`.
fn is_secret(found: &Key<'_>, sign: Sign, before: &str, floor: usize) -> bool {
    if found.quote.is_some() || sign == Sign::Tag {
        return key::is_secret(found.text);
    }
    let name = match sign {
        Sign::Colon => found.text.rsplit('.').find(|part| part.contains(|char: char| !char.is_ascii_digit())),
        _ => None,
    };
    let name = name.unwrap_or(found.text);
    if sign == Sign::Colon {
        let lower = name.to_ascii_lowercase();
        let is_place = before.rfind(char::is_whitespace).map_or(before, |at| &before[at..]).trim_start();
        if ERRORS.iter().any(|error| lower.starts_with(error))
            || is_place.starts_with("acs:")
            || is_place.starts_with("arn:")
        {
            return false;
        }
    }
    let sentence = tail(before.get(floor..).unwrap_or_default(), LONGEST_KEY).trim_end();
    let words = |most: usize| -> String {
        let words = sentence.rsplit([' ', '\t', '+']).take(most).collect::<Vec<_>>();
        let words = words.into_iter().take_while(|word| {
            !word.is_empty()
                && word.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | '\\' | '%'))
        });
        words.collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" ")
    };
    if key::is_secret(name) {
        let two = words(2);
        return two.is_empty() || !two.contains(' ') || key::is_secret(&two);
    }
    let last = key::last_word(name);
    ENDS.contains(&last.as_str()) && [2, 3].iter().any(|most| key::is_secret(&words(*most)))
}

/// Words that may end the name of a secret in a sentence.
const ENDS: [&str; 12] =
    ["key", "word", "code", "value", "string", "data", "text", "phrase", "material", "is", "was", "config"];

/// A value as it stands behind a sign.
#[derive(Debug)]
struct Found<'t> {
    start: usize,
    end: usize,
    /// Where what is in its quotes begins and ends.
    inside: (usize, usize),
    quote: Option<&'t str>,
}

impl Found<'_> {
    fn inner<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.inside.0..self.inside.1).unwrap_or_default()
    }

    /// The value as JSON has it where it does not stand in a string, or as it is.
    fn secret<'t>(&self, text: &'t str) -> Cow<'t, str> {
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

/// The value that begins at `behind`; `None` where there is none.
fn value_after<'t>(text: &'t str, behind: usize, sign: Sign, key: &Key<'_>) -> Option<Found<'t>> {
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
        return Some(Found { start, end: end.min(text.len()), inside: (inner, inner_end), quote: Some(quote) });
    }
    let length = match trimmed.as_bytes().first()? {
        // Nobody can tell where a broken object or list ends.
        b'{' if sign == Sign::Colon => length_of::<Members<'_>>(trimmed).unwrap_or(trimmed.len()),
        b'[' if sign == Sign::Colon => length_of::<Vec<&RawValue>>(trimmed).unwrap_or(trimmed.len()),
        _ => length_of_bare(trimmed, sign, key),
    };
    let bare = trimmed[..length].trim_end();
    let end = start + bare.len();
    (!bare.is_empty()).then_some(Found { start, end, inside: (start, end), quote: None })
}

/// Where the quote begins and ends that closes what `quote` opened before the beginning of `text`. It may have fewer escapes
/// where the string around the value is over as well.
fn closing(text: &str, quote: &str) -> Option<(usize, usize)> {
    let kind = quote.trim_start_matches('\\');
    let opening = quote.len() - kind.len();
    let slashes = |at: usize| at - text[..at].trim_end_matches('\\').len();
    let lower = if kind.len() > 1 { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) };
    let kind = kind.to_ascii_lowercase();
    let mut places = lower.match_indices(&kind).map(|(at, _)| at);
    let closes = |at: &usize| {
        let escaping = slashes(*at);
        escaping <= opening || (opening == 0 && escaping % 2 == 0)
    };
    if kind == "'" || kind == "`" || kind.starts_with(['%', '&']) {
        return places.next().map(|at| (at - slashes(at).min(opening), at + kind.len()));
    }
    places.find(closes).map(|at| (at - slashes(at).min(opening), at + kind.len()))
}

/// Keys whose value goes to the end of the line.
const LINES: [&str; 3] = ["authorization", "cookie", "setcookie"];

/// How long a value without quotes is. A sign that ends values may stand in one; so it counts only where no letter follows.
fn length_of_bare(text: &str, sign: Sign, key: &Key<'_>) -> usize {
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
    text.char_indices().find(|(at, char)| ends(*at, *char)).map_or(text.len(), |(at, _)| at)
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

/// Values that a sentence or a command names without a sign: `bad password hunter2`, `--password x`, `Bearer x`.
fn sentences(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let words: Vec<(usize, &str)> = words_of(text).collect();
    for (at, (_, word)) in words.iter().enumerate() {
        let bare = word.trim_start_matches(['(', '[', '<', '"', '\'']);
        let is_flag = bare.starts_with('-');
        let name = bare.trim_start_matches('-');
        if name.ends_with([':', '=', ',', ';', '.', '：', '＝', '"', '\'']) || name.is_empty() {
            continue;
        }
        let before = at.checked_sub(1).and_then(|before| words.get(before)).map_or("", |(_, word)| *word);
        let is_scheme = ["bearer", "basic"].iter().any(|scheme| scheme.eq_ignore_ascii_case(name));
        let is_identified = name.eq_ignore_ascii_case("by") && before.eq_ignore_ascii_case("identified");
        if !(is_scheme || is_identified || names_secret(name, before, is_flag)) {
            continue;
        }
        let skips = |word: &str| ["is", "was"].iter().any(|skipped| skipped.eq_ignore_ascii_case(word));
        let next = words[at + 1..].iter().find(|(_, word)| !skips(word));
        let Some((start, value)) = next else { continue };
        if let Some(quote) = opening_quote(value) {
            let inner = start + quote.len();
            let end = closing(&text[inner..], quote).map_or(text.len(), |(end, _)| inner + end);
            if inner < end {
                found.push((inner, end));
            }
            continue;
        }
        let value = value.trim_end_matches(['.', ',', ';', ':', ')', ']', '>', '"', '\'', '}']);
        let is_secret = match () {
            () if is_flag => !value.starts_with('-'),
            () if is_scheme => value.len() >= 8 && !value.contains([':', '=']) || value.len() >= 16,
            () if is_identified => !value.eq_ignore_ascii_case("password"),
            () => looks_random(value),
        };
        if is_secret && !value.is_empty() && !value.ends_with("://") {
            found.push((*start, start + value.len()));
        }
    }
    found
}

/// The words of a text with their places.
fn words_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + (rest.len() - rest.trim_start().len());
        let word = text.get(start..)?.split(char::is_whitespace).next()?;
        at = start + word.len();
        (!word.is_empty()).then_some((start, word))
    })
}

/// Returns `true` for a word that names a secret, with the word before it.
fn names_secret(name: &str, before: &str, is_flag: bool) -> bool {
    if name.len() > LONGEST_NAME || name.contains([':', '=', '{', '<', '"', '&']) {
        return false;
    }
    // A sentence about a secret names that by its name: `the secret db-1 is not there`.
    let is_subject =
        ["secret", "secrets", "signature", "cookie", "seed"].iter().any(|word| word.eq_ignore_ascii_case(name));
    let joined = format!("{before} {name}");
    if is_flag || (key::is_secret(name) && !is_subject) {
        return key::is_secret(name)
            && (is_flag || !before.chars().all(char::is_alphanumeric) || key::is_secret(&joined));
    }
    ENDS[..4].contains(&name.to_ascii_lowercase().as_str()) && key::is_secret(&joined)
}

/// Returns `true` for a word that is none of a language: letters with digits among them, or many digits.
fn looks_random(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let has_others = word.chars().any(|char| !char.is_ascii_digit());
    let is_mark = word.starts_with(super::MARK);
    !is_mark
        && word.len() >= 4
        && ((digits > 0 && has_others) || digits >= 6 || word.contains(['!', '#', '$', '%', '^', '&']))
}

/// What is a secret by its form.
fn forms(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (at, begin) in text.match_indices("-----BEGIN") {
        let header = &text[at + begin.len()..];
        let Some(end) = header.find("-----").filter(|end| *end < 64) else { continue };
        if header[..end].contains("PRIVATE") {
            let start = at + begin.len() + end + "-----".len();
            let end = text[start..].find("-----END").map_or(text.len(), |end| start + end);
            if text[start..end].contains(|char: char| char.is_ascii_alphanumeric()) {
                found.push((start, end));
            }
        }
    }
    for (at, sign) in text.match_indices("://").chain(text.match_indices(":\\/\\/")) {
        let start = at + sign.len();
        if let Some((from, to)) = user_password(&text.as_bytes()[start..]) {
            found.push((start + from, start + to));
        }
    }
    let run = |at: usize, is_part: fn(char) -> bool| {
        let rest = &text[at..];
        at + (rest.len() - rest.trim_start_matches(is_part).len())
    };
    let mut end = 0;
    for (at, _) in text.match_indices("eyJ") {
        if at < end {
            continue;
        }
        end = run(at, |char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.' | '='));
        let token = text[at..end].trim_end_matches('.');
        if token.split('.').nth(1).is_some_and(|claims| claims.starts_with("eyJ")) {
            found.push((at, end));
        }
    }
    let mut end = 0;
    for (at, _) in text.match_indices("CAIS") {
        if at < end {
            continue;
        }
        end = run(at, |char| char.is_ascii_alphanumeric() || matches!(char, '+' | '/' | '=' | '%' | '_' | '-'));
        if end - at >= SHORTEST_STS_TOKEN {
            found.push((at, end));
        }
    }
    found
}

/// Tokens of STS have some hundreds of letters.
const SHORTEST_STS_TOKEN: usize = 64;

/// The longest name of a user and password that a URL may have.
const LONGEST_USER: usize = 512;

/// Returns `true` where what follows `://` may begin with a user and a password.
pub(super) fn may_hold_user(bytes: &[u8]) -> bool {
    bytes.iter().take(LONGEST_USER).take_while(|byte| !byte.is_ascii_whitespace()).any(|byte| *byte == b'@')
}

/// Where the password stands in what follows `://`.
fn user_password(bytes: &[u8]) -> Option<(usize, usize)> {
    let is_part = |byte: &&u8| !byte.is_ascii_whitespace() && !matches!(**byte, b'"' | b'?' | b'#' | b'<' | b'>');
    let length = bytes.iter().take(LONGEST_USER).take_while(is_part).count();
    let authority = bytes.get(..length)?;
    let slash = authority.iter().position(|byte| *byte == b'/').unwrap_or(length);
    // A slash may stand in a password that nobody escaped, but then no `@` stands before it.
    let at = authority[..slash].iter().rposition(|byte| *byte == b'@');
    let at = at.or_else(|| authority.iter().position(|byte| *byte == b'@'))?;
    let colon = authority[..at].iter().position(|byte| *byte == b':')?;
    let is_user = !authority[..colon].contains(&b'/') && colon + 1 < at;
    is_user.then_some((colon + 1, at))
}
