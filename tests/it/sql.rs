//! SQL as people write it: zones, casts, the forms of other databases, errors, secrets, and limits.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use trailql::engine::{EngineError, EngineOptions, Limits, Query, Scope, ViewQuery};
use trailql::event::field::FieldId;

use crate::harness::{Home, sample_data};
use crate::lab::{Lab, engine_options, now, rows, session, texts, whole_events};

fn in_zone(zone: &str) -> Scope {
    Scope { tz: zone.parse().unwrap(), now: Some(now()), ..Scope::default() }
}

/// Events every 50 minutes over days on which clocks are changed somewhere, one in four by root.
fn clock_changes() -> (Lab, Vec<(String, DateTime<Utc>, bool)>) {
    let mut events = Vec::new();
    for start in ["2026-03-07T00:00:00Z", "2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z", "2026-10-31T12:00:00Z"] {
        let start: DateTime<Utc> = start.parse().unwrap();
        for n in 0..80 {
            let id = format!("id-{:04}", events.len());
            events.push((id, start + TimeDelta::minutes(50 * n), events.len() % 4 == 0));
        }
    }
    let json = |(id, time, is_root): &(String, DateTime<Utc>, bool)| {
        let kind = if *is_root { "root-account" } else { "ram-user" };
        json!({"eventId": id, "eventName": "X", "eventTime": time.format("%FT%TZ").to_string(),
            "userIdentity": {"type": kind, "accountId": "1000000000000001"}})
    };
    (Lab::with_events(&events.iter().map(json).collect::<Vec<_>>()), events)
}

const ZONES: [&str; 4] = ["UTC", "America/Havana", "Asia/Kolkata", "Australia/Lord_Howe"];

#[test]
fn conditions_on_times_find_the_same_rows_however_they_are_asked() {
    let (lab, events) = clock_changes();
    for zone in ZONES {
        let tz: Tz = zone.parse().unwrap();
        let session = lab.session_with(in_zone(zone), false);
        let local = |time: DateTime<Utc>| time.with_timezone(&tz).naive_local();
        let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
        type Slow<'a> = Box<dyn Fn(DateTime<Utc>) -> bool + 'a>;
        let noon = chrono::NaiveTime::from_hms_opt(12, 0, 0).unwrap();
        let cases: Vec<(&str, Slow<'_>)> = vec![
            ("event_time::time > TIME '12:00:00'", Box::new(|time| local(time).time() > noon)),
            ("CAST(event_time AS TIME) BETWEEN '11:00' AND '12:00'", {
                Box::new(|time| local(time).time() <= noon && local(time).hour() >= 11)
            }),
            ("event_time >= DATE '2026-11-01'", Box::new(|time| local(time).date() >= day("2026-11-01"))),
            ("event_time < DATE '2026-03-08'", Box::new(|time| local(time).date() < day("2026-03-08"))),
            ("DATE '2026-10-25' <= event_time", Box::new(|time| local(time).date() >= day("2026-10-25"))),
            ("event_time >= '2026-11-01'", Box::new(|time| local(time).date() >= day("2026-11-01"))),
            ("event_time::date = DATE '2026-11-01'", Box::new(|time| local(time).date() == day("2026-11-01"))),
            ("event_time::date <> '2026-03-08'", Box::new(|time| local(time).date() != day("2026-03-08"))),
            ("event_time::date IN ('2026-03-08', '2026-11-01')", {
                Box::new(|time| [day("2026-03-08"), day("2026-11-01")].contains(&local(time).date()))
            }),
            ("event_time BETWEEN DATE '2026-11-01' AND DATE '2026-11-02'", {
                Box::new(|time| {
                    let at = local(time);
                    at.date() == day("2026-11-01") || at == day("2026-11-02").and_time(chrono::NaiveTime::MIN)
                })
            }),
            ("date_trunc('day', event_time) = DATE '2026-11-01'", {
                Box::new(|time| local(time).date() == day("2026-11-01"))
            }),
            ("date_bin(INTERVAL '1 day', event_time) = DATE '2026-03-08'", {
                Box::new(|time| local(time).date() == day("2026-03-08"))
            }),
            ("event_time::timestamp >= TIMESTAMP '2026-10-25 12:30:00'", {
                Box::new(|time| local(time) >= day("2026-10-25").and_hms_opt(12, 30, 0).unwrap())
            }),
            ("date_part('hour', event_time) = 0", Box::new(|time| local(time).hour() == 0)),
            ("extract(year FROM event_time) = 2026", Box::new(|_| true)),
            ("event_time::varchar LIKE '%T02:%'", Box::new(|time| local(time).hour() == 2)),
            ("event_time > to_timestamp('2026-10-31 18:00:00')", {
                Box::new(|time| local(time) > day("2026-10-31").and_hms_opt(18, 0, 0).unwrap())
            }),
            ("event_time > to_timestamp(1793448000)", Box::new(|time| time.timestamp() > 1_793_448_000)),
            ("(event_time AT TIME ZONE 'Asia/Tokyo')::time < TIME '03:00:00'", {
                Box::new(|time| time.with_timezone(&chrono_tz::Asia::Tokyo).hour() < 3)
            }),
            ("arrow_cast(event_time, 'Time64(Nanosecond)') < TIME '03:00:00'", Box::new(|time| local(time).hour() < 3)),
            ("event_time + INTERVAL '1 day' >= TIMESTAMP '2026-11-01 00:30:00'", {
                // The same time of the next day; what occurs twice there is the first.
                Box::new(move |time| {
                    let next = local(time) + TimeDelta::days(1);
                    let first = |at: chrono::NaiveDateTime| match at.and_local_timezone(tz) {
                        chrono::LocalResult::None => {
                            (at + TimeDelta::hours(1)).and_local_timezone(tz).earliest().unwrap()
                        }
                        found => found.earliest().unwrap(),
                    };
                    first(next) >= first(day("2026-11-01").and_hms_opt(0, 30, 0).unwrap())
                })
            }),
            ("event_time - DATE '2026-11-01' > INTERVAL '12 hours'", {
                Box::new(|time| {
                    let begin = day("2026-11-01").and_time(chrono::NaiveTime::MIN).and_local_timezone(tz).earliest();
                    time - begin.unwrap().to_utc() > TimeDelta::hours(12)
                })
            }),
            ("event_id::varchar > 'id-0100' AND substr(event_id, 4)::int < 120", Box::new(|_| false)),
        ];
        for (condition, holds) in cases {
            for root in [false, true] {
                let root_only = if root { " AND user_identity_type = 'root-account'" } else { "" };
                let sql = format!("SELECT event_id FROM events WHERE {condition}{root_only} ORDER BY 1");
                let found = texts(&rows(session.sql(&sql)), "event_id");
                let filter = format!("SELECT count(*) FILTER (WHERE {condition}{root_only}) AS n FROM events");
                assert_eq!(rows(session.sql(&filter))[0]["n"], found.len(), "{condition} in {zone}: FILTER, WHERE");
                let matching = events.iter().filter(|(_, _, is_root)| !root || *is_root);
                let expected: Vec<&String> = if condition.contains("substr") {
                    matching.map(|(id, _, _)| id).filter(|id| ("id-0101".."id-0120").contains(&id.as_str())).collect()
                } else {
                    matching.filter(|(_, time, _)| holds(*time)).map(|(id, _, _)| id).collect()
                };
                assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{condition}{root_only} in {zone}");
            }
        }
    }
}

