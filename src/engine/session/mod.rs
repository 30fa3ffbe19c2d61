//! One scope of a lake as tables that can be asked: a DataFusion session, and the rules by which it takes statements.
//!
//! A session is made for a question, or for the questions of one report. It is cheap: nothing of the lake is read but
//! what the scope counts back from. Views are planned when a statement names them.

mod context;
mod view_order;
mod view_plans;

use super::describe::Function;
use super::memory::Watch;
use super::occurring_names::OccurringNames;
use super::place::located;
use super::query_result::QueryResult;
use super::scope::Lookup;
use super::tables::{TABLES, register, scoped_events};
use super::views::ViewCatalog;
use super::workers::{Deadline, Limits};
use super::{
    Engine, EngineError, EngineOptions, Place, ResolvedScope, Scope, ScopeColumn, Shared, ValueCount, describe,
    functions, in_memory, scan, statement,
};
use crate::deep_stack::on_deep_stack;
use crate::event::field::{FIELDS, Kind};
use crate::event::known_names::KnownNames;
use crate::event::time::{TimeBound, TimeRange};
use crate::geoip::GeoIp;
use crate::lake::manifest::sha256_of_entry;
use crate::lake::storage::Storage;
use arrow::datatypes::SchemaRef;
use chrono::{DateTime, Utc};
use datafusion::common::ParamValues;
use datafusion::common::config::ConfigNonZeroUsize;
use datafusion::common::tree_node::TreeNode;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{DataFrame, SessionContext};
use datafusion::scalar::ScalarValue;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Ident, ObjectName};
use serde::de::DeserializeOwned;
use std::future::Future;
use std::sync::Arc;

/// Rows of a batch of whole events, which take a few kilobytes each and more.
const ROWS_OF_WHOLE_EVENTS: usize = 512;

/// A parameter of [`Session::rows`].
#[derive(Debug, Clone)]
pub enum Param {
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// An instant.
    Time(DateTime<Utc>),
}

impl From<&Param> for ScalarValue {
    fn from(param: &Param) -> Self {
        match param {
            Param::Text(text) => ScalarValue::Utf8View(Some(text.clone())),
            Param::Int(number) => ScalarValue::Int64(Some(*number)),
            Param::Time(time) => ScalarValue::TimestampMicrosecond(Some(time.timestamp_micros()), Some("UTC".into())),
        }
    }
}

/// Answers statements and views over one scope of a lake. Clones are the same session. The memory of the process is
/// limited for all sessions together that are opened from one, but by [`Session::at`].
#[derive(Clone)]
pub struct Session {
    pub(super) shared: Arc<Shared>,
    pub(super) context: SessionContext,
    scope: ResolvedScope,
    lookup: Lookup,
    limits: Limits,
    watch: Watch,
    views: Arc<ViewCatalog>,
    /// The number of threads that a question may use.
    threads: usize,
    /// The names that occur in scope, where they were read.
    names: Option<Arc<OccurringNames>>,
}

impl Session {
    /// Resolves the scope and registers its tables.
    pub(super) fn open(shared: Arc<Shared>, scope: &Scope, limits: &Limits) -> Result<Self, EngineError> {
        let watch = watch(&shared.options);
        Self::open_watched(shared, scope, limits, watch)
    }

    fn open_watched(shared: Arc<Shared>, scope: &Scope, limits: &Limits, watch: Watch) -> Result<Self, EngineError> {
        let (options, threads) = (&shared.options, shared.options.threads);
        let now = scope.now.unwrap_or_else(Utc::now);
        let context = context::build(scope.tz, now, watch, &options.reference, threads, options.tuning)?;
        let lookup = Lookup::new(scope, &shared.events, &shared.root, &shared.snapshot);
        let (asked, tables) = (lookup.clone(), context.clone());
        let deadline = Deadline::start(limits, watch);
        let scope = shared.workers.run(&deadline, async move { asked.resolve(&tables).await })??;
        register(&context, &shared, &scope)?;
        let views = Arc::clone(&shared.options.views);
        Ok(Self { shared, context, scope, lookup, limits: limits.clone(), watch, views, threads, names: None })
    }

