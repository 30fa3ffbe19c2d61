//! `mask_secrets(json)`: hides issued keys and passwords in what events carry.
//!
//! AssumeRole answers with a fresh secret, CreateAccessKey with a long-term one, and parameters hold passwords. They
//! stay in the lake as evidence; every answer shows a mark in their place unless the user asks for them. JSON kept in
//! strings is looked into as well. What holds no secret comes out as it went in, byte for byte.
//!
//! The mark is `***` and a fingerprint. Values that differ only in a secret stay different, so that counts, groups, joins
//! and DISTINCT over masked columns are right although no question ever sees a secret. The fingerprint is keyed
//! ([`Masker`]): who has an answer, and no lake, cannot tell whether a password that they guess is the one.
//!
//! JSON that was cut off, or in which somebody masked a number by hand (`1754****`), cannot be taken apart; its secrets are
//! found by their keys alone ([`mask_broken`]), and rather too much is masked than too little.

use super::{text_at, udf};
use crate::event::json::{self, Members};
use aho_corasick::AhoCorasick;
use arrow::array::{Array, ArrayRef, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::{Arc, LazyLock};

/// Ends of the keys, in lower case, whose values are secrets.
const SECRET_KEYS: [&str; 8] = [
    "accesskeysecret",
    "securitytoken",
    "password",
    "passwd",
    "privatekeybody",
    "privatekey",
    "secretdata",
    "plaintext",
];

/// What stands in the place of what is nested too deeply to be looked into, as JSON.
const MASK: &str = "\"***\"";

/// Letters of a fingerprint: 48 bits.
const FINGERPRINT_LETTERS: usize = 12;

/// Makes the marks that stand in the place of secrets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Masker {
    /// Without a key, secrets have no fingerprint.
    key: Option<[u8; 32]>,
}

impl Masker {
    /// Marks without a fingerprint.
    pub const PLAIN: Self = Self { key: None };

    /// Marks with fingerprints under a key that is derived from `material`, which only who has the lake knows.
    pub fn keyed(material: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(b"trailql fingerprints of secrets\0").chain_update(material).finalize();
        Self { key: Some(digest.into()) }
    }

    /// The mark of a secret, which is given as JSON; without quotes.
    fn mark(&self, secret: &str) -> String {
        let Some(key) = self.key else { return "***".to_owned() };
        // However the text was escaped, the secret is the same.
        let plain = json::string(secret.trim());
        let plain = plain.as_deref().unwrap_or(secret);
        let digest = Sha256::new().chain_update(key).chain_update(plain).finalize();
        let mut mark = "***".to_owned();
        for byte in digest.iter().take(FINGERPRINT_LETTERS / 2) {
            // Writing to a String cannot fail.
            let _ = write!(mark, "{byte:02x}");
        }
        mark
    }

    /// The mark of a secret as a JSON string.
    pub(super) fn quoted_mark(&self, secret: &str) -> String {
        format!("\"{}\"", self.mark(secret))
    }

    /// The text with every secret masked; owned only where there was one.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if may_hold_secret(text) { mask_value(self, text, 0) } else { Cow::Borrowed(text) }
    }
}

/// Values nested deeper than this are masked whole.
const MAX_DEPTH: usize = 64;

/// The name of the function.
pub(super) const NAME: &str = "mask_secrets";

#[derive(Debug, PartialEq, Eq, Hash)]
struct MaskSecrets {
    signature: Signature,
    masker: Masker,
}

/// The function with the marks of a masker. The one that a statement can call has plain ones: with a key, whoever may ask
/// questions could have the fingerprints of guesses.
pub fn mask_secrets(masker: Masker) -> ScalarUDF {
    udf(MaskSecrets { signature: Signature::string(1, Volatility::Immutable), masker })
}

/// The masker of a call of this function.
pub(super) fn masker_of(function: &ScalarUDF) -> Option<&Masker> {
    function.inner().downcast_ref::<MaskSecrets>().map(|function| &function.masker)
}

impl ScalarUDFImpl for MaskSecrets {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let Some(jsons) = arrays.first() else {
            return Ok(ColumnarValue::Array(Arc::new(StringViewBuilder::new().finish())));
        };
        let needs_masking = |row| text_at(jsons, row).is_some_and(may_hold_secret);
        if jsons.data_type() == &DataType::Utf8View && !(0..jsons.len()).any(needs_masking) {
            return Ok(ColumnarValue::Array(Arc::clone(jsons)));
        }
        let mut out = StringViewBuilder::with_capacity(jsons.len());
        for row in 0..jsons.len() {
            out.append_option(text_at(jsons, row).map(|text| self.masker.mask(text)));
        }
        Ok(ColumnarValue::Array(Arc::new(out.finish()) as ArrayRef))
    }
}

