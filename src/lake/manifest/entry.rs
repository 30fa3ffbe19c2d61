//! One commit: an entry of the manifest, and the files that it names.
//!
//! Order and names of the members are the format on disk. A digest covers the bytes, so neither may change.

use super::account_tally::AccountTally;
use super::column_stats::{ByteRange, LazyColumnStats, LazyStats, TextRange};
use super::json::{self, damaged};
use super::value_filter::ValueFilter;
use crate::lake::digest;
use crate::lake::error::LakeError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Counts of records. `read` is always the sum of the other three.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Records found.
    pub read: u64,
    /// Events stored.
    pub stored: u64,
    /// Events that were in the lake already.
    pub duplicate: u64,
    /// Records that could not be read.
    pub rejected: u64,
}

impl Tally {
    /// Adds another tally.
    pub fn add(&mut self, other: Tally) {
        self.read += other.read;
        self.stored += other.stored;
        self.duplicate += other.duplicate;
        self.rejected += other.rejected;
    }

    /// Returns `true` if every record read is accounted for.
    pub fn balances(&self) -> bool {
        self.read == self.stored + self.duplicate + self.rejected
    }
}

/// One data file of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Path relative to the lake, with forward slashes.
    pub path: String,
    /// UTC day of its events, in days since 1970-01-01; null for events without a time.
    pub event_day: Option<i32>,
    /// Its rows; each is an event.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Minimum of the event times, in microseconds since 1970 (UTC).
    pub min_event_time: Option<i64>,
    /// Maximum of the event times; inclusive.
    pub max_event_time: Option<i64>,
    /// Min/max statistics of some text columns, by column name. A column of nulls only is left out.
    pub text_ranges: LazyColumnStats<TextRange>,
    /// Size of its Parquet footer, so that a reader gets it in one piece; 0 if an earlier build did not note it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub footer_bytes: u64,
    /// Number of its columns, so that a reader knows whether it lacks some; 0 if an earlier build did not note it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub columns: u64,
    /// Places of its bloom filters by column name, one in each row group; empty if an earlier build did not note them.
    #[serde(default, skip_serializing_if = "LazyStats::is_empty")]
    pub blooms: LazyColumnStats<Vec<ByteRange>>,
    /// Its events by account and region; empty if they are too many combinations, or if an earlier build did not note
    /// them.
    #[serde(default, skip_serializing_if = "LazyStats::is_empty")]
    pub accounts: LazyStats<Vec<AccountTally>>,
    /// Bloom filters of the values of some text columns in lower case, by column name. A column of very many values has
    /// none, nor has a file of an earlier build.
    #[serde(default, skip_serializing_if = "LazyStats::is_empty")]
    pub values: LazyColumnStats<ValueFilter>,
}

/// One file of the tables `sources`, `rejects` or `copies`, or of a side table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFile {
    /// Path relative to the lake, with forward slashes.
    pub path: String,
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Number of the commit that its rows came with; for a merged file, that of its last row.
    ///
    /// An entry has one number for all files that are not merged, so only snapshots repeat it here.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub version: u64,
    /// Number of the commit that the first row of a merged file came with; `None` for a file that is not merged.
    ///
    /// Rows of a merged file are of several commits. So its tables have the column [`crate::lake::schema::VERSION`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_version: Option<u64>,
    /// Minimum and maximum of the event times of a side table's file, in microseconds since 1970 (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_times: Option<(i64, i64)>,
    /// Number of its columns, as in [`DataFile::columns`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub columns: u64,
}

/// A source that was read again although it had not changed, since it had rejects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retried {
    /// Its id, see [`crate::lake::tables::SourceKey::source_id`].
    pub source_id: String,
    /// Rejects of the reading before it, which no longer count.
    pub rejects: u64,
}

/// The kind of run that made a commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// Read exports.
    #[default]
    Ingest,
    /// Merged small files; the rows are the same before and after.
    Compact,
}

impl RunKind {
    /// Its name, as in the table `runs`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Compact => "compact",
        }
    }

    fn is_ingest(&self) -> bool {
        *self == Self::Ingest
    }
}

