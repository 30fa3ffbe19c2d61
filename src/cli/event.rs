//! `trailql event`: one event, whole, and where it came from.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use serde_json::Value;
use trailql::engine::Question;
use trailql::engine::output::escape;
use trailql::ops::event::{FoundEvent, find};

use super::args::{self, ScopeArgs, SourceArgs};
use super::destination::FileArgs;
use super::error::CommandError;
use super::{Context, Outcome};

/// Show one event: basics, JSON, and where it came from
///
/// Exits with 1 when no event in scope has the id.
#[derive(Debug, Args)]
pub(crate) struct EventArgs {
    /// The event id
    #[arg(value_name = "EVENT_ID")]
    event_id: String,
    /// How the event is written
    #[arg(long, short = 'F', default_value = "text")]
    format: EventFormat,
    #[command(flatten)]
    pub(crate) file: FileArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
}

/// How an event is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EventFormat {
    /// For people
    Text,
    /// The event alone, one JSON document a line
    Json,
}

/// What a person looks at first, by its path in the event.
const BASICS: [(&str, &str); 11] = [
    ("event", "/eventId"),
    ("time", "/eventTime"),
    ("name", "/eventName"),
    ("service", "/serviceName"),
    ("region", "/acsRegion"),
    ("who", "/userIdentity/type"),
    ("user", "/userIdentity/userName"),
    ("access key", "/userIdentity/accessKeyId"),
    ("address", "/sourceIpAddress"),
    ("agent", "/userAgent"),
    ("error", "/errorCode"),
];

pub(crate) fn run(args: &EventArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let engine = args::open(&args.source, Question::Any, &args.scope, context)?;
    let found = find(&engine, &args.event_id)?;
    if found.is_empty() {
        context.ui.warning(&format!("no event in scope has the id: `{}`", args.event_id));
        context.ui.hint(
            "widen the scope (`--since`, `--until`, `--account`, `--region`), or look the id up in the table `rejects`",
        );
        return Ok(Outcome::Negative);
    }
    let mut text = String::new();
    for event in &found {
        match args.format {
            EventFormat::Json => {
                text.push_str(&escape::json(&event.json));
                text.push('\n');
            }
            EventFormat::Text => describe(event, &mut text)?,
        }
    }
    args.file.destination().write(context.ui, |out| out.write_all(text.as_bytes()))?;
    Ok(Outcome::Done)
}

fn describe(event: &FoundEvent, text: &mut String) -> Result<(), CommandError> {
    let value: Value = serde_json::from_str(&event.json)?;
    // Writing to a String cannot fail, so its results are dropped here and below.
    for (name, path) in BASICS {
        match value.pointer(path) {
            Some(Value::String(found)) if !found.is_empty() => {
                let _ = writeln!(text, "{name:12}{}", escape::terminal(found));
            }
            _ => {}
        }
    }
    text.push('\n');
    text.push_str(&escape::json(&indented(&event.json)));
    text.push_str("\n\n");
    for place in &event.found_in {
        let _ = writeln!(
            text,
            "found in    {}, record {} at byte {} ({}, run {})",
            escape::terminal(&place.path),
            place.record,
            place.offset,
            escape::terminal(&place.shape),
            escape::terminal(&place.run_id),
        );
    }
    Ok(())
}

/// The same JSON text over several lines. It works on the text, because a parsed document would lose the order of its
/// keys and the notation of its numbers, and this is evidence.
fn indented(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        if in_string {
            text.push(c);
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        let line = |depth: usize| format!("\n{}", "  ".repeat(depth));
        match c {
            '"' => {
                in_string = true;
                text.push(c);
            }
            '{' | '[' => {
                while chars.next_if(char::is_ascii_whitespace).is_some() {}
                text.push(c);
                match chars.next_if(|next| matches!(next, '}' | ']')) {
                    Some(end) => text.push(end),
                    None => {
                        depth += 1;
                        text.push_str(&line(depth));
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                text.push_str(&line(depth));
                text.push(c);
            }
            ',' => {
                text.push(c);
                text.push_str(&line(depth));
            }
            ':' => text.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => text.push(c),
        }
    }
    text
}
