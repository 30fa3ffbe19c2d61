//! Cuts a byte stream into records: elements of a JSON array, lines, or documents back to back, in any mixture.
//!
//! A [`Framer`] only tells where a record begins and ends; whether it is good JSON is for the decoder to say. It follows
//! strings and brackets, so it needs neither a whole file nor a line in memory: the buffer holds one record at most,
//! and a record longer than the limit is passed over while its beginning is kept.
//!
//! One broken record must not take the rest of the file with it. A raw line feed inside a string, a bracket that closes
//! another kind, or two values with nothing between them prove that the record is broken; the framer then goes on at
//! the next place where a record plainly begins: a brace after a line feed, or `},{"` inside an array.
//!
//! Nor must it take its page with it. An object that holds records in a list (an answer of an API, a group of logs) is
//! one record while it is good JSON and within the limit; else it is entered, and the elements of the list are the
//! records. So is an array in an array. What stands around the list is passed over where no record can be in it.

mod list;

use super::window::Window;
use crate::event::json::Members;
use list::List;
use serde_json::Deserializer;
use serde_json::value::RawValue;
use std::io::Read;

/// How records follow each other.
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

/// Why a stretch of bytes is no record.
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

/// How much of an oversized record is kept.
const KEPT_OF_OVERSIZED: usize = 1 << 20;

/// What may stand behind the list in an entered object without being reported; an answer has a token and an id there.
const BESIDE_LIST: usize = 16 << 10;

/// Most arrays and objects with lists that are entered within each other; more are never wrapped around an event.
const MAX_ENTERED: usize = 8;

/// How much is taken for text at once; little in tests, so that they come to its end.
const TEXT_BYTES: usize = if cfg!(any(test, fuzzing)) { 1 << 10 } else { 256 << 10 };

/// How far a broken element of an array is followed through line feeds in its strings.
const LENIENT_BYTES: usize = 1 << 20;

/// Within so many bytes, white space among them, an object must come to its first key to be taken for the start of one.
const START_BYTES: usize = 64;

/// How much white space is looked through for what follows a broken record.
const NEAR_BYTES: usize = 64 << 10;

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

    /// How the records seen so far follow each other; `None` before the first one.
    pub fn framing(&self) -> Option<Framing> {
        self.framing
    }

    /// Takes records for as long as the next one is a whole object of good JSON, and hands over the text of each, its
    /// members and where it begins. What stands behind the last of them is for [`Framer::next_frame`] to say.
    ///
    /// One pass finds both the end of a record and its members, which saves following its strings and brackets first.
    /// What is taken here is what `next_frame` would have taken, and it says nothing of broken records: it leaves them.
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
                let mut values = Deserializer::from_str(record).into_iter::<Members<'_>>();
                match values.next() {
                    Some(Ok(members)) => {
                        let length = values.byte_offset();
                        if length > self.limit || may_be_too_deep(&members) {
                            break;
                        }
                        self.framing.get_or_insert(Framing::Documents);
                        take(&record[..length], &members, offset + begin as u64)?;
                        taken = begin + length;
                    }
                    Some(Err(error)) => {
                        is_cut_off = error.is_eof();
                        break;
                    }
                    None => break,
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

    /// The next record, or `None` at the end of the stream.
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
                    let found = self.measure(Scan { text_alone: true, ..Scan::default() });
                    return Some(self.take(found));
                }
                _ => return Some(self.garbage()),
            }
        }
    }

    fn in_array(&self) -> bool {
        !self.arrays.is_empty()
    }

    /// The byte `ahead` of the unread ones, reading on where it must.
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

    /// What is left to say when no byte is left.
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

    /// The list whose elements are taken in place of the value that was found, where that cannot be read as a whole.
    fn list_to_enter(&self, found: &Measured) -> Option<List> {
        let (Measured::Record(seen) | Measured::Broken(seen, _) | Measured::Beyond(_, seen, _)) = *found;
        let value = self.input.unread().get(..seen)?;
        if self.arrays.len() >= MAX_ENTERED {
            return None;
        }
        let list = if value.starts_with(b"[") { List { behind_bracket: 1, objects: 0 } } else { list::find(value)? };
        (!matches!(found, Measured::Record(_)) || !is_good(value)).then_some(list)
    }

    /// Goes on with the elements of a list. Where the source has ended, the last of them is to say so.
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

    /// Passes over what is left of the objects that were entered, once their list has ended; another list there is
    /// entered too. What may be or hold a record is not passed over.
    fn leave_objects(&mut self, Entered { objects, front }: Entered) -> Option<Measured> {
        self.around.clear();
        if objects == 0 {
            return None;
        }
        let around = Scan { open: vec![b'{'; objects], last: b']', ..Scan::default() };
        // No further than may be passed over, however much is at hand.
        let (mut length, mut scan, step) = self.scan(around.clone(), BESIDE_LIST);
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
                scan.unbounded = true;
                return Some(Measured::Beyond(scan, length, Broken::BesideList));
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

    /// Runs `scan` over the unread bytes, at most over so many: how many it looked at, and what it came to. It has more to
    /// look at only where there are so many, or the source has ended.
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

    /// Takes a broken record, up to the next place where one begins; `proven` bytes were looked at.
    fn take_broken(&mut self, proven: usize, reason: Broken) -> Frame<'_> {
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

    /// True where the record broke at the end of a line and the next line goes on with something new.
    fn line_ends_record(&mut self, proven: usize) -> bool {
        self.byte(proven) == Some(b'\n')
            && matches!(self.byte_of_next(proven + 1), None | Some(b'{' | b'[' | b',' | b']'))
    }

    /// The length of an element of an array that is whole but for line feeds in its strings: what stands behind it must be
    /// what stands behind an element. On the top level, what begins a line is the better guess.
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

    /// The first byte from `ahead` of the unread ones on that is no white space, if it is near.
    fn byte_of_next(&mut self, ahead: usize) -> Option<u8> {
        (ahead..ahead + NEAR_BYTES).find_map(|at| match self.byte(at) {
            Some(b' ' | b'\t' | b'\r' | b'\n') => None,
            other => Some(other),
        })?
    }

    fn broken(&mut self, length: usize, reason: Broken) -> Frame<'_> {
        let offset = self.input.offset();
        let all = &self.input.bytes[self.input.start..self.input.start + length];
        // A form feed alone is white space here, but none that JSON knows.
        let end = all.iter().rposition(|byte| !byte.is_ascii_whitespace() && *byte != 0).map_or(0, |last| last + 1);
        let bytes = all.get(..end).filter(|bytes| !bytes.is_empty()).unwrap_or(all);
        self.input.start += length;
        Frame::Broken { bytes, offset, length: bytes.len() as u64, reason }
    }

    /// Passes over a record that is too long or too deep, keeping its beginning; `scanned` bytes were looked at.
    fn pass_over(&mut self, mut scan: Scan, scanned: usize, reason: Broken) -> Frame<'_> {
        let offset = self.input.offset();
        let kept = self.input.bytes
            [self.input.start..(self.input.start + scanned).min(self.input.start + KEPT_OF_OVERSIZED)]
            .to_vec();
        scan.unbounded = true;
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
    fn garbage(&mut self) -> Frame<'_> {
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

