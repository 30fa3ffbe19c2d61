//! Candidates of a completion, in their order.

use std::ops::Range;

/// The most candidates.
pub const MOST: usize = 400;

/// The letters from which on a name is also found by a part in its middle.
const PART: usize = 3;

/// Something to put in the place of a part of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The text to put there.
    pub value: String,
    /// Its meaning; may be empty.
    pub description: String,
    /// The part that it takes the place of, in bytes.
    pub span: Range<usize>,
    /// A space follows.
    pub is_word: bool,
}

/// Candidates that begin with what is typed, and those that hold it.
#[derive(Debug)]
pub struct Candidates {
    /// In small letters.
    prefix: String,
    /// The letters that are typed begin with a small one.
    starts_small: bool,
    span: Range<usize>,
    starting: Vec<Candidate>,
    holding: Vec<Candidate>,
}

impl Candidates {
    /// Begins with no candidates for what is typed, which stands there.
    pub fn new(prefix: &str, span: Range<usize>) -> Self {
        let starts_small = prefix.starts_with(char::is_lowercase);
        Self { prefix: prefix.to_lowercase(), starts_small, span, starting: Vec::new(), holding: Vec::new() }
    }

    /// Returns what is typed, in small letters.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns `true` if what is typed begins with a small letter.
    pub fn starts_small(&self) -> bool {
        self.starts_small
    }

    /// Adds the value that a name stands for, if the name fits what is typed.
    pub fn add(&mut self, name: &str, value: &str, description: &str, is_word: bool) {
        let small = name.to_lowercase();
        let list = if small.starts_with(&self.prefix) {
            &mut self.starting
        } else if Self::is_part(&small, &self.prefix) {
            &mut self.holding
        } else {
            return;
        };
        if !list.iter().any(|known| known.value == value) {
            let (value, description) = (value.to_owned(), description.to_owned());
            list.push(Candidate { value, description, span: self.span.clone(), is_word });
        }
    }

    /// Returns `true` if there is none.
    pub fn is_empty(&self) -> bool {
        self.starting.is_empty() && self.holding.is_empty()
    }

    /// Returns all of them, the best first.
    pub fn all(self) -> Vec<Candidate> {
        self.starting.into_iter().chain(self.holding).take(MOST).collect()
    }

    /// Returns `true` if a name has a part that is long enough to be looked for in its middle.
    pub(super) fn is_part(name: &str, part: &str) -> bool {
        part.chars().count() >= PART && name.contains(part)
    }
}
