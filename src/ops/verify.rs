//! Proves that a lake holds what was committed to it: nothing lost, nothing changed, nothing counted wrongly.
//!
//! [`crate::lake::audit`] says what is checked; this runs it over all files, several at a time, and on request reads
//! the sources again, which proves that the lake was made from those files and no others.

use super::OpsError;
use super::progress::Progress;
use crate::engine::EngineError;
use crate::lake::audit::{self, Checked, ManifestAudit, Problem};
use crate::lake::manifest::{DataFile, TableFile};
use crate::lake::storage::Storage;
use crate::lake::tables::{SourceRow, Table, each_source};
use crate::lake::{EventDay, Lake, LakeError, hash_file};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Options of a verification.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// Folder of the lake.
    pub lake: PathBuf,
    /// Reads the sources again.
    pub sources: bool,
    /// SHA-256 of a manifest entry that was noted down earlier.
    pub head: Option<String>,
    /// Threads that read.
    pub threads: usize,
}

/// The result of a verification.
#[derive(Debug, Default, Serialize)]
pub struct Verified {
    /// Files of the lake that were read, those of the manifest among them.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Events among the rows that the entries speak of.
    pub events: u64,
    /// Entries of the manifest.
    pub entries: u64,
    /// SHA-256 of the newest entry, which vouches for all before it and so for the whole lake.
    pub head: Option<String>,
    /// Number of the entry that was noted down, where it is part of the chain.
    pub noted_entry: Option<u64>,
    /// The result of reading the sources again.
    pub sources: Option<SourcesVerified>,
    /// Faults.
    pub problems: Vec<Problem>,
    /// Oddities that are no damage.
    pub notes: Vec<Problem>,
    /// Files that no entry names; they are not read by anybody.
    pub orphans: Vec<String>,
    /// Files whose rows stand in others since a compaction, and that are still there for readers of earlier versions.
    pub replaced: u64,
}

/// The result of reading the sources again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SourcesVerified {
    /// Files whose bytes are those that were read.
    pub same: u64,
    /// Files with other bytes, which are among the problems.
    pub changed: u64,
    /// Files that are not where they were.
    pub missing: Vec<String>,
    /// Sources that were no files, such as standard input.
    pub not_files: u64,
    /// Readings of files that have been read again since, in another state.
    pub replaced: u64,
    /// Bytes read.
    pub bytes: u64,
}

