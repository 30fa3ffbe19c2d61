//! What was delivered, by account, region and day, and what is suspicious about it.
//!
//! "Nothing happened" and "nothing was delivered" look the same in a list of events, and mean the opposite to whoever
//! must answer for a day. Every day gets a state in one word:
//!
//! - `events`: there are events;
//! - `write_only`: there are write events, and not one read in the whole account on that day, be it that a trail was set
//!   so or that there are at least so many writes that reads ought to be among them;
//! - `no_events`: none here, but others of the account were delivered on that day: nothing happened here, as far as the
//!   data tell;
//! - `trail_stopped`: none, and a trail of the account was stopped or deleted then;
//! - `nothing_delivered`: none, and nothing else of the account in scope either: nothing can be said of the day.
//!
//! An object that lies in a day's folder does not make it `no_events`: trails write no empty objects, so what is in it
//! are the last events of the day before.
//!
//! An hour is silent where it has no event although the same hour of the same weekday had some in each of the weeks
//! before; a day is pointed out where one stretch without events has several of them. The rule is simple so that people
//! can check it.

mod objects;

use super::OpsError;
use crate::engine::Engine;
use crate::event::time::Zone;
use crate::report::calendar::{Day, LocalTime};
use crate::report::trail::{self, TrailCall, TrailChange, TrailEffect};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Timelike, Utc};
use objects::{Folder, ObjectPath};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// When something counts as suspicious.
#[derive(Debug, Clone)]
pub struct CoverageOptions {
    /// So many weeks before must have had events in an hour for it to be missed.
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

/// What is known of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// There are events.
    Events,
    /// There are write events, and no reads in the whole account.
    WriteOnly,
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
    /// What is known of it.
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
    /// First day.
    pub since: Day,
    /// Last day.
    pub until: Day,
    /// What it is, in one word.
    pub kind: &'static str,
    /// Account, where it is about one.
    pub account_id: Option<String>,
    /// Region, where it is about one.
    pub region: Option<String>,
    /// What it is, in a sentence.
    pub what: String,
}

/// What was delivered.
#[derive(Debug, Default)]
pub struct Coverage {
    /// Every day of every account and region, from its first to the last of the account.
    pub days: Vec<DayCoverage>,
    /// What is suspicious, by day.
    pub suspicions: Vec<Suspicion>,
}

/// Account and region; `None` where events carry none.
type Place = (Option<String>, Option<String>);

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

#[derive(Deserialize)]
struct ObjectRow {
    path: String,
    read: u64,
}

/// Objects whose name and content disagree are named, at most.
const NAMED_OBJECTS: usize = 100;

/// Tells what was delivered in the scope of the engine.
pub fn coverage(engine: &Engine, options: &CoverageOptions) -> Result<Coverage, OpsError> {
    let rows: Vec<DayRow> = engine.rows(include_str!("../sql/coverage_days.sql"), &[])?;
    let sources: Vec<SourcesRow> = engine.rows(include_str!("../sql/coverage_sources.sql"), &[])?;
    let calls: Vec<TrailCall> = engine.rows(include_str!("../../report/sql/trail_changes.sql"), &[])?;
    let scope = engine.scope();
    let mut view = View {
        options,
        tz: scope.tz,
        since: scope.since,
        until: scope.until,
        newest_day: scope.newest_event.map(|newest| LocalTime::new(newest, scope.tz).day().0),
        sources: sources.into_iter().map(|row| ((row.account_id, row.region, row.day.0), row.sources)).collect(),
        places: BTreeMap::new(),
        accounts: BTreeMap::new(),
        changes: trail::changes(&calls),
        folders: BTreeMap::new(),
        miscounted: Vec::new(),
    };
    for row in rows {
        view.take(row);
    }
    view.read_objects(engine)?;
    let days = view.days();
    let mut suspicions = view.suspicions(&days);
    suspicions.sort();
    Ok(Coverage { days, suspicions })
}

/// One day of an account, all regions together.
#[derive(Debug, Default, Clone)]
struct AccountDay {
    reads: u64,
    writes: u64,
    last: Option<LocalTime>,
}

