//! `json_params(json, 'Permissions.*.SourceCidrIp')`: all values of a request parameter that may occur more than once.
//!
//! `*` stands for one part of the path, such as the number of an item. Services write lists as keys with numbers
//! (`InstanceId.1`), as JSON lists, and as JSON in a string; letters may be upper or lower case. NULL where there is
//! nothing.

use super::flat_json::scalars;
use super::of_texts::{Compute, of_texts};
use datafusion::logical_expr::ScalarUDF;

/// Makes the function.
pub fn json_params() -> ScalarUDF {
    of_texts("json_params", 2, Compute::List(|texts| values(texts.first()?, texts.get(1)?)))
}

fn values(json: &str, path: &str) -> Option<Vec<String>> {
    let wanted: Vec<&str> = path.split('.').collect();
    let is_wanted = |parts: &[String]| {
        let is_same = |(part, wanted): (&String, &&str)| *wanted == "*" || part.eq_ignore_ascii_case(wanted);
        parts.len() == wanted.len() && parts.iter().zip(&wanted).all(is_same)
    };
    let found = scalars(json)?.into_iter().filter(|(parts, _)| is_wanted(parts)).map(|(_, text)| text);
    Some(found.collect::<Vec<_>>()).filter(|found| !found.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_values_are_found_however_they_are_nested() {
        let both = Some(vec!["i-1".to_owned(), "i-2".to_owned()]);
        for (json, path, expected) in [
            (r#"{"InstanceId.1":"i-1","InstanceId.2":"i-2","Other.1":"x"}"#, "InstanceId.*", both.clone()),
            (r#"{"instanceid":["i-1","i-2"]}"#, "InstanceId.*", both.clone()),
            (r#"{"InstanceId":"[\"i-1\",\"i-2\"]"}"#, "InstanceId.*", both.clone()),
            (r#"{"A":[{"Id":"i-1"},{"Id":"i-2","No":1}]}"#, "A.*.Id", both.clone()),
            (r#"{"A":"[{\"Id\":\"i-1\"},{\"Id\":\"i-2\"}]"}"#, "A.*.Id", both.clone()),
            (r#"{"A.1.Id":"i-1","A.2.Id":"i-2"}"#, "a.*.id", both),
            (r#"{"A":7}"#, "A", Some(vec!["7".to_owned()])),
            (r#"{"A":null,"B.1":true}"#, "A", None),
            (r#"{"A.1.2":"x"}"#, "A.*", None),
            ("not json", "A", None),
        ] {
            assert_eq!(values(json, path), expected, "{json} {path}");
        }
    }
}
