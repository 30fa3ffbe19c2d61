//! Sorts and encodes data files on threads of their own, while the writer takes in more events.

use super::error::LakeError;
use super::layout::{self, EventDay};
use super::manifest;
use super::manifest::{DataFile, TextRange};
use super::parquet_file::{self, FileWriter, SORTED_BY, side_of_root};
use super::root_account::RootRows;
use super::schema;
use super::write::WriteMode;
use crate::event::field::FieldId;
use crate::event::ids::ROOT;
use crate::faults;
use arrow::array::{
    Array, ArrayRef, AsArray, Int8Array, RecordBatch, StringViewArray, TimestampMicrosecondArray, new_null_array,
};
use arrow::compute;
use arrow::datatypes::TimestampMicrosecondType;
use arrow::error::ArrowError;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Text columns whose range is kept in the manifest, so that a scope passes over files without opening them.
pub const RANGED: [FieldId; 4] =
    [FieldId::AccountId, FieldId::AcsRegion, FieldId::UserIdentityType, FieldId::UserIdentityAccessKeyId];

/// One file to be written.
pub struct Job {
    pub day: EventDay,
    pub batches: Vec<RecordBatch>,
    /// Asks for the rows of root among them.
    pub wants_root: bool,
}

/// A file that was written.
pub struct Encoded {
    pub file: DataFile,
    pub of_root: RootRows,
}

type Numbered = (u64, Job);
type Answer = (u64, Result<Encoded, LakeError>);

/// Threads that write data files.
pub struct Encoders {
    jobs: Option<SyncSender<Numbered>>,
    answers: Receiver<Answer>,
    submitted: u64,
    taken: u64,
    /// What came before its turn.
    waiting: BTreeMap<u64, Result<Encoded, LakeError>>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Encoders {
    /// Starts `threads` threads that write files below `root`, in `mode`.
    pub fn start(root: &Path, threads: usize, mode: WriteMode) -> Self {
        // No job waits: what cannot be encoded at once stays with the writer, which counts its memory.
        let (jobs, queue) = sync_channel::<Numbered>(0);
        let (done, answers) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let threads = (0..threads.max(1))
            .map(|_| {
                let (queue, done, root) = (Arc::clone(&queue), done.clone(), root.to_path_buf());
                thread::spawn(move || work(&queue, &done, &root, mode))
            })
            .collect();
        Self { jobs: Some(jobs), answers, submitted: 0, taken: 0, waiting: BTreeMap::new(), threads }
    }

    /// Hands over a file to write; waits while every thread is busy.
    pub fn submit(&mut self, job: Job) -> Result<(), LakeError> {
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send((self.submitted, job)).is_ok());
        if !sent {
            return Err(no_thread());
        }
        self.submitted += 1;
        Ok(())
    }

    /// The next of the files handed over, in that order, if it is written.
    pub fn try_next(&mut self) -> Option<Result<Encoded, LakeError>> {
        while let Ok((number, answer)) = self.answers.try_recv() {
            self.waiting.insert(number, answer);
        }
        self.take_next()
    }

    /// The next of the files handed over, in that order; waits for it, and is none after the last.
    pub fn wait_next(&mut self) -> Option<Result<Encoded, LakeError>> {
        while self.taken < self.submitted {
            if let Some(next) = self.take_next() {
                return Some(next);
            }
            match self.answers.recv() {
                Ok((number, answer)) => drop(self.waiting.insert(number, answer)),
                Err(_) => return Some(Err(no_thread())),
            }
        }
        None
    }

    fn take_next(&mut self) -> Option<Result<Encoded, LakeError>> {
        let next = self.waiting.remove(&self.taken)?;
        self.taken += 1;
        Some(next)
    }
}

impl Drop for Encoders {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // A panic is an answer, and not how a thread ends.
            drop(thread.join());
        }
    }
}

fn work(queue: &Mutex<Receiver<Numbered>>, done: &Sender<Answer>, root: &Path, mode: WriteMode) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, job)) = next else { return };
        let encoded = faults::catch(|| encode(root, job, mode)).unwrap_or_else(|said| {
            let work = "a data file was being written".to_owned();
            Err(LakeError::Crashed { work, said })
        });
        if done.send((number, encoded)).is_err() {
            return;
        }
    }
}

/// The error where no thread is left that writes files.
fn no_thread() -> LakeError {
    LakeError::Crashed { work: "data files were being written".to_owned(), said: "its threads have ended".to_owned() }
}

fn encode(root: &Path, job: Job, mode: WriteMode) -> Result<Encoded, LakeError> {
    faults::point("encode", root);
    let rows = arrange(&job.batches)?;
    drop(job.batches);
    let of_root = if job.wants_root { RootRows::of(&rows)? } else { RootRows::Copied(None) };
    let mut writer = EventsWriter::begin(root, job.day, rows.num_rows(), mode)?;
    writer.append(&rows)?;
    Ok(Encoded { file: writer.finish()?, of_root })
}

