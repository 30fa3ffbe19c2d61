//! One event that came by several routes: it is stored once, as its most complete copy, whatever came first and in however
//! many runs; and two events never become one.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use trailql::ops::event::find;
use trailql::ops::progress::Silent;
use trailql::ops::verify::{VerifyOptions, verify};

use crate::lab::{Lab, for_ops, merge, texts};

const GUID: &str = "AE3B631D-B6BE-5BFC-9F14-6BAA2683B0BA";
const HEX: &str = "68D4BC64B29A8D36369698D9";

/// A whole event of an account.
fn whole(id: &str, account: &str) -> Value {
    json!({
        "eventId": id, "eventVersion": 1, "eventName": "ConsoleSignin", "eventTime": "2026-11-03T10:00:00Z",
        "eventType": "ConsoleSignin", "serviceName": "AasCustomer", "acsRegion": "cn-hangzhou",
        "sourceIpAddress": "203.0.113.9", "userAgent": "Mozilla/5.0", "requestId": "R-7", "eventRW": "Write",
        "userIdentity": {"type": "root-account", "accountId": account, "principalId": account, "userName": "root"},
    })
}

fn changed(event: &Value, change: Value) -> Value {
    let mut event = event.clone();
    merge(&mut event, &change);
    event
}

/// Exports of one or more events, by the name of their file, and how many events they are.
struct Case {
    name: &'static str,
    files: Vec<(&'static str, String)>,
    events: usize,
    /// The file that the first event must come from, if that matters.
    winner: Option<&'static str>,
}

fn cases() -> Vec<Case> {
    let account = "1000000000000001";
    let case =
        |name, files: &[(&'static str, String)], events, winner| Case { name, files: files.to_vec(), events, winner };
    let flat = |id: &str| {
        format!(
            "event.eventid,event.eventname,event.eventtime,event.useridentity.type\n{id},ConsoleSignin,2026-11-03T10:00:00Z,root-account\n"
        )
    };
    let faq = |id: &str| {
        format!(
            "acsRegion,apiVersion,eventId,eventName,eventRW,eventSource,eventTime,eventType,eventVersion,requestId,serviceName,sourceIpAddress\n\
            cn-hangzhou,2014-05-26,{id},ConsoleSignin,Write,ecs,2026-11-03T10:00:00Z,ConsoleSignin,1,R-7,AasCustomer,203.0.113.9\n"
        )
    };
    let line = |event: &Value| format!("{event}\n");
    let mut cases = Vec::new();
    for id in [GUID, HEX, "E-7", "1.167_1627549154939_339a"] {
        let full = whole(id, account);
        let of_system = changed(&full, json!({"userIdentity": {"type": "system", "accountId": "(missing)"}}));
        let with_recipient = changed(&of_system, json!({"recipientAccountId": account}));
        cases.extend([
            case("flattened", &[("full.json", line(&full)), ("flat.csv", flat(id))], 1, Some("full.json")),
            case("columns of the FAQ", &[("full.json", line(&full)), ("faq.csv", faq(id))], 1, Some("full.json")),
            case(
                "three routes",
                &[("full.json", line(&full)), ("faq.csv", faq(id)), ("flat.csv", flat(id))],
                1,
                Some("full.json"),
            ),
            case(
                "a recipient on one route only",
                &[("a.json", line(&with_recipient)), ("b.json", line(&of_system))],
                1,
                Some("a.json"),
            ),
            case(
                "a time in another spelling",
                &[
                    ("a.json", line(&full)),
                    ("b.json", line(&changed(&full, json!({"eventTime": "2026-11-03 19:00:00 +0900"})))),
                ],
                1,
                None,
            ),
            case(
                "a time in milliseconds",
                &[
                    ("a.json", line(&full)),
                    ("b.json", line(&changed(&full, json!({"eventTime": 1_793_700_000_000i64})))),
                ],
                1,
                None,
            ),
            case(
                "an account whose digits are lost",
                &[
                    ("a.json", line(&full)),
                    ("b.json", line(&changed(&full, json!({"userIdentity": {"accountId": "1.2e+15"}})))),
                ],
                1,
                Some("a.json"),
            ),
            case(
                "a name in other letters",
                &[("a.json", line(&full)), ("b.json", line(&changed(&full, json!({"eventName": "ConsoleSignIn"}))))],
                1,
                None,
            ),
            case(
                "another name",
                &[("a.json", line(&full)), ("b.json", line(&changed(&full, json!({"eventName": "X"}))))],
                2,
                None,
            ),
            case(
                "another time",
                &[
                    ("a.json", line(&full)),
                    ("b.json", line(&changed(&full, json!({"eventTime": "2026-11-03T10:00:01Z"})))),
                ],
                2,
                None,
            ),
        ]);
    }
    for id in [GUID, HEX] {
        let (one, other) = (whole(id, account), whole(id, "1000000000000002"));
        cases.push(case(
            "a unique id under two accounts",
            &[("a.json", line(&one)), ("b.json", line(&other))],
            1,
            None,
        ));
        let lower = changed(&one, json!({"eventId": id.to_lowercase()}));
        cases.push(case("a unique id in small letters", &[("a.json", line(&one)), ("b.json", line(&lower))], 1, None));
    }
    for id in ["E-7", "7", "1.167_1627549154939_339a"] {
        let (one, other) = (whole(id, account), whole(id, "1000000000000002"));
        cases.push(case("an id that two accounts use", &[("a.json", line(&one)), ("b.json", line(&other))], 2, None));
        cases.push(case(
            "an id that two accounts use, and a copy without account",
            &[("a.json", line(&one)), ("b.json", line(&other)), ("flat.csv", flat(id))],
            2,
            None,
        ));
    }
    let masked = whole("AE3B631D-B6BE-5BFC-9F14-6BAA2683****", account);
    cases.push(case("a masked id", &[("a.json", line(&masked)), ("b.json", line(&masked))], 1, None));
    for other in [json!({"sourceIpAddress": "203.0.113.10"}), json!({"userIdentity": {"accountId": "(missing)"}})] {
        let other = changed(&masked, other);
        cases.push(case("masked ids of two events", &[("a.json", line(&masked)), ("b.json", line(&other))], 2, None));
    }
    cases
}

/// Every order of the files.
fn orders(files: usize) -> Vec<Vec<usize>> {
    if files == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(files - 1);
    let insert = |order: &Vec<usize>, at: usize| {
        let mut order = order.clone();
        order.insert(at, files - 1);
        order
    };
    shorter.iter().flat_map(|order| (0..files).map(move |at| insert(order, at))).collect()
}

/// The lake is whole, and every copy is accounted for.
fn check_lake(lab: &Lab, context: &str) {
    let options = VerifyOptions { lake: lab.lake(), sources: false, head: None, threads: 2 };
    let verified = verify(&options, &Silent).unwrap();
    assert!(verified.holds(), "{context}: {:?}", verified.problems);
    let counts = lab.ask(
        "SELECT (SELECT count(*) FROM copies) - (SELECT coalesce(sum(duplicate), 0) FROM sources) AS copies,
            (SELECT count(*) FROM events) - (SELECT count(DISTINCT concat(source_id, ' ', source_record)) FROM events) AS places,
            (SELECT count(*) FROM events WHERE user_identity_type = 'root-account')
                - (SELECT count(*) FROM events WHERE coalesce(user_identity_type, '') || 'x' = 'root-accountx') AS root",
    );
    assert_eq!(counts, [json!({"copies": 0, "places": 0, "root": 0})], "{context}");
}

#[test]
fn an_event_of_several_routes_is_stored_once_as_its_most_complete_copy() {
    for case in cases() {
        for order in orders(case.files.len()) {
            for in_one_run in [true, false] {
                let context = format!("{}, {:?}, order {order:?}, in one run: {in_one_run}", case.name, case.files);
                let lab = Lab::new();
                let files: Vec<_> = order
                    .iter()
                    .enumerate()
                    .map(|(n, at)| lab.file(&format!("in/{n}/{}", case.files[*at].0), &case.files[*at].1))
                    .collect();
                if in_one_run {
                    lab.ingest(&files);
                } else {
                    files.iter().for_each(|file| drop(lab.ingest(std::slice::from_ref(file))));
                }
                let rows = lab.ask(
                    "SELECT e.event_id, regexp_replace(s.path, '.*/', '') AS file FROM events e
                     JOIN sources s ON s.source_id = e.source_id",
                );
                assert_eq!(rows.len(), case.events, "{context}: {rows:?}");
                if let Some(winner) = case.winner {
                    assert_eq!(texts(&rows, "file"), [winner], "{context}");
                }
                check_lake(&lab, &context);
                let id = texts(&rows, "event_id")[0].clone();
                let found = find(&for_ops(&lab.session()), &id).unwrap();
                let places: usize = found.iter().map(|event| event.found_in.len()).sum();
                assert!(places >= case.files.len(), "{context}: {found:?}");
                for event in found {
                    assert!(!event.found_in[0].replaced, "{context}");
                }
            }
        }
    }
}

#[test]
fn the_place_of_a_replaced_copy_is_told() {
    let lab = Lab::new();
    let flat = lab.file(
        "in/1.csv",
        format!("event.eventid,event.eventname,event.eventtime,event.useridentity.type\n{GUID},ConsoleSignin,2026-11-03T10:00:00Z,root-account\n"),
    );
    let full = lab.file("in/2.json", whole(GUID, "1000000000000001").to_string());
    let again = lab.file("in/3.json", format!(" {}", whole(GUID, "1000000000000001")));
    for (file, replaced) in [(flat, 0), (full, 1), (again, 0)] {
        assert_eq!(lab.ingest(&[file]).replaced, replaced);
    }
    let found = find(&for_ops(&lab.session()), GUID).unwrap();
    let places: Vec<(String, bool)> = found[0]
        .found_in
        .iter()
        .map(|place| (place.path.rsplit('/').next().unwrap().to_owned(), place.replaced))
        .collect();
    assert_eq!(places, [("2.json".into(), false), ("1.csv".into(), true), ("3.json".into(), false)]);
    assert_eq!(
        texts(&lab.ask("SELECT source_ip_address FROM root_console_login"), "source_ip_address"),
        ["203.0.113.9"]
    );
    check_lake(&lab, "replaced");
}

/// A copy of an event: of which event, whether it names the account, and how many members it has beside those that tell
/// the event.
#[derive(Debug, Clone)]
struct Copy {
    id: usize,
    account: Option<usize>,
    more: usize,
}

const IDS: [&str; 5] = [GUID, HEX, "E-1", "E-2", "1.167_1627549154939_339a"];

impl Copy {
    fn is_unique(&self) -> bool {
        self.id < 2
    }

    fn event(&self, serial: usize) -> Value {
        let kind = if self.id.is_multiple_of(2) { "root-account" } else { "ram-user" };
        let mut event = json!({"eventId": IDS[self.id], "eventName": "X", "eventTime": "2026-11-03T10:00:00Z",
            "userIdentity": {"type": kind}, "x-serial": serial});
        if let Some(account) = self.account {
            event["recipientAccountId"] = json!(format!("100000000000000{account}"));
        }
        // What a copy with an account has, one without has not more of.
        let more = if self.account.is_some() { self.more + 3 } else { self.more };
        for key in
            ["userAgent", "sourceIpAddress", "acsRegion", "serviceName", "requestId", "eventRW"].iter().take(more)
        {
            event[key] = json!("value");
        }
        event
    }
}

fn any_copy() -> impl Strategy<Value = Copy> {
    (0..IDS.len(), proptest::option::weighted(0.7, 0..3usize), 0..4usize).prop_map(|(id, account, more)| Copy {
        id,
        account,
        more,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A slow twin: events by what tells them apart, with the completeness that must be left.
    #[test]
    fn copies_in_any_order_and_any_runs_are_the_same_events(
        runs in proptest::collection::vec(proptest::collection::vec(any_copy(), 1..8), 1..5),
    ) {
        let lab = Lab::new();
        for (n, run) in runs.iter().enumerate() {
            let lines: String = run.iter().enumerate().map(|(serial, copy)| format!("{}\n", copy.event(n * 100 + serial))).collect();
            lab.ingest(&[lab.file(&format!("in/{n}.json"), lines)]);
        }
        let all: Vec<&Copy> = runs.iter().flatten().collect();
        let mut wanted: BTreeMap<(usize, Option<usize>), usize> = BTreeMap::new();
        for copy in &all {
            let accounts: BTreeSet<usize> = all.iter().filter(|other| other.id == copy.id).filter_map(|other| other.account).collect();
            let key = match copy.account {
                _ if copy.is_unique() => None,
                None if !accounts.is_empty() => continue,
                account => account,
            };
            let members = copy.event(0).as_object().unwrap().len();
            let most = wanted.entry((copy.id, key)).or_default();
            *most = (*most).max(members);
        }
        let rows = lab.ask("SELECT event_id, account_id, completeness FROM events");
        let mut found: BTreeMap<(usize, Option<usize>), usize> = BTreeMap::new();
        for row in &rows {
            let id = IDS.iter().position(|id| row["event_id"] == *id).unwrap();
            let account = row["account_id"].as_str().map(|account| account[15..].parse().unwrap());
            // `x-serial` is no member that ActionTrail knows, and the type of the identity counts by itself.
            found.insert((id, account.filter(|_| id >= 2)), usize::try_from(row["completeness"].as_i64().unwrap()).unwrap());
        }
        prop_assert_eq!(found.len(), rows.len(), "{:?}", rows);
        prop_assert_eq!(found, wanted);
        check_lake(&lab, "generated");
    }
}
