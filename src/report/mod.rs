//! Floor 4: the weekly root-account usage report, from facts to the formats it is read in.
//!
//! [`model::RootUsage`] holds the facts, which `ops::report` fills from SQL; [`findings`](findings::findings) and
//! [`Verdict`](verdict::Verdict) draw from them what somebody must do. [`Document`](document::Document) says all of it
//! in one [language](Lang), and [`html`], [`markdown`] and [`terminal`] write the document; [`json`] writes the facts.
//! The same facts give the same bytes. Every value that comes from an event is made visible ([`text`]) and escaped for
//! the format; a day or a week without data is called that, and never drawn as zero.

pub mod calendar;
mod chart;
pub mod coverage;
pub mod document;
pub mod evidence;
pub mod finding;
pub mod findings;
pub mod html;
pub mod json;
mod language;
pub mod markdown;
pub mod model;
pub mod remarks;
pub mod table;
pub mod terminal;
pub mod text;
pub mod trail;
pub mod verdict;
pub mod wording;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod weeks_tests;

pub use language::{Lang, english_remark, english_trail, summary};
pub use model::RootUsage;

use document::Document;

/// The formats of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// For a terminal of so many columns.
    Terminal {
        /// Columns.
        width: usize,
        /// With ANSI colours.
        color: bool,
    },
    /// GitHub Markdown.
    Markdown,
    /// The facts as JSON, with their sentences.
    Json,
    /// One self-contained HTML file.
    Html,
}

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The HTML template failed.
    #[error("cannot write the report as HTML: {0}")]
    Html(#[from] askama::Error),
    /// The model has no JSON form.
    #[error("cannot write the report as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Writes the report in a language and a format.
pub fn render(report: &RootUsage, lang: Lang, format: ReportFormat) -> Result<String, ReportError> {
    let document = || Document::of(report, lang);
    Ok(match format {
        ReportFormat::Terminal { width, color } => terminal::render(&document(), width, color),
        ReportFormat::Markdown => markdown::render(&document()),
        ReportFormat::Json => json::render(report, lang)?,
        ReportFormat::Html => html::render(&document())?,
    })
}
