//! Odd events and statements, made the same way every time.

use serde_json::{Value, json};

use super::twin::Log;
use crate::generate::random::Random;

const NAMES: [&str; 8] =
    ["DescribeInstances", "describeinstances", "Delete Disk", "delete_disk", "删除 磁盘", "Delete/Disk", "X?", "a.b-c"];
const CODES: [&str; 7] = ["Forbidden", "Forbidden.RAM", "forbidden", "null", "", "Throttling.User;x", "'quoted'"];
const TYPES: [&str; 3] = ["root-account", "ram-user", "assumed-role"];
const AGENTS: [&str; 7] = [
    "Mozilla/5.0 (Linux; 中文) Chrome/1",
    "chrome LINUX",
    "aliyun-cli/3.0",
    "a  b",
    "x\"y\\z",
    "\t",
    "Ünïcode ÜNÏCODE",
];
const RESOURCES: [&str; 4] =
    ["ACS::ECS::Disk;ACS::ECS::Instance", "ACS::ECS::Disk", "acs::rds::DBInstance", "ACS::ECS::DiskX"];

/// An event with some of its members missing, null, empty or of another type.
pub(super) fn log(seed: u64, index: u64) -> Log {
    let mut random = Random::of(seed, index);
    let random = &mut random;
    let mut event = json!({
        "eventId": format!("id-{index:04}"),
        "eventTime": format!("2026-11-0{}T0{}:00:0{}Z", 1 + random.below(8), random.below(10), random.below(10)),
        "eventName": random.pick(&NAMES),
        "eventVersion": "1",
        "serviceName": random.pick(&["Ecs", "ECS", "Rds", "Ram"]),
        "acsRegion": random.pick(&["cn-hangzhou", "cn-shanghai", "ap-northeast-1"]),
        "eventRW": random.pick(&["Read", "Write"]),
        "sourceIpAddress": random.pick(&["192.0.2.1", "192.0.2.10", "2001:db8::1", "ecs.aliyuncs.com"]),
        "userIdentity": {
            "type": random.pick(&TYPES),
            "accountId": "1000000000000001",
            "userName": random.pick(&["root", "Alice", "alice@example.com", "张三", "role:session"]),
        },
    });
    let mut set = |random: &mut Random, key: &str, value: Value| match random.below(8) {
        0 => {}
        1 => event[key] = Value::Null,
        _ => event[key] = value,
    };
    let code = json!(random.pick(&CODES));
    set(random, "errorCode", code);
    let agent = json!(random.pick(&AGENTS));
    set(random, "userAgent", agent);
    let global = json!(random.chance(500));
    set(random, "isGlobal", global);
    let port = [json!(22), json!("22"), json!(-1), json!(3389.5), json!("22/22"), json!("x"), json!(null), json!(1e3)];
    let parameters = match random.below(3) {
        0 => json!({"Port": random.pick(&port), "Name": random.pick(&["web 1", "数据 库", "a:b"])}),
        1 => json!({"Range.Port": random.pick(&port), "range": {"Low": random.below(40)}}),
        _ => json!({"Range": {"Port": random.pick(&port), "list": ["x", "y z"]}, "flag": random.chance(500)}),
    };
    set(random, "requestParameters", parameters);
    let resources = match random.below(3) {
        0 => json!({"ACS::ECS::Disk": ["d-1", "d-2"], "ACS::ECS::Instance": ["i-1"]}),
        1 => json!({"ACS::ECS::Instance": "i-9"}),
        _ => json!({}),
    };
    set(random, "referencedResources", resources);
    if random.chance(500) {
        let types = json!(random.pick(&RESOURCES));
        set(random, "resourceType", types);
        set(random, "resourceName", json!("d-1,d-2;i-1"));
    }
    if random.chance(200) {
        event["unknownMember"] = json!({"inner": "unheard of"});
    }
    let around = random.chance(400).then(|| {
        let mut around = json!({
            "__time__": 1_762_000_000 + random.below(1_000_000),
            "__topic__": random.pick(&["actiontrail_audit_event", "actiontrail_event", "other topic"]),
            "__source__": random.pick(&["192.0.2.7", "", "log_service"]),
        });
        if random.chance(500) {
            around["__tag__:__client_ip__"] = json!(random.pick(&["192.0.2.1", "192.0.2.10"]));
        }
        around
    });
    Log { event, around }
}

