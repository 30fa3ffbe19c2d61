//! Rows counted by time: which buckets, in which zone, and how they are drawn and written.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use trailql::engine::{Histogram, Scope, Session, ViewQuery};
use trailql::event::time::{TimeBound, Zone};

use crate::harness::{Home, NOW};
use crate::lab::{Lab, rows};

fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

/// A logon of the root account.
fn logon(id: usize, at: DateTime<Utc>) -> Value {
    json!({"eventId": format!("e{id}"), "eventVersion": "1", "eventTime": at.to_rfc3339(), "eventName": "ConsoleSignin",
        "eventType": "ConsoleSignin", "serviceName": "AasCustomer", "acsRegion": "cn-hangzhou",
        "userIdentity": {"type": "root-account", "accountId": "1000000000000001"}})
}

/// Logons at a distance of some minutes, in a range.
fn logons(since: &str, until: &str, minutes: i64) -> Vec<Value> {
    let (since, until) = (time(since), time(until));
    let times = std::iter::successors(Some(since), |at| Some(*at + TimeDelta::minutes(minutes)));
    times.take_while(|at| *at < until).enumerate().map(|(id, at)| logon(id, at)).collect()
}

fn scope(zone: &str, since: Option<&str>, until: Option<&str>) -> Scope {
    let bound = |text: Option<&str>| text.map(|text| TimeBound::At(time(text)));
    Scope { since: bound(since), until: bound(until), tz: zone.parse::<Zone>().unwrap(), ..Scope::default() }
}

fn histogram(session: &Session) -> Histogram {
    session.view_histogram(&ViewQuery::new("root_console_login")).unwrap()
}

/// The label of each bucket, and its rows.
fn bars(histogram: &Histogram) -> Vec<(String, i64)> {
    let label = |at| histogram.step.label(DateTime::from_timestamp_micros(at).unwrap(), histogram.tz);
    histogram.bars.iter().map(|bar| (label(bar.start), bar.rows)).collect()
}

