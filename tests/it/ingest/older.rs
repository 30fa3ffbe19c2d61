//! Lakes of builds that did not know of incomplete and suspicious sources: their files lack the columns.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use trailql::engine::Scope;
use trailql::lake::compact::{self, Group, MergeLimits};
use trailql::lake::manifest::TableFile;
use trailql::lake::tables::{self, Table};
use trailql::lake::{Lake, LakeError, hash_file};

use super::{event, lines};
use crate::lab::{Lab, engine_options, session};

const REMARKS: [&str; 2] = ["incomplete", "suspicious"];

fn batches(path: &Path) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

/// Writes a file of `sources` as an earlier build would have written it.
fn as_before(root: &Path, file: &TableFile) -> TableFile {
    let batch = batches(&root.join(&file.path)).remove(0);
    let kept: Vec<usize> =
        (0..batch.num_columns()).filter(|at| !REMARKS.contains(&batch.schema().field(*at).name().as_str())).collect();
    let batch = batch.project(&kept).unwrap();
    let path = format!("{}.before.parquet", file.path);
    let mut writer = ArrowWriter::try_new(File::create(root.join(&path)).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let (sha256, bytes) = hash_file(&root.join(&path)).unwrap();
    // What an earlier build says of a file.
    let rows = file.rows;
    let json =
        serde_json::json!({"path": path, "rows": rows, "bytes": bytes, "sha256": sha256, "version": file.version});
    serde_json::from_value(json).unwrap()
}

#[test]
fn sources_without_remarks_have_none() {
    let lab = Lab::new();
    // The last source has a remark, in a file of this build.
    for (name, text) in [
        ("a.json", lines(&[event("a")])),
        ("b.json", lines(&[event("b")])),
        ("c.json", serde_json::json!({"Events": [event("c")], "NextToken": "t"}).to_string()),
    ] {
        let file = lab.file(&format!("in/{name}"), text);
        lab.ingest(&[file]);
    }
    let lake = Lake::open(&lab.lake()).unwrap();
    let mut snapshot = lake.snapshot().unwrap();
    for file in &mut snapshot.sources[..2] {
        *file = as_before(lake.root(), file);
    }
    let mut read = Vec::new();
    for file in &snapshot.sources {
        tables::each_source(lake.storage(), file, |source, _| -> Result<(), LakeError> {
            read.push((source.incomplete.is_some(), source.suspicious.is_some()));
            Ok(())
        })
        .unwrap();
    }
    assert_eq!(read, [(false, false), (false, false), (true, false)]);
    let session = session(lake.root(), &Scope::default(), &engine_options());
    let sql = "SELECT count(*) AS all, count(incomplete) AS incomplete, count(suspicious) AS suspicious,
                   count(*) FILTER (WHERE incomplete IS NULL) AS whole FROM sources";
    let rows = session.rows::<serde_json::Value>(sql, &[]).unwrap();
    assert_eq!(rows, [serde_json::json!({"all": 3, "incomplete": 1, "suspicious": 0, "whole": 2})]);
    let names = || std::fs::read_dir(lake.root().join("sources")).unwrap().map(|entry| entry.unwrap().path());
    let before: Vec<_> = names().collect();
    let group = Group::Table(Table::Sources, vec![snapshot.sources.clone()]);
    let limits = MergeLimits { memory_bytes: 64 << 20, open_files: 16 };
    assert_eq!(compact::merge(lake.storage(), group, 128 << 20, limits).unwrap().rows(), 3);
    let merged: Vec<_> = names().filter(|path| !before.contains(path)).collect();
    assert_eq!(merged.len(), 1, "{merged:?}");
    let merged =
        arrow::compute::concat_batches(&Arc::clone(&batches(&merged[0])[0].schema()), &batches(&merged[0])).unwrap();
    let nulls = REMARKS.map(|name| merged.column_by_name(name).unwrap().null_count());
    assert_eq!((merged.num_rows(), nulls), (3, [2, 3]));
}
