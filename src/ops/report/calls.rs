//! Calls of root: changes, refused calls, and calls that stand out.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Asked;
use super::evidence::{Condition, EvidenceBook, FirstEvent, literal};
use super::names::Known;
use crate::engine::EngineError;
use crate::report::calendar::LocalTime;
use crate::report::evidence::Subject;
use crate::report::model::{Activity, CallGroup, Listed, Notable, NotableKind};

#[derive(Debug, Deserialize)]
struct CallRow {
    account_id: Option<String>,
    part: Part,
    service_key: Option<String>,
    service: Option<String>,
    event_name: Option<String>,
    error_code: Option<String>,
    count: u64,
    denied: u64,
    first: LocalTime,
    last: LocalTime,
    first_resource: Option<String>,
    last_resource: Option<String>,
    resources: u64,
    first_events: Vec<FirstEvent>,
    total: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Changes,
    ChangesFailed,
    Denied,
}

#[derive(Debug, Deserialize)]
struct NotableRow {
    account_id: Option<String>,
    kind: NotableKind,
    event_name: Option<String>,
    target: Option<String>,
    detail: Option<String>,
    succeeded: u64,
    failed: u64,
    first: LocalTime,
    last: LocalTime,
    address: Option<String>,
    first_events: Vec<FirstEvent>,
    total: u64,
}

/// Fills in the calls by service and event name.
pub(super) fn calls(
    asked: &Asked<'_>,
    book: &mut EvidenceBook,
    activities: &mut BTreeMap<Option<String>, Activity>,
) -> Result<(), EngineError> {
    for row in asked.rows::<CallRow>(include_str!("sql/calls.sql"), book)? {
        let Some(activity) = activities.get_mut(&row.account_id) else { continue };
        let list = match row.part {
            Part::Changes => &mut activity.changes,
            Part::ChangesFailed => &mut activity.changes_failed,
            Part::Denied => &mut activity.denied,
        };
        list.total = row.total;
        list.items.push(group(row, book));
    }
    Ok(())
}

fn group(row: CallRow, book: &mut EvidenceBook) -> CallGroup {
    let condition = Condition::root()
        .of_account(row.account_id.as_deref())
        .is("lower(nullif(service_name, ''))", row.service_key.as_deref())
        .is("nullif(event_name, '')", row.event_name.as_deref());
    let condition = match row.part {
        Part::Changes => {
            condition.and("event_access(event_rw, service_name, event_name) = 'Write'").and("outcome = 'success'")
        }
        Part::ChangesFailed => {
            condition.and("event_access(event_rw, service_name, event_name) = 'Write'").and("outcome <> 'success'")
        }
        Part::Denied => condition.and("outcome = 'denied'").is("error_code", row.error_code.as_deref()),
    };
    let evidence = book.add(Subject::Calls, row.account_id.as_deref(), row.count, &row.first_events, condition);
    let name: Vec<&str> = [&row.service, &row.event_name].into_iter().flatten().map(String::as_str).collect();
    book.detail(evidence, Some(&name.join(":")));
    let mut examples: Vec<String> = row.first_resource.into_iter().collect();
    examples.extend(row.last_resource.filter(|last| examples.first() != Some(last)));
    CallGroup {
        service: row.service,
        event_name: row.event_name,
        error_code: row.error_code,
        count: row.count,
        denied: row.denied,
        first: row.first,
        last: row.last,
        resources: Listed { items: examples, total: row.resources },
        evidence,
    }
}

/// Fills in the calls that stand out.
pub(super) fn notable(
    asked: &Asked<'_>,
    known: &Known,
    book: &mut EvidenceBook,
    activities: &mut BTreeMap<Option<String>, Activity>,
) -> Result<(), EngineError> {
    for row in asked.rows::<NotableRow>(include_str!("sql/notable.sql"), book)? {
        let Some(activity) = activities.get_mut(&row.account_id) else { continue };
        let ids: Vec<String> = row.first_events.iter().filter_map(|event| event.id.as_deref()).map(literal).collect();
        let total = row.succeeded + row.failed;
        let mut condition =
            Condition::root().of_account(row.account_id.as_deref()).is("event_name", row.event_name.as_deref());
        // The kind follows from parameters, which no short condition tells, so the events are named where all are
        // known.
        if ids.len() as u64 == total {
            condition = condition.and(format!("event_id IN ({})", ids.join(", ")));
        }
        let is_whole = ids.len() as u64 == total || row.kind == NotableKind::CommandRun;
        let evidence = is_whole
            .then(|| book.add(Subject::Notable, row.account_id.as_deref(), total, &row.first_events, condition))
            .flatten();
        book.detail(evidence, row.target.as_deref().or(row.event_name.as_deref()));
        let call = Notable {
            kind: row.kind,
            event_name: row.event_name,
            target: row.target,
            detail: row.detail,
            succeeded: row.succeeded,
            failed: row.failed,
            first: row.first,
            last: row.last,
            address: known.address(row.address),
            undone: None,
            evidence,
        };
        if row.kind.is_of_account() {
            activity.account_changes.items.push(call);
        } else {
            activity.notable.items.push(call);
        }
        activity.notable.total = row.total;
    }
    for activity in activities.values_mut() {
        let changes = &mut activity.account_changes.items;
        let deleted: Vec<(Option<String>, LocalTime)> = changes
            .iter()
            .filter(|call| call.kind == NotableKind::RootKeyDeleted && call.succeeded > 0)
            .map(|call| (call.target.clone(), call.last))
            .collect();
        let is_key = |kind| matches!(kind, NotableKind::RootKeyCreated | NotableKind::RootKeyEnabled);
        for call in changes.iter_mut().filter(|call| is_key(call.kind) && call.target.is_some()) {
            let of_key = deleted.iter().filter(|(key, time)| *key == call.target && *time > call.last);
            call.undone = of_key.map(|(_, time)| *time).min();
        }
        // One statement lists both kinds; what it cut counts as the second.
        let of_account = activity.account_changes.items.len() as u64;
        activity.account_changes.total = of_account;
        activity.notable.total = activity.notable.total.saturating_sub(of_account);
    }
    Ok(())
}
