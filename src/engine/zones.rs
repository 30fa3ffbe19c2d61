//! Keeps the rule of time zones, and pruning right, wherever a plan turns one type into another.
//!
//! The rule is stated in [`functions::time`](super::functions::time): a bare date or time belongs to the zone of the
//! instant it meets, and a cast of an instant to a plain time gives the clock of its zone. DataFusion takes both for
//! UTC. Two rules of the analyzer keep it for every function and coercion:
//!
//! - [`CompareAlike`] goes before types are coerced. Where an instant is compared with a bare time, it turns the latter
//!   into an instant, so that the comparison stays one on the column and prunes. It also lets flags be compared with
//!   the texts `'true'` and `'false'`, which is how ActionTrail writes them. Unions and `IN (SELECT …)` are treated
//!   alike.
//! - [`ZonedCasts`] goes after, when every coercion is a cast. It replaces casts between instants and bare times.
//!
//! The second also guards pruning. DataFusion prunes `CAST(column AS type) < literal` by casting the minimum and the
//! maximum of the column, whatever the cast. That is right only for casts that keep the order; any other gets its
//! argument wrapped in `unordered`, through which nothing prunes.

use super::functions;
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{Column, DFSchema, ExprSchema, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    Between, BinaryExpr, Cast, Expr, ExprSchemable, GroupingSet, LogicalPlan, LogicalPlanBuilder, Operator, TryCast,
    Union, cast,
    expr::{InList, InSubquery, ScalarFunction},
    lit,
};
use datafusion::optimizer::AnalyzerRule;
use datafusion::scalar::ScalarValue;
use std::sync::Arc;

/// Turns an operand of a comparison into the type of the other, where DataFusion would not or would do it otherwise.
#[derive(Debug)]
pub struct CompareAlike;

/// Replaces casts between instants and bare times, and keeps casts that lose the order from pruning.
#[derive(Debug)]
pub struct ZonedCasts;

impl AnalyzerRule for CompareAlike {
    fn name(&self) -> &str {
        "compare_alike"
    }

    fn analyze(&self, plan: LogicalPlan, _config: &ConfigOptions) -> Result<LogicalPlan> {
        let plan = plan.transform_up_with_subqueries(union_alike).data()?;
        rewrite_plan(plan, compare_alike)
    }
}

/// Makes instants of the bare dates and times that a union puts under instants.
fn union_alike(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let LogicalPlan::Union(union) = plan else { return plan.recompute_schema().map(Transformed::yes) };
    let zones: Vec<Option<String>> = (0..union.schema.fields().len())
        .map(|at| union.inputs.iter().find_map(|input| zone_of_type(input.schema().fields().get(at)?.data_type())))
        .collect();
    let inputs = union.inputs.iter().map(|input| Ok(Arc::new(with_instants(input, &zones)?)));
    Ok(Transformed::yes(LogicalPlan::Union(Union::try_new_with_loose_types(inputs.collect::<Result<_>>()?)?)))
}

/// Returns the rows of a plan, with the bare dates and times of each column that has a zone as instants of it.
fn with_instants(plan: &LogicalPlan, zones: &[Option<String>]) -> Result<LogicalPlan> {
    let schema = Arc::clone(plan.schema());
    let zoned: Vec<_> = schema
        .iter()
        .zip(zones)
        .map(|((_, field), zone)| zone.as_ref().filter(|_| is_bare_type(field.data_type())))
        .collect();
    if zoned.iter().all(Option::is_none) {
        return Ok(plan.clone());
    }
    let columns = schema.iter().zip(zoned).map(|((qualifier, field), zone)| {
        let column = Expr::Column(Column::from((qualifier, field)));
        match zone {
            Some(zone) => functions::time::to_instant()
                .call(vec![column, lit(zone.as_str())])
                .alias_qualified(qualifier.cloned(), field.name()),
            None => column,
        }
    });
    LogicalPlanBuilder::from(plan.clone()).project(columns.collect::<Vec<_>>())?.build()
}

