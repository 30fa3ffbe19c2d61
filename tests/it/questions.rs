//! Questions to the session: what it refuses and what it suggests, JSON functions, scope, secrets, whole events.

use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;
use serde_json::{Value, json};
use trailql::engine::{EngineError, Outside, Scope, Session, ViewQuery};
use trailql::event::time::{Edge, TimeBound, Zone, parse_time_bound};
use trailql::ops;

use crate::lab::{Lab, for_ops, merge, rows, texts, whole_events};

/// Events of one account, with `more` merged into each.
fn events(more: &[Value]) -> Vec<Value> {
    let base = json!({"eventVersion": 1, "eventTime": "2026-11-03T10:00:00Z", "eventName": "ConsoleSignin",
        "eventType": "ConsoleSignin", "eventRW": "Write", "serviceName": "AasCustomer", "acsRegion": "cn-hangzhou",
        "recipientAccountId": "1000000000000001",
        "userIdentity": {"type": "root-account", "accountId": "1000000000000001"}});
    let merged = more.iter().map(|more| {
        let mut event = base.clone();
        merge(&mut event, more);
        event
    });
    merged.collect()
}

fn ids(session: &Session) -> Vec<String> {
    texts(&rows(session.sql("SELECT event_id FROM events ORDER BY event_id")), "event_id")
}

fn with(view: &str, params: &[(String, String)]) -> ViewQuery {
    ViewQuery { name: view.to_owned(), params: params.to_vec() }
}

fn error(session: &Session, sql: &str) -> EngineError {
    match session.sql(sql) {
        Ok(mut answer) => answer.next_batch().err().unwrap_or_else(|| panic!("{sql} is answered")),
        Err(error) => error,
    }
}

#[test]
fn only_questions_are_answered() {
    let lab = Lab::with_events(&events(&[json!({"eventId": "a"})]));
    let session = lab.session();
    let target = lab.path("stolen.csv");
    let copy = format!("COPY events TO '{}' STORED AS CSV", target.display());
    let external = format!("CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '{}'", lab.path("in").display());
    for sql in [
        "DROP TABLE events",
        "DROP VIEW root_console_login",
        "CREATE TABLE x AS SELECT 1",
        "CREATE VIEW x AS SELECT 1",
        "CREATE SCHEMA x",
        "CREATE DATABASE x",
        external.as_str(),
        "CREATE FUNCTION f(DOUBLE) RETURNS DOUBLE RETURN $1",
        copy.as_str(),
        "INSERT INTO events SELECT * FROM events",
        "DELETE FROM events",
        "UPDATE events SET event_id = 'x'",
        "TRUNCATE TABLE events",
        "SET datafusion.execution.batch_size = 1",
        "RESET datafusion.execution.batch_size",
        "BEGIN",
        "COMMIT",
        "PREPARE p AS SELECT 1",
        "EXPLAIN ANALYZE COPY events TO 'x.csv'",
    ] {
        let error = error(&session, sql);
        let refused =
            matches!(error.cause(), EngineError::NotAQuestion(_) | EngineError::Sql(_) | EngineError::Unreadable(_));
        assert!(refused, "{sql}: {error:?}");
        assert!(!error.to_string().is_empty(), "{sql}");
    }
    for sql in
        ["DROP TABLE events", "CREATE TABLE x AS SELECT 1", copy.as_str(), "SET datafusion.execution.batch_size = 1"]
    {
        assert!(matches!(error(&session, sql), EngineError::NotAQuestion(_)), "{sql}");
    }
    assert!(!target.exists());
    assert!(!lab.path("x.csv").exists());
    for sql in ["SELECT 1; SELECT 2", "SELECT", "", "SELEC 1"] {
        let error = error(&session, sql);
        assert!(matches!(error.cause(), EngineError::Sql(_) | EngineError::Unreadable(_)), "{sql}: {error:?}");
    }
    // A file is no table, however it is written.
    let file = lab.path("in/events.json");
    let sql = format!("SELECT * FROM '{}'", file.display());
    assert!(matches!(error(&session, &sql).cause(), EngineError::UnknownTable { .. }), "{sql}");
    assert_eq!(ids(&session), ["a"], "the events are still there");
    for sql in
        ["SHOW TABLES", "DESCRIBE events", "EXPLAIN SELECT * FROM events", "WITH x AS (SELECT 1) SELECT * FROM x"]
    {
        assert!(!rows(session.sql(sql)).is_empty(), "{sql}");
    }
}

