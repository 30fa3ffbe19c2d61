//! `user_agent_summary(text)`: product, version and system of a user agent in a few words, such as `Chrome 120 on
//! Windows`; NULL where there is none.

use super::{text_at, udf};
use crate::event::user_agent;
use arrow::array::{ArrayRef, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::common::utils::take_function_args;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use std::collections::HashMap;
use std::sync::Arc;

/// Summaries that a call remembers. The events of a batch have few user agents.
const REMEMBERED: usize = 1024;

#[derive(Debug, PartialEq, Eq, Hash)]
struct UserAgentSummary {
    signature: Signature,
}

/// Makes the function.
pub fn user_agent_summary() -> ScalarUDF {
    udf(UserAgentSummary { signature: Signature::string(1, Volatility::Immutable) })
}

impl ScalarUDFImpl for UserAgentSummary {
    fn name(&self) -> &str {
        "user_agent_summary"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [agents] = take_function_args(self.name(), ColumnarValue::values_to_arrays(&arguments.args)?)?;
        let mut out = StringViewBuilder::with_capacity(agents.len()).with_deduplicate_strings();
        let mut summaries: HashMap<&str, Option<String>> = HashMap::new();
        for row in 0..agents.len() {
            let Some(agent) = text_at(&agents, row) else {
                out.append_null();
                continue;
            };
            if summaries.len() >= REMEMBERED && !summaries.contains_key(agent) {
                summaries.clear();
            }
            let summary =
                summaries.entry(agent).or_insert_with(|| user_agent::summary(agent).map(|agent| agent.to_string()));
            out.append_option(summary.as_deref());
        }
        Ok(ColumnarValue::Array(Arc::new(out.finish()) as ArrayRef))
    }
}