/// Has the planner do for the operands of a comparison what [`CompareAlike`] does: a projection needs its type at once.
#[derive(Debug)]
pub struct PlanAlike;

impl ExprPlanner for PlanAlike {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        use datafusion::sql::sqlparser::ast::BinaryOperator;
        let op = match expr.op {
            BinaryOperator::Eq => Operator::Eq,
            BinaryOperator::NotEq => Operator::NotEq,
            _ => return Ok(PlannerResult::Original(expr)),
        };
        let (left, right) = (is_flag(&expr.left, schema), is_flag(&expr.right, schema));
        if left == right {
            return Ok(PlannerResult::Original(expr));
        }
        let RawBinaryExpr { left, right, .. } = expr;
        let right = like(right, &left, schema)?;
        let left = like(left, &right, schema)?;
        let planned = BinaryExpr { left: Box::new(left), op, right: Box::new(right) };
        Ok(PlannerResult::Planned(Expr::BinaryExpr(planned)))
    }
}

fn is_flag(expr: &Expr, schema: &dyn ExprSchema) -> bool {
    matches!(expr.get_type(schema), Ok(DataType::Boolean))
}

impl AnalyzerRule for ZonedCasts {
    fn name(&self) -> &str {
        "zoned_casts"
    }

    fn analyze(&self, plan: LogicalPlan, _config: &ConfigOptions) -> Result<LogicalPlan> {
        rewrite_plan(plan, zoned)
    }
}

/// Rewrites every expression of a plan and of its subqueries from the leaves up; columns keep their names.
fn rewrite_plan(
    plan: LogicalPlan,
    rewrite: fn(Expr, &dyn ExprSchema) -> Result<Transformed<Expr>>,
) -> Result<LogicalPlan> {
    plan.transform_up_with_subqueries(|plan| {
        let mut schema: DFSchema = merge_schema(&plan.inputs());
        if let LogicalPlan::TableScan(scan) = &plan {
            schema.merge(&DFSchema::try_from_qualified_schema(scan.table_name.clone(), &scan.source.schema())?);
        }
        let names = NamePreserver::new(&plan);
        plan.map_expressions(|expr| {
            let name = names.save(&expr);
            let rewritten = match expr {
                // Each of a set is a column of its own name.
                Expr::GroupingSet(sets) => Transformed::yes(Expr::GroupingSet(in_sets(sets, |expr| {
                    let name = NamePreserver::new_for_projection().save(&expr);
                    Ok(name.restore(expr.transform_up(|expr| rewrite(expr, &schema))?.data))
                })?)),
                expr => expr.transform_up(|expr| rewrite(expr, &schema))?,
            };
            Ok(rewritten.update_data(|expr| name.restore(expr)))
        })?
        .map_data(LogicalPlan::recompute_schema)
    })
    .data()
}

fn in_sets(sets: GroupingSet, mut rewrite: impl FnMut(Expr) -> Result<Expr>) -> Result<GroupingSet> {
    let mut all = |exprs: Vec<Expr>| exprs.into_iter().map(&mut rewrite).collect::<Result<Vec<_>>>();
    Ok(match sets {
        GroupingSet::Rollup(exprs) => GroupingSet::Rollup(all(exprs)?),
        GroupingSet::Cube(exprs) => GroupingSet::Cube(all(exprs)?),
        GroupingSet::GroupingSets(sets) => GroupingSet::GroupingSets(sets.into_iter().map(all).collect::<Result<_>>()?),
    })
}

/// Returns the zone of an instant.
fn zone_of(expr: &Expr, schema: &dyn ExprSchema) -> Option<String> {
    expr.get_type(schema).ok().and_then(|kind| zone_of_type(&kind))
}

fn zone_of_type(kind: &DataType) -> Option<String> {
    match kind {
        DataType::Timestamp(_, Some(zone)) => Some(zone.to_string()),
        _ => None,
    }
}

