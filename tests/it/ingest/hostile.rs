//! Archives and packed files that say more of themselves than they hold, or that hold more than their size tells.

use super::{event, lines};
use crate::lab::{Lab, shape_of};

/// A zip of stored members, one directory entry for each name; all of them are the same bytes, held once.
fn zip(names: &[String], content: &[u8], says: u64) -> Vec<u8> {
    let crc = {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        crc.sum()
    };
    let length = (content.len() as u32).to_le_bytes();
    let mut zip = b"PK\x03\x04\x0a\0\0\0\0\0\0\0\0\0".to_vec();
    zip.extend([&crc.to_le_bytes()[..], &length, &length, &[1, 0, 0, 0], b"x", content].concat());
    let directory = zip.len() as u64;
    for name in names {
        let name_length = (name.len() as u16).to_le_bytes();
        zip.extend_from_slice(b"PK\x01\x02\x0a\0\x0a\0\0\0\0\0\0\0\0\0");
        zip.extend([&crc.to_le_bytes()[..], &length, &length, &name_length, &[0; 16], name.as_bytes()].concat());
    }
    let end = zip.len() as u64;
    // The end of a zip with more members than fit into 16 bits, where it stands, and the old one that sends there.
    zip.extend_from_slice(b"PK\x06\x06");
    zip.extend([&44_u64.to_le_bytes()[..], &[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]].concat());
    let size = if says == names.len() as u64 { end - directory } else { says.saturating_mul(46) };
    zip.extend([says, says, size, directory].into_iter().flat_map(u64::to_le_bytes));
    zip.extend([&b"PK\x06\x07\0\0\0\0"[..], &end.to_le_bytes(), &[1, 0, 0, 0]].concat());
    zip.extend([&b"PK\x05\x06\0\0\0\0"[..], &[0xff; 12], &[0, 0]].concat());
    zip
}

#[test]
fn members_of_one_name_are_all_read() {
    let lab = Lab::new();
    let names: Vec<String> = ["a.json", "b.json", "a.json"].map(str::to_owned).to_vec();
    let file = lab.file("twice.zip", zip(&names, lines(&[event("a")]).as_bytes(), 3));
    let totals = lab.ingest(&[file]).totals;
    assert_eq!((totals.read, totals.stored, totals.duplicate), (3, 1, 2));
}

/// No more than one of them is held; here it is enough that all of them are walked through.
#[test]
fn a_zip_of_many_members_is_walked_through() {
    let lab = Lab::new();
    let names: Vec<String> = (0..3_000).map(|n| format!("{n}.json")).collect();
    let file = lab.file("many.zip", zip(&names, b"[]", 3_000));
    let outcome = lab.ingest(&[file]);
    assert_eq!((outcome.totals.read, outcome.not_exports.files), (0, 0), "{:?}", outcome.rejects);
    assert_eq!(shape_of(&outcome), "no events, JSON array, in zip");
}

#[test]
fn a_zip_that_says_it_has_more_members_than_it_holds_is_read_as_far_as_it_goes() {
    for says in [3, 1 << 20, 1 << 40, u64::MAX / 46] {
        let lab = Lab::new();
        let names = ["a.json".to_owned()];
        let file = lab.file("lie.zip", zip(&names, lines(&[event("a")]).as_bytes(), says));
        let outcome = lab.ingest(&[file]);
        let totals = outcome.totals;
        assert!(totals.stored <= 1 && totals.rejected == 1, "{says}: {totals:?}");
        assert!(outcome.rejects[0].reason.contains("the source is damaged here"), "{says}: {:?}", outcome.rejects);
    }
}

/// A frame of some bytes may ask for a window of 128 MiB and more, which is held while it is unpacked.
#[test]
fn a_zstd_frame_with_a_window_beyond_the_memory_limit_is_rejected() {
    for (log, is_read) in [(23, true), (24, true), (26, false), (31, false)] {
        let lab = Lab::new();
        // One raw block: its header says that it is the last one, how it is stored, and its length.
        let content = lines(&[event("a")]);
        let block = ((content.len() as u32) << 3 | 1).to_le_bytes();
        let frame = [&[0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3][..], &block[..3], content.as_bytes()].concat();
        let file = lab.file("window.zst", frame);
        // Two threads: a source may hold 16 MiB.
        let outcome = super::oversized::ingest_with(&lab.lake(), &file, 64 << 20, false);
        let totals = outcome.totals;
        assert_eq!((totals.stored, totals.rejected), if is_read { (1, 0) } else { (0, 1) }, "{log}: {outcome:?}");
        if !is_read {
            let reason = &outcome.rejects[0].reason;
            assert!(reason.contains("a higher memory limit allows more"), "{log}: {reason}");
        }
    }
}
