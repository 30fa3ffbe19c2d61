//! Opens an engine on a lake, or on exports read into a temporary lake.

use super::OpsError;
use super::ingest::{IngestOptions, IngestOutcome, ingest};
use super::progress::Progress;
use super::scope;
use crate::engine::{Engine, EngineError, Question, Scope, SessionOptions};
use crate::export::csv::CsvOptions;
use crate::lake::write::WriteMode;
use crate::lake::{self, Lake};
use chrono::{DateTime, Utc};
use std::path::PathBuf;

/// Where events come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A lake.
    Lake(PathBuf),
    /// Exports, read straight away.
    Exports {
        /// Files, folders, globs, or `-` for standard input.
        inputs: Vec<PathBuf>,
        /// What the user says about CSV.
        csv: CsvOptions,
    },
}

/// An engine, and what reading exports came to.
pub struct Opened {
    /// Answers questions.
    pub engine: Engine,
    /// What reading the exports came to; `None` for a lake.
    pub ingested: Option<IngestOutcome>,
}

/// Opens an engine for a question. Exports go through a temporary lake, so that they are de-duplicated, pruned and
/// bounded in memory like everything else; it has the fields that the question needs, and is removed with the engine.
///
/// `now` is also the present of the scope. A scope of which no account, or no region, exists is an error.
pub fn open(
    source: &Source,
    question: Question<'_>,
    session: &SessionOptions,
    now: DateTime<Utc>,
    progress: &dyn Progress,
) -> Result<Opened, OpsError> {
    session.scope.check().map_err(EngineError::from)?;
    let scope = Scope { now: session.scope.now.or(Some(now)), ..session.scope.clone() };
    let session = SessionOptions { scope, ..session.clone() };
    let opened = match source {
        Source::Lake(root) => {
            let lake = Lake::open(root)?;
            let engine = Engine::open(&lake, &lake.snapshot()?, &session)?;
            Opened { engine: engine.with_stop(progress.stop_signal()), ingested: None }
        }
        Source::Exports { inputs, csv } => open_exports(inputs, csv, question, &session, now, progress)?,
    };
    scope::check_values(&opened.engine)?;
    Ok(opened)
}

fn open_exports(
    inputs: &[PathBuf],
    csv: &CsvOptions,
    question: Question<'_>,
    session: &SessionOptions,
    now: DateTime<Utc>,
    progress: &dyn Progress,
) -> Result<Opened, OpsError> {
    // A wrong question should not cost the reading of the exports first.
    let fields = question.fields(session)?;
    let temporary = lake::private_folder().map_err(OpsError::Temporary)?;
    let options = IngestOptions {
        inputs: inputs.to_vec(),
        lake: temporary.path().join("lake"),
        memory_limit_bytes: session.memory_limit_bytes,
        threads: session.threads,
        now,
        mode: WriteMode::Ephemeral { fields },
        retry_rejects: false,
        csv: csv.clone(),
    };
    let outcome = ingest(&options, progress)?;
    if outcome.files_left > 0 {
        return Err(EngineError::Stopped.into());
    }
    if outcome.found_no_events() {
        return Err(outcome.no_events());
    }
    let lake = Lake::open(&options.lake)?;
    let engine = Engine::open_temporary(&lake, &lake.snapshot()?, session, temporary)?;
    Ok(Opened { engine: engine.with_stop(progress.stop_signal()), ingested: Some(outcome) })
}
