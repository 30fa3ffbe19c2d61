//! The shapes, each with the bytes of a file that holds the given events in it.

use serde_json::{Value, json};
use trailql::event::time::Zone;
use trailql::export::csv::CsvOptions;

use super::build::{self, Packed};
use crate::generate::deliver::{Delivery, Shape as Delivered};
use crate::generate::event::{Event, Version};

/// What a shape keeps of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Whole,
    /// All of it, with `eventVersion` as text.
    WholeWithTextVersion,
    /// These fields.
    Fields(&'static [&'static str]),
}

/// One file in one shape.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// A name that does not tell, or lies.
    pub(super) file: &'static str,
    pub(super) bytes: Vec<u8>,
    pub(super) kept: Kept,
    /// What the table `sources` must say of it.
    pub(super) shape: &'static str,
    pub(super) csv: CsvOptions,
}

/// Fields of a table with a column for each top-level field.
const TABLE: Kept = Kept::Fields(&[
    "eventId",
    "eventName",
    "eventTime",
    "eventType",
    "eventVersion",
    "serviceName",
    "sourceIpAddress",
    "userAgent",
    "userIdentity",
    "requestParameters",
    "referencedResources",
    "additionalEventData",
    "isGlobal",
    "resourceName",
]);

/// Fields that SLS lists in columns of their own.
const LISTED: Kept = Kept::Fields(&[
    "eventId",
    "eventName",
    "eventTime",
    "serviceName",
    "sourceIpAddress",
    "userIdentity.type",
    "userIdentity.userName",
    "userIdentity.accessKeyId",
    "userIdentity.accountId",
    "isGlobal",
]);

fn time(event: &Event) -> String {
    (event.time.timestamp() + 41).to_string()
}

fn text(event: &Event) -> String {
    event.json(Version::Text).compact()
}

fn value(event: &Event) -> Value {
    serde_json::from_str(&event.json(Version::Number).compact()).unwrap()
}

fn record(event: &Event) -> Value {
    json!({"__time__": time(event), "__topic__": "actiontrail_audit_event", "__source__": "", "event": text(event)})
}

fn lines(values: impl Iterator<Item = Value>) -> Vec<u8> {
    values.map(|value| value.to_string() + "\n").collect::<String>().into_bytes()
}

/// A scalar as SQL prints it; objects as JSON.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Every top-level field of any event, in one order.
fn top_level(events: &[Event]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for event in events {
        for key in value(event).as_object().unwrap().keys() {
            if !names.contains(key) {
                names.push(key.clone());
            }
        }
    }
    names
}

/// Rows with a column for each name; `name` makes the header, `get` the cell.
fn rows(events: &[Event], names: &[String], name: impl Fn(&str) -> String) -> Vec<Vec<String>> {
    let header = names.iter().map(|n| name(n)).collect();
    let row = |event: &Event| {
        let event = value(event);
        names.iter().map(|name| cell(at(&event, name))).collect()
    };
    std::iter::once(header).chain(events.iter().map(row)).collect()
}

fn at<'v>(event: &'v Value, path: &str) -> &'v Value {
    path.split('.').try_fold(event, |value, key| value.get(key)).unwrap_or(&Value::Null)
}

const LISTED_PATHS: &[&str] = &[
    "eventId",
    "eventName",
    "eventTime",
    "eventType",
    "serviceName",
    "sourceIpAddress",
    "userIdentity.type",
    "userIdentity.userName",
    "userIdentity.accessKeyId",
    "userIdentity.accountId",
    "isGlobal",
    "errorCode",
    "recipientAccountId",
];

/// `* | select *`: lower-case columns, the word null for what is not there.
fn selected(event: &Event) -> Value {
    let event = value(event);
    let mut row = json!({"__time__": "1762221600", "event": "null", "__topic__": "null"});
    for path in LISTED_PATHS {
        let found = cell(at(&event, path));
        let found = if found.is_empty() { "null".to_owned() } else { found };
        row[format!("event.{}", path.to_lowercase())] = Value::String(found);
    }
    row
}

fn snake(path: &str) -> String {
    let mut out = String::new();
    for (n, c) in path.char_indices() {
        match c {
            '.' => out.push('_'),
            c if c.is_ascii_uppercase() && n > 0 && !path[..n].ends_with(|p: char| p.is_ascii_uppercase()) => {
                out.push('_');
                out.push(c.to_ascii_lowercase());
            }
            c => out.push(c.to_ascii_lowercase()),
        }
    }
    out
}

