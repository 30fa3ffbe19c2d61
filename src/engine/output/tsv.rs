//! Tab-separated values for `cut`, `awk` and `sort`: a header line, one line a row, no quotes, nulls as nothing.
//!
//! A tab, a line end and a backslash inside of a cell are `\t`, `\n`, `\r` and `\\`, so that every line has as many
//! cells as there are columns. What begins a formula is made harmless as in CSV ([`escape::spreadsheet`]).

use super::{BatchSource, OutputError, OutputStyle, count, escape, value};
use std::borrow::Cow;
use std::io::Write;

pub(super) fn write(
    answer: &mut dyn BatchSource,
    style: &OutputStyle,
    out: &mut dyn Write,
) -> Result<u64, OutputError> {
    let schema = answer.schema();
    let mut line = String::new();
    for (at, field) in schema.fields().iter().enumerate() {
        push_cell(&mut line, at, field.name(), style);
    }
    line.push('\n');
    out.write_all(line.as_bytes())?;
    let mut rows = 0;
    while let Some(batch) = answer.next_batch()? {
        let columns = value::columns(&batch)?;
        for row in 0..batch.num_rows() {
            line.clear();
            for (at, column) in columns.iter().enumerate() {
                push_cell(&mut line, at, &column.text(row)?.unwrap_or_default(), style);
            }
            line.push('\n');
            out.write_all(line.as_bytes())?;
        }
        rows += count(&batch);
    }
    Ok(rows)
}

fn push_cell(line: &mut String, at: usize, text: &str, style: &OutputStyle) {
    if at > 0 {
        line.push('\t');
    }
    let safe = escape::spreadsheet(text);
    let start = line.len();
    for c in safe.chars() {
        match c {
            '\\' => line.push_str("\\\\"),
            '\t' => line.push_str("\\t"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            c => line.push(c),
        }
    }
    if style.terminal
        && let Cow::Owned(shown) = escape::terminal(line.get(start..).unwrap_or_default())
    {
        line.truncate(start);
        line.push_str(&shown);
    }
}
