//! Bytes through the framer, read in pieces.
//!
//! Demands: frames come in the order of the bytes and hold what stands there; between them lie separators only; how the
//! reads are cut makes no difference; the records of good JSON are the values that a parser finds. Where records are
//! longer than the limit, frames still come in order and end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use trailql_fuzz::export::framing::{Broken, Frame, Framer, MAX_DEPTH};
use trailql_fuzz::{Cut, hash};

fuzz_target!(|data: &[u8]| {
    let whole = frames(data, data, data.len().max(1), true);
    let way = hash(data);
    assert_eq!(whole, frames(Cut::new(data, way), data, data.len().max(1), true), "the reads make a difference");
    if let Some(values) = good_json(data) {
        let records: Vec<&[u8]> = whole.iter().map(|frame| frame.record(data)).collect();
        assert_eq!(records, values, "good JSON is framed otherwise than it is parsed");
    }
    let limit = 1 + (way >> 32) as usize % (data.len() + 1);
    frames(data, data, limit, false);
    frames(Cut::new(data, way), data, limit, false);
});

/// A frame without its bytes, which are those at its place.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    at: usize,
    kept: usize,
    length: usize,
    broken: Option<Broken>,
}

impl Found {
    fn record<'d>(&self, data: &'d [u8]) -> &'d [u8] {
        assert_eq!(self.broken, None, "good JSON at {} is broken", self.at);
        &data[self.at..self.at + self.length]
    }
}

fn frames(reader: impl std::io::Read, data: &[u8], limit: usize, gapless: bool) -> Vec<Found> {
    let mut framer = Framer::new(reader, limit);
    let mut found = Vec::new();
    let mut end = 0;
    while let Some(frame) = framer.next_frame() {
        let (bytes, offset, length, broken) = match frame {
            Frame::Record { bytes, offset } => {
                assert!(bytes.starts_with(b"{") || bytes.starts_with(b"[") || bytes.starts_with(b"\""));
                (bytes, offset, bytes.len() as u64, None)
            }
            Frame::Broken { bytes, offset, length, reason } => {
                let says_all = matches!(reason, Broken::Truncated | Broken::BesideList);
                assert!(says_all || !bytes.trim_ascii().is_empty(), "nothing is rejected at {offset}: {reason}");
                (bytes, offset, length, Some(reason))
            }
        };
        let (at, length) = (usize::try_from(offset).unwrap(), usize::try_from(length).unwrap());
        assert!(at >= end, "a frame at {at} begins before {end}, where the last one ended");
        assert!(at + length <= data.len() && bytes.len() <= length);
        assert_eq!(&data[at..at + bytes.len()], bytes, "a frame holds other bytes than stand at {at}");
        if gapless {
            assert_separators(data, end, at);
            assert_eq!(bytes.len(), length, "a record within the limit is kept whole");
        }
        end = at + length;
        found.push(Found { at, kept: bytes.len(), length, broken });
        assert!(found.len() <= data.len() + 2, "framing goes on for ever");
    }
    if gapless {
        assert_separators(data, end, data.len());
    }
    found
}

fn assert_separators(data: &[u8], from: usize, to: usize) {
    let gap = &data[from..to];
    let gap = if from == 0 { gap.strip_prefix(b"\xef\xbb\xbf").unwrap_or(gap) } else { gap };
    let lost = gap.iter().position(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b',' | b'[' | b']'));
    assert_eq!(lost, None, "bytes in no frame from {from} to {to}: {:?}", String::from_utf8_lossy(gap));
}

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
