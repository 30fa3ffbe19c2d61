//! Checks a lake against itself: nothing that was committed is lost, changed or counted wrongly.
//!
//! The manifest is read from entry 1, whatever checkpoints there are: each entry must carry the SHA-256 of the one
//! before it and a digest of itself, checkpoints must say what folding the entries gives, and `head.json` must name the
//! newest entry. Then every file that an entry names is read: its bytes against the SHA-256, and only where these agree
//! its rows against the counts, so that no damaged file is decoded.
//!
//! What is found is data, not an error: the audit goes on to the end and names everything.

use super::digest::sha256_hex;
use super::error::LakeError;
use super::events_file::{RANGED, RangeBuilder};
use super::identity::{self, IdentityHasher};
use super::layout::{self, EventDay};
use super::manifest::{self, DataFile, Entry, Head, Manifest, RunKind, Snapshot, TableFile, Tally};
use super::schema;
use super::storage::Storage;
use super::tables::{self, Table};
use crate::event::field::FieldId;
use crate::event::identity::Identity;
use crate::event::ids::ROOT;
use crate::event::time::utc_day;
use arrow::array::{Array, AsArray};
use arrow::datatypes::Date32Type;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasherDefault;
use std::path::Path;
use std::sync::Arc;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Problem {
    /// The file, relative to the lake; `-` where it is about the lake as a whole.
    pub path: String,
    /// What is wrong with it.
    pub what: String,
}

impl Problem {
    /// A problem of a file.
    pub fn new(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self { path: path.into(), what: what.into() }
    }
}

