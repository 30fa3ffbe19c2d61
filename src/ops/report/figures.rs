//! The key figures as conditions, so that a figure and the statement of its evidence cannot differ.

use serde::Deserialize;

use super::evidence::{Condition, EvidenceBook, FirstEvent};
use crate::engine::{EngineError, Param, Session};
use crate::report::evidence::Subject;
use crate::report::model::FigureEvidence;

/// A figure: its column, its condition beside that of root, and its evidence.
struct Figure {
    column: &'static str,
    condition: &'static str,
    subject: Option<Subject>,
}

const LOGON: &str = "event_name = 'ConsoleSignin'";
const CALL: &str = "coalesce(event_name, '') NOT IN ('ConsoleSignin', 'ConsoleSignout')";

macro_rules! figure {
    ($column:literal, $condition:expr) => {
        Figure { column: $column, condition: $condition, subject: None }
    };
    ($column:literal, $condition:expr, $subject:ident) => {
        Figure { column: $column, condition: $condition, subject: Some(Subject::$subject) }
    };
}

/// The figures, in the order of their columns.
const FIGURES: [Figure; 11] = [
    figure!("root_events", "true", RootEvents),
    figure!("logons_succeeded", "{logon} AND outcome = 'success'", LogonsSucceeded),
    figure!("logons_failed", "{logon} AND outcome <> 'success'", LogonsFailed),
    figure!("logons_with_mfa", "{logon} AND outcome = 'success' AND mfa_used"),
    figure!("logons_without_mfa", "{logon} AND outcome = 'success' AND NOT mfa_used", LogonsWithoutMfa),
    figure!(
        "access_key_calls",
        "coalesce(event_name, '') <> 'ConsoleSignin' AND access_key_kind(user_identity_access_key_id) IS NOT NULL",
        AccessKeyCalls
    ),
    figure!(
        "long_term_key_calls",
        "coalesce(event_name, '') <> 'ConsoleSignin' AND access_key_kind(user_identity_access_key_id) = 'long-term'"
    ),
    figure!(
        "changes",
        "{call} AND outcome = 'success' AND event_access(event_rw, service_name, event_name) = 'Write'",
        Changes
    ),
    figure!(
        "changes_failed",
        "{call} AND outcome <> 'success' AND event_access(event_rw, service_name, event_name) = 'Write'",
        ChangesFailed
    ),
    figure!("access_not_known", "{call} AND event_access(event_rw, service_name, event_name) IS NULL", AccessNotKnown),
    figure!("denied", "coalesce(event_name, '') <> 'ConsoleSignin' AND outcome = 'denied'", Denied),
];

impl Figure {
    fn condition(&self) -> String {
        self.condition.replace("{logon}", LOGON).replace("{call}", CALL)
    }
}

/// Writes the columns of all figures.
pub(super) fn columns() -> String {
    let column = |figure: &Figure| format!("count(*) FILTER (WHERE {}) AS {}", figure.condition(), figure.column);
    FIGURES.iter().map(column).collect::<Vec<_>>().join(",\n    ")
}

/// The first events of each figure of an account, and the addresses of failed logons.
#[derive(Debug, Deserialize)]
pub(super) struct FigureRow {
    /// All accounts together.
    pub(super) every: bool,
    pub(super) account_id: Option<String>,
    pub(super) failed_addresses: u64,
    counts: Vec<u64>,
    events: Vec<Vec<FirstEvent>>,
}

/// Asks for the first events of each figure, by account and of all accounts together.
pub(super) fn first_events(
    session: &Session,
    range: &[(&'static str, Param)],
    book: &EvidenceBook,
) -> Result<Vec<FigureRow>, EngineError> {
    let with_subject = || FIGURES.iter().filter(|figure| figure.subject.is_some());
    let counts: Vec<String> =
        with_subject().map(|figure| format!("count(*) FILTER (WHERE {})", figure.condition())).collect();
    let events: Vec<String> = with_subject()
        .map(|figure| {
            format!("first_events(event_time, event_id, source_id, $ids) FILTER (WHERE {})", figure.condition())
        })
        .collect();
    let sql = format!(
        "SELECT grouping(account) = 1 AS every, account AS account_id,\n    count(DISTINCT nullif(source_ip_address, '')) \
         FILTER (WHERE {LOGON} AND outcome <> 'success') AS failed_addresses,\n    make_array({}) AS counts,\n    \
         make_array({}) AS events\nFROM (SELECT *, nullif(account_id, '') AS account FROM events WHERE \
         user_identity_type = 'root-account' AND event_time >= $since AND event_time < $until)\nGROUP BY GROUPING SETS \
         ((account), ())\nORDER BY every DESC, account_id",
        counts.join(", "),
        events.join(", ")
    );
    session.rows(&sql, &[range, &[book.ids()]].concat())
}

/// Enters the figures of a row into the evidence.
pub(super) fn evidence(row: &FigureRow, book: &mut EvidenceBook) -> FigureEvidence {
    let mut found = FigureEvidence::default();
    let figures = FIGURES.iter().filter_map(|figure| Some((figure, figure.subject?)));
    for ((figure, subject), (count, events)) in figures.zip(row.counts.iter().zip(&row.events)) {
        let mut condition = Condition::root();
        if figure.condition != "true" {
            condition = condition.and(figure.condition());
        }
        if !row.every {
            condition = condition.of_account(row.account_id.as_deref());
        }
        let id = book.add(subject, row.account_id.as_deref(), *count, events, condition);
        match subject {
            Subject::RootEvents => found.root_events = id,
            Subject::LogonsSucceeded => found.logons_succeeded = id,
            Subject::LogonsFailed => found.logons_failed = id,
            Subject::LogonsWithoutMfa => found.logons_without_mfa = id,
            Subject::AccessKeyCalls => found.access_key_calls = id,
            Subject::Changes => found.changes = id,
            Subject::ChangesFailed => found.changes_failed = id,
            Subject::AccessNotKnown => found.access_not_known = id,
            Subject::Denied => found.denied = id,
            _ => {}
        }
    }
    found
}
