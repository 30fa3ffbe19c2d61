//! The outcome of an ingest: counts, and the first examples of each kind of trouble.

use crate::lake::manifest::Tally;
use crate::ops::OpsError;
use std::collections::BTreeMap;
use std::time::Duration;

/// The outcome of a run.
#[derive(Debug, Clone, Default)]
pub struct IngestOutcome {
    /// Name of the run, as in the table `runs`.
    pub run_id: String,
    /// Version of the lake after the run.
    pub version: u64,
    /// Files that an earlier run read and that have not changed. They were not opened.
    pub files_unchanged: u64,
    /// Files that were read again, since some of their records could not be read before.
    pub files_retried: u64,
    /// Files that were left unread when somebody asked to stop. The next run goes on with them.
    pub files_left: u64,
    /// Files that were read and their counts, by the shape of the export.
    pub shapes: BTreeMap<String, ShapeTally>,
    /// Files that hold something other than an export.
    pub not_exports: Named,
    /// Files, and members of archives, that may hold events and gave none.
    pub suspicious: Named,
    /// Exports that state that they lack events.
    pub incomplete: Named,
    /// Files and folders that could not be read.
    pub unreadable: Named,
    /// The first records that could not be read. The table `rejects` has all of them.
    pub rejects: Vec<RejectLine>,
    /// Sum over all sources: read = stored + duplicate + rejected.
    pub totals: Tally,
    /// Values that could not be read, of events that were.
    pub unread: FieldCounts,
    /// The first events with a value that could not be read. The view `unread_values` lists all of them.
    pub unread_events: Vec<UnreadEvent>,
    /// Values that came in another spelling than ActionTrail's.
    pub normalised: FieldCounts,
    /// Events whose stored copy gave way to a more complete one.
    pub replaced: u64,
    /// Bytes read from disk.
    pub bytes_read: u64,
    /// Wall time of the run.
    pub elapsed: Duration,
}

impl IngestOutcome {
    /// Number of files that were read.
    pub fn files_read(&self) -> u64 {
        self.shapes.values().map(|shape| shape.files).sum()
    }

    /// Returns `true` if neither this run nor an earlier one found an event in the inputs.
    pub fn found_no_events(&self) -> bool {
        self.totals.stored + self.totals.duplicate + self.files_unchanged == 0
    }

    /// Builds the error of inputs without an event.
    pub fn no_events(&self) -> OpsError {
        let example = |item: &Unreadable| (item.path.clone(), item.reason.clone());
        let rejects = self.rejects.iter().map(|reject| (reject.path.clone(), reject.reason.clone()));
        let others =
            self.suspicious.first.iter().chain(&self.not_exports.first).chain(&self.unreadable.first).map(example);
        OpsError::NoEvents { files: self.files_read(), examples: rejects.chain(others).take(3).collect() }
    }
}

/// The files of one shape; each of them is a row of the table `sources`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ShapeTally {
    /// Number of files.
    pub files: u64,
    /// Their counts.
    pub tally: Tally,
}

/// A number of files, of which only the first are named. A run may meet a million.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Number of files.
    pub files: u64,
    /// The first of them.
    pub first: Vec<Unreadable>,
}

impl Named {
    pub(super) fn push(&mut self, file: Unreadable) {
        self.files += 1;
        if self.first.len() < NAMED_FILES {
            self.first.push(file);
        }
    }
}

/// A file that gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Its path.
    pub path: String,
    /// Reason, or the kind of file that it is.
    pub reason: String,
}

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectLine {
    /// File it stands in.
    pub path: String,
    /// Number of the record in the file, from 0.
    pub record: i64,
    /// Offset in the unpacked file, in bytes.
    pub offset: i64,
    /// Reason for which it could not be read.
    pub reason: String,
}

/// Number of events by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldCounts {
    /// Events by the path of the field.
    pub fields: BTreeMap<String, u64>,
    /// Events with one or more of these fields.
    pub events: u64,
}

impl FieldCounts {
    /// Counts the fields of one event, whose names are separated by commas.
    pub(super) fn add(&mut self, names: &str) {
        self.events += 1;
        for name in names.split(',') {
            *self.fields.entry(name.to_owned()).or_default() += 1;
        }
    }
}

/// An event with values that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadEvent {
    /// File it stands in.
    pub path: String,
    /// Number of the record in the file, from 0.
    pub record: i64,
    /// The fields whose values could not be read, separated by commas.
    pub fields: String,
}

/// Events with unread values that an outcome names.
pub(super) const NAMED_EVENTS: usize = 5;

/// Rejects that an outcome names.
pub(super) const NAMED_REJECTS: usize = 20;

/// Files of a kind, and shapes, that an outcome names.
pub(super) const NAMED_FILES: usize = 1000;

/// Name of the shapes beyond those that an outcome names.
pub(super) const OTHER_SHAPES: &str = "other shapes";
