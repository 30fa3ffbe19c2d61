//! Views of the user's own: saved, edited, removed, and asked beside the built-in ones.

use std::path::PathBuf;
use std::process::Stdio;

use crate::completions::completed;
use crate::harness::{Home, Run, package};

/// An event of a root logon, as a line.
const EVENT: &str = r#"{"eventId":"a","eventTime":"2026-11-02T00:00:00Z","eventName":"ConsoleSignin","eventVersion":"1","eventType":"ConsoleSignin","serviceName":"AasCustomer","acsRegion":"cn-hangzhou","userIdentity":{"type":"root-account","accountId":"1000000000000001"}}"#;

fn home() -> Home {
    let home = Home::new();
    home.file("events.jsonl", format!("{EVENT}\n"));
    home
}

/// The folder of the user's views.
fn queries(home: &Home) -> PathBuf {
    home.work().parent().unwrap().join(".config/trailql/queries")
}

fn view_file(home: &Home, name: &str) -> PathBuf {
    queries(home).join(format!("{name}.sql"))
}

/// Every file of the home but the events, as paths from it.
fn files(home: &Home) -> Vec<String> {
    let root = home.work().parent().unwrap().to_owned();
    let files = walkdir::WalkDir::new(&root).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = files.filter(|entry| entry.file_type().is_file()).map(|entry| entry.into_path());
    let names = files.map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
    names.filter(|name| name != "work/events.jsonl").collect()
}

fn answer(home: &Home, args: &[&str]) -> String {
    home.run(&[args, &["--from", "events.jsonl", "-q", "-F", "csv"]].concat()).exits(0).stdout
}

#[track_caller]
fn is_refused(run: Run, parts: &[&str]) {
    let run = run.exits(2);
    for part in parts {
        assert!(run.stderr.contains(part), "no {part:?} in {}", run.stderr);
    }
    assert_eq!(run.stdout, "");
}

#[test]
fn a_saved_view_is_like_any_other() {
    let home = home();
    let sql = "SELECT * FROM audit_events WHERE user_identity_type = $kind";
    let args = ["views", "save", "mine", sql, "--severity", "high", "--title", "My \"view\"", "--why", "Look."];
    let saved = home.run(&[&args[..], &["-p", "kind=root-account"]].concat()).exits(0);
    assert_eq!(saved.stdout, "");
    assert_eq!(saved.stderr, format!("saved `mine`: `{}`\n", view_file(&home, "mine").display()));
    let text = std::fs::read_to_string(view_file(&home, "mine")).unwrap();
    assert_eq!(
        text,
        format!(
            "-- /// view\n-- name = \"mine\"\n-- title = \"My \\\"view\\\"\"\n-- severity = \"high\"\n-- kind = \"match\"\n\
             -- source = \"user\"\n-- why = \"Look.\"\n\
             -- param.kind = {{ type = \"text\", default = \"root-account\", help = \"Value of $kind\" }}\n-- ///\n{sql}\n"
        )
    );
    let listed = home.run(&["views", "list", "--category", "custom", "-F", "csv", "-q"]).exits(0).stdout;
    assert_eq!(listed, "name,severity,category,origin,title\nmine,high,custom,yours,\"My \"\"view\"\"\"\n");
    let shown = home.run(&["views", "show", "mine"]).exits(0).stdout;
    assert!(
        shown.contains("origin    yours\n") && shown.contains(&*view_file(&home, "mine").to_string_lossy()),
        "{shown}"
    );
    assert!(answer(&home, &["query", "mine"]).contains("ConsoleSignin"));
    assert_eq!(answer(&home, &["query", "mine", "-p", "kind=ram-user"]).lines().count(), 1);
    assert_eq!(answer(&home, &["sql", "SELECT count(*) AS n FROM mine"]), "n\n1\n");
    let found = home.run(&["detect", "--from", "events.jsonl", "--category", "custom", "-F", "jsonl", "-q"]).exits(0);
    assert!(found.stdout.contains("\"view\":\"mine\"") && found.stdout.contains("\"severity\":\"high\""), "{found:?}");
    let check = home.run(&["views", "check", queries(&home).to_str().unwrap()]).exits(0);
    assert_eq!(check.stdout.lines().next(), Some("no test mine  0 cases"), "{check:?}");
    assert_eq!(completed(&home, &["query", "mine"]), ["mine"]);
    assert_eq!(completed(&home, &["views", "remove", "m"]), ["mine"]);
}

