//! The tables of a session over the files of a lake: `events` in scope, in the session's zone and masked, and the
//! tables that tell where they came from.

use super::catalog::{self, FilesTable, LakeTable};
use super::{EngineError, ResolvedScope, Shared, describe, functions, in_memory, masking, quoted, scan};
use crate::event::field::{FIELDS, Kind};
use crate::event::secret::Masker;
use crate::event::time::Zone;
use crate::lake::manifest::{Snapshot, TableFile};
use crate::lake::schema;
use arrow::datatypes::{DataType, SchemaRef, TimeUnit};
use datafusion::catalog::TableProvider;
use datafusion::datasource::ViewTable;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan, cast};
use datafusion::prelude::{SessionContext, col};
use std::path::Path;
use std::sync::Arc;

/// Every table that is no view, with a description of its rows.
pub(super) const TABLES: [(&str, &str); 8] = [
    ("events", "Events in scope, one a row"),
    ("undated_events", "Events without a time that can be read, which no range holds"),
    ("fields", "Columns of events, with their SLS names"),
    ("sources", "Files that were read, with what came of each"),
    ("rejects", "Records that could not be read, with the reason"),
    ("copies", "Places at which a stored event was found again"),
    ("runs", "Commits of the lake"),
    ("files", "Data files of the lake"),
];

/// Registers the tables of a session.
pub(super) fn register(context: &SessionContext, lake: &Shared, scope: &ResolvedScope) -> Result<(), EngineError> {
    let (root, snapshot) = (&lake.root, &lake.snapshot);
    let masker = (!lake.options.show_secrets).then_some(&lake.masker);
    for (name, filters) in [("events", scope.filters()), ("undated_events", scope.undated_filters())] {
        let events = scoped_events(&lake.events, filters, scope.tz, masker)?;
        context.register_table(name, Arc::new(ViewTable::new(events, None)))?;
    }
    context.register_table("sources", versioned(root, &snapshot.sources, schema::sources())?)?;
    let rejects = newest_readings(versioned(root, &snapshot.rejects, schema::rejects())?, snapshot)?;
    let rejects = match masker {
        Some(masker) => masking::rejects(rejects, masker)?,
        None => rejects,
    };
    context.register_table("rejects", rejects)?;
    let copies = versioned(root, &snapshot.copies, schema::copies())?;
    context.register_table("copies", newest_readings(copies, snapshot)?)?;
    for (name, batch) in [("runs", catalog::runs(snapshot)?), ("fields", describe::fields()?)] {
        context.register_table(name, in_memory(batch)?)?;
    }
    context.register_table("files", Arc::new(FilesTable::new(snapshot)))?;
    Ok(())
}

/// Plans the events in scope, with times in the session's zone and, where there is a masker, without secrets.
pub(super) fn scoped_events(
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

/// Joins merged and single files of a table. Every row has the number of its commit, from the file or the manifest.
fn versioned(root: &Path, files: &[TableFile], columns: SchemaRef) -> Result<Arc<dyn TableProvider>, EngineError> {
    let table = Arc::new(LakeTable::table(root, files, Arc::clone(&columns)));
    let Some(merged) = LakeTable::merged(root, files, columns) else { return Ok(table) };
    let plan = scan("merged", Arc::new(merged))?.union(scan("single", table)?.build()?)?.build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

/// Keeps the rows of a table that belong to the newest reading of their source.
fn newest_readings(table: Arc<dyn TableProvider>, snapshot: &Snapshot) -> Result<Arc<dyn TableProvider>, EngineError> {
    if snapshot.retried.is_empty() {
        return Ok(table);
    }
    let columns: Vec<Expr> = table.schema().fields().iter().map(|field| col(quoted(field.name()))).collect();
    let retried = scan("retried", in_memory(catalog::retried(snapshot)?)?)?.build()?;
    let older = col(schema::VERSION).lt(col("retried_version"));
    let plan = scan("readings", table)?
        .join(retried, JoinType::LeftAnti, (vec!["source_id"], vec!["retried_source_id"]), Some(older))?
        .project(columns)?
        .build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}
