//! Descriptions of the engine: the field table as a table, the list of tables, and plans with a row for each line.

use super::EngineError;
use super::functions::is_internal;
use super::tables::TABLES;
use super::views::ViewCatalog;

use crate::event::field::{FIELDS, Role};
use crate::lake::schema;
use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::util::display::array_value_to_string;
use datafusion::execution::SessionState;
use datafusion::logical_expr::Documentation;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast;
use std::sync::Arc;

/// Makes the table `fields`: one row a column of `events`, from the field table.
pub(super) fn fields() -> Result<RecordBatch, EngineError> {
    let partition = "UTC date of the event: the partition it lies in";
    let rows = FIELDS.iter().map(|field| {
        let kind = schema::data_type(field.kind).to_string();
        (field.column, kind, field.sls_name(), origin(field.role), field.doc)
    });
    let date = arrow::datatypes::DataType::Date32.to_string();
    let rows: Vec<_> = rows.chain([(schema::EVENT_DATE, date, None, origin(Role::Derived), partition)]).collect();
    let text = |of: &dyn Fn(usize) -> Option<String>| -> ArrayRef {
        Arc::new((0..rows.len()).map(of).collect::<StringArray>())
    };
    let batch = RecordBatch::try_from_iter([
        ("column_name", text(&|n| Some(rows[n].0.to_owned()))),
        ("data_type", text(&|n| Some(rows[n].1.clone()))),
        ("sls_name", text(&|n| rows[n].2.clone())),
        ("origin", text(&|n| Some(rows[n].3.to_owned()))),
        ("description", text(&|n| Some(rows[n].4.to_owned()))),
    ]);
    batch.map_err(|error| EngineError::Sql(error.to_string()))
}

fn origin(role: Role) -> &'static str {
    match role {
        Role::Stored => "event",
        Role::Copied => "copied from a JSON column",
        Role::Derived => "computed",
        Role::Extra => "what no other column gives back",
        Role::Provenance => "where the event was read",
    }
}

/// A function that statements can call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Function {
    /// Name.
    pub name: String,
    /// `scalar`, `aggregate` or `window`.
    pub kind: &'static str,
    /// Its form with its arguments; empty where nobody wrote it down.
    pub syntax: String,
    /// Meaning, in a sentence or two; empty where nobody wrote it down.
    pub description: String,
}

/// Returns the functions of a session by their names.
pub(super) fn functions(state: &SessionState) -> Vec<Function> {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let function = |name: &str, kind, documentation: Option<&Documentation>| Function {
        name: name.to_owned(),
        kind,
        syntax: documentation.map(|told| one_line(&told.syntax_example)).unwrap_or_default(),
        description: documentation.map(|told| one_line(&told.description)).unwrap_or_default(),
    };
    let scalar = state.scalar_functions().iter().map(|(name, of)| function(name, "scalar", of.documentation()));
    let aggregate =
        state.aggregate_functions().iter().map(|(name, of)| function(name, "aggregate", of.documentation()));
    let window = state.window_functions().iter().map(|(name, of)| function(name, "window", of.documentation()));
    let mut all: Vec<Function> =
        scalar.chain(aggregate).chain(window).filter(|function| !is_internal(&function.name)).collect();
    all.sort();
    // Some are aggregates and window functions.
    all.dedup_by(|a, b| a.name == b.name);
    all
}

/// Returns `true` for SHOW TABLES. DataFusion would list what is registered, and views are registered when they are
/// named.
pub(super) fn lists_tables(statement: &Statement) -> bool {
    matches!(statement, Statement::Statement(sql) if matches!(sql.as_ref(), ast::Statement::ShowTables { .. }))
}

/// Makes the rows of SHOW TABLES: every table and listed view with its description.
pub(super) fn tables(catalog: &ViewCatalog) -> Result<RecordBatch, EngineError> {
    let tables = TABLES.iter().map(|(name, holds)| (*name, "table", (*holds).to_owned()));
    let views = catalog.listed().into_iter().map(|view| (view.name.as_str(), "view", view.titles.en.clone()));
    let rows: Vec<_> = tables.chain(views).collect();
    let text = |of: &dyn Fn(usize) -> String| -> ArrayRef {
        Arc::new((0..rows.len()).map(|n| Some(of(n))).collect::<StringArray>())
    };
    let batch = RecordBatch::try_from_iter([
        ("table_name", text(&|n| rows[n].0.to_owned())),
        ("table_type", text(&|n| rows[n].1.to_owned())),
        ("description", text(&|n| rows[n].2.clone())),
    ]);
    batch.map_err(|error| EngineError::Sql(error.to_string()))
}

/// Makes the rows of EXPLAIN. Each line of a plan is a row, so that it can be read in a table.
pub(super) fn plan_lines(batches: &[RecordBatch]) -> Result<RecordBatch, EngineError> {
    let (mut kinds, mut lines) = (Vec::new(), Vec::new());
    for batch in batches.iter().filter(|batch| batch.num_columns() == 2) {
        let plans = batch.column(1).as_string_opt::<i32>();
        for row in 0..batch.num_rows() {
            let kind = array_value_to_string(batch.column(0), row).unwrap_or_default();
            for line in plans.map_or("", |plans| plans.value(row)).lines() {
                kinds.push(kind.clone());
                lines.push(line.to_owned());
            }
        }
    }
    let text = |values: Vec<String>| Arc::new(StringArray::from(values)) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("plan_type", text(kinds)), ("plan", text(lines))]);
    batch.map_err(|error| EngineError::Sql(error.to_string()))
}
