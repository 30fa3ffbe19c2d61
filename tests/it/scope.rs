//! The scope of an answer: a range means the same to every verb, and a scope that holds nothing says what there is.
//!
//! The events are those of two accounts that fell silent at different times, and of a clock that was a century ahead.

use serde_json::{Value, json};
use trailql::engine::{FutureEvents, Scope, ScopeColumn};
use trailql::event::time::{Edge, TimeRange, Zone, parse_time_bound};
use trailql::ops::OpsError;
use trailql::ops::open::{OpenOptions, Opened, Source};
use trailql::ops::progress::Silent;
use trailql::ops::scope::{Notice, Range};

use crate::harness::{Home, NOW, Run, sample_data};
use crate::lab::{Lab, engine_options, now};

fn event(id: &str, time: &str, account: &str, region: &str) -> Value {
    json!({
        "eventId": id, "eventVersion": 1, "eventName": "RunInstances", "eventTime": time, "eventType": "ApiCall",
        "serviceName": "Ecs", "acsRegion": region, "sourceIpAddress": "203.0.113.9", "eventRW": "Write",
        "userIdentity": {"type": "root-account", "accountId": account, "principalId": "p", "userName": "u"},
    })
}

/// Two accounts, of which the first fell silent five weeks before the other.
fn two_accounts() -> Vec<Value> {
    vec![
        event("a", "2026-09-20T00:00:00Z", "1111", "cn-hangzhou"),
        event("b", "2026-10-01T00:00:00Z", "1111", "cn-hangzhou"),
        event("c", "2026-11-03T12:00:00Z", "2222", "ap-northeast-1"),
        event("d", "2026-11-08T00:00:00Z", "2222", "cn-hangzhou"),
    ]
}

/// An event of a clock that is a century ahead, beside one that is right.
fn future() -> Vec<Value> {
    vec![
        event("a", "2026-11-01T00:00:00Z", "1111", "cn-hangzhou"),
        event("b", "2026-11-08T00:00:00Z", "1111", "cn-hangzhou"),
        event("z", "2126-11-08T00:00:00Z", "2222", "cn-hangzhou"),
    ]
}

fn lines(events: &[Value]) -> String {
    events.iter().map(|event| format!("{event}\n")).collect()
}

fn home_with(events: &[Value]) -> Home {
    let home = Home::new();
    home.file("events.jsonl", lines(events));
    home.run(&["ingest", "events.jsonl", "--now", NOW]).exits(0);
    home
}

/// Runs with the scope written as words, at [`NOW`].
fn ask(home: &Home, verb: &[&str], scope: &str) -> Run {
    let scope: Vec<&str> = scope.split_whitespace().collect();
    home.run(&[verb, &["--now", NOW], &scope].concat())
}

const IDS: &[&str] =
    &["sql", "SELECT coalesce(string_agg(event_id, '' ORDER BY event_id), '') AS ids FROM events", "-F", "csv"];

fn ids(run: &Run) -> &str {
    run.stdout.lines().nth(1).unwrap().trim_matches('"')
}

const REPORT: &[&str] = &["report", "root-usage", "--format", "json"];

/// Start and end of a report, which are also those of its note.
fn ends(run: &Run) -> (String, String) {
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let end = |name: &str| report["subject"][name].as_str().unwrap().to_owned();
    let ends = (end("since"), end("until"));
    assert!(run.stderr.contains(&format!("scope: {} to {}\n", ends.0, ends.1)), "{}", run.stderr);
    ends
}

/// Every verb that takes a range.
const VERBS: [&[&str]; 9] = [
    &["sql", "SELECT 1"],
    &["query", "root_console_login"],
    &["query", "root_console_login", "--raw"],
    &["query", "root_console_login", "--histogram"],
    &["event", "a"],
    &["lake", "dump"],
    &["lake", "coverage"],
    &["report", "root-usage", "-F", "json"],
    &["report", "root-usage", "-F", "markdown"],
];

