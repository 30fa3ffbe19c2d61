//! Events in the order of their time: those of a value, those around an event, or all in scope.
//!
//! The answer streams, so memory does not grow with it: the engine sorts and spills. [`Runs`] folds events that look
//! the same and follow each other.

use super::OpsError;
use super::open::Opened;
use super::subject::{Kind, Match, Subject, recognise};
use crate::detect::format::timesketch::{self, TrailEvent};
use crate::engine::{EngineError, Param, QueryResult, Scope, ScopeColumn, Session};
use crate::report::calendar::LocalTime;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

/// Options of a timeline.
#[derive(Debug, Clone, Default)]
pub struct TimelineOptions {
    /// Only events of this value, and those that name it.
    pub subject: Option<Subject>,
    /// Only events near this one, in its account.
    pub around: Option<Around>,
    /// Leaves out events that read.
    pub writes: bool,
    /// The most events.
    pub limit: Option<u64>,
}

/// The time around an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Around {
    /// Id of the event.
    pub event_id: String,
    /// Length before it, and behind it.
    pub within: TimeDelta,
}

/// The answer to a question for a timeline.
pub enum Answer {
    /// Events.
    Events(Box<Timeline>),
    /// No event in scope has the value. The kinds are those that events of the whole lake have.
    UnknownValue(Vec<Match>),
    /// No event in scope has the id.
    UnknownEvent,
    /// Several events have the id, as masked ones do.
    SeveralEvents,
    /// The event has no time that could be read.
    EventWithoutTime,
}

/// Events in the order of their time.
pub struct Timeline {
    /// The rows, with the columns of [`Entry`] and more.
    pub rows: QueryResult,
    /// The kinds that the value is, the likeliest first; that one is shown.
    pub kinds: Vec<Match>,
    /// The event that the others are around.
    pub anchor: Option<Anchor>,
    /// Tells that the scope has events of more than one account.
    pub has_accounts: bool,
}

/// The event that a timeline is around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Its id, as it is stored.
    pub event_id: String,
    /// Its account.
    pub account_id: Option<String>,
    /// The start of the range, taken in.
    pub from: DateTime<Utc>,
    /// The end of the range, taken in.
    pub to: DateTime<Utc>,
}

/// An event of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Entry {
    /// Time.
    pub event_time: Option<LocalTime>,
    /// `success`, `denied` or `error`.
    pub outcome: Option<String>,
    /// Account.
    pub account_id: Option<String>,
    /// Name of who acted.
    pub principal: Option<String>,
    /// Address of who acted.
    pub source_ip_address: Option<String>,
    /// Region.
    pub acs_region: Option<String>,
    /// Service.
    pub service_name: Option<String>,
    /// Name of the event.
    pub event_name: Option<String>,
    /// The resources, or what the parameters name.
    pub resource_name: Option<String>,
    /// `Read` or `Write`; `None` where it is not known.
    pub access: Option<String>,
    /// Type of who acted.
    pub identity_type: Option<String>,
    /// AccessKey of who acted.
    pub access_key_id: Option<String>,
    /// User agent.
    pub user_agent: Option<String>,
    /// Error code, or message.
    pub error_code: Option<String>,
    /// Tells the event that the others are around.
    pub anchor: bool,
    /// Id.
    pub event_id: Option<String>,
}

impl Entry {
    /// Returns `true` if the event changes something.
    pub fn is_write(&self) -> bool {
        self.access.as_deref() == Some("Write")
    }

    /// Returns `true` if the event did not succeed.
    pub fn has_failed(&self) -> bool {
        self.outcome.as_deref().is_some_and(|outcome| outcome != "success")
    }

