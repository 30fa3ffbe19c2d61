//! Remarks on what sources and events lack: records that could not be read, exports that miss a page, files
//! that gave nothing, events without a time.
//!
//! None of these has a day of its own, so no sentence may put one on them. Coverage and the report say the same.

use schemars::JsonSchema;
use serde::Serialize;

use super::calendar::{Day, LocalTime};
use super::model::Listed;

/// Everything that sources and events lack.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Remarks {
    /// Records that could not be read, of sources whose events reach into the range.
    pub rejects_around: Rejects,
    /// Those of sources whose events all lie outside of the range.
    pub rejects_elsewhere: Rejects,
    /// Those of sources of which no event with a time is stored.
    pub rejects_unknown: Rejects,
    /// Exports that say that they lack events.
    pub incomplete: Listed<SourceRemark>,
    /// Files that gave no event and may hold some.
    pub suspicious: Listed<SourceRemark>,
    /// Events without a time that could be read: no range has them.
    pub without_time: Listed<UnreadEvent>,
    /// Events of the range of which another value could not be read.
    pub unread: Listed<UnreadEvent>,
}

/// Records that could not be read.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Rejects {
    /// Their number.
    pub records: u64,
    /// First event of their sources.
    pub first: Option<LocalTime>,
    /// Last event of their sources.
    pub last: Option<LocalTime>,
    /// Their sources, those with most of them first.
    pub sources: Listed<RejectedSource>,
}

/// A source with records that could not be read.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RejectedSource {
    /// Its path.
    pub path: String,
    /// Number of records.
    pub records: u64,
    /// First event that it gave.
    pub first: Option<LocalTime>,
    /// Last event that it gave.
    pub last: Option<LocalTime>,
}

/// A source with what is odd about it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SourceRemark {
    /// Its path.
    pub path: String,
    /// The reason for naming it.
    pub why: String,
}

/// An event with values that could not be read.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct UnreadEvent {
    /// Its id.
    pub event_id: Option<String>,
    /// Its name.
    pub event_name: Option<String>,
    /// The source it was read from.
    pub path: Option<String>,
    /// The fields, separated by commas; `None` for an event that has no time at all.
    pub fields: Option<String>,
}

/// One kind of remark, with what it names.
#[derive(Debug, Clone, Copy)]
pub enum Remark<'r> {
    /// Events without a time that could be read.
    WithoutTime(&'r Listed<UnreadEvent>),
    /// Events with another value that could not be read.
    Unread(&'r Listed<UnreadEvent>),
    /// Exports that lack events.
    Incomplete(&'r Listed<SourceRemark>),
    /// Files that gave no event and may hold some.
    Suspicious(&'r Listed<SourceRemark>),
    /// Records that could not be read, of sources with events in the range.
    Rejected(&'r Rejects),
    /// The same of sources that gave no event that could tell.
    RejectedUndated(&'r Rejects),
    /// The same of sources whose events all lie elsewhere.
    RejectedElsewhere(&'r Rejects),
}

impl Remark<'_> {
    /// Returns the kind in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::WithoutTime(_) => "without_time",
            Self::Unread(_) => "unread",
            Self::Incomplete(_) => "incomplete",
            Self::Suspicious(_) => "suspicious_source",
            Self::Rejected(_) => "rejected",
            Self::RejectedUndated(_) => "rejected_undated",
            Self::RejectedElsewhere(_) => "rejected_elsewhere",
        }
    }

    /// Returns the days of what is known around it.
    pub fn days(&self) -> Option<(Day, Day)> {
        match self {
            Self::Rejected(rejects) | Self::RejectedUndated(rejects) | Self::RejectedElsewhere(rejects) => {
                rejects.first.zip(rejects.last).map(|(first, last)| (first.day(), last.day()))
            }
            _ => None,
        }
    }
}

impl Remarks {
    /// Returns the number of records that could not be read.
    pub fn rejected(&self) -> u64 {
        self.rejects_around.records + self.rejects_elsewhere.records + self.rejects_unknown.records
    }

    /// Lists the remarks, one a kind. Records of sources that have nothing in the range come last.
    pub fn list(&self) -> Vec<Remark<'_>> {
        let of = |is_there: bool, remark| is_there.then_some(remark);
        [
            of(self.without_time.total > 0, Remark::WithoutTime(&self.without_time)),
            of(self.unread.total > 0, Remark::Unread(&self.unread)),
            of(self.incomplete.total > 0, Remark::Incomplete(&self.incomplete)),
            of(self.suspicious.total > 0, Remark::Suspicious(&self.suspicious)),
            of(self.rejects_around.records > 0, Remark::Rejected(&self.rejects_around)),
            of(self.rejects_unknown.records > 0, Remark::RejectedUndated(&self.rejects_unknown)),
            of(self.rejects_elsewhere.records > 0, Remark::RejectedElsewhere(&self.rejects_elsewhere)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::english_remark;

    fn at(text: &str) -> LocalTime {
        serde_json::from_value(serde_json::Value::String(text.to_owned())).unwrap()
    }

    fn listed<T: Clone>(item: T, total: usize) -> Listed<T> {
        Listed { items: vec![item; total.min(7)], total: total as u64 }
    }

    #[test]
    fn remarks_name_what_they_are_about() {
        let source = SourceRemark { path: "a.json".to_owned(), why: "the last page has a NextToken".to_owned() };
        let event = UnreadEvent {
            event_id: Some("E-1\u{1b}".to_owned()),
            event_name: None,
            path: Some("a.json".to_owned()),
            fields: Some("userIdentity".to_owned()),
        };
        let rejects = |first: Option<&str>, total| Rejects {
            records: 2,
            first: first.map(at),
            last: first.map(at),
            sources: listed(
                RejectedSource { path: "a.json".to_owned(), records: 2, first: first.map(at), last: first.map(at) },
                total,
            ),
        };
        for (remarks, expected) in [
            (
                Remarks { incomplete: listed(source.clone(), 1), ..Remarks::default() },
                "1 export lacks events that should be there: `a.json` (the last page has a NextToken).",
            ),
            (
                Remarks { suspicious: listed(source, 9), ..Remarks::default() },
                "`a.json` (the last page has a NextToken) and 4 more.",
            ),
            (
                Remarks { without_time: listed(event.clone(), 1), ..Remarks::default() },
                "1 event has no time that could be read, so no range has it: `E-1\\u{1b}` (`a.json`).",
            ),
            (
                Remarks { unread: listed(event, 1), ..Remarks::default() },
                "1 event came with a value that could not be read: `E-1\\u{1b}` (userIdentity; `a.json`).",
            ),
            (
                Remarks { rejects_around: rejects(Some("2026-11-03T10:00:00+00:00"), 1), ..Remarks::default() },
                "2 records could not be read, in 1 file. When that was is not known; the other events of its file \
                 are of 3 Nov 2026 10:00:00 +00:00 to 3 Nov 2026 10:00:00 +00:00: `a.json` (2).",
            ),
            (
                Remarks { rejects_elsewhere: rejects(Some("2019-11-03T10:00:00+00:00"), 2), ..Remarks::default() },
                "all outside of the range: `a.json` (2) and `a.json` (2).",
            ),
            (
                Remarks { rejects_unknown: rejects(None, 1), ..Remarks::default() },
                "its file gave no event that could tell: `a.json` (2).",
            ),
        ] {
            let said = remarks.list();
            assert_eq!(said.len(), 1);
            let said = english_remark(&said[0]);
            assert!(said.ends_with(expected), "{said}");
        }
        assert!(Remarks::default().list().is_empty());
    }
}
