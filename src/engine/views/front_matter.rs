//! The head of a view's file: TOML in comment lines, as PEP 723 has it for scripts.
//!
//! ```sql
//! -- /// view
//! -- name = "root_high_frequency"
//! -- severity = "medium"
//! -- kind = "threshold"
//! -- title = { en = "…", ja = "…", zh = "…" }
//! -- source = "ours"
//! -- why = """
//! -- Several lines, which become one paragraph."""
//! -- param.n = { type = "count", default = 100, help = "Minimum operations per day" }
//! -- ///
//! SELECT …
//! ```
//!
//! The file stays valid SQL. It begins with the head, and the head begins with `-- /// view` and ends with `-- ///`.
//! Any other key is an error. An error names the line and the column of the file.
//!
//! `search` is the statement of Simple Log Service that a SELECT was made of. It tells where the view came from; the
//! SELECT alone is asked.
//!
//! A title that is text is that of every language. `replaces = true` lets a user's view stand in the place of the
//! built-in one of its name, which is an error otherwise.
//!
//! The category is no key: it is the folder that the file stands in. A file of the folder `lib` has `name`, `why` and
//! `param` only, since its rows are for other views.

use super::param::{ParamType, ViewParam};
use super::{LIB, Severity, Titles, View, ViewKind};
use crate::spelling::similar;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// The first line of a head.
const OPEN: &str = "-- /// view";

/// The last line of a head.
const CLOSE: &str = "-- ///";

/// The keys of a head.
const KEYS: [&str; 12] =
    ["name", "replaces", "title", "severity", "kind", "attack", "cis", "source", "parity", "why", "search", "param"];

/// The origins of conditions.
const SOURCES: [&str; 10] = [
    "actiontrail-template",
    "actiontrail-alert",
    "sls-audit",
    "cis",
    "governance-center",
    "source-documents",
    "peer",
    "ours",
    "user",
    "test",
];

/// The lists of rules that `parity` can name.
const RULE_LISTS: [&str; 4] = ["template", "alert", "sls", "insight"];

/// The keys of a head in the folder `lib`.
const LIB_KEYS: [&str; 3] = ["name", "why", "param"];

/// The keys of a parameter.
const PARAM_KEYS: [&str; 3] = ["type", "default", "help"];

/// The longest name of a view or a parameter.
const MAX_NAME: usize = 64;

/// A place of the file, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: usize,
    /// Column in characters, from 1; `None` if the line as a whole is wrong.
    pub(super) column: Option<usize>,
    pub(super) reason: String,
    pub(super) similar: Vec<String>,
}

impl Fault {
    pub(super) fn at(line: usize, reason: impl Into<String>) -> Self {
        Self { line, column: None, reason: reason.into(), similar: Vec::new() }
    }
}

/// The two parts of a file.
#[derive(Debug)]
struct Parts<'t> {
    head: Head<'t>,
    /// The SELECT.
    sql: &'t str,
    /// Line of the file that the SELECT begins in.
    sql_line: usize,
}

