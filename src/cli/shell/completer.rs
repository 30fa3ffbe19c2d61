//! Completions of what is typed: commands and their arguments here, statements by [`trailql::ops::inquiry`].

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use reedline::{Completer, CompletionResult, Span, Suggestion};
use trailql::engine::output::OutputFormat;
use trailql::engine::output::escape::is_hidden;
use trailql::ops::inquiry::candidates::{Candidate, Candidates, MOST};
use trailql::ops::inquiry::completion::{self, zones};
use trailql::ops::inquiry::names::Names;
use trailql::ops::subject::Kind;

use super::command::{COMMANDS, SCOPE_KEYS};

/// Completions of the line editor.
pub(super) struct Completions(pub(super) Arc<Mutex<Names>>);

impl Completer for Completions {
    fn complete(&mut self, line: &str, pos: usize) -> CompletionResult {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let suggestion = |candidate: Candidate| Suggestion {
            description: (!candidate.description.is_empty()).then(|| shown(&candidate.description)),
            span: Span { start: candidate.span.start, end: candidate.span.end.max(candidate.span.start) },
            append_whitespace: candidate.is_word,
            value: candidate.value,
            ..Suggestion::default()
        };
        let found: Vec<Suggestion> = complete(line, pos, &mut names).into_iter().map(suggestion).collect();
        CompletionResult::fresh(found)
    }
}

/// Returns a description in one line, without characters that a terminal acts on: a view of a user may have any.
fn shown(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect()
}

/// Returns what can stand at the cursor, the best first.
fn complete(text: &str, cursor: usize, names: &mut Names) -> Vec<Candidate> {
    let typed = text.get(..text.floor_char_boundary(cursor.min(text.len()))).unwrap_or_default();
    let begin = typed.len() - typed.trim_start().len();
    match typed.get(begin..) {
        Some(line) if line.starts_with('\\') => command(typed, begin, names),
        _ => completion::complete(text, cursor, names),
    }
}

/// Completes a command and its arguments.
fn command(typed: &str, start: usize, names: &mut Names) -> Vec<Candidate> {
    let line = typed.get(start..).unwrap_or_default();
    let Some((name, rest)) = line.split_once(char::is_whitespace) else {
        let mut found = Candidates::new(line, start..typed.len());
        for command in &COMMANDS {
            found.add(command.name, command.name, command.meaning, true);
        }
        return found.all();
    };
    // The words that are whole, and the one that is being typed.
    let word = rest.rsplit(char::is_whitespace).next().unwrap_or_default();
    let span = typed.len() - word.len()..typed.len();
    let whole: Vec<&str> = rest.get(..rest.len() - word.len()).unwrap_or_default().split_whitespace().collect();
    let mut found = Candidates::new(word, span.clone());
    match name {
        "\\d" | "\\dv" | "\\v"
            if whole.is_empty() || (name == "\\v" && whole.iter().all(|word| word.starts_with("--"))) =>
        {
            let tables: Vec<(String, String)> = names.tables().map(|(name, text)| (name.to_owned(), text)).collect();
            for (table, description) in tables {
                if name == "\\d" || names.views().find(&table).is_ok() {
                    found.add(&table, &table, &description, true);
                }
            }
        }
        "\\v" => {
            let view = whole.iter().find(|word| !word.starts_with("--"));
            let view = view.and_then(|view| names.views().find(view).ok());
            for param in view.map(|view| view.params.clone()).unwrap_or_default() {
                if !whole.iter().any(|given| given.starts_with(&format!("{}=", param.name))) {
                    let description = format!("{} ({}, default {})", param.help, param.kind.text(), param.default);
                    found.add(&param.name, &format!("{}=", param.name), &description, false);
                }
            }
        }
        "\\df" => {
            let functions = names.functions().iter();
            let functions: Vec<_> = functions.map(|of| (of.name.clone(), of.description.clone())).collect();
            for (function, description) in functions {
                found.add(&function, &function, &description, true);
            }
        }
        "\\about" | "\\timeline" if whole.last() == Some(&"--as") => {
            for kind in Kind::ALL {
                found.add(kind.name(), kind.name(), kind.words(), true);
            }
        }
        "\\about" if !whole.is_empty() => flags(&mut found, &["--as", "--findings", "--limit", "--format"]),
        "\\timeline" => {
            flags(&mut found, &["--around", "--within", "--writes", "--limit", "--no-fold", "--as", "--format"]);
        }
        "\\scope" => scope(&mut found, names),
        "\\format" => {
            for format in OutputFormat::ALL {
                found.add(format.name(), format.name(), "", true);
            }
        }
        "\\i" | "\\o" => return files(word, &span),
        _ => {}
    }
    found.all()
}

fn flags(found: &mut Candidates, flags: &[&str]) {
    for flag in flags {
        found.add(flag, flag, "", true);
    }
}

/// Completes a part of a scope: `since=7d`, `region=cn-hangzhou`.
fn scope(found: &mut Candidates, names: &mut Names) {
    let typed = found.prefix().to_owned();
    let Some((key, value)) = typed.split_once('=') else {
        for (key, meaning) in SCOPE_KEYS {
            found.add(key, &format!("{key}="), meaning, false);
        }
        found.add("clear", "clear", "all events again", true);
        return;
    };
    let column = match key {
        "account" => "account_id",
        "region" => "acs_region",
        "tz" => {
            for zone in zones(value) {
                found.add(&format!("tz={zone}"), &format!("tz={zone}"), "", true);
            }
            return;
        }
        _ => return,
    };
    for value in names.values(column) {
        if !value.contains(char::is_whitespace) {
            found.add(&format!("{key}={value}"), &format!("{key}={value}"), "", true);
        }
    }
}

/// Completes the path of a file. Its letters stay as they are.
fn files(word: &str, span: &Range<usize>) -> Vec<Candidate> {
    let (folder, _) = word.rsplit_once('/').unwrap_or(("", word));
    let shown = |name: &str| if word.contains('/') { format!("{folder}/{name}") } else { name.to_owned() };
    let read = std::fs::read_dir(match (folder, word.starts_with('/')) {
        ("", true) => "/",
        ("", false) => ".",
        (folder, _) => folder,
    });
    let entries = read.into_iter().flatten().flatten();
    let mut entries: Vec<(String, bool)> = entries
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path().is_dir())))
        .filter(|(name, _)| !name.chars().any(|c| c.is_whitespace() || is_hidden(c)))
        .map(|(name, is_folder)| (shown(&name), is_folder))
        .filter(|(path, _)| path.starts_with(word))
        .collect();
    entries.sort();
    let candidate = |(path, is_folder): (String, bool)| Candidate {
        value: if is_folder { format!("{path}/") } else { path },
        description: String::new(),
        span: span.clone(),
        is_word: !is_folder,
    };
    entries.into_iter().take(MOST).map(candidate).collect()
}
