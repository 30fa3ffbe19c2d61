//! Completions of a command line: the script that a shell loads, and the answers to what it then asks.
//!
//! The script asks `trailql` itself at each Tab, with `$TRAILQL_COMPLETE` set, so views, parameters, columns, time
//! zones and lakes are those of now. It is asked while somebody types: it is quick, and silent about what is wrong.

mod candidates;
mod line;
mod paths;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::builder::StyledStr;
use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, complete};
use clap_complete::env::Shells;
use trailql::engine::output::escape::is_hidden;
use trailql::engine::views::{View, ViewCatalog};
use trailql::event::lang::Lang;
use trailql::ops::check::checked_views;
use trailql::ops::inquiry::completion::zones as zones_of;
use trailql::ops::inquiry::{Place, complete_sql};
use trailql::settings::{self, Environment, Flags, Settings};

use super::destination::Destination;
use super::error::{CommandError, Kind};
use super::{Cli, Context, Outcome, help};
use candidates::Candidate;
use line::Dialect;
use paths::{Wanted, paths};

/// Set where a shell asks for completions; its value is the shell.
pub(crate) const VARIABLE: &str = settings::COMPLETE;

/// Print the completions for a shell
///
/// The shell asks `trailql` at each Tab, so views (also your own), parameters, columns, time zones and lakes are those
/// of now. Let the shell load them when it starts.
///
/// In `~/.bashrc`: `source <(trailql completions bash)`.
///
/// In `~/.zshrc`: `source <(trailql completions zsh)`.
///
/// In `~/.config/fish/config.fish`: `trailql completions fish | source`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let name = args.shell.to_string();
    let program = settings::arguments().into_iter().next().unwrap_or_else(|| "trailql".into());
    let script = registration(&name, &program);
    let script = script.ok_or_else(|| CommandError::new(Kind::Internal, format!("no completions for: `{name}`")))?;
    Destination::Stdout.write(context.ui, |out| out.write_all(&script))?;
    Ok(Outcome::Done)
}

/// Answers what a shell asks: with the script, or with the completions of a command line. Whatever is wrong, the
/// answer is nothing.
pub(crate) fn answer(shell: &str, environment: &Environment) -> Vec<u8> {
    // Whoever has set the variable to `$SHELL` means its last part.
    let shell = Path::new(shell).file_stem().and_then(OsStr::to_str).unwrap_or(shell);
    let mut words = settings::arguments().into_iter();
    let program = words.next().unwrap_or_else(|| "trailql".into());
    let line: Vec<OsString> = words.skip_while(|word| word != "--").skip(1).collect();
    let answer = if line.is_empty() { registration(shell, &program) } else { completions(shell, line, environment) };
    answer.unwrap_or_default()
}

/// Returns the script for a shell. A program that was called by its path is asked by its path.
fn registration(shell: &str, program: &OsStr) -> Option<Vec<u8>> {
    let path = Path::new(program);
    let program = match settings::working_folder() {
        Some(folder) if path.components().count() > 1 => folder.join(path),
        _ => path.to_owned(),
    };
    let program = program.to_str()?;
    let filled = |script: &str, program: &str| {
        Some(script.replace("@VARIABLE@", VARIABLE).replace("@PROGRAM@", program).into_bytes())
    };
    match Dialect::of(shell) {
        Some(Dialect::Bash) => filled(include_str!("completions/bash.sh"), &in_quotes(program, "'\\''")),
        Some(Dialect::Zsh) => filled(include_str!("completions/zsh.zsh"), &in_quotes(program, "'\\''")),
        Some(Dialect::Fish) => {
            filled(include_str!("completions/fish.fish"), &in_quotes(&program.replace('\\', "\\\\"), "\\'"))
        }
        None => {
            let (shells, mut script) = (Shells::builtins(), Vec::new());
            let completer = shells.completer(shell)?;
            completer.write_registration(VARIABLE, "trailql", "trailql", program, &mut script).ok()?;
            Some(script)
        }
    }
}

