//! The facts under the title, the table of accounts, and the section of each account.

use super::{Block, Cell, Column, ColumnKind, DayBar, DaysChart, HoursChart, Maker, Mark, Row, Section, Table};
use crate::report::chart;
use crate::report::language::{CLASSES, Term};
use crate::report::model::{AccountUse, DayState, DayUse, KeyFigures, Severity, Usage};
use crate::report::text::Text;
use crate::report::wording::grouped;

/// The most accounts with sections of their own.
const SHOWN_ACCOUNTS: usize = 50;
/// From how many days on the histogram scrolls.
const MANY_DAYS: usize = 14;

/// Anchors and heading level of the sections of an account.
pub(super) struct Place {
    prefix: String,
    level: u8,
}

/// A column of the table of accounts: its title, and the figure of an account.
type FigureColumn = (Term, fn(&KeyFigures) -> u64);

impl Place {
    /// The top level.
    pub(super) fn top() -> Self {
        Self { prefix: String::new(), level: 2 }
    }

    pub(super) fn section(&self, id: &str, title: Text, blocks: Vec<Block>) -> Section {
        Section { id: format!("{}{id}", self.prefix), title, level: self.level, blocks }
    }
}

impl Maker<'_> {
    /// The facts under the title, name and value.
    pub(super) fn facts(&self) -> Vec<(String, Text)> {
        let (subject, method) = (&self.report.subject, &self.report.method);
        let accounts: Vec<String> = self
            .report
            .accounts
            .items
            .iter()
            .map(|account| self.words.account(account.account_id.as_deref(), account.name.as_deref()))
            .collect();
        let listed = |items: &[String], total: u64| Text::from(self.words.list(items, total));
        let mut facts = vec![
            (self.term(Term::Accounts), listed(&accounts, self.report.accounts.total)),
            (self.term(Term::Range), self.words.range(subject)),
            (self.term(Term::TimeZone), Text::from(subject.time_zone.as_str())),
            (self.term(Term::Made), self.words.made(method)),
        ];
        let values = |items: &[String]| items.iter().map(|item| crate::report::text::value(item)).collect::<Vec<_>>();
        for (term, only) in [(Term::OnlyAccounts, &subject.only_accounts), (Term::OnlyRegions, &subject.only_regions)] {
            if !only.is_empty() {
                facts.push((self.term(term), listed(&values(only), only.len() as u64)));
            }
        }
        facts
    }

    /// The accounts that have sections of their own.
    pub(super) fn shown_accounts(&self) -> impl Iterator<Item = (usize, &AccountUse)> {
        let used = self.report.accounts.items.iter().filter(|account| account.activity.is_some());
        used.take(SHOWN_ACCOUNTS).enumerate()
    }

    /// The table of accounts, and the days and hours of all of them together, where there are several.
    pub(super) fn accounts(&self) -> Vec<Section> {
        if !self.has_accounts() {
            return Vec::new();
        }
        let figures: [FigureColumn; 6] = [
            (Term::SuccessfulLogons, |f| f.logons_succeeded),
            (Term::LogonsWithoutMfa, |f| f.logons_without_mfa),
            (Term::FailedLogons, |f| f.logons_failed),
            (Term::AccessKeyCalls, |f| f.access_key_calls),
            (Term::ChangesMade, |f| f.changes),
            (Term::DeniedCalls, |f| f.denied),
        ];
        let mut columns = vec![
            Column { title: self.term(Term::Account), kind: ColumnKind::Id },
            Column { title: self.term(Term::Gravest), kind: ColumnKind::Text },
        ];
        columns.extend(figures.iter().map(|(term, _)| Column { title: self.term(*term), kind: ColumnKind::Number }));
        columns.push(Column { title: self.term(Term::DaysWithEvents), kind: ColumnKind::Number });
        let shown: Vec<_> = self.shown_accounts().collect();
        let row = |account: &AccountUse| {
            let place = shown.iter().find(|(_, shown)| std::ptr::eq(*shown, account));
            let name = self.words.account(account.account_id.as_deref(), account.name.as_deref());
            let delivered = self.report.coverage.delivery.items.iter().find(|d| d.account_id == account.account_id);
            let silent = delivered.is_some_and(|delivered| delivered.is_silent());
            let mut cells = vec![
                Cell { link: place.map(|(n, _)| format!("account-{}", n + 1)), ..Cell::text(name) },
                self.gravest(account, silent),
            ];
            cells.extend(figures.iter().map(|(_, value)| {
                Cell::text(if silent { "–".to_owned() } else { grouped(value(&account.usage.figures)) })
            }));
            cells.push(delivered.map_or_else(Cell::default, |delivered| {
                let begun = delivered.days.iter().filter(|day| day.state != DayState::NotYet).count() as u64;
                Cell::text(self.words.of(begun.saturating_sub(delivered.days_without_events), begun))
            }));
            Row::new(cells)
        };
        let mut total = vec![Cell::text(self.term(Term::Total)), Cell::default()];
        total.extend(figures.iter().map(|(_, value)| Cell::text(grouped(value(&self.report.total.figures)))));
        total.push(Cell::default());
        let title = Text::from(self.term(Term::Accounts));
        let table = Table {
            caption: title.clone(),
            columns,
            rows: self.report.accounts.items.iter().map(row).collect(),
            total: Some(Row::new(total)),
            more: self.more(self.report.accounts.more()),
        };
        let mut blocks = vec![Block::Table(table)];
        let used = self.report.accounts.items.iter().filter(|account| account.activity.is_some()).count();
        if used > SHOWN_ACCOUNTS {
            blocks.push(Block::Text(self.words.accounts_without_sections((used - SHOWN_ACCOUNTS) as u64)));
        }
        let when = Place::top();
        vec![when.section("accounts", title, blocks), self.when(&self.report.total, &when)]
    }

    fn gravest(&self, account: &AccountUse, silent: bool) -> Cell {
        if silent {
            return Cell::text(self.term(Term::NoData)).mark(Some(Mark::Unknown));
        }
        match account.gravest {
            Some(severity) => {
                Cell::text(self.words.severity(severity)).mark((severity >= Severity::High).then_some(Mark::Grave))
            }
            None => Cell::text("–"),
        }
    }

    /// The sections of an account; one heading above them where there are several accounts.
    pub(super) fn account(&self, (n, account): (usize, &AccountUse)) -> Vec<Section> {
        let Some(activity) = &account.activity else { return Vec::new() };
        let many = self.has_accounts();
        let place = if many { Place { prefix: format!("account-{}-", n + 1), level: 3 } } else { Place::top() };
        let mut sections = Vec::new();
        if many {
            let name = self.words.account(account.account_id.as_deref(), account.name.as_deref());
            let title = self.words.account_heading(&name);
            let id = format!("account-{}", n + 1);
            let text = self.words.account_summary(&account.usage.figures, account.findings);
            sections.push(Section { id, title, level: 2, blocks: vec![Block::Text(text)] });
        }
        sections.extend(self.logons(&account.usage, activity, &place));
        sections.extend(self.access_keys(activity, &place));
        sections.extend(self.management(activity, &place));
        sections.push(self.when(&account.usage, &place));
        sections.push(self.initial_user(activity, &place));
        sections.push(self.others(activity, &place));
        sections
    }

    /// The histogram and the hours.
    pub(super) fn when(&self, usage: &Usage, place: &Place) -> Section {
        let mut blocks = vec![Block::Days(self.days(&usage.days))];
        if usage.hours.most() > 0 {
            let weekdays: Vec<String> = (0..7).map(|day| self.words.weekday(day).to_owned()).collect();
            let labels = chart::HoursLabels {
                title: self.term(Term::HoursByWeekday),
                weekdays: &weekdays,
                description: self.words.busiest_hours(&usage.hours),
            };
            blocks.push(Block::Text(self.words.hours(&self.report.subject)));
            let chart = chart::hours(&usage.hours, labels);
            blocks.push(Block::Hours(Box::new(HoursChart { chart, weekdays, counts: usage.hours.0 })));
        }
        place.section("when", Text::from(self.term(Term::When)), blocks)
    }

    fn days(&self, days: &[DayUse]) -> DaysChart {
        let label = |day: &DayUse| chart::DayLabel {
            weekday: self.words.weekday(day.day.weekday_number()).to_owned(),
            date: self.words.short_day(day.day),
            state: self.words.day_state(day),
        };
        let labels: Vec<_> = days.iter().map(label).collect();
        let classes: Vec<String> = CLASSES.iter().map(|(term, _)| self.term(*term)).collect();
        let is_missing = |day: &DayUse| day.state == DayState::NoEventsDelivered;
        let bar = |day: &DayUse| {
            let known = !matches!(day.state, DayState::NoEventsDelivered | DayState::NotYet);
            DayBar {
                day: self.words.day(day.day),
                counts: known.then(|| CLASSES.map(|(_, count)| count(day))),
                state: self.words.day_state(day),
                missing: is_missing(day) || day.accounts_without_events > 0,
            }
        };
        DaysChart {
            chart: chart::histogram(days, &labels, &classes, self.term(Term::RootEventsByDay)),
            classes,
            missing: days.iter().any(is_missing).then(|| self.term(Term::NoEventsDelivered)),
            rows: days.iter().map(bar).collect(),
            many: days.len() > MANY_DAYS,
        }
    }

    /// Says how many entries of a list are not shown.
    pub(super) fn more(&self, n: u64) -> Option<Text> {
        (n > 0).then(|| self.words.more(n))
    }
}
