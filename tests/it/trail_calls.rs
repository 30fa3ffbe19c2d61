//! The calls that change trails, kept once more: questions about them read those, and answer the same without them.

use std::path::Path;

use serde_json::{Value, json};
use trailql::engine::Session;
use trailql::lake::Lake;
use trailql::lake::manifest::TableFile;

use crate::compact::{compacted, verified};
use crate::lab::{Lab, ask, rows};
use crate::proof::rewrite_entry;
use crate::pruning::opened;

const CHANGES: &str = include_str!("../../src/ops/sql/trail_changes.sql");
const FAILURES: &str = include_str!("../../src/ops/sql/trail_failures.sql");

fn event(n: u32, name: Option<&str>, service: &str, error: Option<&str>) -> Value {
    json!({"eventId": format!("id-{n:03}"), "eventName": name, "serviceName": service, "eventRW": "Write",
        "eventTime": format!("2026-11-{:02}T01:00:{:02}Z", 1 + n % 6, n % 60), "errorCode": error,
        "requestParameters": {"Name": format!("trail-{}", n % 3), "EventRW": "All"},
        "userIdentity": {"type": if n.is_multiple_of(5) { "root-account" } else { "ram-user" }, "accountId": "1000000000000001"}})
}

/// Calls on trails among others, three times over.
fn events() -> Vec<Value> {
    let calls = [
        (Some("CreateTrail"), "Actiontrail", None),
        (Some("STARTLOGGING"), "actiontrail", None),
        (Some("stoplogging"), " ACTIONTRAIL ", None),
        (Some("UpdateTrail"), "Actiontrail", Some("NoPermission")),
        (Some("DeleteTrail"), "Actiontrail", None),
        (Some("DeleteTrail"), "Actiontrail", Some("TrailNotFoundException")),
        (Some("PutDataEventSelector"), "", None),
        (Some("UpdateGlobalEventsStorageRegion"), "Actiontrail", None),
        (Some("LookupEvents"), "Actiontrail", None),
        (Some("DescribeTrails"), "Actiontrail", None),
        // Another service has a call of such a name.
        (Some("StartLogging"), "Other", None),
        (Some("CreateTrail2"), "Actiontrail", None),
        (Some("RunInstances"), "Ecs", None),
        (None, "Actiontrail", None),
    ];
    let calls = calls.iter().cycle().take(3 * calls.len()).zip(0..);
    calls.map(|((name, service, error), n)| event(n, *name, service, *error)).collect()
}

fn many_commits() -> Lab {
    let lab = Lab::new();
    for (n, part) in events().chunks(7).enumerate() {
        let lines: String = part.iter().map(|event| format!("{event}\n")).collect();
        lab.ingest(&[lab.file(&format!("in/{n}.jsonl"), lines)]);
    }
    lab
}

fn kept(lake: &Path) -> Option<Vec<TableFile>> {
    Lake::open(lake).unwrap().snapshot().unwrap().trail_calls
}

/// The statements of reports, and others; `{}` is an expression of the name of the call.
fn questions() -> Vec<String> {
    let filled = |sql: &str| {
        let since = sql.replace("$since", "TIMESTAMP '2026-11-02T00:00:00Z'");
        let until = since.replace("$until", "TIMESTAMP '2026-11-06T00:00:00Z'");
        until.replace("$listed", "100").replace("lower(event_name)", "lower({})")
    };
    let others = [
        "SELECT * FROM events WHERE {} = 'StopLogging' ORDER BY event_id",
        "SELECT event_id, event_date FROM events WHERE {} IN ('CreateTrail', 'createtrail', 'DeleteTrail') ORDER BY 1",
        "SELECT event_id FROM events WHERE lower({}) IN ('createtrail', 'deletetrail') AND user_identity_type = 'ram-user' ORDER BY 1",
        "SELECT event_id FROM events WHERE 'stoplogging' = lower({}) AND event_time < TIMESTAMP '2026-11-04T00:00:00Z' ORDER BY 1",
    ];
    [CHANGES, FAILURES].iter().chain(&others).map(|sql| filled(sql)).collect()
}

/// Returns `true` if the question opens files of the side table alone, `false` if it opens none of them.
fn reads_kept_rows(session: &Session, lake: &Path, sql: &str) -> bool {
    let kept = kept(lake).unwrap_or_default();
    let is_kept = |name: &String| kept.iter().any(|file| file.path == format!("trail_calls/{name}.parquet"));
    let opened = opened(session, sql);
    assert!(!opened.is_empty(), "{sql}");
    assert!(opened.iter().all(is_kept) || !opened.iter().any(is_kept), "{sql}");
    opened.iter().all(is_kept)
}

