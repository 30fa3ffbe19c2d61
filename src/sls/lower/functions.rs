//! The functions of the analysis part: which of SQL's each becomes.
//!
//! Results are those of Presto. A function that DataFusion computes in another way has a twin of ours whose name begins
//! with `sls_` (`engine/functions/sls`). What cannot be computed here is refused by name, with the reason.

use super::analysis::Lowering;
use super::expr::arguments;
use super::function_names::{FUNCTIONS, Rule, reason_to_refuse};
use super::parsing::CSV_CELLS;
use super::scope::Scope;
use super::zoned::{instant, zone};
use crate::sls::parser;
use crate::sls::sql::{binary, boolean, call as call_of, cast, coalesce, nested, not, number, text};
use crate::sls::{SlsError, SlsNotice, Span};
use crate::spelling::similar;
use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    AccessExpr, BinaryOperator, CaseWhen, DataType, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArgumentList, FunctionArguments, ObjectName, OrderByExpr, OrderByOptions,
    Subscript, UnaryOperator, Value,
};

/// Functions of numbers, which read members of JSON as such.
const ON_NUMBERS: [&str; 27] = [
    "abs",
    "approx_percentile",
    "avg",
    "cbrt",
    "ceil",
    "ceiling",
    "corr",
    "covar_pop",
    "covar_samp",
    "exp",
    "floor",
    "ln",
    "log10",
    "log2",
    "pow",
    "power",
    "regr_intercept",
    "regr_slope",
    "sign",
    "sqrt",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "sum",
    "truncate",
    "var_pop",
    "variance",
];

/// Functions whose results may be others than those of the online service, and the reason.
const DIFFERENCES: [(&[&str], &str); 4] = [
    (
        &["json_extract", "json_extract_bool", "json_extract_double", "json_extract_long", "json_size"],
        "`json_extract` of a text that is no JSON is NULL; online it may be an error",
    ),
    (
        &["approx_distinct", "approx_percentile", "numeric_histogram"],
        "estimates are those of other algorithms than the service has",
    ),
    (
        &["ip_to_city", "ip_to_country", "ip_to_country_code", "ip_to_provider", "ipv6_to_city", "ipv6_to_country"],
        "places are those of the databases of `--geoip`, and NULL without one",
    ),
    (
        &["regexp_extract", "regexp_like", "regexp_replace"],
        "regular expressions have no look-around and no back-references",
    ),
];

/// Functions whose results depend on the zone.
const ON_A_CLOCK: [&str; 14] = [
    "current_date",
    "date",
    "date_format",
    "date_parse",
    "date_trunc",
    "day",
    "day_of_week",
    "from_unixtime",
    "hour",
    "localtimestamp",
    "minute",
    "month",
    "week",
    "year",
];

/// Functions that take times as instants, in whichever zone they are shown.
const COMPARE_INSTANTS: [&str; 4] = ["date_diff", "greatest", "least", "to_unixtime"];

/// A call whose arguments are rewritten, with what stands around them.
pub(super) struct Call {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) args: Vec<Expr>,
    /// The call itself without arguments: DISTINCT, FILTER, OVER and the like.
    shell: Function,
}

impl Call {
    fn wrong(&self, takes: &str) -> SlsError {
        SlsError::new(format!("`{}` takes {takes}", self.name), self.span)
    }

    /// Takes exactly so many arguments.
    fn exactly<const N: usize>(&self, takes: &str) -> Result<[Expr; N], SlsError> {
        <[Expr; N]>::try_from(self.args.clone()).map_err(|_| self.wrong(takes))
    }

