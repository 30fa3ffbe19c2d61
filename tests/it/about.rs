//! `trailql about`: counts beside those of plain statements, each kind of value, and values that somebody chose to
//! harm.

use serde_json::{Value, json};
use trailql::engine::{EngineOptions, ReferenceData, Scope};
use trailql::event::known_names::{NameTables, parse_network};
use trailql::event::lang::Lang;
use trailql::ops::about::model::{About, schema};
use trailql::ops::about::{AboutOptions, Answer, MANY, about};
use trailql::ops::subject::{Kind, Subject};

use crate::harness::{Home, package, sample_data};
use crate::json_schema;
use crate::lab::{self, Lab};

const SCHEMA: &str = "docs/about.schema.json";

fn options(value: &str, kind: Option<Kind>) -> AboutOptions {
    let subject = Subject::parse(value, kind).unwrap();
    AboutOptions { subject, listed: 1_000, findings: false, lang: Lang::En, many: MANY }
}

#[track_caller]
fn known(lab: &Lab, value: &str, kind: Option<Kind>) -> About {
    match about(&lab::for_ops(&lab.session()), &options(value, kind)).unwrap() {
        Answer::Known(about) => *about,
        Answer::Unknown(_) => panic!("nothing is known of {value:?}"),
    }
}

/// The time of a page as statements give it.
fn time(time: &impl serde::Serialize) -> Value {
    serde_json::to_value(time).unwrap()
}

#[test]
fn counts_are_those_of_plain_statements() {
    let lab = Lab::new();
    lab.ingest(&[sample_data()]);
    let event = "F044575E-B12C-5E22-B26A-2D036EC8941C";
    let of_event = format!("event_id = '{event}'");
    for (value, kind, expected, condition) in [
        ("203.0.113.77", None, Kind::Ip, "source_ip_address = '203.0.113.77'"),
        ("192.0.2.99/24", None, Kind::Ip, "source_ip_address LIKE '192.0.2.%'"),
        ("[2001:DB8:10::25]:443", None, Kind::Ip, "source_ip_address = '2001:db8:10::25'"),
        ("internal", None, Kind::Ip, "source_ip_address = 'Internal'"),
        ("LTAI5tEXAMPLEROOTKEY0001", None, Kind::Key, "user_identity_access_key_id = 'LTAI5tEXAMPLEROOTKEY0001'"),
        ("1234567812345678", None, Kind::Account, "'1234567812345678' IN (account_id, recipient_account_id)"),
        ("1234567812345678", Some(Kind::Principal), Kind::Principal, "user_identity_type = 'root-account'"),
        ("AOKI", None, Kind::User, "user_identity_principal_id = '200000000000000101'"),
        ("acs:ram::1234567812345678:user/sato", None, Kind::User, "user_identity_user_name = 'sato'"),
        ("backup-runner", None, Kind::Role, "user_identity_user_name = 'backup-runner:nightly'"),
        ("300000000000000001", None, Kind::Principal, "user_identity_principal_id LIKE '300000000000000001:%'"),
        ("oos.aliyuncs.com", None, Kind::Host, "source_ip_address = 'oos.aliyuncs.com'"),
        (&event.to_lowercase(), None, Kind::Event, &of_event),
        (event, Some(Kind::Request), Kind::Request, &format!("request_id = '{event}'")),
        (
            "sg-EXAMPLE000000000001",
            None,
            Kind::Resource,
            "strpos(concat(request_parameters, resource_name, response_elements), 'sg-EXAMPLE000000000001') > 0",
        ),
        (
            "audit",
            Some(Kind::Resource),
            Kind::Resource,
            "resource_name = 'audit' OR json_param(request_parameters, 'Name') = 'audit'",
        ),
    ] {
        let page = known(&lab, value, kind);
        assert_eq!(page.kind, expected, "{value}");
        let counts = &lab.ask(&format!(
            "SELECT count(*) AS events, count(*) FILTER (WHERE event_rw = 'Write') AS writes,
                count(*) FILTER (WHERE outcome = 'denied') AS denied, count(*) FILTER (WHERE outcome = 'error') AS errors,
                count(DISTINCT substr(CAST(event_time AS VARCHAR), 1, 10)) AS active_days,
                count(DISTINCT source_ip_address) AS addresses, count(DISTINCT acs_region) AS regions,
                min(event_time) AS first_event, max(event_time) AS last_event
             FROM events WHERE {condition}"
        ))[0];
        let sum = &page.summary;
        let found = json!({"events": sum.events, "writes": sum.writes, "denied": sum.denied, "errors": sum.errors,
            "active_days": sum.active_days});
        for (name, count) in found.as_object().unwrap() {
            assert_eq!(&counts[name], count, "{name} of {value}");
        }
        let instant = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap();
        assert_eq!(instant(&counts["first_event"]), instant(&time(&sum.first_event)), "{value}");
        assert_eq!(instant(&counts["last_event"]), instant(&time(&sum.last_event)), "{value}");
        assert!(sum.events > 0, "{value}");
        // Each list that takes all events in is whole.
        let operations = [&page.writes, &page.unknown_access, &page.reads].map(|list| &list.items[..]).concat();
        assert_eq!(operations.iter().map(|item| item.counts.events).sum::<u64>(), sum.events, "{value}");
        assert_eq!(page.days.iter().map(|day| day.events).sum::<u64>(), sum.events, "{value}");
        assert_eq!(page.principals.items.iter().map(|item| item.counts.events).sum::<u64>(), sum.events, "{value}");
        let failed: u64 = page.errors.items.iter().map(|item| item.counts.events).sum();
        assert_eq!(failed, sum.denied + sum.errors, "{value}");
        assert_eq!([&counts["addresses"], &counts["regions"]], [page.addresses.total, page.regions.total], "{value}");
    }
}

