//! Floor 3: questions in, record batches out. The only user of DataFusion sessions.
//!
//! [`Engine`] answers SQL and built-in views over one snapshot of a lake. It is a blocking facade over a Tokio runtime
//! of its own, so that no floor above needs to be async.
//!
//! The table `events` that a question sees is the lake's events with three things done below it: the scope filters
//! them (and so prunes files, row groups and pages), times are in the session's time zone, and secrets are masked.
//! Views are planned when a statement names them, not before, so that start-up costs nothing for those that are not
//! used.

mod answer;
mod catalog;
mod describe;
mod error;
mod event_lineage;
mod functions;
mod masking;
mod memory;
pub mod output;
mod question;
mod scope;
mod session;
mod statement;
mod stop;
mod tuning;
pub mod views;
mod zones;

pub use answer::{Answer, Events};
pub use error::{EngineError, similar};
pub use masking::masker_of;
pub use question::Question;
pub use scope::{FutureEvents, ResolvedScope, Scope, ScopeColumn, UnknownValues, ValueCount};
pub use stop::StopSignal;

use crate::event::field::{FIELDS, FieldId, Kind};
use crate::event::identity::{Identity, Keys, Told};
use crate::event::rebuild::rebuild;
use crate::event::record::Event;
use crate::event::secret::Masker;
use crate::event::time::{TimeBound, TimeRange, Zone};
use crate::lake::batch::read_row;
use crate::lake::manifest::{Snapshot, TableFile};
use crate::lake::{Lake, schema};
use answer::Limits;
use arrow::datatypes::{Date32Type, SchemaRef};
use arrow::record_batch::RecordBatch;
use catalog::{FilesTable, LakeTable};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use datafusion::catalog::TableProvider;
use datafusion::common::config::ConfigNonZeroUsize;
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{ParamValues, TableReference};
use datafusion::datasource::{MemTable, ViewTable, provider_as_source};
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan, LogicalPlanBuilder, cast, lit};
use datafusion::prelude::{DataFrame, SessionContext, col};
use datafusion::scalar::ScalarValue;
use datafusion::sql::parser::Statement;
use memory::Watch;
use scope::Lookup;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use views::{View, ViewCatalog};

/// How a session is built.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// What part of the lake is seen.
    pub scope: Scope,
    /// Memory that a question may use.
    pub memory_limit_bytes: usize,
    /// Holds all memory of the process against the limit: for a program that answers one question at a time.
    pub owns_process: bool,
    /// Threads that answer it.
    pub threads: usize,
    /// Shows issued keys and passwords instead of masking them.
    pub show_secrets: bool,
    /// Hides e-mail addresses and telephone numbers too. It is of no use with `show_secrets`.
    pub redact: bool,
    /// How long an answer may take; none means as long as it takes.
    pub time_limit: Option<Duration>,
    /// The views that statements can name.
    pub views: Arc<ViewCatalog>,
    /// Whether the rules of [`tuning`] are on. Answers are the same without.
    pub tuning: bool,
}

/// A parameter of [`Engine::rows`].
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

/// The tables that are no views, and what each holds.
const TABLES: [(&str, &str); 8] = [
    ("events", "Events in scope, one a row"),
    ("undated_events", "Events without a time that can be read, which no range holds"),
    ("fields", "Columns of events, with their SLS names"),
    ("sources", "Files that were read, with what came of each"),
    ("rejects", "Records that could not be read, with the reason"),
    ("copies", "Places at which a stored event was found again"),
    ("runs", "Commits of the lake"),
    ("files", "Data files of the lake"),
];

/// Answers questions over one snapshot of a lake.
pub struct Engine {
    /// `None` only while the engine is dropped.
    runtime: Option<Runtime>,
    context: SessionContext,
    scope: ResolvedScope,
    lookup: Lookup,
    /// The events in scope with their secrets.
    whole: LogicalPlan,
    show_secrets: bool,
    masker: Masker,
    stop: StopSignal,
    time_limit: Option<Duration>,
    watch: Watch,
    /// What the engine was opened on, to open another beside it.
    root: PathBuf,
    snapshot: Snapshot,
    options: SessionOptions,
    /// Removes a temporary lake when the engine goes; last, so that it goes after everything that reads it.
    _temporary: Option<TempDir>,
}

