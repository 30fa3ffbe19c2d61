//! Instants and ranges of time, as ActionTrail and a user write them.
//!
//! Inside the project an instant is microseconds since 1970-01-01T00:00:00Z, and a range takes its start in and leaves
//! its end out. Everything a user types is read here, once; a time that cannot be read is an error and never a guess.

mod buckets;
mod notation;
mod typed;
mod zone;

pub use buckets::{Buckets, Cover, MOST_BUCKETS, Step};
pub use notation::{WrittenTime, since_1970};
pub use typed::{Edge, parse_length, parse_time_bound};
pub use zone::{Zone, ZoneError, ZoneOffset, ZoneReason};

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Utc, Weekday,
};

/// A time that was typed and could not be read.
#[allow(missing_docs, reason = "the fields are what the message names them")]
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TimeError {
    /// Not one of the notations.
    #[error("not a time: `{0}`")]
    NotATime(String),
    /// A local time that the time zone skips (when clocks go forward).
    #[error("`{time}` does not exist in {tz}: clocks were put forward then")]
    Skipped { time: String, tz: String },
    /// Not an ISO week.
    #[error("not an ISO week such as 2026-W45: `{0}`")]
    NotAWeek(String),
    /// A range that ends before it begins, or as it begins.
    #[error("the range ends before it begins: {since} to {until}")]
    Backwards { since: String, until: String },
}

/// One end of a range, as a user gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeBound {
    /// An instant.
    At(DateTime<Utc>),
    /// So long before the newest event in scope (`7d`, `36h`).
    BeforeNewest(TimeDelta),
}

impl TimeBound {
    /// Returns the instant, where it is known without any event.
    pub fn instant(self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(time) => Some(time),
            Self::BeforeNewest(_) => None,
        }
    }
}

/// A range of time, of which each end may be open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// First instant, taken in.
    pub since: Option<DateTime<Utc>>,
    /// End, left out.
    pub until: Option<DateTime<Utc>>,
}

impl TimeRange {
    /// Checks that the range is not empty; `tz` is the zone in which the error tells its ends.
    pub fn check(self, tz: Zone) -> Result<(), TimeError> {
        match (self.since, self.until) {
            (Some(since), Some(until)) if until <= since => {
                Err(TimeError::Backwards { since: format_local_time(since, tz), until: format_local_time(until, tz) })
            }
            _ => Ok(()),
        }
    }
}

/// Writes an instant as a clock in `tz` shows it, with its offset: `2026-11-02T08:30:00+09:00`.
pub fn format_local_time(time: DateTime<Utc>, tz: Zone) -> String {
    time.with_timezone(&tz).to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// Reads microseconds since 1970 (UTC) from an event time in any notation that stands for one instant. Tells too
/// whether [`format_event_time`] writes it just so.
pub fn parse_event_time(text: &str) -> Option<(i64, bool)> {
    if let Some(seconds) = parse_plain_utc(text.as_bytes()) {
        return Some((seconds * 1_000_000, true));
    }
    match notation::read(text)? {
        WrittenTime::Instant(micros) => Some((micros, format_event_time(micros).as_deref() == Some(text))),
        WrittenTime::Clock(_) => None,
    }
}

/// Reads what a clock showed from a time that names no zone; `None` for a time that names one, and for no time.
pub fn parse_clock(text: &str) -> Option<NaiveDateTime> {
    match notation::read(text)? {
        WrittenTime::Clock(clock) => Some(clock),
        WrittenTime::Instant(_) => None,
    }
}

/// The form nearly every event has, `2025-07-07T01:39:09Z`, without going through a general parser.
fn parse_plain_utc(bytes: &[u8]) -> Option<i64> {
    let [y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T', h1, h2, b':', mi1, mi2, b':', s1, s2, b'Z'] = *bytes
    else {
        return None;
    };
    let number =
        |digits: &[u8]| digits.iter().try_fold(0u32, |n, d| d.is_ascii_digit().then(|| n * 10 + u32::from(d - b'0')));
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(number(&[y1, y2, y3, y4])?).ok()?,
        number(&[mo1, mo2])?,
        number(&[d1, d2])?,
    )?;
    let time = NaiveTime::from_hms_opt(number(&[h1, h2])?, number(&[mi1, mi2])?, number(&[s1, s2])?)?;
    Some(date.and_time(time).and_utc().timestamp())
}

/// Writes microseconds since 1970 the way ActionTrail does: `2025-07-07T01:39:09Z`, a fraction only where there is one.
pub fn format_event_time(micros: i64) -> Option<String> {
    let time = DateTime::from_timestamp_micros(micros)?;
    Some(time.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string())
}

/// The UTC date of an instant given in microseconds, in days since 1970-01-01.
pub fn utc_day(micros: i64) -> i32 {
    i32::try_from(micros.div_euclid(86_400_000_000)).unwrap_or(if micros < 0 { i32::MIN } else { i32::MAX })
}

/// The first instant of a day in a time zone; where clocks are put forward at midnight, the first that exists.
pub fn start_of_day(date: NaiveDate, tz: Zone) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN);
    (0..=4)
        .find_map(|half_hours| {
            let local = midnight + TimeDelta::minutes(30 * half_hours);
            tz.from_local_datetime(&local).earliest()
        })
        .map_or_else(|| midnight.and_utc(), |t| t.with_timezone(&Utc))
}

