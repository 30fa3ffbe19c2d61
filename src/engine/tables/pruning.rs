//! Pruning of files by what the manifest keeps: min/max statistics, filters of values, and the places of bloom filters.

use super::lake_table::ScanFile;
use super::scan_policy::condition;
use crate::event::field::FieldId;
use crate::lake::manifest::{DataFile, DataFiles, TextRange};
use crate::lake::side_table::Condition;
use crate::lake::storage::Storage;
use crate::lake::{bloom, schema};
use arrow::array::{ArrayRef, BooleanArray, Date32Array, StringViewArray, TimestampMicrosecondArray, UInt64Array};
use datafusion::common::Column;
use datafusion::common::pruning::PruningStatistics;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use datafusion::scalar::ScalarValue;
use std::collections::HashSet;
use std::sync::Arc;

/// The bloom filters of files, in the form that pruning asks for.
pub(super) struct FileBlooms<'f> {
    pub(super) storage: &'f Storage,
    pub(super) files: &'f [ScanFile],
}

impl PruningStatistics for FileBlooms<'_> {
    fn min_values(&self, _column: &Column) -> Option<ArrayRef> {
        None
    }

    fn max_values(&self, _column: &Column) -> Option<ArrayRef> {
        None
    }

    fn num_containers(&self) -> usize {
        self.files.len()
    }

    fn null_counts(&self, _column: &Column) -> Option<ArrayRef> {
        None
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        None
    }

    fn contained(&self, column: &Column, values: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        let column = column.name();
        self.files.iter().find(|scan| scan.file.blooms.contains_key(column))?;
        let values: Vec<&str> = values.iter().map(|value| value.try_as_str().flatten()).collect::<Option<_>>()?;
        // A filter is sure that a value is not there, and never that it is.
        let may_hold = |scan: &ScanFile| bloom::may_hold(self.storage, &scan.file, column, &values);
        Some(self.files.iter().map(|scan| (!may_hold(scan)).then_some(false)).collect())
    }
}

/// A filter, as far as the values of the columns that the manifest has filters of decide it.
///
/// DataFusion prunes by columns, and not by `lower` of a column, which most views compare. It also drops an `OR` of
/// which one side does not prune; here each side is asked.
#[derive(Debug)]
pub(in super::super) enum ValueCondition {
    All(Vec<ValueCondition>),
    Any(Vec<ValueCondition>),
    /// The column has one of some values, here in lower case.
    OneOf(String, Vec<String>),
    /// Rows of every file may meet it.
    Unknown,
}

/// Depth of nested conditions below which nothing is decided, so that a long chain of them needs no deep stack.
const MAX_DEPTH: usize = 200;

impl ValueCondition {
    /// Reads filters that are all true.
    pub(in super::super) fn of(filters: &[Expr]) -> Self {
        Self::All(filters.iter().map(|filter| Self::read(filter, 0)).collect())
    }

    fn read(filter: &Expr, depth: usize) -> Self {
        if depth > MAX_DEPTH {
            return Self::Unknown;
        }
        let sides = |left, right| [left, right].map(|side| Self::read(side, depth + 1)).into();
        match filter {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => Self::All(sides(left, right)),
            Expr::IsTrue(filter) => Self::read(filter, depth + 1),
            _ => match (condition(filter), filter) {
                (Some(Condition { column, values, .. }), _) => {
                    Self::OneOf(column.to_owned(), values.into_iter().map(str::to_lowercase).collect())
                }
                (None, Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right })) => Self::Any(sides(left, right)),
                _ => Self::Unknown,
            },
        }
    }

    /// Returns `false` if no row of the file meets the condition.
    pub(super) fn may_hold_in(&self, file: &DataFile) -> bool {
        self.may_be(&|column, values| {
            file.values.get(column).is_none_or(|filter| values.iter().any(|value| filter.may_hold(value)))
        })
    }

    /// Returns `false` if a row with certain values does not meet the condition. `value_of` gives the value of a column
    /// in lower case, and `None` for one that is not known.
    pub(in super::super) fn may_be_met<'v>(&self, value_of: impl Fn(&str) -> Option<Option<&'v str>>) -> bool {
        self.may_be(&|column, values| match value_of(column) {
            None => true,
            Some(value) => value.is_some_and(|value| values.iter().any(|one| one == value)),
        })
    }

    fn may_be(&self, is_one_of: &impl Fn(&str, &[String]) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.may_be(is_one_of)),
            Self::Any(parts) => parts.iter().any(|part| part.may_be(is_one_of)),
            Self::OneOf(column, values) => is_one_of(column, values),
            Self::Unknown => true,
        }
    }
}

