//! Checks a lake against itself: nothing that was committed is lost, changed or counted wrongly.
//!
//! The manifest is read from entry 1, whatever checkpoints there are ([`manifest`]). Each entry must carry the SHA-256
//! of the one before it and a digest of itself. A checkpoint must equal the fold of the entries, and `head.json` must
//! name the newest entry. Then every file that an entry names is read ([`day`], [`table`]): its bytes against the
//! SHA-256, and only if these agree its rows against the counts. So no damaged file is decoded. Last, counts are
//! compared ([`tallies`]).
//!
//! A finding is data, not an error: the audit goes on to the end and names everything.

mod data_files;
mod manifest;
mod tallies;

pub use data_files::{Checked, RowsSum, SideTableSums, compare_side_tables, day, side_table, table};
pub use manifest::{ManifestAudit, manifest};
pub use tallies::{tallies, unnamed};

use super::error::LakeError;

/// A finding about a file or about the lake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Problem {
    /// The file, relative to the lake; `-` for a finding about the lake.
    pub path: String,
    /// Description of the finding.
    pub what: String,
}

impl Problem {
    /// A finding about a file.
    pub fn new(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self { path: path.into(), what: what.into() }
    }
}

/// The cause of an error, without the path that a problem names anyway.
fn cause(error: LakeError) -> String {
    match error {
        LakeError::Io { source, .. } => source.to_string(),
        other => other.to_string(),
    }
}
