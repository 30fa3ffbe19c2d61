//! Signals that ask to stop: Ctrl-C, and what a service manager or a closed terminal sends.
//!
//! The first one asks, so that finished files are kept and temporary lakes removed, which hold events with their
//! secrets. The second Ctrl-C or SIGTERM ends the process at once, which loses nothing that was committed either. A
//! pager and an editor are asked by the same Ctrl-C, which is theirs while they have the terminal: see
//! [`Signals::lend_terminal`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use signal_hook::SigId;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::low_level::unregister;
use trailql::engine::StopSignal;

/// The exit code that shells expect of a command ended by a signal is this plus the number of the signal.
const ENDED_BY_SIGNAL: i32 = 128;

/// The wish to stop, and what sets it.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    stop: StopSignal,
    /// Set by a signal that is to end the program, and not only the question that it answers.
    end: Arc<AtomicBool>,
    /// The handlers of Ctrl-C.
    interrupt: Mutex<Vec<SigId>>,
}

impl Signals {
    /// Begins to listen. Where no handler can be set, a signal ends the process at once, as it does by default.
    pub(crate) fn listen(&self) {
        self.on_interrupt(true);
        #[cfg(unix)]
        let hangup = (!is_hangup_ignored()).then_some(signal_hook::consts::SIGHUP);
        #[cfg(not(unix))]
        let hangup = None;
        for signal in std::iter::once(SIGTERM).chain(hangup) {
            // A closed terminal may send two at once, to its session and to the program in front.
            drop(self.on(signal, signal == SIGTERM));
            drop(flag::register(signal, Arc::clone(&self.end)));
        }
    }

    /// The wish to stop what is being done.
    pub(crate) fn stop(&self) -> StopSignal {
        self.stop.clone()
    }

    /// Returns `true` if the program was asked to end.
    pub(crate) fn ends(&self) -> bool {
        self.end.load(Ordering::Relaxed)
    }

    /// The flag behind [`Self::ends`].
    pub(crate) fn end_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.end)
    }

    /// Lets another program have the terminal: however often Ctrl-C is pressed, it does no more than ask to stop.
    pub(crate) fn lend_terminal(&self) -> Lent<'_> {
        self.on_interrupt(false);
        Lent(self)
    }

    fn on_interrupt(&self, ends_at_second: bool) {
        let mut ids = self.interrupt.lock().unwrap_or_else(PoisonError::into_inner);
        for id in ids.drain(..) {
            unregister(id);
        }
        *ids = self.on(SIGINT, ends_at_second);
    }

    /// Lets a signal set the wish to stop. The order matters: the second signal finds it set.
    fn on(&self, signal: i32, ends_at_second: bool) -> Vec<SigId> {
        let stop = self.stop.flag();
        let second = ends_at_second
            .then(|| flag::register_conditional_shutdown(signal, ENDED_BY_SIGNAL + signal, Arc::clone(&stop)));
        second.into_iter().chain([flag::register(signal, stop)]).filter_map(Result::ok).collect()
    }
}

/// The terminal while another program has it.
#[derive(Debug)]
pub(crate) struct Lent<'s>(&'s Signals);

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.0.on_interrupt(true);
    }
}

/// Returns `true` if the process was started so that a closed terminal does not end it (`nohup`).
#[cfg(unix)]
fn is_hangup_ignored() -> bool {
    // Bit 0 is signal 1. Where the system does not tell, hangups are handled.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 != 0)
}
