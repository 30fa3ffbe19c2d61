//! Views that a statement gives parameters, as a function is given arguments: `FROM root_high_frequency(n => 5)`.

use super::super::EngineError;
use super::super::views::{ParamType, View};
use super::inner_mut;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    self, BinaryOperator, Expr, FunctionArg, FunctionArgExpr, Ident, ObjectName, TableFactor, TypedString, Value,
    VisitMut, VisitorMut,
};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// A view that a statement calls with parameters: `FROM root_high_frequency(n => 5)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct ViewCall {
    /// The view.
    pub(in super::super) view: String,
    /// Its parameters as text.
    pub(in super::super) params: Vec<(String, String)>,
    /// The name that stands in the statement in its place.
    pub(in super::super) table: String,
}

/// Finds views that are called with parameters, and puts a table name in the place of each call.
pub(in super::super) fn view_calls(
    statement: &mut Statement,
    is_view: impl Fn(&str) -> bool,
) -> Result<Vec<ViewCall>, EngineError> {
    let Some(sql) = inner_mut(statement) else { return Ok(Vec::new()) };
    let mut finder = CallFinder { is_view, calls: Vec::new() };
    match sql.visit(&mut finder) {
        ControlFlow::Continue(()) => Ok(finder.calls),
        ControlFlow::Break(error) => Err(error),
    }
}

struct CallFinder<F> {
    is_view: F,
    calls: Vec<ViewCall>,
}

impl<F: Fn(&str) -> bool> VisitorMut for CallFinder<F> {
    type Break = EngineError;

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<EngineError> {
        let TableFactor::Table { name, args, alias, .. } = factor else { return ControlFlow::Continue(()) };
        let view = name.to_string();
        let Some(given) = args.take_if(|_| (self.is_view)(&view)) else { return ControlFlow::Continue(()) };
        let mut params = Vec::new();
        for argument in &given.args {
            match parameter(argument) {
                Some(param) => params.push(param),
                None => {
                    let message = format!("a parameter of a view is written `name => value`: `{view}({argument})`");
                    return ControlFlow::Break(EngineError::Sql(message));
                }
            }
        }
        let listed: Vec<String> = params.iter().map(|(name, value)| format!("{name}={}", quoted(value))).collect();
        let table = format!("{view}({})", listed.join(","));
        if alias.is_none() {
            *alias = Some(ast::TableAlias {
                explicit: true,
                name: Ident::new(view.as_str()),
                columns: Vec::new(),
                at: None,
            });
        }
        *name = ObjectName::from(vec![Ident::with_quote('"', table.as_str())]);
        self.calls.push(ViewCall { view, params, table });
        ControlFlow::Continue(())
    }
}

/// Returns a value so that no two lists of parameters look alike.
fn quoted(value: &str) -> String {
    let is_plain = value.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_' | ':' | '/'));
    if is_plain { value.to_owned() } else { format!("{value:?}") }
}

/// Gives the parameters that a view hands on to others (`inner(n => $n)`) their values, as text.
pub(in super::super) fn bind_view_calls<'v>(statement: &mut Statement, value_of: impl Fn(&str) -> Option<&'v str>) {
    if let Some(sql) = inner_mut(statement) {
        let _ = sql.visit(&mut CallBinder { value_of });
    }
}

struct CallBinder<F> {
    value_of: F,
}

impl<'v, F: Fn(&str) -> Option<&'v str>> VisitorMut for CallBinder<F> {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        let TableFactor::Table { args: Some(given), .. } = factor else { return ControlFlow::Continue(()) };
        for value in given.args.iter_mut().filter_map(named_value) {
            if let Expr::Value(value) = value
                && let Value::Placeholder(name) = &value.value
                && let Some(text) = (self.value_of)(name.trim_start_matches('$'))
            {
                value.value = Value::SingleQuotedString(text.to_owned());
            }
        }
        ControlFlow::Continue(())
    }
}

/// Puts literals in the place of placeholders that are read when a statement is planned, before values are bound:
/// lengths in the bounds of a window (`RANGE BETWEEN $length PRECEDING …`), and zones (`AT TIME ZONE $zone`).
pub(in super::super) fn bind_literals(statement: &mut Statement, literal_of: impl Fn(&str) -> Option<Expr>) {
    if let Some(sql) = inner_mut(statement) {
        let _ = sql.visit(&mut LiteralBinder { literal_of });
    }
}

struct LiteralBinder<F> {
    literal_of: F,
}

