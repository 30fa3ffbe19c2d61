//! `ip_kind(address)`: `public` or `private` for an address, else the kind of word that stands in its place.
//!
//! `internal` is ActionTrail's word for Alibaba Cloud's own network, `service` the host name of a service that calls by
//! itself, `masked` an address with hidden digits, and `other` anything else. NULL where there is none.

use super::of_texts::{Compute, of_texts};
use crate::event::ids::{is_private_address, source_kind};
use datafusion::logical_expr::ScalarUDF;
use std::net::IpAddr;

/// Makes the function.
pub fn ip_kind() -> ScalarUDF {
    of_texts("ip_kind", 1, Compute::Text(|texts| kind(texts.first()?).map(str::to_owned)))
}

fn kind(address: &str) -> Option<&'static str> {
    let address = address.trim();
    if address.is_empty() {
        return None;
    }
    Some(match address.parse::<IpAddr>() {
        Ok(address) if is_private_address(address.to_canonical()) => "private",
        Ok(_) => "public",
        Err(_) => source_kind(address),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        for (address, expected) in [
            ("203.0.113.9", Some("public")),
            (" 8.8.8.8", Some("public")),
            ("2409:8a20::1", Some("public")),
            ("10.1.2.3", Some("private")),
            ("172.31.255.255", Some("private")),
            ("172.32.0.0", Some("public")),
            ("100.64.0.1", Some("private")),
            ("100.128.0.1", Some("public")),
            ("127.0.0.1", Some("private")),
            ("169.254.1.1", Some("private")),
            ("::1", Some("private")),
            ("fd00::1", Some("private")),
            ("fe80::1", Some("private")),
            ("::ffff:10.0.0.1", Some("private")),
            ("Internal", Some("internal")),
            ("ecs.aliyuncs.com", Some("service")),
            ("192.168.XX.XX", Some("masked")),
            ("<script>", Some("other")),
            (" ", None),
        ] {
            assert_eq!(kind(address), expected, "{address}");
        }
    }
}
