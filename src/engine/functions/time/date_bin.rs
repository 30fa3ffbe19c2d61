//! `date_bin(length, time, origin)`, as DataFusion has it, for the clock of the instant's zone.
//!
//! DataFusion cuts at midnight of UTC whatever the zone, and fails for times from 2262 on. Here a length of whole days
//! or months cuts at local midnight. Shorter ones cut by the local clock too, and an hour that occurs twice stays two
//! hours.

use super::super::udf;
use super::{as_micros, clock_at, instant_of, of_unit, parse_zone};
use arrow::array::TimestampMicrosecondArray;
use arrow::datatypes::DataType;
use chrono::{DateTime, Datelike, Months, NaiveDateTime, Offset, TimeZone};
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

/// Makes the function.
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
        match arguments.args.get(1).map(ColumnarValue::data_type) {
            Some(DataType::Timestamp(..)) => bin_times(&arguments),
            _ => datetime::date_bin().inner().invoke_with_args(arguments),
        }
    }
}

/// The length of a bin.
#[derive(Debug, Clone, Copy)]
enum Length {
    Months(i64),
    Micros(i64),
}

impl Length {
    fn of(value: &ColumnarValue) -> Result<Self> {
        let (months, days, nanos) = match value {
            ColumnarValue::Scalar(ScalarValue::IntervalMonthDayNano(Some(length))) => {
                (length.months, length.days, length.nanoseconds)
            }
            ColumnarValue::Scalar(ScalarValue::IntervalDayTime(Some(length))) => {
                (0, length.days, i64::from(length.milliseconds) * 1_000_000)
            }
            _ => return exec_err!("the length of `date_bin` must be a literal"),
        };
        let micros = i64::from(days).checked_mul(DAY_MICROS).and_then(|days| days.checked_add(nanos / 1_000));
        match (months, micros) {
            (0, Some(micros)) if micros > 0 => Ok(Self::Micros(micros)),
            (months, Some(0)) if months > 0 => Ok(Self::Months(months.into())),
            _ => {
                exec_err!("the length of `date_bin` must be longer than nothing, and months cannot be mixed with days")
            }
        }
    }

    /// Returns `true` for whole days, weeks, months or years.
    fn is_whole_days(self) -> bool {
        match self {
            Self::Months(_) => true,
            Self::Micros(micros) => micros % DAY_MICROS == 0,
        }
    }

    /// Returns the begin of the bin of a reading of the clock; all in microseconds since 1970 on that clock.
    fn begin(self, clock: i64, origin: i64) -> Option<i64> {
        match self {
            Self::Micros(length) => clock.checked_sub(clock.checked_sub(origin)?.rem_euclid(length)),
            Self::Months(length) => {
                let at = |micros| Some(DateTime::from_timestamp_micros(micros)?.naive_utc());
                let (clock, origin) = (at(clock)?, at(origin)?);
                let months = |time: NaiveDateTime| i64::from(time.year()) * 12 + i64::from(time.month0());
                let from_origin = |months: i64| {
                    let length = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
                    if months < 0 { origin.checked_sub_months(length) } else { origin.checked_add_months(length) }
                };
                let mut bin = (months(clock) - months(origin)).div_euclid(length) * length;
                // The origin may stand later in its month.
                if from_origin(bin)? > clock {
                    bin -= length;
                }
                Some(from_origin(bin)?.and_utc().timestamp_micros())
            }
        }
    }
}

const DAY_MICROS: i64 = 86_400_000_000;

fn bin_times(arguments: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let [length, time, origin @ ..] = arguments.args.as_slice() else {
        return exec_err!("`date_bin` takes a length, a time, and where lengths are counted from");
    };
    let length = Length::of(length)?;
    let is_scalar = matches!(time, ColumnarValue::Scalar(_));
    let times = time.clone().into_array(if is_scalar { 1 } else { arguments.number_rows })?;
    let DataType::Timestamp(unit, name) = times.data_type().clone() else {
        return exec_err!("`date_bin` takes a time");
    };
    // A time without a zone is a clock already.
    let zone = parse_zone(name.as_deref().unwrap_or("UTC"))?;
    let clock = |at: i64| Some(clock_at(at, &zone)?.and_utc().timestamp_micros());
    let origin = match origin.first() {
        None => 0,
        Some(ColumnarValue::Scalar(origin)) => match as_micros(&origin.to_array()?)?.iter().next().flatten() {
            Some(origin) => clock(origin).unwrap_or_default(),
            None => return exec_err!("where `date_bin` counts from must be a time"),
        },
        Some(_) => return exec_err!("where `date_bin` counts from must be a literal"),
    };
    let offset = |at: i64| {
        let utc = DateTime::from_timestamp_micros(at)?.naive_utc();
        Some(i64::from(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()) * 1_000_000)
    };
    let bin = |at: i64| {
        let begin = length.begin(clock(at)?, origin)?;
        if !length.is_whole_days() {
            let instant = begin.checked_sub(offset(at)?)?;
            // Otherwise clocks were changed since the bin began.
            if offset(instant)? == offset(at)? {
                return Some(instant);
            }
        }
        Some(instant_of(DateTime::from_timestamp_micros(begin)?.naive_utc(), &zone)?.timestamp_micros())
    };
    let binned: TimestampMicrosecondArray = as_micros(&times)?.iter().map(|at| at.and_then(bin)).collect();
    let binned = of_unit(binned.with_timezone_opt(name), unit)?;
    Ok(if is_scalar {
        ColumnarValue::Scalar(ScalarValue::try_from_array(&binned, 0)?)
    } else {
        ColumnarValue::Array(binned)
    })
}
