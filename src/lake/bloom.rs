//! Asks the bloom filters of data files whether a value may be in them.
//!
//! The manifest says where each filter stands, so a question for an id reads some kilobytes of each file in one piece,
//! and only the files that may hold the id are opened as Parquet: without this, opening all of them is what such a
//! question spends its time on.

use super::manifest::{ByteRange, DataFile};
use super::parquet_file::absolute;
use parquet::bloom_filter::Sbbf;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// A filter is never longer than this; what says so is damaged.
const MOST_BYTES: u64 = 256 << 20;

/// False where no row of the file has any of the values in the column. Where the filters cannot tell, or cannot be read,
/// it is true: whoever reads the file will meet what is wrong with it.
pub fn may_hold(root: &Path, file: &DataFile, column: &str, values: &[&str]) -> bool {
    let Some(ranges) = file.blooms.get(column) else { return true };
    let Ok(mut bytes) = File::open(absolute(root, &file.path)) else { return true };
    ranges.iter().any(|range| match read(&mut bytes, *range) {
        Ok(filter) => values.iter().any(|value| filter.check(*value)),
        Err(_) => true,
    })
}

fn read(file: &mut File, ByteRange { offset, length }: ByteRange) -> io::Result<Sbbf> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(offset))?;
    file.take(length.min(MOST_BYTES)).read_to_end(&mut bytes)?;
    Sbbf::from_bytes(&bytes).map_err(io::Error::other)
}
