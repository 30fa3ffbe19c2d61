//! Sniffs how a table in text is written: what stands between cells, around them, and what the columns are.
//!
//! Every way that SLS offers is tried on the first rows, and the one under which most columns are known wins. A header
//! must name columns of ActionTrail; without a header, exactly one cell of the first row must be a whole event as JSON.
//! Nothing else is taken for a table of events. A few lines may stand before the header.

use super::{CsvOptions, Row, Rows};
use crate::event::json::Members;
use crate::export::columns;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

/// The notation of a table in text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// Byte between two cells.
    pub delimiter: u8,
    /// Byte around a cell.
    pub quote: u8,
    /// Byte behind a row; `None` for line feeds of any kind.
    pub line_feed: Option<u8>,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// `true` if the first row names the columns.
    pub has_header: bool,
    /// `true` where a backslash stands before a quote in a cell; else the quote is doubled.
    pub escapes: bool,
    /// Lines before the first row: titles, and the `sep=,` of Excel.
    pub lines_before: usize,
}

/// Lines that may stand before a header.
const MAX_LINES_BEFORE: usize = 20;

/// Rows that are looked at to tell how quotes are written in cells.
const JUDGED_ROWS: usize = 64;

const DELIMITERS: [u8; 5] = [b',', b'\t', b'|', b';', b' '];
const QUOTES: [u8; 2] = [b'"', b'\''];

/// Finds the notation of `head`, the beginning of a text, as a table of ActionTrail events; `None` if it is none.
pub fn sniff(head: &[u8], options: &CsvOptions) -> Option<Dialect> {
    let (separator, rows) = match excel_separator(head) {
        Some((separator, length)) => (Some(separator), head.get(length..).unwrap_or_default()),
        None => (None, head),
    };
    let first = usize::from(separator.is_some());
    let options = &CsvOptions { delimiter: options.delimiter.or(separator), ..options.clone() };
    if let Some(dialect) = best_fit(rows, options) {
        return Some(Dialect { lines_before: first, ..dialect });
    }
    // A header behind other lines. Only a line with a field's name in it is worth a closer look.
    let line_feed = options.line_feed.unwrap_or(b'\n');
    let mut rest = rows;
    for line in 1..=MAX_LINES_BEFORE {
        rest = rest.get(memchr::memchr(line_feed, rest)? + 1..)?;
        let end = memchr::memchr(line_feed, rest).unwrap_or(rest.len());
        if !names_a_field(rest.get(..end).unwrap_or_default()) {
            continue;
        }
        if let Some(dialect) = best_fit(rest, options).filter(|dialect| dialect.has_header) {
            return Some(Dialect { lines_before: first + line, ..dialect });
        }
    }
    None
}

fn best_fit(head: &[u8], options: &CsvOptions) -> Option<Dialect> {
    let has_escapes = memchr::memmem::find(head, b"\\\"").is_some();
    let mut best: Option<((usize, Reverse<usize>), Dialect)> = None;
    for escapes in [false, true].into_iter().filter(|escapes| has_escapes || !escapes) {
        for dialect in candidates(options) {
            let Some((score, dialect)) = fit(head, Dialect { escapes, ..dialect }, options) else { continue };
            let ill_quoted = if has_escapes { dialect.ill_quoted_rows(head) } else { 0 };
            let score = (score, Reverse(ill_quoted));
            if best.as_ref().is_none_or(|(found, _)| score > *found) {
                best = Some((score, dialect));
            }
        }
    }
    best.map(|(_, dialect)| dialect)
}

/// Returns `true` for the line that Excel writes before a table, which stays where tables were put together.
pub fn is_excel_separator(line: &[u8]) -> bool {
    line.len() <= 8 && excel_separator(&[line, b"\n"].concat()).is_some()
}

/// The delimiter that Excel writes into a line of its own before the table, and how long that line is.
fn excel_separator(head: &[u8]) -> Option<(u8, usize)> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let end = memchr::memchr(b'\n', text)?;
    let line = text.get(..end)?.trim_ascii_end();
    // A tab is trimmed away.
    let separator = match line {
        [s, e, p, b'=', rest @ ..] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => match rest {
            [] => b'\t',
            [separator] => *separator,
            _ => return None,
        },
        _ => return None,
    };
    Some((separator, head.len() - text.len() + end + 1))
}

