//! The frame of functions that compute a value of a few others, row by row.
//!
//! As in Presto, one NULL among the arguments gives NULL. An argument of a wrong type is an error when the statement is
//! planned; only times are taken in every form, as SLS takes them. A function that can fail on a value has a lenient
//! twin, which gives NULL instead: `sls_try_date_parse` is the twin of `sls_date_parse`.

use super::super::time::{clock_at, parse_zone};
use super::super::udf;
use super::json;
use super::map::MapRows;
use super::moment::Moments;
use super::types::name_of;
use arrow::array::timezone::Tz;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringViewBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Field, FieldRef, Float64Type, Int64Type, TimeUnit};
use chrono::{NaiveDate, NaiveDateTime};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;
use regex::Regex;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

/// The most patterns that a call keeps compiled.
const MOST_PATTERNS: usize = 256;

/// The type of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Text,
    Int,
    Double,
    Flag,
    /// An instant, a time, a date, seconds since 1970 or a text of one of these.
    Time,
    /// A list of numbers.
    Doubles,
}

/// The result of a row; `None` is NULL.
pub(super) type Cell<T> = Result<Option<T>>;

/// The entries of a map of texts.
pub(super) type Entries = Vec<(String, Option<String>)>;

/// The entries of a map of numbers.
pub(super) type DoubleEntries = Vec<(f64, f64)>;

