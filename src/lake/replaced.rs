//! Takes rows out of the lake whose events came again as more complete copies.
//!
//! A copy that came by a poorer route (a table of some columns, events without their account) may be read before the whole
//! event. It gives way: its row goes, its place becomes a row of the table `copies`, and the number of events stays. Rows
//! that still wait are left out when they are written. Data files are written anew without them, and an entry of the
//! manifest names the old files as removed, so that a reader sees each event once at every version.

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
    /// How many rows went or are to go.
    rows: u64,
}

#[derive(Default)]
struct OfDay {
    /// Rows of this identity go that are less complete than this; whatever they are, where it is none.
    below: HashMap<Identity, Option<i64>>,
    /// How many of them have not been found yet.
    left: usize,
}

/// Memory of an identity in the table of a day, about.
const IDENTITY_BYTES: usize = 64;

impl Replaced {
    /// Nothing to be found, after so many rows went.
    pub fn of_rows(rows: u64) -> Self {
        Self { days: BTreeMap::new(), rows }
    }

    /// Takes note of a row that is to go.
    pub fn add(&mut self, day: EventDay, stored: Identity, below: Option<i64>) {
        let of_day = self.days.entry(day).or_default();
        of_day.below.insert(stored, below);
        of_day.left += 1;
        self.rows += 1;
    }

    /// How many rows went or are to go in all.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        self.days.values().map(|day| day.below.len() * IDENTITY_BYTES).sum()
    }

    /// The days of which rows are still to be found.
    pub fn days(&self) -> Vec<EventDay> {
        self.days.iter().filter(|(_, of_day)| of_day.left > 0).map(|(day, _)| *day).collect()
    }

    /// True where rows of the day are still to be found.
    pub fn has_rows(&self, day: EventDay) -> bool {
        self.days.get(&day).is_some_and(|of_day| of_day.left > 0)
    }

    /// Forgets what was to be found: it has been.
    pub fn clear(&mut self) {
        self.days.clear();
    }

    /// Whether each row of a batch stays.
    pub fn stays(&self, day: EventDay, columns: &IdentityColumns<'_>, rows: usize) -> Vec<bool> {
        (0..rows).map(|row| self.row_stays(day, columns, row)).collect()
    }

    /// Whether a row of a batch stays.
    pub fn row_stays(&self, day: EventDay, columns: &IdentityColumns<'_>, row: usize) -> bool {
        let Some(of_day) = self.days.get(&day) else { return true };
        let below = columns.keys(row).and_then(|keys| of_day.below.get(&keys.own));
        match below {
            None => true,
            Some(None) => false,
            // A row of an earlier build does not say how complete it is, and is never replaced for that.
            Some(Some(below)) => columns.completeness(row).is_none_or(|completeness| completeness >= *below),
        }
    }

    /// Takes note that rows of a day were found and have gone.
    pub fn found(&mut self, day: EventDay, rows: usize) {
        if let Some(of_day) = self.days.get_mut(&day) {
            of_day.left = of_day.left.saturating_sub(rows);
        }
    }
}

/// The rows of a batch that stay, and those that go; `None` in place of the latter where all stay.
pub fn part(batch: RecordBatch, stays: Vec<bool>) -> Result<(RecordBatch, Option<RecordBatch>), ArrowError> {
    if stays.iter().all(|stays| *stays) {
        return Ok((batch, None));
    }
    let stays = BooleanArray::from(stays);
    let gone = compute::filter_record_batch(&batch, &compute::not(&stays)?)?;
    Ok((compute::filter_record_batch(&batch, &stays)?, Some(gone)))
}

/// How many rows of a data file are to go.
pub fn count(storage: &Storage, file: &DataFile, replaced: &Replaced) -> Result<usize, LakeError> {
    let mut gone = 0;
    identity::each_batch(storage, &file.path, schema::events(), &[], |columns, batch| {
        let stays = replaced.stays(file.event_day, columns, batch.num_rows());
        gone += stays.into_iter().filter(|stays| !stays).count();
    })?;
    Ok(gone)
}

/// Writes a data file anew without the rows that go, and hands these to `take`; `None` where none is left.
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
