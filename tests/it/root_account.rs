//! The rows of the account itself, kept once more: questions about root read those and answer the same, whatever becomes of
//! the lake.

use std::path::Path;

use chrono::TimeDelta;
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};
use trailql::engine::{Scope, Session};
use trailql::event::time::TimeBound;
use trailql::lake::manifest::TableFile;
use trailql::lake::{Lake, sha256_hex};

use crate::compact::{collected, compacted, options, verified};
use crate::generate::corpus::Corpus;
use crate::lab::{Lab, ask, rows, unmasked, write};
use crate::proof::rewrite_entry;
use crate::pruning::opened;

const CORPUS: Corpus =
    Corpus { events: 3_000, days: 12, per_file: 250, seed: 11, copies_permille: 10, named_sessions_permille: 0 };

/// A lake of as many commits as the corpus has files, and one more with events of the account that have no time.
fn many_commits() -> Lab {
    let lab = Lab::new();
    for number in 0..CORPUS.files() {
        let records =
            (number * CORPUS.per_file..(number + 1) * CORPUS.per_file).map(|n| CORPUS.record(n).compact() + "\n");
        lab.ingest(&[write(&lab.path(&format!("in/{number:02}.jsonl")), records.collect::<String>())]);
    }
    let event =
        |id| json!({"eventId": id, "eventName": "Create", "userIdentity": {"type": "root-account"}}).to_string();
    lab.ingest(&[write(&lab.path("in/timeless.jsonl"), [event("no-time-1"), event("no-time-2")].join("\n"))]);
    lab
}

/// Files in which the lake keeps rows of root once more; none where it does not.
fn kept(lake: &Path) -> Option<Vec<TableFile>> {
    Lake::open(lake).unwrap().snapshot().unwrap().root_account
}

/// True for a question that opens kept rows alone, false for one that opens data files alone.
fn reads_kept_rows(session: &Session, lake: &Path, sql: &str) -> bool {
    let kept = kept(lake).unwrap_or_default();
    let is_kept = |name: &String| kept.iter().any(|file| file.path == format!("root_account/{name}.parquet"));
    let opened = opened(session, sql);
    assert!(!opened.is_empty(), "{sql}");
    assert!(opened.iter().all(is_kept) || !opened.iter().any(is_kept), "{sql}");
    opened.iter().all(is_kept)
}

/// Questions about root; `{}` is what lets its rows through.
const QUESTIONS: [&str; 9] = [
    "SELECT * EXCLUDE (request_parameter_json) FROM events WHERE {} ORDER BY event_time, event_id, source_id, source_record",
    "SELECT * FROM events WHERE {} ORDER BY event_time, event_id, source_id, source_record",
    "SELECT event_date, count(*) AS n, min(event_time) AS first FROM events WHERE {} GROUP BY 1 ORDER BY 1",
    "SELECT count(*) AS n FROM events WHERE {}",
    "SELECT event_id FROM events WHERE {} AND event_date = DATE '2026-08-14' ORDER BY 1",
    "SELECT event_id FROM events WHERE {} AND event_date IS NULL ORDER BY 1",
    "SELECT event_id FROM events WHERE event_time < TIMESTAMP '2026-08-13T12:00:00Z' AND {} ORDER BY 1",
    "SELECT event_id FROM events WHERE event_time IS NULL AND {} ORDER BY 1",
    "SELECT e.event_id FROM events e JOIN (SELECT max(event_time) AS last FROM events WHERE {}) ON event_time = last ORDER BY 1",
];

/// Asks about root in a way that reads kept rows where there are any, and in one that never does; the answers are the same.
fn check_answers(lake: &Path) {
    let at = |time: &str| time.parse().ok().map(TimeBound::At);
    let scopes = [
        Scope::default(),
        Scope { since: at("2026-08-12T00:00:00Z"), until: at("2026-08-18T00:00:00Z"), ..Scope::default() },
    ];
    let mut found = 0;
    for session in scopes.map(|scope| unmasked(lake, &scope)) {
        for question in QUESTIONS {
            let direct = question.replace("{}", "user_identity_type = 'root-account'");
            let around = question.replace("{}", "concat(user_identity_type, '') = 'root-account'");
            let answer = rows(session.sql(&direct));
            assert_eq!(answer, rows(session.sql(&around)), "{question}");
            found += answer.len();
        }
    }
    assert!(found > 60, "{found}");
}