#[test]
fn ranges_of_local_days_are_pruned() {
    let (lab, _) = clock_changes();
    let session = lab.session_with(in_zone("Asia/Tokyo"), false);
    for condition in [
        "event_time >= DATE '2026-11-01'",
        "event_time::date = '2026-11-01'",
        "event_time::timestamp >= TIMESTAMP '2026-11-01 00:00:00'",
    ] {
        let plan = texts(&rows(session.sql(&format!("EXPLAIN SELECT event_id FROM events WHERE {condition}"))), "plan");
        let files = plan.iter().map(|line| line.matches(".parquet").count()).max().unwrap();
        assert!((1..=4).contains(&files), "{condition} reads {files} files: {plan:#?}");
    }
}

#[test]
fn values_of_times_are_those_of_the_session() {
    let (lab, _) = clock_changes();
    for (zone, sql, expected) in [
        ("Asia/Tokyo", "now()", "2026-11-09T17:00:00+09:00"),
        ("Asia/Tokyo", "current_timestamp", "2026-11-09T17:00:00+09:00"),
        ("America/Los_Angeles", "current_date", "2026-11-09"),
        ("Pacific/Pago_Pago", "today()", "2026-11-08"),
        ("Asia/Kolkata", "to_timestamp(1793448000)", "2026-10-31T17:30:00+05:30"),
        ("Asia/Kolkata", "from_unixtime(1793448000)", "2026-10-31T17:30:00+05:30"),
        ("Asia/Kolkata", "from_unixtime(1793448000, 'Asia/Tokyo')", "2026-10-31T21:00:00+09:00"),
        ("Asia/Kolkata", "to_timestamp_millis(1793448000000)", "2026-10-31T17:30:00+05:30"),
        ("Asia/Kolkata", "to_timestamp_nanos(1793448000000000000)", "2026-10-31T17:30:00+05:30"),
        ("Asia/Kolkata", "to_timestamp('2026-10-31 15:30')", "2026-10-31T15:30:00+05:30"),
        ("Asia/Kolkata", "to_timestamp('31/10/2026', '%d/%m/%Y')", "2026-10-31T00:00:00+05:30"),
        ("Asia/Kolkata", "to_timestamp('2026-10-31T10:00:00Z')", "2026-10-31T15:30:00+05:30"),
        ("Asia/Kolkata", "to_unixtime('2026-10-31 15:30:00')", "1793440800"),
        ("Asia/Tokyo", "to_timestamp('2026-10-31 15:30:00')::timestamp", "2026-10-31T15:30:00"),
        ("UTC", "(to_timestamp(1793448000) AT TIME ZONE 'Asia/Tokyo')::timestamp", "2026-10-31T21:00:00"),
        ("UTC", "TIMESTAMP '2026-10-31 19:00:00' AT TIME ZONE 'Asia/Tokyo'", "2026-10-31T19:00:00+09:00"),
        ("America/Havana", "TIMESTAMP '2026-11-01 00:30:00'::timestamptz", "2026-11-01T00:30:00-04:00"),
        ("America/Havana", "DATE '2026-03-08'::timestamptz", "2026-03-08T01:00:00-04:00"),
        ("Europe/Berlin", "'2026-03-29 02:30'::timestamptz", "2026-03-29T03:30:00+02:00"),
        ("Europe/Berlin", "coalesce(NULL::timestamptz, DATE '2026-07-01')", "2026-07-01T00:00:00+02:00"),
        ("Europe/Berlin", "CASE WHEN false THEN now() ELSE DATE '2026-07-01' END", "2026-07-01T00:00:00+02:00"),
        (
            "America/Havana",
            "TIMESTAMP '2026-10-31 00:30:00'::timestamptz + INTERVAL '1 day'",
            "2026-11-01T00:30:00-04:00",
        ),
        ("America/Havana", "to_timestamp('2300-07-01')", "2300-07-01T00:00:00-05:00"),
        (
            "Asia/Tokyo",
            "date_bin(INTERVAL '1 day', to_timestamp('2026-11-03 12:00'), TIMESTAMP '2026-01-01 06:00:00')",
            { "2026-11-03T06:00:00+09:00" },
        ),
        ("UTC", "date_trunc('month', to_timestamp('9999-12-31 12:00'))", "9999-12-01T00:00:00Z"),
        ("Asia/Tokyo", "to_char(to_timestamp('9999-12-31 12:00'), '%Y-%m-%d')", "9999-12-31"),
        ("UTC", "to_unixtime(to_timestamp(-0.5))", "-1"),
        ("UTC", "DATE '2026-11-01' + INTERVAL '12 hours'", "2026-11-01T12:00:00"),
        ("Asia/Tokyo", "TIMESTAMP '9999-12-31 00:00:00'", "9999-12-31T00:00:00"),
        ("Asia/Tokyo", "max(to_timestamp(event_time::varchar)) FROM events", "2026-11-03T14:50:00+09:00"),
        ("Asia/Tokyo", "max(to_timestamp_seconds(event_source)) FROM events", "(null)"),
        ("Asia/Tokyo", "TRY_CAST('no time' AS TIMESTAMPTZ)", "(null)"),
    ] {
        let session = lab.session_with(in_zone(zone), false);
        let select =
            if sql.contains(" FROM ") { sql.replacen(" FROM ", " AS x FROM ", 1) } else { format!("{sql} AS x") };
        let answer = rows(session.sql(&format!("SELECT {select}")));
        let found = match &answer[0]["x"] {
            Value::String(text) => text.clone(),
            Value::Null => "(null)".to_owned(),
            other => other.to_string(),
        };
        assert_eq!(found, expected, "{sql} in {zone}");
    }
    // Days of a histogram, one of which begins with a midnight that comes twice.
    let session = lab.session_with(in_zone("America/Havana"), false);
    let days = "SELECT date_trunc('day', event_time)::varchar AS day, count(*) AS n FROM events
        WHERE event_time >= DATE '2026-11-01' GROUP BY 1 ORDER BY 1";
    let days = texts(&rows(session.sql(days)), "day");
    assert_eq!(days, ["2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00", "2026-11-03T00:00:00-05:00"]);
}

