//! `trailql detect`: which views are asked, what is new, known or too old, and the forms of findings.

use serde_json::{Value, json};
use snapbox::{Data, assert_data_eq};
use trailql::detect::finding::Finding;
use trailql::detect::suppress::Suppressions;
use trailql::engine::Scope;
use trailql::engine::views::Severity;
use trailql::event::time::{TimeBound, Zone};
use trailql::ops::OpsError;
use trailql::ops::detect::{DetectOptions, Detector, NewSince, Selection, ViewParameter};

use crate::harness::{Home, NOW, package, sample_data};
use crate::lab::{self, Lab, for_ops};

fn options(only: &[&str]) -> DetectOptions {
    DetectOptions {
        selection: Selection {
            min_severity: Severity::Low,
            categories: Vec::new(),
            only: only.iter().map(ToString::to_string).collect(),
            skip: Vec::new(),
        },
        params: Vec::new(),
        suppressions: Suppressions::default(),
        new_since: None,
        baseline: None,
        lang: trailql::event::lang::Lang::En,
        at_once: 3,
    }
}

/// Returns all findings, and the detector at its end.
fn detect(lab: &Lab, scope: Scope, options: &DetectOptions) -> Result<(Vec<Finding>, Detector), OpsError> {
    let opened = for_ops(&lab.session_with(scope, false));
    let mut detector = Detector::start(&opened, options)?;
    let mut findings = Vec::new();
    while let Some(more) = detector.next_findings()? {
        findings.extend(more);
    }
    Ok((findings, detector))
}

fn ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.event_id.as_deref().unwrap_or("none")).collect()
}

fn logon(id: &str, time: &str, more: Value) -> Value {
    let mut event = json!({"eventId": id, "eventTime": time, "eventName": "ConsoleSignin", "eventType": "ConsoleSignin",
        "eventVersion": 1, "serviceName": "AasSub", "acsRegion": "cn-hangzhou", "sourceIpAddress": "203.0.113.77",
        "recipientAccountId": "1000000000000001", "additionalEventData": {"mfaChecked": "false"},
        "userIdentity": {"type": "ram-user", "principalId": "2", "userName": "alice", "accountId": "1000000000000001"}});
    lab::merge(&mut event, &more);
    event
}

