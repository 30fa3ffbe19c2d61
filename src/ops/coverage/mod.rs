//! The delivery of events by account, region and day, and what is suspicious about it.
//!
//! "Nothing happened" and "nothing was delivered" look the same in a list of events, and mean the opposite to whoever
//! must answer for a day. Every day gets a state in one word:
//!
//! - `events`: there are events;
//! - `write_only`: there are write events, and not one read in the whole account on that day, be it that a trail was
//!   set so or that there are at least so many writes that reads ought to be among them;
//! - `read_only`: there are read events, and not one write in the whole account, since a trail was set so;
//! - `no_events`: none here, but others of the account were delivered on that day: nothing happened here, as far as the
//!   data tell;
//! - `trail_stopped`: none, and a trail of the account was stopped or deleted then;
//! - `nothing_delivered`: none, and nothing else of the account either: nothing can be said of the day.
//!
//! *Silence is judged from outside of what fell silent.* Accounts and regions are those of the whole lake, the range
//! ends at the end that was asked for or at the newest event of the lake, and calls on trails are read of all times
//! and regions. So an account that delivered nothing at all in the range has a row for each day of it. Events of the
//! future (later than the present by more than a day) end no range. Where the end that was asked for is still to come,
//! days that are not over yet are not missed.
//!
//! An object that lies in a day's folder does not make it `no_events`: trails write no empty objects, so what is in it
//! are the last events of the day before.
//!
//! An hour is silent where it has no event although the same hour of the same weekday had some in each of the weeks
//! before; a day is pointed out where one stretch without events has several of them. An hour that clocks skip on a day
//! is not missed, and one that they go through twice is one hour. The rule is simple so that people can check it.
//!
//! What has no day (events without a time, records that could not be read, exports that lack a page) is said beside the
//! days. An event of a wrong clock may lie centuries before the others: of a long stretch without events the first days
//! have rows, and how many were left out is said.

mod judge;
mod objects;

use super::OpsError;
use super::delivery::{Delivery, Place};
use super::open::Opened;
use crate::engine::Param;
use crate::report::calendar::{Day, LocalTime};
use crate::report::english_remark;
use crate::report::remarks::Remark;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use judge::{Judge, Limits};
use objects::Objects;
use serde::{Deserialize, Serialize};

/// Thresholds from which on something counts as suspicious.
#[derive(Debug, Clone)]
pub struct CoverageOptions {
    /// An hour is missed if it had events in each of this many weeks before.
    pub silent_weeks: u32,
    /// From so many silent hours in one stretch without events on, a day is pointed out.
    pub silent_hours: u32,
    /// From so many write events on, a day of an account without a read is `write_only`.
    pub write_only_from: u64,
}

impl Default for CoverageOptions {
    fn default() -> Self {
        Self { silent_weeks: 2, silent_hours: 4, write_only_from: 10 }
    }
}

/// The state of delivery on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// There are events.
    Events,
    /// There are write events, and no reads in the whole account.
    WriteOnly,
    /// There are read events, and no writes in the whole account, as a trail was set.
    ReadOnly,
    /// No events here, but others of the account were delivered.
    NoEvents,
    /// No events, and a trail was stopped or deleted.
    TrailStopped,
    /// No events and nothing else.
    NothingDelivered,
}

impl State {
    /// The state in one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::WriteOnly => "write_only",
            Self::ReadOnly => "read_only",
            Self::NoEvents => "no_events",
            Self::TrailStopped => "trail_stopped",
            Self::NothingDelivered => "nothing_delivered",
        }
    }
}

/// One day of an account in a region.
#[derive(Debug, Clone, Serialize)]
pub struct DayCoverage {
    /// Account; `None` where events carry none.
    pub account_id: Option<String>,
    /// Region; `None` where events carry none.
    pub region: Option<String>,
    /// The local day.
    pub day: Day,
    /// The state of delivery.
    pub state: State,
    /// Events.
    pub events: u64,
    /// Of these, read events.
    pub reads: u64,
    /// Write events.
    pub writes: u64,
    /// Files that the events were first found in.
    pub sources: u64,
    /// Five-minute steps of the day with events.
    pub steps: u64,
    /// Hours without events that had some in each of the weeks before.
    pub silent_hours: u64,
    /// First event.
    pub first: Option<LocalTime>,
    /// Last event.
    pub last: Option<LocalTime>,
}

