//! Selections from views (`--columns`, `--where`, `--limit`), the table `e`, and what is known of an address.

use serde_json::json;

use crate::harness::{Home, sample_data};
use crate::lab::{Lab, rows, texts};

fn home() -> Home {
    let home = Home::new();
    home.run(&["ingest", sample_data().to_str().unwrap()]).exits(0);
    home
}

#[test]
fn a_view_is_narrowed_as_its_statement_is() {
    let home = home();
    let query = |more: &[&str]| {
        let args = [&["query", "root_console_login", "-F", "csv", "-q"][..], more].concat();
        home.run(&args).exits(0).stdout
    };
    let sql = |statement: &str| home.run(&["sql", statement, "-F", "csv", "-q"]).exits(0).stdout;
    for (more, statement) in [
        (&["--limit", "3"][..], "SELECT * FROM root_console_login LIMIT 3"),
        (&["--limit", "0"], "SELECT * FROM root_console_login LIMIT 0"),
        (
            &["--columns", "event_time,source_ip_address"],
            "SELECT event_time, source_ip_address FROM root_console_login",
        ),
        (
            &["--columns", "coalesce(outcome, ',') AS o, event_id", "--columns", "event_time"],
            "SELECT coalesce(outcome, ',') AS o, event_id, event_time FROM root_console_login",
        ),
        (
            &["--where", "outcome <> 'success' -- failed", "--limit", "4"],
            "SELECT * FROM root_console_login WHERE outcome <> 'success' LIMIT 4",
        ),
        (
            &["--where", "event_id IN (SELECT id FROM e WHERE event = 'ConsoleSignin')", "--columns", "count(*) AS n"],
            "SELECT count(*) AS n FROM root_console_login WHERE event_id IN (SELECT id FROM e WHERE event = 'ConsoleSignin')",
        ),
    ] {
        assert_eq!(query(more), sql(statement), "{more:?}");
    }
    // The order of the view stays.
    let all = query(&["--columns", "event_time"]);
    let whole = sql("SELECT event_time FROM root_console_login");
    assert!(all.lines().count() > 10);
    assert_eq!(all, whole);
    let failed = |more: &[&str]| {
        let args = [&["query", "root_console_login"][..], more].concat();
        home.run(&args).exits(2).stderr
    };
    for (more, said) in [
        (&["--where", "outcom = 'x'"][..], "did you mean `outcome`?"),
        (&["--where", "true) ORDER BY (1"], "not one condition"),
        (&["--where", ""], "cannot read the condition"),
        (&["--columns", "a, , b"], "not one column"),
        (&["--columns", "event_tim"], "did you mean `event_time`?"),
        (&["--limit", "-1"], "no such flag: `-1`"),
        (&["--histogram", "--limit", "1"], "does not go together with: `--limit`"),
        (&["--raw", "--where", "true"], "does not go together with"),
        (&["--where", "true", "-p", "no=1"], "has no parameter `no`"),
    ] {
        let stderr = failed(more);
        assert!(stderr.contains(said), "{more:?}: {stderr}");
    }
    let stderr = home.run(&["query", "root_console_logi", "--limit", "1"]).exits(2).stderr;
    assert!(stderr.contains("did you mean `root_console_login`"), "{stderr}");
}

#[test]
fn narrowed_views_keep_their_parameters_and_read_exports_for_their_columns() {
    let home = Home::new();
    let samples = sample_data();
    let ask = |view: &str, more: &[&str]| {
        let args = [&["query", view, "--from", samples.to_str().unwrap(), "-F", "csv", "-q"][..], more].concat();
        home.run(&args).exits(0).stdout
    };
    let many = ask("root_high_frequency", &["-p", "n=1", "--columns", "count(*) AS n"]);
    let few = ask("root_high_frequency", &["-p", "n=1000000", "--columns", "count(*) AS n"]);
    assert_eq!((few.as_str(), many.as_str() == few.as_str()), ("n\n0\n", false));
    // The condition names a column of events that the view does not read.
    let told = ask("root_console_login", &["--where", "event_id IN (SELECT id FROM e WHERE agent IS NOT NULL)"]);
    assert!(told.lines().count() > 1, "{told}");
}

