//! Finds secrets in what events carry, and puts marks in their place.
//!
//! AssumeRole answers with a fresh secret, CreateAccessKey with a long-term one, parameters hold passwords, and a URL
//! in an error text holds a signature. They stay in the lake as evidence; every answer shows a mark in their place
//! unless the user asks for them. What holds no secret comes out as it went in, byte for byte.
//!
//! The rule is about keys ([`key`]): where one names a secret, its value never appears, whatever notation the two stand
//! in. Values that are JSON are walked ([`Masker::mask`]), JSON in strings in strings too; anything else, and JSON that
//! is broken, is read as text in which keys and values stand next to each other ([`text`]). A few secrets are known
//! without a key, by their form. Base64, compression and encryption are not undone: what stands in them is found only
//! where the key around it names a secret.
//!
//! The mark is `***` and a fingerprint. Values that differ only in a secret stay different, so that counts, groups,
//! joins and DISTINCT over masked columns are right although no question ever sees a secret. The fingerprint is keyed
//! ([`Masker`]): who has an answer, and no lake, cannot tell whether a password that they guess is the one.
//!
//! Nearly every value holds no secret. [`may_hold_secret`] tells in one scan, and is a superset of the rule.

mod fold;
mod key;
mod personal;
mod text;

use super::json::{self, Members};
use aho_corasick::{AhoCorasick, Input};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::LazyLock;

pub use fold::has_no_width;
pub use key::is_secret as is_secret_key;

/// The mark of a value that is nested too deeply to be looked into, as JSON.
const MASK: &str = "\"***\"";

/// The beginning of every mark.
pub const MARK: &str = "***";

/// Letters of a fingerprint: 48 bits.
const FINGERPRINT_LETTERS: usize = 12;

/// Values nested deeper than this are masked whole.
const MAX_DEPTH: usize = 64;

/// The maker of the marks that stand in the place of secrets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Masker {
    /// Without a key, secrets have no fingerprint.
    key: Option<[u8; 32]>,
    /// Hides e-mail addresses and telephone numbers too.
    hides_personal: bool,
}

impl Masker {
    /// Marks without a fingerprint.
    pub const PLAIN: Self = Self { key: None, hides_personal: false };

    /// Creates a masker whose fingerprints have a key that is derived from `material`, which only holders of the lake
    /// know.
    pub fn keyed(material: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(b"trailql fingerprints of secrets\0").chain_update(material).finalize();
        Self { key: Some(digest.into()), hides_personal: false }
    }

    /// Returns the same masker, which hides e-mail addresses and telephone numbers too.
    pub fn with_personal(self) -> Self {
        Self { hides_personal: true, ..self }
    }

    /// Returns `true` if e-mail addresses and telephone numbers are hidden too.
    pub fn hides_personal(&self) -> bool {
        self.hides_personal
    }

    /// Returns the mark of a secret, which is given as JSON; without quotes.
    fn mark(&self, secret: &str) -> String {
        let Some(key) = self.key else { return MARK.to_owned() };
        // However the text was escaped, the secret is the same.
        let plain = json::string(secret.trim());
        let plain = plain.as_deref().unwrap_or(secret);
        let digest = Sha256::new().chain_update(key).chain_update(plain).finalize();
        let mut mark = MARK.to_owned();
        for byte in digest.iter().take(FINGERPRINT_LETTERS / 2) {
            // Writing to a String cannot fail.
            let _ = write!(mark, "{byte:02x}");
        }
        mark
    }

    /// Returns the mark of a secret as a JSON string.
    fn quoted_mark(&self, secret: &str) -> String {
        format!("\"{}\"", self.mark(secret))
    }

