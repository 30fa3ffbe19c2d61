//! Search statements as conditions on the columns of `events`.
//!
//! | search | SQL |
//! |---|---|
//! | `k:v` | `sls_match('v', k)` |
//! | `k:"v w"`, `k:v*`, `k:#"v w"` | `sls_match`, `sls_match_wild`, `sls_match_phrase` |
//! | `word` | the same over every column of the event |
//! | `k:*`, `k:""`, `k:null` | `k <> ''`, `k = ''`, `k IS NULL OR sls_match('null', k)` |
//! | `k > 5`, `k in (1 5]` | comparisons; of a member of JSON as a number, where it is one |
//! | `__topic__:x`, tags | `sls_match_whole`: such fields are not cut into words |
//! | `not e` | `NOT coalesce(e, FALSE)`: an event without the field meets it |
//!
//! The functions are FALSE for NULL and read one column of text, so the scan evaluates them while it reads that column
//! alone, and reads the others for the rows that match. They cannot become `k = 'v'`: SLS compares words and without
//! regard to case, and the lake's statistics and bloom filters are of values as they came. An equality beside the
//! function would prune nothing, since both would have to be false. So the answer stays exact, and time and scope
//! prune.

use super::super::ast::{Comparison, Form, Name, Node, NodeKind, Range, Test, Text};
use super::super::error::{SlsError, SlsNotice};
use super::super::matching::Pattern;
use super::super::parser::{Search, is_number};
use super::super::resolve::{TOPICS, Target, ValueKind, resolve};
use super::super::span::Span;
use super::super::sql::{all, any, binary, boolean, call, cast, coalesce, column, not, number, text};
use crate::event::field::{FIELD_IDS, FieldId, Kind, Role};
use datafusion::sql::sqlparser::ast::{BinaryOperator, DataType, ExactNumberInfo, Expr, Ident};

/// The words of a text in quotes.
pub const MATCH: &str = "sls_match";
/// The words of a text with wildcards.
pub const MATCH_WILD: &str = "sls_match_wild";
/// The words of a phrase, in order.
pub const MATCH_PHRASE: &str = "sls_match_phrase";
/// A value as a whole, with wildcards.
pub const MATCH_WHOLE: &str = "sls_match_whole";

/// A search statement as a condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The condition on a row of `events`; `None` if every event meets it.
    pub expr: Option<Expr>,
    /// Remarks on the statement.
    pub notices: Vec<SlsNotice>,
}

/// Lowers a search statement.
pub fn lower(search: Search) -> Result<Condition, Vec<SlsError>> {
    let mut lowering = Lowering { errors: Vec::new(), notices: search.notices, negated: false };
    let expr = search.condition.as_ref().map(|node| lowering.node(node));
    if !lowering.errors.is_empty() {
        return Err(lowering.errors);
    }
    let mut notices = lowering.notices;
    notices.dedup_by(|a, b| a == b);
    let expr = expr.filter(|expr| *expr != boolean(true));
    Ok(Condition { expr, notices })
}

struct Lowering {
    errors: Vec<SlsError>,
    notices: Vec<SlsNotice>,
    /// Below a `not`.
    negated: bool,
}

impl Lowering {
    fn node(&mut self, node: &Node) -> Expr {
        match &node.kind {
            NodeKind::All => boolean(true),
            NodeKind::And(nodes) => all(nodes.iter().map(|node| self.node(node)).collect()),
            NodeKind::Or(nodes) => any(nodes.iter().map(|node| self.node(node)).collect()),
            NodeKind::Not(node) => {
                let outside = std::mem::replace(&mut self.negated, true);
                let inner = self.node(node);
                self.negated = outside;
                negation(inner)
            }
            NodeKind::Words(text) => self.in_event(text),
            NodeKind::Field(name, test) => self.field(name, test, node.span).unwrap_or_else(|error| {
                self.errors.push(error);
                boolean(false)
            }),
        }
    }

