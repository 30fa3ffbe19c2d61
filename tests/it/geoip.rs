//! Places of addresses: databases that are whole, broken and hostile, in the library, in SQL and in the binary.

mod mmdb;

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use trailql::engine::{EngineOptions, ReferenceData, Scope, Session};
use trailql::geoip::{GeoIp, GeoIpError, Place, PlaceName};

use crate::harness::Home;
use crate::lab::{self, Lab};
use mmdb::{Database, Value, text};

const ALLOWED: u64 = 64 << 20;

fn names(en: &str, ja: &str, zh: &str) -> Value {
    Value::Map(vec![("de", text("anders")), ("en", text(en)), ("ja", text(ja)), ("zh-CN", text(zh))])
}

fn place(code: &str, country: Value, city: Value) -> Value {
    let country = Value::Map(vec![
        ("geoname_id", Value::U32(7)),
        ("iso_code", text(code)),
        ("names", country),
        ("other", Value::List(vec![Value::U16(1), text("x")])),
    ]);
    Value::Map(vec![("city", Value::Map(vec![("names", city)])), ("country", country)])
}

fn system(number: u32, organization: &str) -> Value {
    Value::Map(vec![
        ("autonomous_system_number", Value::U32(number)),
        ("autonomous_system_organization", text(organization)),
    ])
}

fn city() -> Database {
    let japan = || names("Japan", "日本", "日本");
    Database::new(
        "GeoLite2-City",
        &[
            ("192.0.2.0/24", place("JP", japan(), names("Tokyo", "東京", "东京"))),
            ("192.0.2.128/25", place("JP", japan(), names("Osaka", "大阪市", "大阪"))),
            ("198.51.100.7/32", place("de", names("Germany", "ドイツ", "德国"), names(" ", "", ""))),
            ("2001:db8::/32", place("FR", names("France", "フランス", "法国"), Value::Map(Vec::new()))),
        ],
    )
}

fn asn() -> Database {
    Database::new("DBIP-ASN-Lite (compat=GeoLite2-ASN)", &[("192.0.2.0/25", system(64500, "Example KK"))])
}

/// Names and contents of files.
type Files<'f> = &'f [(&'f str, &'f [u8])];

fn folder(files: Files<'_>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn open(folder: &Path) -> GeoIp {
    GeoIp::open(folder, ALLOWED).unwrap()
}

fn name(en: &str, ja: &str, zh: &str) -> PlaceName {
    PlaceName { en: Some(en.to_owned()), ja: Some(ja.to_owned()), zh: Some(zh.to_owned()) }
}

#[test]
fn addresses_have_places_and_systems() {
    let tokyo = Place {
        country_code: Some("JP".to_owned()),
        country: name("Japan", "日本", "日本"),
        city: name("Tokyo", "東京", "东京"),
        as_number: Some(64500),
        as_organization: Some("Example KK".to_owned()),
    };
    let osaka =
        Place { city: name("Osaka", "大阪市", "大阪"), as_number: None, as_organization: None, ..tokyo.clone() };
    // A code is two capital letters, and an empty name is none.
    let germany = Place { country: name("Germany", "ドイツ", "德国"), ..Place::default() };
    let france =
        Place {
            country_code: Some("FR".to_owned()), country: name("France", "フランス", "法国"), ..Place::default()
        };
    for record_bits in [24, 28, 32] {
        let city = Database { record_bits, ..city() }.bytes();
        let files = folder(&[("city.MMDB", &city), ("asn.mmdb", &asn().bytes()), ("README.txt", b"no database")]);
        let geoip = open(files.path());
        for (address, expected) in [
            ("192.0.2.1", Some(&tokyo)),
            (" ::ffff:192.0.2.1 ", Some(&tokyo)),
            ("192.0.2.200", Some(&osaka)),
            ("198.51.100.7", Some(&germany)),
            ("198.51.100.8", None),
            ("2001:db8::9", Some(&france)),
            ("2001:db9::9", None),
            ("ecs.aliyuncs.com", None),
            ("192.0.2.**", None),
            ("", None),
        ] {
            assert_eq!(geoip.lookup_text(address).unwrap().as_ref(), expected, "{record_bits} bits, {address}");
        }
    }
    let nothing = GeoIp::default();
    assert!(nothing.is_empty() && nothing.lookup_text("192.0.2.1").unwrap().is_none());
}

