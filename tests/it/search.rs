//! `trailql search`: statements of SLS against a slow twin, as SQL, and as a user runs them.

mod statements;
mod twin;

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};
use snapbox::{Data, assert_data_eq};
use trailql::engine::{Query, Scope, Session};
use trailql::event::time::TimeRange;
use trailql::ops::search::{Search, SearchForm, translate};
use trailql::sls::{SlsError, parser};

use crate::generate::random::Random;
use crate::harness::{Home, NOW, package};
use crate::lab::{Lab, now, rows};
use statements::{log, statement};
use twin::Log;

/// A lake of logs: bare events, and records of SLS.
fn lab(logs: &[Log]) -> Lab {
    let lab = Lab::new();
    let lines = |logs: Vec<String>| logs.into_iter().map(|line| line + "\n").collect::<String>();
    let bare = logs.iter().filter(|log| log.around.is_none()).map(|log| log.event.to_string()).collect();
    let records = logs.iter().filter_map(|log| {
        let mut record = log.around.clone()?;
        record["event"] = json!(log.event.to_string());
        Some(record.to_string())
    });
    let files = [("in/bare.json", lines(bare)), ("in/sls.json", lines(records.collect()))];
    let files: Vec<PathBuf> = files.into_iter().map(|(name, text)| lab.file(name, text)).collect();
    let outcome = lab.ingest(&files);
    assert_eq!(outcome.totals.stored, logs.len() as u64);
    lab
}

fn ids(rows: &[Value], column: &str) -> BTreeSet<String> {
    rows.iter().map(|row| row[column].as_str().unwrap().to_owned()).collect()
}

/// The ids of the events that a search finds, by its query and by the SQL that explains it.
#[track_caller]
fn found(session: &Session, search: &Search, shown: &str) -> BTreeSet<String> {
    let Query::Statement(query) = search.query() else { panic!("{shown}") };
    let as_query = rows(session.statement(*query));
    let explained = search.explain(TimeRange::default());
    let as_sql = rows(session.sql(&explained));
    assert_eq!(as_query, as_sql, "{shown}\n{explained}");
    ids(&as_query, "event.eventId")
}

fn read(text: &str) -> Result<Search, Vec<SlsError>> {
    translate(text, SearchForm::Rows, 100_000)
}

fn by_twin(logs: &[Log], text: &str) -> BTreeSet<String> {
    let node = parser::parse(text).unwrap().condition;
    let found = logs.iter().filter(|log| node.as_ref().is_none_or(|node| log.meets(node)));
    found.map(|log| log.id().to_owned()).collect()
}

