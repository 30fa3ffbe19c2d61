//! Knows which events the lake holds, one day at a time.
//!
//! Copies of an event carry the same event time, so they fall on the same day and only that day's identities must be at
//! hand. A day is loaded from its data files when the first of its events comes in, and forgotten when memory runs
//! short; adding one day to a lake of years reads one day.
//!
//! A rehearsal writes no data files that a forgotten day could be loaded from again. It keeps such days aside: the bare
//! identities, 16 bytes each, in a temporary folder outside the lake.

use super::error::LakeError;
use super::layout::EventDay;
use super::{parquet_file, schema};
use crate::event::field::FieldId::{self, AccountId, ContentIdentity, EventId, EventName, EventTime};
use crate::event::identity::Identity;
use arrow::array::{Array, AsArray, StringViewArray, TimestampMicrosecondArray};
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ProjectionMask;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{BuildHasherDefault, Hasher};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// An identity is a hash already; its first bytes serve as they are.
#[derive(Default)]
pub struct IdentityHasher(u64);

impl Hasher for IdentityHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u128(&mut self, identity: u128) {
        // The low half is as random as the high one.
        self.0 = identity as u64;
    }
}

type Day = HashSet<u128, BuildHasherDefault<IdentityHasher>>;

/// The identities of the days at hand.
#[derive(Default)]
pub struct Identities {
    days: HashMap<EventDay, Day>,
    /// Where forgotten days wait, if they cannot be loaded from data files again.
    aside: Option<TempDir>,
}

impl Identities {
    /// Identities that keep forgotten days aside.
    pub fn kept_aside() -> Result<Self, LakeError> {
        let folder = tempfile::Builder::new().prefix("trailql-").tempdir();
        let folder = folder.map_err(LakeError::io("create a folder in", Path::new("the temporary folder")))?;
        Ok(Self { days: HashMap::new(), aside: Some(folder) })
    }

    /// True where a day is at hand.
    pub fn has_day(&self, day: EventDay) -> bool {
        self.days.contains_key(&day)
    }

    /// Takes up a day from the data files that hold its events.
    pub fn load<'p>(&mut self, day: EventDay, files: impl IntoIterator<Item = &'p Path>) -> Result<(), LakeError> {
        let mut known = Day::default();
        match self.aside.as_ref().map(|folder| aside_path(folder, day)).filter(|path| path.exists()) {
            Some(path) => read_aside(&path, &mut known)?,
            None => {
                for path in files {
                    read_identities(path, &mut known)?;
                }
            }
        }
        self.days.insert(day, known);
        Ok(())
    }

    /// Takes note of an event of a day at hand; false where it was known already.
    pub fn insert(&mut self, day: EventDay, identity: Identity) -> bool {
        self.days.entry(day).or_default().insert(identity.0)
    }

    /// About how much memory some of the days at hand take.
    pub fn bytes(&self, is_meant: impl Fn(EventDay) -> bool) -> usize {
        let meant = self.days.iter().filter(|(day, _)| is_meant(**day));
        meant.map(|(_, known)| known.capacity() * (size_of::<u128>() + 1)).sum()
    }

    /// Forgets some of the days.
    pub fn forget(&mut self, is_meant: impl Fn(EventDay) -> bool) -> Result<(), LakeError> {
        for (day, known) in self.days.extract_if(|day, _| is_meant(*day)) {
            if let Some(folder) = &self.aside {
                write_aside(&aside_path(folder, day), &known)?;
            }
        }
        // The table of days itself is small.
        Ok(())
    }
}

fn aside_path(folder: &TempDir, day: EventDay) -> PathBuf {
    let name = day.map_or_else(|| "none".to_owned(), |day| day.to_string());
    folder.path().join(name)
}

fn write_aside(path: &Path, known: &Day) -> Result<(), LakeError> {
    let write = || -> io::Result<()> {
        let mut out = BufWriter::new(File::create(path)?);
        for identity in known {
            out.write_all(&identity.to_le_bytes())?;
        }
        out.flush()
    };
    write().map_err(LakeError::io("write", path))
}

