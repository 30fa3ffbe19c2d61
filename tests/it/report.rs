//! The root-usage report from exports to the model: each row is events in, one figure out.
//!
//! The renderers have their own tests beside them; here the statements are checked against events whose figures are
//! counted by hand.

use crate::harness::{Home, NOW, Run, package, sample_data};
use crate::json_schema;
use crate::lab::Lab;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use trailql::engine::{Scope, Session};
use trailql::event::time::{IsoWeek, Zone};
use trailql::ops::open::Opened;
use trailql::ops::report::{RootUsageOptions, root_usage};
use trailql::report::evidence::EvidenceLevel;
use trailql::report::model::{Activity, DayState, Fact, KeyFigures, KeyKind, PeriodState, RootUsage, Use};

const TOKYO: Zone = Zone::Named(chrono_tz::Asia::Tokyo);
const ROOT: &str = "root-account";

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Reports on `2026-W45`, or on a range, of these events.
fn report_on(events: &[Value], tz: Zone, range: Option<(&str, &str)>) -> RootUsage {
    let lab = Lab::new();
    let lines: String = events
        .iter()
        .enumerate()
        .map(|(n, event)| {
            let mut event = event.clone();
            event["eventId"] = json!(format!("00000000-0000-4000-8000-{n:012}"));
            format!("{event}\n")
        })
        .collect();
    // A lake without events has no accounts, so one event far away is always there.
    let far = json!({"eventId": "far", "eventTime": "2020-01-01T00:00:00Z", "eventName": "DescribeInstances",
        "eventRW": "Read", "eventVersion": "1", "userIdentity": {"type": "ram-user", "accountId": ACCOUNT}});
    let file = lab.file("events.json", format!("{lines}{far}\n"));
    lab.ingest(&[file]);
    let week = range.is_none().then(|| IsoWeek::parse("2026-W45").unwrap());
    let (since, until) = match range {
        Some((since, until)) => (utc(since), utc(until)),
        None => week.unwrap().range(tz),
    };
    let now = utc("2026-11-10T00:00:00Z");
    let session = lab.session_with(Scope { tz, now: Some(now), ..Scope::default() }, false);
    let options = options_of(since, until, week, tz, now);
    let report = root_usage(&Opened::from(session.clone()), &options).unwrap();
    every_figure_has_its_evidence(&session, &report);
    report
}

fn options_of(
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    week: Option<IsoWeek>,
    tz: Zone,
    now: DateTime<Utc>,
) -> RootUsageOptions {
    let (evidence, command) = (EvidenceLevel::Summary, "trailql".to_owned());
    RootUsageOptions { since, until, week, tz, now, high_frequency: 3, evidence, command }
}

/// Runs the statement of every entry of the evidence: it must answer with as many events as the figure says, the named
/// ones first.
fn every_figure_has_its_evidence(session: &Session, report: &RootUsage) {
    for entry in &report.evidence {
        let rows: Vec<Value> = session.rows(&entry.sql, &[]).unwrap();
        assert_eq!(rows.len() as u64, entry.total, "{:?}: {}", entry.subject, entry.sql);
        assert_eq!(entry.events.len() as u64, entry.total.min(20), "{:?}: {}", entry.subject, entry.sql);
        for (event, row) in entry.events.iter().zip(&rows) {
            assert_eq!(event.id.as_deref(), row["event_id"].as_str(), "{:?}: {}", entry.subject, entry.sql);
            assert!(event.source.is_some(), "{:?}: {}", entry.subject, entry.sql);
        }
    }
    let figures = report.total.figures;
    let evidence = &report.total.evidence;
    for (figure, evidence) in [
        (figures.root_events, evidence.root_events),
        (figures.logons_succeeded, evidence.logons_succeeded),
        (figures.logons_without_mfa, evidence.logons_without_mfa),
        (figures.logons_failed, evidence.logons_failed),
        (figures.access_key_calls, evidence.access_key_calls),
        (figures.changes, evidence.changes),
        (figures.changes_failed, evidence.changes_failed),
        (figures.access_not_known, evidence.access_not_known),
        (figures.denied, evidence.denied),
    ] {
        let total = evidence.map_or(0, |id| report.evidence[id.0 as usize - 1].total);
        assert_eq!(figure, total);
    }
}

