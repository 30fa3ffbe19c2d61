//! Writers of the containers that exports come in.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, Int32Array, StringArray};
use arrow::record_batch::RecordBatch;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

pub(super) fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn snappy(bytes: &[u8]) -> Vec<u8> {
    snap::raw::Encoder::new().compress_vec(bytes).unwrap()
}

pub(super) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (n, (name, bytes)) in members.iter().enumerate() {
        let method = if n % 2 == 0 { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
        writer.start_file(*name, zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The first member marked as encrypted, in its own header and in the directory at the end.
pub(super) fn encrypted(zip: &[u8]) -> Vec<u8> {
    let mut zip = zip.to_vec();
    let directory = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    zip[6] |= 1;
    zip[directory + 8] |= 1;
    zip
}

pub(super) fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        // Set by hand: the crate refuses names that lead out of a folder, which a hostile archive has all the same.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(super) fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// A column of texts, some of them null.
pub(super) type Column<'n> = (&'n str, Vec<Option<String>>);

/// How the pages of a Parquet file are packed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Packed {
    None,
    Snappy,
    Gzip,
    Zstd,
}

/// Parquet as SLS writes it: `__time__` is an int32, texts are plain bytes that nobody says are UTF-8.
pub(super) fn parquet(columns: &[Column<'_>], packed: Packed) -> Vec<u8> {
    let batch = batch(columns, |texts| Arc::new(BinaryArray::from_iter(texts.iter().map(Option::as_deref))));
    let compression = match packed {
        Packed::None => Compression::UNCOMPRESSED,
        Packed::Snappy => Compression::SNAPPY,
        Packed::Gzip => Compression::GZIP(GzipLevel::default()),
        Packed::Zstd => Compression::ZSTD(ZstdLevel::default()),
    };
    let properties =
        WriterProperties::builder().set_compression(compression).set_max_row_group_row_count(Some(20)).build();
    let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

pub(super) fn orc(columns: &[Column<'_>], packed: Option<orc_rust::compression::CompressionType>) -> Vec<u8> {
    let batch = batch(columns, |texts| Arc::new(StringArray::from_iter(texts.iter().map(Option::as_deref))));
    let mut bytes = Vec::new();
    let mut builder = orc_rust::ArrowWriterBuilder::new(&mut bytes, batch.schema());
    if let Some(packed) = packed {
        builder = builder.with_compression(packed);
    }
    let mut writer = builder.try_build().unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn batch(columns: &[Column<'_>], text: impl Fn(&[Option<String>]) -> ArrayRef) -> RecordBatch {
    let array = |(name, texts): &Column<'_>| -> (String, ArrayRef, bool) {
        let array = if *name == "__time__" {
            let numbers = texts.iter().map(|text| text.as_ref().map(|text| text.parse::<i32>().unwrap()));
            Arc::new(numbers.collect::<Int32Array>())
        } else {
            text(texts)
        };
        ((*name).to_owned(), array, true)
    };
    RecordBatch::try_from_iter_with_nullable(columns.iter().map(array)).unwrap()
}

/// CSV with a backslash before each quote and backslash of a cell.
pub(super) fn escaped_csv(rows: &[Vec<String>]) -> Vec<u8> {
    let cell = |cell: &String| format!("\"{}\"", cell.replace('\\', "\\\\").replace('"', "\\\""));
    let row = |row: &Vec<String>| row.iter().map(cell).collect::<Vec<_>>().join(",") + "\n";
    rows.iter().map(row).collect::<String>().into_bytes()
}

/// CSV with these bytes between and around cells; cells are quoted where they must be.
pub(super) fn csv(rows: &[Vec<String>], delimiter: char, quote: char, line_feed: &str) -> Vec<u8> {
    let cell = |cell: &String| {
        if cell.contains([delimiter, quote, '\n', '\r', '{', ' ']) {
            format!("{quote}{}{quote}", cell.replace(quote, &format!("{quote}{quote}")))
        } else {
            cell.clone()
        }
    };
    let row = |row: &Vec<String>| row.iter().map(cell).collect::<Vec<_>>().join(&delimiter.to_string()) + line_feed;
    rows.iter().map(row).collect::<String>().into_bytes()
}
