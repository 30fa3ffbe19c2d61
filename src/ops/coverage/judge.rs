//! Judges each day of an account and region by the rules of [`super`].

use super::{CoverageOptions, DayCoverage, DayRow, SourcesRow, State, Suspicion};
use crate::event::time::Zone;
use crate::ops::delivery::{Delivery, Place};
use crate::report::calendar::{Day, LocalTime};
use crate::report::english_trail;
use crate::report::trail::{TrailChange, TrailEffect};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use std::collections::BTreeMap;

/// Account and region; `None` where events carry none.
type PlaceId = (Option<String>, Option<String>);

/// Days of one stretch without events that have rows, at most.
const LONGEST_STRETCH: i64 = 400;

/// Days without events that have rows in all, at most: they are held in memory, and a few events of odd times in many
/// accounts and regions would make any number of them.
const MOST_EMPTY_DAYS: i64 = 1_000_000;

/// Limits of the days that are judged.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Time zone of the days.
    pub tz: Zone,
    /// Start of the range, where one was asked for.
    pub since: Option<DateTime<Utc>>,
    /// Its end, left out.
    pub until: Option<DateTime<Utc>>,
    /// The newest event of the lake that is not of the future.
    pub newest: LocalTime,
    /// The present, where it is known.
    pub now: Option<DateTime<Utc>>,
}

impl Limits {
    fn day(&self, time: DateTime<Utc>) -> NaiveDate {
        LocalTime::new(time, self.tz).day().0
    }

    /// The last day that can be missed.
    fn last(&self) -> NaiveDate {
        let newest = self.newest.day().0;
        let Some(until) = self.until else { return newest };
        let asked = self.day(until - TimeDelta::microseconds(1));
        self.now.map_or(asked, |now| asked.min(newest.max(self.day(now))))
    }

    /// Hours of a day, a bit for each, that are whole in the range and not after the newest event.
    fn known_hours(&self, day: NaiveDate) -> u32 {
        let known = |hour: u32| {
            let quarter =
                |quarter: u32| self.tz.from_local_datetime(&day.and_hms_opt(hour, 15 * quarter, 0)?).earliest();
            let quarters: Vec<_> = (0..4).filter_map(quarter).collect();
            let Some(start) = quarters.first().filter(|_| quarters.len() == 4).map(|time| time.with_timezone(&Utc))
            else {
                return false;
            };
            let ended = match self.until {
                Some(until) => start + TimeDelta::hours(1) <= until,
                // The rest of the last day may only not have been delivered yet.
                None => start <= self.newest.utc(),
            };
            ended && self.since.is_none_or(|since| since <= start)
        };
        (0..24).filter(|hour| known(*hour)).fold(0, |hours, hour| hours | 1 << hour)
    }
}

/// One day of an account, all regions together.
#[derive(Debug, Default, Clone)]
struct AccountDay {
    reads: u64,
    writes: u64,
}

/// Days on which something held, as runs that neither touch nor overlap, in order.
#[derive(Debug, Default)]
struct Spells(Vec<(NaiveDate, NaiveDate)>);

impl Spells {
    fn new(mut spells: Vec<(NaiveDate, NaiveDate)>) -> Self {
        spells.sort_unstable();
        let mut joined: Vec<(NaiveDate, NaiveDate)> = Vec::new();
        for (first, last) in spells {
            match joined.last_mut().filter(|(_, end)| end.succ_opt().is_none_or(|next| first <= next)) {
                Some((_, end)) => *end = last.max(*end),
                None => joined.push((first, last)),
            }
        }
        Self(joined)
    }

    fn contains(&self, day: NaiveDate) -> bool {
        let behind = self.0.partition_point(|(first, _)| *first <= day);
        behind.checked_sub(1).is_some_and(|at| day <= self.0[at].1)
    }

    /// The parts of a run of days that lie in none of these.
    fn outside(&self, first: NaiveDate, last: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
        let mut parts = Vec::new();
        let mut next = Some(first);
        for (begin, end) in self.0.iter().filter(|(begin, end)| *begin <= last && first <= *end) {
            if let (Some(from), Some(to)) = (next, begin.pred_opt())
                && from <= to
            {
                parts.push((from, to));
            }
            next = end.succ_opt();
        }
        parts.extend(next.filter(|from| *from <= last).map(|from| (from, last)));
        parts
    }
}

