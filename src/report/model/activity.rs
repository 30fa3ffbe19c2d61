//! The use of root: figures, logons, AccessKeys, changes, and others who could have acted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Address, Counted, CountedAddress, EvidenceId, KeyKind, Listed, Severity};
use crate::event::ids::ROOT;
use crate::event::user_agent::UserAgent;
use crate::report::calendar::{Day, LocalTime};

/// The use of root in one account, or in all of them together.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Usage {
    /// The totals of the range.
    pub figures: KeyFigures,
    /// Their evidence.
    pub evidence: FigureEvidence,
    /// The range itself, then the ranges of equal length before it, newest first.
    pub comparison: Vec<Period>,
    /// One entry a local day that the range touches, in order.
    pub days: Vec<DayUse>,
    /// Root events by weekday (Monday first) and hour of the report's time zone.
    pub hours: HeatMap,
    /// The addresses that root events came from, most events first.
    pub addresses: Listed<CountedAddress>,
}

/// The use of root in one account.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AccountUse {
    /// The account; `None` for events that name none.
    pub account_id: Option<String>,
    /// Its name in the settings.
    pub name: Option<String>,
    /// Severity of its gravest finding.
    pub gravest: Option<Severity>,
    /// Number of its findings.
    pub findings: u64,
    /// Figures, days and hours.
    pub usage: Usage,
    /// The things done; `None` where root was not used, or where there are too many accounts to show each.
    pub activity: Option<Activity>,
}

/// The things done with root in one account.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Activity {
    /// Console logons.
    pub logons: Logons,
    /// AccessKey calls by key, most used first.
    pub access_keys: Listed<AccessKeyUse>,
    /// Write calls that succeeded, logon and logoff left out, by service and event name, most frequent first.
    pub changes: Listed<CallGroup>,
    /// Write calls that were refused or failed.
    pub changes_failed: Listed<CallGroup>,
    /// Calls of any kind that were refused for lack of permission.
    pub denied: Listed<CallGroup>,
    /// Changes of the account itself: mail, telephone, password, MFA, AccessKeys of root.
    pub account_changes: Listed<Notable>,
    /// Other calls that stand out, by time.
    pub notable: Listed<Notable>,
    /// Days with very many root operations, in order.
    pub busy_days: Listed<BusyDay>,
    /// Linux instances created with root as initial login user, by whomever.
    pub initial_user: Listed<InitialUser>,
    /// Their calls together.
    pub initial_user_evidence: Option<EvidenceId>,
    /// Calls on instances that the ban of root as initial login user, or another policy, refused.
    pub initial_user_refused: Listed<InitialUser>,
    /// Other identities on addresses that root came from, most calls first.
    pub same_address: Listed<SharedAddress>,
    /// Administrator-grade policies given, by time.
    pub administrators: Listed<AdministratorGrant>,
    /// The RAM users and AccessKeys that root made, and what was done with them afterwards.
    pub created: Listed<CreatedIdentity>,
}

/// The figures that one period is told by, and compared with others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
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

/// The evidence of the key figures, where they are not zero.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct FigureEvidence {
    /// Of [`KeyFigures::root_events`].
    pub root_events: Option<EvidenceId>,
    /// Of [`KeyFigures::logons_succeeded`].
    pub logons_succeeded: Option<EvidenceId>,
    /// Of [`KeyFigures::logons_without_mfa`].
    pub logons_without_mfa: Option<EvidenceId>,
    /// Of [`KeyFigures::logons_failed`].
    pub logons_failed: Option<EvidenceId>,
    /// Of [`KeyFigures::access_key_calls`].
    pub access_key_calls: Option<EvidenceId>,
    /// Of [`KeyFigures::changes`].
    pub changes: Option<EvidenceId>,
    /// Of [`KeyFigures::changes_failed`].
    pub changes_failed: Option<EvidenceId>,
    /// Of [`KeyFigures::access_not_known`].
    pub access_not_known: Option<EvidenceId>,
    /// Of [`KeyFigures::denied`].
    pub denied: Option<EvidenceId>,
}

/// Root events by weekday and hour: seven rows from Monday, of 24 hours each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HeatMap(pub [[u64; 24]; 7]);

impl HeatMap {
    /// Returns the largest count.
    pub fn most(&self) -> u64 {
        self.0.iter().flatten().copied().max().unwrap_or(0)
    }

