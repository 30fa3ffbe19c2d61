//! Tells on stderr how the reading of exports went: what was read, and what is wrong with it.

use std::collections::HashSet;

use trailql::ops::ingest::{FieldCounts, IngestOutcome, Named};
use trailql::report::wording::{counted, grouped};

use super::ui::Ui;

/// The most files of a kind that are named; a folder may hold many.
const NAMED: usize = 10;

/// Writes a summary of exports that a verb read with `--from`, and what is wrong with them.
pub(crate) fn summarize(outcome: &IngestOutcome, ui: &Ui) {
    let totals = &outcome.totals;
    ui.note(&format!(
        "read {} from {} ({} duplicate, {} rejected)",
        counted(totals.read, "event", "events"),
        counted(outcome.files_read(), "file", "files"),
        grouped(totals.duplicate),
        grouped(totals.rejected),
    ));
    warn(outcome, ui);
}

/// Names files and records that could not be read, and values that could not or that were respelt.
pub(crate) fn warn(outcome: &IngestOutcome, ui: &Ui) {
    warn_of_files(outcome, ui);
    warn_of_rejects(outcome, ui);
    warn_of_values(outcome, ui);
}

/// Names the events with values that cannot be read, and the fields with another spelling.
fn warn_of_values(outcome: &IngestOutcome, ui: &Ui) {
    let listed = |counts: &FieldCounts| {
        let fields = counts.fields.iter().map(|(field, n)| format!("{field} ({})", grouped(*n)));
        fields.collect::<Vec<_>>().join(", ")
    };
    if outcome.normalised.events > 0 {
        let events = counted(outcome.normalised.events, "event", "events");
        ui.note(&format!("read values in another spelling, in {events}: {}", listed(&outcome.normalised)));
    }
    if outcome.unread.events == 0 {
        return;
    }
    let events = counted(outcome.unread.events, "event has", "events have");
    ui.warning(&format!("{events} values that cannot be read: {}", listed(&outcome.unread)));
    for event in &outcome.unread_events {
        ui.warning(&format!("record {}, {} cannot be read: `{}`", event.record, event.fields, event.path));
    }
    let timeless = outcome.unread.fields.get(EVENT_TIME).copied().unwrap_or(0);
    let effect = if timeless > 0 { "no range of time holds events without a time; " } else { "" };
    ui.hint(&format!("{effect}`trailql query unread_values` lists them; `--csv-tz` reads times that name no zone"));
}

/// The field of the time of an event.
const EVENT_TIME: &str = "eventTime";

/// Names the files that could not be read, that gave nothing, that are not whole or that are no exports.
fn warn_of_files(outcome: &IngestOutcome, ui: &Ui) {
    if outcome.unreadable.files > 0 {
        let files = counted(outcome.unreadable.files, "file or folder", "files or folders");
        ui.warning(&format!("{files} could not be read"));
    }
    for unreadable in &outcome.unreadable.first {
        ui.warning(&format!("cannot read `{}`: {}", unreadable.path, unreadable.reason));
    }
    let more = outcome.unreadable.files - outcome.unreadable.first.len() as u64;
    if more > 0 {
        ui.warning(&format!("cannot read {} more", counted(more, "file", "files")));
    }
    let suspicious =
        counted(outcome.suspicious.files, "file may hold events and gave none", "files may hold events and gave none");
    name_first(&outcome.suspicious, &suspicious, "no events", ui);
    let incomplete = counted(outcome.incomplete.files, "export is not whole", "exports are not whole");
    name_first(&outcome.incomplete, &incomplete, "not whole", ui);
    // What is suspicious was named already.
    let named: HashSet<&str> = outcome.suspicious.first.iter().map(|file| file.path.as_str()).collect();
    let others = outcome.not_exports.first.iter().filter(|file| !named.contains(file.path.as_str()));
    for passed in others.clone().take(NAMED) {
        ui.note(&format!("no export, {}: `{}`", passed.reason, passed.path));
    }
    let hidden = (outcome.not_exports.first.len() - others.clone().count()) as u64;
    let others = outcome.not_exports.files - hidden;
    if others > NAMED as u64 {
        ui.note(&format!("and {} more files that are no exports", grouped(others - NAMED as u64)));
    }
}

/// Names a sample of the records that could not be read, with their places.
fn warn_of_rejects(outcome: &IngestOutcome, ui: &Ui) {
    let rejected = outcome.totals.rejected;
    if rejected == 0 {
        return;
    }
    ui.warning(&format!("{} rejected", counted(rejected, "record was", "records were")));
    for reject in &outcome.rejects {
        ui.warning(&format!(
            "record {} at byte {}, {}: `{}`",
            reject.record, reject.offset, reject.reason, reject.path
        ));
    }
    let shown = outcome.rejects.len() as u64;
    if rejected > shown {
        ui.hint(&format!(
            "{} more are in the table `rejects`; `trailql lake rejects` lists them",
            grouped(rejected - shown)
        ));
    }
}

/// Writes how many files are of a kind, and names the first of them.
fn name_first(named: &Named, headline: &str, word: &str, ui: &Ui) {
    if named.files == 0 {
        return;
    }
    ui.warning(headline);
    for file in named.first.iter().take(NAMED) {
        ui.warning(&format!("{word}, {}: `{}`", file.reason, file.path));
    }
    if named.files > NAMED as u64 {
        ui.hint(&format!("{} more are in the table `sources`", grouped(named.files - NAMED as u64)));
    }
}
