//! Silence that must be seen: coverage and the report against the slow evaluation, and inputs made to hide something.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Berlin;
use serde_json::{Value, json};
use trailql::engine::{Scope, Session};
use trailql::event::time::{TimeBound, Zone};
use trailql::ops::coverage::{Coverage, CoverageOptions, State, coverage};
use trailql::ops::report::{RootUsageOptions, root_usage};
use trailql::report::RootUsage;
use trailql::report::english_trail;
use trailql::report::evidence::EvidenceLevel;

use crate::generate::silence::{self, LIMITED, SPARSE, STOPS};
use crate::harness::{Home, NOW};
use crate::lab::{Lab, for_ops};
use crate::oracle::delivery::{self, Row, Rows};

const TZ: Zone = Zone::Named(Berlin);
const REGION: &str = "eu-central-1";
/// Root events of an account on a day that make it one of high frequency.
const MANY: i64 = 6;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// Scopes of accounts and regions that the comparisons are made in.
fn scopes() -> Vec<(Vec<String>, Vec<String>)> {
    [(&[][..], &[][..]), (&[STOPS], &[]), (&[], &[REGION]), (&[LIMITED, SPARSE], &[REGION])]
        .map(|(accounts, regions)| (strings(accounts), strings(regions)))
        .to_vec()
}

// ---- the report ----

/// What a report says, in the form of the slow evaluation.
fn said(report: &RootUsage) -> Value {
    let whole = serde_json::to_value(report).unwrap();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let pick = |value: &Value, keys: &[&str]| {
        Value::Object(keys.iter().map(|key| ((*key).to_owned(), value[*key].clone())).collect())
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let total = &whole["total"];
    let comparison: Vec<Value> = list(&total["comparison"])
        .iter()
        .map(|period| pick(period, &["days_with_events", "accounts", "accounts_silent", "figures"]))
        .collect();
    assert_eq!(
        comparison[0]["figures"].as_object().unwrap_or(total["figures"].as_object().unwrap()),
        total["figures"].as_object().unwrap()
    );
    let coverage = &whole["coverage"];
    assert_eq!(coverage["delivery"]["total"], list(&coverage["delivery"]["items"]).len());
    let delivery: BTreeMap<String, Value> = list(&coverage["delivery"]["items"])
        .iter()
        .map(|account| (text(&account["account_id"]), account["days"].clone()))
        .collect();
    let accounts = list(&whole["accounts"]["items"]);
    let in_accounts = |pointer: &str| -> Vec<(String, Value)> {
        let of_account = |account: &Value| -> Vec<(String, Value)> {
            let items = account["activity"].pointer(pointer).map(list).unwrap_or_default();
            items.into_iter().map(|item| (text(&account["account_id"]), item)).collect()
        };
        accounts.iter().flat_map(of_account).collect()
    };
    let logons: BTreeMap<String, Value> = in_accounts("/logons/single/items")
        .iter()
        .map(|(_, logon)| {
            let keys = ["succeeded", "failed_in_hour_before", "failed_in_same_second"];
            (text(&logon["event_id"]), pick(logon, &keys))
        })
        .collect();
    let keys: BTreeMap<String, Value> = in_accounts("/access_keys/items")
        .iter()
        .map(|(account, key)| {
            let name = format!("{} {} {account}", text(&key["access_key_id"]), text(&key["kind"]));
            let failed = key["failed"].as_u64().unwrap() + key["denied"].as_u64().unwrap();
            (name, json!([key["calls"], failed]))
        })
        .collect();
    let mut changes: BTreeMap<String, u64> = BTreeMap::new();
    for (_, group) in in_accounts("/changes/items") {
        let service = text(&group["service"]).to_lowercase();
        let name = format!("{service} {}", text(&group["event_name"]));
        *changes.entry(name).or_default() += group["count"].as_u64().unwrap();
    }
    let grants: BTreeSet<String> =
        in_accounts("/administrators/items").iter().map(|(_, grant)| text(&grant["event_id"])).collect();
    json!({
        "comparison": comparison, "days": total["days"], "delivery": delivery, "logons": logons, "keys": keys,
        "changes": changes, "grants": grants,
    })
}

/// Takes out of the slow evaluation the logons that the report does not show alone, after a look at whether it may leave
/// them out.
fn leave_out_alike_logons(expected: &mut Value, said: &Value, report: &RootUsage) {
    let shown = said["logons"].as_object().unwrap();
    let logons = expected["logons"].as_object_mut().unwrap();
    let groups = report.accounts.items.iter().filter_map(|account| account.activity.as_ref());
    let grouped: u64 = groups.flat_map(|activity| &activity.logons.groups.items).map(|group| group.count).sum();
    assert_eq!(grouped, logons.len() as u64);
    logons.retain(|id, logon| {
        let failures =
            logon["failed_in_hour_before"].as_u64().unwrap() + logon["failed_in_same_second"].as_u64().unwrap();
        let matters = logon["succeeded"] == true && failures > 0;
        assert!(shown.contains_key(id) || !matters, "{id} is not shown");
        shown.contains_key(id)
    });
}

/// Names the first place at which two values differ.
fn difference(path: &str, expected: &Value, got: &Value) -> Option<String> {
    match (expected, got) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<_> = a.keys().chain(b.keys()).collect();
            keys.into_iter().find_map(|key| difference(&format!("{path}.{key}"), &expected[key], &got[key]))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            (0..a.len()).find_map(|n| difference(&format!("{path}[{n}]"), &a[n], &b[n]))
        }
        _ => (expected != got).then(|| format!("{path}: expected {expected}, got {got}")),
    }
}