/// What was done in the only account with use.
fn activity(report: &RootUsage) -> &Activity {
    let used: Vec<_> = report.accounts.items.iter().filter_map(|account| account.activity.as_ref()).collect();
    let [activity] = used.as_slice() else { panic!("{} accounts with use", used.len()) };
    activity
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
        assert_eq!(report.total.figures, expected, "{event}");
        assert_eq!(report.total.comparison[0].figures, Some(expected), "{event}");
        let used = report.total.figures.root_events;
        assert_eq!(report.total.days[1].root_events(), used, "every root event has one class: {event}");
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
    let states: Vec<DayState> = report.total.days.iter().map(|day| day.state).collect();
    let none = DayState::NoEventsDelivered;
    assert_eq!(states, [DayState::NoRootEvents, DayState::Events, none, none, none, none, none]);
    assert_eq!(report.coverage.days_without_events.len(), 5);
    let periods: Vec<_> = report
        .total
        .comparison
        .iter()
        .map(|p| (p.week.clone().unwrap(), p.state, p.figures.map(|f| f.root_events)))
        .collect();
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
    let days: Vec<_> = report.total.days.iter().map(|day| (day.day.to_string(), day.root_events())).collect();
    assert_eq!(days, [("2026-11-01".to_owned(), 2)]);
    assert_eq!(report.total.comparison[1].figures.map(|f| f.root_events), Some(1));
}

