//! Reads event times in every notation that exports are found with.
//!
//! ActionTrail writes `2025-07-07T01:39:09Z`. Spreadsheets, databases and log pipelines write the same instant in many
//! other ways, and an event whose time is not read falls out of every range. So each notation is read that stands for
//! one instant and no other. A clock without a zone stands for none, and comes back as the clock that it is: whoever
//! knows its zone can say so. Day and month in figures without the year in front can be taken either way, and are not
//! read.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// A time as an export has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenTime {
    /// Microseconds since 1970 (UTC).
    Instant(i64),
    /// The time of a clock, in a zone that is not said.
    Clock(NaiveDateTime),
}

/// Reads a time: RFC 3339 and its relatives (a blank for the `T`, slashes, no seconds, a comma before the fraction,
/// `+0900`, ` +09`, `UTC`, `GMT+8`), the compact form of ISO 8601, dates of HTTP and of Java with the month by its
/// name, and the time since 1970 in seconds, milliseconds, microseconds or nanoseconds, which its number of digits
/// tells.
pub fn read(text: &str) -> Option<WrittenTime> {
    let text = text.trim();
    if let Some(micros) = since_1970(text) {
        return Some(WrittenTime::Instant(micros));
    }
    let (clock, zone) = iso(text).or_else(|| with_month_name(text))?;
    match zone {
        Some(offset_seconds) => {
            let micros = clock.and_utc().timestamp_micros();
            micros
                .checked_sub(i64::from(offset_seconds) * 1_000_000)
                .filter(|micros| has_form(*micros))
                .map(WrittenTime::Instant)
        }
        None => Some(WrittenTime::Clock(clock)),
    }
}

/// Reads a number of seconds (10 digits), milliseconds (13), microseconds (16) or nanoseconds (19) since 1970. Seconds
/// may have a fraction. These are the years 2001 to 2286; other numbers could be anything.
pub fn since_1970(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) || whole.starts_with('0') {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        10 => Some(number * 1_000_000 + micros_of(fraction)),
        // Floats of JSON and spreadsheets end with `.0`.
        _ if fraction.bytes().any(|byte| byte != b'0') => None,
        13 => Some(number * 1_000),
        16 => Some(number),
        19 => Some(number / 1_000),
        _ => None,
    }
}

/// The first six digits of a fraction as microseconds.
fn micros_of(fraction: &str) -> i64 {
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(6);
    digits.fold(0, |micros, digit| micros * 10 + i64::from(digit - b'0'))
}

/// Returns `true` for an instant that has a form with four digits of the year.
fn has_form(micros: i64) -> bool {
    DateTime::from_timestamp_micros(micros).is_some_and(|time| (0..=9999).contains(&chrono::Datelike::year(&time)))
}

/// The rest of a text that is read from its beginning.
struct Rest<'t>(&'t str);

impl<'t> Rest<'t> {
    fn take_if(&mut self, is_meant: impl Fn(char) -> bool) -> bool {
        match self.0.chars().next().filter(|char| is_meant(*char)) {
            Some(char) => {
                self.0 = &self.0[char.len_utf8()..];
                true
            }
            None => false,
        }
    }

    fn skip_spaces(&mut self) -> &mut Self {
        self.0 = self.0.trim_start();
        self
    }

    /// Takes the digits that come next, if there are as many as `lengths` allows.
    fn digits(&mut self, lengths: std::ops::RangeInclusive<usize>) -> Option<&'t str> {
        let length = self.0.bytes().take_while(u8::is_ascii_digit).take(*lengths.end()).count();
        let (digits, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        lengths.contains(&length).then_some(digits)
    }

    fn number(&mut self, lengths: std::ops::RangeInclusive<usize>) -> Option<u32> {
        self.digits(lengths)?.parse().ok()
    }

    /// Takes a word, if it comes next, whatever the case of its letters.
    fn word(&mut self, word: &str) -> bool {
        let Some((found, rest)) = self.0.split_at_checked(word.len()) else { return false };
        let is_whole = !rest.starts_with(|char: char| char.is_ascii_alphabetic());
        let found = found.eq_ignore_ascii_case(word) && is_whole;
        if found {
            self.0 = rest;
        }
        found
    }

