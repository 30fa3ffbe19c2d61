//! `trailql about`: one page on a value that somebody has, such as an address, a key or a name.

mod commands;
mod page;
mod rest;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum, value_parser};
use trailql::engine::output::escape;
use trailql::ops::about::{AboutOptions, Answer, MANY, MOST_LISTED, about};
use trailql::ops::open::Opened;
use trailql::ops::subject::{Kind, Match, Subject, SubjectError};

use super::args::{self, QueriesArgs, ScopeArgs, SourceArgs};
use super::destination::{Destination, FileArgs};
use super::error::CommandError;
use super::{Context, Outcome};

pub(super) use commands::Scoped;

/// Tell everything about an address, a key, a name or an id
///
/// Recognises what the value is: an address or a network, an AccessKey, a principal, a user, a role, an account, an
/// event, a request, a resource or a host. One page tells what it is, when it was seen, what it did, from where, what
/// it is linked with, and which commands to run next. Values may be pasted with quotes, a port, or as an ARN. Exits
/// with 1 when no event in scope has the value.
#[derive(Debug, Args)]
pub(crate) struct AboutArgs {
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    pub(crate) queries: QueriesArgs,
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
    pub(crate) page: PageArgs,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

/// The flag for the format of the page.
#[derive(Debug, Args)]
pub(crate) struct FormatArgs {
    /// Format of the page [default: as the extension of -o says, else text]
    #[arg(long, short = 'F', value_name = "FORMAT")]
    format: Option<AboutFormat>,
}

/// The value, and what its page holds.
#[derive(Debug, Args)]
pub(crate) struct PageArgs {
    /// The value
    #[arg(value_name = "VALUE")]
    value: String,
    #[command(flatten)]
    kind: KindArgs,
    /// Also ask all views for findings that name the value; takes as long as `trailql detect`
    #[arg(long)]
    findings: bool,
    /// Items of each list
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = value_parser!(u64).range(1..=MOST_LISTED))]
    limit: u64,
}

/// The flag that says what a value is.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct KindArgs {
    /// Take the value for this, whatever it looks like
    #[arg(long = "as", value_name = "KIND", value_parser = kind_parser())]
    pub(crate) kind: Option<Kind>,
}

fn kind_parser() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::name)).try_map(|text| text.parse::<Kind>())
}

/// A format of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AboutFormat {
    /// For people
    #[value(alias = "table")]
    Text,
    /// For a report
    Markdown,
    /// The facts, as docs/about.schema.json describes them
    Json,
}

/// Columns of a page that is not written to a terminal.
const WIDTH: u16 = 100;

pub(crate) fn run(args: &AboutArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    // Wrong arguments are found before anything is opened.
    subject(&args.page.value, args.page.kind.kind)?;
    let destination = args.file.destination();
    format(&args.format, &destination)?;
    let opened = args::open_with(args::views(context)?, &args.source, &args.scope, context)?;
    show(&args.page, &args.format, &opened, &Scoped::new(&args.source, &args.scope, context), &destination, context)
}

/// Writes the page of a value. The next commands are those of `scoped`.
pub(crate) fn show(
    args: &PageArgs,
    format: &FormatArgs,
    opened: &Opened,
    scoped: &Scoped,
    destination: &Destination,
    context: &Context<'_>,
) -> Result<Outcome, CommandError> {
    let subject = subject(&args.value, args.kind.kind)?;
    let format = self::format(format, destination)?;
    // Text names what is not shown.
    let listed = if format == AboutFormat::Json { args.limit } else { args.limit + rest::NAMED };
    let options = AboutOptions {
        subject: subject.clone(),
        listed,
        findings: args.findings,
        lang: context.settings.lang.value,
        many: MANY,
    };
    let mut about = match about(opened, &options)? {
        Answer::Known(about) => about,
        Answer::Unknown(in_lake) => {
            unknown(&subject, &in_lake, opened, context);
            return Ok(Outcome::Negative);
        }
    };
    let rest = rest::take(&mut about, args.limit);
    about.next = commands::next(&about, scoped, subject.account());
    let text = match format {
        AboutFormat::Json => escape::json(&format!("{}\n", serde_json::to_string_pretty(&about)?)).into_owned(),
        AboutFormat::Markdown => page::Page::of(&about, rest).markdown(),
        AboutFormat::Text => {
            let is_shown = *destination == Destination::Stdout;
            let width = if is_shown { context.ui.stdout_style().width } else { None };
            let style = page::Style {
                width: width.unwrap_or(WIDTH).into(),
                color: is_shown && context.ui.colors_stdout(),
                is_utf8: context.settings.is_utf8,
            };
            page::Page::of(&about, rest).text(&style)
        }
    };
    destination.write(context.ui, |out| out.write_all(text.as_bytes()))?;
    Ok(Outcome::Done)
}

fn format(args: &FormatArgs, destination: &Destination) -> Result<AboutFormat, CommandError> {
    let (Destination::File { path, .. } | Destination::Appended(path)) = destination else {
        return Ok(args.format.unwrap_or(AboutFormat::Text));
    };
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    let of_extension = match extension.as_deref() {
        Some("txt") => Some(AboutFormat::Text),
        Some("md" | "markdown") => Some(AboutFormat::Markdown),
        Some("json") => Some(AboutFormat::Json),
        _ => None,
    };
    args.format.or(of_extension).ok_or_else(|| {
        CommandError::user(format!("the extension says no format: `{}`", path.display()))
            .hint("give `--format` with one of `text`, `markdown`, `json`")
    })
}

/// Reads the value that was typed.
pub(super) fn subject(value: &str, kind: Option<Kind>) -> Result<Subject, CommandError> {
    Subject::parse(value, kind).map_err(|error| {
        let failed = CommandError::user(error.to_string());
        match error {
            SubjectError::Empty => failed.hint("give an address, a key, a name or an id"),
            SubjectError::TooLong => failed,
            SubjectError::NotAnAddress(_) => failed.hint("an address looks like `203.0.113.77` or `2001:db8::/32`"),
        }
    })
}

/// Says on stderr that no event in scope has a value, and what the rest of the lake knows of it.
pub(super) fn unknown(subject: &Subject, in_lake: &[Match], opened: &Opened, context: &Context<'_>) {
    let ui = context.ui;
    ui.warning(&format!("no event in scope has the value: `{}`", subject.text()));
    match in_lake.first() {
        Some(found) => {
            let seen = match (found.first_event, found.last_event) {
                (Some(first), Some(last)) => format!(", from {first} to {last}"),
                _ => String::new(),
            };
            let events = trailql::report::wording::counted(found.events.max(found.named_by), "event", "events");
            ui.hint(&format!("outside of the scope it is known, as {}: {events}{seen}", found.kind.words()));
        }
        None if opened.scope().newest_event.is_some() => {
            ui.hint("nor does any other event; ids of AccessKeys and resources have to be written exactly");
        }
        None => {}
    }
}
