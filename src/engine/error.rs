//! What can go wrong with a question.

use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;

/// An error of the engine; names that are nearly right come with the right ones.
#[allow(missing_docs, reason = "the fields are what the message names them")]
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No built-in view has this name.
    #[error("no view named `{name}`")]
    UnknownView { name: String, similar: Vec<String> },
    /// No column has this name.
    #[error("no column named `{name}`")]
    UnknownColumn { name: String, similar: Vec<String> },
    /// No table or view has this name.
    #[error("no table or view named `{name}`")]
    UnknownTable { name: String, similar: Vec<String> },
    /// A view has no parameter of this name.
    #[error("the view `{view}` has no parameter `{name}`")]
    UnknownParameter { view: String, name: String, similar: Vec<String> },
    /// A parameter of a view that cannot be read as what it is.
    #[error("the parameter `{name}` of the view `{view}` is {expected}: `{value}`")]
    BadParameter { view: String, name: String, expected: &'static str, value: String },
    /// A parameter of a view that has two values.
    #[error("the parameter `{name}` of the view `{view}` is given more than once")]
    RepeatedParameter { view: String, name: String },
    /// A view that cannot be told by time or by event.
    #[error("the view `{view}` has no column `{column}`, which {what} needs")]
    NotPossible { view: String, column: &'static str, what: &'static str },
    /// A statement that would change something.
    #[error("only questions are answered here (SELECT, EXPLAIN, DESCRIBE, SHOW): {0}")]
    NotAQuestion(String),
    /// A statement that is wrong, or failed.
    #[error("{0}")]
    Sql(String),
    /// The question needs more memory than it may have.
    #[error("the question needs more memory than the limit: {0}")]
    Memory(String),
    /// Somebody asked to stop.
    #[error("stopped")]
    Stopped,
    /// A view of this build that cannot be read.
    #[error("the view file {file} is not right: {reason}")]
    View { file: String, reason: String },
}

impl From<DataFusionError> for EngineError {
    fn from(error: DataFusionError) -> Self {
        let root = error.find_root();
        match root {
            DataFusionError::SchemaError(schema, _) => match schema.as_ref() {
                SchemaError::FieldNotFound { field, valid_fields } => {
                    let names: Vec<&str> = valid_fields.iter().map(|column| column.name.as_str()).collect();
                    Self::UnknownColumn { similar: similar(&field.name, names), name: field.name.clone() }
                }
                other => Self::Sql(other.to_string()),
            },
            DataFusionError::ResourcesExhausted(text) => Self::Memory(first_line(text)),
            DataFusionError::SQL(parser, _) => Self::Sql(format!("the SQL cannot be read: {parser}")),
            DataFusionError::Plan(text) | DataFusionError::Execution(text) | DataFusionError::NotImplemented(text) => {
                Self::Sql(text.clone())
            }
            other => Self::Sql(other.strip_backtrace()),
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// The names most like `wanted`, best first, at most three.
pub fn similar<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| {
            let lower = name.to_lowercase();
            // A part that was left out (`access_key_id` for `user_identity_access_key_id`) counts as near.
            let part = wanted.len() > 3 && (lower.contains(&wanted) || wanted.contains(&lower));
            (strsim::jaro_winkler(&wanted, &lower) + if part { 0.3 } else { 0.0 }, name)
        })
        .filter(|(score, _)| *score > 0.8)
        .collect();
    scored.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(x.cmp(y)));
    scored.dedup_by(|(_, x), (_, y)| x == y);
    scored.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        let names = ["event_name", "event_time", "user_identity_access_key_id", "source_ip_address"];
        for (wanted, best) in [
            ("eventname", Some("event_name")),
            ("event_tiem", Some("event_time")),
            ("access_key_id", Some("user_identity_access_key_id")),
            ("zzz", None),
        ] {
            assert_eq!(similar(wanted, names).first().map(String::as_str), best, "{wanted}");
        }
    }
}
