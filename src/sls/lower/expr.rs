//! Expressions of the analysis part, rewritten to what DataFusion computes as Presto does.

use super::analysis::Lowering;
use super::scope::Scope;
use super::zoned::{instant, zone};
use crate::sls::resolve::{Target, find};
use crate::sls::sql::{call, ident, is_comparison, nested, text};
use crate::sls::{SlsError, SlsNotice, Span};
use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    AccessExpr, Array, BinaryOperator, CaseWhen, CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, Ident, Interval, LambdaFunction, LambdaFunctionParameter, LambdaSyntax, OneOrManyWithParens,
    OrderByExpr, Spanned, Subscript, TypedString, UnaryOperator, Value, ValueWithSpan, WindowSpec, WindowType,
};

/// The most operators in a row, but for AND and OR.
const MAX_CHAIN: usize = 200;

/// Names of types that a cast may have, or their first words.
const TYPES: [&str; 26] = [
    "array",
    "bigint",
    "boolean",
    "bool",
    "char",
    "date",
    "decimal",
    "double",
    "double precision",
    "float",
    "int",
    "integer",
    "json",
    "long",
    "map",
    "numeric",
    "real",
    "row",
    "smallint",
    "string",
    "text",
    "time",
    "timestamp",
    "tinyint",
    "varbinary",
    "varchar",
];

impl Lowering {
    /// Returns the place of an expression.
    pub(super) fn span_of(&self, node: &impl Spanned) -> Span {
        self.places.span(node.span())
    }

