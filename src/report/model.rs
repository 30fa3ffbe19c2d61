//! The root-usage report as plain data.
//!
//! `ops::report` fills these structs from SQL; the renderers read nothing else. Counts are of distinct events. Texts
//! come from the events as they are (attackers write some of them), so every renderer escapes them. An absent, empty
//! or `NULL` value of an event is `None` here.

use serde::{Deserialize, Serialize};

use super::calendar::{Day, LocalTime};
pub use super::findings::{Finding, FindingKind, Severity};
pub use super::remarks::Remarks;
pub use super::trail::{TrailChange, TrailEffect};
pub use crate::event::ids::KeyKind;

/// Version of the JSON form. It rises when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 2;

/// The whole report.
#[derive(Debug, Clone, Serialize)]
pub struct RootUsage {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The subject of the report.
    pub subject: Subject,
    /// The main points, gravest first.
    pub findings: Vec<Finding>,
    /// The totals of the range.
    pub figures: KeyFigures,
    /// Console logons.
    pub logons: Logons,
    /// AccessKey calls, one entry a key, most used first.
    pub access_keys: Vec<AccessKeyUse>,
    /// Resource management: write calls other than logon and logoff.
    pub changes: Changes,
    /// Days with very many root operations.
    pub high_frequency: HighFrequency,
    /// Root calls that were refused for lack of permission, most frequent first.
    pub denied: Listed<DeniedCalls>,
    /// Others who could have acted.
    pub others: Others,
    /// One entry a local day that the range touches, in order.
    pub days: Vec<DayUse>,
    /// The range itself, then the ranges of equal length before it, newest first.
    pub comparison: Vec<Period>,
    /// The coverage of the data.
    pub coverage: Coverage,
}

/// The subject of the report.
#[derive(Debug, Clone, Serialize)]
pub struct Subject {
    /// The ISO week, such as `2026-W45`, when the range is one.
    pub week: Option<String>,
    /// First instant of the range.
    pub since: LocalTime,
    /// The first instant after it.
    pub until: LocalTime,
    /// Time zone of every time and day in the report: an IANA name, or an offset such as `UTC+08:00`.
    pub time_zone: String,
    /// Accounts the report was limited to; empty when it was not.
    pub only_accounts: Vec<String>,
    /// Regions the report was limited to; empty when it was not.
    pub only_regions: Vec<String>,
    /// Accounts with events in the range.
    pub accounts: Vec<String>,
    /// The time at which the report was made.
    pub generated_at: LocalTime,
    /// Version of the program that made it.
    pub trailql_version: String,
}

/// The figures that one period is told by, and compared with others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct KeyFigures {
    /// Events of every identity.
    pub events: u64,
    /// Events of the root account.
    pub root_events: u64,
    /// Console logons of root that succeeded.
    pub logons_succeeded: u64,
    /// Console logons of root that failed.
    pub logons_failed: u64,
    /// Successful logons with MFA.
    pub logons_with_mfa: u64,
    /// Successful logons that say they were without MFA.
    pub logons_without_mfa: u64,
    /// Successful logons that do not say.
    pub logons_mfa_not_said: u64,
    /// Root calls signed with an AccessKey.
    pub access_key_calls: u64,
    /// Of these, calls with a long-term key.
    pub long_term_key_calls: u64,
    /// Write calls of root that succeeded, by what they say or by their API.
    pub changes: u64,
    /// Write calls of root that did not.
    pub changes_failed: u64,
    /// Root events, logon and logoff left out, that do not say whether they changed something, and whose API does not
    /// tell.
    pub access_not_known: u64,
    /// Root calls of any kind refused for lack of permission.
    pub denied: u64,
    /// Days with at least the threshold of root operations.
    pub high_frequency_days: u64,
}

