//! The coverage of the data as facts for sentences: a figure is only worth what stands behind it.

use std::cmp::Reverse;

use super::calendar::{Day, LocalTime};
use super::model::{AccountDelivery, FutureDated, RootUsage, TrailChange, TrailEffect};
use super::remarks::Remark;

/// The most changes of trails that have notes of their own.
const NAMED_CHANGES: usize = 12;

/// A remark on the data.
#[derive(Debug)]
pub(crate) struct Note<'r> {
    /// Figures of the report may be too low because of it.
    pub warning: bool,
    /// The fact.
    pub fact: NoteFact<'r>,
}

/// The fact of a remark.
#[derive(Debug)]
pub(crate) enum NoteFact<'r> {
    /// The report is limited to accounts or regions.
    Limited,
    /// There is no event at all.
    NoEvents,
    /// Oldest and newest event of the data.
    Reach(LocalTime, LocalTime),
    /// Number of events in the range, with the first and the last.
    InRange(u64, LocalTime, LocalTime),
    /// Days without any event, of so many.
    DaysWithoutEvents(&'r [Day], u64),
    /// Days with events of other regions only, of so many.
    DaysOfOtherRegions(&'r [Day], u64),
    /// Every day that has begun has events of so many accounts.
    EveryDay(u64),
    /// Days of the range that have not begun.
    DaysToCome(u64),
    /// Accounts that delivered nothing, the first of so many.
    AccountsSilent(Vec<&'r AccountDelivery>, u64),
    /// Accounts that delivered nothing on some days, the first of so many; and the days of the range.
    AccountsWithGaps(Vec<&'r AccountDelivery>, u64, u64),
    /// The range begins before the oldest event.
    BeginsBefore(LocalTime),
    /// The range ends after the newest event.
    EndsAfter(LocalTime),
    /// There are write events only.
    NoReads,
    /// There are read events only.
    NoWrites,
    /// Write events, read events, and those of which it is not known.
    Access(u64, u64, u64),
    /// Events that do not say whether they read or wrote, and those of which the API does not tell.
    AccessNotSaid(u64, u64),
    /// A change of a trail.
    Trail(&'r TrailChange),
    /// Further changes of trails.
    MoreTrails(u64),
    /// A remark on sources or events.
    Remark(Remark<'r>),
    /// Events dated after the report.
    Future(FutureDated),
    /// Number of files read.
    Sources(u64),
    /// A limit to regions may leave out root logons.
    LimitedToRegions,
}

/// The most accounts that a note names.
const NAMED_ACCOUNTS: usize = 8;

/// The notes on the data of a report, warnings first.
pub(crate) fn notes(report: &RootUsage) -> Vec<Note<'_>> {
    let (coverage, subject) = (&report.coverage, &report.subject);
    let mut notes = Vec::new();
    let mut say = |warning: bool, fact| notes.push(Note { warning, fact });

    if !subject.only_accounts.is_empty() || !subject.only_regions.is_empty() {
        say(true, NoteFact::Limited);
    }
    match (coverage.oldest_event, coverage.newest_event) {
        (Some(oldest), Some(newest)) => say(false, NoteFact::Reach(oldest, newest)),
        _ => say(true, NoteFact::NoEvents),
    }
    if let Some(future) = coverage.future {
        say(true, NoteFact::Future(future));
    }
    if let (Some(first), Some(last)) = (coverage.first_in_range, coverage.last_in_range) {
        say(false, NoteFact::InRange(coverage.events, first, last));
    }
    delivery(report, &mut say);
    if let Some(oldest) = coverage.oldest_event.filter(|_| coverage.begins_before_oldest) {
        say(oldest.day() != subject.since.day(), NoteFact::BeginsBefore(oldest));
    }
    if let Some(newest) = coverage.newest_event.filter(|_| coverage.ends_after_newest) {
        let last_day = report.total.days.last().is_some_and(|last| newest.day() >= last.day);
        say(!last_day, NoteFact::EndsAfter(newest));
    }
    access(report, &mut say);
    let mut changes: Vec<_> = report.trails.items.iter().collect();
    // A change that was made to hide something must not be hidden by harmless ones.
    changes.sort_by_key(|change| (!change.loses_events(), change.effect == TrailEffect::None, Reverse(change.time)));
    for change in changes.iter().take(NAMED_CHANGES) {
        say(change.loses_events(), NoteFact::Trail(change));
    }
    let more = report.trails.total.saturating_sub(changes.len().min(NAMED_CHANGES) as u64);
    if more > 0 {
        say(true, NoteFact::MoreTrails(more));
    }
    for remark in coverage.remarks.list() {
        say(!matches!(remark, Remark::RejectedElsewhere(_)), NoteFact::Remark(remark));
    }
    say(false, NoteFact::Sources(report.method.sources));
    if !subject.only_regions.is_empty() {
        say(true, NoteFact::LimitedToRegions);
    }
    notes.sort_by_key(|note| !note.warning);
    notes
}

/// Tells whether reads and writes are among the events.
fn access<'r>(report: &'r RootUsage, say: &mut impl FnMut(bool, NoteFact<'r>)) {
    let coverage = &report.coverage;
    if coverage.events == 0 {
        return;
    }
    if coverage.reads == 0 && coverage.writes > 0 {
        say(true, NoteFact::NoReads);
    }
    if coverage.writes == 0 && coverage.reads > 0 {
        say(true, NoteFact::NoWrites);
    }
    say(false, NoteFact::Access(coverage.writes, coverage.reads, coverage.access_not_known));
    if coverage.not_said > 0 {
        let many = coverage.access_not_known * 100 > coverage.events;
        let warning = many || report.total.figures.access_not_known > 0;
        say(warning, NoteFact::AccessNotSaid(coverage.not_said, coverage.access_not_known));
    }
}

/// Tells which days and accounts have events. A day of one account says nothing of another.
fn delivery<'r>(report: &'r RootUsage, say: &mut impl FnMut(bool, NoteFact<'r>)) {
    let coverage = &report.coverage;
    let (none, elsewhere) = (&coverage.days_without_events, &coverage.days_of_other_regions);
    if !none.is_empty() {
        say(true, NoteFact::DaysWithoutEvents(none, coverage.days));
    }
    if !elsewhere.is_empty() {
        say(false, NoteFact::DaysOfOtherRegions(elsewhere, coverage.days));
    }
    if coverage.is_complete() && coverage.days > 0 && elsewhere.is_empty() {
        say(false, NoteFact::EveryDay(coverage.delivery.total));
    }
    if coverage.days_to_come > 0 {
        say(false, NoteFact::DaysToCome(coverage.days_to_come));
    }
    if coverage.delivery.total < 2 {
        return;
    }
    if coverage.accounts_silent > 0 {
        let named = coverage.silent().take(NAMED_ACCOUNTS).collect();
        say(true, NoteFact::AccountsSilent(named, coverage.accounts_silent));
    }
    if coverage.accounts_with_gaps > 0 {
        let named = coverage.with_gaps().take(NAMED_ACCOUNTS).collect();
        say(true, NoteFact::AccountsWithGaps(named, coverage.accounts_with_gaps, coverage.days));
    }
}
