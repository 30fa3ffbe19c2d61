//! `trailql lake info`: what is in the lake.

use std::fmt::Write as _;
use std::path::PathBuf;

use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, ValueEnum, ValueHint};
use trailql::ops::info::{LakeInfo, info};
use trailql::report::wording::grouped;

use super::super::args;
use super::super::destination::Destination;
use super::super::error::CommandError;
use super::super::{Context, Outcome};

/// Say what is in the lake
#[derive(Debug, Args)]
pub(crate) struct InfoArgs {
    /// The lake [default: ./trail-lake]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) lake: Option<PathBuf>,
    /// Format of the facts
    #[arg(long, short = 'F', default_value = "text")]
    format: InfoFormat,
}

/// A format of the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum InfoFormat {
    /// For people
    Text,
    /// One JSON object
    Json,
}

pub(crate) fn run(args: &InfoArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let info = info(&args::existing_lake(context)?)?;
    let text = match args.format {
        InfoFormat::Text => describe(&info),
        InfoFormat::Json => serde_json::to_string_pretty(&info)? + "\n",
    };
    Destination::Stdout.write(context.ui, |out| out.write_all(text.as_bytes()))?;
    Ok(Outcome::Done)
}

fn describe(info: &LakeInfo) -> String {
    let time = |time: Option<DateTime<Utc>>| {
        time.map_or_else(|| "none".to_owned(), |time| time.to_rfc3339_opts(SecondsFormat::AutoSi, false))
    };
    let rows = [
        ("version", grouped(info.version)),
        ("events", grouped(info.events)),
        ("without time", grouped(info.undated_events)),
        ("oldest event", time(info.oldest_event)),
        ("newest event", time(info.newest_event)),
        ("days", grouped(info.days)),
        ("data files", grouped(info.data_files)),
        ("data bytes", grouped(info.data_bytes)),
        ("runs", grouped(info.runs)),
        ("compactions", grouped(info.compactions)),
        ("sources", grouped(info.sources)),
        ("rejects", grouped(info.rejects)),
        ("read", grouped(info.totals.read)),
        ("stored", grouped(info.totals.stored)),
        ("duplicate", grouped(info.totals.duplicate)),
        ("rejected", grouped(info.totals.rejected)),
    ];
    let mut text = String::new();
    for (name, value) in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:14}{value}");
    }
    text
}
