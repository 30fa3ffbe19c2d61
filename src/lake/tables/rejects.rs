//! The table `rejects`: every record that could not be read, with its bytes.

use super::{columns, foreign_columns, read_table, versions, write_table};
use crate::lake::error::LakeError;
use crate::lake::layout;
use crate::lake::manifest::TableFile;
use crate::lake::schema;
use crate::lake::storage::Storage;
use arrow::array::{ArrayRef, AsArray, BinaryBuilder, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::Int64Type;
use std::sync::Arc;

/// Rows of a batch to read. A record may be large, so few are in memory at a time.
pub const BATCH_ROWS: usize = 16;

/// Calls `take` with every row of a file of the table `rejects`, and with the number of its commit.
pub fn each_reject<E: From<LakeError>>(
    storage: &Storage,
    file: &TableFile,
    mut take: impl FnMut(RejectRow, u64) -> Result<(), E>,
) -> Result<(), E> {
    for batch in read_table(storage, file, BATCH_ROWS, None)? {
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

/// Rows of the table `rejects` that wait to be written.
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
    /// Offset of the record in the unpacked source, in bytes.
    pub offset: i64,
    /// Reason for which it could not be read.
    pub reason: String,
    /// Length of the record in bytes; `bytes` may hold only its beginning.
    pub length: u64,
    /// The record as it came.
    pub bytes: Vec<u8>,
}

impl RejectsBuilder {
    /// Estimates the memory of the waiting rows.
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

    /// Drops the waiting rows.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Writes the waiting rows to a file of their own; `None` if there are none.
    pub fn write(&mut self, storage: &Storage) -> Result<Option<TableFile>, LakeError> {
        self.kept_bytes = 0;
        if std::mem::take(&mut self.rows) == 0 {
            return Ok(None);
        }
        let [id, path, reason] = self.texts.each_mut().map(|b| Arc::new(b.finish()) as ArrayRef);
        let [record, offset, length] = self.numbers.each_mut().map(|b| Arc::new(b.finish()) as ArrayRef);
        let columns = vec![id, path, record, offset, reason, length, Arc::new(self.bytes.finish())];
        let batch = RecordBatch::try_new(schema::rejects(), columns)?;
        write_table(storage, layout::REJECTS, &batch)
    }
}