    fn letters(&mut self) -> &'t str {
        let length = self.0.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (letters, rest) = self.0.split_at(length);
        self.0 = rest;
        letters
    }

    /// `03:00:00.5`, `03:00`, `3:00 PM`; the compact form has no colons. A leap second is the first of the next minute,
    /// and 24:00 the midnight at the end of the day.
    fn clock(&mut self, date: NaiveDate, compact: bool) -> Option<NaiveDateTime> {
        let separated = |rest: &mut Self| compact || rest.take_if(|char| char == ':');
        let lengths = if compact { 2..=2 } else { 1..=2 };
        let hour = self.number(lengths)?;
        let minute = separated(self).then(|| self.number(2..=2))??;
        let has_seconds =
            if compact { self.0.starts_with(|char: char| char.is_ascii_digit()) } else { self.0.starts_with(':') };
        let second = if has_seconds { separated(self).then(|| self.number(2..=2))?? } else { 0 };
        let mut micros = 0;
        if has_seconds && self.take_if(|char| matches!(char, '.' | ',')) {
            let length = self.0.bytes().take_while(u8::is_ascii_digit).count();
            micros = micros_of(self.digits(1..=length.max(1))?);
        }
        let before = self.0;
        let half = self.skip_spaces().letters();
        let hour = match (half, hour) {
            (am, 1..=12) if am.eq_ignore_ascii_case("am") => hour % 12,
            (pm, 1..=12) if pm.eq_ignore_ascii_case("pm") => hour % 12 + 12,
            (half, _) if half.eq_ignore_ascii_case("am") || half.eq_ignore_ascii_case("pm") => return None,
            _ => {
                self.0 = before;
                hour
            }
        };
        let is_end_of_day = hour == 24 && minute == 0 && second == 0 && micros == 0;
        let is_clock = (hour < 24 || is_end_of_day) && minute < 60 && second <= 60;
        let since_midnight = i64::from(hour * 3600 + minute * 60 + second) * 1_000_000 + micros;
        is_clock.then(|| date.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::microseconds(since_midnight)))?
    }

    /// The offset from UTC in seconds, to the end of the text; the inner `None` where there is no more text.
    fn zone(&mut self) -> Option<Option<i32>> {
        if self.skip_spaces().0.is_empty() {
            return Some(None);
        }
        let is_utc = self.word("Z") || self.word("UTC") || self.word("GMT");
        self.skip_spaces();
        let mut offset = is_utc.then_some(0);
        let sign = self.0.chars().next();
        if self.take_if(|char| matches!(char, '+' | '-' | '\u{2212}')) {
            let hours = self.number(1..=2)?;
            let colon = self.take_if(|char| char == ':');
            let minutes = if colon || !self.0.is_empty() && self.0.starts_with(|c: char| c.is_ascii_digit()) {
                self.number(2..=2)?
            } else {
                0
            };
            if hours > 18 || minutes > 59 {
                return None;
            }
            let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
            offset = Some(if sign == Some('+') { seconds } else { -seconds });
        }
        // Java puts the name of the zone behind its offset: `Z[UTC]`, `+09:00[Asia/Tokyo]`.
        if offset.is_some() && self.0.starts_with('[') && self.0.ends_with(']') {
            self.0 = "";
        }
        (self.skip_spaces().0.is_empty() && offset.is_some()).then_some(offset)
    }
}

/// Year, month and day in figures, in this order, and a clock.
fn iso(text: &str) -> Option<(NaiveDateTime, Option<i32>)> {
    let mut rest = Rest(text);
    let year = i32::try_from(rest.number(4..=4)?).ok()?;
    let separator = rest.0.chars().next().filter(|char| matches!(char, '-' | '/' | '.'));
    let compact = separator.is_none();
    let mut part = || {
        let separated = separator.is_none_or(|separator| rest.take_if(|char| char == separator));
        separated.then(|| rest.number(if compact { 2..=2 } else { 1..=2 }))?
    };
    let date = NaiveDate::from_ymd_opt(year, part()?, part()?)?;
    let spaced = rest.0.starts_with(' ');
    rest.skip_spaces();
    if !(rest.take_if(|char| matches!(char, 'T' | 't')) || spaced) {
        return None;
    }
    rest.skip_spaces();
    let compact_clock = !rest.0.get(..3)?.contains(':');
    let clock = rest.clock(date, compact_clock)?;
    Some((clock, rest.zone()?))
}