/// Puts a text into single quotes, and writes those inside of it in another way.
fn in_quotes(text: &str, quote: &str) -> String {
    format!("'{}'", text.replace('\'', quote))
}

/// Answers a shell. bash, zsh and fish hand on the line up to the cursor as it is typed, others its words.
fn completions(shell: &str, asked: Vec<OsString>, environment: &Environment) -> Option<Vec<u8>> {
    let Some(dialect) = Dialect::of(shell) else { return words_completed(shell, asked, environment) };
    let mut asked = asked.iter().map(|word| word.to_str());
    let line = line::read(asked.next()??, dialect, environment.home())?;
    let word = line.current;
    let typed = word.value();
    let words: Vec<OsString> = line.words.into_iter().chain([typed.to_owned()]).map(OsString::from).collect();
    let mut candidates = candidates_of(words, environment)?;
    candidates::retain_beginning(&mut candidates, typed);
    let answer = match dialect {
        Dialect::Bash => {
            let (replaced, kind) = (asked.next().flatten()?, asked.next().flatten()?);
            candidates::for_bash(&word, replaced, kind, &candidates)?
        }
        Dialect::Zsh => candidates::for_zsh(&word, &candidates)?,
        Dialect::Fish => candidates::for_fish(&word, &candidates),
    };
    Some(answer.into_bytes())
}

/// Answers a shell that hands on words.
fn words_completed(shell: &str, words: Vec<OsString>, environment: &Environment) -> Option<Vec<u8>> {
    if shell.starts_with("powershell") || shell == "pwsh" {
        return Some(candidates::for_powershell(&candidates_of(words, environment)?).into_bytes());
    }
    let (mut command, mut answer) = (command_for(&words, environment), Vec::new());
    let (shells, folder) = (Shells::builtins(), settings::working_folder());
    shells.completer(shell)?.write_complete(&mut command, words, folder.as_deref(), &mut answer).ok()?;
    Some(answer)
}

/// Returns what the last of the words can become. What cannot be shown is left out: it would be told wrong.
fn candidates_of(words: Vec<OsString>, environment: &Environment) -> Option<Vec<Candidate>> {
    let (mut command, index) = (command_for(&words, environment), words.len().checked_sub(1)?);
    let folder = settings::working_folder();
    let found = complete(&mut command, words, index, folder.as_deref()).ok()?;
    let candidate = |found: &CompletionCandidate| {
        let value = found.get_value().to_str().filter(|value| !value.contains(is_hidden))?.to_owned();
        let help = found.get_help().map(|help| one_line(&help.to_string())).unwrap_or_default();
        let is_statement = found.get_tag().is_some_and(|tag| tag.to_string() == STATEMENT);
        let is_open = is_statement || value.ends_with(['/', '=']);
        Some(Candidate { value, help, is_open })
    };
    Some(found.iter().filter_map(candidate).collect())
}

fn command_for(words: &[OsString], environment: &Environment) -> Command {
    let mut command = with_completers(help::arranged(Cli::command()), &Words::of(words, environment));
    command.set_bin_name("trailql");
    command.build();
    command
}

/// The tag of candidates that are the beginning of a statement.
const STATEMENT: &str = "Statement";

/// The command line that is completed, as far as completions depend on it.
#[derive(Clone)]
struct Words {
    line: Arc<Vec<String>>,
    /// Folders with views of the user.
    queries: Arc<Vec<PathBuf>>,
    lang: Lang,
}

impl Words {
    fn of(line: &[OsString], environment: &Environment) -> Self {
        let line: Vec<String> = line.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        let queries = given(&line, &["--queries"]).into_iter().map(PathBuf::from).collect();
        let settings = Settings::resolve(Flags { queries, ..Flags::default() }, environment).ok();
        let lang = settings.as_ref().map_or(Lang::En, |settings| settings.lang.value);
        let queries = settings.map(|settings| settings.queries.value).unwrap_or_default();
        Self { line: Arc::new(line), queries: Arc::new(queries), lang }
    }

