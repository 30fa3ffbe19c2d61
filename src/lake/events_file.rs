//! Writes a data file of events, and gathers what the manifest notes about it.

use super::account_tallies::AccountTallies;
use super::batch::event_times;
use super::error::LakeError;
use super::layout::{self, EventDay};
use super::manifest::{DataFile, TextRange, union_of_ranges};
use super::parquet_file::{self, FileWriter};
use super::schema;
use super::storage::Storage;
use super::value_filters::ValueFilters;
use super::write::WriteMode;
use crate::event::field::FieldId;
use crate::event::ids::ROOT;
use arrow::array::{Array, AsArray, RecordBatch, StringViewArray};
use std::collections::BTreeMap;

/// Text columns whose min/max statistics stand in the manifest, so that a scope skips files without opening them.
pub const RANGED: [FieldId; 4] =
    [FieldId::AccountId, FieldId::AcsRegion, FieldId::UserIdentityType, FieldId::UserIdentityAccessKeyId];

/// Rows from which on the rows of root get row groups of their own.
const PARTED_ROWS: usize = 8 << 10;

/// A data file that is being written. Rows come in the order of a data file.
///
/// Rows of root stand in row groups of their own, so that views of them unpack nothing else. A row group costs its
/// metadata, so a file of few rows has only one.
pub struct EventsWriter {
    file: FileWriter,
    day: EventDay,
    /// Set if the last row was one of root; `None` before the first row, and in a file of few rows.
    in_root: Option<bool>,
    parts: bool,
    times: Option<(i64, i64)>,
    texts: [RangeBuilder; RANGED.len()],
    accounts: AccountTallies,
    values: ValueFilters,
}

impl EventsWriter {
    /// Begins a file of about so many rows.
    pub fn begin(storage: &Storage, day: EventDay, rows: usize, mode: WriteMode) -> Result<Self, LakeError> {
        let folder = layout::partition_folder(day);
        let properties = parquet_file::event_properties(rows, mode)
            .map_err(LakeError::parquet("write", &storage.location(&folder)))?;
        let mut file = FileWriter::begin(storage, &folder, schema::events(), properties)?;
        file.set_durable(mode.is_durable());
        let (texts, accounts, values) = Default::default();
        Ok(Self { file, day, in_root: None, parts: rows >= PARTED_ROWS, times: None, texts, accounts, values })
    }

    /// Appends rows.
    pub fn append(&mut self, rows: &RecordBatch) -> Result<(), LakeError> {
        self.observe(rows);
        let types = rows.column(FieldId::UserIdentityType as usize).as_string_view_opt().filter(|_| self.parts);
        let Some(types) = types else { return self.file.append(rows) };
        let is_root = |row: usize| types.is_valid(row) && types.value(row) == ROOT;
        let mut begin = 0;
        while begin < rows.num_rows() {
            let in_root = is_root(begin);
            let end = (begin..rows.num_rows()).find(|row| is_root(*row) != in_root).unwrap_or(rows.num_rows());
            if self.in_root.replace(in_root).is_some_and(|before| before != in_root) {
                self.file.end_row_group()?;
            }
            self.file.append(&rows.slice(begin, end - begin))?;
            begin = end;
        }
        Ok(())
    }

    /// Updates the statistics that the manifest keeps.
    fn observe(&mut self, rows: &RecordBatch) {
        self.times = union_of_ranges([self.times, event_times(rows)].into_iter());
        for (range, id) in self.texts.iter_mut().zip(RANGED) {
            if let Some(texts) = rows.column(id as usize).as_string_view_opt() {
                range.add(texts);
            }
        }
        self.accounts.add(rows);
        self.values.add(rows);
    }

    /// See [`FileWriter::bytes`].
    pub fn bytes(&self) -> u64 {
        self.file.bytes()
    }

    /// See [`FileWriter::bound_memory`].
    pub fn bound_memory(&mut self, bytes: usize) -> Result<(), LakeError> {
        self.file.bound_memory(bytes)
    }

    /// Ends the file.
    pub fn finish(self) -> Result<DataFile, LakeError> {
        let written = self.file.finish()?;
        let ranges = self.texts.into_iter().zip(RANGED);
        let ranges = ranges.filter_map(|(range, id)| Some((id.column().to_owned(), range.finish()?)));
        Ok(DataFile {
            path: written.path,
            event_day: self.day,
            rows: written.rows,
            bytes: written.bytes,
            sha256: written.sha256,
            min_event_time: self.times.map(|(min, _)| min),
            max_event_time: self.times.map(|(_, max)| max),
            text_ranges: ranges.collect::<BTreeMap<_, _>>().into(),
            footer_bytes: written.footer_bytes,
            columns: written.columns,
            blooms: written.blooms.into(),
            accounts: self.accounts.finish().into(),
            values: self.values.finish().into(),
        })
    }
}

/// Builds the min/max statistics of a text column, batch by batch.
#[derive(Debug, Default)]
pub struct RangeBuilder {
    range: Option<(String, String)>,
    nulls: u64,
}

impl RangeBuilder {
    /// Adds rows. A value often equals that of the row before, and few values are a new minimum or maximum.
    pub fn add(&mut self, texts: &StringViewArray) {
        self.nulls += texts.null_count() as u64;
        let mut last = None;
        for text in texts.iter().flatten() {
            if last.replace(text) == Some(text) {
                continue;
            }
            let (min, max) = self.range.get_or_insert_with(|| (text.to_owned(), text.to_owned()));
            if text < min.as_str() {
                text.clone_into(min);
            } else if text > max.as_str() {
                text.clone_into(max);
            }
        }
    }

    /// The statistics; `None` if every row is null.
    pub fn finish(self) -> Option<TextRange> {
        self.range.map(|(min, max)| TextRange { min, max, nulls: self.nulls })
    }
}
