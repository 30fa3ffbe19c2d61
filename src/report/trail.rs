//! Changes of the trails themselves: a trail that is stopped, deleted or limited delivers less, and then missing
//! events say nothing.
//!
//! A change holds until another one takes it back: a stopped or deleted trail until a trail of the same name is
//! started or made again, a limit to writes, reads or a region until a call says otherwise or the trail is deleted.
//! Whoever wants to hide something would like a change to look taken back. So only a call that succeeded, at a later
//! time, on a trail of the same name takes one back: of two calls in the same second nobody knows the order, and a call
//! that names no trail may be on another.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::LocalTime;
use super::evidence::EvidenceId;
use crate::event::ids::{ROOT, is_absent_word};

/// A call on a trail, or several alike in a row, as the events tell them.
#[derive(Debug, Clone, Deserialize)]
pub struct TrailCall {
    /// The time of the first of them.
    pub time: LocalTime,
    /// The time of the last of them.
    pub last: LocalTime,
    /// Their number.
    pub calls: u64,
    /// Event name.
    pub event_name: Option<String>,
    /// `success`, `denied` or `error`.
    pub outcome: Option<String>,
    /// Name of the trail.
    pub trail: Option<String>,
    /// The events that the trail shall deliver, as the call says.
    pub event_rw: Option<String>,
    /// Of which region, or `All`.
    pub trail_region: Option<String>,
    /// The OSS bucket that the call says the trail shall deliver to.
    pub bucket: Option<String>,
    /// The project of SLS.
    pub sls_project: Option<String>,
    /// The project of MaxCompute.
    pub maxcompute_project: Option<String>,
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

/// The effect of a call on the delivery of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
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
    /// The trail delivers read events only.
    ReadOnly,
    /// The trail delivers the events of one region only.
    OneRegion,
    /// The trail delivers to another place than before.
    Redirected,
    /// The trail delivers, or delivers more, from now on.
    Delivers,
    /// Something else about the trail is changed.
    Changed,
}

/// A call on a trail with what follows from it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TrailChange {
    /// The time; of several alike calls in a row that of the first.
    pub time: LocalTime,
    /// The last of several alike calls.
    pub last: LocalTime,
    /// Number of calls.
    pub calls: u64,
    /// Event name.
    pub event_name: Option<String>,
    /// `success`, `denied` or `error`.
    pub outcome: Option<String>,
    /// The effect on the delivery of events.
    pub effect: TrailEffect,
    /// The time at which it was taken back, as far as the events tell.
    pub until: Option<LocalTime>,
    /// The time at which a call on a trail that may be the same took it back.
    pub perhaps_until: Option<LocalTime>,
    /// The newest event of the account, where that is after the call.
    pub events_until: Option<LocalTime>,
    /// The places to deliver to that were changed.
    pub moves: Vec<TrailMove>,
    /// The events that the trail shall deliver, as the call says.
    pub event_rw: Option<String>,
    /// The only region of which it shall deliver events.
    pub region: Option<String>,
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
    /// The calls.
    pub evidence: Option<EvidenceId>,
}

/// A place that a trail delivers to in place of another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TrailMove {
    /// The kind of place.
    pub place: TrailPlace,
    /// The place before.
    pub old: String,
    /// The place from then on.
    pub new: String,
}

/// The kind of a place that a trail delivers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrailPlace {
    /// An OSS bucket.
    Bucket,
    /// A project of SLS.
    SlsProject,
    /// A project of MaxCompute.
    MaxComputeProject,
}

/// A call that changes something about trails, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrailAction {
    /// A trail was made.
    Create,
    /// A trail was started.
    Start,
    /// The region that keeps the events of global services was changed.
    MoveGlobalEvents,
    /// The choice of data events was changed.
    SelectDataEvents,
    /// Something else.
    Other,
}

