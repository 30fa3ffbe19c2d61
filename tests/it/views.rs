//! Views on events made by hand: beside each `<view>.sql` stands `<view>.test.json` with the events that must match,
//! those that must not, and rows that must come out. `queries/README.md` has the form of these files.
//!
//! The built-in folder and that of `tests/views` are checked as `trailql views check` checks a user's.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use trailql::engine::views::{GROUP_COLUMNS, LEADING_COLUMNS, MATCH_COLUMNS, ParamType, View, ViewCatalog, ViewKind};
use trailql::engine::{EngineError, EngineOptions, Scope, Session, ViewQuery};
use trailql::ops::progress::Silent;
use trailql::ops::views_check::{CheckOptions, Status, ViewCheck, check};

use crate::harness::package;
use crate::lab::{self, Lab, rows, texts, views};

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

/// Checks the views of a folder as `trailql views check` does.
fn check_folder(known: ViewCatalog, folder: &Path) -> Vec<ViewCheck> {
    let options = CheckOptions {
        folder: folder.to_owned(),
        known,
        only: Vec::new(),
        memory_limit_bytes: 256 << 20,
        threads: 4,
        now: lab::now(),
    };
    check(&options, &Silent).unwrap()
}

/// Checks that no view of a folder has a fault, and that each has a test.
#[track_caller]
fn assert_good(checks: &[ViewCheck]) {
    let failed: Vec<&ViewCheck> = checks.iter().filter(|check| check.status != Status::Ok).collect();
    assert!(failed.is_empty() && !checks.is_empty(), "{failed:#?}");
}

/// Writes files into a folder.
fn folder_of(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        lab::write(&folder.path().join(name), text);
    }
    folder
}

fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.unwrap().into_path());
    files.filter(|path| path.to_str().unwrap().ends_with(ending)).collect()
}

#[test]
fn built_in_views_match_what_their_tests_say() {
    let checks = check_folder(ViewCatalog::default(), &package().join("queries"));
    assert_good(&checks);
    let lead_otherwise: Vec<&str> =
        checks.iter().filter(|check| !check.warnings.is_empty()).map(|check| check.view.as_str()).collect();
    assert_eq!(lead_otherwise, LEAD_OTHERWISE, "{checks:#?}");
}

/// Views whose columns are older than the columns of findings, and which others ask for by name.
const LEAD_OTHERWISE: [&str; 1] = ["root_high_frequency"];

#[test]
fn views_of_a_folder_match_what_their_tests_say() {
    assert_good(&check_folder(ViewCatalog::built_in().unwrap(), &package().join("tests/views")));
}

/// A view of the kind `match`, with this SELECT behind its head.
fn match_view(name: &str, sql: &str) -> String {
    format!(
        "-- /// view\n-- name = \"{name}\"\n-- severity = \"low\"\n-- kind = \"match\"\n-- source = \"ours\"\n\
         -- title = {{ en = \"a\", ja = \"b\", zh = \"c\" }}\n-- why = \"w\"\n-- ///\n{sql}\n"
    )
}

