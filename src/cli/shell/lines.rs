//! Lines of the input: from the line editor, from a terminal without one, or from a pipe.
//!
//! A thread reads what is no line editor, so that a signal can end the shell while it waits. It reads a line only when
//! it is asked to: a pager and an editor read the terminal as well.

use std::io::{BufRead, Read as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::super::error::{CommandError, Kind};
use super::super::ui::Ui;
use super::editor::{CONTINUED, Editor, PROMPT, Read};

/// The most bytes of a line.
const MAX_LINE: u64 = 64 << 20;

/// The interval at which is looked for signals.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A place that lines come from.
pub(super) enum Lines {
    Editor(Box<Editor>),
    Plain(Plain),
}

/// Lines of stdin.
pub(super) struct Plain {
    requests: SyncSender<()>,
    lines: Receiver<Result<Option<Vec<u8>>, String>>,
    /// A line was asked for, and has not come yet.
    is_waiting: bool,
    /// Somebody types, and sees a prompt.
    is_typed: bool,
}

impl Plain {
    pub(super) fn new(is_typed: bool) -> Result<Self, CommandError> {
        let (requests, asked) = sync_channel::<()>(1);
        let (send, lines) = sync_channel(1);
        let read = move || {
            let mut stdin = std::io::stdin().lock();
            for () in asked {
                let mut line = Vec::new();
                let read = (&mut stdin).take(MAX_LINE).read_until(b'\n', &mut line);
                let line = match read {
                    Ok(0) => Ok(None),
                    Ok(_) if line.len() as u64 >= MAX_LINE => Err("a line is too long".to_owned()),
                    Ok(_) => Ok(Some(line)),
                    Err(error) => Err(error.to_string()),
                };
                if send.send(line).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new()
            .name("stdin".to_owned())
            .spawn(read)
            .map_err(|error| CommandError::new(Kind::Data, format!("cannot start a thread: {error}")))?;
        Ok(Self { requests, lines, is_waiting: false, is_typed })
    }

    /// Reads a line. An entry that is not whole goes on in it.
    pub(super) fn read(&mut self, is_continued: bool, ui: &Ui) -> Result<Read, CommandError> {
        let failed =
            |reason: &str| CommandError::new(Kind::Data, format!("cannot read statements from stdin: {reason}"));
        // Ctrl-C gives the line up, however often it is pressed.
        let _lent = self.is_typed.then(|| ui.signals().lend_terminal());
        if self.is_typed {
            ui.prompt(if is_continued { CONTINUED } else { PROMPT });
        }
        if !self.is_waiting {
            self.requests.send(()).map_err(|_| failed("nobody reads"))?;
            self.is_waiting = true;
        }
        loop {
            let line = self.lines.recv_timeout(LOOK_EVERY);
            if ui.signals().ends() {
                return Ok(Read::End);
            }
            match line {
                Ok(line) => {
                    self.is_waiting = false;
                    let Some(line) = line.map_err(|reason| failed(&reason))? else { return Ok(Read::End) };
                    let text = String::from_utf8(line).map_err(|_| failed("not UTF-8"))?;
                    return Ok(Read::Text(text));
                }
                Err(RecvTimeoutError::Timeout) if ui.stop_signal().is_asked() => {
                    ui.stop_signal().reset();
                    if self.is_typed {
                        ui.prompt("\n");
                        return Ok(Read::Cleared);
                    }
                    return Ok(Read::End);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(failed("the reader has gone")),
            }
        }
    }
}
