//! `to_char(time, format)`: a date or time as text, in the notation of `strftime`.
//!
//! DataFusion's own goes through nanoseconds, so that one event of the year 2300, which an attacker can write, fails a
//! whole question.

use super::super::{text_at, udf};
use super::{as_micros, parse_zone, zone_of};
use arrow::array::timezone::Tz;
use arrow::array::{Array, ArrayRef, StringViewBuilder};
use arrow::datatypes::DataType;
use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Offset, TimeZone};
use datafusion::common::utils::take_function_args;
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::functions::datetime;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use std::fmt::Write;
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
struct ToChar {
    signature: Signature,
    aliases: Vec<String>,
}

/// Makes the function.
pub fn to_char() -> ScalarUDF {
    let aliases = datetime::to_char().aliases().to_vec();
    udf(ToChar { signature: Signature::any(2, Volatility::Immutable), aliases })
}

impl ScalarUDFImpl for ToChar {
    fn name(&self) -> &str {
        "to_char"
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        use DataType::*;
        let is_time = |kind: &DataType| is_shown_here(kind) || matches!(kind, Time32(_) | Time64(_) | Duration(_));
        match arguments {
            [time, Utf8 | LargeUtf8 | Utf8View | Null] if is_time(time) || *time == Null => Ok(Utf8View),
            _ => plan_err!("`to_char` takes a date or a time, and a format"),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        if arguments.args.iter().any(|value| value.data_type() == DataType::Null) {
            return Ok(ColumnarValue::Scalar(ScalarValue::Utf8View(None)));
        }
        if !arguments.args.first().is_some_and(|times| is_shown_here(&times.data_type())) {
            // Times of day and durations stay within nanoseconds.
            let texts = datetime::to_char().inner().invoke_with_args(arguments)?.into_array(rows)?;
            return Ok(ColumnarValue::Array(arrow::compute::cast(&texts, &DataType::Utf8View)?));
        }
        let [times, formats] = take_function_args(self.name(), arguments.args)?;
        let (times, formats) = (times.into_array(rows)?, formats.into_array(rows)?);
        let zone = zone_of(times.data_type()).map(parse_zone).transpose()?;
        let micros = as_micros(&times)?;
        let mut out = StringViewBuilder::with_capacity(rows);
        let mut text = String::new();
        for row in 0..rows {
            match (micros.is_valid(row), text_at(&formats, row)) {
                (true, Some(format)) => {
                    text.clear();
                    show(micros.value(row), zone.as_ref(), format, &mut text)?;
                    out.append_value(&text);
                }
                _ => out.append_null(),
            }
        }
        Ok(ColumnarValue::Array(Arc::new(out.finish()) as ArrayRef))
    }
}

fn is_shown_here(kind: &DataType) -> bool {
    matches!(kind, DataType::Timestamp(..) | DataType::Date32 | DataType::Date64)
}

fn show(micros: i64, zone: Option<&Tz>, format: &str, text: &mut String) -> Result<()> {
    let wrong = || exec_err!("not a format of times: `{format}`");
    if StrftimeItems::new(format).any(|item| item == Item::Error) {
        return wrong();
    }
    let Some(utc) = DateTime::from_timestamp_micros(micros) else {
        return exec_err!("not a time that can be shown: {micros} microseconds since 1970");
    };
    let shown = match zone {
        Some(zone) => {
            let offset = zone.offset_from_utc_datetime(&utc.naive_utc()).fix();
            write!(text, "{}", utc.with_timezone(&offset).format(format))
        }
        None => write!(text, "{}", utc.naive_utc().format(format)),
    };
    // A format that asks for an offset where there is none.
    if shown.is_ok() { Ok(()) } else { wrong() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_any_year_are_shown() {
        let tokyo = parse_zone("Asia/Tokyo").unwrap();
        for (micros, zone, format, expected) in [
            (0, None, "%Y-%m-%d", Some("1970-01-01")),
            (10_413_792_000_000_000, Some(&tokyo), "%Y-%m-%d %H:%M %z", Some("2300-01-01 09:00 +0900")),
            (253_402_300_799_000_000, None, "%Y", Some("9999")),
            (0, None, "%z", None),
            (0, None, "%!", None),
        ] {
            let mut text = String::new();
            let shown = show(micros, zone, format, &mut text).ok().map(|()| text.as_str());
            assert_eq!(shown, expected, "{format}");
        }
    }
}
