//! The answer to one question: batches as they come, or rows, or whole events.

use super::{EngineError, StopSignal};
use crate::event::rebuild::rebuild;
use crate::lake::batch::read_row;
use arrow::datatypes::SchemaRef;
use arrow::json::WriterBuilder;
use arrow::json::writer::JsonArray;
use arrow::record_batch::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use futures::future::{Either, select};
use serde::de::DeserializeOwned;
use tokio::runtime::Runtime;

/// Streams the batches of one answer.
pub struct Answer<'e> {
    runtime: &'e Runtime,
    stop: &'e StopSignal,
    stream: SendableRecordBatchStream,
}

impl<'e> Answer<'e> {
    pub(super) fn new(runtime: &'e Runtime, stop: &'e StopSignal, stream: SendableRecordBatchStream) -> Self {
        Self { runtime, stop, stream }
    }

    /// Names and types of the columns.
    pub fn schema(&self) -> SchemaRef {
        self.stream.schema()
    }

    /// The next batch, `None` at the end.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>, EngineError> {
        let next = self.runtime.block_on(async {
            let asked = std::pin::pin!(self.stop.asked());
            match select(self.stream.next(), asked).await {
                Either::Left((batch, _)) => Ok(batch),
                Either::Right(_) => Err(EngineError::Stopped),
            }
        })?;
        Ok(next.transpose()?)
    }

    /// Every row as a `T`, by column name.
    pub(super) fn rows<T: DeserializeOwned>(self) -> Result<Vec<T>, EngineError> {
        let mut rows = Vec::new();
        self.each_row(|row| rows.push(row))?;
        Ok(rows)
    }

    /// Calls `take` with every row as a `T`, by column name; one batch of them is in memory at a time.
    pub(super) fn each_row<T: DeserializeOwned>(mut self, mut take: impl FnMut(T)) -> Result<(), EngineError> {
        while let Some(batch) = self.next_batch()? {
            let mut json = Vec::new();
            let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(&mut json);
            let failed = |error: arrow::error::ArrowError| EngineError::Sql(error.to_string());
            writer.write(&batch).map_err(failed)?;
            writer.finish().map_err(failed)?;
            drop(writer);
            let rows: Vec<T> = serde_json::from_slice(&json).map_err(|error| EngineError::Sql(error.to_string()))?;
            rows.into_iter().for_each(&mut take);
        }
        Ok(())
    }

    /// Every row as a whole event in JSON; the answer must have the columns of `events`.
    pub(super) fn events(mut self) -> Result<Vec<String>, EngineError> {
        let mut events = Vec::new();
        while let Some(batch) = self.next_batch()? {
            events.extend((0..batch.num_rows()).map(|row| rebuild(&read_row(&batch, row))));
        }
        Ok(events)
    }
}
