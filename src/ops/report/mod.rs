//! The weekly root-account usage report: SQL answers in, one [`RootUsage`] out.
//!
//! The statements beside this file count everything that the report says, in the engine, so that memory does not grow
//! with the number of events. Lists that people read come back, and they are cut; each figure comes with its first
//! events and a statement that finds all of them ([`evidence`]). The session must see the four periods before the
//! report's own, and its zone must be the report's.
//!
//! Delivery is asked of the whole lake ([`super::delivery`]), by account: an account that fell silent must show beside
//! one that did not, and a region without events is no silence where other regions have some.

mod ahead;
mod calls;
mod coverage;
mod days;
mod evidence;
mod figures;
mod keys;
mod logons;
mod names;
mod others;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::OpsError;
use super::delivery::Delivery;
use super::open::Opened;
use crate::engine::{EngineError, Param, Session};
use crate::event::time::{IsoWeek, Zone};
use crate::report::calendar::{Day, LocalTime, NamedSpan, PERIODS_BEFORE, Span, periods};
use crate::report::evidence::{EvidenceLevel, Subject as EvidenceSubject};
use crate::report::findings::findings;
use crate::report::model::*;
use ahead::{Ahead, Answers, Asking};
use days::{DeliveredRow, Of, RootDayRow, Tables};
use evidence::{Condition, EvidenceBook, FirstEvent, between};
use names::Known;

/// The most entries of a list of an account.
const LISTED: usize = 50;
/// The most single logons of an account that are listed.
const LISTED_LOGONS: i64 = 100;
/// The most accounts that are listed.
const LISTED_ACCOUNTS: usize = 500;

/// Options of the report.
#[derive(Debug, Clone)]
pub struct RootUsageOptions {
    /// Start of the range, inclusive.
    pub since: DateTime<Utc>,
    /// End of the range, exclusive.
    pub until: DateTime<Utc>,
    /// The ISO week that the range is, if it is one.
    pub week: Option<IsoWeek>,
    /// The time zone of days and printed times; the session has the same.
    pub tz: Zone,
    /// The time at which the report is made.
    pub now: DateTime<Utc>,
    /// Root operations from which on a day counts as one of high frequency.
    pub high_frequency: i64,
    /// The amount of evidence.
    pub evidence: EvidenceLevel,
    /// The command that makes the report again, as the report names it.
    pub command: String,
}

/// Asks statements about the range of the report.
struct Asked<'a> {
    session: &'a Session,
    span: Span,
    answers: &'a Answers,
}

#[derive(Deserialize)]
struct AddressRow {
    every: bool,
    account_id: Option<String>,
    address: Option<String>,
    kind: Option<String>,
    count: u64,
    total: u64,
}

#[derive(Deserialize)]
struct HourRow {
    account_id: Option<String>,
    day: Day,
    hour: String,
    events: u64,
    first_events: Vec<FirstEvent>,
}

#[derive(Deserialize)]
struct FirstRow {
    first_events: Vec<FirstEvent>,
}

