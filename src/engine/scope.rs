//! The part of a lake that a session sees, and the filters that it becomes below every view.

mod lookup;
mod places;
mod survey;

pub(super) use lookup::Lookup;
pub use places::Place;

use crate::event::field::FieldId;
use crate::event::time::{TimeBound, TimeError, TimeRange, Zone};
use crate::lake::manifest::AccountTally;
use crate::lake::schema;
use chrono::{DateTime, TimeDelta, Utc};
use datafusion::logical_expr::{Expr, lit};
use datafusion::prelude::col;
use datafusion::scalar::ScalarValue;
use std::fmt;

/// Events later than the present by more than this are of the future. Clocks differ, and a day is more than they do.
const FUTURE_FROM: TimeDelta = TimeDelta::days(1);

/// The part of the lake that every view and statement sees.
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
    /// The present, from which on events are of the future: nothing counts back from those. Without it none are.
    pub now: Option<DateTime<Utc>>,
}

impl Default for Scope {
    fn default() -> Self {
        Self { since: None, until: None, tz: Zone::UTC, accounts: Vec::new(), regions: Vec::new(), now: None }
    }
}

impl Scope {
    /// Checks what is known to be wrong before there are any events: a range whose typed ends are the wrong way round.
    pub fn check(&self) -> Result<(), TimeError> {
        let instant = |bound: Option<TimeBound>| bound.and_then(TimeBound::instant);
        TimeRange { since: instant(self.since), until: instant(self.until) }.check(self.tz)
    }

    /// Returns the scope without ends that count back from an event.
    pub(super) fn without_relative_ends(&self) -> Self {
        let absolute = |bound: Option<TimeBound>| bound.filter(|bound| bound.instant().is_some());
        Self { since: absolute(self.since), until: absolute(self.until), ..self.clone() }
    }

    /// Returns `true` if only some accounts or regions are in scope.
    fn names_values(&self) -> bool {
        !self.accounts.is_empty() || !self.regions.is_empty()
    }

    fn values(&self, column: ScopeColumn) -> &[String] {
        match column {
            ScopeColumn::Account => &self.accounts,
            ScopeColumn::Region => &self.regions,
        }
    }

    /// Returns `true` if the events of a tally are of its accounts and regions.
    ///
    /// The same events pass [`Self::value_filters`].
    fn has(&self, tally: &AccountTally) -> bool {
        ScopeColumn::ALL.into_iter().all(|column| {
            let values = self.values(column);
            values.is_empty() || column.tallied(tally).into_iter().flatten().any(|value| values.contains(value))
        })
    }

    /// The last instant that is not of the future, in microseconds since 1970.
    fn horizon(&self) -> i64 {
        let last = self.now.and_then(|now| now.checked_add_signed(FUTURE_FROM));
        last.map_or(i64::MAX - 1, |last| last.timestamp_micros())
    }

    /// The scope as conditions on the columns of the lake, which prune files, row groups and pages.
    fn filters(&self, range: TimeRange) -> Vec<Expr> {
        let micros = |end: Option<DateTime<Utc>>| end.map(|end| end.timestamp_micros());
        let times = time_filters(micros(range.since), micros(range.until));
        self.value_filters().into_iter().chain(times).collect()
    }

    /// Conditions on account and region alone.
    fn value_filters(&self) -> Vec<Expr> {
        self.filters_of(|_| true)
    }

    /// Conditions on the values of some columns.
    fn filters_of(&self, keep: impl Fn(ScopeColumn) -> bool) -> Vec<Expr> {
        ScopeColumn::ALL
            .into_iter()
            .filter(|column| keep(*column) && !self.values(*column).is_empty())
            .map(|column| column.is_one_of(self.values(column)))
            .collect()
    }
}

/// A column that a scope names values of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeColumn {
    /// The account that an event belongs to.
    Account,
    /// The region of an event.
    Region,
}

impl ScopeColumn {
    const ALL: [Self; 2] = [Self::Account, Self::Region];

    fn id(self) -> FieldId {
        match self {
            Self::Account => FieldId::AccountId,
            Self::Region => FieldId::AcsRegion,
        }
    }

    /// The condition that an event has one of these values. An event belongs to the account that it was recorded in,
    /// too, whichever account caused it.
    fn is_one_of(self, values: &[String]) -> Expr {
        let is_in = |id: FieldId| col(id.column()).in_list(values.iter().map(|value| text(value)).collect(), false);
        match self {
            Self::Account => is_in(self.id()).or(is_in(FieldId::RecipientAccountId)),
            Self::Region => is_in(self.id()),
        }
    }