/// Spans in which trails of an account delivered less.
#[derive(Debug, Default)]
struct TrailSpells {
    stopped: Spells,
    write_only: Spells,
    read_only: Spells,
}

/// Everything that the days are judged by.
pub struct Judge<'d> {
    options: &'d CoverageOptions,
    limits: Limits,
    last: NaiveDate,
    delivery: &'d Delivery,
    sources: BTreeMap<(PlaceId, NaiveDate), u64>,
    rows: BTreeMap<PlaceId, BTreeMap<NaiveDate, DayRow>>,
    /// Hours with events before the range.
    before: BTreeMap<PlaceId, BTreeMap<NaiveDate, u32>>,
    accounts: BTreeMap<Option<String>, BTreeMap<NaiveDate, AccountDay>>,
    changes: Vec<TrailChange>,
    trails: BTreeMap<Option<String>, TrailSpells>,
    left_out: i64,
}

impl<'d> Judge<'d> {
    /// A judge without days yet.
    pub fn new(
        options: &'d CoverageOptions,
        limits: Limits,
        delivery: &'d Delivery,
        mut changes: Vec<TrailChange>,
    ) -> Self {
        let last = limits.last();
        let start = limits.since.map(|since| limits.day(since));
        changes.retain(|change| {
            let ends_before = |start: NaiveDate| change.until.is_some_and(|until| until.day().0 < start);
            change.loses_events() && change.time.day().0 <= last && !start.is_some_and(ends_before)
        });
        let mut spells: BTreeMap<Option<String>, [Vec<(NaiveDate, NaiveDate)>; 3]> = BTreeMap::new();
        for change in &changes {
            let kind = match change.effect {
                TrailEffect::Stopped | TrailEffect::Deleted => 0,
                TrailEffect::WriteOnly => 1,
                TrailEffect::ReadOnly => 2,
                _ => continue,
            };
            let spell = (change.time.day().0, change.until.map_or(NaiveDate::MAX, |until| until.day().0));
            spells.entry(change.account_id.clone()).or_default()[kind].push(spell);
        }
        let trails = spells.into_iter().map(|(account, spells)| {
            let [stopped, write_only, read_only] = spells.map(Spells::new);
            (account, TrailSpells { stopped, write_only, read_only })
        });
        Self {
            options,
            limits,
            last,
            delivery,
            sources: BTreeMap::new(),
            rows: BTreeMap::new(),
            before: BTreeMap::new(),
            accounts: BTreeMap::new(),
            trails: trails.collect(),
            changes,
            left_out: 0,
        }
    }

    /// Takes a day of the range.
    pub fn take(&mut self, row: DayRow) {
        let account = self.accounts.entry(row.account_id.clone()).or_default().entry(row.day.0).or_default();
        account.reads += row.reads;
        account.writes += row.writes;
        self.rows.entry((row.account_id.clone(), row.region.clone())).or_default().insert(row.day.0, row);
    }

    /// Takes a day, or a part of one, before the range.
    pub fn take_before(&mut self, row: &DayRow) {
        let days = self.before.entry((row.account_id.clone(), row.region.clone())).or_default();
        *days.entry(row.day.0).or_default() |= hours(row);
    }

    /// Takes how many sources the events of a day came from.
    pub fn take_sources(&mut self, row: SourcesRow) {
        self.sources.insert(((row.account_id, row.region), row.day.0), row.sources);
    }

