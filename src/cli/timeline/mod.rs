//! `trailql timeline`: events in the order of their time, one line each.

mod lines;

use chrono::TimeDelta;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum, value_parser};
use trailql::engine::output::{self, OutputFormat};
use trailql::event::time::parse_length;
use trailql::ops::open::Opened;
use trailql::ops::subject::Subject;
use trailql::ops::timeline::{Answer, Around, Runs, Timeline, TimelineOptions, in_lake, timeline};
use trailql::report::wording::counted;

use super::about::{self, KindArgs};
use super::args::{self, ScopeArgs, SourceArgs};
use super::destination::{Destination, FileArgs};
use super::error::CommandError;
use super::{Context, Outcome};
use lines::{Layout, Lines};

/// The time before and behind an event unless another is given.
const WITHIN: &str = "30m";

/// Columns of a terminal that does not say how many it has.
const WIDTH: usize = 80;

/// The most events that SQL can limit an answer to.
const MOST_EVENTS: u64 = i64::MAX as u64;

/// Show events in the order of their time, one line each
///
/// Events of a value that `trailql about` recognises and those that name it, such as the creation of a key; or the
/// events of the same account around one event; or all in scope. `W` marks what changes something, `!` what did not
/// succeed, and `>` the event of --around. Lines that are equal and follow each other are one line with a count. Other
/// formats have a row for each event. Exits with 1 when no event in scope has the value or the id.
#[derive(Debug, Args)]
pub(crate) struct TimelineArgs {
    #[command(flatten)]
    lines: LinesArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    pub(crate) file: FileArgs,
}

/// The arguments of the command in the shell, which has a source and a scope.
#[derive(Debug, Args)]
pub(crate) struct InShell {
    #[command(flatten)]
    pub(crate) lines: LinesArgs,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

/// The flag for the format of the timeline.
#[derive(Debug, Args)]
pub(crate) struct FormatArgs {
    /// Format of the timeline [default: as the extension of -o says, else text]
    #[arg(long, short = 'F', value_name = "FORMAT", value_parser = format_parser())]
    format: Option<TimelineFormat>,
}

/// The events, and which of them are lines.
#[derive(Debug, Args)]
pub(crate) struct LinesArgs {
    /// An address, a key, a name or an id
    #[arg(value_name = "VALUE")]
    value: Option<String>,
    #[command(flatten)]
    kind: KindArgs,
    /// Events of the same account around this one; a comma and a length give the time, as --within does
    #[arg(long, value_name = "EVENT_ID[,TIME]", value_parser = around_parser)]
    around: Option<Around>,
    /// Time before and behind the event of --around, such as 10m or 2h [default: 30m]
    #[arg(long, value_name = "TIME", requires = "around", value_parser = length_parser)]
    within: Option<TimeDelta>,
    /// Leave out what only reads
    #[arg(long)]
    writes: bool,
    /// At most so many events, the earliest
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=MOST_EVENTS))]
    limit: Option<u64>,
    /// A line for each event, also where lines are equal
    #[arg(long)]
    no_fold: bool,
}

/// A format of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TimelineFormat {
    /// For people
    Text,
    /// One event a row
    Csv,
    /// One JSON array
    Json,
    /// One event a line
    Jsonl,
    /// Events for Timesketch, one a line
    Timesketch,
}

fn format_parser() -> impl TypedValueParser<Value = TimelineFormat> {
    let names = TimelineFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    PossibleValuesParser::new(names).try_map(|text| TimelineFormat::from_str(&text, false))
}

fn length_parser(text: &str) -> Result<TimeDelta, String> {
    parse_length(text).ok_or_else(|| {
        format!("not a length of time: `{text}`\ngive a whole number and a unit: m, h, d or w, such as `30m`")
    })
}