    /// Masks every secret of a text; the result is owned only if there was one.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.mask_text(text, 0)
    }

    /// Masks every secret of bytes; the result is owned only if there was one. Text in UTF-16 is read as such and comes
    /// back in UTF-8.
    pub fn mask_bytes<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        let text = match utf16(bytes) {
            Some(text) => Cow::Owned(text),
            None => String::from_utf8_lossy(bytes),
        };
        match self.mask(&text) {
            Cow::Owned(masked) => Cow::Owned(masked.into_bytes()),
            Cow::Borrowed(_) => Cow::Borrowed(bytes),
        }
    }

    /// Returns `true` if a text may hold something to hide; cheap for nearly all that does not.
    pub fn may_hold(&self, text: &str) -> bool {
        may_hold_secret(text) || (self.hides_personal && personal::may_hold(text))
    }

    fn mask_text<'t>(&self, text: &'t str, depth: usize) -> Cow<'t, str> {
        if !self.may_hold(text) {
            return Cow::Borrowed(text);
        }
        if depth > MAX_DEPTH {
            return Cow::Owned(MASK.to_owned());
        }
        match text.trim_start().as_bytes().first() {
            Some(b'{' | b'[' | b'"') => self.mask_json(text, depth),
            _ => text::mask(self, text, depth),
        }
    }

    /// Masks a JSON value, or what was to be one.
    fn mask_json<'t>(&self, json: &'t str, depth: usize) -> Cow<'t, str> {
        if depth > MAX_DEPTH {
            return Cow::Owned(MASK.to_owned());
        }
        match json.trim_start().as_bytes().first() {
            Some(b'{') => self.mask_object(json, depth),
            Some(b'[') => match json::strict::elements(json) {
                Ok(items) => {
                    let masked: Vec<_> = items.iter().map(|item| self.mask_json(item.get(), depth + 1)).collect();
                    if masked.iter().all(|item| matches!(item, Cow::Borrowed(_))) {
                        return Cow::Borrowed(json);
                    }
                    Cow::Owned(format!("[{}]", masked.join(",")))
                }
                Err(_) => text::mask(self, json, depth),
            },
            Some(b'"') => match json::string(json.trim()) {
                Some(inside) => requoted(json, self.mask_text(&inside, depth + 1)),
                None => match lenient_string(json) {
                    Some(inside) => requoted(json, self.mask_text(&inside, depth + 1)),
                    None => text::mask(self, json, depth),
                },
            },
            Some(b'0'..=b'9' | b'-') if self.hides_personal && personal::is_number(json.trim()) => {
                Cow::Owned(self.quoted_mark(json.trim()))
            }
            _ => Cow::Borrowed(json),
        }
    }

    fn mask_object<'t>(&self, json: &'t str, depth: usize) -> Cow<'t, str> {
        let Some(Members(members)) = Members::parse(json) else { return text::mask(self, json, depth) };
        let named = named_values(&members);
        let mut changed = false;
        let mut masked: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::with_capacity(members.len());
        for (at, (key, value)) in members.iter().enumerate() {
            let value = value.get();
            let is_secret = is_masked(key, value) || (named.contains(&at) && holds_something(value));
            let value = if is_secret || (self.hides_personal && personal::is_masked(key, value)) {
                Cow::Owned(self.quoted_mark(value))
            } else {
                self.mask_json(value, depth + 1)
            };
            // A form may come as the key of nothing: `{"a=b&Password=x":""}`.
            let key = self.mask_text(key, depth + 1);
            changed |= matches!(value, Cow::Owned(_)) || matches!(key, Cow::Owned(_));
            masked.push((key, value));
        }
        if !changed {
            return Cow::Borrowed(json);
        }
        Cow::Owned(json::object(masked.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))))
    }
}

/// Finds the members whose values another member names as secrets: `{"ParameterKey":"Password","ParameterValue":"x"}`,
/// also with flat keys (`Parameters.1.ParameterKey`).
fn named_values(members: &[(Cow<'_, str>, &RawValue)]) -> Vec<usize> {
    let group = |key: &str| key.rsplit_once(['.', '[']).map_or("", |(group, _)| group).to_ascii_lowercase();
    let mut groups = members.iter().filter_map(|(key, value)| {
        let name = json::string(value.get()).filter(|name| key::names_secret(name))?;
        // What is named so may itself be the value of a setting, as in `"AuthType":"Password"`.
        (!name.is_empty() && text::is_name_key(&key::last_word(key))).then(|| group(key))
    });
    let Some(first) = groups.next() else { return Vec::new() };
    let groups: Vec<String> = std::iter::once(first).chain(groups).collect();
    let is_named = |key: &str| text::is_value_key(&key::last_word(key)) && groups.contains(&group(key));
    members.iter().enumerate().filter(|(_, (key, _))| is_named(key)).map(|(at, _)| at).collect()
}

/// Returns a JSON string again, with the text in it masked.
fn requoted<'t>(json: &'t str, masked: Cow<'_, str>) -> Cow<'t, str> {
    let Cow::Owned(masked) = masked else { return Cow::Borrowed(json) };
    let mut out = String::with_capacity(masked.len() + 2);
    json::push_string(&mut out, &masked);
    Cow::Owned(out)
}

/// Reads a JSON string that holds half of a surrogate pair, with another character in the place of that.
fn lenient_string(json: &str) -> Option<String> {
    let json = json.trim();
    let mut mended = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let is_half = |text: &str| {
            let code = text.strip_prefix("\\u").and_then(|digits| u32::from_str_radix(digits.get(..4)?, 16).ok());
            code.filter(|code| (0xd800..0xe000).contains(code))
        };
        let length = match (is_half(escape), escape.get(6..).and_then(is_half)) {
            (Some(0xd800..0xdc00), Some(0xdc00..)) => {
                mended.push_str(escape.get(..12)?);
                12
            }
            (Some(_), _) => {
                mended.push_str("\\ufffd");
                6
            }
            // Whatever follows a backslash belongs to it.
            _ => {
                let length = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
                mended.push_str(&escape[..length]);
                length
            }
        };
        rest = &escape[length..];
    }
    mended.push_str(rest);
    json::string(&mended).map(Cow::into_owned)
}

/// Reads bytes as UTF-16; `None` if they are not. They have a zero in every second place if letters are ASCII.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (begins_big, begins_little) = (bytes.starts_with(b"\xfe\xff"), bytes.starts_with(b"\xff\xfe"));
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).take(64).filter(|byte| **byte == 0).count();
    let looked_at = bytes.len().div_ceil(2).min(64);
    let is_little = begins_little || (!begins_big && zeros(1) * 2 > looked_at);
    if !(is_little || begins_big || zeros(0) * 2 > looked_at) {
        return None;
    }
    let unit = |pair: &[u8]| match pair {
        [one, other] if is_little => u16::from_le_bytes([*one, *other]),
        [one, other] => u16::from_be_bytes([*one, *other]),
        _ => u16::from(b' '),
    };
    let units: Vec<u16> = bytes.chunks(2).map(unit).collect();
    Some(String::from_utf16_lossy(&units))
}

