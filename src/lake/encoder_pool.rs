//! Threads that sort and encode data files while the writer takes in more events.
//!
//! A job is handed over only when a thread is free, so that the writer counts the memory of all rows that wait. Files
//! come back in the order of their jobs, whatever the order in which the threads finish them.

use super::error::LakeError;
use super::events_file::EventsWriter;
use super::layout::EventDay;
use super::manifest::{DataFile, SideTableId};
use super::side_table::{SideRows, SideTable};
use super::sort::sort_rows;
use super::storage::Storage;
use super::write::WriteMode;
use crate::faults;
use arrow::array::RecordBatch;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// One file to be written.
pub struct Job {
    pub day: EventDay,
    pub batches: Vec<RecordBatch>,
    /// Side tables whose rows are to be selected.
    pub side_tables: Vec<&'static dyn SideTable>,
}

/// A file that was written.
pub struct Encoded {
    pub file: DataFile,
    /// Rows of each side table that the job asked for.
    pub side_rows: Vec<(SideTableId, SideRows)>,
}

type NumberedJob = (u64, Job);
type NumberedResult = (u64, Result<Encoded, LakeError>);

/// A pool of threads that write data files.
pub struct EncoderPool {
    jobs: Option<SyncSender<NumberedJob>>,
    results: Receiver<NumberedResult>,
    submitted: u64,
    taken: u64,
    /// Results that came before their turn.
    early: BTreeMap<u64, Result<Encoded, LakeError>>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl EncoderPool {
    /// Starts `threads` threads that write files of a lake.
    pub fn start(storage: &Storage, threads: usize, mode: WriteMode) -> Self {
        // The channel holds no job: what cannot be encoded at once stays with the writer, which counts its memory.
        let (jobs, queue) = sync_channel::<NumberedJob>(0);
        let (done, results) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let threads = (0..threads.max(1))
            .map(|_| {
                let (queue, done, storage) = (Arc::clone(&queue), done.clone(), storage.clone());
                thread::spawn(move || work(&queue, &done, &storage, mode))
            })
            .collect();
        Self { jobs: Some(jobs), results, submitted: 0, taken: 0, early: BTreeMap::new(), threads }
    }

    /// Submits a file to write, and waits while every thread is busy.
    pub fn submit(&mut self, job: Job) -> Result<(), LakeError> {
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send((self.submitted, job)).is_ok());
        if !sent {
            return Err(no_thread());
        }
        self.submitted += 1;
        Ok(())
    }

    /// Takes the next file in the order of submission, if it is written.
    pub fn try_next(&mut self) -> Option<Result<Encoded, LakeError>> {
        while let Ok((number, result)) = self.results.try_recv() {
            self.early.insert(number, result);
        }
        self.take_next()
    }

    /// Waits for the next file in the order of submission; `None` after the last.
    pub fn wait_next(&mut self) -> Option<Result<Encoded, LakeError>> {
        while self.taken < self.submitted {
            if let Some(next) = self.take_next() {
                return Some(next);
            }
            match self.results.recv() {
                Ok((number, result)) => drop(self.early.insert(number, result)),
                Err(_) => return Some(Err(no_thread())),
            }
        }
        None
    }

    fn take_next(&mut self) -> Option<Result<Encoded, LakeError>> {
        let next = self.early.remove(&self.taken)?;
        self.taken += 1;
        Some(next)
    }
}

impl Drop for EncoderPool {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // A panic has come back as a result, so that no thread ends by one.
            drop(thread.join());
        }
    }
}

fn work(queue: &Mutex<Receiver<NumberedJob>>, done: &Sender<NumberedResult>, storage: &Storage, mode: WriteMode) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, job)) = next else { return };
        let encoded = faults::catch(|| encode(storage, job, mode)).unwrap_or_else(|said| {
            let work = "a data file was being written".to_owned();
            Err(LakeError::Crashed { work, said })
        });
        if done.send((number, encoded)).is_err() {
            return;
        }
    }
}

/// Builds the error of a pool without a thread.
fn no_thread() -> LakeError {
    LakeError::Crashed { work: "data files were being written".to_owned(), said: "its threads have ended".to_owned() }
}

fn encode(storage: &Storage, job: Job, mode: WriteMode) -> Result<Encoded, LakeError> {
    faults::point("encode", &storage.location(""));
    let rows = sort_rows(&job.batches)?;
    drop(job.batches);
    let side_rows = job.side_tables.iter().map(|table| Ok((table.id(), SideRows::of(*table, &rows)?)));
    let side_rows = side_rows.collect::<Result<_, LakeError>>()?;
    let mut writer = EventsWriter::begin(storage, job.day, rows.num_rows(), mode)?;
    writer.append(&rows)?;
    Ok(Encoded { file: writer.finish()?, side_rows })
}
