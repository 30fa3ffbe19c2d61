//! Lists of tables, views, functions and columns, as rows that are written in every format.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::record_batch::RecordBatch;
use trailql::engine::output::OutputError;
use trailql::event::lang::Lang;
use trailql::ops::inquiry::Inquiry;

use super::super::error::CommandError;
use super::command::matches;

/// Lists the tables.
pub(super) fn tables(inquiry: &Inquiry) -> Result<RecordBatch, CommandError> {
    let tables = inquiry.tables();
    batch(&["table", "description"], tables.into_iter().map(|table| [table.name, table.description]))
}

/// Lists the columns of a table or view, with their types and meanings.
pub(super) fn columns(inquiry: &Inquiry, table: &str) -> Result<RecordBatch, CommandError> {
    let columns = inquiry.columns(table)?.into_iter();
    batch(&["column", "type", "description"], columns.map(|column| [column.name, column.data_type, column.description]))
}

/// Lists the views whose name or title has a pattern.
pub(super) fn views(inquiry: &Inquiry, pattern: &str, lang: Lang) -> Result<RecordBatch, CommandError> {
    let views = inquiry.views().listed();
    let views = views.into_iter().filter(|view| {
        let title = view.titles.in_lang(lang);
        matches(pattern, &view.name) || matches(pattern, title) || matches(pattern, &view.category)
    });
    let rows = views.map(|view| {
        let params: Vec<&str> = view.params.iter().map(|param| param.name.as_str()).collect();
        [
            view.name.clone(),
            view.severity.to_string(),
            view.category.clone(),
            params.join(", "),
            view.titles.in_lang(lang).to_owned(),
        ]
    });
    batch(&["view", "severity", "category", "parameters", "title"], rows)
}

/// Lists the functions whose name has a pattern.
pub(super) fn functions(inquiry: &Inquiry, pattern: &str) -> Result<RecordBatch, CommandError> {
    let functions = inquiry.functions().into_iter().filter(|function| matches(pattern, &function.name));
    let rows =
        functions.map(|function| [function.name, function.kind.to_owned(), function.syntax, function.description]);
    batch(&["function", "kind", "form", "description"], rows)
}

fn batch<const N: usize>(
    names: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<RecordBatch, CommandError> {
    let rows: Vec<[String; N]> = rows.collect();
    let column = |at: usize| -> ArrayRef {
        let values = rows.iter().map(|row| row.get(at).filter(|text| !text.is_empty()));
        Arc::new(values.collect::<StringArray>())
    };
    let columns = names.iter().enumerate().map(|(at, name)| (*name, column(at), true));
    Ok(RecordBatch::try_from_iter_with_nullable(columns).map_err(OutputError::Value)?)
}
