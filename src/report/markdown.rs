//! The report as GitHub Markdown: it reads well raw, and values of events stay text whatever they hold.

use super::document::{Block, Cell, ColumnKind, Document, EvidenceEntry, Mark, Row, Section, Table};
use super::evidence::EvidenceId;
use super::language::Term;
use super::text::{Piece, Text};
use super::wording::grouped;
use crate::engine::output::escape::markdown as escape;

/// Writes the report as Markdown.
pub fn render(document: &Document) -> String {
    let mut page = Page { document, text: String::new() };
    page.heading(1, &document.title);
    let verdict = &document.verdict;
    page.push(&format!(
        "\n> **{}**\n>\n> {}\n>\n> {}\n",
        escape(&verdict.label),
        say(&verdict.text),
        say(&verdict.data)
    ));
    page.push("\n");
    for (name, value) in &document.facts {
        page.push(&format!("- **{}:** {}\n", escape(name), say(value)));
    }
    page.figures();
    page.findings();
    for section in &document.sections {
        page.section(section);
    }
    page.text
}

struct Page<'d> {
    document: &'d Document,
    text: String,
}

/// A sentence with its values in code where nothing in them could end it.
fn say(text: &Text) -> String {
    let piece = |piece: Piece<'_>| match piece {
        Piece::Words(words) => escape(words),
        Piece::Value(value) if is_code(value) => format!("`{value}`"),
        Piece::Value(value) => escape(value),
    };
    text.pieces().into_iter().map(piece).collect()
}

/// Returns `true` for values that a code span shows as they are, in a table too.
fn is_code(value: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '/' | '@' | '+' | '=' | '*');
    !value.is_empty() && value.chars().all(plain)
}

fn sign(mark: Mark) -> &'static str {
    match mark {
        Mark::Grave => "▲ ",
        Mark::Good => "✓ ",
        Mark::Unknown => "? ",
    }
}

