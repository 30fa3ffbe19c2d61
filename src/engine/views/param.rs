//! Parameters of views: their types, and the values that a question gives them.
//!
//! A value comes as text, from the command line (`-p n=5`), from a statement (`v(n => 5)`), from the default of the
//! head, or from the view that calls this one. It is checked against the type and bound to the placeholder as a value.
//!
//! | type | text | in SQL |
//! |---|---|---|
//! | `count` | `100`, at least 1 | BIGINT |
//! | `int` | `-5` | BIGINT |
//! | `float` | `0.5` | DOUBLE |
//! | `bool` | `true`, `false` | BOOLEAN |
//! | `text` | anything | VARCHAR |
//! | `list` | `a,b`; quoted as in CSV where it has a comma | array of VARCHAR: `array_has($list, x)` |
//! | `duration` | `30m`, `2h`, `7d`, `1w`, `90s` | INTERVAL: `event_time - $length`, `RANGE $length PRECEDING` |
//! | `cidr_list` | `10.0.0.0/8,2001:db8::/32`, or addresses | array of VARCHAR: `in_cidr(address, $list)` |
//! | `time_of_day` | `08:30`, `08:30:15` | TIME: `CAST(event_time AS TIME) >= $begin` |
//! | `date` | `2026-11-03` | DATE: `event_time >= $day` |
//! | `zone` | `Asia/Tokyo`, `+09:00` | VARCHAR: `event_time AT TIME ZONE $zone` |

use super::super::{EngineError, functions};
use super::View;
use crate::event::time::{Zone, parse_length};
use crate::spelling::similar;
use arrow::datatypes::{DataType, Date32Type, IntervalMonthDayNano};
use chrono::{NaiveDate, NaiveTime, TimeDelta, Timelike};
use datafusion::common::ParamValues;
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::{self, Expr, Value};
use std::collections::BTreeMap;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// The most values of a list.
const MAX_VALUES: usize = 10_000;

/// A parameter of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewParam {
    /// Name, `$name` in the SQL.
    pub name: String,
    /// Type.
    pub kind: ParamType,
    /// Value where none is given, as it would be typed.
    pub default: String,
    /// Meaning, in a few words.
    pub help: String,
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamType {
    /// A number of things, 1 or more.
    Count,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// True or false.
    Bool,
    /// Text.
    Text,
    /// Texts.
    List,
    /// A length of time.
    Duration,
    /// Networks and addresses.
    CidrList,
    /// A time of day.
    TimeOfDay,
    /// A date.
    Date,
    /// A time zone.
    Zone,
    /// A table of the statement that calls the view; of hidden views only. Such a view is put in the place of its call.
    Table,
}

impl ParamType {
    /// Every type that a listed view can have.
    pub const ALL: [Self; 11] = [
        Self::Count,
        Self::Int,
        Self::Float,
        Self::Bool,
        Self::Text,
        Self::List,
        Self::Duration,
        Self::CidrList,
        Self::TimeOfDay,
        Self::Date,
        Self::Zone,
    ];

