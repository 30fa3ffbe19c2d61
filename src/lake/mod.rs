//! Floor 2: events to Parquet and back.
//!
//! A lake is a folder:
//!
//! ```text
//! trail-lake/
//!   events/event_date=2026-11-01/<sha256>.parquet   events by their own UTC date; plain Hive-partitioned Parquet
//!   root_account/<sha256>.parquet                   those of them once more that are of the account itself (root)
//!   sources/<sha256>.parquet                        every input read, with its counts
//!   rejects/<sha256>.parquet                        every record that could not be read, with its bytes
//!   copies/<sha256>.parquet                         every further place an event was found at
//!   _manifest/00000000000000000042.json             one commit, chained to the one before by SHA-256
//!   _manifest/…checkpoint.jsonl                     all commits so far, so that opening does not depend on age
//!   _manifest/head.json                             which commit is the newest, so that one taken away is missed
//! ```
//!
//! Where table files were merged, their rows say in a column which commit they came with.
//!
//! What stands in `root_account/` can be missing; [`root_account`] says what it is for.
//!
//! [`manifest`] states the rules by which a file becomes visible. [`write`] takes events in: it needs the identities of
//! one day at a time, hands files to [`encoder_pool`], and takes rows out of them that came again more completely
//! ([`replaced`]). [`schema`] and [`batch`] derive from the field
//! table. [`compact`] merges small files, and [`gc`] removes those that are left over. This floor knows nothing of exports or of queries.

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
pub mod root_account;
pub mod schema;
mod sort;
pub mod tables;
pub mod write;

pub use digest::{hash_file, sha256_hex};
pub use error::LakeError;
pub use layout::{EventDay, date, private_folder};
pub use parquet_file::absolute;
pub use sort::SORTED_BY;

use chrono::{DateTime, Utc};
use compact::Compactor;
use manifest::{Manifest, Snapshot};
use std::fs;
use std::path::{Path, PathBuf};
use write::{LakeWriter, WriterOptions};

/// The folders of a lake, in the order in which they are made.
const FOLDERS: [&str; 6] =
    [layout::EVENTS, layout::ROOT_ACCOUNT, layout::SOURCES, layout::REJECTS, layout::COPIES, layout::MANIFEST];

/// True where there is nothing yet, or only the empty folders of a lake that another run is making or was killed at.
fn may_become_a_lake(root: &Path) -> bool {
    let Ok(mut items) = fs::read_dir(root) else { return true };
    items.all(|item| {
        item.is_ok_and(|item| {
            FOLDERS.iter().any(|folder| item.file_name() == *folder)
                && fs::read_dir(item.path()).is_ok_and(|mut inside| inside.next().is_none())
        })
    })
}

/// A lake on a local disk.
#[derive(Debug, Clone)]
pub struct Lake {
    root: PathBuf,
}

impl Lake {
    /// Opens the lake in a folder.
    pub fn open(root: &Path) -> Result<Self, LakeError> {
        if !root.join(layout::MANIFEST).is_dir() {
            return Err(LakeError::NoLake(root.to_path_buf()));
        }
        let root = fs::canonicalize(root).map_err(LakeError::io("open", root))?;
        Ok(Self { root })
    }

    /// Opens the lake in a folder, or makes one where there is nothing yet.
    pub fn open_or_create(root: &Path) -> Result<Self, LakeError> {
        if !root.join(layout::MANIFEST).is_dir() {
            // Another run may have finished the lake between the two looks at it.
            if !may_become_a_lake(root) && !root.join(layout::MANIFEST).is_dir() {
                return Err(LakeError::NotALake(root.to_path_buf()));
            }
            // The manifest comes last: with it the lake is complete.
            for folder in FOLDERS {
                layout::create_folder(&root.join(folder))?;
            }
            // Whoever commits syncs what is in these folders, not that they are in this one.
            layout::sync_folder(root)?;
        }
        Self::open(root)
    }

    /// Its folder, as an absolute path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is visible now.
    pub fn snapshot(&self) -> Result<Snapshot, LakeError> {
        Manifest::new(&self.root).snapshot()
    }

    /// Begins to write to the lake in a folder, in the mode of the options. `waiting` is called if another run is writing.
    ///
    /// A dry run makes no folder and does not wait. Other modes make a lake if there is nothing yet.
    pub fn begin_write(root: &Path, options: WriterOptions, waiting: impl FnOnce()) -> Result<LakeWriter, LakeError> {
        if !options.mode.is_dry_run() {
            return LakeWriter::begin(&Self::open_or_create(root)?.root, options, waiting);
        }
        match Self::open(root) {
            Ok(lake) => LakeWriter::begin_dry_run(lake.root(), lake.snapshot()?, options),
            Err(LakeError::NoLake(_)) if may_become_a_lake(root) => {
                LakeWriter::begin_dry_run(root, Snapshot::default(), options)
            }
            Err(LakeError::NoLake(_)) => Err(LakeError::NotALake(root.to_path_buf())),
            Err(error) => Err(error),
        }
    }

    /// Begins to merge files; `waiting` is called where another run is writing, which this one then waits for.
    pub fn compactor(
        &self,
        run_id: String,
        started_at: DateTime<Utc>,
        waiting: impl FnOnce(),
    ) -> Result<Compactor, LakeError> {
        Compactor::begin(&self.root, run_id, started_at, waiting)
    }
}
