//! Places in SQL statements.

use super::{EngineError, Statement, statement};
use crate::sls::Span;
use std::fmt;

/// A part of a statement. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlPlace {
    /// Line.
    pub line: u64,
    /// Column.
    pub column: u64,
    /// Line and column behind the part, where they are known.
    pub end: Option<(u64, u64)>,
}

impl SqlPlace {
    /// Returns the part of the text: up to its end, else the word that begins there, or one character.
    pub fn span_in(&self, sql: &str) -> Span {
        let start = offset(sql, self.line, self.column);
        let end = self.end.map(|(line, column)| offset(sql, line, column)).filter(|end| *end > start);
        let word = || {
            let rest = sql.get(start..).unwrap_or_default();
            let letters = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            start + letters.max(rest.chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8))
        };
        Span::new(start, end.unwrap_or_else(word))
    }
}

impl fmt::Display for SqlPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

impl From<datafusion::common::Span> for SqlPlace {
    fn from(span: datafusion::common::Span) -> Self {
        Self { line: span.start.line, column: span.start.column, end: Some((span.end.line, span.end.column)) }
    }
}

impl From<datafusion::sql::sqlparser::tokenizer::Span> for SqlPlace {
    fn from(span: datafusion::sql::sqlparser::tokenizer::Span) -> Self {
        Self { line: span.start.line, column: span.start.column, end: Some((span.end.line, span.end.column)) }
    }
}

/// Returns the byte at which a column of a line begins; the end of the line, or of the text, where there is none.
fn offset(sql: &str, line: u64, column: u64) -> usize {
    let nth = |number: u64| usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    let mut begin = 0;
    for text in sql.split_inclusive('\n').take(nth(line)) {
        begin += text.len();
    }
    let rest = sql.get(begin..).unwrap_or_default();
    let text = rest.split('\n').next().unwrap_or_default();
    begin + text.char_indices().nth(nth(column)).map_or(text.len(), |(at, _)| at)
}

/// Gives an error the place in the statement at which the name stands that it is about.
pub(super) fn located(error: EngineError, statement: &Statement, sql: &str) -> EngineError {
    let place = match &error {
        EngineError::UnknownTable { name, .. } => statement::place_of_table(statement, name),
        EngineError::UnknownFunction { name, .. }
        | EngineError::UnknownColumn { name, .. }
        | EngineError::UnknownParameter { name, .. }
        | EngineError::BadParameter { name, .. } => statement::place_of_word(sql, name),
        // `name` cannot take these arguments.
        EngineError::Sql(said) if said.contains("` cannot take ") => {
            let name = said.strip_prefix('`').and_then(|said| said.split('`').next());
            name.and_then(|name| statement::place_of_word(sql, name))
        }
        _ => None,
    };
    match place {
        Some(place) => error.at(place),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_text() {
        let sql = "SELECT a,\n 城市 b;\n";
        for (line, column, end, expected) in [
            (1, 1, None, "SELECT"),
            (1, 8, Some((1, 9)), "a"),
            (2, 2, None, "城市"),
            (2, 5, None, "b"),
            (2, 6, None, ";"),
            (2, 7, None, ""),
            (1, 1, Some((2, 4)), "SELECT a,\n 城市"),
            (2, 5, Some((1, 1)), "b"),
            (9, 9, None, ""),
            (0, 0, None, "SELECT"),
            (u64::MAX, u64::MAX, Some((u64::MAX, 1)), ""),
        ] {
            let place = SqlPlace { line, column, end };
            let span = place.span_in(sql);
            assert_eq!(&sql[span.start..span.end], expected, "{place:?}");
        }
    }
}
