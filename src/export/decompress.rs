//! Undoes compression; the only place that unpacks what a user brings.
//!
//! Everything is streamed, so a bomb costs time but no memory; [`capped`] ends it where a stream grows more than any
//! honest export does. What a decoder must hold is bounded too, see [`window_log`]. gzip may hold several members, zstd
//! and lz4 several frames, xz and bzip2 several streams back to back; all of them are read.
//! Which compression it is, [`sniff`](super::sniff) decides, by magic numbers and for raw snappy by the content.

pub mod block;
mod snappy;

use flate2::read::MultiGzDecoder;
use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

/// A compression of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not packed.
    None,
    /// gzip, one or more members.
    Gzip,
    /// zstd, one or more frames.
    Zstd,
    /// lz4, one or more frames.
    Lz4,
    /// xz, one or more streams.
    Xz,
    /// bzip2, one or more streams.
    Bzip2,
    /// snappy, the framed form.
    SnappyFrames,
    /// snappy, one raw block.
    Snappy,
}

impl Compression {
    /// Name in the column `shape`.
    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "not packed",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Lz4 => "lz4",
            Compression::Xz => "xz",
            Compression::Bzip2 => "bzip2",
            Compression::SnappyFrames => "framed snappy",
            Compression::Snappy => "snappy",
        }
    }

    /// Finds the compression whose magic number `head` begins with.
    pub(super) fn of_mark(head: &[u8]) -> Option<Self> {
        Some(match head {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
            // A skippable frame may come first; its magic number is 0x184D2A50 to 0x184D2A5F. lz4 has the same
            // ones, but nothing is known to write them.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            [0x04, 0x22, 0x4d, 0x18, ..] => Compression::Lz4,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Xz,
            // The first half of pi begins a block, that of its root an empty stream.
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, ..] => Compression::Bzip2,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, ..] => Compression::Bzip2,
            [0xff, 0x06, 0, 0, b's', b'N', b'a', b'P', b'p', b'Y', ..] => Compression::SnappyFrames,
            _ => return None,
        })
    }
}

/// Unpacks `head` as the beginning of a raw snappy block; `None` if it is none.
pub(super) fn snappy_head(head: &[u8]) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    let mut decoder = snappy::RawDecoder::new(head);
    match decoder.by_ref().take(HEAD_BYTES).read_to_end(&mut unpacked) {
        Ok(_) => Some(unpacked),
        // Something follows behind the block, and is told of when it is reached. Behind an empty block it is all there
        // is: many binary files begin with a zero.
        Err(_) if decoder.is_complete() && !unpacked.is_empty() => Some(unpacked),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && head.len() as u64 == HEAD_BYTES => Some(unpacked),
        Err(_) => None,
    }
}

/// Bytes by which a source is told from others.
const HEAD_BYTES: u64 = 64 << 10;

/// Room for so many of them is made at once; many sources are no longer.
const FIRST_HEAD_BYTES: usize = 16 << 10;

/// A packed stream may grow this many times over its own size; audit logs of one repeated event reach about 200.
const MAX_GROWTH: u64 = 1_000;

/// Growth is not judged below this size, so that a few packed zeros pass.
const GROWTH_FREE_BYTES: u64 = 256 << 20;

/// A stream whose first bytes can be looked at before it is read.
pub struct Peekable<'a> {
    head: Cursor<Vec<u8>>,
    rest: Box<dyn Read + 'a>,
    failed: Option<io::Error>,
}

impl<'a> Peekable<'a> {
    fn new(mut rest: Box<dyn Read + 'a>) -> Self {
        let mut head = Vec::with_capacity(FIRST_HEAD_BYTES);
        // An error here belongs behind the bytes that could be read before it.
        let failed = rest.by_ref().take(HEAD_BYTES).read_to_end(&mut head).err();
        Self { head: Cursor::new(head), rest, failed }
    }

    /// The first bytes, up to 64 KiB; an error only where there is not a single one. What takes too much memory is a
    /// source that was opened, and is told of as its damage.
    pub fn peek(&mut self) -> io::Result<&[u8]> {
        match self.failed.take() {
            Some(error) if self.head.get_ref().is_empty() && error.kind() != io::ErrorKind::OutOfMemory => Err(error),
            failed => {
                self.failed = failed;
                Ok(self.head.get_ref())
            }
        }
    }
}

impl Read for Peekable<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.head.read(buf)? {
            0 if !buf.is_empty() => self.failed.take().map_or_else(|| self.rest.read(buf), Err),
            n => Ok(n),
        }
    }
}

