//! Collects the evidence of a report: each figure gets a number, its first events, and the statement for all of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::engine::{EngineError, Param, ResolvedScope, Session};
use crate::event::ids::ROOT;
use crate::report::calendar::{LocalTime, Span};
use crate::report::evidence::{EventRef, Evidence, EvidenceId, EvidenceLevel, EvidenceSource, Subject};

/// An event as `first_events` gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) struct FirstEvent {
    pub(super) time: Option<LocalTime>,
    pub(super) id: Option<String>,
    /// Id of its source.
    pub(super) source: Option<String>,
}

/// The conditions of the events of a figure, to stand in a `WHERE`.
#[derive(Debug, Clone)]
pub(super) struct Condition(Vec<String>);

impl Condition {
    /// All events.
    pub(super) fn all() -> Self {
        Self(Vec::new())
    }

    /// Events of root.
    pub(super) fn root() -> Self {
        Self::all().is("user_identity_type", Some(ROOT))
    }

    /// Adds a condition as it is written.
    pub(super) fn and(mut self, condition: impl Into<String>) -> Self {
        self.0.push(condition.into());
        self
    }

    /// Writes the conditions on one line.
    pub(super) fn text(self) -> String {
        self.0.join(" AND ")
    }

    /// Writes the conditions on a line each.
    pub(super) fn lines(self) -> String {
        self.0.join("\n  AND ")
    }

    /// Adds that an expression has a value of an event, or none.
    pub(super) fn is(self, expression: &str, value: Option<&str>) -> Self {
        self.and(match value {
            Some(value) => format!("{expression} = {}", literal(value)),
            None => format!("{expression} IS NULL"),
        })
    }

    /// Adds the account; `None` for events that name none.
    pub(super) fn of_account(self, account: Option<&str>) -> Self {
        match account {
            Some(account) => self.is("account_id", Some(account)),
            None => self.is("nullif(account_id, '')", None),
        }
    }
}

/// The evidence collected so far.
pub(super) struct EvidenceBook {
    level: EvidenceLevel,
    /// The range and the limits of the report, as conditions.
    range: String,
    scope: Vec<String>,
    entries: Vec<Evidence>,
    /// Ids of the sources of each entry's events.
    source_ids: Vec<Vec<Option<String>>>,
}

impl EvidenceBook {
    pub(super) fn new(level: EvidenceLevel, span: Span, scope: &ResolvedScope) -> Self {
        let one_of = |column: &str, values: &[String]| {
            let values: Vec<String> = values.iter().map(|value| literal(value)).collect();
            (!values.is_empty()).then(|| format!("{column} IN ({})", values.join(", ")))
        };
        let scope = [one_of("account_id", &scope.accounts), one_of("acs_region", &scope.regions)];
        Self {
            level,
            range: between(span.since, span.until),
            scope: scope.into_iter().flatten().collect(),
            entries: Vec::new(),
            source_ids: Vec::new(),
        }
    }

    /// The parameter `ids` of statements: the events that they name of a figure at most.
    pub(super) fn ids(&self) -> (&'static str, Param) {
        ("ids", Param::Int(i64::try_from(self.level.events()).unwrap_or(i64::MAX)))
    }

    /// Enters a figure of events in the range.
    pub(super) fn add(
        &mut self,
        subject: Subject,
        account: Option<&str>,
        total: u64,
        first: &[FirstEvent],
        condition: Condition,
    ) -> Option<EvidenceId> {
        let range = self.range.clone();
        self.add_of(subject, account, total, first, condition.and(range))
    }

    /// Enters a figure of events whose condition says their time.
    pub(super) fn add_of(
        &mut self,
        subject: Subject,
        account: Option<&str>,
        total: u64,
        first: &[FirstEvent],
        condition: Condition,
    ) -> Option<EvidenceId> {
        let condition = self.scope.iter().cloned().fold(condition, Condition::and);
        let sql = format!(
            "SELECT event_time, event_id, event_name, service_name, outcome, account_id, user_identity_type,\n       \
             user_identity_user_name, user_identity_access_key_id, source_ip_address, user_agent\nFROM events\nWHERE \
             {}\nORDER BY event_time, event_id",
            condition.lines()
        );
        self.add_sql(subject, account, total, first, sql)
    }

    /// Enters a figure with its statement.
    pub(super) fn add_sql(
        &mut self,
        subject: Subject,
        account: Option<&str>,
        total: u64,
        first: &[FirstEvent],
        sql: String,
    ) -> Option<EvidenceId> {
        if self.level == EvidenceLevel::None || total == 0 {
            return None;
        }
        let id = EvidenceId(u32::try_from(self.entries.len() + 1).ok()?);
        let named = usize::try_from(self.level.events()).unwrap_or(usize::MAX);
        let first = first.get(..named).unwrap_or(first);
        let event = |event: &FirstEvent| EventRef { time: event.time, id: event.id.clone(), source: None };
        let account_id = account.map(str::to_owned);
        let events = first.iter().map(event).collect();
        self.entries.push(Evidence { id, subject, detail: None, account_id, total, events, sql });
        self.source_ids.push(first.iter().map(|event| event.source.clone()).collect());
        Some(id)
    }