impl Engine {
    /// Opens an engine on what is visible in the lake now.
    pub fn open(lake: &Lake, snapshot: &Snapshot, options: &SessionOptions) -> Result<Self, EngineError> {
        Self::over(lake.root(), snapshot, options)
    }

    fn over(root: &Path, snapshot: &Snapshot, options: &SessionOptions) -> Result<Self, EngineError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(options.threads.max(1))
            .thread_stack_size(STACK_BYTES)
            .enable_time()
            .build()
            .map_err(|error| EngineError::Sql(format!("cannot start threads: {error}")))?;
        let watch = Watch::new(options.memory_limit_bytes, options.owns_process);
        let context = session::build(
            options.scope.tz,
            options.scope.now.unwrap_or_else(Utc::now),
            watch,
            options.threads,
            options.tuning,
        )?;
        let events: Arc<dyn TableProvider> = Arc::new(LakeTable::events(root, snapshot));
        let lookup = Lookup::new(&options.scope, &events, snapshot);
        let scope = runtime.block_on(lookup.resolve(&context))?;
        let masker = masking::masker_of(root, options.redact);
        let shown = (!options.show_secrets).then_some(&masker);
        for (name, filters) in [("events", scope.filters()), ("undated_events", scope.undated_filters())] {
            let scoped = scoped_events(&events, filters, scope.tz, shown)?;
            context.register_table(name, Arc::new(ViewTable::new(scoped, None)))?;
        }
        let whole = scoped_events(&events, scope.filters(), scope.tz, None)?;
        let table = |files, schema| table_with_version(root, files, schema);
        context.register_table("sources", table(&snapshot.sources, schema::sources())?)?;
        for (name, files, schema) in
            [("rejects", &snapshot.rejects, schema::rejects()), ("copies", &snapshot.copies, schema::copies())]
        {
            let readings = newest_readings(table(files, schema)?, snapshot)?;
            let readings = match shown.filter(|_| name == "rejects") {
                Some(masker) => masking::rejects(readings, masker)?,
                None => readings,
            };
            context.register_table(name, readings)?;
        }
        for (name, batch) in [("runs", catalog::runs(snapshot)?), ("fields", describe::fields()?)] {
            context.register_table(name, in_memory(batch)?)?;
        }
        context.register_table("files", Arc::new(FilesTable::new(snapshot)))?;
        Ok(Self {
            runtime: Some(runtime),
            context,
            scope,
            lookup,
            whole,
            show_secrets: options.show_secrets,
            masker,
            stop: StopSignal::default(),
            time_limit: options.time_limit,
            watch,
            root: root.to_owned(),
            snapshot: snapshot.clone(),
            options: options.clone(),
            _temporary: None,
        })
    }

    /// Opens another engine on the same version of the lake, which sees another part of it in the same zone, at the same
    /// present. On a temporary lake it is of use as long as this engine is there.
    pub fn with_scope(&self, scope: Scope) -> Result<Self, EngineError> {
        let scope = Scope { tz: self.scope.tz, now: self.options.scope.now, ..scope };
        let options = SessionOptions { scope, ..self.options.clone() };
        Ok(Self::over(&self.root, &self.snapshot, &options)?.with_stop(self.stop.clone()))
    }

    /// Opens an engine on a lake in a temporary folder, which is removed with the engine.
    pub fn open_temporary(
        lake: &Lake,
        snapshot: &Snapshot,
        options: &SessionOptions,
        folder: TempDir,
    ) -> Result<Self, EngineError> {
        let mut engine = Self::open(lake, snapshot, options)?;
        engine._temporary = Some(folder);
        Ok(engine)
    }

    /// Gives up questions when somebody asks to stop.
    pub fn with_stop(mut self, stop: StopSignal) -> Self {
        self.stop = stop;
        self
    }

    /// What part of the lake is seen, its ends resolved.
    pub fn scope(&self) -> &ResolvedScope {
        &self.scope
    }

    /// The present that events of the future are told by, where it is known.
    pub fn now(&self) -> Option<DateTime<Utc>> {
        self.options.scope.now
    }

    /// Resolves a range as that of the scope is resolved, whatever the range of the scope: lengths count back from the
    /// newest event of its accounts and regions.
    pub fn range(&self, since: Option<TimeBound>, until: Option<TimeBound>) -> Result<TimeRange, EngineError> {
        self.runtime()?.block_on(self.lookup.range(&self.context, self.scope.newest_event, since, until))
    }

    /// Returns `true` if the accounts and regions in scope have an event in a range, whatever the range of the scope.
    pub fn has_events(&self, range: TimeRange) -> Result<bool, EngineError> {
        self.runtime()?.block_on(self.lookup.has_events(&self.context, range))
    }

    /// Returns the values that events of any time have in a column, beside the values that the scope names of other
    /// columns; the most frequent first.
    pub fn values_in_scope(&self, column: ScopeColumn) -> Result<Vec<ValueCount>, EngineError> {
        self.runtime()?.block_on(self.lookup.values_beside(&self.context, column))
    }

    /// True where answers show issued keys and passwords.
    pub fn shows_secrets(&self) -> bool {
        self.show_secrets
    }

    /// Answers one SQL statement. Tables are `events` (in scope), `fields` (its columns), `sources`, `rejects`,
    /// `copies`, `runs`, `files`, and every view by its name. `DESCRIBE events` tells what the field table knows of each
    /// column.
    pub fn sql(&self, sql: &str) -> Result<Answer<'_>, EngineError> {
        let statement = statement::parse(sql)?;
        if describe::lists_tables(&statement) {
            return self.run(scan("tables", in_memory(describe::tables(&self.options.views)?)?)?.build()?);
        }
        match self.plan_statement(statement, &mut Vec::new())? {
            plan @ (LogicalPlan::Explain(_) | LogicalPlan::Analyze(_)) => {
                let mut batches = Vec::new();
                let mut answer = self.run(plan)?;
                while let Some(batch) = answer.next_batch()? {
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

    /// As [`Engine::rows`], but calls `take` with one row after the other, so that an answer of any size passes through.
    pub fn each_row<T: DeserializeOwned>(
        &self,
        sql: &str,
        params: &[(&str, Param)],
        take: impl FnMut(T),
    ) -> Result<(), EngineError> {
        let values: Vec<(String, ScalarValue)> =
            params.iter().map(|(name, param)| ((*name).to_owned(), param.into())).collect();
        let plan = self.plan(sql)?.with_param_values(ParamValues::from(values))?;
        self.run(plan)?.each_row(take)
    }

    /// Answers with a built-in view; `params` are as the user typed them.
    pub fn view(&self, name: &str, params: &[(String, String)]) -> Result<Answer<'_>, EngineError> {
        let plan = self.view_plan(self.options.views.find(name)?, params)?;
        self.run(plan)
    }

    /// Counts a view's rows by time: by hour in a range of up to three days, else by day. Columns `bucket`, `events`.
    pub fn view_histogram(&self, name: &str, params: &[(String, String)]) -> Result<Answer<'_>, EngineError> {
        use datafusion::functions_aggregate::expr_fn::{count, max, min};
        let plan = self.view_plan_with(name, params, FieldId::EventTime.column(), "a histogram")?;
        let time = || col(FieldId::EventTime.column());
        let ends = vec![min(time()).alias("first"), max(time()).alias("last")];
        let ends = LogicalPlanBuilder::from(plan.clone()).aggregate(Vec::<Expr>::new(), ends)?.build()?;
        let ends: Vec<Ends> = self.run(ends)?.rows()?;
        let length = ends.first().and_then(Ends::length).unwrap_or_default();
        let unit = if length <= TimeDelta::days(3) { "hour" } else { "day" };
        let bucket = functions::time::date_trunc().call(vec![lit(unit), time()]).alias("bucket");
        let histogram = LogicalPlanBuilder::from(plan)
            .aggregate(vec![bucket], vec![count(lit(1)).alias("events")])?
            .sort(vec![col("bucket").sort(true, false)])?
            .build()?;
        self.run(histogram)
    }

    /// The whole events behind a view's rows, as JSON, in the order of their time.
    pub fn view_events(&self, name: &str, params: &[(String, String)]) -> Result<Events<'_>, EngineError> {
        let id = FieldId::EventId.column();
        let plan = self.view_plan_with(name, params, id, "whole events")?;
        let column = plan.schema().columns().into_iter().find(|column| column.name == id).unwrap_or_else(|| quoted(id));
        let whole = match event_lineage::whole_events(&plan, &column)? {
            Some(whole) => whole,
            // An id that does not stand for one row of events is looked up.
            None => {
                let ids = LogicalPlanBuilder::from(plan).project(vec![Expr::Column(column)])?.build()?;
                let events = self.runtime()?.block_on(self.context.table("events"))?.into_unoptimized_plan();
                LogicalPlanBuilder::from(events).join(ids, JoinType::LeftSemi, (vec![id], vec![id]), None)?.build()?
            }
        };
        let keys = [FieldId::EventTime, FieldId::EventId, FieldId::SourceId, FieldId::SourceRecord];
        let order: Vec<_> = keys.iter().map(|id| col(quoted(id.column())).sort(true, false)).collect();
        Ok(Events::of(self.run(LogicalPlanBuilder::from(whole).sort(order)?.build()?)?))
    }

    /// The whole events with this id, as JSON, each with the source, the record and the offset it was read at.
    pub fn events_by_id(&self, event_id: &str) -> Result<Vec<StoredEvent>, EngineError> {
        let sql = "SELECT * FROM events WHERE event_id = $id ORDER BY event_time, source_id, source_record";
        let id = vec![("id".to_owned(), ScalarValue::Utf8View(Some(event_id.to_owned())))];
        let plan = self.plan(sql)?.with_param_values(ParamValues::from(id))?;
        let mut events = Vec::new();
        let mut answer = self.run(plan)?;
        while let Some(batch) = answer.next_batch()? {
            for row in 0..batch.num_rows() {
                let event = read_row(&batch, row);
                events.push(StoredEvent {
                    identities: identities(&event),
                    json: rebuild(&event),
                    source_id: event.text(FieldId::SourceId).unwrap_or_default().to_owned(),
                    record: event.int(FieldId::SourceRecord).unwrap_or_default(),
                    offset: event.int(FieldId::SourceOffset).unwrap_or_default(),
                });
            }
        }
        Ok(events)
    }

    /// Calls `take` with every event in scope, whole and with its secrets, by day (UTC) and in it by time.
    ///
    /// One day is sorted at a time, and what does not fit into memory is spilled, so that memory does not grow with the
    /// events. Events without a time come last.
    pub fn each_event<E: From<EngineError>>(&self, mut take: impl FnMut(&Event<'_>) -> Result<(), E>) -> Result<(), E> {
        let days: Vec<DayOnly> = self.rows("SELECT DISTINCT event_date FROM files ORDER BY 1 NULLS LAST", &[])?;
        for day in days {
            let mut answer = self.events_of_day(day.event_date.as_deref())?;
            while let Some(batch) = answer.next_batch()? {
                for row in 0..batch.num_rows() {
                    take(&read_row(&batch, row))?;
                }
            }
        }
        Ok(())
    }

    fn events_of_day(&self, day: Option<&str>) -> Result<Answer<'_>, EngineError> {
        let day = day.map(|day| day.parse::<NaiveDate>().map(Date32Type::from_naive_date));
        let day = day.transpose().map_err(|error| EngineError::Sql(error.to_string()))?;
        let column = || col(schema::EVENT_DATE);
        let of_day = day.map_or_else(|| column().is_null(), |day| column().eq(lit(ScalarValue::Date32(Some(day)))));
        let keys = [FieldId::EventTime, FieldId::EventId, FieldId::SourceId, FieldId::SourceRecord];
        let order: Vec<_> = keys.iter().map(|id| col(quoted(id.column())).sort(true, false)).collect();
        let plan = LogicalPlanBuilder::from(self.whole.clone()).filter(of_day)?.sort(order)?.build()?;
        self.run(plan)
    }

    /// Plans one statement, after the views that it names.
    fn plan(&self, sql: &str) -> Result<LogicalPlan, EngineError> {
        self.plan_statement(statement::parse(sql)?, &mut Vec::new())
    }

    /// Plans a statement; `view_stack` are the views whose planning led here.
    fn plan_statement<'e>(
        &'e self,
        mut statement: Statement,
        view_stack: &mut Vec<&'e str>,
    ) -> Result<LogicalPlan, EngineError> {
        if !is_question(&statement) {
            // Said before names are looked up: the table that a statement would make is not there yet.
            return Err(EngineError::NotAQuestion(statement.to_string()));
        }
        let (views, in_view) = (&self.options.views, !view_stack.is_empty());
        for call in statement::view_calls(&mut statement, |name| views.visible(name, in_view).is_some())? {
            if let Some(view) = views.visible(&call.view, in_view) {
                self.plan_view(view, &call.params, &call.table, view_stack)?;
            }
        }
        self.plan_views(&statement, view_stack)?;
        let state = self.context.state();
        let plan = self.wait(async move { state.statement_to_plan(statement).await })?;
        let plan = plan.map_err(|error| self.explain(error))?;
        let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        options.verify_plan(&plan).map_err(|error| EngineError::NotAQuestion(EngineError::from(error).to_string()))?;
        Ok(plan)
    }

    /// Registers every view that a statement names and that is not registered yet.
    fn plan_views<'e>(&'e self, statement: &Statement, view_stack: &mut Vec<&'e str>) -> Result<(), EngineError> {
        let state = self.context.state();
        for reference in state.resolve_table_references(statement)? {
            let TableReference::Bare { table } = &reference else { continue };
            let visible = self.options.views.visible(table, !view_stack.is_empty());
            let is_known =
                self.context.table_exist(reference.clone())? || state.table_functions().contains_key(table.as_ref());
            if is_known && (visible.is_some() || self.options.views.get(table).is_none()) {
                continue;
            }
            let Some(view) = visible else {
                let names = self.options.views.names();
                let similar = similar(table, names.chain(TABLES.iter().map(|(name, _)| *name)));
                return Err(EngineError::UnknownTable { name: table.to_string(), similar });
            };
            self.plan_view(view, &[], &view.name, view_stack)?;
        }
        Ok(())
    }

    /// Registers a view with parameters as a table of this name.
    fn plan_view<'e>(
        &'e self,
        view: &'e View,
        params: &[(String, String)],
        table: &str,
        view_stack: &mut Vec<&'e str>,
    ) -> Result<(), EngineError> {
        if view_stack.contains(&view.name.as_str()) {
            return Err(EngineError::RecursiveView(view.name.clone()));
        }
        let params = view.bind(params)?;
        // A call with the same parameters is the same table.
        if self.context.table_exist(TableReference::bare(table))? {
            return Ok(());
        }
        view_stack.push(&view.name);
        let plan = self.plan_statement(view.statement(&params)?, view_stack)?.with_param_values(params.values())?;
        view_stack.pop();
        self.context.register_table(TableReference::bare(table), Arc::new(ViewTable::new(plan, None)))?;
        Ok(())
    }

    /// What DataFusion says of a plan, with what this session knows of similar names.
    fn explain(&self, error: DataFusionError) -> EngineError {
        let state = self.context.state();
        EngineError::from_planning(error, || {
            let scalar = state.scalar_functions().keys();
            let names = scalar.chain(state.aggregate_functions().keys()).chain(state.window_functions().keys());
            names.filter(|name| !functions::is_internal(name)).cloned().collect()
        })
    }

    fn view_plan(&self, view: &View, params: &[(String, String)]) -> Result<LogicalPlan, EngineError> {
        let params = view.bind(params)?;
        let plan = self.plan_statement(view.statement(&params)?, &mut vec![&view.name])?;
        Ok(plan.with_param_values(params.values())?)
    }

    /// The plan of a view that must have a column.
    fn view_plan_with(
        &self,
        name: &str,
        params: &[(String, String)],
        column: &'static str,
        what: &'static str,
    ) -> Result<LogicalPlan, EngineError> {
        let plan = self.view_plan(self.options.views.find(name)?, params)?;
        if plan.schema().has_column_with_unqualified_name(column) {
            return Ok(plan);
        }
        Err(EngineError::NotPossible { view: name.to_owned(), column, what })
    }

    fn run(&self, plan: LogicalPlan) -> Result<Answer<'_>, EngineError> {
        let mut state = self.context.state();
        if holds_whole_events(&plan)? {
            let rows = ConfigNonZeroUsize::try_new(ROWS_OF_WHOLE_EVENTS)?;
            state.config_mut().options_mut().execution.batch_size = rows;
        }
        let limits = self.limits();
        let stream = self.wait(async move { DataFrame::new(state, plan).execute_stream().await })?;
        let stream = stream.map_err(|error| self.explain(error))?;
        Ok(Answer::start(self.runtime()?, limits, stream))
    }

    fn runtime(&self) -> Result<&Runtime, EngineError> {
        self.runtime.as_ref().ok_or(EngineError::Stopped)
    }

    /// The limits of a question that is asked now.
    fn limits(&self) -> Limits {
        Limits { stop: self.stop.clone(), watch: self.watch, time_limit: self.time_limit, begun: Instant::now() }
    }

    /// Waits for work that is done on a thread of the runtime.
    fn wait<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T, EngineError> {
        let limits = self.limits();
        self.runtime()?.block_on(answer::run_apart(&limits, work))
    }
}

