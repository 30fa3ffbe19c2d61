//! Takes events in, drops those the lake has already, and commits.
//!
//! Rows wait in memory by day until the memory given to the writer is full; then large days that seem to be whole become
//! data files. A commit writes out every row that waits, so that the sources it accounts for are in it entirely: a run
//! that is killed leaves whole commits, and what it had not committed it reads again.
//!
//! A rehearsal does all of this but the writing: events are compared and counted, rows are dropped, and the identities
//! of days that memory has no room for wait in a temporary folder outside the lake.

use super::batch::without_slack;
use super::encode::{Encoded, Encoders, Job};
use super::error::LakeError;
use super::identities::{IDENTIFYING, Identities, IdentityColumns, Novelty};
use super::layout::{self, EventDay};
use super::manifest::{DataFile, Entry, Head, Manifest, Retried, RunInfo, RunKind, Snapshot, TableFile, Tally};
use super::parquet_file::{SORTED_BY, absolute};
use super::replaced::{self, Replaced};
use super::root_account::{self, RootAccountWriter};
use super::tables::{
    CopiesBuilder, CopyRow, KnownSources, RejectRow, RejectsBuilder, SourceKey, SourceRow, SourcesBuilder,
};
use crate::event::field::{FieldId, FieldSet};
use crate::event::identity::Identity;
use crate::event::time::utc_day;
use arrow::array::{AsArray, Int64Array, RecordBatch, StringViewArray, UInt32Array};
use arrow::compute;
use arrow::datatypes::Int64Type;
use arrow::error::ArrowError;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a writer may use, and what it says of itself.
#[derive(Debug, Clone)]
pub struct WriterOptions {
    /// Memory for waiting rows and for the identities of the days at hand.
    pub memory_bytes: usize,
    /// Threads that encode data files.
    pub encoders: usize,
    /// False for a lake that is removed once questions are answered: nothing in it needs to survive a loss of power, and
    /// what only helps questions to come is left out.
    pub lasting: bool,
    /// Name of the run.
    pub run_id: String,
    /// When the run began.
    pub started_at: DateTime<Utc>,
}

/// The fields without which events are not told apart, sorted and accounted for.
pub fn needed_fields() -> FieldSet {
    let place = [FieldId::SourceId, FieldId::SourceRecord, FieldId::SourceOffset];
    IDENTIFYING.into_iter().chain(SORTED_BY).chain(place).chain([FieldId::Unread]).collect()
}

/// A commit is made after so many events, so that a killed run keeps most of its work.
const COMMIT_EVENTS: u64 = 1_000_000;

/// A commit is made after so many sources.
const COMMIT_SOURCES: u64 = 50_000;

/// A batch below this many rows is copied before it waits, for it may hold far more memory than its rows need.
const SMALL_BATCH_ROWS: usize = 1 << 10;

/// Batches of fewer rows than this, on average, are made into one before they are written out: a row by itself takes
/// ten times the memory that it takes among others.
const SPARSE_BATCH_ROWS: usize = 32;

/// Rows of one day that wait to be written.
#[derive(Default)]
struct Partition {
    batches: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
    /// Number of the batch that rows came with last.
    last_batch: u64,
}

impl Partition {
    fn push(&mut self, batch: RecordBatch) {
        self.rows += batch.num_rows();
        self.bytes += batch.get_array_memory_size();
        self.batches.push(batch);
    }

    /// Makes one batch of many small ones.
    fn gather(&mut self) -> Result<(), ArrowError> {
        if self.batches.len() > 1
            && self.rows < self.batches.len() * SPARSE_BATCH_ROWS
            && let Some(first) = self.batches.first()
        {
            let gathered = compute::concat_batches(&first.schema(), &self.batches)?;
            *self = Self { last_batch: self.last_batch, ..Self::default() };
            self.push(without_slack(&gathered)?);
        }
        Ok(())
    }
}

