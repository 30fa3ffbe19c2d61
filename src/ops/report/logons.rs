//! Console logons of root: alike ones together, and those that matter one by one.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::Deserialize;

use super::evidence::{Condition, EvidenceBook, FirstEvent, instant, literal};
use super::names::Known;
use super::{Asked, LISTED_LOGONS};
use crate::engine::{EngineError, Param};
use crate::event::ids::is_absent_word;
use crate::event::user_agent;
use crate::report::calendar::{LocalTime, Span};
use crate::report::evidence::{EvidenceId, Subject};
use crate::report::findings::FAILURES_BEFORE_LOGON;
use crate::report::model::{Logon, LogonGroup, Logons};

/// An account with so many logons at most has each of them listed.
const FEW: i64 = 3;
/// The logons after failures of all accounts whose failures are evidence of their own.
const WITH_FAILURES: usize = 20;

#[derive(Debug, Deserialize)]
struct GroupRow {
    account_id: Option<String>,
    succeeded: bool,
    mfa: Option<bool>,
    error_code: Option<String>,
    error_message: Option<String>,
    address: Option<String>,
    agent: Option<String>,
    user_agent: Option<String>,
    count: u64,
    first: LocalTime,
    last: LocalTime,
    first_events: Vec<FirstEvent>,
    total: u64,
}

#[derive(Debug, Deserialize)]
struct LogonRow {
    event_time: LocalTime,
    succeeded: bool,
    error_code: Option<String>,
    error_message: Option<String>,
    mfa_used: Option<bool>,
    address: Option<String>,
    user_agent: Option<String>,
    login_account: Option<String>,
    account_id: Option<String>,
    event_id: Option<String>,
    failed_in_hour_before: u64,
    failed_in_same_second: u64,
    failed_without_account: u64,
    total: u64,
}

/// The parameters of the statement about single logons.
pub(super) fn params(span: Span) -> Vec<(&'static str, Param)> {
    let hour_before = span.since.checked_sub_signed(TimeDelta::hours(1)).unwrap_or(span.since);
    vec![("hour_before", Param::Time(hour_before)), ("few", Param::Int(FEW)), ("listed", Param::Int(LISTED_LOGONS))]
}

/// Asks for the logons by account.
pub(super) fn logons(
    asked: &Asked<'_>,
    known: &Known,
    book: &mut EvidenceBook,
) -> Result<BTreeMap<Option<String>, Logons>, EngineError> {
    let mut found: BTreeMap<Option<String>, Logons> = BTreeMap::new();
    let groups: Vec<GroupRow> = asked.rows(include_str!("sql/logon_groups.sql"), book)?;
    for row in groups {
        let account = row.account_id.clone();
        let groups = &mut found.entry(account).or_default().groups;
        groups.total = row.total;
        groups.items.push(group(row, known, book));
    }
    let rows: Vec<LogonRow> = asked.rows_with(include_str!("sql/logons.sql"), &params(asked.span))?;
    let mut with_failures = 0;
    for row in rows {
        let failures = row.failed_in_hour_before + row.failed_in_same_second;
        let mut evidence = None;
        if row.succeeded && failures >= FAILURES_BEFORE_LOGON && with_failures < WITH_FAILURES {
            with_failures += 1;
            evidence = failures_before(asked, &row, failures, book)?;
        }
        let single = &mut found.entry(row.account_id.clone()).or_default().single;
        single.total = row.total;
        single.items.push(Logon {
            time: row.event_time,
            succeeded: row.succeeded,
            // A successful logon may say `success` as its message, which is not an error.
            error_code: present(row.error_code).filter(|_| !row.succeeded),
            error_message: present(row.error_message).filter(|_| !row.succeeded),
            mfa: row.mfa_used,
            address: known.address(present(row.address)),
            user_agent: row.user_agent.as_deref().and_then(user_agent::summary),
            login_account: present(row.login_account),
            account_id: row.account_id,
            event_id: present(row.event_id),
            failed_in_hour_before: row.failed_in_hour_before,
            failed_in_same_second: row.failed_in_same_second,
            failed_without_account: row.failed_without_account,
            evidence,
        });
    }
    Ok(found)
}

fn group(row: GroupRow, known: &Known, book: &mut EvidenceBook) -> LogonGroup {
    let outcome = if row.succeeded { "outcome = 'success'" } else { "outcome <> 'success'" };
    let mut condition = Condition::root()
        .and("event_name = 'ConsoleSignin'")
        .of_account(row.account_id.as_deref())
        .and(outcome)
        .is("nullif(source_ip_address, '')", row.address.as_deref())
        .is("user_agent_summary(user_agent)", row.agent.as_deref());
    condition = if row.succeeded {
        condition.and(match row.mfa {
            Some(true) => "mfa_used",
            Some(false) => "NOT mfa_used",
            None => "mfa_used IS NULL",
        })
    } else {
        condition.is("error_code", row.error_code.as_deref()).is("error_message", row.error_message.as_deref())
    };
    let evidence = book.add(Subject::LogonGroup, row.account_id.as_deref(), row.count, &row.first_events, condition);
    book.detail(evidence, row.user_agent.as_deref());
    LogonGroup {
        succeeded: row.succeeded,
        mfa: row.mfa,
        error_code: present(row.error_code),
        error_message: present(row.error_message),
        address: known.address(present(row.address)),
        user_agent: row.user_agent.as_deref().and_then(user_agent::summary),
        user_agent_text: present(row.user_agent),
        count: row.count,
        first: row.first,
        last: row.last,
        evidence,
    }
}

/// Enters a logon with the failures before it and in its second.
fn failures_before(
    asked: &Asked<'_>,
    logon: &LogonRow,
    failures: u64,
    book: &mut EvidenceBook,
) -> Result<Option<EvidenceId>, EngineError> {
    let at = logon.event_time.utc();
    let from = at.checked_sub_signed(TimeDelta::hours(1)).unwrap_or(at);
    let mut condition = Condition::root().and("event_name = 'ConsoleSignin'").and(format!(
        "event_time >= {} AND event_time <= {}",
        instant(from),
        instant(at)
    ));
    // Failures of no account may be of this one, and those of every account may be of a logon without one.
    if let Some(account) = &logon.account_id {
        condition = condition.and(format!("coalesce(nullif(account_id, ''), {0}) = {0}", literal(account)));
    }
    if let Some(id) = &logon.event_id {
        condition = condition.and(format!("(outcome <> 'success' OR event_id = {})", literal(id)));
    }
    let first = asked.first_events(&condition, book)?;
    Ok(book.add_of(Subject::LogonAfterFailures, logon.account_id.as_deref(), failures + 1, &first, condition))
}

/// A word for nothing is no text.
pub(super) fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !is_absent_word(text))
}
