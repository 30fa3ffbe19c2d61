//! Makes the columns of a table fit a width, without breaking a token that somebody may copy.
//!
//! Steps are taken until the table fits, the most harmless first:
//!
//! 1. Columns without any value are left out.
//! 2. Times drop their offset, and then their date or their year, where it is the same in all rows.
//! 3. User agents become the program and its system.
//! 4. Columns that have one value in all rows are left out, the widest first.
//! 5. Names of columns fold at `_`, and texts of several words between words.
//! 6. Ids keep their ends, the widest first. Names, addresses and AccessKeys stay whole.
//! 7. Columns that say little beside the others are left out: [`LITTLE`].
//! 8. Names that are much longer than nearly all of their column keep their ends.
//! 9. Columns that a reader can do without are left out: [`SPARED`], and the outcome where errors tell it.
//!
//! Columns that stay free then go to what was cut. Notes under the table tell what was left out, what was dropped and
//! what was shortened.

use super::{Head, Holds};
use crate::event::user_agent;
use crate::text_layout::{GAP, fold_name, longest_word, width as width_of};

/// The narrowest that a text is folded to.
const NARROWEST_TEXT: usize = 12;

/// Characters that a shortened id keeps at its beginning and at its end.
const ID_ENDS: (usize, usize) = (8, 4);

/// Width from which on an id is shortened.
const LONG_ID: usize = 24;

/// Width that a name is shortened to, at least.
const NARROWEST_NAME: usize = 15;

/// Columns of names that may be shortened where they are rare. Other names are typed again, such as those of views.
const NAMES: [&str; 2] = ["event_name", "error_code"];

/// One of so many rows may have its name shortened.
const RARE: usize = 20;

/// Stands for what is left out of an id.
const ELLIPSIS: char = '…';

/// Columns that other columns of an event tell nearly as well, the least telling first.
const LITTLE: [&str; 5] = ["resource_type", "event_rw", "key_kind", "last_event", "user_agent"];

/// Columns that a reader misses, but less than the table.
const SPARED: [&str; 5] = ["service_name", "acs_region", "addresses", "event_id", "example_event"];

/// A table that fits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fitted {
    /// Names of the columns, with a line feed where they fold.
    pub(super) names: Vec<String>,
    pub(super) right: Vec<bool>,
    pub(super) widths: Vec<usize>,
    pub(super) rows: Vec<Vec<String>>,
    /// Sentences about what the table does not show.
    pub(super) notes: Vec<String>,
}

/// A column in the making.
#[derive(Debug)]
struct Column<'t> {
    head: &'t Head,
    /// Its place among all columns.
    at: usize,
    cells: Vec<String>,
    width: usize,
    /// The name may fold at `_`.
    name_folds: bool,
    /// The cells before they were shortened.
    whole: Option<Vec<String>>,
}

impl<'t> Column<'t> {
    fn new(at: usize, head: &'t Head, cells: Vec<String>) -> Self {
        let mut column = Self { head, at, cells, width: 0, name_folds: false, whole: None };
        column.width = column.natural();
        column
    }

    /// The width that shows every cell on one line.
    fn natural(&self) -> usize {
        self.cells.iter().map(|cell| width_of(cell)).max().unwrap_or(0).max(self.of_name())
    }

    /// The width that the name needs.
    fn of_name(&self) -> usize {
        let name = self.head.name.as_str();
        if !self.name_folds {
            return width_of(name);
        }
        name.split_inclusive('_').map(width_of).max().unwrap_or(0)
    }

    /// Replaces the cells that have a shorter form; `true` if there were any.
    fn replace(&mut self, shorter: impl Fn(&str) -> Option<String>) -> bool {
        let mut any = false;
        for cell in &mut self.cells {
            if let Some(text) = shorter(cell).filter(|text| width_of(text) < width_of(cell)) {
                *cell = text;
                any = true;
            }
        }
        self.width = self.natural();
        any
    }

    /// Shortens cells, and keeps the whole ones.
    fn shorten(&mut self, shorter: impl Fn(&str) -> Option<String>) -> bool {
        let whole = self.whole.take().unwrap_or_else(|| self.cells.clone());
        let any = self.replace(shorter);
        self.whole = (self.cells != whole).then_some(whole);
        any
    }

