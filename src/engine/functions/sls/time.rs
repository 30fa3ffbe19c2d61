//! Dates and times: `date_format`, `date_parse`, `date_trunc`, `date_add`, `date_diff`, `from_unixtime`, `to_unixtime`
//! and the parts of a time.
//!
//! A time is an instant, a time without a zone, a date, seconds since 1970 (`__time__`) or a text. A result that is a
//! time has no zone: it is the clock of the session's zone, or of the zone that `from_unixtime` is given.
//!
//! Facts: Presto, "Date and Time Functions and Operators".

use super::super::time::{clock_at, instant_of, parse_zone};
use super::frame::{Cell, Definition, Gives, Row, Takes, clock_of_seconds};
use super::{moment, mysql_format};
use chrono::{
    DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Timelike,
};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use Takes::{Double, Int, Text, Time};

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let define = |name, takes: &'static [Takes], gives| Definition { name, takes, least: takes.len(), gives };
    let mut functions: Vec<ScalarUDF> = [
        define(
            "sls_date_format",
            &[Time, Text],
            Gives::Text(|row| mysql_format::write(row.clock(0), row.text(1)).map(Some)),
        ),
        define("sls_time_slot", &[Time, Int], Gives::Int(slot)),
        define("sls_slot_format", &[Int, Text], Gives::Text(slot_format)),
        define("sls_date_trunc", &[Text, Time], Gives::Clock(trunc)),
        define("sls_date_add", &[Text, Int, Time], Gives::Clock(add)),
        define("sls_date_diff", &[Text, Time, Time], Gives::Int(diff)),
        define("sls_from_unixtime_in", &[Double, Text], Gives::Clock(from_unixtime_in)),
        define("sls_at_timezone", &[Time, Text], Gives::Clock(at_timezone)),
        define("sls_date", &[Time], Gives::Date(|row| Ok(Some(row.clock(0).date())))),
        define("sls_clock_of", &[Time, Text], Gives::Clock(clock_of)),
        define("sls_zone_of_iso8601", &[Text], Gives::Text(|row| Ok(Some(zone_of_text(row))))),
        Definition { least: 1, ..define("sls_to_iso8601", &[Time, Text], Gives::Text(to_iso8601)) },
        define("sls_year", &[Time], Gives::Int(|row| part("year", row))),
        define("sls_quarter", &[Time], Gives::Int(|row| part("quarter", row))),
        define("sls_month", &[Time], Gives::Int(|row| part("month", row))),
        define("sls_week", &[Time], Gives::Int(|row| part("week", row))),
        define("sls_day", &[Time], Gives::Int(|row| part("day", row))),
        define("sls_day_of_week", &[Time], Gives::Int(|row| part("day_of_week", row))),
        define("sls_day_of_year", &[Time], Gives::Int(|row| part("day_of_year", row))),
        define("sls_year_of_week", &[Time], Gives::Int(|row| part("year_of_week", row))),
        define("sls_hour", &[Time], Gives::Int(|row| part("hour", row))),
        define("sls_minute", &[Time], Gives::Int(|row| part("minute", row))),
        define("sls_second", &[Time], Gives::Int(|row| part("second", row))),
        define("sls_millisecond", &[Time], Gives::Int(|row| part("millisecond", row))),
        Definition {
            least: 1,
            ..define("sls_timezone_hour", &[Time, Text], Gives::Int(|row| offset(row, |seconds| seconds / 3600)))
        },
        Definition {
            least: 1,
            ..define("sls_timezone_minute", &[Time, Text], Gives::Int(|row| offset(row, |seconds| seconds % 3600 / 60)))
        },
    ]
    .map(Definition::function)
    .into();
    functions
        .push(define("sls_current_timezone", &[], Gives::Text(|row| Ok(Some(row.zone_name().to_owned())))).function());
    // The clock of the session, so that the times of a statement are all of one kind.
    for fallible in [
        define("sls_from_unixtime", &[Time], Gives::Clock(|row| Ok(Some(row.clock(0))))),
        define(
            "sls_date_parse",
            &[Text, Text],
            Gives::Clock(|row| mysql_format::read(row.text(0), row.text(1)).map(Some)),
        ),
        define("sls_to_unixtime", &[Time], Gives::Double(to_unixtime)),
        define("sls_from_iso8601_timestamp", &[Text], Gives::Clock(own_clock)),
        define("sls_from_iso8601_instant", &[Time], Gives::Clock(|row| Ok(Some(row.clock(0))))),
        define("sls_from_iso8601_date", &[Time], Gives::Date(|row| Ok(Some(row.clock(0).date())))),
    ] {
        functions.extend(fallible.with_twin());
    }
    functions
}