#[test]
fn faults_of_views_and_tests_are_told() {
    let event = |id: &str, name: &str| json!({"eventId": id, "eventName": name, "eventTime": "2026-11-03T10:00:00Z"});
    let file = |cases: Value| json!({"base": {}, "cases": cases}).to_string();
    let case = |events: &[Value]| file(json!([{"name": "c", "events": events}]));
    let select = "SELECT event_time, account_id, acs_region, source_ip_address, event_id FROM events\n\
                  WHERE event_name = 'RunInstances'";
    let (good, near) = (event("match-1", "RunInstances"), event("no-1", "StopInstances"));
    let with_rows = |rows: Value| file(json!([{"name": "c", "events": [&good, &near], "rows": rows}]));
    for (sql, test, case, reason) in [
        (select, case(&[event("match-1", "X"), near.clone()]), "c", "the event must match and does not: `match-1`"),
        (select, case(&[good.clone(), event("no-1", "RunInstances")]), "c", "the event matches and must not: `no-1`"),
        (select, case(std::slice::from_ref(&good)), "", "the test has no near miss"),
        (select, case(std::slice::from_ref(&near)), "", "the test has no event that must match"),
        (select, case(&[good.clone(), event("other", "X")]), "", "cannot read the test file: case `c`: where an id"),
        (select, case(&[json!({})]), "", "cannot read the test file: case `c`: each event has an `eventId`"),
        (
            select,
            "{\n \"base\": 1,\n \"case\": []}".to_owned(),
            "",
            "unknown field `case`, expected `base` or `cases` at line 3",
        ),
        (
            select,
            with_rows(json!([{"event_id": "match-1", "account_id": "1"}])),
            "c",
            "`match-1`: `account_id` is null, expected \"1\"",
        ),
        (select, with_rows(json!([{"event_id": "match-1", "x": 1}])), "c", "`match-1`: there is no column `x`"),
        (select, with_rows(json!([{"event_id": "match-2"}])), "c", "no row has the `event_id` of the expected row"),
        (
            "SELECT event_id, 1 AS event_time FROM events",
            case(std::slice::from_ref(&good)),
            "",
            "has the column `account_id`",
        ),
        (
            "SELECT event_id, 1 AS event_time FROM events",
            case(std::slice::from_ref(&good)),
            "",
            "`event_time` has another type",
        ),
        (
            "SELECT\n  acount_id FROM events",
            case(&[]),
            "",
            "no column named `acount_id` (line 10, column 3); did you mean `account_id`?",
        ),
        ("SELECT 1 FROM event", case(&[]), "", "no table or view named `event` (line 9, column 15); did you mean"),
        ("SELECT 1 FROM (", case(&[]), "", "the SQL cannot be read at line 9, column 16: "),
    ] {
        let folder = folder_of(&[("v.sql", &match_view("v", sql)), ("v.test.json", &test)]);
        let checks = check_folder(ViewCatalog::default(), folder.path());
        let [check] = checks.as_slice() else { panic!("{checks:#?}") };
        assert_eq!(check.status, Status::Failed);
        let is_told = |fault: &trailql::ops::views_check::Fault| {
            fault.case.as_deref().unwrap_or_default() == case && fault.reason.contains(reason)
        };
        assert!(check.faults.iter().any(is_told), "{reason}: {check:#?}");
    }
}

#[test]
fn views_of_a_folder_may_be_broken_alone_and_without_tests() {
    let select = "SELECT event_time, account_id, acs_region, source_ip_address, event_id FROM events";
    let broken = match_view("a", select).replace("severity", "severety");
    let folder = folder_of(&[
        ("a.sql", &broken),
        ("b.sql", &match_view("b", select)),
        ("c.sql", &match_view("root_ak_access", select)),
        ("lib/d.sql", "-- /// view\n-- name = \"d\"\n-- why = \"w\"\n-- ///\nSELECT * FROM root_events"),
        ("x/e.sql", &match_view("e", "SELECT * FROM root_ecs_write JOIN d USING (event_id)")),
    ]);
    let checks = check_folder(ViewCatalog::built_in().unwrap(), folder.path());
    let found: Vec<_> = checks.iter().map(|check| (check.view.as_str(), check.status)).collect();
    let (failed, untested) = (Status::Failed, Status::Untested);
    assert_eq!(found[..4], [("a", failed), ("b", untested), ("c", failed), ("d", Status::Ok)]);
    assert!(checks[0].faults[0].reason.ends_with("line 3, column 4: unknown key `severety`; did you mean `severity`?"));
    let missing = CheckOptions {
        folder: folder.path().to_owned(),
        known: ViewCatalog::default(),
        only: vec!["bb".to_owned()],
        memory_limit_bytes: 256 << 20,
        threads: 1,
        now: lab::now(),
    };
    assert!(check(&missing, &Silent).unwrap_err().to_string().contains("no view named `bb`"));
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

/// The events of every third test file beside the views, so that most views lack the names that they ask for.
fn events_of_some_tests() -> Vec<Value> {
    let mut files = files_below(&package().join("queries"), ".test.json");
    files.sort();
    let mut events = Vec::new();
    for (at, file) in files.iter().enumerate().filter(|(at, _)| at % 3 == 0) {
        let test: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        for case in test["cases"].as_array().unwrap() {
            for (place, event) in case["events"].as_array().unwrap().iter().enumerate() {
                let mut whole = serde_json::Map::new();
                for part in [&test["base"], event] {
                    whole.extend(
                        part.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())),
                    );
                }
                whole.retain(|_, value| value != "(missing)");
                let id = format!("{at}-{}-{place}", case["name"].as_str().unwrap_or_default());
                whole.insert("eventId".to_owned(), id.into());
                events.push(whole.into());
            }
        }
    }
    events
}

