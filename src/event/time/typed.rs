//! The ends of a range as a user types them: an instant, a day, a week, a month, or a length of time.

use super::{IsoWeek, TimeBound, TimeError, WrittenTime, Zone, notation, start_of_day};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};

/// The end of a range that a text stands for. A day, a week or a month means its first instant as a start, and the
/// first instant after it as an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// The start, taken in.
    Since,
    /// The end, left out.
    Until,
}

/// Reads one end of a range.
///
/// | text | meaning |
/// |---|---|
/// | `7d`, `-7d` | so long before the newest event; a number and `m`, `h`, `d` or `w` |
/// | `2026-11-02`, `2026-W45`, `2026-11` | a day, an ISO week or a month of `tz` |
/// | `2026-11-02T08:30`, `2026-11-02 08:30:15` | a time of `tz` |
/// | `2026-11-02T08:30Z`, `2026-11-02 08:30 +0900`, `1793608200` | an instant, in any notation of [`notation`] |
pub fn parse_time_bound(text: &str, tz: Zone, edge: Edge) -> Result<TimeBound, TimeError> {
    let trimmed = text.trim();
    if let Some(length) = parse_length(trimmed.strip_prefix('-').unwrap_or(trimmed)) {
        return Ok(TimeBound::BeforeNewest(length));
    }
    let not_a_time = || TimeError::NotATime(text.to_owned());
    if let Some((first, behind)) = days(trimmed) {
        let day = match edge {
            Edge::Since => Some(first),
            Edge::Until => behind,
        };
        return day.map(|day| TimeBound::At(start_of_day(day, tz))).ok_or_else(not_a_time);
    }
    match notation::read(trimmed) {
        Some(WrittenTime::Instant(micros)) => {
            DateTime::from_timestamp_micros(micros).map(TimeBound::At).ok_or_else(not_a_time)
        }
        Some(WrittenTime::Clock(clock)) if has_form(clock.date()) => at_clock(clock, trimmed, tz),
        _ => Err(not_a_time()),
    }
}

/// Reads a length of time: a number, and `m`, `h`, `d` or `w`.
pub fn parse_length(text: &str) -> Option<TimeDelta> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())??;
    match unit {
        "m" => TimeDelta::try_minutes(number),
        "h" => TimeDelta::try_hours(number),
        "d" => TimeDelta::try_days(number),
        "w" => TimeDelta::try_weeks(number),
        _ => None,
    }
}

/// Reads a day, an ISO week or a month: its first day, and the first day after it, where there is one.
fn days(text: &str) -> Option<(NaiveDate, Option<NaiveDate>)> {
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return has_form(day).then(|| (day, day.checked_add_days(Days::new(1))));
    }
    if let Ok(week) = IsoWeek::parse(text) {
        return Some((week.monday(), week.monday().checked_add_days(Days::new(7))));
    }
    let (year, month) = text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2)?;
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(year) || !are_digits(month) {
        return None;
    }
    let first = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)?;
    Some((first, first.checked_add_months(Months::new(1))))
}

/// Returns `true` for dates that every reader of the answer understands.
fn has_form(date: NaiveDate) -> bool {
    (0..=9999).contains(&date.year())
}

fn at_clock(clock: NaiveDateTime, text: &str, tz: Zone) -> Result<TimeBound, TimeError> {
    let time = tz.from_local_datetime(&clock).earliest();
    time.map(|time| TimeBound::At(time.with_timezone(&Utc)))
        .ok_or_else(|| TimeError::Skipped { time: text.to_owned(), tz: tz.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> TimeBound {
        TimeBound::At(DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc))
    }

    #[test]
    fn bounds() {
        let tokyo = Zone::Named(chrono_tz::Asia::Tokyo);
        for (text, edge, expected) in [
            ("2026-11-02", Edge::Since, at("2026-11-02T00:00:00+09:00")),
            ("2026-11-02", Edge::Until, at("2026-11-03T00:00:00+09:00")),
            ("2026-11", Edge::Since, at("2026-11-01T00:00:00+09:00")),
            ("2026-11", Edge::Until, at("2026-12-01T00:00:00+09:00")),
            ("2026-12", Edge::Until, at("2027-01-01T00:00:00+09:00")),
            ("2026-W45", Edge::Since, at("2026-11-02T00:00:00+09:00")),
            ("2026-w45", Edge::Until, at("2026-11-09T00:00:00+09:00")),
            ("2026-11-02T08:30", Edge::Until, at("2026-11-02T08:30:00+09:00")),
            ("2026-11-02 08:30:15", Edge::Since, at("2026-11-02T08:30:15+09:00")),
            ("2026-11-02T08:30:15Z", Edge::Since, at("2026-11-02T08:30:15Z")),
            ("2026-11-02T08:30Z", Edge::Since, at("2026-11-02T08:30:00Z")),
            ("2026-11-02 08:30 +08:00", Edge::Since, at("2026-11-02T08:30:00+08:00")),
            ("2026-11-02T08:30:15+0800", Edge::Since, at("2026-11-02T08:30:15+08:00")),
            ("2026-11-02 08:30:15 UTC", Edge::Since, at("2026-11-02T08:30:15Z")),
            ("2026/11/02 08:30:15", Edge::Since, at("2026-11-02T08:30:15+09:00")),
            ("1793608215", Edge::Since, at("2026-11-02T08:30:15Z")),
            ("7d", Edge::Since, TimeBound::BeforeNewest(TimeDelta::days(7))),
            ("-7d", Edge::Since, TimeBound::BeforeNewest(TimeDelta::days(7))),
            ("36h", Edge::Since, TimeBound::BeforeNewest(TimeDelta::hours(36))),
        ] {
            assert_eq!(parse_time_bound(text, tokyo, edge), Ok(expected), "{text}");
        }
        for wrong in [
            "",
            "yesterday",
            "7",
            "d",
            "-",
            "--7d",
            "+7d",
            "-7",
            "2026",
            "2026-1",
            "2026-13",
            "2026-00",
            "+026-11",
            "2026-W54",
            "2026-13-01",
            "9999999999999999w",
            "日",
            "+262142-12-31",
            "-0001-01-01 00:00",
        ] {
            assert!(parse_time_bound(wrong, tokyo, Edge::Since).is_err(), "{wrong}");
        }
        assert!(parse_time_bound("9999-12", tokyo, Edge::Until).is_ok());
    }
}
