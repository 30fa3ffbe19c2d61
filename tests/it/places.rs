//! The accounts and regions of a lake, by the tallies of its manifest and by its files: both say the same.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use trailql::engine::{Param, Place, Scope, Session};
use trailql::event::time::TimeRange;
use trailql::lake::Lake;

use crate::compact::{compacted, verified};
use crate::lab::{Lab, now, unmasked};
use crate::proof::rewrite_entry;

/// The same question in SQL, which reads the files.
const SQL: &str = "SELECT nullif(account_id, '') AS account_id, nullif(acs_region, '') AS region,
        min(event_time) AS first, max(event_time) FILTER (WHERE event_time <= $newest) AS last
    FROM events WHERE event_time IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2";

fn by_sql(session: &Session, newest: DateTime<Utc>) -> Vec<Place> {
    let rows: Vec<Value> = session.rows(SQL, &[("newest", Param::Time(newest))]).unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let time = |value: &Value| value.as_str().and_then(|time| time.parse::<DateTime<Utc>>().ok());
    let place = |row: &Value| Place {
        account_id: text(&row["account_id"]),
        region: text(&row["region"]),
        first: time(&row["first"]).unwrap(),
        last: time(&row["last"]),
    };
    rows.iter().map(place).collect()
}

fn event(n: usize, time: &str, account: Value, recipient: Value, region: Value) -> String {
    let mut event = json!({"eventId": format!("id-{n}"), "eventName": "X", "acsRegion": region,
        "recipientAccountId": recipient, "userIdentity": {"type": "ram-user", "accountId": account}});
    if !time.is_empty() {
        event["eventTime"] = json!(format!("2026-11-{time}Z"));
    }
    format!("{event}\n")
}

/// Events of the future begin on a day that has others: 2026-11-10, a day behind the present.
fn odd_events() -> Vec<String> {
    let (null, one, two) = (Value::Null, json!("1000000000000001"), json!("2000000000000002"));
    let region = || json!("cn-hangzhou");
    let mut events = Vec::new();
    let mut add = |time: &str, account: &Value, recipient: &Value, region: Value| {
        events.push(event(events.len(), time, account.clone(), recipient.clone(), region));
    };
    for day in [1, 3, 9, 10, 11, 14, 20] {
        for hour in [1, 9, 23] {
            let time = format!("{day:02}T{hour:02}:00:00");
            add(&time, &one, &one, region());
            if day != 3 {
                add(&time, &two, &null, json!("us-east-1"));
            }
        }
    }
    add("02T02:00:00", &null, &null, region());
    add("02T03:00:00", &json!(""), &json!(""), json!(""));
    add("02T03:00:00", &null, &null, null.clone());
    add("02T04:00:00", &json!("300000****000003"), &null, region());
    // Another account receives it.
    add("02T05:00:00", &two, &json!("4000000000000004"), region());
    add("02T06:00:00", &null, &json!("5000000000000005"), region());
    // Without a time.
    add("", &json!("6000000000000006"), &null, region());
    add("", &one, &null, region());
    // Of the future only.
    add("19T05:00:00", &json!("7000000000000007"), &null, region());
    // More accounts than a file has tallies of.
    for n in 0..300 {
        add("04T00:10:00", &json!(format!("80000000000{n:05}")), &one, json!("cn-beijing"));
    }
    events
}

fn scopes() -> Vec<Scope> {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let of = |accounts: &[&str], regions: &[&str]| Scope {
        accounts: names(accounts),
        regions: names(regions),
        now: Some(now()),
        ..Scope::default()
    };
    vec![
        of(&[], &[]),
        Scope { now: None, ..of(&[], &[]) },
        of(&["1000000000000001"], &[]),
        of(&["2000000000000002"], &["cn-hangzhou", "us-east-1"]),
        of(&["4000000000000004"], &[]),
        of(&["5000000000000005", "6000000000000006"], &[]),
        of(&["7000000000000007"], &[]),
        of(&["8000000000000007", "1000000000000009", "300000****000003"], &[]),
        of(&[], &["cn-hangzhou"]),
        of(&["1000000000000001"], &["us-east-1"]),
        of(&["9000000000000009"], &["nowhere"]),
    ]
}

