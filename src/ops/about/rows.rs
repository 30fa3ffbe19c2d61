//! The rows of the statements behind a page, and the lists that they become.

use super::model::{
    About, AccessKey, AddressCount, Counted, Counts, DayCount, LifeEvent, List, NamedBy, Operation, Principal,
    Resource, Step, Summary,
};
use crate::event::access::Access;
use crate::event::ids::access_key_kind;
use crate::event::known_names::KnownNames;
use crate::geoip::{GeoIp, GeoIpError};
use crate::ops::subject::{Kind, Subject};
use crate::report::calendar::{Day, LocalTime};
use serde::Deserialize;

/// The value that a row counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    All,
    Day,
    Operation,
    Principal,
    Key,
    Address,
    Agent,
    Error,
    Resource,
    Region,
    Account,
}

/// A row of `page.sql` or `part.sql`, which has the columns of its part alone.
#[derive(Debug, PartialEq, Deserialize)]
pub(super) struct PageRow {
    part: Part,
    day: Option<Day>,
    service: Option<String>,
    event_name: Option<String>,
    access: Option<String>,
    account_id: Option<String>,
    identity_type: Option<String>,
    principal_id: Option<String>,
    principal: Option<String>,
    access_key_id: Option<String>,
    address: Option<String>,
    agent: Option<String>,
    error: Option<String>,
    resource_type: Option<String>,
    resource: Option<String>,
    region: Option<String>,
    events: u64,
    writes: u64,
    denied: u64,
    errors: u64,
    /// Events without a time, of all together.
    undated: Option<u64>,
    first_event: Option<LocalTime>,
    last_event: Option<LocalTime>,
    total: u64,
}

impl PageRow {
    fn counts(&self) -> Counts {
        Counts {
            events: self.events,
            writes: self.writes,
            denied: self.denied,
            errors: self.errors,
            first_event: self.first_event,
            last_event: self.last_event,
        }
    }
}

/// The rows of a page.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Page {
    rows: Vec<PageRow>,
}

impl Page {
    pub(super) fn add(&mut self, row: PageRow) {
        self.rows.push(row);
    }

    /// Moves the rows into the lists of a page.
    pub(super) fn fill(self, about: &mut About, names: &KnownNames, geoip: &GeoIp) -> Result<(), GeoIpError> {
        for row in self.rows {
            let counts = row.counts();
            match row.part {
                Part::All => {
                    about.summary = Summary {
                        events: counts.events,
                        writes: counts.writes,
                        denied: counts.denied,
                        errors: counts.errors,
                        undated: row.undated.unwrap_or_default(),
                        first_event: counts.first_event,
                        last_event: counts.last_event,
                        active_days: about.summary.active_days,
                    };
                }
                Part::Day => {
                    about.summary.active_days = row.total;
                    about.days.extend(row.day.map(|day| DayCount { day, events: counts.events }));
                }
                Part::Operation => {
                    let list = match row.access.as_deref().and_then(Access::parse) {
                        Some(Access::Write) => &mut about.writes,
                        Some(Access::Read) => &mut about.reads,
                        None => &mut about.unknown_access,
                    };
                    push(list, row.total, Operation { service: row.service, event_name: row.event_name, counts });
                }
                Part::Principal => {
                    let ids = [&row.principal_id, &row.principal];
                    let known = ids.into_iter().flatten().find_map(|id| names.principal(id));
                    let principal = Principal {
                        known_name: known.map(str::to_owned),
                        name: row.principal,
                        principal_id: row.principal_id,
                        identity_type: row.identity_type,
                        account_id: row.account_id,
                        counts,
                    };
                    push(&mut about.principals, row.total, principal);
                }
                Part::Key => {
                    let Some(access_key_id) = row.access_key_id else { continue };
                    let known_name = names.access_key(&access_key_id).map(str::to_owned);
                    let kind = access_key_kind(&access_key_id);
                    push(&mut about.access_keys, row.total, AccessKey { access_key_id, kind, known_name, counts });
                }
                Part::Address => {
                    let Some(address) = row.address else { continue };
                    let known_name = names.network_of(&address).map(str::to_owned);
                    let place = place_of(&address, geoip)?;
                    push(&mut about.addresses, row.total, AddressCount { address, known_name, place, counts });
                }
                Part::Agent => counted(&mut about.user_agents, row.total, row.agent, counts),
                Part::Error => counted(&mut about.errors, row.total, row.error, counts),
                Part::Account => counted(&mut about.accounts, row.total, row.account_id, counts),
                Part::Region => counted(&mut about.regions, row.total, row.region, counts),
                Part::Resource => {
                    let Some(resource_name) = row.resource else { continue };
                    let resource = Resource { resource_type: row.resource_type, resource_name, counts };
                    push(&mut about.resources, row.total, resource);
                }
            }
        }
        Ok(())
    }
}

fn push<T>(list: &mut List<T>, total: u64, item: T) {
    list.total = total;
    list.items.push(item);
}

fn counted(list: &mut List<Counted>, total: u64, value: Option<String>, counts: Counts) {
    if let Some(value) = value {
        push(list, total, Counted { value, counts });
    }
}

/// Returns country, city and operator of an address on one line.
fn place_of(address: &str, geoip: &GeoIp) -> Result<Option<String>, GeoIpError> {
    let Some(place) = geoip.lookup_text(address)? else { return Ok(None) };
    let operator = operator(place.as_number, place.as_organization);
    let parts = [place.country.en.or(place.country_code), place.city.en, operator];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Ok((!parts.is_empty()).then(|| parts.join(", ")))
}