#[test]
fn pages_of_many_events_are_the_same() {
    let lab = Lab::new();
    lab.ingest(&[sample_data()]);
    for (value, listed) in [("1234567812345678", 3), ("198.51.100.23", 1_000)] {
        let opened = lab::for_ops(&lab.session());
        let few = AboutOptions { listed, ..options(value, None) };
        let many = AboutOptions { many: 0, ..few.clone() };
        assert_eq!(about(&opened, &few).unwrap(), about(&opened, &many).unwrap(), "{value}");
    }
}

#[test]
fn a_key_tells_who_made_it_and_who_took_it_away() {
    let lab = Lab::new();
    lab.ingest(&[sample_data()]);
    let told = |page: &About| -> Vec<String> {
        let call = |call: &trailql::ops::about::model::NamedBy| {
            format!("{} by {}", call.event_name.clone().unwrap_or_default(), call.principal.clone().unwrap_or_default())
        };
        page.named_by.items.iter().map(call).collect()
    };
    let key = known(&lab, "LTAI5tEXAMPLEROOTKEY0001", None);
    assert_eq!(told(&key), ["CreateAccessKey by root", "DeleteAccessKey by root"]);
    let user = known(&lab, "support-backup", None);
    assert_eq!(user.kind, Kind::User);
    let expected = [
        "CreateUser by root",
        "CreateLoginProfile by root",
        "AttachPolicyToUser by root",
        "CreateAccessKey by root",
        "DetachPolicyFromUser by aoki",
        "DeleteUser by aoki",
    ];
    assert_eq!(told(&user), expected);
    assert_eq!(user.named_by.items[3].detail.as_deref(), Some("LTAI5tEXAMPLESUPPORT0001"));
    let others: Vec<Kind> = user.kinds.iter().map(|found| found.kind).collect();
    assert_eq!(others, [Kind::User, Kind::Resource]);
}

/// The events of a story, a line each: day, account, name of the event, who, and parameters.
fn story(lines: &[(&str, u8, &str, &str, Value)]) -> Lab {
    let events: Vec<Value> = lines
        .iter()
        .enumerate()
        .map(|(at, (day, account, name, who, parameters))| {
            let account = format!("100000000000000{account}");
            let (kind, key) = (if *who == "root" { "root-account" } else { "ram-user" }, parameters.get("key"));
            json!({"eventId": format!("e-{at}"), "eventTime": format!("2026-10-{day}T00:00:00Z"), "eventName": name,
                "serviceName": if name.starts_with("List") { "Ecs" } else { "Ram" }, "sourceIpAddress": "192.0.2.10",
                "eventRW": if name.starts_with("List") { "Read" } else { "Write" }, "requestParameters": parameters,
                "userIdentity": {"type": kind, "accountId": account, "principalId": account, "userName": who,
                    "accessKeyId": key}})
        })
        .collect();
    Lab::with_events(&events)
}