/// Returns `true` for a member whose value is masked whole.
fn is_masked(key: &str, value: &str) -> bool {
    holds_something(value) && key::is_secret(key)
}

/// Returns `true` if a value can be a secret. Flags and empty values say something about one without being it.
fn holds_something(json: &str) -> bool {
    let bare = json.trim().trim_matches('"').trim();
    let is_word = ["", "null", "true", "false", "none", "{}", "[]"].iter().any(|word| word.eq_ignore_ascii_case(bare));
    !is_word
}

/// Forms that are looked for beside keys, as [`text`] reads them.
const FORMS: [&str; 7] = ["://", ":\\/", "eyj", "cais", "identified", "bearer", "basic "];

/// The scanner for stems of keys, forms, and marks of what must be folded.
static SCANNER: LazyLock<Option<Scanner>> = LazyLock::new(|| {
    let (patterns, stems) = key::scanner(&FORMS)?;
    Some(Scanner { patterns, stems })
});

struct Scanner {
    patterns: AhoCorasick,
    /// Number of patterns that are stems; the others are forms.
    stems: usize,
}

/// Returns `true` if a text may hold a secret, by one scan; `false` only if the rule finds none.
///
/// Many calls carry a `ClientToken` or a `PrivateIpAddress`; such keys are known not to be secret where they plainly
/// stand.
pub fn may_hold_secret(text: &str) -> bool {
    let Some(scanner) = SCANNER.as_ref() else { return true };
    if scanner.finds(text) {
        return true;
    }
    // Rare: escapes, and letters beyond ASCII.
    is_marked(text.as_bytes())
        && match fold::fold(text) {
            Cow::Owned(folded) => scanner.finds(&folded),
            Cow::Borrowed(_) => false,
        }
}

/// Returns `true` if folding may change a text.
fn is_marked(bytes: &[u8]) -> bool {
    let mut escapes = memchr::memchr2_iter(b'\\', b'%', bytes);
    let is_mark = |at: usize| fold::MARKS.iter().any(|mark| bytes[at..].starts_with(mark));
    escapes.any(is_mark) || (!bytes.is_ascii() && (0..bytes.len()).any(|at| !bytes[at].is_ascii() && is_mark(at)))
}

impl Scanner {
    fn finds(&self, text: &str) -> bool {
        let mut from = 0;
        // No pattern stands inside of another but at its end, so the first that ends is the first that begins, and what
        // is left of it is scanned again. That is faster than to look for overlapping ones.
        while let Some(found) = self.patterns.find(Input::new(text).span(from..text.len())) {
            let (start, end) = (found.start(), found.end());
            let is_hit = match found.pattern().as_usize().checked_sub(self.stems) {
                Some(form) => is_form(FORMS.get(form).copied().unwrap_or_default(), text, start, end),
                None if key::is_short(text, start, end) => {
                    key::is_word(text, start, end) && !is_open_key(text, start, end)
                }
                None => !is_open_key(text, start, end),
            };
            if is_hit {
                return true;
            }
            from = start + 1;
        }
        false
    }
}

/// Returns `true` if a form may be what it looks like.
fn is_form(form: &str, text: &str, start: usize, end: usize) -> bool {
    match form {
        "://" | ":\\/" => text::may_hold_user(&text.as_bytes()[end..]),
        "eyj" => text.get(start..end) == Some("eyJ") && text[end..].contains("eyJ"),
        "cais" => text.get(start..end) == Some("CAIS"),
        _ => true,
    }
}

/// The longest key that [`is_open_key`] looks at.
const LONGEST_PLAIN_KEY: usize = 96;

/// Returns `true` if `start..end` lies in a key of JSON that is plainly written and names no secret. Neither rule for
/// keys and values reads such a key otherwise.
fn is_open_key(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let left = start - bytes[..start].iter().rev().take(LONGEST_PLAIN_KEY).take_while(|byte| is_plain(byte)).count();
    let right = end + bytes[end..].iter().take(LONGEST_PLAIN_KEY).take_while(|byte| is_plain(byte)).count();
    let closing = bytes[right..].iter().take_while(|byte| **byte == b'\\').count();
    let is_quoted = left > 0 && bytes[left - 1] == b'"' && bytes.get(right + closing) == Some(&b'"');
    let mut behind = bytes.get(right + closing + 1..).unwrap_or_default().iter();
    let is_key = is_quoted && behind.find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
    is_key && text.get(left..right).is_some_and(|key| !key::is_secret(key))
}

#[cfg(test)]
#[path = "secret/tests.rs"]
mod tests;
