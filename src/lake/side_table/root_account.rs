//! The side table of the account itself (root).
//!
//! Most questions over weeks and years are about root, which does little on most days. See the root views in
//! `benches/RESULTS.md`.
//!
//! The table lacks `request_parameter_json`, which repeats the request parameters and would be a third of its size.

use super::{Equality, SideTable};
use crate::event::field::{FIELD_IDS, FieldId};
use crate::event::ids::ROOT;
use crate::event::time::utc_day;
use crate::lake::manifest::SideTableId;
use crate::lake::sort::foreign_batch;
use crate::lake::{parquet_file, schema};
use arrow::array::{ArrayRef, AsArray, BooleanArray, Date32Array, RecordBatch, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use std::sync::{Arc, LazyLock};

/// Rows of root that are kept however large a part of the lake they are.
const ALWAYS_KEPT_ROWS: u64 = 100_000;

/// Above [`ALWAYS_KEPT_ROWS`], rows are kept as long as they are at most one part of the lake in so many.
const KEPT_PART: u64 = 8;

/// Rows of one data file that may wait in memory, or one part in [`KEPT_PART`] of its rows if that is more.
const WAITING_ROWS: usize = 8 << 10;

/// The column of events that the table lacks.
const LEFT_OUT: FieldId = FieldId::RequestParameterJson;

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let date = Arc::new(Field::new(schema::EVENT_DATE, DataType::Date32, true));
    let events = schema::events();
    let fields = events.fields().iter().filter(|field| field.name() != LEFT_OUT.column());
    Arc::new(Schema::new(fields.cloned().chain([date]).collect::<Vec<_>>()))
});

/// The side table of root.
#[derive(Debug)]
pub struct RootAccount;

impl SideTable for RootAccount {
    fn id(&self) -> SideTableId {
        SideTableId::RootAccount
    }

    fn rows_are(&self) -> &'static str {
        "of the account itself"
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&SCHEMA)
    }

    fn properties(&self) -> Result<WriterProperties, ParquetError> {
        parquet_file::side_table_properties()
    }

    fn deciding_columns(&self) -> &'static [FieldId] {
        &[FieldId::UserIdentityType]
    }

    fn selects(&self, events: &RecordBatch) -> Result<BooleanArray, ArrowError> {
        let types = events.column_by_name(FieldId::UserIdentityType.column());
        let types = types.and_then(|types| types.as_string_view_opt()).ok_or_else(foreign_batch)?;
        Ok(types.iter().map(|kind| kind == Some(ROOT)).collect::<Vec<bool>>().into())
    }

    fn project(&self, events: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let times: Option<&TimestampMicrosecondArray> = events.column(FieldId::EventTime as usize).as_primitive_opt();
        let dates: Date32Array = times.into_iter().flatten().map(|time| time.map(utc_day)).collect();
        let columns = events.columns().iter().zip(FIELD_IDS).filter(|(_, id)| **id != LEFT_OUT);
        let columns = columns.map(|(column, _)| Arc::clone(column)).chain([Arc::new(dates) as ArrayRef]);
        RecordBatch::try_new(self.schema(), columns.collect())
    }

    fn is_worth_keeping(&self, rows: u64, lake_rows: u64) -> bool {
        rows <= ALWAYS_KEPT_ROWS.max(lake_rows / KEPT_PART)
    }

    fn may_wait(&self, rows: usize, file_rows: usize) -> bool {
        rows <= WAITING_ROWS.max(file_rows / KEPT_PART as usize)
    }

    fn covers(&self, equalities: &[Equality<'_>], columns: &[&str]) -> bool {
        let asks_for_root = Equality { column: FieldId::UserIdentityType.column(), value: ROOT };
        equalities.contains(&asks_for_root) && columns.iter().all(|column| SCHEMA.index_of(column).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_about_root_and_its_columns_are_covered() {
        let is = |column: &'static str, value: &'static str| Equality { column, value };
        let root = is("user_identity_type", ROOT);
        for (equalities, columns, covered) in [
            (&[root][..], &["event_name", "event_date"][..], true),
            (&[is("event_name", "X"), root], &[], true),
            (&[root], &["request_parameters"], true),
            (&[root], &["request_parameter_json"], false),
            (&[root], &["no_such_column"], false),
            (&[is("user_identity_type", "ram-user")], &["event_name"], false),
            (&[is("event_name", ROOT)], &["event_name"], false),
            (&[], &["event_name"], false),
        ] {
            assert_eq!(RootAccount.covers(equalities, columns), covered, "{equalities:?} {columns:?}");
        }
    }
}