#[test]
fn the_best_databases_of_a_folder_are_taken() {
    let country = |code: &str, kind| {
        let record = Value::Map(vec![("country", Value::Map(vec![("iso_code", text(code))]))]);
        Database::new(kind, &[("192.0.2.0/24", record)]).bytes()
    };
    let enterprise =
        Value::Map(vec![("country", Value::Map(vec![("iso_code", text("CC"))])), ("traits", system(64501, "Traits"))]);
    let enterprise = Database::new("DBIP-Location-ISP (compat=Enterprise)", &[("192.0.2.0/24", enterprise)]).bytes();
    let lite = |code| country(code, "DBIP-Country-Lite");
    let (city, asn, other) = (country("AA", "GeoIP2-City"), asn().bytes(), country("BB", "GeoIP2-Anonymous-IP"));
    let v4 = Database { ip_version: 4, ..Database::new("X-ASN", &[("192.0.2.0/24", system(64502, "four"))]) }.bytes();
    for (files, code, number) in [
        (vec![("a.mmdb", &city), ("z.mmdb", &lite("ZZ"))], Some("AA"), None),
        (vec![("dbip-2026-10.mmdb", &lite("XA")), ("dbip-2026-11.mmdb", &lite("XB"))], Some("XB"), None),
        (vec![("a.mmdb", &lite("ZZ")), ("b.mmdb", &asn), ("c.mmdb", &other)], Some("ZZ"), Some(64500)),
        (vec![("b.mmdb", &asn)], None, Some(64500)),
        (vec![("a.mmdb", &enterprise)], Some("CC"), Some(64501)),
        (vec![("a.mmdb", &enterprise), ("b.mmdb", &asn)], Some("CC"), Some(64500)),
        (vec![("a.mmdb", &v4)], None, Some(64502)),
    ] {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
        let folder = folder(&files);
        let geoip = open(folder.path());
        let found = geoip.lookup_text("192.0.2.1").unwrap().unwrap();
        assert_eq!((found.country_code.as_deref(), found.as_number), (code, number), "{geoip:?}");
        assert_eq!(geoip.lookup_text("2001:db8::1").unwrap(), None);
    }
}

