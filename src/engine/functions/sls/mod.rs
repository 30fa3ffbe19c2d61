//! Functions of SLS statements: one family a file.
//!
//! Their names begin with `sls_`, so that they change no statement of `trailql sql`.

mod matching;
mod resources;

use datafusion::logical_expr::ScalarUDF;

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    [matching::functions(), resources::functions()].into_iter().flatten().collect()
}
