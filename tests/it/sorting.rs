//! What waits to be sorted: how much memory it takes, and what becomes of it where that is not there.

use chrono::{DateTime, TimeDelta};
use serde_json::json;
use trailql::engine::{EngineOptions, Scope, Session, ViewQuery};

use crate::lab::{Lab, engine_options, rows, session, texts, whole_events};

fn small_session(lab: &Lab, memory_limit_bytes: usize) -> Session {
    session(&lab.lake(), &Scope::default(), &EngineOptions { memory_limit_bytes, ..engine_options() })
}

#[test]
fn what_waits_to_be_sorted_is_copied_out_of_the_pages_it_stands_in() {
    let event = |n: u32| json!({"eventId": format!("id-{n:04}"), "eventName": "X", "sourceIpAddress": "203.0.113.1"});
    let lab = Lab::with_events(&(0..9).map(event).collect::<Vec<_>>());
    let session = lab.session();
    let compacts = |sql: &str| {
        let plan = texts(&rows(session.sql(&format!("EXPLAIN {sql}"))), "plan");
        let sort = plan.iter().position(|line| line.contains("SortExec:"));
        let below = |steps: usize| sort.and_then(|sort| plan.get(sort + steps)).map_or("", String::as_str);
        below(1).contains("CoalesceBatchesExec") && below(2).contains("compact_text(event_id@")
    };
    let sql = "SELECT event_id, upper(event_name) AS name FROM events WHERE source_kind = 'ipv4'";
    for (order, expected) in [
        (" ORDER BY event_time, event_id", true),
        (" ORDER BY name", true),
        (" ORDER BY event_time LIMIT 3", false),
        ("", false),
    ] {
        assert_eq!(compacts(&format!("{sql}{order}")), expected, "{order}");
    }
    let numbered = format!("SELECT *, row_number() OVER (PARTITION BY name ORDER BY event_id) FROM ({sql})");
    assert!(compacts(&numbered), "rows that were handed to another thread");
    let joined = "SELECT a.event_id, concat(a.event_name, b.event_name) AS names FROM events a JOIN events b
        ON a.event_id = b.event_id ORDER BY names";
    assert!(compacts(joined), "rows that met others");
    assert_eq!(rows(session.sql(&format!("{sql} ORDER BY event_time, event_id"))).len(), 9);
}

/// Texts that are copied out of their pages alternate with texts that are not: those of every other day are all the same.
#[test]
fn what_waits_to_be_sorted_takes_as_much_memory_as_it_needs() {
    let event = |n: u32| {
        let (day, name) = (n % 120, if n < 120 { "ConsoleSignin" } else { "Other" });
        let text = format!("what was said on day {day}, {}", if day % 2 == 0 { n } else { 0 });
        let time = DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + i64::from(day));
        json!({"eventId": format!("id-{n:04}"), "eventName": name, "eventTime": time.format("%FT%TZ").to_string(),
            "userIdentity": {"type": "root-account"}, "errorMessage": text, "userAgent": text,
            "requestParameters": {"text": text}})
    };
    let lab = Lab::with_events(&(0..120 * 20).map(event).collect::<Vec<_>>());
    let session = small_session(&lab, 32 << 20);
    let sql =
        "SELECT event_id, error_message, user_agent, request_parameters FROM events WHERE event_name = 'ConsoleSignin'
        ORDER BY event_time, event_id";
    let measured = texts(&rows(session.sql(&format!("EXPLAIN ANALYZE {sql}"))), "plan").concat();
    assert!(measured.contains("spill_count=0"), "{measured}");
    assert_eq!(whole_events(session.view_events(&ViewQuery::new("root_console_login"))).len(), 120);
    let ids = texts(&rows(session.sql(sql)), "event_id");
    assert_eq!(ids, (0..120).map(|n| format!("id-{n:04}")).collect::<Vec<_>>());
}

#[test]
fn what_does_not_fit_into_memory_is_sorted_on_disk() {
    let event = |n: u32| {
        let time = DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + i64::from(n % 8));
        let text: String = (0..120u32).map(|k| format!("{:07x}", (n * 7919 + k * 104_729) % 16_777_213)).collect();
        json!({"eventId": format!("id-{n:05}"), "eventName": "X", "eventTime": time.format("%FT%TZ").to_string(),
            "requestParameters": {"order": 90_000 - n, "text": text}})
    };
    let lab = Lab::with_events(&(0..20_000).map(event).collect::<Vec<_>>());
    let session = small_session(&lab, 32 << 20);
    let sql = "SELECT event_id, request_parameters FROM events ORDER BY request_parameters, event_id";
    let measured = texts(&rows(session.sql(&format!("EXPLAIN ANALYZE {sql}"))), "plan").concat();
    assert!(!measured.contains("spill_count=0"), "{measured}");
    let ids = texts(&rows(session.sql(sql)), "event_id");
    assert_eq!(ids, (0..20_000).rev().map(|n| format!("id-{n:05}")).collect::<Vec<_>>());
}
