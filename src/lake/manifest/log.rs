//! The manifest folder: commits entries, and folds them into snapshots.

use super::FORMAT;
use super::checkpoint::{checkpoint_bytes, read_checkpoint};
use super::entry::{Entry, parse_entry};
use super::json::{damaged, serialize};
use super::snapshot::Snapshot;
use crate::lake::digest::sha256_hex;
use crate::lake::error::LakeError;
use crate::lake::layout::{self, MANIFEST};
use crate::lake::storage::{LockGuard, Storage};
use serde::{Deserialize, Serialize};

/// Entries between two checkpoints, unless a commit asks for one earlier: see [`Manifest::commit`].
pub const CHECKPOINT_EVERY: u64 = 32;

/// Data files in entries behind a checkpoint that ask for the next one.
///
/// A reader parses and hashes these entries, which takes about as long as all else that it does with them. See
/// "Growth" in `benches/RESULTS.md`.
const MANY_FILES: usize = 512;

/// Checkpoints that stay: the newest, and one more for readers that listed the folder just before it came.
const CHECKPOINTS_KEPT: usize = 2;

/// The newest entry, as `head.json` names it; version 0 for a lake without any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number of the entry.
    pub version: u64,
    /// SHA-256 of the entry.
    pub sha256: Option<String>,
}

/// The manifest folder of a lake.
#[derive(Debug, Clone)]
pub struct Manifest {
    storage: Storage,
}

impl Manifest {
    /// The manifest of a lake.
    pub fn new(storage: &Storage) -> Self {
        Self { storage: storage.clone() }
    }

    /// Folds the newest checkpoint and the entries behind it, and checks the chain between them.
    pub fn snapshot(&self) -> Result<Snapshot, LakeError> {
        let (mut checkpoint, mut entries) = self.versions()?;
        loop {
            let folded = self.fold(checkpoint, &entries);
            let newer = match &folded {
                // A commit may have superseded and deleted the checkpoint since the folder was listed.
                Err(error) if error.is_not_found() => self.versions()?,
                _ => return folded,
            };
            if newer.0 == checkpoint {
                return folded;
            }
            (checkpoint, entries) = newer;
        }
    }

    fn fold(&self, checkpoint: Option<u64>, entries: &[u64]) -> Result<Snapshot, LakeError> {
        let mut snapshot = match checkpoint {
            Some(version) => self.read_checkpoint(version)?,
            None => Snapshot { format: FORMAT, ..Snapshot::default() },
        };
        let folded = snapshot.version;
        for version in entries.iter().copied().filter(|version| *version > folded) {
            let name = layout::entry_path(version);
            let bytes = self.storage.get(&name)?;
            let path = self.storage.location(&name);
            let (entry, sha256) = parse_entry(&path, &bytes)?;
            if entry.version != version || version != snapshot.version + 1 {
                let reason = format!("entry {} follows version {}", entry.version, snapshot.version);
                return Err(damaged(&path, reason));
            }
            if entry.previous_sha256 != snapshot.sha256 {
                return Err(damaged(&path, "its SHA-256 of the entry before does not match that entry"));
            }
            snapshot.apply(entry, sha256)?;
        }
        Ok(snapshot)
    }

    /// Makes the version after `snapshot` visible and returns it. The caller holds the lock and has synced all files.
    ///
    /// A checkpoint follows every [`CHECKPOINT_EVERY`] entries, after [`MANY_FILES`] data files, and after an entry
    /// that removes files, since the next checkpoint is then smaller.
    pub fn commit(&self, snapshot: &Snapshot, mut entry: Entry) -> Result<Snapshot, LakeError> {
        entry.format = FORMAT;
        entry.version = snapshot.version + 1;
        entry.previous_sha256.clone_from(&snapshot.sha256);
        let name = layout::entry_path(entry.version);
        let path = self.storage.location(&name);
        entry.digest = None;
        entry.digest = Some(sha256_hex(&serialize(&path, &entry)?));
        let bytes = serialize(&path, &entry)?;
        self.storage.put_exclusive(&name, &bytes)?;
        let merges = !entry.removed.is_empty();
        let mut next = snapshot.clone();
        next.apply(entry, sha256_hex(&bytes))?;
        self.write_head(&Head { version: next.version, sha256: next.sha256.clone() })?;
        let many = next.files.since_checkpoint() >= MANY_FILES;
        if next.version.is_multiple_of(CHECKPOINT_EVERY) || merges || many {
            let name = layout::checkpoint_path(next.version);
            let bytes = checkpoint_bytes(&self.storage.location(&name), &next, &next.files.in_parts()?)?;
            self.storage.put_exclusive(&name, &bytes)?;
            // Each checkpoint repeats the one before, so all of them would grow with the square of the commits. One
            // that cannot be deleted does no harm.
            for superseded in self.superseded_checkpoints()? {
                let _ = self.storage.delete(&layout::checkpoint_path(superseded));
            }
            // Commits of this run go on from the checkpoint.
            return self.read_checkpoint(next.version);
        }
        Ok(next)
    }

