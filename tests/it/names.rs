//! Names of ids and networks from `config.toml`: in SQL, in sessions that hide parts of them, and in the binary.

use serde_json::{Value, json};
use trailql::engine::{EngineOptions, ReferenceData, Scope, Session};
use trailql::event::known_names::{KnownNames, NameTables, parse_network};

use crate::harness::Home;
use crate::lab::{self, Lab};

fn known_names() -> KnownNames {
    let table = |rows: &[(&str, &str)]| rows.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect();
    KnownNames::from(NameTables {
        accounts: table(&[("1000000000000001", "Production"), ("7", "=1+1")]),
        principals: table(&[("2000000000000001", "Aoi <aoi@corp.example>"), ("deploy", "\u{1b}[31mDeployment")]),
        access_keys: table(&[("LTAI5tEXAMPLE", "CI runner")]),
        networks: vec![
            (parse_network("192.0.2.0/24").unwrap(), "office".to_owned()),
            (parse_network("192.0.2.128/25").unwrap(), "back office".to_owned()),
        ],
    })
}

fn lab() -> Lab {
    let event = |n: usize, account: &str, principal: &str, address: &str| {
        json!({"eventId": format!("{n}"), "eventTime": "2026-11-03T10:00:00Z", "sourceIpAddress": address,
            "userIdentity": {"accountId": account, "principalId": principal, "accessKeyId": "LTAI5tEXAMPLE"}})
    };
    Lab::with_events(&[
        event(1, "1000000000000001", "2000000000000001", "192.0.2.1"),
        event(2, "1000000000000001", "3000000000000001:deploy", "::ffff:192.0.2.200"),
        event(3, "1000000000000002", "2000000000000001:session", "ecs.aliyuncs.com"),
        json!({"eventId": "4", "eventTime": "2026-11-03T10:00:00Z"}),
    ])
}

fn session(lab: &Lab, options: EngineOptions) -> Session {
    let reference = ReferenceData { known_names: known_names(), ..ReferenceData::default() };
    lab::session(&lab.lake(), &Scope::default(), &EngineOptions { reference, ..options })
}

#[test]
fn functions_give_names() {
    let lab = lab();
    let session = session(&lab, lab::engine_options());
    let one = |sql: &str| -> Vec<Value> {
        let rows: Vec<Value> = session.rows(&format!("SELECT {sql}"), &[]).unwrap();
        rows.into_iter().map(|mut row| row["v"].take()).collect()
    };
    let events = " AS v FROM events ORDER BY event_id";
    for (sql, expected) in [
        ("account_name('1000000000000001') AS v", json!(["Production"])),
        ("account_name('1') AS v", json!([null])),
        ("account_name(NULL) AS v", json!([null])),
        ("network_name('192.0.2.200') AS v", json!(["back office"])),
        ("network_name(arrow_cast('192.0.2.1', 'LargeUtf8')) AS v", json!(["office"])),
        ("network_name(arrow_cast('192.0.2.1', 'Dictionary(Int32, Utf8)')) AS v", json!(["office"])),
        (&format!("account_name(account_id) {events}"), json!(["Production", "Production", null, null])),
        (
            &format!("principal_name(user_identity_principal_id) {events}"),
            json!(["Aoi <aoi@corp.example>", null, "Aoi <aoi@corp.example>", null]),
        ),
        (
            &format!("access_key_name(user_identity_access_key_id) {events}"),
            json!(["CI runner", "CI runner", "CI runner", null]),
        ),
        (&format!("network_name(source_ip_address) {events}"), json!(["office", "back office", null, null])),
        (
            &format!("network_name(arrow_cast(source_ip_address, 'Dictionary(Int32, Utf8)')) {events}"),
            json!(["office", "back office", null, null]),
        ),
        (
            "event_id AS v FROM events WHERE network_name(source_ip_address) LIKE '%office' ORDER BY 1",
            json!(["1", "2"]),
        ),
        (
            "coalesce(network_name(source_ip_address), 'elsewhere') AS v, count(*) FROM events GROUP BY 1 ORDER BY 1",
            json!(["back office", "elsewhere", "office"]),
        ),
        ("account_name('7') AS v", json!(["=1+1"])),
    ] {
        assert_eq!(json!(one(sql)), expected, "{sql}");
    }
    let wrong: Result<Vec<Value>, _> = session.rows("SELECT account_name(7)", &[]);
    assert!(wrong.unwrap_err().to_string().contains("account_name"));
    // Without names, nothing has one.
    let unnamed: Vec<Value> =
        lab.session().rows("SELECT network_name(source_ip_address) AS v FROM events", &[]).unwrap();
    assert_eq!(unnamed, vec![json!({"v": null}); 4]);
}

#[test]
fn names_are_hidden_as_events_are() {
    let lab = lab();
    let options = lab::engine_options;
    for (options, is_hidden) in [
        (options(), false),
        (EngineOptions { redact: true, ..options() }, true),
        (EngineOptions { show_secrets: true, ..options() }, false),
    ] {
        let session = session(&lab, options);
        let name = session.known_names().principal("2000000000000001").unwrap().to_owned();
        assert_eq!(!name.contains("aoi@corp.example"), is_hidden, "{name}");
        let rows: Vec<Value> = session.rows("SELECT principal_name('2000000000000001') AS v", &[]).unwrap();
        assert_eq!(rows, [json!({"v": name})]);
        assert_eq!(lab::for_ops(&session).known_names(), session.known_names());
    }
}

#[test]
fn every_reading_verb_reads_the_names_of_the_settings() {
    let home = Home::new();
    home.config(
        "[accounts]\n1000000000000001 = \"\\u001b[31mProduction\"\n[principals]\ndeploy = '=Deployment'\n\
         [networks]\noffice = '192.0.2.0/24'\n",
    );
    let event = json!({"eventId": "a", "eventTime": "2026-11-03T10:00:00Z", "sourceIpAddress": "192.0.2.7",
        "userIdentity": {"accountId": "1000000000000001", "userName": "deploy"}});
    home.file("events.json", event.to_string());
    let sql = "SELECT account_name(account_id) AS account, principal_name(user_identity_user_name) AS who,
        network_name(source_ip_address) AS network FROM events";
    let run = home.run(&["sql", sql, "--from", "events.json", "-F", "csv"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("Production,'=Deployment,office"), "{:?}", run.stdout);
    let run = home.run(&["sql", sql, "--from", "events.json", "-F", "table"]);
    assert!(run.stdout.contains("Production") && !run.stdout.contains('\u{1b}'), "{:?}", run.stdout);
    home.config("[networks]\noffice = ['192.0.2.0/24',\n'192.0.2.0/33']\n");
    let run = home.run(&["sql", sql, "--from", "events.json"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("config.toml, line 3: not an address or a network: `192.0.2.0/33`"), "{}", run.stderr);
}