    /// Returns the event for Timesketch; `None` for one without a time, which has no place on a timeline.
    pub fn timesketch(&self) -> Option<TrailEvent<'_>> {
        let time = self.event_time?.utc();
        let mut message =
            [&self.service_name, &self.event_name].map(|name| name.as_deref().unwrap_or_default()).join(" ");
        let mut add = |before: &str, part: &Option<String>| {
            if let Some(part) = part {
                message.push_str(before);
                message.push_str(part);
            }
        };
        add(" by ", &self.principal);
        add(" from ", &self.source_ip_address);
        add(" on ", &self.resource_name);
        if self.has_failed() {
            add(": ", &self.outcome);
            add(" ", &self.error_code);
        }
        let tag = [self.access.as_deref(), self.outcome.as_deref(), self.anchor.then_some("anchor")];
        Some(TrailEvent {
            message: message.trim().to_owned(),
            datetime: timesketch::datetime(time),
            timestamp: time.timestamp_micros(),
            timestamp_desc: "Event time",
            data_type: "alibabacloud:actiontrail:event",
            tag: tag.into_iter().flatten().collect(),
            event_id: self.event_id.as_deref(),
            service_name: self.service_name.as_deref(),
            event_name: self.event_name.as_deref(),
            access: self.access.as_deref(),
            outcome: self.outcome.as_deref(),
            error_code: self.error_code.as_deref(),
            account_id: self.account_id.as_deref(),
            principal: self.principal.as_deref(),
            identity_type: self.identity_type.as_deref(),
            access_key_id: self.access_key_id.as_deref(),
            source_ip: self.source_ip_address.as_deref(),
            user_agent: self.user_agent.as_deref(),
            region: self.acs_region.as_deref(),
            resource_name: self.resource_name.as_deref(),
        })
    }

    /// Returns `true` if two events look the same but for their time and ids. One without a time is like no other.
    fn looks_like(&self, other: &Self) -> bool {
        self.event_time.is_some()
            && other.event_time.is_some()
            && !self.anchor
            && !other.anchor
            && self.account_id == other.account_id
            && self.access_key_id == other.access_key_id
            && self.principal == other.principal
            && self.identity_type == other.identity_type
            && self.source_ip_address == other.source_ip_address
            && self.service_name == other.service_name
            && self.event_name == other.event_name
            && self.resource_name == other.resource_name
            && self.access == other.access
            && self.outcome == other.outcome
            && self.error_code == other.error_code
    }
}

/// Events that look the same and follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The first of them.
    pub first: Entry,
    /// Time of the last one.
    pub last_time: Option<LocalTime>,
    /// Events.
    pub events: u64,
}

/// Folds events into runs.
#[derive(Debug, Default)]
pub struct Runs {
    open: Option<Run>,
}

impl Runs {
    /// Adds an event, and returns the run that it ends.
    pub fn add(&mut self, entry: Entry) -> Option<Run> {
        match &mut self.open {
            Some(run) if run.first.looks_like(&entry) => {
                run.events += 1;
                run.last_time = entry.event_time;
                None
            }
            open => open.replace(Run { last_time: entry.event_time, first: entry, events: 1 }),
        }
    }

    /// Returns the last run.
    pub fn finish(&mut self) -> Option<Run> {
        self.open.take()
    }
}

impl Timeline {
    /// Returns the events of the next batch; `None` at the end.
    pub fn next_entries(&mut self) -> Result<Option<Vec<Entry>>, OpsError> {
        Ok(self.rows.next_rows()?)
    }
}

