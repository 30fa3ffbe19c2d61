//! Takes events out of what is wrapped around them: API pages, SLS records and groups of them, cloud events, strings.
//!
//! [`wrapper`] recognises a wrapper by its keys; what is none is rejected, by its name where it has one. The reader
//! descends at most [`MAX_LAYERS`] wrappers. The members of a log beside its event go to the envelope columns
//! ([`log_fields`]), never into the event.

mod log_fields;
mod wrapper;

pub use wrapper::Wrapper;

use super::completeness::{ApiError, Completeness, Incomplete};
use super::decode::decode;
use super::flattened;
use super::framing::{self, Broken, Frame, Framer};
use super::held::HeldRejects;
use super::log_group::log_group;
use super::python;
use super::{EventSink, Position, ReadOptions, Rejected, Stop};
use crate::event::field::{FieldId, FieldSet};
use crate::event::json::strict::elements;
use crate::event::json::{self, Members};
use crate::event::record::Value;
use crate::event::struct_text;
use crate::event::time::Zone;
use log_fields::LogFields;
use serde_json::value::RawValue;
use wrapper::{Recognised, recognise};

/// Most wrappers around each other.
const MAX_LAYERS: usize = 8;

/// Most bytes of texts in texts together, in longest events.
const HELD_EVENTS: usize = 8;

/// Most times that a record may be repeated by what stands around its events, which each of them gets. A record can be
/// made so that it comes to a million; exports come nowhere near.
const REPEATED_TIMES: usize = 64;

/// Bytes that may be repeated beside those.
const REPEATED_BYTES: usize = 16 << 20;

/// The reason of a reject beyond [`REPEATED_TIMES`].
const TOO_MUCH: &str = "what stands around the events of this record is repeated too often";

/// Turns records into events and hands them to a sink.
pub struct EnvelopeReader<'s> {
    sink: &'s mut dyn EventSink,
    /// The fields that are read.
    fields: FieldSet,
    tz: Option<Zone>,
    event_bytes: usize,
    member: Option<String>,
    record: i64,
    wrapper: Option<Wrapper>,
    mixed: bool,
    events: u64,
    completeness: Completeness,
    /// Bytes that the events of the record at hand may still repeat of what stands around them.
    repeatable_bytes: usize,
    /// Rejects that wait for the first event; `None` where none has to.
    held: Option<HeldRejects>,
}

/// The place of a value inside its record, and what was around it so far.
#[derive(Clone, Copy)]
struct At<'e> {
    offset: u64,
    layer: usize,
    /// Bytes of the texts around it that were unescaped, and are held meanwhile.
    held: usize,
    wrapper: Wrapper,
    log: Option<&'e LogFields<'e>>,
    /// `true` for a row of a table, whose cells are all texts.
    is_row: bool,
}

impl At<'_> {
    fn top(offset: u64, is_row: bool) -> Self {
        Self { offset, layer: 0, held: 0, wrapper: Wrapper::Event, log: None, is_row }
    }

    /// Inside a wrapper; the outermost one that has a name gives the shape its own.
    fn within(self, wrapper: Wrapper) -> Self {
        let wrapper = if self.wrapper == Wrapper::Event { wrapper } else { self.wrapper };
        Self { layer: self.layer + 1, wrapper, ..self }
    }
}

impl<'s> EnvelopeReader<'s> {
    /// Creates a reader that hands events and rejects to `sink`.
    pub fn new(sink: &'s mut dyn EventSink, options: &ReadOptions) -> Self {
        let (fields, tz, event_bytes) = (options.fields, options.csv.tz, options.limits.event_bytes);
        Self {
            sink,
            fields,
            tz,
            event_bytes,
            member: None,
            record: 0,
            wrapper: None,
            mixed: false,
            events: 0,
            completeness: Completeness::default(),
            repeatable_bytes: 0,
            held: None,
        }
    }

    /// Returns the number of records so far, events and rejects.
    pub fn records(&self) -> i64 {
        self.record
    }

    /// Returns the number of events so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Returns the gaps that the records told of since the last call.
    pub fn take_incomplete(&mut self) -> Incomplete {
        std::mem::take(&mut self.completeness).finish()
    }

    /// Holds rejects back until the first event. In a file that lies beside exports, such as a manifest, what is no
    /// event is no loss.
    pub fn hold_rejects(&mut self) {
        self.held = Some(HeldRejects::new(self.record));
    }

    /// Drops the rejects that are held back; returns `true` if there were some, and no event.
    pub fn drop_held(&mut self) -> bool {
        let Some(held) = self.held.take() else { return false };
        self.record = held.first_record;
        !held.is_empty()
    }

