//! Turns groups of SLS logs into single logs: the answer of PullLogs, what the SDKs dump, and files for PutLogs.
//!
//! A group says topic, source and tags once for all its logs. Each log becomes a record as GetLogs gives it, so that
//! there is one way to read logs.

use super::envelope::Wrapper;
use crate::event::json::{self, Members};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashSet;

/// A group of logs, taken apart.
pub struct LogGroup<'a> {
    /// The wrapper that the kind of group stands for.
    pub wrapper: Wrapper,
    /// The logs as they came.
    pub logs: Vec<&'a RawValue>,
    shared: Vec<(Cow<'a, str>, &'a str)>,
}

/// The key of the logs in each kind of group.
const KINDS: &[(&str, Wrapper)] =
    &[("LogItems", Wrapper::PullLogs), ("__logs__", Wrapper::LogGroups), ("logs", Wrapper::LogGroups)];

/// Takes a group apart; `None` where the object is none.
pub fn log_group<'a>(members: &Members<'a>) -> Option<LogGroup<'a>> {
    let (wrapper, list) = KINDS.iter().find_map(|(key, wrapper)| {
        let list = members.get(key).filter(|list| list.get().starts_with('['))?;
        Some((*wrapper, list))
    })?;
    let logs = serde_json::from_str(list.get()).ok()?;
    let mut shared = Vec::new();
    for (name, value) in &members.0 {
        match name.as_ref() {
            "Topic" | "topic" | "__topic__" => shared.push((Cow::Borrowed("__topic__"), value.get())),
            "Source" | "source" | "__source__" => shared.push((Cow::Borrowed("__source__"), value.get())),
            "LogTags" | "tags" | "__tags__" => {
                let tags = pairs(value);
                shared.extend(tags.into_iter().map(|(key, value)| (tag_key(key), value)));
            }
            // Counters of the answer (`progress`, `count`) say nothing about a log.
            _ => {}
        }
    }
    Some(LogGroup { wrapper, logs, shared })
}

/// A log that lies outside its group, since the group was broken, as a record; `None` for what is no such log.
pub fn lone_log(members: &Members<'_>) -> Option<String> {
    let has_contents = ["Contents", "contents"].into_iter().filter_map(|key| members.get(key));
    let is_list = has_contents.map(|contents| contents.get()).any(|json| json.starts_with(['[', '{']));
    is_list.then(|| record(members, &[]))
}

fn tag_key(key: Cow<'_, str>) -> Cow<'_, str> {
    if key.starts_with("__tag__:") { key } else { Cow::Owned(format!("__tag__:{key}")) }
}

/// The pairs of an object, or of a list of `{"Key":…,"Value":…}`.
fn pairs(value: &RawValue) -> Vec<(Cow<'_, str>, &str)> {
    if let Some(members) = Members::parse(value.get()) {
        return members.0.into_iter().map(|(key, value)| (key, value.get())).collect();
    }
    let Ok(items) = serde_json::from_str::<Vec<Members<'_>>>(value.get()) else { return Vec::new() };
    items.into_iter().filter_map(pair).collect()
}

fn pair<'a>(item: Members<'a>) -> Option<(Cow<'a, str>, &'a str)> {
    let (key, value) = (item.get_any_case("key")?, item.get_any_case("value")?);
    Some((json::string(key.get())?, value.get()))
}

impl<'a> LogGroup<'a> {
    /// Bytes of what each log repeats of its group.
    pub fn shared_bytes(&self) -> usize {
        self.shared.iter().map(|(key, value)| key.len() + value.len()).sum()
    }

    /// One log as a record of its own; `None` where it is no object.
    pub fn record(&self, log: &'a RawValue) -> Option<String> {
        let members = Members::parse(log.get())?;
        Some(record(&members, &self.shared))
    }
}

/// A log as GetLogs gives it, with what its group says of all its logs.
fn record(log: &Members<'_>, shared: &[(Cow<'_, str>, &str)]) -> String {
    let mut record: Vec<(Cow<'_, str>, &str)> = Vec::new();
    for (key, value) in &log.0 {
        match key.as_ref() {
            "Time" | "@lh_time" => record.push((Cow::Borrowed("__time__"), value.get())),
            "Contents" | "contents" => record.extend(pairs(value)),
            _ => record.push((key.clone(), value.get())),
        }
    }
    let own: HashSet<Cow<'_, str>> =
        if shared.is_empty() { HashSet::new() } else { record.iter().map(|(key, _)| key.clone()).collect() };
    record.extend(shared.iter().filter(|(key, _)| !own.contains(key)).map(|(key, value)| (key.clone(), *value)));
    json::object(record.iter().map(|(key, value)| (key.as_ref(), *value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_become_logs() {
        for (group, expected) in [
            (
                r#"{"Topic":"t","Source":"s","LogTags":[{"Key":"k","Value":"v"}],"LogItems":[{"Time":1,"Contents":[{"Key":"event","Value":"{}"}]}]}"#,
                r#"{"__time__":1,"event":"{}","__topic__":"t","__source__":"s","__tag__:k":"v"}"#,
            ),
            (
                r#"{"topic":"t","source":"s","tags":{"__tag__:a":"b"},"logs":[{"@lh_time":1,"@time_ns":2,"event":"{}"}]}"#,
                r#"{"__time__":1,"@time_ns":2,"event":"{}","__topic__":"t","__source__":"s","__tag__:a":"b"}"#,
            ),
            (
                r#"{"__tags__":{},"__topic__":"","__source__":"s","__logs__":[{"__time__":"1","event":"{}"}]}"#,
                r#"{"__time__":"1","event":"{}","__topic__":"","__source__":"s"}"#,
            ),
            (
                r#"{"progress":"Complete","count":1,"logs":[{"__time__":1,"__source__":"s","contents":{"event":"{}"}}]}"#,
                r#"{"__time__":1,"__source__":"s","event":"{}"}"#,
            ),
        ] {
            let members = Members::parse(group).unwrap();
            let group = log_group(&members).unwrap();
            assert_eq!(group.record(group.logs[0]).as_deref(), Some(expected));
        }
        assert!(log_group(&Members::parse(r#"{"logs":"x"}"#).unwrap()).is_none());
        let lone = |log: &str| lone_log(&Members::parse(log).unwrap());
        let log = r#"{"Time":1,"Contents":[{"Key":"event","Value":"{}"}]}"#;
        assert_eq!(lone(log).as_deref(), Some(r#"{"__time__":1,"event":"{}"}"#));
        assert_eq!(lone(r#"{"Contents":"x"}"#), None);
    }
}