/// Undoes `compression` for `packed`; no decoder holds much more than `block_bytes`.
pub(super) fn unpack<'a>(
    compression: Compression,
    packed: Peekable<'a>,
    block_bytes: usize,
) -> io::Result<Peekable<'a>> {
    let packed = Counted { inner: packed, count: Rc::default() };
    let count = Rc::clone(&packed.count);
    let unpacked: Box<dyn Read + 'a> = match compression {
        Compression::None => return Ok(packed.inner),
        Compression::Gzip => Box::new(MultiGzDecoder::new(packed)),
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::new(packed)?;
            decoder.window_log_max(window_log(block_bytes))?;
            Box::new(ZstdFrames { decoder, window_bytes: 1 << window_log(block_bytes) })
        }
        Compression::Lz4 => Box::new(Lz4Frames::new(packed)),
        Compression::Xz => {
            let most_kib = (1 << window_log(block_bytes) >> 10) + XZ_OVERHEAD_KIB;
            let decoder = lzma_rust2::XzReader::new_mem_limit(packed, true, most_kib);
            Box::new(XzStreams { decoder, most_kib })
        }
        Compression::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(packed)),
        Compression::SnappyFrames => Box::new(snap::read::FrameDecoder::new(packed)),
        Compression::Snappy => Box::new(snappy::RawDecoder::new(packed)),
    };
    Ok(Peekable::new(Box::new(Capped { inner: unpacked, packed: count, unpacked: 0 })))
}

/// Returns the bytes that a zstd frame may reach back, as a power of two. A frame says so itself, and a few bytes may
/// ask for all of it to be held. The maximum is 128 MiB, which is the decoder's own limit and what `zstd --long`
/// writes; it is less if a source may have less memory. 8 MiB are always read, which every level but the highest three
/// keeps to.
fn window_log(block_bytes: usize) -> u32 {
    block_bytes.max(1).ilog2().clamp(23, 27)
}

/// zstd frames back to back, with what is wrong with one in our words where the memory limit is.
struct ZstdFrames<R: io::BufRead> {
    decoder: zstd::stream::read::Decoder<'static, R>,
    window_bytes: u64,
}

impl<R: io::BufRead> Read for ZstdFrames<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(buf).map_err(|error| {
            if !error.to_string().contains("too much memory") {
                return error;
            }
            let most = self.window_bytes;
            let text = format!("unpacking it takes more than {most} bytes; a higher memory limit allows more");
            io::Error::new(io::ErrorKind::OutOfMemory, text)
        })
    }
}

/// Memory of an xz decoder beside its dictionary.
const XZ_OVERHEAD_KIB: u32 = 1 << 10;

/// xz streams back to back, with what is wrong with one in our words where the memory limit is.
struct XzStreams<R: Read> {
    decoder: lzma_rust2::XzReader<R>,
    most_kib: u32,
}

impl<R: Read> Read for XzStreams<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(buf).map_err(|error| match error.kind() {
            io::ErrorKind::OutOfMemory => {
                let text =
                    format!("unpacking it takes more than {} KiB; a higher memory limit allows more", self.most_kib);
                io::Error::new(io::ErrorKind::OutOfMemory, text)
            }
            _ => error,
        })
    }
}

/// Ends `unpacked` where it grows far beyond the `packed_bytes` that it came from, for unpackers that live elsewhere
/// (those of archives).
pub fn capped<'a>(unpacked: impl Read + 'a, packed_bytes: u64) -> impl Read + 'a {
    Capped { inner: unpacked, packed: Rc::new(Cell::new(packed_bytes)), unpacked: 0 }
}

/// Looks into a stream that is not packed.
pub fn plain<'a>(input: impl Read + 'a) -> Peekable<'a> {
    Peekable::new(Box::new(input))
}

/// lz4 frames back to back; the decoder says "end" after each of them.
struct Lz4Frames<R: Read> {
    decoder: lz4_flex::frame::FrameDecoder<Counted<R>>,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Lz4Frames<R> {
    fn new(packed: Counted<R>) -> Self {
        let count = Rc::clone(&packed.count);
        Self { decoder: lz4_flex::frame::FrameDecoder::new(packed), count }
    }
}

impl<R: Read> Read for Lz4Frames<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let before = self.count.get();
            let n = self.decoder.read(buf).map_err(|error| {
                // The decoder wraps a short read into an error of its own.
                let text = error.to_string();
                if text.contains("UnexpectedEof") { io::ErrorKind::UnexpectedEof.into() } else { error }
            })?;
            if n > 0 || buf.is_empty() || self.count.get() == before {
                return Ok(n);
            }
        }
    }
}

/// Counts the bytes that went through.
struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.count.set(self.count.get() + n as u64);
        Ok(n)
    }
}

