//! Checks the manifest: the chain of entries, the checkpoints and the head.

use super::{Problem, cause};
use crate::lake::digest::sha256_hex;
use crate::lake::error::LakeError;
use crate::lake::layout;
use crate::lake::manifest::{self as format, Entry, FORMAT, Head, Manifest, RunKind, SideTableId, Snapshot};
use crate::lake::storage::Storage;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

/// The outcome of reading the manifest from its first entry.
#[derive(Debug, Default)]
pub struct ManifestAudit {
    /// Fold of the entries that could be read.
    pub snapshot: Snapshot,
    /// SHA-256 of each entry that could be read, by its number.
    pub entries: BTreeMap<u64, String>,
    /// Rows that all entries added to the events, including those that a later one replaced.
    pub rows_added: u64,
    /// Rows that later entries replaced.
    pub rows_removed: u64,
    /// Paths of files that later entries replaced. They may have been deleted.
    pub replaced: HashSet<String>,
    /// Files of the manifest that were read.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
    /// Damage.
    pub problems: Vec<Problem>,
    /// Findings that are unusual and yet no damage.
    pub notes: Vec<Problem>,
}

impl ManifestAudit {
    fn read(&mut self, storage: &Storage, name: &str) -> Option<Vec<u8>> {
        match storage.get(name) {
            Ok(bytes) => {
                self.files += 1;
                self.bytes += bytes.len() as u64;
                Some(bytes)
            }
            Err(error) if error.is_not_found() => {
                self.problem(name, "it is missing");
                None
            }
            Err(error) => {
                self.problem(name, format!("it cannot be read: {}", cause(error)));
                None
            }
        }
    }

    fn problem(&mut self, path: &str, what: impl Into<String>) {
        self.problems.push(Problem::new(path, what));
    }
}

/// Reads the manifest of the lake at `root` from its first entry.
pub fn manifest(storage: &Storage) -> Result<ManifestAudit, LakeError> {
    let mut audit = ManifestAudit::default();
    audit.snapshot.format = FORMAT;
    let head_name = layout::in_manifest(layout::HEAD);
    let head_bytes = || storage.get(&head_name).ok();
    let mut before = head_bytes();
    let ((checkpoints, versions), head_now) = loop {
        let listed = Manifest::new(storage).all_versions()?;
        let after = head_bytes();
        if before == after {
            break (listed, after);
        }
        // A run has committed while the folder was listed.
        before = after;
    };
    let head = match head_now {
        Some(bytes) => {
            audit.files += 1;
            audit.bytes += bytes.len() as u64;
            canonical::<Head>(&mut audit, &head_name, &bytes)
        }
        // No run has written to the lake, so it has no head.
        None if versions.is_empty() => None,
        // Reading it once more gives the reason for which it could not be read.
        None => audit.read(storage, &head_name).and_then(|bytes| canonical::<Head>(&mut audit, &head_name, &bytes)),
    };
    let named = head.as_ref().map(|head| head.version);
    // Those before the newest are superseded, and may have been deleted.
    let newest_checkpoint = checkpoints.last().copied().unwrap_or(0);
    let mut expected = 1;
    for version in versions {
        let name = layout::entry_path(version);
        if version < expected {
            audit.problem(&name, "there is no entry of this number");
            continue;
        }
        missing(expected, version, &mut audit);
        expected = version.saturating_add(1);
        // An entry behind a gap is folded all the same, so that its files are checked too.
        let Some(bytes) = audit.read(storage, &name) else { continue };
        let sha256 = sha256_hex(&bytes);
        match format::parse_entry(Path::new(&name), &bytes) {
            Err(LakeError::Manifest { reason, .. }) => audit.problem(&name, reason),
            Err(error) => audit.problem(&name, error.to_string()),
            Ok((entry, _)) => {
                if entry.version != version {
                    audit.problem(&name, format!("it says that it is entry {}", entry.version));
                }
                if entry.previous_sha256 != audit.snapshot.sha256 {
                    audit.problem(&name, "its SHA-256 of the entry before does not match that entry");
                }
                audit.rows_added += entry.added.iter().map(|file| file.rows).sum::<u64>();
                check_replaced(&name, &entry, &mut audit)?;
                audit.snapshot.apply(entry, sha256.clone())?;
            }
        }
        audit.snapshot.version = version;
        audit.snapshot.sha256 = Some(sha256.clone());
        audit.entries.insert(version, sha256);
        if checkpoints.contains(&version) {
            check_checkpoint(storage, version, &mut audit);
        } else if version > newest_checkpoint && version.is_multiple_of(format::CHECKPOINT_EVERY) {
            let what = "it is missing; nothing is lost, since it only repeats the entries before it";
            audit.notes.push(Problem::new(layout::checkpoint_path(version), what));
        }
    }
    missing(expected, named.unwrap_or(0).saturating_add(1), &mut audit);
    for version in checkpoints.iter().filter(|version| **version == 0 || **version >= expected) {
        audit.problem(&layout::checkpoint_path(*version), "there is no entry of this number");
    }
    if let Some(head) = head {
        check_head(&head, &head_name, &mut audit);
    }
    Ok(audit)
}

/// Reports the entries from `first` (inclusive) to `end` (exclusive) as missing.
fn missing(first: u64, end: u64, audit: &mut ManifestAudit) {
    if first < end {
        let more = end - first - 1;
        let what = if more == 0 { "it is missing".to_owned() } else { format!("it and {more} more are missing") };
        audit.problem(&layout::entry_path(first), what);
    }
}

