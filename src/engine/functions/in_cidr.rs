//! `in_cidr(address, networks)`, or `ip_in`: `true` if an address lies in one of some networks.
//!
//! Networks are one text (`'10.0.0.0/8'`) or a list of texts; an address without a length is a network of its own. IPv4
//! and IPv6 are compared as they are meant: `::ffff:10.0.0.1` is `10.0.0.1`. What is no address, such as the name of a
//! service that calls by itself, gives NULL. What is no network is an error.

use super::{text_at, udf};
use crate::event::known_names::parse_network;
use arrow::array::{Array, ArrayRef, AsArray, BooleanBuilder};
use arrow::datatypes::DataType;
use datafusion::common::utils::take_function_args;
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use ipnet::IpNet;
use std::net::IpAddr;
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
struct InCidr {
    signature: Signature,
}

/// Makes the function.
pub fn in_cidr() -> ScalarUDF {
    udf(InCidr { signature: Signature::user_defined(Volatility::Immutable) })
}

/// Returns `true` if a text is a network or an address.
pub fn is_network(text: &str) -> bool {
    parse_network(text).is_some()
}

impl ScalarUDFImpl for InCidr {
    fn name(&self) -> &str {
        "in_cidr"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arguments: &[DataType]) -> Result<Vec<DataType>> {
        let [address, networks] = take_function_args(self.name(), arguments)?;
        let is_text = |kind: &DataType| kind.is_string() || kind.is_null();
        let networks = match networks {
            kind if is_text(kind) => DataType::Utf8View,
            DataType::List(item) | DataType::LargeList(item) if is_text(item.data_type()) => {
                DataType::new_list(DataType::Utf8View, true)
            }
            other => return plan_err!("`in_cidr` takes a network or a list of networks, not {other}"),
        };
        if !is_text(address) {
            return plan_err!("`in_cidr` takes an address as text, not {address}");
        }
        Ok(vec![DataType::Utf8View, networks])
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [addresses, networks] = take_function_args(self.name(), arguments.args)?;
        let all_scalar = matches!((&addresses, &networks), (ColumnarValue::Scalar(_), ColumnarValue::Scalar(_)));
        let rows = if all_scalar { 1 } else { arguments.number_rows };
        let addresses = addresses.into_array(rows)?;
        // The networks of a question mostly are the same for all rows, and are read once.
        let constant = match &networks {
            ColumnarValue::Scalar(value) => Some(networks_at(&value.to_array()?, 0)?),
            ColumnarValue::Array(_) => None,
        };
        let networks = networks.into_array(if constant.is_some() { 1 } else { rows })?;
        let mut out = BooleanBuilder::with_capacity(rows);
        for row in 0..rows {
            let of_row = if constant.is_some() { None } else { Some(networks_at(&networks, row)?) };
            let networks = constant.as_ref().or(of_row.as_ref()).and_then(Option::as_ref);
            let address = text_at(&addresses, row).and_then(address);
            let is_in =
                |(address, networks): (IpAddr, &Vec<IpNet>)| networks.iter().any(|network| network.contains(&address));
            out.append_option(address.zip(networks).map(is_in));
        }
        let found: ArrayRef = Arc::new(out.finish());
        if all_scalar {
            return Ok(ColumnarValue::Scalar(datafusion::scalar::ScalarValue::try_from_array(&found, 0)?));
        }
        Ok(ColumnarValue::Array(found))
    }
}

/// Reads the networks of a row; `None` where there is NULL.
fn networks_at(array: &ArrayRef, row: usize) -> Result<Option<Vec<IpNet>>> {
    if array.is_null(row) {
        return Ok(None);
    }
    let texts = match array.as_list_opt::<i32>() {
        Some(lists) => lists.value(row),
        None => array.slice(row, 1),
    };
    let mut networks = Vec::with_capacity(texts.len());
    for text in (0..texts.len()).filter_map(|at| text_at(&texts, at)) {
        match parse_network(text) {
            Some(network) => networks.push(network),
            None => return exec_err!("not a network: `{text}`"),
        }
    }
    Ok(Some(networks))
}

fn address(text: &str) -> Option<IpAddr> {
    text.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lie_in_networks() {
        for (text, networks, expected) in [
            ("10.1.2.3", "10.0.0.0/8", Some(true)),
            ("11.1.2.3", "10.0.0.0/8", Some(false)),
            (" 10.1.2.3 ", "10.1.2.3", Some(true)),
            ("10.1.2.4", "10.1.2.3", Some(false)),
            ("::ffff:10.1.2.3", "10.0.0.0/8", Some(true)),
            ("10.1.2.3", "::ffff:10.0.0.0/104", Some(true)),
            ("2001:db8::1", "2001:db8::/32", Some(true)),
            ("2001:db9::1", "2001:db8::/32", Some(false)),
            ("10.1.2.3", "::/0", Some(false)),
            ("2001:db8::1", "0.0.0.0/0", Some(false)),
            ("ecs.aliyuncs.com", "0.0.0.0/0", None),
            ("10.1.2", "0.0.0.0/0", None),
            ("", "0.0.0.0/0", None),
        ] {
            let found = address(text).map(|address| parse_network(networks).unwrap().contains(&address));
            assert_eq!(found, expected, "{text} in {networks}");
        }
        for wrong in ["10.0.0.0/33", "10.0.0.0/", "10.0.0", "x", "", "10.0.0.0/8 10.0.0.0/8"] {
            assert!(!is_network(wrong), "{wrong}");
        }
    }
}