/// An ISO week (Monday to Sunday) of a time zone's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct IsoWeek {
    monday: NaiveDate,
}

impl IsoWeek {
    /// Reads `2026-W45`.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let not_a_week = || TimeError::NotAWeek(text.to_owned());
        let (year, week) = text.trim().split_once(['W', 'w']).ok_or_else(not_a_week)?;
        let year = year.strip_suffix('-').ok_or_else(not_a_week)?;
        if year.len() != 4 || week.len() != 2 {
            return Err(not_a_week());
        }
        let year: i32 = year.parse().map_err(|_| not_a_week())?;
        let week: u32 = week.parse().map_err(|_| not_a_week())?;
        let monday = NaiveDate::from_isoywd_opt(year, week, Weekday::Mon).ok_or_else(not_a_week)?;
        Ok(Self { monday })
    }

    /// Reads `2026-W45`, or a day of the week such as `2026-11-02`.
    pub fn parse_or_day(text: &str) -> Result<Self, TimeError> {
        match NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d") {
            Ok(day) if (1..=9998).contains(&day.year()) => Ok(Self::of_day(day)),
            _ => Self::parse(text),
        }
    }

    /// The week of an instant, by the calendar of `tz`.
    pub fn of(time: DateTime<Utc>, tz: Zone) -> Self {
        Self::of_day(time.with_timezone(&tz).date_naive())
    }

    /// The week that a day is in.
    pub fn of_day(day: NaiveDate) -> Self {
        Self { monday: day - Days::new(u64::from(day.weekday().num_days_from_monday())) }
    }

    /// The last week that was over at `now`, by the calendar of `tz`.
    pub fn last_before(now: DateTime<Utc>, tz: Zone) -> Self {
        Self::of(now, tz).back(1)
    }

    /// The week `n` weeks earlier.
    pub fn back(self, n: u32) -> Self {
        Self { monday: self.monday - Days::new(7 * u64::from(n)) }
    }

    /// Its Monday.
    pub fn monday(self) -> NaiveDate {
        self.monday
    }

    /// Its first instant, and the first instant after it, by the calendar of `tz`.
    pub fn range(self, tz: Zone) -> (DateTime<Utc>, DateTime<Utc>) {
        (start_of_day(self.monday, tz), start_of_day(self.monday + Days::new(7), tz))
    }
}

impl std::fmt::Display for IsoWeek {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let week = self.monday.iso_week();
        write!(f, "{:04}-W{:02}", week.year(), week.week())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_times() {
        let second = 1_751_852_349_000_000;
        for (text, expected) in [
            ("2025-07-07T01:39:09Z", Some(second)),
            ("2025-07-07T01:39:09.5Z", Some(second + 500_000)),
            ("2025-07-07T09:39:09+08:00", Some(second)),
            (" 2025-07-07T01:39:09Z", Some(second)),
            ("1969-12-31T23:59:59Z", Some(-1_000_000)),
            ("2025-02-30T00:00:00Z", None),
            ("2025-07-07", None),
            ("2025-07-07 01:39:09", None),
            ("+025-07-07T01:39:09Z", None),
            ("2025-07-07 09:39:09 +0800", Some(second)),
            ("1751852349", Some(second)),
            ("", None),
        ] {
            assert_eq!(parse_event_time(text).map(|(micros, _)| micros), expected, "{text}");
        }
        assert_eq!(format_event_time(second).as_deref(), Some("2025-07-07T01:39:09Z"));
        assert_eq!(format_event_time(second + 500_000).as_deref(), Some("2025-07-07T01:39:09.500Z"));
    }

