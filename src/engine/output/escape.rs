//! Makes text from an event harmless where it is shown. The one place that says which characters are dangerous where.
//!
//! User agents, names and error texts are chosen by whoever made the call, so they may carry escape sequences that
//! recolour or retitle a terminal, direction marks that reorder what is read, characters of no width that hide a
//! difference between two names, formulas that a spreadsheet runs, or markup. The text stays readable: what is
//! dangerous is shown as what it is (`\u{1b}`), never dropped.
//!
//! | where | what is dangerous | what becomes of it |
//! |---|---|---|
//! | everywhere a person reads | what [`is_hidden`] names | `\u{..}`; in JSON `\uXXXX` |
//! | spreadsheets | a formula at the beginning of a cell, and behind what may end one | an apostrophe before it |
//! | Markdown | markup, HTML, links, mentions, what makes a list or a heading of a line | escaped |

use crate::event::secret::has_no_width;
use std::borrow::Cow;
use std::fmt::Write;

/// Returns `true` for characters that a terminal or a text renderer acts on instead of showing, or that cannot be seen:
/// control characters (C0, DEL, C1), line and paragraph separators, direction marks and overrides, soft hyphens, and
/// characters of no width or of blank letters.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || has_no_width(c)
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}')
        || matches!(c, '\u{3164}' | '\u{ffa0}' | '\u{1d173}'..='\u{1d17a}')
}

/// Returns text for a terminal: each unsafe character as `\u{..}`, line breaks and tabs too.
pub fn terminal(text: &str) -> Cow<'_, str> {
    replace_unsafe(text, |safe, c| safe.extend(c.escape_unicode()))
}

/// Returns text of a JSON document, unsafe characters as `\uXXXX`.
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

/// Characters that a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Characters that may end a cell, and so begin one: spreadsheets of some languages read CSV with semicolons or tabs,
/// and then quotes that do not stand at the beginning of their cell hold nothing together.
const CELL_ENDS: [char; 5] = [',', ';', '\t', '\r', '\n'];

/// Returns text for a CSV cell: what a spreadsheet would run as a formula gets an apostrophe before it, at the
/// beginning and behind each character that may end a cell.
///
/// Plain numbers are left as they are, so that `-5` stays a number.
pub fn spreadsheet(text: &str) -> Cow<'_, str> {
    // A tab or line end at the beginning is dropped by some, and what follows it begins the cell.
    let begins = text.starts_with(['\t', '\r', '\n']);
    if !begins && !text.contains(FORMULA) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 4);
    if begins {
        safe.push('\'');
    }
    for (at, part) in text.split_inclusive(CELL_ENDS).enumerate() {
        let cell = part.trim_end_matches(CELL_ENDS);
        // Blanks before it are dropped by some. `; +http` is usual in user agents, and `=` and `@` begin formulas
        // alone.
        let bare = cell.trim_start_matches(' ');
        let runs = cell.starts_with(FORMULA) || (at > 0 && bare.starts_with(['=', '@', '＝', '＠']));
        if runs && !is_plain_number(bare) {
            safe.push_str(&cell[..cell.len() - bare.len()]);
            safe.push('\'');
            safe.push_str(&part[cell.len() - bare.len()..]);
        } else {
            safe.push_str(part);
        }
    }
    if safe.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(safe) }
}

/// Returns text for Markdown, also in a cell of a table: markup, HTML, links and mentions are shown, not run.
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\n' => safe.push_str("<br>"),
            '\\' | '|' | '`' | '[' | ']' | '*' | '~' | '$' => safe.extend(['\\', c]),
            // Between letters it is one of them: `event_name`.
            '_' if !(is_letter(text[..at].chars().next_back()) && is_letter(rest.chars().next())) => {
                safe.push_str("\\_")
            }
            // GitHub makes links of bare addresses, and of the names of users and issues.
            ':' if rest.starts_with("//") => safe.push_str("&#58;"),
            '.' if text[..at].to_ascii_lowercase().ends_with("www") => safe.push_str("&#46;"),
            '@' => safe.push_str("&#64;"),
            '#' if rest.starts_with(|next: char| next.is_ascii_digit()) => safe.push_str("&#35;"),
            // A text may begin a line, where these would make a heading, a list, a rule or a quotation.
            '#' | '-' | '+' | '=' if at == 0 && !is_plain_number(text) => safe.extend(['\\', c]),
            '.' | ')' if begins_item(&text[..at], rest) => safe.extend(['\\', c]),
            c if is_hidden(c) => {
                safe.push('\\');
                safe.extend(c.escape_unicode());
            }
            c => safe.push(c),
        }
    }
    safe
}

fn is_letter(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphanumeric)
}

/// Returns `true` for what stands before and behind the sign of a numbered item: `1. x`.
fn begins_item(before: &str, behind: &str) -> bool {
    let is_number = !before.is_empty() && before.bytes().all(|byte| byte.is_ascii_digit());
    is_number && behind.starts_with(|next: char| next.is_whitespace())
}

fn replace_unsafe(text: &str, replace: impl Fn(&mut String, char)) -> Cow<'_, str> {
    // Most text is plain ASCII, which is seen at a glance.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) { replace(&mut safe, c) } else { safe.push(c) }
    }
    Cow::Owned(safe)
}

/// Returns `true` for `-5`, `+1.5`, `-2e10`: a sign, digits, at most one point and a decimal exponent, and nothing
/// else.
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
            ("ad\u{200b}min\u{ad}\u{2060}", "ad\\u{200b}min\\u{ad}\\u{2060}"),
            ("a\u{180e}\u{3164}\u{feff}", "a\\u{180e}\\u{3164}\\u{feff}"),
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
            ("x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0"),
            ("a\t=cmd|x", "a\t'=cmd|x"),
            ("a,@b\n+c", "a,'@b\n'+c"),
            ("x; =1", "x; '=1"),
            ("\t=1", "'\t'=1"),
            ("Googlebot/2.1; +http://www.google.com/bot.html", "Googlebot/2.1; +http://www.google.com/bot.html"),
            ("1;-5;+6,-7.5", "1;-5;+6,-7.5"),
        ] {
            assert_eq!(spreadsheet(text), cell);
        }
    }

    #[test]
    fn markdown_cells() {
        for (text, shown) in [
            ("a|b`c`\n<b>&", "a\\|b\\`c\\`<br>&lt;b&gt;&amp;"),
            ("![x](http://e.example) \\| \u{1b}", "!\\[x\\](http&#58;//e.example) \\\\\\| \\\\u{1b}"),
            ("see www.e.example @octocat _b_ #1", "see www&#46;e.example &#64;octocat \\_b\\_ &#35;1"),
            ("# x", "\\# x"),
            ("- x", "\\- x"),
            ("1. x", "1\\. x"),
            ("1.5", "1.5"),
            ("-5", "-5"),
            ("event_name __x__", "event_name \\_\\_x\\_\\_"),
            ("a\u{200b}b", "a\\\\u{200b}b"),
        ] {
            assert_eq!(markdown(text), shown, "{text}");
        }
    }
}
