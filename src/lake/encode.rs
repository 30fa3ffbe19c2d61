//! Sorts and encodes data files on threads of their own, while the writer takes in more events.

use super::error::LakeError;
use super::layout::{self, EventDay};
use super::manifest::{DataFile, TextRange};
use super::parquet_file::{self, SORTED_BY, Written};
use crate::event::field::FieldId;
use arrow::array::{AsArray, RecordBatch};
use arrow::compute::{self, SortColumn};
use arrow::datatypes::TimestampMicrosecondType;
use arrow::error::ArrowError;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Text columns whose range is kept in the manifest, so that a scope passes over files without opening them.
const RANGED: [FieldId; 4] =
    [FieldId::AccountId, FieldId::AcsRegion, FieldId::UserIdentityType, FieldId::UserIdentityAccessKeyId];

/// One file to be written.
pub struct Job {
    pub day: EventDay,
    pub batches: Vec<RecordBatch>,
}

type Numbered = (u64, Job);
type Answer = (u64, Result<Option<DataFile>, LakeError>);

/// Threads that write data files.
pub struct Encoders {
    jobs: Option<SyncSender<Numbered>>,
    answers: Receiver<Answer>,
    given: u64,
    taken: u64,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Encoders {
    /// Starts `threads` threads that write below `root`.
    pub fn start(root: &Path, threads: usize) -> Self {
        // No job waits: what cannot be encoded at once stays with the writer, which counts its memory.
        let (jobs, queue) = sync_channel::<Numbered>(0);
        let (done, answers) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let threads = (0..threads.max(1))
            .map(|_| {
                let (queue, done, root) = (Arc::clone(&queue), done.clone(), root.to_path_buf());
                thread::spawn(move || work(&queue, &done, &root))
            })
            .collect();
        Self { jobs: Some(jobs), answers, given: 0, taken: 0, threads }
    }

    /// Hands over a file to write; waits while every thread is busy.
    pub fn give(&mut self, job: Job) {
        if let Some(jobs) = &self.jobs {
            // Threads end only when `jobs` is dropped, so there is always one to take it.
            if jobs.send((self.given, job)).is_ok() {
                self.given += 1;
            }
        }
    }

    /// Waits for every file handed over so far, and returns them in that order.
    pub fn settle(&mut self) -> Result<Vec<DataFile>, LakeError> {
        let mut files = BTreeMap::new();
        let mut failed = None;
        while self.taken < self.given {
            let Ok((number, answer)) = self.answers.recv() else { break };
            self.taken += 1;
            match answer {
                Ok(file) => files.extend(file.map(|file| (number, file))),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or_else(|| Ok(files.into_values().collect()), Err)
    }
}

impl Drop for Encoders {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has left no file; settling has told of it already.
            drop(thread.join());
        }
    }
}

fn work(queue: &Mutex<Receiver<Numbered>>, done: &Sender<Answer>, root: &Path) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, job)) = next else { return };
        if done.send((number, encode(root, job))).is_err() {
            return;
        }
    }
}

fn encode(root: &Path, job: Job) -> Result<Option<DataFile>, LakeError> {
    let rows = arrange(&job.batches)?;
    drop(job.batches);
    let folder = layout::partition_folder(job.day);
    let properties =
        parquet_file::event_properties(rows.num_rows()).map_err(LakeError::parquet("write", &root.join(&folder)))?;
    let Some(written) = parquet_file::write(root, &folder, std::slice::from_ref(&rows), properties)? else {
        return Ok(None);
    };
    let mut statistics = RowStatistics::default();
    statistics.observe(&rows);
    Ok(Some(statistics.into_file(job.day, written)))
}

/// What the manifest says of the rows of a data file, gathered batch by batch.
#[derive(Default)]
pub struct RowStatistics {
    times: Option<(i64, i64)>,
    texts: [RangedText; RANGED.len()],
}

#[derive(Default)]
struct RangedText {
    ends: Option<(String, String)>,
    nulls: u64,
}

impl RowStatistics {
    /// Takes note of rows.
    pub fn observe(&mut self, rows: &RecordBatch) {
        let times = rows.column(FieldId::EventTime as usize).as_primitive_opt::<TimestampMicrosecondType>();
        if let Some((min, max)) = times.and_then(|times| Some((compute::min(times)?, compute::max(times)?))) {
            self.times = Some(self.times.map_or((min, max), |(first, last)| (first.min(min), last.max(max))));
        }
        for (range, id) in self.texts.iter_mut().zip(RANGED) {
            let column = rows.column(id as usize);
            range.nulls += column.null_count() as u64;
            let Some(texts) = column.as_string_view_opt() else { continue };
            if let (Some(min), Some(max)) = (compute::min_string_view(texts), compute::max_string_view(texts)) {
                let (first, last) = range.ends.get_or_insert_with(|| (min.to_owned(), max.to_owned()));
                if min < first.as_str() {
                    *first = min.to_owned();
                }
                if max > last.as_str() {
                    *last = max.to_owned();
                }
            }
        }
    }

    /// The file with these rows.
    pub fn into_file(self, day: EventDay, written: Written) -> DataFile {
        let ranges = self.texts.into_iter().zip(RANGED).filter_map(|(range, id)| {
            let (min, max) = range.ends?;
            Some((id.column().to_owned(), TextRange { min, max, nulls: range.nulls }))
        });
        DataFile {
            path: written.path,
            event_day: day,
            rows: written.rows,
            bytes: written.bytes,
            sha256: written.sha256,
            min_event_time: self.times.map(|(min, _)| min),
            max_event_time: self.times.map(|(_, max)| max),
            text_ranges: ranges.collect(),
        }
    }
}

/// Puts rows into the order of a data file.
pub fn arrange(batches: &[RecordBatch]) -> Result<RecordBatch, ArrowError> {
    let schema = super::schema::events();
    let rows = compute::concat_batches(&schema, batches)?;
    let keys: Vec<SortColumn> = SORTED_BY
        .iter()
        .map(|id| SortColumn { values: Arc::clone(rows.column(*id as usize)), options: None })
        .collect();
    let order = compute::lexsort_to_indices(&keys, None)?;
    compute::take_record_batch(&rows, &order)
}
