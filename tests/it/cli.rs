//! The command line as a user runs it: wiring, streams and exit codes; what the answers say is tested below it.
//!
//! Tests in `with_events` ingest and query; they read `sample-data/`, the story of the week 2026-W45.

use crate::harness::{Home, NOW, sample_data};

#[test]
fn the_version_is_on_stdout() {
    let version = Home::new().run(&["--version"]).exits(0);
    assert_eq!(version.stdout, concat!("trailql ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn nothing_asked_shows_help_and_is_wrong_usage() {
    let run = Home::new().run::<&str>(&[]).exits(2);
    assert!(run.stdout.is_empty(), "{}", run.stdout);
    assert!(run.stderr.contains("Usage: trailql"), "{}", run.stderr);
}

#[test]
fn a_lake_that_is_not_there_says_who_named_it() {
    let run = Home::new().run(&["lake", "info", "--lake", "gone"]).exits(2);
    assert!(run.stderr.starts_with("error: no lake at: `gone`\n"), "{}", run.stderr);
    let run = Home::new().env("TRAILQL_LAKE", "gone").run(&["sql", "x"]).exits(2);
    assert!(run.stderr.starts_with("error: no lake at the place that $TRAILQL_LAKE names: `gone`\n"), "{}", run.stderr);
    let home = Home::new();
    home.config("lake = \"gone\"");
    let run = home.run(&["sql", "x"]).exits(2);
    assert!(run.stderr.contains("`lake` in "), "{}", run.stderr);
}

#[test]
fn wrong_settings_name_their_place() {
    let home = Home::new();
    home.config("laek = \"x\"");
    let run = home.run(&["views", "list"]).exits(2);
    assert!(run.stderr.starts_with("error: unknown key `laek` in the settings, line 1: `"), "{}", run.stderr);
    assert!(run.stderr.ends_with("config.toml`\nhint: did you mean `lake`?\n"), "{}", run.stderr);
    home.config("memory_limit = \"1MiB\"");
    let run = home.run(&["views", "list"]).exits(2);
    assert!(
        run.stderr.ends_with(": too little memory to work with: `1MiB`\nhint: give 32MiB or more\n"),
        "{}",
        run.stderr
    );
    let run = Home::new().env("TRAILQL_MEMORY_LIMIT", "1MB").run(&["views", "list"]).exits(2);
    let said = "error: $TRAILQL_MEMORY_LIMIT: too little memory to work with: `1MB`\nhint: give 32MiB or more\n";
    assert_eq!(run.stderr, said);
    let run = Home::new().env("TRAILQL_TZ", "!").run(&["views", "list"]).exits(2);
    assert_eq!(
        run.stderr,
        "error: $TRAILQL_TZ: not an IANA time zone: `!`\n\
         hint: give an IANA name such as `Asia/Tokyo`, or an offset such as `+08:00`\n"
    );
}

#[test]
fn a_closed_pipe_is_success_without_a_word() {
    let home = Home::new();
    for args in [
        &["--help"][..],
        &["views", "list"],
        &["views", "list", "--format", "csv"],
        &["views", "list", "--format", "json"],
        &["views", "list", "--format", "jsonl"],
        &["views", "list", "--format", "markdown"],
        &["views", "list", "--format", "parquet"],
        &["views", "show", "root_console_login"],
        &["completions", "bash"],
        &["man"],
    ] {
        let run = home.run_into_closed_pipe(args).exits(0);
        assert_eq!(run.stderr, "", "{args:?}");
    }
}

#[test]
fn text_that_a_user_or_a_file_gave_is_escaped_on_stderr() {
    let run = Home::new().run(&["views", "show", "x\u{1b}[31m\u{202e}\u{9b}"]).exits(2);
    assert!(run.stderr.starts_with("error: no view named `x\\u{1b}[31m\\u{202e}\\u{9b}`\n"), "{}", run.stderr);
    let run = Home::new().run(&["views", "show", "x`\nerror: no such thing"]).exits(2);
    assert!(run.stderr.lines().nth(1).unwrap().starts_with("  error:"), "{}", run.stderr);
}

#[test]
fn colour_is_only_where_it_is_wanted() {
    for (variable, args, coloured) in [
        (None, &["views", "show", "x"][..], false),
        (None, &["views", "show", "x", "--color", "always"], true),
        (Some("NO_COLOR"), &["views", "show", "x"], false),
        (Some("NO_COLOR"), &["views", "show", "x", "--color", "always"], true),
    ] {
        let mut home = Home::new();
        if let Some(variable) = variable {
            home = home.env(variable, "1");
        }
        let run = home.run(args).exits(2);
        assert_eq!(run.stderr.contains('\u{1b}'), coloured, "{variable:?} {args:?}: {}", run.stderr);
    }
}

#[test]
fn the_list_of_views_comes_in_every_format() {
    let home = Home::new();
    let list = |format: &str| home.run(&["views", "list", "--format", format]).exits(0).stdout;
    assert!(list("table").starts_with("name "));
    assert!(list("csv").starts_with("name,severity,category,origin,title\n"));
    assert!(list("markdown").starts_with("| name | severity | category | origin | title |\n"));
    let views: Vec<serde_json::Value> = serde_json::from_str(&list("json")).unwrap();
    assert_eq!(list("jsonl").lines().count(), views.len());
    assert!(views.iter().any(|view| view["name"] == "root_console_login"));
    for (language, letters) in [("ja", '\u{3040}'..='\u{9fff}'), ("zh", '\u{4e00}'..='\u{9fff}')] {
        let run = home.run(&["views", "list", "--lang", language, "--format", "jsonl"]).exits(0);
        for line in run.stdout.lines() {
            assert!(line.contains(|c| letters.contains(&c)), "{language}: {line}");
        }
    }
}

#[test]
fn a_view_is_shown_with_its_sql() {
    let run = Home::new().run(&["views", "show", "root_console_login"]).exits(0);
    for part in ["name      root_console_login\n", "severity  ", "why       ", "SELECT"] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
}

/// A view of one's own, with its test.
const OWN_VIEW: &str = r#"-- /// view
-- name = "own"
-- severity = "low"
-- kind = "summary"
-- source = "ours"
-- title = { en = "Own", ja = "自作", zh = "自定义" }
-- why = "w"
-- ///
SELECT count(*) AS events FROM audit_events
"#;

#[test]
fn views_of_ones_own_are_listed_shown_asked_and_checked() {
    let home = Home::new();
    home.file("pack/mine/own.sql", OWN_VIEW);
    let event = r#"{"eventId":"a","eventTime":"2026-11-02T00:00:00Z","eventName":"A","eventVersion":"1"}"#;
    home.file("events.jsonl", format!("{event}\n"));
    let case = |events: u64| {
        format!(
            r#"{{"base":{event},"cases":[{{"name":"c","events":[{{"eventId":"b"}}],"rows":[{{"events":{events}}}]}}]}}"#
        )
    };
    let untested = home.run(&["views", "check", "pack"]).exits(0).stdout;
    assert_eq!(untested, "no test own  0 cases\n1 view: 0 ok, 0 failed, 1 without a test; 0 cases, 0 events\n");
    home.file("pack/mine/own.test.json", case(1));
    let good = home.run(&["views", "check", "pack"]).exits(0).stdout;
    assert_eq!(good, "ok      own  1 case\n1 view: 1 ok, 0 failed, 0 without a test; 1 case, 1 event\n");
    home.file("pack/mine/own.test.json", case(2));
    let failed = home.run(&["views", "check", "pack", "own"]).exits(1).stdout;
    assert!(failed.contains("FAILED  own  1 case\n        case `c`: row 1: `events` is 1, expected 2\n"), "{failed}");
    let json = home.run(&["views", "check", "pack", "-F", "json"]).exits(1).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["failed"], &json["views"][0]["status"]), (&1.into(), &"failed".into()));
    assert_eq!(json["views"][0]["faults"][0]["case"], "c");

    let asked = |home: &Home, more: &[&str]| {
        let shown = home.run(&[&["views", "show", "own"], more].concat()).exits(0).stdout;
        assert!(shown.contains("category  mine\n"), "{shown}");
        let listed =
            home.run(&[&["views", "list", "--category", "mine", "-F", "csv", "-q"], more].concat()).exits(0).stdout;
        assert_eq!(listed, "name,severity,category,origin,title\nown,low,mine,yours,Own\n");
        for question in [&["query", "own"][..], &["sql", "SELECT events FROM own"]] {
            let answer = home.run(&[question, &["--from", "events.jsonl", "-F", "csv", "-q"], more].concat()).exits(0);
            assert_eq!(answer.stdout, "events\n1\n", "{question:?}");
        }
    };
    asked(&home, &["--queries", "pack"]);
    home.config("queries = [\"pack\"]");
    asked(&home, &[]);
    home.config("");
    let home = home.env("TRAILQL_QUERIES", "pack");
    asked(&home, &[]);
    home.run(&["views", "check", "pack"]).exits(1);
    let clash = home.run(&["views", "list", "--queries", "pack", "--queries", "pack"]).exits(0);
    assert!(clash.stderr.contains("another view has the name `own`: `pack/mine/own.sql`"), "{}", clash.stderr);
}

