//! Finds keys and values that stand next to each other in any text.
//!
//! Error texts, user agents, URLs, form bodies, headers, commands, XML and broken JSON have one thing in common: a sign
//! stands between a key and its value. So every such sign is looked at, the key before it is judged, and what follows
//! is masked as far as the notation says; where nobody can tell how far that is, rather too much is masked than too
//! little. JSON that stands in a text is cut out and walked. Beside keys there are sentences and commands
//! ([`sentence`]), and a few secrets that are known by their form ([`forms`]).
//!
//! This is no scanner for JSON: the notation is unknown, and escapes of one notation stand inside another, so it looks
//! at signs and not at structure. Time grows with the length of the text only. Every look ahead or back is bounded, or
//! passes over each part of the text once.

mod forms;
mod notation;
mod sentence;

use super::{Masker, holds_something, key, personal};
use crate::event::json::{Members, strict};
use serde_json::value::RawValue;
use std::borrow::Cow;

use notation::{Key, Sign, key_before, sign_at, tag_before, tail, value_after};

pub(super) use forms::may_hold_user;

/// A part of the text with its replacement.
#[derive(Debug)]
struct Edit {
    start: usize,
    end: usize,
    /// The replacement; `None` for the mark of the part.
    with: Option<String>,
}

/// Masks every secret of a text; the result is owned only if there was one.
pub(super) fn mask<'t>(masker: &Masker, text: &'t str, depth: usize) -> Cow<'t, str> {
    let mut pairs = Pairs {
        masker,
        text,
        depth,
        edits: Vec::new(),
        end: 0,
        named: None,
        value: None,
        attempts: ATTEMPTS,
        word: 0,
        word_seen: 0,
    };
    pairs.scan();
    let mut edits = pairs.edits;
    let plain = |(start, end): (usize, usize)| Edit { start, end, with: None };
    edits.extend(sentence::find(text).into_iter().chain(forms::find(text)).map(plain));
    if masker.hides_personal {
        edits.extend(personal::find(text).into_iter().map(plain));
    }
    applied(masker, text, edits)
}

/// Applies the edits to the text. Where two meet, one mark stands for both.
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
                    last.with = None;
                }
            }
            _ => merged.push(edit),
        }
    }
    let (mut out, mut kept) = (String::with_capacity(text.len()), 0);
    for edit in &merged {
        out.push_str(&text[kept..edit.start]);
        match &edit.with {
            Some(with) => out.push_str(with),
            None => out.push_str(&masker.mark(&text[edit.start..edit.end])),
        }
        kept = edit.end;
    }
    out.push_str(&text[kept..]);
    Cow::Owned(out)
}

/// The words at the end of keys whose value names another value.
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

/// The longest way back from a sign to the beginning of its key.
const LONGEST_KEY: usize = 256;

/// Number of times that JSON is looked for in a text without finding it.
const ATTEMPTS: usize = 32;

/// Bytes in which a name is looked for, and the sign behind it that ends it.
const NAME_WINDOW: usize = 4 * LONGEST_NAME;

/// The longest name that is looked for in the value of a key.
const LONGEST_NAME: usize = 96;

