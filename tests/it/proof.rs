//! The proof: nothing is lost on the way in and out, every copy is told, rejects come back, and a lake that was changed
//! in any byte is found out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};
use trailql::engine::{Scope, Session};
use trailql::export::csv::CsvOptions;
use trailql::lake::manifest::ValueFilter;
use trailql::lake::write::WriteMode;
use trailql::lake::{Lake, sha256_hex};
use trailql::ops::coverage::{Coverage, CoverageOptions, State, coverage};
use trailql::ops::dump::dump;
use trailql::ops::ingest::{IngestOptions, IngestOutcome, ingest};
use trailql::ops::progress::Silent;
use trailql::ops::verify::{Verified, VerifyOptions, verify};
use trailql::ops::{OpsError, event, rejects};

use crate::harness::{Home, sample_data};
use crate::lab::{for_ops, unmasked};
use crate::oracle::read;

const ACCOUNT: &str = "1000000000000001";

/// A folder with exports and a lake.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn lake(&self) -> PathBuf {
        self.path("lake")
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn ingest(&self, inputs: &[PathBuf]) -> IngestOutcome {
        ingest(&self.options(inputs), &Silent).unwrap()
    }

    fn options(&self, inputs: &[PathBuf]) -> IngestOptions {
        IngestOptions {
            mode: WriteMode::Durable,
            inputs: inputs.to_vec(),
            lake: self.lake(),
            memory_limit_bytes: 256 << 20,
            threads: 2,
            now: "2026-11-09T08:00:00Z".parse().unwrap(),
            retry_rejects: false,
            csv: CsvOptions::default(),
        }
    }

    fn session(&self) -> Session {
        unmasked(&self.lake(), &Scope::default())
    }

    fn verify(&self) -> Verified {
        verify(&self.verify_options(), &Silent).unwrap()
    }

    fn verify_options(&self) -> VerifyOptions {
        VerifyOptions { lake: self.lake(), sources: false, head: None, threads: 2 }
    }

    /// The lake's events, by id.
    fn dump(&self) -> BTreeMap<String, Value> {
        let mut events = BTreeMap::new();
        let mut times = Vec::new();
        dump(&for_ops(&self.session()), |json| -> Result<(), OpsError> {
            let event: Value = serde_json::from_str(json).unwrap();
            times.push(event["eventTime"].as_str().unwrap_or("~").to_owned());
            assert!(!json.contains('\n'));
            assert!(events.insert(event["eventId"].to_string(), event).is_none());
            Ok(())
        })
        .unwrap();
        let days: Vec<_> = times.iter().filter(|time| time.starts_with("20")).collect();
        assert!(days.is_sorted(), "by day and time: {days:?}");
        events
    }
}

fn lines(events: &[Value]) -> String {
    events.iter().map(|event| format!("{event}\n")).collect()
}

fn by_id(events: impl IntoIterator<Item = Value>) -> BTreeMap<String, Value> {
    // Of two copies the first is stored; they may differ in form, as eventVersion does.
    let mut first = BTreeMap::new();
    for event in events {
        first.entry(event["eventId"].to_string()).or_insert(event);
    }
    first
}

/// An event of a day and time in November 2026.
fn call(id: &str, time: &str, rw: &str) -> Value {
    json!({
        "eventId": id, "eventName": "RunInstances", "eventTime": format!("2026-11-{time}Z"), "eventRW": rw,
        "eventVersion": "1", "serviceName": "Ecs", "acsRegion": "cn-hangzhou",
        "userIdentity": {"type": "ram-user", "accountId": ACCOUNT, "userName": "alice"},
    })
}

// ---- fidelity ----

