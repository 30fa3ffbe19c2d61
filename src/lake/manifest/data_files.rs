//! The data files of a snapshot.
//!
//! A checkpoint keeps them in parts by day, and notes the days and times that each part covers. A part is read when
//! somebody asks for files that it may hold. So opening a lake, asking about a week and adding a day cost the same
//! among ten thousand files as among ten.

use super::entry::DataFile;
use super::json::{self, damaged};
use crate::lake::error::LakeError;
use crate::lake::layout::EventDay;
use crate::lake::storage::RangeReader;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Files of a part: few enough to be parsed in a moment, enough that ten thousand files make forty parts.
const PART_FILES: usize = 256;

/// The days, times and sums that a part covers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Minimum and maximum day of its files, in days since 1970-01-01; null for a part of files without a day.
    pub days: Option<(i32, i32)>,
    /// Minimum and maximum event time, in microseconds since 1970 (UTC); null if no event has a time.
    pub event_times: Option<(i64, i64)>,
    /// Its files.
    pub files: u64,
    /// Their rows.
    pub rows: u64,
    /// Their size.
    pub bytes: u64,
    /// Bytes of the checkpoint that it takes.
    length: u64,
}

impl Span {
    fn of(files: &[Arc<DataFile>]) -> Self {
        let days = || files.iter().filter_map(|file| file.event_day);
        Self {
            days: days().min().zip(days().max()),
            event_times: union_of_ranges(files.iter().map(|file| file.min_event_time.zip(file.max_event_time))),
            files: files.len() as u64,
            rows: files.iter().map(|file| file.rows).sum(),
            bytes: files.iter().map(|file| file.bytes).sum(),
            length: 0,
        }
    }

    fn may_hold(&self, day: EventDay) -> bool {
        match (self.days, day) {
            (Some((first, last)), Some(day)) => (first..=last).contains(&day),
            (None, None) => true,
            _ => false,
        }
    }
}

/// Minimum and maximum over some ranges.
pub(in crate::lake) fn union_of_ranges(ranges: impl Iterator<Item = Option<(i64, i64)>>) -> Option<(i64, i64)> {
    ranges.flatten().reduce(|(first, last), (min, max)| (first.min(min), last.max(max)))
}

/// Event times within a range, as far as the manifest knows them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimesIn {
    /// The newest time at which the range is known to have an event, in microseconds since 1970 (UTC).
    pub newest: Option<i64>,
    /// Set if a data file reaches beyond the end of the range, and so may hold later times within it.
    pub may_be_later: bool,
}

/// The data files of a snapshot, ordered by day. Those of one day keep the order in which they were added.
#[derive(Debug, Clone, Default)]
pub struct DataFiles {
    parts: Option<Arc<Parts>>,
    /// Files of entries behind the checkpoint.
    added: Vec<Arc<DataFile>>,
}

/// The files that a checkpoint names.
struct Parts {
    /// Path of the checkpoint.
    path: PathBuf,
    /// The open file, which stays readable when a newer checkpoint supersedes it meanwhile.
    file: Box<dyn RangeReader>,
    parts: Vec<Part>,
}

struct Part {
    span: Span,
    /// Distance of its first byte from the beginning of the checkpoint.
    offset: u64,
    /// Its files, once somebody has asked for them.
    files: OnceLock<Vec<Arc<DataFile>>>,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("path", &self.path).field("spans", &self.spans().collect::<Vec<_>>()).finish()
    }
}

impl Parts {
    fn spans(&self) -> impl Iterator<Item = &Span> {
        self.parts.iter().map(|part| &part.span)
    }

    fn read(&self, at: usize) -> Result<&[Arc<DataFile>], LakeError> {
        let Some(Part { span, offset, files }) = self.parts.get(at) else { return Ok(&[]) };
        if let Some(files) = files.get() {
            return Ok(files);
        }
        let line = self.file.get_range(*offset, span.length)?;
        let read: Vec<Arc<DataFile>> =
            serde_json::from_slice(&line).map_err(|error| damaged(&self.path, error.to_string()))?;
        if (Span { length: span.length, ..Span::of(&read) }) != *span {
            return Err(damaged(&self.path, format!("part {at} does not hold what is said of it")));
        }
        Ok(files.get_or_init(|| read))
    }
}

