//! Errors and notices, with their place in the statement.

use super::span::Span;
use std::fmt;

/// An error in a statement. [`super::diagnostics`] shows it under the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlsError {
    /// The error: lower-case start, no full stop, names in backticks.
    pub message: String,
    /// Its place.
    pub span: Span,
    /// A few words that stand at the place; may be empty.
    pub label: String,
    /// A way to mend it.
    pub help: Option<String>,
    /// More that explains it.
    pub notes: Vec<String>,
}

impl SlsError {
    /// An error at a place.
    pub fn new(message: impl Into<String>, span: Span) -> Self {
        Self { message: message.into(), span, label: String::new(), help: None, notes: Vec::new() }
    }

    /// The same error with words that stand at the place.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    /// The same error with a way to mend it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The same error with one more note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same error of a text that begins `offset` bytes into the statement.
    #[must_use]
    pub fn shifted(self, offset: usize) -> Self {
        Self { span: self.span.shifted(offset), ..self }
    }
}

impl fmt::Display for SlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SlsError {}

/// The weight of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The answer is right and may still not be that of the online service. Shown with `-v`.
    Note,
    /// The statement may not mean what it seems to. Always shown.
    Warning,
}

/// A remark on a statement that is answered all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlsNotice {
    /// Its weight.
    pub level: Level,
    /// The remark, worded as an error is.
    pub message: String,
    /// Its place; `None` for one about the whole statement.
    pub span: Option<Span>,
    /// A way to avoid it.
    pub help: Option<String>,
}

impl SlsNotice {
    /// A warning at a place.
    pub fn warning(message: impl Into<String>, span: Span) -> Self {
        Self { level: Level::Warning, message: message.into(), span: Some(span), help: None }
    }

    /// A note on the whole statement.
    pub fn note(message: impl Into<String>) -> Self {
        Self { level: Level::Note, message: message.into(), span: None, help: None }
    }

    /// The same notice with a way to avoid it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}
