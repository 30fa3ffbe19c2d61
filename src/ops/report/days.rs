//! Accounts of the lake, and the days of the range on which something was delivered of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::super::delivery::Delivery;
use super::LISTED;
use super::rows::{DayRow, DeliveredRow};
use crate::event::time::Zone;
use crate::report::calendar::{Day, LocalTime, NamedSpan, PERIODS_BEFORE, Span};
use crate::report::model::*;

/// Accounts of the lake, with the events delivered of each.
pub(super) struct KnownAccounts<'a> {
    pub(super) delivery: &'a Delivery,
    pub(super) delivered: &'a [DeliveredRow],
}

impl KnownAccounts<'_> {
    /// Returns the accounts with an event before an instant.
    fn before(&self, until: DateTime<Utc>) -> BTreeSet<&Option<String>> {
        let accounts = self.delivery.accounts.iter();
        let known = accounts.filter(|(account, span)| self.delivery.is_account(account) && span.first.utc() < until);
        known.map(|(account, _)| account).collect()
    }

    fn of_period(&self, period: i64) -> impl Iterator<Item = &DeliveredRow> {
        self.delivered.iter().filter(move |row| row.period == period)
    }

    /// Counts events of the range by account and day.
    fn by_account(&self) -> BTreeMap<&Option<String>, BTreeMap<Day, u64>> {
        let mut accounts: BTreeMap<&Option<String>, BTreeMap<Day, u64>> = BTreeMap::new();
        for row in self.of_period(0) {
            *accounts.entry(&row.account_id).or_default().entry(row.day).or_default() += row.events;
        }
        accounts
    }

    /// Fills in the delivery of each account in the range.
    pub(super) fn cover(&self, coverage: &mut Coverage, days: &[DayUse], rows: &[DayRow], span: Span) {
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
            last_event: self.delivery.accounts.get(account).and_then(|span| span.last),
            days_without_events,
            days: days.iter().map(day).collect(),
        });
        coverage.delivery.items = items.collect();
    }
}

/// Returns the state of a day with this many root events, events of the regions of the report, and events of all.
fn day_state(root_events: u64, events: u64, delivered: u64) -> DayState {
    match (root_events, events, delivered) {
        (0, 0, 0) => DayState::NoEventsDelivered,
        (0, 0, _) => DayState::OtherRegionsOnly,
        (0, _, _) => DayState::NoRootEvents,
        _ => DayState::Events,
    }
}

pub(super) fn key_figures<'a>(rows: impl Iterator<Item = &'a DayRow>, threshold: u64) -> KeyFigures {
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

pub(super) fn busy_days<'a>(rows: impl Iterator<Item = &'a DayRow>, threshold: u64) -> Vec<BusyDay> {
    rows.filter(|row| row.root_events >= threshold)
        .map(|row| BusyDay { day: row.day, account_id: row.account_id.clone(), root_events: row.root_events })
        .collect()
}

pub(super) fn day_uses<'a>(
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

pub(super) fn compare(
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
