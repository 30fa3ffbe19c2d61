//! `trailql views remove`: removes a view of the user's own.

use clap::Args;
use trailql::report::wording::counted;

use super::super::args::QueriesArgs;
use super::super::error::CommandError;
use super::super::{Context, Outcome};
use super::own;

/// Remove a view of your own
///
/// A built-in view that it stood in the place of is there again.
#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// The view
    #[arg(value_name = "VIEW")]
    name: String,
    /// Remove it even if other views use it and no longer work then
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub(super) queries: QueriesArgs,
}

pub(crate) fn run(args: &RemoveArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let removed = own::open(context)?.remove(&args.name, args.force)?;
    let ui = context.ui;
    ui.note(&format!("removed `{}`: `{}`", args.name, removed.path.display()));
    if removed.is_built_in_again {
        ui.note(&format!("`{}` is the built-in view again", args.name));
    }
    if !removed.users.is_empty() {
        let users = counted(removed.users.len() as u64, "view no longer works", "views no longer work");
        ui.warning(&format!("{users}: {}", removed.users.join(", ")));
    }
    if let Some(test) = removed.test {
        ui.note(&format!("its test was left: `{}`", test.display()));
    }
    Ok(Outcome::Done)
}
