//! One event, and where it was read.

use super::OpsError;
use crate::engine::{Engine, Param};
use serde::Deserialize;

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
}

#[derive(Deserialize)]
struct SourceRow {
    path: String,
    shape: String,
    run_id: String,
}

/// Finds every event in scope with this id. Ids are unique but for masked ones; nothing found is an empty list.
pub fn find(engine: &Engine, event_id: &str) -> Result<Vec<FoundEvent>, OpsError> {
    let mut found = Vec::new();
    for event in engine.events_by_id(event_id)? {
        let sql = "SELECT path, shape, run_id FROM sources WHERE source_id = $source_id ORDER BY run_id LIMIT 1";
        let sources: Vec<SourceRow> = engine.rows(sql, &[("source_id", Param::Text(event.source_id))])?;
        let found_in = sources.into_iter().map(|source| FoundIn {
            path: source.path,
            shape: source.shape,
            record: event.record,
            offset: event.offset,
            run_id: source.run_id,
        });
        found.push(FoundEvent { json: event.json, found_in: found_in.collect() });
    }
    Ok(found)
}
