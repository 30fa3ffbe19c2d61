//! Syntax trees of search statements.

use super::span::Span;
use std::fmt::{self, Write};

/// A condition, with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The condition.
    pub kind: NodeKind,
    /// Its place in the statement.
    pub span: Span,
}

/// A condition on an event.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// `*`: every event.
    All,
    /// All of at least two conditions.
    And(Vec<Node>),
    /// Any of at least two conditions.
    Or(Vec<Node>),
    /// The events that a condition does not meet.
    Not(Box<Node>),
    /// Words somewhere in the event.
    Words(Text),
    /// A condition on one field.
    Field(Name, Test),
}

/// The name of a field, as it is written, without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Its place, with the quotes.
    pub span: Span,
}

/// A condition on the value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `k:v`.
    Has(Text),
    /// `k > 5`, `k = 5`. The operand is a number where the statement is as documented.
    Compare(Comparison, Text),
    /// `k in [1 2)`.
    Range(Range),
    /// `k is null`, and `true` for `k is not null`. An extension.
    IsNull(bool),
    /// `k != v`. An extension.
    HasNot(Text),
}

/// An operator that compares numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`.
    Equal,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
}

impl Comparison {
    /// The operator as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }
}

/// A range of numbers, as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The lower end.
    pub low: String,
    /// Takes the lower end in.
    pub includes_low: bool,
    /// The upper end.
    pub high: String,
    /// Takes the upper end in.
    pub includes_high: bool,
}

/// The form in which a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it stands: `*` and `?` are wildcards.
    Bare,
    /// In quotes, which take the meaning of wildcards. The words of it may stand in any order.
    Quoted,
    /// `#"a b"`: the words in this order.
    Phrase,
}

/// A text to look for, without quotes and escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text.
    pub text: String,
    /// The form in which it is written.
    pub form: Form,
    /// Its place, with the quotes.
    pub span: Span,
}

/// Returns `true` for characters that a word outside quotes may have.
pub(super) fn is_word_char(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '(' | ')' | '[' | ']' | '"' | ':' | '<' | '>' | '=')
}

/// Returns `true` for `and`, `or` and `not` in any case.
pub(super) fn is_operator(word: &str) -> bool {
    ["and", "or", "not"].iter().any(|operator| word.eq_ignore_ascii_case(operator))
}

fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if c == '"' {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}

fn write_bare(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str(&text.replace('"', "\\\""))
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.form {
            Form::Bare => write_bare(f, &self.text),
            Form::Quoted => write_quoted(f, &self.text),
            Form::Phrase => {
                f.write_char('#')?;
                write_quoted(f, &self.text)
            }
        }
    }
}

/// The beginning of the names of tags, which is written outside quotes.
pub(super) const TAG: &str = "__tag__";

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tag = self.text.strip_prefix(TAG).and_then(|rest| rest.strip_prefix(':')).filter(|tag| !tag.is_empty());
        if tag.is_some() {
            write!(f, "{TAG}:")?;
        }
        let text = tag.unwrap_or(&self.text);
        let fits = !text.is_empty() && text.chars().all(|c| is_word_char(c) || c == '"');
        let has_meaning = is_operator(text) || text == "*" || text == TAG || text.ends_with('!');
        if fits && !has_meaning { write_bare(f, text) } else { write_quoted(f, text) }
    }
}

impl fmt::Display for Node {
    /// The condition as a search statement that parses to the same tree.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = |f: &mut fmt::Formatter<'_>, node: &Self| match node.kind {
            NodeKind::And(_) | NodeKind::Or(_) => write!(f, "({node})"),
            _ => write!(f, "{node}"),
        };
        let joined = |f: &mut fmt::Formatter<'_>, nodes: &[Self], with: &str| {
            nodes.iter().enumerate().try_for_each(|(at, node)| {
                f.write_str(if at == 0 { "" } else { with })?;
                inner(f, node)
            })
        };
        match &self.kind {
            NodeKind::All => f.write_char('*'),
            NodeKind::And(nodes) => joined(f, nodes, " and "),
            NodeKind::Or(nodes) => joined(f, nodes, " or "),
            NodeKind::Not(node) => {
                f.write_str("not ")?;
                inner(f, node)
            }
            NodeKind::Words(text) => write!(f, "{text}"),
            NodeKind::Field(name, Test::Has(text)) => write!(f, "{name}:{text}"),
            NodeKind::Field(name, Test::HasNot(text)) => write!(f, "{name} != {text}"),
            NodeKind::Field(name, Test::Compare(op, text)) => write!(f, "{name} {} {text}", op.as_str()),
            NodeKind::Field(name, Test::IsNull(negated)) => {
                write!(f, "{name} is {}null", if *negated { "not " } else { "" })
            }
            NodeKind::Field(name, Test::Range(range)) => {
                let (open, close) =
                    (if range.includes_low { '[' } else { '(' }, if range.includes_high { ']' } else { ')' });
                write!(f, "{name} in {open}{} {}{close}", range.low, range.high)
            }
        }
    }
}
