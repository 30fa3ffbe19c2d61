//! `local_clock(instant)`: the date and time that a clock of the instant's zone shows, without a zone.
//!
//! A cast of an instant to a plain timestamp becomes this function, since a cast would give the clock of UTC.

use super::super::udf;
use super::{as_micros, clock_at, instant_of, is_utc, of_unit, parse_zone, zone_of};
use arrow::array::timezone::Tz;
use arrow::datatypes::{DataType, TimeUnit};
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use datafusion::common::plan_err;
use datafusion::common::utils::take_function_args;
use datafusion::error::Result;
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::preimage::PreimageResult;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
struct LocalClock {
    signature: Signature,
}

/// Makes the function.
pub fn local_clock() -> ScalarUDF {
    udf(LocalClock { signature: Signature::any(1, Volatility::Immutable) })
}

impl ScalarUDFImpl for LocalClock {
    fn name(&self) -> &str {
        "local_clock"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        match arguments {
            [DataType::Timestamp(unit, _)] => Ok(DataType::Timestamp(*unit, None)),
            _ => plan_err!("`local_clock` takes an instant"),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [instants] = take_function_args(self.name(), arguments.args)?;
        let is_scalar = matches!(instants, ColumnarValue::Scalar(_));
        let instants = instants.into_array(if is_scalar { 1 } else { arguments.number_rows })?;
        let DataType::Timestamp(unit, _) = *instants.data_type() else {
            return plan_err!("`local_clock` takes an instant");
        };
        let micros = as_micros(&instants)?;
        let zone = zone_of(instants.data_type()).unwrap_or("UTC");
        let clock = if is_utc(zone) {
            micros.with_timezone_opt(None::<Arc<str>>)
        } else {
            let zone = parse_zone(zone)?;
            let clock = |micros| Some(clock_at(micros, &zone)?.and_utc().timestamp_micros());
            micros.unary_opt::<_, arrow::datatypes::TimestampMicrosecondType>(clock)
        };
        let clock = of_unit(clock, unit)?;
        Ok(if is_scalar {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&clock, 0)?)
        } else {
            ColumnarValue::Array(clock)
        })
    }

    /// Returns the instants of one reading of the clock, so that a comparison prunes. Where clocks are put back or
    /// forward then, readings are not in the order of instants, and there is no such range.
    fn preimage(&self, arguments: &[Expr], reading: &Expr, info: &SimplifyContext) -> Result<PreimageResult> {
        let [instant] = arguments else { return Ok(PreimageResult::None) };
        let Some(reading) = reading.as_literal().and_then(naive) else { return Ok(PreimageResult::None) };
        let kind = info.get_data_type(instant)?;
        let Some(zone) = zone_of(&kind) else { return Ok(PreimageResult::None) };
        let zone = parse_zone(zone)?;
        range(instant, &kind, single(reading, &zone), single(reading + chrono::TimeDelta::microseconds(1), &zone))
    }
}

/// Returns the instant of a local time that occurs once.
pub(super) fn single(local: NaiveDateTime, zone: &Tz) -> Option<DateTime<Utc>> {
    zone.offset_from_local_datetime(&local).single()?;
    instant_of(local, zone)
}

/// Returns a range of instants as the simplifier wants it; none where an end is missing, or the unit is coarser.
pub(super) fn range(
    instant: &Expr,
    kind: &DataType,
    lower: Option<DateTime<Utc>>,
    upper: Option<DateTime<Utc>>,
) -> Result<PreimageResult> {
    let (Some(lower), Some(upper), DataType::Timestamp(TimeUnit::Microsecond, zone)) = (lower, upper, kind) else {
        return Ok(PreimageResult::None);
    };
    let end = |time: DateTime<Utc>| ScalarValue::TimestampMicrosecond(Some(time.timestamp_micros()), zone.clone());
    let interval = Box::new(Interval::try_new(end(lower), end(upper))?);
    Ok(PreimageResult::Range { expr: instant.clone(), interval })
}

fn naive(value: &ScalarValue) -> Option<NaiveDateTime> {
    let micros = match value {
        ScalarValue::TimestampSecond(Some(seconds), None) => seconds.checked_mul(1_000_000)?,
        ScalarValue::TimestampMillisecond(Some(millis), None) => millis.checked_mul(1_000)?,
        ScalarValue::TimestampMicrosecond(Some(micros), None) => *micros,
        ScalarValue::TimestampNanosecond(Some(nanos), None) if nanos % 1_000 == 0 => nanos / 1_000,
        _ => return None,
    };
    Some(DateTime::from_timestamp_micros(micros)?.naive_utc())
}
