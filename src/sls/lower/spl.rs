//! Pipelines: `where … | extend a=… | project … | stats n=count(*) by … | sort … | limit …`.
//!
//! Each command becomes a SELECT over the one before. Expressions are those of the analysis part. Until a command says
//! which fields go on (`project`, `stats`), a step has all fields of events and those that `extend` adds.

use super::analysis::Lowering;
use super::expr::with_nulls_last;
use super::scope::{Column, Columns, Relation, Scope};
use super::select::fields;
use super::tokens::{SlsDialect, is_blank, is_word, parser_error};
use crate::sls::query::{every_column, named, query, select, table};
use crate::sls::resolve::Target;
use crate::sls::sql::{ident, number};
use crate::sls::{SlsError, Span};
use crate::spelling::similar;
use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArguments, GroupByExpr, Ident, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, Query, TableAlias,
    TableFactor, Value,
};
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

/// The commands that are known.
pub(super) const COMMANDS: [&str; 11] = [
    "where",
    "extend",
    "project",
    "project-away",
    "project-rename",
    "stats",
    "sort",
    "limit",
    "parse-regexp",
    "parse-csv",
    "parse-json",
];

/// The commands that are not, and the reason.
const REFUSED: [(&str, &str); 5] = [
    (".let", "named data sets are not known here"),
    ("parse-kv", "its fields are known only from the data; use `extend m=split_to_map(f, ',', '=')`"),
    ("pack-fields", "fields are not packed here"),
    ("make-series", "series belong to machine learning"),
    ("union", "named data sets are not known here"),
];

/// The most commands of a pipeline.
const MOST_COMMANDS: usize = 40;

/// Returns `true` if an analysis part is a pipeline: it begins with the name of a command.
pub(super) fn is_pipeline(tokens: &[TokenWithSpan]) -> bool {
    let name = tokens.split(|token| token.token == Token::Pipe).next().and_then(|first| command(first));
    name.is_some_and(|(name, _)| {
        COMMANDS.contains(&name.as_str()) || REFUSED.iter().any(|(known, _)| *known == name) || name.starts_with('.')
    })
}

/// Returns the name of a command in small letters, and the tokens behind it.
fn command(tokens: &[TokenWithSpan]) -> Option<(String, &[TokenWithSpan])> {
    let start = tokens.iter().position(|token| !is_blank(token))?;
    let mut name = String::new();
    let mut at = start;
    // `project-away` is three tokens.
    while let Some(token) = tokens.get(at) {
        match &token.token {
            Token::Word(word) if word.quote_style.is_none() && (name.is_empty() || name.ends_with(['-', '.'])) => {
                name.push_str(&word.value.to_lowercase());
            }
            Token::Minus if !name.is_empty() && !name.ends_with('-') => {
                let follows = tokens.get(at + 1).is_some_and(|next| matches!(next.token, Token::Word(_)));
                if !follows {
                    break;
                }
                name.push('-');
            }
            Token::Period if name.is_empty() => name.push('.'),
            _ => break,
        }
        at += 1;
    }
    (!name.is_empty()).then(|| (name, tokens.get(at..).unwrap_or_default()))
}

/// The rows after some commands.
pub(super) struct Step {
    query: Query,
    /// All fields of events go on.
    has_events: bool,
    /// Further columns.
    columns: Vec<Column>,
    /// The order that later commands keep: names and `true` for ascending.
    order: Vec<(Vec<Ident>, bool)>,
    /// `limit` has kept the first rows of the order, which later commands need not keep.
    is_cut: bool,
    /// A name has been given this often.
    given: usize,
}

