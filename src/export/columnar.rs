//! Reads the rows of Parquet and ORC files as records: a member a column, null columns left out.
//!
//! SLS writes texts as plain bytes without saying that they are UTF-8, so bytes are taken for text, and a row where they
//! are none is rejected. Rows are read in small batches, sized by what the file says of itself, so that memory stays
//! bounded however large a row group is; a page of Parquet or a stripe of ORC is what is held at least.

use super::Stop;
use super::columns;
use super::envelope::Peeler;
use super::framing::{Broken, Framing};
use crate::event::json::push_string;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchReader};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use arrow::json::writer::{EncoderOptions, make_encoder};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use orc_rust::ArrowReaderBuilder;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Bytes that a batch of rows should have, about.
const BATCH_BYTES: u64 = 4 << 20;

/// Most rows of a batch.
const BATCH_ROWS: usize = 1024;

/// What came of reading a table.
pub enum Table {
    /// Its rows were read, or rejected.
    Read,
    /// It holds something else.
    Other(&'static str),
}

/// Reads every row of `file`, which `framing` says the kind of.
pub fn read(file: File, framing: Framing, peeler: &mut Peeler<'_>) -> Result<Table, Stop> {
    // These readers trust what a file says of itself in places, and panic where it lies.
    let opened = catch_unwind(AssertUnwindSafe(|| open(file, framing))).unwrap_or_else(|_| Err(lie()));
    let mut batches = match opened {
        Ok(batches) => batches,
        Err(error) => {
            peeler.broken(&[], 0, 0, Broken::Damaged(error.to_string()))?;
            return Ok(Table::Read);
        }
    };
    let schema = batches.schema();
    if let Some(other) = not_events(&schema) {
        return Ok(Table::Other(other));
    }
    let mut row = 0;
    loop {
        let batch = catch_unwind(AssertUnwindSafe(|| batches.next())).unwrap_or_else(|_| Some(Err(lie())));
        match batch {
            None => return Ok(Table::Read),
            Some(Ok(batch)) => {
                read_batch(&batch, row, peeler)?;
                row += batch.num_rows() as u64;
            }
            Some(Err(error)) => {
                peeler.broken(&[], row, 0, Broken::Damaged(error.to_string()))?;
                return Ok(Table::Read);
            }
        }
    }
}

fn lie() -> ArrowError {
    ArrowError::ExternalError("it contradicts itself".into())
}

fn open(file: File, framing: Framing) -> Result<Box<dyn RecordBatchReader>, ArrowError> {
    let packed = file.metadata()?.len();
    if framing == Framing::Orc {
        let builder = ArrowReaderBuilder::try_new(file).map_err(external)?;
        let rows = builder.file_metadata().number_of_rows();
        let batch = batch_rows(packed.saturating_mul(8), rows);
        return Ok(Box::new(builder.with_batch_size(batch).build()));
    }
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let groups = builder.metadata().row_groups();
    let sum = |count: fn(&parquet::file::metadata::RowGroupMetaData) -> i64| -> u64 {
        groups.iter().map(|group| u64::try_from(count(group)).unwrap_or(0)).fold(0, u64::saturating_add)
    };
    let batch = batch_rows(sum(|group| group.total_byte_size()), sum(|group| group.num_rows()));
    Ok(Box::new(builder.with_batch_size(batch).build()?))
}

fn external(error: impl std::error::Error + Send + Sync + 'static) -> ArrowError {
    ArrowError::ExternalError(Box::new(error))
}

fn batch_rows(bytes: u64, rows: u64) -> usize {
    let row = (bytes / rows.max(1)).max(1);
    usize::try_from(BATCH_BYTES / row).unwrap_or(BATCH_ROWS).clamp(1, BATCH_ROWS)
}

/// Says what a table is that holds no exported events.
fn not_events(schema: &SchemaRef) -> Option<&'static str> {
    let names = || schema.fields().iter().map(|field| field.name().as_str());
    let has = |name: &str| names().any(|found| found == name);
    if ["source_id", "source_record", "extra", "event_date", "account_id"].into_iter().filter(|n| has(n)).count() > 3 {
        return Some("a data file of a trailql lake; give the lake with `--lake`");
    }
    (!columns::hold_events(names())).then_some("a table without ActionTrail columns")
}

fn read_batch(batch: &RecordBatch, first: u64, peeler: &mut Peeler<'_>) -> Result<(), Stop> {
    let schema = batch.schema();
    let columns: Vec<(&str, &ArrayRef)> =
        schema.fields().iter().map(|field| field.name().as_str()).zip(batch.columns()).collect();
    for row in 0..batch.num_rows() {
        let offset = first + row as u64;
        match record(&columns, row) {
            Ok(record) => peeler.row(&record, offset)?,
            Err((reason, bytes)) => peeler.reject_row(bytes, offset, &reason)?,
        }
    }
    Ok(())
}

/// Writes a row as a JSON object; an error names what cannot be written, with its bytes.
fn record<'a>(columns: &[(&str, &'a ArrayRef)], row: usize) -> Result<String, (String, &'a [u8])> {
    let mut out = String::from("{");
    for (name, column) in columns {
        if column.is_null(row) {
            continue;
        }
        if out.len() > 1 {
            out.push(',');
        }
        push_string(&mut out, name);
        out.push(':');
        push_value(&mut out, column, row)
            .map_err(|(reason, bytes)| (format!("the column `{name}` {reason}"), bytes))?;
    }
    out.push('}');
    Ok(out)
}

fn push_value<'a>(out: &mut String, column: &'a ArrayRef, row: usize) -> Result<(), (String, &'a [u8])> {
    let bytes = |bytes: &'a [u8], out: &mut String| match std::str::from_utf8(bytes) {
        Ok(text) => {
            push_string(out, text);
            Ok(())
        }
        Err(error) => Err((format!("is not UTF-8 from byte {} on", error.valid_up_to()), bytes)),
    };
    let cannot = |error: ArrowError| (format!("cannot be read: {error}"), &[][..]);
    match column.data_type() {
        DataType::Utf8 => push_string(out, column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => push_string(out, column.as_string::<i64>().value(row)),
        DataType::Utf8View => push_string(out, column.as_string_view().value(row)),
        DataType::Binary => return bytes(column.as_binary::<i32>().value(row), out),
        DataType::LargeBinary => return bytes(column.as_binary::<i64>().value(row), out),
        DataType::BinaryView => return bytes(column.as_binary_view().value(row), out),
        DataType::FixedSizeBinary(_) => return bytes(column.as_fixed_size_binary().value(row), out),
        kind if kind.is_nested() => {
            let field = arrow::datatypes::Field::new("value", kind.clone(), true).into();
            let options = EncoderOptions::default();
            let mut json = Vec::new();
            make_encoder(&field, column, &options).map_err(cannot)?.encode(row, &mut json);
            let text = String::from_utf8(json).map_err(|_| ("is not UTF-8".to_owned(), &[][..]))?;
            out.push_str(&text);
        }
        kind => {
            let options = FormatOptions::default();
            let text = ArrayFormatter::try_new(column, &options).map_err(cannot)?.value(row).to_string();
            let is_number = kind.is_numeric() && serde_json::from_str::<serde_json::Number>(&text).is_ok();
            if is_number || *kind == DataType::Boolean { out.push_str(&text) } else { push_string(out, &text) }
        }
    }
    Ok(())
}