#[test]
fn a_range_that_ends_before_it_begins_is_an_error_of_every_verb() {
    let home = home_with(&two_accounts());
    let check = |verb: &[&str], scope: &str, ends: &str| {
        let run = ask(&home, verb, scope).exits(2);
        let error = format!("error: the range ends before it begins: {ends}");
        assert!(run.stderr.starts_with(&error), "{verb:?} {scope}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{verb:?} {scope}");
    };
    for verb in VERBS {
        // What needs no event is said before exports are read, which here would fail.
        for source in ["--lake trail-lake", "--from nowhere"] {
            let ends = "2026-11-05T00:00:00+00:00 to 2026-11-02T00:00:00+00:00\n";
            check(verb, &format!("--since 2026-11-05 --until 2026-11-01 {source}"), ends);
        }
        check(verb, "--since 1d --until 2d", "2026-11-07T00:00:00+00:00 to 2026-11-06T00:00:00+00:00\n");
    }
    for verb in [IDS, REPORT] {
        for (scope, ends) in [
            (
                "--since 2026-11-05T00:00 --until 2026-11-05T00:00",
                "2026-11-05T00:00:00+00:00 to 2026-11-05T00:00:00+00:00\n\
                 hint: the end of a range is left out, so it must be later than the start\n",
            ),
            ("--since 7d --until 7d", "2026-11-01T00:00:00+00:00 to 2026-11-01T00:00:00+00:00\nhint: "),
            (
                "--account 1111 --since 2026-10-01 --until 3d",
                "2026-10-01T00:00:00+00:00 to 2026-09-28T00:00:00+00:00\n",
            ),
            (
                "--tz +08 --since 2026-11-05 --until 2026-11-01",
                "2026-11-05T00:00:00+08:00 to 2026-11-02T00:00:00+08:00\n",
            ),
        ] {
            check(verb, scope, ends);
        }
    }
}

/// The range of a query and that of a report, from the same words.
#[test]
fn a_length_counts_from_the_newest_event_in_scope() {
    let home = home_with(&two_accounts());
    for (scope, since, until, expected) in [
        ("--since 7d", "2026-11-01T00:00:00", "2026-11-08T00:00:00.000001", "cd"),
        ("--account 1111 --since 7d", "2026-09-24T00:00:00", "2026-10-01T00:00:00.000001", "b"),
        ("--account 1111 --since 11d", "2026-09-20T00:00:00", "2026-10-01T00:00:00.000001", "ab"),
        ("--region ap-northeast-1 --since 1d", "2026-11-02T12:00:00", "2026-11-03T12:00:00.000001", "c"),
        ("--account 1111,2222 --since 1d", "2026-11-07T00:00:00", "2026-11-08T00:00:00.000001", "d"),
        ("--account 1111 --until 1d", "2026-09-20T00:00:00", "2026-09-30T00:00:00", "a"),
        ("--since 7d --until 1d", "2026-11-01T00:00:00", "2026-11-07T00:00:00", "c"),
        // From the newest event before an end that is a time.
        ("--since 1d --until 2026-11-05", "2026-11-02T12:00:00", "2026-11-06T00:00:00", "c"),
        ("--since 1d --until 2026-11-03T12:00", "2026-09-30T00:00:00", "2026-11-03T12:00:00", "b"),
        ("--since 1d --until 2026-11-08T00:00:00.000001Z", "2026-11-07T00:00:00", "2026-11-08T00:00:00.000001", "d"),
        ("--since 1d --until 2027-01-01", "2026-11-07T00:00:00", "2027-01-02T00:00:00", "d"),
        ("--account 2222 --since 1d --until 2026-11-05", "2026-11-02T12:00:00", "2026-11-06T00:00:00", "c"),
        ("--account 1111 --since 1d --until 2026-11-05", "2026-09-30T00:00:00", "2026-11-06T00:00:00", "b"),
        // Where there is none before it, from that end itself.
        ("--account 2222 --since 2d --until 2026-10-09", "2026-10-08T00:00:00", "2026-10-10T00:00:00", ""),
        // A length beyond the calendar ends with it.
        ("--since 15250284452w", "0001-01-01T00:00:00", "2026-11-08T00:00:00.000001", "abcd"),
    ] {
        let query = ask(&home, IDS, scope).exits(0);
        assert_eq!(ids(&query), expected, "{scope}: {}", query.stderr);
        if scope.contains("--since") {
            assert!(query.stderr.contains(&format!("scope: {since}+00:00 to ")), "{scope}: {}", query.stderr);
        }
        if expected != "abcd" {
            let report = ask(&home, REPORT, scope).exits(0);
            assert_eq!(ends(&report), (format!("{since}+00:00"), format!("{until}+00:00")), "{scope}");
        }
        let from = ask(&home, IDS, &format!("{scope} --from events.jsonl")).exits(0);
        assert_eq!(ids(&from), expected, "{scope}, of exports: {}", from.stderr);
    }
}

