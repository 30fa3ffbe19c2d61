//! Views on events made by hand: beside each `<view>.sql` stands `<view>.test.json` with the events that must match,
//! those that must not, and rows that must come out. `queries/README.md` has the form of these files.
//!
//! One test runs all files of a folder, the built-in one and that of `tests/views`, and names every view and case that
//! fails.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use trailql::engine::views::{MATCH_COLUMNS, ParamType, View, ViewCatalog, ViewKind};
use trailql::engine::{EngineError, EngineOptions, Scope, Session, ViewQuery};
use trailql::event::time::Zone;

use crate::harness::package;
use crate::lab::{self, Lab, merge, rows, texts, views, whole_events};

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

impl Case {
    fn ids(&self) -> impl Iterator<Item = &str> + Clone {
        self.events.iter().map(|event| event["eventId"].as_str().unwrap())
    }

    fn has_match(&self) -> bool {
        self.ids().any(|id| id.starts_with("match-"))
    }
}

/// A session that knows these views.
fn session(lab: &Lab, catalog: &Arc<ViewCatalog>, scope: &Scope) -> Session {
    lab::session(&lab.lake(), scope, &EngineOptions { views: Arc::clone(catalog), ..lab::engine_options() })
}

fn query(view: &str, params: &[(String, String)]) -> ViewQuery {
    ViewQuery { name: view.to_owned(), params: params.to_vec() }
}

/// The built-in views with those of `tests/views`.
fn with_test_views() -> Arc<ViewCatalog> {
    Arc::new(ViewCatalog::built_in().unwrap().with_folder(&package().join("tests/views")).unwrap())
}