/// A list that may be cut, with the number of entries before the cut.
#[derive(Debug, Clone, Serialize)]
pub struct Listed<T> {
    /// The entries shown.
    pub items: Vec<T>,
    /// Number of all entries.
    pub total: u64,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { items: Vec::new(), total: 0 }
    }
}

impl<T> Listed<T> {
    /// Returns the number of entries that are not shown.
    pub fn more(&self) -> u64 {
        self.total.saturating_sub(self.items.len() as u64)
    }
}

/// A value and how often it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The value; `None` where events carry none.
    pub value: Option<String>,
    /// The number of times.
    pub count: u64,
}

/// Console logons of root.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Logons {
    /// The logons by time. When there are too many to list, successful ones are listed first.
    pub list: Listed<Logon>,
    /// Number of distinct addresses that the failed ones came from; `None` when not all are listed.
    pub failed_addresses: Option<u64>,
}

/// One console logon.
#[derive(Debug, Clone, Serialize)]
pub struct Logon {
    /// The time.
    pub time: LocalTime,
    /// Tells that it succeeded.
    pub succeeded: bool,
    /// The error code of a failed logon.
    pub error_code: Option<String>,
    /// Its message.
    pub error_message: Option<String>,
    /// Tells that MFA was used; `None` when the event does not say.
    pub mfa: Option<bool>,
    /// Source address.
    pub address: Option<String>,
    /// User agent.
    pub user_agent: Option<String>,
    /// The login account typed: a login name, an e-mail address or a telephone number.
    pub login_account: Option<String>,
    /// Account logged on to.
    pub account_id: Option<String>,
    /// The event, to look it up with.
    pub event_id: Option<String>,
    /// Failed logons within the hour before, of the account or of none that is named.
    pub failed_in_hour_before: u64,
    /// Failed logons in the same second, of which nobody knows whether they came before.
    pub failed_in_same_second: u64,
    /// Number of both that name no account.
    pub failed_without_account: u64,
}

/// The calls signed with one AccessKey of root.
#[derive(Debug, Clone, Serialize)]
pub struct AccessKeyUse {
    /// The key's id.
    pub access_key_id: String,
    /// Its kind.
    pub kind: KeyKind,
    /// Account it belongs to.
    pub account_id: Option<String>,
    /// Calls, failed ones too.
    pub calls: u64,
    /// Calls that were refused or failed otherwise.
    pub failed: u64,
    /// First call in the range.
    pub first: LocalTime,
    /// Last call in the range.
    pub last: LocalTime,
    /// Source addresses, most used first.
    pub addresses: Listed<Counted>,
    /// Services called, most used first.
    pub services: Listed<Counted>,
}

/// Resource management with root.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Changes {
    /// Write calls that succeeded, by service and event name, most frequent first.
    pub done: Listed<ChangeGroup>,
    /// Write calls that were refused or failed, counted apart.
    pub not_done: Listed<ChangeGroup>,
}

/// Write calls of one service and event name.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeGroup {
    /// Service.
    pub service: Option<String>,
    /// Event name.
    pub event_name: Option<String>,
    /// Number of calls.
    pub count: u64,
    /// First call.
    pub first: LocalTime,
    /// Last call.
    pub last: LocalTime,
    /// A few of the resources named, by name.
    pub resources: Listed<String>,
    /// Of the calls, how many were refused for lack of permission.
    pub denied: u64,
}

/// Days with very many root operations.
#[derive(Debug, Clone, Serialize)]
pub struct HighFrequency {
    /// From how many operations a day counts.
    pub threshold: u64,
    /// The days, by account.
    pub days: Vec<BusyDay>,
}

/// A day with very many root operations.
#[derive(Debug, Clone, Serialize)]
pub struct BusyDay {
    /// The day.
    pub day: Day,
    /// The account.
    pub account_id: Option<String>,
    /// Root events of that account on that day.
    pub root_events: u64,
}

