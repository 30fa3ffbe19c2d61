//! Reads the notations of ids and addresses that ActionTrail uses.

use std::net::{Ipv4Addr, Ipv6Addr};

/// `userIdentity.type` of what the Alibaba Cloud account itself (root) does.
pub const ROOT: &str = "root-account";

/// True for the texts that mean "no value" in exports: empty, `null` in any case, and `"null"` in quotes.
pub fn is_absent_word(text: &str) -> bool {
    let bare = text.trim().trim_matches('"');
    bare.is_empty() || bare.eq_ignore_ascii_case("null")
}

/// True where part of an id was replaced by asterisks before the event was exported, so that it may not be unique.
pub fn is_masked(text: &str) -> bool {
    text.contains('*')
}

/// What a `sourceIpAddress` is: `ipv4`, `ipv6`, `service` (a cloud service's host name), `internal` (from Alibaba
/// Cloud's own network), `masked` (digits replaced by asterisks or X) or `other`.
pub fn source_kind(address: &str) -> &'static str {
    let address = address.trim();
    if address.parse::<Ipv4Addr>().is_ok() {
        "ipv4"
    } else if address.parse::<Ipv6Addr>().is_ok() {
        "ipv6"
    } else if address.eq_ignore_ascii_case("internal") {
        "internal"
    } else if is_masked_address(address) {
        "masked"
    } else if is_host_name(address) {
        "service"
    } else {
        "other"
    }
}

fn is_masked_address(address: &str) -> bool {
    let parts: Vec<&str> = address.split('.').collect();
    parts.len() == 4
        && address.bytes().any(|b| matches!(b, b'*' | b'X' | b'x'))
        && parts
            .iter()
            .all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'*' | b'X' | b'x')))
}

fn is_host_name(text: &str) -> bool {
    text.contains('.')
        && text.bytes().any(|b| b.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_words() {
        for absent in ["", " ", "null", "NULL", "Null", "\"null\"", "\"\""] {
            assert!(is_absent_word(absent), "{absent:?}");
        }
        for present in ["0", "false", "success", "nullable", "LTAI5tExample"] {
            assert!(!is_absent_word(present), "{present:?}");
        }
    }

    #[test]
    fn source_kinds() {
        for (address, kind) in [
            ("203.0.113.9", "ipv4"),
            ("2001:db8::1", "ipv6"),
            ("ecs.aliyuncs.com", "service"),
            ("Internal", "internal"),
            ("internal", "internal"),
            ("192.168.XX.XX", "masked"),
            ("10.10.**.**", "masked"),
            ("300.1.1.1", "other"),
            ("somewhere else", "other"),
            ("<script>", "other"),
        ] {
            assert_eq!(source_kind(address), kind, "{address}");
        }
    }
}
