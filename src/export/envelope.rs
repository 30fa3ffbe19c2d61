//! Peels what is wrapped around events: API pages, SLS records and groups of them, cloud events, events kept as a string.
//!
//! A wrapper is recognised by its keys. The order of [`wrapper_of`] matters, since an SLS record may carry any key beside
//! `event`; what is none of these is rejected with a name where it has one. Peeling descends at most [`MAX_LAYERS`]
//! wrappers. What a log or an answer says beside the event it carries goes to the envelope columns, never into the event.

use super::columns;
use super::decode::decode;
use super::flattened::{self, Naming};
use super::foreign;
use super::framing::{self, Broken, Frame, Framer};
use super::log_group::{log_group, lone_log};
use super::{EventSink, Position, ReadOptions, Rejected, Stop};
use crate::event::field::{FieldId, FieldSet};
use crate::event::ids::is_absent_word;
use crate::event::json::{self, Members};
use crate::event::record::Value;
use crate::event::time::Zone;
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
    /// A response of PullLogs.
    PullLogs,
    /// A group of SLS logs: a dump of an SDK, a file for PutLogs, an old response of GetLogs.
    LogGroups,
    /// A CloudEvent of EventBridge.
    CloudEvent,
    /// A response of GetAccessKeyLastUsed….
    LastUsed,
    /// One key or column for each field.
    Flattened,
}

impl Wrapper {
    /// Name in the column `shape`.
    pub fn name(self) -> &'static str {
        match self {
            Wrapper::Event => "events",
            Wrapper::LookupEvents => "LookupEvents pages",
            Wrapper::SlsRecord => "SLS records",
            Wrapper::GetLogsV2 => "GetLogsV2 responses",
            Wrapper::PullLogs => "PullLogs responses",
            Wrapper::LogGroups => "SLS log groups",
            Wrapper::CloudEvent => "CloudEvents",
            Wrapper::LastUsed => "GetAccessKeyLastUsed responses",
            Wrapper::Flattened => "flattened events",
        }
    }
}

/// How many wrappers may lie around each other.
const MAX_LAYERS: usize = 8;

/// Texts in texts may have as many bytes together as so many of the longest events.
const HELD_EVENTS: usize = 8;

/// What a log says beside its event.
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
    /// The fields that are read.
    fields: FieldSet,
    tz: Option<Zone>,
    event_bytes: usize,
    member: Option<String>,
    record: i64,
    wrapper: Option<Wrapper>,
    mixed: bool,
}

/// Where a peeled value stands, and what was around it so far.
#[derive(Clone, Copy)]
struct At<'e> {
    offset: u64,
    layer: usize,
    /// Bytes of the texts around it that were unescaped, and are held meanwhile.
    held: usize,
    wrapper: Wrapper,
    envelope: Option<&'e Envelope<'e>>,
    /// True for a row of a table, whose cells are all texts.
    is_row: bool,
}

impl At<'_> {
    fn top(offset: u64, is_row: bool) -> Self {
        Self { offset, layer: 0, held: 0, wrapper: Wrapper::Event, envelope: None, is_row }
    }

    /// Inside a wrapper; the outermost one that has a name gives the shape its own.
    fn within(self, wrapper: Wrapper) -> Self {
        let wrapper = if self.wrapper == Wrapper::Event { wrapper } else { self.wrapper };
        Self { layer: self.layer + 1, wrapper, ..self }
    }
}

impl<'s> Peeler<'s> {
    /// Hands what it finds to `sink`.
    pub fn new(sink: &'s mut dyn EventSink, options: &ReadOptions) -> Self {
        let (fields, tz, event_bytes) = (options.fields, options.csv.tz, options.limits.event_bytes);
        Self { sink, fields, tz, event_bytes, member: None, record: 0, wrapper: None, mixed: false }
    }

    /// Tells in which member of an archive the following records stand.
    pub fn set_member(&mut self, member: Option<String>) {
        self.member = member;
    }

    /// The member of an archive that the following records stand in.
    pub fn member(&self) -> Option<&str> {
        self.member.as_deref()
    }

    /// What stood around the first event, and whether others had something else around them.
    pub fn found(&self) -> (Option<Wrapper>, bool) {
        (self.wrapper, self.mixed)
    }

    /// Takes the bytes of one record.
    pub fn record(&mut self, bytes: &[u8], offset: u64) -> Result<(), Stop> {
        let at = At::top(offset, false);
        match std::str::from_utf8(bytes) {
            Ok(text) => self.value(text, at),
            Err(error) => {
                self.reject(bytes, at, &format!("not UTF-8 from byte {} of the record on", error.valid_up_to()))
            }
        }
    }

