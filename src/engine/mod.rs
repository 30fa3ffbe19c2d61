//! Floor 3: queries in, record batches out. The only user of DataFusion sessions.
//!
//! | type | lives as long as | what it is |
//! |---|---|---|
//! | [`Engine`] | the program | one version of a lake, and the threads that read it |
//! | [`Session`] | a question, or the questions of a report | one scope of that lake as tables |
//! | [`QueryResult`], [`Events`] | the reading of an answer | a stream of batches, or of whole events |
//!
//! All of them block, and may be used from an async caller all the same. Each keeps alive what it stands on, so a
//! result can outlive its session.
//!
//! The table `events` is the lake's events with three things done below it: the scope filters them (and so prunes
//! files, row groups and pages), times are in the session's zone, and secrets are masked.

mod describe;
mod distinct_limits;
mod error;
mod event_lineage;
mod functions;
mod histogram;
mod masking;
mod memory;
mod occurring_names;
pub mod output;
mod place;
mod query;
mod query_result;
mod reference;
mod scope;
mod session;
mod statement;
mod stop;
mod stored_event;
mod tables;
mod tuning;
pub mod views;
mod workers;
mod zones;

pub use datafusion::sql::parser::Statement;
pub use describe::Function;
pub use error::EngineError;
pub use histogram::{Bar, Histogram, Outside};
pub use masking::masker_of;
pub use place::SqlPlace;
pub use query::{Query, Refinement, ViewForm, ViewQuery};
pub use query_result::QueryResult;
pub use reference::ReferenceData;
pub use scope::{FutureEvents, Place, ResolvedScope, Scope, ScopeColumn, UnknownValues, ValueCount};
pub use session::{Param, Session};
pub use stop::StopSignal;
pub use stored_event::{Events, StoredEvent};
pub use workers::Limits;

use crate::event::secret::Masker;
use crate::lake::Lake;
use crate::lake::manifest::Snapshot;
use arrow::record_batch::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::common::Column;
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::logical_expr::LogicalPlanBuilder;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tables::LakeTable;
use tempfile::TempDir;
use views::ViewCatalog;
use workers::Workers;

/// Options of an engine, the same for all that it is asked.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Memory that a question may use.
    pub memory_limit_bytes: usize,
    /// Holds all memory of the process against the limit: for a program that answers one question at a time.
    pub owns_process: bool,
    /// Threads that answer a question.
    pub threads: usize,
    /// Shows issued keys and passwords instead of masking them.
    pub show_secrets: bool,
    /// Hides e-mail addresses and telephone numbers too. It is of no use with `show_secrets`.
    pub redact: bool,
    /// The views that statements can name.
    pub views: Arc<ViewCatalog>,
    /// Facts that functions look up.
    pub reference: ReferenceData,
    /// Applies the rules of [`tuning`]. Answers are the same without.
    pub tuning: bool,
}

/// Opens sessions on one version of a lake. Clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

/// The parts of an engine that its sessions and their results keep alive.
struct Shared {
    workers: Workers,
    root: PathBuf,
    snapshot: Snapshot,
    /// Every event of the lake.
    events: Arc<dyn TableProvider>,
    masker: Masker,
    options: EngineOptions,
    /// Removes a temporary lake; last, so that it goes after everything that reads it.
    temporary: Option<TempDir>,
}

impl Engine {
    /// Opens an engine on a version of a lake.
    pub fn open(lake: &Lake, snapshot: &Snapshot, options: &EngineOptions) -> Result<Self, EngineError> {
        Self::over(lake.root(), snapshot, options, None)
    }

    /// Opens an engine on a lake in a temporary folder, which is removed after the last session and its results.
    pub fn open_temporary(
        lake: &Lake,
        snapshot: &Snapshot,
        options: &EngineOptions,
        folder: TempDir,
    ) -> Result<Self, EngineError> {
        Self::over(lake.root(), snapshot, options, Some(folder))
    }

    /// Opens an engine on a lake without files, to plan over.
    pub(crate) fn empty(options: &EngineOptions) -> Result<Self, EngineError> {
        Self::over(Path::new(""), &Snapshot::default(), options, None)
    }

    fn over(
        root: &Path,
        snapshot: &Snapshot,
        options: &EngineOptions,
        temporary: Option<TempDir>,
    ) -> Result<Self, EngineError> {
        let masker = masker_of(root, options.redact);
        let mut options = options.clone();
        if !options.show_secrets {
            options.reference = options.reference.masked(&masker);
        }
        let shared = Shared {
            workers: Workers::start(options.threads)?,
            root: root.to_owned(),
            snapshot: snapshot.clone(),
            events: Arc::new(LakeTable::events(root, snapshot)),
            masker,
            options,
            temporary,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Returns the views that statements can name.
    pub fn views(&self) -> Arc<ViewCatalog> {
        Arc::clone(&self.shared.options.views)
    }

    /// Opens a session that sees one scope of the lake.
    pub fn session(&self, scope: &Scope, limits: &Limits) -> Result<Session, EngineError> {
        Session::open(Arc::clone(&self.shared), scope, limits)
    }
}

/// Names a column as it stands, in whatever case.
fn quoted(name: &str) -> Column {
    Column::new_unqualified(name)
}

fn scan(name: &str, table: Arc<dyn TableProvider>) -> Result<LogicalPlanBuilder, EngineError> {
    Ok(LogicalPlanBuilder::scan(name, provider_as_source(table), None)?)
}

fn in_memory(batch: RecordBatch) -> Result<Arc<dyn TableProvider>, EngineError> {
    Ok(Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?))
}
