//! Folds rows into the lists of the report.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::super::delivery::Delivery;
use super::rows::{ChangeRow, CoverageRow, KeyPart, KeyRow, LakeRow, LogonRow, OfTotal};
use super::{LISTED, LISTED_LOGONS, LISTED_TRAIL_CHANGES, RootUsageOptions};
use crate::engine::{EngineError, Param, Session};
use crate::event::ids::{access_key_kind, is_absent_word};
use crate::report::calendar::{LocalTime, Span};
use crate::report::model::*;

pub(super) fn logons(
    session: &Session,
    options: &RootUsageOptions,
    figures: &KeyFigures,
) -> Result<Logons, EngineError> {
    let hour_before = options.since.checked_sub_signed(TimeDelta::hours(1)).unwrap_or(options.since);
    let params = [
        ("since", Param::Time(options.since)),
        ("until", Param::Time(options.until)),
        ("hour_before", Param::Time(hour_before)),
        ("listed", Param::Int(LISTED_LOGONS as i64)),
    ];
    let rows: Vec<LogonRow> = session.rows(include_str!("logons.sql"), &params)?;
    let mut items: Vec<Logon> = rows
        .into_iter()
        .map(|row| Logon {
            time: row.event_time,
            succeeded: row.succeeded,
            // A successful logon may say `success` as its message, which is not an error.
            error_code: present(row.error_code).filter(|_| !row.succeeded),
            error_message: present(row.error_message).filter(|_| !row.succeeded),
            mfa: row.mfa_used,
            address: present(row.source_ip_address),
            user_agent: present(row.user_agent),
            login_account: present(row.login_account),
            account_id: present(row.account_id),
            event_id: present(row.event_id),
            failed_in_hour_before: row.failed_in_hour_before.unwrap_or(0),
            failed_in_same_second: row.failed_in_same_second.unwrap_or(0),
            failed_without_account: row.failed_without_account.unwrap_or(0),
        })
        .collect();
    items.sort_by(|a, b| (a.time, &a.event_id).cmp(&(b.time, &b.event_id)));
    let total = figures.logons_succeeded + figures.logons_failed;
    let failed_from: BTreeSet<_> =
        items.iter().filter(|logon| !logon.succeeded).filter_map(|l| l.address.clone()).collect();
    let failed_addresses = (items.len() as u64 >= total).then_some(failed_from.len() as u64);
    Ok(Logons { list: Listed { items, total }, failed_addresses })
}

pub(super) fn access_keys(rows: Vec<KeyRow>) -> Vec<AccessKeyUse> {
    let mut groups: BTreeMap<(String, Option<String>), Vec<KeyRow>> = BTreeMap::new();
    for row in rows {
        groups.entry((row.access_key_id.clone(), row.account_id.clone())).or_default().push(row);
    }
    let listed = |rows: &[KeyRow], part: KeyPart| {
        let of_part = || rows.iter().filter(|row| row.part == part);
        Listed {
            items: of_part().map(|row| Counted { value: row.value.clone(), count: row.calls }).collect(),
            total: of_part().next().map_or(0, |row| row.total),
        }
    };
    let mut keys: Vec<_> = groups
        .into_iter()
        .filter_map(|((access_key_id, account_id), rows)| {
            let all = rows.iter().find(|row| row.part == KeyPart::Key)?;
            Some(AccessKeyUse {
                kind: access_key_kind(&access_key_id),
                access_key_id,
                account_id,
                calls: all.calls,
                failed: all.failed,
                first: all.first,
                last: all.last,
                addresses: listed(&rows, KeyPart::Address),
                services: listed(&rows, KeyPart::Service),
            })
        })
        .collect();
    keys.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.access_key_id.cmp(&b.access_key_id)));
    keys
}

pub(super) fn changes(rows: Vec<ChangeRow>) -> Changes {
    let (done, not_done): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.done);
    let group = |row: ChangeRow| {
        let mut examples: Vec<String> = row.first_resource.into_iter().collect();
        examples.extend(row.last_resource.filter(|last| examples.first() != Some(last)));
        ChangeGroup {
            service: row.service,
            event_name: row.event_name,
            count: row.count,
            first: row.first,
            last: row.last,
            resources: Listed { items: examples, total: row.resources },
            denied: row.denied,
        }
    };
    let listed = |rows: Vec<ChangeRow>| {
        let total = rows.first().map_or(0, |row| row.total);
        Listed { items: rows.into_iter().map(group).collect(), total }
    };
    Changes { done: listed(done), not_done: listed(not_done) }
}

pub(super) fn cover(parts: &[CoverageRow], lake: &LakeRow, days: &[DayUse], span: Span) -> Coverage {
    let sum = |count: fn(&CoverageRow) -> u64| parts.iter().map(count).sum::<u64>();
    let (events, writes, reads) = (sum(|part| part.events), sum(|part| part.writes), sum(|part| part.reads));
    let days_of = |state| days.iter().filter(|day| day.state == state).map(|day| day.day).collect();
    // An open end lies just behind the newest event.
    let behind = |newest: LocalTime| newest.utc() + TimeDelta::microseconds(1) < span.until;
    Coverage {
        oldest_event: lake.oldest_event,
        newest_event: lake.newest_event,
        first_in_range: parts.iter().map(|part| part.first).min(),
        last_in_range: parts.iter().map(|part| part.last).max(),
        events,
        writes,
        reads,
        not_said: sum(|part| part.not_said),
        access_not_known: events.saturating_sub(writes + reads),
        days_without_events: days_of(DayState::NoEventsDelivered),
        days_of_other_regions: days_of(DayState::OtherRegionsOnly),
        days: days.len() as u64,
        begins_before_oldest: lake.oldest_event.is_some_and(|oldest| span.since < oldest.utc()),
        ends_after_newest: lake.newest_event.is_some_and(behind),
        regions: top(parts.iter().map(|part| (part.region.clone(), part.events)), usize::MAX).items,
        accounts: top(parts.iter().map(|part| (part.account_id.clone(), part.events)), usize::MAX).items,
        sources: lake.sources,
        ..Coverage::default()
    }
}

/// Lists changes of trails in the range, and those before it that still held when it began, and counts the others.
/// Those that lose events come before others where not all are listed.
pub(super) fn trail_changes(delivery: &Delivery, span: Span) -> Result<(Vec<TrailChange>, u64), EngineError> {
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
    Ok((changes, more))
}

/// Sums up counts by value, the greatest first.
pub(super) fn top(counts: impl Iterator<Item = (Option<String>, u64)>, listed: usize) -> Listed<Counted> {
    let mut sums: BTreeMap<Option<String>, u64> = BTreeMap::new();
    for (value, count) in counts {
        *sums.entry(value).or_default() += count;
    }
    let mut items: Vec<_> = sums.into_iter().map(|(value, count)| Counted { value, count }).collect();
    items.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    cut(items, listed)
}

pub(super) fn counted<T>(rows: Vec<OfTotal<T>>) -> Listed<T> {
    let total = rows.first().map_or(0, |row| row.total);
    Listed { items: rows.into_iter().map(|row| row.item).collect(), total }
}

pub(super) fn cut<T>(mut items: Vec<T>, listed: usize) -> Listed<T> {
    let total = items.len() as u64;
    items.truncate(listed);
    Listed { items, total }
}

/// A word for nothing is no text.
pub(super) fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !is_absent_word(text))
}
