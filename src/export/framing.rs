//! Cuts a byte stream into records: elements of a JSON array, lines, or documents back to back, in any mixture.
//!
//! A [`Framer`] only tells where a record begins and ends; whether it is good JSON is for the decoder to say. It follows
//! strings and brackets, so it needs neither a whole file nor a line in memory: the buffer holds one record at most,
//! and a record longer than the limit is passed over while its beginning is kept.
//!
//! One broken record must not take the rest of the file with it. A raw line feed inside a string, a bracket that closes
//! another kind, or two values with nothing between them prove that the record is broken; the framer then goes on at
//! the next place where a record plainly begins: a brace after a line feed, or `},{"` inside an array.

use std::io::Read;

/// How records follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Elements of one or more JSON arrays.
    Array,
    /// JSON documents, one a line or spread over lines.
    Documents,
}

impl Framing {
    /// Name in the column `shape`.
    pub fn name(self) -> &'static str {
        match self {
            Framing::Array => "JSON array",
            Framing::Documents => "JSON documents",
        }
    }
}

/// Why a stretch of bytes is no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Something else stands where an object should.
    #[error("not a JSON object")]
    NotAnObject,
    /// A string, an object or an array is not closed where the record must have ended.
    #[error("the JSON is broken: a string, object or array is not closed")]
    Unclosed,
    /// The source ends inside a record or an array.
    #[error("the source ends too early")]
    Truncated,
    /// The record is longer than the limit.
    #[error("the record is longer than {0} bytes")]
    TooLong(usize),
    /// Brackets are nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// The source could not be read on from here.
    #[error("the source is damaged here: {0}")]
    Damaged(String),
}

