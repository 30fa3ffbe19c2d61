//! `sls_cast(value, 'type')` and `sls_try_cast`: casts as Presto does them, to any of its types.
//!
//! They differ from DataFusion's: a number with a fraction is rounded, a time is written as
//! `2026-11-02 08:30:00.000`, a double as `1.0E10`, and JSON becomes lists, maps and scalars. A value that cannot be
//! cast is an error, or NULL in the lenient form.

use super::super::udf;
use super::frame::session_zone;
use super::json::{self, is_marked, marked};
use super::map::MapRows;
use super::moment::{self, Moments};
use super::types::SlsType;
use arrow::array::timezone::Tz;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, ListArray, StringViewArray,
    StructArray, TimestampMicrosecondArray, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{CastOptions, cast, cast_with_options, concat};
use arrow::datatypes::{DataType, Date32Type, Field, FieldRef, Float64Type, Int64Type, TimeUnit};
use chrono::NaiveDateTime;
use datafusion::common::utils::take_function_args;
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;
use serde_json::{Number, Value};
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
struct SlsCast {
    lenient: bool,
    signature: Signature,
}

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    // Times have the clock of the session.
    let signature = || Signature::any(2, Volatility::Stable);
    [false, true].map(|lenient| udf(SlsCast { lenient, signature: signature() })).into()
}

