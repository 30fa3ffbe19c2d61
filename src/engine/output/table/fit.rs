//! Makes the columns of a table fit a width, without breaking a token that somebody may copy.
//!
//! Steps are taken until the table fits, the most harmless first:
//!
//! 1. Columns without any value are left out.
//! 2. Times drop their offset, and then their date, where it is the same in all rows.
//! 3. User agents become the program and its system.
//! 4. Columns that have one value in all rows are left out, the widest first.
//! 5. Texts of several words fold between words.
//! 6. Ids keep their ends, the widest first. Names, addresses and AccessKeys stay whole.
//!
//! Notes under the table tell what was left out, with its value, what was dropped and what was shortened.

use super::{Head, Holds};
use crate::event::user_agent;
use crate::text_layout::{GAP, longest_word, width as width_of};

/// The narrowest that a text is folded to.
const NARROWEST_TEXT: usize = 12;

/// Characters that a shortened id keeps at its beginning and at its end.
const ID_ENDS: (usize, usize) = (8, 4);

/// Width from which on an id is shortened.
const LONG_ID: usize = 24;

/// Stands for what is left out of an id.
const ELLIPSIS: char = '…';

/// A table that fits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fitted {
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
    cells: Vec<String>,
    width: usize,
}

impl<'t> Column<'t> {
    fn new(head: &'t Head, cells: Vec<String>) -> Self {
        let mut column = Self { head, cells, width: 0 };
        column.measure();
        column
    }

    /// Sets the width that shows every cell on one line.
    fn measure(&mut self) {
        let cells = self.cells.iter().map(|cell| width_of(cell)).max().unwrap_or(0);
        self.width = cells.max(width_of(&self.head.name));
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
        self.measure();
        any
    }

    /// The end that all cells with a value share, from the first place where `split` finds one.
    fn shared<'c>(&'c self, split: impl Fn(&'c str) -> Option<&'c str>) -> Option<String> {
        let mut parts = self.cells.iter().filter(|cell| !cell.is_empty()).map(|cell| split(cell));
        let first = parts.next()??;
        parts.all(|part| part == Some(first)).then(|| first.to_owned())
    }

    /// The width below which words would break.
    fn narrowest(&self) -> usize {
        let words = self.cells.iter().map(|cell| longest_word(cell)).max().unwrap_or(0);
        words.max(width_of(&self.head.name)).max(NARROWEST_TEXT.min(self.width))
    }
}

