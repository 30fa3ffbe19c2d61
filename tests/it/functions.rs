//! Every function that a session knows, its answer in every format.
//!
//! A function may refuse its arguments, but nothing that it gives may be too odd to write.
//!
//! A new function needs a call here, or fits one of [`ANY`].

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use serde_json::json;
use trailql::engine::output::{OutputError, OutputFormat, OutputStyle, Rows, write};
use trailql::engine::{EngineError, Session};

use crate::lab::Lab;

/// What functions are called over: a row of values, one of others, and one of nulls.
const ROWS: &str = "(VALUES
    (1, 0.5, 'a b', true, DATE '2026-11-02', TIMESTAMP '2026-11-02T08:30:00', '{\"a\":{\"b\":[1,\"x\"]}}', [1, 2],
        map(['k'], [1])),
    (3, -1e300, '2026-11-02', false, DATE '1600-01-01', TIMESTAMP '1970-01-01T00:00:00', '{\"a\":1754****}', [],
        map([], [])),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
) AS rows(n, f, s, b, d, t, j, l, m)";

/// Arguments that many functions take. They are tried until some were answered.
const ANY: [&str; 24] = [
    "n", "s", "f", "t", "l", "j, 'a'", "n, n", "s, s", "s, n", "l, n", "l, l", "", "m", "d", "b", "-n", "f, f", "n, l",
    "l, s", "s, s, s", "s, n, n", "l, n, n", "'day', t", "NULL",
];

/// Answers of [`ANY`] that are enough for a function.
const ENOUGH: usize = 3;