    /// Returns the word for it in a head.
    pub fn text(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Text => "text",
            Self::List => "list",
            Self::Duration => "duration",
            Self::CidrList => "cidr_list",
            Self::TimeOfDay => "time_of_day",
            Self::Date => "date",
            Self::Zone => "zone",
            Self::Table => "table",
        }
    }

    /// Returns the type for a message, with an example where the words do not say the form.
    pub fn described(self) -> &'static str {
        match self {
            Self::Count => "a whole number, 1 or more",
            Self::Int => "a whole number",
            Self::Float => "a number, such as `0.5`",
            Self::Bool => "`true` or `false`",
            Self::Text => "text",
            Self::List => "a list, such as `a,b`",
            Self::Duration => "a length of time, such as `30m`, `2h` or `7d`",
            Self::CidrList => "a list of networks, such as `10.0.0.0/8,2001:db8::/32`",
            Self::TimeOfDay => "a time of day, such as `08:30`",
            Self::Date => "a date, such as `2026-11-03`",
            Self::Zone => "a time zone, such as `Asia/Tokyo` or `+09:00`",
            Self::Table => "the name of a table of the statement",
        }
    }

    /// Returns `true` if a head writes a default as text.
    pub(super) fn is_written_as_text(self) -> bool {
        matches!(self, Self::Text | Self::Duration | Self::TimeOfDay | Self::Date | Self::Zone)
    }

    /// Returns the form of a default in a head, for a message.
    pub(super) fn in_head(self) -> &'static str {
        match self {
            Self::Count | Self::Int | Self::Float => "a number",
            Self::Bool => "true or false",
            Self::List | Self::CidrList => "a list of texts",
            _ => "text",
        }
    }

    /// Reads the value of a text; `None` where it is not of this type.
    pub(super) fn value(self, text: &str) -> Option<ScalarValue> {
        let number = || text.parse::<i64>().ok();
        match self {
            Self::Count => number().filter(|number| *number >= 1).map(ScalarValue::from),
            Self::Int => number().map(ScalarValue::from),
            Self::Float => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(ScalarValue::from),
            Self::Bool => text.parse::<bool>().ok().map(ScalarValue::from),
            Self::Text => Some(ScalarValue::Utf8View(Some(text.to_owned()))),
            Self::List => split(text).map(list),
            Self::Duration => length(text),
            Self::CidrList => {
                let networks = split(text)?;
                networks.iter().all(|network| functions::is_network(network)).then(|| list(networks))
            }
            Self::TimeOfDay => time_of_day(text),
            Self::Date => {
                let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
                Some(ScalarValue::Date32(Some(Date32Type::from_naive_date(date))))
            }
            Self::Zone => {
                let zone: Zone = text.parse().ok()?;
                Some(ScalarValue::Utf8View(Some(zone.name().into_owned())))
            }
            Self::Table => None,
        }
    }

    /// Reads the texts of a list; `None` where it is none.
    pub(super) fn split(text: &str) -> Option<Vec<String>> {
        split(text)
    }

    /// Writes texts as the text of a list.
    pub(in super::super) fn join(items: &[String]) -> String {
        let quoted = |item: &String| {
            let is_plain = !item.is_empty() && item.trim() == item && !item.contains([',', '"', '\n', '\r']);
            if is_plain { item.clone() } else { format!("\"{}\"", item.replace('"', "\"\"")) }
        };
        items.iter().map(quoted).collect::<Vec<_>>().join(",")
    }
}

/// Reads a list: values with commas between them, and the space around them left out. A value in double quotes is taken
/// as it is, and has a double quote as two. Nothing is the list of no values.
fn split(text: &str) -> Option<Vec<String>> {
    let mut rest = text.trim();
    let mut items = Vec::new();
    while !rest.is_empty() || !items.is_empty() {
        let (item, behind) = match rest.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (item, behind) = rest.split_at_checked(end)?;
                let item = item.trim_end();
                (!item.contains(['"', '\n', '\r'])).then(|| (item.to_owned(), behind))?
            }
        };
        items.push(item);
        rest = match behind.trim_start() {
            "" => break,
            more => more.strip_prefix(',').filter(|_| items.len() < MAX_VALUES)?.trim_start(),
        };
    }
    Some(items)
}

/// Reads up to the double quote that ends a value, and returns the value and what is behind it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let (mut item, mut rest) = (String::new(), text);
    loop {
        let (part, behind) = rest.split_once('"')?;
        item.push_str(part);
        match behind.strip_prefix('"') {
            Some(more) => (item, rest) = (item + "\"", more),
            None => return Some((item, behind)),
        }
    }
}

fn list(items: Vec<String>) -> ScalarValue {
    let items: Vec<ScalarValue> = items.into_iter().map(|item| ScalarValue::Utf8View(Some(item))).collect();
    ScalarValue::List(ScalarValue::new_list_nullable(&items, &DataType::Utf8View))
}