#[test]
fn the_note_says_where_the_scope_ends() {
    let home = home_with(&two_accounts());
    for (scope, note) in [
        (
            "",
            "2026-09-20T00:00:00+00:00 (oldest event) to 2026-11-08T00:00:00+00:00 (newest event), \
             all accounts, all regions",
        ),
        (
            "--account 1111",
            "2026-09-20T00:00:00+00:00 (oldest event) to 2026-10-01T00:00:00+00:00 (newest event), \
             account 1111, all regions",
        ),
        (
            "--region ap-northeast-1 --tz UTC+9",
            "2026-11-03T21:00:00+09:00 (oldest event) to 2026-11-03T21:00:00+09:00 (newest event), \
             all accounts, region ap-northeast-1",
        ),
        ("--since 7d --until 1d", "2026-11-01T00:00:00+00:00 to 2026-11-07T00:00:00+00:00, all accounts, all regions"),
        ("--since 2026-12-01", "2026-12-01T00:00:00+00:00 to open end, all accounts, all regions"),
        ("--until 2026-09-01", "open start to 2026-09-02T00:00:00+00:00, all accounts, all regions"),
    ] {
        let run = ask(&home, IDS, scope).exits(0);
        assert!(run.stderr.starts_with(&format!("scope: {note}\n")), "{scope}: {}", run.stderr);
    }
}

#[test]
fn an_event_of_the_future_anchors_nothing() {
    let home = home_with(&future());
    let warning = "warning: 1 event is dated in the future, the newest: 2126-11-08T00:00:00+00:00\n";
    for (scope, expected, warns) in [
        ("--since 7d", "abz", true),
        ("--since 1d", "bz", true),
        ("--until 1d", "a", true),
        ("--since 1d --until 2026-11-30", "b", true),
        ("", "abz", true),
        ("--account 1111 --since 1d", "b", false),
        // Where all events are of the future, it is the clock that is wrong.
        ("--account 2222 --since 1d", "z", true),
    ] {
        let run = ask(&home, IDS, scope).exits(0);
        assert_eq!(ids(&run), expected, "{scope}: {}", run.stderr);
        assert_eq!(run.stderr.contains(warning), warns, "{scope}: {}", run.stderr);
    }
    let report = ask(&home, REPORT, "--since 7d").exits(0);
    assert_eq!(ends(&report), ("2026-11-01T00:00:00+00:00".to_owned(), "2026-11-08T00:00:00.000001+00:00".to_owned()));
    assert!(report.stderr.contains(warning), "{}", report.stderr);
    assert!(report.stdout.contains("1 event is dated after this report, the newest 8 Nov 2126 00:00:00 +00:00."));
    assert!(report.stdout.contains("\"newest_event\": \"2026-11-08T00:00:00+00:00\""), "{}", report.stdout);
    let coverage = ask(&home, &["lake", "coverage", "-F", "csv"], "").exits(0);
    assert_eq!(coverage.stdout.lines().count(), 1 + 8 + 1, "no century of days without events: {}", coverage.stdout);

    // A day more than the present is not the future yet; of two that are, the newest is named.
    for (now, warning) in [
        ("2026-11-07T00:00:00Z", "1 event is dated in the future, the newest: 2126-"),
        ("2026-11-06T23:59:59Z", "2 events are dated in the future, the newest: 2126-"),
        ("2026-10-01T00:00:00Z", "3 events are dated in the future, the newest: 2126-"),
    ] {
        let run = home.run(&[IDS, &["--now", now]].concat()).exits(0);
        assert!(run.stderr.contains(&format!("warning: {warning}")), "{now}: {}", run.stderr);
    }
}

