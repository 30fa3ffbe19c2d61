//! The lines of a timeline, in columns that stay where they are for a window of lines.
//!
//! A terminal gets a heading for each day, and times of the clock. Who acts, and from where, stand in a heading where
//! they are the same for a window, or where the terminal is too narrow for two more columns. What is wider than its
//! column folds under it, and a token that is wider stands whole below. A terminal that is too narrow for columns gets
//! parts one behind the other. A pipe gets whole lines that stand for themselves.
//!
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

/// One of so many lines may have a token that is wider than its column.
const RARE: usize = 4;

const GAP: &str = "  ";
const BOLD: &str = "1";
const RED: &str = "31";
const BOLD_RED: &str = "1;31";
const CYAN: &str = "1;36";
const DIM: &str = "2";

/// The look of a timeline.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Columns of the terminal; `None` for a pipe or a file.
    pub(super) width: Option<usize>,
    /// With ANSI colours.
    pub(super) color: bool,
    /// The events are of several accounts.
    pub(super) has_accounts: bool,
    /// The zone of the times.
    pub(super) zone: String,
}

/// Writes lines.
pub(super) struct Lines {
    layout: Layout,
    waiting: Vec<Line>,
    /// The place of who acted; the first batch decides.
    form: Option<Form>,
    /// The columns of the batch before.
    widths: Option<Vec<usize>>,
    day: Option<Option<Day>>,
    actor: Option<String>,
}

/// The place of who acted, and from where: columns of their own, or a heading above the lines that share them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Form {
    has_who: bool,
    has_from: bool,
}

/// A line before it is laid out.
struct Line {
    day: Option<Day>,
    time: String,
    marks: String,
    who: String,
    what: String,
    target: String,
    from: String,
    /// The outcome, and the length of a run.
    tail: String,
    color: Option<&'static str>,
}

impl Lines {
    pub(super) fn new(layout: Layout) -> Self {
        Self { layout, waiting: Vec::new(), form: None, widths: None, day: None, actor: None }
    }

    /// Adds a line, and writes a batch that is full.
    pub(super) fn add(&mut self, run: &Run, out: &mut dyn Write) -> io::Result<()> {
        self.waiting.push(Line::of(run, &self.layout));
        if self.waiting.len() >= BATCH { self.finish(out) } else { Ok(()) }
    }

    /// Writes what is waiting.
    pub(super) fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let lines = std::mem::take(&mut self.waiting);
        if lines.is_empty() {
            return Ok(());
        }
        let Some(columns) = self.layout.width else {
            return self.write_whole(&lines, out);
        };
        let indent = lines.iter().map(Line::indent).max().unwrap_or(0);
        let room = columns.saturating_sub(indent);
        let form = *self.form.get_or_insert_with(|| Form::of(&lines, room));
        // Columns stay where they are as long as they are wide enough.
        let before = self.widths.take().filter(|widths| lines.iter().all(|line| line.fits(form, widths)));
        self.widths = before.or_else(|| widths(&lines, form, room));
        for line in &lines {
            self.headings(line, form, out)?;
            let parts = match &self.widths {
                Some(widths) => line.in_columns(form, widths, room),
                None => line.stacked(form, room),
            };
            let (head, below) = (format!("{}{GAP}{}{GAP}", line.time, line.marks), " ".repeat(indent));
            for (at, part) in parts.iter().enumerate() {
                let text = format!("{}{part}", if at == 0 { &head } else { &below });
                writeln!(out, "{}", self.paint(line.color, text.trim_end()))?;
            }
        }
        Ok(())
    }

    /// Writes lines for a pipe.
    fn write_whole(&self, lines: &[Line], out: &mut dyn Write) -> io::Result<()> {
        let form = Form { has_who: true, has_from: true };
        let widest = |at: usize| lines.iter().filter_map(|line| line.cells(form).get(at).map(|cell| width(cell))).max();
        // What stands last needs no blanks behind it.
        let padded: Vec<usize> = (0..4).map(|at| widest(at).unwrap_or(0).min(PADDED)).collect();
        for line in lines {
            let mut text = format!("{}{GAP}{}{GAP}", line.time, line.marks);
            for (cell, column) in line.cells(form).into_iter().zip(&padded) {
                let pad = " ".repeat(column.saturating_sub(width(cell)));
                let gap = if *column > 0 { GAP } else { "" };
                text.push_str(&format!("{cell}{pad}{gap}"));
            }
            text.push_str(&line.tail);
            writeln!(out, "{}", self.paint(line.color, text.trim_end()))?;
        }
        Ok(())
    }

    /// Writes the day and the actor, where they are others than those of the line before.
    fn headings(&mut self, line: &Line, form: Form, out: &mut dyn Write) -> io::Result<()> {
        let mut is_below_day = false;
        if self.day != Some(line.day) {
            let day = line.day.map_or_else(|| "without a time".to_owned(), |day| day.format("%Y-%m-%d %a"));
            let day = match self.day {
                Some(_) => {
                    writeln!(out)?;
                    day
                }
                // The zone is that of all days.
                None => format!("{day}, times in {}", escape::terminal(&self.layout.zone)),
            };
            writeln!(out, "{}", self.paint(Some(DIM), &day))?;
            self.day = Some(line.day);
            self.actor = None;
            is_below_day = true;
        }
        let actor = line.actor(form);
        if self.actor.as_ref() != Some(&actor) {
            let between = if is_below_day { "" } else { "\n" };
            if !actor.is_empty() {
                writeln!(out, "{between}{actor}")?;
            }
            self.actor = Some(actor);
        }
        Ok(())
    }

    fn paint(&self, color: Option<&str>, text: &str) -> String {
        match color {
            Some(color) if self.layout.color => format!("\u{1b}[{color}m{text}\u{1b}[0m"),
            _ => text.to_owned(),
        }
    }
}

