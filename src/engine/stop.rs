//! A wish to stop, seen by whoever works on something long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Set once, from a signal handler say, and looked at by long work between its steps. Clones are the same signal.
#[derive(Debug, Clone, Default)]
pub struct StopSignal(Arc<AtomicBool>);

/// How often waiting work looks at the signal.
const LOOK_EVERY: Duration = Duration::from_millis(50);

impl StopSignal {
    /// Asks to stop.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// The flag behind it, for a signal handler to set.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// True where somebody asked to stop.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Ends when somebody asks to stop.
    pub(super) async fn asked(&self) {
        while !self.is_asked() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
