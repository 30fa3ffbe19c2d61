//! Merges small files into large ones: the same rows in fewer files.
//!
//! Every run of `ingest` adds a file to each day of its events, and one to the table `sources`. Opening, planning and
//! reading then cost by the file. Merging writes the rows of a day's small files into new ones, in the order of a data
//! file. One entry of the manifest adds the new files and removes the old ones, so that no reader sees a row twice or
//! not at all. Replaced files stay on disk for readers of earlier versions, until [`super::gc`] deletes them.
//!
//! Rows of `sources`, `rejects` and `copies` keep the order of their commits. The number of the commit that each row
//! came with moves into the file.
//!
//! A file is merged only if its bytes are those that its entry names, since damage must not get a new SHA-256.

use super::error::LakeError;
use super::events_file::EventsWriter;
use super::layout::{self, EventDay};
use super::manifest::{DataFile, Entry, Manifest, RunInfo, RunKind, Snapshot, TableFile, Tally};
pub use super::merge::MergeLimits;
use super::merge::{self, SortedFile};
use super::parquet_file::{self, FileWriter};
use super::storage::{LockGuard, Storage};
use super::tables::{self, Table};
use super::write::WriteMode;
use super::{schema, side_table};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use chrono::{DateTime, Utc};
use parquet::file::properties::WriterProperties;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Size from which on a merged file ends, with the row group in which it is reached.
///
/// It is large enough that a day of most accounts is one file, and that opening it costs little beside reading it. It
/// is small enough that the threads of a query find several files in a large day.
pub const TARGET_BYTES: u64 = 128 << 20;

/// The form in which files of a table are read and merged.
struct Form {
    /// The columns of a merged file.
    columns: SchemaRef,
    properties: WriterProperties,
    /// Rows of a batch to read.
    batch_rows: usize,
}

/// Files that become one, or few.
#[derive(Debug, Clone)]
pub enum Group {
    /// The small files of a day.
    Day(EventDay, Vec<Arc<DataFile>>),
    /// Small files of a table, in runs of neighbours, since rows stay in the order of their commits.
    Table(Table, Vec<Vec<TableFile>>),
}

impl Group {
    /// Number of its files.
    pub fn files(&self) -> u64 {
        match self {
            Self::Day(_, files) => files.len() as u64,
            Self::Table(_, runs) => runs.iter().map(|run| run.len() as u64).sum(),
        }
    }

    /// Their bytes.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Day(_, files) => files.iter().map(|file| file.bytes).sum(),
            Self::Table(_, runs) => runs.iter().flatten().map(|file| file.bytes).sum(),
        }
    }

    /// Its table; `None` for the events.
    pub fn table(&self) -> Option<Table> {
        match self {
            Self::Day(..) => None,
            Self::Table(table, _) => Some(*table),
        }
    }
}

/// Finds the groups that are worth merging: two or more files of less than half the target.
///
/// All merged files but the last have at least the size of the target, so a second run finds nothing to do.
pub fn plan(snapshot: &Snapshot, target_bytes: u64) -> Result<Vec<Group>, LakeError> {
    let is_small = |bytes: u64| bytes < target_bytes / 2;
    let mut days: BTreeMap<EventDay, Vec<Arc<DataFile>>> = BTreeMap::new();
    for file in snapshot.files.all()?.into_iter().filter(|file| is_small(file.bytes)) {
        days.entry(file.event_day).or_default().push(file);
    }
    let days = days.into_iter().filter(|(_, files)| files.len() > 1).map(|(day, files)| Group::Day(day, files));
    let tables = Table::ALL.into_iter().filter_map(|table| {
        let runs = runs(table.files(snapshot), is_small);
        (!runs.is_empty()).then_some(Group::Table(table, runs))
    });
    Ok(days.chain(tables).collect())
}

/// Finds runs of small neighbours.
///
/// Two commits may have added the same rows and so the same file, as when a source is read again in vain. Removing the
/// path removes it for both, so both are merged or none.
fn runs(files: &[TableFile], is_small: impl Fn(u64) -> bool) -> Vec<Vec<TableFile>> {
    let count = |files: &mut dyn Iterator<Item = &TableFile>| {
        let mut named: HashMap<String, u64> = HashMap::new();
        files.for_each(|file| *named.entry(file.path.clone()).or_default() += 1);
        named
    };
    let named = count(&mut files.iter());
    let mut kept: HashSet<String> = HashSet::new();
    loop {
        let is_taken = |file: &TableFile| is_small(file.bytes) && !kept.contains(&file.path);
        let runs = files.chunk_by(|one, next| is_taken(one) && is_taken(next));
        let runs: Vec<Vec<TableFile>> = runs.filter(|run| run.len() > 1).map(<[TableFile]>::to_vec).collect();
        let taken = count(&mut runs.iter().flatten());
        let in_part: Vec<String> =
            taken.into_iter().filter(|(path, n)| named.get(path) != Some(n)).map(|(path, _)| path).collect();
        if in_part.is_empty() {
            return runs;
        }
        kept.extend(in_part);
    }
}

