//! `trailql query`: a view over the events in scope.

use clap::{ArgGroup, Args};
use trailql::engine::output::bars::{self, Glyphs};
use trailql::engine::output::{self, BatchSource, OutputError, OutputFormat, Rows, TableForm, escape};
use trailql::engine::{Events, Histogram, Query, Refinement, ViewForm, ViewQuery};
use trailql::ops::query::Output;
use trailql::report::wording::counted;

use super::args::{self, OutputArgs, QueriesArgs, ScopeArgs, SourceArgs};
use super::destination::Destination;
use super::error::CommandError;
use super::{Context, Outcome};

/// Answer a question with a view
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
    /// Count the rows over time, and draw the counts as bars
    ///
    /// The range decides how long a bar is, from 1 second to years, so that there are at most 31. Bars begin at round
    /// times of the zone (--tz) and are cut off at --since and --until. Other formats give the counts as rows.
    #[arg(long)]
    histogram: bool,
    /// The whole events behind the rows, as JSON
    #[arg(long)]
    raw: bool,
    /// Only these columns, or expressions over them, as SQL: --columns event_time,principal --columns 'lower(outcome)'
    #[arg(long, value_name = "SQL", num_args = 1, conflicts_with_all = ["histogram", "raw"])]
    columns: Vec<String>,
    /// Only rows that meet this condition, as SQL: --where "outcome <> 'success'"
    #[arg(long = "where", value_name = "SQL", conflicts_with_all = ["histogram", "raw"])]
    filter: Option<String>,
    /// At most this many rows
    #[arg(long, value_name = "N", conflicts_with_all = ["histogram", "raw"])]
    limit: Option<u64>,
    #[command(flatten)]
    pub(crate) queries: QueriesArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

pub(crate) fn param_parser(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| {
        format!("not a parameter: `{text}`\nwrite the name, an equals sign and the value, such as `n=5`")
    })?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

pub(crate) fn run(args: &QueryArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let (form, format) = match (args.raw, args.histogram) {
        (true, _) => (ViewForm::Events, OutputFormat::Jsonl),
        (false, true) => (ViewForm::Histogram, OutputFormat::Table),
        (false, false) => (ViewForm::Rows, OutputFormat::Table),
    };
    let format = args.output.format(format)?;
    if args.raw {
        Frame::of(format)?;
    }
    let view = ViewQuery { name: args.view.clone(), params: args.params.clone() };
    let columns = args.columns.iter().flat_map(|columns| split_columns(columns)).collect();
    let refinement = Refinement { columns, filter: args.filter.clone(), limit: args.limit };
    let query = if refinement.is_empty() { Query::View(view, form) } else { Query::RefinedView(view, refinement) };
    let prepared = args::prepare(query, &args.source, &args.scope, context)?;
    write_output(prepared.run()?, format, &args.output, context)
}

/// Splits a list of columns at its commas, but for those inside of brackets and quotes.
fn split_columns(list: &str) -> Vec<String> {
    let (mut columns, mut column) = (Vec::new(), String::new());
    let (mut depth, mut quote) = (0_usize, None);
    for c in list.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"', None) => quote = Some(c),
            ('(' | '[' | '{', None) => depth += 1,
            (')' | ']' | '}', None) => depth = depth.saturating_sub(1),
            (',', None) if depth == 0 => {
                columns.push(std::mem::take(&mut column));
                continue;
            }
            _ => {}
        }
        column.push(c);
    }
    columns.push(column);
    columns.iter().map(|column| column.trim().to_owned()).collect()
}

/// The place and the form of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) destination: Destination,
    pub(crate) form: TableForm,
}

impl From<&OutputArgs> for Target {
    fn from(args: &OutputArgs) -> Self {
        Self { destination: args.destination(), form: args.table.form() }
    }
}

/// Writes the answer to a query to its destination, and tells on stderr how much it was.
pub(crate) fn write_output(
    answer: Output,
    format: OutputFormat,
    target: impl Into<Target>,
    context: &Context<'_>,
) -> Result<Outcome, CommandError> {
    let target = target.into();
    match answer {
        Output::Rows(mut rows) => write_rows(&mut rows, format, target, context),
        Output::Histogram(histogram) => write_histogram(&histogram, format, &target, context),
        Output::Events(mut events) => write_events(&mut events, &Frame::of(format)?, &target, context),
    }
}

