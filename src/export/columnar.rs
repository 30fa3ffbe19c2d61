//! Reads the rows of Parquet and ORC files as records: a member a column, null columns left out.
//!
//! SLS writes texts as plain bytes without saying that they are UTF-8, so bytes are taken for text, and a row where
//! they are none is rejected. Rows are read in small batches, sized by what the file says of itself, so that memory
//! stays bounded however large a row group is; a page of Parquet or a stripe of ORC is what is held at least, and one
//! that is longer than the limits allow is not read. What a file says of itself is checked before the readers believe
//! it.

mod orc;

use super::columns;
use super::envelope::EnvelopeReader;
use super::framing::{Broken, Framing};
use super::{ReadLimits, Stop};
use crate::event::json::push_string;
use arrow::array::{Array, ArrayRef, AsArray, OffsetSizeTrait, RecordBatch, RecordBatchReader};
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::json::writer::{EncoderOptions, make_encoder};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::Bytes;
use orc_rust::ArrowReaderBuilder;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::LogicalType;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use parquet::schema::types::Type;
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

/// Target size of a batch of rows in bytes.
const BATCH_BYTES: u64 = 4 << 20;

/// Most rows of a batch.
const BATCH_ROWS: usize = 1024;

/// The outcome of reading a table.
pub enum TableOutcome {
    /// Its rows were read, or rejected.
    Read,
    /// It holds something else.
    Other(&'static str),
}

/// Reads every row of `file`, which `framing` says the kind of.
pub fn read(
    file: File,
    framing: Framing,
    limits: &ReadLimits,
    envelopes: &mut EnvelopeReader<'_>,
) -> Result<TableOutcome, Stop> {
    // These readers trust what a file says of itself in places, and panic where it lies.
    let opened = quietly(|| open(file, framing, limits.block_bytes)).unwrap_or_else(|| Err(lie()));
    let (mut batches, uuids) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            envelopes.broken(&[], 0, 0, Broken::Damaged(error.to_string()))?;
            return Ok(TableOutcome::Read);
        }
    };
    let schema = batches.schema();
    if let Some(other) = not_events(&schema) {
        return Ok(TableOutcome::Other(other));
    }
    if framing == Framing::Orc
        && let Some(column) = orc::column_of_lists(&schema)
    {
        let reason = format!("its column `{column}` holds lists, which are not read from ORC");
        envelopes.broken(&[], 0, 0, Broken::Damaged(reason))?;
        return Ok(TableOutcome::Read);
    }
    let mut row = 0;
    loop {
        let batch = quietly(|| batches.next()).unwrap_or_else(|| Some(Err(lie())));
        match batch {
            None => return Ok(TableOutcome::Read),
            Some(Ok(batch)) => {
                read_batch(&batch, &uuids, row, envelopes)?;
                row += batch.num_rows() as u64;
            }
            Some(Err(error)) => {
                envelopes.broken(&[], row, 0, Broken::Damaged(error.to_string()))?;
                return Ok(TableOutcome::Read);
            }
        }
    }
}

fn lie() -> ArrowError {
    ArrowError::ExternalError("it contradicts itself".into())
}

