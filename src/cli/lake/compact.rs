//! `trailql lake compact`: fewer, larger files.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray, UInt64Array};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use chrono::TimeDelta;
use clap::{Args, ValueEnum, ValueHint};
use trailql::engine::output::{self, OutputError, OutputFormat, Rows};
use trailql::event::time::{Edge, TimeBound, Zone, parse_time_bound};
use trailql::lake::compact::TARGET_BYTES;
use trailql::ops::compact::{CompactOptions, Compacted, Files, TableChange, compact};
use trailql::report::wording::{counted, grouped};
use trailql::settings::MemorySize;

use super::super::args::{self, ClockArgs};
use super::super::destination::Destination;
use super::super::error::{CommandError, Kind};

use super::super::{Context, Outcome};

/// Merge small files into large ones
///
/// The rows stay the same: each day's small files become one, sorted as every data file is, and those of the tables
/// `sources`, `rejects` and `copies` likewise. A question that is being answered goes on reading the files it began
/// with, so these stay until --gc removes them. Killed at any moment, the lake is as it was before or after.
#[derive(Debug, Args)]
pub(crate) struct CompactArgs {
    /// The lake [default: ./trail-lake]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) lake: Option<PathBuf>,
    /// Say what would be merged and removed, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Then remove files that nobody needs: those that were merged, and what killed runs left behind
    #[arg(long)]
    gc: bool,
    /// With --gc, how long files stay after they were merged, for questions that began before: 90m, 12h, 7d
    #[arg(long, value_name = "LENGTH", default_value = "1d", requires = "gc", value_parser = length_parser)]
    keep: TimeDelta,
    /// Size of the files that come out [default: 128MiB]
    #[arg(long, value_name = "SIZE", value_parser = size_parser)]
    target_size: Option<MemorySize>,
    #[command(flatten)]
    clock: ClockArgs,
    /// Format of the result
    #[arg(long, short = 'F', default_value = "text")]
    format: CompactFormat,
}

/// A format of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CompactFormat {
    /// For people
    Text,
    /// One JSON object
    Json,
}

fn length_parser(text: &str) -> Result<TimeDelta, String> {
    match parse_time_bound(text, Zone::UTC, Edge::Since) {
        Ok(TimeBound::BeforeNewest(length)) => Ok(length),
        _ => Err(format!("not a length of time: `{text}`\ngive a number and a unit: `90m`, `12h` or `7d`")),
    }
}

fn size_parser(text: &str) -> Result<MemorySize, String> {
    MemorySize::from_str(text).map_err(|error| error.to_string())
}

pub(crate) fn run(args: &CompactArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let (settings, ui) = (&context.settings, context.ui);
    let options = CompactOptions {
        lake: args::existing_lake(context)?,
        memory_limit_bytes: settings.memory_limit.value.bytes(),
        threads: settings.threads.value.get(),
        target_bytes: args.target_size.map_or(TARGET_BYTES, |size| size.bytes() as u64),
        now: args.clock.now(),
        gc: args.gc.then_some(args.keep),
        dry_run: args.dry_run,
    };
    let compacted = compact(&options, &ui.progress())?;
    match args.format {
        CompactFormat::Text => {
            let table = account(&compacted).map_err(OutputError::Value)?;
            Destination::Stdout
                .write(ui, |out| output::write(&mut Rows::from(table), OutputFormat::Table, &ui.stdout_style(), out))?;
        }
        CompactFormat::Json => {
            let text = serde_json::to_string_pretty(&compacted)? + "\n";
            Destination::Stdout.write(ui, |out| out.write_all(text.as_bytes()))?;
        }
    }
    say(&compacted, args.dry_run, context);
    if compacted.left > 0 {
        let left = counted(compacted.left, "day or table is", "days and tables are");
        return Err(CommandError::new(Kind::Data, format!("stopped: {left} left"))
            .hint("run the same command again; it goes on with those that are left"));
    }
    Ok(Outcome::Done)
}

fn say(compacted: &Compacted, dry_run: bool, context: &Context<'_>) {
    let ui = context.ui;
    let files = compacted.tables.iter().map(|table| table.merged_files).sum();
    let days = compacted.tables.iter().filter(|table| table.table == "events").map(|table| table.merged).sum();
    let merged = match files {
        0 => "nothing to merge".to_owned(),
        files if dry_run => {
            format!("would merge {} of {}", counted(files, "file", "files"), counted(days, "day", "days"))
        }
        files => format!("merged {} of {}", counted(files, "file", "files"), counted(days, "day", "days")),
    };
    let (lake, seconds) = (context.settings.lake.value.display(), compacted.elapsed.as_secs_f64());
    ui.note(&format!("{merged}; lake `{lake}` is at version {} after {seconds:.1} s", compacted.version));
    match &compacted.removed {
        Some(removed) => {
            let did = if dry_run { "would remove" } else { "removed" };
            let files = counted(removed.files, "file", "files");
            let waiting = counted(removed.waiting_files, "file has", "files have");
            ui.note(&format!("{did} {files} of {} bytes; {waiting} to stay for some time yet", grouped(removed.bytes)));
        }
        None if files > 0 && !dry_run => {
            ui.hint("the merged files stay for questions that began before; `trailql lake compact --gc` removes them");
        }
        None => {}
    }
}

/// A line for each table that has files; a dry run knows only what is there before.
fn account(compacted: &Compacted) -> Result<RecordBatch, ArrowError> {
    let tables: Vec<&TableChange> = compacted.tables.iter().filter(|table| table.before.files > 0).collect();
    let counts = |of: &dyn Fn(&TableChange) -> Option<u64>| -> ArrayRef {
        Arc::new(tables.iter().map(|table| of(table)).collect::<UInt64Array>())
    };
    let after = |of: fn(Files) -> u64| counts(&move |table| table.after.map(of));
    let names: ArrayRef = Arc::new(StringArray::from_iter_values(tables.iter().map(|table| table.table)));
    let days = counts(&|table| (table.table == "events").then_some(table.merged));
    let mut columns = vec![
        ("table", names),
        ("changed days", days),
        ("merged files", counts(&|table| Some(table.merged_files))),
        ("rows", counts(&|table| Some(table.before.rows))),
        ("files before", counts(&|table| Some(table.before.files))),
        ("bytes before", counts(&|table| Some(table.before.bytes))),
        ("largest before", counts(&|table| Some(table.before.largest_bytes))),
    ];
    if tables.iter().any(|table| table.after.is_some()) {
        columns.extend([
            ("files after", after(|files| files.files)),
            ("bytes after", after(|files| files.bytes)),
            ("largest after", after(|files| files.largest_bytes)),
        ]);
    }
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
}
