//! Places in a statement.

use std::ops::Range;

/// A part of a statement: byte offsets from its beginning, the end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last one.
    pub end: usize,
}

impl Span {
    /// The part from `start` to `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The empty part at a place.
    pub const fn at(place: usize) -> Self {
        Self { start: place, end: place }
    }

    /// The smallest part that holds both.
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The same part of a text that begins `offset` bytes into the statement.
    pub const fn shifted(self, offset: usize) -> Self {
        Self { start: self.start.saturating_add(offset), end: self.end.saturating_add(offset) }
    }

    /// The part as a range that slices `text`, moved to boundaries of characters.
    pub fn range_in(self, text: &str) -> Range<usize> {
        let end = text.ceil_char_boundary(self.end.min(text.len()));
        text.floor_char_boundary(self.start.min(end))..end
    }
}