#[test]
fn a_value_that_no_event_has_is_told_from_those_that_are_there() {
    let home = home_with(&two_accounts());
    let many: Vec<Value> = (0..14)
        .flat_map(|n| (0..=n % 13).map(move |m| (n, m)))
        .map(|(n, m)| event(&format!("{n}-{m}"), "2026-11-01T00:00:00Z", &format!("{}", 1000 + n), "cn-beijing"))
        .collect();
    let crowd = home_with(&many);
    for (home, scope, code, said) in [
        (
            &home,
            "--region cn-hangzou",
            2,
            "error: no event of region: `cn-hangzou`\nhint: did you mean `cn-hangzhou`?\n",
        ),
        (
            &home,
            "--region CN-HANGZHOU",
            2,
            "error: no event of region: `CN-HANGZHOU`\nhint: did you mean `cn-hangzhou`?\n",
        ),
        (&home, "--region hangzhou", 2, "error: no event of region: `hangzhou`\nhint: did you mean `cn-hangzhou`?\n"),
        (
            &home,
            "--region us-west-1",
            2,
            "error: no event of region: `us-west-1`\nhint: regions with events are `cn-hangzhou`, `ap-northeast-1`\n",
        ),
        (
            &home,
            "--region cn-shanghai",
            2,
            "error: no event of region: `cn-shanghai`\nhint: regions with events are `cn-hangzhou`, `ap-northeast-1`\n",
        ),
        (&home, "--account 9", 2, "error: no event of account: `9`\nhint: accounts with events are `1111`, `2222`\n"),
        (
            &home,
            "--account 9 --account 8",
            2,
            "error: no event of accounts: `9`, `8`\nhint: accounts with events are `1111`, `2222`\n",
        ),
        (&home, "--account 1111 --region us-west-1", 2, "error: no event of region: `us-west-1`\n"),
        (
            &home,
            "--account 1111,9",
            0,
            "warning: no event of account: `9`\nhint: accounts with events are `1111`, `2222`\n",
        ),
        (
            &home,
            "--region cn-hangzhou,cn-hangzou,x",
            0,
            "warning: no event of regions: `cn-hangzou`, `x`\nhint: did you mean `cn-hangzhou`?\n",
        ),
        (
            &home,
            "--account 1111 --region ap-northeast-1",
            0,
            "warning: there is no event of account 1111 in region ap-northeast-1\n\
             hint: events of account 1111 are in `cn-hangzhou`\n",
        ),
        (
            &crowd,
            "--account 7",
            2,
            "error: no event of account: `7`\nhint: accounts with events are `1012`, `1011`, `1010`, `1009`, `1008`, \
             `1007`, `1006`, `1005`, `1004`, `1003` and 4 more\n",
        ),
    ] {
        let run = ask(home, IDS, scope).exits(code);
        assert!(run.stderr.contains(said), "{scope}: {}", run.stderr);
        assert_eq!(run.stdout.is_empty(), code == 2, "{scope}");
    }
    // Every verb refuses alike, of a lake and of exports.
    for verb in VERBS {
        for scope in ["--region cn-hangzou", "--region cn-hangzou --from events.jsonl"] {
            let run = ask(&home, verb, scope).exits(2);
            let error = "error: no event of region: `cn-hangzou`\nhint: did you mean `cn-hangzhou`?\n";
            assert!(run.stderr.ends_with(error), "{verb:?} {scope}: {}", run.stderr);
        }
    }
    // Blanks around a value are none of it.
    let run = home.run(&[IDS, &["--account", " 1111 , 2222", "--region", "cn-hangzhou "]].concat()).exits(0);
    assert_eq!(ids(&run), "abd");
    // A query that counts nothing tells what there is, too.
    let run = home.run(&[IDS, &["--region", ""]].concat()).exits(2);
    assert!(run.stderr.starts_with("error: no event of region: ``\nhint: regions with events are "), "{}", run.stderr);
    let nameless = home_with(&[json!({"eventId": "a", "eventName": "A", "eventTime": "2026-11-01T00:00:00Z"})]);
    let run = ask(&nameless, IDS, "--account 1").exits(2);
    assert!(run.stderr.ends_with("error: no event of account: `1`\nhint: no event has an account\n"), "{}", run.stderr);
}

