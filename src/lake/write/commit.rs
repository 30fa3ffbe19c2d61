//! The commit to come: its files, the rows of the tables beside the events, and its counts.

use super::WriterOptions;
use super::place::PlaceColumns;
use crate::lake::error::LakeError;
use crate::lake::identity::IdentityColumns;
use crate::lake::layout::{self, EventDay};
use crate::lake::manifest::{DataFile, Entry, Retried, RunInfo, RunKind, SideTableId, TableFile, Tally};
use crate::lake::sort::foreign_batch;
use crate::lake::storage::Storage;
use crate::lake::tables::{CopiesBuilder, CopyRow, RejectRow, RejectsBuilder, SourceRow, SourcesBuilder};
use arrow::array::RecordBatch;
use chrono::Utc;
use std::collections::HashSet;

/// New events after which a commit is due, so that a killed run keeps most of its work.
const COMMIT_EVENTS: u64 = 1_000_000;

/// Sources after which a commit is due.
const COMMIT_SOURCES: u64 = 50_000;

/// Builds the entry of the commit to come.
pub struct CommitBuilder {
    storage: Storage,
    options: WriterOptions,
    files: Vec<DataFile>,
    sources: SourcesBuilder,
    rejects: RejectsBuilder,
    reject_files: Vec<TableFile>,
    copies: CopiesBuilder,
    copy_files: Vec<TableFile>,
    /// Files of earlier commits that this one removes.
    removed: HashSet<String>,
    retried: Vec<Retried>,
    tally: Tally,
}

