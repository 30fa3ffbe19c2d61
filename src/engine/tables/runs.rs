//! The table `runs`: one row a commit.

use crate::event::field::Kind;
use crate::lake::manifest::{Commit, Snapshot};
use crate::lake::schema;
use arrow::array::{ArrayRef, StringViewArray, TimestampMicrosecondArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use datafusion::error::Result;
use std::sync::Arc;

/// Makes the rows of the table `runs`.
pub(super) fn runs(snapshot: &Snapshot) -> Result<RecordBatch> {
    let commits = &snapshot.commits;
    let text = |name| Field::new(name, DataType::Utf8View, false);
    let count = |name| Field::new(name, DataType::UInt64, false);
    let time = |name| Field::new(name, schema::data_type(Kind::Time), false);
    let fields = vec![
        text("run_id"),
        text("kind"),
        count("version"),
        time("started_at"),
        time("finished_at"),
        text("trailql_version"),
        count("sources"),
        count("read"),
        count("stored"),
        count("duplicate"),
        count("rejected"),
    ];
    let counts = |of: fn(&Commit) -> u64| -> ArrayRef {
        Arc::new(commits.iter().map(|commit| Some(of(commit))).collect::<UInt64Array>())
    };
    let times = |of: fn(&Commit) -> i64| -> ArrayRef {
        let times: TimestampMicrosecondArray = commits.iter().map(|commit| Some(of(commit))).collect();
        Arc::new(times.with_timezone("UTC"))
    };
    let texts = |of: fn(&Commit) -> &str| -> ArrayRef {
        Arc::new(commits.iter().map(|commit| Some(of(commit))).collect::<StringViewArray>())
    };
    let columns = vec![
        texts(|commit| &commit.run.run_id),
        texts(|commit| commit.run.kind.name()),
        counts(|commit| commit.version),
        times(|commit| commit.run.started_at.timestamp_micros()),
        times(|commit| commit.run.finished_at.timestamp_micros()),
        texts(|commit| &commit.run.trailql_version),
        counts(|commit| commit.run.sources),
        counts(|commit| commit.run.tally.read),
        counts(|commit| commit.run.tally.stored),
        counts(|commit| commit.run.tally.duplicate),
        counts(|commit| commit.run.tally.rejected),
    ];
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}