#[test]
fn the_report_says_what_the_slow_evaluation_says() {
    let events = silence::events(11);
    let lab = Lab::with_events(&events);
    let seen = delivery::seen(&events, Berlin);
    // Weeks from Monday to Monday in Berlin, of which one has an hour less.
    let weeks = [
        "2026-03-29T22:00:00Z",
        "2026-03-22T23:00:00Z",
        "2026-03-15T23:00:00Z",
        "2026-03-08T23:00:00Z",
        "2026-03-01T23:00:00Z",
        "2026-02-22T23:00:00Z",
        "2026-02-15T23:00:00Z",
    ]
    .map(utc);
    let mut found_silent = 0;
    for end in 0..2 {
        let ranges: Vec<_> = (end..end + 5).map(|n| (weeks[n + 1], weeks[n])).collect();
        for (accounts, regions) in scopes() {
            let scope = Scope { tz: TZ, accounts: accounts.clone(), regions: regions.clone(), ..Scope::default() };
            let (since, until) = ranges[0];
            let week = trailql::event::time::IsoWeek::of(since, TZ);
            let options = RootUsageOptions {
                since,
                until,
                week: Some(week),
                tz: TZ,
                now: utc("2026-04-10T00:00:00Z"),
                high_frequency: MANY,
                evidence: EvidenceLevel::Summary,
                command: String::new(),
            };
            let report = root_usage(&for_ops(&lab.session_with(scope, false)), &options).unwrap();
            let slow = delivery::Scope { accounts, regions };
            let mut expected = delivery::report(&seen, &slow, &ranges, Berlin, MANY as usize);
            let said = said(&report);
            leave_out_alike_logons(&mut expected, &said, &report);
            let differs = difference("report", &expected, &said);
            assert_eq!(differs, None, "{week} {:?} {:?}", slow.accounts, slow.regions);
            found_silent += report.coverage.accounts_silent;
            worth_comparing(&report, slow.accounts.is_empty() && slow.regions.is_empty());
        }
    }
    assert!(found_silent > 0);
}

/// A comparison of nothing would prove nothing.
fn worth_comparing(report: &RootUsage, of_all: bool) {
    if !of_all {
        return;
    }
    let figures = report.total.figures;
    for n in [figures.changes, figures.access_not_known, figures.long_term_key_calls, figures.logons_failed] {
        assert!(n > 0, "{figures:?}");
    }
    let activities = || report.accounts.items.iter().filter_map(|account| account.activity.as_ref());
    let logons = || activities().flat_map(|activity| &activity.logons.single.items);
    assert!(logons().any(|logon| logon.failed_in_same_second > 0));
    assert!(logons().any(|logon| logon.failed_in_hour_before > 2));
    assert!(report.coverage.accounts_with_gaps > 0);
}

// ---- coverage ----

fn rows(coverage: &Coverage) -> Rows {
    let row = |day: &trailql::ops::coverage::DayCoverage| {
        let (state, events, reads, writes) = (day.state.name(), day.events, day.reads, day.writes);
        let id = (day.account_id.clone(), day.region.clone(), day.day.0);
        (id, Row { state, events, reads, writes, silent_hours: day.silent_hours })
    };
    coverage.days.iter().map(row).collect()
}

