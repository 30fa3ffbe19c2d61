//! What a question passes over: files that cannot hold an id, row groups that hold nothing of root, texts without a key.
//! Answers must be the same whether anything is passed over or not.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::statistics::Statistics;
use serde_json::{Value, json};
use trailql::engine::Session;
use trailql::lake::Lake;
use trailql::lake::manifest::{DataFile, Snapshot};

use crate::lab::{Lab, rows, texts};

const DAYS: u32 = 28;

/// Of more files than these a plan names no more: five of each of two groups.
const NAMED_IN_A_PLAN: usize = 10;

/// Two events a day: of a user with a key, and of a role without one.
fn month() -> Lab {
    let event = |n: u32| {
        let day = 1 + n % DAYS;
        let mut event = json!({"eventId": format!("id-{n}"), "requestId": format!("request-{n}"), "eventName": "StopInstance",
            "eventTime": format!("2026-11-{day:02}T10:00:00Z"), "sourceIpAddress": format!("203.0.113.{n}"),
            "userIdentity": {"type": "ram-user", "accountId": "1000000000000001", "accessKeyId": format!("LTAI{n}")}});
        if n >= DAYS {
            event["userIdentity"] = json!({"type": "assumed-role", "accountId": "1000000000000001"});
        }
        event
    };
    Lab::with_events(&(0..2 * DAYS).map(event).collect::<Vec<_>>())
}

fn snapshot(lab: &Lab) -> Snapshot {
    Lake::open(&lab.lake()).unwrap().snapshot().unwrap()
}

/// The data files that a question would open.
pub(crate) fn opened(session: &Session, sql: &str) -> BTreeSet<String> {
    let plan = rows(session.sql(&format!("EXPLAIN {sql}")));
    let plan = texts(&plan, "plan").concat();
    let names = plan.match_indices(".parquet").map(|(end, _)| plan[..end].rsplit('/').next().unwrap().to_owned());
    names.collect()
}

fn ids(session: &Session, sql: &str) -> Vec<String> {
    texts(&rows(session.sql(sql)), "event_id")
}

#[test]
fn only_files_that_may_hold_an_id_are_opened() {
    let lab = month();
    let session = lab.session();
    for (condition, files, found) in [
        ("event_id = 'id-7'", 1, vec!["id-7"]),
        ("event_id = 'nowhere'", 0, vec![]),
        ("event_id IN ('id-7', 'id-8', 'nowhere')", 2, vec!["id-7", "id-8"]),
        ("event_id = 'id-7' OR event_id = 'id-20'", 2, vec!["id-20", "id-7"]),
        ("event_id = 'id-7' AND request_id = 'request-8'", 0, vec![]),
        ("request_id = 'request-30'", 1, vec!["id-30"]),
        ("source_ip_address = '203.0.113.3'", 1, vec!["id-3"]),
        ("user_identity_access_key_id = 'LTAI5'", 1, vec!["id-5"]),
        ("event_id = 'id-7' OR event_name = 'Other'", NAMED_IN_A_PLAN, vec!["id-7"]),
        ("event_id <> 'id-7' AND event_id LIKE '%id-1'", NAMED_IN_A_PLAN, vec!["id-1"]),
        ("user_identity_access_key_id IS NULL AND event_id = 'id-40'", 1, vec!["id-40"]),
    ] {
        let sql = format!("SELECT event_id FROM events WHERE {condition} ORDER BY event_id");
        assert_eq!(ids(&session, &sql), found, "{condition}");
        // A filter may take a value for one that it has; with so few values that is rare, and always the same.
        assert_eq!(opened(&session, &sql).len(), files, "{condition}");
    }
}

/// Two events on each of nine days, written in whatever case an export has, and one without a name.
fn days_of_names() -> Lab {
    let names = [
        ("Ram", "CreateUser"),
        ("RAM", "DeleteUser"),
        ("ram", "CREATEUSER"),
        ("Ecs", "RunInstances"),
        ("Ecs", "stopinstance"),
        ("Kms", "ScheduleKeyDeletion"),
        ("ActionTrail", "StopLogging"),
        ("Äther", "ÄNDERE"),
        ("", ""),
    ];
    let event = |(day, (service, name)): (usize, (&str, &str))| {
        let time = |hour: u32| format!("2026-11-{:02}T{hour:02}:00:00Z", day + 1);
        let named =
            json!({"eventId": format!("id-{day}"), "eventName": name, "serviceName": service, "eventTime": time(1)});
        [named, json!({"eventId": format!("none-{day}"), "eventTime": time(2)})]
    };
    Lab::with_events(&names.into_iter().enumerate().flat_map(event).collect::<Vec<_>>())
}