#[test]
fn names_that_are_nearly_right_are_suggested() {
    let lab = Lab::with_events(&events(&[json!({"eventId": "a"})]));
    let session = lab.session();
    for (sql, wanted) in [
        ("SELECT event_nam FROM events", "event_name"),
        ("SELECT eventName FROM events", "event_name"),
        ("SELECT access_key_id FROM events", "user_identity_access_key_id"),
        ("SELECT event_id FROM events WHERE error_cod = 'x'", "error_code"),
        ("SELECT event_id FROM events ORDER BY event_tme", "event_time"),
        ("SELECT e.event_nam FROM events AS e", "event_name"),
        ("SELECT outcom FROM root_console_login", "outcome"),
    ] {
        match error(&session, sql).cause() {
            EngineError::UnknownColumn { similar, .. } => {
                assert_eq!(similar.first().map(String::as_str), Some(wanted), "{sql}: {similar:?}");
            }
            other => panic!("{sql}: {other:?}"),
        }
    }
    for (sql, wanted) in [
        ("SELECT * FROM evnts", "events"),
        ("SELECT * FROM source", "sources"),
        ("SELECT * FROM root_console_logn", "root_console_login"),
        ("SELECT * FROM (SELECT * FROM reject)", "rejects"),
    ] {
        match error(&session, sql).cause() {
            EngineError::UnknownTable { similar, .. } => {
                assert_eq!(similar.first().map(String::as_str), Some(wanted), "{sql}: {similar:?}");
            }
            other => panic!("{sql}: {other:?}"),
        }
    }
    match session.view(&ViewQuery::new("root_console_logon")).err().unwrap() {
        EngineError::UnknownView { name, similar } => {
            assert_eq!((name.as_str(), similar[0].as_str()), ("root_console_logon", "root_console_login"));
        }
        other => panic!("{other:?}"),
    }
    assert!(
        matches!(session.view(&ViewQuery::new("zzz")), Err(EngineError::UnknownView { similar, .. }) if similar.is_empty())
    );
}

#[test]
fn parameters_are_checked() {
    let lab = Lab::with_events(&events(&[json!({"eventId": "a"}), json!({"eventId": "b"})]));
    let session = lab.session();
    let given = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    for (view, params, message) in [
        ("root_high_frequency", given("m", "1"), "the view `root_high_frequency` has no parameter `m`"),
        ("root_console_login", given("n", "1"), "the view `root_console_login` has no parameter `n`"),
        (
            "root_high_frequency",
            given("n", "many"),
            "the parameter `n` of the view `root_high_frequency` is a whole number, 1 or more: `many`",
        ),
        (
            "root_high_frequency",
            given("n", ""),
            "the parameter `n` of the view `root_high_frequency` is a whole number, 1 or more: ``",
        ),
        (
            "root_high_frequency",
            given("n", "1) OR 1=1 --"),
            "the parameter `n` of the view `root_high_frequency` is a whole number, 1 or more: `1) OR 1=1 --`",
        ),
    ] {
        assert_eq!(session.view(&with(view, &params)).err().unwrap().to_string(), message);
    }
    match session.view(&with("root_high_frequency", &given("m", "1"))).err().unwrap() {
        EngineError::UnknownParameter { similar, .. } => assert_eq!(similar, ["n"]),
        other => panic!("{other:?}"),
    }
    assert_eq!(rows(session.view(&with("root_high_frequency", &given("n", "2")))).len(), 1);
    let twice = [given("n", "9"), given("n", "2")].concat();
    match session.view(&with("root_high_frequency", &twice)).err().unwrap() {
        EngineError::RepeatedParameter { name, .. } => assert_eq!(name, "n"),
        other => panic!("{other:?}"),
    }
    assert_eq!(rows(session.sql("SELECT * FROM root_high_frequency")).len(), 0, "as a table it has its defaults");
}

