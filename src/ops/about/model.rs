//! The facts about a value, as plain structs. Their JSON form is `docs/about.schema.json`.

use crate::event::ids::KeyKind;
use crate::event::severity::Severity;
use crate::ops::subject::{Kind, Match};
use crate::report::calendar::{Day, LocalTime};
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::Serialize;

/// Version of the JSON form. A member that goes or changes its meaning raises it.
pub const SCHEMA_VERSION: u32 = 1;

/// The facts about a value.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct About {
    /// Version of this form.
    pub schema_version: u32,
    /// The value, without the blanks and quotes that came with it.
    pub value: String,
    /// The kind that the facts are about.
    pub kind: Kind,
    /// The kinds that the value is by the events, the likeliest first.
    pub kinds: Vec<Match>,
    /// The events that were looked at.
    pub scope: ScopeOf,
    /// Facts about the value that no event tells.
    pub nature: Nature,
    /// The events of the value, summed up.
    pub summary: Summary,
    /// The days of its events, in their order. Days without an event are left out.
    pub days: Vec<DayCount>,
    /// Operations that change something, the most frequent first.
    pub writes: List<Operation>,
    /// Operations of which it is not known whether they change something.
    pub unknown_access: List<Operation>,
    /// Operations that read.
    pub reads: List<Operation>,
    /// Errors, the most frequent first.
    pub errors: List<Counted>,
    /// Principals: who acted.
    pub principals: List<Principal>,
    /// AccessKeys that signed the calls.
    pub access_keys: List<AccessKey>,
    /// Addresses that the calls came from.
    pub addresses: List<AddressCount>,
    /// User agents, in short.
    pub user_agents: List<Counted>,
    /// Resources, as events list them.
    pub resources: List<Resource>,
    /// Accounts.
    pub accounts: List<Counted>,
    /// Regions.
    pub regions: List<Counted>,
    /// Calls that name the value in what they ask for: the creation of a key, a policy for a user.
    pub named_by: List<NamedBy>,
    /// Steps in the life of a key, a user or a role, in the order of their time; the last thousand.
    pub life: Vec<LifeEvent>,
    /// Findings that name the value, the gravest first; none unless they were asked for.
    pub findings: Option<Findings>,
    /// Commands to run next.
    pub next: Vec<String>,
}

impl About {
    /// Returns `true` for a name that more than one account knows.
    pub fn has_accounts(&self) -> bool {
        let own = self.accounts.items.iter().map(|account| account.value.as_str());
        let calls = self.named_by.items.iter().filter_map(|call| call.account_id.as_deref());
        let life = self.life.iter().filter_map(|step| step.account_id.as_deref());
        let mut accounts = own.chain(calls).chain(life);
        let first = accounts.next();
        accounts.any(|account| Some(account) != first)
    }
}

/// The events that were looked at.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ScopeOf {
    /// Start, taken in.
    pub since: Option<LocalTime>,
    /// End, left out.
    pub until: Option<LocalTime>,
    /// Time zone of days and times.
    pub tz: String,
    /// Accounts; none means all.
    pub accounts: Vec<String>,
    /// Regions; none means all.
    pub regions: Vec<String>,
}

/// Facts about a value that no event tells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Nature {
    /// Name that the settings give it.
    pub known_name: Option<String>,
    /// The kind of an AccessKey.
    pub key_kind: Option<KeyKind>,
    /// The kind of an address: public, private, shared, network, internal or masked.
    pub address_kind: Option<String>,
    /// Country of an address.
    pub country: Option<String>,
    /// City of an address.
    pub city: Option<String>,
    /// Operator of the network of an address.
    pub network_operator: Option<String>,
}

/// The events of a value, summed up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Summary {
    /// Events.
    pub events: u64,
    /// Those that change something.
    pub writes: u64,
    /// Those that were denied.
    pub denied: u64,
    /// Those that failed for another reason.
    pub errors: u64,
    /// Those whose time could not be read.
    pub undated: u64,
    /// Time of the first one.
    pub first_event: Option<LocalTime>,
    /// Time of the last one.
    pub last_event: Option<LocalTime>,
    /// Days with an event.
    pub active_days: u64,
}

/// The first items of a list, and how many there are.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "ListOf{T}")]
pub struct List<T> {
    /// The items.
    pub items: Vec<T>,
    /// The number of all items.
    pub total: u64,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { items: Vec::new(), total: 0 }
    }
}

impl<T> List<T> {
    /// Returns the number of items that are left out.
    pub fn more(&self) -> u64 {
        self.total.saturating_sub(self.items.len() as u64)
    }

    /// Returns `true` if there is nothing.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// Events of a day.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DayCount {
    /// The day, in the zone of the scope.
    pub day: Day,
    /// Events.
    pub events: u64,
}

/// The counts that every item has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Counts {
    /// Events.
    pub events: u64,
    /// Those that change something.
    pub writes: u64,
    /// Those that were denied.
    pub denied: u64,
    /// Those that failed for another reason.
    pub errors: u64,
    /// Time of the first one.
    pub first_event: Option<LocalTime>,
    /// Time of the last one.
    pub last_event: Option<LocalTime>,
}

