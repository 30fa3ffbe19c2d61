//! Times, days and ranges as the report writes them: in one time zone, always with their offset.
//!
//! [`LocalTime`] and [`Day`] are the only forms in which a time leaves the report, so that no renderer can forget the
//! offset. [`periods`] finds the range of the report and the four before it.

use std::fmt;

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::event::time::{IsoWeek, Zone, start_of_day};

/// The number of ranges before its own that the report compares with.
pub const PERIODS_BEFORE: usize = 4;

/// An instant with the offset of the report's time zone; written `2026-11-03 09:14:05 +09:00`, in JSON as RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(with = "String")]
pub struct LocalTime(DateTime<FixedOffset>);

impl LocalTime {
    /// The instant as a clock in `tz` shows it.
    pub fn new(at: DateTime<Utc>, tz: Zone) -> Self {
        let local = at.with_timezone(&tz);
        Self(at.with_timezone(&local.offset().fix()))
    }

    /// The instant.
    pub fn utc(self) -> DateTime<Utc> {
        self.0.with_timezone(&Utc)
    }

    /// The local day.
    pub fn day(self) -> Day {
        Day(self.0.date_naive())
    }

    /// Writes the time in a form of `strftime`.
    pub fn format(self, form: &str) -> String {
        self.0.format(form).to_string()
    }

    /// The instant a microsecond before.
    pub fn just_before(self) -> Self {
        Self(self.0.checked_sub_signed(TimeDelta::microseconds(1)).unwrap_or(self.0))
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d %H:%M:%S %:z"))
    }
}

impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.format("%Y-%m-%dT%H:%M:%S%.f%:z"))
    }
}

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text).map(Self).map_err(D::Error::custom)
    }
}

/// A day of the report's time zone, written `2026-11-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(with = "String")]
pub struct Day(pub NaiveDate);

impl Day {
    /// Writes the day in a form of `strftime`.
    pub fn format(self, form: &str) -> String {
        self.0.format(form).to_string()
    }

    /// The number of its weekday, from 0 for Monday.
    pub fn weekday_number(self) -> usize {
        self.0.weekday().num_days_from_monday() as usize
    }

    /// Returns `true` if the day has an instant in a time zone. Where an island changed its side of the date line, a
    /// day of the calendar has none.
    pub fn exists(self, tz: Zone) -> bool {
        let midnight = self.0.and_time(NaiveTime::MIN);
        (0..48).any(|half_hours| {
            tz.from_local_datetime(&(midnight + TimeDelta::minutes(30 * half_hours))).earliest().is_some()
        })
    }

    /// The day after.
    pub fn next(self) -> Option<Self> {
        self.0.succ_opt().map(Self)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        NaiveDate::parse_from_str(&text, "%Y-%m-%d").map(Self).map_err(D::Error::custom)
    }
}

/// A range of time: its start is taken in, its end is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First instant.
    pub since: DateTime<Utc>,
    /// The first instant after it.
    pub until: DateTime<Utc>,
}

impl Span {
    /// The range of a local day.
    pub fn of_day(day: Day, tz: Zone) -> Self {
        let since = start_of_day(day.0, tz);
        let until = day.next().map_or(since, |next| start_of_day(next.0, tz));
        Self { since, until }
    }

    /// Every local day that the range touches, in order. Empty for an empty range.
    pub fn days(self, tz: Zone) -> Vec<Day> {
        let mut days = Vec::new();
        let mut next = (self.since < self.until).then(|| LocalTime::new(self.since, tz).day());
        while let Some(day) = next.filter(|day| start_of_day(day.0, tz) < self.until) {
            days.extend(day.exists(tz).then_some(day));
            next = day.next();
        }
        days
    }

    /// The range of equal length right before. Whole days are counted back by the calendar, so that a change of the
    /// clocks does not shift the range by an hour; everything else by its length.
    pub fn before(self, tz: Zone) -> Self {
        let (first, end) = (LocalTime::new(self.since, tz).day().0, LocalTime::new(self.until, tz).day().0);
        let whole_days = start_of_day(first, tz) == self.since && start_of_day(end, tz) == self.until && first < end;
        let by_calendar =
            u64::try_from((end - first).num_days()).ok().and_then(|n| first.checked_sub_days(Days::new(n)));
        let since = match by_calendar {
            Some(day) if whole_days => start_of_day(day, tz),
            _ => {
                let length = (self.until - self.since).max(TimeDelta::zero());
                self.since.checked_sub_signed(length).unwrap_or(DateTime::<Utc>::MIN_UTC)
            }
        };
        Self { since, until: self.since.max(since) }
    }
}

/// A range with its name, when it is a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedSpan {
    /// The range.
    pub span: Span,
    /// The ISO week that it is.
    pub week: Option<IsoWeek>,
}

/// The range of the report, and after it the [`PERIODS_BEFORE`] ranges before, newest first.
pub fn periods(span: Span, week: Option<IsoWeek>, tz: Zone) -> [NamedSpan; PERIODS_BEFORE + 1] {
    let mut found = [NamedSpan { span, week }; PERIODS_BEFORE + 1];
    let (mut span, mut week) = (span, week);
    for earlier in found.iter_mut().skip(1) {
        (span, week) = match week.map(|w| w.back(1)) {
            Some(week) => {
                let (since, until) = week.range(tz);
                (Span { since, until }, Some(week))
            }
            None => (span.before(tz), None),
        };
        *earlier = NamedSpan { span, week };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn ranges_before() {
        let new_york = Zone::Named(chrono_tz::America::New_York);
        // Clocks go back on 2026-11-01 in New York: a week is counted by the calendar, a range of hours by its length.
        for (since, until, tz, first_before) in [
            ("2026-11-02T05:00:00Z", "2026-11-09T05:00:00Z", new_york, "2026-10-26T04:00:00Z"),
            ("2026-11-02T05:30:00Z", "2026-11-09T05:00:00Z", new_york, "2026-10-26T06:00:00Z"),
            ("2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", Zone::UTC, "2026-11-01T00:00:00Z"),
        ] {
            let found = periods(Span { since: utc(since), until: utc(until) }, None, tz);
            assert_eq!(found.len(), PERIODS_BEFORE + 1);
            assert_eq!(found[1].span.since, utc(first_before), "{since}");
            for pair in found.windows(2) {
                assert_eq!(pair[1].span.until, pair[0].span.since);
            }
        }
    }

    #[test]
    fn days_of_a_range() {
        let new_york = Zone::Named(chrono_tz::America::New_York);
        let tokyo = Zone::Named(chrono_tz::Asia::Tokyo);
        let apia = Zone::Named(chrono_tz::Pacific::Apia);
        for (since, until, tz, expected) in [
            ("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", new_york, vec!["2026-11-01"]),
            ("2026-11-01T03:59:59Z", "2026-11-02T05:00:01Z", new_york, vec!["2026-10-31", "2026-11-01", "2026-11-02"]),
            ("2026-11-01T15:00:00Z", "2026-11-02T15:00:00Z", tokyo, vec!["2026-11-02"]),
            ("2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", apia, vec!["2011-12-29", "2011-12-31"]),
            ("2026-11-01T15:00:00Z", "2026-11-01T15:00:00Z", tokyo, vec![]),
            ("2026-11-02T15:00:00Z", "2026-11-01T15:00:00Z", tokyo, vec![]),
        ] {
            let days: Vec<_> =
                Span { since: utc(since), until: utc(until) }.days(tz).iter().map(Day::to_string).collect();
            assert_eq!(days, expected);
        }
    }
}