#[test]
fn an_empty_range_is_answered() {
    for (since, until) in
        [("2026-11-03T00:00:00Z", "2026-11-03T00:00:00Z"), ("2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z")]
    {
        let report = report_on(&[event(ROOT, "2026-11-03T00:00:00Z", "A", json!({}))], Zone::UTC, Some((since, until)));
        assert_eq!(report.total.figures, KeyFigures::default());
        assert_eq!(report.verdict.root, Use::NoData);
        assert!(matches!(report.findings[0].fact, Fact::NoData { other_regions: false }), "{:?}", report.findings);
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
        activity(&report).logons.single.items.iter().map(|l| (l.time.to_string(), l.failed_in_hour_before)).collect();
    assert_eq!(logons, [("2026-11-02 00:30:00 +09:00".to_owned(), 3), ("2026-11-02 00:50:01 +09:00".to_owned(), 1)]);
    let Fact::LogonAfterFailures { logon, others: 0 } = &report.findings[0].fact else {
        panic!("{:?}", report.findings[0])
    };
    assert_eq!((logon.time.to_string(), logon.failures()), ("2026-11-02 00:30:00 +09:00".to_owned(), 3));
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

    let done = activity(&report);
    let [key] = done.access_keys.items.as_slice() else { panic!("{:?}", done.access_keys) };
    assert_eq!((key.kind, key.calls, key.denied, key.failed), (KeyKind::LongTerm, 3, 1, 0));
    assert_eq!(
        (key.first.to_string(), key.last.to_string()),
        ("2026-11-03 12:01:00 +09:00".into(), "2026-11-03 12:03:00 +09:00".into())
    );
    let addresses: Vec<_> =
        key.addresses.items.iter().map(|a| (a.address.as_ref().map(|a| a.text.as_str()), a.count)).collect();
    assert_eq!(addresses, [(Some("203.0.113.77"), 2), (Some("192.0.2.9"), 1)]);

    let changes: Vec<_> =
        done.changes.items.iter().map(|g| (g.event_name.as_deref(), g.count, g.resources.total)).collect();
    assert_eq!(changes, [(Some("RunInstances"), 2, 2), (Some("AttachPolicyToUser"), 2, 0)]);
    let not_done: Vec<_> = done.changes_failed.items.iter().map(|g| (g.event_name.as_deref(), g.denied)).collect();
    assert_eq!(not_done, [(Some("RunInstances"), 1)]);
    let denied: Vec<_> = done.denied.items.iter().map(|g| (g.error_code.as_deref(), g.count)).collect();
    assert_eq!(denied, [(Some("NoPermission"), 1)]);

    let others: Vec<_> =
        done.same_address.items.iter().map(|o| (o.address.text.as_str(), o.calls, o.root_events)).collect();
    assert_eq!(others, [("203.0.113.77", 1, 4)]);
    let grants: Vec<_> =
        done.administrators.items.iter().map(|g| (g.receiver_kind.as_deref(), g.receiver.as_deref())).collect();
    assert_eq!(grants, [(Some("user"), Some("eve"))]);

    assert_eq!((report.subject.high_frequency, report.total.figures.high_frequency_days), (3, 1));
    assert_eq!(done.busy_days.items[0].root_events, 6);
}

/// An event that a rule must see, with the figure or finding that comes of it.
#[test]
fn calls_that_stand_out_are_findings() {
    let at = "2026-11-03T03:00:00Z";
    let with = |service: &str, parameters: Value| json!({"serviceName": service, "requestParameters": parameters});
    let as_text = |service: &str, parameters: Value| json!({"serviceName": service, "requestParameterJson": parameters.to_string()});
    let open = |cidr: &str, policy: &str| {
        json!({"SecurityGroupId": "sg-1", "Permissions.1.SourceCidrIp": cidr, "Permissions.1.PortRange": "22/22",
            "Permissions.1.Policy": policy})
    };
    let nested =
        json!({"SecurityGroupId": "sg-1", "Permissions": [{"Ipv6SourceCidrIp": "::/0", "PortRange": "22/22"}]});
    let policy = json!({"bucketName": "b", "policy": {"Statement": [{"Effect": "Allow", "Principal": ["*"]}]}});
    let closed = json!({"bucketName": "b", "policy": {"Statement": [{"Effect": "Deny", "Principal": ["*"]}]}});
    let key = json!({"UserAccessKeyId": "LTAI1", "Status": "Inactive"});
    let cases: Vec<(&str, Value, Option<&str>)> = vec![
        ("EmailModify", with("AasCustomer", json!({})), Some("mail_changed LTAI-none")),
        ("MobileBind", with("aascustomer", json!({})), Some("phone_changed LTAI-none")),
        ("PasswordReset", with("AasCustomer", json!({})), Some("password_changed LTAI-none")),
        ("MFABind", with("AasCustomer", json!({})), Some("mfa_bound LTAI-none")),
        ("MFAUnbind", with("AasCustomer", json!({})), Some("mfa_unbound LTAI-none")),
        ("MFAUnbind", with("Other", json!({})), None),
        ("CreateAccessKey", with("Ims", json!({})), Some("root_key_created i-1")),
        ("CreateAccessKey", with("Ram", json!({"UserName": "eve"})), Some("user_key_created eve")),
        ("CreateAccessKey", with("Ims", json!({"UserPrincipalName": "eve@x"})), Some("user_key_created eve@x")),
        ("UpdateAccessKey", with("Ims", key.clone()), Some("root_key_disabled LTAI1")),
        ("UpdateAccessKey", as_text("Ims", key), Some("root_key_disabled LTAI1")),
        ("DeleteAccessKey", with("Ims", json!({"UserAccessKeyId": "LTAI1"})), Some("root_key_deleted LTAI1")),
        ("DeleteAccessKey", with("Ims", json!({"UserAccessKeyId": "LTAI1", "UserName": "eve"})), None),
        ("CreateUser", with("Ims", json!({"UserName": "eve"})), Some("user_created eve")),
        ("UpdateLoginProfile", with("Ram", json!({"UserName": "eve"})), Some("login_profile_set eve")),
        ("AuthorizeSecurityGroup", with("Ecs", open("0.0.0.0/0", "accept")), Some("opened_to_world sg-1")),
        ("AuthorizeSecurityGroup", as_text("Ecs", open("0.0.0.0/0", "accept")), Some("opened_to_world sg-1")),
        ("AuthorizeSecurityGroup", with("Ecs", nested), Some("opened_to_world sg-1")),
        ("AuthorizeSecurityGroup", with("Ecs", open("0.0.0.0/0", "Drop")), None),
        ("AuthorizeSecurityGroup", with("Ecs", open("10.0.0.0/8", "accept")), None),
        ("PutBucketAcl", with("Oss", json!({"bucketName": "b", "acl": "public-read"})), Some("made_public b")),
        ("PutBucketAcl", with("Oss", json!({"bucketName": "b", "acl": "private"})), None),
        ("PutBucketPolicy", with("Oss", policy), Some("made_public b")),
        ("PutBucketPolicy", with("Oss", closed), None),
        ("RunCommand", with("Ecs", json!({})), Some("command_run LTAI-none")),
        ("RunCommand", with("Other", json!({})), None),
        ("DescribeInstances", with("Ecs", json!({})), None),
    ];
    // One account a case, so that one report has them all. The same calls of somebody else are none of root.
    let of =
        |n: usize| json!({"recipientAccountId": format!("{n:03}"), "userIdentity": {"accountId": format!("{n:03}")}});
    let calls = |identity: &'static str| -> Vec<Value> {
        let call = |(n, (name, more, _)): (usize, &(&str, Value, Option<&str>))| {
            event(identity, at, name, merged(merged(json!({"resourceName": "i-1"}), more.clone()), of(n)))
        };
        cases.iter().enumerate().map(call).collect()
    };
    let report = report_on(&calls(ROOT), TOKYO, None);
    for (n, (name, more, expected)) in cases.iter().enumerate() {
        let account = format!("{n:03}");
        let mut findings = report.findings.iter().filter(|finding| finding.account_id.as_ref() == Some(&account));
        let found = findings.find_map(|finding| match &finding.fact {
            Fact::Notable { call, .. } => {
                let kind = serde_json::to_value(call.kind).unwrap();
                let target = call.target.clone().unwrap_or_else(|| "LTAI-none".to_owned());
                Some(format!("{} {target}", kind.as_str().unwrap()))
            }
            _ => None,
        });
        assert_eq!(found.as_deref(), *expected, "{name} {more}");
    }
    let report = report_on(&calls("ram-user"), TOKYO, None);
    assert!(report.findings.iter().all(|finding| !matches!(finding.fact, Fact::Notable { .. })));
}

