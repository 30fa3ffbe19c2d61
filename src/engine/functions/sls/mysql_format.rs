//! The format codes of MySQL, in which `date_format` writes times and `date_parse` reads them.
//!
//! Codes: `%a %b %c %D %d %e %f %H %h %I %i %j %k %l %M %m %p %r %S %s %T %U %u %V %v %W %w %X %x %Y %y %%`.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};
use datafusion::common::{exec_err, resources_err};
use datafusion::error::Result;

/// The longest format.
const LONGEST: usize = 4096;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn hour12(hour: u32) -> u32 {
    if hour.is_multiple_of(12) { 12 } else { hour % 12 }
}

/// Writes a time in a format. An unknown code stands for its letter, as in MySQL.
pub(super) fn write(clock: NaiveDateTime, format: &str) -> Result<String> {
    if format.len() > LONGEST {
        return resources_err!("a format of times has {LONGEST} bytes at most");
    }
    let mut out = String::with_capacity(format.len() * 2);
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let half = if clock.hour() < 12 { "AM" } else { "PM" };
        let month = MONTHS.get(clock.month0() as usize).copied().unwrap_or_default();
        let day = DAYS.get(clock.weekday().num_days_from_monday() as usize).copied().unwrap_or_default();
        let code = chars.next();
        out.push_str(&match code {
            Some('a') => day[..3].to_owned(),
            Some('b') => month[..3].to_owned(),
            Some('c') => clock.month().to_string(),
            Some('D') => format!("{}{}", clock.day(), ordinal(clock.day())),
            Some('d') => format!("{:02}", clock.day()),
            Some('e') => clock.day().to_string(),
            Some('f') => format!("{:06}", clock.and_utc().timestamp_subsec_micros()),
            Some('H') => format!("{:02}", clock.hour()),
            Some('h' | 'I') => format!("{:02}", hour12(clock.hour())),
            Some('i') => format!("{:02}", clock.minute()),
            Some('j') => format!("{:03}", clock.ordinal()),
            Some('k') => clock.hour().to_string(),
            Some('l') => hour12(clock.hour()).to_string(),
            Some('M') => month.to_owned(),
            Some('m') => format!("{:02}", clock.month()),
            Some('p') => half.to_owned(),
            Some('r') => {
                format!("{:02}:{:02}:{:02} {half}", hour12(clock.hour()), clock.minute(), clock.second())
            }
            Some('S' | 's') => format!("{:02}", clock.second()),
            Some('T') => clock.format("%H:%M:%S").to_string(),
            // Weeks that begin on Monday, or on Sunday.
            Some('v' | 'u') => format!("{:02}", clock.iso_week().week()),
            Some('V' | 'U') => format!("{:02}", week_of_sunday(clock.date()).1),
            Some('x') => clock.iso_week().year().to_string(),
            Some('X') => week_of_sunday(clock.date()).0.to_string(),
            Some('W') => day.to_owned(),
            Some('w') => clock.weekday().num_days_from_sunday().to_string(),
            Some('Y') => format!("{:04}", clock.year()),
            Some('y') => format!("{:02}", clock.year().rem_euclid(100)),
            Some(other) => other.to_string(),
            None => "%".to_owned(),
        });
    }
    Ok(out)
}

fn ordinal(day: u32) -> &'static str {
    match (day % 10, day % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    }
}

/// Returns year and number of the week that begins on the Sunday of or before a date. The first week of a year begins
/// on its first Sunday.
fn week_of_sunday(date: NaiveDate) -> (i32, u32) {
    let sunday = date.ordinal0().checked_sub(date.weekday().num_days_from_sunday());
    match sunday {
        Some(sunday) => (date.year(), sunday / 7 + 1),
        None => match NaiveDate::from_ymd_opt(date.year() - 1, 12, 31) {
            Some(last) => week_of_sunday(last),
            None => (date.year(), 0),
        },
    }
}