impl Verified {
    /// Returns `true` if there is no fault.
    pub fn holds(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Verifies a lake. What is wrong is part of the outcome; errors are those of looking at all.
pub fn verify(options: &VerifyOptions, progress: &dyn Progress) -> Result<Verified, OpsError> {
    let lake = Lake::open(&options.lake)?;
    let storage = lake.storage();
    let audit = audit::manifest(storage)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.max(1))
        .build()
        .map_err(|error| OpsError::Threads(error.to_string()))?;
    let snapshot = &audit.snapshot;
    let of_table = |table: Table| table.files(snapshot).iter().map(move |file| (table, file));
    let tables: Vec<(Table, &TableFile)> = Table::ALL.into_iter().flat_map(of_table).collect();
    let bytes = snapshot.files.bytes() + tables.iter().map(|(_, file)| file.bytes).sum::<u64>();
    progress.begin(snapshot.files.len() + tables.len() as u64, bytes);
    let files = snapshot.files.all()?;
    let checked = pool.install(|| check_files(storage, files, &tables, progress));
    progress.end();
    stopped(progress)?;
    let mut problems = audit.problems.clone();
    problems.extend_from_slice(&checked.problems);
    // Counts that disagree because a file is damaged say nothing new, and damaged files are not decoded.
    if problems.is_empty() {
        problems.extend(audit::tallies(storage, &audit));
        problems.extend(audit::compare_side_tables(snapshot, &checked));
    }
    let (replaced, orphans): (Vec<String>, Vec<String>) =
        audit::unnamed(storage, snapshot)?.into_iter().partition(|path| audit.replaced.contains(path));
    let mut verified = Verified {
        files: audit.files + checked.files,
        bytes: audit.bytes + checked.bytes,
        rows: checked.rows,
        events: snapshot.files.rows(),
        entries: audit.entries.len() as u64,
        head: snapshot.sha256.clone(),
        noted_entry: None,
        sources: None,
        problems,
        notes: audit.notes.clone(),
        orphans,
        replaced: replaced.len() as u64,
    };
    if let Some(noted) = &options.head {
        verified.noted_entry = audit.entries.iter().find(|(_, sha256)| *sha256 == noted).map(|(version, _)| *version);
        if verified.noted_entry.is_none() {
            let what = format!("no entry has the SHA-256 that was noted: {noted}");
            verified.problems.push(Problem::new("-", what));
        }
    }
    if options.sources {
        let damaged: HashSet<&str> = verified.problems.iter().map(|problem| problem.path.as_str()).collect();
        let (sources, problems) = pool.install(|| check_sources(storage, &audit, &damaged, progress))?;
        stopped(progress)?;
        verified.sources = Some(sources);
        verified.problems.extend(problems);
    }
    verified.problems.sort();
    Ok(verified)
}

/// Turns a request to stop into an error: a lake that is verified in part is not proven.
fn stopped(progress: &dyn Progress) -> Result<(), OpsError> {
    if progress.stop_signal().is_asked() { Err(EngineError::Stopped.into()) } else { Ok(()) }
}

fn check_files(
    storage: &Storage,
    files: Vec<Arc<DataFile>>,
    tables: &[(Table, &TableFile)],
    progress: &dyn Progress,
) -> Checked {
    let mut days: BTreeMap<EventDay, Vec<Arc<DataFile>>> = BTreeMap::new();
    for file in files {
        days.entry(file.event_day).or_default().push(file);
    }
    let days: Vec<(EventDay, Vec<Arc<DataFile>>)> = days.into_iter().collect();
    let done = |bytes| progress.advance(1, bytes, 0);
    let stop = progress.stop_signal();
    let events =
        days.par_iter().filter(|_| !stop.is_asked()).map(|(day, files)| audit::day(storage, *day, files, &done));
    let tables = tables.par_iter().filter(|_| !stop.is_asked()).map(|(table, file)| match table {
        Table::Side(id) => audit::side_table(storage, *id, file, &done),
        Table::Sources | Table::Rejects | Table::Copies => audit::table(storage, file, &done),
    });
    events.chain(tables).reduce(Checked::default, Checked::and)
}

/// Sources read again at a time.
const SOURCES_AT_A_TIME: usize = 1 << 10;

/// Reads the newest reading of every source again.
fn check_sources(
    storage: &Storage,
    audit: &ManifestAudit,
    damaged: &HashSet<&str>,
    progress: &dyn Progress,
) -> Result<(SourcesVerified, Vec<Problem>), LakeError> {
    let (mut sum, mut problems) = (SourcesVerified::default(), Vec::new());
    let readable = || audit.snapshot.sources.iter().filter(|file| !damaged.contains(file.path.as_str()));
    // Of a path that was read in several states, only the newest can still be there. Rows stand in the order of their
    // commits, so that is the last.
    let mut newest: HashMap<u64, u64> = HashMap::new();
    let mut readings = 0;
    for file in readable() {
        each_source(storage, file, |source, _| -> Result<(), LakeError> {
            newest.insert(short_hash(&source.key.path), readings);
            readings += 1;
            Ok(())
        })?;
    }
    sum.replaced = readings - newest.len() as u64;
    progress.begin(newest.len() as u64, 0);
    let mut reading = 0;
    let mut rows = Vec::new();
    for file in readable() {
        each_source(storage, file, |source, _| -> Result<(), LakeError> {
            if newest.get(&short_hash(&source.key.path)) == Some(&reading) {
                rows.push(source);
                if rows.len() >= SOURCES_AT_A_TIME {
                    check_some(&std::mem::take(&mut rows), &mut sum, &mut problems, progress);
                }
            }
            reading += 1;
            Ok(())
        })?;
    }
    check_some(&rows, &mut sum, &mut problems, progress);
    progress.end();
    Ok((sum, problems))
}

fn short_hash(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The result of reading one source again.
enum Reread {
    Same(u64),
    Changed(String),
    Missing,
    NotAFile,
}

fn check_some(rows: &[SourceRow], sum: &mut SourcesVerified, problems: &mut Vec<Problem>, progress: &dyn Progress) {
    let stop = progress.stop_signal();
    let reread: Vec<Reread> = rows
        .par_iter()
        .map(|source| {
            let reread = if stop.is_asked() { Reread::NotAFile } else { check_source(source) };
            progress.advance(1, 0, 0);
            reread
        })
        .collect();
    for (source, reread) in rows.iter().zip(reread) {
        match reread {
            Reread::Same(bytes) => {
                sum.same += 1;
                sum.bytes += bytes;
            }
            Reread::Changed(what) => {
                sum.changed += 1;
                problems.push(Problem::new(&source.key.path, what));
            }
            Reread::Missing => sum.missing.push(source.key.path.clone()),
            Reread::NotAFile => sum.not_files += 1,
        }
    }
}

fn check_source(source: &SourceRow) -> Reread {
    let path = Path::new(&source.key.path);
    // Streams have neither size nor time, and to open a pipe again could wait for ever.
    let was_stream = source.key.size_bytes == 0 && source.key.modified_ns == 0;
    if !path.is_absolute() || was_stream {
        return Reread::NotAFile;
    }
    match hash_file(path) {
        Ok((sha256, bytes)) if sha256 == source.sha256 => Reread::Same(bytes),
        Ok((_, bytes)) if bytes != source.key.size_bytes => {
            Reread::Changed(format!("it has {bytes} bytes now, and had {} when it was read", source.key.size_bytes))
        }
        Ok(_) => Reread::Changed("its SHA-256 is not that of the file that was read".to_owned()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Reread::Missing,
        Err(error) => Reread::Changed(format!("it cannot be read: {error}")),
    }
}