#[test]
fn a_view_by_time_and_as_whole_events() {
    let at = |id: &str, time: &str| json!({"eventId": id, "eventTime": time});
    let lab = Lab::with_events(&events(&[
        at("a", "2026-11-03T10:10:00Z"),
        at("b", "2026-11-03T10:50:00Z"),
        at("c", "2026-11-04T16:00:00Z"),
        json!({"eventId": "d", "eventName": "ConsoleSignout"}),
    ]));
    let bars = |session: &Session| -> (String, Vec<(String, i64)>, usize) {
        let histogram = session.view_histogram(&ViewQuery::new("root_console_login")).unwrap();
        let start = |at| DateTime::from_timestamp_micros(at).unwrap().with_timezone(&histogram.tz).to_rfc3339();
        let filled = histogram.bars.iter().filter(|bar| bar.rows > 0).map(|bar| (start(bar.start), bar.rows));
        assert_eq!(histogram.outside, Outside::default());
        (histogram.step.to_string(), filled.collect(), histogram.bars.len())
    };
    let (step, filled, buckets) = bars(&lab.session());
    let by_hour = [("2026-11-03T10:00:00+00:00".to_owned(), 2), ("2026-11-04T16:00:00+00:00".to_owned(), 1)];
    assert_eq!((step.as_str(), filled, buckets), ("1 hour", by_hour.to_vec(), 31));
    let more = lab.file("in/later.json", events(&[at("e", "2026-11-20T16:00:00Z")])[0].to_string());
    lab.ingest(&[more]);
    let tokyo = Scope { tz: Zone::Named(Tz::Asia__Tokyo), ..Scope::default() };
    let by_day = [
        ("2026-11-03T00:00:00+09:00".to_owned(), 2),
        ("2026-11-05T00:00:00+09:00".to_owned(), 1),
        ("2026-11-21T00:00:00+09:00".to_owned(), 1),
    ];
    let (step, filled, buckets) = bars(&lab.session_with(tokyo, false));
    assert_eq!((step.as_str(), filled, buckets), ("1 day", by_day.to_vec(), 19));

    let session = lab.session();
    let raw = whole_events(session.view_events(&ViewQuery::new("root_console_login")));
    let raw: Vec<Value> = raw.iter().map(|json| serde_json::from_str(json).unwrap()).collect();
    assert_eq!(raw.iter().map(|event| event["eventId"].as_str().unwrap()).collect::<Vec<_>>(), ["a", "b", "c", "e"]);
    assert_eq!(raw[0], events(&[at("a", "2026-11-03T10:10:00Z")])[0], "the event as it came");
    for (what, message) in [
        (
            session.view_events(&ViewQuery::new("summary_root")).map(drop).err(),
            "cannot show whole events of `summary_root`: the view has no column `event_id`",
        ),
        (
            session.view_histogram(&ViewQuery::new("summary_root")).map(drop).err(),
            "cannot show a histogram of `summary_root`: the view has no column `event_time`",
        ),
    ] {
        assert_eq!(what.unwrap().to_string(), message);
    }
    let nothing = Scope { accounts: vec!["9".to_owned()], ..Scope::default() };
    assert_eq!(bars(&lab.session_with(nothing, false)).2, 0);
}

#[test]
fn json_is_read_inside_sql() {
    let lab = Lab::with_events(&events(&[
        json!({"eventId": "a", "requestParameters": {"Amount": 2, "ImageOptions.LoginAsNonRoot": false, "Tag": [{"Key": "k"}]}}),
        json!({"eventId": "b", "requestParameters": {"Amount": "7", "ImageOptions": {"LoginAsNonRoot": true}}}),
        json!({"eventId": "c"}),
    ]));
    let session = lab.session();
    for (expression, expected) in [
        ("json_get_str(request_parameters, 'Amount')", [Value::Null, json!("7"), Value::Null]),
        ("json_get_int(request_parameters, 'Amount')", [json!(2), json!(7), Value::Null]),
        ("json_as_text(request_parameters, 'Amount')", [json!("2"), json!("7"), Value::Null]),
        ("request_parameters ->> 'Amount'", [json!("2"), json!("7"), Value::Null]),
        ("json_get_str(request_parameters, 'Tag', 0, 'Key')", [json!("k"), Value::Null, Value::Null]),
        ("json_param(request_parameters, 'ImageOptions.LoginAsNonRoot')", [json!("false"), json!("true"), Value::Null]),
        ("json_param(request_parameters, 'amount')", [json!("2"), json!("7"), Value::Null]),
        ("json_contains(request_parameters, 'ImageOptions')", [json!(false), json!(true), json!(false)]),
    ] {
        let found = rows(session.sql(&format!("SELECT {expression} AS v FROM events ORDER BY event_id")));
        let found: Vec<_> = found.iter().map(|row| row["v"].clone()).collect();
        assert_eq!(found, expected, "{expression}");
    }
    let sql = "SELECT event_id FROM events WHERE (request_parameters ->> 'Amount') = '7'";
    assert_eq!(texts(&rows(session.sql(sql)), "event_id"), ["b"]);
}