#[test]
fn a_range_without_events_says_where_they_are() {
    let home = home_with(&two_accounts());
    let newest = "the newest event is of 2026-11-08T00:00:00+00:00\n";
    for (scope, said) in [
        ("--since 2026-12-01", format!("there is no event from 2026-12-01T00:00:00+00:00 on; {newest}")),
        (
            "--since 2026-11-04 --until 2026-11-05",
            format!("there is no event between 2026-11-04T00:00:00+00:00 and 2026-11-06T00:00:00+00:00; {newest}"),
        ),
        // Between two events of one day, which only the data file can tell.
        (
            "--since 2026-11-03T12:00:01 --until 2026-11-03T18:00",
            format!("there is no event between 2026-11-03T12:00:01+00:00 and 2026-11-03T18:00:00+00:00; {newest}"),
        ),
        (
            "--account 1111 --since 2026-11-01",
            "there is no event of account 1111 from 2026-11-01T00:00:00+00:00 on; \
             the newest event is of 2026-10-01T00:00:00+00:00\n"
                .to_owned(),
        ),
        (
            "--account 2222 --region ap-northeast-1,cn-hangzhou --until 2026-10-01 --tz -03:30",
            "there is no event of account 2222 in regions ap-northeast-1, cn-hangzhou \
             before 2026-10-02T00:00:00-03:30; the oldest is of 2026-11-03T08:30:00-03:30, \
             the newest event of 2026-11-07T20:30:00-03:30\n"
                .to_owned(),
        ),
    ] {
        for quiet in ["", " --quiet"] {
            let run = ask(&home, IDS, &format!("{scope}{quiet}")).exits(0);
            assert!(run.stderr.contains(&format!("warning: {said}hint: ")), "{scope}: {}", run.stderr);
            assert_eq!(ids(&run), "", "{scope}");
        }
    }
    for scope in ["", "--since 2026-11-03T11:00 --until 2026-11-03T13:00", "--account 1111", "--until 2026-09-20"] {
        let run = ask(&home, IDS, scope).exits(0);
        assert!(!run.stderr.contains("warning"), "{scope}: {}", run.stderr);
    }
}

#[test]
fn a_report_of_a_week_without_events_says_which_week_has_some() {
    let home = home_with(&two_accounts());
    for (args, warning, hint) in [
        (
            "--week last --now 2026-11-25T08:00:00Z",
            "there is no event between 2026-11-16T00:00:00+00:00 and 2026-11-23T00:00:00+00:00; \
             the newest event is of 2026-11-08T00:00:00+00:00",
            "--week 2026-W45",
        ),
        (
            "--account 1111 --now 2026-11-10T08:00:00Z",
            "there is no event of account 1111 between 2026-11-02T00:00:00+00:00 and 2026-11-09T00:00:00+00:00; \
             the newest event is of 2026-10-01T00:00:00+00:00",
            "--week 2026-W40",
        ),
        // A range that begins behind all events ends at the present.
        (
            "--since 2026-11-20 --now 2026-11-25T08:00:00Z",
            "there is no event between 2026-11-20T00:00:00+00:00 and 2026-11-25T08:00:00+00:00; \
             the newest event is of 2026-11-08T00:00:00+00:00",
            "--week 2026-W45",
        ),
    ] {
        let args: Vec<&str> = args.split(' ').collect();
        let run = home.run(&[REPORT, &args].concat()).exits(0);
        let said = format!("warning: {warning}\nhint: `{hint}` is the week of the newest event\n");
        assert!(run.stderr.ends_with(&said), "{args:?}: {}", run.stderr);
        assert!(serde_json::from_str::<Value>(&run.stdout).is_ok(), "the report is written all the same");
    }
    let run = home.run(&[REPORT, &["--now", NOW]].concat()).exits(0);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    let run = home.run(&[REPORT, &["--since", "2026-12-01", "--now", NOW]].concat()).exits(2);
    assert!(run.stderr.starts_with("error: the range ends before it begins: 2026-12-01T"), "{}", run.stderr);
}

