//! Checks the files that entries name: their bytes, and then their rows.

use super::{Problem, cause};
use crate::event::field::FieldId;
use crate::event::identity::Identity;
use crate::event::ids::ROOT;
use crate::event::time::utc_day;
use crate::lake::error::LakeError;
use crate::lake::events_file::{RANGED, RangeBuilder};
use crate::lake::identity::{self, IdentityHasher};
use crate::lake::layout::{self, EventDay};
use crate::lake::manifest::{DataFile, Snapshot, TableFile, union_of_ranges};
use crate::lake::schema;
use crate::lake::storage::Storage;
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
    /// The rows of root among the events.
    pub of_root: RowsSum,
    /// The rows of the side table of root.
    pub root_account: RowsSum,
    /// Damage.
    pub problems: Vec<Problem>,
}

/// A set of rows, whatever their order: its size, and the sum of the identities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowsSum {
    rows: u64,
    identities: u128,
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
        self.of_root.add(other.of_root);
        self.root_account.add(other.root_account);
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
    let names: Vec<&str> = ranges.keys().copied().collect();
    let read = identity::each_batch(storage, &file.path, schema::events(), &names, |columns, batch| {
        let count = batch.num_rows();
        rows += count as u64;
        let types =
            batch.column_by_name(FieldId::UserIdentityType.column()).and_then(|types| types.as_string_view_opt());
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
            if types.is_some_and(|types| types.is_valid(row) && types.value(row) == ROOT) {
                checked.of_root.add_row(identity);
            }
        }
    });
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
}

/// Checks a file of the side table of root: bytes, rows, days and times.
pub fn root_account(storage: &Storage, file: &TableFile, done: &dyn Fn(u64)) -> Checked {
    let mut checked = Checked::default();
    if same_bytes(storage, &file.path, &file.sha256, file.bytes, &mut checked) {
        let mut event_times = None;
        let (mut others, mut elsewhere) = (0, 0);
        let mut sum = RowsSum::default();
        let names = [FieldId::UserIdentityType.column(), schema::EVENT_DATE];
        let read = identity::each_batch(storage, &file.path, schema::root_account(), &names, |columns, batch| {
            let [types, dates] = names.map(|name| batch.column_by_name(name));
            let types = types.and_then(|types| types.as_string_view_opt());
            let dates = dates.and_then(|dates| dates.as_primitive_opt::<Date32Type>());
            for row in 0..batch.num_rows() {
                let time = columns.event_time(row);
                event_times = union_of_ranges([event_times, time.zip(time)].into_iter());
                others += u64::from(!types.is_some_and(|types| types.is_valid(row) && types.value(row) == ROOT));
                let date = dates.and_then(|dates| dates.is_valid(row).then(|| dates.value(row)));
                elsewhere += u64::from(date != time.map(utc_day));
                sum.add_row(columns.exact_identity(row));
            }
        });
        match read {
            Ok(()) => {
                if sum.rows != file.rows {
                    checked.problem(&file.path, format!("it has {} rows, and its entry says {}", sum.rows, file.rows));
                }
                if others > 0 {
                    checked.problem(&file.path, format!("{others} of its events are not of the account itself"));
                }
                if elsewhere > 0 {
                    checked.problem(&file.path, format!("{elsewhere} of its events are not of their day"));
                }
                if event_times != file.event_times {
                    checked.problem(&file.path, "its first and last event times are not those of its entry");
                }
                checked.rows += sum.rows;
                checked.root_account = sum;
            }
            Err(error) => checked.problem(&file.path, error.to_string()),
        }
    }
    done(file.bytes);
    checked
}

/// Compares the side table of root with the events, after all files have been read.
pub fn compare_root_account(snapshot: &Snapshot, checked: &Checked) -> Option<Problem> {
    let differs = snapshot.root_account.is_some() && checked.root_account != checked.of_root;
    let (kept, events) = (checked.root_account.rows, checked.of_root.rows);
    let what = || format!("its {kept} events are not the {events} of the account itself among all events");
    differs.then(|| Problem::new(layout::ROOT_ACCOUNT, what()))
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
