//! Recognises what an object is: an event, a wrapper around events, or something else.
//!
//! The keys decide. Their order in [`recognise`] matters, since an SLS record may carry any key beside `event`.

use crate::event::ids::is_absent_word;
use crate::event::json::{self, Members};
use crate::export::columns;
use crate::export::flattened::Naming;
use crate::export::foreign;
use crate::export::log_group::lone_log;
use serde_json::value::RawValue;

/// A shape that an export puts around events.
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
    /// A result of a search in Splunk, with the event in `_raw`.
    Splunk,
    /// A hit of a search in Elasticsearch, with the event in `_source`.
    Elasticsearch,
    /// A line that a log agent or a container wrote, with the event in `log`.
    LogLine,
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
            Wrapper::Splunk => "Splunk results",
            Wrapper::Elasticsearch => "Elasticsearch hits",
            Wrapper::LogLine => "log lines",
            Wrapper::Flattened => "flattened events",
        }
    }
}

/// The kind of an object, with the part that holds events.
pub(super) enum Recognised<'a> {
    /// An event.
    Bare,
    /// A wrapper that says nothing itself.
    Inside(&'a RawValue),
    /// A wrapper of one event or record.
    Within(Wrapper, &'a RawValue),
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

/// Recognises an object by its members; `is_row` tells that it is a row of a table.
pub(super) fn recognise<'a>(members: &Members<'a>, is_row: bool) -> Recognised<'a> {
    let is_list = |value: &&RawValue| value.get().starts_with('[');
    let is_object = |value: &&RawValue| value.get().starts_with('{');
    let holds_text = |value: &&RawValue| is_text_of_json(value.get());
    let holds_event = |value: &&RawValue| is_object(value) || holds_text(value);
    let carried = |wrapper, by| Recognised::Carried { wrapper, by };
    if !is_row && is_bare_event(members) {
        return Recognised::Bare;
    }
    // Most records are SLS logs; whatever else they hold, this decides.
    if members.get("event").filter(holds_event).is_some() {
        return carried(Wrapper::SlsRecord, "event");
    }
    // Splunk may have taken the event apart as well; this is how it came.
    if members.get("_raw").filter(holds_text).is_some() {
        return carried(Wrapper::Splunk, "_raw");
    }
    if let Some(naming) = flattening(members, is_row) {
        return Recognised::Flattened(naming);
    }
    if let Some(events) = members.get("Events").filter(is_list) {
        let wrapper = if lists_details(events) { Wrapper::LastUsed } else { Wrapper::LookupEvents };
        return Recognised::List(wrapper, events);
    }
    for key in ["Products", "Ips", "Resources"] {
        if let Some(list) = members.get(key).filter(is_list).filter(|list| lists_details(list)) {
            return Recognised::List(Wrapper::LastUsed, list);
        }
    }
    if members.get("Detail").filter(holds_text).is_some() {
        return carried(Wrapper::LastUsed, "Detail");
    }
    let is_answer = members.has("headers") || members.has("statusCode");
    let is_body = |body: &&RawValue| holds_event(body) || is_answer && (is_list(body) || body.get().starts_with("\"["));
    if let Some(body) = members.get("body").filter(is_body) {
        return Recognised::Inside(body);
    }
    if let Some(found) = search_result(members) {
        return found;
    }
    if let Some(groups) = members.get_any_case("logGroupList").filter(is_list) {
        return Recognised::List(Wrapper::PullLogs, groups);
    }
    if ["LogItems", "__logs__", "logs"].into_iter().any(|key| members.get(key).filter(is_list).is_some()) {
        return Recognised::LogGroup;
    }
    if let Some(record) = lone_log(members) {
        return Recognised::Log(record);
    }
    if members.has("meta")
        && let Some(data) = members.get("data").filter(is_list)
    {
        return Recognised::List(Wrapper::GetLogsV2, data);
    }
    if members.has("specversion") && members.get("data").filter(holds_event).is_some() {
        return carried(Wrapper::CloudEvent, "data");
    }
    // Log agents keep the whole record in `__content`, and Logstash what it could not parse in `message`.
    // Docker keeps it in `log`, and what follows the Elastic Common Schema in `event.original`.
    for (wrapper, key) in [
        (Wrapper::SlsRecord, "__content"),
        (Wrapper::SlsRecord, "message"),
        (Wrapper::LogLine, "log"),
        (Wrapper::LogLine, "original"),
    ] {
        if members.get(key).filter(holds_text).is_some() {
            return carried(wrapper, key);
        }
    }
    if members.has("event") {
        return carried(Wrapper::SlsRecord, "event");
    }
    Recognised::Foreign(foreign::name(members))
}

/// Recognises the answer or the export of a search in Splunk or Elasticsearch.
fn search_result<'a>(members: &Members<'a>) -> Option<Recognised<'a>> {
    let list = |members: &Members<'a>, key| members.get(key).filter(|value| value.get().starts_with('['));
    let object = |key| members.get(key).filter(|value| value.get().starts_with('{'));
    if let Some(hits) = object("hits").and_then(|hits| Members::parse(hits.get())) {
        return list(&hits, "hits").map(|hits| Recognised::List(Wrapper::Elasticsearch, hits));
    }
    if let Some(source) = object("_source").filter(|_| members.has("_index") || members.has("_id")) {
        return Some(Recognised::Within(Wrapper::Elasticsearch, source));
    }
    if let Some(results) = list(members, "results").filter(|_| members.has("preview")) {
        return Some(Recognised::List(Wrapper::Splunk, results));
    }
    let is_result = ["preview", "offset", "lastrow"].into_iter().any(|key| members.has(key));
    object("result").filter(|_| is_result).map(|result| Recognised::Within(Wrapper::Splunk, result))
}

/// Returns `true` if a text begins like an object, or like a text that holds one. The text is not unescaped for that,
/// since every SLS log is asked.
fn is_text_of_json(json: &str) -> bool {
    let Some(mut inside) = json.strip_prefix('"') else { return false };
    while let Some(rest) = [" ", "\\n", "\\r", "\\t"].iter().find_map(|space| inside.strip_prefix(space)) {
        inside = rest;
    }
    inside.starts_with('{') || inside.starts_with("\\\"")
}

/// Returns `true` if the object has an id, and something that tells what happened or when.
fn is_bare_event(members: &Members<'_>) -> bool {
    let has = |key| members.get_any_case(key).is_some();
    !foreign::is_platform_event(members)
        && has("eventId")
        && ["eventTime", "eventName", "eventType", "insightDetails"].into_iter().any(has)
}

/// Returns the naming of the keys of an event in pieces; `None` if the object is none.
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

/// Returns `true` for a list of details as GetAccessKeyLastUsed… answers it.
fn lists_details(list: &RawValue) -> bool {
    let items: Vec<Members<'_>> = serde_json::from_str(list.get()).unwrap_or_default();
    items.first().is_some_and(|first| first.has("Detail"))
}
