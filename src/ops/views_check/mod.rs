//! Checks the views of a folder: reads and plans each, and runs the test file beside it.
//!
//! `<name>.test.json` stands beside `<name>.sql`. `queries/README.md` describes its form. Each case is a lake of its
//! own, since events of one case may be copies of those of another.

mod test_file;

use super::OpsError;
use super::open::{OpenOptions, Opened, Source};
use super::plan_view::{described, faults_of_match};
use super::progress::{Progress, Silent};
use crate::engine::views::{GROUP_COLUMNS, LEADING_COLUMNS, View, ViewCatalog, ViewFile, ViewKind};
use crate::engine::{Engine, EngineError, EngineOptions, Limits, ReferenceData, Scope, Session, ViewQuery};
use crate::event::field::FieldId;
use crate::event::time::Zone;
use crate::export::csv::CsvOptions;
use crate::lake;
use arrow::datatypes::Schema;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use test_file::{Case, MATCH, TestFile};

/// The most rows that a fault shows.
const SHOWN_ROWS: usize = 5;

/// Options of a check.
#[derive(Debug, Clone)]
pub struct CheckOptions {
    /// The folder with the views.
    pub folder: PathBuf,
    /// The views that those of the folder may name.
    pub known: ViewCatalog,
    /// Names of the views to check; all where it is empty.
    pub only: Vec<String>,
    /// Memory for all tests together.
    pub memory_limit_bytes: usize,
    /// Test files that run at the same time.
    pub threads: usize,
    /// The present of every session.
    pub now: DateTime<Utc>,
}

/// The result of the check of one file.
#[derive(Debug, Serialize)]
pub struct ViewCheck {
    /// Name of the view, or of the file where the view cannot be read.
    pub view: String,
    /// File.
    pub file: PathBuf,
    /// Cases of its test file.
    pub cases: usize,
    /// Events of these cases.
    pub events: usize,
    /// Faults; the view is good if there is none.
    pub faults: Vec<Fault>,
    /// Remarks that are no faults.
    pub warnings: Vec<String>,
    /// Verdict.
    pub status: Status,
}

/// The verdict on a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is good, and so are its tests.
    Ok,
    /// It has a fault.
    Failed,
    /// It can be planned, and has no test.
    Untested,
}

/// A fault of a view or of its test.
#[derive(Debug, Serialize)]
pub struct Fault {
    /// Name of the case; `None` if it is about the view or the test file as such.
    pub case: Option<String>,
    /// Description.
    pub reason: String,
}

impl Fault {
    fn of_view(reason: impl Into<String>) -> Self {
        Self { case: None, reason: reason.into() }
    }
}