impl ScalarUDFImpl for SlsCast {
    fn name(&self) -> &str {
        if self.lenient { "sls_try_cast" } else { "sls_cast" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _kinds: &[DataType]) -> Result<DataType> {
        plan_err!("the type of `{}` must be a literal", self.name())
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let to = arguments.scalar_arguments.get(1).copied().flatten();
        let Some(to) = to.and_then(|to| to.try_as_str().flatten()) else {
            return plan_err!("`{}` takes a value and the name of a type", self.name());
        };
        let to = SlsType::parse(to)?;
        let field = Field::new(self.name(), to.arrow(), true);
        Ok(Arc::new(if to == SlsType::Json { marked(field) } else { field }))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let zone = session_zone(&arguments)?;
        let is_json = arguments.arg_fields.first().is_some_and(|field| is_marked(field));
        let [value, to] = take_function_args(self.name(), arguments.args)?;
        let to = match &to {
            ColumnarValue::Scalar(to) => SlsType::parse(to.try_as_str().flatten().unwrap_or_default())?,
            ColumnarValue::Array(_) => return exec_err!("the type of `{}` must be a literal", self.name()),
        };
        let is_scalar = matches!(value, ColumnarValue::Scalar(_));
        let array = value.into_array(if is_scalar { 1 } else { arguments.number_rows })?;
        let casting = Casting { zone, lenient: self.lenient };
        let array = if is_json { casting.of_json(&array, &to)? } else { casting.of_values(&array, &to)? };
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

/// The way of a cast.
#[derive(Clone, Copy)]
struct Casting {
    zone: Tz,
    lenient: bool,
}

impl Casting {
    /// Casts the values of a column.
    fn of_values(self, array: &ArrayRef, to: &SlsType) -> Result<ArrayRef> {
        use DataType::*;
        if self.lenient && to.is_nested() {
            return self.row_by_row(array, to, |strict, row| strict.of_values(row, to));
        }
        match (array.data_type(), to) {
            (Null, to) => Ok(new_null_array(&to.arrow(), array.len())),
            (_, SlsType::Json) => {
                let values = (0..array.len()).map(|row| value_of(array, row));
                let texts = values.map(|value| Ok(value?.map(|value| value.to_string())));
                Ok(Arc::new(texts.collect::<Result<StringViewArray>>()?))
            }
            (Dictionary(_, values), to) => self.of_values(&cast(array, values)?, to),
            (Utf8 | LargeUtf8 | Utf8View, to) => {
                let texts = cast(array, &Utf8View)?;
                self.of_texts(texts.as_string_view(), to)
            }
            (List(_), SlsType::Array(item)) => {
                let lists = array.as_list::<i32>();
                let values = self.of_values(lists.values(), item)?;
                let field = Arc::new(Field::new("item", item.arrow(), true));
                let (offsets, nulls) = (lists.offsets().clone(), lists.nulls().cloned());
                Ok(Arc::new(ListArray::try_new(field, offsets, values, nulls)?))
            }
            (Map(..), SlsType::Map(key, value)) => {
                let maps = array.as_map();
                let mut rows = MapRows::with_capacity(maps.len());
                let mut parts = vec![maps.entries().slice(0, 0)];
                for row in 0..maps.len() {
                    let entries = maps.is_valid(row).then(|| maps.value(row));
                    rows.append(entries.as_ref().map(Array::len));
                    parts.extend(entries);
                }
                let entries = concat(&parts.iter().map(|part| part as &dyn Array).collect::<Vec<_>>())?;
                let entries = entries.as_struct();
                let keys = self.of_values(entries.column(0), key)?;
                rows.finish(keys, self.of_values(entries.column(1), value)?)
            }
            (Struct(_), SlsType::Row(members)) if array.as_struct().num_columns() == members.len() => {
                let columns = array.as_struct().columns().iter().zip(members);
                let columns =
                    columns.map(|(column, (_, to))| self.of_values(column, to)).collect::<Result<Vec<_>>>()?;
                let Struct(fields) = to.arrow() else { return exec_err!("a row is expected") };
                Ok(Arc::new(StructArray::try_new(fields, columns, array.nulls().cloned())?))
            }
            (List(_) | LargeList(_) | Map(..) | Struct(_), to) => {
                exec_err!("{} cannot be cast to {to}", array.data_type())
            }
            (Timestamp(_, zone), SlsType::Varchar(_) | SlsType::Date | SlsType::Timestamp) => {
                let micros = cast(array, &Timestamp(TimeUnit::Microsecond, zone.clone()))?;
                let times = Moments::of(&micros, self.zone, false)?;
                let clocks = (0..array.len()).map(|row| (!times.is_null(row)).then(|| times.clock(row)));
                Ok(of_clocks(clocks, to))
            }
            (Timestamp(..), to) => exec_err!("a time cannot be cast to {to}: use `to_unixtime`"),
            (Date32 | Date64, SlsType::Timestamp) => Ok(cast(array, &Timestamp(TimeUnit::Microsecond, None))?),
            (Float16 | Float32 | Float64, SlsType::Varchar(_)) => {
                let numbers = cast(array, &Float64)?;
                let texts = numbers.as_primitive::<Float64Type>().iter().map(|number| number.map(double_text));
                Ok(Arc::new(texts.collect::<StringViewArray>()))
            }
            (Float16 | Float32 | Float64 | Decimal128(..) | Decimal256(..), to) if to.is_whole() => {
                let numbers = cast(array, &Float64)?;
                let rounded: ArrayRef =
                    Arc::new(numbers.as_primitive::<Float64Type>().unary::<_, Float64Type>(f64::round));
                self.arrow_cast(&rounded, to)
            }
            _ => self.arrow_cast(array, to),
        }
    }

    fn arrow_cast(self, array: &ArrayRef, to: &SlsType) -> Result<ArrayRef> {
        let options = CastOptions { safe: self.lenient, ..CastOptions::default() };
        Ok(cast_with_options(array, &to.arrow(), &options)?)
    }

    /// Casts row by row, where a row that fails becomes NULL.
    fn row_by_row(
        self,
        array: &ArrayRef,
        to: &SlsType,
        one: impl Fn(Self, &ArrayRef) -> Result<ArrayRef>,
    ) -> Result<ArrayRef> {
        let strict = Self { lenient: false, ..self };
        let null = new_null_array(&to.arrow(), 1);
        let rows = (0..array.len()).map(|row| one(strict, &array.slice(row, 1)).unwrap_or_else(|_| Arc::clone(&null)));
        let rows: Vec<ArrayRef> = rows.collect();
        if rows.is_empty() {
            return Ok(new_null_array(&to.arrow(), 0));
        }
        Ok(concat(&rows.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>())?)
    }

    fn of_texts(self, texts: &StringViewArray, to: &SlsType) -> Result<ArrayRef> {
        match to {
            SlsType::Varchar(length) => {
                let cut = |text: &str| text.chars().take(length.unwrap_or(usize::MAX)).collect::<String>();
                if length.is_none() {
                    return Ok(Arc::new(texts.clone()));
                }
                Ok(Arc::new(texts.iter().map(|text| text.map(cut)).collect::<StringViewArray>()))
            }
            SlsType::Boolean => {
                let flags = self.each(texts, to, |text| match text.to_ascii_lowercase().as_str() {
                    "true" | "t" | "1" => Some(true),
                    "false" | "f" | "0" => Some(false),
                    _ => None,
                })?;
                Ok(Arc::new(BooleanArray::from(flags)))
            }
            to if to.is_whole() => {
                let numbers: ArrayRef = Arc::new(Int64Array::from(self.each(texts, to, |text| text.parse().ok())?));
                self.arrow_cast(&numbers, to)
            }
            SlsType::Double | SlsType::Real | SlsType::Decimal(..) => {
                let numbers = Float64Array::from(self.each(texts, to, |text| text.parse().ok())?);
                let numbers: ArrayRef = Arc::new(numbers);
                self.arrow_cast(&numbers, to)
            }
            SlsType::Timestamp | SlsType::Date => {
                let clocks = self.each(texts, to, |text| moment::parse(text, &self.zone))?;
                Ok(of_clocks(clocks.into_iter(), to))
            }
            to if to.is_nested() => exec_err!("a text cannot be cast to {to}: use `json_parse` first"),
            _ => {
                let texts: ArrayRef = Arc::new(texts.clone());
                self.arrow_cast(&texts, to)
            }
        }
    }

    /// Reads each text. One that cannot be read is an error, or NULL.
    fn each<T>(
        self,
        texts: &StringViewArray,
        to: &SlsType,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<Option<T>>> {
        let one = |text: Option<&str>| match text.map(|text| (text, read(text.trim()))) {
            None => Ok(None),
            Some((_, Some(value))) => Ok(Some(value)),
            Some(_) if self.lenient => Ok(None),
            Some((text, None)) => exec_err!("cannot cast `{text}` to {to}"),
        };
        texts.iter().map(one).collect()
    }

    /// Casts a column of JSON texts.
    fn of_json(self, array: &ArrayRef, to: &SlsType) -> Result<ArrayRef> {
        if *to == SlsType::Json {
            return Ok(Arc::clone(array));
        }
        if self.lenient && to.is_nested() {
            return self.row_by_row(array, to, |strict, row| strict.of_json(row, to));
        }
        let texts = cast(array, &DataType::Utf8View)?;
        // A whole number keeps its digits, which are more than a double has.
        let is_whole = |json: &str| json.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        if !to.is_nested() && texts.as_string_view().iter().flatten().all(is_whole) {
            return self.of_texts(texts.as_string_view(), to);
        }
        let value = |text: Option<&str>| match text.map(|text| (text, json::parsed(text))) {
            None => Ok(None),
            Some((_, Some(value))) => Ok(Some(value)),
            Some(_) if self.lenient => Ok(None),
            Some((text, None)) => exec_err!("not JSON: `{text}`"),
        };
        let values = texts.as_string_view().iter().map(value).collect::<Result<Vec<_>>>()?;
        self.of_json_values(values, to)
    }

    fn of_json_values(self, values: Vec<Option<Value>>, to: &SlsType) -> Result<ArrayRef> {
        let values = values.into_iter().map(|value| value.filter(|value| !value.is_null()));
        match to {
            SlsType::Json => {
                Ok(Arc::new(values.map(|value| value.map(|v| v.to_string())).collect::<StringViewArray>()))
            }
            SlsType::Array(item) => {
                let (mut items, mut lengths, mut valid) = (Vec::new(), Vec::new(), Vec::new());
                for value in values {
                    let list = match value {
                        Some(Value::Array(list)) => Some(list),
                        None => None,
                        Some(other) => return exec_err!("cannot cast `{other}` to {to}"),
                    };
                    valid.push(list.is_some());
                    lengths.push(list.as_ref().map_or(0, Vec::len));
                    items.extend(list.into_iter().flatten().map(Some));
                }
                let field = Arc::new(Field::new("item", item.arrow(), true));
                let items = self.of_json_values(items, item)?;
                let (offsets, nulls) = (OffsetBuffer::from_lengths(lengths), Some(NullBuffer::from(valid)));
                Ok(Arc::new(ListArray::try_new(field, offsets, items, nulls)?))
            }
            SlsType::Map(key, item) => {
                let (mut keys, mut items, mut rows) = (Vec::new(), Vec::new(), MapRows::with_capacity(0));
                for value in values {
                    match value {
                        Some(Value::Object(members)) => {
                            rows.append(Some(members.len()));
                            for (name, value) in members {
                                keys.push(Some(name));
                                items.push(Some(value));
                            }
                        }
                        None => rows.append(None),
                        Some(other) => return exec_err!("cannot cast `{other}` to {to}"),
                    }
                }
                let keys: ArrayRef = Arc::new(StringViewArray::from_iter(keys));
                rows.finish(self.of_values(&keys, key)?, self.of_json_values(items, item)?)
            }
            SlsType::Row(members) => {
                let mut columns: Vec<Vec<Option<Value>>> = vec![Vec::new(); members.len()];
                let mut valid = Vec::new();
                for value in values {
                    valid.push(value.is_some());
                    for (at, ((name, _), column)) in members.iter().zip(&mut columns).enumerate() {
                        column.push(match &value {
                            Some(Value::Object(object)) => object.get(name).cloned(),
                            Some(Value::Array(items)) => items.get(at).cloned(),
                            None => None,
                            Some(other) => return exec_err!("cannot cast `{other}` to {to}"),
                        });
                    }
                }
                let columns = columns.into_iter().zip(members).map(|(column, (_, to))| self.of_json_values(column, to));
                let columns = columns.collect::<Result<Vec<_>>>()?;
                let DataType::Struct(fields) = to.arrow() else { return exec_err!("a row is expected") };
                Ok(Arc::new(StructArray::try_new(fields, columns, Some(NullBuffer::from(valid)))?))
            }
            to => {
                let text = |value: Option<Value>| match value {
                    None => Ok(None),
                    Some(Value::Array(_) | Value::Object(_)) if self.lenient => Ok(None),
                    Some(value @ (Value::Array(_) | Value::Object(_))) => {
                        exec_err!("cannot cast `{value}` to {to}: `json_format` gives JSON as text")
                    }
                    // A number with a fraction is rounded, as it is where it is none of JSON.
                    Some(Value::Number(number)) if to.is_whole() && number.is_f64() => {
                        Ok(number.as_f64().map(|number| format!("{:.0}", number.round())))
                    }
                    Some(value) => Ok(json::scalar(value)),
                };
                let texts = values.map(text).collect::<Result<StringViewArray>>()?;
                self.of_texts(&texts, to)
            }
        }
    }
}

/// Returns clocks as times, dates or texts.
fn of_clocks(clocks: impl Iterator<Item = Option<NaiveDateTime>>, to: &SlsType) -> ArrayRef {
    match to {
        SlsType::Date => {
            let days = clocks.map(|clock| clock.map(|clock| Date32Type::from_naive_date(clock.date())));
            Arc::new(days.collect::<Date32Array>())
        }
        SlsType::Varchar(_) => Arc::new(clocks.map(|clock| clock.map(moment::written)).collect::<StringViewArray>()),
        _ => {
            let micros = clocks.map(|clock| clock.map(|clock| clock.and_utc().timestamp_micros()));
            Arc::new(micros.collect::<TimestampMicrosecondArray>())
        }
    }
}

/// Returns a double as Presto writes it: `0.5`, `1.0E10`, `NaN`.
pub(super) fn double_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let size = number.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{number:?}");
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if digits.contains('.') => format!("{digits}E{exponent}"),
        Some((digits, exponent)) => format!("{digits}.0E{exponent}"),
        None => text,
    }
}

/// Returns a value of a column as JSON; `None` for NULL.
pub(super) fn value_of(array: &ArrayRef, row: usize) -> Result<Option<Value>> {
    use DataType::*;
    if array.is_null(row) {
        return Ok(None);
    }
    let item = |array: &ArrayRef, row: usize| Ok(value_of(array, row)?.unwrap_or(Value::Null));
    Ok(Some(match array.data_type() {
        Null => return Ok(None),
        Boolean => Value::Bool(array.as_boolean().value(row)),
        Dictionary(_, values) => return value_of(&cast(&array.slice(row, 1), values)?, 0),
        Float16 | Float32 | Float64 => {
            let number = cast(&array.slice(row, 1), &Float64)?.as_primitive::<Float64Type>().value(0);
            Number::from_f64(number).map_or(Value::Null, Value::Number)
        }
        kind if kind.is_integer() => {
            let number = cast(&array.slice(row, 1), &Int64)?;
            Value::from(number.as_primitive::<Int64Type>().value(0))
        }
        List(_) => {
            let items = array.as_list::<i32>().value(row);
            Value::Array((0..items.len()).map(|at| item(&items, at)).collect::<Result<_>>()?)
        }
        Map(..) => {
            let entries = array.as_map().value(row);
            let keys = cast(entries.column(0), &Utf8View)?;
            let keys = keys.as_string_view();
            let mut members = serde_json::Map::new();
            for at in 0..entries.len() {
                members.insert(keys.value(at).to_owned(), item(entries.column(1), at)?);
            }
            Value::Object(members)
        }
        // As Presto does: a row is an array.
        Struct(_) => {
            let columns = array.as_struct().columns();
            Value::Array(columns.iter().map(|column| item(column, row)).collect::<Result<_>>()?)
        }
        Timestamp(_, zone) => {
            let micros = cast(&array.slice(row, 1), &Timestamp(TimeUnit::Microsecond, zone.clone()))?;
            let times = Moments::of(&micros, super::super::time::parse_zone("UTC")?, false)?;
            Value::String(moment::written(times.clock(0)))
        }
        _ => {
            let text = cast(&array.slice(row, 1), &Utf8View)?;
            Value::String(text.as_string_view().value(0).to_owned())
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_presto_does() {
        for (number, expected) in [
            (0.0, "0.0"),
            (-0.5, "-0.5"),
            (3.0, "3.0"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (1e7, "1.0E7"),
            (12_345_678.9, "1.23456789E7"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(double_text(number), expected);
        }
    }
}