    /// Names the newest entry. A run that is killed before this leaves the head one entry behind until the next commit.
    pub(in crate::lake) fn write_head(&self, head: &Head) -> Result<(), LakeError> {
        let name = layout::in_manifest(layout::HEAD);
        let bytes = serialize(&self.storage.location(&name), head)?;
        self.storage.put(&name, &bytes)
    }

    /// The version that `head.json` names; `None` if it cannot be read, which only an audit looks into.
    pub(in crate::lake) fn head_version(&self) -> Option<u64> {
        let bytes = self.storage.get(&layout::in_manifest(layout::HEAD)).ok()?;
        serde_json::from_slice(&bytes).ok().map(|head: Head| head.version)
    }

    /// The version of the newest checkpoint, and the versions of all entries in order.
    fn versions(&self) -> Result<(Option<u64>, Vec<u64>), LakeError> {
        let (checkpoints, entries) = self.all_versions()?;
        Ok((checkpoints.last().copied(), entries))
    }

    /// The versions of all checkpoints and of all entries, each in order.
    pub(in crate::lake) fn all_versions(&self) -> Result<(Vec<u64>, Vec<u64>), LakeError> {
        let (mut checkpoints, mut entries) = (Vec::new(), Vec::new());
        for item in self.storage.list(MANIFEST)? {
            match item.name.split_once('.') {
                Some((version, layout::CHECKPOINT_SUFFIX)) => checkpoints.extend(version.parse::<u64>()),
                Some((version, layout::ENTRY_SUFFIX)) => entries.extend(version.parse::<u64>()),
                _ => {}
            }
        }
        checkpoints.sort_unstable();
        entries.sort_unstable();
        Ok((checkpoints, entries))
    }

    /// The versions of the checkpoints that newer ones supersede.
    pub(in crate::lake) fn superseded_checkpoints(&self) -> Result<Vec<u64>, LakeError> {
        let (mut checkpoints, _) = self.all_versions()?;
        checkpoints.truncate(checkpoints.len().saturating_sub(CHECKPOINTS_KEPT));
        Ok(checkpoints)
    }

    /// Reads a checkpoint without its parts.
    pub(in crate::lake) fn read_checkpoint(&self, version: u64) -> Result<Snapshot, LakeError> {
        read_checkpoint(&self.storage, version)
    }

    /// Takes the lock that makes one writer at a time. `waiting` is called if another run holds it.
    pub fn lock(&self, waiting: impl FnOnce()) -> Result<Box<dyn LockGuard>, LakeError> {
        let mut waiting = Some(waiting);
        let mut call_once = || waiting.take().map_or((), |waiting| waiting());
        self.storage.lock(&layout::in_manifest(layout::LOCK), &mut call_once)
    }
}

/// Returns the SHA-256 of an entry, as the entry after it names it; `None` if the entry cannot be read.
pub fn sha256_of_entry(storage: &Storage, version: u64) -> Option<String> {
    Some(sha256_hex(&storage.get(&layout::entry_path(version)).ok()?))
}