    /// Takes the object around a list of records that was taken apart, as an answer with an empty list.
    pub fn around(&mut self, bytes: &[u8]) {
        let mut json = std::str::from_utf8(bytes).unwrap_or_default();
        while let Some(members) = Members::parse(json) {
            if ["Events", "Products", "Ips", "Resources", "data", "logs"].into_iter().any(|key| members.has(key)) {
                return self.completeness.answer(&members, || None);
            }
            let Some(body) = members.get("body") else { return };
            json = body.get();
        }
    }

    /// Sets the member of an archive that the following records stand in.
    pub fn set_member(&mut self, member: Option<String>) {
        self.member = member;
    }

    /// Returns the member of an archive that the following records stand in.
    pub fn member(&self) -> Option<&str> {
        self.member.as_deref()
    }

    /// Returns the wrapper of the first event, and `true` if others had another one.
    pub fn found(&self) -> (Option<Wrapper>, bool) {
        (self.wrapper, self.mixed)
    }

    /// Takes the bytes of one record.
    pub fn record(&mut self, bytes: &[u8], offset: u64) -> Result<(), Stop> {
        self.begin_record(bytes.len());
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
        self.begin_record(text.len());
        self.object(text, members, At::top(offset, false))
    }

    /// Takes one row of a table, as a JSON object of texts.
    pub fn row(&mut self, json: &str, offset: u64) -> Result<(), Stop> {
        self.begin_record(json.len());
        self.value(json, At::top(offset, true))
    }

    /// Sets the bytes that the events of a record of so many bytes may repeat of what stands around them.
    fn begin_record(&mut self, bytes: usize) {
        self.repeatable_bytes = bytes.saturating_mul(REPEATED_TIMES).saturating_add(REPEATED_BYTES);
    }

    /// Takes the bytes that one event repeats off what is allowed; returns `false` if that is too much.
    fn charge(&mut self, bytes: usize) -> bool {
        let left = self.repeatable_bytes.checked_sub(bytes);
        self.repeatable_bytes = left.unwrap_or(0);
        left.is_some()
    }

    /// Takes a row that cannot be a record.
    pub fn reject_row(&mut self, bytes: &[u8], offset: u64, reason: &str) -> Result<(), Stop> {
        self.reject(bytes, At::top(offset, true), reason)
    }

    /// Takes bytes that are no record.
    pub fn broken(&mut self, bytes: &[u8], offset: u64, length: u64, reason: Broken) -> Result<(), Stop> {
        if reason == Broken::NotAnObject
            && let Some(text) = python::bytes_text(bytes)
        {
            return self.value(&text, At::top(offset, false));
        }
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
        if let Some(held) = &mut self.held {
            if held.push(position, &reason, bytes, length) {
                return Ok(());
            }
            self.send_held()?;
        }
        self.sink.reject(Rejected { position, member: self.member.as_deref(), reason, bytes, length })
    }

    /// Sends the rejects that were held back.
    fn send_held(&mut self) -> Result<(), Stop> {
        let Some(held) = self.held.take() else { return Ok(()) };
        held.send(self.member.as_deref(), self.sink)
    }

    fn value(&mut self, text: &str, at: At<'_>) -> Result<(), Stop> {
        if at.layer > MAX_LAYERS {
            return self.reject(text.as_bytes(), at, "wrapped more often than any export does");
        }
        let text = text.trim();
        if text.starts_with('[') {
            return match elements(text) {
                Ok(items) => self.values(&items, at),
                Err(error) => self.reject(text.as_bytes(), at, &json_error(&error)),
            };
        }
        if let Some(inside) = json::string(text).filter(|inside| inside.trim_start().starts_with(['{', '['])) {
            return self.inside(&inside, text, At { layer: at.layer + 1, ..at });
        }
        match Members::read(text) {
            Ok(members) => self.object(text, &members, at),
            // What stands in the file itself was taken apart by its framer where that was possible.
            Err(_) if at.layer > 0 && framing::holds_list(text) => self.broken_page(text, at),
            Err(error) => match struct_text::to_json(text) {
                // As Python and databases print an object.
                Some(json) => self.value(&json, At { layer: at.layer + 1, ..at }),
                None => self.reject(text.as_bytes(), at, &json_error(&error)),
            },
        }
    }

    /// Takes the text `inside` a text of the record `around`. Each text in a text is held beside the outer ones, so
    /// their sum is limited. Honest exports do not come near the limit.
    fn inside(&mut self, inside: &str, around: &str, at: At<'_>) -> Result<(), Stop> {
        let most = self.event_bytes.saturating_mul(HELD_EVENTS);
        // The first text is bounded by its record.
        if at.held > 0 && at.held.saturating_add(inside.len()) > most {
            let reason = format!("texts in texts of more than {most} bytes; a higher memory limit allows more");
            return self.reject(around.as_bytes(), at, &reason);
        }
        self.value(inside, At { held: at.held.saturating_add(inside.len()), ..at })
    }

