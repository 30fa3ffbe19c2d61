//! File systems that are full, or read-only: a clear error, nothing half-visible, and the same command completes later.

use std::collections::BTreeMap;
use std::path::Path;

use super::{event, lines};
use crate::harness::{Home, NOW, Run};
use crate::lab::{ingest_into, write};

/// Bytes of a page, of which a file of a tmpfs takes a whole number.
const PAGE: u64 = 4096;

/// Pages and inodes of everything in a folder, and the folder itself.
fn used(path: &Path) -> (u64, u64) {
    if path.is_file() {
        return (std::fs::metadata(path).unwrap().len().div_ceil(PAGE), 1);
    }
    let Ok(items) = std::fs::read_dir(path) else { return (0, 0) };
    items.map(|item| used(&item.unwrap().path())).fold((0, 1), |sum, of| (sum.0 + of.0, sum.1 + of.1))
}

/// What came of one command of a script.
struct Step {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Reads what `say` in a script has left.
fn steps(home: &Home) -> BTreeMap<String, Step> {
    let folder = home.work().join("out");
    let read = |name: &str, extension: &str| {
        std::fs::read_to_string(folder.join(format!("{name}.{extension}"))).unwrap_or_default()
    };
    let names = std::fs::read_dir(&folder).unwrap().map(|item| item.unwrap().file_name().into_string().unwrap());
    let names = names.filter_map(|name| Some(name.strip_suffix(".code")?.to_owned()));
    names
        .map(|name| {
            let code = read(&name, "code").trim().parse().unwrap();
            let step = Step { code, stdout: read(&name, "out"), stderr: read(&name, "err") };
            (name, step)
        })
        .collect()
}

/// Runs the binary as the step of this name, whatever comes of it.
const SAY: &str = r#"
    mkdir -p disk out
    say() { name=$1; shift; code=0; "$trailql" "$@" >"out/$name.out" 2>"out/$name.err" || code=$?; echo "$code" >"out/$name.code"; }
"#;

/// Ingests into a disk with so many pages and inodes to spare, and then into the same disk with room.
fn ingest_into_full_disk(home: &Home, pages: u64, inodes: u64) -> Option<BTreeMap<String, Step>> {
    let script = format!(
        r#"{SAY}
        mount -t tmpfs -o size={bytes},nr_inodes={inodes} tmpfs disk
        if [ -d start ]; then cp -a start disk/lake; fi
        say full ingest in --lake disk/lake --now {NOW} --threads 2
        say full-again ingest in --lake disk/lake --now {NOW} --threads 2
        find disk -name '*.tmp' >out/left
        if [ -d disk/lake/_manifest ]; then
            say verify-full lake verify --lake disk/lake
            say count-full sql --lake disk/lake 'SELECT count(*) AS n FROM events' -F csv -q
        fi
        mount -o remount,size=64M,nr_inodes=100000 disk
        say room ingest in --lake disk/lake --now {NOW} --threads 2
        say verify lake verify --lake disk/lake
        say count sql --lake disk/lake 'SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM events' -F csv -q
        "#,
        bytes = pages * PAGE,
    );
    let _ = std::fs::remove_dir_all(home.work().join("out"));
    home.run_mounting(&script)?.exits(0);
    Some(steps(home))
}

#[test]
fn a_full_disk_loses_nothing_wherever_it_fills_up() {
    let home = Home::new();
    // A lake of 31 commits, so that the next one writes a checkpoint too.
    let start = home.work().join("start");
    for n in 0..31 {
        let file = write(&home.work().join(format!("before/{n}.json")), lines(&[event(&format!("before-{n}"))]));
        ingest_into(&start, &[file], 1);
    }
    let new: Vec<_> = (0..40).map(|n| event(&format!("new-{n}"))).collect();
    home.file("in/a.json", lines(&new[..20]));
    home.file("in/b.json", format!("{}broken\n{}", lines(&new[10..]), lines(&new[..5])));
    let (pages, inodes) = used(&start);
    let roomy = 100_000;
    let cases = (0..22).map(|more| (pages + more, roomy)).chain((1..9).map(|more| (roomy, inodes + more)));
    let mut failed_at = Vec::new();
    for (pages, inodes) in cases {
        let Some(steps) = ingest_into_full_disk(&home, pages, inodes) else { return };
        let what = format!("{pages} pages, {inodes} inodes: {}", steps["full"].stderr);
        let left = std::fs::read_to_string(home.work().join("out/left")).unwrap();
        assert_eq!(left, "", "{what}");
        if steps["full"].code != 0 {
            assert_eq!(steps["full"].code, 2, "{what}");
            let (message, _) = steps["full"].stderr.trim_end().split_once("No space left on device").unwrap();
            let path = message.split_once("disk/lake/").unwrap_or_else(|| panic!("{what}")).1;
            failed_at.push(path.trim_end_matches(": ").to_owned());
        }
        // What the full disk shows is the lake before the run or after it, and sound.
        assert_eq!(steps["verify-full"].code, 0, "{what}{}", steps["verify-full"].stdout);
        let count = &steps["count-full"].stdout;
        assert!(["n\n31\n", "n\n71\n"].contains(&count.as_str()), "{what}{count}");
        assert_eq!(steps["room"].code, 0, "{what}{}", steps["room"].stderr);
        assert_eq!(steps["verify"].code, 0, "{what}{}", steps["verify"].stdout);
        assert_eq!(steps["count"].stdout, "n,ids\n71,71\n", "{what}");
        let verified = format!("{}{}", steps["verify"].stdout, steps["verify"].stderr);
        assert!(verified.contains("orphans       0"), "files that nobody needs are left: {what}{verified}");
    }
    for stage in ["events", "sources", "rejects", "copies", "_manifest", "checkpoint.json", "head.json"] {
        assert!(failed_at.iter().any(|path| path.contains(stage)), "never full at {stage}: {failed_at:#?}");
    }
}

#[test]
fn a_disk_that_is_full_from_the_first_run_on_becomes_a_lake_later() {
    let home = Home::new();
    home.file("in/a.json", lines(&[event("a"), event("b")]));
    for inodes in [2, 3, 5, 7, 8, 9, 10] {
        let Some(steps) = ingest_into_full_disk(&home, 1000, inodes) else { return };
        let what = format!("{inodes} inodes: {}", steps["full"].stderr);
        assert_eq!(steps["full"].code, 2, "{what}");
        assert!(steps["full"].stderr.contains("No space left on device"), "{what}");
        assert_eq!(steps["room"].code, 0, "{what}{}", steps["room"].stderr);
        assert_eq!((steps["verify"].code, steps["count"].stdout.as_str()), (0, "n,ids\n2,2\n"), "{what}");
    }
}

#[test]
fn a_full_temporary_folder_is_told_and_is_not_the_fault_of_the_export() {
    let home = Home::new();
    let events: Vec<_> = (0..3000).map(|n| event(&format!("e{n}"))).collect();
    home.file("in/a.json", lines(&events));
    // A packed archive is copied to a temporary file, since it is read in any order.
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("b.json", stored).unwrap();
    std::io::Write::write_all(&mut zip, lines(&events).as_bytes()).unwrap();
    let zip = zip.finish().unwrap().into_inner();
    home.file("packed/b.zip.gz", crate::generate::deliver::gzip(&zip, 6).unwrap());
    let script = format!(
        r#"{SAY}
        mount -t tmpfs -o size=16k tmpfs "$TMPDIR"
        say from sql --from in --now {NOW} 'SELECT count(*) FROM events'
        find "$TMPDIR" -mindepth 1 >out/left
        say packed ingest packed --lake lake --now {NOW}
        umount "$TMPDIR"
        say room ingest packed --lake lake --now {NOW}
        say verify lake verify --lake lake
        "#
    );
    let Some(run) = home.run_mounting(&script) else { return };
    run.exits(0);
    let steps = steps(&home);
    assert_eq!((steps["from"].code, steps["from"].stdout.as_str()), (2, ""));
    assert!(steps["from"].stderr.contains("No space left on device"), "{}", steps["from"].stderr);
    assert_eq!(std::fs::read_to_string(home.work().join("out/left")).unwrap(), "");
    let packed = &steps["packed"].stderr;
    assert!(packed.contains("it cannot be copied to the temporary folder: No space left on device"), "{packed}");
    assert_eq!(steps["packed"].code, 2, "{packed}");
    assert_eq!((steps["room"].code, steps["verify"].code), (0, 0), "{}", steps["room"].stderr);
    assert!(steps["room"].stdout.contains(" 3000 "), "{}", steps["room"].stdout);
}

#[test]
fn an_answer_that_cannot_be_written_is_an_error() {
    let home = Home::new();
    home.file("in/a.json", lines(&[event("a")]));
    home.run(&["ingest", "in", "--now", NOW]).exits(0);
    let mut verbs: Vec<Vec<&str>> = ["table", "csv", "json", "jsonl", "markdown", "parquet"]
        .iter()
        .map(|format| vec!["sql", "SELECT * FROM events", "-F", format])
        .collect();
    verbs.extend([
        vec!["lake", "dump"],
        vec!["lake", "dump", "-F", "json"],
        vec!["lake", "info"],
        vec!["lake", "verify"],
        vec!["event", "a"],
        vec!["views", "list"],
        vec!["report", "root-usage", "--now", NOW],
    ]);
    for args in &verbs {
        let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
        let run = Run::of(home.command(args).stdout(full()).output().unwrap()).exits(2);
        let said = "error: cannot write `stdout`: No space left on device (os error 28)\n";
        assert!(run.stderr.ends_with(said), "{args:?}: {}", run.stderr);
    }
    let dump = home.run(&["lake", "dump", "-o", "/dev/full"]).exits(2);
    assert!(dump.stderr.contains("`/dev/full`"), "{}", dump.stderr);
    let script = format!(
        r#"{SAY}
        mount -t tmpfs -o size=4k tmpfs disk
        say dump lake dump -o disk/dump.jsonl
        say sql sql 'SELECT e.* FROM events AS e, (SELECT unnest(range(0, 100)))' -o disk/rows.csv
        find disk -type f >out/left
        "#
    );
    let Some(run) = home.run_mounting(&script) else { return };
    run.exits(0);
    let steps = steps(&home);
    assert_eq!(steps["dump"].code, 0, "one event fits: {}", steps["dump"].stderr);
    let sql = &steps["sql"];
    assert!(sql.code == 2 && sql.stderr.contains("No space left on device"), "{}", sql.stderr);
    assert!(sql.stderr.contains("rows.csv"), "{}", sql.stderr);
    assert_eq!(std::fs::read_to_string(home.work().join("out/left")).unwrap(), "disk/dump.jsonl\n");
}

#[test]
fn a_lake_on_read_only_media_answers() {
    let home = Home::new();
    home.file("in/a.json", lines(&[event("a")]));
    home.file("more/b.json", lines(&[event("b")]));
    let script = format!(
        r#"{SAY}
        mount -t tmpfs tmpfs disk
        "$trailql" ingest in --lake disk/lake --now {NOW} -q
        cp -a more disk/more
        mount -o remount,ro disk
        say sql sql --lake disk/lake 'SELECT event_id FROM events' -F csv
        say query query --lake disk/lake root_console_login
        say dump lake dump --lake disk/lake
        say verify lake verify --lake disk/lake
        say info lake info --lake disk/lake
        say dry-run ingest more --lake disk/lake --now {NOW} --dry-run
        say ingest ingest more --lake disk/lake --now {NOW}
        say new ingest more --lake disk/other --now {NOW}
        say media ingest disk/more --lake lake --now {NOW}
        "#
    );
    let Some(run) = home.run_mounting(&script) else { return };
    run.exits(0);
    for (name, step) in steps(&home) {
        let expected = if ["ingest", "new"].contains(&name.as_str()) { 2 } else { 0 };
        assert_eq!(step.code, expected, "{name}: {}", step.stderr);
        if expected == 2 {
            assert!(step.stderr.contains("Read-only file system"), "{name}: {}", step.stderr);
            assert!(step.stderr.contains("disk/"), "{name}: {}", step.stderr);
        }
    }
    assert_eq!(steps(&home)["sql"].stdout, "event_id\na\n");
}