fn at(time: &str) -> DateTime<Utc> {
    format!("2026-11-{time}Z").parse().unwrap()
}

/// Newest events that questions for places may give.
const NEWEST: [&str; 4] = ["01T00:00:00", "10T05:00:00", "10T09:00:00", "30T00:00:00"];

/// Ranges of time; an empty end is open.
const RANGES: [(&str, &str); 5] = [
    ("", ""),
    ("02T00:00:00", "10T05:00:00"),
    ("10T05:00:00", "10T06:00:00"),
    ("10T06:00:00", "19T06:00:00"),
    ("19T06:00:00", ""),
];

fn range((since, until): (&str, &str)) -> TimeRange {
    let bound = |time: &str| (!time.is_empty()).then(|| at(time));
    TimeRange { since: bound(since), until: bound(until) }
}

/// All that a lake tells of its scopes.
fn told(lake: &Path) -> Vec<String> {
    let mut told = Vec::new();
    for scope in scopes() {
        let session = unmasked(lake, &scope);
        told.push(format!("{:?}", session.scope()));
        told.extend(NEWEST.map(|newest| format!("{:?}", session.places(at(newest)).unwrap())));
        told.push(format!("{:?}", RANGES.map(|bounds| session.has_events(range(bounds)).unwrap())));
        told.push(format!("{:?}", session.newest_event_of_lake().unwrap()));
    }
    told
}

/// Compares what a lake tells with its rows.
fn check_by_rows(lake: &Path) {
    for scope in scopes() {
        let session = unmasked(lake, &scope);
        for newest in NEWEST.map(at) {
            assert_eq!(session.places(newest).unwrap(), by_sql(&session, newest), "{scope:?} {newest}");
        }
        let rows: Vec<Value> = session.rows("SELECT DISTINCT event_time AS at FROM events", &[]).unwrap();
        let times = rows.iter().map(|row| row["at"].as_str().map(|time| time.parse::<DateTime<Utc>>().unwrap()));
        let times: Vec<Option<DateTime<Utc>>> = times.collect();
        for range in RANGES.map(range) {
            let TimeRange { since, until } = range;
            let is_within = |time: DateTime<Utc>| since.is_none_or(|at| at <= time) && until.is_none_or(|at| time < at);
            let all = range == TimeRange::default();
            let expected = times.iter().any(|time| all || time.is_some_and(is_within));
            assert_eq!(session.has_events(range).unwrap(), expected, "{scope:?} {range:?}");
        }
        let horizon = scope.now.map(|now| now + TimeDelta::days(1));
        let (future, past): (Vec<_>, Vec<_>) =
            times.iter().flatten().partition(|time| horizon.is_some_and(|horizon| **time > horizon));
        let told = session.scope();
        assert_eq!(told.oldest_event.as_ref(), times.iter().flatten().min(), "{scope:?}");
        assert_eq!(told.newest_event.as_ref(), past.into_iter().max().or(future.iter().copied().max()), "{scope:?}");
        assert_eq!(told.future_events.map(|events| events.newest).as_ref(), future.into_iter().max(), "{scope:?}");
        let newest = if scope.now.is_some() { "10T01:00:00" } else { "20T23:00:00" };
        assert_eq!(session.newest_event_of_lake().unwrap(), Some(at(newest)));
        let sources: Vec<Value> = session.rows("SELECT count(*) AS n FROM sources", &[]).unwrap();
        assert_eq!(sources, [json!({"n": session.sources()})]);
    }
}

fn files_with_tallies(lake: &Path) -> Vec<bool> {
    let files = Lake::open(lake).unwrap().snapshot().unwrap().files.all().unwrap();
    files.iter().map(|file| !file.accounts.is_empty()).collect()
}

