//! The commands of the shell: their names, and how their arguments are read.

use clap::{Args, Parser};
use trailql::engine::Scope;
use trailql::event::time::{Edge, parse_time_bound};
use trailql::settings::parse_time_zone;
use trailql::spelling::similar;

use super::super::error::CommandError;
use super::super::usage;

/// A command.
#[derive(Debug, Clone, Copy)]
pub(super) struct Command {
    /// Its name, with the backslash.
    pub(super) name: &'static str,
    /// Its arguments.
    pub(super) arguments: &'static str,
    pub(super) meaning: &'static str,
}

const fn command(name: &'static str, arguments: &'static str, meaning: &'static str) -> Command {
    Command { name, arguments, meaning }
}

/// Every command, in the order in which help lists them.
pub(super) const COMMANDS: [Command; 20] = [
    command("\\d", "[NAME]", "list the tables, or the columns of a table or view"),
    command(
        "\\dv",
        "[PATTERN]",
        "list the views, of those whose name or title has the pattern (`*` stands for any letters)",
    ),
    command("\\df", "[PATTERN]", "list the functions"),
    command("\\v", "[--histogram|--raw] NAME [PARAM=VALUE...]", "answer with a view"),
    command("\\about", "VALUE [--as KIND] [--findings]", "tell everything about an address, a key, a name or an id"),
    command("\\timeline", "[VALUE] [--around ID]", "show events in the order of their time, one line each"),
    command("\\search", "STATEMENT", "search as ActionTrail's console does (SLS)"),
    command(
        "\\scope",
        "[KEY=VALUE...]",
        "show or set the scope: since, until, tz, account, region; `clear` removes all",
    ),
    command("\\format", "[NAME]", "show or set the format of answers"),
    command("\\x", "", "show rows as records, or as lines again"),
    command("\\wide", "", "show every value of a table whole, or fit the terminal again"),
    command("\\timing", "", "say how long an answer took, or no longer"),
    command("\\o", "[--force] [FILE]", "write answers to a file, or to the terminal again"),
    command("\\i", "FILE", "run the statements and commands of a file"),
    command("\\e", "", "edit the last statement in $VISUAL or $EDITOR"),
    command("\\p", "", "print the last statement"),
    command("\\save", "[--replace] NAME [TITLE]", "save the last statement as a view of your own"),
    command("\\refresh", "", "open the newest version of the lake"),
    command("\\?", "", "list the commands"),
    command("\\q", "", "end the shell; so does Ctrl-D"),
];

/// The parts of a scope, with their meaning.
pub(super) const SCOPE_KEYS: [(&str, &str); 5] = [
    ("since", "from this time on: 2026-11-02, 2026-11-02T08:30 or 7d"),
    ("until", "up to this time, left out"),
    ("tz", "time zone in which times are read and printed"),
    ("account", "only these accounts, with commas between them"),
    ("region", "only these regions, with commas between them"),
];

/// Takes a command apart: the command, and the text of its arguments.
pub(super) fn parse(text: &str) -> Result<(&'static str, &str), CommandError> {
    let (name, arguments) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => Ok((command.name, arguments.trim())),
        None => {
            let letters = |name: &str| name.trim_start_matches('\\').to_owned();
            let names: Vec<String> = COMMANDS.iter().map(|command| letters(command.name)).collect();
            let near = similar(&letters(name), names.iter().map(String::as_str));
            let near: Vec<String> = near.iter().map(|name| format!("\\{name}")).collect();
            Err(CommandError::user(format!("no such command: `{name}`"))
                .hint("`\\?` lists the commands")
                .similar(&near))
        }
    }
}

/// Returns the words of arguments. Quotes hold words together, and are doubled where they are meant.
pub(super) fn words(text: &str) -> Result<Vec<String>, CommandError> {
    let mut words = Vec::new();
    let mut letters = text.chars().peekable();
    while letters.peek().is_some() {
        while letters.next_if(|c| c.is_whitespace()).is_some() {}
        let (mut word, mut has_begun) = (String::new(), false);
        while let Some(c) = letters.next_if(|c| !c.is_whitespace()) {
            has_begun = true;
            if c != '\'' && c != '"' {
                word.push(c);
                continue;
            }
            loop {
                match letters.next() {
                    Some(end) if end == c => {
                        if letters.next_if(|next| *next == c).is_none() {
                            break;
                        }
                        word.push(c);
                    }
                    Some(other) => word.push(other),
                    None => return Err(CommandError::user(format!("the quote is not closed: `{text}`"))),
                }
            }
        }
        if has_begun {
            words.push(word);
        }
    }
    Ok(words)
}

/// The line of a command that has the arguments of a verb.
#[derive(Debug, Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct Line<T: Args> {
    #[command(flatten)]
    arguments: T,
}

/// Reads the words of a command as a verb reads its arguments.
pub(super) fn arguments<T: Args>(words: &[String]) -> Result<T, CommandError> {
    let words = words.iter().map(|word| word.strip_suffix(';').unwrap_or(word)).filter(|word| !word.is_empty());
    let line = Line::try_parse_from(words).map_err(|error| usage::command_error(&error))?;
    Ok(line.arguments)
}

/// Changes a scope as the words say.
pub(super) fn set_scope(scope: &Scope, words: &[String]) -> Result<Scope, CommandError> {
    let mut scope = scope.clone();
    // Times are read in the zone that is set with them.
    let is_zone = |word: &&String| word.starts_with("tz=");
    for word in words.iter().filter(is_zone).chain(words.iter().filter(|word| !is_zone(word))) {
        if word == "clear" {
            scope = Scope { tz: scope.tz, now: scope.now, ..Scope::default() };
            continue;
        }
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        let values =
            || value.split(',').map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).collect();
        let time = |edge| {
            if value.is_empty() {
                return Ok(None);
            }
            let now = scope.now.unwrap_or_default().with_timezone(&scope.tz);
            parse_time_bound(value, scope.tz, edge).map(Some).map_err(|error| CommandError::time(error, value, now))
        };
        match key {
            _ if !word.contains('=') => return Err(unknown_key(key)),
            "since" => scope.since = time(Edge::Since)?,
            "until" => scope.until = time(Edge::Until)?,
            "account" => scope.accounts = values(),
            "region" => scope.regions = values(),
            "tz" => {
                scope.tz = parse_time_zone(if value.is_empty() { "UTC" } else { value }).map_err(|error| {
                    let failed = CommandError::user(error.to_string());
                    match error.hint() {
                        Some(hint) => failed.hint(hint),
                        None => failed,
                    }
                })?;
            }
            _ => return Err(unknown_key(key)),
        }
    }
    Ok(scope)
}

fn unknown_key(key: &str) -> CommandError {
    let names: Vec<&str> = SCOPE_KEYS.iter().map(|(name, _)| *name).chain(["clear"]).collect();
    let listed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let error = if names.contains(&key) && key != "clear" {
        CommandError::user(format!("no value given for: `{key}`")).hint(format!("write `{key}=VALUE`"))
    } else {
        CommandError::user(format!("no such part of a scope: `{key}`")).hint(format!("the parts are {listed}"))
    };
    if names.contains(&key) { error } else { error.similar(&similar(key, names)) }
}

/// Returns `true` if a name has a pattern: `*` stands for any letters, and a pattern without one may stand anywhere.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    if !pattern.contains('*') {
        return name.contains(first);
    }
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}
