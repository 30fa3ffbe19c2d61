//! Writes a Parquet file completely or not at all, named by its content, and opens Parquet files.

use super::digest::HashingWriter;
use super::error::LakeError;
use super::manifest::ByteRange;
use super::sort::ORDER;
use super::storage::{StagedFile, Storage};
use super::write::WriteMode;
use crate::event::field::{FIELD_IDS, FIELDS, FieldId, Kind};
use arrow::datatypes::{Fields, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, RowGroupMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

/// Rows of a row group: enough for good compression, few enough that skipping one is worth it.
const ROW_GROUP_ROWS: usize = 128 << 10;

/// Rows of a row group of a side table, whose rows are of many days: a question about a week skips most of a year.
const SIDE_ROW_GROUP_ROWS: usize = 2 << 10;

/// Rows of a page, the smallest part of a column that a query can skip.
const PAGE_ROWS: usize = 8 << 10;

/// Bytes of a page of JSON.
///
/// Calls of one name stand together, so a question about some names skips the pages without them. That saves more than
/// smaller pages cost in compression.
const WIDE_PAGE_BYTES: usize = 192 << 10;

/// Rows between two checks of the size of a page.
const WRITE_ROWS: usize = 512;

/// Memory up to which a row group is never ended early, since a file of many small ones would be slow to read.
const SMALL_ROW_GROUP_BYTES: usize = 8 << 20;

/// Digits of the SHA-256 in the name of a file.
const NAME_DIGITS: usize = 24;

/// One file that was written.
#[derive(Debug)]
pub struct Written {
    /// Path relative to the lake, with forward slashes.
    pub path: String,
    pub rows: u64,
    pub bytes: u64,
    pub sha256: String,
    /// Size of its footer, at its end.
    pub footer_bytes: u64,
    /// Number of its columns.
    pub columns: u64,
    /// Places of its bloom filters by column name, one in each row group.
    pub blooms: BTreeMap<String, Vec<ByteRange>>,
}

/// Columns whose values differ in nearly every row. A dictionary of them would only be built and dropped.
const UNIQUE: [FieldId; 8] = [
    FieldId::EventId,
    FieldId::RequestId,
    FieldId::RequestParameters,
    FieldId::RequestParameterJson,
    FieldId::ResponseElements,
    FieldId::Extra,
    FieldId::SlsTags,
    FieldId::ContentIdentity,
];

/// Numbers that grow from row to row: their differences take less room than they do.
const GROWING: [FieldId; 3] = [FieldId::EventTime, FieldId::SourceRecord, FieldId::SourceOffset];

/// Text columns with min/max statistics, by which a query skips pages or files.
///
/// These are the sort keys, the columns that go with them, and those that are asked for most. Values of other columns
/// span everything in every page, so their statistics would only cost time.
const WITH_RANGE: [FieldId; 7] = [
    FieldId::UserIdentityType,
    FieldId::EventName,
    FieldId::ServiceName,
    FieldId::AccountId,
    FieldId::AcsRegion,
    FieldId::UserIdentityAccessKeyId,
    FieldId::ErrorCode,
];

/// The encoding of data files of events. Durable ones have bloom filters on the ids that people look up.
pub fn event_properties(rows: usize, mode: WriteMode) -> Result<WriterProperties, ParquetError> {
    let mut properties = columns_of_events()?.set_key_value_metadata(Some(vec![order()]));
    for field in FIELDS.iter().filter(|field| field.looked_up && mode.is_durable()) {
        let column = ColumnPath::from(field.column);
        properties = properties
            .set_column_bloom_filter_enabled(column.clone(), true)
            .set_column_bloom_filter_fpp(column.clone(), 0.01)
            .set_column_bloom_filter_max_ndv(column, rows.min(ROW_GROUP_ROWS) as u64);
    }
    Ok(properties.build())
}

/// The encoding of side tables.
pub fn side_table_properties() -> Result<WriterProperties, ParquetError> {
    Ok(columns_of_events()?.set_max_row_group_row_count(Some(SIDE_ROW_GROUP_ROWS)).build())
}

/// The encoding of each column of events, as its values ask for.
fn columns_of_events() -> Result<WriterPropertiesBuilder, ParquetError> {
    let mut properties = base_properties()?;
    for id in UNIQUE {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(id.column()), false);
    }
    for id in FIELD_IDS.iter().filter(|id| id.field().kind == Kind::Json || **id == FieldId::RequestParameterJson) {
        properties = properties.set_column_data_page_size_limit(ColumnPath::from(id.column()), WIDE_PAGE_BYTES);
    }
    for id in GROWING {
        let column = ColumnPath::from(id.column());
        properties = properties
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
    }
    let is_text = |id: &FieldId| matches!(id.field().kind, Kind::Text | Kind::Version | Kind::Json);
    for id in FIELD_IDS.iter().filter(|id| is_text(id) && !WITH_RANGE.contains(id)) {
        let column = ColumnPath::from(id.column());
        properties = properties.set_column_statistics_enabled(column, EnabledStatistics::None);
    }
    Ok(properties)
}