    /// Opens another session on the same version of the lake, with the zone, the present and the limits of this one.
    pub fn with_scope(&self, scope: Scope) -> Result<Self, EngineError> {
        let scope = Scope { tz: self.scope.tz, now: self.scope.now, ..scope };
        let views = Arc::clone(&self.views);
        Ok(Self { views, ..Self::open_watched(Arc::clone(&self.shared), &scope, &self.limits, self.watch)? })
    }

    /// Opens another session on the same scope, in which statements can name these views.
    pub fn with_views(&self, views: Arc<ViewCatalog>) -> Result<Self, EngineError> {
        Ok(Self { views, ..self.reopened()? })
    }

    /// Returns this session with other limits. Both plan together.
    #[must_use]
    pub fn with_limits(&self, limits: Limits) -> Self {
        Self { limits, ..self.clone() }
    }

    /// Returns the limits of a question.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the views that statements can name.
    pub fn views(&self) -> &Arc<ViewCatalog> {
        &self.views
    }

    /// Opens another session on the same scope, without the events of some sources.
    pub fn without_sources(&self, ids: Vec<String>) -> Result<Self, EngineError> {
        self.reopened_on(ResolvedScope { left_out_sources: ids, ..self.scope.clone() })
    }

    /// Opens another session on the same accounts and regions, over another range of time.
    pub fn with_range(&self, range: TimeRange) -> Result<Self, EngineError> {
        self.reopened_on(ResolvedScope { since: range.since, until: range.until, ..self.scope.clone() })
    }

    /// Opens another session on the same scope, for a question that is asked now: functions of the present take this
    /// for it, and what earlier questions have left in memory does not count against it.
    pub fn at(&self, now: DateTime<Utc>) -> Result<Self, EngineError> {
        let anew = Self { watch: watch(&self.shared.options), ..self.clone() };
        anew.reopened_on(ResolvedScope { now: Some(now), ..self.scope.clone() })
    }

    /// Opens another session on the same scope, which plans apart from this one.
    pub fn reopened(&self) -> Result<Self, EngineError> {
        Ok(Self { names: self.names.clone(), ..self.reopened_on(self.scope.clone())? })
    }

    fn reopened_on(&self, scope: ResolvedScope) -> Result<Self, EngineError> {
        let options = &self.shared.options;
        let now = scope.now.unwrap_or_else(Utc::now);
        let context = context::build(scope.tz, now, self.watch, &options.reference, self.threads, options.tuning)?;
        register(&context, &self.shared, &scope)?;
        // Another scope may have other names.
        Ok(Self { context, scope, names: None, ..self.clone() })
    }

    /// Opens another session on the same scope, whose questions may use so many threads: for whoever asks several at
    /// the same time. A plan for one thread is smaller and takes less time in all.
    pub fn with_threads(&self, threads: usize) -> Result<Self, EngineError> {
        Self { threads: threads.max(1), ..self.clone() }.reopened()
    }

    /// Opens another session on the same scope, which reads the names that occur there: views and statements of trailql
    /// that need others are then answered without being planned. It pays for whoever asks many of them.
    pub fn with_names(&self) -> Result<Self, EngineError> {
        let mut answer = self.run(self.plan(&OccurringNames::statement())?)?;
        let names = OccurringNames::read(|| answer.next_batch())?;
        Ok(Self { names: names.map(Arc::new), ..self.reopened()? })
    }

    /// Replaces the parts of a plan of trailql's own that can have no rows.
    fn without_empty_parts(&self, plan: LogicalPlan) -> Result<LogicalPlan, EngineError> {
        match &self.names {
            Some(names) => Ok(on_deep_stack(|| names.without_empty_parts(plan))?),
            None => Ok(plan),
        }
    }

    /// Returns the number of threads that questions may use.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Returns the engine, to ask it in other scopes.
    pub fn engine(&self) -> Engine {
        Engine { shared: Arc::clone(&self.shared) }
    }

    /// Returns the scope with its ends resolved.
    pub fn scope(&self) -> &ResolvedScope {
        &self.scope
    }

