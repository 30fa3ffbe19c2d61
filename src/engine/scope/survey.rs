//! The events of a scope in a range of time, as far as the manifest tells.
//!
//! Without accounts or regions, each data file says when its first and its last event was. With them, its tallies say
//! so of each account and region. A tally that an end of the range cuts, and a file without tallies, leave a rest that
//! only the files tell.

use super::Scope;
use crate::lake::LakeError;
use crate::lake::manifest::{AccountTally, DataFile, DataFiles};
use std::sync::Arc;

/// Events in a range of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Their number.
    pub rows: u64,
    /// Minimum and maximum event time, in microseconds since 1970 (UTC).
    pub event_times: Option<(i64, i64)>,
}

impl Found {
    /// Adds other events.
    pub fn and(self, other: Self) -> Self {
        let times = [self.event_times, other.event_times].into_iter().flatten();
        let event_times = times.reduce(|(min, max), (first, last)| (min.min(first), max.max(last)));
        Self { rows: self.rows + other.rows, event_times }
    }

    /// The minimum.
    pub fn oldest(self) -> Option<i64> {
        self.event_times.map(|(min, _)| min)
    }

    /// The maximum.
    pub fn newest(self) -> Option<i64> {
        self.event_times.map(|(_, max)| max)
    }
}

/// The answer of the manifest about a range of time.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Events that the manifest knows. Rows are those of files that are not among [`Self::rest`].
    pub known: Found,
    /// Files that may hold events of the range before the first known one.
    pub may_be_older: Vec<Arc<DataFile>>,
    /// Files that may hold events of the range behind the last known one.
    pub may_be_newer: Vec<Arc<DataFile>>,
    /// Files whose rows in the range the manifest does not know.
    pub rest: Vec<Arc<DataFile>>,
}

impl Survey {
    /// Surveys the events of a scope from `start` (inclusive) to `end` (exclusive), in microseconds since 1970.
    pub fn of(scope: &Scope, files: &DataFiles, start: i64, end: i64) -> Result<Self, LakeError> {
        let mut survey = Self::default();
        let spans = files.spans();
        let lies_within = |(min, max): (i64, i64)| start <= min && max < end;
        let reaches_into = |(min, max): (i64, i64)| min < end && start <= max;
        let mut parts = vec![false; spans.len()];
        for (part, span) in parts.iter_mut().zip(&spans) {
            match span.event_times {
                Some(times) if !scope.names_values() && lies_within(times) => {
                    survey.known = survey.known.and(Found { rows: span.rows, event_times: Some(times) });
                }
                times => *part = times.is_some_and(reaches_into),
            }
        }
        for file in files.of_parts(|at| parts.get(at).is_some_and(|part| *part))? {
            let Some(times) = file.min_event_time.zip(file.max_event_time).filter(|times| reaches_into(*times)) else {
                continue;
            };
            if !scope.names_values() {
                survey.add_file(&file, &[Found { rows: file.rows, event_times: Some(times) }], start, end);
            } else if let Some(tallies) = tallies(&file) {
                let tallies = tallies.iter().filter(|tally| scope.has(tally));
                let tallies = tallies.map(|tally| Found { rows: tally.rows, event_times: tally.event_times });
                survey.add_file(&file, &tallies.collect::<Vec<_>>(), start, end);
            } else {
                for files in [&mut survey.may_be_older, &mut survey.may_be_newer, &mut survey.rest] {
                    files.push(Arc::clone(&file));
                }
            }
        }
        Ok(survey)
    }

