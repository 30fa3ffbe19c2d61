//! Names of fields, as SLS statements write them, to columns of the lake.
//!
//! All names derive from the field table ([`crate::event::field`]). A name may be written in any case, with the prefix
//! `event.` or without it (as the official FAQ names the columns of its result), or as a column of the lake. A dotted
//! path into a JSON field names a member of it.
//!
//! Events that did not come through SLS lack what SLS adds: `__time__`, `__topic__`, and the flat forms
//! `requestParameterJson`, `resourceType` and `resourceName`. Expressions here derive them.

use super::error::SlsError;
use super::span::Span;
use super::sql::{call, cast, coalesce, column, text};
use crate::event::field::{FIELD_IDS, FieldId, Kind, Role};
use crate::spelling::similar;
use datafusion::sql::sqlparser::ast::{DataType, Expr};

/// The topics that ActionTrail's logs have: by trail and Log Audit Service, and by older trails.
pub const TOPICS: [&str; 2] = ["actiontrail_audit_event", "actiontrail_event"];

/// The prefix of names of tags.
const TAG: &str = "__tag__:";

/// The prefix of the fields of an event.
const EVENT: &str = "event.";

/// The type of a field's values, which decides how they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Text.
    Text,
    /// A whole number.
    Number,
    /// An instant. In SLS it is a text such as `2026-11-01T08:00:00Z`.
    Time,
    /// A boolean. In SLS it is the text `true` or `false`.
    Flag,
    /// JSON text.
    Json,
    /// A member of a JSON field: text of an unknown type, which may be a number.
    Member,
}

/// The part of an event that a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A field of the table.
    Field(FieldId),
    /// A member of a JSON field, by its dotted path.
    Member(FieldId, String),
    /// A tag of the log around the event, by its whole name: `__tag__:__client_ip__`.
    Tag(String),
    /// The event as one JSON text. The lake has no such column.
    Event,
}

/// Resolves a name. An unknown one is an error at `span`, with the names that are near.
pub fn resolve(name: &str, span: Span) -> Result<Target, SlsError> {
    find(name).ok_or_else(|| {
        let error = SlsError::new(format!("no field of events is named `{name}`"), span).label("unknown field");
        match nearest(name).as_slice() {
            [] => error.help("`trailql sql 'SELECT sls_name, description FROM fields'` lists the fields"),
            [one] => error.help(format!("did you mean `{one}`?")),
            several => {
                let names: Vec<String> = several.iter().map(|name| format!("`{name}`")).collect();
                error.help(format!("did you mean one of {}?", names.join(", ")))
            }
        }
    })
}

/// Returns the part of an event that a name stands for; `None` for an unknown name.
pub fn find(name: &str) -> Option<Target> {
    if let Some(tag) = strip_prefix(name, TAG).filter(|tag| !tag.is_empty()) {
        return Some(Target::Tag(format!("{TAG}{tag}")));
    }
    if name.eq_ignore_ascii_case("event") {
        return Some(Target::Event);
    }
    if name == "source" {
        return Some(Target::Field(FieldId::SlsSource));
    }
    let path = strip_prefix(name, EVENT);
    in_event(path.unwrap_or(name)).or_else(|| {
        // Columns of the lake, which are no part of the event.
        let columns = FIELD_IDS.iter().filter(|_| path.is_none());
        columns.copied().find(|id| id.column().eq_ignore_ascii_case(name)).map(Target::Field)
    })
}

/// Returns the field with this path in the event, or the member of the JSON field that it leads into.
fn in_event(path: &str) -> Option<Target> {
    let fields = || FIELD_IDS.iter().copied().filter(|id| !id.field().path.is_empty());
    if let Some(id) = fields().find(|id| is_path(path, id.field().path) == Some("")) {
        return Some(Target::Field(id));
    }
    let holds_members =
        |id: &FieldId| id.field().role == Role::Stored && (id.field().kind == Kind::Json || is_json_text(*id));
    fields().filter(holds_members).find_map(|id| {
        let member = is_path(path, id.field().path)?.strip_prefix('.')?;
        (!member.is_empty()).then(|| Target::Member(id, member.to_owned()))
    })
}