impl DataFiles {
    /// The files of a checkpoint whose parts begin at `offset`.
    pub(super) fn in_checkpoint(path: PathBuf, file: Box<dyn RangeReader>, spans: Vec<Span>, offset: u64) -> Self {
        let mut next = offset;
        let parts = spans.into_iter().map(|span| {
            let offset = next;
            next = next.saturating_add(span.length);
            Part { span, offset, files: OnceLock::new() }
        });
        let parts = parts.collect();
        Self { parts: Some(Arc::new(Parts { path, file, parts })), added: Vec::new() }
    }

    /// Some files, of no checkpoint.
    pub fn of_files(files: Vec<Arc<DataFile>>) -> Self {
        Self { parts: None, added: files }
    }

    /// Number of files in entries behind the checkpoint.
    pub(super) fn since_checkpoint(&self) -> usize {
        self.added.len()
    }

    /// Groups all files into the parts of a new checkpoint.
    pub(super) fn in_parts(&self) -> Result<Vec<Vec<Arc<DataFile>>>, LakeError> {
        let files = self.all()?;
        // Files without a day make parts of their own. Mixed into a part of days, they would be read with it.
        let with_and_without_day = files.chunk_by(|one, next| one.event_day.is_some() == next.event_day.is_some());
        Ok(with_and_without_day.flat_map(|files| files.chunks(PART_FILES)).map(<[_]>::to_vec).collect())
    }

    /// Reads all parts of the checkpoint, as it groups them.
    pub(in crate::lake) fn as_read(&self) -> Result<Vec<Vec<Arc<DataFile>>>, LakeError> {
        let Some(parts) = &self.parts else { return Ok(Vec::new()) };
        (0..parts.parts.len()).map(|at| parts.read(at).map(<[_]>::to_vec)).collect()
    }

    /// The spans of the parts, in their order. Files behind the checkpoint are in none of them.
    pub fn spans(&self) -> Vec<&Span> {
        self.parts.iter().flat_map(|parts| parts.spans()).collect()
    }

    /// Reads the files of the parts that `keep` selects by their place in [`Self::spans`], and adds those in none.
    pub fn of_parts(&self, keep: impl Fn(usize) -> bool) -> Result<Vec<Arc<DataFile>>, LakeError> {
        let mut files = Vec::new();
        if let Some(parts) = &self.parts {
            for at in (0..parts.parts.len()).filter(|at| keep(*at)) {
                files.extend_from_slice(parts.read(at)?);
            }
        }
        files.extend_from_slice(&self.added);
        files.sort_by_key(|file| file.event_day);
        Ok(files)
    }

    /// Reads all files.
    pub fn all(&self) -> Result<Vec<Arc<DataFile>>, LakeError> {
        self.of_parts(|_| true)
    }

    /// Reads the files of one day.
    pub fn of_day(&self, day: EventDay) -> Result<Vec<Arc<DataFile>>, LakeError> {
        let mut found = Vec::new();
        let mut take = |files: &[Arc<DataFile>]| {
            found.extend(files.iter().filter(|file| file.event_day == day).cloned());
        };
        if let Some(parts) = &self.parts {
            for (at, _) in parts.spans().enumerate().filter(|(_, span)| span.may_hold(day)) {
                take(parts.read(at)?);
            }
        }
        take(&self.added);
        Ok(found)
    }

    /// The spans of the parts, and that of the files behind the checkpoint.
    fn all_spans(&self) -> Vec<Span> {
        self.spans().into_iter().cloned().chain([Span::of(&self.added)]).collect()
    }

    /// Number of files.
    pub fn len(&self) -> u64 {
        self.all_spans().iter().map(|span| span.files).sum()
    }

    /// Returns `true` if there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of their rows.
    pub fn rows(&self) -> u64 {
        self.all_spans().iter().map(|span| span.rows).sum()
    }