#[test]
fn the_story_is_told_of_regions_and_accounts_that_it_has() {
    let home = Home::new();
    home.run(&["ingest", sample_data().to_str().unwrap(), "--now", NOW]).exits(0);
    for (scope, said) in [
        (
            "--region ap-northeast1",
            "error: no event of region: `ap-northeast1`\nhint: did you mean `ap-northeast-1`?\n",
        ),
        (
            "--account 1234567812345687",
            "error: no event of account: `1234567812345687`\nhint: did you mean `1234567812345678`?\n",
        ),
        (
            "--account nobody",
            "error: no event of account: `nobody`\nhint: the only account with events is `1234567812345678`\n",
        ),
    ] {
        let run = ask(&home, &["query", "root_console_login"], scope).exits(2);
        assert_eq!(run.stderr, said, "{scope}");
    }
    let old = home.run(&["report", "root-usage", "--week", "last", "--now", "2026-11-25T08:00:00Z"]).exits(0);
    assert!(old.stderr.contains("the newest event is of 2026-11-08T"), "{}", old.stderr);
    assert!(old.stderr.contains("hint: `--week 2026-W45` is the week of the newest event\n"), "{}", old.stderr);
    assert!(old.stdout.contains("2026-W47"), "{}", old.stdout);
}

#[test]
fn offsets_are_zones() {
    let home = home_with(&two_accounts());
    let sql = "SELECT event_time, date_trunc('day', event_time) AS day, date_part('hour', event_time) AS hour,
        date_bin(INTERVAL '15 minutes', event_time) AS step FROM events WHERE event_id = 'c'";
    for (tz, time, day, hour, step) in [
        ("+08:00", "2026-11-03T20:00:00+08:00", "2026-11-03T00:00:00+08:00", "20", "2026-11-03T20:00:00+08:00"),
        ("UTC+8", "2026-11-03T20:00:00+08:00", "2026-11-03T00:00:00+08:00", "20", "2026-11-03T20:00:00+08:00"),
        ("GMT+8", "2026-11-03T20:00:00+08:00", "2026-11-03T00:00:00+08:00", "20", "2026-11-03T20:00:00+08:00"),
        ("-0330", "2026-11-03T08:30:00-03:30", "2026-11-03T00:00:00-03:30", "8", "2026-11-03T08:30:00-03:30"),
        ("+13", "2026-11-04T01:00:00+13:00", "2026-11-04T00:00:00+13:00", "1", "2026-11-04T01:00:00+13:00"),
        ("Etc/GMT+8", "2026-11-03T04:00:00-08:00", "2026-11-03T00:00:00-08:00", "4", "2026-11-03T04:00:00-08:00"),
        ("+00:00", "2026-11-03T12:00:00+00:00", "2026-11-03T00:00:00+00:00", "12", "2026-11-03T12:00:00+00:00"),
    ] {
        let args = ["sql", sql, "-F", "csv", "--tz", tz, "--now", NOW];
        let lake = home.run(&args).exits(0);
        assert_eq!(lake.stdout.lines().nth(1).unwrap(), format!("{time},{day},{hour},{step}"), "{tz}");
        let run =
            home.run(&[IDS, &["--tz", tz, "--now", NOW, "--since", &time[..16], "--until", &time[..16]]].concat());
        assert!(run.exits(2).stderr.contains("the range ends before it begins"), "{tz}");
        let run = home.run(&[IDS, &["--tz", tz, "--now", NOW, "--since", &day[..10], "--until", &day[..10]]].concat());
        assert_eq!(ids(&run.exits(0)), "c", "{tz}");
        home.run(&["lake", "coverage", "--tz", tz, "--now", NOW]).exits(0);
    }
    for (tz, shown, monday) in
        [("UTC+05:30", "UTC+05:30", "2026-11-02T00:00:00+05:30"), ("-03:30", "UTC-03:30", "2026-11-02T00:00:00-03:30")]
    {
        let run = home.run(&[REPORT, &["--tz", tz, "--now", NOW, "--week", "2026-W45"]].concat()).exits(0);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(
            (&report["subject"]["time_zone"], &report["subject"]["since"]),
            (&json!(shown), &json!(monday)),
            "{tz}"
        );
    }
    Home::new().env("TRAILQL_TZ", "-03:30").run(&["views", "list"]).exits(0);
    for (tz, error) in [
        ("JST", "error: not an IANA time zone: `JST`\nhint: did you mean `Asia/Tokyo`?\n"),
        ("Asia/Beijing", "error: not an IANA time zone: `Asia/Beijing`\nhint: did you mean `Asia/Shanghai`?\n"),
        (
            "CST",
            "error: not an IANA time zone: `CST`\nhint: `CST` can mean `Asia/Shanghai`, `America/Chicago` or \
             `America/Havana`: give one of these or an offset such as `+08:00`\n",
        ),
        ("+15:00", "error: not an offset from UTC: `+15:00`\nhint: offsets go from `-14:00` to `+14:00`\n"),
        ("UTC+8:3", "error: not an offset from UTC: `UTC+8:3`\nhint: write an offset as `+08:00`, "),
    ] {
        let run = home.run(&[IDS, &["--tz", tz]].concat()).exits(2);
        assert!(run.stderr.starts_with(error), "{tz}: {}", run.stderr);
    }
    // Times of a CSV file that name no zone take an offset, too.
    let csv = "eventId,eventName,eventTime\ne-1,DescribeRegions,2026-11-02 08:00:00\n";
    let home = Home::new();
    home.file("in.csv", csv);
    home.run(&["ingest", "in.csv", "--csv-tz", "+0530", "--now", NOW]).exits(0);
    let run = home.run(&["sql", "SELECT event_time FROM events", "-F", "csv", "--now", NOW]).exits(0);
    assert_eq!(run.stdout, "event_time\n2026-11-02T02:30:00+00:00\n");
}