#[test]
fn the_scope_goes_below_everything() {
    let lab = Lab::with_events(&events(&[
        json!({"eventId": "a", "eventTime": "2026-11-01T00:00:00Z"}),
        json!({"eventId": "b", "eventTime": "2026-11-02T23:59:59Z", "acsRegion": "ap-northeast-1"}),
        json!({"eventId": "c", "eventTime": "2026-11-08T00:00:00Z"}),
        json!({"eventId": "d", "eventTime": "2026-11-20T00:00:00Z", "userIdentity": {"accountId": "1000000000000002"},
            "recipientAccountId": "(missing)"}),
        json!({"eventId": "e", "eventTime": "2026-11-07T00:00:00Z", "userIdentity": {"accountId": "(missing)"}}),
        json!({"eventId": "f", "eventTime": "(missing)"}),
    ]));
    let scope = |since: &str, until: &str, tz: Zone, account: &str, region: &str| {
        let bound = |text: &str, edge| -> Option<TimeBound> {
            (!text.is_empty()).then(|| parse_time_bound(text, tz, edge).unwrap())
        };
        let list = |text: &str| if text.is_empty() { Vec::new() } else { text.split(',').map(str::to_owned).collect() };
        Scope {
            since: bound(since, Edge::Since),
            until: bound(until, Edge::Until),
            tz,
            accounts: list(account),
            regions: list(region),
            now: None,
        }
    };
    let (utc, tokyo) = (Zone::UTC, Zone::Named(Tz::Asia__Tokyo));
    for (since, until, tz, account, region, expected) in [
        ("", "", utc, "", "", "a b c d e f"),
        ("2026-11-02", "", utc, "", "", "b c d e"),
        ("", "2026-11-02", utc, "", "", "a b"),
        ("2026-11-01", "2026-11-07", utc, "", "", "a b e"),
        ("2026-11-03", "", tokyo, "", "", "b c d e"),
        ("", "2026-11-02", tokyo, "", "", "a"),
        ("2026-11-02T23:59:59Z", "2026-11-07T00:00:00Z", utc, "", "", "b"),
        ("", "", utc, "1000000000000001", "", "a b c e f"),
        ("", "", utc, "1000000000000002", "", "d"),
        ("", "", utc, "1000000000000001,1000000000000002", "", "a b c d e f"),
        ("", "", utc, "9", "", ""),
        ("", "", utc, "", "ap-northeast-1", "b"),
        ("", "", utc, "", "ap-northeast-1,cn-hangzhou", "a b c d e f"),
        ("2026-11-02", "2026-11-08", utc, "1000000000000001", "cn-hangzhou", "c e"),
        // The newest event of all is d, that of the first account c.
        ("7d", "", utc, "", "", "d"),
        ("7d", "", utc, "1000000000000001", "", "a b c e"),
        ("1d", "", utc, "1000000000000001", "", "c e"),
        ("1w", "", utc, "", "ap-northeast-1", "b"),
        ("", "12d", utc, "", "", "a b e"),
        ("7d", "", utc, "9", "", ""),
    ] {
        let session = lab.session_with(scope(since, until, tz, account, region), false);
        assert_eq!(ids(&session).join(" "), expected, "{since:?} {until:?} {tz} {account:?} {region:?}");
        let logons = rows(session.view(&ViewQuery::new("root_console_login"))).len();
        assert_eq!(logons, expected.split_whitespace().count(), "the view sees the same: {since:?} {until:?}");
    }
    let session = lab.session_with(scope("7d", "", utc, "1000000000000001", ""), false);
    let resolved = session.scope();
    assert_eq!(resolved.since.unwrap().to_rfc3339(), "2026-11-01T00:00:00+00:00");
    assert_eq!(resolved.newest_event.unwrap().to_rfc3339(), "2026-11-08T00:00:00+00:00", "of the account");
    assert_eq!(resolved.newest_event.unwrap() - resolved.oldest_event.unwrap(), TimeDelta::days(7));
}

