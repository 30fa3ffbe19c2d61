//! The rule held to tables of spellings, and to properties over many more.

use super::*;
use proptest::prelude::*;

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
    for other_notation in [
        r#"{"Password":"p","n":1**}"#,
        "a=b&Password=p&c=d",
        "failed: {\"Password\":\"p\"}",
        r#"{"inner":"{\"Password\":\"p\"}"}"#,
        "<Password>p</Password>",
    ] {
        assert!(one.mask(other_notation).contains(&mark), "{other_notation}");
    }
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
        (r#"{"Pass\u0077ord":"p"}"#, r#"{"Password":"***"}"#),
        (r#"{"Password":"p","Password":"q"}"#, r#"{"Password":"***","Password":"***"}"#),
        (r#"{"a":"\ud800{\"Password\":\"p\"}"}"#, "{\"a\":\"\u{fffd}{\\\"Password\\\":\\\"***\\\"}\"}"),
        (
            r#"{"ParameterKey":"Password","ParameterValue":"x","Other":"y"}"#,
            r#"{"ParameterKey":"Password","ParameterValue":"***","Other":"y"}"#,
        ),
        (
            r#"{"P.1.ParameterKey":"Password","P.1.ParameterValue":"x","P.2.ParameterKey":"Size","P.2.ParameterValue":"9"}"#,
            r#"{"P.1.ParameterKey":"Password","P.1.ParameterValue":"***","P.2.ParameterKey":"Size","P.2.ParameterValue":"9"}"#,
        ),
        (r#"{"value":"x","key":"api_key"}"#, r#"{"value":"***","key":"api_key"}"#),
        (r#"{"Action=x&Password=p":""}"#, r#"{"Action=x&Password=***":""}"#),
        (r#""Action=x&Password=p&y=1""#, r#""Action=x&Password=***&y=1""#),
    ] {
        assert_eq!(mask(json), expected, "{json}");
    }
}

#[test]
fn secrets_in_broken_json_are_masked_too() {
    for (json, expected) in [
        (r#"{"Password": broken"#, r#"{"Password": "***""#),
        (r#"{"n":1754****,"Password":"p","a":1}"#, r#"{"n":1754****,"Password":"***","a":1}"#),
        (r#"{"n":1**,"Password" : 12345678}"#, r#"{"n":1**,"Password" : "***"}"#),
        (r#"{"n":1**,"PasswordReset":false,"Password":""}"#, r#"{"n":1**,"PasswordReset":false,"Password":""}"#),
        (
            r#"{"n":1**,"Inner":"{\"Password\":\"p\",\"b\":2}"}"#,
            r#"{"n":1**,"Inner":"{\"Password\":\"***\",\"b\":2}"}"#,
        ),
        (r#"{"n":1**,"Pass\u0077ord":"p","b":2}"#, r#"{"n":1**,"Pass\u0077ord":"***","b":2}"#),
        (
            r#"{"n":1**,"ParameterKey":"Password","ParameterValue":"p"}"#,
            r#"{"n":1**,"ParameterKey":"Password","ParameterValue":"***"}"#,
        ),
        (r#"{"n":1**,"Value":"p","Name":"Password"}"#, r#"{"n":1**,"Value":"***","Name":"Password"}"#),
        (
            r#"{"n":1**,"a":"{\"b\":\"{\\\"Password\\\":\\\"p\"","PassWord":"q","c":1}"#,
            r#"{"n":1**,"a":"{\"b\":\"{\\\"Password\\\":\\\"***\\\"","PassWord":"***","c":1}"#,
        ),
        ("{'Password': 'p', 'a': 1}", "{'Password': '***', 'a': 1}"),
        ("{Password: p, a: 1}", "{Password: ***, a: 1}"),
        ("{Password=p, a=1}", "{Password=***, a=1}"),
    ] {
        assert_eq!(mask(json), expected, "{json}");
    }
}

#[test]
fn secrets_in_any_text_are_masked_too() {
    for (text, expected) in [
        ("Action=x&Password=p&y=1", "Action=x&Password=***&y=1"),
        (
            "http://b.oss.aliyuncs.com/?security-token=t&Signature=s&x=1",
            "http://b.oss.aliyuncs.com/?security-token=***&Signature=***&x=1",
        ),
        ("a?AccessKeySecret=s#top", "a?AccessKeySecret=***"),
        (r#"payload={"Password":"p"}"#, r#"payload={"Password":"***"}"#),
        (
            r#"failed: {"ParameterKey":"Password","ParameterValue":"p"} at 1"#,
            r#"failed: {"ParameterKey":"Password","ParameterValue":"***"} at 1"#,
        ),
        ("%7B%22Password%22%3A%22p%22%2C%22a%22%3A1%7D", "%7B%22Password%22%3A%22***%22%2C%22a%22%3A1%7D"),
        ("a%3Db%26Password%3Dp%26c%3Dd", "a%3Db%26Password%3D***%26c%3Dd"),
        ("a=1&Pass%77ord=p&b=2", "a=1&Pass%77ord=***&b=2"),
        ("user[password]=p&b=2", "user[password]=***&b=2"),
        (
            "Parameters.1.ParameterKey=Password&Parameters.1.ParameterValue=p",
            "Parameters.1.ParameterKey=Password&Parameters.1.ParameterValue=***",
        ),
        ("bad password hunter2O", "bad password ***"),
        ("the password is hunter2O.", "the password is ***."),
        ("mysql --password hunter -u root", "mysql --password *** -u root"),
        ("mysql --password=hunter -u root", "mysql --password=*** -u root"),
        ("ALTER USER a IDENTIFIED BY 'hunter' x", "ALTER USER a IDENTIFIED BY '***' x"),
        ("Authorization: Bearer abcdefgh12 x", "Authorization: ***"),
        ("curl -H 'X: Bearer abcdefgh12345678' u", "curl -H 'X: Bearer ***' u"),
        ("mysql://root:hunter@db:3306/x?y", "mysql://root:***@db:3306/x?y"),
        (r"mysql:\/\/root:hunter@db\/x", r"mysql:\/\/root:***@db\/x"),
        ("<a><Password>p</Password><b>1</b></a>", "<a><Password>***</Password><b>1</b></a>"),
        (r#"<add key="Password" value="p" b="1"/>"#, r#"<add key="Password" value="***" b="1"/>"#),
        ("Server=a;Pwd=p;q;Database=b", "Server=a;Pwd=***;Database=b"),
        ("x: 1\nclient-key-data: abc\ny: 2", "x: 1\nclient-key-data: ***\ny: 2"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----",
        ),
        ("t eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln e", "t *** e"),
        ("Ｐａｓｓｗｏｒｄ：p", "Ｐａｓｓｗｏｒｄ：***"),
        ("Pass\u{200b}word=p&a=1", "Pass\u{200b}word=***&a=1"),
        ("a=1&Password=<p'q\"r\\,;s}t>&b=2", "a=1&Password=***>&b=2"),
        ("sh -c 'x Password=p' y", "sh -c 'x Password=***' y"),
        ("password: p\"q}r, user: x", "password: ***, user: x"),
        ("{\"a\": 1**, \"Password\": p,q}r, \"b\": 2}", "{\"a\": 1**, \"Password\": \"***\", \"b\": 2}"),
        ("password := \"p\"", "password := \"***\""),
        ("'password' => 'p', 'a' => 1", "'password' => '***', 'a' => 1"),
    ] {
        assert_eq!(mask(text), expected, "{text}");
    }
}

#[test]
fn texts_about_secrets_are_left() {
    for text in [
        "Incorrect password.",
        "The specified Password is invalid.",
        "InvalidSecurityToken.Expired: Specified SecurityToken is expired.",
        "The parameter 'Password' is mandatory.",
        "password must contain 8 characters",
        "acs:kms:cn-hangzhou:1754986938261234:secret/prod-db1",
        "arn:aws:secretsmanager:eu-west-1:123:secret:prod-db1",
        "The secret prod-db1 does not exist",
        "client token 3f2504e0-4f89 was used",
        "ClientToken=abc123&NextToken=def456",
        "https://ecs.aliyuncs.com/?Action=DescribeInstances&SignatureMethod=HMAC-SHA1",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "AlibabaCloud (Linux; amd64) Java/1.8.0_152-b16 Core/4.5.2 HTTPClient/ApacheHttpClient",
        r#"{"Statement":[{"Action":["kms:GetSecretValue","ram:CreateAccessKey"],"Effect":"Allow","Resource":"*"}]}"#,
        r#"{"PasswordPolicy":{"MinimumPasswordLength":8,"MaxPasswordAge":90,"HardExpiry":false}}"#,
    ] {
        assert!(matches!(mask(text), Cow::Borrowed(_)), "{text}: {}", mask(text));
    }
}

#[test]
fn no_cut_shows_a_secret() {
    let json = r#"{"Password":"Z\"Z","n":1,"Deep":{"AccessKeySecret" : 77,"x":[{"SecurityToken":"Z:,}Z"}]},
        "Inner":"{\"Password\":\"Z\\\"Z\",\"m\":\"{\\\"PrivateKey\\\":\\\"Z\\\"}\"}"}"#;
    assert!(Members::parse(json).is_some());
    for cut in 0..=json.len() {
        let masked = mask(&json[..cut]);
        assert!(!masked.contains(['Z', '7']), "{masked}");
    }
}

#[test]
fn a_secret_nested_too_deep_is_masked_with_what_is_around_it() {
    let json = format!("{}{{\"Password\":\"hidden\"}}{}", "[".repeat(80), "]".repeat(80));
    assert!(!mask(&json).contains("hidden"));
}

#[test]
fn bytes_are_read_as_the_text_they_are() {
    let text = r#"{"n":1**,"Password":"hidden"}"#;
    let units: Vec<u16> = text.encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = [0xfeff].iter().chain(&units).flat_map(|unit: &u16| unit.to_be_bytes()).collect();
    let latin = [b"\xe9 ".as_slice(), text.as_bytes()].concat();
    for bytes in [text.as_bytes(), &little, &big, &latin] {
        let masked = Masker::PLAIN.mask_bytes(bytes);
        let shown = String::from_utf8_lossy(&masked);
        assert!(shown.contains(r#""Password":"***""#), "{shown}");
    }
    for bytes in [b"\xff\xfe\x00".as_slice(), b"", b"\x00", b"plain \xe9"] {
        assert!(matches!(Masker::PLAIN.mask_bytes(bytes), Cow::Borrowed(_)));
    }
}

#[test]
fn addresses_and_numbers_are_hidden_where_that_is_asked_for() {
    let masker = Masker::PLAIN.with_personal();
    for (text, expected) in [
        (
            r#"{"Email":"a@b.example","x":"to a@b.example.","n":13800000000,"MobilePhone":"86-1"}"#,
            r#"{"Email":"***","x":"to ***.","n":"***","MobilePhone":"***"}"#,
        ),
        ("alice@corp.onaliyun.com", "***"),
        ("role:alice@corp.example", "role:***"),
        ("1754986938261234", "1754986938261234"),
        ("Password=p", "Password=***"),
    ] {
        assert_eq!(masker.mask(text), expected, "{text}");
        assert_eq!(mask(text).contains("***"), text.contains("Password"));
    }
}

#[test]
fn most_parameters_are_not_taken_apart() {
    for text in [
        r#"{"ClientToken":"c","RegionId":"cn-hangzhou"}"#,
        r#"{"SecurityGroupId":"sg","PrivateIpAddress":"10.0.0.1","SignatureType":"","stsTokenPlayerUid":1}"#,
        r#"{"Description":"\u4e2d\u6587 100% 中文","Category":"cloud_essd","Size":1,"url":"https://a.example/b"}"#,
        "ACS::ECS::Disk",
    ] {
        assert!(!may_hold_secret(text), "{text}");
    }
}

/// Ways to write one text so that some reader takes it for the same.
fn respelt(text: &str, way: usize) -> String {
    let letter = |at: usize| text.chars().nth(at).filter(char::is_ascii_alphabetic);
    let at = way / 8 % text.chars().count().max(1);
    let with = |new: String| {
        text.chars().enumerate().map(|(n, c)| if n == at { new.clone() } else { c.to_string() }).collect()
    };
    match (way % 8, letter(at)) {
        (1, _) => text.to_uppercase(),
        (2, _) => text.to_lowercase(),
        (3, Some(c)) => with(format!("\\u{:04x}", c as u32)),
        (4, Some(c)) => with(format!("%{:02x}", c as u32)),
        (5, Some(c)) => with(char::from_u32(c as u32 + 0xfee0).unwrap().to_string()),
        (6, Some(c)) => with(format!("{c}\u{200b}")),
        (7, _) => format!(" {text}"),
        _ => text.to_owned(),
    }
}

/// Ways to write a member whose value is a secret. `\u` in a key is an escape of JSON.
fn written(key: &str, value: &str, notation: usize) -> String {
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let json = format!("{{\"{key}\":{}}}", quoted(value));
    match notation {
        0 => json,
        1 => format!("{{\"a\":[{json}, 1]}}"),
        2 => format!("{{\"a\":{}}}", quoted(&json)),
        3 => format!("{{\"a\":{}}}", quoted(&format!("{{\"b\":{}}}", quoted(&json)))),
        4 => format!("x: {json}"),
        5 => format!("{{\"n\":1**,{}", &json[1..]),
        6 => format!("{{\"n\":1**,\"a\":{}}}", quoted(&json)),
        7 => json[..json.len() - 2].to_owned(),
        8 => format!("a=b&{key}={value}&c=d"),
        9 => format!("{{\"a\":{}}}", quoted(&format!("a=b&{key}={value}"))),
        10 => json.replace('{', "%7B").replace('"', "%22").replace(':', "%3A").replace('}', "%7D"),
        11 => format!("{{\"Name\":\"{key}\",\"Value\":{}}}", quoted(value)),
        12 => format!("<{key}>{value}</x>"),
        _ => format!("{key}: {value}\nb: c"),
    }
}

const KEYS: [&str; 18] = [
    "Password",
    "PassWord",
    "pass_word",
    "PlainText",
    "ClientSecret",
    "AppSecretValue",
    "SecretAccessKey",
    "AccessToken",
    "security-token",
    "Psk",
    "PreSharedKey",
    "ApiKey",
    "kubeconfig",
    "KeyMaterial",
    "UserData",
    "Base32StringSeed",
    "AccessKeySecret",
    "x.Password.1",
];

/// Work that grows with the square of a text would not end on these.
#[test]
fn long_texts_are_read_once() {
    let masker = Masker::keyed(b"a lake").with_personal();
    for part in [
        "\\",
        "\\\\u",
        "%25",
        "a:",
        "name:a ",
        "name:{\"a\":[",
        "name=%22x%22&",
        "password=%22%22&",
        "password %22null ",
        "value:a name:b ",
        "-----BEGIN PRIVATE-----",
        "-----BEGIN PRIVATE-----A",
        "1 ",
        "+1 ",
        "a@",
        "a.b@c.",
        "eyJ",
        "CAIS",
        "://a:",
        "<a",
        "{\"",
        "[{",
        "\"password\":\"\\\"",
    ] {
        for text in [format!("Password=x {}", part.repeat(60_000 / part.len())), part.repeat(60_000 / part.len())] {
            let masked = masker.mask(&text);
            assert!(masked.len() <= text.len() * 8 + 8, "{part}");
            assert!(!masked.contains("=x "), "{part}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_secret_never_appears(
        key in proptest::sample::select(&KEYS[..]),
        way in 0usize..400,
        notation in 0usize..14,
        value in "[A-Z]{2}[0-9]{3}[a-z中!.-]{3}",
    ) {
        // An XML name holds no blank, and a sentence begins with a word.
        let way = if notation >= 12 && way % 8 == 7 { 0 } else { way };
        let text = written(&respelt(key, way), &value, notation);
        let masked = mask(&text);
        prop_assert!(!masked.contains(&value[..4]), "{} shows {}", text, masked);
    }

    #[test]
    fn the_scan_finds_all_that_the_rule_finds(
        parts in proptest::collection::vec(
            prop_oneof![
                r#"[{}\[\]",:=&<>/@ \\%1中Ｐ.-]"#,
                "pass|Pass|word|Password|\"Password\":|token|Token|client|api|key|_|secret|Name|Value|\"|sk|SK|psk|user|data",
                r"\\u0050|%50|Ｐ|\u{200b}|eyJ|CAIS|://|-----BEGIN|PRIVATE|Bearer |--|hunter2|\\\\",
            ],
            0..14,
        )
    ) {
        let text = parts.concat();
        let found = text::mask(&Masker::PLAIN, &text, 0);
        if matches!(found, Cow::Owned(_)) {
            prop_assert!(may_hold_secret(&text), "{} holds {}", text, found);
        }
        // Every mask takes the place of a value, which was a letter long at least.
        prop_assert!(mask(&text).len() <= text.len() * 8 + 8);
    }

    #[test]
    fn what_can_be_taken_apart_is_masked_alike_however_it_is_done(
        members in proptest::collection::vec(("a|Password|secret_data|SecurityToken", "1|null|\"\"|\"[a,:}\\\\{]{1,3}\""), 1..5),
    ) {
        let members: Vec<_> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        let json = format!("{{{}}}", members.join(","));
        if Members::parse(&json).is_some() {
            let broken = format!("{{\"n\":1**,{}", &json[1..]);
            let masked = text::mask(&Masker::PLAIN, &broken, 0);
            let whole = mask(&json);
            prop_assert_eq!(&masked[9..], &whole[1..]);
        }
    }

    #[test]
    fn any_text_can_be_masked(text in r#"([{}\[\]",:=&%' \\1中\n]|Password|"Password":|\\u0022|%22|%3A){0,24}"#) {
        for masker in [Masker::PLAIN, Masker::PLAIN.with_personal()] {
            let masked = masker.mask(&text);
            prop_assert!(masked.len() <= text.len() * 8 + 8);
        }
    }
}
