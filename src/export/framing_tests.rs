//! Framing cases, each read whole and a few bytes at a time.

use super::*;
use proptest::prelude::*;

/// Hands out at most `step` bytes a read, then an error if there is one.
struct Steps<'a> {
    bytes: &'a [u8],
    step: usize,
    error: Option<&'a str>,
}

impl Read for Steps<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        if self.bytes.is_empty() {
            return self.error.take().map_or(Ok(0), |text| Err(std::io::Error::other(text)));
        }
        let n = self.step.min(buf.len()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(n);
        buf[..n].copy_from_slice(now);
        self.bytes = later;
        Ok(n)
    }
}

/// Frames as short texts: a record as it is, a broken one as `!reason` and its bytes. The records that `take_objects`
/// takes are the ones that `next_frame` alone finds.
fn frames(bytes: &[u8], step: usize, limit: usize, error: Option<&str>) -> Vec<String> {
    let slow = frames_of(Framer::new(Steps { bytes, step, error }, limit), bytes, false);
    let fast = frames_of(Framer::new(Steps { bytes, step, error }, limit), bytes, true);
    assert_eq!(fast, slow, "{:?} by {step}", String::from_utf8_lossy(bytes));
    slow
}

fn frames_of(mut framer: Framer<Steps<'_>>, bytes: &[u8], take_objects: bool) -> Vec<String> {
    let mut out = Vec::new();
    loop {
        if take_objects {
            let taken = framer.take_objects(|text, members, offset| {
                let at = usize::try_from(offset).unwrap();
                assert_eq!(&bytes[at..at + text.len()], text.as_bytes());
                assert_eq!(format!("{:?}", Members::parse(text)), format!("{:?}", Some(members)));
                out.push(text.to_owned());
                Ok::<(), ()>(())
            });
            assert!(taken.is_ok());
        }
        let Some(frame) = framer.next_frame() else { break };
        out.push(match frame {
            Frame::Record { bytes: record, offset } => {
                let at = usize::try_from(offset).unwrap();
                assert_eq!(&bytes[at..at + record.len()], record);
                String::from_utf8_lossy(record).into_owned()
            }
            Frame::Broken { bytes: kept, offset, length, reason } => {
                let at = usize::try_from(offset).unwrap();
                assert_eq!(&bytes[at..at + kept.len()], kept);
                assert!(length >= kept.len() as u64);
                format!("!{reason}: {}", String::from_utf8_lossy(kept))
            }
            Frame::Around { bytes: around } => {
                assert!(around.starts_with(b"{") && around.ends_with(b"}"));
                continue;
            }
        });
        assert!(out.len() <= bytes.len() + 2, "the framer goes on for ever");
    }
    out
}

fn check(input: &str, expected: &[&str]) {
    for step in [1, 2, 7, 1 << 20] {
        assert_eq!(frames(input.as_bytes(), step, 1 << 20, None), expected, "{input:?} by {step}");
    }
}

const UNCLOSED: &str = "!the JSON is broken: a string, object or array is not closed";
const TRUNCATED: &str = "!the source ends too early";