#[test]
fn only_files_that_may_hold_an_event_name_are_opened() {
    let lab = days_of_names();
    let session = lab.session();
    for (condition, files, found) in [
        ("event_name = 'CreateUser'", 2, "0"),
        ("lower(event_name) = 'createuser'", 2, "0 2"),
        ("lower(event_name) = 'CreateUser'", 2, ""),
        ("lower(event_name) IN ('createuser', 'deleteuser', 'nothing', 'else')", 3, "0 1 2"),
        ("event_name = 'Nothing'", 0, ""),
        ("event_name = ''", 1, "8"),
        ("lower(event_name) = 'ändere'", 1, "7"),
        ("lower(service_name) = 'ram' AND event_name = 'DeleteUser'", 1, "1"),
        ("lower(service_name) = 'ecs' AND event_name = 'DeleteUser'", 0, ""),
        (
            "(lower(service_name) = 'ram' AND event_name = 'DeleteUser') OR (service_name = 'Kms' AND event_name <> 'x')",
            2,
            "1 5",
        ),
        ("(event_name = 'DeleteUser') IS TRUE", 1, "1"),
        ("event_name = 'DeleteUser' OR event_id = 'id-3'", 9, "1 3"),
        ("event_name NOT IN ('DeleteUser', 'StopLogging') AND service_name = 'ActionTrail'", 1, ""),
        ("event_name <> 'DeleteUser' AND event_name LIKE 'D%'", 9, ""),
        ("coalesce(event_name, 'DeleteUser') = 'DeleteUser' AND event_id LIKE 'id%'", 9, "1"),
        ("lower(event_name) LIKE 'stop%'", 9, "4 6"),
    ] {
        let sql = format!("SELECT event_id FROM events WHERE {condition} ORDER BY event_id");
        let expected: Vec<String> = found.split_whitespace().map(|day| format!("id-{day}")).collect();
        assert_eq!(ids(&session, &sql), expected, "{condition}");
        assert_eq!(opened(&session, &sql).len(), files, "{condition}");
    }
    // A chain of conditions may be as long as a statement.
    let chain =
        |n: usize| (0..n).map(|n| format!("(event_name = 'n{n}' AND service_name = 's{n}')")).collect::<Vec<_>>();
    let sql = format!("SELECT event_id FROM events WHERE {} OR event_name = 'StopLogging'", chain(700).join(" OR "));
    assert_eq!(ids(&session, &sql), ["id-6"]);
}

/// Events of two days and one without a time, each once by root and once by a user.
#[test]
fn files_of_days_hold_no_event_without_a_time() {
    let event = |id: &str, time: Option<&str>, kind: &str| {
        let mut event = json!({"eventId": format!("{kind}-{id}"), "eventName": "StopLogging", "serviceName": "Actiontrail",
            "userIdentity": {"type": kind, "accountId": "1000000000000001"}});
        if let Some(time) = time {
            event["eventTime"] = json!(time);
        }
        event
    };
    let times = [("a", Some("2026-11-03T10:00:00Z")), ("b", Some("2026-11-04T10:00:00Z")), ("none", None)];
    let kinds = ["ram-user", "root-account"];
    let events = kinds.iter().flat_map(|kind| times.iter().map(|(id, time)| event(id, *time, kind)));
    let lab = Lab::with_events(&events.collect::<Vec<_>>());
    let session = lab.session();
    for (condition, files, found) in [
        ("event_time IS NULL", 1, vec!["ram-user-none", "root-account-none"]),
        ("event_date IS NULL", 1, vec!["ram-user-none", "root-account-none"]),
        ("event_time IS NOT NULL AND event_id LIKE 'ram%'", 2, vec!["ram-user-a", "ram-user-b"]),
        ("event_time IS NULL AND event_time IS NOT NULL", 0, vec![]),
    ] {
        let sql = format!("SELECT event_id FROM events WHERE {condition} ORDER BY event_id");
        assert_eq!(ids(&session, &sql), found, "{condition}");
        assert_eq!(opened(&session, &sql).len(), files, "{condition}");
    }
    // The side tables keep events of all days in one file.
    let trail = "lower(event_name) = 'stoplogging' AND lower(service_name) = 'actiontrail' AND outcome = 'success'";
    for (table, found) in [("user_identity_type = 'root-account'", 1), (trail, 2)] {
        for (condition, of_each) in [("event_time IS NULL", 1), ("event_time IS NOT NULL", 2)] {
            let sql = format!("SELECT event_id FROM events WHERE {table} AND {condition}");
            assert_eq!(ids(&session, &sql).len(), found * of_each, "{table} {condition}");
        }
    }
}

#[test]
fn a_filter_that_cannot_be_read_hides_nothing() {
    let lab = month();
    let file: DataFile = DataFile::clone(&snapshot(&lab).files.all().unwrap()[6]);
    let sql = format!("SELECT event_id FROM events WHERE event_id = 'id-6' AND event_date = DATE '{}'", "2026-11-07");
    assert_eq!(ids(&lab.session(), &sql), ["id-6"]);
    let path = lab.lake().join(&file.path);
    let mut data = File::options().write(true).open(&path).unwrap();
    let range = file.blooms["event_id"][0];
    data.seek(SeekFrom::Start(range.offset)).unwrap();
    data.write_all(&[0xff; 16]).unwrap();
    assert_eq!(ids(&lab.session(), &sql), ["id-6"]);
    drop(data);
    fs::remove_file(&path).unwrap();
    assert!(opened(&lab.session(), &sql).len() == 1, "whoever opens it shall say that it is gone");
}

