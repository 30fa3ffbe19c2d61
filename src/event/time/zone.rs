//! Time zones as a user names them: an IANA zone, or a fixed offset from UTC.
//!
//! A name that is no zone is refused, and the error says what it can mean. The abbreviation `CST` is used in Asia and
//! in America, so nothing is taken for it. Names are compared by likeness only where no offset is in them: `Etc/GMT+8`,
//! the nearest name of `GMT+8`, is sixteen hours off.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use chrono::{FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

/// A time zone with a name and rules, or with an offset that never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Zone {
    /// A zone of the IANA database.
    Named(Tz),
    /// An offset from UTC, in whole minutes; [`Zone::UTC`] stands for that of zero.
    Fixed(FixedOffset),
}

impl Zone {
    /// Universal time.
    pub const UTC: Self = Self::Named(Tz::UTC);

    /// Returns the name that Arrow and DataFusion know: `Asia/Tokyo`, `+08:00`.
    ///
    /// For people there is `Display`, which writes `UTC+08:00`. Both can be read back.
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Named(tz) => tz.name().into(),
            Self::Fixed(offset) => offset.to_string().into(),
        }
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}

impl From<Tz> for Zone {
    fn from(tz: Tz) -> Self {
        Self::Named(tz)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(tz) => f.write_str(tz.name()),
            Self::Fixed(offset) => write!(f, "UTC{offset}"),
        }
    }
}

/// The offset of a [`Zone`] at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneOffset {
    /// That of a named zone.
    Named(<Tz as TimeZone>::Offset),
    /// That of a fixed offset: itself.
    Fixed(FixedOffset),
}

impl fmt::Display for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(offset) => offset.fmt(f),
            Self::Fixed(offset) => offset.fmt(f),
        }
    }
}

impl Offset for ZoneOffset {
    fn fix(&self) -> FixedOffset {
        match self {
            Self::Named(offset) => offset.fix(),
            Self::Fixed(offset) => *offset,
        }
    }
}

impl TimeZone for Zone {
    type Offset = ZoneOffset;

    fn from_offset(offset: &ZoneOffset) -> Self {
        match offset {
            ZoneOffset::Named(offset) => Self::Named(Tz::from_offset(offset)),
            ZoneOffset::Fixed(offset) => Self::Fixed(*offset),
        }
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> MappedLocalTime<ZoneOffset> {
        match self {
            Self::Named(tz) => tz.offset_from_local_date(local).map(ZoneOffset::Named),
            Self::Fixed(offset) => MappedLocalTime::Single(ZoneOffset::Fixed(*offset)),
        }
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> MappedLocalTime<ZoneOffset> {
        match self {
            Self::Named(tz) => tz.offset_from_local_datetime(local).map(ZoneOffset::Named),
            Self::Fixed(offset) => MappedLocalTime::Single(ZoneOffset::Fixed(*offset)),
        }
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> ZoneOffset {
        match self {
            Self::Named(tz) => ZoneOffset::Named(tz.offset_from_utc_date(utc)),
            Self::Fixed(offset) => ZoneOffset::Fixed(*offset),
        }
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> ZoneOffset {
        match self {
            Self::Named(tz) => ZoneOffset::Named(tz.offset_from_utc_datetime(utc)),
            Self::Fixed(offset) => ZoneOffset::Fixed(*offset),
        }
    }
}

/// A text that names no time zone, or more than one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not {wanted}: `{text}`", wanted = reason.wanted())]
pub struct ZoneError {
    /// The text as it was given.
    pub text: String,
    /// The reason, which decides on the hint.
    pub reason: ZoneReason,
}

/// The reason why a text is no time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ZoneReason {
    /// No zone has the name; zones that were perhaps meant, the best first.
    Unknown(Vec<&'static str>),
    /// An abbreviation that is used for each of these zones.
    Ambiguous(&'static [&'static str]),
    /// It holds an offset, but not in a notation that says on which side of Greenwich it is.
    Offset,
    /// An offset greater than any that is in use.
    TooFar,
}

impl ZoneReason {
    fn wanted(&self) -> &'static str {
        match self {
            Self::Unknown(_) | Self::Ambiguous(_) => "an IANA time zone",
            Self::Offset | Self::TooFar => "an offset from UTC",
        }
    }
}

impl ZoneError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        let quoted = |zones: &[&str]| -> Vec<String> { zones.iter().map(|zone| format!("`{zone}`")).collect() };
        match &self.reason {
            ZoneReason::Unknown(near) if near.is_empty() => {
                "give an IANA name such as `Asia/Tokyo`, or an offset such as `+08:00`".to_owned()
            }
            ZoneReason::Unknown(near) => format!("did you mean {}?", listed(&quoted(near))),
            ZoneReason::Ambiguous(meanings) => {
                let (text, meanings) = (self.text.trim(), listed(&quoted(meanings)));
                format!("`{text}` can mean {meanings}: give one of these or an offset such as `+08:00`")
            }
            ZoneReason::Offset => "write an offset as `+08:00`, `-03:30` or `UTC+8`, where + is east of Greenwich; \
                                   the IANA names `Etc/GMT-8` and the like have their sign the other way round"
                .to_owned(),
            ZoneReason::TooFar => "offsets go from `-14:00` to `+14:00`".to_owned(),
        }
    }
}