impl Page<'_> {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn heading(&mut self, level: u8, title: &Text) {
        let lead = if self.text.is_empty() { "" } else { "\n" };
        let marks = "#".repeat(usize::from(level));
        self.push(&format!("{lead}{marks} {}\n", say(title)));
    }

    fn paragraph(&mut self, text: &Text) {
        self.push(&format!("\n{}\n", say(text)));
    }

    /// The number of an entry of the evidence, linked.
    fn proof(&self, id: Option<EvidenceId>) -> Option<String> {
        let entry = self.document.evidence(id?)?;
        Some(format!("[{0}](#{1})", entry.id, entry.id.to_string().to_ascii_lowercase()))
    }

    fn figures(&mut self) {
        let figures = &self.document.figures;
        let words = self.document.lang.words();
        self.heading(2, &Text::from(figures.title.as_str()));
        self.paragraph(&figures.intro);
        self.push("\n");
        self.row(
            [words.term(Term::Figure), words.term(Term::Count), "", "", words.term(Term::Evidence)].map(str::to_owned),
        );
        self.row(["---", "--:", "---", "---", "---"].map(str::to_owned));
        for card in &figures.cards {
            let note = card.note.as_ref().map(say).unwrap_or_default();
            let note = if card.grave && !note.is_empty() { format!("▲ {note}") } else { note };
            let trend: Vec<String> =
                card.trend.values.iter().map(|value| value.map_or_else(|| "–".to_owned(), grouped)).collect();
            let change = [trend.join(" → "), say(&card.change)].join("<br>");
            let proof = self.proof(card.evidence).unwrap_or_default();
            self.row([escape(&card.label), escape(&card.value), note, change, proof]);
        }
    }

    fn findings(&mut self) {
        let findings = &self.document.findings;
        self.heading(2, &Text::from(findings.title.as_str()));
        self.paragraph(&findings.intro);
        for (n, card) in findings.cards.iter().enumerate() {
            let account = card.account.as_ref();
            let account = account.map(|account| format!(" · {} {}", escape(&findings.labels.account), say(account)));
            let proof = self.proof(card.evidence).map(|proof| format!(" {proof}")).unwrap_or_default();
            self.push(&format!(
                "\n{}. **{}**{} · {}{proof}\n   - *{}:* {}\n   - *{}:* {}\n",
                n + 1,
                escape(&card.label),
                account.unwrap_or_default(),
                say(&card.happened),
                escape(&findings.labels.why),
                say(&card.why),
                escape(&findings.labels.next),
                say(&card.next)
            ));
        }
        if let Some(more) = &findings.more {
            self.paragraph(more);
        }
    }

    fn section(&mut self, section: &Section) {
        self.heading(section.level, &section.title);
        for block in &section.blocks {
            match block {
                Block::Text(text) => self.paragraph(text),
                Block::Heading(text) => self.heading(section.level + 1, text),
                Block::Notes(notes) => {
                    self.push("\n");
                    for note in notes {
                        self.push(&format!("- {}{}\n", if note.warning { "▲ " } else { "" }, say(&note.text)));
                    }
                }
                Block::Table(table) => self.table(table),
                Block::Days(days) => {
                    let words = self.document.lang.words();
                    let mut header = vec![words.term(Term::Time).to_owned()];
                    header.extend(days.classes.iter().map(|class| escape(class)));
                    header.push(String::new());
                    self.push("\n");
                    self.row(header);
                    self.row(["---", "--:", "--:", "--:", "--:", "---"].map(str::to_owned));
                    for day in &days.rows {
                        let mut row = vec![escape(&day.day)];
                        row.extend((0..4).map(|class| {
                            day.counts.and_then(|counts| counts.get(class).copied()).map_or("–".to_owned(), grouped)
                        }));
                        row.push(day.state.as_deref().map(escape).unwrap_or_default());
                        self.row(row);
                    }
                }
                Block::Hours(hours) => {
                    self.push("\n");
                    let mut header = vec![String::new()];
                    header.extend((0..24).map(|hour| format!("{hour:02}")));
                    self.row(header);
                    let mut rule = vec!["---".to_owned()];
                    rule.extend((0..24).map(|_| "--:".to_owned()));
                    self.row(rule);
                    for (weekday, counts) in hours.weekdays.iter().zip(hours.counts) {
                        let mut row = vec![escape(weekday)];
                        let cell = |count| if count == 0 { "·".to_owned() } else { grouped(count) };
                        row.extend(counts.into_iter().map(cell));
                        self.row(row);
                    }
                }
                Block::Code(code) => self.code("sh", code),
                Block::Evidence(entries) => entries.iter().for_each(|entry| self.evidence(entry)),
            }
        }
    }

    fn table(&mut self, table: &Table) {
        let with_proof = table.rows.iter().any(|row| self.proof(row.evidence).is_some());
        let evidence = self.document.lang.words().term(Term::Evidence);
        self.push("\n");
        self.row(table.columns.iter().map(|column| escape(&column.title)).chain(with_proof.then(|| escape(evidence))));
        let rule = |kind| if kind == ColumnKind::Number { "--:" } else { "---" };
        self.row(
            table.columns.iter().map(|column| rule(column.kind).to_owned()).chain(with_proof.then(|| "---".to_owned())),
        );
        for row in &table.rows {
            self.cells(row, with_proof, "");
        }
        if let Some(total) = &table.total {
            self.cells(total, with_proof, "**");
        }
        if let Some(more) = &table.more {
            self.paragraph(more);
        }
    }

    fn cells(&mut self, row: &Row, with_proof: bool, emphasis: &str) {
        let cell = |cell: &Cell| {
            let lines: Vec<String> = cell.lines.iter().map(say).collect();
            let note = cell.note.as_ref().map(|note| format!("<br>{}", say(note))).unwrap_or_default();
            let text = lines.join("<br>");
            let emphasis = if text.is_empty() { "" } else { emphasis };
            let text = match &cell.link {
                Some(link) => format!("[{text}](#{link})"),
                None => text,
            };
            format!("{}{emphasis}{text}{emphasis}{note}", cell.mark.map_or("", sign))
        };
        let proof = with_proof.then(|| self.proof(row.evidence).unwrap_or_default());
        self.row(row.cells.iter().map(cell).chain(proof).collect::<Vec<_>>());
    }

    fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        for cell in cells {
            self.text.push_str("| ");
            self.text.push_str(&cell);
            self.text.push(' ');
        }
        self.text.push_str("|\n");
    }

    /// A code block whose fence is longer than any run of backticks inside.
    fn code(&mut self, language: &str, code: &str) {
        let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        self.push(&format!("\n{fence}{language}\n{code}\n{fence}\n"));
    }

    fn evidence(&mut self, entry: &EvidenceEntry) {
        let words = self.document.lang.words();
        let anchor = entry.id.to_string().to_ascii_lowercase();
        self.push(&format!("\n<details>\n<summary id=\"{anchor}\">{}</summary>\n", entry.id));
        self.push(&format!("\n{} · {}\n", say(&entry.title), say(&entry.count)));
        self.code("sql", &entry.sql);
        if !entry.events.is_empty() {
            self.push("\n");
            self.row([Term::Time, Term::EventId, Term::Sources].map(|term| words.term(term).to_owned()));
            self.row(["---", "---", "---"].map(str::to_owned));
            for event in &entry.events {
                self.row([escape(&event.time), say(&event.id), escape(&event.source)]);
            }
        }
        self.push("\n</details>\n");
    }
}
