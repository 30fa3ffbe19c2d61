//! The weekly root-account usage report: SQL answers in, one [`RootUsage`] out.
//!
//! A handful of statements under `report/sql` count everything the report says, in the engine, so that memory does not
//! grow with the number of events; only lists that people read come back, and they are cut. This file folds the
//! answers into the model and never looks at an event. The engine's scope must not be narrower in time than the four
//! ranges before the report's own, since these are read as well, and its time zone must be the report's.
//!
//! What was delivered is asked of the whole lake ([`super::delivery`]), by account: an account that fell silent must
//! show beside one that did not, and a region without events is no silence where other regions have some.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::OpsError;
use super::delivery::Delivery;
use super::open::Opened;
use crate::engine::{EngineError, FutureEvents, Param, Session};
use crate::event::ids::{access_key_kind, is_absent_word};
use crate::event::time::{IsoWeek, Zone};
use crate::report::calendar::{Day, LocalTime, NamedSpan, PERIODS_BEFORE, Span, periods};
use crate::report::model::*;
use crate::report::{coverage, findings, wording};

/// How many logons are listed.
const LISTED_LOGONS: u64 = 1000;
/// How many entries other lists have at most.
const LISTED: usize = 50;
/// How many addresses and services an AccessKey is shown with.
const LISTED_PER_KEY: usize = 12;
/// How many changes of trails are listed.
const LISTED_TRAIL_CHANGES: usize = 200;

/// What to report on.
#[derive(Debug, Clone)]
pub struct RootUsageOptions {
    /// First instant of the range.
    pub since: DateTime<Utc>,
    /// The first instant after it.
    pub until: DateTime<Utc>,
    /// The ISO week that the range is, if it is one.
    pub week: Option<IsoWeek>,
    /// The time zone of days and printed times; the engine's scope has the same.
    pub tz: Zone,
    /// When the report is made.
    pub now: DateTime<Utc>,
    /// From how many root operations a day is called a high-frequency day.
    pub high_frequency: i64,
}