#[test]
fn the_views_of_a_severity_are_asked_the_most_severe_first() {
    let lab = Lab::with_events(&[logon("a", "2026-11-03T10:00:00Z", json!({}))]);
    let asked = |options: &DetectOptions| -> Vec<(Severity, String)> {
        let (_, detector) = detect(&lab, Scope::default(), options).unwrap();
        detector.rules().iter().map(|rule| (rule.severity, rule.view.clone())).collect()
    };
    let all = asked(&options(&[]));
    assert!(all.is_sorted_by(|a, b| a.0 >= b.0) && all.len() > 15, "{all:?}");
    let catalog = lab::views();
    assert!(all.iter().all(|(_, view)| catalog.find(view).unwrap().kind.has_findings()));
    let mut high = options(&[]);
    high.selection.min_severity = Severity::High;
    high.selection.skip = vec!["root_ak_access".to_owned()];
    let views = asked(&high);
    assert!(views.iter().all(|(severity, view)| *severity >= Severity::High && view != "root_ak_access"), "{views:?}");
    let mut network = options(&[]);
    network.selection.categories = vec!["network".to_owned()];
    assert!(asked(&network).iter().all(|(_, view)| catalog.find(view).unwrap().category == "network"));
    // A view that is named is asked, although its rows are no findings.
    assert_eq!(asked(&options(&["summary_root", "root_ak_access"])).len(), 2);
    let param = |view: &str, name: &str, value: &str| ViewParameter {
        view: view.to_owned(),
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let wrong = |options: &DetectOptions| detect(&lab, Scope::default(), options).err().unwrap().to_string();
    for (change, said) in [
        (DetectOptions { params: vec![param("nothing", "n", "1")], ..options(&[]) }, "no view named `nothing`"),
        (
            DetectOptions { params: vec![param("root_high_frequency", "m", "1")], ..options(&[]) },
            "the view `root_high_frequency` has no parameter `m`",
        ),
        (
            DetectOptions { params: vec![param("root_high_frequency", "n", "x")], ..options(&[]) },
            "the parameter `n` of the view `root_high_frequency` is a whole number, 1 or more: `x`",
        ),
        (options(&["nothing"]), "no view named `nothing`"),
        (
            DetectOptions { new_since: Some(NewSince::Run("nothing".to_owned())), ..options(&[]) },
            "no run of the lake is named: `nothing`",
        ),
    ] {
        assert_eq!(wrong(&change), said);
    }
    let few = DetectOptions {
        params: vec![param("console_login_bruteforce", "n", "0")],
        ..options(&["console_login_bruteforce"])
    };
    let failed = logon("b", "2026-11-03T10:00:00Z", json!({"errorCode": "Authentication.Failed"}));
    let (findings, _) = detect(&Lab::with_events(&[failed]), Scope::default(), &few).unwrap();
    assert_eq!(ids(&findings), ["b"]);
}

#[test]
fn new_is_what_later_files_brought() {
    let lab = Lab::new();
    let file = |name: &str, events: &[Value]| {
        let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
        lab.ingest(&[lab.file(name, lines)])
    };
    let failed = json!({"errorCode": "Authentication.Failed"});
    let first = file(
        "in/1.json",
        &[
            logon("old", "2026-11-03T10:00:00Z", json!({})),
            logon("f1", "2026-11-03T11:00:00Z", failed.clone()),
            logon("f2", "2026-11-03T11:01:00Z", failed.clone()),
            logon("g1", "2026-11-04T11:00:00Z", failed.clone()),
            logon("g2", "2026-11-04T11:01:00Z", failed.clone()),
        ],
    );
    // Late: older than what was there, and one more of a burst.
    file(
        "in/2.json",
        &[
            logon("late", "2026-11-01T10:00:00Z", json!({})),
            logon("old", "2026-11-03T10:00:00Z", json!({})),
            logon("f3", "2026-11-03T11:02:00Z", failed),
        ],
    );
    let param =
        ViewParameter { view: "console_login_bruteforce".to_owned(), name: "n".to_owned(), value: "1".to_owned() };
    let views = ["ram_user_login_without_mfa", "console_login_bruteforce"];
    let all = DetectOptions { params: vec![param], ..options(&views) };
    let found = |since: Option<NewSince>| {
        let (findings, _) = detect(&lab, Scope::default(), &DetectOptions { new_since: since, ..all.clone() }).unwrap();
        findings
            .iter()
            .map(|finding| format!("{}:{}", finding.event_id.as_deref().unwrap(), finding.events))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(None), ["f1:3", "g1:2", "late:1", "old:1"]);
    assert_eq!(found(Some(NewSince::Run(first.run_id))), ["f1:3", "late:1"], "a burst that has grown is new");
    let time = |text: &str| Some(NewSince::Time(text.parse().unwrap()));
    assert_eq!(found(time("2000-01-01T00:00:00Z")).len(), 4, "everything was ingested since");
    assert_eq!(found(time("2100-01-01T00:00:00Z")).len(), 0);
}

#[test]
fn the_past_is_compared_with_where_it_is_wanted() {
    let other = json!({"sourceIpAddress": "198.51.100.9"});
    let lab = Lab::with_events(&[
        logon("first", "2026-10-01T10:00:00Z", json!({})),
        logon("past", "2026-10-20T10:00:00Z", other.clone()),
        logon("in", "2026-11-03T10:00:00Z", json!({})),
        logon("seen", "2026-11-04T10:00:00Z", other),
        logon("new", "2026-11-05T10:00:00Z", json!({"sourceIpAddress": "192.0.2.1"})),
    ]);
    let scope = Scope { since: Some(TimeBound::At("2026-11-01T00:00:00Z".parse().unwrap())), ..Scope::default() };
    let found = |baseline| {
        let options = DetectOptions { baseline, ..options(&["login_new_ip", "ram_user_login_without_mfa"]) };
        let (findings, _) = detect(&lab, scope.clone(), &options).unwrap();
        let of =
            |view: &str| ids(&findings.iter().filter(|f| f.rule.view == view).cloned().collect::<Vec<_>>()).join(" ");
        (of("login_new_ip"), of("ram_user_login_without_mfa"))
    };
    let within = "in seen new".to_owned();
    assert_eq!(found(None), ("seen new".to_owned(), within.clone()), "within the scope alone, two networks are new");
    assert_eq!(found(Some(chrono::TimeDelta::days(30))), ("in new".to_owned(), within.clone()));
    assert_eq!(
        found(Some(chrono::TimeDelta::days(40))),
        ("in new".to_owned(), within),
        "30 days is the view's own limit"
    );
}

#[test]
fn known_findings_are_counted_apart() {
    let lab = Lab::with_events(&[
        logon("a", "2026-11-03T10:00:00Z", json!({})),
        logon("b", "2026-11-03T11:00:00Z", json!({"userIdentity": {"principalId": "3", "userName": "bob"}})),
    ]);
    let text = "[[suppress]]\nview = \"ram_user_login_without_mfa\"\nprincipal = \"alice\"\nreason = \"no phone\"\n\
                [[suppress]]\nprincipal = \"carol\"\nreason = \"left\"\n\
                [[suppress]]\nprincipal = \"bob\"\nuntil = 2026-11-01\nreason = \"was ill\"\n";
    let suppressions = Suppressions::parse("known.toml", text, Zone::UTC, NOW.parse().unwrap()).unwrap();
    let options = DetectOptions { suppressions, ..options(&["ram_user_login_without_mfa"]) };
    let (findings, detector) = detect(&lab, Scope::default(), &options).unwrap();
    let reasons: Vec<_> = findings.iter().map(|finding| finding.suppressed.as_deref()).collect();
    assert_eq!((ids(&findings), reasons), (vec!["a", "b"], vec![Some("no phone"), None]));
    let view = &detector.summary().views[0];
    assert_eq!((view.findings, view.suppressed, view.principals.only()), (1, 1, Some("bob")));
    let lines = |entries: Vec<usize>| entries;
    assert_eq!(lines(detector.suppressions().unused().map(|entry| entry.line).collect()), [5]);
    assert_eq!(lines(detector.suppressions().expired().map(|entry| entry.line).collect()), [8]);
}

#[test]
fn a_view_that_fails_is_told_and_the_others_are_answered() {
    let home = Home::new();
    let head = "-- /// view\n-- name = \"NAME\"\n-- severity = \"high\"\n-- kind = \"threshold\"\n-- source = \"ours\"\n\
                -- title = { en = \"T\", ja = \"テ\", zh = \"测\" }\n-- why = \"w\"\n-- ///\n";
    for (name, sql) in [
        ("a_fails", "SELECT CAST(event_name AS BIGINT) AS events, event_id FROM events"),
        ("b_unknown", "SELECT no_such_column FROM events"),
        ("c_works", "SELECT event_time, principal, event_id FROM audit_events"),
    ] {
        home.file(&format!("pack/{name}.sql"), format!("{}{sql}", head.replace("NAME", name)));
    }
    home.file("events.jsonl", format!("{}\n", logon("a", "2026-11-03T10:00:00Z", json!({}))));
    let args =
        ["detect", "--queries", "pack", "--from", "events.jsonl", "--category", "custom", "-F", "jsonl", "--now", NOW];
    let run = home.run(&args).exits(2);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&found["view"], &found["event_id"]), (&"c_works".into(), &"a".into()));
    assert!(run.stderr.contains("warning: the view `a_fails` could not be answered: "), "{}", run.stderr);
    assert!(run.stderr.contains("the view `b_unknown` could not be answered: no column named"), "{}", run.stderr);
    assert!(run.stderr.ends_with("error: 2 views could not be answered\n"), "{}", run.stderr);
}

