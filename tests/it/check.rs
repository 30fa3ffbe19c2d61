//! `trailql check root`: each item fails, passes and is unknown; what was not delivered; the forms of the answer.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use snapbox::{Data, assert_data_eq};
use trailql::detect::check::checklist::ROOT;
use trailql::detect::check::form::{Checklist, Item};
use trailql::detect::check::verdict::Status::{self, Failed, Passed, Unknown};
use trailql::detect::suppress::Suppressions;
use trailql::engine::Scope;
use trailql::event::lang::Lang;
use trailql::event::time::{TimeBound, Zone};
use trailql::ops::check::{CheckOptions, check_root};
use trailql::ops::detect::ViewParameter;

use crate::harness::{Home, NOW, package, sample_data};
use crate::lab::{self, Lab, for_ops};

const ACCOUNT: &str = "1000000000000001";

fn options() -> CheckOptions {
    CheckOptions {
        params: Vec::new(),
        suppressions: Suppressions::default(),
        lang: Lang::En,
        at_once: 2,
        flags: String::new(),
    }
}

fn check(lab: &Lab, scope: Scope, options: &CheckOptions) -> Checklist {
    let outcome = check_root(&for_ops(&lab.session_with(scope, false)), options).unwrap();
    assert_eq!(outcome.errors, []);
    assert_eq!(outcome.checklist.items.len(), ROOT.len());
    outcome.checklist
}

fn item<'c>(checklist: &'c Checklist, id: &str) -> &'c Item {
    checklist.items.iter().find(|item| item.check == id).unwrap()
}

/// An event of a RAM user that nothing speaks against.
fn event(id: &str, more: Value) -> Value {
    let mut event = json!({"eventId": id, "eventTime": "2026-11-03T10:00:00Z", "eventName": "StopInstance",
        "eventType": "ApiCall", "eventVersion": 1, "eventRW": "Write", "serviceName": "Ecs", "acsRegion": "cn-hangzhou",
        "sourceIpAddress": "203.0.113.1", "userAgent": "ecs.console.aliyun.com", "recipientAccountId": ACCOUNT,
        "userIdentity": {"type": "ram-user", "principalId": "2001", "userName": "alice", "accountId": ACCOUNT}});
    lab::merge(&mut event, &more);
    event
}

fn root(id: &str, more: Value) -> Value {
    let mut event =
        event(id, json!({"userIdentity": {"type": "root-account", "principalId": ACCOUNT, "userName": "root"}}));
    lab::merge(&mut event, &more);
    event
}

