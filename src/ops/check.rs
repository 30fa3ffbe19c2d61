//! Answers the account check: asks the views of its checklist, and what was delivered.
//!
//! Each view is asked once, also where several proofs look at its rows. Coverage tells what was delivered, by the rules
//! of [`super::coverage`], so that "nothing found" is not said of days without events.

use super::OpsError;
use super::coverage::{Coverage, CoverageOptions, DayCoverage, State, coverage};
use super::delivery::Delivery as Lake;
use super::detect::{DetectOptions, Detector, Selection, ViewParameter};
use super::open::Opened;
use crate::detect::check::checklist::{Check, ROOT};
use crate::detect::check::form::{Checklist, Range, checklist};
use crate::detect::check::verdict::{Answer, Days, Delivery, Gap, GapKind, Tally};
use crate::detect::suppress::Suppressions;
use crate::engine::views::ViewCatalog;
use crate::engine::{EngineError, ResolvedScope, Session};
use crate::event::lang::Lang;
use crate::event::severity::Severity;
use crate::event::time::format_local_time;
use crate::spelling::similar;
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Options of the account check.
#[derive(Debug, Clone)]
pub struct CheckOptions {
    /// Values of parameters of the views.
    pub params: Vec<ViewParameter>,
    /// The findings that are known.
    pub suppressions: Suppressions,
    /// Language of titles and sentences.
    pub lang: Lang,
    /// Views that run at the same time.
    pub at_once: usize,
    /// Flags of the commands that show the rows behind an item: the source and the scope.
    pub flags: String,
}

/// The outcome of the account check.
#[derive(Debug)]
pub struct CheckOutcome {
    /// The answered checklist.
    pub checklist: Checklist,
    /// Views that could not be answered, with the reason.
    pub errors: Vec<(String, String)>,
    /// The suppressions, which know by now which of them matched.
    pub suppressions: Suppressions,
}

/// Returns the views that the check asks.
pub fn checked_views() -> BTreeSet<&'static str> {
    ROOT.iter().flat_map(|check| check.proofs).map(|proof| proof.view).collect()
}

/// Finds what is wrong with parameters, without any event.
pub fn known_params(params: &[ViewParameter], catalog: &ViewCatalog) -> Result<(), OpsError> {
    let views = checked_views();
    for view in params.iter().map(|param| param.view.as_str()) {
        if !views.contains(view) {
            let similar = similar(view, views.iter().copied());
            return Err(OpsError::ViewNotChecked { view: view.to_owned(), similar });
        }
        let of_view = params.iter().filter(|param| param.view == view);
        let of_view: Vec<_> = of_view.map(|param| (param.name.clone(), param.value.clone())).collect();
        catalog.find(view)?.bind(&of_view)?;
    }
    Ok(())
}

