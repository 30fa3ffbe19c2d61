//! The tables of a session over the files of a lake: `events` in scope, in the session's zone and masked, and the
//! tables of where events came from.

mod events;
mod files;
mod lake_table;
mod pruning;
mod runs;
mod scan_policy;
mod short_names;
mod versioned;

pub(super) use events::scoped_events;
pub(super) use lake_table::LakeTable;
pub(super) use pruning::ValueCondition;

use super::{EngineError, ResolvedScope, Shared, describe, in_memory, masking};
use crate::lake::schema;
use datafusion::datasource::ViewTable;
use datafusion::prelude::SessionContext;
use files::FilesTable;
use std::sync::Arc;
use versioned::{newest_readings, versioned};

/// Every table that is no view, with a description of its rows.
pub(super) const TABLES: [(&str, &str); 9] = [
    ("events", "Events in scope, one a row"),
    ("e", "The same with short names of the columns: time, user, ak, service, event, ip, params, …"),
    ("undated_events", "Events without a time that can be read, which no range holds"),
    ("fields", "Columns of events, with their SLS names"),
    ("sources", "Files that were read, with what came of each"),
    ("rejects", "Records that could not be read, with the reason"),
    ("copies", "Places at which a stored event was found again"),
    ("runs", "Commits of the lake"),
    ("files", "Data files of the lake"),
];

/// Registers the tables of a session.
pub(super) fn register(context: &SessionContext, lake: &Shared, scope: &ResolvedScope) -> Result<(), EngineError> {
    let (root, snapshot) = (&lake.root, &lake.snapshot);
    let masker = (!lake.options.show_secrets).then_some(&lake.masker);
    for (name, filters) in [("events", scope.filters()), ("undated_events", scope.undated_filters())] {
        let events = scoped_events(&lake.events, filters, scope.tz, masker)?;
        if name == "events" {
            let short = short_names::shortened(events.clone())?;
            context.register_table("e", Arc::new(ViewTable::new(short, None)))?;
        }
        context.register_table(name, Arc::new(ViewTable::new(events, None)))?;
    }
    context.register_table("sources", versioned(root, &snapshot.sources, schema::sources())?)?;
    let rejects = newest_readings(versioned(root, &snapshot.rejects, schema::rejects())?, snapshot)?;
    let rejects = match masker {
        Some(masker) => masking::rejects(rejects, masker)?,
        None => rejects,
    };
    context.register_table("rejects", rejects)?;
    let copies = versioned(root, &snapshot.copies, schema::copies())?;
    context.register_table("copies", newest_readings(copies, snapshot)?)?;
    for (name, batch) in [("runs", runs::runs(snapshot)?), ("fields", describe::fields()?)] {
        context.register_table(name, in_memory(batch)?)?;
    }
    context.register_table("files", Arc::new(FilesTable::new(snapshot)))?;
    Ok(())
}
