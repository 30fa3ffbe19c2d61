//! Merges the small files of a lake into large ones, and removes what nobody needs any more.
//!
//! [`crate::lake::compact`] says what is merged and how; this does it for several days at a time and commits as it
//! goes, so that a run that is broken off keeps what it has done.

use super::OpsError;
use super::progress::Progress;
use crate::lake::compact::{self, Compactor, Group, MergeLimits, Merged};
use crate::lake::gc::{self, Removed};
use crate::lake::manifest::Snapshot;
use crate::lake::storage::Storage;
use crate::lake::tables::Table;
use crate::lake::{Lake, LakeError};
use chrono::{DateTime, TimeDelta, Utc};
use rayon::prelude::*;
use serde::{Serialize, Serializer};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Options of a compaction.
#[derive(Debug, Clone)]
pub struct CompactOptions {
    /// Folder of the lake.
    pub lake: PathBuf,
    /// Memory that may be used, about.
    pub memory_limit_bytes: usize,
    /// Threads that merge, each a day at a time.
    pub threads: usize,
    /// Size of the files that come out.
    pub target_bytes: u64,
    /// The start of the run, which names it.
    pub now: DateTime<Utc>,
    /// Removes files that nobody has needed for so long.
    pub gc: Option<TimeDelta>,
    /// Says what would be done, and writes nothing.
    pub dry_run: bool,
}

/// The result of a compaction.
#[derive(Debug, Serialize)]
pub struct Compacted {
    /// Version of the lake after it.
    pub version: u64,
    /// The result for each table, the events first.
    pub tables: Vec<TableChange>,
    /// Days and tables whose files were not merged, since somebody asked to stop; the next run goes on with them.
    pub left: u64,
    /// Files that were removed, if that was asked for.
    pub removed: Option<Removed>,
    /// The time that it took.
    #[serde(rename = "elapsed_seconds", serialize_with = "seconds")]
    pub elapsed: Duration,
}

/// The result for the files of a table.
#[derive(Debug, Clone, Serialize)]
pub struct TableChange {
    /// Its name.
    pub table: &'static str,
    /// Of the events, days whose files were merged, or would be; of another table 1 or 0.
    pub merged: u64,
    /// Files that were merged, or would be.
    pub merged_files: u64,
    /// Bytes of those files.
    pub merged_bytes: u64,
    /// Its files before.
    pub before: Files,
    /// Its files after; a dry run does not know.
    pub after: Option<Files>,
}

/// The visible files of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Files {
    /// The number of files.
    pub files: u64,
    /// Their rows.
    pub rows: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes of the largest.
    pub largest_bytes: u64,
}

impl Files {
    fn of(sizes: impl Iterator<Item = (u64, u64)>) -> Self {
        sizes.fold(Self::default(), |sum, (rows, bytes)| Self {
            files: sum.files + 1,
            rows: sum.rows + rows,
            bytes: sum.bytes + bytes,
            largest_bytes: sum.largest_bytes.max(bytes),
        })
    }

    /// The files of a table, or of the events.
    fn in_snapshot(snapshot: &Snapshot, table: Option<Table>) -> Result<Self, LakeError> {
        Ok(match table {
            None => Self::of(snapshot.files.all()?.iter().map(|file| (file.rows, file.bytes))),
            Some(table) => Self::of(table.files(snapshot).iter().map(|file| (file.rows, file.bytes))),
        })
    }
}

/// A commit is made after so many bytes were merged, so that a killed run keeps most of its work.
const COMMIT_BYTES: u64 = 1 << 30;

/// Files that are open at a time, over all threads: some systems allow a process no more than 256.
const OPEN_FILES: usize = 160;