impl Form {
    /// Chooses a form: what is the same in all of several lines is a heading, and so is the rest where columns lack
    /// the room.
    fn of(lines: &[Line], room: usize) -> Self {
        let differs = |part: fn(&Line) -> &str| {
            lines.len() < 2
                || lines.windows(2).any(|two| match two {
                    [one, other] => part(one) != part(other),
                    _ => false,
                })
        };
        let form = Self { has_who: differs(|line| &line.who), has_from: differs(|line| &line.from) };
        let narrowest: usize = natural(lines, form, longest_word).iter().map(|width| width + GAP.len()).sum();
        if narrowest.saturating_sub(GAP.len()) <= room { form } else { Self { has_who: false, has_from: false } }
    }
}

/// The widest of each column, as `measure` counts it. Names and addresses of actors do not fold.
fn natural(lines: &[Line], form: Form, measure: fn(&str) -> usize) -> Vec<usize> {
    let mut widest: Vec<usize> = Vec::new();
    for line in lines {
        for (at, (cell, folds)) in line.cells(form).into_iter().zip(form.folding()).enumerate() {
            let cell = if folds { measure(cell) } else { width(cell) };
            match widest.get_mut(at) {
                Some(widest) => *widest = cell.max(*widest),
                None => widest.push(cell),
            }
        }
    }
    widest
}

/// Chooses the columns of the cells: resources fold first, then outcomes, then events. Where the widest tokens of all
/// do not fit, those of a few lines get lines of their own. `None` where the terminal is too narrow for columns.
fn widths(lines: &[Line], form: Form, room: usize) -> Option<Vec<usize>> {
    let needed = |widths: &[usize]| {
        let shown = widths.iter().filter(|width| **width > 0);
        shown.map(|width| width + GAP.len()).sum::<usize>().saturating_sub(GAP.len())
    };
    let mut widths = natural(lines, form, width);
    let least = natural(lines, form, longest_word);
    let what = usize::from(form.has_who);
    let last = widths.len().saturating_sub(1);
    for at in [what + 1, last, what] {
        let over = needed(&widths).saturating_sub(room);
        if let (Some(width), Some(least)) = (widths.get_mut(at), least.get(at)) {
            *width = width.saturating_sub(over).max(*least);
        }
    }
    // Then the widest tokens stand on lines of their own, those first that fewest lines have.
    let may_leave = lines.len() / RARE;
    while needed(&widths) > room {
        let widest = |at: &usize| {
            let column = *widths.get(*at)?;
            let tokens = lines.iter().filter_map(|line| line.cells(form).get(*at).map(|cell| longest_word(cell)));
            let (wide, rest): (Vec<usize>, Vec<usize>) = tokens.partition(|token| *token >= column);
            Some((wide.len(), *at, rest.into_iter().max()?))
        };
        let (count, at, next) = [what + 1, last, what].iter().filter_map(widest).min()?;
        if count > may_leave || next == 0 {
            return None;
        }
        *widths.get_mut(at)? = next;
    }
    // What stays free unfolds outcomes, events and resources.
    let all = natural(lines, form, width);
    for at in [last, what, what + 1] {
        let free = room.saturating_sub(needed(&widths));
        if let (Some(width), Some(all)) = (widths.get_mut(at), all.get(at)) {
            *width += all.saturating_sub(*width).min(free);
        }
    }
    Some(widths)
}

/// Puts parts into lines no wider than `room`. A part is broken only where it is wider than a line, and a word never.
fn pack(parts: &[String], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(line) + GAP.len() + width(part) <= room => {
                line.push_str(GAP);
                line.push_str(part);
            }
            _ => lines.extend(fold(part, room.max(longest_word(part)))),
        }
    }
    lines
}

