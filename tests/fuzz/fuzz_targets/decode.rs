//! One record through the envelope reader and the decoder.
//!
//! Demands: a record is counted whatever it holds; an event is rebuilt equal to the JSON that came but for key order
//! and white space; what is rebuilt decodes to the same columns and the same identity, and so does the event with its
//! keys the other way round, in a list, or as a text or an object in an SLS log. Of an SLS log, every member is kept.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailql_fuzz::canonical::{canonical, members};
use trailql_fuzz::cost::{Discard, assert_linear};
use trailql_fuzz::event::field::{FieldId, FieldSet};
use trailql_fuzz::event::json::Members;
use trailql_fuzz::event::record::Value;
use trailql_fuzz::export::decode::decode;
use trailql_fuzz::export::envelope::{EnvelopeReader, Wrapper};
use trailql_fuzz::export::{ReadLimits, ReadOptions};
use trailql_fuzz::{Item, Seen, item, own_columns};

fuzz_target!(|data: &[u8]| {
    assert_linear(data, |grown| {
        let mut sink = Discard;
        let mut reader = EnvelopeReader::new(&mut sink, &ReadOptions::default());
        reader.record(grown, 0).expect("the sink does not stop");
    });
    let (seen, wrapper) = read(data);
    for item in &seen.items {
        if let Item::Event { json, .. } = item {
            assert_same("the event rebuilt", item, &decoded(json));
        }
    }
    if let ([Item::Event { columns, .. }], Some(Wrapper::SlsRecord)) = (seen.items.as_slice(), wrapper) {
        all_kept_of_log(data, columns);
    }
    let ([found @ Item::Event { json, .. }], Some(Wrapper::Event), Ok(text)) =
        (seen.items.as_slice(), wrapper, std::str::from_utf8(data))
    else {
        return;
    };
    let Some(members) = members(text).filter(|members| members.iter().any(|(key, _)| is_id(key))) else { return };
    assert_eq!(canonical(json), canonical(text), "the event is not rebuilt as it came");
    if is_unambiguous(&members) {
        let reversed: Vec<String> =
            members.iter().rev().map(|(key, value)| format!("{}:{value}", quoted(key))).collect();
        assert_same("the event with its keys reversed", found, &decoded(&format!("{{{}}}", reversed.join(" ,\n"))));
    }
    for (name, wrapped) in [
        ("the event in a list", format!("[{text}]")),
        ("the event in an SLS log", format!(r#"{{"__time__":"1793669949","event":{}}}"#, quoted(text))),
        ("the event as an object in an SLS log", format!(r#"{{"__topic__":"t","event":{}}}"#, text.trim())),
    ] {
        let (wrapped, _) = read(wrapped.as_bytes());
        assert_eq!(wrapped.items.len(), 1, "{name} is one record");
        assert_same(name, found, &wrapped.items[0]);
    }
});

fn read(bytes: &[u8]) -> (Seen, Option<Wrapper>) {
    let mut seen = Seen::new(usize::MAX);
    let limits = ReadLimits { event_bytes: usize::MAX, ..ReadLimits::default() };
    let mut reader = EnvelopeReader::new(&mut seen, &ReadOptions { limits, ..ReadOptions::default() });
    reader.record(bytes, 0).expect("the sink does not stop");
    let (wrapper, _) = reader.found();
    (seen, wrapper)
}

fn decoded(json: &str) -> Item {
    let members = Members::parse(json).unwrap_or_else(|| panic!("what is rebuilt is no JSON object: {json}"));
    item(&decode(json, &members, FieldSet::ALL, None))
}

#[track_caller]
fn assert_same(what: &str, before: &Item, after: &Item) {
    let (
        Item::Event { columns: before, json, identity },
        Item::Event { columns: after, json: json_after, identity: identity_after },
    ) = (before, after)
    else {
        panic!("{what} is no event: {before:?} {after:?}");
    };
    assert_eq!(own_columns(before), own_columns(after), "{what} has other columns");
    assert_eq!(canonical(json), canonical(json_after), "{what} is rebuilt otherwise");
    assert_eq!(identity, identity_after, "{what} has another identity");
}

/// What stands beside the event in a log is in the columns for it, each member once.
fn all_kept_of_log(log: &[u8], columns: &[Value<'static>]) {
    let Some(members) = std::str::from_utf8(log).ok().and_then(members) else { return };
    if !members.iter().any(|(key, value)| key == "event" && value.starts_with(['{', '"'])) {
        return;
    }
    let of = |id: FieldId| &columns[id as usize];
    let tags = match of(FieldId::SlsTags) {
        Value::Text(tags) => trailql_fuzz::canonical::members(tags).expect("tags are an object").len(),
        _ => 0,
    };
    let own = [FieldId::SlsTime, FieldId::SlsTopic, FieldId::SlsSource];
    let kept = tags + own.into_iter().filter(|id| *of(*id) != Value::Absent).count();
    // One of the members is the event.
    assert_eq!(kept, members.len() - 1, "something is lost of the log: {columns:?}");
}

fn is_id(key: &str) -> bool {
    key.eq_ignore_ascii_case("eventId")
}

/// False where a key comes twice, so that the order of keys says something.
fn is_unambiguous(members: &[(String, &str)]) -> bool {
    let mut keys: Vec<String> = members.iter().map(|(key, _)| key.to_ascii_lowercase()).collect();
    keys.sort();
    keys.windows(2).all(|pair| pair[0] != pair[1])
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}
