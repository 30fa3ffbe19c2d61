//! `trailql timeline`: runs beside single events, the edges of the time around an event, and each form.

use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::{Value, json};
use trailql::engine::Scope;
use trailql::event::time::TimeBound;
use trailql::ops::subject::Subject;
use trailql::ops::timeline::{Answer, Around, Entry, Run, Runs, TimelineOptions, timeline};

use crate::harness::{Home, sample_data};
use crate::lab;

fn entry(minute: u32, who: &str, outcome: &str, anchor: bool) -> Entry {
    let text = |text: &str| Some(text.to_owned());
    Entry {
        event_time: serde_json::from_value(json!(format!("2026-11-03T10:{minute:02}:00Z"))).unwrap(),
        outcome: text(outcome),
        account_id: None,
        principal: text(who),
        source_ip_address: None,
        acs_region: None,
        service_name: None,
        event_name: text("A"),
        resource_name: None,
        access: None,
        identity_type: None,
        access_key_id: None,
        user_agent: None,
        error_code: None,
        anchor,
        event_id: text(&format!("e-{minute}")),
    }
}

fn folded(entries: &[Entry]) -> Vec<Run> {
    let mut runs = Runs::default();
    let mut found: Vec<Run> = entries.iter().cloned().filter_map(|entry| runs.add(entry)).collect();
    found.extend(runs.finish());
    found
}

proptest! {
    #[test]
    fn runs_hold_every_event_once(
        looks in proptest::collection::vec((0..3usize, prop::bool::ANY, prop::bool::weighted(0.1)), 0..60),
    ) {
        let entries: Vec<Entry> = looks
            .iter()
            .zip(0..)
            .map(|((who, succeeds, anchor), minute)| {
                entry(minute, ["a", "b", "c"][*who], if *succeeds { "success" } else { "denied" }, *anchor)
            })
            .collect();
        let runs = folded(&entries);
        prop_assert_eq!(runs.iter().map(|run| run.events).sum::<u64>(), entries.len() as u64);
        let mut rest = &entries[..];
        for run in &runs {
            let (of_run, behind) = rest.split_at(usize::try_from(run.events).unwrap());
            rest = behind;
            prop_assert_eq!(&of_run[0], &run.first);
            prop_assert_eq!(of_run.last().unwrap().event_time, run.last_time);
            for entry in of_run {
                prop_assert_eq!((&entry.principal, &entry.outcome), (&run.first.principal, &run.first.outcome));
            }
            prop_assert!(!run.first.anchor || run.events == 1);
        }
        for pair in runs.windows(2) {
            let look = |run: &Run| (run.first.principal.clone(), run.first.outcome.clone());
            prop_assert!(look(&pair[0]) != look(&pair[1]) || pair[0].first.anchor || pair[1].first.anchor);
        }
    }
}

/// The events that lines stand for.
fn counted(lines: &str) -> u64 {
    let count = |line: &str| {
        let behind = line.rsplit_once('×').map(|(_, behind)| behind);
        behind.and_then(|behind| behind.split_whitespace().next()?.parse().ok()).unwrap_or(1)
    };
    lines.lines().map(count).sum()
}