/// The min/max statistics that the manifest keeps of files, or of its parts, in the form that pruning asks for.
#[derive(Default)]
pub(super) struct ManifestStatistics<'f> {
    days: Vec<Option<(i32, i32)>>,
    times: Vec<Option<(i64, i64)>>,
    rows: Vec<u64>,
    /// The same files once more, if their ranges of texts count.
    texts: &'f [ScanFile],
}

impl<'f> ManifestStatistics<'f> {
    pub(super) fn of_parts(files: &DataFiles) -> Self {
        let spans = files.spans();
        Self {
            days: spans.iter().map(|span| span.days).collect(),
            times: spans.iter().map(|span| span.event_times).collect(),
            rows: spans.iter().map(|span| span.rows).collect(),
            texts: &[],
        }
    }

    pub(super) fn of_files(files: &[ScanFile]) -> Self {
        let files = || files.iter().map(|scan| &scan.file);
        Self {
            days: files().map(|file| file.event_day.map(|day| (day, day))).collect(),
            times: files().map(|file| file.min_event_time.zip(file.max_event_time)).collect(),
            rows: files().map(|file| file.rows).collect(),
            texts: &[],
        }
    }

    /// Adds the ranges of texts, which have to be parsed.
    pub(super) fn with_texts(self, files: &'f [ScanFile]) -> Self {
        Self { texts: files, ..self }
    }

    fn ends(
        &self,
        column: &Column,
        day: impl Fn((i32, i32)) -> i32,
        time: impl Fn((i64, i64)) -> i64,
        text: impl Fn(&TextRange) -> &str,
    ) -> Option<ArrayRef> {
        let name = column.name();
        if name == schema::EVENT_DATE {
            return Some(Arc::new(self.days.iter().map(|days| days.map(&day)).collect::<Date32Array>()));
        }
        if name == FieldId::EventTime.column() {
            let times: TimestampMicrosecondArray = self.times.iter().map(|times| times.map(&time)).collect();
            return Some(Arc::new(times.with_timezone("UTC")));
        }
        let known = self.texts.iter().any(|scan| scan.file.text_ranges.contains_key(name));
        let texts = self.texts.iter().map(|scan| scan.file.text_ranges.get(name).map(&text));
        known.then(|| Arc::new(texts.collect::<StringViewArray>()) as ArrayRef)
    }
}

impl PruningStatistics for ManifestStatistics<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.ends(column, |(first, _)| first, |(min, _)| min, |range| &range.min)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.ends(column, |(_, last)| last, |(_, max)| max, |range| &range.max)
    }

    fn num_containers(&self) -> usize {
        self.rows.len()
    }

    /// Events without a time have no day either, and stand in data files of their own. A file of a side table has
    /// events of all days, and nobody knows how many of them lack a time.
    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        if ![schema::EVENT_DATE, FieldId::EventTime.column()].contains(&column.name()) {
            return None;
        }
        let nulls = |((days, times), rows): ((&Option<_>, &Option<_>), &u64)| match (days, times) {
            (Some(_), _) => Some(0),
            (None, None) => Some(*rows),
            (None, Some(_)) => None,
        };
        Some(Arc::new(self.days.iter().zip(&self.times).zip(&self.rows).map(nulls).collect::<UInt64Array>()))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::new(UInt64Array::from_iter_values(self.rows.iter().copied())))
    }

    fn contained(&self, _column: &Column, _values: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
