//! Copies texts out of the pages they were read from, before rows wait to be sorted.
//!
//! A text that a scan gives is a view into its page, and the page stays in memory as long as one of its rows does,
//! through filters, joins and steps from thread to thread. Where few rows of each page are left, a sort holds hundreds
//! of times what they take, and spills. So [`compact_text`] copies the texts, and the small batches of a scan become
//! few large ones.
//!
//! - Plan before: `SortExec` over a scan or a filter.
//! - Plan after: `SortExec` over `CoalesceBatchesExec` over `ProjectionExec: compact_text(…)` over the same.
//! - Without it: `benches/RESULTS.md`, "Questions" ("rows copied out of their pages before they are sorted", "the same
//!   by a function").
//! - Upstream: <https://github.com/apache/datafusion/issues/19414> and
//!   <https://github.com/apache/datafusion/issues/23564> (both open) are about copying before a spill, which is later.
//! - *Remove when* a sort of DataFusion reserves what rows take, and not the pages they stand in.
//! - Switch: [`EngineOptions::tuning`](crate::engine::EngineOptions::tuning).
//!
//! DataFusion's [`CoalesceBatchesExec`], which is deprecated, copies such texts too. But it begins a new block, of a
//! megabyte in the end, whenever a text that is copied follows one that is not, and reserves memory for all of it. What
//! comes to it compact it takes as it is.

use super::compact_text::compact_text;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::projection::ProjectionExpr;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
#[expect(deprecated, reason = "DataFusion's filters no longer need it; a sort does")]
use datafusion::physical_plan::coalesce_batches::CoalesceBatchesExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use std::sync::Arc;

/// The rule. It goes last.
#[derive(Debug)]
pub struct CompactStrings;

impl PhysicalOptimizerRule for CompactStrings {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let batch_size = config.execution.batch_size.get();
        plan.transform_up(|node| {
            // A sort that keeps the first few rows copies them by itself.
            let Some(sort) = node.downcast_ref::<SortExec>().filter(|sort| sort.fetch().is_none()) else {
                return Ok(Transformed::no(node));
            };
            #[expect(deprecated, reason = "as above")]
            let compacted = CoalesceBatchesExec::new(compact_texts(sort.input(), config)?, batch_size);
            let compacting = SortExec::new(sort.expr().clone(), Arc::new(compacted))
                .with_preserve_partitioning(sort.preserve_partitioning());
            Ok(Transformed::yes(Arc::new(compacting) as Arc<dyn ExecutionPlan>))
        })
        .data()
    }

    fn name(&self) -> &str {
        "compact_strings"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Makes a step that gives what `plan` gives, its texts without the memory around them.
fn compact_texts(plan: &Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
    let (schema, config) = (plan.schema(), Arc::new(config.clone()));
    let function = Arc::new(compact_text());
    let compacted = |(at, field): (usize, &FieldRef)| -> Result<ProjectionExpr> {
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.name(), at));
        let expr = if field.data_type() == &DataType::Utf8View {
            let arguments = vec![column];
            Arc::new(ScalarFunctionExpr::try_new(Arc::clone(&function), arguments, &schema, Arc::clone(&config))?)
        } else {
            column
        };
        Ok(ProjectionExpr { expr, alias: field.name().clone() })
    };
    let columns = schema.fields().iter().enumerate().map(compacted).collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(ProjectionExec::try_new(columns, Arc::clone(plan))?))
}