impl Lowering {
    /// Rewrites a pipeline to a query.
    pub(super) fn pipeline(&mut self, tokens: Vec<TokenWithSpan>) -> Result<Query, SlsError> {
        let mut step = Step {
            query: query(select(vec![every_column()], table(&self.events), None)),
            has_events: true,
            columns: Vec::new(),
            order: Vec::new(),
            is_cut: false,
            given: 0,
        };
        let parts = split(&tokens, &Token::Pipe);
        if parts.len() > MOST_COMMANDS {
            return Err(SlsError::new(format!("a pipeline has {MOST_COMMANDS} commands at most"), self.places.end()));
        }
        for (at, part) in parts.iter().enumerate() {
            let span = self.span_of_tokens(part);
            let Some((name, rest)) = command(part) else {
                return Err(SlsError::new("a command of a pipeline is expected", span));
            };
            let name_span = Span::new(span.start, (span.start + name.len()).min(span.end));
            step = match name.as_str() {
                "where" => self.filter(step, rest)?,
                "extend" => self.extend(step, rest)?,
                "project" | "project-away" | "project-rename" => self.project(&name, step, rest)?,
                "stats" => self.stats(step, rest)?,
                "sort" => self.sort(step, rest)?,
                "limit" => self.first_rows(step, rest)?,
                "parse-regexp" => self.parse_regexp(step, rest)?,
                "parse-csv" => self.parse_csv(step, rest)?,
                "parse-json" => self.parse_json(step, rest, parts.get(at + 1..).unwrap_or_default())?,
                "select" => {
                    let error = SlsError::new("SQL cannot follow a command of a pipeline", name_span);
                    return Err(error.help("use `where`, `extend`, `project`, `stats`, `sort` and `limit`"));
                }
                name => {
                    if let Some((_, reason)) = REFUSED.iter().find(|(known, _)| *known == name) {
                        return Err(SlsError::new(format!("`{name}` is not possible here: {reason}"), name_span));
                    }
                    let error = SlsError::new(format!("no command of a pipeline is named `{name}`"), name_span);
                    return Err(match similar(name, COMMANDS).first() {
                        Some(near) => error.help(format!("did you mean `{near}`?")),
                        None => error.help(format!("there are {}", COMMANDS.join(", "))),
                    });
                }
            };
        }
        self.finish(step)
    }

    pub(super) fn span_of_tokens(&self, tokens: &[TokenWithSpan]) -> Span {
        let mut words = tokens.iter().filter(|token| !is_blank(token) && token.token != Token::EOF);
        let Some(first) = words.next() else { return self.places.end() };
        let last = words.next_back().unwrap_or(first);
        self.places.span(first.span).to(self.places.span(last.span))
    }

    /// Reads an expression of all of these tokens.
    pub(super) fn read(&self, tokens: &[TokenWithSpan]) -> Result<Expr, SlsError> {
        let parser = Parser::new(&SlsDialect).with_recursion_limit(super::analysis::MAX_DEPTH);
        let mut parser = parser.with_tokens_with_locations(tokens.to_vec());
        let expr = parser.parse_expr().map_err(|error| parser_error(&error, &self.places))?;
        let next = parser.peek_token();
        if next.token == Token::EOF {
            return Ok(expr);
        }
        Err(SlsError::new(format!("the expression goes on with `{}`", next.token), self.places.span(next.span)))
    }

    /// Returns the scope of the rows of a step, and the table that they are.
    fn over(&mut self, step: &Step) -> (Scope<'static>, TableFactor) {
        let derived = self.made_up();
        let relation = |columns| Relation { name: None, sql: Some(derived.clone()), columns };
        let mut relations = vec![relation(Columns::Known(step.columns.clone()))];
        if step.has_events {
            relations.push(relation(Columns::Events));
        }
        let alias = Some(TableAlias { explicit: true, name: ident(&derived), columns: Vec::new(), at: None });
        let subquery = Box::new(step.query.clone());
        let scope = Scope { relations, is_one: true, ..Scope::default() };
        (scope, TableFactor::Derived { lateral: false, subquery, alias, sample: None })
    }

    fn filter(&mut self, step: Step, tokens: &[TokenWithSpan]) -> Result<Step, SlsError> {
        let condition = self.read(tokens)?;
        let (scope, table) = self.over(&step);
        let condition = self.expr(condition, &scope)?;
        Ok(Step { query: query(select(vec![every_column()], table, Some(condition))), ..step })
    }

    fn extend(&mut self, step: Step, tokens: &[TokenWithSpan]) -> Result<Step, SlsError> {
        let mut added = Vec::new();
        for part in split(tokens, &Token::Comma) {
            let (name, tokens) = self.assignment(part)?;
            let Some(name) = name else {
                let error = SlsError::new("`extend` gives a name to an expression", self.span_of_tokens(part));
                return Err(error.help("write `extend name=expression`"));
            };
            added.push((name.value, self.read(tokens)?));
        }
        self.add(step, added)
    }

