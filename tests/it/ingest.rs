//! Ingest on real files: what is broken or hostile, every shape, copies, and runs that are killed.

mod copies;
mod crash;
mod damage;
#[cfg(target_os = "linux")]
mod full;
mod holes;
mod hostile;
mod inputs;
mod older;
mod oversized;
mod places;
mod shapes;
#[cfg(unix)]
mod stop;
mod suspicious;
mod units;
mod whole;

use crate::lab::{Lab, texts};
use serde_json::{Value, json};

/// A small event with this id.
fn event(id: &str) -> Value {
    json!({"eventId": id, "eventVersion": 1, "eventTime": "2026-11-03T10:00:00Z", "eventName": "DescribeInstances",
        "eventType": "ApiCall", "serviceName": "Ecs", "requestId": format!("r-{id}"),
        "userIdentity": {"type": "ram-user", "accountId": "1000000000000001"}})
}

/// Events as JSON lines.
fn lines(events: &[Value]) -> String {
    events.iter().map(|event| format!("{event}\n")).collect()
}

/// What stands around events is kept with each of them, so a record of a megabyte could become a terabyte.
#[test]
fn what_is_repeated_for_the_events_of_a_record_is_bounded() {
    let log = |n: usize| {
        format!(r#"{{"event":"{{\"eventId\":\"E-{n}\",\"eventName\":\"X\",\"eventTime\":\"2026-11-03T01:00:00Z\"}}"}}"#)
    };
    let logs = |n: usize| (0..n).map(log).collect::<Vec<_>>().join(",");
    let (long, short) = ("x".repeat(300_000), "x".repeat(300));
    for (record, events, is_whole) in [
        (
            format!(r#"{{"__tags__":{{"a":"{long}"}},"__topic__":"t","__source__":"s","__logs__":[{}]}}"#, logs(2000)),
            2000,
            false,
        ),
        (
            format!(r#"{{"__tags__":{{"a":"{short}"}},"__topic__":"t","__source__":"s","__logs__":[{}]}}"#, logs(2000)),
            2000,
            true,
        ),
    ] {
        let lab = Lab::new();
        let outcome = lab.ingest(&[lab.file("in.json", &record)]);
        let beginning = &record[..40];
        assert_eq!(outcome.totals.rejected == 0, is_whole, "{beginning}: {:?}", outcome.totals);
        assert!(outcome.totals.stored > 0 || !is_whole, "{beginning}: {:?}", outcome.totals);
        assert_eq!(outcome.totals.read, events, "{beginning}: {:?}", outcome.totals);
    }
}

#[test]
fn a_record_of_very_many_keys_is_read() {
    let keys =
        |n: usize| (0..n).map(|n| format!(r#""event.requestParameters.K{n}":"v""#)).collect::<Vec<_>>().join(",");
    let lab = Lab::new();
    let record = format!(
        r#"{{"event.eventid":"E-1","event.eventname":"X","event.eventtime":"2026-11-03T01:00:00Z",{}}}"#,
        keys(60_000)
    );
    assert_eq!(lab.ingest(&[lab.file("in.json", record)]).totals.stored, 1);
    let rows = lab.ask("SELECT json_param(request_parameters, 'K59999') AS last FROM events");
    assert_eq!(texts(&rows, "last"), ["v"]);
}