/// Reads the text of a view file. `stem` is the name of the file without `.sql`, which the view's name must be.
pub(super) fn read(file: &str, category: &str, stem: &str, text: &str) -> Result<View, Fault> {
    let parts = split(text)?;
    let head = &parts.head;
    let table = head.parse()?;
    let is_lib = category == LIB;
    let keys = head.keys(&table);
    keys.only(if is_lib { &LIB_KEYS } else { &KEYS })?;

    let name = keys.required("name")?;
    if !is_name(&name) {
        return Err(keys.fault("name", format!("{NAME_RULE}: `{name}`")));
    }
    if name != stem {
        return Err(keys.fault("name", format!("a view of this name belongs in `{name}.sql`: `{name}`")));
    }
    let why = paragraph(&keys.required("why")?);
    let params = read_params(&keys, is_lib)?;
    let mut view = View {
        name,
        file: file.to_owned(),
        path: None,
        replaces: false,
        shadows: false,
        titles: Titles::default(),
        category: category.to_owned(),
        severity: Severity::Info,
        kind: ViewKind::Lib,
        attack: Vec::new(),
        cis: Vec::new(),
        source: String::new(),
        parity: Vec::new(),
        why,
        search: String::new(),
        params,
        sql: parts.sql.trim_end().to_owned(),
        sql_line: parts.sql_line,
    };
    if !is_lib {
        view.replaces = keys.flag("replaces")?;
        view.titles = read_titles(&keys)?;
        view.severity = keys.one_of("severity", Severity::ALL, Severity::text)?;
        view.kind = keys.one_of("kind", ViewKind::NAMED, ViewKind::text)?;
        view.attack = keys.texts("attack")?;
        view.cis = keys.texts("cis")?;
        view.source = keys.one_of("source", SOURCES, |source| source)?.to_owned();
        view.parity = keys.texts("parity")?;
        view.search = keys.optional("search")?;
        if let Some(wrong) = view.parity.iter().find(|rule| !is_rule(rule)) {
            let reason = format!("a rule of `parity` is `template:…`, `alert:…`, `sls:…` or `insight:…`: `{wrong}`");
            return Err(keys.fault("parity", reason));
        }
    }
    if view.sql.is_empty() {
        return Err(Fault::at(parts.sql_line, "there is no SELECT behind the head"));
    }
    Ok(view)
}

/// Returns `true` if a text has a head, or means to have one.
pub(super) fn has_head(text: &str) -> bool {
    without_mark(text).lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.trim_end() == OPEN)
}

/// Returns the name in the head of a file.
pub(super) fn name_of(text: &str) -> Result<String, Fault> {
    let parts = split(without_mark(text))?;
    let table = parts.head.parse()?;
    parts.head.keys(&table).required("name")
}

/// Returns the text of a file with another name in its head.
pub(super) fn renamed(text: &str, name: &str) -> Result<String, Fault> {
    let text = without_mark(text);
    let parts = split(text)?;
    let table = parts.head.parse()?;
    let keys = parts.head.keys(&table);
    let (_, value) = keys.entry("name").ok_or_else(|| keys.missing("name"))?;
    Ok(parts.head.with(&value.span(), &format!("\"{name}\"")))
}

/// Returns the text of a file whose head says that it replaces the built-in view of its name.
pub(super) fn replacing(text: &str) -> Result<String, Fault> {
    let text = without_mark(text);
    let parts = split(text)?;
    let table = parts.head.parse()?;
    let keys = parts.head.keys(&table);
    if keys.flag("replaces")? {
        return Ok(text.to_owned());
    }
    if let Some((_, value)) = keys.entry("replaces") {
        return Ok(parts.head.with(&value.span(), "true"));
    }
    let (key, _) = keys.entry("name").ok_or_else(|| keys.missing("name"))?;
    let at = parts.head.offset(key.span().start);
    let line = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let (before, behind) = text.split_at_checked(line).unwrap_or((text, ""));
    Ok(format!("{before}-- replaces = true\n{behind}"))
}

/// Takes off the byte order mark that editors on Windows begin a file with.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Takes the head off a file.
fn split(text: &str) -> Result<Parts<'_>, Fault> {
    let text = without_mark(text);
    let (mut toml, mut lines, mut open, mut at) = (String::new(), Vec::new(), None, 0);
    for (n, line) in text.split_inclusive('\n').enumerate() {
        let (number, begin) = (n + 1, at);
        at += line.len();
        let line = line.trim_end();
        match open {
            None if line.is_empty() => {}
            None if line == OPEN => open = Some(number),
            None => return Err(Fault::at(number, format!("a view file begins with `{OPEN}`"))),
            Some(opened) if line == CLOSE => {
                let rest = text.get(at..).unwrap_or_default();
                let blank = rest.get(..rest.len() - rest.trim_start().len()).unwrap_or_default();
                // Errors count the columns of the first line too.
                let sql = rest.get(blank.rfind('\n').map_or(0, |end| end + 1)..).unwrap_or_default();
                let skipped = blank.matches('\n').count();
                let head = Head { text, toml, lines, line: opened };
                return Ok(Parts { head, sql, sql_line: number + 1 + skipped });
            }
            Some(_) => {
                let Some(content) = line.strip_prefix("--") else {
                    let reason = format!("a line of the head begins with `--`, and the head ends with `{CLOSE}`");
                    return Err(Fault::at(number, reason));
                };
                let content = content.strip_prefix(' ').unwrap_or(content);
                lines.push((toml.len(), begin + line.len() - content.len()));
                toml.push_str(content);
                toml.push('\n');
            }
        }
    }
    match open {
        Some(line) => Err(Fault::at(line, format!("the head has no end: `{CLOSE}`"))),
        None => Err(Fault::at(1, format!("a view file begins with `{OPEN}`"))),
    }
}