#[test]
fn changed_clocks_and_half_hours_are_counted_right() {
    for (zone, since, until, step, minutes, expected) in [
        (
            "Europe/Berlin",
            "2026-10-24T23:00:00Z",
            "2026-10-25T04:00:00Z",
            "10 minutes",
            30,
            vec![("2026-10-25 02:00+02:00", 1), ("2026-10-25 02:00+01:00", 1)],
        ),
        (
            "Europe/Berlin",
            "2026-10-24T22:00:00Z",
            "2026-10-25T23:00:00Z",
            "1 hour",
            20,
            vec![("2026-10-25 02:00+02:00", 3), ("2026-10-25 02:00+01:00", 3), ("2026-10-25 03:00+01:00", 3)],
        ),
        (
            "Europe/Berlin",
            "2026-10-20T22:00:00Z",
            "2026-10-30T23:00:00Z",
            "12 hours",
            60,
            vec![("2026-10-24 12:00+02:00", 12), ("2026-10-25 00:00+02:00", 13), ("2026-10-25 12:00+01:00", 12)],
        ),
        (
            "Europe/Berlin",
            "2026-10-10T22:00:00Z",
            "2026-10-31T23:00:00Z",
            "1 day",
            60,
            vec![("2026-10-24", 24), ("2026-10-25", 25), ("2026-10-26", 24)],
        ),
        (
            "America/Havana",
            "2026-02-20T05:00:00Z",
            "2026-03-20T04:00:00Z",
            "1 day",
            60,
            vec![("2026-03-07", 24), ("2026-03-08", 23), ("2026-03-09", 24)],
        ),
        (
            "America/Havana",
            "2026-10-20T04:00:00Z",
            "2026-11-10T05:00:00Z",
            "1 day",
            60,
            vec![("2026-10-31", 24), ("2026-11-01", 25), ("2026-11-02", 24)],
        ),
        (
            "Asia/Kolkata",
            "2026-11-02T18:30:00Z",
            "2026-11-03T18:30:00Z",
            "1 hour",
            15,
            vec![("2026-11-03 00:00+05:30", 4), ("2026-11-03 23:00+05:30", 4)],
        ),
        (
            "Asia/Kolkata",
            "2026-11-01T18:30:00Z",
            "2026-11-20T18:30:00Z",
            "1 day",
            15,
            vec![("2026-11-02", 96), ("2026-11-20", 96)],
        ),
        (
            "Asia/Kathmandu",
            "2026-11-02T18:15:00Z",
            "2026-11-05T18:15:00Z",
            "3 hours",
            15,
            vec![("2026-11-03 00:00+05:45", 12), ("2026-11-05 21:00+05:45", 12)],
        ),
    ] {
        let events = logons(since, until, minutes);
        let lab = Lab::with_events(&events);
        let found = histogram(&lab.session_with(scope(zone, Some(since), Some(until)), false));
        assert_eq!(found.step.to_string(), step, "{zone} {since}");
        let shown = bars(&found);
        for (label, rows) in expected {
            assert!(shown.contains(&(label.to_owned(), rows)), "{label} {rows} in {zone}: {shown:?}");
        }
        assert_eq!(found.rows(), events.len() as i64, "{zone} {since}");
        // Where no clock is changed inside of a bucket, SQL counts the same.
        let (unit, other) = match step {
            "1 hour" => ("hour", 1),
            "1 day" => ("day", 1),
            _ => continue,
        };
        let sql =
            format!("SELECT date_trunc('{unit}', event_time) AS at, count(*) AS n FROM events GROUP BY 1 ORDER BY 1");
        let session = lab.session_with(scope(zone, Some(since), Some(until)), false);
        let counted: Vec<(DateTime<Utc>, i64)> = rows(session.sql(&sql))
            .iter()
            .map(|row| (time(row["at"].as_str().unwrap()), row["n"].as_i64().unwrap() * other))
            .collect();
        let of_bars = found.bars.iter().map(|bar| (DateTime::from_timestamp_micros(bar.start).unwrap(), bar.rows));
        assert_eq!(of_bars.collect::<Vec<_>>(), counted, "{zone} {since}");
    }
}

#[test]
fn the_scope_decides_on_the_buckets_and_not_the_rows() {
    let lab = Lab::with_events(&[
        logon(1, time("2026-11-03T10:10:30Z")),
        logon(2, time("2026-11-03T12:00:00Z")),
        json!({"eventId": "x", "eventVersion": "1", "eventTime": "2026-11-04T09:00:00Z", "eventName": "A"}),
        json!({"eventId": "y", "eventVersion": "1", "eventTime": "2026-11-02T23:30:00Z", "eventName": "A"}),
    ]);
    // Open ends are whole buckets, from the oldest event to the newest.
    let open = histogram(&lab.session_with(scope("UTC", None, None), false));
    assert_eq!((open.step.to_string().as_str(), open.bars.len()), ("2 hours", 18));
    let ends =
        [open.bars[0].start, open.bars[17].end].map(|at| DateTime::from_timestamp_micros(at).unwrap().to_rfc3339());
    assert_eq!(ends, ["2026-11-02T22:00:00+00:00", "2026-11-04T10:00:00+00:00"]);
    // Ends that are given cut buckets off, and belong to the range as they do elsewhere.
    let (since, until) = (Some("2026-11-03T10:10:30Z"), Some("2026-11-03T12:00:00Z"));
    let cut = histogram(&lab.session_with(scope("UTC", since, until), false));
    assert_eq!((cut.step.to_string().as_str(), cut.rows()), ("5 minutes", 1));
    let lengths: Vec<i64> = cut.bars.iter().map(|bar| (bar.end - bar.start) / 1_000_000).collect();
    assert_eq!((lengths[0], lengths[1], lengths.len()), (270, 300, 22));
    // A range without events has its buckets all the same; without any event there are none.
    let (since, until) = (Some("2026-10-01T00:00:00Z"), Some("2026-10-02T00:00:00Z"));
    let empty = histogram(&lab.session_with(scope("UTC", since, until), false));
    assert_eq!((empty.bars.len(), empty.rows()), (24, 0));
    let nothing = Scope { accounts: vec!["9".to_owned()], ..Scope::default() };
    assert_eq!(histogram(&lab.session_with(nothing, false)).bars, []);
}

