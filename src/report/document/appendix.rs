//! The appendix: the method, the version of the lake, and the evidence of each figure.

use super::{Block, Cell, Column, ColumnKind, EvidenceEntry, EvidenceEvent, Maker, NoteLine, Row, Section, Table};
use crate::report::evidence::{EventRef, Evidence, EvidenceSource};
use crate::report::language::Term;
use crate::report::text::{Text, value_text};

impl Maker<'_> {
    pub(super) fn appendix(&self) -> Vec<Section> {
        let mut sections = vec![self.method()];
        let report = self.report;
        if !report.evidence.is_empty() {
            let entries = report.evidence.iter().map(|evidence| self.entry(evidence)).collect();
            let blocks = vec![Block::Text(self.words.evidence()), Block::Evidence(entries)];
            let title = Text::from(self.term(Term::Evidence));
            sections.push(Section { id: "evidence".to_owned(), title, level: 2, blocks });
        }
        if !report.sources.is_empty() {
            let title = Text::from(self.term(Term::Sources));
            let row = |source: &EvidenceSource| {
                Row::new(vec![
                    Cell::text(format!("S{}", source.number)),
                    Cell::text(value_text(&source.path)),
                    Cell::text(value_text(&source.sha256)),
                ])
            };
            let columns =
                [(Term::Number, ColumnKind::Text), (Term::Path, ColumnKind::Id), (Term::Sha256, ColumnKind::Id)];
            let table = Table {
                caption: title.clone(),
                columns: columns.map(|(term, kind)| Column { title: self.term(term), kind }).into(),
                rows: report.sources.iter().map(row).collect(),
                total: None,
                more: None,
            };
            let blocks = vec![Block::Text(self.words.sources()), Block::Table(table)];
            sections.push(Section { id: "sources".to_owned(), title, level: 2, blocks });
        }
        sections
    }

    fn method(&self) -> Section {
        let method = &self.report.method;
        let lines = self.words.method(self.report);
        let notes = lines.into_iter().map(|text| NoteLine { warning: false, text }).collect();
        let blocks = vec![Block::Notes(notes), Block::Text(self.words.command()), Block::Code(method.command.clone())];
        Section { id: "method".to_owned(), title: Text::from(self.term(Term::Method)), level: 2, blocks }
    }

    fn entry(&self, evidence: &Evidence) -> EvidenceEntry {
        let account = evidence.account_id.as_deref().filter(|_| self.has_accounts());
        let event = |event: &EventRef| EvidenceEvent {
            time: event.time.map(|time| time.to_string()).unwrap_or_default(),
            id: event.id.as_deref().map_or_else(|| Text::from(self.term(Term::WithoutId)), value_text),
            source: event.source.map(|number| format!("S{number}")).unwrap_or_default(),
        };
        EvidenceEntry {
            id: evidence.id,
            title: self.words.evidence_title(evidence.subject, evidence.detail.as_deref(), account),
            count: self.words.evidence_count(evidence.total, evidence.events.len() as u64),
            events: evidence.events.iter().map(event).collect(),
            sql: evidence.sql.clone(),
        }
    }
}
