//! The analysis part of a statement: Presto's SQL, as SLS has it, to SQL that DataFusion answers alike.
//!
//! The events that the search part finds become a common table expression `log`, with the columns that the statement
//! uses under the names that the console gives them. All else is rewritten in the tree that the parser makes:
//!
//! - names, in any case of the letters ([`super::scope`]), functions ([`super::functions`]), casts and times
//!   ([`super::expr`]);
//! - a missing FROM, names of output columns in GROUP BY, HAVING and ORDER BY, `LIMIT 100`, and NULL last
//!   ([`super::select`]);
//! - `UNNEST` ([`super::unnest`]).
//!
//! A pipeline of commands ([`super::spl`]) becomes SQL over the same table.

use super::inner_order;
use super::periods::{Comparison, put_forward, shifted_name};
use super::scope::UsedFields;
use super::spl::{COMMANDS, is_pipeline};
use super::tokens::{Places, SlsDialect, parser_error, prepare};
use crate::event::field::FieldId;
use crate::event::time::TimeRange;
use crate::sls::query::{named, query, select, table};
use crate::sls::sql::{cast, column, ident, number};
use crate::sls::{SlsError, SlsNotice, Span};
use crate::spelling::similar;
use chrono::{DateTime, TimeDelta, Utc};
use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    Cte, DataType, Expr, Query, Select, SetExpr, Statement, TableAlias, Value, Visit, Visitor, With,
};
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// The most levels that expressions and queries may be nested.
pub(super) const MAX_DEPTH: usize = 50;

/// The table of one row with the ends of the range, and its columns.
pub(super) const RANGE: &str = "__range";
pub(super) const FIRST: &str = "first";
pub(super) const LAST: &str = "last";

/// The table of events in the lake.
const EVENTS: &str = "events";

/// An analysis part as SQL, but for the events that it is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// The query over the common table expression of events.
    query: Query,
    /// Name of that.
    events: String,
    /// Names and values of its columns.
    columns: Vec<(String, Expr)>,
    /// Seconds that the ranges lie back which the statement compares with.
    shifts: Vec<i64>,
    /// The query names the ends of its range.
    names_range: bool,
    /// Remarks on the statement.
    pub notices: Vec<SlsNotice>,
}

/// Makes SQL of the analysis part of a statement.
///
/// `text` begins `offset` bytes into the statement, and places in errors are those of the statement.
pub fn lower(text: &str, offset: usize) -> Result<Analysis, SlsError> {
    let places = Places::of(text, offset);
    let prepared = prepare(text, &places, offset)?;
    let is_pipeline = is_pipeline(&prepared.tokens);
    let (mut query, tokens) = match is_pipeline {
        true => (self::query(select(Vec::new(), table(EVENTS), None)), prepared.tokens),
        false => (parse(prepared.tokens, &places)?, Vec::new()),
    };
    let mut lowering = Lowering {
        places,
        used: UsedFields::default(),
        notices: prepared.notices,
        trying: false,
        aggregate: None,
        has_clock: false,
        events: events_name(&query),
        shift: 0,
        shifts: BTreeSet::new(),
        comparison: None,
        in_series: false,
        names_range: false,
        table: None,
        tables: Vec::new(),
        derived: 0,
        depth: 0,
    };
    if is_pipeline {
        query = lowering.pipeline(tokens)?;
    } else {
        lowering.implied_from(&mut query);
        inner_order::keep(&mut query);
        lowering.query(&mut query, None)?;
    }
    if query.limit_clause.is_none() {
        let note = SlsNotice::note("an answer without LIMIT is cut, as it is online");
        lowering.notices.push(note.help("write `LIMIT n` at the end for more rows"));
    }
    lowering.notices.push(SlsNotice::note(
        "texts are analysed as a whole; the online service cuts them at 2,048 bytes, or as its index is set",
    ));
    if lowering.has_clock {
        let note = SlsNotice::note("clocks are those of the zone of `--tz`, and online those of UTC+8");
        lowering.notices.push(note.help("`--tz Asia/Shanghai` shows the same times"));
    }
    let mut columns: Vec<(String, Expr)> = lowering.used.into_columns().collect();
    if columns.is_empty() {
        // A table has a column, though only its rows are counted.
        columns.push(("event.eventId".to_owned(), column(FieldId::EventId.column())));
    }
    Ok(Analysis {
        query,
        events: lowering.events,
        columns,
        shifts: lowering.shifts.into_iter().collect(),
        names_range: lowering.names_range,
        notices: lowering.notices,
    })
}

