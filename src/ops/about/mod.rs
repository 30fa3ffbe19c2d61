//! Everything that the events tell of one value: an address, a key, a name, an id.
//!
//! Three questions make the page, whatever the number of events: which kinds the value is, one statement that counts
//! its own events in one scan, and one for the calls that name it. The last two are asked at the same time. Answers are
//! bounded, since the statements rank and cut. Findings take as long as `detect` does, and come only when asked for.

pub mod model;
mod parts;
mod rows;

use super::OpsError;
use super::detect::{DetectOptions, Detector, Selection};
use super::open::Opened;
use super::subject::{Condition, Kind, Match, Subject, recognise};
use crate::detect::finding::Finding;
use crate::detect::suppress::Suppressions;
use crate::engine::{EngineError, Param, Scope, Session};
use crate::event::ids::{access_key_kind, source_kind};
use crate::event::known_names::KnownNames;
use crate::event::lang::Lang;
use crate::event::severity::Severity;
use crate::faults;
use crate::geoip::GeoIp;
use crate::report::calendar::LocalTime;
use model::{About, Findings, FindingsOfView, List, Nature, SCHEMA_VERSION, ScopeOf, Summary};
use regex::Regex;
use rows::{Named, NamedRow, Page, PageRow};
use std::cmp::Reverse;
use std::net::IpAddr;
use std::thread;

/// The most days of a sparkline, and of the JSON form.
const MOST_DAYS: i64 = 4_000;

/// The most accounts that are told apart.
const MOST_ACCOUNTS: i64 = 1_000;

/// The most steps in the life of a value.
const MOST_LIFE: i64 = 1_000;

/// Events from which on a page is counted part by part, unless options say otherwise.
pub const MANY: u64 = 200_000;

/// The most items of a list that are kept, beside those that are shown.
pub const MOST_LISTED: u64 = 1_000;

/// The findings that are kept of a view.
const SEVERITY: Severity = Severity::Low;

/// Options of a page.
#[derive(Debug, Clone)]
pub struct AboutOptions {
    /// The value.
    pub subject: Subject,
    /// Items of each list.
    pub listed: u64,
    /// Asks the views for findings that name the value.
    pub findings: bool,
    /// Language of the titles of findings.
    pub lang: Lang,
    /// Events from which on a page is counted part by part. The facts are the same.
    pub many: u64,
}

/// The answer about a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The facts.
    Known(Box<About>),
    /// No event in scope has the value. The kinds are those that events of the whole lake have.
    Unknown(Vec<Match>),
}

/// Tells everything of a value.
pub fn about(opened: &Opened, options: &AboutOptions) -> Result<Answer, OpsError> {
    let session = opened.session();
    let options = &AboutOptions { subject: options.subject.as_shown(session), ..options.clone() };
    let subject = &options.subject;
    let kinds = recognise(session, subject)?;
    let Some(kind) = kinds.first().map(|found| found.kind) else {
        let lake = session.with_scope(Scope::default())?;
        return Ok(Answer::Unknown(recognise(&lake, subject)?));
    };
    let condition = subject.condition(kind);
    let events = kinds.first().map_or(0, |found| found.events);
    let (page, named) = ask(session, &condition, kind, events, options)?;
    let mut about = About {
        schema_version: SCHEMA_VERSION,
        value: subject.text().to_owned(),
        kind,
        kinds,
        scope: scope_of(session),
        nature: nature(subject.text(), kind, session)?,
        summary: Summary::default(),
        days: Vec::new(),
        writes: List::default(),
        unknown_access: List::default(),
        reads: List::default(),
        errors: List::default(),
        principals: List::default(),
        access_keys: List::default(),
        addresses: List::default(),
        user_agents: List::default(),
        resources: List::default(),
        accounts: List::default(),
        regions: List::default(),
        named_by: named.calls,
        life: named.life,
        findings: None,
        next: Vec::new(),
    };
    page.fill(&mut about, session.known_names(), session.geoip())?;
    // Names alone do not tell users of two accounts apart; one with a domain is of the account that it acts in.
    if subject.text().contains('@') && !about.accounts.is_empty() {
        let is_own = |account: &str| about.accounts.items.iter().any(|own| own.value == account);
        about.life.retain(|step| step.account_id.as_deref().is_none_or(is_own));
    }
    rows::mark_seen_after(&mut about);
    about.accounts.items.truncate(usize::try_from(options.listed).unwrap_or(usize::MAX));
    if options.findings {
        about.findings = Some(findings(opened, &about, options)?);
    }
    Ok(Answer::Known(Box::new(about)))
}

