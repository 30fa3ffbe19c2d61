//! The tables beside the events: their rows wait until a commit writes them, and are read back.
//!
//! A file that a commit of `ingest` adds belongs to one commit. A merged file has rows of several commits, so it notes
//! the number of the commit of each row in the column [`schema::VERSION`].

mod copies;
mod rejects;
mod sources;

pub use copies::{CopiesBuilder, CopyRow};
pub use rejects::{BATCH_ROWS as REJECT_BATCH_ROWS, RejectRow, RejectsBuilder, each_reject};
pub use sources::{KnownSources, SourceKey, SourceRow, SourcesBuilder, each_source};

use super::error::LakeError;
use super::layout;
use super::manifest::{SideTableId, Snapshot, TableFile};
use super::parquet_file::{self, Written};
use super::schema;
use super::storage::Storage;
use arrow::array::{ArrayRef, AsArray, RecordBatch, UInt64Array, new_null_array};
use arrow::datatypes::{Field, UInt64Type};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

/// One of the tables beside the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Every input ever read.
    Sources,
    /// Every record that could not be read.
    Rejects,
    /// Every further place at which an event was found.
    Copies,
    /// A side table, whose rows stand among the events too.
    Side(SideTableId),
}

impl Table {
    /// All tables.
    pub const ALL: [Self; 3 + SideTableId::ALL.len()] = {
        let mut all = [Self::Sources; 3 + SideTableId::ALL.len()];
        all[1] = Self::Rejects;
        all[2] = Self::Copies;
        let mut side_table = 0;
        while side_table < SideTableId::ALL.len() {
            all[3 + side_table] = Self::Side(SideTableId::ALL[side_table]);
            side_table += 1;
        }
        all
    };

    /// Its name, and that of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sources => layout::SOURCES,
            Self::Rejects => layout::REJECTS,
            Self::Copies => layout::COPIES,
            Self::Side(id) => id.name(),
        }
    }

    /// Its visible files.
    pub fn files(self, snapshot: &Snapshot) -> &[TableFile] {
        match self {
            Self::Sources => &snapshot.sources,
            Self::Rejects => &snapshot.rejects,
            Self::Copies => &snapshot.copies,
            Self::Side(id) => snapshot.side_files(id).unwrap_or_default(),
        }
    }
}

/// The number of the commit that each row came with: that of the file, or the column of a merged file.
pub fn versions(batch: &RecordBatch, file: &TableFile) -> Result<UInt64Array, LakeError> {
    if file.first_version.is_none() {
        return Ok(UInt64Array::from_value(file.version, batch.num_rows()));
    }
    let column = batch.column_by_name(schema::VERSION).and_then(|column| column.as_primitive_opt::<UInt64Type>());
    column.cloned().ok_or_else(foreign_columns)
}

/// Reads a file in batches of `rows`: all columns, or those of `names`.
pub fn read_table(
    storage: &Storage,
    file: &TableFile,
    rows: usize,
    names: Option<&[&str]>,
) -> Result<ParquetRecordBatchReader, LakeError> {
    let path = storage.location(&file.path);
    let open = storage.open_local(&file.path)?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(open).map_err(LakeError::parquet("read", &path))?;
    let mask = names.map_or_else(ProjectionMask::all, |names| {
        ProjectionMask::columns(builder.parquet_schema(), names.iter().copied())
    });
    builder.with_projection(mask).with_batch_size(rows).build().map_err(LakeError::parquet("read", &path))
}

fn columns<'b, A, const N: usize>(
    batch: &'b RecordBatch,
    names: [&str; N],
    of: impl Fn(&'b ArrayRef) -> Option<&'b A>,
) -> Option<[&'b A; N]> {
    let found: Vec<&A> = names.iter().filter_map(|name| of(batch.column_by_name(name)?)).collect();
    found.try_into().ok()
}

/// The column of a field, or nulls if the file is of a build that did not know the field yet.
pub fn column_or_null(batch: &RecordBatch, field: &Field) -> ArrayRef {
    let column = batch.column_by_name(field.name()).cloned();
    column.unwrap_or_else(|| new_null_array(field.data_type(), batch.num_rows()))
}

fn foreign_columns() -> LakeError {
    LakeError::Arrow(ArrowError::SchemaError("a table without the columns it should have".to_owned()))
}

fn write_table(storage: &Storage, folder: &str, batch: &RecordBatch) -> Result<Option<TableFile>, LakeError> {
    write_file(storage, folder, batch, parquet_file::table_properties())
}

fn write_file(
    storage: &Storage,
    folder: &str,
    batch: &RecordBatch,
    properties: Result<WriterProperties, ParquetError>,
) -> Result<Option<TableFile>, LakeError> {
    let properties = properties.map_err(LakeError::parquet("write", &storage.location(folder)))?;
    let written = parquet_file::write(storage, folder, std::slice::from_ref(batch), properties)?;
    Ok(written.map(|written| table_file(written, 0, None)))
}

/// Describes a written file as an entry names it.
pub fn table_file(written: Written, version: u64, first_version: Option<u64>) -> TableFile {
    let Written { path, rows, bytes, sha256, columns, .. } = written;
    TableFile { path, rows, bytes, sha256, version, first_version, event_times: None, columns }
}