/// Runs the test file of every view of a folder, and shows all that fails.
#[track_caller]
fn check_folder(catalog: &Arc<ViewCatalog>, folder: &Path) {
    let files = files_below(folder, ".sql").into_iter().filter(|file| !file.starts_with(folder.join("lib")));
    let todo: Mutex<Vec<PathBuf>> = Mutex::new(files.collect());
    let failures = Mutex::new(Vec::new());
    let work = || {
        while let Some(file) = { todo.lock().unwrap().pop() } {
            let name = file.file_stem().unwrap().to_str().unwrap();
            let view = catalog.find(name).unwrap();
            let mut case = String::new();
            let done =
                catch_unwind(AssertUnwindSafe(|| check(catalog, view, &file.with_extension("test.json"), &mut case)));
            if let Err(panic) = done {
                let said = panic.downcast_ref::<String>().cloned();
                let said = said.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
                failures.lock().unwrap().push(format!("view `{name}`, case `{case}`: {said}"));
            }
        }
    };
    std::thread::scope(|threads| {
        let threads: Vec<_> = (0..4).map(|_| threads.spawn(work)).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Checks the cases of one view; `at` is the name of the case at hand.
fn check(catalog: &Arc<ViewCatalog>, view: &View, file: &Path, at: &mut String) {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let file: File = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let has = |of: &dyn Fn(&Case) -> bool| file.cases.iter().any(of);
    if view.kind == ViewKind::Match {
        assert!(has(&Case::has_match), "no event that must match (its id begins with `match-`)");
        assert!(has(&|case| case.ids().any(|id| id.starts_with("no-"))), "no near miss (its id begins with `no-`)");
    } else {
        assert!(has(&|case| case.rows.as_ref().is_some_and(|rows| !rows.is_empty())), "no rows");
    }
    for case in file.cases {
        at.clone_from(&case.name);
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
        check_case(view, &case, &session(&lab, catalog, &scope));
    }
}

fn check_case(view: &View, case: &Case, session: &Session) {
    let params: Vec<(String, String)> =
        case.params.iter().map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect();
    let found = rows(session.view(&query(&view.name, &params)));
    let expected = case.rows.as_deref().unwrap_or_default();
    let differs = |row: &Value, wanted: &Map<String, Value>| wanted.iter().any(|(column, value)| row[column] != *value);

    if !case.has_match() && case.rows.is_none() {
        // Nothing of these events matches.
        assert!(case.ids().all(|id| id.starts_with("no-")) && !case.events.is_empty(), "nothing to check");
    }
    if !case.has_match() {
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (row, wanted) in found.iter().zip(expected) {
            assert!(!differs(row, wanted), "expected {wanted:#?}, got {row:#}");
        }
        return;
    }
    let got: BTreeSet<String> = texts(&found, "event_id").into_iter().collect();
    assert_eq!(got.len(), found.len(), "an event came twice");
    for id in case.ids() {
        assert!(id.starts_with("match-") || id.starts_with("no-"), "{id}");
    }
    let wanted: BTreeSet<String> = case.ids().filter(|id| id.starts_with("match-")).map(str::to_owned).collect();
    let missing: Vec<_> = wanted.difference(&got).collect();
    let extra: Vec<_> = got.difference(&wanted).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing {missing:?}, not expected {extra:?}");
    for wanted in expected {
        let row = found.iter().find(|row| row["event_id"] == wanted["event_id"]).unwrap();
        assert!(!differs(row, wanted), "expected {wanted:#?}, got {row:#}");
    }
    if view.kind == ViewKind::Match {
        check_contract(view, &params, session, found.len());
    }
}

/// Checks that a view has the columns of every match, of the types that `events` has, and that its rows lead back to as
/// many events.
fn check_contract(view: &View, params: &[(String, String)], session: &Session, found: usize) {
    let (answer, events) =
        (session.view(&query(&view.name, params)).unwrap(), session.sql("SELECT * FROM events").unwrap());
    for column in MATCH_COLUMNS {
        let schema = answer.schema();
        let Ok(field) = schema.field_with_name(column) else { panic!("a view of the kind `match` has `{column}`") };
        assert_eq!(field.data_type(), events.schema().field_with_name(column).unwrap().data_type(), "{column}");
    }
    assert_eq!(
        whole_events(session.view_events(&query(&view.name, params))).len(),
        found,
        "rows do not lead back to events"
    );
}

fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.unwrap().into_path());
    files.filter(|path| path.to_str().unwrap().ends_with(ending)).collect()
}

#[test]
fn built_in_views_match_what_their_tests_say() {
    check_folder(&views(), &package().join("queries"));
}

#[test]
fn views_of_a_folder_match_what_their_tests_say() {
    check_folder(&with_test_views(), &package().join("tests/views"));
}

#[test]
fn a_test_file_that_is_wrong_is_found() {
    let catalog = views();
    let view = catalog.find("root_ecs_write").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let event = |id: &str| json!({"eventId": id, "eventName": "RunInstances", "eventTime": "2026-11-03T10:00:00Z"});
    for (ids, said) in [
        (&["match-1", "no-1"][..], "missing [\"match-1\"]"),
        (&["match-1"], "no near miss"),
        (&["no-1"], "no event that must match"),
    ] {
        let events: Vec<Value> = ids.iter().map(|id| event(id)).collect();
        let file = folder.path().join("root_ecs_write.test.json");
        std::fs::write(&file, json!({"base": {}, "cases": [{"name": "c", "events": events}]}).to_string()).unwrap();
        let done = catch_unwind(AssertUnwindSafe(|| check(&catalog, view, &file, &mut String::new())));
        let panic = done.unwrap_err();
        let text =
            panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|t| t.to_string()));
        assert!(text.as_ref().unwrap().contains(said), "{text:?}");
    }
}

#[test]
fn every_test_file_has_its_view() {
    for folder in ["queries", "tests/views"] {
        for file in files_below(&package().join(folder), ".test.json") {
            let view = file.to_str().unwrap().replace(".test.json", ".sql");
            assert!(Path::new(&view).is_file(), "no view for {}", file.display());
        }
    }
}