    /// Makes a call of another function in the same surroundings.
    pub(super) fn with(&self, name: &str, args: Vec<Expr>) -> Function {
        let mut function = self.shell.clone();
        function.name = ObjectName::from(vec![crate::sls::sql::ident(name)]);
        let args = args.into_iter().map(|expr| FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))).collect();
        match &mut function.args {
            FunctionArguments::List(list) => list.args = args,
            other => {
                *other = FunctionArguments::List(FunctionArgumentList {
                    duplicate_treatment: None,
                    args,
                    clauses: Vec::new(),
                });
            }
        }
        function
    }

    /// Makes a call of an aggregate over values in an order.
    fn ordered(&self, name: &str, value: Expr, by: Expr, ascending: bool) -> Function {
        let mut function = self.with(name, vec![value]);
        if let FunctionArguments::List(list) = &mut function.args {
            let options = OrderByOptions { asc: Some(ascending), nulls_first: Some(false) };
            list.clauses =
                vec![FunctionArgumentClause::OrderBy(vec![OrderByExpr { expr: by, options, with_fill: None }])];
        }
        function
    }

    /// Makes a call of an aggregate over the rows of which a condition is true, beside its own condition.
    pub(super) fn filtered(mut function: Function, condition: Expr) -> Function {
        let before = function.filter.take().map(|filter| *filter);
        function.filter = Some(Box::new(match before {
            Some(before) => binary(before, BinaryOperator::And, condition),
            None => condition,
        }));
        function
    }
}

impl Lowering {
    /// Rewrites a call.
    pub(super) fn function(&mut self, function: Function, scope: &Scope<'_>) -> Result<Expr, SlsError> {
        let span = match function.name.0.first().and_then(|part| part.as_ident()) {
            Some(name) => self.places.span(name.span),
            None => self.span_of(&function),
        };
        let name = function.name.to_string().trim_matches('"').to_ascii_lowercase();
        if is_word(&function)
            && let Some(word) = function.name.0.first().and_then(|part| part.as_ident())
        {
            return scope.resolve(std::slice::from_ref(word), span, &mut self.used);
        }
        if name == CSV_CELLS {
            let args = self.exprs(arguments(&function).unwrap_or_default(), scope)?;
            return Ok(call_of(CSV_CELLS, args));
        }
        let Some((_, is_aggregate, rule)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) else {
            return Err(unknown(&name, span));
        };
        if let Rule::Refused(reason) = rule {
            let error = SlsError::new(format!("`{name}` cannot be computed here: {reason}"), span);
            return Err(error.label("not known offline"));
        }
        if name == "reduce" {
            return self.reduced(&function, span, scope);
        }
        if name == "try" {
            return self.attempt(&function, span, scope);
        }
        if name == "search" {
            return self.search(&function, span, scope);
        }
        if matches!(function.args, FunctionArguments::Subquery(_)) {
            return Err(SlsError::new(format!("`{name}` takes no subquery"), span));
        }
        if let Some(expr) = self.with_lambda(&name, &function, span, scope)? {
            return Ok(expr);
        }
        // The periods of a comparison are aggregates, and so is what a window is over.
        let aggregates = *is_aggregate && function.over.is_none() && !name.ends_with("compare");
        if aggregates && let Some(outer) = &self.aggregate {
            let error = SlsError::new(format!("`{name}` stands inside of `{outer}`, and both are aggregates"), span);
            return Err(
                error.help("put one into a subquery: `select max(c) from (select count(*) as c from log group by …)`")
            );
        }
        let outer = if aggregates { self.aggregate.replace(name.clone()) } else { None };
        // An aggregate is over columns, also where an output column has the name of one.
        let own;
        let scope = if *is_aggregate && !scope.aliases.is_empty() {
            own = scope.with_aliases(Vec::new());
            &own
        } else {
            scope
        };
        let mut shell = function;
        let args = match &mut shell.args {
            FunctionArguments::List(list) => {
                for argument in &mut list.args {
                    match argument {
                        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => {
                            let taken = std::mem::replace(expr, Expr::value(Value::Null));
                            *expr = self.expr(taken, scope)?;
                            if COMPARE_INSTANTS.contains(&name.as_str()) {
                                let zoned = std::mem::replace(expr, Expr::value(Value::Null));
                                *expr = instant(zoned);
                            }
                        }
                        FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if name == "count" => {}
                        _ => return Err(SlsError::new(format!("`{name}` takes plain arguments"), span)),
                    }
                }
                for clause in &mut list.clauses {
                    match clause {
                        FunctionArgumentClause::OrderBy(orders) => {
                            *orders = self.orders(std::mem::take(orders), scope)?;
                        }
                        FunctionArgumentClause::IgnoreOrRespectNulls(_) => {}
                        _ => return Err(SlsError::new(format!("a clause that `{name}` does not take"), span)),
                    }
                }
                let exprs = list.args.iter().filter_map(|argument| match argument {
                    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
                    _ => None,
                });
                exprs.collect()
            }
            _ => Vec::new(),
        };
        shell.filter = match shell.filter.take() {
            Some(filter) => Some(Box::new(self.expr(*filter, scope)?)),
            None => None,
        };
        if aggregates {
            self.aggregate = outer;
        }
        shell.over = match shell.over.take() {
            Some(window) => Some(self.window(window, scope)?),
            None => None,
        };
        if *is_aggregate {
            shell = self.of_own_period(&name, shell);
        }
        let within = std::mem::take(&mut shell.within_group);
        if !within.is_empty() {
            return Err(SlsError::new("WITHIN GROUP is not known here", span));
        }
        let args = if ON_NUMBERS.contains(&name.as_str()) {
            let args: Vec<Expr> = args.into_iter().map(|arg| self.as_number(arg)).collect();
            if let FunctionArguments::List(list) = &mut shell.args {
                let exprs = args.iter().map(|arg| FunctionArg::Unnamed(FunctionArgExpr::Expr(arg.clone())));
                list.args = exprs.collect();
            }
            args
        } else {
            args
        };
        let call = Call { name, span, args, shell };
        self.apply(*rule, &call)
    }