/// Merges what is worth merging. Where there is nothing to do, nothing is committed.
pub fn compact(options: &CompactOptions, progress: &dyn Progress) -> Result<Compacted, OpsError> {
    let began = Instant::now();
    let lake = Lake::open(&options.lake)?;
    if options.dry_run {
        let snapshot = lake.snapshot()?;
        let groups = compact::plan(&snapshot, options.target_bytes)?;
        let tables = changes(&snapshot, None, &groups)?;
        let removed = collect(lake.storage(), &snapshot, options)?;
        return Ok(Compacted { version: snapshot.version, tables, left: 0, removed, elapsed: began.elapsed() });
    }
    let run_id = format!("{}-compact", options.now.format("%Y%m%dT%H%M%S%.3fZ"));
    let mut compactor = lake.compactor(run_id, options.now, || progress.waiting())?;
    let before = compactor.snapshot().clone();
    let groups = compact::plan(&before, options.target_bytes)?;
    progress.begin(groups.iter().map(Group::files).sum(), groups.iter().map(Group::bytes).sum());
    let done = merge_all(lake.storage(), &groups, &mut compactor, options, progress);
    progress.end();
    let done = done?;
    let after = compactor.snapshot();
    let tables = changes(&before, Some(after), &done)?;
    // Who asked to stop does not want files removed either.
    let stopped = progress.stop_signal().is_asked();
    let removed = if stopped { None } else { collect(lake.storage(), after, options)? };
    let left = (groups.len() - done.len()) as u64;
    Ok(Compacted { version: after.version, tables, left, removed, elapsed: began.elapsed() })
}

/// Merges group by group, several at a time, and returns those that were merged: all, or those before a wish to stop.
fn merge_all(
    storage: &Storage,
    groups: &[Group],
    compactor: &mut Compactor,
    options: &CompactOptions,
    progress: &dyn Progress,
) -> Result<Vec<Group>, OpsError> {
    let threads = options.threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| OpsError::Threads(error.to_string()))?;
    let memory_bytes = options.memory_limit_bytes / 2 / threads;
    let limits = MergeLimits { memory_bytes, open_files: (OPEN_FILES / threads).max(2) };
    let stop = progress.stop_signal();
    // After a wish to stop no group is begun, and what is merged is committed.
    let merge = |group: &Group| -> Option<Result<Merged, LakeError>> {
        (!stop.is_asked()).then(|| {
            let merged = compact::merge(storage, group.clone(), options.target_bytes, limits)?;
            progress.advance(group.files(), group.bytes(), merged.rows());
            Ok(merged)
        })
    };
    let mut done = Vec::with_capacity(groups.len());
    let mut rest = groups;
    while !rest.is_empty() && !stop.is_asked() {
        let mut bytes = 0;
        let of_commit = rest.iter().take_while(|group| {
            let fits = bytes < COMMIT_BYTES;
            bytes += group.bytes();
            fits
        });
        let (now, later) = rest.split_at(of_commit.count());
        rest = later;
        let merged: Vec<Merged> = pool.install(|| now.par_iter().filter_map(merge).collect::<Result<_, _>>())?;
        done.extend(merged.iter().map(|merged| merged.group().clone()));
        compactor.commit(merged)?;
    }
    Ok(done)
}

fn collect(storage: &Storage, snapshot: &Snapshot, options: &CompactOptions) -> Result<Option<Removed>, LakeError> {
    // By the real clock, as the times of files and of commits are.
    let since = |keep: TimeDelta| Utc::now().checked_sub_signed(keep).unwrap_or(DateTime::<Utc>::MIN_UTC);
    options.gc.map(|keep| gc::collect(storage, snapshot, since(keep), options.dry_run)).transpose()
}

fn changes(before: &Snapshot, after: Option<&Snapshot>, merged: &[Group]) -> Result<Vec<TableChange>, LakeError> {
    let change = |table: Option<Table>| {
        let of_table = || merged.iter().filter(|group| group.table() == table);
        Ok(TableChange {
            table: table.map_or("events", Table::name),
            merged: of_table().count() as u64,
            merged_files: of_table().map(Group::files).sum(),
            merged_bytes: of_table().map(Group::bytes).sum(),
            before: Files::in_snapshot(before, table)?,
            after: after.map(|after| Files::in_snapshot(after, table)).transpose()?,
        })
    };
    [None].into_iter().chain(Table::ALL.map(Some)).map(change).collect()
}

fn seconds<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(elapsed.as_secs_f64())
}