    /// The end that all cells with a value share, from the first place where `split` finds one.
    fn shared<'c>(&'c self, split: impl Fn(&'c str) -> Option<&'c str>) -> Option<String> {
        let mut parts = self.cells.iter().filter(|cell| !cell.is_empty()).map(|cell| split(cell));
        let first = parts.next()??;
        parts.all(|part| part == Some(first)).then(|| first.to_owned())
    }

    /// The width below which words would break. A time stays on its line.
    fn narrowest(&self) -> usize {
        if self.head.holds == Holds::Time {
            return self.width;
        }
        let words = self.cells.iter().map(|cell| longest_word(cell)).max().unwrap_or(0);
        words.max(self.of_name()).max(NARROWEST_TEXT.min(self.width))
    }
}

/// A table in the making.
struct Table<'t> {
    columns: Vec<Column<'t>>,
    width: usize,
    notes: Vec<String>,
    /// User agents are summed up.
    sums_up: bool,
    /// Columns that are not shown though they hold something.
    hidden: Vec<Column<'t>>,
}

/// A step towards a table that fits.
type Step<'t> = fn(&mut Table<'t>);

/// Makes rows fit a width; `None` if they do not.
pub(super) fn fitted(heads: &[Head], rows: &[Vec<String>], width: usize) -> Option<Fitted> {
    let cells = |at: usize| rows.iter().map(|row| row.get(at).cloned().unwrap_or_default()).collect();
    let all: Vec<Column<'_>> = heads.iter().enumerate().map(|(at, head)| Column::new(at, head, cells(at))).collect();
    let is_empty = |column: &Column<'_>| !rows.is_empty() && column.cells.iter().all(String::is_empty);
    let (empty, columns): (Vec<_>, Vec<_>) = all.into_iter().partition(is_empty);
    let mut table = Table { columns, width, notes: Vec::new(), sums_up: false, hidden: Vec::new() };
    if !empty.is_empty() {
        table.notes.push(format!("without a value: {}", names(empty.iter())));
    }
    let steps: [Step<'_>; 11] = [
        Table::drop_offsets,
        Table::drop_dates,
        Table::drop_years,
        Table::sum_up_user_agents,
        Table::leave_out_constants,
        Table::fold_names,
        Table::fold_texts,
        Table::shorten_ids,
        |table| table.hide(&LITTLE),
        Table::shorten_rare,
        Table::spare,
    ];
    for step in steps {
        if table.over() == 0 {
            break;
        }
        step(&mut table);
    }
    if table.over() > 0 {
        return None;
    }
    table.show_again();
    table.grow();
    Some(table.finish(rows.len()))
}

fn names<'c>(columns: impl Iterator<Item = &'c Column<'c>>) -> String {
    columns.map(|column| column.head.name.as_str()).collect::<Vec<_>>().join(", ")
}