#[test]
fn views_of_the_configuration_folder_need_no_flag() {
    let home = Home::new();
    home.config("");
    home.file("../.config/trailql/queries/own.sql", OWN_VIEW);
    let shown = home.run(&["views", "show", "own"]).exits(0).stdout;
    assert!(shown.contains("category  custom\n"), "{shown}");
}

#[test]
fn a_file_is_whole_and_its_extension_says_the_format() {
    let home = Home::new();
    for (name, start) in [("v.csv", &b"name,"[..]), ("v.json", b"["), ("v.md", b"| name"), ("v.parquet", b"PAR1")] {
        let run = home.run(&["views", "list", "-o", name]).exits(0);
        assert_eq!(run.stdout, "", "{name}");
        assert!(std::fs::read(home.work().join(name)).unwrap().starts_with(start), "{name}");
    }
    home.run(&["views", "list", "--format", "json", "-o", "v.csv", "--force"]).exits(0);
    assert!(std::fs::read(home.work().join("v.csv")).unwrap().starts_with(b"["), "--format goes before the extension");
    let left: Vec<_> = std::fs::read_dir(home.work()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "only the answers are left: {left:?}");
}

/// Said before anything is read: the exports that are named here are not there.
#[test]
fn a_file_that_cannot_be_written_is_known_before_the_work() {
    let home = Home::new();
    home.file("there.json", "mine");
    std::fs::create_dir(home.work().join("folder.json")).unwrap();
    for verb in [
        "query root_console_login --from nowhere",
        "query root_console_login --raw --from nowhere",
        "sql x --from nowhere",
        "views list",
        "report root-usage --from nowhere",
        "event x --from nowhere",
        "lake dump --from nowhere",
        "lake rejects --lake nowhere",
        "lake coverage --from nowhere",
    ] {
        for (target, stderr) in [
            (
                "there.json",
                "error: the file is there already: `there.json`\n\
                 hint: give `--force` to replace it, or another name\n",
            ),
            ("folder.json", "error: a folder, not a file: `folder.json`\n"),
            (
                "gone/a.json",
                "error: no such folder: `gone`\nhint: make it first, or give another name than `gone/a.json`\n",
            ),
        ] {
            let words: Vec<&str> = verb.split(' ').chain(["-F", "json", "-o", target]).collect();
            let run = home.run(&words).exits(2);
            assert_eq!((run.stderr.as_str(), run.stdout.as_str()), (stderr, ""), "{verb} {target}");
        }
        let words: Vec<&str> = verb.split(' ').chain(["-F", "json", "-o", "there.json", "--force"]).collect();
        let run = home.run(&words);
        assert!(!run.stderr.contains("there already"), "{verb}: {}", run.stderr);
    }
    let run = home.run(&["views", "list", "--force"]).exits(2);
    assert!(run.stderr.starts_with("error: something is missing: `--output`\n"), "{}", run.stderr);
    for empty in ["", " "] {
        let run = home.run(&["event", "a", empty]).exits(2);
        assert!(run.stderr.starts_with("error: an event id is empty\nhint: "), "{}", run.stderr);
    }
}

