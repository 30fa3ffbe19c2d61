//! A lake in a temporary folder, for tests that go through the library: exports in, rows out.
//!
//! Every ingest here checks that no record went missing: read = stored + duplicate + rejected, for each source and over
//! all of them, in the outcome and in the lake's own tables.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::json::WriterBuilder;
use arrow::json::writer::JsonArray;
use chrono::{DateTime, Utc};
use serde_json::Value;
use tempfile::TempDir;
use trailql::engine::views::ViewCatalog;
use trailql::engine::{Engine, EngineError, EngineOptions, Events, Limits, QueryResult, ReferenceData, Scope, Session};
use trailql::export::csv::CsvOptions;
use trailql::lake::Lake;
use trailql::lake::manifest::Tally;
use trailql::lake::write::WriteMode;
use trailql::ops::ingest::{IngestOptions, IngestOutcome, ingest};
use trailql::ops::open::Opened;
use trailql::ops::progress::Silent;

/// A folder with exports and a lake.
pub(crate) struct Lab {
    folder: TempDir,
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A lab whose lake holds these events, each a line of one file.
    pub(crate) fn with_events(events: &[Value]) -> Self {
        let lab = Self::new();
        let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
        let file = lab.file("in/events.json", lines);
        lab.ingest(&[file]);
        lab
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of the lake.
    pub(crate) fn lake(&self) -> PathBuf {
        self.path("lake")
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        write(&self.path(name), bytes)
    }

    /// Ingests into the lake of the lab.
    pub(crate) fn ingest(&self, inputs: &[PathBuf]) -> IngestOutcome {
        ingest_into(&self.lake(), inputs, 2)
    }

    /// A session on the whole lake.
    pub(crate) fn session(&self) -> Session {
        self.session_with(Scope::default(), false)
    }

    pub(crate) fn session_with(&self, scope: Scope, show_secrets: bool) -> Session {
        session(&self.lake(), &scope, &EngineOptions { show_secrets, ..engine_options() })
    }

    /// The rows of a statement.
    pub(crate) fn ask(&self, sql: &str) -> Vec<Value> {
        ask(&self.lake(), sql)
    }

    /// The ids of all events, sorted.
    pub(crate) fn ids(&self) -> Vec<String> {
        texts(&self.ask("SELECT event_id FROM events ORDER BY event_id"), "event_id")
    }
}

/// Writes a file with the folders above it.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> PathBuf {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
    path.to_path_buf()
}

/// Ingests, and checks the counts.
pub(crate) fn ingest_into(lake: &Path, inputs: &[PathBuf], threads: usize) -> IngestOutcome {
    let options = IngestOptions {
        inputs: inputs.to_vec(),
        lake: lake.to_path_buf(),
        memory_limit_bytes: 256 << 20,
        threads,
        now: now(),
        mode: WriteMode::Durable,
        retry_rejects: false,
        csv: CsvOptions::default(),
    };
    let outcome = ingest(&options, &Silent).unwrap();
    assert!(outcome.totals.balances(), "{:?}", outcome.totals);
    let mut sum = Tally::default();
    for (shape, of_shape) in &outcome.shapes {
        assert!(of_shape.tally.balances(), "{shape}: {of_shape:?}");
        sum.add(of_shape.tally);
    }
    assert_eq!(sum, outcome.totals);
    balances(lake);
    outcome
}

/// The shape of the only file that was read.
#[track_caller]
pub(crate) fn shape_of(outcome: &IngestOutcome) -> &str {
    let [(shape, of_shape)] = outcome.shapes.iter().collect::<Vec<_>>()[..] else { panic!("{:?}", outcome.shapes) };
    assert_eq!(of_shape.files, 1, "{shape}");
    shape
}

/// Checks that the lake's tables account for every record.
#[track_caller]
pub(crate) fn balances(lake: &Path) {
    let rows = ask(
        lake,
        "SELECT (SELECT count(*) FROM sources WHERE read <> stored + duplicate + rejected) AS wrong,
            (SELECT coalesce(sum(stored), 0) FROM sources) - (SELECT count(*) FROM events) AS events,
            (SELECT coalesce(sum(rejected), 0) FROM sources) - (SELECT count(*) FROM rejects) AS rejects,
            (SELECT coalesce(sum(read), 0) FROM sources) - (SELECT coalesce(sum(read), 0) FROM runs) AS runs",
    );
    for (what, difference) in rows[0].as_object().unwrap() {
        assert_eq!(difference, 0, "{what} do not agree: {}", rows[0]);
    }
}

/// Options of an engine that takes little memory and masks secrets.
pub(crate) fn engine_options() -> EngineOptions {
    EngineOptions {
        memory_limit_bytes: 256 << 20,
        owns_process: false,
        threads: 2,
        show_secrets: false,
        redact: false,
        views: views(),
        reference: ReferenceData::default(),
        tuning: true,
    }
}

/// The views that are built in.
pub(crate) fn views() -> Arc<ViewCatalog> {
    Arc::new(ViewCatalog::built_in().unwrap())
}

/// A session on the newest version of a lake.
pub(crate) fn session(lake: &Path, scope: &Scope, options: &EngineOptions) -> Session {
    let lake = Lake::open(lake).unwrap();
    let engine = Engine::open(&lake, &lake.snapshot().unwrap(), options).unwrap();
    engine.session(scope, &Limits::default()).unwrap()
}

/// A session that shows secrets.
pub(crate) fn unmasked(lake: &Path, scope: &Scope) -> Session {
    session(lake, scope, &EngineOptions { show_secrets: true, ..engine_options() })
}

/// A session as use cases take it.
pub(crate) fn for_ops(session: &Session) -> Opened {
    session.clone().into()
}

/// The rows of a statement over all of a lake.
#[track_caller]
pub(crate) fn ask(lake: &Path, sql: &str) -> Vec<Value> {
    session(lake, &Scope::default(), &engine_options()).rows(sql, &[]).unwrap()
}

/// The rows of an answer, nulls included.
pub(crate) fn rows(answer: Result<QueryResult, EngineError>) -> Vec<Value> {
    let mut answer = answer.unwrap();
    let mut json = Vec::new();
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(&mut json);
    while let Some(batch) = answer.next_batch().unwrap() {
        writer.write(&batch).unwrap();
    }
    writer.finish().unwrap();
    drop(writer);
    serde_json::from_slice(&json).unwrap()
}

/// Every event of a stream of whole events.
pub(crate) fn whole_events(events: Result<Events, EngineError>) -> Vec<String> {
    let mut events = events.unwrap();
    std::iter::from_fn(|| events.next_event().unwrap()).collect()
}

/// One column of rows, as text.
pub(crate) fn texts(rows: &[Value], column: &str) -> Vec<String> {
    rows.iter().map(|row| row[column].as_str().unwrap_or("(null)").to_owned()).collect()
}

/// The present time of every ingest.
pub(crate) fn now() -> DateTime<Utc> {
    crate::harness::NOW.parse().unwrap()
}

/// Merges `more` into `into`, member by member; the text `(missing)` takes a member away.
pub(crate) fn merge(into: &mut Value, more: &Value) {
    let (Value::Object(known), Value::Object(more)) = (&mut *into, more) else {
        into.clone_from(more);
        return;
    };
    for (key, value) in more {
        if value == "(missing)" {
            known.remove(key);
        } else {
            merge(known.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}
