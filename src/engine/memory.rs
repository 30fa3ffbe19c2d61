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
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
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
///
/// Operators that can spill take what they are given, and their batches, and what was freed, add to it. So they get half
/// of the limit together, and while there are several, none gets more than half of that. Where it is used up, each can
/// still have what would be its part if all had the same. The rest of the limit is for operators that cannot spill.
#[derive(Debug)]
pub struct QueryPool {
    limit_bytes: usize,
    /// The bytes for operators that can spill.
    spilling_limit_bytes: usize,
    reserved: Mutex<Reserved>,
    watch: Watch,
    begun: Instant,
    /// Milliseconds since `begun` of the last measurement, and what it gave.
    measured_at_ms: AtomicU64,
    resident_bytes: AtomicUsize,
}

/// The bytes that are reserved.
#[derive(Debug, Default)]
struct Reserved {
    /// Operators that can spill.
    spilling: usize,
    spilling_bytes: usize,
    other_bytes: usize,
}

impl Reserved {
    fn of(&mut self, reservation: &MemoryReservation) -> &mut usize {
        if reservation.consumer().can_spill() { &mut self.spilling_bytes } else { &mut self.other_bytes }
    }

    fn bytes(&self) -> usize {
        self.spilling_bytes + self.other_bytes
    }
}

impl QueryPool {
    /// Makes a pool of the limit of a watch, for a session with this share of its threads.
    pub fn new(watch: Watch, threads: usize, of_threads: usize) -> Self {
        let of_threads = of_threads.max(1);
        Self {
            limit_bytes: watch.limit_bytes,
            spilling_limit_bytes: watch.limit_bytes / 2 / of_threads * threads.clamp(1, of_threads),
            reserved: Mutex::default(),
            watch,
            begun: Instant::now(),
            measured_at_ms: AtomicU64::new(0),
            resident_bytes: AtomicUsize::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Reserved> {
        self.reserved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns `true` if an operator may have so much more.
    fn has_room(&self, reserved: &Reserved, reservation: &MemoryReservation, additional: usize) -> bool {
        if reserved.bytes().saturating_add(additional) > self.limit_bytes {
            return false;
        }
        if !reservation.consumer().can_spill() {
            return true;
        }
        let limit = self.spilling_limit_bytes;
        let share = limit / reserved.spilling.max(1);
        let wanted = reservation.size().saturating_add(additional);
        wanted <= share || wanted <= share.max(limit / 2) && reserved.spilling_bytes.saturating_add(additional) <= limit
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
        write!(f, "{} of {} bytes", self.lock().bytes(), self.limit_bytes)
    }
}

impl MemoryPool for QueryPool {
    fn name(&self) -> &str {
        "query"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.lock().spilling += usize::from(consumer.can_spill());
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.lock().spilling -= usize::from(consumer.can_spill());
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        *self.lock().of(reservation) += additional;
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        *self.lock().of(reservation) -= shrink;
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
        let mut reserved = self.lock();
        if !self.has_room(&reserved, reservation, additional) {
            return Err(resources_datafusion_err!(
                "{} has {} MiB and needs {} MiB more, and {} MiB of {} are in use",
                reservation.consumer().name(),
                reservation.size() >> 20,
                additional.div_ceil(1 << 20),
                reserved.bytes() >> 20,
                self.limit_bytes >> 20
            ));
        }
        *reserved.of(reservation) += additional;
        Ok(())
    }

    fn reserved(&self) -> usize {
        self.lock().bytes()
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.limit_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn pool(limit_mib: usize, threads: usize, of_threads: usize) -> Arc<dyn MemoryPool> {
        Arc::new(QueryPool::new(Watch::new(limit_mib << 20, false), threads, of_threads))
    }

    fn register(pool: &Arc<dyn MemoryPool>, can_spill: bool) -> MemoryReservation {
        MemoryConsumer::new("x").with_can_spill(can_spill).register(pool)
    }

    /// Returns the MiB that a reservation gets at most, in steps of one.
    fn most(reservation: &MemoryReservation) -> usize {
        while reservation.try_grow(1 << 20).is_ok() {}
        reservation.size() >> 20
    }

    #[test]
    fn what_can_spill_gets_half_and_a_share_of_the_threads() {
        for (threads, expected) in [(4, 40), (1, 10), (0, 10), (9, 40)] {
            let pool = pool(80, threads, 4);
            let (sort, join) = (register(&pool, true), register(&pool, false));
            assert_eq!((most(&sort), most(&join)), (expected, 80 - expected));
            assert_eq!(pool.reserved(), 80 << 20);
            drop((sort, join));
            assert_eq!(pool.reserved(), 0);
        }
    }

    #[test]
    fn one_of_several_leaves_something_to_the_others() {
        let pool = pool(80, 1, 1);
        let sorts: Vec<_> = (0..4).map(|_| register(&pool, true)).collect();
        assert_eq!(sorts.iter().map(most).collect::<Vec<_>>(), [20, 20, 10, 10]);
        sorts[0].free();
        sorts[1].free();
        // What was freed goes to whoever asks.
        assert_eq!(most(&sorts[3]), 20);
        assert_eq!(most(&sorts[0]), 10);
    }

    #[test]
    fn errors_say_who_wanted_how_much() {
        let pool = pool(8, 1, 1);
        let sort = register(&pool, true);
        sort.try_grow(1 << 20).unwrap();
        let error = sort.try_grow(9 << 20).unwrap_err().to_string();
        assert!(error.contains("x has 1 MiB and needs 9 MiB more, and 1 MiB of 8 are in use"), "{error}");
    }
}
