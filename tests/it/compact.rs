//! Merging small files: the same rows before and after, in fewer files, whatever is killed, damaged or going on beside it.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Instant;

use arrow::array::AsArray;
use arrow::datatypes::TimestampMicrosecondType;
use chrono::TimeDelta;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};
use trailql::engine::{EngineError, Scope, StopSignal};
use trailql::lake::Lake;
use trailql::lake::compact::TARGET_BYTES;
use trailql::lake::manifest::{Entry, Manifest, RunKind, Snapshot};
use trailql::lake::storage::Storage;
use trailql::lake::tables::Table;
use trailql::lake::write::WriteMode;
use trailql::ops::compact::{CompactOptions, Compacted, compact};
use trailql::ops::ingest::{IngestOptions, ingest};
use trailql::ops::progress::{Progress, Silent};
use trailql::ops::rejects;
use trailql::ops::verify::{Verified, VerifyOptions, verify};

use crate::generate::corpus::Corpus;
use crate::harness::{Home, NOW};
use crate::lab::{Lab, ask, balances, ingest_into, now, texts, unmasked};

const CORPUS: Corpus =
    Corpus { events: 600, days: 3, per_file: 50, seed: 5, copies_permille: 20, named_sessions_permille: 0 };

/// The corpus with a call on a trail in every file, and in every fourth file a record that cannot be read.
fn corpus(folder: &Path) -> Vec<PathBuf> {
    let file = |number: u64| {
        let first = number * CORPUS.per_file;
        let mut text: String =
            (first..first + CORPUS.per_file).map(|index| CORPUS.record(index).compact() + "\n").collect();
        let trail = json!({"eventId": format!("trail-{number}"), "eventName": "StopLogging",
            "eventTime": "2026-08-11T01:00:00Z"});
        text.push_str(&format!("{trail}\n"));
        if number.is_multiple_of(4) {
            text.push_str("{\"eventId\": \"broken\n");
        }
        crate::lab::write(&folder.join(format!("{number:02}.jsonl")), text)
    };
    (0..CORPUS.files()).map(file).collect()
}

/// A lake of as many commits as the corpus has files, one more that has read a source again, and one with copies only.
fn many_commits(lab: &Lab) -> Vec<PathBuf> {
    let files = corpus(&lab.path("in"));
    for file in &files {
        lab.ingest(std::slice::from_ref(file));
    }
    let retry = IngestOptions { retry_rejects: true, ..ingest_options(&lab.lake(), &files[4..5]) };
    assert_eq!(ingest(&retry, &Silent).unwrap().files_retried, 1);
    let copy = lab.path("in/copy.jsonl");
    std::fs::copy(&files[1], &copy).unwrap();
    assert_eq!(lab_ingest(&lab.lake(), &copy).totals.stored, 0);
    files
}

fn lab_ingest(lake: &Path, file: &Path) -> trailql::ops::ingest::IngestOutcome {
    ingest(&ingest_options(lake, &[file.to_path_buf()]), &Silent).unwrap()
}

pub(crate) fn ingest_options(lake: &Path, inputs: &[PathBuf]) -> IngestOptions {
    IngestOptions {
        inputs: inputs.to_vec(),
        lake: lake.to_path_buf(),
        memory_limit_bytes: 256 << 20,
        threads: 2,
        now: now(),
        mode: WriteMode::Durable,
        retry_rejects: false,
        csv: trailql::export::csv::CsvOptions::default(),
    }
}

pub(crate) fn options(lake: &Path) -> CompactOptions {
    CompactOptions {
        lake: lake.to_path_buf(),
        memory_limit_bytes: 256 << 20,
        threads: 2,
        target_bytes: TARGET_BYTES,
        now: now(),
        gc: None,
        dry_run: false,
    }
}

pub(crate) fn compacted(lake: &Path) -> Compacted {
    compact(&options(lake), &Silent).unwrap()
}

