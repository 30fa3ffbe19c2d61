//! Converts events to record batches and back.

use super::schema;
use crate::event::field::{FIELD_IDS, FIELDS, FieldId, FieldSet, Kind};
use crate::event::record::{Event, Value};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Int64Builder, StringViewBuilder, TimestampMicrosecondBuilder,
    new_null_array,
};
use arrow::compute;
use arrow::datatypes::{Int64Type, SchemaRef, TimestampMicrosecondType};
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

/// A column under construction.
///
/// Nulls are filled in when a value comes behind them, so that a column costs nothing in events that lack it.
struct Column {
    builder: Builder,
    filled: usize,
}

enum Builder {
    Text(StringViewBuilder),
    Flag(BooleanBuilder),
    Int(Int64Builder),
    Time(TimestampMicrosecondBuilder),
}

/// Size of the blocks of text, so that rows share few allocations.
const TEXT_BLOCK_BYTES: u32 = 64 << 10;

impl Builder {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text | Kind::Version | Kind::Json => {
                Builder::Text(StringViewBuilder::new().with_fixed_block_size(TEXT_BLOCK_BYTES))
            }
            Kind::Flag => Builder::Flag(BooleanBuilder::new()),
            Kind::Int => Builder::Int(Int64Builder::new()),
            Kind::Time => Builder::Time(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
        }
    }

    fn append_nulls(&mut self, count: usize) {
        match self {
            Builder::Text(builder) => (0..count).for_each(|_| builder.append_null()),
            Builder::Flag(builder) => builder.append_nulls(count),
            Builder::Int(builder) => builder.append_nulls(count),
            Builder::Time(builder) => builder.append_nulls(count),
        }
    }

    /// Appends a value. A value of another kind than the column's becomes null; the decoder never gives one.
    fn append(&mut self, value: &Value<'_>) {
        match (self, value) {
            (Builder::Text(builder), Value::Text(text)) => builder.append_value(text),
            (Builder::Flag(builder), Value::Flag(flag)) => builder.append_value(*flag),
            (Builder::Int(builder), Value::Int(number)) => builder.append_value(*number),
            (Builder::Time(builder), Value::Int(micros)) => builder.append_value(*micros),
            (other, _) => other.append_nulls(1),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Builder::Text(builder) => Arc::new(builder.finish()),
            Builder::Flag(builder) => Arc::new(builder.finish()),
            Builder::Int(builder) => Arc::new(builder.finish()),
            Builder::Time(builder) => Arc::new(builder.finish()),
        }
    }
}

impl Column {
    /// Appends the value of a row, and nulls for the rows since the last value.
    fn append(&mut self, row: usize, value: &Value<'_>) {
        if self.filled < row {
            self.builder.append_nulls(row - self.filled);
        }
        self.builder.append(value);
        self.filled = row + 1;
    }

    fn finish(&mut self, kind: Kind, rows: usize) -> ArrayRef {
        if self.filled == 0 {
            return new_null_array(&schema::data_type(kind), rows);
        }
        self.builder.append_nulls(rows - self.filled);
        self.filled = 0;
        self.builder.finish()
    }
}

impl Default for EventBatchBuilder {
    fn default() -> Self {
        let columns = FIELD_IDS.iter().map(|id| Column { builder: Builder::new(id.field().kind), filled: 0 }).collect();
        Self { columns, rows: 0, text_bytes: 0 }
    }
}

impl EventBatchBuilder {
    /// Appends one event as a row; fields other than `fields` are null.
    pub fn append(&mut self, event: &Event<'_>, fields: FieldSet) {
        for (at, value) in event.values(fields) {
            if let Value::Text(text) = value {
                self.text_bytes += text.len();
            }
            self.columns[at].append(self.rows, value);
        }
        self.rows += 1;
    }

    /// Number of rows that wait to be taken.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Estimates the memory of the waiting rows.
    pub fn bytes(&self) -> usize {
        self.text_bytes + self.rows * self.columns.len() * size_of::<u128>()
    }

    /// Takes the waiting rows as one batch.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let rows = std::mem::take(&mut self.rows);
        self.text_bytes = 0;
        let columns = self.columns.iter_mut().zip(FIELDS).map(|(column, field)| column.finish(field.kind, rows));
        RecordBatch::try_new(schema::events(), columns.collect())
    }
}

/// Arranges the columns of a batch as in `schema`. Columns that a file of an earlier build lacks become null.
pub fn fit(batch: RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    if batch.schema_ref().fields() == schema.fields() {
        return Ok(batch);
    }
    let columns = schema.fields().iter().map(|field| match batch.column_by_name(field.name()) {
        Some(column) => Arc::clone(column),
        None => new_null_array(field.data_type(), batch.num_rows()),
    });
    RecordBatch::try_new(Arc::clone(schema), columns.collect())
}

/// Minimum and maximum event time of rows, in microseconds since 1970 (UTC).
pub fn event_times(rows: &RecordBatch) -> Option<(i64, i64)> {
    let times = rows.column_by_name(FieldId::EventTime.column())?.as_primitive_opt::<TimestampMicrosecondType>()?;
    Some((compute::min(times)?, compute::max(times)?))
}

/// Copies the texts of a batch, so that memory which no row needs is freed.
pub fn without_slack(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().map(|column| match column.as_string_view_opt() {
        Some(texts) => Arc::new(texts.gc()) as ArrayRef,
        None => Arc::clone(column),
    });
    RecordBatch::try_new(batch.schema(), columns.collect())
}

/// Reads one row of a batch back as an event.
///
/// Columns are found by name, and text may be of any of Arrow's string types. So a batch from a query serves as well as
/// one from a data file. Missing columns are null.
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