#[test]
fn a_key_has_a_life() {
    let (id, other) = ("LTAI5tExampleKey000000001", "LTAI5tExampleKey000000002");
    let change = |time: &str, name: &str, key: &str, status: Option<&str>| {
        let parameters = json!({"UserAccessKeyId": key, "Status": status});
        event(ROOT, time, name, json!({"serviceName": "Ims", "requestParameters": parameters}))
    };
    let call = |time: &str, more: Value| event(ROOT, time, "RunInstances", merged(key(id), more));
    let state = |report: &RootUsage| {
        let [key] = activity(report).access_keys.items.as_slice() else { panic!("one key") };
        let after = key.used_after_end.as_ref().map(|used| (used.succeeded, used.failed));
        (key.new, key.life.iter().map(|change| format!("{:?}", change.state)).collect::<Vec<_>>().join(" "), after)
    };
    let denied = json!({"errorCode": "InvalidAccessKeyId.Inactive"});
    for (events, expected) in [
        (vec![call("2026-11-03T03:00:00Z", json!({}))], (true, "", None)),
        // It was used before the week.
        (vec![call("2026-10-03T03:00:00Z", json!({})), call("2026-11-03T03:00:00Z", json!({}))], (false, "", None)),
        // It was deleted before the week, and a call of the week is refused.
        (
            vec![
                change("2026-10-03T03:00:00Z", "DeleteAccessKey", id, None),
                call("2026-11-03T03:00:00Z", denied.clone()),
            ],
            (true, "Deleted", Some((0, 1))),
        ),
        // It was disabled and enabled again before the call.
        (
            vec![
                change("2026-11-03T01:00:00Z", "UpdateAccessKey", id, Some("Inactive")),
                change("2026-11-03T02:00:00Z", "UpdateAccessKey", id, Some("Active")),
                call("2026-11-03T03:00:00Z", json!({})),
            ],
            (true, "Disabled Enabled", None),
        ),
        // Another key was deleted; the end lies behind the last call; the change failed.
        (
            vec![
                change("2026-11-03T01:00:00Z", "DeleteAccessKey", other, None),
                call("2026-11-03T03:00:00Z", json!({})),
                change("2026-11-03T03:00:00Z", "DeleteAccessKey", id, None),
            ],
            (true, "Deleted", None),
        ),
        // Calls before and after, of which one succeeded.
        (
            vec![
                call("2026-11-03T01:00:00Z", json!({})),
                change("2026-11-03T02:00:00Z", "DeleteAccessKey", id, None),
                call("2026-11-03T03:00:00Z", json!({})),
                call("2026-11-03T04:00:00Z", denied),
            ],
            (true, "Deleted", Some((1, 1))),
        ),
    ] {
        let report = report_on(&events, TOKYO, None);
        let (new, life, after) = expected;
        assert_eq!(state(&report), (new, life.to_owned(), after), "{events:?}");
        let findings = report.findings.iter().filter(|f| matches!(f.fact, Fact::KeyUsedAfterEnd { .. })).count();
        assert_eq!(findings, usize::from(after.is_some()));
    }
}

