//! Asks every view with a severity, and gives its rows as findings.
//!
//! Threads plan and start the views in their order, a few views ahead of the reader. So views run at the same time,
//! each on one thread, and no more than one batch of each is in memory. A view that cannot be answered is told in the
//! summary.
//!
//! Findings are new if they were none before some run: the views are asked once more without the files that were read
//! since, and what they find then is left out. So late deliveries count by the time at which they were ingested, and a
//! group of events that has grown is new.

use super::OpsError;
use super::open::Opened;
use crate::detect::finding::{Finding, Rule};
use crate::detect::summary::{Summary, ViewSummary};
use crate::detect::suppress::Suppressions;
use crate::engine::views::{View, ViewCatalog, ViewKind};
use crate::engine::{EngineError, Param, QueryResult, Scope, Session, ViewQuery};
use crate::event::lang::Lang;
use crate::event::severity::Severity;
use crate::event::time::TimeBound;
use crate::spelling::similar;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::cmp::Reverse;
use std::collections::{HashSet, VecDeque};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;

/// The most files that may be new since a run.
const MAX_NEW_SOURCES: usize = 20_000;

/// Views from which on it pays to read first which names occur.
const MANY_VIEWS: usize = 10;

/// Views that are started ahead of the reader, beside one for each thread.
const VIEWS_AHEAD: usize = 1;

/// The columns that a summary is made of.
const SUMMARY_COLUMNS: [&str; 5] = ["event_time", "first_event", "last_event", "principal", "source_ip_address"];

/// The most findings of one view that are compared with earlier ones.
const MAX_KNOWN: usize = 2_000_000;

/// The views to ask.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The minimum severity.
    pub min_severity: Severity,
    /// Categories; all where it is empty.
    pub categories: Vec<String>,
    /// Names of views; all where it is empty. Views that are named are asked whatever their severity and kind.
    pub only: Vec<String>,
    /// Names of views that are not asked.
    pub skip: Vec<String>,
}

/// A parameter of a view: view, name and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewParameter {
    /// The view.
    pub view: String,
    /// The parameter.
    pub name: String,
    /// The value as it was typed.
    pub value: String,
}

/// The point from which on findings are new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewSince {
    /// After this run.
    Run(String),
    /// Ingested by runs that ended at this time or later.
    Time(DateTime<Utc>),
}

/// Options of a detection.
#[derive(Debug, Clone)]
pub struct DetectOptions {
    /// The views to ask.
    pub selection: Selection,
    /// Values of parameters.
    pub params: Vec<ViewParameter>,
    /// The findings that are known.
    pub suppressions: Suppressions,
    /// Leaves out findings that are not new.
    pub new_since: Option<NewSince>,
    /// Length of the past before the scope that views which compare with it see.
    pub baseline: Option<TimeDelta>,
    /// Language of the titles.
    pub lang: Lang,
    /// Views that run at the same time.
    pub at_once: usize,
}

/// Gives findings view by view, and counts them.
pub struct Detector {
    rules: Vec<Arc<Rule>>,
    /// The answer of each view.
    answers: Vec<Receiver<Result<Started, EngineError>>>,
    /// Gives back a place among the views that are started, for each view that is read to its end.
    places: Receiver<()>,
    current: Option<Current>,
    summary: Summary,
    suppressions: Suppressions,
    /// Start of the scope, which findings of views that see the past do not lie before.
    since: Option<DateTime<Utc>>,
}

/// A view that runs.
struct Started {
    answer: QueryResult,
    /// The rows that are there already.
    first: Option<Vec<Map<String, Value>>>,
    /// Ids of the findings that there were before.
    known: HashSet<String>,
}

struct Current {
    rule: Arc<Rule>,
    started: Started,
}

/// A view to ask, and with which parameters.
struct Question {
    query: ViewQuery,
    rule: Arc<Rule>,
}

/// A session, and one without the files that are new.
#[derive(Clone)]
struct Pair {
    present: Session,
    /// `None` if everything is new.
    before: Option<Session>,
}

impl Pair {
    fn on_one_thread(&self) -> Result<Self, EngineError> {
        let before = self.before.as_ref().map(|before| before.with_threads(1)).transpose()?;
        Ok(Self { present: self.present.with_threads(1)?, before })
    }

