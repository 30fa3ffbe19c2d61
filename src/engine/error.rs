//! Errors of the engine, and the wording of those of DataFusion.

use super::place::SqlPlace;
use super::views::ViewError;
use crate::event::time::TimeError;
use crate::spelling::similar;
use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use std::time::Duration;

/// An error of the engine; names that are nearly right come with the right ones.
#[allow(missing_docs, reason = "the fields are what the message names them")]
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No built-in view has this name.
    #[error("no view named `{name}`")]
    UnknownView { name: String, similar: Vec<String> },
    /// No column has this name.
    #[error("no column named `{name}`")]
    UnknownColumn { name: String, similar: Vec<String> },
    /// No table or view has this name.
    #[error("no table or view named `{name}`")]
    UnknownTable { name: String, similar: Vec<String> },
    /// A view has no parameter of this name.
    #[error("the view `{view}` has no parameter `{name}`")]
    UnknownParameter { view: String, name: String, similar: Vec<String> },
    /// A parameter of a view that cannot be read as what it is.
    #[error("the parameter `{name}` of the view `{view}` is {expected}: `{value}`")]
    BadParameter { view: String, name: String, expected: &'static str, value: String },
    /// A parameter of a view that has two values.
    #[error("the parameter `{name}` of the view `{view}` is given more than once")]
    RepeatedParameter { view: String, name: String },
    /// A view that cannot be told by time or by event.
    #[error("cannot show {what} of `{view}`: the view has no column `{column}`")]
    NotPossible { view: String, column: &'static str, what: &'static str },
    /// A statement that would change something.
    #[error("cannot run `{0}`: only SELECT, EXPLAIN, DESCRIBE and SHOW are answered")]
    NotAQuestion(String),
    /// A statement that is wrong, or failed.
    #[error("{0}")]
    Sql(String),
    /// A text that is no statement.
    #[error("the SQL cannot be read: {0}")]
    Unreadable(String),
    /// An error with its place in the statement.
    #[error("{}", placed(error, place))]
    Placed { error: Box<EngineError>, place: SqlPlace },
    /// No function has this name.
    #[error("no function named `{name}`")]
    UnknownFunction { name: String, similar: Vec<String> },
    /// A statement that is right, but that is not answered here.
    #[error("not possible here: {0}")]
    NotSupported(String),
    /// A range that is none.
    #[error(transparent)]
    Range(#[from] TimeError),
    /// The question needs more memory than it may have.
    #[error("the question needs more memory than the limit: {0}")]
    Memory(String),
    /// The answer took longer than it may.
    #[error("no answer within {}", duration(.0))]
    OutOfTime(Duration),
    /// A file of the lake was removed while the question was being answered.
    #[error("the lake was compacted meanwhile, and files that the question began with are gone: {0}")]
    FilesGone(String),
    /// Somebody asked to stop.
    #[error("stopped")]
    Stopped,
    /// A mistake in trailql or in a crate that it uses.
    #[error("the question cannot be answered because of a mistake in the program: {0}")]
    Crashed(String),
    /// A view that cannot be read.
    #[error(transparent)]
    View(#[from] ViewError),
    /// A view that names itself, or another view that leads back to it.
    #[error("cannot plan the view `{0}`: it leads back to itself")]
    RecursiveView(String),
}

impl From<DataFusionError> for EngineError {
    fn from(error: DataFusionError) -> Self {
        Self::from_planning(error, Vec::new)
    }
}

impl EngineError {
    /// Words an error of DataFusion. `functions` returns the names of those that can be called.
    pub(super) fn from_planning(error: DataFusionError, functions: impl FnOnce() -> Vec<String>) -> Self {
        if let Some(path) = missing_file(&error) {
            return Self::FilesGone(path);
        }
        // Of several errors, such as of the two sides of a UNION, the first is enough.
        if let DataFusionError::Collection(errors) = error {
            let first = errors.into_iter().next();
            return first.map_or_else(|| Self::Sql(String::new()), |error| Self::from_planning(error, functions));
        }
        let place = error.diagnostic().and_then(|diagnostic| diagnostic.span).map(SqlPlace::from);
        let error = Self::worded(&error, functions);
        match place {
            Some(place) => error.at(place),
            None => error,
        }
    }

    fn worded(error: &DataFusionError, functions: impl FnOnce() -> Vec<String>) -> Self {
        match error.find_root() {
            DataFusionError::SchemaError(schema, _) => match schema.as_ref() {
                SchemaError::FieldNotFound { field, valid_fields } => {
                    let tables = valid_fields.iter().filter_map(|column| Some(column.relation.as_ref()?.table()));
                    let tables: Vec<&str> = tables.collect();
                    if let Some(table) = field.relation.as_ref().map(|table| table.table())
                        && !tables.contains(&table)
                        && !tables.is_empty()
                    {
                        return Self::UnknownTable { similar: similar(table, tables), name: table.to_owned() };
                    }
                    let names: Vec<&str> = valid_fields.iter().map(|column| column.name.as_str()).collect();
                    Self::UnknownColumn { similar: similar(&field.name, names), name: field.name.clone() }
                }
                SchemaError::AmbiguousReference { field } => {
                    let name = &field.name;
                    Self::Sql(format!("more than one table has a column `{name}`: write `table.{name}`"))
                }
                other => Self::Sql(plain(&other.to_string())),
            },
            DataFusionError::ResourcesExhausted(text) => Self::Memory(memory_reason(text)),
            DataFusionError::SQL(parser, _) => Self::Unreadable(parser.to_string()),
            DataFusionError::Plan(text) | DataFusionError::Execution(text) => match unknown_function(text) {
                Some(name) => {
                    Self::UnknownFunction { similar: similar(&name, functions().iter().map(String::as_str)), name }
                }
                None => {
                    let said = not_grouped(text)
                        .or_else(|| wrong_operands(text))
                        .or_else(|| wrong_arguments(text))
                        .unwrap_or_else(|| without_tree(&plain(text)));
                    Self::Sql(said)
                }
            },
            DataFusionError::NotImplemented(text) => {
                // Some of these go on with the tree of the statement or the plan as Rust prints it.
                let text = plain(text);
                let end = text.find(['{', '[']).or_else(|| text.find("Column(")).unwrap_or(text.len());
                let text = text.get(..end).unwrap_or(&text);
                let text = text.rsplit_once('(').map_or(text, |(text, _)| text).trim_end_matches([':', ' ']);
                Self::NotSupported(text.to_owned())
            }
            DataFusionError::Internal(text) => match wrong_range(text) {
                Some(said) => Self::Sql(said),
                None => Self::Crashed(plain(text)),
            },
            DataFusionError::ExecutionJoin(error) => Self::Crashed(error.to_string()),
            DataFusionError::ArrowError(error, _) => Self::Sql(plain(&error.to_string())),
            // The error of a thread that a step started comes wrapped.
            other if other.to_string().contains(" panicked with message ") => Self::Crashed(plain(&other.to_string())),
            other => Self::Sql(plain(&other.strip_backtrace())),
        }
    }
}

impl EngineError {
    /// The error with its place in the statement. It keeps the one that it has.
    pub(super) fn at(self, place: SqlPlace) -> Self {
        match self {
            Self::Placed { .. } => self,
            error => Self::Placed { error: Box::new(error), place },
        }
    }

    /// Returns the error without its place.
    pub fn cause(&self) -> &Self {
        match self {
            Self::Placed { error, .. } => error.cause(),
            error => error,
        }
    }

    /// Returns the place in the statement, where it is known.
    pub fn place(&self) -> Option<SqlPlace> {
        match self {
            Self::Placed { place, .. } => Some(*place),
            _ => None,
        }
    }

    /// The error of a view that a statement names: its place is one of the view's file and no longer of the statement.
    pub(super) fn of_view(self) -> Self {
        match self {
            Self::Placed { error, place } => match *error {
                // A name is looked up in the file by whoever shows it.
                named @ (Self::UnknownColumn { .. } | Self::UnknownTable { .. } | Self::UnknownFunction { .. }) => {
                    named
                }
                other => Self::Sql(placed(&other, &place)),
            },
            error => error,
        }
    }
}

fn placed(error: &EngineError, place: &SqlPlace) -> String {
    match error {
        EngineError::Unreadable(reason) => format!("the SQL cannot be read at {place}: {reason}"),
        error => format!("{error} ({place})"),
    }
}

/// Returns the file of a lake that a question did not find, if an error is about that.
fn missing_file(error: &DataFusionError) -> Option<String> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(datafusion::object_store::Error::NotFound { path, .. }) = error.downcast_ref() {
            return Some(path.clone());
        }
        next = error.source();
    }
    // The reader of Parquet keeps no more than the text of it.
    let text = error.to_string();
    let (path, _) = text.split_once("Object at location ")?.1.split_once(" not found")?;
    Some(path.to_owned())
}

