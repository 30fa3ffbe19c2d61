//! Compares counts, and lists the files that no entry names.

use super::{ManifestAudit, Problem};
use crate::lake::error::LakeError;
use crate::lake::layout;
use crate::lake::manifest::{Snapshot, TableFile, Tally};
use crate::lake::storage::Storage;
use crate::lake::tables::{self, Table};
use std::collections::{BTreeMap, HashSet};

/// Compares the counts of the sources with those of the commits and with the rows of the other tables.
pub fn tallies(storage: &Storage, audit: &ManifestAudit) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut by_version: BTreeMap<u64, (u64, Tally)> = BTreeMap::new();
    for file in &audit.snapshot.sources {
        let read = tables::each_source(storage, file, |source, version| -> Result<(), LakeError> {
            if !source.tally.balances() {
                let what = format!("read is not stored + duplicate + rejected for `{}`", source.key.path);
                problems.push(Problem::new(&file.path, what));
            }
            let (sources, sum) = by_version.entry(version).or_default();
            *sources += 1;
            sum.add(source.tally);
            Ok(())
        });
        if let Err(error) = read {
            problems.push(Problem::new(&file.path, error.to_string()));
        }
    }
    for commit in &audit.snapshot.commits {
        let (sources, sum) = by_version.remove(&commit.version).unwrap_or_default();
        let name = layout::entry_path(commit.version);
        if sum != commit.run.tally {
            problems.push(Problem::new(&name, "its counts are not the sum of its sources"));
        }
        if sources != commit.run.sources {
            let what = format!("it has {sources} sources, and says {}", commit.run.sources);
            problems.push(Problem::new(name, what));
        }
    }
    let sum = audit.snapshot.tally();
    let rows = |files: &[TableFile]| files.iter().map(|file| file.rows).sum::<u64>();
    for (what, found, said) in [
        ("events that all entries added", audit.rows_added - audit.rows_removed.min(audit.rows_added), sum.stored),
        ("events that are visible", audit.snapshot.files.rows(), sum.stored),
        ("rejects", rows(&audit.snapshot.rejects), sum.rejected),
        ("copies", rows(&audit.snapshot.copies), sum.duplicate),
    ] {
        if found != said {
            problems
                .push(Problem::new("-", format!("there are {found} {what}, and the counts of the runs say {said}")));
        }
    }
    problems
}

/// Lists the files of a lake that are neither visible nor of the manifest.
///
/// A later entry replaced them, a run that was broken off left them, or somebody put them there.
pub fn unnamed(storage: &Storage, snapshot: &Snapshot) -> Result<Vec<String>, LakeError> {
    let tables = Table::ALL.iter().flat_map(|table| table.files(snapshot)).map(|file| file.path.as_str());
    let files = snapshot.files.all()?;
    let named: HashSet<&str> = files.iter().map(|file| file.path.as_str()).chain(tables).collect();
    let mut unnamed = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for item in storage.list(&folder)? {
            let name = item.name;
            let relative = if folder.is_empty() { name.clone() } else { [folder.as_str(), &name].join("/") };
            if item.is_folder {
                folders.push(relative);
            } else if !(named.contains(relative.as_str()) || folder == layout::MANIFEST && is_manifest_file(&name)) {
                unnamed.push(relative);
            }
        }
    }
    unnamed.sort();
    Ok(unnamed)
}

fn is_manifest_file(name: &str) -> bool {
    let version =
        name.split_once('.').filter(|(_, rest)| [layout::ENTRY_SUFFIX, layout::CHECKPOINT_SUFFIX].contains(rest));
    name == layout::HEAD || name == layout::LOCK || version.is_some_and(|(version, _)| version.parse::<u64>().is_ok())
}