    /// Resolves a range as that of the scope is resolved, whatever the range of the scope. Lengths count back from the
    /// newest event of its accounts and regions.
    pub fn range(&self, since: Option<TimeBound>, until: Option<TimeBound>) -> Result<TimeRange, EngineError> {
        let newest = self.scope.newest_event;
        self.look_up(move |lookup, context| async move { lookup.range(&context, newest, since, until).await })
    }

    /// Returns `true` if the accounts and regions in scope have an event in a range, whatever the range of the scope.
    pub fn has_events(&self, range: TimeRange) -> Result<bool, EngineError> {
        self.look_up(move |lookup, context| async move { lookup.has_events(&context, range).await })
    }

    /// Returns the values that events of any time have in a column, beside the values that the scope names of other
    /// columns; the most frequent first.
    pub fn values_in_scope(&self, column: ScopeColumn) -> Result<Vec<ValueCount>, EngineError> {
        self.look_up(move |lookup, context| async move { lookup.values_beside(&context, column).await })
    }

    /// Returns the accounts and regions in scope that have events, whatever the range of the scope. Events after
    /// `newest` count as of the future.
    pub fn places(&self, newest: DateTime<Utc>) -> Result<Vec<Place>, EngineError> {
        let newest = newest.timestamp_micros();
        self.look_up(move |lookup, context| async move { lookup.places(&context, newest).await })
    }

    /// Returns the newest event of the lake, whatever the scope. It is none of the future, unless all are.
    pub fn newest_event_of_lake(&self) -> Result<Option<DateTime<Utc>>, EngineError> {
        let lake = Scope { now: self.scope.now, ..Scope::default() };
        self.look_up(move |lookup, context| async move { lookup.with_scope(lake).newest_event(&context).await })
    }

    /// Returns the number of rows of the table `sources`, whatever the scope.
    pub fn sources(&self) -> u64 {
        self.shared.snapshot.sources.iter().map(|file| file.rows).sum()
    }

    fn look_up<T, F>(&self, look: impl FnOnce(Lookup, SessionContext) -> F) -> Result<T, EngineError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, EngineError>> + Send + 'static,
    {
        self.wait(look(self.lookup.clone(), self.context.clone()))?
    }

    /// Returns the number of the newest manifest entry that brought events, with its SHA-256 where it can be read;
    /// `None` for a temporary lake.
    pub fn content_version(&self) -> Option<(u64, Option<String>)> {
        if self.shared.temporary.is_some() {
            return None;
        }
        let version = self.shared.snapshot.newest_ingest()?;
        Some((version, sha256_of_entry(&Storage::local(&self.shared.root), version)))
    }

    /// Returns `true` if answers show issued keys and passwords.
    pub fn shows_secrets(&self) -> bool {
        self.shared.options.show_secrets
    }

    /// Returns the names of ids and networks, as answers show them.
    pub fn known_names(&self) -> &KnownNames {
        &self.shared.options.reference.known_names
    }

    /// Returns the databases that tell the places of addresses.
    pub fn geoip(&self) -> &GeoIp {
        &self.shared.options.reference.geoip
    }

    /// Answers one SQL statement.
    ///
    /// Tables are `events` (in scope), `undated_events`, `fields` (the columns of events), `sources`, `rejects`,
    /// `copies`, `runs`, `files`, and every view by its name. `DESCRIBE events` shows the field table.
    pub fn sql(&self, sql: &str) -> Result<QueryResult, EngineError> {
        on_deep_stack(|| {
            let statement = statement::parse(sql)?;
            let parsed = statement.clone();
            self.statement(statement).map_err(|error| located(error, &parsed, sql))
        })
    }

    /// Answers one statement that is a syntax tree already, as another language makes it. Nothing in it is rewritten.
    pub fn statement(&self, statement: Statement) -> Result<QueryResult, EngineError> {
        if describe::lists_tables(&statement) {
            return self.run(scan("tables", in_memory(describe::tables(&self.views)?)?)?.build()?);
        }
        match self.plan_statement(statement, &mut Vec::new())? {
            plan @ (LogicalPlan::Explain(_) | LogicalPlan::Analyze(_)) => {
                let mut batches = Vec::new();
                let mut rows = self.run(plan)?;
                while let Some(batch) = rows.next_batch()? {
                    batches.push(batch);
                }
                self.run(scan("plan", in_memory(describe::plan_lines(&batches)?)?)?.build()?)
            }
            LogicalPlan::DescribeTable(described) if described.schema.field_with_name("content_identity").is_ok() => {
                self.run(self.plan("SELECT * FROM fields")?)
            }
            plan => self.run(plan),
        }
    }

