//! Every event in scope back as JSON, as it came but for key order and white space.
//!
//! The proof that a lake keeps events whole: reading an export and dumping it gives the same JSON values. Events stream
//! through one at a time, by day and time.

use super::OpsError;
use super::open::Opened;
use crate::event::rebuild::rebuild;

/// The result of a dump.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dumped {
    /// Events.
    pub events: u64,
    /// Of these, events whose secrets were masked, and which are therefore not as they came.
    pub masked: u64,
}

/// Calls `take` with the JSON text of every event in scope, on one line. Secrets are masked unless the engine shows
/// them.
pub fn dump<E: From<OpsError>>(opened: &Opened, mut take: impl FnMut(&str) -> Result<(), E>) -> Result<Dumped, E> {
    let session = opened.session();
    let mut dumped = Dumped::default();
    let mut failed = None;
    let result = session.each_event(|event| {
        dumped.events += 1;
        let json = if session.shows_secrets() {
            rebuild(event)
        } else {
            let mut event = event.clone();
            dumped.masked += u64::from(session.mask_event(&mut event));
            rebuild(&event)
        };
        take(&json).map_err(|error| {
            failed = Some(error);
            Broken::Off
        })
    });
    match (result, failed) {
        (_, Some(error)) => Err(error),
        (Err(Broken::By(error)), None) => Err(E::from(OpsError::from(error))),
        _ => Ok(dumped),
    }
}

/// The reason why the stream of events ended early.
enum Broken {
    /// The caller would not take more events.
    Off,
    /// The engine failed.
    By(crate::engine::EngineError),
}

impl From<crate::engine::EngineError> for Broken {
    fn from(error: crate::engine::EngineError) -> Self {
        Broken::By(error)
    }
}
