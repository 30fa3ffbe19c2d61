//! The only printer: data to stdout, all else to stderr.
//!
//! Messages carry text that came from files (paths, reasons, names), so everything that goes to stderr is escaped here,
//! line by line. What goes to stdout is escaped where its format is known. A stderr that takes nothing is no reason to
//! stop, so its errors are ignored; those of stdout are not.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::builder::StyledStr;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use trailql::engine::StopSignal;
use trailql::engine::output::{OutputStyle, escape};
use trailql::ops::progress::Progress;
use trailql::report::wording::grouped;
use trailql::settings::{ColorChoice, Pager};
use trailql::sls::diagnostics::{Style, WIDTH};
use trailql::text_layout::fold_tokens;

use super::error::CommandError;
use super::pager::{Ended, Paged, Screen};
use super::signals::Signals;

/// Bytes gathered before stdout is written to.
const STDOUT_BUFFER_BYTES: usize = 64 * 1024;

const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const CYAN: &str = "\u{1b}[1;36m";
const PLAIN: &str = "\u{1b}[0m";

/// Prints.
#[derive(Debug)]
pub(crate) struct Ui {
    color: ColorChoice,
    quiet: bool,
    stdin_terminal: bool,
    stdout_terminal: bool,
    stderr_terminal: bool,
    pager: Option<Pager>,
    /// Microseconds that readers of pagers took.
    paged: AtomicU64,
    signals: Signals,
}

impl Ui {
    /// A printer that knows no settings yet. It has no colour, for it cannot know whether that is wanted.
    pub(crate) fn new() -> Self {
        let (stdout_terminal, stderr_terminal) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        Self {
            color: ColorChoice::Never,
            quiet: false,
            stdin_terminal: io::stdin().is_terminal(),
            stdout_terminal,
            stderr_terminal,
            pager: None,
            paged: AtomicU64::new(0),
            signals: Signals::default(),
        }
    }

    /// The signals that ask to stop.
    pub(crate) fn signals(&self) -> &Signals {
        &self.signals
    }

    /// The wish to stop, which Ctrl-C sets.
    pub(crate) fn stop_signal(&self) -> StopSignal {
        self.signals.stop()
    }

    /// Sets the pager of long answers on a terminal.
    pub(crate) fn pager(&mut self, pager: Option<Pager>) {
        self.pager = pager;
    }

    /// Sets the conditions under which output is coloured.
    pub(crate) fn color(&mut self, color: ColorChoice) {
        self.color = color;
    }

    /// Leave notes and progress out.
    pub(crate) fn quiet(&mut self, quiet: bool) {
        self.quiet = quiet;
    }

    /// Returns `true` if stdin is a terminal, so that somebody can be asked.
    pub(crate) fn stdin_is_terminal(&self) -> bool {
        self.stdin_terminal
    }

    /// Shows where a line is typed.
    pub(crate) fn prompt(&self, text: &str) {
        let mut err = io::stderr();
        let _ = write!(err, "{text}").and_then(|()| err.flush());
    }

