//! Looks through an ORC file for what would take more memory than the limits allow, before it is read.
//!
//! The reader of ORC believes what a file says of itself: a block is unpacked to its end however far that is, the
//! length of a dictionary is allocated before it is read. A file of a few bytes could so ask for all memory there is.
//! Therefore each packed block is unpacked once to nowhere, and counted, and each length that the reader allocates is
//! compared with the limit. That costs unpacking twice, in a format that few exports come in.

use super::super::decompress::block::{BlockPacking, unpack_block};
use super::{Bounded, too_long};
use arrow::datatypes::{DataType, Schema};
use arrow::error::ArrowError;
use orc_rust::proto::stream::Kind;
use orc_rust::proto::{CompressionKind, Footer, PostScript, StripeFooter, StripeInformation};
use orc_rust::reader::ChunkReader;
use prost::Message;
use std::io::{self, Read};

/// A block of ORC has so many bytes where the file does not say otherwise.
const BLOCK_BYTES: u64 = 256 << 10;

/// Bytes that the reader allocates for each text of a dictionary, beside the text: a length and an offset.
const BYTES_OF_ENTRY: u64 = 16;

/// The sizes of a file by which the number of rows that are read at once is chosen.
pub(super) struct Measured {
    /// Most bytes that a row has, on the average of its stripe.
    pub(super) row_bytes: u64,
    /// Bytes of the longest dictionary, each text of which may come in every row.
    pub(super) dictionary_bytes: u64,
}

/// Refuses a file that has a part which is longer than `file` allows, packed or unpacked.
pub(super) fn measure(file: &Bounded) -> Result<Measured, ArrowError> {
    let most = file.block_bytes as u64;
    let end = ChunkReader::len(file);
    let tail = bytes(file, end.saturating_sub(256), end.min(256))?;
    let (length, tail) = tail.split_last().ok_or_else(|| damaged("it has no end"))?;
    let postscript = tail.len().checked_sub(usize::from(*length)).and_then(|at| tail.get(at..));
    let postscript = PostScript::decode(postscript.ok_or_else(|| damaged("its end is cut off"))?).map_err(other)?;
    let packing = Packing::of(&postscript, most)?;
    let (footer_bytes, metadata_bytes) = (postscript.footer_length(), postscript.metadata_length());
    let behind = u64::from(*length).saturating_add(1);
    let footer_at =
        end.saturating_sub(behind).checked_sub(footer_bytes).ok_or_else(|| damaged("its end is cut off"))?;
    let metadata_at = footer_at.checked_sub(metadata_bytes).ok_or_else(|| damaged("its end is cut off"))?;
    // These are decoded into structures that have many times their bytes.
    let footer = packing.unpack(&bytes(file, footer_at, footer_bytes)?, most / 32)?;
    packing.unpack(&bytes(file, metadata_at, metadata_bytes)?, most / 32)?;
    let footer = Footer::decode(footer.as_slice()).map_err(other)?;
    let mut measured = Measured { row_bytes: 0, dictionary_bytes: 0 };
    for stripe in &footer.stripes {
        measure_stripe(file, &packing, stripe, &mut measured)?;
    }
    Ok(measured)
}

