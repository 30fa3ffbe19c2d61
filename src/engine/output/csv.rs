//! CSV: quotes where RFC 4180 has them, nulls as nothing, a header line always. Lines end with LF alone, which is what
//! `cut`, `tail` and comparisons expect; a line end inside of a cell stays as it is, in quotes.

use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};

use super::{BatchSource, OutputError, OutputStyle, count, escape, value};

pub(super) fn write(
    answer: &mut dyn BatchSource,
    style: &OutputStyle,
    out: &mut dyn Write,
) -> Result<u64, OutputError> {
    let mut writer = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out);
    let cell = |text: &str| {
        let safe = escape::spreadsheet(text);
        if style.terminal { escape::terminal(&safe).into_owned() } else { safe.into_owned() }
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

/// The destination's own error, so that a closed pipe is still known as one.
fn error(error: csv::Error) -> OutputError {
    let text = error.to_string();
    OutputError::Write(match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => io::Error::other(text),
    })
}
