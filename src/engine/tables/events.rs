//! The table `events` as a session sees it: in scope, in its zone, and masked.

use super::super::{EngineError, functions, masking, quoted, scan};
use crate::event::field::{FIELDS, Kind};
use crate::event::secret::Masker;
use crate::event::time::Zone;
use crate::lake::schema;
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::catalog::TableProvider;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, LogicalPlan, cast};
use datafusion::prelude::col;
use std::sync::Arc;

/// Plans the events in scope, with times in the session's zone and, where there is a masker, without secrets.
pub(in super::super) fn scoped_events(
    events: &Arc<dyn TableProvider>,
    filters: Vec<Expr>,
    tz: Zone,
    masker: Option<&Masker>,
) -> Result<LogicalPlan, EngineError> {
    let mut builder = scan("events", Arc::clone(events))?;
    if let Some(filter) = conjunction(filters) {
        builder = builder.filter(filter)?;
    }
    let in_zone = |expr: Expr| {
        let zone: Arc<str> = tz.name().into();
        cast(expr, DataType::Timestamp(TimeUnit::Microsecond, Some(zone)))
    };
    let columns = FIELDS.iter().map(|field| {
        let column = col(quoted(field.column));
        if field.kind == Kind::Time && tz != Zone::UTC {
            return in_zone(column).alias(field.column);
        }
        match masker.filter(|masker| masking::hides(masker, field)) {
            Some(masker) => functions::mask_secrets(masker.clone()).call(vec![column]).alias(field.column),
            None => column,
        }
    });
    let columns: Vec<Expr> = columns.chain([col(schema::EVENT_DATE)]).collect();
    Ok(builder.project(columns)?.build()?)
}
