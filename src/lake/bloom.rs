//! Asks the bloom filters of data files whether a value may be in them.
//!
//! The manifest notes the place of each filter. So a question for an id reads some kilobytes of each file in one piece,
//! and opens only the files as Parquet that may hold the id.

use super::manifest::{ByteRange, DataFile};
use super::storage::{RangeReader, Storage};
use parquet::bloom_filter::Sbbf;

/// Upper bound of the length of a filter. A longer one is damaged.
const MAX_BYTES: u64 = 256 << 20;

/// Returns `false` if no row of the file has any of the values in the column.
///
/// A filter that is missing or cannot be read gives `true`. The reader of the file will meet its damage.
pub fn may_hold(storage: &Storage, file: &DataFile, column: &str, values: &[&str]) -> bool {
    let Some(ranges) = file.blooms.get(column) else { return true };
    let Ok(reader) = storage.open_ranges(&file.path) else { return true };
    ranges.iter().any(|range| match read(reader.as_ref(), *range) {
        Some(filter) => values.iter().any(|value| filter.check(*value)),
        None => true,
    })
}

fn read(file: &dyn RangeReader, ByteRange { offset, length }: ByteRange) -> Option<Sbbf> {
    let bytes = file.get_range(offset, length.min(MAX_BYTES)).ok()?;
    Sbbf::from_bytes(&bytes).ok()
}
