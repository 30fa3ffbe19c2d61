//! The delivery of the lake as a whole, whatever the range and the regions of a question.
//!
//! A question about a week or a region must not lose what lies beside it: an account that fell silent before, a trail
//! that was stopped a month ago, an export that lacks its last page. [`Delivery`] asks for these, for coverage and the
//! report alike. Only accounts narrow it.

use crate::engine::{self, EngineError, Param, Scope, Session};
use crate::event::time::Zone;
use crate::report::calendar::LocalTime;
use crate::report::remarks::{RejectedSource, Remarks, SourceRemark, UnreadEvent};
use crate::report::trail::{self, NewestEvents, TrailCall, TrailChange};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The most changes of trails that are looked at: nobody makes so many, and of a flood the newest count.
const MOST_CHANGES: i64 = 10_000;

/// Opens a session on the accounts in scope, of all times and regions, or returns the same one if it sees as much.
fn widen(session: &Session) -> Result<Session, EngineError> {
    let scope = session.scope();
    if scope.since.is_none() && scope.until.is_none() && scope.regions.is_empty() {
        return Ok(session.clone());
    }
    session.with_scope(Scope { accounts: scope.accounts.clone(), ..Scope::default() })
}

/// A region of an account, with its first event and its last that is not of the future.
#[derive(Debug, Clone)]
pub struct Place {
    /// Account; `None` where events carry none.
    pub account_id: Option<String>,
    /// Region; `None` where events carry none.
    pub region: Option<String>,
    /// First event.
    pub first: LocalTime,
    /// Last event that is not of the future.
    pub last: Option<LocalTime>,
}

impl Place {
    /// A place of the engine, with times of a zone.
    fn new(place: engine::Place, tz: Zone) -> Self {
        let engine::Place { account_id, region, first, last } = place;
        let local = |at| LocalTime::new(at, tz);
        Self { account_id, region, first: local(first), last: last.map(local) }
    }
}

/// First and last event of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First event.
    pub first: LocalTime,
    /// Last event that is not of the future.
    pub last: Option<LocalTime>,
}

/// The lake, beside the range and the regions of a question.
pub struct Delivery {
    /// Sees the events of the accounts in scope, of all times and regions.
    pub session: Session,
    /// The newest event of the whole lake that is not of the future.
    pub newest_event: Option<LocalTime>,
    /// Accounts and regions with events, of the accounts in scope.
    pub places: Vec<Place>,
    /// The same by account, regions together.
    pub accounts: BTreeMap<Option<String>, Span>,
}

impl Delivery {
    /// Asks the lake.
    pub fn ask(session: &Session) -> Result<Self, EngineError> {
        let tz = session.scope().tz;
        let newest_event = session.newest_event_of_lake()?;
        let session = widen(session)?;
        let newest = newest_event.unwrap_or(DateTime::UNIX_EPOCH);
        let places = session.places(newest)?.into_iter().map(|place| Place::new(place, tz));
        let places: Vec<Place> = places.collect();
        let mut accounts: BTreeMap<Option<String>, Span> = BTreeMap::new();
        for place in &places {
            let span = Span { first: place.first, last: place.last };
            let known = accounts.entry(place.account_id.clone()).or_insert(span);
            known.first = known.first.min(span.first);
            known.last = known.last.max(span.last);
        }
        Ok(Self { session, newest_event: newest_event.map(|at| LocalTime::new(at, tz)), places, accounts })
    }

    /// Returns `true` if silence of this account says something. Events without an account are of services now and
    /// then; only where no event has one, they are what there is.
    pub fn is_account(&self, account: &Option<String>) -> bool {
        account.is_some() || self.accounts.len() == 1
    }

    /// Tells what was done to trails at any time.
    pub fn trail_changes(&self) -> Result<(Vec<TrailChange>, u64), EngineError> {
        let listed = [("listed", Param::Int(MOST_CHANGES))];
        let (calls, total) = calls(&self.session, include_str!("sql/trail_changes.sql"), &listed)?;
        let newest: NewestEvents =
            self.accounts.iter().filter_map(|(account, span)| Some((account.clone(), span.last?))).collect();
        Ok((trail::changes(&calls, &newest), total.saturating_sub(calls.len() as u64)))
    }

