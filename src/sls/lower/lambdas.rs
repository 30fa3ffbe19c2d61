//! Functions of the analysis part that take a lambda.
//!
//! SQL has lambdas of one parameter. One of two becomes a lambda of an entry, of which both are members. A state that
//! is carried along (`reduce`) has no place in SQL but for a sum.

use super::analysis::Lowering;
use super::expr::{arguments, lambda_of, parameters};
use super::scope::{Alias, Scope};
use crate::sls::sql::{binary, call as call_of, nested, not, text};
use crate::sls::{SlsError, Span};
use datafusion::sql::sqlparser::ast::{
    AccessExpr, BinaryOperator, Expr, Function, Ident, LambdaFunction, Subscript, Visit, VisitMut, Visitor, VisitorMut,
};
use std::ops::ControlFlow;

/// The name of the entry of a map in the lambda that stands for one of two parameters.
const ENTRY: &str = "__entry";

impl Lowering {
    /// Rewrites functions that take a lambda.
    pub(super) fn with_lambda(
        &mut self,
        name: &str,
        function: &Function,
        span: Span,
        scope: &Scope<'_>,
    ) -> Result<Option<Expr>, SlsError> {
        const TAKE_LAMBDAS: [&str; 9] = [
            "filter",
            "transform",
            "any_match",
            "all_match",
            "none_match",
            "map_filter",
            "transform_keys",
            "transform_values",
            "zip_with",
        ];
        if !TAKE_LAMBDAS.contains(&name) {
            let has_lambda =
                || arguments(function).is_some_and(|args| args.iter().any(|arg| matches!(arg, Expr::Lambda(_))));
            if name == "array_sort" && has_lambda() {
                let error = SlsError::new("`array_sort` with a comparator cannot be computed here", span);
                return Err(error.label("not known offline"));
            }
            return Ok(None);
        }
        let wrong = || SlsError::new(format!("`{name}` takes a lambda such as `x -> x > 1` at the end"), span);
        let Some(mut args) = arguments(function) else { return Err(wrong()) };
        let Some(Expr::Lambda(lambda)) = args.pop() else { return Err(wrong()) };
        let names: Vec<String> = parameters(&lambda).map(|name| name.value.clone()).collect();
        let args = self.exprs(args, scope)?;
        match (name, args.as_slice(), names.as_slice()) {
            ("filter" | "transform" | "any_match", [list], [_]) => {
                let lambda = self.lambda(lambda, scope)?;
                Ok(Some(call_of(&format!("array_{name}"), [list.clone(), Expr::Lambda(lambda)])))
            }
            ("all_match" | "none_match", [list], [_]) => {
                let lambda = self.lambda(lambda, scope)?;
                let names: Vec<String> = parameters(&lambda).map(|name| name.value.clone()).collect();
                let body = if name == "all_match" { not(*lambda.body) } else { *lambda.body };
                let any = call_of("array_any_match", [list.clone(), Expr::Lambda(lambda_of(&names, body))]);
                Ok(Some(nested(not(any))))
            }
            ("map_filter", [map], [_, _]) => {
                let body = self.of_entry(lambda, &["key", "value"], scope)?;
                let entries = call_of("array_filter", [call_of("map_entries", [map.clone()]), Expr::Lambda(body)]);
                Ok(Some(call_of("sls_map_from_entries", [entries])))
            }
            ("transform_values" | "transform_keys", [map], [_, _]) => {
                let lambda = self.of_entry(lambda, &["key", "value"], scope)?;
                let of = |member: &str| entry_member(member);
                let body = *lambda.body;
                let pair = if name == "transform_keys" { [body, of("value")] } else { [of("key"), body] };
                let lambda = lambda_of(&[ENTRY.to_owned()], call_of("struct", pair));
                let entries = call_of("array_transform", [call_of("map_entries", [map.clone()]), Expr::Lambda(lambda)]);
                Ok(Some(call_of("sls_map_from_entries", [entries])))
            }
            ("zip_with", [left, right], [_, _]) => {
                let body = self.of_entry(lambda, &["1", "2"], scope)?;
                let zipped = call_of("arrays_zip", [left.clone(), right.clone()]);
                Ok(Some(call_of("array_transform", [zipped, Expr::Lambda(body)])))
            }
            _ => Err(wrong()),
        }
    }

