//! Findings as JSON: one document with the summary, or one finding a line.

use super::{Renderer, write_json, write_line};
use crate::detect::finding::{Finding, Rule};
use crate::detect::summary::Summary;
use std::io::{self, Write};
use std::sync::Arc;

/// One object: `findings`, then `views` and `severities`.
#[derive(Debug, Default)]
pub struct Json {
    written: u64,
}

impl Renderer for Json {
    fn begin(&mut self, _rules: &[Arc<Rule>], out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{\"findings\":[")
    }

    fn finding(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.written == 0 { b"\n" } else { b",\n" })?;
        self.written += 1;
        write_json(finding, out)
    }

    fn end(&mut self, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n],\"views\":")?;
        write_json(&summary.views, out)?;
        out.write_all(b",\"severities\":")?;
        write_json(&summary.by_severity(), out)?;
        out.write_all(b"}\n")
    }
}

/// One finding a line.
#[derive(Debug, Default)]
pub struct JsonLines;

impl Renderer for JsonLines {
    fn finding(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        write_line(finding, out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{lines, rendered};
    use super::*;
    use serde_json::Value;

    #[test]
    fn one_document_has_all() {
        let document: Value = serde_json::from_str(&rendered(&mut Json::default())).unwrap();
        let findings = document["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 4);
        assert_eq!(findings[0]["first_event"], "2026-11-03T19:00:00+09:00");
        assert_eq!(findings[0]["details"]["policy_name"], "p");
        assert_eq!((&findings[1]["suppressed"], &findings[2]["events"]), (&"drill".into(), &6.into()));
        assert_eq!(document["views"][0]["view"], "policy_changed");
        assert_eq!((&document["views"][0]["findings"], &document["views"][0]["suppressed"]), (&1.into(), &1.into()));
        assert_eq!(document["severities"][0]["severity"], "critical");
        assert_eq!(lines(&rendered(&mut JsonLines)), findings.clone());
    }

    #[test]
    fn nothing_is_a_document_too() {
        let mut out = Vec::new();
        let mut json = Json::default();
        json.begin(&[], &mut out).unwrap();
        json.end(&Summary::default(), &mut out).unwrap();
        let document: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(document["findings"].as_array().map(Vec::len), Some(0));
    }
}