/// Returns `true` for a date or a time without a zone.
fn is_bare(expr: &Expr, schema: &dyn ExprSchema) -> bool {
    expr.get_type(schema).is_ok_and(|kind| is_bare_type(&kind))
}

fn is_bare_type(kind: &DataType) -> bool {
    matches!(kind, DataType::Timestamp(_, None) | DataType::Date32 | DataType::Date64)
}

fn compare_alike(expr: Expr, schema: &dyn ExprSchema) -> Result<Transformed<Expr>> {
    Ok(match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_comparison(op) => {
            let right = like(*right, &left, schema)?;
            let left = like(*left, &right, schema)?;
            // The constant goes to the right: DataFusion folds `a = 'x' AND 'x' = a` to false, and takes `a <= 1 AND 1
            // > a` for `a <= 1`.
            let (left, op, right) = match op.swap() {
                Some(swapped) if is_constant(&left) && !is_constant(&right) => (right, swapped, left),
                _ => (left, op, right),
            };
            Transformed::yes(Expr::BinaryExpr(BinaryExpr { left: Box::new(left), op, right: Box::new(right) }))
        }
        // Every text matches. DataFusion takes it for `IS NOT NULL`, whose negation is true of nulls.
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_regex(op) && matches_all(&right) => {
            let is_match = matches!(op, Operator::RegexMatch | Operator::RegexIMatch);
            let op = if is_match { Operator::Eq } else { Operator::NotEq };
            Transformed::yes(Expr::BinaryExpr(BinaryExpr { left: left.clone(), op, right: left }))
        }
        Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::Plus | Operator::Minus), right }) => {
            Transformed::yes(arithmetic(*left, op, *right, schema)?)
        }
        Expr::Case(mut case) => {
            let zone = case.when_then_expr.iter().map(|(_, then)| then).chain(&case.else_expr);
            if let Some(zone) = zone.into_iter().find_map(|value| zone_of(value, schema)) {
                for (_, then) in &mut case.when_then_expr {
                    **then = in_zone(std::mem::take(then.as_mut()), &zone, schema);
                }
                if let Some(otherwise) = &mut case.else_expr {
                    **otherwise = in_zone(std::mem::take(otherwise.as_mut()), &zone, schema);
                }
            }
            Transformed::yes(Expr::Case(case))
        }
        // DataFusion counts whole seconds.
        Expr::ScalarFunction(ScalarFunction { func, args })
            if func.name() == "date_part" && is_epoch_of_length(&args, schema) =>
        {
            let micros = functions::time::length_micros().call(args.into_iter().skip(1).collect());
            Transformed::yes(cast(micros, DataType::Float64) / lit(1e6))
        }
        Expr::ScalarFunction(ScalarFunction { func, args }) if ALIKE.contains(&func.name()) => {
            let zone = args.iter().find_map(|value| zone_of(value, schema));
            let args = match zone {
                Some(zone) => args.into_iter().map(|value| in_zone(value, &zone, schema)).collect(),
                None => args,
            };
            Transformed::yes(Expr::ScalarFunction(ScalarFunction { func, args }))
        }
        Expr::InSubquery(InSubquery { expr, mut subquery, negated }) => {
            subquery.subquery = Arc::new(with_instants(&subquery.subquery, &[zone_of(&expr, schema)])?);
            Transformed::yes(Expr::InSubquery(InSubquery { expr, subquery, negated }))
        }
        Expr::Between(Between { expr, negated, low, high }) => {
            let (low, high) = (like(*low, &expr, schema)?, like(*high, &expr, schema)?);
            let expr = Box::new(like(*expr, &low, schema)?);
            let between = Between { expr, negated, low: Box::new(low), high: Box::new(high) };
            Transformed::yes(Expr::Between(between))
        }
        Expr::InList(InList { expr, list, negated }) => {
            let list = list.into_iter().map(|item| like(item, &expr, schema)).collect::<Result<Vec<_>>>()?;
            let expr = match list.first() {
                Some(item) => Box::new(like(*expr, item, schema)?),
                None => expr,
            };
            Transformed::yes(Expr::InList(InList { expr, list, negated }))
        }
        other => Transformed::no(other),
    })
}