/// A day of so many events of a role, the account and a service, in no order.
fn busy_day(events: usize) -> Lab {
    let text: String = (0..events)
        .map(|n| {
            let kind = ["ram-user", "system", "assumed-role", "ram-user"][n % 4];
            let kind = if n % 100 == 7 { "root-account" } else { kind };
            let name = ["B", "A", "C"][n % 3];
            let time = format!("2026-11-03T{:02}:{:02}:00Z", n * 7 % 24, n % 60);
            let event = json!({"eventId": format!("id-{n}"), "eventName": name, "eventTime": time,
                "userIdentity": {"type": kind, "accountId": "1000000000000001"}});
            format!("{event}\n")
        })
        .collect();
    let lab = Lab::new();
    lab.ingest(&[lab.file("in/day.jsonl", text)]);
    lab
}

#[test]
fn what_root_did_stands_in_row_groups_of_its_own() {
    for (events, groups) in [(9_000, 3), (900, 1)] {
        let lab = busy_day(events);
        let [file] = &snapshot(&lab).files.all().unwrap()[..] else { panic!("one file a day") };
        let reader = SerializedFileReader::new(File::open(lab.lake().join(&file.path)).unwrap()).unwrap();
        let column = "user_identity_type";
        let mut kinds = Vec::new();
        for group in reader.metadata().row_groups() {
            let chunk = group.columns().iter().find(|chunk| chunk.column_descr().name() == column).unwrap();
            let Some(Statistics::ByteArray(range)) = chunk.statistics() else { panic!("no range of {column}") };
            let text = |bytes: &parquet::data_type::ByteArray| String::from_utf8(bytes.data().to_vec()).unwrap();
            kinds.push((text(range.min_opt().unwrap()), text(range.max_opt().unwrap()), group.num_rows()));
        }
        assert_eq!(kinds.len(), groups, "{kinds:?}");
        if groups == 3 {
            let [before, root, behind] = &kinds[..] else { panic!("{kinds:?}") };
            assert!(before.1.as_str() < "root-account" && behind.0.as_str() > "root-account", "{kinds:?}");
            assert_eq!(*root, ("root-account".to_owned(), "root-account".to_owned(), 90));
        }
        // The manifest says of the file what the file says of itself.
        let footer = fs::read(lab.lake().join(&file.path)).unwrap();
        let length: [u8; 4] = footer[footer.len() - 8..footer.len() - 4].try_into().unwrap();
        assert_eq!(file.footer_bytes, u64::from(u32::from_le_bytes(length)) + 8);
        assert_eq!(file.blooms["event_id"].len(), groups);
        let count = "SELECT count(*) AS n FROM events WHERE user_identity_type = 'root-account'";
        assert_eq!(lab.ask(count)[0]["n"], events / 100);
        assert_eq!(lab.ask("SELECT count(*) AS n FROM events WHERE event_name = 'A'")[0]["n"], events / 3);
        assert_eq!(lab.ask("SELECT event_id FROM events WHERE event_id = 'id-77'"), [json!({"event_id": "id-77"})]);
    }
}

#[test]
fn secrets_are_looked_for_only_where_the_key_is() {
    let event = |n: u32, parameters: Value| json!({"eventId": format!("id-{n}"), "eventName": "X", "eventTime": "2026-11-03T10:00:00Z", "requestParameters": parameters});
    let lab = Lab::with_events(&[
        event(0, json!({"InstanceType": "ecs.g7.large", "Password": "hidden"})),
        event(1, json!({"instanceType": "ecs.g7.large"})),
        event(2, json!({"Options": "{\"InstanceType\":\"ecs.g7.large\",\"Password\":\"hidden\"}"})),
        event(3, json!({"Password": "hidden"})),
        event(4, json!({"Password": {"InstanceType": "ecs.g7.large"}})),
    ]);
    let session = lab.session();
    let sql =
        "SELECT event_id FROM events WHERE json_param(request_parameters, 'InstanceType') = 'ecs.g7.large' ORDER BY 1";
    assert_eq!(ids(&session, sql), ["id-0", "id-1"]);
    let plan = texts(&rows(session.sql(&format!("EXPLAIN {sql}"))), "plan").concat();
    assert!(plan.contains("json_param_masked(") && !plan.contains("mask_secrets("), "{plan}");
    let values = |path: &str| {
        let sql = format!("SELECT json_param(request_parameters, '{path}') AS value FROM events ORDER BY event_id");
        texts(&rows(session.sql(&sql)), "value")
    };
    let marks = values("Password");
    assert!(marks[0].starts_with("***") && marks[0] == marks[3] && marks[4].starts_with("***"), "{marks:?}");
    assert_ne!(marks[0], marks[4], "two secrets have two marks");
    assert_eq!(marks[1..3], ["(null)", "(null)"]);
    assert_eq!(values("Options.InstanceType"), ["(null)", "(null)", "ecs.g7.large", "(null)", "(null)"]);
    assert_eq!(values("Options.Password")[2], marks[0], "in a string as well");
    assert_eq!(values("Password.InstanceType"), ["(null)"; 5], "what stands in a secret is a part of it");
}