#[test]
fn a_summary_alone_counts_what_all_findings_count() {
    let logons: Vec<Value> = (0..3_000)
        .map(|n| {
            let (minute, second) = (n / 60, n % 60);
            let who = json!({"sourceIpAddress": format!("203.0.113.{}", n % 7),
                "userIdentity": {"type": "ram-user", "principalId": "2", "userName": format!("user{}", n % 11),
                    "accountId": "1000000000000001"}});
            logon(&format!("e{n}"), &format!("2026-11-03T10:{minute:02}:{second:02}Z"), who)
        })
        .collect();
    let lab = Lab::with_events(&logons);
    let since = |minute: u32| Scope {
        since: Some(TimeBound::At(format!("2026-11-03T10:{minute:02}:00Z").parse().unwrap())),
        ..Scope::default()
    };
    let suppressed = "[[suppress]]\nview = \"ram_user_login_without_mfa\"\nprincipal = \"user3\"\nreason = \"known\"\n";
    let suppressions = Suppressions::parse("s.toml", suppressed, Zone::UTC, chrono::Utc::now()).unwrap();
    for options in [options(&["ram_user_login_without_mfa"]), DetectOptions { suppressions, ..options(&[]) }] {
        for scope in [Scope::default(), since(30)] {
            let (findings, detector) = detect(&lab, scope.clone(), &options).unwrap();
            let mut alone = Detector::start(&for_ops(&lab.session_with(scope, false)), &options).unwrap();
            alone.summarise().unwrap();
            assert_eq!(alone.summary(), detector.summary());
            assert!(findings.len() > 1_024, "{}", findings.len());
        }
    }
}

