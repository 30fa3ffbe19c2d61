//! `trailql views edit`: opens a copy of a view in an editor, and stores it when it is a view.
//!
//! The editor works on a file of its own in a private folder. What it leaves there is kept until it is stored, so no
//! text is lost, whatever is wrong with it.

use std::path::PathBuf;

use clap::Args;
use tempfile::TempDir;
use trailql::engine::views::ViewCatalog;
use trailql::ops::own_views::{Consent, Draft, OwnViewError};

use super::super::args::QueriesArgs;
use super::super::error::{CommandError, Kind};
use super::super::programs;
use super::super::{Context, Outcome};
use super::own;

/// Edit a view of your own, or a copy of a built-in one
///
/// Opens the text in $VISUAL or $EDITOR, and stores it when it can be read and planned. A copy needs a name of its own:
/// in the head of the text, or with --as.
#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// The view
    #[arg(value_name = "VIEW")]
    name: String,
    /// Make a copy with this name
    #[arg(long = "as", value_name = "NAME")]
    new_name: Option<String>,
    /// Replace a view of the name that the text has in the end, also a built-in one
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    pub(super) queries: QueriesArgs,
}

pub(crate) fn run(args: &EditArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let views = own::open(context)?;
    let draft = views.copy(&args.name, args.new_name.as_deref())?;
    let consent = Consent { replace: args.replace, edited: Some(draft.clone()) };
    if args.new_name.is_some() {
        views.may_store(&draft.name, &consent)?;
    }
    let editor = context.settings.editor.as_ref().ok_or_else(|| {
        CommandError::new(Kind::Config, "no editor is set, neither in `$VISUAL` nor in `$EDITOR`").hint(
            "set one, such as `EDITOR=vi`, or store a file with `trailql views save NAME --sql-file FILE --replace`",
        )
    })?;
    let mut file = EditedFile::new(&draft)?;
    loop {
        file.edit(&editor.value)?;
        let text = match file.text() {
            Ok(text) if text == draft.text => {
                context.ui.note("nothing was changed, and nothing is stored");
                return Ok(Outcome::Done);
            }
            Ok(text) => text,
            Err(error) => return Err(file.keep(error)),
        };
        let error = match views.store(&text, &consent) {
            Ok(stored) => {
                own::tell(&stored, context);
                return Ok(Outcome::Done);
            }
            Err(error) => CommandError::from(error),
        };
        if !context.ui.stdin_is_terminal() {
            return Err(file.keep(error));
        }
        context.ui.error(&error);
        match context.ui.ask("edit it again (e), or stop and keep the text (s)? [e] ").as_deref() {
            Some("" | "e" | "edit") => {}
            _ => return Err(file.keep(CommandError::user("nothing is stored"))),
        }
    }
}

/// The file that an editor works on.
struct EditedFile {
    /// `None` once the file is kept.
    folder: Option<TempDir>,
    path: PathBuf,
    original: String,
}

impl EditedFile {
    fn new(draft: &Draft) -> Result<Self, CommandError> {
        let failed = |error| CommandError::new(Kind::Data, format!("cannot make a file to edit: {error}"));
        // The folder of a temporary file is for nobody else.
        let folder = tempfile::Builder::new().prefix("trailql-edit-").tempdir().map_err(failed)?;
        // Editors go by the extension.
        let path = folder.path().join(format!("{}.sql", draft.name));
        std::fs::write(&path, &draft.text).map_err(failed)?;
        Ok(Self { folder: Some(folder), path, original: draft.text.clone() })
    }

    /// Lets the user edit the file. A failure of the editor changes nothing.
    fn edit(&mut self, editor: &str) -> Result<(), CommandError> {
        let status = programs::editor(editor, &self.path).status();
        let failed = match status {
            Ok(status) if status.success() => return Ok(()),
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        let error = CommandError::user(format!("the editor failed, and nothing is stored: `{editor}`: {failed}"));
        Err(if self.text().is_ok_and(|text| text != self.original) { self.keep(error) } else { error })
    }

    fn text(&self) -> Result<String, CommandError> {
        ViewCatalog::read_file(&self.path).map_err(|error| OwnViewError::from(error).into())
    }

    /// Keeps the text, and tells where, in the place of another hint of the error.
    fn keep(&mut self, error: CommandError) -> CommandError {
        let path = match self.folder.take() {
            Some(folder) => folder.keep().join(self.path.file_name().unwrap_or_default()),
            None => self.path.clone(),
        };
        if !path.is_file() {
            return error;
        }
        let kept = format!("the text is kept: `trailql views save NAME --sql-file {}`", path.display());
        match error.hint_text().map(str::to_owned) {
            Some(hint) => error.hint(format!("{hint}\n{kept}")),
            None => error.hint(kept),
        }
    }
}
