//! Which records are the same event, and which are not; files that were read before.

use serde_json::{Value, json};

use super::{event, lines};
use trailql::export::csv::CsvOptions;
use trailql::lake::write::WriteMode;
use trailql::ops::ingest::{IngestOptions, ingest};
use trailql::ops::progress::Silent;

use crate::lab::{Lab, balances, merge, now, write};

fn with(id: &str, more: Value) -> Value {
    let mut event = event(id);
    merge(&mut event, &more);
    event
}

#[test]
fn copies_are_stored_once_and_different_events_stay() {
    let sls = |event: Value| json!({"__time__": 1, "event": with_version(event, json!("1")).to_string()});
    let masked = "2546c4b7-****-****-****-************";
    for (name, records, stored) in [
        ("the same twice", vec![event("a"), event("a")], 1),
        ("as an object of a trail and by SLS", vec![event("a"), sls(event("a"))], 1),
        ("keys in another order", vec![event("a"), reversed(&event("a"))], 1),
        (
            "one request, two events",
            vec![with("a", json!({"requestId": "r"})), with("b", json!({"requestId": "r"}))],
            2,
        ),
        ("ids that differ in case", vec![event("a"), event("A")], 2),
        ("one id, another name", vec![event("a"), with("a", json!({"eventName": "StopInstance"}))], 2),
        ("one id, another time", vec![event("a"), with("a", json!({"eventTime": "2026-11-03T10:00:01Z"}))], 2),
        (
            "one time in two notations",
            vec![event("a"), with("a", json!({"eventTime": "2026-11-03T19:00:00+09:00"}))],
            1,
        ),
        (
            "one id, another account",
            vec![event("a"), with("a", json!({"userIdentity": {"accountId": "1000000000000002"}}))],
            2,
        ),
        ("one masked id, two events", vec![event(masked), with(masked, json!({"eventName": "StopInstance"}))], 2),
        ("one masked id, two sessions", vec![event(masked), with(masked, json!({"sourceIpAddress": "192.0.2.1"}))], 2),
        ("a masked event twice", vec![event(masked), event(masked)], 1),
        ("a masked event twice, once by SLS", vec![event(masked), sls(event(masked))], 1),
        ("a masked event twice, keys in another order", vec![event(masked), reversed(&event(masked))], 1),
        ("an empty id is no id", vec![event(""), with("", json!({"eventName": "StopInstance"})), event("")], 2),
        ("the word null is no id", vec![event("null"), with("null", json!({"requestId": "other"}))], 2),
        (
            "the same without a time",
            vec![with("a", json!({"eventTime": "(missing)"})), with("a", json!({"eventTime": "(missing)"}))],
            1,
        ),
    ] {
        // In one file, and in two files of two runs.
        for runs in [1, 2] {
            let lab = Lab::new();
            let mut outcomes = Vec::new();
            for (n, part) in records.chunks(records.len().div_ceil(runs)).enumerate() {
                outcomes.push(lab.ingest(&[lab.file(&format!("in/{n}.json"), lines(part))]));
            }
            // That the lake holds as many is checked by every ingest.
            let sum: u64 = outcomes.iter().map(|outcome| outcome.totals.stored).sum();
            assert_eq!(sum, stored, "{name}, {runs} runs");
            let read: u64 = outcomes.iter().map(|outcome| outcome.totals.read).sum();
            assert_eq!(read, records.len() as u64, "{name}, {runs} runs");
        }
    }
}

fn with_version(mut event: Value, version: Value) -> Value {
    event["eventVersion"] = version;
    event
}

/// The same object, its members in the reverse order.
fn reversed(event: &Value) -> Value {
    // A map of serde_json may sort its keys; SLS keeps the text as it is.
    let members: Vec<String> =
        event.as_object().unwrap().iter().rev().map(|(key, value)| format!("{}:{value}", json!(key))).collect();
    json!({"__time__": 1, "event": format!("{{ {} }}", members.join(" , "))})
}