    fn field(&mut self, name: &Name, test: &Test, span: Span) -> Result<Expr, SlsError> {
        let target = resolve(&name.text, name.span)?;
        match test {
            Test::Has(value) => self.has(&target, value),
            Test::HasNot(value) => Ok(negation(self.has(&target, value)?)),
            Test::IsNull(negated) => Ok(match (target.value(), negated) {
                (Some(value), false) => Expr::IsNull(Box::new(value)),
                (Some(value), true) => Expr::IsNotNull(Box::new(value)),
                (None, negated) => boolean(*negated),
            }),
            Test::Compare(operator, operand) => match compared_number(&target) {
                Some(value) if is_number(&operand.text) && operand.form != Form::Phrase => {
                    Ok(binary(value, operator_of(*operator), number(&operand.text)))
                }
                Some(_) if target.kind() == ValueKind::Number => Err(not_a_number(&target, operand)),
                _ => Ok(self.as_words(&target, name, operator.as_str(), &[operand.text.as_str()], span)),
            },
            Test::Range(range) => match compared_number(&target) {
                Some(value) => Ok(in_range(&value, range)),
                None => Ok(self.as_words(&target, name, "in", &["in", &range.low, &range.high], span)),
            },
        }
    }

    /// `k:v`.
    fn has(&mut self, target: &Target, value: &Text) -> Result<Expr, SlsError> {
        let (Some(field), Some(typed)) = (target.text(), target.value()) else { return Ok(self.in_event(value)) };
        let is_typed = matches!(target.kind(), ValueKind::Number | ValueKind::Time | ValueKind::Flag);
        if value.form == Form::Bare && !value.text.is_empty() && value.text.bytes().all(|byte| byte == b'*') {
            return Ok(if is_typed {
                Expr::IsNotNull(Box::new(typed))
            } else {
                binary(field, BinaryOperator::NotEq, text(""))
            });
        }
        let is_null = value.text.eq_ignore_ascii_case("null") && value.form != Form::Phrase;
        if target.kind() == ValueKind::Number {
            if value.text.is_empty() || is_null {
                return Ok(Expr::IsNull(Box::new(typed)));
            }
            if !is_number(&value.text) {
                return Err(not_a_number(target, value));
            }
            return Ok(binary(typed, BinaryOperator::Eq, number(&value.text)));
        }
        if value.text.is_empty() {
            return Ok(binary(field, BinaryOperator::Eq, text("")));
        }
        if target.is_whole() {
            return Ok(self.whole(target, field, value));
        }
        let matches = self.matches(value, vec![field.clone()]);
        Ok(if is_null { any(vec![Expr::IsNull(Box::new(typed)), matches]) } else { matches })
    }

    /// A field that is not cut into words.
    fn whole(&mut self, target: &Target, field: Expr, value: &Text) -> Expr {
        let wild = value.form == Form::Bare && has_wildcard(&value.text);
        let condition = if wild || !has_wildcard(&value.text) {
            self.remark_on_wildcards(value);
            call(MATCH_WHOLE, [text(&value.text), field.clone()])
        } else {
            binary(call("lower", [field.clone()]), BinaryOperator::Eq, text(value.text.to_lowercase()))
        };
        let pattern = Pattern::whole(&value.text, wild);
        if *target == Target::Field(FieldId::SlsTopic) && TOPICS.iter().any(|topic| pattern.matches_whole(topic)) {
            // The topic tells how the log was delivered, and a lake may have the event from elsewhere.
            let topics = TOPICS.map(text).to_vec();
            let known = Expr::InList { expr: Box::new(field), list: topics, negated: false };
            return any(vec![condition, known]);
        }
        condition
    }

    /// Words somewhere in the event.
    fn in_event(&mut self, value: &Text) -> Expr {
        if value.text.is_empty() {
            self.notices.push(SlsNotice::warning("an empty text is in every event", value.span));
            return boolean(true);
        }
        self.matches(value, every_text())
    }

    /// A condition that the texts together have the words.
    fn matches(&mut self, value: &Text, texts: Vec<Expr>) -> Expr {
        let (function, pattern) = match value.form {
            Form::Bare if has_wildcard(&value.text) => (MATCH_WILD, Pattern::wild(&value.text)),
            Form::Bare | Form::Quoted => (MATCH, Pattern::literal(&value.text)),
            Form::Phrase => (MATCH_PHRASE, Pattern::phrase(&value.text)),
        };
        if pattern.is_empty() {
            let message = format!("`{}` has no word: all of its characters stand between words", value.text);
            self.notices.push(SlsNotice::warning(message, value.span).help("it is in no event"));
        }
        if function == MATCH_PHRASE && self.negated {
            let message = "the online service refuses a phrase behind `not`";
            self.notices.push(SlsNotice::warning(message, value.span));
        }
        self.remark_on_wildcards(value);
        call(function, std::iter::once(text(&value.text)).chain(texts))
    }

