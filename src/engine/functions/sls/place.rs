//! Places of addresses: `ip_to_country`, `ip_to_country_code`, `ip_to_city` and `ip_to_provider`.
//!
//! They read the databases of the session (`geoip.rs`); without one that tells, they give NULL. Names are Chinese, as
//! they are online, or English where the database has no Chinese one. A second argument `'en'` asks for the code of a
//! country, and for English names.

use super::super::{text_at, udf};
use crate::engine::reference::reference_of;
use crate::geoip::{GeoIp, Place};
use arrow::array::{Array, ArrayRef, StringViewBuilder, new_null_array};
use arrow::datatypes::DataType;
use datafusion::common::{exec_err, plan_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use std::collections::HashMap;
use std::sync::Arc;

/// Addresses that a call remembers.
const REMEMBERED: usize = 4096;

/// A part of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Country,
    CountryCode,
    City,
    Provider,
}

impl Part {
    const ALL: [Self; 4] = [Self::Country, Self::CountryCode, Self::City, Self::Provider];

    fn of(self, place: Place, in_english: bool) -> Option<String> {
        let name = |zh: Option<String>, en: Option<String>| if in_english { en } else { zh.or(en) };
        match self {
            Self::Country if in_english => place.country_code,
            Self::Country => name(place.country.zh, place.country.en).or(place.country_code),
            Self::CountryCode => place.country_code,
            Self::City => name(place.city.zh, place.city.en),
            Self::Provider => place.as_organization,
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct PartOfPlace {
    part: Part,
    signature: Signature,
}

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    // Stable, not immutable: another session may have other databases.
    let signature = || Signature::user_defined(Volatility::Stable);
    Part::ALL.into_iter().map(|part| udf(PartOfPlace { part, signature: signature() })).collect()
}

impl ScalarUDFImpl for PartOfPlace {
    fn name(&self) -> &str {
        match self.part {
            Part::Country => "sls_ip_to_country",
            Part::CountryCode => "sls_ip_to_country_code",
            Part::City => "sls_ip_to_city",
            Part::Provider => "sls_ip_to_provider",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, kinds: &[DataType]) -> Result<Vec<DataType>> {
        let is_text = |kind: &DataType| match kind {
            DataType::Dictionary(_, values) => values.is_string(),
            kind => kind.is_string() || kind.is_null(),
        };
        if kinds.is_empty() || kinds.len() > 2 || !kinds.iter().all(is_text) {
            return plan_err!("`{}` takes an address as text, and perhaps 'en'", self.name());
        }
        Ok(vec![DataType::Utf8View; kinds.len()])
    }

    fn return_type(&self, _kinds: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let geoip = &reference_of(&arguments.config_options)?.geoip;
        let is_scalar = arguments.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let Some(addresses) = arrays.first() else { return exec_err!("`{}` takes an address", self.name()) };
        let found = if geoip.is_empty() {
            new_null_array(&DataType::Utf8View, addresses.len())
        } else {
            self.parts(addresses, arrays.get(1), geoip)?
        };
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?));
        }
        Ok(ColumnarValue::Array(found))
    }
}

impl PartOfPlace {
    fn parts(&self, addresses: &ArrayRef, languages: Option<&ArrayRef>, geoip: &GeoIp) -> Result<ArrayRef> {
        let mut found = StringViewBuilder::with_capacity(addresses.len()).with_deduplicate_strings();
        let mut known: HashMap<(&str, bool), Option<String>> = HashMap::new();
        for row in 0..addresses.len() {
            let Some(address) = text_at(addresses, row) else {
                found.append_null();
                continue;
            };
            let in_english = languages.is_some_and(|languages| text_at(languages, row) == Some("en"));
            if let Some(part) = known.get(&(address, in_english)) {
                found.append_option(part.as_deref());
                continue;
            }
            if known.len() >= REMEMBERED {
                known.clear();
            }
            let place = geoip.lookup_text(address).map_err(|error| DataFusionError::Execution(error.to_string()))?;
            let part = place.and_then(|place| self.part.of(place, in_english));
            found.append_option(part.as_deref());
            known.insert((address, in_english), part);
        }
        Ok(Arc::new(found.finish()))
    }
}
