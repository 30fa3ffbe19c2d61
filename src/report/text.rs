//! Values of events as the report prints them: what a reader sees is what is there.
//!
//! The dangerous characters, and their visible forms, are listed in one place for all that is printed:
//! [`crate::engine::output::escape`].

use crate::engine::output::escape;

pub use escape::{is_hidden, terminal as visible};

/// The longest value that is printed whole, in characters. JSON has it whole in any case.
const LONGEST: usize = 160;

/// The visible text, cut with an ellipsis when it is very long.
pub fn printed(text: &str) -> String {
    let shown = visible(text);
    match shown.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &shown[..at]),
        None => shown.into_owned(),
    }
}

/// The visible text of a value that may be absent.
pub fn printed_or(text: Option<&str>, absent: &str) -> String {
    text.map_or_else(|| absent.to_owned(), printed)
}
