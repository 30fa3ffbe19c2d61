//! A table with a column for each field of an event, or an object with a key for each.
//!
//! Demands: every member that says something is in the event or in what stands around it, once; the event is an object
//! of JSON; the order in which keys of different fields come makes no difference to it; time grows with the length and
//! not faster, however many keys there are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailql_fuzz::canonical::canonical;
use trailql_fuzz::cost::{Discard, assert_linear};
use trailql_fuzz::event::ids::is_absent_word;
use trailql_fuzz::event::json::{self, Members};
use trailql_fuzz::event::time::Zone;
use trailql_fuzz::export::csv::dialect;
use trailql_fuzz::export::csv::{self, CsvOptions, Row, Rows};
use trailql_fuzz::export::flattened::{Naming, Unflattened, unflatten};
use trailql_fuzz::export::{Input, ReadLimits, ReadOptions, read};

/// Zones of times that name none.
const ZONES: [Option<Zone>; 2] = [None, Some(Zone::Named(chrono_tz::Asia::Shanghai))];

/// Bytes by which a source is told from others.
const HEAD_BYTES: usize = 64 << 10;

fuzz_target!(|data: &[u8]| {
    for record in records(data) {
        let Some(members) = Members::parse(&record) else { continue };
        for naming in [Naming::Prefixed, Naming::Bare] {
            for tz in ZONES {
                put_together(&members, naming, tz);
            }
        }
    }
    assert_linear(data, |grown| {
        let options = ReadOptions {
            limits: ReadLimits { record_bytes: 1 << 20, block_bytes: 1 << 20, ..ReadLimits::default() },
            ..ReadOptions::default()
        };
        let _ = read(Input { stream: Box::new(grown), path: None, name: "fuzzed" }, &options, &mut Discard);
        for record in records(grown) {
            let Some(members) = Members::parse(&record) else { continue };
            for naming in [Naming::Prefixed, Naming::Bare] {
                std::hint::black_box(unflatten(&members, naming, None).event);
            }
        }
    });
});

/// The input itself, which may be an object, and its rows as a table.
fn records(data: &[u8]) -> Vec<String> {
    let mut records: Vec<String> = std::str::from_utf8(data).map(str::to_owned).into_iter().collect();
    let options = CsvOptions::default();
    let Some(dialect) = dialect::sniff(&data[..data.len().min(HEAD_BYTES)], &options) else { return records };
    let mut rows = Rows::new(data, &dialect, Some(dialect.columns.len()), data.len().max(1));
    while let Some(row) = rows.next_row() {
        if let Row::Cells { cells, .. } = row {
            records.extend(csv::record(&dialect.columns, cells, None));
        }
    }
    records
}

fn put_together(members: &Members<'_>, naming: Naming, tz: Option<Zone>) {
    let found = unflatten(members, naming, tz);
    assert!(Members::parse(&found.event).is_some(), "no object of JSON: {}", found.event);
    let says_nothing = |json: &str| {
        json == "null" || json::string(json).is_some_and(|text| !text.is_empty() && is_absent_word(&text))
    };
    let expected = members.0.iter().filter(|(_, value)| !says_nothing(value.get())).count();
    assert!(values(&found.event) + found.rest.len() >= expected, "a member is lost");
    let reversed = Members(members.0.iter().rev().map(|(key, value)| (key.clone(), *value)).collect());
    let again = unflatten(&reversed, naming, tz);
    // Where two keys stand for the same field, the first one wins, and the other is left.
    if sorted(&found) == sorted(&again) {
        let [found, again] = [&found.event, &again.event].map(|event| canonical(&event.to_ascii_lowercase()));
        assert_eq!(found, again, "the order of keys says something");
    }
}

/// Members that are none of the event, in an order of their own.
fn sorted(found: &Unflattened<'_>) -> Vec<(String, String)> {
    let mut rest: Vec<_> = found.rest.iter().map(|(key, value)| ((*key).to_owned(), value.to_string())).collect();
    rest.sort();
    rest
}

/// Never less than the values in an object.
fn values(json: &str) -> usize {
    json.bytes().filter(|byte| *byte == b':').count()
}
