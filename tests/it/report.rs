//! The root-usage report from exports to the model: each row is events in, one figure out.
//!
//! The renderers have their own tests beside them; here the statements are checked against events whose figures are
//! counted by hand.

use crate::lab::engine_options;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use trailql::engine::Scope;
use trailql::event::time::{IsoWeek, Zone};
use trailql::export::csv::CsvOptions;
use trailql::ops::open::{OpenOptions, Opened, Source};
use trailql::ops::progress::Silent;
use trailql::ops::report::{RootUsageOptions, root_usage};
use trailql::report::model::{DayState, KeyFigures, KeyKind, PeriodState, RootUsage};

const TOKYO: Zone = Zone::Named(chrono_tz::Asia::Tokyo);
const ROOT: &str = "root-account";

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Reports on `2026-W45`, or on a range, of these events.
fn report_on(events: &[Value], tz: Zone, range: Option<(&str, &str)>) -> RootUsage {
    let folder = tempfile::tempdir().unwrap();
    let lines: String = events
        .iter()
        .enumerate()
        .map(|(n, event)| {
            let mut event = event.clone();
            event["eventId"] = json!(format!("00000000-0000-4000-8000-{n:012}"));
            format!("{event}\n")
        })
        .collect();
    // A folder without events is an error of `open`, so one event far away is always there.
    let far = json!({"eventId": "far", "eventTime": "2020-01-01T00:00:00Z", "eventName": "DescribeInstances",
        "eventRW": "Read", "eventVersion": "1", "userIdentity": {"type": "ram-user", "accountId": ACCOUNT}});
    std::fs::write(folder.path().join("events.json"), format!("{lines}{far}\n")).unwrap();

    let now = utc("2026-11-10T00:00:00Z");
    let scope = Scope { tz, ..Scope::default() };
    let source = Source::Exports { inputs: vec![folder.path().to_path_buf()], csv: CsvOptions::default() };
    let options = OpenOptions { source, scope, engine: engine_options(), time_limit: None, now };
    let opened = Opened::open(&options, &Silent).unwrap();
    let week = range.is_none().then(|| IsoWeek::parse("2026-W45").unwrap());
    let (since, until) = match range {
        Some((since, until)) => (utc(since), utc(until)),
        None => week.unwrap().range(tz),
    };
    root_usage(&opened, &RootUsageOptions { since, until, week, tz, now, high_frequency: 3 }).unwrap()
}

const ACCOUNT: &str = "1000000000000001";

/// An event of root, or of a RAM user, with `more` merged into it.
fn event(identity: &str, time: &str, name: &str, more: Value) -> Value {
    let mut event = json!({
        "eventName": name, "eventTime": time, "eventType": "ApiCall", "eventVersion": "1", "eventRW": "Write",
        "serviceName": "Ecs", "acsRegion": "cn-hangzhou", "sourceIpAddress": "203.0.113.77",
        "recipientAccountId": ACCOUNT,
        "userIdentity": {"type": identity, "principalId": ACCOUNT, "accountId": ACCOUNT, "userName": "somebody"},
    });
    merge(&mut event, more);
    event
}

fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more,
    }
}

fn key(id: &str) -> Value {
    json!({"userIdentity": {"accessKeyId": id}})
}

fn mfa(text: &str) -> Value {
    json!({"serviceName": "AasCustomer", "additionalEventData": {"isMFAChecked": text, "loginAccount": "admin@example.com"}})
}

fn merged(mut into: Value, more: Value) -> Value {
    merge(&mut into, more);
    into
}

