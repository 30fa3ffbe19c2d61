//! Commands of pipelines that read a field: `parse-regexp`, `parse-csv` and `parse-json`.
//!
//! SQL needs to know its columns. The first two commands name theirs. The members that `parse-json` finds are those
//! that a later command names and that are no field of an event.

use super::analysis::Lowering;
use super::spl::{Step, names_of, resolves, split};
use super::tokens::{is_blank, is_word};
use crate::sls::sql::{call, number, text};
use crate::sls::{SlsError, SlsNotice};
use datafusion::sql::sqlparser::ast::{AccessExpr, Expr, Ident, Subscript, Value};
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

/// Words of the language that are no name of a member.
const WORDS: [&str; 27] = [
    "and", "or", "not", "is", "null", "like", "in", "between", "case", "when", "then", "else", "end", "as", "by",
    "asc", "desc", "true", "false", "distinct", "exists", "select", "from", "escape", "array", "interval", "over",
];

/// The function that cuts a row of CSV into its cells. Only `parse-csv` makes calls of it.
pub(super) const CSV_CELLS: &str = "sls_csv_cells";

/// Options of `parse-csv`.
struct Notation {
    delimiter: String,
    quote: String,
}

impl Lowering {
    /// `parse-regexp field, 'pattern' as a, b`: a column for each group of the pattern.
    pub(super) fn parse_regexp(&mut self, step: Step, tokens: &[TokenWithSpan]) -> Result<Step, SlsError> {
        let span = self.span_of_tokens(tokens);
        let wrong = || {
            SlsError::new("`parse-regexp` takes a field, a pattern and names", span)
                .help("write `parse-regexp field, '(a)(b)' as x, y`")
        };
        let Some((given, names)) = around_as(tokens) else { return Err(wrong()) };
        let [field, pattern] = split(given, &Token::Comma)[..] else { return Err(wrong()) };
        let (field, pattern) = (self.read(field)?, self.read(pattern)?);
        let Expr::Value(value) = &pattern else { return Err(wrong()) };
        let Value::SingleQuotedString(pattern) = &value.value else { return Err(wrong()) };
        let names = self.new_names(names, wrong)?;
        let group = |at: usize| number(&(at + 1).to_string());
        let added = names
            .into_iter()
            .enumerate()
            .map(|(at, name)| (name.value, call("regexp_extract", [field.clone(), text(pattern.clone()), group(at)])));
        self.add(step, added.collect())
    }

    /// `parse-csv -delim=',' field as a, b`: a column for each cell of a row.
    pub(super) fn parse_csv(&mut self, step: Step, tokens: &[TokenWithSpan]) -> Result<Step, SlsError> {
        let span = self.span_of_tokens(tokens);
        let wrong = || {
            SlsError::new("`parse-csv` takes a field and names", span)
                .help("write `parse-csv field as x, y`, with `-delim=';'` or `-quote='\"'` in front")
        };
        let Some((given, names)) = around_as(tokens) else { return Err(wrong()) };
        let mut notation = Notation { delimiter: ",".to_owned(), quote: "\"".to_owned() };
        let field = options(given, &mut notation).ok_or_else(wrong)?;
        let field = self.read(&field)?;
        let names = self.new_names(names, wrong)?;
        let cells = call(CSV_CELLS, [field, text(notation.delimiter), text(notation.quote)]);
        let cell = |at: usize| Expr::CompoundFieldAccess {
            root: Box::new(cells.clone()),
            access_chain: vec![AccessExpr::Subscript(Subscript::Index { index: number(&(at + 1).to_string()) })],
        };
        let added = names.into_iter().enumerate().map(|(at, name)| (name.value, cell(at)));
        self.add(step, added.collect())
    }

