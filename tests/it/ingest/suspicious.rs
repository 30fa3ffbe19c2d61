//! Files that may hold events and give none: told apart from what only lies beside exports.

use super::{event, lines};
use crate::generate::deliver::gzip;
use crate::harness::{Home, NOW};
use crate::lab::Lab;

const OBJECT: &str = "Actiontrail_cn-hangzhou_20261103172019_1002_12_11707_b95e.gz";

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut archive, content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn what_may_hold_events_and_gives_none_is_suspicious() {
    let words = b"eventId: a\neventName: b\neventTime: c\nuserIdentity:\n  type: root-account\n";
    let good = lines(&[event("member")]);
    let in_zip = zip(&[("README.md", b"# Notes"), (OBJECT, b""), ("good.json", good.as_bytes())]);
    let object = |name: &str| format!("AliyunLogs/Actiontrail/cn-hangzhou/2026/11/03/{name}");
    // Name, content, a part of the reason; none for what is not suspicious.
    let cases: Vec<(String, Vec<u8>, Option<&str>)> = vec![
        (OBJECT.into(), b"".to_vec(), Some("delivered to OSS; it is empty")),
        (format!("1{OBJECT}"), b"".to_vec(), Some("it is empty")),
        (OBJECT.replace("172019", "172020"), b"[]".to_vec(), Some("there is no event in it")),
        (OBJECT.replace("172019", "172021"), gzip(b"[]", 6).unwrap(), Some("there is no event in it")),
        (OBJECT.replace("172019", "172022"), vec![0; 3000], Some("it is empty")),
        (OBJECT.replace("172019", "172023"), b"\x8f\x03\xa1\x01secret".to_vec(), Some("binary data")),
        (object("renamed"), b"words".to_vec(), Some("the folder is that of objects")),
        ("20/54_1453812893059571256_937.json".into(), b"".to_vec(), Some("SLS shipped")),
        ("page-3.json".into(), b" \n".to_vec(), Some("it is empty")),
        (
            "page-4.json".into(),
            b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>".to_vec(),
            Some("`AccessDenied`"),
        ),
        ("events.yaml".into(), words.to_vec(), Some("names of an event's fields")),
        ("events.7z".into(), b"7z\xbc\xaf\x27\x1c\0\x04".to_vec(), Some("a 7z archive")),
        ("events.pgp".into(), b"-----BEGIN PGP MESSAGE-----\n\nx".to_vec(), Some("encrypted")),
        ("events.zip".into(), zip(&[]), Some("without exports")),
        ("some.zip".into(), in_zip, Some("delivered to OSS; it is empty")),
        // What lies beside exports.
        (object("README.md"), words.to_vec(), None),
        (object(".DS_Store"), b"\0\0\0\x01Bud1\0".to_vec(), None),
        (object(&format!("__MACOSX/._{OBJECT}")), b"\0\x05\x16\x07\0\x02".to_vec(), None),
        (format!("{OBJECT}.md5"), b"0123  x.gz\n".to_vec(), None),
        ("manifest.json".into(), br#"{"files":[{"key":"a"},{"key":"b"}]}"#.to_vec(), None),
        ("_SUCCESS".into(), b"".to_vec(), None),
        ("notes.txt".into(), b"Notes on the incident\n".to_vec(), None),
        // Answers without events say so.
        ("none.json".into(), b"[]".to_vec(), None),
        ("none.page.json".into(), br#"{"Events":[],"RequestId":"r"}"#.to_vec(), None),
        ("none.csv".into(), b"eventId,eventName,eventTime\n".to_vec(), None),
    ];
    let lab = Lab::new();
    lab.file("in/good.json", lines(&[event("good")]));
    for (name, content, _) in &cases {
        lab.file(&format!("in/{name}"), content);
    }
    let outcome = lab.ingest(&[lab.path("in")]);
    assert_eq!((outcome.totals.stored, outcome.totals.rejected), (2, 0), "{:?}", outcome.rejects);
    let rows = lab.ask("SELECT path, suspicious FROM sources WHERE suspicious IS NOT NULL");
    for (name, _, expected) in &cases {
        let told = outcome.suspicious.first.iter().find(|told| {
            let file = told.path.split(": ").next().unwrap();
            file.ends_with(&format!("in/{name}"))
        });
        let kept = rows.iter().find(|row| row["path"].as_str().unwrap().ends_with(&format!("in/{name}")));
        assert_eq!(
            (told.is_some(), kept.is_some()),
            (expected.is_some(), expected.is_some()),
            "{name}: {told:?}, {kept:?}"
        );
        if let (Some(told), Some(kept), Some(expected)) = (told, kept, expected) {
            assert!(told.reason.contains(expected), "{name}: {told:?}");
            assert!(kept["suspicious"].as_str().unwrap().contains(expected), "{name}: {kept}");
        }
    }
    assert_eq!(outcome.suspicious.files, cases.iter().filter(|(_, _, expected)| expected.is_some()).count() as u64);
}

/// A file that is called a manifest and holds events is an export as any other.
#[test]
fn events_in_a_file_beside_exports_are_read() {
    let lab = Lab::new();
    lab.file("in/manifest.json", format!("{{\"a\":1}}\n{}{{\"b\":1}}\n", lines(&[event("a")])));
    let outcome = lab.ingest(&[lab.path("in")]);
    assert_eq!((outcome.totals.stored, outcome.totals.rejected), (1, 2), "{outcome:?}");
    assert_eq!(outcome.rejects.iter().map(|reject| reject.record).collect::<Vec<_>>(), [0, 2]);
}

#[test]
fn suspicious_files_have_a_block_of_their_own_and_are_an_offence() {
    let home = Home::new();
    home.file("in/good.json", lines(&[event("a")]));
    for n in 0..12 {
        home.file(&format!("in/{}", OBJECT.replace("172019", &format!("1720{n:02}"))), "");
    }
    home.file("in/notes.txt", "Notes\n");
    let run = home.run(&["ingest", "in", "--now", NOW]).exits(0);
    assert!(run.stderr.contains("warning: 12 files may hold events and gave none\n"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("warning: no events, the name is that of an object").count(), 10, "{}", run.stderr);
    assert!(run.stderr.contains("2 more are in the table `sources`"), "{}", run.stderr);
    assert!(run.stderr.contains("no export, text that is not JSON: `in/notes.txt`"), "{}", run.stderr);
    home.run(&["ingest", "in", "--now", NOW, "--strict", "--lake", "other"]).exits(1);
    let run = home.run(&["sql", "SELECT 1", "--from", "in", "--now", NOW]).exits(0);
    assert!(run.stderr.contains("12 files may hold events and gave none"), "{}", run.stderr);
    let beside = Home::new();
    beside.file("in/good.json", lines(&[event("a")]));
    for (name, content) in
        [("README.md", "# Notes"), ("manifest.json", "{\"a\":1}"), ("x.gz.sha256", "01 x.gz"), (".keep", "")]
    {
        beside.file(&format!("in/{name}"), content);
    }
    beside.run(&["ingest", "in", "--now", NOW, "--strict"]).exits(0);
}
