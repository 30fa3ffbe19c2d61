//! Reads the notations of ids and addresses that ActionTrail uses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `userIdentity.type` of what the Alibaba Cloud account itself (root) does.
pub const ROOT: &str = "root-account";

/// Returns `true` for the texts that mean "no value" in exports: empty, `null` in any case, and `"null"` in quotes.
pub fn is_absent_word(text: &str) -> bool {
    let bare = text.trim().trim_matches('"');
    bare.is_empty() || bare.eq_ignore_ascii_case("null")
}

/// Returns `true` if part of an id was replaced by asterisks before the event was exported, so that it may not be
/// unique.
pub fn is_masked(text: &str) -> bool {
    text.contains('*')
}

/// The kind of an AccessKey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// Stays valid until somebody disables it.
    LongTerm,
    /// Issued for a session.
    Temporary,
    /// The id does not tell.
    Unknown,
}

impl KeyKind {
    /// Returns the kind in one word.
    pub fn text(self) -> &'static str {
        match self {
            Self::LongTerm => "long-term",
            Self::Temporary => "temporary",
            Self::Unknown => "unknown",
        }
    }
}

/// Letters and digits of a long-term key of the time before they began with `LTAI`.
const OLD_KEY_LENGTH: usize = 16;

/// Tells the kind of an AccessKey by its id. Ids that begin with `LTAI` are long-term, masked ones too, and so are the
/// old ones without a beginning of their own; those that begin with `STS.` or `TMP.` are temporary.
pub fn access_key_kind(id: &str) -> KeyKind {
    let id = id.trim();
    if id.starts_with("LTAI") {
        KeyKind::LongTerm
    } else if id.starts_with("STS.") || id.starts_with("TMP.") {
        KeyKind::Temporary
    } else if id.len() == OLD_KEY_LENGTH && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        KeyKind::LongTerm
    } else {
        KeyKind::Unknown
    }
}

/// Returns the kind of a `sourceIpAddress`: `ipv4`, `ipv6`, `service` (a cloud service's host name), `internal` (from
/// Alibaba Cloud's own network), `masked` (digits replaced by asterisks or X) or `other`.
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

/// Returns `true` for addresses of private networks, of the machine itself and of links, and for 100.64.0.0/10, which
/// Alibaba Cloud uses inside.
pub fn is_private_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let is_shared = first == 100 && second & 0xc0 == 64;
            address.is_private() || address.is_loopback() || address.is_link_local() || is_shared
        }
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
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
    fn kinds_of_access_keys() {
        use KeyKind::{LongTerm, Temporary, Unknown};
        for (id, kind) in [
            ("LTAI5tEXAMPLEROOT0000001", LongTerm),
            ("LTAIT04MwpKReB7Z", LongTerm),
            ("LTAI********xfky", LongTerm),
            ("LTAI", LongTerm),
            ("55nCtAwmPLkkt5PB", LongTerm),
            (" 55nCtAwmPLkkt5PB\n", LongTerm),
            ("STS.F24gnHkUE7dER4rsFFQ4n2wCS", Temporary),
            ("STS.****", Temporary),
            ("TMP.EXAMPLE", Temporary),
            ("f6Iz********EI4d", Unknown),
            ("55nCtAwmPLkkt5PBx", Unknown),
            ("55nCtAwmPLkkt5P", Unknown),
            ("55nCtAwmPLkkt5Pé", Unknown),
            ("sts.lowercase", Unknown),
            ("", Unknown),
        ] {
            assert_eq!(access_key_kind(id), kind, "{id:?}");
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