/// A field of text that holds JSON.
fn is_json_text(id: FieldId) -> bool {
    id == FieldId::RequestParameterJson
}

/// Returns the rest of a dotted path behind `parts`, in any case of the letters.
fn is_path<'p>(path: &'p str, parts: &[&str]) -> Option<&'p str> {
    let mut rest = path;
    for (at, part) in parts.iter().enumerate() {
        rest = if at == 0 { rest } else { rest.strip_prefix('.')? };
        rest = strip_prefix(rest, part)?;
    }
    (rest.is_empty() || rest.starts_with('.')).then_some(rest)
}

fn strip_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Returns the names near an unknown one, in the form it was written in: at most three.
fn nearest(name: &str) -> Vec<String> {
    let sls: Vec<String> = FIELD_IDS.iter().filter_map(|id| id.field().sls_name()).collect();
    if name.starts_with("__") {
        return similar(name, sls.iter().map(String::as_str).filter(|known| known.starts_with("__")));
    }
    let events = sls.iter().map(String::as_str).filter(|known| known.starts_with(EVENT));
    if strip_prefix(name, EVENT).is_some() {
        return similar(name, events);
    }
    // Compared without the prefix, and suggested with it: that form works online as well.
    let bare: Vec<&str> = events.filter_map(|known| known.strip_prefix(EVENT)).collect();
    let near = similar(name, bare.iter().copied());
    if near.is_empty() {
        return similar(name, FIELD_IDS.iter().map(|id| id.column()));
    }
    near.into_iter().map(|path| format!("{EVENT}{path}")).collect()
}

impl Target {
    /// Returns the type of its values.
    pub fn kind(&self) -> ValueKind {
        match self {
            Self::Field(id) => match id.field().kind {
                Kind::Text | Kind::Version => ValueKind::Text,
                Kind::Json => ValueKind::Json,
                Kind::Time => ValueKind::Time,
                Kind::Flag => ValueKind::Flag,
                Kind::Int => ValueKind::Number,
            },
            Self::Member(..) => ValueKind::Member,
            Self::Tag(_) => ValueKind::Text,
            Self::Event => ValueKind::Json,
        }
    }

    /// Returns the name that the console gives it: `event.userIdentity.accessKeyId`. Columns of the lake alone keep
    /// their own.
    pub fn name(&self) -> String {
        let of_field = |id: FieldId| id.field().sls_name().unwrap_or_else(|| id.column().to_owned());
        match self {
            Self::Field(id) => of_field(*id),
            Self::Member(id, path) => format!("{}.{path}", of_field(*id)),
            Self::Tag(name) => name.clone(),
            Self::Event => "event".to_owned(),
        }
    }

    /// Returns `true` for fields that SLS does not tokenise: a value matches as a whole.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Field(FieldId::SlsTopic | FieldId::SlsSource) | Self::Tag(_))
    }

    /// Returns the value of the lake's type, derived where an event came without it; `None` for the whole event.
    pub fn value(&self) -> Option<Expr> {
        Some(match self {
            Self::Field(id) if id.field().kind == Kind::Json => or_null(column(id.column())),
            Self::Field(id) => of_field(*id),
            Self::Member(id, path) => call("json_param", [of_field(*id), text(path)]),
            Self::Tag(name) => call("json_as_text", [column(FieldId::SlsTags.column()), text(name)]),
            Self::Event => return None,
        })
    }

    /// Returns the value as the text that SLS has of it; `None` for the whole event.
    pub fn text(&self) -> Option<Expr> {
        let value = self.value()?;
        Some(match self.kind() {
            ValueKind::Text | ValueKind::Json | ValueKind::Member => value,
            ValueKind::Number | ValueKind::Flag => cast(value, DataType::Varchar(None), false),
            ValueKind::Time => {
                let in_utc = call("at_time_zone", [value, text("UTC")]);
                call("to_char", [in_utc, text("%Y-%m-%dT%H:%M:%S%.fZ")])
            }
        })
    }
}

