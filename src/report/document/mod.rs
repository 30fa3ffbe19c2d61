//! The report as a document: headings, sentences, tables and charts in one language, ready for a renderer.
//!
//! [`Document::of`] turns the facts of [`RootUsage`] into it once, so that HTML, Markdown and the terminal say the same
//! and differ in syntax alone. Every text here is fit to be seen ([`super::text`]); a renderer adds the escaping of its
//! own syntax.

mod accounts;
mod activity;
mod appendix;
mod coverage;
mod figures;
mod findings;

use super::chart::Chart;
use super::evidence::EvidenceId;
use super::language::{Lang, Language, Term};
use super::model::{Action, RootUsage, Severity};
use super::text::Text;

/// A report in one language.
#[derive(Debug)]
pub struct Document {
    /// The language.
    pub lang: Lang,
    /// The title.
    pub title: Text,
    /// The verdict.
    pub verdict: Banner,
    /// Range, accounts, time zone and the time of making: name and value.
    pub facts: Vec<(String, Text)>,
    /// The key figures.
    pub figures: Figures,
    /// The findings.
    pub findings: Findings,
    /// Everything else, in order.
    pub sections: Vec<Section>,
}

/// The verdict at the top.
#[derive(Debug)]
pub struct Banner {
    /// The urgency.
    pub action: Action,
    /// The same in a few words.
    pub label: String,
    /// The sentence.
    pub text: Text,
    /// A sentence on the data behind it.
    pub data: Text,
}

/// The key figures.
#[derive(Debug)]
pub struct Figures {
    /// The heading.
    pub title: String,
    /// A sentence on the periods of comparison.
    pub intro: Text,
    /// The figures.
    pub cards: Vec<Card>,
}

/// A key figure.
#[derive(Debug)]
pub struct Card {
    /// Its name.
    pub label: String,
    /// The number, or a dash where there is no data.
    pub value: String,
    /// A part of it that matters, such as logons without MFA.
    pub note: Option<Text>,
    /// The note is grave.
    pub grave: bool,
    /// The change against the periods before.
    pub change: Text,
    /// The periods, oldest first.
    pub trend: Trend,
    /// Its evidence.
    pub evidence: Option<EvidenceId>,
}

/// A figure over the periods, oldest first.
#[derive(Debug)]
pub struct Trend {
    /// The values; `None` for a period without data.
    pub values: Vec<Option<u64>>,
    /// The drawing.
    pub chart: Chart,
}

/// The findings.
#[derive(Debug)]
pub struct Findings {
    /// The heading.
    pub title: String,
    /// A sentence above them.
    pub intro: Text,
    /// The findings shown.
    pub cards: Vec<FindingCard>,
    /// A sentence on those that are not shown.
    pub more: Option<Text>,
    /// Headings of the two parts of a card.
    pub labels: FindingLabels,
}

/// Headings of the parts of a finding.
#[derive(Debug)]
pub struct FindingLabels {
    /// Of the reason why it matters.
    pub why: String,
    /// Of the next step.
    pub next: String,
    /// Of the account.
    pub account: String,
}

/// A finding.
#[derive(Debug)]
pub struct FindingCard {
    /// Its severity.
    pub severity: Severity,
    /// The severity in a word.
    pub label: String,
    /// The account, where there are several.
    pub account: Option<Text>,
    /// The thing that happened.
    pub happened: Text,
    /// Why it matters.
    pub why: Text,
    /// The next step.
    pub next: Text,
    /// Its evidence.
    pub evidence: Option<EvidenceId>,
}

/// A section with a heading.
#[derive(Debug)]
pub struct Section {
    /// An anchor that is unique in the document.
    pub id: String,
    /// The heading.
    pub title: Text,
    /// The level of the heading: 2, or 3 inside of the section of an account.
    pub level: u8,
    /// Its content.
    pub blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Debug)]
pub enum Block {
    /// Sentences.
    Text(Text),
    /// A heading inside of the section.
    Heading(Text),
    /// Remarks, some of them warnings.
    Notes(Vec<NoteLine>),
    /// A table.
    Table(Table),
    /// The histogram of days.
    Days(DaysChart),
    /// Hours by weekday.
    Hours(Box<HoursChart>),
    /// A line to be run, or a statement.
    Code(String),
    /// The evidence.
    Evidence(Vec<EvidenceEntry>),
}

/// A remark.
#[derive(Debug)]
pub struct NoteLine {
    /// Figures may be too low because of it.
    pub warning: bool,
    /// The sentence.
    pub text: Text,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// Its subject, for a screen reader.
    pub caption: Text,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
    /// The sum of the rows, where that says something.
    pub total: Option<Row>,
    /// A sentence on rows that are not shown.
    pub more: Option<Text>,
}

/// A column.
#[derive(Debug)]
pub struct Column {
    /// The heading.
    pub title: String,
    /// The kind of its cells.
    pub kind: ColumnKind,
}

/// The kind of a column's cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Words.
    Text,
    /// Numbers, set right.
    Number,
    /// Ids, addresses and other values that are copied whole.
    Id,
    /// Times and days.
    Time,
}