#[test]
fn secrets_are_masked_unless_asked_for() {
    let lab = Lab::with_events(&events(&[json!({
        "eventId": "a",
        "responseElements": {"Credentials": {"AccessKeyId": "STS.N1", "AccessKeySecret": "hidden-1", "SecurityToken": "hidden-2"}},
        "requestParameters": {"Password": "hidden-3", "InstanceType": "ecs.g7.large", "inner": "{\"Password\":\"hidden-4\"}"},
        "requestParameterJson": "{\"OwnerId\":1754****,\"Password\":\"hidden-5\"}",
        "additionalEventData": {"privateKeyBody": "hidden-6", "isMFAChecked": "true"},
        "somethingNew": {"AccessKeySecret": "hidden-7"}
    })]));
    let read = |show: bool| -> String {
        let session = lab.session_with(Scope::default(), show);
        let mut all = rows(session.sql("SELECT * FROM events")).iter().map(ToString::to_string).collect::<String>();
        all.extend(whole_events(session.view_events(&ViewQuery::new("root_console_login"))));
        all.extend(ops::event::find(&for_ops(&session), "a").unwrap().into_iter().map(|found| found.json));
        all
    };
    let (masked, shown) = (read(false), read(true));
    for n in 1..=7 {
        let secret = format!("hidden-{n}");
        assert!(!masked.contains(&secret), "{secret} is shown in {masked}");
        assert_eq!(shown.matches(&secret).count(), 3, "{secret}");
    }
    for kept in ["STS.N1", "ecs.g7.large", "isMFAChecked", "***"] {
        assert!(masked.contains(kept), "{kept}");
    }
    // What is hidden cannot be found by searching for it either.
    let session = lab.session();
    for sql in [
        "SELECT event_id FROM events WHERE response_elements LIKE '%hidden-1%'",
        "SELECT event_id FROM events WHERE json_param(request_parameters, 'Password') = 'hidden-3'",
    ] {
        assert_eq!(rows(session.sql(sql)), Vec::<Value>::new(), "{sql}");
    }
}

#[test]
fn an_event_without_a_time_is_kept_and_readable() {
    let all = events(&[
        json!({"eventId": "timeless", "eventTime": "(missing)"}),
        json!({"eventId": "odd", "eventTime": "yesterday"}),
        json!({"eventId": "nothing", "eventTime": null}),
        json!({"eventId": "timed"}),
    ]);
    let lab = Lab::with_events(&all);
    let rows = lab.ask("SELECT event_id, event_time, event_date FROM events ORDER BY event_id");
    let times: Vec<_> = rows.iter().map(|row| (row["event_id"].clone(), row["event_time"].clone())).collect();
    let timed = (json!("timed"), json!("2026-11-03T10:00:00Z"));
    assert_eq!(
        times,
        [(json!("nothing"), Value::Null), (json!("odd"), Value::Null), timed, (json!("timeless"), Value::Null)]
    );
    assert_eq!((&rows[1]["event_date"], &rows[2]["event_date"]), (&Value::Null, &json!("2026-11-03")));
    let session = lab.session();
    for event in &all {
        let id = event["eventId"].as_str().unwrap();
        let found = ops::event::find(&for_ops(&session), id).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&found[0].json).unwrap(), *event);
        assert_eq!(found[0].found_in.len(), 1);
        assert_eq!(found[0].found_in[0].record, all.iter().position(|e| e == event).unwrap() as i64);
    }
    let again = lab.file("again.json", all.iter().map(|event| format!("{event}\n")).collect::<String>());
    assert_eq!(lab.ingest(&[again]).totals.duplicate, 4);
}