    fn apply(&mut self, rule: Rule, call: &Call) -> Result<Expr, SlsError> {
        self.has_clock |= ON_A_CLOCK.contains(&call.name.as_str());
        if let Some((_, difference)) = DIFFERENCES.iter().find(|(names, _)| names.contains(&call.name.as_str())) {
            let note = SlsNotice::note(*difference);
            if !self.notices.contains(&note) {
                self.notices.push(note);
            }
        }
        let to = |name: &str| {
            let mut function = call.shell.clone();
            function.name = ObjectName::from(vec![crate::sls::sql::ident(name)]);
            // `current_timestamp` needs no parentheses, and `now` does.
            if matches!(function.args, FunctionArguments::None) && name != call.name {
                return Expr::Function(call.with(name, Vec::new()));
            }
            Expr::Function(function)
        };
        Ok(match rule {
            Rule::Same => to(&call.name),
            Rule::To(name) => to(name),
            Rule::Sls => to(&format!("sls_{}", call.name)),
            Rule::Fallible if self.trying => to(&format!("sls_try_{}", call.name)),
            Rule::Fallible => to(&format!("sls_{}", call.name)),
            Rule::Special => self.special(call)?,
            // No arguments of it are rewritten.
            Rule::Refused(reason) => return Err(SlsError::new(reason, call.span)),
        })
    }

    /// Rewrites `try(…)`: what can fail inside of it gives NULL.
    fn attempt(&mut self, function: &Function, span: Span, scope: &Scope<'_>) -> Result<Expr, SlsError> {
        let args = arguments(function).map(<[Expr; 1]>::try_from);
        let Some(Ok([inner])) = args else {
            return Err(SlsError::new("`try` takes one expression", span));
        };
        let before = std::mem::replace(&mut self.trying, true);
        let inner: Result<Expr, SlsError> = self.expr(inner, scope);
        self.trying = before;
        Ok(nested(inner?))
    }

