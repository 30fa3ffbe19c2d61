//! Questions of exports without a lake: only the fields that a question needs are read, and the answer is the same.

use trailql::engine::{Engine, EngineError, Question, Scope, SessionOptions};
use trailql::event::field::{FieldId, FieldSet, by_column};
use trailql::export::csv::CsvOptions;
use trailql::ops::OpsError;
use trailql::ops::open::{Source, open};
use trailql::ops::progress::Silent;

use crate::harness::sample_data;
use crate::lab::{Lab, now, rows};

fn session() -> SessionOptions {
    SessionOptions {
        scope: Scope::default(),
        memory_limit_bytes: 256 << 20,
        threads: 2,
        show_secrets: false,
        redact: false,
        owns_process: false,
        time_limit: None,
        views: crate::lab::views(),
        tuning: true,
    }
}

fn engine_for(question: Question<'_>) -> Result<Engine, OpsError> {
    let source = Source::Exports { inputs: vec![sample_data()], csv: CsvOptions::default() };
    open(&source, question, &session(), now(), &Silent).map(|opened| opened.engine)
}

fn sorted(answer: Result<trailql::engine::Answer<'_>, EngineError>) -> Vec<String> {
    let mut lines: Vec<String> = rows(answer).iter().map(ToString::to_string).collect();
    lines.sort();
    lines
}

/// The rows with the marks of secrets alone.
fn without_fingerprints(rows: Vec<String>) -> Vec<String> {
    let mark = |row: String| {
        let mut parts = row.split("***").map(str::to_owned).collect::<Vec<_>>();
        for part in parts.iter_mut().skip(1) {
            if part.len() >= 12 && part.as_bytes()[..12].iter().all(u8::is_ascii_hexdigit) {
                part.replace_range(..12, "");
            }
        }
        parts.join("***")
    };
    rows.into_iter().map(mark).collect()
}

#[test]
fn answers_are_those_of_a_lake() {
    let lab = Lab::new();
    lab.ingest(&[sample_data()]);
    let lake = lab.engine();
    let mut found = 0;
    for view in crate::lab::views().listed() {
        let engine = engine_for(Question::View { name: &view.name, params: &[] }).unwrap();
        let expected = sorted(lake.view(&view.name, &[]));
        assert_eq!(sorted(engine.view(&view.name, &[])), expected, "{}", view.name);
        if view.name.starts_with("root_") && view.name != "root_high_frequency" {
            let expected = sorted(lake.view_histogram(&view.name, &[]));
            assert_eq!(sorted(engine.view_histogram(&view.name, &[])), expected, "{}", view.name);
        }
        found += expected.len();
    }
    assert!(found > 100, "the views find {found} rows in the sample data, too few to say anything");
    for sql in [
        "SELECT count(*) FROM events",
        "SELECT * FROM events",
        "SELECT event_name, count(*) FROM events GROUP BY 1",
        "SELECT outcome, source_kind, mfa_used, account_id, count(*) FROM events GROUP BY ALL",
        "SELECT event_id FROM events WHERE error_message LIKE '%a%'",
        "SELECT event_id, extra FROM events WHERE extra IS NOT NULL",
        "SELECT event_id, additional_event_data_login_account, insight_details_state FROM events",
        "SELECT event_id FROM root_ak_access WHERE event_time > (SELECT min(event_time) FROM root_console_login)",
        "SELECT a.event_id FROM events a WHERE EXISTS (SELECT 1 FROM events b
            WHERE b.source_ip_address = a.source_ip_address AND b.user_identity_type = 'root-account')",
        "WITH days AS (SELECT event_date, user_agent FROM events) SELECT event_date, count(DISTINCT user_agent) FROM days GROUP BY 1",
        "SELECT json_param(request_parameters, 'RegionId') AS region, count(*) FROM events GROUP BY 1",
        "SELECT __topic__, __tags__, source_member, source_record FROM events",
        "SELECT shape, read, stored, duplicate, rejected FROM sources",
        "SELECT reason FROM rejects",
        "SELECT event_date, sum(rows) FROM files GROUP BY 1",
        "DESCRIBE events",
    ] {
        let engine = engine_for(Question::Sql(sql)).unwrap();
        // Fingerprints of secrets are those of one lake.
        let rows = |engine: &Engine| without_fingerprints(sorted(engine.sql(sql)));
        assert_eq!(rows(&engine), rows(&lake), "{sql}");
    }
}

#[test]
fn a_question_tells_which_fields_it_needs() {
    for (sql, expected) in [
        ("SELECT count(*) FROM events", Some(vec![])),
        ("SELECT event_name, count(*) FROM events GROUP BY 1", Some(vec!["event_name"])),
        (
            "SELECT event_id FROM events WHERE vpc_id = 'a' ORDER BY error_code",
            Some(vec!["event_id", "vpc_id", "error_code"]),
        ),
        ("SELECT user_agent FROM (SELECT * FROM events)", Some(vec!["user_agent"])),
        ("SELECT (SELECT max(api_version) FROM events), outcome FROM events", Some(vec!["api_version", "outcome"])),
        ("SELECT path FROM files", Some(vec![])),
        ("SELECT * FROM events", None),
        ("EXPLAIN SELECT event_name FROM events", None),
    ] {
        let fields = Question::Sql(sql).fields(&session()).unwrap();
        match expected {
            Some(columns) => {
                let expected: FieldSet = columns.into_iter().filter_map(by_column).collect();
                assert_eq!(fields, expected, "{sql}");
            }
            None => assert!(fields.contains(FieldId::Extra) && fields.contains(FieldId::SlsTags), "{sql}"),
        }
    }
    let scope = Scope { accounts: vec!["1".to_owned()], ..Scope::default() };
    let fields = Question::Sql("SELECT event_name FROM events").fields(&SessionOptions { scope, ..session() }).unwrap();
    let of_scope = FieldSet::NONE.with(FieldId::AccountId).with(FieldId::RecipientAccountId);
    assert_eq!(fields, of_scope.with(FieldId::EventName));
    assert_eq!(Question::Any.fields(&session()).unwrap(), FieldSet::ALL);
}

#[test]
fn a_wrong_question_is_refused_before_anything_is_read() {
    let nowhere = Source::Exports { inputs: vec!["nowhere".into()], csv: CsvOptions::default() };
    for (question, what) in [
        (Question::Sql("SELEC 1"), "SELEC"),
        (Question::Sql("SELECT event_nam FROM events"), "event_nam"),
        (Question::Sql("DELETE FROM events"), "DELETE"),
        (Question::View { name: "root_console_logi", params: &[] }, "root_console_logi"),
        (Question::View { name: "root_console_login", params: &[("no_such".to_owned(), "1".to_owned())] }, "no_such"),
    ] {
        let error = open(&nowhere, question, &session(), now(), &Silent).err().unwrap();
        assert!(error.to_string().contains(what), "{error}");
    }
}