/// Makes the report.
pub fn root_usage(opened: &Opened, options: &RootUsageOptions) -> Result<RootUsage, OpsError> {
    let session = opened.session();
    let tz = options.tz;
    let periods = periods(Span { since: options.since, until: options.until }, options.week, tz);
    let threshold = u64::try_from(options.high_frequency).unwrap_or(0).max(1);
    let range = [("since", Param::Time(options.since)), ("until", Param::Time(options.until))];
    let listed =
        |most: usize| [&range[..], &[("listed", Param::Int(i64::try_from(most).unwrap_or(i64::MAX)))]].concat();
    let listed_per_key = listed(LISTED_PER_KEY);
    let listed = listed(LISTED);

    let whole = Delivery::ask(session)?;
    let days: Vec<DayRow> = session.rows(include_str!("../report/sql/days.sql"), &period_params(&periods))?;
    // Without a limit to regions, what was delivered is what is counted.
    let delivered: Vec<DeliveredRow> = if session.scope().regions.is_empty() {
        days.iter().map(DeliveredRow::of).collect()
    } else {
        whole.session.rows(include_str!("../report/sql/delivered.sql"), &period_params(&periods))?
    };
    let known = KnownAccounts { whole: &whole, delivered: &delivered };
    let of_range = || days.iter().filter(|row| row.period == 0);
    let figures = key_figures(of_range(), threshold);
    let parts = session.rows::<CoverageRow>(include_str!("../report/sql/coverage.sql"), &range)?;
    let lake =
        session.rows::<LakeRow>(include_str!("../report/sql/lake.sql"), &[])?.into_iter().next().unwrap_or_default();
    let days_of_range = day_uses(periods[0].span, tz, of_range(), &known);

    let scope = session.scope();
    // An event of the future says nothing of how far the data reach.
    let newest_event = scope.newest_event.filter(|_| scope.future_events.is_some());
    let lake = LakeRow { newest_event: newest_event.map(|at| LocalTime::new(at, tz)).or(lake.newest_event), ..lake };
    let mut coverage = cover(&parts, &lake, &days_of_range, periods[0].span);
    known.cover(&mut coverage, &days_of_range, &days, periods[0].span);
    coverage.remarks = whole.remarks(options.since, options.until, LISTED)?;
    coverage.rejected = coverage.remarks.rejected();
    (coverage.trail_changes, coverage.more_trail_changes) = trail_changes(&whole, periods[0].span)?;
    let mut report = RootUsage {
        schema_version: SCHEMA_VERSION,
        subject: Subject {
            week: options.week.map(|week| week.to_string()),
            since: LocalTime::new(options.since, tz),
            until: LocalTime::new(options.until, tz),
            time_zone: tz.to_string(),
            only_accounts: scope.accounts.clone(),
            only_regions: scope.regions.clone(),
            accounts: coverage.accounts.iter().filter_map(|account| account.value.clone()).collect(),
            generated_at: LocalTime::new(options.now, tz),
            trailql_version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        findings: Vec::new(),
        figures,
        logons: logons(session, options, &figures)?,
        access_keys: access_keys(session.rows(include_str!("../report/sql/access_keys.sql"), &listed_per_key)?),
        changes: changes(session.rows(include_str!("../report/sql/changes.sql"), &listed)?),
        high_frequency: HighFrequency { threshold, days: busy_days(of_range(), threshold) },
        denied: counted(session.rows(include_str!("../report/sql/denied.sql"), &listed)?),
        others: Others {
            chosen_by: wording::OTHERS_CHOSEN_BY.to_owned(),
            cannot_tell: wording::CANNOT_TELL.to_owned(),
            same_address: counted(session.rows(include_str!("../report/sql/same_address.sql"), &listed)?),
            administrators: counted(session.rows(include_str!("../report/sql/administrators.sql"), &listed)?),
        },
        comparison: compare(&periods, &days, &known, threshold, tz),
        days: days_of_range,
        coverage,
    };
    report.coverage.notes = coverage::notes(&report);
    if let Some(FutureEvents { count, newest }) = scope.future_events {
        let are = wording::count(count, "event is", "events are");
        let text = format!("{are} dated in the future, the newest {}.", LocalTime::new(newest, tz));
        report.coverage.notes.insert(0, Note { warning: true, text });
    }
    report.findings = findings::findings(&report);
    Ok(report)
}

/// `since`, `since_1` to `since_4` and `until`.
fn period_params(periods: &[NamedSpan; PERIODS_BEFORE + 1]) -> Vec<(&'static str, Param)> {
    let names = ["since", "since_1", "since_2", "since_3", "since_4"];
    let mut params: Vec<_> =
        names.into_iter().zip(periods).map(|(name, period)| (name, Param::Time(period.span.since))).collect();
    params.extend(periods.first().map(|period| ("until", Param::Time(period.span.until))));
    params
}

#[derive(Debug, Deserialize)]
struct DayRow {
    period: i64,
    day: Day,
    account_id: Option<String>,
    events: u64,
    root_events: u64,
    logons: u64,
    logons_succeeded: u64,
    logons_with_mfa: u64,
    logons_without_mfa: u64,
    access_key_calls: u64,
    long_term_key_calls: u64,
    console_writes: u64,
    changes: u64,
    changes_failed: u64,
    access_not_known: u64,
    denied: u64,
}

/// Events of an account on a day, of whatever region.
#[derive(Debug, Deserialize)]
struct DeliveredRow {
    period: i64,
    day: Day,
    account_id: Option<String>,
    events: u64,
}

impl DeliveredRow {
    fn of(row: &DayRow) -> Self {
        Self { period: row.period, day: row.day, account_id: row.account_id.clone(), events: row.events }
    }
}

/// The accounts of the lake, and what was delivered of them.
struct KnownAccounts<'a> {
    whole: &'a Delivery,
    delivered: &'a [DeliveredRow],
}

