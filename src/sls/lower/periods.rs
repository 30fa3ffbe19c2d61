//! `compare` and `ts_compare`: a subquery over the range of the statement and over earlier ones, beside each other.
//!
//! ```sql
//! SELECT t, compare(n, 86400) FROM (SELECT … AS t, count(*) AS n FROM log GROUP BY t) GROUP BY t
//! ```
//!
//! The subquery is answered once over `log` and once over `log_before_86400`, the events of the range that lies so many
//! seconds back. The clocks of those are put forward by as much, so that equal times of both ranges have equal groups.
//! A column tells the ranges apart, and the calls become sums of the rows of each.

use super::analysis::Lowering;
use super::functions::Call;
use super::scope::{Columns, Relation, Scope};
use crate::event::field::FieldId;
use crate::sls::query::{every_column, named, query, select, table};
use crate::sls::resolve::{Target, find};
use crate::sls::sql::{binary, call as call_of, cast, column, ident, nested, number, text};
use crate::sls::{SlsError, SlsNotice};
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, DataType, ExactNumberInfo, Expr, Function, GroupByExpr, Interval, OrderByExpr, Query, Select,
    SelectItem, SetExpr, SetOperator, SetQuantifier, TableAlias, TableAliasColumnDef, TableFactor, TableWithJoins,
    UnaryOperator, Value, Visit, VisitMut, Visitor, VisitorMut,
};
use std::ops::ControlFlow;

/// The column that tells the ranges apart: 0 for that of the statement.
const PERIOD: &str = "__period";

/// The most earlier ranges that a SELECT compares with.
const MOST_SHIFTS: usize = 10;

/// The longest way back, in seconds: a hundred years.
const LONGEST_SHIFT: i64 = 3_155_760_000;

/// The calls of a SELECT that compare ranges.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Comparison {
    /// Seconds that each earlier range lies back.
    shifts: Vec<i64>,
    /// The group that is a time, which `ts_compare` tells of the earlier range.
    time: Option<Expr>,
}

/// Returns `true` for the functions that compare ranges.
pub(super) fn compares(name: &str) -> bool {
    matches!(name, "compare" | "ts_compare")
}

/// Finds the calls of a SELECT itself, and not of the queries inside of it.
struct Calls {
    found: Vec<Function>,
    depth: usize,
}

impl Visitor for Calls {
    type Break = ();

    fn pre_visit_query(&mut self, _query: &Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _query: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expr
            && self.depth == 0
            && compares(&function.name.to_string().to_lowercase())
        {
            self.found.push(function.clone());
        }
        ControlFlow::Continue(())
    }
}

/// Returns the whole number that an expression of numbers is.
fn whole(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse().ok(),
            _ => None,
        },
        Expr::Nested(inner) => whole(inner),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => whole(expr)?.checked_neg(),
        Expr::BinaryOp { left, op, right } => {
            let (left, right) = (whole(left)?, whole(right)?);
            match op {
                BinaryOperator::Multiply => left.checked_mul(right),
                BinaryOperator::Plus => left.checked_add(right),
                BinaryOperator::Minus => left.checked_sub(right),
                _ => None,
            }
        }
        _ => None,
    }
}

