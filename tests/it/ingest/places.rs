//! Where files lie and what they are called, and hostile text on its way to the terminal and to a spreadsheet.

use super::{event, lines};
use crate::harness::{Home, NOW};
use crate::lab::{Lab, merge, texts};

#[test]
fn a_lake_among_the_exports_is_passed_over() {
    let lab = Lab::new();
    lab.file("in/a.json", lines(&[event("a")]));
    let inputs = [lab.path("in")];
    let lake = lab.path("in/deep/lake");
    crate::lab::ingest_into(&lake, &inputs, 2);
    let again = crate::lab::ingest_into(&lake, &inputs, 2);
    assert_eq!((again.files_unchanged, again.files_read(), again.not_exports.files), (1, 0, 0));
    assert_eq!(texts(&crate::lab::ask(&lake, "SELECT event_id FROM events"), "event_id"), ["a"]);
    let home = Home::new();
    home.file("in/a.json", lines(&[event("a")]));
    let run = home.run(&["ingest", "in", "--lake", "in", "--now", NOW]).exits(2);
    assert!(run.stderr.contains("not a lake"), "{}", run.stderr);
}

#[test]
fn a_folder_with_something_else_in_it_does_not_become_a_lake() {
    let home = Home::new();
    home.file("in/a.json", lines(&[event("a")]));
    let notes = home.file("papers/notes.txt", "precious");
    let run = home.run(&["ingest", "in", "--lake", "papers", "--now", NOW]).exits(2);
    assert!(run.stderr.contains("papers"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(&notes).unwrap(), "precious");
    assert_eq!(std::fs::read_dir(notes.parent().unwrap()).unwrap().count(), 1, "something was made beside the notes");
    let run = home.run(&["ingest", "in", "--lake", "papers/notes.txt", "--now", NOW]).exits(2);
    assert!(run.stderr.contains("notes.txt"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(&notes).unwrap(), "precious");
    std::fs::create_dir(home.work().join("empty")).unwrap();
    home.run(&["ingest", "in", "--lake", "empty", "--now", NOW]).exits(0);
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf_8_stay_apart() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let lab = Lab::new();
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_790_000_000);
    for (name, id) in [(&b"caf\xe9.json"[..], "a"), (b"caf\xe8.json", "b"), (b"caf\xc3\xa9.json", "c")] {
        let path = lab.path("in").join(OsStr::from_bytes(name));
        crate::lab::write(&path, lines(&[event(id)]));
        std::fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
    }
    let outcome = lab.ingest(&[lab.path("in")]);
    assert_eq!(outcome.totals.stored, 3, "{:?}", outcome.unreadable);
    let paths = texts(&lab.ask("SELECT path FROM sources ORDER BY path"), "path");
    let names: Vec<&str> = paths.iter().map(|path| path.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["caf\\xe8.json", "caf\\xe9.json", "café.json"]);
    assert_eq!(lab.ingest(&[lab.path("in")]).files_unchanged, 3);
    let home = Home::new();
    let path = home.work().join(OsStr::from_bytes(b"caf\xe9.json"));
    std::fs::write(&path, lines(&[event("a")])).unwrap();
    let args = [OsStr::new("ingest"), path.as_os_str(), OsStr::new("--now"), OsStr::new(NOW)];
    home.run(&args).exits(0);
}

/// What an attacker may put into a field that is shown.
fn hostile() -> Home {
    let home = Home::new();
    let mut bad = event("bad");
    let agent = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}txt.exe\u{2066}\u{9b}31m";
    merge(
        &mut bad,
        &serde_json::json!({
            "eventName": "ConsoleSignin", "userAgent": agent, "sourceIpAddress": "=HYPERLINK(\"http://example.com\")",
            "acsRegion": "@SUM(1)", "errorMessage": "line\nbreak, \"quoted\"", "userIdentity": {"type": "root-account"},
        }),
    );
    home.file("in/a.json", lines(&[bad]));
    home.run(&["ingest", "in", "--now", NOW]).exits(0);
    home
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let home = hostile();
    for args in [
        &["query", "root_console_login"][..],
        &["query", "root_console_login", "-F", "markdown"],
        &["query", "root_console_login", "-F", "json"],
        &["query", "root_console_login", "--raw"],
        &["sql", "SELECT user_agent FROM events"],
        &["sql", "SELECT extra, event_name AS \"\u{1b}[31m\" FROM events"],
        &["event", "bad"],
        &["report", "root-usage", "--week", "2026-W45", "--now", NOW],
    ] {
        let run = home.run(args).exits(0);
        for stream in [&run.stdout, &run.stderr] {
            let wrong =
                stream.chars().find(|c| (c.is_control() && !"\n\r".contains(*c)) || "\u{202e}\u{2066}".contains(*c));
            assert_eq!(wrong, None, "{args:?}: {stream:?}");
        }
    }
    let table = home.run(&["query", "root_console_login"]).exits(0).stdout;
    assert!(table.contains("owned"), "{table}");
}

#[test]
fn a_formula_does_not_run_in_a_spreadsheet() {
    let home = hostile();
    let sql = "SELECT source_ip_address, acs_region, error_message FROM events";
    let csv = home.run(&["sql", sql, "-F", "csv"]).exits(0).stdout;
    let row = csv.split_once("\n").unwrap().1;
    assert!(row.starts_with("\"'=HYPERLINK(\"\"http://example.com\"\")\",'@SUM(1),"), "{csv}");
    let json = home.run(&["sql", sql, "-F", "jsonl"]).exits(0).stdout;
    assert!(json.contains(r#""=HYPERLINK(\"http://example.com\")""#), "{json}");
}