/// Starts to answer.
pub fn timeline(opened: &Opened, options: &TimelineOptions) -> Result<Answer, OpsError> {
    let session = opened.session();
    let mut params = Vec::new();
    let mut branches = vec![String::from("TRUE")];
    let mut kinds = Vec::new();
    if let Some(subject) = &options.subject.as_ref().map(|subject| subject.as_shown(session)) {
        let kind = match subject.only_kind() {
            Some(kind) => Some(kind),
            None => {
                kinds = recognise(session, subject)?;
                kinds.first().map(|found| found.kind)
            }
        };
        let Some(kind) = kind else { return Ok(Answer::UnknownValue(in_lake(opened, subject)?)) };
        (branches, params) = of_subject(subject, kind);
    }
    let anchor = match &options.around {
        None => None,
        Some(around) => match find_anchor(session, around)? {
            Ok(anchor) => Some(anchor),
            Err(answer) => return Ok(answer),
        },
    };
    let mut near = String::new();
    if let Some(anchor) = &anchor {
        near.push_str(" AND event_time >= $from AND event_time <= $to");
        params.extend([("from", Param::Time(anchor.from)), ("to", Param::Time(anchor.to))]);
        match &anchor.account_id {
            None => near.push_str(" AND account_id IS NULL"),
            Some(account) => {
                near.push_str(" AND (account_id = $anchor_account OR recipient_account_id = $anchor_account)");
                params.push(("anchor_account", Param::Text(account.clone())));
            }
        }
    }
    if options.writes {
        near.push_str(" AND coalesce(event_access(event_rw, service_name, event_name), 'Write') = 'Write'");
    }
    let branches: Vec<String> =
        branches.into_iter().map(|filter| format!("SELECT * FROM events WHERE {filter}{near}")).collect();
    let mut sql = include_str!("sql/timeline.sql").replace("{branches}", &branches.join(" UNION ALL "));
    let id = anchor.as_ref().map(|anchor| anchor.event_id.clone()).unwrap_or_default();
    params.push(("anchor", Param::Text(id)));
    if let Some(limit) = options.limit {
        sql.push_str("LIMIT $limit");
        params.push(("limit", Param::Int(i64::try_from(limit).unwrap_or(i64::MAX))));
    }
    let has_accounts = session.scope().accounts.len() != 1 && session.values_in_scope(ScopeColumn::Account)?.len() > 1;
    let rows = session.sql_with(&sql, &params)?;
    Ok(Answer::Events(Box::new(Timeline { rows, kinds, anchor, has_accounts })))
}

/// The conditions of the events of a value, and of those that name it. No event meets two of them.
fn of_subject(subject: &Subject, kind: Kind) -> (Vec<String>, Vec<(&'static str, Param)>) {
    let condition = subject.condition(kind);
    let own = condition.own();
    let named = condition.named().iter().map(|named| format!("{named} AND ({own}) IS NOT TRUE"));
    (std::iter::once(own.to_owned()).chain(named).collect(), condition.params())
}

/// Finds the kinds that a value is by the events of the whole lake, whatever the scope.
pub fn in_lake(opened: &Opened, subject: &Subject) -> Result<Vec<Match>, OpsError> {
    recognise(&opened.session().with_scope(Scope::default())?, subject)
}

#[derive(Deserialize)]
struct AnchorRow {
    event_id: String,
    event_time: Option<LocalTime>,
    account_id: Option<String>,
}

/// Finds the event that others are around, or tells why there is none.
fn find_anchor(session: &Session, around: &Around) -> Result<Result<Anchor, Answer>, EngineError> {
    let id = around.event_id.trim();
    let sql = "SELECT event_id, event_time, nullif(account_id, '') AS account_id FROM events
               WHERE event_id IN ($id, $upper, $lower) LIMIT 2";
    let spelled = [("id", id.to_owned()), ("upper", id.to_uppercase()), ("lower", id.to_lowercase())];
    let params: Vec<_> = spelled.into_iter().map(|(name, id)| (name, Param::Text(id))).collect();
    let mut found: Vec<AnchorRow> = session.rows(sql, &params)?;
    if found.len() > 1 {
        return Ok(Err(Answer::SeveralEvents));
    }
    let Some(row) = found.pop() else { return Ok(Err(Answer::UnknownEvent)) };
    let Some(time) = row.event_time.map(LocalTime::utc) else { return Ok(Err(Answer::EventWithoutTime)) };
    Ok(Ok(Anchor {
        event_id: row.event_id,
        account_id: row.account_id,
        from: time.checked_sub_signed(around.within).unwrap_or(DateTime::<Utc>::MIN_UTC),
        to: time.checked_add_signed(around.within).unwrap_or(DateTime::<Utc>::MAX_UTC),
    }))
}
