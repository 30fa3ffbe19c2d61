//! Keeps what a log says beside its event: time, topic, source, and everything else as tags.

use crate::event::json::{self, Members};
use std::borrow::Cow;
use std::collections::HashSet;

/// The members of a log beside its event.
#[derive(Default, Clone)]
pub(super) struct LogFields<'a> {
    pub(super) time: Option<i64>,
    pub(super) topic: Option<Cow<'a, str>>,
    pub(super) source: Option<Cow<'a, str>>,
    pub(super) tags: Option<String>,
}

impl<'a> LogFields<'a> {
    /// Reads the members beside the one with the event. What was said `around` them fills what they do not say.
    pub(super) fn read(
        members: impl Iterator<Item = (&'a str, &'a str)>,
        event_key: &str,
        around: Option<&LogFields<'_>>,
    ) -> Self {
        let mut log = Self::default();
        let mut tags = Vec::new();
        let mut carried = false;
        for (key, value) in members {
            let text = || json::scalar_text(value);
            match key {
                // The event is in the first member of this key.
                key if key == event_key && !std::mem::replace(&mut carried, true) => {}
                "__time__" if log.time.is_none() => match text().and_then(|t| t.parse().ok()) {
                    Some(seconds) => log.time = Some(seconds),
                    None => tags.push((key, value)),
                },
                "__topic__" if log.topic.is_none() => match text() {
                    Some(topic) => log.topic = Some(topic),
                    None => tags.push((key, value)),
                },
                "__source__" if log.source.is_none() => match text() {
                    Some(source) => log.source = Some(source),
                    None => tags.push((key, value)),
                },
                _ => tags.push((key, value)),
            }
        }
        let outer = around.and_then(|around| around.tags.as_deref()).and_then(Members::parse).unwrap_or_default();
        let own: HashSet<&str> =
            if outer.0.is_empty() { HashSet::new() } else { tags.iter().map(|(key, _)| *key).collect() };
        tags.extend(
            outer.0.iter().map(|(key, value)| (key.as_ref(), value.get())).filter(|(key, _)| !own.contains(key)),
        );
        log.tags = (!tags.is_empty()).then(|| json::object(tags));
        if let Some(around) = around {
            let owned = |text: &Option<Cow<'_, str>>| text.as_ref().map(|text| Cow::Owned(text.to_string()));
            log.time = log.time.or(around.time);
            log.topic = log.topic.or_else(|| owned(&around.topic));
            log.source = log.source.or_else(|| owned(&around.source));
        }
        log
    }
}