    #[test]
    fn days_before_1970_round_down() {
        assert_eq!((utc_day(0), utc_day(-1), utc_day(86_400_000_000)), (0, -1, 1));
    }

    #[test]
    fn a_range_must_not_be_empty() {
        let time = |text: &str| (!text.is_empty()).then(|| text.parse::<DateTime<Utc>>().unwrap());
        let tokyo = Zone::Named(chrono_tz::Asia::Tokyo);
        for (since, until, error) in [
            ("", "", None),
            ("2026-11-02T00:00:00Z", "", None),
            ("", "2026-11-02T00:00:00Z", None),
            ("2026-11-02T00:00:00Z", "2026-11-02T00:00:00.000001Z", None),
            (
                "2026-11-02T00:00:00Z",
                "2026-11-02T00:00:00Z",
                Some("2026-11-02T09:00:00+09:00 to 2026-11-02T09:00:00+09:00"),
            ),
            (
                "2026-11-05T00:00:00Z",
                "2026-11-01T15:00:00Z",
                Some("2026-11-05T09:00:00+09:00 to 2026-11-02T00:00:00+09:00"),
            ),
        ] {
            let found =
                TimeRange { since: time(since), until: time(until) }.check(tokyo).err().map(|error| error.to_string());
            assert_eq!(
                found,
                error.map(|error| format!("the range ends before it begins: {error}")),
                "{since} {until}"
            );
        }
    }

    #[test]
    fn a_skipped_local_time_is_said_and_a_skipped_midnight_is_moved() {
        let berlin = Zone::Named(chrono_tz::Europe::Berlin);
        for skipped in ["2026-03-29 02:30", "2026-03-29T02:30:15"] {
            let skipped = parse_time_bound(skipped, berlin, Edge::Since);
            assert!(matches!(skipped, Err(TimeError::Skipped { .. })));
        }
        let sao_paulo = Zone::Named(chrono_tz::America::Sao_Paulo);
        let day = start_of_day(NaiveDate::from_ymd_opt(2018, 11, 4).unwrap(), sao_paulo);
        assert_eq!(day.to_rfc3339(), "2018-11-04T03:00:00+00:00");
    }

    #[test]
    fn weeks() {
        let week = IsoWeek::parse("2026-W45").unwrap();
        assert_eq!(week.monday(), NaiveDate::from_ymd_opt(2026, 11, 2).unwrap());
        assert_eq!(week.to_string(), "2026-W45");
        assert_eq!(week.back(45).to_string(), "2025-W52");
        let (since, until) = week.range(Zone::Named(chrono_tz::Asia::Tokyo));
        assert_eq!(since.to_rfc3339(), "2026-11-01T15:00:00+00:00");
        assert_eq!(until - since, TimeDelta::days(7));
        for day in ["2026-11-02", "2026-11-08", "2026-w45"] {
            assert_eq!(IsoWeek::parse_or_day(day).unwrap().to_string(), "2026-W45", "{day}");
        }
        for wrong in ["2026-11", "2026-13-01", "+12026-11-02", "0000-01-01"] {
            assert!(IsoWeek::parse_or_day(wrong).is_err(), "{wrong}");
        }
        for wrong in ["2026-45", "2026-W54", "2025-W53", "W45", "2026-W5", "last"] {
            assert!(IsoWeek::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn last_week_is_the_one_that_is_over_where_the_user_is() {
        let sunday_evening_utc = Utc.with_ymd_and_hms(2026, 11, 8, 20, 0, 0).unwrap();
        assert_eq!(IsoWeek::of(sunday_evening_utc, Zone::UTC).to_string(), "2026-W45");
        assert_eq!(IsoWeek::last_before(sunday_evening_utc, Zone::UTC).to_string(), "2026-W44");
        assert_eq!(
            IsoWeek::last_before(sunday_evening_utc, Zone::Named(chrono_tz::Asia::Tokyo)).to_string(),
            "2026-W45"
        );
    }
}
