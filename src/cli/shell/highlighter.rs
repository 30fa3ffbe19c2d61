//! Colours of what is typed: keywords, strings, numbers, comments, and names that are known.

use std::sync::{Arc, Mutex, PoisonError};

use nu_ansi_term::{Color, Style};
use reedline::{Highlighter, StyledText};
use trailql::ops::inquiry::keywords::is_keyword;
use trailql::ops::inquiry::lexer::{Kind, tokens};
use trailql::ops::inquiry::names::Names;

use super::command::COMMANDS;

/// The most bytes that are coloured: a long text that was pasted is shown at each key.
const MAX_BYTES: usize = 32 << 10;

/// Colours statements and commands.
pub(super) struct Colors {
    pub(super) names: Arc<Mutex<Names>>,
    pub(super) is_on: bool,
}

impl Highlighter for Colors {
    fn highlight(&self, line: &str, _: usize) -> StyledText {
        let mut styled = StyledText::new();
        if !self.is_on || line.len() > MAX_BYTES {
            styled.push((Style::new(), line.to_owned()));
            return styled;
        }
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        for (style, start, end) in styles(line, &names) {
            styled.push((style, line.get(start..end).unwrap_or_default().to_owned()));
        }
        styled
    }
}

/// Returns the parts of a text with their styles.
fn styles(text: &str, names: &Names) -> Vec<(Style, usize, usize)> {
    let begin = text.len() - text.trim_start().len();
    let command = text.get(begin..).unwrap_or_default();
    if command.starts_with('\\') {
        let length = command.find(char::is_whitespace).unwrap_or(command.len());
        let name = command.get(..length).unwrap_or_default();
        let is_known = COMMANDS.iter().any(|command| command.name == name);
        let style = if is_known { Color::Purple.bold() } else { Color::Red.normal() };
        return vec![
            (Style::new(), 0, begin),
            (style, begin, begin + length),
            (Style::new(), begin + length, text.len()),
        ];
    }
    let all: Vec<_> = tokens(text).collect();
    let mut styles = Vec::with_capacity(all.len());
    for (at, token) in all.iter().enumerate() {
        let style = match token.kind {
            Kind::Space | Kind::Sign(_) => Style::new(),
            Kind::Comment => Color::DarkGray.normal(),
            Kind::Number => Color::Magenta.normal(),
            Kind::Text => Color::Green.normal(),
            Kind::Name => Style::new(),
            Kind::Word => {
                let word = text.get(token.start..token.end).unwrap_or_default().to_lowercase();
                let is_called = all.get(at + 1).is_some_and(|next| next.kind == Kind::Sign('('));
                if is_called && names.is_function(&word) {
                    Color::Yellow.normal()
                } else if is_keyword(&word) {
                    Color::Blue.bold()
                } else if names.is_known(&word) {
                    Color::Cyan.normal()
                } else {
                    Style::new()
                }
            }
        };
        styles.push((style, token.start, token.end));
    }
    styles
}
