//! The dedup index: the keys of the events that the lake holds, one day at a time.
//!
//! Copies of an event carry the same event time, so they fall on the same day. Only the keys of that day must be in
//! memory. A day is loaded from its data files when the first of its events comes, and evicted when memory runs short.
//! So adding one day to a lake of years reads one day.
//!
//! A dry run writes no data files from which an evicted day could be loaded again. Such days spill to a temporary
//! folder outside the lake, 16 bytes for each key.

use crate::event::identity::{Identity, Keys};
use crate::lake::error::LakeError;
use crate::lake::identity::{self, IdentityHasher};
use crate::lake::layout::{self, EventDay};
use crate::lake::schema;
use crate::lake::storage::Storage;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A dedup key and the completeness of the stored copy of its event, in one number.
///
/// The lowest eight bits of the key give way to the completeness, so that it takes no further memory.
#[derive(Debug, Clone, Copy)]
struct Known(u128);

const COMPLETENESS_BITS: u128 = 0xff;

/// The completeness of a stored copy that no other exceeds: that of a data file which does not note it.
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
        // The high half, which keeps all its bits.
        state.write_u128(self.0 >> 64);
    }
}

type Day = HashSet<Known, BuildHasherDefault<IdentityHasher>>;

/// Scales a value of the column `completeness` to 0 to 254.
fn scaled(completeness: Option<i64>) -> u8 {
    completeness.map_or(COMPLETE, |count| u8::try_from(count.max(0)).unwrap_or(COMPLETE - 1).min(COMPLETE - 1))
}

/// The relation of an event to those that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    /// Equal to none of them.
    New,
    /// A copy of one of them.
    Copy,
    /// A copy that replaces the stored one.
    Replaces {
        /// Dedup key of the stored copy.
        stored: Identity,
        /// Exclusive bound of the completeness of copies that go; `None` if the stored copy goes in any case.
        below: Option<i64>,
    },
}

/// The dedup keys of the days in memory.
#[derive(Default)]
pub struct DedupIndex {
    days: HashMap<EventDay, Day>,
    /// Folder of evicted days that cannot be loaded from data files again.
    spill: Option<TempDir>,
}

impl DedupIndex {
    /// An index that spills evicted days to a temporary folder.
    pub fn spilling() -> Result<Self, LakeError> {
        let folder =
            layout::private_folder().map_err(LakeError::io("create a folder in", Path::new("the temporary folder")))?;
        Ok(Self { days: HashMap::new(), spill: Some(folder) })
    }

    /// Returns `true` if the keys of the day are in memory.
    pub fn has_day(&self, day: EventDay) -> bool {
        self.days.contains_key(&day)
    }

    /// Loads the keys of a day from its spill file, or from the data files that hold its events.
    pub fn load<'p>(
        &mut self,
        storage: &Storage,
        day: EventDay,
        files: impl IntoIterator<Item = &'p str>,
    ) -> Result<(), LakeError> {
        let mut known = Day::default();
        match self.spill.as_ref().map(|folder| spill_path(folder, day)).filter(|path| path.exists()) {
            Some(path) => read_spilled(&path, &mut known)?,
            None => {
                for path in files {
                    read_keys(storage, path, &mut known)?;
                }
            }
        }
        self.days.insert(day, known);
        Ok(())
    }

    /// Notes an event of a loaded day with its completeness, and returns its relation to those known.
    ///
    /// A copy with an account replaces one that came without, unless it says less otherwise. Of copies without an
    /// account the first stays, since it may belong to any of several accounts.
    pub fn insert(&mut self, day: EventDay, keys: &Keys, completeness: Option<i64>) -> Novelty {
        let known = self.days.entry(day).or_default();
        let own = Known::new(keys.own, scaled(completeness));
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
            // The stored copy has this account from now on, so that a copy of another account is another event.
            Some(stored) => {
                known.insert(Known::new(keys.own, stored.completeness()));
                Novelty::Copy
            }
        }
    }

    /// Estimates the memory of the loaded days that `is_meant` selects.
    pub fn bytes(&self, is_meant: impl Fn(EventDay) -> bool) -> usize {
        let meant = self.days.iter().filter(|(day, _)| is_meant(**day));
        meant.map(|(_, known)| known.capacity() * (size_of::<u128>() + 1)).sum()
    }

    /// Evicts the days that `is_meant` selects.
    pub fn evict(&mut self, is_meant: impl Fn(EventDay) -> bool) -> Result<(), LakeError> {
        for (day, known) in self.days.extract_if(|day, _| is_meant(*day)) {
            if let Some(folder) = &self.spill {
                write_spilled(&spill_path(folder, day), &known)?;
            }
        }
        // The table of days itself is small.
        Ok(())
    }
}

fn spill_path(folder: &TempDir, day: EventDay) -> PathBuf {
    let name = day.map_or_else(|| "none".to_owned(), |day| day.to_string());
    folder.path().join(name)
}

fn write_spilled(path: &Path, known: &Day) -> Result<(), LakeError> {
    let write = || -> io::Result<()> {
        let mut out = BufWriter::new(File::create(path)?);
        for key in known {
            out.write_all(&key.0.to_le_bytes())?;
        }
        out.flush()
    };
    write().map_err(LakeError::io("write", path))
}

fn read_spilled(path: &Path, known: &mut Day) -> Result<(), LakeError> {
    let mut read = || -> io::Result<()> {
        let file = File::open(path)?;
        let keys = file.metadata()?.len() / size_of::<u128>() as u64;
        known.reserve(usize::try_from(keys).unwrap_or(0));
        let mut input = BufReader::new(file);
        let mut key = [0; size_of::<u128>()];
        for _ in 0..keys {
            input.read_exact(&mut key)?;
            known.insert(Known(u128::from_le_bytes(key)));
        }
        Ok(())
    };
    read().map_err(LakeError::io("read", path))
}

fn read_keys(storage: &Storage, path: &str, known: &mut Day) -> Result<(), LakeError> {
    identity::each_batch(storage, path, schema::events(), &[], |columns, batch| {
        for row in 0..batch.num_rows() {
            let Some(keys) = columns.keys(row) else { continue };
            let own = Known::new(keys.own, scaled(columns.completeness(row)));
            // One of two copies is about to be replaced, and the more complete one counts.
            if known.get(&own).is_none_or(|known| known.completeness() < own.completeness()) {
                known.replace(own);
            }
            if let Some(shared) = keys.shared.filter(|_| !keys.lack_account()) {
                known.insert(Known::new(shared.any_account, COMPLETE));
            }
        }
    })
}