/// Writes to a lake; there is one at a time.
pub struct LakeWriter {
    root: PathBuf,
    manifest: Manifest,
    /// Held while writing; a rehearsal has none.
    _lock: Option<File>,
    rehearsal: bool,
    options: WriterOptions,
    snapshot: Snapshot,
    known: KnownSources,
    identities: Identities,
    partitions: BTreeMap<EventDay, Partition>,
    /// How many batches came so far.
    batches: u64,
    buffered_bytes: usize,
    encoders: Encoders,
    /// Data files of the commit to come.
    files: Vec<DataFile>,
    sources: SourcesBuilder,
    rejects: RejectsBuilder,
    reject_files: Vec<TableFile>,
    copies: CopiesBuilder,
    copy_files: Vec<TableFile>,
    /// Keeps the rows of root once more; none where the lake does not.
    root_account: Option<RootAccountWriter>,
    /// Files of rows of root that are whole already, of the commit to come.
    root_files: Vec<TableFile>,
    /// Rows that more complete copies take the place of.
    replaced: Replaced,
    /// Files of earlier commits that the commit to come removes.
    removed: HashSet<String>,
    /// Sources of the commit to come that an earlier one has read.
    retried: Vec<Retried>,
    /// Counts of the commit to come.
    tally: Tally,
}

impl LakeWriter {
    /// Begins to write to the lake at `root`, which must exist; `waiting` is called where another run is writing.
    pub(super) fn begin(root: &Path, options: WriterOptions, waiting: impl FnOnce()) -> Result<Self, LakeError> {
        let manifest = Manifest::new(root);
        let lock = manifest.lock(waiting)?;
        let snapshot = manifest.snapshot()?;
        // From the first commit on the head is there to be missed. A run that was broken off right after a commit leaves
        // it one entry behind, and two of them would look as if an entry had been put there by somebody else.
        if snapshot.version == 0 || manifest.head_version() == Some(snapshot.version.saturating_sub(1)) {
            manifest.write_head(&Head { version: snapshot.version, sha256: snapshot.sha256.clone() })?;
        }
        Self::new(root, snapshot, options, Identities::default(), Some(lock))
    }

    /// Begins a rehearsal of writing to the lake at `root`, which need not exist, of which `snapshot` is visible.
    pub(super) fn rehearse(root: &Path, snapshot: Snapshot, options: WriterOptions) -> Result<Self, LakeError> {
        Self::new(root, snapshot, options, Identities::kept_aside()?, None)
    }

    fn new(
        root: &Path,
        snapshot: Snapshot,
        options: WriterOptions,
        identities: Identities,
        lock: Option<File>,
    ) -> Result<Self, LakeError> {
        let keeps_root = options.lasting && (snapshot.root_account.is_some() || snapshot.version == 0);
        Ok(Self {
            known: KnownSources::load(root, &snapshot.sources)?,
            root_account: keeps_root.then(|| RootAccountWriter::new(root, options.memory_bytes / 16)),
            encoders: Encoders::start(root, options.encoders, options.lasting),
            root: root.to_path_buf(),
            manifest: Manifest::new(root),
            rehearsal: lock.is_none(),
            _lock: lock,
            options,
            snapshot,
            identities,
            partitions: BTreeMap::new(),
            batches: 0,
            buffered_bytes: 0,
            files: Vec::new(),
            sources: SourcesBuilder::default(),
            rejects: RejectsBuilder::default(),
            reject_files: Vec::new(),
            copies: CopiesBuilder::default(),
            copy_files: Vec::new(),
            root_files: Vec::new(),
            replaced: Replaced::default(),
            removed: HashSet::new(),
            retried: Vec::new(),
            tally: Tally::default(),
        })
    }

    /// True where the source was read by an earlier run and has not changed since.
    pub fn knows(&self, source: &SourceKey) -> bool {
        self.known.id_of(source).is_some()
    }

    /// The id of a source that was read by an earlier run, has not changed since, and has records that could not be read.
    pub fn with_rejects(&self, source: &SourceKey) -> Option<String> {
        self.known.id_of(source).filter(|id| self.known.rejects(id) > 0)
    }

