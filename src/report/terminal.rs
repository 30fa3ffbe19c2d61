//! The report for a terminal: headings, aligned tables and a histogram of block characters, within a given width.

use super::document::Table as TableOf;
use super::document::{Block, Cell, ColumnKind, DayBar, DaysChart, Document, EvidenceEntry, HoursChart, Mark, Section};
use super::evidence::EvidenceId;
use super::language::Term;
use super::model::{Action, Severity};
use super::table::{Align, Table};
use super::text::Text;
use super::wording::grouped;
use crate::text_layout::fold;
use unicode_width::UnicodeWidthStr;

/// Below this width lines are not folded any further.
const NARROWEST: usize = 40;
/// The characters that fill the bars, one a class, told apart without colour.
const FILLS: [&str; 4] = ["█", "▓", "▒", "░"];
/// The characters of a trend, from low to high.
const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// The characters of hours, the darker the more.
const SHADES: [&str; 5] = ["·", "░", "▒", "▓", "█"];
const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const YELLOW: &str = "33";
const CLASS_COLORS: [&str; 4] = [RED, "34", YELLOW, DIM];
/// The events of an entry of the evidence that a terminal names. The other forms have them all.
const NAMED_EVENTS: usize = 3;

struct Page<'d> {
    document: &'d Document,
    text: String,
    width: usize,
    color: bool,
}

/// Writes the report in lines of at most `width` columns (but no fewer than 40), with ANSI colours or without.
pub fn render(document: &Document, width: usize, color: bool) -> String {
    let mut page = Page { document, text: String::new(), width: width.max(NARROWEST), color };
    let title = document.title.plain();
    for line in fold(&title, page.width) {
        page.styled(BOLD, &line);
    }
    page.styled(DIM, &"═".repeat(page.width.min(title.width())));
    let verdict = &document.verdict;
    page.hanging_styled(action_color(verdict.action), &format!("{}  ", verdict.label), &verdict.text.plain());
    page.hanging("", &verdict.data.plain());
    page.text.push('\n');
    let lead = document.facts.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    for (name, value) in &document.facts {
        page.hanging(&format!("{name}{}  ", pad(name, lead)), &value.plain());
    }
    page.figures();
    page.findings();
    for section in &document.sections {
        page.section(section);
    }
    page.text
}

fn pad(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(text.width()))
}

fn action_color(action: Action) -> &'static str {
    match action {
        Action::Today => RED,
        Action::Review | Action::Deliver => YELLOW,
        Action::Nothing => "32",
    }
}

