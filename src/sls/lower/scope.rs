//! Names in the analysis part: which column of which table each stands for.
//!
//! The event table has the names that SLS gives to fields, resolved by the field table. The columns of subqueries are
//! known from their projections. Names are compared without regard to case, and the SQL gets them as they are.

use crate::sls::resolve::{self, Target};
use crate::sls::sql::ident;
use crate::sls::{SlsError, Span};
use crate::spelling::similar;
use datafusion::sql::sqlparser::ast::{AccessExpr, Expr, Ident, Subscript};
use std::collections::BTreeMap;

/// A column of a subquery, as the statement names it and as the SQL does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// The name in the statement.
    pub(super) name: String,
    /// The name in the SQL.
    pub(super) sql: String,
    /// The member of the column that is meant: `key` or `value` of an entry of a map.
    pub(super) member: Option<&'static str>,
}

impl Column {
    /// A column with the same name in both.
    pub(super) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), sql: name.to_owned(), member: None }
    }

    fn expr(&self, table: Option<&str>) -> Expr {
        let column = qualified(table, &self.sql);
        match self.member {
            None => column,
            Some(member) => Expr::CompoundFieldAccess {
                root: Box::new(column),
                access_chain: vec![AccessExpr::Subscript(Subscript::Index { index: crate::sls::sql::text(member) })],
            },
        }
    }
}

fn qualified(table: Option<&str>, column: &str) -> Expr {
    match table {
        Some(table) => Expr::CompoundIdentifier(vec![ident(table), ident(column)]),
        None => Expr::Identifier(ident(column)),
    }
}

/// The columns of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Columns {
    /// The fields of events, by the names of the field table.
    Events,
    /// Columns of a subquery.
    Known(Vec<Column>),
}

/// A table of a FROM clause.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    /// The name that the statement calls it by.
    pub(super) name: Option<String>,
    /// The name that the SQL calls it by.
    pub(super) sql: Option<String>,
    /// Its columns.
    pub(super) columns: Columns,
}

/// An output column of a SELECT, which GROUP BY, HAVING and ORDER BY may name.
#[derive(Debug, Clone)]
pub(super) struct Alias {
    /// The name.
    pub(super) name: String,
    /// The expression behind it.
    pub(super) expr: Expr,
}

/// The names that an expression can use.
#[derive(Debug, Default)]
pub(super) struct Scope<'p> {
    /// The tables of the FROM clause.
    pub(super) relations: Vec<Relation>,
    /// Parameters of lambdas around the expression.
    pub(super) parameters: Vec<String>,
    /// The output columns, where they take precedence over columns of tables.
    pub(super) aliases: Vec<Alias>,
    /// The names of output columns, to say that WHERE does not know them.
    pub(super) later: Vec<String>,
    /// Columns that a join merges, which need no table in front.
    pub(super) merged: Vec<String>,
    /// The tables are one subquery in the SQL, so names need none in front.
    pub(super) is_one: bool,
    /// The scope of the query around.
    pub(super) parent: Option<&'p Scope<'p>>,
}

impl<'p> Scope<'p> {
    /// A scope without tables, inside of another.
    pub(super) fn inside(parent: Option<&'p Scope<'p>>) -> Self {
        Self { parent, ..Scope::default() }
    }

    /// Returns a scope of the same tables, in which output columns take precedence.
    pub(super) fn with_aliases(&self, aliases: Vec<Alias>) -> Self {
        Self {
            relations: self.relations.clone(),
            parameters: self.parameters.clone(),
            aliases,
            later: Vec::new(),
            merged: self.merged.clone(),
            is_one: self.is_one,
            parent: self.parent,
        }
    }

    /// Returns `true` if a table has this name.
    pub(super) fn has_table(&self, name: &str) -> bool {
        let is_it =
            |relation: &Relation| relation.name.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(name));
        self.relations.iter().any(is_it)
    }

    /// The scope of the body of a lambda.
    pub(super) fn with_parameters<'s>(&'s self, parameters: Vec<String>) -> Scope<'s> {
        Scope { parameters, parent: Some(self), ..Scope::default() }
    }
}