/// The parts of a time, as far as they were read.
#[derive(Default)]
struct Parts {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    ordinal: Option<u32>,
    hour: Option<u32>,
    hour12: Option<u32>,
    afternoon: Option<bool>,
    minute: Option<u32>,
    second: Option<u32>,
    micros: u32,
    iso_year: Option<i32>,
    week: Option<u32>,
    weekday: Option<Weekday>,
}

/// Reads a time in a format. A part that the format does not have is that of 1970-01-01 00:00:00.
pub(super) fn read(text: &str, format: &str) -> Result<NaiveDateTime> {
    if format.len() > LONGEST {
        return resources_err!("a format of times has {LONGEST} bytes at most");
    }
    let mut reader = Reader { rest: text };
    let mut parts = Parts::default();
    let found = reader.read(format, &mut parts).filter(|()| reader.rest.is_empty()).and_then(|()| parts.clock());
    match found {
        Some(clock) => Ok(clock),
        None => exec_err!("not a time in the format `{format}`: `{text}`"),
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    /// Reads a number of at most so many digits.
    fn number(&mut self, most: usize) -> Option<u32> {
        let digits = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.rest.split_at_checked(digits)?;
        self.rest = rest;
        number.parse().ok()
    }

    /// Reads one of some names, or its first letters.
    fn name(&mut self, names: &[&str], letters: Option<usize>) -> Option<usize> {
        let starts = |name: &str| {
            let name = name.get(..letters.unwrap_or(name.len()))?;
            let start = self.rest.get(..name.len())?;
            start.eq_ignore_ascii_case(name).then_some(name.len())
        };
        let (at, length) = names.iter().enumerate().find_map(|(at, name)| Some((at, starts(name)?)))?;
        self.rest = self.rest.get(length..)?;
        Some(at)
    }

    fn read(&mut self, format: &str, parts: &mut Parts) -> Option<()> {
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                self.rest = self.rest.strip_prefix(c)?;
                continue;
            }
            match chars.next()? {
                'a' => parts.weekday = Some(weekday(self.name(&DAYS, Some(3))?)?),
                'W' => parts.weekday = Some(weekday(self.name(&DAYS, None)?)?),
                'w' => parts.weekday = Some(weekday((self.number(1)? as usize + 6) % 7)?),
                'b' => parts.month = Some(u32::try_from(self.name(&MONTHS, Some(3))?).ok()? + 1),
                'M' => parts.month = Some(u32::try_from(self.name(&MONTHS, None)?).ok()? + 1),
                'c' | 'm' => parts.month = Some(self.number(2)?),
                'd' | 'e' => parts.day = Some(self.number(2)?),
                'D' => {
                    parts.day = Some(self.number(2)?);
                    self.name(&["st", "nd", "rd", "th"], None)?;
                }
                'f' => {
                    let before = self.rest.len();
                    let number = self.number(6)?;
                    let digits = u32::try_from(before - self.rest.len()).ok()?;
                    parts.micros = number * 10u32.pow(6u32.checked_sub(digits)?);
                }
                'H' | 'k' => parts.hour = Some(self.number(2)?),
                'h' | 'I' | 'l' => parts.hour12 = Some(self.number(2)?),
                'i' => parts.minute = Some(self.number(2)?),
                'j' => parts.ordinal = Some(self.number(3)?),
                'p' => parts.afternoon = Some(self.name(&["AM", "PM"], None)? == 1),
                'S' | 's' => parts.second = Some(self.number(2)?),
                'T' => self.read("%H:%i:%s", parts)?,
                'r' => self.read("%h:%i:%s %p", parts)?,
                'v' => parts.week = Some(self.number(2)?),
                'x' => parts.iso_year = Some(i32::try_from(self.number(4)?).ok()?),
                'Y' => parts.year = Some(i32::try_from(self.number(4)?).ok()?),
                // 1970 to 2069.
                'y' => {
                    let year = i32::try_from(self.number(2)?).ok()?;
                    parts.year = Some(if year < 70 { 2000 + year } else { 1900 + year });
                }
                '%' => self.rest = self.rest.strip_prefix('%')?,
                _ => return None,
            }
        }
        Some(())
    }
}

