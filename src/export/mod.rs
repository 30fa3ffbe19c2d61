//! Floor 2: bytes to events.
//!
//! An export is recognised by its content, never by its name: users rename, unpack and mix files. Reading one goes
//! through steps, each its own module and each bounded in memory:
//!
//! 1. [`sniff`] decides the compression and the content by the first bytes, and [`decompress`] undoes the compression,
//!    capped;
//! 2. [`archive`] walks through zip and tar, each member again from step 1;
//! 3. [`framing`] cuts text into records (elements of an array, lines, documents back to back), [`csv`] and
//!    [`columnar`] cut tables into rows;
//! 4. [`envelope`] takes events out of what is wrapped around them (API pages, SLS logs, cloud events), with
//!    [`log_group`] for groups of logs, and [`flattened`] and [`columns`] for events that come as one column for each
//!    field;
//! 5. [`decode`] fills the fields of one [`Event`](crate::event::record::Event).
//!
//! [`source`] leads a source through them, [`inputs`] finds the files. [`completeness`] and [`pages`] tell of the gaps
//! of an export, [`signs`] whether a file that gave nothing may hold events all the same. A record that cannot be read
//! becomes a [`Rejected`] with its place and reason, and the rest of the file goes on.

pub mod archive;
pub mod columnar;
pub mod columns;
pub mod completeness;
pub mod csv;
pub mod decode;
pub mod decompress;
pub mod envelope;
pub mod flattened;
pub mod foreign;
pub mod framing;
mod held;
pub mod inputs;
pub mod log_group;
pub mod pages;
mod python;
pub mod signs;
pub mod sniff;
pub mod source;
pub mod utf16;
mod window;

pub use source::{Input, read};

use crate::event::field::FieldSet;
use crate::event::record::Event;
use archive::Archive;
use completeness::Incomplete;
use csv::CsvOptions;
use decompress::Compression;
use envelope::Wrapper;
use framing::Framing;
use std::fmt;

/// The place of a record in its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Number of the record in the source, from 0; every event and every reject counts.
    pub record: i64,
    /// Its first byte in the unpacked source (in the member, for an archive). A row of Parquet or ORC has no such
    /// place; there it is the number of the row.
    pub offset: i64,
}

/// A record that could not be read.
#[derive(Debug, PartialEq, Eq)]
pub struct Rejected<'a> {
    /// Its place.
    pub position: Position,
    /// The member of an archive that it stands in.
    pub member: Option<&'a str>,
    /// The reason for which it could not be read.
    pub reason: String,
    /// Its bytes; for an oversized record only the beginning.
    pub bytes: &'a [u8],
    /// Its length in bytes.
    pub length: u64,
}

/// The receiver of events has no more use for them; reading stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop;

/// Receives what an export holds, in the order of the file.
pub trait EventSink {
    /// Takes one event.
    fn event(&mut self, event: Event<'_>, position: Position) -> Result<(), Stop>;
    /// Takes one record that could not be read.
    fn reject(&mut self, rejected: Rejected<'_>) -> Result<(), Stop>;
}

/// Bounds that no input may exceed.
#[derive(Debug, Clone, Copy)]
pub struct ReadLimits {
    /// Longest record, in bytes of the unpacked source.
    pub record_bytes: usize,
    /// Longest event, in bytes of its JSON; one waits in several places between the reader and the data file.
    pub event_bytes: usize,
    /// Longest part of a table that must be read at once: a page of Parquet, a stripe of ORC.
    pub block_bytes: usize,
    /// Longest source that is copied to a temporary file, where its kind needs one.
    pub temporary_bytes: u64,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self { record_bytes: 64 << 20, event_bytes: 32 << 20, block_bytes: 128 << 20, temporary_bytes: 16 << 30 }
    }
}

/// Options of reading an export.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// The fields that are asked for; others may be left out.
    pub fields: FieldSet,
    /// Bounds.
    pub limits: ReadLimits,
    /// The notation of CSV as the user gives it.
    pub csv: CsvOptions,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { fields: FieldSet::ALL, limits: ReadLimits::default(), csv: CsvOptions::default() }
    }
}

/// The shape of an export; its text is the column `shape` of the table `sources`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Its compression.
    pub compression: Compression,
    /// The archive that it is.
    pub archive: Option<Archive>,
    /// The way in which records follow each other; in an archive, in the first member that had any.
    pub framing: Option<Framing>,
    /// The wrapper around the events; `None` while no event was found.
    pub wrapper: Option<Wrapper>,
    /// `true` for text in UTF-16.
    pub is_utf16: bool,
    /// `true` if records differ in what was around the events, or members of an archive in how they are written.
    pub mixed: bool,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrapper = self.wrapper.map_or("no events", Wrapper::name);
        let framing = self.framing.map_or("empty", Framing::name);
        let mixed = if self.mixed { " and others" } else { "" };
        write!(f, "{wrapper}{mixed}, {framing}")?;
        if self.is_utf16 {
            write!(f, ", UTF-16")?;
        }
        if let Some(archive) = self.archive {
            write!(f, ", in {}", archive.name())?;
        }
        match self.compression {
            Compression::None => Ok(()),
            packed => write!(f, ", {}", packed.name()),
        }
    }
}

/// A member of an archive that is no export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedMember {
    /// Its name.
    pub member: String,
    /// Its looks.
    pub what: String,
}

/// Something that gave no event, and by its name or its first bytes may hold some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspicious {
    /// The member of an archive that it is; `None` for the source itself.
    pub member: Option<String>,
    /// The sign that tells of events, and what was found in their place.
    pub why: String,
}

/// Remarks on a source, beside its records.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Members that are no exports, up to a number of names.
    pub skipped: Vec<SkippedMember>,
    /// Parts that may hold events and gave none, up to a number of names.
    pub suspicious: Vec<Suspicious>,
    /// Gaps that it tells of.
    pub incomplete: Incomplete,
}

/// The outcome of reading one export.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was read to its end.
    Read(Shape, Remarks),
    /// It is no export that trailql knows; the text says what it looks like.
    NotAnExport(String, Remarks),
    /// The sink asked to stop.
    Stopped,
}
