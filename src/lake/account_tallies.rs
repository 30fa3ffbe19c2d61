//! Tallies of the rows of a data file by account and region, for the manifest.
//!
//! They answer which accounts and regions a lake has, and since when and until when each has events, without opening
//! data files.

use super::manifest::{AccountTally, union_of_ranges};
use crate::event::field::FieldId;
use arrow::array::{Array, AsArray, RecordBatch, StringViewArray};
use arrow::datatypes::TimestampMicrosecondType;
use std::collections::{BTreeMap, HashMap};

/// Combinations of a data file from which on it has no tallies, so that the manifest stays small. Questions then read
/// the file.
const MOST_TALLIES: usize = 256;

/// The columns that tallies are made of, beside the event time.
pub const TALLIED: [FieldId; 3] = [FieldId::AccountId, FieldId::RecipientAccountId, FieldId::AcsRegion];

type Key<T> = [Option<T>; TALLIED.len()];

/// Rows of a combination, with the minimum and maximum of their event times.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    rows: u64,
    event_times: Option<(i64, i64)>,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.event_times = union_of_ranges([self.event_times, other.event_times].into_iter());
    }
}

/// Builds the tallies of a data file, batch by batch.
#[derive(Debug)]
pub struct AccountTallies {
    /// `None` once there are too many combinations.
    sums: Option<BTreeMap<Key<String>, Sum>>,
}

impl Default for AccountTallies {
    fn default() -> Self {
        Self { sums: Some(BTreeMap::new()) }
    }
}

impl AccountTallies {
    /// Adds rows of events. Without the columns there are no tallies.
    pub fn add(&mut self, rows: &RecordBatch) {
        let Some(sums) = &mut self.sums else { return };
        let Some(of_batch) = sums_of(rows) else {
            self.sums = None;
            return;
        };
        for (key, sum) in of_batch {
            sums.entry(key.map(|text| text.map(str::to_owned))).or_default().add(sum);
        }
        if sums.len() > MOST_TALLIES {
            self.sums = None;
        }
    }

    /// The tallies in the order of their keys; empty if there are too many.
    pub fn finish(self) -> Vec<AccountTally> {
        let tally = |([account, recipient, region], Sum { rows, event_times }): (Key<String>, Sum)| AccountTally {
            account,
            recipient,
            region,
            rows,
            event_times,
        };
        self.sums.into_iter().flatten().map(tally).collect()
    }
}

/// Sums the rows of a batch; `None` if it lacks a column or has too many combinations.
fn sums_of(rows: &RecordBatch) -> Option<HashMap<Key<&str>, Sum>> {
    let texts = |id: FieldId| rows.column_by_name(id.column())?.as_string_view_opt();
    let columns = [texts(TALLIED[0])?, texts(TALLIED[1])?, texts(TALLIED[2])?];
    let times = rows.column_by_name(FieldId::EventTime.column())?.as_primitive_opt::<TimestampMicrosecondType>()?;
    let mut sums: HashMap<Key<&str>, Sum> = HashMap::new();
    for row in 0..rows.num_rows() {
        let [account, recipient, region] = columns.map(|column: &StringViewArray| text(column, row));
        let key = [account, recipient.filter(|_| recipient != account), region];
        let time = times.is_valid(row).then(|| (times.value(row), times.value(row)));
        sums.entry(key).or_default().add(Sum { rows: 1, event_times: time });
        if sums.len() > MOST_TALLIES {
            return None;
        }
    }
    Some(sums)
}

fn text(column: &StringViewArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::field::FieldSet;
    use crate::event::record::{Event, Value};
    use crate::lake::batch::EventBatchBuilder;
    use std::borrow::Cow;

    /// An account, a recipient, a region and an event time.
    type Row = (Option<&'static str>, Option<&'static str>, Option<&'static str>, Option<i64>);

    fn batch(rows: &[Row]) -> RecordBatch {
        let mut builder = EventBatchBuilder::default();
        for (account, recipient, region, time) in rows {
            let mut event = Event::default();
            let texts = TALLIED.into_iter().zip([account, recipient, region]);
            for (id, text) in texts.filter_map(|(id, text)| Some((id, (*text)?))) {
                event.set(id, Value::Text(Cow::Borrowed(text)));
            }
            if let Some(time) = time {
                event.set(FieldId::EventTime, Value::Int(*time));
            }
            builder.append(&event, FieldSet::ALL);
        }
        builder.finish().unwrap()
    }

    fn tallies(batches: &[RecordBatch]) -> Vec<AccountTally> {
        let mut tallies = AccountTallies::default();
        batches.iter().for_each(|batch| tallies.add(batch));
        tallies.finish()
    }

    #[test]
    fn rows_are_tallied_by_account_recipient_and_region() {
        let rows: [Row; 7] = [
            (Some("1"), Some("1"), Some("a"), Some(5)),
            (Some("1"), None, Some("a"), Some(3)),
            (Some("1"), Some("2"), Some("a"), Some(9)),
            (None, Some("2"), None, None),
            (Some(""), None, Some(""), Some(1)),
            (Some("1"), Some("1"), Some("a"), None),
            (None, None, None, None),
        ];
        let expected = r#"[[null,null,null,1,null],[null,"2",null,1,null],["",null,"",1,[1,1]],["1",null,"a",3,[3,5]],["1","2","a",1,[9,9]]]"#;
        let at_once = tallies(&[batch(&rows)]);
        assert_eq!(serde_json::to_string(&at_once).unwrap(), expected);
        assert_eq!(serde_json::from_str::<Vec<AccountTally>>(expected).unwrap(), at_once);
        // Batches and the order of rows make no difference.
        let reversed: Vec<Row> = rows.iter().rev().copied().collect();
        assert_eq!(tallies(&[batch(&reversed[..3]), batch(&reversed[3..])]), at_once);
        assert_eq!(tallies(&[]), []);
    }

    #[test]
    fn too_many_combinations_have_no_tallies() {
        let names: Vec<&'static str> = (0..=MOST_TALLIES).map(|n| &*n.to_string().leak()).collect();
        let rows: Vec<Row> = names.iter().map(|name| (Some(*name), None, None, Some(1))).collect();
        let (most, more) = rows.split_at(MOST_TALLIES);
        assert_eq!(tallies(&[batch(most)]).len(), MOST_TALLIES);
        assert_eq!(tallies(&[batch(&rows)]), []);
        assert_eq!(tallies(&[batch(most), batch(more)]), []);
        assert_eq!(tallies(&[batch(&rows), batch(more)]), []);
        let without = batch(most).project(&[0, 1]).unwrap();
        assert_eq!(tallies(&[without]), []);
    }
}