fn logon(id: &str, more: Value) -> Value {
    let mut event = event(
        id,
        json!({"eventName": "ConsoleSignin", "eventType": "ConsoleSignin", "serviceName": "AasSub",
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64)", "additionalEventData": {"mfaChecked": "true"}}),
    );
    lab::merge(&mut event, &more);
    event
}

fn root_logon(id: &str, more: Value) -> Value {
    let mut event = logon(
        id,
        json!({"serviceName": "AasCustomer", "sourceIpAddress": "203.0.113.9",
            "additionalEventData": {"mfaChecked": "(missing)", "isMFAChecked": "true"},
            "userIdentity": {"type": "root-account", "principalId": ACCOUNT, "userName": "root"}}),
    );
    lab::merge(&mut event, &more);
    event
}

fn run_instances(id: &str, more: Value) -> Value {
    let mut event =
        event(id, json!({"eventName": "RunInstances", "requestParameters": {"ImageId": "aliyun_3_x64.vhd"}}));
    lab::merge(&mut event, &more);
    event
}

fn keyed(id: &str, more: Value) -> Value {
    let mut event = event(
        id,
        json!({"eventName": "DescribeInstances", "eventRW": "Read", "userAgent": "Python/3.12",
        "userIdentity": {"accessKeyId": "LTAI5tEXAMPLE00000000001"}}),
    );
    lab::merge(&mut event, &more);
    event
}

/// A day of which both reads and writes were delivered.
fn day() -> Vec<Value> {
    vec![event("write", json!({})), event("read", json!({"eventName": "DescribeInstances", "eventRW": "Read"}))]
}

#[test]
fn each_item_fails_passes_and_is_unknown() {
    let cases: Vec<(&str, Status, Vec<Value>, &str)> = vec![
        ("root_logons", Failed, vec![root_logon("e", json!({}))], "successful logons: 1"),
        (
            "root_logons",
            Passed,
            vec![root_logon("e", json!({"errorCode": "Authentication.Failed"}))],
            "failed logons: 1; nothing speaks against it in the events of 1 day",
        ),
        ("root_resource_management", Failed, vec![root("e", json!({}))], "changes by root: 1"),
        (
            "root_resource_management",
            Failed,
            vec![root("e", json!({"eventRW": "(missing)"}))],
            "changes whose event does not say that it wrote: 1",
        ),
        (
            "root_resource_management",
            Passed,
            vec![
                root("e1", json!({"errorCode": "NoPermission"})),
                root("e2", json!({"eventName": "DescribeInstances", "eventRW": "(missing)"})),
                root_logon("e3", json!({})),
            ],
            "nothing speaks against it",
        ),
        (
            "root_resource_management",
            Unknown,
            vec![root("e", json!({"eventName": "Frobnicate", "eventRW": "(missing)"}))],
            "calls that may have changed something: 1",
        ),
        (
            "root_high_frequency",
            Failed,
            (0..100).map(|n| root(&format!("e{n}"), json!({"eventRW": "Read"}))).collect(),
            "days with frequent operations: 1",
        ),
        (
            "root_high_frequency",
            Passed,
            (0..99).map(|n| root(&format!("e{n}"), json!({"eventRW": "Read"}))).collect(),
            "nothing speaks against it",
        ),
        (
            "root_access_keys",
            Failed,
            vec![root("e", json!({"userIdentity": {"accessKeyId": "LTAI5tEXAMPLE00000000009"}}))],
            "calls with a root AccessKey: 1",
        ),
        (
            "root_access_keys",
            Passed,
            vec![
                root("e1", json!({"userIdentity": {"accessKeyId": "STS.NEXAMPLE0001"}})),
                root(
                    "e2",
                    json!({"errorCode": "InvalidAccessKeyId.NotFound",
                        "userIdentity": {"accessKeyId": "LTAI5tEXAMPLE00000000009"}}),
                ),
            ],
            "nothing speaks against it",
        ),
        (
            "root_access_keys",
            Unknown,
            vec![root("e", json!({"userIdentity": {"accessKeyId": "****"}}))],
            "calls whose key may be one of root: 1",
        ),
        (
            "root_mfa",
            Failed,
            vec![root_logon("e", json!({"additionalEventData": {"isMFAChecked": "false"}}))],
            "logons without MFA: 1",
        ),
        (
            "root_mfa",
            Failed,
            vec![
                root("e", json!({"eventName": "MFAUnbind", "serviceName": "AasCustomer"})),
                root_logon("e2", json!({})),
            ],
            "MFA unbound: 1; logons with MFA: 1",
        ),
        ("root_mfa", Passed, vec![root_logon("e", json!({}))], "logons with MFA: 1; nothing speaks against it"),
        (
            "root_mfa",
            Unknown,
            vec![root_logon("e1", json!({})), root_logon("e2", json!({"additionalEventData": "(missing)"}))],
            "logons that do not say whether MFA was used: 1; logons with MFA: 1",
        ),
        ("root_mfa", Unknown, vec![], "root did not log on"),
        (
            "ram_user_mfa",
            Failed,
            vec![logon("e", json!({"additionalEventData": {"mfaChecked": "false"}}))],
            "logons without MFA: 1",
        ),
        ("ram_user_mfa", Passed, vec![logon("e", json!({}))], "logons with MFA: 1; nothing speaks against it"),
        (
            "ram_user_mfa",
            Unknown,
            vec![logon("e", json!({"additionalEventData": "(missing)"}))],
            "logons that do not say whether MFA was used: 1",
        ),
        ("ram_user_mfa", Unknown, vec![], "no RAM user logged on"),
        ("root_initial_user", Failed, vec![run_instances("e", json!({}))], "calls that did so: 1"),
        (
            "root_initial_user",
            Failed,
            vec![event("e", json!({"eventName": "CreateLaunchTemplate", "requestParameters": {"ImageId": "m"}}))],
            "launch templates and the like made so: 1",
        ),
        (
            "root_initial_user",
            Passed,
            vec![
                run_instances("e1", json!({"requestParameters": {"ImageOptions.LoginAsNonRoot": "true"}})),
                run_instances("e2", json!({"errorCode": "Forbidden.RAM"})),
            ],
            "nothing speaks against it",
        ),
        (
            "deny_policy",
            Failed,
            vec![run_instances("e", json!({})), run_instances("e2", json!({"errorCode": "Forbidden.RAM"}))],
            "calls of RAM users and roles that were let through: 1; refused attempts: 1",
        ),
        (
            "deny_policy",
            Failed,
            vec![run_instances("e", json!({"userIdentity": {"type": "assumed-role", "userName": "deploy:ci"}}))],
            "calls of RAM users and roles that were let through: 1",
        ),
        (
            "deny_policy",
            Passed,
            vec![
                run_instances("e", json!({"errorCode": "Forbidden.RAM"})),
                // No policy can be attached to these.
                run_instances("e2", json!({"userIdentity": {"type": "root-account", "userName": "root"}})),
                run_instances(
                    "e3",
                    json!({"userIdentity": {"type": "assumed-role", "userName": "AliyunServiceRoleForAutoScaling:x"}}),
                ),
            ],
            "refused attempts: 1; nothing speaks against it",
        ),
        (
            "deny_policy",
            Unknown,
            vec![
                event("e1", json!({"eventName": "InvokeCommand", "errorCode": "Forbidden.RAM"})),
                run_instances(
                    "e2",
                    json!({"errorCode": "Forbidden.RAM", "requestParameters": {"ImageOptions.LoginAsNonRoot": "true"}}),
                ),
            ],
            "no RAM user or role tried it",
        ),
        (
            "shared_users",
            Failed,
            vec![
                logon("e1", json!({})),
                logon("e2", json!({"userIdentity": {"principalId": "2002", "userName": "bob"}})),
            ],
            "addresses and agents with several users: 1",
        ),
        (
            "shared_users",
            Failed,
            vec![
                logon("e1", json!({})),
                logon("e2", json!({"sourceIpAddress": "203.0.113.2", "userAgent": "Mozilla/5.0 (Windows NT 10.0)"})),
                logon("e3", json!({"sourceIpAddress": "203.0.113.3", "userAgent": "Mozilla/5.0 (Macintosh)"})),
            ],
            "users with many browsers and addresses: 1",
        ),
        (
            "shared_users",
            Passed,
            vec![
                logon("e1", json!({})),
                logon("e2", json!({"sourceIpAddress": "203.0.113.2", "userIdentity": {"principalId": "2002"}})),
            ],
            "nothing speaks against it",
        ),
        (
            "console_programs",
            Failed,
            vec![logon("e", json!({"userAgent": "python-requests/2.32.3"}))],
            "logons by programs: 1",
        ),
        (
            "console_programs",
            Failed,
            (0..10).map(|n| keyed(&format!("e{n}"), json!({}))).chain([logon("l", json!({}))]).collect(),
            "users of both people and programs: 1",
        ),
        (
            "console_programs",
            Passed,
            (0..9)
                .map(|n| keyed(&format!("e{n}"), json!({})))
                .chain([
                    logon("l", json!({})),
                    logon("f", json!({"userAgent": "curl/8", "errorCode": "Authentication.Failed"})),
                ])
                .collect(),
            "nothing speaks against it",
        ),
        ("keys_on_ecs", Failed, vec![keyed("e", json!({"vpcId": "vpc-EXAMPLE01"}))], "keys: 1"),
        (
            "keys_on_ecs",
            Passed,
            vec![
                keyed("e1", json!({})),
                keyed("e2", json!({"vpcId": "vpc-EXAMPLE01", "userIdentity": {"accessKeyId": "STS.NEXAMPLE0001"}})),
            ],
            "nothing speaks against it",
        ),
    ];
    let mut seen: BTreeMap<&str, Vec<Status>> = BTreeMap::new();
    let mut all = day();
    for (id, status, events, reasons) in cases {
        for (number, event) in events.iter().take(10).enumerate() {
            let mut event = event.clone();
            event["eventId"] = format!("{id}-{}-{number}", all.len()).into();
            all.push(event);
        }
        let lab = Lab::with_events(&[day(), events].concat());
        let checklist = check(&lab, Scope::default(), &options());
        let item = item(&checklist, id);
        let said = item.reasons.join("; ");
        assert_eq!((item.status, said.starts_with(reasons)), (status, true), "{id}, {status:?}, {reasons}: {said}");
        assert_eq!(item.advice.is_some(), status == Failed);
        assert_eq!(item.first_event.is_some(), item.findings > 0, "{item:?}");
        seen.entry(id).or_default().push(status);
    }
    for check in ROOT {
        let statuses = &seen[check.id];
        assert!(statuses.contains(&Failed) && statuses.contains(&Passed), "{}: {statuses:?}", check.id);
    }
    let lab = Lab::with_events(&all);
    commands_find_what_counts(&lab, &check(&lab, Scope::default(), &options()));
    // Without events, no item passes.
    let empty = check(&Lab::with_events(&[]), Scope::default(), &options());
    assert!(empty.items.iter().all(|item| item.status == Unknown), "{empty:?}");
    assert!(empty.items.iter().all(|item| item.reasons == ["no event was delivered in the range"]), "{empty:?}");
}

/// Runs the command of each proof, and compares the number of its rows with what the item says.
fn commands_find_what_counts(lab: &Lab, checklist: &Checklist) {
    let proofs: Vec<_> = checklist.items.iter().flat_map(|item| &item.proofs).collect();
    assert!(proofs.iter().filter(|proof| proof.findings > 0).count() * 2 > proofs.len(), "{proofs:?}");
    for proof in proofs {
        let sql = match proof.command.strip_prefix("trailql sql \"") {
            Some(sql) => sql.strip_suffix('"').unwrap().to_owned(),
            None => format!("SELECT * FROM {}", proof.command.strip_prefix("trailql query ").unwrap()),
        };
        let rows = lab.ask(&format!("SELECT count(*) AS n FROM ({sql})"));
        assert_eq!(rows[0]["n"], proof.findings, "{sql}");
    }
}

#[test]
fn nothing_passes_that_was_not_delivered() {
    let at = |time: &str| json!({"eventTime": time});
    let whole = |events: Vec<Value>| [day(), events].concat();
    let write = || event("write", json!({}));
    let other = json!({"acsRegion": "cn-beijing"});
    let trail = |name: &str, parameters: Value| {
        event("trail", json!({"eventName": name, "serviceName": "Actiontrail", "requestParameters": parameters}))
    };
    let since = |time: &str| Scope { since: Some(TimeBound::At(time.parse().unwrap())), ..Scope::default() };
    let second = json!({"recipientAccountId": "1000000000000002", "userIdentity": {"accountId": "1000000000000002"}});
    let of = |account: &str| Scope { accounts: vec![account.to_owned()], ..Scope::default() };
    let region = Scope { regions: vec!["cn-beijing".to_owned()], ..Scope::default() };
    // Logons, writes and everything, as the items that need nothing else say.
    let ids = ["root_logons", "root_initial_user", "keys_on_ecs"];
    for (name, events, scope, statuses, reason) in [
        ("a day", day(), Scope::default(), [Passed, Passed, Passed], "nothing speaks against it"),
        (
            "a day is missing",
            whole(vec![event("later", at("2026-11-06T10:00:00Z"))]),
            Scope::default(),
            [Unknown, Unknown, Unknown],
            "nothing was delivered on 2 of 4 days: 2026-11-04, 2026-11-05",
        ),
        (
            "a range before the first event",
            day(),
            since("2026-11-02T00:00:00Z"),
            [Unknown, Unknown, Unknown],
            "nothing was delivered on 1 of 2 days: 2026-11-02",
        ),
        (
            "a range without events",
            day(),
            since("2026-11-05T00:00:00Z"),
            [Unknown, Unknown, Unknown],
            "no event was delivered in the range",
        ),
        (
            "writes only, without a logon",
            vec![write()],
            Scope::default(),
            [Unknown, Passed, Unknown],
            "no read event was delivered on 1 of 1 day, so reads cannot be judged: 2026-11-03",
        ),
        (
            "writes only, with a logon",
            vec![write(), logon("logon", json!({}))],
            Scope::default(),
            [Passed, Passed, Unknown],
            "no read event was delivered on 1 of 1 day",
        ),
        (
            "reads only",
            vec![event("read", json!({"eventRW": "Read"}))],
            Scope::default(),
            [Unknown, Unknown, Unknown],
            "no write event was delivered on 1 of 1 day, so changes cannot be judged: 2026-11-03",
        ),
        (
            "another account has no reads",
            whole(vec![event("other", second.clone())]),
            Scope::default(),
            [Unknown, Passed, Unknown],
            "no read event was delivered on 1 of 2 days of 2 accounts",
        ),
        (
            "another account is not asked for",
            whole(vec![event("other", second.clone())]),
            of(ACCOUNT),
            [Passed, Passed, Passed],
            "nothing speaks against it in the events of 1 day",
        ),
        (
            "a guest of another account on another day",
            whole(vec![
                event("write2", at("2026-11-04T10:00:00Z")),
                event(
                    "guest",
                    json!({"userIdentity": {"type": "alibaba-cloud-account", "accountId": "1000000000000003"}}),
                ),
            ]),
            Scope::default(),
            [Passed, Passed, Passed],
            "nothing speaks against it in the events of 2 days",
        ),
        (
            "a region without logons",
            whole(vec![
                event("b1", other.clone()),
                event("b2", json!({"acsRegion": "cn-beijing", "eventRW": "Read"})),
                logon("logon", json!({})),
            ]),
            region.clone(),
            [Unknown, Passed, Unknown],
            "the scope is limited to regions, and none of the logons",
        ),
        (
            "a region with logons",
            whole(vec![
                event("b1", other.clone()),
                event("b2", json!({"acsRegion": "cn-beijing", "eventRW": "Read"})),
                logon("logon", other),
            ]),
            region,
            [Passed, Passed, Passed],
            "nothing speaks against it",
        ),
        (
            "a trail was stopped",
            whole(vec![trail("StopLogging", json!({"Name": "t"}))]),
            Scope::default(),
            [Unknown, Unknown, Unknown],
            "a trail was stopped or deleted (2026-11-03)",
        ),
        (
            "a trail was limited",
            whole(vec![trail("UpdateTrail", json!({"Name": "t", "EventRW": "Read"}))]),
            Scope::default(),
            [Unknown, Unknown, Unknown],
            "a trail was limited to reads or to writes (2026-11-03)",
        ),
        (
            "a trail was stopped before the range, and events come all the same",
            whole(vec![event(
                "trail",
                json!({"eventName": "StopLogging", "serviceName": "Actiontrail",
                    "eventTime": "2026-11-01T10:00:00Z", "requestParameters": {"Name": "t"}}),
            )]),
            since("2026-11-03T00:00:00Z"),
            [Passed, Passed, Passed],
            "nothing speaks against it",
        ),
        (
            "an identity cannot be read",
            whole(vec![event("unread", json!({"userIdentity": 7}))]),
            Scope::default(),
            [Unknown, Unknown, Unknown],
            "events have a time or an identity that could not be read",
        ),
    ] {
        let checklist = check(&Lab::with_events(&events), scope, &options());
        let found = ids.map(|id| item(&checklist, id).status);
        let said: Vec<String> = ids.map(|id| item(&checklist, id).reasons.join("; ")).to_vec();
        assert_eq!(found, statuses, "{name}: {said:?}");
        assert!(said.iter().any(|said| said.contains(reason)), "{name}: {said:?}");
    }
    let lab = Lab::with_events(&day());
    lab.ingest(&[lab.file("in/broken.jsonl", format!("{}\n{{\"eventId\": \n", event("more", json!({}))))]);
    let broken = check(&lab, Scope::default(), &options());
    assert_eq!(item(&broken, "keys_on_ecs").reasons, ["records could not be read"]);
}

#[test]
fn parameters_and_known_findings_count() {
    let lab = Lab::with_events(&[day(), vec![root("e1", json!({})), root("e2", json!({}))]].concat());
    let param = |view: &str, name: &str, value: &str| ViewParameter {
        view: view.to_owned(),
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let frequent = CheckOptions { params: vec![param("root_high_frequency", "n", "2")], ..options() };
    let checklist = check(&lab, Scope::default(), &frequent);
    let found = item(&checklist, "root_high_frequency");
    assert_eq!((found.status, found.command.as_str()), (Failed, "trailql query root_high_frequency -p 'n=2'"));
    for (param, said) in [
        (param("root_high_frequenzy", "n", "2"), "the check asks no view named `root_high_frequenzy`"),
        (param("mass_delete", "n", "2"), "the check asks no view named `mass_delete`"),
        (param("root_high_frequency", "m", "2"), "the view `root_high_frequency` has no parameter `m`"),
    ] {
        let wrong = CheckOptions { params: vec![param], ..options() };
        let error = check_root(&for_ops(&lab.session()), &wrong).unwrap_err();
        assert_eq!(error.to_string(), said);
    }
    let text = "[[suppress]]\nview = \"root_resource_write\"\nreason = \"migration\"\n";
    let suppressions = Suppressions::parse("known.toml", text, Zone::UTC, NOW.parse().unwrap()).unwrap();
    let known = check(&lab, Scope::default(), &CheckOptions { suppressions, ..options() });
    let found = item(&known, "root_resource_management");
    assert_eq!((found.status, found.findings, found.proofs[0].suppressed), (Passed, 0, 2));
    assert!(found.reasons.contains(&"suppressed findings that do not count: 2".to_owned()), "{:?}", found.reasons);
}

#[test]
fn the_answer_comes_in_every_format_and_decides_the_exit_code() {
    let home = Home::new();
    let lines = |events: Vec<Value>| events.iter().map(|event| format!("{event}\n")).collect::<String>();
    let name = "root\u{1b}[31m|<b>";
    let hostile = root("e-1", json!({"userIdentity": {"userName": name, "principalId": "=1+1"}}));
    home.file("failed.jsonl", lines([day(), vec![hostile]].concat()));
    home.file("unknown.jsonl", lines(day()));
    let all = [
        day(),
        vec![
            root_logon("f", json!({"errorCode": "Authentication.Failed"})),
            run_instances("d", json!({"errorCode": "Forbidden.RAM"})),
            logon("l", json!({})),
        ],
    ];
    home.file("rest.jsonl", lines(all.concat()));
    let run = |file: &str, more: &[&str]| home.run(&[&["check", "root", "--from", file, "--now", NOW], more].concat());
    for (format, part) in [
        ("table", "FAILED   Root does not manage resources [root_resource_management]\n         changes by root: 1\n"),
        ("csv", "\nroot_resource_management,failed,Root does not manage resources,changes by root: 1,1,"),
        ("json", "\"check\":\"root_resource_management\",\"status\":\"failed\""),
        ("jsonl", "{\"check\":\"root_resource_management\",\"status\":\"failed\""),
        ("markdown", "| root_resource_management | failed |"),
    ] {
        let run = run("failed.jsonl", &["-F", format]).exits(1);
        assert!(run.stdout.contains(part), "{format}: {}", run.stdout);
        // CSV keeps values as they are, but for formulas.
        assert!(format == "csv" || !run.stdout.contains('\u{1b}'), "{format}: {}", run.stdout);
    }
    let markdown = run("failed.jsonl", &["-F", "markdown"]).stdout;
    assert!(!markdown.contains("|<b>") && markdown.contains("&lt;b&gt;"), "{markdown}");
    let document: Value = serde_json::from_str(&run("failed.jsonl", &["-F", "json"]).stdout).unwrap();
    assert_eq!((&document["failed"], &document["items"][1]["event_ids"]), (&1.into(), &json!(["e-1"])));
    run("unknown.jsonl", &[]).exits(0);
    run("unknown.jsonl", &["--strict"]).exits(1);
    run("failed.jsonl", &["-o", "check.md"]).exits(1);
    assert!(std::fs::read_to_string(home.work().join("check.md")).unwrap().starts_with("| check | status |"));
    run("failed.jsonl", &["-o", "check.parquet"]).exits(2);
    home.file("known.toml", "[[suppress]]\nprincipal = \"nobody\"\nuntil = 2026-11-01\nreason = \"was ill\"\n");
    let known = run("failed.jsonl", &["--suppress", "known.toml"]).exits(1);
    assert!(
        known.stderr.contains("the suppression in line 1 of `known.toml` (was ill) has expired"),
        "{}",
        known.stderr
    );
    for (lang, title) in [("ja", "不合格  root がリソースを管理していない"), ("zh", "未通过  主账号没有管理资源")]
    {
        let run = run("failed.jsonl", &["--lang", lang]).exits(1);
        assert!(run.stdout.contains(title), "{}", run.stdout);
    }
    let rest = run("rest.jsonl", &["--strict"]).exits(1);
    assert!(rest.stdout.ends_with("0 failed, 10 passed, 1 unknown\n"), "{}", rest.stdout);
}

/// The checklist of the story. `SNAPSHOTS=overwrite` writes the files anew.
#[test]
fn the_story_of_sample_data_is_checked() {
    let samples = sample_data();
    let home = Home::new();
    home.run(&["ingest", samples.to_str().unwrap(), "--now", NOW]).exits(0);
    let quiet = ["--since", "2026-10-13", "--until", "2026-10-19"];
    for (name, lang, range, code) in
        [("sample-data", "en", &[][..], 1), ("quiet-week", "en", &quiet, 1), ("sample-data-ja", "ja", &[], 1)]
    {
        let run = home.run(&[&["check", "root", "--lang", lang, "--now", NOW], range].concat()).exits(code);
        let path = package().join("tests/snapshots/check").join(format!("{name}.txt"));
        assert_data_eq!(run.stdout, Data::read_from(&path, None).raw());
    }
}
