//! Every format over the same nasty rows.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, ListArray, StringArray, StructArray,
};
use arrow::array::{DictionaryArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};

use super::*;

fn nasty() -> Rows {
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "event_time",
            Arc::new(
                TimestampMicrosecondArray::from(vec![Some(1_751_852_349_000_000), Some(1_751_852_349_500_000), None])
                    .with_timezone("Asia/Tokyo"),
            ),
        ),
        ("event_date", Arc::new(Date32Array::from(vec![Some(0), Some(20_276), None]))),
        ("user_agent", Arc::new(StringArray::from(vec![Some("=1+1"), Some("a|b\n\"\u{1b}[31m\u{202e}"), None]))),
        ("n", Arc::new(Int64Array::from(vec![Some(-5), Some(1_234_567), None]))),
        ("share", Arc::new(Float64Array::from(vec![Some(0.5), Some(f64::NAN), None]))),
        ("mfa_used", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        (
            "ports",
            Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([
                Some(vec![Some(22), None]),
                Some(vec![]),
                None,
            ])),
        ),
        (
            "region",
            Arc::new(
                [Some("cn-hangzhou"), Some("cn-hangzhou"), None].into_iter().collect::<DictionaryArray<Int32Type>>(),
            ),
        ),
        (
            "who",
            Arc::new(StructArray::from(vec![(
                Arc::new(Field::new("name", DataType::Utf8, true)),
                Arc::new(StringArray::from(vec![Some("r\"oot"), None, None])) as ArrayRef,
            )])),
        ),
    ];
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap().into()
}

