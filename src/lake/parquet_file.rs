//! Writes one Parquet file whole or not at all, named by its content.

use super::error::LakeError;
use super::layout::{self, HashingWriter};
use crate::event::field::{FIELD_IDS, FIELDS, FieldId, Kind};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Rows of a row group: enough for good compression, few enough that one can be skipped to some purpose.
const ROW_GROUP_ROWS: usize = 128 << 10;

/// Rows of a page, the smallest part of a column that a query can skip.
const PAGE_ROWS: usize = 8 << 10;

/// One file that was written.
#[derive(Debug)]
pub struct Written {
    /// Path relative to the lake, with forward slashes.
    pub path: String,
    pub rows: u64,
    pub bytes: u64,
    pub sha256: String,
}

/// The columns that rows of a data file are sorted by: root activity stands together, then by time, so that the views
/// about the root account read few pages of each day.
pub const SORTED_BY: [FieldId; 3] = [FieldId::UserIdentityType, FieldId::EventTime, FieldId::EventId];

/// Columns whose values differ in nearly every row. A dictionary of them would only be built and thrown away.
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

/// Text columns in whose values there is no order, as rows are sorted: from least to greatest they span everything in
/// every page, so that knowing it lets a query skip none. Columns of JSON are such too.
const WITHOUT_RANGE: [FieldId; 9] = [
    FieldId::EventId,
    FieldId::RequestId,
    FieldId::SourceIpAddress,
    FieldId::UserAgent,
    FieldId::ErrorMessage,
    FieldId::ResourceName,
    FieldId::RequestParameterJson,
    FieldId::SourceId,
    FieldId::ContentIdentity,
];

/// How data files of events are written. Bloom filters stand on the ids that people look up.
pub fn event_properties(rows: usize) -> Result<WriterProperties, ParquetError> {
    let sorting = SORTED_BY
        .iter()
        .map(|id| SortingColumn { column_idx: *id as i32, descending: false, nulls_first: true })
        .collect();
    let mut properties = base_properties()?.set_sorting_columns(Some(sorting));
    for field in FIELDS.iter().filter(|field| field.looked_up) {
        let column = ColumnPath::from(field.column);
        properties = properties
            .set_column_bloom_filter_enabled(column.clone(), true)
            .set_column_bloom_filter_fpp(column.clone(), 0.01)
            .set_column_bloom_filter_max_ndv(column, rows.min(ROW_GROUP_ROWS) as u64);
    }
    for id in UNIQUE {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(id.column()), false);
    }
    for id in GROWING {
        let column = ColumnPath::from(id.column());
        properties = properties
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
    }
    for id in FIELD_IDS.iter().filter(|id| id.field().kind == Kind::Json || WITHOUT_RANGE.contains(id)) {
        let column = ColumnPath::from(id.column());
        properties = properties.set_column_statistics_enabled(column, EnabledStatistics::None);
    }
    Ok(properties.build())
}

/// How the tables `sources` and `rejects` are written.
pub fn table_properties() -> Result<WriterProperties, ParquetError> {
    Ok(base_properties()?.build())
}

/// How the table `copies` is written: looked up by event id, and ids take no dictionary.
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

fn base_properties() -> Result<parquet::file::properties::WriterPropertiesBuilder, ParquetError> {
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(1024)
        .set_created_by(format!("trailql {}", env!("CARGO_PKG_VERSION"))))
}

/// Writes `batches` to a file in `folder` (relative to `root`). The same rows make the same bytes, and so the same name.
pub fn write(
    root: &Path,
    folder: &Path,
    batches: &[RecordBatch],
    properties: WriterProperties,
) -> Result<Option<Written>, LakeError> {
    let Some(first) = batches.first() else { return Ok(None) };
    let target = root.join(folder);
    layout::create_folder(&target)?;
    let temporary = tempfile::Builder::new()
        .prefix(".")
        .suffix(".tmp")
        .tempfile_in(&target)
        .map_err(LakeError::io("create a file in", &target))?;
    let failed = |error| LakeError::parquet("write", temporary.path())(error);
    let sink = HashingWriter::new(BufWriter::with_capacity(1 << 20, temporary.as_file()));
    let mut writer = ArrowWriter::try_new(sink, first.schema(), Some(properties)).map_err(failed)?;
    for batch in batches {
        writer.write(batch).map_err(failed)?;
    }
    let (mut buffered, sha256, bytes) = writer.into_inner().map_err(failed)?.finish();
    buffered.flush().map_err(LakeError::io("write", temporary.path()))?;
    drop(buffered);
    temporary.as_file().sync_all().map_err(LakeError::io("sync", temporary.path()))?;
    let name = format!("{}.parquet", sha256.get(..24).unwrap_or(&sha256));
    let path = target.join(&name);
    temporary.persist(&path).map_err(|error| LakeError::io("create", &path)(error.error))?;
    make_readable(&path)?;
    let rows = batches.iter().map(|batch| batch.num_rows() as u64).sum();
    Ok(Some(Written { path: relative(folder, &name), rows, bytes, sha256 }))
}

/// Temporary files are private; data files may be read by whoever may read the lake's folder.
fn make_readable(path: &Path) -> Result<(), LakeError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).map_err(LakeError::io("open up", path))?;
    }
    #[cfg(not(unix))]
    let _ = (path, fs::metadata(path));
    Ok(())
}

fn relative(folder: &Path, name: &str) -> String {
    let parts: Vec<_> = folder.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    format!("{}/{name}", parts.join("/"))
}

/// The path of a file that an entry names.
pub fn absolute(root: &Path, relative: &str) -> PathBuf {
    relative.split('/').fold(root.to_path_buf(), |path, part| path.join(part))
}
