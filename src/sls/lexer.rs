//! Reads the tokens of a search statement, as the parser asks for them.
//!
//! The parser asks for values in another way than for words: a value runs up to white space and may hold characters
//! that end a word. So the lexer is a cursor, and not a list of tokens.

use super::ast::{Form, Text, is_word_char};
use super::error::SlsError;
use super::span::Span;

/// A token at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word outside quotes, which may be `and`, `or` or `not`; its escapes are undone.
    Word(String),
    /// A text in quotes.
    Quoted(String),
    /// `#"…"`.
    Phrase(String),
    /// A parenthesis, a bracket, a colon or an operator.
    Punctuation(&'static str),
    /// The end of the statement.
    End,
}

/// Two-character operators stand before those they begin with.
const PUNCTUATION: [&str; 10] = [">=", "<=", ":", ">", "<", "=", "(", ")", "[", "]"];

/// A cursor over a search statement.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'s> {
    text: &'s str,
    place: usize,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(text: &'s str) -> Self {
        Self { text, place: 0 }
    }

    /// The byte at the cursor.
    pub(super) fn place(&self) -> usize {
        self.place
    }

    pub(super) fn rest(&self) -> &'s str {
        self.text.get(self.place..).unwrap_or_default()
    }

    /// Moves over so many bytes of a word.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.place = self.text.len().min(self.place + bytes);
    }

    /// Moves behind white space, and returns `true` if there was any.
    pub(super) fn skip_space(&mut self) -> bool {
        let rest = self.rest();
        let skipped = rest.len() - rest.trim_start().len();
        self.place += skipped;
        skipped > 0
    }

    /// Moves to the next white space or closing parenthesis.
    pub(super) fn skip_text(&mut self) {
        let rest = self.rest();
        self.place += rest.find(|c: char| c.is_whitespace() || c == ')').unwrap_or(rest.len());
    }

    /// Moves behind the next closing bracket, if there is one, and returns that place.
    pub(super) fn skip_to_bracket(&mut self) -> Span {
        if let Some(found) = self.rest().find([']', ')']) {
            self.place += found + 1;
        }
        Span::at(self.place)
    }

    /// Reads the next token, behind white space, with its place.
    pub(super) fn next(&mut self) -> Result<(Token, Span), SlsError> {
        self.skip_space();
        let start = self.place;
        let token = self.token()?;
        Ok((token, Span::new(start, self.place)))
    }

    /// Reads the next token and stays where it is. What cannot be read is an empty word.
    pub(super) fn peek(&self) -> (Token, Span) {
        let mut ahead = self.clone();
        ahead.next().unwrap_or_else(|error| (Token::Word(String::new()), error.span))
    }

    fn token(&mut self) -> Result<Token, SlsError> {
        let rest = self.rest();
        if rest.is_empty() {
            return Ok(Token::End);
        }
        if let Some(punctuation) = PUNCTUATION.into_iter().find(|punctuation| rest.starts_with(punctuation)) {
            self.place += punctuation.len();
            return Ok(Token::Punctuation(punctuation));
        }
        if rest.starts_with('"') {
            return self.quoted().map(Token::Quoted);
        }
        if rest.starts_with("#\"") {
            self.place += 1;
            return self.quoted().map(Token::Phrase);
        }
        Ok(Token::Word(self.bare(is_word_char)))
    }

    /// Reads the value behind an operator. It is `None` at the end and before a closing parenthesis.
    pub(super) fn value(&mut self) -> Result<Option<Text>, SlsError> {
        self.skip_space();
        let start = self.place;
        let rest = self.rest();
        let (text, form) = if rest.is_empty() || rest.starts_with(')') {
            return Ok(None);
        } else if rest.starts_with('"') {
            (self.quoted()?, Form::Quoted)
        } else if rest.starts_with("#\"") {
            self.place += 1;
            (self.quoted()?, Form::Phrase)
        } else {
            (self.bare(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '"')), Form::Bare)
        };
        Ok(Some(Text { text, form, span: Span::new(start, self.place) }))
    }

    /// Reads the characters that fit; `\"` is a quote and fits always.
    fn bare(&mut self, fits: impl Fn(char) -> bool) -> String {
        let mut word = String::new();
        let mut rest = self.rest();
        loop {
            if let Some(behind) = rest.strip_prefix("\\\"") {
                word.push('"');
                rest = behind;
            } else if let Some(c) = rest.chars().next().filter(|c| fits(*c)) {
                word.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            } else {
                break;
            }
        }
        self.place = self.text.len() - rest.len();
        word
    }

    /// Reads a text in quotes; the cursor is at the first one.
    fn quoted(&mut self) -> Result<String, SlsError> {
        let start = self.place;
        self.place += 1;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.place += at + 1;
                    return Ok(text);
                }
                '\\' if chars.next_if(|(_, next)| *next == '"').is_some() => text.push('"'),
                c => text.push(c),
            }
        }
        self.place = self.text.len();
        Err(SlsError::new("a double quote is not closed", Span::new(start, start + 1))
            .label("opened here")
            .help("close it with `\"`; to search for a quote itself, write `\\\"`"))
    }
}
