//! Regular expressions: `regexp_extract`, `regexp_extract_all`, `regexp_replace`, `regexp_split` and `regexp_like`.
//!
//! The expressions are those of the `regex` crate, which has no look-around and no back-references. Facts: Presto,
//! "Regular Expression Functions".

use super::frame::{Cell, Definition, Gives, Row, Takes};
use datafusion::common::{exec_err, resources_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use regex::Captures;

use Takes::{Int, Text};

/// The most bytes that one replacement may make of a text.
const MOST_BYTES: usize = 32 << 20;

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let define = |name, takes, least, gives| Definition { name, takes, least, gives }.function();
    vec![
        define("sls_regexp_like", &[Text, Text], 2, Gives::Flag(like)),
        define("sls_regexp_extract", &[Text, Text, Int], 2, Gives::Text(extract)),
        define("sls_regexp_extract_bool", &[Text, Text, Int], 2, Gives::Flag(extract_bool)),
        define("sls_regexp_extract_long", &[Text, Text, Int], 2, Gives::Int(extract_long)),
        define("sls_regexp_extract_double", &[Text, Text, Int], 2, Gives::Double(extract_double)),
        define("sls_regexp_extract_all", &[Text, Text, Int], 2, Gives::Texts(extract_all)),
        define("sls_regexp_replace", &[Text, Text, Text], 2, Gives::Text(replace)),
        define("sls_regexp_split", &[Text, Text], 2, Gives::Texts(split)),
    ]
}

fn like(row: &Row<'_>) -> Cell<bool> {
    Ok(Some(row.pattern(1)?.is_match(row.text(0))))
}

/// Returns the number of the group that is asked for, which the pattern must have.
fn group(row: &Row<'_>, groups: usize) -> Result<usize> {
    let asked = if row.has(2) { row.int(2) } else { 0 };
    match usize::try_from(asked) {
        Ok(group) if group < groups => Ok(group),
        _ => exec_err!("the pattern has {} groups, and no group {asked}: `{}`", groups - 1, row.text(1)),
    }
}

fn extract(row: &Row<'_>) -> Cell<String> {
    let pattern = row.pattern(1)?;
    let group = group(row, pattern.captures_len())?;
    let found = pattern.captures(row.text(0));
    Ok(found.and_then(|found| Some(found.get(group)?.as_str().to_owned())))
}

fn extract_bool(row: &Row<'_>) -> Cell<bool> {
    Ok(extract(row)?.and_then(|text| text.to_ascii_lowercase().parse().ok()))
}

fn extract_long(row: &Row<'_>) -> Cell<i64> {
    Ok(extract(row)?.and_then(|text| text.parse().ok()))
}

fn extract_double(row: &Row<'_>) -> Cell<f64> {
    Ok(extract(row)?.and_then(|text| text.parse().ok()))
}

fn extract_all(row: &Row<'_>) -> Cell<Vec<Option<String>>> {
    let pattern = row.pattern(1)?;
    let group = group(row, pattern.captures_len())?;
    let of_group = |found: Captures<'_>| found.get(group).map(|text| text.as_str().to_owned());
    Ok(Some(pattern.captures_iter(row.text(0)).map(of_group).collect()))
}

fn split(row: &Row<'_>) -> Cell<Vec<Option<String>>> {
    Ok(Some(row.pattern(1)?.split(row.text(0)).map(|part| Some(part.to_owned())).collect()))
}

/// A part of a replacement.
enum Part {
    Text(String),
    Group(usize),
    Named(String),
}

fn replace(row: &Row<'_>) -> Cell<String> {
    let (text, pattern) = (row.text(0), row.pattern(1)?);
    let parts = parts(if row.has(2) { row.text(2) } else { "" }, pattern.captures_len())?;
    let (mut out, mut copied) = (String::with_capacity(text.len()), 0);
    for found in pattern.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        out.push_str(text.get(copied..whole.start()).unwrap_or_default());
        for part in &parts {
            out.push_str(match part {
                Part::Text(text) => text,
                Part::Group(number) => found.get(*number).map_or("", |group| group.as_str()),
                Part::Named(name) => found.name(name).map_or("", |group| group.as_str()),
            });
        }
        copied = whole.end();
        if out.len() > MOST_BYTES {
            return resources_err!("`regexp_replace` would make more than {} MiB of a text", MOST_BYTES >> 20);
        }
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Ok(Some(out))
}

/// Reads a replacement: `$1` and `${name}` stand for groups, `\x` for the character itself.
fn parts(replacement: &str, groups: usize) -> Result<Vec<Part>> {
    let (mut parts, mut text) = (Vec::new(), String::new());
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.extend(chars.next()),
            '$' => {
                parts.push(Part::Text(std::mem::take(&mut text)));
                if chars.next_if_eq(&'{').is_some() {
                    let name: String = chars.by_ref().take_while(|c| *c != '}').collect();
                    parts.push(Part::Named(name));
                    continue;
                }
                let Some(first) = chars.next_if(char::is_ascii_digit).and_then(|digit| digit.to_digit(10)) else {
                    return exec_err!("a `$` of a replacement stands before the number of a group: `{replacement}`");
                };
                let mut number = first as usize;
                if number >= groups {
                    return exec_err!("the pattern has {} groups, and no group {number}", groups.saturating_sub(1));
                }
                // As many digits belong to the number as make one of a group.
                while let Some(digit) = chars.peek().and_then(|digit| digit.to_digit(10)) {
                    let longer = number.saturating_mul(10).saturating_add(digit as usize);
                    if longer >= groups {
                        break;
                    }
                    number = longer;
                    chars.next();
                }
                parts.push(Part::Group(number));
            }
            other => text.push(other),
        }
    }
    parts.push(Part::Text(text));
    Ok(parts)
}