fn sls_columns(events: &[Event]) -> Vec<build::Column<'static>> {
    let column = |get: &dyn Fn(&Event) -> Option<String>| events.iter().map(get).collect::<Vec<_>>();
    vec![
        ("__time__", column(&|event| Some(time(event)))),
        ("__topic__", column(&|_| Some("actiontrail_audit_event".to_owned()))),
        ("__source__", column(&|_| None)),
        ("event", column(&|event| Some(text(event)))),
    ]
}

fn sls_rows(events: &[Event], header: bool) -> Vec<Vec<String>> {
    let names = ["__topic__", "__source__", "__time__", "event"].map(str::to_owned).to_vec();
    let row = |event: &Event| vec!["actiontrail_audit_event".to_owned(), String::new(), time(event), text(event)];
    header.then_some(names).into_iter().chain(events.iter().map(row)).collect()
}

/// Every shape, holding `events`.
pub(super) fn all(events: &[Event]) -> Vec<Case> {
    let mut cases = delivered(events);
    cases.extend(packed(events));
    cases.extend(wrapped(events));
    cases.extend(tables(events));
    cases.extend(columnar(events));
    cases.extend(archived(events));
    cases
}

fn case(name: &'static str, file: &'static str, bytes: Vec<u8>, kept: Kept, shape: &'static str) -> Case {
    Case { name, file, bytes, kept, shape, csv: CsvOptions::default() }
}

/// The shapes of sample-data.
fn delivered(events: &[Event]) -> Vec<Case> {
    use Kept::{Whole, WholeWithTextVersion};
    let of = |shape, file, kept, found| {
        let delivery = Delivery { path: "x".to_owned(), shape, events: events.to_vec() };
        case(shape.title(), file, delivery.bytes().unwrap(), kept, found)
    };
    vec![
        of(Delivered::OssGzip, "object.json", Whole, "events, JSON array, gzip"),
        of(Delivered::OssUnpacked, "object.gz", Whole, "events, JSON array"),
        of(Delivered::JsonLines, "lines.csv", Whole, "events, JSON documents"),
        of(Delivered::PrettyDocuments, "pretty", Whole, "events, JSON documents"),
        of(Delivered::LookupEvents, "pages.txt", Whole, "LookupEvents pages, JSON documents"),
        of(Delivered::SlsGetLogs, "logs.zip", WholeWithTextVersion, "SLS records, JSON array"),
        of(Delivered::SlsGetLogsObjects, "logs.parquet", WholeWithTextVersion, "SLS records, JSON array"),
        of(Delivered::SlsPullLogDump, "dump_0.orc", WholeWithTextVersion, "SLS records, JSON documents"),
        of(Delivered::SlsOss, "shipped.gz", WholeWithTextVersion, "SLS records, JSON documents"),
        of(Delivered::SlsOssGzip, "shipped.zst", WholeWithTextVersion, "SLS records, JSON documents, gzip"),
        of(Delivered::SlsOssZstd, "shipped.json", WholeWithTextVersion, "SLS records, JSON documents, zstd"),
    ]
}

