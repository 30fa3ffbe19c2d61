//! The accounts and regions of a lake, with the first and the last event of each.
//!
//! The tallies of the manifest answer for the data files that have them. Files of earlier builds, and the few in which
//! events of the future begin, are read.

use super::lookup::{Lookup, rows};
use super::survey::tallies;
use crate::engine::error::EngineError;
use crate::event::field::FieldId;
use crate::lake::manifest::DataFile;
use chrono::{DateTime, Utc};
use datafusion::functions_aggregate::expr_fn::{max, min};
use datafusion::logical_expr::{Expr, lit, when};
use datafusion::prelude::{SessionContext, col};
use datafusion::scalar::ScalarValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A region of an account with events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Account; `None` where events carry none.
    pub account_id: Option<String>,
    /// Region; `None` where events carry none.
    pub region: Option<String>,
    /// First event.
    pub first: DateTime<Utc>,
    /// Last event that is not of the future.
    pub last: Option<DateTime<Utc>>,
}

/// An account and a region.
type Key = (Option<String>, Option<String>);

/// First event, and last event that is not of the future, by account and region.
#[derive(Default)]
struct Places(BTreeMap<Key, (i64, Option<i64>)>);

impl Places {
    fn add(&mut self, account: Option<&str>, region: Option<&str>, first: i64, last: Option<i64>) {
        let key = [account, region].map(|text| text.filter(|text| !text.is_empty()).map(str::to_owned));
        let known = self.0.entry(key.into()).or_insert((first, last));
        *known = (known.0.min(first), known.1.max(last));
    }

    /// Adds the events of a data file, or returns `false` if it must be read.
    fn add_file(&mut self, lookup: &Lookup, file: &DataFile, newest: i64) -> bool {
        let Some(tallies) = tallies(file) else { return false };
        let tallies = || tallies.iter().filter(|tally| lookup.scope().has(tally));
        if tallies().any(|tally| tally.event_times.is_some_and(|(min, max)| min <= newest && newest < max)) {
            return false;
        }
        for tally in tallies() {
            if let Some((min, max)) = tally.event_times {
                let last = (max <= newest).then_some(max);
                self.add(tally.account.as_deref(), tally.region.as_deref(), min, last);
            }
        }
        true
    }
}

impl Lookup {
    /// Returns the accounts and regions in scope that have events, whatever the range of the scope. Events after
    /// `newest` are of the future.
    pub async fn places(&self, context: &SessionContext, newest: i64) -> Result<Vec<Place>, EngineError> {
        let mut places = Places::default();
        let dated = self.all_files()?.into_iter().filter(|file| file.max_event_time.is_some());
        let unread: Vec<Arc<DataFile>> = dated.filter(|file| !places.add_file(self, file, newest)).collect();
        if !unread.is_empty() {
            self.read_places(context, unread, newest, &mut places).await?;
        }
        let instant = DateTime::from_timestamp_micros;
        let place = |((account_id, region), (first, last)): (Key, (i64, Option<i64>))| {
            Some(Place { account_id, region, first: instant(first)?, last: last.and_then(instant) })
        };
        let mut places: Vec<Place> = places.0.into_iter().filter_map(place).collect();
        // Nulls last, as in SQL.
        places
            .sort_by_cached_key(|place| [&place.account_id, &place.region].map(|text| (text.is_none(), text.clone())));
        Ok(places)
    }

    async fn read_places(
        &self,
        context: &SessionContext,
        files: Vec<Arc<DataFile>>,
        newest: i64,
        places: &mut Places,
    ) -> Result<(), EngineError> {
        let [account, region] = [FieldId::AccountId, FieldId::AcsRegion].map(|id| col(id.column()));
        let time = || col(FieldId::EventTime.column());
        let not_later = time().lt_eq(super::instant(newest));
        let nothing = lit(ScalarValue::TimestampMicrosecond(None, Some("UTC".into())));
        let last = max(when(not_later, time()).otherwise(nothing)?);
        let filters: Vec<Expr> = self.scope().value_filters().into_iter().chain([time().is_not_null()]).collect();
        let plan = self.scan_of(files, filters)?.aggregate(vec![account, region], vec![min(time()), last])?;
        for row in rows(context, plan).await? {
            if let [account, region, ScalarValue::TimestampMicrosecond(Some(first), _), last] = row.as_slice() {
                let last = match last {
                    ScalarValue::TimestampMicrosecond(last, _) => *last,
                    _ => None,
                };
                let [account, region] = [account, region].map(|text| text.try_as_str().flatten());
                places.add(account, region, *first, last);
            }
        }
        Ok(())
    }
}
