//! Names, networks and places of addresses, and whether they are new.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;

use super::evidence::literal;
use crate::engine::{Param, Session};
use crate::event::known_names::KnownNames;
use crate::geoip::{self, GeoIp};
use crate::ops::OpsError;
use crate::report::calendar::Span;
use crate::report::model::{Address, AddressPlace, Identity, PlaceName};

/// The addresses that the whole lake is asked about. Beyond these, no address is marked as new.
const CHECKED: usize = 200;

/// The things known of addresses, and names of ids.
pub(super) struct Known {
    names: KnownNames,
    geoip: GeoIp,
    new_addresses: BTreeSet<String>,
    addresses: BTreeMap<String, bool>,
    /// Codes of the countries that root came from before the range, where there are GeoIP files.
    countries_before: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Seen {
    address: String,
}

impl Known {
    /// Finds out which of the addresses of root, the most frequent first, no event of before the range came from.
    ///
    /// Most addresses were seen in the days before, which are asked first. Of the others, bloom filters tell at once
    /// that no file has them.
    pub(super) fn ask(
        session: &Session,
        span: Span,
        addresses: impl Iterator<Item = (String, bool)>,
    ) -> Result<Self, OpsError> {
        let (names, geoip) = (session.known_names().clone(), session.geoip().clone());
        let addresses: BTreeMap<String, bool> = addresses.collect();
        let ip = addresses.iter().filter(|(_, is_ip)| **is_ip).map(|(address, _)| address.clone());
        let mut unseen: BTreeSet<String> = ip.take(CHECKED).collect();
        let day_before = span.since.checked_sub_signed(chrono::TimeDelta::days(7)).unwrap_or(span.since);
        for from in [Some(day_before), None] {
            if unseen.is_empty() {
                break;
            }
            let wanted: Vec<String> = unseen.iter().map(|address| literal(address)).collect();
            let lower = if from.is_some() { "AND event_time >= $from" } else { "AND event_time < $from" };
            let sql = format!(
                "SELECT source_ip_address AS address FROM events WHERE source_ip_address IN ({}) AND event_time < \
                 $since {lower} GROUP BY 1",
                wanted.join(", ")
            );
            let params = [("since", Param::Time(span.since)), ("from", Param::Time(day_before))];
            for seen in session.rows::<Seen>(&sql, &params)? {
                unseen.remove(&seen.address);
            }
        }
        let mut countries_before = BTreeSet::new();
        if !geoip.is_empty() {
            let sql = "SELECT source_ip_address AS address FROM events WHERE user_identity_type = 'root-account' AND \
                       source_ip_address IS NOT NULL AND event_time < $since GROUP BY 1 LIMIT 100000";
            for seen in session.rows::<Seen>(sql, &[("since", Param::Time(span.since))])? {
                countries_before.extend(geoip.lookup_text(&seen.address)?.and_then(|place| place.country_code));
            }
            // A broken database is an error here, so that no address below has to fail.
            for address in addresses.keys() {
                geoip.lookup_text(address)?;
            }
        }
        Ok(Self { names, geoip, new_addresses: unseen, addresses, countries_before })
    }

    /// Returns the names of the settings.
    pub(super) fn names(&self) -> &KnownNames {
        &self.names
    }

    /// Returns an address with what is known of it.
    pub(super) fn address(&self, text: Option<String>) -> Option<Address> {
        let text = text?;
        let network = self.names.network_of(&text).map(str::to_owned);
        let is_ip = self.addresses.get(&text).copied().unwrap_or_else(|| text.parse::<std::net::IpAddr>().is_ok());
        Some(Address {
            outside: is_ip && network.is_none() && self.names.has_networks(),
            network,
            place: self.place(&text),
            new: self.new_addresses.contains(&text),
            text,
        })
    }

    fn place(&self, address: &str) -> Option<AddressPlace> {
        let place = self.geoip.lookup_text(address).ok().flatten()?;
        let name = |name: geoip::PlaceName| PlaceName { en: name.en, ja: name.ja, zh: name.zh };
        let new_country = place.country_code.as_ref().is_some_and(|code| !self.countries_before.contains(code));
        Some(AddressPlace {
            country_code: place.country_code,
            country: name(place.country),
            city: name(place.city),
            as_number: place.as_number,
            as_organization: place.as_organization,
            new_country,
        })
    }

    /// Returns the name of an account.
    pub(super) fn account(&self, id: Option<&str>) -> Option<String> {
        id.and_then(|id| self.names.account(id)).map(str::to_owned)
    }

    /// Returns an identity with its name.
    pub(super) fn identity(
        &self,
        kind: Option<String>,
        user_name: Option<String>,
        principal_id: Option<String>,
    ) -> Identity {
        let ids = [principal_id.as_deref(), user_name.as_deref()];
        let name = ids.into_iter().flatten().find_map(|id| self.names.principal(id)).map(str::to_owned);
        Identity { kind, user_name, principal_id, name }
    }
}