impl Form {
    /// Tells for each column whether its cells may fold.
    fn folding(self) -> Vec<bool> {
        let mut folding = vec![true, true];
        if self.has_who {
            folding.insert(0, false);
        }
        if self.has_from {
            folding.push(false);
        }
        folding.push(true);
        folding
    }
}

impl Line {
    /// The columns before the first cell.
    fn indent(&self) -> usize {
        width(&self.time) + width(&self.marks) + 2 * GAP.len()
    }

    fn cells(&self, form: Form) -> Vec<&str> {
        let mut cells: Vec<&str> = vec![&self.what, &self.target];
        if form.has_who {
            cells.insert(0, &self.who);
        }
        if form.has_from {
            cells.push(&self.from);
        }
        cells.push(&self.tail);
        cells
    }

    /// Returns `true` if no token is wider than its column.
    fn fits(&self, form: Form, widths: &[usize]) -> bool {
        let cells = self.cells(form).into_iter().zip(form.folding()).zip(widths);
        cells
            .into_iter()
            .all(|((cell, folds), column)| (if folds { longest_word(cell) } else { width(cell) }) <= *column)
    }

    /// Tells who acted, for a heading; empty where columns tell all.
    fn actor(&self, form: Form) -> String {
        let is_said = self.from.is_empty() || self.from == self.who;
        match (form.has_who, form.has_from) {
            (true, true) => String::new(),
            (true, false) if self.from.is_empty() => String::new(),
            (true, false) => format!("from {}", self.from),
            (false, true) => self.who.clone(),
            (false, false) if is_said => self.who.clone(),
            (false, false) => format!("{} from {}", self.who, self.from),
        }
    }

    /// The cells in their columns. An event that is wider than its column stands above the other cells, and another
    /// token below them.
    fn in_columns(&self, form: Form, widths: &[usize], room: usize) -> Vec<String> {
        let (mut columns, mut lines, mut below, mut start) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for (at, (cell, column)) in self.cells(form).into_iter().zip(widths).enumerate() {
            let needed = longest_word(cell);
            let mut folded = Vec::new();
            if needed <= *column {
                folded = fold(cell, *column);
            } else {
                // The first word of an outcome tells most, and is short.
                let is_outcome = at + 1 == widths.len();
                let split = cell.split_once(' ').filter(|(word, _)| is_outcome && width(word) <= *column);
                let (word, cell) = split.unwrap_or(("", cell));
                folded.extend((!word.is_empty()).then(|| word.to_owned()));
                let indent = start.min(room.saturating_sub(width(cell).min(room).max(needed)));
                let own = fold(cell, room.saturating_sub(indent).max(needed));
                let own = own.into_iter().map(|line| format!("{}{line}", " ".repeat(indent)));
                if at == usize::from(form.has_who) { lines.extend(own) } else { below.extend(own) }
            }
            columns.push((start, folded));
            start += if *column > 0 { column + GAP.len() } else { 0 };
        }
        let height = columns.iter().map(|(_, cell)| cell.iter().filter(|line| !line.is_empty()).count()).max();
        let mut beside = vec![String::new(); height.unwrap_or(0)];
        for (start, cell) in columns {
            for (line, part) in beside.iter_mut().zip(cell).filter(|(_, part)| !part.is_empty()) {
                let pad = start.saturating_sub(width(line));
                line.push_str(&" ".repeat(pad));
                line.push_str(&part);
            }
        }
        lines.extend(beside);
        lines.extend(below);
        lines
    }

    /// The cells one behind the other.
    fn stacked(&self, form: Form, room: usize) -> Vec<String> {
        let on = if self.target.is_empty() { String::new() } else { format!("on {}", self.target) };
        // What no heading tells.
        let by = if form.has_who { format!("by {}", self.who) } else { String::new() };
        let is_said = !form.has_from || self.from.is_empty() || self.from == self.who;
        let from = if is_said { String::new() } else { format!("from {}", self.from) };
        pack(&[self.what.clone(), self.tail.clone(), on, by, from], room)
    }
}

impl Line {
    fn of(run: &Run, layout: &Layout) -> Self {
        let (entry, is_terminal) = (&run.first, layout.width.is_some());
        let safe = |text: &str| escape::terminal(text).into_owned();
        let time =
            |time: LocalTime| if is_terminal { time.format("%H:%M:%S") } else { time.format("%Y-%m-%dT%H:%M:%S%:z") };
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
        let what: Vec<&str> =
            [&entry.service_name, &entry.event_name].into_iter().flatten().map(String::as_str).collect();
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
            Some(if entry.is_write() { BOLD_RED } else { RED })
        } else {
            entry.is_write().then_some(BOLD)
        };
        Self {
            day: entry.event_time.map(LocalTime::day),
            time: clock,
            marks,
            who,
            what: safe(&what.join(" ")),
            target: safe(&target.unwrap_or_default()),
            from: safe(from),
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
