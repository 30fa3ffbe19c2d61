//! Figures by day and period, of an account or of all, beside what was delivered of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::super::delivery::Delivery;
use super::LISTED;
use crate::event::known_names::KnownNames;
use crate::event::time::{Zone, start_of_day};
use crate::report::calendar::{Day, LocalTime, NamedSpan, PERIODS_BEFORE, Span};
use crate::report::model::*;

/// The use of root on a day of a period in an account.
#[derive(Debug, Deserialize)]
pub(super) struct RootDayRow {
    period: i64,
    day: Day,
    account_id: Option<String>,
    logons: u64,
    console_writes: u64,
    root_events: u64,
    logons_succeeded: u64,
    logons_failed: u64,
    logons_with_mfa: u64,
    logons_without_mfa: u64,
    access_key_calls: u64,
    long_term_key_calls: u64,
    changes: u64,
    changes_failed: u64,
    access_not_known: u64,
    denied: u64,
}

/// Events of every identity on a day of a period in an account.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct DeliveredRow {
    period: i64,
    day: Day,
    account_id: Option<String>,
    events: u64,
}

/// The rows that figures are summed up from.
pub(super) struct Tables<'a> {
    pub(super) delivery: &'a Delivery,
    /// The use of root, in the regions of the report.
    pub(super) root: &'a [RootDayRow],
    /// Events of the regions of the report.
    pub(super) scoped: &'a [DeliveredRow],
    /// Events of every region.
    pub(super) delivered: &'a [DeliveredRow],
    /// The range of the report, and those before it.
    pub(super) periods: &'a [NamedSpan; PERIODS_BEFORE + 1],
    pub(super) tz: Zone,
    pub(super) now: DateTime<Utc>,
    pub(super) threshold: u64,
}

/// An account, or all of them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of<'a> {
    Every,
    Account(Option<&'a str>),
}

impl Of<'_> {
    fn has(self, account: &Option<String>) -> bool {
        match self {
            Self::Every => true,
            Self::Account(wanted) => account.as_deref() == wanted,
        }
    }
}

