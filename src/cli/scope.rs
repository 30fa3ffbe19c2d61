//! Says on stderr what the scope of an answer is, and what is odd about it.

use chrono::{DateTime, Utc};
use trailql::engine::{ResolvedScope, UnknownValues, ValueCount};
use trailql::event::time::{IsoWeek, format_local_time};
use trailql::ops::scope::{NoEvents, Notice};
use trailql::report::wording::counted;
use trailql::spelling::similar;

use super::ui::Ui;

/// The most values that a hint names.
const NAMED: usize = 10;

/// Describes a scope: its ends, and which accounts and regions are in it.
pub(crate) fn describe(scope: &ResolvedScope) -> String {
    let time = |time| format_local_time(time, scope.tz);
    let newest = scope.future_events.map(|events| events.newest).or(scope.newest_event);
    // An end is open where the range lies on the other side of the event that would be its end.
    let oldest = scope.oldest_event.filter(|oldest| scope.until.is_none_or(|until| *oldest < until));
    let newest = newest.filter(|newest| scope.since.is_none_or(|since| since <= *newest));
    let end = |bound: Option<DateTime<Utc>>, event: Option<DateTime<Utc>>, name: &str, open: &str| match (bound, event)
    {
        (Some(bound), _) => time(bound),
        (None, Some(event)) => format!("{} ({name} event)", time(event)),
        (None, None) => open.to_owned(),
    };
    let start = end(scope.since, oldest, "oldest", "open start");
    let end = end(scope.until, newest, "newest", "open end");
    let only = |values: &[String], all: &str, one: &str, many: &str| match values {
        [] => format!("all {all}"),
        [value] => format!("{one} {value}"),
        values => format!("{many} {}", values.join(", ")),
    };
    let accounts = only(&scope.accounts, "accounts", "account", "accounts");
    let regions = only(&scope.regions, "regions", "region", "regions");
    format!("scope: {start} to {end}, {accounts}, {regions}")
}

/// Warns of what is odd about a scope. A report is told which week to ask for, where that helps.
pub(crate) fn warn(notices: &[Notice], scope: &ResolvedScope, for_report: bool, ui: &Ui) {
    for notice in notices {
        match notice {
            Notice::Unknown(unknown) => {
                ui.warning(&format!("no event of {unknown}"));
                ui.hint(&existing(unknown));
            }
            Notice::Future(events) => {
                let are = counted(events.count, "event is", "events are");
                let newest = format_local_time(events.newest, scope.tz);
                ui.warning(&format!("{are} dated in the future, the newest: {newest}"));
                ui.hint(&match scope.newest_event.filter(|newest| *newest < events.newest) {
                    Some(newest) => format!(
                        "lengths such as `7d` count back from the newest event that is not: {}",
                        format_local_time(newest, scope.tz)
                    ),
                    None => "no other event is in scope: check the clock, or give the present with `--now`".to_owned(),
                });
            }
            Notice::NoEvents(nothing) => no_events(nothing, scope, for_report, ui),
        }
    }
}

fn no_events(nothing: &NoEvents, scope: &ResolvedScope, for_report: bool, ui: &Ui) {
    let time = |time| format_local_time(time, scope.tz);
    let place = named("of", "account", &scope.accounts) + &named("in", "region", &scope.regions);
    let range = match (nothing.range.since, nothing.range.until) {
        (Some(since), Some(until)) => format!(" between {} and {}", time(since), time(until)),
        (Some(since), None) => format!(" from {} on", time(since)),
        (None, Some(until)) => format!(" before {}", time(until)),
        (None, None) => String::new(),
    };
    let oldest = nothing.oldest_event.filter(|oldest| nothing.range.until.is_some_and(|until| until <= *oldest));
    let events = match (oldest, nothing.newest_event) {
        (Some(oldest), Some(newest)) => {
            format!("; the oldest is of {}, the newest event of {}", time(oldest), time(newest))
        }
        (_, Some(newest)) => format!("; the newest event is of {}", time(newest)),
        (_, None) => String::new(),
    };
    ui.warning(&format!("there is no event{place}{range}{events}"));
    match nothing.newest_event {
        Some(newest) if for_report => {
            ui.hint(&format!("`--week {}` is the week of the newest event", IsoWeek::of(newest, scope.tz)));
        }
        Some(_) => ui.hint("lengths such as `--since 7d` count back from the newest event"),
        None if !nothing.other_regions.is_empty() => {
            let accounts = named("of", "account", &scope.accounts);
            ui.hint(&format!("events{accounts} are in {}", listed(&nothing.other_regions)));
        }
        None => {}
    }
}

/// Names the accounts or regions of a scope, to stand behind the word "event": ` of account 1`.
fn named(preposition: &str, name: &str, values: &[String]) -> String {
    match values {
        [] => String::new(),
        [value] => format!(" {preposition} {name} {value}"),
        values => format!(" {preposition} {name}s {}", values.join(", ")),
    }
}

/// Names the values to give in place of some that no event has: the near ones, or all.
pub(crate) fn existing(unknown: &UnknownValues) -> String {
    let mut near: Vec<String> = Vec::new();
    for value in &unknown.values {
        let names = similar(value, unknown.existing.iter().map(|count| count.value.as_str()));
        let best = names.into_iter().find(|name| is_slip(value, name)).map(|name| format!("`{name}`"));
        near.extend(best.filter(|name| !near.contains(name)));
    }
    let name = unknown.column.name();
    match (near.is_empty(), &unknown.existing[..]) {
        (false, _) => format!("did you mean {}?", near.join(" or ")),
        (true, []) => format!("no event has {} {name}", if name == "account" { "an" } else { "a" }),
        (true, [only]) => format!("the only {name} with events is `{}`", only.value),
        (true, existing) => format!("{name}s with events are {}", listed(existing)),
    }
}

/// Returns `true` if a value is what another becomes by a slip. Regions are alike and yet others: `cn-shanghai` is no
/// slip for `cn-hangzhou`.
fn is_slip(value: &str, name: &str) -> bool {
    let (value, name) = (value.to_lowercase(), name.to_lowercase());
    let is_part = value.len() > 3 && (name.contains(&value) || value.contains(&name));
    is_part || strsim::osa_distance(&value, &name) <= (value.chars().count() / 4).max(1)
}

/// The first of the values, and how many more there are.
fn listed(values: &[ValueCount]) -> String {
    let named: Vec<String> = values.iter().take(NAMED).map(|count| format!("`{}`", count.value)).collect();
    match values.len().checked_sub(NAMED) {
        Some(more) if more > 0 => format!("{} and {more} more", named.join(", ")),
        _ => named.join(", "),
    }
}
