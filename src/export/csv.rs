//! Cuts CSV into rows, and rows into records that the envelope can read.
//!
//! The delimiter, the quotes and the names of the columns are sniffed ([`dialect`]) unless the user gives them. A row
//! becomes a JSON object of texts, a member a column, and goes the same way as every other record from there. One
//! broken row must not take the others with it: a quote that is never closed swallows the rows behind it, so where a
//! row has not as many cells as there are columns, only its first line is rejected and reading goes on behind that
//! line.

pub mod dialect;

use super::framing::Broken;
use super::window::Window;
use crate::event::json::push_string;
use crate::event::time::Zone;
use csv_core::ReadRecordResult;
use dialect::Dialect;
use std::borrow::Cow;
use std::io::Read;

/// The notation of CSV as a user gives it; `None` is sniffed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CsvOptions {
    /// Byte between two cells.
    pub delimiter: Option<u8>,
    /// Byte around a cell.
    pub quote: Option<u8>,
    /// Byte behind a row.
    pub line_feed: Option<u8>,
    /// Names of the columns; the file has no header then.
    pub columns: Option<Vec<String>>,
    /// Text of a cell that has no value. Without it, an empty cell has none.
    pub null: Option<String>,
    /// Zone of times that name none; without it they are not read.
    pub tz: Option<Zone>,
}

/// Most columns of a table.
const MAX_COLUMNS: usize = 4096;

/// Bytes of an oversized row that are kept.
const KEPT_OF_OVERSIZED: usize = 1 << 20;

/// One row, or a stretch of bytes that is none.
#[allow(missing_docs, reason = "each variant tells of its fields")]
#[derive(Debug, PartialEq, Eq)]
pub enum Row<'a> {
    /// The cells of a row, how it is written, and where it begins.
    Cells { cells: Cells<'a>, bytes: &'a [u8], offset: u64 },
    /// Bytes that are no row: the first of them, where they begin, how many there are, and what is wrong.
    Broken { bytes: &'a [u8], offset: u64, length: u64, reason: Broken },
}

/// The cells of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cells<'a> {
    text: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Cells<'a> {
    /// Returns their number.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns `true` if there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Their bytes, unquoted.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + Clone {
        let (text, ends) = (self.text, self.ends);
        let starts = std::iter::once(0).chain(ends.iter().copied());
        starts.zip(ends).map(|(start, end)| text.get(start..*end).unwrap_or_default())
    }

    /// Their text.
    pub fn texts(&self) -> impl Iterator<Item = Cow<'a, str>> + Clone {
        self.iter().map(String::from_utf8_lossy)
    }
}

/// Writes a row as a JSON object; an error names the column that is not UTF-8.
pub fn record(columns: &[String], cells: Cells<'_>, null: Option<&str>) -> Result<String, String> {
    let mut out = String::from("{");
    for (column, cell) in columns.iter().zip(cells.iter()) {
        let text = std::str::from_utf8(cell)
            .map_err(|error| format!("the column `{column}` is not UTF-8 from byte {} on", error.valid_up_to()))?;
        if text == null.unwrap_or("") {
            continue;
        }
        if out.len() > 1 {
            out.push(',');
        }
        push_string(&mut out, column);
        out.push(':');
        push_string(&mut out, text);
    }
    out.push('}');
    Ok(out)
}

/// Cuts a stream into [`Row`]s.
pub struct Rows<R> {
    input: Window<R>,
    core: csv_core::Reader,
    limit: usize,
    /// Cells that a row must have; `None` takes any number.
    columns: Option<usize>,
    dialect: Dialect,
    line_feed: u8,
    cells: Vec<u8>,
    ends: Vec<usize>,
}

/// The outcome of scanning the beginning of the unread bytes.
enum Scanned {
    /// A row of so many bytes, with so many cells.
    Row { length: usize, cells: usize },
    /// More bytes than a row may have.
    TooLong,
    /// Nothing but line feeds.
    Nothing,
}

