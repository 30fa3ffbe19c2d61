//! Rejects that are held back until it is known whether a source holds events at all.

use super::{EventSink, Position, Rejected, Stop, signs};

/// Rejects that are held, at most.
const HELD: usize = 64;

/// Bytes of rejects that are held, at most.
const HELD_BYTES: usize = 1 << 20;

/// Rejects that wait for the first event of their source.
pub(super) struct HeldRejects {
    /// Number of the first record of the source.
    pub(super) first_record: i64,
    rejects: Vec<Held>,
    bytes: usize,
}

struct Held {
    position: Position,
    reason: String,
    bytes: Vec<u8>,
    length: u64,
}

impl HeldRejects {
    pub(super) fn new(first_record: i64) -> Self {
        Self { first_record, rejects: Vec::new(), bytes: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rejects.is_empty()
    }

    /// Holds a reject; returns `false` where there are too many, and for what tells of events, which is a loss
    /// anywhere.
    pub(super) fn push(&mut self, position: Position, reason: &str, bytes: &[u8], length: u64) -> bool {
        let is_full = self.rejects.len() >= HELD || self.bytes + bytes.len() > HELD_BYTES;
        if is_full || signs::tells_of_events(bytes) {
            return false;
        }
        self.bytes += bytes.len();
        self.rejects.push(Held { position, reason: reason.to_owned(), bytes: bytes.to_vec(), length });
        true
    }

    /// Sends what was held, in its order.
    pub(super) fn send(self, member: Option<&str>, sink: &mut dyn EventSink) -> Result<(), Stop> {
        self.rejects.into_iter().try_for_each(|Held { position, reason, bytes, length }| {
            sink.reject(Rejected { position, member, reason, bytes: &bytes, length })
        })
    }
}