/// Every day of an account that a suspicion says nothing was delivered on.
fn silent_days(coverage: &Coverage) -> BTreeSet<(String, NaiveDate)> {
    let of_run = |suspicion: &trailql::ops::coverage::Suspicion| {
        let (since, until) = (suspicion.since.unwrap().0, suspicion.until.unwrap().0);
        let account = suspicion.account_id.clone().unwrap_or_default();
        since
            .iter_days()
            .take_while(move |day| *day <= until)
            .map(move |day| (account.clone(), day))
            .collect::<Vec<_>>()
    };
    coverage.suspicions.iter().filter(|suspicion| suspicion.kind == "nothing_delivered").flat_map(of_run).collect()
}

#[test]
fn coverage_says_what_the_slow_evaluation_says() {
    let events = silence::events(12);
    let lab = Lab::with_events(&events);
    let seen = delivery::seen(&events, Berlin);
    let (mut states, mut silent_hours) = (BTreeSet::new(), 0);
    for (since, until) in [
        (None, None),
        (Some("2026-03-22T10:30:00Z"), None),
        (Some("2026-03-26T06:00:00Z"), Some("2026-04-02T10:30:00Z")),
        (None, Some("2026-03-15T12:00:00Z")),
    ] {
        let (since, until) = (since.map(utc), until.map(utc));
        for (accounts, regions) in scopes() {
            let scope = Scope {
                since: since.map(TimeBound::At),
                until: until.map(TimeBound::At),
                tz: TZ,
                accounts: accounts.clone(),
                regions: regions.clone(),
                now: None,
            };
            let found = coverage(&for_ops(&lab.session_with(scope, false)), &CoverageOptions::default()).unwrap();
            let slow = delivery::Scope { accounts, regions };
            let (expected, expected_silent) = delivery::coverage(&seen, &slow, (since, until), Berlin);
            let got = rows(&found);
            let what = format!("{since:?} {until:?} {:?} {:?}", slow.accounts, slow.regions);
            let differs = expected.iter().find(|(id, row)| got.get(*id) != Some(*row));
            assert_eq!(differs.map(|(id, row)| (id, row, got.get(id))), None, "{what}");
            assert_eq!(got.keys().find(|id| !expected.contains_key(*id)), None, "{what}");
            if slow.regions.is_empty() {
                assert_eq!(silent_days(&found), expected_silent, "{what}");
            }
            states.extend(got.values().map(|row| row.state));
            silent_hours += got.values().map(|row| row.silent_hours).sum::<u64>();
        }
    }
    let all = ["events", "no_events", "nothing_delivered", "read_only", "trail_stopped", "write_only"];
    assert_eq!(states, all.into());
    assert!(silent_hours > 10);
}

// ---- inputs made to hide something ----

fn event(id: &str, time: &str, account: &str) -> Value {
    json!({
        "eventId": id, "eventVersion": 1, "eventName": "RunInstances", "eventTime": time, "eventType": "ApiCall",
        "serviceName": "Ecs", "acsRegion": "cn-hangzhou", "sourceIpAddress": "203.0.113.9", "eventRW": "Write",
        "userIdentity": {"type": "ram-user", "accountId": account, "principalId": "p", "userName": "u"},
    })
}

fn trail(id: &str, time: &str, name: &str, parameters: Value) -> Value {
    let mut event = event(id, time, "1111");
    event["serviceName"] = json!("ActionTrail");
    event["eventName"] = json!(name);
    event["requestParameters"] = parameters;
    event
}

fn covered(session: &Session) -> Coverage {
    coverage(&for_ops(session), &CoverageOptions::default()).unwrap()
}

/// Kinds with the account and the days that they are about.
fn kinds(coverage: &Coverage) -> Vec<(&str, Option<&str>, String)> {
    let kind = |suspicion: &'_ trailql::ops::coverage::Suspicion| {
        let day = |day: Option<trailql::report::calendar::Day>| day.map(|day| day.format("%m-%d")).unwrap_or_default();
        format!("{} {}", day(suspicion.since), day(suspicion.until))
    };
    coverage.suspicions.iter().map(|s| (s.kind, s.account_id.as_deref(), kind(s))).collect()
}

