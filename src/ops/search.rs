//! Searches events with a statement of Simple Log Service, as ActionTrail's console does.
//!
//! [`translate`] reads the statement, without any event. [`Search::query`] is the query that it became, for
//! [`super::query::prepare`], and [`Search::explain`] the same as SQL that `trailql sql` answers alike. The console's
//! habits are here as well: the last seven days, and the newest events first.

use super::OpsError;
use super::query::Prepared;
use crate::deep_stack::on_deep_stack;
use crate::engine::views::LEADING_COLUMNS;
use crate::engine::{Query, ResolvedScope, Scope, Statement};
use crate::event::field::FieldId;
use crate::event::time::{TimeBound, TimeRange};
use crate::sls::lower::{self, Translation};
use crate::sls::split::split;
use crate::sls::sql::written;
use crate::sls::{SlsError, SlsNotice, Span};
use chrono::{DateTime, TimeDelta, Utc};
use datafusion::sql::sqlparser::ast;

/// The days that the console searches unless it is told another range.
pub const DEFAULT_DAYS: i64 = 7;

/// The hidden view of events with the columns that findings share.
const AUDIT_EVENTS: &str = "audit_events";

/// The rows that the console shows of an answer.
pub const DEFAULT_ROWS: u64 = 100;

/// The form of the answer to a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchForm {
    /// Some fields of each event, under the console's names.
    Rows,
    /// Whole events.
    Events,
    /// The number of events over time. As in the console, the analysis part does not count.
    Histogram,
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
    on_deep_stack(|| translate_here(statement, form, rows))
}

fn translate_here(statement: &str, form: SearchForm, rows: u64) -> Result<Search, Vec<SlsError>> {
    let translation = lower::translate(statement)?;
    if form == SearchForm::Events && translation.analysis.is_some() {
        let bar = split(statement).tail.map_or(0, |tail| tail.offset.saturating_sub(1));
        let error =
            SlsError::new("whole events are the answer to a search, and not to its analysis", Span::new(bar, bar + 1));
        return Err(vec![error.help("leave the analysis behind `|` away")]);
    }
    Ok(Search { translation, form, rows })
}

/// Words an error about the SQL that a statement became in the names of the statement, and returns the place of the
/// function that it is about.
pub fn in_words_of(statement: &str, message: &str) -> (String, Option<Span>) {
    let message = message.replace("`sls_try_", "`").replace("`sls_", "`");
    let name = message.split('`').nth(1).filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'));
    let place = name.and_then(|name| place_of_call(statement, name));
    (message, place)
}

