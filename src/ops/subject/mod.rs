//! The subject of a question: a value that somebody pasted, the kinds of things that it may be, and the events of each.
//!
//! The shape of the text says what it may be ([`shape`]), and the events decide ([`recognise`]). A kind is a list of
//! columns with conditions ([`condition`]); values are bound as parameters and never become part of a statement's text.

mod condition;
mod shape;

pub use condition::{Condition, Place};

use super::OpsError;
use crate::engine::{EngineError, Session};
use crate::report::calendar::LocalTime;
use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

/// The most places that a kind has.
const MAX_PLACES: usize = 5;

/// The most bytes of a value. Ids and names have some hundred.
const LONGEST: usize = 4096;

/// A kind of thing that a value names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An address, a network, or a word that stands for addresses.
    Ip,
    /// An AccessKey.
    Key,
    /// The id of a principal.
    Principal,
    /// The name of a user.
    User,
    /// The name of a role.
    Role,
    /// An account.
    Account,
    /// The id of an event.
    Event,
    /// The id of a request.
    Request,
    /// The id or the name of a resource.
    Resource,
    /// The name of a host, mostly of a service.
    Host,
}

impl Kind {
    /// Every kind. Of two that have as many events, the first is the likelier one.
    pub const ALL: [Self; 10] = [
        Self::Ip,
        Self::Key,
        Self::Account,
        Self::User,
        Self::Role,
        Self::Principal,
        Self::Event,
        Self::Request,
        Self::Host,
        Self::Resource,
    ];

    /// Returns the word that a user types.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Key => "key",
            Self::Principal => "principal",
            Self::User => "user",
            Self::Role => "role",
            Self::Account => "account",
            Self::Event => "event",
            Self::Request => "request",
            Self::Resource => "resource",
            Self::Host => "host",
        }
    }

    /// Returns the kind in words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ip => "address",
            Self::Key => "AccessKey",
            Self::Principal => "principal",
            Self::User => "user",
            Self::Role => "role",
            Self::Account => "account",
            Self::Event => "event",
            Self::Request => "request",
            Self::Resource => "resource",
            Self::Host => "host",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| format!("not a kind: `{text}`"))
    }
}

/// A value that somebody asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The value, without the blanks and quotes that came with it.
    text: String,
    /// The account that the value names beside itself, as an ARN does.
    account: Option<String>,
    /// The kinds that it may be: the likely ones, then those to look for where none of them has an event.
    stages: Vec<Vec<Kind>>,
}

/// A value that cannot be asked about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// Nothing but blanks.
    #[error("the value is empty")]
    Empty,
    /// A value that no event can have as an id or a name.
    #[error("the value is longer than {LONGEST} bytes")]
    TooLong,
    /// The value cannot be of the kind that was named.
    #[error("not an address or a network: `{0}`")]
    NotAnAddress(String),
}

impl Subject {
    /// Reads a value as it was pasted; `kind` is what it is to be taken for.
    pub fn parse(pasted: &str, kind: Option<Kind>) -> Result<Self, SubjectError> {
        let text = shape::bare(pasted);
        if text.is_empty() {
            return Err(SubjectError::Empty);
        }
        if text.len() > LONGEST {
            return Err(SubjectError::TooLong);
        }
        let subject = shape::read(text);
        match kind {
            None => Ok(subject),
            Some(Kind::Ip) if shape::address(&subject.text).is_none() => Err(SubjectError::NotAnAddress(subject.text)),
            Some(kind) => Ok(Self { stages: vec![vec![kind]], ..subject }),
        }
    }

    /// Returns the value, without the blanks and quotes that came with it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the value as answers show it, since they are what conditions compare with.
    pub(super) fn as_shown(&self, session: &Session) -> Self {
        Self { text: session.shown_name(&self.text).into_owned(), ..self.clone() }
    }

