//! The root-usage report as facts.
//!
//! `ops::report` fills these structs from SQL; sentences and layouts are made of them later, in any language. Counts
//! are of distinct events. Texts come from the events as they are (attackers write some of them), so every renderer
//! escapes them. An absent, empty or `NULL` value of an event is `None` here.

mod activity;
mod coverage;

use schemars::JsonSchema;
use serde::Serialize;

use super::calendar::LocalTime;
pub use super::evidence::{EventRef, Evidence, EvidenceId, EvidenceLevel, EvidenceSource, Subject as EvidenceSubject};
pub use super::finding::{Fact, Finding};
pub use super::remarks::Remarks;
pub use super::trail::{TrailChange, TrailEffect};
pub use super::verdict::{Action, Use, Verdict};
pub use crate::event::ids::KeyKind;
use crate::event::lang::Lang;
pub use crate::event::severity::Severity;
pub use activity::*;
pub use coverage::*;

/// Version of the JSON form. It rises when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 3;

/// The whole report.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RootUsage {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The range and the limits of the report.
    pub subject: Subject,
    /// The answer in one sentence.
    pub verdict: Verdict,
    /// Everything that somebody should know of or act on, gravest first. None is left out.
    pub findings: Vec<Finding>,
    /// The use of root in all accounts together.
    pub total: Usage,
    /// The use of root by account: those with use first, the gravest of them first.
    pub accounts: Listed<AccountUse>,
    /// Changes of trails, with the calls that failed.
    pub trails: Listed<TrailChange>,
    /// The coverage of the data.
    pub coverage: Coverage,
    /// The events and the statement behind each figure; a figure names its entry.
    pub evidence: Vec<Evidence>,
    /// The files that events of the evidence were read from.
    pub sources: Vec<EvidenceSource>,
    /// The way in which the report was made.
    pub method: Method,
}

/// The subject of the report.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Subject {
    /// The ISO week, such as `2026-W45`, when the range is one.
    pub week: Option<String>,
    /// First instant of the range.
    pub since: LocalTime,
    /// The first instant after it.
    pub until: LocalTime,
    /// Time zone of every time and day in the report: an IANA name, or an offset such as `UTC+08:00`.
    pub time_zone: String,
    /// Accounts the report was limited to; empty when it was not.
    pub only_accounts: Vec<String>,
    /// Regions the report was limited to; empty when it was not.
    pub only_regions: Vec<String>,
    /// Root operations from which on a day counts as one of high frequency.
    pub high_frequency: u64,
}

/// The way in which the report was made.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Method {
    /// The time at which it was made.
    pub generated_at: LocalTime,
    /// Version of the program.
    pub trailql_version: String,
    /// The command that makes it again.
    pub command: String,
    /// Version of the lake; `None` where exports were read straight away.
    pub lake: Option<LakeVersion>,
    /// The number of files that were read into the lake.
    pub sources: u64,
}

/// The state of the lake that the report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LakeVersion {
    /// Number of the newest manifest entry that brought events. To merge files changes neither events nor this.
    pub version: u64,
    /// SHA-256 of that entry, in hexadecimal digits, where the lake still has it.
    pub sha256: Option<String>,
}

/// A list that may be cut, with the number of entries before the cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ListOf{T}")]
pub struct Listed<T> {
    /// The entries shown.
    pub items: Vec<T>,
    /// Number of all entries.
    pub total: u64,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { items: Vec::new(), total: 0 }
    }
}

impl<T> Listed<T> {
    /// Returns the number of entries that are not shown.
    pub fn more(&self) -> u64 {
        self.total.saturating_sub(self.items.len() as u64)
    }

    /// Returns `true` if there is no entry.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// Takes all entries.
    pub fn of(items: Vec<T>) -> Self {
        Self { total: items.len() as u64, items }
    }

    /// Takes the first entries.
    pub fn cut(mut items: Vec<T>, listed: usize) -> Self {
        let total = items.len() as u64;
        items.truncate(listed);
        Self { items, total }
    }
}

/// A value and how often it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counted {
    /// The value; `None` where events carry none.
    pub value: Option<String>,
    /// The number of times.
    pub count: u64,
}

/// An address with what is known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Address {
    /// The address as the events have it: an IP address, a service's host name, or a word such as `Internal`.
    pub text: String,
    /// The name of its network in the settings.
    pub network: Option<String>,
    /// It is an IP address outside of every network of the settings, where they name some.
    pub outside: bool,
    /// Its place, where GeoIP files are there.
    pub place: Option<AddressPlace>,
    /// No event of before the range came from it.
    pub new: bool,
}

/// The place of an address, of GeoIP files.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct AddressPlace {
    /// ISO code of the country.
    pub country_code: Option<String>,
    /// Name of the country.
    pub country: PlaceName,
    /// Name of the city.
    pub city: PlaceName,
    /// Number of the autonomous system.
    pub as_number: Option<u32>,
    /// Organisation of the autonomous system.
    pub as_organization: Option<String>,
    /// No event of root from before the range came from this country.
    pub new_country: bool,
}

/// The name of a place in the languages that the GeoIP files have it in.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct PlaceName {
    /// In English.
    pub en: Option<String>,
    /// In Japanese.
    pub ja: Option<String>,
    /// In Chinese.
    pub zh: Option<String>,
}

impl PlaceName {
    /// Returns the name in a language, else in English, else in any.
    pub fn in_lang(&self, lang: Lang) -> Option<&str> {
        let own = match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
            Lang::Zh => &self.zh,
        };
        [own, &self.en, &self.ja, &self.zh].into_iter().find_map(Option::as_deref)
    }
}

/// An address and how often it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CountedAddress {
    /// The address; `None` where events carry none.
    pub address: Option<Address>,
    /// The number of times.
    pub count: u64,
}
