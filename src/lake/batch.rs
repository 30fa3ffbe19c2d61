//! Events to record batches and back.

use super::schema;
use crate::event::field::{FIELD_IDS, FieldId, Kind};
use crate::event::record::{Event, Value};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Int64Builder, StringViewBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use std::borrow::Cow;
use std::sync::Arc;

/// Builds record batches of the events schema.
pub struct EventBatchBuilder {
    columns: Vec<Column>,
    rows: usize,
    text_bytes: usize,
}

enum Column {
    Text(StringViewBuilder),
    Flag(BooleanBuilder),
    Int(Int64Builder),
    Time(TimestampMicrosecondBuilder),
}

/// Text is gathered in blocks of this size, so that rows share few allocations.
const TEXT_BLOCK_BYTES: u32 = 256 << 10;

impl Column {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text | Kind::Version | Kind::Json => {
                Column::Text(StringViewBuilder::new().with_fixed_block_size(TEXT_BLOCK_BYTES))
            }
            Kind::Flag => Column::Flag(BooleanBuilder::new()),
            Kind::Int => Column::Int(Int64Builder::new()),
            Kind::Time => Column::Time(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
        }
    }

    /// Appends a value; a value of another kind than the column's is null, which the decoder never asks for.
    fn append(&mut self, value: &Value<'_>) {
        match (self, value) {
            (Column::Text(builder), Value::Text(text)) => builder.append_value(text),
            (Column::Text(builder), _) => builder.append_null(),
            (Column::Flag(builder), Value::Flag(flag)) => builder.append_value(*flag),
            (Column::Flag(builder), _) => builder.append_null(),
            (Column::Int(builder), Value::Int(number)) => builder.append_value(*number),
            (Column::Int(builder), _) => builder.append_null(),
            (Column::Time(builder), Value::Int(micros)) => builder.append_value(*micros),
            (Column::Time(builder), _) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Column::Text(builder) => Arc::new(builder.finish()),
            Column::Flag(builder) => Arc::new(builder.finish()),
            Column::Int(builder) => Arc::new(builder.finish()),
            Column::Time(builder) => Arc::new(builder.finish()),
        }
    }
}

impl Default for EventBatchBuilder {
    fn default() -> Self {
        let columns = FIELD_IDS.iter().map(|id| Column::new(id.field().kind)).collect();
        Self { columns, rows: 0, text_bytes: 0 }
    }
}

impl EventBatchBuilder {
    /// Appends one event as a row.
    pub fn append(&mut self, event: &Event<'_>) {
        for (column, id) in self.columns.iter_mut().zip(FIELD_IDS) {
            let value = event.value(*id);
            if let Value::Text(text) = value {
                self.text_bytes += text.len();
            }
            column.append(value);
        }
        self.rows += 1;
    }

    /// How many rows wait to be taken.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// About how much memory the waiting rows take.
    pub fn bytes(&self) -> usize {
        self.text_bytes + self.rows * self.columns.len() * size_of::<u128>()
    }

    /// Takes the waiting rows as one batch.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        self.text_bytes = 0;
        RecordBatch::try_new(schema::events(), self.columns.iter_mut().map(Column::finish).collect())
    }
}

/// Reads one row of a batch back as an event. Columns are found by name, and text may be of any of Arrow's string
/// types, so that a batch from a query serves as well as one from a data file; missing columns are null.
pub fn read_row(batch: &RecordBatch, row: usize) -> Event<'_> {
    let mut event = Event::default();
    for id in FIELD_IDS.iter().copied() {
        if let Some(column) = batch.column_by_name(id.column()).filter(|column| column.is_valid(row)) {
            event.set(id, read_value(column, id, row));
        }
    }
    event
}

fn read_value<'a>(column: &'a ArrayRef, id: FieldId, row: usize) -> Value<'a> {
    match id.field().kind {
        Kind::Text | Kind::Version | Kind::Json => {
            let text = column
                .as_string_view_opt()
                .map(|array| array.value(row))
                .or_else(|| column.as_string_opt::<i32>().map(|array| array.value(row)))
                .or_else(|| column.as_string_opt::<i64>().map(|array| array.value(row)));
            text.map_or(Value::Absent, |text| Value::Text(Cow::Borrowed(text)))
        }
        Kind::Flag => column.as_boolean_opt().map_or(Value::Absent, |array| Value::Flag(array.value(row))),
        Kind::Int => column.as_primitive_opt::<Int64Type>().map_or(Value::Absent, |array| Value::Int(array.value(row))),
        Kind::Time => column
            .as_primitive_opt::<TimestampMicrosecondType>()
            .map_or(Value::Absent, |array| Value::Int(array.value(row))),
    }
}
