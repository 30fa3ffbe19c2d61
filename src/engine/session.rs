//! Builds sessions, the only place that does.
//!
//! Every session has the same functions and settings, whatever asks the question; a distributed session starts from
//! the same builder. Memory is bounded by the limit given, and what does not fit is spilled to the temporary folder.

use super::compact_before_sort::CompactBeforeSort;
use super::functions;
use super::local_files::LocalFiles;
use super::wide_filters::JoinWideFilters;
use chrono_tz::Tz;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::error::Result;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::prelude::{SessionConfig, SessionContext};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// How many consumers of memory a message about its limit names.
const NAMED_CONSUMERS: NonZeroUsize = NonZeroUsize::MIN;

/// Builds a session without tables. `threads` is the number of partitions a scan is split into.
pub fn build(tz: Tz, memory_limit_bytes: usize, threads: usize) -> Result<SessionContext> {
    let mut config = SessionConfig::new()
        .with_target_partitions(threads.max(1))
        .with_information_schema(true)
        .with_default_catalog_and_schema("trailql", "lake");
    let options = config.options_mut();
    options.execution.time_zone = Some(tz.name().to_owned());
    // Where filters are pushed down, the catalog says for each scan.
    options.execution.parquet.reorder_filters = true;
    // Filters on wide columns are one step, which needs no cache.
    options.execution.parquet.max_predicate_cache_size = Some(0);
    let mut rules = PhysicalOptimizer::new().rules;
    rules.insert(0, Arc::new(JoinWideFilters));
    rules.push(Arc::new(CompactBeforeSort));
    let pool = TrackConsumersPool::new(FairSpillPool::new(memory_limit_bytes), NAMED_CONSUMERS);
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool)).build_arc()?;
    runtime.register_object_store(ObjectStoreUrl::local_filesystem().as_ref(), Arc::new(LocalFiles::default()));
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_default_features()
        .with_physical_optimizer_rules(rules)
        .build();
    let mut context = SessionContext::new_with_state(state);
    functions::register_all(&mut context)?;
    Ok(context)
}
