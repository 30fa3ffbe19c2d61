//! The shapes in which events reach a user: what the trail writes, what SLS ships, what API calls answer.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc};
use flate2::{Compression, GzBuilder};

use super::event::{Event, Version, utc};
use super::json::{Json, members, object};
use super::random::Random;

/// One file to be written.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Path below the folder, with `/`.
    pub path: String,
    pub shape: Shape,
    pub events: Vec<Event>,
}

/// A container and framing of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// The trail's object in OSS: gzip of one array.
    OssGzip,
    /// The same, unpacked.
    OssUnpacked,
    JsonLines,
    /// Pretty documents, one after the other.
    PrettyDocuments,
    /// Answers of LookupEvents, at most 50 events a page, one after the other.
    LookupEvents,
    /// An array of SLS records whose `event` is JSON in a string.
    SlsGetLogs,
    /// An array of SLS records whose `event` is an object.
    SlsGetLogsObjects,
    /// Lines of `aliyunlog log pull_log_dump`: ASCII only.
    SlsPullLogDump,
    /// SLS shipped to OSS: one record a line, plain, gzip or zstd.
    SlsOss,
    SlsOssGzip,
    SlsOssZstd,
}

impl Shape {
    /// What a person calls it.
    pub fn title(self) -> &'static str {
        match self {
            Self::OssGzip => "ActionTrail to OSS: gzip of one JSON array",
            Self::OssUnpacked => "ActionTrail to OSS, unpacked: one JSON array",
            Self::JsonLines => "JSON lines",
            Self::PrettyDocuments => "pretty JSON documents, one after the other",
            Self::LookupEvents => "LookupEvents answers, one page after the other",
            Self::SlsGetLogs => "SLS GetLogs: array of records, `event` as a string",
            Self::SlsGetLogsObjects => "SLS records, `event` as an object",
            Self::SlsPullLogDump => "SLS `pull_log_dump` lines",
            Self::SlsOss => "SLS to OSS: JSON lines",
            Self::SlsOssGzip => "SLS to OSS: JSON lines, gzip",
            Self::SlsOssZstd => "SLS to OSS: JSON lines, zstd",
        }
    }
}

impl Delivery {
    /// The bytes of the file.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        match self.shape {
            Shape::OssGzip => gzip(array(&self.events).as_bytes(), 6),
            Shape::OssUnpacked => Ok(array(&self.events).into_bytes()),
            Shape::JsonLines => Ok(lines(self.events.iter().map(|event| event.json(Version::Number).compact()))),
            Shape::PrettyDocuments => Ok(lines(self.events.iter().map(|event| event.json(Version::Number).pretty()))),
            Shape::LookupEvents => Ok(lines(self.lookup_pages().into_iter().map(|page| page.pretty()))),
            Shape::SlsGetLogs => {
                let records = self.events.iter().map(|event| sls_record(event, RecordStyle::GetLogs)).collect();
                Ok(Json::List(records).compact().into_bytes())
            }
            Shape::SlsGetLogsObjects => {
                let records = self.events.iter().map(|event| sls_record(event, RecordStyle::Objects)).collect();
                Ok(Json::List(records).pretty().into_bytes())
            }
            Shape::SlsPullLogDump => {
                Ok(lines(self.events.iter().map(|event| sls_record(event, RecordStyle::PullDump).compact_ascii())))
            }
            Shape::SlsOss => Ok(self.shipped(RecordStyle::ShippedNumber)),
            Shape::SlsOssGzip => gzip(&self.shipped(RecordStyle::ShippedText), 6),
            Shape::SlsOssZstd => zstd::encode_all(self.shipped(RecordStyle::ShippedNumber).as_slice(), 3),
        }
    }

    fn shipped(&self, style: RecordStyle) -> Vec<u8> {
        lines(self.events.iter().map(|event| sls_record(event, style).compact()))
    }

    /// Pages as the API gives them: newest first, with a token but on the last page.
    fn lookup_pages(&self) -> Vec<Json> {
        let newest_first: Vec<_> = self.events.iter().rev().collect();
        let start = self.events.first().map_or(DateTime::UNIX_EPOCH, |event| event.time);
        let end = self.events.last().map_or(DateTime::UNIX_EPOCH, |event| event.time + TimeDelta::seconds(1));
        let pages = newest_first.chunks(50).count();
        let mut random = named_random(&self.path);
        let page = |(n, events): (usize, &[&Event])| {
            let events = events.iter().map(|event| event.json(Version::Number)).collect();
            let mut out = members! { "EndTime": utc(end), "Events": Json::List(events) };
            if n + 1 < pages {
                out.extend(members! { "NextToken": format!("EXAMPLE-{}", random.alphanumeric(40)) });
            }
            out.extend(members! { "RequestId": random.guid(), "StartTime": utc(start) });
            Json::Object(out)
        };
        newest_first.chunks(50).enumerate().map(page).collect()
    }
}