/// The published shapes, with invented ids, as they were published.
const PUBLISHED: [&str; 5] = [
    r#"{"eventId": "239EB588-0001", "eventVersion": 1, "eventSource": "ecs-cn-hangzhou-share.aliyuncs.com",
        "requestParameters": {"charset": "UTF-8", "InstanceId": "i-example****", "ForceStop": false},
        "sourceIpAddress": "192.168.XX.XX", "userAgent": "Apache-HttpClient/4.5.7 (Java/1.8.0_275)",
        "eventType": "ApiCall", "referencedResources": {"ACS::ECS::Instance": ["i-example****"]},
        "userIdentity": {"sessionContext": {"attributes": {"mfaAuthenticated": "false",
        "creationDate": "2021-08-04T06:11:36Z"}}, "accountId": "154735325685****", "type": "root-account"},
        "serviceName": "Ecs", "additionalEventData": {"Scheme": "http", "CallerBid": "26842"},
        "eventTime": "2021-08-04T06:11:36Z", "isGlobal": false, "acsRegion": "cn-beijing", "eventName": "StopInstance"}"#,
    r#"{"eventId": "2542222-0002 ****", "eventVersion": 1, "eventType": "ConsoleSignin", "extend": "2",
        "userIdentity": {"accountId": "11122223333***", "type": "root-account", "userName": "test"},
        "additionalEventData": {"loginAccount": "user1", "isMFAChecked": "false"},
        "eventTime": "2021-01-01T00:00:00Z", "errorMessage": "success", "eventName": "ConsoleSignin"}"#,
    r#"{"EndTime": "2020-07-22T14:00:00Z", "Events": [{"eventId": "6EEC3A76-0003", "eventVersion": 1,
        "eventName": "GetTemplate"}], "NextToken": "eyJ", "RequestId": "FD79665A", "StartTime": "2020-07-15T14:00:00Z"}"#,
    r#"{"__time__": "1751852386", "__topic__": "actiontrail_audit_event", "__source__": "",
        "event": "{\"eventId\":\"AE3B-0004\",\"eventName\":\"CreateUser\",\"eventTime\":\"2025-07-07T01:39:46Z\"}"}"#,
    r#"{"eventId": "0005", "eventName": null, "eventTime": "null", "EventVersion": "1", "isGlobal": "false",
        "errorCode": 202, "errorMessage": "", "userIdentity": "root", "requestParameters": "{\"a\":\"{\\\"b\\\":1}\"}",
        "responseElements": {"big": 123456789012345678, "float": 1.5e300, "deep": [[[{"x": null}]]]},
        "eventType": "ApiCall", "insightDetails": {"state": "Start", "state2": [1, 2.50]}}"#,
];

#[test]
fn published_events_come_back_equal() {
    let place = Place::new();
    let files: Vec<_> = PUBLISHED.iter().enumerate().map(|(n, text)| place.write(&format!("{n}.json"), text)).collect();
    let outcome = place.ingest(&files);
    assert_eq!((outcome.totals.stored, outcome.totals.rejected), (5, 0), "{:?}", outcome.rejects);
    let wanted = by_id(PUBLISHED.iter().flat_map(|text| read::content(text.as_bytes()).unwrap()));
    assert_eq!(place.dump(), wanted);
}

