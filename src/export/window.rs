//! The bytes of a stream that are at hand: what the framers look at before they know where a record ends.

use std::io::{ErrorKind, Read};

/// Bytes that are read at once; few in tests and under a fuzzer, where readers give a few bytes at a time and would
/// spend their time on clearing the rest.
const CHUNK: usize = if cfg!(any(test, fuzzing)) { 1 << 10 } else { 256 << 10 };

/// Bytes that are read first: many files hold no more, and clearing a chunk would take longer than reading them.
const FIRST_CHUNK: usize = CHUNK / 8;

/// A window on a stream: it grows at its end when more is asked for, and forgets at its beginning what was taken.
pub(super) struct Window<R> {
    reader: R,
    /// The bytes at hand; those before `start` are taken already.
    pub(super) bytes: Vec<u8>,
    /// Place of the unread bytes in `bytes`.
    pub(super) start: usize,
    /// Place of `bytes[0]` in the stream.
    pub(super) base: u64,
    /// `true` if the stream has no more.
    pub(super) ended: bool,
    /// Bytes to read next.
    chunk: usize,
    /// The reason for which the stream ended too early, if it did.
    pub(super) damage: Option<String>,
}

impl<R: Read> Window<R> {
    /// Creates a window on the beginning of a stream, of which nothing is read yet.
    pub(super) fn new(reader: R) -> Self {
        Self { reader, bytes: Vec::new(), start: 0, base: 0, ended: false, chunk: FIRST_CHUNK, damage: None }
    }

    /// Returns the bytes at hand that are not taken yet.
    pub(super) fn unread(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// Returns the place of the unread bytes in the stream.
    pub(super) fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Reads one more chunk behind the unread bytes; returns `false` at the end of the stream.
    pub(super) fn fill(&mut self) -> bool {
        if self.ended {
            return false;
        }
        self.bytes.drain(..self.start);
        self.base += self.start as u64;
        self.start = 0;
        let filled = self.bytes.len();
        self.bytes.resize(filled + self.chunk, 0);
        self.chunk = CHUNK;
        let read = loop {
            match self.reader.read(&mut self.bytes[filled..]) {
                Ok(n) => break n,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.damage = Some(error.to_string());
                    break 0;
                }
            }
        };
        self.bytes.truncate(filled + read);
        self.ended = read == 0;
        !self.ended
    }
}
