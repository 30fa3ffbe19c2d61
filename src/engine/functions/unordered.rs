//! `unordered(value)`: the same value, which minimum and maximum say nothing of.
//!
//! Files, row groups and pages are pruned by casting the minimum and the maximum of a column, which is right only for
//! casts that keep the order. Plans have this function inside every other cast ([`crate::engine::zones`]).

use super::udf;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::utils::take_function_args;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
struct Unordered {
    signature: Signature,
}

/// Makes the function.
pub fn unordered() -> ScalarUDF {
    udf(Unordered { signature: Signature::any(1, Volatility::Immutable) })
}

impl ScalarUDFImpl for Unordered {
    fn name(&self) -> &str {
        "unordered"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        let [kind] = take_function_args(self.name(), arguments)?;
        Ok(kind.clone())
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let [field] = take_function_args(self.name(), arguments.arg_fields)?;
        Ok(Arc::clone(field))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [value] = take_function_args(self.name(), arguments.args)?;
        Ok(value)
    }
}