impl Table<'_> {
    /// Columns of text that the table needs.
    fn needed(&self) -> usize {
        let all: usize = self.columns.iter().map(|column| column.width).sum();
        all + GAP * self.columns.len().saturating_sub(1)
    }

    /// Columns of text beyond the width.
    fn over(&self) -> usize {
        self.needed().saturating_sub(self.width)
    }

    fn free(&self) -> usize {
        self.width.saturating_sub(self.needed())
    }

    fn finish(mut self, rows: usize) -> Fitted {
        if self.sums_up && !self.hidden.iter().any(|column| column.head.holds == Holds::UserAgent) {
            self.notes.push("user agents are summed up".to_owned());
        }
        if !self.hidden.is_empty() {
            self.hidden.sort_by_key(|column| column.at);
            self.notes.push(format!("not shown, `--wide` shows them: {}", names(self.hidden.iter())));
        }
        let shortened: Vec<&Column<'_>> = self.columns.iter().filter(|column| column.whole.is_some()).collect();
        if !shortened.is_empty() {
            let shortened = names(shortened.into_iter());
            self.notes.push(format!("shortened, `--wide` shows them whole: {shortened}"));
        }
        let columns = &self.columns;
        let row = |at: usize| columns.iter().map(|column| column.cells.get(at).cloned().unwrap_or_default()).collect();
        Fitted {
            names: columns.iter().map(|column| fold_name(&column.head.name, column.width).join("\n")).collect(),
            right: columns.iter().map(|column| column.head.holds == Holds::Number).collect(),
            widths: columns.iter().map(|column| column.width).collect(),
            rows: (0..rows).map(row).collect(),
            notes: self.notes,
        }
    }

    /// Drops the offsets of times where all are the same.
    fn drop_offsets(&mut self) {
        self.drop_shared("all times are", |cell| {
            let offset = cell.len().checked_sub("+00:00".len())?;
            let tail = cell.get(offset..)?;
            let is_offset = tail.starts_with(['+', '-']) && tail.as_bytes().get(3) == Some(&b':');
            is_offset.then_some((cell.get(..offset)?.to_owned(), tail))
        });
    }

    /// Drops the dates of times where all are the same.
    fn drop_dates(&mut self) {
        self.drop_shared("all times are of", |cell| {
            let (date, time) = date_and_time(cell)?;
            Some((time.to_owned(), date))
        });
    }

    /// Drops the years of times where all are the same.
    fn drop_years(&mut self) {
        self.drop_shared("all times are of", |cell| {
            let (date, time) = date_and_time(cell)?;
            let (year, day) = date.split_once('-')?;
            Some((format!("{day} {time}"), year))
        });
    }

    /// Drops a part of all times, if it is one and the same; `split` tells the rest and the part.
    fn drop_shared(&mut self, label: &str, split: impl Fn(&str) -> Option<(String, &str)>) {
        let is_time = |column: &Column<'_>| column.head.holds == Holds::Time;
        let mut shared: Option<String> = None;
        for column in self.columns.iter().filter(|column| is_time(column)) {
            let Some(part) = column.shared(|cell| split(cell).map(|(_, part)| part)) else { return };
            if shared.get_or_insert_with(|| part.clone()) != &part {
                return;
            }
        }
        let Some(shared) = shared else { return };
        for column in self.columns.iter_mut().filter(|column| is_time(column)) {
            column.replace(|cell| split(cell).map(|(rest, _)| rest));
        }
        self.notes.push(format!("{label} {shared}"));
    }

    /// Replaces user agents by the program and its system.
    fn sum_up_user_agents(&mut self) {
        for column in self.columns.iter_mut().filter(|column| column.head.holds == Holds::UserAgent) {
            self.sums_up |= column.replace(|cell| {
                let agent = user_agent::summary(cell)?;
                let parts = [Some(agent.product.as_str()), agent.version.as_deref(), agent.system];
                Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
            });
        }
    }

    /// Leaves out columns with one value in all of several rows, the widest first.
    fn leave_out_constants(&mut self) {
        let mut left_out = Vec::new();
        while self.over() > 0 {
            let constant = self.columns.iter().enumerate().filter(|(_, column)| is_constant(&column.cells));
            let Some((at, _)) = constant.max_by_key(|(_, column)| column.width) else { break };
            let column = self.columns.remove(at);
            left_out.push(format!("{} {}", column.head.name, column.cells.first().map_or("", String::as_str)));
        }
        if !left_out.is_empty() {
            self.notes.push(format!("in all rows: {}", left_out.join(", ")));
        }
    }

    /// Folds the names of columns that are wider than their cells.
    fn fold_names(&mut self) {
        for column in &mut self.columns {
            column.name_folds = true;
            column.width = column.natural();
        }
    }

    /// Folds texts between words, the widest column first.
    fn fold_texts(&mut self) {
        let narrowest: Vec<usize> = self.columns.iter().map(Column::narrowest).collect();
        while self.over() > 0 {
            let foldable = self.columns.iter_mut().zip(&narrowest).filter(|(column, least)| column.width > **least);
            let Some((column, _)) = foldable.max_by_key(|(column, _)| column.width) else { break };
            column.width -= 1;
        }
    }

    /// Shortens ids to their ends, the widest column first.
    fn shorten_ids(&mut self) {
        while self.over() > 0 {
            let is_long = |column: &&mut Column<'_>| column.head.holds == Holds::Id && column.width >= LONG_ID;
            let Some(column) = self.columns.iter_mut().filter(is_long).max_by_key(|column| column.width) else { break };
            if !column.shorten(|cell| short_id(cell, ID_ENDS)) {
                break;
            }
        }
    }

    /// Hides columns by their names until the table fits.
    fn hide(&mut self, names: &[&str]) {
        for name in names {
            if self.over() == 0 {
                break;
            }
            let found = self.columns.iter().position(|column| column.head.name == *name);
            self.hidden.extend(found.map(|at| self.columns.remove(at)));
        }
    }

    /// Shortens the names of the few rows that make a column wide.
    fn shorten_rare(&mut self) {
        let most = self.columns.first().map_or(0, |column| column.cells.len()) / RARE;
        while self.over() > 0 {
            let narrower = |column: &Column<'_>| {
                let least = NARROWEST_NAME.max(column.of_name());
                let next =
                    column.cells.iter().map(|cell| width_of(cell)).filter(|width| *width < column.width).max()?;
                let next = next.max(least);
                let cells = column.whole.as_ref().unwrap_or(&column.cells);
                let wide: Vec<&String> = cells.iter().filter(|cell| width_of(cell) > next).collect();
                let is_fit = next < column.width && !wide.is_empty() && wide.iter().all(|cell| !cell.contains(' '));
                (is_fit && wide.len() <= most).then_some((wide.len(), next))
            };
            let is_name = |column: &Column<'_>| NAMES.contains(&column.head.name.as_str());
            let rare = self.columns.iter_mut().filter(|column| is_name(column));
            let rare = rare.filter_map(|column| narrower(column).map(|(cells, next)| (cells, next, column)));
            let Some((_, next, column)) = rare.min_by_key(|(cells, ..)| *cells) else { break };
            let end = (next - 1) / 2;
            if !column.shorten(|cell| (width_of(cell) > next).then(|| ends(cell, (next - 1 - end, end)))?) {
                break;
            }
        }
    }

    /// Hides columns that a reader can do without.
    fn spare(&mut self) {
        self.hide(&SPARED);
        let column = |name: &str| self.columns.iter().find(|column| column.head.name == name);
        let errors: Vec<_> = ["error_code", "error_message"].into_iter().filter_map(column).collect();
        let is_told = |(row, outcome): (usize, &String)| {
            let has_error = errors.iter().any(|column| column.cells.get(row).is_some_and(|cell| !cell.is_empty()));
            has_error == (outcome != "success")
        };
        if column("outcome").is_some_and(|outcome| outcome.cells.iter().enumerate().all(is_told)) {
            self.hide(&["outcome"]);
        }
    }

    /// Shows hidden columns that fit after all, since others made more room than was needed.
    fn show_again(&mut self) {
        let mut hidden = std::mem::take(&mut self.hidden);
        while let Some(column) = hidden.pop() {
            if column.width + GAP <= self.free() {
                let at = self.columns.iter().position(|other| other.at > column.at).unwrap_or(self.columns.len());
                self.columns.insert(at, column);
            } else {
                self.hidden.push(column);
            }
        }
    }

    /// Gives free columns to folded texts, those first that lack the fewest.
    fn unfold(&mut self, may_grow: impl Fn(usize, usize) -> bool) {
        let mut free = self.free();
        let missing = |column: &mut Column<'_>| column.natural().saturating_sub(column.width);
        let mut folded: Vec<_> = self.columns.iter_mut().map(|column| (missing(column), column)).collect();
        folded.sort_by_key(|(missing, _)| *missing);
        for (missing, column) in folded {
            if may_grow(missing, free) {
                let more = missing.min(free);
                column.width += more;
                free -= more;
            }
        }
    }

    /// Gives free columns to what was cut: to texts that fit on a line, to names and ids that fit whole, to other
    /// texts, and then to the beginnings of ids.
    fn grow(&mut self) {
        self.unfold(|missing, free| missing <= free);
        for at in 0..self.columns.len() {
            let free = self.free();
            let Some(column) = self.columns.get_mut(at) else { continue };
            let Some(whole) = &column.whole else { continue };
            let width = whole.iter().map(|cell| width_of(cell)).max().unwrap_or(0).max(column.width);
            if width - column.width <= free {
                column.cells.clone_from(whole);
                (column.whole, column.width) = (None, width);
            }
        }
        self.unfold(|_, _| true);
        let mut free = self.free();
        for column in self.columns.iter_mut().filter(|column| column.head.holds == Holds::Id) {
            // The width of other characters is not their number.
            let Some(whole) = column.whole.as_ref().filter(|whole| whole.iter().all(|cell| cell.is_ascii())) else {
                continue;
            };
            let (first, last) = ID_ENDS;
            let parts = (first.max((column.width + free).saturating_sub(last + 1)), last);
            let longer = |cell: &String| short_id(cell, parts).unwrap_or_else(|| cell.clone());
            column.cells = whole.iter().map(longer).collect();
            let width = column.natural().max(column.width);
            free = (column.width + free).saturating_sub(width);
            column.width = width;
        }
    }
}