    /// Answers one SQL statement with parameters (`$name` in the text) and reads each row as a `T` by column name.
    ///
    /// Times arrive as RFC 3339 text with an offset, dates as `YYYY-MM-DD`.
    pub fn rows<T: DeserializeOwned>(&self, sql: &str, params: &[(&str, Param)]) -> Result<Vec<T>, EngineError> {
        let mut rows = Vec::new();
        self.each_row(sql, params, |row| rows.push(row))?;
        Ok(rows)
    }

    /// Calls `take` with one row after the other, so that an answer of any size passes through. See [`Session::rows`].
    pub fn each_row<T: DeserializeOwned>(
        &self,
        sql: &str,
        params: &[(&str, Param)],
        take: impl FnMut(T),
    ) -> Result<(), EngineError> {
        self.sql_with(sql, params)?.each_row(take)
    }

    /// Answers one SQL statement with parameters (`$name` in the text).
    pub fn sql_with(&self, sql: &str, params: &[(&str, Param)]) -> Result<QueryResult, EngineError> {
        let values: Vec<(String, ScalarValue)> =
            params.iter().map(|(name, param)| ((*name).to_owned(), param.into())).collect();
        let plan = self.plan(sql)?.with_param_values(ParamValues::from(values))?;
        self.run(self.without_empty_parts(plan)?)
    }

    /// Returns the tables that are no views, with descriptions of their rows.
    pub fn tables() -> [(&'static str, &'static str); TABLES.len()] {
        TABLES
    }

    /// Returns the functions that statements can call, by their names.
    pub fn functions(&self) -> Vec<Function> {
        describe::functions(&self.context.state())
    }

    /// Returns the columns of a table or view.
    pub fn columns(&self, table: &str) -> Result<SchemaRef, EngineError> {
        if self.views.get(table).is_some() {
            return self.view_columns(table);
        }
        let named = ObjectName::from(vec![Ident::with_quote('"', table)]);
        let plan = self.plan(&format!("SELECT * FROM {named}"))?;
        Ok(Arc::clone(plan.schema().inner()))
    }

    /// Plans one statement, after the views that it names.
    pub(super) fn plan(&self, sql: &str) -> Result<LogicalPlan, EngineError> {
        self.plan_statement(statement::parse(sql)?, &mut Vec::new())
    }

    /// Plans a statement; `view_stack` are the views whose planning led here.
    pub(super) fn plan_statement<'s>(
        &'s self,
        statement: Statement,
        view_stack: &mut Vec<&'s str>,
    ) -> Result<LogicalPlan, EngineError> {
        on_deep_stack(|| self.plan_here(statement, view_stack))
    }

    fn plan_here<'s>(
        &'s self,
        mut statement: Statement,
        view_stack: &mut Vec<&'s str>,
    ) -> Result<LogicalPlan, EngineError> {
        if !is_query(&statement) {
            // Checked before names are looked up: the table that a statement would make is not there yet.
            return Err(EngineError::NotAQuestion(statement.to_string()));
        }
        self.plan_views(&mut statement, view_stack)?;
        let state = self.context.state();
        let plan = self.wait(async move { state.statement_to_plan(statement).await })?;
        let plan = plan.map_err(|error| self.explain(error))?;
        let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        options.verify_plan(&plan).map_err(|error| EngineError::NotAQuestion(EngineError::from(error).to_string()))?;
        Ok(plan)
    }

    /// Plans the events in scope with their secrets.
    pub(super) fn unmasked_events(&self) -> Result<LogicalPlan, EngineError> {
        scoped_events(&self.shared.events, self.scope.filters(), self.scope.tz, None)
    }

    /// Turns an error of DataFusion into ours, with the names of this session that are similar.
    pub(super) fn explain(&self, error: DataFusionError) -> EngineError {
        let state = self.context.state();
        EngineError::from_planning(error, || {
            let scalar = state.scalar_functions().keys();
            let names = scalar.chain(state.aggregate_functions().keys()).chain(state.window_functions().keys());
            names.filter(|name| !functions::is_internal(name)).cloned().collect()
        })
    }

    /// Starts a plan.
    pub(super) fn run(&self, plan: LogicalPlan) -> Result<QueryResult, EngineError> {
        let mut state = self.context.state();
        if sorts_whole_events(&plan)? {
            let rows = ConfigNonZeroUsize::try_new(ROWS_OF_WHOLE_EVENTS)?;
            state.config_mut().options_mut().execution.batch_size = rows;
        }
        let deadline = self.deadline();
        let stream = self.wait(async move { DataFrame::new(state, plan).execute_stream().await })?;
        let stream = stream.map_err(|error| self.explain(error))?;
        QueryResult::start(&self.shared, deadline, stream)
    }

    fn deadline(&self) -> Deadline {
        Deadline::start(&self.limits, self.watch)
    }

    /// Waits for work that a worker does.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, EngineError> {
        self.shared.workers.run(&self.deadline(), work)
    }
}

