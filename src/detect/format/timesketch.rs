//! Findings and events as events of a timeline, for Timesketch: JSON lines with `message`, `datetime` and
//! `timestamp_desc`.
//!
//! A finding of several events is told at the time of its last one. A finding without a time has no place on a
//! timeline and is left out; [`Timesketch::left_out`] counts these.

use super::{Renderer, write_line};
use crate::detect::finding::Finding;
use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use std::io::{self, Write};

/// Writes events of a timeline.
#[derive(Debug, Default)]
pub struct Timesketch {
    left_out: u64,
}

impl Timesketch {
    /// Returns the number of findings without a time.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

#[derive(Serialize)]
struct Event<'f> {
    message: String,
    datetime: String,
    /// Microseconds since 1970.
    timestamp: i64,
    timestamp_desc: &'static str,
    data_type: &'static str,
    tag: Vec<String>,
    finding_id: &'f str,
    view: &'f str,
    severity: &'f str,
    category: &'f str,
    events: u64,
    first_event: Option<String>,
    outcome: &'f Option<String>,
    account_id: &'f Option<String>,
    principal: &'f Option<String>,
    source_ip: &'f Option<String>,
    region: &'f Option<String>,
    service_name: &'f Option<String>,
    event_name: &'f Option<String>,
    resource_name: &'f Option<String>,
    event_id: &'f Option<String>,
    attack: String,
    suppressed: &'f Option<String>,
    #[serde(flatten)]
    details: Map<String, Value>,
}

/// An event of the trail on a timeline.
#[derive(Debug, Serialize)]
pub struct TrailEvent<'e> {
    /// The sentence that tells it.
    pub message: String,
    /// Time, in UTC.
    pub datetime: String,
    /// Microseconds since 1970.
    pub timestamp: i64,
    /// Meaning of the time.
    pub timestamp_desc: &'static str,
    /// Kind of the line.
    pub data_type: &'static str,
    /// Words to filter by.
    pub tag: Vec<&'e str>,
    /// Id.
    pub event_id: Option<&'e str>,
    /// Service.
    pub service_name: Option<&'e str>,
    /// Name of the event.
    pub event_name: Option<&'e str>,
    /// `Read` or `Write`.
    pub access: Option<&'e str>,
    /// `success`, `denied` or `error`.
    pub outcome: Option<&'e str>,
    /// Error code.
    pub error_code: Option<&'e str>,
    /// Account.
    pub account_id: Option<&'e str>,
    /// Name of who acted.
    pub principal: Option<&'e str>,
    /// Type of who acted.
    pub identity_type: Option<&'e str>,
    /// AccessKey of who acted.
    pub access_key_id: Option<&'e str>,
    /// Address of who acted.
    pub source_ip: Option<&'e str>,
    /// User agent.
    pub user_agent: Option<&'e str>,
    /// Region.
    pub region: Option<&'e str>,
    /// Resources.
    pub resource_name: Option<&'e str>,
}

impl TrailEvent<'_> {
    /// Writes the event as a line.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write_line(self, out)
    }
}

/// Writes a time as Timesketch wants it.
pub fn datetime(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

impl Renderer for Timesketch {
    fn finding(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let Some(time) = finding.last_event else {
            self.left_out += 1;
            return Ok(());
        };
        let utc = |time: DateTime<FixedOffset>| datetime(time.to_utc());
        let rule = &finding.rule;
        // Names that Timesketch and the event have are told apart from those of views.
        let details = finding.details.iter().map(|(name, value)| (format!("detail_{name}"), value.clone()));
        let event = Event {
            message: format!("[{}] {}", rule.severity, finding.message()),
            datetime: utc(time),
            timestamp: time.timestamp_micros(),
            timestamp_desc: if finding.events > 1 { "Last event of the finding" } else { "Event time" },
            data_type: "alibabacloud:actiontrail:finding",
            tag: [rule.severity.text(), &rule.category, &rule.view].map(str::to_owned).to_vec(),
            finding_id: &finding.id,
            view: &rule.view,
            severity: rule.severity.text(),
            category: &rule.category,
            events: finding.events,
            first_event: finding.first_event.map(utc),
            outcome: &finding.outcome,
            account_id: &finding.account_id,
            principal: &finding.principal,
            source_ip: &finding.source_ip_address,
            region: &finding.acs_region,
            service_name: &finding.service_name,
            event_name: &finding.event_name,
            resource_name: &finding.resource_name,
            event_id: &finding.event_id,
            attack: rule.attack.join(" "),
            suppressed: &finding.suppressed,
            details: details.collect(),
        };
        write_line(&event, out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{lines, rendered};
    use super::*;

    #[test]
    fn each_line_has_what_timesketch_requires() {
        let mut timesketch = Timesketch::default();
        let events = lines(&rendered(&mut timesketch));
        assert_eq!((events.len(), timesketch.left_out()), (3, 1));
        for event in &events {
            for member in ["message", "datetime", "timestamp_desc"] {
                assert!(event[member].as_str().is_some_and(|text| !text.is_empty()), "{member} in {event}");
            }
        }
        assert_eq!(events[0]["datetime"], "2026-11-03T10:00:00+00:00");
        assert_eq!(events[0]["timestamp"], 1_793_700_000_000_000_i64);
        assert_eq!(events[0]["detail_policy_name"], "p");
        assert!(events[0]["message"].as_str().unwrap().starts_with("[critical] Title of policy_changed: alice"));
        assert_eq!(events[2]["datetime"], "2026-11-03T10:30:00+00:00");
        assert_eq!(events[2]["timestamp_desc"], "Last event of the finding");
    }
}
