//! Lets rows take no more memory than they need while they wait to be sorted.
//!
//! A text that a scan gives is a view into the page it was read from, and the page stays in memory as long as one of its rows
//! does, through filters, joins and steps from thread to thread. Where few rows of each page are left, a sort holds hundreds
//! of times what they take, and spills: the views about ECS took 450 MiB for 28,000 rows, and take 113
//! (`benches/RESULTS.md`). So the texts are copied before ([`functions::compact_text`]), and the small batches of a scan become
//! few large ones.
//!
//! DataFusion's own step for the latter, [`CoalesceBatchesExec`], copies such texts too, as its filters do. But it begins a
//! new block, of a megabyte in the end, whenever a text that is copied follows one that is not; 44,000 rows of 12 MB were
//! counted as 540 MB, of which little was ever written to, and one question of twelve failed for want of memory. What comes to
//! it compact it takes as it is.

use super::functions;
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

/// The rule; it goes last.
#[derive(Debug)]
pub struct CompactBeforeSort;

impl PhysicalOptimizerRule for CompactBeforeSort {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let batch_size = config.execution.batch_size.get();
        plan.transform_up(|node| {
            // The first few rows of an order are kept compact as they are.
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
        "compact_before_sort"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// A step that gives what `plan` gives, its texts without the memory around them.
fn compact_texts(plan: &Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
    let (schema, config) = (plan.schema(), Arc::new(config.clone()));
    let function = Arc::new(functions::compact_text());
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
