//! `trailql sql`: one SQL statement over the events in scope.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use trailql::engine::Query;
use trailql::engine::output::OutputFormat;

use super::args::{self, OutputArgs, QueriesArgs, ScopeArgs, SourceArgs};
use super::error::{CommandError, Kind};
use super::{Context, Outcome, query};

/// Answer a question in SQL
///
/// Tables: events (in scope), undated_events, fields, sources, rejects, copies, runs, files, and every view by its
/// name. `DESCRIBE events` lists the columns.
#[derive(Debug, Args)]
pub(crate) struct SqlArgs {
    /// The statement, or - to read it from stdin
    #[arg(value_name = "SQL", required_unless_present = "file")]
    sql: Option<String>,
    /// Read the statement from this file
    #[arg(long, short, value_name = "FILE", conflicts_with = "sql", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
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
    let sql = statement(args.sql.as_deref(), args.file.as_deref())?;
    if sql.trim().is_empty() {
        return Err(CommandError::user("the SQL statement is empty"));
    }
    let prepared = args::prepare(Query::Sql(sql), &args.source, &args.scope, context)?;
    query::write_output(prepared.run()?, format, &args.output, context)
}

/// Reads a statement: the one that was typed, that of a file, or that on stdin for `-`.
pub(crate) fn statement(typed: Option<&str>, file: Option<&Path>) -> Result<String, CommandError> {
    match (typed, file) {
        (Some("-"), _) => from_stdin(),
        (_, Some(path)) if path == Path::new("-") => from_stdin(),
        (Some(sql), _) => Ok(sql.to_owned()),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map_err(|e| CommandError::new(Kind::Data, format!("cannot read `{}`: {e}", path.display()))),
        (None, None) => Err(CommandError::user("no statement given")),
    }
}

fn from_stdin() -> Result<String, CommandError> {
    let mut stdin = std::io::stdin().lock();
    if stdin.is_terminal() {
        return Err(CommandError::user("stdin is a terminal, so there is no statement to read")
            .hint("give the statement as an argument, or a file with `-f`"));
    }
    let mut sql = String::new();
    stdin
        .read_to_string(&mut sql)
        .map_err(|e| CommandError::new(Kind::Data, format!("cannot read the statement from stdin: {e}")))?;
    Ok(sql)
}