/// Steps in the life of a value: what, the day, the other name, and whether the value was seen after it.
fn life(page: &About) -> Vec<String> {
    let step = |step: &trailql::ops::about::model::LifeEvent| {
        let step = serde_json::to_value(step).unwrap();
        let day = step["time"].as_str().map_or("-", |time| &time[8..10]).to_owned();
        let name = step["other_name"].as_str().map(|name| format!(" {name}")).unwrap_or_default();
        let seen = if step["seen_after"] == true { " seen" } else { "" };
        format!("{} {day}{name}{seen}", step["step"].as_str().unwrap())
    };
    page.life.iter().map(step).collect()
}

#[test]
fn the_life_of_a_value_is_told_step_by_step() {
    let key = "LTAI5tODDKEYSTORY00000001";
    let status = |status: &str| json!({"UserName": "ku", "UserAccessKeyId": key, "Status": status});
    let of = |name: &str| json!({"UserName": name});
    let policy = |n: u8| json!({"UserName": "busy", "PolicyName": format!("P{n}")});
    let mut busy = vec![("01", 1, "CreateUser", "root", of("busy"))];
    busy.extend((0..6).map(|n| ("02", 1, "AttachPolicyToUser", "root", policy(n))));
    busy.extend([("05", 1, "DeleteUser", "root", of("busy")), ("06", 1, "ListX", "busy", json!({}))]);
    for (value, lines, expected) in [
        ("busy", busy, &["created 01", "deleted 05 seen"][..]),
        (
            "phoenix",
            vec![
                ("01", 1, "CreateUser", "root", of("phoenix")),
                ("05", 1, "DeleteUser", "root", of("Phoenix")),
                ("09", 1, "CreateUser", "root", of("phoenix")),
                ("10", 1, "ListX", "phoenix", json!({})),
            ],
            &["created 01", "deleted 05", "created 09"],
        ),
        (
            key,
            vec![
                ("02", 1, "UpdateAccessKey", "root", status("Inactive")),
                ("03", 1, "UpdateAccessKey", "root", status("Active")),
                ("05", 1, "ListX", "ku", json!({"key": key})),
                ("10", 1, "UpdateAccessKey", "root", status("Inactive")),
                ("11", 1, "ListX", "ku", json!({"key": key})),
            ],
            &["disabled 02", "enabled 03", "disabled 10 seen"],
        ),
        (
            "twin",
            vec![
                ("01", 1, "CreateUser", "root", of("twin")),
                ("02", 2, "CreateUser", "root", of("twin")),
                ("03", 1, "ListX", "twin", json!({})),
                ("05", 1, "DeleteUser", "root", of("twin")),
                ("09", 2, "ListX", "twin", json!({})),
            ],
            &["created 01", "created 02", "deleted 05"],
        ),
        (
            "mei@corp-a.onaliyun.com",
            vec![
                ("01", 1, "CreateUser", "root", json!({"UserPrincipalName": "mei@corp-a.onaliyun.com"})),
                ("02", 2, "DeleteUser", "root", json!({"UserPrincipalName": "mei@corp-b.onaliyun.com"})),
                ("03", 2, "DeleteUser", "root", of("mei")),
                ("04", 1, "ListX", "mei@corp-a.onaliyun.com", json!({})),
            ],
            &["created 01"],
        ),
        (
            "new",
            vec![
                ("01", 1, "CreateUser", "root", of("old")),
                ("02", 1, "UpdateUser", "root", json!({"UserName": "old", "NewUserName": "new"})),
                ("03", 1, "UpdateUser", "root", json!({"UserName": "new", "NewUserName": "new"})),
                ("04", 1, "ListX", "new", json!({})),
            ],
            &["renamed_from 02 old"],
        ),
        (
            "old",
            vec![
                ("02", 1, "UpdateUser", "root", json!({"UserName": "old", "NewUserName": "new"})),
                ("04", 1, "ListX", "old", json!({})),
            ],
            &["renamed_to 02 new seen"],
        ),
    ] {
        let lab = story(&lines);
        // What is told of a life does not depend on the items of lists.
        for listed in [1, 1_000] {
            let few = AboutOptions { listed, ..options(value, None) };
            let Answer::Known(page) = about(&lab::for_ops(&lab.session()), &few).unwrap() else { panic!("{value}") };
            assert_eq!(life(&page), expected, "{value} {listed}");
            assert!(page.accounts.items.len() as u64 <= listed, "{value}");
        }
    }
}

