//! A pseudo-terminal to type on, for what looks different there: `script` makes it, and a thread answers the questions
//! for the cursor that a line editor asks.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::harness::Home;

/// The longest time that something may take to appear. It is only waited for where a test fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// A command on a terminal of its own.
pub(crate) struct Terminal {
    child: Child,
    input: Arc<Mutex<Option<ChildStdin>>>,
    shown: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
    /// What was waited for ends here.
    seen: usize,
}

impl Terminal {
    /// Runs a shell command, in which `$trailql` is the binary, on a terminal of this size. `None` where this machine
    /// has no program for that, which is said.
    #[allow(clippy::print_stderr, reason = "a case that was skipped must be seen")]
    pub(crate) fn open(home: &Home, command: &str, (columns, rows): (u16, u16), env: &[(&str, &str)]) -> Option<Self> {
        let command = format!("stty cols {columns} rows {rows} 2>/dev/null; exec {command}");
        let mut script = Command::new("script");
        script.args(["-qec", &command, "/dev/null"]).env_clear().current_dir(home.work());
        script.env("HOME", home.work().parent().unwrap()).env("TMPDIR", home.tmp()).env("SHELL", "/bin/sh");
        script.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("TERM", "xterm-256color");
        script.env("trailql", env!("CARGO_BIN_EXE_trailql")).envs(env.iter().copied());
        let Ok(mut child) = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
            eprintln!("skipped: this machine has no `script`");
            return None;
        };
        let input = Arc::new(Mutex::new(child.stdin.take()));
        let shown = Arc::new(Mutex::new(Vec::new()));
        let mut output = child.stdout.take().unwrap();
        let (answers, screen) = (Arc::clone(&input), Arc::clone(&shown));
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            let mut asked = 0;
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                let mut screen = screen.lock().unwrap();
                screen.extend_from_slice(&buffer[..read]);
                // A question for the cursor may come in two parts.
                let questions = String::from_utf8_lossy(&screen).matches("\u{1b}[6n").count();
                drop(screen);
                for _ in asked..questions {
                    if let Some(input) = answers.lock().unwrap().as_mut() {
                        let _ = input.write_all(b"\x1b[1;1R").and_then(|()| input.flush());
                    }
                }
                asked = questions;
            }
        });
        Some(Self { child, input, shown, reader: Some(reader), seen: 0 })
    }

    /// Types.
    pub(crate) fn send(&mut self, keys: &str) {
        let mut input = self.input.lock().unwrap();
        let input = input.as_mut().unwrap();
        input.write_all(keys.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    /// Everything that was shown so far, without colours and movements of the cursor.
    pub(crate) fn shown(&self) -> String {
        plain(&self.shown.lock().unwrap())
    }

    /// The bytes that were shown so far.
    pub(crate) fn raw(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned()
    }

    /// Waits until a text appears behind what was waited for before, and returns what came up to its end.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            let shown = self.shown();
            let new = shown.get(self.seen..).unwrap_or_default();
            if let Some(at) = new.find(text) {
                let found = new[..at + text.len()].to_owned();
                self.seen += found.len();
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "no {text:?} in {new:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the line editor reads for the nth time.
    #[track_caller]
    pub(crate) fn wait_for_editor(&self, nth: usize) {
        let begun = Instant::now();
        while self.raw().matches("\u{1b}[?2004h").count() < nth {
            assert!(begun.elapsed() < PATIENCE, "the editor does not read: {:?}", self.raw());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Types until a text appears, and gives the line up in between: completions are given up after a while.
    #[track_caller]
    pub(crate) fn send_until(&mut self, keys: &str, text: &str) {
        for _ in 0..20 {
            self.send(keys);
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(6) {
                if self.shown().get(self.seen..).unwrap_or_default().contains(text) {
                    self.wait_for(text);
                    return;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            self.send("\u{3}");
            self.wait_for("trailql> ");
        }
        panic!("no {text:?} in {:?}", self.shown());
    }

    /// The number of the process that runs on the terminal.
    fn command(&self) -> String {
        let children = format!("/proc/{0}/task/{0}/children", self.child.id());
        let child = std::fs::read_to_string(children).unwrap();
        child.split_whitespace().next().expect("the command has ended").to_owned()
    }

    /// Closes the terminal, and waits until the process that ran on it has ended.
    pub(crate) fn close(mut self) {
        let state = format!("/proc/{}/stat", self.command());
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let begun = Instant::now();
        // One that nobody waits for stays as a zombie.
        while std::fs::read_to_string(&state).is_ok_and(|state| !state.contains(") Z")) {
            assert!(begun.elapsed() < PATIENCE, "it runs on without its terminal");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Sends a signal to the command itself, which `script` waits for.
    #[track_caller]
    pub(crate) fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args(["-s", signal, &self.command()]).status().unwrap().success());
    }

    /// Waits for the end, and returns the exit code and all that was shown.
    #[track_caller]
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end: {:?}", self.shown());
            std::thread::sleep(Duration::from_millis(10));
        };
        self.reader.take().unwrap().join().unwrap();
        (status.code(), self.shown())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Ends `script` too, and the command with its terminal.
        drop(self.input.lock().unwrap().take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Text without the sequences that a terminal acts on.
fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "");
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, sequence)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        let end = match sequence.chars().next() {
            Some('[') => sequence.char_indices().skip(1).find(|(_, c)| ('@'..='~').contains(c)).map(|(at, _)| at + 1),
            Some(']') => sequence.find('\u{7}').map(|at| at + 1),
            Some(c) => Some(c.len_utf8()),
            None => None,
        };
        rest = &sequence[end.unwrap_or(sequence.len())..];
    }
    plain + rest
}
