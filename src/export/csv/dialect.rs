//! Sniffs how a table in text is written: what stands between cells, around them, and what the columns are.
//!
//! Every way that SLS offers is tried on the first rows, and the one under which most columns are known wins. A header
//! must name columns of ActionTrail; without a header, exactly one cell of the first row must be a whole event as JSON.
//! Nothing else is taken for a table of events.

use super::{CsvOptions, Row, Rows};
use crate::event::json::Members;
use crate::export::columns;

/// How a table in text is written.
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
    /// True where the first row names the columns.
    pub has_header: bool,
}

const DELIMITERS: [u8; 5] = [b',', b'\t', b'|', b';', b' '];
const QUOTES: [u8; 2] = [b'"', b'\''];

/// How `head`, the beginning of a text, is written as a table of ActionTrail events; `None` where it is none.
pub fn sniff(head: &[u8], options: &CsvOptions) -> Option<Dialect> {
    let mut best: Option<(usize, Dialect)> = None;
    for dialect in candidates(options) {
        let Some((score, dialect)) = fit(head, dialect, options) else { continue };
        if best.as_ref().is_none_or(|(found, _)| score > *found) {
            best = Some((score, dialect));
        }
    }
    best.map(|(_, dialect)| dialect)
}

/// True for a text of at least two rows with the same number of cells, more than one.
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
        })
    })
}

/// How well a dialect fits, with the columns it gives.
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
        let columns = first.iter().map(|name| name.trim().to_owned()).collect();
        return fits.then_some((1 + score, Dialect { columns, has_header: true, ..dialect }));
    }
    let columns = columns_without_header(first)?;
    Some((1, Dialect { columns, ..dialect }))
}

fn is_known(name: &str) -> bool {
    let name = columns::behind_event(name).unwrap_or(name);
    columns::holds_event(name) || name.starts_with("__") || columns::place(name).is_some()
}

/// Where a column holds whole events, the first of them must be one, or stand for none.
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
