//! `trailql completions`: what a shell needs to complete a command line.

use clap::{Args, CommandFactory};
use clap_complete::{Generator, Shell};

use super::destination::Destination;
use super::error::CommandError;
use super::{Cli, Context, Outcome};

/// Print the completions for a shell
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let mut command = Cli::command();
    command.set_bin_name("trailql");
    command.build();
    Destination::Stdout.write(context.ui, |out| args.shell.try_generate(&command, out))?;
    Ok(Outcome::Done)
}
