//! `to_unixtime(time)`: seconds since 1970; a time without a zone is of the zone of the session.

use super::super::udf;
use super::{date_trunc, to_instant};
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{internal_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, cast, lit,
};
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
struct ToUnixtime {
    zone: Arc<str>,
    signature: Signature,
}

/// Makes the function.
pub fn to_unixtime(zone: &str) -> ScalarUDF {
    udf(ToUnixtime { zone: zone.into(), signature: Signature::variadic_any(Volatility::Stable) })
}

impl ScalarUDFImpl for ToUnixtime {
    fn name(&self) -> &str {
        "to_unixtime"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        if arguments.is_empty() { plan_err!("`to_unixtime` takes a time") } else { Ok(DataType::Int64) }
    }

    fn simplify(&self, mut arguments: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        if arguments.is_empty() {
            return plan_err!("`to_unixtime` takes a time");
        }
        if info.get_data_type(&arguments[0])?.is_integer() {
            return Ok(ExprSimplifyResult::Simplified(cast(arguments.swap_remove(0), DataType::Int64)));
        }
        arguments.insert(1, lit(self.zone.as_ref()));
        let seconds = DataType::Timestamp(TimeUnit::Second, Some(Arc::clone(&self.zone)));
        // Seconds before 1970 are rounded down as well.
        let instant = date_trunc().call(vec![lit("second"), to_instant().call(arguments)]);
        let seconds = cast(cast(instant, seconds), DataType::Int64);
        Ok(ExprSimplifyResult::Simplified(seconds))
    }

    fn invoke_with_args(&self, _arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("`to_unixtime` is simplified while a plan is made")
    }
}
