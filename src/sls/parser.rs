//! Parses search statements, by recursive descent.
//!
//! ```text
//! query    = [ or ]
//! or       = and { "or" and }
//! and      = unary { [ "and" ] unary }
//! unary    = "not" unary | primary
//! primary  = "(" or ")" | "*" | name test | text
//! test     = ":" value | ( ">" | ">=" | "<" | "<=" | "=" | "!=" ) value
//!          | "in" ( "[" | "(" ) number [ "," ] number ( "]" | ")" ) | "is" [ "not" ] "null"
//! ```
//!
//! `and`, `or` and `not` may be written in any case, `in` in lower case only. `!=` and `is null` are extensions: a rule
//! that Alibaba Cloud ships has them in its search part.
//!
//! After an error the parser goes on behind the next white space, so that one run shows several of them. The depth of
//! the tree is bounded.

use super::ast::{Comparison, Form, Name, Node, NodeKind, Range, TAG, Test, Text, is_operator};
use super::error::{SlsError, SlsNotice};
use super::lexer::{Lexer, Token};
use super::span::Span;
use super::split::refuse_placeholders;

/// The most levels that conditions may be nested.
pub const MAX_DEPTH: usize = 100;

/// The most conditions of a statement. The online service takes fewer.
pub const MAX_CONDITIONS: usize = 2_000;

/// The most errors of a statement that are told.
const MAX_ERRORS: usize = 5;

/// Words that the online service takes for a part of its syntax.
const RESERVED: [&str; 8] = ["sort", "asc", "desc", "avg", "sum", "min", "max", "limit"];

/// A search statement that parses.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// The condition; `None` for a statement without one, which means every event.
    pub condition: Option<Node>,
    /// Remarks on the statement.
    pub notices: Vec<SlsNotice>,
}

/// Parses the search part of a statement.
pub fn parse(text: &str) -> Result<Search, Vec<SlsError>> {
    refuse_placeholders(text).map_err(|error| vec![error])?;
    let mut parser = Parser { lexer: Lexer::new(text), errors: Vec::new(), notices: Vec::new(), conditions: 0 };
    let condition = parser.query();
    if parser.errors.is_empty() {
        return Ok(Search { condition, notices: parser.notices });
    }
    parser.errors.truncate(MAX_ERRORS);
    Err(parser.errors)
}

struct Parser<'s> {
    lexer: Lexer<'s>,
    errors: Vec<SlsError>,
    notices: Vec<SlsNotice>,
    conditions: usize,
}

/// The parser cannot go on.
struct Stop;