/// Adds the range and `listed` to the parameters of a statement, which stand for those of the same name.
fn params_within(span: Span, params: &[(&'static str, Param)]) -> Vec<(&'static str, Param)> {
    let own =
        [("since", Param::Time(span.since)), ("until", Param::Time(span.until)), ("listed", Param::Int(LISTED as i64))];
    let own = own.into_iter().filter(|(name, _)| params.iter().all(|(given, _)| given != name));
    own.chain(params.iter().cloned()).collect()
}

/// The statements that depend on no other, those that read most first.
fn independent(span: Span, book: &EvidenceBook) -> Vec<Asking> {
    let ids = || vec![book.ids()];
    let statements = [
        (include_str!("sql/initial_user.sql"), ids()),
        (include_str!("sql/same_address.sql"), ids()),
        (include_str!("sql/coverage.sql"), Vec::new()),
        (include_str!("sql/root_hours.sql"), ids()),
        (include_str!("sql/logon_groups.sql"), ids()),
        (include_str!("sql/logons.sql"), logons::params(span)),
        (include_str!("sql/access_keys.sql"), keys::params(book)),
        (include_str!("sql/calls.sql"), ids()),
        (include_str!("sql/notable.sql"), ids()),
        (include_str!("sql/administrators.sql"), Vec::new()),
    ];
    statements.into_iter().map(|(sql, params)| (sql, params_within(span, &params))).collect()
}

impl Asked<'_> {
    /// Answers with a list of at most [`LISTED`] entries an account and the first events of each.
    fn rows<T: DeserializeOwned>(&self, sql: &str, book: &EvidenceBook) -> Result<Vec<T>, EngineError> {
        self.rows_with(sql, &[book.ids()])
    }

    /// Answers with more parameters beside the range and `listed`.
    fn rows_with<T: DeserializeOwned>(
        &self,
        sql: &str,
        params: &[(&'static str, Param)],
    ) -> Result<Vec<T>, EngineError> {
        match self.answers.take(sql) {
            Some(rows) => rows,
            None => self.session.rows(sql, &params_within(self.span, params)),
        }
    }

    /// Writes a condition together with the range.
    fn within(&self, condition: &Condition) -> String {
        condition.clone().and(between(self.span.since, self.span.until)).text()
    }

    /// Finds the first events of a condition that says its time.
    fn first_events(&self, condition: &Condition, book: &EvidenceBook) -> Result<Vec<FirstEvent>, EngineError> {
        let sql = format!(
            "SELECT first_events(event_time, event_id, source_id, $ids) AS first_events FROM events WHERE {}",
            condition.clone().text()
        );
        let rows: Vec<FirstRow> = self.rows(&sql, book)?;
        Ok(rows.into_iter().flat_map(|row| row.first_events).collect())
    }

    /// Writes the statement for rows of a view in the range.
    fn of_view(&self, view: &str, condition: Condition, book: &EvidenceBook) -> String {
        let condition = book.scope().iter().cloned().fold(condition.and(book.range()), Condition::and);
        format!("SELECT *\nFROM {view}\nWHERE {}\nORDER BY event_time, event_id", condition.lines())
    }
}

/// Makes the report.
pub fn root_usage(opened: &Opened, options: &RootUsageOptions) -> Result<RootUsage, OpsError> {
    let session = opened.session();
    let span = Span { since: options.since, until: options.until };
    let book = EvidenceBook::new(options.evidence, span, session.scope());
    let (statements, next, answers) = (independent(span, &book), AtomicUsize::new(0), Answers::default());
    let asked = Asked { session, span, answers: &answers };
    std::thread::scope(|scope| {
        let ahead = Ahead::start(scope, session, &next, &statements, &answers)?;
        make(&asked, options, book, ahead)
    })
}

/// Makes the report while statements are asked ahead.
fn make(
    asked: &Asked<'_>,
    options: &RootUsageOptions,
    mut book: EvidenceBook,
    ahead: Ahead<'_>,
) -> Result<RootUsage, OpsError> {
    let Asked { session, span, .. } = *asked;
    let tz = options.tz;
    let periods = periods(span, options.week, tz);
    let threshold = u64::try_from(options.high_frequency).unwrap_or(0).max(1);

    let delivery = Delivery::ask(session)?;
    let mut params = period_params(&periods);
    params.push(("slot", Param::Int(slot_micros(tz))));
    let delivered: Vec<DeliveredRow> = delivery.session.rows(include_str!("sql/delivered.sql"), &params)?;
    // Without a limit to regions, what was delivered is what is counted.
    let scoped: Vec<DeliveredRow> = if session.scope().regions.is_empty() {
        delivered.clone()
    } else {
        session.rows(include_str!("sql/delivered.sql"), &params)?
    };
    let sql = include_str!("sql/root_days.sql").replace("{figures}", &figures::columns());
    let root: Vec<RootDayRow> = session.rows(&sql, &period_params(&periods))?;
    let tables = Tables {
        delivery: &delivery,
        root: &root,
        scoped: &scoped,
        delivered: &delivered,
        periods: &periods,
        tz,
        now: options.now,
        threshold,
    };
    let addresses: Vec<AddressRow> = asked.rows_with(include_str!("sql/addresses.sql"), &[])?;
    let is_ip = |row: &AddressRow| row.kind.as_deref().is_some_and(|kind| matches!(kind, "ipv4" | "ipv6"));
    let of_root = addresses.iter().filter(|row| row.every);
    let known =
        Known::ask(session, span, of_root.filter_map(|row| row.address.clone().map(|address| (address, is_ip(row)))))?;

    ahead.finish()?;
    let mut used = usage(asked, &tables, &addresses, &known, &mut book)?;
    let activities = activities(asked, &tables, &known, &mut used, &mut book)?;
    let mut coverage = coverage::cover(asked, &delivery, &used.total.days)?;
    tables.cover(&mut coverage, &used.total.days, known.names());
    let trails = coverage::trail_changes(&delivery, span, &mut book)?;
    let mut accounts = accounts(&tables, used.accounts, activities, &known);
    let findings = findings(&used.total, &accounts, &trails.items, &coverage, threshold);
    for account in &mut accounts {
        let of_account = findings.iter().filter(|finding| {
            finding.account_id == account.account_id && (account.account_id.is_some() || account.activity.is_some())
        });
        account.gravest = of_account.clone().map(|finding| finding.severity).max();
        account.findings = of_account.count() as u64;
    }
    accounts.sort_by(|a, b| {
        let key =
            |account: &AccountUse| (account.gravest, account.activity.is_some(), account.usage.figures.root_events);
        key(b).cmp(&key(a)).then_with(|| a.account_id.cmp(&b.account_id))
    });
    let accounts = Listed::cut(accounts, LISTED_ACCOUNTS);
    let verdict = Verdict::of(&used.total, &accounts, &findings, &coverage);
    let (evidence, sources) = book.finish(session)?;
    Ok(RootUsage {
        schema_version: SCHEMA_VERSION,
        subject: Subject {
            week: options.week.map(|week| week.to_string()),
            since: LocalTime::new(options.since, tz),
            until: LocalTime::new(options.until, tz),
            time_zone: tz.to_string(),
            only_accounts: session.scope().accounts.clone(),
            only_regions: session.scope().regions.clone(),
            high_frequency: threshold,
        },
        verdict,
        findings,
        total: used.total,
        accounts,
        trails,
        coverage,
        evidence,
        sources,
        method: method(session, options),
    })
}

/// The use of root by account, and of all accounts together.
struct Used {
    total: Usage,
    accounts: BTreeMap<Option<String>, Usage>,
    /// Addresses that failed logons came from.
    failed_addresses: BTreeMap<Option<String>, u64>,
    busy_days: BTreeMap<Option<String>, Listed<BusyDay>>,
}

/// An hour of a day, its number of events, and the first of them.
type HourOfDay = (u32, u64, Vec<FirstEvent>);

fn usage(
    asked: &Asked<'_>,
    tables: &Tables<'_>,
    addresses: &[AddressRow],
    known: &Known,
    book: &mut EvidenceBook,
) -> Result<Used, EngineError> {
    let of = |of: Of<'_>, every: bool, account: &Option<String>| {
        let listed = addresses.iter().filter(|row| row.every == every && row.account_id == *account);
        Usage {
            figures: tables.figures(0, of),
            evidence: FigureEvidence::default(),
            comparison: tables.comparison(of),
            days: tables.days(of),
            hours: HeatMap::default(),
            addresses: Listed {
                total: listed.clone().next().map_or(0, |row| row.total),
                items: listed
                    .map(|row| CountedAddress { address: known.address(row.address.clone()), count: row.count })
                    .collect(),
            },
        }
    };
    let mut total = of(Of::Every, true, &None);
    let mut accounts: BTreeMap<Option<String>, Usage> = tables
        .accounts()
        .into_iter()
        .map(|account| (account.clone(), of(Of::Account(account.as_deref()), false, &account)))
        .collect();
    let range = [("since", Param::Time(asked.span.since)), ("until", Param::Time(asked.span.until))];
    let mut failed_addresses = BTreeMap::new();
    for row in figures::first_events(asked.session, &range, book)? {
        // Where there is one account, its figures are those of the whole.
        if row.every {
            if accounts.len() > 1 {
                total.evidence = figures::evidence(&row, book);
            }
            continue;
        }
        failed_addresses.insert(row.account_id.clone(), row.failed_addresses);
        let evidence = figures::evidence(&row, book);
        if accounts.len() == 1 {
            total.evidence = evidence.clone();
        }
        if let Some(usage) = accounts.get_mut(&row.account_id) {
            usage.evidence = evidence;
        }
    }
    let mut days: BTreeMap<(Option<String>, Day), Vec<HourOfDay>> = BTreeMap::new();
    for row in asked.rows::<HourRow>(include_str!("sql/root_hours.sql"), book)? {
        let (weekday, hour) = (row.day.weekday_number(), row.hour.parse::<u32>().unwrap_or(0));
        let usages = [Some(&mut total), accounts.get_mut(&row.account_id)];
        for usage in usages.into_iter().flatten() {
            let hours = usage.hours.0.get_mut(weekday);
            if let Some(count) = hours.and_then(|hours| hours.get_mut(hour as usize)) {
                *count += row.events;
            }
        }
        days.entry((row.account_id, row.day)).or_default().push((hour, row.events, row.first_events));
    }
    let mut busy_days: BTreeMap<Option<String>, Listed<BusyDay>> = BTreeMap::new();
    for ((account, day), hours) in days {
        let root_events = hours.iter().map(|(_, events, _)| events).sum();
        if root_events < tables.threshold {
            continue;
        }
        let busiest = hours.iter().max_by_key(|(hour, events, _)| (*events, std::cmp::Reverse(*hour)));
        let (busiest_hour, in_busiest_hour) = busiest.map_or((0, 0), |(hour, events, _)| (*hour, *events));
        let mut first: Vec<FirstEvent> = hours.into_iter().flat_map(|(_, _, events)| events).collect();
        first.sort();
        let local = Span::of_day(day, tables.tz);
        let condition = Condition::root().of_account(account.as_deref()).and(between(local.since, local.until));
        let evidence = book.add(EvidenceSubject::BusyDay, account.as_deref(), root_events, &first, condition);
        book.detail(evidence, Some(&day.to_string()));
        let list = busy_days.entry(account).or_default();
        list.total += 1;
        list.items.push(BusyDay { day, root_events, busiest_hour, in_busiest_hour, evidence });
    }
    Ok(Used { total, accounts, failed_addresses, busy_days })
}

/// Asks for what was done in each account in which root was used, or in which somebody made instances or
/// administrators.
fn activities(
    asked: &Asked<'_>,
    tables: &Tables<'_>,
    known: &Known,
    used: &mut Used,
    book: &mut EvidenceBook,
) -> Result<BTreeMap<Option<String>, Activity>, EngineError> {
    let with_use = used.accounts.iter().filter(|(_, usage)| usage.figures.root_events > 0);
    let mut activities: BTreeMap<Option<String>, Activity> =
        with_use.map(|(account, _)| (account.clone(), Activity::default())).collect();
    for (account, logons) in logons::logons(asked, known, book)? {
        if let Some(activity) = activities.get_mut(&account) {
            activity.logons = logons;
            activity.logons.failed_addresses = used.failed_addresses.get(&account).copied().unwrap_or(0);
        }
    }
    for (account, keys) in keys::access_keys(asked, known, book)? {
        if let Some(activity) = activities.get_mut(&account) {
            activity.access_keys = keys;
        }
    }
    calls::calls(asked, book, &mut activities)?;
    calls::notable(asked, known, book, &mut activities)?;
    for (account, days) in std::mem::take(&mut used.busy_days) {
        if let Some(activity) = activities.get_mut(&account) {
            activity.busy_days = days;
        }
    }
    others::initial_user(asked, known, book, &mut activities)?;
    others::same_address(asked, known, book, &mut activities)?;
    others::administrators(asked, known, book, &mut activities)?;
    others::created(asked, known, book, &mut activities)?;
    // Nothing can be said of an account that the report does not know.
    activities.retain(|account, _| tables.accounts().contains(account));
    Ok(activities)
}

fn accounts(
    tables: &Tables<'_>,
    mut usages: BTreeMap<Option<String>, Usage>,
    mut activities: BTreeMap<Option<String>, Activity>,
    known: &Known,
) -> Vec<AccountUse> {
    tables
        .accounts()
        .into_iter()
        .map(|account_id| AccountUse {
            name: known.account(account_id.as_deref()),
            gravest: None,
            findings: 0,
            usage: usages.remove(&account_id).unwrap_or_default(),
            activity: activities.remove(&account_id),
            account_id,
        })
        .collect()
}

fn method(session: &Session, options: &RootUsageOptions) -> Method {
    Method {
        generated_at: LocalTime::new(options.now, options.tz),
        trailql_version: env!("CARGO_PKG_VERSION").to_owned(),
        command: options.command.clone(),
        lake: session.content_version().map(|(version, sha256)| LakeVersion { version, sha256 }),
        sources: session.sources(),
    }
}

/// Returns the length of slots, in microseconds, of which none holds parts of two local days.
fn slot_micros(tz: Zone) -> i64 {
    const QUARTER_SECONDS: i32 = 15 * 60;
    let minutes = match tz {
        Zone::Fixed(offset) if offset.local_minus_utc() % QUARTER_SECONDS != 0 => 1,
        Zone::Named(_) | Zone::Fixed(_) => 15,
    };
    minutes * 60_000_000
}

/// `since`, `since_1` to `since_4` and `until`.
fn period_params(periods: &[NamedSpan; PERIODS_BEFORE + 1]) -> Vec<(&'static str, Param)> {
    let names = ["since", "since_1", "since_2", "since_3", "since_4"];
    let mut params: Vec<_> =
        names.into_iter().zip(periods).map(|(name, period)| (name, Param::Time(period.span.since))).collect();
    params.extend(periods.first().map(|period| ("until", Param::Time(period.span.until))));
    params
}