fn packed(events: &[Event]) -> Vec<Case> {
    let whole = Kept::WholeWithTextVersion;
    let logs = lines(events.iter().map(record));
    let halves = logs.split_at(logs.len() / 2);
    let lz4 = [build::lz4(halves.0), build::lz4(halves.1)].concat();
    let gzip = [build::gzip(halves.0), build::gzip(halves.1)].concat();
    let csv = build::csv(&sls_rows(events, true), ',', '"', "\n");
    let text = String::from_utf8(logs.clone()).unwrap();
    let concatenated = events.chunks(7).map(|chunk| Value::from_iter(chunk.iter().map(record)).to_string());
    vec![
        case(
            "SLS to OSS: JSON, raw snappy",
            "20_54.json",
            build::snappy(&logs),
            whole,
            "SLS records, JSON documents, snappy",
        ),
        case("bzip2 by hand", "x.bz2", build::bzip2(&logs), whole, "SLS records, JSON documents, bzip2"),
        case("SLS to OSS: CSV, raw snappy", "20_54.snappy.csv", build::snappy(&csv), whole, "SLS records, CSV, snappy"),
        case("download job: JSON, lz4 in two frames", "xxx.json.lz4", lz4, whole, "SLS records, JSON documents, lz4"),
        case(
            "download job: CSV, gzip",
            "sls-downloaded-1.csv.gzip",
            build::gzip(&csv),
            whole,
            "SLS records, CSV, gzip",
        ),
        case("download job: CSV, zstd", "xxx.csv.zst", build::zstd(&csv), whole, "SLS records, CSV, zstd"),
        case("gzip in two members", "log", gzip, whole, "SLS records, JSON documents, gzip"),
        case("gzip in gzip", "log.gz.gz", build::gzip(&build::gzip(&logs)), whole, "SLS records, JSON documents, gzip"),
        case(
            "JSON lines in UTF-16 (PowerShell)",
            "out.json",
            build::utf16(&text),
            whole,
            "SLS records, JSON documents, UTF-16",
        ),
        case(
            "get_log_all: arrays one after the other",
            "all.json",
            concatenated.collect::<String>().into_bytes(),
            whole,
            "SLS records, JSON array",
        ),
    ]
}

