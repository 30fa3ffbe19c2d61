//! Names of files and folders in a lake.

use chrono::{DateTime, Days, NaiveDate};
#[cfg(unix)]
use std::fs;
use std::io;
use tempfile::TempDir;

/// Folder of the manifest entries.
pub const MANIFEST: &str = "_manifest";
/// Folder of the events.
pub const EVENTS: &str = "events";
/// Folder of the table `sources`.
pub const SOURCES: &str = "sources";
/// Folder of the table `rejects`.
pub const REJECTS: &str = "rejects";
/// Folder of the table `copies`.
pub const COPIES: &str = "copies";
/// Folder of the side table of root; see [`super::side_table`].
pub const ROOT_ACCOUNT: &str = "root_account";
/// Folder of the side table of calls that change trails.
pub const TRAIL_CALLS: &str = "trail_calls";
/// Name of the file in [`MANIFEST`] that names the newest entry.
pub const HEAD: &str = "head.json";
/// Name of the file in [`MANIFEST`] that a writer locks.
pub const LOCK: &str = "writer.lock";

/// The value that Hive and its descendants give a partition whose column is null.
const NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// The day of an event: days since 1970-01-01 (UTC), or `None` for an event without a time.
pub type EventDay = Option<i32>;

/// The date of a day; `None` if it is beyond the calendar.
pub fn date(day: i32) -> Option<NaiveDate> {
    let epoch = DateTime::UNIX_EPOCH.date_naive();
    let distance = Days::new(u64::from(day.unsigned_abs()));
    if day < 0 { epoch.checked_sub_days(distance) } else { epoch.checked_add_days(distance) }
}

/// The folder of a day's events, relative to the lake.
pub fn partition_folder(day: EventDay) -> String {
    let value =
        day.and_then(date).map_or_else(|| NULL_PARTITION.to_owned(), |date| date.format("%Y-%m-%d").to_string());
    format!("{EVENTS}/event_date={value}")
}

/// Extension of the name of a manifest entry, behind its number.
pub const ENTRY_SUFFIX: &str = "json";

/// Extension of the name of a checkpoint, behind its number.
///
/// Builds before the first release wrote `checkpoint.json` in another form. No build reads these, since the entries
/// say the same.
pub const CHECKPOINT_SUFFIX: &str = "checkpoint.jsonl";

/// Path of a file of the manifest.
pub fn in_manifest(name: &str) -> String {
    format!("{MANIFEST}/{name}")
}

/// Path of a manifest entry.
pub fn entry_path(version: u64) -> String {
    format!("{MANIFEST}/{version:020}.{ENTRY_SUFFIX}")
}

/// Path of a checkpoint of the manifest.
pub fn checkpoint_path(version: u64) -> String {
    format!("{MANIFEST}/{version:020}.{CHECKPOINT_SUFFIX}")
}

/// Makes a folder for temporary files outside the lake. Nobody else may read it, since it may hold secrets.
pub fn private_folder() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("trailql-");
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o700));
    builder.tempdir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_hive_partitions() {
        for (day, folder) in [
            (Some(0), "events/event_date=1970-01-01"),
            (Some(20_760), "events/event_date=2026-11-03"),
            (Some(-1), "events/event_date=1969-12-31"),
            (Some(i32::MAX), "events/event_date=__HIVE_DEFAULT_PARTITION__"),
            (None, "events/event_date=__HIVE_DEFAULT_PARTITION__"),
        ] {
            assert_eq!(partition_folder(day), folder);
        }
    }
}
