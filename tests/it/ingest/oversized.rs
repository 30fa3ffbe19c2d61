//! Inputs that would have more held at once than the memory limit allows: they are rejected, and say so.

use std::path::Path;
use std::sync::Arc;

use super::{event, lines};
use crate::lab::{Lab, balances, now};
use arrow::array::{RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use trailql::export::csv::CsvOptions;
use trailql::lake::write::WriteMode;
use trailql::ops::ingest::{IngestOptions, IngestOutcome, ingest};
use trailql::ops::progress::Silent;

/// More than a part of a table may have at the memory limit of these runs.
const LONG: usize = 20 << 20;

fn table() -> RecordBatch {
    let mut long = event("long");
    long["errorMessage"] = "x".repeat(LONG).into();
    let events = StringArray::from_iter_values([event("short"), long].map(|event| event.to_string()));
    RecordBatch::try_from_iter([("event", Arc::new(events) as _)]).unwrap()
}

/// A table whose text of 20 MB takes little room as it lies.
fn packed_parquet() -> Vec<u8> {
    let packed = Compression::ZSTD(ZstdLevel::try_new(1).unwrap());
    let properties = WriterProperties::builder().set_compression(packed).set_dictionary_enabled(false).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), table().schema(), Some(properties)).unwrap();
    writer.write(&table()).unwrap();
    writer.into_inner().unwrap()
}

fn orc() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = orc_rust::ArrowWriterBuilder::new(&mut bytes, table().schema()).try_build().unwrap();
    writer.write(&table()).unwrap();
    writer.close().unwrap();
    bytes
}

/// A tar whose second member says that its name has 20 MB, behind a member that is read.
fn tar_with_a_long_name() -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut append = |name: &str, kind: tar::EntryType, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        builder.append_data(&mut header, name, content).unwrap();
    };
    append("a.json", tar::EntryType::Regular, lines(&[event("in-tar")]).as_bytes());
    append("unused", tar::EntryType::Regular, &[b' '; 9 << 20]);
    append("name", tar::EntryType::GNULongName, &vec![b'n'; LONG]);
    append("b.json", tar::EntryType::Regular, b"{}");
    builder.into_inner().unwrap()
}

pub(super) fn ingest_with(lake: &Path, file: &Path, memory_limit_bytes: usize, retry_rejects: bool) -> IngestOutcome {
    let options = IngestOptions {
        mode: WriteMode::Durable,
        inputs: vec![file.to_path_buf()],
        lake: lake.to_path_buf(),
        memory_limit_bytes,
        threads: 2,
        now: now(),
        retry_rejects,
        csv: CsvOptions::default(),
    };
    let outcome = ingest(&options, &Silent).unwrap();
    if !retry_rejects {
        // The counts of a reading that is made good stay, and its rejects go.
        balances(lake);
    }
    outcome
}

#[test]
fn what_would_take_more_memory_than_the_limit_is_rejected_and_read_with_a_higher_one() {
    for (name, bytes, reason) in
        [("page.parquet", packed_parquet(), "it has a page of 2"), ("stripe.orc", orc(), "it has a stripe of 2")]
    {
        let lab = Lab::new();
        let file = lab.file(name, bytes);
        let first = ingest_with(&lab.lake(), &file, 64 << 20, false);
        assert_eq!((first.totals.stored, first.totals.rejected), (0, 1), "{name}: {:?}", first.rejects);
        let said = &first.rejects[0].reason;
        assert!(said.contains(reason) && said.contains("a higher memory limit allows more"), "{name}: {said}");
        let again = ingest_with(&lab.lake(), &file, 2 << 30, true);
        assert_eq!((again.totals.stored, again.totals.rejected), (2, 0), "{name}: {:?}", again.rejects);
    }
}

#[test]
fn an_event_that_is_longer_than_the_limit_allows_is_rejected_alone() {
    let lab = Lab::new();
    let mut long = event("long");
    long["errorMessage"] = "x".repeat(3 << 20).into();
    let wrapped = serde_json::json!({"Events": [event("c"), long, event("d")]});
    let file = lab.file("long.json", format!("{}{}\n{wrapped}", lines(&[event("a"), long.clone()]), event("b")));
    let first = ingest_with(&lab.lake(), &file, 64 << 20, false);
    assert_eq!((first.totals.stored, first.totals.rejected), (4, 2), "{:?}", first.rejects);
    let reason = &first.rejects[0].reason;
    assert!(reason.starts_with("an event of 31") && reason.contains("a higher memory limit"), "{reason}");
    let again = ingest_with(&lab.lake(), &file, 512 << 20, true);
    assert_eq!((again.totals.stored, again.totals.duplicate, again.totals.rejected), (1, 5, 0), "{:?}", again.rejects);
}

/// Each text is held beside the one that it is in, so that a few megabytes could become many.
#[test]
fn texts_in_texts_are_not_held_without_end() {
    for (levels, is_read) in [(5, true), (6, false)] {
        let lab = Lab::new();
        let mut record = event("inmost");
        for _ in 0..levels {
            record = serde_json::json!({"event": record.to_string(), "pad": "x".repeat(600 << 10)});
        }
        let file = lab.file("deep.json", format!("{record}\n{}", event("other")));
        let outcome = ingest_with(&lab.lake(), &file, 64 << 20, false);
        let expected = if is_read { (2, 0) } else { (1, 1) };
        assert_eq!((outcome.totals.stored, outcome.totals.rejected), expected, "{levels}: {:?}", outcome.rejects);
        if !is_read {
            let reason = &outcome.rejects[0].reason;
            assert!(reason.starts_with("texts in texts of more than 8"), "{reason}");
        }
    }
}

#[test]
fn a_name_in_a_tar_that_is_longer_than_any_name_ends_it() {
    let lab = Lab::new();
    let file = lab.file("long.tar", tar_with_a_long_name());
    let outcome = lab.ingest(&[file]);
    assert_eq!((outcome.totals.stored, outcome.totals.rejected), (1, 1), "{:?}", outcome.rejects);
    assert!(outcome.rejects[0].reason.contains("the name of a member has more than"), "{:?}", outcome.rejects);
}
