//! The oracle on events made by hand: one row a case.

use serde_json::{Value, json};

use super::*;

type Condition = fn(&Value) -> bool;

fn check(view: Condition, holds: bool, event: Value) {
    assert_eq!(view(&event), holds, "{event}");
}

fn run(parameters: Value) -> Value {
    json!({"eventName": "RunInstances", "serviceName": "Ecs", "eventRW": "Write", "requestParameters": parameters})
}

/// An event with more members.
fn with(mut event: Value, rest: Value) -> Value {
    for (key, value) in rest.as_object().into_iter().flatten() {
        event[key] = value.clone();
    }
    event
}

fn root(rest: Value) -> Value {
    with(json!({"userIdentity": {"type": "root-account", "accountId": "1"}}), rest)
}

#[test]
fn param_reads_every_form() {
    let rows = [
        (json!({"A.B": false}), Some("false")),
        (json!({"A.B": "True"}), Some("True")),
        (json!({"a.b": true}), Some("true")),
        (json!({"A": {"B": true}}), Some("true")),
        (json!({"a": {"b": 1}}), Some("1")),
        (json!({"A": "{\"B\":\"true\"}"}), Some("true")),
        (json!("{\"A\":\"{\\\"B\\\":false}\"}"), Some("false")),
        (json!({"a.b": "insensitive", "A.B": "exact"}), Some("exact")),
        (json!({"A.B": null}), None),
        (json!({"A": "not JSON"}), None),
        (json!({"B": true}), None),
        (json!(null), None),
    ];
    for (rp, expected) in rows {
        assert_eq!(param(&rp, "A.B").as_deref(), expected, "{rp}");
    }
}

#[test]
fn root_views() {
    check(root_console_login, true, root(json!({"eventName": "ConsoleSignin", "errorCode": "Failed"})));
    check(root_console_login, false, root(json!({"eventName": "ConsoleSignout"})));
    check(root_console_login, false, json!({"eventName": "ConsoleSignin", "userIdentity": {"type": "ram-user"}}));
    for (key, holds) in [
        (json!("LTAI1"), true),
        (json!("STS.1"), true),
        (json!(""), false),
        (json!("NULL"), false),
        (json!(null), false),
    ] {
        let event = json!({"userIdentity": {"type": "root-account", "accessKeyId": key}});
        check(root_ak_access, holds, event);
    }
    let write =
        |rest: Value| with(root(json!({"eventName": "StopInstance", "serviceName": "ECS", "eventRW": "Write"})), rest);
    check(root_ecs_write, true, write(json!({})));
    for nothing in [json!(""), json!(null), json!("NULL"), json!("null")] {
        check(root_resource_write, true, write(json!({"errorCode": nothing})));
    }
    check(root_resource_write, false, write(json!({"errorCode": "Forbidden"})));
    check(root_resource_write, false, write(json!({"eventName": "ConsoleSignin"})));
    check(root_resource_write, false, write(json!({"eventRW": "Read"})));
    check(root_resource_write, false, write(json!({"eventRW": null})));
    check(root_ecs_write, false, write(json!({"serviceName": "Rds"})));
}

#[test]
fn initial_user() {
    let rows = [
        (json!({}), true),
        (json!({"ImageOptions.LoginAsNonRoot": false}), true),
        (json!({"ImageOptions.LoginAsNonRoot": true}), false),
        (json!({"ImageOptions.LoginAsNonRoot": "True"}), false),
        (json!({"ImageOptions": {"LoginAsNonRoot": true}}), false),
        (json!({"ImageOptions": "{\"LoginAsNonRoot\":\"true\"}"}), false),
        (json!({"LoginAsNonRoot": true}), false),
        (json!({"ImageOptions": {"LoginAsNonRoot": false}, "LoginAsNonRoot": true}), true),
        (json!({"ImageId": "win2022_x64.vhd"}), false),
        (json!({"ImageId": "m-My-Windows"}), false),
        (json!({"ImageFamily": "acs:Windows_2022"}), false),
        (json!({"OSType": "Windows"}), false),
        (json!({"OsType": "windows"}), false),
        (json!({"ImageId": "aliyun_3_x64.vhd"}), true),
    ];
    for (parameters, holds) in rows {
        check(ecs_root_initial_user, holds, run(parameters));
    }
    for (bootable, holds) in [(json!(true), true), (json!("true"), true), (json!("false"), false), (json!(null), false)]
    {
        let mut event = run(json!({"Bootable": bootable}));
        event["eventName"] = json!("AttachDisk");
        check(ecs_root_initial_user, holds, event);
    }
    for (code, refused) in [
        ("Forbidden.RAM", true),
        ("NoPermission", true),
        ("Forbbiden", true),
        ("Unauthorized.X.Y", true),
        ("ForbiddenOperation", false),
        ("Throttling", false),
        ("", false),
    ] {
        let mut event = run(json!({"ImageOptions.LoginAsNonRoot": true}));
        event["errorCode"] = json!(code);
        check(ecs_root_initial_user_denied, refused, event.clone());
        event["eventName"] = json!("InvokeCommand");
        check(ecs_root_initial_user_denied, refused, event.clone());
        event["eventName"] = json!("RunCommand");
        check(ecs_root_initial_user_denied, false, event);
    }
}

#[test]
fn commands() {
    let rows = [
        (json!({}), true),
        (json!({"Username": "root"}), true),
        (json!({"Username": "System"}), true),
        (json!({"Username": ""}), true),
        (json!({"Username": "ecs-user"}), false),
    ];
    for (parameters, holds) in rows {
        let mut event = run(parameters);
        event["eventName"] = json!("RunCommand");
        check(ecs_command_as_root, holds, event.clone());
        event["eventName"] = json!("InvokeCommand");
        check(ecs_command_as_root, holds, event.clone());
        event["errorCode"] = json!("Forbidden");
        check(ecs_command_as_root, false, event);
    }
}

#[test]
fn totals_days_and_summary() {
    let event = |id: &str, version: Value, time: &str| {
        root(json!({"eventId": id, "eventVersion": version, "eventTime": time, "eventName": "ConsoleSignin"}))
    };
    let mut failed = event("c", json!(1), "2026-11-03T23:59:59Z");
    failed["errorMessage"] = json!("Incorrect password.");
    let mut by_recipient = event("d", json!(1), "2026-11-03T10:00:00Z");
    by_recipient["userIdentity"] = json!({"type": "root-account"});
    by_recipient["recipientAccountId"] = json!("1");
    let mut in_words = event("e", json!(1), "2026-11-04T00:00:00Z");
    in_words["errorMessage"] = json!("success");
    let events = vec![
        event("a", json!(1), "2026-11-03T00:00:00Z"),
        event("a", json!("1"), "2026-11-03T00:00:00Z"),
        failed,
        by_recipient,
        in_words,
    ];
    let expected = evaluate_with(events.into_iter(), 3);
    assert_eq!((expected.read, expected.stored, expected.duplicate), (5, 4, 1));
    let day = RootDay { account_id: "1".to_owned(), date: "2026-11-03".to_owned(), events: 3 };
    assert_eq!(expected.root_high_frequency.into_iter().collect::<Vec<_>>(), [day]);
    let summary = SummaryRoot { events: 4, logons_success: 3, logons_failure: 1, ..SummaryRoot::default() };
    assert_eq!(expected.summary_root, summary);
}
