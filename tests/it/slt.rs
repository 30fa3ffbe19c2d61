//! SLS statements with the rows that they give, in the files of `tests/slt`.
//!
//! Each statement is answered twice: as the syntax tree that it becomes, and as the SQL that `--explain` prints. Both
//! must give the same rows. The events are those of `tests/slt/events.jsonl`; the zone is that of Shanghai.

mod grammar;

use std::fmt;
use std::sync::LazyLock;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use proptest::prelude::*;
use sqllogictest::{DB, DBOutput, DefaultColumnType, Runner};
use trailql::engine::{EngineError, Query, QueryResult, Scope, Session};
use trailql::event::time::TimeRange;
use trailql::ops::search::{Search, SearchForm, translate};
use trailql::sls::SlsError;
use trailql::sls::lower::function_names;

use crate::harness::package;
use crate::lab::{Lab, now};

/// Answers statements over one lake.
struct Statements {
    session: Session,
}

#[derive(Debug)]
struct Failed(String);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

impl From<EngineError> for Failed {
    fn from(error: EngineError) -> Self {
        Self(error.to_string())
    }
}

fn lake() -> (Lab, Session) {
    let lab = Lab::new();
    lab.ingest(&[package().join("tests/slt/events.jsonl")]);
    let scope = Scope { tz: "Asia/Shanghai".parse().unwrap(), now: Some(now()), ..Scope::default() };
    let session = lab.session_with(scope, false);
    (lab, session)
}

fn last_days() -> TimeRange {
    let time = |text: &str| Some(text.parse().unwrap());
    TimeRange { since: time("2026-11-02T00:00:00Z"), until: time("2026-11-04T00:00:00Z") }
}

fn said(errors: &[SlsError]) -> String {
    let one = |error: &SlsError| {
        let help = error.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}{help}", error.message)
    };
    errors.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn read(statement: &str) -> Result<Search, Failed> {
    translate(statement, SearchForm::Rows, 100).map_err(|errors| Failed(said(&errors)))
}

/// Names of columns, and cells as text.
type Answer = (Vec<String>, Vec<Vec<String>>);

fn cells(mut answer: QueryResult) -> Result<Answer, Failed> {
    let names = answer.schema().fields().iter().map(|field| field.name().clone()).collect();
    let (mut rows, options) = (Vec::new(), FormatOptions::default().with_null("NULL"));
    while let Some(batch) = answer.next_batch()? {
        let columns: Vec<_> =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let cell = |column: &ArrayFormatter<'_>| match column.value(row).to_string() {
                text if text.is_empty() => "(empty)".to_owned(),
                text => text,
            };
            rows.push(columns.iter().map(cell).collect());
        }
    }
    Ok((names, rows))
}

impl Statements {
    fn answer(&self, statement: &str) -> Result<Answer, Failed> {
        let search = read(statement)?;
        // Statements that look back are over the last two days of the events.
        let range = if search.needs_range() { last_days() } else { TimeRange::default() };
        let Query::Statement(tree) = search.query_over(range) else { panic!("{statement}") };
        let sql = search.explain(range);
        let of_tree = self.session.statement(*tree).map_err(Failed::from).and_then(cells);
        let of_sql = self.session.sql(&sql).map_err(Failed::from).and_then(cells);
        match (of_tree, of_sql) {
            (Ok(of_tree), Ok(of_sql)) => {
                let sorted = |(names, mut rows): Answer| {
                    rows.sort();
                    (names, rows)
                };
                if sorted(of_tree.clone()) != sorted(of_sql.clone()) {
                    return Err(Failed(format!("DIFFERS: {of_tree:?}\n{of_sql:?}\nof\n{sql}")));
                }
                Ok(of_tree)
            }
            (Err(error), Err(_)) => Err(Failed(format!("{error}\nof\n{sql}"))),
            (Ok(_), Err(error)) => Err(Failed(format!("DIFFERS: only the tree is answered: {error}\nof\n{sql}"))),
            (Err(error), Ok(_)) => Err(Failed(format!("DIFFERS: only the SQL is answered: {error}\nof\n{sql}"))),
        }
    }
}

impl DB for Statements {
    type Error = Failed;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Failed> {
        let (names, rows) = self.answer(sql)?;
        Ok(DBOutput::Rows { types: vec![DefaultColumnType::Any; names.len()], rows })
    }
}

