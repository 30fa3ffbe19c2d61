//! Text tables that fit a width: columns as wide as they need, long cells folded, columns that do not fit
//! beside the others below them, and one block a row where even that does not help.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const GAP: usize = 2;
/// The narrowest a column is folded to.
const NARROWEST: usize = 12;
/// A column is not folded so far that shorter words than this break.
const LONGEST_WORD: usize = 36;
/// The indentation of text below a row.
const INDENT: usize = 4;

/// The alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Texts.
    Left,
    /// Times and days: as texts, and never folded.
    Fixed,
    /// Numbers.
    Right,
}

/// A table under construction. Cells are plain text without control characters.
#[derive(Debug)]
pub struct Table {
    headers: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of these columns and rows, one cell a column.
    pub fn new(headers: Vec<(String, Align)>, rows: Vec<Vec<String>>) -> Self {
        Self { headers, rows }
    }

    /// The lines of the table, none wider than `width`; nothing when there are no rows.
    pub fn lines(&self, width: usize) -> Vec<String> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        // As many columns as fit side by side.
        let fitting = (2..=self.headers.len()).rev().find_map(|columns| self.widths(columns, width));
        match fitting {
            Some(widths) => self.grid(&widths, width),
            None => self.blocks(width),
        }
    }

    /// The widths of the first columns, or nothing when these do not fit side by side.
    fn widths(&self, columns: usize, width: usize) -> Option<Vec<usize>> {
        let mut widths: Vec<usize> = self.headers.iter().take(columns).map(|(header, _)| header.width()).collect();
        let mut narrowest: Vec<usize> = widths.iter().map(|width| NARROWEST.max(*width)).collect();
        for row in &self.rows {
            for (at, cell) in row.iter().enumerate().take(columns) {
                widths[at] = widths[at].max(cell.split('\n').map(UnicodeWidthStr::width).max().unwrap_or(0));
                let word = words(cell).map(|word| word.trim_end().width()).max().unwrap_or(0);
                narrowest[at] = narrowest[at].max(word.min(LONGEST_WORD));
            }
        }
        let room = width.checked_sub(GAP * columns.saturating_sub(1))?;
        loop {
            let over = widths.iter().sum::<usize>().saturating_sub(room);
            if over == 0 {
                return Some(widths);
            }
            // Numbers and times are not folded: the widest text column gives way, cell by cell.
            let (at, _) =
                self.foldable(&widths).filter(|(at, width)| *width > narrowest[*at]).max_by_key(|(_, width)| *width)?;
            widths[at] -= 1;
        }
    }

    fn foldable<'a>(&'a self, widths: &'a [usize]) -> impl Iterator<Item = (usize, usize)> + 'a {
        widths.iter().copied().enumerate().filter(|(at, _)| self.headers[*at].1 == Align::Left)
    }

    fn grid(&self, widths: &[usize], width: usize) -> Vec<String> {
        let header = self.headers.iter().map(|(header, _)| header.clone()).collect::<Vec<_>>();
        let mut lines = self.grid_row(&header, widths);
        lines.push(widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>().join(&" ".repeat(GAP)));
        for row in &self.rows {
            lines.extend(self.grid_row(row, widths));
            // What does not fit beside stands below.
            let below =
                header.iter().zip(row).skip(widths.len()).filter(|(_, cell)| !matches!(cell.as_str(), "" | "–"));
            let below: Vec<String> =
                below.map(|(header, cell)| format!("{header}: {}", cell.replace('\n', "; "))).collect();
            if !below.is_empty() {
                lines.extend(
                    join(&below, width.saturating_sub(INDENT)).map(|line| format!("{}{line}", " ".repeat(INDENT))),
                );
            }
        }
        lines
    }

    fn grid_row(&self, cells: &[String], widths: &[usize]) -> Vec<String> {
        let folded: Vec<Vec<String>> = cells.iter().zip(widths).map(|(cell, width)| fold(cell, *width)).collect();
        let height = folded.iter().map(Vec::len).max().unwrap_or(0);
        let line = |n: usize| {
            let mut line = String::new();
            for (at, width) in widths.iter().enumerate() {
                let cell = folded.get(at).and_then(|lines| lines.get(n)).map_or("", String::as_str);
                let pad = " ".repeat(width.saturating_sub(cell.width()));
                let (before, after) =
                    if self.headers[at].1 == Align::Right { (pad.as_str(), "") } else { ("", pad.as_str()) };
                line.extend([if at > 0 { "  " } else { "" }, before, cell, after]);
            }
            line.trim_end().to_owned()
        };
        (0..height).map(line).collect()
    }

    fn blocks(&self, width: usize) -> Vec<String> {
        let label = self.headers.iter().map(|(header, _)| header.width()).max().unwrap_or(0);
        let mut lines = Vec::new();
        for row in &self.rows {
            for (n, ((header, _), cell)) in self.headers.iter().zip(row).enumerate() {
                let lead = if n == 0 { "- " } else { "  " };
                let pad = " ".repeat(label - header.width());
                for (m, part) in fold(cell, width.saturating_sub(label + 4).max(1)).into_iter().enumerate() {
                    lines.push(match m {
                        0 => format!("{lead}{header}{pad}  {part}").trim_end().to_owned(),
                        _ => format!("{}{part}", " ".repeat(label + 4)),
                    });
                }
            }
        }
        lines
    }
}

/// Joins parts with dots; a part that does not fit on a line begins the next.
fn join(parts: &[String], width: usize) -> impl Iterator<Item = String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut().filter(|line| line.width() + 3 + part.width() <= width) {
            Some(line) => line.extend([" · ", part]),
            None => lines.push(part.clone()),
        }
    }
    lines.into_iter().flat_map(move |line| fold(&line, width))
}

/// Folds a text into lines no wider than `width`: at its line feeds, between words, and between characters of scripts
/// that write no blanks, by the rules of Unicode (UAX 14). A word of ASCII letters, digits and signs is an id or a
/// name, and stays whole unless it is wider than a line. Never empty.
pub fn fold(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
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
        ] {
            let lines = fold(text, width);
            assert_eq!(lines, expected, "{text} in {width}");
            assert!(lines.iter().all(|line| line.width() <= width));
        }
    }
}
