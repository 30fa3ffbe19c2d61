//! Counts, times and examples of findings, by view and by severity. Its size is bounded, whatever is found.

use super::finding::{Finding, Rule};
use crate::event::severity::Severity;
use chrono::{DateTime, FixedOffset};
use serde::{Serialize, Serializer};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most examples of a view.
const EXAMPLES: usize = 3;

/// The most different values that are counted exactly.
const COUNTED_VALUES: usize = 1_000;

/// A number of different values, exact up to a limit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Distinct {
    values: BTreeSet<String>,
    /// There are more than were counted.
    is_more: bool,
}

impl Distinct {
    pub(in crate::detect) fn add(&mut self, value: &Option<String>) {
        let Some(value) = value else { return };
        if self.values.contains(value) {
            return;
        }
        if self.values.len() < COUNTED_VALUES {
            self.values.insert(value.clone());
        } else {
            self.is_more = true;
        }
    }

    /// Adds the values of another.
    pub(in crate::detect) fn merge(&mut self, other: &Self) {
        for value in &other.values {
            self.add(&Some(value.clone()));
        }
        self.is_more |= other.is_more;
    }

    /// Returns the values that were counted, in their order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }

    /// Returns the number as text, `1000+` if there are more.
    pub fn text(&self) -> String {
        format!("{}{}", self.values.len(), if self.is_more { "+" } else { "" })
    }

    /// Returns the values where they are at most so many, and else their number.
    pub fn few(&self, most: usize) -> String {
        if self.values.is_empty() || self.values.len() > most {
            return self.text();
        }
        self.values().collect::<Vec<_>>().join(", ")
    }

    /// Returns the only value, if there is one only.
    pub fn only(&self) -> Option<&str> {
        self.values.first().filter(|_| self.values.len() == 1).map(String::as_str)
    }
}

impl Serialize for Distinct {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.values.len() as u64)
    }
}

/// The findings of a view.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViewSummary {
    /// The view.
    #[serde(flatten)]
    pub rule: Arc<Rule>,
    /// Findings that are not suppressed. The members below are about them.
    pub findings: u64,
    /// Findings that are suppressed.
    pub suppressed: u64,
    /// Time of the first event.
    #[serde(serialize_with = "time")]
    pub first_event: Option<DateTime<FixedOffset>>,
    /// Time of the last event.
    #[serde(serialize_with = "time")]
    pub last_event: Option<DateTime<FixedOffset>>,
    /// Those who acted.
    pub principals: Distinct,
    /// Addresses that they acted from.
    pub addresses: Distinct,
    /// The first findings.
    pub examples: Vec<Finding>,
    /// Reason why the view could not be answered.
    pub error: Option<String>,
}

fn time<S: Serializer>(time: &Option<DateTime<FixedOffset>>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.to_rfc3339()).serialize(serializer)
}

impl ViewSummary {
    /// Makes the summary of no findings.
    pub fn new(rule: &Arc<Rule>) -> Self {
        Self {
            rule: Arc::clone(rule),
            findings: 0,
            suppressed: 0,
            first_event: None,
            last_event: None,
            principals: Distinct::default(),
            addresses: Distinct::default(),
            examples: Vec::new(),
            error: None,
        }
    }

    /// Returns `true` if there are as many examples as are kept.
    pub fn has_examples(&self) -> bool {
        self.examples.len() >= EXAMPLES
    }

    /// Counts a finding.
    pub fn add(&mut self, finding: &Finding) {
        if finding.suppressed.is_some() {
            self.suppressed += 1;
            return;
        }
        self.findings += 1;
        self.first_event = [self.first_event, finding.first_event].into_iter().flatten().min();
        self.last_event = [self.last_event, finding.last_event].into_iter().flatten().max();
        self.principals.add(&finding.principal);
        self.addresses.add(&finding.source_ip_address);
        if self.examples.len() < EXAMPLES {
            self.examples.push(finding.clone());
        }
    }
}

/// The findings of a severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SeveritySummary {
    /// The severity.
    pub severity: Severity,
    /// Views of it that were asked.
    pub views: u64,
    /// Those of them that found something.
    pub views_with_findings: u64,
    /// Findings that are not suppressed.
    pub findings: u64,
    /// Findings that are suppressed.
    pub suppressed: u64,
}

/// The findings of all views.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Every view that was asked, in the order in which they were.
    pub views: Vec<ViewSummary>,
}

impl Summary {
    /// Returns the counts by severity, the highest first. Severities of no view are left out.
    pub fn by_severity(&self) -> Vec<SeveritySummary> {
        let of = |severity: Severity| {
            let views = || self.views.iter().filter(move |view| view.rule.severity == severity);
            SeveritySummary {
                severity,
                views: views().count() as u64,
                views_with_findings: views().filter(|view| view.findings > 0).count() as u64,
                findings: views().map(|view| view.findings).sum(),
                suppressed: views().map(|view| view.suppressed).sum(),
            }
        };
        Severity::ALL.into_iter().rev().map(of).filter(|severity| severity.views > 0).collect()
    }

    /// Returns `true` if something was found that is as severe, or more, and not suppressed.
    pub fn has_findings(&self, severity: Severity) -> bool {
        self.views.iter().any(|view| view.findings > 0 && view.rule.severity >= severity)
    }

    /// Returns the views that could not be answered, with the reasons.
    pub fn errors(&self) -> impl Iterator<Item = (&str, &str)> {
        self.views.iter().filter_map(|view| Some((view.rule.view.as_str(), view.error.as_deref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::tests::{finding, rule};
    use super::*;
    use serde_json::json;

    #[test]
    fn findings_are_counted_and_some_are_kept() {
        let rule = rule("v", Severity::High);
        let mut summary = ViewSummary::new(&rule);
        for n in [5, 3, 7, 4, 6] {
            summary.add(&finding(
                &rule,
                json!({"event_time": format!("2026-11-0{n}T00:00:00Z"), "principal": "alice",
                    "source_ip_address": format!("203.0.113.{n}")}),
            ));
        }
        let mut known = finding(&rule, json!({"event_time": "2026-11-01T00:00:00Z", "principal": "bob"}));
        known.suppressed = Some("known".to_owned());
        summary.add(&known);
        assert_eq!((summary.findings, summary.suppressed, summary.examples.len()), (5, 1, EXAMPLES));
        assert_eq!(summary.first_event.unwrap().to_rfc3339(), "2026-11-03T00:00:00+00:00");
        assert_eq!(summary.last_event.unwrap().to_rfc3339(), "2026-11-07T00:00:00+00:00");
        assert_eq!((summary.principals.only(), summary.addresses.text().as_str()), (Some("alice"), "5"));
        let all =
            Summary { views: vec![summary, ViewSummary::new(&super::super::finding::tests::rule("w", Severity::Low))] };
        let counts: Vec<_> =
            all.by_severity().iter().map(|s| (s.severity, s.views, s.findings, s.suppressed)).collect();
        assert_eq!(counts, [(Severity::High, 1, 5, 1), (Severity::Low, 1, 0, 0)]);
        assert!(all.has_findings(Severity::Medium) && !all.has_findings(Severity::Critical));
    }

    #[test]
    fn many_values_are_not_kept() {
        let mut distinct = Distinct::default();
        for n in 0..2 * COUNTED_VALUES {
            distinct.add(&Some(n.to_string()));
        }
        assert_eq!((distinct.values.len(), distinct.text().as_str()), (COUNTED_VALUES, "1000+"));
    }
}