#[test]
fn repeated_steps_are_one_item_of_the_calls() {
    let status = |status: &str| json!({"UserAccessKeyId": "LTAI5tODDKEYSTORY00000001", "Status": status});
    let days = ["01", "02", "03", "04", "05"];
    let lines: Vec<_> = days.iter().map(|day| (*day, 1, "UpdateAccessKey", "root", status("Active"))).collect();
    let page = known(&story(&lines), "LTAI5tODDKEYSTORY00000001", None);
    let [call] = &page.named_by.items[..] else { panic!("{:?}", page.named_by) };
    assert_eq!((page.named_by.total, call.events, page.life.len()), (1, 5, 5));
    let times = (time(&call.first_event), time(&call.last_event));
    assert_eq!(times, (time(&page.life[0].time), time(&page.life[4].time)));
    assert_eq!(call.first_event_id.as_deref(), Some("e-0"));
}

/// A page that is handed on under `--redact` leads on, and hides the name in the commands too.
#[test]
fn names_that_are_hidden_can_be_asked_for() {
    let home = Home::new();
    let name = "mei.lin@corp.example.com";
    let events = [event("e-1", "A", name, &json!({})), event("e-2", "B", name, &json!({}))];
    home.file("events.json", events.map(|event| format!("{event}\n")).concat());
    home.run(&["ingest", "events.json"]).exits(0);
    let page = home.run(&["about", name, "--redact", "-q"]).exits(0).stdout;
    assert!(page.starts_with("***") && page.contains("events       2") && !page.contains("mei"), "{page}");
    let next = page.lines().find_map(|line| line.trim().strip_prefix("trailql timeline ")).expect("a command");
    let mark = next.split('\'').nth(1).expect("a quoted mark");
    assert!(next.ends_with("--redact"), "{next}");
    let lines = home.run(&["timeline", mark, "--as", "user", "--redact", "-q"]).exits(0).stdout;
    assert_eq!(lines.lines().count(), 2, "{lines}");
    // Marks of exports are others at the next run.
    let page = home.run(&["about", name, "--redact", "-q", "--from", "events.json"]).exits(0).stdout;
    assert!(page.starts_with("***") && !page.contains("trailql timeline"), "{page}");
}

#[test]
fn commands_stay_in_the_account_of_the_value() {
    let home = Home::new();
    let other = json!({"userIdentity": {"accountId": "1000000000000002"}});
    let events = [event("e-1", "A", "twin", &json!({})), event("e-2", "A", "twin", &other)];
    home.file("events.json", events.map(|event| format!("{event}\n")).concat());
    let arn =
        home.run(&["about", "acs:ram::1000000000000001:user/twin", "--from", "events.json", "-q"]).exits(0).stdout;
    let account = home.run(&["about", "1000000000000001", "--from", "events.json", "-q"]).exits(0).stdout;
    for (page, command) in [
        (&arn, "trailql timeline twin --as user --account 1000000000000001"),
        (&account, "trailql timeline 1000000000000001 --as account --from"),
        (&account, "trailql about twin --as user --account 1000000000000001"),
    ] {
        assert!(page.contains(command), "{command}: {page}");
    }
}

/// An event of a user.
fn event(id: &str, name: &str, user: &str, more: &Value) -> Value {
    let mut event = json!({"eventId": id, "eventTime": "2026-11-03T10:00:00Z", "eventName": name, "eventVersion": "1",
        "serviceName": "Ecs", "acsRegion": "cn-hangzhou", "sourceIpAddress": "203.0.113.9", "requestId": id,
        "userIdentity": {"type": "ram-user", "accountId": "1000000000000001", "principalId": format!("2{id}"),
            "userName": user}});
    lab::merge(&mut event, more);
    event
}

