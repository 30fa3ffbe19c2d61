//! The report as GitHub Markdown: it reads well raw, and values of events stay text whatever they hold.

use super::model::RootUsage;
use super::sections::{self, Section};
use super::table::Align;
use super::wording;
use crate::engine::output::escape::markdown as escape;

/// Writes the report as Markdown.
pub fn render(report: &RootUsage) -> String {
    let mut text = format!("# {}\n\n", escape(&wording::title(report)));
    for (name, value) in wording::facts(report) {
        text.push_str(&format!("- **{name}:** {}\n", escape(&value)));
    }
    text.push_str("\n## Main points\n\n");
    for finding in &report.findings {
        text.push_str(&format!("- **{}:** {}\n", finding.severity.text(), escape(&finding.text)));
    }
    push_section(&mut text, &sections::days(report));
    for section in sections::sections(report) {
        push_section(&mut text, &section);
    }
    text.push_str("\n## What the data cover\n\n");
    for note in &report.coverage.notes {
        text.push_str(&format!("- {}{}\n", if note.warning { "**Warning:** " } else { "" }, escape(&note.text)));
    }
    for (name, counts) in [("Regions", &report.coverage.regions), ("Accounts", &report.coverage.accounts)] {
        if !counts.is_empty() {
            text.push_str(&format!("- {name}: {}\n", escape(&sections::counted_all(counts))));
        }
    }
    text
}

fn push_section(text: &mut String, section: &Section) {
    text.push_str(&format!("\n## {}\n", section.title));
    for intro in &section.intro {
        text.push_str(&format!("\n{}\n", escape(intro)));
    }
    if !section.rows.is_empty() {
        text.push('\n');
        push_row(text, section.headers.iter().map(|(name, _)| escape(name)));
        let rule = |align: &Align| if *align == Align::Right { "--:" } else { "---" };
        push_row(text, section.headers.iter().map(|(_, align)| rule(align).to_owned()));
        for row in &section.rows {
            push_row(text, row.iter().map(|cell| escape(cell)));
        }
    }
    for after in &section.after {
        text.push_str(&format!("\n{}\n", escape(after)));
    }
}

fn push_row(text: &mut String, cells: impl Iterator<Item = String>) {
    for cell in cells {
        text.push_str("| ");
        text.push_str(&cell);
        text.push(' ');
    }
    text.push_str("|\n");
}
