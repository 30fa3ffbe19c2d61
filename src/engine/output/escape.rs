//! Makes text from an event harmless where it is shown.
//!
//! User agents, names and error texts are chosen by whoever made the call, so they may carry escape sequences that
//! recolour or retitle a terminal, direction marks that reorder what is read, formulas that a spreadsheet runs, or
//! markup. The text stays readable: what is dangerous is shown as what it is (`\u{1b}`), never dropped.

use std::borrow::Cow;
use std::fmt::Write;

/// True for characters that a terminal or a text renderer acts on instead of showing: control characters (C0, DEL, C1),
/// line and paragraph separators, direction marks and overrides, and the invisible tag characters.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Text for a terminal: each unsafe character as `\u{..}`, line breaks and tabs too.
pub fn terminal(text: &str) -> Cow<'_, str> {
    replace_unsafe(text, |safe, c| safe.extend(c.escape_unicode()))
}

/// Text of a JSON document, unsafe characters as `\uXXXX`.
///
/// Inside JSON they can only stand in strings, except for the white space between values, which is left.
pub fn json(text: &str) -> Cow<'_, str> {
    replace_unsafe(text, |safe, c| {
        if matches!(c, '\n' | '\r' | '\t') {
            safe.push(c);
            return;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _ = write!(safe, "\\u{unit:04x}");
        }
    })
}

/// Text for a CSV cell: one that a spreadsheet would run as a formula gets a leading apostrophe.
///
/// Plain numbers are left as they are, so that `-5` stays a number.
pub fn spreadsheet(text: &str) -> Cow<'_, str> {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if runs && !is_plain_number(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Text for a cell of a Markdown table: markup, HTML and links are shown, not run.
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\n' => safe.push_str("<br>"),
            '\\' | '|' | '`' | '[' | ']' | '*' | '~' | '$' => safe.extend(['\\', c]),
            c if is_unsafe(c) => {
                safe.push('\\');
                safe.extend(c.escape_unicode());
            }
            c => safe.push(c),
        }
    }
    safe
}

fn replace_unsafe(text: &str, replace: impl Fn(&mut String, char)) -> Cow<'_, str> {
    // Most text is plain ASCII, which is seen at a glance.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) { replace(&mut safe, c) } else { safe.push(c) }
    }
    Cow::Owned(safe)
}

/// `-5`, `+1.5`, `-2e10`: a sign, digits, at most one point and a decimal exponent, and nothing else.
fn is_plain_number(text: &str) -> bool {
    let signed = text.strip_prefix(['-', '+']).unwrap_or(text);
    signed.starts_with(|c: char| c.is_ascii_digit())
        && signed.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
        && signed.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals() {
        for (text, shown) in [
            ("plain 日本語 ä", "plain 日本語 ä"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\u{9b}31m", "a\\u{9b}31m"),
            ("a\nb\tc\r", "a\\u{a}b\\u{9}c\\u{d}"),
            ("\u{202e}txt.exe", "\\u{202e}txt.exe"),
            ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
            ("\0\u{7f}", "\\u{0}\\u{7f}"),
            ("\u{e0041}", "\\u{e0041}"),
        ] {
            assert_eq!(terminal(text), shown);
        }
    }

    #[test]
    fn json_documents_keep_their_meaning() {
        let document = "{\n\"a\":\"\u{9b}31m\u{202e}\u{e0041}\"}";
        let safe = json(document);
        assert_eq!(safe, "{\n\"a\":\"\\u009b31m\\u202e\\udb40\\udc41\"}");
        let read: serde_json::Value = serde_json::from_str(&safe).unwrap();
        assert_eq!(read, serde_json::from_str::<serde_json::Value>(document).unwrap());
    }

    #[test]
    fn spreadsheets() {
        for (text, cell) in [
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("+1+cmd", "'+1+cmd"),
            ("-1", "-1"),
            ("-1.5e3", "-1.5e3"),
            ("+8613800000000", "+8613800000000"),
            ("-1-1", "'-1-1"),
            ("-inf", "'-inf"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("＝1", "'＝1"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(spreadsheet(text), cell);
        }
    }

    #[test]
    fn markdown_cells() {
        assert_eq!(markdown("a|b`c`\n<b>&"), "a\\|b\\`c\\`<br>&lt;b&gt;&amp;");
        assert_eq!(markdown("![x](http://example.com) \\| \u{1b}"), "!\\[x\\](http://example.com) \\\\\\| \\\\u{1b}");
    }
}