impl Drop for Engine {
    /// Ends work that nobody waits for any more, and lets it remove its temporary files. Work that goes on taking memory
    /// is not waited for.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(if self.watch.is_exceeded() { Duration::ZERO } else { SHUTDOWN });
        }
    }
}

/// Stack of a thread that plans and answers: a long chain of operators is a deep tree. Only what is used becomes memory.
const STACK_BYTES: usize = 64 << 20;

/// How long an engine that is dropped waits for work that has been given up.
const SHUTDOWN: Duration = Duration::from_secs(3);

/// Rows of a batch where each is a whole event, of a few kilobytes and more.
const ROWS_OF_WHOLE_EVENTS: usize = 512;

/// Returns `true` for plans that sort whole events, or most of them: their batches are kept small, since a sort that
/// merges what it spilled holds one of each part.
fn holds_whole_events(plan: &LogicalPlan) -> Result<bool, EngineError> {
    let is_wide = |name: &str| FIELDS.iter().any(|field| field.column == name && field.kind == Kind::Json);
    Ok(plan.exists(|node| {
        let LogicalPlan::Sort(sort) = node else { return Ok(false) };
        Ok(sort.input.schema().fields().iter().filter(|field| is_wide(field.name())).count() > 2)
    })?)
}

/// True for statements that ask and change nothing; what they hold inside is checked on the plan.
fn is_question(statement: &Statement) -> bool {
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
        Statement::Explain(explain) => is_question(&explain.statement),
        _ => false,
    }
}