fn length(text: &str) -> Option<ScalarValue> {
    let seconds = |number: &str| number.parse().ok().filter(|n| *n >= 0).and_then(TimeDelta::try_seconds);
    let length = text.strip_suffix('s').map_or_else(|| parse_length(text), seconds)?;
    // Days are those of the calendar: one later is the same time of the next day, also over a change of clocks.
    let (days, rest) = match text.ends_with(['d', 'w']) {
        true => (i32::try_from(length.num_days()).ok()?, TimeDelta::zero()),
        false => (0, length),
    };
    let interval = IntervalMonthDayNano::new(0, days, rest.num_nanoseconds()?);
    Some(ScalarValue::IntervalMonthDayNano(Some(interval)))
}

fn time_of_day(text: &str) -> Option<ScalarValue> {
    let time = ["%H:%M", "%H:%M:%S"].iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok())?;
    // A leap second is no time that a clock of an event shows.
    let nanos = (time.nanosecond() == 0).then(|| i64::from(time.num_seconds_from_midnight()) * NANOS_PER_SECOND)?;
    // The unit that a cast of an instant has, since times of two units are not compared.
    Some(ScalarValue::Time64Nanosecond(Some(nanos)))
}

/// Writes a length of time in SQL.
fn interval(length: IntervalMonthDayNano) -> Expr {
    let text = match length.days {
        0 => format!("{} seconds", length.nanoseconds / NANOS_PER_SECOND),
        days => format!("{days} days"),
    };
    Expr::Interval(ast::Interval {
        value: Box::new(Expr::value(Value::SingleQuotedString(text))),
        leading_field: None,
        leading_precision: None,
        last_field: None,
        fractional_seconds_precision: None,
    })
}

/// The values of all parameters of a view.
#[derive(Debug, Clone, Default)]
pub struct BoundParams {
    texts: BTreeMap<String, String>,
    values: Vec<(String, ScalarValue)>,
}

impl BoundParams {
    pub(super) fn new(view: &View, given: &[(String, String)]) -> Result<Self, EngineError> {
        if let Some((name, _)) = given.iter().find(|(name, _)| view.params.iter().all(|param| param.name != *name)) {
            let names = view.params.iter().map(|param| param.name.as_str());
            // All of a few names are shorter than the way to `views show`.
            let similar = if view.params.len() < 4 { names.map(str::to_owned).collect() } else { similar(name, names) };
            return Err(EngineError::UnknownParameter { view: view.name.clone(), name: name.clone(), similar });
        }
        let mut bound = Self::default();
        for param in view.params.iter().filter(|param| param.kind != ParamType::Table) {
            let mut given = given.iter().filter(|(name, _)| *name == param.name).map(|(_, value)| value);
            let text = given.next().unwrap_or(&param.default);
            if given.next().is_some() {
                return Err(EngineError::RepeatedParameter { view: view.name.clone(), name: param.name.clone() });
            }
            let value = param.kind.value(text).ok_or_else(|| EngineError::BadParameter {
                view: view.name.clone(),
                name: param.name.clone(),
                expected: param.kind.described(),
                value: text.clone(),
            })?;
            bound.texts.insert(param.name.clone(), text.clone());
            bound.values.push((param.name.clone(), value));
        }
        Ok(bound)
    }

    /// Returns the text of a parameter, as it was given.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// Returns the value of a parameter as a literal of SQL; `None` for types that have none.
    pub(in super::super) fn literal(&self, name: &str) -> Option<Expr> {
        let (_, value) = self.values.iter().find(|(known, _)| known == name)?;
        let literal = match value {
            ScalarValue::Int64(Some(number)) => Value::Number(number.to_string(), false),
            ScalarValue::Float64(Some(number)) => Value::Number(number.to_string(), false),
            ScalarValue::Boolean(Some(flag)) => Value::Boolean(*flag),
            ScalarValue::Utf8View(Some(text)) => Value::SingleQuotedString(text.clone()),
            ScalarValue::IntervalMonthDayNano(Some(length)) => return Some(interval(*length)),
            _ => return None,
        };
        Some(Expr::value(literal))
    }

