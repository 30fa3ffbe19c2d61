//! Queries and SELECTs of the analysis part: tables, output columns, groups, orders and limits.

use super::analysis::{Lowering, Table};
use super::expr::with_nulls_last;
use super::functions::is_word;
use super::scope::{Alias, Column, Columns, Relation, Scope, joined};
use crate::event::field::{FIELD_IDS, FieldId};
use crate::sls::query::named;
use crate::sls::resolve::Target;
use crate::sls::sql::{ident, number};
use crate::sls::{SlsError, SlsNotice, Span};
use datafusion::sql::sqlparser::ast::{
    Expr, GroupByExpr, Ident, JoinConstraint, JoinOperator, LimitClause, NamedWindowExpr, ObjectName, Offset,
    OffsetRows, OrderByExpr, OrderByKind, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr,
    TableAlias, TableFactor, TableWithJoins, Value, Visit, Visitor,
};
use std::collections::HashSet;
use std::ops::ControlFlow;

/// The most queries inside of each other.
const MAX_NESTING: usize = 40;

impl Lowering {
    /// Rewrites a query, and returns its columns.
    pub(super) fn query(&mut self, query: &mut Query, parent: Option<&Scope<'_>>) -> Result<Vec<Column>, SlsError> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(SlsError::new("the statement is nested too deeply", self.places.end()));
        }
        let (tables, aggregate) = (self.tables.len(), self.aggregate.take());
        let columns = self.query_inside(query, parent);
        self.tables.truncate(tables);
        self.aggregate = aggregate;
        self.depth -= 1;
        columns
    }

    fn query_inside(&mut self, query: &mut Query, parent: Option<&Scope<'_>>) -> Result<Vec<Column>, SlsError> {
        if let Some(with) = &mut query.with {
            if with.recursive {
                let span = with.cte_tables.first().map(|cte| self.places.span(cte.alias.name.span));
                return Err(self.refused("WITH RECURSIVE", span.unwrap_or_default()));
            }
            for cte in &mut with.cte_tables {
                let written = (cte.query.as_ref().clone(), cte.alias.clone());
                let columns = self.query(&mut cte.query, None)?;
                let columns = self.renamed(columns, &mut cte.alias)?;
                self.tables.push(Table { name: cte.alias.name.value.clone(), columns, written });
                cte.alias.name = ident(&cte.alias.name.value);
            }
        }
        if !query.locks.is_empty() || query.for_clause.is_some() || !query.pipe_operators.is_empty() {
            return Err(self.refused("FOR UPDATE", self.places.start()));
        }
        let mut orders = match query.order_by.take() {
            None => Vec::new(),
            Some(order_by) => match order_by.kind {
                OrderByKind::Expressions(orders) => orders,
                OrderByKind::All(_) => return Err(self.refused("ORDER BY ALL", self.places.start())),
            },
        };
        let columns = match query.body.as_mut() {
            SetExpr::Select(select) => {
                let (columns, lowered) = self.select(select, std::mem::take(&mut orders), parent)?;
                orders = lowered;
                if select.projection.len() > columns.len() {
                    self.hide_orders(query, &columns);
                }
                columns
            }
            body => {
                let columns = self.body(body, parent)?;
                // The order of a union is one of its columns.
                let known = Columns::Known(columns.clone());
                let relations = vec![Relation { name: None, sql: None, columns: known }];
                let scope = Scope { relations, ..Scope::default() };
                orders = self.orders(orders, &scope)?;
                columns
            }
        };
        if !orders.is_empty() {
            let kind = OrderByKind::Expressions(orders);
            query.order_by = Some(datafusion::sql::sqlparser::ast::OrderBy { kind, interpolate: None });
        }
        self.limits(query)?;
        Ok(columns)
    }

    fn body(&mut self, body: &mut SetExpr, parent: Option<&Scope<'_>>) -> Result<Vec<Column>, SlsError> {
        match body {
            SetExpr::Select(select) => Ok(self.select(select, Vec::new(), parent)?.0),
            SetExpr::Query(query) => self.query(query, parent),
            SetExpr::SetOperation { left, right, .. } => {
                self.depth += 1;
                if self.depth > MAX_NESTING {
                    return Err(SlsError::new("the statement has too many unions", self.places.end()));
                }
                let columns = self.body(left, parent)?;
                self.body(right, parent)?;
                self.depth -= 1;
                Ok(columns)
            }
            SetExpr::Values(values) => {
                let scope = Scope::inside(parent);
                let mut width = 0;
                for row in &mut values.rows {
                    width = width.max(row.len());
                    for expr in row.iter_mut() {
                        let taken = std::mem::replace(expr, Expr::value(Value::Null));
                        *expr = self.expr(taken, &scope)?;
                    }
                }
                let column =
                    |at: usize| Column { name: format!("_col{}", at - 1), sql: format!("column{at}"), member: None };
                Ok((1..=width).map(column).collect())
            }
            _ => Err(self.refused("this form of a query", self.places.start())),
        }
    }

    /// Writes a limit as SQL has it.
    fn limits(&mut self, query: &mut Query) -> Result<(), SlsError> {
        if let Some(fetch) = query.fetch.take() {
            query.limit_clause = Some(LimitClause::LimitOffset {
                limit: Some(fetch.quantity.unwrap_or_else(|| number("1"))),
                offset: None,
                limit_by: Vec::new(),
            });
        }
        match query.limit_clause.take() {
            None => {}
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
                let offset = Some(Offset { value: offset, rows: OffsetRows::None });
                query.limit_clause =
                    Some(LimitClause::LimitOffset { limit: Some(limit), offset, limit_by: Vec::new() });
            }
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) => {
                if !limit_by.is_empty() {
                    return Err(self.refused("LIMIT BY", self.places.start()));
                }
                if let Some(offset) = &offset {
                    let span = self.span_of(&offset.value);
                    let notice = SlsNotice::warning("the online service has no OFFSET", span);
                    self.notices.push(notice.help("write `LIMIT offset, rows`"));
                }
                query.limit_clause = Some(LimitClause::LimitOffset { limit, offset, limit_by });
            }
        }
        if let Some(LimitClause::LimitOffset { limit, offset, .. }) = &query.limit_clause {
            for expr in limit.iter().chain(offset.as_ref().map(|offset| &offset.value)) {
                if !matches!(expr, Expr::Value(value) if matches!(value.value, Value::Number(..))) {
                    return Err(SlsError::new("a limit is a number of rows", self.span_of(expr)));
                }
            }
        }
        Ok(())
    }

    /// Rewrites a SELECT and the order of its rows. Returns its columns and the order.
    pub(super) fn select(
        &mut self,
        select: &mut Select,
        orders: Vec<OrderByExpr>,
        parent: Option<&Scope<'_>>,
    ) -> Result<(Vec<Column>, Vec<OrderByExpr>), SlsError> {
        self.refuse_forms(select)?;
        let in_series = std::mem::take(&mut self.in_series);
        if !in_series && let Some(series) = self.series_of(select)? {
            return self.series(select, series, orders, parent);
        }
        let mut scope = Scope::inside(parent);
        let outside = self.comparison.take();
        match self.comparison(select, &orders)? {
            Some(comparison) => {
                self.compared_tables(select, &comparison, &mut scope)?;
                self.comparison = Some(self.compared_time(comparison, &scope)?);
            }
            None => self.from(select, &mut scope)?,
        }
        scope.later = select
            .projection
            .iter()
            .filter_map(|item| match item {
                SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
                _ => None,
            })
            .collect();
        select.selection = self.optional_expr(select.selection.take(), &scope)?;
        scope.later.clear();
        for window in &mut select.named_window {
            window.0 = ident(&window.0.value);
            window.1 = match window.1.clone() {
                NamedWindowExpr::NamedWindow(name) => NamedWindowExpr::NamedWindow(ident(&name.value)),
                NamedWindowExpr::WindowSpec(spec) => NamedWindowExpr::WindowSpec(self.window_spec(spec, &scope)?),
            };
        }
        let written = written_outputs(select);
        self.in_series = in_series;
        let aliases = self.projection(select, &scope)?;
        self.in_series = false;
        self.group_by(&mut select.group_by, &aliases, &written, &scope)?;
        let given = aliases.iter().filter(|output| output.is_given).map(|output| output.alias.clone());
        let of_group = scope.with_aliases(given.collect());
        select.having = self.optional_expr(select.having.take(), &of_group)?;
        let mut lowered = Vec::with_capacity(orders.len());
        for order in orders {
            let output = match &order.expr {
                Expr::Identifier(name) => {
                    aliases.iter().find(|output| output.alias.name.eq_ignore_ascii_case(&name.value))
                }
                _ => None,
            };
            let expr = match output {
                Some(output) => Expr::Identifier(ident(&output.alias.name)),
                None => {
                    let expr = self.expr(order.expr, &of_group)?;
                    if select.distinct.is_none() && is_taken(&expr, &aliases) {
                        // SQL would not know which of two columns of the name is meant.
                        let name = format!("__order{}", lowered.len());
                        select.projection.push(named(expr, &name));
                        Expr::Identifier(ident(&name))
                    } else {
                        expr
                    }
                }
            };
            lowered.push(with_nulls_last(OrderByExpr { expr, ..order }));
        }
        self.comparison = outside;
        Ok((aliases.into_iter().map(|output| Column::named(&output.alias.name)).collect(), lowered))
    }

    /// Puts a query into another, which leaves out the columns that are there for the order.
    fn hide_orders(&mut self, query: &mut Query, columns: &[Column]) {
        let derived = self.made_up();
        let items = columns.iter().map(|column| named(crate::sls::sql::column(&column.sql), &column.sql)).collect();
        let SetExpr::Select(inner) = query.body.as_ref() else { return };
        let subquery = Box::new(crate::sls::query::query(inner.as_ref().clone()));
        let alias = Some(TableAlias { explicit: true, name: ident(&derived), columns: Vec::new(), at: None });
        let table = TableFactor::Derived { lateral: false, subquery, alias, sample: None };
        *query.body = SetExpr::Select(Box::new(crate::sls::query::select(items, table, None)));
    }

    fn optional_expr(&mut self, expr: Option<Expr>, scope: &Scope<'_>) -> Result<Option<Expr>, SlsError> {
        expr.map(|expr| self.expr(expr, scope)).transpose()
    }

    fn refuse_forms(&self, select: &Select) -> Result<(), SlsError> {
        let forms = [
            (select.top.is_some(), "TOP"),
            (select.into.is_some(), "INTO"),
            (!select.lateral_views.is_empty(), "LATERAL VIEW"),
            (select.prewhere.is_some(), "PREWHERE"),
            (!select.connect_by.is_empty(), "CONNECT BY"),
            (!select.cluster_by.is_empty() || !select.distribute_by.is_empty(), "DISTRIBUTE BY"),
            (!select.sort_by.is_empty(), "SORT BY"),
            (select.qualify.is_some(), "QUALIFY"),
            (select.exclude.is_some() || select.value_table_mode.is_some(), "this form of SELECT"),
            (matches!(select.distinct, Some(datafusion::sql::sqlparser::ast::Distinct::On(_))), "DISTINCT ON"),
        ];
        match forms.iter().find(|(is_there, _)| *is_there) {
            Some((_, form)) => Err(self.refused(form, self.places.start())),
            None => Ok(()),
        }
    }

    /// Rewrites the output columns, each of which gets its name.
    fn projection(&mut self, select: &mut Select, scope: &Scope<'_>) -> Result<Vec<Output>, SlsError> {
        let mut outputs: Vec<Output> = Vec::new();
        for item in std::mem::take(&mut select.projection) {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    let name = match &expr {
                        Expr::Identifier(name) => name.value.clone(),
                        Expr::CompoundIdentifier(names) => column_name(names, scope),
                        Expr::Function(function) if is_word(function) => function.name.to_string(),
                        _ => format!("_col{}", outputs.len()),
                    };
                    let expr = self.expr(expr, scope)?;
                    outputs.push(Output { alias: Alias { name, expr }, is_given: false });
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    let expr = self.expr(expr, scope)?;
                    outputs.push(Output { alias: Alias { name: alias.value, expr }, is_given: true });
                }
                SelectItem::Wildcard(options) => {
                    let span = self.places.span(options.wildcard_token.0.span);
                    for relation in &scope.relations {
                        self.every_column(relation, scope, span, &mut outputs)?;
                    }
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let span = self.span_of(&name);
                    let name = name.to_string().trim_matches('"').to_owned();
                    let is_it = |relation: &&Relation| {
                        relation.name.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(&name))
                    };
                    match scope.relations.iter().find(is_it) {
                        Some(relation) => self.every_column(relation, scope, span, &mut outputs)?,
                        None => return Err(SlsError::new(format!("no table is named `{name}`"), span)),
                    }
                }
                _ => return Err(self.refused("this form of an output column", self.places.start())),
            }
        }
        let mut seen = HashSet::new();
        for output in &mut outputs {
            let mut name = output.alias.name.clone();
            let mut number = 0;
            while !seen.insert(name.clone()) {
                number += 1;
                name = format!("{}_{number}", output.alias.name);
            }
            output.alias.name = name;
        }
        select.projection = outputs
            .iter()
            .map(|output| SelectItem::ExprWithAlias {
                expr: output.alias.expr.clone(),
                alias: ident(&output.alias.name),
            })
            .collect();
        Ok(outputs)
    }

    fn every_column(
        &mut self,
        relation: &Relation,
        scope: &Scope<'_>,
        span: Span,
        outputs: &mut Vec<Output>,
    ) -> Result<(), SlsError> {
        let names: Vec<String> = match &relation.columns {
            Columns::Known(columns) => columns.iter().map(|column| column.name.clone()).collect(),
            Columns::Events => fields().map(|id| Target::Field(id).name()).collect(),
        };
        for name in names {
            let column = Ident::with_quote('"', name.clone());
            let parts = match &relation.name {
                Some(table) if scope.relations.len() > 1 => vec![Ident::with_quote('"', table.clone()), column],
                _ => vec![column],
            };
            let expr = scope.resolve(&parts, span, &mut self.used)?;
            outputs.push(Output { alias: Alias { name, expr }, is_given: false });
        }
        Ok(())
    }

    /// Rewrites the groups. A name of an output column takes precedence, and becomes its number.
    fn group_by(
        &mut self,
        groups: &mut GroupByExpr,
        outputs: &[Output],
        written: &[Expr],
        scope: &Scope<'_>,
    ) -> Result<(), SlsError> {
        let GroupByExpr::Expressions(exprs, modifiers) = groups else {
            return Err(self.refused("GROUP BY ALL", self.places.start()));
        };
        if !modifiers.is_empty() {
            return Err(self.refused("this form of GROUP BY", self.places.start()));
        }
        for expr in exprs {
            match expr {
                Expr::GroupingSets(sets) | Expr::Rollup(sets) | Expr::Cube(sets) => {
                    for item in sets.iter_mut().flatten() {
                        let taken = std::mem::replace(item, Expr::value(Value::Null));
                        *item = match output_of(&taken, outputs) {
                            Some(at) => match outputs.get(at) {
                                Some(output) => output.alias.expr.clone(),
                                None => taken,
                            },
                            None => self.group(taken, outputs, &[], scope)?,
                        };
                    }
                }
                expr => {
                    let taken = std::mem::replace(expr, Expr::value(Value::Null));
                    *expr = match output_of(&taken, outputs) {
                        Some(at) => number(&(at + 1).to_string()),
                        None => self.group(taken, outputs, written, scope)?,
                    };
                }
            }
        }
        Ok(())
    }

    /// Rewrites one group that is no name of an output column. The expression of an output column is that column. In
    /// other expressions, names are those of columns first.
    fn group(&mut self, expr: Expr, outputs: &[Output], written: &[Expr], scope: &Scope<'_>) -> Result<Expr, SlsError> {
        let is_name = matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_));
        if let Some(at) = written.iter().position(|output| !is_name && *output == expr) {
            return Ok(number(&(at + 1).to_string()));
        }
        let given = outputs.iter().filter(|output| output.is_given).map(|output| output.alias.clone());
        let of_group = scope.with_aliases(given.collect());
        match expr {
            // In parentheses it is still a name.
            Expr::Nested(inner) => match output_of(&inner, outputs) {
                Some(at) => Ok(number(&(at + 1).to_string())),
                None => self.expr(*inner, &of_group),
            },
            Expr::Value(_) | Expr::Tuple(_) => self.expr(expr, scope),
            expr => self.expr(expr.clone(), scope).or_else(|_| self.expr(expr, &of_group)),
        }
    }

    /// Rewrites the tables, and fills the scope with them.
    fn from(&mut self, select: &mut Select, scope: &mut Scope<'_>) -> Result<(), SlsError> {
        let mut done: Vec<TableWithJoins> = Vec::new();
        for item in std::mem::take(&mut select.from) {
            let TableWithJoins { mut relation, joins } = item;
            let mut current = if let TableFactor::UNNEST { .. } = relation {
                self.unnest(std::mem::take(&mut done), relation, scope)?
            } else {
                let added = self.factor(&mut relation, scope)?;
                scope.is_one &= added.is_empty();
                scope.relations.extend(added);
                TableWithJoins { relation, joins: Vec::new() }
            };
            for mut join in joins {
                if let TableFactor::UNNEST { .. } = join.relation {
                    done.push(current);
                    current = self.unnest(std::mem::take(&mut done), join.relation, scope)?;
                    continue;
                }
                let added = self.factor(&mut join.relation, scope)?;
                scope.relations.extend(added);
                self.constraint(&mut join.join_operator, scope)?;
                scope.is_one = false;
                current.joins.push(join);
            }
            done.push(current);
        }
        select.from = done;
        Ok(())
    }

    fn constraint(&mut self, operator: &mut JoinOperator, scope: &mut Scope<'_>) -> Result<(), SlsError> {
        let constraint = match operator {
            JoinOperator::Join(constraint)
            | JoinOperator::Inner(constraint)
            | JoinOperator::Left(constraint)
            | JoinOperator::LeftOuter(constraint)
            | JoinOperator::Right(constraint)
            | JoinOperator::RightOuter(constraint)
            | JoinOperator::FullOuter(constraint)
            | JoinOperator::CrossJoin(constraint) => constraint,
            _ => return Err(self.refused("this kind of join", self.places.start())),
        };
        match constraint {
            JoinConstraint::On(condition) => {
                let taken = std::mem::replace(condition, Expr::value(Value::Null));
                *condition = self.expr(taken, scope)?;
            }
            JoinConstraint::Using(names) => {
                for name in names {
                    let Some(part) = name.0.first().and_then(|part| part.as_ident()) else { continue };
                    let (part, span) = (part.clone(), self.places.span(part.span));
                    scope.merged.push(part.value.clone());
                    let column = scope.resolve(&[part], span, &mut self.used)?;
                    if let Expr::Identifier(column) = column {
                        *name = ObjectName::from(vec![column]);
                    }
                }
            }
            JoinConstraint::Natural => return Err(self.refused("NATURAL JOIN", self.places.start())),
            JoinConstraint::None => {}
        }
        Ok(())
    }

    /// Rewrites a table, and returns what it is in the scope.
    fn factor(&mut self, factor: &mut TableFactor, scope: &mut Scope<'_>) -> Result<Vec<Relation>, SlsError> {
        let span = match factor {
            TableFactor::Table { name, .. } => self.span_of(name),
            TableFactor::Derived { alias: Some(alias), .. } => self.places.span(alias.name.span),
            _ => self.places.start(),
        };
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let parts: Vec<Ident> = name.0.iter().filter_map(|part| part.as_ident().cloned()).collect();
                let written = joined(&parts);
                let known = self.tables.iter().rposition(|table| table.is_named(&written));
                if let Some(at) = known.filter(|_| self.shift != 0) {
                    return self.earlier_table(factor, at, scope);
                }
                let (sql, columns) = match known.and_then(|at| self.tables.get(at)) {
                    Some(table) => (table.name.clone(), Columns::Known(table.columns.clone())),
                    None => {
                        self.events_by(&written, parts.len(), span)?;
                        (self.events(), Columns::Events)
                    }
                };
                *name = ObjectName::from(vec![ident(&sql)]);
                let columns = match (alias.as_mut(), columns) {
                    (Some(alias), Columns::Known(columns)) => Columns::Known(self.renamed(columns, alias)?),
                    (Some(alias), Columns::Events) if !alias.columns.is_empty() => {
                        return Err(self.refused("a list of columns behind the name of this table", span));
                    }
                    (_, columns) => columns,
                };
                let sql = match alias {
                    Some(alias) => {
                        alias.name = ident(&alias.name.value);
                        alias.name.value.clone()
                    }
                    None => sql,
                };
                let name = alias.as_ref().map_or(written, |alias| alias.name.value.clone());
                Ok(vec![Relation { name: Some(name), sql: Some(sql), columns }])
            }
            TableFactor::Table { .. } | TableFactor::Function { .. } | TableFactor::TableFunction { .. } => {
                Err(self.refused("a function in the place of a table", span))
            }
            TableFactor::Derived { lateral, subquery, alias, .. } => {
                if *lateral {
                    return Err(self.refused("LATERAL", span));
                }
                let mut columns = self.query(subquery, None)?;
                let made_up = alias.is_none().then(|| self.made_up());
                let alias = alias.get_or_insert_with(|| TableAlias {
                    explicit: true,
                    name: Ident::new(made_up.clone().unwrap_or_default()),
                    columns: Vec::new(),
                    at: None,
                });
                columns = self.renamed(columns, alias)?;
                alias.name = ident(&alias.name.value);
                let name = made_up.is_none().then(|| alias.name.value.clone());
                Ok(vec![Relation { name, sql: Some(alias.name.value.clone()), columns: Columns::Known(columns) }])
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                let mut relations = self.factor(&mut table_with_joins.relation, scope)?;
                for join in &mut table_with_joins.joins {
                    relations.extend(self.factor(&mut join.relation, scope)?);
                    let mut inner = Scope { relations, ..Scope::default() };
                    self.constraint(&mut join.join_operator, &mut inner)?;
                    scope.merged.append(&mut inner.merged);
                    relations = inner.relations;
                }
                Ok(relations)
            }
            _ => Err(self.refused("this form of a table", span)),
        }
    }

    /// Puts the query of a common table expression in the place of its name, over the events of an earlier range.
    fn earlier_table(
        &mut self,
        factor: &mut TableFactor,
        at: usize,
        scope: &mut Scope<'_>,
    ) -> Result<Vec<Relation>, SlsError> {
        // The query sees the tables before it.
        let later = self.tables.split_off(at);
        let written = later.first().map(|table| table.written.clone());
        if let (Some((query, own)), TableFactor::Table { alias, .. }) = (written, &*factor) {
            let names = own.columns.clone();
            let mut alias = alias.clone().unwrap_or(own);
            if alias.columns.is_empty() {
                alias.columns = names;
            }
            *factor =
                TableFactor::Derived { lateral: false, subquery: Box::new(query), alias: Some(alias), sample: None };
        }
        let relations = self.factor(factor, scope);
        self.tables.extend(later);
        relations
    }

    /// Takes a name for that of the table of events: `log`, or one other name.
    fn events_by(&mut self, written: &str, parts: usize, span: Span) -> Result<(), SlsError> {
        if written.eq_ignore_ascii_case("log") {
            return Ok(());
        }
        if parts > 1 {
            let error = SlsError::new(format!("no table is named `{written}`"), span).label("unknown table");
            return Err(error.help("the table of events is `log`; external stores are not known here"));
        }
        match &self.table {
            Some(table) if table.eq_ignore_ascii_case(written) => Ok(()),
            Some(table) => {
                let message = format!("only one table holds events, and `{table}` is taken for it already");
                let error = SlsError::new(message, span).label("unknown table");
                Err(error.help("external stores, and other logstores, are not known here"))
            }
            None => {
                self.table = Some(written.to_owned());
                let message = format!("`{written}` is taken for the table of events");
                self.notices.push(SlsNotice::warning(message, span).help("write `FROM log`"));
                Ok(())
            }
        }
    }

    /// Returns the columns with the names that an alias gives them.
    pub(super) fn renamed(&self, columns: Vec<Column>, alias: &mut TableAlias) -> Result<Vec<Column>, SlsError> {
        if alias.columns.is_empty() {
            return Ok(columns);
        }
        if alias.columns.len() != columns.len() {
            let span = self.places.span(alias.name.span);
            let (given, there) = (alias.columns.len(), columns.len());
            return Err(SlsError::new(format!("{given} names are given to {there} columns"), span));
        }
        for column in &mut alias.columns {
            column.name = ident(&column.name.value);
        }
        Ok(alias.columns.iter().map(|column| Column::named(&column.name.value)).collect())
    }
}

