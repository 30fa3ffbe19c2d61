//! Every shape in which events are exported is read: as many events as went in, and the same ones.
//!
//! Files have names that lie, for what counts is the content. A shape that keeps events whole must give them back equal
//! but for key order and white space; one that does not must give the fields that it holds.

mod build;
mod cases;
mod databases;
mod irregular;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use trailql::engine::{EngineOptions, Scope, Session};
use trailql::event::field::FieldId;
use trailql::event::rebuild::rebuild;
use trailql::event::record::Event as Row;
use trailql::export::csv::CsvOptions;
use trailql::lake::batch::read_row;
use trailql::lake::write::WriteMode;
use trailql::ops::ingest::{IngestOptions, IngestOutcome, ingest};
use trailql::ops::progress::Silent;

use crate::generate::event::{Event, Version};
use crate::generate::story;
use crate::lab::{engine_options, session, shape_of};

use cases::{Case, Kept};

/// The events that every shape is made of: two days around the leak of the root key.
fn events() -> Vec<Event> {
    let (since, until) = (story::at(11, 4, 0, 0, 0), story::at(11, 5, 12, 0, 0));
    let events: Vec<Event> = story::events().into_iter().filter(|e| since <= e.time && e.time < until).collect();
    assert!(events.len() > 60 && events.len() < 1000, "{}", events.len());
    events
}

/// A folder with exports and a lake that they were read into.
struct Read {
    folder: TempDir,
    outcome: IngestOutcome,
}

impl Read {
    fn of(files: &[(&str, &[u8])], csv: CsvOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = folder.path().join("exports").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let outcome = ingest(&options(folder.path(), csv), &Silent).unwrap();
        Self { folder, outcome }
    }

    /// The rows of a statement.
    fn rows(&self, sql: &str) -> Vec<Value> {
        self.session().rows(sql, &[]).unwrap()
    }

    fn session(&self) -> Session {
        let options = EngineOptions { threads: 1, show_secrets: true, ..engine_options() };
        session(&self.folder.path().join("lake"), &Scope::default(), &options)
    }

    /// Shows every stored event to `look`.
    fn each(&self, mut look: impl FnMut(&Row<'_>)) {
        let session = self.session();
        let mut answer = session.sql("SELECT * FROM events").unwrap();
        while let Some(batch) = answer.next_batch().unwrap() {
            for row in 0..batch.num_rows() {
                look(&read_row(&batch, row));
            }
        }
    }

    /// The stored events by id, rebuilt.
    fn events(&self) -> BTreeMap<String, Value> {
        let mut events = BTreeMap::new();
        self.each(|row| {
            let json: Value = serde_json::from_str(&rebuild(row)).unwrap();
            let id = row.text(FieldId::EventId).unwrap_or_default().to_owned();
            assert!(events.insert(id, json).is_none());
        });
        events
    }
}

fn options(folder: &Path, csv: CsvOptions) -> IngestOptions {
    IngestOptions {
        inputs: vec![folder.join("exports")],
        lake: folder.join("lake"),
        memory_limit_bytes: 256 << 20,
        threads: 1,
        now: story::at(11, 9, 8, 0, 0),
        mode: WriteMode::Durable,
        retry_rejects: false,
        csv,
    }
}

/// What a shape must give back of an event.
fn expected(event: &Event, kept: Kept) -> Value {
    let version = if kept == Kept::WholeWithTextVersion { Version::Text } else { Version::Number };
    serde_json::from_str(&event.json(version).compact()).unwrap()
}

/// The value at a path with dots, where it says something.
fn at<'v>(event: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(event, |value, key| value.get(key)).filter(|value| !value.is_null() && *value != "")
}