/// Asks in a way that reads the side table if there is one, and in one that never does; the answers are the same.
fn answers(lake: &Path, keeps: bool) -> Vec<Vec<Value>> {
    let session = crate::lab::unmasked(lake, &trailql::engine::Scope::default());
    let answer = |question: &String| {
        let (direct, around) = (question.replace("{}", "event_name"), question.replace("{}", "concat(event_name, '')"));
        assert_eq!(reads_kept_rows(&session, lake, &direct), keeps, "{direct}");
        assert!(!reads_kept_rows(&session, lake, &around), "{around}");
        let answer = rows(session.sql(&direct));
        assert_eq!(answer, rows(session.sql(&around)), "{direct}");
        assert!(!answer.is_empty(), "{direct}");
        answer
    };
    questions().iter().map(answer).collect()
}

#[test]
fn questions_about_trails_read_it_and_answer_the_same() {
    let lab = many_commits();
    let lake = lab.lake();
    let calls: u64 = kept(&lake).unwrap().iter().map(|file| file.rows).sum();
    assert_eq!((kept(&lake).unwrap().len(), calls), (6, 3 * 9));
    let before = answers(&lake, true);
    assert!(verified(&lake).holds());
    compacted(&lake);
    assert_eq!(kept(&lake).unwrap().len(), 1);
    assert_eq!(answers(&lake, true), before);
    let checked = verified(&lake);
    assert!(checked.holds() && checked.orphans.is_empty(), "{:?}", checked.problems);
}

#[test]
fn only_questions_that_let_no_other_rows_through_read_it() {
    let lab = many_commits();
    let (lake, session) = (lab.lake(), lab.session());
    for (condition, reads) in [
        ("event_name = 'STOPLOGGING' OR event_name = 'CreateTrail'", true),
        ("lower(event_name) = 'stoplogging' AND service_name = 'x'", true),
        ("lower(event_name) = 'stoplogging' OR service_name = 'Other'", false),
        ("lower(event_name) IN ('stoplogging', 'lookupevents')", false),
        ("lower(event_name) NOT IN ('stoplogging')", false),
        ("lower(event_name) <> 'stoplogging'", false),
        ("lower(event_name) LIKE 'stop%'", false),
        ("upper(event_name) = 'stoplogging'", false),
        ("lower(event_source) = 'stoplogging'", false),
        ("event_name IS NULL", false),
    ] {
        let sql = format!("SELECT event_id, request_parameter_json FROM events WHERE {condition}");
        assert_eq!(reads_kept_rows(&session, &lake, &sql), reads, "{condition}");
    }
    // A question about root and trails reads the smaller of both side tables.
    let sql = "SELECT event_id FROM events WHERE user_identity_type = 'root-account' AND event_name = 'DeleteTrail'";
    assert!(opened(&session, sql).len() <= kept(&lake).unwrap().len());
}

/// The member of entry 1, as text.
fn in_entry(lake: &Path) -> String {
    let entry = std::fs::read_to_string(lake.join("_manifest/00000000000000000001.json")).unwrap();
    let begin = entry.find(",\"trail_calls\":[").unwrap();
    let end = begin + entry[begin..].find("}]").unwrap() + 2;
    entry[begin..end].to_owned()
}

#[test]
fn verify_holds_it_against_the_events() {
    type Change = fn(&str) -> String;
    let changes: [(Change, Option<&str>); 3] = [
        (str::to_owned, None),
        (
            |_| ",\"trail_calls\":[]".to_owned(),
            Some("its 0 events are not the 27 calls that change trails among all events"),
        ),
        (|said| said.replace("\"rows\":27", "\"rows\":28"), Some("it has 27 rows, and its entry says 28")),
    ];
    for (change, wrong) in changes {
        let lab = Lab::with_events(&events());
        let said = in_entry(&lab.lake());
        rewrite_entry(&lab.lake(), &said, &change(&said));
        let problems = verified(&lab.lake()).problems;
        let found: Vec<&str> = problems.iter().map(|problem| problem.what.as_str()).collect();
        assert_eq!(found, Vec::from_iter(wrong), "{}", change(&said));
    }
}

#[test]
fn a_lake_of_a_build_that_did_not_keep_it_is_read_and_added_to() {
    let lab = Lab::with_events(&events());
    let lake = lab.lake();
    let before = answers(&lake, true);
    rewrite_entry(&lake, &in_entry(&lake), "");
    assert_eq!(kept(&lake), None);
    assert_eq!(answers(&lake, false), before);
    let more = event(50, Some("CreateTrail"), "Actiontrail", None);
    lab.ingest(&[lab.file("in/more.jsonl", more.to_string())]);
    let sql = "SELECT count(*) AS n FROM events WHERE lower(event_name) = 'createtrail'";
    assert_eq!((kept(&lake), ask(&lake, sql)), (None, vec![json!({"n": 4})]));
    compacted(&lake);
    assert_eq!((kept(&lake), ask(&lake, sql)), (None, vec![json!({"n": 4})]));
    let verified = verified(&lake);
    assert!(verified.holds(), "{:?}", verified.problems);
}
