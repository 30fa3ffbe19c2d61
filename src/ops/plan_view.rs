//! Plans a view over no events, to find what is wrong with it before there are any.

use super::OpsError;
use crate::engine::views::{MATCH_COLUMNS, View, ViewCatalog};
use crate::engine::{Engine, EngineError, EngineOptions, Limits, ReferenceData, Scope};
use crate::lake::schema;
use arrow::datatypes::{Schema, SchemaRef};
use std::sync::Arc;

/// The memory of an engine that only plans.
const PLANNING_BYTES: usize = 64 << 20;

/// Plans the view of a name with the defaults of its parameters, and returns its columns. The inner error tells what is
/// wrong with the view.
pub(super) fn columns(views: &ViewCatalog, name: &str) -> Result<Result<SchemaRef, String>, OpsError> {
    let options = options(Arc::new(views.clone()));
    let session = Engine::empty(&options)?.session(&Scope::default(), &Limits::default())?;
    let error = match session.view_columns(name) {
        Ok(columns) => return Ok(Ok(columns)),
        Err(error) => error,
    };
    Ok(Err(views.get(name).map_or_else(|| error.to_string(), |view| described(&error, view))))
}

/// Returns the options of an engine that only plans.
pub(super) fn options(views: Arc<ViewCatalog>) -> EngineOptions {
    EngineOptions {
        memory_limit_bytes: PLANNING_BYTES,
        owns_process: false,
        threads: 1,
        show_secrets: false,
        redact: false,
        views,
        reference: ReferenceData::default(),
        tuning: true,
    }
}

/// Describes an error of planning, with the place in the file where its name stands.
pub(super) fn described(error: &EngineError, view: &View) -> String {
    let (name, similar) = match error.cause() {
        EngineError::UnknownColumn { name, similar }
        | EngineError::UnknownTable { name, similar }
        | EngineError::UnknownFunction { name, similar }
        | EngineError::UnknownParameter { name, similar, .. } => (name, similar),
        _ => return error.to_string(),
    };
    let place = view.place_of(name).map(|(line, column)| format!(" (line {line}, column {column})"));
    let similar = similar.first().map(|name| format!("; did you mean `{name}`?"));
    format!("{}{}{}", error.cause(), place.unwrap_or_default(), similar.unwrap_or_default())
}

/// Tells what keeps columns from being those of a view of the kind `match`.
pub(super) fn faults_of_match(columns: &Schema) -> Vec<String> {
    let events = schema::events();
    let fault = |name: &str| {
        let type_in_events = events.field_with_name(name).map(|field| field.data_type()).ok();
        match columns.field_with_name(name) {
            Err(_) => Some(format!("a view of the kind `match` has the column `{name}`")),
            Ok(field) if Some(field.data_type()) != type_in_events => {
                Some(format!("`{name}` has another type than in `events`: {}", field.data_type()))
            }
            Ok(_) => None,
        }
    };
    MATCH_COLUMNS.into_iter().filter_map(fault).collect()
}
