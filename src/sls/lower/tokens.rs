//! Tokens of the analysis part of a statement: the dialect, and the forms that are mended before the parser sees them.
//!
//! - Blanks and quotes that word processors put in, and the wide commas and parentheses of Chinese keyboards, are read
//!   as those of ASCII. Each is one character for one, so places stay.
//! - `set session mode=scan;` in front is dropped.
//! - The type of a cast to `array(…)`, `map(…)` or `row(…)`, which the parser does not read, becomes one quoted name.

use crate::sls::error::{SlsError, SlsNotice};
use crate::sls::span::Span;
use crate::sls::split::refuse_placeholders;
use datafusion::sql::sqlparser::dialect::{Dialect, GenericDialect, Precedence};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Word};
use std::any::TypeId;

/// The precedence of `||`: between comparisons and arithmetic.
const CONCATENATION: u8 = 25;

/// The most operators, joins, unions and the like of a statement.
const MAX_OPERATORS: usize = 2_000;

/// Presto's dialect, as far as SLS has it: sqlparser's generic one with lambdas.
#[derive(Debug)]
pub(super) struct SlsDialect;

macro_rules! allowed {
    ($($method:ident),* $(,)?) => {
        $(fn $method(&self) -> bool { true })*
    };
}

impl Dialect for SlsDialect {
    /// Names the generic dialect: the parser compares dialects in some places.
    fn dialect(&self) -> TypeId {
        TypeId::of::<GenericDialect>()
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"' || ch == '`'
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_' || ch == '$'
    }

    fn prec_value(&self, precedence: Precedence) -> u8 {
        GenericDialect.prec_value(precedence)
    }

    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        (parser.peek_token_ref().token == Token::StringConcat).then_some(Ok(CONCATENATION))
    }

    allowed!(
        allow_extract_custom,
        allow_extract_single_quotes,
        supports_bitwise_shift_operators,
        supports_comma_separated_trim,
        supports_filter_during_aggregation,
        supports_group_by_expr,
        supports_lambda_functions,
        supports_left_associative_joins_without_parens,
        supports_limit_comma,
        supports_nested_comments,
        supports_parens_around_table_factor,
        supports_partition_by_after_order_by,
        supports_values_as_table_factor,
        supports_window_clause_named_window_reference,
        supports_window_function_null_treatment_arg,
    );
}

/// The tokens of a text, with what is needed to tell their places in it.
pub(super) struct Prepared {
    /// The tokens of one statement, blanks included.
    pub(super) tokens: Vec<TokenWithSpan>,
    /// Remarks on what was mended.
    pub(super) notices: Vec<SlsNotice>,
}

/// Places in a text, from lines and columns to bytes of the whole statement.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// Bytes at which lines begin, and the line.
    lines: Vec<(usize, String)>,
    offset: usize,
    end: usize,
}

impl Places {
    /// Makes the places of a text that begins `offset` bytes into the statement.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            lines.push((start, line.to_owned()));
            start += line.len();
        }
        Self { lines, offset, end: offset + text.trim_end().len() }
    }

    /// Returns the byte of a location; the end of the text for one that is not known.
    pub(super) fn byte(&self, location: Location) -> usize {
        let line = usize::try_from(location.line).ok().and_then(|line| self.lines.get(line.checked_sub(1)?));
        let (Some((start, line)), Ok(column)) = (line, usize::try_from(location.column)) else { return self.end };
        let within = line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
        (self.offset + start + within).min(self.end)
    }

    /// Returns the part of the statement that a span of the parser stands for.
    pub(super) fn span(&self, span: datafusion::sql::sqlparser::tokenizer::Span) -> Span {
        let (start, end) = (self.byte(span.start), self.byte(span.end));
        if span.start.line == 0 { Span::at(self.end) } else { Span::new(start, end.max(start)) }
    }

    /// Returns the empty part at the beginning.
    pub(super) fn start(&self) -> Span {
        Span::at(self.offset)
    }

    /// Returns the empty part at the end.
    pub(super) fn end(&self) -> Span {
        Span::at(self.end)
    }
}

