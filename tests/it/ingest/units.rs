//! Small files that share a reader: each is accounted for as if it had been read alone.

use std::path::PathBuf;

use serde_json::Value;

use super::{event, lines};
use crate::lab::Lab;

/// More files than a unit has: most of them exports, with copies of each other's events, among them broken records, files
/// that hold nothing, files that are no exports, and a large one.
fn files(lab: &Lab) -> Vec<PathBuf> {
    let file = |n: usize| {
        let own = (0..n % 5).map(|k| event(&format!("e{n}-{k}")));
        let copies = (0..n % 3).map(|k| event(&format!("e{}-{k}", n.saturating_sub(1))));
        let text = lines(&own.chain(copies).collect::<Vec<_>>());
        let text = match n % 11 {
            3 => format!("{text}{{\"eventId\": \"broken\n{text}"),
            5 => String::new(),
            7 => "no export at all".to_owned(),
            9 => format!("{text}{{\"eventName\": \"without an id\"}}\n"),
            _ => text,
        };
        let text =
            if n == 40 { lines(&(0..3000).map(|k| event(&format!("large-{k}"))).collect::<Vec<_>>()) } else { text };
        lab.file(&format!("in/{n:03}.json"), text)
    };
    (0..70).map(file).collect()
}

fn sources(lab: &Lab) -> Vec<Value> {
    let rows = lab.ask("SELECT path, sha256, shape, read, stored, duplicate, rejected FROM sources ORDER BY path");
    let name = |path: &Value| path.as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    rows.into_iter()
        .map(|mut row| {
            row["path"] = name(&row["path"]).into();
            row
        })
        .collect()
}

#[test]
fn files_of_a_unit_are_accounted_for_one_by_one() {
    let (together, alone) = (Lab::new(), Lab::new());
    files(&together);
    together.ingest(&[together.path("in")]);
    for file in files(&alone) {
        alone.ingest(&[file]);
    }
    let (found, expected) = (sources(&together), sources(&alone));
    assert_eq!(found.len(), 70);
    assert_eq!(found, expected);
    for (column, least) in [("stored", 3000), ("duplicate", 15), ("rejected", 10)] {
        let sum: i64 = found.iter().map(|row| row[column].as_i64().unwrap()).sum();
        assert!(sum >= least, "{sum} {column}");
    }
    assert_eq!(together.ids(), alone.ids());
    let rejects = "SELECT record, \"offset\", reason, length FROM rejects ORDER BY 1, 2, 3, 4";
    assert_eq!(together.ask(rejects), alone.ask(rejects));
    let places = "SELECT event_id, source_record, source_offset FROM events ORDER BY 1, 2, 3";
    assert_eq!(together.ask(places), alone.ask(places));
}