    /// The days of every place.
    pub fn days<'p>(&mut self, places: impl Iterator<Item = &'p Place>) -> Vec<DayCoverage> {
        let (mut found, mut all_left_out, mut empty_days) = (Vec::new(), 0, MOST_EMPTY_DAYS);
        for place in places {
            let id = (place.account_id.clone(), place.region.clone());
            let empty = BTreeMap::new();
            let rows = self.rows.get(&id).unwrap_or(&empty);
            let last = self.last_of(&place.account_id, place.last);
            let (days, left_out) = self.days_of(self.first_of(place.first), last, rows, &mut empty_days);
            found.extend(days.into_iter().map(|day| self.judge(&id, day, rows)));
            all_left_out += left_out;
        }
        self.left_out = all_left_out;
        found
    }

    /// The first day that something can be missed on, where the first event of all is of this time.
    fn first_of(&self, first: LocalTime) -> NaiveDate {
        self.limits.since.map_or(first.day().0, |since| self.limits.day(since))
    }

    /// The last day that something can be missed on.
    fn last_of(&self, account: &Option<String>, last: Option<LocalTime>) -> Option<NaiveDate> {
        let own = last.map(|last| last.day().0.min(self.last));
        if self.delivery.is_account(account) { Some(self.last) } else { own }
    }

    /// Days with events, and those between them and around them in the range; then the number of days left out. So many
    /// more days without events may have a row.
    fn days_of(
        &self,
        first: NaiveDate,
        last: Option<NaiveDate>,
        rows: &BTreeMap<NaiveDate, DayRow>,
        empty_days: &mut i64,
    ) -> (Vec<NaiveDate>, i64) {
        let (mut days, mut left_out) = (Vec::new(), 0);
        for (gap, event) in gaps(first, last, rows.keys().copied()) {
            if let Some((from, to)) = gap {
                let length = (to - from).num_days() + 1;
                let shown = length.min(LONGEST_STRETCH).min(*empty_days);
                *empty_days -= shown;
                left_out += length - shown;
                let shown = from.iter_days().take(usize::try_from(shown).unwrap_or(0));
                days.extend(shown.filter(|day| Day(*day).exists(self.limits.tz)));
            }
            days.extend(event);
        }
        (days, left_out)
    }

    fn trails(&self, account: &Option<String>, of: fn(&TrailSpells) -> &Spells, day: NaiveDate) -> bool {
        self.trails.get(account).is_some_and(|trails| of(trails).contains(day))
    }

    fn judge(&self, id: &PlaceId, day: NaiveDate, rows: &BTreeMap<NaiveDate, DayRow>) -> DayCoverage {
        let (account, region) = id;
        let row = rows.get(&day);
        let of_account = self.accounts.get(account).and_then(|days| days.get(&day));
        let state = match (row, of_account) {
            (Some(_), Some(all)) if self.is_write_only(account, day, all) => State::WriteOnly,
            (Some(_), Some(all)) if self.is_read_only(account, day, all) => State::ReadOnly,
            (Some(_), _) => State::Events,
            (None, _) if self.trails(account, |trails| &trails.stopped, day) => State::TrailStopped,
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
            sources: self.sources.get(&(id.clone(), day)).copied().unwrap_or(0),
            steps: row.map_or(0, |row| row.steps),
            silent_hours: u64::from(self.silent(id, day, rows).count_ones()),
            first: row.map(|row| row.first),
            last: row.map(|row| row.last),
        }
    }

    fn is_write_only(&self, account: &Option<String>, day: NaiveDate, all: &AccountDay) -> bool {
        let was_set = || self.trails(account, |trails| &trails.write_only, day);
        all.reads == 0 && all.writes > 0 && (all.writes >= self.options.write_only_from || was_set())
    }

    fn is_read_only(&self, account: &Option<String>, day: NaiveDate, all: &AccountDay) -> bool {
        all.writes == 0 && all.reads > 0 && self.trails(account, |trails| &trails.read_only, day)
    }

    /// The hours of a day without events that had some in each of the weeks before, a bit for each.
    fn silent(&self, id: &PlaceId, day: NaiveDate, rows: &BTreeMap<NaiveDate, DayRow>) -> u32 {
        const ALL_HOURS: u32 = (1 << 24) - 1;
        let before = self.before.get(id);
        let with_events = |day: NaiveDate| {
            let before = before.and_then(|days| days.get(&day)).copied().unwrap_or(0);
            rows.get(&day).map_or(0, hours) | before
        };
        let weeks = 1..=u64::from(self.options.silent_weeks.max(1));
        let weeks = weeks.map(|week| day.checked_sub_days(Days::new(7 * week)).map_or(0, with_events));
        let missed = weeks.fold(ALL_HOURS, |all, week| all & week) & !with_events(day);
        if missed == 0 { 0 } else { missed & self.limits.known_hours(day) }
    }

    /// Returns the suspicions about accounts, days and trails.
    pub fn suspicions(&self, days: &[DayCoverage], found: &mut Vec<Suspicion>) {
        self.account_runs(found);
        for day in days.iter().filter(|day| day.state != State::NothingDelivered && day.state != State::TrailStopped) {
            found.extend(self.silence(day));
        }
        for change in &self.changes {
            let kind = match change.effect {
                TrailEffect::Stopped => "trail_stopped",
                TrailEffect::Deleted => "trail_deleted",
                TrailEffect::ReadOnly => "trail_read_only",
                TrailEffect::OneRegion => "trail_one_region",
                TrailEffect::Redirected => "trail_redirected",
                _ => "trail_write_only",
            };
            let since = change.time.day();
            let until = change.until.map_or(Day(self.last).max(since), LocalTime::day);
            let (account_id, what) = (change.account_id.clone(), english_trail(change));
            found.push(Suspicion { since: Some(since), until: Some(until), kind, account_id, region: None, what });
        }
        if self.left_out > 0 {
            let what = format!(
                "{} days without events have no row: of a stretch without any the first {LONGEST_STRETCH} days are shown, \
                 and {MOST_EMPTY_DAYS} in all; a narrower scope shows more",
                self.left_out
            );
            found.push(Suspicion::undated("days_left_out", what));
        }
    }

    /// Runs of days of an account without anything, or without reads or writes.
    fn account_runs(&self, found: &mut Vec<Suspicion>) {
        let (empty, no_spells) = (BTreeMap::new(), Spells::default());
        for (account, span) in self.delivery.accounts.iter().filter(|(account, _)| self.delivery.is_account(account)) {
            let days = self.accounts.get(account).unwrap_or(&empty);
            let mut say = |kind, (since, until): (NaiveDate, NaiveDate), what: String| {
                let (since, until) = (Some(Day(since)), Some(Day(until)));
                found.push(Suspicion { since, until, kind, account_id: account.clone(), region: None, what });
            };
            let stopped = self.trails.get(account).map_or(&no_spells, |trails| &trails.stopped);
            for (gap, _) in gaps(self.first_of(span.first), Some(self.last), days.keys().copied()) {
                let Some((from, to)) = gap else { continue };
                for (from, to) in stopped.outside(from, to) {
                    let Some(run) = self.existing(from, to) else { continue };
                    let mut what = "nothing of the account was delivered; nothing can be said of this time".to_owned();
                    if let Some(last) = span.last.filter(|last| to == self.last && last.day().0 < from) {
                        what.push_str(&format!("; its last event is of {last}"));
                    }
                    say("nothing_delivered", run, what);
                }
            }
            let of = |is_so: &dyn Fn(NaiveDate, &AccountDay) -> bool| {
                runs(days.iter().filter(|(day, all)| is_so(**day, all)).map(|(day, _)| *day))
            };
            for run in of(&|day, all| self.is_write_only(account, day, all)) {
                say("write_only", run, "write events, and not one read in the whole account".to_owned());
            }
            for run in of(&|day, all| self.is_read_only(account, day, all)) {
                say("read_only", run, "read events, and not one write in the whole account".to_owned());
            }
        }
    }

    /// A run of days without those at its ends that the calendar of the zone skips.
    fn existing(&self, first: NaiveDate, last: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let exists = |day: &NaiveDate| Day(*day).exists(self.limits.tz);
        let first = first.iter_days().take_while(|day| *day <= last).find(exists)?;
        let last = std::iter::successors(Some(last), NaiveDate::pred_opt).find(exists)?;
        Some((first, last))
    }

    /// The silent hours of a day that lie in a long stretch without events. Single ones come of chance.
    fn silence(&self, day: &DayCoverage) -> Option<Suspicion> {
        let id = (day.account_id.clone(), day.region.clone());
        let empty = BTreeMap::new();
        let rows = self.rows.get(&id).unwrap_or(&empty);
        let silent = self.silent(&id, day.day.0, rows);
        let with_events = rows.get(&day.day.0).map_or(0, hours);
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
            since: Some(day.day),
            until: Some(day.day),
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

/// The hours of a day with events, a bit for each.
fn hours(row: &DayRow) -> u32 {
    u32::try_from(row.hours).unwrap_or(0)
}

type Gap = Option<(NaiveDate, NaiveDate)>;

/// Days with events in order, each with the run of days without events before it; a last run comes without such a day.
/// Runs lie from `first` to `last`; days behind `last` are of the future, and nothing is missed before them.
fn gaps(
    first: NaiveDate,
    last: Option<NaiveDate>,
    events: impl Iterator<Item = NaiveDate>,
) -> Vec<(Gap, Option<NaiveDate>)> {
    let mut found = Vec::new();
    let mut next = Some(first);
    let gap = |from: Option<NaiveDate>, to: Option<NaiveDate>| from.zip(to).filter(|(from, to)| from <= to);
    for event in events {
        let to = event.pred_opt().zip(last).map(|(before, last)| before.min(last));
        found.push((gap(next, to), Some(event)));
        next = event.succ_opt().max(next);
    }
    found.push((gap(next, last), None));
    found
}

/// Runs of days that follow each other: first and last day of each.
fn runs(days: impl Iterator<Item = NaiveDate>) -> Vec<(NaiveDate, NaiveDate)> {
    let mut runs: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some((_, end)) if end.succ_opt() == Some(day) => *end = day,
            _ => runs.push((day, day)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    #[test]
    fn gaps_lie_before_days_with_events_and_behind_the_last() {
        for (first, last, events, expected) in [
            (1, Some(3), vec![], vec![(Some((1, 3)), None)]),
            (1, Some(6), vec![2, 5], vec![(Some((1, 1)), Some(2)), (Some((3, 4)), Some(5)), (Some((6, 6)), None)]),
            // Events of the future: nothing is missed before them.
            (1, Some(3), vec![2, 9], vec![(Some((1, 1)), Some(2)), (Some((3, 3)), Some(9)), (None, None)]),
            (1, None, vec![9], vec![(None, Some(9)), (None, None)]),
            (7, Some(3), vec![], vec![(None, None)]),
        ] {
            let found: Vec<_> = gaps(day(first), last.map(day), events.iter().map(|event| day(*event)))
                .into_iter()
                .map(|(gap, event)| {
                    let number = |day: NaiveDate| chrono::Datelike::day(&day);
                    (gap.map(|(from, to)| (number(from), number(to))), event.map(number))
                })
                .collect();
            assert_eq!(found, expected, "{first} {last:?} {events:?}");
        }
    }

    #[test]
    fn spells_are_joined_and_cut_out() {
        let spells = Spells::new(vec![(day(8), day(9)), (day(2), day(3)), (day(4), day(4)), (day(3), day(3))]);
        assert_eq!(spells.0, [(day(2), day(4)), (day(8), day(9))]);
        let inside: Vec<u32> = (1..=10).filter(|n| spells.contains(day(*n))).collect();
        assert_eq!(inside, [2, 3, 4, 8, 9]);
        assert_eq!(spells.outside(day(1), day(10)), [(day(1), day(1)), (day(5), day(7)), (day(10), day(10))]);
        assert_eq!(spells.outside(day(3), day(8)), [(day(5), day(7))]);
        assert_eq!(
            Spells::new(vec![(day(2), NaiveDate::MAX), (day(5), NaiveDate::MAX)]).outside(day(1), day(9)).len(),
            1
        );
    }

    #[test]
    fn hours_that_clocks_skip_are_not_known() {
        let limits = |tz: Zone| Limits {
            tz,
            since: None,
            until: None,
            newest: LocalTime::new("2027-01-01T00:00:00Z".parse().unwrap(), tz),
            now: None,
        };
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let without = |tz: Zone, day: &str| -> Vec<u32> {
            let known = limits(tz).known_hours(date(day));
            (0..24).filter(|hour| known & 1 << hour == 0).collect()
        };
        for (tz, day, expected) in [
            (chrono_tz::Europe::Berlin, "2026-03-29", vec![2]),
            (chrono_tz::Europe::Berlin, "2026-10-25", vec![]),
            (chrono_tz::Australia::Lord_Howe, "2026-10-04", vec![2]),
            (chrono_tz::Asia::Kolkata, "2026-03-29", vec![]),
            (chrono_tz::Pacific::Apia, "2011-12-30", (0..24).collect()),
        ] {
            assert_eq!(without(Zone::Named(tz), day), expected, "{tz} {day}");
        }
        let mut part = limits(Zone::UTC);
        part.since = Some("2026-11-03T08:30:00Z".parse().unwrap());
        part.until = Some("2026-11-03T11:30:00Z".parse().unwrap());
        assert_eq!(part.known_hours(date("2026-11-03")), 1 << 9 | 1 << 10);
    }
}