    /// Returns the account that the value names beside itself.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Returns the kind, if only one comes into question.
    pub fn only_kind(&self) -> Option<Kind> {
        match &self.stages[..] {
            [stage] => match stage[..] {
                [kind] => Some(kind),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns the expression that finds the value as a whole in a text.
    pub fn pattern(&self) -> Option<Regex> {
        Regex::new(&condition::whole(&self.text)).ok()
    }

    /// Returns the events of a kind.
    pub fn condition(&self, kind: Kind) -> Condition {
        Condition::new(self, kind)
    }
}

/// A kind that a value is, by the events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Match {
    /// The kind.
    pub kind: Kind,
    /// Events that have the value as this kind. Of a resource beside other kinds, only events that list it are counted,
    /// and not those that name it in their parameters.
    pub events: u64,
    /// Calls that name it, such as the creation of an AccessKey; counted of users and roles, and where nothing else has
    /// the value.
    pub named_by: u64,
    /// Time of the first of these events.
    pub first_event: Option<LocalTime>,
    /// Time of the last of them.
    pub last_event: Option<LocalTime>,
    /// The columns that hold it.
    pub columns: Vec<ColumnCount>,
}

/// A column that holds a value, and in how many events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ColumnCount {
    /// The column of `events`.
    pub column: String,
    /// Events that hold the value there.
    pub events: u64,
}

#[derive(Deserialize)]
struct MatchRow {
    kind: Kind,
    named: bool,
    events: u64,
    first_event: Option<LocalTime>,
    last_event: Option<LocalTime>,
    place_0: Option<u64>,
    place_1: Option<u64>,
    place_2: Option<u64>,
    place_3: Option<u64>,
    place_4: Option<u64>,
}

/// Finds the kinds that a value is, the likeliest first: that with the most events. Empty if no event has the value.
pub fn recognise(session: &Session, subject: &Subject) -> Result<Vec<Match>, OpsError> {
    for stage in &subject.stages {
        let mut found =
            count(session, subject, stage, |kind, named| !named || matches!(kind, Kind::User | Kind::Role))?;
        if found.is_empty() {
            found = count(session, subject, stage, |_, named| named)?;
        }
        if !found.is_empty() {
            let order = |kind| Kind::ALL.iter().position(|known| *known == kind);
            // A call on a user names it as a resource too, and so counts twice.
            let weight = |found: &Match| found.events.saturating_add(found.named_by.saturating_mul(2));
            found.sort_by_key(|found| (Reverse(weight(found)), order(found.kind)));
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// Counts the events of some kinds, and the calls that name the value, as far as they are `wanted`. Each kind is a scan
/// of its own, so that each prunes the files by its own column.
fn count(
    session: &Session,
    subject: &Subject,
    kinds: &[Kind],
    wanted: impl Fn(Kind, bool) -> bool,
) -> Result<Vec<Match>, EngineError> {
    let mut branches = Vec::new();
    let mut params = Vec::new();
    for kind in kinds {
        let condition = subject.condition(*kind);
        // Parameters are long, and cost a search for secrets. Beside other kinds, listed resources alone decide.
        let is_quick = *kind == Kind::Resource && kinds.len() > 1;
        let own = if is_quick { condition.listed() } else { condition.own() };
        let own = std::iter::once(own).map(|filter| (filter, false));
        let named = condition.named().iter().map(|filter| (filter.as_str(), true));
        for (filter, named) in own.chain(named).filter(|(_, named)| wanted(*kind, *named)) {
            let place = |at: usize| match condition.places().get(at) {
                Some(place) if !named && !is_quick => format!("count(*) FILTER (WHERE {}) AS place_{at}", place.sql),
                _ => format!("CAST(NULL AS BIGINT) AS place_{at}"),
            };
            let places: Vec<String> = (0..MAX_PLACES).map(place).collect();
            branches.push(format!(
                "SELECT '{kind}' AS kind, {named} AS named, count(*) AS events, min(event_time) AS first_event, \
                 max(event_time) AS last_event, {} FROM events WHERE {filter}",
                places.join(", ")
            ));
        }
        params = condition.params();
    }
    if branches.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<MatchRow> = session.rows(&branches.join(" UNION ALL "), &params)?;
    let mut found: Vec<Match> = Vec::new();
    for row in rows.into_iter().filter(|row| row.events > 0) {
        let one = row.found(subject);
        match found.iter_mut().find(|known| known.kind == one.kind) {
            Some(known) => {
                known.events += one.events;
                known.named_by += one.named_by;
                known.first_event = known.first_event.into_iter().chain(one.first_event).min();
                known.last_event = known.last_event.max(one.last_event);
                known.columns.extend(one.columns);
            }
            None => found.push(one),
        }
    }
    Ok(found)
}

impl MatchRow {
    fn found(self, subject: &Subject) -> Match {
        let counts = [self.place_0, self.place_1, self.place_2, self.place_3, self.place_4];
        let condition = subject.condition(self.kind);
        let columns = condition.places().iter().zip(counts).filter_map(|(place, count)| {
            let events = count.filter(|count| *count > 0)?;
            Some(ColumnCount { column: place.column.to_owned(), events })
        });
        let (events, named_by) = if self.named { (0, self.events) } else { (self.events, 0) };
        Match {
            kind: self.kind,
            events,
            named_by,
            first_event: self.first_event,
            last_event: self.last_event,
            columns: columns.collect(),
        }
    }
}