/// True for an object that holds a list of records, which is entered where the object cannot be read as a whole.
pub fn holds_list(json: &str) -> bool {
    json.starts_with('{') && list::find(json.as_bytes()).is_some()
}

/// True for an object or an array that is good JSON.
fn is_good(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(|text| match text.as_bytes() {
        [b'[', ..] => serde_json::from_str::<Vec<&RawValue>>(text).is_ok(),
        _ => Members::parse(text).is_some(),
    })
}

/// White space and what stands between the elements of an array.
fn is_separator(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n' | ',' | '\0')
}

/// The beginning of `bytes` that is UTF-8.
fn whole_text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_else(|error| {
        let (text, _) = bytes.split_at(error.valid_up_to());
        std::str::from_utf8(text).unwrap_or_default()
    })
}

/// True where some member has so many brackets that they could be nested deeper than [`MAX_DEPTH`].
fn may_be_too_deep(members: &Members<'_>) -> bool {
    members.0.iter().any(|(_, value)| {
        let json = value.get().as_bytes();
        json.len() >= 2 * MAX_DEPTH
            && matches!(json, [b'{' | b'[', ..])
            && memchr::memchr2_iter(b'{', b'[', json).count() >= MAX_DEPTH
    })
}

/// Where a record plainly begins in `unread`, from the byte `from` on.
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

/// What was found of a value.
enum Measured {
    /// It ends behind so many bytes.
    Record(usize),
    /// It is broken behind so many bytes.
    Broken(usize, Broken),
    /// It is too long or too deep; so many bytes were looked at.
    Beyond(Scan, usize, Broken),
}

/// Follows strings and brackets through one value; keeps its state from one stretch of bytes to the next.
#[derive(Default, Clone)]
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
    /// True where the value is a text, which ends with its quote.
    text_alone: bool,
    /// True where line feeds in strings are overlooked.
    through_lines: bool,
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
    /// The same, but it overlooks line feeds in strings.
    fn through_lines(self) -> Self {
        Self { through_lines: true, ..self }
    }

    fn run(&mut self, bytes: &[u8]) -> Step {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                match self.string_end(&bytes[at..]) {
                    Ok(None) => return Step::More,
                    Ok(Some(used)) => {
                        at += used;
                        if self.text_alone && self.open.is_empty() {
                            return Step::Complete(at);
                        }
                    }
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
                0 if !self.unbounded => return Step::Broken(at),
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
    /// tells where a line feed or a NUL byte stands in the string, which JSON does not allow.
    fn string_end(&mut self, bytes: &[u8]) -> Result<Option<usize>, usize> {
        let mut at = 0;
        if self.escaped {
            self.escaped = false;
            at = 1;
        }
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let found = memchr::memchr3(b'"', b'\\', b'\n', rest);
            let inside = rest.get(..found.unwrap_or(rest.len())).unwrap_or_default();
            if !self.unbounded
                && let Some(hole) = memchr::memchr(0, inside)
            {
                return Err(at + hole);
            }
            let Some(found) = found else { return Ok(None) };
            at += found + 1;
            match bytes[at - 1] {
                b'"' => {
                    self.in_string = false;
                    self.last = b'"';
                    return Ok(Some(at));
                }
                b'\n' if self.through_lines => {}
                b'\n' => return Err(at - 1),
                _ if at == bytes.len() => {
                    self.escaped = true;
                    return Ok(None);
                }
                _ => at += 1,
            }
        }
    }
}

#[cfg(test)]
#[path = "framing_tests.rs"]
mod tests;