fn order() -> KeyValue {
    KeyValue::new(ORDER.0.to_owned(), ORDER.1.to_owned())
}

/// The encoding of sorted rows that a merge reads once and then deletes.
pub fn run_properties() -> Result<WriterProperties, ParquetError> {
    Ok(base_properties()?.set_key_value_metadata(Some(vec![order()])).build())
}

/// The encoding of the tables `sources` and `rejects`.
pub fn table_properties() -> Result<WriterProperties, ParquetError> {
    Ok(base_properties()?.build())
}

/// The encoding of the table `copies`: event ids have a bloom filter, and ids take no dictionary.
pub fn copies_properties(rows: usize) -> Result<WriterProperties, ParquetError> {
    let (event_id, identity) = (ColumnPath::from("event_id"), ColumnPath::from("identity"));
    let properties = base_properties()?
        .set_column_bloom_filter_enabled(event_id.clone(), true)
        .set_column_bloom_filter_fpp(event_id.clone(), 0.01)
        .set_column_bloom_filter_max_ndv(event_id.clone(), rows.min(ROW_GROUP_ROWS) as u64)
        .set_column_dictionary_enabled(event_id, false)
        .set_column_dictionary_enabled(identity, false);
    Ok(properties.build())
}

fn base_properties() -> Result<WriterPropertiesBuilder, ParquetError> {
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(WRITE_ROWS)
        .set_created_by(format!("trailql {}", env!("CARGO_PKG_VERSION"))))
}

/// Writes `batches` to a file in `folder`. The same rows make the same bytes, and so the same name.
pub fn write(
    storage: &Storage,
    folder: &str,
    batches: &[RecordBatch],
    properties: WriterProperties,
) -> Result<Option<Written>, LakeError> {
    let Some(first) = batches.first() else { return Ok(None) };
    let mut file = FileWriter::begin(storage, folder, first.schema(), properties)?;
    for batch in batches {
        file.append(batch)?;
    }
    file.finish().map(Some)
}

/// A file that is being written under a temporary name, until [`FileWriter::finish`] gives it its own.
///
/// Dropped before that, it leaves nothing behind.
pub struct FileWriter {
    storage: Storage,
    folder: String,
    staged: StagedFile,
    writer: ArrowWriter<HashingWriter<BufWriter<File>>>,
    rows: u64,
    columns: u64,
    durable: bool,
}

impl FileWriter {
    /// Begins a file in `folder`.
    pub fn begin(
        storage: &Storage,
        folder: &str,
        schema: SchemaRef,
        properties: WriterProperties,
    ) -> Result<Self, LakeError> {
        let staged = storage.stage(folder)?;
        let file = staged.file().try_clone().map_err(LakeError::io("open", staged.path()))?;
        let sink = HashingWriter::new(BufWriter::with_capacity(1 << 20, file));
        // Readers of the lake know its schema, and others need none that only Arrow understands.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let columns = schema.fields().len() as u64;
        let writer = ArrowWriter::try_new_with_options(sink, schema, options)
            .map_err(LakeError::parquet("write", staged.path()))?;
        Ok(Self {
            storage: storage.clone(),
            folder: folder.to_owned(),
            staged,
            writer,
            rows: 0,
            columns,
            durable: true,
        })
    }

    /// Sets whether the file must survive a loss of power, which is the default.
    pub fn set_durable(&mut self, durable: bool) {
        self.durable = durable;
    }

    /// Appends rows.
    pub fn append(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(LakeError::parquet("write", self.staged.path()))
    }

    /// Bytes of the row groups that have ended. The size of later rows is known when they are packed.
    pub fn bytes(&self) -> u64 {
        self.writer.bytes_written() as u64
    }