/// Checks that an entry removes only visible files, and that one that merges files keeps the number of rows.
fn check_replaced(name: &str, entry: &Entry, audit: &mut ManifestAudit) -> Result<(), LakeError> {
    if entry.removed.is_empty() && entry.run.kind == RunKind::Ingest {
        return Ok(());
    }
    let removed: HashSet<&str> = entry.removed.iter().map(String::as_str).collect();
    let mut found: HashSet<&str> = HashSet::new();
    // Sums the rows of the visible files that it removes.
    fn taken<'f>(
        files: impl Iterator<Item = (&'f str, u64)>,
        removed: &HashSet<&str>,
        found: &mut HashSet<&'f str>,
    ) -> u64 {
        let taken = files.filter(|(path, _)| removed.contains(path));
        taken.map(|(path, rows)| (found.insert(path), rows).1).sum()
    }
    let snapshot = &audit.snapshot;
    let files = snapshot.files.all()?;
    let events = files.iter().map(|file| (file.path.as_str(), file.rows));
    let events = (layout::EVENTS, taken(events, &removed, &mut found), entry.added.iter().map(|file| file.rows).sum());
    let tables = [
        (layout::SOURCES, &snapshot.sources, &entry.sources),
        (layout::REJECTS, &snapshot.rejects, &entry.rejects),
        (layout::COPIES, &snapshot.copies, &entry.copies),
    ];
    let tables = tables.map(|(table, visible, added)| (table, visible.as_slice(), added.as_slice()));
    let side_tables = SideTableId::ALL.map(|id| {
        let [visible, added] = [snapshot.side_files(id), entry.side_files(id)].map(Option::unwrap_or_default);
        (id.name(), visible, added)
    });
    let tables: Vec<(&str, u64, u64)> = tables
        .into_iter()
        .chain(side_tables)
        .map(|(table, visible, added)| {
            let visible = visible.iter().map(|file| (file.path.as_str(), file.rows));
            (table, taken(visible, &removed, &mut found), added.iter().map(|file| file.rows).sum())
        })
        .collect();
    let mut problems = Vec::new();
    for path in removed.difference(&found) {
        problems.push(format!("it removes a file that was not visible: {path}"));
    }
    if entry.run.kind == RunKind::Compact {
        for (table, before, after) in tables.iter().chain([&events]).filter(|(_, before, after)| before != after) {
            problems.push(format!("it replaces {before} rows of {table} by {after}"));
        }
    }
    audit.rows_removed += events.1;
    audit.replaced.extend(entry.removed.iter().cloned());
    audit.problems.extend(problems.into_iter().map(|what| Problem::new(name, what)));
    Ok(())
}

fn check_checkpoint(storage: &Storage, version: u64, audit: &mut ManifestAudit) {
    let name = layout::checkpoint_path(version);
    if storage.stat(&name).is_err() {
        // A run has superseded it since the folder was listed.
        return;
    }
    let Some(bytes) = audit.read(storage, &name) else { return };
    // No digest covers a checkpoint, so writing its content again must give the same bytes.
    let read = || {
        let checkpoint = Manifest::new(storage).read_checkpoint(version)?;
        let written = format::checkpoint_bytes(Path::new(&name), &checkpoint, &checkpoint.files.as_read()?)?;
        Ok((checkpoint, written))
    };
    match read() {
        Ok((_, written)) if written != bytes => audit.problem(&name, "it is not as trailql writes it"),
        Ok((checkpoint, _)) if checkpoint != audit.snapshot => {
            audit.problem(&name, format!("it does not say what the entries up to {version} give"));
        }
        Ok(_) => {}
        Err(LakeError::Manifest { reason, .. }) => audit.problem(&name, reason),
        Err(error) if error.is_not_found() => {}
        Err(error) => audit.problem(&name, error.to_string()),
    }
}

fn check_head(head: &Head, name: &str, audit: &mut ManifestAudit) {
    let newest = audit.snapshot.version;
    if head.version > newest {
        // The entry has been reported as missing already.
    } else if head.version > 0 && audit.entries.get(&head.version) != head.sha256.as_ref() {
        audit.problem(name, format!("it names an entry {} of another SHA-256", head.version));
    } else if head.version == 0 && head.sha256.is_some() {
        audit.problem(name, "it names an entry 0");
    } else if newest > head.version + 1 {
        audit.problem(name, format!("it names entry {}, and the newest is {newest}", head.version));
    } else if newest == head.version + 1 {
        let what = format!("it is one entry behind {newest}: a run was broken off after its commit, nothing is lost");
        audit.notes.push(Problem::new(name, what));
    }
}

/// Reads a file that no digest covers. Writing its content again must give the same bytes.
fn canonical<T>(audit: &mut ManifestAudit, name: &str, bytes: &[u8]) -> Option<T>
where
    T: serde::Serialize + for<'de> serde::Deserialize<'de>,
{
    match serde_json::from_slice::<T>(bytes) {
        Ok(value) => {
            if format::serialize(Path::new(name), &value).is_ok_and(|written| written != bytes) {
                audit.problem(name, "it is not as trailql writes it");
            }
            Some(value)
        }
        Err(error) => {
            audit.problem(name, error.to_string());
            None
        }
    }
}