/// One account stops on the 3rd while the other goes on to the 20th.
fn two_accounts() -> Vec<Value> {
    let day =
        |account: &str, day: u32| event(&format!("{account}-{day}"), &format!("2026-11-{day:02}T10:00:00Z"), account);
    (1..=3).map(|n| day("1111", n)).chain((1..=20).map(|n| day("2222", n))).collect()
}

#[test]
fn an_account_that_stops_is_suspicious() {
    let lab = Lab::with_events(&two_accounts());
    let bound = |text: &str| Some(TimeBound::At(utc(text)));
    for (since, until, accounts, expected) in [
        (None, None, &[][..], "11-04 11-20"),
        (None, None, &["1111"], "11-04 11-20"),
        (bound("2026-11-10T00:00:00Z"), None, &[], "11-10 11-20"),
        (bound("2026-11-10T00:00:00Z"), bound("2026-11-15T00:00:00Z"), &[], "11-10 11-14"),
        (bound("2026-11-10T00:00:00Z"), bound("2026-11-25T00:00:00Z"), &["1111"], "11-10 11-24"),
    ] {
        let scope = Scope { since, until, accounts: strings(accounts), ..Scope::default() };
        let found = covered(&lab.session_with(scope, false));
        let silent: Vec<_> = kinds(&found).into_iter().filter(|kind| kind.1 == Some("1111")).collect();
        assert_eq!(silent, [("nothing_delivered", Some("1111"), expected.to_owned())], "{since:?} {until:?}");
        let silent = found.suspicions.iter().find(|suspicion| suspicion.account_id.as_deref() == Some("1111")).unwrap();
        assert!(silent.what.ends_with("its last event is of 2026-11-03 10:00:00 +00:00"), "{}", silent.what);
    }
    // Days that are still to come are not missed.
    let scope =
        Scope { until: bound("2027-01-01T00:00:00Z"), now: Some(utc("2026-11-22T08:00:00Z")), ..Scope::default() };
    let found = covered(&lab.session_with(scope, false));
    assert_eq!(found.days.iter().map(|day| day.day.format("%m-%d")).max().as_deref(), Some("11-22"));
}

#[test]
fn events_of_the_future_end_no_range_and_old_ones_make_no_flood_of_days() {
    let events = [
        event("old", "1970-01-01T00:00:00Z", "1111"),
        event("a", "2026-11-08T00:00:00Z", "1111"),
        event("z", "2126-11-08T00:00:00Z", "2222"),
    ];
    let lab = Lab::with_events(&events);
    let scope = Scope { now: Some(utc("2026-11-09T00:00:00Z")), ..Scope::default() };
    let found = covered(&lab.session_with(scope, false));
    let of = |account: &str| found.days.iter().filter(|day| day.account_id.as_deref() == Some(account)).count();
    assert_eq!((of("1111"), of("2222")), (402, 1));
    let said = kinds(&found);
    assert_eq!(said[0].0, "days_left_out");
    assert!(
        found.suspicions[0].what.starts_with("20364 days without events have no row"),
        "{}",
        found.suspicions[0].what
    );
    assert_eq!(said[1], ("nothing_delivered", Some("1111"), "01-02 11-07".to_owned()));
    assert_eq!(said.len(), 2, "{said:?}");
}

#[test]
fn an_hour_that_clocks_skip_is_not_silent() {
    let mut events = Vec::new();
    let start = utc("2026-03-14T23:10:00Z");
    for hour in 0..15 * 24 - 1 {
        let time = start + TimeDelta::hours(hour);
        if [15, 22, 29].contains(&chrono::Datelike::day(&time.with_timezone(&Berlin))) {
            events.push(event(&format!("{hour}"), &time.to_rfc3339(), "1111"));
        }
    }
    let lab = Lab::with_events(&events);
    let scope = Scope { tz: TZ, ..Scope::default() };
    let found =
        coverage(&for_ops(&lab.session_with(scope, false)), &CoverageOptions { silent_hours: 1, ..Default::default() })
            .unwrap();
    assert!(!found.suspicions.iter().any(|suspicion| suspicion.kind == "silent_hours"), "{:?}", found.suspicions);
    assert_eq!(found.days.iter().map(|day| day.silent_hours).sum::<u64>(), 0);
}