#[test]
fn questions_about_root_read_what_is_kept_and_answer_the_same() {
    let lab = many_commits();
    let lake = lab.lake();
    check_answers(&lake);
    assert!(kept(&lake).unwrap().len() > 6);
    compacted(&lake);
    assert_eq!(kept(&lake).unwrap().len(), 1);
    check_answers(&lake);
    lab.ingest(&[lab.file(
        "in/more.jsonl",
        json!({"eventId": "more", "eventTime": "2026-08-14T01:00:00Z",
        "userIdentity": {"type": "root-account"}})
        .to_string(),
    )]);
    check_answers(&lake);
    assert!(verified(&lake).holds() && kept(&lake).unwrap().len() == 2);
}

#[test]
fn only_questions_that_let_no_other_rows_through_read_it() {
    let lab = many_commits();
    let (lake, session) = (lab.lake(), lab.session());
    for (condition, reads) in [
        ("user_identity_type = 'root-account'", true),
        ("'root-account' = user_identity_type", true),
        ("user_identity_type = 'root-account' AND event_name = 'ConsoleSignin'", true),
        ("(user_identity_type = 'root-account') AND (event_rw = 'Write' OR event_rw IS NULL)", true),
        ("user_identity_type IN ('root-account')", true),
        ("user_identity_type = 'root-account' OR event_name = 'ConsoleSignin'", false),
        ("user_identity_type <> 'root-account'", false),
        ("user_identity_type IN ('root-account', 'ram-user')", false),
        ("NOT (user_identity_type = 'root-account')", false),
        ("user_identity_type = 'ROOT-ACCOUNT'", false),
        ("user_identity_type LIKE 'root%'", false),
        ("user_identity_user_name = 'root-account'", false),
        ("true", false),
        ("user_identity_type = 'root-account' AND request_parameter_json IS NULL", false),
    ] {
        let sql = format!("SELECT event_id, request_parameters FROM events WHERE {condition}");
        if opened(&session, &sql).is_empty() {
            assert_eq!(rows(session.sql(&sql)), Vec::<Value>::new(), "{condition}");
            continue;
        }
        assert_eq!(reads_kept_rows(&session, &lake, &sql), reads, "{condition}");
    }
    for (columns, reads) in [("event_date, event_id, extra", true), ("request_parameter_json", false), ("*", false)] {
        let sql = format!("SELECT {columns} FROM events WHERE user_identity_type = 'root-account'");
        assert_eq!(reads_kept_rows(&session, &lake, &sql), reads, "{columns}");
    }
    // A week opens the files of its days.
    let bounds = "event_time >= TIMESTAMP '2026-08-12T00:00:00Z' AND event_time < TIMESTAMP '2026-08-13T00:00:00Z'";
    let sql = format!("SELECT event_id FROM events WHERE user_identity_type = 'root-account' AND {bounds}");
    let days: Vec<_> = kept(&lake).unwrap().into_iter().filter(|file| file.event_times.is_some()).collect();
    assert!(opened(&session, &sql).len() < days.len(), "{:?}", opened(&session, &sql));
}

#[test]
fn the_views_about_root_read_it() {
    let lab = many_commits();
    let (lake, session) = (lab.lake(), lab.session());
    // The period of root_login_governance ends at the newest event of anybody, and the events of
    // root_security_changed are told by their service.
    let reads_others = ["root_login_governance", "root_security_changed"];
    let mut about_root = 0;
    for view in crate::lab::views().listed() {
        if view.name.contains("root_") && view.category == "account_ak" && !reads_others.contains(&view.name.as_str()) {
            about_root += 1;
            assert!(reads_kept_rows(&session, &lake, &format!("SELECT * FROM {}", view.name)), "{}", view.name);
        }
    }
    for other in ["ecs_root_initial_user", "summary_principal", "console_login_failures"] {
        assert!(!reads_kept_rows(&session, &lake, &format!("SELECT * FROM {other}")), "{other}");
    }
    assert!(about_root >= 6);
}