#[test]
fn alike_logons_are_one_row_and_those_that_matter_are_shown_alone() {
    let logon = |n: u32, more: Value| {
        let time = format!("2026-11-03T03:{:02}:{:02}Z", n / 60, n % 60);
        event(ROOT, &time, "ConsoleSignin", merged(mfa("true"), more))
    };
    let failed = json!({"errorCode": "Authentication.Failed", "additionalEventData": {"isMFAChecked": "false"}});
    let from = |n: u32| json!({"sourceIpAddress": format!("192.0.2.{n}")});
    let mut events: Vec<Value> = (0..500).map(|n| logon(n, merged(failed.clone(), from(n % 3)))).collect();
    events.extend((500..520).map(|n| logon(n, json!({}))));
    events.push(logon(3000, mfa("false")));
    let report = report_on(&events, TOKYO, None);
    let logons = &activity(&report).logons;
    let rows: Vec<_> = logons.groups.items.iter().map(|group| (group.succeeded, group.mfa, group.count)).collect();
    assert_eq!(
        rows,
        [(true, Some(false), 1), (true, Some(true), 20), (false, None, 167), (false, None, 167), (false, None, 166)]
    );
    assert_eq!(logons.failed_addresses, 3);
    // Twenty logons after failures, and the one without MFA, which is after failures too.
    assert_eq!(logons.single.items.len(), 21);
    assert!(logons.single.items.iter().all(|logon| logon.succeeded && logon.failures() >= 500));
    let text = trailql::report::render(
        &report,
        trailql::report::Lang::En,
        trailql::report::ReportFormat::Terminal { width: 80, color: false },
    );
    assert!(text.unwrap().lines().count() < 600, "a flood of logons must not flood the report");
}

#[test]
fn each_account_has_its_own_figures_and_findings() {
    let of = |account: &str| json!({"recipientAccountId": account, "userIdentity": {"accountId": account}});
    let time = "2026-11-03T03:00:00Z";
    let events = [
        event(ROOT, time, "ConsoleSignin", merged(mfa("false"), of("1"))),
        event(ROOT, time, "RunInstances", of("1")),
        event(ROOT, time, "RunInstances", of("2")),
        event("ram-user", time, "RunInstances", of("3")),
        event("ram-user", "2026-10-20T03:00:00Z", "RunInstances", of("4")),
    ];
    let report = report_on(&events, TOKYO, None);
    let accounts: Vec<_> = report
        .accounts
        .items
        .iter()
        .map(|one| {
            let figures = one.usage.figures;
            (one.account_id.as_deref().unwrap(), figures.logons_without_mfa, figures.changes, one.activity.is_some())
        })
        .collect();
    // In the third, a RAM user made an instance with root as initial login user.
    let far = (ACCOUNT, 0, 0, false);
    assert_eq!(accounts, [("1", 1, 1, true), ("2", 0, 1, true), ("3", 0, 0, true), far, ("4", 0, 0, false)]);
    assert_eq!((report.total.figures.changes, report.verdict.accounts_used, report.verdict.accounts), (2, 2, 5));
    let with_account: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| !finding.fact.is_of_coverage())
        .map(|finding| finding.account_id.as_deref().unwrap())
        .collect();
    assert_eq!(with_account, ["1", "1", "2", "1", "2", "3"]);
    let silent = report.findings.iter().find_map(|finding| match &finding.fact {
        Fact::AccountsSilent { accounts, of } => Some((accounts.total, *of)),
        _ => None,
    });
    assert_eq!(silent, Some((2, 5)));
}

