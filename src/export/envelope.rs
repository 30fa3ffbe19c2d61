//! Peels what is wrapped around events: API pages, SLS records, cloud events, events kept as a string.
//!
//! A wrapper is recognised by its keys. The order of [`wrapper_of`] matters, since an SLS record may carry any key beside
//! `event`; a bare event comes last, and what is none of these is rejected with a name where it has one. Peeling
//! descends at most [`MAX_LAYERS`] wrappers.

use super::decode::decode;
use super::framing::Broken;
use super::{EventSink, Position, Rejected, Stop};
use crate::event::field::FieldId;
use crate::event::json::{self, Members};
use crate::event::record::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What stood around an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapper {
    /// Nothing: events as ActionTrail delivers them to OSS.
    Event,
    /// A response of LookupEvents.
    LookupEvents,
    /// An SLS log with the event in its field `event`.
    SlsRecord,
    /// A response of GetLogsV2.
    GetLogsV2,
    /// A CloudEvent of EventBridge.
    CloudEvent,
}

impl Wrapper {
    /// Name in the column `shape`.
    pub fn name(self) -> &'static str {
        match self {
            Wrapper::Event => "events",
            Wrapper::LookupEvents => "LookupEvents pages",
            Wrapper::SlsRecord => "SLS records",
            Wrapper::GetLogsV2 => "GetLogsV2 responses",
            Wrapper::CloudEvent => "CloudEvents",
        }
    }
}

/// How many wrappers may lie around each other.
const MAX_LAYERS: usize = 6;

/// What an SLS log says beside its event.
#[derive(Default, Clone)]
struct Envelope<'a> {
    time: Option<i64>,
    topic: Option<Cow<'a, str>>,
    source: Option<Cow<'a, str>>,
    tags: Option<String>,
}

/// Turns records into events and hands them to a sink.
pub struct Peeler<'s> {
    sink: &'s mut dyn EventSink,
    record: i64,
    wrapper: Option<Wrapper>,
    mixed: bool,
}

/// Where a peeled value stands, and what was around it so far.
#[derive(Clone, Copy)]
struct At<'e> {
    offset: u64,
    layer: usize,
    wrapper: Wrapper,
    envelope: Option<&'e Envelope<'e>>,
}

impl<'s> Peeler<'s> {
    /// Hands what it finds to `sink`.
    pub fn new(sink: &'s mut dyn EventSink) -> Self {
        Self { sink, record: 0, wrapper: None, mixed: false }
    }

    /// What stood around the first event, and whether others had something else around them.
    pub fn found(&self) -> (Option<Wrapper>, bool) {
        (self.wrapper, self.mixed)
    }

    /// Takes the bytes of one record.
    pub fn record(&mut self, bytes: &[u8], offset: u64) -> Result<(), Stop> {
        let at = At { offset, layer: 0, wrapper: Wrapper::Event, envelope: None };
        match std::str::from_utf8(bytes) {
            Ok(text) => self.value(text, at),
            Err(error) => {
                self.reject(bytes, at, &format!("not UTF-8 from byte {} of the record on", error.valid_up_to()))
            }
        }
    }

    /// Takes bytes that are no record.
    pub fn broken(&mut self, bytes: &[u8], offset: u64, length: u64, reason: Broken) -> Result<(), Stop> {
        let position = self.next_position(offset);
        self.sink.reject(Rejected { position, reason: reason.to_string(), bytes, length })
    }

    fn next_position(&mut self, offset: u64) -> Position {
        let record = self.record;
        self.record += 1;
        Position { record, offset: i64::try_from(offset).unwrap_or(i64::MAX) }
    }

    fn reject(&mut self, bytes: &[u8], at: At<'_>, reason: &str) -> Result<(), Stop> {
        let position = self.next_position(at.offset);
        self.sink.reject(Rejected { position, reason: reason.to_owned(), bytes, length: bytes.len() as u64 })
    }

