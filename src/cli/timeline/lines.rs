//! The lines of a timeline: aligned where they fit the terminal, and in two lines and more where they do not.
//!
//! A terminal gets a heading for each day, and times of the clock. A pipe gets whole lines that stand for themselves.
//! Lines are laid out by the hundred, so the first ones are shown early. No id, name or address is ever broken.

use std::io::{self, Write};

use trailql::engine::output::escape;
use trailql::ops::timeline::Run;
use trailql::report::calendar::{Day, LocalTime};
use trailql::text_layout::{fold, longest_word, width};

/// Lines that are laid out together.
const BATCH: usize = 200;

/// Columns of a cell that a pipe pads to, at most.
const PADDED: usize = 40;

/// Ids of resources that a line names on a terminal.
const MOST_IDS: usize = 3;

const GAP: &str = "  ";
const BOLD: &str = "1";
const RED: &str = "31";
const CYAN: &str = "1;36";
const DIM: &str = "2";

/// The look of a timeline.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Columns of the terminal; `None` for a pipe or a file.
    pub(super) width: Option<usize>,
    /// With ANSI colours.
    pub(super) color: bool,
    /// The events are of several accounts.
    pub(super) has_accounts: bool,
}

/// Writes lines.
pub(super) struct Lines {
    layout: Layout,
    waiting: Vec<Line>,
    day: Option<Option<Day>>,
}

/// A line before it is laid out.
struct Line {
    day: Option<Day>,
    time: String,
    marks: String,
    /// Who, what, on what, and from where.
    cells: [String; 4],
    /// The outcome, and the length of a run.
    tail: String,
    color: Option<&'static str>,
}

impl Lines {
    pub(super) fn new(layout: Layout) -> Self {
        Self { layout, waiting: Vec::new(), day: None }
    }

    /// Adds a line, and writes a batch that is full.
    pub(super) fn add(&mut self, run: &Run, out: &mut dyn Write) -> io::Result<()> {
        self.waiting.push(Line::of(run, &self.layout));
        if self.waiting.len() >= BATCH { self.finish(out) } else { Ok(()) }
    }

    /// Writes what is waiting.
    pub(super) fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let lines = std::mem::take(&mut self.waiting);
        let widths = self.widths(&lines);
        for line in lines {
            if self.layout.width.is_some() && self.day != Some(line.day) {
                let between = if self.day.is_some() { "\n" } else { "" };
                self.day = Some(line.day);
                let day = line.day.map_or_else(|| "without a time".to_owned(), |day| day.format("%Y-%m-%d %a"));
                writeln!(out, "{between}{}", self.paint(Some(DIM), &day))?;
            }
            self.write(&line, &widths, out)?;
        }
        Ok(())
    }

    fn paint(&self, color: Option<&str>, text: &str) -> String {
        match color {
            Some(color) if self.layout.color => format!("\u{1b}[{color}m{text}\u{1b}[0m"),
            _ => text.to_owned(),
        }
    }

    fn write(&self, line: &Line, widths: &[usize; 4], out: &mut dyn Write) -> io::Result<()> {
        let head = format!("{}{GAP}{}{GAP}", line.time, line.marks);
        let fits = line.cells.iter().zip(widths).all(|(cell, column)| width(cell) <= *column);
        let text = if fits || self.layout.width.is_none() {
            let cells = line.cells.iter().zip(widths).map(|(cell, column)| {
                let pad = " ".repeat(column.saturating_sub(width(cell)));
                format!("{cell}{pad}{GAP}")
            });
            format!("{head}{}{}", cells.collect::<String>(), line.tail)
        } else {
            head.clone() + &self.stacked(line, width(&head))
        };
        for part in text.split('\n') {
            writeln!(out, "{}", self.paint(line.color, part.trim_end()))?;
        }
        Ok(())
    }

    /// The cells of a line that does not fit, one behind the other, and folded behind the time.
    fn stacked(&self, line: &Line, indent: usize) -> String {
        let [who, what, target, from] = &line.cells;
        let on = if target.is_empty() { String::new() } else { format!("on {target}") };
        let from = if from.is_empty() { String::new() } else { format!("from {from}") };
        let parts = [what, &line.tail, &on, &format!("by {who}"), &from];
        let text = parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(GAP);
        let room = self.layout.width.unwrap_or(usize::MAX).saturating_sub(indent).max(longest_word(&text));
        fold(&text, room).join(&format!("\n{}", " ".repeat(indent)))
    }

    /// Chooses the columns of the cells. Where the widest of all do not fit, the widest cells are left to lines of their
    /// own.
    fn widths(&self, lines: &[Line]) -> [usize; 4] {
        let mut all: [Vec<usize>; 4] = Default::default();
        for line in lines {
            for (cell, widths) in line.cells.iter().zip(&mut all) {
                widths.push(width(cell));
            }
        }
        for widths in &mut all {
            widths.sort_unstable();
        }
        let Some(columns) = self.layout.width else {
            return all.map(|widths| widths.last().copied().unwrap_or(0).min(PADDED));
        };
        let rest = lines.iter().map(|line| width(&line.time) + width(&line.marks) + width(&line.tail)).max();
        let room = columns.saturating_sub(rest.unwrap_or(0) + 6 * GAP.len());
        loop {
            let widest: Vec<usize> = all.iter().map(|widths| widths.last().copied().unwrap_or(0)).collect();
            let most = widest.iter().copied().max().unwrap_or(0);
            if widest.iter().sum::<usize>() <= room || most == 0 {
                return [0, 1, 2, 3].map(|at| widest.get(at).copied().unwrap_or(0));
            }
            let cut = all.iter_mut().find(|widths| widths.last() == Some(&most));
            if let Some(widths) = cut {
                widths.retain(|width| *width < most);
            }
        }
    }
}

