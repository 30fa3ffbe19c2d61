//! The built-in views on events made by hand: `tests/views/<view>.json` holds the events that must match, those that
//! must not, and rows that must come out.
//!
//! A file has a `base`, which every event is merged onto (the text `(missing)` takes a member away), and `cases` with
//! `events` and, where wanted, `params`, `tz` and `rows`. Where a view returns events, exactly those whose id begins
//! with `match-` must come out, and `rows` names columns of some of them. Where a view counts, `rows` are all its rows,
//! in order, with some of their columns.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};
use trailql::engine::{Scope, Session, ViewQuery, views};
use trailql::event::time::Zone;

use crate::harness::package;
use crate::lab::{Lab, merge, rows, texts};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    base: Value,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    params: Map<String, Value>,
    tz: Option<String>,
    events: Vec<Value>,
    rows: Option<Vec<Map<String, Value>>>,
}

/// Checks the cases of one view.
fn check(view: &str) {
    let text = std::fs::read_to_string(package().join(format!("tests/views/{view}.json"))).unwrap();
    let file: File = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{view}.json: {error}"));
    assert!(!file.cases.is_empty());
    for case in file.cases {
        let events: Vec<Value> = case
            .events
            .iter()
            .map(|event| {
                let mut whole = file.base.clone();
                merge(&mut whole, event);
                whole
            })
            .collect();
        let lab = Lab::with_events(&events);
        let tz = case.tz.as_deref().map(|name| name.parse::<Zone>().unwrap());
        let scope = Scope { tz: tz.unwrap_or_default(), ..Scope::default() };
        check_case(view, &case, &lab.session_with(scope, false));
    }
}

fn check_case(view: &str, case: &Case, session: &Session) {
    let name = &case.name;
    let params: Vec<(String, String)> =
        case.params.iter().map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect();
    let found = rows(session.view(&ViewQuery { name: view.to_owned(), params }));
    let expected = case.rows.as_deref().unwrap_or_default();
    let differs = |row: &Value, wanted: &Map<String, Value>| wanted.iter().any(|(column, value)| row[column] != *value);

    if !case.events.iter().any(|event| event["eventId"].as_str().unwrap().starts_with("match-")) {
        assert!(case.rows.is_some(), "{view}, {name}: nothing to check");
        assert_eq!(found.len(), expected.len(), "{view}, {name}: {found:#?}");
        for (row, wanted) in found.iter().zip(expected) {
            assert!(!differs(row, wanted), "{view}, {name}: expected {wanted:#?}, got {row:#}");
        }
        return;
    }
    let got: BTreeSet<String> = texts(&found, "event_id").into_iter().collect();
    assert_eq!(got.len(), found.len(), "{view}, {name}: an event came twice");
    let ids = case.events.iter().map(|event| event["eventId"].as_str().unwrap());
    for id in ids.clone() {
        assert!(id.starts_with("match-") || id.starts_with("no-"), "{view}, {name}: {id}");
    }
    let wanted: BTreeSet<String> = ids.filter(|id| id.starts_with("match-")).map(str::to_owned).collect();
    let missing: Vec<_> = wanted.difference(&got).collect();
    let extra: Vec<_> = got.difference(&wanted).collect();
    assert!(missing.is_empty() && extra.is_empty(), "{view}, {name}: missing {missing:?}, not expected {extra:?}");
    for wanted in expected {
        let row = found.iter().find(|row| row["event_id"] == wanted["event_id"]).unwrap();
        assert!(!differs(row, wanted), "{view}, {name}: expected {wanted:#?}, got {row:#}");
    }
}

/// One test for each view, so that a failure names it.
macro_rules! view_tests {
    ($($view:ident)*) => {
        $(#[test] fn $view() { check(stringify!($view)); })*

        const TESTED: &[&str] = &[$(stringify!($view)),*];
    };
}

view_tests! {
    ecs_command_as_root
    ecs_root_initial_user
    ecs_root_initial_user_denied
    root_ak_access
    root_console_login
    root_ecs_write
    root_high_frequency
    root_resource_write
    summary_principal
    summary_root
    unread_values
}

#[test]
fn every_file_is_a_view_and_is_tested() {
    let names: BTreeSet<&str> = views::all().unwrap().iter().map(|view| view.name.as_str()).collect();
    let mut files = BTreeSet::new();
    for category in std::fs::read_dir(package().join("queries")).unwrap() {
        let category = category.unwrap().path();
        if !category.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(category).unwrap() {
            files.insert(file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    assert_eq!(names, files.iter().map(String::as_str).collect());
    assert_eq!(names, TESTED.iter().copied().collect());
    assert_eq!(views::all().unwrap().len(), names.len(), "a name comes twice");
}

#[test]
fn every_view_says_what_it_is() {
    let written_in = |text: &str, from: char, to: char| text.chars().any(|c| (from..=to).contains(&c));
    for view in views::all().unwrap() {
        let name = &view.name;
        assert!(view.titles.en.is_ascii() && !view.titles.en.ends_with('.'), "{name}: {}", view.titles.en);
        assert!(written_in(&view.titles.ja, '\u{3040}', '\u{30ff}'), "{name}: no kana in {}", view.titles.ja);
        assert!(written_in(&view.titles.zh, '\u{4e00}', '\u{9fff}'), "{name}: no hanzi in {}", view.titles.zh);
        assert!(!written_in(&view.titles.zh, '\u{3040}', '\u{30ff}'), "{name}: kana in {}", view.titles.zh);
        assert!(view.why.len() > 60 && view.why.ends_with('.'), "{name}: {}", view.why);
        assert!(["info", "low", "medium", "high", "critical"].contains(&view.severity.to_string().as_str()));
        for id in &view.attack {
            assert!(id.starts_with('T') && id[1..].chars().all(|c| c.is_ascii_digit() || c == '.'), "{name}: {id}");
        }
        for param in &view.params {
            assert!(view.sql.contains(&format!("${}", param.name)), "{name}: ${} is not used", param.name);
        }
    }
    let severity = |name: &str| views::find(name).unwrap().severity.to_string();
    for (name, wanted) in [
        ("ecs_command_as_root", "medium"),
        ("ecs_root_initial_user", "medium"),
        ("ecs_root_initial_user_denied", "medium"),
        ("root_ak_access", "high"),
        ("root_console_login", "medium"),
        ("root_ecs_write", "high"),
        ("root_high_frequency", "medium"),
        ("root_resource_write", "high"),
        ("summary_principal", "info"),
        ("summary_root", "info"),
    ] {
        assert_eq!(severity(name), wanted, "{name}");
    }
}
