//! Errors of the use cases.

use crate::engine::{EngineError, UnknownValues};
use crate::geoip::GeoIpError;
use crate::lake::LakeError;
use std::path::PathBuf;

/// An error of a use case.
#[derive(Debug, thiserror::Error)]
pub enum OpsError {
    /// The lake could not be read or written.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A question could not be answered.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// None of the inputs is a file that can be read.
    #[error("{}", unreadable(.0))]
    NothingToRead(Vec<(PathBuf, String)>),
    /// Files were read, but none held an event.
    #[error("no ActionTrail events in {files} files")]
    NoEvents {
        /// Number of files that were read.
        files: u64,
        /// The first of them, and what they are.
        examples: Vec<(String, String)>,
    },
    /// No account, or no region, that a scope names is in the lake.
    #[error("no event of {0}")]
    NoEventOf(UnknownValues),
    /// The result could not be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The folder of an export holds one already.
    #[error("an earlier export is in this folder already: `{}`", .0.display())]
    ExportThere(PathBuf),
    /// A run that the lake does not have.
    #[error("no run of the lake is named: `{0}`")]
    UnknownRun(String),
    /// A view that the check does not ask.
    #[error("the check asks no view named `{view}`")]
    ViewNotChecked {
        /// Its name.
        view: String,
        /// Views that it asks, whose names are similar.
        similar: Vec<String>,
    },
    /// More files are new than can be told apart from the others.
    #[error("too many files are new since then: {0}")]
    TooManyNewSources(usize),
    /// A temporary folder could not be made.
    #[error("cannot make a temporary folder: {0}")]
    Temporary(std::io::Error),
    /// A GeoIP database could not be read.
    #[error(transparent)]
    GeoIp(#[from] GeoIpError),
    /// A thread of the pipeline could not be started.
    #[error("cannot start threads: {0}")]
    Threads(String),
}

/// The most inputs that a message names.
const NAMED: usize = 3;

fn unreadable(inputs: &[(PathBuf, String)]) -> String {
    let named: Vec<String> =
        inputs.iter().take(NAMED).map(|(path, why)| format!("`{}`: {why}", path.display())).collect();
    match inputs.len().saturating_sub(NAMED) {
        _ if named.is_empty() => "no file in the inputs".to_owned(),
        0 => format!("cannot read {}", named.join("; ")),
        more => format!("cannot read {}; and {more} more", named.join("; ")),
    }
}