#[test]
fn values_of_the_wrong_type_are_refused() {
    let lab = Lab::with_events(&[json!({"eventId": "a", "eventTime": "2026-11-03T10:00:00Z"})]);
    let session = session(&lab, &with_test_views(), &Scope::default());
    let mut types = BTreeSet::new();
    for (kind, wrong, is) in [
        (ParamType::Count, "0", "a whole number, 1 or more"),
        (ParamType::Int, "1.5", "a whole number"),
        (ParamType::Float, "inf", "a number, such as `0.5`"),
        (ParamType::Bool, "1", "`true` or `false`"),
        (ParamType::List, "a\nb", "a list, such as `a,b`"),
        (ParamType::Duration, "soon", "a length of time, such as `30m`, `2h` or `7d`"),
        (ParamType::CidrList, "10.0.0.0/8,home", "a list of networks, such as `10.0.0.0/8,2001:db8::/32`"),
        (ParamType::TimeOfDay, "25:00", "a time of day, such as `08:30`"),
        (ParamType::Date, "2026-02-30", "a date, such as `2026-11-03`"),
        (ParamType::Zone, "Mars/Base", "a time zone, such as `Asia/Tokyo` or `+09:00`"),
    ] {
        types.insert(kind.text());
        let view = format!("param_{}", kind.text());
        let expected = format!("the parameter `value` of the view `{view}` is {is}: `{wrong}`");
        let given = vec![("value".to_owned(), wrong.to_owned())];
        assert_eq!(session.view(&query(&view, &given)).err().unwrap().to_string(), expected);
        let sql = format!("SELECT * FROM {view}(value => '{wrong}')");
        assert_eq!(session.sql(&sql).err().unwrap().to_string(), expected);
    }
    types.insert(ParamType::Text.text());
    assert_eq!(types.len(), ParamType::ALL.len(), "every type but text can be wrong");
}

#[test]
fn values_are_given_in_sql_as_literals() {
    let lab = Lab::with_events(&[json!({"eventId": "a", "eventName": "RunInstances", "sourceIpAddress": "10.0.0.1",
        "eventTime": "2026-11-03T10:00:00Z"})]);
    let session = session(&lab, &with_test_views(), &Scope::default());
    for (call, found) in [
        ("param_list(value => ['StopInstances', 'RunInstances'])", 1),
        ("param_list(value => 'StopInstances')", 0),
        ("param_cidr_list(value => ['10.0.0.0/8'])", 1),
        ("param_date(value => DATE '2026-11-03')", 1),
        ("param_date(value => '2026-11-04')", 0),
        ("param_float(value => 0.5)", 1),
        ("param_int(value => -1)", 1),
        ("param_bool(value => true)", 1),
        // A text stays a text, whatever it says.
        ("param_text(value => 'x'' OR ''1'' = ''1')", 0),
        ("outer_view(names => 'RunInstances')", 1),
        ("outer_view(names => ['StopInstances'])", 0),
    ] {
        assert_eq!(rows(session.sql(&format!("SELECT * FROM {call}"))).len(), found, "{call}");
    }
}

#[test]
fn hidden_views_are_seen_by_views_only() {
    let lab = Lab::with_events(&[json!({"eventId": "a", "eventTime": "2026-11-03T10:00:00Z"})]);
    let catalog = with_test_views();
    let session = session(&lab, &catalog, &Scope::default());
    assert!(catalog.get("named_events").is_some_and(View::is_hidden));
    for _ in 0..2 {
        for sql in ["SELECT * FROM named_events", "SELECT * FROM named_events(names => 'a')"] {
            assert!(session.sql(sql).is_err(), "{sql}");
        }
        // The second time round, a view has planned it.
        assert_eq!(rows(session.sql("SELECT * FROM outer_view")).len(), 0);
    }
    assert!(matches!(session.view(&ViewQuery::new("named_events")), Err(EngineError::UnknownView { .. })));
    let listed = texts(&rows(session.sql("SHOW TABLES")), "table_name");
    assert!(listed.contains(&"outer_view".to_owned()) && !listed.contains(&"named_events".to_owned()));
}

