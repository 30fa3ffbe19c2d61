//! One Parquet file, zstd. Row groups are kept small enough that a long answer does not gather in memory.
//!
//! Types that the Parquet writer refuses, or keeps as a number that only Arrow reads back, are converted first:
//!
//! | column | is written as |
//! |---|---|
//! | union | text: its values as JSON |
//! | duration, interval, struct without fields, bytes of length 0 | the text that other formats show |
//! | decimal number of a negative scale | the text that other formats show |
//! | lists, structs and maps inside each other, more levels than [`DEEPEST`] | text: their values as JSON |
//! | time or timestamp in seconds | milliseconds; null where they are too many |
//! | date in milliseconds | date in days; null where they are too many |
//! | dictionary, runs | the values |
//! | list of a fixed size, list view | list |
//!
//! The same holds inside of lists, structs and maps.

use std::io::{self, Write};
use std::sync::Arc;

use arrow::array::types::{
    Date32Type, Date64Type, Time32MillisecondType, Time32SecondType, TimestampMillisecondType, TimestampSecondType,
};
use arrow::array::{
    Array, ArrayRef, AsArray, LargeListArray, MapArray, PrimitiveArray, StringViewBuilder, StructArray, UInt64Array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::{BatchSource, OutputError, OutputStyle, count, names, value};

const ROWS_PER_GROUP: usize = 128 * 1024;

/// Levels of types inside each other that are kept as such. Arrow cannot read its own schema of some fifty back.
pub(super) const DEEPEST: usize = 16;

const MILLIS_PER_SECOND: i64 = 1_000;
const MILLIS_PER_DAY: i64 = 86_400_000;

pub(super) fn write(
    answer: &mut dyn BatchSource,
    style: &OutputStyle,
    out: &mut (dyn Write + Send),
) -> Result<u64, OutputError> {
    if style.terminal {
        return Err(OutputError::ParquetOnTerminal);
    }
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
        .build();
    let schema = written_schema(&answer.schema());
    let mut writer = ArrowWriter::try_new(out, schema.clone(), Some(properties)).map_err(error)?;
    let mut rows = 0;
    while let Some(batch) = answer.next_batch()? {
        rows += count(&batch);
        writer.write(&written_batch(&batch, &schema)?).map_err(error)?;
    }
    writer.close().map_err(error)?;
    Ok(rows)
}

/// Returns the columns as they are written. All of them may hold nulls: some do that promise none, and a file that
/// cannot be written helps nobody.
fn written_schema(schema: &Schema) -> SchemaRef {
    let written = |kind: &DataType| {
        if value::is_deeper(kind, DEEPEST) { DataType::Utf8View } else { written_type(kind) }
    };
    let field = |field: &FieldRef| Field::new(field.name(), written(field.data_type()), true);
    Schema::new(schema.fields().iter().map(field).collect::<Fields>()).into()
}

fn written_batch(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().zip(batch.schema_ref().fields()).zip(schema.fields());
    let columns = columns.map(|((array, field), written)| written_array(array, field, written.data_type()));
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema.clone(), columns.collect::<Result<_, _>>()?, &options)
}

/// Returns the type that a column of this type is written as.
fn written_type(kind: &DataType) -> DataType {
    match kind {
        DataType::Union(_, _) | DataType::Duration(_) | DataType::Interval(_) | DataType::FixedSizeBinary(0) => {
            DataType::Utf8View
        }
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale)
            if *scale < 0 =>
        {
            DataType::Utf8View
        }
        DataType::Date64 => DataType::Date32,
        DataType::Time32(TimeUnit::Second) => DataType::Time32(TimeUnit::Millisecond),
        DataType::Timestamp(unit, zone) => {
            let unit = if *unit == TimeUnit::Second { TimeUnit::Millisecond } else { *unit };
            DataType::Timestamp(unit, zone.as_deref().map(|zone| value::known_zone(zone).into()))
        }
        DataType::Dictionary(_, values) => written_type(values),
        DataType::RunEndEncoded(_, values) => written_type(values.data_type()),
        DataType::List(item) if item.metadata().is_empty() && written_type(item.data_type()) == *item.data_type() => {
            kind.clone()
        }
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => DataType::LargeList(written_field(item, item.name())),
        DataType::Struct(fields) if fields.is_empty() => DataType::Utf8View,
        DataType::Struct(fields) => {
            let names = names::unique(fields);
            DataType::Struct(fields.iter().zip(&names).map(|(field, name)| written_field(field, name)).collect())
        }
        DataType::Map(entries, sorted) => match entries.data_type() {
            DataType::Struct(fields) => {
                // Keys are never null, whatever else is.
                let field = |(place, field): (usize, &FieldRef)| {
                    let written = written_field(field, field.name());
                    if place == 0 { Arc::new(written.as_ref().clone().with_nullable(false)) } else { written }
                };
                let fields = fields.iter().enumerate().map(field).collect();
                let entries = entries.as_ref().clone().with_data_type(DataType::Struct(fields));
                DataType::Map(entries.into(), *sorted)
            }
            _ => kind.clone(),
        },
        _ => kind.clone(),
    }
}

/// Returns a field inside of another. What is converted may become null.
fn written_field(field: &Field, name: &str) -> FieldRef {
    Field::new(name, written_type(field.data_type()), true).into()
}