#[test]
fn generated_statements_find_what_the_slow_twin_finds() {
    let logs: Vec<Log> = (0..160).map(|index| log(19, index)).collect();
    let lab = lab(&logs);
    let session = lab.session();
    let (mut all, mut none) = (0, 0);
    for index in 0..160 {
        let text = statement(&mut Random::of(7, index), index % 4);
        let search = read(&text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        let (fast, slow) = (found(&session, &search, &text), by_twin(&logs, &text));
        let differing: Vec<&Log> =
            logs.iter().filter(|log| fast.contains(log.id()) != slow.contains(log.id())).collect();
        assert!(differing.is_empty(), "{text}\n{:#?}\n{}", differing[0], search.explain(TimeRange::default()));
        all += usize::from(fast.len() == logs.len());
        none += usize::from(fast.is_empty());
    }
    assert!(all + none < 110, "too few statements tell events apart: {all} find all, {none} find none");
}

/// The corpus: a statement a paragraph, and what it gives below it. `SNAPSHOTS=overwrite` writes the answers.
#[test]
fn the_corpus_is_answered_as_written() {
    let path = package().join("tests/search/statements.txt");
    let events = std::fs::read_to_string(package().join("tests/search/events.jsonl")).unwrap();
    let logs: Vec<Log> = events
        .lines()
        .map(|line| {
            let mut record: Value = serde_json::from_str(line).unwrap();
            let event = record.as_object_mut().unwrap().remove("event").unwrap();
            let is_bare = record.as_object().unwrap().is_empty();
            Log { event, around: (!is_bare).then_some(record) }
        })
        .collect();
    let lab = lab(&logs);
    // The twin sees what a session shows.
    let masked = |log: Log| Log {
        event: serde_json::from_str(&log.event.to_string().replace("s3cr3tV4lu3", "***")).unwrap(),
        ..log
    };
    let logs: Vec<Log> = logs.into_iter().map(masked).collect();
    let session = lab.session();
    let text = std::fs::read_to_string(&path).unwrap();
    let mut written = String::new();
    for paragraph in text.split("\n\n") {
        let lines = paragraph.lines().take_while(|line| !line.starts_with("=> ") && !line.starts_with("!! "));
        let (comments, statement): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("// "));
        let statement = statement.join("\n");
        comments.iter().for_each(|comment| written.push_str(&format!("{comment}\n")));
        if statement.is_empty() {
            written.push('\n');
            continue;
        }
        written.push_str(&format!("{statement}\n"));
        match read(&statement) {
            Ok(search) => {
                let fast = found(&session, &search, &statement);
                assert_eq!(fast, by_twin(&logs, &statement), "{statement}");
                let ids: Vec<String> = fast.into_iter().collect();
                written.push_str(&format!("=> {}\n\n", if ids.is_empty() { "-".to_owned() } else { ids.join(" ") }));
            }
            Err(errors) => {
                errors.iter().for_each(|error| written.push_str(&format!("!! {error}\n")));
                written.push('\n');
            }
        }
    }
    let written = written.trim_end().to_owned() + "\n";
    assert_data_eq!(written, Data::read_from(&path, None).raw());
}

#[test]
fn a_search_finds_no_secret() {
    let event = json!({
        "eventId": "id-1", "eventName": "CreateAccessKey", "eventTime": "2026-11-01T00:00:00Z",
        "responseElements": {"AccessKey": {"AccessKeySecret": "s3cr3tV4lu3", "AccessKeyId": "LTAI5tEXAMPLE0001"}},
    });
    let lab = Lab::with_events(&[event]);
    let session = lab.session();
    for (text, count) in [
        ("s3cr3tV4lu3", 0),
        ("s3cr3t*", 0),
        ("#\"s3cr3tV4lu3\"", 0),
        ("event.responseElements:s3cr3tV4lu3", 0),
        ("event.responseElements.AccessKey.AccessKeySecret:s3cr3t*", 0),
        ("LTAI5tEXAMPLE0001", 1),
        ("event.responseElements.AccessKey.AccessKeyId:ltai5texample0001", 1),
    ] {
        assert_eq!(found(&session, &read(text).unwrap(), text).len(), count, "{text}");
    }
    let shown = lab.session_with(Scope { now: Some(now()), ..Scope::default() }, true);
    assert_eq!(found(&shown, &read("s3cr3tV4lu3").unwrap(), "shown").len(), 1);
}

/// A home with a lake of events on ten days, one a day.
fn ten_days() -> Home {
    let home = Home::new();
    let events: Vec<String> = (1..=10)
        .map(|day| {
            let event = json!({
                "eventId": format!("id-{day:02}"), "eventName": "StopInstance", "eventTime": format!("2026-11-{day:02}T18:30:00Z"),
                "serviceName": "Ecs", "acsRegion": "cn-hangzhou", "userIdentity": {"type": "ram-user", "userName": "a;b"},
            });
            event.to_string()
        })
        .collect();
    home.file("exports/events.json", events.join("\n"));
    home.run(&["ingest", "exports", "--now", NOW]).exits(0);
    home
}

fn csv_ids(stdout: &str) -> Vec<String> {
    let mut lines = stdout.lines();
    let header = lines.next().unwrap_or_default();
    let column = header.split(',').position(|name| name == "event.eventId").unwrap();
    lines.map(|line| line.split(',').nth(column).unwrap().to_owned()).collect()
}