/// Writes rows to their destination, and tells on stderr how many there were.
pub(crate) fn write_rows(
    answer: &mut dyn BatchSource,
    format: OutputFormat,
    target: impl Into<Target>,
    context: &Context<'_>,
) -> Result<Outcome, CommandError> {
    let (Target { destination, form }, ui) = (target.into(), context.ui);
    let style = destination.style(form, ui);
    let rows = destination.write(ui, |out| output::write(answer, format, &style, out))?;
    ui.note(&counted(rows, "row", "rows"));
    Ok(Outcome::Done)
}

/// Draws a histogram, or writes its buckets as rows, and tells on stderr what it counts.
fn write_histogram(
    histogram: &Histogram,
    format: OutputFormat,
    target: &Target,
    context: &Context<'_>,
) -> Result<Outcome, CommandError> {
    let (destination, ui) = (&target.destination, context.ui);
    let style = destination.style(TableForm::Fitting, ui);
    destination.write(ui, |out| -> Result<(), OutputError> {
        if format == OutputFormat::Table {
            let glyphs = if context.settings.is_utf8 { Glyphs::Blocks } else { Glyphs::Ascii };
            return bars::write(histogram, style.width.unwrap_or(bars::DEFAULT_WIDTH), glyphs, out);
        }
        let mut rows = Rows::from(histogram.batch().map_err(OutputError::Value)?);
        output::write(&mut rows, format, &style, out).map(drop)
    })?;
    let outside = &histogram.outside;
    for (rows, place) in [
        (outside.before, "before the first bucket"),
        (outside.behind, "behind the last bucket"),
        (outside.undated, "without a time"),
    ] {
        if rows > 0 {
            ui.warning(&format!("not counted: {} {place}", counted(rows.unsigned_abs(), "row", "rows")));
        }
    }
    let rows = counted(histogram.rows().unsigned_abs(), "row", "rows");
    ui.note(&match histogram.bars.len() as u64 {
        0 => rows,
        bars => {
            let buckets = counted(bars, "bucket", "buckets");
            format!("{rows} in {buckets} of {}, in {}", histogram.step, histogram.tz)
        }
    });
    Ok(Outcome::Done)
}

/// The text around and between whole events.
pub(crate) struct Frame {
    open: &'static str,
    between: &'static str,
    close: &'static str,
    empty: &'static str,
}

impl Frame {
    pub(crate) fn of(format: OutputFormat) -> Result<Self, CommandError> {
        match format {
            OutputFormat::Jsonl => Ok(Self { open: "", between: "\n", close: "\n", empty: "" }),
            OutputFormat::Json => Ok(Self { open: "[\n", between: ",\n", close: "\n]\n", empty: "]\n" }),
            other => Err(CommandError::user(format!("whole events are not written as: `{other}`"))
                .hint("use `--format jsonl` or `--format json` with `--raw`")),
        }
    }
}

/// Writes whole events as they came, one a line; they are JSON already.
fn write_events(
    events: &mut Events,
    frame: &Frame,
    target: &Target,
    context: &Context<'_>,
) -> Result<Outcome, CommandError> {
    let written = target.destination.write(context.ui, |out| -> Result<u64, OutputError> {
        out.write_all(frame.open.as_bytes())?;
        let mut written = 0;
        while let Some(event) = events.next_event()? {
            if written > 0 {
                out.write_all(frame.between.as_bytes())?;
            }
            out.write_all(escape::json(&event).as_bytes())?;
            written += 1;
        }
        out.write_all(if written > 0 { frame.close } else { frame.empty }.as_bytes())?;
        Ok(written)
    })?;
    context.ui.note(&counted(written, "event", "events"));
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_split_at_their_commas() {
        for (list, expected) in [
            ("a", &["a"][..]),
            ("a, b ,c", &["a", "b", "c"]),
            ("concat(a, ','), \"x,y\"", &["concat(a, ',')", "\"x,y\""]),
            ("[a, b][1], 'it''s, so'", &["[a, b][1]", "'it''s, so'"]),
            ("a,", &["a", ""]),
            (")a, b", &[")a", "b"]),
        ] {
            assert_eq!(split_columns(list), expected, "{list}");
        }
    }
}
