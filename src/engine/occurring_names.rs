//! The names that occur in a scope, and the parts of plans that need others.
//!
//! Most views ask for a few event names, and most lakes have few of them in a week. Planning a view takes longer than
//! finding out that nothing matches. So whoever asks many views reads the names once, and a part of a plan whose
//! conditions no combination of names meets becomes an empty relation before anything is optimized.
//!
//! Errors of types are found while a plan is analysed, which such a part no longer is: this is for views and statements
//! of trailql itself, and not for those of users.

use super::EngineError;
use super::tables::{LakeTable, ValueCondition};
use crate::event::field::FieldId;
use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema};
use datafusion::datasource::source_as_provider;
use datafusion::error::Result;
use datafusion::logical_expr::utils::split_conjunction_owned;
use datafusion::logical_expr::{EmptyRelation, Expr, JoinType, LogicalPlan};
use std::sync::Arc;

/// The columns whose values are read together.
const COLUMNS: [FieldId; 3] = [FieldId::EventName, FieldId::ServiceName, FieldId::UserIdentityType];

/// The most combinations of names that are kept. A scope of more is asked without them.
const MOST: usize = 50_000;

/// The combinations of event name, service and type of identity that occur in a scope, in small letters.
#[derive(Debug)]
pub(super) struct OccurringNames {
    combinations: Vec<[Option<String>; COLUMNS.len()]>,
}

impl OccurringNames {
    /// The statement whose rows [`Self::add`] takes.
    pub(super) fn statement() -> String {
        let columns = COLUMNS.map(|id| format!("lower({0}) AS {0}", id.column())).join(", ");
        format!("SELECT DISTINCT {columns} FROM events UNION SELECT DISTINCT {columns} FROM undated_events")
    }

    /// Reads the rows of the statement; `None` if there are too many.
    pub(super) fn read(
        mut next: impl FnMut() -> std::result::Result<Option<RecordBatch>, EngineError>,
    ) -> std::result::Result<Option<Self>, EngineError> {
        let mut combinations = Vec::new();
        while let Some(batch) = next()? {
            let columns = batch.columns().iter().map(|column| cast(column, &DataType::Utf8View));
            let columns = columns
                .collect::<std::result::Result<Vec<_>, _>>()
                .map_err(|error| EngineError::from(datafusion::error::DataFusionError::from(error)))?;
            let texts: Vec<_> = columns.iter().filter_map(|column| column.as_string_view_opt()).collect();
            for row in 0..batch.num_rows() {
                let text = |at: usize| {
                    let texts = texts.get(at).filter(|texts| texts.is_valid(row))?;
                    Some(texts.value(row).to_owned())
                };
                combinations.push(std::array::from_fn(text));
            }
            if combinations.len() > MOST {
                return Ok(None);
            }
        }
        Ok(Some(Self { combinations }))
    }

