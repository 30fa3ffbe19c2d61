//! The report as one HTML file that needs nothing else: no script, no font, no picture, no network.
//!
//! The page is a compiled askama template, which escapes every value; a content security policy in the page forbids
//! whatever might get past that.

use askama::Template;

use super::document::{Block, Card, Cell, Column, ColumnKind, Document, EvidenceEntry, Mark, Table};
use super::evidence::EvidenceId;
use super::language::Term;
use super::model::Action;
use super::text::{Piece, Text};

/// A value longer than this may be broken anywhere, so that it does not widen its column.
const LONGEST_VALUE: usize = 40;

#[derive(Template)]
#[template(path = "root_usage.html")]
struct Page<'a> {
    document: &'a Document,
    title: String,
    words: Words,
}

/// Labels of the page's own parts.
struct Words {
    contents: &'static str,
    evidence: &'static str,
    time: &'static str,
    event_id: &'static str,
    sources: &'static str,
}

/// Writes the report as HTML.
pub fn render(document: &Document) -> Result<String, askama::Error> {
    let words = document.lang.words();
    let mut html = Page {
        document,
        title: document.title.plain(),
        words: Words {
            contents: words.term(Term::Contents),
            evidence: words.term(Term::Evidence),
            time: words.term(Term::Time),
            event_id: words.term(Term::EventId),
            sources: words.term(Term::Sources),
        },
    }
    .render()?;
    html.push('\n');
    Ok(html)
}

impl Page<'_> {
    fn entry(&self, id: &Option<EvidenceId>) -> Option<&EvidenceEntry> {
        id.and_then(|id| self.document.evidence(id))
    }

    /// Returns `true` if a row of the table has evidence.
    fn has_evidence(&self, table: &Table) -> bool {
        table.rows.iter().any(|row| self.entry(&row.evidence).is_some())
    }
}

/// The class of the banner.
fn action(action: &Action) -> &'static str {
    match action {
        Action::Nothing => "nothing",
        Action::Review => "review",
        Action::Deliver => "deliver",
        Action::Today => "today",
    }
}

/// The class of a cell's column.
fn kind(column: &Column) -> &'static str {
    match column.kind {
        ColumnKind::Text => "words",
        ColumnKind::Number => "num",
        ColumnKind::Id => "id",
        ColumnKind::Time => "time",
    }
}

/// The class and the sign of a mark.
fn mark(mark: &Mark) -> (&'static str, &'static str) {
    match mark {
        Mark::Grave => ("grave", "▲"),
        Mark::Good => ("good", "✓"),
        Mark::Unknown => ("unknown", "?"),
    }
}

/// Makes an anchor that is unique in the page.
fn anchor(section: impl std::fmt::Display, part: impl std::fmt::Display) -> String {
    format!("{section}-{part}")
}

fn is_long(value: &str) -> bool {
    value.len() > LONGEST_VALUE
}

/// The columns of a table with its cells, for the labels that a narrow screen shows.
fn labelled<'t>(table: &'t Table, cells: &'t [Cell]) -> Vec<(&'t Column, &'t Cell)> {
    table.columns.iter().zip(cells).collect()
}

/// Returns the value of a card with its sign.
fn is_grave(card: &Card) -> bool {
    card.grave && card.note.is_some()
}

fn pieces(text: &Text) -> Vec<Piece<'_>> {
    text.pieces()
}
