//! Turns UTF-16 into UTF-8 while it is read: PowerShell writes UTF-16 wherever output is redirected into a file.

use std::io::{self, Read};

/// The order of the two bytes of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endian {
    /// Low byte first.
    Little,
    /// High byte first.
    Big,
}

impl Endian {
    /// The order that the byte order mark at the beginning of a text says.
    pub fn of_mark(head: &[u8]) -> Option<Self> {
        match head {
            [0xff, 0xfe, ..] => Some(Endian::Little),
            [0xfe, 0xff, ..] => Some(Endian::Big),
            _ => None,
        }
    }

    /// The order of a text without a mark that begins with a few characters of ASCII.
    pub fn of_text(head: &[u8]) -> Option<Self> {
        let is_ascii = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
        let pairs = || head.as_chunks::<2>().0.iter().take(ASCII_UNITS);
        if pairs().count() < ASCII_UNITS {
            None
        } else if pairs().all(|[low, high]| *high == 0 && is_ascii(low)) {
            Some(Endian::Little)
        } else if pairs().all(|[high, low]| *high == 0 && is_ascii(low)) {
            Some(Endian::Big)
        } else {
            None
        }
    }
}

/// Number of characters that tell of the order of the bytes.
const ASCII_UNITS: usize = 4;

/// Reads UTF-16 as UTF-8. Half a surrogate pair becomes U+FFFD, and so does an odd byte at the end.
pub struct Utf16Reader<R> {
    units: R,
    endian: Endian,
    chunk: Vec<u8>,
    text: Vec<u8>,
    given: usize,
}

impl<R: Read> Utf16Reader<R> {
    /// Reads `units`, which may begin with a byte order mark.
    pub fn new(units: R, endian: Endian) -> Self {
        Self { units, endian, chunk: Vec::new(), text: Vec::new(), given: 0 }
    }

    /// Converts the next chunk; `text` stays empty at the end.
    fn convert(&mut self) -> io::Result<()> {
        self.text.clear();
        self.given = 0;
        while self.text.is_empty() {
            if self.units.by_ref().take(32 << 10).read_to_end(&mut self.chunk)? == 0 {
                if !self.chunk.is_empty() {
                    self.text.extend_from_slice("\u{fffd}".as_bytes());
                    self.chunk.clear();
                }
                return Ok(());
            }
            let mut whole = self.chunk.len() / 2 * 2;
            let unit = |pair: &[u8]| match (pair, self.endian) {
                ([a, b], Endian::Little) => u16::from_le_bytes([*a, *b]),
                ([a, b], Endian::Big) => u16::from_be_bytes([*a, *b]),
                _ => 0xfffd,
            };
            // The first half of a pair waits for its second.
            let ends_in_half = |end: usize| end >= 2 && (0xd800..0xdc00).contains(&unit(&self.chunk[end - 2..end]));
            if ends_in_half(whole) && whole > 2 {
                whole -= 2;
            }
            let mut buffer = [0; 4];
            for decoded in char::decode_utf16(self.chunk[..whole].chunks_exact(2).map(unit)) {
                let decoded = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
                self.text.extend_from_slice(decoded.encode_utf8(&mut buffer).as_bytes());
            }
            self.chunk.drain(..whole);
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf16Reader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() && !buf.is_empty() {
            self.convert()?;
        }
        let ready = &self.text[self.given..];
        let n = ready.len().min(buf.len());
        buf[..n].copy_from_slice(&ready[..n]);
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_becomes_utf8() {
        let text = "\u{feff}[{\"name\":\"中文 \u{1f600}\"}]\r\n".repeat(4000);
        for endian in [Endian::Little, Endian::Big] {
            let bytes: Vec<u8> = text
                .encode_utf16()
                .flat_map(|unit| if endian == Endian::Little { unit.to_le_bytes() } else { unit.to_be_bytes() })
                .collect();
            assert_eq!(Endian::of_mark(&bytes), Some(endian));
            let mut out = String::new();
            Utf16Reader::new(&bytes[..], endian).read_to_string(&mut out).unwrap();
            assert_eq!(out, text);
        }
    }

    #[test]
    fn halves_are_replaced() {
        for (bytes, expected) in
            [(&[0x00u8, 0xd8][..], "\u{fffd}"), (&[b'a', 0, 9], "a\u{fffd}"), (&[0, 0xd8, b'a', 0], "\u{fffd}a")]
        {
            let mut out = String::new();
            Utf16Reader::new(bytes, Endian::Little).read_to_string(&mut out).unwrap();
            assert_eq!(out, expected, "{bytes:?}");
        }
    }
}
