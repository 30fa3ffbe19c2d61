//! The result of one query, read batch by batch while the work goes on.

use super::workers::{Deadline, Task};
use super::{EngineError, Shared};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
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
    /// The rows of a batch that [`Self::next_rows`] has not given yet.
    left: Option<RecordBatch>,
}

/// The most rows that are read as values at a time: these take many times the memory of the batch.
const ROWS_AT_ONCE: usize = 1_024;

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
        Ok(Self { shared: Arc::clone(shared), deadline, schema, batches, task: Some(task), left: None })
    }

    /// Returns the names and types of the columns.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Returns the next batch, `None` at the end.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>, EngineError> {
        let next = self.receive();
        if let Err(EngineError::Memory(_)) = next
            && let Some(task) = self.task.take()
        {
            // Others may go on, and need the memory.
            self.shared.workers.end(task, self.deadline.watch);
        }
        next
    }

    fn receive(&mut self) -> Result<Option<RecordBatch>, EngineError> {
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

    /// Calls `take` with every row as a `T`, by column name; a part of a batch of them is in memory at a time.
    pub(super) fn each_row<T: DeserializeOwned>(mut self, mut take: impl FnMut(T)) -> Result<(), EngineError> {
        while let Some(rows) = self.next_rows()? {
            rows.into_iter().for_each(&mut take);
        }
        Ok(())
    }

    /// Reads the next rows as `T`, by column name; `None` at the end.
    pub fn next_rows<T: DeserializeOwned>(&mut self) -> Result<Option<Vec<T>>, EngineError> {
        self.next_part()?.map(|part| values(&part)).transpose()
    }

    /// Reads the next rows as [`Self::next_rows`] does, but only these columns, as far as they are there.
    pub fn next_rows_of<T: DeserializeOwned>(&mut self, columns: &[&str]) -> Result<Option<Vec<T>>, EngineError> {
        let Some(part) = self.next_part()? else { return Ok(None) };
        let schema = part.schema();
        let wanted: Vec<usize> = columns.iter().filter_map(|column| schema.index_of(column).ok()).collect();
        values(&part.project(&wanted).map_err(failed)?).map(Some)
    }

    /// Returns the next rows, as many as are read at a time.
    fn next_part(&mut self) -> Result<Option<RecordBatch>, EngineError> {
        let left = self.left.take();
        let Some(batch) = left.map_or_else(|| self.next_batch(), |left| Ok(Some(left)))? else { return Ok(None) };
        let rows = batch.num_rows().min(ROWS_AT_ONCE);
        if rows < batch.num_rows() {
            self.left = Some(batch.slice(rows, batch.num_rows() - rows));
        }
        Ok(Some(batch.slice(0, rows)))
    }
}

fn values<T: DeserializeOwned>(batch: &RecordBatch) -> Result<Vec<T>, EngineError> {
    let mut json = Vec::new();
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(&mut json);
    writer.write(batch).map_err(failed)?;
    writer.finish().map_err(failed)?;
    drop(writer);
    serde_json::from_slice(&json).map_err(|error| EngineError::Sql(error.to_string()))
}

fn failed(error: ArrowError) -> EngineError {
    EngineError::Sql(error.to_string())
}