    /// The values that the events of a tally have of it.
    fn tallied(self, tally: &AccountTally) -> [Option<&String>; 2] {
        match self {
            Self::Account => [tally.account.as_ref(), tally.recipient.as_ref()],
            Self::Region => [tally.region.as_ref(), None],
        }
    }

    /// The scope of the events that have one value.
    fn scope_of(self, value: &str) -> Scope {
        let values = vec![value.to_owned()];
        match self {
            Self::Account => Scope { accounts: values, ..Scope::default() },
            Self::Region => Scope { regions: values, ..Scope::default() },
        }
    }

    /// Its name for people, of one value.
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Region => "region",
        }
    }
}

/// A value of a column, and the number of events that have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueCount {
    /// The value.
    pub value: String,
    /// Events that have it.
    pub events: u64,
}

/// Values that a scope names and no event of the lake has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownValues {
    /// Their column.
    pub column: ScopeColumn,
    /// The values, as they were given.
    pub values: Vec<String>,
    /// Tells that the scope names no other values of the column, so that it is empty.
    pub all_unknown: bool,
    /// The values that the lake has, the most frequent first.
    pub existing: Vec<ValueCount>,
}

impl fmt::Display for UnknownValues {
    /// The column and the values, to stand behind "no event of".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> = self.values.iter().map(|value| format!("`{value}`")).collect();
        let plural = if values.len() == 1 { "" } else { "s" };
        write!(f, "{}{plural}: {}", self.column.name(), values.join(", "))
    }
}

/// Events whose time is more than a day after the present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FutureEvents {
    /// Their number.
    pub count: u64,
    /// The newest of them.
    pub newest: DateTime<Utc>,
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
    /// Oldest event of the accounts and regions, whatever the range.
    pub oldest_event: Option<DateTime<Utc>>,
    /// Newest event of the accounts and regions, whatever the range. It is none of the future, unless all are.
    pub newest_event: Option<DateTime<Utc>>,
    /// Events of the accounts and regions that are of the future; none where the present is not known.
    pub future_events: Option<FutureEvents>,
    /// Accounts and regions that were named and that no event has.
    pub unknown: Vec<UnknownValues>,
    /// The present that events of the future are told by, where it is known.
    pub now: Option<DateTime<Utc>>,
    /// Ids of sources whose events are left out.
    pub(super) left_out_sources: Vec<String>,
}

impl ResolvedScope {
    /// Its range of time.
    pub fn range(&self) -> TimeRange {
        TimeRange { since: self.since, until: self.until }
    }

    /// The scope as conditions on the columns of the lake, which prune files, row groups and pages.
    pub fn filters(&self) -> Vec<Expr> {
        self.values().filters(self.range()).into_iter().chain(self.source_filter()).collect()
    }

    fn source_filter(&self) -> Option<Expr> {
        let ids = || self.left_out_sources.iter().map(|id| text(id)).collect();
        (!self.left_out_sources.is_empty()).then(|| col(FieldId::SourceId.column()).in_list(ids(), true))
    }

    /// Conditions on the events of its accounts and regions that have no time, so that no range holds them.
    pub fn undated_filters(&self) -> Vec<Expr> {
        let undated = [schema::EVENT_DATE, FieldId::EventTime.column()].map(|column| col(column).is_null());
        self.values().value_filters().into_iter().chain(undated).chain(self.source_filter()).collect()
    }

    fn values(&self) -> Scope {
        Scope { accounts: self.accounts.clone(), regions: self.regions.clone(), ..Scope::default() }
    }
}

/// Conditions on the time of an event, in microseconds since 1970: from `start` on and before `end`.
fn time_filters(start: Option<i64>, end: Option<i64>) -> Vec<Expr> {
    let time = || col(FieldId::EventTime.column());
    let start = start.map(|start| time().gt_eq(instant(start)));
    start.into_iter().chain(end.map(|end| time().lt(instant(end)))).collect()
}

/// An instant as a literal of the type of `event_time`.
fn instant(micros: i64) -> Expr {
    lit(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())))
}

fn text(value: &str) -> Expr {
    lit(ScalarValue::Utf8View(Some(value.to_owned())))
}