/// A merged group: files that wait for a commit.
#[derive(Debug)]
pub struct Merged {
    group: Group,
    events: Vec<DataFile>,
    table: Vec<TableFile>,
}

impl Merged {
    /// The group that was merged.
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// The rows of the new files.
    pub fn rows(&self) -> u64 {
        let table = self.table.iter().map(|file| file.rows);
        self.events.iter().map(|file| file.rows).chain(table).sum()
    }
}

/// Merges a group into files that no reader sees yet.
pub fn merge(storage: &Storage, group: Group, target_bytes: u64, limits: MergeLimits) -> Result<Merged, LakeError> {
    let (mut events, mut table) = (Vec::new(), Vec::new());
    match &group {
        Group::Day(day, files) => events = merge_day(storage, *day, files, target_bytes, limits)?,
        Group::Table(of, runs) => {
            for run in runs {
                table.extend(merge_run(storage, *of, run, target_bytes, limits)?);
            }
        }
    }
    Ok(Merged { group, events, table })
}

fn merge_day(
    storage: &Storage,
    day: EventDay,
    files: &[Arc<DataFile>],
    target_bytes: u64,
    limits: MergeLimits,
) -> Result<Vec<DataFile>, LakeError> {
    let mut inputs = Vec::with_capacity(files.len());
    for file in files {
        check_unchanged(storage, &file.path, &file.sha256, file.bytes)?;
        inputs.push(SortedFile::data_file(&file.path, file.bytes));
    }
    let expected: u64 = files.iter().map(|file| file.rows).sum();
    let rows = usize::try_from(expected).unwrap_or(usize::MAX);
    // A quarter is for the rows that are being written.
    let memory_bytes = limits.memory_bytes / 4 * 3;
    let mut merge = merge::merge(storage, day, inputs, MergeLimits { memory_bytes, ..limits })?;
    let mut merged = Vec::new();
    let mut under_way: Option<EventsWriter> = None;
    while let Some(batch) = merge.next_batch()? {
        let mut writer = match under_way.take() {
            Some(begun) => begun,
            None => EventsWriter::begin(storage, day, rows, WriteMode::Durable)?,
        };
        writer.append(&batch)?;
        writer.bound_memory(limits.memory_bytes / 4)?;
        if writer.bytes() >= target_bytes {
            merged.push(writer.finish()?);
        } else {
            under_way = Some(writer);
        }
    }
    if let Some(writer) = under_way {
        merged.push(writer.finish()?);
    }
    let target = storage.location(&layout::partition_folder(day));
    check_rows(target, expected, merged.iter().map(|file| file.rows).sum())?;
    Ok(merged)
}

fn merge_run(
    storage: &Storage,
    table: Table,
    files: &[TableFile],
    target_bytes: u64,
    limits: MergeLimits,
) -> Result<Vec<TableFile>, LakeError> {
    for file in files {
        check_unchanged(storage, &file.path, &file.sha256, file.bytes)?;
    }
    let target = storage.location(table.name());
    let expected: u64 = files.iter().map(|file| file.rows).sum();
    let rows = usize::try_from(expected).unwrap_or(usize::MAX);
    let memory_bytes = limits.memory_bytes / 4;
    let copies = parquet_file::copies_properties;
    let (columns, properties, batch_rows) = match table {
        Table::Sources => (schema::sources(), parquet_file::table_properties(), 8 << 10),
        Table::Rejects => (schema::rejects(), parquet_file::table_properties(), tables::REJECT_BATCH_ROWS),
        Table::Copies => (schema::copies(), copies(rows), 8 << 10),
        Table::Side(id) => {
            let merged = side_table::merge(storage, id, files, target_bytes, memory_bytes)?;
            check_rows(target, expected, merged.iter().map(|file| file.rows).sum())?;
            return Ok(merged);
        }
    };
    let properties = properties.map_err(LakeError::parquet("write", &target))?;
    let form = Form { columns: schema::merged(&columns), properties, batch_rows };
    let merged = merge_table(storage, table.name(), &form, files, target_bytes, memory_bytes)?;
    check_rows(target, expected, merged.iter().map(|file| file.rows).sum())?;
    Ok(merged)
}

