//! Addresses: `ip_to_domain`, `ip_prefix`, `ip_subnet_min`, `ip_subnet_max`, `ip_subnet_range`, `is_subnet_of` and
//! `is_prefix_subnet_of`.
//!
//! A network is written before an address in `is_subnet_of`. A text that is no address gives NULL, since ActionTrail
//! writes names of services as addresses too. A text that is no network is an error.

use super::frame::{Cell, Definition, Gives, Row, Takes};
use crate::event::ids::is_private_address;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use ipnet::IpNet;
use std::net::IpAddr;

use Takes::{Int, Text};

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let define = |name, takes: &'static [Takes], gives| Definition { name, takes, least: takes.len(), gives };
    let mut functions = vec![define("sls_ip_to_domain", &[Text], Gives::Text(domain)).function()];
    for fallible in [
        define("sls_ip_prefix", &[Text, Int], Gives::Text(prefix)),
        define("sls_ip_subnet_min", &[Text], Gives::Text(|row| Ok(Some(network(row.text(0))?.network().to_string())))),
        define(
            "sls_ip_subnet_max",
            &[Text],
            Gives::Text(|row| Ok(Some(network(row.text(0))?.broadcast().to_string()))),
        ),
        define("sls_ip_subnet_range", &[Text], Gives::Texts(range)),
        define("sls_is_subnet_of", &[Text, Text], Gives::Flag(is_subnet_of)),
        define("sls_is_prefix_subnet_of", &[Text, Text], Gives::Flag(is_prefix_subnet_of)),
    ] {
        functions.extend(fallible.with_twin());
    }
    functions
}

fn address(text: &str) -> Option<IpAddr> {
    Some(text.trim().parse::<IpAddr>().ok()?.to_canonical())
}

fn network(text: &str) -> Result<IpNet> {
    match text.trim().parse::<IpNet>() {
        Ok(network) => Ok(network.trunc()),
        Err(_) => exec_err!("not a network such as `192.0.2.0/24`: `{text}`"),
    }
}

/// The kind of network that an address belongs to: `intranet`, `internet` or `invalid`.
fn domain(row: &Row<'_>) -> Cell<String> {
    let kind = match address(row.text(0)) {
        Some(address) if is_private_address(address) => "intranet",
        Some(_) => "internet",
        None => "invalid",
    };
    Ok(Some(kind.to_owned()))
}

fn prefix(row: &Row<'_>) -> Cell<String> {
    let Some(address) = address(row.text(0)) else { return Ok(None) };
    let net = u8::try_from(row.int(1)).ok().and_then(|length| IpNet::new(address, length).ok());
    match net {
        Some(net) => Ok(Some(net.trunc().to_string())),
        None => {
            exec_err!("the length of a prefix is 0 to {}, not {}", if address.is_ipv4() { 32 } else { 128 }, row.int(1))
        }
    }
}

fn range(row: &Row<'_>) -> Cell<Vec<Option<String>>> {
    let network = network(row.text(0))?;
    Ok(Some(vec![Some(network.network().to_string()), Some(network.broadcast().to_string())]))
}

fn is_subnet_of(row: &Row<'_>) -> Cell<bool> {
    let network = network(row.text(0))?;
    Ok(address(row.text(1)).map(|address| network.contains(&address)))
}

fn is_prefix_subnet_of(row: &Row<'_>) -> Cell<bool> {
    Ok(Some(network(row.text(0))?.contains(&network(row.text(1))?)))
}
