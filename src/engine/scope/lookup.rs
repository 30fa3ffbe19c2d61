//! The answers of a lake about a scope: its first and last events, and which of its accounts and regions exist.
//!
//! The manifest answers where it can ([`Survey`]), so that opening a lake of any size costs the same. Data files are
//! read only for times inside a file, and for accounts and regions of files that the manifest has no tallies of.

use super::survey::{Found, Survey, tallies};
use super::{FutureEvents, ResolvedScope, Scope, ScopeColumn, UnknownValues, ValueCount, text, time_filters};
use crate::engine::error::EngineError;
use crate::engine::scan;
use crate::engine::tables::LakeTable;
use crate::event::field::FieldId;
use crate::event::time::{TimeBound, TimeRange};
use crate::lake::LakeError;
use crate::lake::manifest::{DataFile, DataFiles, Snapshot};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use datafusion::catalog::TableProvider;
use datafusion::error::DataFusionError;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, lit};
use datafusion::prelude::{SessionContext, col};
use datafusion::scalar::ScalarValue;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Length of a day. No data file lies on both sides of an instant that is a multiple of it.
const DAY_MICROS: i64 = 86_400_000_000;

/// Distance from the end of the lake in which the first or last event of an account is looked for, before it is looked
/// for everywhere: it nearly always has one near.
const NEAR_MICROS: i64 = 32 * DAY_MICROS;

/// Asks the lake about one scope.
#[derive(Debug, Clone)]
pub struct Lookup {
    events: Arc<dyn TableProvider>,
    root: PathBuf,
    files: DataFiles,
    scope: Scope,
}

impl Lookup {
    /// Asks about this scope of the lake at `root`. `events` is the table of the snapshot's events.
    pub fn new(scope: &Scope, events: &Arc<dyn TableProvider>, root: &Path, snapshot: &Snapshot) -> Self {
        let (events, files) = (Arc::clone(events), snapshot.files.clone());
        Self { events, root: root.to_owned(), files, scope: scope.clone() }
    }

    /// Asks about another scope of the same lake.
    pub fn with_scope(&self, scope: Scope) -> Self {
        Self { scope, ..self.clone() }
    }

    /// The scope.
    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Reads all files of the manifest.
    pub(super) fn all_files(&self) -> Result<Vec<Arc<DataFile>>, EngineError> {
        self.files.all().map_err(unreadable)
    }

    /// Resolves the scope.
    pub async fn resolve(&self, context: &SessionContext) -> Result<ResolvedScope, EngineError> {
        let future = self.future(context).await?;
        let newest = self.newest_before(context, self.scope.horizon().saturating_add(1)).await?;
        let mut resolved = ResolvedScope {
            since: None,
            until: None,
            tz: self.scope.tz,
            accounts: self.scope.accounts.clone(),
            regions: self.scope.regions.clone(),
            oldest_event: self.oldest(context).await?,
            newest_event: newest_event(newest, future),
            future_events: future,
            unknown: self.unknown(context, newest.is_some() || future.is_some()).await?,
            now: self.scope.now,
            left_out_sources: Vec::new(),
        };
        let range = self.range(context, resolved.newest_event, self.scope.since, self.scope.until).await?;
        (resolved.since, resolved.until) = (range.since, range.until);
        Ok(resolved)
    }

    /// Resolves the ends of a range. Lengths count back from the newest event, that of `since` from the newest before
    /// an absolute `until`; where there is none, from that end, or from the present.
    pub async fn range(
        &self,
        context: &SessionContext,
        newest: Option<DateTime<Utc>>,
        since: Option<TimeBound>,
        until: Option<TimeBound>,
    ) -> Result<TimeRange, EngineError> {
        let newest = newest.or(self.scope.now);
        let start = match (since, until) {
            (Some(TimeBound::BeforeNewest(length)), Some(TimeBound::At(end))) => {
                let at = if newest.is_some_and(|newest| newest < end) {
                    newest
                } else {
                    self.newest_before(context, end.timestamp_micros()).await?.and_then(DateTime::from_timestamp_micros)
                };
                Some(before(at.unwrap_or(end), length))
            }
            (bound, _) => bound.and_then(|bound| resolved(bound, newest)),
        };
        let end = until.and_then(|bound| resolved(bound, newest));
        let range = TimeRange { since: start, until: end };
        range.check(self.scope.tz)?;
        Ok(range)
    }

