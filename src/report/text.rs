//! Makes values of events safe to print: what a reader sees is what is there.
//!
//! Attackers choose user agents, names and error texts. A control character can rewrite a terminal, a bidirectional
//! override can make `gpj.exe` read as `exe.jpg`, and an invisible character hides a difference. All of them are shown as escapes, in every format.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The longest value that is printed whole, in characters. JSON has it whole in any case.
const LONGEST: usize = 160;

/// Whether a character steers the output or cannot be seen, instead of being text.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with every hidden character written as an escape: `\x1b`, `\n`, `\u{202e}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            // Writing to a `String` cannot fail.
            c if is_hidden(c) && (c as u32) < 0x100 => _ = write!(shown, "\\x{:02x}", c as u32),
            c if is_hidden(c) => _ = write!(shown, "\\u{{{:x}}}", c as u32),
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

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
