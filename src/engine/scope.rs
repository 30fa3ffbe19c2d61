//! Which part of the lake is looked at, and how that becomes filters below every view.

use crate::event::field::FieldId;
use crate::event::time::{TimeBound, Zone};
use crate::lake::manifest::Snapshot;
use chrono::{DateTime, Utc};
use datafusion::logical_expr::{Expr, lit};
use datafusion::prelude::col;
use datafusion::scalar::ScalarValue;

/// What part of the lake every view and statement sees.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Start, taken in.
    pub since: Option<TimeBound>,
    /// End, left out.
    pub until: Option<TimeBound>,
    /// Time zone of days and of printed times.
    pub tz: Zone,
    /// Accounts; none given means all.
    pub accounts: Vec<String>,
    /// Regions; none given means all.
    pub regions: Vec<String>,
}

impl Default for Scope {
    fn default() -> Self {
        Self { since: None, until: None, tz: Zone::UTC, accounts: Vec::new(), regions: Vec::new() }
    }
}

impl Scope {
    /// True where an end counts back from the newest event.
    pub fn is_relative(&self) -> bool {
        [self.since, self.until].iter().any(|bound| matches!(bound, Some(TimeBound::BeforeNewest(_))))
    }
}

/// A [`Scope`] with its ends resolved against the lake.
#[derive(Debug, Clone)]
pub struct ResolvedScope {
    /// First instant, taken in.
    pub since: Option<DateTime<Utc>>,
    /// End, left out.
    pub until: Option<DateTime<Utc>>,
    /// Time zone of days and of printed times.
    pub tz: Zone,
    /// Accounts; none given means all.
    pub accounts: Vec<String>,
    /// Regions; none given means all.
    pub regions: Vec<String>,
    /// Oldest event of the lake (all of it, not only the scope).
    pub oldest_event: Option<DateTime<Utc>>,
    /// Newest event of the lake (all of it, not only the scope).
    pub newest_event: Option<DateTime<Utc>>,
}

impl ResolvedScope {
    /// Resolves a scope; `newest_in_scope` is the newest event of its accounts and regions.
    pub fn resolve(scope: &Scope, snapshot: &Snapshot, newest_in_scope: Option<DateTime<Utc>>) -> Self {
        let range = snapshot.files.event_times();
        let at = |micros: Option<i64>| micros.and_then(DateTime::from_timestamp_micros);
        let newest_event = at(range.map(|(_, max)| max));
        let resolve = |bound: Option<TimeBound>| match bound? {
            TimeBound::At(time) => Some(time),
            TimeBound::BeforeNewest(length) => newest_in_scope?.checked_sub_signed(length),
        };
        Self {
            since: resolve(scope.since),
            until: resolve(scope.until),
            tz: scope.tz,
            accounts: scope.accounts.clone(),
            regions: scope.regions.clone(),
            oldest_event: at(range.map(|(min, _)| min)),
            newest_event,
        }
    }

    /// The scope as conditions on the columns of the lake, which prune files, row groups and pages.
    pub fn filters(&self) -> Vec<Expr> {
        let time = || col(FieldId::EventTime.column());
        let mut filters = identity_filters(&self.accounts, &self.regions);
        filters.extend(self.since.map(|since| time().gt_eq(instant(since))));
        filters.extend(self.until.map(|until| time().lt(instant(until))));
        filters
    }
}

/// Conditions on account and region alone.
pub fn identity_filters(accounts: &[String], regions: &[String]) -> Vec<Expr> {
    [(FieldId::AccountId, accounts), (FieldId::AcsRegion, regions)]
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(id, values)| {
            let values = values.iter().map(|value| lit(ScalarValue::Utf8View(Some(value.clone())))).collect();
            col(id.column()).in_list(values, false)
        })
        .collect()
}

/// An instant as a literal of the type of `event_time`.
fn instant(time: DateTime<Utc>) -> Expr {
    lit(ScalarValue::TimestampMicrosecond(Some(time.timestamp_micros()), Some("UTC".into())))
}
