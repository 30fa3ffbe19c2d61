//! CSV cases: dialects, and rows read whole and a few bytes at a time.

use super::*;
use proptest::prelude::*;

struct Steps<'a>(&'a [u8], usize);

impl Read for Steps<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let n = self.1.min(buf.len()).min(self.0.len());
        buf[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

fn plain() -> Dialect {
    Dialect { delimiter: b',', quote: b'"', line_feed: None, columns: Vec::new(), has_header: false }
}

/// Rows as short texts: cells with `|` between them, a broken one as `!reason: bytes`.
fn rows(text: &[u8], columns: Option<usize>, step: usize, limit: usize) -> Vec<String> {
    let mut rows = Rows::new(Steps(text, step), &plain(), columns, limit);
    let mut found = Vec::new();
    while let Some(row) = rows.next_row() {
        found.push(match row {
            Row::Cells { cells, bytes, offset } => {
                assert_eq!(&text[offset as usize..offset as usize + bytes.len()], bytes);
                cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect::<Vec<_>>().join("|")
            }
            Row::Broken { bytes, offset, reason, .. } => {
                assert_eq!(&text[offset as usize..offset as usize + bytes.len()], bytes);
                format!("!{reason}: {}", String::from_utf8_lossy(bytes))
            }
        });
        assert!(found.len() <= text.len() + 1, "reading goes on for ever");
    }
    found
}

fn check(text: &str, columns: usize, expected: &[&str]) {
    for step in [1, 3, 1 << 20] {
        assert_eq!(rows(text.as_bytes(), Some(columns), step, 1 << 20), expected, "{text:?} by {step}");
    }
}

#[test]
fn good_rows() {
    check("", 2, &[]);
    check("a,b\nc,d", 2, &["a|b", "c|d"]);
    check("a,b\r\n\r\nc,\"d \"\"x\"\"\ny\"\r\n", 2, &["a|b", "c|d \"x\"\ny"]);
    check("\u{feff}a\nb", 1, &["a", "b"]);
}

const UNCLOSED: &str = "!a cell is not closed";

#[test]
fn one_broken_row_does_not_take_the_others_with_it() {
    check("a,b\nc\nd,e", 2, &["a|b", "!1 cells where there are 2 columns: c", "d|e"]);
    check("a,\"{\"\"x\nc,\"{\"\"y\"\"}\"\nd,e", 2, &[&format!("{UNCLOSED}: a,\"{{\"\"x"), "c|{\"y\"}", "d|e"]);
    check("a,\"x\nc,d\ne,f", 2, &[&format!("{UNCLOSED}: a,\"x"), "c|d", "e|f"]);
    check("a,b\n \r\nc,d", 2, &["a|b", "!1 cells where there are 2 columns:  ", "c|d"]);
    check("a,b\n\r\n\"x\nc,d\n", 2, &["a|b", &format!("{UNCLOSED}: \"x"), "c|d"]);
}

#[test]
fn a_row_beyond_the_limit_is_passed_over() {
    let text = format!("a,b\n{},c\nd,e\n", "x".repeat(600_000));
    let found = rows(text.as_bytes(), Some(2), 1 << 20, 1000);
    assert_eq!(found.len(), 3);
    assert!(found[1].starts_with("!the record is longer than 1000 bytes: xxx"), "{}", &found[1][..60]);
    assert_eq!(found[2], "d|e");
}

#[test]
fn dialects() {
    let event = r#"{""eventId"":""A"",""eventTime"":""2026-11-03T01:39:09Z""}"#;
    let bare = event.replace("\"\"", "\"");
    for (text, options, expected) in [
        (
            format!("__topic__,__source__,__time__,event\nt,,1751852386,\"{event}\"\n"),
            CsvOptions::default(),
            Some((b',', b'"', "__topic__ __source__ __time__ event", true)),
        ),
        (format!("event\n\"{event}\"\n"), CsvOptions::default(), Some((b',', b'"', "event", true))),
        (
            format!("actiontrail_audit_event|-|1751852386|\"{event}\"\n"),
            CsvOptions::default(),
            Some((b'|', b'"', "__topic__ column_2 __time__ event", false)),
        ),
        (format!("1751852386 '{bare}'\n"), CsvOptions::default(), Some((b' ', b'\'', "__time__ event", false))),
        (format!("x;{bare}\n"), CsvOptions::default(), Some((b';', b'"', "column_1 event", false))),
        (
            "TimeGenerated [UTC]\tEventId\tEventTime\r\nx\tA\t2026\r\n".to_owned(),
            CsvOptions::default(),
            Some((b'\t', b'"', "TimeGenerated [UTC] EventId EventTime", true)),
        ),
        (
            "eventId,eventName,eventTime\n".to_owned(),
            CsvOptions::default(),
            Some((b',', b'"', "eventId eventName eventTime", true)),
        ),
        (
            "A,RunInstances\n".to_owned(),
            CsvOptions { columns: Some(vec!["eventId".into(), "eventName".into()]), ..CsvOptions::default() },
            Some((b',', b'"', "eventId eventName", false)),
        ),
        ("id,name\n1,x\n".to_owned(), CsvOptions::default(), None),
        ("Event log of November\nnothing happened on any day\n".to_owned(), CsvOptions::default(), None),
        ("eventId,eventName and so on\n".to_owned(), CsvOptions::default(), None),
    ] {
        let found = dialect::sniff(text.as_bytes(), &options);
        let found = found.map(|d| (d.delimiter, d.quote, d.columns.join(" "), d.has_header));
        assert_eq!(found, expected.map(|(d, q, columns, header)| (d, q, columns.to_owned(), header)), "{text}");
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(prop_oneof![
        5 => proptest::sample::select(b"\",\n\r a{}".to_vec()), 1 => any::<u8>()
    ], 0..200), step in 1usize..9) {
        prop_assert_eq!(rows(&bytes, Some(2), step, 1 << 20), rows(&bytes, Some(2), 1 << 20, 1 << 20));
        rows(&bytes, Some(2), step, 64);
    }
}
