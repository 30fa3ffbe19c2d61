//! Bytes through the sniffing and undoing of compression, at most a MiB of what comes out.
//!
//! Demands: how the reads are cut makes no difference; what is not packed comes out as it is; raw snappy comes out as
//! the crate `snap` unpacks it, and what that refuses ends in an error; bytes that are packed come back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::io::{self, Read, Write};
use trailql_fuzz::export::csv::CsvOptions;
use trailql_fuzz::export::decompress::Compression;
use trailql_fuzz::export::sniff::{self, SniffedStream};
use trailql_fuzz::{Cut, hash};

/// How much of what comes out is looked at.
const MOST: usize = 1 << 20;

fuzz_target!(|data: &[u8]| {
    let way = hash(data);
    let found = unpacked(data, 1 << 16);
    assert_eq!(found, unpacked(Cut::new(data, way), 1 + (way >> 40) as usize % 5000), "the reads make a difference");
    match &found {
        Ok((Compression::None, out, error)) => {
            assert_eq!(*error, None);
            assert_eq!(out, data);
            pack_and_unpack(data, way);
        }
        Ok((Compression::Snappy, out, error)) if out.len() < MOST => {
            let oracle = snap::raw::Decoder::new().decompress_vec(data);
            match oracle {
                // What was in the block may itself be packed.
                Ok(block) if !is_packed(&block) => assert_eq!((&block, None), (out, *error)),
                Ok(_) => {}
                Err(refused) => assert!(error.is_some(), "damage goes unseen: {refused}"),
            }
        }
        _ => {}
    }
});

type Unpacked = Result<(Compression, Vec<u8>, Option<io::ErrorKind>), io::ErrorKind>;

fn is_plain(head: &[u8]) -> bool {
    sniff::is_plain(head, &sniff::content(head, &CsvOptions::default()))
}

fn unpacked(packed: impl Read, step: usize) -> Unpacked {
    let opened = sniff::open(packed, None, &CsvOptions::default(), 1 << 24).map_err(|error| error.kind())?;
    let SniffedStream { compression, mut stream, .. } = opened;
    let head = stream.peek().map(<[u8]>::to_vec).unwrap_or_default();
    let (mut out, mut buffer, mut error) = (Vec::new(), vec![0; step], None);
    while out.len() < MOST {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => out.extend_from_slice(&buffer[..n]),
            Err(found) => {
                error = Some(found.kind());
                break;
            }
        }
    }
    assert!(out.starts_with(&head[..head.len().min(MOST)]), "what was looked at is read too");
    out.truncate(MOST);
    if out.len() == MOST {
        error = None;
    }
    Ok((compression, out, error))
}

fn is_packed(bytes: &[u8]) -> bool {
    !matches!(unpacked(bytes, 1 << 16), Ok((Compression::None, ..)))
}

fn pack_and_unpack(plain: &[u8], way: u64) {
    let (compression, packed) = match way % 5 {
        0 => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(plain).unwrap();
            (Compression::Gzip, encoder.finish().unwrap())
        }
        1 => (Compression::Zstd, zstd::encode_all(plain, 1).unwrap()),
        2 => {
            let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
            encoder.write_all(plain).unwrap();
            (Compression::Lz4, encoder.finish().unwrap())
        }
        3 => {
            let mut encoder = snap::write::FrameEncoder::new(Vec::new());
            encoder.write_all(plain).unwrap();
            (Compression::SnappyFrames, encoder.into_inner().unwrap())
        }
        _ => (Compression::Snappy, snap::raw::Encoder::new().compress_vec(plain).unwrap()),
    };
    // Raw snappy has no mark, and an empty frame may be no byte at all.
    let has_mark = compression != Compression::Snappy || is_plain(plain) && !is_plain(&packed);
    if has_mark && !packed.is_empty() && !plain.is_empty() {
        assert_eq!(unpacked(&packed[..], 1 << 16), Ok((compression, plain.to_vec(), None)));
        // A whole file twice over is both, one behind the other.
        if matches!(compression, Compression::Gzip | Compression::Zstd | Compression::Lz4) {
            let twice = Ok((compression, plain.repeat(2), None));
            assert_eq!(unpacked(&packed.repeat(2)[..], 1 << 16), twice);
        }
    }
}
