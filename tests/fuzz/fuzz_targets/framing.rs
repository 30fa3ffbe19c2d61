//! Bytes through the framer, read in pieces.
//!
//! Demands: frames come in the order of the bytes and hold what stands there; between them lie separators only, and
//! what is around a list of records; how the reads are cut makes no difference, nor does taking good objects by the
//! quick way first; the records of good JSON are the values that a parser finds. Where records are longer than the
//! limit, frames still come in order and end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use std::convert::Infallible;
use trailql_fuzz::cost::assert_linear;
use trailql_fuzz::event::json::Members;
use trailql_fuzz::export::framing::{Broken, Frame, Framer, MAX_DEPTH};
use trailql_fuzz::{Cut, hash};

fuzz_target!(|data: &[u8]| {
    let way = hash(data);
    let most = data.len().max(1);
    let whole = frames(data, data, most, Way::FrameByFrame);
    let cut = frames(Cut::new(data, way), data, most, Way::FrameByFrame);
    assert_eq!(whole, cut, "the reads make a difference");
    assert_eq!(whole, frames(data, data, most, Way::ObjectsFirst), "the quick way makes a difference");
    let cut = frames(Cut::new(data, way), data, most, Way::ObjectsFirst);
    assert_eq!(whole, cut, "the reads make a difference to the quick way");
    if let Some(values) = good_json(data) {
        let records: Vec<&[u8]> = whole.iter().map(|frame| frame.record(data)).collect();
        assert_eq!(records, values, "good JSON is framed otherwise than it is parsed");
    }
    let limit = 1 + (way >> 32) as usize % (data.len() + 1);
    frames(Cut::new(data, way), data, limit, if way & 2 == 0 { Way::FrameByFrame } else { Way::ObjectsFirst });
    assert_linear(data, |grown| {
        for limit in [1 << 13, 1 << 20] {
            frames(grown, grown, limit, Way::ObjectsFirst);
        }
    });
});

/// A frame without its bytes, which are those at its place.
#[derive(Debug, PartialEq, Eq)]
struct FoundFrame {
    at: usize,
    kept: usize,
    length: usize,
    broken: Option<Broken>,
}

impl FoundFrame {
    fn record<'d>(&self, data: &'d [u8]) -> &'d [u8] {
        assert_eq!(self.broken, None, "good JSON at {} is broken", self.at);
        &data[self.at..self.at + self.length]
    }
}

#[derive(Clone, Copy)]
enum Way {
    FrameByFrame,
    /// As a source is read.
    ObjectsFirst,
}

/// What a framer finds. A record that is longer than `limit` may leave gaps.
fn frames(reader: impl std::io::Read, data: &[u8], limit: usize, way: Way) -> Vec<FoundFrame> {
    let mut framer = Framer::new(reader, limit);
    let mut all = All { data, gapless: limit >= data.len(), end: 0, found: Vec::new() };
    loop {
        if let Way::ObjectsFirst = way {
            let taken: Result<(), Infallible> = framer.take_objects(|text, members, offset| {
                let again = Members::parse(text).expect("an object is good JSON");
                assert_eq!(format!("{again:?}"), format!("{members:?}"));
                all.add(text.as_bytes(), offset, text.len() as u64, None);
                Ok(())
            });
            assert!(taken.is_ok());
        }
        match framer.next_frame() {
            None => break,
            Some(Frame::Record { bytes, offset }) => {
                assert!(bytes.starts_with(b"{") || bytes.starts_with(b"[") || bytes.starts_with(b"\""));
                all.add(bytes, offset, bytes.len() as u64, None);
            }
            Some(Frame::Broken { bytes, offset, length, reason }) => {
                let says_all = matches!(reason, Broken::Truncated | Broken::BesideList);
                assert!(says_all || !bytes.is_empty(), "nothing is rejected at {offset}: {reason}");
                all.add(bytes, offset, length, Some(reason));
            }
            Some(Frame::Around { bytes }) => assert!(bytes.starts_with(b"{") && bytes.ends_with(b"}")),
        }
    }
    if all.gapless {
        assert_separators(data, all.end, data.len());
    }
    all.found
}

struct All<'d> {
    data: &'d [u8],
    gapless: bool,
    end: usize,
    found: Vec<FoundFrame>,
}

impl All<'_> {
    fn add(&mut self, bytes: &[u8], offset: u64, length: u64, broken: Option<Broken>) {
        let (at, length) = (usize::try_from(offset).unwrap(), usize::try_from(length).unwrap());
        assert!(at >= self.end, "a frame at {at} begins before {}, where the last one ended", self.end);
        assert!(at + length <= self.data.len() && bytes.len() <= length);
        assert_eq!(&self.data[at..at + bytes.len()], bytes, "a frame holds other bytes than stand at {at}");
        if self.gapless {
            assert_separators(self.data, self.end, at);
            let is_whole = bytes.len() == length || broken == Some(Broken::TooDeep);
            assert!(is_whole, "a record within the limit is kept whole");
        }
        self.end = at + length;
        self.found.push(FoundFrame { at, kept: bytes.len(), length, broken });
        assert!(self.found.len() <= self.data.len() + 2, "framing goes on for ever");
    }
}

/// Between frames lie separators, and around a list of records what its page says beside it: in front of the list, up
/// to its key and bracket; behind it, from its bracket on.
fn assert_separators(data: &[u8], from: usize, to: usize) {
    let gap = &data[from..to];
    let gap = if from == 0 { gap.strip_prefix(b"\xef\xbb\xbf").unwrap_or(gap) } else { gap };
    let is_separator = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']' | 0);
    let Some(lost) = gap.iter().position(|byte| !is_separator(byte)) else { return };
    let behind_list = gap[..lost].contains(&b']');
    // Where a list is empty, what is in front of it and behind it is one gap.
    let opens_list = |key: &[u8]| {
        let at = gap.windows(key.len()).position(|found| found.eq_ignore_ascii_case(key));
        at.is_some_and(|at| gap[at..].contains(&b'['))
    };
    let before_list = LISTS.iter().any(|key| opens_list(key));
    assert!(
        behind_list || before_list,
        "bytes in no frame from {from} to {to}: {:?}",
        String::from_utf8_lossy(gap)
    );
}

/// Keys of lists of records.
const LISTS: &[&[u8]] = &[
    b"\"Events\"", b"\"data\"", b"\"logGroupList\"", b"\"LogItems\"", b"\"logs\"", b"\"__logs__\"", b"\"Products\"", b"\"Ips\"",
    b"\"Resources\"",
];

/// The values that good JSON holds, elements of arrays on the top level in place of these; `None` for other bytes.
fn good_json(data: &[u8]) -> Option<Vec<&[u8]>> {
    let text = std::str::from_utf8(data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data)).ok()?;
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let value = value.ok()?.get();
        match value.as_bytes().first()? {
            b'[' => values.extend(serde_json::from_str::<Vec<&RawValue>>(value).ok()?.iter().map(|item| item.get())),
            _ => values.push(value),
        }
    }
    let is_record = |value: &&str| value.starts_with(['{', '[']) && depth(value) <= MAX_DEPTH;
    values.iter().all(is_record).then(|| values.into_iter().map(str::as_bytes).collect())
}

/// Never less than the levels of brackets.
fn depth(json: &str) -> usize {
    json.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count()
}
