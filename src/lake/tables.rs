//! The rows of the tables `sources`, `rejects` and `copies`, gathered until a commit writes them, and read back.

use super::error::LakeError;
use super::layout;
use super::manifest::{TableFile, Tally};
use super::parquet_file::{self, Written};
use super::schema;
use crate::event::identity::Identity;
use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, BooleanBuilder, Int64Builder, RecordBatch, StringBuilder,
    TimestampNanosecondBuilder, UInt64Array,
};
use arrow::datatypes::{Int64Type, TimestampNanosecondType, UInt64Type};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// What tells that a file was read before and has not changed since, without opening it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceKey {
    /// Absolute path; bytes that are not UTF-8 are shown as `\x..`.
    pub path: String,
    /// Its size.
    pub size_bytes: u64,
    /// Last change, in nanoseconds since 1970.
    pub modified_ns: i64,
}

impl SourceKey {
    /// The id of the source: the same file unchanged has the same id.
    pub fn source_id(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.path.as_bytes());
        hasher.update([0]);
        hasher.update(self.size_bytes.to_le_bytes());
        hasher.update(self.modified_ns.to_le_bytes());
        // As many bits as the identity of an event has, for the same reason: paths are an attacker's to choose.
        layout::hex(&hasher.finalize()[..16])
    }
}

/// A row of the table `sources`.
#[derive(Debug, Clone)]
pub struct SourceRow {
    /// Its id, see [`SourceKey::source_id`].
    pub source_id: String,
    /// Where it is, and what tells whether it changed.
    pub key: SourceKey,
    /// Digest of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// What it turned out to be.
    pub shape: String,
    /// What was found in it.
    pub tally: Tally,
    /// The run that read it.
    pub run_id: String,
    /// Why the export lacks events that it should have, where it says so itself.
    pub incomplete: Option<String>,
    /// Why the file may hold events although none was found in it.
    pub suspicious: Option<String>,
}

/// Which sources the lake has read, by their ids: 16 bytes for each of a million files.
#[derive(Debug, Default)]
pub struct KnownSources {
    known: HashSet<u128>,
    /// Those whose newest reading had rejects, and how many.
    with_rejects: HashMap<u128, u64>,
}

/// Digits of an id of a source.
const ID_DIGITS: usize = 32;

/// Digits of an id that builds of format 2 gave, which are the first of those that are given now.
const SHORT_ID_DIGITS: usize = 16;

impl KnownSources {
    /// Reads the sources that earlier commits accounted for.
    pub fn load(root: &Path, files: &[TableFile]) -> Result<Self, LakeError> {
        let mut sources = Self::default();
        // Files stand in the order of their commits, so of two readings of a source the newer one comes last.
        for file in files {
            for batch in read_table(root, file, 8 << 10, Some(&["source_id", "rejected"]))? {
                let batch = batch?;
                let ids = columns(&batch, ["source_id"], |c| c.as_string_opt::<i32>());
                let rejected = columns(&batch, ["rejected"], |c| c.as_primitive_opt::<Int64Type>());
                let (Some([ids]), Some([rejected])) = (ids, rejected) else { return Err(foreign_columns()) };
                for row in 0..batch.num_rows() {
                    let number = Self::number(ids.value(row));
                    sources.known.insert(number);
                    match u64::try_from(rejected.value(row)) {
                        Ok(rejects) if rejects > 0 => sources.with_rejects.insert(number, rejects),
                        _ => sources.with_rejects.remove(&number),
                    };
                }
            }
        }
        Ok(sources)
    }

    /// The id under which a source was read before, if it was and has not changed since.
    pub fn id_of(&self, key: &SourceKey) -> Option<String> {
        let id = key.source_id();
        let short = id.get(..SHORT_ID_DIGITS).unwrap_or_default();
        [id.as_str(), short].into_iter().find(|id| self.known.contains(&Self::number(id))).map(str::to_owned)
    }

    /// How many records of a known source could not be read.
    pub fn rejects(&self, source_id: &str) -> u64 {
        self.with_rejects.get(&Self::number(source_id)).copied().unwrap_or(0)
    }

    /// An id as a number; a short one ends with zeros.
    fn number(source_id: &str) -> u128 {
        let digits = source_id.chars().chain(std::iter::repeat('0')).take(ID_DIGITS);
        digits.fold(0, |number, digit| number << 4 | u128::from(digit.to_digit(16).unwrap_or(0)))
    }
}