pub(crate) fn collected(lake: &Path, keep: TimeDelta) -> Compacted {
    compact(&CompactOptions { gc: Some(keep), ..options(lake) }, &Silent).unwrap()
}

fn snapshot(lake: &Path) -> Snapshot {
    Lake::open(lake).unwrap().snapshot().unwrap()
}

/// How many files are visible. The same file may be visible twice: a source that was read again gave the same rejects.
fn paths(snapshot: &Snapshot) -> u64 {
    let tables = Table::ALL.iter().flat_map(|table| table.files(snapshot)).map(|file| file.path.as_str());
    let files = snapshot.files.all().unwrap();
    files.iter().map(|file| file.path.as_str()).chain(tables).collect::<BTreeSet<_>>().len() as u64
}

pub(crate) fn verified(lake: &Path) -> Verified {
    let options = VerifyOptions { lake: lake.to_path_buf(), sources: false, head: None, threads: 2 };
    verify(&options, &Silent).unwrap()
}

/// Everything that questions see, but for the names of files and the commits of compactions.
fn contents(lake: &Path) -> Vec<Vec<Value>> {
    let questions = [
        "SELECT * FROM events ORDER BY event_time, event_id, source_id, source_record",
        "SELECT * FROM sources ORDER BY version, source_id",
        "SELECT * FROM rejects ORDER BY version, source_id, record",
        "SELECT * FROM copies ORDER BY version, source_id, record",
        "SELECT * FROM runs WHERE kind = 'ingest' ORDER BY version",
        "SELECT event_date, sum(rows) AS rows, min(min_event_time) AS min, max(max_event_time) AS max
         FROM files GROUP BY 1 ORDER BY 1",
    ];
    let session = unmasked(lake, &Scope::default());
    questions.iter().map(|sql| session.rows(sql, &[]).unwrap()).collect()
}

#[track_caller]
fn assert_same(lake: &Path, before: &[Vec<Value>]) {
    for (found, wanted) in contents(lake).iter().zip(before) {
        assert_eq!(found.len(), wanted.len());
        for (found, wanted) in found.iter().zip(wanted) {
            assert_eq!(found, wanted);
        }
    }
    let verified = verified(lake);
    assert!(verified.holds(), "{:?}", verified.problems);
}

/// What rows of a data file are sorted by.
type Key = (Ordering, Option<String>, Option<String>, Option<i64>, Option<String>);

/// The key of every row of a data file, in the order of the file.
fn keys(path: &Path) -> Vec<Key> {
    let file = std::fs::File::open(path).unwrap();
    let mut keys = Vec::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let text = |name: &str, row| {
            let column = batch.column_by_name(name).unwrap().as_string::<i32>();
            column.iter().nth(row).unwrap().map(str::to_owned)
        };
        let times = batch.column_by_name("event_time").unwrap().as_primitive::<TimestampMicrosecondType>();
        for (row, time) in times.iter().enumerate() {
            let kind = text("user_identity_type", row);
            let side = kind.as_deref().map_or(Ordering::Less, |kind| kind.cmp("root-account"));
            keys.push((side, text("event_name", row), kind, time, text("event_id", row)));
        }
    }
    keys
}