/// Each key of a secret but that of a security token holds one of these, whatever the case of its first letter.
const ALONE: [&str; 8] = ["ecret", "assw", "rivate", "laintext", "ECRET", "ASSW", "RIVATE", "LAINTEXT"];

/// The key of a security token holds one of the first two and one of the last two.
const TOGETHER: [&str; 4] = ["ecurity", "ECURITY", "oken", "OKEN"];

static PARTS_OF_KEYS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(ALONE.into_iter().chain(TOGETHER)).ok());

/// A quick look whether a text may hold the name of a secret at all: one pass, since it is taken at every row. Many calls
/// carry a `ClientToken`, which is none.
fn may_hold_secret(text: &str) -> bool {
    let Some(parts) = PARTS_OF_KEYS.as_ref() else { return true };
    let (mut security, mut token) = (false, false);
    parts.find_iter(text).any(|found| {
        match found.pattern().as_usize().checked_sub(ALONE.len()) {
            None => return true,
            Some(0 | 1) => security = true,
            Some(_) => token = true,
        }
        security && token
    })
}

fn mask_value<'t>(masker: &Masker, json: &'t str, depth: usize) -> Cow<'t, str> {
    if depth > MAX_DEPTH {
        return Cow::Owned(MASK.to_owned());
    }
    match json.trim_start().as_bytes().first() {
        Some(b'{') => mask_object(masker, json, depth),
        Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(json) {
            Ok(items) => {
                let masked: Vec<_> = items.iter().map(|item| mask_value(masker, item.get(), depth + 1)).collect();
                if masked.iter().all(|item| matches!(item, Cow::Borrowed(_))) {
                    return Cow::Borrowed(json);
                }
                Cow::Owned(format!("[{}]", masked.join(",")))
            }
            Err(_) => mask_broken(masker, json),
        },
        Some(b'"') => match json::string(json.trim()) {
            None => mask_broken(masker, json),
            Some(inside) if inside.trim_start().starts_with(['{', '[']) => match mask_value(masker, &inside, depth + 1)
            {
                Cow::Owned(masked) => {
                    let mut out = String::new();
                    json::push_string(&mut out, &masked);
                    Cow::Owned(out)
                }
                Cow::Borrowed(_) => Cow::Borrowed(json),
            },
            _ => Cow::Borrowed(json),
        },
        _ => mask_broken(masker, json),
    }
}

fn mask_object<'t>(masker: &Masker, json: &'t str, depth: usize) -> Cow<'t, str> {
    let Some(members) = Members::parse(json) else { return mask_broken(masker, json) };
    let mut changed = false;
    let masked: Vec<(&str, Cow<'_, str>)> = members
        .0
        .iter()
        .map(|(key, value)| {
            let value = value.get();
            let masked = if is_masked(key, value) {
                Cow::Owned(masker.quoted_mark(value))
            } else {
                mask_value(masker, value, depth + 1)
            };
            changed |= masked.as_ref() != value;
            (key.as_ref(), masked)
        })
        .collect();
    if !changed {
        return Cow::Borrowed(json);
    }
    Cow::Owned(json::object(masked.iter().map(|(key, value)| (*key, value.as_ref()))))
}

/// Masks what stands behind the keys of secrets in a text that is nearly JSON, strings in strings included.
fn mask_broken<'t>(masker: &Masker, text: &'t str) -> Cow<'t, str> {
    let mut out = String::new();
    let (mut kept, mut from) = (0, 0);
    while let Some((before, rest)) = text.get(from..).and_then(|rest| rest.split_once(':')) {
        let value = rest.trim_start();
        let begin = text.len() - value.len();
        from += before.len() + 1;
        let before = before.trim_end();
        let unquoted = before.trim_end_matches(['"', '\\']);
        if !is_secret(unquoted.rsplit(['"', '\\', '{', ',']).next().unwrap_or_default()) {
            continue;
        }
        let length = length_of_broken(value);
        let secret = unescaped_quotes(&value[..length]);
        if length == 0 || !holds_something(&secret) {
            continue;
        }
        out.push_str(&text[kept..begin]);
        // In a string in a string the quotes around the key are escaped, and so must be those around the mask.
        let quote = Some(&before[unquoted.len()..]).filter(|quote| !quote.is_empty()).unwrap_or("\"");
        out.extend([quote, masker.mark(&secret).as_str(), quote]);
        (kept, from) = (begin + length, begin + length);
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[kept..]);
    Cow::Owned(out)
}