fn wrapped(events: &[Event]) -> Vec<Case> {
    let (text_version, whole) = (Kept::WholeWithTextVersion, Kept::Whole);
    let values = || events.iter().map(value);
    let logs = || events.iter().map(record);
    let contents =
        |event: &Event| json!({"Time": event.time.timestamp(), "Contents": [{"Key": "event", "Value": text(event)}]});
    let group = |chunk: &[Event]| {
        json!({"Topic": "actiontrail_audit_event", "Source": "", "LogTags": [{"Key": "__client_ip__", "Value": "192.0.2.1"}],
            "LogItems": chunk.iter().map(contents).collect::<Value>()})
    };
    let sdk = |event: &Event| json!({"@lh_time": event.time.timestamp(), "@time_ns": 0, "event": text(event)});
    let raw = |event: &Event| json!({"__time__": time(event), "event": text(event)});
    let cloud_event = |event: &Event| {
        json!({"id": "1", "source": "acs.ecs", "specversion": "1.0", "type": "ecs:ActionTrail:ApiCall",
            "time": "2026-11-04T08:30:41.006+08:00", "aliyunaccountid": "1234567812345678", "data": value(event)})
    };
    let hec = |event: &Event| json!({"event": json!({"__topic__": "t", "event": value(event)}).to_string(), "source": "s", "sourcetype": "x", "time": "1584945637"});
    let detail = |event: &Event| {
        let pretty = serde_json::to_string_pretty(&value(event)).unwrap();
        json!({"Detail": pretty, "ServiceName": "Ecs", "Source": "ManagementEvent", "UsedTimestamp": 1_657_247_532_000_i64})
    };
    let page = json!({"Events": values().collect::<Value>(), "RequestId": "x"});
    let audit =
        |event: &Event| json!({"__topic__": "actiontrail_event", "owner_id": "1234567812345678", "event": text(event)});
    let mut expanded = values().collect::<Vec<_>>();
    let keys = ["Products", "Events", "Ips", "Resources"];
    let last_used = events.chunks(events.len().div_ceil(4)).zip(keys);
    let last_used =
        last_used.map(|(chunk, key)| json!({key: chunk.iter().map(detail).collect::<Value>(), "RequestId": "x"}));
    expanded.iter_mut().for_each(|event| event["__expanded"] = json!(true));
    let logstash = |event: &Event| json!({"@timestamp": "2026-11-04T00:00:00Z", "@version": "1", "host": "h", "message": record(event).to_string()});
    let collect = |values: &mut dyn Iterator<Item = Value>| values.collect::<Value>().to_string().into_bytes();
    vec![
        case("LookupEvents 2017: no token, no request id", "a", json!({"EndTime": "x", "Events": values().collect::<Value>(), "StartTime": "y"}).to_string().into_bytes(), whole, "LookupEvents pages, JSON documents"),
        case("SDK dump: page in `body`", "b", json!({"headers": {}, "statusCode": 200, "body": page}).to_string().into_bytes(), whole, "LookupEvents pages, JSON documents"),
        case("SDK dump: page as text in `body`", "b", json!({"statusCode": 200, "body": page.to_string()}).to_string().into_bytes(), whole, "LookupEvents pages, JSON documents"),
        case("GetLogsV2", "c", json!({"meta": {"progress": "Complete"}, "data": logs().collect::<Value>()}).to_string().into_bytes(), text_version, "GetLogsV2 responses, JSON documents"),
        case("GetLogs, old form", "c", json!({"progress": "Complete", "count": 1, "logs": logs().collect::<Value>()}).to_string().into_bytes(), text_version, "SLS log groups, JSON documents"),
        case("GetLogs, old form with `contents`", "c", json!({"count": 1, "logs": events.iter().map(|e| json!({"__time__": 1, "__source__": "", "contents": {"event": text(e)}})).collect::<Value>()}).to_string().into_bytes(), text_version, "SLS log groups, JSON documents"),
        case("PullLogs", "d", json!({"logGroupList": events.chunks(9).map(group).collect::<Value>()}).to_string().into_bytes(), text_version, "PullLogs responses, JSON documents"),
        case("SDK log groups", "e", lines(events.chunks(9).map(|chunk| json!({"topic": "t", "source": "", "tags": {}, "logs": chunk.iter().map(sdk).collect::<Value>()}))), text_version, "SLS log groups, JSON documents"),
        case("file for PutLogs", "f", json!({"__tags__": {}, "__topic__": "", "__source__": "s", "__logs__": events.iter().map(raw).collect::<Value>()}).to_string().into_bytes(), text_version, "SLS log groups, JSON documents"),
        case("Log Audit Service, with owner_id", "g", lines(events.iter().map(audit)), text_version, "SLS records, JSON documents"),
        case("EventBridge CloudEvents", "h", lines(events.iter().map(cloud_event)), whole, "CloudEvents, JSON documents"),
        case("Splunk HEC, encoded twice", "i", lines(events.iter().map(hec)), whole, "SLS records, JSON documents"),
        case("GetAccessKeyLastUsed lists", "j", lines(last_used), whole, "GetAccessKeyLastUsed responses, JSON documents"),
        case("GetAccessKeyLastUsedInfo", "j", lines(events.iter().map(detail)), whole, "GetAccessKeyLastUsed responses, JSON documents"),
        case("console copy", "k", lines(expanded.into_iter()), Kept::Fields(&["eventId", "userIdentity", "requestParameters"]), "events, JSON documents"),
        case("Logstash", "l", lines(events.iter().map(logstash)), text_version, "SLS records, JSON documents"),
        case("lines of JSON texts", "m", lines(values().map(|v| Value::String(v.to_string()))), whole, "events, JSON documents"),
        case("Splunk export", "p", lines(events.iter().map(|event| json!({"preview": false, "offset": 0, "result": {"_raw": record(event).to_string(), "_time": "x", "host": "h"}}))), text_version, "Splunk results, JSON documents"),
        case("Splunk search", "p", json!({"preview": false, "results": values().map(|v| json!({"_raw": v.to_string()})).collect::<Value>()}).to_string().into_bytes(), whole, "Splunk results, JSON documents"),
        case("Elasticsearch dump", "q", lines(values().map(|v| json!({"_index": "i", "_id": "1", "_score": 1, "_source": v}))), whole, "Elasticsearch hits, JSON documents"),
        case("Elasticsearch search", "q", json!({"took": 1, "hits": {"total": {"value": 1}, "hits": values().map(|v| json!({"_index": "i", "_source": {"message": v.to_string(), "host": {}}})).collect::<Value>()}}).to_string().into_bytes(), whole, "Elasticsearch hits, JSON documents"),
        case("Elastic Common Schema", "q", lines(values().map(|v| json!({"@timestamp": "x", "event": {"kind": "event", "original": v.to_string()}}))), whole, "SLS records, JSON documents"),
        case("Docker", "r", lines(values().map(|v| json!({"log": format!("{v}\n"), "stream": "stdout", "time": "2026-11-04T00:00:00Z"}))), whole, "log lines, JSON documents"),
        case("byte strings of Python", "s", values().map(|v| python_bytes(&v.to_string())).collect::<String>().into_bytes(), whole, "events, JSON documents"),
        case("SDK dump: list in `body`", "t", json!({"headers": {}, "statusCode": 200, "body": logs().collect::<Value>()}).to_string().into_bytes(), text_version, "SLS records, JSON documents"),
        case("`* | select *` as JSON", "n", collect(&mut events.iter().map(selected)), LISTED, "flattened events, JSON array"),
        case("snake_case objects", "o", lines(events.iter().map(|event| snake_object(&value(event)))), LISTED, "flattened events, JSON documents"),
    ]
}

