//! Rows counted by time, in the buckets that the range of the scope has.
//!
//! The query counts, so that no more than a row a bucket comes back, whatever the number of events. The buckets are
//! those of [`Buckets`]: they depend on the scope and its zone, and not on the rows. So the histograms of two views
//! over one scope can be laid under each other. An end of the scope that is open is that of its events, and the bucket
//! there is whole.

use super::{EngineError, ResolvedScope, Session, functions};
use crate::event::field::FieldId;
use crate::event::time::{Buckets, Cover, MOST_BUCKETS, Step, Zone};
use arrow::array::{ArrayRef, Int64Array, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, TimeUnit};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, cast, lit};
use datafusion::prelude::col;
use datafusion::scalar::ScalarValue;
use serde::Deserialize;
use std::sync::Arc;

/// A bucket and its rows. Times are microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// First instant, taken in.
    pub start: i64,
    /// End, left out.
    pub end: i64,
    /// Rows.
    pub rows: i64,
}

/// Rows counted by time. Every bucket of the range is there, empty ones too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    /// Length of a bucket that the range does not cut off.
    pub step: Step,
    /// Zone whose clock the buckets go by.
    pub tz: Zone,
    /// The buckets in the order of time.
    pub bars: Vec<Bar>,
    /// Rows that lie before the buckets, behind them, or have no time.
    pub outside: Outside,
}

/// Rows that are in no bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outside {
    /// Before the first bucket.
    pub before: i64,
    /// Behind the last bucket, such as events of the future where the end of the scope is open.
    pub behind: i64,
    /// Without a time.
    pub undated: i64,
}

/// A row of the query: the number of a bucket from 1 on, and its rows.
#[derive(Deserialize)]
struct Counted {
    number: Option<i64>,
    events: i64,
}

impl Histogram {
    fn of(buckets: &Buckets, tz: Zone, counted: &[Counted]) -> Self {
        let rows_of = |number| counted.iter().filter(|row| row.number == number).map(|row| row.events).sum();
        let numbered = (1..).zip(buckets.iter());
        let bars: Vec<Bar> = numbered
            .map(|(number, range)| Bar { start: range.start, end: range.end, rows: rows_of(Some(number)) })
            .collect();
        let before = rows_of(Some(0));
        let undated = rows_of(None);
        let inside: i64 = bars.iter().map(|bar| bar.rows).sum();
        let all: i64 = counted.iter().map(|row| row.events).sum();
        let outside = Outside { before, behind: all - before - undated - inside, undated };
        Self { step: buckets.step(), tz, bars, outside }
    }

    /// Returns the number of rows in all buckets.
    pub fn rows(&self) -> i64 {
        self.bars.iter().map(|bar| bar.rows).sum()
    }

    /// Returns the buckets as columns: `bucket` (its start), `bucket_end` (left out) and `events`.
    pub fn batch(&self) -> Result<RecordBatch, ArrowError> {
        let times = |of: &dyn Fn(&Bar) -> i64| -> ArrayRef {
            let times = TimestampMicrosecondArray::from_iter_values(self.bars.iter().map(of));
            Arc::new(times.with_timezone(self.tz.name()))
        };
        let events = Int64Array::from_iter_values(self.bars.iter().map(|bar| bar.rows));
        RecordBatch::try_from_iter([
            ("bucket", times(&|bar| bar.start)),
            ("bucket_end", times(&|bar| bar.end)),
            ("events", Arc::new(events) as ArrayRef),
        ])
    }
}

/// Returns the buckets of a scope.
fn buckets(scope: &ResolvedScope) -> Buckets {
    let since = scope.since.map(Cover::To).or(scope.oldest_event.map(Cover::Whole));
    let until = scope.until.map(Cover::To).or(scope.newest_event.map(Cover::Whole));
    match (since, until) {
        (Some(since), Some(until)) => Buckets::choose(since, until, scope.tz, MOST_BUCKETS),
        _ => Buckets::none(),
    }
}

impl Session {
    /// Counts the rows of a plan by the time in its column `event_time`.
    pub(super) fn histogram(&self, plan: LogicalPlan) -> Result<Histogram, EngineError> {
        let scope = self.scope();
        let buckets = buckets(scope);
        let bounds: Vec<ScalarValue> = buckets.bounds().iter().map(|bound| ScalarValue::from(*bound)).collect();
        let bounds = ScalarValue::List(ScalarValue::new_list_nullable(&bounds, &DataType::Int64));
        // A date or a plain time of a view becomes an instant of the session's zone.
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some(scope.tz.name().into()));
        let time = cast(col(FieldId::EventTime.column()), instant);
        let number = functions::time::bucket_of().call(vec![time, lit(bounds)]).alias("number");
        let counted = LogicalPlanBuilder::from(plan).aggregate(vec![number], vec![count(lit(1)).alias("events")])?;
        let counted: Vec<Counted> = self.run(counted.build()?)?.rows()?;
        Ok(Histogram::of(&buckets, scope.tz, &counted))
    }
}