#[test]
fn statements_of_other_databases_are_taken() {
    let lab = Lab::with_events(&[
        json!({"eventId": "a", "eventName": "RunInstances", "eventTime": "2026-11-03T10:00:00Z", "eventRW": "Write",
            "requestParameters": {"InstanceType": "ecs.g7.large", "Amount": 2},
            "userIdentity": {"type": "root-account", "accountId": "1"}}),
        json!({"eventId": "b", "eventName": "ConsoleSignin", "eventTime": "2026-11-03T11:00:00Z", "eventRW": "Read",
            "additionalEventData": {"mfaChecked": "false"}, "userIdentity": {"type": "root-account", "accountId": "1"}}),
    ]);
    let session = lab.session();
    for (sql, expected) in [
        (
            "SELECT event_id FROM events WHERE request_parameters->>'InstanceType' = 'ecs.g7.large'",
            json!([{"event_id": "a"}]),
        ),
        ("SELECT event_id FROM events WHERE (request_parameters->'Amount')::int > 1", json!([{"event_id": "a"}])),
        ("SELECT event_id FROM events WHERE mfa_used = 'false'", json!([{"event_id": "b"}])),
        ("SELECT mfa_used = 'False' AS x FROM events WHERE event_id = 'b'", json!([{"x": true}])),
        ("SELECT event_id FROM events WHERE mfa_used IN ('true', 'false')", json!([{"event_id": "b"}])),
        ("SELECT event_id FROM events WHERE event_time::time = '10:00'", json!([{"event_id": "a"}])),
        (
            "SELECT event_time::date, event_id FROM events ORDER BY event_time DESC",
            json!([{"event_time::DATE": "2026-11-03", "event_id": "b"}, {"event_time::DATE": "2026-11-03", "event_id": "a"}]),
        ),
        (
            "SELECT DISTINCT event_time::date FROM events ORDER BY event_time::date",
            json!([{"event_time::DATE": "2026-11-03"}]),
        ),
        (
            "SELECT event_rw, count(*) AS n FROM events GROUP BY ROLLUP(1) ORDER BY n DESC, 1",
            json!([{"event_rw": null, "n": 2}, {"event_rw": "Read", "n": 1}, {"event_rw": "Write", "n": 1}]),
        ),
        (
            "SELECT event_rw, event_name, count(*) AS n FROM events GROUP BY GROUPING SETS ((1), (2)) ORDER BY 1, 2",
            json!([
                {"event_rw": "Read", "event_name": null, "n": 1}, {"event_rw": "Write", "event_name": null, "n": 1},
                {"event_rw": null, "event_name": "ConsoleSignin", "n": 1},
                {"event_rw": null, "event_name": "RunInstances", "n": 1},
            ]),
        ),
        ("SELECT event_id, event_id FROM events ORDER BY 1 LIMIT 1", json!([{"event_id": "a", "event_id_1": "a"}])),
        ("SELECT * FROM generate_series(1, 2)", json!([{"value": 1}, {"value": 2}])),
        ("SELECT count(*) AS n FROM root_high_frequency(n => 2)", json!([{"n": 1}])),
        ("SELECT count(*) AS n FROM root_high_frequency(n => 3) AS x", json!([{"n": 0}])),
        (
            "SELECT a.n AS a, b.n AS b FROM (SELECT count(*) AS n FROM root_high_frequency(n => 1)) a,
                (SELECT count(*) AS n FROM root_high_frequency) b",
            json!([{"a": 1, "b": 0}]),
        ),
        ("\u{feff}SELECT 1 AS x;\n", json!([{"x": 1}])),
        ("SELECT event_id FROM events WHERE event_id = 'a' AND 'a' = event_id", json!([{"event_id": "a"}])),
        ("SELECT count(DISTINCT event_name, event_rw) AS n FROM events", json!([{"n": 2}])),
        (
            "SELECT max(event_time::date), max(event_time)::varchar AS t FROM events",
            json!([{"max(event_time::DATE)": "2026-11-03", "t": "2026-11-03T11:00:00Z"}]),
        ),
        ("SELECT count(*) AS n FROM events WHERE now() - event_time < INTERVAL '5 days'", json!([{"n": 0}])),
        ("SELECT count(*) AS n FROM events WHERE now() - event_time < INTERVAL '1 year'", json!([{"n": 2}])),
        ("SELECT INTERVAL '25 hours' > INTERVAL '1 day' AS x", json!([{"x": true}])),
        ("SELECT event_id FROM events WHERE event_id = ANY (SELECT 'b')", json!([{"event_id": "b"}])),
        // A constant on the left means what it means on the right, also where it is a cast.
        (
            "SELECT event_id FROM events WHERE event_time <= TIMESTAMPTZ '2026-11-03 11:00:00Z'
                AND TIMESTAMPTZ '2026-11-03 11:00:00Z' > event_time",
            json!([{"event_id": "a"}]),
        ),
        (
            "SELECT event_id FROM events WHERE event_time = TIMESTAMPTZ '2026-11-03 10:00:00Z'
                AND TIMESTAMPTZ '2026-11-03 10:00:00Z' = event_time",
            json!([{"event_id": "a"}]),
        ),
        // What a lenient cast cannot take is null, and not compared.
        ("SELECT count(*) AS n FROM events WHERE TRY_CAST(source_record + 1000 AS TINYINT) <> 5", json!([{"n": 0}])),
        ("SELECT count(*) AS n FROM events WHERE NOT TRY_CAST(source_record + 1000 AS TINYINT) = 5", json!([{"n": 0}])),
        ("SELECT count(*) AS n FROM events WHERE TRY_CAST(source_record AS TINYINT) <> 5", json!([{"n": 2}])),
        ("SELECT count(*) AS n FROM events WHERE NOT error_code ~ '.*'", json!([{"n": 0}])),
        ("SELECT count(*) AS n FROM events WHERE event_id !~ '.*' OR event_id ~ '.*'", json!([{"n": 2}])),
        (
            "SELECT event_id FROM events WHERE event_time - TIMESTAMPTZ '2026-11-03 00:00:00Z'
                BETWEEN INTERVAL '1 hour' AND INTERVAL '10 hours'",
            json!([{"event_id": "a"}]),
        ),
        (
            "SELECT event_id FROM events WHERE event_time - TIMESTAMPTZ '2026-11-03 00:00:00Z' IN (INTERVAL '11 hours')",
            json!([{"event_id": "b"}]),
        ),
        (
            "SELECT date_part('epoch', TIMESTAMPTZ '2026-11-03 00:00:00.25Z' - TIMESTAMPTZ '2026-11-03 00:00:01Z') AS n",
            json!([{"n": -0.75}]),
        ),
        ("SELECT extract(epoch FROM INTERVAL '1 day 1.5 seconds') AS n", json!([{"n": 86401.5}])),
        ("SELECT TIMESTAMP '2026-11-02 08:30' = TIMESTAMP '2026-11-02 08:30:00' AS x", json!([{"x": true}])),
        (
            "SELECT count(DISTINCT event_name) AS a, count(DISTINCT event_rw) AS b FROM events",
            json!([{"a": 2, "b": 2}]),
        ),
    ] {
        assert_eq!(Value::Array(rows(session.sql(sql))), expected, "{sql}");
    }
    // A bare date belongs to the zone of the instants that it stands under, or is looked for among.
    let scope = Scope { tz: "Asia/Tokyo".parse().unwrap(), ..Scope::default() };
    let in_tokyo = lab.session_with(scope, false);
    for (sql, expected) in [
        (
            "SELECT event_time AS t FROM events UNION ALL SELECT DATE '2026-11-03' ORDER BY 1 LIMIT 1",
            json!([{"t": "2026-11-03T00:00:00+09:00"}]),
        ),
        (
            "SELECT DATE '2026-11-03' AS t UNION SELECT event_time FROM events ORDER BY t DESC LIMIT 1",
            json!([{"t": "2026-11-03T20:00:00+09:00"}]),
        ),
        (
            "SELECT event_id FROM events WHERE event_time IN (SELECT TIMESTAMP '2026-11-03 19:00:00')",
            json!([{"event_id": "a"}]),
        ),
        (
            "SELECT event_id FROM events WHERE event_time NOT IN (SELECT TIMESTAMP '2026-11-03 19:00:00')",
            json!([{"event_id": "b"}]),
        ),
    ] {
        assert_eq!(Value::Array(rows(in_tokyo.sql(sql))), expected, "{sql}");
    }
    let tables = texts(&rows(session.sql("SHOW TABLES")), "table_name");
    for name in ["events", "copies", "root_console_login", "summary_principal"] {
        assert!(tables.iter().any(|table| table == name), "{name} in {tables:?}");
    }
}

