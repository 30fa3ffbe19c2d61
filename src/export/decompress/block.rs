//! Blocks that are packed each for itself, as ORC has them: the file says how, and how long a block is at most.

use super::window_log;
use flate2::read::DeflateDecoder;
use std::io::{self, Cursor, Read};

/// The compression of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockPacking {
    /// Deflate without a header.
    Deflate,
    /// One frame of zstd.
    Zstd,
    /// Raw snappy.
    Snappy,
    /// Raw lz4.
    Lz4,
}

/// Unpacks a block, which ends in an error where it has more than `most` bytes.
pub fn unpack_block(packing: BlockPacking, block: &[u8], most: u64) -> io::Result<Box<dyn Read + '_>> {
    let length = usize::try_from(most).unwrap_or(usize::MAX);
    Ok(match packing {
        BlockPacking::Deflate => Box::new(AtMost { inner: DeflateDecoder::new(block), left: most }),
        BlockPacking::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(block)?;
            decoder.window_log_max(window_log(length))?;
            Box::new(AtMost { inner: decoder, left: most })
        }
        // Its length is allocated before a byte is unpacked.
        BlockPacking::Snappy if snap::raw::decompress_len(block)? > length => return Err(too_long()),
        BlockPacking::Snappy => Box::new(Cursor::new(snap::raw::Decoder::new().decompress_vec(block)?)),
        BlockPacking::Lz4 => {
            Box::new(Cursor::new(lz4_flex::block::decompress(block, length).map_err(io::Error::other)?))
        }
    })
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a block unpacks to more bytes than the file says its blocks have")
}

struct AtMost<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for AtMost<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.left = self.left.checked_sub(n as u64).ok_or_else(too_long)?;
        Ok(n)
    }
}