/// A unit of `date_trunc`, `date_add` and `date_diff`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

fn unit(text: &str) -> Result<Unit> {
    let lower = text.trim().to_ascii_lowercase();
    Ok(match lower.strip_suffix('s').unwrap_or(&lower) {
        "millisecond" => Unit::Millisecond,
        "second" => Unit::Second,
        "minute" => Unit::Minute,
        "hour" => Unit::Hour,
        "day" => Unit::Day,
        "week" => Unit::Week,
        "month" => Unit::Month,
        "quarter" => Unit::Quarter,
        "year" => Unit::Year,
        _ => {
            return exec_err!(
                "not a unit of time: `{text}`: there are millisecond, second, minute, hour, day, week, month, quarter and year"
            );
        }
    })
}

fn trunc(row: &Row<'_>) -> Cell<NaiveDateTime> {
    let clock = row.clock(1);
    let (date, time) = (clock.date(), clock.time());
    let first = |month: u32| NaiveDate::from_ymd_opt(date.year(), month, 1).map(|date| date.and_time(NaiveTime::MIN));
    let at = |hour: u32, minute: u32, second: u32| NaiveTime::from_hms_opt(hour, minute, second);
    Ok(match unit(row.text(0))? {
        Unit::Millisecond => clock.with_nanosecond(time.nanosecond() / 1_000_000 * 1_000_000),
        Unit::Second => at(time.hour(), time.minute(), time.second()).map(|time| date.and_time(time)),
        Unit::Minute => at(time.hour(), time.minute(), 0).map(|time| date.and_time(time)),
        Unit::Hour => at(time.hour(), 0, 0).map(|time| date.and_time(time)),
        Unit::Day => Some(date.and_time(NaiveTime::MIN)),
        Unit::Week => {
            let since_monday = u64::from(date.weekday().num_days_from_monday());
            date.checked_sub_days(Days::new(since_monday)).map(|date| date.and_time(NaiveTime::MIN))
        }
        Unit::Month => first(date.month()),
        Unit::Quarter => first(date.month0() / 3 * 3 + 1),
        Unit::Year => first(1),
    })
}

/// The beginning of the slot of so many seconds that a time is in, in seconds on its clock.
fn slot(row: &Row<'_>) -> Cell<i64> {
    let (clock, length) = (row.clock(0).and_utc().timestamp(), row.int(1));
    if length < 1 {
        return exec_err!("a slot of time is a second or longer, not {length}");
    }
    Ok(clock.div_euclid(length).checked_mul(length))
}

/// Writes seconds on a clock in a format of MySQL.
fn slot_format(row: &Row<'_>) -> Cell<String> {
    let clock = DateTime::from_timestamp(row.int(0), 0);
    clock.map(|clock| mysql_format::write(clock.naive_utc(), row.text(1))).transpose()
}

fn add(row: &Row<'_>) -> Cell<NaiveDateTime> {
    let (clock, count) = (row.clock(2), row.int(1));
    let length = |unit: i64| {
        let millis = count.checked_mul(unit)?;
        clock.checked_add_signed(TimeDelta::try_milliseconds(millis)?)
    };
    let months = |unit: i64| {
        let count = count.checked_mul(unit)?;
        let months = Months::new(u32::try_from(count.unsigned_abs()).ok()?);
        if count < 0 { clock.checked_sub_months(months) } else { clock.checked_add_months(months) }
    };
    let sum = match unit(row.text(0))? {
        Unit::Millisecond => length(1),
        Unit::Second => length(1000),
        Unit::Minute => length(60_000),
        Unit::Hour => length(3_600_000),
        Unit::Day => length(86_400_000),
        Unit::Week => length(7 * 86_400_000),
        Unit::Month => months(1),
        Unit::Quarter => months(3),
        Unit::Year => months(12),
    };
    match sum {
        Some(sum) => Ok(Some(sum)),
        None => exec_err!("no date is known {count} {}s from {clock}", row.text(0)),
    }
}

