//! SQL functions of our own, one a file, and the one list that registers them for every session.
//!
//! Functions keep no state, so that a plan with them can run on another machine.

mod compact_text;
mod date_trunc;
mod json_param;
mod mask_secrets;

use arrow::array::{Array, ArrayRef, AsArray};
use datafusion::error::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::ScalarUDF;
use std::sync::Arc;

pub use compact_text::compact_text;
pub use date_trunc::date_trunc;
pub use mask_secrets::{mask, mask_secrets};

/// Registers every function that a session has beyond DataFusion's own.
pub fn register_all(registry: &mut dyn FunctionRegistry) -> Result<()> {
    datafusion_functions_json::register_all(registry)?;
    for function in
        [compact_text(), date_trunc(), json_param::json_param(), json_param::json_param_masked(), mask_secrets()]
    {
        registry.register_udf(Arc::new(function))?;
    }
    Ok(())
}

/// The text of a row, of whichever string type the array is.
fn text_at(array: &ArrayRef, row: usize) -> Option<&str> {
    if array.is_null(row) {
        return None;
    }
    let view = array.as_string_view_opt().map(|texts| texts.value(row));
    view.or_else(|| array.as_string_opt::<i32>().map(|texts| texts.value(row)))
        .or_else(|| array.as_string_opt::<i64>().map(|texts| texts.value(row)))
}

/// A function of our own as DataFusion wants it.
fn udf(implementation: impl datafusion::logical_expr::ScalarUDFImpl + 'static) -> ScalarUDF {
    ScalarUDF::new_from_impl(implementation)
}
