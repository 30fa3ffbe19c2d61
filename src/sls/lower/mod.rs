//! Statements as SQL syntax trees.
//!
//! [`search`] makes a condition of the part before the first `|`, and [`translate`] a query of the whole statement.

pub mod search;

use super::error::{SlsError, SlsNotice};
use super::parser;
use super::query::{every_column, limit, named, order_by, query, select, table};
use super::resolve::Target;
use super::span::Span;
use super::split::{Tail, split};
use crate::event::field::FieldId;
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
    /// Remarks on the statement.
    pub notices: Vec<SlsNotice>,
}

/// Translates a statement. Places in the errors are those of the statement.
pub fn translate(statement: &str) -> Result<Translation, Vec<SlsError>> {
    let halves = split(statement);
    let search = parser::parse(halves.search)?;
    let condition = search::lower(search)?;
    if let Some(tail) = halves.tail {
        return Err(vec![no_analysis(tail)]);
    }
    let mut notices = condition.notices;
    notices.push(SlsNotice::note(
        "words are cut at the delimiters of a new index and compared without regard to case; \
         the index of an online logstore may be set otherwise",
    ));
    Ok(Translation { condition: condition.expr, notices })
}

fn no_analysis(tail: Tail<'_>) -> SlsError {
    let bar = Span::new(tail.offset.saturating_sub(1), tail.offset);
    SlsError::new("analysis behind `|` cannot be answered yet", bar)
        .label("the search part ends here")
        .help("search without it, or ask `trailql sql` with the SQL that `--explain` prints of the search part")
}

impl Translation {
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
        let conditions: Vec<Expr> = range.into_iter().chain(self.condition.clone()).collect();
        let condition = (!conditions.is_empty()).then(|| super::sql::all(conditions));
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