/// A value with its quotes as they are where it does not stand in a string.
fn unescaped_quotes(value: &str) -> Cow<'_, str> {
    match value.split_once('"') {
        Some((escape, _)) if !escape.is_empty() && escape.bytes().all(|byte| byte == b'\\') => {
            Cow::Owned(value.replace(&format!("{escape}\""), "\""))
        }
        _ => Cow::Borrowed(value.trim_end()),
    }
}

/// How long the value is that `text` begins with: a string of any depth of escaping to its end, a number or word up to the
/// next member, and an object or list, of which nobody can tell where it ends, with all that follows.
fn length_of_broken(text: &str) -> usize {
    let backslashes = |text: &str| text.len() - text.trim_end_matches('\\').len();
    let opening = text.len() - text.trim_start_matches('\\').len();
    match text.as_bytes().get(opening) {
        Some(b'"') => {
            let closes = |at: usize| {
                let escaping = backslashes(&text[opening + 1..at]);
                escaping <= opening || (opening == 0 && escaping % 2 == 0)
            };
            let mut quotes = memchr::memchr_iter(b'"', &text.as_bytes()[opening + 1..]).map(|at| opening + 1 + at);
            quotes.find(|at| closes(*at)).map_or(text.len(), |at| at + 1)
        }
        Some(b'{' | b'[') => text.len(),
        _ => text.find([',', '}', ']']).unwrap_or(text.len()),
    }
}

/// True for a member that is masked whole.
pub(super) fn is_masked(key: &str, value: &str) -> bool {
    is_secret(key) && holds_something(value)
}

/// True for a key that ends like that of a secret, whatever the case of its letters and what stands between them.
fn is_secret(key: &str) -> bool {
    SECRET_KEYS.iter().any(|secret| {
        let mut letters = key.bytes().rev().filter(u8::is_ascii_alphanumeric);
        secret.bytes().rev().all(|letter| letters.next().is_some_and(|found| found.to_ascii_lowercase() == letter))
    })
}