    /// Returns the busiest hours that are not empty: weekday from Monday, hour and count, most events first.
    pub fn busiest(&self, most: usize) -> Vec<(usize, usize, u64)> {
        let of_day = |(day, hours): (usize, &[u64; 24])| {
            let hours = hours.iter().copied().enumerate();
            hours.map(|(hour, count)| (day, hour, count)).filter(|(_, _, count)| *count > 0).collect::<Vec<_>>()
        };
        let mut hours: Vec<_> = self.0.iter().enumerate().flat_map(of_day).collect();
        hours.sort_by_key(|(day, hour, count)| (std::cmp::Reverse(*count), *day, *hour));
        hours.truncate(most);
        hours
    }
}

/// Console logons.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Logons {
    /// Logons by outcome, MFA, address and user agent: successes first, then most frequent first.
    pub groups: Listed<LogonGroup>,
    /// Single logons by time, where there are few or they matter: all of a handful, else those that succeeded without
    /// MFA, or after failures, or from a new address.
    pub single: Listed<Logon>,
    /// Number of distinct addresses that failed ones came from.
    pub failed_addresses: u64,
}

/// Logons that are alike.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LogonGroup {
    /// They succeeded.
    pub succeeded: bool,
    /// MFA was used; `None` where the events do not say.
    pub mfa: Option<bool>,
    /// The error code of failed ones.
    pub error_code: Option<String>,
    /// Its message.
    pub error_message: Option<String>,
    /// Source address.
    pub address: Option<Address>,
    /// Browser and system.
    pub user_agent: Option<UserAgent>,
    /// The whole user agent of the first of them.
    pub user_agent_text: Option<String>,
    /// Their number.
    pub count: u64,
    /// First of them.
    pub first: LocalTime,
    /// Last of them.
    pub last: LocalTime,
    /// Their events.
    pub evidence: Option<EvidenceId>,
}

/// One console logon.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Logon {
    /// The time.
    pub time: LocalTime,
    /// It succeeded.
    pub succeeded: bool,
    /// The error code of a failed logon.
    pub error_code: Option<String>,
    /// Its message.
    pub error_message: Option<String>,
    /// MFA was used; `None` when the event does not say.
    pub mfa: Option<bool>,
    /// Source address.
    pub address: Option<Address>,
    /// Browser and system.
    pub user_agent: Option<UserAgent>,
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
    /// The logon with these failures, where there are any.
    pub evidence: Option<EvidenceId>,
}

impl Logon {
    /// Counts the failed logons within the hour before and in the same second.
    pub fn failures(&self) -> u64 {
        self.failed_in_hour_before + self.failed_in_same_second
    }
}

/// The calls signed with one AccessKey of root.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AccessKeyUse {
    /// The key's id.
    pub access_key_id: String,
    /// Its name in the settings.
    pub name: Option<String>,
    /// Its kind.
    pub kind: KeyKind,
    /// Calls, failed ones too.
    pub calls: u64,
    /// Calls that were refused for lack of permission.
    pub denied: u64,
    /// Calls that failed otherwise.
    pub failed: u64,
    /// First call in the range.
    pub first: LocalTime,
    /// Last call in the range.
    pub last: LocalTime,
    /// No call of before the range was signed with it.
    pub new: bool,
    /// Source addresses, most used first.
    pub addresses: Listed<CountedAddress>,
    /// Services called, most used first.
    pub services: Listed<Counted>,
    /// The calls that made, disabled, enabled or deleted it, of any time, in order.
    pub life: Vec<KeyChange>,
    /// Calls after it was deleted or disabled.
    pub used_after_end: Option<UsedAfterEnd>,
    /// Its calls.
    pub evidence: Option<EvidenceId>,
}

impl AccessKeyUse {
    /// Returns the last change of the key's state by the end of the range.
    pub fn state(&self) -> Option<&KeyChange> {
        self.life.last()
    }

    /// Returns the time at which the key was made, where the events tell.
    pub fn created(&self) -> Option<LocalTime> {
        self.life.iter().find(|change| change.state == KeyState::Created).map(|change| change.time)
    }
}

/// A change of an AccessKey's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KeyChange {
    /// The state from then on.
    pub state: KeyState,
    /// The time.
    pub time: LocalTime,
    /// The event, to look it up with.
    pub event_id: Option<String>,
}

/// The state of an AccessKey after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// It was made.
    Created,
    /// It was enabled again.
    Enabled,
    /// It was disabled.
    Disabled,
    /// It was deleted.
    Deleted,
}

