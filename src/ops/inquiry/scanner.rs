//! Cuts what is typed, or read from a file, into statements and commands.
//!
//! A statement ends with a semicolon that stands in no string, comment or parenthesis. A command begins with a
//! backslash at the beginning of an entry, and ends with its line. Each line is looked at once, so a long statement
//! costs no more than its length.

use super::lexer::{Open, opening};

/// The most bytes of one statement.
const MAX_BYTES: usize = 64 << 20;

/// A statement or a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The text, without the semicolon.
    pub text: String,
    /// It is a command, with its backslash.
    pub is_command: bool,
    /// The line that it begins in, from 1.
    pub line: usize,
}

/// A statement that is too long to be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

/// Cuts lines into entries.
#[derive(Debug, Default)]
pub struct Scanner {
    /// The entry that has begun.
    text: String,
    /// It holds more than space and comments.
    has_words: bool,
    open: Option<Open>,
    depth: usize,
    /// Lines so far.
    lines: usize,
    /// The line that the entry begins in.
    begin: usize,
}

impl Scanner {
    /// Takes the next lines, and returns the entries that they complete.
    pub fn feed(&mut self, lines: &str) -> Result<Vec<Entry>, TooLong> {
        let mut entries = Vec::new();
        for line in lines.split_inclusive('\n') {
            self.lines += 1;
            self.line(line, &mut entries);
            if self.text.len() > MAX_BYTES {
                *self = Self::default();
                return Err(TooLong);
            }
        }
        Ok(entries)
    }

    /// Returns `true` if an entry has begun that more lines complete.
    pub fn is_open(&self) -> bool {
        self.has_words || matches!(self.open, Some(Open::Block(_)))
    }

    /// Returns the entry that has begun, at the end of all lines.
    pub fn finish(&mut self) -> Option<Entry> {
        let has_words = self.has_words;
        let entry = self.take(self.text.len());
        *self = Self { lines: self.lines, ..Self::default() };
        entry.filter(|_| has_words)
    }