    /// Adds columns to a step. A column of the same name is replaced.
    pub(super) fn add(&mut self, mut step: Step, added: Vec<(String, Expr)>) -> Result<Step, SlsError> {
        let (scope, table) = self.over(&step);
        let mut items = vec![every_column()];
        for (name, expr) in added {
            step.given += 1;
            let sql = if step.columns.iter().any(|column| column.sql == name) || resolves(&name) {
                format!("{name}#{}", step.given)
            } else {
                name.clone()
            };
            items.push(named(self.expr(expr, &scope)?, &sql));
            step.columns.retain(|column| !column.name.eq_ignore_ascii_case(&name));
            step.columns.push(Column { name, sql, member: None });
        }
        Ok(Step { query: query(select(items, table, None)), ..step })
    }

    fn project(&mut self, command: &str, step: Step, tokens: &[TokenWithSpan]) -> Result<Step, SlsError> {
        let (scope, table) = self.over(&step);
        let all = step.names();
        let mut kept: Vec<(String, Vec<Ident>)> = Vec::new();
        let mut renamed: Vec<(String, String)> = Vec::new();
        let mut dropped: Vec<String> = Vec::new();
        for part in split(tokens, &Token::Comma) {
            let span = self.span_of_tokens(part);
            let (name, rest) = self.assignment(part)?;
            let old = match self.pattern(rest) {
                Some(pattern) if name.is_none() => {
                    let fitting = all.iter().filter(|known| fits(&pattern, known)).cloned();
                    dropped.extend(fitting.clone());
                    kept.extend(fitting.map(|known| (known.clone(), vec![Ident::with_quote('"', known)])));
                    continue;
                }
                _ => match names_of(self.read(rest)?) {
                    Some(old) => old,
                    None => {
                        let error = SlsError::new(format!("`{command}` takes names of fields"), span);
                        return Err(error.help("`extend` takes expressions"));
                    }
                },
            };
            // An unknown name is an error, whatever becomes of it.
            scope.resolve(&old, span, &mut self.used)?;
            let written = super::scope::joined(&old);
            match name {
                Some(new) if command == "project-rename" => renamed.push((written, new.value)),
                Some(new) => kept.push((new.value, old)),
                None if command == "project-rename" => {
                    return Err(SlsError::new("`project-rename` gives new names", span).help("write `new=old`"));
                }
                None => {
                    dropped.push(written.clone());
                    kept.push((written, old));
                }
            }
        }
        let is_one_of = |names: &[String], name: &str| {
            names.iter().any(|known| known.eq_ignore_ascii_case(name) || same_field(known, name))
        };
        let chosen: Vec<(String, Vec<Ident>)> = match command {
            "project" => kept,
            "project-away" => {
                let left = all.into_iter().filter(|name| !is_one_of(&dropped, name));
                left.map(|name| (name.clone(), vec![Ident::with_quote('"', name)])).collect()
            }
            _ => {
                let new_name = |name: String| {
                    let new = renamed.iter().find(|(old, _)| is_one_of(std::slice::from_ref(old), &name));
                    (new.map_or_else(|| name.clone(), |(_, new)| new.clone()), vec![Ident::with_quote('"', name)])
                };
                all.into_iter().map(new_name).collect()
            }
        };
        let (mut items, mut columns) = (Vec::new(), Vec::new());
        for (name, old) in chosen {
            let expr = scope.resolve(&old, self.places.start(), &mut self.used)?;
            items.push(named(expr, &name));
            columns.push(Column::named(&name));
        }
        Ok(Step { query: query(select(items, table, None)), has_events: false, columns, ..step })
    }

