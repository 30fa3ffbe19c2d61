//! The lines of a timeline: aligned where they fit the terminal, and in two lines and more where they do not.
//!
//! A terminal gets a heading for each day, and times of the clock. A narrow one also gets a heading for each change of
//! who acts, in place of two columns. A pipe gets whole lines that stand for themselves.
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
    /// The place of who acted; the first batch decides.
    form: Option<Form>,
    day: Option<Option<Day>>,
    actor: Option<String>,
}

/// The place of who acted, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// In columns of their own.
    Columns,
    /// In a heading above the lines of the same actor, where the terminal is too narrow.
    Headings,
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
        Self { layout, waiting: Vec::new(), form: None, day: None, actor: None }
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
        let form = *self.form.get_or_insert_with(|| {
            let widths = widths(&lines, Form::Columns, &self.layout);
            let fitting = lines.iter().filter(|line| line.fits(Form::Columns, &widths)).count();
            if fitting * 4 >= lines.len() * 3 || self.layout.width.is_none() { Form::Columns } else { Form::Headings }
        });
        let widths = widths(&lines, form, &self.layout);
        for line in lines {
            self.headings(&line, form, out)?;
            self.write(&line, form, &widths, out)?;
        }
        Ok(())
    }

    /// Writes the day and the actor, where they are others than those of the line before.
    fn headings(&mut self, line: &Line, form: Form, out: &mut dyn Write) -> io::Result<()> {
        if self.layout.width.is_none() {
            return Ok(());
        }
        if self.day != Some(line.day) {
            let between = if self.day.is_some() { "\n" } else { "" };
            self.day = Some(line.day);
            self.actor = None;
            let day = line.day.map_or_else(|| "without a time".to_owned(), |day| day.format("%Y-%m-%d %a"));
            writeln!(out, "{between}{}", self.paint(Some(DIM), &day))?;
        }
        let actor = line.actor();
        if form == Form::Headings && self.actor.as_ref() != Some(&actor) {
            writeln!(out, "{}{}", " ".repeat(line.indent()), self.paint(Some(DIM), &actor))?;
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

    fn write(&self, line: &Line, form: Form, widths: &[usize], out: &mut dyn Write) -> io::Result<()> {
        let head = format!("{}{GAP}{}{GAP}", line.time, line.marks);
        let columns = widths.iter().map(|column| column + GAP.len()).sum::<usize>();
        let used = line.indent() + columns + width(&line.tail);
        let fits = line.fits(form, widths) && self.layout.width.is_some_and(|room| used <= room);
        let text = if fits || self.layout.width.is_none() {
            let cells = line.cells(form).into_iter().zip(widths).map(|(cell, column)| {
                let pad = " ".repeat(column.saturating_sub(width(cell)));
                let gap = if *column > 0 { GAP } else { "" };
                format!("{cell}{pad}{gap}")
            });
            format!("{head}{}{}", cells.collect::<String>(), line.tail)
        } else {
            let room = self.layout.width.unwrap_or(usize::MAX).saturating_sub(line.indent());
            head + &line.stacked(form, room).join(&format!("\n{}", " ".repeat(line.indent())))
        };
        for part in text.split('\n') {
            writeln!(out, "{}", self.paint(line.color, part.trim_end()))?;
        }
        Ok(())
    }
}

/// Chooses the columns of the cells. Where the widest of all do not fit, the lines with the widest cells are left to
/// another form.
fn widths(lines: &[Line], form: Form, layout: &Layout) -> Vec<usize> {
    let mut all: Vec<Vec<usize>> = Vec::new();
    for line in lines {
        for (at, cell) in line.cells(form).into_iter().enumerate() {
            if all.len() <= at {
                all.push(Vec::new());
            }
            all.get_mut(at).into_iter().for_each(|widths| widths.push(width(cell)));
        }
    }
    let Some(columns) = layout.width else {
        return all.iter().map(|widths| widths.iter().copied().max().unwrap_or(0).min(PADDED)).collect();
    };
    let tail = lines.iter().map(|line| width(&line.tail)).max().unwrap_or(0);
    let indent = lines.iter().map(Line::indent).max().unwrap_or(0);
    let room = columns.saturating_sub(indent + all.len() * GAP.len());
    loop {
        let widest: Vec<usize> = all.iter().map(|widths| widths.iter().copied().max().unwrap_or(0)).collect();
        let most = widest.iter().copied().max().unwrap_or(0);
        // A long tail is for its own line to bear.
        if widest.iter().sum::<usize>() + tail.min(room / 3) <= room || most == 0 {
            return widest;
        }
        for widths in all.iter_mut().filter(|widths| widths.contains(&most)).take(1) {
            widths.retain(|width| *width < most);
        }
    }
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

impl Line {
    /// The columns before the first cell.
    fn indent(&self) -> usize {
        width(&self.time) + width(&self.marks) + 2 * GAP.len()
    }

    fn cells(&self, form: Form) -> Vec<&str> {
        match form {
            Form::Columns => vec![&self.who, &self.what, &self.target, &self.from],
            Form::Headings => vec![&self.what, &self.target],
        }
    }

    fn fits(&self, form: Form, widths: &[usize]) -> bool {
        self.cells(form).into_iter().zip(widths).all(|(cell, column)| width(cell) <= *column)
    }

    fn actor(&self) -> String {
        let is_said = self.from.is_empty() || self.from == self.who;
        if is_said { self.who.clone() } else { format!("{} from {}", self.who, self.from) }
    }

    /// The cells one behind the other.
    fn stacked(&self, form: Form, room: usize) -> Vec<String> {
        let on = if self.target.is_empty() { String::new() } else { format!("on {}", self.target) };
        let by = if form == Form::Columns { format!("by {}", self.actor()) } else { String::new() };
        pack(&[self.what.clone(), self.tail.clone(), on, by], room)
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
            Some(RED)
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
