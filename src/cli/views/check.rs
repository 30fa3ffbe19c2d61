//! `trailql views check`: reads the views of a folder and runs their tests.

use std::fmt::Write as _;
use std::path::PathBuf;

use chrono::Utc;
use clap::{Args, ValueEnum, ValueHint};
use serde::Serialize;
use trailql::engine::output::escape;
use trailql::engine::views::ViewCatalog;
use trailql::ops::views_check::{CheckOptions, Status, ViewCheck, check};
use trailql::report::wording::counted;

use super::super::args::{self, QueriesArgs};
use super::super::destination::Destination;
use super::super::error::CommandError;
use super::super::{Context, Outcome};

/// Check the views of a folder, and run their tests
///
/// Reads each `<name>.sql` and `<category>/<name>.sql`, plans it, and runs the events of `<name>.test.json` beside it.
/// Exits with 1 when a view is wrong or a test fails.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
    /// Only these views of the folder
    #[arg(value_name = "VIEW")]
    only: Vec<String>,
    /// Without the built-in views, which the folder may then hold itself
    #[arg(long)]
    alone: bool,
    #[command(flatten)]
    pub(crate) queries: QueriesArgs,
    /// Format of the result
    #[arg(long, short = 'F', default_value = "text")]
    format: CheckFormat,
}

/// A format of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CheckFormat {
    /// For people
    Text,
    /// One JSON object
    Json,
}

/// The result as JSON.
#[derive(Serialize)]
struct Report<'c> {
    views: &'c [ViewCheck],
    ok: usize,
    failed: usize,
    untested: usize,
    cases: usize,
    events: usize,
}

impl<'c> Report<'c> {
    fn of(views: &'c [ViewCheck]) -> Self {
        let count = |status| views.iter().filter(|check| check.status == status).count();
        Self {
            views,
            ok: count(Status::Ok),
            failed: count(Status::Failed),
            untested: count(Status::Untested),
            cases: views.iter().map(|check| check.cases).sum(),
            events: views.iter().map(|check| check.events).sum(),
        }
    }
}

pub(crate) fn run(args: &CheckArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let options = CheckOptions {
        folder: args.folder.clone(),
        known: known(args, context)?,
        only: args.only.clone(),
        memory_limit_bytes: context.settings.memory_limit.value.bytes(),
        threads: context.settings.threads.value.get(),
        now: Utc::now(),
    };
    let ui = context.ui;
    let checks = check(&options, &ui.progress())?;
    let report = Report::of(&checks);
    let text = match args.format {
        CheckFormat::Text => describe(&report),
        CheckFormat::Json => serde_json::to_string_pretty(&report)? + "\n",
    };
    Destination::Stdout.write(ui, |out| out.write_all(text.as_bytes()))?;
    Ok(if report.failed > 0 { Outcome::Negative } else { Outcome::Done })
}

/// Returns the views that those of the folder may name: the built-in ones, and those of other folders.
fn known(args: &CheckArgs, context: &Context<'_>) -> Result<ViewCatalog, CommandError> {
    if args.alone {
        return Ok(ViewCatalog::default());
    }
    let checked = args.folder.canonicalize().ok();
    let is_other = |folder: &&PathBuf| checked.is_none() || folder.canonicalize().ok() != checked;
    // Files of other folders that cannot be read are no fault of this one.
    Ok(args::views_of(context.settings.queries.value.iter().filter(is_other), context)?.0)
}

fn describe(report: &Report<'_>) -> String {
    let mut text = String::new();
    for check in report.views {
        let status = match check.status {
            Status::Ok => "ok",
            Status::Failed => "FAILED",
            Status::Untested => "no test",
        };
        let cases = counted(check.cases as u64, "case", "cases");
        let _ = writeln!(text, "{status:8}{}  {cases}", escape::terminal(&check.view));
        for fault in &check.faults {
            let case = fault.case.as_ref().map(|case| format!("case `{case}`: ")).unwrap_or_default();
            for line in format!("{case}{}", fault.reason).lines() {
                let _ = writeln!(text, "        {}", escape::terminal(line));
            }
        }
        for warning in &check.warnings {
            let _ = writeln!(text, "        warning: {}", escape::terminal(warning));
        }
    }
    let views = counted(report.views.len() as u64, "view", "views");
    let cases = counted(report.cases as u64, "case", "cases");
    let events = counted(report.events as u64, "event", "events");
    let Report { ok, failed, untested, .. } = report;
    let _ = writeln!(text, "{views}: {ok} ok, {failed} failed, {untested} without a test; {cases}, {events}");
    text
}