fn around_parser(text: &str) -> Result<Around, String> {
    let (id, length) = text.rsplit_once(',').unwrap_or((text, WITHIN));
    if id.trim().is_empty() {
        return Err("an event id is empty\nan id looks like `BF5FD866-EB06-5BC0-B2B6-E66925653F5A`".to_owned());
    }
    Ok(Around { event_id: id.trim().to_owned(), within: length_parser(length.trim())? })
}

pub(crate) fn run(args: &TimelineArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    // Wrong arguments are found before anything is opened.
    let destination = args.file.destination();
    asked(&args.lines, &args.format, &destination)?;
    let opened = args::open(&args.source, &args.scope, context)?;
    show(&args.lines, &args.format, &opened, &destination, context)
}

/// Reads the format and the value that were asked for.
fn asked(
    args: &LinesArgs,
    format: &FormatArgs,
    destination: &Destination,
) -> Result<(TimelineFormat, Option<Subject>), CommandError> {
    let format = self::format(format, destination)?;
    if args.kind.kind.is_some() && args.value.is_none() {
        return Err(CommandError::user("`--as` says what a value is, and there is none").hint("give the value first"));
    }
    let subject = args.value.as_deref().map(|value| about::subject(value, args.kind.kind)).transpose()?;
    Ok((format, subject))
}

/// Writes events in the order of their time.
pub(crate) fn show(
    args: &LinesArgs,
    format: &FormatArgs,
    opened: &Opened,
    destination: &Destination,
    context: &Context<'_>,
) -> Result<Outcome, CommandError> {
    let (format, subject) = asked(args, format, destination)?;
    let around = args.around.clone().map(|around| Around { within: args.within.unwrap_or(around.within), ..around });
    let options = TimelineOptions { subject: subject.clone(), around, writes: args.writes, limit: args.limit };
    let ui = context.ui;
    let mut found = match timeline(opened, &options)? {
        Answer::Events(found) => found,
        Answer::UnknownValue(in_lake) => {
            subject.iter().for_each(|subject| about::unknown(subject, &in_lake, opened, context));
            return Ok(Outcome::Negative);
        }
        missing => {
            let id = args.around.as_ref().map(|around| around.event_id.as_str()).unwrap_or_default();
            return missing_anchor(&missing, id, context);
        }
    };
    if let Some(shown) = found.kinds.first() {
        let others: Vec<String> = found.kinds.iter().skip(1).map(|other| format!("`--as {}`", other.kind)).collect();
        let others = if others.is_empty() { String::new() } else { format!("; {} shows others", others.join(" or ")) };
        ui.note(&format!("the value is taken for: {}{others}", shown.kind.words()));
    }
    if let Some(anchor) = &found.anchor {
        let tz = opened.scope().tz;
        let time = |time| trailql::event::time::format_local_time(time, tz);
        let account = anchor.account_id.as_deref().map(|account| format!(" of account {account}")).unwrap_or_default();
        ui.note(&format!("events{account} from {} to {}", time(anchor.from), time(anchor.to)));
    }
    let zone = opened.scope().tz.to_string();
    let events = match format {
        TimelineFormat::Text => write_lines(&mut found, destination, args, zone, context)?,
        TimelineFormat::Timesketch => write_timesketch(&mut found, destination, context)?,
        TimelineFormat::Csv => write_rows(&mut found, OutputFormat::Csv, destination, context)?,
        TimelineFormat::Json => write_rows(&mut found, OutputFormat::Json, destination, context)?,
        TimelineFormat::Jsonl => write_rows(&mut found, OutputFormat::Jsonl, destination, context)?,
    };
    ui.note(&counted(events, "event", "events"));
    if let (0, Some(subject), None, false) = (events, &subject, &args.around, args.writes) {
        about::unknown(subject, &in_lake(opened, subject)?, opened, context);
        return Ok(Outcome::Negative);
    }
    if args.limit == Some(events) {
        ui.note("there may be more: `--limit` leaves out what comes later");
    }
    Ok(Outcome::Done)
}

