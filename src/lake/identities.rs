//! Knows which events the lake holds, one day at a time.
//!
//! Copies of an event carry the same event time, so they fall on the same day and only that day's identities must be at
//! hand. A day is loaded from its data files when the first of its events comes in, and forgotten when memory runs
//! short; adding one day to a lake of years reads one day.
//!
//! A rehearsal writes no data files that a forgotten day could be loaded from again. It keeps such days aside: the bare
//! identities, 16 bytes each, in a temporary folder outside the lake.

use super::error::LakeError;
use super::layout::{self, EventDay};
use super::{parquet_file, schema};
use crate::event::field::FieldId::{self, AccountId, Completeness, ContentIdentity, EventId, EventName, EventTime};
use crate::event::identity::{Identity, Keys, Told};
use arrow::array::{Array, AsArray, Int64Array, StringViewArray, TimestampMicrosecondArray};
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ProjectionMask;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{BuildHasherDefault, Hash, Hasher};
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

/// A known identity and how complete the stored copy of its event is, in one number: the lowest eight bits of an identity
/// give way to the completeness, so that a day takes no more memory for it.
#[derive(Debug, Clone, Copy)]
struct Known(u128);

const COMPLETENESS_BITS: u128 = 0xff;

/// The completeness of a stored copy that no other is more complete than: of a data file that does not say it.
const COMPLETE: u8 = u8::MAX;

impl Known {
    fn new(identity: Identity, completeness: u8) -> Self {
        Self(identity.0 & !COMPLETENESS_BITS | u128::from(completeness))
    }

    fn completeness(self) -> u8 {
        (self.0 & COMPLETENESS_BITS) as u8
    }

    fn identity(self) -> u128 {
        self.0 & !COMPLETENESS_BITS
    }
}

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Known {}

impl Hash for Known {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The high half, which has all its bits.
        state.write_u128(self.0 >> 64);
    }
}

type Day = HashSet<Known, BuildHasherDefault<IdentityHasher>>;

/// How complete an event is that has `completeness` in its column, among 0 to 254.
fn measure(completeness: Option<i64>) -> u8 {
    completeness.map_or(COMPLETE, |count| u8::try_from(count.max(0)).unwrap_or(COMPLETE - 1).min(COMPLETE - 1))
}

/// What an event is to those that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    /// None of them.
    New,
    /// A copy of one of them.
    Copy,
    /// A copy that takes the place of the stored one, which has this identity and less than this completeness.
    Replaces {
        /// The identity of the stored copy.
        stored: Identity,
        /// The completeness of the copy that stays; `None` where the stored one goes whatever it has.
        below: Option<i64>,
    },
}

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
        let folder =
            layout::private_folder().map_err(LakeError::io("create a folder in", Path::new("the temporary folder")))?;
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

    /// Takes note of an event of a day at hand, with how complete it is, and says what it is to those known.
    ///
    /// A copy with an account takes the place of one that came without, unless it has less else to say. Of what came without
    /// an account the first stays, since it may belong to any of several.
    pub fn insert(&mut self, day: EventDay, keys: &Keys, completeness: Option<i64>) -> Novelty {
        let known = self.days.entry(day).or_default();
        let own = Known::new(keys.own, measure(completeness));
        if let Some(stored) = known.get(&own) {
            if own.completeness() <= stored.completeness() {
                return Novelty::Copy;
            }
            known.replace(own);
            return Novelty::Replaces { stored: keys.own, below: completeness };
        }
        let Some(shared) = keys.shared else {
            known.insert(own);
            return Novelty::New;
        };
        let any_account = Known::new(shared.any_account, COMPLETE);
        if keys.lack_account() {
            let is_known = known.contains(&any_account);
            if is_known {
                return Novelty::Copy;
            }
            known.insert(own);
            return Novelty::New;
        }
        known.insert(any_account);
        let without = known.take(&Known::new(shared.without_account, COMPLETE));
        match without {
            None => {
                known.insert(own);
                Novelty::New
            }
            Some(stored) if stored.completeness() <= own.completeness() || stored.completeness() == COMPLETE => {
                known.insert(own);
                Novelty::Replaces { stored: shared.without_account, below: None }
            }
            // It is the account of the stored copy from now on, so that of another account is another event.
            Some(stored) => {
                known.insert(Known::new(keys.own, stored.completeness()));
                Novelty::Copy
            }
        }
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
            out.write_all(&identity.0.to_le_bytes())?;
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
            known.insert(Known(u128::from_le_bytes(identity)));
        }
        Ok(())
    };
    read().map_err(LakeError::io("read", path))
}

/// The fields that tell an event's identity, and how complete it is.
pub const IDENTIFYING: [FieldId; 6] = [EventId, EventName, EventTime, AccountId, ContentIdentity, Completeness];

/// The columns of a batch that tell an event's identity.
pub struct IdentityColumns<'a> {
    event_id: &'a StringViewArray,
    event_name: &'a StringViewArray,
    account_id: &'a StringViewArray,
    content_identity: &'a StringViewArray,
    event_time: &'a TimestampMicrosecondArray,
    /// Data files of earlier builds have none.
    completeness: Option<&'a Int64Array>,
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
            completeness: batch.column_by_name(Completeness.column()).and_then(|column| column.as_primitive_opt()),
        })
    }

    /// The keys of a row: by its id, else by the hash of its content that the decoder left.
    pub fn keys(&self, row: usize) -> Option<Keys> {
        self.by_content(row).map(Keys::by_content).or_else(|| self.told(row).keys())
    }

    /// An identity that no two rows share, not even such as an earlier build took for two events.
    pub fn exact_identity(&self, row: usize) -> Option<Identity> {
        self.by_content(row).or_else(|| self.told(row).exactly())
    }

    fn by_content(&self, row: usize) -> Option<Identity> {
        text(self.content_identity, row).and_then(Identity::from_hex)
    }

    fn told(&self, row: usize) -> Told<'_> {
        Told {
            event_id: text(self.event_id, row),
            event_name: text(self.event_name, row),
            event_time: self.event_time(row),
            account_id: text(self.account_id, row),
        }
    }

    /// How complete the event of a row is; `None` where that is not known.
    pub fn completeness(&self, row: usize) -> Option<i64> {
        self.completeness.filter(|column| column.is_valid(row)).map(|column| column.value(row))
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

fn text(column: &StringViewArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row))
}

fn read_identities(path: &Path, known: &mut Day) -> Result<(), LakeError> {
    each_batch(path, schema::events(), &[], |columns, batch| {
        for row in 0..batch.num_rows() {
            let Some(keys) = columns.keys(row) else { continue };
            let own = Known::new(keys.own, measure(columns.completeness(row)));
            // Of a copy that is about to be replaced, the other counts.
            if known.get(&own).is_none_or(|known| known.completeness() < own.completeness()) {
                known.replace(own);
            }
            if let Some(shared) = keys.shared.filter(|_| !keys.lack_account()) {
                known.insert(Known::new(shared.any_account, COMPLETE));
            }
        }
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
    let builder = parquet_file::open(path, &schema)?;
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
