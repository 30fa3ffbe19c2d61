//! The table `files`: one row a data file.

use crate::event::field::Kind;
use crate::lake::manifest::{DataFile, DataFiles, Snapshot};
use crate::lake::schema;
use arrow::array::{ArrayRef, Date32Array, StringViewArray, TimestampMicrosecondArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::MemTable;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use std::sync::Arc;

/// The table `files`. Its rows are made when a question asks for them.
#[derive(Debug)]
pub(super) struct FilesTable {
    files: DataFiles,
    schema: SchemaRef,
}

impl FilesTable {
    /// Makes the table of the data files of a snapshot.
    pub(super) fn new(snapshot: &Snapshot) -> Self {
        let time = || schema::data_type(Kind::Time);
        let fields = vec![
            Field::new("path", DataType::Utf8View, false),
            Field::new(schema::EVENT_DATE, DataType::Date32, true),
            Field::new("rows", DataType::UInt64, false),
            Field::new("bytes", DataType::UInt64, false),
            Field::new("sha256", DataType::Utf8View, false),
            Field::new("min_event_time", time(), true),
            Field::new("max_event_time", time(), true),
        ];
        Self { files: snapshot.files.clone(), schema: Arc::new(Schema::new(fields)) }
    }

    fn rows(&self) -> Result<RecordBatch> {
        let files = self.files.all().map_err(|error| DataFusionError::External(Box::new(error)))?;
        let texts = |of: fn(&DataFile) -> &str| -> ArrayRef {
            Arc::new(files.iter().map(|file| Some(of(file))).collect::<StringViewArray>())
        };
        let counts = |of: fn(&DataFile) -> u64| -> ArrayRef {
            Arc::new(files.iter().map(|file| Some(of(file))).collect::<UInt64Array>())
        };
        let times = |of: fn(&DataFile) -> Option<i64>| -> ArrayRef {
            let times: TimestampMicrosecondArray = files.iter().map(|file| of(file)).collect();
            Arc::new(times.with_timezone("UTC"))
        };
        let columns = vec![
            texts(|file| &file.path),
            Arc::new(files.iter().map(|file| file.event_day).collect::<Date32Array>()),
            counts(|file| file.rows),
            counts(|file| file.bytes),
            texts(|file| &file.sha256),
            times(|file| file.min_event_time),
            times(|file| file.max_event_time),
        ];
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

#[async_trait]
impl TableProvider for FilesTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows = MemTable::try_new(self.schema(), vec![vec![self.rows()?]])?;
        rows.scan(state, projection, filters, limit).await
    }
}
