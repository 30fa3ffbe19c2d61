//! One value of an Arrow column, as text or as JSON.
//!
//! Every type has both forms. A dictionary, runs and a union stand for the value that they hold. In JSON, numbers and
//! booleans are such, lists, structs and maps are nested, and everything else is text. `NaN` and infinity are null
//! there, since JSON has no number for them. Text that its field calls JSON (`json_get` and its kin give it) is nested
//! as the value it is. Bytes are hexadecimal.
//!
//! One odd value does not cost an answer: a date or time that no calendar has is the number it is stored as, and a time
//! zone that nobody knows is UTC.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;
use std::str::FromStr;

use arrow::array::timezone::Tz;
use arrow::array::types::{
    ArrowTemporalType, ArrowTimestampType, Date32Type, Date64Type, DurationMicrosecondType, DurationMillisecondType,
    DurationNanosecondType, DurationSecondType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, RunEndIndexType, Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow::array::{Array, ArrayRef, AsArray, OffsetSizeTrait, downcast_dictionary_array};
use arrow::datatypes::{DataType, Field, Fields, TimeUnit};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Offset, SecondsFormat};
use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{json, names};

/// Levels of types inside each other that are written; many a reader of JSON gives up there as well.
pub(super) const DEEPEST: usize = 128;

/// Returns `true` if a type has more than so many levels.
pub(super) fn is_deeper(kind: &DataType, levels: usize) -> bool {
    let Some(levels) = levels.checked_sub(1) else { return true };
    let any = |fields: &Fields| fields.iter().any(|field| is_deeper(field.data_type(), levels));
    match kind {
        DataType::Dictionary(_, values) => is_deeper(values, levels),
        DataType::RunEndEncoded(_, inside)
        | DataType::List(inside)
        | DataType::LargeList(inside)
        | DataType::FixedSizeList(inside, _)
        | DataType::ListView(inside)
        | DataType::LargeListView(inside)
        | DataType::Map(inside, _) => is_deeper(inside.data_type(), levels),
        DataType::Struct(fields) => any(fields),
        DataType::Union(fields, _) => fields.iter().any(|(_, field)| is_deeper(field.data_type(), levels)),
        _ => false,
    }
}

/// A column whose values can be shown.
pub(super) struct Column {
    array: ArrayRef,
    shape: Shape,
}

/// A column with what its type says of showing its values, found once and not for every cell.
enum Shape {
    /// Values without parts.
    Plain,
    /// Nothing but nulls.
    Nothing,
    /// Text that is JSON.
    Json,
    /// Timestamps, in their zone where they have one.
    Time(Option<Tz>),
    /// The values of a dictionary or of runs.
    Encoded(Box<Column>),
    /// The members of a union by their type id.
    Union(Vec<(i8, Column)>),
    /// The items of all lists.
    List(Box<Column>),
    /// The fields of a struct and their names.
    Struct(Vec<(String, Column)>),
    /// The keys and the values of all maps.
    Map(Box<Column>, Box<Column>),
}

impl Column {
    /// Makes a column of this field.
    pub(super) fn new(array: &ArrayRef, field: &Field) -> Result<Self, ArrowError> {
        let boxed = |array: &ArrayRef, field: &Field| Self::new(array, field).map(Box::new);
        let shape = match array.data_type() {
            DataType::Null => Shape::Nothing,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View if is_json(field) => Shape::Json,
            DataType::Timestamp(_, zone) => Shape::Time(match zone {
                Some(name) => Some(Tz::from_str(known_zone(name))?),
                None => None,
            }),
            DataType::Dictionary(_, _) => {
                let values = array.as_any_dictionary_opt().ok_or_else(|| unlike(array))?.values();
                Shape::Encoded(boxed(values, field)?)
            }
            DataType::RunEndEncoded(_, of) => {
                let values = run_values(array).ok_or_else(|| unlike(array))?;
                Shape::Encoded(boxed(values, if is_json(field) { field } else { of })?)
            }
            DataType::Union(fields, _) => {
                let union = array.as_union();
                let members = fields.iter().map(|(id, field)| Ok((id, Self::new(union.child(id), field)?)));
                Shape::Union(members.collect::<Result<_, ArrowError>>()?)
            }
            DataType::List(item) => Shape::List(boxed(array.as_list::<i32>().values(), item)?),
            DataType::LargeList(item) => Shape::List(boxed(array.as_list::<i64>().values(), item)?),
            DataType::FixedSizeList(item, _) => Shape::List(boxed(array.as_fixed_size_list().values(), item)?),
            DataType::ListView(item) => Shape::List(boxed(array.as_list_view::<i32>().values(), item)?),
            DataType::LargeListView(item) => Shape::List(boxed(array.as_list_view::<i64>().values(), item)?),
            DataType::Struct(fields) => {
                let columns = array.as_struct().columns().iter().zip(fields);
                let columns = columns.map(|(column, field)| Self::new(column, field));
                let columns = columns.collect::<Result<Vec<_>, _>>()?;
                Shape::Struct(names::unique(fields).into_iter().zip(columns).collect())
            }
            DataType::Map(entries, _) => {
                let (DataType::Struct(fields), map) = (entries.data_type(), array.as_map()) else {
                    return Err(unlike(array));
                };
                let [key, value] = fields.as_ref() else { return Err(unlike(array)) };
                Shape::Map(boxed(map.keys(), key)?, boxed(map.values(), value)?)
            }
            _ => Shape::Plain,
        };
        Ok(Self { array: array.clone(), shape })
    }

