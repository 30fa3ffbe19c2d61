//! Merges sorted data files of one day into one sorted stream of rows.
//!
//! Every data file is sorted ([`super::sort`]), so rows need no sorting, only the minimum of the next rows. Memory
//! holds a few batches of each file, however large the day is. Files that are too many for the memory, or for the open
//! files of a process, are merged in several rounds, neighbours first. Rows with equal keys keep the order of their
//! files, so the result is the same whatever the bounds are.

use super::error::LakeError;
use super::layout::EventDay;
use super::parquet_file::{self, FileWriter};
use super::sort::{ORDER, sort_columns, sort_rows};
use super::storage::{StagedFile, Storage};
use super::{batch, layout, schema};
use arrow::array::RecordBatch;
use arrow::compute::interleave_record_batch;
use arrow::row::{OwnedRow, RowConverter, Rows, SortField};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::path::PathBuf;

/// The resources that a merge may use.
#[derive(Debug, Clone, Copy)]
pub struct MergeLimits {
    /// Approximate bound of the memory.
    pub memory_bytes: usize,
    /// Maximum number of files that are open at a time.
    pub open_files: usize,
}

/// Rows of an output batch.
const OUTPUT_ROWS: usize = 8 << 10;

/// Maximum number of rows of a batch of one input.
const INPUT_ROWS: usize = 4 << 10;

/// Approximate maximum of the memory of an open input: its unpacked pages and two batches.
const INPUT_BYTES: usize = 8 << 20;

/// Memory that an open input takes whatever its size: the metadata of its columns.
const INPUT_BASE_BYTES: usize = 512 << 10;

/// Approximate factor by which rows are larger in memory than in a file.
const UNPACKED: usize = 12;

/// A sorted file to merge.
pub struct SortedFile {
    place: Place,
    bytes: u64,
}

/// The place of a sorted file.
enum Place {
    /// A data file of the lake.
    Lake(String),
    /// The result of an earlier round, which is deleted when it is dropped.
    Staged(StagedFile),
}

impl SortedFile {
    /// A data file of the lake.
    pub fn data_file(path: &str, bytes: u64) -> Self {
        Self { place: Place::Lake(path.to_owned()), bytes }
    }

    /// Opens the file, and returns its path for errors.
    fn open(&self, storage: &Storage) -> Result<(ParquetRecordBatchReaderBuilder<File>, PathBuf), LakeError> {
        let (file, path) = match &self.place {
            Place::Lake(path) => (storage.open_local(path)?, storage.location(path)),
            Place::Staged(staged) => {
                let path = staged.path().to_path_buf();
                (File::open(&path).map_err(LakeError::io("open", &path))?, path)
            }
        };
        Ok((parquet_file::open_file(file, &path, &schema::events())?, path))
    }

    /// Estimates the memory that it takes while it is read.
    fn cost(&self) -> usize {
        let unpacked = usize::try_from(self.bytes).unwrap_or(usize::MAX).saturating_mul(UNPACKED);
        INPUT_BASE_BYTES + unpacked.min(INPUT_BYTES)
    }
}

/// Merges data files of one day into the order of a data file.
pub fn merge(
    storage: &Storage,
    day: EventDay,
    files: Vec<SortedFile>,
    limits: MergeLimits,
) -> Result<Merge, LakeError> {
    let mut files = files;
    loop {
        let mut rounds: Vec<Vec<SortedFile>> = Vec::new();
        let mut cost = 0;
        for file in files {
            cost += file.cost();
            match rounds.last_mut() {
                // Two at a time are always allowed, since there would be no end otherwise.
                Some(round) if round.len() < 2 || cost <= limits.memory_bytes && round.len() < limits.open_files => {
                    round.push(file);
                }
                _ => {
                    cost = file.cost();
                    rounds.push(vec![file]);
                }
            }
        }
        if rounds.len() <= 1 {
            return Merge::open(storage, day, rounds.into_iter().flatten().collect());
        }
        files = Vec::with_capacity(rounds.len());
        for mut round in rounds {
            match (round.pop(), round.is_empty()) {
                (Some(only), true) => files.push(only),
                (last, _) => {
                    round.extend(last);
                    let mut merge = Merge::open(storage, day, round)?;
                    files.push(write_run(storage, day, limits.memory_bytes, || merge.next_batch())?);
                }
            }
        }
    }
}

/// Returns `true` if a file notes that it has the order of a data file. Other files are sorted before they are merged.
fn is_in_order(builder: &ParquetRecordBatchReaderBuilder<File>) -> bool {
    let said = builder.metadata().file_metadata().key_value_metadata();
    said.is_some_and(|said| {
        said.iter().any(|said| (said.key.as_str(), said.value.as_deref()) == (ORDER.0, Some(ORDER.1)))
    })
}

/// Writes rows to a staged file in the folder of their day.
fn write_run(
    storage: &Storage,
    day: EventDay,
    memory_bytes: usize,
    mut next: impl FnMut() -> Result<Option<RecordBatch>, LakeError>,
) -> Result<SortedFile, LakeError> {
    let folder = layout::partition_folder(day);
    let properties = parquet_file::run_properties().map_err(LakeError::parquet("write", &storage.location(&folder)))?;
    let mut writer = FileWriter::begin(storage, &folder, schema::events(), properties)?;
    while let Some(batch) = next()? {
        writer.append(&batch)?;
        writer.bound_memory(memory_bytes / 4)?;
    }
    let staged = writer.finish_unnamed()?;
    let bytes = staged.file().metadata().map_err(LakeError::io("look at", staged.path()))?.len();
    Ok(SortedFile { place: Place::Staged(staged), bytes })
}

