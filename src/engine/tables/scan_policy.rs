//! Decisions on how the files of a scan are read.
//!
//! Four things are decided from the filters and the files that pruning left:
//!
//! 1. *Side table.* A query whose conditions and columns a side table covers reads its files in place of the data files
//!    ([`SideTable::covers`](crate::lake::side_table::SideTable::covers)). A data file of each day would have to be
//!    opened otherwise. Of several side tables the one with the fewest rows is read.
//! 2. *Filter pushdown.* Rows are chosen by a few narrow columns, and the wide JSON columns are read for those rows
//!    only. Root did so little that to read columns in two steps costs more than it saves.
//! 3. *Bloom filters.* Those that the manifest knows have been asked while the scan was planned, and the reader need
//!    not ask them again.
//! 4. *Page index.* To read it is wasted where a file has hardly more pages than row groups.
//!
//! The figures are in `benches/RESULTS.md`, "Questions".

use super::lake_table::ScanFile;
use crate::event::field::FieldId;
use crate::event::ids::ROOT;
use crate::lake::side_table::Condition;
use datafusion::common::config::ParquetOptions;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};

/// The most rows of a file whose page index is not read.
const INDEXED_ROWS: u64 = 32 << 10;

/// The decisions about one scan that the reader of Parquet follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ScanPolicy {
    push_filters: bool,
    read_bloom_filters: bool,
    read_page_index: bool,
}

impl ScanPolicy {
    /// Decides how files are read.
    pub(super) fn of(conditions: &[Condition<'_>], files: &[ScanFile]) -> Self {
        Self {
            push_filters: !asks_for_root(conditions),
            read_bloom_filters: files.iter().any(|scan| scan.file.blooms.is_empty()),
            read_page_index: files.iter().any(|scan| scan.file.rows > INDEXED_ROWS),
        }
    }

    /// Tells the reader of Parquet.
    pub(super) fn apply(self, options: &mut ParquetOptions) {
        options.pushdown_filters = self.push_filters;
        options.bloom_filter_on_read = self.read_bloom_filters;
        options.enable_page_index &= self.read_page_index;
    }
}

/// Returns `true` if only rows of root meet the conditions; they stand in row groups of their own.
fn asks_for_root(conditions: &[Condition<'_>]) -> bool {
    let is_root = |condition: &Condition<'_>| {
        let Condition { column, in_lower_case, values } = condition;
        *column == FieldId::UserIdentityType.column() && !in_lower_case && *values == [ROOT]
    };
    conditions.iter().any(is_root)
}

/// Returns the conditions among filters that compare a column with texts.
pub(super) fn conditions(filters: &[Expr]) -> Vec<Condition<'_>> {
    filters.iter().flat_map(split_conjunction).filter_map(condition).collect()
}

/// Returns the condition that a filter is, if it compares a column with texts.
pub(super) fn condition(filter: &Expr) -> Option<Condition<'_>> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            equality(left, right).or_else(|| equality(right, left))
        }
        // The optimizer makes this of a list of few values.
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let (mut one, other) = (condition(left)?, condition(right)?);
            one.values.extend(other.values);
            ((one.column, one.in_lower_case) == (other.column, other.in_lower_case)).then_some(one)
        }
        Expr::InList(InList { expr, list, negated: false }) if !list.is_empty() => {
            let (column, in_lower_case) = operand(expr)?;
            let values = list.iter().map(text).collect::<Option<_>>()?;
            Some(Condition { column, in_lower_case, values })
        }
        _ => None,
    }
}

fn equality<'q>(operand: &'q Expr, value: &'q Expr) -> Option<Condition<'q>> {
    let (column, in_lower_case) = self::operand(operand)?;
    Some(Condition { column, in_lower_case, values: vec![text(value)?] })
}

/// Returns the column that is compared, and `true` if that is done in lower case.
fn operand(expr: &Expr) -> Option<(&str, bool)> {
    match expr {
        Expr::Column(column) => Some((&column.name, false)),
        Expr::ScalarFunction(call) if call.name() == "lower" => match call.args.as_slice() {
            [Expr::Column(column)] => Some((&column.name, true)),
            _ => None,
        },
        _ => None,
    }
}

fn text(value: &Expr) -> Option<&str> {
    value.as_literal().and_then(|value| value.try_as_str().flatten())
}
