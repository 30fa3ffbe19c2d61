//! `length_micros(interval)`: how long an interval or a duration is, in microseconds.
//!
//! A month counts as thirty days, as PostgreSQL and DuckDB count it where intervals are compared. Plans have this
//! function around both sides of such a comparison.

use super::super::udf;
use arrow::array::{ArrayRef, AsArray, Int64Array};
use arrow::datatypes::{DataType, DurationMicrosecondType, IntervalMonthDayNanoType, IntervalUnit, TimeUnit};
use datafusion::common::plan_err;
use datafusion::common::utils::take_function_args;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
struct LengthMicros {
    signature: Signature,
}

/// Makes the function.
pub fn length_micros() -> ScalarUDF {
    udf(LengthMicros { signature: Signature::any(1, Volatility::Immutable) })
}

impl ScalarUDFImpl for LengthMicros {
    fn name(&self) -> &str {
        "length_micros"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        match arguments {
            [DataType::Interval(_) | DataType::Duration(_)] => Ok(DataType::Int64),
            _ => plan_err!("`length_micros` takes an interval"),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [lengths] = take_function_args(self.name(), arguments.args)?;
        Ok(match lengths {
            ColumnarValue::Array(lengths) => ColumnarValue::Array(Arc::new(micros(&lengths)?)),
            ColumnarValue::Scalar(length) => {
                ColumnarValue::Scalar(ScalarValue::try_from_array(&micros(&length.to_array()?)?, 0)?)
            }
        })
    }
}

fn micros(lengths: &ArrayRef) -> Result<Int64Array> {
    if let DataType::Duration(_) = lengths.data_type() {
        let lengths = arrow::compute::cast(lengths, &DataType::Duration(TimeUnit::Microsecond))?;
        return Ok(lengths.as_primitive::<DurationMicrosecondType>().unary(|micros| micros));
    }
    let lengths = arrow::compute::cast(lengths, &DataType::Interval(IntervalUnit::MonthDayNano))?;
    Ok(lengths.as_primitive::<IntervalMonthDayNanoType>().unary_opt(|length| {
        let days = i64::from(length.months).checked_mul(30)?.checked_add(i64::from(length.days))?;
        days.checked_mul(86_400_000_000)?.checked_add(length.nanoseconds / 1_000)
    }))
}