    /// Their size.
    pub fn bytes(&self) -> u64 {
        self.all_spans().iter().map(|span| span.bytes).sum()
    }

    /// Minimum and maximum event time, in microseconds since 1970 (UTC).
    pub fn event_times(&self) -> Option<(i64, i64)> {
        union_of_ranges(self.all_spans().iter().map(|span| span.event_times))
    }

    /// Finds event times from `start` (inclusive) to `end` (exclusive) without opening a data file.
    pub fn times_in(&self, start: i64, end: i64) -> Result<TimesIn, LakeError> {
        let reaches_beyond = |times: Option<(i64, i64)>| times.is_some_and(|(min, max)| min < end && end <= max);
        let spans = self.spans();
        let parts = spans.iter().map(|span| span.event_times).filter(|times| !reaches_beyond(*times));
        let files = self.of_parts(|at| spans.get(at).is_some_and(|span| reaches_beyond(span.event_times)))?;
        let files = files.iter().map(|file| file.min_event_time.zip(file.max_event_time));
        let mut found = TimesIn::default();
        for (min, max) in parts.chain(files).flatten().filter(|(min, max)| *min < end && start <= *max) {
            found.may_be_later |= end <= max;
            let known = [max, min].into_iter().find(|time| (start..end).contains(time));
            found.newest = found.newest.max(known);
        }
        Ok(found)
    }

    /// Adds files.
    pub(super) fn extend(&mut self, files: impl IntoIterator<Item = DataFile>) {
        self.added.extend(files.into_iter().map(Arc::new));
    }

    /// Removes the files of these paths.
    pub(super) fn remove(&mut self, paths: &HashSet<&str>) -> Result<(), LakeError> {
        self.added = self.all()?;
        self.parts = None;
        self.added.retain(|file| !paths.contains(file.path.as_str()));
        Ok(())
    }
}

/// Files that cannot be read equal none.
impl PartialEq for DataFiles {
    fn eq(&self, other: &Self) -> bool {
        matches!((self.all(), other.all()), (Ok(one), Ok(other)) if one == other)
    }
}

