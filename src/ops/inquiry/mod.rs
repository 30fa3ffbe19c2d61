//! A source that is opened once and asked many times: for a shell, or a console.
//!
//! Exports are read once, with all their fields, so any question can be asked of them. The scope and the views can
//! change between two questions.
//!
//! The modules below serve whoever types: [`scanner`] cuts a text into statements, [`completion`] tells what can stand
//! at a place of one, of the [`names`] of the source.

pub mod candidates;
pub mod completion;
pub mod keywords;
pub mod lexer;
pub mod names;
pub mod scanner;

use super::OpsError;
use super::ingest::IngestOutcome;
use super::open::{OpenOptions, Opened, Source};
use super::plan_view;
use super::progress::Progress;
use super::query::{Output, ask};
use super::scope::Notice;
use super::search::Search;
use crate::engine::views::{View, ViewCatalog};
use crate::engine::{Engine, EngineError, Function, Limits, Param, Query, ResolvedScope, Scope, Session, StopSignal};
use crate::event::field::{FIELDS, FieldId, by_column};
use crate::export::csv::CsvOptions;
use candidates::Candidate;
use chrono::{DateTime, Utc};
use names::Names;
use std::sync::Arc;
use std::time::Duration;

/// The longest time that a completion waits for the source.
pub const COMPLETION_TIME: Duration = Duration::from_millis(1_500);

/// Values of a column that [`Values::of`] returns, at most.
pub const MAX_VALUES: i64 = 500;

/// Columns of `events` with few values, which people write into conditions.
const FEW_VALUES: [FieldId; 11] = [
    FieldId::AccountId,
    FieldId::AcsRegion,
    FieldId::ErrorCode,
    FieldId::EventName,
    FieldId::EventRw,
    FieldId::EventType,
    FieldId::Outcome,
    FieldId::ServiceName,
    FieldId::UserIdentityType,
    FieldId::UserIdentityUserName,
    FieldId::UserIdentityPrincipalId,
];

/// A source in a scope, which is asked one question after the other.
pub struct Inquiry {
    opened: Opened,
    options: OpenOptions,
}

/// A table or a view, with its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    /// Name.
    pub name: String,
    /// Meaning of its rows.
    pub description: String,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnName {
    /// Name.
    pub name: String,
    /// Type.
    pub data_type: String,
    /// Meaning; empty where it is no column of `events`.
    pub description: String,
}

/// Reads the values of columns, within a limit of time.
#[derive(Clone)]
pub struct Values(Session);

impl Inquiry {
    /// Opens what the options name, with all fields.
    pub fn open(options: OpenOptions, progress: &dyn Progress) -> Result<Self, OpsError> {
        let opened = Opened::open(&options, progress)?;
        Ok(Self { opened, options })
    }

    /// Opens nothing: statements can be planned, and completed.
    pub fn of_nothing(views: Arc<ViewCatalog>) -> Result<Self, OpsError> {
        let engine = plan_view::options(views);
        let session = Engine::empty(&engine)?.session(&Scope::default(), &Limits::default())?;
        let source = Source::Exports { inputs: Vec::new(), csv: CsvOptions::default() };
        let (scope, now) = (Scope::default(), DateTime::default());
        let options = OpenOptions { source, scope, engine, time_limit: None, now };
        Ok(Self { opened: session.into(), options })
    }

    /// Returns what is open, for use cases that take it.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Returns the scope as it was asked for.
    pub fn asked_scope(&self) -> &Scope {
        &self.options.scope
    }

    /// Returns the scope with its ends resolved.
    pub fn scope(&self) -> &ResolvedScope {
        self.opened.scope()
    }

    /// Returns the account of reading the exports; `None` for a lake.
    pub fn ingested(&self) -> Option<&IngestOutcome> {
        self.opened.ingested()
    }

    /// Tells what whoever reads an answer should know of the scope.
    pub fn notices(&self) -> Result<Vec<Notice>, OpsError> {
        self.opened.notices(self.scope().range())
    }

    /// Changes the scope. After an error it is as it was.
    pub fn set_scope(&mut self, scope: Scope) -> Result<(), OpsError> {
        let scope = Scope { now: scope.now.or(Some(self.options.now)), ..scope };
        self.opened = self.opened.in_scope(&scope)?;
        self.options.scope = scope;
        Ok(())
    }

    /// Moves the present, which `now()` tells. The ends of the scope stay.
    pub fn set_present(&mut self, now: DateTime<Utc>) -> Result<(), OpsError> {
        self.opened = self.opened.at(now)?;
        self.options.now = now;
        self.options.scope.now = Some(now);
        Ok(())
    }

    /// Changes the views that statements can name.
    pub fn set_views(&mut self, views: Arc<ViewCatalog>) -> Result<(), OpsError> {
        self.opened = self.opened.with_views(Arc::clone(&views))?;
        self.options.engine.views = views;
        Ok(())
    }