/// The run that a commit is part of, and the counts of the commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// Name of the run; a long run makes several commits.
    pub run_id: String,
    /// Kind of the run.
    #[serde(default, skip_serializing_if = "RunKind::is_ingest")]
    pub kind: RunKind,
    /// Instant at which the run began.
    #[serde(with = "rfc3339")]
    pub started_at: DateTime<Utc>,
    /// Instant at which the commit was made.
    #[serde(with = "rfc3339")]
    pub finished_at: DateTime<Utc>,
    /// Version of the build that made it.
    pub trailql_version: String,
    /// Sources that the commit accounts for.
    pub sources: u64,
    /// Counts of the commit.
    pub tally: Tally,
}

/// One commit, as it stands in the manifest folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Version of the lake's format.
    pub format: u32,
    /// Number of the commit, from 1.
    pub version: u64,
    /// SHA-256 of the entry before this one; null for the first.
    pub previous_sha256: Option<String>,
    /// The run that it is part of.
    pub run: RunInfo,
    /// Data files that are visible from now on.
    pub added: Vec<DataFile>,
    /// Paths of files that are no longer visible.
    ///
    /// Their rows stand in files that this entry adds or, for a side table, in the data files. The files stay on disk
    /// for readers of earlier versions, until [`crate::lake::gc`] deletes them.
    pub removed: Vec<String>,
    /// Files of the table `sources` that it adds.
    pub sources: Vec<TableFile>,
    /// Files of the table `rejects` that it adds.
    pub rejects: Vec<TableFile>,
    /// Files of the table `copies` that it adds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<TableFile>,
    /// Files of the side table `root_account` that it adds; `None` if the lake does not keep that table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_account: Option<Vec<TableFile>>,
    /// Files of the side table `trail_calls` that it adds; `None` if the lake does not keep that table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trail_calls: Option<Vec<TableFile>>,
    /// Sources that it read again. Their rejects and copies in earlier commits no longer count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retried: Vec<Retried>,
    /// SHA-256 of the entry without this member. It stands last, so that the covered text can be cut out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl Entry {
    /// An entry of a run that changes nothing yet. The log fills in format, version and digests.
    pub fn of_run(run: RunInfo) -> Self {
        Self {
            format: 0,
            version: 0,
            previous_sha256: None,
            run,
            added: Vec::new(),
            removed: Vec::new(),
            sources: Vec::new(),
            rejects: Vec::new(),
            copies: Vec::new(),
            root_account: None,
            trail_calls: None,
            retried: Vec::new(),
            digest: None,
        }
    }
}

/// Reads an entry, checks its digest of itself, and returns it with its SHA-256.
pub fn parse_entry(path: &Path, bytes: &[u8]) -> Result<(Entry, String), LakeError> {
    let entry: Entry = json::parse(path, bytes)?;
    let digest = entry.digest.as_deref().ok_or_else(|| damaged(path, "it has no digest of itself"))?;
    // The member is cut out of the text as it stands, so that no byte of the file is beyond the digest.
    let before = serde_json::to_string(digest)
        .ok()
        .and_then(|digest| bytes.strip_suffix(b"}")?.strip_suffix(digest.as_bytes())?.strip_suffix(b",\"digest\":"));
    // Both digests begin with the same text, which is hashed once.
    let hasher = before.map(|before| (before.len(), Sha256::new_with_prefix(before)));
    match hasher {
        Some((length, hasher)) if digest::hex(&hasher.clone().chain_update(b"}").finalize()) == digest => {
            let rest = bytes.get(length..).unwrap_or_default();
            Ok((entry, digest::hex(&hasher.chain_update(rest).finalize())))
        }
        _ => Err(damaged(path, "its digest of itself does not match")),
    }
}

pub(super) fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Instants as RFC 3339 text.
mod rfc3339 {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::borrow::Cow;

    pub fn serialize<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text).map(|time| time.with_timezone(&Utc)).map_err(D::Error::custom)
    }
}