/// What entry 1 says of it, as text.
fn in_entry(lake: &Path) -> String {
    let entry = std::fs::read_to_string(lake.join("_manifest/00000000000000000001.json")).unwrap();
    let begin = entry.find(",\"root_account\":[").unwrap();
    let end = begin + entry[begin..].find("}]").unwrap() + 2;
    entry[begin..end].to_owned()
}

fn small_lake() -> Lab {
    let event = |n: u32, kind: &str| {
        json!({"eventId": format!("id-{n}"), "eventName": "Create", "eventTime": format!("2026-11-{:02}T01:00:00Z", n + 1),
            "userIdentity": {"type": kind}})
    };
    Lab::with_events(&[event(0, "root-account"), event(1, "ram-user"), event(2, "root-account"), event(3, "system")])
}

/// Times of the first and the last event of root there.
const TIMES: &str = "[1793494800000000,1793667600000000]";

#[test]
fn verify_holds_it_against_the_events() {
    type Change = fn(&str) -> String;
    let changes: [(Change, Option<&str>); 5] = [
        (str::to_owned, None),
        (
            |_| ",\"root_account\":[]".to_owned(),
            Some("its 0 events are not the 2 of the account itself among all events"),
        ),
        (|said| said.replace("\"rows\":2", "\"rows\":3"), Some("it has 2 rows, and its entry says 3")),
        (
            |said| said.replace(TIMES, "[0,1793667600000000]"),
            Some("its first and last event times are not those of its entry"),
        ),
        // Its rows twice.
        (
            |said| said.replace("}]", &format!("}},{}", said.rsplit('[').nth(1).unwrap())) + TIMES + "}]",
            Some("its 4 events are not the 2 of the account itself among all events"),
        ),
    ];
    for (change, wrong) in changes {
        let lab = small_lake();
        let said = in_entry(&lab.lake());
        assert!(said.contains(TIMES), "{said}");
        rewrite_entry(&lab.lake(), &said, &change(&said));
        let problems = verified(&lab.lake()).problems;
        let found: Vec<&str> = problems.iter().map(|problem| problem.what.as_str()).collect();
        assert_eq!(found, Vec::from_iter(wrong), "{}", change(&said));
    }
}