/// Calls `take` with every row of a file of the table `sources`, and with the number of the commit it came with.
pub fn each_source<E: From<LakeError>>(
    root: &Path,
    file: &TableFile,
    mut take: impl FnMut(SourceRow, u64) -> Result<(), E>,
) -> Result<(), E> {
    for batch in read_table(root, file, 8 << 10, None)? {
        let batch = batch.map_err(LakeError::from)?;
        let (Some(texts), Some(numbers)) = (
            columns(&batch, ["source_id", "path", "sha256", "shape", "run_id"], |c| c.as_string_opt::<i32>()),
            columns(&batch, ["size_bytes", "read", "stored", "duplicate", "rejected"], |c| {
                c.as_primitive_opt::<Int64Type>()
            }),
        ) else {
            return Err(foreign_columns().into());
        };
        let modified =
            batch.column_by_name("modified_at").and_then(|c| c.as_primitive_opt::<TimestampNanosecondType>());
        let modified = modified.ok_or_else(foreign_columns)?;
        let versions = versions(&batch, file)?;
        // Files of earlier builds lack these columns.
        let remarks = ["incomplete", "suspicious"]
            .map(|name| batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>()));
        for row in 0..batch.num_rows() {
            let [incomplete, suspicious] = remarks
                .map(|column| Some(column?.value(row).to_owned()).filter(|_| column.is_some_and(|c| c.is_valid(row))));
            let [source_id, path, sha256, shape, run_id] = texts.map(|column| column.value(row).to_owned());
            let [size_bytes, read, stored, duplicate, rejected] =
                numbers.map(|column| u64::try_from(column.value(row)).unwrap_or(0));
            let source = SourceRow {
                source_id,
                key: SourceKey { path, size_bytes, modified_ns: modified.value(row) },
                sha256,
                shape,
                tally: Tally { read, stored, duplicate, rejected },
                run_id,
                incomplete,
                suspicious,
            };
            take(source, versions.value(row))?;
        }
    }
    Ok(())
}

/// Calls `take` with every row of a file of the table `rejects`, bytes and all, and with the number of the commit it came
/// with.
pub fn each_reject<E: From<LakeError>>(
    root: &Path,
    file: &TableFile,
    mut take: impl FnMut(RejectRow, u64) -> Result<(), E>,
) -> Result<(), E> {
    // A record may be large, so few are at hand at a time.
    for batch in read_table(root, file, 16, None)? {
        let batch = batch.map_err(LakeError::from)?;
        let (Some(texts), Some(numbers), Some([bytes])) = (
            columns(&batch, ["source_id", "path", "reason"], |c| c.as_string_opt::<i32>()),
            columns(&batch, ["record", "offset", "length"], |c| c.as_primitive_opt::<Int64Type>()),
            columns(&batch, ["bytes"], |c| c.as_binary_opt::<i32>()),
        ) else {
            return Err(foreign_columns().into());
        };
        let versions = versions(&batch, file)?;
        for row in 0..batch.num_rows() {
            let [source_id, path, reason] = texts.map(|column| column.value(row).to_owned());
            let [record, offset, length] = numbers.map(|column| column.value(row));
            let length = u64::try_from(length).unwrap_or(0);
            let bytes = bytes.value(row).to_vec();
            let reject = RejectRow { source_id, path, record, offset, reason, length, bytes };
            take(reject, versions.value(row))?;
        }
    }
    Ok(())
}

/// The number of the commit that each row came with: that of the file, or what a merged file says.
pub fn versions(batch: &RecordBatch, file: &TableFile) -> Result<UInt64Array, LakeError> {
    if file.first_version.is_none() {
        return Ok(UInt64Array::from_value(file.version, batch.num_rows()));
    }
    let column = batch.column_by_name(schema::VERSION).and_then(|column| column.as_primitive_opt::<UInt64Type>());
    column.cloned().ok_or_else(foreign_columns)
}

