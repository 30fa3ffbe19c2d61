//! A page of a value with very many events: a statement for each thing that they are counted by.
//!
//! Each reads no more columns than it counts by. Two threads ask, since a statement with few groups does not keep all
//! processors busy.

use super::rows::{Page, PageRow};
use super::{MOST_ACCOUNTS, MOST_DAYS};
use crate::engine::{EngineError, Param, Session};
use crate::faults;
use crate::ops::subject::Condition;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Something that events have in common.
struct Part {
    name: &'static str,
    columns: &'static str,
    /// The expression that is not null where an event has a value.
    present: &'static str,
    /// The condition of the values that are ranked first.
    first: &'static str,
}

const fn part(name: &'static str, columns: &'static str) -> Part {
    Part { name, columns, present: columns, first: "true" }
}

const PARTS: [Part; 10] = [
    part("day", "day"),
    Part { present: "''", ..part("operation", "service, event_name, access") },
    Part {
        present: "coalesce(principal, principal_id, identity_type)",
        ..part("principal", "account_id, identity_type, principal_id, principal")
    },
    Part { first: "access_key_kind(access_key_id) <> 'temporary'", ..part("key", "access_key_id") },
    part("address", "address"),
    part("agent", "agent"),
    part("error", "error"),
    Part { present: "resource", first: "writes > 0", ..part("resource", "resource_type, resource") },
    part("region", "region"),
    part("account", "account_id"),
];

/// The statement for all events together.
const ALL: &str = "SELECT 'all' AS part, count(*) AS events, count(*) FILTER (WHERE access = 'Write') AS writes, \
                   count(*) FILTER (WHERE outcome = 'denied') AS denied, \
                   count(*) FILTER (WHERE outcome NOT IN ('success', 'denied')) AS errors, \
                   count(*) FILTER (WHERE event_time IS NULL) AS undated, \
                   min(event_time) AS first_event, max(event_time) AS last_event, 1 AS total FROM ({matching})";

/// Threads that ask.
const THREADS: usize = 2;

/// Asks part by part.
pub(super) fn page(session: &Session, condition: &Condition, listed: i64) -> Result<Page, EngineError> {
    let matching = include_str!("sql/matching.sql").replace("{condition}", condition.own());
    let mut statements = vec![(ALL.replace("{matching}", &matching), listed)];
    statements.extend(PARTS.iter().map(|part| {
        let (is_day, is_operation) = (part.name == "day", part.name == "operation");
        let sql = include_str!("sql/part.sql")
            .replace("{matching}", &matching)
            .replace("{columns}", part.columns)
            .replace("{present}", part.present)
            .replace("{first}", part.first)
            .replace("{ranks}", if is_operation { "PARTITION BY access" } else { "" })
            .replace("{part}", part.name)
            .replace("{order}", if is_day { "day" } else { "place" });
        let most = match part.name {
            "day" => MOST_DAYS,
            "account" => MOST_ACCOUNTS,
            _ => listed,
        };
        (sql, most)
    }));
    let (next, params) = (AtomicUsize::new(0), condition.params());
    let ask = |session: &Session| {
        let mut rows: Vec<(usize, Vec<PageRow>)> = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((sql, most)) = statements.get(at) else { return Ok(rows) };
            let mut params = params.clone();
            params.push(("most", Param::Int(*most)));
            rows.push((at, session.rows(sql, &params)?));
        }
    };
    let mut rows: Vec<(usize, Vec<PageRow>)> = Vec::new();
    let sessions = (1..session.threads().min(THREADS)).map(|_| session.reopened());
    let sessions: Vec<Session> = sessions.collect::<Result<_, _>>()?;
    thread::scope(|scope| {
        let asked: Vec<_> = sessions.iter().map(|session| scope.spawn(|| faults::catch(|| ask(session)))).collect();
        let here: Result<_, EngineError> = ask(session);
        rows.extend(here?);
        for asked in asked {
            let found = asked.join().map_err(|panic| EngineError::Crashed(faults::panic_message(panic.as_ref())))?;
            rows.extend(found.map_err(EngineError::Crashed)??);
        }
        Ok::<(), EngineError>(())
    })?;
    rows.sort_by_key(|(at, _)| *at);
    let mut page = Page::default();
    rows.into_iter().flat_map(|(_, rows)| rows).for_each(|row| page.add(row));
    Ok(page)
}
