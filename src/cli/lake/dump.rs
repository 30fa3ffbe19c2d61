//! `trailql lake dump`: every event in scope back as JSON.

use std::path::Path;

use clap::{Args, ValueEnum};
use trailql::engine::output::escape;
use trailql::ops::dump::{Dumped, dump};
use trailql::report::wording::counted;

use super::super::args::{self, ScopeArgs, SourceArgs};
use super::super::destination::{Destination, FileArgs};
use super::super::error::CommandError;
use super::super::{Context, Outcome};

/// Give every event in scope back as JSON, by day (UTC) and time
///
/// Each event is equal to the one that was read, but for the order of keys and white space. Secrets that events carry
/// are masked; a dump that shall serve as evidence needs --show-secrets.
#[derive(Debug, Args)]
pub(crate) struct DumpArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    /// Format of the events [default: as the extension of -o says, else jsonl]
    #[arg(long, short = 'F', value_name = "FORMAT")]
    format: Option<DumpFormat>,
    #[command(flatten)]
    pub(crate) file: FileArgs,
}

/// A format of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DumpFormat {
    /// One event a line
    Jsonl,
    /// One array of events
    Json,
}

impl DumpFormat {
    fn of_path(path: &Path) -> Self {
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
            Self::Json
        } else {
            Self::Jsonl
        }
    }
}

pub(crate) fn run(args: &DumpArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let destination = args.file.destination();
    let format = args.format.unwrap_or_else(|| match &destination {
        Destination::File { path, .. } | Destination::Appended(path) => DumpFormat::of_path(path),
        Destination::Stdout => DumpFormat::Jsonl,
    });
    let opened = args::open(&args.source, &args.scope, context)?;
    let (ui, mut first) = (context.ui, true);
    let dumped = destination.write(ui, |out| -> Result<Dumped, CommandError> {
        let (open, between, end, close) = match format {
            DumpFormat::Jsonl => ("", "", "\n", ""),
            DumpFormat::Json => ("[", ",", "", "\n]\n"),
        };
        let failed = |error| CommandError::write(&destination.name(), error);
        out.write_all(open.as_bytes()).map_err(failed)?;
        let dumped = dump(&opened, |json| {
            let between = if std::mem::take(&mut first) { "" } else { between };
            let line = if format == DumpFormat::Json { "\n" } else { "" };
            let json = escape::json(json);
            [between, line, &json, end].iter().try_for_each(|part| out.write_all(part.as_bytes())).map_err(failed)
        })?;
        out.write_all(close.as_bytes()).map_err(failed)?;
        Ok(dumped)
    })?;
    ui.note(&counted(dumped.events, "event", "events"));
    if dumped.masked > 0 {
        let events = counted(dumped.masked, "event carries", "events carry");
        ui.warning(&format!("{events} secrets, which were masked, so the dump is not what was read"));
        ui.hint("a dump that shall serve as evidence needs `--show-secrets`");
    }
    Ok(Outcome::Done)
}