impl KeyState {
    /// Returns `true` if no call should be signed with the key.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Disabled | Self::Deleted)
    }
}

/// Calls with a key after its end.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct UsedAfterEnd {
    /// [`KeyState::Disabled`] or [`KeyState::Deleted`].
    pub state: KeyState,
    /// The time of the end.
    pub ended: LocalTime,
    /// Number of calls after it that succeeded.
    pub succeeded: u64,
    /// Number of calls after it that did not.
    pub failed: u64,
    /// The first of them.
    pub first: LocalTime,
    /// The last of them.
    pub last: LocalTime,
    /// The calls.
    pub evidence: Option<EvidenceId>,
}

/// Calls of one service and event name.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CallGroup {
    /// Service.
    pub service: Option<String>,
    /// Event name.
    pub event_name: Option<String>,
    /// Error code, of calls that were refused.
    pub error_code: Option<String>,
    /// Number of calls.
    pub count: u64,
    /// Of the calls, how many were refused for lack of permission.
    pub denied: u64,
    /// First call.
    pub first: LocalTime,
    /// Last call.
    pub last: LocalTime,
    /// A few of the resources named, by name.
    pub resources: Listed<String>,
    /// The calls.
    pub evidence: Option<EvidenceId>,
}

impl CallGroup {
    /// Returns `true` for calls of Elastic Compute Service.
    pub fn is_ecs(&self) -> bool {
        self.service.as_deref().is_some_and(|service| service.eq_ignore_ascii_case("ecs"))
    }
}

/// The reason for which a call of root stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotableKind {
    /// The mail address of the account was changed.
    MailChanged,
    /// The telephone number of the account was bound or changed.
    PhoneChanged,
    /// The password of the account was changed or reset.
    PasswordChanged,
    /// An MFA device was bound to the account.
    MfaBound,
    /// The MFA device of the account was unbound.
    MfaUnbound,
    /// A protection of the account was changed.
    ProtectionChanged,
    /// An AccessKey of root was made.
    RootKeyCreated,
    /// An AccessKey of root was enabled.
    RootKeyEnabled,
    /// An AccessKey of root was disabled.
    RootKeyDisabled,
    /// An AccessKey of root was deleted.
    RootKeyDeleted,
    /// A security group was opened to every address.
    OpenedToWorld,
    /// A bucket was opened to everybody.
    MadePublic,
    /// A RAM user was made.
    UserCreated,
    /// The console logon of a RAM user was enabled or reset.
    LoginProfileSet,
    /// An AccessKey was made for a RAM user.
    UserKeyCreated,
    /// A command was run on instances.
    CommandRun,
}

impl NotableKind {
    /// Returns `true` for a change of the account itself.
    pub fn is_of_account(self) -> bool {
        self <= Self::RootKeyDeleted
    }
}

/// A call of root that stands out, or several of one kind on one thing.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Notable {
    /// The reason.
    pub kind: NotableKind,
    /// Event name.
    pub event_name: Option<String>,
    /// The thing concerned: a key, a user, a security group, a bucket.
    pub target: Option<String>,
    /// More of it: opened ports, an access control list.
    pub detail: Option<String>,
    /// Calls that succeeded.
    pub succeeded: u64,
    /// Calls that did not.
    pub failed: u64,
    /// First call.
    pub first: LocalTime,
    /// Last call.
    pub last: LocalTime,
    /// Source address of the first.
    pub address: Option<Address>,
    /// The time at which it was undone, as far as the range tells: an AccessKey that was made was deleted.
    pub undone: Option<LocalTime>,
    /// The calls.
    pub evidence: Option<EvidenceId>,
}

/// A day with very many root operations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BusyDay {
    /// The day.
    pub day: Day,
    /// Root events of the account on that day.
    pub root_events: u64,
    /// The hour with most of them, 0 to 23.
    pub busiest_hour: u32,
    /// Root events of that hour.
    pub in_busiest_hour: u64,
    /// Root events of the day.
    pub evidence: Option<EvidenceId>,
}

/// Calls of one identity that create Linux instances with root as initial login user, or were refused.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct InitialUser {
    /// The caller.
    pub caller: Identity,
    /// Event name.
    pub event_name: Option<String>,
    /// Error code of refused calls.
    pub error_code: Option<String>,
    /// Number of calls.
    pub count: u64,
    /// First of them.
    pub first: LocalTime,
    /// Last of them.
    pub last: LocalTime,
    /// The calls.
    pub evidence: Option<EvidenceId>,
}

