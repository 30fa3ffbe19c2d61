//! `trailql report`: reports to hand over.

use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};
use trailql::engine::EngineError;
use trailql::engine::views::Severity;
use trailql::event::lang::Lang;
use trailql::event::time::{IsoWeek, TimeRange, Zone, format_local_time};
use trailql::ops::open::Opened;
use trailql::ops::report::{RootUsageOptions, root_usage};
use trailql::ops::scope::Range;
use trailql::report::evidence::EvidenceLevel;
use trailql::report::{self, RootUsage};

use super::args::{self, LangArgs, ScopeArgs, SourceArgs};
use super::destination::{Destination, FileArgs};
use super::error::{CommandError, Kind};
use super::ui::Ui;
use super::{Context, Outcome, scope};

/// Write a report
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(subcommand)]
    verb: ReportVerb,
}

#[derive(Debug, Subcommand)]
enum ReportVerb {
    RootUsage(Box<RootUsageArgs>),
}

/// Report on the use of the Alibaba Cloud account itself (root) in a week
///
/// A verdict, what needs action, logons, AccessKey calls, resources managed and what the data cover, compared with the
/// four weeks before. Each figure comes with its events and the statement that finds them.
#[derive(Debug, Args)]
struct RootUsageArgs {
    /// Events that the report names behind its figures: none, the first 20 of each, or all
    #[arg(long, value_name = "LEVEL", default_value = "summary")]
    evidence: Evidence,
    /// Print one line for the subject of a mail instead of the report
    #[arg(long, conflicts_with_all = ["format", "split_by_account"])]
    summary: bool,
    /// Exit with 1 if there is a finding of this severity or a higher one
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser())]
    fail_on: Option<Severity>,
    /// Write one file for each account: NAME-ACCOUNT.EXT for the NAME.EXT of -o
    #[arg(long, requires = "output")]
    split_by_account: bool,
    /// Calls of root in one day from which on the day counts as one of high frequency
    #[arg(long, value_name = "CALLS", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
    high_frequency: i64,
    #[command(flatten)]
    source: SourceArgs,
    /// An ISO week such as 2026-W45, a day of it (2026-11-02), the last one that is over, or this one [default: last]
    #[arg(long, value_name = "WEEK", conflicts_with_all = ["since", "until"])]
    week: Option<String>,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Format of the report [default: as the extension of -o says, else terminal]
    #[arg(long, short = 'F')]
    format: Option<ReportFormat>,
    #[command(flatten)]
    lang: LangArgs,
    #[command(flatten)]
    file: FileArgs,
}

/// Columns of a terminal report that is not written to a terminal.
const WIDTH: u16 = 100;

/// A format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// Text for a terminal
    Terminal,
    /// Markdown
    Markdown,
    /// JSON
    Json,
    /// One HTML file that needs nothing else
    Html,
}

/// The amount of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Evidence {
    /// Counts only
    None,
    /// The first 20 events of each figure
    Summary,
    /// All events, up to 100,000 of each figure
    Full,
}

fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.map(Severity::text)).try_map(|text| text.parse::<Severity>())
}

impl ReportFormat {
    fn of_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Terminal),
            "md" | "markdown" => Some(Self::Markdown),
            "json" => Some(Self::Json),
            "html" | "htm" => Some(Self::Html),
            _ => None,
        }
    }

    /// The format with what the destination adds to it.
    fn layout(self, destination: &Destination, ui: &Ui) -> report::ReportFormat {
        match self {
            Self::Terminal => {
                let stdout = *destination == Destination::Stdout;
                let width = if stdout { ui.stdout_style().width } else { None };
                let color = stdout && ui.colors_stdout();
                report::ReportFormat::Terminal { width: width.unwrap_or(WIDTH).into(), color }
            }
            Self::Markdown => report::ReportFormat::Markdown,
            Self::Json => report::ReportFormat::Json,
            Self::Html => report::ReportFormat::Html,
        }
    }
}

impl ReportArgs {
    pub(crate) fn source(&self) -> &SourceArgs {
        let ReportVerb::RootUsage(args) = &self.verb;
        &args.source
    }

    /// The file that is written; `None` where there are several, whose names are known later.
    pub(crate) fn file(&self) -> Option<&FileArgs> {
        let ReportVerb::RootUsage(args) = &self.verb;
        (!args.split_by_account).then_some(&args.file)
    }

    pub(crate) fn scope(&self) -> &ScopeArgs {
        let ReportVerb::RootUsage(args) = &self.verb;
        &args.scope
    }

    pub(crate) fn lang(&self) -> Option<Lang> {
        let ReportVerb::RootUsage(args) = &self.verb;
        args.lang.lang
    }
}