#[test]
fn a_search_is_kept_as_a_view() {
    let home = home();
    let statement = "event.userIdentity.type: \"root-account\"\n  and not event.eventRW: Read";
    home.run(&["views", "save", "by_root", "--from-search", statement, "--severity", "high"]).exits(0);
    let text = std::fs::read_to_string(view_file(&home, "by_root")).unwrap();
    let kept = r#"-- search = "event.userIdentity.type: \"root-account\"\n  and not event.eventRW: Read""#;
    assert!(text.contains(kept) && text.contains("-- kind = \"match\"") && !text.contains("LIMIT"), "{text}");
    let shown = home.run(&["views", "show", "by_root"]).exits(0).stdout;
    assert!(shown.contains("search    event.userIdentity.type: \"root-account\""), "{shown}");
    // The range of the console is no part of it.
    let old = EVENT.replace("\"a\"", "\"b\"").replace("2026-11-02", "2025-01-01");
    home.file("events.jsonl", format!("{EVENT}\n{old}\n"));
    assert_eq!(answer(&home, &["query", "by_root"]).lines().count(), 3);
    let raw = home.run(&["query", "by_root", "--raw", "--from", "events.jsonl", "-q"]).exits(0).stdout;
    assert!(raw.lines().count() == 2 && raw.contains("ConsoleSignin"), "{raw}");
    let found = home.run(&["detect", "--from", "events.jsonl", "--category", "custom", "-F", "jsonl", "-q"]).exits(0);
    assert_eq!(found.stdout.matches("\"view\":\"by_root\"").count(), 2, "{found:?}");
    // An analysis keeps its columns and its rows.
    let analysis = "* | SELECT \"event.eventName\" AS 名称, count(*) AS n GROUP BY 名称 ORDER BY n DESC";
    home.run_with_stdin(&["views", "save", "names", "--from-search", "-"], analysis).exits(0);
    let searched = answer(&home, &["search", analysis, "--since", "2025-01-01"]);
    assert_eq!(searched, "名称,n\nConsoleSignin,2\n");
    assert_eq!(answer(&home, &["query", "names"]), searched);
    // A wrong statement is shown with its place, and nothing is stored.
    let wrong = home.run(&["views", "save", "wrong", "--from-search", "event.eventNmae: x"]);
    is_refused(wrong, &["error: no field of events is named `event.eventNmae`", "1 | event.eventNmae: x", "help: "]);
    let wrong = home.run(&["views", "save", "wrong", "--from-search", "* | select eventName + array[1]"]);
    is_refused(wrong, &["cannot store the view `wrong`: "]);
    is_refused(home.run(&["views", "save", "wrong", "--from-search", " "]), &["error: the statement is empty\n"]);
    is_refused(
        home.run(&["views", "save", "wrong", "SELECT 1", "--from-search", "*"]),
        &["does not go together with: `--from-search`"],
    );
    is_refused(
        home.run(&["views", "save", "wrong", "--from-search", "*", "-p", "n=1"]),
        &["does not go together with: `--param`"],
    );
    assert!(!view_file(&home, "wrong").exists());
}

