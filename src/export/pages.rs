//! Pages of an answer that lie in several files: which of them go on in another, and which end too early.
//!
//! A page says that more follow, and not which one follows. What can be told is this. Pages that a tool numbers
//! (`page-9.json`, `page-10.json`) are a series, in the order of their numbers, and only the last of a series may lack
//! the next one. Names without a number, or with an id, give no order of their own; in a folder of such names, the last
//! file with pages stands for all. A single numbered file in a folder where no series is has no series either.

use std::cmp::Ordering;
use std::collections::HashMap;

/// The series of pages in each folder, with what is remembered of a page that is not followed yet.
#[derive(Debug)]
pub struct PageSeries<T> {
    folders: HashMap<String, HashMap<Option<String>, Series<T>>>,
    series: usize,
}

/// Series that are followed, at most. Pages of others are taken for one series.
const MAX_SERIES: usize = 100_000;

#[derive(Debug)]
struct Series<T> {
    files: u64,
    /// Name of the last file in order.
    last: String,
    /// The memory of it, where its last page says that more follow.
    open: Option<T>,
}

/// The verdict on the pages that said that more follow.
#[derive(Debug, PartialEq, Eq)]
pub struct Judged<T> {
    /// Another file follows each of these.
    pub continued: Vec<T>,
    /// No file follows these.
    pub open: Vec<T>,
}

impl<T> Default for PageSeries<T> {
    fn default() -> Self {
        Self { folders: HashMap::new(), series: 0 }
    }
}

impl<T> PageSeries<T> {
    /// Takes a file with pages; `open` where its last page says that more follow. Returns what another file follows
    /// now.
    pub fn take(&mut self, path: &str, open: Option<T>) -> Option<T> {
        let (folder, name) = split(path);
        let mut place = (folder.to_owned(), pattern(name));
        if self.series >= MAX_SERIES && !self.folders.get(folder).is_some_and(|series| series.contains_key(&place.1)) {
            place = (String::new(), None);
        }
        let series = self.folders.entry(place.0).or_default();
        let Some(found) = series.get_mut(&place.1) else {
            series.insert(place.1, Series { files: 1, last: name.to_owned(), open });
            self.series += 1;
            return None;
        };
        found.files += 1;
        if in_order(&found.last, name) == Ordering::Greater {
            return open;
        }
        name.clone_into(&mut found.last);
        std::mem::replace(&mut found.open, open)
    }

    /// Returns `true` if some page is not followed yet.
    pub fn any_open(&self) -> bool {
        self.folders.values().flat_map(HashMap::values).any(|series| series.open.is_some())
    }

    /// Judges the pages that are not followed yet. `others` are files that may hold pages and were not read again.
    pub fn judge<'p>(mut self, others: impl Iterator<Item = &'p str>) -> Judged<T> {
        let mut judged = Judged { continued: Vec::new(), open: Vec::new() };
        for path in others {
            let (folder, name) = split(path);
            // A file beside pages, whatever is in it: only where it belongs to their series, or nothing has a number.
            let Some(series) = self.folders.get_mut(folder) else { continue };
            if let Some(found) = series.get_mut(&pattern(name))
                && extension(&found.last) == extension(name)
                && in_order(&found.last, name) == Ordering::Less
            {
                found.files += 1;
                name.clone_into(&mut found.last);
                judged.continued.extend(found.open.take());
            }
        }
        for (_, series) in self.folders {
            let is_numbered = series.iter().any(|(pattern, series)| pattern.is_some() && series.files > 1);
            let mut series: Vec<Series<T>> = series.into_values().collect();
            if !is_numbered {
                series.sort_by(|a, b| in_order(&a.last, &b.last));
                let last = series.pop();
                judged.continued.extend(series.into_iter().filter_map(|series| series.open));
                series = last.into_iter().collect();
            }
            judged.open.extend(series.into_iter().filter_map(|series| series.open));
        }
        judged
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once(['/', '\\']).unwrap_or(("", path))
}

fn extension(name: &str) -> Option<&str> {
    name.split_once('.').map(|(_, extension)| extension)
}

