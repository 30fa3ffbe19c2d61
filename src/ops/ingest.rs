//! Exports in, lake out.
//!
//! Files are read and decoded in parallel on rayon's threads, each into a bounded channel of its own (small ones share a
//! reader, a channel and batches: see [`Unit`]); one thread takes the channels in the order of the files and writes. So the lake is the same whatever the number of threads (of two
//! copies of an event the first in file order stays), and memory is bounded: a reader waits while its channel is full,
//! and only a few files are open at a time.
//!
//! Where the time goes (`benches/RESULTS.md`): unpacking and decoding take 56 % of the processor's, on all cores, and
//! sorting and encoding most of the rest; the writer thread only compares identities and hands rows to the encoders.

use super::OpsError;
use super::progress::Progress;
use crate::event::field::FieldId;
use crate::event::record::{Event, Value};
use crate::export::csv::CsvOptions;
use crate::export::inputs::{self, InputFile, STDIN};
use crate::export::pages::PageSeries;
use crate::export::{self, EventSink, Input, Outcome, Position, ReadLimits, ReadOptions, Rejected, Remarks, Stop};
use crate::faults;
use crate::lake::batch::EventBatchBuilder;
use crate::lake::manifest::Tally;
use crate::lake::tables::{RejectRow, SourceKey, SourceRow};
use crate::lake::write::{LakeWriter, WriteMode, WriterOptions};
use crate::lake::{Lake, LakeError, sha256_hex};
use arrow::array::{Array, AsArray};
use arrow::datatypes::Int64Type;
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, Read};
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// What to ingest, and with how much of the machine.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// Files, folders, globs, pipes, or `-` for standard input.
    pub inputs: Vec<PathBuf>,
    /// Folder of the lake; made where there is none.
    pub lake: PathBuf,
    /// Memory that may be used, about.
    pub memory_limit_bytes: usize,
    /// Threads that read and decode.
    pub threads: usize,
    /// When the run begins; names it.
    pub now: DateTime<Utc>,
    /// Purpose of the write.
    pub mode: WriteMode,
    /// Reads sources again that have rejects, although they have not changed.
    pub retry_rejects: bool,
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
    /// Files, and members of archives, that may hold events and gave none.
    pub suspicious: Named,
    /// Exports that say themselves that they lack events.
    pub incomplete: Named,
    /// Files and folders that could not be read.
    pub unreadable: Named,
    /// The first records that could not be read; all of them are in the table `rejects`.
    pub rejects: Vec<RejectLine>,
    /// Sum over all sources; read = stored + duplicate + rejected.
    pub totals: Tally,
    /// Values that could not be read, of events that were.
    pub unread: FieldCounts,
    /// The first events with a value that could not be read; the view `unread_values` lists all of them.
    pub unread_events: Vec<UnreadEvent>,
    /// Values that came in another spelling than ActionTrail's.
    pub normalised: FieldCounts,
    /// Events whose stored copy gave way to a more complete one.
    pub replaced: u64,
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
        let others =
            self.suspicious.first.iter().chain(&self.not_exports.first).chain(&self.unreadable.first).map(example);
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

/// In how many events a field was so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldCounts {
    /// By the path of the field, as events have it.
    pub fields: BTreeMap<String, u64>,
    /// Events with one of these fields at least.
    pub events: u64,
}

impl FieldCounts {
    /// Takes in the names of fields of one event, which commas separate.
    fn take(&mut self, names: &str) {
        self.events += 1;
        for name in names.split(',') {
            *self.fields.entry(name.to_owned()).or_default() += 1;
        }
    }
}

/// An event with values that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadEvent {
    /// File it stands in.
    pub path: String,
    /// Number of the record in the file, from 0.
    pub record: i64,
    /// The fields whose values could not be read, separated by commas.
    pub fields: String,
}

/// How many events with unread values an outcome names.
const NAMED_EVENTS: usize = 5;

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
    let result = run_pipeline(options, to_read, unchanged, writer, progress, &mut outcome);
    progress.end();
    outcome.version = result?;
    outcome.elapsed = began.elapsed();
    Ok(outcome)
}

