//! Answers one query: a view or a statement, over a lake or straight over exports.
//!
//! A query is given once. [`prepare`] opens its source for it, with the fields that it needs, and [`Prepared::run`]
//! answers it; between the two a front end can say what it answers over. Limits and the signal to stop come with the
//! options, so the command line, a shell and a console answer alike.

use super::OpsError;
use super::ingest::IngestOutcome;
use super::open::{OpenOptions, Opened};
use super::progress::Progress;
use super::scope::Notice;
use crate::deep_stack::on_deep_stack;
use crate::engine::{Events, Histogram, Query, QueryResult, ResolvedScope, Session, ViewForm};
use crate::event::time::TimeRange;

/// A query whose source is open.
pub struct Prepared {
    opened: Opened,
    /// Another session than that of the scope, where the query reads more events than its scope has.
    session: Option<Session>,
    query: Query,
}

/// The answer to a query. It may outlive what it was prepared with.
pub enum Output {
    /// Rows, in batches.
    Rows(QueryResult),
    /// Rows counted by time.
    Histogram(Histogram),
    /// Whole events as JSON.
    Events(Events),
}

/// Opens the source of a query. Of exports, it reads the fields that the query needs.
pub fn prepare(options: &OpenOptions, query: Query, progress: &dyn Progress) -> Result<Prepared, OpsError> {
    let opened = Opened::for_query(options, Some(&query), progress)?;
    Ok(Prepared { opened, session: None, query })
}

impl Prepared {
    /// Returns the scope with its ends resolved.
    pub fn scope(&self) -> &ResolvedScope {
        self.opened.scope()
    }

    /// Returns the account of reading the exports; `None` for a lake.
    pub fn ingested(&self) -> Option<&IngestOutcome> {
        self.opened.ingested()
    }

    /// Tells what whoever reads the answer should know of the scope.
    pub fn notices(&self) -> Result<Vec<Notice>, OpsError> {
        self.opened.notices(self.scope().range())
    }

    /// Takes another query in the place of the first, over events of a wider range. The scope stays as it is.
    pub(super) fn over(self, range: TimeRange, query: Query) -> Result<Self, OpsError> {
        let session = self.opened.session().with_range(range)?;
        Ok(Self { session: Some(session), query, ..self })
    }

    /// Starts to answer.
    pub fn run(&self) -> Result<Output, OpsError> {
        ask(self.session.as_ref().unwrap_or_else(|| self.opened.session()), &self.query)
    }
}

/// Asks a session a query.
pub(super) fn ask(session: &Session, query: &Query) -> Result<Output, OpsError> {
    on_deep_stack(|| ask_here(session, query))
}

fn ask_here(session: &Session, query: &Query) -> Result<Output, OpsError> {
    Ok(match query {
        Query::Sql(sql) => Output::Rows(session.sql(sql)?),
        Query::Statement(statement) => Output::Rows(session.statement(statement.as_ref().clone())?),
        Query::Events(statement) => Output::Events(session.events(statement.as_ref().clone())?),
        Query::Histogram(statement) => Output::Histogram(session.statement_histogram(statement.as_ref().clone())?),
        Query::View(view, ViewForm::Rows) => Output::Rows(session.view(view)?),
        Query::RefinedView(view, refinement) => Output::Rows(session.refined_view(view, refinement)?),
        Query::View(view, ViewForm::Histogram) => Output::Histogram(session.view_histogram(view)?),
        Query::View(view, ViewForm::Events) => Output::Events(session.view_events(view)?),
    })
}
