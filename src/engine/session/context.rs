//! Builds sessions, the only place that does.
//!
//! Every session has the same functions and settings, whatever asks the question; a distributed session starts from
//! the same builder. Memory is bounded by a limit ([`crate::engine::memory`]), and what does not fit is spilled to the
//! temporary folder.

use crate::engine::distinct_limits::DistinctLimits;
use crate::engine::functions;
use crate::engine::masking::CompareUnmasked;
use crate::engine::memory::{QueryPool, Watch};
use crate::engine::reference::ReferenceData;
use crate::engine::tuning;
use crate::engine::zones::{CompareAlike, ZonedCasts};
use crate::event::time::Zone;
use chrono::{DateTime, Utc};
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::error::Result;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::optimizer::{Analyzer, Optimizer};
use datafusion::prelude::{SessionConfig, SessionContext};
use std::sync::Arc;

/// Builds a session without tables.
///
/// `now` is the present of `now()` and its relatives, `reference` the data that functions look up, `threads` the number
/// of partitions that a scan is split into, and `is_tuned` says whether the rules of [`tuning`] are on.
pub(super) fn build(
    tz: Zone,
    now: DateTime<Utc>,
    watch: Watch,
    reference: &ReferenceData,
    threads: usize,
    is_tuned: bool,
) -> Result<SessionContext> {
    let mut config = SessionConfig::new()
        .with_target_partitions(threads.max(1))
        .with_information_schema(true)
        .with_default_catalog_and_schema("trailql", "lake");
    let options = config.options_mut();
    options.execution.time_zone = Some(tz.name().into_owned());
    // Errors say their place.
    options.sql_parser.collect_spans = true;
    // Where filters are pushed down, which each scan decides, those on narrow columns go first.
    options.execution.parquet.reorder_filters = true;
    options.extensions.insert(reference.clone());
    tuning::configure(options, is_tuned)?;
    let mut analysis = Analyzer::new().rules;
    analysis.insert(0, Arc::new(CompareAlike));
    analysis.push(Arc::new(ZonedCasts));
    // Behind the rule that brings filters down to the masks, and before the one that takes out what they share.
    let mut optimization = Optimizer::new().rules;
    let pushed = optimization.iter().position(|rule| rule.name() == "push_down_filter");
    optimization.insert(pushed.map_or(optimization.len(), |at| at + 1), Arc::new(CompareUnmasked));
    let mut physical = tuning::physical_rules(is_tuned);
    physical.push(Arc::new(DistinctLimits));
    let pool = Arc::new(QueryPool::new(watch.limit_bytes(), watch));
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc()?;
    runtime.register_object_store(ObjectStoreUrl::local_filesystem().as_ref(), tuning::local_store(is_tuned));
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_default_features()
        .with_analyzer_rules(analysis)
        .with_optimizer_rules(optimization)
        .with_physical_optimizer_rules(physical)
        .build();
    let mut context = SessionContext::new_with_state(state);
    functions::register_all(&mut context, &tz.name(), now)?;
    Ok(context)
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::common::config::ConfigNonZeroUsize;
    use std::time::Duration;
    use tokio::runtime::Builder;
    use tokio::time::timeout;

    /// One of two or three of these never ends if batches share a file, see `tuning/spill.rs`.
    #[test]
    fn questions_that_wait_on_disk_between_two_steps_end() {
        let question = "SELECT day, count(DISTINCT id) AS ids FROM (
            SELECT v % 13 AS day, repeat(cast(v % 337 + 1000000 AS varchar), 4) AS id
            FROM generate_series(1, 40000) AS s(v)
        ) GROUP BY day";
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
        for attempt in 0..8 {
            let context =
                build(Zone::UTC, Utc::now(), Watch::new(3 << 20, false), &ReferenceData::default(), 2, true).unwrap();
            let small_batches = ConfigNonZeroUsize::try_new(64).unwrap();
            context.state_ref().write().config_mut().options_mut().execution.batch_size = small_batches;
            let answer = async { context.sql(question).await?.collect().await };
            let answer = runtime.block_on(async { timeout(Duration::from_secs(60), answer).await });
            let batches = answer.unwrap_or_else(|_| panic!("attempt {attempt} does not end")).unwrap();
            assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 13);
        }
    }
}