#[test]
fn sql_comes_from_an_argument_a_file_or_stdin() {
    let home = home();
    home.file("q.sql", "\u{feff}SELECT 1 AS x;\r\n");
    home.run(&["views", "save", "a", "SELECT 1 AS x"]).exits(0);
    home.run(&["views", "save", "b", "--sql-file", "q.sql"]).exits(0);
    home.run_with_stdin(&["views", "save", "c"], "SELECT 1 AS x\n").exits(0);
    home.run_with_stdin(&["views", "save", "d", "-"], "\n\n  SELECT 1 AS x\n").exits(0);
    for name in ["a", "b", "c", "d"] {
        assert_eq!(answer(&home, &["query", name]), "x\n1\n", "{name}");
    }
    // Without a severity it is no finding.
    let severity = "-- severity = \"info\"\n-- kind = \"summary\"\n";
    assert!(std::fs::read_to_string(view_file(&home, "a")).unwrap().contains(severity));
    is_refused(home.run(&["views", "save", "none"]), &["error: the SQL statement is empty\n"]);
    is_refused(home.run(&["views", "save", "none", "--sql-file", "none.sql"]), &["cannot read `none.sql`: "]);
    // A whole view file gets the name that it is saved under.
    let built_in = std::fs::read_to_string(package().join("queries/account_ak/root_console_login.sql")).unwrap();
    home.file("edited.sql", built_in.replace("medium", "critical"));
    home.run(&["views", "save", "logons", "--sql-file", "edited.sql"]).exits(0);
    let shown = home.run(&["views", "show", "logons"]).exits(0).stdout;
    assert!(shown.contains("severity  critical\n"), "{shown}");
    is_refused(
        home.run(&["views", "save", "none", "--sql-file", "edited.sql", "--why", "x"]),
        &["the text has a head, so it does not go together with: `--why`"],
    );
    home.file("edited.sql", built_in.replace("-- severity", "-- severety"));
    is_refused(
        home.run(&["views", "save", "none", "--sql-file", "edited.sql"]),
        &["e.sql`, line 3, column 4: unknown key `severety`\nhint: did you mean `severity`?"],
    );
    assert!(!view_file(&home, "e").exists());
}

#[test]
fn what_cannot_be_planned_is_not_saved() {
    let home = home();
    for (sql, more, reason) in [
        ("SELECT *\nFROM evnts", &[][..], "no table or view named `evnts` (line 2, column 6); did you mean `events`?"),
        (
            "SELECT\n  acount_id FROM events",
            &[],
            "no column named `acount_id` (line 2, column 3); did you mean `account_id`?",
        ),
        ("\n\nSELECT (", &[], "the SQL cannot be read at line 3, column 9: "),
        ("SELECT 1; SELECT 2", &[], "only one statement can be answered at a time"),
        ("DELETE FROM events", &[], "a view is one SELECT"),
        ("EXPLAIN SELECT 1", &[], "a view is one SELECT"),
        ("SHOW TABLES", &[], "a view is one SELECT"),
        ("SELECT 1 FROM mine", &[], "cannot plan the view `mine`: it leads back to itself"),
        ("SELECT $n", &[], "the SQL has a parameter without a default: `$n`\nhint: give it one: `--param n=5`"),
        ("SELECT 1", &["-p", "n=5"], "the SELECT does not use the parameter `n`"),
        ("SELECT $n", &["-p", "n:count=0"], "the default of the parameter `n` is a whole number, 1 or more: `0`"),
        ("SELECT $n", &["-p", "n:number=0"], "not a type of a parameter: `number`"),
        ("SELECT $n", &["-p", "n"], "not a parameter: `n`"),
        ("SELECT 1", &["-p", "N=1"], "begins with a letter, also that of a parameter: `N`"),
        ("SELECT 1", &["--title", " "], "no value given for: `--title`"),
        ("SELECT 1", &["--severity", "hihg"], "not a value of `--severity`: `hihg`"),
        (" ", &[], "the SQL statement is empty"),
    ] {
        is_refused(home.run(&[&["views", "save", "mine", sql], more].concat()), &[reason]);
    }
    let long = format!("SELECT 1 --{}", "x".repeat(300_000));
    is_refused(home.run_with_stdin(&["views", "save", "mine"], &long), &["it has more than 256 KiB"]);
    assert_eq!(files(&home), Vec::<String>::new());
}

