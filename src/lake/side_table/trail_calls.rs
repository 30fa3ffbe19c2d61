//! The side table of the calls that change what trails deliver.
//!
//! The report and coverage ask for these calls of all times, and there are few. They are told by their names alone,
//! which a scan can prove of a question: calls of other services with such a name are in the table too. Reads such as
//! LookupEvents are not, since auditors poll them.

use super::{Condition, SideTable, schema_without};
use crate::event::field::FieldId;
use crate::lake::manifest::SideTableId;
use crate::lake::sort::foreign_batch;
use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use std::sync::{Arc, LazyLock};

/// Names of the calls, in lower case. `ops/sql/trail_changes.sql` and `ops/sql/trail_failures.sql` ask for them.
const NAMES: [&str; 8] = [
    "createtrail",
    "startlogging",
    "updatetrail",
    "stoplogging",
    "deletetrail",
    "putdataeventselector",
    "deletedataeventselector",
    "updateglobaleventsstorageregion",
];

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| schema_without(&[]));

/// Returns `true` for the name of a call, in whatever case.
fn is_name(name: &str) -> bool {
    // Names of other letters may be these in lower case, as `lower` of SQL makes it.
    if name.is_ascii() {
        NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
    } else {
        is_lower(&name.to_lowercase())
    }
}

fn is_lower(name: &str) -> bool {
    NAMES.contains(&name)
}

/// The side table of calls that change trails.
#[derive(Debug)]
pub struct TrailCalls;

impl SideTable for TrailCalls {
    fn id(&self) -> SideTableId {
        SideTableId::TrailCalls
    }

    fn rows_are(&self) -> &'static str {
        "calls that change trails"
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&SCHEMA)
    }

    fn deciding_columns(&self) -> &'static [FieldId] {
        &[FieldId::EventName]
    }

    fn selects(&self, events: &RecordBatch) -> Result<BooleanArray, ArrowError> {
        let names = events.column_by_name(FieldId::EventName.column());
        let names = names.and_then(|names| names.as_string_view_opt()).ok_or_else(foreign_batch)?;
        // Calls of one name stand together.
        let mut last = (None, false);
        let selected = names.iter().map(|name| {
            if last.0 != name {
                last = (name, name.is_some_and(is_name));
            }
            last.1
        });
        Ok(selected.collect::<Vec<bool>>().into())
    }

    fn implied_by(&self, condition: &Condition<'_>) -> bool {
        let is_selected = if condition.in_lower_case { is_lower } else { is_name };
        condition.column == FieldId::EventName.column() && condition.values.iter().all(|name| is_selected(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::field::FieldSet;
    use crate::event::record::{Event, Value};
    use crate::lake::batch::EventBatchBuilder;

    #[test]
    fn questions_for_the_names_are_covered() {
        for (column, in_lower_case, values, covered) in [
            ("event_name", true, &["stoplogging", "createtrail"][..], true),
            ("event_name", true, &["stoplogging", "lookupevents"], false),
            ("event_name", true, &["StopLogging"], false),
            ("event_name", false, &["StopLogging"], true),
            ("event_name", false, &["stoplogging", "DeleteTrail"], true),
            ("event_name", false, &["StopLogging", "LookupEvents"], false),
            ("service_name", true, &["stoplogging"], false),
        ] {
            let condition = Condition { column, in_lower_case, values: values.to_vec() };
            let columns = ["request_parameter_json", "event_date"];
            assert_eq!(TrailCalls.covers(&[condition], &columns), covered, "{column} {in_lower_case} {values:?}");
        }
    }

    #[test]
    fn names_are_selected_in_any_case() {
        // The last is no ASCII text: in lower case its dotless letters stay what they are.
        let names = [
            ("StopLogging", true),
            ("STOPLOGGING", true),
            ("stoplogging ", false),
            ("", false),
            ("LookupEvents", false),
            ("UpdateGlobalEventsStorageRegion", true),
            ("stoplogg\u{131}ng", false),
        ];
        let mut builder = EventBatchBuilder::default();
        builder.append(&Event::default(), FieldSet::ALL);
        for (name, _) in names {
            let mut event = Event::default();
            event.set(FieldId::EventName, Value::Text(name.into()));
            builder.append(&event, FieldSet::ALL);
        }
        let selected = TrailCalls.selects(&builder.finish().unwrap()).unwrap();
        let expected: Vec<bool> = [false].into_iter().chain(names.map(|(_, selected)| selected)).collect();
        assert_eq!(selected.values().iter().collect::<Vec<bool>>(), expected);
    }
}