/// Looks at every sign of a text, and keeps the edits for it.
struct Pairs<'m, 't> {
    masker: &'m Masker,
    text: &'t str,
    depth: usize,
    edits: Vec<Edit>,
    /// The end of the last masked value.
    end: usize,
    /// The group of keys of which one named a secret.
    named: Option<String>,
    /// A value that no key has named yet: its group, its key, its beginning and its sign.
    value: Option<(String, Key<'t>, usize, Sign)>,
    attempts: usize,
    /// The beginning of the last word before `word_seen`.
    word: usize,
    /// Bytes that were looked at for beginnings of words.
    word_seen: usize,
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
                    // The other backslashes of a run begin no sign either.
                    None => at + self.text[at..].bytes().take_while(|byte| *byte == b'\\').count().max(1),
                },
                _ => at + 1,
            };
        }
    }

    /// Masks the JSON that begins at `at` and returns its end; `None` if there is none.
    fn embedded(&mut self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        let follows = rest[1..].trim_start().as_bytes().first()?;
        let is_object = rest.starts_with('{');
        let may_be =
            if is_object { matches!(follows, b'"' | b'}') } else { matches!(follows, b'{' | b'[' | b'"' | b']') };
        if !may_be || self.attempts == 0 {
            return None;
        }
        let length = if is_object {
            strict::prefix::<Members<'_>>(rest).map(|(_, length)| length)
        } else {
            strict::prefix::<Vec<&RawValue>>(rest).map(|(_, length)| length)
        };
        let Ok(length) = length else {
            self.attempts -= 1;
            return None;
        };
        if let Cow::Owned(with) = self.masker.mask_json(&rest[..length], self.depth + 1) {
            self.edits.push(Edit { start: at, end: at + length, with: Some(with) });
        }
        self.end = at + length;
        Some(self.end)
    }

    /// Judges the key before a sign; returns the place where the scan goes on.
    fn pair(&mut self, sign: Sign, at: usize, behind: usize) -> usize {
        let key = match sign {
            Sign::Tag => tag_before(self.text, self.end, at),
            Sign::Colon | Sign::Equals => key_before(self.text, self.end, at),
        };
        let Some(key) = key else { return behind };
        let is_secret = match (key.quote, sign) {
            (Some(_), _) | (_, Sign::Tag) => key::is_secret(key.text),
            (None, _) => self.is_secret(&key, sign, at),
        };
        if is_secret {
            return self.hide(&key, sign, behind).unwrap_or(behind);
        }
        let word = key::last_word(key.text);
        let group = || key.text.rsplit_once(['.', '[']).map_or("", |(group, _)| group).to_ascii_lowercase();
        if is_name_key(&word) {
            if self.value_names_secret(&key, sign, behind) {
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

    /// Returns `true` if the value that begins at `behind` is the name of a secret.
    fn value_names_secret(&self, key: &Key<'t>, sign: Sign, behind: usize) -> bool {
        // Every key may be followed by a name, so only the bytes that a name can have are looked at.
        let rest = self.text.get(behind..).unwrap_or_default();
        let start = self.text.len() - rest.trim_start().len();
        let mut end = (start + NAME_WINDOW).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        let text = &self.text[..end];
        value_after(text, behind, sign, key, LONGEST_NAME)
            .filter(|value| value.end - value.start <= LONGEST_NAME)
            .is_some_and(|value| key::names_secret(value.inner(text)))
    }

    /// Returns `true` if the key of a pair, which stands without quotes, names a secret. In a sentence the words before
    /// it belong to it: `secret key`, `client token`.
    fn is_secret(&mut self, key: &Key<'_>, sign: Sign, at: usize) -> bool {
        let name = match sign {
            Sign::Colon => key.text.rsplit('.').find(|part| part.contains(|char: char| !char.is_ascii_digit())),
            _ => None,
        };
        let name = name.unwrap_or(key.text);
        if sign == Sign::Colon {
            let lower = name.to_ascii_lowercase();
            if ERRORS.iter().any(|error| lower.starts_with(error)) || self.is_place(at) {
                return false;
            }
        }
        let sentence = tail(self.text.get(self.end..at).unwrap_or_default(), LONGEST_KEY).trim_end();
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

    /// Returns `true` if the word that ends before `at` is the beginning of a place such as `acs:ram:…`.
    fn is_place(&mut self, at: usize) -> bool {
        if let Some(seen) = self.text.get(self.word_seen..at)
            && let Some((space, char)) = seen.char_indices().rfind(|(_, char)| char.is_whitespace())
        {
            self.word = self.word_seen + space + char.len_utf8();
        }
        self.word_seen = self.word_seen.max(at);
        let word = self.text.get(self.word..at).unwrap_or_default();
        word.starts_with("acs:") || word.starts_with("arn:")
    }

    /// Puts a mark in the place of the value that begins at `behind`; returns the end of the value.
    fn hide(&mut self, key: &Key<'t>, sign: Sign, behind: usize) -> Option<usize> {
        let value = value_after(self.text, behind, sign, key, usize::MAX)?;
        if !holds_something(value.inner(self.text)) {
            return None;
        }
        let mark = self.masker.mark(&value.secret(self.text));
        // In a string in a string the quotes around the key are escaped, and so must be those around the mark.
        let quote = value.quote.or(key.quote.filter(|_| sign == Sign::Colon)).unwrap_or_default();
        self.edits.push(Edit { start: value.start, end: value.end, with: Some(format!("{quote}{mark}{quote}")) });
        self.end = self.end.max(value.end);
        Some(value.end)
    }
}

/// The beginnings of codes that tell of an error, and name no value: `InvalidSecurityToken: …`.
const ERRORS: [&str; 9] =
    ["invalid", "missing", "incorrect", "wrong", "illegal", "expired", "unsupported", "malformed", "unknown"];

/// Words that may end the name of a secret in a sentence.
const ENDS: [&str; 12] =
    ["key", "word", "code", "value", "string", "data", "text", "phrase", "material", "is", "was", "config"];
