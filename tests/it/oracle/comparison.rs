//! The engine against the slow evaluation, over a corpus with all the irregularities that the views have to stand.
//!
//! `TRAILQL_ORACLE_EVENTS=200000 cargo test --test it oracle::comparison` takes a larger corpus than the usual one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use trailql::engine::{EngineOptions, Scope, Session, ViewQuery};

use super::{Expected, RootDay, SummaryRoot, compare, evaluate_with, read};
use crate::generate::corpus::Corpus;
use crate::lab::{engine_options, ingest_into, rows, session, texts, views, write};

/// Days with as many root events or more; about a third of the days of the usual corpus.
const MANY: u64 = 4;

#[test]
fn the_views_return_what_the_slow_evaluation_returns() {
    let events = std::env::var("TRAILQL_ORACLE_EVENTS").map_or(6_000, |text| text.parse().unwrap());
    let corpus = Corpus {
        events,
        days: 12,
        per_file: (events / 15).clamp(100, 4_000),
        seed: 7,
        copies_permille: 20,
        named_sessions_permille: 300,
    };
    let folder = tempfile::tempdir().unwrap();
    let (exports, lake) = (folder.path().join("exports"), folder.path().join("lake"));
    for number in 0..corpus.files() {
        let file = corpus.file(number, 1).unwrap();
        write(&exports.join(&file.path), file.bytes);
    }
    let files = read::files(&exports).unwrap();
    let records = files.iter().flat_map(|path| read::content(&std::fs::read(path).unwrap()).unwrap());
    let many = MANY.max(events / 4_000);
    let expected = evaluate_with(records, many);
    assert_eq!(expected.read, events);
    worth_comparing(&expected);

    let first = ingest_into(&lake, std::slice::from_ref(&exports), 2);
    let totals = first.totals;
    let wanted = (expected.read, expected.stored, expected.duplicate, 0);
    assert_eq!((totals.read, totals.stored, totals.duplicate, totals.rejected), wanted);
    assert_eq!(first.files_read() as usize, files.len());
    check(&lake, &expected, many);

    let second = ingest_into(&lake, &[exports], 2);
    assert_eq!((second.files_unchanged, second.files_read()), (files.len() as u64, 0));
    assert_eq!((second.totals.read, second.version), (0, first.version));

    // Copies elsewhere, in an order that has nothing to do with the days.
    let elsewhere = folder.path().join("elsewhere");
    let copies: Vec<PathBuf> = files
        .iter()
        .enumerate()
        .map(|(n, path)| write(&elsewhere.join(format!("{:03}.bin", n * 7 % 101)), std::fs::read(path).unwrap()))
        .rev()
        .collect();
    let third = ingest_into(&lake, &copies, 2);
    let totals = third.totals;
    assert_eq!((totals.read, totals.stored, totals.duplicate), (expected.read, 0, expected.read));
    check(&lake, &expected, many);
}

/// A comparison of empty sets would prove nothing.
fn worth_comparing(expected: &Expected) {
    for (view, ids) in expected.event_views() {
        assert!(ids.len() >= 3, "{view}: only {} events of the corpus", ids.len());
    }
    assert!(expected.duplicate > 0 && expected.root_high_frequency.len() > 1);
    assert!(expected.summary_root.logons_failure > 0 && expected.summary_root.access_key_calls > 0);
}

/// A session with or without the rules of `engine::tuning`.
fn tuned(lake: &Path, tuning: bool) -> Session {
    session(lake, &Scope::default(), &EngineOptions { tuning, ..engine_options() })
}

fn check(lake: &Path, expected: &Expected, many: u64) {
    let (tuned, plain) = (tuned(lake, true), tuned(lake, false));
    check_session(&tuned, expected, many);
    check_session(&plain, expected, many);
    for view in views().listed() {
        let [one, other] = [&tuned, &plain].map(|session| rows(session.view(&ViewQuery::new(&view.name))));
        assert_eq!(one, other, "{}", view.name);
    }
    let plan = |session: &Session, view: &str| {
        texts(&rows(session.sql(&format!("EXPLAIN SELECT * FROM {view} ORDER BY event_time"))), "plan").join("\n")
    };
    for rule in ["compact_text(", "IS NOT DISTINCT FROM true"] {
        let view = "ecs_root_initial_user";
        let found = [&tuned, &plain].map(|session| plan(session, view).contains(rule));
        assert_eq!(found, [true, false], "{rule} in {}", plan(&tuned, view));
    }
}

fn check_session(session: &Session, expected: &Expected, many: u64) {
    compare(expected, &mut |view| {
        let ids = texts(&rows(session.view(&ViewQuery::new(view))), "event_id");
        let set: BTreeSet<String> = ids.iter().cloned().collect();
        assert_eq!(set.len(), ids.len(), "{view}: an event came twice");
        set
    });
    let days =
        rows(session.view(&ViewQuery {
            name: "root_high_frequency".to_owned(),
            params: vec![("n".to_owned(), many.to_string())],
        }));
    let days: BTreeSet<RootDay> = days.iter().map(root_day).collect();
    assert_eq!(days, expected.root_high_frequency);
    assert_eq!(summary(session), expected.summary_root);
    let logons = rows(session.view(&ViewQuery::new("root_console_login")));
    let succeeded = logons.iter().filter(|row| row["outcome"] == "success").count() as u64;
    assert_eq!(succeeded, expected.summary_root.logons_success);
}

fn root_day(row: &Value) -> RootDay {
    let text = |column: &str| row[column].as_str().unwrap().to_owned();
    RootDay { account_id: text("account_id"), date: text("day"), events: row["operations"].as_u64().unwrap() }
}

/// The rows of `summary_root`, added up.
fn summary(session: &Session) -> SummaryRoot {
    let mut sum = SummaryRoot::default();
    for row in rows(session.view(&ViewQuery::new("summary_root"))) {
        let count = |column: &str| row[column].as_u64().unwrap();
        assert_eq!(count("events"), count("succeeded") + count("failed"), "{row}");
        sum.events += count("events");
        let kind = row["kind"].as_str().unwrap();
        if row["event_name"] == "ConsoleSignin" {
            assert_eq!(kind, "logon");
            sum.logons_success += count("succeeded");
            sum.logons_failure += count("failed");
        }
        if kind == "access_key" {
            sum.access_key_calls += count("events");
        }
        if row["event_rw"] == "Write" && kind != "logon" {
            sum.resource_writes += count("succeeded");
        }
    }
    sum
}