#[test]
fn values_that_are_more_than_one_thing_are_listed() {
    let role = json!({"userIdentity": {"type": "assumed-role", "principalId": "300:s", "userName": "Admin:s"}});
    let lab = Lab::with_events(&[
        event("e-1", "A", "admin", &json!({})),
        event("e-2", "A", "x", &role),
        event("e-3", "B", "x", &role),
        event("e-4", "C", "y", &json!({"resourceType": "ACS::OSS::Bucket", "resourceName": "admin,other"})),
        event("e-5", "C", "y", &json!({"resourceType": "ACS::OSS::Bucket", "resourceName": "not-admin"})),
    ]);
    let page = known(&lab, "admin", None);
    let kinds: Vec<(Kind, u64)> = page.kinds.iter().map(|found| (found.kind, found.events)).collect();
    assert_eq!(kinds, [(Kind::Role, 2), (Kind::User, 1), (Kind::Resource, 1)]);
    for (kind, events) in kinds {
        let page = known(&lab, "admin", Some(kind));
        assert_eq!((page.kind, page.summary.events), (kind, events));
    }
}

#[test]
fn users_of_one_name_in_two_accounts_are_told_apart() {
    let other = json!({"userIdentity": {"accountId": "1000000000000002"}, "recipientAccountId": "1000000000000002"});
    let lab = Lab::with_events(&[
        event("e-1", "A", "alice", &json!({})),
        event("e-2", "A", "alice@corp.onaliyun.com", &json!({})),
        event("e-3", "A", "alice", &other),
        event("e-4", "A", "alicea", &json!({})),
    ]);
    let page = known(&lab, "Alice", None);
    assert_eq!((page.summary.events, page.accounts.total, page.principals.total), (3, 2, 3));
    assert_eq!(known(&lab, "acs:ram::1000000000000002:user/alice", None).summary.events, 1);
    assert_eq!(known(&lab, "alice@corp.onaliyun.com", None).summary.events, 1);
    let scope = Scope { accounts: vec!["1000000000000001".to_owned()], ..Scope::default() };
    let opened = lab::for_ops(&lab.session_with(scope, false));
    let Answer::Known(page) = about(&opened, &options("alice", None)).unwrap() else { panic!("unknown") };
    assert_eq!(page.summary.events, 2);
}

#[test]
fn masked_ids_and_keys_that_were_never_used_are_found() {
    let key = |id: &str| json!({"userIdentity": {"accessKeyId": id}});
    let created = json!({"serviceName": "Ims", "eventRW": "Write", "requestParameters": {"UserName": "bob"},
        "responseElements": {"AccessKey": {"AccessKeyId": "LTAI5tNEVERUSED000000001"}}});
    let lab = Lab::with_events(&[
        event("AE3B****", "A", "alice", &key("LTAI********xfky")),
        event("AE3B****", "B", "alice", &json!({"sourceIpAddress": "192.168.XX.XX"})),
        event("e-3", "CreateAccessKey", "alice", &created),
        event("1.167_1627549154939_339a", "C", "alice", &json!({})),
        event("e-4", "D", "17549869382****", &json!({"userIdentity": {"accountId": "17549869382****"}})),
    ]);
    for (value, kind, events) in [
        ("LTAI********xfky", Kind::Key, 1),
        ("AE3B****", Kind::Event, 2),
        ("192.168.xx.xx", Kind::Ip, 1),
        ("1.167_1627549154939_339a", Kind::Event, 1),
        ("17549869382****", Kind::Account, 1),
    ] {
        let page = known(&lab, value, None);
        assert_eq!((page.kind, page.summary.events), (kind, events), "{value}");
    }
    let page = known(&lab, "LTAI5tNEVERUSED000000001", None);
    assert_eq!((page.kind, page.summary.events, page.kinds[0].named_by), (Kind::Key, 0, 1));
    assert_eq!(page.named_by.items[0].detail.as_deref(), Some("LTAI5tNEVERUSED000000001"));
    let user = known(&lab, "bob", None);
    assert_eq!((user.kind, user.summary.events, user.named_by.total), (Kind::User, 0, 1));
}

