//! `now()`, `current_date` and `current_time`: the present time of the session, in its zone.
//!
//! The session is told its present time (`--now`), so that an answer can be repeated; relative ranges follow it as
//! well.

use super::super::udf;
use super::parse_zone;
use arrow::datatypes::{DataType, Date32Type};
use chrono::{DateTime, NaiveTime, Utc};
use datafusion::common::internal_err;
use datafusion::error::Result;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};
use datafusion::scalar::ScalarValue;

/// A function without arguments whose value is known when a session begins.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Now {
    name: &'static str,
    aliases: Vec<String>,
    value: ScalarValue,
    signature: Signature,
}

/// Makes the functions of the present time.
pub fn functions(zone: &str, now: DateTime<Utc>) -> Vec<ScalarUDF> {
    let local = parse_zone(zone).map_or_else(|_| now.naive_utc(), |tz| now.with_timezone(&tz).naive_local());
    let since_midnight = (local.time() - NaiveTime::MIN).num_nanoseconds();
    let function = |name, aliases: &[&str], value| {
        let aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
        udf(Now { name, aliases, value, signature: Signature::nullary(Volatility::Stable) })
    };
    let instant = ScalarValue::TimestampMicrosecond(Some(now.timestamp_micros()), Some(zone.into()));
    let date = ScalarValue::Date32(Some(Date32Type::from_naive_date(local.date())));
    vec![
        function("now", &["current_timestamp"], instant),
        function("current_date", &["today"], date),
        function("current_time", &[], ScalarValue::Time64Nanosecond(since_midnight)),
    ]
}

impl ScalarUDFImpl for Now {
    fn name(&self) -> &str {
        self.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(self.value.data_type())
    }

    fn simplify(&self, _arguments: Vec<Expr>, _info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        Ok(ExprSimplifyResult::Simplified(lit(self.value.clone())))
    }

    fn invoke_with_args(&self, _arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("`{}` is simplified while a plan is made", self.name)
    }
}
