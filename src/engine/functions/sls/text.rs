//! Texts: `split`, `split_part`, `split_to_map`, `substr`, `strpos` and others that differ from DataFusion's.
//!
//! Lengths and places count characters, the first is 1. Facts: Presto, "String Functions and Operators".

use super::frame::{Cell, Definition, Entries, Gives, Row, Takes};
use datafusion::common::exec_err;
use datafusion::logical_expr::ScalarUDF;
use std::collections::HashSet;

use Takes::{Int, Text};

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let define = |name, takes, least, gives| Definition { name, takes, least, gives };
    let mut functions = vec![
        define("sls_substr", &[Text, Int, Int], 2, Gives::Text(substr)).function(),
        define("sls_strpos", &[Text, Text, Int], 2, Gives::Int(strpos)).function(),
        define("sls_csv_cells", &[Text, Text, Text], 3, Gives::Texts(csv_cells)).function(),
        define("sls_levenshtein_distance", &[Text, Text], 2, Gives::Int(distance)).function(),
    ];
    for fallible in [
        define("sls_split", &[Text, Text, Int], 2, Gives::Texts(split)),
        define("sls_split_part", &[Text, Text, Int], 3, Gives::Text(split_part)),
        define("sls_split_to_map", &[Text, Text, Text], 3, Gives::TextMap(split_to_map)),
        define("sls_codepoint", &[Text], 1, Gives::Int(codepoint)),
    ] {
        functions.extend(fallible.with_twin());
    }
    functions
}

/// A place in a text of so many characters: from the end where it is negative. `None` lies outside.
fn place(start: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let from_begin = if start < 0 { length.checked_add(start)? } else { start - 1 };
    (start != 0 && (0..length).contains(&from_begin)).then(|| usize::try_from(from_begin).ok()).flatten()
}

fn substr(row: &Row<'_>) -> Cell<String> {
    let text = row.text(0);
    let Some(start) = place(row.int(1), text.chars().count()) else { return Ok(Some(String::new())) };
    let rest = text.chars().skip(start);
    if !row.has(2) {
        return Ok(Some(rest.collect()));
    }
    Ok(Some(rest.take(usize::try_from(row.int(2)).unwrap_or(0)).collect()))
}

/// The place of the n-th occurrence; 0 if there is none. Occurrences may overlap.
fn strpos(row: &Row<'_>) -> Cell<i64> {
    let (text, part) = (row.text(0), row.text(1));
    let instance = if row.has(2) { row.int(2) } else { 1 };
    let Some(skipped) = usize::try_from(instance).ok().and_then(|nth| nth.checked_sub(1)) else {
        return exec_err!("the number of an occurrence is 1 or more, not {instance}");
    };
    let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let mut found = starts.enumerate().filter(|(_, at)| text[*at..].starts_with(part));
    Ok(Some(found.nth(skipped).and_then(|(at, _)| i64::try_from(at + 1).ok()).unwrap_or(0)))
}

/// The cells of one row of CSV. A quote inside of quotes is doubled.
fn csv_cells(row: &Row<'_>) -> Cell<Vec<Option<String>>> {
    let one = |argument: usize| row.text(argument).chars().next();
    let (Some(delimiter), quote) = (one(1), one(2)) else { return exec_err!("the delimiter of CSV is empty") };
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = row.text(0).chars().peekable();
    while let Some(c) = chars.next() {
        if Some(c) == quote {
            if quoted && chars.next_if_eq(&c).is_some() {
                cell.push(c);
            } else {
                quoted = !quoted;
            }
        } else if c == delimiter && !quoted {
            cells.push(Some(std::mem::take(&mut cell)));
        } else {
            cell.push(c);
        }
    }
    cells.push(Some(cell));
    Ok(Some(cells))
}

fn distance(row: &Row<'_>) -> Cell<i64> {
    let (left, right) = (row.text(0), row.text(1));
    // The work is the product of the lengths.
    if left.len().saturating_mul(right.len()) > 100_000_000 {
        return exec_err!("the texts are too long to compare: {} and {} bytes", left.len(), right.len());
    }
    Ok(i64::try_from(strsim::levenshtein(left, right)).ok())
}

fn split(row: &Row<'_>) -> Cell<Vec<Option<String>>> {
    let (text, delimiter) = (row.text(0), row.text(1));
    if delimiter.is_empty() {
        return exec_err!("the delimiter of `split` is empty");
    }
    let owned = |part: &str| Some(part.to_owned());
    if !row.has(2) {
        return Ok(Some(text.split(delimiter).map(owned).collect()));
    }
    match usize::try_from(row.int(2)) {
        Ok(limit) if limit > 0 => Ok(Some(text.splitn(limit, delimiter).map(owned).collect())),
        _ => exec_err!("the limit of `split` is 1 or more, not {}", row.int(2)),
    }
}

/// The n-th part; NULL behind the last one.
fn split_part(row: &Row<'_>) -> Cell<String> {
    let (text, delimiter, number) = (row.text(0), row.text(1), row.int(2));
    let Some(skipped) = usize::try_from(number).ok().and_then(|nth| nth.checked_sub(1)) else {
        return exec_err!("the number of a part is 1 or more, not {number}");
    };
    if delimiter.is_empty() {
        return Ok(text.chars().nth(skipped).map(String::from));
    }
    Ok(text.split(delimiter).nth(skipped).map(str::to_owned))
}

fn split_to_map(row: &Row<'_>) -> Cell<Entries> {
    let (text, between_entries, between_parts) = (row.text(0), row.text(1), row.text(2));
    if between_entries.is_empty() || between_parts.is_empty() || between_entries == between_parts {
        return exec_err!("the delimiters of `split_to_map` must differ, and not be empty");
    }
    let (mut entries, mut keys) = (Entries::new(), HashSet::new());
    for entry in text.split(between_entries).filter(|entry| !entry.is_empty()) {
        let Some((key, value)) = entry.split_once(between_parts).filter(|(_, value)| !value.contains(between_parts))
        else {
            return exec_err!("an entry of `split_to_map` has one `{between_parts}`: `{entry}`");
        };
        if !keys.insert(key) {
            return exec_err!("a key of `split_to_map` occurs twice: `{key}`");
        }
        entries.push((key.to_owned(), Some(value.to_owned())));
    }
    Ok(Some(entries))
}

fn codepoint(row: &Row<'_>) -> Cell<i64> {
    let mut chars = row.text(0).chars();
    match (chars.next(), chars.next()) {
        (Some(only), None) => Ok(Some(i64::from(u32::from(only)))),
        _ => exec_err!("`codepoint` takes one character, not `{}`", row.text(0)),
    }
}