    fn with_names(&self) -> Result<Self, EngineError> {
        let before = self.before.as_ref().map(Session::with_names).transpose()?;
        Ok(Self { present: self.present.with_names()?, before })
    }

    fn reopened(&self) -> Result<Self, EngineError> {
        let before = self.before.as_ref().map(Session::reopened).transpose()?;
        Ok(Self { present: self.present.reopened()?, before })
    }
}

/// The sessions that views are asked in.
#[derive(Clone)]
struct Sessions {
    scope: Pair,
    /// The scope with the past before it.
    with_past: Option<Pair>,
}

impl Detector {
    /// Starts to ask the views. Errors are about the options, not about single views.
    pub fn start(opened: &Opened, options: &DetectOptions) -> Result<Self, OpsError> {
        let session = opened.session();
        let catalog = session.engine().views();
        let views = select(&catalog, options)?;
        let mut questions = Vec::new();
        for view in &views {
            let of_view = options.params.iter().filter(|param| param.view == view.name);
            let params: Vec<_> = of_view.map(|param| (param.name.clone(), param.value.clone())).collect();
            view.bind(&params)?;
            let rule = Arc::new(Rule::of(view, view.titles.in_lang(options.lang)));
            questions.push(Question { query: ViewQuery { name: view.name.clone(), params }, rule });
        }
        let rules: Vec<Arc<Rule>> = questions.iter().map(|question| Arc::clone(&question.rule)).collect();
        let mut sessions = Sessions::open(session, options)?;
        if questions.len() >= MANY_VIEWS {
            sessions = sessions.with_names()?;
        }
        let threads = options.at_once.clamp(1, questions.len().max(1));
        let alone = sessions.clone();
        if threads > 1 {
            sessions = sessions.on_one_thread()?;
        }
        let (send, answers): (Vec<_>, Vec<_>) = questions.iter().map(|_| sync_channel(1)).unzip();
        // Whoever asks a view takes its sender, so that the reader sees if the thread ends without an answer.
        let waiting = Arc::new(Mutex::new(send.into_iter().zip(questions).collect::<VecDeque<_>>()));
        let memory = Arc::new(RwLock::new(()));
        let (take_place, places) = sync_channel(threads + VIEWS_AHEAD);
        for thread in 0..threads {
            // Planning takes as long as answering where little is read, so each thread plans in sessions of its own.
            let sessions = if thread + 1 < threads { sessions.reopened()? } else { sessions.clone() };
            let (waiting, take_place, memory) = (Arc::clone(&waiting), take_place.clone(), Arc::clone(&memory));
            let alone = alone.clone();
            let ask = move || {
                // An error is that the reader has gone.
                while take_place.send(()).is_ok() {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some((send, question)) = next else { return };
                    let beside_others = memory.read().unwrap_or_else(PoisonError::into_inner);
                    let mut started = sessions.start(&question);
                    drop(beside_others);
                    if let Err(EngineError::Memory(_)) = started {
                        // Once more with all threads, while no other view is asked.
                        let _waiting = memory.write().unwrap_or_else(PoisonError::into_inner);
                        started = alone.start(&question);
                    }
                    if send.send(started).is_err() {
                        return;
                    }
                }
            };
            let started = thread::Builder::new().name(format!("detect-{thread}")).spawn(ask);
            started.map_err(|error| OpsError::Threads(error.to_string()))?;
        }
        Ok(Self {
            rules,
            answers,
            places,
            current: None,
            summary: Summary::default(),
            suppressions: options.suppressions.clone(),
            since: session.scope().since,
        })
    }

    /// Returns the views that are asked, in their order.
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// Returns the next findings; `None` at the end. Only a wish to stop is an error.
    pub fn next_findings(&mut self) -> Result<Option<Vec<Finding>>, OpsError> {
        loop {
            let Some(current) = self.current.as_mut() else {
                if !self.begin_next()? {
                    return Ok(None);
                }
                continue;
            };
            let rows = match current.started.first.take() {
                Some(first) => Ok(Some(first)),
                None => current.started.answer.next_rows(),
            };
            match rows {
                Ok(Some(rows)) => {
                    let rule = Arc::clone(&current.rule);
                    let found = rows.into_iter().map(|row| Finding::of_row(&rule, row));
                    let known = std::mem::take(&mut current.started.known);
                    let mut findings: Vec<Finding> =
                        found.filter(|finding| !known.contains(&finding.id) && is_after(self.since, finding)).collect();
                    if let Some(current) = &mut self.current {
                        current.started.known = known;
                    }
                    for finding in &mut findings {
                        finding.suppressed = self.suppressions.reason(finding);
                    }
                    if let Some(summary) = self.summary.views.last_mut() {
                        findings.iter().for_each(|finding| summary.add(finding));
                    }
                    if !findings.is_empty() {
                        return Ok(Some(findings));
                    }
                }
                Ok(None) => self.current = None,
                Err(error) => {
                    self.current = None;
                    self.failed(error)?;
                }
            }
        }
    }

