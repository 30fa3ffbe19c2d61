//! The speed of each step on an invented corpus of a fixed seed.
//!
//! `cargo bench` runs all of it, `cargo bench -- decode` one group; results with date and machine are in `RESULTS.md`.
//!
//! - `decode`: JSON text of one array to events, on one thread: framing, and taking objects apart.
//! - `encode`: batches to data files: comparing identities, sorting, Parquet with zstd, SHA-256, and syncing to disk.
//! - `ingest`: gzip files to a lake, everything together, on every core; decoding dominates.
//! - `query`: questions to an open engine over a small lake, planning included. The lake is in the page cache.
//! - `start_up`: the process `trailql sql 'select 1'`: loading the binary, opening the lake, building a session.
//!
//! One binary, since each would link all of DataFusion again. Sizes are small, so that a run takes minutes; how time
//! grows with size, and what other engines take, is measured by `compare.py`.

#![allow(clippy::unwrap_used, reason = "what fails must not be timed")]

// The same generator as the tests'. It does not use the trailql library.
#[allow(dead_code, reason = "the story belongs to the tests")]
#[path = "../tests/it/generate/mod.rs"]
mod generate;

use std::collections::HashMap;
use std::hint::black_box;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use chrono::DateTime;
use criterion::{BatchSize, Criterion, Throughput};
use generate::corpus::Corpus;
use tempfile::TempDir;
use trailql::engine::views::ViewCatalog;
use trailql::engine::{Engine, EngineOptions, Limits, QueryResult, ReferenceData, Scope, ViewQuery};
use trailql::event::field::{FieldId, FieldSet};
use trailql::event::record::{Event, Value};
use trailql::export::csv::CsvOptions;
use trailql::export::{self, EventSink, Input, Position, ReadOptions, Rejected, Stop};
use trailql::lake::Lake;
use trailql::lake::batch::EventBatchBuilder;
use trailql::lake::write::{WriteMode, WriterOptions};
use trailql::ops::ingest::{IngestOptions, ingest};
use trailql::ops::progress::Silent;

const EVENTS: u64 = 20_000;
const MEMORY_BYTES: usize = 512 << 20;
const THREADS: usize = 2;

/// The corpus: ten files over ten days, without copies.
const CORPUS: Corpus =
    Corpus { events: EVENTS, days: 10, per_file: EVENTS / 10, seed: 1, copies_permille: 0, named_sessions_permille: 0 };

fn main() {
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    let folder = new_folder();
    let (exports, root) = (folder.path().join("exports"), folder.path().join("lake"));
    let json_bytes = write_corpus(&exports);
    read_in(&exports, &root);
    decode(&mut criterion, &exports);
    encode(&mut criterion, &exports);
    ingest_all(&mut criterion, &exports, json_bytes);
    query(&mut criterion, &root);
    start_up(&mut criterion, &root);
    criterion.final_summary();
}

fn decode(criterion: &mut Criterion, exports: &Path) {
    let text = unpacked(exports).swap_remove(0);
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::ElementsAndBytes { elements: CORPUS.per_file, bytes: text.len() as u64 });
    group.bench_function("array", |bencher| {
        bencher.iter(|| {
            let mut events = Counted(0);
            read(&text, &mut events);
            assert_eq!(events.0, CORPUS.per_file);
        });
    });
    group.finish();
}

fn encode(criterion: &mut Criterion, exports: &Path) {
    let texts = unpacked(exports);
    let batches: Vec<RecordBatch> = texts.iter().map(|text| batch(text)).collect();
    let json_bytes = texts.iter().map(|text| text.len() as u64).sum();
    let mut group = criterion.benchmark_group("encode");
    group.throughput(Throughput::ElementsAndBytes { elements: EVENTS, bytes: json_bytes });
    group.bench_function("lake", |bencher| {
        let write = |folder: &mut TempDir| write_lake(&batches, &folder.path().join("lake"));
        bencher.iter_batched_ref(new_folder, write, BatchSize::PerIteration);
    });
    group.finish();
}

fn ingest_all(criterion: &mut Criterion, exports: &Path, json_bytes: u64) {
    let mut group = criterion.benchmark_group("ingest");
    group.throughput(Throughput::ElementsAndBytes { elements: EVENTS, bytes: json_bytes });
    group.bench_function("gzip_arrays", |bencher| {
        let lake = |folder: &mut TempDir| read_in(exports, &folder.path().join("lake"));
        bencher.iter_batched_ref(new_folder, lake, BatchSize::PerIteration);
    });
    group.finish();
}

