//! Texts of the report as they are printed: what a reader sees is what is there.
//!
//! The dangerous characters, and their visible forms, are listed in one place for all that is printed:
//! [`crate::engine::output::escape`]. A [`Text`] holds sentences with values inside; the values are visible already,
//! and renderers set them apart.

use crate::engine::output::escape;

pub use escape::{is_hidden, terminal as visible};

/// The longest value that is printed whole, in characters. JSON has it whole in any case.
const LONGEST: usize = 160;

/// Marks the beginning of a value inside of a [`Text`]. A value that holds the mark itself loses it.
const BEGIN: char = '\u{f8f0}';
/// Marks its end.
const END: char = '\u{f8f1}';

/// The visible text, cut with an ellipsis when it is very long.
pub fn printed(text: &str) -> String {
    let shown = visible(text);
    match shown.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &shown[..at]),
        None => shown.into_owned(),
    }
}

/// A sentence, or several, with the values of events set apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(String);

/// A piece of a [`Text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words.
    Words(&'a str),
    /// A value: an id, an address, a name of an API.
    Value(&'a str),
}

impl Text {
    /// Returns the pieces in order.
    pub fn pieces(&self) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        let mut rest = self.0.as_str();
        while let Some((words, tail)) = rest.split_once(BEGIN) {
            if !words.is_empty() {
                pieces.push(Piece::Words(words));
            }
            let (value, after) = tail.split_once(END).unwrap_or((tail, ""));
            pieces.push(Piece::Value(value));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Words(rest));
        }
        pieces
    }

    /// Returns the text without the marks of its values.
    pub fn plain(&self) -> String {
        self.0.chars().filter(|c| !matches!(*c, BEGIN | END)).collect()
    }

    /// Returns the text with the marks of its values, to stand in another text.
    pub fn into_marked(self) -> String {
        self.0
    }

    /// Returns the text with more behind it.
    pub fn then(mut self, more: &str) -> Self {
        self.0.push_str(more);
        self
    }

    /// Returns the text with its values between backticks.
    pub fn ticked(&self) -> String {
        self.0.replace([BEGIN, END], "`")
    }

    /// Returns `true` if there is nothing to print.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// A value of an event for a sentence: visible, cut when it is very long, and set apart.
pub fn value(text: &str) -> String {
    let plain: String = printed(text).chars().filter(|c| !matches!(*c, BEGIN | END)).collect();
    format!("{BEGIN}{plain}{END}")
}

/// A value of an event for a sentence, in words: visible and not set apart.
pub fn words(text: &str) -> String {
    printed(text).chars().filter(|c| !matches!(*c, BEGIN | END)).collect()
}

/// A value as a text of its own.
pub fn value_text(text: &str) -> Text {
    Text(value(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_set_apart_and_cannot_end_themselves() {
        let hostile = format!("a{END}b{BEGIN}c{}[31m", "\u{202e}\u{1b}");
        let text = Text::from(format!("The key {} was used.", value(&hostile)));
        let expected = [Piece::Words("The key "), Piece::Value("abc\\u{202e}\\u{1b}[31m"), Piece::Words(" was used.")];
        assert_eq!(text.pieces(), expected);
        assert_eq!(text.plain(), "The key abc\\u{202e}\\u{1b}[31m was used.");
        assert_eq!(Text::default().pieces(), []);
        assert_eq!(words(&hostile), "abc\\u{202e}\\u{1b}[31m");
    }
}
