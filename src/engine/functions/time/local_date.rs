//! `local_date(instant)`: the date in the instant's zone.
//!
//! A cast of an instant to a date becomes this function where the zone is not UTC. The cast gives the same dates, but
//! it would prune by them, and in some zones dates do not follow each other as instants do: where clocks are put back
//! over midnight, a day ends, the day before comes again, and the day begins anew.

use super::super::udf;
use super::{as_micros, clock_at, is_utc, parse_zone, zone_of};
use crate::engine::functions::time::local_clock::{range, single};
use arrow::array::Date32Array;
use arrow::datatypes::{DataType, Date32Type};
use chrono::{Days, NaiveTime};
use datafusion::common::plan_err;
use datafusion::common::utils::take_function_args;
use datafusion::error::Result;
use datafusion::logical_expr::preimage::PreimageResult;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
struct LocalDate {
    signature: Signature,
}

/// Makes the function.
pub fn local_date() -> ScalarUDF {
    udf(LocalDate { signature: Signature::any(1, Volatility::Immutable) })
}

impl ScalarUDFImpl for LocalDate {
    fn name(&self) -> &str {
        "local_date"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        match arguments {
            [DataType::Timestamp(..)] => Ok(DataType::Date32),
            _ => plan_err!("`local_date` takes an instant"),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [instants] = take_function_args(self.name(), arguments.args)?;
        let is_scalar = matches!(instants, ColumnarValue::Scalar(_));
        let instants = instants.into_array(if is_scalar { 1 } else { arguments.number_rows })?;
        let zone = zone_of(instants.data_type()).unwrap_or("UTC");
        let zone = (!is_utc(zone)).then(|| parse_zone(zone)).transpose()?;
        let date = |micros: i64| match &zone {
            Some(zone) => Some(Date32Type::from_naive_date(clock_at(micros, zone)?.date())),
            None => i32::try_from(micros.div_euclid(86_400_000_000)).ok(),
        };
        let dates: Date32Array = as_micros(&instants)?.unary_opt(date);
        Ok(if is_scalar {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&dates, 0)?)
        } else {
            ColumnarValue::Array(Arc::new(dates))
        })
    }

    /// Returns the instants of a day, so that a comparison prunes; none where midnight occurs twice or is skipped.
    fn preimage(&self, arguments: &[Expr], date: &Expr, info: &SimplifyContext) -> Result<PreimageResult> {
        let ([instant], Some(ScalarValue::Date32(Some(date)))) = (arguments, date.as_literal()) else {
            return Ok(PreimageResult::None);
        };
        let kind = info.get_data_type(instant)?;
        let (Some(zone), Some(date)) = (zone_of(&kind), Date32Type::to_naive_date_opt(*date)) else {
            return Ok(PreimageResult::None);
        };
        let zone = parse_zone(zone)?;
        let midnight = |days| single(date.checked_add_days(Days::new(days))?.and_time(NaiveTime::MIN), &zone);
        range(instant, &kind, midnight(0), midnight(1))
    }
}