/// The fields of events that a statement uses, by the name that the console gives them.
#[derive(Debug, Default)]
pub(super) struct UsedFields(BTreeMap<String, Expr>);

impl UsedFields {
    /// Adds a field, and returns its name.
    pub(super) fn add(&mut self, target: &Target, span: Span) -> Result<String, SlsError> {
        let is_number = target.kind() == resolve::ValueKind::Number;
        let value = if is_number { target.value() } else { target.text() };
        let Some(value) = value else {
            let error = SlsError::new("the whole event is no column here", span);
            return Err(error.help("name its fields, such as `event.eventName`"));
        };
        let name = target.name();
        self.0.entry(name.clone()).or_insert(value);
        Ok(name)
    }

    /// Adds a value that is no field.
    pub(super) fn add_value(&mut self, name: String, value: Expr) {
        self.0.insert(name, value);
    }

    /// Returns names and values, in the order of the names.
    pub(super) fn into_columns(self) -> impl Iterator<Item = (String, Expr)> {
        self.0.into_iter()
    }
}

/// One way to read a name.
struct Found {
    expr: Expr,
    /// The name is written as the table has it, but for case.
    is_usual: bool,
}

impl Scope<'_> {
    /// Resolves a name of one or more parts.
    pub(super) fn resolve(&self, parts: &[Ident], span: Span, used: &mut UsedFields) -> Result<Expr, SlsError> {
        if let Some(expr) = self.find(parts, span, used, false)? {
            return Ok(expr);
        }
        let is_quoted = matches!(parts, [only] if only.quote_style == Some('"'));
        let error = self.unknown(&joined(parts), span);
        // Other databases take such texts.
        let is_text = is_quoted && !parts.iter().any(|part| part.value.contains('.'));
        Err(if is_text { error.note("double quotes name a field; a text stands in single quotes") } else { error })
    }

    /// Returns the error for a name that stands for nothing.
    fn unknown(&self, name: &str, span: Span) -> SlsError {
        if self.later.iter().any(|later| later.eq_ignore_ascii_case(name)) {
            let error =
                SlsError::new(format!("`{name}` is a name that this SELECT gives, which WHERE does not know"), span);
            return error.label("not known here").help(format!(
                "put the SELECT into a subquery: `SELECT … FROM (SELECT … AS {name} FROM log) WHERE …`"
            ));
        }
        let mut known = Vec::new();
        let (mut scope, mut has_events, mut has_tables) = (Some(self), false, false);
        while let Some(here) = scope {
            for relation in &here.relations {
                has_tables = true;
                match &relation.columns {
                    Columns::Known(columns) => known.extend(columns.iter().map(|column| column.name.as_str())),
                    Columns::Events => has_events = true,
                }
            }
            known.extend(here.parameters.iter().map(String::as_str));
            known.extend(here.aliases.iter().map(|alias| alias.name.as_str()));
            scope = here.parent;
        }
        let near = similar(name, known.iter().copied());
        if has_events && near.is_empty() {
            return match resolve::resolve(name, span) {
                Err(error) => error,
                Ok(_) => SlsError::new(format!("no column is named `{name}`"), span),
            };
        }
        let error = SlsError::new(format!("no column is named `{name}`"), span).label("unknown column");
        match near.as_slice() {
            [] if !has_tables => error.help("a SELECT inside of another needs its own `FROM log`"),
            [] if known.is_empty() => error,
            [] => {
                let known: Vec<String> = known.iter().take(8).map(|name| format!("`{name}`")).collect();
                error.help(format!("the subquery has the columns {}", known.join(", ")))
            }
            [one] => error.help(format!("did you mean `{one}`?")),
            several => {
                let several: Vec<String> = several.iter().map(|name| format!("`{name}`")).collect();
                error.help(format!("did you mean one of {}?", several.join(", ")))
            }
        }
    }

    /// Looks a name up, in the queries around as well. `outer` says that it stands in a query inside of this one.
    fn find(&self, parts: &[Ident], span: Span, used: &mut UsedFields, outer: bool) -> Result<Option<Expr>, SlsError> {
        let name = joined(parts);
        if let [only] = parts
            && let Some(parameter) = self.parameters.iter().find(|known| known.eq_ignore_ascii_case(&only.value))
        {
            return Ok(Some(Expr::Identifier(ident(parameter))));
        }
        if let Some(alias) = self.alias(&name) {
            return Ok(Some(crate::sls::sql::nested(alias.expr.clone())));
        }
        let mut found = Vec::new();
        for relation in &self.relations {
            let is_named =
                |first: &Ident| relation.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&first.value));
            if let [first, rest @ ..] = parts
                && !rest.is_empty()
                && is_named(first)
                && let Some(one) = self.in_relation(relation, &joined(rest), span, used, outer)?
            {
                return Ok(Some(one.expr));
            }
            found.extend(self.in_relation(relation, &name, span, used, outer)?);
        }
        if self.is_one {
            // Columns that were added take precedence.
            found.truncate(1);
        }
        let is_merged = self.merged.iter().any(|merged| merged.eq_ignore_ascii_case(&name));
        if found.len() > 1 && !is_merged && found.iter().filter(|one| one.is_usual).count() > 0 {
            found.retain(|one| one.is_usual);
        }
        match found.len() {
            0 => match self.parent {
                // The body of a lambda belongs to the same query.
                Some(parent) => parent.find(parts, span, used, outer || self.parameters.is_empty()),
                None => Ok(None),
            },
            1 => Ok(found.pop().map(|one| one.expr)),
            _ if is_merged => Ok(found.pop().map(|one| match one.expr {
                Expr::CompoundIdentifier(mut names) => {
                    names.pop().map_or(Expr::CompoundIdentifier(names), Expr::Identifier)
                }
                other => other,
            })),
            _ => {
                let error = SlsError::new(format!("several tables have a column `{name}`"), span).label("ambiguous");
                Err(error.help(format!("write the table in front of it, such as `t.{name}`")))
            }
        }
    }

    /// Returns `true` if names need the table in front: with one table they do not, unless a query inside names them.
    fn needs_table(&self, outer: bool) -> bool {
        outer || (self.relations.len() > 1 && !self.is_one)
    }

    /// Returns a column of the table of events.
    pub(super) fn of_events(&self, column: &str) -> Option<Expr> {
        self.column_of_events(column, false)
    }

    fn column_of_events(&self, column: &str, outer: bool) -> Option<Expr> {
        let events = self.relations.iter().find(|relation| relation.columns == Columns::Events);
        let table = |relation: &Relation| relation.sql.clone().filter(|_| self.needs_table(outer));
        match events {
            Some(relation) => Some(qualified(table(relation).as_deref(), column)),
            None => {
                let outer = outer || self.parameters.is_empty();
                self.parent.and_then(|parent| parent.column_of_events(column, outer))
            }
        }
    }

    /// Returns the output column of a name.
    pub(super) fn alias(&self, name: &str) -> Option<&Alias> {
        self.aliases.iter().find(|alias| alias.name.eq_ignore_ascii_case(name))
    }

    fn in_relation(
        &self,
        relation: &Relation,
        name: &str,
        span: Span,
        used: &mut UsedFields,
        outer: bool,
    ) -> Result<Option<Found>, SlsError> {
        let table = relation.sql.as_deref().filter(|_| self.needs_table(outer));
        match &relation.columns {
            Columns::Known(columns) => {
                let exact = columns.iter().find(|column| column.name == name);
                let column = exact.or_else(|| columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)));
                Ok(column.map(|column| Found { expr: column.expr(table), is_usual: true }))
            }
            Columns::Events => {
                let Some(target) = resolve::find(name) else { return Ok(None) };
                let column = used.add(&target, span)?;
                let is_usual = column.eq_ignore_ascii_case(name);
                Ok(Some(Found { expr: qualified(table, &column), is_usual }))
            }
        }
    }
}

/// Returns the parts of a name with dots between them.
pub(super) fn joined(parts: &[Ident]) -> String {
    parts.iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join(".")
}