/// Functions whose arguments have one type, or that count from one to the other.
const ALIKE: [&str; 7] = ["coalesce", "greatest", "least", "nullif", "nvl", "nvl2", "date_bin"];

/// Returns a bare time as an instant of the zone; anything else as it is.
fn in_zone(value: Expr, zone: &str, schema: &dyn ExprSchema) -> Expr {
    if is_bare(&value, schema) { functions::time::to_instant().call(vec![value, lit(zone)]) } else { value }
}

/// Returns a sum or difference with a time in it.
fn arithmetic(left: Expr, op: Operator, right: Expr, schema: &dyn ExprSchema) -> Result<Expr> {
    let kind = |expr: &Expr| expr.get_type(schema).unwrap_or(DataType::Null);
    let plain =
        |left: Expr, right: Expr| Expr::BinaryExpr(BinaryExpr { left: Box::new(left), op, right: Box::new(right) });
    Ok(match (kind(&left), kind(&right)) {
        // Days and months are added on the clock of the zone, where Arrow fails at times that do not occur once.
        (DataType::Timestamp(_, Some(zone)), DataType::Interval(_)) if !functions::time::is_utc(&zone) => {
            let sign = lit(if op == Operator::Plus { 1i64 } else { -1 });
            functions::time::shift().call(vec![left, right, sign])
        }
        (DataType::Interval(_), DataType::Timestamp(_, Some(zone)))
            if op == Operator::Plus && !functions::time::is_utc(&zone) =>
        {
            functions::time::shift().call(vec![right, left, lit(1i64)])
        }
        // A date stays a date where whole days are added, and DataFusion drops what is less.
        (DataType::Date32 | DataType::Date64, DataType::Interval(_)) if !is_whole_days(&right) => {
            plain(cast(left, DataType::Timestamp(TimeUnit::Microsecond, None)), right)
        }
        (DataType::Timestamp(_, Some(zone)), _) if op == Operator::Minus => {
            let right = in_zone(right, &zone, schema);
            plain(left, right)
        }
        (_, DataType::Timestamp(_, Some(zone))) if op == Operator::Minus => plain(in_zone(left, &zone, schema), right),
        _ => plain(left, right),
    })
}

/// Returns `true` for an interval that is known to have no hours.
fn is_whole_days(interval: &Expr) -> bool {
    match interval.as_literal() {
        Some(ScalarValue::IntervalMonthDayNano(Some(length))) => length.nanoseconds == 0,
        Some(ScalarValue::IntervalDayTime(Some(length))) => length.milliseconds == 0,
        Some(ScalarValue::IntervalYearMonth(_)) => true,
        _ => false,
    }
}

fn is_length(kind: &DataType) -> bool {
    matches!(kind, DataType::Interval(_) | DataType::Duration(_))
}

