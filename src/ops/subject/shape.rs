//! The kinds of things that a text may name, by its look alone.
//!
//! People paste from mails, JSON, spreadsheets and reports on threats: with quotes, a comma behind, a port, brackets in
//! place of dots, or as an ARN.

use super::{Kind, Subject};
use crate::event::field::FieldId;
use crate::event::ids::{KeyKind, access_key_kind, source_kind};
use crate::event::known_names::parse_network;
use crate::event::normalise::{self, Spelling};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// An address as a condition compares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// A network of more than one address.
    Network(IpNet),
    /// One address, in the spellings that events may have.
    One(Vec<String>),
    /// A word that stands for addresses, or an address of which digits are hidden.
    Word(Vec<String>),
}

/// Domains of Alibaba Cloud, whose hosts call and are called.
const DOMAINS: [&str; 4] = ["aliyuncs.com", "aliyun.com", "alibabacloud.com", "aliyun-inc.com"];

/// Takes blanks, quotes around the whole and what stands between items of a list off a pasted text.
pub(super) fn bare(pasted: &str) -> &str {
    let mut text = pasted.trim();
    // A name may begin or end with a quote, and has them on both sides hardly ever.
    let within = text.trim_end_matches([',', ';']);
    for quote in ['"', '\'', '`'] {
        let inner = within.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner.filter(|inner| !inner.contains(quote)) {
            text = inner.trim();
            break;
        }
    }
    text
}

/// Reads a text that is not empty.
pub(super) fn read(text: &str) -> Subject {
    let subject = |text: &str, stages: &[&[Kind]]| Subject {
        text: text.to_owned(),
        account: None,
        stages: stages.iter().map(|stage| stage.to_vec()).collect(),
    };
    if let Some(found) = arn(text) {
        return found;
    }
    if let Some(address) = address(text) {
        let text = match address {
            Address::Network(network) => network.to_string(),
            Address::One(spellings) => spellings.into_iter().next().unwrap_or_default(),
            Address::Word(_) => text.to_owned(),
        };
        return subject(&text, &[&[Kind::Ip]]);
    }
    if access_key_kind(text) != KeyKind::Unknown && !text.chars().all(|c| c.is_ascii_digit()) {
        // Keys of old times look like any name of sixteen letters.
        let is_sure = text.starts_with("LTAI") || text.contains('.');
        let others = [Kind::User, Kind::Role, Kind::Resource, Kind::Principal];
        let unsure: [&[Kind]; 3] = [&[Kind::Key], &others, &[Kind::Resource]];
        return subject(text, if is_sure { &[&[Kind::Key]] } else { &unsure });
    }
    if is_event_id(text) {
        // KMS has ids of this form too.
        return subject(text, &[&[Kind::Event, Kind::Request], &[Kind::Resource]]);
    }
    if let Some(account) = account(text) {
        return subject(&account, &[&[Kind::Account, Kind::Principal], &[Kind::User], &[Kind::Resource]]);
    }
    let before_colon = text.split_once(':').map(|(id, _)| id);
    if before_colon.is_some_and(|id| id.len() >= 5 && id.bytes().all(|byte| byte.is_ascii_digit())) {
        return subject(text, &[&[Kind::Principal], &[Kind::User, Kind::Role]]);
    }
    if is_host_of_cloud(text) {
        return subject(text, &[&[Kind::Host], &[Kind::User], &[Kind::Resource]]);
    }
    let ids = [Kind::Key, Kind::Event, Kind::Request, Kind::Host];
    if text.contains('@') {
        return subject(text, &[&[Kind::User], &[Kind::Principal, Kind::Role], &[Kind::Resource], &ids]);
    }
    subject(text, &[&[Kind::User, Kind::Role, Kind::Principal, Kind::Resource], &[Kind::Resource], &ids])
}