/// Calls of functions that take none of [`ANY`], and calls that give types which those do not.
const CALLS: [&str; 143] = [
    "access_key_kind(s)",
    "access_key_name(s)",
    "account_name(s)",
    "approx_percentile_cont(f, 0.5)",
    "approx_percentile_cont_with_weight(f, 1, 0.5)",
    "array_agg(json_get(j, 'a'))",
    "array_agg(named_struct('a', INTERVAL '1 month'))",
    "array_replace_n(l, 1, 7, 1)",
    "arrow_cast(d, 'Date64')",
    "arrow_cast(f, 'Float16')",
    "arrow_cast([n, 2], 'FixedSizeList(2, Int64)')",
    "arrow_cast(l, 'LargeList(Int64)')",
    "arrow_cast(l, 'List(Dictionary(Int8, Int64))')",
    "arrow_cast(l, 'ListView(Int64)')",
    "arrow_cast(n, 'Decimal128(9, -2)')",
    "arrow_cast(n, 'Decimal256(60, 5)')",
    "arrow_cast(n, 'Decimal32(9, 2)')",
    "arrow_cast(n, 'Decimal64(18, 2)')",
    "arrow_cast(n, 'Dictionary(UInt16, Int64)')",
    "arrow_cast(n, 'Duration(Millisecond)')",
    "arrow_cast(n, 'Duration(Second)')",
    "arrow_cast(n * 700000000, 'Date32')",
    "arrow_cast(n * 1000000000000000000, 'Date64')",
    "arrow_cast(n * 1000000000000000000, 'Duration(Second)')",
    "arrow_cast(n * 1000000000000000000, 'Time64(Nanosecond)')",
    "arrow_cast(n * 1000000000000000000, 'Timestamp(Microsecond, Some(\"Asia/Tokyo\"))')",
    "arrow_cast(n * 1000000000000000000, 'Timestamp(Second, None)')",
    "arrow_cast(s, 'Binary')",
    "arrow_cast(s, 'BinaryView')",
    "arrow_cast(s, 'Dictionary(Int32, LargeUtf8)')",
    "arrow_cast(s, 'LargeBinary')",
    "arrow_cast(s, 'LargeUtf8')",
    "arrow_cast(t, 'Time32(Second)')",
    "arrow_cast(t, 'Timestamp(Millisecond, Some(\"+09:00\"))')",
    "arrow_cast(t, 'Timestamp(Second, Some(\"Asia/Tokyo\"))')",
    "arrow_try_cast(s, 'Int64')",
    "coalesce(json_get(j, 'a'), json_get(j, 'b'))",
    "bucket_of(t, [0, 1762300800000000])",
    "date_bin(INTERVAL '1 day', t)",
    "date_format(t, '%Y')",
    "decode('616263', 'hex')",
    "element_at(m, 'k')",
    "encode(s, 'base64')",
    "event_access(NULL, 'Ecs', s)",
    "file_row_index() FROM events",
    "first_events(t, s, s, 2)",
    "first_value(json_get(j, 'a'))",
    "flatten([[1], [2]])",
    "generate_series(1, 3)",
    "generate_series(DATE '2026-11-01', DATE '2026-11-03', INTERVAL '1 day')",
    "geo_as(s)",
    "geo_city(s)",
    "geo_country(s)",
    "get_field(named_struct('a', n), 'a')",
    "in_cidr(s, ['10.0.0.0/8', '2001:db8::/32'])",
    "ip_in(s, '10.0.0.0/8')",
    "input_file_name() FROM events",
    "json_as_text(j, 'a')",
    "json_contains(j, 'a')",
    "json_get(j, 'a', 'b', 1)",
    "json_get_array(j, 'a', 'b')",
    "json_get_json(j, 'a')",
    "json_get_json(mask_secrets(j), 'a')",
    "json_param(j, 'a.b')",
    "json_union_to_text(json_get(j, 'a'))",
    "lag(json_get(j, 'a'))",
    "list_replace_n(l, 1, 7, 1)",
    "make_array(INTERVAL '1 day', INTERVAL '1 month')",
    "make_array(json_get(j, 'a'))",
    "make_array(make_array(named_struct('a', [t])))",
    "make_array(NULL)",
    "make_date(2026, 11, 2)",
    "make_time(10, 39, 9)",
    "map(['k'], [json_get(j, 'a')])",
    "map_extract(m, 'k')",
    "max(t - TIMESTAMP '2026-11-01T00:00:00')",
    "named_struct('a', json_get(j, 'a'), 'b', named_struct('c', NULL))",
    "network_name(s)",
    "nth_value(n, 2)",
    "ntile(2)",
    "nullif(t - TIMESTAMP '2026-11-01T00:00:00', INTERVAL '1 day')",
    "percentile_cont(f, 0.5)",
    "principal_name(s)",
    "quantile_cont(f, 0.5)",
    "range(1, 3)",
    "regexp_match(s, '(.) (.)')",
    "split_part(s, ' ', 1)",
    "string_agg(s, ',')",
    "at_time_zone(t, 'Asia/Tokyo')",
    "to_instant(t, 'Asia/Tokyo')",
    "try_to_instant(s, 'Asia/Tokyo')",
    "sls_array_sum(l)",
    "sls_at_timezone(t, 'Asia/Tokyo')",
    "sls_clock_of(t, 'Asia/Tokyo')",
    "sls_bit_count(n, 64)",
    "sls_try_cast(f, 'bigint')",
    "sls_cast(j, 'varchar')",
    "sls_cast(l, 'json')",
    "sls_cast(m, 'map(varchar, double)')",
    "sls_cast(l, 'array(varchar)')",
    "sls_cast(t, 'varchar')",
    "sls_csv_cells(s, ',', '')",
    "sls_date_add('month', n, t)",
    "sls_date_diff('day', t, d)",
    "sls_date_format(t, '%Y-%m')",
    "sls_date_parse('2026', '%Y')",
    "sls_from_base('ff', 16)",
    "sls_from_unixtime_in(n, 'Asia/Tokyo')",
    "sls_is_prefix_subnet_of('10.0.0.0/8', '10.1.0.0/16')",
    "sls_is_subnet_of('10.0.0.0/8', s)",
    "sls_json_array_contains_bool(s, b)",
    "sls_json_extract(j, '$.a')",
    "sls_json_extract_bool(j, '$.a')",
    "sls_json_extract_double(j, '$.a')",
    "sls_json_extract_long(j, '$.a')",
    "sls_json_extract_scalar(j, '$.a')",
    "sls_json_size(j, '$')",
    "sls_map_from_entries(make_array(struct('a', n)))",
    "sls_map_union(make_array(m))",
    "sls_multimap_from_entries(make_array(struct('a', s)))",
    "sls_numeric_histogram(2, l)",
    "sls_slot_format(n, '%Y')",
    "sls_split_part(s, ' ', 1)",
    "sls_sha256(s)",
    "sls_split_to_map('a=1', ';', '=')",
    "sls_time_slot(t, 60)",
    "sls_to_base(n, 16)",
    "sls_try_cast(j, 'row(a bigint)')",
    "sls_try_cast(s, 'timestamp')",
    "sls_try_ip_prefix('10.1.2.3', 99)",
    "sls_try_split_part(s, ' ', n)",
    "sls_try_split_to_map(s, ';', '=')",
    "sls_width_bucket(f, 0, 1, 10)",
    "string_to_array(s, ' ')",
    "struct(n, s, t)",
    "length_micros(INTERVAL '1 day')",
    "shift(t AT TIME ZONE 'Asia/Tokyo', INTERVAL '1 day', 1)",
    "to_char(t, '%Y')",
    "union_extract(json_get(j, 'a'), 'int')",
    "union_tag(json_get(j, 'a'))",
    "user_agent_summary(s)",
    "with_metadata(n, 'k', 'v')",
    "with_metadata(s, 'ARROW:extension:name', 'arrow.json')",
];

