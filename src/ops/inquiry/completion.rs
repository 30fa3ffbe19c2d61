//! Completions of a statement or a command, as far as it is typed.
//!
//! The tokens before the cursor tell what can stand there: a table behind FROM, a column of the tables that the
//! statement names, a value behind `event_name = `, a parameter in the parentheses of a view.

use super::candidates::{Candidate, Candidates, MOST};
use super::keywords::KEYWORDS;
use super::lexer::{Kind, Token, tokens};
use super::names::Names;
use crate::engine::output::escape::is_hidden;
use std::ops::Range;

/// The tokens before the cursor that mean something, and their text.
struct Before<'t> {
    text: &'t str,
    tokens: Vec<Token>,
}

impl<'t> Before<'t> {
    fn text(&self, token: Token) -> &'t str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    /// Returns the token so many from the end on, from 0.
    fn back(&self, n: usize) -> Option<Token> {
        self.tokens.len().checked_sub(n + 1).and_then(|at| self.tokens.get(at)).copied()
    }

    fn is_sign(&self, n: usize, sign: char) -> bool {
        self.back(n).is_some_and(|token| token.kind == Kind::Sign(sign))
    }

    /// Returns the word so many tokens from the end on, in small letters.
    fn word(&self, n: usize) -> Option<String> {
        let token = self.back(n)?;
        match token.kind {
            Kind::Word => Some(self.text(token).to_lowercase()),
            Kind::Name => Some(self.text(token).trim_matches(['"', '`']).to_owned()),
            _ => None,
        }
    }

    fn is_word(&self, n: usize, words: &[&str]) -> bool {
        self.back(n).is_some_and(|token| token.kind == Kind::Word)
            && self.word(n).is_some_and(|word| words.contains(&word.as_str()))
    }
}

/// Returns what can stand at the cursor of a text of statements, the best first.
pub fn complete(text: &str, cursor: usize, names: &mut Names) -> Vec<Candidate> {
    let cursor = text.floor_char_boundary(cursor.min(text.len()));
    let typed = text.get(..cursor).unwrap_or_default();
    let mut all: Vec<Token> = tokens(typed).collect();
    // The statement that the cursor is in.
    if let Some(end) = all.iter().rposition(|token| token.kind == Kind::Sign(';')) {
        all.drain(..=end);
    }
    match all.last().copied() {
        Some(token)
            if !token.is_closed && token.kind == Kind::Text && typed.get(token.start..=token.start) == Some("'") =>
        {
            all.pop();
            let prefix = typed.get(token.start + 1..).unwrap_or_default();
            let has_end = text.get(cursor..).is_some_and(|rest| rest.starts_with('\''));
            let span = token.start..cursor + usize::from(has_end);
            values(&before(typed, all), prefix, &span, names)
        }
        Some(token) if !token.is_closed => Vec::new(),
        Some(token) if token.kind == Kind::Word => {
            all.pop();
            words(text, &before(typed, all), typed.get(token.start..).unwrap_or_default(), token.start..cursor, names)
        }
        Some(Token { kind: Kind::Text | Kind::Name | Kind::Number, .. }) => Vec::new(),
        _ => {
            let before = before(typed, all);
            let found = values(&before, "", &(cursor..cursor), names);
            if found.is_empty() { words(text, &before, "", cursor..cursor, names) } else { found }
        }
    }
}

fn before(text: &str, tokens: Vec<Token>) -> Before<'_> {
    let meaning = |token: &Token| !matches!(token.kind, Kind::Space | Kind::Comment);
    Before { text, tokens: tokens.into_iter().filter(meaning).collect() }
}