/// Reads an ARN: `acs:ram::1234567812345678:user/alice`.
fn arn(text: &str) -> Option<Subject> {
    let mut parts = text.splitn(5, ':');
    let (prefix, service, _region) = (parts.next()?, parts.next()?, parts.next()?);
    let (account, rest) = (parts.next()?, parts.next()?);
    if !prefix.eq_ignore_ascii_case("acs") || rest.is_empty() {
        return None;
    }
    let of_ram = service.eq_ignore_ascii_case("ram") || service.eq_ignore_ascii_case("sts");
    let (kind, name) = rest.split_once('/').unwrap_or(("", rest));
    let kind = match kind.to_ascii_lowercase().as_str() {
        "user" if of_ram => Kind::User,
        "role" | "assumed-role" if of_ram => Kind::Role,
        _ if of_ram && rest == "root" && !account.is_empty() => {
            return Some(Subject { text: account.to_owned(), account: None, stages: vec![vec![Kind::Account]] });
        }
        _ => Kind::Resource,
    };
    let name = match kind {
        // A session stands behind the role, and resources lie within others.
        Kind::Role => name.split('/').next(),
        Kind::Resource => name.rsplit('/').next(),
        _ => Some(name),
    };
    let account = (!account.is_empty() && account != "*").then(|| account.to_owned());
    let text = name.filter(|name| !name.is_empty())?.to_owned();
    Some(Subject { text, account, stages: vec![vec![kind]] })
}

/// Reads an address, a network, or what events have in the place of an address.
pub(super) fn address(text: &str) -> Option<Address> {
    // Reports on threats write dots so that nobody clicks.
    let text = &text.replace("[.]", ".").replace("(.)", ".").replace("[:]", ":");
    if let Some(network) = parse_network(text) {
        return Some(match network.prefix_len() == network.max_prefix_len() {
            true => Address::One(spellings(network.addr())),
            false => Address::Network(network),
        });
    }
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).and_then(|inner| inner.parse().ok());
    let address: Option<IpAddr> = inner.or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    if let Some(address) = address {
        return Some(Address::One(spellings(address.to_canonical())));
    }
    match source_kind(text) {
        "internal" => Some(Address::Word(vec![text.clone(), "Internal".to_owned(), "internal".to_owned()])),
        "masked" => Some(Address::Word(vec![text.clone(), text.to_ascii_lowercase(), text.to_ascii_uppercase()])),
        _ => None,
    }
}

/// The spellings of an address, the usual one first.
fn spellings(address: IpAddr) -> Vec<String> {
    match address {
        IpAddr::V4(v4) => vec![v4.to_string(), format!("::ffff:{v4}"), format!("::FFFF:{v4}")],
        IpAddr::V6(v6) => {
            let usual = v6.to_string();
            let groups: Vec<String> = v6.segments().iter().map(|group| format!("{group:x}")).collect();
            let padded: Vec<String> = v6.segments().iter().map(|group| format!("{group:04x}")).collect();
            let (groups, padded) = (groups.join(":"), padded.join(":"));
            let upper = [usual.to_uppercase(), groups.to_uppercase(), padded.to_uppercase()];
            [usual, groups, padded].into_iter().chain(upper).collect()
        }
    }
}

/// Returns `true` for the notations that ids of events and requests have: a GUID, 24 hexadecimal digits of OSS, and
/// numbers that are joined by dots and underscores.
fn is_event_id(text: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let groups: Vec<&str> = text.split('-').collect();
    let is_guid =
        groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(|group| is_hex(group));
    let is_of_oss = text.len() == 24 && is_hex(text);
    let is_of_signin = text.split_once('_').is_some_and(|(before, behind)| {
        before.contains('.') && before.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && behind.contains('_')
    });
    is_guid || is_of_oss || is_of_signin
}

