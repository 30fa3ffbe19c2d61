//! `trailql man`: the manual pages.

use std::path::PathBuf;

use clap::{Args, CommandFactory, ValueHint};
use clap_mangen::Man;

use super::destination::Destination;
use super::error::{CommandError, Kind};
use super::{Cli, Context, Outcome};

/// Print the manual page, or write one page for every verb into a folder
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write all pages into this folder, made when it is not there
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
}

pub(crate) fn run(args: &ManArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    match &args.folder {
        None => {
            let page = Man::new(Cli::command());
            Destination::Stdout.write(context.ui, |mut out| page.render(&mut out))?;
        }
        Some(folder) => {
            let failed =
                |e| CommandError::new(Kind::Data, format!("cannot write pages to `{}`: {e}", folder.display()));
            std::fs::create_dir_all(folder).map_err(failed)?;
            clap_mangen::generate_to(Cli::command(), folder).map_err(failed)?;
            context.ui.note(&format!("wrote the pages into: `{}`", folder.display()));
        }
    }
    Ok(Outcome::Done)
}
