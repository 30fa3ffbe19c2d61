//! Finds the values that a sentence or a command names without a sign: `bad password hunter2`, `--password x`, `Bearer
//! x`.

use super::notation::{closing, opening_quote};
use super::{ENDS, LONGEST_NAME};
use crate::event::secret::{MARK, key};

/// Finds the places of values that a sentence or a command names.
pub(super) fn find(text: &str) -> Vec<(usize, usize)> {
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

/// Returns the words of a text with their places.
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

/// Returns `true` for a word that belongs to no language: letters with digits among them, or many digits.
fn looks_random(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let has_others = word.chars().any(|char| !char.is_ascii_digit());
    let is_mark = word.starts_with(MARK);
    !is_mark
        && word.len() >= 4
        && ((digits > 0 && has_others) || digits >= 6 || word.contains(['!', '#', '$', '%', '^', '&']))
}
