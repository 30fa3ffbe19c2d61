//! Keeps the rows of the account itself (root) once more, in files of their own.
//!
//! What root did is asked for most, over weeks and over years. Root does little on most days, so a view over a year would
//! open the data file of every day for a few rows of each, at 0.8 ms of processor time a file (`benches/RESULTS.md`). Here
//! the same rows stand together, a file for each commit, and one for all of them once `lake compact` has merged these; what a
//! view about root costs follows what root did, and not the lake.
//!
//! The data files remain the whole lake: these files can be left out, and are where root does so much that they would
//! double it ([`is_kept`]). A question is answered from them where it lets only rows of root through, needs no column that they
//! lack, and every commit has kept them ([`super::manifest::Snapshot::root_account`]); an audit holds them against the data files.

use super::error::LakeError;
use super::identity::IdentityColumns;
use super::layout::ROOT_ACCOUNT;
use super::manifest::TableFile;
use super::parquet_file::{self, FileWriter};
use super::replaced::{self, Replaced};
use super::sort::{foreign_batch, root_sort_group};
use super::storage::Storage;
use super::{batch, manifest, schema, tables};
use crate::event::field::{FIELD_IDS, FieldId};
use crate::event::time::utc_day;
use arrow::array::{ArrayRef, AsArray, BooleanArray, Date32Array, RecordBatch, TimestampMicrosecondArray};
use arrow::compute;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use std::cmp::Ordering;
use std::sync::Arc;

/// So many rows of root are kept once more, whatever part of the lake they are: about 20 MB.
const ALWAYS_KEPT_ROWS: u64 = 100_000;

/// Beyond these they are kept as long as they are at most this part of the lake.
const KEPT_PART: u64 = 8;

/// So many rows of root in one data file wait in memory; of more than these, and more than [`KEPT_PART`] of its rows, they
/// are read from the file when their turn comes.
const WAITING_ROWS: usize = 8 << 10;

/// Rows of a batch to read.
const READ_ROWS: usize = 1 << 10;

/// True where rows of root are worth keeping once more in a lake of so many rows.
pub fn is_kept(root_rows: u64, rows: u64) -> bool {
    root_rows <= ALWAYS_KEPT_ROWS.max(rows / KEPT_PART)
}

/// The rows of root in a data file that was just written.
pub enum RootRows {
    /// A copy of them; none where there are none, or nobody asked for them.
    Copied(Option<RecordBatch>),
    /// So many that they are to be read from the file.
    InFile,
}

impl RootRows {
    /// Those among rows in the order of a data file, where root's stand together.
    pub fn of(rows: &RecordBatch) -> Result<Self, ArrowError> {
        let types = rows.column(FieldId::UserIdentityType as usize).as_string_view_opt();
        let types = types.ok_or_else(foreign_batch)?;
        let begin = types.iter().position(|kind| root_sort_group(kind) == Ordering::Equal);
        let Some(begin) = begin else { return Ok(Self::Copied(None)) };
        let count = types.iter().skip(begin).take_while(|kind| root_sort_group(*kind) == Ordering::Equal).count();
        if count > WAITING_ROWS.max(rows.num_rows() / KEPT_PART as usize) {
            return Ok(Self::InFile);
        }
        Ok(Self::Copied(Some(batch::without_slack(&rows.slice(begin, count))?)))
    }
}

/// Writes the rows of root of one commit, day by day, in each in the order of a data file.
pub struct RootAccountWriter {
    storage: Storage,
    memory_bytes: usize,
    under_way: Option<FileWriter>,
    rows: u64,
    event_times: Option<(i64, i64)>,
}

impl RootAccountWriter {
    /// Writes to a lake; about `memory_bytes` may wait to be packed.
    pub fn new(storage: &Storage, memory_bytes: usize) -> Self {
        Self { storage: storage.clone(), memory_bytes, under_way: None, rows: 0, event_times: None }
    }

    /// How many rows came since the last file.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes of the row groups that have ended since the last file.
    fn bytes(&self) -> u64 {
        self.under_way.as_ref().map_or(0, FileWriter::bytes)
    }

    /// Appends what a data file has of root.
    pub fn append(&mut self, rows: RootRows, data_file: &str) -> Result<(), LakeError> {
        match rows {
            RootRows::Copied(rows) => rows.map_or(Ok(()), |rows| self.append_rows(&kept_columns(&rows)?)),
            RootRows::InFile => {
                for batch in read(&self.storage, data_file, schema::events())? {
                    let batch = batch?;
                    let types = batch.column(FieldId::UserIdentityType as usize).as_string_view_opt();
                    let is_root =
                        types.into_iter().flatten().map(|kind| Some(root_sort_group(kind) == Ordering::Equal));
                    let rows = compute::filter_record_batch(&batch, &is_root.collect::<BooleanArray>())?;
                    self.append_rows(&kept_columns(&rows)?)?;
                }
                Ok(())
            }
        }
    }

