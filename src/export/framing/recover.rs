//! Recovery: what of the stream a broken, oversized or too deep record takes, and where the next one begins.
//!
//! A record begins plainly with a brace and a key, behind a line feed or a NUL byte, or behind another record. Nothing
//! else is taken for a beginning, since bytes that are no record must not become one.

use super::scan::{Scan, Step};
use super::{Broken, Frame, Framer};
use std::io::Read;

/// Bytes of an oversized record that are kept.
const KEPT_OF_OVERSIZED: usize = 1 << 20;

/// Most bytes in which a broken element of an array is followed through line feeds in its strings.
const LENIENT_BYTES: usize = 1 << 20;

/// Bytes of an object, white space among them, in which its first key must begin for the object to be a start.
const START_BYTES: usize = 64;

/// Bytes of white space behind a broken record that are looked through for what follows.
const NEAR_BYTES: usize = 64 << 10;

impl<R: Read> Framer<R> {
    /// Takes a broken record, up to the next place where one begins; `proven` bytes were looked at.
    pub(super) fn take_broken(&mut self, proven: usize, reason: Broken) -> Frame<'_> {
        if reason == Broken::BesideList {
            return self.broken(proven, reason);
        }
        if reason == Broken::Unclosed
            && let Some(length) = self.element_over_lines()
        {
            return self.broken(length, Broken::LineFeed);
        }
        if self.line_ends_record(proven) {
            let length =
                record_start(&self.input.bytes[self.input.start..self.input.start + proven], 1, self.in_array());
            return self.broken(length.unwrap_or(proven).max(1), reason);
        }
        let mut searched = 1;
        loop {
            let unread = self.input.unread();
            if let Some(length) = record_start(unread, searched, self.in_array()) {
                // More records follow, so it was this one that was not closed, not the source that ended.
                let reason = match reason {
                    Broken::Hole => Broken::Hole,
                    Broken::Damaged(damage) => {
                        self.input.damage = Some(damage);
                        Broken::Unclosed
                    }
                    _ => Broken::Unclosed,
                };
                return self.broken(length, reason);
            }
            let length = unread.len();
            // A start that the bytes at hand may cut off is looked at again when more have come.
            searched = length.saturating_sub(START_BYTES).max(1);
            if length > self.limit || !self.input.fill() {
                self.arrays.clear();
                return self.broken(self.input.unread().len(), reason);
            }
        }
    }

    /// Returns `true` if the record broke at the end of a line and the next line goes on with something new.
    fn line_ends_record(&mut self, proven: usize) -> bool {
        self.byte(proven) == Some(b'\n')
            && matches!(self.byte_of_next(proven + 1), None | Some(b'{' | b'[' | b',' | b']'))
    }

    /// Measures an element of an array that is whole but for line feeds in its strings: what stands behind it must be
    /// what stands behind an element. On the top level, the beginning of a line is the better guess.
    fn element_over_lines(&mut self) -> Option<usize> {
        if !self.in_array() {
            return None;
        }
        match self.scan(Scan::default().through_lines(), LENIENT_BYTES.min(self.limit)) {
            (length, _, Step::Complete(_)) => {
                matches!(self.byte_of_next(length), None | Some(b',' | b']')).then_some(length)
            }
            _ => None,
        }
    }

    /// Returns the first byte from `ahead` of the unread ones on that is no white space, if it is near.
    fn byte_of_next(&mut self, ahead: usize) -> Option<u8> {
        (ahead..ahead + NEAR_BYTES).find_map(|at| match self.byte(at) {
            Some(b' ' | b'\t' | b'\r' | b'\n') => None,
            other => Some(other),
        })?
    }

    pub(super) fn broken(&mut self, length: usize, reason: Broken) -> Frame<'_> {
        let offset = self.input.offset();
        let all = &self.input.bytes[self.input.start..self.input.start + length];
        // A form feed alone is white space here, but none that JSON knows.
        let end = all.iter().rposition(|byte| !byte.is_ascii_whitespace() && *byte != 0).map_or(0, |last| last + 1);
        let bytes = all.get(..end).filter(|bytes| !bytes.is_empty()).unwrap_or(all);
        self.input.start += length;
        Frame::Broken { bytes, offset, length: bytes.len() as u64, reason }
    }

    /// Passes over a record that is too long or too deep, keeping its beginning; `scanned` bytes were looked at.
    pub(super) fn pass_over(&mut self, scan: Scan, scanned: usize, reason: Broken) -> Frame<'_> {
        let offset = self.input.offset();
        let kept = self.input.bytes
            [self.input.start..(self.input.start + scanned).min(self.input.start + KEPT_OF_OVERSIZED)]
            .to_vec();
        let mut scan = scan.unbounded();
        self.input.start += scanned;
        loop {
            let unread = self.input.unread();
            match scan.run(unread) {
                Step::Complete(used) | Step::Broken(used) | Step::TooDeep(used) => {
                    self.input.start += used.max(usize::from(!unread.is_empty()));
                    break;
                }
                Step::More => self.input.start = self.input.bytes.len(),
            }
            if !self.input.fill() {
                break;
            }
        }
        let length = self.input.offset() - offset;
        // What was kept stands in front of the unread bytes, where the frame can borrow it.
        self.input.bytes.drain(..self.input.start);
        self.input.base += self.input.start as u64;
        self.input.base -= kept.len() as u64;
        self.input.start = kept.len();
        self.input.bytes.splice(0..0, kept);
        Frame::Broken { bytes: &self.input.bytes[..self.input.start], offset, length, reason }
    }

    /// Takes what is neither an object nor an array: to the end of the line or, in an array, of the element.
    pub(super) fn garbage(&mut self) -> Frame<'_> {
        let in_array = self.in_array();
        let ends = |b: &u8| matches!(b, b'\n' | 0) || in_array && matches!(b, b',' | b']');
        let mut length = 0;
        loop {
            match self.input.bytes[self.input.start + length..].iter().position(ends) {
                Some(end) => {
                    // At least one byte is taken, or the next call would stand at the same place.
                    return self.broken((length + end).max(1), Broken::NotAnObject);
                }
                None => length = self.input.unread().len(),
            }
            if length > self.limit {
                return self.broken(length, Broken::TooLong(self.limit));
            }
            if !self.input.fill() {
                return self.broken(length, Broken::NotAnObject);
            }
        }
    }
}

/// Finds the place where a record plainly begins in `unread`, from the byte `from` on.
fn record_start(unread: &[u8], from: usize, in_array: bool) -> Option<usize> {
    memchr::memchr_iter(b'{', unread.get(from..)?).map(|at| from + at).find(|at| {
        let (before, behind) = unread.split_at(*at);
        let near = behind.get(1..START_BYTES).unwrap_or(&behind[1..]);
        let opens_object = near.trim_ascii_start().first() == Some(&b'"');
        let trimmed = before.trim_ascii_end();
        let behind_record = match (in_array, trimmed) {
            (true, [rest @ .., b',']) => rest.trim_ascii_end().ends_with(b"}"),
            (false, [.., b'}']) => true,
            _ => false,
        };
        opens_object && (behind_record || matches!(before, [.., b'\n' | 0]))
    })
}