/// Reads the title: a text for every language, or a table of them.
fn read_titles(keys: &Keys<'_>) -> Result<Titles, Fault> {
    let (_, value) = keys.entry("title").ok_or_else(|| keys.missing("title"))?;
    if value.get_ref().as_str().is_some() {
        let title = keys.required("title")?;
        return Ok(Titles { en: title.clone(), ja: title.clone(), zh: title });
    }
    let titles = keys.table("title")?.ok_or_else(|| keys.missing("title"))?;
    titles.only(&["en", "ja", "zh"])?;
    Ok(Titles { en: titles.required("en")?, ja: titles.required("ja")?, zh: titles.required("zh")? })
}

fn read_params(keys: &Keys<'_>, is_lib: bool) -> Result<Vec<ViewParam>, Fault> {
    let Some(table) = keys.table("param")? else { return Ok(Vec::new()) };
    let mut names: Vec<&Spanned<DeString<'_>>> = table.table.keys().collect();
    // The table is sorted by name; the order of the head is the author's.
    names.sort_by_key(|name| name.span().start);
    names.into_iter().map(|name| read_param(&table, name.get_ref(), is_lib)).collect()
}

fn read_param(params: &Keys<'_>, name: &str, is_lib: bool) -> Result<ViewParam, Fault> {
    let line = params.line_of(name);
    if !is_name(name) {
        return Err(params.fault(name, format!("{NAME_RULE}: `{name}`")));
    }
    let keys = params.table(name)?.ok_or_else(|| params.missing(name))?;
    let within = format!("param.{name}");
    let keys = Keys { within: &within, line, ..keys };
    keys.only(&PARAM_KEYS)?;
    if is_lib && keys.entry("type").is_some_and(|(_, kind)| kind.get_ref().as_str() == Some(ParamType::Table.text())) {
        let help = paragraph(&keys.required("help")?);
        return Ok(ViewParam { name: name.to_owned(), kind: ParamType::Table, default: String::new(), help });
    }
    let kind = keys.one_of("type", ParamType::ALL, ParamType::text)?;
    let help = keys.required("help")?;
    let (_, value) = keys.entry("default").ok_or_else(|| keys.missing("default"))?;
    let default = match (kind, value.get_ref()) {
        (ParamType::Count | ParamType::Int, DeValue::Integer(number)) => number.as_str().to_owned(),
        (ParamType::Float, DeValue::Integer(number)) => number.as_str().to_owned(),
        (ParamType::Float, DeValue::Float(number)) => number.as_str().to_owned(),
        (ParamType::Bool, DeValue::Boolean(flag)) => flag.to_string(),
        (ParamType::Date | ParamType::TimeOfDay, DeValue::Datetime(time)) => time.to_string(),
        (ParamType::List | ParamType::CidrList, DeValue::Array(_)) => ParamType::join(&keys.texts("default")?),
        (kind, DeValue::String(text)) if kind.is_written_as_text() => text.to_string(),
        (_, other) => {
            let reason = format!("the default of a `{}` is {}, not: {}", kind.text(), kind.in_head(), other.type_str());
            return Err(keys.head.fault(&value.span(), reason));
        }
    };
    if kind.value(&default).is_none() {
        return Err(keys.head.fault(&value.span(), format!("the default is {}: `{default}`", kind.described())));
    }
    Ok(ViewParam { name: name.to_owned(), kind, default, help: paragraph(&help) })
}

