//! `trailql shell`: from a pipe, and on a pseudo-terminal.

use std::process::Command;

use crate::harness::{Home, sample_data};
use crate::terminal::Terminal;

/// Three events, of which one has a name that acts on a terminal, and one a quote in it.
const EVENTS: &str = r#"{"eventId":"a","eventTime":"2026-11-02T00:00:00Z","eventName":"ConsoleSignin","eventVersion":"1","acsRegion":"cn-hangzhou","userIdentity":{"type":"root-account","accountId":"1000000000000001"}}
{"eventId":"b","eventTime":"2026-11-03T00:00:00Z","eventName":"Console\u001b[31mSignout","eventVersion":"1","acsRegion":"cn-hangzhou"}
{"eventId":"c","eventTime":"2026-11-05T00:00:00Z","eventName":"ConsoleO'Brien","eventVersion":"1","acsRegion":"cn-shanghai"}
"#;

fn home() -> Home {
    let home = Home::new();
    home.file("events.json", EVENTS);
    home
}

#[test]
fn statements_and_commands_come_from_a_pipe() {
    let home = home();
    home.file("ask.sql", "\\format csv\nSELECT 1 AS x;\n\\i more.sql\n");
    home.file("more.sql", "SELECT\n 2 AS y");
    home.file("endless.sql", "\\i endless.sql\n");
    home.file("wrong.sql", "SELECT 1 AS x;\n\nSELECT\n nope;\nSELECT 3 AS z;\n");
    for (typed, code, stdout, stderr) in [
        ("", 0, &[][..], &[][..]),
        (" ;; \n-- nothing\n", 0, &[], &[]),
        ("\\format csv\nSELECT count(*) AS n FROM events;", 0, &["n\n3\n"], &["format: csv", "1 row"]),
        ("\\format csv\nSELECT 'a;\nb --' AS t; SELECT 2 AS u", 0, &["t\n\"a;\nb --\"\n", "u\n2\n"], &[]),
        (
            "\\format jsonl\n\\d\n",
            0,
            &["{\"table\":\"events\",\"description\":\"Events in scope, one a row\"}"],
            &["9 rows"],
        ),
        ("\\d events\n", 0, &["event_name", "API name, or a phrase"], &[]),
        ("\\d root_console_login\n", 0, &["principal"], &[]),
        ("\\d nope\n", 2, &[], &["error: no table or view named `nope`"]),
        ("\\dv console_login*\n", 0, &["console_login_bruteforce"], &[]),
        ("\\df in_ci\n", 0, &["in_cidr"], &[]),
        ("\\format csv\n\\v root_high_frequency n=1\n", 0, &["operations"], &[]),
        ("\\v root_high_frequency m=1\n", 2, &[], &["has no parameter `m`", "did you mean `n`?"]),
        ("\\v --histogram root_console_login\n", 0, &[], &["buckets"]),
        ("\\v\n", 2, &[], &["`\\v` needs a view"]),
        ("\\search event.eventName: ConsoleSignin\n", 0, &["ConsoleSignin"], &["range: the last 7 days"]),
        ("\\search (a and\n", 2, &[], &["error: ", "^"]),
        (
            "\\scope region=cn-shanghai\n\\format csv\nSELECT event_id FROM events;",
            0,
            &["region cn-shanghai", "event_id\nc\n"],
            &[],
        ),
        (
            "\\scope since=1d\n\\format csv\nSELECT event_id FROM events;\n\\scope clear\nSELECT count(*) AS n FROM events;",
            0,
            &["event_id\nc\n", "n\n3\n"],
            &[],
        ),
        ("\\scope region=nowhere\n", 2, &[], &["no event of region: `nowhere`"]),
        (
            "\\scope tz=Asia/Tokyo\n\\format csv\nSELECT event_time FROM events WHERE event_id = 'a';",
            0,
            &["times in Asia/Tokyo", "2026-11-02T09:00:00+09:00"],
            &[],
        ),
        ("\\timing\nSELECT 1;", 0, &[], &["timing is on", "time: "]),
        ("\\x\nSELECT 1 AS one;", 0, &["── 1 ──\none  1\n"], &["rows are shown as records"]),
        (
            "\\o out.csv\nSELECT 1 AS x;\nSELECT 2 AS y;\n\\o\n\\format csv\nSELECT 3 AS z;",
            0,
            &["z\n3\n"],
            &["answers go to: `out.csv`"],
        ),
        ("\\o out.csv\n", 2, &[], &["the file is there already: `out.csv`", "`\\o --force FILE`"]),
        ("\\o --force out.csv\nSELECT 9 AS x;", 0, &[], &[]),
        ("\\i ask.sql\n", 0, &["x\n1\n", "y\n2\n"], &[]),
        ("\\i endless.sql\n", 2, &[], &["more than 16 files run each other"]),
        (
            "\\i wrong.sql\nSELECT 4 AS w;",
            2,
            &["x\n─\n1\n"],
            &["the error is in what begins in line 3 of `wrong.sql`", "no column named `nope`"],
        ),
        ("\\i nope.sql\n", 2, &[], &["cannot read `nope.sql`"]),
        ("\\i .\n", 2, &[], &["it is no file"]),
        ("\\p\n", 2, &[], &["there is no statement yet"]),
        ("SELECT 1\n AS x;\n\\p\n", 0, &["SELECT 1\n AS x;\n"], &[]),
        ("\\scop\n", 2, &[], &["no such command: `\\scop`", "did you mean `\\scope`?"]),
        ("\\about 1.2.3.4\n", 0, &[], &["no event in scope has the value: `1.2.3.4`"]),
        ("\\about\n", 2, &[], &["VALUE"]),
        ("\\about 1.2.3.4 --since 7d\n", 2, &[], &["no such flag: `--since`"]),
        ("\\timeline --no-fold;\n", 0, &["2026-11-"], &[]),
        ("\\timeline -F csv --limit 1\n", 0, &["event_time,"], &["1 event"]),
        ("\\timeline --around nothing\n", 0, &[], &["no event in scope has the id: `nothing`"]),
        ("\\format tabel\n", 2, &[], &["did you mean `table`?"]),
        ("\\?\n", 0, &["\\search STATEMENT", "\\q"], &[]),
        ("help\nquit\nSELECT nope;", 0, &["\\dv [PATTERN]"], &[]),
        ("\\q\nSELECT nope;", 0, &[], &[]),
        ("SELECT nope;\nSELECT 1 AS x;", 2, &[], &["no column named `nope`"]),
        (
            "SELECT event_nam\n FROM events;",
            2,
            &[],
            &["1 | SELECT event_nam\n  |        ^^^^^^^^^", "help: did you mean `event_name`?"],
        ),
        ("SELECT (1;", 2, &[], &["error: the SQL cannot be read: expected ), found the end"]),
        ("\\refresh\n", 0, &[], &["exports are read once"]),
        ("\\e\n", 2, &[], &["no editor is set"]),
        ("\\v 'root\n", 2, &[], &["the quote is not closed"]),
    ] {
        let run = home.run_with_stdin(&["shell", "--from", "events.json"], typed).exits_with(typed, code);
        for part in stdout {
            assert!(run.stdout.contains(part), "{typed:?}: no {part:?} in {}\n{}", run.stdout, run.stderr);
        }
        for part in stderr {
            assert!(run.stderr.contains(part), "{typed:?}: no {part:?} in {}", run.stderr);
        }
        assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "{typed:?}: {run:?}");
        assert_eq!(std::fs::read_dir(home.tmp()).unwrap().count(), 0, "{typed:?}: the temporary lake is left");
    }
    assert_eq!(std::fs::read_to_string(home.work().join("out.csv")).unwrap(), "x\n9\n");
}