#[test]
fn each_event_is_counted_where_it_belongs() {
    let noon = "2026-11-03T03:00:00Z";
    let zero = KeyFigures { events: 1, root_events: 1, ..KeyFigures::default() };
    let failed = |code: &str, message: &str| json!({"errorCode": code, "errorMessage": message});
    for (event, expected) in [
        (event("ram-user", noon, "RunInstances", json!({})), KeyFigures { root_events: 0, ..zero }),
        (
            event(ROOT, noon, "ConsoleSignin", mfa("true")),
            KeyFigures { logons_succeeded: 1, logons_with_mfa: 1, ..zero },
        ),
        (
            event(ROOT, noon, "ConsoleSignin", mfa("false")),
            KeyFigures { logons_succeeded: 1, logons_without_mfa: 1, ..zero },
        ),
        (
            event(ROOT, noon, "ConsoleSignin", failed("", "success")),
            KeyFigures { logons_succeeded: 1, logons_mfa_not_said: 1, ..zero },
        ),
        (
            event(ROOT, noon, "ConsoleSignin", failed("", "Incorrect password.")),
            KeyFigures { logons_failed: 1, ..zero },
        ),
        (
            event(ROOT, noon, "ConsoleSignin", failed("Authentication.Failed", "")),
            KeyFigures { logons_failed: 1, ..zero },
        ),
        (event(ROOT, noon, "ConsoleSignout", json!({})), zero),
        (event(ROOT, noon, "RunInstances", json!({})), KeyFigures { changes: 1, ..zero }),
        (event(ROOT, noon, "RunInstances", json!({"eventRW": "Read"})), zero),
        // What is not said is told by the API; where that does not tell, nobody knows.
        (event(ROOT, noon, "RunInstances", json!({"eventRW": null})), KeyFigures { changes: 1, ..zero }),
        (event(ROOT, noon, "DescribeInstances", json!({"eventRW": null})), zero),
        (event(ROOT, noon, "Frobnicate", json!({"eventRW": "NULL"})), KeyFigures { access_not_known: 1, ..zero }),
        (
            event(ROOT, noon, "DescribeInstances", merged(key("55nCtAwmPLkkt5PB"), json!({"eventRW": "Read"}))),
            KeyFigures { access_key_calls: 1, long_term_key_calls: 1, ..zero },
        ),
        (event(ROOT, noon, "RunInstances", failed("InvalidParameter", "")), KeyFigures { changes_failed: 1, ..zero }),
        (
            event(ROOT, noon, "RunInstances", failed("Forbidden.RAM", "")),
            KeyFigures { changes_failed: 1, denied: 1, ..zero },
        ),
        (
            event(ROOT, noon, "RunInstances", key("LTAI5tExampleKey000000001")),
            KeyFigures { changes: 1, access_key_calls: 1, long_term_key_calls: 1, ..zero },
        ),
        (
            event(ROOT, noon, "RunInstances", key("STS.ExampleKey")),
            KeyFigures { changes: 1, access_key_calls: 1, ..zero },
        ),
        (event(ROOT, noon, "RunInstances", key("")), KeyFigures { changes: 1, ..zero }),
        (event(ROOT, noon, "RunInstances", key("NULL")), KeyFigures { changes: 1, ..zero }),
    ] {
        let report = report_on(std::slice::from_ref(&event), TOKYO, None);
        assert_eq!(report.figures, expected, "{event}");
        assert_eq!(report.comparison[0].figures, Some(expected), "{event}");
        let used = report.figures.root_events;
        assert_eq!(report.days[1].root_events(), used, "every root event has one class: {event}");
    }
}

#[test]
fn days_and_periods_without_events_are_not_zero() {
    let events = [
        event("ram-user", "2026-11-01T15:00:00Z", "DescribeInstances", json!({})), // Monday 00:00 in Tokyo
        event(ROOT, "2026-11-01T14:59:59Z", "DescribeInstances", json!({})),       // Sunday of the week before
        event(ROOT, "2026-11-03T03:00:00Z", "DescribeInstances", json!({})),
        event(ROOT, "2026-11-08T15:00:00Z", "DescribeInstances", json!({})), // the week after
    ];
    let report = report_on(&events, TOKYO, None);
    let states: Vec<DayState> = report.days.iter().map(|day| day.state).collect();
    let none = DayState::NoEventsDelivered;
    assert_eq!(states, [DayState::NoRootEvents, DayState::Events, none, none, none, none, none]);
    assert_eq!(report.coverage.days_without_events.len(), 5);
    let periods: Vec<_> =
        report.comparison.iter().map(|p| (p.label(), p.state, p.figures.map(|f| f.root_events))).collect();
    let week = |name: &str, state, root| (name.to_owned(), state, root);
    assert_eq!(
        periods,
        [
            week("2026-W45", PeriodState::SomeDays, Some(1)),
            week("2026-W44", PeriodState::SomeDays, Some(1)),
            week("2026-W43", PeriodState::NoData, None),
            week("2026-W42", PeriodState::NoData, None),
            week("2026-W41", PeriodState::NoData, None),
        ]
    );
    assert!(!report.coverage.ends_after_newest);
}

#[test]
fn a_day_has_25_hours_when_clocks_go_back() {
    let times = ["2026-11-01T03:59:59Z", "2026-11-01T04:00:00Z", "2026-11-02T04:59:59Z", "2026-11-02T05:00:00Z"];
    let events = times.map(|time| event(ROOT, time, "DescribeInstances", json!({})));
    let range = Some(("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"));
    let report = report_on(&events, Zone::Named(chrono_tz::America::New_York), range);
    let days: Vec<_> = report.days.iter().map(|day| (day.day.to_string(), day.root_events())).collect();
    assert_eq!(days, [("2026-11-01".to_owned(), 2)]);
    assert_eq!(report.comparison[1].figures.map(|f| f.root_events), Some(1));
}

#[test]
fn an_empty_range_is_answered() {
    for (since, until) in
        [("2026-11-03T00:00:00Z", "2026-11-03T00:00:00Z"), ("2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z")]
    {
        let report = report_on(&[event(ROOT, "2026-11-03T00:00:00Z", "A", json!({}))], Zone::UTC, Some((since, until)));
        assert_eq!(report.figures, KeyFigures::default());
        assert!(report.findings[0].text.starts_with("The data hold no event of this range"), "{:?}", report.findings);
    }
}

