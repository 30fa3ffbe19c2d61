//! Arguments that several verbs share, and how they become options of the floors below.
//!
//! Everything typed is parsed here, once; below there are only times, zones, paths and formats.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};
use trailql::engine::output::{OutputFormat, OutputStyle, TableForm};
use trailql::engine::views::{ViewCatalog, ViewError};
use trailql::engine::{EngineError, EngineOptions, Query, ReferenceData, ResolvedScope, Scope};
use trailql::event::lang::Lang;
use trailql::event::time::{Edge, TimeBound, Zone, parse_time_bound};
use trailql::export::csv::CsvOptions;
use trailql::geoip::GeoIp;
use trailql::ops::ingest::IngestOutcome;
use trailql::ops::open::{OpenOptions, Opened, Source};
use trailql::ops::query::{self, Prepared};
use trailql::ops::scope::Notice;
use trailql::report::wording::counted;
use trailql::settings::{
    ColorChoice, MemorySize, Origin, ValueError, parse_memory_limit, parse_threads, parse_time_zone,
};

use super::Context;
use super::destination::{Destination, FileArgs};
use super::error::CommandError;
use super::ui::Ui;

/// Flags of every verb.
#[derive(Debug, Args)]
pub(crate) struct GlobalArgs {
    /// Memory that ingest and queries may use, with its unit, 32MiB or more [default: 512MiB]
    #[arg(long, global = true, value_name = "SIZE", value_parser = memory_limit_parser)]
    pub(crate) memory_limit: Option<MemorySize>,
    /// Threads that ingest and queries may use [default: one for each processor]
    #[arg(long, global = true, value_name = "N", value_parser = threads_parser)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Give up a question that is not answered within this time, such as 30s or 5m [default: none]
    #[arg(long, global = true, value_name = "TIME", value_parser = time_limit_parser)]
    pub(crate) time_limit: Option<Duration>,
    /// Colour: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", value_parser = color_parser())]
    pub(crate) color: Option<ColorChoice>,
    /// Show an answer that is longer than the screen as it is, and not in $TRAILQL_PAGER, $PAGER or less
    #[arg(long, global = true)]
    pub(crate) no_pager: bool,
    /// Print only the answer, warnings and errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Show secrets that events carry (issued AccessKey secrets, passwords) instead of masking them
    #[arg(long, global = true)]
    pub(crate) show_secrets: bool,
    /// Hide e-mail addresses and telephone numbers too, and user names that are e-mail addresses
    #[arg(long, global = true, conflicts_with = "show_secrets")]
    pub(crate) redact: bool,
}

fn time_limit_parser(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("not a length of time: `{text}`\ngive a whole number and a unit: ms, s, m or h, such as `30s`");
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok().filter(|number| *number > 0).ok_or_else(wrong)?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong()),
    };
    number.checked_mul(millis).map(Duration::from_millis).ok_or_else(wrong)
}

fn color_parser() -> impl TypedValueParser<Value = ColorChoice> {
    PossibleValuesParser::new(["auto", "always", "never"]).try_map(|text| text.parse::<ColorChoice>())
}

fn format_parser() -> impl TypedValueParser<Value = OutputFormat> {
    PossibleValuesParser::new(OutputFormat::ALL.map(OutputFormat::name)).try_map(|text| text.parse::<OutputFormat>())
}

fn lang_parser() -> impl TypedValueParser<Value = Lang> {
    PossibleValuesParser::new(Lang::ALL.map(Lang::name)).try_map(|text| text.parse::<Lang>())
}

fn memory_limit_parser(text: &str) -> Result<MemorySize, String> {
    parse_memory_limit(text).map_err(|error| with_hint(&error))
}

fn threads_parser(text: &str) -> Result<NonZeroUsize, String> {
    parse_threads(text).map_err(|error| with_hint(&error))
}

fn tz_parser(text: &str) -> Result<Zone, String> {
    parse_time_zone(text).map_err(|error| with_hint(&error))
}

/// An error with its hint on a second line; `usage` takes them apart again.
fn with_hint(error: &ValueError) -> String {
    match error.hint() {
        Some(hint) => format!("{error}\n{hint}"),
        None => error.to_string(),
    }
}

/// Flags that name the source of events.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// The lake to read [default: ./trail-lake]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) lake: Option<PathBuf>,
    /// Read exports straight away, without keeping a lake: files, folders, globs
    #[arg(long, value_name = "EXPORT", num_args = 1.., conflicts_with = "lake", value_hint = ValueHint::AnyPath)]
    pub(crate) from: Vec<PathBuf>,
    /// Folder with GeoIP databases of MaxMind or DB-IP (City or Country, and ASN; .mmdb), for places of addresses
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) geoip: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) csv: CsvArgs,
}