#[track_caller]
fn run(folder: &str) {
    let (_lab, session) = lake();
    let folder = package().join("tests/slt").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    let mut failed = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        // Record by record, so that one run shows all that is wrong.
        for record in sqllogictest::parse_with_name::<DefaultColumnType>(&text, name.as_str()).unwrap() {
            let session = session.clone();
            let mut runner = Runner::new(move || {
                let session = session.clone();
                async move { Ok(Statements { session }) }
            });
            if let Err(error) = runner.run(record) {
                failed.push(error.display(false).to_string());
            }
        }
    }
    assert!(failed.is_empty(), "{} records fail:\n\n{}", failed.len(), failed.join("\n\n"));
}

#[test]
fn functions_give_what_presto_gives() {
    run("functions");
}

#[test]
fn statements_give_their_rows() {
    run("sls");
}

#[test]
fn every_function_that_statements_become_is_there() {
    let (_lab, session) = lake();
    let rows: Vec<serde_json::Value> =
        session.rows("SELECT DISTINCT routine_name AS name FROM information_schema.routines", &[]).unwrap();
    let known: Vec<&str> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    let missing: Vec<String> =
        function_names::targets().into_iter().filter(|name| !known.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_known_function_stands_in_a_statement() {
    let mut texts = String::new();
    for entry in walkdir::WalkDir::new(package().join("tests/slt")).into_iter().filter_map(Result::ok) {
        if entry.path().extension().is_some_and(|extension| extension == "slt") {
            texts.push_str(&std::fs::read_to_string(entry.path()).unwrap().to_lowercase());
        }
    }
    let stands = |name: &str| texts.contains(&format!("{name}(")) || texts.contains(&format!("{name} "));
    let missing: Vec<&str> = function_names::known().filter(|name| !stands(name)).collect();
    assert!(missing.is_empty(), "write a record in tests/slt for {missing:?}");
}

#[test]
fn columns_are_named_as_the_console_names_them() {
    let (_lab, session) = lake();
    let statements = Statements { session };
    for (analysis, expected) in [
        ("select \"event.eventName\", count(*) group by 1", vec!["event.eventName", "_col1"]),
        ("select eventName as PV, max(__time__) as \"最后\" group by pv", vec!["PV", "最后"]),
        ("select l.\"event.eventRw\", 1+1, 'a' from log l", vec!["event.eventRw", "_col1", "_col2"]),
        ("select event.userIdentity.type from log", vec!["event.userIdentity.type"]),
        ("select user, count(*) from (select eventId as user from log) group by user", vec!["user", "_col1"]),
        ("select * from (select eventId as Id, 1 as id2 from log)", vec!["Id", "id2"]),
        ("select a.id, b.id from (select 1 as id) a join (select 1 as id) b on a.id = b.id", vec!["id", "id_1"]),
    ] {
        let (names, _) =
            statements.answer(&format!("* | {analysis}")).unwrap_or_else(|error| panic!("{analysis}: {error}"));
        assert_eq!(names, expected, "{analysis}");
    }
}

#[test]
fn errors_point_at_their_place() {
    for (statement, place, message) in [
        ("* | select evntName from log", "evntName", "no field of events is named `evntName`"),
        (
            "a b | select count(*) as c where c > 1",
            "c",
            "`c` is a name that this SELECT gives, which WHERE does not know",
        ),
        ("* | select dat_format(__time__, '%Y')", "dat_format", "no function is named `dat_format`"),
        ("* | select\n  日 from (select 1 as x)", "日", "no column is named `日`"),
        (
            "* | select security_check_ip('1.1.1.1')",
            "security_check_ip",
            "`security_check_ip` cannot be computed here: \
            the database of threats is the service's own",
        ),
        ("* | select * from a, b", "b", "only one table holds events, and `a` is taken for it already"),
        ("* | select * from x.y", "x.y", "no table is named `x.y`"),
        ("* | select cast(eventName as bigin)", "eventName", "not a type: `bigin`"),
        (
            "* | select 1 union select 2; select 3",
            "select",
            "a statement has one analysis part, and another begins here",
        ),
        ("* | select a.x from (select 1 as y) a", "a.x", "no column is named `a.x`"),
    ] {
        let errors = translate(statement, SearchForm::Rows, 100).unwrap_err();
        assert_eq!(errors[0].message, message, "{statement}");
        let found = &statement[errors[0].span.range_in(statement)];
        assert!(found.starts_with(place) || place.starts_with(found), "{statement}: {found}");
        let first = statement.match_indices(place).map(|(at, _)| at).any(|at| at == errors[0].span.start);
        assert!(first, "{statement}: {:?}", errors[0].span);
    }
}

/// Pieces of statements, some of which fit together.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "select",
        "from",
        "log",
        "where",
        "group by",
        "order by",
        "limit",
        "having",
        "with t as (",
        ")",
        "(",
        ",",
        "*",
        "count(*)",
        "eventName",
        "\"event.x\"",
        "'a'",
        "1",
        "->",
        "x",
        "filter(",
        "array[",
        "]",
        "cast(",
        "as",
        "as array(",
        "bigint",
        "map(",
        "unnest(",
        "t(a)",
        "join",
        "on",
        "union all",
        "case",
        "when",
        "then",
        "end",
        "over (",
        "partition by",
        "try(",
        "max_by(",
        "interval '1' day",
        "__time__ % 60",
        "||",
        "and",
        "not",
        "in",
        "like",
        "| ",
        ";",
        "set session",
        "set session mode=scan;",
        "”",
        "‘",
        "\u{a0}",
        "，",
        "${x}",
        "$",
        "日本",
        ".",
        "a.b.c",
        "[1]",
        "null",
        "exists (",
        "date '2020-01-01'",
        "timestamp 'x'",
        "at time zone",
        "extract(hour from",
        "rollup(",
        "values",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.join(" "))
}