    /// Adds a file that holds these events of the scope.
    fn add_file(&mut self, file: &Arc<DataFile>, parts: &[Found], start: i64, end: i64) {
        let (mut of_file, mut may_be_older, mut may_be_newer) = (Found::default(), false, false);
        for part in parts {
            let Some((min, max)) = part.event_times.filter(|(min, max)| *min < end && start <= *max) else { continue };
            may_be_older |= min < start;
            may_be_newer |= end <= max;
            let ends = [min, max].into_iter().filter(|time| (start..end).contains(time));
            let ends = ends
                .fold(Found::default(), |found, time| found.and(Found { rows: 0, event_times: Some((time, time)) }));
            of_file = of_file.and(Found { rows: part.rows, ..ends });
        }
        if may_be_older || may_be_newer {
            of_file.rows = 0;
            self.rest.push(Arc::clone(file));
        }
        self.known = self.known.and(of_file);
        for (files, may_be) in [(&mut self.may_be_older, may_be_older), (&mut self.may_be_newer, may_be_newer)] {
            if may_be {
                files.push(Arc::clone(file));
            }
        }
    }
}

/// Returns the tallies of a file; `None` if it has none.
pub(super) fn tallies(file: &DataFile) -> Option<&[AccountTally]> {
    let tallies: &[AccountTally] = &file.accounts;
    (!tallies.is_empty()).then_some(tallies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, tallies: &[(&str, u64, (i64, i64))], is_told: bool) -> DataFile {
        let times = || tallies.iter().map(|(.., times)| *times);
        let tally = |(account, rows, times): &(&str, u64, (i64, i64))| AccountTally {
            account: Some((*account).to_owned()),
            recipient: None,
            region: None,
            rows: *rows,
            event_times: Some(*times),
        };
        let accounts: Vec<AccountTally> = tallies.iter().filter(|_| is_told).map(tally).collect();
        DataFile {
            path: name.to_owned(),
            event_day: Some(0),
            rows: tallies.iter().map(|(_, rows, _)| rows).sum(),
            bytes: 0,
            sha256: String::new(),
            min_event_time: times().map(|(min, _)| min).min(),
            max_event_time: times().map(|(_, max)| max).max(),
            text_ranges: Default::default(),
            footer_bytes: 0,
            columns: 0,
            blooms: Default::default(),
            accounts: accounts.into(),
            values: Default::default(),
        }
    }

    #[test]
    fn what_the_manifest_does_not_know_is_left_to_the_files() {
        let files = [
            file("a", &[("1", 10, (0, 40)), ("2", 5, (20, 30))], true),
            file("b", &[("1", 7, (50, 90))], true),
            file("c", &[("2", 3, (60, 70))], false),
        ];
        let files = DataFiles::of_files(files.into_iter().map(Arc::new).collect());
        let names = |files: &[Arc<DataFile>]| files.iter().map(|file| file.path.as_str()).collect::<String>();
        for (accounts, start, end, rows, times, older, newer, rest) in [
            (&[][..], 0, 100, 25, Some((0, 90)), "", "", ""),
            (&[], 0, 90, 18, Some((0, 70)), "", "b", "b"),
            (&[], 10, 100, 10, Some((40, 90)), "a", "", "a"),
            (&[], 10, 40, 0, None, "a", "a", "a"),
            (&[], 100, 200, 0, None, "", "", ""),
            (&["1"], 0, 100, 17, Some((0, 90)), "c", "c", "c"),
            (&["1"], 0, 55, 10, Some((0, 50)), "", "b", "b"),
            (&["2"], 0, 55, 5, Some((20, 30)), "", "", ""),
            (&["2"], 10, 35, 5, Some((20, 30)), "", "", ""),
            (&["1", "2"], 25, 35, 0, Some((30, 30)), "a", "a", "a"),
            (&["3"], 0, 55, 0, None, "", "", ""),
        ] {
            let accounts = accounts.iter().map(|account: &&str| (*account).to_owned()).collect();
            let scope = Scope { accounts, ..Scope::default() };
            let survey = Survey::of(&scope, &files, start, end).unwrap();
            assert_eq!(survey.known, Found { rows, event_times: times }, "{:?} {start} {end}", scope.accounts);
            let found = (names(&survey.may_be_older), names(&survey.may_be_newer), names(&survey.rest));
            let expected = (older.to_owned(), newer.to_owned(), rest.to_owned());
            assert_eq!(found, expected, "{:?} {start} {end}", scope.accounts);
        }
    }
}