/// Checks the use of root, RAM users and RAM roles.
pub fn check_root(opened: &Opened, options: &CheckOptions) -> Result<CheckOutcome, OpsError> {
    let answer = |proof| Answer { proof, tally: Tally::default(), error: None };
    let mut checks: Vec<(&'static Check, Vec<Answer>)> =
        ROOT.iter().map(|check| (check, check.proofs.iter().map(answer).collect())).collect();
    known_params(&options.params, &opened.session().engine().views())?;
    let detect_options = DetectOptions {
        selection: Selection {
            min_severity: Severity::Info,
            categories: Vec::new(),
            only: checked_views().into_iter().map(str::to_owned).collect(),
            skip: Vec::new(),
        },
        params: options.params.clone(),
        suppressions: options.suppressions.clone(),
        new_since: None,
        baseline: None,
        lang: options.lang,
        at_once: options.at_once,
    };
    let mut detector = Detector::start(opened, &detect_options)?;
    while let Some(findings) = detector.next_findings()? {
        for answer in checks.iter_mut().flat_map(|(_, answers)| answers) {
            findings
                .iter()
                .filter(|finding| answer.proof.counts(finding))
                .for_each(|finding| answer.tally.add(finding));
        }
    }
    let errors: Vec<(String, String)> =
        detector.summary().errors().map(|(view, error)| (view.to_owned(), error.to_owned())).collect();
    for (view, error) in &errors {
        let of_view = checks.iter_mut().flat_map(|(_, answers)| answers).filter(|answer| answer.proof.view == view);
        of_view.for_each(|answer| answer.error = Some(error.clone()));
    }
    let session = opened.session();
    let delivery = delivery(&coverage(opened, &CoverageOptions::default())?, session)?;
    let command = |answer: &Answer| command(answer, options);
    let checklist = checklist(&checks, delivery, range(session.scope()), options.lang, &command);
    Ok(CheckOutcome { checklist, errors, suppressions: detector.suppressions().clone() })
}

fn range(scope: &ResolvedScope) -> Range {
    let time = |time| format_local_time(time, scope.tz);
    Range {
        since: scope.since.map(time),
        until: scope.until.map(time),
        time_zone: scope.tz.to_string(),
        only_accounts: scope.accounts.clone(),
        only_regions: scope.regions.clone(),
    }
}

/// Writes the command that shows the rows of an answer. Where a view is given parameters, it shows all of its rows.
fn command(answer: &Answer, options: &CheckOptions) -> String {
    let view = answer.proof.view;
    let params: Vec<&ViewParameter> = options.params.iter().filter(|param| param.view == view).collect();
    let mut command = match answer.proof.sql().filter(|_| params.is_empty()) {
        Some(sql) => format!("trailql sql \"{sql}\""),
        None => format!("trailql query {view}"),
    };
    for param in params {
        command.push_str(&format!(" -p '{}={}'", param.name, param.value.replace('\'', "'\\''")));
    }
    if !options.flags.is_empty() {
        command.push(' ');
        command.push_str(&options.flags);
    }
    command
}

/// An account, regions together.
#[derive(Debug, Default)]
struct Account {
    reads: u64,
    writes: u64,
    days: BTreeMap<NaiveDate, AccountDay>,
}

/// A day of an account.
#[derive(Debug, Clone, Copy, Default)]
struct AccountDay {
    delivered: bool,
    write_only: bool,
    read_only: bool,
}

impl Account {
    fn take(&mut self, day: &DayCoverage) {
        self.reads += day.reads;
        self.writes += day.writes;
        let known = self.days.entry(day.day.0).or_default();
        known.delivered |= !matches!(day.state, State::NothingDelivered | State::TrailStopped);
        known.write_only |= day.state == State::WriteOnly;
        known.read_only |= day.state == State::ReadOnly;
    }

    /// Returns `true` if reads may lack on a day: on a single one, few writes without a read say nothing.
    fn lacks_reads(&self, day: &AccountDay) -> bool {
        day.delivered && (day.write_only || self.reads == 0)
    }

    fn lacks_writes(&self, day: &AccountDay) -> bool {
        day.delivered && (day.read_only || self.writes == 0)
    }
}

fn delivery(coverage: &Coverage, session: &Session) -> Result<Delivery, EngineError> {
    let asked = &session.scope().accounts;
    let is_asked = |id: &Option<String>| asked.is_empty() || id.as_ref().is_some_and(|id| asked.contains(id));
    // Events without an account are of services now and then, so that their silence says nothing.
    let has_accounts = coverage.days.iter().any(|day| day.account_id.is_some());
    let mut accounts: BTreeMap<&Option<String>, Account> = BTreeMap::new();
    for day in coverage.days.iter().filter(|day| is_asked(&day.account_id)) {
        if day.account_id.is_some() || !has_accounts {
            accounts.entry(&day.account_id).or_default().take(day);
        }
    }
    if accounts.len() > 1 {
        let guests = guests(session)?;
        let is_guest = |id: &Option<String>| id.as_ref().is_some_and(|id| guests.contains(id));
        if !accounts.keys().all(|id| is_guest(id)) {
            accounts.retain(|id, _| !is_guest(id));
        }
    }
    let mut delivery = Delivery {
        events: coverage.days.iter().map(|day| day.events).sum(),
        accounts: accounts.len() as u64,
        limited_to_regions: !session.scope().regions.is_empty(),
        gaps: gaps(coverage, session.scope()),
        ..Delivery::default()
    };
    let with_logons = accounts_with_logons(session)?;
    let mut days: Vec<(NaiveDate, &Account, &AccountDay)> = Vec::new();
    for (id, account) in &accounts {
        days.extend(account.days.iter().map(|(date, day)| (*date, account, day)));
        let is_doubtful = delivery.limited_to_regions || account.days.values().any(|day| account.lacks_reads(day));
        if is_doubtful && !with_logons.contains(id.as_deref().unwrap_or_default()) {
            delivery.without_logons += 1;
        }
    }
    days.sort_by_key(|(date, ..)| *date);
    delivery.days = days.len() as u64;
    for (date, account, day) in days {
        let add = |is_so: bool, days: &mut Days| {
            if is_so {
                days.add(date);
            }
        };
        add(!day.delivered, &mut delivery.missing);
        add(account.lacks_reads(day), &mut delivery.without_reads);
        add(account.lacks_writes(day), &mut delivery.without_writes);
    }
    Ok(delivery)
}

/// Returns the accounts that only act in others, at any time: whether they deliver is not known, and says nothing.
fn guests(session: &Session) -> Result<BTreeSet<String>, EngineError> {
    let sql = "SELECT account_id FROM events GROUP BY account_id \
               HAVING bool_and(coalesce(nullif(recipient_account_id, ''), account_id) <> account_id)";
    let rows: Vec<AccountRow> = Lake::ask(session)?.session.rows(sql, &[])?;
    Ok(rows.into_iter().filter_map(|row| row.account_id).collect())
}

#[derive(Deserialize)]
struct AccountRow {
    account_id: Option<String>,
}

fn accounts_with_logons(session: &Session) -> Result<BTreeSet<String>, EngineError> {
    let sql = "SELECT DISTINCT account_id FROM events WHERE event_name = 'ConsoleSignin'";
    let rows: Vec<AccountRow> = session.rows(sql, &[])?;
    Ok(rows.into_iter().map(|row| row.account_id.unwrap_or_default()).collect())
}

/// Returns the reasons why events may lack, each once.
///
/// A trail that was stopped or limited before the range is none: the days of the range tell what is still delivered.
fn gaps(coverage: &Coverage, scope: &ResolvedScope) -> Vec<Gap> {
    let start = scope.since.map(|since| since.with_timezone(&scope.tz).date_naive());
    let mut gaps: BTreeMap<GapKind, Option<NaiveDate>> = BTreeMap::new();
    for suspicion in &coverage.suspicions {
        let since = suspicion.since.map(|day| day.0);
        let is_in_range = since.is_none_or(|since| start.is_none_or(|start| start <= since));
        let (kind, since) = match suspicion.kind {
            "trail_stopped" | "trail_deleted" if is_in_range => (GapKind::TrailStopped, since),
            "trail_read_only" | "trail_write_only" if is_in_range => (GapKind::TrailNarrowed, since),
            "trail_redirected" if is_in_range => (GapKind::TrailRedirected, since),
            "trail_one_region" => (GapKind::TrailOneRegion, since),
            "rejected" | "rejected_undated" => (GapKind::Rejected, None),
            "incomplete" | "suspicious_source" => (GapKind::Incomplete, None),
            "without_time" | "unread" => (GapKind::Unread, None),
            "days_left_out" | "trail_changes" => (GapKind::TooMany, None),
            _ => continue,
        };
        gaps.entry(kind).or_insert(since);
    }
    gaps.into_iter().map(|(kind, since)| Gap { kind, since }).collect()
}