    /// Returns the value as text, `None` for null. Lists, structs and maps are JSON text.
    pub(super) fn text(&self, row: usize) -> Result<Option<Cow<'_, str>>, ArrowError> {
        self.value(row).map(|(column, row)| column.shown(row)).transpose()
    }

    /// Returns the value as JSON.
    pub(super) fn cell(&self, row: usize) -> Cell<'_> {
        Cell { column: self, row }
    }

    /// Returns the value as JSON text, `None` for null.
    pub(super) fn json_text(&self, row: usize) -> Result<Option<String>, ArrowError> {
        self.value(row).map(|(column, row)| json::to_text(&column.cell(row))).transpose()
    }

    /// Returns the column and the row of the value that a row stands for, behind dictionaries, runs and unions.
    ///
    /// It is `None` for null.
    fn value(&self, row: usize) -> Option<(&Self, usize)> {
        let (mut column, mut row) = (self, row);
        loop {
            if column.array.is_null(row) {
                return None;
            }
            (column, row) = match &column.shape {
                Shape::Nothing => return None,
                Shape::Encoded(values) => (values.as_ref(), encoded_row(&column.array, row)?),
                Shape::Union(members) => {
                    let union = column.array.as_union();
                    let (_, member) = members.iter().find(|(id, _)| *id == union.type_id(row))?;
                    (member, union.value_offset(row))
                }
                _ => return Some((column, row)),
            };
        }
    }

    /// Returns a value that is not null, and none that stands for another.
    fn shown(&self, row: usize) -> Result<Cow<'_, str>, ArrowError> {
        let array = self.array.as_ref();
        Ok(match array.data_type() {
            DataType::Utf8 => array.as_string::<i32>().value(row).into(),
            DataType::LargeUtf8 => array.as_string::<i64>().value(row).into(),
            DataType::Utf8View => array.as_string_view().value(row).into(),
            DataType::Binary => hex(array.as_binary::<i32>().value(row)).into(),
            DataType::LargeBinary => hex(array.as_binary::<i64>().value(row)).into(),
            DataType::BinaryView => hex(array.as_binary_view().value(row)).into(),
            DataType::FixedSizeBinary(_) => hex(array.as_fixed_size_binary().value(row)).into(),
            DataType::Timestamp(TimeUnit::Second, _) => self.timestamp::<TimestampSecondType>(row),
            DataType::Timestamp(TimeUnit::Millisecond, _) => self.timestamp::<TimestampMillisecondType>(row),
            DataType::Timestamp(TimeUnit::Microsecond, _) => self.timestamp::<TimestampMicrosecondType>(row),
            DataType::Timestamp(TimeUnit::Nanosecond, _) => self.timestamp::<TimestampNanosecondType>(row),
            DataType::Date32 => self.date::<Date32Type>(row),
            DataType::Date64 => self.date::<Date64Type>(row),
            DataType::Time32(TimeUnit::Second) => self.time::<Time32SecondType>(row),
            DataType::Time32(_) => self.time::<Time32MillisecondType>(row),
            DataType::Time64(TimeUnit::Microsecond) => self.time::<Time64MicrosecondType>(row),
            DataType::Time64(_) => self.time::<Time64NanosecondType>(row),
            DataType::Duration(TimeUnit::Second) => self.duration::<DurationSecondType>(row),
            DataType::Duration(TimeUnit::Millisecond) => self.duration::<DurationMillisecondType>(row),
            DataType::Duration(TimeUnit::Microsecond) => self.duration::<DurationMicrosecondType>(row),
            DataType::Duration(TimeUnit::Nanosecond) => self.duration::<DurationNanosecondType>(row),
            kind if kind.is_nested() => json::to_text(&self.cell(row))?.into(),
            _ => array_value_to_string(array, row)?.into(),
        })
    }

    /// Serializes a value without parts. It stands apart so that each level of a value with parts needs little stack.
    fn serialize_plain<S: Serializer>(&self, row: usize, out: S) -> Result<S::Ok, S::Error> {
        let array = self.array.as_ref();
        match array.data_type() {
            DataType::Boolean => out.serialize_bool(array.as_boolean().value(row)),
            DataType::Int8 => out.serialize_i8(array.as_primitive::<Int8Type>().value(row)),
            DataType::Int16 => out.serialize_i16(array.as_primitive::<Int16Type>().value(row)),
            DataType::Int32 => out.serialize_i32(array.as_primitive::<Int32Type>().value(row)),
            DataType::Int64 => out.serialize_i64(array.as_primitive::<Int64Type>().value(row)),
            DataType::UInt8 => out.serialize_u8(array.as_primitive::<UInt8Type>().value(row)),
            DataType::UInt16 => out.serialize_u16(array.as_primitive::<UInt16Type>().value(row)),
            DataType::UInt32 => out.serialize_u32(array.as_primitive::<UInt32Type>().value(row)),
            DataType::UInt64 => out.serialize_u64(array.as_primitive::<UInt64Type>().value(row)),
            DataType::Float16 => out.serialize_f32(array.as_primitive::<Float16Type>().value(row).to_f32()),
            DataType::Float32 => out.serialize_f32(array.as_primitive::<Float32Type>().value(row)),
            DataType::Float64 => out.serialize_f64(array.as_primitive::<Float64Type>().value(row)),
            kind => {
                let text = self.shown(row).map_err(S::Error::custom)?;
                // All digits of a decimal number stay.
                if matches!(self.shape, Shape::Json) || kind.is_decimal() {
                    json::serialize_text(&text, out)
                } else {
                    out.serialize_str(&text)
                }
            }
        }
    }

    fn timestamp<T: ArrowTimestampType>(&self, row: usize) -> Cow<'_, str> {
        let array = self.array.as_primitive::<T>();
        let text = match self.shape {
            Shape::Time(Some(zone)) => array.value_as_datetime_with_tz(row, zone).map(|time| rfc3339(&time)),
            _ => array.value_as_datetime(row).map(|time| time.format("%Y-%m-%dT%H:%M:%S%.f").to_string()),
        };
        text.unwrap_or_else(|| array.value(row).to_string()).into()
    }

    fn date<T: ArrowTemporalType>(&self, row: usize) -> Cow<'_, str>
    where
        i64: From<T::Native>,
    {
        let array = self.array.as_primitive::<T>();
        let date = array.value_as_date(row).as_ref().map(NaiveDate::to_string);
        date.unwrap_or_else(|| i64::from(array.value(row)).to_string()).into()
    }

    fn time<T: ArrowTemporalType>(&self, row: usize) -> Cow<'_, str>
    where
        i64: From<T::Native>,
    {
        let array = self.array.as_primitive::<T>();
        let time = array.value_as_time(row).as_ref().map(NaiveTime::to_string);
        time.unwrap_or_else(|| i64::from(array.value(row)).to_string()).into()
    }

    fn duration<T: ArrowTemporalType>(&self, row: usize) -> Cow<'_, str>
    where
        i64: From<T::Native>,
    {
        let array = self.array.as_primitive::<T>();
        let duration = array.value_as_duration(row).map(|duration| duration.to_string());
        duration.unwrap_or_else(|| i64::from(array.value(row)).to_string()).into()
    }
}

