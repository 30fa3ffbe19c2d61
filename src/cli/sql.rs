//! `trailql sql`: one SQL statement over the events in scope.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use trailql::engine::Query;
use trailql::engine::output::{FirstRows, OutputFormat};
use trailql::ops::query::Output;

use super::args::{self, OutputArgs, QueriesArgs, ScopeArgs, SourceArgs};
use super::error::{CommandError, Kind};
use super::{Context, Outcome, query};

/// Answer a question in SQL
///
/// Tables: events (in scope), e (the same with short names), undated_events, fields, sources, rejects, copies, runs,
/// files, and every view by its name. `DESCRIBE events` lists the columns.
#[derive(Debug, Args)]
pub(crate) struct SqlArgs {
    /// The statement, or - to read it from stdin
    #[arg(value_name = "SQL", required_unless_present = "file")]
    sql: Option<String>,
    /// Read the statement from this file
    #[arg(long, short, value_name = "FILE", conflicts_with = "sql", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// At most this many rows
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    #[command(flatten)]
    pub(crate) queries: QueriesArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

pub(crate) fn run(args: &SqlArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let format = args.output.format(OutputFormat::Table)?;
    let sql = statement_text(args.sql.as_deref(), args.file.as_deref())?;
    if sql.trim().is_empty() {
        return Err(CommandError::user("the SQL statement is empty"));
    }
    let drawn = |error: CommandError| error.under(&sql, context.ui.drawing_style());
    let prepared = args::prepare(Query::Sql(sql.clone()), &args.source, &args.scope, context).map_err(drawn)?;
    match (prepared.run().map_err(|error| drawn(error.into()))?, args.limit) {
        (Output::Rows(rows), Some(limit)) => {
            query::write_rows(&mut FirstRows::new(rows, limit), format, &args.output, context)
        }
        (answer, _) => query::write_output(answer, format, &args.output, context),
    }
}

/// Returns the text of a statement: an argument, a file, or stdin, which `-` and nothing else name.
pub(crate) fn statement_text(sql: Option<&str>, file: Option<&Path>) -> Result<String, CommandError> {
    match (sql, file) {
        (Some("-") | None, None) => from_stdin(),
        (_, Some(path)) if path == Path::new("-") => from_stdin(),
        (Some(sql), None) => Ok(sql.to_owned()),
        (_, Some(path)) => std::fs::read_to_string(path)
            .map_err(|e| CommandError::new(Kind::Data, format!("cannot read `{}`: {e}", path.display()))),
    }
}

fn from_stdin() -> Result<String, CommandError> {
    let mut stdin = std::io::stdin().lock();
    if stdin.is_terminal() {
        return Err(CommandError::user("stdin is a terminal, so there is no statement to read")
            .hint("give the statement as an argument, or in a file"));
    }
    let mut sql = String::new();
    stdin
        .read_to_string(&mut sql)
        .map_err(|e| CommandError::new(Kind::Data, format!("cannot read the statement from stdin: {e}")))?;
    Ok(sql)
}
