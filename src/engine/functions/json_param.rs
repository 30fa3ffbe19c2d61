//! `json_param(json, 'A.B')`: a request parameter, however the service wrote it.
//!
//! Services write `ImageOptions.LoginAsNonRoot` as one flat key with a dot, as an object in an object, or as an object
//! kept in a string, and differ in upper and lower case. The general JSON functions ask for one exact path; this one
//! looks in that order, exact spelling first. It gives text: strings without quotes, other values as written, and null
//! where there is nothing.

use super::clean_texts::MaskedTexts;
use super::mask_secrets::masker_of;
use super::{text_at, udf};
use crate::event::json;
use crate::event::secret::Masker;
use aho_corasick::packed;
use arrow::array::{ArrayRef, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use memchr::memmem::Finder;
use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

#[derive(Debug, PartialEq, Eq, Hash)]
struct JsonParam {
    signature: Signature,
    /// Masks the secrets of a text before it is looked into.
    masker: Option<Masker>,
}

/// Makes the function.
pub fn json_param() -> ScalarUDF {
    udf(JsonParam { signature: Signature::string(2, Volatility::Immutable), masker: None })
}

/// Makes `json_param_masked(json, path)`, which is `json_param(mask_secrets(json), path)` in one step: only texts that
/// hold the key are searched for secrets, since to look for them in every text costs more than the rest. It comes into
/// plans by itself.
pub fn json_param_masked(masker: Masker) -> ScalarUDF {
    udf(JsonParam { signature: Signature::string(2, Volatility::Immutable), masker: Some(masker) })
}

impl ScalarUDFImpl for JsonParam {
    fn name(&self) -> &str {
        if self.masker.is_some() { "json_param_masked" } else { "json_param" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn simplify(&self, mut arguments: Vec<Expr>, _context: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let mut masked = None;
        if let Some(Expr::ScalarFunction(json)) = arguments.first() {
            masked = masker_of(&json.func).cloned().zip(json.args.first().cloned());
        }
        match (masked, arguments.first_mut()) {
            (Some((masker, json)), Some(first)) => {
                *first = json;
                Ok(ExprSimplifyResult::Simplified(json_param_masked(masker).call(arguments)))
            }
            _ => Ok(ExprSimplifyResult::Original(arguments)),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let mut out = StringViewBuilder::with_capacity(arguments.number_rows);
        if let [jsons, paths] = arrays.as_slice() {
            // The path is nearly always the same in all rows.
            let mut key = None;
            let mut masked = self.masker.as_ref().map(|masker| MaskedTexts::of(jsons, masker));
            for row in 0..jsons.len() {
                let found = text_at(jsons, row).zip(text_at(paths, row)).and_then(|(json, path)| {
                    let key = match &mut key {
                        Some((of, key)) if *of == path => key,
                        key => &mut key.insert((path, LastKey::of(path))).1,
                    };
                    let json = key.may_be_in(json).then(|| match &mut masked {
                        Some(masked) => masked.mask(json),
                        None => Cow::Borrowed(json),
                    });
                    json.and_then(|json| lookup_in(json, path))
                });
                out.append_option(found);
            }
            if let Some(masked) = masked {
                masked.keep();
            }
        }
        Ok(ColumnarValue::Array(Arc::new(out.finish()) as ArrayRef))
    }
}

/// The last part of a path. However a service wrote the path, this part stands in the text as it is, but for the case
/// of its letters; looking for it first spares taking apart the parameters of all the calls that have nothing of it.
/// There is none where JSON could write the part otherwise.
///
/// The search is for a few rare letters of the part, in every case they may have: so few short words are found many
/// bytes at a time, and hardly ever where the part is not.
struct LastKey<'p> {
    key: &'p str,
    /// Place of the letters in the key.
    at: usize,
    letters: Option<packed::Searcher>,
}

/// The number of letters that are looked for.
const LETTERS: usize = 3;

/// Bytes of keys, from the most to the least frequent.
const BY_FREQUENCY: &[u8; 26] = b"etaoinsrdcmlpugybfvhwkxzqj";

impl<'p> LastKey<'p> {
    fn of(path: &'p str) -> Self {
        let key = path.rsplit_once('.').map_or(path, |(_, key)| key);
        let is_plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        let rarity = |letters: &[u8]| -> usize {
            let rank = |byte: &u8| BY_FREQUENCY.iter().position(|known| *known == byte.to_ascii_lowercase());
            letters.iter().map(|byte| rank(byte).unwrap_or(BY_FREQUENCY.len())).sum()
        };
        let windows = key.as_bytes().windows(LETTERS.min(key.len()).max(1)).enumerate();
        let rarest = windows.filter(|_| is_plain).max_by_key(|(_, letters)| rarity(letters));
        let searcher = |letters: &[u8]| packed::Config::new().builder().extend(in_every_case(letters)).build();
        Self { key, at: rarest.map_or(0, |(at, _)| at), letters: rarest.and_then(|(_, letters)| searcher(letters)) }
    }

    /// Returns `false` if `json` plainly lacks the key. Letters may be written as `\u` and four digits, so such a text
    /// may hold anything.
    fn may_be_in(&self, json: &str) -> bool {
        let Some(letters) = &self.letters else { return true };
        let (json, key) = (json.as_bytes(), self.key.as_bytes());
        let mut from = 0;
        while let Some(found) = letters.find_in(json, (from..json.len()).into()) {
            let begin = found.start().checked_sub(self.at);
            let here = begin.and_then(|begin| json.get(begin..begin + key.len()));
            if here.is_some_and(|here| here.eq_ignore_ascii_case(key)) {
                return true;
            }
            from = found.start() + 1;
        }
        UNICODE_ESCAPE.find(json).is_some()
    }
}

/// Returns some letters with each of them in upper and lower case.
fn in_every_case(letters: &[u8]) -> Vec<Vec<u8>> {
    letters.iter().fold(vec![Vec::new()], |words, letter| {
        let mut cases = vec![letter.to_ascii_lowercase(), letter.to_ascii_uppercase()];
        cases.dedup();
        words.iter().flat_map(|word| cases.iter().map(|letter| [word.as_slice(), &[*letter]].concat())).collect()
    })
}

static UNICODE_ESCAPE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\\u"));

/// Objects in objects and strings in strings are followed so far.
const MAX_DEPTH: usize = 16;

/// Returns the value of `path` in an object whose secrets are masked. What stands beside a value may name it as a
/// secret, so it is not enough to mask what is found.
fn lookup_in<'a>(json: Cow<'a, str>, path: &str) -> Option<Cow<'a, str>> {
    match json {
        Cow::Borrowed(json) => lookup(json, path, 0),
        Cow::Owned(json) => lookup(&json, path, 0).map(|found| Cow::Owned(found.into_owned())),
    }
}

/// Returns the value of `path` in an object, as text.
fn lookup<'a>(json: &'a str, path: &str, depth: usize) -> Option<Cow<'a, str>> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let Some(inside) = json::string(json) {
        return lookup(&inside, path, depth + 1).map(|found| Cow::Owned(found.into_owned()));
    }
    if let Some(value) = json::member(json, path) {
        return as_text(value);
    }
    path.match_indices('.').find_map(|(dot, _)| {
        let rest = path.get(dot + 1..)?;
        lookup(json::member(json, path.get(..dot)?)?, rest, depth + 1)
    })
}