#[test]
fn only_a_file_is_refused_and_only_without_force() {
    let home = Home::new();
    let list = home.run(&["views", "list", "-F", "csv"]).exits(0).stdout;
    let read = |name: &str| std::fs::read_to_string(home.work().join(name)).unwrap();
    home.file("there.csv", "mine");
    home.run(&["views", "list", "-o", "there.csv"]).exits(2);
    assert_eq!(read("there.csv"), "mine");
    home.run(&["views", "list", "-o", "there.csv", "--force"]).exits(0);
    assert_eq!(read("there.csv"), list);
    home.run(&["views", "list", "-o", "new.csv", "--force"]).exits(0);
    assert_eq!(read("new.csv"), list);
    for stdout in ["-", "/dev/stdout", "/dev/fd/1"] {
        assert_eq!(home.run(&["views", "list", "-F", "csv", "-o", stdout]).exits(0).stdout, list, "{stdout}");
    }
    home.run(&["views", "list", "-F", "csv", "-o", "/dev/null"]).exits(0);
    #[cfg(unix)]
    {
        // What a shell has opened for us is written as it is, behind what stands there.
        for stdout in ["-", "/dev/stdout"] {
            let path = home.file("log.csv", "before\n");
            let mut command = home.command(&["views", "list", "-F", "csv", "-o", stdout]);
            command.stdout(std::fs::File::options().append(true).open(&path).unwrap());
            assert!(command.output().unwrap().status.success());
            assert_eq!(read("log.csv"), format!("before\n{list}"), "{stdout}");
        }
        // A link to a file stays a link, and one that leads nowhere is there as well.
        for target in ["there.csv", "nowhere.csv"] {
            std::os::unix::fs::symlink(target, home.work().join("link.csv")).unwrap();
            home.run(&["views", "list", "-o", "link.csv"]).exits(2);
            home.run(&["views", "list", "-o", "link.csv", "--force"]).exits(0);
            assert_eq!(read("link.csv"), list, "{target}");
            std::fs::remove_file(home.work().join("link.csv")).unwrap();
        }
    }
}