impl Lowering {
    /// Returns what a SELECT compares, if it does.
    pub(super) fn comparison(&self, select: &Select, orders: &[OrderByExpr]) -> Result<Option<Comparison>, SlsError> {
        let mut calls = Calls { found: Vec::new(), depth: 0 };
        for item in &select.projection {
            if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
                let _ = expr.visit(&mut calls);
            }
        }
        let _ = select.having.visit(&mut calls);
        for order in orders {
            let _ = order.expr.visit(&mut calls);
        }
        if calls.found.is_empty() {
            return Ok(None);
        }
        let mut shifts = Vec::new();
        for function in &calls.found {
            let seconds = super::expr::arguments(function).unwrap_or_default();
            for shift in seconds.iter().skip(1) {
                match whole(shift) {
                    Some(shift @ 1..=LONGEST_SHIFT) if !shifts.contains(&shift) => shifts.push(shift),
                    Some(1..=LONGEST_SHIFT) => {}
                    _ => {
                        let message = format!("not a number of seconds to look back: `{shift}`");
                        return Err(SlsError::new(message, self.span_of(shift)).help("a day is 86400"));
                    }
                }
            }
        }
        let span = calls.found.first().map(|function| self.span_of(function)).unwrap_or_default();
        if shifts.len() > MOST_SHIFTS {
            return Err(SlsError::new(format!("a SELECT compares with {MOST_SHIFTS} ranges at most"), span));
        }
        if self.shift != 0 || self.comparison.is_some() {
            return Err(SlsError::new("a comparison cannot stand inside of another", span));
        }
        Ok(Some(Comparison { shifts, time: time_group(select) }))
    }

    /// Rewrites the subquery of a comparison to one over each range, and fills the scope with it.
    pub(super) fn compared_tables(
        &mut self,
        list: &mut Select,
        comparison: &Comparison,
        scope: &mut Scope<'_>,
    ) -> Result<(), SlsError> {
        let span = list.projection.first().map(|item| self.span_of(item)).unwrap_or_default();
        let refused = || {
            SlsError::new("a comparison is over one subquery", span)
                .help("write `SELECT compare(n, 86400) FROM (SELECT count(*) AS n FROM log)`")
        };
        let [TableWithJoins { relation, joins }] = list.from.as_slice() else { return Err(refused()) };
        let (written, alias) = match relation {
            TableFactor::Derived { lateral: false, subquery, alias, .. } => (subquery.as_ref().clone(), alias.clone()),
            TableFactor::Table { name, alias, args: None, .. }
                if self.tables.iter().any(|t| t.is_named(&name.to_string())) =>
            {
                let all = query(select(vec![every_column()], relation.clone(), None));
                let own = TableAlias {
                    explicit: true,
                    name: ident(name.to_string().trim_matches('"')),
                    columns: Vec::new(),
                    at: None,
                };
                (all, Some(alias.clone().unwrap_or(own)))
            }
            _ => return Err(refused()),
        };
        if !joins.is_empty() {
            return Err(refused());
        }
        let mut columns = Vec::new();
        let mut all: Option<SetExpr> = None;
        for (period, shift) in std::iter::once(&0).chain(&comparison.shifts).enumerate() {
            let mut subquery = written.clone();
            self.shift = *shift;
            columns = self.query(&mut subquery, None)?;
            self.shift = 0;
            let derived = self.made_up();
            let alias = Some(TableAlias { explicit: true, name: ident(&derived), columns: Vec::new(), at: None });
            let from = TableFactor::Derived { lateral: false, subquery: Box::new(subquery), alias, sample: None };
            let items = vec![every_column(), named(number(&period.to_string()), PERIOD)];
            let one = SetExpr::Select(Box::new(select(items, from, None)));
            all = Some(match all {
                None => one,
                Some(before) => SetExpr::SetOperation {
                    op: SetOperator::Union,
                    set_quantifier: SetQuantifier::All,
                    left: Box::new(before),
                    right: Box::new(one),
                },
            });
        }
        let Some(all) = all else { return Err(refused()) };
        let mut alias = alias;
        let name = alias.as_ref().map(|alias| alias.name.value.clone());
        if let Some(alias) = &mut alias {
            columns = self.renamed(columns, alias)?;
        }
        let sql = name.clone().unwrap_or_else(|| self.made_up());
        let mut given: Vec<_> = alias.map(|alias| alias.columns).unwrap_or_default();
        if !given.is_empty() {
            given.push(TableAliasColumnDef { name: ident(PERIOD), data_type: None });
        }
        let alias = Some(TableAlias { explicit: true, name: ident(&sql), columns: given, at: None });
        let mut subquery = query(select(Vec::new(), table("log"), None));
        *subquery.body = all;
        let relation = TableFactor::Derived { lateral: false, subquery: Box::new(subquery), alias, sample: None };
        list.from = vec![TableWithJoins { relation, joins: Vec::new() }];
        scope.relations.push(Relation { name, sql: Some(sql), columns: Columns::Known(columns) });
        let note =
            SlsNotice::note("a group that only one of the compared ranges has is shown, with NULL for the other");
        self.notices.push(note);
        Ok(())
    }

    /// Rewrites the time of a comparison, once its tables are known.
    pub(super) fn compared_time(&mut self, comparison: Comparison, scope: &Scope<'_>) -> Result<Comparison, SlsError> {
        let time = comparison.time.map(|time| self.expr(time, scope)).transpose()?;
        Ok(Comparison { time, ..comparison })
    }

    /// Rewrites a call to an array: the value of the range of the statement, those of earlier ranges, and what the
    /// first is divided by each of them. `ts_compare` adds the time of the group in each earlier range.
    pub(super) fn compared(&self, call: &Call) -> Result<Expr, SlsError> {
        let takes = "a column of the subquery, and seconds to look back";
        let (Some(comparison), [value, shifts @ ..]) = (&self.comparison, call.args.as_slice()) else {
            let error = SlsError::new(format!("`{}` takes {takes}, in the list of a SELECT", call.name), call.span);
            return Err(error);
        };
        if shifts.is_empty() {
            return Err(SlsError::new(format!("`{}` takes {takes}", call.name), call.span).help("a day is 86400"));
        }
        let of_period = |period: usize| {
            let is_it = binary(column(PERIOD), BinaryOperator::Eq, number(&period.to_string()));
            let sum = Call::filtered(call.with("sum", vec![value.clone()]), is_it);
            cast(Expr::Function(sum), DataType::Double(ExactNumberInfo::None), false)
        };
        let periods: Vec<(i64, usize)> = shifts
            .iter()
            .filter_map(|shift| {
                let shift = whole(shift)?;
                Some((shift, comparison.shifts.iter().position(|known| *known == shift)? + 1))
            })
            .collect();
        let mut items = vec![of_period(0)];
        items.extend(periods.iter().map(|(_, period)| of_period(*period)));
        items
            .extend(periods.iter().map(|(_, period)| binary(of_period(0), BinaryOperator::Divide, of_period(*period))));
        if call.name == "ts_compare" {
            let Some(time) = &comparison.time else {
                let error = SlsError::new("`ts_compare` needs a group that is a time", call.span);
                return Err(error.help("write `GROUP BY t` with the time `t` of the subquery"));
            };
            let seconds = call_of("sls_try_to_unixtime", [time.clone()]);
            items.extend(
                periods
                    .iter()
                    .map(|(shift, _)| binary(seconds.clone(), BinaryOperator::Minus, number(&shift.to_string()))),
            );
        }
        Ok(call_of("make_array", items))
    }

    /// Lets an aggregate beside a comparison count the rows of the statement's own range.
    pub(super) fn of_own_period(&self, name: &str, function: Function) -> Function {
        if self.comparison.is_none() || compares(name) || function.over.is_some() {
            return function;
        }
        Call::filtered(function, binary(column(PERIOD), BinaryOperator::Eq, number("0")))
    }
}

