//! Reads the files of a unit, and sends their events and rejects to the writer.

use super::unit::Unit;
use crate::event::field::FieldId;
use crate::event::record::{Event, Value};
use crate::export::inputs::STDIN;
use crate::export::{self, EventSink, Input, Outcome, Position, ReadOptions, Rejected, Stop};
use crate::faults;
use crate::lake::batch::EventBatchBuilder;
use crate::lake::tables::RejectRow;
use arrow::record_batch::RecordBatch;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::SyncSender;

/// Maximum number of rows of a batch on its way to the writer.
const BATCH_ROWS: usize = 8 << 10;

/// Size from which on a batch goes to the writer.
pub const BATCH_BYTES: usize = 8 << 20;

/// Number of rejects that go to the writer together.
const WAITING_REJECTS: usize = 256;

/// Bytes of a rejected record that are kept.
const REJECT_BYTES: usize = 1 << 20;

/// A message of a reader to the writer, in the order of the files. Files are named by their place in the unit.
pub enum Message {
    /// Events, and the files that their rows come from.
    Batch(RecordBatch, Vec<SourceRun>),
    /// Records that could not be read.
    Rejects(Vec<(usize, RejectRow)>),
    /// Files whose events and rejects have all been sent.
    Done(Vec<(usize, io::Result<ReadSource>)>),
    /// The file at which the reader panicked, and the message of the panic.
    Crashed(usize, String),
}

/// The outcome of reading a file to its end.
pub struct ReadSource {
    pub outcome: Outcome,
    pub sha256: String,
    pub bytes: u64,
}

/// Consecutive rows of a batch that come from one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceRun {
    /// Place of the file in the unit.
    pub source: usize,
    /// Number of rows.
    pub rows: usize,
}

/// Reads the files of a unit one after the other, and builds batches of their events for the writer.
pub struct UnitReader<'u> {
    unit: &'u Unit,
    options: &'u ReadOptions,
    sender: &'u SyncSender<Message>,
    /// Place of the file that is being read.
    at: usize,
    builder: EventBatchBuilder,
    /// The files that the rows of the builder come from.
    runs: Vec<SourceRun>,
    rejects: Vec<(usize, RejectRow)>,
    /// Files that were read, but whose rows have not all been sent.
    done: Vec<(usize, io::Result<ReadSource>)>,
}

impl<'u> UnitReader<'u> {
    /// Reads a unit into a channel.
    pub fn new(unit: &'u Unit, options: &'u ReadOptions, sender: &'u SyncSender<Message>) -> Self {
        let (runs, rejects, done) = (Vec::new(), Vec::new(), Vec::new());
        Self { unit, options, sender, at: 0, builder: EventBatchBuilder::default(), runs, rejects, done }
    }

    /// Reads all files, on a decoding thread.
    ///
    /// Sending fails when the writer has gone, and reading then stops. The writer goes early only if it failed, and its
    /// error is then the one that counts.
    pub fn read(mut self) {
        if let Err(said) = faults::catch(|| self.read_all()) {
            // The writer may have gone, see above.
            let _ = self.send(Message::Crashed(self.at, said));
        }
    }

    fn read_all(&mut self) {
        for at in 0..self.unit.0.len() {
            self.at = at;
            let read = self.read_source();
            let is_stopped = matches!(read, Ok(ReadSource { outcome: Outcome::Stopped, .. }));
            self.done.push((at, read));
            if is_stopped {
                break;
            }
        }
        // The writer may have gone, see above.
        let _ = self.flush();
    }

    fn read_source(&mut self) -> io::Result<ReadSource> {
        let unit = self.unit;
        let source = &unit.0[self.at];
        faults::point("read", &source.file.path);
        let mut input = HashingReader { inner: open(&source.file.path)?, hasher: Sha256::new(), bytes: 0 };
        let path = (!source.file.is_stream).then_some(source.file.path.as_path());
        let input_of = Input { stream: Box::new(&mut input), path, name: &source.key.path };
        let outcome = export::read(input_of, self.options, self)?;
        // The reader has reported the damage already if the rest cannot be read.
        let (sha256, bytes) = input.finish().unwrap_or_default();
        Ok(ReadSource { outcome, sha256, bytes })
    }

    fn flush(&mut self) -> Result<(), Stop> {
        if self.builder.rows() > 0 {
            // The builder makes every column of the schema, so its rows always fit.
            let batch = self.builder.finish().map_err(|_| Stop)?;
            let runs = std::mem::take(&mut self.runs);
            self.send(Message::Batch(batch, runs))?;
        }
        if !self.rejects.is_empty() {
            let rejects = std::mem::take(&mut self.rejects);
            self.send(Message::Rejects(rejects))?;
        }
        if !self.done.is_empty() {
            let done = std::mem::take(&mut self.done);
            self.send(Message::Done(done))?;
        }
        Ok(())
    }

    fn send(&self, message: Message) -> Result<(), Stop> {
        self.sender.send(message).map_err(|_| Stop)
    }
}

impl EventSink for UnitReader<'_> {
    fn event(&mut self, event: Event<'_>, position: Position) -> Result<(), Stop> {
        let mut event = event;
        event.set_text(FieldId::SourceId, self.unit.0[self.at].source_id.as_str());
        event.set(FieldId::SourceRecord, Value::Int(position.record));
        event.set(FieldId::SourceOffset, Value::Int(position.offset));
        faults::point("event", &self.unit.0[self.at].file.path);
        self.builder.append(&event, self.options.fields);
        match self.runs.last_mut() {
            Some(run) if run.source == self.at => run.rows += 1,
            _ => self.runs.push(SourceRun { source: self.at, rows: 1 }),
        }
        if self.builder.rows() >= BATCH_ROWS || self.builder.bytes() >= BATCH_BYTES { self.flush() } else { Ok(()) }
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<(), Stop> {
        let source = &self.unit.0[self.at];
        let row = RejectRow {
            source_id: source.source_id.clone(),
            path: source.key.path.clone(),
            record: rejected.position.record,
            offset: rejected.position.offset,
            reason: match rejected.member {
                Some(member) => format!("in the member `{member}`: {}", rejected.reason),
                None => rejected.reason,
            },
            length: rejected.length,
            bytes: rejected.bytes[..rejected.bytes.len().min(REJECT_BYTES)].to_vec(),
        };
        self.rejects.push((self.at, row));
        let waiting: usize = self.rejects.iter().map(|(_, row)| row.bytes.len()).sum();
        if self.rejects.len() >= WAITING_REJECTS || waiting >= REJECT_BYTES { self.flush() } else { Ok(()) }
    }
}

/// Hashes and counts the bytes that are read.
struct HashingReader<R> {
    inner: R,
    hasher: Sha256,
    bytes: u64,
}

impl<R: Read> HashingReader<R> {
    /// Reads the bytes that a decoder left unread, and returns the SHA-256 and the size of the file.
    fn finish(mut self) -> io::Result<(String, u64)> {
        io::copy(&mut self, &mut io::sink())?;
        Ok((self.hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), self.bytes))
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.hasher.update(&buf[..n]);
        self.bytes += n as u64;
        Ok(n)
    }
}

fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    if path.as_os_str() == STDIN { Ok(Box::new(io::stdin())) } else { Ok(Box::new(File::open(path)?)) }
}
