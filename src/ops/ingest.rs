//! Exports in, lake out.
//!
//! Files are read and decoded in parallel on rayon's threads, each into a bounded channel of its own; one thread takes
//! the channels in the order of the files and writes. So the lake is the same whatever the number of threads (of two
//! copies of an event the first in file order stays), and memory is bounded: a reader waits while its channel is full,
//! and only a few files are open at a time.
//!
//! Where the time goes (`benches/RESULTS.md`): unpacking and decoding take 56 % of the processor's, on all cores, and
//! sorting and encoding most of the rest; the writer thread only compares identities and hands rows to the encoders.

use super::OpsError;
use super::progress::Progress;
use crate::event::field::{FieldId, FieldSet};
use crate::event::record::{Event, Value};
use crate::export::csv::CsvOptions;
use crate::export::inputs::{self, InputFile, STDIN};
use crate::export::{self, EventSink, Input, Outcome, Position, ReadLimits, ReadOptions, Rejected, Stop};
use crate::lake::batch::EventBatchBuilder;
use crate::lake::manifest::Tally;
use crate::lake::tables::{RejectRow, SourceKey, SourceRow};
use crate::lake::writer::{self, LakeWriter, WriterOptions};
use crate::lake::{Lake, LakeError, sha256_hex};
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// What to ingest, and with how much of the machine.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// Files, folders, globs, or `-` for standard input.
    pub inputs: Vec<PathBuf>,
    /// Folder of the lake; made where there is none.
    pub lake: PathBuf,
    /// Memory that may be used, about.
    pub memory_limit_bytes: usize,
    /// Threads that read and decode.
    pub threads: usize,
    /// When the run begins; names it.
    pub now: DateTime<Utc>,
    /// For a lake that is removed once questions are answered: the fields that they need. Others may be left out, and
    /// nothing is made to last. `None` for a lake that stays.
    pub scratch: Option<FieldSet>,
    /// Reads sources again that have rejects, although they have not changed.
    pub retry_rejects: bool,
    /// Reads and counts, and writes nothing.
    pub dry_run: bool,
    /// What the user says about CSV.
    pub csv: CsvOptions,
}

/// What a run did.
#[derive(Debug, Clone, Default)]
pub struct IngestOutcome {
    /// Name of the run, as in the table `runs`.
    pub run_id: String,
    /// Version of the lake after it.
    pub version: u64,
    /// Files that an earlier run read and that have not changed; they were not opened.
    pub files_unchanged: u64,
    /// Files that were read again since some of their records could not be read.
    pub files_retried: u64,
    /// Files that were not read any more, since somebody asked to stop; the next run goes on with them.
    pub files_left: u64,
    /// Files that were read, and what was found in them, by what they turned out to be.
    pub shapes: BTreeMap<String, ShapeTally>,
    /// Files that hold something other than an export.
    pub not_exports: Named,
    /// Files and folders that could not be read.
    pub unreadable: Named,
    /// The first records that could not be read; all of them are in the table `rejects`.
    pub rejects: Vec<RejectLine>,
    /// Sum over all sources; read = stored + duplicate + rejected.
    pub totals: Tally,
    /// Bytes read from disk.
    pub bytes_read: u64,
    /// How long it took.
    pub elapsed: Duration,
}

impl IngestOutcome {
    /// How many files were read.
    pub fn files_read(&self) -> u64 {
        self.shapes.values().map(|shape| shape.files).sum()
    }

    /// True where neither this run nor an earlier one found an event in the inputs.
    pub fn found_no_events(&self) -> bool {
        self.totals.stored + self.totals.duplicate + self.files_unchanged == 0
    }

    /// The error that says so.
    pub fn no_events(&self) -> OpsError {
        let example = |item: &Unreadable| (item.path.clone(), item.reason.clone());
        let rejects = self.rejects.iter().map(|reject| (reject.path.clone(), reject.reason.clone()));
        let others = self.not_exports.first.iter().chain(&self.unreadable.first).map(example);
        OpsError::NoEvents { files: self.files_read(), examples: rejects.chain(others).take(3).collect() }
    }
}

/// The files of one shape; each of them is a row of the table `sources`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ShapeTally {
    /// How many there are.
    pub files: u64,
    /// What was found in them.
    pub tally: Tally,
}

/// Files, of which only the first are named: a run may meet a million.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// How many there are.
    pub files: u64,
    /// The first of them.
    pub first: Vec<Unreadable>,
}

impl Named {
    fn push(&mut self, file: Unreadable) {
        self.files += 1;
        if self.first.len() < NAMED_FILES {
            self.first.push(file);
        }
    }
}