/// Root calls refused for lack of permission.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeniedCalls {
    /// Service.
    pub service: Option<String>,
    /// Event name.
    pub event_name: Option<String>,
    /// Error code.
    pub error_code: Option<String>,
    /// Their number.
    pub count: u64,
    /// First one.
    pub first: LocalTime,
    /// Last one.
    pub last: LocalTime,
}

/// Others who could have acted as, or like, the root account.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Others {
    /// The rule by which this section is chosen.
    pub chosen_by: String,
    /// Facts that no event can tell.
    pub cannot_tell: String,
    /// Other identities on addresses that root came from, most calls first.
    pub same_address: Listed<SharedAddress>,
    /// Administrator-grade policies given in the range, by time.
    pub administrators: Listed<AdministratorGrant>,
}

/// An identity other than root on an address that root came from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SharedAddress {
    /// The address.
    pub address: String,
    /// Identity type, such as `ram-user`.
    pub identity_type: Option<String>,
    /// User name, or role and session name.
    pub user_name: Option<String>,
    /// Principal id.
    pub principal_id: Option<String>,
    /// Account of the identity.
    pub account_id: Option<String>,
    /// Calls of the identity from the address.
    pub calls: u64,
    /// First of them.
    pub first: LocalTime,
    /// Last of them.
    pub last: LocalTime,
    /// Root events from the same address.
    pub root_events: u64,
}

/// A policy of administrator grade, given to somebody.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AdministratorGrant {
    /// The time.
    pub time: LocalTime,
    /// Event name.
    pub event_name: Option<String>,
    /// The policy.
    pub policy_name: Option<String>,
    /// Kind of receiver: user, group or role, as the call says it.
    pub receiver_kind: Option<String>,
    /// The receiver.
    pub receiver: Option<String>,
    /// Identity type of the giver.
    pub giver_type: Option<String>,
    /// User name of the giver.
    pub giver_name: Option<String>,
    /// Account.
    pub account_id: Option<String>,
    /// Source address.
    pub address: Option<String>,
    /// The event, to look it up with.
    pub event_id: Option<String>,
}

/// The state of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DayState {
    /// Root did something.
    Events,
    /// There are events, none of them of root.
    NoRootEvents,
    /// There is no event of the regions that the report is limited to; others of the day were delivered.
    OtherRegionsOnly,
    /// There is no event at all: nothing can be said of the day.
    NoEventsDelivered,
}

/// Root events of one local day, each counted in one class.
#[derive(Debug, Clone, Serialize)]
pub struct DayUse {
    /// The day.
    pub day: Day,
    /// The state.
    pub state: DayState,
    /// Console logons, failed ones too.
    pub logons: u64,
    /// Calls signed with an AccessKey.
    pub access_key_calls: u64,
    /// Write calls without an AccessKey, as the console makes them.
    pub console_writes: u64,
    /// All else: reads in the console, logoffs.
    pub other: u64,
    /// Events of every identity.
    pub all_events: u64,
    /// Accounts that the data know.
    pub accounts: u64,
    /// Accounts of which nothing was delivered on the day.
    pub accounts_without_events: u64,
}

/// The delivery of one account in the range, of every region.
#[derive(Debug, Clone, Serialize)]
pub struct AccountDelivery {
    /// The account; `None` where no event of the data names one.
    pub account_id: Option<String>,
    /// Its events in the range.
    pub events: u64,
    /// Its newest event of any time that is not of the future.
    pub last_event: Option<LocalTime>,
    /// Days of the range on which nothing of it was delivered.
    pub days_without_events: u64,
    /// Every day of the range.
    pub days: Vec<AccountDay>,
}

impl AccountDelivery {
    /// Returns `true` if nothing of the account was delivered in the range.
    pub fn is_silent(&self) -> bool {
        self.events == 0
    }
}

/// A day of one account.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct AccountDay {
    /// The day.
    pub day: Day,
    /// The state.
    pub state: DayState,
    /// Events of the account, of every region.
    pub events: u64,
    /// Root events, of the regions of the report.
    pub root_events: u64,
}