fn query(criterion: &mut Criterion, root: &Path) {
    let lake = Lake::open(root).unwrap();
    let options = EngineOptions {
        memory_limit_bytes: MEMORY_BYTES,
        owns_process: false,
        threads: THREADS,
        show_secrets: false,
        redact: false,
        views: Arc::new(ViewCatalog::built_in().unwrap()),
        reference: ReferenceData::default(),
        tuning: true,
    };
    let engine = Engine::open(&lake, &lake.snapshot().unwrap(), &options).unwrap();
    let session = engine.session(&Scope::default(), &Limits::default()).unwrap();
    let mut group = criterion.benchmark_group("query");
    group.bench_function("root_view", |bencher| {
        bencher.iter(|| assert_ne!(rows(session.view(&ViewQuery::new("root_ak_access")).unwrap()), 0));
    });
    let middle = format!("SELECT event_id FROM events ORDER BY event_time, event_id LIMIT 1 OFFSET {}", EVENTS / 2);
    let middle: Vec<HashMap<String, String>> = session.rows(&middle, &[]).unwrap();
    let needle = format!("SELECT event_time, event_name FROM events WHERE event_id = '{}'", middle[0]["event_id"]);
    let histogram = "SELECT date_trunc('day', event_time), count(*) FROM events GROUP BY 1 ORDER BY 1";
    let parameter =
        "SELECT count(*) FROM events WHERE json_param(request_parameters, 'InstanceType') = 'ecs.g8i.large'";
    for (name, sql, expected) in [
        ("needle", needle.as_str(), 1),
        ("daily_histogram", histogram, CORPUS.days as usize),
        ("parameter", parameter, 1),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| assert_eq!(rows(session.sql(sql).unwrap()), expected)));
    }
    group.finish();
}

fn start_up(criterion: &mut Criterion, root: &Path) {
    let mut group = criterion.benchmark_group("start_up");
    group.bench_function("select_1", |bencher| {
        bencher.iter(|| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_trailql"));
            let output = command.args(["sql", "select 1", "--lake"]).arg(root).output().unwrap();
            assert!(output.status.success());
        });
    });
    group.finish();
}

fn new_folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Writes the corpus, and returns the bytes of its JSON.
fn write_corpus(exports: &Path) -> u64 {
    let write = |number| {
        let file = CORPUS.file(number, 1).unwrap();
        let path = exports.join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &file.bytes).unwrap();
        file.json_bytes
    };
    (0..CORPUS.files()).map(write).sum()
}

/// The text of every file.
fn unpacked(exports: &Path) -> Vec<Vec<u8>> {
    let files = walkdir::WalkDir::new(exports).sort_by_file_name().into_iter().map(Result::unwrap);
    let unpack = |file: walkdir::DirEntry| {
        let mut text = Vec::new();
        let file = std::fs::File::open(file.path()).unwrap();
        flate2::read::MultiGzDecoder::new(file).read_to_end(&mut text).unwrap();
        text
    };
    files.filter(|entry| entry.file_type().is_file()).map(unpack).collect()
}

/// Decodes the text of one file.
fn read(text: &[u8], sink: &mut dyn EventSink) {
    let outcome =
        export::read(Input { stream: Box::new(text), path: None, name: "bench" }, &ReadOptions::default(), sink);
    assert!(matches!(outcome, Ok(export::Outcome::Read(..))));
}

fn batch(text: &[u8]) -> RecordBatch {
    let mut rows = Rows(EventBatchBuilder::default());
    read(text, &mut rows);
    rows.0.finish().unwrap()
}

/// Reads the exports into a new lake.
fn read_in(exports: &Path, root: &Path) {
    let options = IngestOptions {
        inputs: vec![exports.to_path_buf()],
        lake: root.to_path_buf(),
        memory_limit_bytes: MEMORY_BYTES,
        threads: THREADS,
        now: DateTime::UNIX_EPOCH,
        mode: WriteMode::Durable,
        retry_rejects: false,
        csv: CsvOptions::default(),
    };
    assert_eq!(ingest(&options, &Silent).unwrap().totals.stored, EVENTS);
}

/// Writes batches to a new lake.
fn write_lake(batches: &[RecordBatch], root: &Path) {
    let options = WriterOptions {
        memory_bytes: MEMORY_BYTES,
        encoders: THREADS,
        mode: WriteMode::Durable,
        run_id: "bench".to_owned(),
        started_at: DateTime::UNIX_EPOCH,
    };
    let mut writer = Lake::begin_write(root, options, || ()).unwrap();
    let mut is_new = batches.iter().flat_map(|batch| writer.append(batch.clone()).unwrap());
    let stored = is_new.by_ref().filter(|is_new| *is_new).count() as u64;
    assert_eq!(stored, EVENTS);
    writer.finish().unwrap();
}

/// Takes an answer to its end.
fn rows(mut answer: QueryResult) -> usize {
    let mut rows = 0;
    while let Some(batch) = answer.next_batch().unwrap() {
        rows += black_box(batch).num_rows();
    }
    rows
}

/// Counts events.
struct Counted(u64);

impl EventSink for Counted {
    fn event(&mut self, event: Event<'_>, _position: Position) -> Result<(), Stop> {
        black_box(&event);
        self.0 += 1;
        Ok(())
    }

    fn reject(&mut self, _rejected: Rejected<'_>) -> Result<(), Stop> {
        Err(Stop)
    }
}

/// Gathers events into a batch, as an ingest does.
struct Rows(EventBatchBuilder);

impl EventSink for Rows {
    fn event(&mut self, mut event: Event<'_>, position: Position) -> Result<(), Stop> {
        event.set_text(FieldId::SourceId, "00000000000000000000000000000000");
        event.set(FieldId::SourceRecord, Value::Int(position.record));
        event.set(FieldId::SourceOffset, Value::Int(position.offset));
        self.0.append(&event, FieldSet::ALL);
        Ok(())
    }

    fn reject(&mut self, _rejected: Rejected<'_>) -> Result<(), Stop> {
        Err(Stop)
    }
}
