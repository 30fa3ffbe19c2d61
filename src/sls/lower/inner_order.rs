//! The order of a subquery, kept in the query around it.
//!
//! SQL gives the rows of a subquery in any order, and so does DataFusion. Statements for the service rely on the order
//! of the innermost query, above all around `ts_compare`. A query that only selects from one subquery, or from one WITH
//! query, is therefore sorted like it.

use super::function_names::is_aggregate;
use datafusion::sql::sqlparser::ast::{
    Cte, Expr, GroupByExpr, Ident, OrderBy, OrderByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, TableFactor,
    Value, visit_expressions,
};
use std::ops::ControlFlow;

/// Gives queries without an order that of the subquery that they select from, from the innermost one on.
pub(super) fn keep(query: &mut Query) {
    for cte in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
        keep(&mut cte.query);
    }
    let ctes: &[Cte] = query.with.as_ref().map_or(&[], |with| &with.cte_tables);
    let SetExpr::Select(select) = query.body.as_mut() else { return };
    for from in &mut select.from {
        let joined = from.joins.iter_mut().map(|join| &mut join.relation);
        for relation in std::iter::once(&mut from.relation).chain(joined) {
            if let TableFactor::Derived { subquery, .. } = relation {
                keep(subquery);
            }
        }
    }
    if query.order_by.is_some() || !selects_only(select) {
        return;
    }
    let inner = match &select.from[..] {
        [from] if from.joins.is_empty() => match &from.relation {
            TableFactor::Derived { subquery, alias, .. } if alias.as_ref().is_none_or(|a| a.columns.is_empty()) => {
                Some(subquery.as_ref())
            }
            TableFactor::Table { name, args: None, .. } => {
                let name = name.to_string();
                let cte = ctes.iter().rfind(|cte| cte.alias.name.value.eq_ignore_ascii_case(name.trim_matches('"')));
                cte.filter(|cte| cte.alias.columns.is_empty()).map(|cte| cte.query.as_ref())
            }
            _ => None,
        },
        _ => None,
    };
    let orders: Vec<OrderByExpr> = inner.map(|inner| order_of(inner, select)).unwrap_or_default();
    if !orders.is_empty() {
        query.order_by = Some(OrderBy { kind: OrderByKind::Expressions(orders), interpolate: None });
    }
}

/// Returns `true` for a SELECT whose rows are rows of its table.
fn selects_only(select: &Select) -> bool {
    let is_grouped = match &select.group_by {
        GroupByExpr::Expressions(groups, _) => !groups.is_empty(),
        GroupByExpr::All(_) => true,
    };
    let aggregates = visit_expressions(&select.projection, |expr| match expr {
        Expr::Function(function) if function.over.is_none() && is_aggregate(&function.name.to_string()) => {
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    });
    !is_grouped && select.distinct.is_none() && select.having.is_none() && aggregates.is_continue()
}

/// Returns the order of a query by names of its columns, as far as the query around it means the same by them.
fn order_of(inner: &Query, outer: &Select) -> Vec<OrderByExpr> {
    let (Some(OrderBy { kind: OrderByKind::Expressions(orders), .. }), SetExpr::Select(select)) =
        (&inner.order_by, inner.body.as_ref())
    else {
        return Vec::new();
    };
    let is_named_anew = |name: &str| {
        outer.projection.iter().any(|item| match item {
            SelectItem::ExprWithAlias { expr, alias } => {
                alias.value.eq_ignore_ascii_case(name)
                    && !matches!(expr, Expr::Identifier(same) if same.value.eq_ignore_ascii_case(name))
            }
            _ => false,
        })
    };
    let is_wildcard = |item: &SelectItem| matches!(item, SelectItem::Wildcard(_));
    let by_name = |order: &OrderByExpr| -> Option<OrderByExpr> {
        let name = match &order.expr {
            Expr::Value(value) => match &value.value {
                Value::Number(number, _) => {
                    output(select.projection.get(number.parse::<usize>().ok()?.checked_sub(1)?)?)
                }
                _ => None,
            },
            expr => match (select.projection.iter().find(|item| is_output(item, expr)), expr) {
                (Some(item), _) => output(item),
                (None, Expr::Identifier(name)) if select.projection.iter().any(is_wildcard) => Some(name.clone()),
                (None, _) => None,
            },
        }?;
        (!is_named_anew(&name.value)).then(|| OrderByExpr { expr: Expr::Identifier(name), ..order.clone() })
    };
    orders.iter().map_while(by_name).collect()
}

/// Returns the name of an output column, where it has one.
fn output(item: &SelectItem) -> Option<Ident> {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.clone()),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(name.clone()),
        _ => None,
    }
}

/// Returns `true` for the output column that an expression names, or is.
fn is_output(item: &SelectItem, expr: &Expr) -> bool {
    let is_name = matches!((output(item), expr), (Some(output), Expr::Identifier(name))
        if output.value.eq_ignore_ascii_case(&name.value));
    let is_same = matches!(item, SelectItem::ExprWithAlias { expr: selected, .. } | SelectItem::UnnamedExpr(selected)
        if selected == expr);
    is_name || is_same
}