/// The texts as a list of choices: `a, b or c`.
fn listed(texts: &[String]) -> String {
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    /// Reads an IANA name in any case, or an offset: `+08:00`, `-0330`, `+8`, `UTC+8`, `GMT+05:30`.
    fn from_str(text: &str) -> Result<Self, ZoneError> {
        let wanted = text.trim();
        let named = chrono_tz::TZ_VARIANTS.iter().find(|tz| tz.name().eq_ignore_ascii_case(wanted));
        if let Some(tz) = named {
            return Ok(Self::Named(*tz));
        }
        let wrong = |reason| ZoneError { text: text.to_owned(), reason };
        match offset_minutes(wanted) {
            Some(0) => Ok(Self::UTC),
            Some(minutes) if minutes.abs() > GREATEST_OFFSET_MINUTES => Err(wrong(ZoneReason::TooFar)),
            Some(minutes) => {
                FixedOffset::east_opt(minutes * 60).map(Self::Fixed).ok_or_else(|| wrong(ZoneReason::TooFar))
            }
            None => Err(wrong(reason_against(wanted))),
        }
    }
}

/// The maximum offset in use, that of Kiribati.
const GREATEST_OFFSET_MINUTES: i32 = 14 * 60;

/// Minutes east of Greenwich, where the text is an offset.
fn offset_minutes(text: &str) -> Option<i32> {
    let lower = text.to_ascii_lowercase();
    if lower == "z" {
        return Some(0);
    }
    let offset = lower.strip_prefix("utc").or_else(|| lower.strip_prefix("gmt")).unwrap_or(&lower).trim_start();
    // The minus of typography comes along when an offset is copied from a page.
    let (sign, number) = match offset.strip_prefix('+') {
        Some(number) => (1, number),
        None => (-1, offset.strip_prefix(['-', '\u{2212}'])?),
    };
    let number = number.trim_start();
    let (hours, minutes) = match (number.split_once(':'), number.len()) {
        (Some(parts), _) => parts,
        (None, 4) => number.split_at_checked(2)?,
        (None, _) => (number, "00"),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=2).contains(&hours.len()) || minutes.len() != 2 || !digits(hours) || !digits(minutes) {
        return None;
    }
    let minutes: i32 = minutes.parse().ok().filter(|minutes| *minutes < 60)?;
    Some(sign * (hours.parse::<i32>().ok()? * 60 + minutes))
}