impl TrailChange {
    /// Returns the kind of call.
    pub fn action(&self) -> TrailAction {
        let is = |names: &[&str]| is_one_of(self.event_name.as_deref(), names);
        if is(&["CreateTrail"]) {
            TrailAction::Create
        } else if is(&["StartLogging"]) {
            TrailAction::Start
        } else if is(&["UpdateGlobalEventsStorageRegion"]) {
            TrailAction::MoveGlobalEvents
        } else if is(&["PutDataEventSelector", "DeleteDataEventSelector"]) {
            TrailAction::SelectDataEvents
        } else {
            TrailAction::Other
        }
    }

    /// Returns `true` if the root account made the call.
    pub fn is_by_root(&self) -> bool {
        self.who_type.as_deref() == Some(ROOT)
    }

    /// Returns `true` if the trail shall deliver read and write events, as the call says.
    pub fn delivers_all(&self) -> bool {
        self.event_rw.as_deref() == Some("all")
    }

    /// Returns `true` if events are missing because of it, or may be where they went to another place.
    pub fn loses_events(&self) -> bool {
        use TrailEffect::{Deleted, OneRegion, ReadOnly, Redirected, Stopped, WriteOnly};
        matches!(self.effect, Stopped | Deleted | WriteOnly | ReadOnly | OneRegion | Redirected)
    }
}

/// The newest event of each account, to tell whether events came after all.
pub type NewestEvents = HashMap<Option<String>, LocalTime>;

/// Tells what follows from calls on trails, which are in the order of their time.
pub fn changes(calls: &[TrailCall], newest: &NewestEvents) -> Vec<TrailChange> {
    let mut changes = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        let moves = moves(&calls[..at], call);
        let mut effects = effects(call);
        if !moves.is_empty() {
            effects.retain(|effect| *effect != TrailEffect::Changed);
            effects.push(TrailEffect::Redirected);
        }
        for effect in effects {
            let later = || calls[at + 1..].iter().filter(|later| later.time > call.time && takes_back(effect, later));
            let of_account = || later().filter(|later| later.account_id == call.account_id);
            let until = of_account().find(|later| later.trail == call.trail).map(|later| later.time);
            let perhaps = of_account()
                .find(|later| later.trail.is_none() != call.trail.is_none())
                .map(|later| later.time)
                .filter(|_| until.is_none());
            let after = newest.get(&call.account_id).copied().filter(|newest| *newest > call.last);
            changes.push(TrailChange {
                time: call.time,
                last: call.last,
                calls: call.calls,
                event_name: call.event_name.clone(),
                outcome: call.outcome.clone(),
                effect,
                until,
                perhaps_until: perhaps,
                events_until: after,
                moves: if effect == TrailEffect::Redirected { moves.clone() } else { Vec::new() },
                event_rw: call.rw(),
                region: call.region().flatten().map(str::to_owned),
                trail: call.trail.clone(),
                account_id: call.account_id.clone(),
                who_type: call.who_type.clone(),
                who_name: call.who_name.clone(),
                address: call.address.clone(),
                event_id: call.event_id.clone(),
                evidence: None,
            });
        }
    }
    changes
}

impl TrailCall {
    fn succeeded(&self) -> bool {
        self.outcome.as_deref() == Some("success")
    }

    /// The event name without regard to case.
    fn is(&self, names: &[&str]) -> bool {
        is_one_of(self.event_name.as_deref(), names)
    }

    fn sets_trail(&self) -> bool {
        self.is(&["CreateTrail", "UpdateTrail"])
    }

    /// The events that the trail shall deliver, in lower case.
    fn rw(&self) -> Option<String> {
        said(&self.event_rw).filter(|_| self.sets_trail()).map(str::to_ascii_lowercase)
    }

    /// The only region that the trail shall deliver; `Some(None)` where it shall deliver all.
    fn region(&self) -> Option<Option<&str>> {
        let region = said(&self.trail_region).filter(|_| self.sets_trail())?;
        Some((!region.eq_ignore_ascii_case("all")).then_some(region))
    }
}

/// Reads one of the places that a call names.
type Place = fn(&TrailCall) -> &Option<String>;

