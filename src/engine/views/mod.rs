//! Views: SQL files with a head, planned only when a statement names them.
//!
//! A file holds one SELECT behind a head of TOML in comment lines ([`front_matter`]). Its folder is its category, and
//! `lib` is the category of hidden views that other views are made of. A [`ViewCatalog`] owns the views that an engine
//! knows: those built in, and those of folders that a user names. Both are read by the same reader.
//!
//! Parameters are placeholders (`$n`) that are bound as values ([`param`]); no SQL is made by putting strings together.

mod catalog;
mod front_matter;
mod new_view;
mod param;

pub use crate::event::severity::Severity;
pub use catalog::{ViewCatalog, ViewFile, check_name};
pub use new_view::{NewParam, NewView};
pub use param::{BoundParams, ParamType, ViewParam};

use super::{EngineError, statement};
use crate::event::lang::Lang;
use datafusion::sql::parser::Statement;
use std::fmt;
use std::path::PathBuf;

/// The category of hidden views that other views are made of.
pub const LIB: &str = "lib";

/// A view's title in each language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Titles {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
    /// Chinese.
    pub zh: String,
}

impl Titles {
    /// Returns the title in a language.
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
            Lang::Zh => &self.zh,
        }
    }
}

/// The meaning of a view's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewKind {
    /// Each row is one event that is a finding. Such a view has the columns of [`MATCH_COLUMNS`].
    Match,
    /// Each row is a group of events, of which there are as many as a parameter says, or more.
    Threshold,
    /// Each row is a series of events in an order of time.
    Sequence,
    /// Each row is a value that earlier events did not have.
    FirstSeen,
    /// Counts and lists to look at. A row is no finding.
    Summary,
    /// Rows for other views.
    Lib,
}

impl ViewKind {
    /// The kinds that a head can name.
    pub const NAMED: [Self; 5] = [Self::Match, Self::Threshold, Self::Sequence, Self::FirstSeen, Self::Summary];

    /// Returns `true` if each row is a finding.
    pub fn has_findings(self) -> bool {
        !matches!(self, Self::Summary | Self::Lib)
    }

    /// Returns the word for it in a head.
    pub fn text(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Threshold => "threshold",
            Self::Sequence => "sequence",
            Self::FirstSeen => "first_seen",
            Self::Summary => "summary",
            Self::Lib => "lib",
        }
    }
}

/// The columns that a view of the kind `match` has, each as `events` has it.
///
/// Through `event_id` its rows are followed back to their events, so all else can be had from there.
pub const MATCH_COLUMNS: [&str; 5] = ["event_time", "account_id", "acs_region", "source_ip_address", "event_id"];

/// The columns that a finding about one event begins with, so that the rows of different views can be put under each
/// other. The view's own columns stand behind them, and `event_id` is the last one. `lib/audit_events.sql` makes
/// `principal`.
pub const LEADING_COLUMNS: [&str; 9] = [
    "event_time",
    "outcome",
    "account_id",
    "principal",
    "source_ip_address",
    "acs_region",
    "service_name",
    "event_name",
    "resource_name",
];

/// The columns that a finding made of several events begins with, in the place of [`LEADING_COLUMNS`]. `events` counts
/// them. The columns `principal` and `source_ip_address` are those of all of them, or of an example.
pub const GROUP_COLUMNS: [&str; 4] = ["first_event", "last_event", "account_id", "events"];

/// A view.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Name, also as a table in SQL.
    pub name: String,
    /// File it was read from, for messages.
    pub file: String,
    /// Path of that file; `None` for a view of this build.
    pub path: Option<PathBuf>,
    /// Consents to stand in the place of the view of this build that has its name.
    pub replaces: bool,
    /// Stands in the place of a view of this build.
    pub shadows: bool,
    /// Title; empty for a hidden view.
    pub titles: Titles,
    /// Group that it is listed under.
    pub category: String,
    /// Severity of a row; `info` for a hidden view.
    pub severity: Severity,
    /// Meaning of its rows.
    pub kind: ViewKind,
    /// Ids of MITRE ATT&CK techniques.
    pub attack: Vec<String>,
    /// Sections of the CIS Alibaba Cloud Foundation Benchmark.
    pub cis: Vec<String>,
    /// Origin of its condition; empty for a hidden view.
    pub source: String,
    /// Rules of others that it covers: `template:…` and `alert:…` of ActionTrail, `sls:…`, `insight:…`.
    pub parity: Vec<String>,
    /// Meaning of a row, and what to do next.
    pub why: String,
    /// Statement of Simple Log Service that the SELECT was made of; empty for a view that was written as SQL.
    pub search: String,
    /// Parameters in the order of the head.
    pub params: Vec<ViewParam>,
    /// The SELECT.
    pub sql: String,
    /// Line of the file that the SELECT begins in, from 1.
    pub sql_line: usize,
}