#[test]
fn the_last_seven_days_come_first_and_the_newest_before_the_others() {
    let home = ten_days();
    let run = home.run(&["search", "event.serviceName: ecs", "-F", "csv"]).exits(0);
    let expected: Vec<String> = (3..=10).rev().map(|day| format!("id-{day:02}")).collect();
    assert_eq!(csv_ids(&run.stdout), expected);
    assert!(run.stderr.contains("the last 7 days"), "{}", run.stderr);
    let run = home
        .run(&["search", "*", "-F", "csv", "--limit", "2", "--since", "2026-11-01", "--until", "2026-11-05"])
        .exits(0);
    assert_eq!(csv_ids(&run.stdout), ["id-05", "id-04"]);
    assert!(!run.stderr.contains("the last 7 days"), "{}", run.stderr);
    let run = home.run(&["search", "b", "-F", "csv", "--until", "2026-11-04", "-q"]).exits(0);
    assert_eq!((csv_ids(&run.stdout).len(), run.stderr.as_str()), (4, ""));
}

#[test]
fn what_explain_prints_is_answered_alike_by_sql() {
    let home = ten_days();
    for zone in ["UTC", "Asia/Shanghai"] {
        for more in
            [&[][..], &["--since", "3d"], &["--since", "2026-11-02", "--until", "2026-11-08T18:30", "--limit", "3"]]
        {
            for statement in
                ["stopinstance", "not event.userIdentity.userName: b", "event.eventTime: 2026-11-0*", "__time__ > 0"]
            {
                let searched = [&["search", statement, "--tz", zone, "-F", "csv"][..], more].concat();
                let rows = home.run(&searched).exits(0).stdout;
                let explained = home.run(&[&searched[..4], more, &["--explain"]].concat()).exits(0).stdout;
                let answered = home.run(&["sql", &explained, "--tz", zone, "-F", "csv"]).exits(0).stdout;
                assert_eq!(rows, answered, "{statement} {more:?}\n{explained}");
            }
        }
    }
}

#[test]
fn raw_shows_whole_events() {
    let home = ten_days();
    let run = home.run(&["search", "*", "--raw", "--limit", "2"]).exits(0);
    let events: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.iter().map(|event| &event["eventId"]).collect::<Vec<_>>(), ["id-10", "id-09"]);
    assert_eq!(events[0]["userIdentity"]["userName"], "a;b");
    home.run(&["search", "*", "--raw", "-F", "csv"]).exits(2);
    let explained = home.run(&["search", "b", "--raw", "--explain"]).exits(0).stdout;
    let rows = home.run(&["sql", &explained, "-F", "jsonl"]).exits(0).stdout;
    assert_eq!(rows.lines().count(), 8);
}

/// The counts of a histogram in CSV.
fn counts(stdout: &str) -> Vec<u64> {
    stdout.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().parse().unwrap()).collect()
}

#[test]
fn the_events_of_the_search_part_are_counted_over_time() {
    let home = ten_days();
    let analysis = "not id-07 | select count(*) as n";
    for source in [&[][..], &["--from", "exports"]] {
        for (statement, more, expected) in [
            ("event.serviceName: ecs", &[][..], 8),
            ("not id-07", &[], 7),
            (analysis, &[], 7),
            ("not id-07", &["--since", "2026-11-01"], 9),
            ("id-07", &["--until", "2026-11-03"], 0),
            ("nothing", &[], 0),
        ] {
            let args = [
                &["search", statement, "--histogram", "-F", "csv", "-q", "--now", "2026-11-12T00:00:00Z"][..],
                more,
                source,
            ];
            let counts = counts(&home.run(&args.concat()).exits(0).stdout);
            assert_eq!(counts.iter().sum::<u64>(), expected, "{statement} {more:?}");
            assert!(counts.len() > 1, "buckets without events are shown: {statement} {more:?}");
            // The buckets are those of a view over the same scope.
            let since = ["--since", if more.first() == Some(&"--since") { more[1] } else { "7d" }];
            let until = if more.first() == Some(&"--until") { more } else { &[] };
            let view =
                ["query", "root_console_login", "--histogram", "-F", "csv", "-q", "--now", "2026-11-12T00:00:00Z"];
            let of_view = home.run(&[&view[..], &since, until, source].concat()).exits(0).stdout;
            assert_eq!(of_view.lines().count(), counts.len() + 1, "{statement} {more:?}");
        }
    }
    let drawn = home.run(&["search", analysis, "--histogram"]).exits(0);
    assert!(drawn.stdout.starts_with("bucket ") && drawn.stdout.contains('█'), "{}", drawn.stdout);
    assert!(drawn.stderr.contains("the events of the search part are counted"), "{}", drawn.stderr);
    assert!(drawn.stderr.contains("7 rows in "), "{}", drawn.stderr);
    for format in ["json", "jsonl", "markdown"] {
        home.run(&["search", "*", "--histogram", "-F", format]).exits(0);
    }
    for other in ["--raw", "--explain", "--limit=5"] {
        home.run(&["search", "*", "--histogram", other]).exits(2);
    }
}

