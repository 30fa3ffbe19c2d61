//! Cuts a byte stream into records: elements of a JSON array, lines, or documents back to back, in any mixture.
//!
//! A [`Framer`] only tells where a record begins and ends; whether it is good JSON is for the decoder to say. It
//! follows strings and brackets, so it needs neither a whole file nor a line in memory: the buffer holds one record at
//! most, and a record longer than the limit is passed over while its beginning is kept.
//!
//! One broken record must not take the rest of the file with it. A raw line feed inside a string, a bracket that closes
//! another kind, or two values with nothing between them prove that the record is broken; the framer then goes on at
//! the next place where a record plainly begins: a brace after a line feed, or `},{"` inside an array.
//!
//! Nor must it take its page with it. An object that holds records in a list (an answer of an API, a group of logs) is
//! one record while it is good JSON and within the limit; else it is entered, and the elements of the list are the
//! records. So is an array in an array. What stands around the list is passed over where no record can be in it.

mod list;
mod recover;
mod scan;

use super::window::Window;
use crate::event::json::Members;
use crate::event::json::strict;
use list::List;
use scan::{Scan, Step};
use std::io::Read;

/// The way in which records follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Elements of one or more JSON arrays.
    Array,
    /// JSON documents, one a line or spread over lines.
    Documents,
    /// Rows of CSV.
    Csv,
    /// Rows of Parquet.
    Parquet,
    /// Rows of ORC.
    Orc,
}

impl Framing {
    /// Name in the column `shape`.
    pub fn name(self) -> &'static str {
        match self {
            Framing::Array => "JSON array",
            Framing::Documents => "JSON documents",
            Framing::Csv => "CSV",
            Framing::Parquet => "Parquet",
            Framing::Orc => "ORC",
        }
    }
}

/// The reason for which a stretch of bytes is no record.
#[allow(missing_docs, reason = "the fields are what the message names them")]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Something else stands where an object should.
    #[error("not a JSON object")]
    NotAnObject,
    /// A string, an object or an array is not closed where the record must have ended.
    #[error("the JSON is broken: a string, object or array is not closed")]
    Unclosed,
    /// A string goes over the end of a line, which JSON does not allow.
    #[error("the JSON is broken: a line feed stands in a string")]
    LineFeed,
    /// NUL bytes stand in the record.
    #[error("NUL bytes stand in it, where a part of the file is missing")]
    Hole,
    /// The source ends inside a record or an array.
    #[error("the source ends too early")]
    Truncated,
    /// The record is longer than the limit.
    #[error("the record is longer than {0} bytes")]
    TooLong(usize),
    /// Brackets are nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Behind the list of records in an object that was entered stands much, or what may be a record.
    #[error("in an object that is broken or too long, only one list is read; this stands behind it")]
    BesideList,
    /// A row of a table has not as many cells as there are columns.
    #[error("{found} cells where there are {columns} columns")]
    Cells { found: usize, columns: usize },
    /// A cell of a table is not closed where its row must have ended.
    #[error("a cell is not closed")]
    UnclosedCell,
    /// A member of an archive cannot be read.
    #[error("the member cannot be read: {0}")]
    Member(String),
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
    /// The object around the records of a list that were frames, with the list empty. It is no record.
    Around { bytes: &'a [u8] },
}

/// Deepest nesting of brackets in a record.
pub const MAX_DEPTH: usize = 256;

/// Bytes that may stand behind the list in an entered object without being reported; an answer has a token and an id
/// there.
const BESIDE_LIST: usize = 16 << 10;

/// Most arrays and objects with lists that are entered within each other; no export wraps an event in more.
const MAX_ENTERED: usize = 8;

/// Bytes that are taken for text at once; few in tests, so that they come to its end.
const TEXT_BYTES: usize = if cfg!(any(test, fuzzing)) { 1 << 10 } else { 256 << 10 };

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Cuts a stream into [`Frame`]s.
pub struct Framer<R> {
    input: Window<R>,
    limit: usize,
    /// The arrays that were entered and are not closed yet, outermost first.
    arrays: Vec<Entered>,
    framing: Option<Framing>,
    /// The last object that was taken apart, with its list empty.
    around: Vec<u8>,
}

