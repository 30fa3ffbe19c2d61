//! A snapshot as a file, so that opening a lake does not depend on its age.
//!
//! The first line is the snapshot without its data files. The second line describes the parts in which the data files
//! follow. Each part is a line, so that a reader skips the parts it does not need.

use super::data_files::{self, DataFiles, Span};
use super::entry::DataFile;
use super::json::{self, damaged};
use super::snapshot::Snapshot;
use crate::lake::error::LakeError;
use crate::lake::layout;
use crate::lake::storage::{RangeReader, Storage};
use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

/// Bytes that are read at a time to find the end of a line.
const CHUNK_BYTES: u64 = 64 << 10;

/// Reads a checkpoint without its parts.
pub(super) fn read_checkpoint(storage: &Storage, version: u64) -> Result<Snapshot, LakeError> {
    let name = layout::checkpoint_path(version);
    let path = storage.location(&name);
    let file = storage.open_ranges(&name)?;
    let snapshot = read_line(file.as_ref(), &path, 0)?;
    let spans = read_line(file.as_ref(), &path, snapshot.len() as u64)?;
    let offset = (snapshot.len() + spans.len()) as u64;
    let mut snapshot: Snapshot = json::parse(&path, &snapshot)?;
    let spans: Vec<Span> = serde_json::from_slice(&spans).map_err(|error| damaged(&path, error.to_string()))?;
    snapshot.files = DataFiles::in_checkpoint(path, file, spans, offset);
    Ok(snapshot)
}

/// Reads a line with its end from `offset` on.
fn read_line(file: &dyn RangeReader, path: &Path, offset: u64) -> Result<Vec<u8>, LakeError> {
    let mut line = Vec::new();
    loop {
        let chunk = file.get_range(offset + line.len() as u64, CHUNK_BYTES)?;
        let read = chunk.as_slice().read_until(b'\n', &mut line).map_err(LakeError::io("read", path))?;
        if read == 0 || line.ends_with(b"\n") {
            return Ok(line);
        }
    }
}

/// Writes a checkpoint of a snapshot whose data files stand in `parts`. `path` names it in errors.
pub fn checkpoint_bytes(path: &Path, snapshot: &Snapshot, parts: &[Vec<Arc<DataFile>>]) -> Result<Vec<u8>, LakeError> {
    let mut bytes = json::serialize(path, snapshot)?;
    bytes.push(b'\n');
    bytes.extend(data_files::write_parts(path, parts)?);
    Ok(bytes)
}
