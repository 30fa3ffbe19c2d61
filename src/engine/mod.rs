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
mod compact_before_sort;
mod describe;
mod error;
mod functions;
mod local_files;
pub mod output;
mod question;
mod scope;
mod session;
mod stop;
pub mod views;
mod wide_filters;

pub use answer::Answer;
pub use error::{EngineError, similar};
pub use question::Question;
pub use scope::{ResolvedScope, Scope};
pub use stop::StopSignal;

use crate::event::field::{FIELDS, FieldId, Kind};
use crate::event::identity::Identity;
use crate::event::rebuild::rebuild;
use crate::event::record::{Event, Value};
use crate::lake::batch::read_row;
use crate::lake::manifest::{Snapshot, TableFile};
use crate::lake::{Lake, schema};
use arrow::datatypes::{Date32Type, SchemaRef};
use arrow::record_batch::RecordBatch;
use catalog::{FilesTable, LakeTable};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use datafusion::catalog::TableProvider;
use datafusion::common::{ParamValues, TableReference};
use datafusion::datasource::{MemTable, ViewTable, provider_as_source};
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan, LogicalPlanBuilder, cast, lit};
use datafusion::prelude::{SessionContext, col};
use datafusion::scalar::ScalarValue;
use datafusion::sql::parser::Statement;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use views::View;

/// How a session is built.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// What part of the lake is seen.
    pub scope: Scope,
    /// Memory that a question may use.
    pub memory_limit_bytes: usize,
    /// Threads that answer it.
    pub threads: usize,
    /// Shows issued keys and passwords instead of masking them.
    pub show_secrets: bool,
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

/// The tables that are no views.
const TABLES: [&str; 7] = ["events", "fields", "sources", "rejects", "copies", "runs", "files"];

/// Columns that may hold issued keys and passwords.
const MASKED: [FieldId; 6] = [
    FieldId::RequestParameters,
    FieldId::RequestParameterJson,
    FieldId::ResponseElements,
    FieldId::AdditionalEventData,
    FieldId::Extra,
    FieldId::SlsTags,
];

/// Masks the secrets of an event as answers mask them; true where there were any.
pub fn mask_event(event: &mut Event<'_>) -> bool {
    let mut masked = false;
    for id in MASKED {
        let text = event.text(id).and_then(|text| match functions::mask(text) {
            Cow::Owned(text) => Some(text),
            Cow::Borrowed(_) => None,
        });
        if let Some(text) = text {
            event.set(id, Value::Text(Cow::Owned(text)));
            masked = true;
        }
    }
    masked
}