/// A line as Python prints bytes.
fn python_bytes(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'\\' => "\\\\".to_owned(),
        b'\'' => "\\'".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        other => format!("\\x{other:02x}"),
    };
    format!("b'{}'\n", text.bytes().map(byte).collect::<String>())
}

fn snake_object(event: &Value) -> Value {
    let mut row = json!({});
    for path in LISTED_PATHS {
        row[snake(path)] = Value::String(cell(at(event, path)));
    }
    row
}

fn tables(events: &[Event]) -> Vec<Case> {
    let whole = Kept::WholeWithTextVersion;
    let with_header = sls_rows(events, true);
    let without = sls_rows(events, false);
    let one_column: Vec<Vec<String>> =
        std::iter::once(vec!["event".to_owned()]).chain(events.iter().map(|event| vec![text(event)])).collect();
    let dataworks: Vec<Vec<String>> = std::iter::once(vec!["event".to_owned(), "ds".to_owned()])
        .chain(events.iter().map(|e| vec![text(e), "20261104".to_owned()]))
        .collect();
    let mut sentinel_names = top_level(events);
    sentinel_names.insert(0, "TimeGenerated [UTC]".to_owned());
    let listed: Vec<String> = LISTED_PATHS.iter().map(|path| (*path).to_owned()).collect();
    let null_rows: Vec<Vec<String>> = without
        .iter()
        .map(|row| row.iter().map(|c| if c.is_empty() { "-".to_owned() } else { c.clone() }).collect())
        .collect();
    let splunk: Vec<Vec<String>> = std::iter::once(vec!["_raw".to_owned(), "eventId".to_owned()])
        .chain(events.iter().map(|event| vec![text(event), event.id.clone()]))
        .collect();
    // The columns of the second table come in another order.
    let two_tables = {
        let (first, second) = with_header.split_at(with_header.len() / 2);
        let turned: Vec<Vec<String>> =
            std::iter::once(&with_header[0]).chain(second).map(|row| row.iter().rev().cloned().collect()).collect();
        [build::csv(first, ',', '"', "\n"), build::csv(&turned, ',', '"', "\n")].concat()
    };
    let flattened: Vec<Vec<String>> = {
        let all: Vec<Value> = events.iter().map(selected).collect();
        let names: Vec<String> = all[0].as_object().unwrap().keys().cloned().collect();
        let row = |row: &Value| names.iter().map(|name| cell(&row[name])).collect();
        std::iter::once(names.clone()).chain(all.iter().map(row)).collect()
    };
    let faq: Vec<Vec<String>> = {
        let mut rows = rows(events, &listed[..6], str::to_owned);
        for (row, event) in rows.iter_mut().skip(1).zip(events) {
            row[2] = (event.time + chrono::TimeDelta::hours(8)).format("%Y-%m-%d %H:%M:%S.000").to_string();
        }
        rows
    };
    let named = CsvOptions {
        columns: Some(["a", "b", "__time__", "event"].map(str::to_owned).to_vec()),
        ..CsvOptions::default()
    };
    let tab_fed = CsvOptions { line_feed: Some(b'\t'), ..CsvOptions::default() };
    let dash = CsvOptions { null: Some("-".to_owned()), ..CsvOptions::default() };
    let shanghai = CsvOptions { tz: Some(Zone::Named(chrono_tz::Asia::Shanghai)), ..CsvOptions::default() };
    let with = |csv: CsvOptions, case: Case| Case { csv, ..case };
    vec![
        case(
            "SLS to OSS: CSV with header",
            "a.json",
            build::csv(&with_header, ',', '"', "\n"),
            whole,
            "SLS records, CSV",
        ),
        case(
            "SLS to OSS: CSV without header",
            "a.json",
            build::csv(&without, ',', '"', "\n"),
            whole,
            "SLS records, CSV",
        ),
        case("SLS to OSS: CSV with |", "a.json", build::csv(&with_header, '|', '"', "\n"), whole, "SLS records, CSV"),
        case(
            "SLS to OSS: CSV with tabs and '",
            "a.json",
            build::csv(&without, '\t', '\'', "\n"),
            whole,
            "SLS records, CSV",
        ),
        case(
            "SLS to OSS: CSV with blanks",
            "a.json",
            build::csv(&with_header, ' ', '"', "\n"),
            whole,
            "SLS records, CSV",
        ),
        case(
            "CSV of Excel, with `sep=`",
            "a.csv",
            [b"sep=;\r\n".to_vec(), build::csv(&with_header, ';', '"', "\r\n")].concat(),
            whole,
            "SLS records, CSV",
        ),
        case(
            "CSV behind a title",
            "a.csv",
            [b"Events of November\nmade by a tool, by hand\n\n".to_vec(), build::csv(&with_header, ',', '"', "\n")]
                .concat(),
            whole,
            "SLS records, CSV",
        ),
        case(
            "CSV with backslashes before quotes",
            "a.csv",
            build::escaped_csv(&with_header),
            whole,
            "SLS records, CSV",
        ),
        case("CSV of two tables, each with its header", "a.csv", two_tables, whole, "SLS records, CSV"),
        case("Splunk CSV", "a.csv", build::csv(&splunk, ',', '"', "\n"), whole, "Splunk results, CSV"),
        case("CSV with ; and CRLF", "a.json", build::csv(&with_header, ';', '"', "\r\n"), whole, "SLS records, CSV"),
        case(
            "CSV in UTF-16",
            "a.csv",
            build::utf16(&String::from_utf8(build::csv(&with_header, '\t', '"', "\r\n")).unwrap()),
            whole,
            "SLS records, CSV, UTF-16",
        ),
        with(
            named,
            case(
                "CSV, columns named by a flag",
                "a.json",
                build::csv(&without, ',', '"', "\n"),
                whole,
                "SLS records, CSV",
            ),
        ),
        with(
            tab_fed,
            case(
                "CSV, rows end with a tab (flag)",
                "a.json",
                build::csv(&with_header, ',', '"', "\t"),
                whole,
                "SLS records, CSV",
            ),
        ),
        with(
            dash,
            case(
                "CSV, `-` for null (flag)",
                "a.json",
                build::csv(&null_rows, ',', '"', "\n"),
                whole,
                "SLS records, CSV",
            ),
        ),
        case(
            "MaxCompute: one column `event`",
            "part-0",
            build::csv(&one_column, ',', '"', "\n"),
            whole,
            "SLS records, CSV",
        ),
        case(
            "DataWorks: `event` and the partition",
            "part-1",
            build::csv(&dataworks, ',', '"', "\n"),
            whole,
            "SLS records, CSV",
        ),
        case(
            "Sentinel: a column for each top-level field, CRLF",
            "query_data.csv",
            build::csv(&rows(events, &sentinel_names, str::to_owned), ',', '"', "\r\n"),
            TABLE,
            "flattened events, CSV",
        ),
        case(
            "Data Lake table: snake_case columns",
            "dla.csv",
            build::csv(&rows(events, &listed, snake), ',', '"', "\n"),
            LISTED,
            "flattened events, CSV",
        ),
        case(
            "log agent: userIdentity_accountId",
            "agent.csv",
            build::csv(&rows(events, &listed, |path| path.replace('.', "_")), ',', '"', "\n"),
            LISTED,
            "flattened events, CSV",
        ),
        case(
            "`* | select *` as CSV",
            "sql.csv",
            build::csv(&flattened, ',', '"', "\n"),
            LISTED,
            "flattened events, CSV",
        ),
        with(
            shanghai,
            case(
                "official SQL: bare columns, local times (flag)",
                "faq.csv",
                build::csv(&faq, ',', '"', "\n"),
                Kept::Fields(&["eventId", "eventName", "eventTime", "serviceName", "sourceIpAddress"]),
                "flattened events, CSV",
            ),
        ),
    ]
}