#[test]
fn findings_come_in_every_format() {
    let home = Home::new();
    home.file("events.jsonl", format!("{}\n", logon("a", "2026-11-03T10:00:00Z", json!({}))));
    let detect = |more: &[&str]| {
        let args = ["detect", "--from", "events.jsonl", "--only", "ram_user_login_without_mfa", "--now", NOW];
        home.run(&[&args[..], more].concat())
    };
    for (format, part) in [
        ("table", "medium    ram_user_login_without_mfa"),
        ("markdown", "| medium | ram_user_login_without_mfa |"),
        ("json", "\"severities\":[{\"severity\":\"medium\""),
        ("jsonl", "\"event_id\":\"a\""),
        ("csv", "\nmedium,ram_user_login_without_mfa,account_ak,"),
        ("sarif", "\"ruleId\":\"ram_user_login_without_mfa\""),
        ("timesketch", "\"timestamp_desc\":\"Event time\""),
        ("ocsf", "\"class_uid\":2004"),
    ] {
        let run = detect(&["--format", format]).exits(0);
        assert!(run.stdout.contains(part), "{format}: {}", run.stdout);
        assert!(run.stderr.ends_with("1 finding in 1 of 1 view\n"), "{}", run.stderr);
    }
    detect(&["-o", "found.sarif"]).exits(0);
    let log: Value = serde_json::from_slice(&std::fs::read(home.work().join("found.sarif")).unwrap()).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["level"], "warning");
    detect(&["-o", "found.xyz"]).exits(2);
    for (severity, code) in [("low", 1), ("medium", 1), ("high", 0)] {
        detect(&["--fail-on", severity]).exits(code);
    }
    home.file("known.toml", "[[suppress]]\nprincipal = \"alice\"\nreason = \"known\"\n");
    let known = detect(&["--fail-on", "low", "--suppress", "known.toml"]).exits(0);
    assert!(known.stderr.ends_with("0 findings in 0 of 1 view, 1 suppressed\n"), "{}", known.stderr);
    let japanese = detect(&["--lang", "ja", "-F", "jsonl"]).exits(0).stdout;
    assert!(japanese.contains("MFA を使用しない"), "{japanese}");
    let new = detect(&["--new-since", "2026-11-01"]).exits(2);
    assert!(new.stderr.contains("`--new-since` needs a lake"), "{}", new.stderr);
}

/// The findings of the story, by severity and time. `SNAPSHOTS=overwrite` writes the file anew.
#[test]
fn the_story_of_sample_data_is_found() {
    let samples = sample_data();
    let home = Home::new();
    let args = ["detect", "--from", samples.to_str().unwrap(), "--now", NOW, "-q", "-F", "markdown"];
    let run = home.run(&args).exits(0);
    let path = package().join("tests/snapshots/detect/sample-data.md");
    assert_data_eq!(run.stdout, Data::read_from(&path, None).raw());
}
