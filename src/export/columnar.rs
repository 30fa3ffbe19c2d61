//! Reads the rows of Parquet and ORC files as records: a member a column, null columns left out.
//!
//! SLS writes texts as plain bytes without saying that they are UTF-8, so bytes are taken for text, and a row where they
//! are none is rejected. Rows are read in small batches, sized by what the file says of itself, so that memory stays
//! bounded however large a row group is; a page of Parquet or a stripe of ORC is what is held at least, and one that is
//! longer than the limits allow is not read. What a file says of itself is checked before the readers believe it.

mod orc;

use super::columns;
use super::envelope::Peeler;
use super::framing::{Broken, Framing};
use super::{ReadLimits, Stop};
use crate::event::json::push_string;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchReader};
use arrow::datatypes::{DataType, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::json::writer::{EncoderOptions, make_encoder};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::Bytes;
use orc_rust::ArrowReaderBuilder;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

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
pub fn read(file: File, framing: Framing, limits: &ReadLimits, peeler: &mut Peeler<'_>) -> Result<Table, Stop> {
    // These readers trust what a file says of itself in places, and panic where it lies.
    let opened = quietly(|| open(file, framing, limits.block_bytes)).unwrap_or_else(|| Err(lie()));
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
    if framing == Framing::Orc
        && let Some(column) = orc::column_of_lists(&schema)
    {
        let reason = format!("its column `{column}` holds lists, which are not read from ORC");
        peeler.broken(&[], 0, 0, Broken::Damaged(reason))?;
        return Ok(Table::Read);
    }
    let mut row = 0;
    loop {
        let batch = quietly(|| batches.next()).unwrap_or_else(|| Some(Err(lie())));
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

thread_local! {
    /// True while a panic of this thread is expected, and caught.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs what may panic; `None` where it did. The panic is told by what is made of it and not on stderr; panics of other
/// threads and at other times are told as before.
fn quietly<T>(run: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                before(panic);
            }
        }));
    });
    QUIET.set(true);
    let result = catch_unwind(AssertUnwindSafe(run));
    QUIET.set(false);
    result.ok()
}

fn open(file: File, framing: Framing, block_bytes: usize) -> Result<Box<dyn RecordBatchReader>, ArrowError> {
    if framing == Framing::Orc {
        let file = Bounded { file, block_bytes };
        let measured = orc::measure(&file)?;
        let builder = ArrowReaderBuilder::try_new(file).map_err(external)?;
        // A text of a dictionary is copied to each row that has it.
        let most = block_bytes as u64 / measured.dictionary_bytes.max(1);
        let batch = batch_rows(measured.row_bytes).min(usize::try_from(most).unwrap_or(usize::MAX)).max(1);
        return Ok(Box::new(builder.with_batch_size(batch).build()));
    }
    let builder = parquet_builder(Bounded { file, block_bytes })?;
    // Of the group whose rows are longest.
    let row = builder.metadata().row_groups().iter().map(|group| {
        let rows = u64::try_from(group.num_rows()).unwrap_or(0).max(1);
        u64::try_from(group.total_byte_size()).unwrap_or(0) / rows
    });
    let batch = batch_rows(row.max().unwrap_or(0));
    Ok(Box::new(builder.with_batch_size(batch).build()?))
}

/// Texts of a page stay where they were unpacked to and are shared by the rows that repeat them.
fn parquet_builder(file: Bounded) -> Result<ParquetRecordBatchReaderBuilder<Bounded>, ArrowError> {
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
    let views = metadata.schema().fields().iter().map(|field| match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View)),
        DataType::Binary | DataType::LargeBinary => {
            Arc::new(field.as_ref().clone().with_data_type(DataType::BinaryView))
        }
        _ => Arc::clone(field),
    });
    let schema = Schema::new_with_metadata(views.collect::<Fields>(), metadata.schema().metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)?;
    Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata))
}

/// A file of which nothing longer than `block_bytes` is held at once. How long a part is the file says itself, and may
/// lie.
struct Bounded {
    file: File,
    block_bytes: usize,
}

fn too_long(what: &str, bytes: u64, most: usize) -> String {
    format!("it has a {what} of {bytes} bytes, and at most {most} are read at once; a higher memory limit allows more")
}

impl Length for Bounded {
    fn len(&self) -> u64 {
        Length::len(&self.file)
    }
}

impl ChunkReader for Bounded {
    type T = BufReader<File>;

    /// The reader of pages asks for the place of each page's header, which begins with the kind of the page, its length
    /// when unpacked, and its length as it lies.
    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let mut reader = ChunkReader::get_read(&self.file, start)?;
        match unpacked_page_bytes(reader.fill_buf()?) {
            Some(bytes) if bytes > self.block_bytes as u64 => {
                Err(ParquetError::General(too_long("page", bytes, self.block_bytes)))
            }
            _ => Ok(reader),
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        if length > self.block_bytes {
            return Err(ParquetError::General(too_long("part", length as u64, self.block_bytes)));
        }
        ChunkReader::get_bytes(&self.file, start, length)
    }
}

/// The length that the header of a page says the page has when it is unpacked: three numbers of 32 bits in the compact
/// protocol of Thrift, of which this is the second. `None` for what is no such header.
fn unpacked_page_bytes(header: &[u8]) -> Option<u64> {
    const NEXT_I32: u8 = 0x15;
    let mut bytes = header.iter().copied();
    let mut number = || -> Option<u64> {
        if bytes.next()? != NEXT_I32 {
            return None;
        }
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = bytes.next()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value >> 1);
            }
        }
        None
    };
    let (_, unpacked, _) = (number()?, number()?, number()?);
    Some(unpacked)
}

impl orc_rust::reader::ChunkReader for Bounded {
    type T = BufReader<File>;

    fn len(&self) -> u64 {
        orc_rust::reader::ChunkReader::len(&self.file)
    }

    fn get_read(&self, start: u64) -> io::Result<Self::T> {
        orc_rust::reader::ChunkReader::get_read(&self.file, start)
    }

    fn get_bytes(&self, start: u64, length: u64) -> io::Result<Bytes> {
        if length > self.block_bytes as u64 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, too_long("part", length, self.block_bytes)));
        }
        orc_rust::reader::ChunkReader::get_bytes(&self.file, start, length)
    }
}

fn external(error: impl std::error::Error + Send + Sync + 'static) -> ArrowError {
    ArrowError::ExternalError(Box::new(error))
}

fn batch_rows(row_bytes: u64) -> usize {
    usize::try_from(BATCH_BYTES / row_bytes.max(1)).unwrap_or(BATCH_ROWS).clamp(1, BATCH_ROWS)
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