/// Functions that no question can call: of this kind and name, and why.
const NOT_CALLED: [(&str, &str, &str); 0] = [];

struct Function {
    kind: String,
    name: String,
}

fn functions(session: &Session) -> Vec<Function> {
    let sql = "SELECT DISTINCT function_type, routine_name FROM information_schema.routines ORDER BY 1, 2";
    let rows: Vec<serde_json::Value> = session.rows(sql, &[]).unwrap();
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
    rows.iter().map(|row| Function { kind: text(row, "function_type"), name: text(row, "routine_name") }).collect()
}

/// Statements that a call may stand in.
fn statements(kind: &str, call: &str) -> Vec<String> {
    match kind {
        "SCALAR" if call.contains(" FROM ") => vec![format!("SELECT {call}")],
        "SCALAR" => vec![format!("SELECT {call} FROM {ROWS}")],
        "AGGREGATE" => vec![format!("SELECT {call} FROM {ROWS}"), format!("SELECT n, {call} FROM {ROWS} GROUP BY n")],
        "WINDOW" => vec![format!("SELECT {call} OVER (ORDER BY n) FROM {ROWS}")],
        "TABLE" => vec![format!("SELECT * FROM {call}")],
        other => panic!("a kind of function that this test does not know: {other}"),
    }
}

/// Returns `true` if the statement is answered, after its answer was written in every format.
fn is_answered(session: &Session, sql: &str) -> bool {
    // A panic inside of the engine is an error by now, and still a fault.
    let crash = |error: &EngineError| assert!(!matches!(error, EngineError::Crashed(_)), "{sql}: {error}");
    let mut answer = match session.sql(sql) {
        Ok(answer) => answer,
        Err(error) => {
            crash(&error);
            return false;
        }
    };
    let (schema, mut batches) = (answer.schema(), Vec::new());
    loop {
        match answer.next_batch() {
            Ok(Some(batch)) => batches.push(batch),
            Ok(None) => break,
            Err(error) => {
                crash(&error);
                return false;
            }
        }
    }
    for format in OutputFormat::ALL {
        let mut out = Vec::new();
        let mut rows = Rows::new(schema.clone(), batches.clone());
        match write(&mut rows, format, &OutputStyle::default(), &mut out) {
            Ok(_) | Err(OutputError::Engine(_)) => {}
            Err(error) => panic!("{sql} as {format}: {error}"),
        }
        if format == OutputFormat::Json {
            serde_json::from_slice::<serde_json::Value>(&out).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
    }
    true
}

#[test]
fn the_answer_of_every_function_is_written_in_every_format() {
    let lab = Lab::with_events(&[json!({"eventId": "a", "eventTime": "2026-11-03T10:00:00Z"})]);
    let session = lab.session();
    let mut calls: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for call in CALLS {
        calls.entry(call.split('(').next().unwrap()).or_default().push(call.to_owned());
    }
    let (mut silent, mut written, mut broken) = (Vec::new(), BTreeSet::new(), Vec::new());
    for Function { kind, name } in functions(&session) {
        let mut answers = |call: &str| -> usize {
            let statements = statements(&kind, call).into_iter();
            let answered = statements.filter(|sql| {
                let answered = catch_unwind(AssertUnwindSafe(|| is_answered(&session, sql)));
                answered.unwrap_or_else(|_| {
                    broken.push(sql.clone());
                    false
                })
            });
            answered.count()
        };
        let mut answered = 0;
        for call in calls.get(name.as_str()).into_iter().flatten() {
            let more = answers(call);
            if more > 0 {
                written.insert(call);
            }
            answered += more;
        }
        for arguments in ANY {
            if answered < ENOUGH {
                answered += answers(&format!("{name}({arguments})"));
            }
        }
        if answered == 0 && !NOT_CALLED.iter().any(|not| (not.0, not.1) == (&kind, &name)) {
            silent.push(format!("{name} ({kind})"));
        }
    }
    assert!(broken.is_empty(), "these panic:\n{}", broken.join("\n"));
    let refused: Vec<_> = calls.values().flatten().filter(|call| !written.contains(call)).collect();
    assert!(refused.is_empty(), "these are not answered: {refused:?}");
    assert!(silent.is_empty(), "give these functions a call that is answered: {silent:?}");
}

fn written(session: &Session, sql: &str, format: OutputFormat) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut session.sql(sql).unwrap(), format, &OutputStyle::default(), &mut out).unwrap();
    out
}

