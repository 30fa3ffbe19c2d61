//! `trailql views save`: stores a SELECT, or a view file, as a view of the user's own.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use trailql::engine::views::{NewParam, NewView, ParamType, Severity, ViewCatalog, ViewKind};
use trailql::ops::own_views::{Consent, OwnViewError};
use trailql::ops::search::{DEFAULT_ROWS, SearchForm};

use super::super::args::QueriesArgs;
use super::super::error::CommandError;
use super::super::{Context, Outcome};
use super::super::{search, sql};
use super::{own, severity_parser};

/// Save a view of your own
///
/// The view is `NAME.sql` in the folder `queries` beside `config.toml`, or in the folder of --queries. It is listed,
/// asked and completed like the built-in ones, and `trailql detect` asks it if it has a severity. A text that begins
/// with `-- /// view` is a whole view file, such as an edited built-in one.
#[derive(Debug, Args)]
pub(crate) struct SaveArgs {
    /// Name of the view: small letters, digits and `_`
    name: String,
    /// The SELECT, or - to read it from stdin
    #[arg(value_name = "SQL")]
    sql: Option<String>,
    /// Read the SELECT from this file
    #[arg(long, value_name = "FILE", conflicts_with = "sql", value_hint = ValueHint::FilePath)]
    sql_file: Option<PathBuf>,
    /// Make the view of this statement of ActionTrail's console, or of - to read it from stdin
    ///
    /// The file keeps the statement beside the SQL that it became. The range of time is no part of it: a query has its
    /// own (--since).
    #[arg(long, value_name = "STATEMENT", conflicts_with_all = ["sql", "sql_file", "params"])]
    from_search: Option<String>,
    /// Title [default: the name in words]
    #[arg(long)]
    title: Option<String>,
    /// Severity of a row, with which `trailql detect` asks the view [default: info]
    #[arg(long, value_parser = severity_parser())]
    severity: Option<Severity>,
    /// Meaning of a row, and what to do next
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// A parameter (`$NAME` in the SQL), its type where it is not plain, and its default, such as `n:count=5` or
    /// `window:duration=30m` (may be given more than once)
    #[arg(long = "param", short = 'p', value_name = "NAME[:TYPE]=DEFAULT", value_parser = param_parser)]
    params: Vec<NewParam>,
    /// Replace a view of this name, also a built-in one
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    pub(super) queries: QueriesArgs,
}

fn param_parser(text: &str) -> Result<NewParam, String> {
    let (name, default) = text.split_once('=').ok_or_else(|| {
        format!("not a parameter: `{text}`\nwrite the name, an equals sign and the default, such as `n=5`")
    })?;
    let Some((name, kind)) = name.split_once(':') else { return Ok(NewParam::guessed(name.trim(), default)) };
    let kind = kind.trim();
    let found = ParamType::ALL.into_iter().find(|known| known.text() == kind).ok_or_else(|| {
        let types = ParamType::ALL.map(|kind| format!("`{}`", kind.text())).join(", ");
        format!("not a type of a parameter: `{kind}`\nthe types are {types}")
    })?;
    Ok(NewParam { name: name.trim().to_owned(), kind: found, default: default.to_owned() })
}

pub(crate) fn run(args: &SaveArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let views = own::open(context)?;
    let consent = Consent { replace: args.replace, edited: None };
    // A name that cannot be is said before a text is waited for.
    views.may_store(&args.name, &consent)?;
    let text = match &args.from_search {
        Some(statement) => {
            let statement = sql::statement_text(Some(statement), None)?;
            let statement = search::trimmed(&statement);
            if statement.trim().is_empty() {
                return Err(CommandError::user("the statement is empty").hint("`*` stands for every event"));
            }
            let search = search::read(statement, SearchForm::Rows, DEFAULT_ROWS, false, context)?;
            let sql = search.view().map_err(|reason| {
                CommandError::user(format!("cannot make a view of the statement: {reason}"))
                    .hint("`trailql search` answers it")
            })?;
            let new = NewView { search: Some(statement.to_owned()), ..args.new_view(sql)? };
            own::tell(&views.store(&views.draft(new)?, &consent)?, context);
            return Ok(Outcome::Done);
        }
        None => sql::statement_text(args.sql.as_deref(), args.sql_file.as_deref())?,
    };
    if text.trim().trim_start_matches('\u{feff}').is_empty() {
        return Err(CommandError::user("the SQL statement is empty"));
    }
    let file = args.sql_file.as_ref().map_or_else(|| "the text".to_owned(), |path| path.display().to_string());
    let text = if ViewCatalog::has_head(&text) {
        if let Some(flag) = args.head_flag() {
            return Err(CommandError::user(format!("the text has a head, so it does not go together with: `{flag}`"))
                .hint("write it into the head"));
        }
        ViewCatalog::renamed(&file, &text, &args.name).map_err(OwnViewError::from)?
    } else {
        views.draft(args.new_view(text)?)?
    };
    own::tell(&views.store(&text, &consent)?, context);
    Ok(Outcome::Done)
}

/// The meaning of a view that nobody has told yet.
pub(crate) const NO_MEANING: &str = "No meaning was given yet: `trailql views edit` adds one.";

/// Returns the title of a view that has none: its name in words.
pub(crate) fn title_of(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    let words: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    words.trim().to_owned()
}

impl SaveArgs {
    /// Returns a flag that was given and that says what a head says.
    fn head_flag(&self) -> Option<&'static str> {
        let given = [
            ("--title", self.title.is_some()),
            ("--severity", self.severity.is_some()),
            ("--why", self.why.is_some()),
            ("--param", !self.params.is_empty()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(flag, _)| flag)
    }

    fn new_view(&self, sql: String) -> Result<NewView, CommandError> {
        let text = |given: &Option<String>, flag: &str, otherwise: String| match given {
            Some(text) if text.trim().is_empty() => Err(CommandError::user(format!("no value given for: `{flag}`"))),
            Some(text) => Ok(text.clone()),
            None => Ok(otherwise),
        };
        let title = text(&self.title, "--title", title_of(&self.name))?;
        Ok(NewView {
            name: self.name.clone(),
            why: text(&self.why, "--why", NO_MEANING.to_owned())?,
            title,
            severity: self.severity.unwrap_or(Severity::Info),
            kind: ViewKind::Summary,
            search: None,
            params: self.params.clone(),
            sql,
        })
    }
}
