//! The commit log: which data files are visible.
//!
//! Rules, in the order they are kept:
//! 1. Data files are written whole under a name that no reader takes, synced, and renamed; only then is an entry made.
//! 2. An entry is created exclusively (a hard link that fails where the name exists), so that version n exists once.
//! 3. Each entry carries the SHA-256 of the one before it: a changed entry breaks the chain.
//! 4. A reader folds the newest checkpoint and the entries behind it into a [`Snapshot`]. It never lists data folders,
//!    so a file without an entry, left by a killed run, is not seen.
//! 5. An entry ends with a digest of itself, since no later entry vouches for the newest one; and `head.json` names the
//!    newest entry, so that one that was taken away is missed. Readers check the first, [`super::audit`] both.
//!
//! An entry names files; the rows about sources and rejects stand in Parquet files of their own beside the events, so
//! that opening a lake to ask a question costs the same after one file or after a million of them.

use super::data_files::{self, DataFiles, Span};
use super::error::LakeError;
use super::layout::{self, MANIFEST};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The version of the lake's format that this build writes, and the newest it reads.
///
/// 2: files of the tables may be merged ([`TableFile::first_version`]), and `removed` may name them. A build that knows 1
/// only would count the merged rows twice.
///
/// 3: tables have gained columns (`unread`, `normalised` and `completeness` of events, `incomplete` and `suspicious` of
/// sources, `replaced` of copies), and a commit of `ingest` may remove data files. A build that knows 2 only cannot read
/// files with more columns than it knows.
pub const FORMAT: u32 = 3;

/// A checkpoint is written every so many entries, after one that merges files, and where the entries since the one before
/// add [`MANY_FILES`].
pub(super) const CHECKPOINT_EVERY: u64 = 32;

/// So many data files in entries are followed by a checkpoint: a reader reads all of these entries, and hashes them, which takes
/// about as long as all else that it does with them. A week of root in a lake of ten commits took 4 ms more than in one of one.
const MANY_FILES: usize = 512;

/// So many checkpoints are kept: the newest, and one more for readers that listed the folder just before it came.
const CHECKPOINTS_KEPT: usize = 2;

/// Counts of records; `read` is the sum of the other three, always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Records found.
    pub read: u64,
    /// Events stored.
    pub stored: u64,
    /// Events that were in the lake already.
    pub duplicate: u64,
    /// Records that could not be read.
    pub rejected: u64,
}

impl Tally {
    /// Adds another tally.
    pub fn add(&mut self, other: Tally) {
        self.read += other.read;
        self.stored += other.stored;
        self.duplicate += other.duplicate;
        self.rejected += other.rejected;
    }

    /// True where every record read is accounted for.
    pub fn balances(&self) -> bool {
        self.read == self.stored + self.duplicate + self.rejected
    }
}

/// Smallest and largest value of a text column, and how many values are null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRange {
    /// Smallest value, in the order of its bytes.
    pub min: String,
    /// Largest value.
    pub max: String,
    /// How many rows have none.
    pub nulls: u64,
}

/// One data file of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Path relative to the lake, with forward slashes.
    pub path: String,
    /// UTC day of its events, days since 1970-01-01; null for events without a time.
    pub event_day: Option<i32>,
    /// Its events.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// Digest of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Time of its first event, in microseconds since 1970 (UTC).
    pub min_event_time: Option<i64>,
    /// Time of its last event.
    pub max_event_time: Option<i64>,
    /// Ranges of some text columns, by column name; a column that is null throughout is left out.
    pub text_ranges: ByColumn<TextRange>,
    /// Size of its Parquet footer, so that a reader gets it in one piece; 0 where an earlier build did not say.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub footer_bytes: u64,
    /// How many columns it has, so that a reader knows whether these are all; 0 where an earlier build did not say.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub columns: u64,
    /// Where its bloom filters stand, by column name: one in each row group, or none where an earlier build did not say.
    #[serde(default, skip_serializing_if = "ByColumn::is_empty")]
    pub blooms: ByColumn<Vec<ByteRange>>,
}