#[test]
fn hostile_names_lead_nowhere() {
    let home = home();
    let long = "a".repeat(65);
    for name in [
        "",
        ".",
        "..",
        "../x",
        "/tmp/x",
        "a/b",
        "a\\b",
        "C:x",
        "x.sql",
        "X",
        "1x",
        "_x",
        "-",
        "a b",
        "a;b",
        "a\"b",
        "x'--",
        "$(x)",
        "ä",
        "日本",
        "x\u{1b}[31m",
        "x\n",
        &long,
    ] {
        let run = home.run(&["views", "save", "--", name, "SELECT 1"]).exits(2);
        assert!(run.stderr.contains("cannot name a view `"), "{name:?}: {}", run.stderr);
        assert!(!run.stderr.contains('\u{1b}'), "{name:?}");
        for verb in ["remove", "edit"] {
            let run = home.run(&["views", verb, "--", name]).exits(2);
            assert!(run.stderr.contains("no view named `"), "{verb} {name:?}: {}", run.stderr);
        }
    }
    let run = home.run(&["views", "save", "My View", "SELECT 1"]).exits(2);
    assert!(run.stderr.ends_with("hint: did you mean `my_view`?\n"), "{}", run.stderr);
    is_refused(
        home.run(&["views", "save", "events", "SELECT 1"]),
        &["cannot name a view `events`: a table has this name"],
    );
    is_refused(
        home.run(&["views", "save", "lateral", "SELECT 1"]),
        &["cannot name a view `lateral`: SQL has this word"],
    );
    is_refused(
        home.run(&["views", "save", "audit_events", "SELECT 1", "--replace"]),
        &["built-in views are made of this one, which stays as it is: `audit_events`"],
    );
    assert_eq!(files(&home), Vec::<String>::new());
}

#[test]
fn nothing_is_replaced_without_consent() {
    let home = home();
    let save = |name: &str, sql: &str, more: &[&str]| home.run(&[&["views", "save", name, sql], more].concat());
    save("mine", "SELECT 1 AS x", &[]).exits(0);
    let path = view_file(&home, "mine");
    is_refused(
        save("mine", "SELECT 2 AS x", &[]),
        &[&format!("there is a view named `mine` already: `{}`\nhint: ", path.display()), "`--replace`"],
    );
    assert_eq!(answer(&home, &["query", "mine"]), "x\n1\n");
    let replaced = save("mine", "SELECT 2 AS x", &["--replace"]).exits(0);
    assert_eq!(replaced.stderr, format!("replaced `mine`: `{}`\n", path.display()));
    assert_eq!(answer(&home, &["query", "mine"]), "x\n2\n");

    // A built-in view is replaced by a file that says so.
    is_refused(
        save("root_ak_access", "SELECT 3 AS x", &[]),
        &["a built-in view has this name: `root_ak_access`\nhint: "],
    );
    let shadowing = "`root_ak_access` is your view, in the place of the built-in one of this name\n";
    let saved = save("root_ak_access", "SELECT 3 AS x", &["--replace"]).exits(0);
    assert!(saved.stderr.contains(shadowing), "{}", saved.stderr);
    assert!(saved.stderr.ends_with("hint: `trailql views remove root_ak_access` brings the built-in view back\n"));
    let asked = home.run(&["query", "root_ak_access", "--from", "events.jsonl", "-F", "csv"]).exits(0);
    assert_eq!(asked.stdout, "x\n3\n");
    assert_eq!(asked.stderr.matches(shadowing).count(), 1, "{}", asked.stderr);
    let listed = home.run(&["views", "list", "-q", "-F", "csv", "--category", "custom"]).exits(0).stdout;
    assert!(listed.contains("\nroot_ak_access,info,custom,\"yours, for the built-in\",Root ak access\n"), "{listed}");
    home.run(&["views", "check", queries(&home).to_str().unwrap()]).exits(0);
    let without =
        std::fs::read_to_string(view_file(&home, "root_ak_access")).unwrap().replace("-- replaces = true\n", "");
    home.file("pack/root_ak_access.sql", without);
    let listed = home.run(&["views", "list", "--queries", "pack"]).exits(0);
    assert!(
        listed.stderr.contains("pack/root_ak_access.sql`: another view has the name `root_ak_access`"),
        "{listed:?}"
    );

    let removed = home.run(&["views", "remove", "root_ak_access"]).exits(0);
    assert!(removed.stderr.ends_with("`root_ak_access` is the built-in view again\n"), "{}", removed.stderr);
    assert!(answer(&home, &["query", "root_ak_access"]).starts_with("event_time,"));
    is_refused(
        home.run(&["views", "remove", "root_ak_access"]),
        &["a built-in view cannot be removed: `root_ak_access`"],
    );
    is_refused(home.run(&["views", "remove", "minne"]), &["no view named `minne`\nhint: did you mean `mine`?"]);
    home.file("../.config/trailql/queries/mine.test.json", "{}");
    let removed = home.run(&["views", "remove", "mine"]).exits(0);
    assert!(removed.stderr.contains("its test was left: `"), "{}", removed.stderr);
    assert_eq!(files(&home), [".config/trailql/queries/mine.test.json", "work/pack/root_ak_access.sql"]);
}