/// Returns the operator of a network: `AS64500 Example Net`.
pub(super) fn operator(number: Option<u32>, organization: Option<String>) -> Option<String> {
    match (number, organization) {
        (Some(number), Some(organization)) => Some(format!("AS{number} {organization}")),
        (Some(number), None) => Some(format!("AS{number}")),
        (None, organization) => organization,
    }
}

#[derive(Debug, Clone, Deserialize)]
struct FirstEvent {
    id: Option<String>,
}

/// A row of `named.sql`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct NamedRow {
    service: Option<String>,
    event_name: Option<String>,
    access: Option<String>,
    outcome: Option<String>,
    error: Option<String>,
    detail: Option<String>,
    account_id: Option<String>,
    identity_type: Option<String>,
    principal: Option<String>,
    access_key_id: Option<String>,
    address: Option<String>,
    old_name: Option<String>,
    first_event: Option<LocalTime>,
    first_events: Option<Vec<FirstEvent>>,
    is_life: bool,
    nth: u64,
    all_events: u64,
    all_first: Option<LocalTime>,
    all_last: Option<LocalTime>,
    total: u64,
    place: u64,
}

/// The calls that name a value, and those of them that changed whether it is there.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub(super) calls: List<NamedBy>,
    pub(super) life: Vec<LifeEvent>,
}

impl Named {
    /// Parts the rows of `named.sql`.
    pub(super) fn of(rows: Vec<NamedRow>, subject: &Subject, kind: Kind, listed: u64) -> Self {
        let total = rows.first().map_or(0, |row| row.total);
        let mut life: Vec<LifeEvent> =
            rows.iter().filter(|row| row.is_life).filter_map(|row| row.life_event(subject, kind)).collect();
        life.sort_by(|a, b| (a.time.is_none(), a.time, &a.event_id).cmp(&(b.time.is_none(), b.time, &b.event_id)));
        let items = rows.into_iter().filter(|row| row.nth == 1 && row.place <= listed).map(NamedBy::from).collect();
        Self { calls: List { items, total }, life }
    }
}

impl NamedRow {
    fn first_id(&self) -> Option<String> {
        self.first_events.iter().flatten().find_map(|event| event.id.clone())
    }

    /// Returns the row as a step in the life of the value.
    fn life_event(&self, subject: &Subject, kind: Kind) -> Option<LifeEvent> {
        let name = self.event_name.as_deref().unwrap_or_default().to_lowercase();
        let is_off = self.detail.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("inactive"));
        let is_value = |text: &Option<String>| {
            let local = |text: &str| text.split('@').next().unwrap_or_default().to_lowercase();
            text.as_deref().is_some_and(|text| local(text) == local(subject.text()))
        };
        let step = match (kind, name.as_str()) {
            (Kind::Key, "createaccesskey") | (Kind::User, "createuser") | (Kind::Role, "createrole") => Step::Created,
            (Kind::Key, "deleteaccesskey") | (Kind::User, "deleteuser") | (Kind::Role, "deleterole") => Step::Deleted,
            (Kind::Key, "updateaccesskey") if is_off => Step::Disabled,
            (Kind::Key, "updateaccesskey") => Step::Enabled,
            (Kind::Key, name) if name.starts_with("assumerole") => Step::Issued,
            // The name alone may have been given again.
            (Kind::User, "updateuser") if is_value(&self.old_name) && is_value(&self.detail) => return None,
            (Kind::User, "updateuser") if is_value(&self.detail) => Step::RenamedFrom,
            (Kind::User, "updateuser") => Step::RenamedTo,
            _ => return None,
        };
        let other_name = match step {
            Step::RenamedFrom => self.old_name.clone(),
            Step::RenamedTo => self.detail.clone(),
            _ => None,
        };
        Some(LifeEvent {
            step,
            time: self.first_event,
            other_name,
            account_id: self.account_id.clone(),
            identity_type: self.identity_type.clone(),
            principal: self.principal.clone(),
            access_key_id: self.access_key_id.clone(),
            address: self.address.clone(),
            event_id: self.first_id(),
            seen_after: false,
        })
    }
}

/// Marks ends of a value that its own events came after. An end counts if nothing in its account began the value again.
pub(super) fn mark_seen_after(about: &mut About) {
    let last_seen = |account: &Option<String>| match account {
        // A list of accounts is cut behind a thousand.
        Some(account) => {
            about.accounts.items.iter().find(|item| item.value == *account).and_then(|item| item.counts.last_event)
        }
        None => about.summary.last_event,
    };
    for at in 0..about.life.len() {
        let Some(one) = about.life.get(at) else { break };
        let is_last = !about.life.iter().skip(at + 1).any(|later| later.account_id == one.account_id);
        let after =
            one.step.is_end() && is_last && last_seen(&one.account_id).zip(one.time).is_some_and(|(a, b)| a > b);
        if let Some(one) = about.life.get_mut(at) {
            one.seen_after = after;
        }
    }
}

impl From<NamedRow> for NamedBy {
    fn from(row: NamedRow) -> Self {
        let first_event_id = row.first_id();
        Self {
            service: row.service,
            event_name: row.event_name,
            access: row.access,
            outcome: row.outcome,
            error: row.error,
            detail: row.detail,
            account_id: row.account_id,
            identity_type: row.identity_type,
            principal: row.principal,
            access_key_id: row.access_key_id,
            address: row.address,
            events: row.all_events,
            first_event: row.all_first,
            last_event: row.all_last,
            first_event_id,
        }
    }
}
