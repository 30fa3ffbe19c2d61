//! Reads the tables of `config.toml` that name ids and networks.
//!
//! ```toml
//! [accounts]                       # account id = "name"
//! 1000000000000001 = "Production"
//! [principals]                     # principal id or user name = "name"
//! 2000000000000001 = "Aoi Tanaka (ops)"
//! [access_keys]                    # access key id = "name"
//! LTAI5tEXAMPLE = "CI runner"
//! [networks]                       # name = an address, a network, or a list of them
//! office = ["192.0.2.0/24", "2001:db8::/32"]
//! vpn = "198.51.100.7"
//! ```
//!
//! An id has one name, so it is the key. A network name has many networks, so there the name is the key. A network with
//! two names is an error, since the order of keys should not decide. Networks may lie in one another: the most specific
//! one counts.

use super::ValueError;
use crate::event::known_names::{NameTables, parse_network};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The tables of names.
pub(super) const TABLES: [&str; 4] = ["access_keys", "accounts", "networks", "principals"];

/// A name that cannot be used.
#[derive(Debug)]
pub(super) struct Fault {
    /// Path of the key: `networks.office`.
    pub(super) key: String,
    /// Place in the text of the file.
    pub(super) span: Range<usize>,
    pub(super) reason: ValueError,
}

/// Reads the tables of names of a file.
pub(super) fn read(file: &DeTable<'_>) -> Result<NameTables, Fault> {
    let mut tables = NameTables::default();
    for (key, value) in file {
        let into = match key.get_ref().as_ref() {
            "access_keys" => &mut tables.access_keys,
            "accounts" => &mut tables.accounts,
            "principals" => &mut tables.principals,
            "networks" => {
                tables.networks = read_networks(table_of("networks", value)?)?;
                continue;
            }
            _ => continue,
        };
        *into = read_ids(key.get_ref(), table_of(key.get_ref(), value)?)?;
    }
    Ok(tables)
}

fn table_of<'v, 't>(name: &str, value: &'v Spanned<DeValue<'t>>) -> Result<&'v DeTable<'t>, Fault> {
    let wrong = || ValueError::NotATable(value.get_ref().type_str().to_owned());
    value.get_ref().as_table().ok_or_else(|| fault(name, &value.span(), wrong()))
}

fn fault(key: &str, span: &Range<usize>, reason: ValueError) -> Fault {
    Fault { key: key.to_owned(), span: span.clone(), reason }
}

/// Reads a table of `id = "name"`.
fn read_ids(table: &str, ids: &DeTable<'_>) -> Result<BTreeMap<String, String>, Fault> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (key, value) in ids {
        let id = key.get_ref().trim();
        let path = format!("{table}.{id}");
        let failed = |reason| Err(fault(&path, &value.span(), reason));
        let name = match value.get_ref() {
            DeValue::String(name) => name.trim(),
            other => return failed(ValueError::NotText(other.type_str().to_owned())),
        };
        if id.is_empty() || name.is_empty() {
            return failed(ValueError::EmptyName);
        }
        if table == "accounts" && !is_account_id(id) {
            return failed(ValueError::AccountId(id.to_owned()));
        }
        // Keys differ in TOML that are the same id without the spaces around it.
        if names.insert(id.to_owned(), name.to_owned()).is_some_and(|other| other != name) {
            return failed(ValueError::TwoNames(id.to_owned()));
        }
    }
    Ok(names)
}

/// Returns `true` for digits, of which some may be masked.
fn is_account_id(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*')
}

/// Reads a table of `name = network`, or of `name = [network, …]`.
fn read_networks(names: &DeTable<'_>) -> Result<Vec<(ipnet::IpNet, String)>, Fault> {
    let (mut networks, mut named) = (Vec::new(), HashMap::new());
    for (key, value) in names {
        let name = key.get_ref().trim();
        let path = format!("networks.{name}");
        if name.is_empty() {
            return Err(fault(&path, &key.span(), ValueError::EmptyName));
        }
        let one = std::slice::from_ref(value);
        for item in value.get_ref().as_array().map_or(one, |items| &items[..]) {
            let failed = |reason| Err(fault(&path, &item.span(), reason));
            let DeValue::String(text) = item.get_ref() else {
                return failed(ValueError::NotText(item.get_ref().type_str().to_owned()));
            };
            let Some(network) = parse_network(text) else {
                let is_reversed = parse_network(name).is_some();
                return failed(ValueError::Network { text: text.clone().into_owned(), is_reversed });
            };
            match named.insert(network, name.to_owned()) {
                None => networks.push((network, name.to_owned())),
                Some(other) if other == name => {}
                Some(_) => return failed(ValueError::TwoNames(text.clone().into_owned())),
            }
        }
    }
    Ok(networks)
}

