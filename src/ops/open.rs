//! Opens a lake, or exports read into a temporary lake, in one scope.

use super::OpsError;
use super::ingest::{IngestOptions, IngestOutcome, ingest};
use super::progress::Progress;
use super::scope::{self, Notice};
use crate::engine::views::ViewCatalog;
use crate::engine::{Engine, EngineError, EngineOptions, Limits, Query, ResolvedScope, Scope, Session};
use crate::event::field::FieldSet;
use crate::event::known_names::KnownNames;
use crate::event::time::TimeRange;
use crate::export::csv::CsvOptions;
use crate::geoip::GeoIp;
use crate::lake::write::WriteMode;
use crate::lake::{self, Lake};
use chrono::{DateTime, Utc};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A place that events come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A lake.
    Lake(PathBuf),
    /// Exports, read straight away.
    Exports {
        /// Files, folders, globs, or `-` for standard input.
        inputs: Vec<PathBuf>,
        /// Notation of CSV that the user gives.
        csv: CsvOptions,
    },
}

/// Options of whatever reads events.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// The place that events come from.
    pub source: Source,
    /// The part of them that is seen.
    pub scope: Scope,
    /// Memory, threads and secrets.
    pub engine: EngineOptions,
    /// The longest time that an answer may take; `None` means as long as it takes.
    pub time_limit: Option<Duration>,
    /// The present, for events of the future.
    pub now: DateTime<Utc>,
}

/// Events in one scope, with all their fields, and an account of how they were opened.
///
/// A query has [`prepare`](super::query::prepare): of exports it reads no more than the query needs.
pub struct Opened {
    session: Session,
    ingested: Option<IngestOutcome>,
}

impl From<Session> for Opened {
    /// Takes a session that is open already.
    fn from(session: Session) -> Self {
        Self { session, ingested: None }
    }
}

impl Opened {
    /// Opens what the options name.
    ///
    /// Exports go through a temporary lake, so that they are de-duplicated, pruned and bounded in memory like
    /// everything else. The lake goes with the last session and result on it. A scope of which no account, or no
    /// region, exists is an error.
    pub fn open(options: &OpenOptions, progress: &dyn Progress) -> Result<Self, OpsError> {
        Self::for_query(options, None, progress)
    }

    /// Opens what the options name, with the fields that a query needs.
    pub(super) fn for_query(
        options: &OpenOptions,
        query: Option<&Query>,
        progress: &dyn Progress,
    ) -> Result<Self, OpsError> {
        let scope = Scope { now: options.scope.now.or(Some(options.now)), ..options.scope.clone() };
        scope.check().map_err(EngineError::from)?;
        let (engine, ingested) = match &options.source {
            Source::Lake(root) => {
                let lake = Lake::open(root)?;
                (Engine::open(&lake, &lake.snapshot()?, &options.engine)?, None)
            }
            Source::Exports { inputs, csv } => {
                // A wrong query should not cost the reading of the exports first.
                let fields = query.map_or(Ok(FieldSet::ALL), |query| query.fields(&options.engine, &scope))?;
                let (engine, outcome) = read_exports(inputs, csv, fields, options, progress)?;
                (engine, Some(outcome))
            }
        };
        let limits = Limits { stop: progress.stop_signal(), time_limit: options.time_limit };
        let session = engine.session(&scope, &limits)?;
        scope::check_values(&session)?;
        Ok(Self { session, ingested })
    }

    /// Returns the session, for the use cases alone: front ends ask through them.
    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Returns the scope with its ends resolved.
    pub fn scope(&self) -> &ResolvedScope {
        self.session.scope()
    }

    /// Returns the names of ids and networks, as answers show them.
    pub fn known_names(&self) -> &KnownNames {
        self.session.known_names()
    }

    /// Opens the same version of what was opened in another scope. A scope of which no account, or no region, exists is
    /// an error.
    pub(super) fn in_scope(&self, scope: &Scope) -> Result<Self, OpsError> {
        scope.check().map_err(EngineError::from)?;
        let views = Arc::clone(self.session.views());
        let session = self.session.engine().session(scope, self.session.limits())?.with_views(views)?;
        scope::check_values(&session)?;
        Ok(Self { session, ingested: self.ingested.clone() })
    }

    /// Opens the same scope at another present.
    pub(super) fn at(&self, now: DateTime<Utc>) -> Result<Self, OpsError> {
        Ok(Self { session: self.session.at(now)?, ingested: self.ingested.clone() })
    }

    /// Opens the same scope, in which statements can name these views.
    pub(super) fn with_views(&self, views: Arc<ViewCatalog>) -> Result<Self, OpsError> {
        Ok(Self { session: self.session.with_views(views)?, ingested: self.ingested.clone() })
    }

    /// Opens the same version of the lake in the same regions, for one account and all times.
    pub fn of_account(&self, account: &str) -> Result<Self, OpsError> {
        let regions = self.scope().regions.clone();
        let scope = Scope { accounts: vec![account.to_owned()], regions, ..Scope::default() };
        Ok(Self { session: self.session.with_scope(scope)?, ingested: None })
    }

    /// Returns the databases that tell the places of addresses.
    pub fn geoip(&self) -> &GeoIp {
        self.session.geoip()
    }

    /// Returns the account of reading the exports; `None` for a lake.
    pub fn ingested(&self) -> Option<&IngestOutcome> {
        self.ingested.as_ref()
    }

    /// Tells what whoever reads an answer should know of the scope, and of a range of it.
    pub fn notices(&self, range: TimeRange) -> Result<Vec<Notice>, OpsError> {
        Ok(scope::notices(&self.session, range)?)
    }
}

/// Reads exports into a temporary lake.
fn read_exports(
    inputs: &[PathBuf],
    csv: &CsvOptions,
    fields: FieldSet,
    options: &OpenOptions,
    progress: &dyn Progress,
) -> Result<(Engine, IngestOutcome), OpsError> {
    let temporary = lake::private_folder().map_err(OpsError::Temporary)?;
    let ingest_options = IngestOptions {
        inputs: inputs.to_vec(),
        lake: temporary.path().join("lake"),
        memory_limit_bytes: options.engine.memory_limit_bytes,
        threads: options.engine.threads,
        now: options.now,
        mode: WriteMode::Ephemeral { fields },
        retry_rejects: false,
        csv: csv.clone(),
    };
    let outcome = ingest(&ingest_options, progress)?;
    if outcome.files_left > 0 {
        return Err(EngineError::Stopped.into());
    }
    if outcome.found_no_events() {
        return Err(outcome.no_events());
    }
    let lake = Lake::open(&ingest_options.lake)?;
    let engine = Engine::open_temporary(&lake, &lake.snapshot()?, &options.engine, temporary)?;
    Ok((engine, outcome))
}