/// What came of reading the manifest from its first entry.
#[derive(Debug, Default)]
pub struct ManifestAudit {
    /// What the entries that could be read give.
    pub snapshot: Snapshot,
    /// SHA-256 of each entry that could be read, by its number.
    pub entries: BTreeMap<u64, String>,
    /// Rows that all entries added to the events, those included that a later one replaced.
    pub rows_added: u64,
    /// Rows that later entries replaced.
    pub rows_removed: u64,
    /// Paths of files that later entries replaced; they may be gone.
    pub replaced: HashSet<String>,
    /// Files of the manifest that were read, and their bytes.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What is not as usual, and yet no damage.
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
    audit.snapshot.format = manifest::FORMAT;
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
        // A lake that no run has written to has none.
        None if versions.is_empty() => None,
        // Reading it once more says why it could not be read.
        None => audit.read(storage, &head_name).and_then(|bytes| canonical::<Head>(&mut audit, &head_name, &bytes)),
    };
    let named = head.as_ref().map(|head| head.version);
    // Those before the newest are superseded, and may be gone.
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
        // What is there after a gap is folded all the same, so that its files are checked too.
        let Some(bytes) = audit.read(storage, &name) else { continue };
        let sha256 = sha256_hex(&bytes);
        match manifest::parse_entry(Path::new(&name), &bytes) {
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
        } else if version > newest_checkpoint && version.is_multiple_of(manifest::CHECKPOINT_EVERY) {
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

/// Names the entries from `first` to before `end`, where there are any.
fn missing(first: u64, end: u64, audit: &mut ManifestAudit) {
    if first < end {
        let more = end - first - 1;
        let what = if more == 0 { "it is missing".to_owned() } else { format!("it and {more} more are missing") };
        audit.problem(&layout::entry_path(first), what);
    }
}

/// An entry takes only what is visible, and one that merges files changes no number of rows.
fn check_replaced(name: &str, entry: &Entry, audit: &mut ManifestAudit) -> Result<(), LakeError> {
    if entry.removed.is_empty() && entry.run.kind == RunKind::Ingest {
        return Ok(());
    }
    let removed: HashSet<&str> = entry.removed.iter().map(String::as_str).collect();
    let mut found: HashSet<&str> = HashSet::new();
    // Path and rows of the visible files that it removes.
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
    let [visible, added] =
        [&snapshot.root_account, &entry.root_account].map(|files| files.as_deref().unwrap_or_default());
    let tables: Vec<(&str, u64, u64)> = tables
        .into_iter()
        .chain([(layout::ROOT_ACCOUNT, visible, added)])
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
    // No digest covers it: it must be byte for byte what its content is written as.
    let read = || {
        let checkpoint = Manifest::new(storage).read_checkpoint(version)?;
        let written = manifest::checkpoint_bytes(Path::new(&name), &checkpoint, &checkpoint.files.as_read()?)?;
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
        // Named as missing already.
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

/// Reads a file of the manifest that no digest covers: it must be byte for byte what its content is written as.
fn canonical<T>(audit: &mut ManifestAudit, name: &str, bytes: &[u8]) -> Option<T>
where
    T: serde::Serialize + for<'de> serde::Deserialize<'de>,
{
    match serde_json::from_slice::<T>(bytes) {
        Ok(value) => {
            if manifest::serialize(Path::new(name), &value).is_ok_and(|written| written != bytes) {
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

/// The cause of an error, without the path that a problem names anyway.
fn cause(error: LakeError) -> String {
    match error {
        LakeError::Io { source, .. } => source.to_string(),
        other => other.to_string(),
    }
}

/// What came of reading some data files.
#[derive(Debug, Default)]
pub struct Checked {
    /// Files that were read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Their rows.
    pub rows: u64,
    /// The rows of root among the events.
    pub of_root: RowsSum,
    /// The rows of root that are kept once more.
    pub root_account: RowsSum,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Rows, whatever their order: how many, and the sum of their identities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowsSum {
    rows: u64,
    identities: u128,
}

impl RowsSum {
    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.identities = self.identities.wrapping_add(other.identities);
    }

    fn add_row(&mut self, identity: Option<Identity>) {
        self.add(Self { rows: 1, identities: identity.map_or(0, |identity| identity.0) });
    }
}

impl Checked {
    /// Adds what came of other files.
    pub fn and(mut self, other: Self) -> Self {
        self.files += other.files;
        self.bytes += other.bytes;
        self.rows += other.rows;
        self.of_root.add(other.of_root);
        self.root_account.add(other.root_account);
        self.problems.extend(other.problems);
        self
    }

    fn problem(&mut self, path: &str, what: impl Into<String>) {
        self.problems.push(Problem::new(path, what));
    }
}

/// Reads the data files of one day: bytes, rows, times, ranges, and that no two events are the same one.
///
/// Memory is that of the day's identities.
pub fn day(storage: &Storage, day: EventDay, files: &[Arc<DataFile>], done: &dyn Fn(u64)) -> Checked {
    let mut checked = Checked::default();
    let mut known: HashSet<u128, BuildHasherDefault<IdentityHasher>> = HashSet::default();
    for file in files {
        if same_bytes(storage, &file.path, &file.sha256, file.bytes, &mut checked) {
            check_events(storage, day, file, &mut known, &mut checked);
        }
        done(file.bytes);
    }
    checked
}

fn check_events(
    storage: &Storage,
    day: EventDay,
    file: &DataFile,
    known: &mut HashSet<u128, BuildHasherDefault<IdentityHasher>>,
    checked: &mut Checked,
) {
    let (mut rows, mut twice, mut elsewhere) = (0, 0, 0);
    let mut times: Option<(i64, i64)> = None;
    // A range that is wrong, or not there, would hide rows from questions.
    let ranged = RANGED.iter().map(|id| id.column()).chain(file.text_ranges.keys().map(String::as_str));
    let mut ranges: BTreeMap<&str, RangeBuilder> = ranged.map(|name| (name, RangeBuilder::default())).collect();
    let names: Vec<&str> = ranges.keys().copied().collect();
    let read = identity::each_batch(storage, &file.path, schema::events(), &names, |columns, batch| {
        let count = batch.num_rows();
        rows += count as u64;
        let types =
            batch.column_by_name(FieldId::UserIdentityType.column()).and_then(|types| types.as_string_view_opt());
        for (name, range) in &mut ranges {
            if let Some(texts) = batch.column_by_name(name).and_then(|column| column.as_string_view_opt()) {
                range.add(texts);
            }
        }
        for row in 0..count {
            let time = columns.event_time(row);
            if let Some(time) = time {
                times = Some(times.map_or((time, time), |(min, max)| (min.min(time), max.max(time))));
            }
            elsewhere += u64::from(time.map(utc_day) != day);
            let identity = columns.exact_identity(row);
            twice += u64::from(identity.is_some_and(|identity| !known.insert(identity.0)));
            if types.is_some_and(|types| types.is_valid(row) && types.value(row) == ROOT) {
                checked.of_root.add_row(identity);
            }
        }
    });
    if let Err(error) = read {
        checked.problem(&file.path, error.to_string());
        return;
    }
    checked.rows += rows;
    if rows != file.rows {
        checked.problem(&file.path, format!("it has {rows} rows, and its entry says {}", file.rows));
    }
    if twice > 0 {
        checked.problem(&file.path, format!("{twice} of its events are in the lake twice"));
    }
    if elsewhere > 0 {
        checked.problem(&file.path, format!("{elsewhere} of its events are not of its day"));
    }
    if (times.map(|(min, _)| min), times.map(|(_, max)| max)) != (file.min_event_time, file.max_event_time) {
        checked.problem(&file.path, "its first and last event times are not those of its entry");
    }
    for (name, range) in ranges {
        if range.finish().as_ref() != file.text_ranges.get(name) {
            checked.problem(&file.path, format!("its range of `{name}` is not that of its entry"));
        }
    }
}

/// Reads a file of the rows of root: bytes, rows, days and times.
pub fn root_account(storage: &Storage, file: &TableFile, done: &dyn Fn(u64)) -> Checked {
    let mut checked = Checked::default();
    if same_bytes(storage, &file.path, &file.sha256, file.bytes, &mut checked) {
        let mut event_times = None;
        let (mut others, mut elsewhere) = (0, 0);
        let mut sum = RowsSum::default();
        let names = [FieldId::UserIdentityType.column(), schema::EVENT_DATE];
        let read = identity::each_batch(storage, &file.path, schema::root_account(), &names, |columns, batch| {
            let [types, dates] = names.map(|name| batch.column_by_name(name));
            let types = types.and_then(|types| types.as_string_view_opt());
            let dates = dates.and_then(|dates| dates.as_primitive_opt::<Date32Type>());
            for row in 0..batch.num_rows() {
                let time = columns.event_time(row);
                event_times = manifest::union_of_ranges([event_times, time.zip(time)].into_iter());
                others += u64::from(!types.is_some_and(|types| types.is_valid(row) && types.value(row) == ROOT));
                let date = dates.and_then(|dates| dates.is_valid(row).then(|| dates.value(row)));
                elsewhere += u64::from(date != time.map(utc_day));
                sum.add_row(columns.exact_identity(row));
            }
        });
        match read {
            Ok(()) => {
                if sum.rows != file.rows {
                    checked.problem(&file.path, format!("it has {} rows, and its entry says {}", sum.rows, file.rows));
                }
                if others > 0 {
                    checked.problem(&file.path, format!("{others} of its events are not of the account itself"));
                }
                if elsewhere > 0 {
                    checked.problem(&file.path, format!("{elsewhere} of its events are not of their day"));
                }
                if event_times != file.event_times {
                    checked.problem(&file.path, "its first and last event times are not those of its entry");
                }
                checked.rows += sum.rows;
                checked.root_account = sum;
            }
            Err(error) => checked.problem(&file.path, error.to_string()),
        }
    }
    done(file.bytes);
    checked
}

/// Compares the rows of root that are kept once more with those among the events, where everything was read.
pub fn compare_root_account(snapshot: &Snapshot, checked: &Checked) -> Option<Problem> {
    let differs = snapshot.root_account.is_some() && checked.root_account != checked.of_root;
    let (kept, events) = (checked.root_account.rows, checked.of_root.rows);
    let what = || format!("its {kept} events are not the {events} of the account itself among all events");
    differs.then(|| Problem::new(layout::ROOT_ACCOUNT, what()))
}

/// Reads a file of another table: bytes and number of rows.
pub fn table(storage: &Storage, file: &TableFile, done: &dyn Fn(u64)) -> Checked {
    let mut checked = Checked::default();
    if same_bytes(storage, &file.path, &file.sha256, file.bytes, &mut checked) {
        match count_rows(storage, &file.path) {
            Ok(rows) => {
                checked.rows += rows;
                if rows != file.rows {
                    checked.problem(&file.path, format!("it has {rows} rows, and its entry says {}", file.rows));
                }
            }
            Err(error) => checked.problem(&file.path, error.to_string()),
        }
    }
    done(file.bytes);
    checked
}

fn count_rows(storage: &Storage, path: &str) -> Result<u64, LakeError> {
    let file = storage.open_local(path)?;
    let reader = SerializedFileReader::new(file).map_err(LakeError::parquet("read", &storage.location(path)))?;
    Ok(u64::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or(0))
}

/// True where the bytes of a file are those that its entry speaks of.
fn same_bytes(storage: &Storage, path: &str, sha256: &str, bytes: u64, checked: &mut Checked) -> bool {
    match storage.hash(path) {
        Ok((found, length)) => {
            checked.files += 1;
            checked.bytes += length;
            if length != bytes {
                checked.problem(path, format!("it has {length} bytes, and its entry says {bytes}"));
            } else if found != sha256 {
                checked.problem(path, "its SHA-256 is not that of its entry");
            }
            length == bytes && found == sha256
        }
        Err(error) if error.is_not_found() => {
            checked.problem(path, "it is missing");
            false
        }
        Err(error) => {
            checked.problem(path, format!("it cannot be read: {}", cause(error)));
            false
        }
    }
}

/// Compares the counts of the sources with those of the commits and with the rows of the other tables.
pub fn tallies(storage: &Storage, audit: &ManifestAudit) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut by_version: BTreeMap<u64, (u64, Tally)> = BTreeMap::new();
    for file in &audit.snapshot.sources {
        let read = tables::each_source(storage, file, |source, version| -> Result<(), LakeError> {
            if !source.tally.balances() {
                let what = format!("read is not stored + duplicate + rejected for `{}`", source.key.path);
                problems.push(Problem::new(&file.path, what));
            }
            let (sources, sum) = by_version.entry(version).or_default();
            *sources += 1;
            sum.add(source.tally);
            Ok(())
        });
        if let Err(error) = read {
            problems.push(Problem::new(&file.path, error.to_string()));
        }
    }
    for commit in &audit.snapshot.commits {
        let (sources, sum) = by_version.remove(&commit.version).unwrap_or_default();
        let name = layout::entry_path(commit.version);
        if sum != commit.run.tally {
            problems.push(Problem::new(&name, "its counts are not the sum of its sources"));
        }
        if sources != commit.run.sources {
            let what = format!("it has {sources} sources, and says {}", commit.run.sources);
            problems.push(Problem::new(name, what));
        }
    }
    let sum = audit.snapshot.tally();
    let rows = |files: &[TableFile]| files.iter().map(|file| file.rows).sum::<u64>();
    for (what, found, said) in [
        ("events that all entries added", audit.rows_added - audit.rows_removed.min(audit.rows_added), sum.stored),
        ("events that are visible", audit.snapshot.files.rows(), sum.stored),
        ("rejects", rows(&audit.snapshot.rejects), sum.rejected),
        ("copies", rows(&audit.snapshot.copies), sum.duplicate),
    ] {
        if found != said {
            problems
                .push(Problem::new("-", format!("there are {found} {what}, and the counts of the runs say {said}")));
        }
    }
    problems
}

/// Files below the lake that are not visible and none of the manifest's own: replaced by a later entry, left by a run that
/// was broken off, or put there by somebody.
pub fn unnamed(storage: &Storage, snapshot: &Snapshot) -> Result<Vec<String>, LakeError> {
    let tables = Table::ALL.iter().flat_map(|table| table.files(snapshot)).map(|file| file.path.as_str());
    let files = snapshot.files.all()?;
    let named: HashSet<&str> = files.iter().map(|file| file.path.as_str()).chain(tables).collect();
    let mut unnamed = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for item in storage.list(&folder)? {
            let name = item.name;
            let relative = if folder.is_empty() { name.clone() } else { [folder.as_str(), &name].join("/") };
            if item.is_folder {
                folders.push(relative);
            } else if !(named.contains(relative.as_str()) || folder == layout::MANIFEST && is_manifest_file(&name)) {
                unnamed.push(relative);
            }
        }
    }
    unnamed.sort();
    Ok(unnamed)
}

fn is_manifest_file(name: &str) -> bool {
    let version =
        name.split_once('.').filter(|(_, rest)| [layout::ENTRY_SUFFIX, layout::CHECKPOINT_SUFFIX].contains(rest));
    name == layout::HEAD || name == layout::LOCK || version.is_some_and(|(version, _)| version.parse::<u64>().is_ok())
}
