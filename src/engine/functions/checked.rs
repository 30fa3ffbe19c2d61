//! Sums, differences and products of whole numbers that are errors where they pass 64 bits.
//!
//! DataFusion's own operators wrap around: `9223372036854775807 + 1` is a negative number, and nothing says so. The
//! operator on two whole numbers, of which one is a BIGINT, is planned as a function instead. It can go when DataFusion
//! has a setting for `BinaryExpr::with_fail_on_overflow`.

use super::udf;
use arrow::array::ArrayRef;
use arrow::compute::kernels::numeric::{add, mul, sub};
use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, exec_datafusion_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable, Operator, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr_common::datum::apply;
use datafusion::sql::sqlparser::ast::BinaryOperator;

/// The most operators within one another that are checked. The time to plan functions grows with the cube of their
/// depth (15 s for 300, unoptimised), so the rest of a longer chain is left to DataFusion's operators.
const MOST_NESTED: usize = 8;

/// Plans operators on whole numbers as functions that check for overflow.
#[derive(Debug)]
pub struct PlanChecked;

impl ExprPlanner for PlanChecked {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let operator = match expr.op {
            BinaryOperator::Plus => Operator::Plus,
            BinaryOperator::Minus => Operator::Minus,
            BinaryOperator::Multiply => Operator::Multiply,
            _ => return Ok(PlannerResult::Original(expr)),
        };
        let (left, right) = (kind_of(&expr.left, schema), kind_of(&expr.right, schema));
        let are_whole = [&left, &right].iter().all(|kind| kind.as_ref().is_some_and(DataType::is_signed_integer));
        let is_long = depth(&expr.left).max(depth(&expr.right)) >= MOST_NESTED;
        if is_long || !are_whole || ![left, right].contains(&Some(DataType::Int64)) {
            return Ok(PlannerResult::Original(expr));
        }
        let function = udf(Checked { operator, signature: Signature::user_defined(Volatility::Immutable) });
        Ok(PlannerResult::Planned(function.call(vec![expr.left, expr.right])))
    }
}

/// Returns the number of checked operators within one another that an expression begins with, up to the most.
fn depth(expr: &Expr) -> usize {
    fn below(expr: &Expr, most: usize) -> usize {
        match expr {
            Expr::ScalarFunction(call) if most > 0 && call.func.inner().downcast_ref::<Checked>().is_some() => {
                1 + call.args.iter().map(|argument| below(argument, most - 1)).max().unwrap_or(0)
            }
            _ => 0,
        }
    }
    below(expr, MOST_NESTED)
}

/// Returns the type of an expression; `None` if it is no whole number, or not known, such as that of a parameter.
///
/// The end of a long chain of operators is not asked for: each of them would be once more for every operator above it.
fn kind_of(expr: &Expr, schema: &DFSchema) -> Option<DataType> {
    match expr {
        Expr::ScalarFunction(call) if call.func.inner().downcast_ref::<Checked>().is_some() => Some(DataType::Int64),
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Divide | Operator::Modulo, right }) => {
            let kinds = [kind_of(left, schema)?, kind_of(right, schema)?];
            let are_whole = kinds.iter().all(DataType::is_signed_integer);
            (are_whole && kinds.contains(&DataType::Int64)).then_some(DataType::Int64)
        }
        Expr::BinaryExpr(_) => None,
        expr => expr.get_type(schema).ok(),
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked {
    operator: Operator,
    signature: Signature,
}

impl Checked {
    fn written(&self, arguments: &[impl ToString]) -> String {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        format!("({})", arguments.join(&format!(" {} ", self.operator)))
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &str {
        match self.operator {
            Operator::Plus => "checked_add",
            Operator::Minus => "checked_subtract",
            _ => "checked_multiply",
        }
    }

    fn display_name(&self, arguments: &[Expr]) -> Result<String> {
        Ok(self.written(arguments))
    }

    fn schema_name(&self, arguments: &[Expr]) -> Result<String> {
        let names: Vec<String> = arguments.iter().map(|argument| argument.schema_name().to_string()).collect();
        Ok(self.written(&names))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, kinds: &[DataType]) -> Result<Vec<DataType>> {
        match kinds {
            [_, _] => Ok(vec![DataType::Int64, DataType::Int64]),
            _ => plan_err!("`{}` takes two whole numbers", self.operator),
        }
    }

    fn return_type(&self, _kinds: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let compute = match self.operator {
            Operator::Plus => add,
            Operator::Minus => sub,
            _ => mul,
        };
        let [left, right] = datafusion::common::utils::take_function_args(self.name(), arguments.args)?;
        apply(&left, &right, |left, right| -> std::result::Result<ArrayRef, _> { compute(left, right) }).map_err(
            |error| {
                let text = error.to_string();
                // `Arithmetic overflow: Overflow happened on: 9223372036854775807 + 1`
                let operands = text.split("on: ").nth(1).and_then(|operands| operands.lines().next());
                exec_datafusion_err!(
                    "`{}` is more than a whole number of 64 bits holds: cast to double or decimal",
                    operands.unwrap_or(self.operator.to_string().as_str())
                )
            },
        )
    }
}