    /// Rewrites `search('…')`: the condition of a search on the event of a row, as a column of the table of events.
    fn search(&mut self, function: &Function, span: Span, scope: &Scope<'_>) -> Result<Expr, SlsError> {
        let wrong = || SlsError::new("`search` takes one text, a search", span);
        let Some(Ok([Expr::Value(value)])) = arguments(function).map(<[Expr; 1]>::try_from) else {
            return Err(wrong());
        };
        let Value::SingleQuotedString(search) = value.value else { return Err(wrong()) };
        // The search begins behind the quote.
        let offset = self.places.span(value.span).start + 1;
        let first = |errors: Vec<SlsError>| errors.into_iter().next().map_or_else(wrong, |error| error.shifted(offset));
        let condition = parser::parse(&search).and_then(super::search::lower).map_err(first)?;
        let column = format!("search('{search}')");
        let Some(expr) = scope.of_events(&column) else {
            return Err(SlsError::new("`search` is for a SELECT from the table of events", span));
        };
        self.used.add_value(column, condition.expr.unwrap_or_else(|| boolean(true)));
        Ok(expr)
    }

    fn special(&mut self, call: &Call) -> Result<Expr, SlsError> {
        let function = Expr::Function;
        Ok(match call.name.as_str() {
            "concat" => {
                let mut parts = call.args.clone().into_iter();
                let Some(first) = parts.next() else { return Err(call.wrong("texts or arrays")) };
                let joined = parts.fold(first, |left, right| binary(left, BinaryOperator::StringConcat, right));
                nested(joined)
            }
            "if" => match call.args.as_slice() {
                [condition, then] => case(condition.clone(), then.clone(), None),
                [condition, then, otherwise] => case(condition.clone(), then.clone(), Some(otherwise.clone())),
                _ => return Err(call.wrong("a condition and one or two values")),
            },
            "count_if" => {
                let [condition] = call.exactly("one condition")?;
                let mut count = call.with("count", Vec::new());
                if let FunctionArguments::List(list) = &mut count.args {
                    list.args = vec![FunctionArg::Unnamed(FunctionArgExpr::Wildcard)];
                }
                function(Call::filtered(count, condition))
            }
            "max" | "min" => match call.args.as_slice() {
                [_] => function(call.with(&call.name, call.args.clone())),
                [value, most] => {
                    let all = call.ordered("array_agg", value.clone(), value.clone(), call.name == "min");
                    let there = Expr::IsNotNull(Box::new(nested(value.clone())));
                    first_of(function(Call::filtered(all, there)), most.clone())
                }
                _ => return Err(call.wrong("a value, and perhaps a number")),
            },
            "max_by" | "min_by" => {
                let ascending = call.name == "min_by";
                let there = |by: &Expr| Expr::IsNotNull(Box::new(nested(by.clone())));
                match call.args.as_slice() {
                    [value, by] => {
                        let first = call.ordered("first_value", value.clone(), by.clone(), ascending);
                        function(Call::filtered(first, there(by)))
                    }
                    [value, by, most] => {
                        let all = call.ordered("array_agg", value.clone(), by.clone(), ascending);
                        first_of(function(Call::filtered(all, there(by))), most.clone())
                    }
                    _ => return Err(call.wrong("a value, what it is ordered by, and perhaps a number")),
                }
            }
            "approx_distinct" => match call.args.as_slice() {
                [value] | [value, _] => function(call.with("approx_distinct", vec![value.clone()])),
                _ => return Err(call.wrong("a value, and perhaps an error")),
            },
            "approx_percentile" => self.percentile(call)?,
            "set_agg" => {
                let mut all = call.with("array_agg", call.args.clone());
                if let FunctionArguments::List(list) = &mut all.args {
                    list.duplicate_treatment = Some(datafusion::sql::sqlparser::ast::DuplicateTreatment::Distinct);
                }
                function(all)
            }
            "histogram" | "map_union" => {
                let [value] = call.exactly("one value")?;
                let all = call.with("array_agg", vec![value]);
                call_of(&format!("sls_{}", call.name), [function(all)])
            }
            "map_agg" | "multimap_agg" => {
                let [key, value] = call.exactly("a key and a value")?;
                let pair = call_of("struct", [key, value]);
                let to = if call.name == "map_agg" { "sls_map_from_entries" } else { "sls_multimap_from_entries" };
                call_of(to, [function(call.with("array_agg", vec![pair]))])
            }
            "numeric_histogram" => {
                let [buckets, value] = call.exactly("a number of buckets and a value")?;
                let all = call.with("array_agg", vec![call_of("sls_cast", [value, text("double")])]);
                call_of("sls_numeric_histogram", [buckets, function(all)])
            }
            "compare" | "ts_compare" => self.compared(call)?,
            "time_series" => self.slot(call)?,
            "skewness" | "kurtosis" | "geometric_mean" => {
                let [value] = call.exactly("one value")?;
                let all = call.with("array_agg", vec![call_of("sls_cast", [value, text("double")])]);
                call_of(&format!("sls_{}", call.name), [function(all)])
            }
            "from_unixtime" => match call.args.as_slice() {
                [time] => call_of(self.fallible("from_unixtime").as_str(), [time.clone()]),
                [time, zone] => call_of("sls_from_unixtime_in", [time.clone(), zone.clone()]),
                _ => return Err(call.wrong("seconds, and perhaps a time zone")),
            },
            "lag" | "lead" => match call.args.as_slice() {
                // A window takes a constant for what is not there.
                [value, offset, otherwise] if !matches!(otherwise, Expr::Value(_)) => {
                    let is_outside = call.with(&call.name, vec![number("1"), offset.clone()]);
                    let is_outside = Expr::IsNull(Box::new(function(is_outside)));
                    let beside = call.with(&call.name, vec![value.clone(), offset.clone()]);
                    case(is_outside, otherwise.clone(), Some(function(beside)))
                }
                args => function(call.with(&call.name, args.to_vec())),
            },
            "sha256" | "sha512" => {
                let [value] = call.exactly("binary data")?;
                call_of(&format!("sls_{}", call.name), [value])
            }
            "to_base64" | "base64_encode" => {
                let [value] = call.exactly("binary data")?;
                call_of("encode", [value, text("base64pad")])
            }
            "from_base64" | "base64_decode" => {
                let [value] = call.exactly("a text")?;
                let bytes = call_of("decode", [value, text("base64pad")]);
                if call.name == "from_base64" { bytes } else { call_of("sls_cast", [bytes, text("varchar")]) }
            }
            "to_iso8601" | "timezone_hour" | "timezone_minute" => {
                let [time] = call.exactly("one time")?;
                let zone = zone(&time);
                call_of(&format!("sls_{}", call.name), std::iter::once(time).chain(zone))
            }
            "localtimestamp" => call_of("sls_cast", [call_of("now", []), text("timestamp")]),
            "dow" | "doy" | "yow" | "day_of_month" | "dayofweek" | "dayofyear" => {
                let [time] = call.exactly("one time")?;
                self.part_of_time(&call.name, time, call.span)?
            }
            "replace" => match call.args.as_slice() {
                [whole, from] => call_of("replace", [whole.clone(), from.clone(), text("")]),
                [_, _, _] => call_of("replace", call.args.clone()),
                _ => return Err(call.wrong("a text, what is replaced, and perhaps by what")),
            },
            "ilike" => {
                let [value, pattern] = call.exactly("a text and a pattern")?;
                let (expr, pattern) = (Box::new(nested(value)), Box::new(nested(pattern)));
                nested(Expr::ILike { negated: false, any: false, expr, pattern, escape_char: None })
            }
            "json_array_contains" => {
                let [list, value] = call.exactly("a JSON array and a value")?;
                let name = match &value {
                    Expr::Value(value) if matches!(value.value, Value::Number(..)) => "sls_json_array_contains_number",
                    Expr::UnaryOp { op: UnaryOperator::Minus, .. } => "sls_json_array_contains_number",
                    Expr::Value(value) if matches!(value.value, Value::Boolean(_)) => "sls_json_array_contains_bool",
                    _ => "sls_json_array_contains",
                };
                call_of(name, [list, value])
            }
            "array_position" => {
                let [list, value] = call.exactly("an array and a value")?;
                let place = call_of("array_position", [list.clone(), value]);
                let place = coalesce([cast(place, DataType::BigInt(None), false), number("0")]);
                match &list {
                    Expr::Function(_) | Expr::Array(_) => place,
                    list => case(Expr::IsNotNull(Box::new(nested(list.clone()))), place, None),
                }
            }
            // As in Presto, NULL among the elements gives NULL.
            "array_max" | "array_min" => {
                let [list] = call.exactly("one array")?;
                let all = not(call_of("sls_has_null", [list.clone()]));
                case(all, call_of(&call.name, [list]), None)
            }
            "array_sort" => {
                let [list] = call.exactly("one array")?;
                call_of("array_sort", [list, text("ASC"), text("NULLS LAST")])
            }
            "element_at" => {
                let [whole, at] = call.exactly("an array or a map, and an index or a key")?;
                Expr::CompoundFieldAccess {
                    root: Box::new(nested(whole)),
                    access_chain: vec![AccessExpr::Subscript(Subscript::Index { index: at })],
                }
            }
            "sequence" => match call.args.as_slice() {
                [start, stop] => {
                    let up = binary(start.clone(), BinaryOperator::LtEq, stop.clone());
                    let step = case(up, number("1"), Some(number("-1")));
                    call_of("generate_series", [start.clone(), stop.clone(), step])
                }
                [_, _, Expr::Value(step)] if step.value == Value::Number("0".to_owned(), false) => {
                    return Err(SlsError::new("the step of `sequence` is not 0", call.span));
                }
                [_, _, _] => call_of("generate_series", call.args.clone()),
                _ => return Err(call.wrong("a start, an end, and perhaps a step")),
            },
            "map" => match call.args.as_slice() {
                [] => call_of("map", [array(), array()]),
                [_, _] => call_of("map", call.args.clone()),
                _ => return Err(call.wrong("an array of keys and an array of values")),
            },
            "greatest" | "least" => {
                let absent = call.args.iter().map(|arg| Expr::IsNull(Box::new(nested(arg.clone())))).collect();
                let chosen = call_of(&call.name, call.args.clone());
                case(not(crate::sls::sql::any(absent)), chosen, None)
            }
            "mod" => {
                let [left, right] = call.exactly("two numbers")?;
                nested(binary(left, BinaryOperator::Modulo, right))
            }
            "bitwise_and"
            | "bitwise_or"
            | "bitwise_xor"
            | "bitwise_left_shift"
            | "bitwise_right_shift"
            | "bitwise_arithmetic_shift_right"
            | "left_shift"
            | "right_shift"
            | "right_shift_arithmetic" => {
                let [left, right] = call.exactly("two whole numbers")?;
                let op = match call.name.as_str() {
                    "bitwise_and" => BinaryOperator::BitwiseAnd,
                    "bitwise_or" => BinaryOperator::BitwiseOr,
                    "bitwise_xor" => BinaryOperator::BitwiseXor,
                    "bitwise_left_shift" | "left_shift" => BinaryOperator::PGBitwiseShiftLeft,
                    _ => BinaryOperator::PGBitwiseShiftRight,
                };
                nested(binary(left, op, right))
            }
            "bitwise_not" => {
                let [value] = call.exactly("a whole number")?;
                nested(binary(number("-1"), BinaryOperator::Minus, value))
            }
            "rand" | "random" => match call.args.as_slice() {
                [] => call_of("random", []),
                _ => return Err(call.wrong("no arguments")),
            },
            "e" => call_of("exp", [number("1")]),
            "infinity" | "nan" => {
                let name = if call.name == "nan" { "NaN" } else { "Infinity" };
                call_of("sls_cast", [text(name), text("double")])
            }
            "to_hex" => {
                let [value] = call.exactly("binary data")?;
                call_of("upper", [call_of("encode", [value, text("hex")])])
            }
            "from_hex" => {
                let [value] = call.exactly("a text")?;
                call_of("decode", [value, text("hex")])
            }
            "to_utf8" => {
                let [value] = call.exactly("a text")?;
                call_of("sls_cast", [value, text("varbinary")])
            }
            "from_utf8" => {
                let [value] = call.exactly("binary data")?;
                call_of("sls_cast", [value, text("varchar")])
            }
            "ip_to_province" | "ipv6_to_province" | "ip_to_geo" | "ip_to_city_geo" => {
                let message = format!("`{}` gives NULL: the databases of places are read without it", call.name);
                self.notices.push(SlsNotice::warning(message, call.span));
                nested(cast(Expr::value(Value::Null), DataType::Varchar(None), false))
            }
            other => return Err(SlsError::new(format!("`{other}` is not known here"), call.span)),
        })
    }