/// A data file of events under way. Rows come in the order of a data file.
///
/// What root did stands in row groups of its own, so that the views about it unpack no more than that. A row group costs
/// its metadata, so a file of few rows has only one.
pub struct EventsWriter {
    file: FileWriter,
    day: EventDay,
    /// Whether the last row was root's; `None` where that does not matter, or before the first.
    in_root: Option<bool>,
    parts: bool,
    times: Option<(i64, i64)>,
    texts: [RangeBuilder; RANGED.len()],
}

/// A file of fewer rows is not parted.
const PARTED_ROWS: usize = 8 << 10;

impl EventsWriter {
    /// Begins a file of about so many rows.
    pub fn begin(root: &Path, day: EventDay, rows: usize, mode: WriteMode) -> Result<Self, LakeError> {
        let folder = layout::partition_folder(day);
        let properties =
            parquet_file::event_properties(rows, mode).map_err(LakeError::parquet("write", &root.join(&folder)))?;
        let mut file = FileWriter::begin(root, &folder, schema::events(), properties)?;
        file.set_durable(mode.is_durable());
        Ok(Self { file, day, in_root: None, parts: rows >= PARTED_ROWS, times: None, texts: Default::default() })
    }

    /// Appends rows.
    pub fn append(&mut self, rows: &RecordBatch) -> Result<(), LakeError> {
        self.observe(rows);
        let types = rows.column(FieldId::UserIdentityType as usize).as_string_view_opt().filter(|_| self.parts);
        let Some(types) = types else { return self.file.append(rows) };
        let is_root = |row: usize| types.is_valid(row) && types.value(row) == ROOT;
        let mut begin = 0;
        while begin < rows.num_rows() {
            let in_root = is_root(begin);
            let end = (begin..rows.num_rows()).find(|row| is_root(*row) != in_root).unwrap_or(rows.num_rows());
            if self.in_root.replace(in_root).is_some_and(|before| before != in_root) {
                self.file.end_row_group()?;
            }
            self.file.append(&rows.slice(begin, end - begin))?;
            begin = end;
        }
        Ok(())
    }

    /// Takes note of what the manifest says of rows.
    fn observe(&mut self, rows: &RecordBatch) {
        self.times = manifest::union_of_ranges([self.times, event_times(rows)].into_iter());
        for (range, id) in self.texts.iter_mut().zip(RANGED) {
            if let Some(texts) = rows.column(id as usize).as_string_view_opt() {
                range.add(texts);
            }
        }
    }

    /// See [`FileWriter::bytes`].
    pub fn bytes(&self) -> u64 {
        self.file.bytes()
    }

    /// See [`FileWriter::bound_memory`].
    pub fn bound_memory(&mut self, bytes: usize) -> Result<(), LakeError> {
        self.file.bound_memory(bytes)
    }

    /// Ends the file.
    pub fn finish(self) -> Result<DataFile, LakeError> {
        let written = self.file.finish()?;
        let ranges = self.texts.into_iter().zip(RANGED);
        let ranges = ranges.filter_map(|(range, id)| Some((id.column().to_owned(), range.finish()?)));
        Ok(DataFile {
            path: written.path,
            event_day: self.day,
            rows: written.rows,
            bytes: written.bytes,
            sha256: written.sha256,
            min_event_time: self.times.map(|(min, _)| min),
            max_event_time: self.times.map(|(_, max)| max),
            text_ranges: ranges.collect::<BTreeMap<_, _>>().into(),
            footer_bytes: written.footer_bytes,
            columns: written.columns,
            blooms: written.blooms.into(),
        })
    }
}

/// First and last event time of rows, in microseconds since 1970.
pub fn event_times(rows: &RecordBatch) -> Option<(i64, i64)> {
    let times = rows.column_by_name(FieldId::EventTime.column())?.as_primitive_opt::<TimestampMicrosecondType>()?;
    Some((compute::min(times)?, compute::max(times)?))
}

/// The range of a text column, gathered batch by batch.
#[derive(Debug, Default)]
pub struct RangeBuilder {
    ends: Option<(String, String)>,
    nulls: u64,
}

impl RangeBuilder {
    /// Takes in more rows. Many a value is that of the row before, and few are new ends.
    pub fn add(&mut self, texts: &StringViewArray) {
        self.nulls += texts.null_count() as u64;
        let mut last = None;
        for text in texts.iter().flatten() {
            if last.replace(text) == Some(text) {
                continue;
            }
            let (min, max) = self.ends.get_or_insert_with(|| (text.to_owned(), text.to_owned()));
            if text < min.as_str() {
                text.clone_into(min);
            } else if text > max.as_str() {
                text.clone_into(max);
            }
        }
    }