impl View {
    /// Returns `true` if it is not listed and is for other views only.
    pub fn is_hidden(&self) -> bool {
        self.kind == ViewKind::Lib
    }

    /// Returns `true` if it is of this build.
    pub fn is_built_in(&self) -> bool {
        self.path.is_none()
    }

    /// Reads a hidden view.
    #[cfg(test)]
    pub(super) fn hidden(name: &str, text: &str) -> Self {
        front_matter::read("lib/x.sql", LIB, name, text).unwrap()
    }

    /// Returns `true` if it selects from a table of its caller.
    pub fn takes_table(&self) -> bool {
        self.params.iter().any(|param| param.kind == ParamType::Table)
    }

    /// Reads the given parameters, and takes the defaults of the others.
    pub fn bind(&self, given: &[(String, String)]) -> Result<BoundParams, EngineError> {
        BoundParams::new(self, given)
    }

    /// Parses the SELECT, and compares its placeholders with the parameters.
    pub fn check(&self) -> Result<(), ViewError> {
        catalog::check_sql(self)
    }

    /// Returns the line and the column of the file in which a name first stands in the SELECT.
    pub fn place_of(&self, name: &str) -> Option<(usize, usize)> {
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        self.sql.lines().enumerate().find_map(|(line, text)| {
            let is_word = |(at, _): &(usize, &str)| {
                let (before, from) = text.split_at(*at);
                !is_part(before.chars().next_back()) && !is_part(from.chars().nth(name.chars().count()))
            };
            let (at, _) = text.match_indices(name).find(is_word)?;
            Some((self.sql_line + line, text.get(..at)?.chars().count() + 1))
        })
    }

    /// Returns the SELECT behind as many empty lines as the file has before it.
    fn text_from_line_1(&self) -> String {
        format!("{}{}", "\n".repeat(self.sql_line.saturating_sub(1)), self.sql)
    }

    /// Parses the SELECT. Where it hands a parameter on to another view (`inner(n => $n)`), that has its value.
    pub(super) fn statement(&self, params: &BoundParams) -> Result<Statement, EngineError> {
        // Errors name lines of the file.
        let mut statement = statement::parse(&self.text_from_line_1())?;
        statement::bind_view_calls(&mut statement, |name| params.text(name));
        let is_early = |name: &&str| {
            let mut params = self.params.iter();
            params.any(|param| param.name == **name && matches!(param.kind, ParamType::Duration | ParamType::Zone))
        };
        statement::bind_literals(&mut statement, |name| params.literal(Some(name).filter(is_early)?));
        Ok(statement)
    }
}

/// A view file, or a folder of them, that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewError {
    /// The file or folder.
    pub file: String,
    /// It is about the folder.
    pub is_folder: bool,
    /// Line of the file, from 1; `None` where it is about the file as a whole.
    pub line: Option<usize>,
    /// Column of that line in characters, from 1; `None` where it is about the line as a whole.
    pub column: Option<usize>,
    /// The cause.
    pub reason: String,
    /// Names that are similar to one that is not known.
    pub similar: Vec<String>,
}

impl ViewError {
    fn of_file(file: impl Into<String>, reason: impl Into<String>) -> Self {
        let (file, reason) = (file.into(), reason.into());
        Self { file, is_folder: false, line: None, column: None, reason, similar: Vec::new() }
    }

    fn of_folder(folder: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { is_folder: true, ..Self::of_file(folder, reason) }
    }
}

impl fmt::Display for ViewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.is_folder { "folder of views" } else { "view file" };
        write!(f, "cannot read the {noun} `{}`", self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl std::error::Error for ViewError {}
