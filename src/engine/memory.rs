//! The limit of memory of a question.
//!
//! Operators reserve what they hold from a pool, and spill or fail when it is used up. But a reservation is an
//! estimate: functions, decoders and some accumulators hold memory that they never reserve, and what was freed may stay
//! with the process. So the pool grants nothing more while the process as a whole is above the limit, which makes
//! operators spill that can. A question that lets the process grow past the limit all the same is given up by whoever
//! waits for its answer ([`Watch`]).
//!
//! The measure is the resident memory of the process, all of it. Limits below 384 MiB leave room for the program
//! itself, and a process that is large already leaves half of the limit to a question. Where the process does other
//! things beside, its memory says nothing about the question, and only reservations count.

use datafusion::common::resources_datafusion_err;
use datafusion::error::Result;
use datafusion::execution::memory_pool::{FairSpillPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Memory of a process that was asked nothing yet: code, tables of the C library, threads.
const BASE_BYTES: usize = 96 << 20;

/// The most time for which a measurement is used again.
const MEASURED_EVERY: Duration = Duration::from_millis(5);

/// Returns the bytes of memory that the process has now; `None` if the system does not tell.
fn resident_bytes() -> Option<usize> {
    memory_stats::memory_stats().map(|stats| stats.physical_mem)
}

/// Gives up a question that lets the process grow past the limit.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    limit_bytes: usize,
    /// Memory that the process may have; `None` if that is not watched.
    ceiling_bytes: Option<usize>,
}

impl Watch {
    /// Watches nothing.
    pub const OFF: Self = Self { limit_bytes: usize::MAX, ceiling_bytes: None };

    /// Watches from now on, if the whole process belongs to the question.
    pub fn new(limit_bytes: usize, owns_process: bool) -> Self {
        if !owns_process {
            return Self { limit_bytes, ceiling_bytes: None };
        }
        let begun = resident_bytes().unwrap_or_default();
        let with_program = BASE_BYTES.saturating_add(limit_bytes / 4 * 3);
        let with_all = begun.saturating_add(limit_bytes / 2);
        Self { limit_bytes, ceiling_bytes: Some(limit_bytes.max(with_program).max(with_all)) }
    }

    /// Returns `true` if the process has more than it may.
    pub fn is_exceeded(&self) -> bool {
        self.ceiling_bytes.is_some_and(|ceiling| resident_bytes().is_some_and(|bytes| bytes > ceiling))
    }

    /// Returns the limit that a user set.
    pub fn limit_bytes(&self) -> usize {
        self.limit_bytes
    }
}

/// The pool that operators reserve from.
#[derive(Debug)]
pub struct QueryPool {
    pool: FairSpillPool,
    watch: Watch,
    begun: Instant,
    /// Milliseconds since `begun` of the last measurement, and what it gave.
    measured_at_ms: AtomicU64,
    resident_bytes: AtomicUsize,
}

impl QueryPool {
    /// Makes a pool for questions that may use this much.
    pub fn new(limit_bytes: usize, watch: Watch) -> Self {
        Self {
            pool: FairSpillPool::new(limit_bytes),
            watch,
            begun: Instant::now(),
            measured_at_ms: AtomicU64::new(0),
            resident_bytes: AtomicUsize::new(0),
        }
    }

    /// Returns the memory of the process, measured anew if the last measurement is too old.
    fn resident_bytes(&self) -> usize {
        let now_ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let measured_at_ms = self.measured_at_ms.load(Ordering::Relaxed);
        if now_ms.saturating_sub(measured_at_ms) >= MEASURED_EVERY.as_millis() as u64
            && let Some(bytes) = resident_bytes()
        {
            self.resident_bytes.store(bytes, Ordering::Relaxed);
            self.measured_at_ms.store(now_ms, Ordering::Relaxed);
        }
        self.resident_bytes.load(Ordering::Relaxed)
    }
}

impl fmt::Display for QueryPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pool.fmt(f)
    }
}

impl MemoryPool for QueryPool {
    fn name(&self) -> &str {
        "query"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.pool.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.pool.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.pool.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.pool.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        // A consumer that has nothing yet could not free anything either.
        if let Some(ceiling) = self.watch.ceiling_bytes.filter(|_| reservation.size() > 0)
            && self.resident_bytes().saturating_add(additional) > ceiling
        {
            return Err(resources_datafusion_err!(
                "the process has {} MiB in use",
                self.resident_bytes.load(Ordering::Relaxed) >> 20
            ));
        }
        self.pool.try_grow(reservation, additional)
    }

    fn reserved(&self) -> usize {
        self.pool.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.pool.memory_limit()
    }
}