/// What a caller of the library sees of the same.
mod library {
    use super::*;
    use arrow::array::AsArray;
    use arrow::datatypes::Int64Type;
    use trailql::engine::{EngineError, Limits, Query, QueryResult, Session};
    use trailql::export::csv::CsvOptions;
    use trailql::ops::query::{Output, prepare};

    fn open(lab: &Lab, scope: Scope) -> Result<Opened, OpsError> {
        let (source, engine) = (Source::Lake(lab.lake()), engine_options());
        Opened::open(&OpenOptions { source, scope, engine, time_limit: None, now: now() }, &Silent)
    }

    fn named(values: &[&str]) -> Vec<String> {
        values.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_resolved_scope_tells_what_the_lake_has() {
        let lab = Lab::with_events(&two_accounts());
        let scope = Scope { accounts: named(&["1111", "9"]), ..Scope::default() };
        let found = open(&lab, scope).unwrap();
        let [unknown] = &found.scope().unknown[..] else { panic!("{:?}", found.scope()) };
        assert_eq!(
            (unknown.column, &unknown.values[..], unknown.all_unknown),
            (ScopeColumn::Account, &named(&["9"])[..], false)
        );
        let existing: Vec<_> = unknown.existing.iter().map(|count| (count.value.as_str(), count.events)).collect();
        assert_eq!(existing, [("1111", 2), ("2222", 2)]);
        assert!(matches!(&found.notices(TimeRange::default()).unwrap()[..], [Notice::Unknown(_)]));
        let session = lab.session_with(Scope { accounts: named(&["1111", "9"]), ..Scope::default() }, false);
        let regions = session.values_in_scope(ScopeColumn::Region).unwrap();
        assert_eq!(regions.iter().map(|count| count.value.as_str()).collect::<Vec<_>>(), ["cn-hangzhou"]);

        let scope = Scope { regions: named(&["nowhere"]), ..Scope::default() };
        assert!(matches!(open(&lab, scope), Err(OpsError::NoEventOf(unknown)) if unknown.all_unknown));

        let lab = Lab::with_events(&future());
        let found = open(&lab, Scope::default()).unwrap();
        let newest = "2126-11-08T00:00:00Z".parse().unwrap();
        assert_eq!(found.scope().future_events, Some(FutureEvents { count: 1, newest }));
        assert_eq!(found.scope().newest_event, Some("2026-11-08T00:00:00Z".parse().unwrap()));
        assert_eq!(lab.session().scope().newest_event, Some(newest), "without a present there is no future");
    }

    #[test]
    fn a_report_has_two_ends() {
        let lab = Lab::with_events(&two_accounts());
        let found = open(&lab, Scope { accounts: named(&["1111"]), ..Scope::default() }).unwrap();
        let bound = |text: &str, edge| (!text.is_empty()).then(|| parse_time_bound(text, Zone::UTC, edge).unwrap());
        for (since, until, expected) in [
            ("", "", Some(("2026-09-20T00:00:00+00:00", "2026-10-01T00:00:00.000001+00:00"))),
            ("2d", "", Some(("2026-09-29T00:00:00+00:00", "2026-10-01T00:00:00.000001+00:00"))),
            ("", "2d", Some(("2026-09-20T00:00:00+00:00", "2026-09-29T00:00:00+00:00"))),
            ("2026-11-01", "", Some(("2026-11-01T00:00:00+00:00", "2026-11-09T08:00:00+00:00"))),
            ("2027-01-01", "", None),
            ("", "2020-01-01", None),
            ("", "9999w", None),
        ] {
            let range = Range::Between(bound(since, Edge::Since), bound(until, Edge::Until));
            let found = range.closed(&found, now()).ok().map(|(since, until)| (since.to_rfc3339(), until.to_rfc3339()));
            let found = found.as_ref().map(|(since, until)| (since.as_str(), until.as_str()));
            assert_eq!(found, expected, "{since:?} {until:?}");
        }
    }

    /// One engine answers in many scopes, each with limits of its own, also for a caller that is async itself.
    #[test]
    fn one_engine_is_asked_in_many_scopes() {
        let lab = Lab::with_events(&two_accounts());
        let count = |session: &Session| session.sql("SELECT count(*) AS n FROM events").and_then(read_count);
        let ask = || {
            let engine = lab.session().engine();
            let of = |account: &str| Scope { accounts: named(&[account]), ..Scope::default() };
            let stopped = Limits::default();
            let all = engine.session(&Scope::default(), &Limits::default()).unwrap();
            let one = engine.session(&of("1111"), &stopped).unwrap();
            assert_eq!((count(&all).unwrap(), count(&one).unwrap()), (4, 2));
            stopped.stop.ask();
            assert!(matches!(count(&one), Err(EngineError::Stopped)));
            assert_eq!(count(&all).unwrap(), 4, "another session goes on");
            assert_eq!(count(&engine.session(&of("2222"), &Limits::default()).unwrap()).unwrap(), 2);
        };
        ask();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { ask() });
    }

    /// A result outlives its session, its engine and what was opened for it.
    #[test]
    fn a_result_outlives_what_it_came_from() {
        let lab = Lab::with_events(&two_accounts());
        let source = Source::Exports { inputs: vec![lab.path("in/events.json")], csv: CsvOptions::default() };
        let options =
            OpenOptions { source, scope: Scope::default(), engine: engine_options(), time_limit: None, now: now() };
        let query = Query::Sql("SELECT count(*) AS n FROM events".to_owned());
        let Output::Rows(result) = prepare(&options, query, &Silent).unwrap().run().unwrap() else { panic!("no rows") };
        assert_eq!(read_count(result).unwrap(), 4);
    }

    fn read_count(mut result: QueryResult) -> Result<i64, EngineError> {
        let mut counts = Vec::new();
        while let Some(batch) = result.next_batch()? {
            counts.extend(batch.column(0).as_primitive::<Int64Type>().values().iter().copied());
        }
        assert_eq!(counts.len(), 1);
        Ok(counts[0])
    }
}