    /// `parse-json field`: a column for each member that a later command names.
    pub(super) fn parse_json(
        &mut self,
        step: Step,
        tokens: &[TokenWithSpan],
        later: &[&[TokenWithSpan]],
    ) -> Result<Step, SlsError> {
        let span = self.span_of_tokens(tokens);
        let field = self.read(tokens)?;
        if names_of(field.clone()).is_none() {
            return Err(SlsError::new("`parse-json` takes a field", span).help("write `parse-json field`"));
        }
        let note = "members that `parse-json` finds are those that a later command names";
        self.notices.push(SlsNotice { span: Some(span), ..SlsNotice::note(note) });
        let mut added: Vec<(String, Expr)> = Vec::new();
        for name in later.iter().flat_map(|tokens| words(tokens)) {
            let is_known = step.has(name) || resolves(name) || added.iter().any(|(known, _)| known == name);
            if !is_known && !name.contains(['"', '\\']) {
                let path = || text(format!("$[\"{name}\"]"));
                let scalar = call("json_extract_scalar", [field.clone(), path()]);
                let nested = call("json_format", [call("json_extract", [field.clone(), path()])]);
                let nested = call("nullif", [nested, text("null")]);
                added.push((name.to_owned(), call("coalesce", [scalar, nested])));
            }
        }
        if added.is_empty() { Ok(step) } else { self.add(step, added) }
    }

    fn new_names(&self, tokens: &[TokenWithSpan], wrong: impl Fn() -> SlsError) -> Result<Vec<Ident>, SlsError> {
        let name = |part: &[TokenWithSpan]| {
            let names = names_of(self.read(part)?).map(<[Ident; 1]>::try_from).and_then(Result::ok);
            names.map(|[name]| name).ok_or_else(&wrong)
        };
        split(tokens, &Token::Comma).into_iter().map(name).collect()
    }
}

/// Returns the tokens in front of `as` and behind it.
fn around_as(tokens: &[TokenWithSpan]) -> Option<(&[TokenWithSpan], &[TokenWithSpan])> {
    let at = tokens.iter().position(|token| is_word(token, "as"))?;
    Some((tokens.get(..at)?, tokens.get(at + 1..)?))
}

/// Takes options such as `-delim=','` out of tokens, and returns the others; `None` for an option that is not known.
fn options(tokens: &[TokenWithSpan], notation: &mut Notation) -> Option<Vec<TokenWithSpan>> {
    let tokens: Vec<&TokenWithSpan> = tokens.iter().filter(|token| !is_blank(token)).collect();
    let (mut rest, mut at) = (Vec::new(), 0);
    while let Some(token) = tokens.get(at) {
        if token.token != Token::Minus {
            rest.push((*token).clone());
            at += 1;
            continue;
        }
        let (name, equals, value) = (tokens.get(at + 1)?, tokens.get(at + 2)?, tokens.get(at + 3)?);
        let Token::SingleQuotedString(value) = &value.token else { return None };
        if equals.token != Token::Eq || value.chars().count() != 1 {
            return None;
        }
        match name {
            name if is_word(name, "delim") => notation.delimiter = value.clone(),
            name if is_word(name, "quote") => notation.quote = value.clone(),
            _ => return None,
        }
        at += 4;
    }
    Some(rest)
}

/// Returns the words of a command that may be names: no word of the language, and no function.
fn words(tokens: &[TokenWithSpan]) -> impl Iterator<Item = &str> {
    let tokens: Vec<&TokenWithSpan> = tokens.iter().filter(|token| !is_blank(token)).collect();
    let names: Vec<&str> = (1..tokens.len())
        .filter_map(|at| {
            let Token::Word(word) = &tokens.get(at)?.token else { return None };
            let is_call = tokens.get(at + 1).is_some_and(|next| next.token == Token::LParen);
            let is_dotted = tokens.get(at - 1).is_some_and(|before| before.token == Token::Period)
                || tokens.get(at + 1).is_some_and(|next| next.token == Token::Period);
            let is_plain = word.quote_style.is_none();
            let is_language = is_plain && WORDS.iter().any(|known| word.value.eq_ignore_ascii_case(known));
            (!is_call && !is_dotted && !is_language).then_some(word.value.as_str())
        })
        .collect();
    names.into_iter()
}