#[test]
fn rows_are_the_same_before_and_after() {
    let lab = Lab::new();
    let lake = lab.lake();
    many_commits(&lab);
    let (before, old) = (contents(&lake), snapshot(&lake));
    assert!(before.iter().all(|rows| !rows.is_empty()));
    assert!(before[2].len() < old.rejects.iter().map(|file| file.rows).sum::<u64>() as usize, "some are superseded");
    let done = compacted(&lake);
    assert_same(&lake, &before);
    let new = snapshot(&lake);
    assert_eq!((new.version, done.version), (old.version + 1, old.version + 1));
    let counts = |snapshot: &Snapshot| {
        let tables = Table::ALL.iter().map(|table| table.files(snapshot).len() as u64);
        [snapshot.files.len()].into_iter().chain(tables).collect::<Vec<_>>()
    };
    let days = before[5].len() as u64;
    assert!(counts(&old)[0] > 2 * days && counts(&old)[1..].iter().all(|files| *files > 2), "{:?}", counts(&old));
    assert_eq!(counts(&new), [days, 1, 1, 1, 1, 1]);
    let account: Vec<_> = done.tables.iter().map(|table| (table.table, table.merged)).collect();
    assert_eq!(
        account,
        [("events", days), ("sources", 1), ("rejects", 1), ("copies", 1), ("root_account", 1), ("trail_calls", 1)]
    );
    for (table, (before, after)) in done.tables.iter().zip(counts(&old).into_iter().zip(counts(&new))) {
        let found = table.after.unwrap();
        assert_eq!((table.before.files, found.files), (before, after), "{}", table.table);
        assert_eq!(table.before.rows, found.rows, "{}", table.table);
    }
    let runs = ask(&lake, "SELECT kind, count(*) AS n, sum(read) AS read FROM runs GROUP BY 1 ORDER BY 1");
    assert_eq!((&runs[0]["kind"], &runs[0]["n"], &runs[0]["read"]), (&"compact".into(), &1.into(), &0.into()));
    // What was merged is visible no more, and still there.
    let checked = verified(&lake);
    assert_eq!((checked.replaced, checked.orphans.len()), (paths(&old), 0));
}

#[test]
fn merged_files_are_those_that_one_run_would_have_made() {
    let lab = Lab::new();
    let files = many_commits(&lab);
    compacted(&lab.lake());
    let at_once = lab.path("at-once");
    ingest_into(&at_once, &files, 2);
    let listing = |lake: &Path| snapshot(lake).files.all().unwrap();
    // Names, digests, ranges and all.
    assert_eq!(listing(&lab.lake()), listing(&at_once));
    for file in listing(&lab.lake()) {
        let keys = keys(&lab.lake().join(&file.path));
        assert!(keys.len() > 50 && keys.is_sorted(), "{}", file.path);
    }
}

#[test]
fn compacting_again_changes_nothing() {
    let lab = Lab::new();
    many_commits(&lab);
    for target_bytes in [24 << 10, 256 << 10, TARGET_BYTES] {
        let options = CompactOptions { target_bytes, ..options(&lab.lake()) };
        compact(&options, &Silent).unwrap();
        let once = snapshot(&lab.lake());
        let again = compact(&options, &Silent).unwrap();
        assert!(again.tables.iter().all(|table| table.merged == 0 && Some(table.before) == table.after));
        assert_eq!(snapshot(&lab.lake()), once, "{target_bytes}");
    }
}

