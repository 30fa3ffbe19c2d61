//! `geo_country(address)`, `geo_city(address)` and `geo_as(address)`: country code (`JP`), English name of the city,
//! and autonomous system (`AS64500 Example`) of an address; NULL without a database that tells. `geoip_country`,
//! `geoip_city` and `asn` are other names for them.

use super::{text_at, udf};
use crate::engine::reference::reference_of;
use crate::geoip::{GeoIp, GeoIpError, Place};
use arrow::array::{Array, ArrayRef, StringViewBuilder, new_null_array};
use arrow::datatypes::DataType;
use datafusion::common::utils::take_function_args;
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
    City,
    System,
}

impl Part {
    const ALL: [Self; 3] = [Self::Country, Self::City, Self::System];

    fn function(self) -> &'static str {
        match self {
            Self::Country => "geo_country",
            Self::City => "geo_city",
            Self::System => "geo_as",
        }
    }

    /// Another name for the function, as other tools have it.
    fn alias(self) -> &'static str {
        match self {
            Self::Country => "geoip_country",
            Self::City => "geoip_city",
            Self::System => "asn",
        }
    }

    fn of(self, place: Place) -> Option<String> {
        match self {
            Self::Country => place.country_code,
            Self::City => place.city.en,
            Self::System => match (place.as_number, place.as_organization) {
                (Some(number), Some(organization)) => Some(format!("AS{number} {organization}")),
                (Some(number), None) => Some(format!("AS{number}")),
                (None, organization) => organization,
            },
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct PartOfPlace {
    signature: Signature,
    part: Part,
}

/// Makes the functions.
pub fn geoip() -> impl Iterator<Item = ScalarUDF> {
    // Stable, not immutable: another session may have other databases.
    let signature = || Signature::string(1, Volatility::Stable);
    Part::ALL
        .into_iter()
        .map(move |part| udf(PartOfPlace { signature: signature(), part }).with_aliases([part.alias()]))
}

impl ScalarUDFImpl for PartOfPlace {
    fn name(&self) -> &str {
        self.part.function()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let geoip = &reference_of(&arguments.config_options)?.geoip;
        let [addresses] = take_function_args(self.name(), arguments.args)?;
        let is_scalar = matches!(addresses, ColumnarValue::Scalar(_));
        let addresses = addresses.into_array(1)?;
        let found = if geoip.is_empty() {
            new_null_array(&DataType::Utf8View, addresses.len())
        } else {
            self.parts(&addresses, geoip).map_err(|error| DataFusionError::Execution(error.to_string()))?
        };
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?));
        }
        Ok(ColumnarValue::Array(found))
    }
}

impl PartOfPlace {
    fn parts(&self, addresses: &ArrayRef, geoip: &GeoIp) -> Result<ArrayRef, GeoIpError> {
        let mut found = StringViewBuilder::with_capacity(addresses.len()).with_deduplicate_strings();
        let mut known: HashMap<&str, Option<String>> = HashMap::new();
        for row in 0..addresses.len() {
            let Some(address) = text_at(addresses, row) else {
                found.append_null();
                continue;
            };
            if let Some(part) = known.get(address) {
                found.append_option(part.as_deref());
                continue;
            }
            if known.len() >= REMEMBERED {
                known.clear();
            }
            let part = geoip.lookup_text(address)?.and_then(|place| self.part.of(place));
            found.append_option(part.as_deref());
            known.insert(address, part);
        }
        Ok(Arc::new(found.finish()))
    }
}
