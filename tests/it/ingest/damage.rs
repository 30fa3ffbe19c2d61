//! Broken records, damaged files, and files that cannot be read: the rest is stored and all of it is accounted for.

use serde_json::{Value, json};

use super::{event, lines};
use crate::generate::corpus::Corpus;
use crate::generate::deliver::gzip;
use crate::harness::{Home, NOW};
use crate::lab::{Lab, texts};

/// A broken record in a file of some shape.
struct Broken {
    name: &'static str,
    content: String,
    ids: &'static str,
    /// Number of the record, text at its place in the file, part of the reason, and bytes that must be kept.
    rejects: Vec<(i64, &'static str, &'static str, &'static str)>,
}

fn broken_files() -> Vec<Broken> {
    let record = |id: &str| json!({"__time__": 1, "__topic__": "t", "event": event(id).to_string()}).to_string();
    let (a, b, c) = (event("a").to_string(), event("b").to_string(), event("c").to_string());
    let bad = r#"{"eventId": oops, "eventName":"X"}"#;
    vec![
        Broken {
            name: "in an array",
            content: format!("[{a},{bad},{b}]"),
            ids: "a b",
            rejects: vec![(1, bad, "the JSON is broken", bad)],
        },
        Broken {
            name: "first and last in an array",
            content: format!("[{bad}, {a}, {bad}]"),
            ids: "a",
            rejects: vec![(0, bad, "the JSON is broken", bad), (2, bad, "the JSON is broken", bad)],
        },
        Broken {
            name: "a null and a number in an array",
            content: format!("[{a},null,17,{b}]"),
            ids: "a b",
            rejects: vec![(1, "null", "not a JSON object", "null"), (2, "17", "not a JSON object", "17")],
        },
        Broken {
            name: "in JSON lines",
            content: format!("{a}\n{bad}\n{b}\n"),
            ids: "a b",
            rejects: vec![(1, bad, "the JSON is broken", bad)],
        },
        Broken {
            name: "words between JSON lines",
            content: format!("{a}\nthis is no JSON\n\n{b}\n"),
            ids: "a b",
            rejects: vec![(1, "this is", "not a JSON object", "this is no JSON")],
        },
        Broken {
            name: "a line that ends in the middle",
            content: format!("{a}\n{}\n{b}\n", r#"{"eventId":"x","eventName":"#),
            ids: "a b",
            rejects: vec![(1, r#"{"eventId":"x""#, "", r#"{"eventId":"x","eventName":"#)],
        },
        Broken {
            name: "in SLS records",
            content: format!(
                "{}\n{}\n{}\n",
                record("a"),
                r#"{"__time__":2,"event":"{\"eventId\": oops}"}"#,
                record("b")
            ),
            ids: "a b",
            rejects: vec![(1, r#"{"__time__":2"#, "the JSON is broken", r#"{"eventId": oops}"#)],
        },
        Broken {
            name: "SLS records without an event",
            content: format!(
                "[{},{},{},{}]",
                record("a"),
                r#"{"__time__":2,"event":""}"#,
                r#"{"__time__":3,"event":7}"#,
                record("b")
            ),
            ids: "a b",
            rejects: vec![
                (1, r#"{"__time__":2"#, "holds no event", r#""event":"""#),
                (2, r#"{"__time__":3"#, "holds no event", r#""event":7"#),
            ],
        },
        Broken {
            name: "in a page of LookupEvents",
            content: format!(r#"{{"Events":[{a},null,{b}],"RequestId":"r"}} {{"Events":[{c}]}}"#),
            ids: "a b c",
            rejects: vec![(1, r#"{"Events""#, "", "null")],
        },
        Broken {
            name: "broken in a page of LookupEvents",
            content: format!(
                "{{\"RequestId\":\"r\",\"Events\":[{a},{bad},{b}],\"NextToken\":\"t\"}}\n{{\"Events\":[{c}]}}"
            ),
            ids: "a b c",
            rejects: vec![(1, bad, "the JSON is broken", bad)],
        },
        Broken {
            name: "a masked number, a comma too many and a line feed in a page that is printed over lines",
            content: format!(
                "{{\n  \"Events\": [\n    {a},\n    {{\"x\": 17****}},\n    {{\"y\": 1,}},\n    {b},\n    {{\"z\": \"1\n2\"}}\n  ],\n  \
                 \"RequestId\": \"r\"\n}}\n{{\n  \"Events\": [\n    {c}\n  ]\n}}\n"
            ),
            ids: "a b c",
            rejects: vec![
                (1, "{\"x\"", "the JSON is broken", "{\"x\": 17****}"),
                (2, "{\"y\"", "trailing comma", "{\"y\": 1,}"),
                (4, "{\"z\"", "a line feed stands in a string", "{\"z\": \"1\n2\"}"),
            ],
        },
        Broken {
            name: "in a page that ends too early",
            content: format!("{{\"Events\":[{a},{b},{{\"eventId\":\"x\""),
            ids: "a b",
            rejects: vec![(2, "{\"eventId\":\"x\"", "ends too early", "{\"eventId\":\"x\"")],
        },
        Broken {
            name: "objects of other kinds",
            content: format!("{a}\n{}\n{}\n{b}\n", r#"{"Records":[]}"#, r#"{"hello":1}"#),
            ids: "a b",
            rejects: vec![
                (1, r#"{"Records""#, "AWS CloudTrail", r#"{"Records":[]}"#),
                (2, r#"{"hello""#, "not an ActionTrail event", r#"{"hello":1}"#),
            ],
        },
    ]
}

#[test]
fn a_broken_record_is_kept_as_a_reject_and_the_rest_goes_on() {
    let lab = Lab::new();
    let mut expected_ids = 0;
    for (n, broken) in broken_files().into_iter().enumerate() {
        let name = broken.name;
        // Other ids in each file, so that nothing is a copy.
        let fresh = |text: &str| {
            ["a", "b", "c"].iter().fold(text.to_owned(), |text, id| {
                text.replace(&format!("eventId\":\"{id}\""), &format!("eventId\":\"{id}{n}\""))
                    .replace(&format!("eventId\\\":\\\"{id}\\\""), &format!("eventId\\\":\\\"{id}{n}\\\""))
            })
        };
        let content = fresh(&broken.content);
        let file = lab.file(&format!("in/{n}.json"), &content);
        let outcome = lab.ingest(std::slice::from_ref(&file));
        let ids: Vec<String> = broken.ids.split(' ').map(|id| format!("{id}{n}")).collect();
        expected_ids += ids.len();
        let totals = outcome.totals;
        assert_eq!((totals.stored, totals.rejected), (ids.len() as u64, broken.rejects.len() as u64), "{name}");
        let sql = format!(
            "SELECT e.event_id FROM events AS e JOIN sources AS s ON e.source_id = s.source_id
             WHERE s.path = '{}' ORDER BY e.event_id",
            file.display()
        );
        assert_eq!(texts(&lab.ask(&sql), "event_id"), ids, "{name}");
        let sql = format!(
            "SELECT record, \"offset\", reason, length, encode(bytes, 'hex') AS bytes FROM rejects
             WHERE path = '{}' ORDER BY record",
            file.display()
        );
        let rejects = lab.ask(&sql);
        assert_eq!(rejects.len(), broken.rejects.len(), "{name}");
        let mut from = 0;
        for (row, (record, place, reason, bytes)) in rejects.iter().zip(&broken.rejects) {
            let at = from + content[from..].find(place).unwrap();
            from = at + 1;
            assert_eq!((&row["record"], &row["offset"]), (&json!(record), &json!(at)), "{name}: {row}");
            assert!(row["reason"].as_str().unwrap().contains(reason), "{name}: {row}");
            let kept = text_of_hex(row["bytes"].as_str().unwrap());
            assert!(kept.contains(bytes), "{name}: {kept}");
            assert_eq!(row["length"], kept.len(), "{name}");
        }
        let line = &outcome.rejects[0];
        assert_eq!((line.record, line.path.as_str()), (broken.rejects[0].0, file.to_str().unwrap()), "{name}");
    }
    assert_eq!(lab.ids().len(), expected_ids);
}

fn text_of_hex(hex: &str) -> String {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    String::from_utf8(hex.as_bytes().chunks(2).map(byte).collect()).unwrap()
}

/// One array of many events, large enough for several blocks of any packer.
fn large_array(events: u64) -> Vec<u8> {
    let corpus = Corpus { events, days: 3, per_file: events, seed: 3, copies_permille: 20, named_sessions_permille: 0 };
    let records: Vec<String> = (0..events).map(|n| corpus.record(n).compact()).collect();
    format!("[{}]", records.join(",")).into_bytes()
}

#[test]
fn what_is_readable_of_a_damaged_file_is_stored() {
    const EVENTS: u64 = 400;
    let array = large_array(EVENTS);
    let lines = {
        let corpus = Corpus {
            events: EVENTS,
            days: 3,
            per_file: EVENTS,
            seed: 3,
            copies_permille: 20,
            named_sessions_permille: 0,
        };
        (0..EVENTS).map(|n| corpus.record(n).compact() + "\n").collect::<String>().into_bytes()
    };
    let half = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    let packed = gzip(&array, 6).unwrap();
    let mut wrong_sum = packed.clone();
    let sum = wrong_sum.len() - 8;
    wrong_sum[sum] ^= 0xff;
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
    let without_tail = packed[..packed.len() - 4].to_vec();
    // Name, content, fewest and most events that are readable.
    for (name, content, least, most) in [
        ("half a gzip of an array", half(packed.clone()), 50, EVENTS - 1),
        ("half a gzip of lines", half(gzip(&lines, 6).unwrap()), 50, EVENTS - 1),
        ("half a zstd of an array", half(zstd(&array)), 50, EVENTS - 1),
        ("half a zstd of lines", half(zstd(&lines)), 50, EVENTS - 1),
        ("half an array", half(array.clone()), 50, EVENTS - 1),
        ("a gzip with a wrong check sum", wrong_sum, EVENTS, EVENTS),
        ("a gzip without its last bytes", without_tail, EVENTS, EVENTS),
    ] {
        let lab = Lab::new();
        let file = lab.file("in/damaged.gz", content);
        let outcome = lab.ingest(&[file]);
        let totals = outcome.totals;
        let found = totals.stored + totals.duplicate;
        assert!((least..=most).contains(&found), "{name}: {totals:?}");
        assert_eq!(totals.rejected, 1, "{name}: {:?}", outcome.rejects);
        let reason = &outcome.rejects[0].reason;
        assert!(reason.contains("damaged") || reason.contains("ends"), "{name}: {reason}");
        assert_eq!(outcome.rejects[0].record as u64, found, "{name}: the reject comes last");
        let again = lab.ingest(&[lab.path("in")]);
        assert_eq!(again.files_unchanged, 1, "{name}");
    }
}

#[test]
fn files_that_give_nothing_are_named() {
    let home = Home::new();
    home.file("in/good.json", lines(&[event("a")]));
    home.file("in/empty.json", "");
    home.file("in/empty-array.json", "[]");
    home.file("in/notes.txt", "Notes on the incident\n");
    home.file("in/half-a-header.gz", [0x1f, 0x8b]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("gone", home.work().join("in/dangling.json")).unwrap();
        std::os::unix::fs::symlink(".", home.work().join("in/loop")).unwrap();
    }
    let run = home.run(&["ingest", "in", "--now", NOW]).exits(0);
    #[cfg(unix)]
    for name in ["in/dangling.json", "in/loop"] {
        assert!(run.stderr.contains(&format!("cannot read `{name}`: ")), "no {name} in {}", run.stderr);
    }
    assert!(run.stderr.contains("no export, text that is not JSON: `in/notes.txt`"), "{}", run.stderr);
    assert!(run.stderr.contains("half-a-header.gz"), "{}", run.stderr);
    let sql = "SELECT path, read, stored FROM sources ORDER BY path";
    let sources = home.run(&["sql", sql, "-F", "jsonl"]).exits(0).stdout;
    let sources: Vec<Value> = sources.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| {
        let source = sources.iter().find(|source| source["path"].as_str().unwrap().ends_with(name));
        source.map(|source| (source["read"].as_i64().unwrap(), source["stored"].as_i64().unwrap()))
    };
    assert_eq!(
        (of("good.json"), of("/empty.json"), of("empty-array.json")),
        (Some((1, 1)), Some((0, 0)), Some((0, 0)))
    );
    #[cfg(unix)]
    home.run(&["ingest", "in", "--now", NOW, "--strict"]).exits(1);
}

#[test]
fn a_folder_without_events_says_so_and_exits_2() {
    for (name, content) in
        [("notes.txt", "no JSON"), ("empty.json", ""), ("array.json", "[]"), ("blank.json", " \n\n ")]
    {
        let home = Home::new();
        home.file(&format!("in/{name}"), content);
        let run = home.run(&["ingest", "in", "--now", NOW]).exits(2);
        assert!(run.stderr.contains("no ActionTrail events in 1 file\n"), "{name}: {}", run.stderr);
        let run = home.run(&["sql", "SELECT 1", "--now", NOW, "--from", "in"]).exits(2);
        assert!(run.stderr.contains("no ActionTrail events in 1 file"), "{name}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{name}");
    }
    let home = Home::new();
    home.file("in/rejects.json", "{\"hello\":1}\n{\"hello\":2}\n");
    let run = home.run(&["ingest", "in", "--now", NOW]).exits(2);
    assert!(run.stderr.contains("2 records were rejected"), "{}", run.stderr);
    assert!(run.stderr.contains("no ActionTrail events in 1 file\n"), "{}", run.stderr);
}

#[test]
fn strict_counts_damage_too() {
    let home = Home::new();
    let packed = gzip(&large_array(200), 6).unwrap();
    home.file("in/half.gz", &packed[..packed.len() / 2]);
    let run = home.run(&["ingest", "in", "--now", NOW, "--strict"]).exits(1);
    assert!(run.stderr.contains("1 record was rejected"), "{}", run.stderr);
    assert!(run.stderr.contains("in/half.gz`"), "{}", run.stderr);
}
