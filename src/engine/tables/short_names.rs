//! The table `e`: events with the names that people type at night.

use super::super::{EngineError, quoted};
use crate::event::field::FieldId;
use crate::lake::schema;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::prelude::col;

/// The columns of `e` in their order, with the fields that they are. `date`, the partition, follows them.
const SHORT_NAMES: [(&str, FieldId); 22] = [
    ("time", FieldId::EventTime),
    ("account", FieldId::AccountId),
    ("type", FieldId::UserIdentityType),
    ("user", FieldId::UserIdentityUserName),
    ("principal", FieldId::UserIdentityPrincipalId),
    ("ak", FieldId::UserIdentityAccessKeyId),
    ("service", FieldId::ServiceName),
    ("event", FieldId::EventName),
    ("rw", FieldId::EventRw),
    ("region", FieldId::AcsRegion),
    ("ip", FieldId::SourceIpAddress),
    ("outcome", FieldId::Outcome),
    ("error", FieldId::ErrorCode),
    ("message", FieldId::ErrorMessage),
    ("resource", FieldId::ResourceName),
    ("resource_type", FieldId::ResourceType),
    ("mfa", FieldId::MfaUsed),
    ("agent", FieldId::UserAgent),
    ("params", FieldId::RequestParameters),
    ("response", FieldId::ResponseElements),
    ("request", FieldId::RequestId),
    ("id", FieldId::EventId),
];

/// Plans events under their short names.
pub(super) fn shortened(events: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let named = |short: &str, column: &str| col(quoted(column)).alias(short);
    let fields = SHORT_NAMES.iter().map(|(short, field)| named(short, field.column()));
    let columns: Vec<Expr> = fields.chain([named("date", schema::EVENT_DATE)]).collect();
    Ok(LogicalPlanBuilder::from(events).project(columns)?.build()?)
}