fn home(events: &[Value]) -> Home {
    let home = Home::new();
    home.file("events.jsonl", events.iter().map(|event| format!("{event}\n")).collect::<String>());
    home
}

const RANGE: [&str; 4] = ["--since", "2026-11-03T10:00", "--until", "2026-11-03T10:30"];

fn ask(more: &[&str]) -> Vec<String> {
    let args = [&["query", "root_console_login", "--histogram", "--from", "events.jsonl", "--now", NOW][..], more];
    args.concat().into_iter().map(str::to_owned).collect()
}

#[test]
fn every_format_has_the_empty_buckets_too() {
    let at = ["2026-11-03T10:00:00Z", "2026-11-03T10:00:59Z", "2026-11-03T10:29:59Z"];
    let home = home(&at.iter().enumerate().map(|(id, at)| logon(id, time(at))).collect::<Vec<_>>());
    let answer = |more: &[&str]| home.run(&ask(&[&RANGE[..], more].concat())).exits(0);
    let json: Vec<Value> = serde_json::from_str(&answer(&["-F", "json"]).stdout).unwrap();
    let expected = |minute: i64, events: i64| {
        let at = |minute| {
            (time("2026-11-03T10:00:00Z") + TimeDelta::minutes(minute)).format("%Y-%m-%dT%H:%M:%S+00:00").to_string()
        };
        json!({"bucket": at(minute), "bucket_end": at(minute + 1), "events": events})
    };
    let rows: Vec<Value> = (0..30)
        .map(|minute| expected(minute, [2, 0, 1][usize::from(minute > 0) + usize::from(minute == 29)]))
        .collect();
    assert_eq!(json, rows);
    let jsonl = answer(&["-F", "jsonl"]).stdout;
    assert_eq!(jsonl.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>(), rows);
    let csv = answer(&["-F", "csv"]).stdout;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "bucket,bucket_end,events",
            "2026-11-03T10:00:00+00:00,2026-11-03T10:01:00+00:00,2",
            "2026-11-03T10:01:00+00:00,2026-11-03T10:02:00+00:00,0"
        ]
    );
    assert_eq!(lines.len(), 31);
    let markdown = answer(&["-F", "markdown"]).stdout;
    assert_eq!(markdown.lines().count(), 32, "{markdown}");
    answer(&["-o", "h.parquet"]);
    let file = std::fs::File::open(home.work().join("h.parquet")).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    assert_eq!(reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 30);
    let table = answer(&["-q"]).stdout;
    assert_eq!(table.lines().count(), 32);
    assert_eq!(answer(&["-o", "h.txt"]).stderr.lines().last(), Some("3 rows in 30 buckets of 1 minute, in UTC"));
    assert_eq!(std::fs::read_to_string(home.work().join("h.txt")).unwrap(), table);
}

