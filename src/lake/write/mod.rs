//! Takes events in, drops copies of those that the lake has, and commits.
//!
//! New rows wait in memory by day ([`buffer`]) until the memory given to the writer is full. Then large days that are
//! most likely complete become data files. A commit flushes every row that waits, so that it holds all events of the
//! sources that it accounts for. A killed run leaves complete commits; the next run reads again what was not committed.
//!
//! | module | holds |
//! |---|---|
//! | `mode` | the purpose of a write: durable, ephemeral or dry run |
//! | `dedup` | the keys of known events, a day at a time |
//! | `buffer` | new rows by day |
//! | `commit` | the entry of the commit to come |
//! | `place` | the source, record and offset of an event |

mod buffer;
mod commit;
mod dedup;
mod mode;
mod place;

pub use mode::WriteMode;

use super::encoder_pool::{Encoded, EncoderPool, Job};
use super::error::LakeError;
use super::identity::IdentityColumns;
use super::layout::EventDay;
use super::manifest::{DataFile, Head, Manifest, Retried, SideTableId, Snapshot};
use super::replaced::{self, Replaced};
use super::side_table::SideTableWriter;
use super::sort::foreign_batch;
use super::storage::{LockGuard, Storage};
use super::tables::{KnownSources, RejectRow, SourceKey, SourceRow};
use crate::event::time::utc_day;
use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use buffer::{PartitionBuffer, RowsByDay};
use chrono::{DateTime, Utc};
use commit::CommitBuilder;
use dedup::{DedupIndex, Novelty};
use place::PlaceColumns;
use std::sync::Arc;

/// The resources of a writer, and the run that it is part of.
#[derive(Debug, Clone)]
pub struct WriterOptions {
    /// Memory for waiting rows and for the dedup keys of the loaded days.
    pub memory_bytes: usize,
    /// Threads that encode data files.
    pub encoders: usize,
    /// Purpose of the write.
    pub mode: WriteMode,
    /// Name of the run.
    pub run_id: String,
    /// Instant at which the run began.
    pub started_at: DateTime<Utc>,
}

/// Writes to a lake; there is one at a time.
pub struct LakeWriter {
    storage: Storage,
    manifest: Manifest,
    /// Held while writing; a dry run has none.
    _lock: Option<Box<dyn LockGuard>>,
    options: WriterOptions,
    snapshot: Snapshot,
    known: KnownSources,
    dedup: DedupIndex,
    buffer: PartitionBuffer,
    encoders: EncoderPool,
    /// Commit to come.
    commit: CommitBuilder,
    /// Writers of the side tables that the lake keeps.
    side_tables: Vec<SideTableWriter>,
    /// Rows that more complete copies replace.
    replaced: Replaced,
}

impl LakeWriter {
    /// Begins to write to a lake, which must exist. `waiting` is called if another run is writing.
    pub(super) fn begin(storage: &Storage, options: WriterOptions, waiting: impl FnOnce()) -> Result<Self, LakeError> {
        let manifest = Manifest::new(storage);
        let lock = manifest.lock(waiting)?;
        let snapshot = manifest.snapshot()?;
        // From the first commit on a missing head is noticed. A run that was broken off right after a commit left it
        // one entry behind. With another commit it would be two behind, as if somebody else had added an entry.
        if snapshot.version == 0 || manifest.head_version() == Some(snapshot.version.saturating_sub(1)) {
            manifest.write_head(&Head { version: snapshot.version, sha256: snapshot.sha256.clone() })?;
        }
        Self::new(storage, snapshot, options, DedupIndex::default(), Some(lock))
    }

    /// Begins a dry run against `snapshot` of a lake, which need not exist.
    pub(super) fn begin_dry_run(
        storage: &Storage,
        snapshot: Snapshot,
        options: WriterOptions,
    ) -> Result<Self, LakeError> {
        Self::new(storage, snapshot, options, DedupIndex::spilling()?, None)
    }

    fn new(
        storage: &Storage,
        snapshot: Snapshot,
        options: WriterOptions,
        dedup: DedupIndex,
        lock: Option<Box<dyn LockGuard>>,
    ) -> Result<Self, LakeError> {
        let side_tables = match options.mode {
            WriteMode::Durable => SideTableWriter::of_lake(storage, &snapshot, options.memory_bytes / 16),
            WriteMode::Ephemeral { .. } | WriteMode::DryRun => Vec::new(),
        };
        Ok(Self {
            known: KnownSources::load(storage, &snapshot.sources)?,
            encoders: EncoderPool::start(storage, options.encoders, options.mode),
            commit: CommitBuilder::new(storage, options.clone()),
            storage: storage.clone(),
            manifest: Manifest::new(storage),
            _lock: lock,
            options,
            snapshot,
            dedup,
            buffer: PartitionBuffer::default(),
            side_tables,
            replaced: Replaced::default(),
        })
    }

    /// Returns `true` if an earlier run read the source and it has not changed since.
    pub fn is_unchanged(&self, source: &SourceKey) -> bool {
        self.known.id_of(source).is_some()
    }