#[test]
fn quiet_leaves_notes_out() {
    let home = Home::new();
    assert!(!home.run(&["views", "list"]).exits(0).stderr.is_empty());
    assert!(home.run(&["views", "list", "--quiet"]).exits(0).stderr.is_empty());
}

#[test]
fn manual_pages() {
    let home = Home::new();
    assert!(home.run(&["man"]).exits(0).stdout.contains(".TH trailql 1"));
    home.run(&["man", "pages"]).exits(0);
    for page in ["trailql.1", "trailql-report-root-usage.1"] {
        assert!(home.work().join("pages").join(page).is_file(), "{page}");
    }
}

#[test]
fn no_input_is_an_error() {
    let home = Home::new();
    std::fs::create_dir(home.work().join("empty")).unwrap();
    for args in [&["ingest", "empty"][..], &["ingest", "gone"], &["sql", "SELECT 1", "--from", "empty"]] {
        let run = home.run(args).exits(2);
        let said = ["error: no file in the inputs\n", "error: cannot read `gone`: no such file"];
        assert!(said.iter().any(|text| run.stderr.contains(text)), "{args:?}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{args:?}");
    }
}

/// What needs the real ingest and session.
mod with_events {
    use super::*;

    fn from_samples(args: &[&str]) -> Vec<String> {
        let from =
            ["--now".to_owned(), NOW.to_owned(), "--from".to_owned(), sample_data().to_str().unwrap().to_owned()];
        args.iter().map(ToString::to_string).chain(from).collect()
    }

    #[test]
    fn exports_are_read_straight_away_and_leave_nothing() {
        let home = Home::new();
        let run = home.run(&from_samples(&["sql", "SELECT count(*) AS n FROM events", "-F", "csv"])).exits(0);
        assert!(run.stdout.starts_with("n\n"), "{}", run.stdout);
        assert!(run.stderr.contains("read ") && run.stderr.contains(" duplicate, "), "{}", run.stderr);
        assert!(run.stderr.contains("scope: 2026-10-"), "{}", run.stderr);
        assert!(run.stderr.contains(", all accounts, all regions\n"), "{}", run.stderr);
        assert_eq!(std::fs::read_dir(home.tmp()).unwrap().count(), 0, "the temporary lake is still there");
        assert_eq!(std::fs::read_dir(home.work()).unwrap().count(), 0, "something was left in the working folder");
    }

    #[test]
    fn a_lake_is_made_kept_and_used_again() {
        let home = Home::new();
        let samples = sample_data();
        let samples = samples.to_str().unwrap();
        let first = home.run(&["ingest", samples, "--now", NOW]).exits(0);
        assert!(first.stdout.starts_with("shape "), "{}", first.stdout);
        assert!(first.stdout.contains("\nall "), "{}", first.stdout);
        let second = home.run(&["ingest", samples, "--now", NOW]).exits(0);
        assert!(second.stderr.contains("skipped "), "{}", second.stderr);
        let sql = "SELECT sum(read) - sum(stored) - sum(duplicate) - sum(rejected) AS lost FROM sources";
        let run = home.run(&["sql", sql, "-F", "csv"]).exits(0);
        assert_eq!(run.stdout, "lost\n0\n");
        let info = home.run(&["lake", "info"]).exits(0);
        assert!(info.stdout.contains("newest event  2026-11-0"), "{}", info.stdout);
        let info = home.run(&["lake", "info", "--format", "json"]).exits(0);
        let info: serde_json::Value = serde_json::from_str(&info.stdout).unwrap();
        assert!(info["events"].as_u64().unwrap() > 0);
    }

    #[test]
    fn a_view_answers_in_every_form() {
        let home = Home::new();
        let query = |more: &[&str]| {
            let args = [&["query", "root_console_login"], more].concat();
            home.run(&from_samples(&args)).exits(0).stdout
        };
        let rows: Vec<serde_json::Value> = serde_json::from_str(&query(&["-F", "json"])).unwrap();
        assert!(!rows.is_empty());
        let events = query(&["--raw"]);
        assert_eq!(events.lines().count(), rows.len(), "one event a logon");
        for line in events.lines() {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(event["eventName"], "ConsoleSignin", "{line}");
        }
        let raw: Vec<serde_json::Value> = serde_json::from_str(&query(&["--raw", "-F", "json"])).unwrap();
        assert_eq!(raw.len(), rows.len());
        assert!(query(&["--histogram", "-F", "csv"]).starts_with("bucket,bucket_end,events\n"));
        let parquet = from_samples(&["query", "root_console_login", "-o", "logons.parquet"]);
        home.run(&parquet).exits(0);
        assert!(std::fs::read(home.work().join("logons.parquet")).unwrap().ends_with(b"PAR1"));
    }