impl KnownAccounts<'_> {
    /// Accounts with an event before an instant, each of which could have one before it again.
    fn before(&self, until: DateTime<Utc>) -> BTreeSet<&Option<String>> {
        let accounts = self.whole.accounts.iter();
        let known = accounts.filter(|(account, span)| self.whole.is_account(account) && span.first.utc() < until);
        known.map(|(account, _)| account).collect()
    }

    fn of_period(&self, period: i64) -> impl Iterator<Item = &DeliveredRow> {
        self.delivered.iter().filter(move |row| row.period == period)
    }

    /// Events of the range by account and day.
    fn by_account(&self) -> BTreeMap<&Option<String>, BTreeMap<Day, u64>> {
        let mut accounts: BTreeMap<&Option<String>, BTreeMap<Day, u64>> = BTreeMap::new();
        for row in self.of_period(0) {
            *accounts.entry(&row.account_id).or_default().entry(row.day).or_default() += row.events;
        }
        accounts
    }

    /// Fills in what was delivered of each account in the range.
    fn cover(&self, coverage: &mut Coverage, days: &[DayUse], rows: &[DayRow], span: Span) {
        let (by_account, no_days) = (self.by_account(), BTreeMap::new());
        let mut root: BTreeMap<(&Option<String>, Day), (u64, u64)> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.period == 0) {
            let counts = root.entry((&row.account_id, row.day)).or_default();
            counts.0 += row.events;
            counts.1 += row.root_events;
        }
        let (root, mut found) = (&root, Vec::new());
        for account in self.before(span.until) {
            let delivered = by_account.get(account).unwrap_or(&no_days);
            let day = move |day: &DayUse| {
                let events = delivered.get(&day.day).copied().unwrap_or(0);
                let (here, root_events) = root.get(&(account, day.day)).copied().unwrap_or_default();
                AccountDay { day: day.day, state: day_state(root_events, here, events), events, root_events }
            };
            let silent_days = days.iter().filter(|day| !delivered.contains_key(&day.day)).count() as u64;
            found.push((silent_days, account, delivered.values().sum::<u64>(), day));
        }
        coverage.accounts_silent = found.iter().filter(|(_, _, events, _)| *events == 0).count() as u64;
        let of_all = coverage.days_without_events.len() as u64;
        coverage.accounts_with_gaps =
            found.iter().filter(|(silent_days, _, events, _)| *events > 0 && *silent_days > of_all).count() as u64;
        coverage.delivery.total = found.len() as u64;
        found.sort_by(|a, b| (a.2 > 0, b.0, a.1).cmp(&(b.2 > 0, a.0, b.1)));
        let items = found.into_iter().take(LISTED).map(|(days_without_events, account, events, day)| AccountDelivery {
            account_id: account.clone(),
            events,
            last_event: self.whole.accounts.get(account).and_then(|span| span.last),
            days_without_events,
            days: days.iter().map(day).collect(),
        });
        coverage.delivery.items = items.collect();
    }
}

/// What is known of a day with so many root events, events of the regions of the report, and events of all.
fn day_state(root_events: u64, events: u64, delivered: u64) -> DayState {
    match (root_events, events, delivered) {
        (0, 0, 0) => DayState::NoEventsDelivered,
        (0, 0, _) => DayState::OtherRegionsOnly,
        (0, _, _) => DayState::NoRootEvents,
        _ => DayState::Events,
    }
}

fn key_figures<'a>(rows: impl Iterator<Item = &'a DayRow>, threshold: u64) -> KeyFigures {
    let mut sum = KeyFigures::default();
    let mut busy = BTreeSet::new();
    for row in rows {
        sum.events += row.events;
        sum.root_events += row.root_events;
        sum.logons_succeeded += row.logons_succeeded;
        sum.logons_failed += row.logons.saturating_sub(row.logons_succeeded);
        sum.logons_with_mfa += row.logons_with_mfa;
        sum.logons_without_mfa += row.logons_without_mfa;
        sum.access_key_calls += row.access_key_calls;
        sum.long_term_key_calls += row.long_term_key_calls;
        sum.changes += row.changes;
        sum.changes_failed += row.changes_failed;
        sum.access_not_known += row.access_not_known;
        sum.denied += row.denied;
        if row.root_events >= threshold {
            busy.insert(row.day);
        }
    }
    sum.logons_mfa_not_said = sum.logons_succeeded.saturating_sub(sum.logons_with_mfa + sum.logons_without_mfa);
    sum.high_frequency_days = busy.len() as u64;
    sum
}