impl CommitBuilder {
    /// Builds commits to a lake.
    pub fn new(storage: &Storage, options: WriterOptions) -> Self {
        Self {
            storage: storage.clone(),
            options,
            files: Vec::new(),
            sources: SourcesBuilder::default(),
            rejects: RejectsBuilder::default(),
            reject_files: Vec::new(),
            copies: CopiesBuilder::default(),
            copy_files: Vec::new(),
            removed: HashSet::new(),
            retried: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Memory that rows of a table may take before they are written.
    fn table_bytes(&self) -> usize {
        self.options.memory_bytes / 16
    }

    /// Adds a row to the table `rejects`.
    pub fn add_reject(&mut self, row: &RejectRow) -> Result<(), LakeError> {
        self.rejects.append(row);
        if self.rejects.bytes() > self.table_bytes() { self.flush_rejects() } else { Ok(()) }
    }

    /// Adds a row to the table `copies`.
    pub fn add_copy(&mut self, row: CopyRow<'_>) -> Result<(), LakeError> {
        self.copies.append(row);
        if self.copies.bytes() > self.table_bytes() { self.flush_copies() } else { Ok(()) }
    }

    /// Adds rows to the table `copies` whose place more complete copies take.
    pub fn add_replaced(&mut self, gone: &RecordBatch) -> Result<(), LakeError> {
        let columns = IdentityColumns::of(gone).ok_or_else(foreign_batch)?;
        let places = PlaceColumns::of(gone).ok_or_else(foreign_batch)?;
        for row in 0..gone.num_rows() {
            if let Some(keys) = columns.keys(row) {
                self.copies.append(places.copy(row, keys.own, columns.event_id(row), true));
            }
        }
        Ok(())
    }

    /// Adds a source whose rows have all been added. `retried` is its earlier reading, if it is read again.
    pub fn add_source(&mut self, row: &SourceRow, retried: Option<Retried>) {
        self.retried.extend(retried);
        self.sources.append(row);
        self.tally.add(row.tally);
    }

    /// Replaces the reason for which a source of this commit is incomplete.
    pub fn amend_incomplete(&mut self, source_id: &str, incomplete: Option<String>) {
        self.sources.amend_incomplete(source_id, incomplete);
    }

    /// Returns `true` if enough has come for a commit.
    pub fn is_due(&self) -> bool {
        self.tally.stored >= COMMIT_EVENTS || self.sources.rows() >= COMMIT_SOURCES
    }

    /// Adds a data file.
    pub fn add_file(&mut self, file: DataFile) {
        self.files.push(file);
    }

    /// Rows of the data files.
    pub fn file_rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// The data files of a day.
    pub fn files_of_day(&self, day: EventDay) -> impl Iterator<Item = &DataFile> {
        self.files.iter().filter(move |file| file.event_day == day)
    }

    /// Puts a rewritten data file in the place of `file`, which may be of this commit or of an earlier one.
    pub fn replace_file(&mut self, file: &DataFile, rewritten: Option<DataFile>) {
        match self.files.iter().position(|waiting| waiting.path == file.path) {
            Some(at) => drop(self.files.swap_remove(at)),
            None => self.remove(file.path.clone()),
        }
        self.files.extend(rewritten);
    }

    /// Removes a file of an earlier commit.
    pub fn remove(&mut self, path: String) {
        self.removed.insert(path);
    }

    /// Returns `true` if this commit removes the file.
    pub fn removes(&self, path: &str) -> bool {
        self.removed.contains(path)
    }

    fn flush_rejects(&mut self) -> Result<(), LakeError> {
        if self.options.mode.is_dry_run() {
            self.rejects.clear();
        } else {
            self.reject_files.extend(self.rejects.write(&self.storage)?);
        }
        Ok(())
    }

    fn flush_copies(&mut self) -> Result<(), LakeError> {
        if self.options.mode.is_dry_run() {
            self.copies.clear();
        } else {
            self.copy_files.extend(self.copies.write(&self.storage)?);
        }
        Ok(())
    }

    /// Drops what a commit would account for; a dry run does this in place of a commit.
    pub fn discard(&mut self) {
        self.sources.clear();
        self.tally = Tally::default();
        self.retried.clear();
    }

    /// Writes the tables and returns the number of sources with the file of the table `sources`.
    ///
    /// `None` if no source has come since the last commit; whatever else waits then stays for the next one.
    pub fn write_tables(&mut self) -> Result<Option<(u64, TableFile)>, LakeError> {
        let sources = self.sources.rows();
        let source_file = self.sources.write(&self.storage)?;
        self.flush_rejects()?;
        self.flush_copies()?;
        Ok(source_file.map(|file| (sources, file)))
    }

    /// Syncs the folders of all files and builds the entry that makes them visible.
    pub fn build(
        &mut self,
        sources: u64,
        source_file: TableFile,
        side_files: Vec<(SideTableId, Vec<TableFile>)>,
    ) -> Result<Entry, LakeError> {
        let files = std::mem::take(&mut self.files);
        if self.options.mode.is_durable() {
            let partitions: HashSet<String> =
                files.iter().map(|file| layout::partition_folder(file.event_day)).collect();
            let tables = [
                (layout::SOURCES, false),
                (layout::EVENTS, false),
                (layout::REJECTS, self.reject_files.is_empty()),
                (layout::COPIES, self.copy_files.is_empty()),
            ];
            let side_tables = side_files.iter().map(|(id, files)| (id.name(), files.is_empty()));
            let tables = tables.into_iter().chain(side_tables).filter(|(_, is_empty)| !is_empty);
            let tables = tables.map(|(folder, _)| folder);
            for folder in partitions.iter().map(String::as_str).chain(tables) {
                self.storage.sync_folder(folder)?;
            }
        }
        let mut removed: Vec<String> = std::mem::take(&mut self.removed).into_iter().collect();
        removed.sort();
        let run = RunInfo {
            run_id: self.options.run_id.clone(),
            kind: RunKind::Ingest,
            started_at: self.options.started_at,
            finished_at: Utc::now(),
            trailql_version: env!("CARGO_PKG_VERSION").to_owned(),
            sources,
            tally: std::mem::take(&mut self.tally),
        };
        let mut entry = Entry {
            added: files,
            removed,
            sources: vec![source_file],
            rejects: std::mem::take(&mut self.reject_files),
            copies: std::mem::take(&mut self.copy_files),
            retried: std::mem::take(&mut self.retried),
            ..Entry::of_run(run)
        };
        for (id, files) in side_files {
            *entry.side_files_mut(id) = Some(files);
        }
        Ok(entry)
    }
}
