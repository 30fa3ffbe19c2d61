//! `trailql lake rejects`: what could not be read, listed or given back.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use trailql::engine::output::OutputFormat;
use trailql::engine::{Query, Scope, masker_of};
use trailql::ops::query;
use trailql::ops::rejects::{INDEX, export};
use trailql::report::wording::counted;

use super::super::args::{ClockArgs, CsvArgs, OutputArgs, SourceArgs};
use super::super::error::CommandError;
use super::super::query::write_output;
use super::super::{Context, Outcome, args};

/// List the records that could not be read, or export their bytes
///
/// Each source counts by its newest reading: what `ingest --retry-rejects` could read later is no longer listed.
/// Secrets that records carry are masked; an export that shall serve as evidence needs --show-secrets.
#[derive(Debug, Args)]
pub(crate) struct RejectsArgs {
    /// The lake [default: ./trail-lake]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) lake: Option<PathBuf>,
    /// Write the bytes of each record to a file of its own in this folder, with an index
    #[arg(long, value_name = "DIR", conflicts_with_all = ["format", "output"], value_hint = ValueHint::DirPath)]
    export: Option<PathBuf>,
    #[command(flatten)]
    clock: ClockArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

const LISTED: &str = "SELECT path, record, \"offset\", length, reason, source_id FROM rejects
                      ORDER BY path, record, source_id";

pub(crate) fn run(args: &RejectsArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let Some(folder) = &args.export else {
        let format = args.output.format(OutputFormat::Table)?;
        args::existing_lake(context)?;
        let source = SourceArgs { lake: args.lake.clone(), from: Vec::new(), geoip: None, csv: CsvArgs::default() };
        let options = args::options_of(&source, Scope::default(), args.clock.now(), context)?;
        let prepared = query::prepare(&options, Query::Sql(LISTED.to_owned()), &context.ui.progress())?;
        return write_output(prepared.run()?, format, &args.output, context);
    };
    let lake = args::existing_lake(context)?;
    let masker = (!context.show_secrets).then(|| masker_of(&lake, context.redact));
    let exported = export(&lake, folder, masker.as_ref())?;
    context.ui.note(&format!(
        "{} and the index `{}`",
        counted(exported.records, "record", "records"),
        folder.join(INDEX).display()
    ));
    if exported.cut > 0 {
        let records = counted(exported.cut, "record is", "records are");
        context.ui.warning(&format!("{records} so long that the lake kept only the beginning"));
    }
    if exported.masked > 0 {
        let records = counted(exported.masked, "record carries", "records carry");
        context.ui.warning(&format!("{records} secrets, which were masked, so these files are not what was read"));
        context.ui.hint("an export that shall serve as evidence needs `--show-secrets`");
    }
    Ok(Outcome::Done)
}