    #[test]
    fn an_answer_without_rows_still_names_its_columns() {
        let home = Home::new();
        let event = r#"{"eventId":"a","eventTime":"2026-11-02T00:00:00Z","eventName":"A","eventVersion":"1"}"#;
        home.file("in/events.jsonl", format!("{event}\n"));
        home.run(&["ingest", "in", "--now", NOW]).exits(0);
        for (args, names) in [
            (
                &["sql", "SELECT a.event_id, b.event_id FROM events a, events b WHERE false"][..],
                &["event_id", "event_id_1"][..],
            ),
            (&["sql", "SELECT request_parameters->'a' AS v FROM events LIMIT 0"], &["v"]),
            (
                &["query", "root_high_frequency"],
                &[
                    "day",
                    "account_id",
                    "operations",
                    "writes",
                    "failed",
                    "services",
                    "addresses",
                    "first_event",
                    "last_event",
                ],
            ),
            (&["lake", "rejects"], &["path", "record", "offset", "length", "reason", "source_id"]),
            (
                &["lake", "coverage", "--show", "suspicious"],
                &["since", "until", "kind", "account_id", "region", "what"],
            ),
            (
                &["views", "list", "--severity", "critical", "--category", "summary"],
                &["name", "severity", "category", "origin", "title"],
            ),
        ] {
            let answer = |format: &str| home.run(&[args, &["-q", "-F", format]].concat()).exits(0).stdout;
            assert_eq!(answer("csv"), format!("{}\n", names.join(",")), "{args:?}");
            let table = answer("table");
            assert_eq!(table.lines().next().unwrap().split_whitespace().collect::<Vec<_>>(), names, "{args:?}");
            assert_eq!(table.lines().count(), 2, "{args:?}: {table}");
            let markdown = answer("markdown");
            assert_eq!(markdown.lines().next(), Some(&*format!("| {} |", names.join(" | "))), "{args:?}");
            assert_eq!((answer("json"), answer("jsonl")), ("[]\n".to_owned(), String::new()), "{args:?}");
            home.run(&[args, &["-q", "-o", "none.parquet", "--force"]].concat()).exits(0);
            assert!(std::fs::read(home.work().join("none.parquet")).unwrap().ends_with(b"PAR1"), "{args:?}");
        }
    }

    #[test]
    fn the_scope_is_said_and_kept() {
        let home = Home::new();
        let args = ["sql", "SELECT min(event_time) AS t FROM events", "-F", "csv", "--tz", "Asia/Tokyo"];
        let run = home.run(&from_samples(&[&args[..], &["--since", "2026-11-02"]].concat())).exits(0);
        assert!(run.stderr.contains("scope: 2026-11-02T00:00:00+09:00 to "), "{}", run.stderr);
        assert!(run.stdout.contains("+09:00"), "{}", run.stdout);
        let args = ["sql", "SELECT count(*) AS n FROM events", "-F", "csv", "--region", "ap-northeast-1"];
        let run = home.run(&from_samples(&args)).exits(0);
        assert!(run.stderr.contains(", all accounts, region ap-northeast-1\n"), "{}", run.stderr);
        assert!(run.stdout.starts_with("n\n"), "{}", run.stdout);
    }

    #[test]
    fn sql_comes_from_an_argument_a_file_or_stdin() {
        let home = Home::new();
        home.file("q.sql", "SELECT 1 AS one");
        let from_file = home.run(&from_samples(&["sql", "-f", "q.sql", "-F", "csv"])).exits(0);
        assert_eq!(from_file.stdout, "one\n1\n");
        home.run(&["ingest", sample_data().to_str().unwrap(), "--now", NOW]).exits(0);
        let from_stdin = home.run_with_stdin(&["sql", "-", "-F", "csv"], "SELECT 1 AS one");
        assert_eq!(from_stdin.exits(0).stdout, "one\n1\n");
        let describe = home.run(&["sql", "DESCRIBE events", "-F", "csv"]).exits(0);
        assert!(describe.stdout.contains("user_identity_access_key_id"), "{}", describe.stdout);
    }

