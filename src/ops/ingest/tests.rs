//! Faults of each thread of the pipeline: the run fails, commits nothing of what was lost, and the next run has it all.

use super::*;
use crate::faults::Fault;
use crate::ops::info::info;
use crate::ops::progress::Silent;
use crate::ops::verify::{VerifyOptions, verify};
use std::fs;
use std::path::Path;

const FILES: usize = 6;
const EVENTS_OF_FILE: usize = 300;

/// A folder with exports of several days.
fn exports(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for file in 0..FILES {
        let lines: String = (0..EVENTS_OF_FILE)
            .map(|n| {
                let day = 1 + (file + n) % 4;
                format!(
                    "{{\"eventId\":\"E-{file}-{n}\",\"eventName\":\"X\",\"eventTime\":\"2026-11-0{day}T01:00:00Z\",\
                     \"userAgent\":\"{}\"}}\n",
                    // Files too long to be read together.
                    "x".repeat(300)
                )
            })
            .collect();
        fs::write(folder.join(format!("{file}.jsonl")), lines).unwrap();
    }
}

fn options(folder: &Path, threads: usize) -> IngestOptions {
    IngestOptions {
        inputs: vec![folder.join("in")],
        lake: folder.join("lake"),
        memory_limit_bytes: 64 << 20,
        threads,
        now: DateTime::UNIX_EPOCH,
        mode: WriteMode::Durable,
        retry_rejects: false,
        csv: CsvOptions::default(),
    }
}

/// Verifies the lake, and returns the number of its events.
fn stored(folder: &Path) -> u64 {
    let lake = folder.join("lake");
    let verified =
        verify(&VerifyOptions { lake: lake.clone(), sources: true, head: None, threads: 1 }, &Silent).unwrap();
    assert!(verified.holds(), "{:?}", verified.problems);
    let info = info(&lake).unwrap();
    assert_eq!(info.events, info.totals.stored);
    info.events
}

#[test]
fn a_panic_of_any_thread_is_an_error_of_the_run_and_loses_nothing() {
    let all = (FILES * EVENTS_OF_FILE) as u64;
    for point in ["read", "event", "encode", "write"] {
        for threads in [1, 2, 4] {
            for nth in [0, 2] {
                let context = format!("the {nth}th `{point}` on {threads} threads");
                let folder = tempfile::tempdir().unwrap();
                exports(&folder.path().join("in"));
                let fault = Fault::at(point, folder.path(), nth);
                let failed = ingest(&options(folder.path(), threads), &Silent);
                let said = failed.err().map(|error| error.to_string()).unwrap_or_default();
                assert!(said.contains("a fault of trailql") && said.contains(point), "{context}: {said}");
                drop(fault);
                assert_eq!(stored(folder.path()), 0, "{context}");
                let again = ingest(&options(folder.path(), threads), &Silent).unwrap();
                assert_eq!((again.totals.stored, again.totals.duplicate), (all, 0), "{context}");
                assert_eq!(stored(folder.path()), all, "{context}");
            }
        }
    }
}

#[test]
fn what_was_committed_before_a_fault_stays() {
    let folder = tempfile::tempdir().unwrap();
    exports(&folder.path().join("in"));
    let first = IngestOptions { inputs: vec![folder.path().join("in/0.jsonl")], ..options(folder.path(), 2) };
    ingest(&first, &Silent).unwrap();
    let fault = Fault::at("encode", folder.path(), 1);
    ingest(&options(folder.path(), 2), &Silent).map(drop).unwrap_err();
    drop(fault);
    assert_eq!(stored(folder.path()), EVENTS_OF_FILE as u64);
    ingest(&options(folder.path(), 2), &Silent).unwrap();
    assert_eq!(stored(folder.path()), (FILES * EVENTS_OF_FILE) as u64);
}
