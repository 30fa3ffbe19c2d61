//! Names that statements are made of, for completion and colours: known at once, or read from the source when a
//! completion first needs them.

use std::collections::HashMap;
use std::sync::Arc;

use super::{ColumnName, Inquiry, TableName, Values, view_description};
use crate::engine::Function;
use crate::engine::output::escape::is_hidden;
use crate::engine::views::ViewCatalog;

/// The most characters of a value that is offered.
const LONGEST_VALUE: usize = 120;

/// Names in one scope of a source.
#[derive(Default)]
pub struct Names {
    tables: Vec<TableName>,
    functions: Vec<Function>,
    views: Arc<ViewCatalog>,
    /// Columns by their table, in small letters, as far as they were asked for.
    columns: HashMap<String, Vec<ColumnName>>,
    /// Values by their column, as far as they were asked for.
    values: HashMap<String, Vec<String>>,
    reader: Option<Values>,
}

impl Names {
    /// The names of an inquiry. Values and columns of views are read by `reader`, when they are first needed.
    pub fn of(inquiry: &Inquiry, reader: Values) -> Self {
        Self {
            tables: inquiry.tables(),
            functions: inquiry.functions(),
            views: Arc::clone(inquiry.views()),
            reader: Some(reader),
            ..Self::default()
        }
    }

    /// Returns the functions, by their names.
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// Returns the views.
    pub fn views(&self) -> &ViewCatalog {
        &self.views
    }

    /// Returns the names and the descriptions of tables and views.
    pub fn tables(&self) -> impl Iterator<Item = (&str, String)> {
        let tables = self.tables.iter().map(|table| (table.name.as_str(), table.description.clone()));
        let views = self.views.listed().into_iter().map(|view| (view.name.as_str(), view_description(view)));
        tables.chain(views)
    }

    /// Returns `true` if a word in small letters is the name of a table, a view or a column that is known.
    pub fn is_known(&self, word: &str) -> bool {
        self.tables.iter().any(|table| table.name == word)
            || self.views.get(word).is_some_and(|view| !view.is_hidden())
            || self.columns.values().flatten().any(|column| column.name == word)
    }

    /// Returns `true` if a word in small letters is the name of a function.
    pub fn is_function(&self, word: &str) -> bool {
        self.functions.binary_search_by(|function| function.name.as_str().cmp(word)).is_ok()
    }

    /// Returns the columns of a table or view; none where they cannot be told.
    pub fn columns(&mut self, table: &str) -> &[ColumnName] {
        let table = table.to_lowercase();
        let is_there = self.tables.iter().any(|known| known.name == table)
            || self.views.get(&table).is_some_and(|view| !view.is_hidden() && !view.takes_table());
        if is_there && !self.columns.contains_key(&table) {
            let found = self.reader.as_ref().and_then(|reader| reader.columns(&table).ok());
            self.columns.insert(table.clone(), found.unwrap_or_default());
        }
        self.columns.get(&table).map_or(&[], Vec::as_slice)
    }

    /// Returns the frequent values of a column of `events`; none where they cannot be told. Those that cannot be typed
    /// are left out: they would act on the terminal.
    pub fn values(&mut self, column: &str) -> &[String] {
        let column = column.to_lowercase();
        if !Values::has(&column) {
            return &[];
        }
        if !self.values.contains_key(&column) {
            // What cannot be read now may be read at the next time.
            let Some(Ok(read)) = self.reader.as_ref().map(|reader| reader.of(&column)) else { return &[] };
            let can_be_typed = |value: &String| !value.chars().any(is_hidden) && value.chars().count() <= LONGEST_VALUE;
            self.values.insert(column.clone(), read.into_iter().filter(can_be_typed).collect());
        }
        self.values.get(&column).map_or(&[], Vec::as_slice)
    }
}