/// A file that gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Its path.
    pub path: String,
    /// Why, or what it is.
    pub reason: String,
}

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectLine {
    /// File it stands in.
    pub path: String,
    /// Number of the record in the file, from 0.
    pub record: i64,
    /// Where it begins in the unpacked file, in bytes.
    pub offset: i64,
    /// Why it could not be read.
    pub reason: String,
}

/// How many rejects an outcome names.
const NAMED_REJECTS: usize = 20;

/// How many files of a kind an outcome names, and how many shapes.
const NAMED_FILES: usize = 1000;

/// Stands for the shapes beyond those that an outcome names.
const OTHER_SHAPES: &str = "other shapes";

/// Rows and bytes of a batch on its way to the writer.
const BATCH_ROWS: usize = 8 << 10;
const BATCH_BYTES: usize = 8 << 20;

/// Batches that wait in the channel of one file, at most.
const WAITING_BATCHES: usize = 2;

/// Most bytes of a rejected record that are kept.
const REJECT_BYTES: usize = 1 << 20;

/// Reads exports into a lake.
///
/// A file that cannot be opened, or a record that cannot be read, is part of the outcome and not an error; errors are
/// those of the lake, and inputs among which there is no file at all.
pub fn ingest(options: &IngestOptions, progress: &dyn Progress) -> Result<IngestOutcome, OpsError> {
    let began = Instant::now();
    let found = inputs::find(&options.inputs);
    if found.files.is_empty() {
        return Err(OpsError::NothingToRead(found.unreadable.into_iter().map(|u| (u.path, u.reason)).collect()));
    }
    let run_id = run_id(options);
    let mut outcome = IngestOutcome { run_id: run_id.clone(), ..IngestOutcome::default() };
    for item in found.unreadable {
        outcome.unreadable.push(Unreadable { path: shown(&item.path), reason: item.reason });
    }
    let writer_options = WriterOptions {
        memory_bytes: options.memory_limit_bytes / 2,
        encoders: options.threads.clamp(1, 4),
        lasting: options.scratch.is_none(),
        run_id,
        started_at: options.now,
    };
    let writer = if options.dry_run {
        Lake::rehearsal(&options.lake, writer_options)?
    } else {
        Lake::open_or_create(&options.lake)?.writer(writer_options, || progress.waiting())?
    };
    let mut to_read = Vec::new();
    for file in found.files {
        let key = source_key(&file);
        let is_file = file.path.as_os_str() != STDIN;
        let again = is_file && options.retry_rejects && writer.knows_rejects_of(&key);
        if is_file && !again && writer.knows(&key) {
            outcome.files_unchanged += 1;
        } else {
            outcome.files_retried += u64::from(again);
            to_read.push(ToRead { file, again });
        }
    }
    progress.begin(to_read.len() as u64, to_read.iter().map(|file| file.file.size_bytes).sum());
    let result = run_pipeline(options, to_read, writer, progress, &mut outcome);
    progress.end();
    outcome.version = result?;
    outcome.elapsed = began.elapsed();
    Ok(outcome)
}

/// One file to be read. There may be a million of them, so what follows from these is made when its turn comes.
struct ToRead {
    file: InputFile,
    /// An earlier run has read it, unchanged.
    again: bool,
}

/// One file that is being read.
struct Source {
    file: InputFile,
    key: SourceKey,
    source_id: String,
    again: bool,
}

impl Source {
    fn of(ToRead { file, again }: ToRead) -> Self {
        let key = source_key(&file);
        Self { source_id: key.source_id(), key, file, again }
    }
}

/// What a reader sends to the writer, in the order of the file; `Done` comes last.
enum Message {
    Batch(RecordBatch),
    Rejects(Vec<RejectRow>),
    Done(io::Result<ReadSource>),
}

/// What came of reading a file to its end.
struct ReadSource {
    outcome: Outcome,
    sha256: String,
    bytes: u64,
}

