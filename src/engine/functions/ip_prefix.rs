//! `ip_prefix(address)`: the network that an address is near to: the /24 of IPv4, the /64 of IPv6.
//!
//! Addresses that a provider hands out change within such a network. NULL for what is no address, such as `Internal` or
//! the name of a service.

use super::of_texts::{Compute, of_texts};
use datafusion::logical_expr::ScalarUDF;
use ipnet::IpNet;
use std::net::IpAddr;

/// Makes the function.
pub fn ip_prefix() -> ScalarUDF {
    of_texts("ip_prefix", 1, Compute::Text(|texts| prefix(texts.first()?)))
}

fn prefix(address: &str) -> Option<String> {
    let address = address.trim().parse::<IpAddr>().ok()?.to_canonical();
    let length = if address.is_ipv4() { 24 } else { 64 };
    Some(IpNet::new(address, length).ok()?.trunc().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        for (address, expected) in [
            ("203.0.113.77", Some("203.0.113.0/24")),
            ("::ffff:203.0.113.77", Some("203.0.113.0/24")),
            ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1:2::/64")),
            ("Internal", None),
            ("ecs.aliyuncs.com", None),
            ("203.0.113.**", None),
            ("", None),
        ] {
            assert_eq!(prefix(address).as_deref(), expected, "{address}");
        }
    }
}