#[test]
fn large_days_become_several_files() {
    let lab = Lab::new();
    let lake = lab.lake();
    let mut random = 1u64;
    let mut event = |n: u64| {
        // Text that does not pack well, so that few rows make a row group.
        let mut digits = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{random:016x}")
        };
        let text: String = (0..1_200).map(|_| digits()).collect();
        let kind = if n.is_multiple_of(9) { "root-account" } else { "ram-user" };
        let time = format!("2026-11-03T01:{:02}:00Z", n % 60);
        json!({"eventId": digits(), "eventName": "X", "eventTime": time, "userIdentity": {"type": kind},
            "requestParameters": {"text": text}})
    };
    for part in 0..3 {
        let text: String = (0..480).map(|n| format!("{}\n", event(n))).collect();
        lab.ingest(&[lab.file(&format!("{part}.jsonl"), text)]);
    }
    let sql = "SELECT count(*) AS n, count(DISTINCT event_id) AS ids, count(DISTINCT request_parameters) AS texts FROM events";
    let (before, inputs) = (ask(&lake, sql), snapshot(&lake).files.all().unwrap());
    let target_bytes = inputs.iter().map(|file| file.bytes).max().unwrap() * 2 + 2;
    let options = CompactOptions { target_bytes, memory_limit_bytes: 32 << 20, ..options(&lake) };
    let done = compact(&options, &Silent).unwrap();
    assert!(ask(&lake, sql) == before && verified(&lake).holds());
    let files = snapshot(&lake).files.all().unwrap();
    assert!(files.len() > 1, "{done:?}");
    assert!(files[..files.len() - 1].iter().all(|file| file.bytes >= target_bytes), "{files:?}");
    // Each is sorted, and so are all of them one after the other.
    let of_files: Vec<_> = files.iter().map(|file| keys(&lake.join(&file.path))).collect();
    assert!(of_files.concat().is_sorted());
    // What the manifest says of a file is what its own rows say.
    for (file, keys) in files.iter().zip(of_files) {
        let kinds = || keys.iter().filter_map(|(_, _, kind, ..)| kind.as_ref());
        let times = || keys.iter().filter_map(|(.., time, _)| *time);
        let range = &file.text_ranges["user_identity_type"];
        assert_eq!((kinds().min(), kinds().max()), (Some(&range.min), Some(&range.max)));
        assert_eq!((times().min(), times().max()), (file.min_event_time, file.max_event_time));
        assert_eq!((keys.len() as u64, range.nulls), (file.rows, 0));
    }
    assert!(files[0].text_ranges != files[files.len() - 1].text_ranges);
    assert_eq!(compact(&options, &Silent).unwrap().tables[0].merged, 0);
}

#[test]
fn little_memory_gives_the_same_files() {
    let lab = Lab::new();
    let lake = lab.lake();
    many_commits(&lab);
    let copy = lab.path("copy");
    copy_folder(&lake, &copy);
    compacted(&lake);
    // Two files at a time.
    compact(&CompactOptions { memory_limit_bytes: 1 << 20, ..options(&copy) }, &Silent).unwrap();
    assert_eq!(snapshot(&copy).files, snapshot(&lake).files);
    assert_eq!(snapshot(&copy).sources, snapshot(&lake).sources);
    assert!(verified(&copy).orphans.is_empty());
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for item in std::fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.path().is_dir() { copy_folder(&item.path(), &target) } else { drop(std::fs::copy(item.path(), target)) }
    }
}

#[test]
fn later_runs_go_on_from_a_compacted_lake() {
    let lab = Lab::new();
    let lake = lab.lake();
    let files = many_commits(&lab);
    compacted(&lake);
    // Nothing is new: sources are known by the merged table, events by the merged files.
    let again = lab_ingest(&lake, &lab.path("in"));
    assert_eq!((again.files_unchanged, again.totals.read), (files.len() as u64 + 1, 0));
    let touched = lab.file("again.jsonl", std::fs::read(&files[2]).unwrap());
    let events = contents(&lake)[0].len();
    assert_eq!(lab_ingest(&lake, &touched).totals.stored, 0);
    // A source with rejects is read again: those of all earlier commits count no more.
    let rejects_before = ask(&lake, "SELECT count(*) AS n FROM rejects")[0]["n"].as_u64().unwrap();
    let retry = IngestOptions { retry_rejects: true, ..ingest_options(&lake, &[lab.path("in")]) };
    assert_eq!(ingest(&retry, &Silent).unwrap().files_retried, 3);
    assert_eq!(ask(&lake, "SELECT count(*) AS n FROM rejects")[0]["n"].as_u64(), Some(rejects_before));
    let exported = rejects::export(&lake, &lab.path("refused"), None).unwrap();
    assert_eq!(exported.records, rejects_before);
    let before = contents(&lake);
    compacted(&lake);
    collected(&lake, TimeDelta::zero());
    assert_same(&lake, &before);
    assert_eq!(contents(&lake)[0].len(), events);
    assert_eq!(rejects::export(&lake, &lab.path("refused-again"), None).unwrap(), exported);
    let options = VerifyOptions { lake, sources: true, head: None, threads: 2 };
    let verified = verify(&options, &Silent).unwrap();
    let sources = verified.sources.unwrap();
    assert_eq!((sources.same, sources.replaced), (files.len() as u64 + 2, 4), "{:?}", verified.problems);
}