/// Returns the zone of this name, or UTC where nobody knows it: the instants are right, and only their clock is
/// another.
pub(super) fn known_zone(name: &str) -> &str {
    if Tz::from_str(name).is_ok() { name } else { "+00:00" }
}

/// Returns an instant with its offset.
///
/// Offsets of old times have seconds, which RFC 3339 cannot say. Their clock is set to whole minutes, so that the
/// instant stays right.
fn rfc3339(time: &DateTime<Tz>) -> String {
    let seconds = time.offset().fix().local_minus_utc();
    match FixedOffset::east_opt(seconds - seconds % 60) {
        Some(offset) if seconds % 60 != 0 => time.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::AutoSi, false),
        _ => time.to_rfc3339_opts(SecondsFormat::AutoSi, false),
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Returns `true` if a field says that its text is JSON.
fn is_json(field: &Field) -> bool {
    field.extension_type_name() == Some("arrow.json")
}

/// Returns an array that is not what its type says, which Arrow does not build.
fn unlike(array: &ArrayRef) -> ArrowError {
    ArrowError::SchemaError(format!("not a column of its type: {}", array.data_type()))
}

/// Returns the values that runs stand for.
pub(super) fn run_values(array: &ArrayRef) -> Option<&ArrayRef> {
    fn of<T: RunEndIndexType>(array: &ArrayRef) -> Option<&ArrayRef> {
        array.as_run_opt::<T>().map(arrow::array::RunArray::values)
    }
    of::<Int16Type>(array).or_else(|| of::<Int32Type>(array)).or_else(|| of::<Int64Type>(array))
}

/// Returns the row of the value that a row of a dictionary or of runs stands for; `None` for null.
pub(super) fn encoded_row(array: &ArrayRef, row: usize) -> Option<usize> {
    fn run<T: RunEndIndexType>(array: &ArrayRef, row: usize) -> Option<usize> {
        array.as_run_opt::<T>().map(|runs| runs.get_physical_index(row))
    }
    downcast_dictionary_array!(
        array => array.key(row),
        _ => run::<Int16Type>(array, row)
            .or_else(|| run::<Int32Type>(array, row))
            .or_else(|| run::<Int64Type>(array, row))
    )
}

/// Returns the rows of a list's items, or of a map's entries, among those of all lists.
pub(super) fn items(array: &ArrayRef, row: usize) -> Range<usize> {
    fn between<O: OffsetSizeTrait>(offsets: &[O], row: usize) -> Range<usize> {
        let at = |row: usize| offsets.get(row).map_or(0, |offset| offset.as_usize());
        at(row)..at(row + 1)
    }
    fn sized<O: OffsetSizeTrait>(offsets: &[O], sizes: &[O], row: usize) -> Range<usize> {
        let at = |values: &[O]| values.get(row).map_or(0, |value| value.as_usize());
        at(offsets)..at(offsets) + at(sizes)
    }
    match array.data_type() {
        DataType::List(_) => between(array.as_list::<i32>().value_offsets(), row),
        DataType::LargeList(_) => between(array.as_list::<i64>().value_offsets(), row),
        DataType::Map(_, _) => between(array.as_map().value_offsets(), row),
        DataType::ListView(_) => {
            let lists = array.as_list_view::<i32>();
            sized(lists.value_offsets(), lists.value_sizes(), row)
        }
        DataType::LargeListView(_) => {
            let lists = array.as_list_view::<i64>();
            sized(lists.value_offsets(), lists.value_sizes(), row)
        }
        DataType::FixedSizeList(_, length) => {
            let length = usize::try_from(*length).unwrap_or(0);
            row * length..(row + 1) * length
        }
        _ => 0..0,
    }
}

/// One value, as JSON.
pub(super) struct Cell<'a> {
    column: &'a Column,
    row: usize,
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Some((column, row)) = self.column.value(self.row) else { return out.serialize_none() };
        match &column.shape {
            Shape::List(values) => {
                let items = items(&column.array, row);
                let mut sequence = out.serialize_seq(Some(items.len()))?;
                for item in items {
                    sequence.serialize_element(&values.cell(item))?;
                }
                sequence.end()
            }
            Shape::Struct(fields) => {
                let mut map = out.serialize_map(Some(fields.len()))?;
                for (name, values) in fields {
                    map.serialize_entry(name, &values.cell(row))?;
                }
                map.end()
            }
            Shape::Map(keys, values) => {
                let entries = items(&column.array, row);
                let mut map = out.serialize_map(Some(entries.len()))?;
                for entry in entries {
                    let key = keys.text(entry).map_err(S::Error::custom)?.unwrap_or_default();
                    map.serialize_entry(&key, &values.cell(entry))?;
                }
                map.end()
            }
            _ => column.serialize_plain(row, out),
        }
    }
}

/// Returns the columns of a batch.
pub(super) fn columns(batch: &RecordBatch) -> Result<Vec<Column>, ArrowError> {
    batch.columns().iter().zip(batch.schema_ref().fields()).map(|(array, field)| Column::new(array, field)).collect()
}