fn columnar(events: &[Event]) -> Vec<Case> {
    use orc_rust::compression::CompressionType;
    let whole = Kept::WholeWithTextVersion;
    let columns = sls_columns(events);
    let table = rows(events, &top_level(events), str::to_owned);
    let of_table: Vec<build::Column<'_>> = table[0]
        .iter()
        .enumerate()
        .map(|(n, name)| {
            let cells = table[1..].iter().map(|row| Some(row[n].clone()).filter(|cell| !cell.is_empty()));
            (name.as_str(), cells.collect())
        })
        .collect();
    let parquet = |packed| build::parquet(&columns, packed);
    let orc = |packed| build::orc(&columns, packed);
    vec![
        case("SLS to OSS: Parquet", "p.json", parquet(Packed::None), whole, "SLS records, Parquet"),
        case("SLS to OSS: Parquet, snappy", "p.snappy.parquet", parquet(Packed::Snappy), whole, "SLS records, Parquet"),
        case("SLS to OSS: Parquet, gzip", "p", parquet(Packed::Gzip), whole, "SLS records, Parquet"),
        case("SLS to OSS: Parquet, zstd", "p.csv", parquet(Packed::Zstd), whole, "SLS records, Parquet"),
        case("Parquet in gzip", "p.gz", build::gzip(&parquet(Packed::None)), whole, "SLS records, Parquet, gzip"),
        case(
            "Parquet, a column for each field",
            "p",
            build::parquet(&of_table, Packed::Snappy),
            TABLE,
            "flattened events, Parquet",
        ),
        case("SLS to OSS: ORC", "o.json", orc(None), whole, "SLS records, ORC"),
        case("SLS to OSS: ORC, snappy", "o.orc", orc(Some(CompressionType::Snappy)), whole, "SLS records, ORC"),
        case("SLS to OSS: ORC, zlib", "o", orc(Some(CompressionType::Zlib)), whole, "SLS records, ORC"),
        case("SLS to OSS: ORC, zstd", "o.gz", orc(Some(CompressionType::Zstd)), whole, "SLS records, ORC"),
    ]
}

