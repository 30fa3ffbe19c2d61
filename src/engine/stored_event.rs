//! Whole events, put together from their rows.

use super::query_result::QueryResult;
use super::{EngineError, Session, Statement, quoted};
use crate::event::field::FieldId;
use crate::event::identity::{Identity, Keys, Told};
use crate::event::rebuild::rebuild;
use crate::event::record::Event;
use crate::lake::batch::read_row;
use crate::lake::schema;
use arrow::datatypes::Date32Type;
use arrow::record_batch::RecordBatch;
use chrono::NaiveDate;
use datafusion::common::ParamValues;
use datafusion::logical_expr::{LogicalPlanBuilder, SortExpr, lit};
use datafusion::prelude::col;
use datafusion::scalar::ScalarValue;

/// An event with the place it was read at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The event as JSON.
    pub json: String,
    /// The identities that its copies may have in the table `copies`.
    pub identities: Vec<String>,
    /// `source_id` of the table `sources`.
    pub source_id: String,
    /// Number of the record in the source, from 0.
    pub record: i64,
    /// Byte of the unpacked source at which it begins.
    pub offset: i64,
}

impl StoredEvent {
    fn of(event: &Event<'_>) -> Self {
        Self {
            identities: identities(event),
            json: rebuild(event),
            source_id: event.text(FieldId::SourceId).unwrap_or_default().to_owned(),
            record: event.int(FieldId::SourceRecord).unwrap_or_default(),
            offset: event.int(FieldId::SourceOffset).unwrap_or_default(),
        }
    }
}

/// Returns the identities under which the table `copies` may know an event: its own, that of its copies without an
/// account, and that which earlier builds gave it.
fn identities(event: &Event<'_>) -> Vec<String> {
    let told = Told::of(event);
    let by_content = event.text(FieldId::ContentIdentity).and_then(Identity::from_hex);
    let keys = by_content.map(Keys::by_content).or_else(|| told.keys());
    let without_account = keys.and_then(|keys| keys.shared).map(|shared| shared.without_account);
    let known = [keys.map(|keys| keys.own), without_account, told.exactly()];
    known.into_iter().flatten().map(Identity::to_hex).collect()
}

/// Streams whole events as JSON text, one batch in memory at a time.
pub struct Events {
    rows: QueryResult,
    batch: Option<RecordBatch>,
    row: usize,
}

impl Events {
    /// Reads the events of a result that has the columns of `events`.
    pub(super) fn of(rows: QueryResult) -> Self {
        Self { rows, batch: None, row: 0 }
    }

    /// Returns the next event, `None` at the end.
    pub fn next_event(&mut self) -> Result<Option<String>, EngineError> {
        loop {
            if let Some(batch) = &self.batch
                && self.row < batch.num_rows()
            {
                let event = rebuild(&read_row(batch, self.row));
                self.row += 1;
                return Ok(Some(event));
            }
            self.batch = self.rows.next_batch()?;
            self.row = 0;
            if self.batch.is_none() {
                return Ok(None);
            }
        }
    }
}

/// The order of whole events: by time, and by what tells them apart in one instant.
pub(super) fn event_order() -> Vec<SortExpr> {
    let keys = [FieldId::EventTime, FieldId::EventId, FieldId::SourceId, FieldId::SourceRecord];
    keys.iter().map(|id| col(quoted(id.column())).sort(true, false)).collect()
}

/// A row of the days in the table `files`.
#[derive(serde::Deserialize)]
struct DayRow {
    event_date: Option<String>,
}

impl Session {
    /// Returns the events with this id, each with the source, the record and the offset it was read at.
    pub fn events_by_id(&self, event_id: &str) -> Result<Vec<StoredEvent>, EngineError> {
        let sql = "SELECT * FROM events WHERE event_id = $id ORDER BY event_time, source_id, source_record";
        let id = vec![("id".to_owned(), ScalarValue::Utf8View(Some(event_id.to_owned())))];
        let mut rows = self.run(self.plan(sql)?.with_param_values(ParamValues::from(id))?)?;
        let mut events = Vec::new();
        while let Some(batch) = rows.next_batch()? {
            events.extend((0..batch.num_rows()).map(|row| StoredEvent::of(&read_row(&batch, row))));
        }
        Ok(events)
    }

    /// Streams the whole events of a statement that selects every column of `events`, in its order.
    pub fn events(&self, statement: Statement) -> Result<Events, EngineError> {
        Ok(Events::of(self.statement(statement)?))
    }

    /// Calls `take` with every event in scope, unmasked, by day (UTC) and in it by time. Events without a time come
    /// last.
    ///
    /// The engine sorts one day at a time and spills what does not fit, so memory does not grow with the events.
    pub fn each_event<E: From<EngineError>>(&self, mut take: impl FnMut(&Event<'_>) -> Result<(), E>) -> Result<(), E> {
        let days: Vec<DayRow> = self.rows("SELECT DISTINCT event_date FROM files ORDER BY 1 NULLS LAST", &[])?;
        for day in days {
            let mut rows = self.events_of_day(day.event_date.as_deref())?;
            while let Some(batch) = rows.next_batch()? {
                for row in 0..batch.num_rows() {
                    take(&read_row(&batch, row))?;
                }
            }
        }
        Ok(())
    }

    fn events_of_day(&self, day: Option<&str>) -> Result<QueryResult, EngineError> {
        let day = day.map(|day| day.parse::<NaiveDate>().map(Date32Type::from_naive_date));
        let day = day.transpose().map_err(|error| EngineError::Sql(error.to_string()))?;
        let column = || col(schema::EVENT_DATE);
        let of_day = day.map_or_else(|| column().is_null(), |day| column().eq(lit(ScalarValue::Date32(Some(day)))));
        let events = LogicalPlanBuilder::from(self.unmasked_events()?);
        self.run(events.filter(of_day)?.sort(event_order())?.build()?)
    }
}
