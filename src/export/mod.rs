//! Floor 2: bytes to events.
//!
//! An export is recognised by its content, never by its name: users rename, unpack and mix files. Reading one goes
//! through four steps, each its own module and each bounded in memory:
//!
//! 1. [`decompress`] sniffs and undoes gzip and zstd, capped;
//! 2. [`framing`] cuts the bytes into records: elements of an array, lines, documents back to back;
//! 3. [`envelope`] peels what is wrapped around events: API pages, SLS records, cloud events;
//! 4. [`decode`] fills the fields of one [`Event`](crate::event::record::Event).
//!
//! [`inputs`] finds the files. A record that cannot be read becomes a [`Rejected`] with its place and reason, and the
//! rest of the file goes on.

pub mod decode;
pub mod decompress;
pub mod envelope;
pub mod framing;
pub mod inputs;

use crate::event::record::Event;
use decompress::Compression;
use envelope::Wrapper;
use framing::{Frame, Framer, Framing};
use std::fmt;
use std::io::Read;

/// Where a record stands in its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Number of the record in the source, from 0; every event and every reject counts.
    pub record: i64,
    /// Where it begins, in bytes of the unpacked source.
    pub offset: i64,
}

/// A record that could not be read.
#[derive(Debug, PartialEq, Eq)]
pub struct Rejected<'a> {
    /// Where it stands.
    pub position: Position,
    /// Why it could not be read.
    pub reason: String,
    /// Its bytes; for an oversized record only the beginning.
    pub bytes: &'a [u8],
    /// How many bytes the record has.
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
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self { record_bytes: 64 << 20 }
    }
}

/// What an export turned out to be; its text is the column `shape` of the table `sources`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// How it was packed.
    pub compression: Compression,
    /// How records follow each other.
    pub framing: Option<Framing>,
    /// What was around the events; `None` while no event was found.
    pub wrapper: Option<Wrapper>,
    /// True where records differ in what was around the events.
    pub mixed: bool,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrapper = self.wrapper.map_or("no events", Wrapper::name);
        let framing = self.framing.map_or("empty", Framing::name);
        let mixed = if self.mixed { " and others" } else { "" };
        write!(f, "{wrapper}{mixed}, {framing}")?;
        match self.compression {
            Compression::None => Ok(()),
            packed => write!(f, ", {}", packed.name()),
        }
    }
}

/// What came of reading one export.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was read to its end.
    Read(Shape),
    /// It is no export that trailql knows; the text says what it looks like.
    NotAnExport(String),
    /// The sink asked to stop.
    Stopped,
}

/// Reads one export and hands every event and every reject to `sink`.
///
/// A source that is damaged half-way (a truncated gzip, say) gives what was readable and one reject that tells of the
/// damage. Errors are those of opening and reading the very first bytes.
pub fn read(input: impl Read, limits: ReadLimits, sink: &mut dyn EventSink) -> std::io::Result<Outcome> {
    let (compression, mut unpacked) = decompress::unpack(input)?;
    if let Some(what) = framing::not_json(unpacked.peek()?) {
        return Ok(Outcome::NotAnExport(what));
    }
    let mut framer = Framer::new(unpacked, limits.record_bytes);
    let mut peeler = envelope::Peeler::new(sink);
    loop {
        let handled = match framer.next_frame() {
            None => break,
            Some(Frame::Record { bytes, offset }) => peeler.record(bytes, offset),
            Some(Frame::Broken { bytes, offset, length, reason }) => peeler.broken(bytes, offset, length, reason),
        };
        if handled.is_err() {
            return Ok(Outcome::Stopped);
        }
    }
    let (wrapper, mixed) = peeler.found();
    Ok(Outcome::Read(Shape { compression, framing: framer.framing(), wrapper, mixed }))
}