/// Small files that follow each other are read as one unit, as long as they have no more bytes together than this. What a
/// reader needs anew for each unit (a channel, sixty column builders, a batch) took half of the time of files of ten events.
const UNIT_BYTES: u64 = 256 << 10;

/// Files of a unit, at most.
const UNIT_FILES: usize = 64;

/// One file to be read. There may be a million of them, so what follows from these is made when its turn comes.
struct ToRead {
    file: InputFile,
    /// Its id, where an earlier run has read it, unchanged.
    known_as: Option<String>,
}

/// One file that is being read.
struct Source {
    file: InputFile,
    key: SourceKey,
    source_id: String,
    again: bool,
}

impl Source {
    fn of(ToRead { file, known_as }: ToRead) -> Self {
        let (key, again) = (source_key(&file), known_as.is_some());
        Self { source_id: known_as.unwrap_or_else(|| key.source_id()), key, file, again }
    }
}

/// Files that one reader reads one after the other: a large one, or small ones. Which files are a unit depends on the files
/// alone, so that the lake does too.
struct Unit(Vec<Source>);

impl Unit {
    /// Takes the next unit off the files to be read.
    fn next(to_read: &mut Peekable<impl Iterator<Item = ToRead>>) -> Option<Self> {
        let first = to_read.next()?;
        let mut bytes = first.file.size_bytes;
        // A pipe has no size, and others shall not wait for it.
        let is_pipe = bytes == 0;
        let mut sources = vec![Source::of(first)];
        let fits = |size: u64, bytes: u64| size > 0 && bytes.saturating_add(size) <= UNIT_BYTES;
        while !is_pipe
            && sources.len() < UNIT_FILES
            && let Some(next) = to_read.next_if(|next| fits(next.file.size_bytes, bytes))
        {
            bytes += next.file.size_bytes;
            sources.push(Source::of(next));
        }
        Some(Self(sources))
    }
}

/// What a reader sends to the writer, in the order of the files. Files are named by their place in the unit.
enum Message {
    /// Events, and of how many rows in turn each file is the source.
    Batch(RecordBatch, Vec<(usize, usize)>),
    Rejects(Vec<(usize, RejectRow)>),
    /// Files of which everything has been sent.
    Done(Vec<(usize, io::Result<ReadSource>)>),
    /// The reader panicked at a file, and said so.
    Crashed(usize, String),
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
    mut not_read: Vec<PathBuf>,
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
    let read_options = &ReadOptions { fields: options.mode.fields(), limits, csv: options.csv.clone() };
    // A few files ahead of the writer, so that a core that has finished one finds the next.
    let ahead = threads * 2;
    // How many batches wait does not show in the lake, as their size would.
    let waiting_batches = (options.memory_limit_bytes / 4 / BATCH_BYTES / ahead).min(WAITING_BATCHES);
    let mut pages = PageSeries::default();
    pool.in_place_scope_fifo(|scope| -> Result<(), LakeError> {
        let mut waiting: VecDeque<(Arc<Unit>, Receiver<Message>)> = VecDeque::new();
        let mut to_start = to_read.into_iter().peekable();
        let stop = progress.stop_signal();
        loop {
            if stop.is_asked() {
                // Between files: what is taken in so far is whole and will be committed. Readers that run ahead notice
                // that nobody listens.
                let read_ahead = waiting.iter().flat_map(|(unit, _)| &unit.0).map(|source| source.file.path.clone());
                let left: Vec<PathBuf> = read_ahead.chain(to_start.map(|to_read| to_read.file.path)).collect();
                outcome.files_left = left.len() as u64;
                not_read.extend(left);
                return Ok(());
            }
            while waiting.len() < ahead
                && let Some(unit) = Unit::next(&mut to_start)
            {
                let (sender, receiver) = sync_channel(waiting_batches);
                let unit = Arc::new(unit);
                waiting.push_back((Arc::clone(&unit), receiver));
                scope.spawn_fifo(move |_| UnitReader::new(&unit, read_options, &sender).read());
            }
            let Some((unit, receiver)) = waiting.pop_front() else { return Ok(()) };
            take_unit(&unit, &receiver, Account { writer: &mut writer, pages: &mut pages, outcome }, progress)?;
        }
    })?;
    judge_pages(pages, &not_read, &mut writer, outcome);
    let (snapshot, replaced) = writer.finish()?;
    outcome.replaced = replaced;
    Ok(snapshot.version)
}