fn weekday(from_monday: usize) -> Option<Weekday> {
    Weekday::try_from(u8::try_from(from_monday).ok()?).ok()
}

impl Parts {
    fn clock(&self) -> Option<NaiveDateTime> {
        let year = self.year.unwrap_or(1970);
        let date = match (self.ordinal, self.week) {
            (Some(ordinal), _) => NaiveDate::from_yo_opt(year, ordinal)?,
            (None, Some(week)) => {
                let day = self.weekday.unwrap_or(Weekday::Mon);
                NaiveDate::from_isoywd_opt(self.iso_year.unwrap_or(year), week, day)?
            }
            (None, None) => NaiveDate::from_ymd_opt(year, self.month.unwrap_or(1), self.day.unwrap_or(1))?,
        };
        let hour = match (self.hour, self.hour12) {
            (Some(hour), _) => hour,
            (None, Some(hour @ 1..=12)) => hour % 12 + if self.afternoon == Some(true) { 12 } else { 0 },
            (None, Some(_)) => return None,
            (None, None) => 0,
        };
        let time =
            NaiveTime::from_hms_micro_opt(hour, self.minute.unwrap_or(0), self.second.unwrap_or(0), self.micros)?;
        Some(date.and_time(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn every_code_is_written() {
        let time = clock("2020-06-07T14:05:09.123456");
        for (format, expected) in [
            ("%Y-%m-%d %H:%i:%S", "2020-06-07 14:05:09"),
            ("%y %c %e %k %l %s", "20 6 7 14 2 09"),
            ("%a %b %W %M %D", "Sun Jun Sunday June 7th"),
            ("%h %I %p %r %T", "02 02 PM 02:05:09 PM 14:05:09"),
            ("%f %j %w", "123456 159 0"),
            ("%x-%v %X-%V", "2020-23 2020-23"),
            ("%% %Q %", "% Q %"),
            ("日期%d", "日期07"),
        ] {
            assert_eq!(write(time, format).unwrap(), expected, "{format}");
        }
        for (day, expected) in [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (21, "21st"), (30, "30th")] {
            let time = clock(&format!("2020-06-{day:02}T00:00:00"));
            assert_eq!(write(time, "%D").unwrap(), expected);
        }
        assert_eq!(write(clock("2021-01-01T00:00:00"), "%X-%V %x-%v %h").unwrap(), "2020-52 2020-53 12");
    }

    #[test]
    fn times_are_read_in_a_format() {
        for (text, format, expected) in [
            ("2020-06-07 14:05:09", "%Y-%m-%d %H:%i:%S", Some("2020-06-07T14:05:09")),
            ("2020-6-7", "%Y-%c-%e", Some("2020-06-07T00:00:00")),
            ("07/Jun/20 02:05:09 pm", "%d/%b/%y %r", Some("2020-06-07T14:05:09")),
            ("12 AM", "%h %p", Some("1970-01-01T00:00:00")),
            ("June 3rd", "%M %D", Some("1970-06-03T00:00:00")),
            ("2020 159", "%Y %j", Some("2020-06-07T00:00:00")),
            ("2020 23 Sun", "%x %v %a", Some("2020-06-07T00:00:00")),
            ("14:05:09.5", "%T.%f", Some("1970-01-01T14:05:09.500")),
            ("20200607", "%Y%m%d", Some("2020-06-07T00:00:00")),
            ("2020-06-07", "%Y-%m", None),
            ("2020-06", "%Y-%m-%d", None),
            ("2020-13-01", "%Y-%m-%d", None),
            ("2020", "%Q", None),
            ("13", "%h", None),
            ("", "%Y", None),
        ] {
            assert_eq!(read(text, format).ok(), expected.map(clock), "{text} as {format}");
        }
    }
}