thread_local! {
    /// `true` while a panic of this thread is expected, and caught.
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

/// Batches of rows, and the places of the columns that hold UUIDs.
type Opened = (Box<dyn RecordBatchReader>, HashSet<usize>);

fn open(file: File, framing: Framing, block_bytes: usize) -> Result<Opened, ArrowError> {
    if framing == Framing::Orc {
        let file = Bounded { file, block_bytes };
        let measured = orc::measure(&file)?;
        let builder = ArrowReaderBuilder::try_new(file).map_err(external)?;
        // A text of a dictionary is copied to each row that has it.
        let most = block_bytes as u64 / measured.dictionary_bytes.max(1);
        let batch = batch_rows(measured.row_bytes).min(usize::try_from(most).unwrap_or(usize::MAX)).max(1);
        return Ok((Box::new(builder.with_batch_size(batch).build()), HashSet::new()));
    }
    let builder = parquet_builder(Bounded { file, block_bytes })?;
    // Of the group whose rows are longest.
    let row = builder.metadata().row_groups().iter().map(|group| {
        let rows = u64::try_from(group.num_rows()).unwrap_or(0).max(1);
        u64::try_from(group.total_byte_size()).unwrap_or(0) / rows
    });
    let batch = batch_rows(row.max().unwrap_or(0));
    let columns = builder.parquet_schema().root_schema().get_fields().iter().enumerate();
    let is_uuid = |kind: &Type| kind.get_basic_info().logical_type_ref() == Some(&LogicalType::Uuid);
    let uuids = columns.filter(|(_, kind)| is_uuid(kind)).map(|(at, _)| at).collect();
    Ok((Box::new(builder.with_batch_size(batch).build()?), uuids))
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

fn read_batch(
    batch: &RecordBatch,
    uuids: &HashSet<usize>,
    first: u64,
    envelopes: &mut EnvelopeReader<'_>,
) -> Result<(), Stop> {
    let schema = batch.schema();
    let names = unique_names(schema.fields());
    let columns: Vec<(&str, &ArrayRef)> = names.iter().map(AsRef::as_ref).zip(batch.columns()).collect();
    for row in 0..batch.num_rows() {
        let offset = first + row as u64;
        match record(&columns, uuids, row) {
            Ok(record) => envelopes.row(&record, offset)?,
            Err((reason, bytes)) => envelopes.reject_row(bytes, offset, &reason)?,
        }
    }
    Ok(())
}

/// Names of columns, of which those that came before get a number: no value of a row may be lost.
fn unique_names(fields: &Fields) -> Vec<Cow<'_, str>> {
    let mut seen = HashSet::new();
    let unique = |field: &'_ Arc<Field>| {
        let name = field.name();
        let mut unique = name.clone();
        let mut number = 0;
        while !seen.insert(unique.clone()) {
            number += 1;
            unique = format!("{name}_{number}");
        }
        Cow::Owned(unique)
    };
    fields.iter().map(unique).collect()
}

