//! Times that are shown in a zone of their own: `from_unixtime(t, zone)` and `t AT TIME ZONE zone`.
//!
//! A time of the analysis part is a clock without a zone, as texts of it are. A clock of another zone than the
//! statement's is right where it is shown, cut or formatted. What compares instants takes the zone off again.

use crate::sls::sql::call;
use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments};

/// Returns a time in the statement's zone, where the expression says that it is shown in another.
pub(super) fn instant(expr: Expr) -> Expr {
    match expr {
        Expr::Nested(inner) => Expr::Nested(Box::new(instant(*inner))),
        // A length of time that is added.
        Expr::BinaryOp { left, op: op @ (BinaryOperator::Plus | BinaryOperator::Minus), right }
            if matches!(*right, Expr::Interval(_)) =>
        {
            Expr::BinaryOp { left: Box::new(instant(*left)), op, right }
        }
        Expr::Function(function) => {
            let name = function.name.to_string();
            let first = match &function.args {
                FunctionArguments::List(list) => match list.args.first() {
                    Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(first))) => Some(first.clone()),
                    _ => None,
                },
                _ => None,
            };
            match (name.as_str(), first) {
                ("sls_from_unixtime_in", Some(seconds)) => call("sls_from_unixtime", [seconds]),
                ("sls_at_timezone", Some(time)) => instant(time),
                _ => Expr::Function(function),
            }
        }
        expr => expr,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sls::sql::{number, text};

    #[test]
    fn zones_are_taken_off() {
        let zoned = || call("sls_from_unixtime_in", [number("1"), text("Asia/Tokyo")]);
        let nested = Expr::Nested(Box::new(call("sls_at_timezone", [zoned(), text("UTC")])));
        for (expr, expected) in [
            (zoned(), "sls_from_unixtime(1)"),
            (nested, "(sls_from_unixtime(1))"),
            (
                call("sls_date_trunc", [text("day"), zoned()]),
                "sls_date_trunc('day', sls_from_unixtime_in(1, 'Asia/Tokyo'))",
            ),
            (number("5"), "5"),
        ] {
            assert_eq!(instant(expr).to_string(), expected);
        }
    }
}
