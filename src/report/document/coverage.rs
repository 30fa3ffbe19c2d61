//! The section on what the data cover.

use super::{Block, Cell, Column, ColumnKind, Maker, Mark, NoteLine, Row, Section, Table};
use crate::report::coverage;
use crate::report::language::Term;
use crate::report::model::{AccountDelivery, Counted, DayState};
use crate::report::text::{Text, value_text};
use crate::report::wording::grouped;

/// The most days that a cell names.
const NAMED_DAYS: usize = 7;
/// The most regions that are listed.
const LISTED_REGIONS: usize = 30;

impl Maker<'_> {
    pub(super) fn coverage(&self) -> Section {
        let report = self.report;
        let line = |note: coverage::Note<'_>| NoteLine {
            warning: note.warning,
            text: self.words.note(&note.fact, &report.subject),
        };
        let notes: Vec<NoteLine> = coverage::notes(report).into_iter().map(line).collect();
        let mut blocks = vec![Block::Notes(notes)];
        if report.coverage.delivery.total > 0 {
            blocks.push(Block::Table(self.delivery()));
        }
        if report.coverage.regions.len() > 1 {
            blocks.push(Block::Table(self.regions(&report.coverage.regions)));
        }
        Section { id: "coverage".to_owned(), title: Text::from(self.term(Term::Coverage)), level: 2, blocks }
    }

    fn delivery(&self) -> Table {
        let list = &self.report.coverage.delivery;
        let row = |account: &AccountDelivery| {
            let begun = account.days.iter().filter(|day| day.state != DayState::NotYet);
            let silent: Vec<String> =
                begun.clone().filter(|day| day.events == 0).map(|day| self.words.day(day.day)).collect();
            let named = silent.iter().take(NAMED_DAYS).cloned().collect::<Vec<_>>();
            let begun = begun.count() as u64;
            let root: u64 = account.days.iter().map(|day| day.root_events).sum();
            let gaps = account.days_without_events > 0;
            Row::new(vec![
                Cell::text(self.words.account(account.account_id.as_deref(), account.name.as_deref())),
                Cell::text(grouped(account.events)),
                Cell::text(if account.is_silent() { "–".to_owned() } else { grouped(root) }),
                Cell::text(self.words.of(begun.saturating_sub(account.days_without_events), begun))
                    .mark(gaps.then_some(Mark::Grave)),
                Cell::text(if silent.is_empty() {
                    "–".to_owned()
                } else {
                    self.words.list(&named, silent.len() as u64)
                }),
                Cell::text(account.last_event.map_or_else(|| "–".to_owned(), |last| last.to_string())),
            ])
        };
        let columns = [
            (Term::Account, ColumnKind::Id),
            (Term::Events, ColumnKind::Number),
            (Term::RootEvents, ColumnKind::Number),
            (Term::DaysWithEvents, ColumnKind::Number),
            (Term::DaysWithoutEvents, ColumnKind::Text),
            (Term::NewestEvent, ColumnKind::Time),
        ];
        Table {
            caption: Text::from(self.term(Term::Delivery)),
            columns: columns.map(|(term, kind)| Column { title: self.term(term), kind }).into(),
            rows: list.items.iter().map(row).collect(),
            total: None,
            more: self.more(list.more()),
        }
    }

    fn regions(&self, regions: &[Counted]) -> Table {
        let row = |region: &Counted| {
            let name = region.value.as_deref().map_or_else(|| Text::from(self.term(Term::NotSaid)), value_text);
            Row::new(vec![Cell::text(name), Cell::text(grouped(region.count))])
        };
        Table {
            caption: Text::from(self.term(Term::Regions)),
            columns: vec![
                Column { title: self.term(Term::Region), kind: ColumnKind::Id },
                Column { title: self.term(Term::Events), kind: ColumnKind::Number },
            ],
            rows: regions.iter().take(LISTED_REGIONS).map(row).collect(),
            total: None,
            more: self.more(regions.len().saturating_sub(LISTED_REGIONS) as u64),
        }
    }
}
