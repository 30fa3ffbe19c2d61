//! Cuts a byte stream into records: elements of a JSON array, lines, or documents back to back, in any mixture.
//!
//! A [`Framer`] only tells where a record begins and ends; whether it is good JSON is for the decoder to say. It follows
//! strings and brackets, so it needs neither a whole file nor a line in memory: the buffer holds one record at most,
//! and a record longer than the limit is passed over while its beginning is kept.
//!
//! An object that is longer than the limit and holds its records in a list (an answer of an API with everything on one
//! page) is entered, and the elements of the list are the records; what stands beside the list is passed over.
//!
//! One broken record must not take the rest of the file with it. A raw line feed inside a string, a bracket that closes
//! another kind, or two values with nothing between them prove that the record is broken; the framer then goes on at
//! the next place where a record plainly begins: a brace after a line feed, or `},{"` inside an array.

use super::window::Window;
use crate::event::json::Members;
use serde_json::Deserializer;
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
    /// The source ends inside a record or an array.
    #[error("the source ends too early")]
    Truncated,
    /// The record is longer than the limit.
    #[error("the record is longer than {0} bytes")]
    TooLong(usize),
    /// Brackets are nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Much stands behind the list of records in an object that was entered.
    #[error("in an object that is too long, only one list is read; this stands behind it")]
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
}

/// Deepest nesting of brackets in a record.
pub const MAX_DEPTH: usize = 256;

/// How much of an oversized record is kept.
const KEPT_OF_OVERSIZED: usize = 1 << 20;

/// What may stand behind the list in an entered object without being reported; an answer has a token and an id there.
const BESIDE_LIST: u64 = 16 << 10;

/// Bytes read at once; few in tests, where readers that give one byte at a time would spend their time on clearing it.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Cuts a stream into [`Frame`]s.
pub struct Framer<R> {
    input: Window<R>,
    limit: usize,
    in_array: bool,
    /// Objects around the array that were entered and are not closed yet.
    entered: usize,
    framing: Option<Framing>,
}

