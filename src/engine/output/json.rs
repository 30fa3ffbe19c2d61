//! JSON: one array of objects, or one object a line. Written row by row.

use std::borrow::Cow;
use std::io::{self, Write};

use arrow::error::ArrowError;
use serde::ser::{Error, Serialize, SerializeMap};
use serde_json::ser::{CompactFormatter, Formatter, Serializer};
use serde_json::value::RawValue;

use super::value::{self, Column};
use super::{BatchSource, OutputError, count, escape};
use crate::event::json::compact;

/// Compact JSON in which no character acts on what shows it; see [`escape::json`].
struct SafeFormatter;

impl Formatter for SafeFormatter {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        CompactFormatter.write_string_fragment(writer, &escape::json(fragment))
    }

    fn write_raw_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        CompactFormatter.write_raw_fragment(writer, &escape::json(fragment))
    }
}

/// One row as an object, its keys in the order of the columns.
struct Row<'a> {
    names: &'a [String],
    columns: &'a [Column],
    row: usize,
}

impl Serialize for Row<'_> {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(self.columns.len()))?;
        for (name, column) in self.names.iter().zip(self.columns) {
            map.serialize_entry(name, &column.cell(self.row))?;
        }
        map.end()
    }
}

/// Returns a nested value as JSON text, for formats that have only text.
pub(super) fn to_text(value: &impl Serialize) -> Result<String, ArrowError> {
    serde_json::to_string(value).map_err(|e| ArrowError::JsonError(e.to_string()))
}

/// Returns JSON text as the value it is, on one line; text that is no JSON after all is a string.
pub(super) fn serialize_text<S: serde::Serializer>(text: &str, out: S) -> Result<S::Ok, S::Error> {
    let Ok(json) = serde_json::from_str::<&RawValue>(text) else { return out.serialize_str(text) };
    match compact(json.get()) {
        Cow::Borrowed(_) => json.serialize(out),
        Cow::Owned(text) => RawValue::from_string(text).map_err(S::Error::custom)?.serialize(out),
    }
}

pub(super) fn write_array(answer: &mut dyn BatchSource, out: &mut dyn Write) -> Result<u64, OutputError> {
    out.write_all(b"[")?;
    let rows = write_rows(answer, out, |first| if first { "\n" } else { ",\n" }, "")?;
    out.write_all(if rows == 0 { b"]\n" } else { b"\n]\n" })?;
    Ok(rows)
}

pub(super) fn write_lines(answer: &mut dyn BatchSource, out: &mut dyn Write) -> Result<u64, OutputError> {
    write_rows(answer, out, |_| "", "\n")
}

fn write_rows(
    answer: &mut dyn BatchSource,
    out: &mut dyn Write,
    before: fn(bool) -> &'static str,
    after: &str,
) -> Result<u64, OutputError> {
    let names: Vec<String> = answer.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut rows = 0;
    // A row is many small pieces, and the destination is given all of them at once.
    let mut text = Vec::new();
    while let Some(batch) = answer.next_batch()? {
        let columns = value::columns(&batch)?;
        for row in 0..batch.num_rows() {
            text.clear();
            text.extend_from_slice(before(rows == 0 && row == 0).as_bytes());
            let row = Row { names: &names, columns: &columns, row };
            let written = row.serialize(&mut Serializer::with_formatter(&mut text, SafeFormatter));
            written.map_err(|e| OutputError::Write(e.into()))?;
            text.extend_from_slice(after.as_bytes());
            out.write_all(&text)?;
        }
        rows += count(&batch);
    }
    Ok(rows)
}
