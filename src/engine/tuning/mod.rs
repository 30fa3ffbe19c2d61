//! Rules and settings that make questions faster or smaller, and that no answer depends on.
//!
//! Each stands in a file of its own, which opens with the plan before and after, its figures, the issue upstream, and
//! what has to be there before it can be removed. One switch ([`super::EngineOptions::tuning`]) turns all of them off;
//! a test compares the answers of the oracle corpus with and without them.
//!
//! | rule | changes | place |
//! |---|---|---|
//! | [`fuse_json_filters`] | filters of a scan | first of the physical rules, before filters are pushed down |
//! | [`compact_strings`] | input of a sort | last of the physical rules |
//! | [`inline_reads`] | reads of files | the object store |
//! | [`spill`] | settings of spilling | the configuration |
//!
//! Not here, since answers depend on them: rules of time zones (`zones.rs`), of masking (`masking.rs`), and our
//! `date_trunc` (`functions/time/date_trunc.rs`), of which DataFusion's own gives a day two beginnings in some zones.

mod compact_strings;
mod compact_text;
mod fuse_json_filters;
mod inline_reads;
mod spill;

pub use compact_text::compact_text;

use compact_strings::CompactStrings;
use datafusion::common::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::object_store::ObjectStore;
use datafusion::object_store::local::LocalFileSystem;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use fuse_json_filters::FuseJsonFilters;
use inline_reads::InlineReads;
use std::sync::Arc;

/// Sets the options of a session.
pub(super) fn configure(options: &mut ConfigOptions, is_on: bool) -> Result<()> {
    // Without this a question may never end, so it is no matter of the switch.
    spill::one_batch_a_file(options)?;
    if is_on {
        spill::one_sort_a_question(options);
        fuse_json_filters::configure(options);
    }
    Ok(())
}

/// Returns the physical rules of a session in their order.
pub(super) fn physical_rules(is_on: bool) -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let mut rules = PhysicalOptimizer::new().rules;
    if is_on {
        rules.insert(0, Arc::new(FuseJsonFilters));
        rules.push(Arc::new(CompactStrings));
    }
    rules
}

/// Returns the store that reads the files of a lake.
pub(super) fn local_store(is_on: bool) -> Arc<dyn ObjectStore> {
    if is_on { Arc::new(InlineReads::default()) } else { Arc::new(LocalFileSystem::new()) }
}
