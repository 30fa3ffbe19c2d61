//! Exports that say themselves that they are not whole: named, kept in `sources`, and an offence under `--strict`.

use serde_json::{Value, json};

use super::{event, lines};
use crate::harness::{Home, NOW};
use crate::lab::Lab;

/// A page of LookupEvents with one event.
fn page(id: &str, token: Option<&str>) -> String {
    let mut page = json!({"Events": [event(id)], "RequestId": "r"});
    if let Some(token) = token {
        page["NextToken"] = token.into();
    }
    page.to_string()
}

fn logs_v2(id: &str, meta: Value) -> String {
    json!({"meta": meta, "data": [{"__time__": "1", "event": event(id).to_string()}]}).to_string()
}

/// Files, and those that are incomplete with a part of the reason.
type Case = (&'static str, Vec<(&'static str, String)>, Vec<(&'static str, &'static str)>);

fn cases() -> Vec<Case> {
    let error = json!({"Code": "Throttling.User", "Message": "m", "RequestId": "r", "HostId": "h"}).to_string();
    let sls_error = json!({"errorCode": "ProjectNotExist", "errorMessage": "m"}).to_string();
    let dump =
        |body: &str| json!({"headers": {"x-log-progress": "Incomplete"}, "statusCode": 200, "body": body}).to_string();
    // Its first event is broken, so that the page is taken apart.
    let broken = page("a", Some("t")).replace("\"eventId\":\"a\"", "\"eventId\":17****");
    vec![
        (
            "whole answers",
            vec![
                ("a.json", page("a", Some(""))),
                ("b.json", logs_v2("b", json!({"progress": "Complete", "count": 1}))),
            ],
            vec![],
        ),
        ("pages in one file", vec![("a.json", page("a", Some("t")) + "\n" + &page("b", None))], vec![]),
        ("pages in an array", vec![("a.json", format!("[{},{}]", page("a", Some("t")), page("b", None)))], vec![]),
        ("an empty last page", vec![("a.json", page("a", Some("t")) + r#"{"Events":[],"RequestId":"r"}"#)], vec![]),
        (
            "the last page is missing",
            vec![("a.json", page("a", None) + &page("b", Some("t")))],
            vec![("a.json", "`NextToken`")],
        ),
        ("a page that is taken apart", vec![("a.json", broken)], vec![("a.json", "`NextToken`")]),
        (
            "pages in files of their own",
            (1..=11).map(|n| (PAGES[n - 1], page(&format!("e{n}"), (n < 11).then_some("t")))).collect(),
            vec![],
        ),
        (
            "pages in files of their own, the last is missing",
            (1..=10).map(|n| (PAGES[n - 1], page(&format!("e{n}"), Some("t")))).collect(),
            vec![("page-10.json", "`NextToken`")],
        ),
        (
            "two series in a folder, one of which ends too early",
            vec![
                ("beijing-1.json", page("a", Some("t"))),
                ("hangzhou-1.json", page("b", Some("t"))),
                ("hangzhou-2.json", page("c", None)),
            ],
            vec![("beijing-1.json", "`NextToken`")],
        ),
        ("names without numbers", vec![("one.json", page("a", Some("t"))), ("two.json", page("b", None))], vec![]),
        (
            "an error between pages",
            vec![("a.json", page("a", Some("t")) + &error + &page("b", None))],
            vec![("a.json", "`Throttling.User`")],
        ),
        (
            "errors in place of pages",
            vec![
                ("a.json", page("a", None)),
                ("b.json", error.clone()),
                ("c.json", sls_error),
                ("d.json", dump(&error)),
            ],
            vec![("b.json", "`Throttling.User`"), ("c.json", "`ProjectNotExist`"), ("d.json", "`Throttling.User`")],
        ),
        (
            "an error, and the last page is missing",
            vec![("a.json", error.clone() + &page("a", Some("t")))],
            vec![("a.json", "`Throttling.User`; its last page has a `NextToken`")],
        ),
        (
            "an error in a file that another follows",
            vec![("p-1.json", error.clone() + &page("a", Some("t"))), ("p-2.json", page("b", None))],
            vec![("p-1.json", "`Throttling.User`")],
        ),
        (
            "GetLogsV2",
            vec![("a.json", logs_v2("a", json!({"progress": "Incomplete"})))],
            vec![("a.json", "`Incomplete`")],
        ),
        (
            "GetLogs",
            vec![(
                "a.json",
                json!({"progress": "Incomplete", "count": 1, "logs": [{"event": event("a").to_string()}]}).to_string(),
            )],
            vec![("a.json", "`Incomplete`")],
        ),
        (
            "headers of GetLogs",
            vec![("a.json", dump(&json!([{"event": event("a").to_string()}]).to_string()))],
            vec![("a.json", "`Incomplete`")],
        ),
        (
            "fewer logs than it says",
            vec![("a.json", logs_v2("a", json!({"progress": "Complete", "count": 100})))],
            vec![("a.json", "100 logs, and 1")],
        ),
        (
            "rows up to a limit",
            vec![("a.json", logs_v2("a", json!({"hasSQL": true, "limited": 1})))],
            vec![("a.json", "its limit, 1")],
        ),
        (
            "a query that is not accurate",
            vec![("a.json", logs_v2("a", json!({"isAccurate": false})))],
            vec![("a.json", "not accurate")],
        ),
    ]
}

const PAGES: [&str; 11] = [
    "page-1.json",
    "page-2.json",
    "page-3.json",
    "page-4.json",
    "page-5.json",
    "page-6.json",
    "page-7.json",
    "page-8.json",
    "page-9.json",
    "page-10.json",
    "page-11.json",
];

#[test]
fn what_an_export_leaves_out_is_named_and_kept() {
    for (name, files, expected) in cases() {
        let lab = Lab::new();
        for (file, content) in &files {
            lab.file(&format!("in/{file}"), content);
        }
        let outcome = lab.ingest(&[lab.path("in")]);
        let told = &outcome.incomplete;
        assert_eq!(told.files as usize, expected.len(), "{name}: {told:?}");
        let rows = lab.ask("SELECT path, incomplete FROM sources WHERE incomplete IS NOT NULL ORDER BY path");
        assert_eq!(rows.len(), expected.len(), "{name}: {rows:?}");
        for (file, reason) in &expected {
            let is_told = told.first.iter().any(|told| told.path.ends_with(file) && told.reason.contains(reason));
            assert!(is_told, "{name}: {told:?}");
            let is_kept = rows.iter().any(|row| {
                row["path"].as_str().unwrap().ends_with(file) && row["incomplete"].as_str().unwrap().contains(reason)
            });
            assert!(is_kept, "{name}: {rows:?}");
        }
    }
}

/// Pages may come in several runs, in any order.
#[test]
fn a_page_of_another_run_follows_too() {
    let lab = Lab::new();
    lab.file("in/page-2.json", page("b", None));
    assert_eq!(lab.ingest(&[lab.path("in")]).incomplete.files, 0);
    lab.file("in/page-1.json", page("a", Some("t")));
    let outcome = lab.ingest(&[lab.path("in")]);
    assert_eq!((outcome.files_unchanged, outcome.incomplete.files), (1, 0), "{outcome:?}");
    lab.file("in/page-3.json", page("c", Some("t")));
    let outcome = lab.ingest(&[lab.path("in")]);
    assert_eq!((outcome.files_unchanged, outcome.incomplete.files), (2, 1), "{outcome:?}");
}

/// Members of an archive are files as those of a folder.
#[test]
fn pages_in_an_archive_follow_each_other() {
    for (last, incomplete) in [(None, 0), (Some("t"), 1)] {
        let lab = Lab::new();
        let mut archive = tar::Builder::new(Vec::new());
        for (name, text) in [("x/page-1.json", page("a", Some("t"))), ("x/page-2.json", page("b", last))] {
            let mut header = tar::Header::new_ustar();
            header.set_size(text.len() as u64);
            archive.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
        lab.file("in/pages.tar", archive.into_inner().unwrap());
        let told = lab.ingest(&[lab.path("in")]).incomplete;
        assert_eq!(told.files, incomplete, "{told:?}");
        assert!(told.first.iter().all(|told| told.reason.contains("`x/page-2.json`")), "{told:?}");
    }
}

#[test]
fn an_incomplete_export_is_an_offence_and_said_by_every_verb() {
    let home = Home::new();
    home.file("in/a.json", page("a", Some("t")));
    home.file("in/b.json", lines(&[event("b")]));
    let warning = "not whole, its last page has a `NextToken`, and the next page is missing: `in/a.json`";
    let run = home.run(&["ingest", "in", "--now", NOW]).exits(0);
    assert!(run.stderr.contains("1 export is not whole\n") && run.stderr.contains(warning), "{}", run.stderr);
    let run = home.run(&["sql", "SELECT count(*) FROM events", "--from", "in", "--now", NOW]).exits(0);
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    home.run(&["ingest", "in", "--now", NOW, "--strict", "--lake", "other"]).exits(1);
    let run = home.run(&["ingest", "in", "--now", NOW, "--strict", "--dry-run", "--lake", "third"]).exits(1);
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    // A code is the text of a file.
    home.file("code/a.json", json!({"Code": "\u{1b}[31mx", "Message": "m"}).to_string() + &lines(&[event("c")]));
    let run = home.run(&["ingest", "code", "--now", NOW, "--lake", "fourth"]).exits(0);
    assert!(run.stderr.contains("error `") && !run.stderr.contains('\u{1b}'), "{}", run.stderr);
}