/// `Mon, 02 Nov 2026 03:00:00 GMT`, `02-Nov-2026 03:00:00 UTC`, `Mon Nov 02 03:00:00 UTC 2026`: the month by its name.
fn with_month_name(text: &str) -> Option<(NaiveDateTime, Option<i32>)> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    fn begins(word: &str, names: &[&str]) -> Option<usize> {
        let start = word.get(..3)?;
        names.iter().position(|name| name.eq_ignore_ascii_case(start))
    }
    let is_separator = |char: char| matches!(char, ' ' | '-' | ',' | '/');
    let skip = |rest: &mut Rest<'_>| while rest.take_if(is_separator) {};
    let mut rest = Rest(text);
    let first = rest.letters();
    let day_name = begins(first, &DAYS).is_some();
    if !day_name && !first.is_empty() && begins(first, &MONTHS).is_none() {
        return None;
    }
    skip(&mut rest);
    let name = if day_name || first.is_empty() { rest.letters() } else { first };
    skip(&mut rest);
    let day = rest.number(1..=2)?;
    skip(&mut rest);
    // The month stands before the day or behind it.
    let name = if name.is_empty() { rest.letters() } else { name };
    let month = u32::try_from(begins(name, &MONTHS)? + 1).ok()?;
    skip(&mut rest);
    let date = |year: u32| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
    let starts_with_year = rest.0.bytes().take_while(u8::is_ascii_digit).count() == 4;
    if starts_with_year {
        let date = date(rest.number(4..=4)?)?;
        skip(&mut rest);
        rest.word("at");
        let clock = rest.skip_spaces().clock(date, false)?;
        return Some((clock, rest.zone()?));
    }
    // The year comes last, behind the clock and the zone.
    let (before, year) = rest.0.rsplit_once(' ')?;
    let date = date(Some(year).filter(|year| year.len() == 4)?.parse().ok()?)?;
    let mut rest = Rest(before);
    let clock = rest.clock(date, false)?;
    Some((clock, rest.zone()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: i64 = 1_793_588_400;

    #[test]
    fn notations_of_one_instant() {
        for text in [
            "2026-11-02T03:00:00Z",
            "2026-11-02T03:00:00z",
            "2026-11-02t03:00:00.000Z",
            "2026-11-02T03:00:00,000Z",
            "2026-11-02T03:00:00.000000000Z",
            "2026-11-02T03:00Z",
            "2026-11-02T03:00:00 Z",
            "2026-11-02 03:00:00Z",
            "2026-11-02  03:00:00+00",
            "2026-11-02 03:00:00 UTC",
            "2026-11-02 03:00:00 utc",
            "2026-11-02 03:00:00 GMT",
            "2026-11-02 03:00:00 +00:00",
            "2026-11-02T12:00:00+09:00",
            "2026-11-02T12:00:00+0900",
            "2026-11-02T12:00:00 +0900",
            "2026-11-02T12:00:00+09",
            "2026-11-02 12:00 +09",
            "2026-11-02 11:00:00 UTC+8",
            "2026-11-02 11:00:00 GMT+08:00",
            "2026-11-02T08:30:00+05:30",
            "2026-11-01T23:00:00-04:00",
            "2026-11-01T23:00:00\u{2212}04:00",
            "2026/11/02 03:00:00 UTC",
            "2026/11/2 3:00 UTC",
            "2026-11-02 3:00:00 AM UTC",
            "2026-11-02 12:00:00 PM +0900",
            "20261102T030000Z",
            "20261102T030000.000Z",
            "2026-11-02T03:00:00Z[UTC]",
            "2026-11-02T12:00:00+09:00[Asia/Tokyo]",
            "2026-11-01T24:00:00-03:00",
            "2026-11-02T02:59:60Z",
            "Mon, 02 Nov 2026 03:00:00 GMT",
            "Mon, 2 Nov 2026 12:00:00 +0900",
            "02 Nov 2026 03:00:00 UTC",
            "02-Nov-2026 03:00:00 UTC",
            "Mon Nov 02 03:00:00 UTC 2026",
            "Nov 2, 2026 3:00:00 AM UTC",
            "November 2, 2026 at 3:00:00 AM UTC",
            "Mon Nov  2 12:00:00 +0900 2026",
            "1793588400",
            "1793588400.0",
            "1793588400000",
            "1793588400000.0",
            "1793588400000000",
            "1793588400000000000",
            "\t2026-11-02T03:00:00Z\n",
        ] {
            assert_eq!(read(text), Some(WrittenTime::Instant(SECOND * 1_000_000)), "{text}");
        }
        assert_eq!(read("1793588400.25"), Some(WrittenTime::Instant(SECOND * 1_000_000 + 250_000)));
        assert_eq!(read("2026-11-02T03:00:00.1234567Z"), Some(WrittenTime::Instant(SECOND * 1_000_000 + 123_456)));
    }

    #[test]
    fn clocks_of_a_zone_that_is_not_said() {
        let clock = DateTime::from_timestamp(SECOND, 0).unwrap().naive_utc();
        for text in [
            "2026-11-02 03:00:00",
            "2026-11-02T03:00:00",
            "2026-11-02 03:00:00.000",
            "2026-11-02 03:00",
            "2026/11/02 03:00:00",
            "2026/11/2 3:00:00 AM",
            "20261102T030000",
            "02-Nov-2026 03:00:00",
            "Nov 2, 2026 3:00:00 AM",
        ] {
            assert_eq!(read(text), Some(WrittenTime::Clock(clock)), "{text}");
        }
    }

    #[test]
    fn texts_that_stand_for_no_instant_or_for_several() {
        for text in [
            "",
            "soon",
            "2026-11-02",
            "20261102",
            "20261102030000",
            "11/02/2026 03:00:00 UTC",
            "2/11/2026 03:00",
            "02.11.2026 03:00:00",
            "2026-11-02 03:00:00 JST",
            "2026-11-02 03:00:00 CST",
            "Mon Nov 02 03:00:00 CST 2026",
            "2026-11-02T25:00:00Z",
            "2026-11-02T24:00:01Z",
            "2026-11-02T03:60:00Z",
            "2026-02-30T03:00:00Z",
            "2026-11-02T03:00:00+25:00",
            "2026-11-02T03:00:00+09:60",
            "2026-11-02T03:00:00Z and more",
            "2026-11-02T3Z",
            "2026-11-02 13:00 PM UTC",
            "1.7935884E+09",
            "17935884",
            "179358840",
            "-1793588400",
            "0793588400",
            "1793588400000.5",
            "99999999999999999999",
            "2026-11-02T03:00:00Z[UTC",
            "日本語 2026-11-02",
            "0000-01-01T00:00:00+10:00",
            "9999-12-31T23:59:59-10:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,40}|[0-9TZ:+. /,-]{0,30}|(mon|nov|[0-9]{1,4}|[ ,:+-]|utc|am|pm){0,12}") {
            let _ = read(&text);
        }

        #[test]
        fn what_chrono_writes_is_read(seconds in 0i64..10_000_000_000, minutes in -1080i32..=1080) {
            let offset = chrono::FixedOffset::east_opt(minutes * 60).unwrap();
            let time = DateTime::from_timestamp(seconds, 0).unwrap().with_timezone(&offset);
            for form in ["%+", "%Y-%m-%d %H:%M:%S %z", "%Y/%m/%d %T%:z", "%a, %d %b %Y %T %z", "%Y%m%dT%H%M%S%z", "%a %b %e %T %z %Y"] {
                let text = time.format(form).to_string();
                prop_assert_eq!(read(&text), Some(WrittenTime::Instant(seconds * 1_000_000)), "{}", text);
            }
        }
    }
}
