//! `trailql query`: a view over the events in scope.

use clap::{ArgGroup, Args};
use trailql::engine::output::{self, BatchSource, OutputError, OutputFormat, escape};
use trailql::engine::views::ViewCatalog;
use trailql::engine::{EngineError, Question};

use super::args::{self, OutputArgs, ScopeArgs, SourceArgs};
use super::error::CommandError;
use super::ui::counted;
use super::{Context, Outcome};

/// Answer a question with a built-in view
///
/// `trailql views list` names the views, `trailql views show VIEW` says what one means and which parameters it takes.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("kind").args(["histogram", "raw"]))]
pub(crate) struct QueryArgs {
    /// The view
    #[arg(value_name = "VIEW")]
    view: String,
    /// A parameter of the view (may be given more than once)
    #[arg(long = "param", short = 'p', value_name = "NAME=VALUE", value_parser = param_parser)]
    params: Vec<(String, String)>,
    /// How many rows there are over time, instead of the rows
    #[arg(long)]
    histogram: bool,
    /// The whole events behind the rows, as JSON
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

fn param_parser(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| {
        format!("not a parameter: `{text}`\nwrite the name, an equals sign and the value, such as `n=5`")
    })?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

pub(crate) fn run(args: &QueryArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    if args.raw {
        return raw(args, context);
    }
    let format = args.output.format(OutputFormat::Table)?;
    let question = Question::View { name: &args.view, params: &args.params };
    let engine = args::open(&args.source, question, &args.scope, context)?;
    let mut answer = if args.histogram {
        engine.view_histogram(&args.view, &args.params)?
    } else {
        engine.view(&args.view, &args.params)?
    };
    write_answer(&mut answer, format, &args.output, context)
}

/// Writes an answer where it belongs, and says how many rows it had.
pub(crate) fn write_answer(
    answer: &mut dyn BatchSource,
    format: OutputFormat,
    args: &OutputArgs,
    context: &Context<'_>,
) -> Result<Outcome, CommandError> {
    let (destination, ui) = (args.destination(), context.ui);
    let style = if destination.is_terminal(ui) { ui.stdout_style() } else { output::OutputStyle::default() };
    let rows = destination.write(ui, |out| output::write(answer, format, &style, out))?;
    ui.note(&counted(rows, "row", "rows"));
    Ok(Outcome::Done)
}

/// Events as they came, one a line; the text is JSON already.
fn raw(args: &QueryArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let format = args.output.format(OutputFormat::Jsonl)?;
    let (open, between, close, empty) = match format {
        OutputFormat::Jsonl => ("", "\n", "\n", ""),
        OutputFormat::Json => ("[\n", ",\n", "\n]\n", "]\n"),
        other => {
            return Err(CommandError::user(format!("whole events are not written as: `{other}`"))
                .hint("use `--format jsonl` or `--format json` with `--raw`"));
        }
    };
    // A mistyped name should not cost the reading of the exports first.
    ViewCatalog::built_in().map_err(EngineError::from)?.find(&args.view)?;
    let engine = args::open(&args.source, Question::Any, &args.scope, context)?;
    let mut events = engine.view_events(&args.view, &args.params)?;
    let written = args.output.destination().write(context.ui, |out| -> Result<u64, OutputError> {
        out.write_all(open.as_bytes())?;
        let mut written = 0;
        while let Some(event) = events.next_event()? {
            if written > 0 {
                out.write_all(between.as_bytes())?;
            }
            out.write_all(escape::json(&event).as_bytes())?;
            written += 1;
        }
        out.write_all(if written > 0 { close.as_bytes() } else { empty.as_bytes() })?;
        Ok(written)
    })?;
    context.ui.note(&counted(written, "event", "events"));
    Ok(Outcome::Done)
}