/// Values of the column that is compared with what stands at the cursor.
fn values(before: &Before<'_>, prefix: &str, span: &Range<usize>, names: &mut Names) -> Vec<Candidate> {
    let Some((column, is_lower)) = compared(before) else { return Vec::new() };
    let prefix = prefix.replace("''", "'").to_lowercase();
    let mut seen = Vec::new();
    for value in names.values(&column) {
        let value = if is_lower { value.to_lowercase() } else { value.clone() };
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    let is_match = |value: &&String, at_start: bool| {
        let value = value.to_lowercase();
        if at_start {
            value.starts_with(&prefix)
        } else {
            !value.starts_with(&prefix) && Candidates::is_part(&value, &prefix)
        }
    };
    let starting = seen.iter().filter(|value| is_match(value, true));
    let holding = seen.iter().filter(|value| is_match(value, false));
    let candidate = |value: &String| Candidate {
        value: format!("'{}'", value.replace('\'', "''")),
        description: String::new(),
        span: span.clone(),
        is_word: true,
    };
    starting.chain(holding).take(MOST).map(candidate).collect()
}

/// Returns the column that is compared with the value at the cursor, and whether in small letters.
fn compared(before: &Before<'_>) -> Option<(String, bool)> {
    let mut at = 0;
    // The list of `column IN ('a', 'b'`.
    let in_list = |from: usize| {
        let mut at = from;
        while before.back(at).is_some_and(|token| token.kind == Kind::Text || token.kind == Kind::Sign(',')) {
            at += 1;
        }
        (before.is_sign(at, '(') && before.is_word(at + 1, &["in"])).then_some(at + 2)
    };
    if let Some(behind) = in_list(0) {
        at = behind;
    } else if before.is_word(0, &["like", "ilike"]) {
        at = 1;
    } else {
        while ['=', '<', '>', '!'].iter().any(|sign| before.is_sign(at, *sign)) {
            at += 1;
        }
        if at == 0 {
            return None;
        }
    }
    if before.is_word(at, &["not"]) {
        at += 1;
    }
    if before.is_sign(at, ')') && before.is_sign(at + 2, '(') {
        let is_lower = before.is_word(at + 3, &["lower"]);
        return (is_lower || before.is_word(at + 3, &["trim"]))
            .then(|| before.word(at + 1))
            .flatten()
            .map(|column| (column, is_lower));
    }
    before.word(at).map(|column| (column, false))
}

/// Names and keywords.
fn words(text: &str, before: &Before<'_>, prefix: &str, span: Range<usize>, names: &mut Names) -> Vec<Candidate> {
    let mut found = Candidates::new(prefix, span);
    let from = tables_of(text);
    if before.is_sign(0, '.') {
        let qualifier = before.word(1).unwrap_or_default();
        let table = from.iter().find(|(_, alias)| *alias == qualifier).map_or(qualifier, |(table, _)| table.clone());
        add_columns(&mut found, &table, names);
        return found.all();
    }
    if before.tokens.is_empty() {
        add_keywords(&mut found, &["SELECT", "WITH", "EXPLAIN", "DESCRIBE", "SHOW TABLES", "SHOW FUNCTIONS"]);
        return found.all();
    }
    // The parameters of a view that is called.
    if let Some(called) = called(before, names) {
        for (param, meaning) in called.params {
            if !called.given.contains(&param) {
                found.add(&param, &format!("{param} => "), &meaning, false);
            }
        }
        if !found.is_empty() {
            return found.all();
        }
    }
    if is_table_place(before) {
        let tables: Vec<(String, String)> = names.tables().map(|(name, text)| (name.to_owned(), text)).collect();
        for (name, description) in tables {
            found.add(&name, &name, &description, true);
        }
        return found.all();
    }
    let mut of: Vec<String> = from.into_iter().map(|(table, _)| table).collect();
    if of.is_empty() {
        of.push("events".to_owned());
    }
    for table in &of {
        add_columns(&mut found, table, names);
    }
    if !found.prefix().is_empty() {
        for function in names.functions() {
            let description = match (function.syntax.is_empty(), function.description.is_empty()) {
                (true, _) => function.description.clone(),
                (false, true) => function.syntax.clone(),
                (false, false) => format!("{}: {}", function.syntax, function.description),
            };
            // Functions are many: they are found by their beginning only.
            if function.name.starts_with(found.prefix()) {
                found.add(&function.name, &format!("{}(", function.name), &description, false);
            }
        }
        add_keywords(&mut found, &KEYWORDS);
    }
    found.all()
}

/// Adds the columns of a table.
fn add_columns(found: &mut Candidates, table: &str, names: &mut Names) {
    for column in names.columns(table) {
        if column.name.chars().any(is_hidden) {
            continue;
        }
        let description = if column.description.is_empty() { &column.data_type } else { &column.description };
        // A name that is no plain word stands in quotes.
        let is_plain = column.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        let quoted = || format!("\"{}\"", column.name.replace('"', "\"\""));
        let value = if is_plain { column.name.clone() } else { quoted() };
        found.add(&column.name, &value, description, true);
    }
}

/// Adds keywords, in the case that is typed.
fn add_keywords(found: &mut Candidates, words: &[&str]) {
    for word in words.iter().filter(|word| word.to_lowercase().starts_with(found.prefix())).copied().collect::<Vec<_>>()
    {
        let value = if found.starts_small() { word.to_lowercase() } else { word.to_owned() };
        found.add(word, &value, "", true);
    }
}

/// Returns `true` where a table is named: behind FROM and JOIN, and behind a comma of their list.
fn is_table_place(before: &Before<'_>) -> bool {
    const LEADS: [&str; 4] = ["from", "join", "describe", "desc"];
    if before.is_word(0, &LEADS) {
        return true;
    }
    if !before.is_sign(0, ',') {
        return false;
    }
    let mut at = 1;
    // A list of names, perhaps with aliases.
    while let Some(token) = before.back(at) {
        match token.kind {
            Kind::Word if before.is_word(at, &["from"]) => return true,
            Kind::Word if before.is_word(at, &["select", "by", "where", "on", "and", "or"]) => return false,
            Kind::Word | Kind::Name | Kind::Sign(',') => at += 1,
            _ => return false,
        }
    }
    false
}

/// A view in whose parentheses the cursor is.
struct Called {
    /// Its parameters, with their meanings.
    params: Vec<(String, String)>,
    /// Parameters that have a value.
    given: Vec<String>,
}

/// Returns the view in whose parentheses the cursor is.
fn called(before: &Before<'_>, names: &Names) -> Option<Called> {
    if !(before.is_sign(0, '(') || before.is_sign(0, ',')) {
        return None;
    }
    let (mut at, mut depth, mut given) = (0, 0usize, Vec::new());
    loop {
        let token = before.back(at)?;
        match token.kind {
            Kind::Sign(')') => depth += 1,
            Kind::Sign('(') if depth == 0 => break,
            Kind::Sign('(') => depth -= 1,
            Kind::Sign('=') if depth == 0 => given.extend(before.word(at + 1)),
            _ => {}
        }
        at += 1;
    }
    let view = names.views().find(&before.word(at + 1)?).ok()?;
    let params = view.params.iter().map(|param| {
        (param.name.clone(), format!("{} ({}, default {})", param.help, param.kind.text(), param.default))
    });
    Some(Called { params: params.collect(), given })
}

/// Returns the tables that a text names behind FROM and JOIN, with their aliases, in small letters.
fn tables_of(text: &str) -> Vec<(String, String)> {
    let all = before(text, tokens(text).collect());
    let count = all.tokens.len();
    let word = |at: usize| count.checked_sub(at + 1).and_then(|back| all.word(back));
    let mut found: Vec<(String, String)> = Vec::new();
    let mut at = 0;
    while at < count {
        at += 1;
        if !word(at - 1).is_some_and(|lead| matches!(lead.as_str(), "from" | "join")) {
            continue;
        }
        while let Some(table) = word(at) {
            let mut next = at + 1;
            if word(next).as_deref() == Some("as") {
                next += 1;
            }
            let alias = word(next).filter(|alias| !KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(alias)));
            let behind = if alias.is_some() { next + 1 } else { at + 1 };
            found.push((table.clone(), alias.unwrap_or(table)));
            let is_list = all.tokens.get(behind).is_some_and(|token| token.kind == Kind::Sign(','));
            at = behind;
            if !is_list {
                break;
            }
            at += 1;
        }
    }
    found
}