/// Asks the two statements of a page, at the same time where the session has threads for it.
fn ask(
    session: &Session,
    condition: &Condition,
    kind: Kind,
    events: u64,
    options: &AboutOptions,
) -> Result<(Page, Named), OpsError> {
    let listed = i64::try_from(options.listed.min(MOST_LISTED)).unwrap_or(i64::MAX);
    let ask_page = || match events > options.many {
        true => parts::page(session, condition, listed),
        false => page(session, condition, listed),
    };
    if session.threads() < 2 || condition.named().is_empty() {
        return Ok((ask_page()?, named(session, condition, options, kind)?));
    }
    let other = session.reopened()?;
    thread::scope(|scope| {
        let asked = thread::Builder::new()
            .name("about".to_owned())
            .spawn_scoped(scope, || faults::catch(|| named(&other, condition, options, kind)))
            .map_err(|error| OpsError::Threads(error.to_string()))?;
        let page = ask_page();
        let named = asked.join().map_err(|panic| EngineError::Crashed(faults::panic_message(panic.as_ref())))?;
        Ok((page?, named.map_err(EngineError::Crashed)??))
    })
}

/// Counts the events of a value in one scan. Grouping sets cost each event once for each set, with the columns of all
/// of them, so this is for values with few events.
fn page(session: &Session, condition: &Condition, listed: i64) -> Result<Page, EngineError> {
    let matching = include_str!("sql/matching.sql").replace("{condition}", condition.own());
    let sql = include_str!("sql/page.sql").replace("{matching}", &matching);
    let mut params = condition.params();
    let most = [("listed", listed), ("days", MOST_DAYS), ("accounts", MOST_ACCOUNTS)];
    params.extend(most.map(|(name, most)| (name, Param::Int(most))));
    let mut page = Page::default();
    session.each_row(&sql, &params, |row: PageRow| page.add(row))?;
    Ok(page)
}

/// Returns the condition of calls that make a value, take it away or switch it.
fn life_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Key => {
            "lower(event_name) IN ('createaccesskey', 'updateaccesskey', 'deleteaccesskey') \
             OR starts_with(lower(event_name), 'assumerole')"
        }
        Kind::User => {
            "lower(event_name) IN ('createuser', 'deleteuser') OR (lower(event_name) = 'updateuser' AND detail <> '')"
        }
        Kind::Role => "lower(event_name) IN ('createrole', 'deleterole')",
        _ => "false",
    }
}

fn named(session: &Session, condition: &Condition, options: &AboutOptions, kind: Kind) -> Result<Named, EngineError> {
    if condition.named().is_empty() {
        return Ok(Named::default());
    }
    let branches: Vec<String> =
        condition.named().iter().map(|filter| format!("SELECT * FROM events WHERE {filter}")).collect();
    let sql = include_str!("sql/named.sql").replace("{branches}", &branches.join(" UNION ALL "));
    let sql = sql.replace("{life}", life_of(kind));
    let mut params = condition.params();
    let listed = options.listed.min(MOST_LISTED);
    let most = i64::try_from(listed).unwrap_or(i64::MAX);
    params.extend([("listed", Param::Int(most)), ("most_life", Param::Int(MOST_LIFE))]);
    let rows: Vec<NamedRow> = session.rows(&sql, &params)?;
    Ok(Named::of(rows, &options.subject, kind, listed))
}

fn scope_of(session: &Session) -> ScopeOf {
    let scope = session.scope();
    let local = |time: Option<chrono::DateTime<chrono::Utc>>| time.map(|time| LocalTime::new(time, scope.tz));
    ScopeOf {
        since: local(scope.since),
        until: local(scope.until),
        tz: scope.tz.to_string(),
        accounts: scope.accounts.clone(),
        regions: scope.regions.clone(),
    }
}

/// Returns what the value tells by itself, with the settings and the databases of places.
fn nature(text: &str, kind: Kind, session: &Session) -> Result<Nature, OpsError> {
    let (names, geoip): (&KnownNames, &GeoIp) = (session.known_names(), session.geoip());
    let mut nature = Nature::default();
    let known = match kind {
        Kind::Ip => names.network_of(text),
        Kind::Key => names.access_key(text),
        Kind::Account => names.account(text),
        Kind::Principal | Kind::User | Kind::Role => names.principal(text),
        Kind::Event | Kind::Request | Kind::Resource | Kind::Host => None,
    };
    nature.known_name = known.map(str::to_owned);
    match kind {
        Kind::Key => nature.key_kind = Some(access_key_kind(text)),
        Kind::Ip => {
            nature.address_kind = Some(address_kind(text).to_owned());
            if let Some(place) = geoip.lookup_text(text)? {
                nature.country = place.country.en.or(place.country_code);
                nature.city = place.city.en;
                nature.network_operator = rows::operator(place.as_number, place.as_organization);
            }
        }
        _ => {}
    }
    Ok(nature)
}

