//! Removes rows from the lake whose events came again as more complete copies.
//!
//! A copy that came by a poorer route (a table of some columns, events without their account) may be read before the
//! complete event. The row of such a copy goes, its place becomes a row of the table `copies`, and the number of
//! events stays. Rows that still wait are left out when they are written. Data files are rewritten without them, and
//! an entry of the manifest removes the old files, so that a reader sees each event once at every version.

use super::error::LakeError;
use super::events_file::EventsWriter;
use super::identity::{self, IdentityColumns};
use super::layout::EventDay;
use super::manifest::DataFile;
use super::merge::{self, MergeLimits, SortedFile};
use super::schema;
use super::sort::foreign_batch;
use super::storage::Storage;
use super::write::WriteMode;
use crate::event::identity::Identity;
use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute;
use arrow::error::ArrowError;
use std::collections::{BTreeMap, HashMap};

/// The rows that are to go.
#[derive(Default)]
pub struct Replaced {
    days: BTreeMap<EventDay, OfDay>,
    /// Number of rows that went or are to go.
    rows: u64,
}

#[derive(Default)]
struct OfDay {
    /// Dedup keys of rows that go, with the exclusive bound of their completeness; `None` if they go in any case.
    below: HashMap<Identity, Option<i64>>,
    /// Number of rows that have not been found yet.
    left: usize,
}

/// Approximate memory of an identity in the table of a day.
const IDENTITY_BYTES: usize = 64;

impl Replaced {
    /// No row to be found, after so many have gone.
    pub fn of_rows(rows: u64) -> Self {
        Self { days: BTreeMap::new(), rows }
    }

    /// Notes a row that is to go.
    pub fn add(&mut self, day: EventDay, stored: Identity, below: Option<i64>) {
        let of_day = self.days.entry(day).or_default();
        of_day.below.insert(stored, below);
        of_day.left += 1;
        self.rows += 1;
    }

    /// Number of rows that went or are to go in all.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Estimates its memory.
    pub fn bytes(&self) -> usize {
        self.days.values().map(|day| day.below.len() * IDENTITY_BYTES).sum()
    }

    /// The days with rows that are still to be found.
    pub fn days(&self) -> Vec<EventDay> {
        self.days.iter().filter(|(_, of_day)| of_day.left > 0).map(|(day, _)| *day).collect()
    }

    /// Returns `true` if rows of the day are still to be found.
    pub fn has_rows(&self, day: EventDay) -> bool {
        self.days.get(&day).is_some_and(|of_day| of_day.left > 0)
    }

    /// Drops all rows that were to be found.
    pub fn clear(&mut self) {
        self.days.clear();
    }

    /// Decides for each row of a batch whether it stays.
    pub fn stays(&self, day: EventDay, columns: &IdentityColumns<'_>, rows: usize) -> Vec<bool> {
        (0..rows).map(|row| self.row_stays(day, columns, row)).collect()
    }

    /// Returns `true` if a row of a batch stays.
    pub fn row_stays(&self, day: EventDay, columns: &IdentityColumns<'_>, row: usize) -> bool {
        let Some(of_day) = self.days.get(&day) else { return true };
        let below = columns.keys(row).and_then(|keys| of_day.below.get(&keys.own));
        match below {
            None => true,
            Some(None) => false,
            // A row of an earlier build does not note its completeness, and is never replaced for that.
            Some(Some(below)) => columns.completeness(row).is_none_or(|completeness| completeness >= *below),
        }
    }

    /// Notes that rows of a day were found and have gone.
    pub fn found(&mut self, day: EventDay, rows: usize) {
        if let Some(of_day) = self.days.get_mut(&day) {
            of_day.left = of_day.left.saturating_sub(rows);
        }
    }
}

/// Parts a batch into the rows that stay and those that go; `None` if all stay.
pub fn part(batch: RecordBatch, stays: Vec<bool>) -> Result<(RecordBatch, Option<RecordBatch>), ArrowError> {
    if stays.iter().all(|stays| *stays) {
        return Ok((batch, None));
    }
    let stays = BooleanArray::from(stays);
    let gone = compute::filter_record_batch(&batch, &compute::not(&stays)?)?;
    Ok((compute::filter_record_batch(&batch, &stays)?, Some(gone)))
}

/// Counts the rows of a data file that are to go.
pub fn count(storage: &Storage, file: &DataFile, replaced: &Replaced) -> Result<usize, LakeError> {
    let mut gone = 0;
    identity::each_batch(storage, &file.path, schema::events(), &[], |columns, batch| {
        let stays = replaced.stays(file.event_day, columns, batch.num_rows());
        gone += stays.into_iter().filter(|stays| !stays).count();
    })?;
    Ok(gone)
}

/// Rewrites a data file without the rows that go, and calls `take` with these; `None` if no row is left.
pub fn rewrite(
    storage: &Storage,
    file: &DataFile,
    replaced: &Replaced,
    mode: WriteMode,
    memory_bytes: usize,
    mut take: impl FnMut(&RecordBatch) -> Result<(), LakeError>,
) -> Result<Option<DataFile>, LakeError> {
    let input = SortedFile::data_file(&file.path, file.bytes);
    let limits = MergeLimits { memory_bytes: memory_bytes / 4 * 3, open_files: 1 };
    let mut rows = merge::merge(storage, file.event_day, vec![input], limits)?;
    let mut under_way: Option<EventsWriter> = None;
    while let Some(batch) = rows.next_batch()? {
        let columns = IdentityColumns::of(&batch).ok_or_else(foreign_batch)?;
        let stays = replaced.stays(file.event_day, &columns, batch.num_rows());
        let (kept, gone) = part(batch, stays)?;
        gone.as_ref().map(&mut take).transpose()?;
        if kept.num_rows() == 0 {
            continue;
        }
        let mut writer = match under_way.take() {
            Some(begun) => begun,
            None => {
                let rows = usize::try_from(file.rows).unwrap_or(usize::MAX);
                EventsWriter::begin(storage, file.event_day, rows, mode)?
            }
        };
        writer.append(&kept)?;
        writer.bound_memory(memory_bytes / 4)?;
        under_way = Some(writer);
    }
    under_way.map(EventsWriter::finish).transpose()
}
