//! What was done to the trails themselves: a trail that is stopped, deleted or changed to write events delivers less,
//! and then missing events say nothing.
//!
//! A change holds until another one takes it back: a stopped or deleted trail until a trail of the same name is started
//! or made again, write-only until an update says otherwise. Where one of two calls names no trail, they are taken for
//! calls on the same one.

use serde::{Deserialize, Serialize};

use super::calendar::LocalTime;
use super::text::printed;

/// A call on a trail, as the events tell it.
#[derive(Debug, Clone, Deserialize)]
pub struct TrailCall {
    /// When.
    pub time: LocalTime,
    /// Event name.
    pub event_name: Option<String>,
    /// `success`, `denied` or `error`.
    pub outcome: Option<String>,
    /// Name of the trail.
    pub trail: Option<String>,
    /// Which events the call says the trail shall deliver.
    pub event_rw: Option<String>,
    /// Account.
    pub account_id: Option<String>,
    /// Identity type of the caller.
    pub who_type: Option<String>,
    /// User name of the caller.
    pub who_name: Option<String>,
    /// Source address.
    pub address: Option<String>,
    /// The event, to look it up with.
    pub event_id: Option<String>,
}

/// What a call does to the delivery of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrailEffect {
    /// Nothing: the call failed.
    None,
    /// The trail stops to deliver.
    Stopped,
    /// The trail is gone.
    Deleted,
    /// The trail delivers write events only.
    WriteOnly,
    /// The trail delivers, or delivers more, from now on.
    Delivers,
    /// Something else about the trail is changed.
    Changed,
}

/// A call on a trail with what follows from it.
#[derive(Debug, Clone, Serialize)]
pub struct TrailChange {
    /// When.
    pub time: LocalTime,
    /// Event name.
    pub event_name: Option<String>,
    /// `success`, `denied` or `error`.
    pub outcome: Option<String>,
    /// What it does to the delivery of events.
    pub effect: TrailEffect,
    /// When it was taken back, as far as the events tell.
    pub until: Option<LocalTime>,
    /// Name of the trail.
    pub trail: Option<String>,
    /// Account.
    pub account_id: Option<String>,
    /// Identity type of the caller.
    pub who_type: Option<String>,
    /// User name of the caller.
    pub who_name: Option<String>,
    /// Source address.
    pub address: Option<String>,
    /// The event, to look it up with.
    pub event_id: Option<String>,
    /// The consequence in a sentence.
    pub consequence: String,
}

impl TrailChange {
    /// True where events are missing because of it.
    pub fn loses_events(&self) -> bool {
        matches!(self.effect, TrailEffect::Stopped | TrailEffect::Deleted | TrailEffect::WriteOnly)
    }
}

/// What follows from calls on trails, which are in the order of their time.
pub fn changes(calls: &[TrailCall]) -> Vec<TrailChange> {
    let change = |(at, call): (usize, &TrailCall)| {
        let effect = effect(call);
        let takes_back = |later: &&TrailCall| same_trail(call, later) && takes_back(effect, later);
        let until = calls[at + 1..].iter().find(takes_back).map(|later| later.time);
        TrailChange {
            time: call.time,
            event_name: call.event_name.clone(),
            outcome: call.outcome.clone(),
            effect,
            until,
            trail: call.trail.clone(),
            account_id: call.account_id.clone(),
            who_type: call.who_type.clone(),
            who_name: call.who_name.clone(),
            address: call.address.clone(),
            event_id: call.event_id.clone(),
            consequence: consequence(call, effect, until),
        }
    };
    calls.iter().enumerate().map(change).collect()
}

fn effect(call: &TrailCall) -> TrailEffect {
    let rw = call.event_rw.as_deref().unwrap_or_default();
    match call.event_name.as_deref() {
        _ if call.outcome.as_deref() != Some("success") => TrailEffect::None,
        Some("StopLogging") => TrailEffect::Stopped,
        Some("DeleteTrail") => TrailEffect::Deleted,
        Some("CreateTrail" | "UpdateTrail") if rw.eq_ignore_ascii_case("write") => TrailEffect::WriteOnly,
        Some("CreateTrail" | "StartLogging") => TrailEffect::Delivers,
        Some("UpdateTrail") if rw.eq_ignore_ascii_case("all") => TrailEffect::Delivers,
        _ => TrailEffect::Changed,
    }
}