fn check(case: &Case, events: &[Event]) -> (usize, u64) {
    let files: Vec<(&str, &[u8])> = vec![(case.file, &case.bytes)];
    let read = Read::of(&files, case.csv.clone());
    let totals = &read.outcome.totals;
    let what = format!("{}: {:?}", case.name, read.outcome);
    assert_eq!((totals.read, totals.rejected), (events.len() as u64, 0), "{what}");
    assert_eq!(totals.stored, events.len() as u64, "{what}");
    assert_eq!(shape_of(&read.outcome), case.shape, "{}", case.name);
    let found = read.events();
    for event in events {
        let expected = expected(event, case.kept);
        let found = found.get(&event.id).unwrap_or_else(|| panic!("{}: no event {}", case.name, event.id));
        match case.kept {
            Kept::Whole | Kept::WholeWithTextVersion => assert_eq!(found, &expected, "{}", case.name),
            Kept::Fields(fields) => {
                for field in fields {
                    assert_eq!(at(found, field), at(&expected, field), "{}: {field} of {found}", case.name);
                }
            }
        }
    }
    (events.len(), totals.read)
}

#[test]
fn every_shape_gives_its_events_back() {
    let events = events();
    let mut table = String::from("| shape | events expected | read |\n|---|---|---|\n");
    for case in cases::all(&events) {
        let (expected, read) = check(&case, &events);
        table.push_str(&format!("| {} ({}) | {expected} | {read} |\n", case.name, case.shape));
    }
    // For whoever wants to see it: `cargo test --test it shapes -- --nocapture` with TRAILQL_TABLE set to a file.
    if let Some(path) = std::env::var_os("TRAILQL_TABLE") {
        std::fs::write(PathBuf::from(path), table).unwrap();
    }
}

/// One folder with every shape that needs no flags: each event is stored once, all the others are duplicates.
#[test]
fn all_shapes_mixed_in_one_folder() {
    let events = events();
    let cases: Vec<Case> = cases::all(&events).into_iter().filter(|case| case.csv == CsvOptions::default()).collect();
    let names: Vec<String> = cases.iter().enumerate().map(|(n, case)| format!("{n:02}/{}", case.file)).collect();
    let files: Vec<(&str, &[u8])> =
        names.iter().zip(&cases).map(|(name, case)| (name.as_str(), case.bytes.as_slice())).collect();
    let read = Read::of(&files, CsvOptions::default());
    let totals = &read.outcome.totals;
    let ids: BTreeSet<&str> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(totals.rejected, 0, "{:?}", read.outcome);
    assert_eq!(totals.read, (events.len() * cases.len()) as u64);
    assert_eq!(totals.read, totals.stored + totals.duplicate);
    assert_eq!(totals.stored, ids.len() as u64);
}

#[test]
fn members_of_archives_are_named() {
    let event = events()[0].json(Version::Number).compact();
    let other = events()[1].json(Version::Number).compact();
    let inner = build::tar(&[("../x/b.bin", other.as_bytes())]);
    let bytes =
        build::zip(&[("a/a.gz", &build::gzip(event.as_bytes())), ("inner.tar", &inner), ("notes.md", b"# Notes")]);
    let read = Read::of(&[("all.txt", &bytes)], CsvOptions::default());
    assert_eq!((read.outcome.totals.read, read.outcome.totals.stored), (2, 2), "{:?}", read.outcome);
    let mut members = BTreeSet::new();
    read.each(|row| {
        members.insert(row.text(FieldId::SourceMember).unwrap_or_default().to_owned());
    });
    assert_eq!(members.into_iter().collect::<Vec<_>>(), ["a/a.gz", "inner.tar/../x/b.bin"]);
    let passed: Vec<_> = read.outcome.not_exports.first.iter().map(|other| other.reason.as_str()).collect();
    assert_eq!(passed, ["text that is not JSON"]);
}

