//! The rules by which a text of a search statement matches a value.
//!
//! SLS cuts values and queries into words at delimiters. A query matches a value that has all of its words, in any
//! order. Letters of ASCII are compared without regard to case. `*` and `?` in a word of a query stand for any
//! characters and for one. A phrase is a query whose text also stands in the value as it is.
//!
//! The delimiters are those of a new index, which ActionTrail's have as well. A dot, a hyphen and an underscore are
//! none.
//!
//! Source: the SLS documentation, "Create indexes", "Query syntax" and "Phrase search".

use memchr::memmem::Finder;
use std::sync::LazyLock;

/// Characters between words.
pub const DELIMITERS: &[u8] = b", '\";=()[]{}?@&<>/:\n\t\r";

const fn delimiter_table() -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < DELIMITERS.len() {
        table[DELIMITERS[at] as usize] = true;
        at += 1;
    }
    table
}

static IS_DELIMITER: [bool; 256] = delimiter_table();

/// Returns the words of a text.
pub fn words(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().split(|byte| IS_DELIMITER[*byte as usize]).filter(|word| !word.is_empty())
}

/// A text of a search statement, ready to be compared with many values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    words: Vec<Word>,
    /// A text that stands in the value as it is.
    phrase: Option<Needle>,
}

/// A word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    /// The word itself.
    Literal(Needle),
    /// A word with wildcards, in lower case.
    Glob(Vec<u8>),
}

impl Pattern {
    /// The words of a text in quotes.
    pub fn literal(text: &str) -> Self {
        let words = words(text).map(|word| Word::Literal(Needle::of(word))).collect();
        Self { words, phrase: None }
    }

    /// The words of a text without quotes, in which `*` and `?` are wildcards.
    pub fn wild(text: &str) -> Self {
        let is_delimiter = |byte: &u8| *byte != b'?' && IS_DELIMITER[*byte as usize];
        let words = text.as_bytes().split(is_delimiter).filter(|word| !word.is_empty());
        Self { words: words.map(Word::of).collect(), phrase: None }
    }

    /// The words of a phrase, which must also stand in this order.
    pub fn phrase(text: &str) -> Self {
        Self { phrase: Some(Needle::of(text.as_bytes())), ..Self::literal(text) }
    }

    /// A value as a whole, which is not cut into words. `*` and `?` are wildcards if `wild`.
    pub fn whole(text: &str, wild: bool) -> Self {
        let word = if wild { Word::of(text.as_bytes()) } else { Word::Literal(Needle::of(text.as_bytes())) };
        Self { words: vec![word], phrase: None }
    }

    /// Returns `true` if there is no word to look for. Such a pattern matches nothing.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Returns the number of words.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Returns `true` if the word at this place stands among the words of a value.
    pub fn has_word(&self, at: usize, value: &str) -> bool {
        self.words.get(at).is_some_and(|word| word.is_in(value.as_bytes()))
    }

    /// Returns `true` if the phrase stands in a value, or if this is none.
    pub fn has_phrase(&self, value: &str) -> bool {
        let Some(phrase) = &self.phrase else { return true };
        phrase.letters.is_empty() || phrase.places_in(value.as_bytes()).next().is_some()
    }

    /// Returns `false` if the word at this place is not in a value, however secrets in it are masked: the letters of
    /// the word do not stand in it.
    ///
    /// Masking puts marks, which have asterisks, in the place of secrets, and writes JSON anew. So a word of the masked
    /// value stands in the value too, unless it has an asterisk, or the value has letters as `\u` and four digits.
    pub fn may_have_word(&self, at: usize, value: &str) -> bool {
        match self.words.get(at) {
            Some(Word::Literal(word)) if !word.letters.contains(&b'*') => {
                let value = value.as_bytes();
                word.places_in(value).next().is_some() || UNICODE_ESCAPE.find(value).is_some()
            }
            _ => true,
        }
    }

    /// Returns `true` if a value has all words, and the phrase.
    pub fn matches(&self, value: &str) -> bool {
        !self.is_empty() && self.words.iter().all(|word| word.is_in(value.as_bytes())) && self.has_phrase(value)
    }

    /// Returns `true` if a value as a whole is the one word of this pattern.
    pub fn matches_whole(&self, value: &str) -> bool {
        matches!(self.words.as_slice(), [word] if word.is(value.as_bytes()))
    }
}

impl Word {
    fn of(text: &[u8]) -> Self {
        let is_glob = text.iter().any(|byte| matches!(byte, b'*' | b'?'));
        if is_glob { Self::Glob(text.to_ascii_lowercase()) } else { Self::Literal(Needle::of(text)) }
    }

    /// Returns `true` if it is this word of a value.
    fn is(&self, word: &[u8]) -> bool {
        match self {
            Self::Literal(literal) => literal.letters.eq_ignore_ascii_case(word),
            Self::Glob(glob) => is_glob(glob, word),
        }
    }

    /// Returns `true` if it is among the words of a value.
    fn is_in(&self, value: &[u8]) -> bool {
        match self {
            Self::Literal(literal) => {
                let is_end = |byte: Option<&u8>| byte.is_none_or(|byte| IS_DELIMITER[*byte as usize]);
                literal.places_in(value).any(|at| {
                    is_end(at.checked_sub(1).and_then(|before| value.get(before)))
                        && is_end(value.get(at + literal.letters.len()))
                })
            }
            Self::Glob(glob) => {
                let mut words = value.split(|byte| IS_DELIMITER[*byte as usize]).filter(|word| !word.is_empty());
                words.any(|word| is_glob(glob, word))
            }
        }
    }
}

