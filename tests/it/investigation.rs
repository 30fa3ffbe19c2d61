//! `docs/investigation.md` is a session as it runs: its commands are run, and the lines that it shows come in their
//! order.
//!
//! A line with `…` alone stands for lines that are left out.

use std::process::{Command, Stdio};

use crate::harness::{Home, package, sample_data};

const SESSION: &str = "docs/investigation.md";

/// The commands of a document, each with the lines that it shows.
fn commands(text: &str) -> Vec<(String, Vec<String>)> {
    let (mut found, mut in_console) = (Vec::new(), false);
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(language) => in_console = !in_console && language == "console",
            None if !in_console => {}
            None => match line.strip_prefix("$ ") {
                Some(command) => found.push((command.to_owned(), Vec::new())),
                None => {
                    let (_, lines): &mut (String, Vec<String>) = found.last_mut().expect("a command above its answer");
                    lines.push(line.to_owned());
                }
            },
        }
    }
    found
}

#[test]
fn the_recorded_session_is_as_it_runs() {
    let home = Home::new();
    std::os::unix::fs::symlink(sample_data(), home.work().join("sample-data")).unwrap();
    let text = std::fs::read_to_string(package().join(SESSION)).unwrap();
    let commands = commands(&text);
    assert!(commands.len() > 6, "{} commands", commands.len());
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_trailql")).parent().unwrap();
    for (command, lines) in commands {
        let mut shell = Command::new("sh");
        shell.args(["-c", &command]).env_clear().current_dir(home.work()).stdin(Stdio::null());
        shell.env("HOME", home.work()).env("LANG", "C.UTF-8").env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
        let output = shell.output().unwrap();
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success(), "{command}\n{err}");
        let mut rest = out.lines();
        let mut may_skip = false;
        for line in &lines {
            if line.trim() == "…" {
                may_skip = true;
                continue;
            }
            let found = if may_skip { rest.find(|out| out.trim_end() == line.trim_end()) } else { rest.next() };
            assert_eq!(found.map(str::trim_end), Some(line.trim_end()), "{command}\n{out}");
            may_skip = false;
        }
        assert!(may_skip || lines.is_empty() || rest.next().is_none(), "{command} shows more:\n{out}");
    }
}