#[test]
fn a_file_that_grew_is_read_again_and_only_its_new_events_are_stored() {
    let lab = Lab::new();
    let file = lab.file("in/log.json", lines(&[event("a"), event("b")]));
    assert_eq!(lab.ingest(std::slice::from_ref(&file)).totals.stored, 2);
    let unchanged = lab.ingest(std::slice::from_ref(&file));
    assert_eq!((unchanged.files_unchanged, unchanged.totals.read, unchanged.version), (1, 0, 1));
    write(&file, lines(&[event("a"), event("b"), event("c")]));
    let totals = lab.ingest(std::slice::from_ref(&file)).totals;
    assert_eq!((totals.read, totals.stored, totals.duplicate), (3, 1, 2));
    assert_eq!(lab.ids(), ["a", "b", "c"]);
    let named_twice = lab.ingest(&[file.clone(), lab.path("in"), file]);
    assert_eq!((named_twice.files_unchanged, named_twice.totals.read), (1, 0));
}

/// Days are forgotten and taken up again in the middle of a batch; what the batch held so far must not be forgotten.
#[test]
fn copies_are_found_where_memory_holds_one_day_only() {
    let next_day = |id: &str| with(id, json!({"eventTime": "2026-11-04T10:00:00Z"}));
    let records = [event("a"), next_day("b"), event("a"), next_day("b"), event("c"), next_day("d"), event("c")];
    let lab = Lab::new();
    let options = IngestOptions {
        inputs: vec![lab.file("in/days.json", lines(&records))],
        lake: lab.lake(),
        memory_limit_bytes: 64,
        threads: 1,
        now: now(),
        mode: WriteMode::Durable,
        retry_rejects: false,
        csv: CsvOptions::default(),
    };
    let totals = ingest(&options, &Silent).unwrap().totals;
    assert_eq!((totals.read, totals.stored, totals.duplicate), (7, 4, 3));
}

/// Days that are over are forgotten before memory is full, and all days when it is; copies that come later are found in
/// either case, also of days that come up again and again.
#[test]
fn copies_are_found_however_many_days_memory_holds() {
    let of_day = |day: u32| {
        let time = format!("2026-11-{day:02}T10:00:00Z");
        (0..10).map(move |n| with(&format!("e{day}-{n}"), json!({"eventTime": time})))
    };
    let days = |days: &[u32]| lines(&days.iter().flat_map(|day| of_day(*day)).collect::<Vec<_>>());
    let all: Vec<u32> = (1..=24).collect();
    let modes = |memory: usize| [(memory, WriteMode::Durable), (memory, WriteMode::DryRun)];
    for (memory_limit_bytes, mode) in [64, 8 << 10, 32 << 10, 128 << 10, 256 << 20].into_iter().flat_map(modes) {
        let lab = Lab::new();
        for (name, text) in [
            ("a", days(&all[..8])),
            ("b", days(&all[8..16])),
            ("c", days(&[1, 9, 17, 18, 19, 20, 21, 22, 23, 24, 17, 18])),
            ("d", days(&all)),
            ("e", days(&all.iter().rev().copied().collect::<Vec<_>>())),
        ] {
            lab.file(&format!("in/{name}.json"), text);
        }
        let options = IngestOptions {
            inputs: vec![lab.path("in")],
            lake: lab.lake(),
            memory_limit_bytes,
            threads: 2,
            now: now(),
            mode,
            retry_rejects: false,
            csv: CsvOptions::default(),
        };
        let totals = ingest(&options, &Silent).unwrap().totals;
        let expected = (760, 240, 520);
        assert_eq!((totals.read, totals.stored, totals.duplicate), expected, "{memory_limit_bytes}, {mode:?}");
        if mode == WriteMode::Durable {
            assert_eq!(lab.ids().len(), 240);
            balances(&lab.lake());
        }
    }
}
