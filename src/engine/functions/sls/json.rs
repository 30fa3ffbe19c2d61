//! JSON: `json_extract`, `json_extract_scalar`, `json_parse`, `json_format`, `json_size` and `json_array_*`.
//!
//! JSON is text here. The result of a function that gives JSON is marked as such in the metadata of its column, so that
//! a cast of it reads JSON: `cast(json_extract(x, '$.a') AS varchar)` of `{"a":"b"}` is `b` (`cast.rs`).
//!
//! A path is `$` and steps: `.name`, `["name"]`, `[0]` and `.0`. A text that is no JSON gives NULL, also for
//! `json_extract`, which fails online: one broken event should not hide the others.

use super::frame::{Cell, Definition, Gives, Row, Takes};
use arrow::datatypes::Field;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use serde_json::Value;

use Takes::{Double, Flag, Int, Text};

/// Metadata of a column, and its value, which say that its texts are JSON.
const MARK: (&str, &str) = ("trailql.sls.type", "json");

/// Marks a column as JSON.
pub(super) fn marked(field: Field) -> Field {
    field.with_metadata([(MARK.0.to_owned(), MARK.1.to_owned())].into())
}

/// Returns `true` for a column that is marked as JSON.
pub(super) fn is_marked(field: &Field) -> bool {
    field.metadata().get(MARK.0).is_some_and(|value| value == MARK.1)
}

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let define = |name, takes: &'static [Takes], gives| Definition { name, takes, least: takes.len(), gives };
    let mut functions: Vec<ScalarUDF> = [
        define("sls_json_extract", &[Text, Text], Gives::Json(|row| Ok(at_path(row)?.map(|found| found.to_string())))),
        define("sls_json_extract_scalar", &[Text, Text], Gives::Text(|row| Ok(at_path(row)?.and_then(scalar)))),
        define("sls_json_extract_bool", &[Text, Text], Gives::Flag(|row| Ok(at_path(row)?.and_then(as_bool)))),
        define("sls_json_extract_long", &[Text, Text], Gives::Int(|row| Ok(at_path(row)?.and_then(as_long)))),
        define("sls_json_extract_double", &[Text, Text], Gives::Double(|row| Ok(at_path(row)?.and_then(as_double)))),
        define("sls_json_format", &[Text], Gives::Text(|row| Ok(Some(row.text(0).to_owned())))),
        define("sls_json_size", &[Text, Text], Gives::Int(|row| Ok(at_path(row)?.as_ref().and_then(size)))),
        define("sls_json_array_length", &[Text], Gives::Int(|row| Ok(array(row).map(|items| length(items.len()))))),
        define("sls_json_array_get", &[Text, Int], Gives::Json(get)),
        define(
            "sls_json_array_contains",
            &[Text, Text],
            Gives::Flag(|row| contains(row, &|item| item.as_str() == Some(row.text(1)))),
        ),
        define(
            "sls_json_array_contains_number",
            &[Text, Double],
            Gives::Flag(|row| contains(row, &|item| item.as_f64() == Some(row.double(1)))),
        ),
        define(
            "sls_json_array_contains_bool",
            &[Text, Flag],
            Gives::Flag(|row| contains(row, &|item| item.as_bool() == Some(row.flag(1)))),
        ),
        define(
            "sls_is_json_scalar",
            &[Text],
            Gives::Flag(|row| Ok(parsed(row.text(0)).map(|value| !value.is_object() && !value.is_array()))),
        ),
    ]
    .map(Definition::function)
    .into();
    functions.extend(define("sls_json_parse", &[Text], Gives::Json(parse)).with_twin());
    functions
}