/// An array that was entered.
#[derive(Default)]
struct Entered {
    /// Number of objects that were entered with it.
    objects: usize,
    /// Bytes before its elements in the outermost of them, where these are not many.
    front: Vec<u8>,
}

impl<R: Read> Framer<R> {
    /// Frames `reader`; no record may be longer than `limit` bytes.
    pub fn new(reader: R, limit: usize) -> Self {
        Self { input: Window::new(reader), limit, arrays: Vec::new(), framing: None, around: Vec::new() }
    }

    /// Returns the way in which the records so far follow each other; `None` before the first one.
    pub fn framing(&self) -> Option<Framing> {
        self.framing
    }

    /// Takes records for as long as the next one is a whole object of good JSON, and hands over the text, the members
    /// and the place of each. The bytes behind the last of them are for [`Framer::next_frame`] to judge.
    ///
    /// One pass finds both the end of a record and its members, which saves following its strings and brackets first.
    /// `next_frame` would have taken the same records; broken ones are left to it.
    pub fn take_objects<E>(&mut self, mut take: impl FnMut(&str, &Members<'_>, u64) -> Result<(), E>) -> Result<(), E> {
        let mut has_filled = false;
        loop {
            self.skip_separators();
            if self.byte(0) != Some(b'{') {
                return Ok(());
            }
            let offset = self.input.offset();
            // Behind a long object that was entered much is at hand, and to look through all of it for each record that
            // is broken would never end.
            let at_hand = self.input.unread();
            let text = whole_text(at_hand.get(..TEXT_BYTES).unwrap_or(at_hand));
            let is_clipped = at_hand.len() > TEXT_BYTES;
            let (mut taken, mut is_cut_off) = (0, false);
            loop {
                let rest = &text[taken..];
                let record = rest.trim_start_matches(is_separator);
                if !record.starts_with('{') {
                    is_cut_off = record.is_empty();
                    break;
                }
                let begin = taken + rest.len() - record.len();
                match strict::prefix::<Members<'_>>(record) {
                    Ok((members, length)) => {
                        if length > self.limit || may_be_too_deep(&members) {
                            break;
                        }
                        self.framing.get_or_insert(Framing::Documents);
                        take(&record[..length], &members, offset + begin as u64)?;
                        taken = begin + length;
                    }
                    Err(error) => {
                        is_cut_off = error.is_eof();
                        break;
                    }
                }
            }
            self.input.start += taken;
            if is_clipped && is_cut_off && taken > 0 {
                continue;
            }
            // One chunk more may complete the next record. Where it did not, the record is large, and to begin it again
            // with each chunk would never end.
            let is_large = taken == 0 && has_filled || self.input.unread().len() > self.limit;
            if !is_cut_off || is_large || is_clipped || !self.input.fill() {
                return Ok(());
            }
            has_filled = true;
        }
    }