/// The rule that a name keeps, for messages.
pub(super) const NAME_RULE: &str = "a name has small letters, digits and `_`, and begins with a letter";

/// Returns `true` if a text can be written in SQL without quotes.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.len() <= MAX_NAME
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Returns `true` for a list of rules, a colon, and the name of a rule.
fn is_rule(text: &str) -> bool {
    text.split_once(':').is_some_and(|(list, rule)| RULE_LISTS.contains(&list) && !rule.trim().is_empty())
}

/// Makes one line of several.
fn paragraph(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The TOML of a head, and where the file has it.
#[derive(Debug)]
struct Head<'t> {
    /// The file.
    text: &'t str,
    /// The TOML, line by line as the file has it.
    toml: String,
    /// The start of each line in the TOML, and in the file.
    lines: Vec<(usize, usize)>,
    /// Line of the file that the head begins in.
    line: usize,
}

impl Head<'_> {
    fn parse(&self) -> Result<Spanned<DeTable<'_>>, Fault> {
        DeTable::parse(&self.toml).map_err(|error| {
            let reason = error.message().lines().next().unwrap_or_default();
            error.span().map_or_else(|| Fault::at(self.line + 1, reason), |span| self.fault(&span, reason))
        })
    }

    fn keys<'k>(&'k self, table: &'k Spanned<DeTable<'k>>) -> Keys<'k> {
        Keys { head: self, table: table.get_ref(), line: self.line, within: "" }
    }

    /// Returns the place in the file of a place in the TOML, both in bytes.
    fn offset(&self, at: usize) -> usize {
        let line = self.lines.partition_point(|(start, _)| *start <= at).saturating_sub(1);
        self.lines.get(line).map_or(0, |(start, file)| file + at.saturating_sub(*start))
    }

    /// Returns the file with another text in the place of a span of the TOML.
    fn with(&self, span: &Range<usize>, other: &str) -> String {
        let before = self.text.get(..self.offset(span.start)).unwrap_or_default();
        let behind = self.text.get(self.offset(span.end)..).unwrap_or_default();
        format!("{before}{other}{behind}")
    }

    /// Returns the line and the column of the file that a span of the TOML begins in.
    fn place(&self, span: &Range<usize>) -> (usize, usize) {
        let before = self.text.get(..self.offset(span.start)).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }

    fn fault(&self, span: &Range<usize>, reason: impl Into<String>) -> Fault {
        let (line, column) = self.place(span);
        Fault { column: Some(column), ..Fault::at(line, reason) }
    }
}

/// A table of the head, and how its keys are read.
#[derive(Clone, Copy)]
struct Keys<'t> {
    head: &'t Head<'t>,
    table: &'t DeTable<'t>,
    /// Line that the table begins in.
    line: usize,
    /// Name of the table; empty for the head itself.
    within: &'t str,
}

impl<'t> Keys<'t> {
    /// Refuses keys that are not known.
    fn only(&self, known: &[&str]) -> Result<(), Fault> {
        let unknown = |key: &&Spanned<DeString<'_>>| !known.contains(&key.get_ref().as_ref());
        let Some(key) = self.table.keys().filter(unknown).min_by_key(|key| key.span().start) else { return Ok(()) };
        let name = key.get_ref().as_ref();
        let fault = |reason: String| self.head.fault(&key.span(), reason);
        if name == "category" && self.within.is_empty() {
            return Err(fault("the category of a view is the folder that its file stands in: `category`".to_owned()));
        }
        if KEYS.contains(&name) && self.within.is_empty() {
            return Err(fault(format!("a view of the folder `{LIB}` is hidden, and has no key `{name}`")));
        }
        let mut fault = fault(format!("unknown key `{}`", self.path(name)));
        fault.similar = similar(name, known.iter().copied());
        Err(fault)
    }

