//! Reads and writes the JSON of the manifest, and refuses newer formats before anything else.

use super::FORMAT;
use super::entry::Entry;
use super::snapshot::Snapshot;
use crate::lake::error::LakeError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A part of the manifest that names the format it is written in.
pub(super) trait Formatted: DeserializeOwned {
    /// The version of the format.
    fn format(&self) -> u32;
}

impl Formatted for Entry {
    fn format(&self) -> u32 {
        self.format
    }
}

impl Formatted for Snapshot {
    fn format(&self) -> u32 {
        self.format
    }
}

/// The format alone, which tells an entry of a newer format from a damaged one.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

/// Reads a part of the manifest. `path` names it in errors.
pub(super) fn parse<T: Formatted>(path: &Path, bytes: &[u8]) -> Result<T, LakeError> {
    let check = |format: u32| {
        let newer = || LakeError::NewerFormat { path: path.to_path_buf(), found: format, known: FORMAT };
        if format > FORMAT { Err(newer()) } else { Ok(()) }
    };
    match serde_json::from_slice::<T>(bytes) {
        Ok(parsed) => check(parsed.format()).map(|()| parsed),
        Err(error) => {
            // A newer format may be one that this build cannot parse.
            if let Ok(FormatOnly { format }) = serde_json::from_slice(bytes) {
                check(format)?;
            }
            Err(damaged(path, error.to_string()))
        }
    }
}

/// Writes a part of the manifest. `path` names it in errors.
pub fn serialize<T: Serialize>(path: &Path, value: &T) -> Result<Vec<u8>, LakeError> {
    serde_json::to_vec(value).map_err(|error| damaged(path, error.to_string()))
}

/// Builds the error of a damaged part of the manifest.
pub(super) fn damaged(path: &Path, reason: impl Into<String>) -> LakeError {
    LakeError::Manifest { path: path.to_path_buf(), reason: reason.into() }
}