fn measure_stripe(
    file: &Bounded,
    packing: &Packing,
    stripe: &StripeInformation,
    measured: &mut Measured,
) -> Result<(), ArrowError> {
    let most = file.block_bytes as u64;
    let before = stripe.index_length().saturating_add(stripe.data_length());
    let all = before.saturating_add(stripe.footer_length());
    if all > most {
        return Err(long("stripe", all, most));
    }
    let footer = bytes(file, stripe.offset().saturating_add(before), stripe.footer_length())?;
    let footer = StripeFooter::decode(packing.unpack(&footer, most / 32)?.as_slice()).map_err(other)?;
    let streams = footer.streams.iter().map(|stream| stream.length()).fold(0, u64::saturating_add);
    if streams > before {
        return Err(damaged("a stripe says that its streams are longer than it is"));
    }
    let mut at = stripe.offset();
    let mut unpacked = 0;
    for stream in &footer.streams {
        let packed = bytes(file, at, stream.length())?;
        at = at.saturating_add(stream.length());
        let length = packing.unpacked_bytes(&packed)?;
        if stream.kind() == Kind::DictionaryData {
            if length > most / 4 {
                return Err(long("dictionary", length, most / 4));
            }
            measured.dictionary_bytes = measured.dictionary_bytes.max(length);
        }
        unpacked += length;
    }
    for column in &footer.columns {
        let entries = u64::from(column.dictionary_size()) * BYTES_OF_ENTRY;
        if entries > most {
            return Err(long("dictionary", entries, most));
        }
    }
    measured.row_bytes = measured.row_bytes.max(unpacked / stripe.number_of_rows().max(1));
    Ok(())
}

/// The name of a column of lists, whose lengths cannot be known before they are allocated. No export has one.
pub(super) fn column_of_lists(schema: &Schema) -> Option<&str> {
    fn holds_list(kind: &DataType) -> bool {
        match kind {
            DataType::Struct(fields) => fields.iter().any(|field| holds_list(field.data_type())),
            kind => kind.is_nested(),
        }
    }
    schema.fields().iter().find(|field| holds_list(field.data_type())).map(|field| field.name().as_str())
}

fn bytes(file: &Bounded, at: u64, length: u64) -> Result<bytes::Bytes, ArrowError> {
    ChunkReader::get_bytes(file, at, length).map_err(ArrowError::from)
}

fn long(what: &str, bytes: u64, most: u64) -> ArrowError {
    ArrowError::ExternalError(too_long(what, bytes, usize::try_from(most).unwrap_or(usize::MAX)).into())
}