impl<R: Read> Rows<R> {
    /// Cuts `reader` by `dialect`; no row may be longer than `limit` bytes.
    pub fn new(reader: R, dialect: &Dialect, columns: Option<usize>, limit: usize) -> Self {
        let mut core = csv_core::ReaderBuilder::new();
        core.delimiter(dialect.delimiter).quote(dialect.quote);
        if let Some(line_feed) = dialect.line_feed {
            core.terminator(csv_core::Terminator::Any(line_feed));
        }
        if dialect.escapes {
            core.escape(Some(b'\\'));
        }
        Self {
            input: Window::new(reader),
            core: core.build(),
            limit,
            columns,
            dialect: dialect.clone(),
            line_feed: dialect.line_feed.unwrap_or(b'\n'),
            cells: vec![0; 4096],
            ends: vec![0; 64],
        }
    }

    /// Sets how many cells a row must have from now on.
    pub fn set_columns(&mut self, columns: usize) {
        self.columns = Some(columns);
    }

    /// Passes over one line, whatever it holds: its bytes, and where it begins. `None` at the end of the stream, and
    /// for a line that is too long.
    pub fn skip_line(&mut self) -> Option<(Vec<u8>, u64)> {
        let mut searched = 0;
        loop {
            let unread = self.input.unread();
            let found = memchr::memchr(self.line_feed, unread.get(searched..).unwrap_or_default());
            if let Some(end) = found.map(|found| searched + found) {
                let line = without_line_end(unread.get(..end)?, self.line_feed).to_vec();
                let offset = self.input.offset();
                self.input.start += end + 1;
                return Some((line, offset));
            }
            searched = unread.len();
            if searched > self.limit || !self.input.fill() {
                return None;
            }
        }
    }

    /// The next row, or `None` at the end of the stream.
    pub fn next_row(&mut self) -> Option<Row<'_>> {
        match self.scan() {
            Scanned::Nothing => self.at_end(),
            Scanned::TooLong => Some(self.broken_line(Broken::TooLong(self.limit))),
            Scanned::Row { length, cells } => {
                let raw = &self.input.bytes[self.input.start..self.input.start + length];
                let has_lines = memchr::memchr(self.line_feed, raw.trim_ascii()).is_some();
                let wrong = self.columns.filter(|columns| *columns != cells);
                let has_hole = memchr::memchr(0, raw).is_some();
                if has_hole && has_lines {
                    return Some(self.broken_line(Broken::Hole));
                }
                if has_lines && (wrong.is_some() || !self.dialect.is_well_quoted(raw.trim_ascii())) {
                    return Some(self.broken_line(Broken::UnclosedCell));
                }
                let offset = self.input.offset();
                let bytes = self.input.start..self.input.start + length;
                self.input.start += length;
                let bytes = without_line_end(&self.input.bytes[bytes], self.line_feed);
                if has_hole {
                    return Some(Row::Broken { bytes, offset, length: bytes.len() as u64, reason: Broken::Hole });
                }
                let cells = if self.dialect.escapes {
                    unescape(bytes, &self.dialect, &mut self.cells, &mut self.ends)
                } else {
                    cells
                };
                if let Some(columns) = self.columns.filter(|columns| *columns != cells) {
                    let reason = Broken::Cells { found: cells, columns };
                    return Some(Row::Broken { bytes, offset, length: bytes.len() as u64, reason });
                }
                let cells = Cells { text: &self.cells, ends: &self.ends[..cells] };
                Some(Row::Cells { cells, bytes, offset })
            }
        }
    }

    /// Empty lines are no rows, nor the first line of a broken one.
    fn skip_empty_lines(&mut self) {
        loop {
            let line_feed = self.line_feed;
            self.input.start += self.input.unread().iter().take_while(|byte| ends_line(**byte, line_feed)).count();
            if !self.input.unread().is_empty() || !self.input.fill() {
                return;
            }
        }
    }

    fn scan(&mut self) -> Scanned {
        self.skip_empty_lines();
        // A row is always scanned from its beginning, so that it can be given up and read otherwise.
        self.core.reset();
        // A byte order mark is three bytes long, and the parser takes a mark alone for the end.
        while self.input.unread().len() < 4 && !self.input.ended {
            self.input.fill();
        }
        let (mut scanned, mut written, mut cells) = (0, 0, 0);
        loop {
            if self.input.start + scanned == self.input.bytes.len() && scanned <= self.limit {
                self.input.fill();
            }
            let input = &self.input.bytes[self.input.start + scanned..];
            let (result, read, out, ends) =
                self.core.read_record(input, &mut self.cells[written..], &mut self.ends[cells..]);
            scanned += read;
            written += out;
            cells += ends;
            match result {
                ReadRecordResult::Record => return Scanned::Row { length: scanned, cells },
                ReadRecordResult::End => {
                    self.input.start += scanned;
                    return Scanned::Nothing;
                }
                ReadRecordResult::InputEmpty if scanned > self.limit => return Scanned::TooLong,
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if cells >= MAX_COLUMNS => return Scanned::TooLong,
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
            }
        }
    }

    fn at_end(&mut self) -> Option<Row<'_>> {
        let reason = Broken::Damaged(self.input.damage.take()?);
        Some(Row::Broken { bytes: &[], offset: self.input.offset(), length: 0, reason })
    }

    /// Takes the first line of the unread bytes as broken, however long it is.
    fn broken_line(&mut self, reason: Broken) -> Row<'_> {
        let offset = self.input.offset();
        if let Some(end) = memchr::memchr(self.line_feed, self.input.unread()) {
            let bytes = &self.input.bytes[self.input.start..self.input.start + end];
            self.input.start += end + 1;
            let bytes = without_line_end(bytes, self.line_feed);
            return Row::Broken { bytes, offset, length: end as u64 + 1, reason };
        }
        let kept = self.input.unread().iter().take(KEPT_OF_OVERSIZED).copied().collect();
        loop {
            self.input.start = self.input.bytes.len();
            self.input.fill();
            match memchr::memchr(self.line_feed, self.input.unread()) {
                Some(end) => {
                    self.input.start += end + 1;
                    break;
                }
                None if self.input.start == self.input.bytes.len() => break,
                None => {}
            }
        }
        // The cells are not needed for a broken row, so their buffer can lend the bytes.
        self.cells = kept;
        let length = self.input.offset() - offset;
        let kept = self.cells.len();
        self.cells.resize(kept.max(4096), 0);
        Row::Broken { bytes: &self.cells[..kept], offset, length, reason }
    }
}