/// Flags and empty values say something about a secret without being one.
fn holds_something(json: &str) -> bool {
    !matches!(json, "null" | "true" | "false" | "\"\"" | "\"true\"" | "\"false\"" | "{}" | "[]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(text: &str) -> Cow<'_, str> {
        Masker::PLAIN.mask(text)
    }

    #[test]
    fn fingerprints_tell_secrets_apart_and_nothing_else() {
        let (one, other) = (Masker::keyed(b"one lake"), Masker::keyed(b"another"));
        let password = |json: &str, masker: &Masker| {
            let masked = masker.mask(json).into_owned();
            let object: serde_json::Value = serde_json::from_str(&masked).unwrap();
            object["Password"].as_str().unwrap().to_owned()
        };
        let mark = password(r#"{"Password":"p","n":1}"#, &one);
        assert!(mark.starts_with("***") && mark.len() == 3 + FINGERPRINT_LETTERS, "{mark}");
        assert_eq!(password(r#"{"Password":"\u0070"}"#, &one), mark, "however it is escaped");
        assert_ne!(password(r#"{"Password":"q","n":1}"#, &one), mark);
        assert_ne!(password(r#"{"Password":"p","n":1}"#, &other), mark);
        assert!(one.mask(r#"{"Password":"p","n":1**}"#).contains(&mark), "in broken JSON too");
    }

    #[test]
    fn secrets_are_masked_and_the_rest_is_left() {
        for (json, expected) in [
            (r#"{"a": 1}"#, r#"{"a": 1}"#),
            (
                r#"{"credentials":{"accessKeyId":"STS.x","accessKeySecret":"s"}}"#,
                r#"{"credentials":{"accessKeyId":"STS.x","accessKeySecret":"***"}}"#,
            ),
            (r#"{"AccessKey":{"AccessKeySecret":"s"}}"#, r#"{"AccessKey":{"AccessKeySecret":"***"}}"#),
            (r#"{"Password":"p","UserName":"u"}"#, r#"{"Password":"***","UserName":"u"}"#),
            (r#"{"VncPassword":12345678}"#, r#"{"VncPassword":"***"}"#),
            (
                r#"{"PasswordReset":false,"RequireNumbers":"true","Password":""}"#,
                r#"{"PasswordReset":false,"RequireNumbers":"true","Password":""}"#,
            ),
            (r#"[{"SecurityToken":"t"}, 1]"#, r#"[{"SecurityToken":"***"},1]"#),
            (r#"{"inner":"{\"Password\":\"p\"}"}"#, r#"{"inner":"{\"Password\":\"***\"}"}"#),
            (r#""{\"Password\":\"p\"}""#, r#""{\"Password\":\"***\"}""#),
            (r#"{"PASSWORD":"p"}"#, r#"{"PASSWORD":"***"}"#),
            (r#"{"security-token":"t"}"#, r#"{"security-token":"***"}"#),
            (r#"{"SECURITY_TOKEN":"t"}"#, r#"{"SECURITY_TOKEN":"***"}"#),
            (r#"{"ClientToken":"c","SecurityGroupId":"sg"}"#, r#"{"ClientToken":"c","SecurityGroupId":"sg"}"#),
        ] {
            assert_eq!(mask(json), expected, "{json}");
        }
    }

    #[test]
    fn secrets_in_broken_json_are_masked_too() {
        for (json, expected) in [
            (r#"{"Password": broken"#, r#"{"Password": "***""#),
            (r#"{"n":1754****,"Password":"p","a":1}"#, r#"{"n":1754****,"Password":"***","a":1}"#),
            (r#"{"Password" : "p\"q\\", "n":1754****}"#, r#"{"Password" : "***", "n":1754****}"#),
            (r#"{"n":1754****,"Password":12,"a":1}"#, r#"{"n":1754****,"Password":"***","a":1}"#),
            (r#"[{"security-token":"t"},1754****]"#, r#"[{"security-token":"***"},1754****]"#),
            (
                r#"{"in":"{\"Password\":\"p\\\"q\",\"n\":1}","n":1**}"#,
                r#"{"in":"{\"Password\":\"***\",\"n\":1}","n":1**}"#,
            ),
            (r#"{"in":"{\"Password\":12,\"n\":1}","n":1**}"#, r#"{"in":"{\"Password\":\"***\",\"n\":1}","n":1**}"#),
            (r#"{"in":"{\"Password\":\"p\",\"n\":1**}","n":1}"#, r#"{"in":"{\"Password\":\"***\",\"n\":1**}","n":1}"#),
            (r#""{\"Password\":\"p\",\"x\":\"\ud800\"}""#, r#""{\"Password\":\"***\",\"x\":\"\ud800\"}""#),
            (r#"{"n":1**,"SecretData":{"a":"}"},"b":1}"#, r#"{"n":1**,"SecretData":"***""#),
            (r#"{"n":1**,"PasswordReset":false,"Password":""}"#, r#"{"n":1**,"PasswordReset":false,"Password":""}"#),
            (r#"{"n":1**,"Password":null,"ClientToken":"c"}"#, r#"{"n":1**,"Password":null,"ClientToken":"c"}"#),
            (r#"{"n":1**,"时间":"12:30:00","Password":"密码"}"#, r#"{"n":1**,"时间":"12:30:00","Password":"***"}"#),
        ] {
            assert_eq!(mask(json), expected, "{json}");
        }
    }

    #[test]
    fn wherever_json_is_cut_off_its_secrets_are_masked() {
        let json = r#"{"Password":"Z\"Z","n":1,"Deep":{"AccessKeySecret" : 77,"x":[{"SecurityToken":"Z:,}Z"}]},
            "Inner":"{\"Password\":\"Z\\\"Z\",\"m\":\"{\\\"PrivateKey\\\":\\\"Z\\\"}\"}"}"#;
        assert!(Members::parse(json).is_some());
        for cut in 0..=json.len() {
            let masked = mask(&json[..cut]);
            assert!(!masked.contains(['Z', '7']), "{masked}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_can_be_taken_apart_is_masked_alike_however_it_is_done(
            members in proptest::collection::vec(("a|Password|secret_data|SecurityToken", "1|null|\"\"|\"[a,:}\\\\{]{1,3}\""), 1..5),
        ) {
            let members: Vec<_> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
            let json = format!("{{{}}}", members.join(","));
            if Members::parse(&json).is_some() {
                proptest::prop_assert_eq!(mask(&json), mask_broken(&Masker::PLAIN, &json));
            }
        }

        #[test]
        fn any_text_can_be_masked(text in r#"([{}\[\]",: \\1中]|Password|"Password":){0,24}"#) {
            let masked = mask(&text);
            // Every mask takes the place of a value, which was a letter long at least.
            proptest::prop_assert!(masked.len() <= text.len() * 6);
        }
    }

    #[test]
    fn most_parameters_are_not_taken_apart() {
        assert!(!may_hold_secret(r#"{"ClientToken":"c","RegionId":"cn-hangzhou"}"#));
        assert!(!may_hold_secret(r#"{"SecurityGroupId":"sg"}"#));
    }

    #[test]
    fn a_secret_nested_too_deep_is_masked_with_what_is_around_it() {
        let json = format!("{}{{\"Password\":\"hidden\"}}{}", "[".repeat(80), "]".repeat(80));
        assert!(!mask(&json).contains("hidden"));
    }
}