/// One record, or a stretch of bytes that is none.
#[allow(missing_docs, reason = "each variant tells of its fields")]
#[derive(Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// The text of one JSON value.
    Record { bytes: &'a [u8], offset: u64 },
    /// Bytes that are no record: the first of them, where they begin, how many there are, and what is wrong.
    Broken { bytes: &'a [u8], offset: u64, length: u64, reason: Broken },
}

/// Deepest nesting of brackets in a record.
pub const MAX_DEPTH: usize = 256;

/// How much of an oversized record is kept.
const KEPT_OF_OVERSIZED: usize = 1 << 20;

const CHUNK: usize = 256 << 10;

/// Says what a source looks like that begins with neither an object nor an array; `None` for JSON and for nothing.
pub fn not_json(head: &[u8]) -> Option<String> {
    let text = head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start();
    let what = match text {
        [] | [b'{' | b'[', ..] => return None,
        [b'P', b'A', b'R', b'1', ..] => "a Parquet file",
        [b'O', b'R', b'C', ..] => "an ORC file",
        [b'P', b'K', 3, 4, ..] => "a zip archive",
        [0x04, 0x22, 0x4d, 0x18, ..] => "an lz4 stream",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16 text",
        _ if text.contains(&0) => "binary data",
        _ if has_json_line(text) => return None,
        _ => "text that is not JSON",
    };
    Some(what.to_owned())
}

/// True where some line begins like a record, so that only what stands before it is not JSON.
fn has_json_line(text: &[u8]) -> bool {
    text.split(|b| *b == b'\n').any(|line| line.starts_with(b"{\"") || line.starts_with(b"[{\""))
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Cuts a stream into [`Frame`]s.
pub struct Framer<R> {
    reader: R,
    limit: usize,
    buffer: Vec<u8>,
    /// Where unread bytes begin in `buffer`.
    start: usize,
    /// Where `buffer[0]` stands in the stream.
    base: u64,
    ended: bool,
    damage: Option<String>,
    in_array: bool,
    framing: Option<Framing>,
}

impl<R: Read> Framer<R> {
    /// Frames `reader`; no record may be longer than `limit` bytes.
    pub fn new(reader: R, limit: usize) -> Self {
        Self {
            reader,
            limit,
            buffer: Vec::new(),
            start: 0,
            base: 0,
            ended: false,
            damage: None,
            in_array: false,
            framing: None,
        }
    }

    /// How the records seen so far follow each other; `None` before the first one.
    pub fn framing(&self) -> Option<Framing> {
        self.framing
    }

    /// The next record, or `None` at the end of the stream.
    pub fn next_frame(&mut self) -> Option<Frame<'_>> {
        loop {
            self.skip_separators();
            let Some(first) = self.byte(0) else { return self.at_end() };
            match first {
                b'[' if !self.in_array => {
                    self.in_array = true;
                    self.framing.get_or_insert(Framing::Array);
                    self.start += 1;
                }
                b']' if self.in_array => {
                    self.in_array = false;
                    self.start += 1;
                }
                b'{' | b'[' => {
                    self.framing.get_or_insert(Framing::Documents);
                    return Some(self.value());
                }
                _ => return Some(self.garbage()),
            }
        }
    }

    /// The byte `ahead` of the unread ones, reading on where it must.
    fn byte(&mut self, ahead: usize) -> Option<u8> {
        while self.start + ahead >= self.buffer.len() {
            if !self.fill() {
                return None;
            }
        }
        Some(self.buffer[self.start + ahead])
    }

    /// Reads one more chunk behind the unread bytes; false at the end of the stream.
    fn fill(&mut self) -> bool {
        if self.ended {
            return false;
        }
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.base += self.start as u64;
            self.start = 0;
        }
        let filled = self.buffer.len();
        self.buffer.resize(filled + CHUNK, 0);
        let read = loop {
            match self.reader.read(&mut self.buffer[filled..]) {
                Ok(n) => break n,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.damage = Some(error.to_string());
                    break 0;
                }
            }
        };
        self.buffer.truncate(filled + read);
        self.ended = read == 0;
        !self.ended
    }

    fn skip_separators(&mut self) {
        if self.base == 0 && self.start == 0 && self.byte(2).is_some() && self.buffer.starts_with(BOM) {
            self.start = BOM.len();
        }
        while let Some(b' ' | b'\t' | b'\r' | b'\n' | b',') = self.byte(0) {
            let unread = &self.buffer[self.start..];
            let skipped = unread.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b','));
            self.start += skipped.unwrap_or(unread.len());
        }
    }

    /// What is left to say when no byte is left.
    fn at_end(&mut self) -> Option<Frame<'_>> {
        let open_array = std::mem::take(&mut self.in_array);
        let reason = match self.damage.take() {
            Some(damage) => Broken::Damaged(damage),
            None if open_array => Broken::Truncated,
            None => return None,
        };
        Some(Frame::Broken { bytes: &[], offset: self.base + self.start as u64, length: 0, reason })
    }

    /// Takes an object or array that begins at the first unread byte.
    fn value(&mut self) -> Frame<'_> {
        let mut scan = Scan::default();
        let mut scanned = 0;
        loop {
            match scan.run(&self.buffer[self.start + scanned..]) {
                Step::Complete(used) => return self.take_record(scanned + used),
                Step::Broken(used) => return self.take_broken(scanned + used, Broken::Unclosed),
                Step::TooDeep(used) => return self.pass_over(scan, scanned + used, Broken::TooDeep),
                Step::More => {}
            }
            scanned = self.buffer.len() - self.start;
            if scanned > self.limit {
                return self.pass_over(scan, scanned, Broken::TooLong(self.limit));
            }
            if !self.fill() {
                let reason = self.damage.take().map_or(Broken::Truncated, Broken::Damaged);
                return self.take_broken(scanned, reason);
            }
        }
    }

    fn take_record(&mut self, length: usize) -> Frame<'_> {
        let offset = self.base + self.start as u64;
        let bytes = &self.buffer[self.start..self.start + length];
        self.start += length;
        Frame::Record { bytes, offset }
    }

    /// Takes a broken record, up to the next place where one begins; `proven` bytes were looked at.
    fn take_broken(&mut self, proven: usize, reason: Broken) -> Frame<'_> {
        if self.line_ends_record(proven) {
            let length = record_start(&self.buffer[self.start..self.start + proven], 1, self.in_array);
            return self.broken(length.unwrap_or(proven).max(1), reason);
        }
        let mut searched = 1;
        loop {
            let unread = &self.buffer[self.start..];
            if let Some(length) = record_start(unread, searched, self.in_array) {
                // More records follow, so it was this one that was not closed, not the source that ended.
                if let Broken::Damaged(damage) = reason {
                    self.damage = Some(damage);
                }
                return self.broken(length, Broken::Unclosed);
            }
            let length = unread.len();
            // A record start reaches over a few bytes; they are looked at again when more have come.
            searched = length.saturating_sub(64).max(1);
            if length > self.limit || !self.fill() {
                self.in_array = false;
                return self.broken(self.buffer.len() - self.start, reason);
            }
        }
    }

    /// True where the record broke at the end of a line and the next line goes on with something new.
    fn line_ends_record(&mut self, proven: usize) -> bool {
        if self.byte(proven) != Some(b'\n') {
            return false;
        }
        let mut ahead = proven + 1;
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.byte(ahead) {
            ahead += 1;
        }
        matches!(self.byte(ahead), None | Some(b'{' | b'[' | b',' | b']'))
    }

    fn broken(&mut self, length: usize, reason: Broken) -> Frame<'_> {
        let offset = self.base + self.start as u64;
        let bytes = self.buffer[self.start..self.start + length].trim_ascii_end();
        self.start += length;
        Frame::Broken { bytes, offset, length: bytes.len() as u64, reason }
    }

    /// Passes over a record that is too long or too deep, keeping its beginning; `scanned` bytes were looked at.
    fn pass_over(&mut self, mut scan: Scan, scanned: usize, reason: Broken) -> Frame<'_> {
        let offset = self.base + self.start as u64;
        let kept = self.buffer[self.start..(self.start + scanned).min(self.start + KEPT_OF_OVERSIZED)].to_vec();
        scan.unbounded = true;
        self.start += scanned;
        loop {
            let unread = &self.buffer[self.start..];
            match scan.run(unread) {
                Step::Complete(used) | Step::Broken(used) | Step::TooDeep(used) => {
                    self.start += used.max(usize::from(!unread.is_empty()));
                    break;
                }
                Step::More => self.start = self.buffer.len(),
            }
            if !self.fill() {
                break;
            }
        }
        let length = self.base + self.start as u64 - offset;
        // What was kept stands in front of the unread bytes, where the frame can borrow it.
        self.buffer.drain(..self.start);
        self.base += self.start as u64;
        self.base -= kept.len() as u64;
        self.start = kept.len();
        self.buffer.splice(0..0, kept);
        Frame::Broken { bytes: &self.buffer[..self.start], offset, length, reason }
    }

    /// Takes what is neither an object nor an array: to the end of the line or, in an array, of the element.
    fn garbage(&mut self) -> Frame<'_> {
        let in_array = self.in_array;
        let ends = |b: &u8| *b == b'\n' || in_array && matches!(b, b',' | b']');
        let mut length = 0;
        loop {
            match self.buffer[self.start + length..].iter().position(ends) {
                Some(end) => {
                    // At least one byte is taken, or the next call would stand at the same place.
                    return self.broken((length + end).max(1), Broken::NotAnObject);
                }
                None => length = self.buffer.len() - self.start,
            }
            if length > self.limit {
                return self.broken(length, Broken::TooLong(self.limit));
            }
            if !self.fill() {
                return self.broken(length, Broken::NotAnObject);
            }
        }
    }
}

