//! Times that are shown in a zone of their own: `from_unixtime(t, zone)`, `t AT TIME ZONE zone` and
//! `from_iso8601_timestamp(text)`.
//!
//! A time of the analysis part is a clock without a zone, as texts of it are. A clock of another zone than the
//! statement's is right where it is shown, cut or formatted. What compares instants takes the zone off again
//! ([`instant`]), and what tells the offset of a zone is given it ([`zone`]).

use crate::sls::sql::{call, nested};
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
};

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
        Expr::Function(function) => match (function.name.to_string().as_str(), arguments(&function).as_slice()) {
            ("sls_from_unixtime_in", [seconds, _]) => call("sls_from_unixtime", [(*seconds).clone()]),
            ("sls_at_timezone", [time, _]) => (*time).clone(),
            (name @ ("sls_from_iso8601_timestamp" | "sls_try_from_iso8601_timestamp"), [written]) => {
                call(&name.replace("_timestamp", "_instant"), [(*written).clone()])
            }
            _ => {
                let expr = Expr::Function(function);
                match zone(&expr) {
                    Some(zone) => call("sls_clock_of", [expr, zone]),
                    None => expr,
                }
            }
        },
        expr => expr,
    }
}

/// Returns the zone that a time is shown in, if it is one of its own.
pub(super) fn zone(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::Nested(inner) => zone(inner),
        Expr::BinaryOp { left, op: BinaryOperator::Plus | BinaryOperator::Minus, right }
            if matches!(**right, Expr::Interval(_)) =>
        {
            zone(left)
        }
        Expr::Function(function) => match (function.name.to_string().as_str(), arguments(function).as_slice()) {
            ("sls_from_unixtime_in" | "sls_at_timezone", [_, zone]) => Some(nested((*zone).clone())),
            ("sls_from_iso8601_timestamp" | "sls_try_from_iso8601_timestamp", [written]) => {
                Some(call("sls_zone_of_iso8601", [(*written).clone()]))
            }
            ("sls_date_trunc", [_, time]) | ("sls_date_add", [_, _, time]) => zone(time),
            _ => None,
        },
        _ => None,
    }
}

fn arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    let plain = list.args.iter().map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    });
    plain.collect::<Option<_>>().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sls::sql::{number, text};

    #[test]
    fn zones_are_taken_off() {
        let zoned = || call("sls_from_unixtime_in", [number("1"), text("Asia/Tokyo")]);
        let nested = Expr::Nested(Box::new(call("sls_at_timezone", [number("2"), text("UTC")])));
        let day = |time: Expr| call("sls_date_trunc", [text("day"), time]);
        for (expr, expected) in [
            (zoned(), "sls_from_unixtime(1)"),
            (nested, "(2)"),
            (day(zoned()), "sls_clock_of(sls_date_trunc('day', sls_from_unixtime_in(1, 'Asia/Tokyo')), 'Asia/Tokyo')"),
            (day(number("1")), "sls_date_trunc('day', 1)"),
            (call("sls_try_from_iso8601_timestamp", [text("x")]), "sls_try_from_iso8601_instant('x')"),
            (number("5"), "5"),
        ] {
            assert_eq!(instant(expr).to_string(), expected);
        }
    }
}