/// How a route out of SLS writes the fields around the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RecordStyle {
    GetLogs,
    Objects,
    PullDump,
    ShippedNumber,
    ShippedText,
}

fn sls_record(event: &Event, style: RecordStyle) -> Json {
    // The clock of SLS is not that of the event: records arrive a little later.
    let received = event.time.timestamp() + 41;
    let text = event.json(Version::Text).compact();
    let topic = "actiontrail_audit_event";
    let with_time = |time: Json| object! { "__time__": time, "__topic__": topic, "__source__": "", "event": &text };
    match style {
        RecordStyle::GetLogs => object! {
            "__source__": "", "__time__": received.to_string(), "__topic__": topic, "event": &text,
        },
        RecordStyle::Objects => object! {
            "__source__": "", "__time__": received.to_string(), "__topic__": "actiontrail_event",
            "owner_id": super::story::ACCOUNT, "event": event.json(Version::Text),
        },
        RecordStyle::PullDump => object! {
            "__topic__": topic, "__source__": "", "__tag__:__receive_time__": (received + 1).to_string(),
            "__time__": received, "__time_ns_part__": Json::List(vec![Json::Int(0)]), "event": &text,
        },
        RecordStyle::ShippedNumber => with_time(Json::Int(received)),
        RecordStyle::ShippedText => with_time(Json::from(received.to_string())),
    }
}

fn array(events: &[Event]) -> String {
    Json::List(events.iter().map(|event| event.json(Version::Number)).collect()).compact()
}

fn lines(items: impl Iterator<Item = String>) -> Vec<u8> {
    let mut out = Vec::new();
    for item in items {
        out.extend_from_slice(item.as_bytes());
        out.push(b'\n');
    }
    out
}

/// Compresses without a name and a time in the header, so that the same content gives the same bytes.
pub fn gzip(content: &[u8], level: u32) -> io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::new(level));
    encoder.write_all(content)?;
    encoder.finish()
}

/// The key of an object that the trail writes.
pub fn oss_key(region: &str, delivered_at: DateTime<Utc>, events: usize, size_bytes: usize) -> String {
    let day = delivered_at.format("%Y/%m/%d");
    let stamp = delivered_at.format("%Y%m%d%H%M%S");
    let start =
        format!("AliyunLogs/Actiontrail/{region}/{day}/Actiontrail_{region}_{stamp}_1002_{events}_{size_bytes}");
    let digest = named_random(&start).hex(32);
    format!("{start}_{digest}.gz")
}

/// Groups events into objects under `prefix`: one for each region, day of delivery and, in November, quarter of a day.
pub fn oss_objects(prefix: &str, events: &[Event]) -> Vec<Delivery> {
    let mut groups: BTreeMap<(String, NaiveDate, u32), Vec<Event>> = BTreeMap::new();
    for event in events {
        // An object is written some minutes after the event: the last events of a day lie in the next day's folder.
        let delivered = event.time + TimeDelta::minutes(5);
        let november = delivered.date_naive() >= super::story::at(11, 1, 0, 0, 0).date_naive();
        let part = if november { delivered.hour() / 6 } else { 0 };
        groups.entry((event.region.clone(), delivered.date_naive(), part)).or_default().push(event.clone());
    }
    let object = |((region, _, _), events): ((String, NaiveDate, u32), Vec<Event>)| {
        let last = events.last().map_or(DateTime::UNIX_EPOCH, |event| event.time) + TimeDelta::minutes(5);
        let key = oss_key(&region, last, events.len(), array(&events).len());
        Delivery { path: format!("{prefix}{key}"), shape: Shape::OssGzip, events }
    };
    groups.into_iter().map(object).collect()
}

/// A sequence that depends on a text only.
fn named_random(text: &str) -> Random {
    // FNV-1a, 64 bits.
    let hash = text
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
    Random::new(hash)
}