/// Returns the operand in the type of the other.
fn like(operand: Expr, other: &Expr, schema: &dyn ExprSchema) -> Result<Expr> {
    if let Some(zone) = zone_of(other, schema) {
        let is_text = operand.as_literal().is_some_and(|value| value.try_as_str().flatten().is_some());
        if is_text || is_bare(&operand, schema) {
            return Ok(functions::time::to_instant().call(vec![operand, lit(zone)]));
        }
    }
    // A text would be compared as nanoseconds, which do not reach the year 2263.
    if let (Ok(kind @ DataType::Timestamp(_, None)), Some(Some(_))) =
        (other.get_type(schema), operand.as_literal().map(|value| value.try_as_str().flatten()))
    {
        return Ok(cast(operand, kind));
    }
    // An interval is months, days and a rest, which Arrow compares one after the other: seven days are more than any
    // rest.
    if let (Ok(kind), Ok(other)) = (operand.get_type(schema), other.get_type(schema))
        && is_length(&kind)
        && (other == DataType::Int64 || is_length(&other))
        && (matches!(kind, DataType::Interval(_)) || other == DataType::Int64 || matches!(other, DataType::Interval(_)))
    {
        return Ok(functions::time::length_micros().call(vec![operand]));
    }
    let Some(literal) = operand.as_literal() else { return Ok(operand) };
    match (other.get_type(schema), literal, literal.try_as_str().flatten()) {
        (Ok(DataType::Boolean), _, Some(text)) => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Ok(lit(true)),
            "false" => Ok(lit(false)),
            _ => plan_err!("`{other}` is true or false, and cannot be '{text}'"),
        },
        (Ok(kind), ScalarValue::Boolean(Some(flag)), _) if is_text(&kind) => Ok(lit(flag.to_string())),
        _ => Ok(operand),
    }
}

/// Returns `true` for the arguments of `date_part('epoch', length)`.
fn is_epoch_of_length(args: &[Expr], schema: &dyn ExprSchema) -> bool {
    let [part, value] = args else { return false };
    let is_epoch = part.as_literal().and_then(|part| part.try_as_str().flatten());
    is_epoch.is_some_and(|part| part.eq_ignore_ascii_case("epoch"))
        && value.get_type(schema).is_ok_and(|kind| is_length(&kind))
}

fn is_regex(op: Operator) -> bool {
    use Operator::*;
    matches!(op, RegexMatch | RegexIMatch | RegexNotMatch | RegexNotIMatch)
}

/// Returns `true` for a pattern that every text matches.
fn matches_all(pattern: &Expr) -> bool {
    pattern.as_literal().and_then(|value| value.try_as_str().flatten()) == Some(".*")
}

/// Returns `true` for an expression that is the same for every row.
fn is_constant(expr: &Expr) -> bool {
    !expr.any_column_refs() && !expr.is_volatile() && !matches!(expr, Expr::ScalarSubquery(_))
}

fn is_comparison(op: Operator) -> bool {
    use Operator::*;
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom)
}

