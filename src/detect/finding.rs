//! A row of a view as a finding.
//!
//! Views differ in their columns. Those that all findings share are members here, and the others are details. A view of
//! events gives one event, a view of groups its first and last one.

use crate::engine::views::{View, ViewKind};
use crate::event::severity::Severity;
use crate::lake::sha256_hex;
use chrono::{DateTime, FixedOffset};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// Hexadecimal digits of a finding's id: 128 bits.
const ID_DIGITS: usize = 32;

/// The view behind a finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rule {
    /// Name of the view.
    pub view: String,
    /// Title, in the language of the answer.
    pub title: String,
    /// Severity of each finding.
    pub severity: Severity,
    /// Category of the view.
    pub category: String,
    /// Meaning of a row.
    #[serde(serialize_with = "kind_text")]
    pub kind: ViewKind,
    /// Ids of MITRE ATT&CK techniques.
    pub attack: Vec<String>,
    /// Sections of the CIS Alibaba Cloud Foundation Benchmark.
    pub cis: Vec<String>,
    /// Meaning of a finding, and what to do next.
    pub why: String,
}

fn kind_text<S: Serializer>(kind: &ViewKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.text())
}

impl Rule {
    /// Takes what a finding tells from a view.
    pub fn of(view: &View, title: &str) -> Self {
        Self {
            view: view.name.clone(),
            title: title.to_owned(),
            severity: view.severity,
            category: view.category.clone(),
            kind: view.kind,
            attack: view.attack.clone(),
            cis: view.cis.clone(),
            why: view.why.clone(),
        }
    }
}

/// A finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Hash of the members below but for the details, so that the same finding has the same id in every run.
    pub id: String,
    /// The view that found it.
    pub rule: Arc<Rule>,
    /// Time of the event, or of the first one.
    pub first_event: Option<DateTime<FixedOffset>>,
    /// Time of the event, or of the last one.
    pub last_event: Option<DateTime<FixedOffset>>,
    /// Number of events.
    pub events: u64,
    /// `success`, `denied` or `error`.
    pub outcome: Option<String>,
    /// Account.
    pub account_id: Option<String>,
    /// Name of who acted.
    pub principal: Option<String>,
    /// Address of who acted.
    pub source_ip_address: Option<String>,
    /// Region.
    pub acs_region: Option<String>,
    /// Service.
    pub service_name: Option<String>,
    /// Name of the event.
    pub event_name: Option<String>,
    /// Ids of the resources.
    pub resource_name: Option<String>,
    /// Id of the event, or of the first one.
    pub event_id: Option<String>,
    /// The view's own columns.
    pub details: Map<String, Value>,
    /// Reason why it is suppressed.
    pub suppressed: Option<String>,
}

impl Finding {
    /// Makes a finding of a row. Times are RFC 3339.
    pub fn of_row(rule: &Arc<Rule>, row: Map<String, Value>) -> Self {
        let mut finding = Self::without_id(rule, row);
        finding.id = finding.fingerprint();
        finding
    }

    /// Makes a finding of a row, to be counted only.
    pub fn without_id(rule: &Arc<Rule>, mut row: Map<String, Value>) -> Self {
        let first = row.remove("event_time").or_else(|| row.remove("first_event"));
        let last = row.remove("last_event");
        let first_event = first.as_ref().and_then(instant);
        Self {
            id: String::new(),
            rule: Arc::clone(rule),
            first_event,
            last_event: last.as_ref().and_then(instant).or(first_event),
            events: row.remove("events").and_then(|events| events.as_u64()).unwrap_or(1),
            outcome: text(row.remove("outcome")),
            account_id: text(row.remove("account_id")),
            principal: text(row.remove("principal")),
            source_ip_address: text(row.remove("source_ip_address")),
            acs_region: text(row.remove("acs_region")),
            service_name: text(row.remove("service_name")),
            event_name: text(row.remove("event_name")),
            resource_name: text(row.remove("resource_name")),
            event_id: text(row.remove("event_id")),
            details: row,
            suppressed: None,
        }
    }

