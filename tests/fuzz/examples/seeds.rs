//! Makes `corpus/TARGET/` for every target out of sample-data: a few records of each file, in each shape and packing.
//! Those of the target `search` are the statements of `tests/search`.

use arrow::array::{ArrayRef, BinaryArray, Int32Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::error::Error;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};
use trailql_fuzz::export::csv::CsvOptions;
use trailql_fuzz::export::framing::{Frame, Framer};
use trailql_fuzz::export::sniff;
use trailql_fuzz::hash;

/// Longer inputs make a fuzzer slow.
const LONGEST: usize = 8 << 10;

/// Records that sample-data has none of.
const SHAPES: &[&str] = &[
    r#"{"specversion":"1.0","id":"1","type":"actiontrail:ActionTrail:ApiCall","data":EVENT}"#,
    r#"{"logGroupList":[{"Topic":"t","Source":"s","LogTags":[{"Key":"k","Value":"v"}],"LogItems":[{"Time":1,"Contents":[{"Key":"event","Value":TEXT}]}]}]}"#,
    r#"{"progress":"Complete","count":1,"logs":[{"__time__":1,"__source__":"s","contents":{"event":TEXT}}]}"#,
    r#"{"__tags__":{"a":"b"},"__topic__":"","__logs__":[{"__time__":"1","event":TEXT}]}"#,
    r#"{"meta":{"progress":"Complete"},"data":[{"__time__":"1","event":TEXT}]}"#,
    r#"{"headers":{},"statusCode":200,"body":{"RequestId":"r","Events":[EVENT],"NextToken":"n"}}"#,
    r#"{"RequestId":"r","Events":[EVENT,{"eventId":17****},{"eventId":"A","eventName":"x",}],"NextToken":"n"}{"Events":[EVENT"#,
    "{\n  \"data\": [\n    {\"event\": TEXT},\n    {\"event\": \"over\nlines\"}\n  ],\n  \"meta\": {\"keys\": []}\n}\n",
    r#"[{"logGroupList":[{"LogItems":[{"Time":1,"Contents":[{"Key":"event","Value":TEXT}]},{"Time":1****}],"Topic":"t"}]},EVENT]"#,
    r#"{"__time__":1,"__content":TEXT}"#,
    r#"{"RequestId":"r","Detail":TEXT,"UsedTimestamp":1}"#,
    r#"{"Products":[{"ServiceName":"Ecs","Detail":TEXT}]}"#,
    r#"{"__time__":"1","event":"null","event.eventid":"A","event.eventname":"x","event.useridentity.type":"root-account","event.requestparameters.Tag.1.Key":"k"}"#,
    r#"{"event_id":"A","event_time":"2026-11-03T01:39:09Z","user_identity_type":"root-account","is_global":"true","owner_id":"1"}"#,
    r#"{"EventId":"A****","eventName":"x","eventName":"y","addionalEventData":{"isMFAChecked":"true"},"userIdentity":"{\"type\":\"system\"}","eventTime":"2026-11-03T09:00:00.5+08:00"}"#,
    r#"{"eventId":"A","eventName":"x","userIdentity":{"sessionContext":{"sessionAttributes":{"mfaAuthenticated":true}}},"insightDetails":{"state":"Start"},"x":1e400,"y":"\ud800"}"#,
];

fn main() -> Result<(), Box<dyn Error>> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = Corpus { folder: package.join("corpus") };
    let mut events: Vec<String> = Vec::new();
    for file in walkdir::WalkDir::new(package.join("../../sample-data")).sort_by_file_name() {
        let file = file?;
        if !file.file_type().is_file() || file.path().extension().is_some_and(|extension| extension == "md") {
            continue;
        }
        let records = records(&fs::read(file.path())?)?;
        for record in &records {
            corpus.add(&["decode", "framing", "source", "secret"], record)?;
        }
        let array = [&b"["[..], &records.join(&b",\n"[..]), b"]\n"].concat();
        corpus.add(&["framing", "source"], &array)?;
        corpus.add(&["framing", "source"], &records.join(&b'\n'))?;
        events.extend(records.into_iter().filter_map(|record| String::from_utf8(record).ok()));
    }
    let statements = fs::read_to_string(package.join("../search/statements.txt"))?;
    for statement in statements.split("\n\n").filter_map(|paragraph| paragraph.split("\n=> ").next()) {
        corpus.add(&["search"], statement.as_bytes())?;
    }
    let mut events = events.into_iter().filter(|event| event.starts_with("{\"") && event.contains("\"eventVersion\""));
    let event = events.next().ok_or("no event in sample-data")?;
    let short = r#"{"eventId":"A-1","eventName":"RunInstances","eventTime":"2026-11-03T01:39:09Z","userIdentity":{"type":"root-account"}}"#;
    for event in [event.as_str(), short] {
        let text = serde_json::to_string(event)?;
        for shape in SHAPES {
            let record = shape.replace("EVENT", event).replace("TEXT", &text);
            corpus.add(&["decode", "framing", "source", "secret", "flattened"], record.as_bytes())?;
        }
        let lines = format!("{event}\n{short}\n");
        for (name, packed) in packed(lines.as_bytes())? {
            corpus.add(&["decompress", "source"], &packed)?;
            corpus.add(&["source"], &tar(&[(name, &packed), ("b.json", short.as_bytes())])?)?;
        }
        let members = [("a.json", event.as_bytes()), ("notes.txt", b"nothing"), ("b.json", short.as_bytes())];
        corpus.add(&["source"], &zip(&members)?)?;
        corpus.add(&["source"], &tar(&members)?)?;
        corpus.add(&["source"], &zip(&[("inner.zip", &zip(&members)?), ("inner.tar", &tar(&members)?)])?)?;
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let units = std::iter::once(0xfeff).chain(lines.encode_utf16());
            corpus.add(&["source"], &units.flat_map(order).collect::<Vec<u8>>())?;
        }
        for table in tables(event) {
            corpus.add(&["csv", "flattened", "source"], table.as_bytes())?;
        }
        for table in binary_tables(&[event, short])? {
            corpus.add(&["source"], &table)?;
        }
    }
    Ok(())
}

