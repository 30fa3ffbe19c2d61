//! Lets rows take no more memory than they need while they wait to be sorted.
//!
//! A text that a scan gives is a view into the page it was read from, and the page stays in memory as long as one of its rows
//! does. Where few rows of each page are left, a sort holds hundreds of times what they take, and spills: the views about ECS
//! took 450 MiB for 28,000 rows, and take 250 (`benches/RESULTS.md`). DataFusion copies such texts behind its own filters; where the scan
//! filters by itself there are none, so the step that does it is put in by itself.

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
#[expect(deprecated, reason = "DataFusion's filters no longer need it; a sort over a scan that filters does")]
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
            let sort = node.downcast_ref::<SortExec>().filter(|sort| sort.fetch().is_none());
            let Some(sort) = sort.filter(|sort| is_over_scan(sort.input())) else {
                return Ok(Transformed::no(node));
            };
            #[expect(deprecated, reason = "as above")]
            let compacted = CoalesceBatchesExec::new(Arc::clone(sort.input()), batch_size);
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

fn is_over_scan(plan: &Arc<dyn ExecutionPlan>) -> bool {
    match plan.downcast_ref::<ProjectionExec>() {
        Some(projection) => is_over_scan(projection.input()),
        None => plan.downcast_ref::<DataSourceExec>().is_some(),
    }
}
