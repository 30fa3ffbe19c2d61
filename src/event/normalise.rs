//! Brings the values that questions compare to the one spelling that ActionTrail has for them.
//!
//! Spreadsheets, databases and log pipelines respell values: `Root-Account`, ` LTAI…\n`, `none` for no AccessKey, an
//! account as `1.23457E+15`. Every view, scope and figure compares with ActionTrail's own spelling, so a value is
//! respelt here, once, while an event is decoded. What came stays in `extra`; the columns `normalised` and `unread`
//! name the fields.
//!
//! Only fields with a known set of spellings are touched. Names that people give (of users, resources, parameters) stay
//! as they came: somebody may be called `none`.

use super::field::FieldId;
use std::borrow::Cow;

/// The value that a text stands for.
#[derive(Debug, PartialEq, Eq)]
pub enum Spelling<'t> {
    /// Itself.
    AsItCame,
    /// The same value in ActionTrail's spelling.
    Respelt(Cow<'t, str>),
    /// No value.
    Absent,
    /// A value of which a part is lost, so that it cannot be told from others.
    Unreadable,
}

/// The types of identity that ActionTrail knows.
pub const IDENTITY_TYPES: [&str; 8] = [
    super::ids::ROOT,
    "ram-user",
    "assumed-role",
    "system",
    "cloudsso-user",
    "saml-user",
    "alibaba-cloud-account",
    "oidc-user",
];

/// Names that people and pipelines write in other letters. The names of APIs come from programs and are as they should
/// be.
const EVENT_NAMES: [&str; 38] = [
    "ConsoleSignin",
    "ConsoleSignout",
    "PasswordReset",
    "StopLogging",
    "StartLogging",
    "CreateTrail",
    "UpdateTrail",
    "DeleteTrail",
    "LookupEvents",
    "RunInstances",
    "AssumeRole",
    // OSS has the names of its requests in other letters than its documentation.
    "PutBucket",
    "DeleteBucket",
    "PutBucketAcl",
    "PutObjectAcl",
    "PutBucketPolicy",
    "DeleteBucketPolicy",
    "PutBucketCors",
    "DeleteBucketCors",
    "PutBucketLifecycle",
    "DeleteBucketLifecycle",
    "PutBucketEncryption",
    "DeleteBucketEncryption",
    "PutBucketReplication",
    "DeleteBucketReplication",
    "PutBucketLogging",
    "DeleteBucketLogging",
    "PutBucketPublicAccessBlock",
    "DeleteBucketPublicAccessBlock",
    "PutBucketVersioning",
    "PutBucketWorm",
    "AbortBucketWorm",
    "PutBucketWebsite",
    "PutBucketReferer",
    "DeleteBucketReferer",
    "PutBucketInventory",
    "PutBucketRequestPayment",
    "DeleteBucketWebsite",
];

const EVENT_TYPES: [&str; 8] = [
    "ApiCall",
    "ConsoleOperation",
    "ConsoleCall",
    "ConsoleSignin",
    "ConsoleSignout",
    "PasswordReset",
    "AliyunServiceEvent",
    "ActionTrailInsight",
];

/// Words that stand for no id: what pipelines, databases and spreadsheets write where there is none.
const NO_ID: [&str; 13] =
    ["null", "none", "nil", "nan", "n/a", "na", "undefined", "unknown", "(null)", "<null>", "\\n", "-", "--"];

/// Says what `text`, the value of the field `id`, stands for.
pub fn read(id: FieldId, text: &str) -> Spelling<'_> {
    match id {
        FieldId::UserIdentityType => identity_type(text).map_or(Spelling::AsItCame, |name| respelt(text, name)),
        FieldId::EventName => one_of(&EVENT_NAMES, text),
        FieldId::EventType => one_of(&EVENT_TYPES, text),
        FieldId::EventRw => one_of(&["Read", "Write"], text),
        FieldId::EventCategory => one_of(&["Management", "Data", "Insight"], text),
        FieldId::UserIdentitySessionContextAttributesMfaAuthenticated => one_of(&["true", "false"], text),
        FieldId::AcsRegion => region(text),
        FieldId::UserIdentityAccountId | FieldId::RecipientAccountId | FieldId::Recipient => account(text),
        FieldId::EventId
        | FieldId::RequestId
        | FieldId::UserIdentityAccessKeyId
        | FieldId::UserIdentityPrincipalId
        | FieldId::SharedEventId
        | FieldId::SourceIpAddress
        | FieldId::VpcId => an_id(text),
        _ => Spelling::AsItCame,
    }
}