#[test]
fn a_statement_gives_its_first_rows() {
    let home = home();
    for (limit, lines) in [("0", 1), ("5", 6), ("99999999999", 12)] {
        let statement = "SELECT v FROM generate_series(1, 11) AS s(v)";
        let run = home.run(&["sql", statement, "--limit", limit, "-F", "tsv", "-q"]).exits(0);
        assert_eq!(run.stdout.lines().count(), lines, "{limit}");
    }
}

#[test]
fn every_short_name_can_be_typed_as_it_is() {
    let event = json!({
        "eventId": "id-1", "eventTime": "2026-11-03T10:00:00Z", "eventName": "CreateUser", "serviceName": "Ram",
        "eventRW": "Write", "acsRegion": "cn-hangzhou", "sourceIpAddress": "203.0.113.7", "userAgent": "curl/8",
        "requestId": "r-1", "errorCode": "NoPermission", "errorMessage": "no", "resourceName": "bob",
        "resourceType": "ACS::RAM::User", "requestParameters": {"UserName": "bob"}, "responseElements": {"a": 1},
        "additionalEventData": {"mfaChecked": "true"},
        "userIdentity": {"type": "ram-user", "userName": "alice", "principalId": "28", "accountId": "1000000000000001",
            "accessKeyId": "LTAI5tEXAMPLE"},
    });
    let lab = Lab::with_events(&[event]);
    let session = lab.session();
    let names = texts(&rows(session.sql("DESCRIBE e")), "column_name");
    assert!(
        ["time", "user", "ak", "service", "event", "ip", "params", "date"]
            .iter()
            .all(|name| names.contains(&(*name).to_owned()))
    );
    for name in &names {
        let sql = format!("SELECT {name} AS v FROM e WHERE {name} IS NOT NULL ORDER BY {name}");
        let qualified = format!("SELECT x.{name} AS v FROM e x GROUP BY x.{name}");
        let (plain, qualified) = (rows(session.sql(&sql)), rows(session.sql(&qualified)));
        assert_eq!((plain.len(), &plain), (1, &qualified), "{name}");
    }
    let row =
        &rows(session.sql("SELECT user, ak, ip, event, service, json_get_str(params, 'UserName') AS who FROM e"))[0];
    assert_eq!(
        row,
        &json!({"user": "alice", "ak": "LTAI5tEXAMPLE", "ip": "203.0.113.7", "event": "CreateUser", "service": "Ram", "who": "bob"})
    );
    // An alias of somebody's own comes first.
    assert_eq!(rows(session.sql("SELECT e.event_id FROM events e"))[0]["event_id"], "id-1");
    assert_eq!(rows(session.sql("WITH e AS (SELECT 1 AS one) SELECT one FROM e"))[0]["one"], 1);
}

#[test]
fn functions_of_addresses_never_fail_on_words() {
    let lab = Lab::with_events(&[json!({"eventId": "a", "eventTime": "2026-11-03T10:00:00Z"})]);
    let session = lab.session();
    for (address, kind, prefix, inside) in [
        ("'10.1.2.3'", json!("private"), json!("10.1.2.0/24"), json!(true)),
        ("'203.0.113.9'", json!("public"), json!("203.0.113.0/24"), json!(false)),
        ("'2001:db8::9'", json!("public"), json!("2001:db8::/64"), json!(false)),
        ("'Internal'", json!("internal"), json!(null), json!(null)),
        ("'ecs.aliyuncs.com'", json!("service"), json!(null), json!(null)),
        ("'10.1.**.**'", json!("masked"), json!(null), json!(null)),
        ("'; DROP TABLE'", json!("other"), json!(null), json!(null)),
        ("''", json!(null), json!(null), json!(null)),
        ("NULL", json!(null), json!(null), json!(null)),
    ] {
        let sql = format!(
            "SELECT ip_kind({address}) AS kind, ip_prefix({address}) AS prefix, ip_in({address}, '10.0.0.0/8') AS inside,
                geoip_country({address}) AS country, geoip_city({address}) AS city, asn({address}) AS asn"
        );
        let row = &rows(session.sql(&sql))[0];
        let expected =
            json!({"kind": kind, "prefix": prefix, "inside": inside, "country": null, "city": null, "asn": null});
        assert_eq!(row, &expected, "{address}");
    }
}