    fn append_rows(&mut self, rows: &RecordBatch) -> Result<(), LakeError> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let mut writer = match self.under_way.take() {
            Some(begun) => begun,
            None => begin(&self.storage)?,
        };
        writer.append(rows)?;
        writer.bound_memory(self.memory_bytes)?;
        self.rows += rows.num_rows() as u64;
        self.event_times = manifest::union_of_ranges([self.event_times, batch::event_times(rows)].into_iter());
        self.under_way = Some(writer);
        Ok(())
    }

    /// Ends the file; none where no rows came.
    pub fn finish(&mut self) -> Result<Option<TableFile>, LakeError> {
        self.rows = 0;
        let event_times = self.event_times.take();
        let written = self.under_way.take().map(FileWriter::finish).transpose()?;
        Ok(written.map(|written| TableFile { event_times, ..tables::table_file(written, 0, None) }))
    }
}

/// Writes the rows of these files, which stand in the order of their commits, into one, or into several of about
/// `target_bytes`.
pub fn merge(
    storage: &Storage,
    files: &[TableFile],
    target_bytes: u64,
    memory_bytes: usize,
) -> Result<Vec<TableFile>, LakeError> {
    let mut writer = RootAccountWriter::new(storage, memory_bytes);
    let mut merged = Vec::new();
    let mut first: Option<&TableFile> = None;
    let end = |writer: &mut RootAccountWriter, first: Option<&TableFile>, last: &TableFile| {
        let first_version = first.map(|first| first.first_version.unwrap_or(first.version));
        let written = writer.finish();
        written.map(|file| file.map(|file| TableFile { version: last.version, first_version, ..file }))
    };
    for file in files {
        for batch in read(storage, &file.path, schema::root_account())? {
            first.get_or_insert(file);
            writer.append_rows(&batch?)?;
            if writer.bytes() >= target_bytes {
                merged.extend(end(&mut writer, first.take(), file)?);
            }
        }
    }
    let rest = files.last().map(|last| end(&mut writer, first, last)).transpose()?;
    merged.extend(rest.flatten());
    Ok(merged)
}

/// True for a batch of events with some of root.
pub fn holds_rows(events: &RecordBatch) -> bool {
    let types = events.column_by_name(FieldId::UserIdentityType.column());
    let types = types.and_then(|types| types.as_string_view_opt());
    types.into_iter().flatten().any(|kind| root_sort_group(kind) == Ordering::Equal)
}

/// Writes the rows of a file anew without those that go: the new file, or none where no row is left. `None` where all stay.
pub fn without(
    storage: &Storage,
    file: &TableFile,
    replaced: &Replaced,
    memory_bytes: usize,
) -> Result<Option<Option<TableFile>>, LakeError> {
    let mut writer = RootAccountWriter::new(storage, memory_bytes);
    let mut gone = 0;
    for batch in read(storage, &file.path, schema::root_account())? {
        let batch = batch?;
        let columns = IdentityColumns::of(&batch).ok_or_else(foreign_batch)?;
        // The rows are of many days.
        let stays: Vec<bool> = (0..batch.num_rows())
            .map(|row| replaced.row_stays(columns.event_time(row).map(utc_day), &columns, row))
            .collect();
        let (kept, others) = replaced::part(batch, stays)?;
        gone += others.map_or(0, |others| others.num_rows());
        writer.append_rows(&kept)?;
    }
    if gone == 0 { Ok(None) } else { writer.finish().map(Some) }
}

/// The rows of a file, with all columns of `schema`.
fn read(
    storage: &Storage,
    path: &str,
    schema: SchemaRef,
) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>> + use<>, LakeError> {
    let reader = parquet_file::open(storage, path, &schema)?.with_batch_size(READ_ROWS).build();
    let reader = reader.map_err(LakeError::parquet("read", &storage.location(path)))?;
    Ok(reader.map(move |rows| batch::fit(rows?, &schema)))
}

/// Begins a file of rows of root.
fn begin(storage: &Storage) -> Result<FileWriter, LakeError> {
    let properties = parquet_file::root_account_properties()
        .map_err(LakeError::parquet("write", &storage.location(ROOT_ACCOUNT)))?;
    FileWriter::begin(storage, ROOT_ACCOUNT, schema::root_account(), properties)
}

/// Rows of events as they are kept: with their date, which the folders of data files say.
fn kept_columns(events: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let times: Option<&TimestampMicrosecondArray> = events.column(FieldId::EventTime as usize).as_primitive_opt();
    let dates: Date32Array = times.into_iter().flatten().map(|time| time.map(utc_day)).collect();
    let columns = events.columns().iter().zip(FIELD_IDS).filter(|(_, id)| **id != schema::NOT_KEPT_TWICE);
    let columns = columns.map(|(column, _)| Arc::clone(column)).chain([Arc::new(dates) as ArrayRef]);
    RecordBatch::try_new(schema::root_account(), columns.collect())
}
