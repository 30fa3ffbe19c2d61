//! Times in the forms that SLS functions take them: instants, clocks, dates, seconds since 1970, and texts.
//!
//! All of them become the clock of a zone. That is the zone of the session, but for an instant that has one of its own.

use super::super::time::{clock_at, instant_of, parse_zone};
use super::frame::clock_of_seconds;
use arrow::array::timezone::Tz;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use datafusion::common::exec_err;
use datafusion::error::Result;

/// A column of times.
pub(super) struct Moments {
    clocks: Vec<Option<NaiveDateTime>>,
    zone: Tz,
    are_dates: bool,
}

impl Moments {
    /// Reads a column. A text that is no time is an error, or NULL if `lenient`, and a time beyond all dates is NULL.
    pub(super) fn of(array: &ArrayRef, session: Tz, lenient: bool) -> Result<Self> {
        let (mut zone, mut are_dates) = (session, false);
        let clocks: Vec<Option<NaiveDateTime>> = match array.data_type() {
            DataType::Timestamp(_, own) => {
                if let Some(name) = own {
                    zone = parse_zone(name)?;
                }
                let micros = array.as_primitive_opt::<TimestampMicrosecondType>();
                let Some(micros) = micros else { return exec_err!("a time in microseconds is expected") };
                let is_instant = own.is_some();
                let clock = |micros: i64| {
                    if is_instant {
                        clock_at(micros, &zone)
                    } else {
                        Some(DateTime::from_timestamp_micros(micros)?.naive_utc())
                    }
                };
                micros.iter().map(|micros| micros.and_then(clock)).collect()
            }
            DataType::Date32 => {
                are_dates = true;
                let days = array.as_primitive::<Date32Type>();
                let clock = |days: i32| {
                    let date = NaiveDate::from_num_days_from_ce_opt(days.checked_add(719_163)?)?;
                    Some(date.and_time(NaiveTime::MIN))
                };
                days.iter().map(|days| days.and_then(clock)).collect()
            }
            DataType::Int64 => {
                let seconds = array.as_primitive::<Int64Type>();
                let clock = |seconds: i64| clock_at(seconds.checked_mul(1_000_000)?, &zone);
                seconds.iter().map(|seconds| seconds.and_then(clock)).collect()
            }
            DataType::Float64 => {
                let seconds = array.as_primitive::<Float64Type>();
                seconds.iter().map(|seconds| clock_of_seconds(seconds?, &zone)).collect()
            }
            DataType::Utf8View => {
                let texts = array.as_string_view();
                let clock = |text: Option<&str>| -> Result<Option<NaiveDateTime>> {
                    let Some(text) = text else { return Ok(None) };
                    match parse(text, &zone) {
                        Some(clock) => Ok(Some(clock)),
                        None if lenient => Ok(None),
                        None => exec_err!("not a time: `{text}`"),
                    }
                };
                texts.iter().map(clock).collect::<Result<_>>()?
            }
            other => return exec_err!("no time can be read from {other}"),
        };
        Ok(Self { clocks, zone, are_dates })
    }

    pub(super) fn is_null(&self, at: usize) -> bool {
        self.clocks.get(at).is_none_or(Option::is_none)
    }

    pub(super) fn clock(&self, at: usize) -> NaiveDateTime {
        self.clocks.get(at).copied().flatten().unwrap_or_default()
    }

    pub(super) fn zone(&self) -> Tz {
        self.zone
    }

    pub(super) fn are_dates(&self) -> bool {
        self.are_dates
    }
}

/// Reads a time: `2026-11-02`, `2026-11-02 08:30`, `2026-11-02T08:30:00.123Z`, `… 08:30:00 Asia/Tokyo`, with the clock
/// of `zone` where the text has an offset or a zone of its own.
pub(super) fn parse(text: &str, zone: &Tz) -> Option<NaiveDateTime> {
    match split_text(text)? {
        (clock, Some(own)) => clock_at(instant_of(clock, &parse_zone(&own).ok()?)?.timestamp_micros(), zone),
        (clock, None) => Some(clock),
    }
}

/// Reads a time as the clock that the text tells, and the offset or the name of its zone if the text has one.
pub(super) fn split_text(text: &str) -> Option<(NaiveDateTime, Option<String>)> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some((instant.naive_local(), Some(instant.offset().to_string())));
    }
    // A zone may follow: `+08:00`, `Z` or a name.
    if let Some((clock, name)) = split_zone(text)
        && let (Some(clock), Ok(_)) = (local(clock), parse_zone(name))
    {
        return Some((clock, Some(name.to_owned())));
    }
    Some((local(text)?, None))
}

fn split_zone(text: &str) -> Option<(&str, &str)> {
    if let Some(clock) = text.strip_suffix('Z') {
        return Some((clock, "UTC"));
    }
    let at = text.get(10..)?.find(['+', ' ']).map(|at| at + 10);
    let last_space = text.rfind(' ').filter(|at| *at > 10);
    let at = last_space.or_else(|| at.filter(|at| text[*at..].starts_with('+')))?;
    let (clock, name) = text.split_at(at);
    Some((clock, name.trim_start()))
}

fn local(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim();
    const FORMS: [&str; 4] = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let clock = FORMS.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    clock.or_else(|| Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN)))
}

/// Returns a time as Presto writes it: `2026-11-02 08:30:00.000`.
pub(super) fn written(clock: NaiveDateTime) -> String {
    clock.format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_times() {
        let zone = parse_zone("Asia/Shanghai").unwrap();
        for (text, expected) in [
            ("2026-11-02", Some("2026-11-02 00:00:00.000")),
            (" 2026-11-02 08:30 ", Some("2026-11-02 08:30:00.000")),
            ("2026-11-02 08:30:01", Some("2026-11-02 08:30:01.000")),
            ("2026-11-02T08:30:01.25", Some("2026-11-02 08:30:01.250")),
            ("2026-11-02T08:30:01Z", Some("2026-11-02 16:30:01.000")),
            ("2026-11-02T08:30Z", Some("2026-11-02 16:30:00.000")),
            ("2026-11-02 08:30:01+09:00", Some("2026-11-02 07:30:01.000")),
            ("2026-11-02 08:30:01 America/New_York", Some("2026-11-02 21:30:01.000")),
            ("2026-11-02 08:30:01 Nowhere", None),
            ("2026-13-02", None),
            ("日本語日本語日本語", None),
            ("", None),
        ] {
            assert_eq!(parse(text, &zone).map(written).as_deref(), expected, "{text}");
        }
    }
}