fn read_aside(path: &Path, known: &mut Day) -> Result<(), LakeError> {
    let mut read = || -> io::Result<()> {
        let file = File::open(path)?;
        let identities = file.metadata()?.len() / size_of::<u128>() as u64;
        known.reserve(usize::try_from(identities).unwrap_or(0));
        let mut input = BufReader::new(file);
        let mut identity = [0; size_of::<u128>()];
        for _ in 0..identities {
            input.read_exact(&mut identity)?;
            known.insert(u128::from_le_bytes(identity));
        }
        Ok(())
    };
    read().map_err(LakeError::io("read", path))
}

/// The fields that tell an event's identity.
pub const IDENTIFYING: [FieldId; 5] = [EventId, EventName, EventTime, AccountId, ContentIdentity];

/// The columns of a batch that tell an event's identity.
pub struct IdentityColumns<'a> {
    event_id: &'a StringViewArray,
    event_name: &'a StringViewArray,
    account_id: &'a StringViewArray,
    content_identity: &'a StringViewArray,
    event_time: &'a TimestampMicrosecondArray,
}

impl<'a> IdentityColumns<'a> {
    /// Finds the columns; `None` where one is missing or of another type than the lake's.
    pub fn of(batch: &'a RecordBatch) -> Option<Self> {
        let text = |id: FieldId| batch.column_by_name(id.column())?.as_string_view_opt();
        Some(Self {
            event_id: text(FieldId::EventId)?,
            event_name: text(FieldId::EventName)?,
            account_id: text(FieldId::AccountId)?,
            content_identity: text(FieldId::ContentIdentity)?,
            event_time: batch.column_by_name(FieldId::EventTime.column())?.as_primitive_opt()?,
        })
    }

    /// The identity of a row: by its id, else by the hash of its content that the decoder left.
    pub fn identity(&self, row: usize) -> Option<Identity> {
        fn text(column: &StringViewArray, row: usize) -> Option<&str> {
            column.is_valid(row).then(|| column.value(row))
        }
        let by_content = text(self.content_identity, row).and_then(Identity::from_hex);
        by_content.or_else(|| {
            let time = self.event_time(row);
            Identity::by_id(text(self.event_id, row), text(self.event_name, row), time, text(self.account_id, row))
        })
    }

    /// The event id of a row, however it looks.
    pub fn event_id(&self, row: usize) -> Option<&'a str> {
        self.event_id.is_valid(row).then(|| self.event_id.value(row))
    }

    /// The event time of a row, in microseconds since 1970.
    pub fn event_time(&self, row: usize) -> Option<i64> {
        self.event_time.is_valid(row).then(|| self.event_time.value(row))
    }
}

fn read_identities(path: &Path, known: &mut Day) -> Result<(), LakeError> {
    each_batch(path, schema::events(), &[], |columns, batch| {
        known.extend((0..batch.num_rows()).filter_map(|row| columns.identity(row)).map(|identity| identity.0));
    })
}

/// Calls `take` with the columns of a data file that tell the identities and times of its events, and with the batch that
/// they stand in, which has the columns of `also` too. The file has the columns of `schema`.
pub fn each_batch(
    path: &Path,
    schema: SchemaRef,
    also: &[&str],
    mut take: impl FnMut(&IdentityColumns<'_>, &RecordBatch),
) -> Result<(), LakeError> {
    let builder = parquet_file::open(path, schema)?;
    let needed = IDENTIFYING.map(FieldId::column);
    let mask = ProjectionMask::columns(builder.parquet_schema(), needed.iter().chain(also).copied());
    let reader = builder.with_projection(mask).build().map_err(LakeError::parquet("read", path))?;
    for batch in reader {
        let batch = batch?;
        if let Some(columns) = IdentityColumns::of(&batch) {
            take(&columns, &batch);
        }
    }
    Ok(())
}