#[test]
fn the_present_moves_on_unless_it_is_given() {
    let home = home();
    let typed =
        "\\format csv\nSELECT now() AS t;\nSELECT count(*) AS t FROM generate_series(1, 200000);\nSELECT now() AS t;";
    let times = |more: &[&str]| {
        let args = [&["shell", "--from", "events.json"][..], more].concat();
        let stdout = home.run_with_stdin(&args, typed).exits(0).stdout;
        let times: Vec<String> = stdout.lines().filter(|line| line.contains('T')).map(str::to_owned).collect();
        assert_eq!(times.len(), 2, "{stdout}");
        (times[0].clone(), times[1].clone())
    };
    let (first, second) = times(&[]);
    assert!(first < second, "{first} {second}");
    let (first, second) = times(&["--now", "2026-11-09T08:00:00+09:00"]);
    assert!(first == second && first.starts_with("2026-11-08T23:00:00"), "{first} {second}");
}

#[test]
fn several_answers_go_to_one_file() {
    let home = home();
    let typed = "\\o out.csv\nSELECT 1 AS x;\nSELECT 2 AS y;\n\\o one.parquet\nSELECT 1 AS x;\nSELECT 2 AS y;";
    let run = home.run_with_stdin(&["shell", "--from", "events.json"], typed).exits(2);
    assert_eq!(std::fs::read_to_string(home.work().join("out.csv")).unwrap(), "x\n1\ny\n2\n");
    assert!(run.stderr.contains("a file holds one answer in parquet"), "{}", run.stderr);
}

