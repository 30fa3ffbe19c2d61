//! Undoes raw snappy, the form in which SLS ships to OSS, as a stream.
//!
//! Raw snappy is one block for a whole object, and has neither a magic number nor checksums: the unpacked length comes
//! first, then literals and copies of what came before. The crates that know it want both sides of the block in memory,
//! which for an object of 256 MB no limit allows. Every encoder in use compresses 64 KiB at a time, so no copy reaches
//! further back than that; with [`WINDOW`] bytes kept, a block of any size streams.

use std::io::{self, BufRead, Read};

/// Bytes that a copy may reach back. Encoders stay below 64 KiB.
const WINDOW: usize = 1 << 20;

/// Unpacked bytes are handed out when so many have gathered.
const CHUNK: usize = 64 << 10;

/// Reads one raw snappy block.
pub(super) struct RawDecoder<R> {
    packed: io::BufReader<R>,
    /// Unpacked bytes: what copies may refer to, then from `handed_out` on what was not read yet.
    unpacked: Vec<u8>,
    handed_out: usize,
    /// Bytes that the block still has to unpack to; `None` before its header was read.
    left: Option<u64>,
    /// Bytes of a literal that have not come yet.
    literal: u64,
}

impl<R: Read> RawDecoder<R> {
    pub(super) fn new(packed: R) -> Self {
        let packed = io::BufReader::with_capacity(CHUNK, packed);
        Self { packed, unpacked: Vec::new(), handed_out: 0, left: None, literal: 0 }
    }

    /// Returns `true` if the block was unpacked to its end.
    pub(super) fn is_complete(&self) -> bool {
        self.left == Some(0)
    }

    fn number<const N: usize>(&mut self, bytes: usize) -> io::Result<u64> {
        let mut little_endian = [0; N];
        self.packed.read_exact(&mut little_endian[..bytes])?;
        Ok(little_endian.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    }

    /// The length in the header: seven bits a byte, lowest first, at most 32 bits.
    fn header(&mut self) -> io::Result<u64> {
        let mut length = 0;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.number::<1>(1)?;
            length |= (byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return if length <= u64::from(u32::MAX) { Ok(length) } else { Err(damaged("its length")) };
            }
        }
        Err(damaged("its length"))
    }

    /// Unpacks until a chunk has gathered or the block ends.
    fn gather(&mut self) -> io::Result<()> {
        if self.unpacked.len() > WINDOW + CHUNK {
            self.unpacked.drain(..self.unpacked.len() - WINDOW);
        }
        self.handed_out = self.unpacked.len();
        let mut left = match self.left {
            Some(left) => left,
            None => self.header()?,
        };
        while left > 0 && self.unpacked.len() - self.handed_out < CHUNK {
            if self.literal == 0 {
                self.element(&mut left)?;
            } else {
                let wanted = self.literal.min(CHUNK as u64);
                let got = self.packed.by_ref().take(wanted).read_to_end(&mut self.unpacked)? as u64;
                self.literal -= got;
                left -= got;
                if got < wanted {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            self.left = Some(left);
        }
        self.left = Some(left);
        Ok(())
    }

    /// Reads the tag of a literal, or a whole copy.
    fn element(&mut self, left: &mut u64) -> io::Result<()> {
        let tag = self.number::<1>(1)?;
        let upper = tag >> 2;
        let (offset, length) = match tag & 3 {
            0 => {
                let length = match upper {
                    60..=63 => self.number::<4>(upper as usize - 59)?,
                    _ => upper,
                };
                self.literal = length + 1;
                return if self.literal <= *left { Ok(()) } else { Err(damaged("a literal")) };
            }
            1 => ((tag >> 5) << 8 | self.number::<1>(1)?, (upper & 7) + 4),
            2 => (self.number::<2>(2)?, upper + 1),
            _ => (self.number::<4>(4)?, upper + 1),
        };
        let from = usize::try_from(offset).ok().and_then(|offset| self.unpacked.len().checked_sub(offset));
        match from {
            Some(from) if offset > 0 && length <= *left => {
                // A copy may run into what it has just written.
                for at in from..from + length as usize {
                    self.unpacked.push(self.unpacked[at]);
                }
                *left -= length;
                Ok(())
            }
            _ => Err(damaged("a copy")),
        }
    }
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the snappy block is damaged: {what} is impossible"))
}

impl<R: Read> Read for RawDecoder<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.handed_out == self.unpacked.len() && !buf.is_empty() {
            if !self.is_complete() {
                self.gather()?;
            } else if !self.packed.fill_buf()?.is_empty() {
                let text = "bytes follow behind the end of the snappy block";
                return Err(io::Error::new(io::ErrorKind::InvalidData, text));
            }
        }
        let ready = &self.unpacked[self.handed_out..];
        let n = ready.len().min(buf.len());
        buf[..n].copy_from_slice(&ready[..n]);
        self.handed_out += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unpack(packed: &[u8]) -> (Vec<u8>, Option<io::ErrorKind>) {
        let mut out = Vec::new();
        let error = RawDecoder::new(packed).read_to_end(&mut out).err().map(|error| error.kind());
        (out, error)
    }

    #[test]
    fn what_snap_packs_comes_back() {
        let long: Vec<u8> = (0..600_000u32)
            .flat_map(|n| format!("{{\"eventId\":\"{}\"}}", n.wrapping_mul(n) % 977).into_bytes())
            .collect();
        for bytes in [&b""[..], b"a", b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &long] {
            let packed = snap::raw::Encoder::new().compress_vec(bytes).unwrap();
            assert_eq!(unpack(&packed), (bytes.to_vec(), None));
        }
    }

    #[test]
    fn damage_is_an_error() {
        let text = b"[{\"eventId\":\"A\"},{\"eventId\":\"B\"}]".repeat(9_000);
        let packed = snap::raw::Encoder::new().compress_vec(&text).unwrap();
        let (out, error) = unpack(&packed[..packed.len() / 2]);
        assert_eq!(error, Some(io::ErrorKind::UnexpectedEof));
        assert_eq!(out, text[..out.len()]);
        for wrong in
            [&[0xff; 9][..], &[4, 0x01, 1], &[4, 0xfc, 0xff, 0xff, 0xff, 0xff], &[2, 0x0c, b'a'], &[1, 0, b'a', b'b']]
        {
            assert_eq!(unpack(wrong).1, Some(io::ErrorKind::InvalidData), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            unpack(&bytes);
            let packed = snap::raw::Encoder::new().compress_vec(&bytes).unwrap();
            prop_assert_eq!(unpack(&packed), (bytes, None));
        }
    }
}
