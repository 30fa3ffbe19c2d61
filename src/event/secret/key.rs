//! Tells by the words of a key whether what it names is a secret.
//!
//! Services, SDKs and scripts spell one name in many ways: `AccessKeySecret`, `access_key_secret`, `PassWord`,
//! `DB-PASSWORD-1`, `Pass%77ord`. So a key is folded (escapes, full-width letters, invisible characters), cut into
//! segments at dots and brackets, and each segment into words. What counts is which term stands last, and what follows
//! it: `SecretData` is a secret, `SecretName` tells of one, and so does `MinimumPasswordLength`.
//!
//! Every term holds one of [`STEMS`] unbroken. A text without a stem therefore names no secret, and one scan tells
//! ([`super::may_hold_secret`]).

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::sync::LazyLock;

/// What must stand unbroken in a key of a secret, whatever the case of its letters. The last ones are followed by a second
/// word; [`JOINTS`] may stand between.
const STEMS: [&str; 16] = [
    "pass",
    "pwd",
    "secret",
    "token",
    "plain",
    "priv",
    "shared",
    "psk",
    "material",
    "kube",
    "authorization",
    "cookie",
    "seed",
    "signature",
    "assertion",
    "jwt",
];

/// Two words of which neither alone is rare.
const PAIRED_STEMS: [(&str, &str); 9] = [
    ("api", "key"),
    ("key", "data"),
    ("user", "data"),
    ("auth", "code"),
    ("authentication", "code"),
    ("verification", "code"),
    ("verify", "code"),
    ("qr", "code"),
    ("session", "key"),
];

/// What may stand between the words of [`PAIRED_STEMS`].
const JOINTS: [&str; 4] = ["", "_", "-", " "];

/// A stem so short that it counts as a word of its own only.
const SHORT_STEM: &str = "sk";

/// Terms that name a secret whatever follows, unless that is one of [`TELLS`].
const STRONG: [&str; 6] = ["password", "passwd", "passphrase", "passcode", "pwd", "secret"];

/// Terms that name a secret where nothing follows but [`VALUES`].
const EXACT: [&str; 26] = [
    "privatekey",
    "privkey",
    "plaintext",
    "apikey",
    "presharedkey",
    "sharedkey",
    "keymaterial",
    "keydata",
    "kubeconfig",
    "userdata",
    "authcode",
    "authorizationcode",
    "authenticationcode",
    "verificationcode",
    "verifycode",
    "cookie",
    "stringseed",
    "mfaseed",
    "totpseed",
    "otpseed",
    "qrcode",
    "signature",
    "assertion",
    "sessionkey",
    "privatepem",
    "plainsecret",
];

/// The same, but only as words of their own.
const WORDS: [&str; 4] = ["psk", "sk", "pass", "jwt"];

/// Words before `authorization` with which it is still the header of a request.
const HEADERS: [&str; 8] = ["", "proxy", "http", "x", "header", "headers", "xacs", "request"];

/// Words before `token` that make it a mark of a page or of a repeated call, or a number of them.
const OPEN_TOKENS: [&str; 27] = [
    "client",
    "next",
    "page",
    "pagination",
    "continuation",
    "continue",
    "idempotent",
    "idempotency",
    "idempotence",
    "previous",
    "prev",
    "cursor",
    "sync",
    "scroll",
    "marker",
    "resume",
    "start",
    "max",
    "min",
    "total",
    "input",
    "output",
    "prompt",
    "completion",
    "cached",
    "num",
    "count",
];

/// Words behind a term that still name the value.
const VALUES: [&str; 31] = [
    "s",
    "es",
    "value",
    "values",
    "val",
    "text",
    "string",
    "str",
    "data",
    "body",
    "content",
    "contents",
    "plain",
    "base",
    "encoded",
    "encrypted",
    "enc",
    "hash",
    "hashed",
    "blob",
    "raw",
    "new",
    "old",
    "current",
    "confirm",
    "confirmation",
    "again",
    "pem",
    "png",
    "is",
    "was",
];

