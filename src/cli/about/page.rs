//! The page about a value, from its facts to text for a terminal or to Markdown.
//!
//! A page is facts, one a line, and lists. Ids, addresses and names are never cut or broken: what does not fit stands
//! on a line of its own.

use chrono::{Datelike, TimeDelta};
use trailql::engine::output::escape;
use trailql::event::ids::KeyKind;
use trailql::ops::about::model::{About, Counted, Counts, DayCount, List, Operation, Principal, Step};
use trailql::ops::subject::Kind;
use trailql::report::calendar::LocalTime;
use trailql::report::wording::{counted, grouped};
use trailql::text_layout::{fold, longest_word, width};

use super::rest::Rest;

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const YELLOW: &str = "33";

/// The characters of a sparkline, from low to high.
const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII_BARS: [&str; 8] = [".", ":", "-", "=", "+", "*", "#", "@"];

/// Columns of the names of facts, with the blank behind them.
const LABEL: usize = 13;

/// Columns of a list before the value: the count and what failed.
const NUMBER: usize = 8;

/// Columns for the number of days that a bar stands for.
const SCALE: usize = 16;

/// Temporary AccessKeys that are shown.
const MOST_TEMPORARY: u64 = 3;

/// Steps in the life of a value that are shown: the first ones, and the last.
const FIRST_STEPS: usize = 2;
const LAST_STEPS: usize = 5;

/// Items that are named of those that a list leaves out.
const MOST_NAMED: usize = 40;

/// Lines for their names.
const MOST_LINES: usize = 3;

/// Ids that are shown of one text with many of them.
const MOST_IDS: usize = 4;

/// The look of a page on a terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Columns.
    pub(super) width: usize,
    /// With ANSI colours.
    pub(super) color: bool,
    /// The terminal shows block characters.
    pub(super) is_utf8: bool,
}

/// A page.
pub(super) struct Page {
    title: String,
    facts: Vec<Fact>,
    days: Vec<DayCount>,
    sections: Vec<Section>,
    commands: Vec<String>,
}

/// A fact with its name.
struct Fact {
    label: String,
    text: String,
    is_grave: bool,
}

/// A list.
struct Section {
    title: String,
    rows: Vec<Row>,
    more: u64,
    /// Names of the first of those that are left out.
    rest: Vec<String>,
}

/// An item of a list.
struct Row {
    count: u64,
    denied: u64,
    /// Failed for another reason.
    failed: u64,
    text: String,
    when: String,
    color: Option<&'static str>,
}

