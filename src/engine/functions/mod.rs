//! SQL functions of our own, one a file, and the one list that registers them for every session.
//!
//! Functions that reach a physical plan keep no state, so that a plan can run on another machine. Those that know the
//! session's zone or its present time are simplified to such functions, or to literals, while a plan is made. Functions
//! for names and places read the session's configuration (`engine/reference.rs`).

mod access_key_kind;
mod bounded;
mod checked;
mod clean_texts;
mod count;
mod covers_port;
mod event_access;
mod first_events;
mod flat_json;
mod geoip;
mod in_cidr;
mod ip_kind;
mod ip_prefix;
mod json_param;
mod json_params;
mod known_names;
mod mask_secrets;
mod of_texts;
mod policy;
mod resource_ids;
mod sls;
mod sum;
pub mod time;
mod unordered;
mod user_agent_summary;
mod world_open_ports;

use super::tuning::compact_text;
use super::zones::PlanAlike;
use crate::event::secret::Masker;
use arrow::array::{Array, ArrayRef, AsArray};
use chrono::{DateTime, Utc};
use datafusion::error::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::ScalarUDF;
use std::sync::Arc;

pub use in_cidr::is_network;
pub use mask_secrets::{mask_secrets, masker_of};
pub use unordered::unordered;

/// Registers every function that a session has beyond DataFusion's own, or in their place. The session has this zone,
/// and this is its present time.
pub fn register_all(registry: &mut dyn FunctionRegistry, zone: &str, now: DateTime<Utc>) -> Result<()> {
    datafusion_functions_json::register_all(registry)?;
    let ours = [
        access_key_kind::access_key_kind(),
        compact_text(),
        covers_port::covers_port(),
        event_access::event_access(),
        in_cidr::in_cidr().with_aliases(["ip_in"]),
        ip_kind::ip_kind(),
        ip_prefix::ip_prefix(),
        json_param::json_param(),
        json_param::json_param_masked(Masker::PLAIN),
        json_params::json_params(),
        mask_secrets(Masker::PLAIN),
        resource_ids::resource_ids(),
        unordered(),
        user_agent_summary::user_agent_summary(),
        world_open_ports::world_open_ports(),
    ];
    let lookups = geoip::geoip().chain(known_names::known_names());
    let families = policy::functions().into_iter().chain(sls::functions()).chain(time::functions(zone, now));
    for function in ours.into_iter().chain(lookups).chain(families) {
        registry.register_udf(Arc::new(function))?;
    }
    for function in bounded::functions(registry)? {
        registry.register_udf(Arc::new(function))?;
    }
    registry.register_udaf(Arc::new(count::count()))?;
    registry.register_udaf(Arc::new(first_events::first_events()))?;
    registry.register_udaf(Arc::new(sum::sum()))?;
    registry.register_expr_planner(Arc::new(PlanAlike))?;
    registry.register_expr_planner(Arc::new(checked::PlanChecked))?;
    Ok(())
}

/// Returns `true` for functions that come into plans by themselves, and that nobody is meant to call.
pub fn is_internal(name: &str) -> bool {
    ["compact_text", "json_param_masked", "unordered", time::BUCKET_OF].contains(&name)
}

/// Returns the text of a row, of whichever string type the array is.
fn text_at(array: &ArrayRef, row: usize) -> Option<&str> {
    if array.is_null(row) {
        return None;
    }
    let view = array.as_string_view_opt().map(|texts| texts.value(row));
    view.or_else(|| array.as_string_opt::<i32>().map(|texts| texts.value(row)))
        .or_else(|| array.as_string_opt::<i64>().map(|texts| texts.value(row)))
}

/// Returns a function of our own as DataFusion wants it.
pub(super) fn udf(implementation: impl datafusion::logical_expr::ScalarUDFImpl + 'static) -> ScalarUDF {
    ScalarUDF::new_from_impl(implementation)
}
