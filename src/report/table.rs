//! Text tables that fit a width: columns as wide as they need, long cells folded, columns that do not fit
//! beside the others below them, and one block a row where even that does not help.

use crate::text_layout::{GAP, fold, longest_word, rule, side_by_side, width as width_of};

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
        let mut widths: Vec<usize> = self.headers.iter().take(columns).map(|(header, _)| width_of(header)).collect();
        let mut narrowest: Vec<usize> = widths.iter().map(|width| NARROWEST.max(*width)).collect();
        for row in &self.rows {
            for (at, cell) in row.iter().enumerate().take(columns) {
                widths[at] = widths[at].max(cell.split('\n').map(width_of).max().unwrap_or(0));
                narrowest[at] = narrowest[at].max(longest_word(cell).min(LONGEST_WORD));
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
        let is_right = |at: usize| self.headers[at].1 == Align::Right;
        let mut lines = side_by_side(&header, widths, is_right);
        lines.push(rule(widths));
        for row in &self.rows {
            lines.extend(side_by_side(row, widths, is_right));
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

    fn blocks(&self, width: usize) -> Vec<String> {
        let label = self.headers.iter().map(|(header, _)| width_of(header)).max().unwrap_or(0);
        let mut lines = Vec::new();
        for row in &self.rows {
            for (n, ((header, _), cell)) in self.headers.iter().zip(row).enumerate() {
                let lead = if n == 0 { "- " } else { "  " };
                let pad = " ".repeat(label - width_of(header));
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
        match lines.last_mut().filter(|line| width_of(line) + 3 + width_of(part) <= width) {
            Some(line) => line.extend([" · ", part]),
            None => lines.push(part.clone()),
        }
    }
    lines.into_iter().flat_map(move |line| fold(&line, width))
}
