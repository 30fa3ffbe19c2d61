//! The findings of the report as facts: something that somebody should know of or act on.
//!
//! A finding holds what its sentences are made of, never the sentences. One logon, key or call has one finding: the
//! gravest that is true of it says the rest too.

use schemars::JsonSchema;
use serde::Serialize;

use super::calendar::{Day, LocalTime};
use super::evidence::EvidenceId;
use super::model::{
    Address, AdministratorGrant, Counted, FutureDated, KeyKind, KeyState, Listed, Logon, Notable, UsedAfterEnd,
};
use super::trail::TrailChange;
use crate::event::severity::Severity;

/// Something that somebody should know of or act on.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Finding {
    /// Its severity.
    pub severity: Severity,
    /// The account; `None` where it is about no single one.
    pub account_id: Option<String>,
    /// The fact.
    pub fact: Fact,
    /// The events behind it.
    pub evidence: Option<EvidenceId>,
}

/// The fact of a finding, with all that its sentences say.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// The range has no event at all.
    NoData {
        /// Events of regions that the report leaves out were delivered.
        other_regions: bool,
    },
    /// A successful logon came soon after failed ones.
    LogonAfterFailures {
        /// The logon.
        logon: Box<Logon>,
        /// Number of other logons of which the same is true.
        others: u64,
    },
    /// Successful logons without MFA that have no finding of their own.
    LogonsWithoutMfa {
        /// Their number.
        count: u64,
        /// Others without MFA have findings of their own.
        further: bool,
        /// First of them.
        first: LocalTime,
        /// Last of them.
        last: LocalTime,
        /// Address of the first.
        address: Option<Box<Address>>,
    },
    /// Successful logons, all with MFA or not saying, that have no finding of their own.
    Logons {
        /// Their number.
        count: u64,
        /// Of these, how many do not say whether MFA was used.
        mfa_not_said: u64,
        /// First of them.
        first: LocalTime,
        /// Last of them.
        last: LocalTime,
    },
    /// Failed logons.
    FailedLogons {
        /// Their number.
        count: u64,
        /// Number of addresses that they came from.
        addresses: u64,
        /// First of them.
        first: LocalTime,
        /// Last of them.
        last: LocalTime,
    },
    /// An AccessKey of root was used.
    KeyUsed {
        /// The key's id.
        access_key_id: String,
        /// Its name in the settings.
        name: Option<String>,
        /// Its kind.
        key_kind: KeyKind,
        /// Number of calls.
        calls: u64,
        /// Number of addresses.
        addresses: u64,
        /// No call from before the range was signed with it.
        new: bool,
        /// The time at which it was made, where the events tell.
        created: Option<LocalTime>,
        /// Its end, where the events tell.
        ended: Option<KeyEnd>,
    },
    /// AccessKeys of one kind were used, and have no findings of their own.
    KeysUsed {
        /// Their kind.
        key_kind: KeyKind,
        /// Their number.
        keys: u64,
        /// Number of calls.
        calls: u64,
    },
    /// An AccessKey was used after it was disabled or deleted.
    KeyUsedAfterEnd {
        /// The key's id.
        access_key_id: String,
        /// The calls.
        used: UsedAfterEnd,
    },
    /// A trail was stopped, deleted or limited.
    TrailLimited {
        /// The gravest change.
        change: Box<TrailChange>,
        /// Number of other changes that lose events.
        others: u64,
    },
    /// Calls that stand out, of one kind.
    Notable {
        /// The first of them.
        call: Box<Notable>,
        /// Number of others of the kind.
        others: u64,
    },
    /// A policy of administrator grade was given.
    AdministratorGranted {
        /// The first of them.
        grant: Box<AdministratorGrant>,
        /// Number of others.
        others: u64,
    },
    /// Linux instances were created with root as initial login user.
    InitialUser {
        /// Number of calls that succeeded.
        created: u64,
        /// Of these, how many root made.
        by_root: u64,
        /// The other callers, most calls first.
        callers: Listed<Counted>,
        /// Number of calls that were refused.
        refused: u64,
        /// The last that succeeded, to compare with the first that was refused.
        last_created: LocalTime,
    },
    /// Other write calls of root that succeeded.
    Changes {
        /// Number of all write calls that succeeded.
        count: u64,
        /// The most frequent, as service and event name.
        most: Listed<Counted>,
    },
    /// Root events of which it is not known whether they changed something.
    AccessNotKnown {
        /// Their number.
        count: u64,
    },
    /// Days with very many root operations.
    HighFrequency {
        /// Their number.
        days: u64,
        /// The threshold.
        threshold: u64,
        /// The busiest day.
        busiest: Day,
        /// Root events of that day.
        root_events: u64,
    },
    /// Root calls were refused for lack of permission.
    Denied {
        /// Their number.
        count: u64,
    },
    /// Root was used, for nothing that has a finding of its own.
    OnlyReads {
        /// Number of events.
        count: u64,
    },
    /// Accounts of which nothing was delivered in the range.
    AccountsSilent {
        /// The accounts, with their newest event.
        accounts: Listed<SilentAccount>,
        /// Number of accounts that the data know.
        of: u64,
    },
    /// Accounts of which nothing was delivered on some days on which others delivered.
    AccountsWithGaps {
        /// The accounts, with their newest event.
        accounts: Listed<SilentAccount>,
        /// Number of accounts that the data know.
        of: u64,
        /// Number of days of the range.
        days: u64,
    },
    /// Days without any event.
    DaysWithoutEvents {
        /// The days.
        days: Vec<Day>,
        /// Number of days of the range.
        of: u64,
    },
    /// Events that no figure has, since their time could not be read.
    WithoutTime {
        /// Their number.
        count: u64,
    },
    /// Events dated after the time of the report.
    FutureDated {
        /// The events.
        events: FutureDated,
    },
    /// Exports that lack events.
    Incomplete {
        /// Exports that say so.
        exports: u64,
        /// Files that gave no event and may hold some.
        suspicious: u64,
    },
    /// Records that could not be read.
    Rejected {
        /// Their number, of sources with events around the range.
        around: u64,
        /// Their number, of sources that do not tell of when they are.
        unknown: u64,
    },
}

impl Fact {
    /// Returns `true` for facts about the data, not about root.
    pub fn is_of_coverage(&self) -> bool {
        matches!(
            self,
            Self::NoData { .. }
                | Self::TrailLimited { .. }
                | Self::AccountsSilent { .. }
                | Self::AccountsWithGaps { .. }
                | Self::DaysWithoutEvents { .. }
                | Self::WithoutTime { .. }
                | Self::FutureDated { .. }
                | Self::Incomplete { .. }
                | Self::Rejected { .. }
        )
    }
}

/// The end of an AccessKey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KeyEnd {
    /// [`KeyState::Disabled`] or [`KeyState::Deleted`].
    pub state: KeyState,
    /// The time.
    pub time: LocalTime,
}

/// An account of which nothing was delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SilentAccount {
    /// The account; `None` where no event of the data names one.
    pub account_id: Option<String>,
    /// Its name in the settings.
    pub name: Option<String>,
    /// Its newest event of any time.
    pub last_event: Option<LocalTime>,
    /// Days of the range without its events.
    pub days_without_events: u64,
}
