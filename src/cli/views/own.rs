//! The views of the user for `save`, `edit` and `remove`: in which folder, and what is said of them.

use trailql::engine::views::View;
use trailql::ops::OpsError;
use trailql::ops::own_views::{OwnViewError, OwnViews, Stored};
use trailql::settings::Origin;

use super::super::Context;
use super::super::args;
use super::super::error::{CommandError, Kind};

/// Opens the views of the user. New ones go into the only folder that is named, else into that of the configuration.
pub(crate) fn open(context: &Context<'_>) -> Result<OwnViews, CommandError> {
    let settings = &context.settings;
    let folders = &settings.queries;
    let (folder, makes_folder) = match (&folders.origin, folders.value.as_slice()) {
        (Origin::Default, _) => (settings.own_queries.clone(), true),
        (_, [folder]) => (Some(folder.clone()), false),
        (_, []) => (None, false),
        (origin, _) => {
            let message = format!("{origin} names more than one folder, and a view is stored in one");
            return Err(CommandError::user(message).hint("name the folder with `--queries DIR`"));
        }
    };
    let folder = folder.ok_or_else(|| {
        CommandError::new(
            Kind::Config,
            "there is no configuration folder: neither `$XDG_CONFIG_HOME` nor `$HOME` is set",
        )
        .hint("name a folder with `--queries DIR`")
    })?;
    Ok(OwnViews { folder, makes_folder, folders: folders.value.clone(), views: args::views(context)? })
}

/// Says where a view was stored, and what follows from it.
pub(crate) fn tell(stored: &Stored, context: &Context<'_>) {
    let (view, ui) = (&stored.view, context.ui);
    let verb = if stored.is_replaced { "replaced" } else { "saved" };
    ui.note(&format!("{verb} `{}`: `{}`", view.name, stored.path.display()));
    if view.shadows {
        ui.note(&shadowing(view));
        ui.hint(&format!("`trailql views remove {}` brings the built-in view back", view.name));
    }
}

/// Tells that a view stands in the place of a built-in one.
pub(crate) fn shadowing(view: &View) -> String {
    format!("`{}` is your view, in the place of the built-in one of this name", view.name)
}

impl From<OwnViewError> for CommandError {
    fn from(error: OwnViewError) -> Self {
        let message = error.to_string();
        let failed = |kind| Self::new(kind, message.clone());
        match error {
            OwnViewError::BadName { name, .. } => match similar_name(&name) {
                Some(similar) => failed(Kind::User).similar(&[similar]),
                None => failed(Kind::User),
            },
            OwnViewError::IsBuiltIn(_) => {
                failed(Kind::User).hint("give another name, or put yours in its place with `--replace`")
            }
            OwnViewError::Exists { .. } => failed(Kind::User).hint("give another name, or replace it with `--replace`"),
            OwnViewError::InAnotherFolder { .. } => {
                failed(Kind::User).hint("name that folder with `--queries DIR`, or give another name")
            }
            OwnViewError::MissingParam { param, .. } => failed(Kind::User)
                .hint(format!("give it one: `--param {param}=5`, or with a type: `--param {param}:count=5`")),
            OwnViewError::Unknown { similar, .. } => {
                failed(Kind::User).hint("`trailql views list` names every view").similar(&similar)
            }
            OwnViewError::Used { .. } => failed(Kind::User).hint("change those first"),
            OwnViewError::NotYours(_) => failed(Kind::User).hint("`trailql detect --skip VIEW` leaves one out"),
            OwnViewError::File(error) => failed(Kind::User).similar(&error.similar),
            OwnViewError::IsBlock(_) | OwnViewError::Wrong { .. } => failed(Kind::User),
            OwnViewError::ChangedMeanwhile(_) | OwnViewError::Write { .. } | OwnViewError::Remove { .. } => {
                failed(Kind::Data)
            }
            OwnViewError::Ops(OpsError::Engine(error)) => error.into(),
            OwnViewError::Ops(error) => error.into(),
        }
    }
}

/// Returns the name that a text becomes with the letters of a name alone, where that is one.
fn similar_name(text: &str) -> Option<String> {
    let letters: String =
        text.trim().to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let name: Vec<&str> = letters.split('_').filter(|part| !part.is_empty()).collect();
    let name = name.join("_");
    trailql::engine::views::check_name(&name).is_ok().then_some(name)
}
