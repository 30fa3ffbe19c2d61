//! The answers of a lake about a scope: its first and last events, and which of its accounts and regions exist.
//!
//! The manifest answers where it can, so that opening a lake of any size costs the same. Data files are opened where
//! accounts or regions are named, and for times inside a file: then only those that may hold the answer.

use super::{FutureEvents, ResolvedScope, Scope, ScopeColumn, UnknownValues, ValueCount, text, time_filters};
use crate::engine::error::EngineError;
use crate::engine::scan;
use crate::event::field::FieldId;
use crate::event::time::{TimeBound, TimeRange};
use crate::lake::manifest::{DataFiles, Snapshot};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use datafusion::catalog::TableProvider;
use datafusion::error::DataFusionError;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, lit};
use datafusion::prelude::{SessionContext, col};
use datafusion::scalar::ScalarValue;
use std::sync::Arc;

/// Distance from the end of the lake in which the first or last event of an account is looked for, before it is looked
/// for everywhere: it nearly always has one near.
const NEAR_MICROS: i64 = 32 * 86_400_000_000;

/// Asks the lake about one scope.
#[derive(Debug, Clone)]
pub struct Lookup {
    events: Arc<dyn TableProvider>,
    files: DataFiles,
    scope: Scope,
}

impl Lookup {
    /// Asks about this scope. `events` is the table of the snapshot's events.
    pub fn new(scope: &Scope, events: &Arc<dyn TableProvider>, snapshot: &Snapshot) -> Self {
        Self { events: Arc::clone(events), files: snapshot.files.clone(), scope: scope.clone() }
    }

    /// Resolves the scope.
    pub async fn resolve(&self, context: &SessionContext) -> Result<ResolvedScope, EngineError> {
        let future = self.future(context).await?;
        let newest = self.newest(context, self.scope.horizon().saturating_add(1)).await?;
        let mut resolved = ResolvedScope {
            since: None,
            until: None,
            tz: self.scope.tz,
            accounts: self.scope.accounts.clone(),
            regions: self.scope.regions.clone(),
            oldest_event: self.oldest(context).await?,
            // Where all events are of the future, it is the clock that is wrong.
            newest_event: newest.and_then(DateTime::from_timestamp_micros).or(future.map(|future| future.newest)),
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
                    self.newest(context, end.timestamp_micros()).await?.and_then(DateTime::from_timestamp_micros)
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

    /// Returns `true` if the accounts and regions have an event in a range.
    pub async fn has_events(&self, context: &SessionContext, range: TimeRange) -> Result<bool, EngineError> {
        if !self.scope.names_values() {
            if range == TimeRange::default() {
                return Ok(!self.files.is_empty());
            }
            let start = range.since.map_or(i64::MIN, |since| since.timestamp_micros());
            let end = range.until.map_or(i64::MAX, |until| until.timestamp_micros());
            let known = self.files.times_in(start, end).map_err(unreadable)?;
            if known.newest.is_some() || !known.may_be_later {
                return Ok(known.newest.is_some());
            }
        }
        self.any(context, self.scope.filters(range)).await
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
        let filters = self.scope.value_filters().into_iter().chain(time_filters(Some(start), None));
        let newest = max(col(FieldId::EventTime.column()));
        let plan = self.scan(filters)?.aggregate(Vec::<Expr>::new(), vec![count(lit(1)), newest])?;
        let rows = rows(context, plan).await?;
        Ok(rows.first().and_then(|row| match row.as_slice() {
            [ScalarValue::Int64(Some(count)), ScalarValue::TimestampMicrosecond(Some(newest), _)] => {
                let count = u64::try_from(*count).ok()?;
                Some(FutureEvents { count, newest: DateTime::from_timestamp_micros(*newest)? })
            }
            _ => None,
        }))
    }

    /// Time of the newest event before `end`.
    async fn newest(&self, context: &SessionContext, end: i64) -> Result<Option<i64>, EngineError> {
        let newest = max(col(FieldId::EventTime.column()));
        if self.scope.names_values() {
            let Some((first, last)) = self.files.event_times() else { return Ok(None) };
            let end = end.min(last.saturating_add(1));
            let near = end.saturating_sub(NEAR_MICROS);
            let found = self.time(context, &newest, Some(near), Some(end)).await?;
            return match found {
                None if first < near => self.time(context, &newest, None, Some(near)).await,
                found => Ok(found),
            };
        }
        let known = self.files.times_in(i64::MIN, end).map_err(unreadable)?;
        if !known.may_be_later {
            return Ok(known.newest);
        }
        Ok(self.time(context, &newest, known.newest, Some(end)).await?.or(known.newest))
    }

    /// Time of the oldest event.
    async fn oldest(&self, context: &SessionContext) -> Result<Option<DateTime<Utc>>, EngineError> {
        let Some((first, last)) = self.files.event_times() else { return Ok(None) };
        let mut oldest = Some(first);
        if self.scope.names_values() {
            let least = min(col(FieldId::EventTime.column()));
            let near = first.saturating_add(NEAR_MICROS);
            oldest = self.time(context, &least, None, Some(near)).await?;
            if oldest.is_none() && near <= last {
                oldest = self.time(context, &least, Some(near), None).await?;
            }
        }
        Ok(oldest.and_then(DateTime::from_timestamp_micros))
    }

    /// An aggregate of the times in a range.
    async fn time(
        &self,
        context: &SessionContext,
        aggregate: &Expr,
        start: Option<i64>,
        end: Option<i64>,
    ) -> Result<Option<i64>, EngineError> {
        let filters = self.scope.value_filters().into_iter().chain(time_filters(start, end));
        let plan = self.scan(filters)?.aggregate(Vec::<Expr>::new(), vec![aggregate.clone()])?;
        Ok(match rows(context, plan).await?.first().map(Vec::as_slice) {
            Some([ScalarValue::TimestampMicrosecond(micros, _)]) => *micros,
            _ => None,
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
                let is_value = column.is_one_of(std::slice::from_ref(value));
                if !values.contains(value) && !self.any(context, vec![is_value]).await? {
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

    async fn any(&self, context: &SessionContext, filters: Vec<Expr>) -> Result<bool, EngineError> {
        let plan = self.scan(filters)?.project(vec![col(FieldId::EventTime.column())])?.limit(0, Some(1))?;
        Ok(!rows(context, plan).await?.is_empty())
    }

    fn scan(&self, filters: impl IntoIterator<Item = Expr>) -> Result<LogicalPlanBuilder, EngineError> {
        let builder = scan("events", Arc::clone(&self.events))?;
        Ok(match conjunction(filters) {
            Some(filter) => builder.filter(filter)?,
            None => builder,
        })
    }
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
async fn rows(context: &SessionContext, plan: LogicalPlanBuilder) -> Result<Vec<Vec<ScalarValue>>, EngineError> {
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

fn unreadable(error: crate::lake::LakeError) -> EngineError {
    DataFusionError::External(Box::new(error)).into()
}
