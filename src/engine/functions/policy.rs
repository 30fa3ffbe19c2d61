//! Functions of policy documents as requests carry them: JSON text of RAM, trust and bucket policies.
//!
//! | function | result |
//! |---|---|
//! | `policy_grants_all(document)` | `true` if a statement allows every action on every resource |
//! | `policy_principals(document)` | the principals that are allowed: `*`, `RAM:…`, `Service:…`, `Federated:…` |
//! | `foreign_principals(document, account)` | those that are neither services nor of the account, or NULL |
//!
//! What is no policy document gives NULL. Conditions are not looked at.

use super::of_texts::{Compute, of_texts};
use datafusion::logical_expr::ScalarUDF;
use serde_json::{Map, Value};

/// Every account, service or person.
const ANYBODY: &str = "*";

/// Makes the functions.
pub fn functions() -> [ScalarUDF; 3] {
    [
        of_texts("policy_grants_all", 1, Compute::Flag(|texts| grants_all(texts.first()?))),
        of_texts("policy_principals", 1, Compute::List(|texts| principals(texts.first()?))),
        of_texts("foreign_principals", 2, Compute::List(|texts| foreign(texts.first()?, texts.get(1)?))),
    ]
}

/// Returns the statements of a document that allow something. A document may be JSON in a string.
fn allowing(document: &str) -> Option<Vec<Map<String, Value>>> {
    let value: Value = serde_json::from_str(document).ok()?;
    let value = match value {
        Value::String(text) => serde_json::from_str(&text).ok()?,
        other => other,
    };
    let statements = match member(value.as_object()?, "Statement")? {
        Value::Array(statements) => statements.clone(),
        one => vec![one.clone()],
    };
    let allows = |statement: &Map<String, Value>| {
        member(statement, "Effect").and_then(Value::as_str).is_some_and(|effect| effect.eq_ignore_ascii_case("Allow"))
    };
    let objects = statements.into_iter().filter_map(|statement| match statement {
        Value::Object(statement) => Some(statement),
        _ => None,
    });
    Some(objects.filter(allows).collect())
}

fn member<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Returns a text, or the texts of a list.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn grants_all(document: &str) -> Option<bool> {
    let has = |statement: &Map<String, Value>, name: &str, is_all: fn(&str) -> bool| {
        member(statement, name).is_some_and(|value| texts(value).into_iter().any(is_all))
    };
    Some(allowing(document)?.iter().any(|statement| {
        has(statement, "Action", |action| ["*", "*:*"].contains(&action.trim()))
            && has(statement, "Resource", |resource| resource.trim().trim_start_matches("acs:").chars().all(is_wild))
    }))
}

/// Returns `true` for the letters of `*` and `acs:*:*:*:*`.
fn is_wild(letter: char) -> bool {
    matches!(letter, '*' | ':')
}

fn principals(document: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for statement in allowing(document)? {
        match member(&statement, "Principal") {
            Some(Value::Object(kinds)) => {
                for (kind, value) in kinds {
                    let named = |text: &str| if text == ANYBODY { text.to_owned() } else { format!("{kind}:{text}") };
                    found.extend(texts(value).into_iter().map(named));
                }
            }
            Some(value) => found.extend(texts(value).into_iter().map(str::to_owned)),
            None => {}
        }
    }
    Some(found)
}

fn foreign(document: &str, account: &str) -> Option<Vec<String>> {
    let is_foreign = |principal: &String| match principal.split_once(':') {
        Some((kind, _)) if kind.eq_ignore_ascii_case("Service") => false,
        Some((kind, _)) if kind.eq_ignore_ascii_case("Federated") => true,
        _ => !principal.split([':', '/']).any(|part| part == account),
    };
    let found: Vec<String> = principals(document)?.into_iter().filter(is_foreign).collect();
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_allow_everything() {
        for (document, expected) in [
            (r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#, Some(true)),
            (r#"{"Statement":{"Effect":"allow","Action":["oss:*","*"],"Resource":["*"]}}"#, Some(true)),
            (r#"{"Statement":[{"Effect":"Allow","Action":"*:*","Resource":"acs:*:*:*:*"}]}"#, Some(true)),
            (r#""{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}""#, Some(true)),
            (r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#, Some(false)),
            (r#"{"Statement":[{"Effect":"Allow","Action":"oss:*","Resource":"*"}]}"#, Some(false)),
            (r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"acs:oss:*:*:b/*"}]}"#, Some(false)),
            (r#"{"Statement":[{"Effect":"Allow","NotAction":"*","Resource":"*"}]}"#, Some(false)),
            (
                r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"x"},{"Effect":"Allow","Action":"a:b","Resource":"*"}]}"#,
                Some(false),
            ),
            ("{}", None),
            ("no json", None),
        ] {
            assert_eq!(grants_all(document), expected, "{document}");
        }
    }

    #[test]
    fn principals_are_told_by_their_kind() {
        let account = "1000000000000001";
        for (principal, all, foreign_ones) in [
            (r#""*""#, &["*"][..], Some(&["*"][..])),
            (r#"["*"]"#, &["*"], Some(&["*"])),
            (r#"{"RAM":["*"]}"#, &["*"], Some(&["*"])),
            (r#"{"RAM":"acs:ram::1000000000000001:root"}"#, &["RAM:acs:ram::1000000000000001:root"], None),
            (
                r#"{"RAM":["acs:ram::1000000000000002:root"]}"#,
                &["RAM:acs:ram::1000000000000002:root"],
                Some(&["RAM:acs:ram::1000000000000002:root"]),
            ),
            (r#"{"Service":["ecs.aliyuncs.com"]}"#, &["Service:ecs.aliyuncs.com"], None),
            (
                r#"{"Federated":["acs:ram::1000000000000001:saml-provider/idp"]}"#,
                &["Federated:acs:ram::1000000000000001:saml-provider/idp"],
                Some(&["Federated:acs:ram::1000000000000001:saml-provider/idp"]),
            ),
            (r#"["1000000000000001","20001"]"#, &["1000000000000001", "20001"], Some(&["20001"])),
        ] {
            let document = format!(
                r#"{{"Statement":[{{"Effect":"Allow","Principal":{principal}}},{{"Effect":"Deny","Principal":"*"}}]}}"#
            );
            let owned = |items: &[&str]| items.iter().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(principals(&document), Some(owned(all)), "{principal}");
            assert_eq!(foreign(&document, account), foreign_ones.map(owned), "{principal}");
        }
    }
}
