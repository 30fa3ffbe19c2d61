//! `trailql ingest`: exports into the lake, and the proof that nothing was lost.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray, UInt64Array};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use clap::{Args, ValueHint};
use trailql::engine::output::{self, OutputError, OutputFormat, Rows};
use trailql::lake::write::WriteMode;
use trailql::ops::ingest::{IngestOptions, IngestOutcome, ShapeTally, ingest};
use trailql::ops::rejects::sources_with_rejects;
use trailql::report::wording::counted;

use super::args::{self, ClockArgs, CsvArgs};
use super::destination::Destination;
use super::error::{CommandError, EXPORTS, Kind};
use super::{Context, Outcome, reading};

/// Read exports into the lake
///
/// Every kind of export is known by its content, whatever its name. A record that cannot be read is kept as a reject
/// and the rest goes on; what was read before is skipped, and an event is stored once however often it comes.
#[derive(Debug, Args)]
pub(crate) struct IngestArgs {
    /// Files, folders, globs, pipes, or - for stdin
    #[arg(required_unless_present = "retry_rejects", value_name = "INPUT", value_hint = ValueHint::AnyPath)]
    inputs: Vec<PathBuf>,
    /// The lake to write, made when it is not there [default: ./trail-lake]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) lake: Option<PathBuf>,
    /// Exit with 1 when a record was rejected, a file could not be read or may hold events and gave none, or an export
    /// is not whole
    #[arg(long)]
    strict: bool,
    /// Read and count everything, and write nothing: says what would be stored
    #[arg(long)]
    dry_run: bool,
    /// Read files again that have rejects, although they have not changed; without INPUT, all of them
    ///
    /// A later trailql may read what an earlier one could not. What was read before counts as duplicate, and the
    /// rejects of the earlier reading no longer stand in the table `rejects`.
    #[arg(long)]
    retry_rejects: bool,
    #[command(flatten)]
    csv: CsvArgs,
    #[command(flatten)]
    clock: ClockArgs,
}

pub(crate) fn run(args: &IngestArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let (settings, ui) = (&context.settings, context.ui);
    let inputs = if args.inputs.is_empty() {
        let inputs = sources_with_rejects(&args::existing_lake(context)?)?;
        if inputs.is_empty() {
            ui.note("no file that is still there has rejects");
            return Ok(Outcome::Done);
        }
        inputs
    } else {
        args.inputs.clone()
    };
    let options = IngestOptions {
        mode: if args.dry_run { WriteMode::DryRun } else { WriteMode::Durable },
        inputs,
        lake: settings.lake.value.clone(),
        memory_limit_bytes: settings.memory_limit.value.bytes(),
        threads: settings.threads.value.get(),
        now: args.clock.now(),
        retry_rejects: args.retry_rejects,
        csv: args.csv.options(),
    };
    let outcome = ingest(&options, &ui.progress())?;
    reading::warn(&outcome, ui);
    let table = tally_table(&outcome).map_err(OutputError::Value)?;
    Destination::Stdout
        .write(ui, |out| output::write(&mut Rows::from(table), OutputFormat::Table, &ui.stdout_style(), out))?;
    if outcome.files_unchanged > 0 {
        ui.note(&format!("skipped {}", counted(outcome.files_unchanged, "unchanged file", "unchanged files")));
    }
    if outcome.replaced > 0 {
        let events = counted(outcome.replaced, "event", "events");
        ui.note(&format!("replaced {events} by more complete copies"));
    }
    if outcome.files_retried > 0 {
        ui.note(&format!("read {} again for their rejects", counted(outcome.files_retried, "file", "files")));
    }
    let (lake, seconds) = (options.lake.display(), outcome.elapsed.as_secs_f64());
    if args.dry_run {
        ui.note(&format!(
            "dry run: this is what would be stored, and nothing was written to `{lake}` ({seconds:.1} s)"
        ));
    } else {
        ui.note(&format!("lake `{lake}` is at version {} after {seconds:.1} s", outcome.version));
    }
    if outcome.files_left > 0 {
        let left = counted(outcome.files_left, "file is", "files are");
        return Err(CommandError::new(Kind::Data, format!("stopped: {left} left"))
            .hint("run the same command again; it goes on with the files that are left"));
    }
    if outcome.found_no_events() {
        let files = counted(outcome.files_read(), "file", "files");
        return Err(CommandError::new(Kind::Data, format!("no ActionTrail events in {files}")).hint(EXPORTS));
    }
    let named = [&outcome.unreadable, &outcome.suspicious, &outcome.incomplete];
    let imperfect =
        outcome.totals.rejected > 0 || outcome.unread.events > 0 || named.iter().any(|named| named.files > 0);
    Ok(if args.strict && imperfect { Outcome::Negative } else { Outcome::Done })
}

/// One line for each shape of source and one for all of them; `read` is the sum of the three counts after it.
fn tally_table(outcome: &IngestOutcome) -> Result<RecordBatch, ArrowError> {
    let unreadable = ShapeTally { files: outcome.unreadable.files, ..ShapeTally::default() };
    let all = ShapeTally { files: outcome.files_read() + unreadable.files, tally: outcome.totals };
    let shapes = outcome.shapes.iter().map(|(shape, of_shape)| (shape.as_str(), of_shape));
    let not_read = Some(("not read", &unreadable)).filter(|_| unreadable.files > 0);
    let lines: Vec<(&str, &ShapeTally)> = shapes.chain(not_read).chain([("all", &all)]).collect();
    let counts = |count: fn(&ShapeTally) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(lines.iter().map(|(_, line)| count(line))))
    };
    let shapes: ArrayRef = Arc::new(StringArray::from_iter_values(lines.iter().map(|(shape, _)| shape)));
    RecordBatch::try_from_iter([
        ("shape", shapes),
        ("files", counts(|line| line.files)),
        ("read", counts(|line| line.tally.read)),
        ("stored", counts(|line| line.tally.stored)),
        ("duplicate", counts(|line| line.tally.duplicate)),
        ("rejected", counts(|line| line.tally.rejected)),
    ])
}