/// An export whose last page says that more follow.
struct OpenPage {
    source_id: String,
    path: String,
    /// Reason for which another page should follow.
    why: String,
    /// Other reasons for which it is incomplete.
    incomplete: Option<String>,
}

impl OpenPage {
    /// Another page follows, so that only the other reasons are left.
    fn close(self, writer: &mut LakeWriter, outcome: &mut IngestOutcome) {
        if let Some(reason) = self.incomplete.clone() {
            outcome.incomplete.push(Unreadable { path: self.path, reason });
        }
        writer.amend_incomplete(&self.source_id, self.incomplete);
    }
}

/// Says of which exports the next page is missing. Files that were not read in this run may hold it.
fn judge_pages(
    pages: PageSeries<OpenPage>,
    not_read: &[PathBuf],
    writer: &mut LakeWriter,
    outcome: &mut IngestOutcome,
) {
    if !pages.any_open() {
        return;
    }
    let others: Vec<String> = not_read.iter().map(|path| absolute(path)).collect();
    let mut judged = pages.judge(others.iter().map(String::as_str));
    for page in judged.continued {
        page.close(writer, outcome);
    }
    judged.open.sort_by(|a, b| a.path.cmp(&b.path));
    for page in judged.open {
        let reason = join_reasons([page.incomplete.as_deref(), Some(&page.why)]).unwrap_or_default();
        outcome.incomplete.push(Unreadable { path: page.path, reason });
    }
}

/// The reasons for which a source is incomplete, as one text.
fn join_reasons(reasons: [Option<&str>; 2]) -> Option<String> {
    reasons.into_iter().flatten().map(str::to_owned).reduce(|reason, other| format!("{reason}; {other}"))
}

/// The accounts of a run.
struct Account<'a> {
    writer: &'a mut LakeWriter,
    pages: &'a mut PageSeries<OpenPage>,
    outcome: &'a mut IngestOutcome,
}

fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    if path.as_os_str() == STDIN { Ok(Box::new(io::stdin())) } else { Ok(Box::new(File::open(path)?)) }
}

/// Takes in everything that a reader sends about a unit, and accounts for its files.
fn take_unit(
    unit: &Unit,
    messages: &Receiver<Message>,
    mut account: Account<'_>,
    progress: &dyn Progress,
) -> Result<(), LakeError> {
    let mut tallies = vec![Tally::default(); unit.0.len()];
    let (mut done, mut told) = (0, false);
    let stop = progress.stop_signal();
    while done < unit.0.len() {
        let message = messages.recv();
        if stop.is_asked() && !std::mem::replace(&mut told, true) {
            progress.stopping(&shown(&unit.0[done].file.path));
        }
        match message {
            Ok(Message::Batch(batch, parts)) => {
                progress.advance(0, 0, batch.num_rows() as u64);
                note_readings(&batch, &parts, unit, account.outcome);
                let is_new = account.writer.append(batch)?;
                let mut rows = is_new.iter();
                for (at, length) in parts {
                    let stored = rows.by_ref().take(length).filter(|is_new| **is_new).count() as u64;
                    let read = length as u64;
                    tallies[at].add(Tally { read, stored, duplicate: read - stored, rejected: 0 });
                }
            }
            Ok(Message::Rejects(rows)) => {
                for (at, row) in rows {
                    tallies[at].add(Tally { read: 1, rejected: 1, ..Tally::default() });
                    account.writer.reject(&row)?;
                    if account.outcome.rejects.len() < NAMED_REJECTS {
                        account.outcome.rejects.push(RejectLine {
                            path: row.path,
                            record: row.record,
                            offset: row.offset,
                            reason: row.reason,
                        });
                    }
                }
            }
            // Files are done in their order.
            Ok(Message::Done(sources)) => {
                for (at, read) in sources {
                    finish_source(&unit.0[at], tallies[at], read, &mut account, progress)?;
                    done = at + 1;
                }
            }
            // Some of its events may be among those that wait for the commit, and none can be told from the others.
            Ok(Message::Crashed(at, said)) => {
                let path = unit.0.get(at).map(|source| shown(&source.file.path)).unwrap_or_default();
                return Err(LakeError::Crashed { work: format!("`{path}` was being read"), said });
            }
            Err(_) => {
                let work = "files were being read".to_owned();
                return Err(LakeError::Crashed { work, said: "a reader has gone without a word".to_owned() });
            }
        }
    }
    Ok(())
}