    /// The range; `None` where every row is null.
    pub fn finish(self) -> Option<TextRange> {
        self.ends.map(|(min, max)| TextRange { min, max, nulls: self.nulls })
    }
}

/// Puts rows into the order of a data file: by [`side_of_root`] and [`SORTED_BY`], nulls first, and rows that are equal in
/// these as they came.
pub fn arrange(batches: &[RecordBatch]) -> Result<RecordBatch, ArrowError> {
    let keys = batches.iter().map(SortKeys::of).collect::<Option<Vec<_>>>();
    let keys = keys.ok_or_else(|| ArrowError::SchemaError("a batch without the columns of an event".to_owned()))?;
    // There are few kinds of events: each gets a number, and comparing numbers is much cheaper than comparing texts.
    let mut numbers: HashMap<Kind<'_>, usize> = HashMap::new();
    let mut order: Vec<(usize, Option<i64>, (usize, usize))> = Vec::new();
    for (batch, key) in keys.iter().enumerate() {
        for (row, (kind, time)) in key.kinds().zip(key.event_time).enumerate() {
            let next = numbers.len();
            order.push((*numbers.entry(kind).or_insert(next), time, (batch, row)));
        }
    }
    let mut kinds: Vec<(Kind<'_>, usize)> = numbers.into_iter().collect();
    kinds.sort_unstable();
    let mut ranks = vec![0; kinds.len()];
    for (rank, (_, number)) in kinds.into_iter().enumerate() {
        ranks[number] = rank;
    }
    for row in &mut order {
        row.0 = ranks[row.0];
    }
    let event_id = |(batch, row): (usize, usize)| {
        let ids = keys[batch].event_id;
        ids.is_valid(row).then(|| ids.value(row))
    };
    order.sort_unstable_by(|a, b| {
        let by_number = (a.0, a.1).cmp(&(b.0, b.1));
        by_number.then_with(|| event_id(a.2).cmp(&event_id(b.2))).then_with(|| a.2.cmp(&b.2))
    });
    let order: Vec<(usize, usize)> = order.into_iter().map(|(.., place)| place).collect();
    interleave(batches, &order)
}

/// Rows of batches, each by its batch and its place in it. Many columns have no value in a whole day, and a column of nulls
/// needs no picking.
fn interleave(batches: &[RecordBatch], rows: &[(usize, usize)]) -> Result<RecordBatch, ArrowError> {
    let Some(first) = batches.first() else { return Ok(RecordBatch::new_empty(schema::events())) };
    let columns = (0..first.num_columns()).map(|at| {
        let parts: Vec<&dyn Array> = batches.iter().map(|batch| batch.column(at).as_ref()).collect();
        if parts.iter().all(|part| part.null_count() == part.len()) {
            return Ok(new_null_array(first.column(at).data_type(), rows.len()));
        }
        compute::interleave(&parts, rows)
    });
    RecordBatch::try_new(first.schema(), columns.collect::<Result<_, _>>()?)
}

/// The side of root that an event is on, its name, and its type of identity.
type Kind<'a> = (Ordering, Option<&'a str>, Option<&'a str>);

/// The columns that rows are sorted by.
struct SortKeys<'a> {
    event_name: &'a StringViewArray,
    identity_type: &'a StringViewArray,
    event_time: &'a TimestampMicrosecondArray,
    event_id: &'a StringViewArray,
}

impl<'a> SortKeys<'a> {
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let [event_name, identity_type, event_time, event_id] = SORTED_BY.map(|id| batch.column(id as usize));
        Some(Self {
            event_name: event_name.as_string_view_opt()?,
            identity_type: identity_type.as_string_view_opt()?,
            event_time: event_time.as_primitive_opt()?,
            event_id: event_id.as_string_view_opt()?,
        })
    }

    fn kinds(&self) -> impl Iterator<Item = Kind<'a>> {
        self.event_name.iter().zip(self.identity_type).map(|(name, kind)| (side_of_root(kind), name, kind))
    }
}

/// The columns that a row converter makes keys of which have the order of a data file.
pub fn sort_columns(batch: &RecordBatch) -> Result<Vec<ArrayRef>, ArrowError> {
    let types = batch.column(FieldId::UserIdentityType as usize).as_string_view_opt();
    let types = types.ok_or_else(|| ArrowError::SchemaError("a batch without the columns of an event".to_owned()))?;
    let sides: Int8Array = types.iter().map(|kind| Some(side_of_root(kind) as i8)).collect();
    let columns = SORTED_BY.iter().map(|id| Arc::clone(batch.column(*id as usize)));
    Ok([Arc::new(sides) as ArrayRef].into_iter().chain(columns).collect())
}