    /// What was visible before this run.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Takes in events, and tells of each row whether it was new.
    pub fn append(&mut self, batch: RecordBatch) -> Result<Vec<bool>, LakeError> {
        let mut new_rows: BTreeMap<EventDay, Vec<u32>> = BTreeMap::new();
        let mut is_new = vec![true; batch.num_rows()];
        let columns = IdentityColumns::of(&batch)
            .ok_or_else(|| ArrowError::SchemaError("a batch without the columns of an event".to_owned()))?;
        let places = PlaceColumns::of(&batch)
            .ok_or_else(|| ArrowError::SchemaError("a batch without the place of its events".to_owned()))?;
        for (row, is_new) in is_new.iter_mut().enumerate() {
            let day = columns.event_time(row).map(utc_day);
            if !self.identities.has_day(day) {
                if self.identities.bytes(|_| true) > self.options.memory_bytes / 4 {
                    // A forgotten day is read again from its files, so the rows so far must be in files, those of this
                    // batch too.
                    self.keep(&batch, std::mem::take(&mut new_rows))?;
                    self.forget_days()?;
                } else {
                    self.forget_days_without_rows(&new_rows)?;
                }
                self.load_day(day)?;
            }
            let keys = columns.keys(row);
            let novelty =
                keys.map_or(Novelty::New, |keys| self.identities.insert(day, &keys, columns.completeness(row)));
            *is_new = novelty == Novelty::New;
            match (novelty, keys) {
                (Novelty::Copy, Some(keys)) => {
                    self.copies.append(places.copy(row, keys.own, columns.event_id(row), false));
                    if self.copies.bytes() > self.options.memory_bytes / 16 {
                        self.write_copies()?;
                    }
                    continue;
                }
                (Novelty::Replaces { stored, below }, _) => self.replaced.add(day, stored, below),
                _ => {}
            }
            new_rows.entry(day).or_default().push(u32::try_from(row).unwrap_or(u32::MAX));
        }
        self.keep(&batch, new_rows)?;
        self.write_out_while_above(self.options.memory_bytes / 8 * 3)?;
        if self.replaced.bytes() > self.options.memory_bytes / 16 {
            self.remove_replaced()?;
        }
        Ok(is_new)
    }

    /// Puts rows of a batch to those that wait; a rehearsal drops them.
    fn keep(&mut self, batch: &RecordBatch, rows: BTreeMap<EventDay, Vec<u32>>) -> Result<(), LakeError> {
        if self.rehearsal {
            return Ok(());
        }
        let is_large = batch.num_rows() >= SMALL_BATCH_ROWS;
        self.batches += 1;
        for (day, rows) in rows {
            let whole = is_large && rows.len() == batch.num_rows();
            let part = if whole { batch.clone() } else { take_rows(batch, rows)? };
            let partition = self.partitions.entry(day).or_default();
            let before = partition.bytes;
            partition.push(part);
            partition.last_batch = self.batches;
            self.buffered_bytes += partition.bytes - before;
        }
        Ok(())
    }

    /// Takes a record that could not be read.
    pub fn reject(&mut self, row: &RejectRow) -> Result<(), LakeError> {
        self.rejects.append(row);
        if self.rejects.bytes() > self.options.memory_bytes / 16 {
            self.write_rejects()?;
        }
        Ok(())
    }

    fn write_rejects(&mut self) -> Result<(), LakeError> {
        if self.rehearsal {
            self.rejects.clear();
        } else {
            self.reject_files.extend(self.rejects.write(&self.root)?);
        }
        Ok(())
    }

    fn write_copies(&mut self) -> Result<(), LakeError> {
        if self.rehearsal {
            self.copies.clear();
        } else {
            self.copy_files.extend(self.copies.write(&self.root)?);
        }
        Ok(())
    }

    /// Accounts for a source whose events and rejects have all been taken in, and commits where enough has come.
    /// `again` says that an earlier run read it, so that the rejects of that reading count no more.
    pub fn finish_source(&mut self, row: &SourceRow, again: bool) -> Result<(), LakeError> {
        if again {
            let rejects = self.known.rejects(&row.source_id);
            self.retried.push(Retried { source_id: row.source_id.clone(), rejects });
        }
        self.sources.append(row);
        self.tally.add(row.tally);
        if self.tally.stored >= COMMIT_EVENTS || self.sources.rows() >= COMMIT_SOURCES {
            self.commit()?;
        }
        Ok(())
    }

