//! `json_param(json, 'A.B')`: a request parameter, however the service wrote it.
//!
//! Services write `ImageOptions.LoginAsNonRoot` as one flat key with a dot, as an object in an object, or as an object
//! kept in a string, and differ in upper and lower case. The general JSON functions ask for one exact path; this one
//! looks in that order, exact spelling first. It gives text: strings without quotes, other values as written, and null
//! where there is nothing.

use super::{text_at, udf};
use crate::event::json::{self, Members};
use aho_corasick::AhoCorasick;
use arrow::array::{ArrayRef, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use memchr::memmem::Finder;
use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

#[derive(Debug, PartialEq, Eq, Hash)]
struct JsonParam {
    signature: Signature,
}

/// The function.
pub fn json_param() -> ScalarUDF {
    udf(JsonParam { signature: Signature::string(2, Volatility::Immutable) })
}

impl ScalarUDFImpl for JsonParam {
    fn name(&self) -> &str {
        "json_param"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let mut out = StringViewBuilder::with_capacity(arguments.number_rows);
        if let [jsons, paths] = arrays.as_slice() {
            // The path is nearly always the same in all rows.
            let mut key = None;
            for row in 0..jsons.len() {
                let found = text_at(jsons, row).zip(text_at(paths, row)).and_then(|(json, path)| {
                    let key = match &mut key {
                        Some((of, key)) if *of == path => key,
                        key => &mut key.insert((path, LastKey::of(path))).1,
                    };
                    key.may_be_in(json).then(|| lookup(json, path, 0)).flatten()
                });
                out.append_option(found);
            }
        }
        Ok(ColumnarValue::Array(Arc::new(out.finish()) as ArrayRef))
    }
}

/// The last part of a path. However a service wrote the path, this part stands in the text as it is, but for the case of
/// its letters; looking for it first spares taking apart the parameters of all the calls that have nothing of it. There
/// is none where JSON could write the part otherwise.
struct LastKey(Option<AhoCorasick>);

impl LastKey {
    fn of(path: &str) -> Self {
        let key = path.rsplit_once('.').map_or(path, |(_, key)| key);
        let is_plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        let key = is_plain.then(|| AhoCorasick::builder().ascii_case_insensitive(true).build([key]).ok());
        Self(key.flatten())
    }

    /// False where `json` plainly lacks the key. Letters may be written as `\u` and four digits, so such a text may hold
    /// anything.
    fn may_be_in(&self, json: &str) -> bool {
        self.0.as_ref().is_none_or(|key| key.is_match(json)) || UNICODE_ESCAPE.find(json.as_bytes()).is_some()
    }
}

static UNICODE_ESCAPE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\\u"));

/// Objects in objects and strings in strings are followed so far.
const MAX_DEPTH: usize = 16;

/// The value of `path` in an object, as text.
fn lookup<'a>(json: &'a str, path: &str, depth: usize) -> Option<Cow<'a, str>> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let Some(inside) = json::string(json) {
        return lookup(&inside, path, depth + 1).map(|found| Cow::Owned(found.into_owned()));
    }
    let members = Members::parse(json)?;
    if let Some(value) = members.get_any_case(path) {
        let json = value.get();
        return if json.starts_with(['{', '[']) { Some(Cow::Borrowed(json)) } else { json::scalar_text(json) };
    }
    path.match_indices('.').find_map(|(dot, _)| {
        let value = members.get_any_case(path.get(..dot)?)?;
        lookup(value.get(), path.get(dot + 1..)?, depth + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_found() {
        let path = "ImageOptions.LoginAsNonRoot";
        for (json, expected) in [
            (r#"{"ImageOptions.LoginAsNonRoot":false}"#, Some("false")),
            (r#"{"ImageOptions.LoginAsNonRoot":"true"}"#, Some("true")),
            (r#"{"ImageOptions":{"LoginAsNonRoot":true}}"#, Some("true")),
            (r#"{"ImageOptions":"{\"LoginAsNonRoot\":false}"}"#, Some("false")),
            (r#""{\"ImageOptions\":\"{\\\"LoginAsNonRoot\\\":false}\"}""#, Some("false")),
            (r#"{"imageOptions.loginAsNonRoot":"True"}"#, Some("True")),
            (r#"{"ImageOptions":{"LoginAsNonRoot":null}}"#, None),
            (r#"{"ImageOptions":"none"}"#, None),
            (r#"{"ImageOptions.Login\u0041sNonRoot":false}"#, Some("false")),
            (r#"{"Other":1}"#, None),
            ("null", None),
            ("not json", None),
            ("", None),
        ] {
            assert_eq!(lookup(json, path, 0).as_deref(), expected, "{json}");
            assert!(expected.is_none() || LastKey::of(path).may_be_in(json), "{json}");
        }
        assert!(!LastKey::of(path).may_be_in(r#"{"ImageOptions":{"Other":1}}"#));
    }

    #[test]
    fn exact_spelling_comes_first_and_big_numbers_stay() {
        assert_eq!(lookup(r#"{"a":1,"A":2}"#, "A", 0).as_deref(), Some("2"));
        assert_eq!(lookup(r#"{"id":123456789012345678901}"#, "id", 0).as_deref(), Some("123456789012345678901"));
        assert_eq!(lookup(r#"{"a":{"b":[1, 2]}}"#, "a.b", 0).as_deref(), Some("[1, 2]"));
    }

    #[test]
    fn endless_strings_in_strings_end() {
        let mut json = r#"{"a":1}"#.to_owned();
        for _ in 0..12 {
            json = serde_json::to_string(&json).unwrap();
        }
        assert_eq!(lookup(&json, "a", 0).as_deref(), Some("1"));
        assert_eq!(lookup(&json, "a", 10), None);
    }
}
