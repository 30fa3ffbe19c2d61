//! Builders of SQL syntax trees, so that no SQL is made by joining strings.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Ident, ObjectName, Query, UnaryOperator, Value, ValueWithSpan, VisitMut, VisitorMut,
};
use std::ops::ControlFlow;

/// Writes a query as SQL that is read back as the same query.
///
/// sqlparser prints a tree as it stands, which two changes make safe:
/// - It takes `''` and `\\'` inside of a text for quotes that are escaped already. Each quote is doubled before.
/// - It prints no parentheses but those of the tree. A tree that was changed since it was read can need more: without
///   its ESCAPE, `a LIKE b ESCAPE '/' IN (c)` would be read as `a LIKE (b IN (c))`.
pub fn written(mut query: Query) -> String {
    struct Prepare;
    impl VisitorMut for Prepare {
        type Break = ();
        fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<()> {
            if let Value::SingleQuotedString(text) = &mut value.value {
                *text = text.replace('\'', "''");
            }
            ControlFlow::Continue(())
        }
        fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
            operands_of(expr).into_iter().flatten().filter(|operand| is_condition(operand)).for_each(nest);
            ControlFlow::Continue(())
        }
    }
    let _ = query.visit(&mut Prepare);
    format!("{query:#}")
}

/// The operands next to the operator of an expression, if it binds tighter than AND, OR and NOT.
fn operands_of(expr: &mut Expr) -> [Option<&mut Expr>; 3] {
    match expr {
        Expr::BinaryOp { op: BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Xor, .. }
        | Expr::UnaryOp { op: UnaryOperator::Not, .. } => [None, None, None],
        Expr::BinaryOp { left, right, .. }
        | Expr::IsDistinctFrom(left, right)
        | Expr::IsNotDistinctFrom(left, right)
        | Expr::Like { expr: left, pattern: right, .. }
        | Expr::ILike { expr: left, pattern: right, .. }
        | Expr::SimilarTo { expr: left, pattern: right, .. }
        | Expr::AtTimeZone { timestamp: left, time_zone: right } => [Some(left), Some(right), None],
        Expr::Between { expr, low, high, .. } => [Some(expr), Some(low), Some(high)],
        Expr::UnaryOp { expr, .. }
        | Expr::InList { expr, .. }
        | Expr::InSubquery { expr, .. }
        | Expr::IsNull(expr)
        | Expr::IsNotNull(expr)
        | Expr::IsTrue(expr)
        | Expr::IsNotTrue(expr)
        | Expr::IsFalse(expr)
        | Expr::IsNotFalse(expr)
        | Expr::IsUnknown(expr)
        | Expr::IsNotUnknown(expr)
        | Expr::CompoundFieldAccess { root: expr, .. } => [Some(expr), None, None],
        _ => [None, None, None],
    }
}

/// True for operators that give true or false.
fn is_condition(expr: &Expr) -> bool {
    match expr {
        Expr::BinaryOp { op: BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Xor, .. } => true,
        Expr::BinaryOp { op, .. } => is_comparison(op),
        Expr::UnaryOp { op, .. } => *op == UnaryOperator::Not,
        Expr::Like { .. }
        | Expr::ILike { .. }
        | Expr::SimilarTo { .. }
        | Expr::Between { .. }
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotUnknown(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..) => true,
        _ => false,
    }
}

/// True for the operators that compare two values.
pub fn is_comparison(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Gt | GtEq | Lt | LtEq)
}

/// Puts an expression into parentheses where it stands.
fn nest(expr: &mut Expr) {
    let inner = std::mem::replace(expr, boolean(true));
    *expr = Expr::Nested(Box::new(inner));
}

/// A name, quoted where SQL would read it in another way.
pub fn ident(name: &str) -> Ident {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let plain = name.chars().all(is_plain) && name.starts_with(|c: char| !c.is_ascii_digit());
    if plain { Ident::new(name) } else { Ident::with_quote('"', name) }
}

/// A column.
pub fn column(name: &str) -> Expr {
    Expr::Identifier(ident(name))
}

/// A text.
pub fn text(value: impl Into<String>) -> Expr {
    Expr::value(Value::SingleQuotedString(value.into()))
}

/// A number, as it is written; a minus sign is allowed.
pub fn number(written: &str) -> Expr {
    match written.strip_prefix('-') {
        Some(digits) => Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(number(digits)) },
        None => Expr::value(Value::Number(written.to_owned(), false)),
    }
}

/// `TRUE` or `FALSE`.
pub fn boolean(value: bool) -> Expr {
    Expr::value(Value::Boolean(value))
}

/// A call of a function.
pub fn call(name: &str, arguments: impl IntoIterator<Item = Expr>) -> Expr {
    let args = arguments.into_iter().map(|expr| FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))).collect();
    Expr::Function(Function {
        name: ObjectName::from(vec![ident(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses: Vec::new() }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// The first of these that is not NULL.
pub fn coalesce(values: impl IntoIterator<Item = Expr>) -> Expr {
    call("coalesce", values)
}

/// A conversion; one that can fail gives NULL where `lenient`.
pub fn cast(expr: Expr, data_type: DataType, lenient: bool) -> Expr {
    let kind = if lenient { CastKind::TryCast } else { CastKind::Cast };
    Expr::Cast { kind, expr: Box::new(expr), data_type, array: false, format: None }
}

/// An operator between two operands, each in parentheses if it is an operator of its own.
pub fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(nested(left)), op, right: Box::new(nested(right)) }
}

/// The negation of a condition.
pub fn not(expr: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(nested(expr)) }
}

/// Puts an expression into parentheses, unless it stands together without them.
pub fn nested(expr: Expr) -> Expr {
    match expr {
        Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::Function(_)
        | Expr::Value(_)
        | Expr::Nested(_)
        | Expr::Cast { .. } => expr,
        other => Expr::Nested(Box::new(other)),
    }
}

/// All of these conditions; TRUE for none. The tree is as deep as the logarithm of their number.
pub fn all(conditions: Vec<Expr>) -> Expr {
    balanced(conditions, &BinaryOperator::And).unwrap_or_else(|| boolean(true))
}

/// Any of these conditions; FALSE for none. The tree is as deep as the logarithm of their number.
pub fn any(conditions: Vec<Expr>) -> Expr {
    balanced(conditions, &BinaryOperator::Or).unwrap_or_else(|| boolean(false))
}

fn balanced(mut conditions: Vec<Expr>, op: &BinaryOperator) -> Option<Expr> {
    if conditions.len() < 2 {
        return conditions.pop();
    }
    let right = conditions.split_off(conditions.len() / 2);
    let (left, right) = (balanced(conditions, op)?, balanced(right, op)?);
    let operand = |expr: Expr| match &expr {
        // The same operator needs no parentheses.
        Expr::BinaryOp { op: inner, .. } if inner == op => expr,
        _ => nested(expr),
    };
    Some(Expr::BinaryOp { left: Box::new(operand(left)), op: op.clone(), right: Box::new(operand(right)) })
}
