//! Deletes files that no reader needs any more.
//!
//! These are files that a compaction replaced, files that a killed run left without an entry, temporary files, and
//! superseded checkpoints.
//!
//! A query reads the files of the version it began with. So a replaced file stays until it has been replaced for
//! longer than any query runs. A file without an entry stays as long after it was written, since a clock may be wrong
//! and a file system may have no locks. Only names that trailql gives are deleted: files that somebody put there stay.

use super::audit;
use super::error::LakeError;
use super::layout;
use super::manifest::{self, Manifest, Snapshot};
use super::parquet_file::is_content_name;
use super::storage::{Storage, is_temporary_name};
use super::tables::Table;
use chrono::{DateTime, Utc};
use std::collections::HashSet;

/// Counts of the files that were deleted, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Removed {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that have to stay for now.
    pub waiting_files: u64,
    /// Their bytes.
    pub waiting_bytes: u64,
}

/// Deletes files of a lake that nobody has needed since `unused_since`; a `dry_run` only counts them.
///
/// `snapshot` is what is visible. The caller holds the lock, so that no run is about to commit a file that is found.
pub fn collect(
    storage: &Storage,
    snapshot: &Snapshot,
    unused_since: DateTime<Utc>,
    dry_run: bool,
) -> Result<Removed, LakeError> {
    let lately_replaced = replaced_after(storage, snapshot, unused_since)?;
    let mut removed = Removed::default();
    for name in
        audit::unnamed(storage, snapshot)?.into_iter().filter(|name| is_of_a_run(name)).chain(checkpoints(storage)?)
    {
        let found = match storage.stat(&name) {
            Err(error) if error.is_not_found() => continue,
            found => found?,
        };
        if lately_replaced.contains(&name) || DateTime::<Utc>::from(found.modified_at) > unused_since {
            removed.waiting_files += 1;
            removed.waiting_bytes += found.bytes;
            continue;
        }
        if !dry_run {
            storage.delete(&name)?;
        }
        removed.files += 1;
        removed.bytes += found.bytes;
    }
    Ok(removed)
}

/// Paths of the files that entries after an instant replaced.
fn replaced_after(
    storage: &Storage,
    snapshot: &Snapshot,
    instant: DateTime<Utc>,
) -> Result<HashSet<String>, LakeError> {
    let mut replaced = HashSet::new();
    for commit in snapshot.commits.iter().filter(|commit| commit.run.finished_at > instant) {
        let name = layout::entry_path(commit.version);
        let bytes = storage.get(&name)?;
        replaced.extend(manifest::parse_entry(&storage.location(&name), &bytes)?.0.removed);
    }
    Ok(replaced)
}

/// Returns `true` for the name of a file that a run makes, in the folder in which it makes it.
fn is_of_a_run(path: &str) -> bool {
    let Some((folder, name)) = path.rsplit_once('/') else { return false };
    let of_tables = Table::ALL.iter().any(|table| table.name() == folder);
    let of_a_day = folder.strip_prefix(layout::EVENTS).is_some_and(|day| day.starts_with("/event_date="));
    match folder {
        layout::MANIFEST => is_temporary_name(name) || name.ends_with(".checkpoint.json"),
        _ => (of_tables || of_a_day) && (is_content_name(name) || is_temporary_name(name)),
    }
}

/// Lists superseded checkpoints, which a run could not delete.
fn checkpoints(storage: &Storage) -> Result<Vec<String>, LakeError> {
    let checkpoints = Manifest::new(storage).superseded_checkpoints()?;
    Ok(checkpoints.into_iter().map(layout::checkpoint_path).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_runs_give_are_taken() {
        for (path, taken) in [
            ("events/event_date=2026-11-03/0123456789abcdef01234567.parquet", true),
            ("events/event_date=__HIVE_DEFAULT_PARTITION__/.x.tmp", true),
            ("sources/0123456789abcdef01234567.parquet", true),
            ("root_account/0123456789abcdef01234567.parquet", true),
            ("trail_calls/0123456789abcdef01234567.parquet", true),
            ("_manifest/.entry-x.tmp", true),
            ("_manifest/00000000000000000032.checkpoint.json", true),
            ("_manifest/00000000000000000032.json", false),
            ("events/event_date=2026-11-03/left.parquet", false),
            ("events/event_date=2026-11-03/0123456789abcdef01234567.parquet.bak", false),
            ("events/0123456789abcdef01234567.parquet", false),
            ("notes/0123456789abcdef01234567.parquet", false),
            ("_manifest/0123456789abcdef01234567.parquet", false),
            ("_manifest/writer.lock", false),
            ("README.tmp", false),
            (".x.tmp", false),
        ] {
            assert_eq!(is_of_a_run(path), taken, "{path}");
        }
    }
}
