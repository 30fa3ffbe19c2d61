//! Other programs, as their users name them: a pager, an editor. The shell reads such a command, since it may have
//! arguments: `less -S`, `code --wait`.

use std::path::Path;
use std::process::Command;

/// Returns the command of a pager, which reads its stdin.
#[cfg(unix)]
pub(crate) fn pager(command: &str) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command);
    shell
}

/// Returns the command that edits a file.
#[cfg(unix)]
pub(crate) fn editor(command: &str, path: &Path) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(format!("{command} \"$@\"")).arg(command).arg(path);
    shell
}

/// Returns the command of a pager. Words behind the first one are arguments.
#[cfg(not(unix))]
pub(crate) fn pager(command: &str) -> Command {
    let mut words = command.split_whitespace();
    let mut program = Command::new(words.next().unwrap_or_default());
    program.args(words);
    program
}

/// Returns the command that edits a file.
#[cfg(not(unix))]
pub(crate) fn editor(command: &str, path: &Path) -> Command {
    let mut program = pager(command);
    program.arg(path);
    program
}
