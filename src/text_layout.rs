//! Folding of text to a width, for tables and records on a terminal.
//!
//! Widths are columns of a terminal, so a character of Chinese or Japanese counts twice. A word of ASCII letters,
//! digits and signs is an id, an address or a name that somebody copies: it stays whole unless it is wider than a line.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Returns the width of a text in columns.
pub fn width(text: &str) -> usize {
    // Most values are ASCII, whose width needs no table.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) { text.len() } else { text.width() }
}

/// Returns the width of the widest word of a text, which a fold to that width keeps whole.
pub fn longest_word(text: &str) -> usize {
    text.split('\n').flat_map(words).map(|word| word.trim_end_matches(' ').width()).max().unwrap_or(0)
}

/// Columns between two cells.
pub const GAP: usize = 2;

/// Lays out cells side by side, each folded to the width of its column. `is_right` tells columns of numbers.
pub fn side_by_side(cells: &[String], widths: &[usize], is_right: impl Fn(usize) -> bool) -> Vec<String> {
    let folded: Vec<Vec<String>> = cells.iter().zip(widths).map(|(cell, width)| fold(cell, *width)).collect();
    let height = folded.iter().map(Vec::len).max().unwrap_or(0);
    let line = |n: usize| {
        let mut line = String::new();
        for (at, width) in widths.iter().enumerate() {
            let cell = folded.get(at).and_then(|lines| lines.get(n)).map_or("", String::as_str);
            let blanks = |n: usize| std::iter::repeat_n(' ', n);
            let pad = width.saturating_sub(self::width(cell));
            line.extend(blanks(if at > 0 { GAP } else { 0 }));
            line.extend(blanks(if is_right(at) { pad } else { 0 }));
            line.push_str(cell);
            line.extend(blanks(if is_right(at) { 0 } else { pad }));
        }
        line.truncate(line.trim_end().len());
        line
    };
    (0..height).map(line).collect()
}

/// Draws the line between the names of columns and their cells.
pub fn rule(widths: &[usize]) -> String {
    let parts: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    parts.join(&" ".repeat(GAP))
}

/// Folds a text into lines no wider than `width`: at its line feeds, between words, and between characters of scripts
/// that write no blanks, by the rules of Unicode (UAX 14). A word of ASCII letters, digits and signs is an id or a
/// name, and stays whole unless it is wider than a line. Never empty.
pub fn fold(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    if !text.contains('\n') && self::width(text) <= width {
        return vec![text.trim_end_matches(' ').to_owned()];
    }
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let mut folded = vec![String::new()];
        let mut used = 0;
        for word in words(line) {
            let bare = word.trim_end_matches(' ');
            if used + bare.width() > width && used > 0 {
                trim(&mut folded);
                folded.push(String::new());
                used = 0;
            }
            for c in word.chars() {
                let wide = c.width().unwrap_or(0);
                if used + wide > width {
                    // A blank that does not fit ends the line.
                    if c == ' ' {
                        continue;
                    }
                    folded.push(String::new());
                    used = 0;
                }
                if let Some(line) = folded.last_mut() {
                    line.push(c);
                }
                used += wide;
            }
        }
        trim(&mut folded);
        lines.extend(folded);
    }
    lines
}

/// Folds a text as [`fold`] does, but breaks no token: a list folds behind its commas, and JSON behind commas and the
/// names of members as well. What is still wider than `width` stands whole on a line of its own.
pub fn fold_tokens(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let (mut folded, mut used) = (vec![String::new()], 0);
        let mut add = |piece: &str| {
            let bare = piece.trim_end_matches(' ').width();
            if used > 0 && used + bare > width {
                trim(&mut folded);
                folded.push(String::new());
                used = 0;
            }
            if let Some(line) = folded.last_mut() {
                line.push_str(piece);
            }
            used += piece.width();
        };
        for word in words(line) {
            if word.trim_end_matches(' ').width() <= width {
                add(word);
                continue;
            }
            for part in word.split_inclusive([',', ';']) {
                if part.width() <= width { add(part) } else { members(part).for_each(&mut add) }
            }
        }
        trim(&mut folded);
        lines.extend(folded);
    }
    lines
}