#[test]
fn checkpoints_and_entries_tell_the_same_after_compactions() {
    let lab = Lab::new();
    let lake = lab.lake();
    let mut compactions = 0;
    for n in 0..70 {
        let file = lab.file(&format!("in/{n}.jsonl"), CORPUS.record(CORPUS.per_file + n).compact() + "\n");
        lab_ingest(&lake, &file);
        if n % 11 == 10 {
            compactions += compacted(&lake).tables[0].merged;
        }
    }
    assert!(compactions > 3);
    let verified = verified(&lake);
    assert!(verified.holds() && verified.notes.is_empty(), "{verified:?}");
    let checkpoints = names(&lake.join("_manifest")).into_iter().filter(|name| name.contains("checkpoint"));
    assert_eq!(checkpoints.count(), 2, "those before the last two are superseded");
    balances(&lake);
}

/// Names of the files in a folder.
fn names(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder).unwrap().map(|item| item.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_same_rows_in_two_commits_stay_the_rows_of_two_commits() {
    let home = Home::new();
    let lake = home.work().join("trail-lake");
    let event = CORPUS.record(1).compact() + "\n";
    // Standard input has one source id, so the second and the third commit add the same file of `copies`.
    for _ in 0..3 {
        home.run_with_stdin(&["ingest", "-", "--now", NOW], &event);
    }
    for n in 2..5 {
        home.file("more.jsonl", event.clone() + &CORPUS.record(n).compact() + "\n");
        home.run(&["ingest", "more.jsonl", "--now", NOW]).exits(0);
    }
    let paths: Vec<String> = snapshot(&lake).copies.iter().map(|file| file.path.clone()).collect();
    assert!(paths.len() > 3 && paths[0] == paths[1], "{paths:?}");
    let before = contents(&lake);
    compacted(&lake);
    assert_same(&lake, &before);
    collected(&lake, TimeDelta::zero());
    assert_same(&lake, &before);
}

// ---- damage ----

#[test]
fn a_damaged_file_is_not_merged() {
    let lab = Lab::new();
    let lake = lab.lake();
    many_commits(&lab);
    let old = snapshot(&lake);
    for path in [&old.files.all().unwrap()[5].path, &old.sources[3].path, &old.copies[1].path] {
        let bytes = std::fs::read(lake.join(path)).unwrap();
        let mut damaged = bytes.clone();
        damaged[bytes.len() / 2] ^= 1;
        std::fs::write(lake.join(path), damaged).unwrap();
        let error = compact(&options(&lake), &Silent).unwrap_err().to_string();
        assert!(error.contains("its SHA-256 is not that of its entry") && error.contains(path.as_str()), "{error}");
        assert_eq!(snapshot(&lake), old);
        std::fs::write(lake.join(path), bytes).unwrap();
    }
    compacted(&lake);
    assert!(verified(&lake).holds());
}

#[test]
fn an_entry_that_loses_rows_is_found_out() {
    let lab = Lab::new();
    many_commits(&lab);
    let old = snapshot(&lab.lake());
    compacted(&lab.lake());
    let name = format!("{:020}.json", old.version + 1);
    let entry: Entry =
        serde_json::from_slice(&std::fs::read(lab.lake().join("_manifest").join(&name)).unwrap()).unwrap();
    assert_eq!(entry.run.kind, RunKind::Compact);
    type Change = fn(&mut Entry);
    let wrong: [(&str, Change); 5] = [
        ("it replaces", |entry| drop(entry.added.pop())),
        ("it replaces", |entry| entry.sources[0].rows += 1),
        ("it replaces", |entry| entry.root_account.as_mut().unwrap()[0].rows += 1),
        ("it replaces", |entry| drop(entry.removed.pop())),
        ("it removes a file that was not visible", |entry| entry.removed.push("events/x.parquet".to_owned())),
    ];
    for (n, (what, change)) in wrong.iter().enumerate() {
        // The chain is whole and every digest right: the entry itself is wrong.
        let lake = lab.path(&format!("wrong-{n}"));
        copy_folder(&lab.lake(), &lake);
        for name in [&name, &name.replace(".json", ".checkpoint.jsonl")] {
            std::fs::remove_file(lake.join("_manifest").join(name)).unwrap();
        }
        let mut entry = entry.clone();
        change(&mut entry);
        Manifest::new(&Storage::local(&lake)).commit(&old, entry).unwrap();
        let problems = verified(&lake).problems;
        assert!(problems.iter().any(|problem| problem.what.contains(what)), "{n}: {problems:?}");
    }
}

// ---- what is left over ----

#[test]
fn gc_takes_what_nobody_needs_and_nothing_else() {
    let lab = Lab::new();
    let lake = lab.lake();
    many_commits(&lab);
    let before = contents(&lake);
    let day = snapshot(&lake).files.all().unwrap()[0].path.rsplit_once('/').unwrap().0.to_owned();
    let orphan = format!("{day}/0123456789abcdef01234567.parquet");
    let temporary = [format!("{day}/.abc.tmp"), "sources/.abc.tmp".to_owned(), "_manifest/.entry-x.tmp".to_owned()];
    let foreign = [format!("{day}/mine.parquet"), "notes.txt".to_owned(), "_manifest/notes.txt".to_owned()];
    for name in temporary.iter().chain(&foreign).chain([&orphan]) {
        lab.file(&format!("lake/{name}"), "x");
    }
    // Lately written and lately replaced files stay.
    let replaced = paths(&snapshot(&lake));
    let removed = collected(&lake, TimeDelta::hours(1)).removed.unwrap();
    assert_eq!((removed.files, removed.waiting_files), (0, replaced + 4));
    assert_same(&lake, &before);
    let dry = CompactOptions { dry_run: true, gc: Some(TimeDelta::zero()), ..options(&lake) };
    assert_eq!(compact(&dry, &Silent).unwrap().removed.unwrap().files, replaced + 4);
    assert_eq!(verified(&lake).replaced, replaced);
    let removed = collected(&lake, TimeDelta::zero()).removed.unwrap();
    assert_eq!((removed.files, removed.waiting_files), (replaced + 4, 0));
    assert!(removed.bytes > 0);
    assert_same(&lake, &before);
    let verified = verified(&lake);
    let mut orphans = foreign.to_vec();
    orphans.sort();
    assert_eq!((verified.replaced, verified.orphans), (0, orphans));
    assert_eq!(collected(&lake, TimeDelta::zero()).removed.unwrap().files, 0);
}

#[test]
fn a_question_goes_on_reading_what_it_began_with() {
    let lab = Lab::new();
    many_commits(&lab);
    let sql = "SELECT count(DISTINCT event_name) AS names, count(*) AS n, max(request_id) AS id FROM events";
    let old = lab.session();
    let wanted: Vec<Value> = old.rows(sql, &[]).unwrap();
    collected(&lab.lake(), TimeDelta::hours(1));
    assert_eq!(old.rows::<Value>(sql, &[]).unwrap(), wanted);
    assert_eq!(ask(&lab.lake(), sql), wanted);
    // One that takes longer than files are kept is told so; it does not get fewer rows.
    collected(&lab.lake(), TimeDelta::zero());
    assert!(old.rows::<Value>(sql, &[]).is_err());
    assert_eq!(ask(&lab.lake(), sql), wanted);
}

// ---- real processes ----

fn spawn(home: &Home, args: &[&str]) -> Child {
    home.command(args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

#[track_caller]
fn succeeds(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    stderr
}

/// A home whose folder `pristine` is a lake that the corpus went into file by file.
fn home_of_many_commits() -> (Home, PathBuf, Vec<Vec<Value>>) {
    let home = Home::new();
    let pristine = home.work().join("pristine");
    for file in corpus(&home.work().join("in")) {
        lab_ingest(&pristine, &file);
    }
    let before = contents(&pristine);
    (home, pristine, before)
}

#[test]
fn a_killed_compaction_leaves_the_lake_as_it_was_or_done() {
    let (home, pristine, before) = home_of_many_commits();
    let lake = home.work().join("trail-lake");
    let compact = ["lake", "compact", "--gc", "--keep", "0m", "--threads", "1", "--now", NOW];
    copy_folder(&pristine, &lake);
    let began = Instant::now();
    succeeds(spawn(&home, &compact));
    let took = began.elapsed();
    let (mut at_work, mut left_behind, mut done) = (0, 0, 0);
    for moment in 1..=8 {
        std::fs::remove_dir_all(&lake).unwrap();
        copy_folder(&pristine, &lake);
        let mut child = spawn(&home, &compact);
        std::thread::sleep(took * moment / 8);
        at_work += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        balances(&lake);
        let checked = verified(&lake);
        assert!(checked.holds() && checked.events == before[0].len() as u64, "{:?}", checked.problems);
        left_behind += usize::from(!checked.orphans.is_empty());
        done += usize::from(snapshot(&lake).version > snapshot(&pristine).version);
        // The next run makes it good.
        succeeds(spawn(&home, &compact));
        let checked = verified(&lake);
        assert!(checked.holds(), "{:?}", checked.problems);
        assert_eq!((checked.replaced, checked.orphans.len()), (0, 0));
        assert_eq!(snapshot(&lake).sources.len(), 1);
    }
    assert_same(&lake, &before);
    // How many depends on what else the machine does.
    assert!(at_work > 0, "no run was killed at work, {done} after their commit, {left_behind} left files behind");
}

#[test]
fn two_compactions_and_an_ingest_at_once_all_succeed() {
    let (home, pristine, before) = home_of_many_commits();
    let lake = home.work().join("trail-lake");
    copy_folder(&pristine, &lake);
    let event = "{\"eventId\": \"new\", \"eventTime\": \"2026-08-10T00:00:01Z\", \"eventName\": \"X\"}\n";
    home.file("new.jsonl", event);
    let compact = ["lake", "compact", "--gc", "--keep", "0m", "--now", NOW];
    let children =
        [spawn(&home, &compact), spawn(&home, &["ingest", "new.jsonl", "--now", NOW]), spawn(&home, &compact)];
    for child in children {
        succeeds(child);
    }
    let verified = verified(&lake);
    assert!(verified.holds(), "{:?}", verified.problems);
    assert_eq!(contents(&lake)[0].len(), before[0].len() + 1);
    // Whoever came last found a lake with the others' work in it.
    let runs = texts(&ask(&lake, "SELECT kind FROM runs WHERE version > 12 ORDER BY kind"), "kind");
    assert!(runs.len() <= 3 && runs.iter().any(|kind| kind == "ingest"), "{runs:?}");
    succeeds(spawn(&home, &compact));
    assert_eq!(snapshot(&lake).files.len(), before[5].len() as u64);
}

#[test]
fn a_compaction_waits_for_the_run_that_writes() {
    let (home, pristine, before) = home_of_many_commits();
    let lock = Manifest::new(&Storage::local(&pristine)).lock(|| panic!("nobody else writes")).unwrap();
    let mut child = spawn(&home, &["lake", "compact", "--lake", "pristine", "--now", NOW]);
    let mut said = String::new();
    BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said, "another run writes to the lake: waiting\n");
    // Reading does not wait, and a dry run only reads.
    home.run(&["lake", "compact", "--dry-run", "--lake", "pristine", "--now", NOW]).exits(0);
    let unchanged = snapshot(&pristine).version;
    drop(lock);
    succeeds(child);
    assert!(snapshot(&pristine).version > unchanged);
    assert_same(&pristine, &before);
}

#[test]
fn the_command_says_what_it_would_do_and_what_it_did() {
    let (home, pristine, before) = home_of_many_commits();
    let args = |more: &[&'static str]| [&["lake", "compact", "--lake", "pristine", "--now", NOW], more].concat();
    let old = snapshot(&pristine);
    let dry = home.run(&args(&["--dry-run", "--gc"])).exits(0);
    assert!(dry.stdout.contains("files before") && !dry.stdout.contains("files after"), "{}", dry.stdout);
    assert!(dry.stderr.contains("would merge") && dry.stderr.contains("would remove 0 files"), "{}", dry.stderr);
    assert_eq!(snapshot(&pristine), old);
    let run = home.run(&args(&[])).exits(0);
    let days = before[5].len();
    for wanted in [format!("of {days} days"), format!("version {}", old.version + 1), "--gc` removes them".to_owned()] {
        assert!(run.stderr.contains(&wanted), "{wanted}: {}", run.stderr);
    }
    let events = run.stdout.lines().find(|line| line.starts_with("events")).unwrap();
    let cells: Vec<&str> = events.split_whitespace().collect();
    let (files, rows) = (old.files.len().to_string(), before[0].len().to_string());
    assert_eq!(cells[1..5], [&days.to_string(), &files, &rows, &files], "{events}");
    assert_eq!(cells[7], days.to_string(), "{events}");
    let json = home.run(&args(&["-F", "json", "--gc", "--keep", "0m"])).exits(0);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&json["tables"][0]["merged"], &json["left"]), (&0.into(), &0.into()));
    assert!(json["removed"]["files"].as_u64() > Some(old.files.len()), "{json}");
    let info = home.run(&["lake", "info", "--lake", "pristine"]).exits(0);
    assert!(info.stdout.contains("runs          12\ncompactions   1\n"), "{}", info.stdout);
    for wrong in [&["--keep", "1h"][..], &["--gc", "--keep", "soon"], &["--target-size", "12"]] {
        home.run(&[&["lake", "compact", "--lake", "pristine"], wrong].concat()).exits(2);
    }
    home.run(&["lake", "compact", "--lake", "nowhere"]).exits(2);
}

/// A wish to stop that comes at once.
struct Stopped(StopSignal);

impl Progress for Stopped {
    fn begin(&self, _files: u64, _bytes: u64) {}
    fn advance(&self, _files: u64, _bytes: u64, _events: u64) {
        self.0.ask();
    }
    fn end(&self) {}
    fn stop_signal(&self) -> StopSignal {
        self.0.clone()
    }
}

#[test]
fn a_wish_to_stop_keeps_the_days_that_are_done() {
    let (_home, lake, before) = home_of_many_commits();
    let options = CompactOptions { threads: 1, gc: Some(TimeDelta::zero()), ..options(&lake) };
    let mut left = u64::MAX;
    while left > 0 {
        let done = compact(&options, &Stopped(StopSignal::default())).unwrap();
        assert_eq!(done.tables.iter().map(|table| table.merged).sum::<u64>(), 1);
        assert!(done.left < left && done.removed.is_none());
        left = done.left;
        assert_same(&lake, &before);
    }
}

#[test]
fn a_question_whose_files_were_removed_meanwhile_says_so() {
    let lab = Lab::new();
    for file in &corpus(&lab.path("in"))[..4] {
        lab.ingest(std::slice::from_ref(file));
    }
    let session = lab.session();
    collected(&lab.lake(), TimeDelta::days(-100_000));
    for sql in
        ["SELECT sum(length(user_agent)) FROM events", "SELECT path FROM sources", "SELECT * FROM root_ak_access"]
    {
        let answer = session.sql(sql).and_then(|mut answer| answer.next_batch().map(drop));
        assert!(matches!(answer, Err(EngineError::FilesGone(_))), "{sql}: {answer:?}");
    }
    assert_eq!(lab.ask("SELECT count(*) AS n FROM events").len(), 1);
}
