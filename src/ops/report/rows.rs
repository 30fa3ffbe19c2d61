//! The rows that the statements of the report answer with.

use serde::Deserialize;

use crate::report::calendar::{Day, LocalTime};

#[derive(Debug, Deserialize)]
pub(super) struct DayRow {
    pub(super) period: i64,
    pub(super) day: Day,
    pub(super) account_id: Option<String>,
    pub(super) events: u64,
    pub(super) root_events: u64,
    pub(super) logons: u64,
    pub(super) logons_succeeded: u64,
    pub(super) logons_with_mfa: u64,
    pub(super) logons_without_mfa: u64,
    pub(super) access_key_calls: u64,
    pub(super) long_term_key_calls: u64,
    pub(super) console_writes: u64,
    pub(super) changes: u64,
    pub(super) changes_failed: u64,
    pub(super) access_not_known: u64,
    pub(super) denied: u64,
}

/// Events of an account on a day, of whatever region.
#[derive(Debug, Deserialize)]
pub(super) struct DeliveredRow {
    pub(super) period: i64,
    pub(super) day: Day,
    pub(super) account_id: Option<String>,
    pub(super) events: u64,
}

impl DeliveredRow {
    pub(super) fn of(row: &DayRow) -> Self {
        Self { period: row.period, day: row.day, account_id: row.account_id.clone(), events: row.events }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct LogonRow {
    pub(super) event_time: LocalTime,
    pub(super) succeeded: bool,
    pub(super) error_code: Option<String>,
    pub(super) error_message: Option<String>,
    pub(super) mfa_used: Option<bool>,
    pub(super) source_ip_address: Option<String>,
    pub(super) user_agent: Option<String>,
    pub(super) login_account: Option<String>,
    pub(super) account_id: Option<String>,
    pub(super) event_id: Option<String>,
    pub(super) failed_in_hour_before: Option<u64>,
    pub(super) failed_in_same_second: Option<u64>,
    pub(super) failed_without_account: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeyRow {
    pub(super) access_key_id: String,
    pub(super) account_id: Option<String>,
    pub(super) part: KeyPart,
    pub(super) value: Option<String>,
    pub(super) calls: u64,
    pub(super) failed: u64,
    pub(super) first: LocalTime,
    pub(super) last: LocalTime,
    pub(super) total: u64,
}

/// A row about a key counts all of its calls, or those from one address, or those of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum KeyPart {
    Key,
    Address,
    Service,
}

#[derive(Debug, Deserialize)]
pub(super) struct ChangeRow {
    pub(super) service: Option<String>,
    pub(super) event_name: Option<String>,
    pub(super) done: bool,
    pub(super) count: u64,
    pub(super) denied: u64,
    pub(super) first: LocalTime,
    pub(super) last: LocalTime,
    pub(super) first_resource: Option<String>,
    pub(super) last_resource: Option<String>,
    pub(super) resources: u64,
    pub(super) total: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct CoverageRow {
    pub(super) account_id: Option<String>,
    pub(super) region: Option<String>,
    pub(super) events: u64,
    pub(super) writes: u64,
    pub(super) reads: u64,
    pub(super) not_said: u64,
    pub(super) first: LocalTime,
    pub(super) last: LocalTime,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct LakeRow {
    pub(super) sources: u64,
    pub(super) oldest_event: Option<LocalTime>,
    pub(super) newest_event: Option<LocalTime>,
}

/// A row of a list that was cut where it was made, with how many there are in all.
#[derive(Debug, Deserialize)]
pub(super) struct OfTotal<T> {
    pub(super) total: u64,
    #[serde(flatten)]
    pub(super) item: T,
}
