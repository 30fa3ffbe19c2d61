//! Makes one step of a scan from all filters on its JSON columns.
//!
//! Each part of a conjunction that is pushed into a scan is a step, which unpacks its columns for the rows that the
//! steps before it left. A view with six conditions on `request_parameters` unpacks these six times. Here the parts
//! that read JSON become one part, and the scan needs no cache of predicates.
//!
//! - Plan before: `FilterExec: a AND json_1 AND b AND json_2` over a scan.
//! - Plan after: `FilterExec: a AND b AND (json_1 AND json_2) IS NOT DISTINCT FROM true` over the scan.
//! - Without it: `benches/RESULTS.md`, "Questions" ("filters on JSON in one step, no cache of predicates"). It is
//!   slower (1.20) where most rows pass a filter on parameters that are also asked for, which no view does.
//! - Upstream: <https://github.com/apache/arrow-rs/issues/10926> fuses filters on one column (open, as is its pull
//!   request 10859); <https://github.com/apache/arrow-rs/issues/8203> and
//!   <https://github.com/apache/datafusion/issues/25271>.
//! - *Remove when* the reader fuses filters on several columns, or its cache unpacks no more rows than are asked for.
//! - Switch: [`EngineOptions::tuning`](crate::engine::EngineOptions::tuning).

use crate::event::field::{FIELDS, FieldId, Kind};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr::{PhysicalExpr, conjunction, expressions, split_conjunction};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use std::sync::Arc;

/// Turns DataFusion's cache of predicates off, which unpacks thousands of rows for each that is asked for.
pub(super) fn configure(options: &mut ConfigOptions) {
    options.execution.parquet.max_predicate_cache_size = Some(0);
}

/// The rule. It goes before the one that pushes filters down.
#[derive(Debug)]
pub struct FuseJsonFilters;

impl PhysicalOptimizerRule for FuseJsonFilters {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let over_scan = node
                .downcast_ref::<FilterExec>()
                .filter(|filter| filter.input().downcast_ref::<DataSourceExec>().is_some());
            match over_scan.and_then(|filter| Some((filter, fused(filter.predicate())?))) {
                Some((filter, predicate)) => {
                    let filter = FilterExecBuilder::from(filter).with_predicate(predicate).build()?;
                    Ok(Transformed::yes(Arc::new(filter) as Arc<dyn ExecutionPlan>))
                }
                None => Ok(Transformed::no(node)),
            }
        })
        .data()
    }

    fn name(&self) -> &str {
        "fuse_json_filters"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Returns the predicate with one part for all that read JSON; `None` where there are no two of these.
fn fused(predicate: &Arc<dyn PhysicalExpr>) -> Option<Arc<dyn PhysicalExpr>> {
    let (wide, mut parts): (Vec<_>, Vec<_>) =
        split_conjunction(predicate).into_iter().map(Arc::clone).partition(reads_json);
    if wide.len() < 2 {
        return None;
    }
    // A conjunction would be taken apart again. This one is true where all parts are true, as a filter wants it.
    let all = conjunction(wide);
    parts.push(Arc::new(expressions::BinaryExpr::new(all, Operator::IsNotDistinctFrom, expressions::lit(true))));
    Some(conjunction(parts))
}

/// Returns `true` for a part that reads a JSON column.
fn reads_json(part: &Arc<dyn PhysicalExpr>) -> bool {
    let is_json = |name: &str| {
        name == FieldId::RequestParameterJson.column()
            || FIELDS.iter().any(|field| field.column == name && field.kind == Kind::Json)
    };
    collect_columns(part).iter().any(|column| is_json(column.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::schema;
    use arrow::array::{AsArray, StringViewArray, new_null_array};
    use arrow::record_batch::RecordBatch;
    use datafusion::physical_expr::expressions::{BinaryExpr, IsNotNullExpr, lit};
    use datafusion::scalar::ScalarValue;

    fn column(id: FieldId) -> Arc<dyn PhysicalExpr> {
        Arc::new(expressions::Column::new(id.column(), id as usize))
    }

    fn equals(id: FieldId, text: &str) -> Arc<dyn PhysicalExpr> {
        let text = lit(ScalarValue::Utf8View(Some(text.to_owned())));
        Arc::new(BinaryExpr::new(column(id), Operator::Eq, text))
    }

    #[test]
    fn parts_that_read_json_become_one_behind_the_others() {
        let (name, outcome) = (equals(FieldId::EventName, "a"), equals(FieldId::Outcome, "b"));
        let (parameters, extra) = (equals(FieldId::RequestParameters, "{}"), equals(FieldId::Extra, "{}"));
        let known: Arc<dyn PhysicalExpr> = Arc::new(IsNotNullExpr::new(column(FieldId::RequestParameters)));
        let all = conjunction([&parameters, &name, &known, &outcome, &extra].map(Arc::clone));
        let fused = fused(&all).unwrap();
        let parts = split_conjunction(&fused);
        assert_eq!(parts[..2], [&name, &outcome]);
        assert_eq!(parts.len(), 3);
        assert!(super::fused(&fused).is_none(), "once is enough");
        for too_few in [conjunction([&name, &outcome, &extra].map(Arc::clone)), Arc::clone(&parameters)] {
            assert!(super::fused(&too_few).is_none());
        }
    }

    #[test]
    fn a_row_passes_where_it_passed_before() {
        let schema = schema::events();
        let texts = [Some("{}"), Some("[]"), None];
        let rows: Vec<_> = texts.iter().flat_map(|one| texts.iter().map(move |other| (*one, *other))).collect();
        let columns = schema.fields().iter().map(|field| match field.name().as_str() {
            "request_parameters" => Arc::new(rows.iter().map(|(one, _)| *one).collect::<StringViewArray>()) as _,
            "extra" => Arc::new(rows.iter().map(|(_, other)| *other).collect::<StringViewArray>()) as _,
            _ => new_null_array(field.data_type(), rows.len()),
        });
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap();
        let before = conjunction([equals(FieldId::RequestParameters, "{}"), equals(FieldId::Extra, "{}")]);
        let passing = |predicate: &Arc<dyn PhysicalExpr>| -> Vec<usize> {
            let passes = predicate.evaluate(&batch).unwrap().into_array(rows.len()).unwrap();
            passes
                .as_boolean()
                .iter()
                .enumerate()
                .filter(|(_, passes)| *passes == Some(true))
                .map(|(row, _)| row)
                .collect()
        };
        assert_eq!(passing(&before), [0]);
        assert_eq!(passing(&fused(&before).unwrap()), [0]);
    }
}