fn zoned(expr: Expr, schema: &dyn ExprSchema) -> Result<Transformed<Expr>> {
    if let Expr::ScalarFunction(ScalarFunction { func, args }) = &expr
        && matches!(func.name(), "arrow_cast" | "arrow_try_cast")
        && let (Some(value), Ok(kind)) = (args.first(), expr.get_type(schema))
    {
        // It becomes a cast later, behind this rule.
        let cast = if func.name() == "arrow_cast" {
            Expr::Cast(Cast::new(Box::new(value.clone()), kind))
        } else {
            Expr::TryCast(TryCast::new(Box::new(value.clone()), kind))
        };
        return Ok(Transformed::yes(zoned(cast, schema)?.data));
    }
    let (inner, to, lenient) = match &expr {
        Expr::Cast(Cast { expr, field }) => (expr, field.data_type(), false),
        Expr::TryCast(TryCast { expr, field }) => (expr, field.data_type(), true),
        _ => return Ok(Transformed::no(expr)),
    };
    let Ok(from) = inner.get_type(schema) else { return Ok(Transformed::no(expr)) };
    let again = |inner: Expr| match &expr {
        Expr::Cast(Cast { field, .. }) => Expr::Cast(Cast::new_from_field(Box::new(inner), field.clone())),
        _ => Expr::TryCast(TryCast::new(Box::new(inner), to.clone())),
    };
    let to_instant = || if lenient { functions::time::try_to_instant() } else { functions::time::to_instant() };
    let replaced = match (&from, to) {
        (DataType::Timestamp(_, Some(zone)), DataType::Timestamp(_, None)) if !functions::time::is_utc(zone) => {
            again(functions::time::local_clock().call(vec![inner.as_ref().clone()]))
        }
        (DataType::Timestamp(_, Some(zone)), DataType::Date32 | DataType::Date64) if !functions::time::is_utc(zone) => {
            again(functions::time::local_date().call(vec![inner.as_ref().clone()]))
        }
        (DataType::Timestamp(_, None) | DataType::Date32 | DataType::Date64, DataType::Timestamp(_, Some(zone))) => {
            again(functions::time::to_instant().call(vec![inner.as_ref().clone(), lit(zone.as_ref())]))
        }
        (from, DataType::Timestamp(unit, Some(zone))) if is_text(from) => {
            let instant = to_instant().call(vec![inner.as_ref().clone(), lit(zone.as_ref())]);
            if *unit == TimeUnit::Microsecond { instant } else { cast(instant, to.clone()) }
        }
        // The notations of a plain time are those of an instant.
        (from, DataType::Timestamp(_, None)) if is_text(from) => {
            again(to_instant().call(vec![inner.as_ref().clone(), lit("UTC")]))
        }
        // A function inside may become a column or a cast of one when it is simplified.
        (from, to) if !keeps_order(from, to) && inner.as_literal().is_none() => {
            let cast = again(functions::unordered().call(vec![inner.as_ref().clone()]));
            // What a lenient cast cannot take is null, and a comparison that is moved below the cast would see its
            // value.
            if lenient { functions::unordered().call(vec![cast]) } else { cast }
        }
        _ => return Ok(Transformed::no(expr)),
    };
    Ok(Transformed::yes(replaced))
}

fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => is_text(values),
        kind => matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
    }
}

/// Returns `true` for casts of which it is known that a greater value never becomes a lesser one, and that no value
/// between two that can be cast fails.
fn keeps_order(from: &DataType, to: &DataType) -> bool {
    use DataType::*;
    match (from, to) {
        (from, to) if from == to => true,
        (Dictionary(_, from), to) => keeps_order(from, to),
        (from, Dictionary(_, to)) => keeps_order(from, to),
        (from, to) if is_text(from) && is_text(to) => true,
        // Instants to other units or zones, and times of UTC without the name.
        (Timestamp(..), Timestamp(..)) | (Date32 | Date64, Timestamp(_, None) | Date32 | Date64) => true,
        (Timestamp(_, zone), Date32) => zone.as_deref().is_none_or(functions::time::is_utc),
        (Timestamp(..), Int64) => true,
        (from, Int64) if from.is_integer() && *from != UInt64 => true,
        (Int8 | Int16 | UInt8, Int16 | Int32) | (UInt16, Int32) => true,
        (UInt8 | UInt16 | UInt32, UInt64) => true,
        (from, Float64) if from.is_integer() => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_that_keep_the_order() {
        use DataType::*;
        let instant = |zone: &str| Timestamp(TimeUnit::Microsecond, Some(zone.into()));
        let plain = Timestamp(TimeUnit::Nanosecond, None);
        for (from, to, expected) in [
            (Utf8View, Utf8, true),
            (Int32, Int64, true),
            (UInt64, Float64, true),
            (instant("UTC"), instant("Asia/Tokyo"), true),
            (instant("UTC"), plain.clone(), true),
            (instant("UTC"), Date32, true),
            (instant("Asia/Tokyo"), Date32, false),
            (instant("UTC"), Time64(TimeUnit::Nanosecond), false),
            (plain, Time32(TimeUnit::Second), false),
            (Utf8View, Int64, false),
            (Utf8View, Date32, false),
            (Int64, Utf8View, false),
            (UInt64, Int64, false),
            (Int64, Int32, false),
            (Float64, Int64, false),
            (Boolean, Utf8, false),
        ] {
            assert_eq!(keeps_order(&from, &to), expected, "{from} to {to}");
        }
    }
}
