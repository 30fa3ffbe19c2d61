//! The table `sources`: every input ever read, with its counts.

use super::{columns, foreign_columns, read_table, versions, write_table};
use crate::lake::digest;
use crate::lake::error::LakeError;
use crate::lake::layout;
use crate::lake::manifest::{TableFile, Tally};
use crate::lake::schema;
use crate::lake::storage::Storage;
use arrow::array::{
    Array, ArrayRef, AsArray, Int64Builder, RecordBatch, StringArray, StringBuilder, TimestampNanosecondBuilder,
};
use arrow::datatypes::{Int64Type, TimestampNanosecondType};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Path, size and time of a file, which tell without opening it that it has not changed since it was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceKey {
    /// Absolute path; bytes that are not UTF-8 are shown as `\x..`.
    pub path: String,
    /// Its size.
    pub size_bytes: u64,
    /// Last change, in nanoseconds since 1970.
    pub modified_ns: i64,
}

impl SourceKey {
    /// The id of the source. The same file unchanged has the same id.
    pub fn source_id(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.path.as_bytes());
        hasher.update([0]);
        hasher.update(self.size_bytes.to_le_bytes());
        hasher.update(self.modified_ns.to_le_bytes());
        // As many bits as the identity of an event has, since an attacker chooses paths.
        digest::hex(&hasher.finalize()[..16])
    }
}

/// A row of the table `sources`.
#[derive(Debug, Clone)]
pub struct SourceRow {
    /// Its id, see [`SourceKey::source_id`].
    pub source_id: String,
    /// Path, size and time of the file.
    pub key: SourceKey,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Shape of the export, such as its file format.
    pub shape: String,
    /// Counts of its records.
    pub tally: Tally,
    /// The run that read it.
    pub run_id: String,
    /// Reason for which the export lacks events, if it says so itself.
    pub incomplete: Option<String>,
    /// Reason to think that the file holds events although none was found in it.
    pub suspicious: Option<String>,
}

/// Ids of the sources that the lake has read: 16 bytes for each of a million files.
#[derive(Debug, Default)]
pub struct KnownSources {
    known: HashSet<u128>,
    /// Number of rejects of sources whose newest reading had some.
    with_rejects: HashMap<u128, u64>,
}

/// Digits of an id of a source.
const ID_DIGITS: usize = 32;

/// Digits of an id of a build of format 2: the first of those of a present id.
const SHORT_ID_DIGITS: usize = 16;

impl KnownSources {
    /// Loads the sources that earlier commits accounted for.
    pub fn load(storage: &Storage, files: &[TableFile]) -> Result<Self, LakeError> {
        let mut sources = Self::default();
        // Files stand in the order of their commits. So the newer of two readings of a source comes last.
        for file in files {
            for batch in read_table(storage, file, 8 << 10, Some(&["source_id", "rejected"]))? {
                let batch = batch?;
                let ids = columns(&batch, ["source_id"], |c| c.as_string_opt::<i32>());
                let rejected = columns(&batch, ["rejected"], |c| c.as_primitive_opt::<Int64Type>());
                let (Some([ids]), Some([rejected])) = (ids, rejected) else { return Err(foreign_columns()) };
                for row in 0..batch.num_rows() {
                    let number = Self::number(ids.value(row));
                    sources.known.insert(number);
                    match u64::try_from(rejected.value(row)) {
                        Ok(rejects) if rejects > 0 => sources.with_rejects.insert(number, rejects),
                        _ => sources.with_rejects.remove(&number),
                    };
                }
            }
        }
        Ok(sources)
    }

    /// The id under which a source was read before; `None` if it was not, or has changed since.
    pub fn id_of(&self, key: &SourceKey) -> Option<String> {
        let id = key.source_id();
        let short = id.get(..SHORT_ID_DIGITS).unwrap_or_default();
        [id.as_str(), short].into_iter().find(|id| self.known.contains(&Self::number(id))).map(str::to_owned)
    }

    /// Number of records of a known source that could not be read.
    pub fn rejects(&self, source_id: &str) -> u64 {
        self.with_rejects.get(&Self::number(source_id)).copied().unwrap_or(0)
    }

    /// Converts an id to a number; a short one ends with zeros.
    fn number(source_id: &str) -> u128 {
        let digits = source_id.chars().chain(std::iter::repeat('0')).take(ID_DIGITS);
        digits.fold(0, |number, digit| number << 4 | u128::from(digit.to_digit(16).unwrap_or(0)))
    }
}