/// Returns `true` if several rows have one value.
fn is_constant(cells: &[String]) -> bool {
    cells.len() > 1 && cells.windows(2).all(|two| two.first() == two.last())
}

/// Splits a time at its `T`.
fn date_and_time(cell: &str) -> Option<(&str, &str)> {
    cell.split_once('T').filter(|(date, _)| date.len() == "2026-11-03".len() && date.as_bytes().get(4) == Some(&b'-'))
}

/// Returns both ends of a long id.
fn short_id(id: &str, parts: (usize, usize)) -> Option<String> {
    if width_of(id) < LONG_ID { None } else { ends(id, parts) }
}

/// Returns so many characters of both ends of a token; `None` if that is no less than the whole.
fn ends(token: &str, (first, last): (usize, usize)) -> Option<String> {
    let chars: Vec<char> = token.chars().collect();
    if chars.len() <= first + last + 1 || token.contains(' ') {
        return None;
    }
    let (begin, end) = (chars.get(..first)?, chars.get(chars.len().checked_sub(last)?..)?);
    Some(begin.iter().chain([&ELLIPSIS]).chain(end).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn heads(names: &[(&str, Holds)]) -> Vec<Head> {
        names.iter().map(|(name, holds)| Head { name: (*name).to_owned(), holds: *holds }).collect()
    }

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0";

    /// Three events with columns of every kind.
    fn events() -> (Vec<Head>, Vec<Vec<String>>) {
        let heads = heads(&[
            ("event_time", Holds::Time),
            ("principal", Holds::Text),
            ("source_ip_address", Holds::Text),
            ("error_code", Holds::Text),
            ("user_agent", Holds::UserAgent),
            ("calls", Holds::Number),
            ("title", Holds::Text),
            ("event_id", Holds::Id),
        ]);
        let row = |time, address, title, id| vec![time, "support-backup", address, "", FIREFOX, "12", title, id];
        let table = [
            row("2026-11-05T03:01:08+00:00", "198.51.100.23", "Groups opened", "E637B4C6-BCC7-5F36-B805-8EB6D0B9BC6A"),
            row("2026-11-05T03:05:03+00:00", "2001:db8:10::25", "Many instances made", "1.266_1791161370000_7682"),
            row("2026-11-05T04:10:10+00:00", "198.51.100.23", "", ""),
        ];
        (heads, rows(&table.iter().map(Vec::as_slice).collect::<Vec<_>>()))
    }

    #[test]
    fn each_step_makes_more_room() {
        let (heads, rows) = events();
        let table = |width: usize| fitted(&heads, &rows, width);
        let at = |width: usize, column: &str| {
            let table = table(width).unwrap();
            let at = table.names.iter().position(|name| name == column).unwrap();
            (table.rows[0][at].clone(), table.widths[at])
        };
        let (id, title) = ("E637B4C6-BCC7-5F36-B805-8EB6D0B9BC6A", "Groups opened");
        assert_eq!(table(300).unwrap().notes, ["without a value: error_code"]);
        assert_eq!(at(300, "event_time").0, "2026-11-05T03:01:08+00:00");
        assert_eq!(at(205, "event_time").0, "2026-11-05T03:01:08");
        assert_eq!(at(199, "event_time").0, "03:01:08");
        assert_eq!(at(150, "user_agent").0, "Firefox 132 Windows");
        assert_eq!(at(97, "event_id").0, id);
        assert_eq!(at(81, "title"), (title.to_owned(), 16));
        assert_eq!(at(61, "event_id").0, "E637B4C6…BC6A");
        assert_eq!(
            table(61).unwrap().notes,
            [
                "without a value: error_code",
                "all times are +00:00",
                "all times are of 2026-11-05",
                "in all rows: user_agent Firefox 132 Windows, principal support-backup, calls 12",
                "user agents are summed up",
                "shortened, `--wide` shows them whole: event_id",
            ]
        );
        // Columns that stay free go to the id that was cut.
        assert_eq!(at(68, "event_id").0, "E637B4C6-BCC7-5…BC6A");
        // The id is what a reader can do without.
        assert_eq!(table(50).unwrap().names, ["event_\ntime", "source_ip_\naddress", "title"]);
        // The times and addresses alone need more.
        assert_eq!(table(30), None);
    }

    #[test]
    fn rare_names_are_shortened_before_telling_columns_go() {
        let heads = heads(&[
            ("event_time", Holds::Time),
            ("outcome", Holds::Text),
            ("acs_region", Holds::Text),
            ("event_rw", Holds::Text),
            ("event_name", Holds::Text),
            ("error_code", Holds::Text),
        ]);
        let row = |n: usize| {
            let time = format!("2026-{:02}-05T03:01:08+00:00", n % 12 + 1);
            let error = [("success", ""), ("error", "InvalidAccessKeyId.NotFound"), ("denied", "Throttling.User")];
            let (outcome, code) = error[if n == 1 { 1 } else { usize::from(n % 9 == 2) * 2 }];
            let (region, access) = (["cn-hangzhou", "us-west-1"][n % 2], ["Read", "Write"][n % 2]);
            [&time, outcome, region, access, ["DescribeInstances", "StopInstances"][n % 2], code]
                .map(str::to_owned)
                .to_vec()
        };
        let table = |width: usize, count: usize| {
            let rows: Vec<_> = (0..count).map(row).collect();
            fitted(&heads, &rows, width).map(|table| (table.names.join(" ").replace('\n', ""), table.rows[1].clone()))
        };
        let all = "event_time outcome acs_region event_rw event_name error_code";
        let (names, second) = table(95, 60).unwrap();
        assert_eq!((names.as_str(), second[5].as_str()), (all, "InvalidAccessKeyId.NotFound"));
        assert_eq!(second[0], "02-05 03:01:08");
        assert_eq!(table(88, 60).unwrap().0, all.replace("event_rw ", ""));
        let (names, second) = table(78, 60).unwrap();
        assert_eq!((names.as_str(), second[4].as_str()), (&*all.replace("event_rw ", ""), "Invalid…otFound"));
        // Errors tell the outcome.
        assert_eq!(table(52, 60).unwrap().0, "event_time event_name error_code");
        // One of three is not rare.
        assert_eq!(table(78, 3).unwrap().0, "event_time outcome event_name error_code");
    }

    #[test]
    fn parts_of_times_that_differ_stay() {
        let heads = heads(&[("first_event", Holds::Time), ("last_event", Holds::Time)]);
        for (cells, shown) in [
            (["2026-11-05T03:01:08+00:00", "2026-11-06T03:01:08+00:00"], Some("2026-11-05T03:01:08")),
            (["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"], None),
            (["2026-11-05T03:01:08", "2026-11-05T04:01:08"], Some("03:01:08")),
            (["2026-11-05T03:01:08+00:00", ""], Some("03:01:08")),
        ] {
            let rows = rows(&[&[cells[0], cells[0]], &[cells[1], cells[1]]]);
            let width = shown.map_or(52, |shown| 2 * shown.len().max("first_event".len()) + GAP);
            let table = fitted(&heads, &rows, width).unwrap();
            assert_eq!(table.rows[0][1], shown.unwrap_or(cells[0]), "{cells:?}");
        }
    }

    proptest! {
        /// A table that fits keeps to the width and breaks no word, whatever it holds.
        #[test]
        fn nothing_is_wider_than_the_terminal_and_no_word_breaks(
            cells in prop::collection::vec(prop::collection::vec("[a-z0-9:.é漢 -]{0,40}", 4), 0..6),
            kinds in prop::collection::vec(0usize..5, 4),
            width in 1usize..160,
        ) {
            let kinds: Vec<Holds> = kinds
                .into_iter()
                .map(|kind| [Holds::Number, Holds::Time, Holds::UserAgent, Holds::Id, Holds::Text][kind])
                .collect();
            let heads: Vec<Head> = kinds
                .iter()
                .enumerate()
                .map(|(at, holds)| Head { name: format!("column_{at}"), holds: *holds })
                .collect();
            if let Some(table) = fitted(&heads, &cells, width) {
                let all: usize = table.widths.iter().sum::<usize>() + GAP * table.widths.len().saturating_sub(1);
                prop_assert!(all <= width);
                for (name, width) in table.names.iter().zip(&table.widths) {
                    prop_assert!(longest_word(name) <= *width, "{name:?} in {width}");
                }
                for row in &table.rows {
                    for (cell, width) in row.iter().zip(&table.widths) {
                        prop_assert!(longest_word(cell) <= *width, "{cell:?} in {width}");
                    }
                }
            }
        }
    }
}
