//! The frame of functions that compute something of a few texts, row by row. One NULL among them gives NULL.

use super::{text_at, udf};
use arrow::array::{ArrayRef, BooleanBuilder, ListBuilder, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The computation of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Compute {
    Flag(fn(&[&str]) -> Option<bool>),
    Text(fn(&[&str]) -> Option<String>),
    List(fn(&[&str]) -> Option<Vec<String>>),
}

#[derive(Debug)]
struct OfTexts {
    name: &'static str,
    signature: Signature,
    compute: Compute,
}

/// Makes a function of so many texts.
pub(super) fn of_texts(name: &'static str, arguments: usize, compute: Compute) -> ScalarUDF {
    udf(OfTexts { name, signature: Signature::string(arguments, Volatility::Immutable), compute })
}

// A name stands for one computation.
impl PartialEq for OfTexts {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for OfTexts {}

impl Hash for OfTexts {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for OfTexts {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(match self.compute {
            Compute::Flag(_) => DataType::Boolean,
            Compute::Text(_) => DataType::Utf8View,
            Compute::List(_) => DataType::new_list(DataType::Utf8View, true),
        })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let rows = arrays.first().map_or(0, |array| array.len());
        let each = (0..rows).map(|row| arrays.iter().map(|array| text_at(array, row)).collect::<Option<Vec<&str>>>());
        let array: ArrayRef = match self.compute {
            Compute::Flag(compute) => {
                let mut out = BooleanBuilder::with_capacity(rows);
                each.for_each(|texts| out.append_option(texts.and_then(|texts| compute(&texts))));
                Arc::new(out.finish())
            }
            Compute::Text(compute) => {
                let mut out = StringViewBuilder::with_capacity(rows);
                each.for_each(|texts| out.append_option(texts.and_then(|texts| compute(&texts))));
                Arc::new(out.finish())
            }
            Compute::List(compute) => {
                let mut out = ListBuilder::new(StringViewBuilder::new());
                for texts in each {
                    match texts.and_then(|texts| compute(&texts)) {
                        Some(items) => {
                            items.iter().for_each(|item| out.values().append_value(item));
                            out.append(true);
                        }
                        None => out.append(false),
                    }
                }
                Arc::new(out.finish())
            }
        };
        Ok(ColumnarValue::Array(array))
    }
}
