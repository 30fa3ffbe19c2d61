//! Floor 4: the weekly root-account usage report, from a typed model to the formats it is read in.
//!
//! [`model::RootUsage`] is everything the report says. `ops::report` fills it from SQL; [`coverage`] and [`findings`]
//! put the figures into sentences, and [`terminal`], [`markdown`], [`json`] and [`html`] write it. A renderer sees the
//! model and nothing else, so the same model gives the same bytes. Every value that comes from an event is made
//! visible ([`text`]) and escaped for the format; a day or a week without data is called that, and never drawn as zero.

pub mod calendar;
pub mod chart;
pub mod coverage;
pub mod findings;
pub mod html;
pub mod json;
pub mod markdown;
pub mod model;
pub mod remarks;
pub mod sections;
pub mod table;
pub mod terminal;
pub mod text;
pub mod trail;
pub mod wording;

#[cfg(test)]
mod tests;

pub use model::RootUsage;

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
    /// The model as JSON.
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

/// Writes the report in a format.
pub fn render(report: &RootUsage, format: ReportFormat) -> Result<String, ReportError> {
    Ok(match format {
        ReportFormat::Terminal { width, color } => terminal::render(report, width, color),
        ReportFormat::Markdown => markdown::render(report),
        ReportFormat::Json => json::render(report)?,
        ReportFormat::Html => html::render(report)?,
    })
}
