//! `date_trunc` on the clock of the instant's zone.
//!
//! Answers depend on it, so it is no matter of the switch of `engine/tuning`:
//!
//! - A day, or anything longer, begins with its first instant. DataFusion gives two beginnings to a day whose midnight
//!   occurs twice, and fails if midnight is skipped.
//! - Times of any year are truncated. DataFusion goes through nanoseconds and fails from 2262 on.
//!
//! Instants in UTC, the zone of the lake, are truncated by division, as
//! <https://github.com/apache/datafusion/issues/25325> proposes for DataFusion's own (open). The figures are in
//! `benches/RESULTS.md`, "Questions" ("`date_trunc` of UTC by division").

use super::super::udf;
use super::{as_micros, instant_of, is_utc, of_unit, parse_zone};
use arrow::array::timezone::Tz;
use arrow::array::{ArrayRef, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, FieldRef, TimestampMicrosecondType};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Offset, TimeZone};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::functions::datetime;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};
use datafusion::scalar::ScalarValue;

#[derive(Debug, PartialEq, Eq, Hash)]
struct DateTrunc {
    signature: Signature,
    aliases: Vec<String>,
}

/// Makes the function.
pub fn date_trunc() -> ScalarUDF {
    let plain = datetime::date_trunc();
    udf(DateTrunc { signature: plain.signature().clone(), aliases: plain.aliases().to_vec() })
}

impl ScalarUDFImpl for DateTrunc {
    fn name(&self) -> &str {
        "date_trunc"
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        datetime::date_trunc().inner().return_type(arguments)
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        datetime::date_trunc().inner().return_field_from_args(arguments)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let plain = datetime::date_trunc();
        let [unit, times] = arguments.args.as_slice() else { return plain.inner().invoke_with_args(arguments) };
        let DataType::Timestamp(..) = times.data_type() else { return plain.inner().invoke_with_args(arguments) };
        let unit = Unit::of(unit)?;
        Ok(match times {
            ColumnarValue::Array(times) => ColumnarValue::Array(truncate(times, unit)?),
            ColumnarValue::Scalar(time) => {
                ColumnarValue::Scalar(ScalarValue::try_from_array(&truncate(&time.to_array()?, unit)?, 0)?)
            }
        })
    }
}

/// A length of time to truncate to.
#[derive(Debug, Clone, Copy)]
enum Unit {
    /// Less than a day: so many microseconds.
    Clock(i64),
    Day,
    Week,
    /// So many months.
    Months(u32),
}

impl Unit {
    fn of(value: &ColumnarValue) -> Result<Self> {
        let ColumnarValue::Scalar(value) = value else {
            return exec_err!("the unit of `date_trunc` must be a literal");
        };
        let unit = value.try_as_str().flatten().unwrap_or_default().to_ascii_lowercase();
        Ok(match unit.as_str() {
            "microsecond" => Self::Clock(1),
            "millisecond" => Self::Clock(1_000),
            "second" => Self::Clock(1_000_000),
            "minute" => Self::Clock(60_000_000),
            "hour" => Self::Clock(3_600_000_000),
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Months(1),
            "quarter" => Self::Months(3),
            "year" => Self::Months(12),
            _ => {
                return exec_err!(
                    "not a unit of `date_trunc`: `{unit}`; the units are microsecond, millisecond, second, minute, hour, \
                     day, week, month, quarter and year"
                );
            }
        })
    }

    /// Returns the first date of the span that a date lies in, and the first date behind it.
    fn span(self, date: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        match self {
            Self::Clock(_) | Self::Day => Some((date, date.checked_add_days(Days::new(1))?)),
            Self::Week => {
                let monday = date.checked_sub_days(Days::new(date.weekday().num_days_from_monday().into()))?;
                Some((monday, monday.checked_add_days(Days::new(7))?))
            }
            Self::Months(length) => {
                let first = date.with_day(1)?.with_month0(date.month0() / length * length)?;
                Some((first, first.checked_add_months(Months::new(length))?))
            }
        }
    }
}

/// Truncates times on the clock of their zone, and keeps their type. A time without a zone is a clock already.
fn truncate(times: &ArrayRef, unit: Unit) -> Result<ArrayRef> {
    let DataType::Timestamp(time_unit, name) = times.data_type() else {
        return exec_err!("`date_trunc` takes an instant");
    };
    let micros = as_micros(times)?;
    let zone_name = name.as_deref().unwrap_or("UTC");
    let zone = &parse_zone(zone_name)?;
    let by_division = match unit {
        Unit::Clock(length) => Some(length),
        Unit::Day => Some(86_400_000_000),
        Unit::Week | Unit::Months(_) => None,
    };
    if let Some(length) = by_division.filter(|_| is_utc(zone_name)) {
        let truncated = micros.unary_opt::<_, TimestampMicrosecondType>(|at| at.checked_sub(at.rem_euclid(length)));
        return of_unit(truncated.with_timezone_opt(name.clone()), *time_unit);
    }
    let truncated: TimestampMicrosecondArray = match unit {
        Unit::Clock(length) => micros.unary_opt::<_, TimestampMicrosecondType>(|at| truncate_clock(at, length, zone)),
        calendar => {
            // Neighbours mostly lie in the same span.
            let mut span: Option<(i64, i64)> = None;
            let mut truncate = |at: i64| {
                if let Some((begin, end)) = span
                    && (begin..end).contains(&at)
                {
                    return Some(begin);
                }
                let found = span_of(at, calendar, zone)?;
                span = Some(found);
                Some(found.0)
            };
            micros.iter().map(|at| at.and_then(&mut truncate)).collect()
        }
    };
    of_unit(truncated.with_timezone_opt(name.clone()), *time_unit)
}