/// Returns a column converted to `to`, which is what [`written_type`] makes of its type.
fn written_array(array: &ArrayRef, field: &Field, to: &DataType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == to {
        return Ok(array.clone());
    }
    Ok(match (array.data_type(), to) {
        (DataType::Dictionary(_, _), _) => {
            let values = array.as_any_dictionary().values();
            taken(&written_array(values, field, to)?, (0..array.len()).map(|row| value::encoded_row(array, row)))?
        }
        (DataType::RunEndEncoded(_, of), _) => {
            let values = value::run_values(array).unwrap_or(array);
            taken(&written_array(values, of, to)?, (0..array.len()).map(|row| value::encoded_row(array, row)))?
        }
        (_, DataType::Utf8View) => texts(array, field)?,
        (DataType::Date64, _) => {
            let days = |millis: i64| i32::try_from(millis.div_euclid(MILLIS_PER_DAY)).ok();
            Arc::new(array.as_primitive::<Date64Type>().unary_opt::<_, Date32Type>(days))
        }
        (DataType::Time32(_), _) => {
            let millis = |seconds: i32| i32::try_from(i64::from(seconds) * MILLIS_PER_SECOND).ok();
            Arc::new(array.as_primitive::<Time32SecondType>().unary_opt::<_, Time32MillisecondType>(millis))
        }
        (DataType::Timestamp(TimeUnit::Second, _), DataType::Timestamp(_, zone)) => {
            let millis = |seconds: i64| seconds.checked_mul(MILLIS_PER_SECOND);
            let times: PrimitiveArray<TimestampMillisecondType> =
                array.as_primitive::<TimestampSecondType>().unary_opt(millis);
            Arc::new(times.with_timezone_opt(zone.clone()))
        }
        // The zone alone is another, and a cast between zones changes nothing but its name.
        (DataType::Timestamp(unit, _), DataType::Timestamp(_, zone)) => arrow::compute::cast(
            &arrow::compute::cast(array, &DataType::Int64)?,
            &DataType::Timestamp(*unit, zone.clone()),
        )?,
        (_, DataType::LargeList(item)) => {
            let (of, values) = list_parts(array)?;
            let rows = || (0..array.len()).map(|row| if array.is_null(row) { 0..0 } else { value::items(array, row) });
            let values = taken(&written_array(values, of, item.data_type())?, rows().flatten().map(Some))?;
            let offsets = OffsetBuffer::from_lengths(rows().map(|items| items.len()));
            Arc::new(LargeListArray::try_new(item.clone(), offsets, values, array.nulls().cloned())?)
        }
        (DataType::Struct(of), DataType::Struct(fields)) => {
            let columns = array.as_struct().columns().iter().zip(of).zip(fields);
            let columns = columns.map(|((column, of), field)| written_array(column, of, field.data_type()));
            Arc::new(StructArray::try_new(fields.clone(), columns.collect::<Result<_, _>>()?, array.nulls().cloned())?)
        }
        (DataType::Map(of, _), DataType::Map(entries, sorted)) => {
            let map = array.as_map();
            let all: ArrayRef = Arc::new(map.entries().clone());
            let all = written_array(&all, of, entries.data_type())?.as_struct().clone();
            Arc::new(MapArray::try_new(entries.clone(), map.offsets().clone(), all, map.nulls().cloned(), *sorted)?)
        }
        // A batch of another type than the answer promised.
        _ => arrow::compute::cast(array, to)?,
    })
}

/// Returns the item and the items of a column of lists.
fn list_parts(array: &ArrayRef) -> Result<(&FieldRef, &ArrayRef), ArrowError> {
    Ok(match array.data_type() {
        DataType::List(item) => (item, array.as_list::<i32>().values()),
        DataType::LargeList(item) => (item, array.as_list::<i64>().values()),
        DataType::FixedSizeList(item, _) => (item, array.as_fixed_size_list().values()),
        DataType::ListView(item) => (item, array.as_list_view::<i32>().values()),
        DataType::LargeListView(item) => (item, array.as_list_view::<i64>().values()),
        other => return Err(ArrowError::SchemaError(format!("not a list: {other}"))),
    })
}

/// Returns the values of these rows; a row that is none gives null.
fn taken(values: &ArrayRef, rows: impl Iterator<Item = Option<usize>>) -> Result<ArrayRef, ArrowError> {
    take(values, &rows.map(|row| row.map(|row| row as u64)).collect::<UInt64Array>(), None)
}

/// Returns values as text: those of a union as JSON, so that a string is not taken for a number, any other as it is
/// shown.
fn texts(array: &ArrayRef, field: &Field) -> Result<ArrayRef, ArrowError> {
    let column = value::Column::new(array, field)?;
    let mut texts = StringViewBuilder::with_capacity(array.len());
    for row in 0..array.len() {
        if matches!(array.data_type(), DataType::Union(_, _)) {
            texts.append_option(column.json_text(row)?);
        } else {
            texts.append_option(column.text(row)?);
        }
    }
    Ok(Arc::new(texts.finish()))
}

/// Returns the destination's own error where there is one, so that a closed pipe is still known as one.
fn error(error: ParquetError) -> OutputError {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => OutputError::Write(*error),
            Err(inner) => OutputError::Parquet(ParquetError::External(inner)),
        },
        other => OutputError::Parquet(other),
    }
}