    /// Replaces the parts of a plan that can have no rows by empty relations.
    pub(super) fn without_empty_parts(&self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let pruned = plan.transform_down(|node| {
            if matches!(node, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_)) {
                return Ok(Transformed::new(node, false, TreeNodeRecursion::Stop));
            }
            if matches!(node, LogicalPlan::EmptyRelation(_)) || !self.is_empty(&node, Vec::new()) {
                return Ok(Transformed::no(node));
            }
            let schema = Arc::clone(node.schema());
            let empty = LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema });
            Ok(Transformed::new(empty, true, TreeNodeRecursion::Jump))
        });
        Ok(pruned?.data)
    }

    /// Returns `true` if no row of a plan meets all conditions. The conditions are on the columns of the plan.
    fn is_empty(&self, plan: &LogicalPlan, mut conditions: Vec<Expr>) -> bool {
        match plan {
            LogicalPlan::EmptyRelation(empty) => !empty.produce_one_row,
            LogicalPlan::TableScan(scan) => {
                let is_events = source_as_provider(&scan.source)
                    .is_ok_and(|table| table.downcast_ref::<LakeTable>().is_some_and(LakeTable::is_events));
                conditions.extend(scan.filters.iter().cloned());
                is_events && !self.may_meet(&conditions)
            }
            LogicalPlan::Filter(filter) => {
                conditions.extend(split_conjunction_owned(filter.predicate.clone()));
                self.is_empty(&filter.input, conditions)
            }
            LogicalPlan::Projection(projection) => {
                let conditions = rewritten(conditions, plan.schema(), |at| projection.expr.get(at).cloned());
                self.is_empty(&projection.input, conditions)
            }
            LogicalPlan::SubqueryAlias(alias) => {
                let inner = alias.input.schema();
                let conditions = rewritten(conditions, plan.schema(), |at| column_of(inner, at));
                self.is_empty(&alias.input, conditions)
            }
            // A group has a row, whose values of the columns are those of the group.
            LogicalPlan::Aggregate(aggregate) => {
                let groups = &aggregate.group_expr;
                if groups.is_empty() || groups.iter().any(|group| matches!(group, Expr::GroupingSet(_))) {
                    return false;
                }
                let conditions = rewritten(conditions, plan.schema(), |at| groups.get(at).cloned());
                self.is_empty(&aggregate.input, conditions)
            }
            // Columns behind those of the input are not known.
            LogicalPlan::Window(window) => {
                let inner = window.input.schema();
                let conditions = rewritten(conditions, plan.schema(), |at| column_of(inner, at));
                self.is_empty(&window.input, conditions)
            }
            LogicalPlan::Sort(sort) => self.is_empty(&sort.input, conditions),
            LogicalPlan::Limit(limit) => self.is_empty(&limit.input, conditions),
            LogicalPlan::Distinct(distinct) => self.is_empty(distinct.input(), conditions),
            LogicalPlan::Unnest(unnest) => self.is_empty(&unnest.input, Vec::new()),
            LogicalPlan::Union(union) => union.inputs.iter().all(|input| {
                let conditions = rewritten(conditions.clone(), plan.schema(), |at| column_of(input.schema(), at));
                self.is_empty(input, conditions)
            }),
            LogicalPlan::Join(join) => {
                let of_side = |schema: &DFSchema| {
                    let is_own = |condition: &&Expr| {
                        condition.column_refs().iter().all(|column| schema.maybe_index_of_column(column).is_some())
                    };
                    conditions.iter().filter(is_own).cloned().collect::<Vec<_>>()
                };
                let left = || self.is_empty(&join.left, of_side(join.left.schema()));
                let right = || self.is_empty(&join.right, of_side(join.right.schema()));
                match join.join_type {
                    JoinType::Inner | JoinType::LeftSemi | JoinType::RightSemi => left() || right(),
                    JoinType::Left | JoinType::LeftAnti | JoinType::LeftMark => left(),
                    JoinType::Right | JoinType::RightAnti | JoinType::RightMark => right(),
                    JoinType::Full => left() && right(),
                }
            }
            _ => false,
        }
    }

    /// Returns `false` if no event in scope meets all conditions.
    fn may_meet(&self, conditions: &[Expr]) -> bool {
        let condition = ValueCondition::of(conditions);
        self.combinations.iter().any(|names| {
            condition.may_be_met(|column| {
                let at = COLUMNS.iter().position(|id| id.column() == column)?;
                Some(names.get(at)?.as_deref())
            })
        })
    }
}

fn column_of(schema: &DFSchema, at: usize) -> Option<Expr> {
    (at < schema.fields().len()).then(|| Expr::Column(Column::from(schema.qualified_field(at))))
}