/// Flags that name views of the user's own.
#[derive(Debug, Args)]
pub(crate) struct QueriesArgs {
    /// A folder with views of your own (may be given more than once) [default: queries in the configuration folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) queries: Vec<PathBuf>,
}

/// The most view files that cannot be read and are named.
const NAMED_FILES: usize = 10;

/// The built-in views and those of the user's folders. Files that cannot be read are said on stderr, and so are views
/// that stand in the place of built-in ones.
pub(crate) fn views(context: &Context<'_>) -> Result<ViewCatalog, CommandError> {
    let folders = context.settings.queries.value.iter();
    let (views, broken) = views_of(folders, context)?;
    for error in broken.iter().take(NAMED_FILES) {
        let similar = error.similar.first().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        context.ui.warning(&format!("{error}{similar}"));
    }
    let more = broken.len().saturating_sub(NAMED_FILES) as u64;
    if more > 0 {
        context.ui.warning(&format!("cannot read {}", counted(more, "more view file", "more view files")));
    }
    for view in views.own().filter(|view| view.shadows) {
        context.ui.note(&super::views::shadowing(view));
    }
    Ok(views)
}

/// The built-in views and those of some folders, with the errors of files that cannot be read.
pub(crate) fn views_of<'f>(
    folders: impl Iterator<Item = &'f PathBuf>,
    context: &Context<'_>,
) -> Result<(ViewCatalog, Vec<ViewError>), CommandError> {
    let mut views = ViewCatalog::built_in().map_err(EngineError::from)?;
    let mut broken = Vec::new();
    for folder in folders {
        let files = views.add_folder(folder).map_err(|error| {
            let error = CommandError::from(EngineError::from(error));
            match &context.settings.queries.origin {
                Origin::Flag(_) => error,
                Origin::Default => error.hint("views are also read from `queries` in the configuration folder"),
                origin => error.hint(format!("{origin} names the folder")),
            }
        })?;
        broken.extend(files.into_iter().filter_map(|file| file.view.err()));
    }
    Ok((views, broken))
}

/// Flags that select events.
#[derive(Debug, Args)]
pub(crate) struct ScopeArgs {
    /// From this time on: 2026-11-02, 2026-W45, 2026-11, 2026-11-02T08:30, with or without an offset, or 7d before the
    /// newest event of the accounts and regions (before --until, where that is a time)
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) since: Option<String>,
    /// Up to this time, left out; a date, a week or a month is taken in to its end
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) until: Option<String>,
    /// Time zone in which times are read and printed: an IANA name, or an offset such as +08:00 or UTC+8 (which IANA
    /// calls Etc/GMT-8) [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = tz_parser, allow_hyphen_values = true)]
    pub(crate) tz: Option<Zone>,
    /// Only this account (may be given more than once)
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) account: Vec<String>,
    /// Only this region (may be given more than once)
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub(crate) region: Vec<String>,
    #[command(flatten)]
    pub(crate) clock: ClockArgs,
}

/// The flag for the language.
#[derive(Debug, Args)]
pub(crate) struct LangArgs {
    /// Language of sentences and titles [default: that of the settings, else of LANG, else en]
    #[arg(long, value_name = "LANG", value_parser = lang_parser())]
    pub(crate) lang: Option<Lang>,
}

/// Flags for the notation of CSV, for files that do not tell it.
#[derive(Debug, Default, Args)]
pub(crate) struct CsvArgs {
    /// Character between two cells, or tab or space
    #[arg(long, value_name = "CHAR", value_parser = csv_byte)]
    csv_delimiter: Option<u8>,
    /// Character around a cell
    #[arg(long, value_name = "CHAR", value_parser = csv_byte)]
    csv_quote: Option<u8>,
    /// Character behind a row, or tab or space
    #[arg(long, value_name = "CHAR", value_parser = csv_byte)]
    csv_line_feed: Option<u8>,
    /// Names of the columns, in their order, for files without a header
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    csv_columns: Option<Vec<String>>,
    /// Text of a cell that has no value [default: an empty cell]
    #[arg(long, value_name = "TEXT")]
    csv_null: Option<String>,
    /// Time zone of times that name none, as in --tz of a query; without it they are kept but not read as times
    #[arg(long, value_name = "ZONE", value_parser = tz_parser, allow_hyphen_values = true)]
    csv_tz: Option<Zone>,
}

impl CsvArgs {
    /// The options of the floors below.
    pub(crate) fn options(&self) -> CsvOptions {
        CsvOptions {
            delimiter: self.csv_delimiter,
            quote: self.csv_quote,
            line_feed: self.csv_line_feed,
            columns: self.csv_columns.clone(),
            null: self.csv_null.clone(),
            tz: self.csv_tz,
        }
    }
}