    /// Returns the newest event. It is none of the future, unless all are.
    pub async fn newest_event(&self, context: &SessionContext) -> Result<Option<DateTime<Utc>>, EngineError> {
        let newest = self.newest_before(context, self.scope.horizon().saturating_add(1)).await?;
        let future = if newest.is_none() { self.future(context).await? } else { None };
        Ok(newest_event(newest, future))
    }

    /// Returns `true` if the accounts and regions have an event in a range.
    pub async fn has_events(&self, context: &SessionContext, range: TimeRange) -> Result<bool, EngineError> {
        if !self.scope.names_values() && range == TimeRange::default() {
            return Ok(!self.files.is_empty());
        }
        if range == TimeRange::default() {
            return self.has_any(context, &self.scope).await;
        }
        let start = range.since.map_or(i64::MIN, |since| since.timestamp_micros());
        let end = range.until.map_or(i64::MAX, |until| until.timestamp_micros());
        let survey = self.survey(start, end)?;
        if survey.known.event_times.is_some() || survey.rest.is_empty() {
            return Ok(survey.known.event_times.is_some());
        }
        self.any(context, survey.rest, self.scope.filters(range)).await
    }

    /// Returns the values of a column that events have beside the values that the scope names of other columns, the
    /// most frequent first.
    pub async fn values_beside(
        &self,
        context: &SessionContext,
        column: ScopeColumn,
    ) -> Result<Vec<ValueCount>, EngineError> {
        self.values(context, column, self.scope.filters_of(|other| other != column)).await
    }

    /// Returns the values of a column in the events that pass the filters, the most frequent first.
    async fn values(
        &self,
        context: &SessionContext,
        column: ScopeColumn,
        filters: Vec<Expr>,
    ) -> Result<Vec<ValueCount>, EngineError> {
        let name = column.id().column();
        let plan = self
            .scan(filters.into_iter().chain([col(name).is_not_null(), col(name).not_eq(text(""))]))?
            .aggregate(vec![col(name)], vec![count(lit(1)).alias("events")])?
            .sort(vec![col("events").sort(false, false), col(name).sort(true, false)])?;
        let mut values = Vec::new();
        for row in rows(context, plan).await? {
            if let [value, ScalarValue::Int64(Some(events))] = row.as_slice()
                && let Some(Some(value)) = value.try_as_str()
            {
                values.push(ValueCount { value: value.to_owned(), events: u64::try_from(*events).unwrap_or(0) });
            }
        }
        Ok(values)
    }

    /// Events of the future.
    async fn future(&self, context: &SessionContext) -> Result<Option<FutureEvents>, EngineError> {
        let start = self.scope.horizon().saturating_add(1);
        if self.files.event_times().is_none_or(|(_, newest)| newest < start) {
            return Ok(None);
        }
        let survey = self.survey(start, i64::MAX)?;
        let found = survey.known.and(self.read(context, survey.rest, start, i64::MAX).await?);
        let newest = found.newest().and_then(DateTime::from_timestamp_micros);
        Ok(newest.map(|newest| FutureEvents { count: found.rows, newest }))
    }