#[test]
fn a_logon_after_failures_is_seen_across_the_start_of_the_range() {
    let failure = json!({"errorCode": "Authentication.Failed"});
    let mut events: Vec<Value> = ["14:40:00", "14:50:00", "14:59:59"]
        .map(|time| event(ROOT, &format!("2026-11-01T{time}Z"), "ConsoleSignin", failure.clone()))
        .to_vec();
    events.push(event(ROOT, "2026-11-01T15:30:00Z", "ConsoleSignin", mfa("true")));
    events.push(event(ROOT, "2026-11-01T15:50:01Z", "ConsoleSignin", mfa("true")));
    let report = report_on(&events, TOKYO, None);
    let logons: Vec<_> =
        report.logons.list.items.iter().map(|l| (l.time.to_string(), l.failed_in_hour_before)).collect();
    assert_eq!(logons, [("2026-11-02 00:30:00 +09:00".to_owned(), 3), ("2026-11-02 00:50:01 +09:00".to_owned(), 1)]);
    assert!(report.findings[0].text.starts_with("The root logon at 2026-11-02 00:30:00 +09:00 succeeded after 3"));
}

#[test]
fn keys_changes_and_others() {
    let at = |minute: u32| format!("2026-11-03T03:{minute:02}:00Z");
    let with_key = |more: Value| {
        let mut value = key("LTAI5tExampleKey000000001");
        merge(&mut value, more);
        value
    };
    let policy =
        |name: &str| json!({"serviceName": "Ram", "requestParameters": {"PolicyName": name, "UserName": "eve"}});
    let events = [
        event(ROOT, &at(1), "RunInstances", with_key(json!({"resourceName": "i-1"}))),
        event(ROOT, &at(2), "RunInstances", with_key(json!({"resourceName": "i-2", "serviceName": "ecs"}))),
        event(
            ROOT,
            &at(3),
            "RunInstances",
            with_key(json!({"errorCode": "NoPermission", "sourceIpAddress": "192.0.2.9"})),
        ),
        event(ROOT, &at(4), "AttachPolicyToUser", policy("AdministratorAccess")),
        event(ROOT, &at(5), "AttachPolicyToUser", policy("AliyunECSReadOnlyAccess")),
        event("ram-user", &at(6), "DescribeInstances", json!({"eventRW": "Read"})),
        event("ram-user", &at(7), "DescribeInstances", json!({"sourceIpAddress": "198.51.100.1"})),
        event("system", &at(8), "Release", json!({})),
        event(ROOT, &at(9), "Ask", json!({"sourceIpAddress": "Internal", "eventRW": "Read"})),
        event("ram-user", &at(9), "Ask", json!({"sourceIpAddress": "Internal", "eventRW": "Read"})),
    ];
    let report = report_on(&events, TOKYO, None);

    let [key] = report.access_keys.as_slice() else { panic!("{:?}", report.access_keys) };
    assert_eq!((key.kind, key.calls, key.failed), (KeyKind::LongTerm, 3, 1));
    assert_eq!(
        (key.first.to_string(), key.last.to_string()),
        ("2026-11-03 12:01:00 +09:00".into(), "2026-11-03 12:03:00 +09:00".into())
    );
    let addresses: Vec<_> = key.addresses.items.iter().map(|a| (a.value.as_deref(), a.count)).collect();
    assert_eq!(addresses, [(Some("203.0.113.77"), 2), (Some("192.0.2.9"), 1)]);

    let done: Vec<_> =
        report.changes.done.items.iter().map(|g| (g.event_name.as_deref(), g.count, g.resources.total)).collect();
    assert_eq!(done, [(Some("RunInstances"), 2, 2), (Some("AttachPolicyToUser"), 2, 0)]);
    let not_done: Vec<_> = report.changes.not_done.items.iter().map(|g| (g.event_name.as_deref(), g.denied)).collect();
    assert_eq!(not_done, [(Some("RunInstances"), 1)]);
    let denied: Vec<_> = report.denied.items.iter().map(|g| (g.error_code.as_deref(), g.count)).collect();
    assert_eq!(denied, [(Some("NoPermission"), 1)]);

    let others: Vec<_> =
        report.others.same_address.items.iter().map(|o| (o.address.as_str(), o.calls, o.root_events)).collect();
    assert_eq!(others, [("203.0.113.77", 1, 4)]);
    let grants: Vec<_> = report
        .others
        .administrators
        .items
        .iter()
        .map(|g| (g.receiver_kind.as_deref(), g.receiver.as_deref()))
        .collect();
    assert_eq!(grants, [(Some("user"), Some("eve"))]);

    assert_eq!((report.high_frequency.threshold, report.figures.high_frequency_days), (3, 1));
    assert_eq!(report.high_frequency.days[0].root_events, 6);
}
