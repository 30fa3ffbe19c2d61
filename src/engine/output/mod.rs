//! Batches out: an answer written as a table, CSV, TSV, JSON, JSON lines, Markdown or Parquet.
//!
//! Every format but the table is written batch by batch, so memory does not grow with the answer; the table is written
//! in runs of some thousand rows. Field values are written by attackers, so each format makes them harmless where it is
//! read: see [`escape`]. Instants are RFC 3339 with their offset, dates are `YYYY-MM-DD`; a timestamp column without a
//! time zone is no instant, and is printed without an offset rather than with an invented one.
//!
//! Nothing here knows of files or terminals: the caller says in [`OutputStyle`] what it writes to.

pub mod bars;
mod csv;
pub mod escape;
mod json;
mod markdown;
mod names;
mod parquet;
mod table;
mod tsv;
mod value;

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::str::FromStr;

use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use super::{EngineError, QueryResult};

/// An answer that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The query failed while its answer was read.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The destination took no more; a closed pipe is one of these.
    #[error("cannot write the answer: {0}")]
    Write(#[from] io::Error),
    /// A value that cannot be shown.
    #[error("cannot show a value of the answer: {0}")]
    Value(#[from] ArrowError),
    /// A column of lists of lists of lists, and so on.
    #[error("cannot write a column of more than {} levels inside each other: `{column}`", value::DEEPEST)]
    TooDeep {
        /// The column's name.
        column: String,
    },
    /// The Parquet writer refused a column or a value.
    #[error("cannot write the answer as parquet: {0}")]
    Parquet(::parquet::errors::ParquetError),
    /// Parquet is not for a screen.
    #[error("parquet is not written to a terminal")]
    ParquetOnTerminal,
}

/// The form that an answer is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    /// Columns side by side, for people.
    Table,
    /// Quoted as RFC 4180 has it, lines ended by LF, with cells that a spreadsheet would run made harmless.
    Csv,
    /// Tabs between cells, and none in them, for the tools of a shell.
    Tsv,
    /// One JSON array of objects.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// A Markdown (GFM) table.
    Markdown,
    /// One Parquet file, zstd.
    Parquet,
}

impl OutputFormat {
    /// Every format, in the order in which help lists them.
    pub const ALL: [Self; 7] =
        [Self::Table, Self::Csv, Self::Tsv, Self::Json, Self::Jsonl, Self::Markdown, Self::Parquet];

    /// Returns the name a user types.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Markdown => "markdown",
            Self::Parquet => "parquet",
        }
    }

    /// Returns the format that a file's extension stands for.
    pub fn of_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Table),
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "md" | "markdown" => Some(Self::Markdown),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

impl fmt::Display for OutputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for OutputFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|format| format.name() == text);
        found.ok_or_else(|| format!("not an output format: `{text}`"))
    }
}

/// The destination of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutputStyle {
    /// The destination is a terminal: CSV is escaped for it too, and Parquet is refused.
    pub terminal: bool,
    /// Columns of text that a table may use; `None` for as many as it needs.
    pub width: Option<u16>,
    /// The form of a table.
    pub form: TableForm,
}

/// The form of a table for people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TableForm {
    /// As wide as the terminal: values are folded or shortened, or rows become records.
    #[default]
    Fitting,
    /// Every value whole, however wide a line becomes.
    Wide,
    /// A record a row, a line a value.
    Expanded,
}

/// A source of batches.
pub trait BatchSource {
    /// Returns the columns.
    fn schema(&self) -> SchemaRef;
    /// Returns the next batch, `None` at the end.
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, EngineError>;
}

impl BatchSource for QueryResult {
    fn schema(&self) -> SchemaRef {
        Self::schema(self)
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, EngineError> {
        Self::next_batch(self)
    }
}

/// Batches that are already there, so that what is no query is written in every format too.
#[derive(Debug)]
pub struct Rows {
    schema: SchemaRef,
    batches: std::vec::IntoIter<RecordBatch>,
}

impl Rows {
    /// Makes a source of these columns and rows.
    pub fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self { schema, batches: batches.into_iter() }
    }
}

impl From<RecordBatch> for Rows {
    fn from(batch: RecordBatch) -> Self {
        Self::new(batch.schema(), vec![batch])
    }
}

impl BatchSource for Rows {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, EngineError> {
        Ok(self.batches.next())
    }
}

/// The first rows of a source, which is read no further.
#[derive(Debug)]
pub struct FirstRows<S> {
    source: S,
    left: usize,
}

impl<S: BatchSource> FirstRows<S> {
    /// Takes so many rows of a source.
    pub fn new(source: S, rows: u64) -> Self {
        Self { source, left: usize::try_from(rows).unwrap_or(usize::MAX) }
    }
}

impl<S: BatchSource> BatchSource for FirstRows<S> {
    fn schema(&self) -> SchemaRef {
        self.source.schema()
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, EngineError> {
        if self.left == 0 {
            return Ok(None);
        }
        let Some(batch) = self.source.next_batch()? else { return Ok(None) };
        let rows = batch.num_rows().min(self.left);
        self.left -= rows;
        Ok(Some(batch.slice(0, rows)))
    }
}

/// An answer in which every column has a name of its own. Batches keep the names that they came with.
struct Named<'a> {
    answer: &'a mut dyn BatchSource,
    schema: SchemaRef,
}

impl BatchSource for Named<'_> {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, EngineError> {
        self.answer.next_batch()
    }
}

/// Writes a whole answer and says how many rows it had.
///
/// Tells columns of one name apart: all but the first get a number, `id`, `id_1`, `id_2`. `out` is `Send` because the
/// Parquet writer wants it so. It is flushed at the end.
pub fn write(
    answer: &mut dyn BatchSource,
    format: OutputFormat,
    style: &OutputStyle,
    out: &mut (dyn Write + Send),
) -> Result<u64, OutputError> {
    let schema = names::unique_schema(answer.schema());
    if let Some(field) = schema.fields().iter().find(|field| value::is_deeper(field.data_type(), value::DEEPEST)) {
        return Err(OutputError::TooDeep { column: field.name().clone() });
    }
    let answer = &mut Named { answer, schema };
    let rows = match format {
        OutputFormat::Table => table::write(answer, style, out),
        OutputFormat::Csv => csv::write(answer, style, out),
        OutputFormat::Tsv => tsv::write(answer, style, out),
        OutputFormat::Json => json::write_array(answer, out),
        OutputFormat::Jsonl => json::write_lines(answer, out),
        OutputFormat::Markdown => markdown::write(answer, out),
        OutputFormat::Parquet => parquet::write(answer, style, out),
    }?;
    out.flush()?;
    Ok(rows)
}

/// Returns rows of a batch, as the count that [`write()`] gives back.
fn count(batch: &RecordBatch) -> u64 {
    batch.num_rows() as u64
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod value_tests;