    /// The views of now. What cannot be read is left out.
    fn views(&self) -> ViewCatalog {
        let mut views = ViewCatalog::built_in().unwrap_or_default();
        for folder in self.queries.iter() {
            drop(views.add_folder(folder));
        }
        views
    }

    fn view_names(&self, whose: Whose, current: &OsStr) -> Vec<CompletionCandidate> {
        let views = self.views();
        // A list of views has commas between them.
        let current = current.to_string_lossy();
        let (before, typed) = current
            .rsplit_once(',')
            .map_or(("", &*current), |(_, typed)| (&current[..current.len() - typed.len()], typed));
        let wanted = |view: &&View| (whose == Whose::Any || !view.is_built_in()) && view.name.starts_with(typed);
        let candidate = |view: &View| described(&format!("{before}{}", view.name), view.titles.in_lang(self.lang));
        views.listed().into_iter().filter(wanted).map(candidate).collect()
    }

    fn categories(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let views = self.views();
        let mut names: Vec<&str> = views.listed().into_iter().map(|view| view.category.as_str()).collect();
        names.dedup();
        let current = current.to_string_lossy();
        names.into_iter().filter(|name| name.starts_with(&*current)).map(CompletionCandidate::new).collect()
    }

    /// The view that the line names.
    fn view<'v>(&self, views: &'v ViewCatalog) -> Option<&'v View> {
        let (_, before) = self.line.split_last()?;
        before.iter().skip(2).find_map(|word| views.find(word).ok())
    }

    /// Parameters of the view that the line names, but for those that have a value.
    fn params(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let views = self.views();
        self.view(&views).map(|view| self.params_of(view, "", current)).unwrap_or_default()
    }

    /// Parameters of views, with the names of the views before them.
    fn params_of_views(&self, is_asked: fn(&View) -> bool, current: &OsStr) -> Vec<CompletionCandidate> {
        let views = self.views();
        let asked = views.listed().into_iter().filter(|view| is_asked(view));
        asked.flat_map(|view| self.params_of(view, &format!("{}.", view.name), current)).collect()
    }

    fn params_of(&self, view: &View, before: &str, current: &OsStr) -> Vec<CompletionCandidate> {
        let current = current.to_string_lossy();
        let words = self.line.split_last().map_or(&[][..], |(_, words)| words);
        let given = given(words, &["-p", "--param"]);
        let is_given = |name: &String| given.iter().any(|given| given.starts_with(name.as_str()));
        let params = view.params.iter().map(|param| (format!("{before}{}=", param.name), param));
        let params = params.filter(|(name, _)| !is_given(name));
        let params = params.filter(|(name, _)| name.starts_with(&*current) || current.starts_with(name));
        params
            .map(|(name, param)| {
                let help = format!("{} ({}, default {})", param.help, param.kind.text(), param.default);
                let value = if current.starts_with(&name) { format!("{name}{}", param.default) } else { name };
                described(&value, &help)
            })
            .collect()
    }

    fn sql(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        self.sql_at("", current, "")
    }

    /// Columns of the view that the line names, and expressions over them.
    fn columns(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let views = self.views();
        let Some(view) = self.view(&views) else { return Vec::new() };
        self.sql_at("SELECT ", current, &format!(" FROM {}", view.name))
    }

    /// Conditions on the columns of the view that the line names.
    fn conditions(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let views = self.views();
        let Some(view) = self.view(&views) else { return Vec::new() };
        self.sql_at(&format!("SELECT * FROM {} WHERE ", view.name), current, "")
    }

    fn sql_at(&self, before: &str, current: &OsStr, behind: &str) -> Vec<CompletionCandidate> {
        let current = current.to_string_lossy();
        let completed = complete_sql(&Place { before, typed: &current, behind }, Arc::new(self.views()));
        let candidate = |(text, help): (String, String)| described(&text, &help).tag(Some(StyledStr::from(STATEMENT)));
        completed.into_iter().map(candidate).collect()
    }
}