/// Takes off a message the names that DataFusion puts before it, its line breaks, and its advice to report a bug to
/// others.
fn plain(text: &str) -> String {
    let text = text.split("This issue was likely caused by a bug in DataFusion").next().unwrap_or(text);
    let mut text = text.trim();
    loop {
        let prefixes = [
            "Error during planning: ",
            "Execution error: ",
            "Arrow error: ",
            "Parser error: ",
            "Cast error: ",
            "Invalid argument error: ",
            "Compute error: ",
            "Optimizer rule '",
            "Schema error: ",
            "This feature is not implemented: ",
            "SQL error: ",
            "Internal error: ",
            "External error: ",
            "DataFusion error: ",
        ];
        let Some(prefix) = prefixes.into_iter().find(|prefix| text.starts_with(prefix)) else { break };
        let rest = text.get(prefix.len()..).unwrap_or_default();
        // `Optimizer rule 'x' failed` is followed by the cause on the next line.
        text = match prefix {
            "Optimizer rule '" => rest.split_once("caused by").map_or(rest, |(_, cause)| cause),
            _ => rest,
        }
        .trim();
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_end_matches('.');
    lower_first(text)
}

/// Takes off a message the tree with which some end, as Rust prints it.
fn without_tree(text: &str) -> String {
    let begin = text.find(" { ").filter(|_| text.contains("Span("));
    let said = begin.and_then(|at| text.get(..at)?.rsplit_once(' ')).map(|(said, _)| said);
    said.unwrap_or(text).to_owned()
}

/// Returns the text with a lower-case start, unless it begins with a name in capitals.
fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

/// Returns the name in `Invalid function 'name'`.
fn unknown_function(text: &str) -> Option<String> {
    let rest = text.split_once("Invalid function '")?.1;
    Some(rest.split_once('\'')?.0.to_owned())
}

/// Words the error about a column that stands beside aggregates without being grouped by.
fn not_grouped(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("column \"")?;
    let (column, rest) = rest.split_once("\" must appear in the GROUP BY clause")?;
    let column = column.strip_prefix("events.").unwrap_or(column);
    rest.contains("aggregate").then(|| format!("`{column}` must be in GROUP BY or in an aggregate function"))
}

/// Words the errors about operands that an operator does not take, and about a subquery of many columns.
fn wrong_operands(text: &str) -> Option<String> {
    if text.contains("Too many columns! The subquery should only return one column") {
        return Some("a subquery that stands for a value gives one column".to_owned());
    }
    let begins = ["annot coerce arithmetic expression ", "annot infer common argument type for comparison operation "];
    let rest = begins.into_iter().find_map(|begin| Some(text.split_once(begin)?.1))?;
    let operands = rest.split(" to valid types").next().unwrap_or(rest).trim();
    // Types have spaces inside their parentheses only.
    let (mut depth, mut parts) = (0usize, vec![String::new()]);
    for c in operands.chars() {
        match c {
            ' ' if depth == 0 => parts.push(String::new()),
            c => {
                depth = if c == '(' { depth + 1 } else { depth.saturating_sub(usize::from(c == ')')) };
                parts.last_mut()?.push(c);
            }
        }
    }
    let [left, operator @ .., right] = parts.as_slice() else { return None };
    let operator = operator.join(" ");
    (!operator.is_empty()).then(|| format!("`{operator}` cannot take {} and {}", type_name(left), type_name(right)))
}

/// Words the error about ends that BETWEEN does not take, which DataFusion calls an internal one.
fn wrong_range(text: &str) -> Option<String> {
    let types = text.split_once("Failed to coerce types ")?.1.split_once(" in BETWEEN expression")?.0;
    let (value, end) = types.split_once(" and ")?;
    Some(format!("`BETWEEN` cannot take {} and {}", type_name(value), type_name(end)))
}

/// Returns a type of DataFusion in a word for people.
fn type_name(name: &str) -> &str {
    let base = name.split(['(', '<']).next().unwrap_or(name);
    match base {
        "Timestamp" | "Date32" | "Date64" => "a time",
        "Interval" | "Duration" => "a length of time",
        "Utf8" | "Utf8View" | "LargeUtf8" | "Dictionary" => "text",
        "Boolean" => "a truth value",
        "Null" => "NULL",
        _ if base.starts_with("Int") || base.starts_with("UInt") => "a number",
        _ if base.starts_with("Float") || base.starts_with("Decimal") => "a number",
        _ if base.contains("List") => "a list",
        _ => name,
    }
}

/// Words the error about arguments that a function does not take, without the list of all that DataFusion tried.
fn wrong_arguments(text: &str) -> Option<String> {
    // A function of ours says what it takes.
    if let Some((_, said)) = text.split_once("user-defined coercion failed with: ") {
        let said = said.strip_prefix("Error during planning: ").unwrap_or(said);
        let said = said.split(" No function matches").next().unwrap_or(said).trim().trim_end_matches('.');
        if said.contains('`') && !said.contains('\n') {
            return Some(said.to_owned());
        }
    }
    let (_, rest) = text.split_once("unction '").or_else(|| text.split_once("call to '"))?;
    let (name, rest) = rest.split_once('\'')?;
    if let Some((_, received)) = rest.split_once("but received ") {
        let received = received.split(['(', ',', '.']).next().unwrap_or(received).trim();
        if received.bytes().all(|byte| byte.is_ascii_digit()) && !received.is_empty() {
            let arguments = if received == "1" { "argument" } else { "arguments" };
            return Some(format!("`{name}` cannot take {received} {arguments}"));
        }
        return Some(format!("`{name}` cannot take {}", if received == "String" { "text" } else { received }));
    }
    if let Some((_, from)) = rest.split_once("coercion from ") {
        let from = from.split(" to the signature").next().unwrap_or(from).trim();
        return Some(format!("`{name}` cannot take ({from})"));
    }
    let no_match =
        ["No function matches", "failed to match", "Failed to coerce"].iter().any(|part| text.contains(part));
    no_match.then(|| {
        let given = rest.split_once('(').and_then(|(_, given)| given.split_once(')'));
        let given = given.map_or("these arguments", |(given, _)| given);
        format!("`{name}` cannot take ({given})")
    })
}

/// Returns the reason why memory ran out: the first line, without the table of consumers behind it.
fn memory_reason(text: &str) -> String {
    let line = first_line(text);
    let line = line.split(" with top memory consumers").next().unwrap_or(&line);
    let line = line.strip_prefix("Additional allocation failed for ").unwrap_or(line);
    lower_first(line.trim_end_matches(['.', ':', ' ']))
}

fn duration(length: &Duration) -> String {
    if length.subsec_millis() == 0 { format!("{} s", length.as_secs()) } else { format!("{} ms", length.as_millis()) }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
