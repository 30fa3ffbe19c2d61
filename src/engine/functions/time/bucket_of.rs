//! `bucket_of(time, bounds)`: the number of the bucket of a histogram that an instant lies in. Plans of histograms call
//! it.
//!
//! The bounds come with the plan, so the database and [`Buckets`](crate::event::time::Buckets) cannot disagree on where
//! a bucket begins.

use super::super::udf;
use super::as_micros;
use arrow::array::{AsArray, Int64Array};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use std::sync::Arc;

/// The name of the function.
pub const NAME: &str = "bucket_of";

#[derive(Debug, PartialEq, Eq, Hash)]
struct BucketOf {
    signature: Signature,
}

/// Makes the function.
pub fn bucket_of() -> ScalarUDF {
    udf(BucketOf { signature: Signature::any(2, Volatility::Immutable) })
}

impl ScalarUDFImpl for BucketOf {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [times, ColumnarValue::Scalar(ScalarValue::List(bounds))] = arguments.args.as_slice() else {
            return exec_err!("`{NAME}` takes a time, and a list of instants in microseconds as a literal");
        };
        let bounds = bounds.value(0);
        let (DataType::Timestamp(..), Some(bounds)) = (times.data_type(), bounds.as_primitive_opt::<Int64Type>())
        else {
            return exec_err!("`{NAME}` takes a time, and a list of instants in microseconds");
        };
        let bounds = bounds.values();
        let times = as_micros(&times.to_array(arguments.number_rows)?)?;
        let number = |at: i64| i64::try_from(bounds.partition_point(|bound| *bound <= at)).unwrap_or(i64::MAX);
        // Neighbours mostly lie in the same bucket.
        let (mut last, mut range) = (0, 0..0);
        let mut number_of = |at: i64| {
            if !range.contains(&at) {
                last = number(at);
                let place = usize::try_from(last).unwrap_or(usize::MAX);
                let start = place.checked_sub(1).and_then(|place| bounds.get(place)).copied().unwrap_or(i64::MIN);
                range = start..bounds.get(place).copied().unwrap_or(i64::MAX);
            }
            last
        };
        let numbers: Int64Array = times.iter().map(|at| at.map(&mut number_of)).collect();
        Ok(ColumnarValue::Array(Arc::new(numbers)))
    }
}