/// Calls `take` with every row of a file of the table `sources`, and with the number of its commit.
pub fn each_source<E: From<LakeError>>(
    storage: &Storage,
    file: &TableFile,
    mut take: impl FnMut(SourceRow, u64) -> Result<(), E>,
) -> Result<(), E> {
    for batch in read_table(storage, file, 8 << 10, None)? {
        let batch = batch.map_err(LakeError::from)?;
        let (Some(texts), Some(numbers)) = (
            columns(&batch, ["source_id", "path", "sha256", "shape", "run_id"], |c| c.as_string_opt::<i32>()),
            columns(&batch, ["size_bytes", "read", "stored", "duplicate", "rejected"], |c| {
                c.as_primitive_opt::<Int64Type>()
            }),
        ) else {
            return Err(foreign_columns().into());
        };
        let modified =
            batch.column_by_name("modified_at").and_then(|c| c.as_primitive_opt::<TimestampNanosecondType>());
        let modified = modified.ok_or_else(foreign_columns)?;
        let versions = versions(&batch, file)?;
        // Files of earlier builds lack these columns.
        let remarks = ["incomplete", "suspicious"]
            .map(|name| batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>()));
        for row in 0..batch.num_rows() {
            let [incomplete, suspicious] = remarks
                .map(|column| Some(column?.value(row).to_owned()).filter(|_| column.is_some_and(|c| c.is_valid(row))));
            let [source_id, path, sha256, shape, run_id] = texts.map(|column| column.value(row).to_owned());
            let [size_bytes, read, stored, duplicate, rejected] =
                numbers.map(|column| u64::try_from(column.value(row)).unwrap_or(0));
            let source = SourceRow {
                source_id,
                key: SourceKey { path, size_bytes, modified_ns: modified.value(row) },
                sha256,
                shape,
                tally: Tally { read, stored, duplicate, rejected },
                run_id,
                incomplete,
                suspicious,
            };
            take(source, versions.value(row))?;
        }
    }
    Ok(())
}

/// Rows of the table `sources` that wait to be written.
#[derive(Default)]
pub struct SourcesBuilder {
    texts: [StringBuilder; 5],
    numbers: [Int64Builder; 5],
    incomplete: Vec<Option<String>>,
    /// Places of the incomplete sources among the waiting rows.
    incomplete_rows: HashMap<String, usize>,
    suspicious: StringBuilder,
    modified: TimestampNanosecondBuilder,
    rows: u64,
}

impl SourcesBuilder {
    /// Number of rows that wait.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Drops the waiting rows.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Appends a source.
    pub fn append(&mut self, row: &SourceRow) {
        let texts = [&row.source_id, &row.key.path, &row.sha256, &row.shape, &row.run_id];
        for (builder, text) in self.texts.iter_mut().zip(texts) {
            builder.append_value(text);
        }
        let tally = row.tally;
        let numbers = [row.key.size_bytes, tally.read, tally.stored, tally.duplicate, tally.rejected];
        for (builder, number) in self.numbers.iter_mut().zip(numbers) {
            builder.append_value(i64::try_from(number).unwrap_or(i64::MAX));
        }
        if row.incomplete.is_some() {
            self.incomplete_rows.insert(row.source_id.clone(), self.incomplete.len());
        }
        self.incomplete.push(row.incomplete.clone());
        self.suspicious.append_option(row.suspicious.as_ref());
        self.modified.append_value(row.key.modified_ns);
        self.rows += 1;
    }

    /// Replaces the reason for which a waiting source is incomplete. A source that was written stays as it is.
    pub fn amend_incomplete(&mut self, source_id: &str, incomplete: Option<String>) {
        if let Some(row) = self.incomplete_rows.get(source_id).and_then(|row| self.incomplete.get_mut(*row)) {
            *row = incomplete;
        }
    }

    /// Writes the waiting rows to a file of their own; `None` if there are none.
    pub fn write(&mut self, storage: &Storage) -> Result<Option<TableFile>, LakeError> {
        if std::mem::take(&mut self.rows) == 0 {
            return Ok(None);
        }
        let [id, path, sha256, shape, run] = self.texts.each_mut().map(|b| Arc::new(b.finish()) as ArrayRef);
        let [size, read, stored, duplicate, rejected] =
            self.numbers.each_mut().map(|b| Arc::new(b.finish()) as ArrayRef);
        let modified = Arc::new(self.modified.finish().with_timezone("UTC"));
        self.incomplete_rows.clear();
        let incomplete = Arc::new(StringArray::from(std::mem::take(&mut self.incomplete)));
        let suspicious = Arc::new(self.suspicious.finish());
        let columns = vec![
            id, path, size, modified, sha256, shape, read, stored, duplicate, rejected, run, incomplete, suspicious,
        ];
        let batch = RecordBatch::try_new(schema::sources(), columns)?;
        write_table(storage, layout::SOURCES, &batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_known_by_ids_of_either_length() {
        let key = |path: &str| SourceKey { path: path.to_owned(), size_bytes: 1, modified_ns: 2 };
        let long = key("a").source_id();
        assert_eq!(long.len(), ID_DIGITS);
        let other = format!("{}{}", &long[..SHORT_ID_DIGITS], "f".repeat(SHORT_ID_DIGITS));
        for (known, expected) in [
            (long.as_str(), Some(long.as_str())),
            (&long[..SHORT_ID_DIGITS], Some(&long[..SHORT_ID_DIGITS])),
            (other.as_str(), None),
            ("", None),
        ] {
            let number = KnownSources::number(known);
            let sources = KnownSources { known: [number].into(), with_rejects: [(number, 7)].into() };
            let found = sources.id_of(&key("a"));
            assert_eq!(found.as_deref(), expected, "{known}");
            assert_eq!(sources.id_of(&key("b")), None);
            assert_eq!(sources.rejects(known), 7);
        }
    }
}
