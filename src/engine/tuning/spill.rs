//! Settings of what does not fit into memory and waits on disk.
//!
//! *One file for each batch.* Between two steps, batches wait in files that several writers share. A reader could wait
//! at one file for a batch that was in another, and the question never ended.
//!
//! - Without it: of questions that spilled between two steps, one of two or three never ended;
//!   `engine/session/context.rs` has the test.
//! - Upstream: <https://github.com/apache/datafusion/issues/24883>, fixed by
//!   <https://github.com/apache/datafusion/pull/24891>, which DataFusion 55.2 does not have.
//! - *Remove when* DataFusion is updated past that fix, and the test passes without it.
//! - Switch: none. It is always on.
//!
//! *One sort for a question*, not one for each thread. Sorts that merge what they spilled take what memory there is,
//! and leave nothing to others that merge theirs.
//!
//! - Plan before: `SortPreservingMergeExec` over a `SortExec` for each partition. Plan after: one `SortExec` over
//!   `CoalescePartitionsExec`.
//! - Without it: `benches/RESULTS.md`, "Questions" ("one sort in place of one for each thread", and the table of what
//!   does not fit into the limit).
//! - Upstream: <https://github.com/apache/datafusion/issues/14692> is the plan for spilling as a whole.
//! - *Remove when* two sorts of 2 GB end within the memory limit of 512 MiB.
//! - Switch: [`EngineOptions::tuning`](crate::engine::EngineOptions::tuning).

use datafusion::common::config::{ConfigNonZeroUsize, ConfigOptions};
use datafusion::error::Result;

/// Starts a new file with each batch.
pub(super) fn one_batch_a_file(options: &mut ConfigOptions) -> Result<()> {
    options.execution.max_spill_file_size_bytes = ConfigNonZeroUsize::try_new(1)?;
    Ok(())
}

/// Sorts on one thread.
pub(super) fn one_sort_a_question(options: &mut ConfigOptions) {
    options.optimizer.repartition_sorts = false;
}
