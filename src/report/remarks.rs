//! Remarks on what sources and events lack: records that could not be read, exports that miss a page, files
//! that gave nothing, events without a time.
//!
//! None of these has a day of its own, so no sentence may put one on them. Coverage and the report say the same.

use serde::Serialize;

use super::calendar::{Day, LocalTime};
use super::model::Listed;
use super::text::printed;
use super::wording::{counted, grouped};

/// The most sources or events that a sentence names.
const NAMED: usize = 5;

/// Everything that sources and events lack.
#[derive(Debug, Clone, Default, Serialize)]
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
#[derive(Debug, Clone, Default, Serialize)]
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
#[derive(Debug, Clone, Serialize)]
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
#[derive(Debug, Clone, Serialize)]
pub struct SourceRemark {
    /// Its path.
    pub path: String,
    /// The reason for naming it.
    pub why: String,
}

/// An event with values that could not be read.
#[derive(Debug, Clone, Serialize)]
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

/// A remark in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Its kind, in one word.
    pub kind: &'static str,
    /// The days of what is known around it.
    pub days: Option<(Day, Day)>,
    /// The sentence.
    pub text: String,
}

impl Remarks {
    /// Returns the number of records that could not be read.
    pub fn rejected(&self) -> u64 {
        self.rejects_around.records + self.rejects_elsewhere.records + self.rejects_unknown.records
    }

    /// Puts the remarks into sentences, one a kind. Records of sources that have nothing in the range come last.
    pub fn sentences(&self) -> Vec<Remark> {
        let mut said = Vec::new();
        let mut say = |kind, text: String| said.push(Remark { kind, days: None, text });
        let (without_time, unread) = (&self.without_time, &self.unread);
        if without_time.total > 0 {
            let have = counted(without_time.total, "event has", "events have");
            let them = if without_time.total == 1 { "it" } else { "them" };
            let named = named(without_time, |event| event.named(false));
            say("without_time", format!("{have} no time that could be read, so no range has {them}: {named}."));
        }
        if unread.total > 0 {
            let came = counted(unread.total, "event", "events");
            let named = named(unread, |event| event.named(true));
            say("unread", format!("{came} came with a value that could not be read: {named}."));
        }
        if self.incomplete.total > 0 {
            let lack = counted(self.incomplete.total, "export lacks", "exports lack");
            let named = named(&self.incomplete, SourceRemark::named);
            say("incomplete", format!("{lack} events that should be there: {named}."));
        }
        if self.suspicious.total > 0 {
            let gave = counted(self.suspicious.total, "file", "files");
            let named = named(&self.suspicious, SourceRemark::named);
            say("suspicious_source", format!("{gave} gave no event and may hold some: {named}."));
        }
        let rejects = [
            (&self.rejects_around, "rejected"),
            (&self.rejects_unknown, "rejected_undated"),
            (&self.rejects_elsewhere, "rejected_elsewhere"),
        ];
        said.extend(rejects.into_iter().filter_map(|(rejects, kind)| rejects.sentence(kind)));
        said
    }
}

impl Rejects {
    /// Says what is known of when they happened, which is when the other events of their sources did.
    pub fn sentence(&self, kind: &'static str) -> Option<Remark> {
        if self.records == 0 {
            return None;
        }
        let sources = self.sources.total;
        let others = if sources == 1 { "its source" } else { "their sources" };
        let days = self.first.zip(self.last).map(|(first, last)| (first.day(), last.day()));
        let when = match self.first.zip(self.last) {
            Some((first, last)) if kind == "rejected_elsewhere" => {
                format!("the other events of {others} are of {first} to {last}, all outside of the range")
            }
            Some((first, last)) => format!("the other events of {others} are of {first} to {last}"),
            None => format!("{others} gave no event that could tell"),
        };
        let text = format!(
            "{} could not be read, in {}. When that was is not known; {when}: {}.",
            counted(self.records, "record", "records"),
            counted(sources, "source", "sources"),
            named(&self.sources, |source| format!("{} ({})", printed(&source.path), grouped(source.records)))
        );
        Some(Remark { kind, days, text })
    }
}

impl SourceRemark {
    fn named(&self) -> String {
        format!("{} ({})", printed(&self.path), printed(&self.why))
    }
}

impl UnreadEvent {
    fn named(&self, with_fields: bool) -> String {
        let name =
            self.event_id.as_deref().or(self.event_name.as_deref()).map_or_else(|| "without id".to_owned(), printed);
        let fields = self.fields.as_deref().filter(|_| with_fields).map(printed);
        let about: Vec<String> = fields.into_iter().chain(self.path.as_deref().map(printed)).collect();
        if about.is_empty() { name } else { format!("{name} ({})", about.join("; ")) }
    }
}

/// Names the first of many.
fn named<T>(list: &Listed<T>, name: impl Fn(&T) -> String) -> String {
    let names: Vec<String> = list.items.iter().take(NAMED).map(name).collect();
    match list.total.saturating_sub(names.len() as u64) {
        0 => names.join(", "),
        more => format!("{} and {} more", names.join(", "), grouped(more)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
                "1 export lacks events that should be there: a.json (the last page has a NextToken).",
            ),
            (
                Remarks { suspicious: listed(source, 9), ..Remarks::default() },
                "a.json (the last page has a NextToken) and 4 more.",
            ),
            (
                Remarks { without_time: listed(event.clone(), 1), ..Remarks::default() },
                "1 event has no time that could be read, so no range has it: E-1\\u{1b} (a.json).",
            ),
            (
                Remarks { unread: listed(event, 1), ..Remarks::default() },
                "1 event came with a value that could not be read: E-1\\u{1b} (userIdentity; a.json).",
            ),
            (
                Remarks { rejects_around: rejects(Some("2026-11-03T10:00:00+00:00"), 1), ..Remarks::default() },
                "2 records could not be read, in 1 source. When that was is not known; the other events of its source \
                 are of 2026-11-03 10:00:00 +00:00 to 2026-11-03 10:00:00 +00:00: a.json (2).",
            ),
            (
                Remarks { rejects_elsewhere: rejects(Some("2019-11-03T10:00:00+00:00"), 2), ..Remarks::default() },
                "all outside of the range: a.json (2), a.json (2).",
            ),
            (
                Remarks { rejects_unknown: rejects(None, 1), ..Remarks::default() },
                "its source gave no event that could tell: a.json (2).",
            ),
        ] {
            let said = remarks.sentences();
            assert_eq!(said.len(), 1);
            assert!(said[0].text.ends_with(expected), "{}", said[0].text);
        }
        assert!(Remarks::default().sentences().is_empty());
    }
}
