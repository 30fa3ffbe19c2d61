//! The key figures, their change, and the table of comparison.

use super::{Block, Card, Cell, Column, ColumnKind, Figures, Maker, Row, Section, Table, Trend};
use crate::report::chart;
use crate::report::evidence::EvidenceId;
use crate::report::language::{Change, Term};
use crate::report::model::{FigureEvidence, KeyFigures, Period, PeriodState, Usage};
use crate::report::text::Text;
use crate::report::wording::grouped;

/// A figure: its name, its value in a period, and its evidence.
type Figure = (Term, fn(&KeyFigures) -> u64, fn(&FigureEvidence) -> Option<EvidenceId>);

/// The figures with cards.
const CARDS: [Figure; 6] = [
    (Term::SuccessfulLogons, |f| f.logons_succeeded, |e| e.logons_succeeded),
    (Term::FailedLogons, |f| f.logons_failed, |e| e.logons_failed),
    (Term::AccessKeyCalls, |f| f.access_key_calls, |e| e.access_key_calls),
    (Term::ChangesMade, |f| f.changes, |e| e.changes),
    (Term::DeniedCalls, |f| f.denied, |e| e.denied),
    (Term::RootEvents, |f| f.root_events, |e| e.root_events),
];

/// The figures of the table of comparison.
const COMPARED: [Figure; 10] = [
    CARDS[0],
    (Term::LogonsWithoutMfa, |f| f.logons_without_mfa, |e| e.logons_without_mfa),
    CARDS[1],
    CARDS[2],
    CARDS[3],
    (Term::ChangesFailed, |f| f.changes_failed, |e| e.changes_failed),
    CARDS[4],
    (Term::HighFrequencyDays, |f| f.high_frequency_days, |_| None),
    CARDS[5],
    (Term::AllEvents, |f| f.events, |_| None),
];

impl Maker<'_> {
    pub(super) fn figures(&self) -> Figures {
        let usage = &self.report.total;
        let has_data = usage.figures.events > 0;
        let card = |figure: &Figure| {
            let (term, value, evidence) = *figure;
            let (note, grave) = self.card_note(term, usage);
            Card {
                label: self.term(term),
                value: if has_data { grouped(value(&usage.figures)) } else { self.term(Term::NoData) },
                note: note.filter(|_| has_data),
                grave,
                change: if has_data { self.words.change(&change(usage, value)) } else { Text::default() },
                trend: self.trend(usage, self.term(term), value),
                evidence: evidence(&usage.evidence),
            }
        };
        Figures {
            title: self.term(Term::KeyFigures),
            intro: self.words.comparison(&usage.comparison),
            cards: CARDS.iter().map(card).collect(),
        }
    }

    /// The part of a figure that matters, and whether it is grave.
    fn card_note(&self, term: Term, usage: &Usage) -> (Option<Text>, bool) {
        let figures = &usage.figures;
        match term {
            Term::SuccessfulLogons if figures.logons_succeeded > 0 => {
                (Some(self.words.logons_by_mfa(figures)), figures.logons_without_mfa > 0)
            }
            Term::AccessKeyCalls if figures.long_term_key_calls > 0 => {
                (Some(self.words.long_term_calls(figures.long_term_key_calls)), true)
            }
            Term::ChangesMade if figures.changes_failed > 0 => {
                (Some(self.words.changes_failed(figures.changes_failed)), false)
            }
            _ => (None, false),
        }
    }

    fn trend(&self, usage: &Usage, name: String, value: fn(&KeyFigures) -> u64) -> Trend {
        let values: Vec<Option<u64>> =
            usage.comparison.iter().rev().map(|period| period.figures.as_ref().map(value)).collect();
        let labels: Vec<String> = usage.comparison.iter().rev().map(|period| self.words.period(period)).collect();
        let partial: Vec<bool> =
            usage.comparison.iter().rev().map(|period| period.state == PeriodState::SomeDays).collect();
        let chart = chart::trend(name, &labels, &values, &partial, &self.term(Term::NoData));
        Trend { values, chart }
    }

    /// The comparison: a row a figure, a column a period.
    pub(super) fn comparison(&self) -> Section {
        let usage = &self.report.total;
        let mut columns = vec![Column { title: self.term(Term::Figure), kind: ColumnKind::Text }];
        let title = |period: &Period| self.words.period(period);
        columns.extend(usage.comparison.iter().map(|period| Column { title: title(period), kind: ColumnKind::Number }));
        let row = |figure: &Figure| {
            let (term, value, evidence) = *figure;
            let mut cells = vec![Cell::text(self.term(term))];
            cells.extend(usage.comparison.iter().map(|period| match &period.figures {
                Some(figures) => Cell::text(grouped(value(figures))),
                None => Cell::text(self.term(Term::NoData)),
            }));
            Row::with(cells, evidence(&usage.evidence))
        };
        let mut rows: Vec<Row> = COMPARED.iter().map(row).collect();
        let mut counted = |term, of: &dyn Fn(&Period) -> (u64, u64)| {
            let mut cells = vec![Cell::text(self.term(term))];
            let cell = |period| {
                let (part, all) = of(period);
                Cell::text(self.words.of(part, all))
            };
            cells.extend(usage.comparison.iter().map(cell));
            rows.push(Row::new(cells));
        };
        counted(Term::DaysWithEvents, &|period| (period.days_with_events, period.days));
        if usage.comparison.iter().any(|period| period.accounts > 1) {
            counted(Term::AccountsWithoutEvents, &|period| (period.accounts_silent, period.accounts));
        }
        let title = Text::from(self.term(Term::Comparison));
        let table = Table { caption: title.clone(), columns, rows, total: None, more: None };
        let intro = self.words.comparison(&usage.comparison);
        Section { id: "comparison".to_owned(), title, level: 2, blocks: vec![Block::Text(intro), Block::Table(table)] }
    }
}

/// Compares a figure with its mean over the periods before that have data.
fn change(usage: &Usage, value: fn(&KeyFigures) -> u64) -> Change {
    let before: Vec<u64> =
        usage.comparison.iter().skip(1).filter_map(|period| period.figures.as_ref()).map(value).collect();
    Change {
        now: value(&usage.figures),
        sum: before.iter().sum(),
        with_data: before.len() as u64,
        periods: usage.comparison.len().saturating_sub(1) as u64,
        weeks: usage.comparison.iter().all(|period| period.week.is_some()),
    }
}