/// NUL bytes fill what a file has no content for.
fn ends_line(byte: u8, line_feed: u8) -> bool {
    byte == line_feed || byte == 0 || (byte == b'\r' && line_feed == b'\n')
}

/// Cuts a row again whose quotes are escaped by backslashes. The parser drops every backslash, but only those before a
/// quote or a backslash are none of the text: JSON in a cell has others.
/// Returns how many cells there are.
fn unescape(row: &[u8], dialect: &Dialect, cells: &mut Vec<u8>, ends: &mut Vec<usize>) -> usize {
    cells.clear();
    ends.clear();
    let (mut in_quotes, mut at) = (false, 0);
    while let Some(byte) = row.get(at).copied() {
        let next = row.get(at + 1).copied();
        at += 1;
        match byte {
            b'\\' if in_quotes && next.is_some_and(|next| next == dialect.quote || next == b'\\') => {
                cells.extend(next);
                at += 1;
            }
            quote if quote == dialect.quote => {
                if in_quotes && next == Some(quote) {
                    cells.push(quote);
                    at += 1;
                } else {
                    in_quotes = !in_quotes;
                }
            }
            delimiter if delimiter == dialect.delimiter && !in_quotes => ends.push(cells.len()),
            byte => cells.push(byte),
        }
    }
    ends.push(cells.len());
    let found = ends.len();
    // The parser asks for room in both.
    cells.resize(cells.len().max(4096), 0);
    ends.resize(found.max(64), 0);
    found
}

/// Blanks at the end of a row are its own; only what ends its line is not.
fn without_line_end(row: &[u8], line_feed: u8) -> &[u8] {
    let end = row.iter().rposition(|byte| !ends_line(*byte, line_feed)).map_or(0, |last| last + 1);
    row.get(..end).unwrap_or_default()
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