/// Writes the lines of a checkpoint behind its first one: the spans, and a line for each part.
pub(super) fn write_parts(path: &Path, parts: &[Vec<Arc<DataFile>>]) -> Result<Vec<u8>, LakeError> {
    let (mut spans, mut lines) = (Vec::new(), Vec::new());
    for files in parts {
        let mut line = json::serialize(path, files)?;
        line.push(b'\n');
        spans.push(Span { length: line.len() as u64, ..Span::of(files) });
        lines.push(line);
    }
    let mut out = json::serialize(path, &spans)?;
    out.push(b'\n');
    lines.iter().for_each(|line| out.extend_from_slice(line));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::storage::Storage;
    use std::fs;

    /// File number `n`. Every seventh day has two, and some files have no day.
    fn file(n: i32) -> DataFile {
        let event_day = (n % 50 != 3).then_some(n - n % 7 / 6);
        let time = event_day.map(|day| i64::from(day) * 1000);
        let (path, rows, bytes) = (format!("f{n}"), n as u64 + 1, 10);
        let (min_event_time, max_event_time) = (time, time.map(|time| time + 999));
        let sha256 = "0".repeat(64);
        let (text_ranges, footer_bytes, blooms) = (Default::default(), 0, Default::default());
        DataFile {
            path,
            event_day,
            rows,
            bytes,
            sha256,
            min_event_time,
            max_event_time,
            text_ranges,
            footer_bytes,
            columns: 0,
            blooms,
            accounts: Default::default(),
            values: Default::default(),
        }
    }

    /// The same files twice: folded from entries, and read from a checkpoint with the last hundred behind it.
    fn files(folder: &Path) -> (DataFiles, DataFiles) {
        let numbers = || (0..1_000).map(|n| n * 7 % 1_000);
        let mut folded = DataFiles::default();
        folded.extend(numbers().map(file));
        let mut before = DataFiles::default();
        before.extend(numbers().take(900).map(file));
        let path = folder.join("checkpoint");
        let bytes = write_parts(&path, &before.in_parts().unwrap()).unwrap();
        fs::write(&path, &bytes).unwrap();
        let offset = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let spans = serde_json::from_slice(&bytes[..offset]).unwrap();
        let reader = Storage::local(folder).open_ranges("checkpoint").unwrap();
        let mut read = DataFiles::in_checkpoint(path, reader, spans, offset as u64);
        read.extend(numbers().skip(900).map(file));
        (folded, read)
    }

    fn parts_read(files: &DataFiles) -> usize {
        files.parts.iter().flat_map(|parts| &parts.parts).filter(|part| part.files.get().is_some()).count()
    }

    #[test]
    fn parts_are_read_when_their_files_are_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let (folded, read) = files(folder.path());
        assert_eq!(read.spans().len(), 5);
        let sums = |files: &DataFiles| (files.len(), files.rows(), files.bytes(), files.event_times());
        assert_eq!(sums(&read), sums(&folded));
        assert_eq!((sums(&read).0, sums(&read).3), (1_000, Some((0, 999_999))));
        assert_eq!(parts_read(&read), 0);
        for (day, found, parts) in
            [(Some(500), 1, 1), (Some(509), 2, 1), (Some(22), 1, 2), (Some(5_000), 0, 2), (None, 20, 3)]
        {
            let of_day = read.of_day(day).unwrap();
            assert_eq!((of_day.len(), parts_read(&read)), (found, parts), "{day:?}");
            assert!(of_day == folded.of_day(day).unwrap() && of_day.iter().all(|file| file.event_day == day));
        }
        assert!(read == folded && parts_read(&read) == 5);
    }

    #[test]
    fn times_are_told_without_reading_more_parts_than_they_need() {
        let folder = tempfile::tempdir().unwrap();
        let (folded, _) = files(folder.path());
        // The file of day n holds the times from n * 1000 to n * 1000 + 999.
        for (start, end, newest, may_be_later, parts) in [
            (i64::MIN, i64::MAX, Some(999_999), false, 0),
            (i64::MIN, 500_000, Some(499_999), false, 1),
            (i64::MIN, 500_001, Some(500_000), true, 1),
            (500_001, 500_500, None, true, 1),
            (500_001, 501_000, Some(500_999), false, 1),
            (499_500, 500_500, Some(500_000), true, 1),
            (1_000_000, i64::MAX, None, false, 0),
            (i64::MIN, 0, None, false, 0),
        ] {
            let (_, read) = files(folder.path());
            let found = read.times_in(start, end).unwrap();
            assert_eq!(found, TimesIn { newest, may_be_later }, "{start} to {end}");
            assert_eq!(found, folded.times_in(start, end).unwrap(), "{start} to {end}");
            assert!(parts_read(&read) <= parts, "{start} to {end}: {} parts", parts_read(&read));
        }
    }

    #[test]
    fn a_checkpoint_that_is_superseded_meanwhile_is_read_to_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let (mut folded, mut read) = files(folder.path());
        fs::remove_file(folder.path().join("checkpoint")).unwrap();
        let gone = HashSet::from(["f20", "f994"]);
        folded.remove(&gone).unwrap();
        read.remove(&gone).unwrap();
        assert!(read == folded && read.len() == 998);
    }

    #[test]
    fn a_part_that_is_not_what_is_said_of_it_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (_, read) = files(folder.path());
        let path = folder.path().join("checkpoint");
        let text = fs::read_to_string(&path).unwrap();
        for (from, to) in
            [("\"rows\":501,", "\"rows\":502,"), ("\"f500\"", "\"f500 "), ("\n[{\"path\":\"f", "\n[],[\"path\":\"f")]
        {
            assert!(text.contains(from));
            fs::write(&path, text.replace(from, to)).unwrap();
            let error = read.clone().of_day(Some(500)).unwrap_err();
            assert!(error.to_string().contains("checkpoint"), "{error}");
        }
        fs::write(&path, "").unwrap();
        assert!(read.all().is_err() && read != DataFiles::default());
    }
}