/// A name with `#` for each number; `None` where it has no number, or an id.
fn pattern(name: &str) -> Option<String> {
    let is_id = |word: &str| {
        let kinds = || word.bytes().map(|byte| byte.is_ascii_digit());
        word.len() >= 8 && kinds().zip(kinds().skip(1)).filter(|(before, after)| before != after).count() > 1
    };
    let has_number = name.bytes().any(|byte| byte.is_ascii_digit());
    if !has_number || name.split(|c: char| !c.is_alphanumeric()).any(is_id) {
        return None;
    }
    let mut pattern = String::with_capacity(name.len());
    for char in name.chars() {
        match char {
            digit if digit.is_ascii_digit() => {
                if !pattern.ends_with('#') {
                    pattern.push('#');
                }
            }
            other => pattern.push(other),
        }
    }
    Some(pattern)
}

/// Compares names as people order them: numbers in them by their value.
fn in_order(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        match (a.first(), b.first()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (x, behind_x) = number(a);
                let (y, behind_y) = number(b);
                match x.len().cmp(&y.len()).then_with(|| x.cmp(y)) {
                    Ordering::Equal => (a, b) = (behind_x, behind_y),
                    other => return other,
                }
            }
            (Some(x), Some(y)) if x == y => (a, b) = (&a[1..], &b[1..]),
            (x, y) => return x.cmp(&y),
        }
    }
}

/// The digits at the beginning of `text` without leading zeros, and what stands behind them.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let (digits, behind) = text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count());
    let zeros = digits.iter().take_while(|byte| **byte == b'0').count();
    (&digits[zeros..], behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files with pages, in the order in which they are read; `+` behind those whose last page says that more follow.
    fn open(files: &str, others: &str) -> Vec<String> {
        let mut series = PageSeries::default();
        let mut told = 0;
        for file in files.split_whitespace() {
            let (path, is_open) = file.strip_suffix('+').map_or((file, false), |path| (path, true));
            told += usize::from(series.take(path, is_open.then(|| path.to_owned())).is_some());
        }
        let all = files.matches('+').count();
        let Judged { continued, mut open } = series.judge(others.split_whitespace());
        assert_eq!(told + continued.len() + open.len(), all, "each page is judged once: {files}");
        open.sort();
        open
    }

    #[test]
    fn only_the_last_page_of_a_series_may_lack_the_next() {
        for (files, others, expected) in [
            ("a/p-1.json+ a/p-2.json+ a/p-3.json", "", ""),
            ("a/p-1.json+ a/p-2.json+ a/p-3.json+", "", "a/p-3.json"),
            // By value, not by letters.
            ("a/p-1.json+ a/p-10.json a/p-2.json+ a/p-9.json+", "", ""),
            ("a/p-1.json+ a/p-10.json+ a/p-9.json+", "", "a/p-10.json"),
            ("a/p-001.json+ a/p-002.json", "", ""),
            ("p1.json+ p2.json", "", ""),
            // Each folder, and each series in it, by itself.
            ("a/p-1.json+ b/p-1.json", "", "a/p-1.json"),
            ("a/beijing-1.json+ a/hangzhou-1.json+ a/hangzhou-2.json", "", "a/beijing-1.json"),
            // Names without numbers, or with ids.
            ("a/first.json+ a/second.json", "", ""),
            ("a/first.json+ a/second.json+", "", "a/second.json"),
            ("a/3f9a1b2c4d.json+ a/9e8d7c6b5a.json", "", ""),
            ("a/20261103T235900Z.json+ a/20261104T000100Z.json", "", ""),
            ("a/page-1.json+ a/rest.json", "", ""),
            ("a/one.json+", "", "a/one.json"),
            // Files that an earlier run read.
            ("a/p-1.json+", "a/p-2.json", ""),
            ("a/p-2.json+", "a/p-1.json", "a/p-2.json"),
            ("a/p-1.json+", "b/p-2.json a/other-2.json", "a/p-1.json"),
            ("a/first.json+", "a/second.json", ""),
            ("a/first.json+", "a/notes.txt", "a/first.json"),
            ("a\\p-1.json+ a\\p-2.json", "", ""),
        ] {
            assert_eq!(open(files, others).join(" "), expected, "{files} beside {others}");
        }
    }
}