    fn fallible(&self, name: &str) -> String {
        format!("sls_{}{name}", if self.trying { "try_" } else { "" })
    }

    fn percentile(&mut self, call: &Call) -> Result<Expr, SlsError> {
        let takes = "a value, perhaps a weight, and a percentage or an array of them";
        let (value, weight, share) = match call.args.as_slice() {
            [value, share] => (value, None, share),
            [value, weight, share] => (value, Some(weight), share),
            _ => return Err(call.wrong(takes)),
        };
        let one = |share: &Expr| {
            let mut args = vec![value.clone()];
            args.extend(weight.cloned());
            args.push(share.clone());
            let name = if weight.is_some() { "approx_percentile_cont_with_weight" } else { "approx_percentile_cont" };
            Expr::Function(call.with(name, args))
        };
        Ok(match share {
            Expr::Array(shares) => call_of("make_array", shares.elem.iter().map(one)),
            share => one(share),
        })
    }
}

fn array() -> Expr {
    call_of("make_array", [])
}

/// Returns the first so many of a list.
fn first_of(list: Expr, most: Expr) -> Expr {
    call_of("array_slice", [list, number("1"), most])
}

/// `CASE WHEN condition THEN value ELSE otherwise END`.
pub(super) fn case(condition: Expr, result: Expr, otherwise: Option<Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: vec![CaseWhen { condition, result }],
        else_result: otherwise.map(Box::new),
    }
}

/// Returns `true` for a name of a column: the parser takes words such as `user` for functions without parentheses.
pub(super) fn is_word(function: &Function) -> bool {
    let name = function.name.to_string().to_ascii_lowercase();
    matches!(function.args, FunctionArguments::None) && FUNCTIONS.iter().all(|(known, ..)| *known != name)
}

fn unknown(name: &str, span: Span) -> SlsError {
    if let Some(reason) = reason_to_refuse(name) {
        let error = SlsError::new(format!("`{name}` cannot be computed here: {reason}"), span);
        return error.label("not known offline");
    }
    let error = SlsError::new(format!("no function is named `{name}`"), span).label("unknown function");
    match similar(name, FUNCTIONS.iter().map(|(known, ..)| *known)).as_slice() {
        [] => error,
        [one] => error.help(format!("did you mean `{one}`?")),
        several => {
            let several: Vec<String> = several.iter().map(|name| format!("`{name}`")).collect();
            error.help(format!("did you mean one of {}?", several.join(", ")))
        }
    }
}
