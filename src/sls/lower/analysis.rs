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

use super::scope::UsedFields;
use super::spl::{COMMANDS, is_pipeline};
use super::tokens::{Places, SlsDialect, parser_error, prepare};
use crate::event::field::FieldId;
use crate::sls::query::{named, query, select, table};
use crate::sls::sql::{column, ident};
use crate::sls::{SlsError, SlsNotice, Span};
use crate::spelling::similar;
use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    Cte, Expr, Query, Select, SelectItem, SetExpr, Statement, TableAlias, Visit, Visitor, With,
};
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};
use std::ops::ControlFlow;

/// The most levels that expressions and queries may be nested.
pub(super) const MAX_DEPTH: usize = 50;

/// The table of events in the lake.
const EVENTS: &str = "events";

/// An analysis part as SQL, but for the events that it is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// The query over the common table expression of events.
    query: Query,
    /// Name and columns of that.
    events: (String, Vec<SelectItem>),
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
        has_clock: false,
        events: events_name(&query),
        table: None,
        tables: Vec::new(),
        derived: 0,
        depth: 0,
    };
    if is_pipeline {
        query = lowering.pipeline(tokens)?;
    } else {
        lowering.implied_from(&mut query);
        lowering.query(&mut query, None)?;
    }
    if query.limit_clause.is_none() {
        let note = SlsNotice::note("an answer without LIMIT is cut, as it is online");
        lowering.notices.push(note.help("write `LIMIT n` at the end for more rows"));
    }
    if lowering.has_clock {
        let note = SlsNotice::note("clocks are those of the zone of `--tz`, and online those of UTC+8");
        lowering.notices.push(note.help("`--tz Asia/Shanghai` shows the same times"));
    }
    let mut columns: Vec<SelectItem> = lowering.used.into_columns().map(|(name, value)| named(value, &name)).collect();
    if columns.is_empty() {
        // A table has a column, though only its rows are counted.
        columns.push(named(column(FieldId::EventId.column()), "event.eventId"));
    }
    Ok(Analysis { query, events: (lowering.events, columns), notices: lowering.notices })
}

impl Analysis {
    /// Returns the query over the events that meet a condition, of so many rows unless the statement has a LIMIT.
    pub fn query(&self, condition: Option<Expr>, rows: u64) -> Query {
        let mut query = self.query.clone();
        query.limit_clause.get_or_insert_with(|| crate::sls::query::limit(rows));
        let (name, columns) = &self.events;
        let inner = self::query(select(columns.clone(), table(EVENTS), condition));
        let events = Cte {
            alias: TableAlias { explicit: false, name: ident(name), columns: Vec::new(), at: None },
            query: Box::new(inner),
            from: None,
            materialized: None,
            closing_paren_token: AttachedToken::empty(),
        };
        match &mut query.with {
            Some(with) => with.cte_tables.insert(0, events),
            none => {
                *none = Some(With { with_token: AttachedToken::empty(), recursive: false, cte_tables: vec![events] });
            }
        }
        query
    }
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

/// The state of a translation.
pub(super) struct Lowering {
    pub(super) places: Places,
    /// Fields of events that are used.
    pub(super) used: UsedFields,
    pub(super) notices: Vec<SlsNotice>,
    /// The expression stands inside of `try`.
    pub(super) trying: bool,
    /// A function shows or reads a clock.
    pub(super) has_clock: bool,
    /// Name of the common table expression of events.
    pub(super) events: String,
    /// The name that the statement calls the table of events by, other than `log`.
    pub(super) table: Option<String>,
    /// Common table expressions of the statement that are in sight.
    pub(super) tables: Vec<(String, Vec<super::scope::Column>)>,
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