/// Whole units from the first time to the second.
fn diff(row: &Row<'_>) -> Cell<i64> {
    let (from, to) = (row.clock(1), row.clock(2));
    let length = to.signed_duration_since(from);
    let months = || {
        let (from_date, to_date) = (from.date(), to.date());
        let month = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
        let months = month(to_date) - month(from_date);
        // The last day of a shorter month completes it, as adding months would end there.
        let reached = |months: i64| {
            let count = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
            if months < 0 { from.checked_sub_months(count) } else { from.checked_add_months(count) }
        };
        match reached(months) {
            Some(reached) if months > 0 && reached > to => months - 1,
            Some(reached) if months < 0 && reached < to => months + 1,
            _ => months,
        }
    };
    Ok(Some(match unit(row.text(0))? {
        Unit::Millisecond => length.num_milliseconds(),
        Unit::Second => length.num_seconds(),
        Unit::Minute => length.num_minutes(),
        Unit::Hour => length.num_hours(),
        Unit::Day => length.num_days(),
        Unit::Week => length.num_weeks(),
        Unit::Month => months(),
        Unit::Quarter => months() / 3,
        Unit::Year => months() / 12,
    }))
}

fn from_unixtime_in(row: &Row<'_>) -> Cell<NaiveDateTime> {
    Ok(clock_of_seconds(row.double(0), &parse_zone(row.text(1))?))
}

fn at_timezone(row: &Row<'_>) -> Cell<NaiveDateTime> {
    let zone = parse_zone(row.text(1))?;
    let instant = instant_of(row.clock(0), &row.zone_of(0));
    Ok(instant.and_then(|instant| clock_at(instant.timestamp_micros(), &zone)))
}

/// The clock of the session when another zone has a clock.
fn clock_of(row: &Row<'_>) -> Cell<NaiveDateTime> {
    let instant = instant_of(row.clock(0), &parse_zone(row.text(1))?);
    Ok(instant.and_then(|instant| clock_at(instant.timestamp_micros(), &row.zone())))
}

/// The clock that a text tells, in whichever zone.
fn own_clock(row: &Row<'_>) -> Cell<NaiveDateTime> {
    match moment::split_text(row.text(0)) {
        Some((clock, _)) => Ok(Some(clock)),
        None => exec_err!("not a time: `{}`", row.text(0)),
    }
}

/// The name of the zone that a text tells, or else of the session's.
fn zone_of_text(row: &Row<'_>) -> String {
    let zone = moment::split_text(row.text(0)).and_then(|(_, zone)| zone);
    zone.unwrap_or_else(|| row.zone_name().to_owned())
}

fn to_unixtime(row: &Row<'_>) -> Cell<f64> {
    let instant = instant_of(row.clock(0), &row.zone_of(0));
    Ok(instant.map(|instant| instant.timestamp_micros() as f64 / 1e6))
}

/// Seconds that the clock of a time is ahead of UTC: in the zone of the second argument, or else in its own.
fn offset_seconds(row: &Row<'_>) -> Cell<i64> {
    let zone = if row.has(1) { parse_zone(row.text(1))? } else { row.zone_of(0) };
    let Some(instant) = instant_of(row.clock(0), &zone) else { return Ok(None) };
    Ok(Some(i64::from(zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc())))
}

fn offset(row: &Row<'_>, part: fn(i64) -> i64) -> Cell<i64> {
    Ok(offset_seconds(row)?.map(part))
}

fn to_iso8601(row: &Row<'_>) -> Cell<String> {
    let clock = row.clock(0);
    if row.is_date(0) {
        return Ok(Some(clock.date().to_string()));
    }
    let Some(seconds) = offset_seconds(row)? else { return Ok(None) };
    let zone = if seconds == 0 {
        "Z".to_owned()
    } else {
        let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs() / 60);
        format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    };
    Ok(Some(format!("{}{zone}", clock.format("%Y-%m-%dT%H:%M:%S%.3f"))))
}

fn part(name: &str, row: &Row<'_>) -> Cell<i64> {
    let clock = row.clock(0);
    Ok(Some(match name {
        "year" => i64::from(clock.year()),
        "quarter" => i64::from(clock.month0() / 3 + 1),
        "month" => i64::from(clock.month()),
        "week" => i64::from(clock.iso_week().week()),
        "day" => i64::from(clock.day()),
        "day_of_week" => i64::from(clock.weekday().number_from_monday()),
        "day_of_year" => i64::from(clock.ordinal()),
        "year_of_week" => i64::from(clock.iso_week().year()),
        "hour" => i64::from(clock.hour()),
        "minute" => i64::from(clock.minute()),
        "second" => i64::from(clock.second()),
        "millisecond" => i64::from(clock.nanosecond() / 1_000_000),
        _ => return Ok(None),
    }))
}