/// Cuts the tallies and the filters of values out of the first entry, as an earlier build would have written it.
fn without_tallies(lake: &Path) {
    loop {
        let path = lake.join("_manifest/00000000000000000001.json");
        let entry = std::fs::read_to_string(path).unwrap();
        let Some(begin) = entry.find(",\"accounts\":[") else { return };
        let rest = &entry[begin..];
        let length = match rest.find("]],\"values\":{") {
            Some(values) if rest.find("]]}").is_none_or(|end| values < end) => {
                values + rest[values..].find('}').unwrap() + 1
            }
            _ => rest.find("]]}").unwrap() + 2,
        };
        rewrite_entry(lake, &rest[..length], "");
    }
}

#[test]
fn tallies_and_files_say_the_same() {
    assert_eq!(now().date_naive().to_string(), "2026-11-09");
    let lab = Lab::new();
    let (lake, events) = (lab.lake(), odd_events());
    lab.ingest(&[lab.file("in/all.jsonl", events.concat())]);
    assert_eq!(files_with_tallies(&lake).into_iter().filter(|told| !told).count(), 1, "the day of 300 accounts");
    check_by_rows(&lake);
    let expected = told(&lake);
    assert!(verified(&lake).holds());
    without_tallies(&lake);
    assert!(files_with_tallies(&lake).iter().all(|told| !told));
    assert!(verified(&lake).holds(), "an earlier build did not note them");
    assert_eq!(told(&lake), expected);

    // The same events by several commits, of which the first is of an earlier build.
    let lab = Lab::new();
    let lake = lab.lake();
    for (n, part) in events.chunks(90).enumerate() {
        lab.ingest(&[lab.file(&format!("in/{n}.jsonl"), part.concat())]);
        if n == 0 {
            without_tallies(&lake);
        }
    }
    let files = files_with_tallies(&lake);
    assert!(files.contains(&true) && files.contains(&false), "{files:?}");
    assert_eq!(told(&lake), expected);
    assert!(verified(&lake).holds());
    compacted(&lake);
    assert_eq!(told(&lake), expected);
    assert!(verified(&lake).holds());
}

#[test]
fn verify_compares_tallies_with_the_events() {
    let tallies = r#""accounts":[["1",null,"a",2,[1793498400000000,1793502000000000]],["5",null,null,1,[1793494800000000,1793494800000000]]]"#;
    let wrong = "its events by account and region are not those of its entry";
    for (from, to, found) in [
        ("", "", None),
        ("[\"1\",null,\"a\",2,", "[\"1\",null,\"a\",3,", Some(wrong)),
        ("[\"1\",null,\"a\"", "[\"1\",null,\"b\"", Some(wrong)),
        ("[\"5\",null", "[\"5\",\"1\"", Some(wrong)),
        ("1793502000000000]]", "1793502000000001]]", Some(wrong)),
        ("\"accounts\":[[", "\"accounts\":[7,[", Some(wrong)),
        (tallies, "\"accounts\":{}", None),
    ] {
        let events = [
            event(0, "01T01:00:00", Value::Null, json!("5"), Value::Null),
            event(1, "01T02:00:00", json!("1"), json!("1"), json!("a")),
            event(2, "01T03:00:00", json!("1"), Value::Null, json!("a")),
        ];
        let lab = Lab::new();
        lab.ingest(&[lab.file("in/events.jsonl", events.concat())]);
        let path = lab.lake().join("_manifest/00000000000000000001.json");
        let entry = std::fs::read_to_string(path).unwrap();
        assert!(entry.contains(tallies), "{entry}");
        rewrite_entry(&lab.lake(), from, to);
        let problems = verified(&lab.lake()).problems;
        let problems: Vec<&str> = problems.iter().map(|problem| problem.what.as_str()).collect();
        assert_eq!(problems, Vec::from_iter(found), "{to}");
    }
}