/// Counts the values of a batch that could not be read, or were respelt; `parts` says which file its rows are of.
fn note_readings(batch: &RecordBatch, parts: &[(usize, usize)], unit: &Unit, outcome: &mut IngestOutcome) {
    let texts =
        |id: FieldId| batch.column(id as usize).as_string_view_opt().filter(|texts| texts.null_count() < texts.len());
    if let Some(normalised) = texts(FieldId::Normalised) {
        normalised.iter().flatten().for_each(|fields| outcome.normalised.take(fields));
    }
    let Some(unread) = texts(FieldId::Unread) else { return };
    let records = batch.column(FieldId::SourceRecord as usize).as_primitive_opt::<Int64Type>();
    let files = parts.iter().flat_map(|(at, rows)| std::iter::repeat_n(*at, *rows));
    for (row, (fields, at)) in unread.iter().zip(files).enumerate() {
        let Some(fields) = fields else { continue };
        outcome.unread.take(fields);
        if outcome.unread_events.len() < NAMED_EVENTS {
            let path = unit.0.get(at).map(|source| shown(&source.file.path)).unwrap_or_default();
            let record = records.map_or(0, |records| records.value(row));
            outcome.unread_events.push(UnreadEvent { path, record, fields: fields.to_owned() });
        }
    }
}

