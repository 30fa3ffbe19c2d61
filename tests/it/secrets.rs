//! Secrets in every spelling, by every way out: nothing that trailql writes shows one unless it is asked to.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailql::engine::output::{self, OutputFormat, OutputStyle};
use trailql::engine::{Scope, Session, ViewQuery};
use trailql::event::secret::Masker;
use trailql::ops::OpsError;
use trailql::ops::{dump, rejects};

use crate::harness::Home;
use crate::lab::{Lab, for_ops, rows, texts, whole_events};
use crate::pruning::opened;

/// What every secret begins with, and nothing else.
const LEAK: &str = "Leak";

/// Members of events, each with a secret in the place of `§`.
const MEMBERS: &[&str] = &[
    // Spellings of one key.
    r#""requestParameters":{"Password":"§"}"#,
    r#""requestParameters":{"PassWord":"§","InstanceId":"i-1"}"#,
    r#""requestParameters":{"pass_word":"§"}"#,
    r#""requestParameters":{"PASS-WORD":"§"}"#,
    r#""requestParameters":{"password":"§"}"#,
    r#""requestParameters":{"pASSWORD":"§"}"#,
    r#""requestParameters":{"PlainText":"§"}"#,
    r#""requestParameters":{"plain_text":"§"}"#,
    r#""requestParameters":{"Pass\u0077ord":"§"}"#,
    r#""requestParameters":{"\u0050assword":"§"}"#,
    r#""requestParameters":{"Pass%77ord":"§"}"#,
    r#""requestParameters":{" Password ":"§"}"#,
    r#""requestParameters":{"Pass word":"§"}"#,
    "\"requestParameters\":{\"Pass\u{200b}word\":\"§\"}",
    "\"requestParameters\":{\"\u{feff}Password\":\"§\"}",
    "\"requestParameters\":{\"Pass\u{ad}word\":\"§\"}",
    "\"requestParameters\":{\"Ｐａｓｓｗｏｒｄ\":\"§\"}",
    r#""requestParameters":{"Password":"a","Password":"§"}"#,
    r#""requestParameters":{"Passwords":["§"]}"#,
    r#""requestParameters":{"Password":{"Value":"§"}}"#,
    r#""requestParameters":{"Password.1":"§"}"#,
    r#""requestParameters":{"Instance.1.Password":"§"}"#,
    r#""requestParameters":{"NewPassword":"§","PasswordReset":false}"#,
    r#""requestParameters":{"DB_PASSWORD_2":"§"}"#,
    // Other keys.
    r#""requestParameters":{"ClientSecret":"§"}"#,
    r#""requestParameters":{"AppSecret":"§"}"#,
    r#""requestParameters":{"AppSecretValue":"§"}"#,
    r#""requestParameters":{"SecretKey":"§"}"#,
    r#""requestParameters":{"SecretAccessKey":"§"}"#,
    r#""requestParameters":{"SecretString":"§"}"#,
    r#""requestParameters":{"SecretData":"§","SecretName":"n"}"#,
    r#""requestParameters":{"AccessToken":"§"}"#,
    r#""requestParameters":{"AuthToken":"§"}"#,
    r#""requestParameters":{"SigninToken":"§"}"#,
    r#""requestParameters":{"SignInToken":"§"}"#,
    r#""requestParameters":{"AuthorizationToken":"§"}"#,
    r#""requestParameters":{"IpsecConfig":{"Psk":"§"}}"#,
    r#""requestParameters":{"PreSharedKey":"§"}"#,
    r#""requestParameters":{"Passphrase":"§"}"#,
    r#""requestParameters":{"pwd":"§"}"#,
    r#""requestParameters":{"ApiKey":"§"}"#,
    r#""requestParameters":{"api_key":"§"}"#,
    r#""requestParameters":{"Authorization":"§"}"#,
    r#""requestParameters":{"Cookie":"§"}"#,
    r#""requestParameters":{"kubeconfig":"§"}"#,
    r#""requestParameters":{"KeyMaterial":"§"}"#,
    r#""requestParameters":{"PrivateKeyData":"§"}"#,
    r#""requestParameters":{"UserData":"§"}"#,
    r#""responseElements":{"VirtualMFADevice":{"Base32StringSeed":"§"}}"#,
    r#""responseElements":{"VirtualMFADevice":{"QRCodePNG":"§"}}"#,
    r#""responseElements":{"Credentials":{"AccessKeyId":"STS.x","AccessKeySecret":"§"}}"#,
    r#""responseElements":{"credentials":{"accessKeyId":"STS.x","accessKeySecret":"§"}}"#,
    r#""responseElements":{"Credentials":{"SecurityToken":"§"}}"#,
    r#""responseElements":{"Plaintext":"§"}"#,
    r#""responseElements":{"KeyPairName":"n","PrivateKeyBody":"§"}"#,
    r#""requestParameters":{"SAMLAssertion":"§"}"#,
    r#""requestParameters":{"Signature":"§"}"#,
    // Keys that other values name.
    r#""requestParameters":{"Parameters.1.ParameterKey":"Password","Parameters.1.ParameterValue":"§"}"#,
    r#""requestParameters":{"Parameters":[{"ParameterKey":"Password","ParameterValue":"§"}]}"#,
    r#""requestParameters":{"Parameters":"[{\"ParameterValue\":\"§\",\"ParameterKey\":\"Password\"}]"}"#,
    r#""requestParameters":{"Tag":[{"Key":"db_password","Value":"§"}]}"#,
    r#""requestParameters":{"env":[{"name":"API_KEY","value":"§"}]}"#,
    // Notations.
    r#""requestParameters":"Action=x&Password=§&y=1""#,
    r#""requestParameters":"{\"Password\":\"§\"}""#,
    r#""requestParameters":"\"{\\\"Password\\\":\\\"§\\\"}\"""#,
    r#""requestParameters":{"body":"payload={\"Password\":\"§\"}"}"#,
    r#""requestParameters":{"body":"{\"a\":\"{\\\"Password\\\":\\\"§\\\"}\"}"}"#,
    r#""requestParameters":{"body":"%7B%22Password%22%3A%22§%22%7D"}"#,
    r#""requestParameters":{"body":"a%3Db%26Password%3D§"}"#,
    r#""requestParameters":{"body":"<Password>§</Password>"}"#,
    r#""requestParameters":{"body":"password: §\nuser: x"}"#,
    r#""requestParameters":{"body":"{'password': '§'}"}"#,
    r#""requestParameters":{"body":"{\"n\":1**,\"Password\":\"§\"}"}"#,
    r#""requestParameters":{"command":"mysql -u root --password §"}"#,
    r#""requestParameters":{"command":"curl -H 'Authorization: Bearer §§§' u"}"#,
    r#""requestParameters":{"dsn":"mysql://root:§@db.example/x"}"#,
    r#""requestParameters":{"Key":"-----BEGIN RSA PRIVATE KEY-----\n§\n-----END RSA PRIVATE KEY-----"}"#,
    r#""requestParameters":{"a=b&Password=§":""}"#,
    r#""requestParameters":["Password",{"Password":"§"}]"#,
    r#""requestParameters":{"x":"\ud800{\"Password\":\"§\"}"}"#,
    r#""requestParameterJson":"{\"PassWord\":\"§\"}""#,
    r#""requestParameterJson":"{\"n\":1754****,\"pass_word\":\"§\"}""#,
    // Columns.
    r#""referencedResources":{"x":["y"],"Password":"§"}"#,
    r#""eventAttributes":{"SecurityToken":"§"}"#,
    r#""insightDetails":{"AccessKeySecret":"§","insightType":"x"}"#,
    r#""insightDetails":{"insightObject":"Password=§"}"#,
    r#""additionalEventData":{"Password":"§"}"#,
    r#""additionalEventData":{"loginAccount":"Password=§"}"#,
    r#""eventSource":"http://b.oss.aliyuncs.com/?security-token=§&x=1""#,
    r#""eventSource":"http://b.oss.aliyuncs.com/?Signature=§""#,
    r#""eventSource":"http://b.oss.aliyuncs.com/?AccessKeySecret=§""#,
    r#""resourceName":"{\"Password\":\"§\"}""#,
    r#""resourceType":"Password=§""#,
    r#""errorMessage":"{\"Password\":\"§\"}""#,
    r#""errorMessage":"bad password §""#,
    r#""errorMessage":"failed: {\"Password\":\"§\"} at 1""#,
    r#""userAgent":"{\"Password\":\"§\"}""#,
    r#""userAgent":"x token=§; y""#,
    r#""apiVersion":{"Password":"§"}"#,
    r#""vpcId":{"Password":"§"}"#,
    r#""userIdentity":{"type":"root-account","accountId":"1000000000000001","Password":"§"}"#,
    r#""userIdentity":{"type":"root-account","accountId":"1000000000000001","userName":{"Password":"§"}}"#,
    r#""serviceName":{"Password":"§"}"#,
    r#""requestId":"{\"Password\":\"§\"}""#,
    r#""errorCode":"Password=§""#,
    r#""unknown":{"Password":"§"}"#,
    r#""Unknown":"Password=§""#,
];

