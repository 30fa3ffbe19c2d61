//! `to_instant(time, 'Area/City')`: the instant of a time that says no zone.
//!
//! A text may say its offset or zone, which then counts. Numbers are seconds since 1970. The second form,
//! `try_to_instant`, gives null where the text is no time.

use super::super::udf;
use super::{as_micros, instant_of, parse_zone};
use arrow::array::timezone::Tz;
use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray, TimestampMicrosecondArray};
use arrow::compute::kernels::cast_utils::string_to_datetime;
use arrow::datatypes::TimestampMicrosecondType;
use arrow::datatypes::{DataType, Decimal128Type, Field, FieldRef, Float64Type, Int64Type, TimeUnit};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
struct ToInstant {
    signature: Signature,
    /// Gives null for a text that is no time, where it would fail otherwise.
    lenient: bool,
}

/// Makes the function. Further arguments are formats of the text, tried in their order.
pub fn to_instant() -> ScalarUDF {
    udf(ToInstant { signature: Signature::variadic_any(Volatility::Immutable), lenient: false })
}

/// Makes the function that gives null for a text that is no time.
pub fn try_to_instant() -> ScalarUDF {
    udf(ToInstant { signature: Signature::variadic_any(Volatility::Immutable), lenient: true })
}

impl ScalarUDFImpl for ToInstant {
    fn name(&self) -> &str {
        if self.lenient { "try_to_instant" } else { "to_instant" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        plan_err!("the zone of `{}` must be a literal", self.name())
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let zone = arguments.scalar_arguments.get(1).copied().flatten().and_then(|zone| zone.try_as_str().flatten());
        let Some(zone) = zone else {
            return plan_err!("`{}` takes a time and the name of a zone", self.name());
        };
        parse_zone(zone)?;
        let kind = DataType::Timestamp(TimeUnit::Microsecond, Some(zone.into()));
        Ok(Arc::new(Field::new(self.name(), kind, true)))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [times, zone, formats @ ..] = arguments.args.as_slice() else {
            return exec_err!("`{}` takes a time and the name of a zone", self.name());
        };
        let ColumnarValue::Scalar(zone) = zone else {
            return exec_err!("the zone of `{}` must be a literal", self.name());
        };
        let zone_name = zone.try_as_str().flatten().unwrap_or("UTC");
        let zone = parse_zone(zone_name)?;
        let formats = formats.iter().map(format_of).collect::<Result<Vec<_>>>()?;
        let array = match times {
            ColumnarValue::Array(array) => Arc::clone(array),
            ColumnarValue::Scalar(scalar) => scalar.to_array()?,
        };
        let instants = self.instants(&array, &zone, &formats)?.with_timezone(zone_name);
        Ok(match times {
            ColumnarValue::Array(_) => ColumnarValue::Array(Arc::new(instants)),
            ColumnarValue::Scalar(_) => ColumnarValue::Scalar(ScalarValue::try_from_array(&instants, 0)?),
        })
    }
}

fn format_of(value: &ColumnarValue) -> Result<&str> {
    match value {
        ColumnarValue::Scalar(format) => match format.try_as_str() {
            Some(Some(format)) => Ok(format),
            _ => exec_err!("a format of times is text"),
        },
        ColumnarValue::Array(_) => exec_err!("a format of times must be a literal"),
    }
}

impl ToInstant {
    fn instants(&self, times: &ArrayRef, zone: &Tz, formats: &[&str]) -> Result<TimestampMicrosecondArray> {
        use DataType::*;
        Ok(match times.data_type() {
            Utf8 => self.of_texts(times.as_string::<i32>().iter(), zone, formats)?,
            LargeUtf8 => self.of_texts(times.as_string::<i64>().iter(), zone, formats)?,
            Utf8View => self.of_texts(times.as_string_view().iter(), zone, formats)?,
            Dictionary(_, values) => self.instants(&arrow::compute::cast(times, values)?, zone, formats)?,
            Timestamp(_, Some(_)) => without_zone(as_micros(times)?),
            Timestamp(_, None) | Date32 | Date64 => {
                let local = as_micros(times)?;
                local.unary_opt(|micros| {
                    let local = DateTime::from_timestamp_micros(micros)?.naive_utc();
                    Some(instant_of(local, zone)?.timestamp_micros())
                })
            }
            Null => TimestampMicrosecondArray::new_null(times.len()),
            Float16 | Float32 | Float64 => {
                let seconds = arrow::compute::cast(times, &Float64)?;
                let micros = |seconds: f64| {
                    let micros = (seconds * 1e6).round();
                    // Beyond this no date is known, and NaN is none.
                    (micros.abs() < 8.3e18).then_some(micros as i64)
                };
                seconds.as_primitive::<Float64Type>().unary_opt(micros)
            }
            Decimal32(..) | Decimal64(..) | Decimal128(..) | Decimal256(..) => {
                let micros = arrow::compute::cast(times, &Decimal128(38, 6))?;
                micros.as_primitive::<Decimal128Type>().unary_opt(|micros| i64::try_from(micros).ok())
            }
            kind if kind.is_integer() => {
                let seconds = arrow::compute::cast(times, &Int64)?;
                seconds.as_primitive::<Int64Type>().unary_opt(|seconds: i64| seconds.checked_mul(1_000_000))
            }
            other => return exec_err!("no time can be read from {other}"),
        })
    }