    fn path(&self, key: &str) -> String {
        if self.within.is_empty() { key.to_owned() } else { format!("{}.{key}", self.within) }
    }

    fn entry(&self, key: &str) -> Option<(&'t Spanned<DeString<'t>>, &'t Spanned<DeValue<'t>>)> {
        self.table.iter().find(|(name, _)| name.get_ref().as_ref() == key)
    }

    fn line_of(&self, key: &str) -> usize {
        self.entry(key).map_or(self.line, |(name, _)| self.head.place(&name.span()).0)
    }

    /// Returns a fault of the value of a key.
    fn fault(&self, key: &str, reason: impl Into<String>) -> Fault {
        match self.entry(key) {
            Some((_, value)) => self.head.fault(&value.span(), reason),
            None => Fault::at(self.line, reason),
        }
    }

    fn missing(&self, key: &str) -> Fault {
        Fault::at(self.line, format!("the key `{}` is missing", self.path(key)))
    }

    fn wrong_type(&self, key: &str, wanted: &str, value: &Spanned<DeValue<'_>>) -> Fault {
        let reason = format!("`{}` is {wanted}, not: {}", self.path(key), value.get_ref().type_str());
        self.head.fault(&value.span(), reason)
    }

    /// Returns the text of a key that must be there.
    fn required(&self, key: &str) -> Result<String, Fault> {
        let (_, value) = self.entry(key).ok_or_else(|| self.missing(key))?;
        let text = value.get_ref().as_str().ok_or_else(|| self.wrong_type(key, "text", value))?;
        if text.trim().is_empty() { Err(self.missing(key)) } else { Ok(text.to_owned()) }
    }

    /// Returns a text; an empty one where the key is not there.
    fn optional(&self, key: &str) -> Result<String, Fault> {
        let Some((_, value)) = self.entry(key) else { return Ok(String::new()) };
        value.get_ref().as_str().map(str::to_owned).ok_or_else(|| self.wrong_type(key, "text", value))
    }

    /// Returns a flag; `false` where the key is not there.
    fn flag(&self, key: &str) -> Result<bool, Fault> {
        let Some((_, value)) = self.entry(key) else { return Ok(false) };
        match value.get_ref() {
            DeValue::Boolean(flag) => Ok(*flag),
            _ => Err(self.wrong_type(key, "true or false", value)),
        }
    }

    /// Returns the texts of a list; none where the key is not there.
    fn texts(&self, key: &str) -> Result<Vec<String>, Fault> {
        let Some((_, value)) = self.entry(key) else { return Ok(Vec::new()) };
        let wrong = |value| self.wrong_type(key, "a list of texts", value);
        let items = value.get_ref().as_array().ok_or_else(|| wrong(value))?;
        items.iter().map(|item| item.get_ref().as_str().map(str::to_owned).ok_or_else(|| wrong(item))).collect()
    }

