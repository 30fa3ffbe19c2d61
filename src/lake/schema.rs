//! The Arrow schemas of the lake's tables, derived from the field table.
//!
//! Text is `Utf8View` in memory: rows can be sorted, filtered and split by day without copying their text. In the
//! Parquet files it is an ordinary UTF-8 string that any engine reads.

use crate::event::field::{FIELDS, Kind};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::{Arc, LazyLock};

/// The partition column: the UTC date of the event. It stands in the names of folders, not in data files.
pub const EVENT_DATE: &str = "event_date";

/// The Arrow type of a kind of field.
pub fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text | Kind::Version | Kind::Json => DataType::Utf8View,
        Kind::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Kind::Flag => DataType::Boolean,
        Kind::Int => DataType::Int64,
    }
}

static EVENTS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let fields: Vec<Field> = FIELDS.iter().map(|f| Field::new(f.column, data_type(f.kind), true)).collect();
    Arc::new(Schema::new(fields))
});

static SOURCES: LazyLock<SchemaRef> = LazyLock::new(|| {
    let text = |name| Field::new(name, DataType::Utf8, false);
    let number = |name| Field::new(name, DataType::Int64, false);
    Arc::new(Schema::new(vec![
        text("source_id"),
        text("path"),
        number("size_bytes"),
        Field::new("modified_at", DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())), false),
        text("sha256"),
        text("shape"),
        number("read"),
        number("stored"),
        number("duplicate"),
        number("rejected"),
        text("run_id"),
        Field::new("incomplete", DataType::Utf8, true),
        Field::new("suspicious", DataType::Utf8, true),
    ]))
});

static REJECTS: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("source_id", DataType::Utf8, false),
        Field::new("path", DataType::Utf8, false),
        Field::new("record", DataType::Int64, false),
        Field::new("offset", DataType::Int64, false),
        Field::new("reason", DataType::Utf8, false),
        Field::new("length", DataType::Int64, false),
        Field::new("bytes", DataType::Binary, false),
    ]))
});

static COPIES: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("identity", DataType::Utf8, false),
        Field::new("event_id", DataType::Utf8, true),
        Field::new("source_id", DataType::Utf8, false),
        Field::new("record", DataType::Int64, false),
        Field::new("offset", DataType::Int64, false),
        Field::new("replaced", DataType::Boolean, true),
    ]))
});

/// The column of the other tables with the number of the commit of a row.
///
/// Merged files have it. Files that a commit of `ingest` adds belong to one commit, so readers add it to their rows.
pub const VERSION: &str = "version";

/// The schema of a merged file of a table, with the column [`VERSION`].
pub fn merged(table: &SchemaRef) -> SchemaRef {
    let version = Arc::new(Field::new(VERSION, DataType::UInt64, false));
    Arc::new(Schema::new(table.fields().iter().cloned().chain([version]).collect::<Vec<_>>()))
}

/// Schema of an events data file: the field table, without the partition column.
pub fn events() -> SchemaRef {
    Arc::clone(&EVENTS)
}

/// Schema of the table `sources`: every input ever read.
pub fn sources() -> SchemaRef {
    Arc::clone(&SOURCES)
}

/// Schema of the table `rejects`: every record that could not be read.
pub fn rejects() -> SchemaRef {
    Arc::clone(&REJECTS)
}

/// Schema of the table `copies`: every further place at which an event was found.
pub fn copies() -> SchemaRef {
    Arc::clone(&COPIES)
}