    fn of_texts<'t>(
        &self,
        texts: impl Iterator<Item = Option<&'t str>>,
        zone: &Tz,
        formats: &[&str],
    ) -> Result<TimestampMicrosecondArray> {
        let instant = |text: Option<&str>| -> Result<Option<i64>> {
            let Some(text) = text else { return Ok(None) };
            let found = if formats.is_empty() { parse(text, zone) } else { parse_as(text, formats, zone) };
            match found {
                Some(instant) => Ok(Some(instant.timestamp_micros())),
                None if self.lenient => Ok(None),
                None => exec_err!("not a time: `{text}`"),
            }
        };
        texts.map(instant).collect()
    }
}

fn without_zone(instants: PrimitiveArray<TimestampMicrosecondType>) -> TimestampMicrosecondArray {
    instants.with_timezone_opt(None::<Arc<str>>)
}

/// Reads a time; one without an offset is of `zone`.
pub(super) fn parse(text: &str, zone: &Tz) -> Option<DateTime<Utc>> {
    let text = text.trim();
    // Read in two zones, a text that says its own gives the same instant.
    let [in_utc, elsewhere] = ["+00:00", "+01:00"].map(|zone| {
        let zone: Tz = zone.parse().ok()?;
        string_to_datetime(&zone, text).ok().map(|time| time.to_utc())
    });
    match (in_utc, elsewhere) {
        (Some(one), Some(other)) if one == other => Some(one),
        (Some(local), Some(_)) => instant_of(local.naive_utc(), zone),
        // A time to the minute is what people write.
        _ => ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"].iter().find_map(|format| {
            let local = NaiveDateTime::parse_from_str(text, format).ok()?;
            instant_of(local, zone)
        }),
    }
}

/// Reads a time in one of these formats; one without an offset is of `zone`.
fn parse_as(text: &str, formats: &[&str], zone: &Tz) -> Option<DateTime<Utc>> {
    formats.iter().find_map(|format| {
        if let Ok(instant) = DateTime::parse_from_str(text, format) {
            return Some(instant.to_utc());
        }
        let local = NaiveDateTime::parse_from_str(text, format).ok();
        let local = local.or_else(|| NaiveDate::parse_from_str(text, format).ok()?.and_hms_opt(0, 0, 0))?;
        instant_of(local, zone)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::SecondsFormat;

    #[test]
    fn texts() {
        let havana = parse_zone("America/Havana").unwrap();
        for (text, expected) in [
            ("2026-11-01", Some("2026-11-01T04:00:00Z")),
            ("2026-11-01 00:30:00", Some("2026-11-01T04:30:00Z")),
            ("2026-11-01T00:30", Some("2026-11-01T04:30:00Z")),
            ("2026-11-01 12:30:00.250", Some("2026-11-01T17:30:00.250Z")),
            ("2026-11-01T00:30:00Z", Some("2026-11-01T00:30:00Z")),
            ("2026-11-01T00:30:00+09:00", Some("2026-10-31T15:30:00Z")),
            (" 2026-11-01 00:30:00 +0900 ", Some("2026-10-31T15:30:00Z")),
            ("2026-11-01 00:30:00 Asia/Tokyo", Some("2026-10-31T15:30:00Z")),
            ("2026-03-08", Some("2026-03-08T05:00:00Z")),
            ("2026-02-30", None),
            ("yesterday", None),
            ("", None),
        ] {
            let found = parse(text, &havana).map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
            assert_eq!(found.as_deref(), expected, "{text}");
        }
        let found = parse_as("01/11/2026 00h30", &["%Y-%m-%d", "%d/%m/%Y %Hh%M"], &havana);
        assert_eq!(found, parse("2026-11-01 00:30:00", &havana));
        assert_eq!(parse_as("01/11/2026", &["%d/%m/%Y"], &havana), parse("2026-11-01", &havana));
    }
}