/// Words behind a strong term that make it an id, a name or a setting.
const TELLS: [&str; 101] = [
    "id",
    "ids",
    "uid",
    "keyid",
    "name",
    "names",
    "alias",
    "type",
    "types",
    "kind",
    "policy",
    "policies",
    "length",
    "len",
    "size",
    "reset",
    "require",
    "requires",
    "required",
    "requirement",
    "enable",
    "enabled",
    "disable",
    "disabled",
    "status",
    "state",
    "count",
    "number",
    "num",
    "time",
    "times",
    "timestamp",
    "date",
    "day",
    "days",
    "hour",
    "hours",
    "minutes",
    "seconds",
    "age",
    "expire",
    "expires",
    "expired",
    "expiry",
    "expiration",
    "rotation",
    "rotate",
    "rotated",
    "interval",
    "version",
    "versions",
    "stage",
    "stages",
    "arn",
    "uri",
    "mode",
    "manager",
    "history",
    "reuse",
    "strength",
    "level",
    "complexity",
    "character",
    "characters",
    "minimum",
    "maximum",
    "min",
    "max",
    "check",
    "checked",
    "changed",
    "updated",
    "created",
    "deleted",
    "modified",
    "last",
    "used",
    "usage",
    "config",
    "configuration",
    "description",
    "desc",
    "group",
    "path",
    "ref",
    "reference",
    "label",
    "tag",
    "tags",
    "format",
    "encoding",
    "algorithm",
    "method",
    "hint",
    "attempts",
    "retry",
    "lock",
    "locked",
    "inherit",
    "invalid",
    "authentication",
];

/// A key longer than this is cut to its end, where its meaning is.
const LONGEST: usize = 512;

/// All stems.
fn stems() -> impl Iterator<Item = String> {
    let paired =
        PAIRED_STEMS.iter().flat_map(|(one, two)| JOINTS.iter().map(move |joint| format!("{one}{joint}{two}")));
    STEMS.iter().map(ToString::to_string).chain([SHORT_STEM.to_owned()]).chain(paired)
}

/// A scanner for the stems, and for `others` behind them; the second value is the number of stems.
pub(super) fn scanner(others: &[&str]) -> Option<(AhoCorasick, usize)> {
    let stems: Vec<String> = stems().collect();
    let patterns = stems.iter().map(String::as_bytes).chain(others.iter().map(|other| other.as_bytes()));
    let scanner = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(patterns);
    // The patterns are constants, so that building them does not fail; without a scanner everything is looked into.
    Some((scanner.ok()?, stems.len()))
}

static SCANNER: LazyLock<Option<(AhoCorasick, usize)>> = LazyLock::new(|| scanner(&[]));

/// Returns `true` where a folded text holds a stem.
pub(super) fn has_stem(folded: &str) -> bool {
    let Some((scanner, _)) = SCANNER.as_ref() else { return true };
    scanner
        .find_overlapping_iter(folded)
        .any(|found| !is_short(folded, found.start(), found.end()) || is_word(folded, found.start(), found.end()))
}

/// Returns `true` for the place of the short stem.
pub(super) fn is_short(text: &str, start: usize, end: usize) -> bool {
    end - start == SHORT_STEM.len() && text.is_char_boundary(start)
}

/// Returns `true` where a word may begin at `start` and end at `end`.
pub(super) fn is_word(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let begins = start.checked_sub(1).and_then(|before| bytes.get(before)).is_none_or(|before| {
        !before.is_ascii_alphabetic() || (before.is_ascii_lowercase() && bytes[start].is_ascii_uppercase())
    });
    begins
        && bytes.get(end).is_none_or(|after| !after.is_ascii_lowercase() || bytes[end - 1].is_ascii_lowercase())
        && bytes.get(end).is_none_or(|after| !after.is_ascii_alphabetic())
}

/// Returns `true` for a key whose value is a secret.
pub fn is_secret(key: &str) -> bool {
    let mut cut = key.len().saturating_sub(LONGEST);
    while !key.is_char_boundary(cut) {
        cut += 1;
    }
    let folded = super::fold::fold(&key[cut..]);
    // As an object holds what its members hold, `Password.0` is a part of `Password`.
    has_stem(&folded)
        && folded.split(['.', '[', ']', '/', ':', '{', '}', '"']).any(|segment| Segment::of(segment).is_secret())
}

/// The last word of a key, in lower case, without digits.
pub(super) fn last_word(key: &str) -> String {
    let folded = super::fold::fold(key);
    let segment = folded.rsplit(['.', '[', ']', '/']).find(|part| part.bytes().any(|byte| byte.is_ascii_alphabetic()));
    let Segment { letters, words } = Segment::of(segment.unwrap_or_default());
    letters.get(words.last().copied().unwrap_or(0)..).unwrap_or_default().to_owned()
}

/// One segment of a key.
struct Segment {
    /// Its letters in lower case.
    letters: String,
    /// Where its words begin in them.
    words: Vec<usize>,
}