impl Parser<'_> {
    fn query(&mut self) -> Option<Node> {
        let mut nodes = Vec::new();
        loop {
            match self.lexer.peek() {
                (Token::End, _) => break,
                (Token::Punctuation(")"), span) => {
                    self.lexer.next().ok()?;
                    let error = SlsError::new("a closing parenthesis has no opening one", span);
                    self.fail(error.help("quote the text if the parenthesis belongs to it")).ok()?;
                }
                _ => nodes.extend(self.or(0).ok()?),
            }
        }
        // More than one only behind an error.
        nodes.pop()
    }

    /// Notes an error. Too many of them end the parsing.
    fn fail(&mut self, error: SlsError) -> Result<(), Stop> {
        self.errors.push(error);
        if self.errors.len() < MAX_ERRORS { Ok(()) } else { Err(Stop) }
    }

    /// Notes an error and moves behind the next white space.
    fn skip(&mut self, error: SlsError) -> Result<Option<Node>, Stop> {
        self.fail(error)?;
        self.lexer.skip_text();
        Ok(None)
    }

    fn or(&mut self, depth: usize) -> Result<Option<Node>, Stop> {
        self.joined(depth, Self::and, NodeKind::Or, |parser| parser.take_word("or"))
    }

    fn and(&mut self, depth: usize) -> Result<Option<Node>, Stop> {
        self.joined(depth, Self::unary, NodeKind::And, |parser| parser.take_word("and") || parser.begins_condition())
    }

    /// Parses operands as long as another one follows.
    fn joined(
        &mut self,
        depth: usize,
        operand: impl Fn(&mut Self, usize) -> Result<Option<Node>, Stop>,
        join: impl Fn(Vec<Node>) -> NodeKind,
        goes_on: impl Fn(&mut Self) -> bool,
    ) -> Result<Option<Node>, Stop> {
        let mut nodes: Vec<Node> = operand(self, depth)?.into_iter().collect();
        while goes_on(self) {
            nodes.extend(operand(self, depth)?);
        }
        Ok(match (nodes.pop(), nodes.first()) {
            (Some(last), Some(first)) => {
                let span = first.span.to(last.span);
                nodes.push(last);
                Some(Node { kind: join(nodes), span })
            }
            (only, _) => only,
        })
    }

    /// Takes the next word if it is this operator.
    fn take_word(&mut self, operator: &str) -> bool {
        let is_it = matches!(self.lexer.peek(), (Token::Word(word), _) if word.eq_ignore_ascii_case(operator));
        is_it && self.lexer.next().is_ok()
    }

    /// Returns `true` if another condition follows without an operator.
    fn begins_condition(&self) -> bool {
        match self.lexer.peek().0 {
            Token::End | Token::Punctuation(")") => false,
            Token::Word(word) => !word.eq_ignore_ascii_case("or"),
            _ => true,
        }
    }

    fn unary(&mut self, depth: usize) -> Result<Option<Node>, Stop> {
        let (_, span) = self.lexer.peek();
        if depth >= MAX_DEPTH {
            let error = SlsError::new(format!("conditions are nested too deeply: {MAX_DEPTH} levels are read"), span);
            self.errors.push(error.label("one level too many"));
            return Err(Stop);
        }
        if !self.take_word("not") {
            return self.primary(depth);
        }
        let node = self.unary(depth + 1)?;
        Ok(node.map(|node| Node { span: span.to(node.span), kind: NodeKind::Not(Box::new(node)) }))
    }

    fn primary(&mut self, depth: usize) -> Result<Option<Node>, Stop> {
        self.conditions += 1;
        let (token, span) = match self.lexer.next() {
            Ok(token) => token,
            Err(error) => return self.skip(error),
        };
        if self.conditions > MAX_CONDITIONS {
            let error = format!("the statement has too many conditions: {MAX_CONDITIONS} are read");
            self.errors.push(SlsError::new(error, span));
            return Err(Stop);
        }
        match token {
            Token::Punctuation("(") => self.group(span, depth),
            Token::Punctuation(punctuation) => {
                let error = SlsError::new(format!("`{punctuation}` is not expected here"), span);
                self.skip(match punctuation {
                    ":" | "=" | "<" | ">" | "<=" | ">=" => error.label("no field stands before it"),
                    _ => error.help(format!("quote it if it belongs to the text: `\"{punctuation}\"`")),
                })
            }
            Token::End => {
                self.fail(SlsError::new("a condition is missing", span).label("the statement ends here"))?;
                Ok(None)
            }
            Token::Phrase(text) => Ok(Some(words(text, Form::Phrase, span))),
            Token::Quoted(text) => self.named(Name { text, span }, Form::Quoted),
            Token::Word(word) if is_operator(&word) => {
                let error = SlsError::new(format!("a condition is missing before `{word}`"), span);
                self.fail(error.help(format!("quote the word to search for it: `\"{word}\"`")))?;
                Ok(None)
            }
            Token::Word(word) if word == "*" => Ok(Some(Node { kind: NodeKind::All, span })),
            Token::Word(text) => self.named(Name { text, span }, Form::Bare),
        }
    }

    fn group(&mut self, open: Span, depth: usize) -> Result<Option<Node>, Stop> {
        if let (Token::Punctuation(")"), close) = self.lexer.peek() {
            self.fail(SlsError::new("the parentheses hold no condition", open.to(close)))?;
            let _ = self.lexer.next();
            return Ok(None);
        }
        let node = self.or(depth + 1)?;
        let (token, close) = self.lexer.peek();
        if token == Token::Punctuation(")") {
            let _ = self.lexer.next();
            return Ok(node.map(|node| Node { span: open.to(close), ..node }));
        }
        self.fail(SlsError::new("a parenthesis is not closed", open).label("opened here"))?;
        Ok(node)
    }

    /// Parses what follows a text that may be the name of a field.
    fn named(&mut self, name: Name, form: Form) -> Result<Option<Node>, Stop> {
        if name.text == TAG && form == Form::Bare && self.lexer.rest().starts_with(':') {
            return self.tag(name);
        }
        self.field_or_words(name, form)
    }

    fn field_or_words(&mut self, mut name: Name, form: Form) -> Result<Option<Node>, Stop> {
        let before = self.lexer.clone();
        let had_space = self.lexer.skip_space();
        let (token, span) = self.lexer.peek();
        match token {
            Token::Punctuation(":") => self.tested(name, ":", Test::Has),
            Token::Punctuation("=") if form == Form::Bare && name.text.len() > 1 && name.text.ends_with('!') => {
                name.text.pop();
                name.span.end -= 1;
                self.tested(name, "!=", Test::HasNot)
            }
            Token::Punctuation("<") if self.lexer.rest().starts_with("<>") => {
                let _ = self.lexer.next();
                self.tested(name, "<>", Test::HasNot)
            }
            Token::Punctuation(operator @ ("=" | ">" | ">=" | "<" | "<=")) => {
                let comparison = match operator {
                    "=" => Comparison::Equal,
                    ">" => Comparison::Greater,
                    ">=" => Comparison::GreaterOrEqual,
                    "<" => Comparison::Less,
                    _ => Comparison::LessOrEqual,
                };
                self.tested(name, operator, |text| Test::Compare(comparison, text))
            }
            Token::Word(word) if had_space && word == "!" && self.lexer.rest().starts_with("!=") => {
                let _ = self.lexer.next();
                self.tested(name, "!=", Test::HasNot)
            }
            Token::Word(word) if had_space && word == "in" && self.opens_range() => self.range(name),
            Token::Word(word) if had_space && word.eq_ignore_ascii_case("in") && self.opens_range() => {
                let error = SlsError::new(format!("`{word}` is not an operator"), span);
                self.fail(error.help("write it in lower case: `in`"))?;
                self.range(name)
            }
            Token::Word(word) if had_space && word.eq_ignore_ascii_case("is") => {
                if let Some((negated, end)) = self.is_null() {
                    let instead = if negated { format!("{name}:*") } else { format!("not {name}:*") };
                    self.extension(if negated { "is not null" } else { "is null" }, &instead, span.to(end));
                    let span = name.span.to(end);
                    return Ok(Some(Node { kind: NodeKind::Field(name, Test::IsNull(negated)), span }));
                }
                self.lexer = before;
                Ok(Some(self.full_text(name, form)))
            }
            _ => {
                self.lexer = before;
                Ok(Some(self.full_text(name, form)))
            }
        }
    }

    /// Parses the rest of `__tag__:name:value`; the cursor is at the first colon.
    fn tag(&mut self, prefix: Name) -> Result<Option<Node>, Stop> {
        let _ = self.lexer.next();
        let (token, span) = self.lexer.peek();
        if let Token::Word(tag) | Token::Quoted(tag) = token {
            let _ = self.lexer.next();
            let name = Name { text: format!("{TAG}:{tag}"), span: prefix.span.to(span) };
            match self.field_or_words(name, Form::Quoted)? {
                Some(Node { kind: NodeKind::Words(_), .. }) => {}
                tested => return Ok(tested),
            }
        }
        let error = SlsError::new("a tag has a name and a value", prefix.span.to(span));
        self.skip(error.help(format!("write `{TAG}:name:value`")))
    }

    /// Words that are no name of a field.
    fn full_text(&mut self, name: Name, form: Form) -> Node {
        let Name { text, span } = name;
        if form == Form::Bare {
            self.remark_on_word(&text, span);
        }
        words(text, form, span)
    }

    fn remark_on_word(&mut self, word: &str, span: Span) {
        if RESERVED.contains(&word.to_ascii_lowercase().as_str()) {
            let message = format!("the online service does not search for `{word}`, unless it is quoted");
            self.notices.push(SlsNotice::warning(message, span).help(format!("write `\"{word}\"`")));
        }
        if word.starts_with("--") || word.starts_with("/*") {
            self.notices.push(SlsNotice::warning("a search statement has no comments: these are words", span));
        }
        self.remark_on_characters(word, span);
    }

    /// Warns of quotes and colons that an editor or an input method has put in the place of those of the syntax.
    fn remark_on_characters(&mut self, text: &str, span: Span) {
        if let Some(c) = text.chars().find(|c| matches!(c, '“' | '”' | '：' | '（' | '）' | '＝' | '｜')) {
            let message = format!("`{c}` is a character of the text, and no part of the syntax");
            self.notices.push(SlsNotice::warning(message, span).help("type it on a keyboard for English"));
        }
    }

    /// Says that a form is not in the documentation.
    fn extension(&mut self, form: &str, instead: &str, span: Span) {
        let message = format!("`{form}` is no part of the search syntax; it is read as SQL has it");
        self.notices.push(SlsNotice::warning(message, span).help(format!("write `{instead}`")));
    }

    /// Parses the value behind an operator, which is at the cursor.
    fn tested(&mut self, name: Name, operator: &str, test: impl Fn(Text) -> Test) -> Result<Option<Node>, Stop> {
        let Ok((_, at)) = self.lexer.next() else { return Err(Stop) };
        let missing = |found: &str| {
            SlsError::new(format!("a value is missing behind `{operator}`"), at)
                .label(found.to_owned())
                .help(format!("for an empty value, write `{name}:\"\"`"))
        };
        let mut value = match self.lexer.value() {
            Ok(Some(value)) => value,
            Ok(None) => {
                let error = missing("");
                self.fail(error)?;
                return Ok(None);
            }
            Err(error) => return self.skip(error),
        };
        if value.form == Form::Bare && is_operator(&value.text) {
            let quoted = format!("quote the word to search for it: `{name}:\"{}\"`", value.text);
            let error = missing(&format!("`{}` is an operator", value.text)).help(quoted);
            self.fail(error)?;
            return Ok(None);
        }
        if value.form == Form::Bare
            && let Some(ends @ ('(' | '"')) = self.lexer.rest().chars().next()
        {
            let place = Span::new(self.lexer.place(), self.lexer.place() + 1);
            let error = SlsError::new(format!("`{ends}` cannot stand in a value without quotes"), place);
            let help = match (ends, value.text.is_empty()) {
                ('(', true) => format!("name the field for each value: `({name}:a or {name}:b)`"),
                _ => "quote the whole value, and write `\\\"` for a quote in it".to_owned(),
            };
            if ends == '(' {
                self.fail(error.help(help))?;
                self.lexer.skip_to_bracket();
                return Ok(None);
            }
            return self.skip(error.help(help));
        }
        if value.form == Form::Bare {
            self.remark_on_characters(&value.text, value.span);
        }
        if matches!(operator, "!=" | "<>") {
            let inner = value.text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
            if let Some(inner) = inner.filter(|_| value.form == Form::Bare) {
                value = Text { text: inner.to_owned(), form: Form::Quoted, span: value.span };
            }
            self.extension(operator, &format!("not {name}:{value}"), name.span.to(value.span));
        }
        let span = name.span.to(value.span);
        Ok(Some(Node { kind: NodeKind::Field(name, test(value)), span }))
    }

    /// Returns `true` if a word and then an opening bracket follow.
    fn opens_range(&self) -> bool {
        let mut ahead = self.lexer.clone();
        ahead.next().is_ok() && matches!(ahead.peek().0, Token::Punctuation("[" | "("))
    }

    fn range(&mut self, name: Name) -> Result<Option<Node>, Stop> {
        let mut next = || self.lexer.next().ok();
        let (Some(_), Some((open, start))) = (next(), next()) else { return Err(Stop) };
        let first = self.lexer.peek().0;
        let is_texts = match &first {
            Token::Word(word) => !word.starts_with(|c: char| c.is_ascii_digit() || c == '-'),
            first => matches!(first, Token::Quoted(_)),
        };
        let low = self.number();
        let high = self.number();
        let (close, end) = self.lexer.peek();
        let closes = matches!(close, Token::Punctuation("]" | ")"));
        if closes {
            let _ = self.lexer.next();
        }
        let span = name.span.to(end);
        match (low, high, closes) {
            (Some(low), Some(high), true) => {
                let includes_low = open == Token::Punctuation("[");
                let includes_high = close == Token::Punctuation("]");
                let range = Range { low, includes_low, high, includes_high };
                Ok(Some(Node { kind: NodeKind::Field(name, Test::Range(range)), span }))
            }
            _ => {
                let place = start.to(if closes { end } else { self.lexer.skip_to_bracket() });
                let error = SlsError::new("a range is two numbers with a space between", place);
                let help = format!("write `{name} in [1 5]`, with `(` and `)` for ends that are left out");
                self.fail(match is_texts {
                    true => error.help(format!("name the field for each value: `({name}:a or {name}:b)`")),
                    false => error.help(help),
                })?;
                Ok(None)
            }
        }
    }

    /// Takes a number and a comma behind it.
    fn number(&mut self) -> Option<String> {
        let (Token::Word(word), _) = self.lexer.peek() else { return None };
        // A comma may stand with or without white space.
        let (number, rest) = word.split_once(',').map_or((word.as_str(), ""), |(number, rest)| (number, rest));
        if !is_number(number) {
            return None;
        }
        let number = number.to_owned();
        self.lexer.skip_space();
        self.lexer.advance(word.len() - rest.len());
        if matches!(self.lexer.peek().0, Token::Word(word) if word == ",") {
            let _ = self.lexer.next();
        }
        Some(number)
    }

    /// Takes `is null` or `is not null`, and returns `true` for the second, and its place.
    fn is_null(&mut self) -> Option<(bool, Span)> {
        let mut ahead = self.lexer.clone();
        ahead.next().ok()?;
        let (Token::Word(mut word), mut span) = ahead.next().ok()? else { return None };
        let negated = word.eq_ignore_ascii_case("not");
        if negated {
            (word, span) = match ahead.next().ok()? {
                (Token::Word(word), span) => (word, span),
                _ => return None,
            };
        }
        // `is null:5` has a field of the name `null`.
        let is_name = matches!(ahead.peek().0, Token::Punctuation(":" | "=" | "<" | ">" | "<=" | ">="));
        (word.eq_ignore_ascii_case("null") && !is_name).then(|| {
            self.lexer = ahead;
            (negated, span)
        })
    }
}

fn words(text: String, form: Form, span: Span) -> Node {
    Node { kind: NodeKind::Words(Text { text, form, span }), span }
}

/// Returns `true` for a number as statements write them: digits, a minus sign, one dot.
pub fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction) && digits.len() <= 30
}

#[cfg(test)]
#[path = "parser_tests.rs"]
mod tests;
