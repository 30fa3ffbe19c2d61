//! The events of a data file by account and region.

use serde::{Deserialize, Serialize};

/// The events of a data file that have the same account, recipient and region.
///
/// In JSON it is a list of its members in their order, since a data file has several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Members", into = "Members")]
pub struct AccountTally {
    /// Value of `account_id`; `None` for null.
    pub account: Option<String>,
    /// Value of `recipient_account_id`; `None` for null, and if it is that of `account_id`.
    ///
    /// An event is in the scope of either account, so an equal recipient adds nothing.
    pub recipient: Option<String>,
    /// Value of `acs_region`; `None` for null.
    pub region: Option<String>,
    /// Its events.
    pub rows: u64,
    /// Minimum and maximum event time, in microseconds since 1970 (UTC); `None` if no event has a time.
    pub event_times: Option<(i64, i64)>,
}

type Members = (Option<String>, Option<String>, Option<String>, u64, Option<(i64, i64)>);

impl From<Members> for AccountTally {
    fn from((account, recipient, region, rows, event_times): Members) -> Self {
        Self { account, recipient, region, rows, event_times }
    }
}

impl From<AccountTally> for Members {
    fn from(AccountTally { account, recipient, region, rows, event_times }: AccountTally) -> Self {
        (account, recipient, region, rows, event_times)
    }
}
