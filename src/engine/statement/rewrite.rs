//! The forms of a statement that are rewritten before DataFusion plans it.
//!
//! - `time AT TIME ZONE 'zone'` becomes our own function. Timestamps become microseconds, which is the unit of the lake
//!   and reaches further than nanoseconds (1677 to 2262).
//! - A projection without a name is called as it was written. DataFusion names a cast like the column inside of it, so
//!   that the two could not stand side by side. A column that is selected twice gets a second name.
//! - Casts of one column to several types are told apart where they are grouped by or aggregated, for the same reason.
//! - `x = ANY (SELECT …)` becomes IN, and `count(DISTINCT a, b)` a count of pairs.
//! - Ordinals inside of ROLLUP, CUBE and GROUPING SETS become the projections that they count.

use super::super::EngineError;
use super::super::functions::time::AT_TIME_ZONE;
use datafusion::sql::sqlparser::ast::{
    self, BinaryOperator, DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
    GroupByExpr, Ident, ObjectName, OrderBy, OrderByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, SetOperator,
    SetQuantifier, TypedString, Value, VisitMut, VisitorMut,
};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

/// Rewrites a statement from the leaves up.
pub(super) struct Rewriter;

impl VisitorMut for Rewriter {
    type Break = EngineError;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<EngineError> {
        if let Some(name) = wrong_set_operation(&query.body) {
            let text = format!("{name} ALL: DataFusion takes it for one that only looks whether a row is there");
            return ControlFlow::Break(EngineError::NotSupported(text));
        }
        let named = name_projections(&mut query.body);
        if let Some(OrderBy { kind: OrderByKind::Expressions(exprs), .. }) = &mut query.order_by {
            for OrderByExpr { expr, .. } in exprs {
                if let Some(name) = named.get(&expr.to_string().to_lowercase()) {
                    *expr = Expr::Identifier(name.clone());
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<EngineError> {
        let refused = |form: &str| ControlFlow::Break(EngineError::NotSupported(form.to_owned()));
        match expr {
            // For a list DataFusion has a function.
            Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } => {
                if let Expr::Subquery(subquery) = right.as_ref() {
                    *expr = in_subquery(left, subquery, false);
                }
            }
            Expr::AllOp { left, compare_op: BinaryOperator::NotEq, right } => match right.as_ref() {
                Expr::Subquery(subquery) => *expr = in_subquery(left, subquery, true),
                _ => return refused("ALL of a list: write NOT IN"),
            },
            Expr::AnyOp { right, .. } if matches!(right.as_ref(), Expr::Subquery(_)) => {
                return refused("a comparison with ANY of a subquery: compare with its minimum or maximum");
            }
            Expr::AllOp { .. } => {
                return refused("a comparison with ALL of a subquery: compare with its minimum or maximum");
            }
            Expr::SimilarTo { .. } => return refused("SIMILAR TO: use LIKE, or a regular expression with `~`"),
            Expr::Function(function) => distinct_of_several(function),
            Expr::AtTimeZone { timestamp, time_zone } => {
                *expr = call(AT_TIME_ZONE, vec![timestamp.as_ref().clone(), time_zone.as_ref().clone()]);
            }
            Expr::Cast { data_type, .. } | Expr::TypedString(TypedString { data_type, .. }) => {
                in_microseconds(data_type)
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Returns the set operation that counts rows (INTERSECT ALL, EXCEPT ALL), which DataFusion does not do.
fn wrong_set_operation(body: &SetExpr) -> Option<&'static str> {
    let mut bodies = vec![body];
    while let Some(body) = bodies.pop() {
        if let SetExpr::SetOperation { op, set_quantifier, left, right } = body {
            let all = matches!(set_quantifier, SetQuantifier::All | SetQuantifier::AllByName);
            match op {
                SetOperator::Intersect if all => return Some("INTERSECT"),
                SetOperator::Except | SetOperator::Minus if all => return Some("EXCEPT"),
                _ => bodies.extend([left.as_ref(), right.as_ref()]),
            }
        }
    }
    None
}

fn in_subquery(left: &Expr, subquery: &Query, negated: bool) -> Expr {
    Expr::InSubquery { expr: Box::new(left.clone()), subquery: Box::new(subquery.clone()), negated }
}

/// Makes `count(DISTINCT a, b)` a count of pairs in which both are there.
fn distinct_of_several(function: &mut ast::Function) {
    let FunctionArguments::List(arguments) = &mut function.args else { return };
    let is_distinct = arguments.duplicate_treatment == Some(ast::DuplicateTreatment::Distinct);
    if !is_distinct || arguments.args.len() < 2 || !function.name.to_string().eq_ignore_ascii_case("count") {
        return;
    }
    let exprs = arguments.args.iter().map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
        _ => None,
    });
    let Some(exprs) = exprs.collect::<Option<Vec<_>>>() else { return };
    let all_there = exprs.iter().map(|expr| Expr::IsNotNull(Box::new(Expr::Nested(Box::new(expr.clone())))));
    let Some(condition) = all_there.reduce(|left, right| Expr::BinaryOp {
        left: Box::new(left),
        op: BinaryOperator::And,
        right: Box::new(right),
    }) else {
        return;
    };
    let pairs = Expr::Case {
        case_token: ast::helpers::attached_token::AttachedToken::empty(),
        end_token: ast::helpers::attached_token::AttachedToken::empty(),
        operand: None,
        conditions: vec![ast::CaseWhen { condition, result: call("struct", exprs) }],
        else_result: None,
    };
    arguments.args = vec![FunctionArg::Unnamed(FunctionArgExpr::Expr(pairs))];
}

fn in_microseconds(data_type: &mut DataType) {
    match data_type {
        DataType::Timestamp(unit @ None, _) | DataType::Datetime(unit @ None) => *unit = Some(6),
        _ => {}
    }
}

fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    let args = arguments.into_iter().map(|argument| FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))).collect();
    Expr::Function(ast::Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses: Vec::new() }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// Names the projections of every SELECT of a query that need a name. Returns the names by expression.
pub(super) fn name_projections(body: &mut SetExpr) -> HashMap<String, Ident> {
    let mut named = HashMap::new();
    let mut bodies = vec![body];
    while let Some(body) = bodies.pop() {
        match body {
            SetExpr::Select(select) => {
                resolve_ordinals(select);
                name_projection(&mut select.projection, &mut named);
                tell_casts_apart(select);
            }
            SetExpr::SetOperation { left, right, .. } => bodies.extend([left.as_mut(), right.as_mut()]),
            // A query in parentheses is visited by itself.
            _ => {}
        }
    }
    named
}

fn name_projection(projection: &mut [SelectItem], named: &mut HashMap<String, Ident>) {
    let has_wildcard =
        projection.iter().any(|item| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)));
    let mut seen: HashSet<String> = HashSet::new();
    for item in projection {
        if let SelectItem::ExprWithAlias { expr, alias } = item
            && is_named_as_column(expr)
        {
            named.insert(expr.to_string().to_lowercase(), alias.clone());
        }
        let SelectItem::UnnamedExpr(expr) = item else { continue };
        let text = expr.to_string();
        let first = seen.insert(text.to_lowercase());
        let column = match &*expr {
            Expr::Identifier(name) => Some(name.value.clone()),
            Expr::CompoundIdentifier(names) => names.last().map(|name| name.value.clone()),
            _ => None,
        };
        let is_column = column.is_some();
        let name = match column {
            // Columns of two tables may share a name, and the answer tells them apart.
            Some(column) if !first || has_wildcard => unused(&column, &mut seen),
            Some(_) => continue,
            None if !first => unused(&text, &mut seen),
            None => text,
        };
        let alias = Ident::with_quote('"', name);
        if !is_column && first {
            named.insert(expr.to_string().to_lowercase(), alias.clone());
        }
        *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
    }
}