#[test]
fn a_stop_before_the_range_or_in_another_region_is_seen() {
    let mut events = two_accounts();
    let mut stop = trail("stop", "2026-11-03T11:00:00Z", "StopLogging", json!({"Name": "audit"}));
    stop["acsRegion"] = json!("cn-beijing");
    events.push(stop);
    let lab = Lab::with_events(&events);
    let since = Some(TimeBound::At(utc("2026-11-10T00:00:00Z")));
    let scope = Scope { since, regions: strings(&["cn-hangzhou"]), ..Scope::default() };
    let found = covered(&lab.session_with(scope, false));
    let said: Vec<_> = kinds(&found).into_iter().filter(|kind| kind.1 == Some("1111")).collect();
    assert_eq!(said, [("trail_stopped", Some("1111"), "11-03 11-20".to_owned())]);
    assert!(
        found
            .days
            .iter()
            .filter(|day| day.account_id.as_deref() == Some("1111"))
            .all(|d| d.state == State::TrailStopped)
    );
}

/// Reports on the week 2026-W45 of these events.
fn report_on(events: &[Value], scope: Scope) -> RootUsage {
    let lab = Lab::with_events(events);
    let (since, until) = (utc("2026-11-02T00:00:00Z"), utc("2026-11-09T00:00:00Z"));
    let week = Some(trailql::event::time::IsoWeek::of(since, Zone::UTC));
    let now = utc("2026-11-21T00:00:00Z");
    let (evidence, command) = (EvidenceLevel::None, String::new());
    let options = RootUsageOptions { since, until, week, tz: Zone::UTC, now, high_frequency: 100, evidence, command };
    root_usage(&for_ops(&lab.session_with(scope, false)), &options).unwrap()
}

/// The sentences of the report in English.
fn sentences(report: &RootUsage) -> Value {
    let text = trailql::report::render(report, trailql::report::Lang::En, trailql::report::ReportFormat::Json);
    serde_json::from_str::<Value>(&text.unwrap()).unwrap()["sentences"].clone()
}