    /// Rewrites `reduce(list, start, (s, x) -> s + f(x), s -> g(s))`: the sum of a list. Other lambdas carry a state
    /// that SQL has no place for.
    pub(super) fn reduced(&mut self, function: &Function, span: Span, scope: &Scope<'_>) -> Result<Expr, SlsError> {
        let refused = || {
            SlsError::new("`reduce` computes sums only: its lambda is `(s, x) -> s + …`", span)
                .label("not known offline")
        };
        let Some(Ok([list, start, Expr::Lambda(merge), Expr::Lambda(last)])) =
            arguments(function).map(<[Expr; 4]>::try_from)
        else {
            let error = SlsError::new("`reduce` takes an array, a start and two lambdas", span);
            return Err(error.help("write `reduce(a, 0, (s, x) -> s + x, s -> s)`"));
        };
        let names = |lambda: &LambdaFunction| parameters(lambda).map(|name| name.value.clone()).collect::<Vec<_>>();
        let (Ok([state, item]), Ok([end])) =
            (<[String; 2]>::try_from(names(&merge)), <[String; 1]>::try_from(names(&last)))
        else {
            return Err(refused());
        };
        let Expr::BinaryOp { left, op: BinaryOperator::Plus, right } = *merge.body else { return Err(refused()) };
        let is_state = |expr: &Expr| matches!(expr, Expr::Identifier(name) if name.value.eq_ignore_ascii_case(&state));
        let added = match (is_state(&left), is_state(&right)) {
            (true, false) => *right,
            (false, true) => *left,
            _ => return Err(refused()),
        };
        let mut uses = Uses { name: &state, found: false };
        let _ = Visit::visit(&added, &mut uses);
        if uses.found {
            return Err(refused());
        }
        let (list, start) = (self.expr(list, scope)?, self.expr(start, scope)?);
        let items = if matches!(&added, Expr::Identifier(name) if name.value.eq_ignore_ascii_case(&item)) {
            list
        } else {
            let lambda = self.lambda(lambda_of(&[item], added), scope)?;
            call_of("array_transform", [list, Expr::Lambda(lambda)])
        };
        let sum = nested(binary(start, BinaryOperator::Plus, call_of("sls_array_sum", [items])));
        let within = scope.with_aliases(vec![Alias { name: end, expr: sum }]);
        self.expr(*last.body, &within)
    }

    /// Rewrites a lambda of two parameters to one of an entry, of which they are members.
    fn of_entry(
        &mut self,
        mut lambda: LambdaFunction,
        members: &[&'static str],
        scope: &Scope<'_>,
    ) -> Result<LambdaFunction, SlsError> {
        let names: Vec<String> = parameters(&lambda).map(|name| name.value.to_lowercase()).collect();
        let _ = VisitMut::visit(&mut lambda.body, &mut Members { names: &names, members });
        let inner = scope.with_parameters(vec![ENTRY.to_owned()]);
        let body = self.expr(*lambda.body, &inner)?;
        Ok(lambda_of(&[ENTRY.to_owned()], body))
    }
}

/// Tells if an expression names a parameter.
struct Uses<'n> {
    name: &'n str,
    found: bool,
}

impl Visitor for Uses<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        self.found |= matches!(expr, Expr::Identifier(name) if name.value.eq_ignore_ascii_case(self.name));
        ControlFlow::Continue(())
    }
}

/// Puts members of an entry in the place of the parameters of a lambda.
struct Members<'n> {
    names: &'n [String],
    members: &'n [&'static str],
}

impl VisitorMut for Members<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Identifier(Ident { value, .. }) = expr
            && let Some(at) = self.names.iter().position(|name| *name == value.to_lowercase())
            && let Some(member) = self.members.get(at)
        {
            *expr = entry_member(member);
        }
        ControlFlow::Continue(())
    }
}

fn entry_member(member: &str) -> Expr {
    Expr::CompoundFieldAccess {
        root: Box::new(Expr::Identifier(Ident::new(ENTRY))),
        access_chain: vec![AccessExpr::Subscript(Subscript::Index { index: text(member) })],
    }
}
