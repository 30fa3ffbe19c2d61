//! The order of a view's rows, kept through a selection from it.
//!
//! SQL gives the rows of a subquery in any order, and DataFusion drops its ORDER BY. A selection from a view by name is
//! no subquery to who asks for it: the first ten rows are those that the view begins with.

use super::super::EngineError;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema};
use datafusion::logical_expr::{Expr, LogicalPlan, Sort, SortExpr};
use std::sync::Arc;

/// Sorts a selection from a view as the view is sorted, unless the selection is a count or another aggregate.
pub(super) fn keep(selection: LogicalPlan, view: &LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let order = order_of(view)?;
    if order.is_empty() {
        return Ok(selection);
    }
    sorted(selection, &order)
}

/// Sorts below the columns that are selected, which need not be those that the view is sorted by.
fn sorted(plan: LogicalPlan, order: &[SortExpr]) -> Result<LogicalPlan, EngineError> {
    Ok(match plan {
        LogicalPlan::Limit(mut limit) => {
            limit.input = Arc::new(sorted(Arc::unwrap_or_clone(limit.input), order)?);
            LogicalPlan::Limit(limit)
        }
        LogicalPlan::Projection(mut projection) => {
            let names = |expr: &SortExpr| of_schema(expr, projection.input.schema());
            if let Some(expr) = order.iter().map(names).collect::<Result<Option<Vec<_>>, _>>()? {
                let input = Arc::clone(&projection.input);
                projection.input = Arc::new(LogicalPlan::Sort(Sort { expr, input, fetch: None }));
            }
            LogicalPlan::Projection(projection)
        }
        other => other,
    })
}

/// Returns the order of a plan's rows, in its columns. It ends before an expression over others.
fn order_of(plan: &LogicalPlan) -> Result<Vec<SortExpr>, EngineError> {
    let (input, inner) = match plan {
        LogicalPlan::Sort(sort) => return Ok(sort.expr.clone()),
        LogicalPlan::Limit(limit) => return order_of(&limit.input),
        LogicalPlan::SubqueryAlias(alias) => (&alias.input, None),
        LogicalPlan::Projection(projection) => (&projection.input, Some(&projection.expr)),
        _ => return Ok(Vec::new()),
    };
    let mut order = Vec::new();
    for sort in order_of(input)? {
        let mut is_there = true;
        let expr = sort.expr.clone().transform_up(|expr| {
            let Expr::Column(column) = &expr else { return Ok(Transformed::no(expr)) };
            let place = match inner {
                Some(outputs) => outputs.iter().position(|output| is_column(output, column)),
                None => input.schema().maybe_index_of_column(column),
            };
            let Some(place) = place else {
                is_there = false;
                return Ok(Transformed::no(expr));
            };
            Ok(Transformed::yes(Expr::Column(plan.schema().qualified_field(place).into())))
        })?;
        if !is_there {
            break;
        }
        order.push(SortExpr { expr: expr.data, ..sort });
    }
    Ok(order)
}

/// Returns `true` for a column under its own name or another.
fn is_column(output: &Expr, column: &Column) -> bool {
    match output {
        Expr::Column(found) => found == column,
        Expr::Alias(alias) => is_column(&alias.expr, column),
        _ => false,
    }
}

/// The same expression over columns of these names in a schema; `None` where one is missing.
fn of_schema(sort: &SortExpr, schema: &DFSchema) -> Result<Option<SortExpr>, EngineError> {
    let mut is_there = true;
    let expr = sort.expr.clone().transform_up(|expr| {
        let Expr::Column(column) = &expr else { return Ok(Transformed::no(expr)) };
        match schema.qualified_fields_with_unqualified_name(&column.name)[..] {
            [found] => Ok(Transformed::yes(Expr::Column(found.into()))),
            _ => {
                is_there = false;
                Ok(Transformed::no(expr))
            }
        }
    })?;
    Ok(is_there.then_some(SortExpr { expr: expr.data, ..*sort }))
}