    fn stats(&mut self, step: Step, tokens: &[TokenWithSpan]) -> Result<Step, SlsError> {
        let mut depth = 0usize;
        let by = tokens.iter().position(|token| {
            match token.token {
                Token::LParen => depth += 1,
                Token::RParen => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && is_word(token, "by")
        });
        let (aggregates, groups) = match by {
            Some(at) => (&tokens[..at], &tokens[at + 1..]),
            None => (tokens, &[][..]),
        };
        let is_empty = |tokens: &[TokenWithSpan]| tokens.iter().all(is_blank);
        if is_empty(aggregates) || by.is_some_and(|_| is_empty(groups)) {
            let place = by
                .and_then(|at| tokens.get(at))
                .map_or_else(|| self.places.end(), |token| self.places.span(token.span));
            let error = SlsError::new("`stats` takes aggregates, and fields behind `by`", place);
            return Err(error.help("write `stats count(*) as n by eventName`"));
        }
        let (scope, table) = self.over(&step);
        let (mut items, mut columns) = (Vec::new(), Vec::new());
        for part in split(groups, &Token::Comma) {
            let (name, rest) = self.assignment(part)?;
            let expr = self.read(rest)?;
            let name = name.map_or_else(|| written(&expr), |name| name.value);
            items.push(named(self.expr(expr, &scope)?, &name));
            columns.push(Column::named(&name));
        }
        let ordinals = (1..=items.len()).map(|at| number(&at.to_string())).collect();
        for part in split(aggregates, &Token::Comma) {
            let (name, rest) = self.assignment(part)?;
            let expr = self.read(rest)?;
            let name = name.map_or_else(|| written(&expr), |name| name.value);
            items.push(named(self.expr(expr, &scope)?, &name));
            columns.push(Column::named(&name));
        }
        let mut select = select(items, table, None);
        select.group_by = GroupByExpr::Expressions(ordinals, Vec::new());
        Ok(Step {
            query: query(select),
            has_events: false,
            columns,
            order: Vec::new(),
            is_cut: false,
            given: step.given,
        })
    }

    fn sort(&mut self, mut step: Step, tokens: &[TokenWithSpan]) -> Result<Step, SlsError> {
        step.order.clear();
        step.is_cut = false;
        for part in split(tokens, &Token::Comma) {
            let words: Vec<&TokenWithSpan> = part.iter().filter(|token| !is_blank(token)).collect();
            let is = |word: &str| words.last().is_some_and(|token| token.token.to_string().eq_ignore_ascii_case(word));
            let has_direction = words.len() > 1 && (is("asc") || is("desc"));
            let end = if has_direction { part.iter().rposition(|token| !is_blank(token)) } else { None };
            let name = part.get(..end.unwrap_or(part.len())).unwrap_or(part);
            let Some(names) = names_of(self.read(name)?) else {
                return Err(SlsError::new("`sort` takes names of fields", self.span_of_tokens(part)));
            };
            step.order.push((names, !is("desc") || !has_direction));
        }
        // An unknown name is an error here, and not at the end.
        let (scope, _) = self.over(&step);
        for (names, _) in &step.order {
            let span = names.first().map(|name| self.places.span(name.span)).unwrap_or_default();
            scope.resolve(names, span, &mut self.used)?;
        }
        Ok(step)
    }

    fn first_rows(&mut self, step: Step, tokens: &[TokenWithSpan]) -> Result<Step, SlsError> {
        let limit = self.read(tokens)?;
        if !matches!(&limit, Expr::Value(value) if matches!(value.value, Value::Number(..))) {
            return Err(SlsError::new("`limit` takes a number of rows", self.span_of_tokens(tokens)));
        }
        let (scope, table) = self.over(&step);
        let mut query = query(select(vec![every_column()], table, None));
        query.order_by = self.ordered(&step, &scope)?;
        query.limit_clause = Some(datafusion::sql::sqlparser::ast::LimitClause::LimitOffset {
            limit: Some(limit),
            offset: None,
            limit_by: Vec::new(),
        });
        Ok(Step { query, is_cut: true, ..step })
    }

    fn ordered(&mut self, step: &Step, scope: &Scope<'_>) -> Result<Option<OrderBy>, SlsError> {
        let mut orders = Vec::new();
        for (names, ascending) in &step.order {
            let span = names.first().map(|name| self.places.span(name.span)).unwrap_or_default();
            let expr = match scope.resolve(names, span, &mut self.used) {
                Ok(expr) => expr,
                Err(_) if step.is_cut => break,
                Err(error) => {
                    let help = "keep the field that `sort` orders by, or put `limit` right behind it";
                    return Err(error.help(help));
                }
            };
            let options = OrderByOptions { asc: Some(*ascending), nulls_first: None };
            orders.push(with_nulls_last(OrderByExpr { expr, options, with_fill: None }));
        }
        let is_ordered = !orders.is_empty();
        let kind = OrderByKind::Expressions(orders);
        Ok(is_ordered.then_some(OrderBy { kind, interpolate: None }))
    }

    /// Makes the query of the whole pipeline, whose columns have their names.
    fn finish(&mut self, step: Step) -> Result<Query, SlsError> {
        let (scope, table) = self.over(&step);
        let mut items = Vec::new();
        for name in step.names() {
            let expr = scope.resolve(&[Ident::with_quote('"', name.clone())], self.places.start(), &mut self.used)?;
            items.push(named(expr, &name));
        }
        let mut query = query(select(items, table, None));
        query.order_by = self.ordered(&step, &scope)?;
        Ok(query)
    }

    /// Splits `name = expression` into its parts.
    fn assignment<'t>(&self, tokens: &'t [TokenWithSpan]) -> Result<(Option<Ident>, &'t [TokenWithSpan]), SlsError> {
        if tokens.iter().all(is_blank) {
            return Err(SlsError::new("an expression is expected", self.span_of_tokens(tokens)));
        }
        let mut words = tokens.iter().enumerate().filter(|(_, token)| !is_blank(token));
        let (first, second) = (words.next(), words.next());
        if let (Some((_, first)), Some((at, second))) = (first, second)
            && let Token::Word(word) = &first.token
            && second.token == Token::Eq
        {
            let name = Ident { value: word.value.clone(), quote_style: word.quote_style, span: first.span };
            return Ok((Some(name), tokens.get(at + 1..).unwrap_or_default()));
        }
        Ok((None, tokens))
    }