#[test]
fn the_whole_sample_data_comes_back_equal() {
    let place = Place::new();
    place.ingest(&[sample_data()]);
    let wanted = by_id(read::folder(&sample_data()).unwrap());
    let found = place.dump();
    assert_eq!(found.len(), wanted.len());
    for (id, event) in found {
        // Deliveries of one event differ in the type of its version only.
        let without_version = |event: &Value| {
            let mut event = event.clone();
            event["eventVersion"] = Value::Null;
            event
        };
        assert_eq!(without_version(&event), without_version(&wanted[&id]), "{id}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~\n\u{e9}\u{4e2d}\u{202e}]{0,10}".prop_map(Value::from),
        Just(json!("null")),
        Just(json!("2026-11-03T01:39:09Z")),
        Just(json!("{\"a\":1}")),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a-zA-Z.]{1,6}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_event() -> impl Strategy<Value = Value> {
    let known = vec![
        "eventTime",
        "eventVersion",
        "eventRW",
        "eventType",
        "errorCode",
        "isGlobal",
        "userIdentity",
        "acsRegion",
        "requestParameters",
        "requestParameterJson",
        "responseElements",
        "additionalEventData",
        "insightDetails",
        "EventTime",
        "recipientAccountId",
        "__expanded",
    ];
    let key = prop_oneof![4 => proptest::sample::select(known).prop_map(str::to_owned), 1 => "[a-zA-Z_]{1,8}"];
    proptest::collection::btree_map(key, any_json(), 0..10).prop_map(|members| {
        let mut event = Value::Object(members.into_iter().collect());
        event["eventName"] = json!("Invented");
        event
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// dump(ingest(x)) == x, through files and the lake.
    #[test]
    fn generated_events_come_back_equal(events in proptest::collection::vec(any_event(), 1..60)) {
        let events: Vec<Value> = events
            .into_iter()
            .enumerate()
            .map(|(n, mut event)| {
                event.as_object_mut().unwrap().retain(|key, _| !key.eq_ignore_ascii_case("eventid"));
                event["eventId"] = json!(format!("generated-{n:04}"));
                event
            })
            .collect();
        // Numbers as a reader of JSON has them, who may round the last digit.
        let read: Vec<Value> = events.iter().map(|event| serde_json::from_str(&event.to_string()).unwrap()).collect();
        let place = Place::new();
        let file = place.write("events.json", &lines(&events));
        let outcome = place.ingest(&[file]);
        prop_assert_eq!(outcome.totals.stored, events.len() as u64, "{:?}", outcome.rejects);
        prop_assert_eq!(place.dump(), by_id(read));
    }
}

#[test]
fn a_dump_with_masked_secrets_says_so() {
    let home = Home::new();
    let mut event = call("a", "03T01:00:00", "Write");
    event["responseElements"] = json!({"AccessKey": {"AccessKeySecret": "hidden"}});
    home.file("e.json", lines(&[event.clone(), call("b", "02T01:00:00", "Read")]));
    home.run(&["ingest", "e.json"]).exits(0);
    let masked = home.run(&["lake", "dump"]).exits(0);
    assert!(masked.stderr.contains("1 event carries secrets, which were masked"), "{}", masked.stderr);
    assert!(masked.stderr.contains("--show-secrets") && !masked.stdout.contains("hidden"));
    let whole = home.run(&["lake", "dump", "--show-secrets", "-F", "json"]).exits(0);
    assert!(!whole.stderr.contains("masked"), "{}", whole.stderr);
    let whole: Value = serde_json::from_str(&whole.stdout).unwrap();
    assert_eq!(whole, json!([call("b", "02T01:00:00", "Read"), event]));
    let scoped = home.run(&["lake", "dump", "--since", "2026-11-03", "-q"]).exits(0);
    assert_eq!(scoped.stdout.lines().count(), 1);
    let none = home.run(&["lake", "dump", "-F", "json", "--since", "2026-12-01", "-q"]).exits(0);
    assert_eq!(none.stdout, "[\n]\n");
}

// ---- copies ----

#[test]
fn every_copy_of_an_event_is_told() {
    let place = Place::new();
    let (a, b) = (call("a", "03T01:00:00", "Write"), call("b", "03T02:00:00", "Write"));
    let masked = |time| call("AAAA****", time, "Read");
    let first = place.write("1.json", &lines(&[a.clone(), masked("03T03:00:00"), masked("03T04:00:00")]));
    let second = place.write("2.json", &lines(&[b, a.clone(), a, masked("03T04:00:00")]));
    let outcome = place.ingest(&[first, second]);
    assert_eq!(outcome.totals.duplicate, 3);
    let session = place.session();
    for (id, wanted) in [
        ("a", vec![vec![("1.json", 0), ("2.json", 1), ("2.json", 2)]]),
        ("b", vec![vec![("2.json", 0)]]),
        // A masked id stands in several events; each has its own copies.
        ("AAAA****", vec![vec![("1.json", 1)], vec![("1.json", 2), ("2.json", 3)]]),
        ("c", vec![]),
    ] {
        let found = event::find(&for_ops(&session), id).unwrap();
        let places: Vec<Vec<(&str, i64)>> = found
            .iter()
            .map(|event| {
                let name = |path: &str| if path.ends_with("1.json") { "1.json" } else { "2.json" };
                event.found_in.iter().map(|place| (name(&place.path), place.record)).collect()
            })
            .collect();
        assert_eq!(places, wanted, "{id}");
    }
    assert_eq!(count(&session, "copies"), 3);
    assert!(place.verify().holds());
}

fn count(session: &Session, table: &str) -> u64 {
    #[derive(serde::Deserialize)]
    struct Count {
        n: u64,
    }
    let sql = match table {
        "copies" => "SELECT count(*) AS n FROM copies",
        "rejects" => "SELECT count(*) AS n FROM rejects",
        _ => "SELECT count(*) AS n FROM sources",
    };
    session.rows::<Count>(sql, &[]).unwrap()[0].n
}

// ---- rejects ----

const BROKEN: &str = "{\"eventId\": \"broken\", \"eventName\": }";

#[test]
fn rejects_are_listed_exported_and_retried() {
    let place = Place::new();
    let text = format!(
        "{}{BROKEN}\n{}",
        lines(&[call("a", "03T01:00:00", "Write")]),
        lines(&[call("b", "03T02:00:00", "Read")])
    );
    let file = place.write("1.json", &text);
    let whole = place.write("2.json", &lines(&[call("c", "03T03:00:00", "Read")]));
    let inputs = [file.clone(), whole];
    assert_eq!(place.ingest(&inputs).totals.rejected, 1);
    let export = place.path("out");
    let exported = rejects::export(&place.lake(), &export, None).unwrap();
    assert_eq!((exported.records, exported.cut), (1, 0));
    let index: Value = serde_json::from_str(&std::fs::read_to_string(export.join("index.jsonl")).unwrap()).unwrap();
    let bytes = std::fs::read_to_string(export.join(index["file"].as_str().unwrap())).unwrap();
    assert_eq!(bytes.trim(), BROKEN);
    assert_eq!((index["record"].as_i64(), index["whole"].as_bool()), (Some(1), Some(true)));
    assert!(matches!(rejects::export(&place.lake(), &export, None), Err(OpsError::ExportThere(_))));

    // Unchanged files are skipped; asked for, those with rejects are read again, and nothing is counted twice.
    assert_eq!(place.ingest(&inputs).files_unchanged, 2);
    assert_eq!(rejects::sources_with_rejects(&place.lake()).unwrap(), [file]);
    for _ in 0..2 {
        let options = IngestOptions { retry_rejects: true, ..place.options(&inputs) };
        let again = ingest(&options, &Silent).unwrap();
        assert_eq!((again.files_retried, again.files_unchanged), (1, 1));
        assert_eq!((again.totals.duplicate, again.totals.rejected), (2, 1));
    }
    let session = place.session();
    assert_eq!((count(&session, "rejects"), count(&session, "sources"), count(&session, "copies")), (1, 4, 2));
    assert_eq!(trailql::ops::info::info(&place.lake()).unwrap().rejects, 1);
    assert_eq!(
        event::find(&for_ops(&session), "a").unwrap()[0].found_in.len(),
        1,
        "an event read again is no copy of itself"
    );
    let verified = place.verify();
    assert!(verified.holds(), "{:?}", verified.problems);
}

#[test]
fn standard_input_is_no_source_that_was_read_before() {
    let home = Home::new();
    for _ in 0..2 {
        // Not an event in it, which is said; the record is kept all the same.
        home.run_with_stdin(&["ingest", "-"], BROKEN).exits(2);
    }
    let listed = home.run(&["lake", "rejects", "-F", "csv"]).exits(0);
    assert_eq!(listed.stdout.lines().count(), 3, "{}", listed.stdout);
    home.run(&["lake", "rejects", "--export", "out"]).exits(0);
    assert_eq!(std::fs::read_dir(home.work().join("out")).unwrap().count(), 3);
    home.run(&["lake", "verify"]).exits(0);
}

// ---- dry run ----

#[test]
fn a_dry_run_counts_the_same_and_writes_nothing() {
    let place = Place::new();
    let one = place.write("1.json", &lines(&[call("a", "03T01:00:00", "Write"), call("b", "04T02:00:00", "Read")]));
    let two = place.write("2.json", &lines(&[call("b", "04T02:00:00", "Read"), call("c", "05T03:00:00", "Read")]));
    let dry = |inputs: &[PathBuf], memory: usize| {
        let options = IngestOptions { mode: WriteMode::DryRun, memory_limit_bytes: memory, ..place.options(inputs) };
        ingest(&options, &Silent).unwrap().totals
    };
    let both = [one.clone(), two.clone()];
    let totals = dry(&both, 256 << 20);
    assert_eq!((totals.stored, totals.duplicate), (3, 1));
    assert!(!place.lake().exists());
    // Without memory for a second day, days wait outside the lake.
    assert_eq!(dry(&both, 1 << 10), totals);
    place.ingest(&[one]);
    let before = contents(&place.lake());
    let totals = dry(&[two], 256 << 20);
    assert_eq!((totals.stored, totals.duplicate), (1, 1));
    assert_eq!(contents(&place.lake()), before);
    place.write("other/x", "");
    let options = IngestOptions { mode: WriteMode::DryRun, lake: place.path("other"), ..place.options(&both) };
    assert!(ingest(&options, &Silent).is_err(), "a folder of something else is no lake to be");
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    read::files(folder).unwrap().into_iter().map(|path| (path.clone(), std::fs::read(&path).unwrap())).collect()
}

// ---- verify ----

/// A lake of some commits, with copies, rejects, several days, and a source that was read again.
fn small_lake(commits: usize) -> Place {
    let place = Place::new();
    for n in 0..commits {
        let mut event = call(&format!("e{n}"), &format!("{:02}T01:00:00", 1 + n % 5), "Write");
        if n % 2 == 0 {
            event["userIdentity"]["type"] = json!("root-account");
        }
        let twice = if n % 11 == 0 { vec![event.clone(), event] } else { vec![event] };
        let broken = if n == 1 { format!("{BROKEN}\n") } else { String::new() };
        let file = place.write(&format!("in/{n:02}.json"), &(lines(&twice) + &broken));
        place.ingest(&[file]);
    }
    let retry = IngestOptions { retry_rejects: true, ..place.options(&[place.path("in")]) };
    assert_eq!(ingest(&retry, &Silent).unwrap().files_retried, 1);
    let verified = place.verify();
    assert!(verified.holds() && verified.orphans.is_empty() && verified.notes.is_empty(), "{verified:?}");
    assert_eq!((verified.entries, verified.events), (commits as u64 + 1, commits as u64));
    place
}

/// The name of a file as verifying gives it.
fn name_in(place: &Place, path: &Path) -> String {
    path.strip_prefix(place.lake()).unwrap().to_str().unwrap().replace('\\', "/")
}

/// The files of a lake; the lock is empty, so there is nothing to change in it.
fn lake_files(place: &Place) -> Vec<(PathBuf, Vec<u8>)> {
    contents(&place.lake()).into_iter().filter(|(_, bytes)| !bytes.is_empty()).collect()
}

#[test]
fn a_file_that_is_gone_or_cut_is_found() {
    let place = small_lake(3);
    for (path, bytes) in lake_files(&place) {
        let name = name_in(&place, &path);
        std::fs::remove_file(&path).unwrap();
        let without = place.verify();
        assert!(without.problems.iter().any(|problem| problem.path == name), "{name}: {:?}", without.problems);
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        let cut = place.verify();
        assert!(cut.problems.iter().any(|problem| problem.path == name), "{name}: {:?}", cut.problems);
        std::fs::write(&path, &bytes).unwrap();
    }
    assert!(place.verify().holds());
}

/// Changes single bytes at random places of these files; whatever is changed, verifying names the file.
fn change_bytes(place: &Place, files: &[(PathBuf, Vec<u8>)], cases: u32) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let change = (0..files.len(), any::<proptest::sample::Index>(), 1u8..=255);
    let check = |(file, position, flip): (usize, proptest::sample::Index, u8)| {
        let (path, bytes) = &files[file];
        let mut changed = bytes.clone();
        changed[position.index(bytes.len())] ^= flip;
        std::fs::write(path, &changed).unwrap();
        let verified = place.verify();
        std::fs::write(path, bytes).unwrap();
        let name = name_in(place, path);
        prop_assert!(verified.problems.iter().any(|problem| problem.path == name), "{name}: {:?}", verified.problems);
        Ok(())
    };
    proptest::test_runner::TestRunner::new(config).run(&change, check).unwrap();
    assert!(place.verify().holds());
}

#[test]
fn a_changed_byte_is_found_wherever_it_is() {
    let place = small_lake(3);
    change_bytes(&place, &lake_files(&place), 96);
}

#[test]
fn checkpoints_are_compared_with_the_entries() {
    let place = small_lake(32);
    let (of_checkpoint, _): (Vec<_>, Vec<_>) =
        lake_files(&place).into_iter().partition(|(path, _)| name_in(&place, path).contains("checkpoint"));
    assert_eq!(of_checkpoint.len(), 1);
    change_bytes(&place, &of_checkpoint, 12);
    // Without it nothing is lost, which is why it is named and no mismatch.
    std::fs::remove_file(&of_checkpoint[0].0).unwrap();
    let verified = place.verify();
    assert!(verified.holds());
    assert_eq!(verified.notes[0].path, name_in(&place, &of_checkpoint[0].0));
}

#[test]
fn verify_tells_what_an_auditor_notes_down() {
    let home = Home::new();
    home.file("1.json", lines(&[call("a", "03T01:00:00", "Write")]));
    home.file("2.json", lines(&[call("b", "03T02:00:00", "Write")]));
    home.run(&["ingest", "1.json"]).exits(0);
    let json = |run: &crate::harness::Run| serde_json::from_str::<Value>(&run.stdout).unwrap();
    let first = json(&home.run(&["lake", "verify", "-F", "json"]).exits(0));
    let head = first["head"].as_str().unwrap().to_owned();
    assert_eq!((first["entries"].as_u64(), first["events"].as_u64()), (Some(1), Some(1)));
    home.run(&["ingest", "2.json"]).exits(0);
    // What was noted down is part of the chain still.
    let later = home.run(&["lake", "verify", "--sources", "--head", &head]).exits(0);
    for line in ["noted head    entry 1, 1 entry since", "sources       2 the same", "result        everything agrees"]
    {
        assert!(later.stdout.contains(line), "{line}: {}", later.stdout);
    }
    let other = home.run(&["lake", "verify", "--head", &"0".repeat(64)]).exits(1);
    assert!(other.stdout.contains("no entry has the SHA-256 that was noted"), "{}", other.stdout);
    home.run(&["lake", "verify", "--head", "abc"]).exits(2);

    home.file("1.json", lines(&[call("x", "03T01:00:00", "Write")]));
    std::fs::remove_file(home.work().join("2.json")).unwrap();
    home.file("trail-lake/events/event_date=2026-11-03/left.parquet", "half a file");
    let run = home.run(&["lake", "verify", "--sources"]).exits(1);
    assert!(run.stdout.contains("1.json: its SHA-256 is not that of the file that was read"), "{}", run.stdout);
    assert!(run.stdout.contains("1 changed, 1 missing"), "{}", run.stdout);
    assert!(run.stderr.contains("the source is no longer there"), "{}", run.stderr);
    assert!(run.stderr.contains("no entry names this file"), "{}", run.stderr);
    home.run(&["lake", "verify"]).exits(0);
}

/// Replaces text in entry 1, the newest, as a faulty writer would have written it: all digests agree.
pub(crate) fn rewrite_entry(lake: &Path, from: &str, to: &str) {
    let folder = lake.join("_manifest");
    let path = folder.join("00000000000000000001.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let (entry, _) = text.rsplit_once(",\"digest\":").unwrap();
    assert!(entry.contains(from), "{entry}");
    let entry = entry.replacen(from, to, 1);
    let digest = sha256_hex(format!("{entry}}}").as_bytes());
    let text = format!("{entry},\"digest\":\"{digest}\"}}");
    let head = format!("{{\"version\":1,\"sha256\":\"{}\"}}", sha256_hex(text.as_bytes()));
    std::fs::write(path, text).unwrap();
    std::fs::write(folder.join("head.json"), head).unwrap();
}

#[test]
fn verify_finds_ranges_that_would_hide_rows_from_questions() {
    let range = r#""acs_region":{"min":"cn-hangzhou","max":"us-east-1","nulls":1}"#;
    for (from, to, wrong) in [
        ("", "", None),
        (range, range, None),
        (range, r#""acs_region":{"min":"cn-hangzhou","max":"eu-central-1","nulls":1}"#, Some("acs_region")),
        (range, r#""acs_region":{"min":"cn-shanghai","max":"us-east-1","nulls":1}"#, Some("acs_region")),
        (range, r#""acs_region":{"min":"cn-hangzhou","max":"us-east-1","nulls":0}"#, Some("acs_region")),
        (&format!("{range},"), "", Some("acs_region")),
        (
            range,
            &format!(r#"{range},"user_identity_access_key_id":{{"min":"a","max":"b","nulls":0}}"#),
            Some("user_identity_access_key_id"),
        ),
    ] {
        let place = Place::new();
        let mut events =
            [("a", "03"), ("b", "03"), ("c", "03")].map(|(id, day)| call(id, &format!("{day}T01:00:00"), "Read"));
        events[1]["acsRegion"] = json!("us-east-1");
        events[2].as_object_mut().unwrap().remove("acsRegion");
        let file = place.write("events.json", &lines(&events));
        place.ingest(&[file]);
        rewrite_entry(&place.lake(), from, to);
        let problems = place.verify().problems;
        let found: Vec<&str> = problems.iter().map(|problem| problem.what.as_str()).collect();
        let expected = wrong.map(|column| format!("its range of `{column}` is not that of its entry"));
        assert_eq!(found, Vec::from_iter(expected.as_deref()), "{to}");
    }
}

#[test]
fn verify_finds_filters_that_would_hide_rows_from_questions() {
    let place = Place::new();
    let file = place.write("events.json", &lines(&[call("a", "03T01:00:00", "Read")]));
    place.ingest(&[file]);
    assert!(place.verify().problems.is_empty());
    let files = Lake::open(&place.lake()).unwrap().snapshot().unwrap().files.all().unwrap();
    let filters = serde_json::to_string(&files[0].values).unwrap();
    let other = serde_json::to_string(&ValueFilter::of(["othername"].into_iter()).unwrap()).unwrap();
    rewrite_entry(&place.lake(), &filters, &format!(r#"{{"event_name":{other}}}"#));
    let problems = place.verify().problems;
    let found: Vec<&str> = problems.iter().map(|problem| problem.what.as_str()).collect();
    assert_eq!(found, ["its event names and services are not those of its entry"]);
}

#[test]
fn verify_reads_the_members_of_archives_as_the_bytes_of_their_archive() {
    let place = Place::new();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for id in ["a", "b"] {
        zip.start_file(format!("{id}.json"), stored).unwrap();
        std::io::Write::write_all(&mut zip, lines(&[call(id, "03T01:00:00", "Read")]).as_bytes()).unwrap();
    }
    let mut bytes = zip.finish().unwrap().into_inner();
    let path = place.path("all.zip");
    std::fs::write(&path, &bytes).unwrap();
    place.ingest(std::slice::from_ref(&path));
    let options = VerifyOptions { sources: true, ..place.verify_options() };
    let verified = verify(&options, &Silent).unwrap();
    assert!(verified.holds() && verified.sources.unwrap().same == 1, "{:?}", verified.problems);
    let at = bytes.windows(5).position(|window| window == b"alice").unwrap();
    bytes[at] = b'A';
    std::fs::write(&path, bytes).unwrap();
    let problems = verify(&options, &Silent).unwrap().problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].path.ends_with("all.zip") && problems[0].what.contains("SHA-256"), "{problems:?}");
}

// ---- coverage ----

fn covered(events: &[Value]) -> Coverage {
    let place = Place::new();
    let file = place.write("events.json", &lines(events));
    place.ingest(&[file]);
    coverage(&for_ops(&place.session()), &CoverageOptions::default()).unwrap()
}

fn states(coverage: &Coverage) -> Vec<(String, String, State)> {
    let state = |day: &trailql::ops::coverage::DayCoverage| {
        (day.region.clone().unwrap_or_default(), day.day.format("%m-%d"), day.state)
    };
    coverage.days.iter().map(state).collect()
}

fn kinds(coverage: &Coverage) -> Vec<(&str, String, String)> {
    let short = |day: Option<trailql::report::calendar::Day>| day.map_or_else(String::new, |day| day.format("%m-%d"));
    coverage.suspicions.iter().map(|s| (s.kind, short(s.since), short(s.until))).collect()
}

fn trail_call(id: &str, time: &str, name: &str, rw: Option<&str>) -> Value {
    let mut event = call(id, time, "Write");
    event["serviceName"] = json!("Actiontrail");
    event["eventName"] = json!(name);
    event["requestParameters"] = json!({"Name": "audit", "EventRW": rw});
    event
}

#[test]
fn nothing_happened_and_nothing_was_delivered_are_two_states() {
    let elsewhere = |id: &str, time: &str| {
        let mut event = call(id, time, "Read");
        event["acsRegion"] = json!("us-west-1");
        event
    };
    let coverage = covered(&[
        call("1", "01T10:00:00", "Read"),
        elsewhere("2", "01T11:00:00"),
        elsewhere("3", "02T11:00:00"),
        // Nothing at all on the 3rd.
        call("4", "04T10:00:00", "Read"),
        trail_call("5", "04T12:00:00", "StopLogging", None),
        trail_call("6", "06T12:00:00", "StartLogging", None),
        elsewhere("7", "06T13:00:00"),
    ]);
    let of_hangzhou: Vec<_> = states(&coverage).into_iter().filter(|day| day.0 == "cn-hangzhou").map(|d| d.2).collect();
    let wanted =
        [State::Events, State::NoEvents, State::NothingDelivered, State::Events, State::TrailStopped, State::WriteOnly];
    assert_eq!(of_hangzhou[..5], wanted[..5]);
    let day = |day: &str| day.to_owned();
    assert_eq!(
        kinds(&coverage),
        [("nothing_delivered", day("11-03"), day("11-03")), ("trail_stopped", day("11-04"), day("11-06"))]
    );
}

#[test]
fn a_trail_without_reads_is_write_only() {
    let mut events = vec![call("r", "01T10:00:00", "Read"), call("w", "01T10:05:00", "Write")];
    events.push(trail_call("t", "02T10:00:00", "UpdateTrail", Some("Write")));
    events.extend((0..3).map(|n| call(&format!("a{n}"), &format!("03T1{n}:00:00"), "Write")));
    events.push(trail_call("u", "04T10:00:00", "UpdateTrail", Some("All")));
    events.push(call("v", "05T10:00:00", "Write"));
    events.extend((0..10).map(|n| call(&format!("b{n}"), &format!("06T1{n}:00:00"), "Write")));
    let coverage = covered(&events);
    let found: Vec<_> = coverage.days.iter().map(|day| day.state.name()).collect();
    // One write on the 5th says nothing; ten on the 6th do.
    assert_eq!(found, ["events", "write_only", "write_only", "write_only", "events", "write_only"]);
    let day = |day: &str| day.to_owned();
    assert_eq!(
        kinds(&coverage),
        [
            ("trail_write_only", day("11-02"), day("11-04")),
            ("write_only", day("11-02"), day("11-04")),
            ("write_only", day("11-06"), day("11-06")),
        ]
    );
}

#[test]
fn hours_that_fall_silent_are_pointed_out() {
    // The 2nd, 9th and 16th are Mondays; work from 8 to 15 o'clock, and on the 16th until 10.
    let mut events = Vec::new();
    for (day, hours) in [(2, 8..16), (9, 8..16), (16, 8..11), (17, 0..1)] {
        events.extend(hours.map(|hour| call(&format!("{day}-{hour}"), &format!("{day:02}T{hour:02}:30:00"), "Read")));
    }
    let coverage = covered(&events);
    let silent: Vec<_> = coverage.suspicions.iter().filter(|s| s.kind == "silent_hours").collect();
    assert_eq!(silent.len(), 1, "{silent:?}");
    assert_eq!(silent[0].since.unwrap().format("%m-%d"), "11-16");
    assert!(silent[0].what.contains("hours 11 12 13 14 15,"), "{}", silent[0].what);
    let day = coverage.days.iter().find(|day| day.day.format("%m-%d") == "11-16").unwrap();
    assert_eq!((day.silent_hours, day.steps, day.sources), (5, 3, 1));
}

#[test]
fn objects_that_are_missing_or_hold_other_counts_are_pointed_out() {
    let place = Place::new();
    for (day, named) in [(1, 1), (2, 2), (5, 1)] {
        let name = format!(
            "AliyunLogs/Actiontrail/cn-hangzhou/2026/11/{day:02}/Actiontrail_cn-hangzhou_202611{day:02}100500_1002_{named}_9_m.json"
        );
        place.write(&name, &lines(&[call(&format!("{day}"), &format!("{day:02}T10:00:00"), "Read")]));
    }
    place.ingest(&[place.path("AliyunLogs")]);
    let coverage = coverage(&for_ops(&place.session()), &CoverageOptions::default()).unwrap();
    let day = |day: &str| day.to_owned();
    assert_eq!(
        kinds(&coverage),
        [
            ("object_count", day("11-02"), day("11-02")),
            ("nothing_delivered", day("11-03"), day("11-04")),
            ("objects_missing", day("11-03"), day("11-04")),
        ]
    );
    assert!(coverage.suspicions[0].what.contains("says 2 events, and 1 were read"), "{}", coverage.suspicions[0].what);
}

#[test]
fn the_report_says_that_a_trail_was_stopped() {
    let home = Home::new();
    let text = home
        .run(&[
            "report",
            "root-usage",
            "--week",
            "2026-W45",
            "-F",
            "json",
            "--now",
            crate::harness::NOW,
            "--from",
            sample_data().to_str().unwrap(),
        ])
        .exits(0)
        .stdout;
    let report: Value = serde_json::from_str(&text).unwrap();
    let changes = report["trails"]["items"].as_array().unwrap();
    let found: Vec<_> = changes
        .iter()
        .map(|change| (change["event_name"].as_str().unwrap(), change["effect"].as_str().unwrap()))
        .collect();
    assert_eq!(found, [("DeleteTrail", "none"), ("StopLogging", "stopped"), ("StartLogging", "delivers")]);
    let notes = report["sentences"]["coverage"].to_string();
    assert!(
        notes.contains("was stopped at 7 Nov 2026 16:36:44 +00:00 and delivered nothing until 8 Nov 2026"),
        "{notes}"
    );
    let coverage = home
        .run(&["lake", "coverage", "--show", "suspicious", "-F", "csv", "--from", sample_data().to_str().unwrap()])
        .exits(0);
    assert!(
        coverage.stdout.contains("trail_stopped") && coverage.stdout.contains("nothing_delivered"),
        "{}",
        coverage.stdout
    );
}