/// Returns the names of time zones that begin with a text, or have a part that does, in whatever case.
pub fn zones(prefix: &str) -> impl Iterator<Item = &'static str> {
    let prefix = prefix.to_lowercase();
    chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(move |name| {
        let name = name.to_lowercase();
        name.starts_with(&prefix) || name.split('/').any(|part| !prefix.is_empty() && part.starts_with(&prefix))
    })
}

#[cfg(test)]
mod tests {
    use super::super::{COMPLETION_TIME, Inquiry};
    use super::*;
    use crate::engine::views::ViewCatalog;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn names() -> Names {
        let inquiry = Inquiry::of_nothing(Arc::new(ViewCatalog::built_in().unwrap())).unwrap();
        Names::of(&inquiry, inquiry.values(COMPLETION_TIME))
    }

    /// The first candidates at the end of a text.
    fn first(text: &str, names: &mut Names) -> Vec<String> {
        complete(text, text.len(), names).into_iter().take(3).map(|candidate| candidate.value).collect()
    }

    #[test]
    fn names_fit_their_place() {
        let mut names = names();
        for (text, expected) in [
            ("", &["SELECT", "WITH", "EXPLAIN"][..]),
            ("sel", &["select"]),
            ("SELECT event_ti", &["event_time"]),
            ("SELECT access_key", &["access_key_kind(", "access_key_name(", "user_identity_access_key_id"]),
            ("SELECT 1; SELECT event_ti", &["event_time"]),
            ("SELECT * FROM undated", &["undated_events"]),
            ("SELECT * FROM events e JOIN sour", &["sources"]),
            ("SELECT * FROM events, sour", &["sources"]),
            ("SELECT a, sour", &["source_ip_address", "source_kind", "source_id"]),
            ("SELECT s.shap FROM sources s WHERE s.shap", &["shape"]),
            ("SELECT principa FROM root_console_login WHERE principa", &["principal"]),
            ("SELECT * FROM root_high_frequency(", &["n => "]),
            ("SELECT * FROM login_off_hours(zone => 'UTC', ", &["begin => ", "end => ", "days => "]),
            ("SELECT in_cid", &["in_cidr("]),
            ("DESCRIBE rej", &["rejects"]),
            ("SELECT event_id FROM events WHERE event_name = ", &["event_id", "event_time", "event_name"]),
            ("SELECT 'event_na", &[]),
            ("SELECT 'a' -- event_na", &[]),
            ("SELECT \"event_na", &[]),
            ("SELECT 1 /* event_na", &[]),
        ] {
            let found = first(text, &mut names);
            // Names that hold what is typed may stand behind those that begin with it.
            let begin = if expected.is_empty() { &found[..] } else { &found[..expected.len().min(found.len())] };
            assert_eq!(begin, expected, "{text}");
        }
        let middle = "SELECT event_ti FROM events";
        let found = complete(middle, 15, &mut names);
        assert_eq!((found[0].value.as_str(), &found[0].span), ("event_time", &(7..15)));
        assert!(found[0].description.contains("happened"), "{found:?}");
    }