/// The type of identity that a text names, whatever its letters and separators: `ROOT_ACCOUNT`, `rootAccount`.
pub fn identity_type(text: &str) -> Option<&'static str> {
    if let Some(exact) = IDENTITY_TYPES.iter().find(|name| **name == text) {
        return Some(exact);
    }
    let letters = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|char| char.to_ascii_lowercase()).collect()
    };
    let found = letters(text);
    let is_type = text
        .chars()
        .all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | ' ' | '"' | '\n' | '\r' | '\t'));
    if !is_type {
        return None;
    }
    let alias = if found == "root" { super::ids::ROOT } else { "" };
    IDENTITY_TYPES.iter().find(|name| letters(name) == found || **name == alias).copied()
}

fn respelt<'t>(text: &'t str, name: &'t str) -> Spelling<'t> {
    if text == name { Spelling::AsItCame } else { Spelling::Respelt(Cow::Borrowed(name)) }
}

fn one_of<'t>(names: &[&'static str], text: &'t str) -> Spelling<'t> {
    let bare = text.trim();
    match names.iter().find(|name| name.eq_ignore_ascii_case(bare)) {
        Some(name) => respelt(text, name),
        None => respelt(text, bare),
    }
}

fn region(text: &str) -> Spelling<'_> {
    let bare = text.trim();
    let is_region = bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_region && bare.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Spelling::Respelt(Cow::Owned(bare.to_ascii_lowercase()));
    }
    respelt(text, bare)
}

/// The longest of the words for no id.
const LONGEST_NO_ID: usize = 9;

/// Returns `true` for a text that stands for no id.
pub fn is_no_id(text: &str) -> bool {
    let bare = text.trim_matches(|char: char| char.is_whitespace() || char == '"');
    bare.len() <= LONGEST_NO_ID && (bare.is_empty() || NO_ID.iter().any(|word| word.eq_ignore_ascii_case(bare)))
}

fn an_id(text: &str) -> Spelling<'_> {
    if is_no_id(text) { Spelling::Absent } else { respelt(text, text.trim()) }
}

/// Whole numbers up to this one keep all their digits in a float.
const EXACT_IN_A_FLOAT: u64 = 1 << 53;

/// An account: digits. A spreadsheet shows them as `1.23457E+15`, of which the last digits are lost; a data frame
/// writes `1234567890123456.0`, of which none is.
fn account(text: &str) -> Spelling<'_> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain {
        return Spelling::AsItCame;
    }
    if is_no_id(text) {
        return Spelling::Absent;
    }
    // Spreadsheets put an apostrophe before digits that are to stay text.
    let bare = text.trim().trim_matches('"').trim_start_matches('\'').trim();
    match whole_number(bare) {
        Some(Some(digits)) => Spelling::Respelt(digits),
        Some(None) => Spelling::Unreadable,
        None => respelt(text, bare),
    }
}