/// Reads the first bytes of the first entry of a lake, at most so many; `None` if there is no entry.
pub fn beginning_of_first_entry(storage: &Storage, bytes: u64) -> Option<Vec<u8>> {
    storage.open_ranges(&layout::entry_path(1)).ok()?.get_range(0, bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::manifest::{DataFile, LazyColumnStats, RunInfo, RunKind, Tally};
    use chrono::DateTime;
    use std::fs;

    fn entry(name: &str, removed: &[&str]) -> Entry {
        let now = DateTime::UNIX_EPOCH;
        let tally = Tally { read: 1, stored: 1, ..Tally::default() };
        let version = "0".to_owned();
        let run = RunInfo {
            run_id: "r".to_owned(),
            kind: RunKind::Ingest,
            started_at: now,
            finished_at: now,
            trailql_version: version,
            sources: 1,
            tally,
        };
        let added = DataFile {
            path: name.to_owned(),
            event_day: Some(1),
            rows: 1,
            bytes: 1,
            sha256: String::new(),
            min_event_time: Some(1),
            max_event_time: Some(2),
            text_ranges: LazyColumnStats::default(),
            footer_bytes: 0,
            columns: 0,
            blooms: LazyColumnStats::default(),
            accounts: Default::default(),
            values: Default::default(),
        };
        let removed = removed.iter().map(|path| (*path).to_owned()).collect();
        Entry { added: vec![added], removed, ..Entry::of_run(run) }
    }

    fn lake() -> (tempfile::TempDir, Manifest) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(MANIFEST)).unwrap();
        let manifest = Manifest::new(&Storage::local(dir.path()));
        (dir, manifest)
    }

    #[test]
    fn what_was_committed_is_what_a_reader_sees_with_and_without_checkpoints() {
        let (_dir, manifest) = lake();
        let mut snapshot = manifest.snapshot().unwrap();
        for n in 0..70 {
            let removed = if n == 40 { vec!["f3"] } else { Vec::new() };
            snapshot = manifest.commit(&snapshot, entry(&format!("f{n}"), &removed)).unwrap();
            assert_eq!(manifest.snapshot().unwrap(), snapshot);
        }
        assert_eq!((snapshot.version, snapshot.files.len(), snapshot.tally().stored), (70, 69, 70));
    }

    #[test]
    fn entries_of_many_files_are_followed_by_a_checkpoint() {
        for (entries, checkpoints) in [
            (&[MANY_FILES - 1, 1, 1][..], &[2][..]),
            (&[MANY_FILES], &[1]),
            (&[MANY_FILES / 2, MANY_FILES / 2, MANY_FILES - 1], &[2]),
            (&[MANY_FILES, MANY_FILES - 1, 1], &[1, 3]),
        ] {
            let (dir, manifest) = lake();
            let mut snapshot = manifest.snapshot().unwrap();
            for files in entries {
                let mut many = entry("f", &[]);
                many.added = vec![many.added[0].clone(); *files];
                snapshot = manifest.commit(&snapshot, many).unwrap();
                assert_eq!(manifest.snapshot().unwrap(), snapshot);
            }
            let has_checkpoint = |version: &u64| dir.path().join(layout::checkpoint_path(*version)).exists();
            assert_eq!((1..=3).filter(has_checkpoint).collect::<Vec<_>>(), checkpoints, "{entries:?}");
        }
    }

    #[test]
    fn checkpoints_of_builds_before_are_passed_over() {
        let (dir, manifest) = lake();
        let mut snapshot = manifest.snapshot().unwrap();
        for name in ["a", "b"] {
            snapshot = manifest.commit(&snapshot, entry(name, &[])).unwrap();
        }
        let old = dir.path().join(MANIFEST).join(format!("{:020}.checkpoint.json", 1));
        fs::write(&old, "{\"format\":3,\"version\":1,\"files\":[]}").unwrap();
        assert_eq!(manifest.snapshot().unwrap(), snapshot);
    }

    #[test]
    fn a_version_is_created_once() {
        let (_dir, manifest) = lake();
        let snapshot = manifest.snapshot().unwrap();
        manifest.commit(&snapshot, entry("a", &[])).unwrap();
        assert!(matches!(manifest.commit(&snapshot, entry("b", &[])), Err(LakeError::Io { .. })));
        assert_eq!(manifest.snapshot().unwrap().files.all().unwrap()[0].path, "a");
    }

    #[test]
    fn a_changed_or_missing_entry_breaks_the_chain() {
        for damage in ["change", "space", "remove", "newer"] {
            let (dir, manifest) = lake();
            let mut snapshot = manifest.snapshot().unwrap();
            for name in ["a", "b", "c"] {
                snapshot = manifest.commit(&snapshot, entry(name, &[])).unwrap();
            }
            let path = dir.path().join(layout::entry_path(2));
            let text = fs::read_to_string(&path).unwrap();
            match damage {
                "change" => fs::write(&path, text.replace("\"b\"", "\"x\"")).unwrap(),
                "space" => fs::write(&path, text.replace("\"b\"", " \"b\"")).unwrap(),
                "newer" => fs::write(&path, text.replace("\"format\":3", "\"format\":9")).unwrap(),
                _ => fs::remove_file(&path).unwrap(),
            }
            let error = manifest.snapshot().unwrap_err();
            assert_eq!(matches!(error, LakeError::NewerFormat { .. }), damage == "newer", "{error}");
        }
    }
}