/// The reason against a text that is neither a name nor an offset.
fn reason_against(text: &str) -> ZoneReason {
    if text.contains(|c: char| c.is_ascii_digit() || c == '+') {
        return ZoneReason::Offset;
    }
    let name = text.to_lowercase().replace([' ', '-'], "_");
    // Windows says `Tokyo Standard Time`.
    let name = name.strip_suffix("_time").unwrap_or(&name);
    let name = name.strip_suffix("_standard").unwrap_or(name);
    let city = name.rsplit('/').next().unwrap_or(name);
    if let Some((_, meanings)) = ABBREVIATIONS.iter().find(|(short, _)| *short == name) {
        return match meanings {
            [one] => ZoneReason::Unknown(vec![one]),
            meanings => ZoneReason::Ambiguous(meanings),
        };
    }
    if let Some((zone, _)) = PLACES.iter().find(|(_, places)| places.contains(&city)) {
        return ZoneReason::Unknown(vec![zone]);
    }
    let last_part = |zone: &str| zone.rsplit('/').next().unwrap_or(zone).to_lowercase();
    let names = || chrono_tz::TZ_VARIANTS.iter().map(|tz| tz.name()).filter(|zone| !zone.starts_with("Etc/"));
    let of_city: Vec<&str> = names().filter(|zone| last_part(zone) == city).take(NAMES_OF_A_CITY).collect();
    if !of_city.is_empty() {
        return ZoneReason::Unknown(of_city);
    }
    let near = if is_abbreviation(text) { None } else { nearest(names(), name, last_part) };
    ZoneReason::Unknown(near.into_iter().collect())
}

/// Returns `true` for a text that can only be an abbreviation: near it is any other, at any offset.
fn is_abbreviation(text: &str) -> bool {
    text.len() < 5 || (text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// The most zones of one city that a hint names.
const NAMES_OF_A_CITY: usize = 3;

/// The name most like `wanted`, as a whole or by its last part. Names such as `EST5EDT` are not compared.
fn nearest(
    names: impl Iterator<Item = &'static str>,
    wanted: &str,
    last_part: impl Fn(&str) -> String,
) -> Option<&'static str> {
    let is_place = |zone: &&str| zone.bytes().any(|byte| byte.is_ascii_lowercase());
    let score = |zone: &str| {
        strsim::jaro_winkler(&zone.to_lowercase(), wanted).max(strsim::jaro_winkler(&last_part(zone), wanted))
    };
    let scored = names.filter(is_place).map(|zone| (score(zone), zone)).filter(|(score, _)| *score > 0.8);
    scored.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, zone)| zone)
}

/// Abbreviations that are no IANA names, and the zones whose clocks they are used for.
const ABBREVIATIONS: &[(&str, &[&str])] = &[
    ("acdt", &["Australia/Adelaide"]),
    ("acst", &["Australia/Adelaide", "Australia/Darwin"]),
    ("adt", &["America/Halifax"]),
    ("aedt", &["Australia/Sydney"]),
    ("aest", &["Australia/Sydney", "Australia/Brisbane"]),
    ("akdt", &["America/Anchorage"]),
    ("akst", &["America/Anchorage"]),
    ("almt", &["Asia/Almaty"]),
    ("amt", &["America/Manaus", "Asia/Yerevan"]),
    ("art", &["America/Argentina/Buenos_Aires"]),
    ("ast", &["America/Halifax", "Asia/Riyadh"]),
    ("awst", &["Australia/Perth"]),
    ("bdt", &["Asia/Dhaka", "Asia/Brunei"]),
    ("bjt", &["Asia/Shanghai"]),
    ("brt", &["America/Sao_Paulo"]),
    ("bst", &["Europe/London", "Asia/Dhaka"]),
    ("cat", &["Africa/Maputo"]),
    ("cdt", &["America/Chicago", "America/Havana"]),
    ("cest", &["CET"]),
    ("chst", &["Pacific/Guam"]),
    ("clt", &["America/Santiago"]),
    ("cot", &["America/Bogota"]),
    ("cst", &["Asia/Shanghai", "America/Chicago", "America/Havana"]),
    ("eat", &["Africa/Nairobi"]),
    ("ect", &["America/Guayaquil"]),
    ("edt", &["America/New_York"]),
    ("eest", &["EET"]),
    ("et", &["America/New_York"]),
    ("gst", &["Asia/Dubai", "Atlantic/South_Georgia"]),
    ("hdt", &["America/Adak"]),
    ("hkt", &["Asia/Hong_Kong"]),
    ("ict", &["Asia/Bangkok"]),
    ("idt", &["Asia/Jerusalem"]),
    ("irst", &["Asia/Tehran"]),
    ("ist", &["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"]),
    ("jst", &["Asia/Tokyo"]),
    ("kst", &["Asia/Seoul"]),
    ("mdt", &["America/Denver"]),
    ("mest", &["MET"]),
    ("mesz", &["Europe/Berlin"]),
    ("mez", &["Europe/Berlin"]),
    ("mmt", &["Asia/Yangon"]),
    ("msk", &["Europe/Moscow"]),
    ("mt", &["America/Denver"]),
    ("myt", &["Asia/Kuala_Lumpur"]),
    ("ndt", &["America/St_Johns"]),
    ("npt", &["Asia/Kathmandu"]),
    ("nst", &["America/St_Johns"]),
    ("nzdt", &["Pacific/Auckland"]),
    ("nzst", &["Pacific/Auckland"]),
    ("nzt", &["Pacific/Auckland"]),
    ("pdt", &["America/Los_Angeles"]),
    ("pet", &["America/Lima"]),
    ("pht", &["Asia/Manila"]),
    ("pkt", &["Asia/Karachi"]),
    ("pst", &["America/Los_Angeles", "Asia/Manila"]),
    ("pt", &["America/Los_Angeles"]),
    ("sast", &["Africa/Johannesburg"]),
    ("sgt", &["Asia/Singapore"]),
    ("sst", &["Pacific/Pago_Pago", "Asia/Singapore"]),
    ("trt", &["Europe/Istanbul"]),
    ("ulat", &["Asia/Ulaanbaatar"]),
    ("uyt", &["America/Montevideo"]),
    ("uzt", &["Asia/Tashkent"]),
    ("vet", &["America/Caracas"]),
    ("wat", &["Africa/Lagos"]),
    ("west", &["WET"]),
    ("wib", &["Asia/Jakarta"]),
    ("wit", &["Asia/Jayapura"]),
    ("wita", &["Asia/Makassar"]),
    ("wst", &["Pacific/Apia", "Australia/Perth"]),
];