#[test]
fn good_sources() {
    check("", &[]);
    check(" \n", &[]);
    check("[]", &[]);
    check(r#"[{"a":1},{"b":"},{"}]"#, &[r#"{"a":1}"#, r#"{"b":"},{"}"#]);
    check("[\n  {\"a\":\n1}\n  ,\n{\"b\":[{}]} ]\n", &["{\"a\":\n1}", "{\"b\":[{}]}"]);
    check("{\"a\":1}\r\n{\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"]);
    check("{\n \"a\":1\n}\n{\n \"b\":2\n}", &["{\n \"a\":1\n}", "{\n \"b\":2\n}"]);
    check("{\"a\":1}{\"b\":2}", &["{\"a\":1}", "{\"b\":2}"]);
    check("[{\"a\":1}][{\"b\":2}]\n[{\"c\":3}]", &["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"]);
    check("[{\"a\":1}]\n{\"b\":2}", &["{\"a\":1}", "{\"b\":2}"]);
    check("\u{feff}[{\"a\":1}]", &["{\"a\":1}"]);
    check("[[{\"a\":1}],{\"b\":2}]", &["[{\"a\":1}]", "{\"b\":2}"]);
    check("[{\"a\":1},]", &["{\"a\":1}"]);
    check(r#"{"a":"\\"}{"b":"\""}"#, &[r#"{"a":"\\"}"#, r#"{"b":"\""}"#]);
}

#[test]
fn one_broken_record_does_not_take_the_others_with_it() {
    let unclosed = |text: &str| format!("{UNCLOSED}: {text}");
    check("{\"a\":\"x\n{\"b\":2}\n", &[&unclosed("{\"a\":\"x"), "{\"b\":2}"]);
    check("{\"a\":{\"x\":1}\n{\"b\":2}\n", &[&unclosed("{\"a\":{\"x\":1}"), "{\"b\":2}"]);
    check("[{\"a\":\"x},{\"b\":2},{\"c\":3}]", &[&unclosed("{\"a\":\"x},"), "{\"b\":2}", "{\"c\":3}"]);
    check("[{\"a\":{\"x\":1},{\"b\":2},{\"c\":3}]", &[&unclosed("{\"a\":{\"x\":1},"), "{\"b\":2}", "{\"c\":3}"]);
    check("[{\"a\":\"x\n,{\"b\":2}\n]", &[&unclosed("{\"a\":\"x"), "{\"b\":2}"]);
    check("[{\"a\":[1},\n{\"b\":2}]", &[&unclosed("{\"a\":[1},"), "{\"b\":2}"]);
    check("{\"a\":1}}\n{\"b\":2}", &["{\"a\":1}", "!not a JSON object: }", "{\"b\":2}"]);
    check("{\"a\":1}\noops\n{\"b\":2}", &["{\"a\":1}", "!not a JSON object: oops", "{\"b\":2}"]);
    check("{\"a\":1}\n\x0c\n{\"b\":2}", &["{\"a\":1}", "!not a JSON object: \x0c", "{\"b\":2}"]);
    check("[{\"a\":1},null,{\"b\":2}]", &["{\"a\":1}", "!not a JSON object: null", "{\"b\":2}"]);
}

#[test]
fn where_a_record_begins_does_not_depend_on_the_reads() {
    for spaces in [0, 61, 62, 63, 64, 65, 90] {
        let input = format!("[{{\"a\":1 \"b\":2\n{{{}\"c\":3}}]", "\t".repeat(spaces));
        let expected = frames(input.as_bytes(), 1 << 20, 1 << 20, None);
        assert_eq!(expected.len(), if spaces < 63 { 2 } else { 1 }, "{spaces}: {expected:?}");
        for step in 1..80 {
            assert_eq!(frames(input.as_bytes(), step, 1 << 20, None), expected, "{spaces} by {step}");
        }
    }
}

#[test]
fn a_source_that_ends_too_early_says_so() {
    check("[{\"a\":1},{\"b\"", &["{\"a\":1}", &format!("{TRUNCATED}: {{\"b\"")]);
    check("[{\"a\":1},", &["{\"a\":1}", &format!("{TRUNCATED}: ")]);
    check("{\"a\":1}\n{\"b\":\"x", &["{\"a\":1}", &format!("{TRUNCATED}: {{\"b\":\"x")]);
    let damaged = frames(b"[{\"a\":1},{\"b\":", 3, 1 << 20, Some("crc error"));
    assert_eq!(damaged, ["{\"a\":1}", "!the source is damaged here: crc error: {\"b\":"]);
    let between = frames(b"[{\"a\":1},", 3, 1 << 20, Some("crc error"));
    assert_eq!(between, ["{\"a\":1}", "!the source is damaged here: crc error: "]);
}

#[test]
fn long_and_deep_records_are_passed_over() {
    let long = format!("[{{\"a\":\"{}\"}},{{\"b\":2}}]", "x,{\\\"".repeat(300_000));
    let deep = format!("{{\"a\":{}{}}}\n{{\"b\":2}}", "[".repeat(10_000), "]".repeat(10_000));
    for (input, why) in [(long, "!the record is longer than 1000 bytes: "), (deep, "!nested deeper than 256 levels: ")]
    {
        for step in [1000, 1 << 20] {
            let found = frames(input.as_bytes(), step, 1000, None);
            assert_eq!(found.len(), 2, "{:?}", found.iter().map(|f| &f[..f.len().min(80)]).collect::<Vec<_>>());
            assert!(found[0].starts_with(why));
            assert_eq!(found[1], "{\"b\":2}");
        }
    }
}

#[test]
fn texts_that_hold_json_are_records() {
    check("\"{\\\"a\\\":1}\"\n\"{}\"", &["\"{\\\"a\\\":1}\"", "\"{}\""]);
    check("[\"{}\",{\"b\":2}]", &["\"{}\"", "{\"b\":2}"]);
}

#[test]
fn the_list_in_an_oversized_object_is_entered() {
    let records: Vec<String> = (0..14000).map(|n| format!("{{\"eventId\":\"{n}\",\"x\":\"]}}\"}}")).collect();
    let list = records.join(", ");
    for text in [
        format!("{{\"RequestId\":\"[\",\"Events\":[{list}],\"NextToken\":\"x\",\"more\":{{\"a\":[]}}}}"),
        format!("{{\"body\":{{\"Other\":[],\"Events\": [ {list} ]}},\"statusCode\":200}}"),
        format!("{{\"meta\":{{\"keys\":[\"a\"]}},\"data\":[{list}]}}"),
    ] {
        let behind = format!("{text}\n{{\"b\":2}}\n");
        for step in [700, 1 << 20] {
            let found = frames(behind.as_bytes(), step, 1000, None);
            assert_eq!(found.len(), 14001, "{:?}", found.first().map(|f| f.len()));
            assert_eq!((&found[..14000], found[14000].as_str()), (&records[..], "{\"b\":2}"));
        }
    }
    let cut = format!("{{\"Events\":[{list}");
    let found = frames(cut.as_bytes(), 1 << 20, 1000, None);
    assert_eq!((&found[..14000], found[14000].as_str()), (&records[..], "!the source ends too early: "));
    let other = format!("{{\"Others\":[{list}]}}");
    assert_eq!(frames(other.as_bytes(), 1 << 20, 1000, None).len(), 1);
}

#[test]
fn a_broken_record_does_not_take_its_page_with_it() {
    let (a, b, c) = (r#"{"eventId":"a"}"#, r#"{"eventId":"b","x":[{"y":1},{"z":2}]}"#, r#"{"c":"]}"}"#);
    let masked = r#"{"id":175498693826****,"x":[{"y":1},{"z":2}]}"#;
    let comma = r#"{"id":"x","y":{},}"#;
    let lines = "{\"id\":\"x\ny\",\"x\":[{\"y\":1},{\"z\":2}]}";
    let line_feed = "!the JSON is broken: a line feed stands in a string: ";
    let unclosed = |text: &str| format!("{UNCLOSED}: {text}");
    for (broken, found) in [
        (masked, masked.to_owned()),
        (comma, comma.to_owned()),
        (lines, format!("{line_feed}{lines}")),
        (r#"{"id":{"x":1}"#, unclosed(r#"{"id":{"x":1},"#)),
        (r#"{"id":[1}"#, unclosed(r#"{"id":[1},"#)),
        (r#"{"id":"x}"#, unclosed(r#"{"id":"x},"#)),
    ] {
        for (head, tail) in [
            ("{\"Events\":[", "]}"),
            ("{\"RequestId\":\"[\",\"meta\":{},\"data\": [", "],\"more\":{\"a\":[]}}"),
            ("{\"data\":[", "],\"meta\":{\"keys\":[\"a\"]}}"),
            ("{\"headers\":{},\"body\":{\"Events\":[", "],\"NextToken\":\"\"},\"statusCode\":200}"),
            ("{\n  \"EndTime\": \"x\",\n  \"Events\": [\n    ", "\n  ],\n  \"RequestId\": \"r\"\n}\n"),
            ("[{\"Events\":[", "]}]"),
            ("{\"Events\":[[", "]]}"),
            ("{\"Topic\":\"t\",\"LogItems\":[", "],\"LogTags\":[{\"Key\":\"k\",\"Value\":\"v\"}]}"),
            ("{\"logGroupList\":[{\"LogItems\":[", "]}]}"),
            ("{\"broken\":****,\"Events\":[", "],\"broken\":****}"),
            ("{\"Events\":[", "],\"RequestId\":\"over\nlines\"}"),
        ] {
            let page = format!("{head}{a},{broken},{b}{tail}");
            let two = format!("{page}\n{{\"Events\":[{c}]}}{page}");
            check(&two, &[a, &found, b, &format!("{{\"Events\":[{c}]}}"), a, &found, b]);
        }
    }
    // Where the last element is broken, what stands behind it tells.
    check(&format!("{{\"Events\":[{a},{masked}]}}{b}"), &[a, masked, b]);
    check(&format!("{{\"Events\":[{a},{lines}]}}{b}"), &[a, &format!("{line_feed}{lines}"), b]);
    check(
        &format!("{{\"Events\":[{a},{{\"id\":\"x}}]}}\n{b}"),
        &[a, &unclosed("{\"id\":\"x}]}"), b, &format!("{TRUNCATED}: ")],
    );
    check(&format!("{{\"Events\":[{a}}}\n{b}"), &[a, "!not a JSON object: }", b, &format!("{TRUNCATED}: ")]);
}

#[test]
fn a_broken_event_that_holds_lists_stays_one() {
    for broken in [
        r#"{"eventId":"a","requestParameters":{"Events":[{"a":1},{"b":2}]},"x":1****}"#,
        r#"{"eventId":"a","Events":[{"a":1},{"b":2}],"x":1****}"#,
        r#"{"x":1****,"logs":[{"a":1},{"b":2}],"eventId":"a"}"#,
        r#"{"requestParameters":{"data":[{"a":1},{"b":2}]},"x":1****}"#,
        r#"{"event":{"eventId":"a","body":{"Events":[{"a":1}]},"x":1****}}"#,
        r#"{"data":[{"a":1},{"b":2}],"x":1****}"#,
        r#"{"Tag":[{"a":1},{"b":2}],"x":1****}"#,
    ] {
        check(&format!("{broken}\n{{\"b\":2}}"), &[broken, "{\"b\":2}"]);
        check(&format!("[{broken},{{\"b\":2}}]"), &[broken, "{\"b\":2}"]);
    }
    let lines = "{\"eventId\":\"a\nb\",\"x\":{\"Events\":[{\"a\":1},{\"b\":2}]}}";
    let found = format!("!the JSON is broken: a line feed stands in a string: {lines}");
    check(&format!("[{lines},{{\"b\":2}}]"), &[&found, "{\"b\":2}"]);
}

#[test]
fn a_page_that_ends_too_early_gives_what_it_has() {
    let truncated = |text: &str| format!("{TRUNCATED}: {text}");
    check("{\"Events\":[{\"a\":1},{\"b\":", &["{\"a\":1}", &truncated("{\"b\":")]);
    check("{\"Events\":[{\"a\":1},", &["{\"a\":1}", &truncated("")]);
    check("{\"Events\":[{\"a\":1}]", &["{\"a\":1}", &truncated("")]);
    check("{\"Events\":[{\"a\":1}],\"Req", &["{\"a\":1}", &truncated(",\"Req")]);
    check("[{\"Events\":[{\"a\":1}],\"Req", &["{\"a\":1}", &truncated(",\"Req")]);
    check("{\"Eve", &[&truncated("{\"Eve")]);
    let damaged = frames(b"{\"Events\":[{\"a\":1},{\"b\":", 3, 1 << 20, Some("crc error"));
    assert_eq!(damaged, ["{\"a\":1}", "!the source is damaged here: crc error: {\"b\":"]);
}

#[test]
fn nothing_around_a_list_is_lost_that_may_be_a_record() {
    let beside = "!in an object that is broken or too long, only one list is read; this stands behind it: ";
    // Another list is entered too.
    let two = "{\"Events\":[{\"a\":1****}],\"x\":{},\"Ips\":[{\"b\":2}],\"y\":[]}{\"c\":3}";
    check(two, &["{\"a\":1****}", "{\"b\":2}", "{\"c\":3}"]);
    // A bracket too many.
    let closed = "{\"Events\":[{\"a\":1}],{\"b\":2},\"x\":\"\"}\n{\"c\":3}";
    check(closed, &["{\"a\":1}", &format!("{beside},{{\"b\":2}},\"x\":\"\"}}"), "{\"c\":3}"]);
    // An event whose id comes behind its list.
    let id_last = "{\"logs\":[{\"a\":\"x\ny\"}],\"eventId\":\"a\"}\n{\"c\":3}";
    let line_feed = "!the JSON is broken: a line feed stands in a string: {\"a\":\"x\ny\"}";
    check(id_last, &[line_feed, &format!("{beside},\"eventId\":\"a\"}}"), "{\"c\":3}"]);
    // No object, and so no record, is in what is passed over where it breaks; the rest of its line is told of.
    check("{\"Events\":[]\n\\\"x\"}\n{\"b\":2}", &["!not a JSON object: \"x\"}", "{\"b\":2}"]);
    // Much behind the list.
    let long = format!("{{\"Events\":[{{\"a\":1****}}],\"x\":\"{}\"}}{{\"c\":3}}", "x".repeat(1 << 20));
    let found = frames(long.as_bytes(), 1 << 20, 1 << 20, None);
    assert_eq!((found.len(), found[0].as_str(), found[2].as_str()), (3, "{\"a\":1****}", "{\"c\":3}"));
    assert!(found[1].starts_with(beside), "{}", &found[1][..100]);
}

#[test]
fn a_record_that_is_too_deep_does_not_take_its_page_with_it() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(300), "]".repeat(300));
    let page = format!("{{\"Events\":[{{\"a\":1}},{deep},{{\"b\":2}}],\"RequestId\":\"r\"}}\n{{\"c\":3}}");
    check(
        &page,
        &["{\"a\":1}", &format!("!nested deeper than 256 levels: {}", &deep[..5 + 255]), "{\"b\":2}", "{\"c\":3}"],
    );
}

proptest! {
    /// Broken records of a page that keep their brackets are one frame each, as the good ones are, and nothing else is
    /// reported. With good records only, the page is one record.
    #[test]
    fn pages_come_apart(
        records in proptest::collection::vec((any::<bool>(), "[a-z{},\\[\\]]{0,12}"), 1..8),
        page in 0usize..4,
        step in 1usize..50,
    ) {
        let text = |(is_good, v): &(bool, String)| {
            let number = if *is_good { "1" } else { "1****" };
            format!("{{\"n\":{number},\"k\":[{{\"v\":\"{v}\"}},{{}}]}}")
        };
        let texts: Vec<String> = records.iter().map(text).collect();
        let list = texts.join(",\n ");
        let page = match page {
            0 => format!("{{\"Events\":[{list}],\"RequestId\":\"r\"}}"),
            1 => format!("{{\"NextToken\":\"]\",\"Events\":[{list}]}}"),
            2 => format!("{{\"body\":{{\"x\":[1],\"Events\": [ {list} ]}},\"headers\":{{}}}}"),
            _ => format!("{{\"data\":[{list}],\"meta\":{{}}}}"),
        };
        let is_good = records.iter().all(|(is_good, _)| *is_good);
        let one = if is_good { vec![page.clone()] } else { texts };
        prop_assert_eq!(frames(format!("{page}\n{page}").as_bytes(), step, 1 << 20, None), [&one[..], &one[..]].concat());
    }

    /// However the bytes are broken, framing ends, loses no byte but separators, and does not depend on read sizes.
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(prop_oneof![
        5 => proptest::sample::select(b"{}[],:\"\\\n a1".to_vec()), 1 => any::<u8>()
    ], 0..200), step in 1usize..9, is_page in any::<bool>()) {
        let bytes = if is_page { [&b"{\"Events\":["[..], &bytes].concat() } else { bytes };
        prop_assert_eq!(frames(&bytes, step, 1 << 20, None), frames(&bytes, 1 << 20, 1 << 20, None));
        // With a limit, what a record gives depends on the reads, but it still ends.
        frames(&bytes, step, 64, None);
    }

    /// Good records come out as they went in, in an array and as lines.
    #[test]
    fn records_come_back(values in proptest::collection::vec("[a-z{},\\[\\]]{0,12}", 0..8), step in 1usize..50) {
        let records: Vec<String> = values.iter().map(|v| format!("{{\"k\":[{{\"v\":\"{v}\"}}]}}")).collect();
        for text in [format!("[{}]", records.join(",")), records.join("\n")] {
            prop_assert_eq!(&frames(text.as_bytes(), step, 1 << 20, None), &records);
        }
    }
}