/// What a data file says of some of its columns, by their names. It stays text until somebody looks into it: of ten
/// thousand files a question looks into a few, and to parse this of all of them is what opening a lake would spend its
/// time on.
#[derive(Debug, Clone)]
pub struct ByColumn<T> {
    json: Option<Box<RawValue>>,
    columns: OnceLock<BTreeMap<String, T>>,
}

impl<T> ByColumn<T> {
    fn text(&self) -> &str {
        self.json.as_deref().map_or("{}", RawValue::get)
    }

    /// True where it says nothing of any column.
    pub fn is_empty(&self) -> bool {
        self.text() == "{}"
    }
}

impl<T: Serialize> From<BTreeMap<String, T>> for ByColumn<T> {
    fn from(columns: BTreeMap<String, T>) -> Self {
        // A map with text for keys is always written.
        Self { json: serde_json::value::to_raw_value(&columns).ok(), columns: OnceLock::from(columns) }
    }
}

/// What cannot be parsed says nothing; an audit finds it, since it compares every file with what is said of it.
impl<T: DeserializeOwned> Deref for ByColumn<T> {
    type Target = BTreeMap<String, T>;

    fn deref(&self) -> &BTreeMap<String, T> {
        self.columns.get_or_init(|| serde_json::from_str(self.text()).unwrap_or_default())
    }
}

impl<T> Default for ByColumn<T> {
    fn default() -> Self {
        Self { json: None, columns: OnceLock::new() }
    }
}

impl<T> PartialEq for ByColumn<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl<T> Eq for ByColumn<T> {}

impl<T> Serialize for ByColumn<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.json {
            Some(json) => json.serialize(serializer),
            None => serializer.serialize_map(Some(0))?.end(),
        }
    }
}

impl<'de, T> Deserialize<'de> for ByColumn<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { json: Some(Box::deserialize(deserializer)?), columns: OnceLock::new() })
    }
}

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct ByteRange {
    /// Where it begins.
    pub offset: u64,
    /// How many bytes it has.
    pub length: u64,
}

impl From<(u64, u64)> for ByteRange {
    fn from((offset, length): (u64, u64)) -> Self {
        Self { offset, length }
    }
}

impl From<ByteRange> for (u64, u64) {
    fn from(range: ByteRange) -> Self {
        (range.offset, range.length)
    }
}

/// One file of the tables `sources`, `rejects` or `copies`, or of the rows of the account itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFile {
    /// Path relative to the lake, with forward slashes.
    pub path: String,
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// Digest of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Number of the commit that its rows came with, of a merged file that of the last of them. An entry says it once for
    /// all files that are not merged, so only snapshots have it there.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub version: u64,
    /// Of a merged file, number of the commit that its first row came with: its rows are of several commits, and in tables
    /// have the column [`super::schema::VERSION`] for that reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_version: Option<u64>,
    /// Times of the first and the last event in a file of the account's own rows, in microseconds since 1970 (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_times: Option<(i64, i64)>,
    /// How many columns it has, as in [`DataFile::columns`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub columns: u64,
}

/// A source that was read again although it had not changed, since it had rejects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retried {
    /// Its id, see [`super::tables::SourceKey::source_id`].
    pub source_id: String,
    /// How many rejects the reading before it had, which count no more.
    pub rejects: u64,
}

/// What made a commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// Exports were read.
    #[default]
    Ingest,
    /// Small files were merged: the rows are the same before and after.
    Compact,
}

impl RunKind {
    /// Its name, as in the table `runs`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Compact => "compact",
        }
    }

    fn is_ingest(&self) -> bool {
        *self == Self::Ingest
    }
}