fn findings(report: &RootUsage) -> Vec<String> {
    let sentences = sentences(report);
    let findings = sentences["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["happened"].as_str().unwrap().to_owned()).collect()
}

/// The findings on the data, without those on root and instances.
fn of_coverage(report: &RootUsage) -> Vec<String> {
    let facts = report.findings.iter().map(|finding| finding.fact.is_of_coverage());
    findings(report).into_iter().zip(facts).filter_map(|(text, is)| is.then_some(text)).collect()
}

fn verdict(report: &RootUsage) -> String {
    sentences(report)["verdict"].as_str().unwrap().to_owned()
}

fn notes(report: &RootUsage) -> String {
    let sentences = sentences(report);
    let notes = sentences["coverage"].as_array().unwrap();
    notes.iter().map(|note| format!("{}\n", note["text"].as_str().unwrap())).collect()
}

#[test]
fn a_flood_of_calls_on_trails_hides_none_that_matters() {
    let stop = |n: usize| {
        let mut event = trail(&format!("denied-{n:05}"), "2026-11-03T01:00:00Z", "StopLogging", json!({"Name": "t1"}));
        event["errorCode"] = json!("NoPermission");
        event
    };
    let mut events: Vec<_> = (0..10_001).map(stop).collect();
    events.push(trail("stopped", "2026-11-03T02:00:00Z", "stoplogging", json!({"Name": "t1"})));
    // Harmless calls that succeed, as many again.
    events.extend((0..10_001).map(|n| {
        let time = format!("2026-11-04T{:02}:{:02}:{:02}Z", n / 3600, n / 60 % 60, n % 60);
        trail(&format!("harmless-{n:05}"), &time, "StartLogging", json!({"Name": "t2"}))
    }));
    let report = report_on(&events, Scope::default());
    let stopped = "The trail t1 was stopped at 3 Nov 2026 02:00:00 +00:00 and delivered nothing";
    assert!(notes(&report).contains(stopped), "{}", notes(&report));
    assert!(findings(&report).iter().any(|text| text.starts_with(stopped)), "{:?}", report.findings);
    let failed = "StopLogging was refused or failed 10,001 times between";
    assert!(notes(&report).contains(failed), "{}", notes(&report));
    assert_eq!(report.trails.items.len(), 3);
    let found = covered(&Lab::with_events(&events).session());
    assert!(kinds(&found).iter().any(|kind| kind.0 == "trail_stopped"), "{:?}", found.suspicions);
}

#[test]
fn trails_deliver_what_calls_say_and_no_more() {
    for (name, parameters, expected, never) in [
        ("CreateTrail", json!({"Name": "t", "EventRW": "Read"}), "to deliver read events only", "all events"),
        ("UpdateTrail", json!({"Name": "t", "EventRW": "Read"}), "to deliver read events only", "all events"),
        ("CreateTrail", json!({"Name": "t"}), "does not say which events it delivers", "all events"),
        (
            "CreateTrail",
            json!({"Name": "t", "EventRW": "All"}),
            "made at 3 Nov 2026 01:00:00 +00:00 to deliver read and",
            "only",
        ),
        (
            "UpdateTrail",
            json!({"Name": "t", "TrailRegion": "cn-beijing"}),
            "of the region `cn-beijing` only",
            "started",
        ),
        ("UpdateTrail", json!({"Name": "t", "OssBucketName": "b"}), "and where to", "only"),
        ("UpdateGlobalEventsStorageRegion", json!({}), "root logons among them, was changed", "only"),
    ] {
        for as_text in [false, true] {
            let mut event = trail("1", "2026-11-03T01:00:00Z", name, parameters.clone());
            if as_text {
                event["requestParameterJson"] = json!(parameters.to_string());
                event.as_object_mut().unwrap().remove("requestParameters");
            }
            let said: Vec<_> = report_on(&[event], Scope::default()).trails.items.iter().map(english_trail).collect();
            assert_eq!(said.len(), 1, "{said:?}");
            assert!(said[0].contains(expected) && !said[0].contains(never), "{}", said[0]);
        }
    }
}

#[test]
fn a_trail_that_delivers_elsewhere_is_a_main_point() {
    let events = [
        trail(
            "1",
            "2026-11-01T01:00:00Z",
            "CreateTrail",
            json!({"Name": "t", "EventRW": "All", "OssBucketName": "ours"}),
        ),
        trail("2", "2026-11-03T01:00:00Z", "UpdateTrail", json!({"Name": "t", "OssBucketName": "theirs"})),
    ];
    let report = report_on(&events, Scope::default());
    let moved = "The trail t was set at 3 Nov 2026 01:00:00 +00:00 to deliver to the bucket theirs in place of ours";
    assert!(findings(&report).iter().any(|text| text.starts_with(moved)), "{:?}", report.findings);
    let found = covered(&Lab::with_events(&events).session());
    assert!(kinds(&found).iter().any(|kind| kind.0 == "trail_redirected"), "{:?}", found.suspicions);
}

#[test]
fn a_trail_that_was_stopped_while_events_came_is_not_said_to_explain_them() {
    let events = [
        trail("1", "2026-11-03T01:00:00Z", "StopLogging", json!({"Name": "t1"})),
        event("2", "2026-11-05T01:00:00Z", "1111"),
    ];
    let report = report_on(&events, Scope::default());
    let said = english_trail(&report.trails.items[0]);
    assert!(said.contains("events of the account came all the same, the last of 5 Nov 2026 01:00:00 +00:00"), "{said}");
}

#[test]
fn calls_on_trails_without_a_time_break_nothing() {
    let mut without_time = trail("1", "", "StopLogging", json!({"Name": "t1"}));
    without_time["eventTime"] = json!("soon");
    let events = [without_time, event("2", "2026-11-05T01:00:00Z", "1111")];
    let report = report_on(&events, Scope::default());
    assert!(findings(&report).iter().any(|text| text.starts_with("1 event has no time that could be read")));
    let found = covered(&Lab::with_events(&events).session());
    let said = &found.suspicions[0];
    assert_eq!((said.kind, said.since), ("without_time", None));
    assert!(said.what.contains("so no range has it: `1` ("), "{}", said.what);
}

#[test]
fn the_report_shows_a_silent_account_beside_a_live_one() {
    let mut events = two_accounts();
    let report = report_on(&events, Scope::default());
    assert_eq!(of_coverage(&report)[0], "1 of 2 accounts delivered nothing on some days: 1111 (5 of 7 days).");
    let not_proven =
        "was not used in this week, as far as the data tell. Some data are missing, so this is not proven.";
    assert!(verdict(&report).ends_with(not_proven), "{}", verdict(&report));
    assert!(!notes(&report).contains("Every day of the range has events"), "{}", notes(&report));
    events.retain(|event| event["userIdentity"]["accountId"] == "2222" || event["eventId"] == "1111-1");
    let report = report_on(&events, Scope::default());
    let silent = "1 of 2 accounts delivered nothing in this week: 1111 (newest event 1 Nov 2026 10:00:00 +00:00).";
    assert_eq!(of_coverage(&report)[0], silent);
    assert!(verdict(&report).ends_with(not_proven), "{}", verdict(&report));
    assert!(!notes(&report).contains("Every day of the range has events"), "{}", notes(&report));
    // Of one account alone the report says so, and the other is none of its concern.
    let scope = Scope { accounts: strings(&["2222"]), ..Scope::default() };
    let report = report_on(&events, scope);
    let not_used = "The root account of the account 2222 was not used in this week, as far as the data tell.";
    assert_eq!((verdict(&report).as_str(), of_coverage(&report).len()), (not_used, 0));
    assert!(
        notes(&report).contains("The report is limited to what there is of the account 2222"),
        "{}",
        notes(&report)
    );
    assert!(notes(&report).contains("Every day of the range has events of the account 2222."), "{}", notes(&report));
}

#[test]
fn many_silent_accounts_are_counted_and_some_named() {
    let mut events: Vec<Value> =
        (0..120).map(|n| event(&format!("s{n}"), "2026-10-01T00:00:00Z", &format!("9{n:03}"))).collect();
    events.extend((1..=20).map(|n| event(&format!("l{n}"), &format!("2026-11-{n:02}T10:00:00Z"), "2222")));
    let report = report_on(&events, Scope::default());
    let text = &of_coverage(&report)[0];
    assert!(text.starts_with("120 of 121 accounts delivered nothing in this week: 9000 (newest event "), "{text}");
    assert!(text.ends_with("and 115 more."), "{text}");
    assert_eq!((report.coverage.delivery.items.len(), report.coverage.delivery.total), (50, 121));
}

#[test]
fn a_region_without_events_is_no_silence_where_others_have_some() {
    let mut events = two_accounts();
    for event in &mut events {
        if event["eventId"].as_str().unwrap() > "2222-2" && event["eventId"] != "2222-20" {
            event["acsRegion"] = json!(REGION);
        }
    }
    let scope = Scope { accounts: strings(&["2222"]), regions: strings(&["cn-hangzhou"]), ..Scope::default() };
    let report = report_on(&events, scope.clone());
    let text = notes(&report);
    assert!(!text.contains("No event at all"), "{text}");
    assert!(
        text.contains("No event of the account 2222 in the region cn-hangzhou was delivered for 6 of 7 days"),
        "{text}"
    );
    assert!(text.contains("Events of other regions were delivered on these days."), "{text}");
    let found = covered(&Lab::with_events(&events).session_with(scope, false));
    let states: BTreeSet<_> = found.days.iter().map(|day| day.state.name()).collect();
    assert_eq!(states, ["events", "no_events"].into(), "{:?}", found.days);
}

fn logon(id: &str, time: &str, account: Option<&str>, succeeds: bool) -> Value {
    let mut event = event(id, &format!("2026-11-03T{time}Z"), "1111");
    event["eventName"] = json!("ConsoleSignin");
    event["userIdentity"] = json!({"type": "root-account", "accountId": account});
    if !succeeds {
        event["errorMessage"] = json!("Incorrect password.");
    }
    event
}

#[test]
fn failures_count_without_an_account_and_say_when_their_order_is_not_known() {
    let failures = |time: &'static str, account: Option<&'static str>| {
        (0..3).map(move |n| logon(&format!("f{n}"), time, account, false))
    };
    for (failed_at, account, expected) in [
        ("09:50:00", None, Some("succeeded after 3 failed ones within the hour before (3 name no account)")),
        ("09:50:00", Some("1111"), Some("succeeded after 3 failed ones within the hour before")),
        ("10:00:00", Some("1111"), Some("in the same second as 3 failed ones, and in which order is not known")),
        ("10:00:01", Some("1111"), None),
        ("08:59:59", Some("1111"), None),
        ("09:50:00", Some("2222"), None),
    ] {
        let mut events: Vec<Value> = failures(failed_at, account).collect();
        events.push(logon("ok", "10:00:00", Some("1111"), true));
        let report = report_on(&events, Scope::default());
        let found = findings(&report).into_iter().find(|text| text.starts_with("The root logon"));
        match expected {
            Some(expected) => assert!(found.is_some_and(|text| text.contains(expected)), "{:?}", report.findings),
            None => assert_eq!(found, None),
        }
    }
}

#[test]
fn a_policy_that_somebody_made_is_not_that_of_the_system() {
    let grant = |id: &str, service: &str, kind: Value| {
        let mut event = event(id, "2026-11-03T01:00:00Z", "1111");
        event["serviceName"] = json!(service);
        event["eventName"] = json!("AttachPolicyToUser");
        event["requestParameters"] = json!({"PolicyName": "AdministratorAccess", "PolicyType": kind, "UserName": id});
        event
    };
    let events = [
        grant("custom", "Ram", json!("Custom")),
        grant("system", "Ims", json!("System")),
        grant("not said", "Ram", Value::Null),
    ];
    let report = report_on(&events, Scope::default());
    let activities = report.accounts.items.iter().filter_map(|account| account.activity.as_ref());
    let given: BTreeSet<_> =
        activities.flat_map(|a| &a.administrators.items).filter_map(|grant| grant.receiver.as_deref()).collect();
    assert_eq!(given, ["not said", "system"].into());
}

#[test]
fn a_change_that_does_not_say_so_is_a_change() {
    let mut delete = event("1", "2026-11-03T10:00:00Z", "1111");
    delete["eventName"] = json!("DeleteInstance");
    delete["userIdentity"]["type"] = json!("root-account");
    delete.as_object_mut().unwrap().remove("eventRW");
    let report = report_on(std::slice::from_ref(&delete), Scope::default());
    assert!(
        findings(&report).iter().any(|text| text == "Root made 1 change, most often Ecs:DeleteInstance (1)."),
        "{:?}",
        report.findings
    );
    delete["eventName"] = json!("Frobnicate");
    let report = report_on(&[delete], Scope::default());
    let unknown = "1 event of root does not say whether it changed something, and neither does its API.";
    assert!(findings(&report).iter().any(|text| text == unknown), "{:?}", report.findings);
    assert!(!findings(&report).iter().any(|text| text.contains("changed nothing")));
}

#[test]
fn nobody_says_when_rejects_were() {
    let home = Home::new();
    let broken = "{\"eventId\":\"OLD\",\"eventTime\":\"2019-01-01T00:00:00Z\",\"eventName\":\"x\",\"n\":17****}";
    home.file("rej.jsonl", format!("{}\n{broken}\n", event("1", "2026-11-03T10:00:00Z", "1111")));
    home.file("old.jsonl", format!("{}\n{broken}\n", event("2", "2019-01-03T10:00:00Z", "1111")));
    let report = |file: &str| {
        let run = home.run(&["report", "root-usage", "--week", "2026-W45", "-F", "json", "--from", file]).exits(0);
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    };
    let around = report("rej.jsonl");
    let said = around["sentences"].to_string();
    assert!(said.contains("\"1 record could not be read.\""), "{said}");
    assert!(
        said.contains("1 record could not be read, in 1 file. When that was is not known; the other events"),
        "{said}"
    );
    assert!(!around.to_string().contains("missing from the figures"));
    let elsewhere = report("old.jsonl");
    let said = &elsewhere["sentences"];
    assert!(!said["findings"].to_string().contains("could not be read"), "{}", said["findings"]);
    assert!(said["coverage"].to_string().contains("all outside of the range"), "{}", said["coverage"]);
    let coverage = home.run(&["lake", "coverage", "--from", "rej.jsonl", "-F", "csv", "--now", NOW]).exits(0);
    assert!(
        coverage.stderr.contains("rejected 2026-11-03: 1 record could not be read, in 1 file."),
        "{}",
        coverage.stderr
    );
}

#[test]
fn the_end_of_an_open_range_is_in_it() {
    let home = Home::new();
    home.file("e.jsonl", format!("{}\n", event("1", "2026-11-03T10:00:00Z", "1111")));
    let args = ["report", "root-usage", "--since", "2026-11-01", "-F", "markdown", "--from", "e.jsonl", "--now", NOW];
    let run = home.run(&args).exits(0);
    assert!(run.stdout.contains("to 3 Nov 2026 10:00:00 +00:00 (end included)"), "{}", run.stdout);
    assert!(!run.stdout.contains("later ones are not in it"), "{}", run.stdout);
}
