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
    Dialect {
        delimiter: b',',
        quote: b'"',
        line_feed: None,
        columns: Vec::new(),
        has_header: false,
        escapes: false,
        lines_before: 0,
    }
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

/// Columns, lines before the header, and whether backslashes stand before quotes.
#[test]
fn dialects_with_lines_before_the_header() {
    let table = "eventId,eventName,eventTime\nA,x,2026\n";
    for (text, expected) in [
        (table.to_owned(), Some(("eventId eventName eventTime", 0, false))),
        (format!("sep=,\r\n{table}"), Some(("eventId eventName eventTime", 1, false))),
        (format!("\u{feff}SEP=;\n{}", table.replace(',', ";")), Some(("eventId eventName eventTime", 1, false))),
        (format!("sep=\t\n{}", table.replace(',', "\t")), Some(("eventId eventName eventTime", 1, false))),
        (format!("Events of November\n\n{table}"), Some(("eventId eventName eventTime", 2, false))),
        (format!("sep=,\nEvents, of November\n{table}"), Some(("eventId eventName eventTime", 2, false))),
        (format!("{}{table}", "a line\n".repeat(21)), None),
        (
            "note,eventId,eventTime,note,note\n1,A,x,2,3\n".to_owned(),
            Some(("note eventId eventTime note_1 note_2", 0, false)),
        ),
        ("eventId,event\nA,\"{\\\"eventId\\\":\\\"A, b\\\"}\"\n".to_owned(), Some(("eventId event", 0, true))),
        ("eventId,event\nA,\"{\"\"eventId\"\":\"\"A\\\"\" b\"\"}\"\n".to_owned(), Some(("eventId event", 0, false))),
    ] {
        let found = dialect::sniff(text.as_bytes(), &CsvOptions::default());
        let found = found.map(|d| (d.columns.join(" "), d.lines_before, d.escapes));
        assert_eq!(found, expected.map(|(columns, lines, escapes)| (columns.to_owned(), lines, escapes)), "{text}");
    }
}

#[test]
fn backslashes_before_quotes_are_none_of_the_text() {
    let dialect = Dialect { escapes: true, ..plain() };
    for (row, cells) in [
        (r#"a,"b\"c\\d\u4e8b,""#, vec!["a", "b\"c\\d\\u4e8b,"]),
        (r#""{\"x\":\"1, 2\"}","y""z""#, vec![r#"{"x":"1, 2"}"#, "y\"z"]),
        (r#"a\b,"#, vec!["a\\b", ""]),
    ] {
        let mut rows = Rows::new(row.as_bytes(), &dialect, Some(2), 1 << 20);
        let Some(Row::Cells { cells: found, .. }) = rows.next_row() else { panic!("{row}") };
        assert_eq!(found.texts().collect::<Vec<_>>(), cells, "{row}");
        assert!(dialect.is_well_quoted(row.as_bytes()), "{row}");
    }
}

/// Trying all numbers anew for each of them took seconds for a header, and for each row that looks like one.
#[test]
fn names_that_repeat_get_a_number_each() {
    let names = ["eventId", "eventName"].into_iter().chain(std::iter::repeat_n("eventTime", 4000)).collect::<Vec<_>>();
    let dialect = dialect::sniff(names.join(",").as_bytes(), &CsvOptions::default()).unwrap();
    assert_eq!(dialect.columns.len(), names.len());
    assert_eq!(dialect.columns.iter().collect::<std::collections::HashSet<_>>().len(), names.len());
    assert_eq!(dialect.columns.last().map(String::as_str), Some("eventTime_3999"));
}

#[test]
fn headers_are_known_among_rows() {
    let columns: Vec<String> = ["eventId", "eventName", "note"].map(str::to_owned).to_vec();
    for (row, expected) in [
        (&["eventId", "eventName", "note"][..], Some("eventId eventName note")),
        (&["\u{feff}EVENTID", "eventname", " note "], Some("eventId eventName note")),
        (&["eventTime", "eventName", "eventId"], Some("eventTime eventName eventId")),
        (&["A", "x", "y"], None),
        (&["eventId", "x", "y"], None),
        (&["", "", ""], None),
        (&[], None),
    ] {
        let found = plain().header(row.iter().map(|cell| Cow::Borrowed(*cell)), &columns);
        assert_eq!(found.map(|names| names.join(" ")).as_deref(), expected, "{row:?}");
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