#[test]
fn values_inside_json_are_written_as_what_they_are() {
    let parameters = json!({"text": "ecs.g7", "digits": "1", "number": 1, "object": {"a": [1, "b c"]}, "null": null,
        "text list": ["x, y"]});
    let event = json!({"eventId": "a", "eventTime": "2026-11-03T10:00:00Z", "requestParameters": parameters});
    let lab = Lab::with_events(&[event]);
    let session = lab.session();
    for (expression, shown, json, parquet) in [
        ("request_parameters->'text'", "ecs.g7", r#""ecs.g7""#, r#""ecs.g7""#),
        ("request_parameters->>'text'", "ecs.g7", r#""ecs.g7""#, "ecs.g7"),
        ("request_parameters->'digits'", "1", r#""1""#, r#""1""#),
        ("request_parameters->'number'", "1", "1", "1"),
        ("request_parameters->'object'", r#"{"a":[1,"b c"]}"#, r#"{"a":[1,"b c"]}"#, r#"{"a":[1,"b c"]}"#),
        ("request_parameters->'object'->'a'->1", "b c", r#""b c""#, r#""b c""#),
        ("json_get_json(request_parameters, 'text')", r#""ecs.g7""#, r#""ecs.g7""#, r#""ecs.g7""#),
        ("json_get_array(request_parameters, 'text list')", r#"["x, y"]"#, r#"["x, y"]"#, r#"["x, y"]"#),
        ("request_parameters->'null'", "", "null", ""),
        ("request_parameters->'none'", "", "null", ""),
        ("[request_parameters->'number']", "[1]", "[1]", "[1]"),
    ] {
        let sql = format!("SELECT {expression} AS v FROM events");
        let csv = written(&session, &sql, OutputFormat::Csv);
        let cell = csv::Reader::from_reader(&csv[..]).records().next().unwrap().unwrap()[0].to_owned();
        assert_eq!(cell, shown, "{expression}");
        let line = String::from_utf8(written(&session, &sql, OutputFormat::Jsonl)).unwrap();
        assert_eq!(line, format!("{{\"v\":{json}}}\n"), "{expression}");
        let file = bytes::Bytes::from(written(&session, &sql, OutputFormat::Parquet));
        let mut batches = ParquetRecordBatchReader::try_new(file, 1).unwrap();
        let batch = batches.next().unwrap().unwrap();
        let text = arrow::util::display::array_value_to_string(batch.column(0), 0).unwrap();
        assert_eq!(text, parquet, "{expression}");
    }
}

#[test]
fn user_agents_are_summed_up_in_every_encoding_of_text() {
    let event = |id: &str, agent: &str| json!({"eventId": id, "eventTime": "2026-11-03T10:00:00Z", "userAgent": agent});
    let lab = Lab::with_events(&[event("a", "curl/8.4"), event("b", "aliyuncli/3.0.290"), event("c", "curl/8.4")]);
    let session = lab.session();
    for (argument, expected) in [
        ("user_agent", json!(["curl 8.4", "aliyun-cli 3.0.290", "curl 8.4"])),
        ("arrow_cast(user_agent, 'Utf8')", json!(["curl 8.4", "aliyun-cli 3.0.290", "curl 8.4"])),
        ("arrow_cast(user_agent, 'Dictionary(Int8, Utf8)')", json!(["curl 8.4", "aliyun-cli 3.0.290", "curl 8.4"])),
        ("'Go-http-client/2.0'", json!(["Go HTTP client", "Go HTTP client", "Go HTTP client"])),
        ("nullif(user_agent, 'curl/8.4')", json!([null, "aliyun-cli 3.0.290", null])),
        ("NULL", json!([null, null, null])),
    ] {
        let sql = format!("SELECT user_agent_summary({argument}) AS v FROM events ORDER BY event_id");
        let rows: Vec<serde_json::Value> = session.rows(&sql, &[]).unwrap();
        assert_eq!(json!(rows.iter().map(|row| &row["v"]).collect::<Vec<_>>()), expected, "{argument}");
    }
}