/// Where a record plainly begins in `unread`, from the byte `from` on.
fn record_start(unread: &[u8], from: usize, in_array: bool) -> Option<usize> {
    memchr::memchr_iter(b'{', unread.get(from..)?).map(|at| from + at).find(|at| {
        let (before, behind) = unread.split_at(*at);
        let opens_object = behind[1..].trim_ascii_start().first() == Some(&b'"');
        let trimmed = before.trim_ascii_end();
        let behind_record = match (in_array, trimmed) {
            (true, [rest @ .., b',']) => rest.trim_ascii_end().ends_with(b"}"),
            (false, [.., b'}']) => true,
            _ => false,
        };
        opens_object && (behind_record || before.ends_with(b"\n"))
    })
}

/// Follows strings and brackets through one value; keeps its state from one stretch of bytes to the next.
#[derive(Default)]
struct Scan {
    /// Open brackets, outermost first.
    open: Vec<u8>,
    /// Levels beyond [`MAX_DEPTH`], counted only while passing over.
    beyond: u64,
    in_string: bool,
    escaped: bool,
    /// Last byte of structure: a bracket, comma, colon or closing quote.
    last: u8,
    unbounded: bool,
}

enum Step {
    /// The value ends behind so many bytes.
    Complete(usize),
    /// No good JSON from here on.
    Broken(usize),
    /// A bracket beyond the depth limit.
    TooDeep(usize),
    /// The value goes on.
    More,
}

impl Scan {
    fn run(&mut self, bytes: &[u8]) -> Step {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                match self.string_end(&bytes[at..]) {
                    Ok(None) => return Step::More,
                    Ok(Some(used)) => at += used,
                    Err(used) => return Step::Broken(at + used),
                }
                continue;
            }
            let byte = bytes[at];
            match byte {
                b'"' => {
                    if !self.value_may_begin() {
                        return Step::Broken(at);
                    }
                    self.in_string = true;
                }
                b'{' | b'[' => {
                    if !self.value_may_begin() {
                        return Step::Broken(at);
                    }
                    if self.open.len() < MAX_DEPTH {
                        self.open.push(byte);
                    } else if self.unbounded {
                        self.beyond += 1;
                    } else {
                        return Step::TooDeep(at);
                    }
                    self.last = byte;
                }
                b'}' | b']' if self.beyond > 0 => {
                    self.beyond -= 1;
                    self.last = byte;
                }
                b'}' | b']' => {
                    let opened = if byte == b'}' { b'{' } else { b'[' };
                    if self.open.pop() != Some(opened) {
                        return Step::Broken(at);
                    }
                    self.last = byte;
                    if self.open.is_empty() {
                        return Step::Complete(at + 1);
                    }
                }
                b',' | b':' => self.last = byte,
                _ => {}
            }
            at += 1;
        }
        Step::More
    }

    /// Two values need a comma or colon between them.
    fn value_may_begin(&self) -> bool {
        matches!(self.last, 0 | b'{' | b'[' | b',' | b':')
    }

    /// Looks for the end of the string that `bytes` begins in: how many bytes to its end, if it is among them. An error
    /// tells where a line feed stands in the string, which JSON does not allow.
    fn string_end(&mut self, bytes: &[u8]) -> Result<Option<usize>, usize> {
        let mut at = 0;
        if self.escaped {
            self.escaped = false;
            at = 1;
        }
        while let Some(found) = memchr::memchr3(b'"', b'\\', b'\n', &bytes[at..]) {
            at += found + 1;
            match bytes[at - 1] {
                b'"' => {
                    self.in_string = false;
                    self.last = b'"';
                    return Ok(Some(at));
                }
                b'\n' => return Err(at - 1),
                _ if at == bytes.len() => {
                    self.escaped = true;
                    return Ok(None);
                }
                _ => at += 1,
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
#[path = "framing_tests.rs"]
mod tests;
