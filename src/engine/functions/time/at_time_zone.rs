//! `at_time_zone(time, 'Area/City')`: what `time AT TIME ZONE 'Area/City'` becomes.
//!
//! An instant stays the same instant and is shown in the zone that is named. A time without a zone is read in it.

use super::super::udf;
use super::{parse_zone, to_instant, zone_of};
use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::{internal_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, cast,
};
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
struct AtTimeZone {
    signature: Signature,
}

/// The name of the function.
pub const NAME: &str = "at_time_zone";

/// Makes the function.
pub fn at_time_zone() -> ScalarUDF {
    udf(AtTimeZone { signature: Signature::any(2, Volatility::Immutable) })
}

impl ScalarUDFImpl for AtTimeZone {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        plan_err!("the zone of AT TIME ZONE must be a literal")
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let zone = arguments.scalar_arguments.get(1).copied().flatten().and_then(|zone| zone.try_as_str().flatten());
        let Some(zone) = zone else { return plan_err!("the zone of AT TIME ZONE must be a literal") };
        parse_zone(zone)?;
        Ok(Arc::new(Field::new(NAME, DataType::Timestamp(TimeUnit::Microsecond, Some(zone.into())), true)))
    }

    fn simplify(&self, arguments: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let [time, zone] = arguments.as_slice() else { return internal_err!("AT TIME ZONE has two operands") };
        let Some(name) = zone.as_literal().and_then(|zone| zone.try_as_str().flatten()) else {
            return plan_err!("the zone of AT TIME ZONE must be a literal");
        };
        let kind = DataType::Timestamp(TimeUnit::Microsecond, Some(name.into()));
        let has_zone = zone_of(&info.get_data_type(time)?).is_some();
        let instant = if has_zone { time.clone() } else { to_instant().call(vec![time.clone(), zone.clone()]) };
        Ok(ExprSimplifyResult::Simplified(cast(instant, kind)))
    }

    fn invoke_with_args(&self, _arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("`{NAME}` is simplified while a plan is made")
    }
}