#[test]
fn views_that_others_use_stay_usable() {
    let home = home();
    let save = |name: &str, sql: &str, more: &[&str]| home.run(&[&["views", "save", name, sql], more].concat());
    save("base", "SELECT event_id, $n AS n FROM events", &["-p", "n=1"]).exits(0);
    save("top", "SELECT n FROM base(n => 2)", &[]).exits(0);
    assert_eq!(answer(&home, &["query", "top"]), "n\n2\n");
    let used = "error: other views use `base` and would no longer work: `top`\nhint: change those first\n";
    is_refused(home.run(&["views", "remove", "base"]), &[used]);
    is_refused(save("base", "SELECT 1 AS m", &["--replace"]), &[used]);
    save("base", "SELECT $n + 1 AS n", &["--replace", "-p", "n=5"]).exits(0);
    assert_eq!(answer(&home, &["query", "top"]), "n\n3\n");
    let removed = home.run(&["views", "remove", "base", "--force"]).exits(0);
    assert!(removed.stderr.contains("warning: 1 view no longer works: top\n"), "{}", removed.stderr);
    // Built-in views are made of each other too.
    is_refused(
        save("root_resource_write", "SELECT 1 AS x", &["--replace"]),
        &["other views use `root_resource_write` and would no longer work: `"],
    );
}

#[test]
fn a_folder_can_be_named() {
    let home = home();
    let save = |more: &[&str]| home.run(&[&["views", "save", "mine", "SELECT 1 AS x"], more].concat());
    is_refused(save(&["--queries", "none"]), &["cannot read the folder of views `none`: "]);
    std::fs::create_dir(home.work().join("one")).unwrap();
    std::fs::create_dir(home.work().join("two")).unwrap();
    save(&["--queries", "one"]).exits(0);
    is_refused(
        save(&["--queries", "one", "--queries", "two"]),
        &["--queries names more than one folder", "hint: name the"],
    );
    assert_eq!(files(&home), ["work/one/mine.sql"]);
    home.config("queries = [\"one\"]");
    is_refused(save(&[]), &["there is a view named `mine` already: `one/mine.sql`"]);
    // Its own folder of categories is kept.
    std::fs::create_dir(home.work().join("one/net")).unwrap();
    std::fs::rename(home.work().join("one/mine.sql"), home.work().join("one/net/mine.sql")).unwrap();
    save(&["--replace"]).exits(0);
    assert_eq!(files(&home)[1..], ["work/one/net/mine.sql"]);
    let mut command = home.command(&["views", "save", "mine", "SELECT 1"]);
    is_refused(Run::of(command.env_remove("HOME").output().unwrap()), &["there is no configuration folder"]);
}