    /// Commits what has come since the last commit, and returns what readers see from now on, and how many events gave way
    /// to more complete copies.
    pub fn finish(mut self) -> Result<(Snapshot, u64), LakeError> {
        self.commit()?;
        Ok((self.snapshot, self.replaced.rows()))
    }

    fn commit(&mut self) -> Result<(), LakeError> {
        if self.rehearsal {
            self.sources.clear();
            self.tally = Tally::default();
            self.retried.clear();
            self.replaced.clear();
            return Ok(());
        }
        self.remove_replaced()?;
        let sources = self.sources.rows();
        let source_file = self.sources.write(&self.root)?;
        self.write_rejects()?;
        self.write_copies()?;
        if source_file.is_none() {
            return Ok(());
        }
        let root_account = self.root_account.as_mut().map(RootAccountWriter::finish).transpose()?;
        let mut root_files = std::mem::take(&mut self.root_files);
        let root_account = root_account.map(|file| {
            root_files.extend(file);
            root_files
        });
        // Where what root did is no longer worth keeping twice, it goes from earlier commits as well.
        let given_up = self.snapshot.root_account.iter().flatten().filter(|_| root_account.is_none());
        let mut removed = std::mem::take(&mut self.removed);
        removed.extend(given_up.map(|file| file.path.clone()));
        let mut removed: Vec<String> = removed.into_iter().collect();
        removed.sort();
        let files = std::mem::take(&mut self.files);
        let folders: HashSet<PathBuf> = files.iter().map(|file| layout::partition_folder(file.event_day)).collect();
        let tables = [
            (layout::SOURCES, false),
            (layout::EVENTS, false),
            (layout::REJECTS, self.reject_files.is_empty()),
            (layout::COPIES, self.copy_files.is_empty()),
            (layout::ROOT_ACCOUNT, root_account.as_ref().is_none_or(Vec::is_empty)),
        ];
        let tables = tables.iter().filter(|(_, is_empty)| !is_empty).map(|(folder, _)| Path::new(folder));
        for folder in folders.iter().map(PathBuf::as_path).chain(tables).filter(|_| self.options.lasting) {
            layout::sync_folder(&self.root.join(folder))?;
        }
        let entry = Entry {
            format: 0,
            version: 0,
            previous_sha256: None,
            run: RunInfo {
                run_id: self.options.run_id.clone(),
                kind: RunKind::Ingest,
                started_at: self.options.started_at,
                finished_at: Utc::now(),
                trailql_version: env!("CARGO_PKG_VERSION").to_owned(),
                sources,
                tally: std::mem::take(&mut self.tally),
            },
            added: files,
            removed,
            sources: source_file.into_iter().collect(),
            rejects: std::mem::take(&mut self.reject_files),
            copies: std::mem::take(&mut self.copy_files),
            root_account,
            retried: std::mem::take(&mut self.retried),
            digest: None,
        };
        self.snapshot = self.manifest.commit(&self.snapshot, entry)?;
        Ok(())
    }

    /// Forgets the identities of all days, once their rows are in files.
    fn forget_days(&mut self) -> Result<(), LakeError> {
        self.write_out_while_above(0)?;
        self.settle()?;
        self.identities.forget(|_| true)
    }

    /// Forgets the identities of days of which no rows wait, neither here nor in the batch at hand, where there are many.
    /// Exports come about in the order of time, so these days are most likely over; thus memory does not grow with the days
    /// of an ingest, and no file is written out early for it.
    fn forget_days_without_rows(&mut self, of_batch: &BTreeMap<EventDay, Vec<u32>>) -> Result<(), LakeError> {
        let waits = |partitions: &BTreeMap<_, _>, day| partitions.contains_key(&day) || of_batch.contains_key(&day);
        if self.identities.bytes(|day| !waits(&self.partitions, day)) > self.options.memory_bytes / 32 {
            self.settle()?;
            self.identities.forget(|day| !waits(&self.partitions, day))?;
        }
        Ok(())
    }