    #[test]
    fn unknown_columns_and_tables_are_suggested() {
        let home = Home::new();
        for (sql, hint) in [
            ("SELECT event_nam FROM events", "help: did you mean `event_name`"),
            ("SELECT * FROM evnts", "help: did you mean `events`"),
        ] {
            let run = home.run(&from_samples(&["sql", sql])).exits(2);
            assert!(run.stderr.contains(hint), "{sql}: {}", run.stderr);
            assert_eq!(run.stdout, "", "{sql}");
        }
        let run = home.run(&from_samples(&["sql", "DROP TABLE events"])).exits(2);
        assert!(run.stderr.contains("error: "), "{}", run.stderr);
    }

    #[test]
    fn one_event_and_where_it_came_from() {
        let home = Home::new();
        home.run(&["ingest", sample_data().to_str().unwrap(), "--now", NOW]).exits(0);
        let ids = home.run(&["sql", "SELECT event_id FROM events ORDER BY event_time LIMIT 1", "-F", "csv"]).exits(0);
        let id = ids.stdout.lines().nth(1).unwrap().to_owned();
        let run = home.run(&["event", &id]).exits(0);
        assert!(run.stdout.starts_with(&format!("event       {id}\n")), "{}", run.stdout);
        assert!(run.stdout.contains("\nfound in    "), "{}", run.stdout);
        let shown = &run.stdout[run.stdout.find("\n{\n").unwrap()..run.stdout.find("\n\nfound in ").unwrap()];
        let shown: serde_json::Value = serde_json::from_str(shown).unwrap();
        let run = home.run(&["event", &id, "--format", "json"]).exits(0);
        let event: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(event["eventId"], id.as_str());
        assert_eq!(shown, event, "laid out, and nothing else");
        assert_eq!(home.run(&["event", &id, &id, "-F", "json"]).exits(0).stdout, run.stdout, "an id counts once");
    }

    #[test]
    fn events_are_found_by_ids_of_any_case() {
        let home = Home::new();
        let event = |id: &str| {
            let time = "2026-11-02T00:00:00Z";
            format!("{{\"eventId\":\"{id}\",\"eventTime\":\"{time}\",\"eventName\":\"A\",\"eventVersion\":\"1\"}}\n")
        };
        let ids = ["AAAA-1", "bbbb-2", "Cccc-3", "dDDD-4", "Dddd-4", "eeee-5", "EEEE-5"];
        home.file("in/events.jsonl", ids.map(event).concat());
        home.run(&["ingest", "in", "--now", NOW]).exits(0);
        for (asked, found) in [
            ("AAAA-1", &["AAAA-1"][..]),
            ("aaaa-1", &["AAAA-1"]),
            ("BBBB-2", &["bbbb-2"]),
            ("cccc-3", &["Cccc-3"]),
            ("cCCC-3", &["Cccc-3"]),
            ("dddd-4", &["Dddd-4", "dDDD-4"]),
            ("dDDD-4", &["dDDD-4"]),
            ("eeee-5", &["eeee-5"]),
            ("Eeee-5", &["EEEE-5", "eeee-5"]),
            ("AAAA-1 bbbb-2", &["AAAA-1", "bbbb-2"]),
            ("bbbb-2 AAAA-1", &["bbbb-2", "AAAA-1"]),
        ] {
            let words: Vec<&str> = ["event", "-F", "json"].into_iter().chain(asked.split(' ')).collect();
            let run = home.run(&words).exits(0);
            let event = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
            let shown: Vec<_> =
                run.stdout.lines().map(|line| event(line)["eventId"].as_str().unwrap().to_owned()).collect();
            assert_eq!(shown, found, "{asked}");
        }
    }

    #[test]
    fn an_event_that_is_not_there_is_named_and_only_flags_that_were_given() {
        let home = Home::new();
        home.run(&["ingest", sample_data().to_str().unwrap(), "--now", NOW]).exits(0);
        let id = "BF5FD866-EB06-5BC0-B2B6-E66925653F5A";
        let look = "look the id up in the table `rejects`";
        for (flags, hint) in [
            (&[][..], look.to_owned()),
            (&["--since", "2026-10-01"], format!("widen the scope (`--since`), or {look}")),
            (
                &["--until", "2026-12-01", "--region", "cn-hangzhou", "--account", "1234567812345678"],
                format!("widen the scope (`--until`, `--account`, `--region`), or {look}"),
            ),
        ] {
            let run = home.run(&[&["event", "--quiet", "no-1", "no-2"], flags].concat()).exits(1);
            let missing =
                ["no-1", "no-2"].map(|id| format!("warning: no event in scope has the id: `{id}`\n")).concat();
            assert_eq!((run.stderr, run.stdout), (format!("{missing}hint: {hint}\n"), String::new()), "{flags:?}");
        }
        let run = home.run(&["event", "no-1", id, "-F", "json", "-o", "found.jsonl"]).exits(1);
        assert!(run.stderr.contains("has the id: `no-1`") && !run.stderr.contains(id), "{}", run.stderr);
        assert_eq!(std::fs::read_to_string(home.work().join("found.jsonl")).unwrap().lines().count(), 1);
        home.run(&["event", "no-1", "-o", "none.txt"]).exits(1);
        assert!(!home.work().join("none.txt").exists());
    }

