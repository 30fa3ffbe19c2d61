//! Findings as a SARIF 2.1.0 log, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
//!
//! A view is a rule, and a finding is a result. Audit events are no files, so a result has logical locations: the
//! event, and the resource. A suppressed finding has a suppression, as viewers expect it.

use super::{Origin, Renderer, write_json};
use crate::detect::finding::{Finding, Rule};
use crate::detect::summary::Summary;
use crate::event::severity::Severity;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Writes a SARIF log.
#[derive(Debug)]
pub struct Sarif {
    origin: Origin,
    places: HashMap<String, usize>,
    written: u64,
}

impl Sarif {
    /// Makes a renderer.
    pub fn new(origin: Origin) -> Self {
        Self { origin, places: HashMap::new(), written: 0 }
    }
}

impl Renderer for Sarif {
    fn begin(&mut self, rules: &[Arc<Rule>], out: &mut dyn Write) -> io::Result<()> {
        self.places = rules.iter().enumerate().map(|(at, rule)| (rule.view.clone(), at)).collect();
        let driver = json!({
            "name": "trailql",
            "version": self.origin.version,
            "rules": rules.iter().map(|rule| described(rule)).collect::<Vec<_>>(),
        });
        write!(out, "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":")?;
        write_json(&driver, out)?;
        out.write_all(b"},\"results\":[")
    }

    fn finding(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.written == 0 { b"\n" } else { b",\n" })?;
        self.written += 1;
        write_json(&result(finding, self.places.get(&finding.rule.view).copied()), out)
    }

    fn end(&mut self, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        let failed = |(view, error): (&str, &str)| json!({"level": "error", "message": {"text": error}, "associatedRule": {"id": view}});
        let notifications: Vec<Value> = summary.errors().map(failed).collect();
        let invocation = json!([{
            "executionSuccessful": notifications.is_empty(),
            "endTimeUtc": self.origin.now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            "toolExecutionNotifications": notifications,
        }]);
        out.write_all(b"\n],\"invocations\":")?;
        write_json(&invocation, out)?;
        out.write_all(b",\"columnKind\":\"utf16CodeUnits\"}]}\n")
    }
}

/// Returns the level of a severity. SARIF knows four, and `none` is for what is no problem.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// Returns the number that viewers order security results by.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

fn described(rule: &Rule) -> Value {
    let attack = rule.attack.iter().map(|id| format!("attack.{}", id.to_lowercase()));
    let cis = rule.cis.iter().map(|section| format!("cis.{section}"));
    let tags: Vec<String> =
        ["security".to_owned(), rule.category.clone()].into_iter().chain(attack).chain(cis).collect();
    json!({
        "id": rule.view,
        "name": rule.view,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {"tags": tags, "severity": rule.severity, "security-severity": score(rule.severity)},
    })
}

fn result(finding: &Finding, place: Option<usize>) -> Value {
    let event = finding.event_id.as_ref().map(|id| json!({"name": id, "kind": "event"}));
    let resource = finding.resource_name.as_ref().map(|name| {
        let path = [&finding.account_id, &finding.acs_region, &finding.service_name];
        let path: Vec<&str> = path.into_iter().flatten().map(String::as_str).chain([name.as_str()]).collect();
        json!({"name": name, "fullyQualifiedName": path.join("/"), "kind": "resource"})
    });
    let locations: Vec<Value> = event.into_iter().chain(resource).collect();
    let mut result = json!({
        "ruleId": finding.rule.view,
        "level": level(finding.rule.severity),
        "message": {"text": finding.message()},
        "partialFingerprints": {"finding/v1": finding.id},
        "occurrenceCount": finding.events,
        "properties": finding,
    });
    if let Some(place) = place {
        result["ruleIndex"] = place.into();
    }
    if !locations.is_empty() {
        result["locations"] = json!([{"logicalLocations": locations}]);
    }
    if let Some(reason) = &finding.suppressed {
        result["suppressions"] = json!([{"kind": "external", "status": "accepted", "justification": reason}]);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::super::tests::{origin, rendered};
    use super::*;

    #[test]
    fn a_log_has_rules_and_results() {
        let log: Value = serde_json::from_str(&rendered(&mut Sarif::new(origin()))).unwrap();
        assert_eq!((&log["version"], &log["runs"][0]["tool"]["driver"]["name"]), (&"2.1.0".into(), &"trailql".into()));
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        assert_eq!((rules.len(), results.len()), (2, 4));
        for result in results {
            let at = result["ruleIndex"].as_u64().unwrap() as usize;
            assert_eq!(rules[at]["id"], result["ruleId"]);
            assert!(["error", "note"].contains(&result["level"].as_str().unwrap()));
        }
        assert_eq!(results[0]["level"], "error");
        let location = &results[0]["locations"][0]["logicalLocations"];
        assert_eq!(location[0]["name"], "e1");
        assert_eq!(location[1]["fullyQualifiedName"], "1000000000000001/cn-hangzhou/Ram/p");
        assert_eq!(results[1]["suppressions"][0]["justification"], "drill");
        assert_eq!(results[2]["occurrenceCount"], 6);
        assert!(results[3].get("locations").is_none());
        assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], true);
    }
}