    /// Reads all findings for the summary alone.
    pub fn summarise(&mut self) -> Result<(), OpsError> {
        while self.next_findings()?.is_some() {
            self.count_rest()?;
        }
        Ok(())
    }

    /// Counts the other findings of a view by the few columns that its summary is made of. Where they may be suppressed
    /// or known, or are not all examples there, they are left to [`Self::next_findings`].
    fn count_rest(&mut self) -> Result<(), OpsError> {
        let (Some(current), Some(summary)) = (&mut self.current, self.summary.views.last_mut()) else { return Ok(()) };
        if !self.suppressions.is_empty() || !current.started.known.is_empty() || !summary.has_examples() {
            return Ok(());
        }
        let (since, rule) = (self.since, Arc::clone(&current.rule));
        let error = loop {
            match current.started.answer.next_rows_of(&SUMMARY_COLUMNS) {
                Ok(Some(rows)) => {
                    let findings = rows.into_iter().map(|row| Finding::without_id(&rule, row));
                    findings.filter(|finding| is_after(since, finding)).for_each(|finding| summary.add(&finding));
                }
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        self.current = None;
        error.map_or(Ok(()), |error| self.failed(error))
    }

    /// Returns the summary of what was found so far.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Returns the suppressions, which know by now which of them matched.
    pub fn suppressions(&self) -> &Suppressions {
        &self.suppressions
    }

    /// Takes up the next view; `false` at the end.
    fn begin_next(&mut self) -> Result<bool, OpsError> {
        let place = self.summary.views.len();
        let Some(rule) = self.rules.get(place) else { return Ok(false) };
        let rule = Arc::clone(rule);
        self.summary.views.push(ViewSummary::new(&rule));
        // The view before is read to its end.
        if place > 0 {
            let _ = self.places.try_recv();
        }
        match self.answers.get(place).map(Receiver::recv) {
            Some(Ok(Ok(started))) => self.current = Some(Current { rule, started }),
            Some(Ok(Err(error))) => self.failed(error)?,
            _ => return Err(EngineError::Crashed("a thread that asks views has ended".to_owned()).into()),
        }
        Ok(true)
    }

    fn failed(&mut self, error: EngineError) -> Result<(), OpsError> {
        if let EngineError::Stopped = error {
            return Err(error.into());
        }
        if let Some(summary) = self.summary.views.last_mut() {
            summary.error = Some(error.to_string());
        }
        Ok(())
    }
}

/// Returns `true` unless a finding ends before this time.
fn is_after(since: Option<DateTime<Utc>>, finding: &Finding) -> bool {
    let (Some(since), Some(time)) = (since, finding.last_event) else { return true };
    time >= since
}

impl Sessions {
    fn open(session: &Session, options: &DetectOptions) -> Result<Self, OpsError> {
        let new_sources = match &options.new_since {
            Some(since) => new_sources(session, since)?,
            None => None,
        };
        let pair = |present: Session| -> Result<Pair, EngineError> {
            let before = new_sources.clone().map(|ids| present.without_sources(ids)).transpose()?;
            Ok(Pair { present, before })
        };
        let scope = session.scope();
        let with_past = match (options.baseline, scope.since) {
            (Some(baseline), Some(since)) => {
                let from = since.checked_sub_signed(baseline).unwrap_or(DateTime::<Utc>::MIN_UTC);
                let scope = Scope {
                    since: Some(TimeBound::At(from)),
                    until: scope.until.map(TimeBound::At),
                    accounts: scope.accounts.clone(),
                    regions: scope.regions.clone(),
                    ..Scope::default()
                };
                Some(pair(session.with_scope(scope)?)?)
            }
            _ => None,
        };
        Ok(Self { scope: pair(session.clone())?, with_past })
    }

    fn on_one_thread(&self) -> Result<Self, EngineError> {
        let with_past = self.with_past.as_ref().map(Pair::on_one_thread).transpose()?;
        Ok(Self { scope: self.scope.on_one_thread()?, with_past })
    }

    fn with_names(&self) -> Result<Self, EngineError> {
        let with_past = self.with_past.as_ref().map(Pair::with_names).transpose()?;
        Ok(Self { scope: self.scope.with_names()?, with_past })
    }

    fn reopened(&self) -> Result<Self, EngineError> {
        let with_past = self.with_past.as_ref().map(Pair::reopened).transpose()?;
        Ok(Self { scope: self.scope.reopened()?, with_past })
    }

    fn start(&self, question: &Question) -> Result<Started, EngineError> {
        let sees_past = matches!(question.rule.kind, ViewKind::FirstSeen | ViewKind::Sequence);
        let sessions = self.with_past.as_ref().filter(|_| sees_past).unwrap_or(&self.scope);
        let mut known = HashSet::new();
        if let Some(before) = &sessions.before {
            let mut before = before.view(&question.query)?;
            while let Some(rows) = before.next_rows::<Map<String, Value>>()? {
                known.extend(rows.into_iter().map(|row| Finding::of_row(&question.rule, row).id));
                if known.len() > MAX_KNOWN {
                    let message = format!("more than {MAX_KNOWN} findings to compare with");
                    return Err(EngineError::Memory(message));
                }
            }
        }
        let mut answer = sessions.present.view(&question.query)?;
        // A view that sorts or groups does its work before the first rows.
        let first = answer.next_rows()?;
        Ok(Started { answer, first, known })
    }
}

/// Returns the views to ask: the most severe first, then by category and name.
fn select<'c>(catalog: &'c ViewCatalog, options: &DetectOptions) -> Result<Vec<&'c View>, OpsError> {
    let selection = &options.selection;
    for name in selection.only.iter().chain(&selection.skip) {
        catalog.find(name)?;
    }
    if let Some(unknown) = options.params.iter().find(|param| catalog.find(&param.view).is_err()) {
        let similar = similar(&unknown.view, catalog.names());
        return Err(EngineError::UnknownView { name: unknown.view.clone(), similar }.into());
    }
    let is_wanted = |view: &&View| {
        let is_chosen = if selection.only.is_empty() {
            view.kind.has_findings() && view.severity >= selection.min_severity
        } else {
            selection.only.contains(&view.name)
        };
        is_chosen
            && !selection.skip.contains(&view.name)
            && (selection.categories.is_empty() || selection.categories.contains(&view.category))
    };
    let mut views: Vec<&View> = catalog.listed().into_iter().filter(is_wanted).collect();
    views.sort_by_key(|view| Reverse(view.severity));
    Ok(views)
}

