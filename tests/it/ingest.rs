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