/// One ASCII character, or the name of one that cannot be typed well.
fn csv_byte(text: &str) -> Result<u8, String> {
    match (text, text.as_bytes()) {
        ("tab" | "\\t", _) => Ok(b'\t'),
        ("space", _) => Ok(b' '),
        (_, [byte]) => Ok(*byte),
        _ => Err(format!("not one character: `{text}`\ngive one character, or `tab` or `space`")),
    }
}

/// The clock, or what stands for it.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ClockArgs {
    /// Take this as the present time, RFC 3339, so that a run can be repeated to the byte
    #[arg(long, value_name = "TIME", value_parser = now_parser)]
    now: Option<DateTime<Utc>>,
}

fn now_parser(text: &str) -> Result<DateTime<Utc>, String> {
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| {
        format!("not an RFC 3339 time: `{text}`\ngive date, time and offset, such as `2026-11-09T08:00:00+09:00`")
    })?;
    Ok(time.with_timezone(&Utc))
}

impl ClockArgs {
    /// The time that counts as now. The only place that reads the clock for an answer.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.now.unwrap_or_else(Utc::now)
    }
}

impl ScopeArgs {
    /// The two ends as typed, read in the time zone of the settings.
    pub(crate) fn bounds(&self, tz: Zone) -> Result<(Option<TimeBound>, Option<TimeBound>), CommandError> {
        let now = self.clock.now();
        let read = |text: &Option<String>, edge| -> Result<Option<TimeBound>, CommandError> {
            let Some(text) = text else { return Ok(None) };
            parse_time_bound(text, tz, edge).map(Some).map_err(|e| CommandError::time(e, text, now.with_timezone(&tz)))
        };
        Ok((read(&self.since, Edge::Since)?, read(&self.until, Edge::Until)?))
    }

    /// The scope of a session between these ends.
    pub(crate) fn scope(&self, tz: Zone, since: Option<TimeBound>, until: Option<TimeBound>) -> Scope {
        let trimmed = |values: &[String]| values.iter().map(|value| value.trim().to_owned()).collect();
        Scope { since, until, tz, accounts: trimmed(&self.account), regions: trimmed(&self.region), now: None }
    }
}

/// Opens what a verb reads, in the scope that was typed, and describes on stderr what that is.
pub(crate) fn open(source: &SourceArgs, scope: &ScopeArgs, context: &Context<'_>) -> Result<Opened, CommandError> {
    let options = open_options(source, scope, context)?;
    let opened = Opened::open(&options, &context.ui.progress())?;
    announce(opened.ingested(), opened.scope(), &opened.notices(opened.scope().range())?, context);
    Ok(opened)
}

/// Opens what a verb reads, with these views.
pub(crate) fn open_with(
    views: ViewCatalog,
    source: &SourceArgs,
    scope: &ScopeArgs,
    context: &Context<'_>,
) -> Result<Opened, CommandError> {
    let mut options = open_options(source, scope, context)?;
    options.engine.views = Arc::new(views);
    let opened = Opened::open(&options, &context.ui.progress())?;
    announce(opened.ingested(), opened.scope(), &opened.notices(opened.scope().range())?, context);
    Ok(opened)
}

/// Opens what a query reads, in the scope that was typed, and describes on stderr what that is.
pub(crate) fn prepare(
    query: Query,
    source: &SourceArgs,
    scope: &ScopeArgs,
    context: &Context<'_>,
) -> Result<Prepared, CommandError> {
    prepare_with(query, open_options(source, scope, context)?, context)
}

/// Opens what a query reads, with these options, and describes on stderr what that is.
pub(crate) fn prepare_with(
    query: Query,
    mut options: OpenOptions,
    context: &Context<'_>,
) -> Result<Prepared, CommandError> {
    options.engine.views = Arc::new(views(context)?);
    let prepared = query::prepare(&options, query, &context.ui.progress())?;
    announce(prepared.ingested(), prepared.scope(), &prepared.notices()?, context);
    Ok(prepared)
}

/// Describes on stderr what was opened.
pub(crate) fn announce(
    ingested: Option<&IngestOutcome>,
    scope: &ResolvedScope,
    notices: &[Notice],
    context: &Context<'_>,
) {
    if let Some(ingested) = ingested {
        super::reading::summarize(ingested, context.ui);
    }
    context.ui.note(&super::scope::describe(scope));
    super::scope::warn(notices, scope, false, context.ui);
}

/// Options of whatever reads events in the scope that was typed.
pub(crate) fn open_options(
    source: &SourceArgs,
    scope: &ScopeArgs,
    context: &Context<'_>,
) -> Result<OpenOptions, CommandError> {
    let tz = context.settings.tz.value;
    let (since, until) = scope.bounds(tz)?;
    options_of(source, scope.scope(tz, since, until), scope.clock.now(), context)
}