#[test]
fn statements_become_views() {
    let home = home();
    let typed = "SELECT event_id FROM events WHERE acs_region = 'cn-shanghai';\n\\save mine Far away\n\\format csv\n\
                 SELECT * FROM mine;\n\\dv mine\n\\save mine\n";
    let run = home.run_with_stdin(&["shell", "--from", "events.json"], typed).exits(2);
    assert!(
        run.stdout.contains("event_id\nc\n") && run.stdout.contains("mine,info,custom,,Far away"),
        "{}",
        run.stdout
    );
    assert!(
        run.stderr.contains("saved `mine`") && run.stderr.contains("there is a view named `mine` already"),
        "{}",
        run.stderr
    );
    let run = home.run_with_stdin(&["shell", "--from", "events.json"], "SELECT 1 AS one;\n\\save --replace mine\n");
    assert!(run.exits(0).stderr.contains("replaced `mine`"));
}

#[test]
fn what_is_no_text_is_refused() {
    let home = home();
    let mut command = home.command(&["shell", "--from", "events.json"]);
    command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"SELECT '\xff\xfe';\n").unwrap();
    let run = crate::harness::Run::of(child.wait_with_output().unwrap()).exits(2);
    assert!(run.stderr.contains("cannot read statements from stdin: not UTF-8"), "{}", run.stderr);
}

/// A shell on a terminal, at its first prompt.
fn shell(home: &Home, flags: &str, size: (u16, u16), env: &[(&str, &str)]) -> Option<Terminal> {
    let mut terminal = Terminal::open(home, &format!("$trailql shell --from events.json {flags}"), size, env)?;
    terminal.wait_for("Ctrl-D ends");
    terminal.wait_for("trailql> ");
    Some(terminal)
}

/// Ends a session with Ctrl-D. A key that comes before the editor reads is the end of a file to the terminal, and lost.
#[track_caller]
fn leave(mut shell: Terminal) {
    shell.wait_for("trailql> ");
    shell.send("\u{4}");
    assert_eq!(shell.end().0, Some(0));
}

#[test]
fn a_session_on_a_terminal() {
    let home = home();
    let Some(mut shell) = shell(&home, "", (100, 30), &[]) else { return };
    // A statement over several lines.
    shell.send("SELECT count(*) AS n\r");
    shell.wait_for("...> ");
    shell.send("FROM events;\r");
    shell.wait_for("n\n─\n3\n");
    shell.wait_for("1 row");
    // A wrong one points at its place, and the session goes on.
    shell.wait_for("trailql> ");
    shell.send("SELECT nope;\r");
    shell.wait_for("^^^^");
    shell.wait_for("trailql> ");
    // Ctrl-C gives a line up.
    shell.send("SELECT 'half\u{3}");
    shell.wait_for("trailql> ");
    // Ctrl-C stops a question.
    shell.send("SELECT count(*) FROM generate_series(1, 1000000000) a, generate_series(1, 1000000000) b;\r");
    shell.wait_for("b;\n");
    std::thread::sleep(std::time::Duration::from_millis(1000));
    shell.send("\u{3}");
    shell.wait_for("error: stopped");
    shell.wait_for("trailql> ");
    shell.send("SELECT 40 + 2 AS answer;\r");
    shell.wait_for("42");
    shell.wait_for("trailql> ");
    shell.send("\u{4}");
    let (code, shown) = shell.end();
    assert_eq!(code, Some(0), "{shown}");
    let history = home.work().join("../.local/state/trailql/history");
    let text = std::fs::read_to_string(&history).unwrap();
    assert!(text.contains("SELECT count(*) AS n<\\n>FROM events;") && text.contains("40 + 2"), "{text}");
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&history).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(home.tmp()).unwrap().count(), 0, "the temporary lake is left");
}

