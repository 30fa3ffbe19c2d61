//! Errors and notices, shown at their place under the statement.
//!
//! A statement may come from a file or a dashboard. So characters that a terminal acts on are replaced, those of the
//! messages by their code, those of the statement by a mark of the same place.

use super::error::{Level, SlsError, SlsNotice};
use super::span::Span;
use crate::event::secret::has_no_width;
use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet};
use std::ops::Range;

/// The look of what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Colours.
    pub color: bool,
    /// Columns of the terminal. Longer lines of the statement are cut.
    pub width: usize,
}

/// The width where there is no terminal.
pub const WIDTH: usize = 140;

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: WIDTH }
    }
}

/// Shows an error under the statement, without a line end.
pub fn show_error(statement: &str, error: &SlsError, style: Style) -> String {
    let shown = Shown::of(statement);
    let message = clean(&error.message);
    let annotation = AnnotationKind::Primary.span(shown.range(error.span)).label(clean(&error.label));
    let mut group = Title::ERROR.primary_title(message).element(Snippet::source(&shown.text).annotation(annotation));
    group = group.elements(error.notes.iter().map(|note| Title::NOTE.message(clean(note))));
    render(with_help(group, error.help.as_deref()), style)
}

/// Shows a notice, under the statement if it has a place there, without a line end.
pub fn show_notice(statement: &str, notice: &SlsNotice, style: Style) -> String {
    let shown = Shown::of(statement);
    let title = match notice.level {
        Level::Note => Title::NOTE,
        Level::Warning => Title::WARNING,
    };
    let title = title.primary_title(clean(&notice.message));
    let group = match notice.span {
        Some(span) => {
            let annotation = AnnotationKind::Primary.span(shown.range(span));
            title.element(Snippet::source(&shown.text).annotation(annotation))
        }
        None => Group::with_title(title),
    };
    render(with_help(group, notice.help.as_deref()), style)
}

fn with_help<'g>(group: Group<'g>, help: Option<&str>) -> Group<'g> {
    match help {
        Some(help) => group.element(Title::HELP.message(clean(help))),
        None => group,
    }
}

fn render(group: Group<'_>, style: Style) -> String {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(style.width.max(20)).render(&[group])
}

/// A statement as it is shown, with the places of its parts.
struct Shown {
    text: String,
    /// Places in the statement and in the text behind each character that is longer or shorter in the text.
    moved: Vec<(usize, usize)>,
}

impl Shown {
    fn of(statement: &str) -> Self {
        let (mut text, mut moved) = (String::with_capacity(statement.len()), Vec::new());
        for (place, c) in statement.char_indices() {
            if is_hidden(c) && c != '\n' {
                text.push(if c == '\t' { ' ' } else { char::REPLACEMENT_CHARACTER });
                moved.push((place + c.len_utf8(), text.len()));
            } else {
                text.push(c);
            }
        }
        Self { text, moved }
    }

    fn place(&self, place: usize) -> usize {
        let before = self.moved.partition_point(|(of_statement, _)| *of_statement <= place);
        let moved = before.checked_sub(1).and_then(|at| self.moved.get(at));
        let (of_statement, of_text) = moved.copied().unwrap_or_default();
        of_text + (place - of_statement)
    }

    fn range(&self, span: Span) -> Range<usize> {
        Span::new(self.place(span.start), self.place(span.end.max(span.start))).range_in(&self.text)
    }
}

/// Returns text with characters that a terminal acts on, or that cannot be seen, as their code.
fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            clean.extend(c.escape_unicode());
        } else {
            clean.push(c);
        }
    }
    clean
}

fn is_hidden(c: char) -> bool {
    c.is_control() || has_no_width(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(statement: &str, start: usize, end: usize, width: usize) -> String {
        let error = SlsError::new("no field", Span::new(start, end)).label("here").help("did you mean `x`?");
        show_error(statement, &error, Style { color: false, width })
    }

    #[test]
    fn an_error_stands_under_its_place() {
        let expected = "error: no field\n  |\n1 | a foo:b\n  |   ^^^ here\n  |\n  = help: did you mean `x`?";
        assert_eq!(shown("a foo:b", 2, 5, 80), expected);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let lines = shown("城市:上海 foo:b", 14, 17, 80);
        assert!(lines.contains("\n  |           ^^^ here"), "{lines}");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let statement = format!("{}foo:b{}", "x ".repeat(2_000), " y".repeat(2_000));
        let lines = shown(&statement, 4_000, 4_003, 80);
        assert!(lines.contains("foo:b") && lines.lines().all(|line| line.chars().count() <= 90), "{lines}");
    }

    #[test]
    fn nothing_that_a_terminal_acts_on_is_shown() {
        let statement = "a\u{1b}[31m\u{202e}\u{9b}\tfoo:b\r\n";
        for (start, end) in [(0, statement.len()), (12, 15), (statement.len(), statement.len() + 9), (3, 1)] {
            let error = SlsError::new("no\u{1b}\nfield", Span::new(start, end)).help("\u{202e}").note("\u{9b}");
            let lines = show_error(statement, &error, Style::default());
            assert!(!lines.chars().any(|c| is_hidden(c) && c != '\n'), "{lines:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_place_of_any_statement_is_shown(text in "\\PC{0,20}[\\x00-\\x20\u{200b}城]{0,6}\\PC{0,20}", start in 0usize..90, length in 0usize..90) {
            for width in [1, 40, 140] {
                let error = SlsError::new("m", Span::new(start, start + length)).label("l").help("h").note("n");
                let lines = show_error(&text, &error, Style { color: false, width });
                proptest::prop_assert!(lines.starts_with("error: m"), "{}", lines);
                proptest::prop_assert!(!lines.chars().any(|c| is_hidden(c) && c != '\n'), "{:?}", lines);
            }
        }
    }
}
