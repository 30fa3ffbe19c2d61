//! An example of a program that uses trailql as a library. It runs as a test, so that it stays true.
//!
//! [`root_logons`] answers one query over exports. [`logons_by_account`] keeps a lake open and asks it many times.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use trailql::engine::views::ViewCatalog;
use trailql::engine::{Engine, EngineOptions, Events, Limits, Query, ReferenceData, Scope, ViewForm, ViewQuery};
use trailql::export::csv::CsvOptions;
use trailql::lake::Lake;
use trailql::ops::OpsError;
use trailql::ops::open::{OpenOptions, Source};
use trailql::ops::progress::Silent;
use trailql::ops::query::{Output, prepare};

use crate::harness::sample_data;
use crate::lab::{Lab, now};

fn engine_options() -> EngineOptions {
    EngineOptions {
        memory_limit_bytes: 256 << 20,
        owns_process: false,
        threads: 2,
        show_secrets: false,
        redact: false,
        views: Arc::new(ViewCatalog::built_in().unwrap()),
        reference: ReferenceData::default(),
        tuning: true,
    }
}

/// Streams the whole events of the view `root_console_login`, straight from exports.
fn root_logons(exports: &Path) -> Result<Events, OpsError> {
    let options = OpenOptions {
        source: Source::Exports { inputs: vec![exports.to_owned()], csv: CsvOptions::default() },
        scope: Scope::default(),
        engine: engine_options(),
        time_limit: None,
        now: now(),
    };
    let query = Query::View(ViewQuery::new("root_console_login"), ViewForm::Events);
    match prepare(&options, query, &Silent)?.run()? {
        Output::Events(events) => Ok(events),
        Output::Rows(_) | Output::Histogram(_) => unreachable!("the form asks for events"),
    }
}

/// Counts logons of each account of a lake, each in a session of its own.
fn logons_by_account(lake: &Path) -> Result<Vec<(String, u64)>, OpsError> {
    #[derive(Deserialize)]
    struct Account {
        account_id: String,
    }
    #[derive(Deserialize)]
    struct Count {
        logons: u64,
    }
    let lake = Lake::open(lake)?;
    let engine = Engine::open(&lake, &lake.snapshot()?, &engine_options())?;
    let all = engine.session(&Scope::default(), &Limits::default())?;
    let accounts = "SELECT DISTINCT account_id FROM events WHERE account_id IS NOT NULL ORDER BY 1";
    let mut counts = Vec::new();
    for Account { account_id } in all.rows(accounts, &[])? {
        let scope = Scope { accounts: vec![account_id.clone()], ..Scope::default() };
        let session = engine.session(&scope, &Limits::default())?;
        let rows: Vec<Count> = session.rows("SELECT count(*) AS logons FROM root_console_login", &[])?;
        counts.extend(rows.first().map(|count| (account_id, count.logons)));
    }
    Ok(counts)
}

#[test]
fn a_program_asks_exports_and_a_lake() {
    let mut events = root_logons(&sample_data()).unwrap();
    let mut logons = 0;
    while let Some(event) = events.next_event().unwrap() {
        assert!(event.contains("ConsoleSignin"), "{event}");
        logons += 1;
    }
    let lab = Lab::new();
    lab.ingest(&[sample_data()]);
    let counts = logons_by_account(&lab.lake()).unwrap();
    assert!(logons > 0 && !counts.is_empty(), "{logons} {counts:?}");
    assert_eq!(counts.iter().map(|(_, logons)| logons).sum::<u64>(), logons);
}
