//! `trailql search`: a statement of Simple Log Service over the events in scope.

use std::path::PathBuf;

use clap::{Args, ValueHint, value_parser};
use trailql::engine::output::OutputFormat;
use trailql::ops::search::{self, DEFAULT_DAYS, DEFAULT_ROWS, Search, SearchForm};
use trailql::sls::diagnostics::{show_error, show_notice};
use trailql::sls::{Level, SlsError, SlsNotice};

use super::args::{self, OutputArgs, ScopeArgs, SourceArgs};
use super::error::CommandError;
use super::query::{Frame, write_output};
use super::ui::Ui;
use super::{Context, Outcome, sql};

/// The most rows that SQL can limit an answer to.
const MOST_ROWS: u64 = i64::MAX as u64;

/// Search with a statement of ActionTrail's console
///
/// The search part of a Simple Log Service (SLS) statement: `event.userIdentity.type: root-account and not
/// event.eventRw: Read`, words anywhere in the event, `"quoted text"`, `#"a phrase"`, wildcards, `key:*` and
/// `key in [1 5)`. Names of fields may be in any case. Behind `|` stands the analysis of the events that are found: SQL
/// as the console takes it, or a pipeline such as `where … | stats count(*) by eventName`. As in the console, the last
/// 7 days are searched, back from the newest event, and the newest events come first.
#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// The statement, or - to read it from stdin
    #[arg(value_name = "STATEMENT", required_unless_present = "file")]
    statement: Option<String>,
    /// Read the statement from this file
    #[arg(long, short, value_name = "FILE", conflicts_with = "statement", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// Show so many rows at most, unless the statement has a LIMIT
    #[arg(long, value_name = "N", default_value_t = DEFAULT_ROWS, value_parser = value_parser!(u64).range(1..=MOST_ROWS))]
    limit: u64,
    /// Count the events that the search part finds over time, and draw the counts as bars
    ///
    /// As in the console, the analysis behind `|` does not count. The bars are those of `trailql query --histogram`.
    #[arg(long, conflicts_with_all = ["raw", "limit", "explain"])]
    histogram: bool,
    /// The whole events, as JSON
    #[arg(long)]
    raw: bool,
    /// Print the SQL that the statement became, which `trailql sql` answers alike
    #[arg(long)]
    explain: bool,
    /// Tell where the answer may differ from that of the online service
    #[arg(long, short)]
    verbose: bool,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

pub(crate) fn run(args: &SearchArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let (form, format) = match (args.raw, args.histogram) {
        (true, _) => (SearchForm::Events, OutputFormat::Jsonl),
        (false, true) => (SearchForm::Histogram, OutputFormat::Table),
        (false, false) => (SearchForm::Rows, OutputFormat::Table),
    };
    let format = if args.explain { format } else { args.output.format(format)? };
    if args.raw && !args.explain {
        Frame::of(format)?;
    }
    let statement = sql::statement_text(args.statement.as_deref(), args.file.as_deref())?;
    let statement = trimmed(&statement);
    let ui = context.ui;
    let search = read(statement, form, args.limit, args.verbose, context)?;
    if args.histogram && search.has_analysis() {
        ui.note("the events of the search part are counted, and not the rows of the analysis behind `|`");
    }
    let mut options = args::open_options(&args.source, &args.scope, context)?;
    if search::set_default_range(&mut options.scope) {
        ui.note(&format!("range: the last {DEFAULT_DAYS} days, as in the console; `--since` changes it"));
    }
    let of_search = |error: CommandError| error.of_search(statement, ui.drawing_style());
    let prepared = args::prepare_with(search.query(), options, context).map_err(of_search)?;
    if args.explain {
        let explained = search.explain(search.range(prepared.scope()));
        args.output.destination().write(ui, |out| writeln!(out, "{explained};"))?;
        return Ok(Outcome::Done);
    }
    let answer = search.over(prepared).and_then(|prepared| prepared.run()).map_err(|error| of_search(error.into()))?;
    write_output(answer, format, &args.output, context).map_err(of_search)
}

/// Takes off the byte order mark that editors on Windows begin a file with, and white space at the end.
pub(crate) fn trimmed(statement: &str) -> &str {
    statement.strip_prefix('\u{feff}').unwrap_or(statement).trim_end()
}

/// Reads a statement, and shows remarks on it: warnings, and notes where `verbose`.
pub(crate) fn read(
    statement: &str,
    form: SearchForm,
    rows: u64,
    verbose: bool,
    context: &Context<'_>,
) -> Result<Search, CommandError> {
    let ui = context.ui;
    let search = search::translate(statement, form, rows).map_err(|errors| unreadable(statement, &errors, ui))?;
    let is_shown = |notice: &&SlsNotice| notice.level == Level::Warning || verbose;
    for notice in search.notices().iter().filter(is_shown) {
        ui.draw(&show_notice(statement, notice, ui.drawing_style()));
    }
    Ok(search)
}

/// The errors of a statement, drawn under it.
fn unreadable(statement: &str, errors: &[SlsError], ui: &Ui) -> CommandError {
    let drawn: Vec<String> = errors.iter().map(|error| show_error(statement, error, ui.drawing_style())).collect();
    CommandError::drawn("the statement cannot be read", drawn.join("\n\n"))
}