/// Everything that the days are judged by.
struct View<'o> {
    options: &'o CoverageOptions,
    tz: Zone,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    /// The day of the newest event that is not of the future: up to it there can be gaps.
    newest_day: Option<NaiveDate>,
    sources: BTreeMap<(Option<String>, Option<String>, NaiveDate), u64>,
    places: BTreeMap<Place, BTreeMap<NaiveDate, DayRow>>,
    accounts: BTreeMap<Option<String>, BTreeMap<NaiveDate, AccountDay>>,
    changes: Vec<TrailChange>,
    folders: BTreeMap<String, Folder>,
    miscounted: Vec<Suspicion>,
}

impl View<'_> {
    fn take(&mut self, row: DayRow) {
        let account = self.accounts.entry(row.account_id.clone()).or_default().entry(row.day.0).or_default();
        account.reads += row.reads;
        account.writes += row.writes;
        account.last = account.last.max(Some(row.last));
        self.places.entry((row.account_id.clone(), row.region.clone())).or_default().insert(row.day.0, row);
    }

    /// Reads the paths of the objects in the range of days that has events, or that was asked for.
    fn read_objects(&mut self, engine: &Engine) -> Result<(), OpsError> {
        let scope = engine.scope();
        let in_scope = |object: &ObjectPath<'_>| {
            let starts = object.day.and_time(chrono::NaiveTime::MIN).and_utc();
            let regions = scope.regions.is_empty() || scope.regions.iter().any(|region| region == object.region);
            let account =
                object.account_id.is_none_or(|id| scope.accounts.is_empty() || scope.accounts.iter().any(|a| a == id));
            let after = scope.since.is_none_or(|since| starts + TimeDelta::days(1) > since);
            regions && account && after && scope.until.is_none_or(|until| starts < until)
        };
        let mut last: Option<ObjectRow> = None;
        let mut objects = Vec::new();
        let (folders, miscounted) = (&mut self.folders, &mut objects);
        let mut take = |row: &ObjectRow| {
            let Some(object) = ObjectPath::parse(&row.path).filter(&in_scope) else { return };
            if !folders.contains_key(object.folder) {
                let account_id = object.account_id.map(str::to_owned);
                let folder = Folder { account_id, region: object.region.to_owned(), days: BTreeMap::new() };
                folders.insert(object.folder.to_owned(), folder);
            }
            if let Some(folder) = folders.get_mut(object.folder) {
                *folder.days.entry(object.day).or_default() += 1;
            }
            if let Some(said) = object.events.filter(|said| *said != row.read) {
                miscounted.push(Suspicion {
                    since: Day(object.day),
                    until: Day(object.day),
                    kind: "object_count",
                    account_id: object.account_id.map(str::to_owned),
                    region: Some(object.region.to_owned()),
                    what: format!(
                        "the name of an object says {said} events, and {} were read from it: {}",
                        row.read, row.path
                    ),
                });
            }
        };
        engine.each_row(include_str!("../sql/coverage_objects.sql"), &[], |row: ObjectRow| {
            // Of several readings of a path the newest counts, which comes last.
            if let Some(done) = last.take().filter(|before| before.path != row.path) {
                take(&done);
            }
            last = Some(row);
        })?;
        last.iter().for_each(take);
        self.miscounted = objects;
        Ok(())
    }

    /// The last day with events that are not of the future, if there is one.
    fn last_day<'d>(&self, days: &'d BTreeMap<NaiveDate, AccountDay>) -> Option<(&'d NaiveDate, &'d AccountDay)> {
        let not_future = self.newest_day.and_then(|newest| days.range(..=newest).next_back());
        not_future.or(days.last_key_value())
    }

    /// First and last day of an account: of its events, or of the scope where it says so.
    fn range(&self, account: &Option<String>, first: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let days = self.accounts.get(account)?;
        let local = |time: DateTime<Utc>| LocalTime::new(time, self.tz).day().0;
        let first = self.since.map_or(first, |since| local(since).min(first));
        let last = *self.last_day(days)?.0;
        let until = self.until.map(|until| local(until - TimeDelta::microseconds(1)));
        Some((first, until.map_or(last, |until| until.max(last))))
    }

    fn days(&self) -> Vec<DayCoverage> {
        let mut found = Vec::new();
        for ((account, region), days) in &self.places {
            let range = days.keys().next().and_then(|first| self.range(account, *first));
            let Some((first, last)) = range else { continue };
            let of_future = days.keys().filter(|day| **day > last).copied();
            for day in first.iter_days().take_while(|day| *day <= last).chain(of_future) {
                found.push(self.judge(account, region, day, days));
            }
        }
        found
    }

    fn judge(
        &self,
        account: &Option<String>,
        region: &Option<String>,
        day: NaiveDate,
        days: &BTreeMap<NaiveDate, DayRow>,
    ) -> DayCoverage {
        let row = days.get(&day);
        let of_account = self.accounts.get(account).and_then(|days| days.get(&day));
        let state = match (row, of_account) {
            (Some(_), Some(all)) if self.is_write_only(account, day, all) => State::WriteOnly,
            (Some(_), _) => State::Events,
            (None, _) if self.change_on(account, day, &[TrailEffect::Stopped, TrailEffect::Deleted]).is_some() => {
                State::TrailStopped
            }
            (None, Some(_)) => State::NoEvents,
            (None, None) => State::NothingDelivered,
        };
        DayCoverage {
            account_id: account.clone(),
            region: region.clone(),
            day: Day(day),
            state,
            events: row.map_or(0, |row| row.events),
            reads: row.map_or(0, |row| row.reads),
            writes: row.map_or(0, |row| row.writes),
            sources: self.sources.get(&(account.clone(), region.clone(), day)).copied().unwrap_or(0),
            steps: row.map_or(0, |row| row.steps),
            silent_hours: u64::from(self.silent(account, day, days).count_ones()),
            first: row.map(|row| row.first),
            last: row.map(|row| row.last),
        }
    }

    fn is_write_only(&self, account: &Option<String>, day: NaiveDate, all: &AccountDay) -> bool {
        let was_set = || self.change_on(account, day, &[TrailEffect::WriteOnly]).is_some();
        all.reads == 0 && all.writes > 0 && (all.writes >= self.options.write_only_from || was_set())
    }

    /// A change of these effects that held on some part of the day.
    fn change_on(&self, account: &Option<String>, day: NaiveDate, effects: &[TrailEffect]) -> Option<&TrailChange> {
        self.changes.iter().find(|change| {
            effects.contains(&change.effect)
                && change.account_id == *account
                && change.time.day().0 <= day
                && change.until.is_none_or(|until| until.day().0 >= day)
        })
    }

    /// The hours of a day without events that had some in each of the weeks before, a bit for each.
    fn silent(&self, account: &Option<String>, day: NaiveDate, days: &BTreeMap<NaiveDate, DayRow>) -> u32 {
        const ALL_HOURS: u32 = (1 << 24) - 1;
        let hours = |day: NaiveDate| days.get(&day).map_or(0, |row| u32::try_from(row.hours).unwrap_or(0));
        let weeks = 1..=u64::from(self.options.silent_weeks.max(1));
        let before = weeks.map(|week| day.checked_sub_days(Days::new(7 * week)).map_or(0, hours));
        let expected = before.fold(ALL_HOURS, |all, week| all & week);
        // On the last day of the data, hours after the last event may only not have been delivered yet.
        let last = self.accounts.get(account).and_then(|days| self.last_day(days));
        let over = last.filter(|(last, _)| **last == day && self.until.is_none()).and_then(|(_, all)| all.last);
        let known = over.map_or(ALL_HOURS, |over| (2 << over.utc().with_timezone(&self.tz).hour()) - 1);
        expected & known & !hours(day)
    }

    fn suspicions(&self, days: &[DayCoverage]) -> Vec<Suspicion> {
        let mut found = Vec::new();
        self.account_runs(&mut found);
        for day in days.iter().filter(|day| day.state != State::NothingDelivered && day.state != State::TrailStopped) {
            found.extend(self.silence(day));
        }
        for change in self.changes.iter().filter(|change| change.loses_events()) {
            let (since, until) = (change.time.day(), change.until.unwrap_or(change.time).day());
            let kind = match change.effect {
                TrailEffect::Stopped => "trail_stopped",
                TrailEffect::Deleted => "trail_deleted",
                _ => "trail_write_only",
            };
            let (account_id, what) = (change.account_id.clone(), change.consequence.clone());
            found.push(Suspicion { since, until, kind, account_id, region: None, what });
        }
        for (path, folder) in &self.folders {
            for (since, until) in folder.gaps() {
                found.push(Suspicion {
                    since: Day(since),
                    until: Day(until),
                    kind: "objects_missing",
                    account_id: folder.account_id.clone(),
                    region: Some(folder.region.clone()),
                    what: format!("no object between days with objects (UTC) in the folder {path}"),
                });
            }
        }
        found.extend(self.miscounted.iter().take(NAMED_OBJECTS).cloned());
        if let Some(more) = self.miscounted.get(NAMED_OBJECTS) {
            let what = format!(
                "{} more objects hold other counts than their names say",
                self.miscounted.len() - NAMED_OBJECTS
            );
            found.push(Suspicion { region: None, account_id: None, what, ..more.clone() });
        }
        found
    }

    /// Runs of days of an account without anything, or without reads.
    fn account_runs(&self, found: &mut Vec<Suspicion>) {
        for (account, days) in &self.accounts {
            let range = days.keys().next().and_then(|first| self.range(account, *first));
            let Some((first, last)) = range else { continue };
            let stopped = [TrailEffect::Stopped, TrailEffect::Deleted];
            let nothing = |day: NaiveDate| !days.contains_key(&day) && self.change_on(account, day, &stopped).is_none();
            let write_only = |day: NaiveDate| days.get(&day).is_some_and(|all| self.is_write_only(account, day, all));
            let mut say = |kind, what: &str, is_so: &dyn Fn(NaiveDate) -> bool| {
                for (since, until) in runs(first, last, is_so) {
                    let (since, until, what) = (Day(since), Day(until), what.to_owned());
                    found.push(Suspicion { since, until, kind, account_id: account.clone(), region: None, what });
                }
            };
            say(
                "nothing_delivered",
                "nothing of the account was delivered; nothing can be said of this time",
                &nothing,
            );
            say("write_only", "write events, and not one read in the whole account", &write_only);
        }
    }

    /// The silent hours of a day that lie in a long stretch without events. Single ones come of chance.
    fn silence(&self, day: &DayCoverage) -> Option<Suspicion> {
        let days = self.places.get(&(day.account_id.clone(), day.region.clone()))?;
        let silent = self.silent(&day.account_id, day.day.0, days);
        let with_events = days.get(&day.day.0).map_or(0, |row| row.hours);
        let (mut hours, mut stretch) = (Vec::new(), Vec::new());
        for hour in 0..=24 {
            if hour < 24 && with_events & 1 << hour == 0 {
                stretch.extend((silent & 1 << hour != 0).then(|| format!("{hour:02}")));
            } else if stretch.len() >= self.options.silent_hours.max(1) as usize {
                hours.append(&mut stretch);
            } else {
                stretch.clear();
            }
        }
        let weeks = self.options.silent_weeks.max(1);
        (!hours.is_empty()).then(|| Suspicion {
            since: day.day,
            until: day.day,
            kind: "silent_hours",
            account_id: day.account_id.clone(),
            region: day.region.clone(),
            what: format!(
                "no event in the hours {}, which had events on the same weekday in each of the {weeks} weeks before",
                hours.join(" ")
            ),
        })
    }
}

/// Runs of days for which something is so: first and last day of each.
fn runs(first: NaiveDate, last: NaiveDate, is_so: &dyn Fn(NaiveDate) -> bool) -> Vec<(NaiveDate, NaiveDate)> {
    let mut runs: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for day in first.iter_days().take_while(|day| *day <= last).filter(|day| is_so(*day)) {
        match runs.last_mut() {
            Some((_, end)) if end.succ_opt() == Some(day) => *end = day,
            _ => runs.push((day, day)),
        }
    }
    runs
}
