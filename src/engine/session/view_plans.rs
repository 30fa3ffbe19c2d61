//! Plans of views: in a statement that names them, and by themselves with parameters.

use super::super::query::{Refinement, ViewQuery};
use super::super::stored_event::{Events, event_order};
use super::super::views::View;
use super::super::{EngineError, Histogram, QueryResult, Session, event_lineage, quoted, statement, tables};
use super::view_order;
use crate::event::field::FieldId;
use crate::spelling::similar;
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::TableReference;
use datafusion::datasource::ViewTable;
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan, LogicalPlanBuilder};
use datafusion::sql::parser::Statement;
use std::sync::Arc;

/// Returns `true` if the rows of a plan have a time in the column `event_time`.
fn has_time(plan: &LogicalPlan) -> Result<bool, EngineError> {
    let column = FieldId::EventTime.column();
    if !plan.schema().has_column_with_unqualified_name(column) {
        return Ok(false);
    }
    let field = plan.schema().field_with_unqualified_name(column)?;
    Ok(matches!(field.data_type(), DataType::Timestamp(..) | DataType::Date32 | DataType::Date64))
}

impl Session {
    /// Answers with the rows of a view.
    pub fn view(&self, view: &ViewQuery) -> Result<QueryResult, EngineError> {
        let plan = self.view_plan(view)?;
        // Errors of a view of a user are found while it is planned.
        let is_ours = self.views.get(&view.name).is_some_and(|view| view.path.is_none());
        self.run(if is_ours { self.without_empty_parts(plan)? } else { plan })
    }

    /// Answers with some rows and columns of a view.
    pub fn refined_view(&self, view: &ViewQuery, refinement: &Refinement) -> Result<QueryResult, EngineError> {
        self.run(self.refined_view_plan(view, refinement)?)
    }

    /// Plans a selection from a view.
    pub(in super::super) fn refined_view_plan(
        &self,
        query: &ViewQuery,
        refinement: &Refinement,
    ) -> Result<LogicalPlan, EngineError> {
        // Errors of the view itself come first.
        let view = self.view_plan(query)?;
        let plan = self.plan_statement(statement::refined(query, refinement)?, &mut Vec::new());
        // The statement is ours, so a place in it says nothing.
        let plan = plan.map_err(|error| match error {
            EngineError::Placed { error, .. } => *error,
            error => error,
        })?;
        view_order::keep(plan, &view)
    }

    /// Plans a view with the defaults of its parameters, hidden or not, and returns its columns.
    pub fn view_columns(&self, name: &str) -> Result<SchemaRef, EngineError> {
        let views = &self.views;
        let view = views.get(name).map_or_else(|| views.find(name), Ok)?;
        Ok(Arc::clone(self.plan_of(view, &[])?.schema().inner()))
    }

    /// Counts a view's rows by the time in its column `event_time`.
    pub fn view_histogram(&self, view: &ViewQuery) -> Result<Histogram, EngineError> {
        let plan = self.view_plan_with(view, FieldId::EventTime, "a histogram")?;
        if !has_time(&plan)? {
            let column = FieldId::EventTime.column();
            return Err(EngineError::Sql(format!("cannot show a histogram of `{}`: `{column}` is no time", view.name)));
        }
        self.histogram(plan)
    }

    /// Counts the rows of a statement by the time in its column `event_time`.
    pub fn statement_histogram(&self, statement: Statement) -> Result<Histogram, EngineError> {
        let plan = self.plan_statement(statement, &mut Vec::new())?;
        if !has_time(&plan)? {
            let column = FieldId::EventTime.column();
            return Err(EngineError::Sql(format!("cannot show a histogram of rows without a time in `{column}`")));
        }
        self.histogram(plan)
    }

