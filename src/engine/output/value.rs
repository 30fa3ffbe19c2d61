//! One value of an Arrow column, as text or as JSON.

use std::str::FromStr;

use arrow::array::timezone::Tz;
use arrow::array::types::{
    ArrowTimestampType, Date32Type, Date64Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, TimeUnit};
use arrow::error::ArrowError;
use arrow::util::display::array_value_to_string;
use chrono::SecondsFormat;
use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::json;

/// A column whose values can be shown.
pub(super) struct Column {
    array: ArrayRef,
    /// The time zone of a timestamp column, read once and not for every cell.
    zone: Option<Tz>,
}

impl Column {
    pub(super) fn new(array: &ArrayRef) -> Result<Self, ArrowError> {
        let array = match array.data_type() {
            DataType::Dictionary(_, values) => arrow::compute::cast(array, values)?,
            _ => array.clone(),
        };
        let zone = match array.data_type() {
            DataType::Timestamp(_, Some(name)) => Some(Tz::from_str(name)?),
            _ => None,
        };
        Ok(Self { array, zone })
    }

    /// The value as text, `None` for null. Lists and structs are JSON text.
    pub(super) fn text(&self, row: usize) -> Result<Option<String>, ArrowError> {
        let array = self.array.as_ref();
        if array.is_null(row) {
            return Ok(None);
        }
        Ok(Some(match array.data_type() {
            DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
            DataType::LargeUtf8 => array.as_string::<i64>().value(row).to_owned(),
            DataType::Utf8View => array.as_string_view().value(row).to_owned(),
            DataType::Timestamp(unit, _) => self.timestamp(*unit, row)?,
            DataType::Date32 => date(array.as_primitive::<Date32Type>().value_as_date(row))?,
            DataType::Date64 => date(array.as_primitive::<Date64Type>().value_as_date(row))?,
            kind if kind.is_nested() => json::to_text(&Cell { column: self, row })?,
            _ => array_value_to_string(array, row)?,
        }))
    }

    /// The value as JSON.
    pub(super) fn cell(&self, row: usize) -> Cell<'_> {
        Cell { column: self, row }
    }

    fn timestamp(&self, unit: TimeUnit, row: usize) -> Result<String, ArrowError> {
        match unit {
            TimeUnit::Second => self.instant::<TimestampSecondType>(row),
            TimeUnit::Millisecond => self.instant::<TimestampMillisecondType>(row),
            TimeUnit::Microsecond => self.instant::<TimestampMicrosecondType>(row),
            TimeUnit::Nanosecond => self.instant::<TimestampNanosecondType>(row),
        }
    }

    fn instant<T: ArrowTimestampType>(&self, row: usize) -> Result<String, ArrowError> {
        let array = self.array.as_primitive::<T>();
        let text = match self.zone {
            Some(zone) => array
                .value_as_datetime_with_tz(row, zone)
                .map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, false)),
            None => array.value_as_datetime(row).map(|time| time.format("%Y-%m-%dT%H:%M:%S%.f").to_string()),
        };
        text.ok_or_else(|| ArrowError::CastError(format!("not a time: {}", array.value(row))))
    }
}

fn date(date: Option<chrono::NaiveDate>) -> Result<String, ArrowError> {
    date.map(|date| date.to_string()).ok_or_else(|| ArrowError::CastError("not a date".to_owned()))
}

/// One value, as JSON: numbers and booleans as such, lists and structs nested, everything else as text.
pub(super) struct Cell<'a> {
    column: &'a Column,
    row: usize,
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let (array, row) = (self.column.array.as_ref(), self.row);
        if array.is_null(row) {
            return out.serialize_none();
        }
        match array.data_type() {
            DataType::Null => out.serialize_none(),
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
            DataType::Utf8 => out.serialize_str(array.as_string::<i32>().value(row)),
            DataType::LargeUtf8 => out.serialize_str(array.as_string::<i64>().value(row)),
            DataType::Utf8View => out.serialize_str(array.as_string_view().value(row)),
            DataType::List(_) => sequence(&array.as_list::<i32>().value(row), out),
            DataType::LargeList(_) => sequence(&array.as_list::<i64>().value(row), out),
            DataType::FixedSizeList(_, _) => sequence(&array.as_fixed_size_list().value(row), out),
            DataType::Struct(fields) => {
                let names = fields.iter().map(|field| field.name().clone());
                let columns = array.as_struct().columns();
                let mut map = out.serialize_map(Some(columns.len()))?;
                for (name, values) in names.zip(columns) {
                    let column = Column::new(values).map_err(S::Error::custom)?;
                    map.serialize_entry(&name, &column.cell(row))?;
                }
                map.end()
            }
            DataType::Map(_, _) => {
                let entries = array.as_map().value(row);
                let [keys, values] = entries.columns() else { return Err(S::Error::custom("not a map")) };
                let (keys, values) = (Column::new(keys), Column::new(values));
                let (keys, values) = (keys.map_err(S::Error::custom)?, values.map_err(S::Error::custom)?);
                let mut map = out.serialize_map(Some(entries.len()))?;
                for entry in 0..entries.len() {
                    let key = keys.text(entry).map_err(S::Error::custom)?.unwrap_or_default();
                    map.serialize_entry(&key, &values.cell(entry))?;
                }
                map.end()
            }
            _ => match self.column.text(row).map_err(S::Error::custom)? {
                Some(text) => out.serialize_str(&text),
                None => out.serialize_none(),
            },
        }
    }
}

fn sequence<S: Serializer>(values: &ArrayRef, out: S) -> Result<S::Ok, S::Error> {
    let column = Column::new(values).map_err(S::Error::custom)?;
    let mut sequence = out.serialize_seq(Some(values.len()))?;
    for row in 0..values.len() {
        sequence.serialize_element(&column.cell(row))?;
    }
    sequence.end()
}

/// The columns of a batch.
pub(super) fn columns(batch: &arrow::record_batch::RecordBatch) -> Result<Vec<Column>, ArrowError> {
    batch.columns().iter().map(Column::new).collect()
}