fn same_trail(a: &TrailCall, b: &TrailCall) -> bool {
    let same_name = a.trail.is_none() || b.trail.is_none() || a.trail == b.trail;
    a.account_id == b.account_id && same_name
}

fn takes_back(effect: TrailEffect, later: &TrailCall) -> bool {
    let succeeded = later.outcome.as_deref() == Some("success");
    let says_rw = later.event_rw.as_deref().is_some_and(|rw| !rw.is_empty() && !rw.eq_ignore_ascii_case("write"));
    succeeded
        && match (effect, later.event_name.as_deref()) {
            (TrailEffect::Stopped | TrailEffect::Deleted, Some("StartLogging" | "CreateTrail")) => true,
            (TrailEffect::WriteOnly, Some("UpdateTrail" | "CreateTrail")) => says_rw,
            _ => false,
        }
}

fn consequence(call: &TrailCall, effect: TrailEffect, until: Option<LocalTime>) -> String {
    let trail =
        call.trail.as_deref().map_or_else(|| "A trail".to_owned(), |name| format!("The trail `{}`", printed(name)));
    let from = call.time;
    let end = until.map_or_else(
        || "; nothing in the data says that this was taken back".to_owned(),
        |until| format!(" until {until}"),
    );
    match effect {
        TrailEffect::None => {
            let asked = call.event_name.as_deref().map_or_else(|| "a call".to_owned(), printed);
            format!("{asked} at {from} was refused or failed, so {} stayed as it was.", lower_first(&trail))
        }
        TrailEffect::Stopped => format!("{trail} was stopped at {from} and delivered nothing{end}."),
        TrailEffect::Deleted => format!("{trail} was deleted at {from} and delivered nothing{end}."),
        TrailEffect::WriteOnly => {
            format!("{trail} was set at {from} to deliver write events only{end}: reads are missing.")
        }
        TrailEffect::Delivers => format!("{trail} was made, started or set to deliver all events at {from}."),
        TrailEffect::Changed => format!("{trail} was changed at {from}, which may change what it delivers."),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(time: &str, name: &str, trail: Option<&str>, rw: Option<&str>, outcome: &str) -> TrailCall {
        let text = |text: Option<&str>| text.map(str::to_owned);
        TrailCall {
            time: serde_json::from_value(serde_json::Value::String(format!("2026-11-{time}:00+00:00"))).unwrap(),
            event_name: Some(name.to_owned()),
            outcome: Some(outcome.to_owned()),
            trail: text(trail),
            event_rw: text(rw),
            account_id: Some("1000000000000001".to_owned()),
            who_type: None,
            who_name: None,
            address: None,
            event_id: None,
        }
    }

    #[test]
    fn changes_hold_until_they_are_taken_back() {
        let (a, b) = (Some("a"), Some("b"));
        let changes = changes(&[
            call("01T10:00", "StopLogging", a, None, "denied"),
            call("02T10:00", "StopLogging", a, None, "success"),
            call("03T10:00", "StartLogging", b, None, "success"),
            call("04T10:00", "StartLogging", a, None, "success"),
            call("05T10:00", "UpdateTrail", a, Some("Write"), "success"),
            call("06T10:00", "UpdateTrail", a, None, "success"),
            call("07T10:00", "UpdateTrail", a, Some("All"), "success"),
            call("08T10:00", "DeleteTrail", None, None, "success"),
        ]);
        let found: Vec<_> =
            changes.iter().map(|change| (change.effect, change.until.map(|until| until.day().short()))).collect();
        let on = |day: &str| Some(day.to_owned());
        assert_eq!(
            found,
            [
                (TrailEffect::None, None),
                (TrailEffect::Stopped, on("11-04")),
                (TrailEffect::Delivers, None),
                (TrailEffect::Delivers, None),
                (TrailEffect::WriteOnly, on("11-07")),
                (TrailEffect::Changed, None),
                (TrailEffect::Delivers, None),
                (TrailEffect::Deleted, None),
            ]
        );
        assert_eq!(
            changes[1].consequence,
            "The trail `a` was stopped at 2026-11-02 10:00:00 +00:00 and delivered nothing until 2026-11-04 10:00:00 +00:00."
        );
        assert!(changes[7].consequence.starts_with("A trail was deleted"), "{}", changes[7].consequence);
        assert!(changes[0].consequence.contains("so the trail `a` stayed"), "{}", changes[0].consequence);
    }
}
