//! SQL functions of dates and times, which keep the rule of the session's zone.
//!
//! The rule: an instant has a zone, which decides the clock that is shown. A date or a time without a zone belongs to
//! the zone of the session, or to the zone of the instant it meets. Where clocks are put back and a local time occurs
//! twice, it means the first of the two instants, so that a day begins with its first instant. Where clocks are put
//! forward and a local time is skipped, it means the instant at which a clock that was not put forward would show it.
//!
//! [`crate::engine::zones`] puts these functions where plans turn one kind of time into the other, so that a
//! comparison, a cast and a function all follow the rule. The functions that reach a physical plan keep no state: zones
//! are in the types of instants, or are literal arguments.

mod at_time_zone;
mod bucket_of;
mod date_bin;
mod date_trunc;
mod length_micros;
mod local_clock;
mod local_date;
mod now;
mod shift;
mod to_char;
mod to_instant;
mod to_timestamp;
mod to_unixtime;

use arrow::array::timezone::Tz;
use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use chrono::{DateTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::ScalarUDF;
use std::str::FromStr;
use std::sync::Arc;

pub use at_time_zone::NAME as AT_TIME_ZONE;
pub use bucket_of::{NAME as BUCKET_OF, bucket_of};
pub use date_trunc::date_trunc;
pub use length_micros::length_micros;
pub use local_clock::local_clock;
pub use local_date::local_date;
pub use shift::shift;
pub use to_instant::{to_instant, try_to_instant};

/// Makes the functions of times of a session with this zone, at this time.
pub fn functions(zone: &str, now: DateTime<Utc>) -> Vec<ScalarUDF> {
    let mut functions = vec![
        at_time_zone::at_time_zone(),
        bucket_of(),
        date_bin::date_bin(),
        date_trunc(),
        local_clock(),
        length_micros(),
        local_date(),
        shift(),
        to_char::to_char(),
        to_instant(),
        try_to_instant(),
        to_unixtime::to_unixtime(zone),
    ];
    functions.extend(now::functions(zone, now));
    functions.extend(to_timestamp::functions(zone));
    functions
}

/// Reads the name of a zone, as it stands in the type of an instant.
pub(super) fn parse_zone(name: &str) -> Result<Tz> {
    Tz::from_str(name).map_err(|_| DataFusionError::Execution(format!("not a time zone: `{name}`")))
}

/// Returns `true` for names of UTC, whose clock needs no rules.
pub fn is_utc(zone: &str) -> bool {
    ["UTC", "Etc/UTC", "Z", "+00:00"].contains(&zone)
}

/// Returns the instant of a local time; see the module for times that occur twice or not at all.
pub fn instant_of(local: NaiveDateTime, zone: &Tz) -> Option<DateTime<Utc>> {
    use chrono::LocalResult::{Ambiguous, None as Skipped, Single};
    let offset = match zone.offset_from_local_datetime(&local) {
        Single(offset) => offset.fix(),
        Ambiguous(one, other) => one.fix().max_by_east(other.fix()),
        // The offset before the gap; a whole day is skipped at the most.
        Skipped => (1..=18)
            .find_map(|step| {
                let earlier = local.checked_sub_signed(TimeDelta::minutes(90 * step))?;
                zone.offset_from_local_datetime(&earlier).single()
            })?
            .fix(),
    };
    Some(local.checked_sub_offset(offset)?.and_utc())
}

/// The later clock belongs to the earlier instant.
trait MaxByEast {
    fn max_by_east(self, other: Self) -> Self;
}

impl MaxByEast for chrono::FixedOffset {
    fn max_by_east(self, other: Self) -> Self {
        if self.local_minus_utc() >= other.local_minus_utc() { self } else { other }
    }
}

/// Returns the clock of a zone at an instant in microseconds.
pub(super) fn clock_at(micros: i64, zone: &Tz) -> Option<NaiveDateTime> {
    let utc = DateTime::from_timestamp_micros(micros)?.naive_utc();
    utc.checked_add_offset(zone.offset_from_utc_datetime(&utc).fix())
}

/// Returns the zone of an instant's type.
fn zone_of(kind: &DataType) -> Option<&str> {
    match kind {
        DataType::Timestamp(_, Some(zone)) => Some(zone),
        _ => None,
    }
}

/// Returns times as microseconds; instants stay the same instants, plain times the same clock.
fn as_micros(times: &ArrayRef) -> Result<PrimitiveArray<TimestampMicrosecondType>> {
    let kind = match times.data_type() {
        DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
        _ => DataType::Timestamp(TimeUnit::Microsecond, None),
    };
    let micros = arrow::compute::cast(times, &kind)?;
    Ok(micros.as_primitive::<TimestampMicrosecondType>().clone())
}

/// Microseconds with a zone, or without one, as an array of the unit that is wanted.
fn of_unit(micros: PrimitiveArray<TimestampMicrosecondType>, unit: TimeUnit) -> Result<ArrayRef> {
    let zone = zone_of(micros.data_type()).map(Arc::from);
    let micros: ArrayRef = Arc::new(micros);
    if unit == TimeUnit::Microsecond {
        return Ok(micros);
    }
    Ok(arrow::compute::cast(&micros, &DataType::Timestamp(unit, zone))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveDate, SecondsFormat};

    #[test]
    fn every_local_time_means_one_instant() {
        for (zone, local, expected) in [
            ("UTC", "2026-11-01T00:30:00", "2026-11-01T00:30:00Z"),
            ("+05:30", "2026-11-01T00:30:00", "2026-10-31T19:00:00Z"),
            ("Asia/Kolkata", "2026-11-01T00:30:00", "2026-10-31T19:00:00Z"),
            // Occurs twice: the first of the two.
            ("America/Havana", "2026-11-01T00:00:00", "2026-11-01T04:00:00Z"),
            ("America/Havana", "2026-11-01T00:59:59", "2026-11-01T04:59:59Z"),
            ("America/Havana", "2026-11-01T01:00:00", "2026-11-01T06:00:00Z"),
            ("America/St_Johns", "2010-11-07T00:00:30", "2010-11-07T02:30:30Z"),
            // Skipped: what a clock that was not put forward would show.
            ("America/Havana", "2026-03-08T00:00:00", "2026-03-08T05:00:00Z"),
            ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),
            ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:45:00Z"),
            // A whole day that Samoa left out.
            ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00Z"),
        ] {
            let instant = instant_of(local.parse().unwrap(), &parse_zone(zone).unwrap()).unwrap();
            assert_eq!(instant.to_rfc3339_opts(SecondsFormat::AutoSi, true), expected, "{local} in {zone}");
        }
        let far = NaiveDate::MIN.and_time(chrono::NaiveTime::MIN);
        assert_eq!(instant_of(far, &parse_zone("Asia/Tokyo").unwrap()), None);
    }
}