    /// Returns a quoted name with `*` in it.
    fn pattern(&self, tokens: &[TokenWithSpan]) -> Option<String> {
        let words: Vec<&TokenWithSpan> = tokens.iter().filter(|token| !is_blank(token)).collect();
        match words[..] {
            [token] => match &token.token {
                Token::Word(word) if word.quote_style.is_some() && word.value.contains('*') => Some(word.value.clone()),
                Token::Mul => Some("*".to_owned()),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Step {
    /// Returns `true` if a command has given a column this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Returns the names of the columns.
    fn names(&self) -> Vec<String> {
        let is_added = |name: &String| self.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
        let events = fields().filter(|_| self.has_events).map(|id| Target::Field(id).name());
        let events = events.filter(|name| !is_added(name));
        events.chain(self.columns.iter().map(|column| column.name.clone())).collect()
    }
}

/// Returns `true` if two names stand for one field of events.
fn same_field(left: &str, right: &str) -> bool {
    crate::sls::resolve::find(left).is_some_and(|target| Some(target) == crate::sls::resolve::find(right))
}

pub(super) fn resolves(name: &str) -> bool {
    crate::sls::resolve::find(name).is_some()
}

/// Returns `true` if a name fits a pattern in which `*` stands for any text.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn written(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(name) => name.value.clone(),
        Expr::CompoundIdentifier(names) => super::scope::joined(names),
        other => other.to_string().chars().take(80).collect(),
    }
}

/// Returns the parts of a name. The parser takes words such as `user` for functions without parentheses.
pub(super) fn names_of(expr: Expr) -> Option<Vec<Ident>> {
    match expr {
        Expr::Identifier(name) => Some(vec![name]),
        Expr::CompoundIdentifier(names) => Some(names),
        Expr::Function(function) if matches!(function.args, FunctionArguments::None) => {
            function.name.0.iter().map(|part| part.as_ident().cloned()).collect()
        }
        _ => None,
    }
}

/// Splits tokens where one stands in no parentheses or brackets.
pub(super) fn split<'t>(tokens: &'t [TokenWithSpan], at: &Token) -> Vec<&'t [TokenWithSpan]> {
    if tokens.iter().all(|token| is_blank(token) || token.token == Token::EOF) {
        return Vec::new();
    }
    let (mut depth, mut start, mut parts) = (0usize, 0, Vec::new());
    for (place, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
            token if depth == 0 && token == at => {
                parts.push(&tokens[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&tokens[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_patterns() {
        for (pattern, name, expected) in [
            ("event.*", "event.eventName", true),
            ("*Name", "event.eventName", true),
            ("event.*Identity*", "event.userIdentity.type", true),
            ("*", "", true),
            ("a*b*c", "abc", true),
            ("a*a", "a", false),
            ("b*", "abc", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