/// Returns the group of a SELECT that its subquery makes of a time, else the first group.
fn time_group(select: &Select) -> Option<Expr> {
    let GroupByExpr::Expressions(groups, _) = &select.group_by else { return None };
    let written: Vec<Expr> = groups.iter().map(|group| behind_alias(select, group)).collect();
    let is_time = |expr: &&Expr| {
        let Expr::Identifier(name) = expr else { return false };
        let Some(TableFactor::Derived { subquery, .. }) = select.from.first().map(|from| &from.relation) else {
            return false;
        };
        let SetExpr::Select(inner) = subquery.body.as_ref() else { return false };
        inner.projection.iter().any(|item| match item {
            SelectItem::ExprWithAlias { expr, alias } => {
                alias.value.eq_ignore_ascii_case(&name.value) && names_time(expr)
            }
            _ => false,
        })
    };
    written.iter().find(is_time).or_else(|| written.first()).cloned()
}

/// Returns the expression that a group names by the alias or the number of an output column.
fn behind_alias(select: &Select, group: &Expr) -> Expr {
    let aliased = |item: &SelectItem, name: &str| match item {
        SelectItem::ExprWithAlias { expr, alias } if alias.value.eq_ignore_ascii_case(name) => Some(expr.clone()),
        _ => None,
    };
    let found = match group {
        Expr::Identifier(name) => select.projection.iter().find_map(|item| aliased(item, &name.value)),
        other => whole(other).and_then(|number| usize::try_from(number).ok()).and_then(|number| {
            match select.projection.get(number.checked_sub(1)?)? {
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr.clone()),
                _ => None,
            }
        }),
    };
    found.unwrap_or_else(|| group.clone())
}

/// Returns `true` for an expression that names the time of an event.
fn names_time(expr: &Expr) -> bool {
    struct Times;
    impl Visitor for Times {
        type Break = ();
        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            let name = match expr {
                Expr::Identifier(name) => name.value.clone(),
                Expr::CompoundIdentifier(names) => super::scope::joined(names),
                _ => return ControlFlow::Continue(()),
            };
            let is_time = matches!(find(&name), Some(Target::Field(FieldId::SlsTime | FieldId::EventTime)));
            if is_time { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
    expr.visit(&mut Times).is_break()
}

/// Returns a value of an event whose clock is put forward by so many seconds.
pub(super) fn put_forward(mut value: Expr, seconds: i64) -> Expr {
    struct Forward(i64);
    impl VisitorMut for Forward {
        type Break = ();
        fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
            let Expr::Identifier(name) = &*expr else { return ControlFlow::Continue(()) };
            let by = if name.value == FieldId::SlsTime.column() {
                number(&self.0.to_string())
            } else if name.value == FieldId::EventTime.column() {
                Expr::Interval(Interval {
                    value: Box::new(text(format!("{} seconds", self.0))),
                    leading_field: None,
                    leading_precision: None,
                    last_field: None,
                    fractional_seconds_precision: None,
                })
            } else {
                return ControlFlow::Continue(());
            };
            let column = std::mem::replace(expr, Expr::value(Value::Null));
            *expr = nested(binary(column, BinaryOperator::Plus, by));
            ControlFlow::Continue(())
        }
    }
    let _ = VisitMut::visit(&mut value, &mut Forward(seconds));
    value
}

/// Returns the name of the table of events that lie so many seconds back.
pub(super) fn shifted_name(events: &str, seconds: i64) -> String {
    format!("{events}_before_{seconds}")
}