#[test]
fn errors_are_said_in_our_own_words() {
    let lab = Lab::with_events(&[json!({"eventId": "a", "eventName": "X", "eventTime": "2026-11-03T10:00:00Z"})]);
    let session = lab.session();
    let error = |sql: &str| {
        let read_all = |mut answer: trailql::engine::QueryResult| {
            while answer.next_batch()?.is_some() {}
            Ok(())
        };
        session.sql(sql).and_then(read_all).err().unwrap_or_else(|| panic!("{sql} is answered"))
    };
    for (sql, expected) in [
        ("SELECT sum(outcome) FROM events", "`sum` cannot take text (line 1, column 8)"),
        ("SELECT TOP 5 * FROM events", "not possible here: TOP"),
        (
            "SELECT 1 FROM events WHERE event_name BETWEEN INTERVAL '1 day' AND event_name",
            "`BETWEEN` cannot take text and a length of time (line 1, column 39)",
        ),
        (
            "SELECT * FROM events PIVOT (count(*) FOR event_rw IN ('Read'))",
            "not possible here: unsupported ast node Pivot",
        ),
        (
            "SELECT event_name, count(*) FROM events",
            "`event_name` must be in GROUP BY or in an aggregate function (line 1, column 8)",
        ),
        ("SELECT ip_on('a')", "no function named `ip_on` (line 1, column 8)"),
        ("SELECT substr(event_name) FROM events", "substring without for/from is not valid"),
        (
            "SELECT event_name FROM events a JOIN events b ON a.event_id = b.event_id",
            "more than one table has a column `event_name`: write `table.event_name` (line 1, column 8)",
        ),
        (
            "SELECT count(*) FROM events WHERE mfa_used = 'yes'",
            "`events.mfa_used` is true or false, and cannot be 'yes'",
        ),
        (
            "SELECT * FROM root_high_frequency(x => 1)",
            "the view `root_high_frequency` has no parameter `x` (line 1, column 35)",
        ),
        ("SELECT event_time + 1 FROM events", "`+` cannot take a time and a number (line 1, column 8)"),
        ("SELECT upper('a', 'b')", "`upper` cannot take 2 arguments (line 1, column 8)"),
        ("SELECT e.event_id FROM events AS f", "no table or view named `e` (line 1, column 8)"),
        ("SELECT event_nam\n FROM events", "no column named `event_nam` (line 1, column 8)"),
        ("SELECT 1\n  FROM evnts", "no table or view named `evnts` (line 2, column 8)"),
        ("SELECT 1;\nSELECT 2", "only one statement can be answered at a time, and another begins (line 2, column 1)"),
        (
            "SELECT * FROM root_high_frequency(5)",
            "a parameter of a view is written `name => value`: `root_high_frequency(5)`",
        ),
        (
            "SELECT date_trunc('eon', event_time AT TIME ZONE 'Asia/Tokyo') FROM events",
            "not a unit of `date_trunc`: `eon`; the \
            units are microsecond, millisecond, second, minute, hour, day, week, month, quarter and year",
        ),
        ("SELECT event_time AT TIME ZONE 'Mars/Base' FROM events", "not a time zone: `Mars/Base`"),
        ("SELECT to_timestamp('yesterday')", "not a time: `yesterday`"),
        (
            "SELECT repeat('x', 1500000000)",
            "the question needs more memory than the limit: `repeat` would make 1430 MiB at once, and may make 32 MiB",
        ),
        (
            "SELECT event_id FROM events INTERSECT ALL SELECT event_id FROM events",
            "not possible here: INTERSECT ALL: DataFusion takes it for one that only looks whether a row is there",
        ),
        (
            "SELECT event_id FROM events WHERE event_name SIMILAR TO 'a%'",
            "not possible here: SIMILAR TO: use LIKE, or a regular expression with `~`",
        ),
        ("DROP TABLE events", "cannot run `DROP TABLE events`: only SELECT, EXPLAIN, DESCRIBE and SHOW are answered"),
    ] {
        assert_eq!(error(sql).to_string(), expected, "{sql}");
    }
    for (sql, similar) in [
        ("SELECT lowr('a')", vec!["lower"]),
        ("SELECT is_near('a')", vec![]),
        ("SELECT cont(1)", vec!["count", "cot", "contains"]),
    ] {
        let error = error(sql);
        let EngineError::UnknownFunction { similar: found, .. } = error.cause() else { panic!("{sql}: {error}") };
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), similar, "{sql}");
    }
    let columns = error("SELECT evnt_name FROM events");
    assert!(
        matches!(columns.cause(), EngineError::UnknownColumn { similar, .. } if similar[0] == "event_name"),
        "{columns:?}"
    );
}