/// Returns the place of the first call of a function in the analysis part.
fn place_of_call(statement: &str, name: &str) -> Option<Span> {
    let tail = split(statement).tail?;
    let lower = tail.text.to_ascii_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = lower
        .match_indices(name)
        .filter(|(at, _)| !lower[..*at].ends_with(is_part) && lower[at + name.len()..].trim_start().starts_with('('));
    let (at, _) = found.next()?;
    Some(Span::new(tail.offset + at, tail.offset + at + name.len()))
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

    /// Returns `true` if the statement has an analysis part.
    pub fn has_analysis(&self) -> bool {
        self.translation.analysis.is_some()
    }

    /// Returns `true` if the query needs the ends of its range: [`Search::over`] gives it those.
    pub fn needs_range(&self) -> bool {
        self.form == SearchForm::Rows && self.translation.looks_back().is_some()
    }

    /// Returns the query over the events in scope.
    pub fn query(&self) -> Query {
        // A query that needs a range tells by any which fields it reads.
        let since = self.needs_range().then_some(DateTime::UNIX_EPOCH);
        self.query_over(TimeRange { since, until: None })
    }

    /// Returns the query whose range of time is part of it.
    pub fn query_over(&self, range: TimeRange) -> Query {
        let statement = on_deep_stack(|| ast::Statement::Query(Box::new(self.sql(range))));
        let statement = Box::new(Statement::Statement(Box::new(statement)));
        match self.form {
            SearchForm::Rows => Query::Statement(statement),
            SearchForm::Events => Query::Events(statement),
            SearchForm::Histogram => Query::Histogram(statement),
        }
    }

    /// Returns the range of a scope, closed where the query needs its ends: an end that is open is that of the events.
    pub fn range(&self, scope: &ResolvedScope) -> TimeRange {
        let range = scope.range();
        if !self.needs_range() {
            return range;
        }
        let behind = |newest: DateTime<Utc>| newest.checked_add_signed(TimeDelta::microseconds(1)).unwrap_or(newest);
        let (since, until) = (range.since.or(scope.oldest_event), range.until.or(scope.newest_event.map(behind)));
        TimeRange { since, until }
    }

    /// Gives a query that is prepared its range, if it needs one: a comparison also reads the events before it.
    pub fn over(&self, prepared: Prepared) -> Result<Prepared, OpsError> {
        match self.with_range(prepared.scope()) {
            Some((events, query)) => prepared.over(events, query),
            None => Ok(prepared),
        }
    }

    /// Returns the range of the events to read and the query over it, if the query needs its ends.
    pub(super) fn with_range(&self, scope: &ResolvedScope) -> Option<(TimeRange, Query)> {
        if !self.needs_range() {
            return None;
        }
        let range = self.range(scope);
        let back = TimeDelta::try_seconds(self.translation.looks_back().unwrap_or_default()).unwrap_or_default();
        let since = range.since.map(|since| since.checked_sub_signed(back).unwrap_or(DateTime::<Utc>::MIN_UTC));
        Some((TimeRange { since, until: range.until }, self.query_over(range)))
    }

    /// Returns the query as SQL that stands alone: the range of time is part of it.
    pub fn explain(&self, range: TimeRange) -> String {
        on_deep_stack(|| written(self.sql(range)))
    }

    /// Returns the SELECT of a view that keeps the search.
    ///
    /// A search alone becomes a list of events with the columns that findings share, and without a limit. The rows of
    /// an analysis part are those that the console shows. The range of time is no part of a view, so a statement that
    /// needs its ends cannot be one: the error says so.
    pub fn view(&self) -> Result<String, &'static str> {
        if self.needs_range() {
            return Err("it needs the ends of a range of time, which are no part of a view");
        }
        if self.has_analysis() {
            let rows = || self.translation.answer(TimeRange::default(), self.rows);
            return Ok(on_deep_stack(|| written(rows())));
        }
        let own = [FieldId::UserIdentityType, FieldId::UserIdentityAccessKeyId, FieldId::UserAgent, FieldId::ErrorCode];
        let own = own.into_iter().chain([FieldId::ErrorMessage, FieldId::EventId]).map(FieldId::column);
        let columns: Vec<&str> = LEADING_COLUMNS.into_iter().chain(own).collect();
        Ok(on_deep_stack(|| written(self.translation.findings(AUDIT_EVENTS, &columns))))
    }

    fn sql(&self, range: TimeRange) -> ast::Query {
        match self.form {
            SearchForm::Rows => self.translation.answer(range, self.rows),
            SearchForm::Events => self.translation.events(range, self.rows),
            SearchForm::Histogram => self.translation.times(range),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_in_the_words_of_the_statement() {
        let statement = "substr | select substring('a'), Substr (1)";
        for (message, expected, place) in [
            ("argument 1 of `sls_substr` is a text", "argument 1 of `substr` is a text", Some("Substr")),
            ("`sls_try_date_parse` takes 2 arguments", "`date_parse` takes 2 arguments", None),
            ("divide by zero", "divide by zero", None),
            ("not a JSON path: `a.b`", "not a JSON path: `a.b`", None),
        ] {
            let (said, span) = in_words_of(statement, message);
            assert_eq!(said, expected);
            assert_eq!(span.map(|span| &statement[span.start..span.end]), place, "{message}");
        }
    }
}