/// Takes off a reading of the clock what is below the unit. An hour that occurs twice stays two hours.
fn truncate_clock(at: i64, length: i64, zone: &Tz) -> Option<i64> {
    let offset = |at: i64| {
        let utc = DateTime::from_timestamp_micros(at)?.naive_utc();
        Some(i64::from(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()) * 1_000_000)
    };
    let here = offset(at)?;
    let local = at.checked_add(here)?;
    let truncated = local.checked_sub(local.rem_euclid(length))?;
    let begin = truncated - here;
    if offset(begin)? == here {
        return Some(begin);
    }
    // Clocks were changed since: within this very hour.
    Some(instant_of(DateTime::from_timestamp_micros(truncated)?.naive_utc(), zone)?.timestamp_micros())
}

/// Returns the first instant of the span of days that an instant lies in, and the first behind it.
fn span_of(at: i64, unit: Unit, zone: &Tz) -> Option<(i64, i64)> {
    let date = super::clock_at(at, zone)?.date();
    let begin = |date: NaiveDate| Some(instant_of(date.and_time(NaiveTime::MIN), zone)?.timestamp_micros());
    let (first, next) = unit.span(date)?;
    let (mut from, mut to) = (begin(first)?, begin(next)?);
    if at >= to {
        // Clocks were put back over midnight, so that this day comes twice; it is one span up to its last instant.
        to = at.checked_add(1)?;
        from = from.min(at);
    }
    Some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::Field;
    use datafusion::common::config::ConfigOptions;
    use std::sync::Arc;

    fn truncated(function: &ScalarUDF, unit: &str, zone: &str, micros: &[Option<i64>]) -> (DataType, Vec<Option<i64>>) {
        let times = TimestampMicrosecondArray::from(micros.to_vec()).with_timezone(zone);
        let field = Arc::new(Field::new("t", times.data_type().clone(), true));
        let arguments = ScalarFunctionArgs {
            args: vec![
                ColumnarValue::Scalar(ScalarValue::Utf8(Some(unit.to_owned()))),
                ColumnarValue::Array(Arc::new(times)),
            ],
            arg_fields: vec![Arc::new(Field::new("u", DataType::Utf8, false)), Arc::clone(&field)],
            number_rows: micros.len(),
            return_field: field,
            config_options: Arc::new(ConfigOptions::default()),
        };
        let array = function.invoke_with_args(arguments).unwrap().into_array(micros.len()).unwrap();
        (array.data_type().clone(), array.as_primitive::<TimestampMicrosecondType>().iter().collect())
    }

    #[test]
    fn it_gives_what_datafusion_gives() {
        let micros = [
            Some(0),
            Some(-1),
            None,
            Some(1_793_836_799_999_999),
            Some(1_793_836_800_000_000),
            Some(1_772_323_199_123_456),
            Some(-86_400_000_001),
        ];
        for zone in ["UTC", "+00:00", "Asia/Tokyo", "America/New_York"] {
            for unit in ["microsecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year", "DAY"] {
                let expected = truncated(&datetime::date_trunc(), unit, zone, &micros);
                assert_eq!(truncated(&date_trunc(), unit, zone, &micros), expected, "{unit} in {zone}");
            }
        }
    }

    #[test]
    fn days_begin_once() {
        let micros = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_micros();
        for (zone, unit, time, expected) in [
            // Midnight occurs twice, at 04:00 and at 05:00.
            ("America/Havana", "day", "2026-11-01T03:59:59Z", "2026-10-31T04:00:00Z"),
            ("America/Havana", "day", "2026-11-01T04:30:00Z", "2026-11-01T04:00:00Z"),
            ("America/Havana", "day", "2026-11-01T05:30:00Z", "2026-11-01T04:00:00Z"),
            ("America/Havana", "month", "2026-11-01T05:30:00Z", "2026-11-01T04:00:00Z"),
            ("America/Havana", "hour", "2026-11-01T04:30:00Z", "2026-11-01T04:00:00Z"),
            ("America/Havana", "hour", "2026-11-01T05:30:00Z", "2026-11-01T05:00:00Z"),
            // Midnight is skipped.
            ("America/Havana", "day", "2026-03-08T05:30:00Z", "2026-03-08T05:00:00Z"),
            ("America/Havana", "day", "2026-03-09T03:30:00Z", "2026-03-08T05:00:00Z"),
            // Clocks were put back over midnight: the 6th ends twice.
            ("America/St_Johns", "day", "2010-11-07T02:30:30Z", "2010-11-07T02:30:00Z"),
            ("America/St_Johns", "day", "2010-11-07T03:00:00Z", "2010-11-06T02:30:00Z"),
            ("America/St_Johns", "day", "2010-11-07T04:00:00Z", "2010-11-07T02:30:00Z"),
            ("Asia/Kolkata", "hour", "2026-11-01T00:29:00Z", "2026-10-31T23:30:00Z"),
            ("Australia/Lord_Howe", "hour", "2026-10-03T15:40:00Z", "2026-10-03T15:30:00Z"),
            ("Pacific/Apia", "week", "2011-12-31T12:00:00Z", "2011-12-26T10:00:00Z"),
        ] {
            let (_, found) = truncated(&date_trunc(), unit, zone, &[Some(micros(time))]);
            let found = chrono::DateTime::from_timestamp_micros(found[0].unwrap()).unwrap();
            assert_eq!(found, expected.parse::<chrono::DateTime<chrono::Utc>>().unwrap(), "{unit} of {time} in {zone}");
        }
    }
}