    fn remark_on_wildcards(&mut self, value: &Text) {
        if value.form != Form::Bare || !has_wildcard(&value.text) {
            return;
        }
        if value.text.starts_with(['*', '?']) {
            let message = "the online service refuses a wildcard at the beginning of a word";
            self.notices.push(SlsNotice::warning(message, value.span));
        }
        let online = "the online service looks at some hundred words that a wildcard fits; here are all of them";
        self.notices.push(SlsNotice::note(online));
    }

    /// A comparison of a field that is no number: its parts are searched for as words, as the online service does.
    fn as_words(&mut self, target: &Target, name: &Name, operator: &str, parts: &[&str], span: Span) -> Expr {
        let message = format!(
            "`{operator}` compares numbers, and `{}` is none: `{}` and `{}` are searched for as words",
            target.name(),
            name.text,
            parts.join("`, `")
        );
        let help = format!("write `{name}:value` for the value of the field");
        self.notices.push(SlsNotice::warning(message, span).help(help));
        let parts = std::iter::once(name.text.as_str()).chain(parts.iter().copied());
        let words = parts.filter(|part| !Pattern::literal(part).is_empty());
        all(words.map(|part| call(MATCH, std::iter::once(text(part)).chain(every_text()))).collect())
    }
}

/// `NOT coalesce(e, FALSE)`, without what needs none of it.
fn negation(expr: Expr) -> Expr {
    match &expr {
        Expr::Function(function) if is_never_null(function) => not(expr),
        Expr::IsNull(inner) => Expr::IsNotNull(inner.clone()),
        Expr::IsNotNull(inner) => Expr::IsNull(inner.clone()),
        Expr::Value(_) | Expr::UnaryOp { .. } => not(expr),
        _ => not(coalesce([expr, boolean(false)])),
    }
}

fn is_never_null(function: &datafusion::sql::sqlparser::ast::Function) -> bool {
    let names = [MATCH, MATCH_WILD, MATCH_PHRASE, MATCH_WHOLE];
    function.name.0.last().and_then(|part| part.as_ident()).is_some_and(|name: &Ident| names.contains(&&*name.value))
}

/// Returns a field as a number; `None` for one that is none.
fn compared_number(target: &Target) -> Option<Expr> {
    let value = target.value()?;
    match target.kind() {
        ValueKind::Number => Some(value),
        ValueKind::Member => Some(cast(value, DataType::Double(ExactNumberInfo::None), true)),
        ValueKind::Text | ValueKind::Time | ValueKind::Flag | ValueKind::Json => None,
    }
}

fn in_range(value: &Expr, range: &Range) -> Expr {
    let low = if range.includes_low { BinaryOperator::GtEq } else { BinaryOperator::Gt };
    let high = if range.includes_high { BinaryOperator::LtEq } else { BinaryOperator::Lt };
    all(vec![binary(value.clone(), low, number(&range.low)), binary(value.clone(), high, number(&range.high))])
}

fn operator_of(comparison: Comparison) -> BinaryOperator {
    match comparison {
        Comparison::Equal => BinaryOperator::Eq,
        Comparison::Greater => BinaryOperator::Gt,
        Comparison::GreaterOrEqual => BinaryOperator::GtEq,
        Comparison::Less => BinaryOperator::Lt,
        Comparison::LessOrEqual => BinaryOperator::LtEq,
    }
}

fn not_a_number(target: &Target, value: &Text) -> SlsError {
    SlsError::new(format!("`{}` is a number, and `{}` is none", target.name(), value.text), value.span)
}

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Returns every text of an event, as it came, in the order of the field table.
fn every_text() -> Vec<Expr> {
    let is_of_event = |id: &FieldId| matches!(id.field().role, Role::Stored | Role::Extra);
    let as_text = |id: FieldId| match id.field().kind {
        Kind::Text | Kind::Version | Kind::Json => Some(column(id.column())),
        Kind::Time | Kind::Flag | Kind::Int => Target::Field(id).text(),
    };
    FIELD_IDS.iter().copied().filter(is_of_event).filter_map(as_text).collect()
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
