//! `trailql detect`: every view with a severity over the events in scope.

use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, TimeDelta, Utc};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum, ValueHint};
use trailql::detect::finding::Finding;
use trailql::detect::format::json::{Json, JsonLines};
use trailql::detect::format::ocsf::Ocsf;
use trailql::detect::format::sarif::Sarif;
use trailql::detect::format::timesketch::Timesketch;
use trailql::detect::format::{Origin, Renderer, rows};
use trailql::detect::summary::Summary;
use trailql::detect::suppress::{Suppression, Suppressions};
use trailql::engine::EngineError;
use trailql::engine::output::{self, BatchSource, OutputError, OutputFormat, OutputStyle, Rows};
use trailql::engine::views::{Severity, ViewCatalog};
use trailql::event::time::{Edge, TimeBound, parse_length, parse_time_bound};
use trailql::ops::OpsError;
use trailql::ops::detect::{DetectOptions, Detector, NewSince, Selection, ViewParameter};
use trailql::report::wording::{counted, grouped};

use super::args::{self, LangArgs, QueriesArgs, ScopeArgs, SourceArgs, TableArgs};
use super::destination::{Destination, FileArgs};
use super::error::{CommandError, Kind};
use super::views::severity_parser;
use super::{Context, Outcome};

/// Find what all views find
///
/// Asks every view that has findings, and shows a summary by severity and view. `trailql event ID` shows the whole
/// event behind a finding. Exits with 1 when something as severe as --fail-on is found, and with 2 when a view could
/// not be answered.
#[derive(Debug, Args)]
pub(crate) struct DetectArgs {
    /// Only views of this severity and above
    #[arg(long, value_name = "SEVERITY", default_value = "low", value_parser = severity_parser())]
    min_severity: Severity,
    /// Only views of this category (may be given more than once)
    #[arg(long, value_name = "CATEGORY", value_delimiter = ',')]
    category: Vec<String>,
    /// Only this view, whatever its severity (may be given more than once)
    #[arg(long, value_name = "VIEW", value_delimiter = ',')]
    only: Vec<String>,
    /// Not this view (may be given more than once)
    #[arg(long, value_name = "VIEW", value_delimiter = ',')]
    skip: Vec<String>,
    /// Exit with 1 when a finding is of this severity or above
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser())]
    fail_on: Option<Severity>,
    /// A parameter of a view (may be given more than once)
    #[arg(long = "param", short = 'p', value_name = "VIEW.NAME=VALUE", value_parser = param_parser)]
    params: Vec<ViewParameter>,
    /// A TOML file that names known findings; they are counted apart
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    suppress: Option<PathBuf>,
    /// Only findings that are new by what was ingested after this run (its id), or at this time and later
    #[arg(long, value_name = "RUN|TIME")]
    new_since: Option<String>,
    /// Let views that compare with the past read so much of it before --since, such as 30d
    #[arg(long, value_name = "LENGTH", value_parser = length_parser)]
    baseline: Option<TimeDelta>,
    #[command(flatten)]
    pub(crate) queries: QueriesArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) lang: LangArgs,
    /// Format of the answer [default: as the extension of -o says, else table]
    #[arg(long, short = 'F', value_name = "FORMAT", value_parser = format_parser())]
    format: Option<DetectFormat>,
    #[command(flatten)]
    table: TableArgs,
    #[command(flatten)]
    pub(crate) file: FileArgs,
}

/// A format of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DetectFormat {
    /// A summary, for people
    Table,
    /// The summary, for reports
    Markdown,
    /// One JSON object with findings and summary
    Json,
    /// One finding a line
    Jsonl,
    /// One finding a row
    Csv,
    /// SARIF 2.1.0
    Sarif,
    /// Events of a timeline, one a line
    Timesketch,
    /// OCSF Detection Findings, one a line
    Ocsf,
}

fn format_parser() -> impl TypedValueParser<Value = DetectFormat> {
    let names = DetectFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    PossibleValuesParser::new(names).try_map(|text| DetectFormat::from_str(&text, false))
}

pub(super) fn param_parser(text: &str) -> Result<ViewParameter, String> {
    let parts = text.split_once('=').and_then(|(name, value)| Some((name.split_once('.')?, value)));
    let ((view, name), value) = parts.ok_or_else(|| {
        let hint = "write the view, a dot, the name, an equals sign and the value, such as `mass_delete.n=5`";
        format!("not a parameter of a view: `{text}`\n{hint}")
    })?;
    Ok(ViewParameter { view: view.trim().to_owned(), name: name.trim().to_owned(), value: value.to_owned() })
}

