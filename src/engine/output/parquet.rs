//! One Parquet file, zstd. Row groups are kept small enough that a long answer does not gather in memory.

use std::io::{self, Write};

use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::{BatchSource, OutputError, OutputStyle, count};

const ROWS_PER_GROUP: usize = 128 * 1024;

pub(super) fn write(
    answer: &mut dyn BatchSource,
    style: &OutputStyle,
    out: &mut (dyn Write + Send),
) -> Result<u64, OutputError> {
    if style.terminal {
        return Err(OutputError::ParquetOnTerminal);
    }
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
        .build();
    let mut writer = ArrowWriter::try_new(out, answer.schema(), Some(properties)).map_err(error)?;
    let mut rows = 0;
    while let Some(batch) = answer.next_batch()? {
        rows += count(&batch);
        writer.write(&batch).map_err(error)?;
    }
    writer.close().map_err(error)?;
    Ok(rows)
}

/// The destination's own error where there is one, so that a closed pipe is still known as one.
fn error(error: ParquetError) -> OutputError {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => OutputError::Write(*error),
            Err(inner) => OutputError::Parquet(ParquetError::External(inner)),
        },
        other => OutputError::Parquet(other),
    }
}