impl<R: Read> Framer<R> {
    /// Frames `reader`; no record may be longer than `limit` bytes.
    pub fn new(reader: R, limit: usize) -> Self {
        Self { input: Window::new(reader), limit, in_array: false, entered: 0, framing: None }
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
            let text = whole_text(self.input.unread());
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
            // One chunk more may complete the next record. Where it did not, the record is large, and to begin it again
            // with each chunk would never end.
            let is_large = taken == 0 && has_filled || self.input.unread().len() > self.limit;
            if !is_cut_off || is_large || !self.input.fill() {
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
                b'[' if !self.in_array => {
                    self.in_array = true;
                    self.framing.get_or_insert(Framing::Array);
                    self.input.start += 1;
                }
                b']' if self.in_array => {
                    self.in_array = false;
                    self.input.start += 1;
                    let offset = self.input.offset();
                    self.leave_objects();
                    let length = self.input.offset() - offset;
                    if length > BESIDE_LIST {
                        return Some(Frame::Broken { bytes: &[], offset, length, reason: Broken::BesideList });
                    }
                }
                b'{' | b'[' => {
                    self.framing.get_or_insert(Framing::Documents);
                    match self.measure(Scan::default()) {
                        Measured::Entered => {}
                        found => return Some(self.take(found)),
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
        while let Some(b' ' | b'\t' | b'\r' | b'\n' | b',') = self.byte(0) {
            let unread = self.input.unread();
            let skipped = unread.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b','));
            self.input.start += skipped.unwrap_or(unread.len());
        }
    }

    /// What is left to say when no byte is left.
    fn at_end(&mut self) -> Option<Frame<'_>> {
        let open_array = std::mem::take(&mut self.in_array);
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
                Step::Broken(used) => return Measured::Broken(scanned + used, Broken::Unclosed),
                Step::TooDeep(used) => return Measured::Beyond(scan, scanned + used, Broken::TooDeep),
                Step::More => {}
            }
            scanned = self.input.unread().len();
            if scanned > self.limit {
                if self.enter_list() {
                    return Measured::Entered;
                }
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
            // Whoever measures goes on by himself here; nothing was taken.
            Measured::Entered => self.broken(0, Broken::NotAnObject),
        }
    }

    /// Enters the list of records that an oversized object holds, if it is open where the buffer ends.
    fn enter_list(&mut self) -> bool {
        if self.in_array {
            return false;
        }
        let Some(list) = open_list(self.input.unread()) else { return false };
        self.input.start += list.behind_bracket;
        self.in_array = true;
        self.entered = list.objects;
        true
    }

    /// Passes over what is left of the objects that were entered, once their list has ended.
    fn leave_objects(&mut self) {
        let entered = std::mem::take(&mut self.entered);
        if entered == 0 {
            return;
        }
        let mut scan = Scan { open: vec![b'{'; entered], last: b']', unbounded: true, ..Scan::default() };
        loop {
            let unread = self.input.unread();
            match scan.run(unread) {
                Step::Complete(used) | Step::Broken(used) | Step::TooDeep(used) => {
                    self.input.start += used;
                    return;
                }
                Step::More => self.input.start = self.input.bytes.len(),
            }
            if !self.input.fill() {
                return;
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
        if self.line_ends_record(proven) {
            let length = record_start(&self.input.bytes[self.input.start..self.input.start + proven], 1, self.in_array);
            return self.broken(length.unwrap_or(proven).max(1), reason);
        }
        let mut searched = 1;
        loop {
            let unread = self.input.unread();
            if let Some(length) = record_start(unread, searched, self.in_array) {
                // More records follow, so it was this one that was not closed, not the source that ended.
                if let Broken::Damaged(damage) = reason {
                    self.input.damage = Some(damage);
                }
                return self.broken(length, Broken::Unclosed);
            }
            let length = unread.len();
            // A record start reaches over a few bytes; they are looked at again when more have come.
            searched = length.saturating_sub(64).max(1);
            if length > self.limit || !self.input.fill() {
                self.in_array = false;
                self.entered = 0;
                return self.broken(self.input.unread().len(), reason);
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
        let offset = self.input.offset();
        let all = &self.input.bytes[self.input.start..self.input.start + length];
        // A form feed alone is white space here, but none that JSON knows.
        let bytes = Some(all.trim_ascii_end()).filter(|bytes| !bytes.is_empty()).unwrap_or(all);
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
        let in_array = self.in_array;
        let ends = |b: &u8| *b == b'\n' || in_array && matches!(b, b',' | b']');
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

/// White space and what stands between the elements of an array.
fn is_separator(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n' | ',')
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

/// What was found of a value.
enum Measured {
    /// It ends behind so many bytes.
    Record(usize),
    /// It is broken behind so many bytes.
    Broken(usize, Broken),
    /// It is too long or too deep; so many bytes were looked at.
    Beyond(Scan, usize, Broken),
    /// Its list of records was entered instead.
    Entered,
}

/// A list that is open at the end of some bytes.
struct OpenList {
    /// Where its first element may begin.
    behind_bracket: usize,
    /// How many objects are open around it.
    objects: usize,
}

/// Keys of lists whose elements are records.
const LISTS: &[&str] =
    &["Events", "data", "logGroupList", "LogItems", "logs", "__logs__", "Products", "Ips", "Resources"];

/// The outermost list of records that is open at the end of `bytes`, with nothing but objects around it.
fn open_list(bytes: &[u8]) -> Option<OpenList> {
    // Every open bracket, with the key in front of it and where it stands.
    let mut open: Vec<(u8, &[u8], usize)> = Vec::new();
    let mut text: &[u8] = &[];
    let mut at = 0;
    while let Some(found) = memchr::memchr3(b'"', b'{', b'[', bytes.get(at..)?) {
        // Closing brackets are rarer to look for than the other three, but must not be passed over.
        let closing = bytes[at..at + found].iter().filter(|byte| matches!(byte, b'}' | b']')).count();
        open.truncate(open.len().saturating_sub(closing));
        at += found;
        match bytes[at] {
            b'"' => {
                let end = at + 1 + string_length(&bytes[at + 1..])?;
                text = &bytes[at + 1..end];
                at = (end + 1).min(bytes.len());
            }
            bracket => {
                open.push((bracket, std::mem::take(&mut text), at));
                at += 1;
            }
        }
        if open.len() > MAX_DEPTH {
            return None;
        }
    }
    let closing = bytes[at..].iter().filter(|byte| matches!(byte, b'}' | b']')).count();
    open.truncate(open.len().saturating_sub(closing));
    let objects = open.iter().take_while(|(bracket, ..)| *bracket == b'{').count();
    let (_, key, at) = open.get(objects)?;
    LISTS.iter().any(|list| list.as_bytes() == *key).then_some(OpenList { behind_bracket: at + 1, objects })
}

/// Bytes up to the quote that ends a string; all of them where it does not end here.
fn string_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..)?) {
        at += found;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
    Some(bytes.len())
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
    /// True where the value is a text, which ends with its quote.
    text_alone: bool,
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