fn watch(options: &EngineOptions) -> Watch {
    Watch::new(options.memory_limit_bytes, options.owns_process)
}

/// Returns `true` for plans that sort whole events, or most of their columns. Their batches are kept small, since a
/// sort that merges what it spilled holds one of each part.
fn sorts_whole_events(plan: &LogicalPlan) -> Result<bool, EngineError> {
    let is_wide = |name: &str| FIELDS.iter().any(|field| field.column == name && field.kind == Kind::Json);
    Ok(plan.exists(|node| {
        let LogicalPlan::Sort(sort) = node else { return Ok(false) };
        Ok(sort.input.schema().fields().iter().filter(|field| is_wide(field.name())).count() > 2)
    })?)
}

/// Returns `true` for statements that read only. What they hold inside is checked on the plan.
fn is_query(statement: &Statement) -> bool {
    use datafusion::sql::sqlparser::ast::Statement as Sql;
    match statement {
        Statement::Statement(sql) => matches!(
            sql.as_ref(),
            Sql::Query(_)
                | Sql::Explain { .. }
                | Sql::ExplainTable { .. }
                | Sql::ShowTables { .. }
                | Sql::ShowColumns { .. }
                | Sql::ShowFunctions { .. }
                | Sql::ShowVariable { .. }
        ),
        Statement::Explain(explain) => is_query(&explain.statement),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{EngineOptions, ReferenceData};
    use arrow::datatypes::DataType;
    use datafusion::logical_expr::{Volatility, create_udf};

    #[test]
    fn a_panic_is_an_error_and_the_next_question_is_answered() {
        let options = EngineOptions {
            memory_limit_bytes: 64 << 20,
            owns_process: false,
            threads: 2,
            show_secrets: false,
            redact: false,
            views: Arc::default(),
            reference: ReferenceData::default(),
            tuning: true,
        };
        let session = Engine::empty(&options).unwrap().session(&Scope::default(), &Limits::default()).unwrap();
        let explode = Arc::new(|_: &[_]| panic!("boom"));
        let (int, volatile) = (DataType::Int64, Volatility::Volatile);
        session.context.register_udf(create_udf("explode", vec![int.clone()], int, volatile, explode));
        for sql in [
            "SELECT explode(1)",
            "SELECT explode(value) FROM generate_series(1, 3)",
            "SELECT value, sum(explode(value)) FROM generate_series(1, 100000) GROUP BY value",
            "SELECT a.value FROM generate_series(1, 9) a JOIN generate_series(1, 9) b ON explode(a.value) = b.value",
        ] {
            let read = session.sql(sql).and_then(|mut answer| answer.next_batch());
            let error = read.unwrap_err();
            assert!(matches!(&error, EngineError::Crashed(said) if said.contains("boom")), "{sql}: {error}");
        }
        assert_eq!(session.rows::<serde_json::Value>("SELECT 1 AS x", &[]).unwrap()[0]["x"], 1);
    }
}