/// Splits JSON behind the names of members.
fn members(json: &str) -> impl Iterator<Item = &str> {
    let mut rest = json;
    std::iter::from_fn(move || {
        let (part, behind) = match rest.find("\":") {
            Some(at) => rest.split_at(at + 2),
            None => (rest, ""),
        };
        rest = behind;
        (!part.is_empty()).then_some(part)
    })
}

/// Folds the name of a column behind `_`. A part that is wider than `width` stays whole.
pub fn fold_name(name: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for part in name.split_inclusive('_') {
        match lines.last_mut() {
            Some(line) if line.is_empty() || line.width() + part.width() <= width => line.push_str(part),
            _ => lines.push(part.to_owned()),
        }
    }
    lines
}

/// Removes blanks at the end of the last line.
fn trim(lines: &mut [String]) {
    if let Some(line) = lines.last_mut() {
        line.truncate(line.trim_end_matches(' ').len());
    }
}

/// Splits a line where it may be folded. Blanks stay at the end of their word.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii() && c != ' ');
    unicode_linebreak::linebreaks(line).filter_map(move |(at, _)| {
        // UAX 14 breaks ids at hyphens and slashes.
        let inside = is_part(line[..at].chars().next_back()) && is_part(line[at..].chars().next());
        if inside {
            return None;
        }
        let word = &line[start..at];
        start = at;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_fold_between_words_and_keep_ids() {
        for (text, width, expected) in [
            ("", 10, vec![""]),
            ("one two three", 8, vec!["one two", "three"]),
            ("8A3BD0FC-4219-5EAB-B004 x", 12, vec!["8A3BD0FC-421", "9-5EAB-B004", "x"]),
            ("id 8A3BD0FC-4219", 14, vec!["id", "8A3BD0FC-4219"]),
            ("一二三四五六。", 6, vec!["一二三", "四五", "六。"]),
            ("RAM ユーザーの多要素認証", 12, vec!["RAM ユーザー", "の多要素認証"]),
            ("a\nb c", 10, vec!["a", "b c"]),
            ("ab cd", 2, vec!["ab", "cd"]),
            ("ab  ", 9, vec!["ab"]),
            ("ab  ", 2, vec!["ab"]),
        ] {
            let lines = fold(text, width);
            assert_eq!(lines, expected, "{text} in {width}");
            assert!(lines.iter().all(|line| line.width() <= width));
        }
    }

    #[test]
    fn tokens_stay_whole_and_json_folds_at_commas_and_colons() {
        for (text, width, expected) in [
            ("8A3BD0FC-4219-5EAB-B004", 12, vec!["8A3BD0FC-4219-5EAB-B004"]),
            ("at 2026-10-07T05:06:46+00:00 x", 20, vec!["at", "2026-10-07T05:06:46+00:00", "x"]),
            ("i-1,i-22,i-333;sg-1", 9, vec!["i-1,i-22,", "i-333;", "sg-1"]),
            (r#"{"a":"b","mfaChecked":true}"#, 14, vec![r#"{"a":"b","#, r#""mfaChecked":"#, "true}"]),
            (r#"{"t":"05:06:46","u":[1,2]}"#, 12, vec![r#"{"t":"#, r#""05:06:46","#, r#""u":[1,2]}"#]),
            ("a\nb", 1, vec!["a", "b"]),
            ("", 5, vec![""]),
        ] {
            assert_eq!(fold_tokens(text, width), expected, "{text} in {width}");
        }
        assert_eq!(fold_name("source_ip_address", 13), ["source_ip_", "address"]);
        assert_eq!(fold_name("events", 2), ["events"]);
        assert_eq!(fold_name("_a__b", 3), ["_a_", "_b"]);
    }
}
