//! Lets all filters on the wide columns be one step of a scan.
//!
//! Where filters are pushed into a scan, each part of the conjunction is a step that unpacks its columns for the rows that
//! the steps before it have left. A view with six conditions on `request_parameters` would unpack these six times. DataFusion
//! has a cache against this, but it unpacks thousands of rows for each that is asked for; with it
//! `ecs_root_initial_user` takes 1.4 times as long (`benches/RESULTS.md`). Here the parts that read JSON become one part, and
//! the scan needs no cache.

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

/// The rule; it goes before filters are pushed down.
#[derive(Debug)]
pub struct JoinWideFilters;

impl PhysicalOptimizerRule for JoinWideFilters {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let over_scan = node
                .downcast_ref::<FilterExec>()
                .filter(|filter| filter.input().downcast_ref::<DataSourceExec>().is_some());
            match over_scan.and_then(|filter| Some((filter, joined(filter.predicate())?))) {
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
        "join_wide_filters"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The same predicate with one part for all that read JSON; `None` where there are no two of these.
fn joined(predicate: &Arc<dyn PhysicalExpr>) -> Option<Arc<dyn PhysicalExpr>> {
    let (wide, mut parts): (Vec<_>, Vec<_>) =
        split_conjunction(predicate).into_iter().map(Arc::clone).partition(reads_json);
    if wide.len() < 2 {
        return None;
    }
    // No conjunction, so that it is not taken apart again: true where all are true, as in a filter.
    let all = conjunction(wide);
    parts.push(Arc::new(expressions::BinaryExpr::new(all, Operator::IsNotDistinctFrom, expressions::lit(true))));
    Some(conjunction(parts))
}

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
        let joined = joined(&all).unwrap();
        let parts = split_conjunction(&joined);
        assert_eq!(parts[..2], [&name, &outcome]);
        assert_eq!(parts.len(), 3);
        assert!(super::joined(&joined).is_none(), "once is enough");
        for too_few in [conjunction([&name, &outcome, &extra].map(Arc::clone)), Arc::clone(&parameters)] {
            assert!(super::joined(&too_few).is_none());
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
        assert_eq!(passing(&joined(&before).unwrap()), [0]);
    }
}