#[test]
fn tab_completes_names_and_values() {
    let home = home();
    for (typed, expected) in [
        ("SELECT event_na\t", "SELECT event_name"),
        ("SELECT event_id FROM undated_e\t", "FROM undated_events"),
        ("SELECT event_id FROM events WHERE event_name = 'ConsoleO\t", "event_name = 'ConsoleO''Brien'"),
        ("SELECT event_id FROM events WHERE acs_region = 'cn-s\t", "acs_region = 'cn-shanghai'"),
        ("SELECT * FROM root_high_fre\t", "FROM root_high_frequency"),
        ("SELECT * FROM root_high_frequency(\t", "root_high_frequency(n => "),
        ("\\scope region=cn-h\t", "region=cn-hangzhou"),
        ("\\v root_high_frequency n\t", "root_high_frequency n="),
        ("\\sco\t", "\\scope"),
    ] {
        let Some(mut shell) = shell(&home, "--no-history", (100, 30), &[]) else { return };
        shell.send_until(typed, expected);
        let raw = shell.raw();
        assert!(!raw.contains("\u{1b}[31mSignout"), "{raw}");
        shell.send("\u{3}");
        shell.wait_for("trailql> ");
        shell.send("\\q\r");
        assert_eq!(shell.end().0, Some(0), "{typed}");
    }
    assert!(!home.work().join("../.local/state/trailql/history").exists());
}

#[test]
fn a_value_that_acts_on_a_terminal_is_not_offered() {
    let home = home();
    let Some(mut shell) = shell(&home, "--no-history", (100, 30), &[("NO_COLOR", "1")]) else { return };
    shell.send_until("SELECT event_id FROM events WHERE event_name = 'Console\t", "'ConsoleSignin'");
    shell.send("\u{3}");
    shell.wait_for("trailql> ");
    shell.send("\\q\r");
    let raw = shell.raw();
    assert!(!raw.contains("Signout") && !raw.contains("\u{1b}[1;34m"), "{raw:?}");
    assert_eq!(shell.end().0, Some(0));
}

#[test]
fn a_signal_ends_the_shell_cleanly() {
    let home = home();
    for (signal, env) in [("TERM", &[][..]), ("HUP", &[]), ("TERM", &[("TERM", "dumb")])] {
        let Some(shell) = shell(&home, "", (80, 24), env) else { return };
        assert!(std::fs::read_dir(home.tmp()).unwrap().count() > 0);
        shell.signal(signal);
        let (code, shown) = shell.end();
        assert_eq!(code, Some(0), "{signal}: {shown}");
        assert_eq!(std::fs::read_dir(home.tmp()).unwrap().count(), 0, "the temporary lake is left");
    }
}

#[test]
fn a_closed_terminal_ends_the_shell() {
    let home = home();
    // The second is not told by a signal, as behind `nohup`.
    for command in
        ["$trailql shell --from events.json", "sh -c \"trap '' HUP; exec $trailql shell --from events.json\""]
    {
        let Some(mut shell) = Terminal::open(&home, command, (80, 24), &[]) else { return };
        shell.wait_for("Ctrl-D ends");
        shell.wait_for("trailql> ");
        shell.close();
        assert_eq!(std::fs::read_dir(home.tmp()).unwrap().count(), 0, "the temporary lake is left");
    }
}