/// The places that a call changes, as far as an earlier call on the trail says what they were. A call that names the
/// place that is known already changes nothing.
fn moves(earlier: &[TrailCall], call: &TrailCall) -> Vec<TrailMove> {
    let same = |known: &&TrailCall| {
        known.succeeded() && known.sets_trail() && known.account_id == call.account_id && known.trail == call.trail
    };
    let places: [(TrailPlace, Place); 3] = [
        (TrailPlace::Bucket, |call| &call.bucket),
        (TrailPlace::SlsProject, |call| &call.sls_project),
        (TrailPlace::MaxComputeProject, |call| &call.maxcompute_project),
    ];
    let moved = |(place, of): (TrailPlace, Place)| {
        let new = said(of(call)).filter(|_| call.succeeded() && call.is(&["UpdateTrail"]))?;
        let old = earlier.iter().rev().filter(same).find_map(|known| said(of(known)))?;
        (old != new).then(|| TrailMove { place, old: old.to_owned(), new: new.to_owned() })
    };
    places.into_iter().filter_map(moved).collect()
}

fn said(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !is_absent_word(text))
}

fn effects(call: &TrailCall) -> Vec<TrailEffect> {
    if !call.succeeded() {
        return vec![TrailEffect::None];
    }
    if call.is(&["StopLogging"]) {
        return vec![TrailEffect::Stopped];
    }
    if call.is(&["DeleteTrail"]) {
        return vec![TrailEffect::Deleted];
    }
    let mut effects = Vec::new();
    match call.rw().as_deref() {
        Some("write") => effects.push(TrailEffect::WriteOnly),
        Some("read") => effects.push(TrailEffect::ReadOnly),
        _ => {}
    }
    if call.region().flatten().is_some() {
        effects.push(TrailEffect::OneRegion);
    }
    if effects.is_empty() {
        let delivers = call.is(&["CreateTrail", "StartLogging"]) || call.rw().as_deref() == Some("all");
        effects.push(if delivers { TrailEffect::Delivers } else { TrailEffect::Changed });
    }
    effects
}

/// Returns `true` if a later call takes an effect back.
fn takes_back(effect: TrailEffect, later: &TrailCall) -> bool {
    let says = |wanted: &[&str]| later.rw().is_some_and(|rw| wanted.contains(&rw.as_str()));
    let is_gone = || later.is(&["DeleteTrail"]);
    later.succeeded()
        && match effect {
            TrailEffect::Stopped | TrailEffect::Deleted => later.is(&["StartLogging", "CreateTrail"]),
            TrailEffect::WriteOnly => says(&["all", "read"]) || is_gone(),
            TrailEffect::ReadOnly => says(&["all", "write"]) || is_gone(),
            TrailEffect::OneRegion => later.region().is_some() || is_gone(),
            TrailEffect::Redirected => is_gone(),
            TrailEffect::None | TrailEffect::Delivers | TrailEffect::Changed => false,
        }
}