/// Ends a stream that unpacks to far more than honest data would.
struct Capped<R> {
    inner: R,
    packed: Rc<Cell<u64>>,
    unpacked: u64,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.unpacked += n as u64;
        if self.unpacked > GROWTH_FREE_BYTES && self.unpacked / MAX_GROWTH > self.packed.get() {
            let text =
                format!("unpacks to more than {MAX_GROWTH} times its size, which only a decompression bomb does");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::csv::CsvOptions;
    use crate::export::sniff;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn lz4(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn open(bytes: &[u8], block_bytes: usize) -> io::Result<(Compression, Peekable<'_>)> {
        let opened = sniff::open(bytes, None, &CsvOptions::default(), block_bytes)?;
        Ok((opened.compression, opened.stream))
    }

    fn unpack_all(bytes: &[u8]) -> (Compression, Vec<u8>, Option<io::ErrorKind>) {
        let (compression, mut stream) = open(bytes, 128 << 20).unwrap();
        let mut out = Vec::new();
        let error = stream.read_to_end(&mut out).err().map(|e| e.kind());
        (compression, out, error)
    }

    fn bzip2(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    const EVENT: &[u8] = b"[{\"eventId\":\"A\"}]";

    /// [`EVENT`] four times, as `xz -6` packs it, with a dictionary of 8 MiB.
    const XZ: [u8; 88] = [
        0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x04, 0xe6, 0xd6, 0xb4, 0x46, 0x02, 0x00, 0x21, 0x01, 0x16, 0x00,
        0x00, 0x00, 0x74, 0x2f, 0xe5, 0xa3, 0xe0, 0x00, 0x43, 0x00, 0x19, 0x5d, 0x00, 0x2d, 0x9e, 0xc0, 0x46, 0x53,
        0xf0, 0x58, 0x0e, 0x75, 0x0d, 0xfc, 0x81, 0xf7, 0xe6, 0xa8, 0x88, 0xc2, 0xb2, 0x9c, 0x14, 0x31, 0xdd, 0xe0,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x53, 0xcc, 0x46, 0x67, 0x4f, 0x04, 0x6e, 0x8a, 0x00, 0x01, 0x35, 0x44,
        0x14, 0xf2, 0x06, 0xf3, 0x1f, 0xb6, 0xf3, 0x7d, 0x01, 0x00, 0x00, 0x00, 0x00, 0x04, 0x59, 0x5a,
    ];

    #[test]
    fn xz_streams_come_back() {
        let text = b"[{\"eventId\":\"A\"}]".repeat(4);
        assert_eq!(unpack_all(&XZ), (Compression::Xz, text.clone(), None));
        assert_eq!(unpack_all(&XZ.repeat(3)), (Compression::Xz, text.repeat(3), None));
        assert_eq!(unpack_all(&gzip(&XZ)), (Compression::Gzip, text, None));
        let (_, out, error) = unpack_all(&[&XZ[..], &XZ[..XZ.len() / 2]].concat());
        assert_eq!((out, error), (b"[{\"eventId\":\"A\"}]".repeat(4), Some(io::ErrorKind::UnexpectedEof)));
    }

    #[test]
    fn an_xz_stream_that_asks_for_more_memory_than_allowed_is_not_read() {
        // The byte that says how large the dictionary is, and the sum of the block's header.
        for (size, sum, is_read) in [(0x16, [0x74, 0x2f, 0xe5, 0xa3], true), (0x28, [0xe6, 0xa0, 0x11, 0xb3], false)] {
            let mut bytes = XZ;
            bytes[16] = size;
            bytes[20..24].copy_from_slice(&sum);
            let error = open(&bytes[..], 1 << 23)
                .and_then(|(_, mut stream)| stream.read_to_end(&mut Vec::new()))
                .map_err(|error| error.to_string());
            assert_eq!(error.is_ok(), is_read, "{error:?}");
            assert!(is_read || error.unwrap_err().contains("a higher memory limit"));
        }
    }

    proptest::proptest! {
        #[test]
        fn damage_in_xz_and_bzip2_is_an_error(at in 0usize..200, byte: u8, cut in 0usize..200) {
            for (packed, text) in [(XZ.to_vec(), EVENT.repeat(4)), (bzip2(&EVENT.repeat(40)), EVENT.repeat(40))] {
                let mut damaged = packed.clone();
                if let Some(place) = damaged.get_mut(at) {
                    *place = byte;
                }
                for bytes in [&damaged[..], &damaged[..cut.min(damaged.len())]] {
                    let Ok((compression, mut stream)) = open(bytes, 1 << 23) else { continue };
                    let mut out = Vec::new();
                    // What a check sum does not cover may be damaged without a consequence.
                    let is_whole = stream.read_to_end(&mut out).is_ok() && compression != Compression::None;
                    proptest::prop_assert!(!is_whole || out == text, "{:?}", out);
                }
            }
        }
    }

    #[test]
    fn packed_data_comes_back() {
        let text = b"[{\"eventId\":\"A\"}]".repeat(20_000);
        let members = [gzip(&text[..7]), gzip(&text[7..])].concat();
        let zstd = zstd::encode_all(&text[..], 1).unwrap();
        let frames = [zstd::encode_all(&text[..9], 1).unwrap(), zstd::encode_all(&text[9..], 1).unwrap()].concat();
        let lz4 = [lz4(&text[..9]), lz4(b""), lz4(&text[9..])].concat();
        let framed = {
            let mut encoder = snap::write::FrameEncoder::new(Vec::new());
            encoder.write_all(&text).unwrap();
            encoder.into_inner().unwrap()
        };
        let raw = snap::raw::Encoder::new().compress_vec(&text).unwrap();
        let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9][..], &zstd].concat();
        for (name, packed, compression) in [
            ("plain", text.clone(), Compression::None),
            ("gzip", gzip(&text), Compression::Gzip),
            ("gzip of two members", members, Compression::Gzip),
            ("gzip in gzip", gzip(&gzip(&text)), Compression::Gzip),
            ("zstd", zstd, Compression::Zstd),
            ("zstd of two frames", frames, Compression::Zstd),
            ("zstd behind a skippable frame", skippable, Compression::Zstd),
            ("lz4 of three frames", lz4, Compression::Lz4),
            ("bzip2", bzip2(&text), Compression::Bzip2),
            ("bzip2 of two streams", [bzip2(&text[..9]), bzip2(b""), bzip2(&text[9..])].concat(), Compression::Bzip2),
            ("framed snappy", framed, Compression::SnappyFrames),
            ("raw snappy", raw.clone(), Compression::Snappy),
            ("raw snappy in gzip", gzip(&raw), Compression::Gzip),
        ] {
            assert_eq!(unpack_all(&packed), (compression, text.clone(), None), "{name}");
        }
    }

    #[test]
    fn what_was_readable_of_a_damaged_stream_comes_first() {
        let text: Vec<u8> = (0..200_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        for packed in [gzip(&text), zstd::encode_all(&text[..], 1).unwrap()] {
            let (_, out, error) = unpack_all(&packed[..packed.len() / 2]);
            assert!(out.len() > text.len() / 3, "{}", out.len());
            assert_eq!(out, text[..out.len()]);
            assert_eq!(error, Some(io::ErrorKind::UnexpectedEof));
        }
    }

    #[test]
    fn a_bomb_ends_in_an_error() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        let zeros = vec![0u8; 1 << 20];
        for _ in 0..400 {
            encoder.write_all(&zeros).unwrap();
        }
        let bomb = encoder.finish().unwrap();
        let (_, mut stream) = open(&bomb[..], 128 << 20).unwrap();
        let error = io::copy(&mut stream, &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains("bomb"), "{error}");
    }

    #[test]
    fn a_zstd_frame_that_asks_for_more_memory_than_allowed_is_not_read() {
        // Frames of a few bytes: magic, no size, a window of 2^n bytes, and an empty last block.
        let frame = |log: u8| [0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3, 1, 0, 0];
        let read = |log: u8, block_bytes: usize| {
            let bytes = frame(log);
            let (_, mut stream) = open(&bytes[..], block_bytes).unwrap();
            stream.read_to_end(&mut Vec::new()).map_err(|error| error.to_string())
        };
        for (log, block_bytes, is_read) in [
            (27, 128 << 20, true),
            (27, usize::MAX, true),
            (28, usize::MAX, false),
            (27, 127 << 20, false),
            (26, 127 << 20, true),
            (23, 1, true),
            (24, 1, false),
        ] {
            match read(log, block_bytes) {
                Ok(_) => assert!(is_read, "{log}, {block_bytes}"),
                Err(error) => assert!(!is_read && error.contains("a higher memory limit"), "{log}: {error}"),
            }
        }
    }

    #[test]
    fn bytes_behind_a_snappy_block_are_not_lost() {
        let text = b"[{\"eventId\":\"A\"}]";
        let packed = snap::raw::Encoder::new().compress_vec(text).unwrap();
        let followed = [&packed[..], b"more"].concat();
        assert_eq!(unpack_all(&followed), (Compression::Snappy, text.to_vec(), Some(io::ErrorKind::InvalidData)));
        let zero_first = b"\0\0\0\x18ftypmp42";
        assert_eq!(unpack_all(zero_first), (Compression::None, zero_first.to_vec(), None));
    }

    #[test]
    fn an_empty_source_is_not_packed() {
        assert_eq!(unpack_all(b""), (Compression::None, Vec::new(), None));
    }
}
