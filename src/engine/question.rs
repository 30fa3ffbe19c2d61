//! Which fields a question needs, told before there are any events.
//!
//! A question that is asked of exports is planned first, over a lake without files. The scans of its optimized plan name
//! the columns that it reads, and only those are read from the exports. A statement that is wrong fails here, before
//! anything was read.

use super::catalog::LakeTable;
use super::{Engine, EngineError, SessionOptions, describe, statement};
use crate::event::field::{FieldId, FieldSet, by_column};
use crate::lake::manifest::Snapshot;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::LogicalPlan;
use std::path::Path;

/// What will be asked of an engine.
#[derive(Debug, Clone, Copy)]
pub enum Question<'q> {
    /// One statement, see [`Engine::sql`].
    Sql(&'q str),
    /// A view, see [`Engine::view`], or its histogram.
    View {
        /// Its name.
        name: &'q str,
        /// Its parameters as the user typed them.
        params: &'q [(String, String)],
    },
    /// Several questions, or some about whole events.
    Any,
}

impl Question<'_> {
    /// The fields that the question needs. Errors are those of the question itself.
    pub fn fields(&self, options: &SessionOptions) -> Result<FieldSet, EngineError> {
        // Where there are no events, nothing can count back from one.
        let options = SessionOptions { scope: options.scope.without_relative_ends(), ..options.clone() };
        let engine = Engine::over(Path::new(""), &Snapshot::default(), &options)?;
        let plan = match self {
            Question::Any => return Ok(FieldSet::ALL),
            Question::Sql(sql) => {
                let statement = statement::parse(sql)?;
                if describe::lists_tables(&statement) {
                    return Ok(FieldSet::NONE);
                }
                engine.plan_statement(statement, &mut Vec::new())?
            }
            Question::View { name, params } => engine.view_plan(engine.options.views.find(name)?, params)?,
        };
        if let LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) = plan {
            // These tell of a plan, which is to be the one that a lake has.
            return Ok(FieldSet::ALL);
        }
        let state = engine.context.state();
        let plan = engine.wait(async move { state.optimize(&plan) })?.map_err(|error| engine.explain(error))?;
        let fields = scanned(&plan)?;
        // The newest event of these regions may be what the scope counts back from.
        let has_regions = !options.scope.regions.is_empty();
        Ok(if has_regions { fields.with(FieldId::AcsRegion) } else { fields })
    }
}

/// The fields of events that a plan scans.
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
