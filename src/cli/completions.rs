//! Completions of a command line: the script that a shell loads, and the answers to what it then asks.
//!
//! The script asks `trailql` itself at each Tab, with `$TRAILQL_COMPLETE` set, so views, parameters, columns, time
//! zones and lakes are those of now. It is asked while somebody types: it is quick, and silent about what is wrong.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _};
use clap_complete::env::Shells;
use trailql::engine::output::escape::is_hidden;
use trailql::engine::views::{View, ViewCatalog};
use trailql::ops::inquiry::complete_sql;
use trailql::ops::inquiry::completion::zones as zones_of;
use trailql::settings::{self, Environment, Flags, Settings};

use super::destination::Destination;
use super::error::{CommandError, Kind};
use super::{Cli, Context, Outcome, help};
use clap::builder::StyledStr;
use trailql::event::lang::Lang;

/// Set where a shell asks for completions; its value is the shell.
pub(crate) const VARIABLE: &str = settings::COMPLETE;

/// Print the completions for a shell
///
/// The shell asks `trailql` at each Tab, so views (also your own), parameters, columns, time zones and lakes are those
/// of now. Let the shell load them when it starts: `source <(trailql completions bash)`.
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
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let completer = shells.completer(shell)?;
    completer.write_registration(VARIABLE, "trailql", "trailql", program.to_str()?, &mut script).ok()?;
    Some(script)
}

fn completions(shell: &str, line: Vec<OsString>, environment: &Environment) -> Option<Vec<u8>> {
    let mut command = with_completers(help::arranged(Cli::command()), &Words::of(&line, environment));
    command.set_bin_name("trailql");
    command.build();
    let mut answer = Vec::new();
    let shells = Shells::builtins();
    let folder = settings::working_folder();
    shells.completer(shell)?.write_complete(&mut command, line, folder.as_deref(), &mut answer).ok()?;
    Some(answer)
}

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
        let flags = line.iter().zip(line.iter().skip(1)).filter(|(flag, _)| *flag == "--queries");
        let queries = flags.map(|(_, folder)| PathBuf::from(folder)).collect();
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

    /// Parameters of the view that the line names.
    fn params(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let views = self.views();
        let Some(view) = self.line.iter().skip(2).find_map(|word| views.find(word).ok()) else { return Vec::new() };
        let current = current.to_string_lossy();
        let params = view.params.iter().map(|param| (format!("{}=", param.name), param));
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
        let current = current.to_string_lossy();
        // Some shells hand the quote on with the word.
        let quote = current.chars().next().filter(|c| matches!(c, '\'' | '"')).map(String::from).unwrap_or_default();
        let typed = current.get(quote.len()..).unwrap_or_default();
        let completed = complete_sql(typed, Arc::new(self.views()));
        completed.into_iter().map(|(text, help)| described(&format!("{quote}{text}"), &help)).collect()
    }
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

/// Gives time zones and lakes of all verbs their completers.
fn everywhere(command: Command) -> Command {
    let command = command.mut_args(|argument| match argument.get_id().as_str() {
        "tz" | "csv_tz" => argument.add(ArgValueCompleter::new(zones)),
        "lake" => argument.add(ArgValueCompleter::new(lakes)),
        _ => argument,
    });
    command.mut_subcommands(everywhere)
}

fn zones(current: &OsStr) -> Vec<CompletionCandidate> {
    zones_of(&current.to_string_lossy()).map(CompletionCandidate::new).collect()
}

/// Folders, those that are lakes first.
fn lakes(current: &OsStr) -> Vec<CompletionCandidate> {
    let folders = PathCompleter::dir().complete(current).into_iter();
    let is_lake = |folder: &CompletionCandidate| Path::new(folder.get_value()).join("_manifest").is_dir();
    let (lakes, others): (Vec<_>, Vec<_>) = folders.partition(is_lake);
    lakes.into_iter().map(|lake| lake.help(Some(StyledStr::from("a lake")))).chain(others).collect()
}

/// A candidate with its meaning, in one line without characters that a terminal acts on.
fn described(value: &str, help: &str) -> CompletionCandidate {
    let help: String = help.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect();
    CompletionCandidate::new(value).help(Some(StyledStr::from(help)).filter(|help| !help.to_string().is_empty()))
}