const FIELDS: [&str; 26] = [
    "event.eventName",
    "event.eventname",
    "event_name",
    "eventName",
    "event.errorCode",
    "EVENT.ERRORCODE",
    "errorCode",
    "event.userAgent",
    "event.userIdentity.type",
    "userIdentity.userName",
    "user_identity_user_name",
    "event.isGlobal",
    "event.eventTime",
    "event.acsRegion",
    "event.serviceName",
    "event.sourceIpAddress",
    "event.resourceType",
    "event.resourceName",
    "event.requestParameters",
    "event.requestParameterJson",
    "event.requestParameters.Port",
    "event.requestParameters.range.port",
    "event.requestParameterJson.Name",
    "__topic__",
    "__source__",
    "__tag__:__client_ip__",
];

const NUMBERS: [&str; 4] = [
    "event.requestParameters.Port",
    "event.requestParameters.Range.Low",
    "event.requestParameters.Range.Port",
    "__time__",
];

const WORDS: [&str; 34] = [
    "Forbidden",
    "forbidden.ram",
    "Forbidden*",
    "NULL",
    "Delete",
    "Disk",
    "delete_disk",
    "删除",
    "磁盘",
    "Describe*",
    "root-account",
    "ram-*",
    "a.b-c",
    "Chrome",
    "linux",
    "中文",
    "22",
    "true",
    "cn-hangzhou",
    "cn-?hanghai",
    "ECS",
    "ACS::ECS::Disk",
    "d-1",
    "192.0.2.1",
    "192.0.2.*",
    "2001:db8::1",
    "Alice",
    "alice@example.com",
    "x",
    "web",
    "2026-11-01T00",
    "other",
    "actiontrail_event",
    "unheard",
];

const QUOTED: [&str; 14] = [
    "Delete Disk",
    "Disk Delete",
    "Linux Chrome",
    "Forbidden*",
    "",
    "a b",
    "a  b",
    "x\\\"y",
    "'quoted'",
    "ACS::ECS::Disk",
    "::",
    "web 1",
    "ÜNÏCODE",
    "other topic",
];

/// A statement of this depth.
pub(super) fn statement(random: &mut Random, depth: u64) -> String {
    match random.below(if depth == 0 { 7 } else { 12 }) {
        0 => random.pick(&WORDS).replace([':', '@'], " "),
        1 => format!("\"{}\"", random.pick(&QUOTED)),
        2 => format!("#\"{}\"", random.pick(&QUOTED[..2])),
        3 => {
            let op = *random.pick(&["=", ">", ">=", "<", "<="]);
            format!("{} {op} {}", random.pick(&NUMBERS), random.pick(&["22", "-1", "0", "3389.5", "1762500000"]))
        }
        4 => {
            let (open, close) = (*random.pick(&["[", "("]), *random.pick(&["]", ")"]));
            format!(
                "{} in {open}{}{close}",
                random.pick(&NUMBERS),
                random.pick(&["-1 22", "22 3389.5", "0 1e3", "5 1"])
            )
            .replace("1e3", "1000")
        }
        5 | 6 => {
            let field = *random.pick(&FIELDS);
            match random.below(8) {
                0 => format!("{field}:*"),
                1 => format!("{field}:\"\""),
                2 | 3 => format!("{field}:\"{}\"", random.pick(&QUOTED)),
                4 => format!("{field}:#\"{}\"", random.pick(&QUOTED[..3])),
                5 if !field.starts_with("__tag__") => {
                    format!("{field} is {}null", random.pick(&["", "not "]))
                }
                _ => format!("{field}: {}", random.pick(&WORDS)),
            }
        }
        7 | 8 => format!("not ({})", statement(random, depth - 1)),
        9 => format!("({}) or ({})", statement(random, depth - 1), statement(random, depth - 1)),
        10 => format!("({}) and ({})", statement(random, depth - 1), statement(random, depth - 1)),
        _ => format!("({}) not ({})", statement(random, depth - 1), statement(random, depth - 1)),
    }
}