/// The digits of a number that may be written as a float; the inner `None` where some of them are lost. `None` for what
/// is no number.
fn whole_number(text: &str) -> Option<Option<Cow<'_, str>>> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix('+').unwrap_or(exponent)),
        None => (text, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || exponent.is_empty() || ![whole, fraction, exponent].into_iter().all(are_digits) {
        return None;
    }
    if mantissa == text && fraction.is_empty() {
        return Some(Some(Cow::Borrowed(text)));
    }
    let Some(exponent) = exponent.parse::<usize>().ok() else { return Some(None) };
    let digits = fraction.get(..exponent).map(|behind| format!("{whole}{behind}"));
    let is_whole = fraction.get(exponent..).is_some_and(|rest| rest.bytes().all(|byte| byte == b'0'));
    let exact = digits.filter(|digits| is_whole && digits.parse().is_ok_and(|number: u64| number <= EXACT_IN_A_FLOAT));
    Some(exact.map(Cow::Owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use FieldId::*;

    #[test]
    fn respelt_values() {
        for (id, text, expected) in [
            (UserIdentityType, "Root-Account", "root-account"),
            (UserIdentityType, "ROOT_ACCOUNT", "root-account"),
            (UserIdentityType, "rootAccount", "root-account"),
            (UserIdentityType, " root-account\n", "root-account"),
            (UserIdentityType, "\"root-account\"", "root-account"),
            (UserIdentityType, "Root", "root-account"),
            (UserIdentityType, "RAM User", "ram-user"),
            (UserIdentityType, "AlibabaCloudAccount", "alibaba-cloud-account"),
            (EventName, "ConsoleSignIn", "ConsoleSignin"),
            (EventName, "CONSOLESIGNIN ", "ConsoleSignin"),
            (EventName, "LookUpEvents", "LookupEvents"),
            (EventName, " DescribeInstances", "DescribeInstances"),
            (EventName, "putbucketacl", "PutBucketAcl"),
            (EventName, "PutBucketACL", "PutBucketAcl"),
            (EventType, "consoleSignIn", "ConsoleSignin"),
            (EventRw, "WRITE", "Write"),
            (EventCategory, "management", "Management"),
            (UserIdentitySessionContextAttributesMfaAuthenticated, "True", "true"),
            (AcsRegion, "CN-Hangzhou ", "cn-hangzhou"),
            (UserIdentityAccessKeyId, "LTAI5tExample\n", "LTAI5tExample"),
            (SourceIpAddress, " 203.0.113.9", "203.0.113.9"),
            (UserIdentityAccountId, "'1000000000000001", "1000000000000001"),
            (UserIdentityAccountId, "\"1000000000000001\"", "1000000000000001"),
            (UserIdentityAccountId, "1000000000000001.0", "1000000000000001"),
            (UserIdentityAccountId, "1.000000000000001E+15", "1000000000000001"),
            (RecipientAccountId, "1.000000000000001e15", "1000000000000001"),
        ] {
            assert_eq!(read(id, text), Spelling::Respelt(Cow::Borrowed(expected)), "{text:?}");
        }
    }

    #[test]
    fn values_that_are_none() {
        for text in [
            "",
            " ",
            "-",
            "--",
            "null",
            "Null",
            "NULL",
            "\"null\"",
            "none",
            "None",
            "nil",
            "NaN",
            "N/A",
            "undefined",
            "\\N",
            "\n",
        ] {
            for id in [UserIdentityAccessKeyId, EventId, UserIdentityAccountId, SourceIpAddress] {
                assert_eq!(read(id, text), Spelling::Absent, "{text:?}");
            }
        }
    }

    #[test]
    fn accounts_whose_digits_are_lost() {
        for text in [
            "1.23457E+15",
            "1.2e15",
            "1.2e+15",
            "1E15",
            "9876543210987654.0",
            "1000000000000001.5",
            "1.5E99999999999999999999",
        ] {
            assert_eq!(read(UserIdentityAccountId, text), Spelling::Unreadable, "{text}");
        }
    }

    #[test]
    fn values_that_stay() {
        for (id, text) in [
            (UserIdentityType, "root-account"),
            (UserIdentityType, "somebody-new"),
            (UserIdentityType, "root: account"),
            (EventName, "ConsoleSignin"),
            (EventName, "DescribeInstances"),
            (EventName, "describeinstances"),
            (EventRw, "Other"),
            (AcsRegion, "cn-hangzhou"),
            (AcsRegion, "Anywhere Else"),
            (UserIdentityAccountId, "1000000000000001"),
            (UserIdentityAccountId, "17549869382****"),
            (UserIdentityAccountId, "someone@example.com"),
            (UserIdentityAccessKeyId, "LTAI5tExample"),
            (UserIdentityUserName, "none"),
            (UserIdentityUserName, " "),
            (ErrorMessage, "null"),
            (ResourceName, "-"),
        ] {
            assert_eq!(read(id, text), Spelling::AsItCame, "{text:?}");
        }
    }
}
