//! The progress of a long use case, for whoever shows it.

use crate::engine::StopSignal;

/// Takes note of progress; the command line shows it as a bar. Calls come from several threads.
pub trait Progress: Sync {
    /// Work begins: so many files, of so many bytes together.
    fn begin(&self, files: u64, bytes: u64);
    /// Counts more files, bytes (as they lie on disk) and events as done.
    fn advance(&self, files: u64, bytes: u64, events: u64);
    /// Another run holds the lake; this one waits.
    fn waiting(&self) {}
    /// Somebody asked to stop, and this file is read to its end first.
    fn stopping(&self, _path: &str) {}
    /// Work is over.
    fn end(&self);
    /// The wish to stop, looked at between files and between batches.
    fn stop_signal(&self) -> StopSignal {
        StopSignal::default()
    }
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _files: u64, _bytes: u64) {}
    fn advance(&self, _files: u64, _bytes: u64, _events: u64) {}
    fn end(&self) {}
}