/// Accounts for a file that was read to its end, or not.
fn finish_source(
    source: &Source,
    tally: Tally,
    read: io::Result<ReadSource>,
    account: &mut Account<'_>,
    progress: &dyn Progress,
) -> Result<(), LakeError> {
    let outcome = &mut *account.outcome;
    let path = shown(&source.file.path);
    progress.advance(1, source.file.size_bytes, 0);
    let unreadable = |reason: String| Unreadable { path: path.clone(), reason };
    let (shape, sha256, remarks) = match read {
        Ok(ReadSource { outcome: Outcome::Read(shape, remarks), sha256, bytes }) => {
            outcome.bytes_read += bytes;
            for passed in &remarks.passed_over {
                let path = format!("{path}: {}", passed.member);
                outcome.not_exports.push(Unreadable { path, reason: passed.what.clone() });
            }
            (shape.to_string(), sha256, remarks)
        }
        Ok(ReadSource { outcome: Outcome::NotAnExport(what, remarks), sha256, bytes }) => {
            outcome.bytes_read += bytes;
            outcome.not_exports.push(unreadable(what.clone()));
            (format!("not an export: {what}"), sha256, remarks)
        }
        Err(source) if tally.read > 0 => {
            // Some of its events are among those that wait for the commit, and it cannot account for them.
            return Err(LakeError::Io { action: "read", path: PathBuf::from(path), source });
        }
        Err(error) => {
            // Not a row of `sources`: the next run shall try it again.
            outcome.unreadable.push(unreadable(error.to_string()));
            return Ok(());
        }
        Ok(ReadSource { outcome: Outcome::Stopped, .. }) => {
            let work = format!("`{path}` was being read");
            return Err(LakeError::Crashed { work, said: "its reader broke off".to_owned() });
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
        incomplete: join_reasons([remarks.incomplete.reason.as_deref(), remarks.incomplete.open.as_deref()]),
        suspicious: suspicion(&remarks),
    };
    let Remarks { suspicious, incomplete, .. } = remarks;
    for found in suspicious {
        let path = found.member.map_or_else(|| path.clone(), |member| format!("{path}: {member}"));
        outcome.suspicious.push(Unreadable { path, reason: found.why });
    }
    if let Some(reason) = incomplete.reason.as_ref().filter(|_| incomplete.open.is_none()) {
        outcome.incomplete.push(unreadable(reason.clone()));
    }
    account.writer.finish_source(&row, source.again)?;
    if incomplete.has_pages {
        let open = incomplete.open.map(|why| OpenPage {
            source_id: source.source_id.clone(),
            path,
            why,
            incomplete: incomplete.reason,
        });
        if let Some(page) = account.pages.take(&source.key.path, open) {
            page.close(account.writer, account.outcome);
        }
    }
    Ok(())
}

/// Members of an archive that the table `sources` names as suspicious, at most.
const SUSPICIOUS_MEMBERS: usize = 3;

/// Words of the table `sources` on a source that may hold events and gave none, or on its members.
fn suspicion(remarks: &Remarks) -> Option<String> {
    let mut texts: Vec<String> = remarks
        .suspicious
        .iter()
        .take(SUSPICIOUS_MEMBERS)
        .map(|found| match &found.member {
            Some(member) => format!("`{member}`: {}", found.why),
            None => found.why.clone(),
        })
        .collect();
    let more = remarks.suspicious.len().saturating_sub(SUSPICIOUS_MEMBERS);
    if more > 0 {
        texts.push(format!("{more} more members"));
    }
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// Reads the files of a unit one after the other, and gathers their events into batches for the writer.
struct UnitReader<'u> {
    unit: &'u Unit,
    options: &'u ReadOptions,
    sender: &'u SyncSender<Message>,
    /// The file at hand.
    at: usize,
    builder: EventBatchBuilder,
    /// Of how many rows in turn each file is the source.
    parts: Vec<(usize, usize)>,
    rejects: Vec<(usize, RejectRow)>,
    /// Files that were read, some of whose rows have not been sent.
    done: Vec<(usize, io::Result<ReadSource>)>,
}

impl<'u> UnitReader<'u> {
    fn new(unit: &'u Unit, options: &'u ReadOptions, sender: &'u SyncSender<Message>) -> Self {
        let (parts, rejects, done) = (Vec::new(), Vec::new(), Vec::new());
        Self { unit, options, sender, at: 0, builder: EventBatchBuilder::default(), parts, rejects, done }
    }

    /// Reads all files; runs on a decoding thread. When the writer has gone, sending fails and reading stops; only where
    /// the writer failed does nobody listen any more, and then its error is what counts.
    fn read(mut self) {
        if let Err(said) = faults::catch(|| self.read_all()) {
            // Nobody may listen, see above.
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
        // Nobody may listen, see above.
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
        // Where the rest cannot be read, the reader has told of the damage already.
        let (sha256, bytes) = input.finish().unwrap_or_default();
        Ok(ReadSource { outcome, sha256, bytes })
    }

    fn flush(&mut self) -> Result<(), Stop> {
        if self.builder.rows() > 0 {
            // The builder makes every column of the schema, so its rows always fit.
            let batch = self.builder.finish().map_err(|_| Stop)?;
            let parts = std::mem::take(&mut self.parts);
            self.send(Message::Batch(batch, parts))?;
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
        match self.parts.last_mut() {
            Some((at, rows)) if *at == self.at => *rows += 1,
            _ => self.parts.push((self.at, 1)),
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
    let path = if file.path.as_os_str() == STDIN { STDIN.to_owned() } else { absolute(&file.path) };
    SourceKey { path, size_bytes: file.size_bytes, modified_ns: file.modified_ns }
}

fn absolute(path: &Path) -> String {
    shown(&std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()))
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

#[cfg(test)]
#[path = "ingest_tests.rs"]
mod tests;