fn run_pipeline(
    options: &IngestOptions,
    to_read: Vec<ToRead>,
    mut writer: LakeWriter,
    progress: &dyn Progress,
    outcome: &mut IngestOutcome,
) -> Result<u64, OpsError> {
    let threads = options.threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|n| format!("decode-{n}"))
        .build()
        .map_err(|error| OpsError::Threads(error.to_string()))?;
    let record_bytes = (options.memory_limit_bytes / 8 / threads).max(1 << 20);
    let block_bytes = (options.memory_limit_bytes / 2 / threads).max(16 << 20);
    // An event is held by its reader (as it lies, and taken out of texts), in the batch that it makes longer, in those
    // that wait, and by an encoder as rows, as a page and packed; what its columns cannot give back it has twice.
    let event_bytes = (options.memory_limit_bytes / 32 / (threads + 1)).max(1 << 20);
    let limits = ReadLimits { record_bytes, event_bytes, block_bytes, ..ReadLimits::default() };
    let fields = options.scratch.map_or(FieldSet::ALL, |fields| fields.union(writer::needed_fields()));
    let read_options = &ReadOptions { fields, limits, csv: options.csv.clone() };
    // A few files ahead of the writer, so that a core that has finished one finds the next.
    let ahead = threads * 2;
    // How many batches wait does not show in the lake, as their size would.
    let waiting_batches = (options.memory_limit_bytes / 4 / BATCH_BYTES / ahead).min(WAITING_BATCHES);
    pool.in_place_scope_fifo(|scope| -> Result<(), LakeError> {
        let mut waiting: VecDeque<(Arc<Source>, Receiver<Message>)> = VecDeque::new();
        let mut to_start = to_read.into_iter();
        let stop = progress.stop_signal();
        loop {
            if stop.is_asked() {
                // Between files: what is taken in so far is whole and will be committed. Readers that run ahead notice
                // that nobody listens.
                outcome.files_left = (waiting.len() + to_start.len()) as u64;
                return Ok(());
            }
            while waiting.len() < ahead
                && let Some(next) = to_start.next()
            {
                let (sender, receiver) = sync_channel(waiting_batches);
                let source = Arc::new(Source::of(next));
                waiting.push_back((Arc::clone(&source), receiver));
                scope.spawn_fifo(move |_| read_source(&source, read_options, &sender));
            }
            let Some((source, receiver)) = waiting.pop_front() else { return Ok(()) };
            take_source(&source, &receiver, &mut writer, progress, outcome)?;
        }
    })?;
    Ok(writer.finish()?.version)
}

/// Reads one file; runs on a decoding thread. When the writer has gone, sending fails and reading stops.
fn read_source(source: &Source, options: &ReadOptions, sender: &SyncSender<Message>) {
    let read = open(&source.file.path).and_then(|file| {
        let mut input = HashingReader { inner: file, hasher: Sha256::new(), bytes: 0 };
        let (builder, rejects) = (EventBatchBuilder::default(), Vec::new());
        let mut sink = BatchSink { source, sender, fields: options.fields, builder, rejects };
        let path = (source.file.path.as_os_str() != STDIN).then_some(source.file.path.as_path());
        let outcome = export::read(Input { stream: Box::new(&mut input), path }, options, &mut sink)?;
        if sink.flush().is_err() {
            return Ok(ReadSource { outcome: Outcome::Stopped, sha256: String::new(), bytes: 0 });
        }
        // Where the rest cannot be read, the reader has told of the damage already.
        let (sha256, bytes) = input.finish().unwrap_or_default();
        Ok(ReadSource { outcome, sha256, bytes })
    });
    // Nobody listens any more only where the writer failed, and then its error is what counts.
    let _ = sender.send(Message::Done(read));
}

fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    if path.as_os_str() == STDIN { Ok(Box::new(io::stdin())) } else { Ok(Box::new(File::open(path)?)) }
}

/// Takes in everything that a reader sends about one file, and accounts for it.
fn take_source(
    source: &Source,
    messages: &Receiver<Message>,
    writer: &mut LakeWriter,
    progress: &dyn Progress,
    outcome: &mut IngestOutcome,
) -> Result<(), LakeError> {
    let mut tally = Tally::default();
    let (mut read, mut told) = (None, false);
    let (path, stop) = (shown(&source.file.path), progress.stop_signal());
    while let Ok(message) = messages.recv() {
        if stop.is_asked() && !std::mem::replace(&mut told, true) {
            progress.stopping(&path);
        }
        match message {
            Message::Batch(batch) => {
                let rows = batch.num_rows() as u64;
                let appended = writer.append(batch)?;
                tally.read += rows;
                tally.stored += appended.stored;
                tally.duplicate += appended.duplicate;
                progress.advance(0, 0, rows);
            }
            Message::Rejects(rows) => {
                for row in rows {
                    tally.read += 1;
                    tally.rejected += 1;
                    writer.reject(&row)?;
                    if outcome.rejects.len() < NAMED_REJECTS {
                        outcome.rejects.push(RejectLine {
                            path: row.path,
                            record: row.record,
                            offset: row.offset,
                            reason: row.reason,
                        });
                    }
                }
            }
            Message::Done(done) => {
                read = Some(done);
                break;
            }
        }
    }
    progress.advance(1, source.file.size_bytes, 0);
    let unreadable = |reason: String| Unreadable { path: path.clone(), reason };
    let (shape, sha256) = match read {
        Some(Ok(ReadSource { outcome: Outcome::Read(shape, passed_over), sha256, bytes })) => {
            outcome.bytes_read += bytes;
            for passed in passed_over {
                let path = format!("{path}: {}", passed.member);
                outcome.not_exports.push(Unreadable { path, reason: passed.what });
            }
            (shape.to_string(), sha256)
        }
        Some(Ok(ReadSource { outcome: Outcome::NotAnExport(what), sha256, bytes })) => {
            outcome.bytes_read += bytes;
            outcome.not_exports.push(unreadable(what.clone()));
            (format!("not an export: {what}"), sha256)
        }
        Some(Err(source)) if tally.read > 0 => {
            // Some of its events are among those that wait for the commit, and it cannot account for them.
            return Err(LakeError::Io { action: "read", path: PathBuf::from(path), source });
        }
        Some(Err(error)) => {
            // Not a row of `sources`: the next run shall try it again.
            outcome.unreadable.push(unreadable(error.to_string()));
            return Ok(());
        }
        Some(Ok(ReadSource { outcome: Outcome::Stopped, .. })) | None => {
            outcome.unreadable.push(unreadable("reading was broken off".to_owned()));
            return Ok(());
        }
    };
    outcome.totals.add(tally);
    let is_named = outcome.shapes.len() < NAMED_FILES || outcome.shapes.contains_key(&shape);
    let of_shape = outcome.shapes.entry(if is_named { shape.clone() } else { OTHER_SHAPES.to_owned() }).or_default();
    of_shape.files += 1;
    of_shape.tally.add(tally);
    let row = SourceRow {
        source_id: source.source_id.clone(),
        key: source.key.clone(),
        sha256,
        shape,
        tally,
        run_id: outcome.run_id.clone(),
    };
    writer.finish_source(&row, source.again)
}

