//! JSON: `json_extract`, `json_extract_scalar`, `json_parse`, `json_format`, `json_size` and `json_array_*`.
//!
//! JSON is text here. The result of a function that gives JSON is marked as such in the metadata of its column, so that
//! a cast of it reads JSON: `cast(json_extract(x, '$.a') AS varchar)` of `{"a":"b"}` is `b` (`cast.rs`).
//!
//! A path is `$` and steps: `.name`, `["name"]`, `[0]` and `.0`. A text that is no JSON gives NULL, also for
//! `json_extract`, which fails online: one broken event should not hide the others.
//!
//! What a path finds is as it was written, but for white space: ids of more digits than a double has are kept, and so
//! is the order of members. `json_parse` sorts members, as Presto does.

use super::cast::double_text;
use super::frame::{Cell, Definition, Gives, Row, Takes};
use crate::event::json::{self, Members, strict};
use arrow::datatypes::Field;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

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
        define(
            "sls_json_extract",
            &[Text, Text],
            Gives::Json(|row| Ok(at_path(row)?.map(|found| json::compact(found).into_owned()))),
        ),
        define(
            "sls_json_extract_scalar",
            &[Text, Text],
            Gives::Text(|row| Ok(at_path(row)?.and_then(json::scalar_text).map(Cow::into_owned))),
        ),
        define("sls_json_extract_bool", &[Text, Text], Gives::Flag(|row| Ok(at_path(row)?.and_then(as_bool)))),
        define("sls_json_extract_long", &[Text, Text], Gives::Int(|row| Ok(at_path(row)?.and_then(as_long)))),
        define("sls_json_extract_double", &[Text, Text], Gives::Double(|row| Ok(at_path(row)?.and_then(as_double)))),
        define("sls_json_format", &[Text], Gives::Text(|row| Ok(Some(row.text(0).to_owned())))),
        define("sls_json_size", &[Text, Text], Gives::Int(|row| Ok(at_path(row)?.map(size)))),
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
    match serde_json::from_str::<&RawValue>(row.text(0)) {
        Ok(value) => {
            let mut out = String::with_capacity(value.get().len());
            push_sorted(&mut out, value.get());
            Ok(Some(out))
        }
        Err(error) => exec_err!("not JSON: `{}`: {error}", row.text(0)),
    }
}

/// Appends a value with its members sorted, and the last of several that have one key. The reader has limited the
/// depth.
fn push_sorted(out: &mut String, value: &str) {
    match value.as_bytes().first() {
        Some(b'{') => {
            let members: BTreeMap<Cow<'_, str>, &RawValue> =
                Members::parse(value).map(|members| members.0.into_iter().collect()).unwrap_or_default();
            out.push('{');
            for (at, (key, value)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                json::push_string(out, &key);
                out.push(':');
                push_sorted(out, value.get());
            }
            out.push('}');
        }
        Some(b'[') => {
            out.push('[');
            for (at, item) in strict::elements(value).unwrap_or_default().into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_sorted(out, item.get());
            }
            out.push(']');
        }
        Some(b'"') => match json::string(value) {
            Some(text) => json::push_string(out, &text),
            None => out.push_str(value),
        },
        Some(b'-' | b'0'..=b'9') => out.push_str(&number_text(value)),
        _ => out.push_str(value),
    }
}

/// Returns a number of JSON as a cast to text gives it: a whole number as it is written, others as doubles.
pub(super) fn number_text(written: &str) -> Cow<'_, str> {
    match written.parse::<f64>() {
        Ok(number) if written.contains(['.', 'e', 'E']) => Cow::Owned(double_text(number)),
        _ => Cow::Borrowed(written),
    }
}

/// One step of a path.
#[derive(Debug, PartialEq, Eq)]
enum Step<'p> {
    /// A member, or an element where the name is a number.
    Name(&'p str),
    Index(usize),
}

/// Returns the value at the path of the second argument, as it is written.
fn at_path<'r>(row: &'r Row<'_>) -> Cell<&'r str> {
    let steps = steps(row.text(1))?;
    let Ok(found) = serde_json::from_str::<&RawValue>(row.text(0)) else { return Ok(None) };
    let mut value = found.get();
    for step in &steps {
        let is_list = value.starts_with('[');
        let at = match step {
            Step::Index(at) if is_list => Some(*at),
            Step::Name(name) if is_list => name.parse().ok(),
            _ => None,
        };
        let next = match step {
            Step::Name(name) if value.starts_with('{') => Members::parse(value).and_then(|members| members.get(name)),
            _ => at.and_then(|at| strict::elements(value).ok()?.get(at).copied()),
        };
        match next {
            Some(next) => value = next.get(),
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
                None => inside.split_once(']').and_then(|(index, rest)| {
                    let index = index.trim();
                    let is_wild = index.is_empty() || index.contains(['*', ':', ',', '?']);
                    (!is_wild).then(|| (index.parse().map_or(Step::Name(index), Step::Index), rest))
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
        Value::Number(number) => Some(number_text(&number.to_string()).into_owned()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn as_bool(value: &str) -> Option<bool> {
    json::scalar_text(value)?.to_ascii_lowercase().parse().ok()
}

fn as_long(value: &str) -> Option<i64> {
    json::scalar_text(value)?.trim().parse().ok()
}

fn as_double(value: &str) -> Option<f64> {
    json::scalar_text(value)?.trim().parse().ok()
}

fn length(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}

fn size(value: &str) -> i64 {
    match value.as_bytes().first() {
        Some(b'{') => Members::parse(value).map_or(0, |members| length(members.0.len())),
        Some(b'[') => strict::elements(value).map_or(0, |items| length(items.len())),
        _ => 0,
    }
}

fn array(row: &Row<'_>) -> Option<Vec<Value>> {
    match parsed(row.text(0))? {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

/// The element at a place, counted from 0, or from the end where it is negative.
fn get(row: &Row<'_>) -> Cell<String> {
    let Ok(items) = strict::elements(row.text(0)) else { return Ok(None) };
    let at = row.int(1);
    let at = if at < 0 { length(items.len()).checked_add(at) } else { Some(at) };
    let item = at.and_then(|at| items.get(usize::try_from(at).ok()?));
    Ok(item.map(|item| item.get()).filter(|item| *item != "null").map(|item| json::compact(item).into_owned()))
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
            ("$.a[*].b", None),
            ("$.a[]", None),
            ("$.a[0:1]", None),
            ("$.a[-1]", Some(vec![Name("a"), Name("-1")])),
            ("$[", None),
            ("$[\"a\"", None),
            ("", None),
        ] {
            assert_eq!(steps(path).ok(), expected, "{path}");
        }
    }
}
