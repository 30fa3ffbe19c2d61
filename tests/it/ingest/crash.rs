//! Runs that are killed, that meet each other, or that lost their last commit: every event is there exactly once after
//! the next run. Real processes where it matters.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::{event, lines};
use crate::generate::corpus::Corpus;
use crate::harness::{Home, NOW};
use crate::lab::{Lab, ask, balances, ingest_into, texts, write};

/// Writes a corpus, and returns how many events it holds, copies not counted.
fn corpus(folder: &Path, events: u64, per_file: u64) -> i64 {
    let corpus = Corpus { events, days: 6, per_file, seed: 11, copies_permille: 20, named_sessions_permille: 0 };
    let mut copies = 0;
    for number in 0..corpus.files() {
        let file = corpus.file(number, 1).unwrap();
        copies += file.copies;
        write(&folder.join(format!("{number:03}.gz")), file.bytes);
    }
    (events - copies) as i64
}

#[track_caller]
fn exactly_once(lake: &Path, events: i64) {
    let rows = ask(lake, "SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM events");
    assert_eq!((&rows[0]["n"], &rows[0]["ids"]), (&events.into(), &events.into()));
    balances(lake);
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(items) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = items.filter_map(|item| Some(item.ok()?.path()));
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn data_files(lake: &Path) -> usize {
    files(&lake.join("events")).iter().filter(|path| path.extension().is_some_and(|name| name == "parquet")).count()
}

fn spawn_ingest(home: &Home) -> Child {
    let mut command = home.command(&["ingest", "in", "--now", NOW, "--memory-limit", "64MiB", "--threads", "2"]);
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn a_run_that_is_killed_is_made_good_by_the_next() {
    let home = Home::new();
    let lake = home.work().join("trail-lake");
    let events = corpus(&home.work().join("in"), 4_000, 250);
    // When each run is killed: as soon as that many data files stand there, or after that time.
    let mut killed = 0;
    for (count, wait) in [(0, 20), (0, 150), (1, 0), (1, 60), (4, 0), (8, 0)] {
        let mut child = spawn_ingest(&home);
        let began = Instant::now();
        let before = data_files(&lake);
        while count > 0 && data_files(&lake) < before + count && began.elapsed() < Duration::from_secs(2) {
            if child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(wait));
        killed += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        if lake.join("_manifest").is_dir() {
            balances(&lake);
        }
    }
    assert!(killed > 1, "no run was killed at work");
    let left = data_files(&lake);
    home.run(&["ingest", "in", "--now", NOW, "--memory-limit", "64MiB"]).exits(0);
    exactly_once(&lake, events);
    let listed = texts(&ask(&lake, "SELECT path FROM files ORDER BY path"), "path");
    assert!(listed.len() <= data_files(&lake), "{left} files were left by killed runs");
    let again = home.run(&["ingest", "in", "--now", NOW]).exits(0);
    assert!(again.stderr.contains("skipped 16 unchanged files"), "{}", again.stderr);
    exactly_once(&lake, events);
}

#[test]
fn what_a_killed_run_leaves_behind_is_not_seen() {
    let lab = Lab::with_events(&[event("a"), event("b")]);
    let data = files(&lab.lake().join("events")).remove(0);
    let day = data.parent().unwrap();
    std::fs::copy(&data, day.join("0123456789abcdef01234567.parquet")).unwrap();
    std::fs::copy(&data, day.join(".abc.tmp")).unwrap();
    write(&day.join(".half.tmp"), "PAR1");
    write(&lab.lake().join("events/event_date=2026-11-09/.half.tmp"), "");
    write(&lab.lake().join("_manifest/.entry-x.tmp"), "{\"format\":");
    write(&lab.lake().join("sources/.half.tmp"), "PAR1");
    exactly_once(&lab.lake(), 2);
    let more = lab.file("more.json", lines(&[event("b"), event("c")]));
    assert_eq!(lab.ingest(&[more]).totals.stored, 1);
    exactly_once(&lab.lake(), 3);
}

#[test]
fn data_without_a_commit_is_read_again() {
    let lab = Lab::new();
    let events = corpus(&lab.path("in"), 450, 150);
    for entry in [1, 2] {
        let first = lab.path("in/000.gz");
        let lake = lab.path(&format!("lake-{entry}"));
        if entry == 2 {
            ingest_into(&lake, &[first], 2);
        }
        ingest_into(&lake, &[lab.path("in")], 2);
        let before = data_files(&lake);
        std::fs::remove_file(lake.join(format!("_manifest/{entry:020}.json"))).unwrap();
        let visible = ask(&lake, "SELECT count(*) AS n FROM events")[0]["n"].as_i64().unwrap();
        assert!(visible < events && before > 0, "{visible}");
        let again = ingest_into(&lake, &[lab.path("in")], 2);
        assert_eq!((again.version, again.totals.stored as i64), (entry, events - visible));
        exactly_once(&lake, events);
    }
}

#[test]
fn a_lake_that_was_being_made_when_its_run_was_killed_is_made() {
    for left in [&["events"][..], &["events", "sources"], &["events", "sources", "rejects"]] {
        let home = Home::new();
        home.file("in/a.json", lines(&[event("a")]));
        for folder in left {
            std::fs::create_dir_all(home.work().join("trail-lake").join(folder)).unwrap();
        }
        home.run(&["ingest", "in", "--now", NOW]).exits(0);
        exactly_once(&home.work().join("trail-lake"), 1);
    }
}

#[test]
fn two_runs_at_once_both_succeed() {
    let home = Home::new();
    let lake = home.work().join("trail-lake");
    let events = corpus(&home.work().join("in"), 600, 100);
    // The first round begins without a lake, so both make it.
    for round in 0..3 {
        let mut children: Vec<Child> = (0..2).map(|_| spawn_ingest(&home)).collect();
        for child in children.drain(..) {
            let output = child.wait_with_output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(0), "round {round}: {stderr}");
        }
        exactly_once(&lake, events);
    }
    let sql = "SELECT count(*) AS n, count(DISTINCT source_id) AS ids FROM sources";
    let sources = ask(&lake, sql);
    assert_eq!(
        (&sources[0]["n"], &sources[0]["ids"]),
        (&6.into(), &6.into()),
        "what one run read the other passed over"
    );
}

#[test]
fn the_number_of_threads_does_not_show_in_the_lake() {
    let lab = Lab::new();
    corpus(&lab.path("in"), 800, 80);
    let listing = |lake: &str, threads: usize| {
        let lake = lab.path(lake);
        ingest_into(&lake, &[lab.path("in")], threads);
        ask(&lake, "SELECT path, rows, bytes, sha256 FROM files ORDER BY path")
    };
    let one = listing("one", 1);
    assert!(one.len() > 3, "{one:?}");
    assert_eq!(listing("four", 4), one);
    assert_eq!(listing("four-again", 4), one);
    let first = lab.path("one").join(one[0]["path"].as_str().unwrap());
    assert!(first.file_name().unwrap().to_str().unwrap().starts_with(&one[0]["sha256"].as_str().unwrap()[..24]));
}