fn busy_days<'a>(rows: impl Iterator<Item = &'a DayRow>, threshold: u64) -> Vec<BusyDay> {
    rows.filter(|row| row.root_events >= threshold)
        .map(|row| BusyDay { day: row.day, account_id: row.account_id.clone(), root_events: row.root_events })
        .collect()
}

fn day_uses<'a>(
    span: Span,
    tz: Zone,
    rows: impl Iterator<Item = &'a DayRow>,
    known: &KnownAccounts<'_>,
) -> Vec<DayUse> {
    let accounts = known.before(span.until);
    let empty = |day| DayUse {
        day,
        state: DayState::NoEventsDelivered,
        logons: 0,
        access_key_calls: 0,
        console_writes: 0,
        other: 0,
        all_events: 0,
        accounts: accounts.len() as u64,
        accounts_without_events: accounts.len() as u64,
    };
    let mut uses: BTreeMap<Day, DayUse> = span.days(tz).into_iter().map(|day| (day, empty(day))).collect();
    for row in rows {
        let day = uses.entry(row.day).or_insert_with(|| empty(row.day));
        day.logons += row.logons;
        day.access_key_calls += row.access_key_calls;
        day.console_writes += row.console_writes;
        day.other += row.root_events.saturating_sub(row.logons + row.access_key_calls + row.console_writes);
        day.all_events += row.events;
    }
    let mut delivered: BTreeMap<Day, u64> = BTreeMap::new();
    for (account, days) in known.by_account() {
        for (day, events) in days {
            *delivered.entry(day).or_default() += events;
            if let Some(day) = uses.get_mut(&day).filter(|_| accounts.contains(account)) {
                day.accounts_without_events = day.accounts_without_events.saturating_sub(1);
            }
        }
    }
    let mut uses: Vec<_> = uses.into_values().collect();
    for day in &mut uses {
        day.state = day_state(day.root_events(), day.all_events, delivered.get(&day.day).copied().unwrap_or(0));
    }
    uses
}

fn compare(
    periods: &[NamedSpan; PERIODS_BEFORE + 1],
    rows: &[DayRow],
    known: &KnownAccounts<'_>,
    threshold: u64,
    tz: Zone,
) -> Vec<Period> {
    let one = |(n, period): (i64, &NamedSpan)| {
        let days = period.span.days(tz).len() as u64;
        let with_events = known.of_period(n).map(|row| row.day).collect::<BTreeSet<_>>().len() as u64;
        let accounts = known.before(period.span.until);
        let delivered: BTreeSet<_> = known.of_period(n).map(|row| &row.account_id).collect();
        Period {
            week: period.week.map(|week| week.to_string()),
            since: LocalTime::new(period.span.since, tz),
            until: LocalTime::new(period.span.until, tz),
            state: match with_events {
                0 => PeriodState::NoData,
                n if n < days => PeriodState::SomeDays,
                _ => PeriodState::EveryDay,
            },
            days,
            days_with_events: with_events,
            accounts: accounts.len() as u64,
            accounts_silent: accounts.difference(&delivered).count() as u64,
            figures: (with_events > 0).then(|| key_figures(rows.iter().filter(|row| row.period == n), threshold)),
        }
    };
    (0..).zip(periods).map(one).collect()
}

#[derive(Debug, Deserialize)]
struct LogonRow {
    event_time: LocalTime,
    succeeded: bool,
    error_code: Option<String>,
    error_message: Option<String>,
    mfa_used: Option<bool>,
    source_ip_address: Option<String>,
    user_agent: Option<String>,
    login_account: Option<String>,
    account_id: Option<String>,
    event_id: Option<String>,
    failed_in_hour_before: Option<u64>,
    failed_in_same_second: Option<u64>,
    failed_without_account: Option<u64>,
}