fn archived(events: &[Event]) -> Vec<Case> {
    let (first, rest) = events.split_at(events.len() / 3);
    let (second, third) = rest.split_at(rest.len() / 2);
    let array = |events: &[Event]| Value::from_iter(events.iter().map(value)).to_string().into_bytes();
    // All members say `eventVersion` in the same form, so that whole events can be compared.
    let logs = |events: &[Event]| lines(events.iter().map(|event| json!({"event": value(event)})));
    let table = |events: &[Event]| {
        let rows: Vec<Vec<String>> = std::iter::once(vec!["event".to_owned()])
            .chain(events.iter().map(|event| vec![value(event).to_string()]))
            .collect();
        build::csv(&rows, ',', '"', "\n")
    };
    let columns =
        |events: &[Event]| vec![("event", events.iter().map(|event| Some(value(event).to_string())).collect())];
    let gz = build::gzip(&array(first));
    let parquet = build::parquet(&columns(second), Packed::Snappy);
    let members: Vec<(&str, &[u8])> = vec![("oss/2026/a.gz", &gz), ("b", &parquet)];
    let (logs, csv) = (logs(third), table(third));
    let zip = build::zip(&[members.clone(), vec![("c.csv", &csv[..])]].concat());
    let tar = build::tar(&[members.clone(), vec![("c.json", &logs[..])]].concat());
    let nested = build::tar(&[("x.zip", &build::zip(&[("a", &gz[..]), ("b", &parquet[..])])[..]), ("c", &logs[..])]);
    vec![
        case("zip of gzip, Parquet and CSV", "all.json", zip, Kept::Whole, "events and others, JSON array, in zip"),
        case(
            "tar of gzip, Parquet and JSON lines",
            "all.gz",
            tar.clone(),
            Kept::Whole,
            "events and others, JSON array, in tar",
        ),
        case("tar.gz", "all.tgz", build::gzip(&tar), Kept::Whole, "events and others, JSON array, in tar, gzip"),
        case("tar.zst", "all", build::zstd(&tar), Kept::Whole, "events and others, JSON array, in tar, zstd"),
        case("tar.lz4", "all", build::lz4(&tar), Kept::Whole, "events and others, JSON array, in tar, lz4"),
        case("zip in tar", "all.tar", nested, Kept::Whole, "events and others, JSON array, in tar"),
    ]
}
