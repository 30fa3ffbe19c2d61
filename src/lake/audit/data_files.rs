//! Checks the files that entries name: their bytes, and then their rows.

use super::{Problem, cause};
use crate::event::identity::Identity;
use crate::event::time::utc_day;
use crate::lake::account_tallies::{AccountTallies, TALLIED};
use crate::lake::error::LakeError;
use crate::lake::events_file::{RANGED, RangeBuilder};
use crate::lake::identity::{self, IdentityHasher};
use crate::lake::layout::EventDay;
use crate::lake::manifest::{DataFile, SideTableId, Snapshot, TableFile, union_of_ranges};
use crate::lake::schema;
use crate::lake::side_table::{self, SideTable};
use crate::lake::storage::Storage;
use crate::lake::value_filters::{FILTERED, ValueFilters};
use arrow::array::{Array, AsArray};
use arrow::datatypes::Date32Type;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasherDefault;
use std::sync::Arc;

/// The outcome of reading some data files.
#[derive(Debug, Default)]
pub struct Checked {
    /// Files that were read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Their rows.
    pub rows: u64,
    /// The rows of each side table, among the events and in its own files.
    pub side_tables: BTreeMap<SideTableId, SideTableSums>,
    /// Damage.
    pub problems: Vec<Problem>,
}

/// A set of rows, whatever their order: its size, and the sum of the identities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowsSum {
    rows: u64,
    identities: u128,
}

/// The rows of a side table, from both places where they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SideTableSums {
    /// Those among the events.
    pub among_events: RowsSum,
    /// Those in files of the table.
    pub kept: RowsSum,
}

impl RowsSum {
    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.identities = self.identities.wrapping_add(other.identities);
    }

    fn add_row(&mut self, identity: Option<Identity>) {
        self.add(Self { rows: 1, identities: identity.map_or(0, |identity| identity.0) });
    }
}

impl Checked {
    /// Adds the outcome of other files.
    pub fn and(mut self, other: Self) -> Self {
        self.files += other.files;
        self.bytes += other.bytes;
        self.rows += other.rows;
        for (id, sums) in other.side_tables {
            let sum = self.side_tables.entry(id).or_default();
            sum.among_events.add(sums.among_events);
            sum.kept.add(sums.kept);
        }
        self.problems.extend(other.problems);
        self
    }

    fn problem(&mut self, path: &str, what: impl Into<String>) {
        self.problems.push(Problem::new(path, what));
    }
}

/// Checks the data files of one day: bytes, rows, times, statistics, and that no event is there twice.
///
/// Memory is that of the identities of the day. `done` is called with the bytes of each file.
pub fn day(storage: &Storage, day: EventDay, files: &[Arc<DataFile>], done: &dyn Fn(u64)) -> Checked {
    let mut checked = Checked::default();
    let mut known: HashSet<u128, BuildHasherDefault<IdentityHasher>> = HashSet::default();
    for file in files {
        if same_bytes(storage, &file.path, &file.sha256, file.bytes, &mut checked) {
            check_events(storage, day, file, &mut known, &mut checked);
        }
        done(file.bytes);
    }
    checked
}

fn check_events(
    storage: &Storage,
    day: EventDay,
    file: &DataFile,
    known: &mut HashSet<u128, BuildHasherDefault<IdentityHasher>>,
    checked: &mut Checked,
) {
    let (mut rows, mut twice, mut elsewhere) = (0, 0, 0);
    let mut times: Option<(i64, i64)> = None;
    // Wrong or missing min/max statistics would hide rows from questions.
    let ranged = RANGED.iter().map(|id| id.column()).chain(file.text_ranges.keys().map(String::as_str));
    let mut ranges: BTreeMap<&str, RangeBuilder> = ranged.map(|name| (name, RangeBuilder::default())).collect();
    let deciding = side_table::all().flat_map(SideTable::deciding_columns).map(|id| id.column());
    let tallied = TALLIED.iter().map(|id| id.column());
    let filtered = FILTERED.iter().map(|id| id.column());
    let names: Vec<&str> = ranges.keys().copied().chain(deciding).chain(tallied).chain(filtered).collect();
    let (mut accounts, mut values) = (AccountTallies::default(), ValueFilters::default());
    let mut among_events = SideTableId::ALL.map(|id| (id, RowsSum::default()));
    let read = identity::each_batch(storage, &file.path, schema::events(), &names, |columns, batch| {
        let count = batch.num_rows();
        rows += count as u64;
        accounts.add(batch);
        values.add(batch);
        let selected = SideTableId::ALL.map(|id| side_table::definition(id).selects(batch).ok());
        for (name, range) in &mut ranges {
            if let Some(texts) = batch.column_by_name(name).and_then(|column| column.as_string_view_opt()) {
                range.add(texts);
            }
        }
        for row in 0..count {
            let time = columns.event_time(row);
            if let Some(time) = time {
                times = Some(times.map_or((time, time), |(min, max)| (min.min(time), max.max(time))));
            }
            elsewhere += u64::from(time.map(utc_day) != day);
            let identity = columns.exact_identity(row);
            twice += u64::from(identity.is_some_and(|identity| !known.insert(identity.0)));
            for ((_, sum), selected) in among_events.iter_mut().zip(&selected) {
                if selected.as_ref().is_some_and(|selected| selected.value(row)) {
                    sum.add_row(identity);
                }
            }
        }
    });
    for (id, sum) in among_events {
        checked.side_tables.entry(id).or_default().among_events.add(sum);
    }
    if let Err(error) = read {
        checked.problem(&file.path, error.to_string());
        return;
    }
    checked.rows += rows;
    if rows != file.rows {
        checked.problem(&file.path, format!("it has {rows} rows, and its entry says {}", file.rows));
    }
    if twice > 0 {
        checked.problem(&file.path, format!("{twice} of its events are in the lake twice"));
    }
    if elsewhere > 0 {
        checked.problem(&file.path, format!("{elsewhere} of its events are not of its day"));
    }
    if (times.map(|(min, _)| min), times.map(|(_, max)| max)) != (file.min_event_time, file.max_event_time) {
        checked.problem(&file.path, "its first and last event times are not those of its entry");
    }
    for (name, range) in ranges {
        if range.finish().as_ref() != file.text_ranges.get(name) {
            checked.problem(&file.path, format!("its range of `{name}` is not that of its entry"));
        }
    }
    // A file of an earlier build has none, and questions then read the file.
    if !file.accounts.is_empty() && *file.accounts != accounts.finish() {
        checked.problem(&file.path, "its events by account and region are not those of its entry");
    }
    if !file.values.is_empty() && file.values != values.finish().into() {
        checked.problem(&file.path, "its event names and services are not those of its entry");
    }
}