/// Returns the values that words give to an option of these names: behind it, behind `=`, or at once behind one letter.
fn given<'w>(words: &'w [String], names: &[&str]) -> Vec<&'w str> {
    let mut values = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if names.contains(&word.as_str()) {
            values.extend(words.next().map(String::as_str));
        } else if let Some(rest) = names.iter().find_map(|name| word.strip_prefix(name)) {
            let is_long = word.starts_with("--");
            values.extend(rest.strip_prefix('=').or((!is_long).then_some(rest)));
        }
    }
    values
}

/// The views that an argument may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Any,
    Users,
}

/// Arguments that name views: the verbs that lead to one, its id, and the views that it may name.
const VIEW_ARGUMENTS: [(&[&str], &str, Whose); 6] = [
    (&["query"], "view", Whose::Any),
    (&["detect"], "only", Whose::Any),
    (&["detect"], "skip", Whose::Any),
    (&["views", "show"], "name", Whose::Any),
    (&["views", "edit"], "name", Whose::Any),
    (&["views", "remove"], "name", Whose::Users),
];

/// Gives arguments their completers.
fn with_completers(mut command: Command, words: &Words) -> Command {
    for (verbs, id, whose) in VIEW_ARGUMENTS {
        let of = words.clone();
        command =
            with(command, verbs, id, ArgValueCompleter::new(move |current: &OsStr| of.view_names(whose, current)));
    }
    let of = words.clone();
    command = with(command, &["query"], "params", ArgValueCompleter::new(move |current: &OsStr| of.params(current)));
    for (verbs, is_asked) in [(&["detect"][..], (|_| true) as fn(&View) -> bool), (&["check", "root"], is_checked)] {
        let of = words.clone();
        let completer = move |current: &OsStr| of.params_of_views(is_asked, current);
        command = with(command, verbs, "params", ArgValueCompleter::new(completer));
    }
    let of = words.clone();
    command = with(command, &["query"], "columns", ArgValueCompleter::new(move |current: &OsStr| of.columns(current)));
    let of = words.clone();
    command =
        with(command, &["query"], "filter", ArgValueCompleter::new(move |current: &OsStr| of.conditions(current)));
    for verbs in [&["sql"][..], &["views", "save"]] {
        let of = words.clone();
        command = with(command, verbs, "sql", ArgValueCompleter::new(move |current: &OsStr| of.sql(current)));
    }
    for verbs in [&["detect"][..], &["views", "list"]] {
        let of = words.clone();
        command =
            with(command, verbs, "category", ArgValueCompleter::new(move |current: &OsStr| of.categories(current)));
    }
    everywhere(command)
}

fn with(command: Command, verbs: &[&str], id: &str, completer: ArgValueCompleter) -> Command {
    match verbs {
        [] => command.mut_arg(id, |argument| argument.add(completer)),
        [verb, rest @ ..] => command.mut_subcommand(*verb, |command| with(command, rest, id, completer)),
    }
}

fn is_checked(view: &View) -> bool {
    checked_views().contains(view.name.as_str())
}

/// Gives time zones and paths of all verbs their completers.
fn everywhere(command: Command) -> Command {
    let command = command.mut_args(|argument| {
        let wanted = match argument.get_id().as_str() {
            "tz" | "csv_tz" => return argument.add(ArgValueCompleter::new(zones)),
            "lake" => Some(Wanted::Lakes),
            _ => Wanted::of(argument.get_value_hint()),
        };
        match wanted {
            Some(wanted) => argument.add(ArgValueCompleter::new(move |typed: &OsStr| paths(wanted, typed))),
            None => argument,
        }
    });
    command.mut_subcommands(everywhere)
}

fn zones(current: &OsStr) -> Vec<CompletionCandidate> {
    zones_of(&current.to_string_lossy()).map(CompletionCandidate::new).collect()
}

/// A candidate with its meaning.
fn described(value: &str, help: &str) -> CompletionCandidate {
    let help = one_line(help);
    CompletionCandidate::new(value).help((!help.is_empty()).then(|| StyledStr::from(help)))
}

/// Returns the first line of a text, without characters that a terminal acts on.
fn one_line(text: &str) -> String {
    text.trim().lines().next().unwrap_or_default().chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect()
}