#[test]
fn a_comparison_reads_the_events_before_its_range() {
    let home = ten_days();
    let statement = "not id-07 | select compare(n, 172800, 604800) as diff from (select count(*) as n from log)";
    for source in [&[][..], &["--from", "exports"]] {
        for (scope, expected) in [
            (&["--since", "2026-11-09"][..], "[2.0,1.0,2.0,2.0,1.0]"),
            (&["--since", "2026-11-09", "--until", "2026-11-09"], "[1.0,0.0,1.0,null,1.0]"),
            (&["--since", "1d"], "[2.0,1.0,2.0,2.0,1.0]"),
            (&["--since", "2026-11-02", "--until", "2026-11-02"], "[1.0,0.0,0.0,null,null]"),
        ] {
            let search = ["search", statement, "-F", "csv", "-q", "--now", "2026-11-12T00:00:00Z"];
            let args = [&search[..], scope, source].concat();
            let rows = home.run(&args).exits(0).stdout;
            assert_eq!(rows, format!("diff\n\"{expected}\"\n"), "{scope:?}");
            let explained = home.run(&[&args[..], &["--explain"]].concat()).exits(0).stdout;
            let answered = home.run(&[&["sql", &explained, "-F", "csv", "-q"], source].concat()).exits(0).stdout;
            assert_eq!(rows, answered, "{scope:?}\n{explained}");
        }
    }
    let refused = home.run(&["views", "save", "growth", "--from-search", statement]).exits(2);
    assert!(refused.stderr.contains("the ends of a range of time"), "{}", refused.stderr);
}

#[test]
fn exports_are_searched_without_a_lake() {
    let home = ten_days();
    let run =
        home.run(&["search", "event.eventName: StopInstance and id-09", "--from", "exports", "-F", "csv"]).exits(0);
    assert_eq!(csv_ids(&run.stdout), ["id-09"]);
    let run =
        home.run(&["search", "event.userIdentity.userName: b", "--from", "exports", "--raw", "--limit", "1"]).exits(0);
    assert!(run.stdout.contains(r#""eventName":"StopInstance""#), "{}", run.stdout);
}

#[test]
fn statements_come_from_files_and_from_stdin() {
    let home = ten_days();
    home.file("statement.txt", "\u{feff}event.eventId: id-07\r\n");
    let run = home.run(&["search", "-f", "statement.txt", "-F", "csv"]).exits(0);
    assert_eq!(csv_ids(&run.stdout), ["id-07"]);
    let run = home.run_with_stdin(&["search", "-", "-F", "csv"], "id-08\n");
    assert_eq!(csv_ids(&run.exits(0).stdout), ["id-08"]);
}

#[test]
fn a_statement_of_any_size_ends() {
    let home = ten_days();
    for statement in ["(".repeat(60_000), "not ".repeat(30_000), "x or ".repeat(20_000), "\"".repeat(60_001)] {
        home.file("statement.txt", &statement);
        let run = home.run(&["search", "-f", "statement.txt"]).exits(2);
        assert!(run.stderr.starts_with("error: ") && run.stderr.len() < 4_000, "{}", run.stderr);
    }
    home.file("statement.txt", vec!["(event.eventName: a* or b)"; 100].join(" and "));
    home.run(&["search", "-f", "statement.txt"]).exits(0);
}
