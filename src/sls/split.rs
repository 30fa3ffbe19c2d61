//! A statement's two halves: `search | tail`.

use super::error::SlsError;
use super::span::Span;

/// The halves of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Halves<'s> {
    /// The search part, from the beginning of the statement.
    pub search: &'s str,
    /// Analysis SQL or a pipeline behind the first `|`; `None` if there is none.
    pub tail: Option<Tail<'s>>,
}

/// The part behind the first `|`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tail<'s> {
    /// Its text.
    pub text: &'s str,
    /// The byte of the statement at which the text begins.
    pub offset: usize,
}

/// Splits a statement at the first `|` outside double quotes. A backslash takes the meaning of a quote.
pub fn split(statement: &str) -> Halves<'_> {
    let (mut quoted, mut escaped) = (false, false);
    for (place, byte) in statement.bytes().enumerate() {
        match byte {
            b'"' if !escaped => quoted = !quoted,
            // `${{name|default}}` is a placeholder, which is refused later.
            b'|' if !quoted && !in_placeholder(&statement[..place]) => {
                let (search, tail) = (&statement[..place], &statement[place + 1..]);
                return Halves { search, tail: Some(Tail { text: tail, offset: place + 1 }) };
            }
            _ => {}
        }
        escaped = byte == b'\\' && !escaped;
    }
    Halves { search: statement, tail: None }
}

/// Returns `true` if a placeholder with a default is open at the end of a text.
fn in_placeholder(text: &str) -> bool {
    let start = text.rfind("${{");
    start.and_then(|start| text.get(start..)).is_some_and(|rest| !rest.contains(['}', '\n', '"']))
}

/// Returns an error for the first placeholder of a dashboard or an alert: `${name}`, `${{name|default}}` or `$$name`.
pub fn refuse_placeholders(text: &str) -> Result<(), SlsError> {
    let Some(span) = text.match_indices('$').find_map(|(place, _)| placeholder(text, place)) else { return Ok(()) };
    let name = &text[span.range_in(text)];
    Err(SlsError::new(format!("the statement has a placeholder: `{name}`"), span)
        .label("a dashboard or an alert puts a value here")
        .help("put the value in its place"))
}

/// Returns the placeholder that begins at a dollar sign. A text such as `${jndi:ldap://…}` is none.
fn placeholder(text: &str, place: usize) -> Option<Span> {
    let rest = text.get(place..)?;
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == '.';
    let length_of = |text: &str, fits: fn(char) -> bool| text.find(|c: char| !fits(c)).unwrap_or(text.len());
    if let Some(name) = rest.strip_prefix("${{") {
        let inside = length_of(name, |c| !matches!(c, '}' | '\n' | '"'));
        let ends = inside > 0 && name[inside..].starts_with("}}");
        return ends.then(|| Span::new(place, place + 3 + inside + 2));
    }
    if let Some(name) = rest.strip_prefix("${") {
        let inside = name.find(|c: char| !is_name(c)).unwrap_or(name.len());
        let ends = inside > 0 && name[inside..].starts_with('}');
        return ends.then(|| Span::new(place, place + 2 + inside + 1));
    }
    let name = rest.strip_prefix("$$")?;
    let inside = length_of(name, |c| c.is_ascii_alphanumeric() || c == '_');
    (inside > 0 && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
        .then(|| Span::new(place, place + 2 + inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bar_outside_quotes_splits() {
        for (statement, search, tail) in [
            ("a", "a", None),
            ("| select 1", "", Some(" select 1")),
            ("* | select a | b", "* ", Some(" select a | b")),
            (r#""a|b" c|d"#, r#""a|b" c"#, Some("d")),
            (r#"a\"|b"#, r#"a\""#, Some("b")),
            (r#""a\"|b" | c"#, r#""a\"|b" "#, Some(" c")),
            (r#""a|b"#, r#""a|b"#, None),
            (r#"a\\"|"b|c"#, r#"a\\"|"b"#, Some("c")),
            ("a:${{x|y}} | b", "a:${{x|y}} ", Some(" b")),
            ("a:${{x | select 1", "a:${{x | select 1", None),
            ("a:${x | b", "a:${x ", Some(" b")),
            ("", "", None),
        ] {
            let halves = split(statement);
            assert_eq!((halves.search, halves.tail.map(|tail| tail.text)), (search, tail), "{statement}");
            if let Some(tail) = halves.tail {
                assert_eq!(&statement[tail.offset..], tail.text);
            }
        }
    }

    #[test]
    fn placeholders_are_named() {
        for (text, found) in [
            ("a:${name} b", Some("${name}")),
            ("a ${{region|cn-hangzhou}}", Some("${{region|cn-hangzhou}}")),
            ("a:$$var", Some("$$var")),
            ("\"${jndi:ldap://x}\"", None),
            ("${}", None),
            ("$5 $$ $$5", None),
            ("${", None),
            ("城${市}", Some("${市}")),
        ] {
            let error = refuse_placeholders(text).err();
            assert_eq!(error.map(|error| &text[error.span.range_in(text)]), found, "{text}");
        }
    }
}
