//! Questions of exports without a lake: only the fields that a question needs are read, and the answer is the same.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;
use std::path::PathBuf;
use trailql::engine::views::ViewKind;
use trailql::engine::{EngineError, Query, Scope, Statement, ViewForm, ViewQuery};
use trailql::event::field::{FieldId, FieldSet, by_column};
use trailql::export::csv::CsvOptions;
use trailql::ops::open::{OpenOptions, Source};
use trailql::ops::progress::Silent;
use trailql::ops::query::{Output, prepare};

use crate::harness::sample_data;
use crate::lab::{Lab, engine_options, now, rows};

fn options(input: PathBuf) -> OpenOptions {
    let source = Source::Exports { inputs: vec![input], csv: CsvOptions::default() };
    OpenOptions { source, scope: Scope::default(), engine: engine_options(), time_limit: None, now: now() }
}

/// The rows of a query over the sample data.
fn from_exports(query: Query) -> Vec<String> {
    match prepare(&options(sample_data()), query, &Silent).unwrap().run().unwrap() {
        Output::Rows(rows) => sorted(Ok(rows)),
        Output::Histogram(histogram) => vec![format!("{histogram:?}")],
        Output::Events(_) => unreachable!("no query here asks for whole events"),
    }
}

fn sorted(answer: Result<trailql::engine::QueryResult, EngineError>) -> Vec<String> {
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
    let lake = lab.session();
    let mut found = 0;
    // Each question reads all exports again, so a part of the views stands for the rest.
    let is_asked = |name: &str| name.contains("root_") || name.starts_with("summary_") || name == "unread_values";
    for view in crate::lab::views().listed().into_iter().filter(|view| is_asked(&view.name)) {
        let asked = ViewQuery::new(&view.name);
        let expected = sorted(lake.view(&asked));
        assert_eq!(from_exports(Query::View(asked.clone(), ViewForm::Rows)), expected, "{}", view.name);
        if view.name.starts_with("root_") && view.kind == ViewKind::Match {
            let expected = vec![format!("{:?}", lake.view_histogram(&asked).unwrap())];
            assert_eq!(from_exports(Query::View(asked, ViewForm::Histogram)), expected, "{}", view.name);
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
        // Fingerprints of secrets are those of one lake.
        let found = without_fingerprints(from_exports(Query::Sql(sql.to_owned())));
        assert_eq!(found, without_fingerprints(sorted(lake.sql(sql))), "{sql}");
    }
}

fn fields(sql: &str, scope: &Scope) -> FieldSet {
    Query::Sql(sql.to_owned()).fields(&engine_options(), scope).unwrap()
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
        let fields = fields(sql, &Scope::default());
        match expected {
            Some(columns) => {
                let expected: FieldSet = columns.into_iter().filter_map(by_column).collect();
                assert_eq!(fields, expected, "{sql}");
            }
            None => assert!(fields.contains(FieldId::Extra) && fields.contains(FieldId::SlsTags), "{sql}"),
        }
    }
    let scope = Scope { accounts: vec!["1".to_owned()], ..Scope::default() };
    let fields = fields("SELECT event_name FROM events", &scope);
    let of_scope = FieldSet::NONE.with(FieldId::AccountId).with(FieldId::RecipientAccountId);
    assert_eq!(fields, of_scope.with(FieldId::EventName));
    let events = Query::View(ViewQuery::new("root_console_login"), ViewForm::Events);
    assert_eq!(events.fields(&engine_options(), &Scope::default()).unwrap(), FieldSet::ALL);
}

#[test]
fn a_wrong_question_is_refused_before_anything_is_read() {
    let sql = |text: &str| Query::Sql(text.to_owned());
    let view = |name: &str, params: &[(&str, &str)], form| {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Query::View(ViewQuery { name: name.to_owned(), params }, form)
    };
    for (query, what) in [
        (sql("SELEC 1"), "SELEC"),
        (sql("SELECT event_nam FROM events"), "event_nam"),
        (sql("DELETE FROM events"), "DELETE"),
        (view("root_console_logi", &[], ViewForm::Rows), "root_console_logi"),
        (view("root_console_login", &[("no_such", "1")], ViewForm::Rows), "no_such"),
        (view("root_console_login", &[("no_such", "1")], ViewForm::Events), "no_such"),
        (view("summary_root", &[], ViewForm::Events), "event_id"),
        (view("summary_root", &[], ViewForm::Histogram), "event_time"),
    ] {
        let error = prepare(&options("nowhere".into()), query, &Silent).err().unwrap();
        assert!(error.to_string().contains(what), "{error}");
    }
}

/// A syntax tree, as another language makes it, is answered as its text is.
#[test]
fn a_tree_is_answered_as_its_text() {
    let sql = "SELECT outcome, count(*) FROM root_console_login GROUP BY 1 ORDER BY 1";
    let mut parsed = Parser::parse_sql(&GenericDialect {}, sql).unwrap();
    let tree = Query::Statement(Box::new(Statement::Statement(Box::new(parsed.remove(0)))));
    let found = from_exports(tree);
    assert_eq!(found, from_exports(Query::Sql(sql.to_owned())));
    assert!(!found.is_empty());
}
