//! `compact_text(text)`: the same text without the memory around it.
//!
//! Plans have it where rows wait to be sorted ([`super::compact_strings`]). Nobody is meant to call it.

use crate::engine::functions::udf;
use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::utils::take_function_args;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
struct CompactText {
    signature: Signature,
}

/// Makes the function.
pub fn compact_text() -> ScalarUDF {
    udf(CompactText { signature: Signature::uniform(1, vec![DataType::Utf8View], Volatility::Immutable) })
}

impl ScalarUDFImpl for CompactText {
    fn name(&self) -> &str {
        "compact_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    /// Returns the field it is given, so that a step of nothing else leaves the schema alone.
    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let [field] = take_function_args(self.name(), arguments.arg_fields)?;
        Ok(Arc::clone(field))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [texts] = take_function_args(self.name(), arguments.args)?;
        Ok(match texts {
            ColumnarValue::Array(texts) => ColumnarValue::Array(compacted(texts)),
            one => one,
        })
    }
}

/// Copies texts that fill less than half of the memory that they keep.
fn compacted(array: ArrayRef) -> ArrayRef {
    let Some(texts) = array.as_string_view_opt() else { return array };
    let kept: usize = texts.data_buffers().iter().map(|buffer| buffer.capacity()).sum();
    if kept <= texts.total_buffer_bytes_used() * 2 { array } else { Arc::new(texts.gc()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::StringViewArray;

    #[test]
    fn texts_that_fill_little_of_their_memory_are_copied_out_of_it() {
        let long = |n: usize| format!("a text of more than twelve letters, number {n}");
        let page = StringViewArray::from_iter((0..100).map(|n| (n % 7 > 0).then(|| long(n))));
        let kept = |array: &ArrayRef| {
            array.as_string_view().data_buffers().iter().map(|buffer| buffer.capacity()).sum::<usize>()
        };
        for (first, count) in [(0, 100), (0, 70), (3, 2), (7, 1), (50, 0)] {
            let rows: ArrayRef = Arc::new(page.slice(first, count));
            let compacted = compacted(Arc::clone(&rows));
            assert_eq!(&compacted, &rows);
            let used = rows.as_string_view().total_buffer_bytes_used();
            assert!(kept(&compacted) <= used * 2, "{count} rows keep {} bytes of {used}", kept(&compacted));
        }
    }
}
