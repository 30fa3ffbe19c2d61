//! Floor 2: events to Parquet and back.
//!
//! A lake is a folder:
//!
//! ```text
//! trail-lake/
//!   events/event_date=2026-11-01/<sha256>.parquet   events by their own UTC date; plain Hive-partitioned Parquet
//!   root_account/<sha256>.parquet                   the side table of the account itself (root)
//!   trail_calls/<sha256>.parquet                    the side table of the calls that change trails
//!   sources/<sha256>.parquet                        every input read, with its counts
//!   rejects/<sha256>.parquet                        every record that could not be read, with its bytes
//!   copies/<sha256>.parquet                         every further place at which an event was found
//!   _manifest/00000000000000000042.json             one commit, chained to the one before by SHA-256
//!   _manifest/…checkpoint.jsonl                     all commits so far, so that opening does not depend on age
//!   _manifest/head.json                             the newest commit, so that a missing one is noticed
//! ```
//!
//! Rows of merged table files note their commit in a column.
//!
//! | module | what it does |
//! |---|---|
//! | [`storage`] | the operations on files, and what they guarantee |
//! | [`manifest`] | the rules by which a file becomes visible |
//! | [`write`] | takes events in: dedup, buffer, commit |
//! | `encoder_pool`, `sort`, `events_file`, `parquet_file` | rows to data files |
//! | `value_filters` | the event names and services of a data file |
//! | `account_tallies` | the rows of a data file by account and region |
//! | `replaced` | removes rows that came again more completely |
//! | [`tables`] | sources, rejects and copies |
//! | [`side_table`] | rows kept once more for frequent questions; they can be missing |
//! | [`compact`], `merge` | merges small files |
//! | [`gc`] | deletes files that no reader needs |
//! | [`audit`] | checks the lake against itself |
//! | [`schema`], [`batch`] | the field table as Arrow columns |
//! | [`bloom`] | asks bloom filters while a question is planned |
//!
//! This floor knows nothing of exports or of queries.

mod account_tallies;
pub mod audit;
pub mod batch;
pub mod bloom;
pub mod compact;
mod digest;
mod encoder_pool;
mod error;
mod events_file;
pub mod gc;
mod identity;
mod layout;
pub mod manifest;
mod merge;
mod parquet_file;
mod replaced;
pub mod schema;
pub mod side_table;
mod sort;
pub mod storage;
pub mod tables;
mod value_filters;
pub mod write;

pub use digest::{hash_file, sha256_hex};
pub use error::LakeError;
pub use layout::{EventDay, date, private_folder};
pub use sort::SORTED_BY;

use chrono::{DateTime, Utc};
use compact::Compactor;
use manifest::{Manifest, Snapshot};
use std::fs;
use std::path::{Path, PathBuf};
use storage::Storage;
use tables::Table;
use write::{LakeWriter, WriterOptions};

/// Lists the folders of a lake in the order in which they are made.
///
/// The manifest comes last: with it the lake is complete.
fn folders() -> impl Iterator<Item = &'static str> {
    let tables = Table::ALL.into_iter().map(Table::name);
    [layout::EVENTS].into_iter().chain(tables).chain([layout::MANIFEST])
}

/// Returns `true` if there is nothing yet, or only the empty folders of a lake that another run makes or has begun.
fn may_become_a_lake(storage: &Storage) -> bool {
    let Ok(items) = storage.list("") else { return true };
    items.iter().all(|item| {
        folders().any(|folder| folder == item.name) && storage.list(&item.name).is_ok_and(|inside| inside.is_empty())
    })
}

/// A lake in a local folder.
#[derive(Debug, Clone)]
pub struct Lake {
    root: PathBuf,
    storage: Storage,
}

impl Lake {
    /// Opens the lake in a folder.
    pub fn open(root: &Path) -> Result<Self, LakeError> {
        if !root.join(layout::MANIFEST).is_dir() {
            return Err(LakeError::NoLake(root.to_path_buf()));
        }
        let root = fs::canonicalize(root).map_err(LakeError::io("open", root))?;
        Ok(Self { storage: Storage::local(&root), root })
    }

    /// Opens the lake in a folder, or makes one if there is nothing yet.
    pub fn open_or_create(root: &Path) -> Result<Self, LakeError> {
        if !root.join(layout::MANIFEST).is_dir() {
            let storage = Storage::local(root);
            // Another run may have finished the lake since.
            if !may_become_a_lake(&storage) && !root.join(layout::MANIFEST).is_dir() {
                return Err(LakeError::NotALake(root.to_path_buf()));
            }
            for folder in folders() {
                storage.create_folder(folder)?;
            }
            // A commit syncs the files in these folders, and not these folders in the lake's.
            storage.sync_folder("")?;
        }
        Self::open(root)
    }

    /// Begins to write to the lake in a folder, in the mode of the options. `waiting` is called if another run is
    /// writing.
    ///
    /// A dry run makes no folder and does not wait. Other modes make a lake if there is nothing yet.
    pub fn begin_write(root: &Path, options: WriterOptions, waiting: impl FnOnce()) -> Result<LakeWriter, LakeError> {
        if !options.mode.is_dry_run() {
            return LakeWriter::begin(&Self::open_or_create(root)?.storage, options, waiting);
        }
        match Self::open(root) {
            Ok(lake) => LakeWriter::begin_dry_run(&lake.storage, lake.snapshot()?, options),
            Err(LakeError::NoLake(_)) => {
                let storage = Storage::local(root);
                if !may_become_a_lake(&storage) {
                    return Err(LakeError::NotALake(root.to_path_buf()));
                }
                LakeWriter::begin_dry_run(&storage, Snapshot::default(), options)
            }
            Err(error) => Err(error),
        }
    }

    /// Its folder, as an absolute path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Its storage.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// The files that are visible now.
    pub fn snapshot(&self) -> Result<Snapshot, LakeError> {
        Manifest::new(&self.storage).snapshot()
    }

    /// Begins to merge files. `waiting` is called if another run is writing, which this one then waits for.
    pub fn compactor(
        &self,
        run_id: String,
        started_at: DateTime<Utc>,
        waiting: impl FnOnce(),
    ) -> Result<Compactor, LakeError> {
        Compactor::begin(&self.storage, run_id, started_at, waiting)
    }
}