    /// Returns the values for the placeholders of a plan.
    pub fn values(&self) -> ParamValues {
        ParamValues::from(self.values.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_of_their_type() {
        let int = |number: i64| Some(ScalarValue::from(number));
        let texts = |items: &[&str]| Some(list(items.iter().map(ToString::to_string).collect()));
        let interval =
            |days, nanos| Some(ScalarValue::IntervalMonthDayNano(Some(IntervalMonthDayNano::new(0, days, nanos))));
        let time = |seconds: i64| Some(ScalarValue::Time64Nanosecond(Some(seconds * 1_000_000_000)));
        let text = |text: &str| Some(ScalarValue::Utf8View(Some(text.to_owned())));
        for (kind, given, value) in [
            (ParamType::Count, "1", int(1)),
            (ParamType::Count, "9223372036854775807", int(i64::MAX)),
            (ParamType::Count, "0", None),
            (ParamType::Count, "-1", None),
            (ParamType::Count, "1.5", None),
            (ParamType::Count, "", None),
            (ParamType::Int, "-1", int(-1)),
            (ParamType::Int, "9223372036854775808", None),
            (ParamType::Int, "x", None),
            (ParamType::Float, "0.5", Some(ScalarValue::from(0.5))),
            (ParamType::Float, "NaN", None),
            (ParamType::Float, "1e400", None),
            (ParamType::Bool, "true", Some(ScalarValue::from(true))),
            (ParamType::Bool, "yes", None),
            (ParamType::Text, "", text("")),
            (ParamType::List, "", texts(&[])),
            (ParamType::List, "a, b ,\"c,d\"", texts(&["a", "b", "c,d"])),
            (ParamType::List, "a,,b,", texts(&["a", "", "b", ""])),
            (ParamType::List, "\"a\"\"b\" ,c", texts(&["a\"b", "c"])),
            (ParamType::List, "\"a", None),
            (ParamType::List, "\"a\"b", None),
            (ParamType::List, "a\"b", None),
            (ParamType::List, "a\nb", None),
            (ParamType::Duration, "30m", interval(0, 1_800_000_000_000)),
            (ParamType::Duration, "90s", interval(0, 90_000_000_000)),
            (ParamType::Duration, "2h", interval(0, 7_200_000_000_000)),
            (ParamType::Duration, "7d", interval(7, 0)),
            (ParamType::Duration, "1w", interval(7, 0)),
            (ParamType::Duration, "-7d", None),
            (ParamType::Duration, "7", None),
            (ParamType::Duration, "99999999999999h", None),
            (ParamType::CidrList, "10.0.0.0/8,2001:db8::1", texts(&["10.0.0.0/8", "2001:db8::1"])),
            (ParamType::CidrList, "10.0.0.0/33", None),
            (ParamType::CidrList, "10.0.0", None),
            (ParamType::TimeOfDay, "08:30", time(30_600)),
            (ParamType::TimeOfDay, "23:59:59", time(86_399)),
            (ParamType::TimeOfDay, "24:00", None),
            (ParamType::TimeOfDay, "23:59:60", None),
            (ParamType::TimeOfDay, "8", None),
            (ParamType::Date, "1970-01-02", Some(ScalarValue::Date32(Some(1)))),
            (ParamType::Date, "2026-02-30", None),
            (ParamType::Zone, "Asia/Tokyo", text("Asia/Tokyo")),
            (ParamType::Zone, "Mars/Base", None),
        ] {
            assert_eq!(kind.value(given), value, "{kind:?} {given}");
        }
    }

    #[test]
    fn a_list_is_read_as_it_is_written() {
        for items in [vec![], vec!["a"], vec!["", ""], vec!["a,b", " c ", "d\"e", "", "f\ng"]] {
            let items: Vec<String> = items.into_iter().map(str::to_owned).collect();
            assert_eq!(split(&ParamType::join(&items)), Some(items));
        }
    }
}
