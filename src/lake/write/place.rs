//! The place at which an event was read: a source, a record in it, and an offset.

use crate::event::field::FieldId;
use crate::event::identity::Identity;
use crate::lake::tables::CopyRow;
use arrow::array::{AsArray, Int64Array, RecordBatch, StringViewArray};
use arrow::datatypes::Int64Type;

/// The columns of a batch with the places of its events.
pub struct PlaceColumns<'a> {
    source_id: &'a StringViewArray,
    record: &'a Int64Array,
    offset: &'a Int64Array,
}

impl<'a> PlaceColumns<'a> {
    /// Finds the columns; `None` if one is missing or of another type.
    pub fn of(batch: &'a RecordBatch) -> Option<Self> {
        let number = |id: FieldId| batch.column_by_name(id.column())?.as_primitive_opt::<Int64Type>();
        Some(Self {
            source_id: batch.column_by_name(FieldId::SourceId.column())?.as_string_view_opt()?,
            record: number(FieldId::SourceRecord)?,
            offset: number(FieldId::SourceOffset)?,
        })
    }

    /// Makes a row of the table `copies`. The reader of an export sets these columns, so that none is null.
    pub fn copy(&self, row: usize, identity: Identity, event_id: Option<&'a str>, replaced: bool) -> CopyRow<'a> {
        let (source_id, record, offset) = (self.source_id.value(row), self.record.value(row), self.offset.value(row));
        CopyRow { identity, event_id, source_id, record, offset, replaced }
    }
}