/// The computation of a row, by the type of its result.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gives {
    Text(fn(&Row<'_>) -> Cell<String>),
    /// Text that is marked as JSON.
    Json(fn(&Row<'_>) -> Cell<String>),
    Int(fn(&Row<'_>) -> Cell<i64>),
    Double(fn(&Row<'_>) -> Cell<f64>),
    Flag(fn(&Row<'_>) -> Cell<bool>),
    Texts(fn(&Row<'_>) -> Cell<Vec<Option<String>>>),
    TextMap(fn(&Row<'_>) -> Cell<Entries>),
    DoubleMap(fn(&Row<'_>) -> Cell<DoubleEntries>),
    /// A time without a zone: the clock of the session's zone.
    Clock(fn(&Row<'_>) -> Cell<NaiveDateTime>),
    Date(fn(&Row<'_>) -> Cell<NaiveDate>),
}

/// A function of the frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Definition {
    /// Name in SQL.
    pub(super) name: &'static str,
    /// Types of the arguments.
    pub(super) takes: &'static [Takes],
    /// The number of arguments that must be given.
    pub(super) least: usize,
    /// The computation.
    pub(super) gives: Gives,
}

impl Definition {
    /// Makes the function.
    pub(super) fn function(self) -> ScalarUDF {
        self.with_leniency(false)
    }

    /// Makes the function and its lenient twin.
    pub(super) fn with_twin(self) -> [ScalarUDF; 2] {
        [self.with_leniency(false), self.with_leniency(true)]
    }

    fn with_leniency(self, lenient: bool) -> ScalarUDF {
        let name = if lenient { self.name.replacen("sls_", "sls_try_", 1) } else { self.name.to_owned() };
        // The clock of an instant is that of the session, so such a call is no constant of all sessions.
        let of_session = self.takes.contains(&Takes::Time) || self.takes.is_empty();
        let volatility = if of_session { Volatility::Stable } else { Volatility::Immutable };
        let signature =
            if self.takes.is_empty() { Signature::nullary(volatility) } else { Signature::user_defined(volatility) };
        udf(ByRow { name, definition: self, lenient, signature })
    }
}

#[derive(Debug)]
struct ByRow {
    name: String,
    definition: Definition,
    lenient: bool,
    signature: Signature,
}

// A name stands for one computation.
impl PartialEq for ByRow {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for ByRow {}

impl Hash for ByRow {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// The arguments of one row, none of which is NULL.
pub(super) struct Row<'a> {
    columns: &'a [Column],
    at: usize,
    zone: Tz,
    zone_name: &'a str,
    patterns: &'a RefCell<HashMap<String, Rc<Regex>>>,
}

/// An argument in the type that the function takes.
enum Column {
    Plain(ArrayRef),
    Times(Moments),
}

impl Column {
    fn is_null(&self, at: usize) -> bool {
        match self {
            Self::Plain(array) => array.is_null(at),
            Self::Times(times) => times.is_null(at),
        }
    }
}

impl Row<'_> {
    /// Returns `true` if so many arguments were given that this one is there.
    pub(super) fn has(&self, argument: usize) -> bool {
        argument < self.columns.len()
    }

    fn plain(&self, argument: usize) -> Option<&ArrayRef> {
        match self.columns.get(argument) {
            Some(Column::Plain(array)) => Some(array),
            _ => None,
        }
    }

    /// Returns a text.
    pub(super) fn text(&self, argument: usize) -> &str {
        let texts = self.plain(argument).and_then(|array| array.as_string_view_opt());
        texts.map_or("", |texts| texts.value(self.at))
    }

    /// Returns a whole number.
    pub(super) fn int(&self, argument: usize) -> i64 {
        let numbers = self.plain(argument).and_then(|array| array.as_primitive_opt::<Int64Type>());
        numbers.map_or(0, |numbers| numbers.value(self.at))
    }

    /// Returns a number.
    pub(super) fn double(&self, argument: usize) -> f64 {
        let numbers = self.plain(argument).and_then(|array| array.as_primitive_opt::<Float64Type>());
        numbers.map_or(0.0, |numbers| numbers.value(self.at))
    }

    /// Returns a boolean.
    pub(super) fn flag(&self, argument: usize) -> bool {
        let flags = self.plain(argument).and_then(|array| array.as_boolean_opt());
        flags.is_some_and(|flags| flags.value(self.at))
    }

    /// Returns the clock of a time.
    pub(super) fn clock(&self, argument: usize) -> NaiveDateTime {
        match self.columns.get(argument) {
            Some(Column::Times(times)) => times.clock(self.at),
            _ => NaiveDateTime::default(),
        }
    }

    /// Returns the zone of a time: its own, or that of the session.
    pub(super) fn zone_of(&self, argument: usize) -> Tz {
        match self.columns.get(argument) {
            Some(Column::Times(times)) => times.zone(),
            _ => self.zone,
        }
    }

    /// Returns `true` for a date without a time of day.
    pub(super) fn is_date(&self, argument: usize) -> bool {
        matches!(self.columns.get(argument), Some(Column::Times(times)) if times.are_dates())
    }

    /// Returns the numbers of a list, without those that are NULL.
    pub(super) fn doubles(&self, argument: usize) -> Vec<f64> {
        let lists = self.plain(argument).and_then(|array| array.as_list_opt::<i32>());
        let values = lists.map(|lists| lists.value(self.at));
        let numbers = values.as_ref().and_then(|values| values.as_primitive_opt::<Float64Type>());
        numbers.map(|numbers| numbers.iter().flatten().collect()).unwrap_or_default()
    }

    /// Returns the session's zone.
    pub(super) fn zone(&self) -> Tz {
        self.zone
    }

    /// Returns the name of the session's zone.
    pub(super) fn zone_name(&self) -> &str {
        self.zone_name
    }

    /// Returns a compiled pattern. A pattern that cannot be read is an error.
    pub(super) fn pattern(&self, argument: usize) -> Result<Rc<Regex>> {
        let text = self.text(argument);
        if let Some(known) = self.patterns.borrow().get(text) {
            return Ok(Rc::clone(known));
        }
        let compiled = match Regex::new(text) {
            Ok(compiled) => Rc::new(compiled),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                return exec_err!("not a regular expression: `{text}`: {reason}");
            }
        };
        let mut patterns = self.patterns.borrow_mut();
        if patterns.len() >= MOST_PATTERNS {
            patterns.clear();
        }
        patterns.insert(text.to_owned(), Rc::clone(&compiled));
        Ok(compiled)
    }
}

/// Returns the type that an argument is cast to; an error says what the function takes.
fn coerced(name: &str, takes: Takes, number: usize, kind: &DataType) -> Result<DataType> {
    let plain = match kind {
        DataType::Dictionary(_, values) => values.as_ref(),
        kind => kind,
    };
    let is_number = plain.is_integer() || plain.is_floating() || is_decimal(plain);
    let (found, wanted) = match takes {
        Takes::Text if plain.is_string() || plain.is_null() => return Ok(DataType::Utf8View),
        Takes::Int if plain.is_integer() || plain.is_null() => return Ok(DataType::Int64),
        Takes::Double if is_number || plain.is_null() => return Ok(DataType::Float64),
        Takes::Flag if *plain == DataType::Boolean || plain.is_null() => return Ok(DataType::Boolean),
        Takes::Time => match plain {
            DataType::Timestamp(_, zone) => return Ok(DataType::Timestamp(TimeUnit::Microsecond, zone.clone())),
            DataType::Date32 | DataType::Date64 => return Ok(DataType::Date32),
            kind if kind.is_string() => return Ok(DataType::Utf8View),
            kind if kind.is_integer() || kind.is_null() => return Ok(DataType::Int64),
            _ if is_number => return Ok(DataType::Float64),
            other => (other, "a time"),
        },
        Takes::Doubles => match plain {
            DataType::List(_) | DataType::LargeList(_) | DataType::Null => {
                return Ok(DataType::new_list(DataType::Float64, true));
            }
            other => (other, "an array of numbers"),
        },
        Takes::Text => (plain, "a text"),
        Takes::Int => (plain, "a whole number"),
        Takes::Double => (plain, "a number"),
        Takes::Flag => (plain, "a boolean"),
    };
    plan_err!("argument {number} of `{name}` is {wanted}, not {}", name_of(found))
}

fn is_decimal(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..)
    )
}

impl ScalarUDFImpl for ByRow {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, kinds: &[DataType]) -> Result<Vec<DataType>> {
        let Definition { takes, least, .. } = self.definition;
        if kinds.len() < least || kinds.len() > takes.len() {
            let most = takes.len();
            let number = if least == most { least.to_string() } else { format!("{least} to {most}") };
            return plan_err!("`{}` takes {number} arguments, not {}", self.name, kinds.len());
        }
        let arguments = takes.iter().zip(kinds).enumerate();
        arguments.map(|(at, (takes, kind))| coerced(&self.name, *takes, at + 1, kind)).collect()
    }

    fn return_type(&self, _kinds: &[DataType]) -> Result<DataType> {
        Ok(match self.definition.gives {
            Gives::Text(_) | Gives::Json(_) => DataType::Utf8View,
            Gives::Int(_) => DataType::Int64,
            Gives::Double(_) => DataType::Float64,
            Gives::Flag(_) => DataType::Boolean,
            Gives::Texts(_) => DataType::new_list(DataType::Utf8View, true),
            Gives::TextMap(_) => super::map::map_type(&DataType::Utf8View, &DataType::Utf8View),
            Gives::DoubleMap(_) => super::map::map_type(&DataType::Float64, &DataType::Float64),
            Gives::Clock(_) => DataType::Timestamp(TimeUnit::Microsecond, None),
            Gives::Date(_) => DataType::Date32,
        })
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let kinds: Vec<DataType> = arguments.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let field = Field::new(&self.name, self.return_type(&kinds)?, true);
        let is_json = matches!(self.definition.gives, Gives::Json(_));
        Ok(Arc::new(if is_json { json::marked(field) } else { field }))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = arguments.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { arguments.number_rows };
        let zone = session_zone(&arguments)?;
        let mut columns = Vec::with_capacity(arguments.args.len());
        for (value, takes) in arguments.args.iter().zip(self.definition.takes) {
            let array = match value {
                ColumnarValue::Array(array) => Arc::clone(array),
                ColumnarValue::Scalar(scalar) => scalar.to_array_of_size(rows)?,
            };
            columns.push(match takes {
                Takes::Time => Column::Times(Moments::of(&array, zone, self.lenient)?),
                Takes::Text => Column::Plain(cast(&array, &DataType::Utf8View)?),
                _ => Column::Plain(array),
            });
        }
        let zone_name = arguments.config_options.execution.time_zone.as_deref().unwrap_or("UTC");
        let array = self.compute(&columns, rows, zone, zone_name)?;
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

/// Returns the zone of the session that a call belongs to.
pub(super) fn session_zone(arguments: &ScalarFunctionArgs) -> Result<Tz> {
    parse_zone(arguments.config_options.execution.time_zone.as_deref().unwrap_or("UTC"))
}

impl ByRow {
    fn compute(&self, columns: &[Column], rows: usize, zone: Tz, zone_name: &str) -> Result<ArrayRef> {
        let patterns = RefCell::new(HashMap::new());
        let row = |at: usize| Row { columns, at, zone, zone_name, patterns: &patterns };
        let each = Each { columns, rows, lenient: self.lenient, row: &row };
        Ok(match self.definition.gives {
            Gives::Text(compute) | Gives::Json(compute) => {
                let mut out = StringViewBuilder::with_capacity(rows);
                each.call(compute, |text| out.append_option(text))?;
                Arc::new(out.finish())
            }
            Gives::Int(compute) => {
                let mut out = Int64Builder::with_capacity(rows);
                each.call(compute, |number| out.append_option(number))?;
                Arc::new(out.finish())
            }
            Gives::Double(compute) => {
                let mut out = Float64Builder::with_capacity(rows);
                each.call(compute, |number| out.append_option(number))?;
                Arc::new(out.finish())
            }
            Gives::Flag(compute) => {
                let mut out = BooleanBuilder::with_capacity(rows);
                each.call(compute, |flag| out.append_option(flag))?;
                Arc::new(out.finish())
            }
            Gives::Texts(compute) => {
                let mut out = ListBuilder::new(StringViewBuilder::new());
                each.call(compute, |texts: Option<Vec<Option<String>>>| {
                    let is_there = texts.is_some();
                    texts.into_iter().flatten().for_each(|text| out.values().append_option(text));
                    out.append(is_there);
                })?;
                Arc::new(out.finish())
            }
            Gives::TextMap(compute) => {
                let mut out = MapRows::with_capacity(rows);
                let (mut keys, mut values) = (StringViewBuilder::new(), StringViewBuilder::new());
                each.call(compute, |entries: Option<Entries>| {
                    out.append(entries.as_ref().map(Vec::len));
                    for (key, value) in entries.into_iter().flatten() {
                        keys.append_value(key);
                        values.append_option(value);
                    }
                })?;
                out.finish(Arc::new(keys.finish()), Arc::new(values.finish()))?
            }
            Gives::DoubleMap(compute) => {
                let mut out = MapRows::with_capacity(rows);
                let (mut keys, mut values) = (Float64Builder::new(), Float64Builder::new());
                each.call(compute, |entries: Option<DoubleEntries>| {
                    out.append(entries.as_ref().map(Vec::len));
                    for (key, value) in entries.into_iter().flatten() {
                        keys.append_value(key);
                        values.append_value(value);
                    }
                })?;
                out.finish(Arc::new(keys.finish()), Arc::new(values.finish()))?
            }
            Gives::Clock(compute) => {
                let mut out = TimestampMicrosecondBuilder::with_capacity(rows);
                each.call(compute, |clock: Option<NaiveDateTime>| {
                    out.append_option(clock.map(|clock| clock.and_utc().timestamp_micros()));
                })?;
                Arc::new(out.finish())
            }
            Gives::Date(compute) => {
                let mut out = arrow::array::Date32Builder::with_capacity(rows);
                each.call(compute, |date: Option<NaiveDate>| {
                    out.append_option(date.map(Date32Type::from_naive_date));
                })?;
                Arc::new(out.finish())
            }
        })
    }
}

/// Calls a computation for each row.
struct Each<'a, F> {
    columns: &'a [Column],
    rows: usize,
    lenient: bool,
    row: &'a F,
}

impl<'a, F: Fn(usize) -> Row<'a>> Each<'a, F> {
    fn call<T>(&self, compute: fn(&Row<'_>) -> Cell<T>, mut take: impl FnMut(Option<T>)) -> Result<()> {
        for at in 0..self.rows {
            if self.columns.iter().any(|column| column.is_null(at)) {
                take(None);
                continue;
            }
            match compute(&(self.row)(at)) {
                Ok(value) => take(value),
                Err(_) if self.lenient => take(None),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Returns the clock of a zone at an instant in seconds since 1970.
pub(super) fn clock_of_seconds(seconds: f64, zone: &Tz) -> Option<NaiveDateTime> {
    let micros = (seconds * 1e6).round();
    // Beyond this no date is known, and NaN is none.
    (micros.abs() < 8.3e18).then(|| clock_at(micros as i64, zone)).flatten()
}
