//! The rows of the tables `sources` and `rejects`, gathered until a commit writes them.

use super::error::LakeError;
use super::layout;
use super::manifest::{TableFile, Tally};
use super::parquet_file;
use super::schema;
use arrow::array::{
    ArrayRef, AsArray, BinaryBuilder, Int64Builder, RecordBatch, StringBuilder, TimestampNanosecondBuilder,
};
use arrow::datatypes::{Int64Type, TimestampNanosecondType};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
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
        layout::hex(&hasher.finalize()[..8])
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
}

/// Which sources the lake has read, by a hash of their key: 16 bytes for each of a million files.
#[derive(Debug, Default)]
pub struct KnownSources(HashSet<[u8; 8]>);

impl KnownSources {
    /// Reads the sources that earlier commits accounted for.
    pub fn load(root: &Path, files: &[TableFile]) -> Result<Self, LakeError> {
        let mut known = HashSet::new();
        for file in files {
            let path = parquet_file::absolute(root, &file.path);
            let open = File::open(&path).map_err(LakeError::io("open", &path))?;
            let builder = ParquetRecordBatchReaderBuilder::try_new(open).map_err(LakeError::parquet("read", &path))?;
            let mask = ProjectionMask::columns(builder.parquet_schema(), ["path", "size_bytes", "modified_at"]);
            for batch in builder.with_projection(mask).build().map_err(LakeError::parquet("read", &path))? {
                let batch = batch?;
                let (paths, sizes) = (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
                let changes = batch.column(2).as_primitive::<TimestampNanosecondType>();
                for row in 0..batch.num_rows() {
                    known.insert(Self::hash(&SourceKey {
                        path: paths.value(row).to_owned(),
                        size_bytes: u64::try_from(sizes.value(row)).unwrap_or(0),
                        modified_ns: changes.value(row),
                    }));
                }
            }
        }
        Ok(Self(known))
    }

    /// True where the source was read before and has not changed.
    pub fn contains(&self, key: &SourceKey) -> bool {
        self.0.contains(&Self::hash(key))
    }

    fn hash(key: &SourceKey) -> [u8; 8] {
        let mut hash = [0; 8];
        for (byte, pair) in hash.iter_mut().zip(key.source_id().as_bytes().chunks(2)) {
            *byte = pair.iter().fold(0, |n, digit| n << 4 | (*digit as char).to_digit(16).unwrap_or(0) as u8);
        }
        hash
    }
}

/// Gathers rows of the table `sources`.
#[derive(Default)]
pub struct SourcesBuilder {
    texts: [StringBuilder; 5],
    numbers: [Int64Builder; 5],
    modified: TimestampNanosecondBuilder,
    rows: u64,
}

impl SourcesBuilder {
    /// How many rows wait to be written.
    pub fn rows(&self) -> u64 {
        self.rows
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
        let columns = vec![id, path, size, modified, sha256, shape, read, stored, duplicate, rejected, run];
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

fn write_table(root: &Path, folder: &str, batch: &RecordBatch) -> Result<Option<TableFile>, LakeError> {
    let folder = Path::new(folder);
    let properties = parquet_file::table_properties().map_err(LakeError::parquet("write", &root.join(folder)))?;
    let written = parquet_file::write(root, folder, std::slice::from_ref(batch), properties)?;
    Ok(written.map(|w| TableFile { path: w.path, rows: w.rows, bytes: w.bytes, sha256: w.sha256 }))
}