/// Returns the kind of an address in one word.
fn address_kind(text: &str) -> &'static str {
    match text.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(v4)) => {
            let [first, second, ..] = v4.octets();
            if first == 100 && second & 0xc0 == 64 {
                "shared"
            } else if v4.is_private() || v4.is_loopback() || v4.is_link_local() {
                "private"
            } else {
                "public"
            }
        }
        Ok(IpAddr::V6(v6)) if v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() => "private",
        Ok(IpAddr::V6(_)) => "public",
        Err(_) if source_kind(text) == "internal" => "internal",
        Err(_) if source_kind(text) == "masked" => "masked",
        Err(_) => "network",
    }
}

/// Asks all views for findings, and keeps those that name the value.
fn findings(opened: &Opened, about: &About, options: &AboutOptions) -> Result<Findings, OpsError> {
    let selection = Selection { min_severity: SEVERITY, categories: Vec::new(), only: Vec::new(), skip: Vec::new() };
    let detect = DetectOptions {
        selection,
        params: Vec::new(),
        suppressions: Suppressions::default(),
        new_since: None,
        baseline: None,
        lang: options.lang,
        at_once: opened.session().threads(),
    };
    let mut detector = Detector::start(opened, &detect)?;
    let names = Names::of(about, &options.subject);
    let tz = opened.scope().tz;
    let mut found: Vec<FindingsOfView> = Vec::new();
    while let Some(findings) = detector.next_findings()? {
        for finding in findings.iter().filter(|finding| names.are_in(finding)) {
            let local = |time: chrono::DateTime<chrono::FixedOffset>| LocalTime::new(time.to_utc(), tz);
            let (first, last) = (finding.first_event.map(local), finding.last_event.map(local));
            match found.iter_mut().find(|known| known.view == finding.rule.view) {
                Some(view) => {
                    view.findings += 1;
                    view.events += finding.events;
                    view.first_event = view.first_event.into_iter().chain(first).min();
                    view.last_event = view.last_event.max(last);
                }
                None => found.push(FindingsOfView {
                    severity: finding.rule.severity,
                    view: finding.rule.view.clone(),
                    title: finding.rule.title.clone(),
                    findings: 1,
                    events: finding.events,
                    first_event: first,
                    last_event: last,
                    event_id: finding.event_id.clone(),
                }),
            }
        }
    }
    let failed_views = detector.summary().errors().map(|(view, _)| view.to_owned()).collect();
    found.sort_by_key(|view| (Reverse(view.severity), view.first_event));
    let (total, findings) = (found.len() as u64, found.iter().map(|view| view.findings).sum());
    found.truncate(usize::try_from(options.listed).unwrap_or(usize::MAX));
    Ok(Findings { views: List { items: found, total }, findings, failed_views })
}

/// The texts by which a finding may name a value.
struct Names {
    kind: Kind,
    network: Option<ipnet::IpNet>,
    lower: String,
    pattern: Option<Regex>,
}

impl Names {
    fn of(about: &About, subject: &Subject) -> Self {
        let network = crate::event::known_names::parse_network(subject.text()).filter(|_| about.kind == Kind::Ip);
        let lower = subject.text().to_lowercase();
        Self { kind: about.kind, network, lower, pattern: subject.pattern() }
    }

    fn are_in(&self, finding: &Finding) -> bool {
        let is_value = |text: &str| match self.kind {
            Kind::User | Kind::Role => {
                let text = text.to_lowercase();
                let rest = text.strip_prefix(&self.lower);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['@', ':']))
                    || text.split([',', ';']).any(|part| part == self.lower)
            }
            Kind::Ip if let Some(network) = self.network => {
                text.trim().parse::<IpAddr>().is_ok_and(|address| network.contains(&address.to_canonical()))
            }
            _ => self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(text)),
        };
        let columns = ["principal", "source_ip_address", "account_id", "resource_name", "event_id", "access_key_id"];
        let details = finding.details.keys().map(String::as_str);
        columns.into_iter().chain(details).filter_map(|name| finding.column(name)).any(|text| is_value(&text))
    }
}