/// Places that have no zone of their name, by the zone of their clocks: cities and countries where Alibaba Cloud has
/// regions, and a few that are often typed.
const PLACES: &[(&str, &[&str])] = &[
    (
        "Asia/Shanghai",
        &[
            "beijing",
            "peking",
            "china",
            "shenzhen",
            "guangzhou",
            "hangzhou",
            "nanjing",
            "wuhan",
            "fuzhou",
            "chengdu",
            "qingdao",
            "tianjin",
            "zhangjiakou",
            "zhangbei",
            "hohhot",
            "huhehaote",
            "ulanqab",
            "wulanchabu",
            "heyuan",
            "zhengzhou",
            "xian",
        ],
    ),
    ("Asia/Tokyo", &["osaka", "kyoto", "yokohama"]),
    ("Asia/Seoul", &["busan", "korea", "south_korea"]),
    ("Asia/Kolkata", &["mumbai", "bombay", "bangalore", "bengaluru", "chennai", "delhi", "new_delhi", "india"]),
    ("Asia/Taipei", &["taiwan"]),
    ("Asia/Ho_Chi_Minh", &["hanoi", "vietnam"]),
    ("Asia/Bangkok", &["thailand"]),
    ("Asia/Kuala_Lumpur", &["malaysia"]),
    ("Asia/Manila", &["philippines"]),
    ("Asia/Dubai", &["abu_dhabi", "uae"]),
    ("Asia/Riyadh", &["jeddah", "mecca", "saudi_arabia"]),
    ("Asia/Karachi", &["islamabad", "lahore", "pakistan"]),
    ("America/Los_Angeles", &["san_francisco", "silicon_valley", "seattle", "california", "san_diego"]),
    ("America/New_York", &["boston", "washington", "washington_dc", "miami", "atlanta", "virginia", "philadelphia"]),
    ("America/Chicago", &["houston", "dallas", "austin"]),
    ("America/Sao_Paulo", &["rio_de_janeiro", "brasilia"]),
    ("Europe/Berlin", &["frankfurt", "munich", "hamburg", "cologne", "germany"]),
    ("Europe/London", &["england", "uk", "manchester", "edinburgh"]),
    ("Europe/Paris", &["france", "lyon"]),
    ("Europe/Rome", &["milan", "italy"]),
    ("Europe/Madrid", &["barcelona"]),
    ("Europe/Zurich", &["geneva", "bern"]),
    ("Europe/Moscow", &["st_petersburg", "saint_petersburg"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};

    fn fixed(minutes: i32) -> Zone {
        Zone::Fixed(FixedOffset::east_opt(minutes * 60).unwrap())
    }

    #[test]
    fn zones_that_are_taken() {
        for (text, zone, arrow, shown) in [
            ("asia/tokyo", Zone::Named(Tz::Asia__Tokyo), "Asia/Tokyo", "Asia/Tokyo"),
            (" Asia/Tokyo ", Zone::Named(Tz::Asia__Tokyo), "Asia/Tokyo", "Asia/Tokyo"),
            ("utc", Zone::UTC, "UTC", "UTC"),
            ("Z", Zone::UTC, "UTC", "UTC"),
            ("+00:00", Zone::UTC, "UTC", "UTC"),
            ("-0", Zone::UTC, "UTC", "UTC"),
            ("UTC+0", Zone::UTC, "UTC", "UTC"),
            ("GMT+0", Zone::Named(Tz::GMTPlus0), "GMT+0", "GMT+0"),
            ("+08:00", fixed(480), "+08:00", "UTC+08:00"),
            ("+0800", fixed(480), "+08:00", "UTC+08:00"),
            ("+08", fixed(480), "+08:00", "UTC+08:00"),
            ("+8", fixed(480), "+08:00", "UTC+08:00"),
            ("+8:00", fixed(480), "+08:00", "UTC+08:00"),
            ("UTC+8", fixed(480), "+08:00", "UTC+08:00"),
            ("utc +8", fixed(480), "+08:00", "UTC+08:00"),
            ("GMT+8", fixed(480), "+08:00", "UTC+08:00"),
            ("GMT-8", fixed(-480), "-08:00", "UTC-08:00"),
            ("UTC+05:30", fixed(330), "+05:30", "UTC+05:30"),
            ("UTC+0545", fixed(345), "+05:45", "UTC+05:45"),
            ("-03:30", fixed(-210), "-03:30", "UTC-03:30"),
            ("\u{2212}03:30", fixed(-210), "-03:30", "UTC-03:30"),
            ("-00:30", fixed(-30), "-00:30", "UTC-00:30"),
            ("+14:00", fixed(840), "+14:00", "UTC+14:00"),
            ("-14", fixed(-840), "-14:00", "UTC-14:00"),
            // IANA names with an offset in them mean what IANA says: the sign is turned round.
            ("Etc/GMT+8", Zone::Named(Tz::Etc__GMTPlus8), "Etc/GMT+8", "Etc/GMT+8"),
            ("EST", Zone::Named(Tz::EST), "EST", "EST"),
            ("est5edt", Zone::Named(Tz::EST5EDT), "EST5EDT", "EST5EDT"),
            ("CET", Zone::Named(Tz::CET), "CET", "CET"),
            ("PRC", Zone::Named(Tz::PRC), "PRC", "PRC"),
        ] {
            assert_eq!(text.parse(), Ok(zone), "{text}");
            assert_eq!((zone.name().as_ref(), zone.to_string().as_str()), (arrow, shown), "{text}");
            assert_eq!((arrow.parse(), shown.parse()), (Ok(zone), Ok(zone)), "{text}");
            assert!(arrow.parse::<arrow::array::timezone::Tz>().is_ok(), "{text}");
        }
    }

    #[test]
    fn zones_that_are_refused() {
        let notation = "write an offset as `+08:00`";
        let no_idea = "give an IANA name such as `Asia/Tokyo`, or an offset such as `+08:00`";
        for (text, hint) in [
            ("JST", "did you mean `Asia/Tokyo`?"),
            ("jst", "did you mean `Asia/Tokyo`?"),
            ("KST", "did you mean `Asia/Seoul`?"),
            ("SGT", "did you mean `Asia/Singapore`?"),
            ("HKT", "did you mean `Asia/Hong_Kong`?"),
            ("CEST", "did you mean `CET`?"),
            (
                "CST",
                "`CST` can mean `Asia/Shanghai`, `America/Chicago` or `America/Havana`: \
                 give one of these or an offset such as `+08:00`",
            ),
            ("IST", "`IST` can mean `Asia/Kolkata`, `Europe/Dublin` or `Asia/Jerusalem`: give one"),
            ("PST", "`PST` can mean `America/Los_Angeles` or `Asia/Manila`: give one"),
            ("Asia/Beijing", "did you mean `Asia/Shanghai`?"),
            ("beijing", "did you mean `Asia/Shanghai`?"),
            ("China Standard Time", "did you mean `Asia/Shanghai`?"),
            ("Tokyo Standard Time", "did you mean `Asia/Tokyo`?"),
            ("Asia/New Delhi", "did you mean `Asia/Kolkata`?"),
            ("Asia/Tokio", "did you mean `Asia/Tokyo`?"),
            ("tokio", "did you mean `Asia/Tokyo`?"),
            ("tokyo", "did you mean `Asia/Tokyo`?"),
            ("shanghai", "did you mean `Asia/Shanghai`?"),
            ("New York", "did you mean `America/New_York`?"),
            ("eastern", "did you mean `Canada/Eastern` or `US/Eastern`?"),
            ("XST", no_idea),
            ("CHAST", no_idea),
            ("", no_idea),
            ("日本", no_idea),
            ("local", no_idea),
            ("CST-8", notation),
            ("JST+9", notation),
            ("CST6", notation),
            ("8", notation),
            ("08:00", notation),
            ("+800", notation),
            ("+08:60", notation),
            ("+08:0", notation),
            ("+08:00:00", notation),
            ("+5.5", notation),
            ("UTC8", notation),
            ("GMT8", notation),
            ("Etc/GMT8", notation),
            ("Etc/UTC+8", notation),
            ("+", notation),
            ("+１", notation),
            ("+14:01", "offsets go from `-14:00` to `+14:00`"),
            ("-15", "offsets go from `-14:00` to `+14:00`"),
            ("UTC+99", "offsets go from `-14:00` to `+14:00`"),
        ] {
            let error = text.parse::<Zone>().unwrap_err();
            assert!(error.hint().starts_with(hint), "{text}: {}", error.hint());
            let wanted = if hint.contains("offset as") || hint.starts_with("offsets") {
                "offset from UTC"
            } else {
                "IANA time zone"
            };
            assert_eq!(error.to_string(), format!("not an {wanted}: `{text}`"));
        }
    }

    /// The tables name zones only, and none of them is hidden by another of the same name.
    #[test]
    fn the_tables_name_zones() {
        let known = |name: &str| chrono_tz::TZ_VARIANTS.iter().any(|tz| tz.name().eq_ignore_ascii_case(name));
        for (name, zones) in ABBREVIATIONS {
            assert!(!known(name), "{name}");
            assert!(!zones.is_empty() && zones.iter().all(|zone| known(zone)), "{name}");
        }
        assert!(ABBREVIATIONS.is_sorted_by(|(a, _), (b, _)| a < b));
        for (zone, places) in PLACES {
            assert!(known(zone), "{zone}");
            for place in *places {
                let own =
                    chrono_tz::TZ_VARIANTS.iter().find(|tz| tz.name().to_lowercase().ends_with(&format!("/{place}")));
                assert_eq!(own, None, "{place}");
            }
        }
    }

    #[test]
    fn a_zone_is_a_zone_of_chrono() {
        let time: DateTime<Utc> = "2026-07-01T12:00:00Z".parse().unwrap();
        for (zone, expected) in [
            ("Asia/Tokyo", "2026-07-01T21:00:00+09:00"),
            ("America/New_York", "2026-07-01T08:00:00-04:00"),
            ("EST", "2026-07-01T07:00:00-05:00"),
            ("+05:30", "2026-07-01T17:30:00+05:30"),
            ("-03:30", "2026-07-01T08:30:00-03:30"),
            ("Etc/GMT+8", "2026-07-01T04:00:00-08:00"),
            ("UTC", "2026-07-01T12:00:00+00:00"),
        ] {
            let zone: Zone = zone.parse().unwrap();
            let local = time.with_timezone(&zone);
            assert_eq!(local.to_rfc3339(), expected);
            assert_eq!(local.timezone(), zone);
            assert_eq!(zone.from_local_datetime(&local.naive_local()).single().map(|local| local.to_utc()), Some(time));
        }
    }
}
