//! Errors of storing and removing views of the user's own.

use super::super::OpsError;
use crate::engine::views::ViewError;
use std::io;
use std::path::PathBuf;

/// A view that cannot be stored, opened or removed.
#[allow(missing_docs, reason = "the fields are what the message names them")]
#[derive(Debug, thiserror::Error)]
pub enum OwnViewError {
    /// A name that no view can have.
    #[error("cannot name a view `{name}`: {reason}")]
    BadName { name: String, reason: String },
    /// The name of a built-in view, without consent.
    #[error("a built-in view has this name: `{0}`")]
    IsBuiltIn(String),
    /// The name of a hidden view that the built-in ones are made of.
    #[error("built-in views are made of this one, which stays as it is: `{0}`")]
    IsBlock(String),
    /// The name of a view of the user, without consent.
    #[error("there is a view named `{name}` already: `{}`", path.display())]
    Exists { name: String, path: PathBuf },
    /// The name of a view of a folder that is not the one to store in.
    #[error("a view of another folder is named `{name}`: `{}`", path.display())]
    InAnotherFolder { name: String, path: PathBuf },
    /// A text that is no view file.
    #[error(transparent)]
    File(#[from] ViewError),
    /// A view that cannot be answered.
    #[error("cannot store the view `{name}`: {reason}")]
    Wrong { name: String, reason: String },
    /// A SELECT with a placeholder that no parameter is for.
    #[error("cannot store the view `{name}`: the SQL has a parameter without a default: `${param}`")]
    MissingParam { name: String, param: String },
    /// Views that would no longer plan.
    #[error("other views use `{name}` and would no longer work: {}", named(users))]
    Used { name: String, users: Vec<String> },
    /// A file that somebody else changed.
    #[error("the file was changed by somebody else meanwhile: `{}`", .0.display())]
    ChangedMeanwhile(PathBuf),
    /// No view has this name.
    #[error("no view named `{name}`")]
    Unknown { name: String, similar: Vec<String> },
    /// A built-in view, which cannot be removed.
    #[error("a built-in view cannot be removed: `{0}`")]
    NotYours(String),
    /// A file that cannot be written.
    #[error("cannot write the view `{}`: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// A file that cannot be removed.
    #[error("cannot remove the view `{}`: {source}", path.display())]
    Remove { path: PathBuf, source: io::Error },
    /// The views cannot be planned at all.
    #[error(transparent)]
    Ops(#[from] OpsError),
}

impl OwnViewError {
    pub(super) fn of_write(name: &str, path: PathBuf, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists { name: name.to_owned(), path },
            _ => Self::Write { path, source },
        }
    }
}

/// The most views that a message names.
const NAMED: usize = 5;

fn named(users: &[String]) -> String {
    let named: Vec<String> = users.iter().take(NAMED).map(|user| format!("`{user}`")).collect();
    match users.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
