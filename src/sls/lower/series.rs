//! `time_series(time, '2h', format, padding)`: a row for every slot of time, also for those without events.
//!
//! The SELECT is grouped by the beginning of the slots. Around it, each row makes the slots up to the next row, and the
//! first and the last row those up to the ends of the range. What a slot without events has is its padding:
//!
//! | padding | before the first row | between two rows | behind the last row |
//! |---|---|---|---|
//! | `0` | 0 | 0 | 0 |
//! | `null` | NULL | NULL | NULL |
//! | `last` | NULL | the row before | the last row |
//! | `next` | the first row | the row behind | NULL |
//! | `avg` | NULL | the mean of both | NULL |
//!
//! Other groups make series of their own. Slots begin at round times of the clock, and are numbers of seconds on it.

use super::analysis::{FIRST, LAST, Lowering, RANGE};
use super::expr::{arguments, with_nulls_last};
use super::functions::{Call, case};
use super::scope::{Column, Scope};
use crate::sls::query::{every_column, named, query, select, table};
use crate::sls::sql::{all, binary, call as call_of, column, ident, nested, number, text};
use crate::sls::{SlsError, Span};
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, GroupByExpr, OrderByExpr, OrderByOptions, Select, SelectItem, TableAlias, TableFactor, Value,
    WindowSpec, WindowType,
};

/// The names of columns that the series adds.
const BEFORE: &str = "__before";
const NEXT: &str = "__next";
const SLOT: &str = "__slot";

/// The values of a slot without events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Padding {
    Zero,
    Null,
    Last,
    Next,
    Mean,
}

/// The call of a SELECT.
#[derive(Debug, Clone)]
pub(super) struct Series {
    /// Place among the output columns.
    at: usize,
    /// Seconds of a slot.
    step: i64,
    /// Format of the times.
    format: String,
    padding: Padding,
    span: Span,
    /// Output columns that are groups.
    groups: Vec<usize>,
}

fn is_call(expr: &Expr) -> bool {
    matches!(expr, Expr::Function(function) if function.name.to_string().eq_ignore_ascii_case("time_series"))
}

fn behind(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}

fn literal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            Value::Number(digits, _) => Some(digits),
            Value::Null => Some("null"),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the seconds of a length such as `2h`.