    /// Takes one record that is an object and was read already.
    pub fn members(&mut self, text: &str, members: &Members<'_>, offset: u64) -> Result<(), Stop> {
        self.object(text, members, At::top(offset, false))
    }

    /// Takes one row of a table, as a JSON object of texts.
    pub fn row(&mut self, json: &str, offset: u64) -> Result<(), Stop> {
        self.value(json, At::top(offset, true))
    }

    /// Takes a row that cannot be a record.
    pub fn reject_row(&mut self, bytes: &[u8], offset: u64, reason: &str) -> Result<(), Stop> {
        self.reject(bytes, At::top(offset, true), reason)
    }

    /// Takes bytes that are no record.
    pub fn broken(&mut self, bytes: &[u8], offset: u64, length: u64, reason: Broken) -> Result<(), Stop> {
        self.send_reject(bytes, offset, length, reason.to_string())
    }

    fn next_position(&mut self, offset: u64) -> Position {
        let record = self.record;
        self.record += 1;
        Position { record, offset: i64::try_from(offset).unwrap_or(i64::MAX) }
    }

    fn reject(&mut self, bytes: &[u8], at: At<'_>, reason: &str) -> Result<(), Stop> {
        self.send_reject(bytes, at.offset, bytes.len() as u64, reason.to_owned())
    }

