//! Decisions on how the files of a scan are read.
//!
//! Four things are decided from the filters and the files that pruning left:
//!
//! 1. *Side table.* A question that lets only the account itself through reads the files that keep its rows once more
//!    ([`lets_only_root_through`]; [`LakeTable`](super::LakeTable) asks whether these have the columns). A data file of
//!    each day would have to be opened otherwise.
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
use datafusion::common::config::ParquetOptions;
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
    pub(super) fn of(filters: &[Expr], files: &[ScanFile]) -> Self {
        Self {
            push_filters: !lets_only_root_through(filters),
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

/// Returns `true` for filters that let only rows of the account itself through.
pub(super) fn lets_only_root_through(filters: &[Expr]) -> bool {
    filters.iter().any(is_root_only)
}

fn is_root_only(filter: &Expr) -> bool {
    let is_root = |value: &Expr| matches!(value, Expr::Literal(value, _) if value.try_as_str() == Some(Some(ROOT)));
    let is_type =
        |column: &Expr| matches!(column, Expr::Column(column) if column.name == FieldId::UserIdentityType.column());
    split_conjunction(filter).into_iter().any(|part| match part {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            is_type(left) && is_root(right) || is_root(left) && is_type(right)
        }
        _ => false,
    })
}
