//! `access_key_kind(id)`: `long-term`, `temporary` or `unknown`, and null where there is no AccessKey.
//!
//! It is the one place that says whether an event has a key at all: `access_key_kind(user_identity_access_key_id) IS
//! NOT NULL`. Exports have many words for none.

use super::{text_at, udf};
use crate::event::ids;
use arrow::array::{ArrayRef, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::common::utils::take_function_args;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
struct AccessKeyKind {
    signature: Signature,
}

/// Makes the function.
pub fn access_key_kind() -> ScalarUDF {
    udf(AccessKeyKind { signature: Signature::string(1, Volatility::Immutable) })
}

impl ScalarUDFImpl for AccessKeyKind {
    fn name(&self) -> &str {
        "access_key_kind"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [keys] = take_function_args(self.name(), ColumnarValue::values_to_arrays(&arguments.args)?)?;
        let mut out = StringViewBuilder::with_capacity(keys.len());
        for row in 0..keys.len() {
            let key = text_at(&keys, row).filter(|key| !ids::is_absent_word(key));
            out.append_option(key.map(|key| ids::access_key_kind(key).text()));
        }
        Ok(ColumnarValue::Array(Arc::new(out.finish()) as ArrayRef))
    }
}
