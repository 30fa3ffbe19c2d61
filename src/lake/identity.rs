//! The identities of events as they stand in record batches and data files.

use super::error::LakeError;
use super::parquet_file;
use super::storage::Storage;
use crate::event::field::FieldId::{self, AccountId, Completeness, ContentIdentity, EventId, EventName, EventTime};
use crate::event::identity::{Identity, Keys, Told};
use arrow::array::{Array, AsArray, Int64Array, StringViewArray, TimestampMicrosecondArray};
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ProjectionMask;
use std::hash::Hasher;

/// The fields that identify an event, and its completeness.
pub const IDENTIFYING: [FieldId; 6] = [EventId, EventName, EventTime, AccountId, ContentIdentity, Completeness];

/// Hashes identities, which are hashes already: their bits serve as they are.
#[derive(Default)]
pub struct IdentityHasher(u64);

impl Hasher for IdentityHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u128(&mut self, identity: u128) {
        // The low half is as random as the high one.
        self.0 = identity as u64;
    }
}

/// The columns of a batch that identify its events.
pub struct IdentityColumns<'a> {
    event_id: &'a StringViewArray,
    event_name: &'a StringViewArray,
    account_id: &'a StringViewArray,
    content_identity: &'a StringViewArray,
    event_time: &'a TimestampMicrosecondArray,
    /// `None` for a data file of an earlier build.
    completeness: Option<&'a Int64Array>,
}

impl<'a> IdentityColumns<'a> {
    /// Finds the columns; `None` if one is missing or of another type than the lake's.
    pub fn of(batch: &'a RecordBatch) -> Option<Self> {
        let text = |id: FieldId| batch.column_by_name(id.column())?.as_string_view_opt();
        Some(Self {
            event_id: text(FieldId::EventId)?,
            event_name: text(FieldId::EventName)?,
            account_id: text(FieldId::AccountId)?,
            content_identity: text(FieldId::ContentIdentity)?,
            event_time: batch.column_by_name(FieldId::EventTime.column())?.as_primitive_opt()?,
            completeness: batch.column_by_name(Completeness.column()).and_then(|column| column.as_primitive_opt()),
        })
    }

    /// The dedup keys of a row: by its id, else by the hash of its content that the decoder left.
    pub fn keys(&self, row: usize) -> Option<Keys> {
        self.by_content(row).map(Keys::by_content).or_else(|| self.told(row).keys())
    }

    /// An identity that no two rows share, not even rows that an earlier build took for two events.
    pub fn exact_identity(&self, row: usize) -> Option<Identity> {
        self.by_content(row).or_else(|| self.told(row).exactly())
    }

    fn by_content(&self, row: usize) -> Option<Identity> {
        text(self.content_identity, row).and_then(Identity::from_hex)
    }

    fn told(&self, row: usize) -> Told<'_> {
        Told {
            event_id: text(self.event_id, row),
            event_name: text(self.event_name, row),
            event_time: self.event_time(row),
            account_id: text(self.account_id, row),
        }
    }

    /// The completeness of a row; `None` if it is not known.
    pub fn completeness(&self, row: usize) -> Option<i64> {
        self.completeness.filter(|column| column.is_valid(row)).map(|column| column.value(row))
    }

    /// The event id of a row as it came, masked or not.
    pub fn event_id(&self, row: usize) -> Option<&'a str> {
        self.event_id.is_valid(row).then(|| self.event_id.value(row))
    }

    /// The event time of a row, in microseconds since 1970 (UTC).
    pub fn event_time(&self, row: usize) -> Option<i64> {
        self.event_time.is_valid(row).then(|| self.event_time.value(row))
    }
}

fn text(column: &StringViewArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row))
}

/// Reads the identifying columns of a file and those of `also`, and calls `take` with each batch.
///
/// The file has the columns of `schema`.
pub fn each_batch(
    storage: &Storage,
    path: &str,
    schema: SchemaRef,
    also: &[&str],
    mut take: impl FnMut(&IdentityColumns<'_>, &RecordBatch),
) -> Result<(), LakeError> {
    let builder = parquet_file::open(storage, path, &schema)?;
    let needed = IDENTIFYING.map(FieldId::column);
    let mask = ProjectionMask::columns(builder.parquet_schema(), needed.iter().chain(also).copied());
    let reader = builder.with_projection(mask).build().map_err(LakeError::parquet("read", &storage.location(path)))?;
    for batch in reader {
        let batch = batch?;
        if let Some(columns) = IdentityColumns::of(&batch) {
            take(&columns, &batch);
        }
    }
    Ok(())
}
