//! `trailql completions`: what a shell needs to complete a command line.

use clap::builder::PossibleValuesParser;
use clap::{Args, Command, CommandFactory};
use clap_complete::{Generator, Shell};

use super::args;
use super::destination::Destination;
use super::error::CommandError;
use super::{Cli, Context, Outcome};

/// Print the completions for a shell
///
/// Names of views are those of now, with your own, so let the shell ask when it starts:
/// `source <(trailql completions bash)`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let mut command = with_views(Cli::command(), &view_names(context));
    command.set_bin_name("trailql");
    command.build();
    Destination::Stdout.write(context.ui, |out| args.shell.try_generate(&command, out))?;
    Ok(Outcome::Done)
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

/// The views that an argument may name.
#[derive(Clone, Copy)]
enum Whose {
    Any,
    Users,
}

/// The names of views: of all, and of the user's own.
struct ViewNames {
    all: Vec<String>,
    own: Vec<String>,
}

/// Returns the names of the views. A shell that starts is no place for warnings, so what cannot be read is left out.
fn view_names(context: &Context<'_>) -> ViewNames {
    let folders = context.settings.queries.value.iter();
    let views = args::views_of(folders, context).or_else(|_| args::views_of([].iter(), context));
    let views = views.map(|(views, _)| views).unwrap_or_default();
    let all = views.names().map(str::to_owned).collect();
    ViewNames { all, own: views.own().map(|view| view.name.clone()).collect() }
}

/// Gives the arguments that name views their values.
fn with_views(mut command: Command, names: &ViewNames) -> Command {
    for (verbs, id, whose) in VIEW_ARGUMENTS {
        let names = match whose {
            Whose::Any => names.all.clone(),
            Whose::Users => names.own.clone(),
        };
        command = with_values(command, verbs, id, names);
    }
    command
}

fn with_values(command: Command, verbs: &[&str], id: &str, values: Vec<String>) -> Command {
    match verbs {
        // An argument without any value would take none.
        [] if values.is_empty() => command,
        [] => {
            // Values live as long as the command, and this process does nothing else.
            let values = values.into_iter().map(|value| &*value.leak());
            command.mut_arg(id, |argument| argument.value_parser(PossibleValuesParser::new(values)))
        }
        [verb, rest @ ..] => command.mut_subcommand(*verb, |command| with_values(command, rest, id, values)),
    }
}
