//! New rows that wait by day until they become data files.

use crate::lake::batch::without_slack;
use crate::lake::layout::EventDay;
use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute;
use arrow::error::ArrowError;
use std::collections::BTreeMap;

/// Rows of a batch by the day of their events.
pub type RowsByDay = BTreeMap<EventDay, Vec<u32>>;

/// A batch of fewer rows is copied before it waits, since it may hold far more memory than its rows need.
const SMALL_BATCH_ROWS: usize = 1 << 10;

/// Batches with fewer rows than this on average are coalesced. A row by itself takes many times the memory
/// that it takes among others.
const SPARSE_BATCH_ROWS: usize = 32;

/// A partition of at least one part in so many of the largest may be flushed before it.
const LARGE_PART: usize = 4;

/// Rows of one day that wait.
#[derive(Default)]
struct Partition {
    batches: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
    /// Number of the batch that rows came with last.
    last_batch: u64,
}

impl Partition {
    fn push(&mut self, batch: RecordBatch) {
        self.rows += batch.num_rows();
        self.bytes += batch.get_array_memory_size();
        self.batches.push(batch);
    }

    /// Makes one batch of many small ones.
    fn coalesce(&mut self) -> Result<(), ArrowError> {
        if self.batches.len() > 1
            && self.rows < self.batches.len() * SPARSE_BATCH_ROWS
            && let Some(first) = self.batches.first()
        {
            let coalesced = compute::concat_batches(&first.schema(), &self.batches)?;
            *self = Self { last_batch: self.last_batch, ..Self::default() };
            self.push(without_slack(&coalesced)?);
        }
        Ok(())
    }
}

/// New rows by day.
#[derive(Default)]
pub struct PartitionBuffer {
    partitions: BTreeMap<EventDay, Partition>,
    /// Number of batches so far.
    batches: u64,
    bytes: usize,
}

impl PartitionBuffer {
    /// Memory of the rows.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns `true` if rows of the day wait.
    pub fn has_rows(&self, day: EventDay) -> bool {
        self.partitions.contains_key(&day)
    }

    /// Adds rows of a batch.
    pub fn buffer_rows(&mut self, batch: &RecordBatch, rows: RowsByDay) -> Result<(), ArrowError> {
        let is_large = batch.num_rows() >= SMALL_BATCH_ROWS;
        self.batches += 1;
        for (day, rows) in rows {
            let all = is_large && rows.len() == batch.num_rows();
            let part = if all { batch.clone() } else { take_rows(batch, rows)? };
            let partition = self.partitions.entry(day).or_default();
            let before = partition.bytes;
            partition.push(part);
            partition.last_batch = self.batches;
            self.bytes += partition.bytes - before;
        }
        Ok(())
    }

    /// Makes one batch of many small ones in each partition.
    pub fn coalesce(&mut self) -> Result<(), ArrowError> {
        for partition in self.partitions.values_mut() {
            partition.coalesce()?;
        }
        self.bytes = self.partitions.values().map(|partition| partition.bytes).sum();
        Ok(())
    }

    /// Takes out the day that is most likely complete: of the large ones, that which has waited longest for a new row.
    ///
    /// Exports come about in the order of time. So the day becomes one file and not two.
    pub fn pop_finished(&mut self) -> Option<(EventDay, Vec<RecordBatch>)> {
        let largest = self.partitions.values().map(|partition| partition.bytes).max()?;
        let large = self.partitions.iter().filter(|(_, partition)| partition.bytes >= largest / LARGE_PART);
        let day = large.min_by_key(|(_, partition)| partition.last_batch).map(|(day, _)| *day)?;
        let partition = self.partitions.remove(&day)?;
        self.bytes -= partition.bytes;
        Some((day, partition.batches))
    }
}

/// Takes some rows of a batch.
///
/// The text of a few rows is copied, so that the memory of the others can go. The text of nearly all rows, as in a file
/// with some copies, stays in place.
fn take_rows(batch: &RecordBatch, rows: Vec<u32>) -> Result<RecordBatch, ArrowError> {
    let nearly_all = rows.len() >= batch.num_rows() / 4 * 3 && batch.num_rows() >= SMALL_BATCH_ROWS;
    let part = compute::take_record_batch(batch, &UInt32Array::from(rows))?;
    if nearly_all { Ok(part) } else { without_slack(&part) }
}
