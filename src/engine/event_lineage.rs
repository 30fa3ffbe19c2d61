//! Follows the rows of a plan back to the events that they are of.
//!
//! `--raw` shows the whole events behind a view's rows. A view selects some columns, and an event id may be masked or
//! missing, so it cannot tell which event a row is of. Here the columns of `events` are carried up beside those of the
//! view, through every step that keeps rows apart.

use super::tables::LakeTable;
use crate::event::field::FIELDS;
use crate::lake::schema;
use datafusion::common::Column;
use datafusion::datasource::source_as_provider;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Projection, SubqueryAlias, Union};
use std::sync::Arc;

/// The prefix of carried columns, which no view has.
const CARRIED: &str = "__event_";

/// Returns the plan of the whole events that the rows of `plan` are of, with the columns of `events`. `column` is the
/// one of the plan's columns that is followed. `None` where it does not come from one event unchanged: from an
/// aggregate, say.
pub(super) fn whole_events(plan: &LogicalPlan, column: &Column) -> Result<Option<LogicalPlan>> {
    let Some(carrying) = carry(plan, column)? else { return Ok(None) };
    let columns = event_columns().map(|name| {
        let carried = Expr::Column(Column::new_unqualified(format!("{CARRIED}{name}")));
        carried.alias(name)
    });
    Ok(Some(LogicalPlanBuilder::from(carrying).project(columns.collect::<Vec<_>>())?.build()?))
}

fn event_columns() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|field| field.column).chain([schema::EVENT_DATE])
}

/// Adds the columns of the event to a plan, beside its own.
fn carry(plan: &LogicalPlan, column: &Column) -> Result<Option<LogicalPlan>> {
    match plan {
        LogicalPlan::Projection(projection) => {
            if is_events_table(plan) {
                return with_copies(plan.clone()).map(Some);
            }
            let place = plan.schema().maybe_index_of_column(column);
            let Some(source) = place.and_then(|at| projection.expr.get(at)).and_then(as_column) else {
                return Ok(None);
            };
            let Some(input) = carry(&projection.input, &source)? else { return Ok(None) };
            let carried = carried_columns(&input);
            let exprs = projection.expr.iter().cloned().chain(carried).collect();
            Ok(Some(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(input))?)))
        }
        LogicalPlan::SubqueryAlias(alias) => {
            let at = plan.schema().maybe_index_of_column(column);
            let Some(at) = at else { return Ok(None) };
            let inner = Column::from(alias.input.schema().qualified_field(at));
            let Some(input) = carry(&alias.input, &inner)? else { return Ok(None) };
            Ok(Some(LogicalPlan::SubqueryAlias(SubqueryAlias::try_new(Arc::new(input), alias.alias.clone())?)))
        }
        LogicalPlan::Filter(_) | LogicalPlan::Sort(_) | LogicalPlan::Limit(_) | LogicalPlan::Window(_) => {
            let inputs = plan.inputs();
            let [input] = inputs.as_slice() else { return Ok(None) };
            let Some(input) = carry(input, column)? else { return Ok(None) };
            Ok(Some(plan.with_new_exprs(plan.expressions(), vec![input])?.recompute_schema()?))
        }
        LogicalPlan::Join(join) => {
            let in_left = join.left.schema().maybe_index_of_column(column).is_some();
            let (side, other) = if in_left { (&join.left, &join.right) } else { (&join.right, &join.left) };
            let Some(side) = carry(side, column)? else { return Ok(None) };
            let (left, right) = if in_left { (side, other.as_ref().clone()) } else { (other.as_ref().clone(), side) };
            let joined = plan.with_new_exprs(plan.expressions(), vec![left, right])?.recompute_schema()?;
            // A semi or anti join of the other side gives none of the columns.
            let has_columns = joined.schema().fields().iter().any(|field| field.name().starts_with(CARRIED));
            Ok(has_columns.then_some(joined))
        }
        LogicalPlan::Union(union) => {
            let Some(at) = plan.schema().maybe_index_of_column(column) else { return Ok(None) };
            let mut inputs = Vec::new();
            for input in &union.inputs {
                let inner = Column::from(input.schema().qualified_field(at));
                let Some(input) = carry(input, &inner)? else { return Ok(None) };
                inputs.push(Arc::new(input));
            }
            Ok(Some(LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?)))
        }
        _ => Ok(None),
    }
}

/// Returns `true` for the projection that is the table `events`: every column, over the filters of the scope.
fn is_events_table(plan: &LogicalPlan) -> bool {
    let LogicalPlan::Projection(projection) = plan else { return false };
    if !event_columns().all(|name| plan.schema().has_column_with_unqualified_name(name)) {
        return false;
    }
    let mut input = projection.input.as_ref();
    while let LogicalPlan::Filter(filter) = input {
        input = filter.input.as_ref();
    }
    let LogicalPlan::TableScan(scan) = input else { return false };
    source_as_provider(&scan.source)
        .is_ok_and(|provider| provider.downcast_ref::<LakeTable>().is_some_and(LakeTable::is_events))
}

/// Adds each column of the table `events` once more, by the name that is carried.
fn with_copies(events: LogicalPlan) -> Result<LogicalPlan> {
    let columns = events.schema().columns();
    let copies = columns.iter().map(|column| Expr::Column(column.clone()).alias(format!("{CARRIED}{}", column.name)));
    let exprs: Vec<Expr> = columns.iter().cloned().map(Expr::Column).chain(copies).collect();
    LogicalPlanBuilder::from(events).project(exprs)?.build()
}

fn carried_columns(plan: &LogicalPlan) -> Vec<Expr> {
    let columns = plan.schema().columns().into_iter().filter(|column| column.name.starts_with(CARRIED));
    columns.map(|column| Expr::Column(column.clone()).alias(column.name)).collect()
}

/// Returns the column that an expression only passes on.
fn as_column(expr: &Expr) -> Option<Column> {
    match expr {
        Expr::Column(column) => Some(column.clone()),
        Expr::Alias(alias) => as_column(&alias.expr),
        _ => None,
    }
}