/// Compares an event name without regard to case.
fn is_one_of(name: Option<&str>, names: &[&str]) -> bool {
    name.is_some_and(|name| names.iter().any(|known| name.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::english_trail;

    fn at(time: &str) -> LocalTime {
        serde_json::from_value(serde_json::Value::String(format!("2026-11-{time}:00+00:00"))).unwrap()
    }

    fn call(time: &str, name: &str, trail: Option<&str>, rw: Option<&str>, outcome: &str) -> TrailCall {
        let text = |text: Option<&str>| text.map(str::to_owned);
        TrailCall {
            time: at(time),
            last: at(time),
            calls: 1,
            event_name: Some(name.to_owned()),
            outcome: Some(outcome.to_owned()),
            trail: text(trail),
            event_rw: text(rw),
            trail_region: None,
            bucket: None,
            sls_project: None,
            maxcompute_project: None,
            account_id: Some("1000000000000001".to_owned()),
            who_type: None,
            who_name: None,
            address: None,
            event_id: None,
        }
    }

    fn ok(time: &str, name: &str, trail: &str, rw: &str) -> TrailCall {
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        call(time, name, said(trail).as_deref(), said(rw).as_deref(), "success")
    }

    /// The effects with the day and time at which each was taken back.
    fn found(calls: &[TrailCall]) -> Vec<(TrailEffect, Option<String>)> {
        let until = |until: LocalTime| until.to_string()[8..16].replace(' ', "T");
        changes(calls, &NewestEvents::new()).iter().map(|change| (change.effect, change.until.map(until))).collect()
    }

    #[test]
    fn changes_hold_until_they_are_taken_back() {
        use TrailEffect::*;
        let on = |time: &str| Some(time.to_owned());
        let denied = |time, name| call(time, name, Some("a"), Option::None, "denied");
        for (calls, expected) in [
            (vec![denied("01T10:00", "StopLogging")], vec![(None, Option::None)]),
            (
                vec![ok("01T10:00", "StopLogging", "a", ""), ok("02T10:00", "StartLogging", "a", "")],
                vec![(Stopped, on("02T10:00")), (Delivers, Option::None)],
            ),
            // Another trail, a call that failed, the same second, no name: none of them takes a stop back for sure.
            (
                vec![ok("01T10:00", "StopLogging", "a", ""), ok("02T10:00", "StartLogging", "b", "")],
                vec![(Stopped, Option::None), (Delivers, Option::None)],
            ),
            (
                vec![ok("01T10:00", "StopLogging", "a", ""), denied("02T10:00", "StartLogging")],
                vec![(Stopped, Option::None), (None, Option::None)],
            ),
            (
                vec![ok("01T10:00", "StopLogging", "a", ""), ok("01T10:00", "StartLogging", "a", "")],
                vec![(Stopped, Option::None), (Delivers, Option::None)],
            ),
            (
                vec![ok("01T10:00", "StopLogging", "a", ""), ok("02T10:00", "StartLogging", "", "")],
                vec![(Stopped, Option::None), (Delivers, Option::None)],
            ),
            (
                vec![ok("01T10:00", "stoplogging", "", ""), ok("02T10:00", "STARTLOGGING", "", "")],
                vec![(Stopped, on("02T10:00")), (Delivers, Option::None)],
            ),
            (
                vec![ok("01T10:00", "UpdateTrail", "a", "Write"), ok("02T10:00", "UpdateTrail", "a", "")],
                vec![(WriteOnly, Option::None), (Changed, Option::None)],
            ),
            (
                vec![ok("01T10:00", "UpdateTrail", "a", "write"), ok("02T10:00", "UpdateTrail", "a", "Read")],
                vec![(WriteOnly, on("02T10:00")), (ReadOnly, Option::None)],
            ),
            (
                vec![ok("01T10:00", "CreateTrail", "a", "Read"), ok("02T10:00", "UpdateTrail", "a", "odd")],
                vec![(ReadOnly, Option::None), (Changed, Option::None)],
            ),
            (
                vec![ok("01T10:00", "CreateTrail", "a", "Read"), ok("02T10:00", "UpdateTrail", "a", "All")],
                vec![(ReadOnly, on("02T10:00")), (Delivers, Option::None)],
            ),
            (
                vec![ok("01T10:00", "CreateTrail", "a", "Write"), ok("02T10:00", "DeleteTrail", "a", "")],
                vec![(WriteOnly, on("02T10:00")), (Deleted, Option::None)],
            ),
            (vec![ok("01T10:00", "StartLogging", "a", "Write")], vec![(Delivers, Option::None)]),
            (vec![ok("01T10:00", "CreateTrail", "a", "NULL")], vec![(Delivers, Option::None)]),
        ] {
            assert_eq!(found(&calls), expected, "{calls:?}");
        }
    }

    #[test]
    fn a_call_may_limit_a_trail_in_two_ways() {
        use TrailEffect::{Changed, OneRegion, WriteOnly};
        let region = |mut call: TrailCall, region: &str| {
            call.trail_region = Some(region.to_owned());
            call
        };
        let calls = [
            region(ok("01T10:00", "UpdateTrail", "a", "Write"), "cn-hangzhou"),
            region(ok("02T10:00", "UpdateTrail", "a", ""), "All"),
        ];
        let on = Some("02T10:00".to_owned());
        assert_eq!(found(&calls), [(WriteOnly, None), (OneRegion, on), (Changed, None)]);
    }

    #[test]
    fn a_trail_that_delivers_elsewhere_is_redirected() {
        use TrailEffect::{Delivers, Redirected};
        let to = |bucket: &str, mut call: TrailCall| {
            call.bucket = Some(bucket.to_owned());
            call
        };
        let calls = [
            to("ours", ok("01T10:00", "CreateTrail", "a", "All")),
            // The place that is known, another trail, and a call that fails change nothing.
            to("ours", ok("02T10:00", "UpdateTrail", "a", "All")),
            to("theirs", ok("03T10:00", "UpdateTrail", "b", "All")),
            to("theirs", call("04T10:00", "UpdateTrail", Some("a"), None, "denied")),
            to("theirs", ok("05T10:00", "UpdateTrail", "a", "All")),
        ];
        let effects: Vec<_> = found(&calls).into_iter().map(|(effect, _)| effect).collect();
        assert_eq!(effects, [Delivers, Delivers, Delivers, TrailEffect::None, Delivers, Redirected]);
        assert_eq!(
            english_trail(&changes(&calls, &NewestEvents::new())[5]),
            "The trail `a` was set at 5 Nov 2026 10:00:00 +00:00 to deliver to the bucket `theirs` in place of `ours`: later \
             events went there."
        );
    }

    #[test]
    fn consequences_say_what_is_known() {
        let newest = NewestEvents::from([(Some("1000000000000001".to_owned()), at("09T10:00"))]);
        let many = TrailCall {
            calls: 10_001,
            last: at("02T10:00"),
            ..call("01T10:00", "StopLogging", Some("a"), None, "denied")
        };
        for (calls, newest, expected) in [
            (
                vec![ok("02T10:00", "StopLogging", "a", ""), ok("04T10:00", "StartLogging", "a", "")],
                &newest,
                "The trail `a` was stopped at 2 Nov 2026 10:00:00 +00:00 and delivered nothing until 4 Nov 2026 \
                 10:00:00 +00:00.",
            ),
            (
                vec![ok("02T10:00", "DeleteTrail", "", "")],
                &NewestEvents::new(),
                "A trail was deleted at 2 Nov 2026 10:00:00 +00:00 and delivered nothing; nothing in the data says \
                 that this was taken back.",
            ),
            (
                vec![ok("02T10:00", "StopLogging", "a", ""), ok("04T10:00", "StartLogging", "", "")],
                &newest,
                "The trail `a` was stopped at 2 Nov 2026 10:00:00 +00:00 and delivered nothing; a call at 4 Nov 2026 \
                 10:00:00 +00:00, which may be on another trail, may have taken this back; events of the account came \
                 all the same, the last of 9 Nov 2026 10:00:00 +00:00: by another trail, or it was started by a call \
                 that is not in the data.",
            ),
            (
                vec![call("02T10:00", "StopLogging", Some("a"), None, "denied")],
                &newest,
                "`StopLogging` at 2 Nov 2026 10:00:00 +00:00 was refused or failed, so the trail `a` stayed as it was.",
            ),
            (
                vec![many],
                &newest,
                "`StopLogging` was refused or failed 10,001 times between 1 Nov 2026 10:00:00 +00:00 and 2 Nov 2026 \
                 10:00:00 +00:00, so the trail `a` stayed as it was.",
            ),
            (
                vec![ok("02T10:00", "UpdateTrail", "a", "All")],
                &newest,
                "The trail `a` was set at 2 Nov 2026 10:00:00 +00:00 to deliver read and write events.",
            ),
        ] {
            assert_eq!(english_trail(&changes(&calls, newest)[0]), expected);
        }
        let made = english_trail(&changes(&[ok("02T10:00", "CreateTrail", "a", "")], &newest)[0]);
        assert!(made.contains("the call does not say which events it delivers"), "{made}");
    }
}