/// Reads the tokens of an analysis part.
pub(super) fn prepare(text: &str, places: &Places, offset: usize) -> Result<Prepared, SlsError> {
    let mut notices = Vec::new();
    let (mended, changed) = mend(text);
    if let Some(at) = changed {
        let span = Span::at(at).shifted(offset);
        let message = "quotes, blanks or commas that are none of ASCII are read as those of ASCII";
        notices.push(SlsNotice { level: crate::sls::Level::Note, span: Some(span), ..SlsNotice::note(message) });
    }
    placeholders(&mended, offset, &mut notices)?;
    let mut tokenizer = Tokenizer::new(&SlsDialect, &mended);
    let tokens = tokenizer.tokenize_with_location().map_err(|error| {
        let place = Span::at(places.byte(error.location));
        SlsError::new(format!("the analysis part cannot be read: {}", lower_first(&error.message)), place)
    })?;
    // sqlparser prints these as they are, and would read another name.
    let is_ambiguous =
        |word: &Word| word.quote_style.is_some() && ["\"\"", "\\\""].iter().any(|part| word.value.contains(part));
    if let Some(name) = tokens.iter().find(|token| matches!(&token.token, Token::Word(word) if is_ambiguous(word))) {
        let message = "a name with two quotes in a row, or with a quote behind a backslash, is not possible here";
        return Err(SlsError::new(message, places.span(name.span)));
    }
    let tokens = without_session(tokens, places, &mut notices)?;
    let tokens = one_statement(tokens, places)?;
    let tokens = merge_not_equal(tokens);
    let tokens = quote_types(tokens, places)?;
    let operators = tokens.iter().filter(|token| deepens(&token.token)).count();
    if operators > MAX_OPERATORS {
        let message = format!("the statement is too long: it has {operators} operators, and may have {MAX_OPERATORS}");
        return Err(SlsError::new(message, places.end()));
    }
    Ok(Prepared { tokens, notices })
}