    /// Returns the next record, or `None` at the end of the stream.
    pub fn next_frame(&mut self) -> Option<Frame<'_>> {
        loop {
            self.skip_separators();
            let Some(first) = self.byte(0) else { return self.at_end() };
            match first {
                b'[' if !self.in_array() => {
                    self.arrays.push(Entered::default());
                    self.framing.get_or_insert(Framing::Array);
                    self.input.start += 1;
                }
                b']' if self.in_array() => {
                    self.input.start += 1;
                    let entered = self.arrays.pop().unwrap_or_default();
                    if let Some(beside) = self.leave_objects(entered) {
                        return Some(self.take(beside));
                    }
                    if !self.around.is_empty() {
                        return Some(Frame::Around { bytes: &self.around });
                    }
                }
                b'{' | b'[' => {
                    self.framing.get_or_insert(Framing::Documents);
                    let found = self.measure(Scan::default());
                    match self.list_to_enter(&found) {
                        Some(list) => self.enter(list, found),
                        None => return Some(self.take(found)),
                    }
                }
                b'"' if self.byte(1) == Some(b'{') => {
                    self.framing.get_or_insert(Framing::Documents);
                    let found = self.measure(Scan::of_text());
                    return Some(self.take(found));
                }
                _ => return Some(self.garbage()),
            }
        }
    }

    fn in_array(&self) -> bool {
        !self.arrays.is_empty()
    }

    /// Returns the byte `ahead` of the unread ones, and reads on if it must.
    fn byte(&mut self, ahead: usize) -> Option<u8> {
        while self.input.start + ahead >= self.input.bytes.len() {
            if !self.input.fill() {
                return None;
            }
        }
        Some(self.input.bytes[self.input.start + ahead])
    }

    fn skip_separators(&mut self) {
        if self.input.base == 0 && self.input.start == 0 && self.byte(2).is_some() && self.input.bytes.starts_with(BOM)
        {
            self.input.start = BOM.len();
        }
        // NUL bytes fill a file that was given its size before its content, or that a crash left with a hole.
        while let Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | 0) = self.byte(0) {
            let unread = self.input.unread();
            let skipped = unread.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b',' | 0));
            self.input.start += skipped.unwrap_or(unread.len());
        }
    }

    /// Returns the frame that tells of the end, if anything is wrong there.
    fn at_end(&mut self) -> Option<Frame<'_>> {
        let open_array = !std::mem::take(&mut self.arrays).is_empty();
        let reason = match self.input.damage.take() {
            Some(damage) => Broken::Damaged(damage),
            None if open_array => Broken::Truncated,
            None => return None,
        };
        Some(Frame::Broken { bytes: &[], offset: self.input.offset(), length: 0, reason })
    }

    /// Finds the end of the object, array or text that begins at the first unread byte.
    fn measure(&mut self, mut scan: Scan) -> Measured {
        let mut scanned = 0;
        loop {
            match scan.run(&self.input.bytes[self.input.start + scanned..]) {
                Step::Complete(used) => return Measured::Record(scanned + used),
                Step::Broken(used) => {
                    let is_hole = self.input.unread().get(scanned + used) == Some(&0);
                    let reason = if is_hole { Broken::Hole } else { Broken::Unclosed };
                    return Measured::Broken(scanned + used, reason);
                }
                Step::TooDeep(used) => return Measured::Beyond(scan, scanned + used, Broken::TooDeep),
                Step::More => {}
            }
            scanned = self.input.unread().len();
            if scanned > self.limit {
                return Measured::Beyond(scan, scanned, Broken::TooLong(self.limit));
            }
            if !self.input.fill() {
                let reason = self.input.damage.take().map_or(Broken::Truncated, Broken::Damaged);
                return Measured::Broken(scanned, reason);
            }
        }
    }

    fn take(&mut self, measured: Measured) -> Frame<'_> {
        match measured {
            Measured::Record(length) => self.take_record(length),
            Measured::Broken(proven, reason) => self.take_broken(proven, reason),
            Measured::Beyond(scan, scanned, reason) => self.pass_over(scan, scanned, reason),
        }
    }

    /// Finds the list whose elements are taken in place of the value that was found; `None` if that can be read as a
    /// whole.
    fn list_to_enter(&self, found: &Measured) -> Option<List> {
        let (Measured::Record(seen) | Measured::Broken(seen, _) | Measured::Beyond(_, seen, _)) = *found;
        let value = self.input.unread().get(..seen)?;
        if self.arrays.len() >= MAX_ENTERED {
            return None;
        }
        let list = if value.starts_with(b"[") { List { behind_bracket: 1, objects: 0 } } else { list::find(value)? };
        (!matches!(found, Measured::Record(_)) || !is_good(value)).then_some(list)
    }

    /// Goes on with the elements of a list. If the source has ended, the last of them is to say so.
    fn enter(&mut self, list: List, found: Measured) {
        if let Measured::Broken(_, Broken::Damaged(damage)) = found {
            self.input.damage = Some(damage);
        }
        let front = self.input.unread().get(..list.behind_bracket.min(BESIDE_LIST)).unwrap_or_default();
        let is_all = list.objects > 0 && front.len() == list.behind_bracket;
        let front = if is_all { front.to_vec() } else { Vec::new() };
        self.input.start += list.behind_bracket;
        self.arrays.push(Entered { objects: list.objects, front });
    }

    /// Skips the rest of the objects that were entered, once their list has ended; another list there is entered too. A
    /// rest that may be or hold a record is not skipped.
    fn leave_objects(&mut self, Entered { objects, front }: Entered) -> Option<Measured> {
        self.around.clear();
        if objects == 0 {
            return None;
        }
        let around = Scan::behind_list(objects);
        // No further than may be passed over, however much is at hand.
        let (mut length, scan, step) = self.scan(around.clone(), BESIDE_LIST);
        let mut is_whole = matches!(step, Step::Complete(_));
        if let Step::Broken(_) = step
            && let (whole, _, Step::Complete(_)) = self.scan(around.through_lines(), BESIDE_LIST)
        {
            (length, is_whole) = (whole, true);
        }
        let rest = self.input.unread().get(..length).unwrap_or_default();
        if let Some(list) = list::find_behind(objects, rest) {
            self.input.start += list.behind_bracket;
            self.arrays.push(Entered { objects: list.objects, front: Vec::new() });
            return None;
        }
        if let Step::More = step {
            if length == BESIDE_LIST {
                return Some(Measured::Beyond(scan.unbounded(), length, Broken::BesideList));
            }
            // One frame tells of the end, however many lists are open.
            self.arrays.clear();
            let reason = self.input.damage.take().map_or(Broken::Truncated, Broken::Damaged);
            return Some(Measured::Broken(length, reason));
        }
        if list::may_hold_record(objects, rest, is_whole) {
            return Some(Measured::Broken(length, Broken::BesideList));
        }
        if is_whole && !front.is_empty() {
            self.around = [&front, &b"]"[..], rest].concat();
        }
        self.input.start += length;
        None
    }

    /// Runs `scan` over the unread bytes, at most over so many; returns the number of bytes that it looked at, and its
    /// outcome. That is [`Step::More`] only if there are so many bytes, or the source has ended.
    fn scan(&mut self, mut scan: Scan, most: usize) -> (usize, Scan, Step) {
        let mut scanned = 0;
        loop {
            let seen = self.input.unread().len().min(most);
            match scan.run(self.input.unread().get(scanned..seen).unwrap_or_default()) {
                Step::More => scanned = seen,
                step @ (Step::Complete(used) | Step::Broken(used) | Step::TooDeep(used)) => {
                    return (scanned + used, scan, step);
                }
            }
            if scanned == most || !self.input.fill() {
                return (scanned, scan, Step::More);
            }
        }
    }

    fn take_record(&mut self, length: usize) -> Frame<'_> {
        let offset = self.input.offset();
        let bytes = &self.input.bytes[self.input.start..self.input.start + length];
        self.input.start += length;
        Frame::Record { bytes, offset }
    }
}