    /// Tells which calls on trails failed in a range.
    pub fn trail_failures(
        &self,
        since: DateTime<Utc>,
        until: DateTime<Utc>,
        listed: i64,
    ) -> Result<(Vec<TrailChange>, u64), EngineError> {
        let params = [("since", Param::Time(since)), ("until", Param::Time(until)), ("listed", Param::Int(listed))];
        let (calls, total) = calls(&self.session, include_str!("sql/trail_failures.sql"), &params)?;
        Ok((trail::changes(&calls, &NewestEvents::new()), total.saturating_sub(calls.len() as u64)))
    }

    /// Tells what sources and events lack, as far as they say so, with `listed` names of each kind.
    pub fn remarks(&self, since: DateTime<Utc>, until: DateTime<Utc>, listed: usize) -> Result<Remarks, EngineError> {
        let listed = ("listed", Param::Int(i64::try_from(listed).unwrap_or(i64::MAX)));
        let range = [("since", Param::Time(since)), ("until", Param::Time(until)), listed.clone()];
        let mut remarks = Remarks::default();
        // Where there is no reject, the events need not be read for their sources.
        let some: Vec<Exists> = self.session.rows("SELECT count(*) > 0 AS found FROM rejects", &[])?;
        let sql = include_str!("sql/remarks_rejects.sql");
        let rows = if some.iter().any(|some| some.found) { self.session.rows(sql, &range)? } else { Vec::new() };
        for row in rows {
            let row: RejectsRow = row;
            let rejects = match row.place.as_str() {
                "around" => &mut remarks.rejects_around,
                "elsewhere" => &mut remarks.rejects_elsewhere,
                _ => &mut remarks.rejects_unknown,
            };
            rejects.records = row.all_records;
            rejects.first = row.all_first;
            rejects.last = row.all_last;
            rejects.sources.total = row.sources;
            let source = RejectedSource { path: row.path, records: row.records, first: row.first, last: row.last };
            rejects.sources.items.push(source);
        }
        for row in self.session.rows::<SourceRow>(include_str!("sql/remarks_sources.sql"), &[listed])? {
            let list = if row.kind == "incomplete" { &mut remarks.incomplete } else { &mut remarks.suspicious };
            list.total = row.total;
            list.items.push(SourceRemark { path: row.path, why: row.why });
        }
        for row in self.session.rows::<UnreadRow>(include_str!("sql/remarks_unread.sql"), &range)? {
            let list = if row.kind == "time" { &mut remarks.without_time } else { &mut remarks.unread };
            list.total = row.total;
            let fields = row.fields.filter(|fields| !fields.is_empty());
            list.items.push(UnreadEvent { event_id: row.event_id, event_name: row.event_name, path: row.path, fields });
        }
        Ok(remarks)
    }
}

/// The calls of a statement in the order of their time, and how many there are in all.
fn calls(session: &Session, sql: &str, params: &[(&str, Param)]) -> Result<(Vec<TrailCall>, u64), EngineError> {
    #[derive(Deserialize)]
    struct Row {
        total: u64,
        #[serde(flatten)]
        call: TrailCall,
    }
    let rows: Vec<Row> = session.rows(sql, params)?;
    let total = rows.first().map_or(0, |row| row.total);
    let mut calls: Vec<TrailCall> = rows.into_iter().map(|row| row.call).collect();
    calls.sort_by(|a, b| (a.time, &a.event_id).cmp(&(b.time, &b.event_id)));
    Ok((calls, total))
}

#[derive(Deserialize)]
struct Exists {
    found: bool,
}

#[derive(Deserialize)]
struct RejectsRow {
    place: String,
    path: String,
    records: u64,
    first: Option<LocalTime>,
    last: Option<LocalTime>,
    sources: u64,
    all_records: u64,
    all_first: Option<LocalTime>,
    all_last: Option<LocalTime>,
}

#[derive(Deserialize)]
struct SourceRow {
    kind: String,
    path: String,
    why: String,
    total: u64,
}

#[derive(Deserialize)]
struct UnreadRow {
    kind: String,
    fields: Option<String>,
    event_id: Option<String>,
    event_name: Option<String>,
    path: Option<String>,
    total: u64,
}
