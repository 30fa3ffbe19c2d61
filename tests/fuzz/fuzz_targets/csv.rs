//! Text through the sniffing of its dialect and the cutting into rows.
//!
//! Demands: rows come in the order of the bytes and hold what stands there; between them lie the ends of rows only; how
//! the reads are cut makes no difference; cells that are written again as CSV come back as they were.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailql_fuzz::cost::assert_linear;
use trailql_fuzz::export::csv::dialect::{self, Dialect};
use trailql_fuzz::export::csv::{self, CsvOptions, Row, Rows};
use trailql_fuzz::{Cut, hash};

/// Bytes by which a source is told from others.
const HEAD_BYTES: usize = 64 << 10;

fuzz_target!(|data: &[u8]| {
    let way = hash(data);
    let sniffed = dialect::sniff(data, &CsvOptions::default());
    let dialect = sniffed.unwrap_or_else(|| Dialect {
        delimiter: b",\t|; "[(way >> 8) as usize % 5],
        quote: b"\"'"[(way >> 16) as usize % 2],
        line_feed: None,
        columns: vec!["eventId".to_owned(), "eventName".to_owned()],
        has_header: false,
        escapes: false,
        lines_before: 0,
    });
    let columns = Some(dialect.columns.len());
    let whole = rows(data, data, &dialect, columns, data.len().max(1), true);
    let cut = rows(Cut::new(data, way), data, &dialect, columns, data.len().max(1), true);
    assert_eq!(whole, cut, "the reads make a difference");
    come_back(&whole, &dialect);
    let limit = 1 + (way >> 32) as usize % (data.len() + 1);
    rows(data, data, &dialect, columns, limit, false);
    rows(Cut::new(data, way), data, &dialect, None, limit, false);
    assert_linear(data, |grown| {
        let dialect = dialect::sniff(&grown[..grown.len().min(HEAD_BYTES)], &CsvOptions::default()).unwrap_or_else(|| dialect.clone());
        rows(grown, grown, &dialect, Some(dialect.columns.len()), 1 << 20, false);
    });
});

/// The cells of a row, or why it is none, with the place of it.
type ReadRow = (usize, usize, Result<Vec<Vec<u8>>, String>);

fn rows(
    reader: impl std::io::Read,
    data: &[u8],
    dialect: &Dialect,
    columns: Option<usize>,
    limit: usize,
    gapless: bool,
) -> Vec<ReadRow> {
    let mut rows = Rows::new(reader, dialect, columns, limit);
    let mut found = Vec::new();
    let mut end = 0;
    while let Some(row) = rows.next_row() {
        let (bytes, offset, length, cells) = match row {
            Row::Cells { cells, bytes, offset } => {
                assert!(columns.is_none_or(|columns| columns == cells.len()));
                if let Ok(record) = csv::record(&dialect.columns, cells, None) {
                    serde_json::from_str::<serde_json::Value>(&record).expect("a row becomes a JSON object");
                }
                (bytes, offset, bytes.len() as u64, Ok(cells.iter().map(<[u8]>::to_vec).collect()))
            }
            Row::Broken { bytes, offset, length, reason } => {
                assert!(!bytes.is_empty(), "nothing is rejected at {offset}: {reason}");
                (bytes, offset, length, Err(reason.to_string()))
            }
        };
        let (at, length) = (usize::try_from(offset).unwrap(), usize::try_from(length).unwrap());
        assert!(at >= end, "a row at {at} begins before {end}, where the last one ended");
        assert!(at + length <= data.len() && bytes.len() <= length);
        assert_eq!(&data[at..at + bytes.len()], bytes, "a row holds other bytes than stand at {at}");
        if gapless {
            assert_ends_of_rows(data, end, at);
        }
        end = at + length;
        found.push((at, length, cells));
        assert!(found.len() <= data.len() + 1, "reading goes on for ever");
    }
    if gapless {
        assert_ends_of_rows(data, end, data.len());
    }
    found
}

fn assert_ends_of_rows(data: &[u8], from: usize, to: usize) {
    let gap = &data[from..to];
    let gap = if from == 0 { gap.strip_prefix(b"\xef\xbb\xbf").unwrap_or(gap) } else { gap };
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    assert!(gap.iter().all(is_end), "bytes in no row from {from} to {to}: {:?}", String::from_utf8_lossy(gap));
}

fn come_back(rows_before: &[ReadRow], dialect: &Dialect) {
    // The writer doubles quotes.
    if dialect.escapes {
        return;
    }
    // A byte order mark before a row is none of its text.
    let cells: Vec<&Vec<Vec<u8>>> = rows_before.iter().filter_map(|(_, _, cells)| cells.as_ref().ok()).collect();
    let cells: Vec<_> = cells.into_iter().filter(|cells| !cells[0].starts_with(b"\xef\xbb\xbf")).collect();
    let mut writer =
        ::csv::WriterBuilder::new().delimiter(dialect.delimiter).quote(dialect.quote).from_writer(Vec::new());
    for row in &cells {
        writer.write_record(row.iter()).expect("rows of the same length are written");
    }
    let text = writer.into_inner().expect("a Vec is written to");
    let again = rows(&text[..], &text, dialect, Some(dialect.columns.len()), text.len().max(1), true);
    let again: Vec<_> = again.iter().map(|(_, _, cells)| cells.as_ref().expect("what is written is good")).collect();
    assert_eq!(cells, again, "cells do not come back: {:?}", String::from_utf8_lossy(&text));
}
