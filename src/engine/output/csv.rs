//! CSV: quotes where RFC 4180 has them and around semicolons and tabs, nulls as nothing, a header line always. Lines
//! end with LF alone, which is what `cut`, `tail` and comparisons expect; a line end inside of a cell stays as it is,
//! in quotes.
//!
//! Spreadsheets of some languages part cells at semicolons. A cell in quotes is one cell to them if it is the first of
//! its line only, so what begins a formula behind such a sign is made harmless as well ([`escape::spreadsheet`]).

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::{BatchSource, OutputError, OutputStyle, count, escape, value};

/// Characters that a cell may hold only in quotes.
const QUOTED: [char; 6] = ['"', ',', ';', '\t', '\r', '\n'];

pub(super) fn write(
    answer: &mut dyn BatchSource,
    style: &OutputStyle,
    out: &mut dyn Write,
) -> Result<u64, OutputError> {
    // The writer has no rule for semicolons, so that cells come to it with their quotes.
    let mut writer =
        WriterBuilder::new().terminator(Terminator::Any(b'\n')).quote_style(QuoteStyle::Never).from_writer(out);
    let is_alone = answer.schema().fields().len() == 1;
    let cell = |text: &str| {
        let safe = escape::spreadsheet(text);
        let shown = if style.terminal { escape::terminal(&safe) } else { Cow::Borrowed(safe.as_ref()) };
        // A line of nothing would be no line.
        let quoted = shown.contains(QUOTED) || (is_alone && shown.is_empty());
        if quoted { format!("\"{}\"", shown.replace('"', "\"\"")) } else { shown.into_owned() }
    };
    for field in answer.schema().fields() {
        writer.write_field(cell(field.name())).map_err(error)?;
    }
    writer.write_record(None::<&[u8]>).map_err(error)?;
    let mut rows = 0;
    while let Some(batch) = answer.next_batch()? {
        let columns = value::columns(&batch)?;
        for row in 0..batch.num_rows() {
            for column in &columns {
                writer.write_field(cell(&column.text(row)?.unwrap_or_default())).map_err(error)?;
            }
            writer.write_record(None::<&[u8]>).map_err(error)?;
        }
        rows += count(&batch);
    }
    writer.flush()?;
    Ok(rows)
}

/// Returns the destination's own error, so that a closed pipe is still known as one.
fn error(error: csv::Error) -> OutputError {
    let text = error.to_string();
    OutputError::Write(match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => io::Error::other(text),
    })
}