/// Returns a value as text: a string without its quotes, anything else as it is written; `None` for null.
fn as_text(json: &str) -> Option<Cow<'_, str>> {
    if json.starts_with(['{', '[']) { Some(Cow::Borrowed(json)) } else { json::scalar_text(json) }
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
    fn a_key_is_found_wherever_it_stands() {
        let filler = r#"{"RegionId":"cn-hangzhou","Tag.1.Key":"aAnanAna"}"#.repeat(5);
        for key in ["a", "Id", "anana", "InstanceType", "Tag_1-x", "zzz", "z1", "-"] {
            for (text, expected) in [
                (key.to_owned(), true),
                (format!("{filler}{}", key.to_uppercase()), true),
                (format!("{}{filler}", key.to_lowercase()), true),
                (format!("{}{key}{filler}", &key[..key.len() / 2]), true),
                ("#".repeat(100), false),
                (String::new(), false),
            ] {
                assert_eq!(LastKey::of(key).may_be_in(&text), expected, "{key} in {text}");
                assert!(LastKey::of("schlüssel").may_be_in(&text));
            }
        }
        assert!(!LastKey::of("InstanceTypes").may_be_in(&filler));
    }

    #[test]
    fn exact_spelling_comes_first_and_big_numbers_stay() {
        assert_eq!(lookup(r#"{"a":1,"A":2}"#, "A", 0).as_deref(), Some("2"));
        assert_eq!(lookup(r#"{"id":123456789012345678901}"#, "id", 0).as_deref(), Some("123456789012345678901"));
        assert_eq!(lookup(r#"{"a":{"b":[1, 2]}}"#, "a.b", 0).as_deref(), Some("[1, 2]"));
    }

    #[test]
    fn in_one_step_it_gives_what_two_steps_give() {
        let password = r#"{"Password":"p","Options":{"Password":"q","Size":1,"Secret":{"Password":[1]}},
            "Inner":"{\"Password\":\"r\",\"Size\":2}","PasswordReset":"false","List":[{"Token":"t","SecurityToken":"u"}]}"#;
        let wrapped = serde_json::to_string(password).unwrap();
        let masker = Masker::keyed(b"a lake");
        for json in
            [password, &wrapped, r#"{"password":null}"#, r#"{"Password":{"Size":3}}"#, r#"{"Password":"{\"Size\":3}"}"#]
        {
            let masked = masker.mask(json);
            for path in [
                "Password",
                "password",
                "Password.Size",
                "Options",
                "Options.Password",
                "Options.Size",
                "Options.Secret",
                "Options.Secret.Password",
                "Inner",
                "Inner.Password",
                "Inner.Size",
                "PasswordReset",
                "List",
                "Absent",
            ] {
                let (one, two) = (lookup_in(masker.mask(json), path), lookup(&masked, path, 0));
                assert_eq!(one, two, "{path} in {json}");
            }
        }
    }

    #[test]
    fn parameters_that_somebody_masked_are_found_as_far_as_they_go() {
        let masker = Masker::PLAIN;
        let json = r#"{"Name":"a","OwnerId":175498693826****,"Password":"p","Inner":"{\"Size\":1,\"Id\":1754****}"}"#;
        for (path, expected) in [
            ("Name", Some("a")),
            ("OwnerId", Some("175498693826****")),
            ("Password", Some("***")),
            ("Inner.Size", Some("1")),
            ("Inner.Id", Some("1754****")),
        ] {
            assert_eq!(lookup_in(masker.mask(json), path).as_deref(), expected, "{path}");
        }
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
