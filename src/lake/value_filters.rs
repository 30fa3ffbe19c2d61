//! Builds the filters of values that the manifest keeps of a data file.

use super::manifest::ValueFilter;
use crate::event::field::FieldId;
use arrow::array::{AsArray, RecordBatch, StringViewArray};
use std::collections::{BTreeMap, BTreeSet};

/// The columns with a filter: names that exports write in more than one case.
pub const FILTERED: [FieldId; 2] = [FieldId::ServiceName, FieldId::EventName];

/// Distinct values from which on a column has no filter, so that the manifest and memory stay small.
const MAX_VALUES: usize = 4_096;

/// Builds the filters of a data file, batch by batch.
#[derive(Debug, Default)]
pub struct ValueFilters {
    columns: [Values; FILTERED.len()],
}

/// The distinct values of a column in lower case.
#[derive(Debug)]
struct Values {
    /// `None` once there are too many.
    values: Option<BTreeSet<String>>,
    last: String,
}

impl Default for Values {
    fn default() -> Self {
        Self { values: Some(BTreeSet::new()), last: String::new() }
    }
}

impl ValueFilters {
    /// Adds rows of events. A column that they lack has no filter.
    pub fn add(&mut self, rows: &RecordBatch) {
        for (column, id) in self.columns.iter_mut().zip(FILTERED) {
            match rows.column_by_name(id.column()).and_then(|column| column.as_string_view_opt()) {
                Some(texts) => column.add(texts),
                None => column.values = None,
            }
        }
    }

    /// The filters by column name.
    pub fn finish(self) -> BTreeMap<String, ValueFilter> {
        let columns = self.columns.into_iter().zip(FILTERED);
        let filter = |(column, id): (Values, FieldId)| {
            let values = column.values?;
            Some((id.column().to_owned(), ValueFilter::of(values.iter().map(String::as_str))?))
        };
        columns.filter_map(filter).collect()
    }
}

impl Values {
    /// Adds texts. A text often equals that of the row before, since rows are sorted by event name.
    fn add(&mut self, texts: &StringViewArray) {
        let Some(values) = &mut self.values else { return };
        for text in texts.iter().flatten() {
            if text == self.last && !values.is_empty() {
                continue;
            }
            text.clone_into(&mut self.last);
            let lower = text.to_lowercase();
            if !values.contains(&lower) {
                values.insert(lower);
            }
        }
        if values.len() > MAX_VALUES {
            self.values = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::field::FieldSet;
    use crate::event::record::{Event, Value};
    use crate::lake::batch::EventBatchBuilder;
    use std::borrow::Cow;

    fn batch(names: &[Option<&str>]) -> RecordBatch {
        let mut builder = EventBatchBuilder::default();
        for name in names {
            let mut event = Event::default();
            if let Some(name) = name {
                event.set(FieldId::EventName, Value::Text(Cow::Borrowed(*name)));
            }
            builder.append(&event, FieldSet::ALL);
        }
        builder.finish().unwrap()
    }

    fn filters(batches: &[RecordBatch]) -> BTreeMap<String, ValueFilter> {
        let mut filters = ValueFilters::default();
        batches.iter().for_each(|batch| filters.add(batch));
        filters.finish()
    }

    #[test]
    fn values_are_kept_in_lower_case() {
        let names = [Some("CreateUser"), None, Some(""), Some("createuser"), Some("ÄNDERE"), Some("İ")];
        let made = filters(&[batch(&names[..2]), batch(&names[2..])]);
        // A column of nulls has none.
        assert_eq!(made.keys().collect::<Vec<_>>(), ["event_name"]);
        let filter = &made["event_name"];
        for name in names.into_iter().flatten() {
            assert!(filter.may_hold(&name.to_lowercase()), "{name}");
        }
        assert!(!filter.may_hold("deleteuser"));
        // The order of rows makes no difference.
        let reversed: Vec<_> = names.into_iter().rev().collect();
        let text = |filters: &BTreeMap<String, ValueFilter>| serde_json::to_string(filters).unwrap();
        assert_eq!(text(&filters(&[batch(&reversed)])), text(&made));
    }

    #[test]
    fn too_many_values_and_missing_columns_have_no_filter() {
        let names: Vec<String> = (0..=MAX_VALUES).map(|n| n.to_string()).collect();
        let names: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
        assert_eq!(filters(&[batch(&names[1..])]).len(), 1);
        assert!(filters(&[batch(&names)]).is_empty());
        let without = batch(&names[..1]).project(&[0]).unwrap();
        assert!(filters(&[batch(&names[..1]), without]).is_empty());
    }
}