/// The effect of the ban of root as initial login user. No RAM policy limits root itself, so its calls do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ban {
    /// The effect.
    pub effect: BanEffect,
    /// Calls of others that succeeded.
    pub created: u64,
    /// Calls that were refused.
    pub refused: u64,
    /// Calls of root that succeeded.
    pub by_root: u64,
}

/// The effect of the ban of root as initial login user, as far as the events tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BanEffect {
    /// Nobody whom it could limit tried.
    NotTried,
    /// Every attempt was refused.
    Works,
    /// No attempt succeeded from then on.
    WorksSince(LocalTime),
    /// Some attempts are refused and some succeed.
    WorksForSome,
    /// No attempt was refused.
    Fails,
}

impl Ban {
    /// Tells the effect from the calls.
    pub fn of(created: &[InitialUser], refused: &[InitialUser]) -> Self {
        let (by_root, by_others): (Vec<_>, Vec<_>) =
            created.iter().partition(|call| call.caller.kind.as_deref() == Some(ROOT));
        let last = by_others.iter().map(|call| call.last).max();
        let first_refused = refused.iter().map(|call| call.first).min();
        let sum = |calls: &[&InitialUser]| calls.iter().map(|call| call.count).sum();
        Self {
            effect: match (last, first_refused) {
                (None, None) => BanEffect::NotTried,
                (None, Some(_)) => BanEffect::Works,
                (Some(_), None) => BanEffect::Fails,
                (Some(last), Some(first)) if last < first => BanEffect::WorksSince(first),
                (Some(_), Some(_)) => BanEffect::WorksForSome,
            },
            created: sum(&by_others),
            refused: refused.iter().map(|call| call.count).sum(),
            by_root: sum(&by_root),
        }
    }
}

/// An identity that called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Identity {
    /// Identity type, such as `ram-user`.
    pub kind: Option<String>,
    /// User name, or role and session name.
    pub user_name: Option<String>,
    /// Principal id.
    pub principal_id: Option<String>,
    /// Its name in the settings.
    pub name: Option<String>,
}

/// An identity other than root on an address that root came from.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SharedAddress {
    /// The address.
    pub address: Address,
    /// The identity.
    pub identity: Identity,
    /// Account of the identity, where it is another one.
    pub other_account: Option<String>,
    /// Calls of the identity from the address.
    pub calls: u64,
    /// First of them.
    pub first: LocalTime,
    /// Last of them.
    pub last: LocalTime,
    /// Root events from the same address.
    pub root_events: u64,
    /// The calls of the identity.
    pub evidence: Option<EvidenceId>,
}

/// A policy of administrator grade, given to somebody.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
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
    /// The giver.
    pub giver: Identity,
    /// Source address.
    pub address: Option<Address>,
    /// The event, to look it up with.
    pub event_id: Option<String>,
    /// The call.
    pub evidence: Option<EvidenceId>,
}

/// A RAM user or AccessKey that root made in the range, and its use afterwards.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CreatedIdentity {
    /// A user, or a key.
    pub kind: CreatedKind,
    /// User name, or AccessKey id.
    pub id: String,
    /// The user that the key was made for; `None` for a key of root itself.
    pub owner: Option<String>,
    /// The time at which it was made.
    pub created: LocalTime,
    /// Calls afterwards, until the end of the range.
    pub calls: u64,
    /// Of these, write calls that succeeded.
    pub changes: u64,
    /// Calls that were refused for lack of permission.
    pub denied: u64,
    /// First call.
    pub first: Option<LocalTime>,
    /// Last call.
    pub last: Option<LocalTime>,
    /// Source addresses, most used first.
    pub addresses: Listed<CountedAddress>,
    /// The most frequent calls, as service and event name.
    pub called: Listed<Counted>,
    /// The calls.
    pub evidence: Option<EvidenceId>,
}

/// The kind of thing that root made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreatedKind {
    /// A RAM user.
    User,
    /// An AccessKey.
    AccessKey,
}

/// The state of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
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
    /// The day is not over, or has not come, at the time of the report.
    NotYet,
}

/// Root events of one local day, each counted in one class.
#[derive(Debug, Clone, Serialize, JsonSchema)]
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

impl DayUse {
    /// Root events of the day.
    pub fn root_events(&self) -> u64 {
        self.logons + self.access_key_calls + self.console_writes + self.other
    }
}

/// The part of a period that the data cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, Serialize, JsonSchema)]
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
