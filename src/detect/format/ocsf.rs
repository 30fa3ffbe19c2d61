//! Findings as OCSF Detection Findings (class 2004), <https://schema.ocsf.io/1.5.0/classes/detection_finding>: one
//! object a line, with the profile `cloud`.

use super::{Origin, Renderer, write_line};
use crate::detect::finding::Finding;
use crate::event::severity::Severity;
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::net::IpAddr;

const VERSION: &str = "1.5.0";

/// Version of MITRE ATT&CK that the ids of techniques are of.
const ATTACK_VERSION: &str = "17.1";

const CATEGORY: u64 = 2;
const CLASS: u64 = 2004;
/// A finding is created; the type is the class and the activity.
const CREATE: u64 = 1;

/// Writes Detection Findings.
#[derive(Debug)]
pub struct Ocsf {
    origin: Origin,
}

impl Ocsf {
    /// Makes a renderer.
    pub fn new(origin: Origin) -> Self {
        Self { origin }
    }
}

impl Renderer for Ocsf {
    fn finding(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        write_line(&detection(finding, &self.origin), out)
    }
}

fn severity(severity: Severity) -> (u64, &'static str) {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

/// Makes an object of the members that there are.
fn object(members: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    let there = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(there.collect::<Map<_, _>>())
}

/// Returns an object, or nothing if it would be empty.
fn some_object(members: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Option<Value> {
    Some(object(members)).filter(|value| value.as_object().is_some_and(|object| !object.is_empty()))
}

fn detection(finding: &Finding, origin: &Origin) -> Value {
    let rule = &finding.rule;
    let (severity_id, severity) = severity(rule.severity);
    let (status_id, status) = if finding.suppressed.is_some() { (3, "Suppressed") } else { (1, "New") };
    let millis = |time: Option<chrono::DateTime<chrono::FixedOffset>>| time.map(|time| time.timestamp_millis());
    let text = |value: &Option<String>| value.clone().map(Value::from);
    let address = finding.source_ip_address.as_ref();
    let is_address = address.is_some_and(|address| address.parse::<IpAddr>().is_ok());
    let endpoint =
        address.map(|address| if is_address { json!({"ip": address}) } else { json!({"hostname": address}) });
    let user = some_object([
        ("name", text(&finding.principal)),
        ("account", finding.account_id.as_ref().map(|id| json!({"uid": id, "type": "Other", "type_id": 99}))),
    ]);
    let api = finding.event_name.as_ref().map(|name| {
        object([
            ("operation", Some(name.clone().into())),
            ("service", finding.service_name.as_ref().map(|service| json!({"name": service}))),
            ("response", finding.outcome.as_ref().map(|outcome| json!({"message": outcome}))),
        ])
    });
    let evidence =
        some_object([("actor", user.map(|user| json!({"user": user}))), ("src_endpoint", endpoint), ("api", api)]);
    let attacks: Vec<Value> = rule
        .attack
        .iter()
        .map(|id| {
            let kind = if id.contains('.') { "sub_technique" } else { "technique" };
            json!({"version": ATTACK_VERSION, kind: {"uid": id}})
        })
        .collect();
    let info = object([
        ("title", Some(rule.title.clone().into())),
        ("uid", Some(finding.id.clone().into())),
        ("desc", Some(rule.why.clone().into())),
        ("types", Some(json!([rule.category]))),
        ("analytic", Some(json!({"name": rule.view, "uid": rule.view, "type": "Rule", "type_id": 1}))),
        ("attacks", Some(attacks.into()).filter(|_| !rule.attack.is_empty())),
        ("first_seen_time", millis(finding.first_event).map(Value::from)),
        ("last_seen_time", millis(finding.last_event).map(Value::from)),
        ("related_events", finding.event_id.as_ref().map(|id| json!([{"uid": id}]))),
        ("related_events_count", Some(finding.events.into())),
    ]);
    let cloud = object([
        ("provider", Some("Alibaba Cloud".into())),
        ("region", text(&finding.acs_region)),
        ("account", finding.account_id.as_ref().map(|id| json!({"uid": id}))),
    ]);
    let resource = finding
        .resource_name
        .as_ref()
        .map(|name| json!([object([("name", Some(name.clone().into())), ("region", text(&finding.acs_region))])]));
    object([
        ("activity_id", Some(CREATE.into())),
        ("activity_name", Some("Create".into())),
        ("category_uid", Some(CATEGORY.into())),
        ("category_name", Some("Findings".into())),
        ("class_uid", Some(CLASS.into())),
        ("class_name", Some("Detection Finding".into())),
        ("type_uid", Some((CLASS * 100 + CREATE).into())),
        ("type_name", Some("Detection Finding: Create".into())),
        ("time", Some(millis(finding.last_event).unwrap_or_else(|| origin.now.timestamp_millis()).into())),
        ("severity_id", Some(severity_id.into())),
        ("severity", Some(severity.into())),
        ("status_id", Some(status_id.into())),
        ("status", Some(status.into())),
        ("status_detail", finding.suppressed.clone().map(Value::from)),
        ("message", Some(finding.message().into())),
        ("count", Some(finding.events.into())),
        ("finding_info", Some(info)),
        ("evidences", evidence.map(|evidence| json!([evidence]))),
        ("resources", resource),
        ("cloud", Some(cloud)),
        (
            "metadata",
            Some(json!({
                "version": VERSION,
                "profiles": ["cloud"],
                "logged_time": origin.now.timestamp_millis(),
                "product": {"name": "trailql", "vendor_name": "trailql", "version": origin.version},
            })),
        ),
        ("unmapped", Some(Value::Object(finding.details.clone())).filter(|_| !finding.details.is_empty())),
    ])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{lines, origin, rendered};
    use super::*;

    #[test]
    fn each_line_has_what_the_class_requires() {
        let findings = lines(&rendered(&mut Ocsf::new(origin())));
        assert_eq!(findings.len(), 4);
        for finding in &findings {
            assert_eq!((&finding["class_uid"], &finding["type_uid"]), (&2004.into(), &200_401.into()));
            for member in ["activity_id", "category_uid", "severity_id", "time"] {
                assert!(finding[member].is_i64(), "{member} in {finding}");
            }
            for member in
                ["/metadata/version", "/metadata/product/vendor_name", "/finding_info/uid", "/finding_info/title"]
            {
                assert!(finding.pointer(member).is_some_and(Value::is_string), "{member} in {finding}");
            }
            assert_eq!(finding["cloud"]["provider"], "Alibaba Cloud");
        }
        assert_eq!((&findings[0]["severity_id"], &findings[0]["time"]), (&5.into(), &1_793_700_000_000_i64.into()));
        assert_eq!(findings[0]["evidences"][0]["src_endpoint"]["ip"], "203.0.113.77");
        assert_eq!(findings[0]["evidences"][0]["api"]["operation"], "CreatePolicy");
        assert_eq!(findings[0]["finding_info"]["attacks"][0]["sub_technique"]["uid"], "T1098.003");
        assert_eq!(findings[0]["finding_info"]["related_events"][0]["uid"], "e1");
        assert_eq!(findings[1]["status"], "Suppressed");
        assert_eq!(findings[2]["evidences"][0]["src_endpoint"]["hostname"], "Internal");
        assert_eq!(findings[2]["count"], 6);
        assert!(findings[3].get("evidences").is_none());
    }
}