pub(crate) fn run(args: &ReportArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let ReportVerb::RootUsage(args) = &args.verb;
    let destination = args.file.destination();
    let format = match (args.format, &destination) {
        (Some(format), _) => format,
        (None, Destination::File { path, .. }) if !args.summary => ReportFormat::of_path(path).ok_or_else(|| {
            CommandError::user(format!("the extension says no format: `{}`", path.display()))
                .hint("give `--format` with one of `terminal`, `markdown`, `json`, `html`")
        })?,
        (None, _) => ReportFormat::Terminal,
    };
    let (tz, now) = (context.settings.tz.value, args.scope.clock.now());
    let range = read_range(args, tz, now)?;
    range.check(tz).map_err(EngineError::from)?;
    // The report also compares with the weeks before its own, so the session is not limited to the range.
    let all_times = args.scope.scope(tz, None, None);
    let options = args::options_of(&args.source, all_times, now, context)?;
    let opened = Opened::open(&options, &context.ui.progress())?;
    if let Some(ingested) = opened.ingested() {
        super::reading::summarize(ingested, context.ui);
    }
    let (since, until) = range.closed(&opened, now)?;
    let week = range.week();
    let name = week.map(|week| format!("{week}, ")).unwrap_or_default();
    let (start, end) = (format_local_time(since, tz), format_local_time(until, tz));
    context.ui.note(&format!("scope: {name}{start} to {end}"));
    let whole = TimeRange { since: Some(since), until: Some(until) };
    scope::warn(&opened.notices(whole)?, opened.scope(), true, context.ui);
    let evidence = match args.evidence {
        _ if args.summary => EvidenceLevel::None,
        Evidence::None => EvidenceLevel::None,
        Evidence::Summary => EvidenceLevel::Summary,
        Evidence::Full => EvidenceLevel::Full,
    };
    let mut options = RootUsageOptions {
        since,
        until,
        week,
        tz,
        now,
        high_frequency: args.high_frequency,
        evidence,
        command: command(args, context, (since, until), week, now, &args.scope.account),
    };
    let usage = root_usage(&opened, &options)?;
    let lang = context.settings.lang.value;
    if args.summary {
        let line = report::summary(&usage, lang);
        destination.write(context.ui, |out| writeln!(out, "{line}"))?;
        return Ok(outcome(&usage, args.fail_on));
    }
    if args.split_by_account {
        for account in usage.accounts.items.iter().filter_map(|account| account.account_id.as_deref()) {
            options.command = command(args, context, (since, until), week, now, &[account.to_owned()]);
            let of_account = root_usage(&opened.of_account(account)?, &options)?;
            write(&of_account, lang, format, &destination_of(&destination, account), context)?;
        }
    } else {
        write(&usage, lang, format, &destination, context)?;
    }
    Ok(outcome(&usage, args.fail_on))
}

fn outcome(usage: &RootUsage, fail_on: Option<Severity>) -> Outcome {
    let is_grave = |severity| usage.findings.iter().any(|finding| finding.severity >= severity);
    if fail_on.is_some_and(is_grave) { Outcome::Negative } else { Outcome::Done }
}

fn write(
    usage: &RootUsage,
    lang: Lang,
    format: ReportFormat,
    destination: &Destination,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let text = report::render(usage, lang, format.layout(destination, context.ui))
        .map_err(|e| CommandError::new(Kind::Internal, e.to_string()))?;
    destination.write(context.ui, |out| out.write_all(text.as_bytes()))?;
    if let Destination::File { path, .. } = destination {
        context.ui.note(&format!("wrote the report: `{}`", path.display()));
    }
    Ok(())
}

/// The file of an account. An id comes from events, so only letters and digits of it stand in the name.
fn destination_of(destination: &Destination, account: &str) -> Destination {
    match destination {
        Destination::Stdout | Destination::Appended(_) => destination.clone(),
        Destination::File { path, force } => {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let id: String = account.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            let mut name = format!("{stem}-{id}");
            if let Some(extension) = path.extension() {
                name = format!("{name}.{}", extension.to_string_lossy());
            }
            Destination::File { path: path.with_file_name(name), force: *force }
        }
    }
}

/// Writes the command that makes the report again: what its content follows from, and nothing else.
fn command(
    args: &RootUsageArgs,
    context: &Context<'_>,
    (since, until): (DateTime<Utc>, DateTime<Utc>),
    week: Option<IsoWeek>,
    now: DateTime<Utc>,
    accounts: &[String],
) -> String {
    let tz = context.settings.tz.value;
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let mut words: Vec<String> = ["trailql", "report", "root-usage"].map(str::to_owned).into();
    match week {
        Some(week) => words.extend(["--week".to_owned(), week.to_string()]),
        None => words.extend(["--since".to_owned(), time(since), "--until".to_owned(), time(until)]),
    }
    words.extend(["--tz".to_owned(), tz.to_string(), "--lang".to_owned(), context.settings.lang.value.to_string()]);
    words.extend(["--now".to_owned(), time(now)]);
    let mut each = |flag: &str, values: &[String]| {
        words.extend(values.iter().flat_map(|value| [flag.to_owned(), value.trim().to_owned()]));
    };
    each("--account", accounts);
    each("--region", &args.scope.region);
    if args.high_frequency != 100 {
        each("--high-frequency", &[args.high_frequency.to_string()]);
    }
    match args.evidence {
        Evidence::Summary => {}
        Evidence::None => each("--evidence", &["none".to_owned()]),
        Evidence::Full => each("--evidence", &["full".to_owned()]),
    }
    if args.source.from.is_empty() {
        each("--lake", &[context.settings.lake.value.display().to_string()]);
    } else {
        let exports: Vec<String> = args.source.from.iter().map(|path: &PathBuf| path.display().to_string()).collect();
        words.push("--from".to_owned());
        words.extend(exports);
    }
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// A word of a shell command.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,=+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Reads what the report is about.
fn read_range(args: &RootUsageArgs, tz: Zone, now: DateTime<Utc>) -> Result<Range, CommandError> {
    let week = match args.week.as_deref() {
        Some("last") => IsoWeek::last_before(now, tz),
        Some("this") => IsoWeek::of(now, tz),
        Some(text) => IsoWeek::parse_or_day(text).map_err(|e| CommandError::time(e, text, now.with_timezone(&tz)))?,
        None => match args.scope.bounds(tz)? {
            (None, None) => IsoWeek::last_before(now, tz),
            (since, until) => return Ok(Range::Between(since, until)),
        },
    };
    Ok(Range::Week(week))
}