impl Segment {
    /// Cuts a segment into words: at what is no letter, before a capital behind a small letter, and before the last capital
    /// of several that a small letter follows.
    fn of(segment: &str) -> Self {
        let (mut letters, mut words) = (String::with_capacity(segment.len()), Vec::new());
        let mut before = None::<char>;
        let mut chars = segment.chars().peekable();
        while let Some(char) = chars.next() {
            if char.is_ascii_alphabetic() {
                let begins = before.is_none_or(|before| {
                    char.is_ascii_uppercase()
                        && (before.is_ascii_lowercase() || chars.peek().is_some_and(char::is_ascii_lowercase))
                });
                if begins {
                    words.push(letters.len());
                }
                letters.push(char.to_ascii_lowercase());
            }
            before = Some(char).filter(char::is_ascii_alphabetic);
        }
        Self { letters, words }
    }

    fn is_secret(&self) -> bool {
        let names = |terms: &[&str]| {
            let ends = terms.iter().filter_map(|term| Some(self.letters.rfind(term)? + term.len()));
            ends.max()
        };
        if names(&STRONG).is_some_and(|end| !self.tells(end)) {
            return true;
        }
        let mut exact = EXACT.iter().filter_map(|term| Some(self.letters.rfind(term)? + term.len()));
        if exact.any(|end| self.is_value(end)) {
            return true;
        }
        let mut words = WORDS.iter().filter_map(|term| {
            let start = self.letters.rfind(term)?;
            let end = start + term.len();
            let is_word = self.words.contains(&start) && (end == self.letters.len() || self.words.contains(&end));
            // What went by a check did not name a password.
            (is_word && !self.letters[..start].ends_with("by")).then_some(end)
        });
        if words.any(|end| self.is_value(end)) {
            return true;
        }
        self.is_secret_token() || self.is_header()
    }

    fn is_secret_token(&self) -> bool {
        let Some(start) = self.letters.rfind("token") else { return false };
        let before = &self.letters[..start];
        self.is_value(start + "token".len()) && !OPEN_TOKENS.iter().any(|open| before.ends_with(open))
    }

    fn is_header(&self) -> bool {
        self.letters.strip_suffix("authorization").is_some_and(|before| HEADERS.contains(&before))
    }

    /// The words behind `end`; the first is what is left of a word in which the term ends.
    fn words_behind(&self, end: usize) -> impl Iterator<Item = &str> {
        let begins = self.words.iter().copied().filter(move |begin| *begin > end);
        let starts = std::iter::once(end).chain(begins);
        let mut starts = starts.peekable();
        std::iter::from_fn(move || {
            let start = starts.next()?;
            let end = starts.peek().copied().unwrap_or(self.letters.len());
            self.letters.get(start..end)
        })
        .filter(|word| !word.is_empty())
    }

    /// Returns `true` where nothing but a value can be meant.
    fn is_value(&self, end: usize) -> bool {
        self.words_behind(end).all(|word| VALUES.contains(&word))
    }

    /// Returns `true` where what follows makes a strong term an id, a name or a setting.
    fn tells(&self, end: usize) -> bool {
        let rest = self.letters.get(end..).unwrap_or_default();
        let joined = rest.strip_prefix('s').unwrap_or(rest);
        self.words_behind(end).any(|word| TELLS.contains(&word))
            || TELLS.contains(&joined)
            // Where nothing shows the words: `passwordresetrequired`.
            || TELLS.iter().any(|tell| tell.len() > 3 && (joined.starts_with(tell) || joined.ends_with(tell)))
    }
}

/// Keys that name a person's e-mail address or telephone number.
const PERSONAL: [&str; 11] = [
    "phone",
    "mobile",
    "telephone",
    "cellphone",
    "phonenumber",
    "mobilenumber",
    "phoneno",
    "email",
    "mail",
    "emailaddress",
    "mailaddress",
];

/// Returns `true` for a key whose value is an e-mail address or a telephone number.
pub(super) fn is_personal(key: &str) -> bool {
    let folded = super::fold::fold(key);
    let segment = Segment::of(folded.rsplit('.').next().unwrap_or_default());
    PERSONAL
        .iter()
        .any(|term| segment.letters.strip_suffix(term).is_some_and(|before| segment.begins_word(before.len())))
}

impl Segment {
    fn begins_word(&self, at: usize) -> bool {
        at == 0 || self.words.contains(&at)
    }
}