/// Checks the views of a folder. Errors are about the folder as such; faults of views are part of the result.
pub fn check(options: &CheckOptions, progress: &dyn Progress) -> Result<Vec<ViewCheck>, OpsError> {
    let mut catalog = options.known.clone();
    let mut files = catalog.add_folder(&options.folder).map_err(EngineError::from)?;
    if !options.only.is_empty() {
        for name in &options.only {
            let names = || files.iter().filter_map(|file| file.view.as_deref().ok());
            if !files.iter().any(|file| name_of(file) == *name) {
                let similar = crate::spelling::similar(name, names());
                return Err(EngineError::UnknownView { name: name.clone(), similar }.into());
            }
        }
        files.retain(|file| options.only.contains(&name_of(file)));
    }
    let checker = Checker::new(options, catalog)?;
    progress.begin(files.len() as u64, 0);
    let next = AtomicUsize::new(0);
    let checks: Mutex<Vec<(usize, ViewCheck)>> = Mutex::default();
    let failed: Mutex<Option<OpsError>> = Mutex::default();
    let work = || {
        while !progress.stop_signal().is_asked() {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(at) else { return };
            match checker.check_file(file) {
                Ok(check) => locked(&checks).push((at, check)),
                Err(error) => {
                    locked(&failed).get_or_insert(error);
                    return;
                }
            }
            progress.advance(1, 0, 0);
        }
    };
    thread::scope(|scope| {
        for _ in 1..options.threads.clamp(1, files.len().max(1)) {
            // With fewer threads, the others do the work.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    progress.end();
    if progress.stop_signal().is_asked() {
        return Err(EngineError::Stopped.into());
    }
    if let Some(error) = locked(&failed).take() {
        return Err(error);
    }
    let mut checks = std::mem::take(&mut *locked(&checks));
    checks.sort_by_key(|(at, _)| *at);
    Ok(checks.into_iter().map(|(_, check)| check).collect())
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn name_of(file: &ViewFile) -> String {
    let stem = || file.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    file.view.as_ref().map_or_else(|_| stem(), Clone::clone)
}

/// The parts that the checks of all files share.
struct Checker {
    engine: EngineOptions,
    now: DateTime<Utc>,
    /// An engine on no events, to plan views in.
    planner: Engine,
    /// Folder for the events of cases.
    temporary: tempfile::TempDir,
    cases: AtomicUsize,
}

impl Checker {
    fn new(options: &CheckOptions, catalog: ViewCatalog) -> Result<Self, OpsError> {
        let threads = options.threads.max(1);
        let engine = EngineOptions {
            memory_limit_bytes: options.memory_limit_bytes / threads,
            owns_process: false,
            threads: 1,
            show_secrets: false,
            redact: false,
            views: Arc::new(catalog),
            reference: ReferenceData::default(),
            tuning: true,
        };
        let planner = Engine::empty(&engine)?;
        let temporary = lake::private_folder().map_err(OpsError::Temporary)?;
        Ok(Self { engine, now: options.now, planner, temporary, cases: AtomicUsize::new(0) })
    }

    fn check_file(&self, file: &ViewFile) -> Result<ViewCheck, OpsError> {
        let mut check = self.run_file(file)?;
        if !check.faults.is_empty() {
            check.status = Status::Failed;
        }
        Ok(check)
    }

    fn run_file(&self, file: &ViewFile) -> Result<ViewCheck, OpsError> {
        let mut check = ViewCheck {
            view: name_of(file),
            file: file.path.clone(),
            cases: 0,
            events: 0,
            faults: Vec::new(),
            warnings: Vec::new(),
            status: Status::Ok,
        };
        let found = match &file.view {
            Ok(name) => self.engine.views.get(name),
            Err(error) => {
                let similar = error.similar.first().map(|name| format!("; did you mean `{name}`?"));
                check.faults.push(Fault::of_view(format!("{error}{}", similar.unwrap_or_default())));
                None
            }
        };
        let Some(view) = found else { return Ok(check) };
        if view.takes_table() {
            // It is planned with the views that call it.
            return Ok(check);
        }
        let scope = Scope { now: Some(self.now), ..Scope::default() };
        match self.planner.session(&scope, &Limits::default())?.view_columns(&view.name) {
            Ok(columns) => {
                if view.kind == ViewKind::Match {
                    check.faults.extend(faults_of_match(&columns).into_iter().map(Fault::of_view));
                }
                if view.kind.has_findings() {
                    check_leading_columns(view, &columns, &mut check);
                }
            }
            Err(error) => {
                check.faults.push(Fault::of_view(described(&error, view)));
                return Ok(check);
            }
        }
        let test = match TestFile::read(&file.path.with_extension("test.json")) {
            Ok(test) => test,
            Err(reason) => {
                check.faults.push(Fault::of_view(format!("cannot read the test file: {reason}")));
                return Ok(check);
            }
        };
        match test {
            Some(test) => self.check_cases(view, &test, &mut check)?,
            None if view.is_hidden() => {}
            None => check.status = Status::Untested,
        }
        Ok(check)
    }

    fn check_cases(&self, view: &View, test: &TestFile, check: &mut ViewCheck) -> Result<(), OpsError> {
        let has = |of: &dyn Fn(&Case) -> bool| test.cases.iter().any(of);
        if view.kind == ViewKind::Match {
            if !has(&Case::has_match) {
                check
                    .faults
                    .push(Fault::of_view("the test has no event that must match (its id begins with `match-`)"));
            }
            if !has(&Case::has_near_miss) {
                check.faults.push(Fault::of_view("the test has no near miss (its id begins with `no-`)"));
            }
        } else if !has(&|case| case.rows.as_ref().is_some_and(|rows| !rows.is_empty())) {
            check.faults.push(Fault::of_view("the test has no case with `rows`"));
        }
        let mut is_followed = false;
        for case in &test.cases {
            let events = test.events(case);
            check.cases += 1;
            check.events += events.len();
            let reasons = match self.open(case, &events)? {
                Ok(session) => {
                    let reasons = check_case(view, case, &session);
                    // Planning takes most of the time, so one case shows it for all.
                    if view.kind == ViewKind::Match && case.has_match() && reasons.is_empty() && !is_followed {
                        is_followed = true;
                        check_lineage(view, case, &session)
                    } else {
                        reasons
                    }
                }
                Err(reason) => vec![reason],
            };
            let fault = |reason| Fault { case: Some(case.name.clone()), reason };
            check.faults.extend(reasons.into_iter().map(fault));
        }
        Ok(())
    }

    /// Opens a session on the events of a case. The inner error is a fault of the case.
    fn open(&self, case: &Case, events: &[Value]) -> Result<Result<Session, String>, OpsError> {
        let tz = match case.tz.as_deref().map(str::parse::<Zone>).transpose() {
            Ok(tz) => tz.unwrap_or_default(),
            Err(error) => return Ok(Err(error.to_string())),
        };
        let scope = Scope { tz, now: Some(self.now), ..Scope::default() };
        if events.is_empty() {
            return Ok(Ok(self.planner.session(&scope, &Limits::default())?));
        }
        let number = self.cases.fetch_add(1, Ordering::Relaxed);
        let path = self.temporary.path().join(format!("{number}.json"));
        let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
        fs::write(&path, lines).map_err(|source| OpsError::Write { path: path.clone(), source })?;
        let options = OpenOptions {
            source: Source::Exports { inputs: vec![path.clone()], csv: CsvOptions::default() },
            scope,
            engine: self.engine.clone(),
            time_limit: None,
            now: self.now,
        };
        let opened = Opened::open(&options, &Silent);
        let _ = fs::remove_file(&path);
        let opened = match opened {
            Ok(opened) => opened,
            Err(OpsError::NoEvents { .. }) => return Ok(Err("none of the events can be read".to_owned())),
            Err(error) => return Err(error),
        };
        if let Some(rejected) = opened.ingested().map(|outcome| outcome.totals.rejected).filter(|count| *count > 0) {
            return Ok(Err(format!("{rejected} of the events cannot be read")));
        }
        Ok(Ok(opened.session().clone()))
    }
}

/// Checks that a finding begins with the columns that all findings have.
fn check_leading_columns(view: &View, columns: &Schema, check: &mut ViewCheck) {
    let names: Vec<&str> = columns.fields().iter().map(|field| field.name().as_str()).collect();
    let is_group = view.kind != ViewKind::Match && names.first() == Some(&GROUP_COLUMNS[0]);
    let leading: &[&str] = if is_group { &GROUP_COLUMNS } else { &LEADING_COLUMNS };
    if !names.starts_with(leading) || names.last() != Some(&FieldId::EventId.column()) {
        let or_group = if view.kind == ViewKind::Match { "" } else { ", or with those of several events" };
        check.warnings.push(format!("a finding begins with {}{or_group}, and ends with event_id", leading.join(", ")));
    }
}

/// Runs a case, and returns the differences from what it expects.
fn check_case(view: &View, case: &Case, session: &Session) -> Vec<String> {
    let query = ViewQuery { name: view.name.clone(), params: case.params() };
    let found: Vec<Map<String, Value>> = match session.view(&query).and_then(|answer| answer.rows()) {
        Ok(found) => found,
        Err(error) => return vec![described(&error, view)],
    };
    let expected = case.rows.as_deref().unwrap_or_default();
    if !case.has_match() {
        return rows_differ(&found, expected);
    }
    let mut reasons = Vec::new();
    let id = FieldId::EventId.column();
    let mut got = BTreeSet::new();
    for row in &found {
        match row.get(id).and_then(Value::as_str) {
            Some(id) if got.insert(id.to_owned()) => {}
            Some(id) => reasons.push(format!("the event comes more than once: `{id}`")),
            None => {
                return vec![format!(
                    "the events of this case have ids that say whether they match, but a row has no `{id}`"
                )];
            }
        }
    }
    let wanted: BTreeSet<String> = case.ids().filter(|id| id.starts_with(MATCH)).map(str::to_owned).collect();
    reasons.extend(wanted.difference(&got).map(|id| format!("the event must match and does not: `{id}`")));
    reasons.extend(got.difference(&wanted).map(|id| format!("the event matches and must not: `{id}`")));
    for wanted in expected {
        let same_id = |row: &&Map<String, Value>| wanted.get(id).is_some_and(|id| row.get("event_id") == Some(id));
        match found.iter().find(same_id) {
            Some(row) => reasons.extend(columns_differ(row, wanted).map(|said| format!("{}: {said}", named(wanted)))),
            None => reasons.push(format!("no row has the `{id}` of the expected row: {}", named(wanted))),
        }
    }
    reasons
}

/// Checks that the rows of a view lead back to as many events.
fn check_lineage(view: &View, case: &Case, session: &Session) -> Vec<String> {
    let query = ViewQuery { name: view.name.clone(), params: case.params() };
    let wanted = case.ids().filter(|id| id.starts_with(MATCH)).count();
    match count_events(session, &query) {
        Ok(events) if events == wanted => Vec::new(),
        Ok(events) => vec![format!("the rows lead back to {events} events, and there are {wanted} rows")],
        Err(error) => vec![error.to_string()],
    }
}

fn named(row: &Map<String, Value>) -> String {
    let id = row.get(FieldId::EventId.column()).and_then(Value::as_str);
    id.map_or_else(|| shown(row), |id| format!("`{id}`"))
}

fn shown(row: &Map<String, Value>) -> String {
    serde_json::to_string(row).unwrap_or_default()
}

fn rows_differ(found: &[Map<String, Value>], expected: &[Map<String, Value>]) -> Vec<String> {
    if found.len() != expected.len() {
        let rows: Vec<String> = found.iter().take(SHOWN_ROWS).map(shown).collect();
        let dots = if found.len() > SHOWN_ROWS { "\n…" } else { "" };
        let lead = if rows.is_empty() { "" } else { "\n" };
        return vec![format!("expected {} rows, found {}{lead}{}{dots}", expected.len(), found.len(), rows.join("\n"))];
    }
    let rows = found.iter().zip(expected).enumerate();
    let differences = rows.flat_map(|(at, (row, wanted))| {
        columns_differ(row, wanted).map(move |said| format!("row {}: {said}", at + 1)).collect::<Vec<_>>()
    });
    differences.collect()
}

/// Returns the columns of an expected row that a row has otherwise.
fn columns_differ<'r>(
    row: &'r Map<String, Value>,
    wanted: &'r Map<String, Value>,
) -> impl Iterator<Item = String> + use<'r> {
    wanted.iter().filter_map(|(column, value)| match row.get(column) {
        None => Some(format!("there is no column `{column}`")),
        Some(found) if found != value => Some(format!("`{column}` is {found}, expected {value}")),
        Some(_) => None,
    })
}

fn count_events(session: &Session, query: &ViewQuery) -> Result<usize, EngineError> {
    let mut events = session.view_events(query)?;
    let mut count = 0;
    while events.next_event()?.is_some() {
        count += 1;
    }
    Ok(count)
}
