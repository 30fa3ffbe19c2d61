//! Tells by the words of a key whether its value is a secret.
//!
//! Services, SDKs and scripts spell one name in many ways: `AccessKeySecret`, `access_key_secret`, `PassWord`,
//! `DB-PASSWORD-1`, `Pass%77ord`. So a key is folded (escapes, full-width letters, invisible characters), cut into
//! segments at dots and brackets, and each segment into words. The last [term](terms) counts, and the words that follow
//! it: `SecretData` is a secret, `SecretName` tells of one, and so does `MinimumPasswordLength`.
//!
//! Every term holds one of [`STEMS`] unbroken. A text without a stem therefore names no secret, and one scan tells
//! ([`super::may_hold_secret`]).

mod terms;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::sync::LazyLock;
use terms::{
    EXACT, HEADERS, JOINTS, OPEN_TOKENS, PAIRED_STEMS, PERSONAL, SHORT_STEM, STEMS, STRONG, TELLS, VALUES, WORDS,
};

/// A key longer than this is cut to its end, where its meaning is.
const LONGEST: usize = 512;

/// Returns all stems.
fn stems() -> impl Iterator<Item = String> {
    let paired =
        PAIRED_STEMS.iter().flat_map(|(one, two)| JOINTS.iter().map(move |joint| format!("{one}{joint}{two}")));
    STEMS.iter().map(ToString::to_string).chain([SHORT_STEM.to_owned()]).chain(paired)
}

/// Builds a scanner for the stems, and for `others` behind them; the second value is the number of stems.
pub(super) fn scanner(others: &[&str]) -> Option<(AhoCorasick, usize)> {
    let stems: Vec<String> = stems().collect();
    let patterns = stems.iter().map(String::as_bytes).chain(others.iter().map(|other| other.as_bytes()));
    let scanner = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(patterns);
    // The patterns are constants, so building the scanner does not fail; without one, every text is looked into.
    Some((scanner.ok()?, stems.len()))
}

static SCANNER: LazyLock<Option<(AhoCorasick, usize)>> = LazyLock::new(|| scanner(&[]));

/// Returns `true` if a folded text holds a stem.
pub(super) fn has_stem(folded: &str) -> bool {
    let Some((scanner, _)) = SCANNER.as_ref() else { return true };
    scanner
        .find_overlapping_iter(folded)
        .any(|found| !is_short(folded, found.start(), found.end()) || is_word(folded, found.start(), found.end()))
}

/// Returns `true` for the place of the short stem.
pub(super) fn is_short(text: &str, start: usize, end: usize) -> bool {
    end - start == SHORT_STEM.len() && text.is_char_boundary(start)
}

/// Returns `true` if a word may begin at `start` and end at `end`.
pub(super) fn is_word(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let begins = start.checked_sub(1).and_then(|before| bytes.get(before)).is_none_or(|before| {
        !before.is_ascii_alphabetic() || (before.is_ascii_lowercase() && bytes[start].is_ascii_uppercase())
    });
    begins
        && bytes.get(end).is_none_or(|after| !after.is_ascii_lowercase() || bytes[end - 1].is_ascii_lowercase())
        && bytes.get(end).is_none_or(|after| !after.is_ascii_alphabetic())
}

/// Returns `true` for a key whose value is a secret.
pub fn is_secret(key: &str) -> bool {
    let mut cut = key.len().saturating_sub(LONGEST);
    while !key.is_char_boundary(cut) {
        cut += 1;
    }
    let folded = super::fold::fold(&key[cut..]);
    // `Password.0` is a part of `Password`, as an object holds what its members hold.
    has_stem(&folded)
        && folded.split(['.', '[', ']', '/', ':', '{', '}', '"']).any(|segment| Segment::of(segment).is_secret())
}

/// Returns the last word of a key, in lower case, without digits.
pub(super) fn last_word(key: &str) -> String {
    let folded = super::fold::fold(key);
    let segment = folded.rsplit(['.', '[', ']', '/']).find(|part| part.bytes().any(|byte| byte.is_ascii_alphabetic()));
    let Segment { letters, words } = Segment::of(segment.unwrap_or_default());
    letters.get(words.last().copied().unwrap_or(0)..).unwrap_or_default().to_owned()
}

/// Returns the last place of a term in letters. Both are short and many terms are asked for, so that a search that
/// prepares itself first, as `rfind` of the standard library does, would spend its time on that.
fn last_place(letters: &str, term: &str) -> Option<usize> {
    let (letters, term) = (letters.as_bytes(), term.as_bytes());
    let first = term.first()?;
    letters.windows(term.len()).rposition(|window| window.first() == Some(first) && window == term)
}