    /// The id of an unchanged source that has records which could not be read.
    pub fn with_rejects(&self, source: &SourceKey) -> Option<String> {
        self.known.id_of(source).filter(|id| self.known.rejects(id) > 0)
    }

    /// Takes in events, and returns for each row whether it is new.
    pub fn append(&mut self, batch: RecordBatch) -> Result<Vec<bool>, LakeError> {
        let mut new_rows = RowsByDay::new();
        let mut is_new = vec![true; batch.num_rows()];
        let columns = IdentityColumns::of(&batch).ok_or_else(foreign_batch)?;
        let places = PlaceColumns::of(&batch)
            .ok_or_else(|| ArrowError::SchemaError("a batch without the place of its events".to_owned()))?;
        for (row, is_new) in is_new.iter_mut().enumerate() {
            let day = columns.event_time(row).map(utc_day);
            if !self.dedup.has_day(day) {
                if self.dedup.bytes(|_| true) > self.options.memory_bytes / 4 {
                    // An evicted day is loaded from its files again, so all rows so far must be in files.
                    self.buffer_rows(&batch, std::mem::take(&mut new_rows))?;
                    self.evict_all_days()?;
                } else {
                    self.evict_idle_days(&new_rows)?;
                }
                self.load_day(day)?;
            }
            let keys = columns.keys(row);
            let novelty = keys.map_or(Novelty::New, |keys| self.dedup.insert(day, &keys, columns.completeness(row)));
            *is_new = novelty == Novelty::New;
            match (novelty, keys) {
                (Novelty::Copy, Some(keys)) => {
                    self.commit.add_copy(places.copy(row, keys.own, columns.event_id(row), false))?;
                    continue;
                }
                (Novelty::Replaces { stored, below }, _) => self.replaced.add(day, stored, below),
                _ => {}
            }
            new_rows.entry(day).or_default().push(u32::try_from(row).unwrap_or(u32::MAX));
        }
        self.buffer_rows(&batch, new_rows)?;
        self.flush_above(self.options.memory_bytes / 8 * 3)?;
        if self.replaced.bytes() > self.options.memory_bytes / 16 {
            self.remove_replaced()?;
        }
        Ok(is_new)
    }

    /// Takes in a record that could not be read.
    pub fn reject(&mut self, row: &RejectRow) -> Result<(), LakeError> {
        self.commit.add_reject(row)
    }

    /// Accounts for a source whose events and rejects have all been taken in, and commits if enough has come.
    ///
    /// `again` means that an earlier run read it, so that the rejects of that reading no longer count.
    pub fn finish_source(&mut self, row: &SourceRow, again: bool) -> Result<(), LakeError> {
        let retried = || Retried { source_id: row.source_id.clone(), rejects: self.known.rejects(&row.source_id) };
        self.commit.add_source(row, again.then(retried));
        if self.commit.is_due() { self.commit() } else { Ok(()) }
    }

    /// Replaces the reason for which a source is incomplete, as long as it waits for its commit.
    pub fn amend_incomplete(&mut self, source_id: &str, incomplete: Option<String>) {
        self.commit.amend_incomplete(source_id, incomplete);
    }

    /// Commits everything that has come since the last commit.
    ///
    /// Returns the snapshot that readers see from now on, and the number of events that more complete copies replaced.
    pub fn finish(mut self) -> Result<(Snapshot, u64), LakeError> {
        self.commit()?;
        Ok((self.snapshot, self.replaced.rows()))
    }

    fn commit(&mut self) -> Result<(), LakeError> {
        if self.options.mode.is_dry_run() {
            self.commit.discard();
            self.replaced.clear();
            return Ok(());
        }
        self.remove_replaced()?;
        let Some((sources, source_file)) = self.commit.write_tables()? else { return Ok(()) };
        let mut side_files = Vec::with_capacity(self.side_tables.len());
        for writer in &mut self.side_tables {
            side_files.push((writer.table().id(), writer.finish()?));
        }
        // A side table that is no longer worth keeping goes from earlier commits as well.
        for id in SideTableId::ALL.into_iter().filter(|id| side_files.iter().all(|(kept, _)| kept != id)) {
            for file in self.snapshot.side_files(id).unwrap_or_default() {
                self.commit.remove(file.path.clone());
            }
        }
        let entry = self.commit.build(sources, source_file, side_files)?;
        self.snapshot = self.manifest.commit(&self.snapshot, entry)?;
        Ok(())
    }

    /// Buffers new rows; a dry run drops them.
    fn buffer_rows(&mut self, batch: &RecordBatch, rows: RowsByDay) -> Result<(), LakeError> {
        if !self.options.mode.is_dry_run() {
            self.buffer.buffer_rows(batch, rows)?;
        }
        Ok(())
    }

    /// Evicts all days from the dedup index, once their rows are in files.
    fn evict_all_days(&mut self) -> Result<(), LakeError> {
        self.flush_above(0)?;
        self.drain()?;
        self.dedup.evict(|_| true)
    }

