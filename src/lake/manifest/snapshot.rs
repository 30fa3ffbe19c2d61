//! The files that are visible at one version of the lake.

use super::data_files::DataFiles;
use super::entry::{Entry, RunInfo, RunKind, TableFile, Tally, is_zero};
use super::side_files::SideTableId;
use crate::lake::error::LakeError;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// A commit of the log without its files: a row of the table `runs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Number of the commit.
    pub version: u64,
    /// The run that it is part of.
    pub run: RunInfo,
}

/// The files that are visible at one version of the lake, and the commits up to it.
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
    /// Files of the side table `root_account`; `None` if some commit has not kept its rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_account: Option<Vec<TableFile>>,
    /// Files of the side table `trail_calls`; `None` if some commit has not kept its rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trail_calls: Option<Vec<TableFile>>,
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
    /// Sums the counts of all commits.
    pub fn tally(&self) -> Tally {
        self.commits.iter().fold(Tally::default(), |mut sum, commit| {
            sum.add(commit.run.tally);
            sum
        })
    }

    /// Returns the newest commit that read exports. Later ones only merged files, and left the rows as they were.
    pub fn newest_ingest(&self) -> Option<u64> {
        let ingests = self.commits.iter().filter(|commit| commit.run.kind == RunKind::Ingest);
        ingests.map(|commit| commit.version).max()
    }

    /// Returns `true` if a commit after `version` read the source again.
    ///
    /// Its rejects and copies of commit `version` then no longer count.
    pub fn supersedes(&self, source_id: &str, version: u64) -> bool {
        self.retried.get(source_id).is_some_and(|newest| version < *newest)
    }

    /// Counts the records that could not be read, each source by its newest reading.
    pub fn rejects(&self) -> u64 {
        self.rejects.iter().map(|file| file.rows).sum::<u64>().saturating_sub(self.superseded_rejects)
    }

    /// Adds one entry, whose bytes have the given SHA-256.
    pub(in crate::lake) fn apply(&mut self, mut entry: Entry, sha256: String) -> Result<(), LakeError> {
        if !entry.removed.is_empty() {
            let removed: HashSet<&str> = entry.removed.iter().map(String::as_str).collect();
            self.files.remove(&removed)?;
            let is_visible = |file: &TableFile| !removed.contains(file.path.as_str());
            for files in [&mut self.sources, &mut self.rejects, &mut self.copies] {
                files.retain(is_visible);
            }
            for id in SideTableId::ALL {
                self.side_files_mut(id).iter_mut().for_each(|files| files.retain(is_visible));
            }
        }
        let changes_no_row = entry.run.kind == RunKind::Compact || entry.added.is_empty();
        for id in SideTableId::ALL {
            // A lake without rows has all rows of a side table.
            let before = if self.version == 0 { Some(Vec::new()) } else { self.side_files_mut(id).take() };
            *self.side_files_mut(id) = match (before, entry.side_files_mut(id).take()) {
                (Some(mut files), Some(added)) => {
                    add_table_files(&mut files, added, entry.version);
                    Some(files)
                }
                (files, None) if changes_no_row => files,
                _ => None,
            };
        }
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

/// Adds the files that an entry adds to a table.
///
/// Files stand in the order of the commits of their rows. Readers take the last of two readings of a source for the
/// newer one. So a merged file goes to the place of those that it replaces.
fn add_table_files(files: &mut Vec<TableFile>, added: Vec<TableFile>, version: u64) {
    let merged = added.iter().any(|file| file.first_version.is_some());
    let number = |file: &TableFile| if file.first_version.is_some() { file.version } else { version };
    files.extend(added.into_iter().map(|file| TableFile { version: number(&file), ..file }));
    if merged {
        files.sort_by_key(|file| file.version);
    }
}