#[test]
fn whole_events_are_those_behind_the_rows_whatever_their_ids() {
    let event = |id: Value, name: &str, kind: &str| {
        json!({"eventId": id, "eventName": name, "eventTime": "2026-11-03T10:00:00Z", "serviceName": "Ecs",
            "userIdentity": {"type": kind, "accountId": "1000000000000001", "accessKeyId": "LTAI5t"}, "eventRW": "Write"})
    };
    let root = "root-account";
    let lab = Lab::with_events(&[
        event(json!("1A2B-****"), "ByRoot", root),
        event(json!("1A2B-****"), "ByUser", "ram-user"),
        event(json!(null), "WithoutId", root),
        event(json!("E-2"), "WithId", root),
        event(json!(""), "EmptyId", root),
    ]);
    let session = lab.session();
    for view in ["root_ak_access", "root_resource_write", "root_ecs_write"] {
        let events = whole_events(session.view_events(&ViewQuery::new(view)));
        let mut names: Vec<String> = events
            .iter()
            .map(|event| serde_json::from_str::<Value>(event).unwrap()["eventName"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        assert_eq!(names, ["ByRoot", "EmptyId", "WithId", "WithoutId"], "{view}");
    }
}

#[test]
fn masked_values_stay_apart_and_no_expression_gives_a_secret_away() {
    let event = |id: &str, password: &str| {
        json!({"eventId": id, "eventName": "X", "eventTime": "2026-11-03T10:00:00Z",
            "requestParameters": {"Password": password, "InstanceType": "t"}})
    };
    let lab = Lab::with_events(&[event("1", "opensesame"), event("2", "hunter2"), event("3", "hunter2")]);
    let session = lab.session();
    for (sql, expected) in [
        ("SELECT count(DISTINCT request_parameters) AS n FROM events", 2),
        ("SELECT count(DISTINCT json_param(request_parameters, 'Password')) AS n FROM events", 2),
        ("SELECT count(*) AS n FROM (SELECT request_parameters FROM events GROUP BY 1)", 2),
        ("SELECT count(*) AS n FROM (SELECT DISTINCT request_parameters->>'Password' AS p FROM events)", 2),
        ("SELECT count(*) AS n FROM events a JOIN events b ON a.request_parameters = b.request_parameters", 5),
        ("SELECT count(*) AS n FROM events WHERE request_parameters LIKE '%hunter2%'", 0),
        ("SELECT count(*) AS n FROM events WHERE json_param(request_parameters, 'Password') = 'hunter2'", 0),
        // The function that can be called does not make the marks of the lake, which would test guesses.
        (
            "SELECT count(*) AS n FROM events
                WHERE request_parameters = mask_secrets('{\"Password\":\"hunter2\",\"InstanceType\":\"t\"}')",
            0,
        ),
        (
            "SELECT count(*) AS n FROM events WHERE json_param(request_parameters, 'Password') =
                json_param(mask_secrets('{\"Password\":\"hunter2\"}'), 'Password')",
            0,
        ),
    ] {
        assert_eq!(rows(session.sql(sql))[0]["n"], expected, "{sql}");
    }
    for expression in [
        "request_parameters",
        "upper(request_parameters)",
        "reverse(reverse(request_parameters))",
        "request_parameters->'Password'",
        "request_parameters->>'Password'",
        "json_get_str(request_parameters, 'Password')",
        "json_as_text(request_parameters, 'Password')",
        "json_param(request_parameters, 'Password')",
        "json_param(json_param(request_parameters, 'Password'), 'x')",
        "regexp_replace(request_parameters, '.*Password\":\"([^\"]*).*', '\\1')",
        "split_part(request_parameters, '\"', 4)",
        "string_agg(request_parameters, ',') OVER ()",
        "array_to_string(array_agg(request_parameters) OVER (), ',')",
        "first_value(request_parameters) OVER (ORDER BY event_id)",
        "max(request_parameters) OVER ()",
        "encode(request_parameters::bytea, 'hex')",
        "(SELECT e.request_parameters FROM events e WHERE e.event_id = events.event_id)",
        "arrow_cast(request_parameters, 'Utf8')",
        "md5(json_param(request_parameters, 'Password'))",
        "length(json_param(request_parameters, 'Password'))",
    ] {
        let Ok(mut answer) = session.sql(&format!("SELECT {expression} AS x FROM events")) else { continue };
        let mut shown = String::new();
        while let Some(batch) = answer.next_batch().unwrap() {
            shown.push_str(&format!("{:?}", batch.column(0)).to_lowercase());
        }
        assert!(!shown.is_empty(), "{expression}");
        for secret in ["opensesame", "hunter2", "68756e74657232"] {
            assert!(!shown.contains(secret), "{expression} shows {shown}");
        }
    }
    let lengths =
        rows(session.sql("SELECT DISTINCT length(json_param(request_parameters, 'Password')) AS n FROM events"));
    assert_eq!(lengths.len(), 1, "a mark tells nothing of the length: {lengths:?}");
    // The same lake gives the same marks, and another lake others.
    let marks = |lab: &Lab| {
        texts(
            &rows(
                lab.session()
                    .sql("SELECT json_param(request_parameters, 'Password') AS p FROM events ORDER BY event_id"),
            ),
            "p",
        )
    };
    assert_eq!(marks(&lab), marks(&lab));
    let other = Lab::with_events(&[event("1", "opensesame"), event("4", "more")]);
    assert_ne!(marks(&lab)[0], marks(&other)[0]);
}

#[test]
fn a_question_ends_when_its_time_is_up_and_the_next_is_answered() {
    let lab = Lab::with_events(&[json!({"eventId": "a", "eventName": "X", "eventTime": "2026-11-03T10:00:00Z"})]);
    let limits = Limits { time_limit: Some(Duration::from_millis(300)), ..Limits::default() };
    let session = lab.session().engine().session(&in_zone("UTC"), &limits).unwrap();
    let mut answer = session.sql("SELECT max(value * 7 % 11) FROM generate_series(1, 1000000000000)").unwrap();
    let ended = std::iter::repeat_with(|| answer.next_batch()).find_map(Result::err).unwrap();
    assert_eq!(ended.to_string(), "no answer within 300 ms");
    drop(answer);
    assert_eq!(rows(session.sql("SELECT count(*) AS n FROM events")), [json!({"n": 1})]);
}

#[test]
fn distinct_values_of_many_groups_are_counted_within_the_limit() {
    // A set for each group and column would take a gigabyte.
    let lab = Lab::with_events(&[json!({"eventId": "a", "eventName": "X", "eventTime": "2026-11-03T10:00:00Z"})]);
    let session =
        session(&lab.lake(), &in_zone("UTC"), &EngineOptions { memory_limit_bytes: 48 << 20, ..engine_options() });
    let sql = "SELECT count(*) AS groups, sum(a) AS a, sum(b) AS b FROM (
        SELECT value % 60000 AS g, count(DISTINCT cast(value % 7 AS varchar)) AS a,
            count(DISTINCT concat('a text longer than twelve ', cast(value % 120000 AS varchar))) FILTER (WHERE value % 3 > 0) AS b
        FROM generate_series(0, 179999) GROUP BY 1)";
    // 60,000 groups of three values each: of 7, three that differ; of 120,000, two, of which some are left out.
    let expected = |n: u64| -> (u64, u64) {
        let values: Vec<u64> = (0..3).map(|k| n + 60_000 * k).collect();
        let a = values.iter().map(|v| v % 7).collect::<std::collections::BTreeSet<_>>().len() as u64;
        let kept = values.iter().filter(|v| *v % 3 > 0);
        (a, kept.map(|v| v % 120_000).collect::<std::collections::BTreeSet<_>>().len() as u64)
    };
    let (a, b) = (0..60_000).map(expected).fold((0, 0), |(a, b), (x, y)| (a + x, b + y));
    assert_eq!(rows(session.sql(sql)), [json!({"groups": 60_000, "a": a, "b": b})]);
}

/// Statements that once aborted the process, or that are made to.
#[test]
fn no_statement_aborts_the_process() {
    let home = Home::new();
    home.run(&["ingest", sample_data().to_str().unwrap(), "-q"]).exits(0);
    let long = |part: &str, times: usize| part.repeat(times);
    let statements = [
        format!("SELECT count(*) FROM events WHERE event_name = 'a'{}", long(" OR event_name = 'b'", 1_000)),
        format!("SELECT 1{}", long(" + 1", 100_000)),
        format!("SELECT 'a'{}", long(" || 'a'", 1_500)),
        format!("SELECT {}true", long("NOT ", 50_000)),
        format!("SELECT {}1{}", long("(", 50_000), long(")", 50_000)),
        format!("SELECT {}1{}", long("CASE WHEN true THEN ", 5_000), long(" END", 5_000)),
        format!("SELECT * FROM {}events{}", long("(SELECT * FROM ", 5_000), long(") a", 5_000)),
        format!("SELECT json_param('{}', 'a.b')", long("[", 50_000)),
        format!("SELECT json_get('{}', 0)", long("[", 50_000)),
        "SELECT repeat(repeat(repeat('x', 1000000), 1000000), 1000000)".to_owned(),
        "SELECT lpad('x', 2000000000), rpad('x', 2000000000)".to_owned(),
        "SELECT range(0, 9000000000000000000)".to_owned(),
        "SELECT array_repeat('x', 2000000000)".to_owned(),
        "SELECT to_timestamp_millis(9223372036854775807), make_date(999999999, 1, 1)".to_owned(),
        "SELECT date_bin(INTERVAL '0 seconds', event_time) FROM events".to_owned(),
        "SELECT event_time + INTERVAL '1000000 years' FROM events".to_owned(),
    ];
    for sql in statements {
        let run = home.run_with_stdin(&["sql", "-", "-q", "--tz", "America/Havana", "-F", "jsonl"], &sql);
        assert!(matches!(run.code, Some(0 | 2)), "{:?} {}: {:.80}", run.code, run.stderr, sql);
        assert!(run.code == Some(0) || run.stderr.starts_with("error: "), "{}: {:.80}", run.stderr, sql);
    }
}

/// A caller of the library may stand on a thread with a small stack, as those of async servers have.
#[test]
fn long_statements_are_answered_on_small_stacks() {
    let lab = Lab::with_events(&[json!({"eventId": "id-1", "eventName": "b"})]);
    let session = lab.session();
    let names = " OR event_name = 'b'".repeat(600);
    let statements = [
        (format!("SELECT count(*) AS n FROM events WHERE event_name = 'a'{names}"), json!({"n": 1})),
        (format!("SELECT 1{} AS n", " + 1".repeat(900)), json!({"n": 901})),
        (format!("SELECT length('a'{}) AS n", " || 'a'".repeat(600)), json!({"n": 601})),
    ];
    let work = move || {
        for (sql, expected) in statements {
            assert_eq!(rows(session.sql(&sql)), [expected], "{sql:.80}");
            let fields = Query::Sql(sql.clone()).fields(&engine_options(), &Scope::default());
            assert_eq!(fields.unwrap().contains(FieldId::EventName), sql.contains("event_name"), "{sql:.80}");
        }
    };
    std::thread::Builder::new().stack_size(128 << 10).spawn(work).unwrap().join().unwrap();
}
