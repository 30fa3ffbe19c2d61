//! `to_timestamp` and its relatives: instants in the zone of the session.
//!
//! DataFusion's own label numbers with the zone without shifting them, and fail for columns of text. These become
//! `to_instant(…, 'zone')` while a plan is made.

use super::super::udf;
use super::{parse_zone, to_instant};
use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::{internal_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, cast,
    lit,
};
use datafusion::scalar::ScalarValue;
use std::sync::Arc;

/// A function that reads instants.
#[derive(Debug, PartialEq, Eq, Hash)]
struct ToTimestamp {
    name: &'static str,
    zone: Arc<str>,
    /// The unit of numbers that are given, and of the instants that come out.
    unit: TimeUnit,
    /// Numbers are seconds, whatever the unit.
    numbers_are_seconds: bool,
    signature: Signature,
}

/// Makes `to_timestamp`, one for each unit, and `from_unixtime`.
pub fn functions(zone: &str) -> Vec<ScalarUDF> {
    let function = |name, unit, numbers_are_seconds| {
        let signature = Signature::variadic_any(Volatility::Stable);
        udf(ToTimestamp { name, zone: zone.into(), unit, numbers_are_seconds, signature })
    };
    vec![
        function("to_timestamp", TimeUnit::Microsecond, true),
        function("to_timestamp_seconds", TimeUnit::Second, false),
        function("to_timestamp_millis", TimeUnit::Millisecond, false),
        function("to_timestamp_micros", TimeUnit::Microsecond, false),
        function("to_timestamp_nanos", TimeUnit::Nanosecond, false),
        function("from_unixtime", TimeUnit::Second, true),
    ]
}

impl ToTimestamp {
    /// Returns `true` if the second argument is a zone and not a format.
    fn takes_zone(&self) -> bool {
        self.name == "from_unixtime"
    }

    /// Returns the zone of the instants, which the second argument of `from_unixtime` may say.
    fn zone_of(&self, second: Option<&ScalarValue>) -> Arc<str> {
        let named = second.filter(|_| self.takes_zone()).and_then(|zone| zone.try_as_str().flatten());
        named.map_or_else(|| Arc::clone(&self.zone), Arc::from)
    }
}

impl ScalarUDFImpl for ToTimestamp {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Timestamp(self.unit, Some(Arc::clone(&self.zone))))
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let first = arguments.arg_fields.first().map(|field| field.data_type());
        if matches!(first, Some(DataType::Boolean | DataType::Binary | DataType::Interval(_)) | None) {
            return plan_err!("`{}` takes a number or a text", self.name);
        }
        let zone = self.zone_of(arguments.scalar_arguments.get(1).copied().flatten());
        parse_zone(&zone)?;
        Ok(Arc::new(Field::new(self.name, DataType::Timestamp(self.unit, Some(zone)), true)))
    }

    fn simplify(&self, arguments: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let mut arguments = arguments.into_iter();
        let Some(time) = arguments.next() else { return plan_err!("`{}` takes a number or a text", self.name) };
        let mut formats: Vec<Expr> = arguments.collect();
        let zone = self.zone_of(formats.first().and_then(Expr::as_literal));
        if self.takes_zone() {
            formats.clear();
        }
        let kind = DataType::Timestamp(self.unit, Some(Arc::clone(&zone)));
        let numbers = info.get_data_type(&time)?.is_integer() && !self.numbers_are_seconds;
        let instant = if numbers {
            // The number is that of the unit: nothing is read, and nothing is shifted.
            cast(cast(time, DataType::Int64), kind.clone())
        } else {
            let arguments = [vec![time, lit(zone.as_ref())], formats].concat();
            cast(to_instant().call(arguments), kind.clone())
        };
        Ok(ExprSimplifyResult::Simplified(instant))
    }

    fn invoke_with_args(&self, _arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("`{}` is simplified while a plan is made", self.name)
    }
}
