//! The order of rows in a data file.
//!
//! Rows stand by [`root_sort_group`] and then by [`SORTED_BY`], nulls first. The rows of root stand together between
//! the identity types before `root-account` and those behind it. So the minimum and maximum type of a row group tell
//! whether it holds rows of root. A view of the root account reads one row group of each day.
//!
//! Calls of one name stand together, whoever made them. They are asked for together, and their parameters are alike, so
//! that zstd packs them better and faster.

use super::schema;
use crate::event::field::FieldId;
use crate::event::ids::ROOT;
use arrow::array::{
    Array, ArrayRef, AsArray, Int8Array, RecordBatch, StringViewArray, TimestampMicrosecondArray, new_null_array,
};
use arrow::compute;
use arrow::error::ArrowError;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// The columns that rows of a data file are sorted by, after [`root_sort_group`].
pub const SORTED_BY: [FieldId; 4] =
    [FieldId::EventName, FieldId::UserIdentityType, FieldId::EventTime, FieldId::EventId];

/// The note of a data file about its order: key and value. Parquet's own `sorting_columns` cannot express it.
pub const ORDER: (&str, &str) = (
    "trailql.order",
    "user_identity_type before root-account, root-account, behind it; \
     event_name, user_identity_type, event_time, event_id; nulls first",
);

/// Compares an identity type with that of root. Null counts as before it.
pub fn root_sort_group(identity_type: Option<&str>) -> Ordering {
    identity_type.map_or(Ordering::Less, |identity_type| identity_type.cmp(ROOT))
}

/// Sorts rows into the order of a data file. Rows that are equal in all keys keep their order.
pub fn sort_rows(batches: &[RecordBatch]) -> Result<RecordBatch, ArrowError> {
    let keys = batches.iter().map(SortKeys::of).collect::<Option<Vec<_>>>();
    let keys = keys.ok_or_else(foreign_batch)?;
    // There are few kinds of events. Each gets a number, since comparing numbers is much cheaper than comparing texts.
    let mut numbers: HashMap<Kind<'_>, usize> = HashMap::new();
    let mut order: Vec<(usize, Option<i64>, (usize, usize))> = Vec::new();
    for (batch, key) in keys.iter().enumerate() {
        for (row, (kind, time)) in key.kinds().zip(key.event_time).enumerate() {
            let next = numbers.len();
            order.push((*numbers.entry(kind).or_insert(next), time, (batch, row)));
        }
    }
    let mut kinds: Vec<(Kind<'_>, usize)> = numbers.into_iter().collect();
    kinds.sort_unstable();
    let mut ranks = vec![0; kinds.len()];
    for (rank, (_, number)) in kinds.into_iter().enumerate() {
        ranks[number] = rank;
    }
    for row in &mut order {
        row.0 = ranks[row.0];
    }
    let event_id = |(batch, row): (usize, usize)| {
        let ids = keys[batch].event_id;
        ids.is_valid(row).then(|| ids.value(row))
    };
    order.sort_unstable_by(|a, b| {
        let by_number = (a.0, a.1).cmp(&(b.0, b.1));
        by_number.then_with(|| event_id(a.2).cmp(&event_id(b.2))).then_with(|| a.2.cmp(&b.2))
    });
    let order: Vec<(usize, usize)> = order.into_iter().map(|(.., place)| place).collect();
    interleave(batches, &order)
}

/// Picks rows of batches, each by its batch and its place in it.
///
/// Many columns have no value all day. A column of nulls needs no picking.
fn interleave(batches: &[RecordBatch], rows: &[(usize, usize)]) -> Result<RecordBatch, ArrowError> {
    let Some(first) = batches.first() else { return Ok(RecordBatch::new_empty(schema::events())) };
    let columns = (0..first.num_columns()).map(|at| {
        let parts: Vec<&dyn Array> = batches.iter().map(|batch| batch.column(at).as_ref()).collect();
        if parts.iter().all(|part| part.null_count() == part.len()) {
            return Ok(new_null_array(first.column(at).data_type(), rows.len()));
        }
        compute::interleave(&parts, rows)
    });
    RecordBatch::try_new(first.schema(), columns.collect::<Result<_, _>>()?)
}

/// The sort group, name and identity type of an event.
type Kind<'a> = (Ordering, Option<&'a str>, Option<&'a str>);

/// The columns that rows are sorted by.
struct SortKeys<'a> {
    event_name: &'a StringViewArray,
    identity_type: &'a StringViewArray,
    event_time: &'a TimestampMicrosecondArray,
    event_id: &'a StringViewArray,
}

impl<'a> SortKeys<'a> {
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let [event_name, identity_type, event_time, event_id] = SORTED_BY.map(|id| batch.column(id as usize));
        Some(Self {
            event_name: event_name.as_string_view_opt()?,
            identity_type: identity_type.as_string_view_opt()?,
            event_time: event_time.as_primitive_opt()?,
            event_id: event_id.as_string_view_opt()?,
        })
    }

    fn kinds(&self) -> impl Iterator<Item = Kind<'a>> {
        self.event_name.iter().zip(self.identity_type).map(|(name, kind)| (root_sort_group(kind), name, kind))
    }
}

/// The columns from which a row converter makes keys with the order of a data file.
pub fn sort_columns(batch: &RecordBatch) -> Result<Vec<ArrayRef>, ArrowError> {
    let types = batch.column(FieldId::UserIdentityType as usize).as_string_view_opt();
    let types = types.ok_or_else(foreign_batch)?;
    let groups: Int8Array = types.iter().map(|kind| Some(root_sort_group(kind) as i8)).collect();
    let columns = SORTED_BY.iter().map(|id| Arc::clone(batch.column(*id as usize)));
    Ok([Arc::new(groups) as ArrayRef].into_iter().chain(columns).collect())
}

/// Builds the error of a batch without the columns of an event, which no caller makes.
pub fn foreign_batch() -> ArrowError {
    ArrowError::SchemaError("a batch without the columns of an event".to_owned())
}
