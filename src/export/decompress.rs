//! Sniffs and undoes compression; the only place that unpacks what a user brings.
//!
//! Everything is streamed, so a bomb costs time but no memory; [`Capped`] ends it where a stream grows more than any
//! honest export does. gzip may hold several members and zstd several frames back to back; all of them are read.

use flate2::read::MultiGzDecoder;
use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

/// How a source is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not packed.
    None,
    /// gzip, one or more members.
    Gzip,
    /// zstd, one or more frames.
    Zstd,
}

impl Compression {
    /// Name in the column `shape`.
    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "not packed",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        }
    }

    fn sniff(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
            // A skippable frame may come first; its magic number is 0x184D2A50 to 0x184D2A5F.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            _ => Compression::None,
        }
    }
}

/// How many bytes are looked at to tell what a source is.
const HEAD_BYTES: u64 = 64 << 10;

/// How often packed data may be packed again (a gzip that was uploaded with gzip encoding, say).
const MAX_LAYERS: usize = 3;

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
        let mut head = Vec::new();
        // An error here belongs behind the bytes that could be read before it.
        let failed = rest.by_ref().take(HEAD_BYTES).read_to_end(&mut head).err();
        Self { head: Cursor::new(head), rest, failed }
    }

    /// The first bytes, up to 64 KiB; an error only where there is not a single one.
    pub fn peek(&mut self) -> io::Result<&[u8]> {
        match self.failed.take() {
            Some(error) if self.head.get_ref().is_empty() => Err(error),
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

/// Undoes the compression of `input`, and tells which it was (the outermost one).
pub fn unpack<'a>(input: impl Read + 'a) -> io::Result<(Compression, Peekable<'a>)> {
    let mut stream = Peekable::new(Box::new(input));
    let mut outermost = Compression::None;
    for _ in 0..MAX_LAYERS {
        let compression = Compression::sniff(stream.peek()?);
        if outermost == Compression::None {
            outermost = compression;
        }
        let packed = Counted { inner: stream, count: Rc::default() };
        let count = Rc::clone(&packed.count);
        let unpacked: Box<dyn Read + 'a> = match compression {
            Compression::None => return Ok((outermost, packed.inner)),
            Compression::Gzip => Box::new(MultiGzDecoder::new(packed)),
            Compression::Zstd => Box::new(zstd::stream::read::Decoder::new(packed)?),
        };
        stream = Peekable::new(Box::new(Capped { inner: unpacked, packed: count, unpacked: 0 }));
    }
    Ok((outermost, stream))
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
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpack_all(bytes: &[u8]) -> (Compression, Vec<u8>, Option<io::ErrorKind>) {
        let (compression, mut stream) = unpack(bytes).unwrap();
        let mut out = Vec::new();
        let error = stream.read_to_end(&mut out).err().map(|e| e.kind());
        (compression, out, error)
    }

    #[test]
    fn packed_data_comes_back() {
        let text = b"[{\"eventId\":\"A\"}]".repeat(20_000);
        let members = [gzip(&text[..7]), gzip(&text[7..])].concat();
        let zstd = zstd::encode_all(&text[..], 1).unwrap();
        let frames = [zstd::encode_all(&text[..9], 1).unwrap(), zstd::encode_all(&text[9..], 1).unwrap()].concat();
        let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9][..], &zstd].concat();
        for (name, packed, compression) in [
            ("plain", text.clone(), Compression::None),
            ("gzip", gzip(&text), Compression::Gzip),
            ("gzip of two members", members, Compression::Gzip),
            ("gzip in gzip", gzip(&gzip(&text)), Compression::Gzip),
            ("zstd", zstd, Compression::Zstd),
            ("zstd of two frames", frames, Compression::Zstd),
            ("zstd behind a skippable frame", skippable, Compression::Zstd),
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
        let (_, mut stream) = unpack(&bomb[..]).unwrap();
        let error = io::copy(&mut stream, &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains("bomb"), "{error}");
    }

    #[test]
    fn an_empty_source_is_not_packed() {
        assert_eq!(unpack_all(b""), (Compression::None, Vec::new(), None));
    }
}
