//! The records that could not be read, out of the lake again: byte for byte, with an index.
//!
//! A record may hold secrets as an event may. Where they are masked, the index says of which records, since the bytes
//! of these are not what was read.
//!
//! Only the newest reading of each source counts: what a later build could read is no longer among them.

use super::OpsError;
use crate::event::secret::Masker;
use crate::lake::tables::{RejectRow, each_reject};
use crate::lake::{Lake, LakeError};
use serde::Serialize;
use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Name of the index among the exported files.
pub const INDEX: &str = "index.jsonl";

/// The result of an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// Records.
    pub records: u64,
    /// Of these, records so long that the lake keeps only their beginning.
    pub cut: u64,
    /// Records whose secrets were masked, and which are therefore not as they came.
    pub masked: u64,
    /// Bytes written.
    pub bytes: u64,
}

/// A line of the index.
#[derive(Serialize)]
struct IndexLine<'r> {
    file: &'r str,
    source_id: &'r str,
    path: &'r str,
    record: i64,
    offset: i64,
    reason: &'r str,
    length: u64,
    /// False where only the beginning of the record was kept.
    whole: bool,
    /// Tells that secrets in the record were masked.
    masked: bool,
}

/// Writes every reject to a file of its own in `folder`, `<source_id>-<record>.bin`, and an index of them. Secrets are
/// masked where there is a masker.
pub fn export(lake: &Path, folder: &Path, masker: Option<&Masker>) -> Result<Exported, OpsError> {
    let lake = Lake::open(lake)?;
    let snapshot = lake.snapshot()?;
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let index_path = folder.join(INDEX);
    let index = File::create_new(&index_path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => OpsError::ExportThere(folder.to_path_buf()),
        _ => failed(&index_path)(error),
    })?;
    let mut index = BufWriter::new(index);
    let mut exported = Exported::default();
    for file in &snapshot.rejects {
        each_reject(lake.storage(), file, |row, version| -> Result<(), OpsError> {
            if snapshot.supersedes(&row.source_id, version) {
                return Ok(());
            }
            let bytes = masker.map_or(Cow::Borrowed(&row.bytes[..]), |masker| masker.mask_bytes(&row.bytes));
            let reason = masker.map_or(Cow::Borrowed(&row.reason[..]), |masker| masker.mask(&row.reason));
            let masked = matches!(bytes, Cow::Owned(_));
            let name = write_record(folder, &row, &bytes)?;
            let whole = row.bytes.len() as u64 >= row.length;
            let line = IndexLine {
                file: &name,
                source_id: &row.source_id,
                path: &row.path,
                record: row.record,
                offset: row.offset,
                reason: &reason,
                length: row.length,
                whole,
                masked,
            };
            let written = serde_json::to_writer(&mut index, &line).map_err(io::Error::from);
            written.and_then(|()| index.write_all(b"\n")).map_err(failed(&index_path))?;
            exported.records += 1;
            exported.cut += u64::from(!whole);
            exported.masked += u64::from(masked);
            exported.bytes += bytes.len() as u64;
            Ok(())
        })?;
    }
    index.flush().map_err(failed(&index_path))?;
    Ok(exported)
}

/// Paths of the files, as they were named when they were read, of which some records could not be read.
pub fn sources_with_rejects(lake: &Path) -> Result<Vec<PathBuf>, OpsError> {
    let lake = Lake::open(lake)?;
    let snapshot = lake.snapshot()?;
    let mut paths = std::collections::BTreeMap::new();
    for file in &snapshot.sources {
        crate::lake::tables::each_source(lake.storage(), file, |source, _| -> Result<(), LakeError> {
            if source.tally.rejected > 0 {
                paths.insert(source.source_id, source.key.path);
            } else {
                paths.remove(&source.source_id);
            }
            Ok(())
        })?;
    }
    let paths: std::collections::BTreeSet<PathBuf> = paths.into_values().map(PathBuf::from).collect();
    Ok(paths.into_iter().filter(|path| path.is_file()).collect())
}

/// Writes one record. Standard input has one source id however often it was read, so names may meet.
fn write_record(folder: &Path, row: &RejectRow, bytes: &[u8]) -> Result<String, OpsError> {
    // A lake from somewhere else may say anything; only letters and digits become part of a file's name.
    let source_id: String = row.source_id.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut number = 1;
    loop {
        let more = if number == 1 { String::new() } else { format!("-{number}") };
        let name = format!("{source_id}-{}{more}.bin", row.record);
        let path = folder.join(&name);
        match File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(bytes).map_err(failed(&path))?;
                return Ok(name);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(failed(&path)(error)),
        }
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> OpsError {
    let path = path.to_path_buf();
    move |source| OpsError::Write { path, source }
}
