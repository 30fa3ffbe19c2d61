//! Takes off groupings the limits that they cannot keep.
//!
//! plan before: `AggregateExec: gby=[a], lim=[100]` over sorted rows; plan after: the same without `lim`. DataFusion 55
//! hands the LIMIT of a `SELECT DISTINCT` or UNION to the grouping while its rows have no order. A later rule may sort
//! them, and the grouping then ends with an internal error. The node of the limit itself stays above it. It can go when
//! `AggregateExec` checks the limit again, or the rule is the last one.

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::AggregateExec;
use std::sync::Arc;

/// The last of the physical rules.
#[derive(Debug)]
pub struct DistinctLimits;

impl PhysicalOptimizerRule for DistinctLimits {
    fn name(&self) -> &str {
        "distinct_limits"
    }

    fn schema_check(&self) -> bool {
        true
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _options: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|plan| {
            let unlimited = plan.downcast_ref::<AggregateExec>().filter(|grouping| is_refused(grouping));
            Ok(match unlimited.map(|grouping| grouping.with_new_limit_options(None)) {
                Some(unlimited) => Transformed::yes(Arc::new(unlimited) as Arc<dyn ExecutionPlan>),
                None => Transformed::no(plan),
            })
        })
        .data()
    }
}

/// Returns `true` for a grouping that is told neither an order nor a minimum or maximum to keep, and yet has an order.
fn is_refused(grouping: &AggregateExec) -> bool {
    grouping.limit_options().is_some_and(|limit| limit.descending().is_none())
        && grouping.get_minmax_desc().is_none()
        && !grouping.is_unordered_unfiltered_group_by_distinct()
}