/// Returns `name_1`, or the next such name that is not in use.
fn unused(name: &str, seen: &mut HashSet<String>) -> String {
    let mut names = (1..).map(|n: u32| format!("{name}_{n}"));
    names.find(|name| seen.insert(name.to_lowercase())).unwrap_or_default()
}

/// Returns `true` for expressions that DataFusion names like the column inside of them.
fn is_named_as_column(expr: &Expr) -> bool {
    match expr {
        Expr::Cast { expr, .. } | Expr::Nested(expr) => {
            matches!(expr.as_ref(), Expr::Identifier(_) | Expr::CompoundIdentifier(_)) || is_named_as_column(expr)
        }
        _ => false,
    }
}

/// Gives different names to a column and to its casts to several types, where they are grouped by or aggregated.
///
/// DataFusion names all of them like the column, and a function like its call. So each further cast is of a column that
/// is wrapped in one more call of a function that changes nothing.
fn tell_casts_apart(select: &mut Select) {
    let mut names = CastNames::default();
    let mut visit = |names: &mut CastNames| {
        for item in &mut select.projection {
            if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
                let _ = expr.visit(names);
            }
        }
        let _ = select.group_by.visit(names);
        let _ = select.having.visit(names);
    };
    visit(&mut names);
    names.wraps = true;
    visit(&mut names);
}

/// The names of columns and of casts of them.
#[derive(Default)]
struct CastNames {
    /// Columns, each with the types that it is cast to.
    casts: HashMap<String, Vec<String>>,
    /// Columns with the number of times that they stand outside of casts.
    bare: HashMap<String, i64>,
    /// Wraps columns in this pass, in place of counting them.
    wraps: bool,
}

impl VisitorMut for CastNames {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let is_name = |expr: &Expr| matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_));
        match expr {
            Expr::Cast { expr, data_type, .. } if is_name(expr) => {
                let (column, kind) = (expr.to_string().to_lowercase(), data_type.to_string());
                let kinds = self.casts.entry(column.clone()).or_default();
                if !self.wraps {
                    *self.bare.entry(column).or_default() -= 1;
                    if !kinds.contains(&kind) {
                        kinds.push(kind);
                    }
                    return ControlFlow::Continue(());
                }
                let before = usize::from(self.bare.get(&column).is_some_and(|times| *times > 0));
                let place = kinds.iter().position(|known| *known == kind).unwrap_or_default() + before;
                for _ in 0..place {
                    let inner = std::mem::replace(expr.as_mut(), Expr::value(Value::Null));
                    **expr = call("unordered", vec![inner]);
                }
            }
            name if is_name(name) && !self.wraps => {
                *self.bare.entry(name.to_string().to_lowercase()).or_default() += 1;
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Replaces the numbers in ROLLUP, CUBE and GROUPING SETS by the projections that they count.
fn resolve_ordinals(select: &mut Select) {
    let GroupByExpr::Expressions(exprs, _) = &mut select.group_by else { return };
    for expr in exprs {
        let (Expr::Rollup(sets) | Expr::Cube(sets) | Expr::GroupingSets(sets)) = expr else { continue };
        for item in sets.iter_mut().flatten() {
            let Expr::Value(value) = &*item else { continue };
            let Value::Number(number, _) = &value.value else { continue };
            let projection = number.parse::<usize>().ok().and_then(|n| select.projection.get(n.checked_sub(1)?));
            if let Some(SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = projection {
                *item = expr.clone();
            }
        }
    }
}