/// Returns an error of the parser with its place.
pub(super) fn parser_error(error: &ParserError, places: &Places) -> SlsError {
    let text = match error {
        ParserError::RecursionLimitExceeded => {
            return SlsError::new("the statement is nested too deeply", places.end());
        }
        ParserError::ParserError(text) | ParserError::TokenizerError(text) => text,
    };
    let (said, place) = match text.rsplit_once(" at Line: ") {
        Some((said, place)) => (said, place.split_once(", Column: ")),
        None => (text.as_str(), None),
    };
    let location = place.and_then(|(line, column)| {
        Some(Location { line: line.trim().parse().ok()?, column: column.trim().parse().ok()? })
    });
    let span = location.map_or(places.end(), |location| Span::at(places.byte(location)));
    let said = said.replace("Expected: ", "expected ").replace(", found: ", ", found ").replace("EOF", "the end");
    SlsError::new(format!("the analysis part cannot be read: {}", lower_first(said.trim())), span)
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if !text.starts_with("SELECT") => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

/// Replaces characters that stand for others of ASCII, outside of quotes. Returns the byte of the first one.
fn mend(text: &str) -> (String, Option<usize>) {
    let (mut out, mut first) = (String::with_capacity(text.len()), None);
    // The character that ends the quote that is open.
    let mut open: Option<char> = None;
    for (at, c) in text.char_indices() {
        let is_single = matches!(c, '\'' | '‘' | '’');
        let is_double = matches!(c, '"' | '“' | '”');
        let read = match open {
            // A quote ends with its own kind: one of a word processor with either of these.
            Some('’') if is_single => '\'',
            Some('”') if is_double => '"',
            Some(_) => c,
            None => match c {
                '‘' | '’' => '\'',
                '“' | '”' => '"',
                '，' => ',',
                '（' => '(',
                '）' => ')',
                '；' => ';',
                '\u{feff}' => ' ',
                c if c != '\n' && !c.is_ascii() && c.is_whitespace() => ' ',
                c => c,
            },
        };
        open = match (open, c) {
            (None, '\'') => Some('\''),
            (None, '"') => Some('"'),
            (None, '`') => Some('`'),
            (None, '‘' | '’') => Some('’'),
            (None, '“' | '”') => Some('”'),
            (Some('\''), '\'') | (Some('"'), '"') | (Some('`'), '`') => None,
            (Some('’'), _) if is_single => None,
            (Some('”'), _) if is_double => None,
            (open, _) => open,
        };
        if read != c && first.is_none() {
            first = Some(at);
        }
        out.push(read);
    }
    (out, first)
}

/// Refuses placeholders of dashboards and alerts, which the console fills in. In a text, `${name}` may be a group of a
/// regular expression, so it is a warning there.
fn placeholders(text: &str, offset: usize, notices: &mut Vec<SlsNotice>) -> Result<(), SlsError> {
    let (outside, inside) = by_quotes(text);
    refuse_placeholders(&outside).map_err(|error| error.shifted(offset))?;
    if let Err(error) = refuse_placeholders(&inside) {
        let message = "this looks like a placeholder of a dashboard, and is read as a text";
        notices.push(SlsNotice::warning(message, error.span.shifted(offset)).help("put its value in its place"));
    }
    Ok(())
}

/// Returns what stands outside of single quotes and what stands inside, each with blanks in the place of the other.
fn by_quotes(text: &str) -> (String, String) {
    let (mut outside, mut inside, mut quoted) = (String::new(), String::new(), false);
    for c in text.chars() {
        quoted ^= c == '\'';
        let (of, other) = if quoted { (&mut inside, &mut outside) } else { (&mut outside, &mut inside) };
        of.push(c);
        other.extend(std::iter::repeat_n(' ', c.len_utf8()));
    }
    (outside, inside)
}

pub(super) fn is_blank(token: &TokenWithSpan) -> bool {
    matches!(token.token, Token::Whitespace(_))
}

pub(super) fn is_word(token: &TokenWithSpan, word: &str) -> bool {
    matches!(&token.token, Token::Word(found) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
}

/// Drops `set session name=value;` from the front.
fn without_session(
    mut tokens: Vec<TokenWithSpan>,
    places: &Places,
    notices: &mut Vec<SlsNotice>,
) -> Result<Vec<TokenWithSpan>, SlsError> {
    loop {
        let mut words = tokens.iter().filter(|token| !is_blank(token));
        let is_setting = words.next().is_some_and(|token| is_word(token, "set"))
            && words.next().is_some_and(|token| is_word(token, "session"));
        if !is_setting {
            return Ok(tokens);
        }
        let first = tokens.iter().find(|token| !is_blank(token)).map(|token| places.span(token.span));
        let Some(end) = tokens.iter().position(|token| token.token == Token::SemiColon) else {
            let error = SlsError::new("`set session` ends with a semicolon", first.unwrap_or_default());
            return Err(error.help("write `set session mode=scan; SELECT …`"));
        };
        let scan = tokens[..end].iter().any(|token| is_word(token, "scan"));
        let message = if scan {
            "`set session mode=scan` changes nothing here: fields keep their types"
        } else {
            "`set session` changes nothing here"
        };
        notices.push(SlsNotice { span: first, ..SlsNotice::note(message) });
        tokens.drain(..=end);
    }
}

/// Takes the semicolon at the end off. A second statement is an error.
fn one_statement(mut tokens: Vec<TokenWithSpan>, places: &Places) -> Result<Vec<TokenWithSpan>, SlsError> {
    let says_something =
        |token: &&TokenWithSpan| !is_blank(token) && !matches!(token.token, Token::SemiColon | Token::EOF);
    if !tokens.iter().any(|token| says_something(&token)) {
        let error = SlsError::new("the analysis part is empty", places.end());
        return Err(error.help("write `| SELECT …`, or leave the `|` away"));
    }
    let Some(end) = tokens.iter().position(|token| token.token == Token::SemiColon) else { return Ok(tokens) };
    if let Some(next) = tokens[end..].iter().find(says_something) {
        return Err(SlsError::new(
            "a statement has one analysis part, and another begins here",
            places.span(next.span),
        ));
    }
    tokens.truncate(end);
    Ok(tokens)
}

/// Reads `! =` as `!=`.
fn merge_not_equal(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    for token in tokens {
        if token.token == Token::Eq {
            let before = out.iter().rposition(|token| !is_blank(token));
            if let Some(before) = before.filter(|at| out[*at].token == Token::ExclamationMark) {
                out.truncate(before + 1);
                out[before].token = Token::Neq;
                continue;
            }
        }
        out.push(token);
    }
    out
}

/// Makes one quoted name of the type behind `AS`, where it is an array, a map or a row at the end of a cast.
fn quote_types(tokens: Vec<TokenWithSpan>, places: &Places) -> Result<Vec<TokenWithSpan>, SlsError> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let is_nested = ["array", "map", "row"].iter().any(|name| is_word(token, name));
        let after_as = || out.iter().rev().find(|token| !is_blank(token)).is_some_and(|token| is_word(token, "as"));
        if is_nested
            && after_as()
            && let Some(end) = closing(&tokens, at + 1)
            && next_is(&tokens, end + 1, &Token::RParen)
        {
            let text: String = tokens[at..=end].iter().map(|token| token.token.to_string()).collect();
            if text.len() > 1024 {
                return Err(SlsError::new("the type of a cast is too long", places.span(token.span)));
            }
            let word = Word { value: text, quote_style: Some('"'), keyword: Keyword::NoKeyword };
            out.push(TokenWithSpan { token: Token::Word(word), span: token.span });
            at = end + 1;
            continue;
        }
        out.push(token.clone());
        at += 1;
    }
    Ok(out)
}

