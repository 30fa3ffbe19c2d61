//! Floor 2: events to Parquet and back.
//!
//! A lake is a folder:
//!
//! ```text
//! trail-lake/
//!   events/event_date=2026-11-01/<sha256>.parquet   events by their own UTC date; plain Hive-partitioned Parquet
//!   sources/<sha256>.parquet                        every input read, with its counts
//!   rejects/<sha256>.parquet                        every record that could not be read, with its bytes
//!   copies/<sha256>.parquet                         every further place an event was found at
//!   _manifest/00000000000000000042.json             one commit, chained to the one before by SHA-256
//!   _manifest/…checkpoint.json                      all commits so far, so that opening does not depend on age
//!   _manifest/head.json                             which commit is the newest, so that one taken away is missed
//! ```
//!
//! [`manifest`] states the rules by which a file becomes visible. [`writer`] takes events in: it needs the identities of
//! one day at a time ([`identities`]), and hands files to [`encode`]. [`schema`] and [`batch`] derive from the field
//! table. This floor knows nothing of exports or of queries.

pub mod audit;
pub mod batch;
mod encode;
mod error;
mod identities;
mod layout;
pub mod manifest;
mod parquet_file;
pub mod schema;
pub mod tables;
pub mod writer;

pub use error::LakeError;
pub use layout::{EventDay, date, sha256_hex};
pub use parquet_file::{SORTED_BY, absolute};

use manifest::{Manifest, Snapshot};
use std::fs;
use std::path::{Path, PathBuf};
use writer::{LakeWriter, WriterOptions};

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

    /// Begins to write to what is or would be the lake in a folder, and writes nothing there: events are compared with
    /// those that the lake has and counted, in memory as bounded as a writer's.
    pub fn rehearsal(root: &Path, options: WriterOptions) -> Result<LakeWriter, LakeError> {
        match Self::open(root) {
            Ok(lake) => LakeWriter::rehearse(lake.root(), lake.snapshot()?, options),
            Err(LakeError::NoLake(_)) if is_empty(root) => LakeWriter::rehearse(root, Snapshot::default(), options),
            Err(LakeError::NoLake(_)) => Err(LakeError::NotALake(root.to_path_buf())),
            Err(error) => Err(error),
        }
    }

    /// Opens the lake in a folder, or makes one where there is nothing yet.
    pub fn open_or_create(root: &Path) -> Result<Self, LakeError> {
        if !root.join(layout::MANIFEST).is_dir() {
            if !is_empty(root) {
                return Err(LakeError::NotALake(root.to_path_buf()));
            }
            for folder in FOLDERS {
                layout::create_folder(&root.join(folder))?;
            }
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

    /// Begins to write; `waiting` is called where another run is writing, which this one then waits for.
    pub fn writer(&self, options: WriterOptions, waiting: impl FnOnce()) -> Result<LakeWriter, LakeError> {
        LakeWriter::begin(&self.root, options, waiting)
    }
}

/// The folders of a lake, the one that makes it a lake last.
const FOLDERS: [&str; 5] = [layout::EVENTS, layout::SOURCES, layout::REJECTS, layout::COPIES, layout::MANIFEST];

/// True where there is nothing, or only empty folders that a run left which was killed while it made a lake.
fn is_empty(folder: &Path) -> bool {
    let is_left = |item: fs::DirEntry| {
        let is_ours = item.file_name().to_str().is_some_and(|name| FOLDERS.contains(&name));
        is_ours && fs::read_dir(item.path()).is_ok_and(|mut items| items.next().is_none())
    };
    fs::read_dir(folder).map_or(true, |mut items| items.all(|item| item.is_ok_and(is_left)))
}