/// Returns `true` for a text that, by its length and words, is the name of a secret.
pub(super) fn names_secret(text: &str) -> bool {
    text.len() <= 64 && is_secret(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_secrets() {
        for key in [
            "Password",
            "PassWord",
            "pass_word",
            "PASSWORD",
            "pass-word",
            "Pass Word",
            "password1",
            "Passwords",
            "MasterUserPassword",
            "DB_PASSWORD_2",
            "PasswordText",
            "password_confirm",
            "VncPassword",
            "Passwd",
            "pwd",
            "DbPwd",
            "Passphrase",
            "ssl.key.passphrase",
            "Password[0]",
            "user[password]",
            "credentials.Password",
            "Parameters.1.Password",
            "Pass%77ord",
            "Pass\\u0077ord",
            "ｐａｓｓｗｏｒｄ",
            "Pass\u{200b}word",
            "\u{feff}Password ",
            "ClientSecret",
            "AppSecret",
            "AppSecretValue",
            "SecretKey",
            "secret_key",
            "SecretAccessKey",
            "SecretString",
            "SecretData",
            "AccessKeySecret",
            "access_key_secret",
            "Secret",
            "secrets",
            "SecretBinary",
            "AccessToken",
            "AuthToken",
            "SigninToken",
            "SignInToken",
            "AuthorizationToken",
            "SecurityToken",
            "security-token",
            "x-oss-security-token",
            "STSToken",
            "Token",
            "token_value",
            "RefreshToken",
            "IdToken",
            "Psk",
            "IpsecConfig.Psk",
            "PreSharedKey",
            "pre_shared_key",
            "ApiKey",
            "API_KEY",
            "api-key",
            "x-api-key",
            "Authorization",
            "Proxy-Authorization",
            "Cookie",
            "Set-Cookie",
            "kubeconfig",
            "KubeConfig",
            "KeyMaterial",
            "EncryptedKeyMaterial",
            "PrivateKeyData",
            "PrivateKey",
            "private_key",
            "PrivateKeyBody",
            "client-key-data",
            "UserData",
            "user_data",
            "Base32StringSeed",
            "QRCodePNG",
            "Plaintext",
            "PlainText",
            "plain_text",
            "Signature",
            "SAMLAssertion",
            "oss_sk",
            "sk",
            "DbPass",
            "pass",
            "SecretKeyValue",
            "AuthCode",
            "Jwt",
        ] {
            assert!(is_secret(key), "{key}");
        }
    }

    #[test]
    fn keys_that_tell_of_secrets() {
        for key in [
            "SecretName",
            "SecretId",
            "secret_name",
            "secretname",
            "SecretType",
            "SecretDataType",
            "SecretVersionId",
            "PasswordPolicy",
            "MinimumPasswordLength",
            "PasswordReset",
            "PasswordResetRequired",
            "PasswordReusePrevention",
            "MaxPasswordAge",
            "passwordpolicy",
            "PasswordLastChanged",
            "HardExpire",
            "ClientToken",
            "client_token",
            "NextToken",
            "next-token",
            "PageToken",
            "MaxTokens",
            "TokenType",
            "AccessTokenId",
            "stsTokenPrincipalName",
            "stsTokenPlayerUid",
            "AccessKeyId",
            "SecretAccessKeyId",
            "KeyPairName",
            "UserDataSize",
            "SignatureType",
            "SignatureMethod",
            "SignatureNonce",
            "SAMLAssertionInfo",
            "PrivateIpAddress",
            "PublicKey",
            "KeyId",
            "Key",
            "AuthorizationType",
            "CookieTimeout",
            "SharedEventId",
            "KeyMaterialExpireUnix",
            "Bypass",
            "DiskId",
            "disk",
            "Task",
            "Passed",
            "compass",
            "Description",
            "",
            "ServiceName",
            "SecurityGroupId",
            "PasswordAuthentication",
            "EncryptionKey",
            "SensitiveAction",
            "SessionContext",
            "ImagePassThrough",
            "SeedNodes",
            "KubernetesVersion",
        ] {
            assert!(!is_secret(key), "{key}");
        }
    }

    #[test]
    fn every_term_holds_a_stem() {
        for term in STRONG.iter().chain(&EXACT).chain(&WORDS).chain(&["token", "authorization"]) {
            assert!(has_stem(term), "{term}");
        }
    }

    #[test]
    fn no_pattern_hides_another() {
        let all: Vec<String> = stems().chain(super::super::FORMS.map(str::to_owned)).collect();
        for one in &all {
            for other in all.iter().filter(|other| *other != one) {
                let inside = other.match_indices(one.as_str()).any(|(at, _)| at + one.len() < other.len());
                assert!(!inside, "{one} in {other}");
            }
        }
    }

    #[test]
    fn last_words() {
        for (key, word) in [
            ("ParameterKey", "key"),
            ("Parameters.1.ParameterValue", "value"),
            ("Tag.1.Key", "key"),
            ("name", "name"),
            ("env[3]", "env"),
            ("", ""),
        ] {
            assert_eq!(last_word(key), word, "{key}");
        }
    }
}