/// An output column.
struct Output {
    alias: Alias,
    /// The statement gives the name.
    is_given: bool,
}

/// Returns `true` if an expression names a column whose name an output column of another value has.
fn is_taken(expr: &Expr, outputs: &[Output]) -> bool {
    struct Names<'o>(&'o [Output]);
    impl Visitor for Names<'_> {
        type Break = ();
        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            let name = match expr {
                Expr::Identifier(name) => Some(name),
                Expr::CompoundIdentifier(names) => names.last(),
                _ => None,
            };
            let is_other = |output: &Output| {
                name.is_some_and(|name| output.alias.name == name.value) && output.alias.expr != *expr
            };
            if self.0.iter().any(is_other) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
    expr.visit(&mut Names(outputs)).is_break()
}

/// Returns the expressions of the output columns as they are written; none where `*` stands for some.
fn written_outputs(select: &Select) -> Vec<Expr> {
    let written = select.projection.iter().map(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr.clone()),
        _ => None,
    });
    written.collect::<Option<_>>().unwrap_or_default()
}

/// Returns the number of the output column that an expression names, from 0.
fn output_of(expr: &Expr, outputs: &[Output]) -> Option<usize> {
    let Expr::Identifier(name) = expr else { return None };
    outputs.iter().position(|output| output.is_given && output.alias.name.eq_ignore_ascii_case(&name.value))
}

/// Returns the name of an output column that is a name of several parts: without the table.
fn column_name(names: &[Ident], scope: &Scope<'_>) -> String {
    match names {
        [first, rest @ ..] if !rest.is_empty() && scope.has_table(&first.value) => joined(rest),
        names => joined(names),
    }
}

/// The fields that `*` stands for: those that SLS has.
pub(super) fn fields() -> impl Iterator<Item = FieldId> {
    FIELD_IDS.iter().copied().filter(|id| id.field().sls_name().is_some())
}
