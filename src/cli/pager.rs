//! Shows an answer that is longer than the screen in a pager, as git does it.
//!
//! The first screen is held back. If the answer ends within it, it is shown as it is; else the pager starts, and gets
//! all of it. A pager that cannot start is no error: the answer is shown without one. If the reader leaves the pager
//! early, what makes the answer is asked to stop, and that is no error either.

use std::io::{self, BufWriter, Stdout, Write};
use std::process::{Child, ChildStdin, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use trailql::engine::StopSignal;
use trailql::settings::Pager;
use trailql::text_layout::width as width_of;

use super::programs;
use super::signals::{Lent, Signals};

/// The interval at which is looked whether the pager has ended.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Bytes that are kept until it is sure that the pager reads: more than a pipe takes from a program that does not.
const KEPT_BYTES: usize = 256 << 10;

/// The exit codes of a shell that cannot start a command.
const NOT_STARTED: [i32; 2] = [126, 127];

/// Columns and rows of a terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) columns: u16,
    pub(crate) rows: u16,
}

/// Output on a terminal, which goes through a pager where it is long.
pub(crate) struct Paged<'u> {
    out: BufWriter<Stdout>,
    pager: &'u Pager,
    signals: &'u Signals,
    screen: Screen,
    state: State<'u>,
    /// The end of a pager that ended before the output did.
    ended: Option<Ended>,
    /// Counts the time that readers of pagers took, in microseconds.
    waited: &'u AtomicU64,
}

enum State<'u> {
    /// Held back: the bytes, how many of them are whole lines, and the rows that those take.
    Held { bytes: Vec<u8>, counted: usize, rows: usize },
    /// In the pager.
    Paging(Running<'u>),
    /// Without a pager.
    Plain,
}

/// A pager that runs.
struct Running<'u> {
    input: Option<ChildStdin>,
    watch: JoinHandle<Option<ExitStatus>>,
    shared: Arc<Shared>,
    /// All that was written so far; `None` when the pager is sure to read.
    kept: Option<Vec<u8>>,
    _terminal: Lent<'u>,
}

#[derive(Default)]
struct Shared {
    /// More is going to be written.
    is_written: AtomicBool,
    /// The pager ended while more was going to be written.
    has_left: AtomicBool,
}

/// The end of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// All of it was taken.
    Whole,
    /// The reader left the pager before.
    Early,
    /// The pager could not be started, and the output was shown without it.
    WithoutPager,
}

impl<'u> Paged<'u> {
    pub(crate) fn new(
        out: BufWriter<Stdout>,
        pager: &'u Pager,
        signals: &'u Signals,
        screen: Screen,
        waited: &'u AtomicU64,
    ) -> Self {
        Self {
            out,
            pager,
            signals,
            screen,
            state: State::Held { bytes: Vec::new(), counted: 0, rows: 0 },
            ended: None,
            waited,
        }
    }

    /// Shows what is held back, or waits until the reader leaves the pager.
    pub(crate) fn end(mut self) -> io::Result<Ended> {
        match std::mem::replace(&mut self.state, State::Plain) {
            State::Held { bytes, .. } => self.out.write_all(&bytes)?,
            State::Plain => {}
            State::Paging(running) => {
                let (ended, unread) = timed(self.waited, || running.end());
                if let Some(bytes) = unread {
                    self.out.write_all(&bytes)?;
                    self.out.flush()?;
                }
                return Ok(ended);
            }
        }
        self.out.flush()?;
        Ok(self.ended.unwrap_or(Ended::Whole))
    }

    /// Starts the pager where what is held back does not fit the screen.
    fn page(&mut self) -> io::Result<()> {
        let State::Held { bytes, counted, rows } = &mut self.state else { return Ok(()) };
        let columns = usize::from(self.screen.columns).max(1);
        while let Some(length) = bytes.get(*counted..).and_then(|rest| memchr::memchr(b'\n', rest)) {
            let line = bytes.get(*counted..*counted + length).unwrap_or_default();
            *rows += rows_of(line, columns);
            *counted += length + 1;
        }
        // The last row is that of the prompt.
        let room = usize::from(self.screen.rows).saturating_sub(1);
        let unfinished = (bytes.len() - *counted) / columns;
        if *rows + unfinished / 4 <= room {
            return Ok(());
        }
        let bytes = std::mem::take(bytes);
        self.state = match Running::start(self.pager, self.signals) {
            Ok(running) => State::Paging(running),
            Err(_) => State::Plain,
        };
        self.write_all(&bytes)
    }
}