    #[test]
    fn the_time_of_an_event_is_in_the_zone_and_its_json_is_as_recorded() {
        let home = Home::new();
        let event = r#"{"eventId":"a","eventTime":"2026-11-03T20:30:00Z","eventName":"A","eventVersion":"1"}"#;
        let odd = r#"{"eventId":"b","eventTime":"yesterday","eventName":"A","eventVersion":"1"}"#;
        home.file("in/events.jsonl", format!("{event}\n{odd}\n"));
        home.run(&["ingest", "in", "--now", NOW]).exits(0);
        for (id, tz, shown, recorded) in [
            ("a", "UTC", "2026-11-03T20:30:00+00:00", "2026-11-03T20:30:00Z"),
            ("a", "Asia/Tokyo", "2026-11-04T05:30:00+09:00", "2026-11-03T20:30:00Z"),
            ("a", "America/St_Johns", "2026-11-03T17:00:00-03:30", "2026-11-03T20:30:00Z"),
            ("b", "Asia/Tokyo", "yesterday", "yesterday"),
        ] {
            let run = home.run(&["event", id, "--tz", tz]).exits(0);
            assert!(run.stdout.contains(&format!("\ntime        {shown}\n")), "{tz}: {}", run.stdout);
            assert!(run.stdout.contains(&format!("\"eventTime\": \"{recorded}\"")), "{tz}: {}", run.stdout);
            let run = home.run(&["event", id, "--tz", tz, "-F", "json"]).exits(0);
            assert!(run.stdout.contains(&format!("\"eventTime\":\"{recorded}\"")), "{tz}: {}", run.stdout);
        }
    }

    #[test]
    fn the_event_of_the_readme_is_in_the_samples() {
        let readme = std::fs::read_to_string(crate::harness::package().join("README.md")).unwrap();
        let lines = readme.lines().filter_map(|line| line.strip_prefix("trailql event "));
        let ids: Vec<&str> = lines.map(|rest| rest.split(' ').next().unwrap()).collect();
        assert!(!ids.is_empty(), "the README shows no event");
        let run = Home::new().run(&from_samples(&[&["event"], &ids[..]].concat())).exits(0);
        for id in ids {
            assert!(run.stdout.contains(&format!("event       {id}\n")), "{}", run.stdout);
        }
    }

    #[test]
    fn rejects_are_shown_and_strict_makes_them_count() {
        let event =
            r#"{"eventId":"e-1","eventTime":"2026-11-02T00:00:00Z","eventName":"DescribeRegions","eventVersion":"1"}"#;
        for (flags, code) in [(&[][..], 0), (&["--strict"], 1)] {
            let home = Home::new();
            home.file("in/events.jsonl", format!("{event}\n{{\"eventId\": oops\u{1b}[31m\n"));
            let run = home.run(&[&["ingest", "in", "--now", NOW], flags].concat()).exits(code);
            assert!(run.stderr.contains("1 record was rejected"), "{}", run.stderr);
            assert!(run.stderr.contains("in/events.jsonl"), "{}", run.stderr);
            assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
            home.run(&["lake", "rejects", "--export", "out"]).exits(0);
            let run = home.run(&["lake", "rejects", "--export", "out"]).exits(2);
            let said = "error: an earlier export is in this folder already: `out`\n\
                        hint: give another folder: exports are not replaced\n";
            assert_eq!(run.stderr, said);
        }
    }

