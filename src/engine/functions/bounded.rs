//! Functions that make much of little, with a bound.
//!
//! `repeat('x', 1500000000)` is a few letters of SQL and gigabytes of text, made in one step that nobody can interrupt.
//! These functions are DataFusion's own, but say what they would make before they make it, and refuse where that is
//! more than a batch should ever have.

use super::udf;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, FieldRef, Int64Type};
use datafusion::common::resources_err;
use datafusion::error::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};
use std::sync::Arc;

/// The most bytes that one call may make of one batch of rows.
const MOST_BYTES: u64 = 32 << 20;

/// Says how many bytes a call would make of one row, by the values that it is given.
type Estimate = fn(&[Cell<'_>]) -> u64;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Bounded {
    inner: Arc<ScalarUDF>,
}

/// The names of the functions, and what each makes.
const BOUNDED: [(&str, Estimate); 14] = [
    ("concat", |cells| cells.iter().map(Cell::bytes).sum()),
    ("concat_ws", |cells| cells.iter().map(|cell| cell.bytes() + cells[0].bytes()).sum()),
    ("repeat", |cells| cells[0].bytes().saturating_mul(cells[1].count())),
    ("lpad", |cells| cells[1].count().saturating_mul(4)),
    ("rpad", |cells| cells[1].count().saturating_mul(4)),
    ("replace", |cells| replaced(cells)),
    ("regexp_replace", |cells| cells[0].bytes().saturating_add(1).saturating_mul(cells[2].bytes().max(1))),
    ("array_repeat", |cells| cells[0].bytes().max(8).saturating_mul(cells[1].count())),
    ("list_repeat", |cells| cells[0].bytes().max(8).saturating_mul(cells[1].count())),
    ("array_resize", |cells| cells[1].count().saturating_mul(16)),
    ("list_resize", |cells| cells[1].count().saturating_mul(16)),
    ("range", |cells| steps(cells).saturating_mul(8)),
    ("generate_series", |cells| steps(cells).saturating_mul(8)),
    ("space", |cells| cells[0].count()),
];

/// Returns the most times that a text could be found, and replaced.
fn replaced(cells: &[Cell<'_>]) -> u64 {
    let (text, from, to) = (cells[0].bytes(), cells[1].bytes(), cells[2].bytes());
    let times = text.checked_div(from).unwrap_or(text + 1);
    text.saturating_add(times.saturating_mul(to))
}

fn steps(cells: &[Cell<'_>]) -> u64 {
    let number = |at: usize| cells.get(at).and_then(Cell::number);
    let (start, stop) = match (number(0), number(1)) {
        (Some(start), Some(stop)) => (start, stop),
        (Some(stop), None) => (0, stop),
        _ => return 0,
    };
    start.abs_diff(stop) / number(2).unwrap_or(1).unsigned_abs().max(1)
}

/// One argument in one row.
#[derive(Clone, Copy)]
struct Cell<'a> {
    array: &'a ArrayRef,
    row: usize,
}

impl Cell<'_> {
    fn bytes(&self) -> u64 {
        super::text_at(self.array, self.row).map_or(0, |text| text.len() as u64)
    }

    fn number(&self) -> Option<i64> {
        let is_int = self.array.data_type() == &DataType::Int64 && self.array.is_valid(self.row);
        is_int.then(|| self.array.as_primitive::<Int64Type>().value(self.row))
    }

    fn count(&self) -> u64 {
        self.number().map_or(0, |number| u64::try_from(number).unwrap_or(0))
    }
}

/// Returns the functions of a registry, each with its bound.
pub fn functions(registry: &dyn FunctionRegistry) -> Result<Vec<ScalarUDF>> {
    let known = BOUNDED.iter().filter_map(|(name, _)| registry.udf(name).ok());
    Ok(known.map(|inner| udf(Bounded { inner })).collect())
}

impl Bounded {
    /// Fails where the call would make too much.
    fn check(&self, arguments: &ScalarFunctionArgs) -> Result<()> {
        let Some((_, estimate)) = BOUNDED.iter().find(|(name, _)| *name == self.inner.name()) else { return Ok(()) };
        let all_scalar = arguments.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if all_scalar { 1 } else { arguments.number_rows };
        let mut arrays = Vec::with_capacity(3);
        for value in &arguments.args {
            let array = match value {
                ColumnarValue::Array(array) => Arc::clone(array),
                ColumnarValue::Scalar(scalar) => scalar.to_array_of_size(1)?,
            };
            arrays.push(if array.data_type().is_integer() {
                arrow::compute::cast(&array, &DataType::Int64)?
            } else {
                array
            });
        }
        // An argument that is left out counts for nothing.
        while arrays.len() < 3 {
            arrays.push(arrow::array::new_null_array(&DataType::Utf8, 1));
        }
        let mut bytes = 0u64;
        for row in 0..rows {
            let cells: Vec<Cell<'_>> =
                arrays.iter().map(|array| Cell { array, row: if array.len() == 1 { 0 } else { row } }).collect();
            bytes = bytes.saturating_add(estimate(&cells));
        }
        if bytes > MOST_BYTES {
            return resources_err!(
                "`{}` would make {} MiB at once, and may make {} MiB",
                self.inner.name(),
                bytes >> 20,
                MOST_BYTES >> 20
            );
        }
        Ok(())
    }
}

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn schema_name(&self, arguments: &[Expr]) -> Result<String> {
        self.inner.schema_name(arguments)
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn coerce_types(&self, kinds: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(kinds)
    }

    fn return_type(&self, kinds: &[DataType]) -> Result<DataType> {
        self.inner.return_type(kinds)
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.inner.return_field_from_args(arguments)
    }

    fn simplify(&self, arguments: Vec<Expr>, context: &SimplifyContext) -> Result<ExprSimplifyResult> {
        self.inner.simplify(arguments, context)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.check(&arguments)?;
        self.inner.invoke_with_args(arguments)
    }

    fn evaluate_bounds(&self, inputs: &[&Interval]) -> Result<Interval> {
        self.inner.evaluate_bounds(inputs)
    }

    fn output_ordering(&self, inputs: &[ExprProperties]) -> Result<SortProperties> {
        self.inner.output_ordering(inputs)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.documentation()
    }
}