fn format(args: &FormatArgs, destination: &Destination) -> Result<TimelineFormat, CommandError> {
    let (Destination::File { path, .. } | Destination::Appended(path)) = destination else {
        return Ok(args.format.unwrap_or(TimelineFormat::Text));
    };
    let of_extension = match path.extension().and_then(|extension| extension.to_str()) {
        Some("txt") => Some(TimelineFormat::Text),
        Some("csv") => Some(TimelineFormat::Csv),
        Some("json") => Some(TimelineFormat::Json),
        Some("jsonl" | "ndjson") => Some(TimelineFormat::Jsonl),
        _ => None,
    };
    args.format.or(of_extension).ok_or_else(|| {
        CommandError::user(format!("the extension says no format: `{}`", path.display()))
            .hint("give `--format` with one of `text`, `csv`, `json`, `jsonl`, `timesketch`")
    })
}

/// Says why there is nothing around an event.
fn missing_anchor(answer: &Answer, id: &str, context: &Context<'_>) -> Result<Outcome, CommandError> {
    match answer {
        Answer::SeveralEvents => {
            let message = format!("more than one event has the id: `{id}`");
            Err(CommandError::user(message).hint("give a range with `--since` and `--until` in place of `--around`"))
        }
        Answer::EventWithoutTime => Err(CommandError::user(format!("the event has no time: `{id}`"))
            .hint(format!("`trailql event {}` shows it", super::report::quoted(id)))),
        _ => {
            context.ui.warning(&format!("no event in scope has the id: `{id}`"));
            context.ui.hint("widen the scope, or look the id up in the table `rejects`");
            Ok(Outcome::Negative)
        }
    }
}

fn write_lines(
    found: &mut Timeline,
    destination: &Destination,
    args: &LinesArgs,
    zone: String,
    context: &Context<'_>,
) -> Result<u64, CommandError> {
    let ui = context.ui;
    let is_terminal = destination.is_terminal(ui);
    let layout = Layout {
        width: is_terminal.then(|| ui.stdout_style().width.map_or(WIDTH, usize::from)),
        color: *destination == Destination::Stdout && ui.colors_stdout(),
        has_accounts: found.has_accounts,
        zone,
    };
    destination.write(ui, |out| -> Result<u64, CommandError> {
        let (mut runs, mut lines, mut events) = (Runs::default(), Lines::new(layout), 0);
        while let Some(entries) = found.next_entries()? {
            events += entries.len() as u64;
            for entry in entries {
                let ended = if args.no_fold { runs.finish() } else { None };
                let added = runs.add(entry);
                for run in ended.into_iter().chain(added) {
                    lines.add(&run, out)?;
                }
            }
        }
        if let Some(run) = runs.finish() {
            lines.add(&run, out)?;
        }
        lines.finish(out)?;
        Ok(events)
    })
}

fn write_timesketch(
    found: &mut Timeline,
    destination: &Destination,
    context: &Context<'_>,
) -> Result<u64, CommandError> {
    let (mut events, mut left_out) = (0, 0);
    destination.write(context.ui, |out| -> Result<(), CommandError> {
        while let Some(entries) = found.next_entries()? {
            for entry in entries {
                match entry.timesketch() {
                    Some(event) => event.write(out)?,
                    None => left_out += 1,
                }
                events += 1;
            }
        }
        Ok(())
    })?;
    if left_out > 0 {
        let events = counted(left_out, "event has", "events have");
        context.ui.warning(&format!("{events} no time, and no place on a timeline"));
    }
    Ok(events - left_out)
}

fn write_rows(
    found: &mut Timeline,
    format: OutputFormat,
    destination: &Destination,
    context: &Context<'_>,
) -> Result<u64, CommandError> {
    let style =
        if destination.is_terminal(context.ui) { context.ui.stdout_style() } else { output::OutputStyle::default() };
    destination.write(context.ui, |out| output::write(&mut found.rows, format, &style, out))
}
