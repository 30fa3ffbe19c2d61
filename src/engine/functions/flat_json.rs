//! The scalars of a JSON text by their paths, however a service nested them.
//!
//! A list of a request is written as keys with numbers (`Permissions.1.Policy`), as a list of objects, or as either in
//! a string. All of them give the same paths, but for the number that the first item has.

use serde_json::Value;

/// Objects in objects, lists and strings are followed so far.
const MAX_DEPTH: usize = 16;

/// The most scalars that are looked at. A request has some hundred at most.
const MAX_SCALARS: usize = 10_000;

/// Returns the parts of each scalar's path, and the scalar as text. Null is no scalar.
pub(super) fn scalars(json: &str) -> Option<Vec<(Vec<String>, String)>> {
    let value: Value = serde_json::from_str(json).ok()?;
    let mut found = Vec::new();
    walk(value, &mut Vec::new(), &mut found);
    Some(found)
}

fn walk(value: Value, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, String)>) {
    if path.len() > MAX_DEPTH || found.len() >= MAX_SCALARS {
        return;
    }
    match value {
        Value::Null => {}
        Value::Bool(flag) => found.push((path.clone(), flag.to_string())),
        Value::Number(number) => found.push((path.clone(), number.to_string())),
        Value::String(text) => {
            let inside = text.trim_start().starts_with(['{', '[']).then(|| serde_json::from_str(&text).ok()).flatten();
            match inside {
                Some(inside) => walk(inside, path, found),
                None => found.push((path.clone(), text)),
            }
        }
        Value::Array(items) => {
            for (at, item) in items.into_iter().enumerate() {
                path.push(at.to_string());
                walk(item, path, found);
                path.pop();
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let depth = path.len();
                path.extend(key.split('.').map(str::to_owned));
                walk(member, path, found);
                path.truncate(depth);
            }
        }
    }
}
