//! Builders of whole queries, beside the expressions of [`super::sql`].

use super::sql::{column, ident, number};
use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    Expr, GroupByExpr, LimitClause, ObjectName, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, Query, Select,
    SelectFlavor, SelectItem, SetExpr, TableFactor, TableWithJoins, WildcardAdditionalOptions,
};

/// `SELECT projection FROM from WHERE selection`.
pub fn select(projection: Vec<SelectItem>, from: TableFactor, selection: Option<Expr>) -> Select {
    Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        distinct: None,
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection,
        exclude: None,
        into: None,
        from: vec![TableWithJoins { relation: from, joins: Vec::new() }],
        lateral_views: Vec::new(),
        prewhere: None,
        selection,
        connect_by: Vec::new(),
        group_by: GroupByExpr::Expressions(Vec::new(), Vec::new()),
        cluster_by: Vec::new(),
        distribute_by: Vec::new(),
        sort_by: Vec::new(),
        having: None,
        named_window: Vec::new(),
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    }
}

/// A query of one SELECT.
pub fn query(select: Select) -> Query {
    Query {
        with: None,
        body: Box::new(SetExpr::Select(Box::new(select))),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

/// A table by its name.
pub fn table(name: &str) -> TableFactor {
    TableFactor::Table {
        name: ObjectName::from(vec![ident(name)]),
        alias: None,
        args: None,
        with_hints: Vec::new(),
        version: None,
        with_ordinality: false,
        partitions: Vec::new(),
        json_path: None,
        sample: None,
        index_hints: Vec::new(),
    }
}

/// `*`.
pub fn every_column() -> SelectItem {
    SelectItem::Wildcard(WildcardAdditionalOptions::default())
}

/// `expr AS alias`.
pub fn named(expr: Expr, alias: &str) -> SelectItem {
    SelectItem::ExprWithAlias { expr, alias: ident(alias) }
}

/// `ORDER BY column DESC NULLS LAST, …`, or in ascending order.
pub fn order_by(columns: &[(&str, bool)]) -> OrderBy {
    let exprs = columns.iter().map(|(name, ascending)| OrderByExpr {
        expr: column(name),
        options: OrderByOptions { asc: Some(*ascending), nulls_first: Some(false) },
        with_fill: None,
    });
    OrderBy { kind: OrderByKind::Expressions(exprs.collect()), interpolate: None }
}

/// `LIMIT rows`.
pub fn limit(rows: u64) -> LimitClause {
    LimitClause::LimitOffset { limit: Some(number(&rows.to_string())), offset: None, limit_by: Vec::new() }
}
