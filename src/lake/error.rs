//! Errors of the lake floor.

use std::path::{Path, PathBuf};

/// An error of the lake floor. Each names the file.
#[allow(missing_docs, reason = "the fields are what the message names them")]
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The operating system refused.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
    /// A Parquet file could not be written or read.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    Parquet { action: &'static str, path: PathBuf, source: parquet::errors::ParquetError },
    /// There is no lake in this folder.
    #[error("no lake here: {}", .0.display())]
    NoLake(PathBuf),
    /// The folder holds something else, which must not be overwritten.
    #[error("not a lake, and not empty: {}", .0.display())]
    NotALake(PathBuf),
    /// A manifest entry does not fit the chain of entries before it.
    #[error("the manifest is damaged at {path}: {reason}", path = path.display())]
    Manifest { path: PathBuf, reason: String },
    /// A version of the lake format that this build does not know.
    #[error("{path} was written by a newer trailql (format {found}, this one reads {known})", path = path.display())]
    NewerFormat { path: PathBuf, found: u32, known: u32 },
    /// A file differs from its entry, so its rows must not go into another one.
    #[error("damaged, {reason}: {path}", path = path.display())]
    Damaged { path: PathBuf, reason: &'static str },
    /// A thread of trailql panicked. Its work is lost, and nothing that depends on it was committed.
    #[error("a fault of trailql while {work}, and nothing that depends on it was committed: {said}")]
    Crashed { work: String, said: String },
    /// Rows could not be converted for writing.
    #[error("cannot arrange rows: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
}

impl LakeError {
    /// Wraps an I/O error with the action and the path.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| LakeError::Io { action, path, source }
    }

    /// Returns `true` if a file does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, LakeError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
    }

    /// Wraps a Parquet error with the action and the path.
    pub fn parquet(action: &'static str, path: &Path) -> impl FnOnce(parquet::errors::ParquetError) -> Self {
        let path = path.to_path_buf();
        move |source| LakeError::Parquet { action, path, source }
    }
}