/// Puts in the place of each column of a plan what it is in its input. A condition on another column is dropped.
fn rewritten(conditions: Vec<Expr>, schema: &DFSchema, inner: impl Fn(usize) -> Option<Expr>) -> Vec<Expr> {
    let rewrite = |condition: Expr| {
        let mut is_known = true;
        let rewritten = condition.transform(|expr| {
            let Expr::Column(column) = &expr else { return Ok(Transformed::no(expr)) };
            match schema.maybe_index_of_column(column).and_then(&inner) {
                Some(inner) => Ok(Transformed::new(inner.unalias_nested().data, true, TreeNodeRecursion::Jump)),
                None => {
                    is_known = false;
                    Ok(Transformed::no(expr))
                }
            }
        });
        rewritten.ok().filter(|_| is_known).map(|rewritten| rewritten.data)
    };
    conditions.into_iter().filter_map(rewrite).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::views::ViewCatalog;
    use crate::engine::{Engine, EngineOptions, Limits, ReferenceData, Scope, statement};

    fn names() -> OccurringNames {
        let combination = |names: [&str; 3]| names.map(|name| (!name.is_empty()).then(|| name.to_owned()));
        let combinations =
            [["createuser", "ram", "ram-user"], ["consolesignin", "", "root-account"], ["", "ecs", "ram-user"]];
        OccurringNames { combinations: combinations.map(combination).into() }
    }

    #[test]
    fn parts_without_rows_are_found() {
        let options = EngineOptions {
            memory_limit_bytes: 64 << 20,
            owns_process: false,
            threads: 1,
            show_secrets: false,
            redact: false,
            views: Arc::new(ViewCatalog::built_in().unwrap()),
            reference: ReferenceData::default(),
            tuning: true,
        };
        let session = Engine::empty(&options).unwrap().session(&Scope::default(), &Limits::default()).unwrap();
        let (no, yes) = ("event_name = 'DeleteUser'", "event_name = 'CreateUser'");
        for (sql, is_empty) in [
            (format!("SELECT * FROM events WHERE {yes}"), false),
            (format!("SELECT * FROM events WHERE {no}"), true),
            (format!("SELECT id FROM e WHERE {}", no.replace("event_name", "event")), true),
            (format!("SELECT * FROM undated_events WHERE {no}"), true),
            ("SELECT * FROM events WHERE event_name IN ('DeleteUser', 'CREATEUSER')".to_owned(), false),
            ("SELECT * FROM events WHERE event_name NOT IN ('CreateUser')".to_owned(), false),
            (format!("SELECT * FROM events WHERE NOT ({no})"), false),
            (format!("SELECT * FROM events WHERE {no} OR error_code = 'x'"), false),
            (format!("SELECT * FROM events WHERE ({no} OR event_name = 'X') AND error_code = 'x'"), true),
            // Of two conditions, each is met by some event, and no event meets both.
            (format!("SELECT * FROM events WHERE {yes} AND service_name = 'Ecs'"), true),
            (format!("SELECT * FROM events WHERE {yes} AND lower(service_name) = 'ram'"), false),
            ("SELECT * FROM audit_events WHERE event_name = 'CreateUser' AND service = 'ecs'".to_owned(), true),
            ("SELECT * FROM audit_events WHERE event_name = 'CreateUser' AND service = 'ram'".to_owned(), false),
            ("SELECT * FROM events WHERE event_name = 'ConsoleSignin' AND service_name IS NULL".to_owned(), false),
            ("SELECT * FROM events WHERE event_name IS NULL".to_owned(), false),
            (format!("SELECT upper(event_name) AS event_name FROM events WHERE {yes}"), false),
            ("SELECT * FROM (SELECT 'DeleteUser' AS event_name FROM events) WHERE event_name = 'DeleteUser'".to_owned(), false),
            (format!("SELECT * FROM (SELECT event_name, service_name AS s FROM events) t WHERE t.{no}"), true),
            (format!("SELECT count(*) FROM events WHERE {no}"), false),
            (format!("SELECT account_id, count(*) FROM events WHERE {no} GROUP BY account_id"), true),
            (format!("SELECT account_id, count(*) FROM events WHERE {no} GROUP BY ROLLUP (account_id)"), false),
            ("SELECT event_name, count(*) FROM events GROUP BY 1 HAVING event_name = 'DeleteUser'".to_owned(), true),
            ("SELECT event_name, count(*) AS n FROM events GROUP BY 1 HAVING n = 3".to_owned(), false),
            (format!("SELECT *, row_number() OVER () AS n FROM events WHERE {no} ORDER BY n LIMIT 3"), true),
            (format!("SELECT event_id FROM events WHERE {no} UNION ALL SELECT event_id FROM events"), false),
            (format!("SELECT event_id FROM events WHERE {no} UNION SELECT event_id FROM events WHERE {no}"), true),
            ("SELECT * FROM (SELECT event_name AS a FROM events UNION ALL SELECT service_name FROM events) WHERE a = 'x'".to_owned(), true),
            (format!("SELECT a.event_id FROM events a JOIN events b USING (account_id) WHERE b.{no}"), true),
            (format!("SELECT a.event_id FROM events a JOIN (SELECT * FROM events WHERE {no}) b USING (account_id)"), true),
            (format!("SELECT a.event_id FROM events a LEFT JOIN (SELECT * FROM events WHERE {no}) b USING (account_id)"), false),
            (format!("SELECT b.event_id FROM events a RIGHT JOIN (SELECT * FROM events WHERE {no}) b USING (account_id)"), true),
            (format!("SELECT 1 FROM (SELECT * FROM events WHERE {no}) a FULL JOIN events b USING (account_id)"), false),
            (format!("SELECT unnest([1, 2]) FROM events WHERE {no}"), true),
            (format!("SELECT * FROM sources WHERE source_id = (SELECT max(source_id) FROM events WHERE {no})"), false),
            ("SELECT 1".to_owned(), false),
        ] {
            // As the SELECT of a view, which may name hidden views.
            let plan = session.plan_statement(statement::parse(&sql).unwrap(), &mut vec!["view"]).unwrap();
            let schema = Arc::clone(plan.schema());
            let pruned = names().without_empty_parts(plan).unwrap();
            assert_eq!(matches!(pruned, LogicalPlan::EmptyRelation(_)), is_empty, "{sql}");
            assert_eq!(*pruned.schema(), schema, "{sql}");
        }
    }
}
