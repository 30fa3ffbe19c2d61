//! The evidence behind a figure: the events it counts, and the statement that finds them.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::calendar::LocalTime;

/// The amount of evidence that a report carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EvidenceLevel {
    /// Counts only.
    None,
    /// The first [`SUMMARY_EVENTS`] events of a figure, and the statement for all of them.
    #[default]
    Summary,
    /// Up to [`FULL_EVENTS`] events of a figure.
    Full,
}

/// The events of a figure that a summary names.
pub const SUMMARY_EVENTS: u64 = 20;
/// The events of a figure that full evidence names. A report with more would not open in a browser.
pub const FULL_EVENTS: u64 = 100_000;

impl EvidenceLevel {
    /// The events of a figure that are named at most.
    pub fn events(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Summary => SUMMARY_EVENTS,
            Self::Full => FULL_EVENTS,
        }
    }
}

/// The number of an entry of the evidence, from 1. It is written `E1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(with = "String")]
pub struct EvidenceId(pub u32);

impl std::fmt::Display for EvidenceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "E{}", self.0)
    }
}

impl Serialize for EvidenceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The evidence of one figure.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Evidence {
    /// Its number.
    pub id: EvidenceId,
    /// The figure.
    pub subject: Subject,
    /// The thing that it is about: a key, an operation, an address, the whole user agent of logons.
    pub detail: Option<String>,
    /// The account that it is about; `None` for all accounts together.
    pub account_id: Option<String>,
    /// The exact number of events.
    pub total: u64,
    /// The first of them by time and id.
    pub events: Vec<EventRef>,
    /// The statement that answers with all of them, for `trailql sql`.
    pub sql: String,
}

/// The figure that evidence is about, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Events of root.
    RootEvents,
    /// Logons that succeeded.
    LogonsSucceeded,
    /// Of these, those without MFA.
    LogonsWithoutMfa,
    /// Logons that failed.
    LogonsFailed,
    /// Logons that are alike.
    LogonGroup,
    /// A logon with the failures before it.
    LogonAfterFailures,
    /// Calls signed with an AccessKey of root.
    AccessKeyCalls,
    /// Calls signed with one AccessKey.
    AccessKey,
    /// Calls with a key after its end.
    UsedAfterEnd,
    /// Write calls that succeeded.
    Changes,
    /// Write calls that did not.
    ChangesFailed,
    /// Calls of one service and event name.
    Calls,
    /// Calls that were refused for lack of permission.
    Denied,
    /// Events of which nobody knows whether they changed something.
    AccessNotKnown,
    /// Calls that stand out.
    Notable,
    /// Root events of a busy day.
    BusyDay,
    /// Calls with root as initial login user.
    InitialUser,
    /// Such calls that were refused.
    InitialUserRefused,
    /// Calls of another identity from an address of root.
    SameAddress,
    /// A policy of administrator grade that was given.
    Administrator,
    /// Calls with a user or key that root made.
    Created,
    /// Changes of a trail.
    Trail,
}

/// An event of the evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct EventRef {
    /// Its time.
    pub time: Option<LocalTime>,
    /// Its id; `None` where it has none.
    pub id: Option<String>,
    /// Number of the file it was read from, in the sources of the report, from 1.
    pub source: Option<u32>,
}

/// A file that events of the evidence were read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EvidenceSource {
    /// Its number, from 1.
    pub number: u32,
    /// Its path.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}
