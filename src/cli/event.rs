//! `trailql event`: events by their ids, whole, and where they came from.

use std::fmt::{Display, Write as _};

use chrono::{DateTime, SecondsFormat, TimeZone};
use clap::{Args, ValueEnum};
use serde_json::Value;
use trailql::engine::output::escape;
use trailql::event::json::tokenizer::indented;
use trailql::event::time::parse_event_time;
use trailql::ops::event::{FoundEvent, find};

use super::args::{self, ScopeArgs, SourceArgs};
use super::destination::FileArgs;
use super::error::CommandError;
use super::{Context, Outcome};

/// Show events by their ids: basics, JSON, and where they came from
///
/// Upper and lower case count as the same where no event has the id as it is written. Exits with 1 when no event in
/// scope has one of the ids.
#[derive(Debug, Args)]
pub(crate) struct EventArgs {
    /// The event id (may be more than one)
    #[arg(value_name = "EVENT_ID", required = true, value_parser = id_parser)]
    event_ids: Vec<String>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    /// Format of the event
    #[arg(long, short = 'F', default_value = "text")]
    format: EventFormat,
    #[command(flatten)]
    pub(crate) file: FileArgs,
}

/// A format of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EventFormat {
    /// For people
    Text,
    /// The event alone, one JSON document a line
    Json,
}

fn id_parser(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("an event id is empty\nan id looks like `BF5FD866-EB06-5BC0-B2B6-E66925653F5A`".to_owned());
    }
    Ok(text.to_owned())
}

/// Path of the time, which is shown in the time zone of the scope; in the JSON it stays as it was recorded.
const TIME: &str = "/eventTime";

/// The members that a person reads first, by their path in the event.
const BASICS: [(&str, &str); 11] = [
    ("event", "/eventId"),
    ("time", TIME),
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
    let opened = args::open(&args.source, &args.scope, context)?;
    let (mut text, mut missing) = (String::new(), false);
    for (place, id) in args.event_ids.iter().enumerate() {
        if args.event_ids[..place].contains(id) {
            continue;
        }
        let found = find(&opened, id)?;
        if found.is_empty() {
            context.ui.warning(&format!("no event in scope has the id: `{id}`"));
            missing = true;
        }
        for event in &found {
            match args.format {
                EventFormat::Json => {
                    text.push_str(&escape::json(&event.json));
                    text.push('\n');
                }
                EventFormat::Text => {
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    describe(event, opened.scope().tz, &mut text)?;
                }
            }
        }
    }
    if !text.is_empty() {
        args.file.destination().write(context.ui, |out| out.write_all(text.as_bytes()))?;
    }
    if !missing {
        return Ok(Outcome::Done);
    }
    let look = "look the id up in the table `rejects`";
    context.ui.hint(&match &narrowed_by(&args.scope)[..] {
        [] => look.to_owned(),
        flags => format!("widen the scope ({}), or {look}", flags.join(", ")),
    });
    Ok(Outcome::Negative)
}

/// The flags that were given and leave events out.
fn narrowed_by(scope: &ScopeArgs) -> Vec<&'static str> {
    let given = [
        ("`--since`", scope.since.is_some()),
        ("`--until`", scope.until.is_some()),
        ("`--account`", !scope.account.is_empty()),
        ("`--region`", !scope.region.is_empty()),
    ];
    given.into_iter().filter_map(|(flag, given)| given.then_some(flag)).collect()
}

fn describe(event: &FoundEvent, tz: impl TimeZone<Offset: Display>, text: &mut String) -> Result<(), CommandError> {
    let value: Value = serde_json::from_str(&event.json)?;
    // Writing to a String cannot fail, so its results are dropped here and below.
    for (name, path) in BASICS {
        match value.pointer(path) {
            Some(Value::String(found)) if !found.is_empty() => {
                let time = if path == TIME { in_zone(found, &tz) } else { None };
                let _ = writeln!(text, "{name:12}{}", escape::terminal(time.as_deref().unwrap_or(found)));
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
            "found in    {}, record {} at byte {} ({}, run {}){}",
            escape::terminal(&place.path),
            place.record,
            place.offset,
            escape::terminal(&place.shape),
            escape::terminal(&place.run_id),
            if place.replaced { ", less complete than this one" } else { "" },
        );
    }
    Ok(())
}

/// The time of an event in a time zone, with its offset; `None` for text that is no time.
fn in_zone(text: &str, tz: &impl TimeZone<Offset: Display>) -> Option<String> {
    let (micros, _) = parse_event_time(text)?;
    let time = DateTime::from_timestamp_micros(micros)?;
    Some(time.with_timezone(tz).to_rfc3339_opts(SecondsFormat::AutoSi, false))
}