/// Checks a file of a side table: bytes, rows, days and times.
pub fn side_table(storage: &Storage, id: SideTableId, file: &TableFile, done: &dyn Fn(u64)) -> Checked {
    let mut checked = Checked::default();
    if same_bytes(storage, &file.path, &file.sha256, file.bytes, &mut checked) {
        check_side_rows(storage, side_table::definition(id), file, &mut checked);
    }
    done(file.bytes);
    checked
}

fn check_side_rows(storage: &Storage, table: &dyn SideTable, file: &TableFile, checked: &mut Checked) {
    let mut event_times = None;
    let (mut others, mut elsewhere) = (0, 0);
    let mut sum = RowsSum::default();
    let deciding = table.deciding_columns().iter().map(|id| id.column());
    let names: Vec<&str> = deciding.chain([schema::EVENT_DATE]).collect();
    let read = identity::each_batch(storage, &file.path, table.schema(), &names, |columns, batch| {
        let selected = table.selects(batch).map_or(0, |selected| selected.true_count());
        others += batch.num_rows() - selected;
        let dates = batch.column_by_name(schema::EVENT_DATE).and_then(|dates| dates.as_primitive_opt::<Date32Type>());
        for row in 0..batch.num_rows() {
            let time = columns.event_time(row);
            event_times = union_of_ranges([event_times, time.zip(time)].into_iter());
            let date = dates.and_then(|dates| dates.is_valid(row).then(|| dates.value(row)));
            elsewhere += u64::from(date != time.map(utc_day));
            sum.add_row(columns.exact_identity(row));
        }
    });
    if let Err(error) = read {
        checked.problem(&file.path, error.to_string());
        return;
    }
    if sum.rows != file.rows {
        checked.problem(&file.path, format!("it has {} rows, and its entry says {}", sum.rows, file.rows));
    }
    if others > 0 {
        checked.problem(&file.path, format!("{others} of its events are not {}", table.rows_are()));
    }
    if elsewhere > 0 {
        checked.problem(&file.path, format!("{elsewhere} of its events are not of their day"));
    }
    if event_times != file.event_times {
        checked.problem(&file.path, "its first and last event times are not those of its entry");
    }
    checked.rows += sum.rows;
    checked.side_tables.entry(table.id()).or_default().kept.add(sum);
}

/// Compares the side tables with the events, after all files have been read.
pub fn compare_side_tables(snapshot: &Snapshot, checked: &Checked) -> Vec<Problem> {
    let mut problems = Vec::new();
    for table in side_table::all().filter(|table| snapshot.side_files(table.id()).is_some()) {
        let SideTableSums { among_events, kept } = checked.side_tables.get(&table.id()).copied().unwrap_or_default();
        if kept != among_events {
            let (kept, among_events, rows_are) = (kept.rows, among_events.rows, table.rows_are());
            let what = format!("its {kept} events are not the {among_events} {rows_are} among all events");
            problems.push(Problem::new(table.id().name(), what));
        }
    }
    problems
}

/// Checks a file of another table: bytes and number of rows.
pub fn table(storage: &Storage, file: &TableFile, done: &dyn Fn(u64)) -> Checked {
    let mut checked = Checked::default();
    if same_bytes(storage, &file.path, &file.sha256, file.bytes, &mut checked) {
        match count_rows(storage, &file.path) {
            Ok(rows) => {
                checked.rows += rows;
                if rows != file.rows {
                    checked.problem(&file.path, format!("it has {rows} rows, and its entry says {}", file.rows));
                }
            }
            Err(error) => checked.problem(&file.path, error.to_string()),
        }
    }
    done(file.bytes);
    checked
}

fn count_rows(storage: &Storage, path: &str) -> Result<u64, LakeError> {
    let file = storage.open_local(path)?;
    let reader = SerializedFileReader::new(file).map_err(LakeError::parquet("read", &storage.location(path)))?;
    Ok(u64::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or(0))
}

/// Returns `true` if the bytes of a file are those that its entry names.
fn same_bytes(storage: &Storage, path: &str, sha256: &str, bytes: u64, checked: &mut Checked) -> bool {
    match storage.hash(path) {
        Ok((found, length)) => {
            checked.files += 1;
            checked.bytes += length;
            if length != bytes {
                checked.problem(path, format!("it has {length} bytes, and its entry says {bytes}"));
            } else if found != sha256 {
                checked.problem(path, "its SHA-256 is not that of its entry");
            }
            length == bytes && found == sha256
        }
        Err(error) if error.is_not_found() => {
            checked.problem(path, "it is missing");
            false
        }
        Err(error) => {
            checked.problem(path, format!("it cannot be read: {}", cause(error)));
            false
        }
    }
}