/// What a commit was part of, and what it counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// Run that made the commit; long runs make several.
    pub run_id: String,
    /// What the run did.
    #[serde(default, skip_serializing_if = "RunKind::is_ingest")]
    pub kind: RunKind,
    /// When the run began.
    #[serde(with = "rfc3339")]
    pub started_at: DateTime<Utc>,
    /// When the commit was made.
    #[serde(with = "rfc3339")]
    pub finished_at: DateTime<Utc>,
    /// The build that made it.
    pub trailql_version: String,
    /// How many sources the commit accounts for.
    pub sources: u64,
    /// Its counts.
    pub tally: Tally,
}

/// One commit, as it stands in the manifest folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Version of the lake's format.
    pub format: u32,
    /// Number of the commit, from 1.
    pub version: u64,
    /// SHA-256 of the entry before this one; null for the first.
    pub previous_sha256: Option<String>,
    /// What it was part of.
    pub run: RunInfo,
    /// Data files that are visible from now on.
    pub added: Vec<DataFile>,
    /// Paths of files that are no longer visible, since their rows stand in files that this entry adds or, of rows that were
    /// kept once more, in the data files alone. They stay on the disk for those who read an earlier version, until
    /// [`super::gc`] takes them.
    pub removed: Vec<String>,
    /// Files of the table `sources` that it adds.
    pub sources: Vec<TableFile>,
    /// Files of the table `rejects` that it adds.
    pub rejects: Vec<TableFile>,
    /// Files of the table `copies` that it adds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<TableFile>,
    /// Files with those of its rows once more that are of the account itself. None where they are not kept, as builds before
    /// did not: the data files alone then have all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_account: Option<Vec<TableFile>>,
    /// Sources that it read again: their rejects and copies in earlier commits count no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retried: Vec<Retried>,
    /// SHA-256 of the entry without this member. It stands last, so that what it vouches for can be cut out of the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// A commit of the log without its files: what the table `runs` shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Number of the commit.
    pub version: u64,
    /// What it was part of.
    pub run: RunInfo,
}

/// What is visible at one version of the lake.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Version of the lake's format.
    pub format: u32,
    /// Version of the newest entry; 0 for a lake without any.
    pub version: u64,
    /// SHA-256 of the newest entry.
    pub sha256: Option<String>,
    /// Data files of events. A checkpoint keeps them on lines of their own.
    #[serde(skip)]
    pub files: DataFiles,
    /// Files of the table `sources`.
    pub sources: Vec<TableFile>,
    /// Files of the table `rejects`.
    pub rejects: Vec<TableFile>,
    /// Files of the table `copies`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<TableFile>,
    /// Files with every row once more that is of the account itself, see [`super::root_account`]; none where some commit has
    /// not kept them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_account: Option<Vec<TableFile>>,
    /// Sources that were read again, with the commit of the newest reading.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub retried: BTreeMap<String, u64>,
    /// Rejects of earlier readings of those sources.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub superseded_rejects: u64,
    /// Every commit so far, oldest first.
    pub commits: Vec<Commit>,
}

impl Snapshot {
    /// Sum of the counts of all commits.
    pub fn tally(&self) -> Tally {
        self.commits.iter().fold(Tally::default(), |mut sum, commit| {
            sum.add(commit.run.tally);
            sum
        })
    }

    /// True where a later commit read the source again, so that its rejects and copies in this commit count no more.
    pub fn supersedes(&self, source_id: &str, version: u64) -> bool {
        self.retried.get(source_id).is_some_and(|newest| version < *newest)
    }

    /// How many records could not be read, each source by its newest reading.
    pub fn rejects(&self) -> u64 {
        self.rejects.iter().map(|file| file.rows).sum::<u64>().saturating_sub(self.superseded_rejects)
    }