    /// Streams the whole events behind a view's rows, as JSON, in the order of their time.
    pub fn view_events(&self, view: &ViewQuery) -> Result<Events, EngineError> {
        let id = FieldId::EventId.column();
        let plan = self.view_plan_with(view, FieldId::EventId, "whole events")?;
        let column = plan.schema().columns().into_iter().find(|column| column.name == id).unwrap_or_else(|| quoted(id));
        let events = match event_lineage::whole_events(&plan, &column)? {
            Some(events) => events,
            // An id that does not stand for one row of events is looked up.
            None => {
                let ids = LogicalPlanBuilder::from(plan).project(vec![Expr::Column(column)])?.build()?;
                let context = self.context.clone();
                let events = self.wait(async move { context.table("events").await })??.into_unoptimized_plan();
                LogicalPlanBuilder::from(events).join(ids, JoinType::LeftSemi, (vec![id], vec![id]), None)?.build()?
            }
        };
        let events = LogicalPlanBuilder::from(events).sort(event_order())?.build()?;
        Ok(Events::of(self.run(events)?))
    }

    pub(in super::super) fn view_plan(&self, query: &ViewQuery) -> Result<LogicalPlan, EngineError> {
        self.plan_of(self.views.find(&query.name)?, &query.params)
    }

    fn plan_of(&self, view: &View, params: &[(String, String)]) -> Result<LogicalPlan, EngineError> {
        let params = view.bind(params)?;
        let plan = self.plan_statement(view.statement(&params)?, &mut vec![&view.name])?;
        Ok(plan.with_param_values(params.values())?)
    }

    /// Plans a view that must have the column of a field.
    pub(in super::super) fn view_plan_with(
        &self,
        query: &ViewQuery,
        field: FieldId,
        wanted: &'static str,
    ) -> Result<LogicalPlan, EngineError> {
        let plan = self.view_plan(query)?;
        let column = field.column();
        if plan.schema().has_column_with_unqualified_name(column) {
            return Ok(plan);
        }
        Err(EngineError::NotPossible { view: query.name.clone(), column, what: wanted })
    }

    /// Registers every view that a statement names or calls and that is not registered yet.
    ///
    /// A statement that is not the SELECT of a view, so that `view_stack` is empty, sees no hidden views.
    pub(super) fn plan_views<'s>(
        &'s self,
        statement: &mut Statement,
        view_stack: &mut Vec<&'s str>,
    ) -> Result<(), EngineError> {
        let (views, in_view) = (&self.views, !view_stack.is_empty());
        statement::inline_calls(statement, |name| views.visible(name, in_view).filter(|view| view.takes_table()))?;
        for call in statement::view_calls(statement, |name| views.visible(name, in_view).is_some())? {
            if let Some(view) = views.visible(&call.view, in_view) {
                self.plan_view(view, &call.params, &call.table, view_stack)?;
            }
        }
        let state = self.context.state();
        for reference in state.resolve_table_references(statement)? {
            let TableReference::Bare { table } = &reference else { continue };
            let (visible, is_view) = (views.visible(table, in_view), views.get(table).is_some());
            let is_table =
                self.context.table_exist(reference.clone())? || state.table_functions().contains_key(table.as_ref());
            // A hidden view that another has planned is a table by then.
            if is_table && (visible.is_some() || !is_view) {
                continue;
            }
            let Some(view) = visible else {
                if let Some(error) = views.broken(table) {
                    return Err(EngineError::View(error.clone()));
                }
                let names = views.names().chain(tables::TABLES.iter().map(|(name, _)| *name));
                return Err(EngineError::UnknownTable { name: table.to_string(), similar: similar(table, names) });
            };
            self.plan_view(view, &[], &view.name, view_stack)?;
        }
        Ok(())
    }

    /// Registers a view with parameters as a table of this name.
    fn plan_view<'s>(
        &'s self,
        view: &'s View,
        params: &[(String, String)],
        table: &str,
        view_stack: &mut Vec<&'s str>,
    ) -> Result<(), EngineError> {
        if view_stack.contains(&view.name.as_str()) {
            return Err(EngineError::RecursiveView(view.name.clone()));
        }
        let params = view.bind(params)?;
        // A call with the same parameters is the same table.
        if self.context.table_exist(TableReference::bare(table))? {
            return Ok(());
        }
        view_stack.push(&view.name);
        let plan = view.statement(&params).and_then(|statement| self.plan_statement(statement, view_stack));
        let plan = plan.map_err(EngineError::of_view)?.with_param_values(params.values())?;
        view_stack.pop();
        self.context.register_table(TableReference::bare(table), Arc::new(ViewTable::new(plan, None)))?;
        Ok(())
    }
}