fn length_parser(text: &str) -> Result<TimeDelta, String> {
    parse_length(text).ok_or_else(|| {
        format!("not a length of time: `{text}`\ngive a whole number and a unit: m, h, d or w, such as `30d`")
    })
}

pub(crate) fn run(args: &DetectArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let format = format(args)?;
    let views = args::views(context)?;
    super::views::known_categories(&views, &args.category)?;
    let now = args.scope.clock.now();
    if args.new_since.is_some() && !args.source.from.is_empty() {
        return Err(CommandError::user("`--new-since` needs a lake: exports that are read straight away are all new")
            .hint("ingest them with `trailql ingest EXPORT...`"));
    }
    let options = DetectOptions {
        selection: Selection {
            min_severity: args.min_severity,
            categories: args.category.clone(),
            only: args.only.clone(),
            skip: args.skip.clone(),
        },
        params: args.params.clone(),
        suppressions: suppressions(args.suppress.as_deref(), &views, now, context)?,
        new_since: args.new_since.as_deref().map(|text| new_since(text, context)),
        baseline: args.baseline,
        lang: context.settings.lang.value,
        // A limit of time is for each view, which must not wait for others.
        at_once: if context.time_limit.is_some() { 1 } else { context.settings.threads.value.get() },
    };
    let opened = args::open_with(views, &args.source, &args.scope, context)?;
    let mut detector = Detector::start(&opened, &options)?;
    write(&mut detector, format, now, args, context)?;
    tell(&detector, args, context);
    let summary = detector.summary();
    match summary.errors().count() as u64 {
        0 if args.fail_on.is_some_and(|severity| summary.has_findings(severity)) => Ok(Outcome::Negative),
        0 => Ok(Outcome::Done),
        failed => {
            let message = format!("{} could not be answered", counted(failed, "view", "views"));
            Err(CommandError::new(Kind::Data, message))
        }
    }
}

fn format(args: &DetectArgs) -> Result<DetectFormat, CommandError> {
    let Destination::File { path, .. } = args.file.destination() else {
        return Ok(args.format.unwrap_or(DetectFormat::Table));
    };
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    let of_extension = match extension.as_deref() {
        Some("txt") => Some(DetectFormat::Table),
        Some("md" | "markdown") => Some(DetectFormat::Markdown),
        Some("json") => Some(DetectFormat::Json),
        Some("jsonl" | "ndjson") => Some(DetectFormat::Jsonl),
        Some("csv") => Some(DetectFormat::Csv),
        Some("sarif") => Some(DetectFormat::Sarif),
        _ => None,
    };
    args.format.or(of_extension).ok_or_else(|| {
        let names: Vec<String> = DetectFormat::value_variants()
            .iter()
            .filter_map(|format| Some(format!("`{}`", format.to_possible_value()?.get_name())))
            .collect();
        CommandError::user(format!("the extension says no format: `{}`", path.display()))
            .hint(format!("give `--format` with one of {}", names.join(", ")))
    })
}

/// Reads the file of `--suppress`, and checks the names of views in it.
pub(super) fn suppressions(
    path: Option<&Path>,
    views: &ViewCatalog,
    now: DateTime<Utc>,
    context: &Context<'_>,
) -> Result<Suppressions, CommandError> {
    let Some(path) = path else { return Ok(Suppressions::default()) };
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| CommandError::user(format!("cannot read the suppressions `{file}`: {error}")))?;
    let known = Suppressions::parse(&file, &text, context.settings.tz.value, now)
        .map_err(|error| CommandError::user(error.to_string()))?;
    for (line, view) in known.views() {
        if let Err(error) = views.find(view) {
            let error = CommandError::from(error);
            let hint = error.hint_text().map(str::to_owned).unwrap_or_default();
            return Err(CommandError::user(format!("`{file}`, line {line}: {}", error.message())).hint(hint));
        }
    }
    Ok(known)
}

/// Reads a time, or the id of a run.
fn new_since(text: &str, context: &Context<'_>) -> NewSince {
    match parse_time_bound(text, context.settings.tz.value, Edge::Since) {
        Ok(TimeBound::At(time)) => NewSince::Time(time),
        _ => NewSince::Run(text.to_owned()),
    }
}