    /// Rewrites an expression.
    pub(super) fn expr(&mut self, expr: Expr, scope: &Scope<'_>) -> Result<Expr, SlsError> {
        // A chain of operators is as deep as it is long, and has no place that is needed.
        let span = match &expr {
            Expr::BinaryOp { .. } => Span::default(),
            expr => self.span_of(expr),
        };
        Ok(match expr {
            Expr::Identifier(name) => {
                let span = self.places.span(name.span);
                scope.resolve(&[name], span, &mut self.used)?
            }
            Expr::CompoundIdentifier(names) => scope.resolve(&names, span, &mut self.used)?,
            Expr::BinaryOp { left, op, right } => self.operators(*left, op, *right, scope)?,
            Expr::UnaryOp { op, expr } => Expr::UnaryOp { op, expr: self.boxed(*expr, scope)? },
            Expr::Nested(inner) => Expr::Nested(self.boxed(*inner, scope)?),
            Expr::Value(value) => match &value.value {
                Value::Placeholder(name) => {
                    let error = SlsError::new(format!("a placeholder has no value here: `{name}`"), span);
                    return Err(error.help("put its value in its place"));
                }
                _ => Expr::Value(value),
            },
            Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax }) => match data_type {
                DataType::Timestamp(..) => call("sls_cast", [Expr::Value(value), text("timestamp")]),
                data_type => Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax }),
            },
            Expr::Function(function) => self.function(function, scope)?,
            Expr::Cast { kind, expr, data_type, .. } => self.cast(kind, *expr, &data_type, span, scope)?,
            Expr::Case { operand, conditions, else_result, .. } => Expr::Case {
                case_token: AttachedToken::empty(),
                end_token: AttachedToken::empty(),
                operand: self.optional(operand, scope)?,
                conditions: conditions
                    .into_iter()
                    .map(|when| {
                        Ok(CaseWhen {
                            condition: self.expr(when.condition, scope)?,
                            result: self.expr(when.result, scope)?,
                        })
                    })
                    .collect::<Result<_, SlsError>>()?,
                else_result: self.optional(else_result, scope)?,
            },
            Expr::IsNull(inner) => Expr::IsNull(self.boxed(*inner, scope)?),
            Expr::IsNotNull(inner) => Expr::IsNotNull(self.boxed(*inner, scope)?),
            Expr::IsTrue(inner) => Expr::IsTrue(self.boxed(*inner, scope)?),
            Expr::IsNotTrue(inner) => Expr::IsNotTrue(self.boxed(*inner, scope)?),
            Expr::IsFalse(inner) => Expr::IsFalse(self.boxed(*inner, scope)?),
            Expr::IsNotFalse(inner) => Expr::IsNotFalse(self.boxed(*inner, scope)?),
            Expr::IsUnknown(inner) => Expr::IsUnknown(self.boxed(*inner, scope)?),
            Expr::IsNotUnknown(inner) => Expr::IsNotUnknown(self.boxed(*inner, scope)?),
            Expr::IsDistinctFrom(left, right) => {
                Expr::IsDistinctFrom(self.moment(*left, scope)?, self.moment(*right, scope)?)
            }
            Expr::IsNotDistinctFrom(left, right) => {
                Expr::IsNotDistinctFrom(self.moment(*left, scope)?, self.moment(*right, scope)?)
            }
            Expr::InList { expr, list, negated } => {
                let (mut expr, list) = (self.expr(*expr, scope)?, self.exprs(list, scope)?);
                if list.iter().all(is_number) {
                    expr = self.as_number(expr);
                }
                Expr::InList { expr: Box::new(instant(expr)), list: list.into_iter().map(instant).collect(), negated }
            }
            Expr::InSubquery { expr, mut subquery, negated } => {
                let expr = self.boxed(*expr, scope)?;
                self.query(&mut subquery, Some(scope))?;
                Expr::InSubquery { expr, subquery, negated }
            }
            Expr::AnyOp { left, compare_op, right, is_some } => {
                let (left, right) = (self.boxed(*left, scope)?, self.boxed(*right, scope)?);
                Expr::AnyOp { left, compare_op, right, is_some }
            }
            Expr::AllOp { left, compare_op, .. } => {
                let error = SlsError::new(format!("`{compare_op} ALL` is not known here"), self.span_of(&*left));
                return Err(error.help("compare with the minimum or the maximum of the subquery"));
            }
            Expr::Exists { mut subquery, negated } => {
                self.query(&mut subquery, Some(scope))?;
                Expr::Exists { subquery, negated }
            }
            Expr::Subquery(mut subquery) => {
                self.query(&mut subquery, Some(scope))?;
                Expr::Subquery(subquery)
            }
            Expr::Between { expr, negated, low, high } => {
                let (mut expr, low, high) =
                    (self.moment(*expr, scope)?, self.moment(*low, scope)?, self.moment(*high, scope)?);
                if is_number(&low) || is_number(&high) {
                    expr = Box::new(self.as_number(*expr));
                }
                Expr::Between { expr, negated, low, high }
            }
            Expr::Like { negated, any, expr, pattern, escape_char } => {
                let expr = self.boxed(*expr, scope)?;
                let pattern = Box::new(self.like_pattern(*pattern, escape_char, scope)?);
                Expr::Like { negated, any, expr, pattern, escape_char: None }
            }
            Expr::ILike { negated, any, expr, pattern, escape_char } => {
                let expr = self.boxed(*expr, scope)?;
                let pattern = Box::new(self.like_pattern(*pattern, escape_char, scope)?);
                Expr::ILike { negated, any, expr, pattern, escape_char: None }
            }
            Expr::RLike { negated, expr, pattern, .. } => {
                let found = call("sls_regexp_like", [self.expr(*expr, scope)?, self.expr(*pattern, scope)?]);
                if negated { crate::sls::sql::not(found) } else { found }
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                let time = instant(self.expr(*timestamp, scope)?);
                call("sls_at_timezone", [time, self.expr(*time_zone, scope)?])
            }
            Expr::Extract { field, expr, .. } => {
                let field = field.to_string().to_ascii_lowercase();
                let inner = self.expr(*expr, scope)?;
                self.part_of_time(&field, inner, span)?
            }
            Expr::Ceil { expr, .. } => call("ceil", [self.expr(*expr, scope)?]),
            Expr::Floor { expr, .. } => call("floor", [self.expr(*expr, scope)?]),
            Expr::Position { expr, r#in } => {
                let (part, whole) = (self.expr(*expr, scope)?, self.expr(*r#in, scope)?);
                call("sls_strpos", [whole, part])
            }
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                let mut arguments = vec![self.expr(*expr, scope)?];
                let start = substring_from.unwrap_or_else(|| Box::new(crate::sls::sql::number("1")));
                arguments.push(self.expr(*start, scope)?);
                if let Some(length) = substring_for {
                    arguments.push(self.expr(*length, scope)?);
                }
                call("sls_substr", arguments)
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters } => Expr::Trim {
                trim_where,
                trim_what: self.optional(trim_what, scope)?,
                expr: self.boxed(*expr, scope)?,
                trim_characters: match trim_characters {
                    Some(characters) => Some(self.exprs(characters, scope)?),
                    None => None,
                },
            },
            // The parser reads an unknown unit as the name of a column.
            Expr::Interval(interval) if interval.leading_field.is_none() && is_bare_number(&interval.value) => {
                let error = SlsError::new("an interval has a unit", span);
                return Err(error.help("write `interval '1' day`: second, minute, hour, day, week, month or year"));
            }
            Expr::Interval(interval) => {
                Expr::Interval(Interval { value: self.boxed(*interval.value, scope)?, ..interval })
            }
            Expr::Array(Array { elem, .. }) => Expr::Array(Array { elem: self.exprs(elem, scope)?, named: false }),
            Expr::Tuple(items) => Expr::Tuple(self.exprs(items, scope)?),
            Expr::CompoundFieldAccess { root, access_chain } => self.access(*root, access_chain, span, scope)?,
            Expr::Lambda(lambda) => {
                let span = parameters(&lambda).next().map_or(span, |name| self.places.span(name.span));
                let error = SlsError::new("a lambda is not expected here", span);
                return Err(error.help("`filter`, `transform`, `any_match`, `reduce` and the like take one"));
            }
            other => {
                let form = other.to_string();
                let form: String = form.chars().take(60).collect();
                return Err(SlsError::new(format!("a form that is not known here: `{form}`"), span));
            }
        })
    }

    /// Rewrites a pattern of LIKE, whose escape character is a backslash in SQL, and none in Presto.
    fn like_pattern(
        &mut self,
        pattern: Expr,
        escape: Option<ValueWithSpan>,
        scope: &Scope<'_>,
    ) -> Result<Expr, SlsError> {
        let span = self.span_of(&pattern);
        let escape = match escape.map(|escape| escape.value) {
            None => None,
            Some(Value::SingleQuotedString(escape)) if escape.chars().count() == 1 => escape.chars().next(),
            Some(_) => return Err(SlsError::new("the escape of LIKE is one character", span)),
        };
        match pattern {
            Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)) => {
                let Value::SingleQuotedString(written) = value.value else { return Err(self.refused("LIKE", span)) };
                Ok(text(escaped_by_backslash(&written, escape)))
            }
            pattern => match escape {
                None => Ok(call("replace", [self.expr(pattern, scope)?, text("\\"), text("\\\\")])),
                Some('\\') => self.expr(pattern, scope),
                Some(_) => Err(SlsError::new("a pattern with an ESCAPE is a text", span)),
            },
        }
    }

    /// Returns a member of JSON as a number, NULL where it is none; any other expression as it is.
    pub(super) fn as_number(&mut self, expr: Expr) -> Expr {
        let name = match &expr {
            Expr::Identifier(name) => Some(name),
            Expr::CompoundIdentifier(names) => names.last(),
            _ => None,
        };
        let is_member = name.is_some_and(|name| matches!(find(&name.value), Some(Target::Member(..))));
        if !is_member {
            return expr;
        }
        let note = SlsNotice::note("members of JSON are texts; where a number is needed, those that are none are NULL");
        if !self.notices.contains(&note) {
            self.notices.push(note);
        }
        call("sls_try_cast", [expr, text("double")])
    }

    fn boxed(&mut self, expr: Expr, scope: &Scope<'_>) -> Result<Box<Expr>, SlsError> {
        Ok(Box::new(self.expr(expr, scope)?))
    }

    /// Rewrites an expression that is compared: a time counts as an instant.
    fn moment(&mut self, expr: Expr, scope: &Scope<'_>) -> Result<Box<Expr>, SlsError> {
        Ok(Box::new(instant(self.expr(expr, scope)?)))
    }

    fn optional(&mut self, expr: Option<Box<Expr>>, scope: &Scope<'_>) -> Result<Option<Box<Expr>>, SlsError> {
        expr.map(|expr| self.boxed(*expr, scope)).transpose()
    }

    pub(super) fn exprs(&mut self, exprs: Vec<Expr>, scope: &Scope<'_>) -> Result<Vec<Expr>, SlsError> {
        exprs.into_iter().map(|expr| self.expr(expr, scope)).collect()
    }

    /// Rewrites a chain of operators. The chain is walked without recursion, since it is as long as the statement.
    /// Conditions become a tree that is not deep.
    fn operators(&mut self, left: Expr, op: BinaryOperator, right: Expr, scope: &Scope<'_>) -> Result<Expr, SlsError> {
        let (mut first, mut rest) = (left, vec![(op, right)]);
        while let Expr::BinaryOp { left, op, right } = first {
            rest.push((op, *right));
            first = *left;
        }
        let is_condition = |op: &BinaryOperator| matches!(op, BinaryOperator::And | BinaryOperator::Or);
        if rest.iter().filter(|(op, _)| !is_condition(op)).count() > MAX_CHAIN {
            let message = format!("more than {MAX_CHAIN} operators stand in a row");
            return Err(SlsError::new(message, self.span_of(&first)));
        }
        let mut out = self.expr(first, scope)?;
        // Conditions that the same word joins.
        let mut joined: Option<(BinaryOperator, Vec<Expr>)> = None;
        for (op, right) in rest.into_iter().rev() {
            let mut right = self.expr(right, scope)?;
            if is_condition(&op) {
                match &mut joined {
                    Some((word, conditions)) if *word == op => conditions.push(right),
                    joined => {
                        let first = all_of(joined.take(), out);
                        (out, *joined) = (Expr::value(Value::Null), Some((op, vec![first, right])));
                    }
                }
                continue;
            }
            out = all_of(joined.take(), out);
            if is_arithmetic(&op) || (is_comparison(&op) && (is_number(&out) || is_number(&right))) {
                (out, right) = (self.as_number(out), self.as_number(right));
            }
            if is_comparison(&op) || op == BinaryOperator::Minus && !matches!(right, Expr::Interval(_)) {
                (out, right) = (instant(out), instant(right));
            }
            // In `try(…)`, a division by zero gives NULL.
            let right = match op {
                BinaryOperator::Divide | BinaryOperator::Modulo if self.trying => {
                    call("nullif", [right, crate::sls::sql::number("0")])
                }
                _ => right,
            };
            out = Expr::BinaryOp { left: Box::new(out), op, right: Box::new(right) };
        }
        Ok(all_of(joined, out))
    }

    fn cast(
        &mut self,
        kind: CastKind,
        expr: Expr,
        data_type: &DataType,
        span: Span,
        scope: &Scope<'_>,
    ) -> Result<Expr, SlsError> {
        let kind_name = match data_type {
            DataType::Custom(name, modifiers) if modifiers.is_empty() => {
                name.0.iter().filter_map(|part| part.as_ident()).map(|part| part.value.clone()).collect::<String>()
            }
            other => other.to_string(),
        };
        let kind_name = kind_name.to_lowercase();
        let head = kind_name.split('(').next().unwrap_or_default().trim();
        if !TYPES.contains(&head) && !head.starts_with("timestamp") {
            let error = SlsError::new(format!("not a type: `{kind_name}`"), span);
            let near = crate::spelling::similar(head, TYPES);
            return Err(match near.first() {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => {
                    error.help("there are varchar, bigint, double, boolean, timestamp, date, json, array(…), map(…)")
                }
            });
        }
        let lenient = self.trying || !matches!(kind, CastKind::Cast | CastKind::DoubleColon);
        let inner = self.expr(expr, scope)?;
        Ok(call(if lenient { "sls_try_cast" } else { "sls_cast" }, [inner, text(kind_name)]))
    }

    /// Returns the call that gives a part of a time, such as its hour.
    pub(super) fn part_of_time(&self, field: &str, time: Expr, span: Span) -> Result<Expr, SlsError> {
        let function = match field {
            "year" | "quarter" | "month" | "week" | "day" | "hour" | "minute" | "second" | "day_of_week"
            | "day_of_year" | "year_of_week" | "timezone_hour" | "timezone_minute" | "millisecond" => field,
            "dow" | "dayofweek" => "day_of_week",
            "doy" | "dayofyear" => "day_of_year",
            "yow" => "year_of_week",
            "day_of_month" => "day",
            _ => return Err(SlsError::new(format!("a time has no part `{field}`"), span)),
        };
        let zone = if function.starts_with("timezone_") { zone(&time) } else { None };
        Ok(call(&format!("sls_{function}"), std::iter::once(time).chain(zone)))
    }

    /// Rewrites subscripts. Dots in front of them belong to the name.
    fn access(&mut self, root: Expr, chain: Vec<AccessExpr>, span: Span, scope: &Scope<'_>) -> Result<Expr, SlsError> {
        let mut chain = chain.into_iter().peekable();
        let mut names = match root {
            Expr::Identifier(name) => vec![name],
            Expr::CompoundIdentifier(names) => names,
            other => {
                let root = nested(self.expr(other, scope)?);
                return self.subscripts(root, chain.collect(), span, scope);
            }
        };
        while let Some(AccessExpr::Dot(Expr::Identifier(name))) =
            chain.next_if(|access| matches!(access, AccessExpr::Dot(Expr::Identifier(_))))
        {
            names.push(name);
        }
        let root = scope.resolve(&names, span, &mut self.used)?;
        self.subscripts(root, chain.collect(), span, scope)
    }

    fn subscripts(
        &mut self,
        root: Expr,
        chain: Vec<AccessExpr>,
        span: Span,
        scope: &Scope<'_>,
    ) -> Result<Expr, SlsError> {
        let mut access_chain = Vec::with_capacity(chain.len());
        for access in chain {
            access_chain.push(match access {
                AccessExpr::Subscript(Subscript::Index { index }) => {
                    AccessExpr::Subscript(Subscript::Index { index: self.expr(index, scope)? })
                }
                AccessExpr::Dot(Expr::Identifier(name)) => {
                    AccessExpr::Subscript(Subscript::Index { index: text(name.value) })
                }
                _ => return Err(SlsError::new("a subscript is an index or a key: `a[1]`, `m['k']`", span)),
            });
        }
        if access_chain.is_empty() {
            return Ok(root);
        }
        Ok(match root {
            Expr::CompoundFieldAccess { root, access_chain: mut first } => {
                first.extend(access_chain);
                Expr::CompoundFieldAccess { root, access_chain: first }
            }
            root => Expr::CompoundFieldAccess { root: Box::new(root), access_chain },
        })
    }

    /// Rewrites a lambda. It is printed with the word `lambda`, which `trailql sql` reads as well.
    pub(super) fn lambda(&mut self, lambda: LambdaFunction, scope: &Scope<'_>) -> Result<LambdaFunction, SlsError> {
        let names: Vec<String> = parameters(&lambda).map(|name| name.value.clone()).collect();
        let inner = scope.with_parameters(names.clone());
        let body = Box::new(self.expr(*lambda.body, &inner)?);
        Ok(lambda_of(&names, *body))
    }

    /// Rewrites the parts of a window.
    pub(super) fn window(&mut self, window: WindowType, scope: &Scope<'_>) -> Result<WindowType, SlsError> {
        Ok(match window {
            WindowType::WindowSpec(spec) => WindowType::WindowSpec(self.window_spec(spec, scope)?),
            WindowType::NamedWindow(name) => WindowType::NamedWindow(ident(&name.value)),
        })
    }

    pub(super) fn window_spec(&mut self, spec: WindowSpec, scope: &Scope<'_>) -> Result<WindowSpec, SlsError> {
        Ok(WindowSpec {
            window_name: spec.window_name.map(|name| ident(&name.value)),
            partition_by: self.exprs(spec.partition_by, scope)?,
            order_by: self.orders(spec.order_by, scope)?,
            window_frame: spec.window_frame,
        })
    }

    /// Rewrites an order: NULL goes last unless the statement says otherwise.
    pub(super) fn orders(&mut self, orders: Vec<OrderByExpr>, scope: &Scope<'_>) -> Result<Vec<OrderByExpr>, SlsError> {
        let one =
            |order: OrderByExpr| Ok(with_nulls_last(OrderByExpr { expr: self.expr(order.expr, scope)?, ..order }));
        orders.into_iter().map(one).collect()
    }
}

