//! `FROM log, UNNEST(expr) AS t(a)`: a table of the elements of arrays and maps, joined to the rows that have them.
//!
//! DataFusion has no such join, but unnests arrays in a projection. So the tables in front become a subquery with one
//! more column for each array.

use super::analysis::Lowering;
use super::scope::{Column, Columns, Relation, Scope};
use crate::sls::SlsError;
use crate::sls::query::{every_column, named, query, select};
use crate::sls::sql::{call, ident, number};
use datafusion::sql::sqlparser::ast::{Expr, SelectItem, TableAlias, TableFactor, TableWithJoins};

impl Lowering {
    /// Joins the elements of arrays to the tables so far.
    pub(super) fn unnest(
        &mut self,
        before: Vec<TableWithJoins>,
        unnest: TableFactor,
        scope: &mut Scope<'_>,
    ) -> Result<TableWithJoins, SlsError> {
        let span = self.places.start();
        let TableFactor::UNNEST { alias, array_exprs, with_offset, with_ordinality, .. } = unnest else {
            return Err(self.refused("this form of a table", span));
        };
        let span = alias.as_ref().map_or(span, |alias| self.places.span(alias.name.span));
        if with_offset || array_exprs.is_empty() {
            return Err(self.refused("this form of UNNEST", span));
        }
        let arrays: Vec<(bool, Expr)> = array_exprs
            .into_iter()
            .map(|expr| Ok((is_map(&expr), self.expr(expr, scope)?)))
            .collect::<Result<_, SlsError>>()?;
        let given: Vec<String> =
            alias.iter().flat_map(|alias| &alias.columns).map(|column| column.name.value.clone()).collect();
        let numbered = usize::from(with_ordinality);
        // An array of one column that has two names is a map.
        let is_map = |at: usize| match arrays.get(at) {
            Some((is_map, _)) => *is_map || (arrays.len() == 1 && given.len() == 2 + numbered),
            None => false,
        };
        let widths: Vec<usize> = (0..arrays.len()).map(|at| if is_map(at) { 2 } else { 1 }).collect();
        let width = widths.iter().sum::<usize>() + numbered;
        if !given.is_empty() && given.len() != width {
            let message = format!("{} names are given to {width} columns", given.len());
            return Err(SlsError::new(message, span));
        }
        let mut names = given.into_iter();
        let table = alias.map(|alias| alias.name.value);
        let mut taken: Vec<String> = scope
            .relations
            .iter()
            .flat_map(|relation| match &relation.columns {
                Columns::Known(columns) => columns.iter().map(|column| column.sql.clone()).collect(),
                Columns::Events => Vec::new(),
            })
            .collect();
        let derived = self.made_up();
        let mut free = |name: &str| {
            let mut free = name.to_owned();
            while taken.contains(&free) {
                free.push('_');
            }
            taken.push(free.clone());
            free
        };
        let mut items: Vec<SelectItem> = Vec::new();
        if !before.is_empty() {
            items.push(every_column());
        }
        let mut columns = Vec::new();
        let ordinals = arrays.first().map(|(_, first)| {
            let length = call("cardinality", [first.clone()]);
            call("generate_series", [number("1"), crate::sls::sql::cast(length, bigint(), false)])
        });
        for (at, (_, array)) in arrays.into_iter().enumerate() {
            let name = names.next().unwrap_or_else(|| format!("_col{}", columns.len()));
            if widths.get(at) == Some(&2) {
                let entry = free(&format!("{derived}_entry{at}"));
                items.push(named(call("unnest", [call("map_entries", [array])]), &entry));
                let value = names.next().unwrap_or_else(|| format!("_col{}", columns.len() + 1));
                columns.push(Column { name, sql: entry.clone(), member: Some("key") });
                columns.push(Column { name: value, sql: entry, member: Some("value") });
            } else {
                let sql = free(&name);
                items.push(named(call("unnest", [array]), &sql));
                columns.push(Column { name, sql, member: None });
            }
        }
        if let Some(ordinals) = ordinals.filter(|_| with_ordinality) {
            let name = names.next().unwrap_or_else(|| format!("_col{}", columns.len()));
            let sql = free(&name);
            items.push(named(call("unnest", [ordinals]), &sql));
            columns.push(Column { name, sql, member: None });
        }
        let mut inner = select(items, crate::sls::query::table(&self.events), None);
        inner.from = before;
        for relation in &mut scope.relations {
            relation.sql = Some(derived.clone());
        }
        scope.relations.push(Relation { name: table, sql: Some(derived.clone()), columns: Columns::Known(columns) });
        scope.is_one = true;
        let alias = Some(TableAlias { explicit: true, name: ident(&derived), columns: Vec::new(), at: None });
        let relation = TableFactor::Derived { lateral: false, subquery: Box::new(query(inner)), alias, sample: None };
        Ok(TableWithJoins { relation, joins: Vec::new() })
    }
}

fn bigint() -> datafusion::sql::sqlparser::ast::DataType {
    datafusion::sql::sqlparser::ast::DataType::BigInt(None)
}

/// Returns `true` for an expression that is known to be a map.
fn is_map(expr: &Expr) -> bool {
    const MAPS: [&str; 11] = [
        "map",
        "map_agg",
        "map_concat",
        "map_filter",
        "map_from_entries",
        "map_union",
        "histogram",
        "multimap_agg",
        "numeric_histogram",
        "split_to_map",
        "transform_values",
    ];
    match expr {
        Expr::Function(function) => MAPS.contains(&function.name.to_string().to_lowercase().as_str()),
        Expr::Cast { data_type, .. } => data_type.to_string().trim_start_matches('"').to_lowercase().starts_with("map"),
        Expr::Nested(inner) => is_map(inner),
        _ => false,
    }
}
