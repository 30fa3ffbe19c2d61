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
//! Any other key is an error. An error names the line of the file.
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
const KEYS: [&str; 10] = ["name", "title", "severity", "kind", "attack", "cis", "source", "parity", "why", "param"];

/// The origins of conditions.
const SOURCES: [&str; 9] = [
    "actiontrail-template",
    "actiontrail-alert",
    "sls-audit",
    "cis",
    "governance-center",
    "source-documents",
    "peer",
    "ours",
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

/// A line of the file, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) reason: String,
    pub(super) similar: Vec<String>,
}

impl Fault {
    pub(super) fn at(line: usize, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into(), similar: Vec::new() }
    }
}

/// The two parts of a file.
#[derive(Debug)]
struct Parts<'t> {
    /// The TOML, line by line as the file has it.
    toml: String,
    /// Line of the file that the TOML begins in.
    first_line: usize,
    /// The SELECT.
    sql: &'t str,
    /// Line of the file that the SELECT begins in.
    sql_line: usize,
}

/// Reads the text of a view file. `stem` is the name of the file without `.sql`, which the view's name must be.
pub(super) fn read(file: &str, category: &str, stem: &str, text: &str) -> Result<View, Fault> {
    let parts = split(text)?;
    let head = Head { toml: &parts.toml, first_line: parts.first_line };
    let table = DeTable::parse(head.toml).map_err(|error| {
        let line = error.span().map_or(parts.first_line, |span| head.line(&span));
        Fault::at(line, error.message().lines().next().unwrap_or_default().to_owned())
    })?;
    let is_lib = category == LIB;
    let keys = Keys { head: &head, table: table.get_ref(), line: parts.first_line.saturating_sub(1), within: "" };
    keys.only(if is_lib { &LIB_KEYS } else { &KEYS })?;

    let name = keys.required("name")?;
    if !is_name(&name) {
        let reason = format!("a name has small letters, digits and `_`, and begins with a letter: `{name}`");
        return Err(Fault::at(keys.line_of("name"), reason));
    }
    if name != stem {
        return Err(Fault::at(keys.line_of("name"), format!("a view of this name belongs in `{name}.sql`: `{name}`")));
    }
    let why = paragraph(&keys.required("why")?);
    let params = read_params(&keys, is_lib)?;
    let mut view = View {
        name,
        file: file.to_owned(),
        titles: Titles::default(),
        category: category.to_owned(),
        severity: Severity::Info,
        kind: ViewKind::Lib,
        attack: Vec::new(),
        cis: Vec::new(),
        source: String::new(),
        parity: Vec::new(),
        why,
        params,
        sql: parts.sql.trim_end().to_owned(),
        sql_line: parts.sql_line,
    };
    if !is_lib {
        let titles = keys.table("title")?.ok_or_else(|| keys.missing("title"))?;
        titles.only(&["en", "ja", "zh"])?;
        view.titles = Titles { en: titles.required("en")?, ja: titles.required("ja")?, zh: titles.required("zh")? };
        view.severity = keys.one_of("severity", Severity::ALL, Severity::text)?;
        view.kind = keys.one_of("kind", ViewKind::NAMED, ViewKind::text)?;
        view.attack = keys.texts("attack")?;
        view.cis = keys.texts("cis")?;
        view.source = keys.one_of("source", SOURCES, |source| source)?.to_owned();
        view.parity = keys.texts("parity")?;
        if let Some(wrong) = view.parity.iter().find(|rule| !is_rule(rule)) {
            let reason = format!("a rule of `parity` is `template:…`, `alert:…`, `sls:…` or `insight:…`: `{wrong}`");
            return Err(Fault::at(keys.line_of("parity"), reason));
        }
    }
    if view.sql.is_empty() {
        return Err(Fault::at(parts.sql_line, "there is no SELECT behind the head"));
    }
    Ok(view)
}