/// Options of whatever reads events, as the flags and the settings say.
pub(crate) fn options_of(
    source: &SourceArgs,
    scope: Scope,
    now: DateTime<Utc>,
    context: &Context<'_>,
) -> Result<OpenOptions, CommandError> {
    let settings = &context.settings;
    let engine = EngineOptions {
        memory_limit_bytes: settings.memory_limit.value.bytes(),
        owns_process: true,
        threads: settings.threads.value.get(),
        show_secrets: context.show_secrets,
        redact: context.redact,
        views: Arc::new(ViewCatalog::built_in().map_err(EngineError::from)?),
        reference: ReferenceData { known_names: settings.known_names.clone(), geoip: open_geoip(context)? },
        tuning: true,
    };
    let source = if source.from.is_empty() {
        if source.csv.options() != CsvOptions::default() {
            let message = "`--csv-…` tell how exports are read, and a lake has been read already";
            return Err(CommandError::user(message).hint("give them to `trailql ingest`, or with `--from EXPORT...`"));
        }
        let hint = "make one with `trailql ingest EXPORT...`, name one with `--lake`, \
                    or read exports straight away with `--from EXPORT...`";
        Source::Lake(existing_lake(context).map_err(|error| error.hint(hint))?)
    } else {
        Source::Exports { inputs: source.from.clone(), csv: source.csv.options() }
    };
    Ok(OpenOptions { source, scope, engine, time_limit: context.time_limit, now })
}

/// Opens the GeoIP databases of the settings. They may take half of the memory.
fn open_geoip(context: &Context<'_>) -> Result<GeoIp, CommandError> {
    let settings = &context.settings;
    let Some(folder) = &settings.geoip.value else { return Ok(GeoIp::default()) };
    Ok(GeoIp::open(folder, settings.memory_limit.value.bytes() as u64 / 2)?)
}

/// The lake of the settings, if there is one.
pub(crate) fn existing_lake(context: &Context<'_>) -> Result<PathBuf, CommandError> {
    let lake = &context.settings.lake;
    if lake.value.is_dir() {
        return Ok(lake.value.clone());
    }
    let path = lake.value.display();
    let message = match &lake.origin {
        Origin::Default => format!("no lake at the default place: `{path}`"),
        Origin::Flag(_) => format!("no lake at: `{path}`"),
        origin => format!("no lake at the place that {origin} names: `{path}`"),
    };
    Err(CommandError::user(message).hint("make one with `trailql ingest EXPORT...`, or name one with `--lake`"))
}

/// Flags for the format and the destination of an answer.
#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// Format of the answer [default: as the extension of -o says, else table]
    #[arg(long, short = 'F', value_name = "FORMAT", value_parser = format_parser())]
    pub(crate) format: Option<OutputFormat>,
    #[command(flatten)]
    pub(crate) table: TableArgs,
    #[command(flatten)]
    pub(crate) file: FileArgs,
}

/// Flags for the form of a table.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct TableArgs {
    /// Show every value of a table whole, however wide its lines become
    #[arg(long, conflicts_with = "expanded")]
    wide: bool,
    /// Show each row of a table as a record, with a line for each value
    #[arg(long)]
    expanded: bool,
}

impl TableArgs {
    /// Returns the form of a table.
    pub(crate) fn form(self) -> TableForm {
        match self {
            Self { expanded: true, .. } => TableForm::Expanded,
            Self { wide: true, .. } => TableForm::Wide,
            Self { .. } => TableForm::Fitting,
        }
    }

    /// Returns the layout of an answer that goes to `destination`.
    pub(crate) fn style(self, destination: &Destination, ui: &Ui) -> OutputStyle {
        destination.style(self.form(), ui)
    }
}

impl OutputArgs {
    /// Returns the destination of the answer.
    pub(crate) fn destination(&self) -> Destination {
        self.file.destination()
    }

    /// The format that was typed, else that of the file's extension, else `otherwise`.
    pub(crate) fn format(&self, otherwise: OutputFormat) -> Result<OutputFormat, CommandError> {
        let names = || OutputFormat::ALL.map(|format| format!("`{format}`")).join(", ");
        match (self.format, self.destination()) {
            (Some(format), _) => Ok(format),
            (None, Destination::Stdout) => Ok(otherwise),
            (None, Destination::File { path, .. } | Destination::Appended(path)) => OutputFormat::of_path(&path)
                .ok_or_else(|| {
                    CommandError::user(format!("the extension says no format: `{}`", path.display()))
                        .hint(format!("give `--format` with one of {}", names()))
                }),
        }
    }
}