#[test]
fn folded_lines_stand_for_every_event() {
    let home = Home::new();
    home.run(&["ingest", sample_data().to_str().unwrap()]).exits(0);
    let all = home.run(&["sql", "SELECT count(*) AS n FROM events", "-F", "csv", "-q"]).stdout;
    let all: u64 = all.lines().nth(1).unwrap().parse().unwrap();
    for (args, expected) in [
        (&[][..], all),
        // Its own calls, and those that made it and took it away.
        (&["LTAI5tEXAMPLEROOTKEY0001"], 223),
        (&["support-backup"], 21),
        (&["LTAI5tEXAMPLEROOTKEY0001", "--writes"], 28),
        (&["--limit", "17"], 17),
    ] {
        let ask = |more: &[&str]| home.run(&[&["timeline", "-q"], args, more].concat()).exits(0).stdout;
        let (lines, single) = (ask(&[]), ask(&["--no-fold"]));
        let rows: Vec<Value> = ask(&["-F", "jsonl"]).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let events = rows.len() as u64;
        assert_eq!((counted(&lines), single.lines().count() as u64), (events, events), "{args:?}");
        assert_eq!(events, expected, "{args:?}");
        let times: Vec<&str> = rows.iter().map(|row| row["event_time"].as_str().unwrap()).collect();
        assert!(times.is_sorted(), "{args:?}");
        let ids: std::collections::HashSet<&str> = rows.iter().map(|row| row["event_id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), rows.len(), "{args:?}");
        if args != ["support-backup"] {
            continue;
        }
        assert_eq!(ask(&["-F", "csv"]).lines().count() as u64, events + 1);
        let array: Vec<Value> = serde_json::from_str(&ask(&["-F", "json"])).unwrap();
        assert_eq!(array, rows);
        for (line, row) in ask(&["-F", "timesketch"]).lines().zip(&rows) {
            let event: Value = serde_json::from_str(line).unwrap();
            assert_eq!(event["event_id"], row["event_id"]);
            for member in ["message", "datetime", "timestamp_desc"] {
                assert!(event[member].as_str().is_some_and(|text| !text.is_empty()), "{member} in {event}");
            }
        }
    }
}

/// An event at a time of a day.
/// Calls that differ in what they did are different lines, and an event without a time is a line of its own.
#[test]
fn lines_that_are_folded_did_the_same() {
    let event = |id: &str, time: Value, name: &str, parameters: Value| {
        json!({"eventId": id, "eventTime": time, "eventName": name, "serviceName": "Ram", "eventRW": "Write",
            "requestParameters": parameters,
            "userIdentity": {"type": "root-account", "accountId": "1000000000000001", "userName": "root"}})
    };
    let at = |minute: u8| json!(format!("2026-10-01T00:{minute:02}:00Z"));
    let policy = |name: &str| json!({"UserName": "eve", "PolicyName": name});
    let state = |state: &str| json!({"UserName": "ku", "UserAccessKeyId": "LTAI5tODD", "Status": state});
    let lab = lab::Lab::with_events(&[
        event("e-1", at(1), "AttachPolicyToUser", policy("AliyunOSSReadOnlyAccess")),
        event("e-2", at(2), "AttachPolicyToUser", policy("AdministratorAccess")),
        event("e-3", at(3), "UpdateAccessKey", state("Inactive")),
        event("e-4", at(4), "UpdateAccessKey", state("Active")),
        event("e-5", at(5), "UpdateUser", json!({"UserName": "eve", "NewUserName": "adam"})),
        event("e-6", at(6), "StopX", json!({})),
        event("e-7", at(7), "StopX", json!({})),
        event("e-8", Value::Null, "StopX", json!({})),
    ]);
    let Answer::Events(mut found) = timeline(&lab::for_ops(&lab.session()), &TimelineOptions::default()).unwrap()
    else {
        panic!("no events")
    };
    let mut entries = Vec::new();
    while let Some(more) = found.next_entries().unwrap() {
        entries.extend(more);
    }
    let lines: Vec<String> = folded(&entries)
        .iter()
        .map(|run| {
            let minute =
                |time: &Option<_>| time.map_or("-".to_owned(), |time| json!(time).as_str().unwrap()[14..16].to_owned());
            let (first, last) = (minute(&run.first.event_time), minute(&run.last_time));
            format!("{first} {last} {} {}", run.first.resource_name.as_deref().unwrap_or("-"), run.events)
        })
        .collect();
    let expected = [
        "01 01 eve,AliyunOSSReadOnlyAccess 1",
        "02 02 eve,AdministratorAccess 1",
        "03 03 ku,LTAI5tODD,Inactive 1",
        "04 04 ku,LTAI5tODD,Active 1",
        "05 05 eve,adam 1",
        "06 07 - 2",
        "- - - 1",
    ];
    assert_eq!(lines, expected);
}

fn event(id: &str, time: &str, account: &str) -> Value {
    json!({"eventId": id, "eventTime": time, "eventName": format!("N-{id}"), "eventVersion": "1", "serviceName": "Ecs",
        "sourceIpAddress": "203.0.113.9", "recipientAccountId": account, "userIdentity": {"type": "ram-user",
        "accountId": account, "principalId": "200", "userName": "alice"}})
}

#[test]
fn the_time_around_an_event_has_both_ends() {
    let home = Home::new();
    let (one, other) = ("1000000000000001", "1000000000000002");
    let mut recipient = event("R1", "2026-11-03T10:01:00Z", other);
    recipient["recipientAccountId"] = json!(one);
    let mut untimed = event("U1", "never", one);
    untimed["eventTime"] = json!(null);
    let events = [
        event("B0", "2026-11-03T09:29:59Z", one),
        event("B1", "2026-11-03T09:30:00Z", one),
        event("B2", "2026-11-03T09:50:00Z", one),
        event("X1", "2026-11-03T10:00:00Z", one),
        recipient,
        event("O1", "2026-11-03T10:02:00Z", other),
        event("A2", "2026-11-03T10:10:00Z", one),
        event("A1", "2026-11-03T10:30:00Z", one),
        event("A0", "2026-11-03T10:30:01Z", one),
        event("M****", "2026-11-03T12:00:00Z", one),
        event("M****", "2026-11-03T12:00:01Z", one),
        untimed,
    ];
    let lines: Vec<String> = events.iter().map(Value::to_string).collect();
    home.file("in.jsonl", lines.join("\n"));
    home.run(&["ingest", "in.jsonl"]).exits(0);
    let ids = |value: Option<&str>, id: &str, minutes: i64, scope: Scope| -> Vec<String> {
        let session = lab::session(&home.work().join("trail-lake"), &scope, &lab::engine_options());
        let around = Around { event_id: id.to_owned(), within: TimeDelta::minutes(minutes) };
        let subject = value.map(|value| Subject::parse(value, None).unwrap());
        let options = TimelineOptions { subject, around: Some(around), ..TimelineOptions::default() };
        let Answer::Events(mut found) = timeline(&lab::for_ops(&session), &options).unwrap() else { panic!("{id}") };
        let mut ids = Vec::new();
        while let Some(entries) = found.next_entries().unwrap() {
            ids.extend(
                entries.into_iter().map(|entry| {
                    format!("{}{}", if entry.anchor { ">" } else { "" }, entry.event_id.unwrap_or_default())
                }),
            );
        }
        ids
    };
    let all = Scope::default;
    let since = TimeBound::At("2026-11-03T10:00:00Z".parse().unwrap());
    assert_eq!(ids(None, "X1", 30, all()), ["B1", "B2", ">X1", "R1", "A2", "A1"]);
    assert_eq!(ids(None, " x1", 10, all()), ["B2", ">X1", "R1", "A2"]);
    assert_eq!(ids(None, "X1", 1, all()), [">X1", "R1"]);
    assert_eq!(ids(None, "O1", 30, all()), ["R1", ">O1"]);
    assert_eq!(ids(Some("alice"), "X1", 1, all()), [">X1", "R1"]);
    assert_eq!(ids(None, "X1", 30, Scope { since: Some(since), ..all() }), [">X1", "R1", "A2", "A1"]);
    // The length of --within counts, where both are given.
    let text = home.run(&["timeline", "--around", "X1,2h", "--within", "1m", "-q"]).exits(0).stdout;
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.starts_with("2026-11-03T10:00:00+00:00  >?   "), "{text}");
    for (args, code, said) in [
        (&["--around", "GONE"][..], 1, "warning: no event in scope has the id: `GONE`\n"),
        (&["--around", "M****"], 2, "error: more than one event has the id: `M****`\n"),
        (&["--around", "U1"], 2, "error: the event has no time: `U1`\n"),
        (&["--around", "X1,soon"], 2, "error: "),
        (&["--around", ""], 2, "error: "),
        (&["--within", "5m"], 2, "error: "),
        (&["--as", "user"], 2, "error: `--as` says what a value is"),
        (&["192.0.2.1"], 1, "warning: no event in scope has the value: `192.0.2.1`\n"),
        (&["bob"], 1, "warning: no event in scope has the value: `bob`\n"),
    ] {
        let run = home.run(&[&["timeline", "-q"], args].concat()).exits(code);
        assert!(run.stderr.contains(said), "{args:?}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{args:?}");
    }
}

#[test]
fn no_id_is_broken_on_a_narrow_terminal() {
    let home = Home::new();
    home.run(&["ingest", sample_data().to_str().unwrap()]).exits(0);
    let rows = home.run(&["timeline", "backup-runner", "-q", "-F", "jsonl"]).exits(0).stdout;
    for columns in [60, 120] {
        let command =
            format!("stty rows 50 cols {columns}; \"$trailql\" timeline backup-runner -q --color never --no-pager");
        let Some(shown) = home.run_on_terminal(&command, "") else { return };
        for row in rows.lines() {
            let row: Value = serde_json::from_str(row).unwrap();
            for column in ["principal", "source_ip_address", "event_name", "resource_name"] {
                let ids = row[column].as_str().unwrap_or_default().split([',', ';']);
                for id in ids.filter(|id| !id.is_empty()) {
                    assert!(shown.contains(id), "{id} at {columns} columns");
                }
            }
        }
        // An id that is wider than the terminal stands out, and nothing else does.
        let longest = |line: &str| trailql::text_layout::longest_word(line.trim_start());
        let wide = shown.lines().filter(|line| trailql::text_layout::width(line) > columns);
        let wide: Vec<&str> = wide.filter(|line| longest(line) + 20 < columns).collect();
        assert!(wide.is_empty(), "{columns}: {wide:#?}");
    }
}

#[test]
fn names_with_escapes_stay_on_their_line() {
    let home = Home::new();
    let mut hostile = event("H1", "2026-11-03T10:00:00Z", "1000000000000001");
    hostile["userIdentity"]["userName"] = json!("eve\u{1b}[2J\nroot");
    hostile["resourceName"] = json!("=cmd|' /C calc'!A0");
    hostile["errorCode"] = json!("\u{202e}denied");
    home.file("in.jsonl", hostile.to_string());
    let run = home.run(&["timeline", "-q", "--from", "in.jsonl"]).exits(0);
    assert_eq!(run.stdout.lines().count(), 1);
    assert!(run.stdout.contains("eve\\u{1b}[2J\\u{a}root") && run.stdout.contains("\\u{202e}denied"), "{}", run.stdout);
    let csv = home.run(&["timeline", "-q", "--from", "in.jsonl", "-F", "csv"]).exits(0).stdout;
    assert!(csv.contains("'=cmd|"), "{csv}");
    let sketch = home.run(&["timeline", "-q", "--from", "in.jsonl", "-F", "timesketch"]).exits(0).stdout;
    assert!(sketch.is_ascii() && sketch.lines().count() == 1, "{sketch}");
}

#[test]
fn columns_stay_where_they_are() {
    let home = Home::new();
    home.run(&["ingest", sample_data().to_str().unwrap()]).exits(0);
    for (columns, value) in [(80, "198.51.100.23"), (120, "198.51.100.23"), (120, "support-backup")] {
        let command = format!("stty rows 50 cols {columns}; \"$trailql\" timeline {value} -q --color never --no-pager");
        let Some(shown) = home.run_on_terminal(&command, "") else { return };
        assert!(shown.lines().next().unwrap().ends_with(", times in UTC"), "{shown}");
        let outcome = |line: &str| {
            let place = |word: &str| line.find(&format!("  {word}")).map(|at| at + 2);
            place("ok").or_else(|| place("denied")).or_else(|| place("error"))
        };
        let places: std::collections::BTreeSet<usize> = shown.lines().filter_map(outcome).collect();
        assert_eq!(places.len(), 1, "{places:?} at {columns}\n{shown}");
        assert!(shown.lines().all(|line| trailql::text_layout::width(line) <= columns), "{shown}");
        if value == "198.51.100.23" {
            assert!(shown.lines().nth(1).unwrap().ends_with("from 198.51.100.23"), "{shown}");
        }
    }
    let Some(shown) = home.run_on_terminal("stty rows 50 cols 80; \"$trailql\" timeline root --limit 1", "") else {
        return;
    };
    let scope: Vec<&str> = shown.lines().skip_while(|line| !line.starts_with("scope: ")).take(2).collect();
    assert!(
        scope[0].ends_with(" to 2026-11-08T23:59:01+00:00") && scope[1].starts_with("  (newest event), "),
        "{shown}"
    );
}
