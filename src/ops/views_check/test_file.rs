//! The test file of a view: events made by hand, and the rows that must come out.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::fs;
use std::path::Path;

/// The most bytes of a test file.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// The beginning of the id of an event that must match.
pub(super) const MATCH: &str = "match-";

/// The beginning of the id of an event that must not match.
pub(super) const NEAR_MISS: &str = "no-";

/// The value that removes a member of the base event.
const MISSING: &str = "(missing)";

/// A test file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TestFile {
    /// The event that the events of all cases are merged into.
    base: Value,
    pub(super) cases: Vec<Case>,
}

/// Events, and the rows that a view must make of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub(super) name: String,
    #[serde(default)]
    params: Map<String, Value>,
    /// Time zone of the session.
    pub(super) tz: Option<String>,
    events: Vec<Value>,
    pub(super) rows: Option<Vec<Map<String, Value>>>,
}

impl TestFile {
    /// Reads the test file beside a view; `None` if there is none.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, String> {
        match fs::metadata(path) {
            Ok(meta) if meta.len() > MAX_FILE_BYTES => {
                return Err(format!("it has more than {} MiB", MAX_FILE_BYTES >> 20));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.to_string()),
            Ok(_) => {}
        }
        let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
        let file: Self = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        file.cases.iter().try_for_each(Case::check)?;
        Ok(Some(file))
    }

    /// Returns the whole events of a case.
    pub(super) fn events(&self, case: &Case) -> Vec<Value> {
        let whole = |event: &Value| {
            let mut whole = self.base.clone();
            merge(&mut whole, event);
            whole
        };
        case.events.iter().map(whole).collect()
    }
}

impl Case {
    /// Checks the form that the JSON alone does not say.
    fn check(&self) -> Result<(), String> {
        let fault = |reason: &str| Err(format!("case `{}`: {reason}", self.name));
        if self.events.iter().any(|event| event.get("eventId").and_then(Value::as_str).is_none()) {
            return fault("each event has an `eventId` of its own");
        }
        if self.params.values().any(|value| !value.is_string()) {
            return fault("the values of `params` are strings, as they are typed behind `-p`");
        }
        if self.has_match() && self.ids().any(|id| !id.starts_with(MATCH) && !id.starts_with(NEAR_MISS)) {
            return fault("where an id begins with `match-`, all others begin with `match-` or `no-`");
        }
        if self.has_match() || self.rows.is_some() {
            return Ok(());
        }
        if self.events.is_empty() || self.ids().any(|id| !id.starts_with(NEAR_MISS)) {
            return fault("it has neither `rows`, nor events whose ids say whether they match");
        }
        Ok(())
    }

    /// Returns the ids of the events.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.events.iter().filter_map(|event| event.get("eventId").and_then(Value::as_str))
    }

    /// Returns `true` if events must match.
    pub(super) fn has_match(&self) -> bool {
        self.ids().any(|id| id.starts_with(MATCH))
    }

    /// Returns `true` if the case shows events that must not match.
    pub(super) fn has_near_miss(&self) -> bool {
        self.ids().any(|id| id.starts_with(NEAR_MISS))
    }

    /// Returns the parameters of the view.
    pub(super) fn params(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.params.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }
}

/// Merges `more` into `into`, member by member.
fn merge(into: &mut Value, more: &Value) {
    let (Value::Object(known), Value::Object(more)) = (&mut *into, more) else {
        into.clone_from(more);
        return;
    };
    for (key, value) in more {
        if value == MISSING {
            known.remove(key);
        } else {
            merge(known.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}