    /// Takes up the identities of a day.
    fn load_day(&mut self, day: EventDay) -> Result<(), LakeError> {
        let paths: Vec<PathBuf> = self.files_of(day)?.iter().map(|file| absolute(&self.root, &file.path)).collect();
        self.identities.load(day, paths.iter().map(PathBuf::as_path))
    }

    /// The data files of a day: those of earlier commits that stay, and those of the commit to come.
    fn files_of(&self, day: EventDay) -> Result<Vec<Arc<DataFile>>, LakeError> {
        let committed = self.snapshot.files.of_day(day)?.into_iter();
        let waiting = self.files.iter().filter(|file| file.event_day == day).map(|file| Arc::new(file.clone()));
        Ok(committed.filter(|file| !self.removed.contains(&file.path)).chain(waiting).collect())
    }

    /// Takes the rows out of all files that more complete copies take the place of.
    fn remove_replaced(&mut self) -> Result<(), LakeError> {
        self.write_out_while_above(0)?;
        self.settle()?;
        let replaced = std::mem::take(&mut self.replaced);
        let mut of_root = false;
        for day in replaced.days() {
            for file in self.files_of(day)? {
                if replaced::count(&self.root, &file, &replaced)? == 0 {
                    continue;
                }
                let (copies, memory_bytes) = (&mut self.copies, self.options.memory_bytes / 4);
                let rewritten =
                    replaced::rewrite(&self.root, &file, &replaced, self.options.lasting, memory_bytes, |gone| {
                        of_root |= root_account::holds_rows(gone);
                        append_copies(copies, gone)
                    })?;
                let is_waiting = self.files.iter().position(|waiting| waiting.path == file.path);
                match is_waiting {
                    Some(at) => drop(self.files.swap_remove(at)),
                    None => drop(self.removed.insert(file.path.clone())),
                }
                self.files.extend(rewritten);
            }
        }
        if of_root && let Some(writer) = &mut self.root_account {
            self.root_files.extend(writer.finish()?);
            let committed = self.snapshot.root_account.iter().flatten();
            let committed = committed.filter(|file| !self.removed.contains(&file.path));
            let committed: Vec<_> = committed.map(|file| (true, file.clone())).collect();
            let waiting: Vec<_> = self.root_files.drain(..).map(|file| (false, file)).collect();
            let mut files = Vec::new();
            for (is_committed, file) in committed.into_iter().chain(waiting) {
                match root_account::without(&self.root, &file, &replaced, self.options.memory_bytes / 16)? {
                    None if is_committed => {}
                    None => files.push(file),
                    Some(rewritten) => {
                        if is_committed {
                            self.removed.insert(file.path);
                        }
                        files.extend(rewritten);
                    }
                }
            }
            self.root_files = files;
        }
        let rows = replaced.rows();
        self.replaced = Replaced::of_rows(rows);
        Ok(())
    }

    /// The day to write out next: of the large ones that for which no row has come for the longest time. Exports come
    /// about in the order of time, so it is most likely whole, and becomes one file and not two.
    fn finished_day(&self) -> Option<EventDay> {
        let largest = self.partitions.values().map(|partition| partition.bytes).max()?;
        let large = self.partitions.iter().filter(|(_, partition)| partition.bytes >= largest / LARGE_PART);
        large.min_by_key(|(_, partition)| partition.last_batch).map(|(day, _)| *day)
    }

    /// Hands partitions to the encoders until at most `bytes` wait.
    fn write_out_while_above(&mut self, bytes: usize) -> Result<(), LakeError> {
        if self.buffered_bytes <= bytes {
            return Ok(());
        }
        for partition in self.partitions.values_mut() {
            partition.gather()?;
        }
        self.buffered_bytes = self.partitions.values().map(|partition| partition.bytes).sum();
        // Half is written out at once: the days that are left gather rows for larger files.
        while self.buffered_bytes > bytes / 2 {
            let Some((day, partition)) = self.finished_day().and_then(|day| self.partitions.remove_entry(&day)) else {
                break;
            };
            self.buffered_bytes -= partition.bytes;
            let batches = self.without_replaced(day, partition.batches)?;
            if batches.is_empty() {
                continue;
            }
            self.encoders.give(Job { day, batches, wants_root: self.root_account.is_some() })?;
            while let Some(encoded) = self.encoders.ready() {
                self.take(encoded?)?;
            }
        }
        Ok(())
    }