fn damaged(what: &str) -> ArrowError {
    ArrowError::ExternalError(what.into())
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> ArrowError {
    ArrowError::ExternalError(Box::new(error))
}

/// The compression of the blocks of a file.
struct Packing {
    /// `None` where streams are stored without blocks.
    packing: Option<BlockPacking>,
    /// Most bytes of an unpacked block.
    block_bytes: u64,
}

impl Packing {
    fn of(postscript: &PostScript, most: u64) -> Result<Self, ArrowError> {
        let block_bytes = postscript.compression_block_size.unwrap_or(BLOCK_BYTES);
        if block_bytes > most / 8 {
            return Err(long("packed block", block_bytes, most / 8));
        }
        let packing = match postscript.compression() {
            CompressionKind::None => None,
            CompressionKind::Zlib => Some(BlockPacking::Deflate),
            CompressionKind::Zstd => Some(BlockPacking::Zstd),
            CompressionKind::Snappy => Some(BlockPacking::Snappy),
            CompressionKind::Lz4 => Some(BlockPacking::Lz4),
            // Nothing tells how far LZO unpacks before it has been unpacked.
            CompressionKind::Lzo => return Err(damaged("it is packed with LZO, which is not read")),
        };
        Ok(Self { packing, block_bytes })
    }

    /// All that the blocks in `stream` unpack to, which must not be more than `most`.
    fn unpack(&self, stream: &[u8], most: u64) -> Result<Vec<u8>, ArrowError> {
        let mut all = Vec::new();
        self.each_block(stream, |block| {
            let room = most.saturating_sub(all.len() as u64);
            match block.take(room.saturating_add(1)).read_to_end(&mut all) {
                Ok(n) if n as u64 > room => Err(long("footer", most.saturating_add(1), most)),
                read => Ok(read.map(|_| ())?),
            }
        })?;
        Ok(all)
    }

    /// Returns the number of bytes that the blocks in `stream` unpack to.
    fn unpacked_bytes(&self, stream: &[u8]) -> Result<u64, ArrowError> {
        let mut sum = 0;
        self.each_block(stream, |block| {
            sum += io::copy(block, &mut io::sink())?;
            Ok(())
        })?;
        Ok(sum)
    }

    /// Hands over the blocks of a stream. Each stands behind three bytes, which say how long it is and whether it is
    /// packed.
    fn each_block(
        &self,
        stream: &[u8],
        mut take: impl FnMut(&mut dyn Read) -> Result<(), ArrowError>,
    ) -> Result<(), ArrowError> {
        let mut rest = stream;
        let Some(packing) = self.packing else { return take(&mut rest) };
        while let [low, middle, high, behind @ ..] = rest {
            let header = u32::from_le_bytes([*low, *middle, *high, 0]);
            let (length, is_packed) = (header as usize >> 1, header & 1 == 0);
            let (mut block, behind) = behind.split_at_checked(length).ok_or_else(|| damaged("a block is cut off"))?;
            rest = behind;
            if is_packed {
                take(&mut unpack_block(packing, block, self.block_bytes)?)?;
            } else {
                take(&mut block)?;
            }
        }
        if rest.is_empty() { Ok(()) } else { Err(damaged("a block is cut off")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::write::DeflateEncoder;
    use orc_rust::proto::column_encoding::Kind as Encoding;
    use orc_rust::proto::{ColumnEncoding, Stream};
    use std::fs::File;
    use std::io::{Seek, Write};

    const MOST: usize = 16 << 20;
    const LONG_BLOCK: &str = "a block unpacks to more bytes than the file says";

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        block(&encoder.finish().unwrap(), true)
    }

    fn block(bytes: &[u8], is_packed: bool) -> Vec<u8> {
        let header = (bytes.len() as u32) << 1 | u32::from(!is_packed);
        [&header.to_le_bytes()[..3], bytes].concat()
    }

    /// The only stripe of a file, as the file says and as it is.
    struct Hostile {
        kind: CompressionKind,
        block_bytes: u64,
        streams: Vec<(Kind, Vec<u8>)>,
        dictionary_size: u32,
        /// Added to what the footer of the stripe says of the length of its last stream.
        lie: u64,
        footer: Option<Vec<u8>>,
    }

    impl Default for Hostile {
        fn default() -> Self {
            Self {
                kind: CompressionKind::Zlib,
                block_bytes: BLOCK_BYTES,
                streams: vec![(Kind::Data, zlib(b"text"))],
                dictionary_size: 0,
                lie: 0,
                footer: None,
            }
        }
    }

    impl Hostile {
        fn file(self) -> File {
            let stored = |bytes: Vec<u8>| if self.kind == CompressionKind::None { bytes } else { block(&bytes, false) };
            let mut file = tempfile::tempfile().unwrap();
            let mut all = b"ORC".to_vec();
            let data: Vec<u8> = self.streams.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
            let last = self.streams.len() - 1;
            let streams = self.streams.iter().enumerate().map(|(n, (kind, bytes))| Stream {
                kind: Some(*kind as i32),
                column: Some(1),
                length: Some(bytes.len() as u64 + if n == last { self.lie } else { 0 }),
            });
            let column = ColumnEncoding {
                kind: Some(Encoding::DictionaryV2 as i32),
                dictionary_size: Some(self.dictionary_size),
                ..ColumnEncoding::default()
            };
            let stripe_footer =
                StripeFooter { streams: streams.collect(), columns: vec![column], ..StripeFooter::default() };
            let stripe_footer = stored(stripe_footer.encode_to_vec());
            let stripe = StripeInformation {
                offset: Some(3),
                index_length: Some(0),
                data_length: Some(data.len() as u64),
                footer_length: Some(stripe_footer.len() as u64),
                number_of_rows: Some(2),
                ..StripeInformation::default()
            };
            let footer = Footer { stripes: vec![stripe], ..Footer::default() };
            let footer = self.footer.clone().unwrap_or_else(|| stored(footer.encode_to_vec()));
            let postscript = PostScript {
                footer_length: Some(footer.len() as u64),
                compression: Some(self.kind as i32),
                compression_block_size: Some(self.block_bytes),
                metadata_length: Some(0),
                ..PostScript::default()
            };
            let postscript = postscript.encode_to_vec();
            for part in [&data, &stripe_footer, &footer, &postscript, &vec![postscript.len() as u8]] {
                all.extend_from_slice(part);
            }
            assert!(all.len() < 1 << 17, "{}", all.len());
            file.write_all(&all).unwrap();
            file.rewind().unwrap();
            file
        }
    }

    #[test]
    fn what_a_file_would_have_allocated_is_measured_first() {
        let zeros = |length: usize| vec![0; length];
        let zstd = |bytes: &[u8]| block(&zstd::encode_all(bytes, 1).unwrap(), true);
        let snappy = |bytes: &[u8]| block(&snap::raw::Encoder::new().compress_vec(bytes).unwrap(), true);
        let dictionary = |length: usize| vec![(Kind::DictionaryData, zlib(&zeros(1 << 18)).repeat(length >> 18))];
        let data = |bytes: Vec<u8>| vec![(Kind::Data, bytes)];
        let hostile = Hostile::default;
        for (name, file, expected) in [
            ("a good one", hostile(), Ok((2, 0))),
            ("not packed", Hostile { kind: CompressionKind::None, streams: data(zeros(6)), ..hostile() }, Ok((3, 0))),
            ("a dictionary", Hostile { streams: dictionary(1 << 20), ..hostile() }, Ok((1 << 19, 1 << 20))),
            (
                "a long dictionary",
                Hostile { streams: dictionary(5 << 20), ..hostile() },
                Err("a dictionary of 5242880"),
            ),
            ("many texts", Hostile { dictionary_size: u32::MAX, ..hostile() }, Err("a dictionary of 68719476720")),
            ("a zlib bomb", Hostile { streams: data(zlib(&zeros(20 << 20))), ..hostile() }, Err(LONG_BLOCK)),
            (
                "a zstd bomb",
                Hostile { kind: CompressionKind::Zstd, streams: data(zstd(&zeros(20 << 20))), ..hostile() },
                Err(LONG_BLOCK),
            ),
            (
                "a snappy bomb",
                Hostile { kind: CompressionKind::Snappy, streams: data(snappy(&zeros(1 << 20))), ..hostile() },
                Err(LONG_BLOCK),
            ),
            (
                "a snappy block that only says so",
                Hostile {
                    kind: CompressionKind::Snappy,
                    streams: data(block(&[0xff, 0xff, 0xff, 0xff, 0x0f], true)),
                    ..hostile()
                },
                Err(LONG_BLOCK),
            ),
            (
                "long blocks",
                Hostile { kind: CompressionKind::Lz4, block_bytes: 1 << 40, ..hostile() },
                Err("a packed block of 1099511627776"),
            ),
            ("LZO", Hostile { kind: CompressionKind::Lzo, ..hostile() }, Err("LZO")),
            ("a footer", Hostile { footer: Some(zlib(&zeros(1 << 18)).repeat(3)), ..hostile() }, Err("a footer of")),
            ("streams beyond the stripe", Hostile { lie: 1, ..hostile() }, Err("streams are longer")),
            ("a block cut off", Hostile { streams: data(vec![9, 0, 0, 1]), ..hostile() }, Err("cut off")),
            ("a header cut off", Hostile { streams: data(vec![9]), ..hostile() }, Err("cut off")),
        ] {
            let measured = measure(&Bounded { file: file.file(), block_bytes: MOST });
            match (measured, expected) {
                (Ok(found), Ok(expected)) => assert_eq!((found.row_bytes, found.dictionary_bytes), expected, "{name}"),
                (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{name}: {error}"),
                (found, expected) => panic!("{name}: {:?} and not {expected:?}", found.map(|found| found.row_bytes)),
            }
        }
    }
}
