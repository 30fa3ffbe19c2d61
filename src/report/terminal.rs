//! The report for a terminal: headings, aligned tables and a histogram of block characters, within a given width.

use super::model::{DayState, DayUse, RootUsage, Severity};
use super::sections::{self, Section};
use super::table::{Table, fold};
use super::text::visible;
use super::wording::{self, CLASSES, grouped};
use unicode_width::UnicodeWidthStr;

/// Below this width lines are not folded any further.
const NARROWEST: usize = 40;
/// The characters that fill the bars, one a class, told apart without colour.
const FILLS: [&str; 4] = ["█", "▓", "▒", "░"];
const BOLD: &str = "1";
const DIM: &str = "2";
const CLASS_COLORS: [&str; 4] = ["31", "34", "33", "2"];

struct Page {
    text: String,
    width: usize,
    color: bool,
}

/// Writes the report in lines of at most `width` columns (but no fewer than 40), with ANSI colours or without.
pub fn render(report: &RootUsage, width: usize, color: bool) -> String {
    let mut page = Page { text: String::new(), width: width.max(NARROWEST), color };
    let title = wording::title(report);
    for line in fold(&title, page.width) {
        page.styled(BOLD, &line);
    }
    page.styled(DIM, &"═".repeat(page.width.min(title.width())));
    for (name, value) in wording::facts(report) {
        page.hanging(&format!("{name:<18}"), &visible(&value));
    }

    page.heading("Main points");
    for finding in &report.findings {
        let word = format!("{:<8}  ", finding.severity.text());
        page.hanging_styled(severity_color(finding.severity), &word, &finding.text);
    }

    page.heading("Root events by day");
    page.histogram(&report.days);

    for section in sections::sections(report) {
        page.section(section);
    }

    page.heading("What the data cover");
    for note in &report.coverage.notes {
        let (style, lead) = if note.warning { ("33", "! ") } else { (DIM, "- ") };
        page.hanging_styled(style, lead, &visible(&note.text));
    }
    for (name, counts) in [("Regions", &report.coverage.regions), ("Accounts", &report.coverage.accounts)] {
        if !counts.is_empty() {
            page.hanging("- ", &format!("{name}: {}.", sections::counted_all(counts)));
        }
    }
    page.text
}

fn severity_color(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "31",
        Severity::Medium => "33",
        Severity::Low => "36",
        Severity::Info => DIM,
    }
}

impl Page {
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

    fn heading(&mut self, title: &str) {
        self.text.push('\n');
        for line in fold(title, self.width) {
            self.styled(BOLD, &line);
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

    fn section(&mut self, section: Section) {
        self.heading(section.title);
        for text in &section.intro {
            self.hanging("", &visible(text));
        }
        for line in Table::new(section.headers, section.rows).lines(self.width) {
            self.line(&line);
        }
        for text in &section.after {
            self.styled(DIM, text);
        }
    }

    fn histogram(&mut self, days: &[DayUse]) {
        if days.is_empty() {
            self.line("The range has no day.");
            return;
        }
        let legend: Vec<String> = CLASSES.iter().zip(FILLS).map(|((name, _), fill)| format!("{fill} {name}")).collect();
        self.hanging("", &legend.join("  "));
        let most = days.iter().map(DayUse::root_events).max().unwrap_or(0);
        let count_width = grouped(most).len();
        // "Tue 2026-11-03", two gaps and the count.
        let room = self.width.saturating_sub(14 + 4 + count_width).max(8);
        for day in days {
            let label = day.day.with_weekday();
            match day.state {
                DayState::Events => {
                    let counts = CLASSES.map(|(_, count)| count(day));
                    let bar: String = bar(&counts, most, room)
                        .into_iter()
                        .enumerate()
                        .filter(|(_, cells)| *cells > 0)
                        .map(|(class, cells)| self.paint(CLASS_COLORS[class], &FILLS[class].repeat(cells)))
                        .collect();
                    self.line(&format!("{label}  {:>count_width$}  {bar}", grouped(day.root_events())));
                }
                DayState::NoRootEvents | DayState::OtherRegionsOnly => {
                    let style = if day.accounts_without_events > 0 { "33" } else { DIM };
                    let note = self.paint(style, &wording::day_state(day));
                    self.line(&format!("{label}  {:>count_width$}  {note}", 0));
                }
                DayState::NoEventsDelivered => {
                    let note = self.paint("33", &wording::day_state(day));
                    self.line(&format!("{label}  {:>count_width$}  {note}", "?"));
                }
            }
        }
    }
}

/// Computes the cells of each class when `most` fills them all. A class that is not empty has one cell at least.
fn bar(counts: &[u64; 4], most: u64, room: usize) -> [usize; 4] {
    let cells =
        |n: u64| if n == 0 { 0 } else { ((n as f64 / most.max(1) as f64) * room as f64).round().max(1.0) as usize };
    let mut filled = counts.map(cells);
    while filled.iter().sum::<usize>() > room {
        let Some(widest) = (0..4).max_by_key(|class| filled[*class]).filter(|class| filled[*class] > 1) else { break };
        filled[widest] -= 1;
    }
    filled
}
