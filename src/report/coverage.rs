//! The coverage of the data, in sentences: a figure is only worth what stands behind it.

use std::cmp::Reverse;

use super::calendar::Day;
use super::model::{AccountDelivery, Note, RootUsage, TrailEffect};
use super::text::{printed, printed_or};
use super::wording::{self, counted, grouped};

/// The most changes of trails that are told in sentences.
const NAMED_CHANGES: usize = 12;
/// The most days that a sentence names.
const NAMED_DAYS: usize = 14;
/// The most accounts that a sentence names.
const NAMED_ACCOUNTS: usize = 8;

/// The notes on the data of a report, warnings first.
pub fn notes(report: &RootUsage) -> Vec<Note> {
    let coverage = &report.coverage;
    let mut notes = Vec::new();
    let mut say = |warning: bool, text: String| notes.push(Note { warning, text });

    let narrowing = wording::narrowing(report);
    if !narrowing.is_empty() {
        say(true, format!("The report is limited to what there is{narrowing}: nothing is said of anything else."));
    }
    match (coverage.oldest_event, coverage.newest_event) {
        (Some(oldest), Some(newest)) => {
            say(false, format!("The events read{narrowing} reach from {oldest} to {newest}."))
        }
        _ => say(true, format!("There is no event at all{narrowing} in the data read.")),
    }
    if let (Some(first), Some(last)) = (coverage.first_in_range, coverage.last_in_range) {
        say(false, format!("The range has {}, from {first} to {last}.", counted(coverage.events, "event", "events")));
    }
    delivery(report, &mut say);
    if let Some(oldest) = coverage.oldest_event.filter(|_| coverage.begins_before_oldest) {
        let same_day = oldest.day() == report.subject.since.day();
        say(
            !same_day,
            format!(
                "The range begins at {}, before the oldest event{narrowing} in the data ({oldest}).",
                report.subject.since
            ),
        );
    }
    if let Some(newest) = coverage.newest_event.filter(|_| coverage.ends_after_newest) {
        let last_day = report.days.last().is_some_and(|last| newest.day() >= last.day);
        say(
            !last_day,
            format!(
                "The range ends at {}, after the newest event{narrowing} in the data ({newest}): later ones are not in \
                 it.",
                report.subject.until
            ),
        );
    }
    if coverage.events > 0 {
        if coverage.reads == 0 && coverage.writes > 0 {
            let text = "The data hold no read events, so reads made with root cannot show; the trail may deliver write \
                        events only.";
            say(true, text.to_owned());
        }
        if coverage.writes == 0 && coverage.reads > 0 {
            let text = "The data hold no write events, so changes made with root cannot show; the trail may deliver \
                        read events only.";
            say(true, text.to_owned());
        }
        let rw = format!(
            "{}, {}, and of {} it is not known.",
            counted(coverage.writes, "write event", "write events"),
            counted(coverage.reads, "read event", "read events"),
            grouped(coverage.access_not_known)
        );
        say(false, rw);
        if coverage.not_said > 0 {
            let text = format!(
                "{} without eventRW: whether they read or changed something is told by their API; of {} it is not \
                 known, and they are not counted as changes.",
                counted(coverage.not_said, "event is", "events are"),
                grouped(coverage.access_not_known)
            );
            say(coverage.access_not_known * 100 > coverage.events || report.figures.access_not_known > 0, text);
        }
    }
    let mut changes: Vec<_> = coverage.trail_changes.iter().collect();
    // What was done to hide must not be hidden by what is harmless.
    changes.sort_by_key(|change| (!change.loses_events(), change.effect == TrailEffect::None, Reverse(change.time)));
    for change in changes.iter().take(NAMED_CHANGES) {
        let who = change.who_name.as_deref().or(change.who_type.as_deref());
        let by = who.map_or_else(String::new, |who| {
            format!(" ({} by {})", printed_or(change.event_name.as_deref(), "a call"), printed(who))
        });
        say(change.loses_events(), format!("{}{by}", change.consequence));
    }
    let more = coverage.trail_changes.len().saturating_sub(NAMED_CHANGES) as u64 + coverage.more_trail_changes;
    if more > 0 {
        say(true, format!("There are {}.", counted(more, "more change of a trail", "more changes of trails")));
    }
    for remark in coverage.remarks.sentences() {
        say(remark.kind != "rejected_elsewhere", remark.text);
    }
    say(false, format!("Read from {}.", counted(coverage.sources, "source", "sources")));
    if !report.subject.only_regions.is_empty() {
        let text = "The report is limited to some regions. Root logons are recorded in one region (on the China site \
                    cn-hangzhou) and are missing where it is not among them.";
        say(true, text.to_owned());
    }
    notes.sort_by_key(|note| !note.warning);
    notes
}