fn logons(session: &Session, options: &RootUsageOptions, figures: &KeyFigures) -> Result<Logons, EngineError> {
    let hour_before = options.since.checked_sub_signed(TimeDelta::hours(1)).unwrap_or(options.since);
    let params = [
        ("since", Param::Time(options.since)),
        ("until", Param::Time(options.until)),
        ("hour_before", Param::Time(hour_before)),
        ("listed", Param::Int(LISTED_LOGONS as i64)),
    ];
    let rows: Vec<LogonRow> = session.rows(include_str!("../report/sql/logons.sql"), &params)?;
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

#[derive(Debug, Deserialize)]
struct KeyRow {
    access_key_id: String,
    account_id: Option<String>,
    part: KeyPart,
    value: Option<String>,
    calls: u64,
    failed: u64,
    first: LocalTime,
    last: LocalTime,
    total: u64,
}

/// A row about a key counts all of its calls, or those from one address, or those of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KeyPart {
    Key,
    Address,
    Service,
}

fn access_keys(rows: Vec<KeyRow>) -> Vec<AccessKeyUse> {
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

#[derive(Debug, Deserialize)]
struct ChangeRow {
    service: Option<String>,
    event_name: Option<String>,
    done: bool,
    count: u64,
    denied: u64,
    first: LocalTime,
    last: LocalTime,
    first_resource: Option<String>,
    last_resource: Option<String>,
    resources: u64,
    total: u64,
}

fn changes(rows: Vec<ChangeRow>) -> Changes {
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

#[derive(Debug, Default, Deserialize)]
struct LakeRow {
    sources: u64,
    oldest_event: Option<LocalTime>,
    newest_event: Option<LocalTime>,
}

fn cover(parts: &[CoverageRow], lake: &LakeRow, days: &[DayUse], span: Span) -> Coverage {
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

/// Changes of trails in the range, and those before it that still held when it began; then how many more there are.
/// Those that lose events come before others where not all are listed.
fn trail_changes(whole: &Delivery, span: Span) -> Result<(Vec<TrailChange>, u64), EngineError> {
    let (mut changes, mut more) = whole.trail_changes()?;
    changes.retain(|change| {
        let still_held = change.loses_events() && change.until.is_none_or(|until| until.utc() > span.since);
        change.time.utc() < span.until && (change.last.utc() >= span.since || still_held)
    });
    let (failures, more_failures) =
        whole.trail_failures(span.since, span.until, i64::try_from(LISTED).unwrap_or(i64::MAX))?;
    changes.extend(failures);
    changes.sort_by_key(|change| (!change.loses_events(), std::cmp::Reverse(change.time)));
    more += more_failures + changes.len().saturating_sub(LISTED_TRAIL_CHANGES) as u64;
    changes.truncate(LISTED_TRAIL_CHANGES);
    changes.sort_by(|a, b| (a.time, &a.event_id).cmp(&(b.time, &b.event_id)));
    Ok((changes, more))
}

/// Sums up counts by value, the greatest first.
fn top(counts: impl Iterator<Item = (Option<String>, u64)>, listed: usize) -> Listed<Counted> {
    let mut sums: BTreeMap<Option<String>, u64> = BTreeMap::new();
    for (value, count) in counts {
        *sums.entry(value).or_default() += count;
    }
    let mut items: Vec<_> = sums.into_iter().map(|(value, count)| Counted { value, count }).collect();
    items.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    cut(items, listed)
}

/// A row of a list that was cut where it was made, with how many there are in all.
#[derive(Debug, Deserialize)]
struct OfTotal<T> {
    total: u64,
    #[serde(flatten)]
    item: T,
}

fn counted<T>(rows: Vec<OfTotal<T>>) -> Listed<T> {
    let total = rows.first().map_or(0, |row| row.total);
    Listed { items: rows.into_iter().map(|row| row.item).collect(), total }
}

fn cut<T>(mut items: Vec<T>, listed: usize) -> Listed<T> {
    let total = items.len() as u64;
    items.truncate(listed);
    Listed { items, total }
}

/// A word for nothing is no text.
fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !is_absent_word(text))
}
