//! The weekly root-account usage report: SQL answers in, one [`RootUsage`] out.
//!
//! The statements beside this file count everything that the report says, in the engine, so that memory does not grow
//! with the number of events. Lists that people read come back, and they are cut. [`fold`] and [`days`] put the rows
//! into the model. The session must see the four periods before the report's own, and its zone must be the report's.
//!
//! Delivery is asked of the whole lake ([`super::delivery`]), by account: an account that fell silent must show beside
//! one that did not, and a region without events is no silence where other regions have some.

mod days;
mod fold;
mod rows;

use chrono::{DateTime, Utc};

use super::OpsError;
use super::delivery::Delivery;
use super::open::Opened;
use crate::engine::{FutureEvents, Param};
use crate::event::time::{IsoWeek, Zone};
use crate::report::calendar::{LocalTime, NamedSpan, PERIODS_BEFORE, Span, periods};
use crate::report::model::*;
use crate::report::{coverage, findings, wording};
use days::{KnownAccounts, busy_days, compare, day_uses, key_figures};
use fold::{access_keys, changes, counted, cover, logons, trail_changes};
use rows::{CoverageRow, DayRow, DeliveredRow, LakeRow};

/// The most logons that are listed.
const LISTED_LOGONS: u64 = 1000;
/// The most entries of other lists.
const LISTED: usize = 50;
/// The most addresses, and services, that an AccessKey is shown with.
const LISTED_PER_KEY: usize = 12;
/// The most changes of trails that are listed.
const LISTED_TRAIL_CHANGES: usize = 200;

/// Options of the report.
#[derive(Debug, Clone)]
pub struct RootUsageOptions {
    /// Start of the range, inclusive.
    pub since: DateTime<Utc>,
    /// End of the range, exclusive.
    pub until: DateTime<Utc>,
    /// The ISO week that the range is, if it is one.
    pub week: Option<IsoWeek>,
    /// The time zone of days and printed times; the session has the same.
    pub tz: Zone,
    /// The time at which the report is made.
    pub now: DateTime<Utc>,
    /// Root operations from which on a day counts as one of high frequency.
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

    let delivery = Delivery::ask(session)?;
    let days: Vec<DayRow> = session.rows(include_str!("days.sql"), &period_params(&periods))?;
    // Without a limit to regions, what was delivered is what is counted.
    let delivered: Vec<DeliveredRow> = if session.scope().regions.is_empty() {
        days.iter().map(DeliveredRow::of).collect()
    } else {
        delivery.session.rows(include_str!("delivered.sql"), &period_params(&periods))?
    };
    let known = KnownAccounts { delivery: &delivery, delivered: &delivered };
    let of_range = || days.iter().filter(|row| row.period == 0);
    let figures = key_figures(of_range(), threshold);
    let parts = session.rows::<CoverageRow>(include_str!("coverage.sql"), &range)?;
    let lake = session.rows::<LakeRow>(include_str!("lake.sql"), &[])?.into_iter().next().unwrap_or_default();
    let days_of_range = day_uses(periods[0].span, tz, of_range(), &known);

    let scope = session.scope();
    // An event of the future says nothing of how far the data reach.
    let newest_event = scope.newest_event.filter(|_| scope.future_events.is_some());
    let lake = LakeRow { newest_event: newest_event.map(|at| LocalTime::new(at, tz)).or(lake.newest_event), ..lake };
    let mut coverage = cover(&parts, &lake, &days_of_range, periods[0].span);
    known.cover(&mut coverage, &days_of_range, &days, periods[0].span);
    coverage.remarks = delivery.remarks(options.since, options.until, LISTED)?;
    coverage.rejected = coverage.remarks.rejected();
    (coverage.trail_changes, coverage.more_trail_changes) = trail_changes(&delivery, periods[0].span)?;
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
        access_keys: access_keys(session.rows(include_str!("access_keys.sql"), &listed_per_key)?),
        changes: changes(session.rows(include_str!("changes.sql"), &listed)?),
        high_frequency: HighFrequency { threshold, days: busy_days(of_range(), threshold) },
        denied: counted(session.rows(include_str!("denied.sql"), &listed)?),
        others: Others {
            chosen_by: wording::OTHERS_CHOSEN_BY.to_owned(),
            cannot_tell: wording::CANNOT_TELL.to_owned(),
            same_address: counted(session.rows(include_str!("same_address.sql"), &listed)?),
            administrators: counted(session.rows(include_str!("administrators.sql"), &listed)?),
        },
        comparison: compare(&periods, &days, &known, threshold, tz),
        days: days_of_range,
        coverage,
    };
    report.coverage.notes = coverage::notes(&report);
    if let Some(FutureEvents { count, newest }) = scope.future_events {
        let are = wording::counted(count, "event is", "events are");
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
