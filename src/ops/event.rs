//! One event, and every place it was read at.

use super::OpsError;
use super::open::Opened;
use crate::engine::{Param, Session};
use serde::Deserialize;
use std::collections::HashMap;

/// An event that was asked for by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundEvent {
    /// The event as JSON.
    pub json: String,
    /// Where it was read.
    pub found_in: Vec<FoundIn>,
}

/// A place an event was read at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundIn {
    /// The file.
    pub path: String,
    /// What the file turned out to be.
    pub shape: String,
    /// Number of the record in the file, from 0.
    pub record: i64,
    /// Where the record begins in the unpacked file, in bytes.
    pub offset: i64,
    /// The run that read it.
    pub run_id: String,
    /// True where the event stood here until a more complete copy took its place.
    pub replaced: bool,
}

#[derive(Deserialize)]
struct IdRow {
    event_id: String,
}

#[derive(Deserialize)]
struct SourceRow {
    path: String,
    shape: String,
    run_id: String,
    readings: u64,
}

#[derive(Deserialize)]
struct CopyRow {
    identity: String,
    source_id: String,
    record: i64,
    offset: i64,
    replaced: bool,
}

/// Finds every event in scope with this id, each with every place it was found at, that of the stored event first.
///
/// Where no event has the id as it is written, its letters may be of the other case. Ids are unique but for masked
/// ones; nothing found is an empty list.
pub fn find(opened: &Opened, event_id: &str) -> Result<Vec<FoundEvent>, OpsError> {
    let session = opened.session();
    let mut found = find_exactly(session, event_id)?;
    if !found.is_empty() {
        return Ok(found);
    }
    // Letters of an id have one case nearly always, and bloom filters know such ids. Any other way reads every id.
    for spelled in [event_id.to_ascii_uppercase(), event_id.to_ascii_lowercase()] {
        if spelled != event_id {
            found.extend(find_exactly(session, &spelled)?);
        }
    }
    if found.is_empty() {
        let sql = "SELECT DISTINCT event_id FROM events WHERE lower(event_id) = $id ORDER BY event_id";
        let spelled: Vec<IdRow> = session.rows(sql, &[("id", Param::Text(event_id.to_lowercase()))])?;
        for row in spelled {
            found.extend(find_exactly(session, &row.event_id)?);
        }
    }
    Ok(found)
}

fn find_exactly(session: &Session, event_id: &str) -> Result<Vec<FoundEvent>, OpsError> {
    let events = session.events_by_id(event_id)?;
    if events.is_empty() {
        return Ok(Vec::new());
    }
    // Masked ids stand in many events, so a copy belongs to an event by its identity.
    // Routes differ in the case of its letters.
    let sql = "SELECT identity, source_id, record, \"offset\", coalesce(replaced, false) AS replaced FROM copies
               WHERE event_id IN ($id, upper($id), lower($id)) ORDER BY version, 2, 3";
    let copies: Vec<CopyRow> = session.rows(sql, &[("id", Param::Text(event_id.to_owned()))])?;
    let mut sources: HashMap<String, Option<SourceRow>> = HashMap::new();
    let mut found = Vec::new();
    for event in events {
        let first = (event.source_id.as_str(), event.record, event.offset, false);
        let of_event = copies.iter().filter(|copy| event.identities.contains(&copy.identity));
        let mut places = vec![first];
        for copy in of_event {
            // Where a source was read again, its own event came again from the same offset, and that is no copy.
            let again = (copy.source_id.as_str(), copy.offset) == (first.0, first.2)
                && source(session, first.0, &mut sources)?.is_some_and(|source| source.readings > 1);
            if !again {
                places.push((&copy.source_id, copy.record, copy.offset, copy.replaced));
            }
        }
        let mut found_in = Vec::new();
        for (source_id, record, offset, replaced) in places {
            if let Some(SourceRow { path, shape, run_id, .. }) = source(session, source_id, &mut sources)? {
                let (path, shape, run_id) = (path.clone(), shape.clone(), run_id.clone());
                found_in.push(FoundIn { path, shape, record, offset, run_id, replaced });
            }
        }
        found.push(FoundEvent { json: event.json, found_in });
    }
    Ok(found)
}

/// A source by its id, as it was first read.
fn source<'s>(
    session: &Session,
    source_id: &str,
    known: &'s mut HashMap<String, Option<SourceRow>>,
) -> Result<Option<&'s SourceRow>, OpsError> {
    if !known.contains_key(source_id) {
        let sql = "SELECT path, shape, run_id, count(*) OVER () AS readings FROM sources
                   WHERE source_id = $source_id ORDER BY version LIMIT 1";
        let rows: Vec<SourceRow> = session.rows(sql, &[("source_id", Param::Text(source_id.to_owned()))])?;
        known.insert(source_id.to_owned(), rows.into_iter().next());
    }
    Ok(known.get(source_id).and_then(Option::as_ref))
}