/// Reads a text as JSON.
pub(super) fn parsed(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn parse(row: &Row<'_>) -> Cell<String> {
    match serde_json::from_str::<Value>(row.text(0)) {
        Ok(value) => Ok(Some(value.to_string())),
        Err(error) => exec_err!("not JSON: `{}`: {error}", row.text(0)),
    }
}

/// One step of a path.
#[derive(Debug, PartialEq, Eq)]
enum Step<'p> {
    /// A member, or an element where the name is a number.
    Name(&'p str),
    Index(usize),
}

/// Returns the value at the path of the second argument.
fn at_path(row: &Row<'_>) -> Cell<Value> {
    let steps = steps(row.text(1))?;
    let Some(mut value) = parsed(row.text(0)) else { return Ok(None) };
    for step in &steps {
        let next = match (step, &mut value) {
            (Step::Name(name), Value::Object(members)) => members.get_mut(*name).map(Value::take),
            (Step::Name(name), Value::Array(items)) => {
                name.parse::<usize>().ok().and_then(|at| items.get_mut(at)).map(Value::take)
            }
            (Step::Index(at), Value::Array(items)) => items.get_mut(*at).map(Value::take),
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

fn steps(path: &str) -> Result<Vec<Step<'_>>> {
    let wrong = || exec_err!("not a JSON path such as `$.a.b[0]`: `{path}`");
    let Some(mut rest) = path.trim().strip_prefix('$') else { return wrong() };
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let quote = inside.chars().next().filter(|c| ['"', '\''].contains(c));
            let found = match quote {
                Some(quote) => inside[1..]
                    .split_once(quote)
                    .and_then(|(name, rest)| Some((Step::Name(name), rest.trim_start().strip_prefix(']')?))),
                None => inside.split_once(']').map(|(index, rest)| {
                    let index = index.trim();
                    (index.parse().map_or(Step::Name(index), Step::Index), rest)
                }),
            };
            let Some((step, behind)) = found else { return wrong() };
            steps.push(step);
            rest = behind;
            continue;
        }
        let Some(name) = rest.strip_prefix('.') else { return wrong() };
        if let Some(quoted) = name.strip_prefix('"') {
            let Some((name, behind)) = quoted.split_once('"') else { return wrong() };
            steps.push(Step::Name(name));
            rest = behind;
            continue;
        }
        let (name, behind) = name.split_at(name.find(['.', '[']).unwrap_or(name.len()));
        if name.is_empty() || name == "*" {
            return wrong();
        }
        steps.push(Step::Name(name));
        rest = behind;
    }
    Ok(steps)
}

/// Returns a scalar as text; `None` for null, objects and arrays.
pub(super) fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn as_bool(value: Value) -> Option<bool> {
    value.as_bool().or_else(|| scalar(value)?.to_ascii_lowercase().parse().ok())
}

fn as_long(value: Value) -> Option<i64> {
    value.as_i64().or_else(|| scalar(value)?.trim().parse().ok())
}

fn as_double(value: Value) -> Option<f64> {
    value.as_f64().or_else(|| scalar(value)?.trim().parse().ok())
}

fn length(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}

fn size(value: &Value) -> Option<i64> {
    Some(match value {
        Value::Object(members) => length(members.len()),
        Value::Array(items) => length(items.len()),
        _ => 0,
    })
}

fn array(row: &Row<'_>) -> Option<Vec<Value>> {
    match parsed(row.text(0))? {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

/// The element at a place, counted from 0, or from the end where it is negative.
fn get(row: &Row<'_>) -> Cell<String> {
    let Some(items) = array(row) else { return Ok(None) };
    let at = row.int(1);
    let at = if at < 0 { length(items.len()).checked_add(at) } else { Some(at) };
    let item = at.and_then(|at| items.get(usize::try_from(at).ok()?));
    Ok(item.filter(|item| !item.is_null()).map(Value::to_string))
}

fn contains(row: &Row<'_>, is_it: &dyn Fn(&Value) -> bool) -> Cell<bool> {
    Ok(array(row).map(|items| items.iter().any(is_it)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read() {
        use Step::{Index, Name};
        for (path, expected) in [
            ("$", Some(vec![])),
            ("$.a.b[0]", Some(vec![Name("a"), Name("b"), Index(0)])),
            (" $[\"a.b\"]['c']", Some(vec![Name("a.b"), Name("c")])),
            ("$.0.EndTime", Some(vec![Name("0"), Name("EndTime")])),
            ("$.\"a b\".c", Some(vec![Name("a b"), Name("c")])),
            ("$[ 12 ]", Some(vec![Index(12)])),
            ("a.b", None),
            ("$a", None),
            ("$.", None),
            ("$..a", None),
            ("$.*", None),
            ("$[", None),
            ("$[\"a\"", None),
            ("", None),
        ] {
            assert_eq!(steps(path).ok(), expected, "{path}");
        }
    }
}