    /// Opens the newest version of the lake. Returns `false` for exports, which have been read.
    pub fn refresh(&mut self, progress: &dyn Progress) -> Result<bool, OpsError> {
        if !matches!(self.options.source, Source::Lake(_)) {
            return Ok(false);
        }
        self.opened = Opened::open(&self.options, progress)?;
        Ok(true)
    }

    /// Starts to answer a query.
    pub fn ask(&self, query: &Query) -> Result<Output, OpsError> {
        ask(self.opened.session(), query)
    }

    /// Starts to answer a search in another scope.
    pub fn search_in(&self, scope: &Scope, search: &Search) -> Result<Output, OpsError> {
        let opened = self.opened.in_scope(scope)?;
        match search.with_range(opened.scope()) {
            Some((events, query)) => ask(&opened.session().with_range(events)?, &query),
            None => ask(opened.session(), &search.query()),
        }
    }

    /// Returns the views that statements can name.
    pub fn views(&self) -> &Arc<ViewCatalog> {
        self.opened.session().views()
    }

    /// Returns the tables that are no views.
    pub fn tables(&self) -> Vec<TableName> {
        let table =
            |(name, description): (&str, &str)| TableName { name: name.into(), description: description.into() };
        Session::tables().into_iter().map(table).collect()
    }

    /// Returns the functions that statements can call.
    pub fn functions(&self) -> Vec<Function> {
        self.opened.session().functions()
    }

    /// Returns the columns of a table or view.
    pub fn columns(&self, table: &str) -> Result<Vec<ColumnName>, OpsError> {
        Ok(columns(self.opened.session(), table)?)
    }

    /// Returns a reader of values for completions, which gives up after a while.
    pub fn values(&self, time_limit: Duration) -> Values {
        let limits = Limits { stop: StopSignal::default(), time_limit: Some(time_limit) };
        Values(self.opened.session().with_limits(limits))
    }
}

impl Values {
    /// Returns `true` for a column of `events` whose values can be listed.
    pub fn has(column: &str) -> bool {
        by_column(column).is_some_and(|id| FEW_VALUES.contains(&id))
    }

    /// Returns the values of a column of `events` in scope, the most frequent first. Secrets are masked in them.
    pub fn of(&self, column: &str) -> Result<Vec<String>, EngineError> {
        if !Self::has(column) {
            return Ok(Vec::new());
        }
        #[derive(serde::Deserialize)]
        struct Row {
            value: String,
        }
        // The column is one of a list of ours.
        let sql = format!(
            "SELECT {column} AS value FROM events WHERE {column} <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT $most"
        );
        let rows: Vec<Row> = self.0.rows(&sql, &[("most", Param::Int(MAX_VALUES))])?;
        Ok(rows.into_iter().map(|row| row.value).collect())
    }

    /// Returns the columns of a table or view.
    pub fn columns(&self, table: &str) -> Result<Vec<ColumnName>, EngineError> {
        columns(&self.0, table)
    }
}

fn columns(session: &Session, table: &str) -> Result<Vec<ColumnName>, EngineError> {
    let described = |name: &str| FIELDS.iter().find(|field| field.column == name).map(|field| field.doc.to_owned());
    let schema = session.columns(table)?;
    let column = |field: &arrow::datatypes::FieldRef| ColumnName {
        name: field.name().clone(),
        data_type: field.data_type().to_string(),
        description: described(field.name()).unwrap_or_default(),
    };
    Ok(schema.fields().iter().map(column).collect())
}

/// Returns the title of a view, and the category and severity that a list shows beside it.
pub fn view_description(view: &View) -> String {
    format!("{} ({}, {})", view.titles.en, view.category, view.severity)
}

/// A place in a statement, where something is typed.
#[derive(Debug, Clone, Copy)]
pub struct Place<'t> {
    /// The text before it that was not typed.
    pub before: &'t str,
    /// The text that is typed, up to the cursor.
    pub typed: &'t str,
    /// The text behind the cursor.
    pub behind: &'t str,
}

/// Returns texts that what is typed can become, with their meanings, where no source is open. They begin as it does, in
/// whatever case.
pub fn complete_sql(place: &Place<'_>, views: Arc<ViewCatalog>) -> Vec<(String, String)> {
    let Place { before, typed, behind } = place;
    let Ok(inquiry) = Inquiry::of_nothing(views) else { return Vec::new() };
    let mut names = Names::of(&inquiry, inquiry.values(COMPLETION_TIME));
    let completed = |candidate: Candidate| {
        let (kept, part) = typed.split_at_checked(candidate.span.start.checked_sub(before.len())?)?;
        let is_beginning = candidate.value.to_lowercase().starts_with(&part.to_lowercase());
        is_beginning.then(|| (format!("{kept}{}", candidate.value), candidate.description))
    };
    let text = format!("{before}{typed}{behind}");
    let found = completion::complete(&text, before.len() + typed.len(), &mut names);
    found.into_iter().filter_map(completed).collect()
}
