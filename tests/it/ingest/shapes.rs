//! Every shape an export may have gives the same events, whatever the file is called.

use crate::generate::deliver::{Delivery, Shape};
use crate::generate::event::{Event, Version};
use crate::generate::story;
use crate::lab::{Lab, shape_of};

/// Some days of the story, the one with the incident among them.
fn some_events() -> Vec<Event> {
    let events = story::events();
    events.iter().skip(40).take(30).chain(events.iter().rev().take(40)).cloned().collect()
}

/// The same events in every shape: its name, the file, and part of what the column `shape` says.
fn deliveries(events: &[Event]) -> Vec<(String, Vec<u8>, &'static str)> {
    let shapes = [
        (Shape::OssGzip, "events, JSON array, gzip"),
        (Shape::OssUnpacked, "events, JSON array"),
        (Shape::JsonLines, "events"),
        (Shape::PrettyDocuments, "events"),
        (Shape::LookupEvents, "LookupEvents pages"),
        (Shape::SlsGetLogs, "SLS records"),
        (Shape::SlsGetLogsObjects, "SLS records"),
        (Shape::SlsPullLogDump, "SLS records"),
        (Shape::SlsOss, "SLS records"),
        (Shape::SlsOssGzip, "gzip"),
        (Shape::SlsOssZstd, "zstd"),
    ];
    let delivered = shapes.into_iter().map(|(shape, says)| {
        let delivery = Delivery { path: "x".to_owned(), shape, events: events.to_vec() };
        (shape.title().to_owned(), delivery.bytes().unwrap(), says)
    });
    let json = |event: &Event| event.json(Version::Number).compact();
    let arrays: Vec<String> =
        events.chunks(9).map(|some| format!("[{}]", some.iter().map(json).collect::<Vec<_>>().join(", "))).collect();
    let documents: Vec<String> = events.iter().map(json).collect();
    let more = [
        ("arrays one after the other", arrays.join("").into_bytes()),
        ("arrays on lines", arrays.join("\r\n").into_bytes()),
        ("documents back to back", documents.join("").into_bytes()),
        ("a byte order mark first", format!("\u{feff}[{}]", documents.join(",")).into_bytes()),
    ];
    delivered.chain(more.map(|(name, bytes)| (name.to_owned(), bytes, "events"))).collect()
}

#[test]
fn every_shape_gives_the_same_events() {
    let events = some_events();
    let mut ids: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), events.len());
    // Names that lie, and none at all.
    let names = ["export.txt", "export.csv", "export", "export.json", "export.gz", "export.parquet", ".export"];
    let all = Lab::new();
    for (n, (shape, bytes, says)) in deliveries(&events).into_iter().enumerate() {
        let lab = Lab::new();
        let name = names[n % names.len()];
        let outcome = lab.ingest(&[lab.file(&format!("in/{name}"), &bytes)]);
        assert_eq!(outcome.totals.rejected, 0, "{shape}: {:?}", outcome.rejects);
        assert_eq!(outcome.totals.stored, ids.len() as u64, "{shape}");
        assert_eq!(lab.ids(), ids, "{shape}");
        assert!(shape_of(&outcome).contains(says), "{shape}: {}", shape_of(&outcome));
        all.file(&format!("in/{n}/{name}"), bytes);
    }
    let outcome = all.ingest(&[all.path("in")]);
    let totals = outcome.totals;
    assert_eq!((totals.stored, totals.rejected), (ids.len() as u64, 0));
    assert_eq!(totals.duplicate, totals.read - totals.stored);
    assert_eq!(all.ids(), ids, "all shapes in one lake");
}
