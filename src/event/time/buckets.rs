//! Buckets of a histogram: how long they are and where they begin, decided by the range and the time zone alone.
//!
//! The console of SLS takes the shortest of some lengths that gives no more than about 31 buckets. Buckets begin where
//! the clock of the zone shows a multiple of the length since 1970, and the first and the last one are cut off at the
//! ends of the range. Alibaba publishes no table of the lengths. Those up to a week give the buckets of its one sample
//! (15 minutes in 31 buckets of 30 seconds). The longer ones are ours, so that any range has few buckets.
//!
//! Where clocks are changed:
//!
//! - A bucket of up to an hour ends where the clock moves into another one, so an hour that occurs twice has two.
//! - A longer bucket begins when the clock first shows its start, or has skipped it. So a day has 23 or 25 hours.

use super::Zone;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use std::fmt;
use std::ops::Range;

/// The most buckets of a histogram.
pub const MOST_BUCKETS: usize = 31;

const SECOND: i64 = 1_000_000;
const HOUR_SECONDS: i64 = 3_600;
const DAY_SECONDS: i64 = 86_400;

/// The length of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many seconds, less than a day.
    Seconds(i64),
    /// So many days of the calendar.
    Days(i64),
    /// So many months of the calendar.
    Months(i64),
}

/// The lengths, the shortest first.
const STEPS: [Step; 34] = {
    use Step::{Days, Months, Seconds};
    [
        Seconds(1),
        Seconds(2),
        Seconds(5),
        Seconds(10),
        Seconds(15),
        Seconds(30),
        Seconds(60),
        Seconds(120),
        Seconds(300),
        Seconds(600),
        Seconds(900),
        Seconds(1_800),
        Seconds(HOUR_SECONDS),
        Seconds(2 * HOUR_SECONDS),
        Seconds(3 * HOUR_SECONDS),
        Seconds(6 * HOUR_SECONDS),
        Seconds(12 * HOUR_SECONDS),
        Days(1),
        Days(2),
        Days(7),
        Months(1),
        Months(3),
        Months(12),
        Months(24),
        Months(60),
        Months(120),
        Months(240),
        Months(600),
        Months(1_200),
        Months(2_400),
        Months(6_000),
        Months(12_000),
        Months(120_000),
        Months(1_200_000),
    ]
};

impl fmt::Display for Step {
    /// The length in words: `30 seconds`, `1 hour`, `7 days`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match *self {
            Self::Seconds(n) if n % HOUR_SECONDS == 0 => (n / HOUR_SECONDS, "hour"),
            Self::Seconds(n) if n % 60 == 0 => (n / 60, "minute"),
            Self::Seconds(n) => (n, "second"),
            Self::Days(n) => (n, "day"),
            Self::Months(n) if n % 12 == 0 => (n / 12, "year"),
            Self::Months(n) => (n, "month"),
        };
        write!(f, "{number} {unit}{}", if number == 1 { "" } else { "s" })
    }
}

impl Step {
    /// Writes the start of a bucket as exactly as its length needs: with its offset, or as a date, a month or a year.
    pub fn label(self, start: DateTime<Utc>, tz: Zone) -> String {
        let format = match self {
            Self::Seconds(n) if n % 60 != 0 => "%Y-%m-%d %H:%M:%S%:z",
            Self::Seconds(_) => "%Y-%m-%d %H:%M%:z",
            Self::Days(_) => "%Y-%m-%d",
            Self::Months(n) if n % 12 != 0 => "%Y-%m",
            Self::Months(_) => "%Y",
        };
        start.with_timezone(&tz).format(format).to_string()
    }

    /// Returns the last reading of the clock, up to this one, at which a bucket begins. Readings are microseconds since
    /// 1970 on that clock.
    fn floor(self, reading: i64) -> Option<i64> {
        match self {
            Self::Seconds(seconds) => reading.checked_sub(reading.rem_euclid(seconds * SECOND)),
            Self::Days(days) => reading.checked_sub(reading.rem_euclid(days * DAY_SECONDS * SECOND)),
            Self::Months(months) => first_of_month(month_of(reading)?.div_euclid(months) * months),
        }
    }

