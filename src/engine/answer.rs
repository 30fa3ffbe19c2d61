//! The answer to one question: batches as they come, or rows, or whole events.

use super::memory::Watch;
use super::{EngineError, StopSignal};
use crate::event::rebuild::rebuild;
use crate::lake::batch::read_row;
use arrow::datatypes::SchemaRef;
use arrow::json::WriterBuilder;
use arrow::json::writer::JsonArray;
use arrow::record_batch::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinHandle};

/// How often whoever waits looks at the clock, the memory and the signal to stop.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What ends the work on a question early.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub(super) stop: StopSignal,
    pub(super) watch: Watch,
    pub(super) time_limit: Option<Duration>,
    /// When the question was asked.
    pub(super) begun: Instant,
}

impl Limits {
    /// Fails where the work has to end.
    fn check(&self) -> Result<(), EngineError> {
        if self.stop.is_asked() {
            return Err(EngineError::Stopped);
        }
        if let Some(limit) = self.time_limit.filter(|limit| self.begun.elapsed() >= *limit) {
            return Err(EngineError::OutOfTime(limit));
        }
        if self.watch.is_exceeded() {
            return Err(EngineError::Memory(format!(
                "{} MiB are not enough for what must be held at once",
                self.watch.limit_bytes() >> 20
            )));
        }
        Ok(())
    }

    /// Waits for a future, and gives up when a limit is passed.
    pub(super) async fn wait<F: Future>(&self, future: F) -> Result<F::Output, EngineError> {
        let mut future = std::pin::pin!(future);
        loop {
            if let Ok(done) = tokio::time::timeout(LOOK_EVERY, &mut future).await {
                return Ok(done);
            }
            self.check()?;
        }
    }
}

/// Runs work on a thread of the runtime, where neither its panic nor its length holds up whoever waits.
pub(super) async fn run_apart<T: Send + 'static>(
    limits: &Limits,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, EngineError> {
    let task = tokio::spawn(work);
    let guard = AbortOnDrop(task.abort_handle());
    let done = limits.wait(task).await?;
    drop(guard);
    done.map_err(|error| EngineError::Crashed(panic_text(error)))
}

struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a panic said.
fn panic_text(error: tokio::task::JoinError) -> String {
    match error.try_into_panic() {
        Ok(panic) => crate::faults::panic_message(panic.as_ref()),
        Err(error) => error.to_string(),
    }
}

/// Streams the batches of one answer. The work ends when it is dropped.
pub struct Answer<'e> {
    runtime: &'e Runtime,
    limits: Limits,
    schema: SchemaRef,
    batches: mpsc::Receiver<Result<RecordBatch, EngineError>>,
    task: Option<JoinHandle<()>>,
    _guard: AbortOnDrop,
}

impl<'e> Answer<'e> {
    /// Starts the work; it is at most one batch ahead of whoever reads.
    pub(super) fn start(runtime: &'e Runtime, limits: Limits, mut stream: SendableRecordBatchStream) -> Self {
        let schema = stream.schema();
        let (send, batches) = mpsc::channel(1);
        let task = runtime.spawn(async move {
            while let Some(batch) = stream.next().await {
                let failed = batch.is_err();
                if send.send(batch.map_err(EngineError::from)).await.is_err() || failed {
                    return;
                }
            }
        });
        let _guard = AbortOnDrop(task.abort_handle());
        Self { runtime, limits, schema, batches, task: Some(task), _guard }
    }

    /// Names and types of the columns.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// The next batch, `None` at the end.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>, EngineError> {
        let (limits, batches, task) = (&self.limits, &mut self.batches, &mut self.task);
        self.runtime.block_on(async {
            limits.check()?;
            match limits.wait(batches.recv()).await? {
                Some(batch) => batch.map(Some),
                // All was sent, or the work broke off.
                None => match task.take() {
                    Some(task) => {
                        task.await.map_err(|error| EngineError::Crashed(panic_text(error)))?;
                        Ok(None)
                    }
                    None => Ok(None),
                },
            }
        })
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
}

/// Streams whole events as JSON text; the answer below has the columns of `events`.
pub struct Events<'e> {
    answer: Answer<'e>,
    batch: Option<RecordBatch>,
    row: usize,
}

impl<'e> Events<'e> {
    pub(super) fn of(answer: Answer<'e>) -> Self {
        Self { answer, batch: None, row: 0 }
    }

    /// The next event, `None` at the end.
    pub fn next_event(&mut self) -> Result<Option<String>, EngineError> {
        loop {
            if let Some(batch) = &self.batch
                && self.row < batch.num_rows()
            {
                let event = rebuild(&read_row(batch, self.row));
                self.row += 1;
                return Ok(Some(event));
            }
            self.batch = self.answer.next_batch()?;
            self.row = 0;
            if self.batch.is_none() {
                return Ok(None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Engine, Scope, SessionOptions};
    use crate::lake::manifest::Snapshot;
    use arrow::datatypes::DataType;
    use datafusion::logical_expr::{Volatility, create_udf};
    use std::path::Path;
    use std::sync::Arc;

    #[test]
    fn a_panic_is_an_error_and_the_next_question_is_answered() {
        let options = SessionOptions {
            scope: Scope::default(),
            memory_limit_bytes: 64 << 20,
            owns_process: false,
            threads: 2,
            show_secrets: false,
            redact: false,
            time_limit: None,
            views: Arc::default(),
            tuning: true,
        };
        let engine = Engine::over(Path::new(""), &Snapshot::default(), &options).unwrap();
        let explode = Arc::new(|_: &[_]| panic!("boom"));
        let (int, volatile) = (DataType::Int64, Volatility::Volatile);
        engine.context.register_udf(create_udf("explode", vec![int.clone()], int, volatile, explode));
        for sql in [
            "SELECT explode(1)",
            "SELECT explode(value) FROM generate_series(1, 3)",
            "SELECT value, sum(explode(value)) FROM generate_series(1, 100000) GROUP BY value",
            "SELECT a.value FROM generate_series(1, 9) a JOIN generate_series(1, 9) b ON explode(a.value) = b.value",
        ] {
            let read = engine.sql(sql).and_then(|mut answer| answer.next_batch());
            let error = read.unwrap_err();
            assert!(matches!(&error, EngineError::Crashed(said) if said.contains("boom")), "{sql}: {error}");
        }
        assert_eq!(engine.rows::<serde_json::Value>("SELECT 1 AS x", &[]).unwrap()[0]["x"], 1);
    }
}