/// Returns the ids of the files that are new; `None` if everything is.
fn new_sources(session: &Session, since: &NewSince) -> Result<Option<Vec<String>>, OpsError> {
    #[derive(Deserialize)]
    struct Version {
        version: Option<u64>,
    }
    #[derive(Deserialize)]
    struct Source {
        source_id: String,
    }
    let version: Vec<Version> = match since {
        NewSince::Run(run) => {
            let params = [("run", Param::Text(run.clone()))];
            session.rows("SELECT max(version) AS version FROM runs WHERE run_id = $run", &params)?
        }
        NewSince::Time(time) => {
            let params = [("time", Param::Time(*time))];
            session.rows("SELECT coalesce(max(version), 0) AS version FROM runs WHERE finished_at < $time", &params)?
        }
    };
    let version = match (version.first().and_then(|row| row.version), since) {
        (Some(version), _) => version,
        (None, NewSince::Run(run)) => return Err(OpsError::UnknownRun(run.clone())),
        (None, NewSince::Time(_)) => 0,
    };
    if version == 0 {
        return Ok(None);
    }
    let params = [("version", Param::Int(i64::try_from(version).unwrap_or(i64::MAX)))];
    let new: Vec<Source> =
        session.rows("SELECT DISTINCT source_id FROM sources WHERE version > $version ORDER BY source_id", &params)?;
    if new.len() > MAX_NEW_SOURCES {
        return Err(OpsError::TooManyNewSources(new.len()));
    }
    Ok(Some(new.into_iter().map(|source| source.source_id).collect()))
}