#[test]
fn two_saves_at_once_are_one() {
    let home = home();
    let start = |n: usize, more: &[&str]| {
        let sql = format!("SELECT {n} AS x");
        let mut command = home.command(&[&["views", "save", "mine", &sql], more].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    for more in [&[][..], &["--replace"]] {
        let children: Vec<_> = (0..6).map(|n| start(n, more)).collect();
        let runs: Vec<Run> = children.into_iter().map(|child| Run::of(child.wait_with_output().unwrap())).collect();
        let saved = runs.iter().filter(|run| run.code == Some(0)).count();
        assert_eq!(saved, if more.is_empty() { 1 } else { 6 }, "{runs:?}");
        for run in runs.iter().filter(|run| run.code != Some(0)) {
            assert!(run.stderr.contains("there is a view named `mine` already"), "{run:?}");
        }
        assert_eq!(files(&home), [".config/trailql/queries/mine.sql"], "nothing else is left");
        let x: usize = answer(&home, &["query", "mine"]).lines().nth(1).unwrap().parse().unwrap();
        assert!(x < 6);
    }
}

#[test]
fn a_folder_that_takes_nothing_is_an_error() {
    let home = home();
    home.file("../.config/trailql/queries", "a file");
    is_refused(home.run(&["views", "save", "mine", "SELECT 1"]), &["cannot write the view `", "queries/mine.sql`: "]);
    #[cfg(target_os = "linux")]
    {
        std::fs::create_dir(home.work().join("ro")).unwrap();
        let script = "mount -t tmpfs -o ro tmpfs ro; \"$trailql\" views save mine 'SELECT 1' --queries ro";
        if let Some(run) = home.run_mounting(script) {
            is_refused(run, &["cannot write the view `ro/mine.sql`: Read-only file system"]);
        }
    }
}

#[test]
fn a_broken_view_stops_no_other() {
    let home = home();
    home.run(&["views", "save", "good", "SELECT 1 AS x"]).exits(0);
    home.file("../.config/trailql/queries/bad.sql", "-- /// view\n-- name = \"bad\"\n-- ///\nSELECT 1");
    home.file("../.config/trailql/queries/worse.sql", b"\xff\xfe\x00");
    home.file("../.config/trailql/queries/\u{1b}[31m.sql", "SELECT 1");
    let bad = format!(
        "warning: cannot read the view file `{}`, line 1: the key `why` is missing\n",
        view_file(&home, "bad").display()
    );
    for args in [
        &["query", "good", "--from", "events.jsonl"][..],
        &["sql", "SELECT x FROM good", "--from", "events.jsonl"],
        &["views", "list"],
        &["views", "show", "good"],
        &["detect", "--from", "events.jsonl"],
        &["views", "save", "good", "SELECT 1 AS x", "--replace"],
    ] {
        let run = home.run(args).exits(0);
        assert_eq!(run.stderr.matches(&bad).count(), 1, "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains("worse.sql`: it is not UTF-8\n"), "{}", run.stderr);
        assert_eq!(run.stderr.matches("warning: cannot read").count(), 3, "{}", run.stderr);
        assert!(!run.stderr.contains('\u{1b}') && !run.stdout.contains('\u{1b}'));
    }
    let asked = home.run(&["query", "bad", "--from", "events.jsonl", "-q"]).exits(2);
    assert!(asked.stderr.contains("error: cannot read the view file `"), "{}", asked.stderr);
    let asked = home.run(&["sql", "SELECT * FROM bad", "--from", "events.jsonl", "-q"]).exits(2);
    assert!(asked.stderr.contains("error: cannot read the view file `"), "{}", asked.stderr);
    assert_eq!(home.run(&["completions", "bash"]).exits(0).stderr, "");
    // It is there, so it is not replaced silently; it can be mended, replaced and removed.
    is_refused(home.run(&["views", "save", "bad", "SELECT 1"]), &["there is a view named `bad` already"]);
    home.run(&["views", "save", "bad", "SELECT 2 AS x", "--replace"]).exits(0);
    assert_eq!(answer(&home, &["query", "bad"]), "x\n2\n");
    home.run(&["views", "remove", "worse"]).exits(0);
    assert!(!view_file(&home, "worse").exists());
}

/// The file that a failed edit kept.
fn kept(run: &Run) -> PathBuf {
    let (_, rest) = run.stderr.split_once("--sql-file ").unwrap_or_else(|| panic!("{}", run.stderr));
    PathBuf::from(rest.split('`').next().unwrap())
}

#[test]
fn an_edited_copy_is_stored_when_it_is_a_view() {
    let home = home().env("EDITOR", "sed -i -e 's/^-- severity = .*/-- severity = \"critical\"/'");
    // A built-in view: the copy needs a name, or consent.
    let run = home.run(&["views", "edit", "root_ak_access"]).exits(2);
    assert!(run.stderr.starts_with("error: a built-in view has this name: `root_ak_access`\nhint: "), "{}", run.stderr);
    let text = kept(&run);
    home.run(&["views", "save", "copy", "--sql-file", text.to_str().unwrap()]).exits(0);
    let run = home.run(&["views", "edit", "root_ak_access", "--as", "mine"]).exits(0);
    assert_eq!(run.stderr, format!("saved `mine`: `{}`\n", view_file(&home, "mine").display()));
    for name in ["copy", "mine"] {
        let shown = home.run(&["views", "show", name]).exits(0).stdout;
        assert!(shown.contains("severity  critical\n") && shown.contains("origin    yours\n"), "{shown}");
    }
    let run = home.run(&["views", "edit", "root_ak_access", "--as", "mine"]).exits(2);
    assert!(run.stderr.contains("there is a view named `mine` already"), "{}", run.stderr);
    let run = home.run(&["views", "edit", "root_ak_access", "--replace"]).exits(0);
    assert!(run.stderr.contains("is your view, in the place of the built-in one"), "{}", run.stderr);
    // A view of one's own is edited in its place, also one that stands in that of a built-in.
    let home = home.env("VISUAL", "sed -i -e 's/^-- severity = .*/-- severity = \"low\"/; /^-- replaces/d'");
    for name in ["mine", "root_ak_access"] {
        let run = home.run(&["views", "edit", name]).exits(0);
        assert!(run.stderr.contains(&format!("replaced `{name}`: `")), "{}", run.stderr);
        let shown = home.run(&["views", "show", name]).exits(0).stdout;
        assert!(shown.contains("severity  low\n"), "{shown}");
    }
    let before = std::fs::read_to_string(view_file(&home, "mine")).unwrap();
    let run = home.run(&["views", "edit", "mine"]).exits(0);
    assert!(run.stderr.ends_with("nothing was changed, and nothing is stored\n"), "{}", run.stderr);
    // Another name in the head is another view.
    let home = home.env("VISUAL", "sed -i -e 's/^-- name = .*/-- name = \"other\"/'");
    home.run(&["views", "edit", "mine"]).exits(0);
    assert_eq!(std::fs::read_to_string(view_file(&home, "mine")).unwrap(), before);
    assert!(view_file(&home, "other").is_file());
    let left: Vec<String> = files(&home).into_iter().filter(|name| name.starts_with("tmp/")).collect();
    assert_eq!(left.len(), 1, "only what was kept is left: {left:?}");
}

#[test]
fn a_failed_edit_changes_nothing_and_loses_nothing() {
    let home = home();
    home.run(&["views", "save", "mine", "SELECT 1 AS x"]).exits(0);
    let text = std::fs::read_to_string(view_file(&home, "mine")).unwrap();
    is_refused(
        home.run(&["views", "edit", "mine"]),
        &["error: no editor is set, neither in `$VISUAL` nor in `$EDITOR`\nhint: set one"],
    );
    for (editor, parts) in [
        ("false", &["the editor failed, and nothing is stored: `false`: exit status: 1"][..]),
        ("/no/such/editor", &["the editor failed, and nothing is stored: `/no/such/editor`: exit status: 127"]),
        ("rm", &["cannot read the view file `", "mine.sql`: it is not there"]),
        (
            "sed -i -e 's/^-- why/-- whi/'",
            &["mine.sql`, line 7, column 4: unknown key `whi`\nhint: did you mean `why`?", "the text is kept"],
        ),
        (
            "sed -i -e 's/^SELECT 1/SELECT (/'",
            &["mine.sql`: the SQL cannot be read at line 9, column 13: ", "the text is kept"],
        ),
        ("sed -i -e 's/^SELECT 1/SELECT y/'", &["no column named `y` (line 9, column 8)", "the text is kept"]),
        ("sed -i -e 1d", &["mine.sql`, line 1: a view file begins with `-- /// view`", "the text is kept"]),
        ("sed -i -e 's/mine/..\\/x/'", &["cannot name a view `../x`", "the text is kept"]),
        ("sed -i -e 's/mine/root_ak_access/'", &["a built-in view has this name", "the text is kept"]),
        ("printf '\\377' >", &["it is not UTF-8", "the text is kept"]),
        ("sh -c 'echo x >> \"$0\"; exit 3'", &["exit status: 3", "the text is kept"]),
        (
            "sh -c 'echo >> \"$0\"; echo -- meanwhile >> \"$HOME/.config/trailql/queries/mine.sql\"'",
            &["changed by somebody else meanwhile", "the text is kept"],
        ),
    ] {
        std::fs::write(view_file(&home, "mine"), &text).unwrap();
        let run = Run::of(home.command(&["views", "edit", "mine"]).env("EDITOR", editor).output().unwrap());
        is_refused(run, parts);
        let now = std::fs::read_to_string(view_file(&home, "mine")).unwrap();
        assert_eq!(now.replace("-- meanwhile\n", ""), text, "{editor}");
    }
    let saved: Vec<String> = files(&home).into_iter().filter(|name| !name.starts_with("tmp/")).collect();
    assert_eq!(saved, [".config/trailql/queries/mine.sql"]);
    // A view that cannot be read is opened as it is.
    std::fs::write(view_file(&home, "mine"), text.replace("severity", "severety")).unwrap();
    let mut command = home.command(&["views", "edit", "mine", "-q"]);
    Run::of(command.env("EDITOR", "sed -i -e s/severety/severity/").output().unwrap()).exits(0);
    assert_eq!(std::fs::read_to_string(view_file(&home, "mine")).unwrap(), text);
}

#[cfg(target_os = "linux")]
#[test]
fn a_person_may_mend_the_text() {
    let home = home();
    home.run(&["views", "save", "mine", "SELECT 1 AS x"]).exits(0);
    // The first time the editor breaks the text, the second time it mends it.
    let editor = "if grep -q ' 1 ' \"$1\"; then sed -i 's/ 1 / ( /' \"$1\"; else sed -i 's/ ( / 2 /' \"$1\"; fi; :";
    home.file("editor.sh", editor);
    let edit = "EDITOR='sh editor.sh' \"$trailql\" views edit mine --color never; echo code=$?";
    let Some(shown) = home.run_on_terminal(edit, "e\n") else { return };
    assert!(shown.contains("the SQL cannot be read at line 9, column "), "{shown}");
    assert!(shown.contains("edit it again (e), or stop and keep the text (s)? [e] "), "{shown}");
    assert!(shown.ends_with("code=0\n"), "{shown}");
    assert_eq!(answer(&home, &["query", "mine"]), "x\n2\n");
    home.file("editor.sh", "sed -i 's/ 2 / ( /' \"$1\"");
    let shown = home.run_on_terminal(edit, "s\n").unwrap();
    assert!(shown.contains("error: nothing is stored\n") && shown.ends_with("code=2\n"), "{shown}");
    assert!(shown.contains("hint: the text is kept: `trailql views save NAME --sql-file "), "{shown}");
    assert_eq!(answer(&home, &["query", "mine"]), "x\n2\n");
}
