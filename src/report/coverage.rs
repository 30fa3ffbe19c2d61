//! What the data cover, in sentences: a figure is only worth what stands behind it.

use super::model::{Note, RootUsage};
use super::text::{printed, printed_or};
use super::wording::{count, number};

/// How many changes of trails are told in sentences.
const NAMED_CHANGES: usize = 12;

/// The notes on the data of a report, warnings first.
pub fn notes(report: &RootUsage) -> Vec<Note> {
    let coverage = &report.coverage;
    let mut notes = Vec::new();
    let mut say = |warning, text| notes.push(Note { warning, text });

    match (coverage.oldest_event, coverage.newest_event) {
        (Some(oldest), Some(newest)) => say(false, format!("The events read reach from {oldest} to {newest}.")),
        _ => say(true, "There is no event at all in the data read.".to_owned()),
    }
    if let (Some(first), Some(last)) = (coverage.first_in_range, coverage.last_in_range) {
        say(
            false,
            format!("In the range there are {}, from {first} to {last}.", count(coverage.events, "event", "events")),
        );
    }
    if !coverage.days_without_events.is_empty() {
        let days: Vec<_> = coverage.days_without_events.iter().map(ToString::to_string).collect();
        let text = format!(
            "No event at all was delivered for {} of {}: {}. Nothing can be said of what root did then.",
            days.len(),
            count(coverage.days, "day", "days"),
            abridged(&days)
        );
        say(true, text);
    } else if coverage.days > 0 {
        say(false, "Every day of the range has events.".to_owned());
    }
    if let Some(oldest) = coverage.oldest_event.filter(|_| coverage.begins_before_oldest) {
        let same_day = oldest.day() == report.subject.since.day();
        say(
            !same_day,
            format!("The range begins at {}, before the oldest event in the data ({oldest}).", report.subject.since),
        );
    }
    if let Some(newest) = coverage.newest_event.filter(|_| coverage.ends_after_newest) {
        let last_day = report.days.last().is_some_and(|last| newest.day() >= last.day);
        say(
            !last_day,
            format!(
                "The range ends at {}, after the newest event in the data ({newest}): later ones are not in it.",
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
        let rw = format!(
            "{}, {}, {} without eventRW.",
            count(coverage.writes, "write event", "write events"),
            count(coverage.reads, "read event", "read events"),
            number(coverage.not_said)
        );
        say(false, rw);
        if coverage.not_said > 0 {
            let text = "Events without eventRW are not counted as changes, whatever they did.";
            say(coverage.not_said * 100 > coverage.events, text.to_owned());
        }
    }
    for change in coverage.trail_changes.iter().take(NAMED_CHANGES) {
        let who = change.who_name.as_deref().or(change.who_type.as_deref());
        let by = who.map_or_else(String::new, |who| {
            format!(" ({} by {})", printed_or(change.event_name.as_deref(), "a call"), printed(who))
        });
        say(change.loses_events(), format!("{}{by}", change.consequence));
    }
    if let Some(more) = coverage.trail_changes.len().checked_sub(NAMED_CHANGES).filter(|more| *more > 0) {
        say(true, format!("There are {}.", count(more as u64, "more change of a trail", "more changes of trails")));
    }
    if coverage.rejected > 0 {
        let text = format!(
            "{} missing from the figures; the table `rejects` has them.",
            count(coverage.rejected, "record could not be read and is", "records could not be read and are")
        );
        say(true, text);
    }
    say(false, format!("Read from {}.", count(coverage.sources, "source", "sources")));
    if !report.subject.only_regions.is_empty() {
        let text = "The report is limited to some regions. Root logons are recorded in one region (on the China site \
                    cn-hangzhou) and are missing where it is not among them.";
        say(true, text.to_owned());
    }
    notes.sort_by_key(|note| !note.warning);
    notes
}

/// Names the first of many.
fn abridged(days: &[String]) -> String {
    const NAMED: usize = 14;
    match days.len().checked_sub(NAMED) {
        Some(more) if more > 0 => format!("{} and {more} more", days[..NAMED].join(", ")),
        _ => days.join(", "),
    }
}
