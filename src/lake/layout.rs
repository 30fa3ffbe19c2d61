//! Names of files and folders in a lake, and how a file comes to stand there whole or not at all.

use super::error::LakeError;
use chrono::{DateTime, Days, NaiveDate};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempDir};

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
/// Folder of the rows of the account itself, kept once more; see [`super::root_account`].
pub const ROOT_ACCOUNT: &str = "root_account";
/// Name of the file in [`MANIFEST`] that names the newest entry.
pub const HEAD: &str = "head.json";
/// Name of the file in [`MANIFEST`] that a writer locks.
pub const LOCK: &str = "writer.lock";

/// What Hive and its descendants call the partition of rows whose partition column is null.
const NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// The day an event belongs to: days since 1970-01-01 (UTC), or `None` for an event without a time.
pub type EventDay = Option<i32>;

/// The date of a day; `None` where the calendar does not reach.
pub fn date(day: i32) -> Option<NaiveDate> {
    let epoch = DateTime::UNIX_EPOCH.date_naive();
    let distance = Days::new(u64::from(day.unsigned_abs()));
    if day < 0 { epoch.checked_sub_days(distance) } else { epoch.checked_add_days(distance) }
}

/// The folder of a day's events, relative to the lake.
pub fn partition_folder(day: EventDay) -> PathBuf {
    let value =
        day.and_then(date).map_or_else(|| NULL_PARTITION.to_owned(), |date| date.format("%Y-%m-%d").to_string());
    Path::new(EVENTS).join(format!("event_date={value}"))
}

/// What follows the number in the name of a manifest entry.
pub const ENTRY_SUFFIX: &str = "json";

/// What follows it in the name of a checkpoint. Builds before the first release wrote `checkpoint.json`, in another form;
/// these are not read, since the entries say the same.
pub const CHECKPOINT_SUFFIX: &str = "checkpoint.jsonl";

/// File name of a manifest entry.
pub fn entry_name(version: u64) -> String {
    format!("{version:020}.{ENTRY_SUFFIX}")
}

/// File name of a checkpoint of the manifest.
pub fn checkpoint_name(version: u64) -> String {
    format!("{version:020}.{CHECKPOINT_SUFFIX}")
}

/// Makes the entries of a folder last: after this, a file renamed into it survives a loss of power.
pub fn sync_folder(folder: &Path) -> Result<(), LakeError> {
    // Other systems cannot open folders as files; their file systems order renames by themselves.
    if cfg!(unix) {
        File::open(folder).and_then(|f| f.sync_all()).map_err(LakeError::io("sync", folder))?;
    }
    Ok(())
}

/// Makes a folder with all above it.
pub fn create_folder(folder: &Path) -> Result<(), LakeError> {
    fs::create_dir_all(folder).map_err(LakeError::io("create", folder))
}

/// How the name of a file that is being written begins and ends; no reader takes such a name.
const TEMPORARY: (&str, &str) = (".", ".tmp");

/// True for the name of a file that was being written.
pub fn is_temporary_name(name: &str) -> bool {
    name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1)
}

/// Makes a file that gets its own name later. Who may read it is decided by the umask, as for any new file, so that the
/// whole lake can be read by those who may read a part of it.
pub fn temporary_file(folder: &Path) -> Result<NamedTempFile, LakeError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY.0).suffix(TEMPORARY.1);
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    builder.tempfile_in(folder).map_err(LakeError::io("create a file in", folder))
}

/// Makes a folder for temporary files that nobody else may look into: what is in it may hold secrets.
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
            assert_eq!(partition_folder(day), Path::new(folder));
        }
    }
}