    /// Takes the records of a broken page that was a text in another record, whose place they get.
    fn broken_page(&mut self, text: &str, at: At<'_>) -> Result<(), Stop> {
        let at = At { layer: at.layer + 1, ..at };
        let mut framer = Framer::new(text.as_bytes(), text.len());
        while let Some(frame) = framer.next_frame() {
            match frame {
                Frame::Record { bytes, .. } => self.value(&String::from_utf8_lossy(bytes), at)?,
                Frame::Broken { bytes, length, reason, .. } => self.broken(bytes, at.offset, length, reason)?,
                Frame::Around { bytes } => self.around(bytes),
            }
        }
        Ok(())
    }

    fn values(&mut self, items: &[&RawValue], at: At<'_>) -> Result<(), Stop> {
        items.iter().try_for_each(|item| self.value(item.get(), At { layer: at.layer + 1, ..at }))
    }

    fn object(&mut self, text: &str, members: &Members<'_>, at: At<'_>) -> Result<(), Stop> {
        match recognise(members, at.is_row) {
            Recognised::Bare => self.event(text, members, at),
            Recognised::Inside(inside) => {
                if let Some(headers) = members.get("headers").and_then(|headers| Members::parse(headers.get())) {
                    self.completeness.progress(&headers);
                }
                self.value(inside.get(), At { layer: at.layer + 1, ..at })
            }
            Recognised::List(wrapper, list) => {
                if matches!(wrapper, Wrapper::LookupEvents | Wrapper::LastUsed | Wrapper::GetLogsV2) {
                    self.completeness.answer(members, || list_length(list));
                }
                self.value(list.get(), at.within(wrapper))
            }
            Recognised::Within(wrapper, inside) => self.value(inside.get(), at.within(wrapper)),
            Recognised::Carried { wrapper, by } => {
                let Some(event) = members.get(by) else { return Ok(()) };
                let log = LogFields::read(members.0.iter().map(|(k, v)| (k.as_ref(), v.get())), by, at.log);
                let at = At { log: Some(&log), is_row: false, ..at.within(wrapper) };
                match json::string(event.get()) {
                    Some(inside) if inside.trim_start().starts_with(['{', '"']) => self.inside(&inside, text, at),
                    None if event.get().starts_with('{') => self.value(event.get(), at),
                    _ => self.reject(text.as_bytes(), at, &format!("the field `{by}` holds no event")),
                }
            }
            Recognised::LogGroup => {
                let Some(group) = log_group(members) else { return Ok(()) };
                if members.has("progress") {
                    self.completeness.answer(members, || Some(group.logs.len() as u64));
                }
                let at = at.within(group.wrapper);
                let repeated = group.shared_bytes();
                group.logs.iter().try_for_each(|log| match self.charge(repeated).then(|| group.record(log)) {
                    None => self.reject(log.get().as_bytes(), at, TOO_MUCH),
                    Some(Some(record)) => self.value(&record, at),
                    Some(None) => self.reject(log.get().as_bytes(), at, "a log that is no object"),
                })
            }
            Recognised::Log(record) => self.value(&record, at.within(Wrapper::LogGroups)),
            Recognised::Flattened(naming) => {
                let found = flattened::unflatten(members, naming, self.tz);
                let rest = found.rest.iter().map(|(key, value)| (*key, value.as_ref()));
                let log = LogFields::read(rest, "", at.log);
                let at = At { log: Some(&log), ..at.within(Wrapper::Flattened) };
                match Members::parse(&found.event) {
                    Some(members) if !members.0.is_empty() => self.event(&found.event, &members, at),
                    _ => self.reject(text.as_bytes(), at, "none of its columns holds a part of an event"),
                }
            }
            Recognised::Foreign(what) => match ApiError::read(members) {
                Some(error) => {
                    self.completeness.error(&error);
                    self.reject(text.as_bytes(), at, &error.text())
                }
                None => self.reject(text.as_bytes(), at, what),
            },
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
        let tags = at.log.and_then(|log| log.tags.as_ref()).map_or(0, String::len);
        if !self.charge(tags) {
            return self.reject(text.as_bytes(), at, TOO_MUCH);
        }
        let mut event = decode(text, members, self.fields, self.tz);
        if let Some(log) = at.log {
            if let Some(time) = log.time {
                event.set(FieldId::SlsTime, Value::Int(time));
            }
            for (id, text) in [
                (FieldId::SlsTopic, log.topic.as_deref()),
                (FieldId::SlsSource, log.source.as_deref()),
                (FieldId::SlsTags, log.tags.as_deref()),
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
        self.events += 1;
        let position = self.next_position(at.offset);
        if self.held.is_some() {
            self.send_held()?;
        }
        self.sink.event(event, position)
    }
}

fn list_length(list: &RawValue) -> Option<u64> {
    elements(list.get()).ok().map(|items| items.len() as u64)
}

fn json_error(error: &serde_json::Error) -> String {
    format!("the JSON is broken: {error}")
}