/// An event with the place it was read at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The event as JSON.
    pub json: String,
    /// Which event it is: what its copies may have as `identity` in the table `copies`.
    pub identities: Vec<String>,
    /// `source_id` of the table `sources`.
    pub source_id: String,
    /// Number of the record in the source, from 0.
    pub record: i64,
    /// Where it begins in the unpacked source, in bytes.
    pub offset: i64,
}

/// The identities under which the table `copies` may know an event: its own, that of its copies without an account, and
/// that which earlier builds gave it.
fn identities(event: &Event<'_>) -> Vec<String> {
    let told = Told::of(event);
    let by_content = event.text(FieldId::ContentIdentity).and_then(Identity::from_hex);
    let keys = by_content.map(Keys::by_content).or_else(|| told.keys());
    let without_account = keys.and_then(|keys| keys.shared).map(|shared| shared.without_account);
    let known = [keys.map(|keys| keys.own), without_account, told.exactly()];
    known.into_iter().flatten().map(Identity::to_hex).collect()
}

/// A day of the table `files`.
#[derive(serde::Deserialize)]
struct DayOnly {
    event_date: Option<String>,
}

/// First and last time of a view's rows.
#[derive(serde::Deserialize)]
struct Ends {
    first: Option<String>,
    last: Option<String>,
}

