//! Statistics of a data file: min/max values of texts, the places of its bloom filters, and tallies by account.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::OnceLock;

/// Minimum, maximum and null count of a text column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRange {
    /// Minimum, in the order of its bytes; inclusive.
    pub min: String,
    /// Maximum; inclusive.
    pub max: String,
    /// Rows without a value.
    pub nulls: u64,
}

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct ByteRange {
    /// Distance of its first byte from the beginning of the file.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
}

impl From<(u64, u64)> for ByteRange {
    fn from((offset, length): (u64, u64)) -> Self {
        Self { offset, length }
    }
}

impl From<ByteRange> for (u64, u64) {
    fn from(range: ByteRange) -> Self {
        (range.offset, range.length)
    }
}

/// Statistics of a data file that stay JSON text until somebody reads them.
///
/// A question reads the statistics of a few files among ten thousand. Parsing those of all files would take most of the
/// time that opening a lake takes.
#[derive(Debug, Clone)]
pub struct LazyStats<T> {
    json: Option<Box<RawValue>>,
    parsed: OnceLock<T>,
}

/// Statistics of some columns, by column name.
pub type LazyColumnStats<T> = LazyStats<BTreeMap<String, T>>;

impl<T> LazyStats<T> {
    /// The text; `None` if there are no statistics.
    fn text(&self) -> Option<&str> {
        self.json.as_deref().map(RawValue::get).filter(|json| !matches!(*json, "{}" | "[]"))
    }

    /// Returns `true` if there are no statistics.
    pub fn is_empty(&self) -> bool {
        self.text().is_none()
    }
}

impl<T: Serialize> From<T> for LazyStats<T> {
    fn from(stats: T) -> Self {
        // Maps whose keys are texts, and lists, can always be written.
        Self { json: serde_json::value::to_raw_value(&stats).ok(), parsed: OnceLock::from(stats) }
    }
}

/// Text that cannot be parsed counts as no statistics. An audit finds it, since it compares them with the file.
impl<T: DeserializeOwned + Default> Deref for LazyStats<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.parsed.get_or_init(|| self.text().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default())
    }
}

impl<T> Default for LazyStats<T> {
    fn default() -> Self {
        Self { json: None, parsed: OnceLock::new() }
    }
}

impl<T> PartialEq for LazyStats<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl<T> Eq for LazyStats<T> {}

impl<T: Serialize + Default> Serialize for LazyStats<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.json {
            Some(json) => json.serialize(serializer),
            None => T::default().serialize(serializer),
        }
    }
}

impl<'de, T> Deserialize<'de> for LazyStats<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { json: Some(Box::deserialize(deserializer)?), parsed: OnceLock::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_stay_text_until_they_are_asked_for() {
        let ranges = BTreeMap::from([("event_id".to_owned(), vec![ByteRange { offset: 4, length: 32 }])]);
        let made: LazyColumnStats<Vec<ByteRange>> = ranges.clone().into();
        let json = r#"{"event_id":[[4,32]]}"#;
        assert_eq!(serde_json::to_string(&made).unwrap(), json);
        let read: LazyColumnStats<Vec<ByteRange>> = serde_json::from_str(json).unwrap();
        assert_eq!((&read, &*read, read.is_empty()), (&made, &ranges, false));
        let none = LazyColumnStats::<Vec<ByteRange>>::default();
        assert_eq!((serde_json::to_string(&none).unwrap().as_str(), none.is_empty(), none.len()), ("{}", true, 0));
        let other: LazyColumnStats<Vec<ByteRange>> = serde_json::from_str(r#"{"event_id":"no ranges"}"#).unwrap();
        assert!(other.get("event_id").is_none() && other != read);
        assert!(serde_json::from_str::<LazyColumnStats<TextRange>>("{").is_err());
        let list: LazyStats<Vec<u64>> = serde_json::from_str("[]").unwrap();
        assert!(list.is_empty() && list == LazyStats::default() && list != LazyStats::from(vec![1]));
    }
}