    /// Evicts the days of which no rows wait, neither in the buffer nor in the current batch, if they take much memory.
    ///
    /// Exports come about in the order of time, so these days are most likely over. The index then does not grow with
    /// the days of an ingest, and no file is flushed early for it.
    fn evict_idle_days(&mut self, of_batch: &RowsByDay) -> Result<(), LakeError> {
        let is_idle = |buffer: &PartitionBuffer, day| !buffer.has_rows(day) && !of_batch.contains_key(&day);
        if self.dedup.bytes(|day| is_idle(&self.buffer, day)) > self.options.memory_bytes / 32 {
            self.drain()?;
            self.dedup.evict(|day| is_idle(&self.buffer, day))?;
        }
        Ok(())
    }

    /// Loads the dedup keys of a day.
    fn load_day(&mut self, day: EventDay) -> Result<(), LakeError> {
        let files = self.files_of(day)?;
        self.dedup.load(&self.storage, day, files.iter().map(|file| file.path.as_str()))
    }

    /// The data files of a day: those of earlier commits that stay, and those of the commit to come.
    fn files_of(&self, day: EventDay) -> Result<Vec<Arc<DataFile>>, LakeError> {
        let committed = self.snapshot.files.of_day(day)?.into_iter();
        let waiting = self.commit.files_of_day(day).map(|file| Arc::new(file.clone()));
        Ok(committed.filter(|file| !self.commit.removes(&file.path)).chain(waiting).collect())
    }

    /// Removes from all files the rows that more complete copies replace.
    fn remove_replaced(&mut self) -> Result<(), LakeError> {
        self.flush_above(0)?;
        self.drain()?;
        let replaced = std::mem::take(&mut self.replaced);
        for day in replaced.days() {
            for file in self.files_of(day)? {
                if replaced::count(&self.storage, &file, &replaced)? == 0 {
                    continue;
                }
                let (commit, side_tables) = (&mut self.commit, &mut self.side_tables);
                let memory_bytes = self.options.memory_bytes / 4;
                let rewritten =
                    replaced::rewrite(&self.storage, &file, &replaced, self.options.mode, memory_bytes, |gone| {
                        side_tables.iter_mut().try_for_each(|writer| writer.note_replaced(gone))?;
                        commit.add_replaced(gone)
                    })?;
                self.commit.replace_file(&file, rewritten);
            }
        }
        for writer in &mut self.side_tables {
            let committed = self.snapshot.side_files(writer.table().id()).unwrap_or_default().iter();
            let committed = committed.filter(|file| !self.commit.removes(&file.path)).cloned().collect();
            for path in writer.remove_replaced(committed, &replaced)? {
                self.commit.remove(path);
            }
        }
        let rows = replaced.rows();
        self.replaced = Replaced::of_rows(rows);
        Ok(())
    }

    /// Submits partitions to the encoders if more than `bytes` wait.
    fn flush_above(&mut self, bytes: usize) -> Result<(), LakeError> {
        if self.buffer.bytes() <= bytes {
            return Ok(());
        }
        self.buffer.coalesce()?;
        // Half is flushed at once: the days that stay gather rows for larger files.
        while self.buffer.bytes() > bytes / 2
            && let Some((day, batches)) = self.buffer.pop_finished()
        {
            let batches = self.without_replaced(day, batches)?;
            if batches.is_empty() {
                continue;
            }
            let side_tables = self.side_tables.iter().map(SideTableWriter::table).collect();
            self.encoders.submit(Job { day, batches, side_tables })?;
            while let Some(encoded) = self.encoders.try_next() {
                self.add_encoded(encoded?)?;
            }
        }
        Ok(())
    }

    /// Leaves out the rows of a day that more complete copies replace.
    fn without_replaced(&mut self, day: EventDay, batches: Vec<RecordBatch>) -> Result<Vec<RecordBatch>, LakeError> {
        if !self.replaced.has_rows(day) {
            return Ok(batches);
        }
        let mut left = Vec::with_capacity(batches.len());
        for batch in batches {
            let columns = IdentityColumns::of(&batch).ok_or_else(foreign_batch)?;
            let stays = self.replaced.stays(day, &columns, batch.num_rows());
            let (kept, gone) = replaced::part(batch, stays)?;
            if let Some(gone) = gone {
                self.replaced.found(day, gone.num_rows());
                self.commit.add_replaced(&gone)?;
            }
            if kept.num_rows() > 0 {
                left.push(kept);
            }
        }
        Ok(left)
    }

    /// Waits for all files that were submitted to the encoders.
    fn drain(&mut self) -> Result<(), LakeError> {
        while let Some(encoded) = self.encoders.wait_next() {
            self.add_encoded(encoded?)?;
        }
        Ok(())
    }

    /// Adds an encoded file to the commit to come, and its rows to the side tables.
    fn add_encoded(&mut self, Encoded { file, side_rows }: Encoded) -> Result<(), LakeError> {
        for (id, rows) in side_rows {
            if let Some(writer) = self.side_tables.iter_mut().find(|writer| writer.table().id() == id) {
                writer.append(rows, &file.path)?;
            }
        }
        self.commit.add_file(file);
        let lake_rows = self.snapshot.files.rows() + self.commit.file_rows();
        self.side_tables.retain(|writer| writer.is_worth_keeping(&self.snapshot, lake_rows));
        Ok(())
    }
}