impl Ends {
    fn length(&self) -> Option<TimeDelta> {
        let parse = |text: &Option<String>| DateTime::parse_from_rfc3339(text.as_deref()?).ok();
        Some(parse(&self.last)? - parse(&self.first)?)
    }
}

/// One of the lake's other tables: every row with the number of the commit it came with, whether the file says it or the
/// manifest.
fn table_with_version(
    root: &Path,
    files: &[TableFile],
    columns: SchemaRef,
) -> Result<Arc<dyn TableProvider>, EngineError> {
    let table = Arc::new(LakeTable::table(root, files, Arc::clone(&columns)));
    let Some(merged) = LakeTable::merged(root, files, columns) else { return Ok(table) };
    let plan = scan("merged", Arc::new(merged))?.union(scan("single", table)?.build()?)?.build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

/// The rows of a table that belong to the newest reading of their source.
fn newest_readings(table: Arc<dyn TableProvider>, snapshot: &Snapshot) -> Result<Arc<dyn TableProvider>, EngineError> {
    if snapshot.retried.is_empty() {
        return Ok(table);
    }
    let columns: Vec<Expr> = table.schema().fields().iter().map(|field| col(quoted(field.name()))).collect();
    let retried = scan("retried", in_memory(catalog::retried(snapshot)?)?)?.build()?;
    let older = col(schema::VERSION).lt(col("retried_version"));
    let plan = scan("readings", table)?
        .join(retried, JoinType::LeftAnti, (vec!["source_id"], vec!["retried_source_id"]), Some(older))?
        .project(columns)?
        .build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

/// A column whose name is taken as it stands.
fn quoted(name: &str) -> datafusion::common::Column {
    datafusion::common::Column::new_unqualified(name)
}

fn scan(name: &str, table: Arc<dyn TableProvider>) -> Result<LogicalPlanBuilder, EngineError> {
    Ok(LogicalPlanBuilder::scan(name, provider_as_source(table), None)?)
}

fn in_memory(batch: RecordBatch) -> Result<Arc<dyn TableProvider>, EngineError> {
    Ok(Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?))
}

/// The events of the lake as a question sees them.
fn scoped_events(
    events: &Arc<dyn TableProvider>,
    filters: Vec<Expr>,
    tz: Zone,
    masker: Option<&Masker>,
) -> Result<LogicalPlan, EngineError> {
    let mut builder = scan("events", Arc::clone(events))?;
    if let Some(filter) = conjunction(filters) {
        builder = builder.filter(filter)?;
    }
    let in_zone = |expr: Expr| {
        let zone: Arc<str> = tz.name().into();
        cast(expr, arrow::datatypes::DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some(zone)))
    };
    let columns = FIELDS.iter().map(|field| {
        let column = col(quoted(field.column));
        if field.kind == Kind::Time && tz != Zone::UTC {
            return in_zone(column).alias(field.column);
        }
        match masker.filter(|masker| masking::hides(masker, field)) {
            Some(masker) => functions::mask_secrets(masker.clone()).call(vec![column]).alias(field.column),
            None => column,
        }
    });
    let columns: Vec<Expr> = columns.chain([col(schema::EVENT_DATE)]).collect();
    Ok(builder.project(columns)?.build()?)
}
