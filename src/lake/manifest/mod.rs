//! The commit log: a data file is visible when an entry of the manifest names it, and only then.
//!
//! Rules, in the order in which the writer keeps them:
//!
//! 1. A data file is written under a name that no reader takes, synced and renamed. Only then is an entry made.
//! 2. An entry is created exclusively, so that version n exists once.
//! 3. An entry carries the SHA-256 of the entry before it. A changed entry breaks the chain.
//! 4. A reader folds the newest checkpoint and the entries behind it into a [`Snapshot`]. It never lists data folders,
//!    so it does not see a file that a killed run left without an entry.
//! 5. An entry ends with a digest of itself, since no later entry vouches for the newest one.
//! 6. `head.json` names the newest entry, so that a missing one is noticed. Readers check the digests;
//!    [`super::audit`] checks the head as well.
//!
//! An entry names files. Rows about sources and rejects stand in Parquet files of their own beside the events. So
//! opening a lake costs the same after one source file or after a million of them.
//!
//! | module | holds |
//! |---|---|
//! | `entry` | one commit and the files that it names |
//! | `column_stats` | min/max statistics and bloom filter places, parsed when they are needed |
//! | `account_tally` | the events of a data file by account and region |
//! | `value_filter` | the event names and services of a data file, as Bloom filters |
//! | `snapshot` | the files that are visible at one version |
//! | `side_files` | the side tables that the format knows |
//! | `data_files` | the data files of a snapshot, in parts that are read on demand |
//! | `checkpoint` | a snapshot as a file |
//! | `log` | the folder: commit, fold, list, lock |
//! | `json` | reading and writing JSON with a check of the format |

mod account_tally;
mod checkpoint;
mod column_stats;
mod data_files;
mod entry;
mod json;
mod log;
mod side_files;
mod snapshot;
mod value_filter;

pub use account_tally::AccountTally;
pub(super) use checkpoint::checkpoint_bytes;
pub use column_stats::{ByteRange, LazyColumnStats, LazyStats, TextRange};
pub(super) use data_files::union_of_ranges;
pub use data_files::{DataFiles, Span, TimesIn};
pub(super) use entry::parse_entry;
pub use entry::{DataFile, Entry, Retried, RunInfo, RunKind, TableFile, Tally};
pub(super) use json::serialize;
pub(super) use log::CHECKPOINT_EVERY;
pub use log::{Head, Manifest, beginning_of_first_entry, sha256_of_entry};
pub use side_files::SideTableId;
pub use snapshot::{Commit, Snapshot};
pub use value_filter::ValueFilter;

/// The version of the lake's format that this build writes, and the newest that it reads.
///
/// 2: files of the tables may be merged ([`TableFile::first_version`]), and `removed` may name them. A build that knows
/// only 1 would count the merged rows twice.
///
/// 3: tables have gained columns (`unread`, `normalised` and `completeness` of events, `incomplete` and `suspicious` of
/// sources, `replaced` of copies). A commit of `ingest` may remove data files. A build that knows only 2 cannot read
/// files with more columns than it knows.
pub const FORMAT: u32 = 3;
