//! Checks JSON against the part of JSON Schema that the schemas of this project use.
//!
//! A validating library would be shorter, but those there are switch on features of `serde_json` (`float_roundtrip`) for
//! all of the test binary, and so for the code under test. A keyword that this does not know is an error.

use serde_json::Value;

/// Returns what is wrong with a document, each fault with its place.
pub(crate) fn faults(schema: &Value, document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(schema, schema, document, "$", &mut faults);
    faults
}

fn check(root: &Value, schema: &Value, document: &Value, place: &str, faults: &mut Vec<String>) {
    let schema = match schema {
        Value::Bool(true) => return,
        Value::Object(schema) => schema,
        other => panic!("not a schema: {other}"),
    };
    for (keyword, wanted) in schema {
        let mut fault = |text: String| faults.push(format!("{place}: {text}"));
        match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "format" => {}
            "$ref" => {
                let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                check(root, &root["$defs"][name], document, place, faults);
            }
            "type" => {
                let one = |kind: &Value| is_of(document, kind.as_str().unwrap());
                let fits = wanted.as_array().map_or_else(|| one(wanted), |kinds| kinds.iter().any(one));
                if !fits {
                    fault(format!("{document} is not {wanted}"));
                }
            }
            "const" if document != wanted => fault(format!("{document} is not {wanted}")),
            "enum" if !wanted.as_array().unwrap().contains(document) => {
                fault(format!("{document} is none of {wanted}"))
            }
            "const" | "enum" => {}
            "minimum" if document.is_number() && document.as_f64() < wanted.as_f64() => {
                fault(format!("{document} is below {wanted}"))
            }
            "maximum" if document.is_number() && document.as_f64() > wanted.as_f64() => {
                fault(format!("{document} is above {wanted}"))
            }
            "minimum" | "maximum" => {}
            "minItems" | "maxItems" => {
                let items = document.as_array().map_or(0, Vec::len) as u64;
                let limit = wanted.as_u64().unwrap();
                if (keyword == "minItems" && items < limit) || (keyword == "maxItems" && items > limit) {
                    fault(format!("{items} items, {keyword} is {limit}"));
                }
            }
            "required" => {
                for name in wanted.as_array().unwrap() {
                    if document.is_object() && document.get(name.as_str().unwrap()).is_none() {
                        fault(format!("{name} is missing"));
                    }
                }
            }
            "properties" => {
                for (name, of_member) in wanted.as_object().unwrap() {
                    if let Some(member) = document.get(name) {
                        check(root, of_member, member, &format!("{place}.{name}"), faults);
                    }
                }
            }
            "items" => {
                for (n, item) in document.as_array().into_iter().flatten().enumerate() {
                    check(root, wanted, item, &format!("{place}[{n}]"), faults);
                }
            }
            "allOf" => {
                wanted.as_array().unwrap().iter().for_each(|part| check(root, part, document, place, faults));
            }
            "anyOf" | "oneOf" => {
                let fitting = wanted.as_array().unwrap().iter().filter(|part| {
                    let mut inside = Vec::new();
                    check(root, part, document, place, &mut inside);
                    inside.is_empty()
                });
                let fitting = fitting.count();
                if fitting == 0 || (keyword == "oneOf" && fitting > 1) {
                    fault(format!("{fitting} of the parts of {keyword} fit"));
                }
            }
            other => panic!("unknown keyword `{other}`"),
        }
    }
}

fn is_of(document: &Value, kind: &str) -> bool {
    match kind {
        "object" => document.is_object(),
        "array" => document.is_array(),
        "string" => document.is_string(),
        "boolean" => document.is_boolean(),
        "null" => document.is_null(),
        "number" => document.is_number(),
        "integer" => document.is_i64() || document.is_u64(),
        other => panic!("unknown type `{other}`"),
    }
}