    /// Returns the table of a key; `None` where the key is not there.
    fn table(&self, key: &'t str) -> Result<Option<Keys<'t>>, Fault> {
        let Some((_, value)) = self.entry(key) else { return Ok(None) };
        let table = value.get_ref().as_table().ok_or_else(|| self.wrong_type(key, "a table", value))?;
        Ok(Some(Keys { head: self.head, table, line: self.line_of(key), within: key }))
    }

    /// Returns the one of some values that a key names.
    fn one_of<T: Copy, const N: usize>(
        &self,
        key: &str,
        values: [T; N],
        name: impl Fn(T) -> &'static str,
    ) -> Result<T, Fault> {
        let text = self.required(key)?;
        if let Some(value) = values.into_iter().find(|value| name(*value) == text) {
            return Ok(value);
        }
        let names = values.map(&name);
        let listed = names.map(|name| format!("`{name}`")).join(", ");
        let mut fault = self.fault(key, format!("`{}` is one of {listed}: `{text}`", self.path(key)));
        fault.similar = similar(&text, names);
        Err(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"-- /// view
-- name = "v"
-- title = { en = "a", ja = "b", zh = "c" }
-- severity = "high"
-- kind = "threshold"
-- attack = ["T1", "T2"]
-- source = "ours"
-- why = """
-- Because:
-- of that."""
-- param.n = { type = "int", default = 5, help = "Minimum" }
-- param.l = { type = "list", default = ["a", "b,c"], help = "Names" }
-- ///

SELECT $n -- no head
"#;

    fn read_good(change: &str, to: &str) -> Result<View, Fault> {
        assert!(GOOD.contains(change), "{change}");
        read("k/v.sql", "k", "v", &GOOD.replacen(change, to, 1))
    }

    #[test]
    fn a_head_is_read() {
        for text in [GOOD.to_owned(), GOOD.replace('\n', "\r\n"), format!("\u{feff}\n{GOOD}")] {
            let view = read("k/v.sql", "k", "v", &text).unwrap();
            assert_eq!((view.severity, view.kind, view.attack.len()), (Severity::High, ViewKind::Threshold, 2));
            assert_eq!((view.category.as_str(), view.why.as_str()), ("k", "Because: of that."));
            let params: Vec<_> = view.params.iter().map(|param| (&*param.name, param.kind, &*param.default)).collect();
            assert_eq!(params, [("n", ParamType::Int, "5"), ("l", ParamType::List, "a,\"b,c\"")]);
            assert_eq!(view.sql, "SELECT $n -- no head");
            assert_eq!(text.lines().nth(view.sql_line - 1).unwrap(), "SELECT $n -- no head");
        }
        let lib = "-- /// view\n-- name = \"v\"\n-- why = \"shared\"\n-- ///\nSELECT 1";
        assert!(read("lib/v.sql", "lib", "v", lib).unwrap().is_hidden());
    }

    #[test]
    fn wrong_heads_are_errors_with_their_line() {
        for (change, to, line, reason) in [
            ("-- /// view", "-- name: v", 1, "a view file begins with `-- /// view`"),
            ("-- attack", "-- atack", 6, "unknown key `atack`"),
            ("-- attack", "-- category", 6, "the category of a view is the folder that its file stands in: `category`"),
            ("-- attack = ", "attack = ", 6, "a line of the head begins with `--`, and the head ends with `-- ///`"),
            ("-- source = \"ours\"\n", "", 1, "the key `source` is missing"),
            ("\"ours\"", "\" \"", 1, "the key `source` is missing"),
            ("zh = \"c\"", "zz = \"c\"", 3, "unknown key `title.zz`"),
            (", zh = \"c\"", "", 3, "the key `title.zh` is missing"),
            ("title = {", "title = [", 3, "unexpected `=` in array, expected value, `]`"),
            ("\"high\"", "\"hihg\"", 4, "`severity` is one of `info`, `low`, `medium`, `high`, `critical`: `hihg`"),
            ("\"high\"", "3", 4, "`severity` is text, not: integer"),
            ("[\"T1\", \"T2\"]", "\"T1\"", 6, "`attack` is a list of texts, not: string"),
            ("\"T2\"]", "2]", 6, "`attack` is a list of texts, not: integer"),
            (
                "source = \"ours\"",
                "source = \"mine\"",
                7,
                "`source` is one of `actiontrail-template`, `actiontrail-alert`, `sls-audit`, `cis`, `governance-center`, `source-documents`, `peer`, `ours`, `user`, `test`: `mine`",
            ),
            (
                "-- source",
                "-- parity = [\"root_login\"]\n-- source",
                7,
                "a rule of `parity` is `template:…`, `alert:…`, `sls:…` or `insight:…`: `root_login`",
            ),
            ("type = \"int\"", "tipe = \"int\"", 11, "unknown key `param.n.tipe`"),
            ("type = \"int\", ", "", 11, "the key `param.n.type` is missing"),
            ("default = 5", "default = \"5\"", 11, "the default of a `int` is a number, not: string"),
            ("\"int\", default = 5", "\"count\", default = 0", 11, "the default is a whole number, 1 or more: `0`"),
            ("[\"a\", \"b,c\"]", "[1]", 12, "`param.l.default` is a list of texts, not: integer"),
            (
                "param.n = {",
                "param.N = {",
                11,
                "a name has small letters, digits and `_`, and begins with a letter: `N`",
            ),
            ("\"v\"", "\"w\"", 2, "a view of this name belongs in `w.sql`: `w`"),
            ("-- name", "-- name = \"v\"\n-- name", 3, "duplicate key"),
            ("-- ///\n", "", 13, "a line of the head begins with `--`, and the head ends with `-- ///`"),
            ("-- ///\n\nSELECT $n -- no head\n", "", 1, "the head has no end: `-- ///`"),
            ("SELECT $n -- no head", "", 16, "there is no SELECT behind the head"),
        ] {
            let fault = read_good(change, to).unwrap_err();
            assert_eq!((fault.line, fault.reason.as_str()), (line, reason), "{change} -> {to}");
        }
        for (change, to, column) in [
            ("\"high\"", "\"hihg\"", Some(15)),
            ("-- attack", "-- atack", Some(4)),
            ("-- attack", "--atack", Some(3)),
            ("[\"a\", \"b,c\"]", "[\"é\", 1]", Some(47)),
            ("-- source = \"ours\"\n", "", None),
            ("title = {", "title = [", Some(17)),
        ] {
            assert_eq!(read_good(change, to).unwrap_err().column, column, "{change} -> {to}");
        }
        let similar = |change, to| read_good(change, to).unwrap_err().similar;
        assert_eq!(similar("-- attack", "-- atack"), ["attack"]);
        assert_eq!(similar("\"threshold\"", "\"treshold\""), ["threshold"]);
        assert_eq!(similar("type = \"int\"", "typ = \"int\""), ["type"]);
        let flag = read_good("-- attack", "-- replaces = 1\n-- attack").unwrap_err();
        assert_eq!((flag.line, flag.reason.as_str()), (6, "`replaces` is true or false, not: integer"));
        let lib = read("lib/v.sql", "lib", "v", GOOD).unwrap_err();
        assert_eq!(lib.reason, "a view of the folder `lib` is hidden, and has no key `title`");
    }

    #[test]
    fn a_title_may_be_one_text() {
        let view = read_good("{ en = \"a\", ja = \"b\", zh = \"c\" }", "\"T\"").unwrap();
        assert_eq!([view.titles.en, view.titles.ja, view.titles.zh], ["T", "T", "T"]);
        assert!(!view.replaces);
    }

    #[test]
    fn name_and_consent_are_changed_in_the_text() {
        let odd = GOOD.replace("-- name = \"v\"", "--name=   'v' # the name");
        let long = GOOD.replace("\"v\"", "\"\"\"\n-- v\"\"\"");
        for text in [GOOD.to_owned(), GOOD.replace('\n', "\r\n"), format!("\u{feff}\n{GOOD}"), odd, long] {
            assert!(has_head(&text));
            let other = renamed(&text, "w2").unwrap();
            assert_eq!((name_of(&text).unwrap(), name_of(&other).unwrap()), ("v".to_owned(), "w2".to_owned()));
            let view = read("k/w2.sql", "k", "w2", &replacing(&other).unwrap()).unwrap();
            assert!(view.replaces);
            assert_eq!((view.sql.as_str(), view.params.len()), ("SELECT $n -- no head", 2));
            assert_eq!(replacing(&replacing(&other).unwrap()), replacing(&other), "once is enough");
        }
        let refused = GOOD.replace("-- attack", "-- replaces = false\n-- attack");
        assert!(read("k/v.sql", "k", "v", &replacing(&refused).unwrap()).unwrap().replaces);
        assert!(!has_head("SELECT 1") && !has_head("") && !has_head("-- ///"));
        assert_eq!(name_of("-- /// view\n-- why = 1\n-- ///\n").unwrap_err().reason, "the key `name` is missing");
    }
}