fn severity_color(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => RED,
        Severity::Medium => YELLOW,
        Severity::Low => "36",
        Severity::Info => DIM,
    }
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn styled(&mut self, style: &str, line: &str) {
        let line = self.paint(style, line);
        self.line(&line);
    }

    fn paint(&self, style: &str, text: &str) -> String {
        if self.color { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn heading(&mut self, level: u8, title: &str) {
        self.text.push('\n');
        for line in fold(title, self.width) {
            self.styled(BOLD, &line);
        }
        if level <= 2 {
            self.styled(DIM, &"─".repeat(self.width.min(title.width())));
        }
    }

    fn hanging(&mut self, lead: &str, text: &str) {
        self.hanging_styled("0", lead, text);
    }

    /// A lead, and the text folded to its right.
    fn hanging_styled(&mut self, style: &str, lead: &str, text: &str) {
        let indent = lead.width();
        for (n, line) in fold(text, self.width.saturating_sub(indent)).into_iter().enumerate() {
            let lead = if n > 0 {
                " ".repeat(indent)
            } else if style == "0" {
                lead.to_owned()
            } else {
                self.paint(style, lead)
            };
            self.line(format!("{lead}{line}").trim_end());
        }
    }

    /// The number of an entry of the evidence.
    fn proof(&self, id: Option<EvidenceId>) -> Option<String> {
        self.document.evidence(id?).map(|entry| format!("[{}]", entry.id))
    }

    fn figures(&mut self) {
        let figures = &self.document.figures;
        self.heading(2, &figures.title);
        self.hanging("", &figures.intro.plain());
        let lead = figures.cards.iter().map(|card| card.label.width()).max().unwrap_or(0);
        let digits = figures.cards.iter().map(|card| card.value.width()).max().unwrap_or(0);
        for card in &figures.cards {
            let trend = trend(&card.trend.values);
            let head = format!(
                "{}{}  {}{}  {trend}  ",
                card.label,
                pad(&card.label, lead),
                pad(&card.value, digits),
                card.value
            );
            let mut about: Vec<String> = card.note.iter().map(Text::plain).collect();
            about.push(card.change.plain());
            about.extend(self.proof(card.evidence));
            about.retain(|text| !text.is_empty());
            let comma = self.document.lang.words().comma();
            // The note stands below where the terminal is too narrow for both.
            if head.width() + 24 > self.width {
                self.line(head.trim_end());
                self.hanging("    ", &about.join(comma));
            } else {
                self.hanging(&head, &about.join(comma));
            }
        }
    }

    fn findings(&mut self) {
        let findings = &self.document.findings;
        self.heading(2, &findings.title);
        self.hanging("", &findings.intro.plain());
        let lead = findings.cards.iter().map(|card| card.label.width()).max().unwrap_or(0);
        for card in &findings.cards {
            let account = card.account.as_ref();
            let account = account.map(|account| format!("{} {}: ", findings.labels.account, account.plain()));
            let proof = self.proof(card.evidence).map(|proof| format!(" {proof}")).unwrap_or_default();
            let happened = format!("{}{}{proof}", account.unwrap_or_default(), card.happened.plain());
            let word = format!("{}{}  ", card.label, pad(&card.label, lead));
            self.hanging_styled(severity_color(card.severity), &word, &happened);
            let indent = " ".repeat(lead + 2);
            self.hanging(&indent, &format!("{}: {}", findings.labels.why, card.why.plain()));
            self.hanging(&indent, &format!("{}: {}", findings.labels.next, card.next.plain()));
        }
        if let Some(more) = &findings.more {
            self.hanging("", &more.plain());
        }
    }

    fn section(&mut self, section: &Section) {
        self.heading(section.level, &section.title.plain());
        for block in &section.blocks {
            match block {
                Block::Text(text) => self.hanging("", &text.plain()),
                Block::Heading(text) => self.heading(3, &text.plain()),
                Block::Notes(notes) => {
                    for note in notes {
                        let (style, lead) = if note.warning { (YELLOW, "! ") } else { (DIM, "- ") };
                        self.hanging_styled(style, lead, &note.text.plain());
                    }
                }
                Block::Table(table) => self.table(table),
                Block::Days(days) => self.days(days),
                Block::Hours(hours) => self.hours(hours),
                Block::Code(code) => self.line(&format!("  {code}")),
                Block::Evidence(entries) => entries.iter().for_each(|entry| self.evidence(entry)),
            }
        }
    }

    fn table(&mut self, table: &TableOf) {
        let proofs: Vec<Option<String>> = table.rows.iter().map(|row| self.proof(row.evidence)).collect();
        let with_proof = proofs.iter().any(Option::is_some);
        let align = |kind| match kind {
            ColumnKind::Number => Align::Right,
            ColumnKind::Time => Align::Fixed,
            ColumnKind::Text | ColumnKind::Id => Align::Left,
        };
        let mut headers: Vec<(String, Align)> =
            table.columns.iter().map(|column| (column.title.clone(), align(column.kind))).collect();
        if with_proof {
            headers.push((self.document.lang.words().term(Term::Evidence).to_owned(), Align::Fixed));
        }
        let cells = |cells: &[Cell], proof: Option<String>| {
            let proof = with_proof.then(|| proof.unwrap_or_default());
            cells.iter().map(cell).chain(proof).collect::<Vec<_>>()
        };
        let mut rows: Vec<Vec<String>> =
            table.rows.iter().zip(proofs).map(|(row, proof)| cells(&row.cells, proof)).collect();
        rows.extend(table.total.as_ref().map(|total| cells(&total.cells, None)));
        for line in Table::new(headers, rows).lines(self.width) {
            self.line(&line);
        }
        if let Some(more) = &table.more {
            self.styled(DIM, &more.plain());
        }
    }

    fn days(&mut self, days: &DaysChart) {
        let legend: Vec<String> = days.classes.iter().zip(FILLS).map(|(name, fill)| format!("{fill} {name}")).collect();
        self.hanging("", &legend.join("  "));
        let total = |day: &DayBar| day.counts.map_or(0, |counts| counts.iter().sum::<u64>());
        let most = days.rows.iter().map(total).max().unwrap_or(0);
        let digits = grouped(most).len();
        let lead = days.rows.iter().map(|day| day.day.width()).max().unwrap_or(0);
        let room = self.width.saturating_sub(lead + digits + 4).max(1);
        for day in &days.rows {
            let count = day.counts.map_or_else(|| "?".to_owned(), |_| grouped(total(day)));
            let bar: String = bar(&day.counts.unwrap_or_default(), most, room)
                .into_iter()
                .zip(FILLS.iter().zip(CLASS_COLORS))
                .filter(|(cells, _)| *cells > 0)
                .map(|(cells, (fill, color))| self.paint(color, &fill.repeat(cells)))
                .collect();
            let head = format!("{}{}  {count:>digits$}  ", day.day, pad(&day.day, lead));
            let style = if day.missing { YELLOW } else { DIM };
            match (bar.is_empty(), day.state.as_deref()) {
                (true, Some(state)) => self.hanging(&head, state),
                (_, None) => self.line(format!("{head}{bar}").trim_end()),
                (false, Some(state)) => {
                    self.line(&format!("{head}{bar}"));
                    self.hanging_styled(style, &" ".repeat(head.width()), state);
                }
            }
        }
    }

    fn hours(&mut self, hours: &HoursChart) {
        let lead = hours.weekdays.iter().map(|weekday| weekday.width()).max().unwrap_or(0);
        let wide = if lead + 2 + 2 * 24 <= self.width { 2 } else { 1 };
        let scale: String = (0..24).step_by(6).map(|hour| format!("{hour:<0$}", 6 * wide)).collect();
        self.line(format!("{}  {scale}", " ".repeat(lead)).trim_end());
        let most = hours.counts.iter().flatten().copied().max().unwrap_or(0).max(1);
        for (weekday, counts) in hours.weekdays.iter().zip(hours.counts) {
            let shade = |count: u64| {
                let share = (count as f64 / most as f64).sqrt() * (SHADES.len() - 1) as f64;
                let shade = if count == 0 { 0 } else { (share.ceil() as usize).clamp(1, SHADES.len() - 1) };
                SHADES.get(shade).copied().unwrap_or_default().repeat(wide)
            };
            let cells: String = counts.into_iter().map(shade).collect();
            self.line(&format!("{weekday}{}  {cells}", pad(weekday, lead)));
        }
    }

    fn evidence(&mut self, entry: &EvidenceEntry) {
        let ids: Vec<String> = entry.events.iter().take(NAMED_EVENTS).map(|event| event.id.plain()).collect();
        let more = entry.events.len() > ids.len();
        let ids = if ids.is_empty() {
            String::new()
        } else {
            format!(": {}{}", ids.join(", "), if more { " …" } else { "" })
        };
        let lead = format!("{:<5}", entry.id.to_string());
        self.hanging(&lead, &format!("{}, {}{ids}", entry.title.plain(), entry.count.plain()));
    }
}

/// The lines of a cell, its note below.
fn cell(cell: &Cell) -> String {
    let sign = match cell.mark {
        Some(Mark::Grave) => "! ",
        _ => "",
    };
    let lines: Vec<String> = cell.lines.iter().chain(&cell.note).map(Text::plain).collect();
    format!("{sign}{}", lines.join("\n"))
}

/// Draws a figure over the periods; a period without data is a blank.
fn trend(values: &[Option<u64>]) -> String {
    let most = values.iter().flatten().copied().max().unwrap_or(0);
    let bar = |value: &Option<u64>| match value {
        None => " ",
        Some(0) => "_",
        Some(value) => {
            let step = (*value as f64 / most.max(1) as f64 * BARS.len() as f64).ceil() as usize;
            BARS.get(step.clamp(1, BARS.len()) - 1).copied().unwrap_or_default()
        }
    };
    values.iter().map(bar).collect()
}

/// Computes the cells of each class when `most` fills them all. The bar of a day that is not empty has one cell at
/// least, and bars of the same count are equally long.
fn bar(counts: &[u64; 4], most: u64, room: usize) -> [usize; 4] {
    let total: u64 = counts.iter().sum();
    if total == 0 {
        return [0; 4];
    }
    let cells_of = |n: u64| n as f64 / most.max(1) as f64 * room as f64;
    let length = (cells_of(total).round() as usize).clamp(1, room);
    // Each class ends where the sum so far does, so that rounding changes no total.
    let (mut sum, mut before, mut cells) = (0, 0, [0; 4]);
    for (count, cells) in counts.iter().zip(&mut cells) {
        sum += count;
        let end = (sum as f64 / total as f64 * length as f64).round() as usize;
        *cells = end - before;
        before = end;
    }
    cells
}
