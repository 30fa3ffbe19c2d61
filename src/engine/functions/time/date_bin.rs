//! `date_bin(length, time, origin)`, as DataFusion has it, for the clock of the instant's zone.
//!
//! DataFusion cuts at midnight of UTC whatever the zone. Here a length of whole days or months cuts at local midnight.
//! Shorter ones cut by the local clock too, and an hour that occurs twice stays two hours.

use super::super::udf;
use super::{as_micros, clock_at, instant_of, is_utc, of_unit, parse_zone, zone_of};
use arrow::array::timezone::Tz;
use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use chrono::{DateTime, Offset, TimeZone};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::functions::datetime;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature};
use datafusion::scalar::ScalarValue;

#[derive(Debug, PartialEq, Eq, Hash)]
struct DateBin {
    signature: Signature,
}

/// The function.
pub fn date_bin() -> ScalarUDF {
    udf(DateBin { signature: datetime::date_bin().signature().clone() })
}

impl ScalarUDFImpl for DateBin {
    fn name(&self) -> &str {
        "date_bin"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        datetime::date_bin().inner().return_type(arguments)
    }

    fn output_ordering(&self, inputs: &[ExprProperties]) -> Result<SortProperties> {
        datetime::date_bin().inner().output_ordering(inputs)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let zone = arguments.args.get(1).map(ColumnarValue::data_type);
        match zone.as_ref().and_then(zone_of).filter(|zone| !is_utc(zone)) {
            Some(zone) => bin_in_zone(&arguments, &parse_zone(zone)?),
            None => datetime::date_bin().inner().invoke_with_args(arguments),
        }
    }
}

fn bin_in_zone(arguments: &ScalarFunctionArgs, zone: &Tz) -> Result<ColumnarValue> {
    let [length, time, origin @ ..] = arguments.args.as_slice() else {
        return exec_err!("`date_bin` takes a length, a time, and where lengths are counted from");
    };
    let is_scalar = matches!(time, ColumnarValue::Scalar(_));
    let times = time.clone().into_array(if is_scalar { 1 } else { arguments.number_rows })?;
    let DataType::Timestamp(unit, name) = times.data_type().clone() else {
        return exec_err!("`date_bin` takes a time");
    };
    let origin = origin.iter().map(|origin| local_origin(origin, zone)).collect::<Result<Vec<_>>>()?;
    // Binned are readings of the clock, which have no zone.
    let bin = |clock: ArrayRef| -> Result<ArrayRef> {
        let mut args = vec![length.clone(), ColumnarValue::Array(clock)];
        args.extend(origin.iter().cloned().map(ColumnarValue::Scalar));
        let arguments = ScalarFunctionArgs { args, number_rows: times.len(), ..arguments.clone() };
        datetime::date_bin().inner().invoke_with_args(arguments)?.into_array(times.len())
    };
    let micros = as_micros(&times)?;
    let offset = |at: i64| {
        let utc = DateTime::from_timestamp_micros(at)?.naive_utc();
        Some(i64::from(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()) * 1_000_000)
    };
    let clock =
        micros.unary_opt::<_, TimestampMicrosecondType>(|at| Some(clock_at(at, zone)?.and_utc().timestamp_micros()));
    let binned = bin(std::sync::Arc::new(clock))?;
    let binned = binned.as_primitive::<TimestampMicrosecondType>();
    let by_calendar = is_whole_days(length);
    let instants = micros.iter().zip(binned.iter()).map(|(at, binned)| {
        let (at, binned) = (at?, binned?);
        if !by_calendar {
            let begin = binned.checked_sub(offset(at)?)?;
            // Otherwise clocks were changed since the bin began.
            if offset(begin)? == offset(at)? {
                return Some(begin);
            }
        }
        Some(instant_of(DateTime::from_timestamp_micros(binned)?.naive_utc(), zone)?.timestamp_micros())
    });
    let instants: arrow::array::TimestampMicrosecondArray = instants.collect();
    let instants = of_unit(instants.with_timezone_opt(name), unit)?;
    Ok(if is_scalar {
        ColumnarValue::Scalar(ScalarValue::try_from_array(&instants, 0)?)
    } else {
        ColumnarValue::Array(instants)
    })
}

/// The clock of the zone at the origin.
fn local_origin(origin: &ColumnarValue, zone: &Tz) -> Result<ScalarValue> {
    let ColumnarValue::Scalar(origin) = origin else {
        return exec_err!("where `date_bin` counts from must be a literal");
    };
    let micros = as_micros(&origin.to_array()?)?;
    let clock = micros.iter().next().flatten().and_then(|at| clock_at(at, zone));
    let clock = clock.map(|clock| clock.and_utc().timestamp_micros());
    let nanos = clock.and_then(|micros| micros.checked_mul(1_000));
    match (clock, nanos) {
        (Some(_), None) => exec_err!("where `date_bin` counts from is too far away"),
        _ => Ok(ScalarValue::TimestampNanosecond(nanos, None)),
    }
}

/// Returns `true` for a length of whole days, weeks, months or years.
fn is_whole_days(length: &ColumnarValue) -> bool {
    const DAY_NANOS: i64 = 86_400_000_000_000;
    match length {
        ColumnarValue::Scalar(ScalarValue::IntervalMonthDayNano(Some(length))) => length.nanoseconds % DAY_NANOS == 0,
        ColumnarValue::Scalar(ScalarValue::IntervalDayTime(Some(length))) => length.milliseconds % 86_400_000 == 0,
        _ => false,
    }
}