impl Analysis {
    /// Returns the seconds that the earliest range lies back which the statement compares with, and 0 for one that
    /// needs the ends of its own range; `None` for one that needs none.
    pub(super) fn looks_back(&self) -> Option<i64> {
        self.shifts.last().copied().or(self.names_range.then_some(0))
    }

    /// Returns the query over the events of a range that meet a condition, of so many rows unless the statement has a
    /// LIMIT. `found` is the condition that an event of a range is found.
    pub fn query(&self, range: TimeRange, found: impl Fn(TimeRange) -> Option<Expr>, rows: u64) -> Query {
        let mut query = self.query.clone();
        query.limit_clause.get_or_insert_with(|| crate::sls::query::limit(rows));
        let item = |(name, value): &(String, Expr)| named(value.clone(), name);
        let all = select(self.columns.iter().map(item).collect(), table(EVENTS), found(range));
        let mut tables = vec![cte(&self.events, self::query(all))];
        for shift in &self.shifts {
            let put_forward = |(name, value): &(String, Expr)| {
                // A search looks at the event as it is.
                let is_search = name.starts_with("search(");
                named(if is_search { value.clone() } else { put_forward(value.clone(), *shift) }, name)
            };
            let earlier = found(moved_back(range, *shift));
            let earlier = select(self.columns.iter().map(put_forward).collect(), table(EVENTS), earlier);
            tables.push(cte(&shifted_name(&self.events, *shift), self::query(earlier)));
        }
        if self.names_range {
            tables.push(cte(RANGE, ends(range)));
        }
        match &mut query.with {
            Some(with) => {
                tables.append(&mut with.cte_tables);
                with.cte_tables = tables;
            }
            none => {
                *none = Some(With { with_token: AttachedToken::empty(), recursive: false, cte_tables: tables });
            }
        }
        query
    }
}

fn cte(name: &str, query: Query) -> Cte {
    Cte {
        alias: TableAlias { explicit: false, name: ident(name), columns: Vec::new(), at: None },
        query: Box::new(query),
        from: None,
        materialized: None,
        closing_paren_token: AttachedToken::empty(),
    }
}

/// Returns the range that lies so many seconds before another.
fn moved_back(range: TimeRange, seconds: i64) -> TimeRange {
    let length = TimeDelta::try_seconds(seconds).unwrap_or_default();
    let back = |end: DateTime<Utc>| end.checked_sub_signed(length).unwrap_or(DateTime::<Utc>::MIN_UTC);
    TimeRange { since: range.since.map(back), until: range.until.map(back) }
}

/// Returns a query of one row: the first and the last second of a range, NULL for an end that is open.
fn ends(range: TimeRange) -> Query {
    let since = range.since.map(|since| since.timestamp());
    let until = range.until.and_then(|until| until.checked_sub_signed(TimeDelta::microseconds(1)));
    let second = |second: Option<i64>| {
        let value = second.map_or(Expr::value(Value::Null), |second| number(&second.to_string()));
        cast(value, DataType::BigInt(None), false)
    };
    let items = vec![named(second(since), FIRST), named(second(until.map(|until| until.timestamp())), LAST)];
    let mut one = select(items, table(EVENTS), None);
    one.from.clear();
    query(one)
}

fn parse(tokens: Vec<TokenWithSpan>, places: &Places) -> Result<Query, SlsError> {
    let parser = Parser::new(&SlsDialect).with_recursion_limit(MAX_DEPTH).with_tokens_with_locations(tokens);
    let mut parser = parser;
    let first = parser.peek_token();
    let statement = parser.parse_statement().map_err(|error| {
        let error = parser_error(&error, places);
        match &first.token {
            // The whole is not read, because of its first word.
            Token::Word(word) if error.span.start == places.span(first.span).start => {
                let near = similar(&word.value, ["SELECT", "WITH"].into_iter().chain(COMMANDS));
                let help = near.first().map(|near| format!("did you mean `{near}`?"));
                error.help(help.unwrap_or_else(|| "an analysis part is a SELECT, or a pipeline".to_owned()))
            }
            _ => error,
        }
    })?;
    let next = parser.peek_token();
    if next.token != Token::EOF {
        let error = SlsError::new(format!("the analysis part goes on with `{}`", next.token), places.span(next.span));
        return Err(error.label("not expected here"));
    }
    match statement {
        Statement::Query(query) => Ok(*query),
        other => {
            let name = other.to_string().split_whitespace().next().unwrap_or_default().to_owned();
            let error = SlsError::new(format!("an analysis part is a SELECT, not {name}"), places.start());
            Err(error)
        }
    }
}

