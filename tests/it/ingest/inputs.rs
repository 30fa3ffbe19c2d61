//! Inputs that may not be read, and that change between the moment they are listed and the moment they are read.

use std::path::PathBuf;
use std::sync::Mutex;

use super::{event, lines};
use crate::lab::{Lab, balances, now, texts};
use trailql::export::csv::CsvOptions;
use trailql::lake::write::WriteMode;
use trailql::ops::ingest::{IngestOptions, IngestOutcome, ingest};
use trailql::ops::progress::Progress;

/// Does something when the inputs are listed and before the first is opened, and when the first events come in.
struct Meanwhile<L, R> {
    listed: L,
    reading: Mutex<Option<R>>,
}

impl<L: Fn() + Sync, R: FnOnce() + Send> Progress for Meanwhile<L, R> {
    fn begin(&self, _files: u64, _bytes: u64) {
        (self.listed)();
    }
    fn advance(&self, _files: u64, _bytes: u64, events: u64) {
        if events > 0
            && let Some(reading) = self.reading.lock().unwrap().take()
        {
            reading();
        }
    }
    fn end(&self) {}
}

fn ingest_meanwhile(lab: &Lab, listed: impl Fn() + Sync, reading: impl FnOnce() + Send) -> IngestOutcome {
    let options = IngestOptions {
        inputs: vec![lab.path("in")],
        lake: lab.lake(),
        memory_limit_bytes: 256 << 20,
        threads: 1,
        now: now(),
        mode: WriteMode::Durable,
        retry_rejects: false,
        csv: CsvOptions::default(),
    };
    let outcome = ingest(&options, &Meanwhile { listed, reading: Mutex::new(Some(reading)) }).unwrap();
    balances(&lab.lake());
    outcome
}