fn written(format: OutputFormat, style: OutputStyle, mut rows: Rows) -> String {
    let mut out = Vec::new();
    write(&mut rows, format, &style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn csv() {
    let csv = written(OutputFormat::Csv, OutputStyle::default(), nasty());
    assert_eq!(
        csv,
        "event_time,event_date,user_agent,n,share,mfa_used,ports,region,who\n\
         2025-07-07T10:39:09+09:00,1970-01-01,'=1+1,-5,0.5,true,\"[22,null]\",cn-hangzhou,\"{\"\"name\"\":\"\"r\\\"\"oot\"\"}\"\n\
         2025-07-07T10:39:09.500+09:00,2025-07-07,\"a|b\n\"\"\u{1b}[31m\u{202e}\",1234567,NaN,false,[],cn-hangzhou,\"{\"\"name\"\":null}\"\n\
         ,,,,,,,,\"{\"\"name\"\":null}\"\n"
    );
    let shown = written(OutputFormat::Csv, OutputStyle { terminal: true, ..OutputStyle::default() }, nasty());
    assert!(shown.contains("a|b\\u{a}\"\"\\u{1b}[31m\\u{202e}"), "{shown}");
}

#[test]
fn a_csv_cell_with_a_line_end_stays_quoted() {
    for (text, cell) in [("a\nb", "\"a\nb\""), ("a\r\nb", "\"a\r\nb\""), ("a\rb", "\"a\rb\""), ("a", "a"), ("", "\"\"")]
    {
        let batch = RecordBatch::try_from_iter([("t", Arc::new(StringArray::from(vec![text])) as ArrayRef)]).unwrap();
        assert_eq!(written(OutputFormat::Csv, OutputStyle::default(), batch.into()), format!("t\n{cell}\n"));
    }
}

#[test]
fn every_line_of_tsv_has_a_cell_for_each_column() {
    let tsv = written(OutputFormat::Tsv, OutputStyle::default(), nasty());
    assert_eq!(
        tsv,
        "event_time\tevent_date\tuser_agent\tn\tshare\tmfa_used\tports\tregion\twho\n\
         2025-07-07T10:39:09+09:00\t1970-01-01\t'=1+1\t-5\t0.5\ttrue\t[22,null]\tcn-hangzhou\t{\"name\":\"r\\\\\"oot\"}\n\
         2025-07-07T10:39:09.500+09:00\t2025-07-07\ta|b\\n\"\u{1b}[31m\u{202e}\t1234567\tNaN\tfalse\t[]\tcn-hangzhou\t{\"name\":null}\n\
         \t\t\t\t\t\t\t\t{\"name\":null}\n"
    );
    let shown = written(OutputFormat::Tsv, OutputStyle { terminal: true, ..OutputStyle::default() }, nasty());
    assert!(shown.contains("a|b\\n\"\\u{1b}[31m\\u{202e}"), "{shown}");
    for text in ["a\tb", "a\r\nb", "\\t", "", "\t", "a\u{b}b"] {
        let column = || Arc::new(StringArray::from(vec![text, "x"])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("t", column()), ("u", column())]).unwrap();
        let tsv = written(OutputFormat::Tsv, OutputStyle::default(), batch.into());
        assert_eq!(tsv.lines().map(|line| line.split('\t').count()).collect::<Vec<_>>(), [2; 3], "{text:?}");
    }
}

#[test]
fn json() {
    let first = r#"{"event_time":"2025-07-07T10:39:09+09:00","event_date":"1970-01-01","user_agent":"=1+1","n":-5,"share":0.5,"mfa_used":true,"ports":[22,null],"region":"cn-hangzhou","who":{"name":"r\"oot"}}"#;
    let second = r#"{"event_time":"2025-07-07T10:39:09.500+09:00","event_date":"2025-07-07","user_agent":"a|b\n\"\u001b[31m\u202e","n":1234567,"share":null,"mfa_used":false,"ports":[],"region":"cn-hangzhou","who":{"name":null}}"#;
    let third = r#"{"event_time":null,"event_date":null,"user_agent":null,"n":null,"share":null,"mfa_used":null,"ports":null,"region":null,"who":{"name":null}}"#;
    let plain = OutputStyle::default();
    assert_eq!(written(OutputFormat::Jsonl, plain, nasty()), format!("{first}\n{second}\n{third}\n"));
    assert_eq!(written(OutputFormat::Json, plain, nasty()), format!("[\n{first},\n{second},\n{third}\n]\n"));
    let none = Rows::new(Arc::new(Schema::empty()), Vec::new());
    assert_eq!(written(OutputFormat::Json, plain, none), "[]\n");
}

#[test]
fn markdown() {
    let markdown = written(OutputFormat::Markdown, OutputStyle::default(), nasty());
    let lines: Vec<&str> = markdown.lines().collect();
    assert_eq!(lines[1], "| --- | --- | --- | ---: | ---: | --- | --- | --- | --- |");
    assert!(lines[3].contains("| a\\|b<br>\"\\\\u{1b}\\[31m\\\\u{202e} | 1234567 |"), "{}", lines[3]);
    assert_eq!(lines.len(), 5);
}

#[test]
fn table() {
    let table = written(OutputFormat::Table, OutputStyle::default(), nasty());
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 5, "{table}");
    assert!(lines[0].starts_with("event_time"), "{table}");
    assert!(lines[1].starts_with("──"), "{table}");
    assert!(lines[2].contains("      -5 "), "{table}");
    assert!(lines[3].contains("a|b\\u{a}\"\\u{1b}[31m\\u{202e}"), "{table}");
    assert!(lines.iter().all(|line| !line.ends_with(' ')), "{table}");
}

#[test]
fn a_table_fits_the_terminal() {
    let long = StringArray::from(vec!["word ".repeat(60)]);
    let schema = Schema::new(vec![Field::new("a", DataType::Utf8, true), Field::new("b", DataType::Utf8, true)]);
    let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(long.clone()), Arc::new(long)]).unwrap();
    let style = OutputStyle { terminal: true, width: Some(80), ..OutputStyle::default() };
    let table = written(OutputFormat::Table, style, batch.clone().into());
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    let records = written(
        OutputFormat::Table,
        OutputStyle { terminal: true, width: Some(10), ..OutputStyle::default() },
        batch.into(),
    );
    assert!(records.starts_with("── 1 ──\na  word\n   word\n"), "{records}");
}

