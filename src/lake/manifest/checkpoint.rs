//! A snapshot as a file, so that opening a lake does not depend on its age.
//!
//! The first line is the snapshot without its data files. The second line describes the parts in which the data files
//! follow. Each part is a line, so that a reader skips the parts it does not need.

use super::data_files::{self, DataFiles, Span};
use super::entry::DataFile;
use super::json::{self, damaged};
use super::snapshot::Snapshot;
use crate::lake::error::LakeError;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

/// Reads a checkpoint without its parts.
pub(super) fn read_checkpoint(path: PathBuf) -> Result<Snapshot, LakeError> {
    let mut reader = BufReader::with_capacity(1 << 16, File::open(&path).map_err(LakeError::io("read", &path))?);
    let (mut snapshot, mut spans) = (Vec::new(), Vec::new());
    for line in [&mut snapshot, &mut spans] {
        reader.read_until(b'\n', line).map_err(LakeError::io("read", &path))?;
    }
    let offset = (snapshot.len() + spans.len()) as u64;
    let mut snapshot: Snapshot = json::parse(&path, &snapshot)?;
    let spans: Vec<Span> = serde_json::from_slice(&spans).map_err(|error| damaged(&path, error.to_string()))?;
    snapshot.files = DataFiles::in_checkpoint(path, reader.into_inner(), spans, offset);
    Ok(snapshot)
}

/// Writes a checkpoint of a snapshot whose data files stand in `parts`. `path` names it in errors.
pub fn checkpoint_bytes(path: &Path, snapshot: &Snapshot, parts: &[Vec<Arc<DataFile>>]) -> Result<Vec<u8>, LakeError> {
    let mut bytes = json::serialize(path, snapshot)?;
    bytes.push(b'\n');
    bytes.extend(data_files::write_parts(path, parts)?);
    Ok(bytes)
}
