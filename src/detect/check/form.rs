//! The account check as JSON and as rows.

use super::language;
use super::verdict::{Answer, Delivery, Status, Verdict, judge};
use crate::detect::check::checklist::Check;
use crate::detect::format::write_line;
use crate::detect::summary::Distinct;
use crate::event::lang::Lang;
use arrow::array::{ArrayRef, StringArray, UInt64Array};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, FixedOffset, SecondsFormat};
use serde::Serialize;
use std::io::{self, Write};
use std::sync::Arc;

/// The most values of a list that are named.
const NAMED: usize = 5;

/// The first of some values, and their number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// The number in text, `1000+` if it is not counted further.
    pub total: String,
    /// The first in alphabetical order.
    pub first: Vec<String>,
}

impl Named {
    fn of(values: &Distinct) -> Self {
        Self { total: values.text(), first: values.values().take(NAMED).map(str::to_owned).collect() }
    }

    /// Lists the values in a language.
    pub fn text(&self, lang: Lang) -> String {
        let mut text = self.first.join(language::words(lang).comma);
        match self.total.parse::<usize>() {
            Ok(total) if total <= self.first.len() => {}
            Ok(total) => {
                text.push_str(language::words(lang).comma);
                text.push_str(&language::more(total - self.first.len(), lang));
            }
            Err(_) => text.push('…'),
        }
        text
    }
}

/// A view behind an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proven {
    /// The view.
    pub view: &'static str,
    /// The meaning of its rows: `failure`, `doubt`, `witness` or `remark`.
    pub role: &'static str,
    /// The name of these rows.
    pub label: &'static str,
    /// Rows that count.
    pub findings: u64,
    /// Rows that are suppressed.
    pub suppressed: u64,
    /// The command that shows the rows.
    pub command: String,
}

/// An item of the checklist, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The name of the check.
    pub check: &'static str,
    /// The status.
    pub status: Status,
    /// That which holds where it passes.
    pub title: &'static str,
    /// The reasons for the status.
    pub reasons: Vec<String>,
    /// Rows that decide.
    pub findings: u64,
    /// Time of the first event.
    pub first_event: Option<String>,
    /// Time of the last event.
    pub last_event: Option<String>,
    /// Accounts.
    pub accounts: Named,
    /// Those who acted.
    pub principals: Named,
    /// Addresses that they acted from.
    pub addresses: Named,
    /// Ids of some events.
    pub event_ids: Vec<String>,
    /// Advice for where it failed; `None` where it did not.
    pub advice: Option<&'static str>,
    /// The view to look at.
    pub view: &'static str,
    /// The command that shows it.
    pub command: String,
    /// All views behind it.
    pub proofs: Vec<Proven>,
}

/// The range of the check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Range {
    /// Start, inclusive.
    pub since: Option<String>,
    /// End, exclusive.
    pub until: Option<String>,
    /// Time zone of days and times.
    pub time_zone: String,
    /// Accounts that it is limited to.
    pub only_accounts: Vec<String>,
    /// Regions that it is limited to.
    pub only_regions: Vec<String>,
}

/// The answered checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checklist {
    /// The range.
    pub range: Range,
    /// Number of failed items.
    pub failed: usize,
    /// Number of passed items.
    pub passed: usize,
    /// Number of items that are unknown.
    pub unknown: usize,
    /// The delivery of the events.
    pub delivery: Delivery,
    /// The items in the order of the list.
    pub items: Vec<Item>,
}

fn time(time: Option<DateTime<FixedOffset>>) -> Option<String> {
    time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, false))
}

