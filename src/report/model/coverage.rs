//! The coverage of the data that the report stands on.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Counted, DayState, Listed, Remarks};
use crate::report::calendar::{Day, LocalTime};

/// The coverage of the data.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Coverage {
    /// Oldest event of all.
    pub oldest_event: Option<LocalTime>,
    /// Newest event of all that is not of the future.
    pub newest_event: Option<LocalTime>,
    /// Events dated after the time of the report.
    pub future: Option<FutureDated>,
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
    /// Days of the range that had begun when the report was made.
    pub days: u64,
    /// Days of the range that had not begun when the report was made.
    pub days_to_come: u64,
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
    /// Remarks on what sources and events lack.
    pub remarks: Remarks,
}

impl Coverage {
    /// The listed accounts that delivered something, and nothing on some days on which others did.
    pub fn with_gaps(&self) -> impl Iterator<Item = &AccountDelivery> {
        let of_all = self.days_without_events.len() as u64;
        self.delivery.items.iter().filter(move |account| !account.is_silent() && account.days_without_events > of_all)
    }

    /// The listed accounts that delivered nothing in the range.
    pub fn silent(&self) -> impl Iterator<Item = &AccountDelivery> {
        self.delivery.items.iter().filter(|account| account.is_silent())
    }

    /// Returns `true` if every account delivered events on every day that has begun, as far as the data tell.
    pub fn is_complete(&self) -> bool {
        self.days_without_events.is_empty() && self.accounts_silent == 0 && self.accounts_with_gaps == 0
    }
}

/// Events dated after the time of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FutureDated {
    /// Their number.
    pub count: u64,
    /// The newest.
    pub newest: LocalTime,
}

/// The delivery of one account in the range, of every region.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AccountDelivery {
    /// The account; `None` where no event of the data names one.
    pub account_id: Option<String>,
    /// Its name in the settings.
    pub name: Option<String>,
    /// Its events in the range.
    pub events: u64,
    /// Its newest event of any time that is not of the future.
    pub last_event: Option<LocalTime>,
    /// Days of the range that have begun and on which nothing of it was delivered.
    pub days_without_events: u64,
    /// Every day of the range.
    pub days: Vec<AccountDay>,
}

impl AccountDelivery {
    /// Returns `true` if nothing of the account was delivered in the range.
    pub fn is_silent(&self) -> bool {
        self.events == 0
    }

    /// Returns `true` if nothing was delivered on the last day that has begun.
    pub fn is_gone(&self) -> bool {
        self.days.iter().rev().find(|day| day.state != DayState::NotYet).is_some_and(|day| day.events == 0)
    }
}

/// A day of one account.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
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
