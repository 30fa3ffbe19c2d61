//! `trailql views`: the views, the meaning of each, and one's own.

mod check;
mod edit;
pub(crate) mod own;
mod remove;
mod save;

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::record_batch::RecordBatch;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use trailql::engine::output::{OutputError, OutputFormat, Rows, escape};
use trailql::engine::views::{Severity, View, ViewCatalog};
use trailql::event::lang::Lang;
use trailql::spelling::similar;

use super::args::{self, LangArgs, OutputArgs, QueriesArgs};
use super::destination::{Destination, FileArgs};
use super::error::CommandError;
use super::{Context, Outcome, query};

/// List the views, show one, or make your own
#[derive(Debug, Args)]
pub(crate) struct ViewsArgs {
    #[command(subcommand)]
    verb: ViewsVerb,
}

#[derive(Debug, Subcommand)]
enum ViewsVerb {
    /// List the views
    List(ListArgs),
    /// Show what a view means, its parameters and its SQL
    Show(ShowArgs),
    Save(save::SaveArgs),
    Edit(edit::EditArgs),
    Remove(remove::RemoveArgs),
    Check(check::CheckArgs),
}

pub(crate) use own::shadowing;
pub(crate) use save::{NO_MEANING, title_of};

#[derive(Debug, Args)]
struct ListArgs {
    /// Only views of this category
    #[arg(long)]
    category: Option<String>,
    /// Only views of this severity
    #[arg(long, value_parser = severity_parser())]
    severity: Option<Severity>,
    #[command(flatten)]
    queries: QueriesArgs,
    #[command(flatten)]
    lang: LangArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// The view
    #[arg(value_name = "VIEW")]
    name: String,
    #[command(flatten)]
    queries: QueriesArgs,
}

pub(crate) fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.map(Severity::text)).try_map(|text| text.parse::<Severity>())
}

impl ViewsArgs {
    pub(crate) fn lang(&self) -> Option<Lang> {
        match &self.verb {
            ViewsVerb::List(args) => args.lang.lang,
            _ => None,
        }
    }

    pub(crate) fn file(&self) -> Option<&FileArgs> {
        match &self.verb {
            ViewsVerb::List(args) => Some(&args.output.file),
            _ => None,
        }
    }

    pub(crate) fn queries(&self) -> &QueriesArgs {
        match &self.verb {
            ViewsVerb::List(args) => &args.queries,
            ViewsVerb::Show(args) => &args.queries,
            ViewsVerb::Save(args) => &args.queries,
            ViewsVerb::Edit(args) => &args.queries,
            ViewsVerb::Remove(args) => &args.queries,
            ViewsVerb::Check(args) => &args.queries,
        }
    }
}

pub(crate) fn run(args: &ViewsArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    match &args.verb {
        ViewsVerb::List(args) => list(args, context),
        ViewsVerb::Show(args) => show(args, context),
        ViewsVerb::Save(args) => save::run(args, context),
        ViewsVerb::Edit(args) => edit::run(args, context),
        ViewsVerb::Remove(args) => remove::run(args, context),
        ViewsVerb::Check(args) => check::run(args, context),
    }
}

fn list(args: &ListArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let format = args.output.format(OutputFormat::Table)?;
    let catalog = args::views(context)?;
    known_categories(&catalog, args.category.as_slice())?;
    let wanted = |view: &&View| {
        args.category.as_ref().is_none_or(|category| *category == view.category)
            && args.severity.is_none_or(|severity| severity == view.severity)
    };
    let views: Vec<&View> = catalog.listed().into_iter().filter(wanted).collect();
    let lang = context.settings.lang.value;
    let title = |view: &View| view.titles.in_lang(lang).to_owned();
    let column = |text: &dyn Fn(&View) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(views.iter().map(|view| text(view))))
    };
    let batch = RecordBatch::try_from_iter([
        ("name", column(&|view| view.name.to_string())),
        ("severity", column(&|view| view.severity.to_string())),
        ("category", column(&|view| view.category.to_string())),
        ("origin", column(&|view| origin(view).to_owned())),
        ("title", column(&title)),
    ])
    .map_err(OutputError::Value)?;
    query::write_rows(&mut Rows::from(batch), format, &args.output, context)
}

/// Tells whose view it is.
fn origin(view: &View) -> &'static str {
    match (view.is_built_in(), view.shadows) {
        (true, _) => "built-in",
        (false, false) => "yours",
        (false, true) => "yours, for the built-in",
    }
}

/// Checks that there are views of some categories.
pub(crate) fn known_categories(catalog: &ViewCatalog, categories: &[String]) -> Result<(), CommandError> {
    let mut all: Vec<&str> = catalog.listed().into_iter().map(|view| view.category.as_str()).collect();
    all.dedup();
    let Some(category) = categories.iter().find(|category| !all.contains(&category.as_str())) else { return Ok(()) };
    let similar = similar(category, all.iter().copied());
    let names: Vec<String> = all.iter().map(|name| format!("`{name}`")).collect();
    Err(CommandError::user(format!("no view is of the category: `{category}`"))
        .hint(format!("the categories are {}", names.join(", ")))
        .similar(&similar))
}

fn show(args: &ShowArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let catalog = args::views(context)?;
    let text = description(catalog.find(&args.name)?);
    Destination::Stdout.write(context.ui, |out| out.write_all(text.as_bytes()))?;
    Ok(Outcome::Done)
}

fn description(view: &View) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name:10}{}", escape::terminal(value));
        }
    };
    line("name", &view.name);
    line("title", &view.titles.en);
    line("", &view.titles.ja);
    line("", &view.titles.zh);
    line("category", &view.category);
    line("severity", &view.severity.to_string());
    line("attack", &view.attack.join(", "));
    line("cis", &view.cis.join(", "));
    line("source", &view.source);
    if !view.is_built_in() {
        line("origin", origin(view));
        line("file", &view.file);
    }
    line("parity", &view.parity.join(", "));
    line("why", &view.why);
    line("search", &view.search);
    for param in &view.params {
        line("param", &format!("{}={}  {} ({})", param.name, param.default, param.help, param.kind.text()));
    }
    text.push('\n');
    for sql in view.sql.trim_end().lines() {
        text.push_str(&escape::terminal(sql));
        text.push('\n');
    }
    text
}
