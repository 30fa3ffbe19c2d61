//! Paths as completions: names that can be typed, in the folder that is typed so far.

use std::ffi::OsStr;
use std::path::Path;

use clap::ValueHint;
use clap::builder::StyledStr;
use clap_complete::engine::CompletionCandidate;
use trailql::engine::output::escape::is_hidden;

/// The paths that an argument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Files, and folders on the way to them.
    Files,
    Folders,
    /// Folders, those that are lakes first.
    Lakes,
}

impl Wanted {
    /// Returns what an argument with this hint takes.
    pub(super) fn of(hint: ValueHint) -> Option<Self> {
        match hint {
            ValueHint::AnyPath | ValueHint::FilePath => Some(Self::Files),
            ValueHint::DirPath => Some(Self::Folders),
            _ => None,
        }
    }
}

/// Returns the paths that what is typed can become. Names that are not text, or hold characters that are not seen, are
/// left out: no shell would be told them right.
pub(super) fn paths(wanted: Wanted, typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    let (folder, beginning) = typed.split_at(typed.rfind('/').map_or(0, |at| at + 1));
    let Ok(entries) = std::fs::read_dir(if folder.is_empty() { "." } else { folder }) else { return Vec::new() };
    let mut found: Vec<(bool, String)> = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.contains(is_hidden)) else { continue };
        let is_wished = name.starts_with(beginning) && (!name.starts_with('.') || beginning.starts_with('.'));
        let is_folder = is_wished && entry.path().is_dir();
        if !is_wished || (!is_folder && wanted != Wanted::Files) {
            continue;
        }
        // A name that looks like an option is no option behind `./`.
        let before = if folder.is_empty() && name.starts_with('-') { "./" } else { folder };
        let is_lake = wanted == Wanted::Lakes && entry.path().join("_manifest").is_dir();
        found.push((!is_lake, format!("{before}{name}{}", if is_folder { "/" } else { "" })));
    }
    found.sort();
    let candidate = |(is_other, path): (bool, String)| {
        let help = (wanted == Wanted::Lakes && !is_other).then(|| StyledStr::from("a lake"));
        CompletionCandidate::new(Path::new(&path).as_os_str()).help(help)
    };
    found.into_iter().map(candidate).collect()
}