fn seconds(length: &str) -> Option<i64> {
    let length = length.trim();
    let unit = length.chars().next_back()?;
    let count: i64 = length.get(..length.len() - unit.len_utf8())?.trim().parse().ok()?;
    let unit = match unit.to_ascii_lowercase() {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    count.checked_mul(unit).filter(|seconds| (1..=3_155_760_000).contains(seconds))
}

impl Lowering {
    /// Returns the series that a SELECT makes, if it does.
    pub(super) fn series_of(&self, select: &Select) -> Result<Option<Series>, SlsError> {
        let Some(at) = select.projection.iter().position(|item| behind(item).is_some_and(is_call)) else {
            return Ok(None);
        };
        let Some(Expr::Function(function)) = select.projection.get(at).and_then(behind) else { return Ok(None) };
        let span = self.span_of(function);
        let arguments = arguments(function).unwrap_or_default();
        let [_, length, format, padding] = arguments.as_slice() else {
            let error = SlsError::new("`time_series` takes a time, a length, a format and a padding", span);
            return Err(error.help("write `time_series(__time__, '1h', '%Y-%m-%d %H:%i', '0')`"));
        };
        let Some(step) = literal(length).and_then(seconds) else {
            let error = SlsError::new("not a length of time: a number and `s`, `m`, `h` or `d`", self.span_of(length));
            return Err(error.help("write `'5m'`"));
        };
        let Some(format) = literal(format) else {
            return Err(SlsError::new("the format of `time_series` is a text", self.span_of(format)));
        };
        let padding = match literal(padding).map(str::to_lowercase).as_deref() {
            Some("0") => Padding::Zero,
            Some("null") => Padding::Null,
            Some("last") => Padding::Last,
            Some("next") => Padding::Next,
            Some("avg") => Padding::Mean,
            _ => {
                let error = SlsError::new("not a padding", self.span_of(padding));
                return Err(error.help("there are '0', 'null', 'last', 'next' and 'avg'"));
            }
        };
        let GroupByExpr::Expressions(groups, _) = &select.group_by else { return Ok(None) };
        let is_group = |place: &usize| {
            let Some(item) = select.projection.get(*place) else { return false };
            groups.iter().any(|group| match (group, item) {
                (Expr::Identifier(name), SelectItem::ExprWithAlias { alias, .. })
                    if alias.value.eq_ignore_ascii_case(&name.value) =>
                {
                    true
                }
                (Expr::Value(_), _) if literal(group) == Some((*place + 1).to_string().as_str()) => true,
                _ => behind(item) == Some(group),
            })
        };
        let places: Vec<usize> = (0..select.projection.len()).filter(is_group).collect();
        if !places.contains(&at) {
            let error = SlsError::new("`time_series` needs its times as a group", span);
            return Err(error.help("write `time_series(…) AS t … GROUP BY t ORDER BY t`"));
        }
        let series = Series { at, step, format: format.to_owned(), padding, span, groups: places };
        Ok(Some(series))
    }

    /// Rewrites a call to the beginning of a slot.
    pub(super) fn slot(&self, call: &Call) -> Result<Expr, SlsError> {
        let step = call.args.get(1).and_then(literal).and_then(seconds).filter(|_| self.in_series);
        let (Some(time), Some(step)) = (call.args.first(), step) else {
            let error = SlsError::new("`time_series` is an output column of its own", call.span);
            return Err(error.help("write `SELECT time_series(…) AS t, count(*) AS n GROUP BY t ORDER BY t`"));
        };
        Ok(call_of("sls_time_slot", [time.clone(), number(&step.to_string())]))
    }

    /// Rewrites a SELECT with `time_series`. Returns its columns and the order of its rows.
    pub(super) fn series(
        &mut self,
        list: &mut Select,
        series: Series,
        orders: Vec<OrderByExpr>,
        parent: Option<&Scope<'_>>,
    ) -> Result<(Vec<Column>, Vec<OrderByExpr>), SlsError> {
        self.has_clock = true;
        self.names_range = true;
        self.in_series = true;
        let columns = self.select(list, Vec::new(), parent)?.0;
        let Some(time): Option<String> = columns.get(series.at).map(|column| column.sql.clone()) else {
            return Err(SlsError::new("`time_series` is an output column of its own", series.span));
        };
        let counted = self.derived_table(std::mem::replace(list, select(Vec::new(), table("log"), None)));
        let is_group = |place: &usize| series.groups.contains(place);
        let others = series.groups.iter().filter(|place| **place != series.at);
        let window = WindowSpec {
            window_name: None,
            partition_by: others.filter_map(|place| columns.get(*place)).map(|group| column(&group.sql)).collect(),
            order_by: vec![OrderByExpr {
                expr: column(&time),
                options: OrderByOptions { asc: Some(true), nulls_first: Some(false) },
                with_fill: None,
            }],
            window_frame: None,
        };
        let beside = |function: &str, name: &str| {
            let mut expr = call_of(function, [column(name)]);
            if let Expr::Function(function) = &mut expr {
                function.over = Some(WindowType::WindowSpec(window.clone()));
            }
            expr
        };
        let next_of = |name: &str| format!("{NEXT}_{name}");
        let mut items = vec![every_column(), named(beside("lag", &time), BEFORE), named(beside("lead", &time), NEXT)];
        let values: Vec<usize> = (0..columns.len()).filter(|place| !is_group(place)).collect();
        if matches!(series.padding, Padding::Next | Padding::Mean) {
            let names = values.iter().filter_map(|place| columns.get(*place));
            items.extend(names.map(|value| named(beside("lead", &value.sql), &next_of(&value.sql))));
        }
        let with_next = self.derived_table(select(items, counted, None));

        let step = || number(&series.step.to_string());
        let is_null = |name: &str| Expr::IsNull(Box::new(column(name)));
        // An end of the range that is open is that of the rows.
        let end = |name: &str, choose: &str| {
            let of_range = Expr::Subquery(Box::new(query(select(
                vec![SelectItem::UnnamedExpr(column(name))],
                table(RANGE),
                None,
            ))));
            let slot = call_of("sls_time_slot", [of_range, step()]);
            let own = column(&time);
            call_of(choose, [crate::sls::sql::coalesce([slot, own.clone()]), own])
        };
        let from = case(is_null(BEFORE), end(FIRST, "least"), Some(column(&time)));
        let to_next = nested(binary(column(NEXT), BinaryOperator::Minus, step()));
        let to = case(is_null(NEXT), end(LAST, "greatest"), Some(to_next));
        let slots = call_of("unnest", [call_of("generate_series", [from, to, step()])]);
        let padded = self.derived_table(select(vec![every_column(), named(slots, SLOT)], with_next, None));

        let compare = |op| binary(column(SLOT), op, column(&time));
        let (is_row, is_before) = (compare(BinaryOperator::Eq), compare(BinaryOperator::Lt));
        let is_between = || all(vec![compare(BinaryOperator::Gt), Expr::IsNotNull(Box::new(column(NEXT)))]);
        let item = |(place, output): (usize, &Column)| {
            let own = column(&output.sql);
            let value = if place == series.at {
                call_of("sls_slot_format", [column(SLOT), text(&series.format)])
            } else if is_group(&place) {
                own
            } else {
                let pad = match series.padding {
                    Padding::Zero => Some(number("0")),
                    Padding::Null => None,
                    Padding::Last => Some(case(is_before.clone(), Expr::value(Value::Null), Some(own.clone()))),
                    Padding::Next => {
                        let behind = case(is_between(), column(&next_of(&output.sql)), None);
                        Some(case(is_before.clone(), own.clone(), Some(behind)))
                    }
                    Padding::Mean => {
                        let sum = binary(own.clone(), BinaryOperator::Plus, column(&next_of(&output.sql)));
                        Some(case(is_between(), binary(nested(sum), BinaryOperator::Divide, number("2.0")), None))
                    }
                };
                case(is_row.clone(), own, pad)
            };
            named(value, &output.sql)
        };
        *list = select(columns.iter().enumerate().map(item).collect(), padded, None);
        let orders = orders.into_iter().map(|order| {
            let name = match &order.expr {
                Expr::Identifier(name) => columns.iter().find(|output| output.name.eq_ignore_ascii_case(&name.value)),
                other => literal(other)
                    .and_then(|place| place.parse::<usize>().ok()?.checked_sub(1))
                    .and_then(|place| columns.get(place)),
            };
            match name {
                Some(output) if output.sql == time => Ok(with_nulls_last(OrderByExpr { expr: column(SLOT), ..order })),
                Some(output) => Ok(with_nulls_last(OrderByExpr { expr: column(&output.sql), ..order })),
                None => {
                    let span = self.span_of(&order.expr);
                    Err(SlsError::new("the order beside `time_series` is one of output columns", span))
                }
            }
        });
        let orders = orders.collect::<Result<Vec<_>, _>>()?;
        Ok((columns, orders))
    }

    /// Puts a SELECT into parentheses, as a table.
    fn derived_table(&mut self, inner: Select) -> TableFactor {
        let alias = TableAlias { explicit: true, name: ident(&self.made_up()), columns: Vec::new(), at: None };
        TableFactor::Derived { lateral: false, subquery: Box::new(query(inner)), alias: Some(alias), sample: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_numbers_with_a_unit() {
        for (text, expected) in [
            ("2h", Some(7_200)),
            ("30s", Some(30)),
            (" 5 M ", Some(300)),
            ("3d", Some(259_200)),
            ("0s", None),
            ("h", None),
            ("", None),
            ("1日", None),
            ("99999999999999999999d", None),
            ("9999999999999d", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