#[test]
fn records_break_no_token() {
    let names = ["event_id", "session_context_attributes_mfa_authenticated", "request_parameters", "same"];
    let id = "FCA40467-11F6-5373-BD10-A69F3A2FDAD9";
    let json = |n: usize| {
        format!(
            r#"{{"n":{n},"AcsHost":"slb-inc-share.aliyuncs.com","at":"2026-10-07T05:06:46+00:00","RequestId":"{id}"}}"#
        )
    };
    let row = |n: usize| vec![format!("{id}{n}"), format!("{n}"), json(n), "one and the same".to_owned()];
    let rows: Vec<Vec<String>> = (0..3).map(row).collect();
    let schema = Schema::new(names.map(|name| Field::new(name, DataType::Utf8, true)).to_vec());
    let column = |at: usize| -> arrow::array::ArrayRef {
        Arc::new(rows.iter().map(|row| Some(row[at].clone())).collect::<StringArray>())
    };
    let batch = RecordBatch::try_new(Arc::new(schema), (0..4).map(column).collect()).unwrap();
    for width in [24, 40, 60, 80] {
        let style = OutputStyle { terminal: true, width: Some(width), ..OutputStyle::default() };
        let records = written(OutputFormat::Table, style, batch.clone().into());
        for token in [id, "2026-10-07T05:06:46+00:00", "slb-inc-share.aliyuncs.com", "\"RequestId\"", "one and"] {
            assert!(records.contains(token), "{token} at {width}\n{records}");
        }
        let wide = records.lines().filter(|line| line.chars().count() > usize::from(width));
        assert!(wide.clone().all(|line| !line.trim_start().contains(' ')), "{records}");
        assert!(records.starts_with("── in all rows ──\n"), "{records}");
        assert_eq!(records.matches("one and").count(), 1, "{records}");
    }
}

#[test]
fn a_long_table_keeps_its_columns_and_has_one_header() {
    let schema = Arc::new(Schema::new(vec![
        Field::new("number", DataType::Int64, true),
        Field::new("text", DataType::Utf8, true),
    ]));
    let batch = |from: i64, text: &str| {
        let numbers = Int64Array::from_iter_values(from..from + 4_500);
        let texts = StringArray::from(vec![text; 4_500]);
        RecordBatch::try_new(schema.clone(), vec![Arc::new(numbers), Arc::new(texts)]).unwrap()
    };
    let rows = Rows::new(schema.clone(), vec![batch(0, "a"), batch(4_500, "a longer one")]);
    let table = written(OutputFormat::Table, OutputStyle::default(), rows);
    assert_eq!(table.lines().count(), 9_002);
    assert_eq!(table.lines().filter(|line| line.contains("number")).count(), 1);
    let places: std::collections::BTreeSet<_> = table.lines().skip(2).map(|line| line.find('a')).collect();
    assert_eq!(places.len(), 1, "{places:?}");
}

#[test]
fn parquet_reads_back_and_is_not_for_terminals() {
    let mut out = Vec::new();
    let rows = write(&mut nasty(), OutputFormat::Parquet, &OutputStyle::default(), &mut out).unwrap();
    let reader = ::parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(bytes(out), 100).unwrap();
    assert_eq!(reader.map(|batch| count(&batch.unwrap())).sum::<u64>(), rows);
    let terminal = OutputStyle { terminal: true, ..OutputStyle::default() };
    let error = write(&mut nasty(), OutputFormat::Parquet, &terminal, &mut Vec::new()).unwrap_err();
    assert!(matches!(error, OutputError::ParquetOnTerminal));
}

fn bytes(out: Vec<u8>) -> std::fs::File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&out).unwrap();
    file
}

/// A pipe whose reader has gone.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

#[test]
fn a_closed_pipe_is_known_as_one_in_every_format() {
    for format in OutputFormat::ALL {
        match write(&mut nasty(), format, &OutputStyle::default(), &mut Closed) {
            Err(OutputError::Write(error)) => assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{format}"),
            other => panic!("{format}: {other:?}"),
        }
    }
}

#[test]
fn formats_of_names_and_paths() {
    for format in OutputFormat::ALL {
        assert_eq!(format.name().parse(), Ok(format));
    }
    assert_eq!(OutputFormat::of_path(Path::new("a/b.NDJSON")), Some(OutputFormat::Jsonl));
    assert_eq!(OutputFormat::of_path(Path::new("a.csv/b")), None);
}