#[test]
fn what_cannot_be_read_in_an_archive_is_rejected_by_name() {
    let event = events()[0].json(Version::Number).compact();
    let good = build::zip(&[("locked.json", event.as_bytes()), ("open.json", event.as_bytes())]);
    let tar = build::tar(&[("a.json", event.as_bytes()), ("b.json", event.as_bytes())]);
    for (name, bytes, read, rejected, reason) in [
        (
            "an encrypted member",
            build::encrypted(&good),
            2,
            1,
            "in the member `locked.json`: the member cannot be read: it is encrypted",
        ),
        ("a zip without its end", good[..good.len() - 40].to_vec(), 1, 1, "the source is damaged here"),
        (
            "a tar cut off",
            tar[..512 + event.len() / 2].to_vec(),
            2,
            2,
            "in the member `a.json`: the source ends too early",
        ),
    ] {
        let found = Read::of(&[("x.zip", &bytes)], CsvOptions::default()).outcome;
        assert_eq!((found.totals.read, found.totals.rejected), (read, rejected), "{name}: {found:?}");
        assert!(found.rejects[0].reason.contains(reason), "{name}: {}", found.rejects[0].reason);
    }
}

/// Inputs that are no exports of ActionTrail, and how each is named.
#[test]
fn foreign_inputs_are_named() {
    let event = events()[0].json(Version::Number).compact();
    let docx = build::zip(&[("word/document.xml", b"<xml/>")]);
    let table =
        build::parquet(&[("id", vec![Some("1".into())]), ("name", vec![Some("x".into())])], build::Packed::None);
    let orc = build::orc(&[("id", vec![Some("1".into())])], None);
    for (bytes, what) in [
        (&b"id,name\n1,x\n2,y\n"[..], "CSV without ActionTrail columns"),
        (b"# Notes\n\nnothing\n", "text that is not JSON"),
        (b"<html></html>", "XML or HTML"),
        (b"\x7fELF\x02\0\0\0", "binary data"),
        (&docx, "a zip archive without exports: `word/document.xml` is XML or HTML"),
        (&build::utf16("hello, world\n"), "UTF-16, text that is not JSON"),
        (&table, "Parquet, a table without ActionTrail columns"),
        (&orc, "ORC, a table without ActionTrail columns"),
    ] {
        let found = Read::of(&[("export.json", bytes), ("good", event.as_bytes())], CsvOptions::default()).outcome;
        assert_eq!((found.totals.read, found.totals.rejected), (1, 0), "{what}: {found:?}");
        assert_eq!(found.not_exports.files, 1, "{what}: {found:?}");
        assert_eq!(found.not_exports.first[0].reason, what);
    }
    for (text, what) in [
        (
            r#"{"Records":[{"eventVersion":"1.08","awsRegion":"us-east-1"}]}"#,
            "a log file of AWS CloudTrail, not of ActionTrail",
        ),
        (
            r#"{"events":[{"eventName":"ObjectCreated:PutObject","eventSource":"acs:oss"}]}"#,
            "a notification of OSS, not an event",
        ),
        (
            r#"{"EventID":"1","EventProduct":"OSS","EventTime":"2019-09-18T05:23:37Z","EventLocation":"CN"}"#,
            "a platform event (Inner-ActionTrail), which has another schema",
        ),
        (r#"{"TrailList":[{"Name":"a"}]}"#, "a response of DescribeTrails, not events"),
        (r#"{"name":"x","configuration":{"sink":{"bucket":"b"}}}"#, "the configuration of an SLS job, not events"),
        (r#"{"DataEventSelectors":[],"RequestId":"x"}"#, "the selectors of a trail, not events"),
        (r#"{"__time__":1,"__topic__":"nginx","status":"200"}"#, "an SLS log without an ActionTrail event"),
        (r#"{"a":1}"#, "a JSON object that is not an ActionTrail event"),
    ] {
        let found = Read::of(&[("export.json", text.as_bytes())], CsvOptions::default()).outcome;
        assert_eq!((found.totals.read, found.totals.rejected), (1, 1), "{text}: {found:?}");
        assert_eq!(found.rejects[0].reason, what);
    }
}