    #[test]
    fn the_column_of_a_value_is_found() {
        for (text, expected) in [
            ("WHERE event_name = ", Some(("event_name", false))),
            ("WHERE e.event_name <> ", Some(("event_name", false))),
            ("WHERE lower(event_name) = ", Some(("event_name", true))),
            ("WHERE acs_region IN (", Some(("acs_region", false))),
            ("WHERE acs_region NOT IN ('a', 'b', ", Some(("acs_region", false))),
            ("WHERE event_name LIKE ", Some(("event_name", false))),
            ("WHERE event_name NOT ILIKE ", Some(("event_name", false))),
            ("WHERE event_name ", None),
            ("SELECT f(a, ", None),
            ("= ", None),
            ("", None),
        ] {
            let found = compared(&before(text, tokens(text).collect()));
            assert_eq!(found.as_ref().map(|(column, is_lower)| (column.as_str(), *is_lower)), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_completed(
            text in "(SELECT |FROM |events|,|\\(|\\)|'|\"|\\.|=| IN |e|;|--|/\\*|城|\n|n => ){0,12}",
            cursor in 0usize..80,
        ) {
            thread_local!(static NAMES: std::cell::RefCell<Names> = std::cell::RefCell::new(names()));
            NAMES.with_borrow_mut(|names| {
                for candidate in complete(&text, cursor, names) {
                    prop_assert!(text.get(candidate.span.clone()).is_some(), "{:?}", candidate);
                }
                Ok(())
            })?;
        }
    }
}