    fn value(&mut self, text: &str, at: At<'_>) -> Result<(), Stop> {
        if at.layer > MAX_LAYERS {
            return self.reject(text.as_bytes(), at, "wrapped more often than any export does");
        }
        let text = text.trim();
        if text.starts_with('[') {
            return match serde_json::from_str::<Vec<&RawValue>>(text) {
                Ok(items) => self.values(&items, at),
                Err(error) => self.reject(text.as_bytes(), at, &json_error(&error)),
            };
        }
        match serde_json::from_str::<Members<'_>>(text) {
            Ok(members) => self.object(text, &members, at),
            Err(error) => self.reject(text.as_bytes(), at, &json_error(&error)),
        }
    }

    fn values(&mut self, items: &[&RawValue], at: At<'_>) -> Result<(), Stop> {
        items.iter().try_for_each(|item| self.value(item.get(), At { layer: at.layer + 1, ..at }))
    }

    fn object(&mut self, text: &str, members: &Members<'_>, at: At<'_>) -> Result<(), Stop> {
        let inner = At { layer: at.layer + 1, ..at };
        match wrapper_of(members) {
            Found::Bare => self.event(text, members, at),
            Found::Inside(inside) => self.value(inside.get(), inner),
            Found::List(wrapper, list) => self.value(list.get(), At { wrapper, ..inner }),
            Found::Data(data) => self.value(data.get(), At { wrapper: Wrapper::CloudEvent, ..inner }),
            Found::Log(event) => {
                let envelope = sls_envelope(members);
                let at = At { wrapper: Wrapper::SlsRecord, envelope: Some(&envelope), ..inner };
                match json::string(event.get()) {
                    Some(inside) if inside.trim_start().starts_with('{') => self.value(&inside, at),
                    None if event.get().starts_with('{') => self.value(event.get(), at),
                    _ => self.reject(text.as_bytes(), at, "the field `event` of the SLS record holds no event"),
                }
            }
            Found::Foreign(what) => self.reject(text.as_bytes(), at, what),
        }
    }

    fn event(&mut self, text: &str, members: &Members<'_>, at: At<'_>) -> Result<(), Stop> {
        let mut event = decode(text, members);
        if let Some(envelope) = at.envelope {
            if let Some(time) = envelope.time {
                event.set(FieldId::SlsTime, Value::Int(time));
            }
            for (id, text) in [
                (FieldId::SlsTopic, envelope.topic.as_deref()),
                (FieldId::SlsSource, envelope.source.as_deref()),
                (FieldId::SlsTags, envelope.tags.as_deref()),
            ] {
                if let Some(text) = text {
                    event.set_text(id, text);
                }
            }
        }
        match self.wrapper {
            None => self.wrapper = Some(at.wrapper),
            Some(first) => self.mixed |= first != at.wrapper,
        }
        let position = self.next_position(at.offset);
        self.sink.event(event, position)
    }
}

fn json_error(error: &serde_json::Error) -> String {
    format!("the JSON is broken: {error}")
}

/// What an object turned out to be.
enum Found<'a> {
    /// An event.
    Bare,
    /// A wrapper that says nothing itself.
    Inside(&'a RawValue),
    /// A list of events or records.
    List(Wrapper, &'a RawValue),
    /// The payload of a CloudEvent.
    Data(&'a RawValue),
    /// The event of an SLS log.
    Log(&'a RawValue),
    /// Something else, by its name.
    Foreign(&'static str),
}

fn wrapper_of<'a>(members: &Members<'a>) -> Found<'a> {
    let is_list = |value: &&RawValue| value.get().starts_with('[');
    let is_object = |value: &&RawValue| value.get().starts_with('{');
    if is_bare_event(members) {
        return Found::Bare;
    }
    if let Some(event) = members.get("event") {
        return Found::Log(event);
    }
    if let Some(events) = members.get("Events").filter(is_list) {
        return Found::List(Wrapper::LookupEvents, events);
    }
    if let Some(body) = members.get("body").filter(is_object) {
        return Found::Inside(body);
    }
    if members.has("meta")
        && let Some(data) = members.get("data").filter(is_list)
    {
        return Found::List(Wrapper::GetLogsV2, data);
    }
    if members.has("specversion")
        && let Some(data) = members.get("data").filter(is_object)
    {
        return Found::Data(data);
    }
    Found::Foreign(foreign(members))
}

/// An event has an id, and something that tells what or when.
fn is_bare_event(members: &Members<'_>) -> bool {
    let has = |key| members.get_any_case(key).is_some();
    !is_platform_event(members)
        && has("eventId")
        && ["eventTime", "eventName", "eventType", "insightDetails"].into_iter().any(has)
}

/// Events that Alibaba Cloud itself writes ("Inner-ActionTrail") have PascalCase keys and another schema.
fn is_platform_event(members: &Members<'_>) -> bool {
    ["EventProduct", "EventLocation", "ResourceOwnerID"].into_iter().any(|key| members.has(key))
}

fn foreign(members: &Members<'_>) -> &'static str {
    if is_platform_event(members) {
        "a platform event (Inner-ActionTrail), which has another schema"
    } else if members.has("Records") {
        "a log file of AWS CloudTrail, not of ActionTrail"
    } else if members.has("events") {
        "a notification of OSS, not an event"
    } else if members.has("TrailList") {
        "a response of DescribeTrails, not events"
    } else {
        "a JSON object that is not an ActionTrail event"
    }
}

/// What an SLS log says beside its field `event`.
fn sls_envelope<'a>(members: &Members<'a>) -> Envelope<'a> {
    let mut envelope = Envelope::default();
    let mut tags = Vec::new();
    for (key, value) in &members.0 {
        let text = || json::scalar_text(value.get());
        match key.as_ref() {
            "event" => {}
            "__time__" if envelope.time.is_none() => match text().and_then(|t| t.parse().ok()) {
                Some(seconds) => envelope.time = Some(seconds),
                None => tags.push((key.as_ref(), value.get())),
            },
            "__topic__" if envelope.topic.is_none() => envelope.topic = text(),
            "__source__" if envelope.source.is_none() => envelope.source = text(),
            _ => tags.push((key.as_ref(), value.get())),
        }
    }
    envelope.tags = (!tags.is_empty()).then(|| json::object(tags));
    envelope
}
