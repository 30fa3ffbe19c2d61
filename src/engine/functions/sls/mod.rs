//! Functions of SLS statements that DataFusion lacks, or has with other results: one family a file.
//!
//! Their names begin with `sls_`, so that they change no statement of `trailql sql`. The lowering of SLS statements
//! (`sls::lower::functions`) says which name of Presto each stands for. Results are those of Presto.

mod address;
mod binary;
mod cast;
mod frame;
mod json;
mod list;
mod map;
mod matching;
mod moment;
mod mysql_format;
mod numbers;
mod place;
mod regexp;
mod resources;
mod stats;
mod text;
mod time;
mod types;
mod url;

use datafusion::logical_expr::ScalarUDF;

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let families = [
        address::functions(),
        binary::functions(),
        cast::functions(),
        json::functions(),
        list::functions(),
        map::functions(),
        matching::functions().into_iter().collect(),
        numbers::functions(),
        place::functions(),
        regexp::functions(),
        resources::functions().into_iter().collect(),
        stats::functions(),
        text::functions(),
        time::functions(),
        url::functions(),
        vec![types::type_of()],
    ];
    families.into_iter().flatten().collect()
}
