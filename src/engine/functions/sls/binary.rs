//! Binary data: `sha256` and `sha512`. A text stands for its bytes.

use super::super::udf;
use arrow::array::{Array, ArrayRef, AsArray, BinaryArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use sha2::{Digest, Sha256, Sha512};
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Sha256,
    Sha512,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Hashed {
    kind: Kind,
    signature: Signature,
}

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let signature = || Signature::user_defined(Volatility::Immutable);
    [Kind::Sha256, Kind::Sha512].map(|kind| udf(Hashed { kind, signature: signature() })).into()
}

impl ScalarUDFImpl for Hashed {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Sha256 => "sls_sha256",
            Kind::Sha512 => "sls_sha512",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, kinds: &[DataType]) -> Result<Vec<DataType>> {
        let [kind] = kinds else { return plan_err!("`{}` takes 1 argument, not {}", self.name(), kinds.len()) };
        let plain = match kind {
            DataType::Dictionary(_, values) => values.as_ref(),
            kind => kind,
        };
        match plain {
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => Ok(vec![DataType::Binary]),
            plain if plain.is_string() || plain.is_null() => Ok(vec![DataType::Utf8]),
            other => plan_err!("argument 1 of `{}` is binary data, not {other}", self.name()),
        }
    }

    fn return_type(&self, _kinds: &[DataType]) -> Result<DataType> {
        Ok(DataType::Binary)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = arguments.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let [array] = arrays.as_slice() else { return plan_err!("`{}` takes 1 argument", self.name()) };
        let bytes = cast(array, &DataType::Binary)?;
        let hashed = bytes.as_binary::<i32>().iter().map(|bytes| bytes.map(|bytes| self.hash(bytes)));
        let hashed: ArrayRef = Arc::new(hashed.collect::<BinaryArray>());
        if is_scalar && !hashed.is_empty() {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&hashed, 0)?));
        }
        Ok(ColumnarValue::Array(hashed))
    }
}

impl Hashed {
    fn hash(&self, bytes: &[u8]) -> Vec<u8> {
        match self.kind {
            Kind::Sha256 => Sha256::digest(bytes).to_vec(),
            Kind::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}