    #[test]
    fn an_event_without_a_time_is_told_by_every_verb() {
        let table = "eventId,eventName,eventTime,userIdentity.type,eventRW\n\
            C-1,DeleteInstance,2026-11-03 10:00:00,root-account,Write\n\
            C-2,ConsoleSignin,2026-11-03T10:00:00Z,root-account,Write\n";
        let said = "warning: 1 event has values that cannot be read: eventTime (1)\n\
            warning: record 0, eventTime cannot be read: `console.csv`\n";
        for (flags, code) in [(&[][..], 0), (&["--strict"], 1)] {
            let home = Home::new();
            home.file("console.csv", table);
            let run = home.run(&[&["ingest", "console.csv", "--now", NOW], flags].concat()).exits(code);
            assert!(run.stderr.contains(said), "{}", run.stderr);
            let run = home.run(&["lake", "info"]).exits(0);
            assert!(run.stdout.contains("without time  1\n"), "{}", run.stdout);
            let run = home.run(&["query", "unread_values", "--since", "1d", "-F", "csv"]).exits(0);
            assert!(
                run.stdout.contains("eventTime,,2026-11-03 10:00:00,,DeleteInstance,root-account,,C-1"),
                "{}",
                run.stdout
            );
        }
        let home = Home::new();
        home.file("console.csv", table);
        let run = home.run(&["ingest", "console.csv", "--now", NOW, "--strict", "--csv-tz", "Asia/Tokyo"]).exits(0);
        assert!(!run.stderr.contains("cannot be read"), "{}", run.stderr);
        let times = ["sql", "SELECT event_id FROM events WHERE event_time = '2026-11-03T01:00:00Z'", "-F", "csv"];
        assert_eq!(home.run(&times).exits(0).stdout, "event_id\nC-1\n");
        // Without a lake it is the same.
        let run = home.run(&[&times[..], &["--from", "console.csv"]].concat()).exits(0);
        assert!(run.stderr.contains(said), "{}", run.stderr);
        assert_eq!(run.stdout, "event_id\n");
        let run = home.run(&[&times[..], &["--from", "console.csv", "--csv-tz", "Asia/Tokyo"]].concat()).exits(0);
        assert!(!run.stderr.contains("cannot be read"), "{}", run.stderr);
        assert_eq!(run.stdout, "event_id\nC-1\n");
        let run = home.run(&[&times[..], &["--csv-tz", "Asia/Tokyo"]].concat()).exits(2);
        assert!(run.stderr.contains("a lake has been read already"), "{}", run.stderr);
    }

    #[test]
    fn an_account_takes_in_what_was_recorded_in_it() {
        let home = Home::new();
        let event = |id: &str, own: &str, recipient: &str| {
            format!(
                "{{\"eventId\":\"{id}\",\"eventName\":\"X\",\"eventTime\":\"2026-11-03T01:00:00Z\",\
                 \"userIdentity\":{{\"accountId\":\"{own}\"}},\"recipientAccountId\":\"{recipient}\"}}\n"
            )
        };
        home.file("in.jsonl", [event("A-1", "1", "1"), event("A-2", "2", "1"), event("A-3", "2", "3")].concat());
        home.run(&["ingest", "in.jsonl", "--now", NOW]).exits(0);
        for (account, ids) in [("1", "A-1\nA-2\n"), ("2", "A-2\nA-3\n"), ("3", "A-3\n"), ("1,3", "A-1\nA-2\nA-3\n")] {
            let sql = "SELECT event_id FROM events ORDER BY 1";
            let run = home.run(&["sql", sql, "-F", "csv", "--account", account]).exits(0);
            assert_eq!(run.stdout, format!("event_id\n{ids}"), "{account}");
            assert!(!run.stderr.contains("no event of"), "{account}: {}", run.stderr);
        }
    }

    #[test]
    fn the_report_comes_in_every_format() {
        let home = Home::new();
        for (name, part) in
            [("r.html", "<html"), ("r.md", "2026-W45"), ("r.json", "\"2026-W45\""), ("r.txt", "2026-W45")]
        {
            let args = from_samples(&["report", "root-usage", "--week", "2026-W45", "-o", name]);
            let run = home.run(&args).exits(0);
            assert!(run.stderr.contains("scope: 2026-W45, 2026-11-02T00:00:00+00:00 to 2026-11-09"), "{}", run.stderr);
            let text = std::fs::read_to_string(home.work().join(name)).unwrap();
            assert!(text.contains(part), "{name}: {text}");
        }
        // By the clock of these runs, the last week is that of the story.
        let last = home.run(&from_samples(&["report", "root-usage", "--format", "json"])).exits(0);
        assert_eq!(last.stdout, std::fs::read_to_string(home.work().join("r.json")).unwrap());
        let range = from_samples(&["report", "root-usage", "--since", "2026-11-05", "--until", "2026-11-01"]);
        let run = home.run(&range).exits(2);
        assert!(run.stderr.contains("error: the range ends before it begins"), "{}", run.stderr);
    }

    #[test]
    fn a_long_answer_into_a_closed_pipe_is_success() {
        let home = Home::new();
        home.run(&["ingest", sample_data().to_str().unwrap(), "--now", NOW]).exits(0);
        for format in ["table", "csv", "json", "jsonl", "markdown", "parquet"] {
            let run = home.run_into_closed_pipe(&["sql", "SELECT * FROM events", "-F", format, "--quiet"]);
            assert_eq!(run.exits(0).stderr, "", "{format}");
        }
    }
}