/// One segment of a key.
struct Segment {
    /// Its letters in lower case.
    letters: String,
    /// The beginnings of its words in them.
    words: Vec<usize>,
}

impl Segment {
    /// Cuts a segment into words: at what is no letter, before a capital behind a small letter, and before the last
    /// capital of several that a small letter follows.
    fn of(segment: &str) -> Self {
        let (mut letters, mut words) = (String::with_capacity(segment.len()), Vec::new());
        let mut before = None::<char>;
        let mut chars = segment.chars().peekable();
        while let Some(char) = chars.next() {
            if char.is_ascii_alphabetic() {
                let begins = before.is_none_or(|before| {
                    char.is_ascii_uppercase()
                        && (before.is_ascii_lowercase() || chars.peek().is_some_and(char::is_ascii_lowercase))
                });
                if begins {
                    words.push(letters.len());
                }
                letters.push(char.to_ascii_lowercase());
            }
            before = Some(char).filter(char::is_ascii_alphabetic);
        }
        Self { letters, words }
    }

    fn is_secret(&self) -> bool {
        let names = |terms: &[&str]| {
            let ends = terms.iter().filter_map(|term| Some(last_place(&self.letters, term)? + term.len()));
            ends.max()
        };
        if names(&STRONG).is_some_and(|end| !self.tells(end)) {
            return true;
        }
        let mut exact = EXACT.iter().filter_map(|term| Some(last_place(&self.letters, term)? + term.len()));
        if exact.any(|end| self.is_value(end)) {
            return true;
        }
        let mut words = WORDS.iter().filter_map(|term| {
            let start = last_place(&self.letters, term)?;
            let end = start + term.len();
            let is_word = self.words.contains(&start) && (end == self.letters.len() || self.words.contains(&end));
            // `bypass` names no password.
            (is_word && !self.letters[..start].ends_with("by")).then_some(end)
        });
        if words.any(|end| self.is_value(end)) {
            return true;
        }
        self.is_secret_token() || self.is_header()
    }

    fn is_secret_token(&self) -> bool {
        let Some(start) = last_place(&self.letters, "token") else { return false };
        let before = &self.letters[..start];
        self.is_value(start + "token".len()) && !OPEN_TOKENS.iter().any(|open| before.ends_with(open))
    }

    fn is_header(&self) -> bool {
        self.letters.strip_suffix("authorization").is_some_and(|before| HEADERS.contains(&before))
    }

    /// Returns the words behind `end`; the first is the rest of the word in which the term ends.
    fn words_behind(&self, end: usize) -> impl Iterator<Item = &str> {
        let begins = self.words.iter().copied().filter(move |begin| *begin > end);
        let starts = std::iter::once(end).chain(begins);
        let mut starts = starts.peekable();
        std::iter::from_fn(move || {
            let start = starts.next()?;
            let end = starts.peek().copied().unwrap_or(self.letters.len());
            self.letters.get(start..end)
        })
        .filter(|word| !word.is_empty())
    }

    /// Returns `true` if nothing but a value can be meant.
    fn is_value(&self, end: usize) -> bool {
        self.words_behind(end).all(|word| VALUES.contains(&word))
    }

    /// Returns `true` if the words behind make a strong term an id, a name or a setting.
    fn tells(&self, end: usize) -> bool {
        let rest = self.letters.get(end..).unwrap_or_default();
        let joined = rest.strip_prefix('s').unwrap_or(rest);
        self.words_behind(end).any(|word| TELLS.contains(&word))
            || TELLS.contains(&joined)
            // Nothing shows the words of `passwordresetrequired`.
            || TELLS.iter().any(|tell| tell.len() > 3 && (joined.starts_with(tell) || joined.ends_with(tell)))
    }
}

/// Returns `true` for a key whose value is an e-mail address or a telephone number.
pub(super) fn is_personal(key: &str) -> bool {
    let folded = super::fold::fold(key);
    let segment = Segment::of(folded.rsplit('.').next().unwrap_or_default());
    PERSONAL
        .iter()
        .any(|term| segment.letters.strip_suffix(term).is_some_and(|before| segment.begins_word(before.len())))
}

impl Segment {
    fn begins_word(&self, at: usize) -> bool {
        at == 0 || self.words.contains(&at)
    }
}

/// Returns `true` for a text that, by its length and words, is the name of a secret.
pub(super) fn names_secret(text: &str) -> bool {
    text.len() <= 64 && is_secret(text)
}

#[cfg(test)]
mod tests;
