//! Masking of secrets, below every query and in whole events.
//!
//! The table `events` masks each column whose values may hold anything ([`Holds`]), so that filters, functions, groups
//! and joins see marks and never a secret. A question that does not name such a column does not pay for it. A filter on
//! one is evaluated in the scan, as that on any column; and where it compares with a text that is no mark and holds no
//! secret ([`CompareUnmasked`]), it is the same filter on the column itself, which the files can be pruned by.

use super::functions::{mask_secrets, masker_of as masker_of_call};
use super::{EngineError, Session, quoted, scan};
use crate::event::field::{FIELD_IDS, Field, Holds};
use crate::event::record::{Event, Value};
use crate::event::secret::{MARK, Masker};
use crate::lake::manifest::beginning_of_first_entry;
use crate::lake::storage::Storage;
use datafusion::catalog::TableProvider;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::datasource::ViewTable;
use datafusion::error::Result;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};
use datafusion::prelude::col;
use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

/// The most bytes of the first entry of the manifest that the key of fingerprints is made from.
const KEY_MATERIAL_BYTES: u64 = 64 << 10;

/// Makes the masker of a lake. Its key is the same as long as the lake is, and known to nobody who does not have the
/// lake.
pub fn masker_of(root: &Path, redact: bool) -> Masker {
    // A lake without a commit has no secrets either.
    let masker = beginning_of_first_entry(&Storage::local(root), KEY_MATERIAL_BYTES)
        .map_or(Masker::PLAIN, |material| Masker::keyed(&material));
    if redact { masker.with_personal() } else { masker }
}

/// Returns `true` for a column of which a masker hides something.
pub(super) fn hides(masker: &Masker, field: &Field) -> bool {
    match field.holds {
        Holds::Fixed => false,
        Holds::Names => masker.hides_personal(),
        Holds::Anything => true,
    }
}

impl Session {
    /// Returns a name as answers show it: with `--redact`, one that is an e-mail address is a mark.
    pub fn shown_name<'t>(&self, name: &'t str) -> Cow<'t, str> {
        if self.shared.masker.hides_personal() { self.shared.masker.mask(name) } else { Cow::Borrowed(name) }
    }

    /// Masks the secrets of an event as answers mask them, and returns `true` if there were any.
    pub fn mask_event(&self, event: &mut Event<'_>) -> bool {
        let mut masked = false;
        for id in FIELD_IDS.iter().copied().filter(|id| hides(&self.shared.masker, id.field())) {
            let text = event.text(id).and_then(|text| match self.shared.masker.mask(text) {
                Cow::Owned(text) => Some(text),
                Cow::Borrowed(_) => None,
            });
            if let Some(text) = text {
                event.set(id, Value::Text(Cow::Owned(text)));
                masked = true;
            }
        }
        masked
    }
}

/// Masks the bytes and reasons of the table `rejects`.
pub(super) fn rejects(table: Arc<dyn TableProvider>, masker: &Masker) -> Result<Arc<dyn TableProvider>, EngineError> {
    let mask = mask_secrets(masker.clone());
    let schema = table.schema();
    let columns = schema.fields().iter().map(|field| {
        let column = col(quoted(field.name()));
        let is_masked = matches!(field.name().as_str(), "bytes" | "reason");
        if is_masked { mask.call(vec![column]).alias(field.name()) } else { column }
    });
    let plan = scan("rejects", table)?.project(columns.collect::<Vec<_>>())?.build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

/// Compares the column itself where a masked column is compared with a text that is no mark and holds no secret.
///
/// plan before: `mask_secrets(event_source) = 'signin.aliyun.com'`; plan after: `event_source = 'signin.aliyun.com'`.
/// A masked value holds a mark, so a text without one equals the masked value only where nothing was masked. Nothing of
/// a secret is told: a comparison with one is left as it is, and is never true.
#[derive(Debug)]
pub(super) struct CompareUnmasked;

impl OptimizerRule for CompareUnmasked {
    fn name(&self) -> &str {
        "compare_unmasked"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        if !matches!(plan, LogicalPlan::Filter(_) | LogicalPlan::TableScan(_)) {
            return Ok(Transformed::no(plan));
        }
        plan.map_expressions(|expr| expr.transform_up(|expr| Ok(unmasked(expr))))
    }
}

fn unmasked(expr: Expr) -> Transformed<Expr> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::Eq | Operator::NotEq), right }) => {
            let compares = |masked: &Expr, with: &Expr| {
                argument(masked).filter(|(masker, _)| is_open(masker, with)).map(|(_, column)| column.clone())
            };
            let (column, other) = match (compares(&left, &right), compares(&right, &left)) {
                (Some(column), _) => (column, right),
                (None, Some(column)) => (column, left),
                (None, None) => return Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op, right })),
            };
            Transformed::yes(Expr::BinaryExpr(BinaryExpr { left: Box::new(column), op, right: other }))
        }
        Expr::InList(InList { expr, list, negated }) => {
            let column = argument(&expr)
                .filter(|(masker, _)| list.iter().all(|with| is_open(masker, with)))
                .map(|(_, column)| column.clone());
            match column {
                Some(column) => Transformed::yes(Expr::InList(InList { expr: Box::new(column), list, negated })),
                None => Transformed::no(Expr::InList(InList { expr, list, negated })),
            }
        }
        Expr::IsNull(expr) => match argument(&expr) {
            Some((_, column)) => Transformed::yes(Expr::IsNull(Box::new(column.clone()))),
            None => Transformed::no(Expr::IsNull(expr)),
        },
        Expr::IsNotNull(expr) => match argument(&expr) {
            Some((_, column)) => Transformed::yes(Expr::IsNotNull(Box::new(column.clone()))),
            None => Transformed::no(Expr::IsNotNull(expr)),
        },
        expr => Transformed::no(expr),
    }
}

/// Returns the masker and the column of a call that masks one.
fn argument(expr: &Expr) -> Option<(&Masker, &Expr)> {
    let Expr::ScalarFunction(call) = expr else { return None };
    let column = call.args.first().filter(|column| matches!(column, Expr::Column(_)))?;
    Some((masker_of_call(&call.func)?, column))
}

/// Returns `true` for a text that a masked value equals only where nothing was masked.
fn is_open(masker: &Masker, expr: &Expr) -> bool {
    let text = expr.as_literal().and_then(|value| value.try_as_str().flatten());
    text.is_some_and(|text| !text.contains(MARK) && matches!(masker.mask(text), Cow::Borrowed(_)))
}
