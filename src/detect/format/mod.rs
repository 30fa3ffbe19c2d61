//! The forms of findings. Each renderer writes one finding after the other, so memory does not grow with them.
//!
//! | form | one document is |
//! |---|---|
//! | [`json`] | an object with `findings`, `views` and `severities`, or one finding a line |
//! | [`sarif`] | a SARIF 2.1.0 log, for code scanning and its viewers |
//! | [`timesketch`] | one event of a timeline a line, for Timesketch |
//! | [`ocsf`] | one OCSF Detection Finding a line, for security lakes |
//! | [`rows`] | record batches, which `engine::output` writes as tables, CSV and Markdown |

pub mod json;
pub mod ocsf;
pub mod rows;
pub mod sarif;
pub mod timesketch;

use super::finding::{Finding, Rule};
use super::summary::Summary;
use crate::engine::output::escape;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::io::{self, Write};
use std::sync::Arc;

/// A form that findings are written in, one after the other.
pub trait Renderer {
    /// Writes what stands before the findings.
    fn begin(&mut self, _rules: &[Arc<Rule>], _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// Writes a finding.
    fn finding(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()>;

    /// Writes what stands behind the findings.
    fn end(&mut self, _summary: &Summary, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// The program, and the time, that a document names as its origin.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// Version of trailql.
    pub version: &'static str,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Writes a value as JSON, with invisible characters escaped.
pub(in crate::detect) fn write_json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string(value)?;
    out.write_all(escape::json(&text).as_bytes())
}

/// Writes a value as one line of JSON.
pub(in crate::detect) fn write_line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    write_json(value, out)?;
    out.write_all(b"\n")
}

#[cfg(test)]
pub(in crate::detect) mod tests {
    use super::super::finding::tests::{finding, rule};
    use super::*;
    use crate::detect::summary::ViewSummary;
    use crate::event::severity::Severity;
    use serde_json::{Value, json};

    /// The rules and findings of the tests: a suppressed one, a group, and one that says next to nothing.
    pub(in crate::detect) fn findings() -> (Vec<Arc<Rule>>, Vec<Finding>) {
        let rules = vec![rule("policy_changed", Severity::Critical), rule("bursts", Severity::Low)];
        let mut known = finding(&rules[0], json!({"event_time": "2026-11-03T11:00:00Z", "event_id": "e2"}));
        known.suppressed = Some("drill".to_owned());
        let one = json!({"event_time": "2026-11-03T19:00:00+09:00", "outcome": "success", "account_id": "1000000000000001",
            "principal": "alice\u{202e}", "source_ip_address": "203.0.113.77", "acs_region": "cn-hangzhou",
            "service_name": "Ram", "event_name": "CreatePolicy", "resource_name": "p", "policy_name": "p", "event_id": "e1"});
        let group = json!({"first_event": "2026-11-03T10:00:00Z", "last_event": "2026-11-03T10:30:00Z", "events": 6,
            "source_ip_address": "Internal", "event_id": "e3"});
        let found =
            vec![finding(&rules[0], one), known, finding(&rules[1], group), finding(&rules[1], json!({"note": 1}))];
        (rules, found)
    }

    /// Renders the findings of the tests.
    pub(in crate::detect) fn rendered(renderer: &mut dyn Renderer) -> String {
        let (rules, findings) = findings();
        let mut summary = Summary { views: rules.iter().map(ViewSummary::new).collect() };
        let mut out = Vec::new();
        renderer.begin(&rules, &mut out).unwrap();
        for finding in &findings {
            let view = summary.views.iter_mut().find(|view| view.rule == finding.rule).unwrap();
            view.add(finding);
            renderer.finding(finding, &mut out).unwrap();
        }
        renderer.end(&summary, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains('\u{202e}'), "{text}");
        text
    }

    /// Reads one JSON document a line.
    pub(in crate::detect) fn lines(text: &str) -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The origin of the tests.
    pub(in crate::detect) fn origin() -> Origin {
        Origin { version: "1.2.3", now: "2026-11-09T08:00:00Z".parse().unwrap() }
    }
}
