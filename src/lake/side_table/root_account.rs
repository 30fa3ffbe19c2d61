//! The side table of the account itself (root).
//!
//! Most questions over weeks and years are about root, which does little on most days. See the root views in
//! `benches/RESULTS.md`.
//!
//! The table lacks `request_parameter_json`, which repeats the request parameters and would be a third of its size.

use super::{Condition, SideTable, schema_without};
use crate::event::field::FieldId;
use crate::event::ids::ROOT;
use crate::lake::manifest::SideTableId;
use crate::lake::sort::foreign_batch;
use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use std::sync::{Arc, LazyLock};

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| schema_without(&[FieldId::RequestParameterJson]));

/// The side table of root.
#[derive(Debug)]
pub struct RootAccount;

impl SideTable for RootAccount {
    fn id(&self) -> SideTableId {
        SideTableId::RootAccount
    }

    fn rows_are(&self) -> &'static str {
        "of the account itself"
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&SCHEMA)
    }

    fn deciding_columns(&self) -> &'static [FieldId] {
        &[FieldId::UserIdentityType]
    }

    fn selects(&self, events: &RecordBatch) -> Result<BooleanArray, ArrowError> {
        let types = events.column_by_name(FieldId::UserIdentityType.column());
        let types = types.and_then(|types| types.as_string_view_opt()).ok_or_else(foreign_batch)?;
        Ok(types.iter().map(|kind| kind == Some(ROOT)).collect::<Vec<bool>>().into())
    }

    fn implied_by(&self, condition: &Condition<'_>) -> bool {
        condition.column == FieldId::UserIdentityType.column() && !condition.in_lower_case && condition.values == [ROOT]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_about_root_and_its_columns_are_covered() {
        let is = |column: &'static str, values: &[&'static str]| Condition {
            column,
            in_lower_case: false,
            values: values.to_vec(),
        };
        let root = || is("user_identity_type", &[ROOT]);
        for (conditions, columns, covered) in [
            (vec![root()], &["event_name", "event_date"][..], true),
            (vec![is("event_name", &["X"]), root()], &[], true),
            (vec![root()], &["request_parameters"], true),
            (vec![root()], &["request_parameter_json"], false),
            (vec![root()], &["no_such_column"], false),
            (vec![is("user_identity_type", &["ram-user"])], &["event_name"], false),
            (vec![is("user_identity_type", &[ROOT, "ram-user"])], &["event_name"], false),
            (vec![is("event_name", &[ROOT])], &["event_name"], false),
            // Another spelling is no row of the table.
            (vec![Condition { in_lower_case: true, ..root() }], &["event_name"], false),
            (vec![], &["event_name"], false),
        ] {
            assert_eq!(RootAccount.covers(&conditions, columns), covered, "{conditions:?} {columns:?}");
        }
    }
}