/// Says which days and accounts have events. A day of one account says nothing of another.
fn delivery(report: &RootUsage, say: &mut impl FnMut(bool, String)) {
    let coverage = &report.coverage;
    let of_accounts = wording::narrowing_to_accounts(report);
    let of_days = |days: &[Day]| {
        let names: Vec<_> = days.iter().map(ToString::to_string).collect();
        let named = wording::abridged(&names, NAMED_DAYS);
        format!("{} of {}: {named}", grouped(days.len() as u64), counted(coverage.days, "day", "days"))
    };
    let (none, elsewhere) = (&coverage.days_without_events, &coverage.days_of_other_regions);
    if !none.is_empty() {
        let text = format!(
            "No event at all{of_accounts} was delivered for {}. Nothing can be said of what root did then.",
            of_days(none)
        );
        say(true, text);
    }
    if !elsewhere.is_empty() {
        let regions = wording::narrowing(report);
        let text = format!(
            "No event{regions} was delivered for {}. Events of other regions were delivered on these days.",
            of_days(elsewhere)
        );
        say(false, text);
    }
    let accounts = coverage.delivery.total;
    let whole = none.is_empty() && coverage.accounts_silent + coverage.accounts_with_gaps == 0;
    if whole && coverage.days > 0 && elsewhere.is_empty() {
        let each = if accounts > 1 { format!(" of each of the {} accounts", grouped(accounts)) } else { of_accounts };
        say(false, format!("Every day of the range has events{each}."));
    }
    if accounts < 2 {
        return;
    }
    let of = |account: &AccountDelivery| match account.last_event {
        Some(last) => format!("{} (its last event is of {last})", wording::account(account.account_id.as_deref())),
        None => wording::account(account.account_id.as_deref()),
    };
    let silent: Vec<String> =
        coverage.delivery.items.iter().filter(|account| account.is_silent()).take(NAMED_ACCOUNTS).map(of).collect();
    if let Some(text) = of_many(coverage.accounts_silent, &silent) {
        say(true, format!("Nothing was delivered in the range of {text}. Nothing can be said of their root accounts."));
    }
    let gaps = |account: &AccountDelivery| {
        let days = format!("{} of {} days", grouped(account.days_without_events), grouped(coverage.days));
        format!("{} ({days})", wording::account(account.account_id.as_deref()))
    };
    let with_gaps: Vec<String> = coverage.with_gaps().take(NAMED_ACCOUNTS).map(gaps).collect();
    if let Some(text) = of_many(coverage.accounts_with_gaps, &with_gaps) {
        say(true, format!("On some days nothing was delivered of {text}."));
    }
}

/// Writes a number of accounts, the first of them by name.
fn of_many(total: u64, named: &[String]) -> Option<String> {
    let more = total.saturating_sub(named.len() as u64);
    let names = match (named.len(), more) {
        (0, _) => String::new(),
        (_, 0) => format!(": {}", named.join(", ")),
        (_, more) => format!(": {} and {} more", named.join(", "), grouped(more)),
    };
    (total > 0).then(|| format!("{}{names}", counted(total, "account", "accounts")))
}
