//! Tables of keys that are secrets, and of keys that only tell of some.

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
        "HttpTokens",
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