#[test]
fn names_that_do_not_occur_change_no_answer() {
    let lab = Lab::with_events(&events_of_some_tests());
    let catalog = with_test_views();
    let session = session(&lab, &catalog, &Scope::default());
    let with_names = session.with_names().unwrap();
    let (mut found, mut empty) = (0, 0);
    for view in views().listed() {
        let query = query(&view.name, &[]);
        let answer = rows(session.view(&query));
        assert_eq!(rows(with_names.view(&query)), answer, "{}", view.name);
        if answer.is_empty() { empty += 1 } else { found += 1 }
    }
    assert!(found > 40 && empty > 40, "{found} views have rows, and {empty} have none");
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
        // In a statement the error has a place: that of the parameter, behind the name of the view.
        let place = format!(" (line 1, column {})", "SELECT * FROM (".len() + view.len() + 1);
        assert_eq!(session.sql(&sql).err().unwrap().to_string(), expected + &place);
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

/// The event alerts that the console of ActionTrail offers, by their ids.
const ALERTS: [&str; 53] = [
    "cis.at.abnormal_ak_usage",
    "cis.at.abnormal_login",
    "cis.at.abnormal_pwd_mod_cnt",
    "cis.at.ak_conf_change",
    "cis.at.api_err",
    "cis.at.cfw_ai_off",
    "cis.at.cfw_assets_auto_protec_off",
    "cis.at.cfw_assets_protec_off",
    "cis.at.cfw_basic_rule_off",
    "cis.at.cfw_log_off",
    "cis.at.cfw_loose_block",
    "cis.at.cfw_obs_mode",
    "cis.at.cfw_patch_off",
    "cis.at.cfw_ti_off",
    "cis.at.cloudfirewall_conf_change",
    "cis.at.ecs_auto_snapshot_policy",
    "cis.at.ecs_disk_encry_detc",
    "cis.at.ecs_disk_reinit",
    "cis.at.ecs_disk_release",
    "cis.at.ecs_force_reboot",
    "cis.at.ecs_reboot_alot",
    "cis.at.ecs_release_protec_off",
    "cis.at.esc_release",
    "cis.at.off_duty_login",
    "cis.at.oss_policy_change",
    "cis.at.password_change",
    "cis.at.password_reset",
    "cis.at.pwd_expire_policy",
    "cis.at.pwd_length_policy",
    "cis.at.pwd_login_attemp_policy",
    "cis.at.pwd_reuse_prevention_policy",
    "cis.at.ram_auth_change",
    "cis.at.ram_mfa_login",
    "cis.at.ram_policy_change",
    "cis.at.rds_access_whitelist",
    "cis.at.rds_conf_change",
    "cis.at.rds_sql_audit",
    "cis.at.rds_ssl_config",
    "cis.at.root_ak_usage",
    "cis.at.root_login",
    "cis.at.sas_webshell_detection",
    "cis.at.sas_webshell_unbind",
    "cis.at.securitygroup_change",
    "cis.at.trail_off",
    "cis.at.unauth_apicall",
    "cis.at.unauth_login",
    "cis.at.vpc_conf_change",
    "cis.at.vpc_flowlog_off",
    "cis.at.vpc_route_change",
    "dataflow.at.slb_http",
    "db.at.rds_instance_del",
    "ip_insight",
    "ip_insight_v2",
];

/// The types of Insight events.
const INSIGHTS: [&str; 7] = [
    "AkInsight",
    "ApiCallRateInsight",
    "ApiErrorRateInsight",
    "IpInsight",
    "PasswordChangeInsight",
    "PolicyChangeInsight",
    "TrailConcealmentInsight",
];

/// The sections of the CIS benchmark that ask for an alert on events.
const CIS: std::ops::RangeInclusive<u32> = 10..=22;

/// The tables of `queries/README.md` that say which view covers a rule of others.
fn covered_rules(catalog: &ViewCatalog) -> String {
    let views_with = |is_covered: &dyn Fn(&View) -> bool| -> String {
        let names = catalog.listed().into_iter().filter(|view| is_covered(view)).map(|view| format!("`{}`", view.name));
        names.collect::<Vec<_>>().join(", ")
    };
    let covering = |rule: &str| views_with(&|view| view.parity.iter().any(|covered| covered == rule));
    let all = catalog.listed();
    let named = |list: &str| -> BTreeSet<&str> {
        all.iter().flat_map(|view| &view.parity).filter_map(|rule| rule.strip_prefix(list)).collect()
    };
    let mut text = String::new();
    let mut table = |title: &str, rows: Vec<(String, String)>| {
        text.push_str(&format!("| {title} | views |\n|---|---|\n"));
        for (rule, views) in rows {
            text.push_str(&format!("| {rule} | {views} |\n"));
        }
        text.push('\n');
    };
    let of_list = |list: &str, rules: &mut dyn Iterator<Item = &str>| -> Vec<(String, String)> {
        rules.map(|rule| (rule.to_owned(), covering(&format!("{list}{rule}")))).collect()
    };
    table("template of ActionTrail", of_list("template:", &mut named("template:").into_iter()));
    table("event alert of ActionTrail", of_list("alert:", &mut ALERTS.into_iter()));
    table("rule of SLS Log Audit", of_list("sls:", &mut named("sls:").into_iter()));
    table("Insight type", of_list("insight:", &mut INSIGHTS.into_iter()));
    let sections = CIS.map(|number| format!("2.{number}"));
    let rows = sections.map(|section| (section.clone(), views_with(&|view| view.cis.contains(&section))));
    table("section of the CIS benchmark", rows.collect());
    text.trim_end().to_owned()
}

#[test]
fn rules_of_others_are_named_as_they_are_called() {
    for view in views().listed() {
        for rule in &view.parity {
            let (list, name) = rule.split_once(':').unwrap();
            let is_known = match list {
                "alert" => ALERTS.contains(&name),
                "insight" => INSIGHTS.contains(&name),
                _ => true,
            };
            assert!(is_known, "{}: {rule}", view.name);
        }
    }
}

#[test]
fn every_alert_insight_and_section_is_covered() {
    let table = covered_rules(&views());
    let open: Vec<&str> = table.lines().filter(|row| row.ends_with("|  |")).collect();
    assert_eq!(open, [""; 0], "rules that no view covers");
}

#[test]
fn the_readme_lists_the_views() {
    let path = package().join("queries/README.md");
    let mut text = std::fs::read_to_string(&path).unwrap();
    let sections = [("views", listed_views(&views())), ("parity", covered_rules(&views()))];
    for (name, made) in sections {
        let begin =
            format!("<!-- {name}: made by the test `the_readme_lists_the_views`, run with UPDATE_README=1 -->\n");
        let begin = text.find(&begin).unwrap() + begin.len();
        let end = text.find(&format!("\n<!-- end of {name} -->")).unwrap();
        if std::env::var_os("UPDATE_README").is_some() {
            text.replace_range(begin..end, &made);
            std::fs::write(&path, &text).unwrap();
        } else {
            assert_eq!(&text[begin..end], made, "run this test with UPDATE_README=1");
        }
    }
    let types = ParamType::ALL.map(ParamType::text);
    assert!(text.contains("A parameter of the type `table`"));
    for word in types.iter().chain(&ViewKind::NAMED.map(ViewKind::text)) {
        assert!(text.contains(&format!("| `{word}` |")), "`{word}` is not told of");
    }
    for column in MATCH_COLUMNS.iter().chain(&LEADING_COLUMNS).chain(&GROUP_COLUMNS) {
        assert!(text.contains(&format!("`{column}`")), "`{column}` is not told of");
    }
}