    /// Returns the first reading of the clock behind this one at which a bucket begins.
    fn next_reading(self, reading: i64) -> Option<i64> {
        match self {
            Self::Seconds(seconds) => self.floor(reading)?.checked_add(seconds * SECOND),
            Self::Days(days) => self.floor(reading)?.checked_add(days * DAY_SECONDS * SECOND),
            Self::Months(months) => first_of_month((month_of(reading)?.div_euclid(months) + 1) * months),
        }
    }

    /// Returns the length of buckets that go by the clock as it stands, and not by its first reading.
    fn short_micros(self) -> Option<i64> {
        match self {
            Self::Seconds(seconds) if seconds <= HOUR_SECONDS => Some(seconds * SECOND),
            _ => None,
        }
    }

    /// Returns the first instant behind this one at which a bucket begins; `None` where there are no more dates.
    fn next(self, at: i64, tz: Zone) -> Option<i64> {
        let Some(length) = self.short_micros() else {
            let mut reading = at.checked_add(offset(at, tz)?)?;
            loop {
                reading = self.next_reading(reading)?;
                // A reading that comes again has begun its bucket already.
                let begin = first_instant(reading, tz)?;
                if begin > at {
                    return Some(begin);
                }
            }
        };
        let mut from = at;
        loop {
            let here = offset(from, tz)?;
            let reading = from.checked_add(here)?;
            let next = from.checked_add(length - reading.rem_euclid(length))?;
            if offset(next, tz)? == here {
                return Some(next);
            }
            let moved = first_change(from, next, tz)?;
            let lands_in = (moved + offset(moved, tz)?).div_euclid(length);
            if moved == next || lands_in != reading.div_euclid(length) {
                return Some(moved);
            }
            from = moved;
        }
    }

    /// Returns the instant at which the bucket of an instant begins.
    fn begin(self, at: i64, tz: Zone) -> Option<i64> {
        let here = offset(at, tz)?;
        let reading = at.checked_add(here)?;
        let mut begin = match self.short_micros() {
            None => first_instant(self.floor(reading)?, tz)?.min(at),
            Some(length) => {
                let begin = at.checked_sub(reading.rem_euclid(length))?;
                if offset(begin, tz)? == here {
                    return Some(begin);
                }
                // Clocks were changed since: count from before the change.
                let earlier = begin.checked_sub(length)?;
                earlier.checked_sub(earlier.checked_add(offset(earlier, tz)?)?.rem_euclid(length))?
            }
        };
        while let Some(next) = self.next(begin, tz).filter(|next| *next <= at) {
            begin = next;
        }
        Some(begin)
    }
}

/// Returns the month of a reading of the clock, counted from January 1970.
fn month_of(reading: i64) -> Option<i64> {
    let date = DateTime::from_timestamp_micros(reading)?.date_naive();
    Some((i64::from(date.year()) - 1970) * 12 + i64::from(date.month0()))
}

/// Returns the reading of the clock at which a month begins, counted from January 1970.
fn first_of_month(month: i64) -> Option<i64> {
    let year = i32::try_from(1970 + month.div_euclid(12)).ok()?;
    let date = NaiveDate::from_ymd_opt(year, u32::try_from(month.rem_euclid(12)).ok()? + 1, 1)?;
    Some(date.and_time(NaiveTime::MIN).and_utc().timestamp_micros())
}

/// Returns the microseconds that the clock is ahead of UTC.
fn offset(at: i64, tz: Zone) -> Option<i64> {
    let utc = DateTime::from_timestamp_micros(at)?.naive_utc();
    Some(i64::from(tz.offset_from_utc_datetime(&utc).fix().local_minus_utc()) * SECOND)
}