    fn line(&mut self, line: &str, entries: &mut Vec<Entry>) {
        let from = self.text.len();
        self.text.push_str(line);
        let mut at = from;
        loop {
            if let Some(open) = &mut self.open {
                let Some(end) = open.close(&self.text, at) else { return };
                self.open = None;
                at = end;
            }
            let Some(c) = self.text.get(at..).and_then(|rest| rest.chars().next()) else { return };
            if !self.has_words && !c.is_whitespace() {
                self.begin = self.lines;
                if let Some(entry) = self.command(at) {
                    entries.push(entry);
                    self.text.clear();
                    return;
                }
            }
            if let Some((open, inside)) = opening(&self.text, at) {
                self.has_words |= !matches!(open, Open::Line | Open::Block(_));
                self.open = Some(open);
                at = inside;
                continue;
            }
            match c {
                ';' if self.depth == 0 => {
                    let has_words = std::mem::take(&mut self.has_words);
                    entries.extend(self.take(at).filter(|_| has_words));
                    // The semicolon itself.
                    self.text.drain(..1);
                    at = 0;
                    continue;
                }
                '(' => self.depth += 1,
                ')' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            self.has_words |= !c.is_whitespace();
            at += c.len_utf8();
        }
    }

    /// Returns the command that begins at a place and ends with the line. Some words are commands by themselves.
    fn command(&self, at: usize) -> Option<Entry> {
        let line = self.text.get(at..)?.trim();
        let text = match line.trim_end_matches([';', ' ']) {
            "exit" | "quit" => "\\q",
            "help" => "\\?",
            _ if line.starts_with('\\') => line,
            _ => return None,
        };
        Some(Entry { text: text.to_owned(), is_command: true, line: self.begin })
    }

    /// Takes a statement off the beginning of the text.
    fn take(&mut self, end: usize) -> Option<Entry> {
        let rest = self.text.split_off(end);
        let text = std::mem::replace(&mut self.text, rest);
        let text = text.trim().to_owned();
        (!text.is_empty()).then_some(Entry { text, is_command: false, line: self.begin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entries(text: &str) -> (Vec<String>, Option<String>) {
        let mut scanner = Scanner::default();
        let entries = scanner.feed(text).unwrap();
        let is_open = scanner.is_open();
        let rest = scanner.finish();
        assert_eq!(rest.is_some(), is_open, "{text:?}");
        (entries.into_iter().map(|entry| entry.text).collect(), rest.map(|entry| entry.text))
    }

    #[test]
    fn statements_and_commands() {
        for (text, expected, rest) in [
            ("", &[][..], None),
            (" ;; \n -- a;\n;", &[], None),
            ("SELECT 1;", &["SELECT 1"], None),
            ("SELECT 1; SELECT\n2 ;", &["SELECT 1", "SELECT\n2"], None),
            ("SELECT ';' -- ;\n, \"a;\";x", &["SELECT ';' -- ;\n, \"a;\""], Some("x")),
            ("SELECT (1;\n) ;", &["SELECT (1;\n)"], None),
            ("SELECT 1) ;", &["SELECT 1)"], None),
            ("SELECT $$a;\nb$$, $t$;$$;$t$;", &["SELECT $$a;\nb$$, $t$;$$;$t$"], None),
            ("SELECT 'a''b;', E'c\\';';", &["SELECT 'a''b;', E'c\\';'"], None),
            ("/* a;\n b */ SELECT 1;", &["/* a;\n b */ SELECT 1"], None),
            ("SELECT 'a\n;\n';", &["SELECT 'a\n;\n'"], None),
            ("\\d events\nSELECT 1;\\x\n", &["\\d events", "SELECT 1", "\\x"], None),
            ("SELECT 1\n\\x\n;", &["SELECT 1\n\\x"], None),
            ("  \\save a; b \n", &["\\save a; b"], None),
            ("quit", &["\\q"], None),
            ("exit;\nhelp", &["\\q", "\\?"], None),
            ("SELECT 1", &[], Some("SELECT 1")),
            ("quit 1", &[], Some("quit 1")),
        ] {
            let (found, left) = entries(text);
            assert_eq!(
                (found, left.as_deref()),
                (expected.iter().map(|text| (*text).to_owned()).collect(), rest),
                "{text:?}"
            );
        }
        let mut scanner = Scanner::default();
        scanner.feed("/* a\n").unwrap();
        assert!(scanner.is_open(), "a comment goes on");
    }

    #[test]
    fn entries_know_their_line() {
        let mut scanner = Scanner::default();
        let entries = scanner.feed("\n-- a\nSELECT\n1; SELECT 2;\n\n\\x\nSELECT 3").unwrap();
        assert_eq!(entries.iter().map(|entry| entry.line).collect::<Vec<_>>(), [3, 4, 6]);
        assert_eq!(scanner.finish().unwrap().line, 7);
    }

    #[test]
    fn a_long_statement_costs_no_more_than_its_length() {
        let mut scanner = Scanner::default();
        scanner.feed("SELECT '").unwrap();
        for _ in 0..200_000 {
            assert!(scanner.feed("a line of a text that is long\n").unwrap().is_empty());
        }
        assert_eq!(scanner.feed("';").unwrap().len(), 1);
    }

    proptest! {
        #[test]
        fn lines_may_come_one_by_one(text in "[ab'\"$\\\\/*\\- \\n;()e]{0,60}") {
            let mut whole = Scanner::default();
            let all = whole.feed(&text).unwrap();
            let mut scanner = Scanner::default();
            let mut parts = Vec::new();
            for line in text.split_inclusive('\n') {
                parts.extend(scanner.feed(line).unwrap());
            }
            prop_assert_eq!(all, parts);
            prop_assert_eq!(whole.finish(), scanner.finish());
        }
    }
}