    /// Asks on stderr, and returns the line that is answered; `None` at the end of stdin.
    pub(crate) fn ask(&self, question: &str) -> Option<String> {
        let mut err = io::stderr();
        let _ = write!(err, "{question}").and_then(|()| err.flush());
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer).ok()?;
        (read > 0).then(|| answer.trim().to_lowercase())
    }

    /// Returns `true` if stdin, stdout and stderr are all a terminal, so that a line can be edited.
    pub(crate) fn is_interactive(&self) -> bool {
        self.stdin_terminal && self.stdout_terminal && self.stderr_terminal
    }

    /// Returns `true` if stdout is a terminal.
    pub(crate) fn stdout_is_terminal(&self) -> bool {
        self.stdout_terminal
    }

    /// Returns `true` if output on stdout may be coloured.
    pub(crate) fn colors_stdout(&self) -> bool {
        self.colors(self.stdout_terminal)
    }

    fn colors(&self, terminal: bool) -> bool {
        match self.color {
            ColorChoice::Auto => terminal,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        }
    }

    /// Returns the layout of an answer on stdout.
    pub(crate) fn stdout_style(&self) -> OutputStyle {
        let width = if self.stdout_terminal { columns() } else { None };
        OutputStyle { terminal: self.stdout_terminal, width, ..OutputStyle::default() }
    }

    /// Stdout, buffered. On a terminal, what is longer than the screen goes through the pager.
    pub(crate) fn out(&self) -> Out<'_> {
        let out = BufWriter::with_capacity(STDOUT_BUFFER_BYTES, io::stdout());
        match (&self.pager, screen()) {
            (Some(pager), Some(screen)) if self.stdout_terminal => {
                Out::Paged(Paged::new(out, pager, &self.signals, screen, &self.paged))
            }
            _ => Out::Plain(out),
        }
    }

    /// Returns the time that readers of pagers took so far.
    pub(crate) fn paged(&self) -> Duration {
        Duration::from_micros(self.paged.load(Ordering::Relaxed))
    }

    /// Help and version as they are shown on stdout.
    pub(crate) fn help(&self, text: &StyledStr) -> String {
        if self.colors_stdout() { text.ansi().to_string() } else { text.to_string() }
    }

    /// Help that nobody asked for, in place of an error.
    pub(crate) fn usage(&self, text: &StyledStr) {
        let _ = write!(io::stderr(), "{text}");
    }

    /// An error and its hint.
    pub(crate) fn error(&self, error: &CommandError) {
        if let Some(drawn) = error.drawing() {
            self.draw(drawn);
            return;
        }
        self.say("error: ", RED, error.message());
        if let Some(hint) = error.hint_text() {
            self.hint(hint);
        }
    }

    /// Something drawn at its place in a statement, which is safe for a terminal already.
    pub(crate) fn draw(&self, drawn: &str) {
        let _ = writeln!(io::stderr(), "{drawn}");
    }

    /// Returns the look of what is drawn on stderr.
    pub(crate) fn drawing_style(&self) -> Style {
        let width = if self.stderr_terminal { columns() } else { None };
        Style { color: self.colors(self.stderr_terminal), width: width.map_or(WIDTH, usize::from) }
    }

    /// Writes a hint: the next step for the user.
    pub(crate) fn hint(&self, text: &str) {
        self.say("hint: ", CYAN, text);
    }

    /// Something that is not as it should be, while the work goes on.
    pub(crate) fn warning(&self, text: &str) {
        self.say("warning: ", YELLOW, text);
    }

    /// Something good to know, which `--quiet` leaves out.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.say("", "", text);
        }
    }

    fn say(&self, label: &str, color: &str, text: &str) {
        let used = label.len();
        let label = match label {
            "" => String::new(),
            label if self.colors(self.stderr_terminal) => format!("{color}{label}{PLAIN}"),
            label => label.to_owned(),
        };
        // An SQL error may have several lines. Those after the first are set in, so that a value with a line break in
        // it cannot look like a message of ours.
        let lines = text.lines().map(escape::terminal);
        let columns = columns().filter(|columns| self.stderr_terminal && *columns >= NARROWEST).map(usize::from);
        let lines: Vec<String> = match columns {
            Some(columns) => lines.flat_map(|line| fold_tokens(&line, columns.saturating_sub(used.max(2)))).collect(),
            None => lines.map(Cow::into_owned).collect(),
        };
        let _ = writeln!(io::stderr(), "{label}{}", lines.join("\n  "));
    }

    /// A bar for a long operation; it shows only on a terminal and not with `--quiet`.
    pub(crate) fn progress(&self) -> Bar {
        let shown = self.stderr_terminal && !self.quiet;
        let bar = ProgressBar::with_draw_target(None, target(shown));
        Bar {
            bar,
            quiet: self.quiet,
            stop: self.stop_signal(),
            files: 0.into(),
            files_done: 0.into(),
            events: 0.into(),
        }
    }
}

/// Output on stdout.
pub(crate) enum Out<'u> {
    /// As it is.
    Plain(BufWriter<Stdout>),
    /// Through a pager where it is long.
    Paged(Paged<'u>),
}

impl Out<'_> {
    /// Makes all of it visible, and waits until the reader leaves the pager.
    pub(crate) fn end(self) -> io::Result<Ended> {
        match self {
            Self::Plain(mut out) => out.flush().map(|()| Ended::Whole),
            Self::Paged(out) => out.end(),
        }
    }
}

impl Write for Out<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(buf),
            Self::Paged(out) => out.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Paged(out) => out.flush(),
        }
    }
}

/// Returns the size of the terminal.
fn screen() -> Option<Screen> {
    let (terminal_size::Width(columns), terminal_size::Height(rows)) = terminal_size::terminal_size()?;
    Some(Screen { columns, rows })
}

/// Returns the columns of the terminal.
fn columns() -> Option<u16> {
    screen().map(|screen| screen.columns)
}

fn target(shown: bool) -> ProgressDrawTarget {
    if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
}

/// Columns of a terminal from which on messages fold at blanks. A narrower one folds by itself.
const NARROWEST: u16 = 40;

/// A progress bar: bytes, rate, time left, files and events.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    quiet: bool,
    stop: StopSignal,
    files: std::sync::atomic::AtomicU64,
    files_done: std::sync::atomic::AtomicU64,
    events: std::sync::atomic::AtomicU64,
}

impl Progress for Bar {
    fn begin(&self, files: u64, bytes: u64) {
        use std::sync::atomic::Ordering::Relaxed;
        self.files.store(files, Relaxed);
        self.bar.set_length(bytes);
        let template = "{wide_bar} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left  {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.progress_chars("━╸─"));
        }
        self.bar.enable_steady_tick(Duration::from_millis(200));
    }

    fn advance(&self, files: u64, bytes: u64, events: u64) {
        use std::sync::atomic::Ordering::Relaxed;
        let done = self.files_done.fetch_add(files, Relaxed) + files;
        let events = self.events.fetch_add(events, Relaxed) + events;
        self.bar.inc(bytes);
        if !self.bar.is_hidden() {
            let all = self.files.load(Relaxed);
            self.bar.set_message(format!("{}/{} files, {} events", grouped(done), grouped(all), grouped(events)));
        }
    }

    fn waiting(&self) {
        if !self.quiet {
            let _ = writeln!(io::stderr(), "another run writes to the lake: waiting");
        }
    }

    fn stopping(&self, path: &str) {
        let text = format!(
            "stopping when `{}` is read; Ctrl-C again stops at once, and the next run reads it again",
            escape::terminal(path)
        );
        self.bar.suspend(|| {
            let _ = writeln!(io::stderr(), "{text}");
        });
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn stop_signal(&self) -> StopSignal {
        self.stop.clone()
    }
}
