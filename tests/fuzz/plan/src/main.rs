//! Any text as a statement, up to its answer over a few events: as SQL where it begins with SELECT or WITH, and else as
//! a search.
//!
//! Demands: nothing crashes or hangs, an error is one of the statement and no panic that was caught, errors of a search
//! have places in its text, and the SQL that `--explain` prints gives the rows of the search.
#![no_main]

use arrow::util::display::{ArrayFormatter, FormatOptions};
use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tempfile::TempDir;
use trailql::engine::views::ViewCatalog;
use trailql::engine::{
    Engine, EngineError, EngineOptions, Limits, Query, QueryResult, ReferenceData, Scope, Session,
};
use trailql::event::time::TimeRange;
use trailql::export::csv::CsvOptions;
use trailql::lake::Lake;
use trailql::lake::write::WriteMode;
use trailql::ops::ingest::{IngestOptions, ingest};
use trailql::ops::progress::Silent;
use trailql::ops::search::{SearchForm, translate};

/// The lake of all runs.
struct Asked {
    _folder: TempDir,
    engine: Engine,
}

const NOW: &str = "2026-11-10T00:00:00Z";

static ASKED: LazyLock<Asked> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let options = IngestOptions {
        inputs: vec![concat!(env!("CARGO_MANIFEST_DIR"), "/../../slt/events.jsonl").into()],
        lake: lake.clone(),
        memory_limit_bytes: 256 << 20,
        threads: 1,
        now: NOW.parse().unwrap(),
        mode: WriteMode::Durable,
        retry_rejects: false,
        csv: CsvOptions::default(),
    };
    ingest(&options, &Silent).unwrap();
    let lake = Lake::open(&lake).unwrap();
    let options = EngineOptions {
        memory_limit_bytes: 256 << 20,
        owns_process: false,
        threads: 1,
        show_secrets: false,
        redact: false,
        views: Arc::new(ViewCatalog::built_in().unwrap()),
        reference: ReferenceData::default(),
        tuning: true,
    };
    let engine = Engine::open(&lake, &lake.snapshot().unwrap(), &options).unwrap();
    Asked { _folder: folder, engine }
});

fn session() -> Session {
    let scope = Scope { tz: "Asia/Shanghai".parse().unwrap(), now: Some(NOW.parse().unwrap()), ..Scope::default() };
    let limits = Limits { time_limit: Some(Duration::from_secs(20)), ..Limits::default() };
    ASKED.engine.session(&scope, &limits).unwrap()
}

/// The rows of an answer as text, in their order; an error that is a caught panic ends the run.
fn rows(answer: Result<QueryResult, EngineError>) -> Result<Vec<String>, String> {
    let read = |mut answer: QueryResult| {
        let mut rows = Vec::new();
        while let Some(batch) = answer.next_batch()? {
            let options = FormatOptions::default().with_null("NULL");
            let cells = |row: usize| {
                let cell = |column| ArrayFormatter::try_new(column, &options).unwrap().value(row).to_string();
                batch.columns().iter().map(|column| cell(column.as_ref())).collect::<Vec<_>>().join("|")
            };
            rows.extend((0..batch.num_rows()).map(cells));
        }
        Ok(rows)
    };
    answer.and_then(read).map_err(|error| {
        assert!(!matches!(error, EngineError::Crashed(_)), "{error}");
        error.to_string()
    })
}

/// Functions whose values differ from call to call.
const VARYING: [&str; 6] = ["rand", "shuffle", "now", "current", "uuid", "sample"];

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let lower = text.trim_start().to_lowercase();
    if lower.starts_with("select") || lower.starts_with("with") {
        let _ = rows(session().sql(&text));
        return;
    }
    for form in [SearchForm::Rows, SearchForm::Events, SearchForm::Histogram] {
        let search = match translate(&text, form, 100) {
            Ok(search) => search,
            Err(errors) => {
                assert!(!errors.is_empty(), "{text} is refused without an error");
                for error in errors {
                    let span = error.span;
                    assert!(span.start <= span.end && span.end <= text.len(), "{error:?} in {text}");
                }
                continue;
            }
        };
        let (session, range) = (session(), TimeRange::default());
        let Query::Statement(statement) = search.query_over(range) else { continue };
        let answer = rows(session.statement(*statement));
        if VARYING.iter().any(|name| lower.contains(name)) {
            continue;
        }
        let printed = search.explain(range);
        match (answer, rows(session.sql(&printed))) {
            (Ok(mut answer), Ok(mut explained)) => {
                answer.sort_unstable();
                explained.sort_unstable();
                assert_eq!(answer, explained, "{text}\n{printed}");
            }
            (Ok(_), Err(error)) => panic!("{text}\nis answered, and its SQL is not: {error}\n{printed}"),
            (Err(_), _) => {}
        }
    }
});