#[test]
fn a_ban_is_judged_by_those_whom_it_limits() {
    let run = |identity: &str, minute: u32, more: Value| {
        event(identity, &format!("2026-11-03T03:{minute:02}:00Z"), "RunInstances", more)
    };
    let denied = || json!({"errorCode": "Forbidden.RAM"});
    let non_root = || json!({"requestParameters": {"ImageOptions.LoginAsNonRoot": true}});
    for (events, created, refused) in [
        (vec![run(ROOT, 1, json!({})), run("ram-user", 2, denied())], vec![("root-account", 1)], vec![("ram-user", 1)]),
        (vec![run("ram-user", 1, json!({})), run("ram-user", 2, non_root())], vec![("ram-user", 1)], vec![]),
        (vec![run("ram-user", 1, merged(non_root(), denied()))], vec![], vec![]),
    ] {
        let report = report_on(&events, TOKYO, None);
        let of = |list: &[trailql::report::model::InitialUser]| -> Vec<(String, u64)> {
            list.iter().map(|call| (call.caller.kind.clone().unwrap(), call.count)).collect()
        };
        let found = report.accounts.items.iter().find_map(|account| account.activity.as_ref());
        let (done, not_done) =
            found.map(|a| (of(&a.initial_user.items), of(&a.initial_user_refused.items))).unwrap_or_default();
        let owned = |list: Vec<(&str, u64)>| list.into_iter().map(|(kind, n)| (kind.to_owned(), n)).collect::<Vec<_>>();
        assert_eq!((done, not_done), (owned(created), owned(refused)));
    }
}

#[test]
fn what_root_made_is_followed() {
    let at = |minute: u32| format!("2026-11-03T03:{minute:02}:00Z");
    let made = json!({"serviceName": "Ims", "requestParameters": {"UserName": "eve"},
        "responseElements": {"AccessKey": {"AccessKeyId": "LTAIeve"}}});
    let eve = json!({"userIdentity": {"userName": "eve", "accessKeyId": "LTAIeve"}, "sourceIpAddress": "192.0.2.8"});
    let events = [
        event("ram-user", &at(0), "DescribeInstances", eve.clone()),
        event(ROOT, &at(1), "CreateUser", json!({"serviceName": "Ims", "requestParameters": {"UserName": "eve"}})),
        event(ROOT, &at(2), "CreateAccessKey", made),
        event("ram-user", &at(3), "RunInstances", eve.clone()),
        event("ram-user", &at(4), "RunInstances", merged(eve, json!({"errorCode": "NoPermission"}))),
        event("ram-user", &at(5), "RunInstances", json!({"userIdentity": {"userName": "other"}})),
    ];
    let report = report_on(&events, TOKYO, None);
    let created: Vec<_> = activity(&report)
        .created
        .items
        .iter()
        .map(|one| (one.id.as_str(), one.calls, one.changes, one.denied, one.addresses.total))
        .collect();
    // The call before the user was made is not one of the user that was made.
    assert_eq!(created, [("eve", 2, 1, 1, 1), ("LTAIeve", 2, 1, 1, 1)]);
}

