//! The coverage of the report's range, and the changes of trails.

use chrono::TimeDelta;
use serde::Deserialize;

use super::super::delivery::Delivery;
use super::evidence::{Condition, EvidenceBook, FirstEvent, literal};
use super::{Asked, LISTED};
use crate::engine::EngineError;
use crate::report::calendar::{LocalTime, Span};
use crate::report::evidence::Subject;
use crate::report::model::{Counted, Coverage, DayState, DayUse, FutureDated, Listed, TrailChange};

/// The most changes of trails that are listed.
const LISTED_TRAIL_CHANGES: usize = 200;

#[derive(Debug, Deserialize)]
struct CoverageRow {
    account_id: Option<String>,
    region: Option<String>,
    events: u64,
    writes: u64,
    reads: u64,
    not_said: u64,
    first: LocalTime,
    last: LocalTime,
}

/// Tells what the events of the range are, and of which days there are none.
pub(super) fn cover(asked: &Asked<'_>, delivery: &Delivery, days: &[DayUse]) -> Result<Coverage, EngineError> {
    let parts: Vec<CoverageRow> = asked.rows_with(include_str!("sql/coverage.sql"), &[])?;
    let scope = asked.session.scope();
    let local = |at| LocalTime::new(at, scope.tz);
    let sum = |count: fn(&CoverageRow) -> u64| parts.iter().map(count).sum::<u64>();
    let (events, writes, reads) = (sum(|part| part.events), sum(|part| part.writes), sum(|part| part.reads));
    let days_of = |state| days.iter().filter(|day| day.state == state).map(|day| day.day).collect();
    let to_come = days.iter().filter(|day| day.state == DayState::NotYet).count() as u64;
    // An open end lies just behind the newest event.
    let behind = |newest: LocalTime| newest.utc() + TimeDelta::microseconds(1) < asked.span.until;
    let (oldest, newest) = (scope.oldest_event.map(local), scope.newest_event.map(local));
    let future = scope.future_events;
    Ok(Coverage {
        oldest_event: oldest,
        newest_event: newest,
        future: future.map(|future| FutureDated { count: future.count, newest: local(future.newest) }),
        first_in_range: parts.iter().map(|part| part.first).min(),
        last_in_range: parts.iter().map(|part| part.last).max(),
        events,
        writes,
        reads,
        not_said: sum(|part| part.not_said),
        access_not_known: events.saturating_sub(writes + reads),
        days_without_events: days_of(DayState::NoEventsDelivered),
        days_of_other_regions: days_of(DayState::OtherRegionsOnly),
        days: days.len() as u64 - to_come,
        days_to_come: to_come,
        begins_before_oldest: oldest.is_some_and(|oldest| asked.span.since < oldest.utc()),
        ends_after_newest: newest.is_some_and(behind),
        regions: top(parts.iter().map(|part| (part.region.clone(), part.events))),
        accounts: top(parts.iter().map(|part| (part.account_id.clone(), part.events))),
        remarks: delivery.remarks(asked.span.since, asked.span.until, LISTED)?,
        ..Coverage::default()
    })
}

/// Sums up counts by value, the greatest first.
fn top(counts: impl Iterator<Item = (Option<String>, u64)>) -> Vec<Counted> {
    let mut sums: std::collections::BTreeMap<Option<String>, u64> = std::collections::BTreeMap::new();
    for (value, count) in counts {
        *sums.entry(value).or_default() += count;
    }
    let mut items: Vec<_> = sums.into_iter().map(|(value, count)| Counted { value, count }).collect();
    items.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    items
}

/// Lists changes of trails in the range, and those before it that still held when it began, and counts the others.
/// Those that lose events come before others where not all are listed.
pub(super) fn trail_changes(
    delivery: &Delivery,
    span: Span,
    book: &mut EvidenceBook,
) -> Result<Listed<TrailChange>, EngineError> {
    let (mut changes, mut more) = delivery.trail_changes()?;
    changes.retain(|change| {
        let still_held = change.loses_events() && change.until.is_none_or(|until| until.utc() > span.since);
        change.time.utc() < span.until && (change.last.utc() >= span.since || still_held)
    });
    let (failures, more_failures) =
        delivery.trail_failures(span.since, span.until, i64::try_from(LISTED).unwrap_or(i64::MAX))?;
    changes.extend(failures);
    changes.sort_by_key(|change| (!change.loses_events(), std::cmp::Reverse(change.time)));
    more += more_failures + changes.len().saturating_sub(LISTED_TRAIL_CHANGES) as u64;
    changes.truncate(LISTED_TRAIL_CHANGES);
    changes.sort_by(|a, b| (a.time, &a.event_id).cmp(&(b.time, &b.event_id)));
    for change in changes.iter_mut().filter(|change| change.loses_events()) {
        let Some(id) = change.event_id.as_deref() else { continue };
        let first = FirstEvent { time: Some(change.time), id: Some(id.to_owned()), source: None };
        let condition = Condition::all().and(format!("event_id = {}", literal(id)));
        // One call may have two effects, and several alike calls in a row are one change: its first call is named.
        change.evidence = book.add_of(Subject::Trail, change.account_id.as_deref(), 1, &[first], condition);
        book.detail(change.evidence, change.trail.as_deref());
    }
    let total = changes.len() as u64 + more;
    Ok(Listed { items: changes, total })
}