impl Page {
    /// Puts facts in the order in which somebody asks for them.
    pub(super) fn of(about: &About, rest: Rest) -> Self {
        let mut page = Self {
            title: title(about),
            facts: Vec::new(),
            days: about.days.clone(),
            sections: Vec::new(),
            commands: about.next.clone(),
        };
        let times = Times::of(about);
        page.nature(about);
        page.summary(about);
        page.life(about);
        page.counts("account", "accounts", &about.accounts, about);
        page.counts("region", "regions", &about.regions, about);
        page.findings(about, rest.findings, &times);
        page.operations("Writes", &about.writes, rest.writes, Some(YELLOW), &times);
        page.operations("Not known to be reads or writes", &about.unknown_access, rest.unknown_access, None, &times);
        page.named_by(about, rest.named_by, &times);
        page.principals(about, rest.principals, &times);
        // Temporary keys are many, and alike.
        let mut keys = about.access_keys.clone();
        let mut temporary = 0;
        keys.items.retain(|key| {
            temporary += u64::from(key.kind == KeyKind::Temporary);
            key.kind != KeyKind::Temporary || temporary <= MOST_TEMPORARY
        });
        if about.kind == Kind::Key {
            keys = List::default();
        }
        page.list("AccessKeys", "key", (&keys, rest.access_keys), about, &times, |key| {
            let known = key.known_name.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
            let kind = if key.kind == KeyKind::LongTerm { String::new() } else { format!("  {}", key.kind.text()) };
            (format!("{}{known}{kind}", key.access_key_id), &key.counts)
        });
        page.list("Addresses", "from", (&about.addresses, rest.addresses), about, &times, |address| {
            let about = [&address.known_name, &address.place].into_iter().flatten().map(String::as_str);
            let about: Vec<&str> = about.collect();
            let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join("; ")) };
            (format!("{}{about}", address.address), &address.counts)
        });
        let errors = (&about.errors, rest.errors);
        page.list("Errors", "error", errors, about, &times, |error| (error.value.clone(), &error.counts));
        let agents = (&about.user_agents, Vec::new());
        page.list("Agents", "agent", agents, about, &times, |agent| (agent.value.clone(), &agent.counts));
        page.operations("Reads", &about.reads, rest.reads, None, &times);
        let names = rest.resources.iter().map(|name| ids(name)).collect();
        page.list("Resources", "resource", (&about.resources, names), about, &times, |resource| {
            (ids(&resource.resource_name), &resource.counts)
        });
        page
    }

    fn fact(&mut self, label: &str, text: impl Into<String>) {
        self.facts.push(Fact { label: label.to_owned(), text: text.into(), is_grave: false });
    }

    fn nature(&mut self, about: &About) {
        let nature = &about.nature;
        if let Some(name) = &nature.known_name {
            self.fact("known as", name.clone());
        }
        let place = [&nature.city, &nature.country, &nature.network_operator];
        let place: Vec<&str> = place.into_iter().flatten().map(String::as_str).collect();
        if !place.is_empty() {
            self.fact("place", place.join(", "));
        }
        let found = about.kinds.first().filter(|found| found.columns.len() > 1);
        if let Some(found) = found {
            let columns = found.columns.iter().map(|count| format!("{} ({})", count.column, grouped(count.events)));
            self.fact("seen in", columns.collect::<Vec<_>>().join(", "));
        }
        let others = about.kinds.iter().skip(1).map(|other| {
            let events = counted(other.events.max(other.named_by), "event", "events");
            format!("{} ({events}; --as {})", other.kind.words(), other.kind)
        });
        let others: Vec<String> = others.collect();
        if !others.is_empty() {
            self.fact("also", others.join(", "));
        }
    }

    fn summary(&mut self, about: &About) {
        let sum = &about.summary;
        if sum.events == 0 {
            self.fact("events", "none of its own in scope");
            return;
        }
        let mut parts = vec![counted(sum.writes, "write", "writes")];
        if sum.denied > 0 {
            parts.push(format!("{} denied", grouped(sum.denied)));
        }
        if sum.errors > 0 {
            parts.push(format!("{} failed", grouped(sum.errors)));
        }
        if sum.undated > 0 {
            parts.push(format!("{} without a time", grouped(sum.undated)));
        }
        self.fact("events", format!("{}: {}", grouped(sum.events), parts.join(", ")));
        if let (Some(first), Some(last)) = (sum.first_event, sum.last_event) {
            self.fact("first", first.to_string());
            if last != first {
                self.fact("last", format!("{last}, {} later", length(last.utc() - first.utc())));
            }
            let year = Times::of(about).year.map(|year| format!(", of {year}")).unwrap_or_default();
            self.fact("times", format!("in {}{year}", about.scope.tz));
        }
    }

    /// Adds values with their counts on one line.
    fn counts(&mut self, one: &str, many: &str, list: &List<Counted>, about: &About) {
        let mut parts: Vec<String> = match &list.items[..] {
            [only] if only.value == about.value => return,
            [only] if only.counts.events == about.summary.events => vec![only.value.clone()],
            items => items.iter().map(|item| format!("{} ({})", item.value, grouped(item.counts.events))).collect(),
        };
        if list.more() > 0 {
            parts.push(format!("and {} more", grouped(list.more())));
        }
        if !parts.is_empty() {
            self.fact(if list.total == 1 { one } else { many }, parts.join(", "));
        }
    }

    /// Tells when a key, a user or a role was made, changed and taken away. Of many steps the first and the last stand.
    fn life(&mut self, about: &About) {
        let has_accounts = about.has_accounts();
        let left_out = about.life.len().saturating_sub(FIRST_STEPS + LAST_STEPS);
        for (at, step) in about.life.iter().enumerate() {
            if left_out > 1 && at == FIRST_STEPS {
                self.fact("", format!("and {} more until", grouped(left_out as u64)));
            }
            if left_out > 1 && (FIRST_STEPS..FIRST_STEPS + left_out).contains(&at) {
                continue;
            }
            let time = step.time.map_or_else(|| "without a time".to_owned(), |time| time.to_string());
            let name = match (step.step, &step.other_name) {
                (Step::RenamedFrom, Some(name)) => format!(" from {name}"),
                (Step::RenamedTo, Some(name)) => format!(" to {name}"),
                _ => String::new(),
            };
            let account = step.account_id.as_deref().filter(|_| has_accounts);
            let account = account.map(|account| format!(" in {account}")).unwrap_or_default();
            let caller = caller(step.principal.as_deref(), step.identity_type.as_deref(), step.address.as_deref());
            let used = if step.seen_after { "; seen after that" } else { "" };
            self.facts.push(Fact {
                label: step.step.words().to_owned(),
                text: format!("{time}{name} by {caller}{account}{used}"),
                is_grave: step.seen_after,
            });
        }
    }

    fn findings(&mut self, about: &About, rest: Vec<String>, times: &Times) {
        let Some(findings) = &about.findings else { return };
        let rows = findings.views.items.iter().map(|view| Row {
            count: view.findings,
            denied: 0,
            failed: 0,
            text: format!("{}  {}: {}", view.severity, view.view, view.title),
            when: times.span(view.first_event, view.last_event),
            color: (view.severity >= trailql::engine::views::Severity::High).then_some(RED),
        });
        let title = match findings.findings {
            0 => "Findings: none names it".to_owned(),
            number => format!("Findings ({})", grouped(number)),
        };
        self.sections.push(Section { title, rows: rows.collect(), more: findings.views.more(), rest });
        if !findings.failed_views.is_empty() {
            self.fact("not asked", findings.failed_views.join(", "));
        }
    }

    fn operations(
        &mut self,
        title: &str,
        list: &List<Operation>,
        rest: Vec<String>,
        color: Option<&'static str>,
        times: &Times,
    ) {
        let rows = list.items.iter().map(|operation| Row {
            count: operation.counts.events,
            denied: operation.counts.denied,
            failed: operation.counts.errors,
            text: what(operation.service.as_deref(), operation.event_name.as_deref()),
            when: times.span(operation.counts.first_event, operation.counts.last_event),
            color,
        });
        self.section(title, rows.collect(), list.more(), rest);
    }

    fn section(&mut self, title: &str, rows: Vec<Row>, more: u64, rest: Vec<String>) {
        if !rows.is_empty() {
            let title = format!("{title} ({})", grouped(rows.len() as u64 + more));
            self.sections.push(Section { title, rows, more, rest });
        }
    }

    /// Adds a list. Where one item has all events, it is a fact, and none at all if it is the value itself.
    fn list<T>(
        &mut self,
        title: &str,
        label: &str,
        (list, rest): (&List<T>, Vec<String>),
        about: &About,
        times: &Times,
        item: impl Fn(&T) -> (String, &Counts),
    ) {
        let items: Vec<(String, &Counts)> = list.items.iter().map(item).collect();
        if let ([(text, counts)], 1) = (&items[..], list.total)
            && counts.events == about.summary.events
        {
            // What stands behind the value is new all the same: the account of a user, the kind of a key.
            let rest = text.strip_prefix(&about.value).filter(|rest| rest.is_empty() || rest.starts_with(' '));
            let text = rest.unwrap_or(text).trim();
            if !text.is_empty() {
                self.fact(if rest.is_some() { "is" } else { label }, text);
            }
            return;
        }
        let rows = items.into_iter().map(|(text, counts)| Row {
            count: counts.events,
            // That errors failed goes without saying.
            denied: if title == "Errors" { 0 } else { counts.denied },
            failed: if title == "Errors" { 0 } else { counts.errors },
            text,
            when: times.span(counts.first_event, counts.last_event),
            color: None,
        });
        self.section(title, rows.collect(), list.more(), rest);
    }

    fn principals(&mut self, about: &About, rest: Vec<String>, times: &Times) {
        let is_alone = about.principals.total == 1;
        let has_accounts = about.accounts.total > 1;
        self.list("Principals", "principal", (&about.principals, rest), about, times, |principal| {
            (who(principal, is_alone, has_accounts), &principal.counts)
        });
    }

    fn named_by(&mut self, about: &About, rest: Vec<String>, times: &Times) {
        let title = match about.kind {
            Kind::Key | Kind::User | Kind::Role => "Done to it",
            _ => "Named by",
        };
        let has_accounts = about.has_accounts();
        let rows = about.named_by.items.iter().map(|call| {
            let account = call.account_id.as_deref().filter(|_| has_accounts);
            let account = account.map(|account| format!(" in {account}")).unwrap_or_default();
            let detail = call.detail.as_deref().filter(|detail| *detail != about.value);
            let detail = detail.map(|detail| format!(" {detail}")).unwrap_or_default();
            let error = call.error.as_deref().map(|error| format!(", {error}")).unwrap_or_default();
            let is_write = call.access.as_deref() == Some("Write");
            let denied = if call.outcome.as_deref() == Some("denied") { call.events } else { 0 };
            let succeeded = call.outcome.as_deref().is_none_or(|outcome| outcome == "success");
            Row {
                count: call.events,
                denied,
                failed: if succeeded { 0 } else { call.events - denied },
                text: format!(
                    "{}{detail} by {}{account}{error}",
                    what(call.service.as_deref(), call.event_name.as_deref()),
                    caller(call.principal.as_deref(), call.identity_type.as_deref(), call.address.as_deref())
                ),
                when: times.span(call.first_event, call.last_event),
                color: (is_write && succeeded).then_some(YELLOW),
            }
        });
        self.section(title, rows.collect(), about.named_by.more(), rest);
    }

    /// Writes the page in lines for a terminal.
    pub(super) fn text(&self, style: &Style) -> String {
        let mut out = String::new();
        let paint = |color: &str, text: &str| match style.color {
            true => format!("\u{1b}[{color}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        };
        let mut line = |text: String| {
            out.push_str(text.trim_end());
            out.push('\n');
        };
        for part in lines_of(&self.title, style.width) {
            line(paint(BOLD, &part));
        }
        for fact in &self.facts {
            let indent = " ".repeat(LABEL);
            for (at, part) in parts_of(&fact.text, style.width.saturating_sub(LABEL)).into_iter().enumerate() {
                let label = if at == 0 { format!("{:<LABEL$}", fact.label) } else { indent.clone() };
                let part = if fact.is_grave { paint(RED, &part) } else { part };
                line(format!("{}{part}", paint(DIM, &label)));
            }
        }
        if let Some(days) = sparkline(&self.days, style) {
            line(format!("{}{days}", paint(DIM, &format!("{:<LABEL$}", "days"))));
        }
        for section in &self.sections {
            line(String::new());
            line(paint(BOLD, &section.title));
            for text in section.lines(style, &paint) {
                line(text);
            }
        }
        if !self.commands.is_empty() {
            line(String::new());
            line(paint(BOLD, "Next"));
            for command in &self.commands {
                line(format!("  {}", escape::terminal(command)));
            }
        }
        out
    }

    /// Writes the page as Markdown.
    pub(super) fn markdown(&self) -> String {
        let mut out = format!("# {}\n\n", escape::markdown(&self.title));
        for fact in &self.facts {
            out.push_str(&format!("- **{}**: {}\n", fact.label, escape::markdown(&fact.text)));
        }
        for section in &self.sections {
            out.push_str(&format!("\n## {}\n\n", escape::markdown(&section.title)));
            if section.rows.is_empty() {
                continue;
            }
            out.push_str("| events | denied | failed | what | when |\n|---:|---:|---:|---|---|\n");
            for row in &section.rows {
                let (text, when) = (escape::markdown(&row.text), escape::markdown(&row.when));
                let [count, denied, failed] = [row.count, row.denied, row.failed].map(grouped);
                out.push_str(&format!("| {count} | {denied} | {failed} | {text} | {when} |\n"));
            }
            if section.more > 0 {
                out.push_str(&format!("\n{}\n", escape::markdown(&section.others(MOST_NAMED))));
            }
        }
        if !self.commands.is_empty() {
            // A fence longer than any run of backticks in it cannot be closed from within.
            let longest = self.commands.iter().map(|command| command.matches('`').count()).max().unwrap_or(0);
            let fence = "`".repeat(longest.max(2) + 1);
            let commands: Vec<_> = self.commands.iter().map(|command| escape::terminal(command)).collect();
            out.push_str(&format!("\n## Next\n\n{fence}sh\n{}\n{fence}\n", commands.join("\n")));
        }
        out
    }
}

impl Section {
    /// Names items that are left out, and says how many more there are.
    fn others(&self, named: usize) -> String {
        let names: Vec<&str> =
            self.rest.iter().map(String::as_str).take(named).filter(|name| !name.is_empty()).collect();
        match (self.more.saturating_sub(names.len() as u64), names.is_empty()) {
            (more, true) => format!("and {} more", grouped(more)),
            (0, false) => format!("and {}", names.join(", ")),
            (more, false) => format!("and {}, and {} more", names.join(", "), grouped(more)),
        }
    }

    fn lines(&self, style: &Style, paint: &impl Fn(&str, &str) -> String) -> Vec<String> {
        let failed = self.rows.iter().map(|row| failed(row).len()).max().unwrap_or(0);
        let when = self.rows.iter().map(|row| width(&row.when)).max().unwrap_or(0);
        let gap = if failed > 0 { 2 } else { 0 };
        let texts: Vec<String> = self.rows.iter().map(|row| escape::terminal(&row.text).into_owned()).collect();
        let line = style.width.saturating_sub(NUMBER + 2);
        let room = line.saturating_sub(gap + failed + 2 + when);
        let (indent, narrowest) = (" ".repeat(NUMBER + 2), texts.iter().map(|text| longest_word(text)).max());
        // Times stand beside the first line of each text, at the same place for all; on a narrow terminal below all.
        let is_beside = room >= narrowest.unwrap_or(0);
        let widest = texts.iter().map(|text| width(text)).max().unwrap_or(0);
        let column = if is_beside { widest.min(room) } else { 0 };
        let mut lines = Vec::new();
        for (row, text) in self.rows.iter().zip(texts) {
            let count = grouped(row.count);
            let marks = failed_cell(row, failed, gap, paint);
            let tail = format!("{marks}  {}", paint(DIM, &row.when));
            let color = |text: &str| row.color.map_or_else(|| text.to_owned(), |color| paint(color, text));
            for (at, part) in folded(&text, if is_beside { column } else { line }).into_iter().enumerate() {
                let head = if at == 0 { format!("{count:>NUMBER$}  ") } else { indent.clone() };
                let pad = " ".repeat(column.saturating_sub(width(&part)));
                let behind = if is_beside && at == 0 { format!("{pad}{tail}") } else { String::new() };
                lines.push(format!("{head}{}{behind}", color(&part)));
            }
            if !is_beside {
                lines.push(format!("{indent}{}", tail.trim_start()));
            }
        }
        if self.more > 0 {
            // As many names as have room.
            let others = (0..=self.rest.len().min(MOST_NAMED)).rev().map(|named| parts_of(&self.others(named), line));
            let others = others.into_iter().find(|lines| lines.len() <= MOST_LINES).unwrap_or_default();
            lines.extend(others.into_iter().map(|part| format!("{indent}{part}")));
        }
        lines
    }
}

/// Tells what did not succeed: of all, without a number.
fn failed(row: &Row) -> String {
    let part = |events: u64, word: &str| match events {
        0 => None,
        all if all == row.count => Some(word.to_owned()),
        some => Some(format!("{} {word}", grouped(some))),
    };
    let parts = [part(row.denied, "denied"), part(row.failed, "failed")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn failed_cell(row: &Row, width: usize, gap: usize, paint: &impl Fn(&str, &str) -> String) -> String {
    let text = failed(row);
    let pad = " ".repeat(gap + width.saturating_sub(text.len()));
    if text.is_empty() {
        pad
    } else {
        format!("{}{}{}", " ".repeat(gap), paint(RED, &text), " ".repeat(width - text.len()))
    }
}

/// Folds a text that is safe for a terminal. A word that is wider than a line stays whole.
fn folded(text: &str, room: usize) -> Vec<String> {
    fold(text, room.max(longest_word(text)))
}

/// Makes a text safe for a terminal, and folds it.
fn lines_of(text: &str, room: usize) -> Vec<String> {
    folded(&escape::terminal(text), room.max(20))
}

/// Makes a list of parts safe for a terminal, and folds it between them: a value stays beside its count.
fn parts_of(text: &str, room: usize) -> Vec<String> {
    let text = escape::terminal(text);
    let mut lines: Vec<String> = Vec::new();
    for part in text.split_inclusive(", ") {
        match lines.last_mut().filter(|line| width(line) + width(part.trim_end()) <= room) {
            Some(line) => line.push_str(part),
            None => {
                let parts = folded(part, room.max(20)).into_iter();
                lines.extend(parts.map(|line| if line.ends_with(',') { line + " " } else { line }));
            }
        }
    }
    lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    lines
}

fn title(about: &About) -> String {
    let nature = &about.nature;
    let kind = match (about.kind, nature.key_kind, nature.address_kind.as_deref()) {
        (Kind::Key, Some(key), _) => format!("{} AccessKey", key.text()),
        (Kind::Ip, _, Some("network")) => "network".to_owned(),
        (Kind::Ip, _, Some("internal")) => "word for addresses within Alibaba Cloud".to_owned(),
        (Kind::Ip, _, Some(kind)) => format!("{kind} address"),
        (kind, ..) => kind.words().to_owned(),
    };
    format!("{}  {kind}", about.value)
}

/// Writes service and name of an event.
fn what(service: Option<&str>, event_name: Option<&str>) -> String {
    let parts: Vec<&str> = [service, event_name].into_iter().flatten().collect();
    if parts.is_empty() { "(no name)".to_owned() } else { parts.join(" ") }
}

/// Writes a principal with what tells it from others of its name.
fn who(principal: &Principal, with_id: bool, with_account: bool) -> String {
    let mut text = match (&principal.name, &principal.principal_id, &principal.identity_type) {
        (Some(name), ..) => name.clone(),
        (None, Some(id), _) => id.clone(),
        (None, None, kind) => kind.clone().unwrap_or_default(),
    };
    if let Some(known) = &principal.known_name {
        text.push_str(&format!(" ({known})"));
    }
    let account = principal.account_id.as_deref();
    let kind = principal.identity_type.as_deref().filter(|kind| !text.starts_with(kind));
    let id = principal.principal_id.as_deref().filter(|id| with_id && *id != text && account != Some(id));
    let account = account.filter(|_| with_account).map(|account| format!("account {account}"));
    let more: Vec<&str> = [kind, id, account.as_deref()].into_iter().flatten().collect();
    if more.is_empty() { text } else { format!("{text}  {}", more.join(", ")) }
}

/// Writes who made a call, and from where.
fn caller(principal: Option<&str>, identity_type: Option<&str>, address: Option<&str>) -> String {
    let name = principal.or(identity_type).unwrap_or("somebody");
    let address = address.filter(|address| *address != name);
    address.map_or_else(|| name.to_owned(), |address| format!("{name} from {address}"))
}

/// Writes the ids of an event's resources so that they can be folded, and leaves out all but the first of many.
fn ids(text: &str) -> String {
    let ids: Vec<&str> = text.split([',', ';']).map(str::trim).filter(|id| !id.is_empty()).collect();
    match ids.len().checked_sub(MOST_IDS) {
        Some(more) if more > 0 => {
            format!("{} and {more} more", ids.get(..MOST_IDS).unwrap_or_default().join(", "))
        }
        _ => ids.join(", "),
    }
}

/// Writes a length of time in its two largest units.
pub(crate) fn length(length: TimeDelta) -> String {
    let (days, hours, minutes) = (length.num_days(), length.num_hours() % 24, length.num_minutes() % 60);
    match (days, length.num_hours(), length.num_minutes()) {
        (1.., ..) => format!("{days} d {hours} h"),
        (_, 1.., _) => format!("{hours} h {minutes} min"),
        (.., 1..) => format!("{minutes} min {} s", length.num_seconds() % 60),
        _ => format!("{} s", length.num_seconds()),
    }
}

/// The form of times in lists: without the year that is equal in all of them.
struct Times {
    year: Option<i32>,
}

impl Times {
    fn of(about: &About) -> Self {
        let named = about.named_by.items.iter().flat_map(|call| [call.first_event, call.last_event]);
        let all = [about.summary.first_event, about.summary.last_event].into_iter().chain(named);
        let mut years = all.flatten().map(|time| time.day().0.year());
        let first = years.next();
        Self { year: first.filter(|_| years.all(|year| Some(year) == first)) }
    }

    fn span(&self, first: Option<LocalTime>, last: Option<LocalTime>) -> String {
        let form = if self.year.is_none() { "%Y-%m-%d %H:%M" } else { "%m-%d %H:%M" };
        let (Some(first), Some(last)) = (first, last) else { return String::new() };
        let (start, end) = (first.format(form), last.format(form));
        match (start == end, first.day() == last.day()) {
            (true, _) => start,
            (false, true) => format!("{start} – {}", last.format("%H:%M")),
            (false, false) => format!("{start} – {end}"),
        }
    }
}

/// Draws the days from the first to the last one; a day without an event is blank. `None` for a single day.
fn sparkline(days: &[DayCount], style: &Style) -> Option<String> {
    let (first, last) = (days.first()?.day, days.last()?.day);
    let count = usize::try_from((last.0 - first.0).num_days()).ok()? + 1;
    let (start, end) = (first.to_string(), last.to_string());
    let room = style.width.saturating_sub(LABEL + start.len() + end.len() + 2);
    if count < 2 || room < 8 {
        return None;
    }
    let per_bar = if count <= room { 1 } else { count.div_ceil(room.saturating_sub(SCALE).max(8)) };
    let mut bars = vec![0u64; count.div_ceil(per_bar)];
    for day in days {
        let at = usize::try_from((day.day.0 - first.0).num_days()).unwrap_or(0) / per_bar;
        if let Some(bar) = bars.get_mut(at) {
            *bar += day.events;
        }
    }
    let most = bars.iter().copied().max().unwrap_or(0).max(1);
    let glyphs = if style.is_utf8 { BARS } else { ASCII_BARS };
    let draw = |bar: &u64| match bar {
        0 => " ",
        bar => {
            let step = (*bar as f64 / most as f64 * glyphs.len() as f64).ceil() as usize;
            glyphs.get(step.clamp(1, glyphs.len()) - 1).copied().unwrap_or_default()
        }
    };
    let drawn: String = bars.iter().map(draw).collect();
    let scale = if per_bar > 1 { format!(", {per_bar} days a bar") } else { String::new() };
    Some(format!("{start} {drawn} {end}{scale}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use trailql::report::calendar::Day;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn lengths_have_two_units() {
        for (end, expected) in [
            ("2026-11-01T00:00:07Z", "7 s"),
            ("2026-11-01T00:08:07Z", "8 min 7 s"),
            ("2026-11-01T05:08:07Z", "5 h 8 min"),
            ("2026-12-05T00:08:07Z", "34 d 0 h"),
        ] {
            assert_eq!(length(at(end) - at("2026-11-01T00:00:00Z")), expected);
        }
    }

    #[test]
    fn days_without_events_are_blank() {
        let day = |text: &str, events| DayCount { day: Day(text.parse().unwrap()), events };
        let style = |width, is_utf8| Style { width, color: false, is_utf8 };
        let days = [day("2026-11-01", 8), day("2026-11-02", 1), day("2026-11-05", 4)];
        assert_eq!(sparkline(&days, &style(80, true)).unwrap(), "2026-11-01 █▁  ▄ 2026-11-05");
        assert_eq!(sparkline(&days, &style(80, false)).unwrap(), "2026-11-01 @.  = 2026-11-05");
        assert_eq!(sparkline(&days[..1], &style(80, true)), None);
        let year = [day("2026-01-01", 1), day("2026-12-31", 1)];
        assert!(width(&sparkline(&year, &style(80, true)).unwrap()) <= 80 - LABEL);
    }
}
