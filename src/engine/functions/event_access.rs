//! `event_access(event_rw, service_name, event_name)`: `Read` or `Write`, and null where nobody knows.
//!
//! Many events do not say whether they read or changed something; what is known of their API stands in then.

use super::{text_at, udf};
use crate::event::access;
use arrow::array::{ArrayRef, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::common::utils::take_function_args;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
struct EventAccess {
    signature: Signature,
}

/// Makes the function.
pub fn event_access() -> ScalarUDF {
    udf(EventAccess { signature: Signature::string(3, Volatility::Immutable) })
}

impl ScalarUDFImpl for EventAccess {
    fn name(&self) -> &str {
        "event_access"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let [rws, services, names] = take_function_args(self.name(), arrays)?;
        let mut out = StringViewBuilder::with_capacity(arguments.number_rows);
        for row in 0..rws.len() {
            let access = access::of_event(text_at(&rws, row), text_at(&services, row), text_at(&names, row));
            out.append_option(access.map(access::Access::text));
        }
        Ok(ColumnarValue::Array(Arc::new(out.finish()) as ArrayRef))
    }
}