    /// Time of the newest event before `end`.
    async fn newest_before(&self, context: &SessionContext, end: i64) -> Result<Option<i64>, EngineError> {
        if !self.scope.names_values() {
            let known = self.files.times_in(i64::MIN, end).map_err(unreadable)?;
            if !known.may_be_later {
                return Ok(known.newest);
            }
            return self.newest_in(context, known.newest.unwrap_or(i64::MIN), end).await;
        }
        let Some((first, last)) = self.files.event_times() else { return Ok(None) };
        let end = end.min(last.saturating_add(1));
        let near = start_of_day(end.saturating_sub(NEAR_MICROS));
        match self.newest_in(context, near, end).await? {
            None if first < near => self.newest_in(context, first, near).await,
            found => Ok(found),
        }
    }

    async fn newest_in(&self, context: &SessionContext, start: i64, end: i64) -> Result<Option<i64>, EngineError> {
        let survey = self.survey(start, end)?;
        let start = survey.known.newest().unwrap_or(start);
        Ok(survey.known.and(self.read(context, survey.may_be_newer, start, end).await?).newest())
    }

    /// Time of the oldest event.
    async fn oldest(&self, context: &SessionContext) -> Result<Option<DateTime<Utc>>, EngineError> {
        let Some((first, last)) = self.files.event_times() else { return Ok(None) };
        let mut oldest = Some(first);
        if self.scope.names_values() {
            let near = start_of_day(first.saturating_add(NEAR_MICROS));
            oldest = self.oldest_in(context, first, near).await?;
            if oldest.is_none() && near <= last {
                oldest = self.oldest_in(context, near, last.saturating_add(1)).await?;
            }
        }
        Ok(oldest.and_then(DateTime::from_timestamp_micros))
    }

    async fn oldest_in(&self, context: &SessionContext, start: i64, end: i64) -> Result<Option<i64>, EngineError> {
        let survey = self.survey(start, end)?;
        let end = survey.known.oldest().unwrap_or(end);
        Ok(survey.known.and(self.read(context, survey.may_be_older, start, end).await?).oldest())
    }

    fn survey(&self, start: i64, end: i64) -> Result<Survey, EngineError> {
        Survey::of(&self.scope, &self.files, start, end).map_err(unreadable)
    }

    /// Reads files for their events from `start` (inclusive) to `end` (exclusive).
    async fn read(
        &self,
        context: &SessionContext,
        files: Vec<Arc<DataFile>>,
        start: i64,
        end: i64,
    ) -> Result<Found, EngineError> {
        if files.is_empty() {
            return Ok(Found::default());
        }
        let time = || col(FieldId::EventTime.column());
        let filters = self.scope.value_filters().into_iter().chain(time_filters(Some(start), Some(end)));
        let found = vec![count(lit(1)), min(time()), max(time())];
        let plan = self.scan_of(files, filters)?.aggregate(Vec::<Expr>::new(), found)?;
        Ok(match rows(context, plan).await?.first().map(Vec::as_slice) {
            Some(
                [
                    ScalarValue::Int64(Some(rows)),
                    ScalarValue::TimestampMicrosecond(min, _),
                    ScalarValue::TimestampMicrosecond(max, _),
                ],
            ) => Found { rows: u64::try_from(*rows).unwrap_or(0), event_times: min.zip(*max) },
            _ => Found::default(),
        })
    }

    /// Accounts and regions that are named and that no event has. `has_events` says that some event is in scope.
    async fn unknown(&self, context: &SessionContext, has_events: bool) -> Result<Vec<UnknownValues>, EngineError> {
        let mut found = Vec::new();
        if self.files.is_empty() {
            return Ok(found);
        }
        for column in ScopeColumn::ALL {
            let named = self.scope.values(column);
            // An event that has one of the values has the only one.
            if named.is_empty() || (named.len() == 1 && has_events) {
                continue;
            }
            let mut values = Vec::new();
            for value in named {
                if !values.contains(value) && !self.has_any(context, &column.scope_of(value)).await? {
                    values.push(value.clone());
                }
            }
            if !values.is_empty() {
                let all_unknown = named.iter().all(|value| values.contains(value));
                let existing = self.values(context, column, Vec::new()).await?;
                found.push(UnknownValues { column, values, all_unknown, existing });
            }
        }
        Ok(found)
    }