/// Returns `true` for an object that holds a list of records, which is entered if the object cannot be read as a whole.
pub fn holds_list(json: &str) -> bool {
    json.starts_with('{') && list::find(json.as_bytes()).is_some()
}

/// Returns `true` for an object or an array that is good JSON.
fn is_good(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(|text| match text.as_bytes() {
        [b'[', ..] => strict::elements(text).is_ok(),
        _ => Members::parse(text).is_some(),
    })
}

/// Returns `true` for white space and what stands between the elements of an array.
fn is_separator(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n' | ',' | '\0')
}

/// Returns the beginning of `bytes` that is UTF-8.
fn whole_text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_else(|error| {
        let (text, _) = bytes.split_at(error.valid_up_to());
        std::str::from_utf8(text).unwrap_or_default()
    })
}

/// Returns `true` if some member has so many brackets that they could be nested deeper than [`MAX_DEPTH`].
fn may_be_too_deep(members: &Members<'_>) -> bool {
    members.0.iter().any(|(_, value)| {
        let json = value.get().as_bytes();
        json.len() >= 2 * MAX_DEPTH
            && matches!(json, [b'{' | b'[', ..])
            && memchr::memchr2_iter(b'{', b'[', json).count() >= MAX_DEPTH
    })
}

/// The outcome of following a value.
enum Measured {
    /// It ends behind so many bytes.
    Record(usize),
    /// It is broken behind so many bytes.
    Broken(usize, Broken),
    /// It is too long or too deep; so many bytes were looked at.
    Beyond(Scan, usize, Broken),
}

#[cfg(test)]
#[path = "framing_tests.rs"]
mod tests;