#[test]
fn terminals_that_can_do_little_are_served() {
    let home = home();
    for (size, env) in [
        ((80, 24), &[("TERM", "dumb")][..]),
        ((4, 2), &[]),
        ((1, 1), &[]),
        ((20, 3), &[]),
        ((0, 0), &[]),
        ((80, 24), &[("NO_COLOR", "1")]),
    ] {
        let Some(mut shell) = Terminal::open(&home, "$trailql shell --from events.json --no-pager", size, env) else {
            return;
        };
        let is_dumb = env.iter().any(|(name, _)| *name == "TERM");
        shell.wait_for("Ctrl-D ends");
        // What is shown of a prompt depends on the size.
        if is_dumb {
            drop(shell.wait_for("trailql> "))
        } else {
            shell.wait_for_editor(1)
        }
        shell.send("SELECT event_\t\u{3}");
        if is_dumb {
            drop(shell.wait_for("trailql> "))
        } else {
            shell.wait_for_editor(2)
        }
        shell.send("SELECT 40 + 2 AS answer;\r");
        shell.wait_for("42");
        shell.send("\\q\r");
        let (code, shown) = shell.end();
        assert_eq!(code, Some(0), "{size:?} {env:?}: {shown}");
        assert!(!shown.contains("mistake"), "{size:?} {env:?}: {shown}");
    }
}

#[test]
fn a_long_text_can_be_pasted() {
    let home = home();
    let Some(mut shell) = shell(&home, "--no-history", (100, 30), &[]) else { return };
    let long = format!("SELECT length('{}') AS n;", "x".repeat(1_000_000));
    shell.send(&format!("\u{1b}[200~{long}\u{1b}[201~\r"));
    shell.wait_for("1000000\n");
    shell.send("\\q\r");
    assert_eq!(shell.end().0, Some(0));
}

#[test]
fn an_editor_changes_the_last_statement() {
    let home = home();
    home.file("edit.sh", "#!/bin/sh\nsed -i 's/1/41 + 1/' \"$1\"\n");
    let run = Command::new("chmod").arg("+x").arg(home.work().join("edit.sh")).status().unwrap();
    assert!(run.success());
    let Some(mut shell) = shell(&home, "", (100, 30), &[("EDITOR", "./edit.sh")]) else { return };
    shell.send("SELECT 1 AS x;\r");
    shell.wait_for("1 row");
    shell.wait_for("trailql> ");
    shell.send("\\e\r");
    shell.wait_for("41 + 1");
    shell.send("\r");
    shell.wait_for("42");
    leave(shell);
}

#[test]
fn answers_of_the_shell_are_paged() {
    let home = home();
    let Some(mut shell) = shell(&home, "", (100, 10), &[("PAGER", "head -3; echo left")]) else { return };
    shell.send("\\dv\r");
    shell.wait_for("left");
    shell.wait_for("trailql> ");
    shell.send("SELECT 40 + 2 AS answer;\r");
    shell.wait_for("42");
    leave(shell);
}

#[test]
fn a_broken_lake_is_an_error_and_no_more() {
    let home = home();
    home.run(&["ingest", "events.json"]).exits(0);
    let part = walkdir::WalkDir::new(home.work().join("trail-lake/events")).into_iter().flatten();
    for file in part.filter(|entry| entry.file_type().is_file()) {
        std::fs::write(file.path(), b"PAR1 broken").unwrap();
    }
    let run = home.run_with_stdin(&["shell"], "SELECT * FROM events;").exits(2);
    assert!(run.stderr.contains("error: "), "{}", run.stderr);
    let Some(mut shell) = Terminal::open(&home, "$trailql shell", (100, 30), &[]) else { return };
    shell.wait_for("trailql> ");
    shell.send("SELECT event_id FROM events WHERE event_name = '\t\u{3}");
    shell.wait_for("trailql> ");
    shell.send("SELECT event_id FROM events;\r");
    shell.wait_for("error: ");
    leave(shell);
}

#[test]
fn sample_data_is_asked_twice_and_read_once() {
    let home = Home::new();
    let from = sample_data().display().to_string();
    let typed = "\\format csv\nSELECT count(*) AS n FROM events;\nSELECT count(DISTINCT event_id) AS ids FROM events;";
    let run = home.run_with_stdin(&["shell", "--from", &from], typed).exits(0);
    assert_eq!(run.stderr.matches("scope: ").count(), 1, "{}", run.stderr);
    assert!(run.stdout.contains("n\n") && run.stdout.contains("ids\n"), "{}", run.stdout);
}
