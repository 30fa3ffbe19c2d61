//! Names that a user gives to accounts, principals, access keys and networks.
//!
//! Events carry ids and addresses; a reader thinks in names. [`KnownNames`] answers with the name of one id, from
//! tables that the user's configuration lists. It holds what is written there and guesses nothing: ids compare exactly,
//! apart from spaces around them. There are two rules beyond that. A role session (`id:session`) without a name of its
//! own has the name of its role. An address has the name of its most specific network.

use ipnet::IpNet;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

/// Names by id, and networks with their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameTables {
    /// Names of Alibaba Cloud accounts, by account id.
    pub accounts: BTreeMap<String, String>,
    /// Names of users, roles and sessions, by principal id or user name.
    pub principals: BTreeMap<String, String>,
    /// Names of access keys, by access key id.
    pub access_keys: BTreeMap<String, String>,
    /// Names of networks. See [`parse_network`].
    pub networks: Vec<(IpNet, String)>,
}

/// Names of ids and addresses. Clones share one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownNames(Arc<Names>);

#[derive(Debug, Default, PartialEq, Eq)]
struct Names {
    accounts: BTreeMap<String, String>,
    principals: BTreeMap<String, String>,
    access_keys: BTreeMap<String, String>,
    networks: HashMap<IpNet, String>,
    /// Prefix lengths of the IPv4 and IPv6 networks, the longest first.
    lengths: [Vec<u8>; 2],
}

impl From<NameTables> for KnownNames {
    /// Indexes tables. Of two names for one network, the first counts.
    fn from(tables: NameTables) -> Self {
        let NameTables { accounts, principals, access_keys, networks: named } = tables;
        let mut networks = HashMap::with_capacity(named.len());
        let mut lengths = [Vec::new(), Vec::new()];
        for (network, name) in named {
            let network = canonical(network);
            lengths[family(&network.addr())].push(network.prefix_len());
            networks.entry(network).or_insert(name);
        }
        for lengths in &mut lengths {
            lengths.sort_unstable_by(|a, b| b.cmp(a));
            lengths.dedup();
        }
        Self(Arc::new(Names { accounts, principals, access_keys, networks, lengths }))
    }
}

impl KnownNames {
    /// Returns the name of an account.
    pub fn account(&self, id: &str) -> Option<&str> {
        name_of(&self.0.accounts, id)
    }

    /// Returns the name of a principal, by its id or its user name.
    pub fn principal(&self, id: &str) -> Option<&str> {
        let of_role = || id.split_once(':').and_then(|(role, _)| name_of(&self.0.principals, role));
        name_of(&self.0.principals, id).or_else(of_role)
    }

    /// Returns the name of an access key.
    pub fn access_key(&self, id: &str) -> Option<&str> {
        name_of(&self.0.access_keys, id)
    }

    /// Returns the name of the most specific network that holds an address. IPv4-mapped IPv6 counts as IPv4.
    pub fn network(&self, address: IpAddr) -> Option<&str> {
        let address = address.to_canonical();
        let networks = self.0.lengths[family(&address)].iter().filter_map(|length| IpNet::new(address, *length).ok());
        networks.filter_map(|network| self.0.networks.get(&network.trunc())).map(String::as_str).next()
    }

    /// Returns the name of the network of a `sourceIpAddress`. A text that is no address, such as a service's name, has
    /// none.
    pub fn network_of(&self, text: &str) -> Option<&str> {
        if !self.has_networks() {
            return None;
        }
        self.network(text.trim().parse().ok()?)
    }

    /// Returns `true` if any network has a name.
    pub fn has_networks(&self) -> bool {
        !self.0.networks.is_empty()
    }

    /// Returns `true` if nothing has a name.
    pub fn is_empty(&self) -> bool {
        let Names { accounts, principals, access_keys, networks, .. } = self.0.as_ref();
        accounts.is_empty() && principals.is_empty() && access_keys.is_empty() && networks.is_empty()
    }

    /// Rewrites every name, as a session does that hides parts of them. Ids and networks stay.
    pub fn map(&self, rewrite: impl Fn(&str) -> String) -> Self {
        let Names { accounts, principals, access_keys, networks, lengths } = self.0.as_ref();
        let rewritten = |names: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            names.iter().map(|(id, name)| (id.clone(), rewrite(name))).collect()
        };
        Self(Arc::new(Names {
            accounts: rewritten(accounts),
            principals: rewritten(principals),
            access_keys: rewritten(access_keys),
            networks: networks.iter().map(|(network, name)| (*network, rewrite(name))).collect(),
            lengths: lengths.clone(),
        }))
    }
}

/// Reads a network in CIDR notation, or an address as a network of its own. Bits behind the prefix count as zero, and
/// IPv4-mapped IPv6 counts as IPv4.
pub fn parse_network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let network = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    Some(canonical(network))
}

/// Returns the one form of a network: without bits behind the prefix, and as IPv4 if it is IPv4-mapped IPv6.
fn canonical(network: IpNet) -> IpNet {
    let mapped = match network {
        IpNet::V4(_) => None,
        // `::ffff:10.0.0.0/104` are the addresses of `10.0.0.0/8`.
        IpNet::V6(v6) => v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96)),
    };
    let v4 = mapped.and_then(|(address, length)| ipnet::Ipv4Net::new(address, length).ok());
    v4.map_or(network, IpNet::V4).trunc()
}

fn name_of<'n>(names: &'n BTreeMap<String, String>, id: &str) -> Option<&'n str> {
    if names.is_empty() { None } else { names.get(id.trim()).map(String::as_str) }
}