/// Judges every check of a list. `command` writes the command that shows the rows of an answer.
pub fn checklist(
    checks: &[(&'static Check, Vec<Answer>)],
    delivery: Delivery,
    range: Range,
    lang: Lang,
    command: &dyn Fn(&Answer) -> String,
) -> Checklist {
    let verdicts = checks.iter().map(|(check, answers)| judge(check, answers, &delivery));
    let items: Vec<Item> = verdicts.map(|verdict| item(&verdict, lang, command)).collect();
    let of = |status| items.iter().filter(|item| item.status == status).count();
    let (failed, passed, unknown) = (of(Status::Failed), of(Status::Passed), of(Status::Unknown));
    Checklist { range, failed, passed, unknown, delivery, items }
}

fn item(verdict: &Verdict<'_>, lang: Lang, command: &dyn Fn(&Answer) -> String) -> Item {
    let (check, tally) = (verdict.check, &verdict.tally);
    let proven = |answer: &Answer| Proven {
        view: answer.proof.view,
        role: answer.proof.role.name(),
        label: answer.proof.label.in_lang(lang),
        findings: answer.tally.findings,
        suppressed: answer.tally.suppressed,
        command: command(answer),
    };
    let decisive = verdict.decisive();
    Item {
        check: check.id,
        status: verdict.status,
        title: check.title.in_lang(lang),
        reasons: verdict.reasons.iter().map(|reason| language::reason(reason, lang)).collect(),
        findings: tally.findings,
        first_event: time(tally.first_event),
        last_event: time(tally.last_event),
        accounts: Named::of(&tally.accounts),
        principals: Named::of(&tally.principals),
        addresses: Named::of(&tally.addresses),
        event_ids: tally.examples.clone(),
        advice: (verdict.status == Status::Failed).then(|| check.advice.in_lang(lang)),
        view: decisive.map_or("", |answer| answer.proof.view),
        command: decisive.map(command).unwrap_or_default(),
        proofs: verdict.answers.iter().map(proven).collect(),
    }
}

impl Checklist {
    /// Returns `true` if items are unknown for what was not delivered.
    pub fn lacks_events(&self) -> bool {
        let delivery = &self.delivery;
        let days = [&delivery.missing, &delivery.without_reads, &delivery.without_writes];
        self.unknown > 0 && (days.iter().any(|days| days.total > 0) || !delivery.gaps.is_empty())
    }

    /// Says how many items failed, passed and are unknown.
    pub fn counts(&self, lang: Lang) -> String {
        language::counts(self.failed, self.passed, self.unknown, lang)
    }

    /// Writes one JSON object, with invisible characters escaped.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        write_line(self, out)
    }

    /// Writes one JSON object a line for each item.
    pub fn write_json_lines(&self, out: &mut dyn Write) -> io::Result<()> {
        self.items.iter().try_for_each(|item| write_line(item, out))
    }

    /// Makes a row for each item.
    pub fn rows(&self, lang: Lang) -> Result<RecordBatch, ArrowError> {
        let texts = |of: &dyn Fn(&Item) -> Option<String>| -> ArrayRef {
            Arc::new(self.items.iter().map(of).collect::<StringArray>())
        };
        let counts: ArrayRef = Arc::new(self.items.iter().map(|item| Some(item.findings)).collect::<UInt64Array>());
        let filled = |text: String| (!text.is_empty()).then_some(text);
        let words = language::words(lang);
        let columns = [
            ("check", texts(&|item| Some(item.check.to_owned()))),
            ("status", texts(&|item| Some(item.status.name().to_owned()))),
            ("title", texts(&|item| Some(item.title.to_owned()))),
            ("reasons", texts(&|item| Some(item.reasons.join(words.semicolon)))),
            ("findings", counts),
            ("first_event", texts(&|item| item.first_event.clone())),
            ("last_event", texts(&|item| item.last_event.clone())),
            ("accounts", texts(&|item| filled(item.accounts.text(lang)))),
            ("principals", texts(&|item| filled(item.principals.text(lang)))),
            ("addresses", texts(&|item| filled(item.addresses.text(lang)))),
            ("event_ids", texts(&|item| filled(item.event_ids.join(words.comma)))),
            ("advice", texts(&|item| item.advice.map(str::to_owned))),
            ("view", texts(&|item| Some(item.view.to_owned()))),
            ("command", texts(&|item| Some(item.command.clone()))),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
    }
}

impl Item {
    /// Returns the status as a label in a language.
    pub fn label(&self, lang: Lang) -> &'static str {
        language::status(self.status, lang)
    }

    /// Returns the times, and who acted from where, in lines. Ids and names stay whole.
    pub fn facts(&self, lang: Lang) -> Vec<String> {
        let words = language::words(lang);
        let mut lines = Vec::new();
        match (&self.first_event, &self.last_event) {
            (Some(first), Some(last)) if first != last => lines.push(format!("{first}{}{last}", words.to)),
            (first, last) => lines.extend(first.clone().or(last.clone())),
        }
        for (word, values) in
            [(words.accounts, &self.accounts), (words.principals, &self.principals), (words.addresses, &self.addresses)]
        {
            if !values.first.is_empty() {
                lines.push(format!("{word}{}", values.text(lang)));
            }
        }
        if !self.event_ids.is_empty() {
            lines.push(format!("{}{}", words.events, self.event_ids.join(words.comma)));
        }
        lines
    }
}