#[test]
fn verify_finds_other_rows_in_it() {
    for (others, times, wrong) in [
        ("SELECT * EXCLUDE (request_parameter_json) FROM events WHERE user_identity_type = 'root-account'", TIMES, None),
        (
            "SELECT * EXCLUDE (request_parameter_json) FROM events WHERE user_identity_type <> 'root-account'",
            "[1793581200000000,1793754000000000]",
            Some("2 of its events are not of the account itself"),
        ),
        (
            "SELECT * EXCLUDE (request_parameter_json, event_date), nullif(event_date, event_date) AS event_date FROM events
             WHERE user_identity_type = 'root-account'",
            TIMES,
            Some("2 of its events are not of their day"),
        ),
        (
            "SELECT concat('x', event_id) AS event_id, * EXCLUDE (event_id, request_parameter_json) FROM events
             WHERE user_identity_type = 'root-account'",
            TIMES,
            Some("its 2 events are not the 2 of the account itself among all events"),
        ),
    ] {
        // As a faulty writer would have written it.
        let lab = small_lake();
        let session = lab.session();
        let mut answer = session.sql(others).unwrap();
        let mut writer = ArrowWriter::try_new(Vec::new(), answer.schema(), None).unwrap();
        while let Some(batch) = answer.next_batch().unwrap() {
            writer.write(&batch).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        write(&lab.lake().join("root_account/other.parquet"), &bytes);
        let [file] = &kept(&lab.lake()).unwrap()[..] else { panic!("one file a commit") };
        let to = in_entry(&lab.lake())
            .replace(&file.path, "root_account/other.parquet")
            .replace(&file.sha256, &sha256_hex(&bytes))
            .replace(&format!("\"bytes\":{}", file.bytes), &format!("\"bytes\":{}", bytes.len()))
            .replace(TIMES, times);
        rewrite_entry(&lab.lake(), &in_entry(&lab.lake()), &to);
        assert_eq!(verified(&lab.lake()).problems.first().map(|problem| problem.what.as_str()), wrong, "{others}");
    }
}

#[test]
fn a_lake_of_a_build_that_did_not_keep_it_is_read_and_added_to() {
    let lab = small_lake();
    let lake = lab.lake();
    let sql = "SELECT event_id FROM events WHERE user_identity_type = 'root-account' ORDER BY 1";
    let before = ask(&lake, sql);
    rewrite_entry(&lake, &in_entry(&lake), "");
    assert_eq!(kept(&lake), None);
    assert_eq!((ask(&lake, sql), reads_kept_rows(&lab.session(), &lake, sql)), (before, false));
    lab.ingest(&[lab.file(
        "in/more.jsonl",
        json!({"eventId": "more", "eventTime": "2026-11-02T01:00:00Z",
        "userIdentity": {"type": "root-account"}})
        .to_string(),
    )]);
    assert_eq!(ask(&lake, sql).len(), 3);
    compacted(&lake);
    assert_eq!((kept(&lake), ask(&lake, sql).len()), (None, 3));
    let verified = verified(&lake);
    assert!(verified.holds(), "{:?}", verified.problems);
}

/// So many rows of root are kept whatever part of the lake they are; see `lake/side_table/root_account.rs`.
const ALWAYS_KEPT: usize = 100_000;

#[test]
fn where_root_does_nearly_everything_its_rows_are_kept_once() {
    let lab = small_lake();
    let lake = lab.lake();
    let event = |n: usize| {
        format!(
            "{{\"eventId\":\"{n}\",\"eventTime\":\"2026-11-{:02}T01:00:00Z\",\"userIdentity\":{{\"type\":\"root-account\"}}}}\n",
            1 + n % 2
        )
    };
    let half = ALWAYS_KEPT / 2;
    // Two files of days with more rows than wait in memory: they are read back from there.
    lab.ingest(&[lab.file("in/half.jsonl", (0..half).map(event).collect::<String>())]);
    let rows = |files: &[TableFile]| files.iter().map(|file| file.rows).sum::<u64>();
    assert_eq!(rows(&kept(&lake).unwrap()), half as u64 + 2);
    let checked = verified(&lake);
    assert!(checked.holds(), "{:?}", checked.problems);
    let sql =
        "SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM events WHERE user_identity_type = 'root-account'";
    let count = |n: usize| vec![json!({"n": n, "ids": n})];
    assert_eq!((ask(&lake, sql), reads_kept_rows(&lab.session(), &lake, sql)), (count(half + 2), true));
    lab.ingest(&[lab.file("in/rest.jsonl", (half..ALWAYS_KEPT).map(event).collect::<String>())]);
    assert_eq!((ask(&lake, sql), reads_kept_rows(&lab.session(), &lake, sql)), (count(ALWAYS_KEPT + 2), false));
    assert_eq!(kept(&lake), None);
    let checked = verified(&lake);
    assert!(checked.holds() && checked.orphans.is_empty() && checked.replaced == 2, "{checked:?}");
    // Whoever began before still reads them.
    assert_eq!(collected(&lake, TimeDelta::hours(1)).removed.unwrap().files, 0);
    assert!(collected(&lake, TimeDelta::zero()).removed.unwrap().files >= 2);
    assert!(std::fs::read_dir(lake.join("root_account")).unwrap().next().is_none());
    assert_eq!(ask(&lake, sql), count(ALWAYS_KEPT + 2));
    assert!(trailql::ops::compact::compact(&options(&lake), &trailql::ops::progress::Silent).is_ok());
}
