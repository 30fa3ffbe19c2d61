//! Selections from views (`--columns`, `--where`, `--limit`), the table `e`, and what is known of an address.

use serde_json::json;

use crate::harness::{Home, sample_data};
use crate::lab::{Lab, rows, texts, views};
use trailql::engine::{Refinement, ViewQuery};

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
    // SQL promises no order of a subquery; a view has one.
    let order = "ORDER BY event_time, event_id";
    for (more, statement) in [
        (&["--limit", "3"][..], format!("SELECT * FROM root_console_login {order} LIMIT 3")),
        (&["--limit", "0"], "SELECT * FROM root_console_login LIMIT 0".to_owned()),
        (
            &["--columns", "event_time,source_ip_address"],
            format!("SELECT event_time, source_ip_address FROM root_console_login {order}"),
        ),
        (
            &["--columns", "coalesce(outcome, ',') AS o, event_id", "--columns", "event_time"],
            format!("SELECT coalesce(outcome, ',') AS o, event_id, event_time FROM root_console_login {order}"),
        ),
        (
            &["--where", "outcome <> 'success' -- failed", "--limit", "4"],
            format!("SELECT * FROM root_console_login WHERE outcome <> 'success' {order} LIMIT 4"),
        ),
        (
            &["--where", "event_id IN (SELECT id FROM e WHERE event = 'ConsoleSignin')", "--columns", "count(*) AS n"],
            "SELECT count(*) AS n FROM root_console_login \
             WHERE event_id IN (SELECT id FROM e WHERE event = 'ConsoleSignin')"
                .to_owned(),
        ),
        (
            &["--columns", "outcome AS o, row_number() OVER (ORDER BY event_id) AS n", "--limit", "3"],
            format!(
                "SELECT outcome AS o, row_number() OVER (ORDER BY event_id) AS n FROM root_console_login {order} LIMIT 3"
            ),
        ),
    ] {
        assert_eq!(query(more), sql(&statement), "{more:?}");
    }
    let failed = |more: &[&str]| {
        let args = [&["query", "root_console_login"][..], more].concat();
        home.run(&args).exits(2).stderr
    };
    for (more, said) in [
        (&["--where", "outcom = 'x'"][..], "did you mean `outcome`?"),
        (&["--where", "true) ORDER BY (1"], "not one condition"),
        (&["--where", ""], "cannot read the condition ``: expected an expression, found the end\n"),
        (&["--where", "outcome = "], "cannot read the condition `outcome = `: expected an expression, found the end\n"),
        (&["--where", "a b"], "cannot read the condition `a b`: expected ), found b\n"),
        (&["--columns", "nope"], "error: no column named `nope`\n"),
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

/// Every built-in view is sorted by columns that it has, so a selection from it can be sorted alike.
#[test]
fn the_first_rows_of_a_selection_are_those_that_the_view_begins_with() {
    let lab = Lab::new();
    lab.ingest(&[sample_data()]);
    let session = lab.session();
    let mut compared = 0;
    for view in views().listed() {
        let query = ViewQuery::new(&view.name);
        let all = rows(session.view(&query));
        if all.len() < 2 {
            continue;
        }
        compared += 1;
        let column = all[0].as_object().unwrap().keys().next_back().unwrap().clone();
        for limit in [1, all.len() as u64 - 1] {
            let refinement = Refinement { limit: Some(limit), ..Refinement::default() };
            let first = rows(session.refined_view(&query, &refinement));
            assert_eq!(first, all[..limit as usize], "{} {limit}", view.name);
        }
        let refinement = Refinement { columns: vec![format!("\"{column}\"")], ..Refinement::default() };
        let expected: Vec<_> = all.iter().map(|row| json!({ &column: row[&column] })).collect();
        assert_eq!(rows(session.refined_view(&query, &refinement)), expected, "{} {column}", view.name);
    }
    assert!(compared > 40, "{compared} views have rows to compare");
}

/// A view may be sorted by what it does not show, or not at all, and may end with a limit.
#[test]
fn selections_from_views_of_the_user_keep_what_order_they_can() {
    let home = home();
    for (name, sql, more, expected) in [
        ("by_alias", "SELECT event_id AS i, event_time AS t FROM events ORDER BY t DESC, i LIMIT 4", "i", "same"),
        ("by_hidden", "SELECT event_id AS i FROM events ORDER BY event_time DESC, event_id LIMIT 4", "i", "any"),
        ("by_expression", "SELECT event_id AS i FROM events ORDER BY lower(event_id) LIMIT 4", "i", "same"),
        ("unsorted", "SELECT min(event_id) AS i FROM events GROUP BY event_name", "i", "any"),
    ] {
        home.run(&["views", "save", name, sql, "-q"]).exits(0);
        let all = home.run(&["query", name, "--columns", more, "-F", "csv", "-q"]).exits(0).stdout;
        let whole = home.run(&["query", name, "-F", "csv", "-q"]).exits(0).stdout;
        let firsts = |text: &str| text.lines().map(|l| l.split(',').next().unwrap().to_owned()).collect::<Vec<_>>();
        let (mut all, mut whole) = (firsts(&all), firsts(&whole));
        if expected == "any" {
            (all, whole) = (sorted(all), sorted(whole));
        }
        assert_eq!(all, whole, "{name}");
    }
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort_unstable();
    lines
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
