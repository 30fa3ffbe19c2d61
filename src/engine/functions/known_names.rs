//! `account_name(id)`, `principal_name(id)`, `access_key_name(id)` and `network_name(address)`: names that the user's
//! configuration gives to ids and addresses; NULL for those without one.

use super::{text_at, udf};
use crate::engine::reference::reference_of;
use crate::event::known_names::KnownNames;
use arrow::array::{Array, ArrayRef, StringViewBuilder, new_null_array};
use arrow::datatypes::DataType;
use datafusion::common::utils::take_function_args;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use std::sync::Arc;

/// A kind of value that may have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Named {
    Account,
    Principal,
    AccessKey,
    Network,
}

impl Named {
    const ALL: [Self; 4] = [Self::Account, Self::Principal, Self::AccessKey, Self::Network];

    fn function(self) -> &'static str {
        match self {
            Self::Account => "account_name",
            Self::Principal => "principal_name",
            Self::AccessKey => "access_key_name",
            Self::Network => "network_name",
        }
    }

    fn name<'n>(self, names: &'n KnownNames, value: &str) -> Option<&'n str> {
        match self {
            Self::Account => names.account(value),
            Self::Principal => names.principal(value),
            Self::AccessKey => names.access_key(value),
            Self::Network => names.network_of(value),
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct NameOf {
    signature: Signature,
    named: Named,
}

/// Makes the functions.
pub fn known_names() -> impl Iterator<Item = ScalarUDF> {
    // Stable, not immutable: another session may know other names.
    let signature = || Signature::string(1, Volatility::Stable);
    Named::ALL.into_iter().map(move |named| udf(NameOf { signature: signature(), named }))
}

impl ScalarUDFImpl for NameOf {
    fn name(&self) -> &str {
        self.named.function()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let names = &reference_of(&arguments.config_options)?.known_names;
        let [values] = take_function_args(self.name(), arguments.args)?;
        let is_scalar = matches!(values, ColumnarValue::Scalar(_));
        let values = values.into_array(1)?;
        let found = if names.is_empty() {
            new_null_array(&DataType::Utf8View, values.len())
        } else {
            self.names_of(&values, names)
        };
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?));
        }
        Ok(ColumnarValue::Array(found))
    }
}

impl NameOf {
    fn names_of(&self, values: &ArrayRef, names: &KnownNames) -> ArrayRef {
        // A name stands in the array once, however many rows have it.
        let mut found = StringViewBuilder::with_capacity(values.len()).with_deduplicate_strings();
        let mut last = (None, None);
        for row in 0..values.len() {
            let value = text_at(values, row);
            if value != last.0 {
                last = (value, value.and_then(|value| self.named.name(names, value)));
            }
            found.append_option(last.1);
        }
        Arc::new(found.finish())
    }
}
