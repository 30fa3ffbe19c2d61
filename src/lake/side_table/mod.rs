//! Side tables: rows of events kept once more, in files of their own, for questions about these rows only.
//!
//! Such a question would open the data file of every day for a few rows of each. In a side table the same rows stand
//! together: a file for each commit, and one for all once `lake compact` has merged them. So the question costs what it
//! asks for, and not what the lake holds.
//!
//! # Rules
//!
//! 1. *Fill.* The writer adds the rows of each new data file ([`SideRows`], [`SideTableWriter`]).
//! 2. *Complete or absent.* A question may use a side table if every commit has kept its rows. A commit of a build that
//!    does not know the table makes it absent, and so does one that finds it no longer worth keeping
//!    ([`SideTable::is_worth_keeping`]). The data files hold all rows in any case.
//! 3. *Cover.* A question uses a side table only if [`SideTable::covers`] its filter and its columns.
//! 4. *Verify.* An audit compares the rows with those among the events ([`crate::lake::audit`]).
//! 5. *Merge.* `lake compact` merges the files of a side table ([`merge`]).
//!
//! A new side table is a file beside `root_account.rs`, a line in [`definition`], and a member of entries and snapshots
//! (`manifest/side_files.rs`). The writer, compaction, audits and scans go through [`all`].
//!
//! | side table | rows |
//! |---|---|
//! | `root_account` | the events of root |
//! | `trail_calls` | the calls that change trails |

mod root_account;
mod trail_calls;

use super::error::LakeError;
use super::identity::IdentityColumns;
use super::manifest::{SideTableId, Snapshot, TableFile, union_of_ranges};
use super::parquet_file::{self, FileWriter};
use super::replaced::{self, Replaced};
use super::sort::foreign_batch;
use super::storage::Storage;
use super::{batch, schema, tables};
use crate::event::field::FieldId;
use crate::event::time::utc_day;
use arrow::array::{ArrayRef, AsArray, BooleanArray, Date32Array, RecordBatch, TimestampMicrosecondArray};
use arrow::compute::{self, SlicesIterator};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use std::fmt;
use std::sync::Arc;

/// Rows of a batch to read.
const READ_ROWS: usize = 1 << 10;

/// Rows of a side table that are kept however large a part of the lake they are.
const ALWAYS_KEPT_ROWS: u64 = 100_000;

/// Above [`ALWAYS_KEPT_ROWS`], rows are kept as long as they are at most one part of the lake in so many.
const KEPT_PART: u64 = 8;

/// Rows of one data file that may wait in memory, or one part in [`KEPT_PART`] of its rows if that is more.
const WAITING_ROWS: usize = 8 << 10;

/// The definition of a side table.
pub trait SideTable: fmt::Debug + Send + Sync {
    /// Its place in the format.
    fn id(&self) -> SideTableId;

    /// Completes the sentence "these rows are …", for findings of an audit.
    fn rows_are(&self) -> &'static str;

    /// Its columns: some of the events, and [`schema::EVENT_DATE`], which the folders of data files name.
    fn schema(&self) -> SchemaRef;

    /// The encoding of its files.
    fn properties(&self) -> Result<WriterProperties, ParquetError> {
        parquet_file::side_table_properties()
    }

    /// The columns by which [`Self::selects`] decides.
    fn deciding_columns(&self) -> &'static [FieldId];

    /// Returns for each row of events whether it is in the table; no value is null.
    fn selects(&self, events: &RecordBatch) -> Result<BooleanArray, ArrowError>;

    /// Returns `true` if so many rows are worth keeping once more in a lake of `lake_rows`.
    fn is_worth_keeping(&self, rows: u64, lake_rows: u64) -> bool {
        rows <= ALWAYS_KEPT_ROWS.max(lake_rows / KEPT_PART)
    }

    /// Returns `true` if so many rows of a data file of `file_rows` may wait in memory until their turn comes.
    fn may_wait(&self, rows: usize, file_rows: usize) -> bool {
        rows <= WAITING_ROWS.max(file_rows / KEPT_PART as usize)
    }