#[test]
fn a_view_that_leads_back_to_itself_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for (name, other) in [("a", "b"), ("b", "a"), ("c", "c")] {
        let text = format!("-- /// view\n-- name = \"{name}\"\n-- why = \"w\"\n-- ///\nSELECT * FROM {other}");
        std::fs::create_dir_all(folder.path().join("lib")).unwrap();
        std::fs::write(folder.path().join(format!("lib/{name}.sql")), text).unwrap();
    }
    let head = "-- /// view\n-- name = \"top\"\n-- severity = \"low\"\n-- kind = \"summary\"\n-- source = \"ours\"\n\
                -- title = { en = \"a\", ja = \"b\", zh = \"c\" }\n-- why = \"w\"\n-- ///\n";
    std::fs::write(folder.path().join("top.sql"), format!("{head}SELECT * FROM a UNION ALL SELECT * FROM c")).unwrap();
    let catalog = Arc::new(ViewCatalog::default().with_folder(folder.path()).unwrap());
    let lab = Lab::with_events(&[json!({"eventId": "a", "eventTime": "2026-11-03T10:00:00Z"})]);
    let error = session(&lab, &catalog, &Scope::default()).view(&ViewQuery::new("top")).err().unwrap();
    assert!(matches!(&error, EngineError::RecursiveView(name) if ["a", "c"].contains(&name.as_str())), "{error}");
}

#[test]
fn every_view_says_what_it_is() {
    let written_in = |text: &str, from: char, to: char| text.chars().any(|c| (from..=to).contains(&c));
    let catalog = views();
    for view in catalog.listed() {
        let name = &view.name;
        assert!(view.titles.en.is_ascii() && !view.titles.en.ends_with('.'), "{name}: {}", view.titles.en);
        assert!(written_in(&view.titles.ja, '\u{3040}', '\u{30ff}'), "{name}: no kana in {}", view.titles.ja);
        assert!(written_in(&view.titles.zh, '\u{4e00}', '\u{9fff}'), "{name}: no hanzi in {}", view.titles.zh);
        assert!(!written_in(&view.titles.zh, '\u{3040}', '\u{30ff}'), "{name}: kana in {}", view.titles.zh);
        assert!(view.why.len() > 60 && view.why.ends_with('.'), "{name}: {}", view.why);
        for id in &view.attack {
            assert!(id.starts_with('T') && id[1..].chars().all(|c| c.is_ascii_digit() || c == '.'), "{name}: {id}");
        }
    }
}

/// The lines of `queries/README.md` that are made from the views.
fn listed_views(catalog: &ViewCatalog) -> String {
    let mut lines = vec!["| view | category | severity | kind | parameters | title |".to_owned()];
    lines.push("|---|---|---|---|---|---|".to_owned());
    for view in catalog.listed() {
        let params = view.params.iter().map(|param| format!("`{}={}`", param.name, param.default));
        let params = params.collect::<Vec<_>>().join(", ");
        let (kind, title) = (view.kind.text(), &view.titles.en);
        lines
            .push(format!("| `{}` | {} | {} | {kind} | {params} | {title} |", view.name, view.category, view.severity));
    }
    lines.join("\n")
}

#[test]
fn the_readme_lists_the_views() {
    const BEGIN: &str = "<!-- views: made by the test `the_readme_lists_the_views`, run with UPDATE_README=1 -->\n";
    const END: &str = "\n<!-- end of views -->";
    let path = package().join("queries/README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let begin = text.find(BEGIN).unwrap() + BEGIN.len();
    let end = text.find(END).unwrap();
    let listed = listed_views(&views());
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&path, format!("{}{listed}{}", &text[..begin], &text[end..])).unwrap();
    } else {
        assert_eq!(&text[begin..end], listed, "run this test with UPDATE_README=1");
    }
    for word in ParamType::ALL.map(ParamType::text).iter().chain(&ViewKind::NAMED.map(ViewKind::text)) {
        assert!(text.contains(&format!("| `{word}` |")), "`{word}` is not told of");
    }
    for column in MATCH_COLUMNS {
        assert!(text.contains(&format!("`{column}`")), "`{column}` is not told of");
    }
}
