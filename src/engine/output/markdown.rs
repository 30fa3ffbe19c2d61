//! A Markdown table, as GitHub and most viewers read it. Numbers are to the right.

use std::io::Write;

use super::{BatchSource, OutputError, count, escape, value};

pub(super) fn write(answer: &mut dyn BatchSource, out: &mut dyn Write) -> Result<u64, OutputError> {
    let schema = answer.schema();
    for field in schema.fields() {
        write!(out, "| {} ", escape::markdown(field.name()))?;
    }
    out.write_all(b"|\n")?;
    for field in schema.fields() {
        out.write_all(if field.data_type().is_numeric() { b"| ---: " } else { b"| --- " })?;
    }
    out.write_all(b"|\n")?;
    let mut rows = 0;
    while let Some(batch) = answer.next_batch()? {
        let columns = value::columns(&batch)?;
        for row in 0..batch.num_rows() {
            for column in &columns {
                write!(out, "| {} ", escape::markdown(&column.text(row)?.unwrap_or_default()))?;
            }
            out.write_all(b"|\n")?;
        }
        rows += count(&batch);
    }
    Ok(rows)
}