struct Corpus {
    folder: std::path::PathBuf,
}

impl Corpus {
    fn add(&self, targets: &[&str], bytes: &[u8]) -> io::Result<()> {
        for target in targets {
            let folder = self.folder.join(target);
            fs::create_dir_all(&folder)?;
            let bytes = &bytes[..bytes.len().min(LONGEST)];
            fs::write(folder.join(format!("seed-{:016x}", hash(bytes))), bytes)?;
        }
        Ok(())
    }
}

/// The first records of a file, short ones only.
fn records(file: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    let stream = sniff::open(file, None, &CsvOptions::default(), 1 << 27)?.stream;
    let mut framer = Framer::new(stream.take(1 << 20), LONGEST);
    let mut records = Vec::new();
    while records.len() < 2
        && let Some(frame) = framer.next_frame()
    {
        if let Frame::Record { bytes, .. } = frame {
            records.push(bytes.to_vec());
        }
    }
    Ok(records)
}

fn packed(bytes: &[u8]) -> Result<Vec<(&'static str, Vec<u8>)>, Box<dyn Error>> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes)?;
    let gzip = gzip.finish()?;
    let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
    lz4.write_all(bytes)?;
    let lz4 = lz4.finish()?;
    let mut framed = snap::write::FrameEncoder::new(Vec::new());
    framed.write_all(bytes)?;
    let zstd = zstd::encode_all(bytes, 1)?;
    let raw = snap::raw::Encoder::new().compress_vec(bytes)?;
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9][..], &zstd].concat();
    let truncated = gzip[..gzip.len() / 2].to_vec();
    Ok(vec![
        ("plain", bytes.to_vec()),
        ("two members", gzip.repeat(2)),
        ("gzip of zstd", zstd::encode_all(&gzip[..], 1)?),
        ("gzip", gzip),
        ("truncated", truncated),
        ("two frames", zstd.repeat(2)),
        ("skippable", skippable),
        ("zstd", zstd),
        ("lz4 twice", lz4.repeat(2)),
        ("lz4", lz4),
        ("framed", framed.into_inner()?),
        ("raw", raw),
    ])
}

fn zip(members: &[(&str, &[u8])]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let methods = [zip::CompressionMethod::Deflated, zip::CompressionMethod::Stored, zip::CompressionMethod::Zstd];
    for ((name, bytes), method) in members.iter().zip(methods.into_iter().cycle()) {
        writer.start_file(*name, zip::write::SimpleFileOptions::default().compression_method(method))?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

fn tar(members: &[(&str, &[u8])]) -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, *bytes)?;
    }
    builder.into_inner()
}

/// Tables in text: an event in a cell, with and without a header, and a column for each field.
fn tables(event: &str) -> Vec<String> {
    let quoted = |quote: &str| format!("{quote}{}{quote}", event.replace(quote, &quote.repeat(2)));
    let (double, single) = (quoted("\""), quoted("'"));
    vec![
        format!("__topic__,__source__,__time__,event\r\nt,,1751852386,{double}\r\nt,s,1751852387,null\r\n"),
        format!("event\n{double}\n{double}\n"),
        format!("actiontrail_audit_event|-|1751852386|{double}\n"),
        format!("1751852386 {single}\n1751852387 {single}\n"),
        format!("x;{event}\n"),
        "TimeGenerated [UTC]\tEventId\tEventTime\tUserIdentity\r\nx\tA\t2026-11-03T01:39:09Z\t{}\r\n".to_owned(),
        "event_id,event_time,user_identity_type\nA,2026-11-03 01:39:09,\"root\n-account\"\nB,\"x\nC,,\n".to_owned(),
        "event.eventid;event.eventname;event.useridentity.type\nA;'RunInstances';root-account\n".to_owned(),
    ]
}

fn binary_tables(events: &[&str]) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let times: ArrayRef = Arc::new(Int32Array::from_iter((0..).take(events.len())));
    let bytes: ArrayRef = Arc::new(BinaryArray::from_iter(events.iter().map(|event| Some(event.as_bytes()))));
    let texts: ArrayRef = Arc::new(StringArray::from_iter(events.iter().map(|event| Some(*event))));
    let mut tables = Vec::new();
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(Default::default())] {
        let batch = RecordBatch::try_from_iter([("__time__", times.clone()), ("event", bytes.clone())])?;
        let properties = WriterProperties::builder().set_compression(compression).build();
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))?;
        writer.write(&batch)?;
        tables.push(writer.into_inner()?);
    }
    let batch = RecordBatch::try_from_iter([("__time__", times), ("event", texts)])?;
    let mut orc = Vec::new();
    let mut writer = orc_rust::ArrowWriterBuilder::new(&mut orc, batch.schema()).try_build()?;
    writer.write(&batch)?;
    writer.close()?;
    tables.push(orc);
    Ok(tables)
}