/// Reads an account: digits, also as spreadsheets write them.
fn account(text: &str) -> Option<String> {
    let text = match normalise::read(FieldId::UserIdentityAccountId, text) {
        Spelling::AsItCame => text.to_owned(),
        Spelling::Respelt(text) => text.into_owned(),
        Spelling::Absent | Spelling::Unreadable => return None,
    };
    let is_digit = |byte: u8| byte.is_ascii_digit() || byte == b'*';
    let is_account = text.len() >= 5 && text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(is_digit);
    is_account.then_some(text)
}

fn is_host_of_cloud(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_of = |domain: &str| lower.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    source_kind(text) == "service" && DOMAINS.into_iter().any(is_of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Kind::*;

    #[test]
    fn shapes_tell_the_kinds() {
        for (pasted, text, first) in [
            ("203.0.113.77", "203.0.113.77", &[Ip][..]),
            (" 203.0.113.77\n", "203.0.113.77", &[Ip]),
            ("\"203.0.113.77\",", "203.0.113.77", &[Ip]),
            ("203[.]0[.]113[.]77", "203.0.113.77", &[Ip]),
            ("203.0.113.77:443", "203.0.113.77", &[Ip]),
            ("::ffff:203.0.113.77", "203.0.113.77", &[Ip]),
            ("[2001:DB8::1]:443", "2001:db8::1", &[Ip]),
            ("2001:0db8:0:0:0:0:0:1", "2001:db8::1", &[Ip]),
            ("203.0.113.9/24", "203.0.113.0/24", &[Ip]),
            ("203.0.113.9/32", "203.0.113.9", &[Ip]),
            ("192.168.XX.XX", "192.168.XX.XX", &[Ip]),
            ("INTERNAL", "INTERNAL", &[Ip]),
            ("LTAI5tEXAMPLEROOTKEY0001", "LTAI5tEXAMPLEROOTKEY0001", &[Key]),
            ("LTAI********xfky", "LTAI********xfky", &[Key]),
            ("STS.NEXAMPLE", "STS.NEXAMPLE", &[Key]),
            ("55nCtAwmPLkkt5PB", "55nCtAwmPLkkt5PB", &[Key]),
            ("8a3bd0fc-4219-5eab-b004-0123456789ab", "8a3bd0fc-4219-5eab-b004-0123456789ab", &[Event, Request]),
            ("68D4BC64B29A8D36369698D9", "68D4BC64B29A8D36369698D9", &[Event, Request]),
            ("1.167_1627549154939_339a", "1.167_1627549154939_339a", &[Event, Request]),
            ("1234567812345678", "1234567812345678", &[Account, Principal]),
            ("'1234567812345678", "1234567812345678", &[Account, Principal]),
            ("1234567812345678.0", "1234567812345678", &[Account, Principal]),
            ("17549869382****", "17549869382****", &[Account, Principal]),
            ("300000000000000001:nightly", "300000000000000001:nightly", &[Principal]),
            ("oos.aliyuncs.com", "oos.aliyuncs.com", &[Host]),
            ("alice@corp.onaliyun.com", "alice@corp.onaliyun.com", &[User]),
            ("chen.wei", "chen.wei", &[User, Role, Principal, Resource]),
            ("x' OR '1'='1", "x' OR '1'='1", &[User, Role, Principal, Resource]),
            ("acs:ram::1234567812345678:user/aoki", "aoki", &[User]),
            ("acs:ram::1234567812345678:role/ops/session", "ops", &[Role]),
            ("acs:ram::1234567812345678:root", "1234567812345678", &[Account]),
            ("acs:ecs:cn-hangzhou:1234567812345678:instance/i-1", "i-1", &[Resource]),
        ] {
            let subject = Subject::parse(pasted, None).unwrap();
            assert_eq!((subject.text(), &subject.stages[0][..]), (text, first), "{pasted}");
        }
        assert!(Subject::parse(" \t", None).is_err());
        assert!(Subject::parse("alice", Some(Ip)).is_err());
        assert_eq!(Subject::parse("1234567812345678", Some(User)).unwrap().only_kind(), Some(User));
    }
}