/// Returns the name of the common table expression of events: `log`, unless the statement has one of that name.
fn events_name(query: &Query) -> String {
    struct Names(bool);
    impl Visitor for Names {
        type Break = ();
        fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
            let mut names = query.with.iter().flat_map(|with| &with.cte_tables).map(|cte| &cte.alias.name.value);
            self.0 |= names.any(|name| name.eq_ignore_ascii_case("log"));
            ControlFlow::Continue(())
        }
    }
    let mut names = Names(false);
    let _ = query.visit(&mut names);
    if names.0 { "events_of_search" } else { "log" }.to_owned()
}

/// A common table expression of the statement.
pub(super) struct Table {
    /// Its name.
    pub(super) name: String,
    /// Its columns.
    pub(super) columns: Vec<super::scope::Column>,
    /// The query as it was written, with the names of its columns.
    pub(super) written: (Query, TableAlias),
}

impl Table {
    /// Returns `true` if a name in the statement is its own.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The state of a translation.
pub(super) struct Lowering {
    pub(super) places: Places,
    /// Fields of events that are used.
    pub(super) used: UsedFields,
    pub(super) notices: Vec<SlsNotice>,
    /// The expression stands inside of `try`.
    pub(super) trying: bool,
    /// The aggregate whose arguments are rewritten.
    pub(super) aggregate: Option<String>,
    /// A function shows or reads a clock.
    pub(super) has_clock: bool,
    /// Name of the common table expression of events.
    pub(super) events: String,
    /// Seconds that the range lies back which is rewritten at present.
    pub(super) shift: i64,
    /// Seconds that ranges lie back whose events are used.
    pub(super) shifts: BTreeSet<i64>,
    /// The comparison of the present SELECT.
    pub(super) comparison: Option<Comparison>,
    /// The present SELECT is that of a series of times.
    pub(super) in_series: bool,
    /// The ends of the range are named.
    pub(super) names_range: bool,
    /// The name that the statement calls the table of events by, other than `log`.
    pub(super) table: Option<String>,
    /// Common table expressions of the statement that are in sight.
    pub(super) tables: Vec<Table>,
    /// Number of tables that were made up.
    pub(super) derived: usize,
    /// Queries around the present one.
    pub(super) depth: usize,
}

impl Lowering {
    /// Adds `FROM log` to the SELECTs of the statement itself that have no FROM.
    fn implied_from(&self, query: &mut Query) {
        let mut bodies: Vec<&mut SetExpr> = vec![&mut query.body];
        while let Some(body) = bodies.pop() {
            match body {
                SetExpr::Select(select) if select.from.is_empty() => {
                    let implied: Select = self::select(Vec::new(), table("log"), None);
                    select.from = implied.from;
                }
                SetExpr::Query(query) => bodies.push(&mut query.body),
                SetExpr::SetOperation { left, right, .. } => bodies.extend([left.as_mut(), right.as_mut()]),
                _ => {}
            }
        }
    }

    /// Returns the name of the table of events of the range that is rewritten at present.
    pub(super) fn events(&mut self) -> String {
        if self.shift == 0 {
            return self.events.clone();
        }
        self.shifts.insert(self.shift);
        shifted_name(&self.events, self.shift)
    }

    /// Returns a name for a table that is made up.
    pub(super) fn made_up(&mut self) -> String {
        self.derived += 1;
        format!("__derived{}", self.derived)
    }

    /// Returns an error at a place.
    pub(super) fn refused(&self, form: &str, span: Span) -> SlsError {
        SlsError::new(format!("{form} is not known here"), span)
    }
}