    /// Returns `true` if an event of any time is of the accounts and regions of a scope.
    async fn has_any(&self, context: &SessionContext, scope: &Scope) -> Result<bool, EngineError> {
        let mut untold = Vec::new();
        for file in self.all_files()? {
            match tallies(&file) {
                Some(tallies) if tallies.iter().any(|tally| scope.has(tally)) => return Ok(true),
                Some(_) => {}
                None => untold.push(file),
            }
        }
        self.any(context, untold, scope.value_filters()).await
    }

    /// Returns `true` if a row of some files passes the filters.
    async fn any(
        &self,
        context: &SessionContext,
        files: Vec<Arc<DataFile>>,
        filters: Vec<Expr>,
    ) -> Result<bool, EngineError> {
        if files.is_empty() {
            return Ok(false);
        }
        let plan = self.scan_of(files, filters)?.project(vec![col(FieldId::EventTime.column())])?.limit(0, Some(1))?;
        Ok(!rows(context, plan).await?.is_empty())
    }

    fn scan(&self, filters: impl IntoIterator<Item = Expr>) -> Result<LogicalPlanBuilder, EngineError> {
        filtered(Arc::clone(&self.events), filters)
    }

    /// Scans some data files.
    pub(super) fn scan_of(
        &self,
        files: Vec<Arc<DataFile>>,
        filters: impl IntoIterator<Item = Expr>,
    ) -> Result<LogicalPlanBuilder, EngineError> {
        filtered(Arc::new(LakeTable::events_of(&self.root, files)), filters)
    }
}

fn filtered(
    events: Arc<dyn TableProvider>,
    filters: impl IntoIterator<Item = Expr>,
) -> Result<LogicalPlanBuilder, EngineError> {
    let builder = scan("events", events)?;
    Ok(match conjunction(filters) {
        Some(filter) => builder.filter(filter)?,
        None => builder,
    })
}

/// Returns the newest event of a lake from the newest that is not of the future, and those that are.
///
/// Where all events are of the future, it is the clock that is wrong.
fn newest_event(newest: Option<i64>, future: Option<FutureEvents>) -> Option<DateTime<Utc>> {
    newest.and_then(DateTime::from_timestamp_micros).or(future.map(|future| future.newest))
}

/// The start of the UTC day of an instant.
fn start_of_day(micros: i64) -> i64 {
    micros.saturating_sub(micros.rem_euclid(DAY_MICROS))
}

/// An end of a range, where it is known.
fn resolved(bound: TimeBound, newest: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match bound {
        TimeBound::At(time) => Some(time),
        TimeBound::BeforeNewest(length) => Some(before(newest?, length)),
    }
}

/// So long before an instant, but not before the first year: what lies further back has no date.
fn before(time: DateTime<Utc>, length: TimeDelta) -> DateTime<Utc> {
    let first =
        NaiveDate::from_ymd_opt(1, 1, 1).map_or(DateTime::UNIX_EPOCH, |day| day.and_time(Default::default()).and_utc());
    time.checked_sub_signed(length).map_or(first, |time| time.max(first))
}

/// The rows of a plan, value by value.
pub(super) async fn rows(
    context: &SessionContext,
    plan: LogicalPlanBuilder,
) -> Result<Vec<Vec<ScalarValue>>, EngineError> {
    let batches = context.execute_logical_plan(plan.build()?).await?.collect().await?;
    let mut rows = Vec::new();
    for batch in &batches {
        for row in 0..batch.num_rows() {
            let values = batch.columns().iter().map(|column| ScalarValue::try_from_array(column, row));
            rows.push(values.collect::<Result<Vec<_>, _>>()?);
        }
    }
    Ok(rows)
}

fn unreadable(error: LakeError) -> EngineError {
    DataFusionError::External(Box::new(error)).into()
}