impl Line {
    fn of(run: &Run, layout: &Layout) -> Self {
        let (entry, is_terminal) = (&run.first, layout.width.is_some());
        let safe = |text: &str| escape::terminal(text).into_owned();
        let time = |time: LocalTime| if is_terminal { time.format("%H:%M:%S") } else { time.format("%Y-%m-%dT%H:%M:%S%:z") };
        let clock = entry.event_time.map(time).unwrap_or_else(|| " ".repeat(if is_terminal { 8 } else { 25 }));
        let mark = |is: bool, sign: char| if is { sign } else { ' ' };
        let access = match entry.access.as_deref() {
            Some("Write") => 'W',
            Some(_) => ' ',
            None => '?',
        };
        let marks: String = [mark(entry.anchor, '>'), access, mark(entry.has_failed(), '!')].into_iter().collect();
        let mut who = safe(entry.principal.as_deref().unwrap_or("-"));
        if let (true, Some(account)) = (layout.has_accounts, &entry.account_id) {
            who = format!("{who} ({})", safe(account));
        }
        let what: Vec<&str> = [&entry.service_name, &entry.event_name].into_iter().flatten().map(String::as_str).collect();
        let target = entry.resource_name.as_deref().map(|text| if is_terminal { ids(text) } else { text.to_owned() });
        let from = entry.source_ip_address.as_deref().unwrap_or_default();
        let mut tail = match entry.outcome.as_deref() {
            Some("success") | None => "ok".to_owned(),
            Some(outcome) => match &entry.error_code {
                Some(code) => format!("{outcome} {}", safe(code)),
                None => safe(outcome),
            },
        };
        if run.events > 1 {
            let last = match run.last_time.filter(|last| Some(*last) != entry.event_time) {
                None => String::new(),
                Some(last) if is_terminal && entry.event_time.is_some_and(|first| first.day() != last.day()) => {
                    format!(" to {}", last.format("%m-%d %H:%M:%S"))
                }
                Some(last) => format!(" to {}", time(last)),
            };
            tail = format!("{tail}{GAP}×{}{last}", run.events);
        }
        let color = if entry.anchor {
            Some(CYAN)
        } else if entry.has_failed() {
            Some(RED)
        } else {
            entry.is_write().then_some(BOLD)
        };
        Self {
            day: entry.event_time.map(LocalTime::day),
            time: clock,
            marks,
            cells: [who, safe(&what.join(" ")), safe(&target.unwrap_or_default()), safe(from)],
            tail,
            color,
        }
    }
}

/// Writes ids so that they can be folded, and leaves out all but the first of many.
fn ids(text: &str) -> String {
    let ids: Vec<&str> = text.split([',', ';']).map(str::trim).filter(|id| !id.is_empty()).collect();
    match ids.len().checked_sub(MOST_IDS) {
        Some(more) if more > 0 => format!("{} +{more}", ids.get(..MOST_IDS).unwrap_or_default().join(", ")),
        _ => ids.join(", "),
    }
}
