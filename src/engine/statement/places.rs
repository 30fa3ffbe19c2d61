//! The places in a statement at which names stand.

use super::dialect::LakeDialect;
use crate::engine::SqlPlace;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{self, ObjectName, visit_relations};
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use std::ops::ControlFlow;

/// Returns the place at which a table of this name stands, as DataFusion tells it: unquoted names in small letters.
pub(in super::super) fn place_of_table(statement: &Statement, name: &str) -> Option<SqlPlace> {
    let found = match inner(statement)? {
        ast::Statement::ExplainTable { table_name, .. } => place_in(table_name, name),
        sql => {
            let visited = visit_relations(sql, |table| match place_in(table, name) {
                Some(place) => ControlFlow::Break(place),
                None => ControlFlow::Continue(()),
            });
            visited.break_value()
        }
    };
    // A part of the tree that the rewriter made has no place.
    found.filter(|place| place.line > 0)
}

fn place_in(table: &ObjectName, name: &str) -> Option<SqlPlace> {
    let word = table.0.last()?.as_ident()?;
    let is_it = if word.quote_style.is_some() { word.value == name } else { word.value.eq_ignore_ascii_case(name) };
    is_it.then(|| word.span.into())
}

/// Returns the statement proper, below any EXPLAIN of DataFusion's own.
fn inner(statement: &Statement) -> Option<&ast::Statement> {
    match statement {
        Statement::Statement(sql) => Some(sql),
        Statement::Explain(explain) => inner(&explain.statement),
        _ => None,
    }
}

/// Returns the first place at which a word stands, outside of strings and comments.
pub(in super::super) fn place_of_word(sql: &str, word: &str) -> Option<SqlPlace> {
    let tokens = Tokenizer::new(&LakeDialect, sql).tokenize_with_location().ok()?;
    let token = tokens.into_iter().find(|token| match &token.token {
        Token::Word(found) if found.quote_style.is_some() => found.value == word,
        Token::Word(found) => found.value.eq_ignore_ascii_case(word),
        _ => false,
    })?;
    Some(token.span.into())
}
