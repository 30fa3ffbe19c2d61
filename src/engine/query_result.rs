//! The result of one query, read batch by batch while the work goes on.

use super::workers::{Deadline, Task};
use super::{EngineError, Shared};
use arrow::datatypes::SchemaRef;
use arrow::json::WriterBuilder;
use arrow::json::writer::JsonArray;
use arrow::record_batch::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Streams the batches of one query. The work ends when it is dropped.
pub struct QueryResult {
    shared: Arc<Shared>,
    deadline: Deadline,
    schema: SchemaRef,
    batches: mpsc::Receiver<Result<RecordBatch, EngineError>>,
    /// `None` after the end.
    task: Option<Task<()>>,
}

impl QueryResult {
    /// Starts the work; it is at most one batch ahead of the reader.
    pub(super) fn start(
        shared: &Arc<Shared>,
        deadline: Deadline,
        mut stream: SendableRecordBatchStream,
    ) -> Result<Self, EngineError> {
        let schema = stream.schema();
        let (send, batches) = mpsc::channel(1);
        let task = shared.workers.spawn(async move {
            while let Some(batch) = stream.next().await {
                let failed = batch.is_err();
                if send.send(batch.map_err(EngineError::from)).await.is_err() || failed {
                    return;
                }
            }
        })?;
        Ok(Self { shared: Arc::clone(shared), deadline, schema, batches, task: Some(task) })
    }

    /// Returns the names and types of the columns.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Returns the next batch, `None` at the end.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>, EngineError> {
        self.deadline.check()?;
        if let Some(batch) = self.shared.workers.wait(&self.deadline, self.batches.recv())? {
            return batch.map(Some);
        }
        // The work is done, or it panicked.
        match self.task.take() {
            Some(mut task) => self.shared.workers.wait(&self.deadline, task.join())?.map(|()| None),
            None => Ok(None),
        }
    }

    /// Reads every row as a `T`, by column name.
    pub fn rows<T: DeserializeOwned>(self) -> Result<Vec<T>, EngineError> {
        let mut rows = Vec::new();
        self.each_row(|row| rows.push(row))?;
        Ok(rows)
    }

    /// Calls `take` with every row as a `T`, by column name; one batch of them is in memory at a time.
    pub(super) fn each_row<T: DeserializeOwned>(mut self, mut take: impl FnMut(T)) -> Result<(), EngineError> {
        while let Some(rows) = self.next_rows()? {
            rows.into_iter().for_each(&mut take);
        }
        Ok(())
    }

    /// Reads the rows of the next batch as `T`, by column name; `None` at the end.
    pub fn next_rows<T: DeserializeOwned>(&mut self) -> Result<Option<Vec<T>>, EngineError> {
        let Some(batch) = self.next_batch()? else { return Ok(None) };
        let mut json = Vec::new();
        let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(&mut json);
        let failed = |error: arrow::error::ArrowError| EngineError::Sql(error.to_string());
        writer.write(&batch).map_err(failed)?;
        writer.finish().map_err(failed)?;
        drop(writer);
        serde_json::from_slice(&json).map(Some).map_err(|error| EngineError::Sql(error.to_string()))
    }
}