/// Writes a row as a JSON object; an error names what cannot be written, with its bytes.
fn record<'a>(
    columns: &[(&str, &'a ArrayRef)],
    uuids: &HashSet<usize>,
    row: usize,
) -> Result<String, (String, &'a [u8])> {
    let mut out = String::from("{");
    for (at, (name, column)) in columns.iter().enumerate() {
        if column.is_null(row) {
            continue;
        }
        if out.len() > 1 {
            out.push(',');
        }
        push_string(&mut out, name);
        out.push(':');
        push_value(&mut out, column, row, Some(uuids.contains(&at)), 0)
            .map_err(|(reason, bytes)| (format!("the column `{name}` {reason}"), bytes))?;
    }
    out.push('}');
    Ok(out)
}

/// Deepest nesting of structs, lists and maps in a column.
const MAX_DEPTH: usize = 64;

/// Writes a value. What a struct does not hold is left out, as a database gives every row each key that any row has.
fn push_value<'a>(
    out: &mut String,
    column: &'a ArrayRef,
    row: usize,
    holds_uuids: Option<bool>,
    depth: usize,
) -> Result<(), (String, &'a [u8])> {
    let bytes = |bytes: &'a [u8], out: &mut String| match std::str::from_utf8(bytes) {
        Ok(text) => {
            push_string(out, text);
            Ok(())
        }
        Err(error) => Err((format!("is not UTF-8 from byte {} on", error.valid_up_to()), bytes)),
    };
    let cannot = |error: ArrowError| (format!("cannot be read: {error}"), &[][..]);
    if depth > MAX_DEPTH {
        return Err((format!("is nested deeper than {MAX_DEPTH} levels"), &[]));
    }
    match column.data_type() {
        DataType::Utf8 => push_string(out, column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => push_string(out, column.as_string::<i64>().value(row)),
        DataType::Utf8View => push_string(out, column.as_string_view().value(row)),
        DataType::Binary => return bytes(column.as_binary::<i32>().value(row), out),
        DataType::LargeBinary => return bytes(column.as_binary::<i64>().value(row), out),
        DataType::BinaryView => return bytes(column.as_binary_view().value(row), out),
        DataType::FixedSizeBinary(_) => {
            let value = column.as_fixed_size_binary().value(row);
            // Inside a struct only the bytes tell: those of a UUID are hardly ever text.
            let is_uuid = holds_uuids.unwrap_or_else(|| !value.iter().all(u8::is_ascii_graphic));
            match uuid(value).filter(|_| is_uuid) {
                Some(uuid) => push_string(out, &uuid),
                None => return bytes(value, out),
            }
        }
        DataType::Struct(fields) => {
            let parts = column.as_struct().columns();
            let mut before = '{';
            for (field, part) in fields.iter().zip(parts).filter(|(_, part)| part.is_valid(row)) {
                out.push(std::mem::replace(&mut before, ','));
                push_string(out, field.name());
                out.push(':');
                push_value(out, part, row, None, depth + 1)?;
            }
            out.push_str(if before == '{' { "{}" } else { "}" });
        }
        DataType::List(_) => {
            let list = column.as_list::<i32>();
            return push_items(out, list.values(), span(list.value_offsets(), row), depth);
        }
        DataType::LargeList(_) => {
            let list = column.as_list::<i64>();
            return push_items(out, list.values(), span(list.value_offsets(), row), depth);
        }
        DataType::Map(_, _) => {
            let map = column.as_map();
            let mut before = '{';
            for item in span(map.value_offsets(), row).filter(|item| map.values().is_valid(*item)) {
                let Some(key) = text(map.keys(), item) else {
                    return Err(("has a map whose keys are no text".to_owned(), &[]));
                };
                out.push(std::mem::replace(&mut before, ','));
                push_string(out, &key);
                out.push(':');
                push_value(out, map.values(), item, None, depth + 1)?;
            }
            out.push_str(if before == '{' { "{}" } else { "}" });
        }
        kind if kind.is_nested() => {
            let field = Field::new("value", kind.clone(), true).into();
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

/// The items of a list or map in a row.
fn span<O: OffsetSizeTrait>(offsets: &[O], row: usize) -> Range<usize> {
    let at = |row: usize| offsets.get(row).map_or(0, |offset| offset.as_usize());
    at(row)..at(row + 1)
}

fn push_items<'a>(
    out: &mut String,
    values: &'a ArrayRef,
    items: Range<usize>,
    depth: usize,
) -> Result<(), (String, &'a [u8])> {
    out.push('[');
    for item in items.clone() {
        if item > items.start {
            out.push(',');
        }
        if values.is_null(item) {
            out.push_str("null");
        } else {
            push_value(out, values, item, None, depth + 1)?;
        }
    }
    out.push(']');
    Ok(())
}

/// The text at a place of a column of texts.
fn text(column: &ArrayRef, row: usize) -> Option<Cow<'_, str>> {
    Some(match column.data_type() {
        DataType::Utf8 => Cow::Borrowed(column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Cow::Borrowed(column.as_string::<i64>().value(row)),
        DataType::Utf8View => Cow::Borrowed(column.as_string_view().value(row)),
        DataType::Binary => String::from_utf8_lossy(column.as_binary::<i32>().value(row)),
        DataType::BinaryView => String::from_utf8_lossy(column.as_binary_view().value(row)),
        _ => return None,
    })
}

/// A UUID as ActionTrail writes it. The type does not keep the case, and ids of ActionTrail are in capitals.
fn uuid(bytes: &[u8]) -> Option<String> {
    let bytes: [u8; 16] = bytes.try_into().ok()?;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02X}"));
    }
    Some(text)
}