/// Reads a file in batches of `rows`; all columns, or those of `names`.
pub fn read_table(
    root: &Path,
    file: &TableFile,
    rows: usize,
    names: Option<&[&str]>,
) -> Result<ParquetRecordBatchReader, LakeError> {
    let path = parquet_file::absolute(root, &file.path);
    let open = File::open(&path).map_err(LakeError::io("open", &path))?;
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

fn foreign_columns() -> LakeError {
    LakeError::Arrow(ArrowError::SchemaError("a table without the columns it should have".to_owned()))
}

/// Gathers rows of the table `sources`.
#[derive(Default)]
pub struct SourcesBuilder {
    texts: [StringBuilder; 5],
    numbers: [Int64Builder; 5],
    remarks: [StringBuilder; 2],
    modified: TimestampNanosecondBuilder,
    rows: u64,
}

impl SourcesBuilder {
    /// How many rows wait to be written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Forgets the waiting rows.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Appends a source.
    pub fn append(&mut self, row: &SourceRow) {
        let texts = [&row.source_id, &row.key.path, &row.sha256, &row.shape, &row.run_id];
        for (builder, text) in self.texts.iter_mut().zip(texts) {
            builder.append_value(text);
        }
        let tally = row.tally;
        let numbers = [row.key.size_bytes, tally.read, tally.stored, tally.duplicate, tally.rejected];
        for (builder, number) in self.numbers.iter_mut().zip(numbers) {
            builder.append_value(i64::try_from(number).unwrap_or(i64::MAX));
        }
        for (builder, remark) in self.remarks.iter_mut().zip([&row.incomplete, &row.suspicious]) {
            builder.append_option(remark.as_ref());
        }
        self.modified.append_value(row.key.modified_ns);
        self.rows += 1;
    }

    /// Writes the waiting rows to a file of their own.
    pub fn write(&mut self, root: &Path) -> Result<Option<TableFile>, LakeError> {
        if std::mem::take(&mut self.rows) == 0 {
            return Ok(None);
        }
        let [id, path, sha256, shape, run] = self.texts.each_mut().map(|b| Arc::new(b.finish()) as ArrayRef);
        let [size, read, stored, duplicate, rejected] =
            self.numbers.each_mut().map(|b| Arc::new(b.finish()) as ArrayRef);
        let modified = Arc::new(self.modified.finish().with_timezone("UTC"));
        let [incomplete, suspicious] = self.remarks.each_mut().map(|b| Arc::new(b.finish()) as ArrayRef);
        let columns = vec![
            id, path, size, modified, sha256, shape, read, stored, duplicate, rejected, run, incomplete, suspicious,
        ];
        let batch = RecordBatch::try_new(schema::sources(), columns)?;
        write_table(root, layout::SOURCES, &batch)
    }
}

/// Gathers rows of the table `rejects`.
#[derive(Default)]
pub struct RejectsBuilder {
    texts: [StringBuilder; 3],
    numbers: [Int64Builder; 3],
    bytes: BinaryBuilder,
    rows: u64,
    kept_bytes: usize,
}

/// A row of the table `rejects`.
#[derive(Debug, Clone)]
pub struct RejectRow {
    /// Id of the source it stands in.
    pub source_id: String,
    /// Path of that source.
    pub path: String,
    /// Number of the record in it, from 0.
    pub record: i64,
    /// Where the record begins in the unpacked source, in bytes.
    pub offset: i64,
    /// Why it could not be read.
    pub reason: String,
    /// Length of the record, of which `bytes` may hold only the beginning.
    pub length: u64,
    /// The record as it came.
    pub bytes: Vec<u8>,
}

impl RejectsBuilder {
    /// About how much memory the waiting rows take.
    pub fn bytes(&self) -> usize {
        self.kept_bytes
    }

    /// Appends a record that could not be read.
    pub fn append(&mut self, row: &RejectRow) {
        for (builder, text) in self.texts.iter_mut().zip([&row.source_id, &row.path, &row.reason]) {
            builder.append_value(text);
        }
        let length = i64::try_from(row.length).unwrap_or(i64::MAX);
        for (builder, number) in self.numbers.iter_mut().zip([row.record, row.offset, length]) {
            builder.append_value(number);
        }
        self.bytes.append_value(&row.bytes);
        self.rows += 1;
        self.kept_bytes += row.bytes.len() + row.path.len() + row.reason.len() + 64;
    }

    /// Forgets the waiting rows.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Writes the waiting rows to a file of their own.
    pub fn write(&mut self, root: &Path) -> Result<Option<TableFile>, LakeError> {
        self.kept_bytes = 0;
        if std::mem::take(&mut self.rows) == 0 {
            return Ok(None);
        }
        let [id, path, reason] = self.texts.each_mut().map(|b| Arc::new(b.finish()) as ArrayRef);
        let [record, offset, length] = self.numbers.each_mut().map(|b| Arc::new(b.finish()) as ArrayRef);
        let columns = vec![id, path, record, offset, reason, length, Arc::new(self.bytes.finish())];
        let batch = RecordBatch::try_new(schema::rejects(), columns)?;
        write_table(root, layout::REJECTS, &batch)
    }
}

/// A further place that an event was found at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyRow<'a> {
    /// Which event it is: the identity that its first copy has.
    pub identity: Identity,
    /// Its event id, which may be masked.
    pub event_id: Option<&'a str>,
    /// Id of the source the copy stands in.
    pub source_id: &'a str,
    /// Number of the record in it, from 0.
    pub record: i64,
    /// Where the record begins in the unpacked source, in bytes.
    pub offset: i64,
    /// True where the event stood here until a more complete copy took its place.
    pub replaced: bool,
}

