//! The table `copies`: every further place at which an event was found.

use super::write_file;
use crate::event::identity::Identity;
use crate::lake::error::LakeError;
use crate::lake::layout;
use crate::lake::manifest::TableFile;
use crate::lake::storage::Storage;
use crate::lake::{parquet_file, schema};
use arrow::array::{ArrayRef, BooleanBuilder, Int64Builder, RecordBatch, StringBuilder};
use std::sync::Arc;

/// A row of the table `copies`: a further place at which an event was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyRow<'a> {
    /// Identity of the event.
    pub identity: Identity,
    /// Its event id, which may be masked.
    pub event_id: Option<&'a str>,
    /// Id of the source the copy stands in.
    pub source_id: &'a str,
    /// Number of the record in it, from 0.
    pub record: i64,
    /// Offset of the record in the unpacked source, in bytes.
    pub offset: i64,
    /// Set if the event stood here until a more complete copy replaced it.
    pub replaced: bool,
}

/// Rows of the table `copies` that wait to be written. They are ids only, so that a lake of many copies stays small.
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
    /// Estimates the memory of the waiting rows.
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

    /// Writes the waiting rows to a file of their own; `None` if there are none.
    pub fn write(&mut self, storage: &Storage) -> Result<Option<TableFile>, LakeError> {
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
        write_file(storage, layout::COPIES, &batch, properties)
    }

    /// Drops the waiting rows.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}