/// Names that are made to break a statement, a shell, a terminal or a spreadsheet.
const HOSTILE: [&str; 5] = [
    "x' OR '1'='1'; DROP TABLE events; --",
    "-q",
    "a\"b\\c\nline\ttab\u{1b}[31mred\u{202e}txt.exe",
    "$(touch pwned) `touch pwned` *.?(x)[y]{2}^$",
    "サポート用 | [link](http://e.example) <b>",
];

#[test]
fn hostile_names_are_values_and_nothing_else() {
    let home = Home::new();
    let events: Vec<String> = HOSTILE
        .iter()
        .enumerate()
        .flat_map(|(n, name)| {
            let resource = json!({"requestParameters": {"UserName": name}, "serviceName": "Ram", "eventRW": "Write",
                "resourceName": name, "userAgent": name, "errorCode": name});
            [
                event(&format!("a-{n}"), "A", name, &json!({})),
                event(&format!("b-{n}"), "CreateUser", "admin", &resource),
            ]
        })
        .map(|event| event.to_string())
        .collect();
    home.file("in.jsonl", events.join("\n"));
    home.run(&["ingest", "in.jsonl"]).exits(0);
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_trailql")).parent().unwrap();
    for name in HOSTILE {
        let ask = |format: &str| home.run(&["about", "-F", format, "--as", "user", "--", name]).exits(0).stdout;
        let markdown = if name.contains('<') { ask("markdown") } else { String::new() };
        let markdown = markdown.split("## Next").next().unwrap().to_owned();
        assert!(!markdown.contains("<b>") && !markdown.contains("[link]"), "{markdown}");
        for text in [ask("text"), markdown] {
            assert!(text.chars().all(|c| c == '\n' || !trailql::engine::output::escape::is_hidden(c)), "{text}");
        }
        let page: Value = serde_json::from_str(&ask("json")).unwrap();
        assert_eq!(page["value"], name);
        assert_eq!((&page["summary"]["events"], &page["named_by"]["total"]), (&json!(1), &json!(1)), "{name}");
        // The commands lead on, whatever the value.
        let commands: Vec<&str> = page["next"].as_array().unwrap().iter().map(|next| next.as_str().unwrap()).collect();
        assert!(commands[0].starts_with("trailql timeline "), "{commands:?}");
        let command = commands[0].replacen("trailql timeline", "trailql timeline -F jsonl", 1);
        let mut bash = std::process::Command::new("bash");
        bash.args(["-c", &command]);
        let path = format!("{}:/usr/bin:/bin", bin.display());
        let output = bash.env_clear().env("PATH", path).env("HOME", home.work()).current_dir(home.work()).output();
        let output = output.unwrap();
        let lines = String::from_utf8(output.stdout).unwrap().lines().count();
        assert_eq!(lines, 2, "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(!home.work().join("pwned").exists());
}

#[test]
fn unknown_values_are_a_negative_answer() {
    let home = Home::new();
    home.run(&["ingest", sample_data().to_str().unwrap()]).exits(0);
    let run = home.run(&["about", "LTAI5tEXAMPLEROOTKEY0001", "--until", "2026-11-01", "-q"]).exits(1);
    assert_eq!(run.stdout, "");
    let expected = "warning: no event in scope has the value: `LTAI5tEXAMPLEROOTKEY0001`\n\
         hint: outside of the scope it is known, as AccessKey: 221 events, from 2026-11-04 02:10:05 +00:00 to \
         2026-11-08 02:31:05 +00:00\n";
    assert_eq!(run.stderr, expected);
    for value in ["LTAI5texamplerootkey0001", "2001:db8:99::/48", "x' OR '1'='1"] {
        let run = home.run(&["about", "-q", "--", value]).exits(1);
        assert!(run.stderr.starts_with("warning: no event in scope has the value: "), "{value}: {}", run.stderr);
    }
    for (value, kind) in [("", "ip"), ("nobody", "ip"), (" ", "key")] {
        home.run(&["about", value, "--as", kind]).exits(2);
    }
}

#[test]
fn the_json_form_is_as_its_schema_says() {
    let told = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    let path = package().join(SCHEMA);
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        std::fs::write(&path, &told).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), told, "write {SCHEMA} anew with SNAPSHOTS=overwrite");
    let home = Home::new();
    home.run(&["ingest", sample_data().to_str().unwrap()]).exits(0);
    let schema = serde_json::to_value(schema()).unwrap();
    for args in [&["198.51.100.23", "--findings"][..], &["1234567812345678", "--limit", "2"]] {
        let run = home.run(&[&["about", "-F", "json", "--tz", "Asia/Tokyo"], args].concat()).exits(0);
        let page: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(json_schema::faults(&schema, &page), Vec::<String>::new(), "{args:?}");
        if args.contains(&"--findings") {
            assert!(page["findings"]["findings"].as_u64().unwrap() > 100);
            assert_eq!(page["findings"]["views"]["items"][0]["severity"], "critical");
        }
        if args.contains(&"--limit") {
            assert_eq!(page["writes"]["items"].as_array().unwrap().len(), 2);
            assert!(page["writes"]["total"].as_u64().unwrap() > 2);
        }
    }
}