#[test]
fn days_to_come_are_not_days_without_events() {
    let events = [event("ram-user", "2026-11-09T03:00:00Z", "DescribeInstances", json!({}))];
    let range = Some(("2026-11-08T15:00:00Z", "2026-11-15T15:00:00Z"));
    let report = report_on(&events, TOKYO, range);
    // The report is made on the 10th, at 09:00 in Tokyo.
    let states: Vec<DayState> = report.total.days.iter().map(|day| day.state).collect();
    let (none, later) = (DayState::NoEventsDelivered, DayState::NotYet);
    assert_eq!(states, [DayState::NoRootEvents, none, later, later, later, later, later]);
    assert_eq!((report.coverage.days, report.coverage.days_to_come), (2, 5));
    assert_eq!(report.coverage.delivery.items[0].days_without_events, 1);
}

/// The sample week as the command line writes it, with these arguments more.
fn sample_report(home: &Home, more: &[&str]) -> Run {
    let args = ["report", "root-usage", "--week", "2026-W45", "--tz", "Asia/Tokyo", "--now", NOW];
    home.run(&[&args[..], more].concat())
}

fn home_with_samples() -> Home {
    let home = Home::new();
    home.run(&["ingest", sample_data().to_str().unwrap(), "--now", NOW]).exits(0);
    home
}

const SCHEMA: &str = "docs/root-usage.schema.json";

/// Asks whether files of this repository are to be written anew.
fn overwrites() -> bool {
    std::env::var_os("SNAPSHOTS").is_some_and(|wanted| wanted == "overwrite")
}

#[test]
fn reports_fit_the_schema_of_the_repository() {
    let schema = serde_json::to_value(trailql::report::json::schema()).unwrap();
    let path = package().join(SCHEMA);
    let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
    if overwrites() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == text, "{SCHEMA} is out of date: SNAPSHOTS=overwrite cargo test --test it report::");
    let home = home_with_samples();
    for more in [
        &["-F", "json"][..],
        &["-F", "json", "--lang", "ja", "--evidence", "none"],
        &["-F", "json", "--lang", "zh", "--week", "2020-W01"],
        &["-F", "json", "--region", "eu-central-1", "--evidence", "full"],
    ] {
        let args = ["report", "root-usage", "--now", NOW];
        let week = if more.contains(&"--week") { &[][..] } else { &["--week", "2026-W45"] };
        let run = home.run(&[&args[..], week, more].concat()).exits(0);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(json_schema::faults(&schema, &report), Vec::<String>::new(), "{more:?}");
        let mut wrong = report;
        wrong["subject"]["since"] = json!(5);
        wrong["total"]["hours"][0] = json!([1]);
        assert_eq!(json_schema::faults(&schema, &wrong).len(), 2, "the schema accepts anything");
    }
}

#[test]
fn the_same_lake_gives_the_same_report() {
    let home = home_with_samples();
    let formats = ["html", "markdown", "json", "terminal"];
    let written = |threads: &str| -> Vec<String> {
        let of = |format: &&str| {
            sample_report(&home, &["-F", format, "--lang", "ja", "--evidence", "full", "--threads", threads])
                .exits(0)
                .stdout
        };
        formats.iter().map(of).collect()
    };
    let first = written("1");
    assert!(first[2].contains("\"sha256\""), "the version of the lake is in it");
    for threads in ["2", "4"] {
        assert!(written(threads) == first, "{threads} threads");
    }
    // More files, then fewer: the events stay the same.
    home.run(&["ingest", sample_data().to_str().unwrap(), "--now", NOW]).exits(0);
    assert!(written("2") == first, "after nothing new was ingested");
    home.run(&["lake", "compact", "--now", NOW]).exits(0);
    assert!(written("2") == first, "after files were merged");
}