/// Returns the place of the parenthesis that closes the one that comes next.
fn closing(tokens: &[TokenWithSpan], from: usize) -> Option<usize> {
    let open = (from..tokens.len()).find(|at| !is_blank(&tokens[*at]))?;
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (at > open).then_some(at);
        }
    }
    None
}

fn next_is(tokens: &[TokenWithSpan], from: usize, wanted: &Token) -> bool {
    tokens.iter().skip(from).find(|token| !is_blank(token)).is_some_and(|token| token.token == *wanted)
}

/// Returns `true` for tokens that may add a level to the tree.
fn deepens(token: &Token) -> bool {
    use Keyword::{
        AND, AT, BETWEEN, CASE, COLLATE, EXCEPT, ILIKE, IN, INTERSECT, IS, JOIN, LIKE, NOT, OR, SELECT, UNION,
    };
    match token {
        Token::Word(word) => matches!(
            word.keyword,
            AND | OR
                | NOT
                | IS
                | LIKE
                | ILIKE
                | BETWEEN
                | IN
                | CASE
                | UNION
                | INTERSECT
                | EXCEPT
                | JOIN
                | AT
                | COLLATE
                | SELECT
        ),
        Token::Whitespace(_) | Token::Comma | Token::Period | Token::RParen | Token::SemiColon | Token::EOF => false,
        Token::Number(..) | Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) | Token::Placeholder(_) => {
            false
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(text: &str) -> Result<String, String> {
        let prepared = prepare(text, &Places::of(text, 0), 0).map_err(|error| error.message)?;
        Ok(prepared.tokens.iter().map(|token| token.token.to_string()).collect())
    }

    #[test]
    fn forms_are_mended() {
        for (text, expected) in [
            ("select\u{a0}a，b from（log）", "select a,b from(log)"),
            ("select ‘a “b”’ as “x y”", "select 'a “b”' as \"x y\""),
            ("select '‘，'", "select '‘，'"),
            ("set session mode=scan; select 1 ;", " select 1 "),
            ("SET SESSION a=b; set session c = d ; select 1", " select 1"),
            ("select 1 where a ! = 2", "select 1 where a <> 2"),
            ("cast(a as array( map(varchar, bigint) ))", "cast(a as \"array( map(varchar, bigint) )\")"),
            ("try_cast(a as row(x bigint))", "try_cast(a as \"row(x bigint)\")"),
            ("select '${x}'", "select '${x}'"),
            ("from unnest(a) as map(x, y)", "from unnest(a) as map(x, y)"),
        ] {
            assert_eq!(prepared(text).as_deref(), Ok(expected), "{text}");
        }
        for (text, expected) in [
            ("", "the analysis part is empty"),
            (" ; ", "the analysis part is empty"),
            ("set session a=b", "`set session` ends with a semicolon"),
            ("select 1; select 2", "a statement has one analysis part, and another begins here"),
            ("select ${x}", "the statement has a placeholder: `${x}`"),
            ("select 1 where a = $$b", "the statement has a placeholder: `$$b`"),
            ("select 'a", "the analysis part cannot be read: unterminated string literal"),
        ] {
            assert_eq!(prepared(text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn places_are_bytes_of_the_statement() {
        let text = "select 'é',\n  日本";
        let places = Places::of(text, 10);
        assert_eq!(places.byte(Location { line: 1, column: 8 }), 17);
        assert_eq!(places.byte(Location { line: 1, column: 11 }), 21);
        assert_eq!(places.byte(Location { line: 2, column: 4 }), 10 + text.find('本').unwrap());
        assert_eq!(places.byte(Location { line: 9, column: 1 }), 10 + text.len());
    }
}