    /// Leaves out the rows of a day that more complete copies take the place of.
    fn without_replaced(&mut self, day: EventDay, batches: Vec<RecordBatch>) -> Result<Vec<RecordBatch>, LakeError> {
        if !self.replaced.has_rows(day) {
            return Ok(batches);
        }
        let mut left = Vec::with_capacity(batches.len());
        for batch in batches {
            let columns = IdentityColumns::of(&batch).ok_or_else(replaced::foreign_batch)?;
            let stays = self.replaced.stays(day, &columns, batch.num_rows());
            let (kept, gone) = replaced::part(batch, stays)?;
            if let Some(gone) = gone {
                self.replaced.found(day, gone.num_rows());
                append_copies(&mut self.copies, &gone)?;
            }
            if kept.num_rows() > 0 {
                left.push(kept);
            }
        }
        Ok(left)
    }

    /// Waits for all files that the encoders have been given.
    fn settle(&mut self) -> Result<(), LakeError> {
        while let Some(encoded) = self.encoders.settle() {
            self.take(encoded?)?;
        }
        Ok(())
    }

    /// Takes a file for the commit to come, and what root did in it.
    fn take(&mut self, Encoded { file, of_root }: Encoded) -> Result<(), LakeError> {
        if let Some(writer) = &mut self.root_account {
            writer.append(of_root, &file.path)?;
        }
        self.files.push(file);
        let whole = self.snapshot.root_account.iter().flatten().chain(&self.root_files);
        let committed = whole.map(|file| file.rows).sum::<u64>();
        let rows = self.snapshot.files.rows() + self.files.iter().map(|file| file.rows).sum::<u64>();
        self.root_account.take_if(|writer| !root_account::is_kept(committed + writer.rows(), rows));
        Ok(())
    }
}

/// A partition may be written out before larger ones where it has at least this part of the largest.
const LARGE_PART: usize = 4;

/// Makes copies of rows that a more complete copy takes the place of.
fn append_copies(copies: &mut CopiesBuilder, gone: &RecordBatch) -> Result<(), LakeError> {
    let columns = IdentityColumns::of(gone).ok_or_else(replaced::foreign_batch)?;
    let places = PlaceColumns::of(gone).ok_or_else(replaced::foreign_batch)?;
    for row in 0..gone.num_rows() {
        if let Some(keys) = columns.keys(row) {
            copies.append(places.copy(row, keys.own, columns.event_id(row), true));
        }
    }
    Ok(())
}

/// The columns of a batch that tell where an event was read.
struct PlaceColumns<'a> {
    source_id: &'a StringViewArray,
    record: &'a Int64Array,
    offset: &'a Int64Array,
}

impl<'a> PlaceColumns<'a> {
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let number = |id: FieldId| batch.column_by_name(id.column())?.as_primitive_opt::<Int64Type>();
        Some(Self {
            source_id: batch.column_by_name(FieldId::SourceId.column())?.as_string_view_opt()?,
            record: number(FieldId::SourceRecord)?,
            offset: number(FieldId::SourceOffset)?,
        })
    }

    /// A row as a copy. Whoever reads an export sets these columns, so that none is null.
    fn copy(&self, row: usize, identity: Identity, event_id: Option<&'a str>, replaced: bool) -> CopyRow<'a> {
        let (source_id, record, offset) = (self.source_id.value(row), self.record.value(row), self.offset.value(row));
        CopyRow { identity, event_id, source_id, record, offset, replaced }
    }
}

/// Takes some rows of a batch. Where they are few their text is copied, so that the memory of the rest can go; where they
/// are nearly all, as in a file with some copies, the text stays where it is.
fn take_rows(batch: &RecordBatch, rows: Vec<u32>) -> Result<RecordBatch, ArrowError> {
    let nearly_all = rows.len() >= batch.num_rows() / 4 * 3 && batch.num_rows() >= SMALL_BATCH_ROWS;
    let part = compute::take_record_batch(batch, &UInt32Array::from(rows))?;
    if nearly_all { Ok(part) } else { without_slack(&part) }
}
