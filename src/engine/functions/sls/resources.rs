//! `sls_resource_types(referenced_resources)` and `sls_resource_names(…)`: what SLS adds to an event as `resourceType`
//! and `resourceName`.
//!
//! Types are separated by semicolons. Names are parallel to them: semicolons between types, commas between the ids of
//! one type. NULL for what is no JSON object, or names no resource.

use super::super::of_texts::{Compute, of_texts};
use crate::event::json::{self, Members};
use datafusion::logical_expr::ScalarUDF;

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    vec![
        of_texts("sls_resource_types", 1, Compute::Text(|texts| joined(texts.first()?, |(kind, _)| kind))),
        of_texts("sls_resource_names", 1, Compute::Text(|texts| joined(texts.first()?, |(_, names)| names))),
    ]
}

fn joined(resources: &str, part: impl Fn((String, String)) -> String) -> Option<String> {
    let members = Members::parse(resources)?;
    let parts: Vec<String> =
        members.0.iter().map(|(kind, value)| part((kind.to_string(), names(value.get())))).collect();
    (!parts.is_empty()).then(|| parts.join(";"))
}

/// The ids of one type: a list, or one alone.
fn names(json: &str) -> String {
    let list: Option<Vec<&serde_json::value::RawValue>> = serde_json::from_str(json).ok();
    match list {
        Some(list) => list.iter().filter_map(|name| json::scalar_text(name.get())).collect::<Vec<_>>().join(","),
        None => json::scalar_text(json).unwrap_or_default().into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_names_are_parallel() {
        for (resources, types, of_types) in [
            (
                r#"{"ACS::ECS::Instance":["i-1","i-2"],"ACS::ECS::Image":["m-1"]}"#,
                "ACS::ECS::Instance;ACS::ECS::Image",
                "i-1,i-2;m-1",
            ),
            (r#"{"B":"x","A":[]}"#, "B;A", "x;"),
            (r#"{"A":[1,null,"\u0041"]}"#, "A", "1,A"),
            ("{}", "-", "-"),
            ("[1]", "-", "-"),
            ("null", "-", "-"),
            ("no JSON", "-", "-"),
        ] {
            let found = [joined(resources, |(kind, _)| kind), joined(resources, |(_, names)| names)];
            assert_eq!(found.map(|text| text.unwrap_or_else(|| "-".to_owned())), [types, of_types], "{resources}");
        }
    }
}
