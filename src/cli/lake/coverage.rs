//! `trailql lake coverage`: what was delivered, and what is suspicious about it.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, StringArray, UInt64Array};
use arrow::datatypes::Date32Type;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use clap::{Args, ValueEnum};
use trailql::engine::output::{OutputError, OutputFormat, Rows};
use trailql::ops::coverage::{Coverage, CoverageOptions, DayCoverage, Suspicion, coverage};
use trailql::report::calendar::{Day, LocalTime};
use trailql::report::wording::counted;

use super::super::args::{self, OutputArgs, ScopeArgs, SourceArgs};
use super::super::error::CommandError;
use super::super::query::write_rows;
use super::super::ui::Ui;
use super::super::{Context, Outcome};

/// Say what was delivered, by account, region and day, and what is suspicious
///
/// The state of a day tells "nothing happened" from "nothing was delivered": `events`; `write_only` and `read_only`
/// (no read, or no write, in the whole account); `no_events` (none here, but others of the account were delivered);
/// `trail_stopped`; `nothing_delivered` (nothing of the account at all, so nothing can be said of the day). Accounts
/// and regions are those of the whole lake, and days go on to `--until` or to the newest event of the lake, so that
/// one that fell silent has rows too. `steps` are the five-minute steps with events, of 288. An hour is silent when it
/// has no event although it had some on the same weekday in each of the weeks before.
#[derive(Debug, Args)]
pub(crate) struct CoverageArgs {
    /// The table to show
    #[arg(long, value_name = "TABLE", default_value = "days")]
    show: Shown,
    /// An hour counts as silent if it had events in each of this many weeks before
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=52))]
    silent_weeks: u32,
    /// From how many silent hours in one stretch without events on a day is suspicious
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=24))]
    silent_hours: u32,
    /// From how many write events on a day without reads is write_only; fewer are where a trail was set so
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    write_only_from: u64,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// A table to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shown {
    /// Every day of every account and region
    Days,
    /// Suspicious days, trails and sources
    Suspicious,
}

/// The most suspicious facts that are written to stderr beside the table of days.
const SAID: usize = 20;

pub(crate) fn run(args: &CoverageArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let format = args.output.format(OutputFormat::Table)?;
    let opened = args::open(&args.source, &args.scope, context)?;
    let options = CoverageOptions {
        silent_weeks: args.silent_weeks,
        silent_hours: args.silent_hours,
        write_only_from: args.write_only_from,
    };
    let found = coverage(&opened, &options)?;
    let table = match args.show {
        Shown::Days => {
            say(&found, context.ui);
            days(&found.days)
        }
        Shown::Suspicious => suspicious(&found.suspicions),
    };
    let table = table.map_err(OutputError::Value)?;
    write_rows(&mut Rows::from(table), format, &args.output, context)
}

fn say(found: &Coverage, ui: &Ui) {
    for suspicion in found.suspicions.iter().take(SAID) {
        let days = match (suspicion.since, suspicion.until) {
            (Some(since), Some(until)) if since != until => format!(" {since} to {until}"),
            (since, until) => since.or(until).map(|day| format!(" {day}")).unwrap_or_default(),
        };
        let place = [suspicion.account_id.as_deref(), suspicion.region.as_deref()];
        let place: Vec<&str> = place.into_iter().flatten().collect();
        let place = if place.is_empty() { String::new() } else { format!(" ({})", place.join(", ")) };
        ui.warning(&format!("{}{days}{place}: {}", suspicion.kind, suspicion.what));
    }
    if found.suspicions.len() > SAID {
        let more = counted((found.suspicions.len() - SAID) as u64, "thing more is", "things more are");
        ui.hint(&format!("{more} suspicious: `--show suspicious` lists all"));
    }
}

fn days(days: &[DayCoverage]) -> Result<RecordBatch, ArrowError> {
    let text =
        |of: fn(&DayCoverage) -> Option<String>| -> ArrayRef { Arc::new(days.iter().map(of).collect::<StringArray>()) };
    let count = |of: fn(&DayCoverage) -> u64| -> ArrayRef {
        Arc::new(days.iter().map(|day| Some(of(day))).collect::<UInt64Array>())
    };
    let time = |time: Option<LocalTime>| time.map(|time| time.to_string());
    let columns = [
        ("account_id", text(|day| day.account_id.clone())),
        ("region", text(|day| day.region.clone())),
        ("day", dates(days.iter().map(|day| Some(day.day)))),
        ("state", text(|day| Some(day.state.name().to_owned()))),
        ("events", count(|day| day.events)),
        ("reads", count(|day| day.reads)),
        ("writes", count(|day| day.writes)),
        ("sources", count(|day| day.sources)),
        ("steps", count(|day| day.steps)),
        ("silent_hours", count(|day| day.silent_hours)),
        ("first_event", Arc::new(days.iter().map(|day| time(day.first)).collect::<StringArray>())),
        ("last_event", Arc::new(days.iter().map(|day| time(day.last)).collect::<StringArray>())),
    ];
    // Columns may be null in one answer and not in another, so every one is said to be nullable.
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
}

fn suspicious(suspicions: &[Suspicion]) -> Result<RecordBatch, ArrowError> {
    let text = |of: fn(&Suspicion) -> Option<String>| -> ArrayRef {
        Arc::new(suspicions.iter().map(of).collect::<StringArray>())
    };
    let columns = [
        ("since", dates(suspicions.iter().map(|suspicion| suspicion.since))),
        ("until", dates(suspicions.iter().map(|suspicion| suspicion.until))),
        ("kind", text(|suspicion| Some(suspicion.kind.to_owned()))),
        ("account_id", text(|suspicion| suspicion.account_id.clone())),
        ("region", text(|suspicion| suspicion.region.clone())),
        ("what", text(|suspicion| Some(suspicion.what.clone()))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
}

fn dates(days: impl Iterator<Item = Option<Day>>) -> ArrayRef {
    Arc::new(days.map(|day| day.map(|day| Date32Type::from_naive_date(day.0))).collect::<Date32Array>())
}