/// A merge that is under way.
pub struct Merge {
    converter: RowConverter,
    inputs: Vec<Input>,
    /// The next row of each input that has one.
    heads: BinaryHeap<Reverse<Head>>,
    /// The batch of each input, and earlier ones that hold picked rows.
    batches: Vec<RecordBatch>,
    /// Rows of the next output batch: a batch and a row in it.
    picked: Vec<(usize, usize)>,
    last: Option<OwnedRow>,
    /// Staged inputs, which are deleted when the merge has read them.
    staged: Vec<StagedFile>,
}

struct Input {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
    /// Keys of its batch.
    keys: Option<Rows>,
    /// Place of its batch among the batches.
    batch: usize,
}

/// The next row of an input. Of equal keys the one of the earlier file comes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    key: OwnedRow,
    input: usize,
    row: usize,
}

impl Merge {
    fn open(storage: &Storage, day: EventDay, files: Vec<SortedFile>) -> Result<Self, LakeError> {
        let columns = sort_columns(&RecordBatch::new_empty(schema::events()))?;
        let fields = columns.iter().map(|column| SortField::new(column.data_type().clone()));
        let mut merge = Self {
            converter: RowConverter::new(fields.collect())?,
            inputs: Vec::with_capacity(files.len()),
            heads: BinaryHeap::with_capacity(files.len()),
            batches: Vec::new(),
            picked: Vec::with_capacity(OUTPUT_ROWS),
            last: None,
            staged: Vec::new(),
        };
        for mut file in files {
            let (mut builder, mut path) = file.open(storage)?;
            if !is_in_order(&builder) {
                let reader = builder.build().map_err(LakeError::parquet("read", &path))?;
                let batches = reader.map(|batch| batch::fit(batch?, &schema::events()));
                let mut rows = Some(sort_rows(&batches.collect::<Result<Vec<_>, _>>()?)?);
                file = write_run(storage, day, usize::MAX, || Ok(rows.take()))?;
                (builder, path) = file.open(storage)?;
            }
            let groups = builder.metadata().row_groups();
            let rows: i64 = groups.iter().map(|group| group.num_rows()).sum();
            let bytes: i64 = groups.iter().map(|group| group.total_byte_size()).sum();
            // Two batches may be in memory beside the pages.
            let fitting = i64::try_from(INPUT_BYTES / 4).unwrap_or(i64::MAX) * rows.max(1) / bytes.max(1);
            let batch_rows = usize::try_from(fitting).unwrap_or(1).clamp(1, INPUT_ROWS);
            let reader = builder.with_batch_size(batch_rows).build();
            let reader = reader.map_err(LakeError::parquet("read", &path))?;
            merge.inputs.push(Input { path, reader, keys: None, batch: 0 });
            if let Place::Staged(staged) = file.place {
                merge.staged.push(staged);
            }
        }
        for input in 0..merge.inputs.len() {
            merge.next_batch_of(input)?;
        }
        Ok(merge)
    }

    /// Takes the next rows; `None` after the last.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>, LakeError> {
        // A batch that was read to its end stays until the rows picked from it are written.
        let max_batches = self.inputs.len() * 2;
        while self.picked.len() < OUTPUT_ROWS && self.batches.len() <= max_batches {
            let Some(Reverse(Head { key, input, row })) = self.heads.pop() else { break };
            if self.last.as_ref().is_some_and(|last| key < *last) {
                let path = self.inputs[input].path.clone();
                return Err(LakeError::Damaged { path, reason: "its rows are not in the order that it says" });
            }
            self.last = Some(key);
            self.picked.push((self.inputs[input].batch, row));
            self.next_row_of(input, row + 1)?;
        }
        if self.picked.is_empty() {
            self.staged.clear();
            return Ok(None);
        }
        let batches: Vec<&RecordBatch> = self.batches.iter().collect();
        let rows = interleave_record_batch(&batches, &self.picked)?;
        self.picked.clear();
        let mut current = Vec::with_capacity(self.inputs.len());
        for input in self.inputs.iter_mut().filter(|input| input.keys.is_some()) {
            current.push(self.batches[input.batch].clone());
            input.batch = current.len() - 1;
        }
        self.batches = current;
        Ok(Some(rows))
    }

    fn next_row_of(&mut self, input: usize, row: usize) -> Result<(), LakeError> {
        match &self.inputs[input].keys {
            Some(keys) if row < keys.num_rows() => {
                self.heads.push(Reverse(Head { key: keys.row(row).owned(), input, row }));
                Ok(())
            }
            _ => self.next_batch_of(input),
        }
    }

    fn next_batch_of(&mut self, number: usize) -> Result<(), LakeError> {
        let input = &mut self.inputs[number];
        input.keys = None;
        for batch in input.reader.by_ref() {
            let batch = batch::fit(batch?, &schema::events())?;
            if batch.num_rows() == 0 {
                continue;
            }
            let keys = self.converter.convert_columns(&sort_columns(&batch)?)?;
            self.heads.push(Reverse(Head { key: keys.row(0).owned(), input: number, row: 0 }));
            input.keys = Some(keys);
            input.batch = self.batches.len();
            self.batches.push(batch);
            break;
        }
        Ok(())
    }
}