/// A row.
#[derive(Debug)]
pub struct Row {
    /// One cell a column.
    pub cells: Vec<Cell>,
    /// The evidence of the row.
    pub evidence: Option<EvidenceId>,
}

/// A cell.
#[derive(Debug, Default)]
pub struct Cell {
    /// Its lines; none for an empty cell.
    pub lines: Vec<Text>,
    /// A second text, less prominent: the name of a network, a place.
    pub note: Option<Text>,
    /// The value is grave: a logon without MFA, a deleted key that was used.
    pub mark: Option<Mark>,
    /// The anchor of a section that tells more.
    pub link: Option<String>,
}

/// A mark of a cell. It is drawn with a sign, never by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// To be looked at.
    Grave,
    /// As it should be.
    Good,
    /// Not known.
    Unknown,
}

/// The histogram of root events by day.
#[derive(Debug)]
pub struct DaysChart {
    /// The drawing.
    pub chart: Chart,
    /// Names of the classes, in the order of the drawing's `class0` to `class3`.
    pub classes: Vec<String>,
    /// The name of a day without data, where one is drawn.
    pub missing: Option<String>,
    /// The days for a terminal.
    pub rows: Vec<DayBar>,
    /// More than two weeks are drawn.
    pub many: bool,
}

/// A day of the histogram.
#[derive(Debug)]
pub struct DayBar {
    /// The day.
    pub day: String,
    /// Root events of each class; `None` where the day has none that could be counted.
    pub counts: Option<[u64; 4]>,
    /// The state in words, where the counts do not say it.
    pub state: Option<String>,
    /// The state means that something is missing.
    pub missing: bool,
}

/// Root events by weekday and hour.
#[derive(Debug)]
pub struct HoursChart {
    /// The drawing.
    pub chart: Chart,
    /// Names of the weekdays, from Monday.
    pub weekdays: Vec<String>,
    /// The counts.
    pub counts: [[u64; 24]; 7],
}

/// An entry of the evidence.
#[derive(Debug)]
pub struct EvidenceEntry {
    /// Its number.
    pub id: EvidenceId,
    /// The figure, and the account where there are several.
    pub title: Text,
    /// Number of events, and how many of them are named.
    pub count: Text,
    /// The events: time, id and number of the source.
    pub events: Vec<EvidenceEvent>,
    /// The statement.
    pub sql: String,
}

/// An event of the evidence.
#[derive(Debug)]
pub struct EvidenceEvent {
    /// Its time.
    pub time: String,
    /// Its id.
    pub id: Text,
    /// Number of its source.
    pub source: String,
}

impl Document {
    /// Writes a report in a language.
    pub fn of(report: &RootUsage, lang: Lang) -> Self {
        let maker = Maker { report, words: lang.words() };
        let verdict = &report.verdict;
        Self {
            lang,
            title: maker.words.title(&report.subject),
            verdict: Banner {
                action: verdict.action,
                label: maker.words.action(verdict.action),
                text: maker.words.verdict(report),
                data: maker.words.data(report),
            },
            facts: maker.facts(),
            figures: maker.figures(),
            findings: maker.findings(),
            sections: maker.sections(),
        }
    }

    /// Finds an entry of the evidence.
    pub fn evidence(&self, id: EvidenceId) -> Option<&EvidenceEntry> {
        self.sections.iter().flat_map(|section| &section.blocks).find_map(|block| match block {
            Block::Evidence(entries) => entries.iter().find(|entry| entry.id == id),
            _ => None,
        })
    }
}

/// Makes a document of a report.
struct Maker<'a> {
    report: &'a RootUsage,
    words: &'static dyn Language,
}

impl Maker<'_> {
    fn term(&self, term: Term) -> String {
        self.words.term(term).to_owned()
    }

    fn sections(&self) -> Vec<Section> {
        let mut sections = Vec::new();
        sections.extend(self.accounts());
        for account in self.shown_accounts() {
            sections.extend(self.account(account));
        }
        // Without use, the days still tell a day without root events from one without any.
        if sections.is_empty() {
            sections.push(self.when(&self.report.total, &accounts::Place::top()));
        }
        sections.push(self.comparison());
        sections.push(self.coverage());
        sections.extend(self.appendix());
        sections
    }

    /// Returns `true` if the report tells of more than one account.
    fn has_accounts(&self) -> bool {
        self.report.accounts.total > 1
    }
}

impl Cell {
    fn text(text: impl Into<Text>) -> Self {
        Self { lines: vec![text.into()], ..Self::default() }
    }

    fn lines(lines: Vec<Text>) -> Self {
        Self { lines, ..Self::default() }
    }

    fn note(self, note: Option<Text>) -> Self {
        Self { note, ..self }
    }

    fn mark(self, mark: Option<Mark>) -> Self {
        Self { mark, ..self }
    }
}

impl Row {
    fn new(cells: Vec<Cell>) -> Self {
        Self { cells, evidence: None }
    }

    fn with(cells: Vec<Cell>, evidence: Option<EvidenceId>) -> Self {
        Self { cells, evidence }
    }
}
