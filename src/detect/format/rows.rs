//! Findings and their summary as record batches.

use crate::detect::finding::Finding;
use crate::detect::summary::{Summary, ViewSummary};
use crate::event::severity::Severity;
use arrow::array::{ArrayRef, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, FixedOffset, SecondsFormat};
use std::sync::{Arc, LazyLock};

/// The most principals and addresses that are named in place of their number.
const NAMED: usize = 2;

/// The columns of findings.
static FINDINGS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let field = |name: &str| {
        let kind = if name == "events" { DataType::UInt64 } else { DataType::Utf8 };
        Field::new(name, kind, true)
    };
    let names = [
        "severity",
        "view",
        "category",
        "title",
        "first_event",
        "last_event",
        "events",
        "outcome",
        "account_id",
        "principal",
        "source_ip_address",
        "acs_region",
        "service_name",
        "event_name",
        "resource_name",
        "event_id",
        "details",
        "suppressed",
        "id",
    ];
    Arc::new(Schema::new(names.map(field).to_vec()))
});

/// Returns the columns of findings.
pub fn schema() -> SchemaRef {
    Arc::clone(&FINDINGS)
}

fn time(time: Option<DateTime<FixedOffset>>) -> Option<String> {
    time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, false))
}

/// Makes a batch of findings.
pub fn findings(findings: &[Finding]) -> Result<RecordBatch, ArrowError> {
    let texts = |of: &dyn Fn(&Finding) -> Option<String>| -> ArrayRef {
        Arc::new(findings.iter().map(of).collect::<StringArray>())
    };
    let events = findings.iter().map(|finding| Some(finding.events)).collect::<UInt64Array>();
    let details = |finding: &Finding| {
        let text = serde_json::to_string(&finding.details).ok();
        text.filter(|_| !finding.details.is_empty())
    };
    let columns = vec![
        texts(&|finding| Some(finding.rule.severity.to_string())),
        texts(&|finding| Some(finding.rule.view.clone())),
        texts(&|finding| Some(finding.rule.category.clone())),
        texts(&|finding| Some(finding.rule.title.clone())),
        texts(&|finding| time(finding.first_event)),
        texts(&|finding| time(finding.last_event)),
        Arc::new(events),
        texts(&|finding| finding.outcome.clone()),
        texts(&|finding| finding.account_id.clone()),
        texts(&|finding| finding.principal.clone()),
        texts(&|finding| finding.source_ip_address.clone()),
        texts(&|finding| finding.acs_region.clone()),
        texts(&|finding| finding.service_name.clone()),
        texts(&|finding| finding.event_name.clone()),
        texts(&|finding| finding.resource_name.clone()),
        texts(&|finding| finding.event_id.clone()),
        texts(&details),
        texts(&|finding| finding.suppressed.clone()),
        texts(&|finding| Some(finding.id.clone())),
    ];
    RecordBatch::try_new(schema(), columns)
}

/// Makes a row for each severity.
pub fn severities(summary: &Summary) -> Result<RecordBatch, ArrowError> {
    let rows = summary.by_severity();
    let counts = |of: fn(&crate::detect::summary::SeveritySummary) -> u64| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(of(row))).collect::<UInt64Array>())
    };
    let severities: StringArray = rows.iter().map(|row| Some(row.severity.text())).collect();
    RecordBatch::try_from_iter([
        ("severity", Arc::new(severities) as ArrayRef),
        ("findings", counts(|row| row.findings)),
        ("suppressed", counts(|row| row.suppressed)),
        ("views_with_findings", counts(|row| row.views_with_findings)),
        ("views", counts(|row| row.views)),
    ])
}

/// Makes a row for each view that found something, the most severe first and then by the time of the first event.
pub fn views(summary: &Summary) -> Result<RecordBatch, ArrowError> {
    let mut rows: Vec<&ViewSummary> =
        summary.views.iter().filter(|view| view.findings > 0 || view.suppressed > 0).collect();
    let order = |view: &&ViewSummary| (std::cmp::Reverse::<Severity>(view.rule.severity), view.first_event);
    rows.sort_by_key(order);
    let texts = |of: &dyn Fn(&ViewSummary) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(|view| of(view)).collect::<StringArray>())
    };
    let counts = |of: fn(&ViewSummary) -> u64| -> ArrayRef {
        Arc::new(rows.iter().map(|view| Some(of(view))).collect::<UInt64Array>())
    };
    let example = |view: &ViewSummary| view.examples.iter().find_map(|finding| finding.event_id.clone());
    RecordBatch::try_from_iter([
        ("severity", texts(&|view| Some(view.rule.severity.to_string()))),
        ("view", texts(&|view| Some(view.rule.view.clone()))),
        ("findings", counts(|view| view.findings)),
        ("suppressed", counts(|view| view.suppressed)),
        ("first_event", texts(&|view| time(view.first_event))),
        ("last_event", texts(&|view| time(view.last_event))),
        ("principals", texts(&|view| Some(view.principals.few(NAMED)))),
        ("addresses", texts(&|view| Some(view.addresses.few(NAMED)))),
        ("example_event", texts(&example)),
        ("title", texts(&|view| Some(view.rule.title.clone()))),
    ])
}

#[cfg(test)]
mod tests {
    use super::super::tests::findings as found;
    use super::*;

    #[test]
    fn findings_are_rows() {
        let (rules, list) = found();
        let batch = findings(&list).unwrap();
        assert_eq!(batch.num_rows(), 4);
        let mut summary = Summary { views: rules.iter().map(ViewSummary::new).collect() };
        for finding in &list {
            let view = summary.views.iter_mut().find(|view| view.rule == finding.rule).unwrap();
            view.add(finding);
        }
        assert_eq!((severities(&summary).unwrap().num_rows(), views(&summary).unwrap().num_rows()), (2, 2));
    }
}