    /// Adds one entry, whose bytes have the given digest.
    pub(super) fn apply(&mut self, entry: Entry, sha256: String) -> Result<(), LakeError> {
        if !entry.removed.is_empty() {
            let removed: HashSet<&str> = entry.removed.iter().map(String::as_str).collect();
            self.files.remove(&removed)?;
            let tables = [&mut self.sources, &mut self.rejects, &mut self.copies];
            for files in tables.into_iter().chain(&mut self.root_account) {
                files.retain(|file| !removed.contains(file.path.as_str()));
            }
        }
        // A lake without rows has all of them.
        let before = if self.version == 0 { Some(Vec::new()) } else { self.root_account.take() };
        let changes_no_row = entry.run.kind == RunKind::Compact || entry.added.is_empty();
        self.root_account = match (before, entry.root_account) {
            (Some(mut files), Some(added)) => {
                add_table_files(&mut files, added, entry.version);
                Some(files)
            }
            (files, None) if changes_no_row => files,
            _ => None,
        };
        self.format = entry.format;
        self.version = entry.version;
        self.sha256 = Some(sha256);
        self.files.extend(entry.added);
        let version = entry.version;
        add_table_files(&mut self.sources, entry.sources, version);
        add_table_files(&mut self.rejects, entry.rejects, version);
        add_table_files(&mut self.copies, entry.copies, version);
        for retried in entry.retried {
            self.superseded_rejects += retried.rejects;
            self.retried.insert(retried.source_id, version);
        }
        self.commits.push(Commit { version: entry.version, run: entry.run });
        Ok(())
    }
}

/// Adds what an entry adds to a table. Files stand in the order of the commits that their rows came with, which is how
/// readers know the newer of two readings of a source; so a merged file goes where those stood that it replaces.
fn add_table_files(files: &mut Vec<TableFile>, added: Vec<TableFile>, version: u64) {
    let merged = added.iter().any(|file| file.first_version.is_some());
    let number = |file: &TableFile| if file.first_version.is_some() { file.version } else { version };
    files.extend(added.into_iter().map(|file| TableFile { version: number(&file), ..file }));
    if merged {
        files.sort_by_key(|file| file.version);
    }
}

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
    folder: PathBuf,
}

impl Manifest {
    /// The manifest of the lake at `root`.
    pub fn new(root: &Path) -> Self {
        Self { folder: root.join(MANIFEST) }
    }