impl DayUse {
    /// Root events of the day.
    pub fn root_events(&self) -> u64 {
        self.logons + self.access_key_calls + self.console_writes + self.other
    }
}

/// The part of a period that the data cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodState {
    /// Every day has events.
    EveryDay,
    /// Some days have none.
    SomeDays,
    /// No day has any.
    NoData,
}

/// One period of the comparison.
#[derive(Debug, Clone, Serialize)]
pub struct Period {
    /// The ISO week, when it is one.
    pub week: Option<String>,
    /// First instant.
    pub since: LocalTime,
    /// The first instant after it.
    pub until: LocalTime,
    /// The part of it that the data cover.
    pub state: PeriodState,
    /// Local days that the period touches.
    pub days: u64,
    /// Of these, how many have events, of whatever account and region.
    pub days_with_events: u64,
    /// Accounts that the data know by its end.
    pub accounts: u64,
    /// Accounts of which nothing was delivered in it.
    pub accounts_silent: u64,
    /// Its figures; `None` without data, since nothing is not zero.
    pub figures: Option<KeyFigures>,
}

impl Period {
    /// The week, or the first day.
    pub fn label(&self) -> String {
        self.week.clone().unwrap_or_else(|| self.since.day().to_string())
    }
}

/// The coverage of the data.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Coverage {
    /// Oldest event of all.
    pub oldest_event: Option<LocalTime>,
    /// Newest event of all.
    pub newest_event: Option<LocalTime>,
    /// Oldest event in the range.
    pub first_in_range: Option<LocalTime>,
    /// Newest event in the range.
    pub last_in_range: Option<LocalTime>,
    /// Events in the range.
    pub events: u64,
    /// Of these, write events, by what they say or by their API.
    pub writes: u64,
    /// Read events, in the same way.
    pub reads: u64,
    /// Events that do not say themselves whether they read or wrote; they are counted by their API.
    pub not_said: u64,
    /// Of these, events whose API does not tell either.
    pub access_not_known: u64,
    /// Days of the range without any event, of whatever region.
    pub days_without_events: Vec<Day>,
    /// Days without an event of the regions that the report is limited to, on which others were delivered.
    pub days_of_other_regions: Vec<Day>,
    /// Days of the range.
    pub days: u64,
    /// The range begins before the oldest event of all.
    pub begins_before_oldest: bool,
    /// The range ends after the newest event of all.
    pub ends_after_newest: bool,
    /// Events by region.
    pub regions: Vec<Counted>,
    /// Events by account.
    pub accounts: Vec<Counted>,
    /// The accounts that the data know and what of each was delivered, those with the fewest days first.
    pub delivery: Listed<AccountDelivery>,
    /// Number of accounts that delivered nothing in the range.
    pub accounts_silent: u64,
    /// Number of accounts that delivered something, and nothing on some days on which others did.
    pub accounts_with_gaps: u64,
    /// Files that were read.
    pub sources: u64,
    /// Records that could not be read.
    pub rejected: u64,
    /// Remarks on what sources and events lack.
    pub remarks: Remarks,
    /// Changes of trails in the range, and earlier ones that still held.
    pub trail_changes: Vec<TrailChange>,
    /// Number of changes that are not listed.
    pub more_trail_changes: u64,
    /// The above in sentences, the weighty ones first.
    pub notes: Vec<Note>,
}

impl Coverage {
    /// The listed accounts that delivered something, and nothing on some days on which others did.
    pub fn with_gaps(&self) -> impl Iterator<Item = &AccountDelivery> {
        let of_all = self.days_without_events.len() as u64;
        self.delivery.items.iter().filter(move |account| !account.is_silent() && account.days_without_events > of_all)
    }
}

/// A sentence on the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Tells that figures of the report may be too low because of it.
    pub warning: bool,
    /// The sentence.
    pub text: String,
}
