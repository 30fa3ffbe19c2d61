//! Floor 3: questions in, record batches out. The only user of DataFusion sessions.
//!
//! [`Engine`] answers SQL and built-in views over one snapshot of a lake. It is a blocking facade over its own Tokio runtime.
// SKELETON: bodies follow

use crate::event::time::TimeBound;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// What part of the lake every view and statement sees.
#[derive(Debug, Clone)]
pub struct Scope {
    pub since: Option<TimeBound>,
    pub until: Option<TimeBound>,
    pub tz: Tz,
    pub accounts: Vec<String>,
    pub regions: Vec<String>,
}

/// A [`Scope`] with its ends resolved against the lake.
#[derive(Debug, Clone)]
pub struct ResolvedScope {
    /// First instant, taken in.
    pub since: Option<DateTime<Utc>>,
    /// End, left out.
    pub until: Option<DateTime<Utc>>,
    pub tz: Tz,
    pub accounts: Vec<String>,
    pub regions: Vec<String>,
    /// Oldest and newest event of the lake (all of it, not only the scope).
    pub oldest_event: Option<DateTime<Utc>>,
    pub newest_event: Option<DateTime<Utc>>,
}

#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("no view named `{name}`")]
    UnknownView { name: String, similar: Vec<String> },
    #[error("no column named `{name}`")]
    UnknownColumn { name: String, similar: Vec<String> },
    #[error("no table or view named `{name}`")]
    UnknownTable { name: String, similar: Vec<String> },
    #[error("{0}")]
    Sql(String),
}

/// How a session is built.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    pub scope: Scope,
    pub memory_limit_bytes: usize,
    pub threads: usize,
    /// Show issued secrets and passwords instead of masking them.
    pub show_secrets: bool,
}

/// Streams the batches of one answer.
pub struct Answer;
impl Answer {
    pub fn schema(&self) -> arrow::datatypes::SchemaRef {
        todo!()
    }
    /// The next batch, `None` at the end.
    pub fn next_batch(&mut self) -> Result<Option<arrow::record_batch::RecordBatch>, EngineError> {
        todo!()
    }
}

pub struct Engine;
impl Engine {
    pub fn scope(&self) -> &ResolvedScope {
        todo!()
    }
    /// Runs one SQL statement. Tables: events (scoped), sources, rejects, runs, files, and every view by name.
    pub fn sql(&self, _sql: &str) -> Result<Answer, EngineError> {
        todo!()
    }
    /// Runs one SQL statement with named parameters (`$name` in the text) and reads every row as a `T` by column name.
    pub fn rows<T: serde::de::DeserializeOwned>(
        &self,
        _sql: &str,
        _params: &[(&str, Param)],
    ) -> Result<Vec<T>, EngineError> {
        todo!()
    }
    /// A built-in view, `params` as typed by the user (`n=5`).
    pub fn view(&self, _name: &str, _params: &[(String, String)]) -> Result<Answer, EngineError> {
        todo!()
    }
}

/// A parameter of [`Engine::rows`].
#[derive(Debug, Clone)]
pub enum Param {
    Text(String),
    Int(i64),
    Time(DateTime<Utc>),
}
