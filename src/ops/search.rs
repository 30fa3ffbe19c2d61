//! Searches events with a statement of Simple Log Service, as ActionTrail's console does.
//!
//! [`translate`] reads the statement, without any event. [`Search::query`] is the query that it became, for
//! [`super::query::prepare`], and [`Search::explain`] the same as SQL that `trailql sql` answers alike. The console's
//! habits are here as well: the last seven days, and the newest events first.

use crate::engine::{Query, Scope, Statement};
use crate::event::field::FieldId;
use crate::event::time::{TimeBound, TimeRange};
use crate::sls::lower::{self, Translation};
use crate::sls::split::split;
use crate::sls::sql::{all, column, text};
use crate::sls::{SlsError, SlsNotice, Span};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use datafusion::sql::sqlparser::ast::{self, BinaryOperator, Expr};

/// The days that the console searches unless it is told another range.
pub const DEFAULT_DAYS: i64 = 7;

/// The rows that the console shows of an answer.
pub const DEFAULT_ROWS: u64 = 100;

/// The form of the answer to a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchForm {
    /// Some fields of each event, under the console's names.
    Rows,
    /// Whole events.
    Events,
}

/// A statement that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    translation: Translation,
    form: SearchForm,
    rows: u64,
}

/// Reads a statement, which is to give so many rows. Errors have places in the statement.
pub fn translate(statement: &str, form: SearchForm, rows: u64) -> Result<Search, Vec<SlsError>> {
    let translation = lower::translate(statement)?;
    if form == SearchForm::Events && translation.analysis.is_some() {
        let bar = split(statement).tail.map_or(0, |tail| tail.offset.saturating_sub(1));
        let error =
            SlsError::new("whole events are the answer to a search, and not to its analysis", Span::new(bar, bar + 1));
        return Err(vec![error.help("leave the analysis behind `|` away")]);
    }
    Ok(Search { translation, form, rows })
}

/// Gives a scope without a start the console's range. Returns `true` if it had none.
pub fn set_default_range(scope: &mut Scope) -> bool {
    let is_open = scope.since.is_none();
    if is_open {
        scope.since = Some(TimeBound::BeforeNewest(TimeDelta::days(DEFAULT_DAYS)));
    }
    is_open
}

impl Search {
    /// Returns remarks on the statement.
    pub fn notices(&self) -> &[SlsNotice] {
        &self.translation.notices
    }

    /// Returns the query over the events in scope.
    pub fn query(&self) -> Query {
        let statement = ast::Statement::Query(Box::new(self.sql(None)));
        let statement = Box::new(Statement::Statement(Box::new(statement)));
        match self.form {
            SearchForm::Rows => Query::Statement(statement),
            SearchForm::Events => Query::Events(statement),
        }
    }

    /// Returns the query as SQL that stands alone: the range of time is part of it.
    pub fn explain(&self, range: TimeRange) -> String {
        format!("{:#}", self.sql(in_range(range)))
    }

    fn sql(&self, range: Option<Expr>) -> ast::Query {
        match self.form {
            SearchForm::Rows => self.translation.answer(range, self.rows),
            SearchForm::Events => self.translation.events(range, self.rows),
        }
    }
}

/// The condition that an event is of a range; `None` if all are.
fn in_range(range: TimeRange) -> Option<Expr> {
    let end = |op: BinaryOperator, end: DateTime<Utc>| Expr::BinaryOp {
        left: Box::new(column(FieldId::EventTime.column())),
        op,
        right: Box::new(text(end.to_rfc3339_opts(SecondsFormat::AutoSi, true))),
    };
    let since = range.since.map(|since| end(BinaryOperator::GtEq, since));
    let ends: Vec<Expr> = since.into_iter().chain(range.until.map(|until| end(BinaryOperator::Lt, until))).collect();
    (!ends.is_empty()).then(|| all(ends))
}
