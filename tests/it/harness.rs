//! A hermetic place to run the real binary in: its own home and working folder, no environment, no terminal.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The present time of every run that takes one: the Monday after the week that sample-data is about.
pub(crate) const NOW: &str = "2026-11-09T08:00:00Z";

/// A home that nothing else knows of.
pub(crate) struct Home {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["work", "tmp"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder, variables: Vec::new() }
    }

    /// With this variable in the environment of every run.
    pub(crate) fn env(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// The folder that runs start in.
    pub(crate) fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// The folder for temporary files.
    pub(crate) fn tmp(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    /// Writes a file into the working folder.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Writes the user's settings file.
    pub(crate) fn config(&self, text: &str) {
        let folder = self.folder.path().join(".config/trailql");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), text).unwrap();
    }

    /// The binary, ready to run here.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trailql"));
        command.args(args).env_clear().current_dir(self.work());
        command.env("HOME", self.folder.path()).env("TMPDIR", self.tmp());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Runs a shell script here that may mount file systems which nobody else sees. `$trailql` is the binary. `None` where
    /// mounting is not permitted, which is said.
    #[cfg(target_os = "linux")]
    #[allow(clippy::print_stderr, reason = "a case that was skipped must be seen")]
    pub(crate) fn run_mounting(&self, script: &str) -> Option<Run> {
        let unshare = |flags: &[&str], script: &str| {
            let mut command = Command::new("unshare");
            command.args(flags).args(["sh", "-eu", "-c", script]).env_clear().current_dir(self.work());
            command.env("HOME", self.folder.path()).env("TMPDIR", self.tmp());
            command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
            command.env("trailql", env!("CARGO_BIN_EXE_trailql"));
            command.output()
        };
        let ways: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];
        let may = |flags: &&&[&str]| {
            unshare(flags, "mount -t tmpfs tmpfs \"$TMPDIR\"").is_ok_and(|output| output.status.success())
        };
        let Some(flags) = ways.iter().find(may) else {
            eprintln!("skipped: this machine permits no mounting in a namespace");
            return None;
        };
        Some(Run::of(unshare(flags, script).unwrap()))
    }

    /// Runs a shell command on a terminal of its own, with these lines typed, and returns what it shows. `$trailql` is
    /// the binary. `None` where this machine has no program for that, which is said.
    #[cfg(target_os = "linux")]
    #[allow(clippy::print_stderr, reason = "a case that was skipped must be seen")]
    pub(crate) fn run_on_terminal(&self, command: &str, typed: &str) -> Option<String> {
        let mut script = Command::new("script");
        script.args(["-qec", command, "/dev/null"]).env_clear().current_dir(self.work());
        script.env("HOME", self.folder.path()).env("TMPDIR", self.tmp()).env("SHELL", "/bin/sh");
        script.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        script.env("trailql", env!("CARGO_BIN_EXE_trailql"));
        let Ok(mut child) = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
            eprintln!("skipped: this machine has no `script`");
            return None;
        };
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Some(String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n"))
    }

    /// Runs the binary to its end.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Run {
        Run::of(self.command(args).output().unwrap())
    }

    /// Runs the binary with this on stdin.
    pub(crate) fn run_with_stdin(&self, args: &[&str], stdin: &str) -> Run {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
        Run::of(child.wait_with_output().unwrap())
    }

    /// Runs the binary with a stdout whose reader has gone before the first byte.
    pub(crate) fn run_into_closed_pipe(&self, args: &[&str]) -> Run {
        let mut command = self.command(args);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        command.stdout(writer).stderr(Stdio::piped());
        Run::of(command.spawn().unwrap().wait_with_output().unwrap())
    }
}

impl Run {
    pub(crate) fn of(output: std::process::Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Checks the exit code of what was typed, and gives the run back.
    #[track_caller]
    pub(crate) fn exits_with(self, typed: &str, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{typed:?}\nstdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Checks the exit code and gives the run back.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

/// The folder of the package.
pub(crate) fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The exports of the story.
pub(crate) fn sample_data() -> PathBuf {
    package().join("sample-data")
}
