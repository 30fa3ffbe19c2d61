//! Ctrl-C: once, a run stops cleanly and says how to go on; twice, it ends at once; nothing is lost either way.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::{event, lines};
use crate::harness::{Home, NOW, Run};
use crate::lab::{ask, balances};

fn ctrl_c(child: &Child) {
    let kill = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

/// A run that reads standard input, which comes before the folder in the order of paths, and waits for more of it.
fn reading_stdin(home: &Home) -> (Child, ChildStdin) {
    let mut command = home.command(&["ingest", "-", "in", "--now", NOW]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // More than a pipe holds: when all of it is taken, the run is at work.
    stdin.write_all(&[b'\n'; 4 << 20]).unwrap();
    (child, stdin)
}

fn home_with_files() -> Home {
    let home = Home::new();
    for n in 0..9 {
        home.file(&format!("in/{n}.json"), lines(&[event(&format!("e{n}"))]));
    }
    home
}

#[track_caller]
fn completes(home: &Home, events: i64) {
    let lake = home.work().join("trail-lake");
    balances(&lake);
    home.run(&["ingest", "in", "--now", NOW]).exits(0);
    balances(&lake);
    let rows = ask(&lake, "SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM events");
    assert_eq!((&rows[0]["n"], &rows[0]["ids"]), (&events.into(), &events.into()));
    home.run(&["lake", "verify"]).exits(0);
}

#[test]
fn ctrl_c_once_stops_behind_the_file_at_hand_and_says_how_to_go_on() {
    let home = home_with_files();
    let (child, mut stdin) = reading_stdin(&home);
    ctrl_c(&child);
    stdin.write_all(lines(&[event("stdin")]).as_bytes()).unwrap();
    drop(stdin);
    let run = Run::of(child.wait_with_output().unwrap()).exits(2);
    for said in [
        "stopping when `-` is read; Ctrl-C again stops at once",
        "error: stopped: 9 files are left\n",
        "hint: run the same command again; it goes on with the files that are left\n",
    ] {
        assert!(run.stderr.contains(said), "no {said:?} in {}", run.stderr);
    }
    assert!(run.stdout.contains("\nall "), "what was read is shown: {}", run.stdout);
    let lake = home.work().join("trail-lake");
    assert_eq!(ask(&lake, "SELECT event_id FROM events")[0]["event_id"], "stdin");
    completes(&home, 10);
}

#[test]
fn ctrl_c_twice_ends_at_once_and_loses_nothing() {
    let home = home_with_files();
    home.run(&["ingest", "in/0.json", "--now", NOW]).exits(0);
    let (mut child, stdin) = reading_stdin(&home);
    // A second signal that comes before the first was seen is the same one, so they are sent until it ends.
    while child.try_wait().unwrap().is_none() {
        ctrl_c(&child);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    drop(stdin);
    Run::of(child.wait_with_output().unwrap()).exits(130);
    completes(&home, 9);
}

#[test]
fn ctrl_c_stops_a_question() {
    let home = home_with_files();
    home.run(&["ingest", "in", "--now", NOW]).exits(0);
    let sql = "WITH n AS (SELECT unnest(range(1, 1000000)) AS n) SELECT sum(a.n * b.n % 7) FROM n AS a, n AS b";
    for source in [["--lake", "trail-lake"], ["--from", "in"]] {
        let args = [&["sql", sql, "--now", NOW], &source[..]].concat();
        let mut child = home.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The scope is said when the question is about to be asked.
        let mut stderr = child.stderr.take().unwrap();
        let (mut said, mut byte) = (String::new(), [0]);
        while !said.contains("scope: ") && stderr.read(&mut byte).unwrap() > 0 {
            said.push(byte[0].into());
        }
        ctrl_c(&child);
        stderr.read_to_string(&mut said).unwrap();
        let run = Run::of(child.wait_with_output().unwrap()).exits(2);
        assert!(said.ends_with("error: stopped\n"), "{said}");
        assert_eq!(run.stdout, "");
        assert_eq!(std::fs::read_dir(home.tmp()).unwrap().count(), 0, "{source:?}: temporary files are left");
    }
}
