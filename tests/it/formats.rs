//! Lakes of earlier formats are read, checked, added to and compacted. `tests/it/lakes/format-2` was written by a build
//! that knew format 2: three events (one of them without a time that it could read), a copy and a reject.

use std::path::Path;

use serde_json::json;
use trailql::lake::Lake;
use trailql::ops::compact::{CompactOptions, compact};
use trailql::ops::event::find;
use trailql::ops::info::info;
use trailql::ops::progress::Silent;
use trailql::ops::verify::{VerifyOptions, verify};

use crate::harness::package;
use crate::lab::{Lab, for_ops, now, texts};

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for item in std::fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy_folder(&item.path(), &target);
        } else {
            std::fs::copy(item.path(), target).unwrap();
        }
    }
}

#[track_caller]
fn check(lab: &Lab, ids: &[&str]) {
    let options = VerifyOptions { lake: lab.lake(), sources: false, head: None, threads: 2 };
    let verified = verify(&options, &Silent).unwrap();
    assert!(verified.holds(), "{:?}", verified.problems);
    assert_eq!(lab.ids(), ids);
}

#[test]
fn a_lake_of_format_2_is_read_added_to_and_compacted() {
    let lab = Lab::new();
    copy_folder(&package().join("tests/it/lakes/format-2"), &lab.lake());
    check(&lab, &["A-1", "A-2", "A-3"]);
    let nulls = "SELECT (SELECT count(coalesce(unread, normalised, CAST(completeness AS VARCHAR))) FROM events) AS events,
        (SELECT count(coalesce(incomplete, suspicious)) FROM sources) AS sources, (SELECT count(replaced) FROM copies) AS copies";
    assert_eq!(lab.ask(nulls), [json!({"events": 0, "sources": 0, "copies": 0})]);
    assert_eq!(texts(&lab.ask("SELECT event_id FROM root_ak_access"), "event_id"), ["A-2"]);
    assert_eq!(texts(&lab.ask("SELECT event_id FROM unread_values"), "event_id"), ["A-3"]);
    assert_eq!(info(&lab.lake()).unwrap().undated_events, 1);
    assert_eq!(find(&for_ops(&lab.session()), "A-2").unwrap()[0].found_in.len(), 2);

    // A copy with more members does not replace one of which nobody knows how many it had; a new event is stored.
    let more = r#"{"eventId":"A-1","eventName":"ConsoleSignin","eventTime":"2026-11-03T01:00:00Z","userAgent":"x","acsRegion":"y",
        "userIdentity":{"type":"root-account","accountId":"1000000000000001"},"sourceIpAddress":"203.0.113.9"}"#;
    let new = r#"{"eventId":"A-4","eventName":"X","eventTime":"2026-11-03T03:00:00Z","userIdentity":{"type":"root-account"}}"#;
    let outcome = lab.ingest(&[lab.file("in/more.json", format!("{more}\n{new}\n"))]);
    assert_eq!((outcome.totals.stored, outcome.totals.duplicate, outcome.replaced), (1, 1, 0));
    check(&lab, &["A-1", "A-2", "A-3", "A-4"]);

    let options = CompactOptions {
        lake: lab.lake(),
        memory_limit_bytes: 256 << 20,
        threads: 2,
        target_bytes: 128 << 20,
        now: now(),
        gc: None,
        dry_run: false,
    };
    compact(&options, &Silent).unwrap();
    check(&lab, &["A-1", "A-2", "A-3", "A-4"]);
    assert_eq!(texts(&lab.ask("SELECT event_id FROM root_console_login"), "event_id"), ["A-1"]);
    assert_eq!(Lake::open(&lab.lake()).unwrap().snapshot().unwrap().format, trailql::lake::manifest::FORMAT);
}