/// Something suspicious.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Suspicion {
    /// First day; `None` for what has no time.
    pub since: Option<Day>,
    /// Last day.
    pub until: Option<Day>,
    /// Its kind, in one word.
    pub kind: &'static str,
    /// Account, where it is about one.
    pub account_id: Option<String>,
    /// Region, where it is about one.
    pub region: Option<String>,
    /// The facts, in a sentence.
    pub what: String,
}

/// The delivery of a lake.
#[derive(Debug, Default)]
pub struct Coverage {
    /// Every day of every account and region of the lake, from its first, or the start of the range, to the end.
    pub days: Vec<DayCoverage>,
    /// Suspicions by day.
    pub suspicions: Vec<Suspicion>,
}

#[derive(Debug, Clone, Deserialize)]
struct DayRow {
    account_id: Option<String>,
    region: Option<String>,
    day: Day,
    events: u64,
    reads: u64,
    writes: u64,
    steps: u64,
    hours: i64,
    first: LocalTime,
    last: LocalTime,
}

#[derive(Deserialize)]
struct SourcesRow {
    account_id: Option<String>,
    region: Option<String>,
    day: Day,
    sources: u64,
}

/// Sources and events that a sentence could name, at most.
const LISTED: usize = 20;

/// Tells what was delivered in scope.
pub fn coverage(opened: &Opened, options: &CoverageOptions) -> Result<Coverage, OpsError> {
    let session = opened.session();
    let scope = session.scope();
    let delivery = Delivery::ask(session)?;
    let (since, until) = (scope.since.unwrap_or(first_instant()), scope.until.unwrap_or(last_instant()));
    let (trail_changes, more_changes) = delivery.trail_changes()?;
    let remarks = delivery.remarks(since, until, LISTED)?;
    let mut suspicions: Vec<Suspicion> = remarks.list().iter().map(undated).collect();
    if more_changes > 0 {
        let what = format!("{more_changes} more changes of trails, earlier than those that are looked at");
        suspicions.push(Suspicion::undated("trail_changes", what));
    }
    let objects = Objects::read(session, scope)?;
    objects.suspicions(&mut suspicions);
    let mut days = Vec::new();
    if let Some(newest) = delivery.newest_event {
        let range = |since, until| [("since", Param::Time(since)), ("until", Param::Time(until))];
        let rows = |since, until| -> Result<Vec<DayRow>, OpsError> {
            Ok(delivery.session.rows(include_str!("../sql/coverage_days.sql"), &range(since, until))?)
        };
        let limits = Limits { tz: scope.tz, since: scope.since, until: scope.until, newest, now: scope.now };
        let mut judge = Judge::new(options, limits, &delivery, trail_changes);
        // An hour is missed where the weeks before had events, and those may lie before the range.
        if let Some(since) = scope.since {
            let weeks = TimeDelta::days(7 * i64::from(options.silent_weeks.max(1)) + 1);
            let before = since.checked_sub_signed(weeks).unwrap_or(first_instant()).max(first_instant());
            rows(before, since)?.iter().for_each(|row| judge.take_before(row));
        }
        rows(since, until)?.into_iter().for_each(|row| judge.take(row));
        let sources: Vec<SourcesRow> =
            delivery.session.rows(include_str!("../sql/coverage_sources.sql"), &range(since, until))?;
        sources.into_iter().for_each(|row| judge.take_sources(row));
        let in_scope = |place: &&Place| {
            let region = |known: &String| Some(known) == place.region.as_ref();
            scope.regions.is_empty() || scope.regions.iter().any(region)
        };
        days = judge.days(delivery.places.iter().filter(in_scope));
        judge.suspicions(&days, &mut suspicions);
    }
    suspicions.sort();
    Ok(Coverage { days, suspicions })
}

impl Suspicion {
    fn undated(kind: &'static str, what: String) -> Self {
        Self { since: None, until: None, kind, account_id: None, region: None, what }
    }
}

fn undated(remark: &Remark<'_>) -> Suspicion {
    let days = remark.days();
    Suspicion {
        since: days.map(|days| days.0),
        until: days.map(|days| days.1),
        ..Suspicion::undated(remark.kind(), english_remark(remark))
    }
}

/// The first instant that an event may have.
fn first_instant() -> DateTime<Utc> {
    at_year(0).unwrap_or(DateTime::UNIX_EPOCH)
}

/// An instant that no event reaches.
fn last_instant() -> DateTime<Utc> {
    at_year(10_000).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn at_year(year: i32) -> Option<DateTime<Utc>> {
    Some(NaiveDate::from_ymd_opt(year, 1, 1)?.and_time(chrono::NaiveTime::MIN).and_utc())
}
