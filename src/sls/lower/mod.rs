//! Statements as SQL syntax trees.
//!
//! [`search`] makes a condition of the part before the first `|`, [`analysis`] a query of the part behind it, and
//! [`translate`] a query of the whole statement.

pub mod analysis;
mod expr;
pub mod function_names;
mod functions;
mod inner_order;
mod lambdas;
mod parsing;
mod periods;
mod scope;
pub mod search;
mod select;
mod series;
mod spl;
mod tokens;
mod unnest;
mod zoned;

use super::error::{SlsError, SlsNotice};
use super::parser;
use super::query::{every_column, limit, named, order_by, query, select, table};
use super::resolve::Target;
use super::split::split;
use crate::event::field::FieldId;
use crate::event::time::TimeRange;
use analysis::Analysis;
use chrono::{DateTime, SecondsFormat, Utc};
use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Query, SelectItem};

/// The fields that a search shows of an event, as the console lists them.
const SHOWN: [FieldId; 10] = [
    FieldId::EventTime,
    FieldId::ServiceName,
    FieldId::EventName,
    FieldId::UserIdentityType,
    FieldId::UserIdentityUserName,
    FieldId::UserIdentityAccessKeyId,
    FieldId::SourceIpAddress,
    FieldId::AcsRegion,
    FieldId::ErrorCode,
    FieldId::EventId,
];

/// A statement as a query over the table `events`.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    /// The condition of the search part on a row of `events`; `None` if every event meets it.
    pub condition: Option<Expr>,
    /// The analysis part; `None` for a search alone.
    pub analysis: Option<Analysis>,
    /// Remarks on the statement.
    pub notices: Vec<SlsNotice>,
}

/// Translates a statement. Places in the errors are those of the statement.
pub fn translate(statement: &str) -> Result<Translation, Vec<SlsError>> {
    let halves = split(statement);
    let search = parser::parse(halves.search)?;
    let condition = search::lower(search)?;
    let mut notices = condition.notices;
    let analysis = match halves.tail {
        Some(tail) => Some(analysis::lower(tail.text, tail.offset).map_err(|error| vec![error])?),
        None => None,
    };
    notices.extend(analysis.iter().flat_map(|analysis| analysis.notices.iter().cloned()));
    if condition.expr.is_some() {
        notices.push(SlsNotice::note(
            "words are cut at the delimiters of a new index and compared without regard to case; \
             the index of an online logstore may be set otherwise",
        ));
    }
    Ok(Translation { condition: condition.expr, analysis, notices })
}

impl Translation {
    /// Returns the seconds that the earliest range lies back which the statement compares with, and 0 for one that
    /// needs the ends of its own range; `None` for one that needs none.
    pub fn looks_back(&self) -> Option<i64> {
        self.analysis.as_ref().and_then(Analysis::looks_back)
    }

    /// Returns the answer to the whole statement, of so many rows unless the statement has a LIMIT: that of the
    /// analysis part, or the rows of a search alone. The range is a further condition on events.
    pub fn answer(&self, range: TimeRange, rows: u64) -> Query {
        match &self.analysis {
            Some(analysis) => analysis.query(range, |range| self.found(range), rows),
            None => self.rows(range, rows),
        }
    }

    /// The condition of the events that are found; `None` if all are.
    fn found(&self, range: TimeRange) -> Option<Expr> {
        let conditions: Vec<Expr> = in_range(range).into_iter().chain(self.condition.clone()).collect();
        (!conditions.is_empty()).then(|| super::sql::all(conditions))
    }

    /// Returns the events that meet the condition, the newest first: the fields that the console lists, by its names.
    pub fn rows(&self, range: TimeRange, rows: u64) -> Query {
        let shown = SHOWN.into_iter().map(Target::Field);
        let items = shown.filter_map(|target| Some(named(target.value()?, &target.name())));
        self.newest(items.collect(), range, rows)
    }

    /// Returns every column of the events that meet the condition, the newest first.
    pub fn events(&self, range: TimeRange, rows: u64) -> Query {
        self.newest(vec![every_column()], range, rows)
    }

    /// Returns the time of each event that meets the condition, in no order.
    pub fn times(&self, range: TimeRange) -> Query {
        let time = SelectItem::UnnamedExpr(super::sql::column(FieldId::EventTime.column()));
        query(select(vec![time], table("events"), self.found(range)))
    }

    /// Returns columns of the events that meet the condition, the oldest first, as views of single events have them.
    pub fn findings(&self, table_of_events: &str, columns: &[&str]) -> Query {
        let items = columns.iter().map(|name| SelectItem::UnnamedExpr(super::sql::column(name))).collect();
        let order = [(FieldId::EventTime.column(), true), (FieldId::EventId.column(), true)];
        Query {
            order_by: Some(order_by(&order)),
            ..query(select(items, table(table_of_events), self.found(TimeRange::default())))
        }
    }

    fn newest(&self, items: Vec<SelectItem>, range: TimeRange, rows: u64) -> Query {
        let condition = self.found(range);
        let order = [
            (FieldId::EventTime, false),
            (FieldId::EventId, true),
            (FieldId::SourceId, true),
            (FieldId::SourceRecord, true),
        ];
        Query {
            order_by: Some(order_by(&order.map(|(id, ascending)| (id.column(), ascending)))),
            limit_clause: Some(limit(rows)),
            ..query(select(items, table("events"), condition))
        }
    }
}

/// The condition that an event is of a range; `None` if all are.
fn in_range(range: TimeRange) -> Option<Expr> {
    let end = |op: BinaryOperator, end: DateTime<Utc>| Expr::BinaryOp {
        left: Box::new(super::sql::column(FieldId::EventTime.column())),
        op,
        right: Box::new(super::sql::text(end.to_rfc3339_opts(SecondsFormat::AutoSi, true))),
    };
    let since = range.since.map(|since| end(BinaryOperator::GtEq, since));
    let ends: Vec<Expr> = since.into_iter().chain(range.until.map(|until| end(BinaryOperator::Lt, until))).collect();
    (!ends.is_empty()).then(|| super::sql::all(ends))
}
