//! The report as one HTML file that needs nothing else: no script, no font, no picture, no network.
//!
//! The page is a compiled askama template, which escapes every value; a content security policy in the page forbids
//! whatever might get past that.

use askama::Template;

use super::chart::{self, Chart};
use super::model::{DayState, Finding, Note, PeriodState, RootUsage};
use super::sections::{self, Section};
use super::table::Align;
use super::text::visible;
use super::wording::{self, CLASSES, grouped};

/// A word longer than this may be broken anywhere, so that it does not widen its column.
const LONGEST_WORD: usize = 32;

#[derive(Template)]
#[template(path = "root_usage.html")]
struct Page<'a> {
    title: String,
    facts: Vec<(&'static str, String)>,
    findings: &'a [Finding],
    tiles: Vec<Tile>,
    histogram: Chart,
    classes: Vec<&'static str>,
    days: Table,
    days_beside: bool,
    comparisons: Vec<Chart>,
    comparison: Table,
    tables: Vec<Table>,
    notes: &'a [Note],
    counts: Vec<(&'static str, String)>,
    some_hatched: bool,
    some_partial: bool,
    some_missing: bool,
}

/// A figure at the top of the page.
struct Tile {
    name: &'static str,
    value: String,
    note: String,
    grave: bool,
}

struct Table {
    title: &'static str,
    intro: Vec<String>,
    headers: Vec<Header>,
    rows: Vec<Vec<Cell>>,
    after: Vec<String>,
}

struct Header {
    text: String,
    class: &'static str,
}

struct Cell {
    text: String,
    label: String,
    class: &'static str,
}

impl From<Section> for Table {
    fn from(section: Section) -> Self {
        let class = |align: Align| if align == Align::Right { "num" } else { "" };
        let cell = |((name, align), text): (&(String, Align), String)| Cell {
            class: match (name.as_str(), text.as_str()) {
                ("MFA", "no MFA") | ("Outcome", "failure") | ("Kind", "long-term") => "bad",
                ("Time" | "First" | "Last" | "Day", _) => "time",
                ("Outcome" | "MFA" | "Kind", _) => "short",
                ("User agent", _) => "agent",
                ("Event id" | "Resources", _) => "long",
                (_, text) if text.split(' ').any(|word| word.len() > LONGEST_WORD) => "long",
                (_, wording::NO_DATA) => "num nodata",
                (_, "no events delivered") => "nodata",
                _ => class(*align),
            },
            label: visible(name).into_owned(),
            text,
        };
        let headers = &section.headers;
        Self {
            title: section.title,
            intro: section.intro.iter().map(|text| visible(text).into_owned()).collect(),
            rows: section.rows.into_iter().map(|row| headers.iter().zip(row).map(cell).collect()).collect(),
            headers: headers.iter().map(|(name, align)| Header { text: name.clone(), class: class(*align) }).collect(),
            after: section.after,
        }
    }
}

/// Writes the report as HTML.
pub fn render(report: &RootUsage) -> Result<String, askama::Error> {
    let coverage = &report.coverage;
    let mut html = Page {
        title: visible(&wording::title(report)).into_owned(),
        facts: wording::facts(report).into_iter().map(|(name, value)| (name, visible(&value).into_owned())).collect(),
        findings: &report.findings,
        tiles: tiles(report),
        histogram: chart::histogram(&report.days),
        classes: CLASSES.iter().map(|(name, _)| *name).collect(),
        days: sections::days(report).into(),
        days_beside: report.days.len() <= 14,
        comparisons: chart::comparisons(report),
        comparison: sections::comparison(report).into(),
        tables: sections::activity(report).into_iter().map(Table::from).collect(),
        notes: &coverage.notes,
        counts: [("Regions", &coverage.regions), ("Accounts", &coverage.accounts)]
            .into_iter()
            .filter(|(_, counts)| !counts.is_empty())
            .map(|(name, counts)| (name, sections::counted_all(counts)))
            .collect(),
        some_hatched: report.days.iter().any(|day| day.state == DayState::NoEventsDelivered),
        some_partial: report.comparison.iter().any(|period| period.state == PeriodState::SomeDays),
        some_missing: report.comparison.iter().any(|period| period.state == PeriodState::NoData),
    }
    .render()?;
    html.push('\n');
    Ok(html)
}

fn tiles(report: &RootUsage) -> Vec<Tile> {
    let figures = &report.figures;
    if figures.events == 0 {
        return Vec::new();
    }
    let tile = |name, value: u64, note: String, grave| Tile { name, value: grouped(value), note, grave };
    let mfa = match figures.logons_without_mfa {
        0 if figures.logons_succeeded == 0 => String::new(),
        0 if figures.logons_mfa_not_said > 0 => {
            format!("{} do not say if with MFA", grouped(figures.logons_mfa_not_said))
        }
        0 => "all with MFA".to_owned(),
        n => format!("{} without MFA", grouped(n)),
    };
    let keys = wording::counted(report.access_keys.len() as u64, "key", "keys");
    vec![
        tile("Successful logons", figures.logons_succeeded, mfa, figures.logons_without_mfa > 0),
        tile(
            "Failed logons",
            figures.logons_failed,
            report
                .logons
                .failed_addresses
                .filter(|n| *n > 0)
                .map(|n| format!("from {}", wording::counted(n, "address", "addresses")))
                .unwrap_or_default(),
            false,
        ),
        tile(
            "AccessKey calls",
            figures.access_key_calls,
            if figures.access_key_calls > 0 { format!("with {keys}") } else { String::new() },
            figures.long_term_key_calls > 0,
        ),
        tile(
            "Changes made",
            figures.changes,
            if figures.changes_failed > 0 {
                format!("{} more refused or failed", grouped(figures.changes_failed))
            } else {
                String::new()
            },
            figures.changes > 0,
        ),
        tile("Denied calls", figures.denied, String::new(), false),
    ]
}