/// Gathers rows of the table `copies`: ids only, so that a lake that is fed everything twice stays small.
#[derive(Default)]
pub struct CopiesBuilder {
    identity: StringBuilder,
    event_id: StringBuilder,
    source_id: StringBuilder,
    record: Int64Builder,
    offset: Int64Builder,
    replaced: BooleanBuilder,
    rows: u64,
    kept_bytes: usize,
}

impl CopiesBuilder {
    /// About how much memory the waiting rows take.
    pub fn bytes(&self) -> usize {
        self.kept_bytes
    }

    /// Appends a copy.
    pub fn append(&mut self, row: CopyRow<'_>) {
        self.identity.append_value(row.identity.to_hex());
        self.event_id.append_option(row.event_id);
        self.source_id.append_value(row.source_id);
        self.record.append_value(row.record);
        self.offset.append_value(row.offset);
        self.replaced.append_value(row.replaced);
        self.rows += 1;
        self.kept_bytes += row.event_id.map_or(0, str::len) + row.source_id.len() + 64;
    }

    /// Writes the waiting rows to a file of their own.
    pub fn write(&mut self, root: &Path) -> Result<Option<TableFile>, LakeError> {
        self.kept_bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        if rows == 0 {
            return Ok(None);
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.identity.finish()),
            Arc::new(self.event_id.finish()),
            Arc::new(self.source_id.finish()),
            Arc::new(self.record.finish()),
            Arc::new(self.offset.finish()),
            Arc::new(self.replaced.finish()),
        ];
        let batch = RecordBatch::try_new(schema::copies(), columns)?;
        let properties = parquet_file::copies_properties(batch.num_rows());
        write_file(root, layout::COPIES, &batch, properties)
    }

    /// Forgets the waiting rows.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

fn write_table(root: &Path, folder: &str, batch: &RecordBatch) -> Result<Option<TableFile>, LakeError> {
    write_file(root, folder, batch, parquet_file::table_properties())
}

fn write_file(
    root: &Path,
    folder: &str,
    batch: &RecordBatch,
    properties: Result<WriterProperties, ParquetError>,
) -> Result<Option<TableFile>, LakeError> {
    let folder = Path::new(folder);
    let properties = properties.map_err(LakeError::parquet("write", &root.join(folder)))?;
    let written = parquet_file::write(root, folder, std::slice::from_ref(batch), properties)?;
    Ok(written.map(|written| table_file(written, 0, None)))
}

/// A file of a table, as an entry names it.
pub fn table_file(written: Written, version: u64, first_version: Option<u64>) -> TableFile {
    let Written { path, rows, bytes, sha256, columns, .. } = written;
    TableFile { path, rows, bytes, sha256, version, first_version, event_times: None, columns }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_known_by_ids_of_either_length() {
        let key = |path: &str| SourceKey { path: path.to_owned(), size_bytes: 1, modified_ns: 2 };
        let long = key("a").source_id();
        assert_eq!(long.len(), ID_DIGITS);
        let other = format!("{}{}", &long[..SHORT_ID_DIGITS], "f".repeat(SHORT_ID_DIGITS));
        for (known, expected) in [
            (long.as_str(), Some(long.as_str())),
            (&long[..SHORT_ID_DIGITS], Some(&long[..SHORT_ID_DIGITS])),
            (other.as_str(), None),
            ("", None),
        ] {
            let number = KnownSources::number(known);
            let sources = KnownSources { known: [number].into(), with_rejects: [(number, 7)].into() };
            let found = sources.id_of(&key("a"));
            assert_eq!(found.as_deref(), expected, "{known}");
            assert_eq!(sources.id_of(&key("b")), None);
            assert_eq!(sources.rejects(known), 7);
        }
    }
}
