//! Exports in, lake out.
//!
//! Files are read and decoded in parallel on rayon's threads, each into a bounded channel of its own. Small files
//! share a reader, a channel and batches: see [`unit`]. One thread takes the channels in the order of the files and
//! writes. So the lake is the same whatever the number of threads: of two copies of an event the first in file order
//! stays. Memory is bounded, since a reader waits while its channel is full, and only a few files are open at a time.
//!
//! Most of the time goes to unpacking and decoding, on all cores, and most of the rest to sorting and encoding; see
//! "Ingest" in `benches/RESULTS.md`. The writer thread only compares dedup keys and hands rows to the encoders.

mod outcome;
mod pipeline;
mod reader;
mod unit;

pub use outcome::{FieldCounts, IngestOutcome, Named, RejectLine, ShapeTally, UnreadEvent, Unreadable};

use super::OpsError;
use super::progress::Progress;
use crate::export::csv::CsvOptions;
use crate::export::inputs;
use crate::lake::write::{WriteMode, WriterOptions};
use crate::lake::{Lake, sha256_hex};
use chrono::{DateTime, Utc};
use std::path::PathBuf;
use std::time::Instant;
use unit::{ToRead, display_path, source_key};

/// The inputs of an ingest, and the resources it may use.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// Files, folders, globs, pipes, or `-` for standard input.
    pub inputs: Vec<PathBuf>,
    /// Folder of the lake, which is made if there is none.
    pub lake: PathBuf,
    /// Approximate bound of the memory that is used.
    pub memory_limit_bytes: usize,
    /// Threads that read and decode.
    pub threads: usize,
    /// Instant at which the run begins; it names the run.
    pub now: DateTime<Utc>,
    /// Purpose of the write.
    pub mode: WriteMode,
    /// Reads sources again that have rejects, although they have not changed.
    pub retry_rejects: bool,
    /// Dialect of CSV files, as far as the user states it.
    pub csv: CsvOptions,
}

/// Reads exports into a lake.
///
/// A file that cannot be opened, or a record that cannot be read, is part of the outcome. Errors are those of the lake,
/// and inputs among which there is no file at all.
pub fn ingest(options: &IngestOptions, progress: &dyn Progress) -> Result<IngestOutcome, OpsError> {
    let began = Instant::now();
    let found = inputs::find(&options.inputs);
    if found.files.is_empty() {
        return Err(OpsError::NothingToRead(found.unreadable.into_iter().map(|u| (u.path, u.reason)).collect()));
    }
    let run_id = run_id(options);
    let mut outcome = IngestOutcome { run_id: run_id.clone(), ..IngestOutcome::default() };
    for item in found.unreadable {
        outcome.unreadable.push(Unreadable { path: display_path(&item.path), reason: item.reason });
    }
    let writer_options = WriterOptions {
        memory_bytes: options.memory_limit_bytes / 2,
        encoders: options.threads.clamp(1, 4),
        mode: options.mode,
        run_id,
        started_at: options.now,
    };
    let writer = Lake::begin_write(&options.lake, writer_options, || progress.waiting())?;
    let (mut to_read, mut unchanged) = (Vec::new(), Vec::new());
    for file in found.files {
        let key = source_key(&file);
        let known_as = (!file.is_stream && options.retry_rejects).then(|| writer.with_rejects(&key)).flatten();
        if !file.is_stream && known_as.is_none() && writer.is_unchanged(&key) {
            outcome.files_unchanged += 1;
            unchanged.push(file.path);
        } else {
            outcome.files_retried += u64::from(known_as.is_some());
            to_read.push(ToRead { file, known_as });
        }
    }
    progress.begin(to_read.len() as u64, to_read.iter().map(|file| file.file.size_bytes).sum());
    let result = pipeline::run(options, to_read, unchanged, writer, progress, &mut outcome);
    progress.end();
    outcome.version = result?;
    outcome.elapsed = began.elapsed();
    Ok(outcome)
}

/// Names a run by its start and its inputs.
fn run_id(options: &IngestOptions) -> String {
    let inputs: Vec<String> = options.inputs.iter().map(|path| display_path(path)).collect();
    let digest = sha256_hex(inputs.join("\0").as_bytes());
    format!("{}-{}", options.now.format("%Y%m%dT%H%M%S%.3fZ"), &digest[..6])
}

#[cfg(test)]
mod tests;
