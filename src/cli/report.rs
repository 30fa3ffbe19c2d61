//! `trailql report`: reports to hand over.

use std::path::Path;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use trailql::engine::EngineError;
use trailql::event::time::{IsoWeek, TimeRange, Zone, format_local_time};
use trailql::ops::open::Opened;
use trailql::ops::report::{RootUsageOptions, root_usage};
use trailql::ops::scope::Range;
use trailql::report;

use super::args::{self, ScopeArgs, SourceArgs};
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
/// Logons, AccessKey calls, resources managed, denied calls, and what the data cover, compared with the four weeks
/// before.
#[derive(Debug, Args)]
struct RootUsageArgs {
    /// An ISO week such as 2026-W45, or the last one that is over [default: last]
    #[arg(long, value_name = "WEEK", conflicts_with_all = ["since", "until"])]
    week: Option<String>,
    /// Format of the report [default: as the extension of -o says, else terminal]
    #[arg(long, short = 'F')]
    format: Option<ReportFormat>,
    #[command(flatten)]
    file: FileArgs,
    /// Calls of root in one day from which on the day counts as one of high frequency
    #[arg(long, value_name = "CALLS", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
    high_frequency: i64,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    scope: ScopeArgs,
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

    pub(crate) fn file(&self) -> &FileArgs {
        let ReportVerb::RootUsage(args) = &self.verb;
        &args.file
    }

    pub(crate) fn scope(&self) -> &ScopeArgs {
        let ReportVerb::RootUsage(args) = &self.verb;
        &args.scope
    }
}

pub(crate) fn run(args: &ReportArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let ReportVerb::RootUsage(args) = &args.verb;
    let destination = args.file.destination();
    let format = match (args.format, &destination) {
        (Some(format), _) => format,
        (None, Destination::Stdout) => ReportFormat::Terminal,
        (None, Destination::File { path, .. }) => ReportFormat::of_path(path).ok_or_else(|| {
            CommandError::user(format!("the extension says no format: `{}`", path.display()))
                .hint("give `--format` with one of `terminal`, `markdown`, `json`, `html`")
        })?,
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
    let options = RootUsageOptions { since, until, week, tz, now, high_frequency: args.high_frequency };
    let usage = root_usage(&opened, &options)?;
    let text = report::render(&usage, format.layout(&destination, context.ui))
        .map_err(|e| CommandError::new(Kind::Internal, e.to_string()))?;
    destination.write(context.ui, |out| out.write_all(text.as_bytes()))?;
    if let Destination::File { path, .. } = destination {
        context.ui.note(&format!("wrote the report: `{}`", path.display()));
    }
    Ok(Outcome::Done)
}

/// Reads what the report is about.
fn read_range(args: &RootUsageArgs, tz: Zone, now: DateTime<Utc>) -> Result<Range, CommandError> {
    let week = match args.week.as_deref() {
        Some("last") => IsoWeek::last_before(now, tz),
        Some(text) => IsoWeek::parse(text).map_err(|e| CommandError::time(e, text, now.with_timezone(&tz)))?,
        None => match args.scope.bounds(tz)? {
            (None, None) => IsoWeek::last_before(now, tz),
            (since, until) => return Ok(Range::Between(since, until)),
        },
    };
    Ok(Range::Week(week))
}
