//! Facts about a lake, from its manifest alone.

use super::OpsError;
use crate::lake::Lake;
use crate::lake::manifest::{RunKind, Tally};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use std::collections::HashSet;
use std::path::Path;

/// Facts about a lake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LakeInfo {
    /// Version of the newest commit.
    pub version: u64,
    /// Events stored.
    pub events: u64,
    /// Of these, events without a time that can be read, which no range holds.
    pub undated_events: u64,
    /// Data files of events.
    pub data_files: u64,
    /// Their bytes.
    pub data_bytes: u64,
    /// Inputs read.
    pub sources: u64,
    /// Records that could not be read, each source by its newest reading.
    pub rejects: u64,
    /// Runs of `ingest`.
    pub runs: u64,
    /// Runs of `lake compact` that merged files.
    pub compactions: u64,
    /// Days (UTC) with events.
    pub days: u64,
    /// Time of the first event.
    #[serde(serialize_with = "rfc3339")]
    pub oldest_event: Option<DateTime<Utc>>,
    /// Time of the last event.
    #[serde(serialize_with = "rfc3339")]
    pub newest_event: Option<DateTime<Utc>>,
    /// Counts of all runs.
    pub totals: Tally,
}

/// Tells what a lake holds.
pub fn info(root: &Path) -> Result<LakeInfo, OpsError> {
    let snapshot = Lake::open(root)?.snapshot()?;
    let files = snapshot.files.all()?;
    let at = |micros: Option<i64>| micros.and_then(DateTime::from_timestamp_micros);
    let range = snapshot.files.event_times();
    let count = |n: usize| n as u64;
    let runs = |kind: RunKind| {
        let commits = snapshot.commits.iter().filter(|commit| commit.run.kind == kind);
        count(commits.map(|commit| &commit.run.run_id).collect::<HashSet<_>>().len())
    };
    Ok(LakeInfo {
        version: snapshot.version,
        events: snapshot.files.rows(),
        undated_events: files.iter().filter(|file| file.event_day.is_none()).map(|file| file.rows).sum(),
        data_files: snapshot.files.len(),
        data_bytes: snapshot.files.bytes(),
        sources: snapshot.sources.iter().map(|file| file.rows).sum(),
        rejects: snapshot.rejects(),
        runs: runs(RunKind::Ingest),
        compactions: runs(RunKind::Compact),
        days: count(files.iter().filter_map(|file| file.event_day).collect::<HashSet<_>>().len()),
        oldest_event: at(range.map(|(min, _)| min)),
        newest_event: at(range.map(|(_, max)| max)),
        totals: snapshot.tally(),
    })
}

fn rfc3339<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Secs, false)),
        None => serializer.serialize_none(),
    }
}
