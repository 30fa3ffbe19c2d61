//! Selections from views as statements: `SELECT columns FROM view(n => '5') WHERE … LIMIT …`.

use super::super::EngineError;
use super::super::query::{Refinement, ViewQuery};
use super::rewrite::name_projections;
use super::{inner_mut, parse};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    self, Expr, FunctionArg, FunctionArgExpr, FunctionArgOperator, Ident, LimitClause, ObjectName, SelectItem, SetExpr,
    TableFactor, TableFunctionArgs, Value,
};

/// The selection from a view as a statement.
pub(in super::super) fn refined(view: &ViewQuery, refinement: &Refinement) -> Result<Statement, EngineError> {
    let mut statement = parse("SELECT * FROM v")?;
    let Some(ast::Statement::Query(query)) = inner_mut(&mut statement) else { return Ok(statement) };
    if let SetExpr::Select(select) = query.body.as_mut() {
        if !refinement.columns.is_empty() {
            let columns = refinement.columns.iter().map(|column| select_item(column));
            select.projection = columns.collect::<Result<_, _>>()?;
        }
        select.selection = refinement.filter.as_deref().map(condition).transpose()?;
        if let Some(TableFactor::Table { name, args, .. }) = select.from.first_mut().map(|from| &mut from.relation) {
            *name = ObjectName::from(vec![Ident::new(view.name.as_str())]);
            *args = (!view.params.is_empty()).then(|| arguments(&view.params));
        }
    }
    // Each column was read alone; two of one name are told apart as in any statement.
    name_projections(&mut query.body);
    if let Some(limit) = refinement.limit {
        let limit = Expr::Value(Value::Number(limit.to_string(), false).into());
        query.limit_clause = Some(LimitClause::LimitOffset { limit: Some(limit), offset: None, limit_by: Vec::new() });
    }
    Ok(statement)
}

fn arguments(params: &[(String, String)]) -> TableFunctionArgs {
    let args = params.iter().map(|(name, value)| FunctionArg::Named {
        name: Ident::new(name.as_str()),
        arg: FunctionArgExpr::Expr(Expr::Value(Value::SingleQuotedString(value.clone()).into())),
        operator: FunctionArgOperator::RightArrow,
    });
    TableFunctionArgs { args: args.collect(), settings: None }
}

/// Returns what is wrong with a text that stands in a statement from its second line on. Whoever typed the text knows
/// nothing of the statement, so no place in that is told, nor what stands behind the text.
fn reason(text: &str, error: EngineError) -> String {
    let EngineError::Placed { error, place } = error else { return error.to_string() };
    let EngineError::Unreadable(said) = *error else { return error.to_string() };
    let is_behind = place.line > 1 + text.lines().count().max(1) as u64;
    match said.split_once(", found") {
        Some((expected, _)) if is_behind => format!("{expected}, found the end"),
        _ => said,
    }
}

/// Parses a condition. A text that would be more than one, such as `true ORDER BY 1`, is an error.
fn condition(text: &str) -> Result<Expr, EngineError> {
    let mut statement = parse(&format!("SELECT * FROM v WHERE (\n{text}\n)"))
        .map_err(|error| EngineError::Sql(format!("cannot read the condition `{text}`: {}", reason(text, error))))?;
    let parsed = select_of(&mut statement, &|select, query| {
        let is_all = query.order_by.is_none() && query.limit_clause.is_none() && query.with.is_none();
        let expr = select.selection.take().filter(|_| is_all)?;
        matches!(expr, Expr::Nested(_)).then_some(expr)
    });
    parsed.ok_or_else(|| EngineError::Sql(format!("not one condition: `{text}`")))
}

/// Parses a column, or an expression with or without a name.
fn select_item(text: &str) -> Result<SelectItem, EngineError> {
    let mut statement = parse(&format!("SELECT\n{text}\nFROM v"))
        .map_err(|error| EngineError::Sql(format!("cannot read the column `{text}`: {}", reason(text, error))))?;
    let parsed = select_of(&mut statement, &|select, _| {
        let is_more = select.distinct.is_some() || select.top.is_some() || select.into.is_some();
        let alone = select.projection.len() == 1 && select.from.len() == 1 && select.selection.is_none() && !is_more;
        select.projection.pop().filter(|_| alone)
    });
    parsed.ok_or_else(|| EngineError::Sql(format!("not one column: `{text}`")))
}

fn select_of<T>(statement: &mut Statement, take: &dyn Fn(&mut ast::Select, &ast::Query) -> Option<T>) -> Option<T> {
    let Some(ast::Statement::Query(query)) = inner_mut(statement) else { return None };
    let rest = query.clone();
    match query.body.as_mut() {
        SetExpr::Select(select) => take(select, &rest),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(columns: &[&str], filter: Option<&str>, limit: Option<u64>) -> Result<String, String> {
        let view = ViewQuery { name: "v_iew".to_owned(), params: vec![("n".to_owned(), "it's".to_owned())] };
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        let refinement = Refinement { columns, filter: filter.map(str::to_owned), limit };
        refined(&view, &refinement).map(|statement| statement.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn statements_of_selections() {
        for (columns, filter, limit, expected) in [
            (&[][..], None, None, "SELECT * FROM v_iew(n => 'it''s')"),
            (&["a"], Some("b > 5 -- note"), None, "SELECT a FROM v_iew(n => 'it''s') WHERE (b > 5)"),
            (
                &["a AS x", "lower(b)"],
                Some("a = 1 OR b = 2"),
                Some(3),
                "SELECT a AS x, lower(b) AS \"lower(b)\" FROM v_iew(n => 'it''s') WHERE (a = 1 OR b = 2) LIMIT 3",
            ),
            (&["a", "b", "A"], None, None, "SELECT a, b, A AS \"A_1\" FROM v_iew(n => 'it''s')"),
            (&["count(*)"], None, Some(0), "SELECT count(*) AS \"count(*)\" FROM v_iew(n => 'it''s') LIMIT 0"),
        ] {
            assert_eq!(statement(columns, filter, limit).as_deref(), Ok(expected));
        }
        for wrong in ["", "true) ORDER BY (1", "true) UNION SELECT (1", "a = ", "a = 1; SELECT 2", "x) AND (y"] {
            assert!(statement(&[], Some(wrong), None).is_err(), "{wrong}");
        }
        for wrong in
            ["", "a, b", "DISTINCT a", "TOP 5 a", "a INTO b", "a FROM x; SELECT b", "a FROM secrets WHERE x = 1 --"]
        {
            assert!(statement(&[wrong], None, None).is_err(), "{wrong}");
        }
    }
}