/// JSON that is not the text `null`, which such a column has of an event that says `null`.
fn or_null(json: Expr) -> Expr {
    call("nullif", [json, text("null")])
}

/// The value of a field, derived from others where SLS has it of every event.
fn of_field(id: FieldId) -> Expr {
    let stored = |id: FieldId| column(id.column());
    let of_resources = |function| call(function, [stored(FieldId::ReferencedResources)]);
    match id {
        FieldId::SlsTime => coalesce([stored(id), call("to_unixtime", [stored(FieldId::EventTime)])]),
        FieldId::SlsTopic => coalesce([stored(id), text(TOPICS[0])]),
        FieldId::RequestParameterJson => coalesce([stored(id), or_null(stored(FieldId::RequestParameters))]),
        FieldId::ResourceType => coalesce([stored(id), of_resources("sls_resource_types")]),
        FieldId::ResourceName => coalesce([stored(id), of_resources("sls_resource_names")]),
        _ => stored(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(name: &str) -> String {
        find(name).and_then(|target| target.text()).map_or_else(|| "-".to_owned(), |expr| expr.to_string())
    }

    #[test]
    fn names_resolve_in_every_form() {
        for (name, expected) in [
            ("event.userIdentity.accessKeyId", "user_identity_access_key_id"),
            ("EVENT.useridentity.ACCESSKEYID", "user_identity_access_key_id"),
            ("userIdentity.accessKeyId", "user_identity_access_key_id"),
            ("user_identity_access_key_id", "user_identity_access_key_id"),
            ("event.eventRw", "event_rw"),
            ("event.eventRW", "event_rw"),
            ("acsRegion", "acs_region"),
            ("outcome", "outcome"),
            ("event.insightDetails.state", "insight_details_state"),
            ("event.isGlobal", "CAST(is_global AS VARCHAR)"),
            ("event.requestParameters", "nullif(request_parameters, 'null')"),
            ("event.requestParameters.Region.Id", "json_param(request_parameters, 'Region.Id')"),
            (
                "event.requestParameterJson.O'Neil",
                "json_param(coalesce(request_parameter_json, nullif(request_parameters, 'null')), 'O''Neil')",
            ),
            ("__source__", "__source__"),
            ("source", "__source__"),
            ("__topic__", "coalesce(__topic__, 'actiontrail_audit_event')"),
            ("__time__", "CAST(coalesce(__time__, to_unixtime(event_time)) AS VARCHAR)"),
            ("__tag__:__client_ip__", "json_as_text(__tags__, '__tag__:__client_ip__')"),
            ("event.eventTime", "to_char(at_time_zone(event_time, 'UTC'), '%Y-%m-%dT%H:%M:%S%.fZ')"),
            ("event.resourceType", "coalesce(resource_type, sls_resource_types(referenced_resources))"),
            ("event", "-"),
            ("event.outcome", "-"),
            ("event.userIdentity", "-"),
            ("event.requestParameters.", "-"),
            ("__tag__:", "-"),
            ("", "-"),
        ] {
            assert_eq!(sql(name), expected, "{name}");
        }
    }

    #[test]
    fn every_name_that_describe_shows_resolves_to_its_column() {
        for id in FIELD_IDS.iter().copied() {
            let names = id.field().sls_name().into_iter().chain([id.column().to_owned()]);
            for name in names.flat_map(|name| [name.to_uppercase(), name.to_lowercase(), name]) {
                assert_eq!(find(&name), Some(Target::Field(id)), "{name}");
            }
        }
    }

    #[test]
    fn an_unknown_name_says_which_are_near() {
        for (name, near) in [
            ("event.userIdentity.acessKeyId", "`event.userIdentity.accessKeyId`"),
            ("eventNmae", "`event.eventName`"),
            ("accessKeyId", "`event.userIdentity.accessKeyId`"),
            ("__topics__", "`__topic__`"),
            ("qqq", "lists the fields"),
        ] {
            let error = resolve(name, Span::new(3, 9)).unwrap_err();
            assert!(error.help.as_deref().unwrap_or_default().contains(near), "{name}: {error:?}");
            assert_eq!(error.span, Span::new(3, 9));
        }
    }
}