/// Returns the first instant at which the clock shows a reading, or has skipped it.
fn first_instant(reading: i64, tz: Zone) -> Option<i64> {
    let shown = |reading: i64| {
        let local = DateTime::from_timestamp_micros(reading)?.naive_utc();
        let found = tz.from_local_datetime(&local);
        let instants = [found.earliest()?, found.latest()?].map(|time| time.timestamp_micros());
        Some(instants[0].min(instants[1])..instants[0].max(instants[1]))
    };
    if let Some(instants) = shown(reading) {
        return Some(instants.start);
    }
    // A day is skipped at the most. A clock that is not changed shows the reading at `unchanged`, so it was before.
    let back = (1..=120).map(|quarters| TimeDelta::minutes(15 * quarters)).find_map(|back| {
        let back = back.num_microseconds()?;
        Some((shown(reading.checked_sub(back)?)?.end, back))
    });
    let (before, back) = back?;
    first_change(before, before.checked_add(back)?, tz)
}

/// Returns the first instant behind `from`, and up to `to`, at which the offset is not that of `from`.
fn first_change(from: i64, to: i64, tz: Zone) -> Option<i64> {
    let here = offset(from, tz)?;
    let (mut before, mut behind) = (from, to);
    while behind - before > 1 {
        let middle = before + (behind - before) / 2;
        if offset(middle, tz)? == here { before = middle } else { behind = middle }
    }
    Some(behind)
}

/// An end of the time that buckets cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// The bucket at this end is cut off here. The end of the range is left out.
    To(DateTime<Utc>),
    /// The bucket that holds this instant is whole.
    Whole(DateTime<Utc>),
}

impl Cover {
    fn micros(self) -> i64 {
        match self {
            Self::To(time) | Self::Whole(time) => time.timestamp_micros(),
        }
    }

    /// Returns the first instant that need not be covered, if this is the end of the time.
    fn end(self) -> i64 {
        match self {
            Self::To(end) => end.timestamp_micros(),
            Self::Whole(last) => last.timestamp_micros().saturating_add(1),
        }
    }
}

/// The buckets of a histogram: without gaps, each with its start and without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets {
    step: Step,
    /// The starts, and the end of the last one; empty if there is no bucket.
    bounds: Vec<i64>,
}

impl Buckets {
    /// Chooses the shortest length that gives no more than `most` buckets, and divides the time. Two are the fewest: a
    /// bucket of any length ends with 1969.
    pub fn choose(since: Cover, until: Cover, tz: Zone, most: usize) -> Self {
        if until.end() <= since.micros() {
            return Self::none();
        }
        let fitting = STEPS.into_iter().find_map(|step| Self::divide(step, since, until, tz, most.max(2)));
        fitting.unwrap_or_else(|| {
            // There are no more dates on one of the sides.
            let (start, end) = (since.micros(), until.end());
            Self { step: Step::Months(1_200_000), bounds: vec![start, end] }
        })
    }

    /// No buckets: those of no time.
    pub fn none() -> Self {
        Self { step: Step::Seconds(1), bounds: Vec::new() }
    }

    /// Divides the time by a length; `None` where that gives too many buckets.
    fn divide(step: Step, since: Cover, until: Cover, tz: Zone, most: usize) -> Option<Self> {
        let mut at = match since {
            Cover::To(start) => start.timestamp_micros(),
            Cover::Whole(first) => step.begin(first.timestamp_micros(), tz)?,
        };
        let mut bounds = vec![at];
        loop {
            if bounds.len() > most {
                return None;
            }
            at = step.next(at, tz)?;
            match until {
                Cover::To(end) if at >= end.timestamp_micros() => {
                    bounds.push(end.timestamp_micros());
                    return Some(Self { step, bounds });
                }
                Cover::Whole(last) if at > last.timestamp_micros() => {
                    bounds.push(at);
                    return Some(Self { step, bounds });
                }
                Cover::To(_) | Cover::Whole(_) => bounds.push(at),
            }
        }
    }

    /// Returns the length of a bucket that is not cut off.
    pub fn step(&self) -> Step {
        self.step
    }

    /// Returns the starts of the buckets and the end of the last one, in microseconds since 1970; empty for no buckets.
    pub fn bounds(&self) -> &[i64] {
        &self.bounds
    }

    /// Returns each bucket in turn: its start, and the start of the next one, in microseconds since 1970.
    pub fn iter(&self) -> impl Iterator<Item = Range<i64>> {
        self.bounds.iter().zip(self.bounds.iter().skip(1)).map(|(start, end)| *start..*end)
    }
}

#[cfg(test)]
mod tests;