impl<F: Fn(&str) -> Option<Expr>> VisitorMut for LiteralBinder<F> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Value(value) = expr
            && let Value::Placeholder(name) = &value.value
            && let Some(literal) = (self.literal_of)(name.trim_start_matches('$'))
        {
            *expr = literal;
        }
        ControlFlow::Continue(())
    }
}

/// Puts hidden views that take a table of their caller in the place of their calls:
/// `FROM bursts(source => failures, minimum => 5)`. Such a view cannot be planned by itself, since it selects from
/// whatever the caller names.
pub(in super::super) fn inline_calls<'v>(
    statement: &mut Statement,
    view_of: impl Fn(&str) -> Option<&'v View>,
) -> Result<(), EngineError> {
    let Some(sql) = inner_mut(statement) else { return Ok(()) };
    match sql.visit(&mut CallInliner { view_of, inlined: 0 }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

/// The most calls that are replaced in a statement, those in the replacements included. More lead back to themselves.
const MAX_INLINED: usize = 24;

struct CallInliner<F> {
    view_of: F,
    inlined: usize,
}

impl<'v, F: Fn(&str) -> Option<&'v View>> VisitorMut for CallInliner<F> {
    type Break = EngineError;

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<EngineError> {
        let TableFactor::Table { name, args: Some(given), alias, .. } = factor else {
            return ControlFlow::Continue(());
        };
        let Some(view) = (self.view_of)(&name.to_string()) else { return ControlFlow::Continue(()) };
        self.inlined += 1;
        if self.inlined > MAX_INLINED {
            return ControlFlow::Break(EngineError::RecursiveView(view.name.clone()));
        }
        let named = Ident::new(view.name.as_str());
        let alias =
            alias.take().unwrap_or(ast::TableAlias { explicit: true, name: named, columns: Vec::new(), at: None });
        match called(view, &given.args) {
            Ok(subquery) => {
                *factor = TableFactor::Derived { lateral: false, subquery, alias: Some(alias), sample: None };
                ControlFlow::Continue(())
            }
            Err(error) => ControlFlow::Break(error),
        }
    }
}

/// Returns the SELECT of a view with its tables and values put in.
fn called(view: &View, given: &[FunctionArg]) -> Result<Box<ast::Query>, EngineError> {
    let (mut tables, mut values) = (Vec::new(), Vec::new());
    for argument in given {
        let mut named = argument.clone();
        match (name_of(argument), named_value(&mut named), parameter(argument)) {
            (Some(name), Some(Expr::Identifier(table)), _) => tables.push((name, table.clone())),
            (_, _, Some(value)) => values.push(value),
            _ => {
                let message = format!("a parameter of a view is written `name => value`: `{}({argument})`", view.name);
                return Err(EngineError::Sql(message));
            }
        }
    }
    let table_params = || view.params.iter().filter(|param| param.kind == ParamType::Table);
    if let Some((name, _)) = tables.iter().find(|(name, _)| table_params().all(|param| param.name != *name)) {
        let similar = table_params().map(|param| param.name.clone()).collect();
        return Err(EngineError::UnknownParameter { view: view.name.clone(), name: name.clone(), similar });
    }
    if let Some(missing) = table_params().find(|param| tables.iter().all(|(name, _)| param.name != *name)) {
        let message = format!("the view `{}` needs a table: `{} => …`", view.name, missing.name);
        return Err(EngineError::Sql(message));
    }
    let params = view.bind(&values)?;
    let mut statement = view.statement(&params)?;
    let Some(ast::Statement::Query(query)) = inner_mut(&mut statement) else {
        return Err(EngineError::NotAQuestion(view.sql.clone()));
    };
    let literal = |name: &str| params.literal(name);
    match query.visit(&mut ValueBinder { literal, tables: &tables }) {
        ControlFlow::Continue(()) => Ok(query.clone()),
        ControlFlow::Break(name) => {
            let message = format!("the parameter `{name}` of the view `{}` cannot be put into its SELECT", view.name);
            Err(EngineError::Sql(message))
        }
    }
}

/// Puts tables and values in the places of their names.
struct ValueBinder<'t, F> {
    literal: F,
    tables: &'t [(String, Ident)],
}

impl<F: Fn(&str) -> Option<Expr>> VisitorMut for ValueBinder<'_, F> {
    type Break = String;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<String> {
        if let Expr::Value(value) = expr
            && let Value::Placeholder(name) = &value.value
        {
            let name = name.trim_start_matches('$').to_owned();
            match (self.literal)(&name) {
                Some(literal) => *expr = literal,
                None => return ControlFlow::Break(name),
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<String> {
        if let TableFactor::Table { name, args: None, .. } = factor {
            let table = self.tables.iter().find(|(param, _)| name.to_string() == *param);
            if let Some((_, table)) = table {
                *name = ObjectName::from(vec![table.clone()]);
            }
        }
        ControlFlow::Continue(())
    }
}

/// Returns the value of an argument that has a name.
fn named_value(argument: &mut FunctionArg) -> Option<&mut Expr> {
    match argument {
        FunctionArg::Named { arg: FunctionArgExpr::Expr(value), .. }
        | FunctionArg::ExprNamed { arg: FunctionArgExpr::Expr(value), .. } => Some(value),
        // `n = 5` is a comparison to the parser.
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::BinaryOp { op: BinaryOperator::Eq, right, .. })) => {
            Some(right)
        }
        _ => None,
    }
}

/// Returns the names of the placeholders of a statement.
pub(in super::super) fn placeholders(statement: &mut Statement) -> BTreeSet<String> {
    let mut finder = PlaceholderFinder::default();
    if let Some(sql) = inner_mut(statement) {
        let _ = sql.visit(&mut finder);
    }
    finder.names
}

#[derive(Default)]
struct PlaceholderFinder {
    names: BTreeSet<String>,
}

impl VisitorMut for PlaceholderFinder {
    type Break = ();

    fn pre_visit_value(&mut self, value: &mut ast::ValueWithSpan) -> ControlFlow<()> {
        if let Value::Placeholder(name) = &value.value {
            self.names.insert(name.trim_start_matches('$').to_owned());
        }
        ControlFlow::Continue(())
    }
}

/// Returns the name and the value of an argument, the value as text.
fn parameter(argument: &FunctionArg) -> Option<(String, String)> {
    let name = name_of(argument)?;
    let mut argument = argument.clone();
    Some((name, literal(named_value(&mut argument)?)?))
}

/// Returns the name of an argument.
fn name_of(argument: &FunctionArg) -> Option<String> {
    let name = match argument {
        FunctionArg::Named { name, .. } => name.value.clone(),
        FunctionArg::ExprNamed { name: Expr::Identifier(name), .. } => name.value.clone(),
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::BinaryOp { left, op: BinaryOperator::Eq, .. })) => {
            match left.as_ref() {
                Expr::Identifier(name) => name.value.clone(),
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(name)
}

/// Returns a literal as the text of a parameter.
fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Value(value) | Expr::TypedString(TypedString { value, .. }) => match &value.value {
            Value::Number(number, _) => Some(number.clone()),
            Value::SingleQuotedString(text) => Some(text.clone()),
            Value::Boolean(flag) => Some(flag.to_string()),
            _ => None,
        },
        Expr::UnaryOp { op: ast::UnaryOperator::Minus, expr } => match expr.as_ref() {
            Expr::Value(value) => match &value.value {
                Value::Number(number, _) => Some(format!("-{number}")),
                _ => None,
            },
            _ => None,
        },
        Expr::Array(array) => {
            let items = array.elem.iter().map(literal).collect::<Option<Vec<_>>>()?;
            Some(ParamType::join(&items))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn views_are_called_with_parameters() {
        let mut statement = parse("SELECT * FROM v(n => 5, s => 'x') JOIN v ON true, f(1), v(n = -1) AS w").unwrap();
        let calls = view_calls(&mut statement, |name| name == "v").unwrap();
        let tables: Vec<&str> = calls.iter().map(|call| call.table.as_str()).collect();
        assert_eq!(tables, ["v(n=5,s=x)", "v(n=-1)"]);
        assert_eq!(statement.to_string(), "SELECT * FROM \"v(n=5,s=x)\" AS v JOIN v ON true, f(1), \"v(n=-1)\" AS w");
        let listed = "SELECT * FROM v(l => ['a', 'b,c'], d => DATE '2026-11-03'), v(a => 'x,b=1'), v(a => 'x', b => 1)";
        let calls = view_calls(&mut parse(listed).unwrap(), |_| true).unwrap();
        let tables: Vec<&str> = calls.iter().map(|call| call.table.as_str()).collect();
        assert_eq!(tables, [r#"v(l="a,\"b,c\"",d=2026-11-03)"#, r#"v(a="x,b=1")"#, "v(a=x,b=1)"]);
        let mut wrong = parse("SELECT * FROM v(5)").unwrap();
        assert!(view_calls(&mut wrong, |_| true).unwrap_err().to_string().contains("`name => value`"));
    }

    #[test]
    fn a_view_hands_its_parameters_on() {
        let sql = "SELECT $n AS n FROM v(n => $n, m => $m, o => 1) WHERE a IN (SELECT b FROM w(s = $n))";
        let mut statement = parse(sql).unwrap();
        assert_eq!(placeholders(&mut statement).into_iter().collect::<Vec<_>>(), ["m", "n"]);
        bind_view_calls(&mut statement, |name| (name == "n").then_some("5' OR 1"));
        let expected = "SELECT $n AS n FROM v(n => '5'' OR 1', m => $m, o => 1) \
                        WHERE a IN (SELECT b FROM w(s = '5'' OR 1'))";
        assert_eq!(statement.to_string(), expected);
    }

    #[test]
    fn literals_are_put_in_also_in_windows() {
        let sql = "SELECT count(*) OVER w AS a, max(t) OVER (ORDER BY t RANGE $a PRECEDING) AS b, $n AS n FROM v \
                   WINDOW w AS (ORDER BY t RANGE BETWEEN $a PRECEDING AND $b FOLLOWING)";
        let mut statement = parse(sql).unwrap();
        let literals = [("a", "30m"), ("b", "7d")];
        bind_literals(&mut statement, |name| {
            let (_, text) = literals.iter().find(|(known, _)| *known == name)?;
            Some(Expr::value(Value::SingleQuotedString((*text).to_owned())))
        });
        assert_eq!(statement.to_string(), sql.replace("$a", "'30m'").replace("$b", "'7d'"));
    }

    fn table_view(sql: &str) -> View {
        let text = format!(
            "-- /// view\n-- name = \"near\"\n-- why = \"w\"\n-- param.source = {{ type = \"table\", help = \"h\" }}\n\
             -- param.n = {{ type = \"int\", default = 1, help = \"h\" }}\n\
             -- param.length = {{ type = \"duration\", default = \"30m\", help = \"h\" }}\n-- ///\n{sql}"
        );
        View::hidden("near", &text)
    }

    #[test]
    fn a_view_that_takes_a_table_is_put_in_the_place_of_its_call() {
        let view = table_view("SELECT *, $n AS n FROM source WHERE t > $length AND EXISTS (SELECT n FROM source AS s)");
        let inlined = |sql: &str| {
            let mut statement = parse(sql).unwrap();
            inline_calls(&mut statement, |name| (name == "near").then_some(&view)).map(|()| statement.to_string())
        };
        let body = |table: &str, n: i64, length: &str| {
            format!(
                "(SELECT *, {n} AS n FROM {table} WHERE t > INTERVAL '{length}' \
                 AND EXISTS (SELECT n FROM {table} AS s))"
            )
        };
        let called = inlined(
            "WITH a AS (SELECT n FROM c) SELECT n FROM near(source => a) JOIN near(source => b, n => 5, length => '2d') AS x ON true",
        );
        let expected = format!(
            "WITH a AS (SELECT n FROM c) SELECT n FROM {} AS near JOIN {} AS x ON true",
            body("a", 1, "1800 seconds"),
            body("b", 5, "2 days")
        );
        assert_eq!(called.unwrap(), expected);
        for (sql, said) in [
            ("SELECT 1 FROM near(n => 5)", "the view `near` needs a table: `source => …`"),
            ("SELECT 1 FROM near(source => a, n => b)", "the view `near` has no parameter `n`"),
            ("SELECT 1 FROM near(source => a, m => 5)", "the view `near` has no parameter `m`"),
            (
                "SELECT 1 FROM near(source => a, n => 'x')",
                "the parameter `n` of the view `near` is a whole number: `x`",
            ),
            ("SELECT 1 FROM near(a)", "a parameter of a view is written `name => value`: `near(a)`"),
        ] {
            assert_eq!(inlined(sql).unwrap_err().to_string(), said, "{sql}");
        }
    }

    #[test]
    fn a_view_that_puts_itself_in_is_an_error() {
        let view = table_view("SELECT $n, $length FROM (SELECT 1) AS x, near(source => source)");
        let mut statement = parse("SELECT 1 FROM near(source => a)").unwrap();
        let error = inline_calls(&mut statement, |name| (name == "near").then_some(&view)).unwrap_err();
        assert!(matches!(error, EngineError::RecursiveView(_)), "{error}");
    }
}