#[test]
fn a_file_that_vanishes_shrinks_or_grows_after_it_was_listed() {
    let lab = Lab::new();
    let events: Vec<_> = (0..12).map(|n| event(&format!("e{n}"))).collect();
    let gone: Vec<PathBuf> = (0..4).map(|n| lab.file(&format!("in/{n}-gone.json"), lines(&events[n..=n]))).collect();
    let folder = lab.path("in/5-folder");
    lab.file("in/5-folder/x.json", lines(&events[4..5]));
    let grows = lab.file("in/6-grows.json", lines(&events[5..7]));
    let shrinks = lab.file("in/7-shrinks.json", lines(&events[8..10]));
    lab.file("in/8-stays.json", lines(&events[10..12]));
    let outcome = ingest_meanwhile(
        &lab,
        || {
            gone.iter().for_each(|path| std::fs::remove_file(path).unwrap());
            std::fs::remove_dir_all(&folder).unwrap();
            std::fs::write(&grows, lines(&events[5..8])).unwrap();
            let whole = lines(&events[8..10]);
            std::fs::write(&shrinks, &whole[..whole.len() - 30]).unwrap();
        },
        || {},
    );
    assert_eq!(outcome.unreadable.files, 5, "{:?}", outcome.unreadable);
    assert!(outcome.unreadable.first.iter().all(|file| file.reason.contains("No such file")), "{outcome:?}");
    assert_eq!((outcome.totals.stored, outcome.totals.rejected), (6, 1), "{:?}", outcome.rejects);
    // What has come back, or has changed since it was listed, is read by the next run; nothing is stored twice.
    gone.iter().enumerate().for_each(|(n, path)| std::fs::write(path, lines(&events[n..=n])).unwrap());
    std::fs::write(&shrinks, lines(&events[8..10])).unwrap();
    let again = lab.ingest(&[lab.path("in")]);
    assert_eq!((again.files_unchanged, again.totals.stored), (1, 5), "{again:?}");
    assert_eq!(again.totals.duplicate, 3 + 1, "{again:?}");
    assert_eq!(lab.ids().len(), 11);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_accounted_for() {
    for grow in [true, false] {
        let lab = Lab::new();
        let filler = "x".repeat(100_000);
        // Several batches of 8 MB, more than a reader is ahead of the writer.
        let events: Vec<_> = (0..700)
            .map(|n| {
                let mut event = event(&format!("e{n}"));
                event["errorMessage"] = filler.as_str().into();
                event
            })
            .collect();
        let text = lines(&events[..699]);
        let path = lab.file("in/log.json", &text);
        let change = || {
            let file = std::fs::File::options().append(true).open(&path).unwrap();
            if grow {
                std::io::Write::write_all(&mut &file, lines(&events[699..]).as_bytes()).unwrap();
            } else {
                file.set_len(text.len() as u64 - 50).unwrap();
            }
        };
        let outcome = ingest_meanwhile(&lab, || {}, change);
        let expected = if grow { (700, 0) } else { (698, 1) };
        assert_eq!((outcome.totals.stored, outcome.totals.rejected), expected, "{:?}", outcome.rejects);
        std::fs::write(&path, &text).unwrap();
        let again = lab.ingest(&[lab.path("in")]);
        assert_eq!(again.files_unchanged, 0, "it is not what was listed");
        assert_eq!(lab.ids().len(), if grow { 700 } else { 699 });
    }
}

#[test]
fn many_tiny_files_make_few_data_files() {
    let lab = Lab::new();
    for n in 0..3000 {
        let mut event = event(&format!("e{n}"));
        event["eventTime"] = format!("2026-11-{:02}T10:00:00Z", 1 + n % 5).into();
        lab.file(&format!("in/{}/{n}.json", n % 7), lines(&[event]));
    }
    let outcome = lab.ingest(&[lab.path("in")]);
    assert_eq!((outcome.files_read(), outcome.totals.stored, outcome.shapes.len()), (3000, 3000, 1));
    assert_eq!(lab.ask("SELECT path FROM files").len(), 5, "one a day");
    assert_eq!(lab.ingest(&[lab.path("in")]).files_unchanged, 3000);
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_may_not_be_read_are_named_and_read_when_they_may_be() {
    use crate::harness::{Home, NOW, Run};
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let chmod = |path: &PathBuf, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let closed = home.file("in/closed.json", lines(&[event("closed")]));
    for (name, mode) in [("owner.json", 0o400), ("all.json", 0o444)] {
        chmod(&home.file(&format!("in/{name}"), lines(&[event(name)])), mode);
    }
    home.file("in/folder/x.json", lines(&[event("x")]));
    home.file("in/shut/y.json", lines(&[event("y")]));
    let shut = home.work().join("in/shut");
    chmod(&closed, 0o000);
    chmod(&home.work().join("in/folder"), 0o555);
    chmod(&shut, 0o000);
    // Root may read everything, unless it gives that up.
    let as_user = |args: &[&str]| {
        let plain = home.command(args);
        let mut command = std::process::Command::new("setpriv");
        command.args(["--bounding-set=-all", "--inh-caps=-all"]).arg(plain.get_program()).args(args).env_clear();
        command.current_dir(home.work()).env("TMPDIR", home.tmp()).env("HOME", home.work());
        let root = std::fs::read(&closed).is_ok();
        if root { command.output() } else { home.command(args).output() }
    };
    let first = match as_user(&["ingest", "in", "--now", NOW]) {
        Ok(output) => Run::of(output),
        Err(error) => return eprintln!("skipped: this is root, and setpriv cannot be run: {error}"),
    };
    if first.code == Some(127) || first.stderr.contains("setpriv:") {
        return eprintln!("skipped: this is root, and may not give that up: {}", first.stderr);
    }
    let first = first.exits(0);
    // They are part of the account, and of what is read without a lake.
    assert!(first.stdout.contains("\nnot read  "), "{}", first.stdout);
    assert!(first.stderr.contains("2 files or folders could not be read\n"), "{}", first.stderr);
    let from = Run::of(as_user(&["sql", "SELECT 1", "--from", "in", "--now", NOW]).unwrap()).exits(0);
    assert!(from.stderr.contains("2 files or folders could not be read\n"), "{}", from.stderr);
    let named = Run::of(as_user(&["ingest", "in/shut/y.json", "in/owner.json", "--now", NOW, "--strict"]).unwrap());
    assert!(named.code == Some(1) && named.stderr.contains("Permission denied"), "{}", named.stderr);
    for name in ["in/closed.json", "in/shut"] {
        let line = first.stderr.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{}", first.stderr));
        assert!(line.contains("Permission denied"), "{line}");
    }
    assert!(first.stdout.contains("\nall "), "{}", first.stdout);
    let ids = |home: &Home| home.run(&["sql", "SELECT event_id FROM events ORDER BY 1", "-F", "csv"]).exits(0).stdout;
    assert_eq!(ids(&home), "event_id\nall.json\nowner.json\nx\n");
    Run::of(as_user(&["ingest", "in", "--now", NOW, "--strict"]).unwrap()).exits(1);
    chmod(&closed, 0o600);
    chmod(&shut, 0o700);
    home.run(&["ingest", "in", "--now", NOW, "--strict"]).exits(0);
    assert_eq!(ids(&home), "event_id\nall.json\nclosed\nowner.json\nx\ny\n");
    let lake = home.work().join("trail-lake/_manifest");
    chmod(&lake, 0o555);
    home.file("in/new.json", lines(&[event("new")]));
    let refused = Run::of(as_user(&["ingest", "in", "--now", NOW]).unwrap()).exits(2);
    assert!(refused.stderr.contains("Permission denied") && refused.stderr.contains("_manifest"), "{}", refused.stderr);
    chmod(&lake, 0o755);
    assert_eq!(
        texts(&crate::lab::ask(&home.work().join("trail-lake"), "SELECT event_id FROM events"), "event_id").len(),
        5
    );
}

/// A pipe is read once and to its end, also where a table must be read in any order, and however often it is named.
#[cfg(unix)]
#[test]
fn pipes_are_read_as_inputs() {
    use crate::harness::{Home, NOW, Run};
    use std::process::Command;
    let home = Home::new();
    home.file("in/a.json", lines(&[event("a"), event("b")]));
    home.file("in/b.json", lines(&[event("c")]));
    let shell = |script: &str| {
        let mut command = Command::new("bash");
        command.args(["-euc", script]).env_clear().current_dir(home.work());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", home.work()).env("TMPDIR", home.tmp()).env("NOW", NOW);
        command.env("trailql", env!("CARGO_BIN_EXE_trailql"));
        Run::of(command.output().unwrap())
    };
    let run = shell(
        "\"$trailql\" sql 'SELECT event_id FROM events ORDER BY 1' -F csv --now $NOW --from <(gzip -c in/a.json)",
    );
    assert_eq!(run.exits(0).stdout, "event_id\na\nb\n");
    let run =
        shell("cat in/b.json | \"$trailql\" sql 'SELECT event_id FROM events' -F csv --now $NOW --from /dev/stdin");
    assert_eq!(run.exits(0).stdout, "event_id\nc\n");
    let fifo = "mkfifo pipe; \"$trailql\" sql 'SELECT event_id, event_name, event_time FROM events' -o t.parquet --now $NOW \
                --from in/b.json; (cat t.parquet > pipe) & \"$trailql\" ingest --strict --now $NOW pipe <(cat in/a.json)";
    let run = shell(fifo).exits(0);
    assert!(run.stdout.contains("flattened events, Parquet"), "{}", run.stdout);
    // The same name, and another content.
    let run = shell("\"$trailql\" ingest --strict --now $NOW <(cat in/b.json)").exits(0);
    assert!(run.stdout.contains("events, JSON documents"), "{}", run.stdout);
    let run = shell("\"$trailql\" ingest --strict --now $NOW /dev/stdin < in/a.json").exits(0);
    assert!(run.stdout.contains("events, JSON documents"), "{}", run.stdout);
    // None of them can be read again, and that is no mismatch; two had the same name.
    let run = home.run(&["lake", "verify", "--sources"]).exits(0);
    assert!(run.stdout.contains("3 no file\n"), "{}", run.stdout);
    // Nobody writes to a pipe that lies in a folder.
    let run = shell("mkfifo in/pipe; \"$trailql\" ingest --strict --now $NOW --lake other in").exits(1);
    assert!(run.stderr.contains("cannot read `in/pipe`: neither a file nor a folder"), "{}", run.stderr);
}