fn secret(n: usize) -> String {
    format!("{LEAK}{n:03}x9")
}

/// The event of a member, as a line.
fn line(n: usize, member: &str) -> String {
    let member = member.replace('§', &secret(n));
    let mut line = format!("{{\"eventId\":\"S-{n:03}\",{member}");
    for (key, value) in [
        ("eventName", "\"RunInstances\""),
        ("eventTime", "\"2026-11-03T10:00:00Z\""),
        ("eventType", "\"ApiCall\""),
        ("eventVersion", "1"),
        ("eventRW", "\"Write\""),
        ("serviceName", "\"Ecs\""),
        ("acsRegion", "\"cn-hangzhou\""),
        ("sourceIpAddress", "\"203.0.113.9\""),
        ("recipientAccountId", "\"1000000000000001\""),
        ("userIdentity", r#"{"type":"root-account","accountId":"1000000000000001","userName":"root"}"#),
    ] {
        if !member.contains(&format!("\"{key}\":")) {
            line.push_str(&format!(",\"{key}\":{value}"));
        }
    }
    format!("{line}}}\n")
}

/// Records that are none, in UTF-8 and in what a file of another code makes of it.
const REJECTS: [&str; 2] = [
    r#"{"eventId":"R-1","eventTime":"2026-11-03T10:00:00Z","eventName":"x","n":17****,"requestParameters":{"PassWord":"LeakR1x9"}}"#,
    r#"{"eventId":"R-2","n":17****,"body":"{\"pass_word\":\"LeakR2x9\"}"}"#,
];

fn lake() -> Lab {
    assert!(MEMBERS.len() > 100);
    let lab = Lab::new();
    let mut lines: String = MEMBERS.iter().enumerate().map(|(n, member)| line(n, member)).collect();
    lines.push_str(&REJECTS.join("\n"));
    let outcome = lab.ingest(&[lab.file("in/events.jsonl", lines)]);
    assert_eq!((outcome.totals.stored, outcome.totals.rejected), (MEMBERS.len() as u64, 2), "{:?}", outcome.rejects);
    lab
}

/// The secrets that a text shows.
fn shown(text: &str) -> BTreeSet<String> {
    text.match_indices(LEAK).map(|(at, _)| text[at..].chars().take(9).collect()).collect()
}

#[track_caller]
fn shows_nothing(way: &str, text: &str) {
    assert!(!text.is_empty(), "{way} gives nothing");
    let shown = shown(text);
    let members = shown.iter().filter_map(|leak| MEMBERS.get(leak[LEAK.len()..][..3].parse::<usize>().ok()?));
    let members: Vec<_> = members.collect();
    assert!(shown.is_empty(), "{way} shows {shown:?} of {members:#?}");
}

fn written(session: &Session, sql: &str, format: OutputFormat) -> Vec<u8> {
    let mut out = Vec::new();
    output::write(&mut session.sql(sql).unwrap(), format, &OutputStyle::default(), &mut out).unwrap();
    out
}

fn dumped(session: &Session) -> String {
    let mut all = String::new();
    let take = |json: &str| -> Result<(), OpsError> {
        all.push_str(json);
        all.push('\n');
        Ok(())
    };
    dump::dump(&for_ops(session), take).unwrap();
    all
}

/// The cells of a Parquet file, as text.
fn parquet_texts(bytes: Vec<u8>) -> String {
    use arrow::util::display::array_value_to_string;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap().build().unwrap();
    let mut all = String::new();
    for batch in reader {
        let batch = batch.unwrap();
        for column in batch.columns() {
            for row in 0..batch.num_rows() {
                all.push_str(&array_value_to_string(column, row).unwrap());
                all.push('\n');
            }
        }
    }
    all
}

#[test]
fn no_way_out_shows_a_secret() {
    let lab = lake();
    let session = lab.session();
    for table in ["events", "root_ecs_write", "unread_values", "rejects"] {
        let sql = format!("SELECT * FROM {table}");
        for format in [OutputFormat::Table, OutputFormat::Csv, OutputFormat::Json, OutputFormat::Markdown] {
            let text = String::from_utf8(written(&session, &sql, format)).unwrap();
            shows_nothing(&format!("{table} as {format}"), &text);
        }
        shows_nothing(&format!("{table} as parquet"), &parquet_texts(written(&session, &sql, OutputFormat::Parquet)));
    }
    // Bytes are shown as digits.
    let bytes = lab.ask("SELECT arrow_cast(bytes, 'Utf8') AS text FROM rejects");
    assert_eq!(bytes.len(), 2);
    shows_nothing("bytes of rejects", &texts(&bytes, "text").concat());
    let raw = whole_events(session.view_events(&ViewQuery::new("root_ecs_write"))).join("\n");
    assert!(raw.lines().count() >= MEMBERS.len() - 3, "{}", raw.lines().count());
    shows_nothing("raw", &raw);
    shows_nothing("dump", &dumped(&session));
    let parameters =
        ["Password", "body", "Parameters", "ParameterValue", "Parameters.1.ParameterValue", "PassWord", "dsn"];
    for column in ["request_parameters", "extra", "event_source", "request_parameter_json"] {
        for path in parameters {
            let found = rows(session.sql(&format!("SELECT json_param({column}, '{path}') AS value FROM events")));
            shows_nothing("json_param", &json!(found).to_string());
        }
    }
}

#[test]
fn no_verb_shows_a_secret_and_all_are_there_where_asked_for() {
    let lab = lake();
    let home = Home::new();
    let lake = lab.lake();
    let lake = lake.to_str().unwrap();
    let ids: Vec<String> = (0..MEMBERS.len()).map(|n| format!("S-{n:03}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let run = |args: &[&str]| home.run(&[args, &["--lake", lake]].concat()).exits(0);
    let event = run(&[&["event"], &ids[..]].concat());
    shows_nothing("event", &event.stdout);
    assert_eq!(event.stdout.matches("found in").count(), MEMBERS.len());
    for format in ["html", "markdown", "json", "terminal"] {
        let week = ["report", "root-usage", "--week", "2026-W45", "-F", format];
        let report = run(&week);
        shows_nothing(format, &format!("{}{}", report.stdout, report.stderr));
    }
    let all: BTreeSet<String> = (0..MEMBERS.len()).map(secret).collect();
    assert_eq!(shown(&run(&["lake", "dump", "--show-secrets"]).stdout), all);
    let listed = run(&["lake", "rejects"]);
    shows_nothing("rejects", &listed.stdout);
    let folder = lab.path("refused");
    let exported = run(&["lake", "rejects", "--export", folder.to_str().unwrap()]);
    assert!(exported.stderr.contains("2 records carry secrets, which were masked"), "{}", exported.stderr);
    let masked = contents(&folder);
    shows_nothing("export", &masked);
    assert_eq!(masked.matches("\"masked\":true").count(), 2, "{masked}");
    let folder = lab.path("evidence");
    let exported = run(&["lake", "rejects", "--show-secrets", "--export", folder.to_str().unwrap()]);
    assert!(!exported.stderr.contains("masked"), "{}", exported.stderr);
    let whole = contents(&folder);
    assert!(REJECTS.iter().all(|reject| whole.contains(reject)), "{whole}");
    assert_eq!(rejects::export(&lab.lake(), &lab.path("library"), Some(&Masker::PLAIN)).unwrap().masked, 2);
}

fn contents(folder: &std::path::Path) -> String {
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    files.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

#[test]
fn people_are_hidden_where_that_is_asked_for() {
    let home = Home::new();
    let event = json!({"eventId": "P-1", "eventName": "CreateUser", "eventTime": "2026-11-03T10:00:00Z",
        "serviceName": "Ram", "userAgent": "by carol@corp.example", "errorMessage": "no such user: +86 13626736491",
        "requestParameters": {"Email": "dave@corp.example", "MobilePhone": "86-13626736491", "Password": "Leak001x9"},
        "userIdentity": {"type": "ram-user", "accountId": "1000000000000001", "userName": "alice@corp.example",
            "principalId": "1000:alice@corp.example"}});
    home.file("e.json", event.to_string());
    home.run(&["ingest", "e.json"]).exits(0);
    let hidden = ["alice@", "carol@", "dave@", "13626736491"];
    for verb in [&["sql", "SELECT * FROM events", "-F", "json"][..], &["event", "P-1"], &["lake", "dump"]] {
        let usual = home.run(verb).exits(0).stdout;
        assert!(hidden.iter().all(|text| usual.contains(text)) && !usual.contains(LEAK), "{usual}");
        let redacted = home.run(&[verb, &["--redact"]].concat()).exits(0).stdout;
        assert!(!hidden.iter().any(|text| redacted.contains(text)) && !redacted.contains(LEAK), "{redacted}");
        assert!(redacted.contains("1000000000000001") && redacted.contains("CreateUser"), "{redacted}");
        let both = home.run(&[verb, &["--redact", "--show-secrets"]].concat()).exits(2);
        assert!(both.stderr.contains("does not go together with"), "{}", both.stderr);
    }
}

/// Plans of questions that compare masked columns with plain texts are those of questions that see everything.
#[test]
fn masking_costs_only_where_it_is_needed() {
    let lab = Lab::with_events(&[
        json!({"eventId": "1", "eventName": "X", "eventTime": "2026-11-03T10:00:00Z", "eventSource": "ecs.aliyuncs.com",
            "userAgent": "curl/8", "errorMessage": "password=Leak001x9"}),
        json!({"eventId": "2", "eventName": "X", "eventTime": "2026-11-04T10:00:00Z", "userAgent": "Password=Leak002x9"}),
    ]);
    let (masked, whole) = (lab.session(), lab.session_with(Scope::default(), true));
    let plan = |session: &Session, sql: &str| texts(&rows(session.sql(&format!("EXPLAIN {sql}"))), "plan").join("\n");
    for condition in [
        "event_source = 'ecs.aliyuncs.com'",
        "'ecs.aliyuncs.com' = event_source",
        "event_source <> 'ecs.aliyuncs.com' OR event_source IS NULL",
        "user_agent IN ('curl/8', 'curl/9')",
        "user_agent NOT IN ('curl/8', 'curl/9') AND error_message IS NOT NULL",
        "event_name = 'X' AND event_id = '1'",
        "event_name LIKE 'X%' AND source_ip_address IS NULL",
    ] {
        let sql = format!("SELECT event_id FROM events WHERE {condition} ORDER BY event_id");
        assert_eq!(plan(&masked, &sql), plan(&whole, &sql), "{condition}");
        assert_eq!(rows(masked.sql(&sql)), rows(whole.sql(&sql)), "{condition}");
    }
    let sql = "SELECT event_name, count(*) FROM events GROUP BY event_name";
    assert_eq!(plan(&masked, sql), plan(&whole, sql));
    // A filter that must see marks goes into the scan as well, and finds no secret.
    for (condition, ids) in [
        ("user_agent LIKE 'curl%'", vec!["1"]),
        ("user_agent LIKE '%Leak%' OR error_message LIKE '%Leak%'", vec![]),
        ("user_agent = 'Password=Leak002x9' OR error_message IN ('password=Leak001x9', 'x')", vec![]),
        ("user_agent LIKE 'Password=***%'", vec!["2"]),
        ("user_agent <> 'x'", vec!["1", "2"]),
    ] {
        let sql = format!("SELECT event_id FROM events WHERE {condition} ORDER BY event_id");
        assert_eq!(texts(&rows(masked.sql(&sql)), "event_id"), ids, "{condition}");
        let plan = plan(&masked, &sql);
        let in_scan = plan.lines().any(|line| line.contains("DataSourceExec") && line.contains("predicate="));
        assert!(in_scan, "{condition}: {plan}");
    }
    assert_eq!(opened(&masked, "SELECT 1 FROM events WHERE event_id = '1' AND user_agent LIKE 'c%'").len(), 1);
}

/// What is masked in the sample data, so that a false alarm is seen when it comes.
#[test]
fn the_sample_data_hold_these_secrets_and_no_others() {
    let lab = Lab::new();
    lab.ingest(&[crate::harness::sample_data()]);
    let (masked, whole) = (lab.session(), lab.session_with(Scope::default(), true));
    let lines = |session: &Session| dumped(session).lines().map(str::to_owned).collect::<Vec<_>>();
    let mut keys = BTreeSet::new();
    for (masked, whole) in lines(&masked).iter().zip(lines(&whole)) {
        let (masked, whole): (Value, Value) =
            (serde_json::from_str(masked).unwrap(), serde_json::from_str(&whole).unwrap());
        differing("", &masked, &whole, &mut keys);
    }
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    assert_eq!(keys, SECRETS_OF_SAMPLE_DATA);
}

const SECRETS_OF_SAMPLE_DATA: [&str; 2] =
    ["requestParameters.Password", "responseElements.credentials.accessKeySecret"];

/// The paths at which two values differ.
fn differing(path: &str, one: &Value, other: &Value, paths: &mut BTreeSet<String>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            for (key, value) in one {
                differing(&format!("{path}.{key}"), value, &other[key], paths);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).for_each(|(one, other)| differing(path, one, other, paths));
        }
        (one, other) if one != other => {
            paths.insert(path.trim_start_matches('.').to_owned());
        }
        _ => {}
    }
}
