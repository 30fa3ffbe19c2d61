//! Tables whose rows belong to commits: `sources`, `rejects` and `copies`.
//!
//! A file belongs to one commit, whose number the manifest knows, or was merged from several and has the number as a
//! column. Rows of a source that was read again are those of its newest reading.

use super::super::{EngineError, in_memory, quoted, scan};
use super::LakeTable;
use crate::lake::manifest::{Snapshot, TableFile};
use crate::lake::schema;
use arrow::array::{ArrayRef, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::datasource::ViewTable;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, JoinType};
use datafusion::prelude::col;
use std::path::Path;
use std::sync::Arc;

/// Joins merged and single files of a table. Every row has the number of its commit, from the file or the manifest.
pub(super) fn versioned(
    root: &Path,
    files: &[TableFile],
    columns: SchemaRef,
) -> Result<Arc<dyn TableProvider>, EngineError> {
    let table = Arc::new(LakeTable::table(root, files, Arc::clone(&columns)));
    let Some(merged) = LakeTable::merged(root, files, columns) else { return Ok(table) };
    let plan = scan("merged", Arc::new(merged))?.union(scan("single", table)?.build()?)?.build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

/// Keeps the rows of a table that belong to the newest reading of their source.
pub(super) fn newest_readings(
    table: Arc<dyn TableProvider>,
    snapshot: &Snapshot,
) -> Result<Arc<dyn TableProvider>, EngineError> {
    if snapshot.retried.is_empty() {
        return Ok(table);
    }
    let columns: Vec<Expr> = table.schema().fields().iter().map(|field| col(quoted(field.name()))).collect();
    let retried = scan("retried", in_memory(retried(snapshot)?)?)?.build()?;
    let older = col(schema::VERSION).lt(col("retried_version"));
    let plan = scan("readings", table)?
        .join(retried, JoinType::LeftAnti, (vec!["source_id"], vec!["retried_source_id"]), Some(older))?
        .project(columns)?
        .build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

/// Returns the sources that were read again, each with the commit of its newest reading.
fn retried(snapshot: &Snapshot) -> Result<RecordBatch> {
    let fields = vec![
        Field::new("retried_source_id", DataType::Utf8, false),
        Field::new("retried_version", DataType::UInt64, false),
    ];
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(snapshot.retried.keys())),
        Arc::new(UInt64Array::from_iter_values(snapshot.retried.values().copied())),
    ];
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}