/// A text that is looked for in any case of its letters.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Needle {
    /// In lower case.
    letters: Vec<u8>,
    /// The place of its rarest letter, which is looked for first.
    rarest: usize,
}

/// Letters from the most to the least frequent, roughly, in ids and JSON.
const BY_FREQUENCY: &[u8] = b"etaoinsrdclumpg0123456789ybf-_.vhwkxzqj";

static UNICODE_ESCAPE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\\u"));

impl Needle {
    fn of(text: &[u8]) -> Self {
        let letters = text.to_ascii_lowercase();
        let rank = |byte: &u8| BY_FREQUENCY.iter().position(|known| known == byte).unwrap_or(BY_FREQUENCY.len());
        let rarest = letters.iter().enumerate().max_by_key(|(_, byte)| rank(byte)).map_or(0, |(at, _)| at);
        Self { letters, rarest }
    }

    /// Returns the places at which it stands in a text.
    fn places_in<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = usize> + 't {
        let rarest = self.letters.get(self.rarest).copied().unwrap_or_default();
        let found = memchr::memchr2_iter(rarest, rarest.to_ascii_uppercase(), text);
        found.filter_map(|place| {
            let begin = place.checked_sub(self.rarest)?;
            let part = text.get(begin..begin + self.letters.len())?;
            part.eq_ignore_ascii_case(&self.letters).then_some(begin)
        })
    }
}

/// Returns `true` if a text is as a glob in lower case says. `*` stands for any characters, `?` for one. The time is at
/// most the product of the lengths.
fn is_glob(glob: &[u8], text: &[u8]) -> bool {
    let (mut at, mut place) = (0, 0);
    // Behind the last `*`, and where the text behind what it stands for begins.
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match glob.get(at) {
            Some(b'*') => {
                star = Some((at + 1, place));
                at += 1;
            }
            Some(b'?') => {
                at += 1;
                place = next_char(text, place);
            }
            Some(byte) if *byte == text[place].to_ascii_lowercase() => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((behind, from)) = star else { return false };
                let from = next_char(text, from);
                star = Some((behind, from));
                (at, place) = (behind, from);
            }
        }
    }
    glob[at..].iter().all(|byte| *byte == b'*')
}

/// Returns the place of the next character of UTF-8.
fn next_char(text: &[u8], place: usize) -> usize {
    let rest = text.get(place + 1..).unwrap_or_default();
    place + 1 + rest.iter().take_while(|byte| **byte & 0xc0 == 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_order_and_case() {
        for (query, value, found) in [
            ("ACS::ECS::Disk", "ACS::ECS::Disk;ACS::ECS::Instance", true),
            ("Disk ECS", "acs::ecs::disk", true),
            ("Forbidden", "Forbidden.RAM", false),
            ("forbidden.ram", "Forbidden.RAM", true),
            ("null", "null", true),
            ("abc", "xabc", false),
            ("abc", "abcd", false),
            ("abc", "abcd,abc", true),
            ("a", "", false),
            ("::", "::", false),
            ("城市", "上海 城市", true),
            ("市", "城市", false),
            ("É", "é", false),
            ("cn*", "cn*", true),
            ("cn*", "cn-hangzhou", false),
        ] {
            assert_eq!(Pattern::literal(query).matches(value), found, "{query} in {value}");
        }
    }

    #[test]
    fn wildcards_stand_for_characters_of_a_word() {
        for (query, value, found) in [
            ("cn*", "cn-hangzhou", true),
            ("cn*", "x cn", true),
            ("cn*", "acn", false),
            ("*zhou", "cn-hangzhou", true),
            ("cn-?angzhou", "CN-hangzhou", true),
            ("?", "城", true),
            ("??", "城", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b-d", false),
            ("*", "x", true),
            ("*", "", false),
            ("*", "::", false),
            ("Delete* Disk", "Disk;DeleteX", true),
            ("a*b", "a b", false),
        ] {
            assert_eq!(Pattern::wild(query).matches(value), found, "{query} in {value}");
        }
    }

    #[test]
    fn phrases_stand_in_order() {
        for (query, value, found) in [
            ("abc def", "x ABC def y", true),
            ("abc def", "def abc", false),
            ("abc def", "xabc def", false),
            ("abc def", "abc  def", false),
            ("a:b", "a:b", true),
        ] {
            assert_eq!(Pattern::phrase(query).matches(value), found, "{query} in {value}");
        }
    }

    #[test]
    fn a_whole_value_is_not_cut() {
        for (query, wild, value, found) in [
            ("192.0.2.*", true, "192.0.2.7", true),
            ("192.0.2.*", false, "192.0.2.7", false),
            ("a b", false, "A B", true),
            ("a", false, "a b", false),
            ("", false, "", true),
        ] {
            assert_eq!(Pattern::whole(query, wild).matches_whole(value), found, "{query} is {value}");
        }
    }

    #[test]
    fn a_glob_that_begins_anew_often_ends() {
        let value = "a".repeat(20_000);
        assert!(!Pattern::wild("*a*a*a*a*b").matches(&value));
    }
}