impl Write for Paged<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match &mut self.state {
            State::Held { bytes, .. } => {
                bytes.extend_from_slice(buf);
                self.page()?;
                Ok(buf.len())
            }
            State::Paging(running) => match timed(self.waited, || running.write(buf)) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    let State::Paging(running) = std::mem::replace(&mut self.state, State::Plain) else {
                        return Err(error);
                    };
                    let (ended, unread) = running.end();
                    let Some(bytes) = unread else {
                        self.ended = Some(Ended::Early);
                        return Err(error);
                    };
                    self.ended = Some(ended);
                    self.out.write_all(&bytes)?;
                    self.out.write(buf)
                }
                written => written,
            },
            State::Plain => self.out.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.state {
            // It is shown at the end, or when it is too long.
            State::Held { .. } => Ok(()),
            State::Paging(running) => running.input.as_mut().map_or(Ok(()), Write::flush),
            State::Plain => self.out.flush(),
        }
    }
}

impl<'u> Running<'u> {
    fn start(pager: &Pager, signals: &'u Signals) -> io::Result<Self> {
        let terminal = signals.lend_terminal();
        let mut child =
            programs::pager(&pager.command).envs(pager.variables.iter().copied()).stdin(Stdio::piped()).spawn()?;
        let shared = Arc::new(Shared::default());
        shared.is_written.store(true, Ordering::Relaxed);
        let input = child.stdin.take();
        let (seen, stop) = (Arc::clone(&shared), signals.stop());
        let watch = std::thread::Builder::new().name("pager".to_owned()).spawn(move || watch(child, &seen, &stop))?;
        Ok(Self { input, watch, shared, kept: Some(Vec::new()), _terminal: terminal })
    }

    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let written = input.write(buf)?;
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(buf.get(..written).unwrap_or_default());
            if kept.len() > KEPT_BYTES {
                self.kept = None;
            }
        }
        Ok(written)
    }

    /// Waits for the end of the pager. Returns what it did not show because it could not start.
    fn end(mut self) -> (Ended, Option<Vec<u8>>) {
        self.shared.is_written.store(false, Ordering::Relaxed);
        self.input = None;
        let status = self.watch.join().ok().flatten();
        if status.and_then(|status| status.code()).is_some_and(|code| NOT_STARTED.contains(&code)) {
            return (Ended::WithoutPager, self.kept);
        }
        let ended = if self.shared.has_left.load(Ordering::Relaxed) { Ended::Early } else { Ended::Whole };
        (ended, None)
    }
}

/// Does what may wait for a reader, and counts the time.
fn timed<T>(waited: &AtomicU64, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    waited.fetch_add(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    done
}

/// Waits for the end of the pager. If more was going to be written, whatever makes it is asked to stop.
fn watch(mut child: Child, shared: &Shared, stop: &StopSignal) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(None) => std::thread::sleep(LOOK_EVERY),
            Ok(Some(status)) => {
                let is_started = status.code().is_none_or(|code| !NOT_STARTED.contains(&code));
                if is_started && shared.is_written.load(Ordering::Relaxed) {
                    shared.has_left.store(true, Ordering::Relaxed);
                    stop.ask();
                }
                return Some(status);
            }
            Err(_) => return None,
        }
    }
}

/// Returns the rows that a line takes on a screen of so many columns.
fn rows_of(line: &[u8], columns: usize) -> usize {
    let text = String::from_utf8_lossy(line);
    let mut columns_taken = 0;
    // Colours are sequences that begin with ESC [ and end with a letter.
    for (at, part) in text.split("\u{1b}[").enumerate() {
        let end = if at == 0 { Some(0) } else { part.find(|c: char| c.is_ascii_alphabetic()).map(|end| end + 1) };
        columns_taken += width_of(end.and_then(|end| part.get(end..)).unwrap_or_default());
    }
    columns_taken.div_ceil(columns).max(1)
}
