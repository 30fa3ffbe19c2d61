//! One meaning of a scope for every use case: which range is asked for, and what is to be said of a scope that is not
//! what it seems.
//!
//! Ends are resolved by the engine, so that `7d` counts from the same event whoever asks. What is known to be wrong
//! without any event is said before exports are read ([`Scope::check`](crate::engine::Scope::check), [`Range::check`]).
//! A scope that names only accounts or regions which the lake does not have is an error. One without events is none.

use super::OpsError;
use super::open::Opened;
use crate::engine::{EngineError, FutureEvents, ScopeColumn, Session, UnknownValues, ValueCount};
use crate::event::time::{IsoWeek, TimeBound, TimeError, TimeRange, Zone};
use chrono::{DateTime, TimeDelta, Utc};

/// A range that is asked for, before the events are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// A week of the calendar.
    Week(IsoWeek),
    /// A range between two ends, of which each may be open.
    Between(Option<TimeBound>, Option<TimeBound>),
}

impl Range {
    /// Checks what is known to be wrong before there are any events.
    pub fn check(&self, tz: Zone) -> Result<(), TimeError> {
        match self {
            Self::Week(_) => Ok(()),
            Self::Between(since, until) => {
                let instant = |bound: &Option<TimeBound>| bound.and_then(TimeBound::instant);
                TimeRange { since: instant(since), until: instant(until) }.check(tz)
            }
        }
    }

    /// The week, where it is one.
    pub fn week(&self) -> Option<IsoWeek> {
        match self {
            Self::Week(week) => Some(*week),
            Self::Between(..) => None,
        }
    }

    /// Resolves the range to two instants, for a report that must have both; its end is left out.
    ///
    /// An open start is the oldest event of the accounts and regions in scope. An open end is just after the newest, or
    /// the present where the range begins after that event.
    pub fn closed(&self, opened: &Opened, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), OpsError> {
        let session = opened.session();
        let scope = session.scope();
        let TimeRange { since, until } = match self {
            Self::Week(week) => return Ok(week.range(scope.tz)),
            Self::Between(since, until) => session.range(*since, *until)?,
        };
        let newest = scope.newest_event.filter(|newest| since.is_none_or(|since| since <= *newest));
        let until = until.or(newest.map(|newest| newest + TimeDelta::microseconds(1))).unwrap_or(now);
        // Where there is no event, a week says so as well as all of the past does.
        let since = since.or(scope.oldest_event).unwrap_or_else(|| until - TimeDelta::weeks(1));
        TimeRange { since: Some(since), until: Some(until) }.check(scope.tz).map_err(EngineError::from)?;
        Ok((since, until))
    }
}

/// Something that whoever reads an answer should know of its scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// No event has some of the accounts or regions that are named.
    Unknown(UnknownValues),
    /// Events are dated in the future.
    Future(FutureEvents),
    /// No event is in scope.
    NoEvents(NoEvents),
}

/// A scope without events, and where its accounts and regions have some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoEvents {
    /// The range.
    pub range: TimeRange,
    /// Oldest event of the accounts and regions.
    pub oldest_event: Option<DateTime<Utc>>,
    /// Newest event of the accounts and regions.
    pub newest_event: Option<DateTime<Utc>>,
    /// Regions of the accounts, the most frequent first, where accounts and regions that exist have no event in common.
    pub other_regions: Vec<ValueCount>,
}

/// Refuses a scope of which no account, or no region, is in the lake.
pub(super) fn check_values(session: &Session) -> Result<(), OpsError> {
    match session.scope().unknown.iter().find(|unknown| unknown.all_unknown) {
        Some(unknown) => Err(OpsError::NoEventOf(unknown.clone())),
        None => Ok(()),
    }
}

/// Tells what is to be said of a scope, and of a range of it: that of the scope itself, or of a report.
pub(super) fn notices(session: &Session, range: TimeRange) -> Result<Vec<Notice>, EngineError> {
    let scope = session.scope();
    let mut notices: Vec<Notice> = scope.unknown.iter().cloned().map(Notice::Unknown).collect();
    notices.extend(scope.future_events.map(Notice::Future));
    if !session.has_events(range)? {
        let (oldest_event, newest_event) = (scope.oldest_event, scope.newest_event);
        let have_none = newest_event.is_none() && !scope.accounts.is_empty() && !scope.regions.is_empty();
        let other_regions = if have_none { session.values_in_scope(ScopeColumn::Region)? } else { Vec::new() };
        notices.push(Notice::NoEvents(NoEvents { range, oldest_event, newest_event, other_regions }));
    }
    Ok(notices)
}