    /// Returns `true` if every event that meets the condition is in the table.
    fn implied_by(&self, condition: &Condition<'_>) -> bool;

    /// Returns `true` if the table holds all `columns` of every event that meets all `conditions`.
    fn covers(&self, conditions: &[Condition<'_>], columns: &[&str]) -> bool {
        let schema = self.schema();
        conditions.iter().any(|condition| self.implied_by(condition))
            && columns.iter().all(|column| schema.index_of(column).is_ok())
    }
}

/// A condition of a question: a column has one of some texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition<'q> {
    /// Name of the column.
    pub column: &'q str,
    /// Compares the value of the column in lower case, as `lower` of SQL does.
    pub in_lower_case: bool,
    /// The texts; at least one.
    pub values: Vec<&'q str>,
}

/// Returns the columns of a side table that lacks `left_out` of the columns of events.
fn schema_without(left_out: &[FieldId]) -> SchemaRef {
    let date = Arc::new(Field::new(schema::EVENT_DATE, DataType::Date32, true));
    let events = schema::events();
    let is_kept = |field: &&Arc<Field>| left_out.iter().all(|id| id.column() != field.name());
    let fields = events.fields().iter().filter(is_kept);
    Arc::new(Schema::new(fields.cloned().chain([date]).collect::<Vec<_>>()))
}

/// Converts rows of events to those of a side table.
fn project(events: &RecordBatch, columns: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let arrays = columns.fields().iter().map(|field| match events.column_by_name(field.name()) {
        Some(column) => Ok(Arc::clone(column)),
        None if field.name() == schema::EVENT_DATE => Ok(dates(events)),
        None => Err(foreign_batch()),
    });
    RecordBatch::try_new(Arc::clone(columns), arrays.collect::<Result<_, _>>()?)
}

/// Returns the days of events, which the folders of data files name.
fn dates(events: &RecordBatch) -> ArrayRef {
    let times: Option<&TimestampMicrosecondArray> = events.column(FieldId::EventTime as usize).as_primitive_opt();
    let dates: Date32Array = times.into_iter().flatten().map(|time| time.map(utc_day)).collect();
    Arc::new(dates)
}

/// The definition of a side table.
pub fn definition(id: SideTableId) -> &'static dyn SideTable {
    match id {
        SideTableId::RootAccount => &root_account::RootAccount,
        SideTableId::TrailCalls => &trail_calls::TrailCalls,
    }
}

/// The definitions of all side tables.
pub fn all() -> impl Iterator<Item = &'static dyn SideTable> {
    SideTableId::ALL.into_iter().map(definition)
}

/// The rows of a side table in a data file that was just written.
pub enum SideRows {
    /// A copy of them; `None` if there are none.
    Copied(Option<RecordBatch>),
    /// Not copied, since they are too many: they are read from the file.
    InFile,
}

impl SideRows {
    /// Selects the rows of a table among those of a data file.
    pub fn of(table: &dyn SideTable, rows: &RecordBatch) -> Result<Self, ArrowError> {
        let selected = table.selects(rows)?;
        let count = selected.true_count();
        if count == 0 {
            return Ok(Self::Copied(None));
        }
        if !table.may_wait(count, rows.num_rows()) {
            return Ok(Self::InFile);
        }
        let mut slices = SlicesIterator::new(&selected);
        let rows = match (slices.next(), slices.next()) {
            // Rows that stand together need no picking.
            (Some((begin, end)), None) => rows.slice(begin, end - begin),
            _ => compute::filter_record_batch(rows, &selected)?,
        };
        Ok(Self::Copied(Some(batch::without_slack(&rows)?)))
    }
}

/// Writes the rows of a side table of one commit: by day, and each day in the order of a data file.
pub struct SideTableWriter {
    table: &'static dyn SideTable,
    storage: Storage,
    memory_bytes: usize,
    under_way: Option<FileWriter>,
    /// Rows since the last file.
    rows: u64,
    event_times: Option<(i64, i64)>,
    /// Complete files of the commit to come.
    files: Vec<TableFile>,
    /// Set if rows of the table have been replaced since [`Self::remove_replaced`].
    has_replaced: bool,
}

impl SideTableWriter {
    /// Writes to a side table. About `memory_bytes` may wait to be packed.
    fn new(table: &'static dyn SideTable, storage: &Storage, memory_bytes: usize) -> Self {
        Self {
            table,
            storage: storage.clone(),
            memory_bytes,
            under_way: None,
            rows: 0,
            event_times: None,
            files: Vec::new(),
            has_replaced: false,
        }
    }

    /// Writes to the side tables that a lake keeps. A lake without a commit keeps all.
    pub fn of_lake(storage: &Storage, snapshot: &Snapshot, memory_bytes: usize) -> Vec<Self> {
        let kept = |table: &&dyn SideTable| snapshot.version == 0 || snapshot.side_files(table.id()).is_some();
        all().filter(kept).map(|table| Self::new(table, storage, memory_bytes)).collect()
    }