/// Groups come out of the engine in no order, and each figure of each account is evidence with a number.
#[test]
fn many_accounts_give_the_same_report() {
    let home = Home::new();
    let mut lines = String::new();
    for account in 1..=9 {
        let id = format!("100000000000000{account}");
        for n in 0..12 {
            let time = format!("2026-11-0{}T0{}:{n:02}:00Z", 2 + n % 6, n % 5);
            let who = json!({"eventId": format!("{account}-{n}"), "recipientAccountId": id,
                "userIdentity": {"accountId": id, "principalId": id, "accessKeyId": format!("LTAI5tEXAMPLE{account}{}", n % 3)},
                "sourceIpAddress": format!("203.0.113.{}", n % 4)});
            let (kind, name) = [(ROOT, "ConsoleSignin"), (ROOT, "RunInstances"), ("ram-user", "StopInstance")][n % 3];
            lines.push_str(&format!("{}\n", event(kind, &time, name, who)));
        }
    }
    let export = home.file("events.jsonl", lines);
    home.run(&["ingest", export.to_str().unwrap(), "--now", NOW]).exits(0);
    let written = |threads: &str| sample_report(&home, &["-F", "json", "--threads", threads]).exits(0).stdout;
    let first = written("1");
    for threads in ["2", "4", "2", "4"] {
        assert!(written(threads) == first, "{threads} threads");
    }
}

#[test]
fn the_story_of_the_samples_is_told() {
    let home = home_with_samples();
    let run = sample_report(&home, &["-F", "json"]).exits(0);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let kinds: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let fact = &finding["fact"];
            let call = fact["call"]["kind"].as_str().map(|kind| format!(" {kind}")).unwrap_or_default();
            format!("{} {}{call}", finding["severity"].as_str().unwrap(), fact["kind"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "critical logon_after_failures",
            "critical notable made_public",
            "critical trail_limited",
            "high key_used_after_end",
            "high key_used",
            "high notable root_key_created",
            "high notable opened_to_world",
            "high administrator_granted",
            "high changes",
            "medium notable user_created",
            "medium notable login_profile_set",
            "medium notable user_key_created",
            "medium notable command_run",
            "medium failed_logons",
            "medium initial_user",
            "medium high_frequency",
            "low logons",
            "info notable root_key_deleted",
        ]
    );
    // Each figure and finding is confirmed by its own statement, run by the command line.
    for entry in report["evidence"].as_array().unwrap() {
        let sql = entry["sql"].as_str().unwrap();
        let run = home.run(&["sql", sql, "--tz", "Asia/Tokyo", "-F", "jsonl", "--now", NOW, "-q"]).exits(0);
        assert_eq!(run.stdout.lines().count() as u64, entry["total"].as_u64().unwrap(), "{sql}");
    }
    let sources = report["sources"].as_array().unwrap();
    assert!(sources.iter().all(|source| source["sha256"].as_str().unwrap().len() == 64), "{sources:?}");
}

#[test]
fn the_command_line_of_the_report() {
    let home = home_with_samples();
    for (lang, expected) in
        [("en", "[Act today] Root account usage, 2026-W45: "), ("ja", "【本日中に要対応】"), ("zh", "今日须处理")]
    {
        let run = sample_report(&home, &["--summary", "--lang", lang]).exits(0);
        assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
        assert!(run.stdout.contains(expected), "{lang}: {}", run.stdout);
    }
    sample_report(&home, &["--summary", "--fail-on", "high"]).exits(1);
    let quiet = ["report", "root-usage", "--week", "2026-W42", "--summary", "--now", NOW];
    home.run(&[&quiet[..], &["--fail-on", "high"]].concat()).exits(0);
    // The command that a report names makes the same report.
    let run = sample_report(&home, &["-F", "json", "--high-frequency", "7"]).exits(0);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let command = report["method"]["command"].as_str().unwrap();
    let words: Vec<&str> = command.split(' ').skip(1).chain(["-F", "json"]).collect();
    assert_eq!(home.run(&words).exits(0).stdout, run.stdout, "{command}");
    sample_report(&home, &["--split-by-account"]).exits(2);
    sample_report(&home, &["--split-by-account", "-o", "r.html"]).exits(0);
    let page = std::fs::read_to_string(home.work().join("r-1234567812345678.html")).unwrap();
    assert!(page.contains("1234567812345678"));
    assert!(sample_report(&home, &["--split-by-account", "-o", "r.html"]).exits(2).stderr.contains("is there already"));
}