    /// Returns a column of the row as text, without the times; `None` where it is empty or not there.
    pub fn column(&self, name: &str) -> Option<Cow<'_, str>> {
        let member = match name {
            "outcome" => &self.outcome,
            "account_id" => &self.account_id,
            "principal" => &self.principal,
            "source_ip_address" => &self.source_ip_address,
            "acs_region" => &self.acs_region,
            "service_name" => &self.service_name,
            "event_name" => &self.event_name,
            "resource_name" => &self.resource_name,
            "event_id" => &self.event_id,
            detail => {
                return match self.details.get(detail)? {
                    Value::Null => None,
                    Value::String(text) => Some(text.into()),
                    other => Some(other.to_string().into()),
                };
            }
        };
        member.as_deref().map(Cow::Borrowed)
    }

    fn fingerprint(&self) -> String {
        let time = |time: &Option<DateTime<FixedOffset>>| time.map_or(0, |time| time.timestamp_micros());
        // Without an event, the details alone tell findings apart.
        let details = if self.event_id.is_none() { Some(&self.details) } else { None };
        let members = (
            &self.rule.view,
            (time(&self.first_event), time(&self.last_event), self.events),
            (&self.account_id, &self.principal, &self.source_ip_address, &self.acs_region),
            (&self.service_name, &self.event_name, &self.resource_name, &self.event_id),
            details,
        );
        let text = serde_json::to_vec(&members).unwrap_or_default();
        sha256_hex(&text).chars().take(ID_DIGITS).collect()
    }

    /// Returns the sentence that tells it: `Console logons …: alice from 203.0.113.77`.
    pub fn message(&self) -> String {
        let mut message = self.rule.title.clone();
        let mut add = |before: &str, part: &Option<String>| {
            if let Some(part) = part {
                message.push_str(before);
                message.push_str(part);
            }
        };
        add(": ", &self.principal);
        add(" from ", &self.source_ip_address);
        add(", ", &self.event_name);
        add(" on ", &self.resource_name);
        if self.events > 1 {
            message.push_str(&format!(" ({} events)", self.events));
        }
        message
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Flat<'f> {
            id: &'f str,
            severity: Severity,
            view: &'f str,
            category: &'f str,
            title: &'f str,
            first_event: Option<String>,
            last_event: Option<String>,
            events: u64,
            outcome: &'f Option<String>,
            account_id: &'f Option<String>,
            principal: &'f Option<String>,
            source_ip_address: &'f Option<String>,
            acs_region: &'f Option<String>,
            service_name: &'f Option<String>,
            event_name: &'f Option<String>,
            resource_name: &'f Option<String>,
            event_id: &'f Option<String>,
            details: &'f Map<String, Value>,
            suppressed: &'f Option<String>,
        }
        let time = |time: &Option<DateTime<FixedOffset>>| time.map(|time| time.to_rfc3339());
        Flat {
            id: &self.id,
            severity: self.rule.severity,
            view: &self.rule.view,
            category: &self.rule.category,
            title: &self.rule.title,
            first_event: time(&self.first_event),
            last_event: time(&self.last_event),
            events: self.events,
            outcome: &self.outcome,
            account_id: &self.account_id,
            principal: &self.principal,
            source_ip_address: &self.source_ip_address,
            acs_region: &self.acs_region,
            service_name: &self.service_name,
            event_name: &self.event_name,
            resource_name: &self.resource_name,
            event_id: &self.event_id,
            details: &self.details,
            suppressed: &self.suppressed,
        }
        .serialize(serializer)
    }
}

fn text(value: Option<Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

fn instant(value: &Value) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok()
}

#[cfg(test)]
pub(in crate::detect) mod tests {
    use super::*;
    use serde_json::json;

    /// A rule of a severity.
    pub(in crate::detect) fn rule(view: &str, severity: Severity) -> Arc<Rule> {
        Arc::new(Rule {
            view: view.to_owned(),
            title: format!("Title of {view}"),
            severity,
            category: "identity".to_owned(),
            kind: ViewKind::Match,
            attack: vec!["T1098.003".to_owned()],
            cis: vec!["2.10".to_owned()],
            why: "Look at it.".to_owned(),
        })
    }

    /// A finding of these columns.
    pub(in crate::detect) fn finding(rule: &Arc<Rule>, row: Value) -> Finding {
        let Value::Object(row) = row else { panic!("a row is an object") };
        Finding::of_row(rule, row)
    }

    #[test]
    fn rows_of_events_and_of_groups_are_findings() {
        let rule = rule("v", Severity::High);
        let event = finding(
            &rule,
            json!({"event_time": "2026-11-03T10:00:00+09:00", "outcome": "success", "account_id": "1",
                "principal": "alice", "source_ip_address": null, "policy_name": "p", "event_id": "e1"}),
        );
        assert_eq!((event.first_event, event.events), (event.last_event, 1));
        assert_eq!(serde_json::to_value(&event).unwrap()["details"], json!({"policy_name": "p"}));
        assert_eq!(event.message(), "Title of v: alice");
        let group = finding(
            &rule,
            json!({"first_event": "2026-11-03T10:00:00Z", "last_event": "2026-11-03T10:30:00Z", "events": 6,
                "principal": "alice", "event_name": "X", "resource_name": "r", "addresses": 2}),
        );
        assert_eq!(group.message(), "Title of v: alice, X on r (6 events)");
        assert_eq!(group.last_event.unwrap() - group.first_event.unwrap(), chrono::TimeDelta::minutes(30));
        let bare = finding(&rule, json!({"event_time": "never", "account_id": 7}));
        assert_eq!((bare.first_event, bare.account_id.as_deref()), (None, Some("7")));
    }

    #[test]
    fn ids_depend_on_the_finding_and_not_on_the_zone() {
        let (one, other) = (rule("v", Severity::High), rule("w", Severity::High));
        let row = |time: &str, id: &str, detail: &str| json!({"event_time": time, "event_id": id, "detail": detail});
        let id = |rule, row| finding(rule, row).id;
        let first = id(&one, row("2026-11-03T10:00:00Z", "e", "a"));
        assert_eq!(first.len(), ID_DIGITS);
        assert_eq!(first, id(&one, row("2026-11-03T19:00:00+09:00", "e", "b")));
        assert_ne!(first, id(&other, row("2026-11-03T10:00:00Z", "e", "a")));
        assert_ne!(first, id(&one, row("2026-11-03T10:00:00Z", "f", "a")));
        assert_ne!(first, id(&one, row("2026-11-03T10:00:01Z", "e", "a")));
        assert_ne!(id(&one, json!({"detail": "a"})), id(&one, json!({"detail": "b"})));
    }
}
