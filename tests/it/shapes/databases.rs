//! Tables as DuckDB makes them of exports: columns of structs and UUIDs in Parquet, struct texts in CSV.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, ListArray, StringArray, StructArray, TimestampMicrosecondArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields};
use parquet::arrow::ArrowWriter;
use parquet::data_type::{FixedLenByteArray, FixedLenByteArrayType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::{Value, json};
use trailql::export::csv::CsvOptions;

use super::Read;

/// `COPY (SELECT * FROM read_json_auto(…)) TO 'x.csv'`, by DuckDB 2.0 and by DuckDB 1.1.
const CSV: [&str; 2] = [
    r#"eventId,eventVersion,eventName,eventTime,userIdentity,requestParameters,additionalEventData,requestParameterJson
6eec1b9a-0000-4000-8000-000000000001,1,RunInstances,2026-11-03T01:39:09Z,"{'type': root-account, 'accountId': 1000000000000001, 'userName': 'al, ice', 'sessionContext': {'attributes': {'creationDate': '2026-11-03 01:00:00+00', 'mfaAuthenticated': true}}}","{'Name': 'it\'s, a {test} ""q"" \\ x', 'Size': 10, 'Empty': '', 'List': NULL}",{'mfaChecked': true},"{""Name"":""x""}"
"#,
    r#"eventId,eventVersion,eventName,eventTime,userIdentity,requestParameters,additionalEventData,requestParameterJson
6eec1b9a-0000-4000-8000-000000000001,1,RunInstances,2026-11-03T01:39:09Z,"{'type': root-account, 'accountId': 1000000000000001, 'userName': al, ice, 'sessionContext': {'attributes': {'creationDate': 2026-11-03 01:00:00, 'mfaAuthenticated': true}}}","{'Name': it's, a {test} ""q"" \ x, 'Size': 10, 'Empty': , 'List': NULL}",{'mfaChecked': true},"{""Name"":""x""}"
"#,
];

#[test]
fn struct_texts_in_csv_are_objects() {
    for csv in CSV {
        let found = Read::of(&[("x.csv", csv.as_bytes())], CsvOptions::default());
        assert_eq!((found.outcome.totals.stored, found.outcome.totals.rejected), (1, 0), "{:?}", found.outcome);
        let row = &found.rows("SELECT * FROM events")[0];
        for (column, value) in [
            ("user_identity_type", json!("root-account")),
            ("account_id", json!("1000000000000001")),
            ("user_identity_user_name", json!("al, ice")),
            ("mfa_used", json!(true)),
        ] {
            assert_eq!(row[column], value, "{column} of {csv}");
        }
        let parameters: Value = serde_json::from_str(row["request_parameters"].as_str().unwrap()).unwrap();
        assert_eq!(parameters, json!({"Name": "it's, a {test} \"q\" \\ x", "Size": 10, "Empty": ""}));
        let additional: Value = serde_json::from_str(row["additional_event_data"].as_str().unwrap()).unwrap();
        assert_eq!(additional, json!({"mfaChecked": true}));
    }
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn structure(members: &[(&str, ArrayRef)], validity: &[bool]) -> ArrayRef {
    let fields: Fields = members.iter().map(|(name, a)| Field::new(*name, a.data_type().clone(), true)).collect();
    let arrays = members.iter().map(|(_, array)| Arc::clone(array)).collect();
    Arc::new(StructArray::new(fields, arrays, Some(validity.to_vec().into())))
}

#[test]
fn structs_in_parquet_are_objects() {
    let attributes = structure(&[("mfaAuthenticated", texts(&[Some("true"), None]))], &[true, true]);
    let list = ListArray::new(
        Arc::new(Field::new("element", DataType::Utf8, true)),
        OffsetBuffer::from_lengths([2, 0]),
        texts(&[Some("a"), Some("b, c")]),
        Some(vec![true, false].into()),
    );
    let identity = [
        ("type", texts(&[Some("root-account"), Some("ram-user")])),
        ("accountId", texts(&[Some("1000000000000001"), Some("1000000000000001")])),
        ("sessionContext", structure(&[("attributes", attributes)], &[true, false])),
    ];
    let parameters = [
        ("Name", texts(&[Some("x"), None])),
        ("Size", Arc::new(Int64Array::from(vec![Some(10), None])) as ArrayRef),
        ("List", Arc::new(list)),
    ];
    let times =
        TimestampMicrosecondArray::from(vec![1_793_669_949_000_000, 1_793_669_950_000_000]).with_timezone("UTC");
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("eventId", texts(&[Some("A"), Some("B")])),
        ("eventName", texts(&[Some("RunInstances"), Some("x")])),
        ("eventTime", Arc::new(times)),
        ("userIdentity", structure(&identity, &[true, true])),
        ("requestParameters", structure(&parameters, &[true, true])),
        ("note", texts(&[Some("1"), None])),
    ];
    let batch = arrow::record_batch::RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let bytes = writer.into_inner().unwrap();
    let found = Read::of(&[("x.parquet", &bytes)], CsvOptions::default());
    assert_eq!((found.outcome.totals.stored, found.outcome.totals.rejected), (2, 0), "{:?}", found.outcome);
    let rows = found.rows("SELECT *, event_time::text AS at FROM events ORDER BY event_id");
    assert_eq!(rows[0]["user_identity_type"], "root-account");
    assert!(rows[0]["at"].as_str().unwrap().starts_with("2026-11-03T01:39:09"), "{}", rows[0]["at"]);
    let object = |row: &Value, column: &str| -> Value { serde_json::from_str(row[column].as_str().unwrap()).unwrap() };
    assert_eq!(object(&rows[0], "request_parameters"), json!({"Name": "x", "Size": 10, "List": ["a", "b, c"]}));
    assert_eq!(object(&rows[1], "request_parameters"), json!({}));
    assert_eq!(rows[1]["user_identity_type"], "ram-user");
}

/// The type of a UUID keeps no case; ids of ActionTrail are in capitals.
#[test]
fn uuids_in_parquet_are_ids() {
    let schema = parse_message_type(
        "message duckdb { optional fixed_len_byte_array(16) eventId (UUID); \
         optional fixed_len_byte_array(16) requestId; optional binary eventName (UTF8); \
         optional binary eventTime (UTF8); }",
    )
    .unwrap();
    let mut bytes = Vec::new();
    let mut file =
        SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(WriterProperties::builder().build())).unwrap();
    let mut group = file.next_row_group().unwrap();
    let id = [0x6e, 0xec, 0x1b, 0x9a, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 1];
    // Sixteen letters that nobody calls a UUID stay letters.
    for value in [&id[..], b"1000000000000001"] {
        let mut column = group.next_column().unwrap().unwrap();
        let value = FixedLenByteArray::from(value.to_vec());
        column.typed::<FixedLenByteArrayType>().write_batch(&[value], Some(&[1]), None).unwrap();
        column.close().unwrap();
    }
    for value in ["x", "2026-11-03T01:39:09Z"] {
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<parquet::data_type::ByteArrayType>().write_batch(&[value.into()], Some(&[1]), None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    file.close().unwrap();
    let found = Read::of(&[("x.parquet", &bytes)], CsvOptions::default());
    assert_eq!((found.outcome.totals.stored, found.outcome.totals.rejected), (1, 0), "{:?}", found.outcome);
    let row = &found.rows("SELECT event_id, request_id FROM events")[0];
    assert_eq!(row["event_id"], "6EEC1B9A-0000-4000-8000-000000000001");
    assert_eq!(row["request_id"], "1000000000000001");
}
