//! `shift(instant, interval, sign)`: an instant so much later or earlier, on the clock of its zone.
//!
//! Months and days are added to the date and time that the clock shows, so that a day later is the same time of the
//! next day, also over a change of clocks; hours and less are added to the instant. Arrow does the same, but fails
//! where the local time that it comes to occurs twice or not at all.

use super::super::udf;
use super::{as_micros, clock_at, instant_of, of_unit, parse_zone, zone_of};
use arrow::array::{AsArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Int64Type, IntervalMonthDayNanoType, IntervalUnit};
use chrono::{Months, TimeDelta};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;

#[derive(Debug, PartialEq, Eq, Hash)]
struct Shift {
    signature: Signature,
}

/// Makes the function.
pub fn shift() -> ScalarUDF {
    udf(Shift { signature: Signature::any(3, Volatility::Immutable) })
}

impl ScalarUDFImpl for Shift {
    fn name(&self) -> &str {
        "shift"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        match arguments {
            [kind @ DataType::Timestamp(_, Some(_)), DataType::Interval(_), DataType::Int64] => Ok(kind.clone()),
            _ => plan_err!("`shift` takes an instant, an interval and 1 or -1"),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let all_scalar = arguments.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if all_scalar { 1 } else { arguments.number_rows };
        let arrays = arguments.args.into_iter().map(|value| value.into_array(rows)).collect::<Result<Vec<_>>>()?;
        let [instants, intervals, signs] = arrays.as_slice() else {
            return exec_err!("`shift` takes an instant, an interval and 1 or -1");
        };
        let DataType::Timestamp(unit, name) = instants.data_type() else {
            return exec_err!("`shift` takes an instant");
        };
        let zone = parse_zone(zone_of(instants.data_type()).unwrap_or("UTC"))?;
        let intervals = arrow::compute::cast(intervals, &DataType::Interval(IntervalUnit::MonthDayNano))?;
        let rows = as_micros(instants)?;
        let rows = rows.iter().zip(intervals.as_primitive::<IntervalMonthDayNanoType>().iter());
        let rows = rows.zip(signs.as_primitive::<Int64Type>().iter());
        let shifted = rows.map(|((at, interval), sign)| {
            let (Some(at), Some(interval), Some(sign)) = (at, interval, sign) else { return Ok(None) };
            let later = || {
                let mut at = at;
                let (months, days) = (i64::from(interval.months) * sign, i64::from(interval.days) * sign);
                if (months, days) != (0, 0) {
                    let clock = clock_at(at, &zone)?;
                    let length = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
                    let clock = if months < 0 {
                        clock.checked_sub_months(length)?
                    } else {
                        clock.checked_add_months(length)?
                    };
                    let clock = clock.checked_add_signed(TimeDelta::try_days(days)?)?;
                    at = instant_of(clock, &zone)?.timestamp_micros();
                }
                at.checked_add((interval.nanoseconds / 1_000).checked_mul(sign)?)
            };
            match later() {
                Some(later) => Ok(Some(later)),
                None => exec_err!("no such time: an interval leads too far"),
            }
        });
        let shifted: TimestampMicrosecondArray = shifted.collect::<Result<_>>()?;
        let shifted = of_unit(shifted.with_timezone_opt(name.clone()), *unit)?;
        Ok(if all_scalar {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&shifted, 0)?)
        } else {
            ColumnarValue::Array(shifted)
        })
    }
}
