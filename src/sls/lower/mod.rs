//! Statements as SQL syntax trees.
//!
//! [`search`] makes a condition of the part before the first `|`, [`analysis`] a query of the part behind it, and
//! [`translate`] a query of the whole statement.

pub mod analysis;
mod expr;
pub mod function_names;
mod functions;
mod scope;
pub mod search;
mod select;
mod spl;
mod tokens;
mod unnest;

use super::error::{SlsError, SlsNotice};
use super::parser;
use super::query::{every_column, limit, named, order_by, query, select, table};
use super::resolve::Target;
use super::split::split;
use crate::event::field::FieldId;
use analysis::Analysis;
use datafusion::sql::sqlparser::ast::{Expr, Query, SelectItem};

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
    notices.push(SlsNotice::note(
        "words are cut at the delimiters of a new index and compared without regard to case; \
         the index of an online logstore may be set otherwise",
    ));
    Ok(Translation { condition: condition.expr, analysis, notices })
}

impl Translation {
    /// Returns the answer to the whole statement, of so many rows unless the statement has a LIMIT: that of the
    /// analysis part, or the rows of a search alone. `range` is a further condition on events.
    pub fn answer(&self, range: Option<Expr>, rows: u64) -> Query {
        match &self.analysis {
            Some(analysis) => analysis.query(self.found(range), rows),
            None => self.rows(range, rows),
        }
    }

    /// The condition of the events that are found; `None` if all are.
    fn found(&self, range: Option<Expr>) -> Option<Expr> {
        let conditions: Vec<Expr> = range.into_iter().chain(self.condition.clone()).collect();
        (!conditions.is_empty()).then(|| super::sql::all(conditions))
    }

    /// Returns the events that meet the condition, the newest first: the fields that the console lists, by its names.
    pub fn rows(&self, range: Option<Expr>, rows: u64) -> Query {
        let shown = SHOWN.into_iter().map(Target::Field);
        let items = shown.filter_map(|target| Some(named(target.value()?, &target.name())));
        self.newest(items.collect(), range, rows)
    }

    /// Returns every column of the events that meet the condition, the newest first.
    pub fn events(&self, range: Option<Expr>, rows: u64) -> Query {
        self.newest(vec![every_column()], range, rows)
    }

    fn newest(&self, items: Vec<SelectItem>, range: Option<Expr>, rows: u64) -> Query {
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