#[test]
fn names_of_the_settings_stand_beside_the_values() {
    let lab =
        Lab::with_events(&[event("e-1", "A", "alice", &json!({"userIdentity": {"accessKeyId": "LTAI5tEXAMPLE"}}))]);
    let names = NameTables {
        access_keys: [("LTAI5tEXAMPLE".to_owned(), "CI runner".to_owned())].into(),
        networks: vec![(parse_network("203.0.113.0/24").unwrap(), "office".to_owned())],
        ..NameTables::default()
    };
    let reference = ReferenceData { known_names: names.into(), ..ReferenceData::default() };
    let session = lab::session(&lab.lake(), &Scope::default(), &EngineOptions { reference, ..lab::engine_options() });
    let Answer::Known(page) = about(&lab::for_ops(&session), &options("LTAI5tEXAMPLE", None)).unwrap() else {
        panic!("unknown")
    };
    assert_eq!(page.nature.known_name.as_deref(), Some("CI runner"));
    assert_eq!(page.addresses.items[0].known_name.as_deref(), Some("office"));
}

#[test]
fn no_id_is_broken_on_a_narrow_terminal() {
    let home = Home::new();
    home.run(&["ingest", sample_data().to_str().unwrap()]).exits(0);
    for columns in [60, 80] {
        let command = format!(
            "stty rows 50 cols {columns}; \"$trailql\" about backup-runner --limit 1000 -q --color never --no-pager"
        );
        let Some(shown) = home.run_on_terminal(&command, "") else { return };
        let page = home.run(&["about", "backup-runner", "--limit", "1000", "-q"]).exits(0).stdout;
        let words =
            |text: &str| -> std::collections::BTreeSet<String> { text.split_whitespace().map(str::to_owned).collect() };
        let missing: Vec<String> = words(&page).difference(&words(&shown)).cloned().collect();
        assert!(missing.iter().all(|word| !word.is_ascii()), "{columns}: {missing:?}\n{shown}");
    }
}

#[test]
fn pages_name_what_their_lists_leave_out() {
    let home = Home::new();
    home.run(&["ingest", sample_data().to_str().unwrap()]).exits(0);
    let ask = |format: &str| home.run(&["about", "198.51.100.23", "-q", "-F", format]).exits(0).stdout;
    let (text, markdown) = (ask("text"), ask("markdown"));
    for page in [&text, &markdown] {
        let rest = page.lines().find(|line| line.trim_start().starts_with("and ")).unwrap();
        for name in ["PutBucketAcl", "AuthorizeSecurityGroup", "StopLogging", "DeleteTrail", "CreateAccessKey"] {
            assert!(rest.contains(name), "{name} in {rest}");
        }
        assert!(!rest.contains("more"), "{rest}");
    }
    // Denied is not failed, in the head as in the lists.
    assert!(text.contains("12 denied, 4 failed\n") && text.contains("9 denied  11-05"), "{text}");
    assert!(text.contains("times        in UTC, of 2026\n"), "{text}");
    let page: Value = serde_json::from_str(&ask("json")).unwrap();
    assert_eq!(page["writes"]["items"].as_array().unwrap().len(), 6);
}