fn is_arithmetic(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Divide, Minus, Modulo, Multiply, Plus};
    matches!(op, Plus | Minus | Multiply | Divide | Modulo)
}

/// Returns `true` for a number without a unit.
fn is_bare_number(expr: &Expr) -> bool {
    let text = match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::Number(text, _) => text.as_str(),
            _ => return false,
        },
        _ => return false,
    };
    text.trim().parse::<f64>().is_ok()
}

/// Returns `true` for a number, which may have a sign.
fn is_number(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => matches!(value.value, Value::Number(..)),
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } => is_number(expr),
        Expr::Nested(inner) => is_number(inner),
        _ => false,
    }
}

/// Returns a pattern of LIKE with a backslash as its escape character.
fn escaped_by_backslash(pattern: &str, escape: Option<char>) -> String {
    let mut escaped = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            c if Some(c) == escape => {
                // An escape at the end stands for itself.
                escaped.push('\\');
                escaped.push(chars.next().unwrap_or(c));
            }
            '\\' => escaped.push_str("\\\\"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Returns conditions that are joined by one word as one, or `other` if there are none.
fn all_of(joined: Option<(BinaryOperator, Vec<Expr>)>, other: Expr) -> Expr {
    match joined {
        Some((BinaryOperator::And, conditions)) => crate::sls::sql::all(conditions),
        Some((_, conditions)) => crate::sls::sql::any(conditions),
        None => other,
    }
}

/// Returns an order with NULL at the end, unless it says where NULL goes.
pub(super) fn with_nulls_last(mut order: OrderByExpr) -> OrderByExpr {
    order.options.nulls_first.get_or_insert(false);
    order
}

/// Returns the parameters of a lambda.
pub(super) fn parameters(lambda: &LambdaFunction) -> impl Iterator<Item = &Ident> {
    let params = match &lambda.params {
        OneOrManyWithParens::One(one) => std::slice::from_ref(one),
        OneOrManyWithParens::Many(many) => many.as_slice(),
    };
    params.iter().map(|parameter| &parameter.name)
}

/// Makes a lambda.
pub(super) fn lambda_of(names: &[String], body: Expr) -> LambdaFunction {
    let parameter = |name: &String| LambdaFunctionParameter { name: ident(name), data_type: None };
    let params = match names {
        [one] => OneOrManyWithParens::One(parameter(one)),
        many => OneOrManyWithParens::Many(many.iter().map(parameter).collect()),
    };
    LambdaFunction { params, body: Box::new(body), syntax: LambdaSyntax::LambdaKeyword }
}

/// Returns the arguments of a call that are expressions; `None` if one is of another kind.
pub(super) fn arguments(function: &Function) -> Option<Vec<Expr>> {
    match &function.args {
        FunctionArguments::None => Some(Vec::new()),
        FunctionArguments::List(list) => list
            .args
            .iter()
            .map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
                _ => None,
            })
            .collect(),
        FunctionArguments::Subquery(_) => None,
    }
}