/// Gathers the events of one file into batches for the writer.
struct BatchSink<'s> {
    source: &'s Source,
    sender: &'s SyncSender<Message>,
    fields: FieldSet,
    builder: EventBatchBuilder,
    rejects: Vec<RejectRow>,
}

impl BatchSink<'_> {
    fn flush(&mut self) -> Result<(), Stop> {
        if self.builder.rows() > 0 {
            // The builder makes every column of the schema, so its rows always fit.
            let batch = self.builder.finish().map_err(|_| Stop)?;
            self.send(Message::Batch(batch))?;
        }
        if !self.rejects.is_empty() {
            let rejects = std::mem::take(&mut self.rejects);
            self.send(Message::Rejects(rejects))?;
        }
        Ok(())
    }

    fn send(&self, message: Message) -> Result<(), Stop> {
        self.sender.send(message).map_err(|_| Stop)
    }
}

impl EventSink for BatchSink<'_> {
    fn event(&mut self, event: Event<'_>, position: Position) -> Result<(), Stop> {
        let mut event = event;
        event.set_text(FieldId::SourceId, self.source.source_id.as_str());
        event.set(FieldId::SourceRecord, Value::Int(position.record));
        event.set(FieldId::SourceOffset, Value::Int(position.offset));
        self.builder.append(&event, self.fields);
        if self.builder.rows() >= BATCH_ROWS || self.builder.bytes() >= BATCH_BYTES { self.flush() } else { Ok(()) }
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<(), Stop> {
        self.rejects.push(RejectRow {
            source_id: self.source.source_id.clone(),
            path: self.source.key.path.clone(),
            record: rejected.position.record,
            offset: rejected.position.offset,
            reason: match rejected.member {
                Some(member) => format!("in the member `{member}`: {}", rejected.reason),
                None => rejected.reason,
            },
            length: rejected.length,
            bytes: rejected.bytes[..rejected.bytes.len().min(REJECT_BYTES)].to_vec(),
        });
        let waiting: usize = self.rejects.iter().map(|row| row.bytes.len()).sum();
        if self.rejects.len() >= 256 || waiting >= REJECT_BYTES { self.flush() } else { Ok(()) }
    }
}

/// Hashes and counts what is read.
struct HashingReader<R> {
    inner: R,
    hasher: Sha256,
    bytes: u64,
}

impl<R: Read> HashingReader<R> {
    /// Reads what a decoder left unread, and returns the SHA-256 and the size of the whole file.
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

fn source_key(file: &InputFile) -> SourceKey {
    let absolute = std::path::absolute(&file.path).unwrap_or_else(|_| file.path.clone());
    let path = if file.path.as_os_str() == STDIN { STDIN.to_owned() } else { shown(&absolute) };
    SourceKey { path, size_bytes: file.size_bytes, modified_ns: file.modified_ns }
}

/// A path as text. Bytes that are not UTF-8 are shown as `\x..`, so that two paths stay two.
fn shown(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
        text
    })
}

/// Names a run by its start and its inputs.
fn run_id(options: &IngestOptions) -> String {
    let inputs: Vec<String> = options.inputs.iter().map(|path| shown(path)).collect();
    let digest = sha256_hex(inputs.join("\0").as_bytes());
    format!("{}-{}", options.now.format("%Y%m%dT%H%M%S%.3fZ"), &digest[..6])
}
