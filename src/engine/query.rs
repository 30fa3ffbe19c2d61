//! A query as a value, and the fields of events that it needs.
//!
//! A query over exports is planned before they are read, over a lake without files. The scans of its optimized plan
//! name the columns that it needs, and only those are read. A query that is wrong fails here.

use super::place::located;
use super::tables::LakeTable;
use super::{Engine, EngineError, EngineOptions, Limits, Scope, Session, Statement, describe, statement};
use crate::deep_stack::on_deep_stack;
use crate::event::field::{FieldId, FieldSet, by_column};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::LogicalPlan;

/// One query.
#[derive(Debug, Clone)]
pub enum Query {
    /// A statement as text, see [`Session::sql`].
    Sql(String),
    /// A statement as a syntax tree, see [`Session::statement`].
    Statement(Box<Statement>),
    /// The whole events of a statement that selects every column of `events`, see [`Session::events`].
    Events(Box<Statement>),
    /// The number over time of the rows of a statement, see [`Session::statement_histogram`].
    Histogram(Box<Statement>),
    /// A view.
    View(ViewQuery, ViewForm),
    /// Some rows and columns of a view, see [`Session::refined_view`].
    RefinedView(ViewQuery, Refinement),
}

/// A view with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewQuery {
    /// Name of the view.
    pub name: String,
    /// Names and values of parameters, as the user typed them.
    pub params: Vec<(String, String)>,
}

impl ViewQuery {
    /// A view with the defaults of its parameters.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), params: Vec::new() }
    }
}

/// A selection among the rows and columns of a view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refinement {
    /// The columns, or expressions over them as SQL; all where it is empty.
    pub columns: Vec<String>,
    /// The condition on rows, as SQL.
    pub filter: Option<String>,
    /// The most rows.
    pub limit: Option<u64>,
}

impl Refinement {
    /// Returns `true` if nothing is selected.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The form in which a view is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewForm {
    /// Its rows.
    Rows,
    /// Their number over time.
    Histogram,
    /// The whole events behind them.
    Events,
}

impl Query {
    /// Returns the fields that the query needs in a scope. Errors are those of the query itself.
    pub fn fields(&self, options: &EngineOptions, scope: &Scope) -> Result<FieldSet, EngineError> {
        on_deep_stack(|| self.fields_here(options, scope))
    }

    fn fields_here(&self, options: &EngineOptions, scope: &Scope) -> Result<FieldSet, EngineError> {
        // Without events, no end can count back from one.
        let session = Engine::empty(options)?.session(&scope.without_relative_ends(), &Limits::default())?;
        let plan = match self {
            Self::Sql(sql) => {
                let statement = statement::parse(sql)?;
                let parsed = statement.clone();
                plan_statement(&session, statement).map_err(|error| located(error, &parsed, sql))?
            }
            Self::Statement(statement) | Self::Histogram(statement) => {
                plan_statement(&session, statement.as_ref().clone())?
            }
            Self::Events(statement) => {
                plan_statement(&session, statement.as_ref().clone())?;
                return Ok(FieldSet::ALL);
            }
            Self::View(view, ViewForm::Rows) => Some(session.view_plan(view)?),
            Self::View(view, ViewForm::Histogram) => {
                Some(session.view_plan_with(view, FieldId::EventTime, "a histogram")?)
            }
            Self::RefinedView(view, refinement) => Some(session.refined_view_plan(view, refinement)?),
            Self::View(view, ViewForm::Events) => {
                session.view_plan_with(view, FieldId::EventId, "whole events")?;
                return Ok(FieldSet::ALL);
            }
        };
        let Some(plan) = plan else { return Ok(FieldSet::NONE) };
        if let LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) = plan {
            // These show a plan, which is to be the one that a lake has.
            return Ok(FieldSet::ALL);
        }
        let state = session.context.state();
        let plan = session.wait(async move { state.optimize(&plan) })?.map_err(|error| session.explain(error))?;
        let fields = scanned(&plan)?;
        // The newest event of these regions may be what the scope counts back from.
        Ok(if scope.regions.is_empty() { fields } else { fields.with(FieldId::AcsRegion) })
    }
}

/// Plans a statement; `None` for one that is answered without a plan.
fn plan_statement(session: &Session, statement: Statement) -> Result<Option<LogicalPlan>, EngineError> {
    if describe::lists_tables(&statement) {
        return Ok(None);
    }
    session.plan_statement(statement, &mut Vec::new()).map(Some)
}

/// Returns the fields of events that a plan scans.
fn scanned(plan: &LogicalPlan) -> Result<FieldSet, EngineError> {
    let mut fields = FieldSet::NONE;
    plan.apply_with_subqueries(|node| {
        let LogicalPlan::TableScan(scan) = node else { return Ok(TreeNodeRecursion::Continue) };
        let provider = source_as_provider(&scan.source)?;
        if provider.downcast_ref::<LakeTable>().is_some_and(LakeTable::is_events) {
            let filtered = scan.filters.iter().flat_map(|filter| filter.column_refs()).map(|column| column.name());
            match &scan.projection {
                None => fields = FieldSet::ALL,
                Some(_) => {
                    let projected = scan.projected_schema.fields().iter().map(|field| field.name().as_str());
                    fields = fields.union(projected.chain(filtered).filter_map(by_column).collect());
                }
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(fields)
}