fn merge_table(
    storage: &Storage,
    folder: &str,
    form: &Form,
    files: &[TableFile],
    target_bytes: u64,
    memory_bytes: usize,
) -> Result<Vec<TableFile>, LakeError> {
    let columns = &form.columns;
    let mut merged = Vec::new();
    // The file with the commits of its first and its last row.
    let mut under_way: Option<(FileWriter, u64, u64)> = None;
    for file in files {
        for batch in tables::read_table(storage, file, form.batch_rows, None)? {
            let batch = batch?;
            let versions = tables::versions(&batch, file)?;
            let Some(newest) = versions.len().checked_sub(1).map(|last| versions.value(last)) else { continue };
            let first = versions.value(0);
            let values = columns.fields().iter().map(|field| match field.name().as_str() {
                schema::VERSION => Arc::new(versions.clone()) as ArrayRef,
                _ => tables::column_or_null(&batch, field),
            });
            let batch = RecordBatch::try_new(Arc::clone(columns), values.collect())?;
            let (mut writer, first) = match under_way.take() {
                Some((writer, first, _)) => (writer, first),
                None => (FileWriter::begin(storage, folder, Arc::clone(columns), form.properties.clone())?, first),
            };
            writer.append(&batch)?;
            writer.bound_memory(memory_bytes)?;
            if writer.bytes() >= target_bytes {
                merged.push(tables::table_file(writer.finish()?, newest, Some(first)));
            } else {
                under_way = Some((writer, first, newest));
            }
        }
    }
    if let Some((writer, first, newest)) = under_way {
        merged.push(tables::table_file(writer.finish()?, newest, Some(first)));
    }
    Ok(merged)
}

/// Refuses a file whose bytes are not those of its entry.
fn check_unchanged(storage: &Storage, path: &str, sha256: &str, bytes: u64) -> Result<(), LakeError> {
    let (found, length) = storage.hash(path)?;
    if found == sha256 && length == bytes {
        return Ok(());
    }
    Err(LakeError::Damaged { path: storage.location(path), reason: "its SHA-256 is not that of its entry" })
}

fn check_rows(folder: PathBuf, expected: u64, found: u64) -> Result<(), LakeError> {
    if expected == found {
        return Ok(());
    }
    Err(LakeError::Damaged { path: folder, reason: "its files have other rows than their entries say" })
}

/// Holds the lock of a lake while its files are merged.
pub struct Compactor {
    storage: Storage,
    manifest: Manifest,
    _lock: Box<dyn LockGuard>,
    snapshot: Snapshot,
    run_id: String,
    started_at: DateTime<Utc>,
}

impl Compactor {
    /// Takes the lock of a lake. `waiting` is called if another run holds it.
    pub(super) fn begin(
        storage: &Storage,
        run_id: String,
        started_at: DateTime<Utc>,
        waiting: impl FnOnce(),
    ) -> Result<Self, LakeError> {
        let manifest = Manifest::new(storage);
        let lock = manifest.lock(waiting)?;
        let snapshot = manifest.snapshot()?;
        Ok(Self { storage: storage.clone(), manifest, _lock: lock, snapshot, run_id, started_at })
    }

    /// The files that are visible now.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Makes merged files visible in place of their originals, all at once.
    pub fn commit(&mut self, merged: Vec<Merged>) -> Result<(), LakeError> {
        if merged.is_empty() {
            return Ok(());
        }
        let mut entry = Entry::of_run(RunInfo {
            run_id: self.run_id.clone(),
            kind: RunKind::Compact,
            started_at: self.started_at,
            finished_at: Utc::now(),
            trailql_version: env!("CARGO_PKG_VERSION").to_owned(),
            sources: 0,
            tally: Tally::default(),
        });
        let mut folders: HashSet<String> = HashSet::new();
        for Merged { group, events, table } in merged {
            match group {
                Group::Day(day, files) => {
                    folders.insert(layout::partition_folder(day));
                    entry.removed.extend(files.iter().map(|file| file.path.clone()));
                    entry.added.extend(events);
                }
                Group::Table(of, runs) => {
                    folders.insert(of.name().to_owned());
                    entry.removed.extend(runs.into_iter().flatten().map(|file| file.path));
                    match of {
                        Table::Sources => entry.sources.extend(table),
                        Table::Rejects => entry.rejects.extend(table),
                        Table::Copies => entry.copies.extend(table),
                        Table::Side(id) => entry.side_files_mut(id).get_or_insert_default().extend(table),
                    }
                }
            }
        }
        for folder in folders {
            self.storage.sync_folder(&folder)?;
        }
        self.snapshot = self.manifest.commit(&self.snapshot, entry)?;
        Ok(())
    }
}
