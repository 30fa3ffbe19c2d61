//! Faults of trailql itself: messages of panics, and points at which tests make a thread panic.
//!
//! A panic must not lose rows in silence. Each worker of the pipeline turns its panic into an error, and tests prove
//! it with faults at named points. Outside of tests these points do nothing.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Extracts the first line of the message of a panic.
pub fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.and_then(|text| text.lines().next()).unwrap_or("a panic without a message").to_owned()
}

/// Runs the work of a thread. The error is the message of a panic.
///
/// A panic drops the unfinished work, so the caller must give up all results that depend on it.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| panic_message(panic.as_ref()))
}

#[cfg(test)]
pub use injected::{Fault, point};

/// A point at which tests can make the thread panic.
#[cfg(not(test))]
pub fn point(_name: &str, _path: &std::path::Path) {}

#[cfg(test)]
mod injected {
    use std::path::{Path, PathBuf};
    use std::sync::{Mutex, PoisonError};

    static FAULTS: Mutex<Vec<(&'static str, PathBuf, usize)>> = Mutex::new(Vec::new());

    /// A fault that is armed while this is alive, at paths below one folder, so that tests do not disturb each other.
    pub struct Fault(PathBuf);

    impl Fault {
        /// Makes the point `name` panic when it is passed for the `nth` time, from 0, with a path below `folder`.
        pub fn at(name: &'static str, folder: &Path, nth: usize) -> Self {
            let mut faults = FAULTS.lock().unwrap_or_else(PoisonError::into_inner);
            faults.push((name, folder.to_path_buf(), nth));
            Self(folder.to_path_buf())
        }
    }

    impl Drop for Fault {
        fn drop(&mut self) {
            FAULTS.lock().unwrap_or_else(PoisonError::into_inner).retain(|(_, folder, _)| *folder != self.0);
        }
    }

    /// Panics if a test has armed the point.
    pub fn point(name: &str, path: &Path) {
        let mut faults = FAULTS.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = faults.iter_mut().find(|(point, folder, _)| *point == name && path.starts_with(folder));
        let is_due = fault.is_some_and(|(_, _, left)| {
            let due = *left == 0;
            *left = left.wrapping_sub(1);
            due
        });
        drop(faults);
        assert!(!is_due, "a fault that a test asked for at `{name}`");
    }
}