static LAKE: LazyLock<(Lab, Session)> = LazyLock::new(lake);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_makes_a_panic(text in "\\PC{0,60}") {
        let _ = translate(&format!("* | {text}"), SearchForm::Rows, 100);
        let _ = translate(&format!("* | select {text} from log"), SearchForm::Rows, 100);
    }

    #[test]
    fn no_pieces_make_a_panic(pieces in pieces()) {
        let (_, session) = &*LAKE;
        for text in [format!("* | select {pieces}"), format!("* | where {pieces}"), format!("* | select {pieces} from log")] {
            if let Ok(search) = translate(&text, SearchForm::Rows, 100)
                && let Err(error) = session.sql(&search.explain(TimeRange::default()))
            {
                prop_assert!(!matches!(error, EngineError::Crashed(_)), "{text}: {error}");
            }
        }
    }
}

/// Answers a statement both ways. `false` if it cannot be read or planned; a crash is a failure.
fn is_answered(text: &str) -> Result<bool, TestCaseError> {
    let (_, session) = &*LAKE;
    let Ok(search) = translate(text, SearchForm::Rows, 100) else { return Ok(false) };
    let range = if search.needs_range() { last_days() } else { TimeRange::default() };
    let Query::Statement(tree) = search.query_over(range) else { return Ok(false) };
    let sql = search.explain(range);
    // To the end: which batch comes first, and so whether it is an error, is a matter of threads.
    let read = |mut answer: QueryResult| {
        while answer.next_batch()?.is_some() {}
        Ok(())
    };
    let (of_tree, of_sql) = (session.statement(*tree).and_then(read), session.sql(&sql).and_then(read));
    for answered in [&of_tree, &of_sql] {
        if let Err(error @ EngineError::Crashed(_)) = answered {
            return Err(TestCaseError::fail(format!("{text}: {error}\n{sql}")));
        }
    }
    prop_assert_eq!(of_tree.is_ok(), of_sql.is_ok(), "{}\n{:?}\n{:?}\n{}", text, of_tree.err(), of_sql.err(), sql);
    Ok(of_tree.is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn statements_of_the_grammar_are_answered_alike_by_tree_and_text(text in grammar::statement()) {
        is_answered(&text)?;
    }

    #[test]
    fn changed_statements_make_no_panic(text in grammar::mutated()) {
        is_answered(&text)?;
    }
}

#[test]
fn long_and_deep_statements_are_refused() {
    for text in [
        format!("select {}1", "1 + ".repeat(5_000)),
        format!("select {}1{}", "(".repeat(5_000), ")".repeat(5_000)),
        format!("select {}1{}", "abs(".repeat(200), ")".repeat(200)),
        format!("select 1 from {}log{}", "(select * from ".repeat(200), ")".repeat(200)),
        format!("select 1 {}", "union all select 1 ".repeat(500)),
        format!("select cast(1 as {}bigint{})", "array(".repeat(500), ")".repeat(500)),
    ] {
        assert!(translate(&format!("* | {text}"), SearchForm::Rows, 100).is_err(), "{}", &text[..60]);
    }
}

#[test]
fn long_and_flat_statements_are_answered() {
    let sum = format!("* | select {}1 as a from log where {}1 = 1", "1 + ".repeat(150), "1 = 1 and ".repeat(600));
    let (_lab, session) = lake();
    let (_, rows) = Statements { session }.answer(&sum).unwrap();
    assert_eq!(rows, [["151"]; 6]);
}