impl Tables<'_> {
    fn span(&self) -> Span {
        self.periods[0].span
    }

    /// Returns the accounts with an event before an instant.
    fn known_before(&self, until: DateTime<Utc>) -> BTreeSet<&Option<String>> {
        let accounts = self.delivery.accounts.iter();
        let known = accounts.filter(|(account, span)| self.delivery.is_account(account) && span.first.utc() < until);
        known.map(|(account, _)| account).collect()
    }

    /// Returns every account of the report: those that the data know by its end, and those with root events in it.
    pub(super) fn accounts(&self) -> Vec<Option<String>> {
        let mut accounts: BTreeSet<Option<String>> =
            self.known_before(self.span().until).into_iter().cloned().collect();
        accounts.extend(self.root.iter().filter(|row| row.period == 0).map(|row| row.account_id.clone()));
        accounts.into_iter().collect()
    }

    fn of_period<'s>(rows: &'s [DeliveredRow], period: i64, of: Of<'s>) -> impl Iterator<Item = &'s DeliveredRow> {
        rows.iter().filter(move |row| row.period == period && of.has(&row.account_id))
    }

    /// Sums up the figures of a period.
    pub(super) fn figures(&self, period: i64, of: Of<'_>) -> KeyFigures {
        let mut sum = KeyFigures {
            events: Self::of_period(self.scoped, period, of).map(|row| row.events).sum(),
            ..KeyFigures::default()
        };
        let mut busy = BTreeSet::new();
        for row in self.root.iter().filter(|row| row.period == period && of.has(&row.account_id)) {
            sum.root_events += row.root_events;
            sum.logons_succeeded += row.logons_succeeded;
            sum.logons_failed += row.logons_failed;
            sum.logons_with_mfa += row.logons_with_mfa;
            sum.logons_without_mfa += row.logons_without_mfa;
            sum.access_key_calls += row.access_key_calls;
            sum.long_term_key_calls += row.long_term_key_calls;
            sum.changes += row.changes;
            sum.changes_failed += row.changes_failed;
            sum.access_not_known += row.access_not_known;
            sum.denied += row.denied;
            if row.root_events >= self.threshold {
                busy.insert(row.day);
            }
        }
        sum.logons_mfa_not_said = sum.logons_succeeded.saturating_sub(sum.logons_with_mfa + sum.logons_without_mfa);
        sum.high_frequency_days = busy.len() as u64;
        sum
    }

    /// Compares the range with those before it.
    pub(super) fn comparison(&self, of: Of<'_>) -> Vec<Period> {
        let one = |(n, period): (i64, &NamedSpan)| {
            let days = period.span.days(self.tz).len() as u64;
            let delivered = || Self::of_period(self.delivered, n, of);
            let with_events = delivered().map(|row| row.day).collect::<BTreeSet<_>>().len() as u64;
            let accounts: BTreeSet<_> =
                self.known_before(period.span.until).into_iter().filter(|account| of.has(account)).collect();
            let with_some: BTreeSet<_> = delivered().map(|row| &row.account_id).collect();
            Period {
                week: period.week.map(|week| week.to_string()),
                since: LocalTime::new(period.span.since, self.tz),
                until: LocalTime::new(period.span.until, self.tz),
                state: match with_events {
                    0 => PeriodState::NoData,
                    n if n < days => PeriodState::SomeDays,
                    _ => PeriodState::EveryDay,
                },
                days,
                days_with_events: with_events,
                accounts: accounts.len() as u64,
                accounts_silent: accounts.difference(&with_some).count() as u64,
                figures: (with_events > 0).then(|| self.figures(n, of)),
            }
        };
        (0..).zip(self.periods).map(one).collect()
    }

    /// Tells the state of a day with this many root events, events of the regions of the report, and events of all.
    fn state(&self, day: Day, root_events: u64, events: u64, delivered: u64) -> DayState {
        match (root_events, events, delivered) {
            (0, 0, 0) if start_of_day(day.0, self.tz) >= self.now => DayState::NotYet,
            (0, 0, 0) => DayState::NoEventsDelivered,
            (0, 0, _) => DayState::OtherRegionsOnly,
            (0, _, _) => DayState::NoRootEvents,
            _ => DayState::Events,
        }
    }

    /// Tells what root did on each day of the range.
    pub(super) fn days(&self, of: Of<'_>) -> Vec<DayUse> {
        let accounts: BTreeSet<_> =
            self.known_before(self.span().until).into_iter().filter(|account| of.has(account)).collect();
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
        let mut uses: BTreeMap<Day, DayUse> =
            self.span().days(self.tz).into_iter().map(|day| (day, empty(day))).collect();
        for row in Self::of_period(self.scoped, 0, of) {
            uses.entry(row.day).or_insert_with(|| empty(row.day)).all_events += row.events;
        }
        for row in self.root.iter().filter(|row| row.period == 0 && of.has(&row.account_id)) {
            let day = uses.entry(row.day).or_insert_with(|| empty(row.day));
            day.logons += row.logons;
            day.access_key_calls += row.access_key_calls;
            day.console_writes += row.console_writes;
            day.other += row.root_events.saturating_sub(row.logons + row.access_key_calls + row.console_writes);
        }
        let mut delivered: BTreeMap<Day, u64> = BTreeMap::new();
        for row in Self::of_period(self.delivered, 0, of) {
            *delivered.entry(row.day).or_default() += row.events;
            if let Some(day) = uses.get_mut(&row.day).filter(|_| accounts.contains(&row.account_id)) {
                day.accounts_without_events = day.accounts_without_events.saturating_sub(1);
            }
        }
        let mut uses: Vec<_> = uses.into_values().collect();
        for day in &mut uses {
            let delivered = delivered.get(&day.day).copied().unwrap_or(0);
            day.state = self.state(day.day, day.root_events(), day.all_events, delivered);
            if day.state == DayState::NotYet {
                day.accounts_without_events = 0;
            }
        }
        uses
    }

    /// Fills in the delivery of each account in the range.
    pub(super) fn cover(&self, coverage: &mut Coverage, days: &[DayUse], names: &KnownNames) {
        let mut by_account: BTreeMap<(&Option<String>, Day), (u64, u64, u64)> = BTreeMap::new();
        for row in Self::of_period(self.delivered, 0, Of::Every) {
            by_account.entry((&row.account_id, row.day)).or_default().0 += row.events;
        }
        for row in Self::of_period(self.scoped, 0, Of::Every) {
            by_account.entry((&row.account_id, row.day)).or_default().1 += row.events;
        }
        for row in self.root.iter().filter(|row| row.period == 0) {
            by_account.entry((&row.account_id, row.day)).or_default().2 += row.root_events;
        }
        let mut found = Vec::new();
        for account in self.known_before(self.span().until) {
            let day = |day: &DayUse| {
                let (events, scoped, root_events) = by_account.get(&(account, day.day)).copied().unwrap_or_default();
                AccountDay {
                    day: day.day,
                    state: self.state(day.day, root_events, scoped, events),
                    events,
                    root_events,
                }
            };
            let days: Vec<AccountDay> = days.iter().map(day).collect();
            let silent = days.iter().filter(|day| day.events == 0 && day.state != DayState::NotYet).count() as u64;
            found.push(AccountDelivery {
                account_id: account.clone(),
                name: account.as_deref().and_then(|id| names.account(id)).map(str::to_owned),
                events: days.iter().map(|day| day.events).sum(),
                last_event: self.delivery.accounts.get(account).and_then(|span| span.last),
                days_without_events: silent,
                days,
            });
        }
        coverage.accounts_silent = found.iter().filter(|account| account.is_silent()).count() as u64;
        let of_all = coverage.days_without_events.len() as u64;
        coverage.accounts_with_gaps =
            found.iter().filter(|one| !one.is_silent() && one.days_without_events > of_all).count() as u64;
        found.sort_by(|a, b| {
            let key =
                |account: &AccountDelivery| (!account.is_silent(), std::cmp::Reverse(account.days_without_events));
            (key(a), &a.account_id).cmp(&(key(b), &b.account_id))
        });
        coverage.delivery = Listed::cut(found, LISTED);
    }
}
