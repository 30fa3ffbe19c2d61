//! A month of four accounts that fall silent in different ways, for what coverage and the report say of silence.
//!
//! March 2026 in Berlin, whose clocks skip an hour on the 29th. One account delivers throughout, one stops for good,
//! one has its trail limited to reads and then stopped, and one has days without anything. Events lack what real ones
//! lack: the account, `eventRW`, a key. Logons come in bursts within a second.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use serde_json::{Value, json};

use super::random::Random;

pub const LIVE: &str = "1000000000000001";
pub const STOPS: &str = "1000000000000002";
pub const LIMITED: &str = "1000000000000003";
pub const SPARSE: &str = "1000000000000004";

const REGIONS: [&str; 3] = ["cn-hangzhou", "cn-hangzhou", "eu-central-1"];

/// Services and names of calls, and what `eventRW` would say of them.
const CALLS: [(&str, &str, &str); 8] = [
    ("Ecs", "DescribeInstances", "Read"),
    ("Ecs", "DescribeInstances", "Read"),
    ("ecs", "DeleteInstance", "Write"),
    ("Ecs", "RunInstances", "Write"),
    ("Ons", "OnsConsumerAccumulate", "Read"),
    ("gpdb", "QueryContent", "Write"),
    ("Oss", "PutBucketAcl", "Write"),
    ("Odd", "Frobnicate", "Write"),
];

const KEYS: [&str; 8] = [
    "LTAI5tEXAMPLEROOT0000001",
    "LTAI********xfky",
    "55nCtAwmPLkkt5PB",
    "STS.NEXAMPLE0001",
    "TMP.EXAMPLE",
    "f6Iz********EI4d",
    "",
    "NULL",
];

/// The events, in the order of their time.
pub fn events(seed: u64) -> Vec<Value> {
    let mut events = Vec::new();
    let start: DateTime<Utc> = "2026-02-20T00:00:00Z".parse().unwrap_or_default();
    for hour in 0..39 * 24 {
        let time = start + TimeDelta::hours(hour);
        for (n, account) in [LIVE, STOPS, LIMITED, SPARSE].into_iter().enumerate() {
            let random = &mut Random::of(seed ^ n as u64, hour as u64);
            if delivers(account, time) && random.chance(if works(time) { 930 } else { 60 }) {
                for _ in 0..1 + random.below(2) {
                    let time = time + TimeDelta::seconds(random.below(3600) as i64);
                    events.push(call(random, time, account));
                }
            }
            if delivers(account, time) && random.chance(12) {
                logons(random, time + TimeDelta::minutes(30), account, &mut events);
            }
        }
    }
    let trail = |time: &str, name: &str, rw: Option<&str>| {
        let time = time.parse().unwrap_or_default();
        let mut event = base(time, LIMITED, "ram-user", "Actiontrail", name);
        event["eventRW"] = json!("Write");
        event["requestParameters"] = json!({"Name": "audit", "EventRW": rw});
        event
    };
    events.extend([
        trail("2026-03-10T09:00:00Z", "UpdateTrail", Some("Read")),
        trail("2026-03-14T09:00:00Z", "UpdateTrail", Some("All")),
        trail("2026-03-20T09:00:00Z", "StopLogging", None),
        trail("2026-03-24T09:00:00Z", "StartLogging", None),
    ]);
    for (policy, kind) in [
        ("AdministratorAccess", Some("System")),
        ("AdministratorAccess", Some("Custom")),
        ("AdministratorAccess", None),
        ("AliyunECSReadOnlyAccess", Some("System")),
    ] {
        let time = "2026-03-25T10:00:00Z".parse().unwrap_or_default();
        let mut event = base(time, LIVE, "ram-user", "Ram", "AttachPolicyToUser");
        event["eventRW"] = json!("Write");
        event["requestParameters"] = json!({"PolicyName": policy, "PolicyType": kind, "UserName": "x"});
        events.push(event);
    }
    for (n, event) in events.iter_mut().enumerate() {
        event["eventId"] = json!(format!("E-{n:05}"));
    }
    events
}

/// Returns `true` if an account delivers at a time.
fn delivers(account: &str, time: DateTime<Utc>) -> bool {
    let march = (time.month() == 3).then(|| time.day());
    match account {
        STOPS => march.is_none_or(|day| day < 18),
        // Reads alone from the 10th to the 14th, and nothing from the 20th to the 24th.
        LIMITED => !march.is_some_and(|day| (21..24).contains(&day)),
        SPARSE => !march.is_some_and(|day| [5, 6, 12, 27].contains(&day)),
        // An outage of some working hours.
        _ => !march.is_some_and(|day| day == 26 && (8..15).contains(&time.hour())),
    }
}

fn works(time: DateTime<Utc>) -> bool {
    (7..17).contains(&time.hour()) || time.day() % 7 == 1
}

fn base(time: DateTime<Utc>, account: &str, identity: &str, service: &str, name: &str) -> Value {
    json!({
        "eventName": name, "eventTime": super::event::utc(time), "eventType": "ApiCall", "eventVersion": "1",
        "serviceName": service, "acsRegion": "cn-hangzhou", "sourceIpAddress": "203.0.113.77",
        "userIdentity": {"type": identity, "accountId": account, "principalId": "p", "userName": "u"},
    })
}

fn call(random: &mut Random, time: DateTime<Utc>, account: &str) -> Value {
    let limited = account == LIMITED && time.month() == 3 && (11..14).contains(&time.day());
    let writes = account == SPARSE && time.month() == 3 && (16..19).contains(&time.day());
    let (service, name, rw) = match (limited, writes) {
        (true, _) => CALLS[0],
        (_, true) => CALLS[3],
        _ => *random.pick(&CALLS),
    };
    let identity = if random.chance(200) { "root-account" } else { "ram-user" };
    let mut event = base(time, account, identity, service, name);
    event["acsRegion"] = json!(*random.pick(&REGIONS));
    match random.below(10) {
        0..3 => {}
        3 => event["eventRW"] = json!(""),
        4 => event["eventRW"] = json!(rw.to_lowercase()),
        _ => event["eventRW"] = json!(rw),
    }
    if random.chance(300) {
        event["userIdentity"]["accessKeyId"] = json!(*random.pick(&KEYS));
    }
    match random.below(12) {
        0 => event["errorCode"] = json!("NoPermission"),
        1 => event["errorCode"] = json!("Throttling.User"),
        2 => event["errorCode"] = json!("null"),
        _ => {}
    }
    if random.chance(40) {
        let owner = if random.chance(500) { Value::Null } else { json!(account) };
        event["userIdentity"]["accountId"] = json!("");
        event["recipientAccountId"] = owner;
    }
    event
}

/// Failures before a success, some in the same second, some without an account.
fn logons(random: &mut Random, time: DateTime<Utc>, account: &str, events: &mut Vec<Value>) {
    let times = [0, 0, 7, 7, 7, 3599, 3600, 3601];
    let count = 1 + random.below(5);
    for n in 0..=count {
        let succeeds = n == count;
        let before = if succeeds { 0 } else { *random.pick(&times) };
        let mut event =
            base(time - TimeDelta::seconds(before), account, "root-account", "AasCustomer", "ConsoleSignin");
        event["eventRW"] = json!("Write");
        if !succeeds {
            event["errorMessage"] = json!("Incorrect password.");
        } else if random.chance(500) {
            event["additionalEventData"] = json!({"isMFAChecked": if random.chance(500) { "true" } else { "false" }});
        }
        if random.chance(250) {
            event["userIdentity"]["accountId"] = Value::Null;
        }
        events.push(event);
    }
}
