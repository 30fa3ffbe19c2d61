//! The threads that plan and answer, and how a caller waits for them.
//!
//! Work runs on threads of a Tokio runtime with large stacks. The caller blocks, and gives up when somebody asks to
//! stop, when the time is over or when memory is. Waiting parks the thread instead of entering the runtime, so an
//! engine can be made, asked and dropped from a handler of an async server as well.

use super::EngineError;
use super::memory::Watch;
use super::stop::StopSignal;
use crate::deep_stack::STACK_BYTES;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{AbortHandle, JoinError, unconstrained};

/// The time that dropped workers are given for work that has been given up.
const SHUTDOWN: Duration = Duration::from_secs(3);

/// The interval at which a caller that waits checks its limits.
const CHECK_EVERY: Duration = Duration::from_millis(10);

/// Limits of one question, set by whoever asks it.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Ends the work when somebody asks for it.
    pub stop: StopSignal,
    /// The longest time that an answer may take; `None` means as long as it takes.
    pub time_limit: Option<Duration>,
}

/// The limits of a question that has begun.
#[derive(Debug, Clone)]
pub(super) struct Deadline {
    limits: Limits,
    pub(super) watch: Watch,
    begun: Instant,
}

impl Deadline {
    /// Starts the clock.
    pub(super) fn start(limits: &Limits, watch: Watch) -> Self {
        Self { limits: limits.clone(), watch, begun: Instant::now() }
    }

    /// Fails if the work has to end.
    pub(super) fn check(&self) -> Result<(), EngineError> {
        if self.limits.stop.is_asked() {
            return Err(EngineError::Stopped);
        }
        if let Some(limit) = self.limits.time_limit.filter(|limit| self.begun.elapsed() >= *limit) {
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
}

/// The runtime of an engine.
#[derive(Debug)]
pub(super) struct Workers {
    /// `None` only while the workers are dropped.
    runtime: Option<Runtime>,
    /// Set when a question took too much memory: what it started is not waited for.
    is_out_of_memory: AtomicBool,
}

impl Workers {
    /// Starts the threads.
    pub(super) fn start(threads: usize) -> Result<Self, EngineError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            .thread_stack_size(STACK_BYTES)
            // They read what was spilled. Each keeps memory of its own with the C library.
            .max_blocking_threads(threads.max(1))
            .enable_time()
            .build()
            .map_err(|error| EngineError::Sql(format!("cannot start threads: {error}")))?;
        Ok(Self { runtime: Some(runtime), is_out_of_memory: AtomicBool::new(false) })
    }

    /// Starts work. It is aborted when the task is dropped.
    pub(super) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<Task<T>, EngineError> {
        let handle = self.runtime.as_ref().ok_or(EngineError::Stopped)?.spawn(work);
        Ok(Task { abort: handle.abort_handle(), handle })
    }

    /// Runs work on a worker and waits for it. Its panic becomes an error.
    pub(super) fn run<T: Send + 'static>(
        &self,
        deadline: &Deadline,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, EngineError> {
        let mut task = self.spawn(work)?;
        self.wait(deadline, task.join())?
    }

    /// Ends work that took too much memory, and waits until others have room again, each for at most [`SHUTDOWN`].
    pub(super) fn end<T>(&self, mut task: Task<T>, watch: Watch) {
        task.abort.abort();
        let limits = Limits { time_limit: Some(SHUTDOWN), ..Limits::default() };
        let _ = self.wait(&Deadline::start(&limits, Watch::OFF), task.join());
        // What the task started ends by itself, a little later.
        let begun = Instant::now();
        while watch.is_exceeded() && begun.elapsed() < SHUTDOWN {
            std::thread::sleep(CHECK_EVERY);
        }
    }

    /// Waits for a future that the runtime drives, such as a task or a channel.
    pub(super) fn wait<F: Future>(&self, deadline: &Deadline, future: F) -> Result<F::Output, EngineError> {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        // A caller inside another runtime has a budget of polls, which only that runtime renews.
        let mut future = pin!(unconstrained(future));
        loop {
            if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
                return Ok(done);
            }
            deadline.check().inspect_err(|error| {
                if matches!(error, EngineError::Memory(_)) {
                    self.is_out_of_memory.store(true, Ordering::Relaxed);
                }
            })?;
            std::thread::park_timeout(CHECK_EVERY);
        }
    }
}

impl Drop for Workers {
    /// Ends work that nobody waits for any more, and lets it remove its temporary files.
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        let patience = if *self.is_out_of_memory.get_mut() { Duration::ZERO } else { SHUTDOWN };
        // A thread of another runtime must not wait for this one to end.
        let ending = std::thread::Builder::new().spawn(move || runtime.shutdown_timeout(patience));
        drop(ending.map(std::thread::JoinHandle::join));
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Work on a worker; it is aborted when this is dropped.
pub(super) struct Task<T> {
    handle: tokio::task::JoinHandle<T>,
    abort: AbortHandle,
}

impl<T> Task<T> {
    /// Waits for the end of the work. Its panic becomes an error.
    pub(super) async fn join(&mut self) -> Result<T, EngineError> {
        (&mut self.handle).await.map_err(|error| EngineError::Crashed(panic_text(error)))
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

/// The message of a panic.
fn panic_text(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(panic) => crate::faults::panic_message(panic.as_ref()),
        Err(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unlimited() -> Deadline {
        Deadline::start(&Limits::default(), Watch::OFF)
    }

    #[test]
    fn an_async_caller_may_start_wait_and_drop() {
        for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
            let runtime = builder.enable_all().build().unwrap();
            let sum = runtime.block_on(async {
                let workers = Workers::start(2).unwrap();
                // More polls than the budget of one task has.
                (0..1000).map(|n| workers.run(&unlimited(), async move { n }).unwrap()).sum::<u64>()
            });
            assert_eq!(sum, 499_500);
        }
    }

    #[test]
    fn each_question_has_a_stop_signal_of_its_own() {
        let workers = Workers::start(1).unwrap();
        let stopped = Limits::default();
        stopped.stop.ask();
        let forever = std::future::pending::<()>();
        let deadline = Deadline::start(&stopped, Watch::OFF);
        assert!(matches!(workers.run(&deadline, forever), Err(EngineError::Stopped)));
        assert_eq!(workers.run(&unlimited(), async { 1 }).unwrap(), 1);
    }
}
