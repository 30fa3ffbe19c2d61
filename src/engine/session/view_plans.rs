//! Plans of views: in a statement that names them, and by themselves with parameters.

use super::super::query::ViewQuery;
use super::super::stored_event::{Events, event_order};
use super::super::views::{self, View};
use super::super::{
    EngineError, QueryResult, Session, event_lineage, events_table, functions, quoted, similar, statement,
};
use crate::event::field::FieldId;
use chrono::{DateTime, TimeDelta};
use datafusion::common::{ParamValues, TableReference};
use datafusion::datasource::ViewTable;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan, LogicalPlanBuilder, lit};
use datafusion::prelude::col;
use datafusion::scalar::ScalarValue;
use datafusion::sql::parser::Statement;
use std::collections::HashMap;
use std::sync::Arc;

/// The longest time that a histogram counts by the hour.
const HOURLY_UP_TO: TimeDelta = TimeDelta::days(3);

impl Session {
    /// Answers with the rows of a view.
    pub fn view(&self, view: &ViewQuery) -> Result<QueryResult, EngineError> {
        self.run(self.view_plan(view)?)
    }

    /// Counts a view's rows by time: by hour in a range of up to three days, else by day. Columns `bucket`, `events`.
    pub fn view_histogram(&self, view: &ViewQuery) -> Result<QueryResult, EngineError> {
        let plan = self.view_plan_with(view, FieldId::EventTime, "a histogram")?;
        let time = || col(FieldId::EventTime.column());
        let ends = vec![min(time()).alias("first"), max(time()).alias("last")];
        let ends = LogicalPlanBuilder::from(plan.clone()).aggregate(Vec::<Expr>::new(), ends)?.build()?;
        let ends: Vec<Ends> = self.run(ends)?.rows()?;
        let length = ends.first().and_then(Ends::length).unwrap_or_default();
        let unit = if length <= HOURLY_UP_TO { "hour" } else { "day" };
        let bucket = functions::time::date_trunc().call(vec![lit(unit), time()]).alias("bucket");
        let histogram = LogicalPlanBuilder::from(plan)
            .aggregate(vec![bucket], vec![count(lit(1)).alias("events")])?
            .sort(vec![col("bucket").sort(true, false)])?
            .build()?;
        self.run(histogram)
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
        let view = views::find(&query.name)?;
        Ok(self.plan(&view.sql)?.with_param_values(param_values(view, &query.params)?)?)
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
    pub(super) fn plan_views(
        &self,
        statement: &mut Statement,
        view_stack: &mut Vec<&'static str>,
    ) -> Result<(), EngineError> {
        for call in statement::view_calls(statement, |name| views::find(name).is_ok())? {
            self.plan_view(views::find(&call.view)?, &call.params, &call.table, view_stack)?;
        }
        let state = self.context.state();
        for reference in state.resolve_table_references(statement)? {
            let TableReference::Bare { table } = &reference else { continue };
            if self.context.table_exist(reference.clone())? || state.table_functions().contains_key(table.as_ref()) {
                continue;
            }
            let Ok(view) = views::find(table) else {
                let names = views::all()?.iter().map(|view| view.name.as_str());
                let similar = similar(table, names.chain(events_table::TABLES.iter().map(|(name, _)| *name)));
                return Err(EngineError::UnknownTable { name: table.to_string(), similar });
            };
            self.plan_view(view, &[], &view.name, view_stack)?;
        }
        Ok(())
    }

    /// Registers a view with parameters as a table of this name.
    fn plan_view(
        &self,
        view: &'static View,
        params: &[(String, String)],
        table: &str,
        view_stack: &mut Vec<&'static str>,
    ) -> Result<(), EngineError> {
        if view_stack.contains(&view.name.as_str()) {
            let reason = "it leads back to itself".to_owned();
            return Err(EngineError::View { file: format!("{}.sql", view.name), reason });
        }
        let values = param_values(view, params)?;
        view_stack.push(&view.name);
        let plan = self.plan_statement(statement::parse(&view.sql)?, view_stack)?.with_param_values(values)?;
        view_stack.pop();
        self.context.register_table(TableReference::bare(table), Arc::new(ViewTable::new(plan, None)))?;
        Ok(())
    }
}

/// First and last time of a view's rows.
#[derive(serde::Deserialize)]
struct Ends {
    first: Option<String>,
    last: Option<String>,
}

impl Ends {
    fn length(&self) -> Option<TimeDelta> {
        let parse = |text: &Option<String>| DateTime::parse_from_rfc3339(text.as_deref()?).ok();
        Some(parse(&self.last)? - parse(&self.first)?)
    }
}

/// Returns the values of a view's parameters: those given, else the defaults.
fn param_values(view: &View, given: &[(String, String)]) -> Result<ParamValues, EngineError> {
    for (name, _) in given {
        if !view.params.iter().any(|param| param.name == *name) {
            let names = view.params.iter().map(|param| param.name.as_str());
            let similar = if view.params.len() < 4 { names.map(str::to_owned).collect() } else { similar(name, names) };
            return Err(EngineError::UnknownParameter { view: view.name.clone(), name: name.clone(), similar });
        }
    }
    let mut values: HashMap<String, ScalarValue> = HashMap::new();
    for param in &view.params {
        let mut given = given.iter().filter(|(name, _)| *name == param.name).map(|(_, value)| value);
        let text = given.next().unwrap_or(&param.default);
        if given.next().is_some() {
            return Err(EngineError::RepeatedParameter { view: view.name.clone(), name: param.name.clone() });
        }
        let value = param.kind.value(text).ok_or_else(|| EngineError::BadParameter {
            view: view.name.clone(),
            name: param.name.clone(),
            expected: param.kind.described(),
            value: text.clone(),
        })?;
        values.insert(param.name.clone(), value);
    }
    Ok(ParamValues::from(values))
}
