//! Answers to statements that depend on no other, asked by threads while the report is begun.
//!
//! A report of a week asks some twenty small statements, and to plan one takes as long as to answer it. One after the
//! other they would leave most processors idle.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, Scope, ScopedJoinHandle};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::engine::{EngineError, Param, Session};
use crate::faults;

/// The most threads that ask ahead.
const MAX_THREADS: usize = 2;

/// A statement with its parameters.
pub(super) type Asking = (&'static str, Vec<(&'static str, Param)>);

/// Rows by statement.
#[derive(Debug, Default)]
pub(super) struct Answers(Mutex<BTreeMap<&'static str, Vec<Value>>>);

impl Answers {
    /// Takes the rows of a statement out, if it was asked ahead.
    pub(super) fn take<T: DeserializeOwned>(&self, sql: &str) -> Option<Result<Vec<T>, EngineError>> {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(sql)?;
        let read = |row| serde_json::from_value(row).map_err(|error| EngineError::Sql(error.to_string()));
        Some(rows.into_iter().map(read).collect())
    }

    fn put(&self, sql: &'static str, rows: Vec<Value>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(sql, rows);
    }
}

/// Threads that ask statements.
pub(super) struct Ahead<'scope> {
    threads: Vec<ScopedJoinHandle<'scope, Result<(), EngineError>>>,
}

impl<'scope> Ahead<'scope> {
    /// Starts to ask, if the session has more than one thread. Answers that are not there are asked for when they are
    /// needed.
    pub(super) fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        session: &Session,
        next: &'env AtomicUsize,
        statements: &'env [Asking],
        answers: &'env Answers,
    ) -> Result<Self, EngineError> {
        let mut threads = Vec::new();
        let count = if session.threads() > 1 { MAX_THREADS } else { 0 };
        for number in 0..count {
            let session = session.with_threads(session.threads() / count)?;
            let ask = move || {
                let asked = faults::catch(|| {
                    while let Some((sql, params)) = statements.get(next.fetch_add(1, Ordering::Relaxed)) {
                        answers.put(sql, session.rows(sql, params)?);
                    }
                    Ok(())
                });
                asked.unwrap_or_else(|message| Err(EngineError::Crashed(message)))
            };
            let thread = Builder::new().name(format!("report-{number}")).spawn_scoped(scope, ask);
            threads.push(thread.map_err(|error| EngineError::Crashed(error.to_string()))?);
        }
        Ok(Self { threads })
    }

    /// Waits until everything is answered.
    pub(super) fn finish(self) -> Result<(), EngineError> {
        for thread in self.threads {
            thread.join().map_err(|panic| EngineError::Crashed(faults::panic_message(panic.as_ref())))??;
        }
        Ok(())
    }
}