    /// Says what an entry is about.
    pub(super) fn detail(&mut self, id: Option<EvidenceId>, detail: Option<&str>) {
        let at = id.and_then(|id| usize::try_from(id.0).ok()?.checked_sub(1));
        if let Some(entry) = at.and_then(|at| self.entries.get_mut(at)) {
            entry.detail = detail.map(str::to_owned);
        }
    }

    /// The conditions of the range.
    pub(super) fn range(&self) -> String {
        self.range.clone()
    }

    /// The conditions of the scope, to stand behind others.
    pub(super) fn scope(&self) -> &[String] {
        &self.scope
    }

    /// Numbers the sources of the events, and names them.
    pub(super) fn finish(mut self, session: &Session) -> Result<(Vec<Evidence>, Vec<EvidenceSource>), EngineError> {
        self.find_sources(session)?;
        let ids: BTreeSet<&String> = self.source_ids.iter().flatten().flatten().collect();
        if ids.is_empty() {
            return Ok((self.entries, Vec::new()));
        }
        let wanted: Vec<String> = ids.iter().map(|id| literal(id)).collect();
        // A file may have been read in more than one run. Its bytes are the same, since the id holds their digest.
        let sql = format!(
            "SELECT source_id, min(path) AS path, min(sha256) AS sha256 FROM sources WHERE source_id IN ({}) \
             GROUP BY source_id ORDER BY path, source_id",
            wanted.join(", ")
        );
        let rows: Vec<SourceRow> = session.rows(&sql, &[])?;
        let mut numbers = BTreeMap::new();
        let mut sources = Vec::new();
        for (number, row) in (1..).zip(rows) {
            numbers.insert(row.source_id, number);
            sources.push(EvidenceSource { number, path: row.path, sha256: row.sha256 });
        }
        for (entry, ids) in self.entries.iter_mut().zip(&self.source_ids) {
            for (event, id) in entry.events.iter_mut().zip(ids) {
                event.source = id.as_ref().and_then(|id| numbers.get(id)).copied();
            }
        }
        Ok((self.entries, sources))
    }

    /// Looks up the sources of events that came from a view, which has no column for them.
    fn find_sources(&mut self, session: &Session) -> Result<(), EngineError> {
        let mut wanted = BTreeSet::new();
        let mut times = Vec::new();
        for (entry, sources) in self.entries.iter().zip(&self.source_ids) {
            let unknown = entry.events.iter().zip(sources).filter(|(_, source)| source.is_none());
            for (event, _) in unknown {
                if let (Some(id), Some(time)) = (&event.id, event.time) {
                    wanted.insert(literal(id));
                    times.push(time);
                }
            }
        }
        let Some((first, last)) = times.iter().min().zip(times.iter().max()) else { return Ok(()) };
        let wanted: Vec<String> = wanted.into_iter().collect();
        let sql = format!(
            "SELECT event_id, source_id FROM events WHERE event_id IN ({}) AND event_time >= {} AND event_time <= {}",
            wanted.join(", "),
            instant(first.utc()),
            instant(last.utc())
        );
        let found: BTreeMap<String, Option<String>> =
            session.rows::<EventSource>(&sql, &[])?.into_iter().map(|row| (row.event_id, row.source_id)).collect();
        for (entry, sources) in self.entries.iter().zip(&mut self.source_ids) {
            for (event, source) in entry.events.iter().zip(sources).filter(|(_, source)| source.is_none()) {
                *source = event.id.as_ref().and_then(|id| found.get(id)).cloned().flatten();
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct SourceRow {
    source_id: String,
    path: String,
    sha256: String,
}

#[derive(Deserialize)]
struct EventSource {
    event_id: String,
    source_id: Option<String>,
}

/// Writes the conditions of a range.
pub(super) fn between(since: DateTime<Utc>, until: DateTime<Utc>) -> String {
    format!("event_time >= {} AND event_time < {}", instant(since), instant(until))
}

/// Writes an instant for a statement.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    format!("'{}'", at.format("%Y-%m-%dT%H:%M:%S%.fZ"))
}

/// Writes text for a statement. Characters that cannot be seen are written by their number, so that the statement can
/// be shown and run.
pub(super) fn literal(text: &str) -> String {
    let is_plain = |c: char| !crate::report::text::is_hidden(c);
    let mut parts = Vec::new();
    let mut plain = String::new();
    for c in text.chars() {
        if is_plain(c) {
            plain.push(c);
            plain.extend((c == '\'').then_some('\''));
            continue;
        }
        if !plain.is_empty() {
            parts.push(format!("'{}'", std::mem::take(&mut plain)));
        }
        parts.push(format!("chr({})", u32::from(c)));
    }
    if !plain.is_empty() || parts.is_empty() {
        parts.push(format!("'{plain}'"));
    }
    match parts.as_slice() {
        [part] => part.clone(),
        parts => format!("({})", parts.join(" || ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals() {
        for (text, expected) in [
            ("", "''"),
            ("plain", "'plain'"),
            ("it's", "'it''s'"),
            ("a\u{1b}[31m", "('a' || chr(27) || '[31m')"),
            ("\u{202e}", "chr(8238)"),
            ("日本", "'日本'"),
        ] {
            assert_eq!(literal(text), expected);
        }
    }
}