#[test]
fn a_folder_that_cannot_be_used_is_an_error_that_names_it() {
    let whole = city().bytes();
    let no_type = Database { kind: "", ..city() }.bytes();
    let other = Database { kind: "GeoIP2-Domain", ..city() }.bytes();
    let cases: [(Files<'_>, u64, &str); 8] = [
        (&[], ALLOWED, "no City, Country or ASN database in the folder: "),
        (&[("x.txt", b"")], ALLOWED, "no City, Country or ASN database"),
        (&[("x.mmdb", &other)], ALLOWED, "no City, Country or ASN database"),
        (&[("x.mmdb", &no_type)], ALLOWED, "no City, Country or ASN database"),
        (&[("x.mmdb", b"")], ALLOWED, "x.mmdb`: it has no metadata of a MaxMind database"),
        (&[("city.mmdb", &whole), ("x.mmdb", b"\xab\xcd\xefMaxMind.com")], ALLOWED, "x.mmdb`: its metadata name no"),
        (&[("x.mmdb", b"\xab\xcd\xefMaxMind.comdatabase_type\x5d\xff")], ALLOWED, "x.mmdb`: its metadata name no"),
        (&[("city.mmdb", &whole)], whole.len() as u64 - 1, "too little memory for the GeoIP database of "),
    ];
    for (files, allowed, message) in cases {
        let folder = folder(files);
        let error = GeoIp::open(folder.path(), allowed).unwrap_err();
        assert!(error.to_string().contains(message), "{message}: {error}");
        assert!(error.to_string().contains(folder.path().to_str().unwrap()), "{error}");
    }
    let folder = folder(&[]);
    std::fs::create_dir(folder.path().join("folder.mmdb")).unwrap();
    assert!(matches!(GeoIp::open(folder.path(), ALLOWED), Err(GeoIpError::Broken { .. })));
    assert!(matches!(GeoIp::open(&folder.path().join("none"), ALLOWED), Err(GeoIpError::Folder { .. })));
}

/// The first lookup reads a database as a whole, and says what is wrong with it each time.
#[test]
fn a_database_that_breaks_behind_its_metadata_is_an_error_of_the_lookup() {
    let whole = city().bytes();
    let metadata = whole.windows(14).position(|bytes| bytes == b"\xab\xcd\xefMaxMind.com").unwrap();
    let folder = folder(&[("city.mmdb", &whole[metadata - 8..])]);
    let geoip = open(folder.path());
    for _ in 0..2 {
        let error = geoip.lookup_text("192.0.2.1").unwrap_err();
        assert!(matches!(&error, GeoIpError::Broken { path, .. } if path.ends_with("city.mmdb")), "{error}");
    }
    std::fs::write(folder.path().join("city.mmdb"), &whole).unwrap();
    let geoip = open(folder.path());
    std::fs::remove_file(folder.path().join("city.mmdb")).unwrap();
    assert!(geoip.lookup_text("192.0.2.1").unwrap_err().to_string().contains("city.mmdb"));
}

#[test]
fn hostile_records_are_none_or_cut() {
    let country = |value: Value| Value::Map(vec![("country", value)]);
    let name = |value: Value| country(Value::Map(vec![("names", Value::Map(vec![("en", value)]))]));
    let deep = |mut value: Value| {
        for _ in 0..2_000 {
            value = Value::Map(vec![("country", value)]);
        }
        value
    };
    let (huge, odd) = ("x".repeat(1_000_000), "\u{1b}[31m\u{202e}\u{0}<script>");
    for (record, expected) in [
        (name(text(&huge)), Some(&huge[..200])),
        (name(text(odd)), Some(odd)),
        // A pointer to itself, one behind the end, a text longer than the file, and bytes that are no UTF-8.
        (Value::Raw(vec![0x20, 0]), None),
        (name(Value::Raw(vec![0x38, 0xff, 0xff, 0xff, 0xff])), None),
        (name(Value::Raw(vec![0x5f, 0xff, 0xff, 0xff])), None),
        (name(Value::Raw(vec![0x42, 0xff, 0xfe])), None),
        // A map of millions of members.
        (Value::Raw(vec![0xff, 0xff, 0xff, 0xff]), None),
        (name(Value::U32(7)), None),
        (country(text("JP")), None),
        (deep(text("x")), None),
        (Value::List(vec![text("x")]), None),
        (Value::Map(Vec::new()), None),
    ] {
        let folder = folder(&[("x.mmdb", &Database::new("X-Country", &[("192.0.2.0/24", record.clone())]).bytes())]);
        let found = open(folder.path()).lookup_text("192.0.2.1").unwrap();
        let name = found.and_then(|place| place.country.en);
        assert_eq!(name.as_deref(), expected, "{:.200}", format!("{record:?}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_changed_database_never_panics(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = city().bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.drain(..cut.index(bytes.len()));
        }
        let folder = folder(&[("x.mmdb", &bytes)]);
        if let Ok(geoip) = GeoIp::open(folder.path(), ALLOWED) {
            for address in ["192.0.2.1", "192.0.2.200", "198.51.100.7", "2001:db8::1", "::", "255.255.255.255"] {
                let _ = geoip.lookup_text(address);
            }
        }
    }
}

fn lab() -> Lab {
    let event = |n: usize, address: &str| json!({"eventId": format!("{n}"), "eventTime": "2026-11-03T10:00:00Z", "sourceIpAddress": address});
    Lab::with_events(&[event(1, "192.0.2.1"), event(2, "192.0.2.200"), event(3, "ecs.aliyuncs.com")])
}

fn session(lab: &Lab, geoip: GeoIp) -> Session {
    let reference = ReferenceData { geoip, ..ReferenceData::default() };
    lab::session(&lab.lake(), &Scope::default(), &EngineOptions { reference, ..lab::engine_options() })
}

#[test]
fn functions_give_parts_of_places() {
    let (lab, files) = (lab(), folder(&[("city.mmdb", &city().bytes()), ("asn.mmdb", &asn().bytes())]));
    let (with, without) = (session(&lab, open(files.path())), session(&lab, GeoIp::default()));
    for (call, expected) in [
        ("geo_country(source_ip_address)", json!(["JP", "JP", null])),
        ("geo_city(source_ip_address)", json!(["Tokyo", "Osaka", null])),
        ("geo_as(source_ip_address)", json!(["AS64500 Example KK", null, null])),
        ("geo_city(arrow_cast(source_ip_address, 'Dictionary(Int32, Utf8)'))", json!(["Tokyo", "Osaka", null])),
        ("geo_city(arrow_cast(source_ip_address, 'LargeUtf8'))", json!(["Tokyo", "Osaka", null])),
        ("geo_country('2001:db8::1')", json!(["FR", "FR", "FR"])),
        ("geo_country(NULL)", json!([null, null, null])),
        ("sls_ip_to_country(source_ip_address)", json!(["日本", "日本", null])),
        ("sls_ip_to_country(source_ip_address, 'en')", json!(["JP", "JP", null])),
        ("sls_ip_to_country_code(source_ip_address)", json!(["JP", "JP", null])),
        ("sls_ip_to_city(source_ip_address)", json!(["东京", "大阪", null])),
        ("sls_ip_to_city(source_ip_address, 'en')", json!(["Tokyo", "Osaka", null])),
        ("sls_ip_to_provider(source_ip_address)", json!(["Example KK", null, null])),
    ] {
        let sql = format!("SELECT {call} AS v FROM events ORDER BY event_id");
        let column = |session: &Session| -> Json {
            let rows: Vec<Json> = session.rows(&sql, &[]).unwrap();
            json!(rows.iter().map(|row| &row["v"]).collect::<Vec<_>>())
        };
        assert_eq!(column(&with), expected, "{call}");
        assert_eq!(column(&without), json!([null, null, null]), "{call}");
    }
    assert!(lab::for_ops(&without).geoip().is_empty() && !lab::for_ops(&with).geoip().is_empty());
}

#[test]
fn the_folder_comes_from_the_flag_the_environment_or_the_settings() {
    let event = json!({"eventId": "a", "eventTime": "2026-11-03T10:00:00Z", "sourceIpAddress": "192.0.2.1"});
    let sql = "SELECT geo_city(source_ip_address) AS city FROM events";
    let home = |home: Home| {
        home.file("geo/city.mmdb", city().bytes());
        home.file("empty/README", "");
        home.file("events.json", event.to_string());
        home
    };
    let ask = ["sql", sql, "--from", "events.json", "-F", "csv"];
    let (plain, by_variable) = (home(Home::new()), home(Home::new().env("TRAILQL_GEOIP", "geo")));
    let by_settings = home(Home::new());
    by_settings.config("geoip = 'geo'");
    for (home, flags, answer) in [
        (&plain, &[][..], "city\n\n"),
        (&plain, &["--geoip", "geo"], "city\nTokyo\n"),
        (&by_variable, &[], "city\nTokyo\n"),
        (&by_settings, &[], "city\nTokyo\n"),
    ] {
        let run = home.run(&[&ask[..], flags].concat()).exits(0);
        assert_eq!(run.stdout.replace("\"\"", ""), answer, "{flags:?}");
    }
    let run = by_settings.run(&[&ask[..], &["--geoip", "empty"]].concat()).exits(2);
    let said = "error: no City, Country or ASN database in the folder: `empty`\nhint: give a folder with `.mmdb` files";
    assert!(run.stderr.starts_with(said), "{}", run.stderr);
    plain.file("broken/city.mmdb", &city().bytes()[700..]);
    let run = plain.run(&[&ask[..], &["--geoip", "broken"]].concat()).exits(2);
    assert!(run.stderr.contains("cannot read the GeoIP database `broken/city.mmdb`: "), "{}", run.stderr);
}