impl Counts {
    /// Returns the number of events that did not succeed.
    pub fn failed(&self) -> u64 {
        self.denied + self.errors
    }
}

/// An operation of a service.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Operation {
    /// Service.
    pub service: Option<String>,
    /// Name of the event.
    pub event_name: Option<String>,
    /// Its events.
    #[serde(flatten)]
    pub counts: Counts,
}

/// A value with its events.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Counted {
    /// The value.
    pub value: String,
    /// Its events.
    #[serde(flatten)]
    pub counts: Counts,
}

/// Somebody who acted.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Principal {
    /// Name: of a user, of a role with its session, or the one typed at a logon.
    pub name: Option<String>,
    /// Name that the settings give.
    pub known_name: Option<String>,
    /// Id.
    pub principal_id: Option<String>,
    /// Type of the identity.
    pub identity_type: Option<String>,
    /// Account.
    pub account_id: Option<String>,
    /// Its events.
    #[serde(flatten)]
    pub counts: Counts,
}

/// An AccessKey that signed calls.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AccessKey {
    /// Id.
    pub access_key_id: String,
    /// Kind.
    pub kind: KeyKind,
    /// Name that the settings give.
    pub known_name: Option<String>,
    /// Its events.
    #[serde(flatten)]
    pub counts: Counts,
}

/// An address that calls came from.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AddressCount {
    /// The address, or the word that stands for it.
    pub address: String,
    /// Name of its network in the settings.
    pub known_name: Option<String>,
    /// Country and operator, from GeoIP databases.
    pub place: Option<String>,
    /// Its events.
    #[serde(flatten)]
    pub counts: Counts,
}

/// A resource, as an event lists it; there may be several in one text.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Resource {
    /// Types, separated by semicolons.
    pub resource_type: Option<String>,
    /// Ids: commas within a type, semicolons between types.
    pub resource_name: String,
    /// Its events.
    #[serde(flatten)]
    pub counts: Counts,
}

/// Calls that name the value.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct NamedBy {
    /// Service.
    pub service: Option<String>,
    /// Name of the event.
    pub event_name: Option<String>,
    /// `Read` or `Write`; null where it is not known.
    pub access: Option<String>,
    /// `success`, `denied` or `error`.
    pub outcome: Option<String>,
    /// Error code.
    pub error: Option<String>,
    /// The AccessKey that was made or deleted, its new state, or the policy.
    pub detail: Option<String>,
    /// Account of the caller.
    pub account_id: Option<String>,
    /// Type of the caller.
    pub identity_type: Option<String>,
    /// Name of the caller.
    pub principal: Option<String>,
    /// AccessKey of the caller.
    pub access_key_id: Option<String>,
    /// Address of the caller.
    pub address: Option<String>,
    /// Events.
    pub events: u64,
    /// Time of the first one.
    pub first_event: Option<LocalTime>,
    /// Time of the last one.
    pub last_event: Option<LocalTime>,
    /// Id of the first one.
    pub first_event_id: Option<String>,
}

/// A kind of step in the life of a key, a user or a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It was made.
    Created,
    /// A temporary key was issued.
    Issued,
    /// A key was enabled.
    Enabled,
    /// A key was disabled.
    Disabled,
    /// It was deleted.
    Deleted,
    /// A user got this name, and had another before.
    RenamedFrom,
    /// The user who had this name got another.
    RenamedTo,
}

impl Step {
    /// Returns the words of a page.
    pub fn words(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Issued => "issued",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
            Self::RenamedFrom | Self::RenamedTo => "renamed",
        }
    }

    /// Returns `true` if no event should have the value after it.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Disabled | Self::Deleted | Self::RenamedTo)
    }
}

/// A step in the life of a value.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LifeEvent {
    /// Kind of the step.
    pub step: Step,
    /// When.
    pub time: Option<LocalTime>,
    /// The other name, where a user was renamed.
    pub other_name: Option<String>,
    /// Account.
    pub account_id: Option<String>,
    /// Type of the caller.
    pub identity_type: Option<String>,
    /// Name of the caller.
    pub principal: Option<String>,
    /// AccessKey of the caller.
    pub access_key_id: Option<String>,
    /// Address of the caller.
    pub address: Option<String>,
    /// Id of the event.
    pub event_id: Option<String>,
    /// The value was seen in the account after this last end of it.
    pub seen_after: bool,
}

/// Findings that name a value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Findings {
    /// By view, the gravest first.
    pub views: List<FindingsOfView>,
    /// Findings of all views.
    pub findings: u64,
    /// Views that could not be answered.
    pub failed_views: Vec<String>,
}

/// The findings of a view that name a value.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FindingsOfView {
    /// Severity of each.
    pub severity: Severity,
    /// The view.
    pub view: String,
    /// Its title.
    pub title: String,
    /// Findings.
    pub findings: u64,
    /// Events behind them.
    pub events: u64,
    /// Time of the first event.
    pub first_event: Option<LocalTime>,
    /// Time of the last event.
    pub last_event: Option<LocalTime>,
    /// Id of an event of the first finding.
    pub event_id: Option<String>,
}

/// Returns the JSON Schema of the facts.
pub fn schema() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<About>()
}