    /// Folds the newest checkpoint and the entries behind it, checking the chain between them.
    pub fn snapshot(&self) -> Result<Snapshot, LakeError> {
        let (mut checkpoint, mut entries) = self.versions()?;
        loop {
            let folded = self.fold(checkpoint, &entries);
            let newer = match &folded {
                // A checkpoint that was the newest when the folder was listed may have been superseded and removed since.
                Err(LakeError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => self.versions()?,
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
            let path = self.folder.join(layout::entry_name(version));
            let bytes = fs::read(&path).map_err(LakeError::io("read", &path))?;
            let (entry, sha256) = parse_entry(&path, &bytes)?;
            let damaged = |reason: String| LakeError::Manifest { path: path.clone(), reason };
            if entry.version != version || version != snapshot.version + 1 {
                return Err(damaged(format!("entry {} follows version {}", entry.version, snapshot.version)));
            }
            if entry.previous_sha256 != snapshot.sha256 {
                return Err(damaged("its SHA-256 of the entry before does not match that entry".to_owned()));
            }
            snapshot.apply(entry, sha256)?;
        }
        Ok(snapshot)
    }

    /// Makes the version after `snapshot` visible and returns it. The writer holds the lock and has synced all files.
    pub fn commit(&self, snapshot: &Snapshot, mut entry: Entry) -> Result<Snapshot, LakeError> {
        entry.format = FORMAT;
        entry.version = snapshot.version + 1;
        entry.previous_sha256.clone_from(&snapshot.sha256);
        let path = self.folder.join(layout::entry_name(entry.version));
        entry.digest = None;
        entry.digest = Some(layout::sha256_hex(&serialize(&path, &entry)?));
        let bytes = serialize(&path, &entry)?;
        self.create_exclusively(&path, &bytes)?;
        let merges = !entry.removed.is_empty();
        let mut next = snapshot.clone();
        next.apply(entry, layout::sha256_hex(&bytes))?;
        self.write_head(&Head { version: next.version, sha256: next.sha256.clone() })?;
        // What was merged makes the next checkpoint smaller, so readers get it at once.
        let many = next.files.since_checkpoint() >= MANY_FILES;
        if next.version.is_multiple_of(CHECKPOINT_EVERY) || merges || many {
            let path = self.folder.join(layout::checkpoint_name(next.version));
            let bytes = checkpoint_bytes(&path, &next, &next.files.in_parts()?)?;
            self.create_exclusively(&path, &bytes)?;
            // Each repeats the one before; all of them together would grow with the square of the commits. One that
            // cannot be removed does no harm.
            for superseded in self.superseded_checkpoints()? {
                let _ = fs::remove_file(self.folder.join(layout::checkpoint_name(superseded)));
            }
            // What follows stands behind this checkpoint.
            return self.read_checkpoint(next.version);
        }
        Ok(next)
    }

    /// Names the newest entry. Where a run is killed before this, the head is one entry behind until the next commit.
    pub(super) fn write_head(&self, head: &Head) -> Result<(), LakeError> {
        let path = self.folder.join(layout::HEAD);
        let bytes = serialize(&path, head)?;
        let temporary = self.write_temporary(&path, &bytes)?;
        temporary.persist(&path).map_err(|error| LakeError::io("create", &path)(error.error))?;
        layout::sync_folder(&self.folder)
    }

    /// The version that `head.json` names; `None` where it cannot be read, which only an audit looks into.
    pub(super) fn head_version(&self) -> Option<u64> {
        let bytes = fs::read(self.folder.join(layout::HEAD)).ok()?;
        serde_json::from_slice(&bytes).ok().map(|head: Head| head.version)
    }

    /// Version of the newest checkpoint, and the versions of all entries in order.
    fn versions(&self) -> Result<(Option<u64>, Vec<u64>), LakeError> {
        let (checkpoints, entries) = self.all_versions()?;
        Ok((checkpoints.last().copied(), entries))
    }

    /// Versions of all checkpoints and of all entries, each in order.
    pub(super) fn all_versions(&self) -> Result<(Vec<u64>, Vec<u64>), LakeError> {
        let listing = fs::read_dir(&self.folder).map_err(LakeError::io("list", &self.folder))?;
        let (mut checkpoints, mut entries) = (Vec::new(), Vec::new());
        for item in listing {
            let name = item.map_err(LakeError::io("list", &self.folder))?.file_name();
            match name.to_str().and_then(|name| name.split_once('.')) {
                Some((version, layout::CHECKPOINT_SUFFIX)) => checkpoints.extend(version.parse::<u64>()),
                Some((version, layout::ENTRY_SUFFIX)) => entries.extend(version.parse::<u64>()),
                _ => {}
            }
        }
        checkpoints.sort_unstable();
        entries.sort_unstable();
        Ok((checkpoints, entries))
    }

    /// Versions of the checkpoints that newer ones supersede.
    pub(super) fn superseded_checkpoints(&self) -> Result<Vec<u64>, LakeError> {
        let (mut checkpoints, _) = self.all_versions()?;
        checkpoints.truncate(checkpoints.len().saturating_sub(CHECKPOINTS_KEPT));
        Ok(checkpoints)
    }

    /// Reads a checkpoint but for its parts.
    pub(super) fn read_checkpoint(&self, version: u64) -> Result<Snapshot, LakeError> {
        let path = self.folder.join(layout::checkpoint_name(version));
        let mut reader = BufReader::with_capacity(1 << 16, File::open(&path).map_err(LakeError::io("read", &path))?);
        let (mut snapshot, mut spans) = (Vec::new(), Vec::new());
        for line in [&mut snapshot, &mut spans] {
            reader.read_until(b'\n', line).map_err(LakeError::io("read", &path))?;
        }
        let offset = (snapshot.len() + spans.len()) as u64;
        let mut snapshot: Snapshot = parse(&path, &snapshot)?;
        let spans: Vec<Span> = serde_json::from_slice(&spans)
            .map_err(|error| LakeError::Manifest { path: path.clone(), reason: error.to_string() })?;
        snapshot.files = DataFiles::in_checkpoint(path, reader.into_inner(), spans, offset);
        Ok(snapshot)
    }

    /// Writes a file under a temporary name and links it to its own, which must not exist yet.
    fn create_exclusively(&self, path: &Path, bytes: &[u8]) -> Result<(), LakeError> {
        let temporary = self.write_temporary(path, bytes)?;
        temporary.persist_noclobber(path).map_err(|error| LakeError::io("create", path)(error.error))?;
        layout::sync_folder(&self.folder)
    }

    fn write_temporary(&self, path: &Path, bytes: &[u8]) -> Result<tempfile::NamedTempFile, LakeError> {
        let mut temporary = layout::temporary_file(&self.folder)?;
        temporary.write_all(bytes).map_err(LakeError::io("write", path))?;
        temporary.as_file().sync_all().map_err(LakeError::io("sync", path))?;
        Ok(temporary)
    }

    /// Takes the lock that makes one writer at a time; `waiting` is called where another holds it.
    pub fn lock(&self, waiting: impl FnOnce()) -> Result<File, LakeError> {
        let path = self.folder.join(layout::LOCK);
        let lock = File::create(&path).map_err(LakeError::io("create", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                waiting();
                lock.lock().map_err(LakeError::io("lock", &path))?;
            }
            // Some network file systems have no locks; exclusive creation of entries still keeps commits apart.
            Err(fs::TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(fs::TryLockError::Error(error)) => return Err(LakeError::io("lock", &path)(error)),
        }
        Ok(lock)
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Instants as RFC 3339 text.
mod rfc3339 {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::borrow::Cow;

    pub fn serialize<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text).map(|time| time.with_timezone(&Utc)).map_err(D::Error::custom)
    }
}

/// Only the format, so that an entry of a newer format is told from a damaged one.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

/// A part of the manifest that says in which format it is written.
trait Formatted: DeserializeOwned {
    fn format(&self) -> u32;
}

impl Formatted for Entry {
    fn format(&self) -> u32 {
        self.format
    }
}

impl Formatted for Snapshot {
    fn format(&self) -> u32 {
        self.format
    }
}

/// Reads an entry, checks its digest of itself, and returns it with its SHA-256.
pub(super) fn parse_entry(path: &Path, bytes: &[u8]) -> Result<(Entry, String), LakeError> {
    let entry: Entry = parse(path, bytes)?;
    let damaged = |reason: &str| LakeError::Manifest { path: path.to_path_buf(), reason: reason.to_owned() };
    let digest = entry.digest.as_deref().ok_or_else(|| damaged("it has no digest of itself"))?;
    // The member is cut out of the text as it stands, so that no byte of the file is beyond the digest.
    let before = serde_json::to_string(digest)
        .ok()
        .and_then(|digest| bytes.strip_suffix(b"}")?.strip_suffix(digest.as_bytes())?.strip_suffix(b",\"digest\":"));
    // Both digests are of the same text up to there, which is hashed once.
    let hasher = before.map(|before| (before.len(), Sha256::new_with_prefix(before)));
    match hasher {
        Some((length, hasher)) if layout::hex(&hasher.clone().chain_update(b"}").finalize()) == digest => {
            let rest = bytes.get(length..).unwrap_or_default();
            Ok((entry, layout::hex(&hasher.chain_update(rest).finalize())))
        }
        _ => Err(damaged("its digest of itself does not match")),
    }
}

fn parse<T: Formatted>(path: &Path, bytes: &[u8]) -> Result<T, LakeError> {
    let check = |format: u32| {
        let newer = || LakeError::NewerFormat { path: path.to_path_buf(), found: format, known: FORMAT };
        if format > FORMAT { Err(newer()) } else { Ok(()) }
    };
    match serde_json::from_slice::<T>(bytes) {
        Ok(parsed) => check(parsed.format()).map(|()| parsed),
        Err(error) => {
            // What cannot be parsed may be of a newer format.
            if let Ok(FormatOnly { format }) = serde_json::from_slice(bytes) {
                check(format)?;
            }
            Err(LakeError::Manifest { path: path.to_path_buf(), reason: error.to_string() })
        }
    }
}

/// A checkpoint: what is visible on one line, what its parts of the data files cover on the next, and then a line a part.
pub(super) fn checkpoint_bytes(
    path: &Path,
    snapshot: &Snapshot,
    parts: &[Vec<Arc<DataFile>>],
) -> Result<Vec<u8>, LakeError> {
    let mut bytes = serialize(path, snapshot)?;
    bytes.push(b'\n');
    bytes.extend(data_files::write_parts(path, parts)?);
    Ok(bytes)
}

pub(super) fn serialize<T: Serialize>(path: &Path, value: &T) -> Result<Vec<u8>, LakeError> {
    serde_json::to_vec(value)
        .map_err(|error| LakeError::Manifest { path: path.to_path_buf(), reason: error.to_string() })
}

/// The first bytes of the first entry of a lake's manifest, at most so many; `None` where there is no entry.
pub fn beginning_of_first_entry(root: &Path, bytes: u64) -> Option<Vec<u8>> {
    let mut beginning = Vec::new();
    let entry = File::open(root.join(MANIFEST).join(layout::entry_name(1))).ok()?;
    entry.take(bytes).read_to_end(&mut beginning).ok()?;
    Some(beginning)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, removed: &[&str]) -> Entry {
        let now = DateTime::UNIX_EPOCH;
        let tally = Tally { read: 1, stored: 1, ..Tally::default() };
        let version = "0".to_owned();
        Entry {
            format: 0,
            version: 0,
            previous_sha256: None,
            run: RunInfo {
                run_id: "r".to_owned(),
                kind: RunKind::Ingest,
                started_at: now,
                finished_at: now,
                trailql_version: version,
                sources: 1,
                tally,
            },
            added: vec![DataFile {
                path: name.to_owned(),
                event_day: Some(1),
                rows: 1,
                bytes: 1,
                sha256: String::new(),
                min_event_time: Some(1),
                max_event_time: Some(2),
                text_ranges: ByColumn::default(),
                footer_bytes: 0,
                columns: 0,
                blooms: ByColumn::default(),
            }],
            removed: removed.iter().map(|r| (*r).to_owned()).collect(),
            sources: Vec::new(),
            rejects: Vec::new(),
            copies: Vec::new(),
            root_account: None,
            retried: Vec::new(),
            digest: None,
        }
    }

    fn lake() -> (tempfile::TempDir, Manifest) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(MANIFEST)).unwrap();
        let manifest = Manifest::new(dir.path());
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
            let has_checkpoint =
                |version: &u64| dir.path().join(MANIFEST).join(layout::checkpoint_name(*version)).exists();
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
    fn what_a_file_says_of_columns_is_kept_as_text_until_it_is_asked_for() {
        let ranges = BTreeMap::from([("event_id".to_owned(), vec![ByteRange { offset: 4, length: 32 }])]);
        let made: ByColumn<Vec<ByteRange>> = ranges.clone().into();
        let json = r#"{"event_id":[[4,32]]}"#;
        assert_eq!(serde_json::to_string(&made).unwrap(), json);
        let read: ByColumn<Vec<ByteRange>> = serde_json::from_str(json).unwrap();
        assert_eq!((&read, &*read, read.is_empty()), (&made, &ranges, false));
        let none = ByColumn::<Vec<ByteRange>>::default();
        assert_eq!((serde_json::to_string(&none).unwrap().as_str(), none.is_empty(), none.len()), ("{}", true, 0));
        let other: ByColumn<Vec<ByteRange>> = serde_json::from_str(r#"{"event_id":"no ranges"}"#).unwrap();
        assert!(other.get("event_id").is_none() && other != read);
        assert!(serde_json::from_str::<ByColumn<TextRange>>("{").is_err());
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
            let path = dir.path().join(MANIFEST).join(layout::entry_name(2));
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