    /// The definition of the table.
    pub fn table(&self) -> &'static dyn SideTable {
        self.table
    }

    /// Returns `true` if the table is worth keeping in a lake of `lake_rows`, whose earlier commits are in `snapshot`.
    pub fn is_worth_keeping(&self, snapshot: &Snapshot, lake_rows: u64) -> bool {
        let committed = snapshot.side_files(self.table.id()).unwrap_or_default();
        let complete = committed.iter().chain(&self.files).map(|file| file.rows).sum::<u64>();
        self.table.is_worth_keeping(complete + self.rows, lake_rows)
    }

    /// Appends the rows of a data file.
    pub fn append(&mut self, rows: SideRows, data_file: &str) -> Result<(), LakeError> {
        match rows {
            SideRows::Copied(rows) => {
                rows.map_or(Ok(()), |rows| self.append_rows(&project(&rows, &self.table.schema())?))
            }
            SideRows::InFile => {
                for batch in read(&self.storage, data_file, schema::events())? {
                    let batch = batch?;
                    let rows = compute::filter_record_batch(&batch, &self.table.selects(&batch)?)?;
                    self.append_rows(&project(&rows, &self.table.schema())?)?;
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
            None => self.begin_file()?,
        };
        writer.append(rows)?;
        writer.bound_memory(self.memory_bytes)?;
        self.rows += rows.num_rows() as u64;
        self.event_times = union_of_ranges([self.event_times, batch::event_times(rows)].into_iter());
        self.under_way = Some(writer);
        Ok(())
    }

    fn begin_file(&self) -> Result<FileWriter, LakeError> {
        let folder = self.table.id().name();
        let properties =
            self.table.properties().map_err(LakeError::parquet("write", &self.storage.location(folder)))?;
        FileWriter::begin(&self.storage, folder, self.table.schema(), properties)
    }

    /// Bytes of the row groups that have ended since the last file.
    fn bytes(&self) -> u64 {
        self.under_way.as_ref().map_or(0, FileWriter::bytes)
    }

    /// Ends the file; `None` if no rows came.
    fn end_file(&mut self) -> Result<Option<TableFile>, LakeError> {
        self.rows = 0;
        let event_times = self.event_times.take();
        let written = self.under_way.take().map(FileWriter::finish).transpose()?;
        Ok(written.map(|written| TableFile { event_times, ..tables::table_file(written, 0, None) }))
    }

    /// Ends the commit, and returns its files.
    pub fn finish(&mut self) -> Result<Vec<TableFile>, LakeError> {
        let last = self.end_file()?;
        let mut files = std::mem::take(&mut self.files);
        files.extend(last);
        Ok(files)
    }

    /// Notes that rows of events have been replaced.
    pub fn note_replaced(&mut self, gone: &RecordBatch) -> Result<(), ArrowError> {
        self.has_replaced |= self.table.selects(gone)?.true_count() > 0;
        Ok(())
    }

    /// Removes replaced rows from the files of the commit to come and from `committed` ones.
    ///
    /// Returns the paths of committed files in whose place new ones stand, or none if no row is left.
    pub fn remove_replaced(
        &mut self,
        committed: Vec<TableFile>,
        replaced: &Replaced,
    ) -> Result<Vec<String>, LakeError> {
        let mut removed = Vec::new();
        if !std::mem::take(&mut self.has_replaced) {
            return Ok(removed);
        }
        let last = self.end_file()?;
        let waiting: Vec<TableFile> = self.files.drain(..).chain(last).collect();
        let mut files = Vec::new();
        let committed = committed.into_iter().map(|file| (true, file));
        for (is_committed, file) in committed.chain(waiting.into_iter().map(|file| (false, file))) {
            match self.without(&file, replaced)? {
                Kept::All if is_committed => {}
                Kept::All => files.push(file),
                Kept::Some(rewritten) => {
                    if is_committed {
                        removed.push(file.path);
                    }
                    files.extend(rewritten);
                }
            }
        }
        self.files = files;
        Ok(removed)
    }

    /// Rewrites a file without replaced rows.
    fn without(&self, file: &TableFile, replaced: &Replaced) -> Result<Kept, LakeError> {
        let mut writer = Self::new(self.table, &self.storage, self.memory_bytes);
        let mut gone = 0;
        for batch in read(&self.storage, &file.path, self.table.schema())? {
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
        if gone == 0 { Ok(Kept::All) } else { writer.end_file().map(Kept::Some) }
    }
}

/// The rows of a file that stay.
enum Kept {
    /// All of them, so that the file stays.
    All,
    /// Those of a new file; `None` if no row stays.
    Some(Option<TableFile>),
}

/// Merges files of a side table, which stand in the order of their commits, into files of about `target_bytes`.
pub fn merge(
    storage: &Storage,
    id: SideTableId,
    files: &[TableFile],
    target_bytes: u64,
    memory_bytes: usize,
) -> Result<Vec<TableFile>, LakeError> {
    let mut writer = SideTableWriter::new(definition(id), storage, memory_bytes);
    let mut merged = Vec::new();
    let mut first: Option<&TableFile> = None;
    let end = |writer: &mut SideTableWriter, first: Option<&TableFile>, last: &TableFile| {
        let first_version = first.map(|first| first.first_version.unwrap_or(first.version));
        let written = writer.end_file();
        written.map(|file| file.map(|file| TableFile { version: last.version, first_version, ..file }))
    };
    for file in files {
        for batch in read(storage, &file.path, writer.table.schema())? {
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

/// Reads the rows of a file, with all columns of `schema`.
fn read(
    storage: &Storage,
    path: &str,
    schema: SchemaRef,
) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>> + use<>, LakeError> {
    let reader = parquet_file::open(storage, path, &schema)?.with_batch_size(READ_ROWS).build();
    let reader = reader.map_err(LakeError::parquet("read", &storage.location(path)))?;
    Ok(reader.map(move |rows| batch::fit(rows?, &schema)))
}