/// Returns `true` for a line that may be a header of ActionTrail's columns.
fn names_a_field(line: &[u8]) -> bool {
    let line = line.to_ascii_lowercase();
    [&b"event"[..], b"_raw", b"__content", "事件".as_bytes()]
        .iter()
        .any(|name| memchr::memmem::find(&line, name).is_some())
}

impl Dialect {
    /// The cells of one row, as far as they are text.
    pub fn cells_of(&self, row: &[u8]) -> Vec<String> {
        first_rows(row, self).into_iter().next().unwrap_or_default()
    }

    /// The columns that a row names, where it is a header and no event: the one of the table again, or of a table
    /// behind it. `columns` are those that the rows have now.
    pub fn header<'c>(
        &self,
        cells: impl Iterator<Item = Cow<'c, str>> + Clone,
        columns: &[String],
    ) -> Option<Vec<String>> {
        let name = |cell: &str| cell.trim_start_matches('\u{feff}').trim().to_owned();
        // Nearly all rows are none: their time, or an id, begins with a digit.
        let is_name = |cell: Cow<'_, str>| {
            cell.len() <= MAX_NAME_BYTES && !cell.starts_with(|first: char| first.is_ascii_digit() || first == '{')
        };
        if !cells.clone().all(is_name) {
            return None;
        }
        let names: Vec<String> = cells.map(|cell| name(&cell)).collect();
        let names = unique(names.iter().map(String::as_str));
        let is_same = names.len() == columns.len()
            && names.iter().zip(columns).all(|(name, column)| name.eq_ignore_ascii_case(column));
        if is_same {
            return Some(columns.to_vec());
        }
        let known = names.iter().filter(|name| is_known(name)).count();
        let is_other = columns::hold_events(names.iter().map(String::as_str)) && known * 2 > names.len();
        is_other.then_some(names)
    }

    /// Rows of the beginning of a table whose quotes are not as this dialect has them.
    fn ill_quoted_rows(&self, head: &[u8]) -> usize {
        let mut rows = Rows::new(head, self, Some(self.columns.len()), head.len());
        let mut ill_quoted = 0;
        for _ in 0..JUDGED_ROWS {
            let Some(row) = rows.next_row() else { break };
            // The last row may be cut off.
            ill_quoted += usize::from(match row {
                Row::Broken { offset, length, .. } => offset + length < head.len() as u64,
                Row::Cells { bytes, .. } => !self.is_well_quoted(bytes),
            });
        }
        ill_quoted
    }

    /// Returns `true` if every quoted cell ends right before a delimiter. The parser takes more than that, and two
    /// rows with an unclosed cell between them look like one to it.
    pub(super) fn is_well_quoted(&self, row: &[u8]) -> bool {
        let mut rest = row;
        while let Some((first, behind)) = rest.split_first() {
            if *first != self.quote {
                let end = rest.iter().position(|b| *b == self.delimiter || matches!(b, b'\r' | b'\n'));
                rest = end.map_or(&[], |end| &rest[end + 1..]);
                continue;
            }
            rest = behind;
            loop {
                let escape = if self.escapes { b'\\' } else { self.quote };
                let Some(quote) = memchr::memchr2(self.quote, escape, rest) else { return false };
                match (rest[quote], rest.get(quote + 1)) {
                    (b'\\', _) if self.escapes => rest = rest.get(quote + 2..).unwrap_or_default(),
                    (_, Some(doubled)) if *doubled == self.quote => rest = &rest[quote + 2..],
                    (_, Some(end)) if *end != self.delimiter && !matches!(end, b'\r' | b'\n') => return false,
                    _ => {
                        rest = rest.get(quote + 2..).unwrap_or_default();
                        break;
                    }
                }
            }
        }
        true
    }
}

/// Longest name of a column that is taken for one.
const MAX_NAME_BYTES: usize = 200;

/// Names of columns, of which those that came before get a number: no value of a row may be lost.
fn unique<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    // The last number of each name; all before it are taken, however often the name comes.
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    for name in names {
        let mut unique = name.to_owned();
        while !unique.is_empty() && !seen.insert(unique.clone()) {
            let number = numbers.entry(name).or_default();
            *number += 1;
            unique = format!("{name}_{number}");
        }
        found.push(unique);
    }
    found
}

