//! `mask_secrets(text)`: hides issued keys and passwords in what events carry; see [`crate::event::secret`].
//!
//! Bytes are taken for the text they hold, and come back as bytes.

use super::clean_texts::CleanViews;
use super::{text_at, udf};
use crate::event::secret::Masker;
use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
struct MaskSecrets {
    signature: Signature,
    masker: Masker,
}

/// Makes the function with the marks of a masker. The one that a statement can call has plain ones: with a key, whoever
/// may ask questions could have the fingerprints of guesses.
pub fn mask_secrets(masker: Masker) -> ScalarUDF {
    let types = vec![TypeSignature::String(1), TypeSignature::Exact(vec![DataType::Binary])];
    udf(MaskSecrets { signature: Signature::one_of(types, Volatility::Immutable), masker })
}

/// Returns the masker of a call of this function.
pub fn masker_of(function: &ScalarUDF) -> Option<&Masker> {
    function.inner().downcast_ref::<MaskSecrets>().map(|function| &function.masker)
}

impl ScalarUDFImpl for MaskSecrets {
    fn name(&self) -> &str {
        "mask_secrets"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        Ok(if arguments == [DataType::Binary] { DataType::Binary } else { DataType::Utf8View })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let Some(values) = arrays.first() else {
            return Ok(ColumnarValue::Array(Arc::new(StringViewBuilder::new().finish())));
        };
        if let Some(values) = values.as_binary_opt::<i32>() {
            let mut out = BinaryBuilder::new();
            for row in 0..values.len() {
                out.append_option(values.is_valid(row).then(|| self.masker.mask_bytes(values.value(row))));
            }
            return Ok(ColumnarValue::Array(Arc::new(out.finish())));
        }
        if let Some(texts) = values.as_string_view_opt() {
            let mut clean = CleanViews::new(texts, &self.masker);
            if !(0..texts.len()).any(|row| texts.is_valid(row) && clean.may_hold(row)) {
                return Ok(ColumnarValue::Array(Arc::clone(values)));
            }
        }
        let mut out = StringViewBuilder::with_capacity(values.len());
        for row in 0..values.len() {
            out.append_option(text_at(values, row).map(|text| self.masker.mask(text)));
        }
        Ok(ColumnarValue::Array(Arc::new(out.finish()) as ArrayRef))
    }
}