#[cfg(test)]
mod tests {
    use crate::event::known_names::KnownNames;
    use crate::settings::File;

    fn read(text: &str) -> Result<KnownNames, (String, Option<String>)> {
        let file = File::parse("/etc/x.toml".into(), text);
        file.map(|file| file.known_names).map_err(|error| (error.to_string(), error.hint()))
    }

    #[test]
    fn tables_of_names_are_read() {
        let names = read(
            "tz = 'UTC'\naccounts.1000000000000001 = 'Production'\n[principals]\n\"aoi@corp\" = ' Aoi '\n\
             2000000000000001 = 'Ren'\n[access_keys]\nLTAI5tEXAMPLE = 'CI runner'\n[networks]\n\
             office = ['192.0.2.0/24', '2001:db8::/32', '192.0.2.0/24']\nvpn = '198.51.100.7'\n\
             'back office' = '192.0.2.128/25'\nnone = []",
        );
        let names = names.unwrap();
        assert_eq!(names.account("1000000000000001"), Some("Production"));
        assert_eq!(names.principal("aoi@corp"), Some("Aoi"));
        assert_eq!(names.principal("2000000000000001"), Some("Ren"));
        assert_eq!(names.access_key("LTAI5tEXAMPLE"), Some("CI runner"));
        for (address, name) in [
            ("192.0.2.1", Some("office")),
            ("192.0.2.200", Some("back office")),
            ("2001:db8::1", Some("office")),
            ("198.51.100.7", Some("vpn")),
            ("198.51.100.8", None),
        ] {
            assert_eq!(names.network_of(address), name, "{address}");
        }
        for nothing in ["", "tz = 'UTC'", "[accounts]", "[networks]"] {
            assert_eq!(read(nothing), Ok(KnownNames::default()), "{nothing}");
        }
    }

    #[test]
    fn a_wrong_name_is_an_error_with_its_place() {
        let quotes = Some("put a key with dots in quotes");
        let direction = Some("write the name first: `office = \"192.0.2.0/24\"`");
        for (text, message, hint) in [
            (
                "[acounts]\n1 = 'x'",
                "unknown key `acounts` in the settings, line 1: `/etc/x.toml`",
                Some("did you mean"),
            ),
            (
                "\n[network]\na = 'x'",
                "unknown key `network` in the settings, line 2: ",
                Some("did you mean `networks`?"),
            ),
            ("accounts = 1", "`accounts` in /etc/x.toml, line 1: not a table: `integer`", None),
            ("[[accounts]]\n1 = 'x'", "`accounts` in /etc/x.toml, line 1: not a table: `array`", None),
            ("[accounts]\n1 = 2", "`accounts.1` in /etc/x.toml, line 2: not text: `integer`", None),
            ("[accounts]\n1 = ' '", "`accounts.1` in /etc/x.toml, line 2: a name is empty", None),
            ("[principals]\n'' = 'x'", "`principals.` in /etc/x.toml, line 2: a name is empty", None),
            (
                "[accounts]\nProduction = '1000000000000001'",
                "`accounts.Production` in /etc/x.toml, line 2: not an account id: `Production`",
                Some("write the id first"),
            ),
            ("[principals]\na = 'x'\n' a' = 'y'", "`principals.a` in /etc/x.toml, line ", Some("give it one name")),
            ("[networks]\na = '10.0.0.0/33'", "`networks.a` in /etc/x.toml, line 2: not an address or a network", None),
            ("[networks]\na = [\n'10.0.0.0/8',\n'x']", "`networks.a` in /etc/x.toml, line 4: not an address", None),
            ("[networks]\na = [['10.0.0.0/8']]", "`networks.a` in /etc/x.toml, line 2: not text: `array`", None),
            ("[networks]\n10.0.0.0 = 'a'", "`networks.10` in /etc/x.toml, line 2: not text: `table`", quotes),
            ("[networks]\n'10.0.0.0/8' = 'a'", "`networks.10.0.0.0/8` in /etc/x.toml, line 2: not an", direction),
            (
                "[networks]\na = '10.1.2.3/8'\nb = '::ffff:10.0.0.0/104'",
                "`networks.b` in /etc/x.toml, line 3: another name has it already: `::ffff:10.0.0.0/104`",
                Some("give it one name"),
            ),
        ] {
            let (got, suggested) = read(text).unwrap_err();
            assert!(got.starts_with(message), "{text}: {got}");
            match (suggested, hint) {
                (Some(got), Some(hint)) => assert!(got.starts_with(hint), "{text}: {got}"),
                (got, hint) => assert_eq!(got.as_deref(), hint, "{text}"),
            }
        }
    }
}