#[test]
fn bars_are_ascii_where_the_locale_has_no_others() {
    let locales = [
        (None, true),
        (Some(("LANG", "C.UTF-8")), true),
        (Some(("LC_ALL", "ja_JP.utf8")), true),
        (Some(("LC_CTYPE", "UTF-8")), true),
        (Some(("LANG", "C")), false),
        (Some(("LC_ALL", "POSIX")), false),
        (Some(("LC_CTYPE", "ja_JP.eucJP")), false),
        (Some(("LANG", "zh_CN.GB18030")), false),
    ];
    let home = home(&[logon(1, time("2026-11-03T10:10:00Z"))]);
    for (locale, is_unicode) in locales {
        let mut command = home.command(&ask(&RANGE));
        command.envs(locale);
        let shown = crate::harness::Run::of(command.output().unwrap()).exits(0).stdout;
        assert_eq!(shown.contains('█'), is_unicode, "{locale:?}");
        assert_eq!(shown.is_ascii(), !is_unicode, "{locale:?}");
        assert_eq!(shown.contains("  ###"), !is_unicode, "{locale:?}");
        assert!(!shown.contains('\u{1b}'), "{locale:?}");
    }
    let shown = home.run(&ask(&[&RANGE[..], &["--color", "always", "-q"]].concat())).exits(0);
    assert!(!shown.stdout.contains('\u{1b}') && shown.stderr.is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn bars_fit_the_terminal() {
    let events: Vec<Value> =
        (0..40).map(|id| logon(id, time("2026-11-03T10:10:00Z") + TimeDelta::seconds(20 * id as i64))).collect();
    let home = home(&events);
    for (columns, longest) in [(40, 9), (80, 49), (200, 169)] {
        let words = ask(&RANGE).join(" ");
        let command = format!("stty rows 40 cols {columns}; \"$trailql\" {words} -q");
        let Some(shown) = home.run_on_terminal(&command, "") else { return };
        let widths: Vec<usize> = shown.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width <= columns), "{columns}: {shown}");
        let bars = shown.lines().map(|line| line.chars().filter(|c| *c == '█').count());
        assert_eq!(bars.max(), Some(longest), "{columns}: {shown}");
        assert_eq!(widths.len(), 32, "{shown}");
    }
}

#[test]
fn rows_outside_of_the_buckets_are_said() {
    let home = home(&[
        logon(1, time("2026-11-03T10:10:00Z")),
        logon(2, time("2026-11-03T11:10:00Z")),
        // Of the future, so that an open range does not end with it.
        logon(3, time("2099-01-01T00:00:00Z")),
    ]);
    let run = home.run(&ask(&["-F", "csv"])).exits(0);
    assert!(run.stderr.contains("warning: not counted: 1 row behind the last bucket\n"), "{}", run.stderr);
    assert_eq!(run.stdout.lines().count(), 32, "{}", run.stdout);
    let select = |sql: &str| format!("SELECT {sql} FROM events");
    for (name, sql) in [
        ("early", select("event_time - INTERVAL '10 days' AS event_time")),
        ("plain", select("event_time::timestamp AS event_time")),
        ("dates", select("event_date AS event_time")),
        ("undated", select("nullif(event_time, event_time) AS event_time")),
        ("texts", select("event_name AS event_time")),
    ] {
        home.run(&["views", "save", name, &sql]).exits(0);
    }
    let ask = |view: &str| {
        let args =
            ["query", view, "--histogram", "--from", "events.jsonl", "--now", NOW, "--tz", "Asia/Tokyo", "-F", "csv"];
        home.run(&[&args[..], &["--since", "2026-11-03", "--until", "2026-11-03"]].concat())
    };
    let counted = |text: &str| -> BTreeMap<String, u64> {
        let cells = text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        cells.map(|cells| (cells[0].clone(), cells[2].parse().unwrap())).filter(|(_, events)| *events > 0).collect()
    };
    let early = ask("early").exits(0);
    assert!(early.stderr.contains("warning: not counted: 2 rows before the first bucket\n"), "{}", early.stderr);
    assert_eq!(counted(&early.stdout).len(), 0);
    // A plain time and a date are of the zone.
    let plain = counted(&ask("plain").exits(0).stdout);
    assert_eq!(
        plain.into_iter().collect::<Vec<_>>(),
        [("2026-11-03T19:00:00+09:00".to_owned(), 1), ("2026-11-03T20:00:00+09:00".to_owned(), 1)]
    );
    let dates = counted(&ask("dates").exits(0).stdout);
    assert_eq!(dates.into_iter().collect::<Vec<_>>(), [("2026-11-03T00:00:00+09:00".to_owned(), 2)]);
    let undated = ask("undated").exits(0);
    assert!(undated.stderr.contains("warning: not counted: 2 rows without a time\n"), "{}", undated.stderr);
    let texts = ask("texts").exits(2);
    assert!(texts.stderr.contains("cannot show a histogram of `texts`: `event_time` is no time"), "{}", texts.stderr);
}