    /// Ends the row group if it takes more memory than `bytes` and than [`SMALL_ROW_GROUP_BYTES`].
    pub fn bound_memory(&mut self, bytes: usize) -> Result<(), LakeError> {
        if self.writer.memory_size() > bytes.max(SMALL_ROW_GROUP_BYTES) { self.end_row_group() } else { Ok(()) }
    }

    /// Ends the row group, so that later rows stand in another.
    pub fn end_row_group(&mut self) -> Result<(), LakeError> {
        self.writer.flush().map_err(LakeError::parquet("write", self.staged.path()))
    }

    /// Ends the file, and names it by its content.
    pub fn finish(mut self) -> Result<Written, LakeError> {
        self.end_row_group()?;
        let blooms = blooms(self.writer.flushed_row_groups());
        let columns = self.columns;
        let Self { storage, folder, staged, writer, rows, durable, .. } = self;
        let failed = LakeError::parquet("write", staged.path());
        let (mut buffered, sha256, bytes) = writer.into_inner().map_err(failed)?.finish();
        buffered.flush().map_err(LakeError::io("write", staged.path()))?;
        drop(buffered);
        let footer_bytes = footer_bytes(staged.file()).map_err(LakeError::io("read", staged.path()))?;
        let path = format!("{folder}/{}.parquet", sha256.get(..NAME_DIGITS).unwrap_or(&sha256));
        storage.publish(staged, &path, durable)?;
        Ok(Written { path, rows, bytes, sha256, footer_bytes, columns, blooms })
    }

    /// Ends the file without a name. It is deleted when the handle is dropped.
    pub fn finish_unnamed(self) -> Result<StagedFile, LakeError> {
        let failed = LakeError::parquet("write", self.staged.path());
        let (mut buffered, ..) = self.writer.into_inner().map_err(failed)?.finish();
        buffered.flush().map_err(LakeError::io("write", self.staged.path()))?;
        Ok(self.staged)
    }
}

/// Finds the bloom filters of a file by column name.
fn blooms(groups: &[RowGroupMetaData]) -> BTreeMap<String, Vec<ByteRange>> {
    let mut blooms: BTreeMap<String, Vec<ByteRange>> = BTreeMap::new();
    for column in groups.iter().flat_map(RowGroupMetaData::columns) {
        let offset = column.bloom_filter_offset().and_then(|offset| u64::try_from(offset).ok());
        let length = column.bloom_filter_length().and_then(|length| u64::try_from(length).ok());
        if let (Some(offset), Some(length)) = (offset, length) {
            blooms.entry(column.column_descr().name().to_owned()).or_default().push(ByteRange { offset, length });
        }
    }
    blooms
}

/// Reads the length of the footer of a Parquet file, with the last eight bytes, which hold it.
fn footer_bytes(mut file: &File) -> io::Result<u64> {
    const TAIL: u64 = 8;
    let mut length = [0; 4];
    file.seek(SeekFrom::End(-(TAIL as i64)))?;
    file.read_exact(&mut length)?;
    Ok(u64::from(u32::from_le_bytes(length)) + TAIL)
}

/// Opens a file of the lake whose columns have the types of `schema`.
///
/// A file of an earlier build may lack some of them; see [`super::batch::fit`].
pub fn open(
    storage: &Storage,
    path: &str,
    schema: &Schema,
) -> Result<ParquetRecordBatchReaderBuilder<File>, LakeError> {
    open_file(storage.open_local(path)?, &storage.location(path), schema)
}

/// Opens a file as [`open`] does. `path` names it in errors.
pub fn open_file(file: File, path: &Path, schema: &Schema) -> Result<ParquetRecordBatchReaderBuilder<File>, LakeError> {
    let failed = LakeError::parquet("read", path);
    let open = || {
        let found = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
        let typed = found.schema().fields().iter().map(|field| {
            let wanted = schema.field_with_name(field.name()).cloned().map(Arc::new);
            wanted.unwrap_or_else(|_| Arc::clone(field))
        });
        let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(typed.collect::<Fields>())));
        ArrowReaderMetadata::try_new(Arc::clone(found.metadata()), options)
    };
    let metadata = open().map_err(failed)?;
    Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata))
}

/// Returns `true` for the name of a finished file.
pub fn is_content_name(name: &str) -> bool {
    let digits = name.strip_suffix(".parquet");
    digits.is_some_and(|digits| digits.len() == NAME_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