/// Returns `true` for a text of at least two rows with the same number of cells, more than one.
pub fn is_table(head: &[u8], options: &CsvOptions) -> bool {
    candidates(options).filter(|dialect| dialect.delimiter != b' ').any(|dialect| {
        let rows = first_rows(head, &dialect);
        matches!(rows.as_slice(), [first, second, ..] if first.len() > 1 && first.len() == second.len())
    })
}

fn candidates(options: &CsvOptions) -> impl Iterator<Item = Dialect> {
    let delimiters = options.delimiter.map_or_else(|| DELIMITERS.to_vec(), |given| vec![given]);
    let quotes = options.quote.map_or_else(|| QUOTES.to_vec(), |given| vec![given]);
    let line_feed = options.line_feed;
    delimiters.into_iter().flat_map(move |delimiter| {
        quotes.clone().into_iter().map(move |quote| Dialect {
            delimiter,
            quote,
            line_feed,
            columns: Vec::new(),
            has_header: false,
            escapes: false,
            lines_before: 0,
        })
    })
}

/// Scores the fit of a dialect, and returns it with the columns that it gives.
fn fit(head: &[u8], dialect: Dialect, options: &CsvOptions) -> Option<(usize, Dialect)> {
    let rows = first_rows(head, &dialect);
    let (first, second) = (rows.first()?, rows.get(1));
    if let Some(given) = &options.columns {
        if first.len() != given.len() {
            return None;
        }
        let has_header = first.iter().zip(given).all(|(cell, name)| cell.eq_ignore_ascii_case(name));
        return Some((1, Dialect { columns: given.clone(), has_header, ..dialect }));
    }
    let names = || first.iter().map(String::as_str);
    if columns::hold_events(names()) {
        let score = names().filter(|name| is_known(name)).count();
        let fits = match second {
            Some(second) => second.len() == first.len() && event_cell_is_json(first, second),
            // A header alone is an empty export. Words with blanks between them are more likely prose.
            None => dialect.delimiter != b' ' && score * 2 > first.len(),
        };
        let columns = unique(first.iter().map(|name| name.trim()));
        return fits.then_some((1 + score, Dialect { columns, has_header: true, ..dialect }));
    }
    let columns = columns_without_header(first)?;
    Some((1, Dialect { columns, ..dialect }))
}

fn is_known(name: &str) -> bool {
    let name = columns::behind_event(name).unwrap_or(name);
    columns::holds_event(name) || name.starts_with("__") || columns::place(name).is_some()
}

/// Returns `false` if a column is to hold events and its first cell holds none, nor a word for none.
fn event_cell_is_json(header: &[String], row: &[String]) -> bool {
    let cells = header.iter().zip(row).filter(|(name, _)| columns::holds_event(name));
    cells.into_iter().all(|(_, cell)| cell.trim_start().starts_with('{') || crate::event::ids::is_absent_word(cell))
}

/// Names columns by what the first row holds, where exactly one cell is an event.
fn columns_without_header(first: &[String]) -> Option<Vec<String>> {
    let mut events = 0;
    let mut topics = 0;
    let mut times = 0;
    let names = first.iter().enumerate().map(|(n, cell)| {
        let once = |count: &mut i32, name: &str| {
            *count += 1;
            if *count == 1 { name.to_owned() } else { format!("column_{}", n + 1) }
        };
        let is_time = cell.len() == 10 && cell.bytes().all(|b| b.is_ascii_digit());
        if is_event(cell) {
            once(&mut events, "event")
        } else if cell.starts_with("actiontrail_") {
            once(&mut topics, "__topic__")
        } else if is_time {
            once(&mut times, "__time__")
        } else {
            format!("column_{}", n + 1)
        }
    });
    let names: Vec<String> = names.collect();
    (events == 1).then_some(names)
}

fn is_event(cell: &str) -> bool {
    let members = Some(cell.trim()).filter(|cell| cell.starts_with('{')).and_then(Members::parse);
    members.is_some_and(|members| {
        ["eventId", "eventTime"].into_iter().all(|key| members.get_any_case(key).is_some())
            || members.get_any_case("insightDetails").is_some()
    })
}

/// The first two rows, as far as they are text.
fn first_rows(head: &[u8], dialect: &Dialect) -> Vec<Vec<String>> {
    let mut rows = Rows::new(head, dialect, None, head.len());
    let mut found = Vec::new();
    while found.len() < 2
        && let Some(Row::Cells { cells, .. }) = rows.next_row()
    {
        found.push(cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect());
    }
    found
}
