//! NUL bytes in text: what a crash leaves of a file, and what a file has that was given its size before its content.

use super::event;
use crate::lab::Lab;

/// Reads a file of one event a line, or of what `write` makes of the lines.
fn check(name: &str, content: Vec<u8>, stored: u64, rejects: &[&str]) {
    let lab = Lab::new();
    lab.file("in/a", content);
    let outcome = lab.ingest(&[lab.path("in")]);
    let reasons: Vec<&str> = outcome.rejects.iter().map(|reject| reject.reason.as_str()).collect();
    assert_eq!((outcome.totals.stored, reasons.len()), (stored, rejects.len()), "{name}: {reasons:?}");
    for (reason, expected) in reasons.iter().zip(rejects) {
        assert!(reason.contains(expected), "{name}: {reason}");
    }
}

#[test]
fn records_around_a_hole_are_read() {
    let line = |n: usize| event(&format!("e{n}")).to_string().into_bytes();
    let nul = |n: usize| vec![0; n];
    let (a, b, c, d) = (line(1), line(2), line(3), line(4));
    let part = |bytes: &[u8], range: std::ops::Range<usize>| bytes[range].to_vec();
    let hole = "NUL bytes stand in it";
    let end = |bytes: &[u8]| bytes.len();
    for n in [1, 511, 4096, 100_000] {
        let lines = |parts: &[Vec<u8>]| parts.concat();
        let feed = || b"\n".to_vec();
        check("behind", lines(&[a.clone(), feed(), b.clone(), feed(), nul(n)]), 2, &[]);
        check("before", lines(&[nul(n), a.clone(), feed(), b.clone(), feed()]), 2, &[]);
        check("between", lines(&[a.clone(), feed(), nul(n), b.clone(), feed(), nul(n), feed(), c.clone()]), 3, &[]);
        check(
            "in a record",
            lines(&[a.clone(), feed(), part(&b, 0..50), nul(n), part(&b, 90..end(&b)), feed(), c.clone(), feed()]),
            2,
            &[hole],
        );
        check(
            "from a record into another",
            lines(&[a.clone(), feed(), part(&b, 0..50), nul(n), part(&c, 90..end(&c)), feed(), d.clone(), feed()]),
            2,
            &[hole],
        );
        check(
            "up to the beginning of a record",
            lines(&[part(&a, 0..50), nul(n), b.clone(), feed(), c.clone()]),
            2,
            &[hole],
        );
        check(
            "from the end of a line into a record",
            lines(&[a.clone(), feed(), nul(n), part(&b, 40..end(&b)), feed(), c.clone()]),
            2,
            &["not a JSON object"],
        );
        check("at the end of a record", lines(&[a.clone(), feed(), part(&b, 0..50), nul(n)]), 1, &[hole]);
        check(
            "in an element of an array",
            lines(&[
                b"[".to_vec(),
                a.clone(),
                b",".to_vec(),
                part(&b, 0..50),
                nul(n),
                part(&b, 90..end(&b)),
                b",".to_vec(),
                c.clone(),
                b"]".to_vec(),
            ]),
            2,
            &[hole],
        );
    }
}

#[test]
fn rows_around_a_hole_are_read() {
    let header = "eventId,eventName,eventTime\n";
    let row = |id: &str| format!("{id},DescribeInstances,2026-11-03T10:00:00Z\n");
    let nul = "\0".repeat(4096);
    for (name, text, stored, rejects) in [
        ("before, between and behind", format!("{nul}{header}{nul}{}{nul}{}{nul}", row("a"), row("b")), 2, &[][..]),
        ("in a row", format!("{header}{}b,x{nul}y,z\n{}", row("a"), row("c")), 2, &["NUL bytes stand in it"]),
    ] {
        check(name, text.into_bytes(), stored, rejects);
    }
}

/// Text in UTF-16 has a NUL byte in each character, and programs have them anywhere.
#[test]
fn other_data_with_nul_bytes_is_known() {
    let text = format!("[{}]", event("a"));
    check("UTF-16 without a mark", text.encode_utf16().flat_map(u16::to_le_bytes).collect(), 1, &[]);
    check("UTF-16 with high bytes first", text.encode_utf16().flat_map(u16::to_be_bytes).collect(), 1, &[]);
    for data in
        [&b"\x7fELF\x02\0\0\0"[..], b"\0\0\0\x18ftypmp42\0\0", b"\0\x05\x16\x07\0\x02\0\0Mac OS X", b"abc\0def\0"]
    {
        let lab = Lab::new();
        lab.file("in/a", data);
        let outcome = lab.ingest(&[lab.path("in")]);
        assert_eq!((outcome.totals.read, outcome.not_exports.files), (0, 1), "{data:?}: {outcome:?}");
    }
}