fn write(
    detector: &mut Detector,
    format: DetectFormat,
    now: DateTime<Utc>,
    args: &DetectArgs,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let (destination, ui) = (args.file.destination(), context.ui);
    let style = args.table.style(&destination, ui);
    let origin = Origin { version: env!("CARGO_PKG_VERSION"), now };
    let mut timesketch = Timesketch::default();
    let (mut json, mut lines, mut sarif, mut ocsf) =
        (Json::default(), JsonLines, Sarif::new(origin), Ocsf::new(origin));
    let renderer: &mut dyn Renderer = match format {
        DetectFormat::Table => return write_summary(detector, OutputFormat::Table, &style, args, context),
        DetectFormat::Markdown => return write_summary(detector, OutputFormat::Markdown, &style, args, context),
        DetectFormat::Csv => {
            let mut rows = FindingRows { detector };
            destination.write(ui, |out| output::write(&mut rows, OutputFormat::Csv, &style, out))?;
            return Ok(());
        }
        DetectFormat::Json => &mut json,
        DetectFormat::Jsonl => &mut lines,
        DetectFormat::Sarif => &mut sarif,
        DetectFormat::Timesketch => &mut timesketch,
        DetectFormat::Ocsf => &mut ocsf,
    };
    destination.write(ui, |out| -> Result<(), CommandError> {
        let failed = |error| CommandError::write(&destination.name(), error);
        renderer.begin(detector.rules(), out).map_err(failed)?;
        while let Some(findings) = detector.next_findings()? {
            findings.iter().try_for_each(|finding| renderer.finding(finding, out)).map_err(failed)?;
        }
        renderer.end(detector.summary(), out).map_err(failed)
    })?;
    if timesketch.left_out() > 0 {
        let findings = counted(timesketch.left_out(), "finding has", "findings have");
        ui.warning(&format!("{findings} no time, and no place on a timeline"));
    }
    Ok(())
}

/// Writes the summary by severity and by view.
fn write_summary(
    detector: &mut Detector,
    format: OutputFormat,
    style: &OutputStyle,
    args: &DetectArgs,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    detector.summarise()?;
    let summary: &Summary = detector.summary();
    let tables = [rows::severities(summary), rows::views(summary)];
    args.file.destination().write(context.ui, |out| -> Result<(), OutputError> {
        for (at, table) in tables.into_iter().enumerate() {
            if at > 0 {
                out.write_all(b"\n")?;
            }
            output::write(&mut Rows::from(table.map_err(OutputError::Value)?), format, style, out)?;
        }
        Ok(())
    })
}

/// Findings as a source of batches.
struct FindingRows<'d> {
    detector: &'d mut Detector,
}

impl BatchSource for FindingRows<'_> {
    fn schema(&self) -> SchemaRef {
        rows::schema()
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, EngineError> {
        let findings: Option<Vec<Finding>> = self.detector.next_findings().map_err(|error| match error {
            OpsError::Engine(error) => error,
            other => EngineError::Sql(other.to_string()),
        })?;
        let batch = findings.map(|findings| rows::findings(&findings)).transpose();
        batch.map_err(|error| EngineError::Sql(error.to_string()))
    }
}

/// Describes on stderr what was found, and warns of suppressions that do nothing.
fn tell(detector: &Detector, args: &DetectArgs, context: &Context<'_>) {
    let (summary, ui) = (detector.summary(), context.ui);
    for (view, error) in summary.errors() {
        ui.warning(&format!("the view `{view}` could not be answered: {error}"));
    }
    let file = args.suppress.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let entry = |entry: &Suppression| format!("the suppression in line {} of `{file}` ({})", entry.line, entry.reason);
    for expired in detector.suppressions().expired() {
        ui.warning(&format!("{} has expired", entry(expired)));
    }
    for unused in detector.suppressions().unused() {
        ui.warning(&format!("{} matches no finding", entry(unused)));
    }
    let (mut findings, mut suppressed, mut views) = (0, 0, 0);
    for severity in summary.by_severity() {
        findings += severity.findings;
        suppressed += severity.suppressed;
        views += severity.views_with_findings;
    }
    let asked = counted(summary.views.len() as u64, "view", "views");
    let known = if suppressed > 0 { format!(", {} suppressed", grouped(suppressed)) } else { String::new() };
    ui.note(&format!("{} in {views} of {asked}{known}", counted(findings, "finding", "findings")));
}