/// Answers questions over one snapshot of a lake.
pub struct Engine {
    runtime: Runtime,
    context: SessionContext,
    scope: ResolvedScope,
    /// The events in scope with their secrets.
    whole: LogicalPlan,
    show_secrets: bool,
    stop: StopSignal,
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
            .enable_time()
            .build()
            .map_err(|error| EngineError::Sql(format!("cannot start threads: {error}")))?;
        let context = session::build(options.scope.tz, options.memory_limit_bytes, options.threads)?;
        let events: Arc<dyn TableProvider> = Arc::new(LakeTable::events(root, snapshot));
        let newest = if !options.scope.is_relative() {
            None
        } else if options.scope.accounts.is_empty() && options.scope.regions.is_empty() {
            // The manifest knows, so that no file is opened.
            snapshot.files.event_times().and_then(|(_, newest)| DateTime::from_timestamp_micros(newest))
        } else {
            runtime.block_on(newest_event(&context, &events, &options.scope))?
        };
        let scope = ResolvedScope::resolve(&options.scope, snapshot, newest);
        let scoped = scoped_events(&events, &scope, options.show_secrets)?;
        let whole = scoped_events(&events, &scope, true)?;
        context.register_table("events", Arc::new(ViewTable::new(scoped, None)))?;
        let table = |files, schema| table_with_version(root, files, schema);
        context.register_table("sources", table(&snapshot.sources, schema::sources())?)?;
        for (name, files, schema) in
            [("rejects", &snapshot.rejects, schema::rejects()), ("copies", &snapshot.copies, schema::copies())]
        {
            context.register_table(name, newest_readings(table(files, schema)?, snapshot)?)?;
        }
        for (name, batch) in [("runs", catalog::runs(snapshot)?), ("fields", describe::fields()?)] {
            context.register_table(name, in_memory(batch)?)?;
        }
        context.register_table("files", Arc::new(FilesTable::new(snapshot)))?;
        let (show_secrets, stop) = (options.show_secrets, StopSignal::default());
        Ok(Self { runtime, context, scope, whole, show_secrets, stop, _temporary: None })
    }

    /// Opens an engine on a lake in a temporary folder, which is removed with the engine.
    pub fn open_temporary(
        lake: &Lake,
        snapshot: &Snapshot,
        options: &SessionOptions,
        folder: TempDir,
    ) -> Result<Self, EngineError> {
        Ok(Self { _temporary: Some(folder), ..Self::open(lake, snapshot, options)? })
    }

    /// Gives up questions when somebody asks to stop.
    pub fn with_stop(self, stop: StopSignal) -> Self {
        Self { stop, ..self }
    }

    /// What part of the lake is seen, its ends resolved.
    pub fn scope(&self) -> &ResolvedScope {
        &self.scope
    }

    /// True where answers show issued keys and passwords.
    pub fn shows_secrets(&self) -> bool {
        self.show_secrets
    }

    /// Answers one SQL statement. Tables are `events` (in scope), `fields` (its columns), `sources`, `rejects`,
    /// `copies`, `runs`, `files`, and every view by its name. `DESCRIBE events` tells what the field table knows of each
    /// column.
    pub fn sql(&self, sql: &str) -> Result<Answer<'_>, EngineError> {
        match self.plan(sql)? {
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
        let plan = self.view_plan(views::find(name)?, params)?;
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
        let bucket = functions::date_trunc().call(vec![lit(unit), time()]).alias("bucket");
        let histogram = LogicalPlanBuilder::from(plan)
            .aggregate(vec![bucket], vec![count(lit(1)).alias("events")])?
            .sort(vec![col("bucket").sort(true, false)])?
            .build()?;
        self.run(histogram)
    }

    /// The whole events behind a view's rows, as JSON, in the order of their time.
    pub fn view_events(&self, name: &str, params: &[(String, String)]) -> Result<Vec<String>, EngineError> {
        let id = FieldId::EventId.column();
        let plan = self.view_plan_with(name, params, id, "whole events")?;
        let ids = LogicalPlanBuilder::from(plan).project(vec![col(id)])?.build()?;
        let events = self.runtime.block_on(self.context.table("events"))?.into_unoptimized_plan();
        let order = vec![col(FieldId::EventTime.column()).sort(true, false), col(id).sort(true, false)];
        let plan = LogicalPlanBuilder::from(events)
            .join(ids, JoinType::LeftSemi, (vec![id], vec![id]), None)?
            .sort(order)?
            .build()?;
        self.run(plan)?.events()
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
                let by_content = event.text(FieldId::ContentIdentity).and_then(Identity::from_hex);
                events.push(StoredEvent {
                    identity: by_content.or_else(|| Identity::of_event(&event)).map(Identity::to_hex),
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
        self.plan_inside(sql, &mut Vec::new())
    }

    /// Plans a statement; `inside` are the views whose planning led here.
    fn plan_inside(&self, sql: &str, inside: &mut Vec<&'static str>) -> Result<LogicalPlan, EngineError> {
        let state = self.context.state();
        let dialect = state.config().options().sql_parser.dialect;
        let statement = state.sql_to_statement(sql, &dialect)?;
        if !is_question(&statement) {
            // Said before names are looked up: the table that a statement would make is not there yet.
            return Err(EngineError::NotAQuestion(statement.to_string()));
        }
        self.plan_views(&statement, inside)?;
        let plan = self.runtime.block_on(state.statement_to_plan(statement))?;
        let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        options.verify_plan(&plan).map_err(|error| EngineError::NotAQuestion(EngineError::from(error).to_string()))?;
        Ok(plan)
    }

    /// Registers every view that a statement names and that is not registered yet.
    fn plan_views(&self, statement: &Statement, inside: &mut Vec<&'static str>) -> Result<(), EngineError> {
        for reference in self.context.state().resolve_table_references(statement)? {
            let TableReference::Bare { table } = &reference else { continue };
            if self.context.table_exist(reference.clone())? {
                continue;
            }
            let Ok(view) = views::find(table) else {
                let names = views::all()?.iter().map(|view| view.name.as_str());
                let similar = similar(table, names.chain(TABLES));
                return Err(EngineError::UnknownTable { name: table.to_string(), similar });
            };
            if inside.contains(&view.name.as_str()) {
                let reason = "it leads back to itself".to_owned();
                return Err(EngineError::View { file: format!("{}.sql", view.name), reason });
            }
            inside.push(&view.name);
            let plan = self.plan_inside(&view.sql, inside)?.with_param_values(param_values(view, &[])?)?;
            inside.pop();
            self.context.register_table(view.name.as_str(), Arc::new(ViewTable::new(plan, None)))?;
        }
        Ok(())
    }

    fn view_plan(&self, view: &'static View, params: &[(String, String)]) -> Result<LogicalPlan, EngineError> {
        Ok(self.plan(&view.sql)?.with_param_values(param_values(view, params)?)?)
    }

    /// The plan of a view that must have a column.
    fn view_plan_with(
        &self,
        name: &str,
        params: &[(String, String)],
        column: &'static str,
        what: &'static str,
    ) -> Result<LogicalPlan, EngineError> {
        let plan = self.view_plan(views::find(name)?, params)?;
        if plan.schema().has_column_with_unqualified_name(column) {
            return Ok(plan);
        }
        Err(EngineError::NotPossible { view: name.to_owned(), column, what })
    }

    fn run(&self, plan: LogicalPlan) -> Result<Answer<'_>, EngineError> {
        let stream = self.runtime.block_on(async {
            let frame = self.context.execute_logical_plan(plan).await?;
            frame.execute_stream().await
        })?;
        Ok(Answer::new(&self.runtime, &self.stop, stream))
    }
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
    /// Which event it is: `identity` of the table `copies`.
    pub identity: Option<String>,
    /// `source_id` of the table `sources`.
    pub source_id: String,
    /// Number of the record in the source, from 0.
    pub record: i64,
    /// Where it begins in the unpacked source, in bytes.
    pub offset: i64,
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

/// The values of a view's parameters: those given, else the defaults.
fn param_values(view: &View, given: &[(String, String)]) -> Result<ParamValues, EngineError> {
    for (name, _) in given {
        if !view.params.iter().any(|param| param.name == *name) {
            let names = view.params.iter().map(|param| param.name.as_str());
            let similar = if view.params.len() < 4 { names.map(str::to_owned).collect() } else { similar(name, names) };
            return Err(EngineError::UnknownParameter { view: view.name.clone(), name: name.clone(), similar });
        }
    }
    let mut values: HashMap<String, ScalarValue> = HashMap::new();
    for param in &view.params {
        let mut given = given.iter().filter(|(name, _)| *name == param.name).map(|(_, value)| value);
        let text = given.next().unwrap_or(&param.default);
        if given.next().is_some() {
            return Err(EngineError::RepeatedParameter { view: view.name.clone(), name: param.name.clone() });
        }
        let value = param.kind.value(text).ok_or_else(|| EngineError::BadParameter {
            view: view.name.clone(),
            name: param.name.clone(),
            expected: param.kind.described(),
            value: text.clone(),
        })?;
        values.insert(param.name.clone(), value);
    }
    Ok(ParamValues::from(values))
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

/// The newest event of the scope's accounts and regions.
async fn newest_event(
    context: &SessionContext,
    events: &Arc<dyn TableProvider>,
    scope: &Scope,
) -> Result<Option<DateTime<Utc>>, EngineError> {
    use datafusion::functions_aggregate::expr_fn::max;
    let time = FieldId::EventTime.column();
    let mut builder = scan("events", Arc::clone(events))?;
    if let Some(filter) = conjunction(scope::identity_filters(&scope.accounts, &scope.regions)) {
        builder = builder.filter(filter)?;
    }
    let plan = builder.aggregate(Vec::<Expr>::new(), vec![max(col(time))])?.build()?;
    let batches = context.execute_logical_plan(plan).await?.collect().await?;
    let micros =
        batches.first().filter(|batch| batch.num_rows() > 0).and_then(|batch| {
            match ScalarValue::try_from_array(batch.column(0), 0) {
                Ok(ScalarValue::TimestampMicrosecond(micros, _)) => micros,
                _ => None,
            }
        });
    Ok(micros.and_then(DateTime::from_timestamp_micros))
}

/// The events of the lake as a question sees them.
fn scoped_events(
    events: &Arc<dyn TableProvider>,
    scope: &ResolvedScope,
    show_secrets: bool,
) -> Result<LogicalPlan, EngineError> {
    let mut builder = scan("events", Arc::clone(events))?;
    if let Some(filter) = conjunction(scope.filters()) {
        builder = builder.filter(filter)?;
    }
    let in_zone = |expr: Expr| {
        let zone: Arc<str> = scope.tz.name().into();
        cast(expr, arrow::datatypes::DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some(zone)))
    };
    let mask = functions::mask_secrets();
    let columns = FIELDS.iter().map(|field| {
        let column = col(quoted(field.column));
        let masked = !show_secrets && MASKED.iter().any(|id| id.column() == field.column);
        if field.kind == Kind::Time && scope.tz != Tz::UTC {
            in_zone(column).alias(field.column)
        } else if masked {
            mask.call(vec![column]).alias(field.column)
        } else {
            column
        }
    });
    let columns: Vec<Expr> = columns.chain([col(schema::EVENT_DATE)]).collect();
    Ok(builder.project(columns)?.build()?)
}