/// Makes rows fit a width; `None` if they do not.
pub(super) fn fitted(heads: &[Head], rows: &[Vec<String>], width: usize) -> Option<Fitted> {
    let mut notes = Vec::new();
    let cells = |at: usize| rows.iter().map(|row| row.get(at).cloned().unwrap_or_default()).collect();
    let all: Vec<Column<'_>> = heads.iter().enumerate().map(|(at, head)| Column::new(head, cells(at))).collect();
    let is_empty = |column: &Column<'_>| !rows.is_empty() && column.cells.iter().all(String::is_empty);
    let (empty, mut columns): (Vec<_>, Vec<_>) = all.into_iter().partition(is_empty);
    if !empty.is_empty() {
        notes.push(format!("without a value: {}", names(empty.iter())));
    }
    type Step = fn(&mut Vec<Column<'_>>, usize) -> Option<String>;
    let steps: [Step; 6] = [drop_offsets, drop_dates, sum_up_user_agents, leave_out_constants, fold_texts, shorten_ids];
    for step in steps {
        if over(&columns, width) == 0 {
            break;
        }
        notes.extend(step(&mut columns, width));
    }
    if over(&columns, width) > 0 {
        return None;
    }
    let right = columns.iter().map(|column| column.head.holds == Holds::Number).collect();
    let row = |at: usize| columns.iter().map(|column| column.cells.get(at).cloned().unwrap_or_default()).collect();
    Some(Fitted {
        names: columns.iter().map(|column| column.head.name.clone()).collect(),
        right,
        widths: columns.iter().map(|column| column.width).collect(),
        rows: (0..rows.len()).map(row).collect(),
        notes,
    })
}

fn names<'c>(columns: impl Iterator<Item = &'c Column<'c>>) -> String {
    columns.map(|column| column.head.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Columns of text beyond the width.
fn over(columns: &[Column<'_>], width: usize) -> usize {
    let all: usize = columns.iter().map(|column| column.width).sum();
    (all + GAP * columns.len().saturating_sub(1)).saturating_sub(width)
}

/// Drops the offsets of times where all are the same.
fn drop_offsets(columns: &mut Vec<Column<'_>>, _: usize) -> Option<String> {
    drop_shared(columns, "all times are", |cell| {
        let offset = cell.len().checked_sub("+00:00".len())?;
        let tail = cell.get(offset..)?;
        (tail.starts_with(['+', '-']) && tail.as_bytes().get(3) == Some(&b':')).then_some((offset..cell.len(), tail))
    })
}

/// Drops the dates of times where all are the same.
fn drop_dates(columns: &mut Vec<Column<'_>>, _: usize) -> Option<String> {
    drop_shared(columns, "all times are of", |cell| {
        let end = "2026-11-03T".len();
        (cell.as_bytes().get(end - 1) == Some(&b'T')).then_some((0..end, cell.get(..end - 1)?))
    })
}

/// Drops a part of all times, if it is one and the same; `find` tells where it stands, and its text.
fn drop_shared(
    columns: &mut [Column<'_>],
    label: &str,
    find: impl Fn(&str) -> Option<(std::ops::Range<usize>, &str)>,
) -> Option<String> {
    let times = || |column: &&mut Column<'_>| column.head.holds == Holds::Time;
    let mut shared: Option<String> = None;
    for column in columns.iter_mut().filter(times()) {
        let part = column.shared(|cell| find(cell).map(|(_, part)| part))?;
        if shared.get_or_insert_with(|| part.clone()) != &part {
            return None;
        }
    }
    let shared = shared?;
    for column in columns.iter_mut().filter(times()) {
        column.replace(|cell| {
            let mut text = cell.to_owned();
            text.replace_range(find(cell)?.0, "");
            Some(text)
        });
    }
    Some(format!("{label} {shared}"))
}

/// Replaces user agents by the program and its system.
fn sum_up_user_agents(columns: &mut Vec<Column<'_>>, _: usize) -> Option<String> {
    let mut any = false;
    for column in columns.iter_mut().filter(|column| column.head.holds == Holds::UserAgent) {
        any |= column.replace(|cell| {
            let agent = user_agent::summary(cell)?;
            let parts = [Some(agent.product.as_str()), agent.version.as_deref(), agent.system];
            Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
        });
    }
    any.then(|| "user agents are summed up".to_owned())
}

/// Leaves out columns with one value in all of several rows, the widest first.
fn leave_out_constants(columns: &mut Vec<Column<'_>>, width: usize) -> Option<String> {
    let mut left_out = Vec::new();
    while over(columns, width) > 0 {
        let is_constant = |column: &Column<'_>| {
            column.cells.len() > 1 && column.cells.windows(2).all(|two| two.first() == two.last())
        };
        let constant = columns.iter().enumerate().filter(|(_, column)| is_constant(column));
        let Some((at, _)) = constant.max_by_key(|(_, column)| column.width) else { break };
        let column = columns.remove(at);
        left_out.push(format!("{} {}", column.head.name, column.cells.first().map_or("", String::as_str)));
    }
    (!left_out.is_empty()).then(|| format!("in all rows: {}", left_out.join(", ")))
}

/// Folds texts between words, the widest column first.
fn fold_texts(columns: &mut Vec<Column<'_>>, width: usize) -> Option<String> {
    let narrowest: Vec<usize> = columns.iter().map(Column::narrowest).collect();
    while over(columns, width) > 0 {
        let foldable = columns.iter_mut().zip(&narrowest).filter(|(column, narrowest)| column.width > **narrowest);
        let (column, _) = foldable.max_by_key(|(column, _)| column.width)?;
        column.width -= 1;
    }
    None
}

/// Shortens ids to their ends, the widest column first.
fn shorten_ids(columns: &mut Vec<Column<'_>>, width: usize) -> Option<String> {
    let mut shortened = Vec::new();
    while over(columns, width) > 0 {
        let ids = columns.iter_mut().filter(|column| column.head.holds == Holds::Id && column.width >= LONG_ID);
        let Some(column) = ids.max_by_key(|column| column.width) else { break };
        if column.replace(ends) {
            shortened.push(column.head.name.as_str());
        } else {
            break;
        }
    }
    (!shortened.is_empty()).then(|| format!("shortened, `--wide` shows them whole: {}", shortened.join(", ")))
}

/// Returns both ends of a long id.
fn ends(id: &str) -> Option<String> {
    if width_of(id) < LONG_ID || id.contains(' ') {
        return None;
    }
    let chars: Vec<char> = id.chars().collect();
    let (first, last) = ID_ENDS;
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
        assert_eq!(at(81, "title"), (title.to_owned(), 12));
        assert_eq!(at(70, "event_id").0, "E637B4C6…BC6A");
        assert_eq!(
            table(70).unwrap().notes,
            [
                "without a value: error_code",
                "all times are +00:00",
                "all times are of 2026-11-05",
                "user agents are summed up",
                "in all rows: user_agent Firefox 132 Windows, principal support-backup, calls 12",
                "shortened, `--wide` shows them whole: event_id",
            ]
        );
        // The names and addresses alone need more.
        assert_eq!(table(50), None);
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
                for row in &table.rows {
                    for (cell, width) in row.iter().zip(&table.widths) {
                        prop_assert!(longest_word(cell) <= *width, "{cell:?} in {width}");
                    }
                }
            }
        }
    }
}
