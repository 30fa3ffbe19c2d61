//! A whole source, of any shape, from its bytes to the sink.
//!
//! Demands: every record is an event or a reject, numbered from 0 in order without a gap; how the reads are cut makes
//! no difference; when the sink asks to stop, nothing more comes; a limit on records is kept.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::io::Read;
use trailql_fuzz::cost::{Discard, assert_linear};
use trailql_fuzz::export::{Input, Outcome, ReadLimits, ReadOptions, read};
use trailql_fuzz::{Cut, Item, Seen, hash};

/// Longest record, unless a smaller limit is tried.
const RECORD_BYTES: usize = 1 << 16;

fuzz_target!(|data: &[u8]| {
    let way = hash(data);
    let (whole, seen) = source(data, RECORD_BYTES, usize::MAX);
    let (cut, seen_cut) = source(Cut::new(data, way), RECORD_BYTES, usize::MAX);
    if !beyond_the_limit(&seen) && !beyond_the_limit(&seen_cut) {
        assert_eq!(whole, cut, "the reads make a difference to what the source is");
        assert_eq!(seen.positions, seen_cut.positions, "the reads make a difference to places");
        assert_eq!(seen.items, seen_cut.items, "the reads make a difference");
    }
    assert_linear(data, |grown| {
        let input = Input { stream: Box::new(grown), path: None, name: "fuzzed" };
        let _ = read(input, &options(1 << 20), &mut Discard);
    });
    let most = 1 + (way >> 48) as usize % 4;
    let (stopped, seen) = source(data, 1 + (way >> 32) as usize % 2000, most);
    assert_eq!(stopped == Some(Outcome::Stopped), seen.items.len() == most);
});

fn source(stream: impl Read, record_bytes: usize, most: usize) -> (Option<Outcome>, Seen) {
    let mut seen = Seen::new(most);
    let input = Input { stream: Box::new(stream), path: None, name: "fuzzed" };
    let outcome = read(input, &options(record_bytes), &mut seen).ok();
    if let Some(Outcome::NotAnExport(what, _)) = &outcome {
        assert!(!what.is_empty());
        assert!(seen.items.is_empty(), "records of what is no export");
    }
    (outcome, seen)
}

fn options(record_bytes: usize) -> ReadOptions {
    let (event_bytes, block_bytes, temporary_bytes) = (RECORD_BYTES, 1 << 20, 1 << 20);
    let limits = ReadLimits { record_bytes, event_bytes, block_bytes, temporary_bytes };
    ReadOptions { limits, ..ReadOptions::default() }
}

/// True where a record was longer than the limit; whether it is found to be so may depend on the reads.
fn beyond_the_limit(seen: &Seen) -> bool {
    let is = |item: &Item| matches!(item, Item::Reject { reason, .. } if reason.contains("longer than") || reason.contains("too long"));
    seen.items.iter().any(is)
}