    fn send_reject(&mut self, bytes: &[u8], offset: u64, length: u64, reason: String) -> Result<(), Stop> {
        let position = self.next_position(offset);
        self.sink.reject(Rejected { position, member: self.member.as_deref(), reason, bytes, length })
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
        if let Some(inside) = json::string(text).filter(|inside| inside.trim_start().starts_with(['{', '['])) {
            return self.inside(&inside, text, At { layer: at.layer + 1, ..at });
        }
        match serde_json::from_str::<Members<'_>>(text) {
            Ok(members) => self.object(text, &members, at),
            // What stands in the file itself was taken apart by its framer where that was possible.
            Err(_) if at.layer > 0 && framing::holds_list(text) => self.broken_page(text, at),
            Err(error) => self.reject(text.as_bytes(), at, &json_error(&error)),
        }
    }

    /// Takes what is in a text of the record `around`. A text in a text is held beside the text that it is in, and so on;
    /// what honest exports have in each other does not come near the limit of that.
    fn inside(&mut self, inside: &str, around: &str, at: At<'_>) -> Result<(), Stop> {
        let most = self.event_bytes.saturating_mul(HELD_EVENTS);
        // The first text is bounded by its record.
        if at.held > 0 && at.held.saturating_add(inside.len()) > most {
            let reason = format!("texts in texts of more than {most} bytes; a higher memory limit allows more");
            return self.reject(around.as_bytes(), at, &reason);
        }
        self.value(inside, At { held: at.held.saturating_add(inside.len()), ..at })
    }

    /// Takes the records of a broken page that was a text in another record. Their place is that of the record.
    fn broken_page(&mut self, text: &str, at: At<'_>) -> Result<(), Stop> {
        let at = At { layer: at.layer + 1, ..at };
        let mut framer = Framer::new(text.as_bytes(), text.len());
        while let Some(frame) = framer.next_frame() {
            match frame {
                Frame::Record { bytes, .. } => self.value(&String::from_utf8_lossy(bytes), at)?,
                Frame::Broken { bytes, length, reason, .. } => self.broken(bytes, at.offset, length, reason)?,
            }
        }
        Ok(())
    }

    fn values(&mut self, items: &[&RawValue], at: At<'_>) -> Result<(), Stop> {
        items.iter().try_for_each(|item| self.value(item.get(), At { layer: at.layer + 1, ..at }))
    }

    fn object(&mut self, text: &str, members: &Members<'_>, at: At<'_>) -> Result<(), Stop> {
        match wrapper_of(members, at.is_row) {
            Found::Bare => self.event(text, members, at),
            Found::Inside(inside) => self.value(inside.get(), At { layer: at.layer + 1, ..at }),
            Found::List(wrapper, list) => self.value(list.get(), at.within(wrapper)),
            Found::Carried { wrapper, by } => {
                let Some(event) = members.get(by) else { return Ok(()) };
                let envelope = envelope(members.0.iter().map(|(k, v)| (k.as_ref(), v.get())), by, at.envelope);
                let at = At { envelope: Some(&envelope), is_row: false, ..at.within(wrapper) };
                match json::string(event.get()) {
                    Some(inside) if inside.trim_start().starts_with(['{', '"']) => self.inside(&inside, text, at),
                    None if event.get().starts_with('{') => self.value(event.get(), at),
                    _ => self.reject(text.as_bytes(), at, &format!("the field `{by}` holds no event")),
                }
            }
            Found::LogGroup => {
                let Some(group) = log_group(members) else { return Ok(()) };
                let at = at.within(group.wrapper);
                group.logs.iter().try_for_each(|log| match group.record(log) {
                    Some(record) => self.value(&record, at),
                    None => self.reject(log.get().as_bytes(), at, "a log that is no object"),
                })
            }
            Found::Log(record) => self.value(&record, at.within(Wrapper::LogGroups)),
            Found::Flattened(naming) => {
                let found = flattened::unflatten(members, naming, self.tz);
                let rest = found.rest.iter().map(|(key, value)| (*key, value.as_ref()));
                let envelope = envelope(rest, "", at.envelope);
                let at = At { envelope: Some(&envelope), ..at.within(Wrapper::Flattened) };
                match Members::parse(&found.event) {
                    Some(members) if !members.0.is_empty() => self.event(&found.event, &members, at),
                    _ => self.reject(text.as_bytes(), at, "none of its columns holds a part of an event"),
                }
            }
            Found::Foreign(what) => self.reject(text.as_bytes(), at, what),
        }
    }

    fn event(&mut self, text: &str, members: &Members<'_>, at: At<'_>) -> Result<(), Stop> {
        if text.len() > self.event_bytes {
            let reason = format!(
                "an event of {} bytes, and at most {} are read; a higher memory limit allows more",
                text.len(),
                self.event_bytes
            );
            return self.reject(text.as_bytes(), at, &reason);
        }
        let mut event = decode(text, members, self.fields, self.tz);
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
        if let Some(member) = &self.member {
            event.set_text(FieldId::SourceMember, member.clone());
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
    /// An event, or a text that holds one, in the member of this key; the other members are about it.
    Carried { wrapper: Wrapper, by: &'static str },
    /// A group of SLS logs.
    LogGroup,
    /// One log of a group that could not be read as a whole, as a record.
    Log(String),
    /// An event in pieces.
    Flattened(Naming),
    /// Something else, by its name.
    Foreign(&'static str),
}

fn wrapper_of<'a>(members: &Members<'a>, is_row: bool) -> Found<'a> {
    let is_list = |value: &&RawValue| value.get().starts_with('[');
    let is_object = |value: &&RawValue| value.get().starts_with('{');
    let holds_text = |value: &&RawValue| is_text_of_json(value.get());
    let holds_event = |value: &&RawValue| is_object(value) || holds_text(value);
    let carried = |wrapper, by| Found::Carried { wrapper, by };
    if !is_row && is_bare_event(members) {
        return Found::Bare;
    }
    // Most records are SLS logs; whatever else they hold, this decides.
    if members.get("event").filter(holds_event).is_some() {
        return carried(Wrapper::SlsRecord, "event");
    }
    if let Some(naming) = flattening(members, is_row) {
        return Found::Flattened(naming);
    }
    if let Some(events) = members.get("Events").filter(is_list) {
        let wrapper = if lists_details(events) { Wrapper::LastUsed } else { Wrapper::LookupEvents };
        return Found::List(wrapper, events);
    }
    for key in ["Products", "Ips", "Resources"] {
        if let Some(list) = members.get(key).filter(is_list).filter(|list| lists_details(list)) {
            return Found::List(Wrapper::LastUsed, list);
        }
    }
    if members.get("Detail").filter(holds_text).is_some() {
        return carried(Wrapper::LastUsed, "Detail");
    }
    if let Some(body) = members.get("body").filter(holds_event) {
        return Found::Inside(body);
    }
    if let Some(groups) = members.get_any_case("logGroupList").filter(is_list) {
        return Found::List(Wrapper::PullLogs, groups);
    }
    if ["LogItems", "__logs__", "logs"].into_iter().any(|key| members.get(key).filter(is_list).is_some()) {
        return Found::LogGroup;
    }
    if let Some(record) = lone_log(members) {
        return Found::Log(record);
    }
    if members.has("meta")
        && let Some(data) = members.get("data").filter(is_list)
    {
        return Found::List(Wrapper::GetLogsV2, data);
    }
    if members.has("specversion") && members.get("data").filter(holds_event).is_some() {
        return carried(Wrapper::CloudEvent, "data");
    }
    // Log agents keep the whole record in `__content`, and Logstash what it could not parse in `message`.
    for key in ["__content", "message"] {
        if members.get(key).filter(holds_text).is_some() {
            return carried(Wrapper::SlsRecord, key);
        }
    }
    if members.has("event") {
        return carried(Wrapper::SlsRecord, "event");
    }
    Found::Foreign(foreign::name(members))
}

/// True for a text that begins like an object, or like a text that holds one. It is not unescaped for that: this is asked
/// of every SLS log.
fn is_text_of_json(json: &str) -> bool {
    let Some(mut inside) = json.strip_prefix('"') else { return false };
    while let Some(rest) = [" ", "\\n", "\\r", "\\t"].iter().find_map(|space| inside.strip_prefix(space)) {
        inside = rest;
    }
    inside.starts_with('{') || inside.starts_with("\\\"")
}

/// An event has an id, and something that tells what or when.
fn is_bare_event(members: &Members<'_>) -> bool {
    let has = |key| members.get_any_case(key).is_some();
    !foreign::is_platform_event(members)
        && has("eventId")
        && ["eventTime", "eventName", "eventType", "insightDetails"].into_iter().any(has)
}

/// How the keys of an event in pieces are written; `None` where there is none.
fn flattening(members: &Members<'_>, is_row: bool) -> Option<Naming> {
    let keys = || members.0.iter().map(|(key, _)| key.as_ref());
    if keys().any(|key| columns::behind_event(key).is_some()) {
        return columns::hold_events(keys().filter(|key| !columns::holds_event(key))).then_some(Naming::Prefixed);
    }
    if foreign::is_platform_event(members) {
        return None;
    }
    // Names such as `Event Time` are believed in the header of a table only.
    let in_pieces = is_row || members.has("event_id") || members.get_any_case("eventId").is_some();
    let says_something =
        |value: &RawValue| value.get() != "null" && json::string(value.get()).is_none_or(|text| !is_absent_word(&text));
    let present = members.0.iter().filter(|(_, value)| says_something(value)).map(|(key, _)| key.as_ref());
    (in_pieces && columns::hold_events(present.filter(|key| !columns::holds_event(key)))).then_some(Naming::Bare)
}

/// True for a list of details as GetAccessKeyLastUsed… answers it.
fn lists_details(list: &RawValue) -> bool {
    let items: Vec<Members<'_>> = serde_json::from_str(list.get()).unwrap_or_default();
    items.first().is_some_and(|first| first.has("Detail"))
}

/// What the members beside the one with the event say, and what was said `around` them.
fn envelope<'a>(
    members: impl Iterator<Item = (&'a str, &'a str)>,
    event_key: &str,
    around: Option<&Envelope<'_>>,
) -> Envelope<'a> {
    let mut envelope = Envelope::default();
    let mut tags = Vec::new();
    let mut carried = false;
    for (key, value) in members {
        let text = || json::scalar_text(value);
        match key {
            // The event is in the first member of this key.
            key if key == event_key && !std::mem::replace(&mut carried, true) => {}
            "__time__" if envelope.time.is_none() => match text().and_then(|t| t.parse().ok()) {
                Some(seconds) => envelope.time = Some(seconds),
                None => tags.push((key, value)),
            },
            "__topic__" if envelope.topic.is_none() => match text() {
                Some(topic) => envelope.topic = Some(topic),
                None => tags.push((key, value)),
            },
            "__source__" if envelope.source.is_none() => match text() {
                Some(source) => envelope.source = Some(source),
                None => tags.push((key, value)),
            },
            _ => tags.push((key, value)),
        }
    }
    let outer = around.and_then(|around| around.tags.as_deref()).and_then(Members::parse).unwrap_or_default();
    for (key, value) in &outer.0 {
        if !tags.iter().any(|(found, _)| found == key) {
            tags.push((key, value.get()));
        }
    }
    envelope.tags = (!tags.is_empty()).then(|| json::object(tags));
    if let Some(around) = around {
        let owned = |text: &Option<Cow<'_, str>>| text.as_ref().map(|text| Cow::Owned(text.to_string()));
        envelope.time = envelope.time.or(around.time);
        envelope.topic = envelope.topic.or_else(|| owned(&around.topic));
        envelope.source = envelope.source.or_else(|| owned(&around.source));
    }
    envelope
}