fn family(address: &IpAddr) -> usize {
    usize::from(address.is_ipv6())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
        rows.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect()
    }

    fn networks(rows: &[(&str, &str)]) -> KnownNames {
        let networks = rows.iter().map(|(network, name)| (parse_network(network).unwrap(), (*name).to_owned()));
        NameTables { networks: networks.collect(), ..NameTables::default() }.into()
    }

    #[test]
    fn ids_have_the_names_of_their_own_table() {
        let names = KnownNames::from(NameTables {
            accounts: table(&[("1000000000000001", "Production")]),
            principals: table(&[
                ("2000000000000001", "Aoi Tanaka (ops)"),
                ("deploy", "Deployment"),
                ("300000000000000001", "Operators"),
                ("300000000000000001:aoi", "Aoi as operator"),
            ]),
            access_keys: table(&[("LTAI5tEXAMPLE", "CI runner")]),
            networks: Vec::new(),
        });
        for (id, account, principal, key) in [
            ("1000000000000001", Some("Production"), None, None),
            (" 1000000000000001\n", Some("Production"), None, None),
            ("2000000000000001", None, Some("Aoi Tanaka (ops)"), None),
            ("deploy", None, Some("Deployment"), None),
            ("Deploy", None, None, None),
            ("300000000000000001:aoi", None, Some("Aoi as operator"), None),
            ("300000000000000001:ren:1", None, Some("Operators"), None),
            ("300000000000000001:", None, Some("Operators"), None),
            (":aoi", None, None, None),
            ("LTAI5tEXAMPLE", None, None, Some("CI runner")),
            ("LTAI5tEXAMPL", None, None, None),
            ("", None, None, None),
            ("\u{0}\u{1b}[31m", None, None, None),
        ] {
            let found = (names.account(id), names.principal(id), names.access_key(id));
            assert_eq!(found, (account, principal, key), "{id}");
        }
        assert!(!names.is_empty() && !names.has_networks());
        assert!(KnownNames::default().is_empty());
        let louder = names.map(str::to_uppercase);
        assert_eq!(louder.account("1000000000000001"), Some("PRODUCTION"));
        assert_eq!(louder.principal("300000000000000001:x"), Some("OPERATORS"));
    }

    #[test]
    fn addresses_have_the_name_of_their_most_specific_network() {
        let names = networks(&[
            ("10.0.0.0/8", "company"),
            ("10.1.0.0/16", "office"),
            ("10.1.2.3", "printer"),
            ("10.1.2.3/32", "named twice"),
            ("192.0.2.77/24", "host bits"),
            ("::ffff:198.51.100.0/120", "mapped"),
            ("2001:db8::/32", "six"),
            ("2001:db8::1", "one of six"),
        ]);
        for (text, name) in [
            ("10.9.9.9", Some("company")),
            ("10.1.9.9", Some("office")),
            (" 10.1.2.3 ", Some("printer")),
            ("::ffff:10.1.2.3", Some("printer")),
            ("::ffff:a01:909", Some("office")),
            ("192.0.2.1", Some("host bits")),
            ("198.51.100.9", Some("mapped")),
            ("2001:db8::1", Some("one of six")),
            ("2001:DB8:0::2", Some("six")),
            ("2001:db9::1", None),
            ("11.0.0.1", None),
            ("10.1.2", None),
            ("10.1.2.3/32", None),
            ("10.1.**.**", None),
            ("ecs.aliyuncs.com", None),
            ("Internal", None),
            ("", None),
        ] {
            assert_eq!(names.network_of(text), name, "{text}");
        }
        let everything = networks(&[("0.0.0.0/0", "four"), ("::/0", "six")]);
        assert_eq!(everything.network_of("255.255.255.255"), Some("four"));
        assert_eq!(everything.network_of("::ffff:1.2.3.4"), Some("four"));
        assert_eq!(everything.network_of("::1"), Some("six"));
        assert_eq!(KnownNames::default().network_of("10.1.2.3"), None);
        for wrong in ["10.0.0.0/33", "10.0.0.0/", "10.0.0", "x", "", "10.0.0.0/8 10.0.0.0/8", "::/129", "10.0.0.0/-1"] {
            assert_eq!(parse_network(wrong), None, "{wrong}");
        }
    }

    proptest! {
        /// The slow, obvious way: of all networks that hold the address, the one with the longest prefix.
        #[test]
        fn the_index_finds_the_longest_prefix(
            rows in proptest::collection::vec((any::<u16>(), 0u8..=32), 0..12),
            address in any::<u16>(),
        ) {
            let ip = |n: u16| IpAddr::from(u32::from(n).wrapping_mul(0x0001_0003).to_be_bytes());
            let rows: Vec<(IpNet, String)> =
                rows.iter().map(|(n, len)| (IpNet::new(ip(*n), *len).unwrap().trunc(), format!("{n}/{len}"))).collect();
            let address = ip(address);
            let mut holding: Vec<_> = rows.iter().filter(|(network, _)| network.contains(&address)).collect();
            holding.sort_by_key(|(network, _)| std::cmp::Reverse(network.prefix_len()));
            let expected = holding.first().map(|(_, name)| name.clone());
            let names = KnownNames::from(NameTables { networks: rows, ..NameTables::default() });
            prop_assert_eq!(names.network(address), expected.as_deref());
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC*|[0-9a-f:.%/]*") {
            let names = networks(&[("0.0.0.0/0", "four"), ("::/0", "six")]);
            prop_assert_eq!(names.network_of(&text).is_some(), text.trim().parse::<IpAddr>().is_ok());
            let _ = parse_network(&text);
        }
    }
}