/// Takes the head off a file.
fn split(text: &str) -> Result<Parts<'_>, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut toml, mut open, mut at) = (String::new(), None, 0);
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
                let sql = rest.trim_start();
                let blank = rest.len() - sql.len();
                let skipped = rest.get(..blank).unwrap_or_default().matches('\n').count();
                return Ok(Parts { toml, first_line: opened + 1, sql, sql_line: number + 1 + skipped });
            }
            Some(_) => {
                let Some(content) = line.strip_prefix("--") else {
                    let reason = format!("a line of the head begins with `--`, and the head ends with `{CLOSE}`");
                    return Err(Fault::at(number, reason));
                };
                debug_assert!(begin < at);
                toml.push_str(content.strip_prefix(' ').unwrap_or(content));
                toml.push('\n');
            }
        }
    }
    match open {
        Some(line) => Err(Fault::at(line, format!("the head has no end: `{CLOSE}`"))),
        None => Err(Fault::at(1, format!("a view file begins with `{OPEN}`"))),
    }
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
        let reason = format!("a name has small letters, digits and `_`, and begins with a letter: `{name}`");
        return Err(Fault::at(line, reason));
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
    let default_line = keys.head.line(&value.span());
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
            return Err(Fault::at(default_line, reason));
        }
    };
    if kind.value(&default).is_none() {
        return Err(Fault::at(default_line, format!("the default is {}: `{default}`", kind.described())));
    }
    Ok(ViewParam { name: name.to_owned(), kind, default, help: paragraph(&help) })
}

/// Returns `true` if a text can be written in SQL without quotes.
fn is_name(text: &str) -> bool {
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

/// The TOML of a head, to find lines of the file in.
struct Head<'t> {
    toml: &'t str,
    first_line: usize,
}

impl Head<'_> {
    /// Returns the line of the file that a span of the TOML begins in.
    fn line(&self, span: &Range<usize>) -> usize {
        self.first_line + self.toml.bytes().take(span.start).filter(|byte| *byte == b'\n').count()
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
        let line = self.head.line(&key.span());
        if name == "category" && self.within.is_empty() {
            return Err(Fault::at(line, "the category of a view is the folder that its file stands in: `category`"));
        }
        if KEYS.contains(&name) && self.within.is_empty() {
            return Err(Fault::at(line, format!("a view of the folder `{LIB}` is hidden, and has no key `{name}`")));
        }
        let mut fault = Fault::at(line, format!("unknown key `{}`", self.path(name)));
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
        self.entry(key).map_or(self.line, |(name, _)| self.head.line(&name.span()))
    }

    fn missing(&self, key: &str) -> Fault {
        Fault::at(self.line, format!("the key `{}` is missing", self.path(key)))
    }

    fn wrong_type(&self, key: &str, wanted: &str, value: &Spanned<DeValue<'_>>) -> Fault {
        let reason = format!("`{}` is {wanted}, not: {}", self.path(key), value.get_ref().type_str());
        Fault::at(self.head.line(&value.span()), reason)
    }

    /// Returns the text of a key that must be there.
    fn required(&self, key: &str) -> Result<String, Fault> {
        let (_, value) = self.entry(key).ok_or_else(|| self.missing(key))?;
        let text = value.get_ref().as_str().ok_or_else(|| self.wrong_type(key, "text", value))?;
        if text.trim().is_empty() { Err(self.missing(key)) } else { Ok(text.to_owned()) }
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
        let mut fault = Fault::at(self.line_of(key), format!("`{}` is one of {listed}: `{text}`", self.path(key)));
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
                "`source` is one of `actiontrail-template`, `actiontrail-alert`, `sls-audit`, `cis`, `governance-center`, `source-documents`, `peer`, `ours`, `test`: `mine`",
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
        let similar = |change, to| read_good(change, to).unwrap_err().similar;
        assert_eq!(similar("-- attack", "-- atack"), ["attack"]);
        assert_eq!(similar("\"threshold\"", "\"treshold\""), ["threshold"]);
        assert_eq!(similar("type = \"int\"", "typ = \"int\""), ["type"]);
        let lib = read("lib/v.sql", "lib", "v", GOOD).unwrap_err();
        assert_eq!(lib.reason, "a view of the folder `lib` is hidden, and has no key `title`");
    }
}
