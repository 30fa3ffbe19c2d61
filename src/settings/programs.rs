//! Programs that the command line starts, and files that it keeps for itself, as the environment names them.

use super::{Environment, Origin, Setting};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The pager where none is named.
const DEFAULT_PAGER: &str = "less";

/// Variables that a pager finds set unless the user has set them: colours are kept, less ends by itself where the
/// answer fits the screen, and the answer stays on the screen when it ends.
const PAGER_VARIABLES: [(&str, &str); 2] = [("LESS", "FRX"), ("LV", "-c")];

/// The variable with which a shell asks for completions. Its value is the name of the shell.
pub const COMPLETE: &str = "TRAILQL_COMPLETE";

/// A program that shows long answers screen by screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pager {
    /// Its command, for a shell to read.
    pub command: String,
    /// Variables to set for it.
    pub variables: Vec<(&'static str, &'static str)>,
}

/// Returns the words of this process's command line, the program first.
pub fn arguments() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// Returns the folder that this process works in.
pub fn working_folder() -> Option<PathBuf> {
    std::env::current_dir().ok()
}

impl Environment {
    /// Returns the pager: `$TRAILQL_PAGER`, else `$PAGER`, else less. No pager is an empty one, or `cat`.
    pub(super) fn pager(&self) -> Setting<Option<Pager>> {
        let named =
            ["TRAILQL_PAGER", "PAGER"].into_iter().find_map(|name| Some((name, self.0.get(&OsString::from(name))?)));
        let (command, origin) = match named {
            // One that is not text names no command.
            Some((name, command)) => (command.to_str().unwrap_or_default().trim(), Origin::Environment(name)),
            // One that nobody has asked for is no reason to complain where it is missing.
            None if !self.has_program(DEFAULT_PAGER) => ("", Origin::Default),
            None => (DEFAULT_PAGER, Origin::Default),
        };
        let variables = PAGER_VARIABLES.into_iter().filter(|(name, _)| !self.0.contains_key(&OsString::from(name)));
        let pager = || Pager { command: command.to_owned(), variables: variables.collect() };
        Setting { value: (!matches!(command, "" | "cat")).then(pager), origin }
    }

    /// Returns `true` if a program is on the path.
    fn has_program(&self, name: &str) -> bool {
        let Some(path) = self.get("PATH") else { return false };
        std::env::split_paths(path).any(|folder| folder.join(name).is_file())
    }

    /// Returns the command that edits a file. A variable that is not text names no command.
    pub(super) fn editor(&self) -> Option<Setting<String>> {
        let command = |name| {
            let value = self.get(name)?.to_str()?.to_owned();
            Some(Setting { value, origin: Origin::Environment(name) }).filter(|found| !found.value.trim().is_empty())
        };
        command("VISUAL").or_else(|| command("EDITOR"))
    }

    /// Returns the file with the history of the shell, whether it is there or not: in the XDG folder for state.
    pub(super) fn history_file(&self) -> Option<PathBuf> {
        let absolute = |path: PathBuf| path.is_absolute().then_some(path);
        let xdg = self.get("XDG_STATE_HOME").map(PathBuf::from).and_then(absolute);
        let home = || self.get("HOME").map(|home| Path::new(home).join(".local/state")).and_then(absolute);
        xdg.or_else(home).map(|folder| folder.join("trailql").join("history"))
    }

    /// Returns `true` if the terminal cannot move its cursor.
    pub(super) fn is_dumb_terminal(&self) -> bool {
        self.get("TERM").is_none_or(|term| term == "dumb")
    }

    /// Returns the shell that asks for completions of a command line, which stands behind `--` in the arguments.
    pub fn completed_shell(&self) -> Option<String> {
        Some(self.get(COMPLETE)?.to_string_lossy().into_owned())
    }

    /// Returns the home folder, if its path is text.
    pub fn home(&self) -> Option<&str> {
        self.get("HOME")?.to_str()
    }

    /// Returns the environment without all that settings are read from: no file, and no variable but the pager's.
    #[must_use]
    pub fn without_settings(&self) -> Self {
        let is_setting = |name: &OsStr| {
            let name = name.to_string_lossy();
            matches!(&*name, "HOME" | "XDG_CONFIG_HOME") || (name.starts_with("TRAILQL_") && name != "TRAILQL_PAGER")
        };
        let kept = self.0.iter().filter(|(name, _)| !is_setting(name));
        Self(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}
